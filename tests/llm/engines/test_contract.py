"""What every engine promises, checked on each that is registered and on one of a user's own."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from recbole_curec.errors import ConfigurationError
from recbole_curec.extensions import ENGINES
from recbole_curec.llm import server as server_checks
from recbole_curec.llm.chat import prompt_tokens
from recbole_curec.llm.engines.batched import BatchedEngine
from recbole_curec.llm.engines.engine import Engine, decode_completion, end_tokens, whole_completion
from recbole_curec.llm.loading import load_model
from recbole_curec.llm.messages import Message
from recbole_curec.settings.settings import Settings
from tests.atomic_dataset import AtomicDataset
from tests.llm.engines.own import Echo
from tests.llm.engines.served import Server
from tests.llm.engines.small_model import PROMPTS, adapted, request_for, write_chat
from tests.pipeline_runs import write_topics
from tests.sentences import is_one_sentence
from tests.stage_runs import run_until

OWN = "tests.llm.engines.own:Echo"
OURS = ENGINES.entries()
ENTRIES = {**OURS, OWN: ENGINES.find(OWN)}
# What an engine cannot do without; whoever asks a server asks one of this process.
NEEDS: dict[str, dict[str, Any]] = {
    "openai": {"openai.base_url": "http://127.0.0.1:9/v1", "openai_engine.model": "m", "openai.concurrency": 1},
}


def is_installed(name: str) -> bool:
    try:
        ENTRIES[name].check(Settings.from_mapping({"generate.engine": name, **NEEDS.get(name, {})}))
    except ConfigurationError:
        return False
    return True


INSTALLED = [name for name in ENTRIES if is_installed(name)]
IN_PROCESS = [name for name in INSTALLED if issubclass(ENTRIES[name], BatchedEngine)]


@pytest.fixture(params=INSTALLED)
def opened(request: pytest.FixtureRequest, tiny: Path, tmp_path: Path) -> Callable[[], Engine]:
    """Opens an engine over the tiny model, every time with a scratch folder of its own."""
    given = dict(NEEDS.get(request.param, {}))
    if request.param == "openai":
        server = request.getfixturevalue("server")
        given |= {"openai.base_url": server.url, "openai_engine.model": str(server.model)}
    numbers = count()
    return lambda: ENTRIES[request.param].open(request_for(tiny, tmp_path / str(next(numbers)), **given))


@pytest.fixture(params=IN_PROCESS)
def engine(request: pytest.FixtureRequest, tiny: Path, tmp_path: Path) -> Engine:
    opened: Engine = ENTRIES[request.param].open(request_for(tiny, tmp_path))
    return opened


def test_ours_are_found() -> None:
    assert {"transformers", "ctranslate2", "vllm", "openai"} <= set(OURS)
    assert {"transformers", "ctranslate2", "openai"} <= set(INSTALLED)  # of the extra 'test'


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_an_engine_under_its_name(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.name == (name if name in OURS else "echo")
    assert issubclass(entry, Engine)
    assert not inspect.isabstract(entry)
    assert all(isinstance(inspect.getattr_static(entry, method), classmethod) for method in ("open", "check"))
    assert all(group.section for group in entry.settings_groups)
    assert entry.revision >= 1


@pytest.mark.parametrize("packages", ["as installed", "missing"])
@pytest.mark.parametrize("name", ENTRIES)
def test_a_check_passes_or_says_one_sentence(name: str, packages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if packages == "missing":
        monkeypatch.setattr(server_checks, "find_spec", lambda _: None)
    settings = Settings.from_mapping({"generate.engine": name})
    try:
        ENTRIES[name].check(settings)
    except ConfigurationError as error:
        assert name not in ("transformers", OWN)
        assert is_one_sentence(error), error
        assert f"engine: {name}" in str(error)
    else:
        assert packages == "as installed" or name in ("transformers", OWN)


def test_one_completion_per_prompt_in_their_order(opened: Callable[[], Engine]) -> None:
    written = opened().write(PROMPTS[:6], temperature=0, seed="a")
    assert len(set(written)) > 3  # a wrong order would show
    assert all(isinstance(text, str) for text in written)
    assert opened().write(PROMPTS[5::-1], temperature=0, seed="a") == written[::-1]
    assert opened().write([], temperature=0, seed="a") == []


def test_the_same_call_writes_the_same(opened: Callable[[], Engine]) -> None:
    first, again, other = (opened().write(PROMPTS[:4], temperature=1.0, seed=seed) for seed in "aab")
    assert again == first
    assert other != first


def test_prompts_alike_are_answered_apart(opened: Callable[[], Engine]) -> None:
    first, second = opened().write([PROMPTS[0], PROMPTS[0]], temperature=1.0, seed="a")
    assert first != second


def test_completions_are_in_order_over_many_batches(engine: Engine) -> None:
    whole = engine.write(PROMPTS, temperature=0, seed="a")
    assert len(set(whole)) > len(PROMPTS) // 2
    assert engine.write(PROMPTS[::-1], temperature=0, seed="a") == whole[::-1]
    assert [engine.write([prompt], temperature=0, seed="a")[0] for prompt in PROMPTS[:6]] == whole[:6]


@pytest.mark.parametrize("begins", [False, True])
@pytest.mark.parametrize("name", IN_PROCESS)
def test_a_chat_model_writes_the_same_with_every_engine(name: str, begins: bool, tmp_path: Path) -> None:
    folder = adapted(write_chat(tmp_path / "chat"), tmp_path / "adapter")
    start: list[Message] = [{"role": "assistant", "content": "<think>"}] if begins else []
    system: list[Message] = [{"role": "system", "content": "You explain recommendations. Use only the facts."}]
    prompts = [[*system, *prompt, *start] for prompt in PROMPTS]  # they share more than is computed apart
    alone = one_by_one(folder, prompts)
    assert len(set(alone)) > len(PROMPTS) // 2
    assert all(text.startswith("<think>") == begins for text in alone)
    assert ENTRIES[name].open(request_for(folder, tmp_path / name)).write(prompts, temperature=0, seed="a") == alone


def test_a_server_writes_the_same_as_the_model_that_it_serves(tiny: Path, server: Server, tmp_path: Path) -> None:
    given = {**NEEDS["openai"], "openai.base_url": server.url, "openai_engine.model": str(server.model)}
    engine = ENTRIES["openai"].open(request_for(tiny, tmp_path, **given))
    expected = one_by_one(tiny, PROMPTS[:8])
    assert engine.write(PROMPTS[:8], temperature=0, seed="a") == expected
    # It is not told what a prompt begins: servers differ in what they make of it.
    begins: Message = {"role": "assistant", "content": "<think>"}
    assert engine.write([[*prompt, begins] for prompt in PROMPTS[:8]], temperature=0, seed="a") == expected


def one_by_one(folder: Path, prompts: list[list[Message]]) -> list[str]:
    """Greedy completions of a saved model, each prompt alone, so that there is no padding."""
    model, tokenizer = load_model(folder)
    ends = end_tokens(tokenizer, model.generation_config)
    written = []
    for prompt in prompts:
        tokens = torch.tensor([prompt_tokens(tokenizer, prompt)])
        new = model.generate(tokens, attention_mask=torch.ones_like(tokens), do_sample=False, max_new_tokens=16)
        text = decode_completion(tokenizer, new[0, tokens.shape[1] :].tolist(), ends)
        written.append(whole_completion(prompt, text))
    return written


@pytest.mark.parametrize("name", IN_PROCESS)
def test_an_adapter_writes_the_same_with_every_engine(name: str, tiny: Path, tmp_path: Path) -> None:
    folder = adapted(tiny, tmp_path / "adapter")
    assert AutoTokenizer.from_pretrained(folder).padding_side == "right"
    engine = ENTRIES[name].open(request_for(folder, tmp_path / name))
    alone = one_by_one(folder, PROMPTS)
    assert len(set(alone)) > len(PROMPTS) // 2
    assert engine.write(PROMPTS, temperature=0, seed="a") == alone


def test_the_name_of_a_call_fixes_what_it_writes(engine: Engine) -> None:
    first = engine.write(PROMPTS, temperature=1.0, seed="a")
    assert engine.write(PROMPTS[:3], temperature=1.0, seed="b") != first[:3]
    assert engine.write(PROMPTS, temperature=1.0, seed="a") == first  # whatever was written in between
    assert engine.write(PROMPTS, temperature=1.0, seed="b") != first


def test_temperature_flattens(engine: Engine) -> None:
    cold, hot = (
        [engine.write(PROMPTS[:8], temperature=temperature, seed=seed) for seed in "abcd"]
        for temperature in (0.01, 3.0)
    )
    likeliest = engine.write(PROMPTS[:8], temperature=0, seed="a")
    assert _agreement(cold, likeliest) > 0.9 > 0.5 > _agreement(hot, likeliest)


def _agreement(calls: list[list[str]], likeliest: list[str]) -> float:
    pairs = [pair for written in calls for pair in zip(written, likeliest, strict=True)]
    return sum(one == other for one, other in pairs) / len(pairs)


def test_a_completion_is_as_long_as_allowed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules[type(engine).__module__]
    monkeypatch.setattr(module, "decode_completion", lambda tokenizer, tokens, ends: str(len(tokens)))
    # The prompts of a batch differ in length, which must not count.
    lengths = {int(text) for text in engine.write(PROMPTS, temperature=0, seed="a")}
    assert max(lengths) == 16


def test_a_run_writes_with_ones_own_engine(
    atomic: AtomicDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topics(atomic)
    written: list[str] = []
    write = Echo.write

    def spy(self: Echo, *arguments: Any, **more: Any) -> list[str]:
        texts = write(self, *arguments, **more)
        written.extend(texts)
        return texts

    monkeypatch.setattr(Echo, "write", spy)
    given = {"generate.engine": OWN, "align.steps": 1}
    first = run_until("reward", atomic, tmp_path, **given, **{"echo.word": "adore"})
    assert len(written) > 20
    assert all(" adore " in text for text in written)
    other = run_until("reward", atomic, tmp_path, **given, **{"echo.word": "praise"})
    assert other["align"].key == first["align"].key
    assert other["reward"].key != first["reward"].key  # its settings count
    with pytest.raises(ConfigurationError, match=r"echo\.word holds a space"):
        run_until("reward", atomic, tmp_path, **given, **{"echo.word": "two words"})
