"""What is wrong with a base model is said before the first stage, from its files alone."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

from recbole_curec.errors import ConfigurationError
from recbole_curec.settings.settings import Settings
from recbole_curec.training.base_model_checks import check_base_model
from tests.llm.broken_models import BROKEN, config, write_broken
from tests.tiny_llm import save_llm


def check(folder: Path | str, **given: Any) -> None:
    check_base_model(Settings.from_mapping({"llm.name": str(folder), **given}))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llm(tmp_path_factory.mktemp("base"))


def test_a_sound_model_passes(base: Path, tmp_path: Path) -> None:
    check(base)
    check("tiny")
    check(save_llm(tmp_path / "plain", template=None))


@pytest.mark.parametrize("name", BROKEN)
def test_a_model_that_is_not_what_it_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "input", lambda *_: pytest.fail("nobody is asked"))
    folder = write_broken(tmp_path / "model", name)
    (folder / "own.py").write_text("raise SystemExit('run')")
    with pytest.raises(ConfigurationError) as caught:
        check(folder)
    message = str(caught.value)
    assert message.startswith(f"llm='{folder}' ")
    assert BROKEN[name][1] in message
    assert "\n" not in message


def test_a_local_architecture_is_taken_instead_of_code(base: Path, tmp_path: Path) -> None:
    folder = save_llm(tmp_path / "model")
    config(auto_map={"AutoModelForCausalLM": "own.Model"})(folder)
    (folder / "own.py").write_text("raise SystemExit('run')")
    check(folder)


def test_tied_weights_are_saved_once(base: Path, tmp_path: Path) -> None:
    sizes = Qwen3Config.from_pretrained(base)
    sizes.tie_word_embeddings = True
    Qwen3ForCausalLM(sizes).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(base).save_pretrained(tmp_path)
    check(tmp_path)


def test_a_tokenizer_of_a_larger_model(base: Path, tmp_path: Path) -> None:
    sizes = Qwen3Config.from_pretrained(base)
    sizes.vocab_size, sizes.eos_token_id, sizes.pad_token_id = 200, None, None
    Qwen3ForCausalLM(sizes).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(base).save_pretrained(tmp_path)
    with pytest.raises(ConfigurationError, match="has 200 token vectors and a tokenizer whose highest id is 309"):
        check(tmp_path)


def test_the_context_holds_prompt_and_completion(tmp_path: Path) -> None:
    folder = save_llm(tmp_path)
    config(max_position_embeddings=160)(folder)
    check(folder, **{"llm.max_prompt_tokens": 64, "llm.max_reason_tokens": 96})
    with pytest.raises(ConfigurationError, match=r"has 160 positions, fewer than llm\.max_prompt_tokens \(65\)"):
        check(folder, **{"llm.max_prompt_tokens": 65, "llm.max_reason_tokens": 96})


@pytest.mark.parametrize("targets", ["all-linear", ["q_proj", "v_proj"], r".*\.(q|k)_proj", ["embed_tokens"]])
def test_targets_of_the_adapter(base: Path, targets: Any) -> None:
    check(base, **{"lora.targets": targets})


@pytest.mark.parametrize("targets", [["q_projj"], ["q_proj", "nothing"], "nothing", [], ["norm"], "([", ".*", ""])
def test_targets_that_match_nothing(base: Path, targets: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^lora\.targets: .* give 'all-linear', or some of \['down_proj'"):
        check(base, **{"lora.targets": targets})
