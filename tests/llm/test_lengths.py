"""How long a completion may be."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from recbole_curec.llm.chat import completion_length, example_tokens
from recbole_curec.llm.engines.engine import EngineRequest
from recbole_curec.llm.lengths import fit_length, read_length, write_length
from recbole_curec.llm.loading import load_tokenizer
from recbole_curec.settings.sections import LanguageModelSettings
from recbole_curec.settings.settings import Settings
from tests.tiny_llm import save_llm

LONG, SHORT = "you may like it because " * 20, "you may like it"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llm(tmp_path_factory.mktemp("llm"))


def test_the_length_is_that_of_the_tokens_that_are_learnt(folder: Path) -> None:
    tokenizer = load_tokenizer(folder)
    for completion in (SHORT, "<think> a</think> you <|end|> may"):
        tokens, shared = example_tokens(tokenizer, [{"role": "user", "content": "Target"}], completion)
        assert completion_length(tokenizer, completion) == len(tokens) - shared


def test_a_tenth_more_than_the_longest_target(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    tokenizer = load_tokenizer(folder)
    longest = completion_length(tokenizer, LONG)
    llm = LanguageModelSettings(name="some/model")
    found, cut = fit_length([SHORT, LONG], tokenizer, llm)
    assert longest * 1.1 <= found.longest_reason < longest * 1.1 + 8
    assert found.longest_reason % 8 == 0
    assert cut == 0.0
    assert not caplog.messages
    assert llm.max_reason_tokens is None


def test_the_tiny_model_keeps_its_own(folder: Path) -> None:
    found, cut = fit_length([SHORT], load_tokenizer(folder), LanguageModelSettings())
    assert (found.longest_reason, cut) == (96, 0.0)


@pytest.mark.parametrize(("given", "most"), [(None, 256), (32, 32)])
def test_targets_that_are_cut_are_counted(
    given: int | None, most: int, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokenizer = load_tokenizer(folder)
    text = LONG * 6
    longest = completion_length(tokenizer, text)
    assert longest > 256
    llm = LanguageModelSettings(name="some/model", max_reason_tokens=given)
    found, cut = fit_length([SHORT, SHORT, SHORT, text], tokenizer, llm)
    assert (found.longest_reason, cut) == (most, 0.25)
    (message,) = caplog.messages
    assert message.startswith(f"llm.max_reason_tokens: {most} is less than 25.0% of the alignment targets have; ")
    fits = int(message.rpartition("set it to ")[2].rstrip("."))
    caplog.clear()
    _, cut = fit_length([text], tokenizer, llm.model_copy(update={"max_reason_tokens": fits}))
    assert cut == 0.0
    assert not caplog.messages


def test_later_stages_read_it_beside_the_model(folder: Path, tmp_path: Path) -> None:
    pretrained = LanguageModelSettings(name="some/model")
    assert read_length(pretrained, tmp_path).longest_reason == 256
    write_length(pretrained.model_copy(update={"max_reason_tokens": 136}), tmp_path)
    assert read_length(pretrained, tmp_path).longest_reason == 136
    own = LanguageModelSettings(name="some/model", max_reason_tokens=48)
    assert read_length(own, tmp_path) == own
    settings = Settings.from_mapping({"llm.name": "some/model"})
    request = EngineRequest(tmp_path, "align", tmp_path, 0, torch.device("cpu"), settings)
    assert request.llm.max_reason_tokens == request.llm.longest_reason == 136
