"""An adapter on another base, and models of artifacts, are read as strictly as a base."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm.loading import BaseModel, checked_generation, load_model, load_tokenizer, save_merged
from recbole_curec.llm.pretrained import check_report, reason_of
from tests.llm.broken_models import config, renamed
from tests.llm.engines.small_model import adapted, write_tiny
from tests.tiny_llm import save_llm


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


def test_every_reader_of_a_full_model_reads_the_report(tmp_path: Path) -> None:
    folder = save_llm(tmp_path / "model")
    assert checked_generation(folder).eos_token_id is not None
    renamed("mlp", "ffn")(folder)
    for read in (load_model, checked_generation, lambda folder: save_merged(folder, tmp_path / "merged")):
        with pytest.raises(ConfigurationError, match=r"The model in '.*' is not the model its configuration describes"):
            read(folder)


@pytest.mark.parametrize("fault", ["missing", "renamed", "another base", "broken"])
def test_an_adapter_that_does_not_fit(fault: str, tiny: Path, tmp_path: Path) -> None:
    folder = adapted(tiny, tmp_path / "adapter")
    load_model(folder)
    checked_generation(folder)
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    if fault == "missing":
        save_file({name: value for name, value in tensors.items() if "layers.1" not in name}, path)
    elif fault == "renamed":
        save_file({name.replace("q_proj", "query"): value for name, value in tensors.items()}, path)
    elif fault == "another base":
        BaseModel(str(save_llm(tmp_path / "other"))).write(folder)
    else:
        path.write_bytes(b"")
    for read in (load_model, checked_generation):
        with pytest.raises(ConfigurationError, match=r"^The adapter in '.*' (is not the model|cannot be put on its)"):
            read(folder)


def test_generation_settings_that_cannot_be_read_are_not_replaced(tmp_path: Path) -> None:
    folder = save_llm(tmp_path)
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [1, 2]}))
    assert checked_generation(folder).eos_token_id == [1, 2]
    (folder / "generation_config.json").unlink()
    assert checked_generation(folder).eos_token_id == load_tokenizer(folder).eos_token_id
    (folder / "generation_config.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"generation_config\.json' is not a valid JSON file"):
        checked_generation(folder)


def test_a_model_of_another_type_over_the_same_weights(tmp_path: Path) -> None:
    folder = save_llm(tmp_path)
    config(model_type="llama", architectures=["LlamaForCausalLM"])(folder)
    with pytest.raises(ConfigurationError, match=r"in its weights and unknown to its configuration: .*k_norm"):
        load_model(folder)


def test_a_report_is_one_sentence() -> None:
    check_report({"missing_keys": [], "unexpected_keys": set(), "mismatched_keys": (), "error_msgs": []}, "llm='a'")
    report = {"missing_keys": ["b", "a", "c"], "mismatched_keys": [("d", (1,), (2,))], "error_msgs": ["odd"]}
    with pytest.raises(ConfigurationError) as caught:
        check_report(report, "llm='a'")
    assert str(caught.value) == (
        "llm='a' is not the model its configuration describes (3 tensors missing from its weights: a, b, ...; 1 tensor "
        "of another shape than its configuration says: d; odd): give a folder whose weights and config.json were saved "
        "together."
    )


def test_a_reason_is_one_line() -> None:
    assert reason_of(ValueError(" first.\nsecond")) == "first"
    assert reason_of(ValueError()) == "ValueError"
