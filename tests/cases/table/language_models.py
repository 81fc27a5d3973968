"""Language models, text encoders, servers and secrets."""

from tests.cases.case import Case, fails, hides, runs
from tests.cases.changes import Change, beside, nothing
from tests.llm.broken_models import BROKEN, write_broken
from tests.tiny_llm import save_llm

KEY = "sk-zq9Xw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0"
TOKEN = "hf_zq9Xw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0"  # has the form of a variable's name
SERVER = "--model=CURec --engine=openai --openai_model=m"
LLM = "--model=CURec --llm={folder}/llm"


def llm(name: str | None = None) -> Change:
    """A small language model beside the data, broken in the named way."""
    return beside(lambda root: save_llm(root / "llm") if name is None else write_broken(root / "llm", name))


def in_text(name: str) -> Change:
    """The same as a text encoder."""
    return beside(lambda root: write_broken(root / "encoder", name))


CASES = [
    *(Case(f"llm, {name}", llm(name), LLM, fails("/llm'", said)) for name, (_, said) in BROKEN.items()),
    Case("llm, Tiny", nothing, "--model=CURec --llm=Tiny", fails("llm='Tiny'", "write 'tiny'")),
    Case("llm, tinny", nothing, "--model=CURec --llm=tinny", fails("llm='tinny'", "write 'tiny'")),
    Case("llm, SmolLM2", nothing, "--model=CURec --llm=SmolLM2", fails("llm='SmolLM2'", "write 'smollm2'")),
    Case("llm, no GGUF file", nothing, "--model=CURec --llm={folder}/toy.gguf", fails("toy.gguf' does not exist")),
    Case(
        "llm, GGUF in name alone",
        beside(lambda root: (root / "text.gguf").write_text("text")),
        "--model=CURec --llm={folder}/text.gguf",
        fails("text.gguf' is no GGUF file"),
    ),
    Case(
        "llm, GGUF cut off",
        beside(lambda root: (root / "cut.gguf").write_bytes(b"GGUF" + bytes(9))),
        "--model=CURec --llm={folder}/cut.gguf",
        fails("cut.gguf' is a damaged GGUF file, or cut off"),
    ),
    Case(
        "floors, as in a file",
        nothing,
        '--model=CURec --reward_floors="{auc: 2}"',
        fails("guard.floors {'auc': 2"),
    ),
    Case("floors, no mapping", nothing, "--model=CURec --reward_floors=auc", fails("guard.floors='auc'", "{auc: 0.7}")),
    Case("llm, no such path", nothing, "--model=CURec --llm=./nowhere", fails("'./nowhere' does not exist")),
    Case("llm, not to be reached", nothing, "--model=CURec --llm=org/nowhere", fails("llm='org/nowhere'", "hub")),
    Case(
        "lora, no such module", llm(), f"{LLM} --lora_targets=\"['query']\"", fails("lora.targets: 'query'", "q_proj")
    ),
    Case("lora, no module matches", llm(), f"{LLM} --lora_targets=.*query", fails("lora.targets: '.*query'")),
    Case("describe, tiny", nothing, "--model=CURec --describe.enabled=true", fails("describe.enabled", "llm: tiny")),
    Case("judge, no server", nothing, "--model=CURec --claim_judge=openai", fails("claims.judge: openai", "base_url")),
    Case(
        "judge, no model",
        nothing,
        "--model=CURec --claim_judge=openai --openai_base_url=http://h/v1",
        fails("claims.judge: openai", "claims.judge_model"),
    ),
    Case("judge, unknown", nothing, "--model=CURec --claim_judge=gpt", fails("claims.judge='gpt'", "'openai'")),
    Case("encoder, LSA", nothing, "--model=CURec --text_encoder=LSA", fails("encode.text_encoder='LSA'", "'lsa'")),
    Case("encoder, no such path", nothing, "--model=CURec --text_encoder=./no", fails("text_encoder='./no'", "names")),
    Case(
        "encoder, no model", nothing, "--model=CURec --text_encoder=/", fails("text_encoder='/' holds no modules.json")
    ),
    Case("encoder, not to be reached", nothing, "--model=CURec --text_encoder=org/no", fails("='org/no'", "hub")),
    Case(
        "encoder, renamed tensors",
        in_text("renamed tensors"),
        "--model=CURec --text_encoder={folder}/encoder",
        fails("encode.text_encoder=", "12 tensors missing"),
    ),
    Case(
        "encoder, code of its own",
        in_text("code of its own"),
        "--model=CURec --text_encoder={folder}/encoder",
        fails("encode.text_encoder=", "code of its own, which is never run"),
    ),
    Case("dataset, a folder above", nothing, "--model=BPR --dataset=../base", fails("dataset='../base'", "ml-100k")),
    Case("dataset, the folder itself", nothing, "--model=BPR --dataset=.", fails("dataset='.'", "data_path")),
    Case("dataset, the folder above", nothing, "--model=CURec --dataset=..", fails("dataset='..'", "data_path")),
    Case("dataset, a path", nothing, "--model=CURec --dataset=/tmp/base", fails("dataset='/tmp/base'", "data_path")),
    Case("dataset, a zero byte", nothing, "--model=BPR --dataset=ba\0se", fails("dataset='ba\\x00se'", "data_path")),
    Case("dataset, endless", nothing, f"--model=BPR --dataset={'a' * 300}", fails("dataset='aaaa", "data_path")),
    Case("model, a path", nothing, "--model=../x", fails("There is no model named '../x'")),
    Case("key for variable", nothing, f"{SERVER} --openai_key_variable={KEY}", hides(KEY, fails("OPENAI_API_KEY"))),
    Case("key for variable, unused", nothing, f"--model=BPR --openai.key_variable={KEY}", hides(KEY, fails("never"))),
    Case(
        "key like a variable",
        nothing,
        f"{SERVER} --openai_base_url=http://h/v1 --openai_key_variable={TOKEN}",
        hides(TOKEN, fails("openai.key_variable names", "not set")),
    ),
    Case("key like a variable, unused", nothing, f"--model=BPR --openai_key_variable={TOKEN}", hides(TOKEN, runs())),
    Case(
        "key twice",
        nothing,
        f"--model=BPR --openai_key_variable={KEY} --openai_key_variable=B",
        hides(KEY, fails("openai_key_variable is given twice")),
    ),
    Case(
        "key as a list", nothing, f"--model=BPR --openai_key_variable=\"['{KEY}']\"", hides(KEY, fails("valid string"))
    ),
    Case("key after a blank", nothing, f"--model=BPR --openai_key_variable= {KEY}", hides(KEY, fails("--key=value"))),
    Case("key without dashes", nothing, f"--model=BPR openai_key_variable={KEY}", hides(KEY, fails("--key=value"))),
    Case("key in a query", nothing, f"{SERVER} --openai_base_url=http://h/v1?k={KEY}", hides(KEY, fails("'?'"))),
    Case("key as user", nothing, f"{SERVER} --openai_base_url=http://{KEY}@h", hides(KEY, fails("user or"))),
    Case("key as address", nothing, f"{SERVER} --openai_base_url={KEY}", hides(KEY, fails("is no address"))),
    Case("key in a path, unused", nothing, f"--model=BPR --openai_base_url=http://h/{KEY}/v1", hides(KEY, runs())),
    Case("address, IPv6", nothing, f"{SERVER} --openai_base_url=http://[::1", fails("base_url", "it is no address")),
]
