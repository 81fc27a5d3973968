"""One sentence per item by the untuned model: what it is written from, where it goes, and that it is off by default."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from recbole.data import create_dataset

from recbole_curec.data.collected import Collected
from recbole_curec.errors import ConfigurationError
from recbole_curec.features.descriptions import DESCRIPTIONS, Descriptions, clean_description, description_prompts
from recbole_curec.llm.engines.transformers import TransformersEngine
from recbole_curec.llm.loading import BaseModel, load_pretrained
from recbole_curec.pipeline.artifacts import Artifact
from recbole_curec.pipelines.curec import curec_pipeline, own_stages, stage_count
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.features import artifact_root, data_source
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of
from recbole_curec.stages import describe, encode
from tests.atomic_dataset import AtomicDataset
from tests.pipeline_runs import FAST, artifact_bytes, artifact_text, layered, write_topics
from tests.stage_runs import run_until
from tests.tiny_llm import save_llm

ON: dict[str, Any] = {
    "describe.enabled": True, "describe.max_tokens": 16, "encode.reason_source": "none",
    "generate.engine": "transformers",
}  # fmt: skip
WORD = "zqsentence"


@pytest.fixture
def llm(tmp_path: Path) -> dict[str, str]:
    """A random pretrained model."""
    return {"llm.name": str(save_llm(tmp_path / "llm")), "llm.dtype": "float32"}


@pytest.fixture
def topics(atomic: AtomicDataset) -> AtomicDataset:
    """Sixteen items."""
    write_topics(atomic)
    return atomic


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every prompt's user message; each is answered by a sentence of its own."""
    seen: list[str] = []

    def write(self: Any, prompts: Any, *, temperature: float, **_: Any) -> list[str]:
        assert temperature == 0.0
        seen.extend(prompt[-1]["content"] for prompt in prompts)
        numbers = [prompt[-1]["content"].split()[2].strip('"') for prompt in prompts]
        return [f"It is a {WORD} of {number}. Further words." for number in numbers]

    monkeypatch.setattr(TransformersEngine, "write", write)
    return seen


def plan(atomic: AtomicDataset, folder: Path, **overrides: Any) -> dict[str, str]:
    """Key of every stage's artifact."""
    given = layered({**FAST, "data_path": str(atomic.root), "checkpoint_dir": str(folder)}, overrides)
    config = load_config("CURec", atomic.name, (), given)
    history = create_dataset(config).build()[0].train_history()
    pipeline = curec_pipeline(settings_of(config), data_source(config, history))
    found = pipeline.plan(settings_of(config), artifact_root(config), config["device"], ["encode"])
    return {name: artifact.key for name, artifact in found.items()}


def test_off_changes_nothing_and_on_changes_the_vectors_alone(
    topics: AtomicDataset, llm: dict[str, str], tmp_path: Path
) -> None:
    off = plan(topics, tmp_path, **llm)
    assert list(off) == ["collect", "align", "reward", "reinforce", "correct", "encode"]
    assert plan(topics, tmp_path, **llm, **{"describe.enabled": False, "describe.max_tokens": 99}) == off
    on = plan(topics, tmp_path, **llm, **{"describe.enabled": True})
    assert list(on) == ["collect", "align", "reward", "reinforce", "correct", "describe", "encode"]
    assert [name for name in off if on[name] != off[name]] == ["encode"]
    longer = plan(topics, tmp_path, **llm, **{"describe.enabled": True, "describe.max_tokens": 99})
    assert [name for name in on if longer[name] != on[name]] == ["describe", "encode"]
    # The adapter is no input: the untuned model is asked.
    tuned = plan(topics, tmp_path, **llm, **{"describe.enabled": True, "lora.rank": 4})
    assert [name for name in on if tuned[name] == on[name]] == ["collect", "describe"]
    assert [stage_count(Settings.from_mapping({"describe.enabled": value})) for value in (False, True)] == [7, 8]


def test_other_weights_under_the_same_name_describe_again(
    topics: AtomicDataset, llm: dict[str, str], tmp_path: Path
) -> None:
    before = plan(topics, tmp_path, **llm, **ON)
    (Path(llm["llm.name"]) / "notes.txt").write_text("other contents")
    after = plan(topics, tmp_path, **llm, **ON)
    assert [name for name in before if before[name] != after[name]] == ["describe", "encode"]


def test_artifacts_without_descriptions_are_the_same_bytes(
    topics: AtomicDataset, llm: dict[str, str], asked: list[str], tmp_path: Path
) -> None:
    plain = {"encode.reason_source": "none"}
    before = run_until("encode", topics, tmp_path / "a", **llm, **plain)
    on = run_until("encode", topics, tmp_path / "a", **llm, **ON)
    after = run_until("encode", topics, tmp_path / "b", **llm, **plain)
    assert artifact_bytes(before) == artifact_bytes(after)
    assert before["collect"].folder == on["collect"].folder
    assert before["encode"].folder != on["encode"].folder


def test_the_untuned_model_is_asked_once_about_every_item(
    topics: AtomicDataset, llm: dict[str, str], tmp_path: Path
) -> None:
    artifacts = run_until("describe", topics, tmp_path / "saved", **llm, **ON)
    catalog = Collected.load(artifacts["collect"].folder).catalog
    table = pd.read_parquet(artifacts["describe"].folder / DESCRIPTIONS)
    assert sorted(path.name for path in artifacts["describe"].folder.iterdir()) == [DESCRIPTIONS, "run.json"]
    assert table["item"].tolist() == list(catalog.tokens[1:])
    assert set(table["written_by"]) == {"model"} and set(table["model"]) == {llm["llm.name"]}
    prompts = [next(description_prompts(catalog, item)) for item in range(1, catalog.n_items)]
    assert table["prompt"].tolist() == [prompt[1]["content"] for prompt in prompts]

    model, tokenizer = load_pretrained(BaseModel(llm["llm.name"]))
    size = FAST["generate.batch_size"]
    engine = TransformersEngine(model, tokenizer, torch.device("cpu"), max_new_tokens=16, batch_size=size)
    expected = [
        clean_description(text)
        for start in range(0, len(prompts), size)
        for text in engine.write(prompts[start : start + size], temperature=0.0, seed="any")
    ]
    assert table["description"].tolist() == expected
    assert any(expected)
    manifest = artifacts["describe"].manifest()
    assert manifest["figures"]["described"] == sum(map(bool, expected))
    assert manifest["figures"]["written_by"] == "model"


def test_a_description_is_encoded_and_is_nowhere_else(
    topics: AtomicDataset, llm: dict[str, str], asked: list[str], tmp_path: Path
) -> None:
    artifacts = run_until("encode", topics, tmp_path / "saved", **llm, **ON)
    assert len(asked) == 16
    assert Descriptions.load(artifacts["describe"].folder).texts[0] == f"It is a {WORD} of 0."
    assert WORD in json.loads((artifacts["encode"].folder / "lsa.json").read_text())
    assert "further" not in json.loads((artifacts["encode"].folder / "lsa.json").read_text())
    assert WORD not in artifact_text({"collect": artifacts["collect"]})
    assert artifacts["encode"].manifest()["figures"]["descriptions_written_by"] == "model"
    assert "model-written descriptions" in artifacts["encode"].manifest()["summary"]
    assert not (artifacts["encode"].folder / "proxy").exists()


def test_no_stage_but_encode_may_read_the_descriptions(llm: dict[str, str]) -> None:
    # Reading an artifact that is not declared is an error, so no reason, prompt or check can hold a description.
    settings = Settings.from_mapping({**llm, "describe.enabled": True})
    readers = [stage.name for stage in own_stages(settings) if "describe" in stage.inputs_for(settings)]
    assert readers == ["encode"]


def test_an_interrupted_description_goes_on_where_it_was(
    topics: AtomicDataset, llm: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**llm, **ON, "generate.batch_size": 3}
    whole = artifact_bytes(run_until("describe", topics, tmp_path / "whole", **given))
    write, sizes = TransformersEngine.write, []

    def dies(self: Any, prompts: Any, **arguments: Any) -> list[str]:
        if len(sizes) == 2:
            raise KeyboardInterrupt
        sizes.append(len(prompts))
        return write(self, prompts, **arguments)

    monkeypatch.setattr(TransformersEngine, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        run_until("describe", topics, tmp_path / "cut", **given)
    (log,) = tmp_path.glob("cut/curec/*/describe-*.partial/scratch/descriptions.jsonl")
    log.write_bytes(log.read_bytes()[:-20])  # killed while it wrote the second batch's last line
    sizes[:] = [0]

    def counts(self: Any, prompts: Any, **arguments: Any) -> list[str]:
        sizes.append(len(prompts))
        return write(self, prompts, **arguments)

    monkeypatch.setattr(TransformersEngine, "write", counts)
    resumed = run_until("describe", topics, tmp_path / "cut", **given)
    assert sizes == [0, 3, 3, 3, 3, 1]  # the first batch is kept
    assert artifact_bytes(resumed) == whole


def test_a_long_prompt_loses_attribute_values(
    topics: AtomicDataset, llm: dict[str, str], asked: list[str], tmp_path: Path
) -> None:
    run_until("describe", topics, tmp_path / "saved", **llm, **ON, **{"llm.max_prompt_tokens": 64})
    assert len(asked) == 16 and not [prompt for prompt in asked if "(" in prompt.partition("\n")[0]]
    assert sorted(prompt.partition("\n")[0] for prompt in asked)[0] == '"Crime Story 0"'


@pytest.mark.parametrize("change", [{}, {"generate.engine": "openai", "openai_engine.model": "m"}])
def test_the_tiny_model_is_refused_before_anything_runs(
    topics: AtomicDataset, tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match=r"describe\.enabled: true needs a language model that knows the item"):
        run_until("describe", topics, tmp_path / "saved", **{**ON, **change})
    assert not (tmp_path / "saved").exists()


Proxy = Callable[[dict[str, float]], dict[str, Artifact]]


@pytest.fixture
def with_proxy(
    topics: AtomicDataset, llm: dict[str, str], asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Proxy:
    """``encode`` with these values of the proxy."""

    def run(values: dict[str, float]) -> dict[str, Artifact]:
        monkeypatch.setattr(encode, "worth_of_descriptions", lambda *_: values)
        return run_until("encode", topics, tmp_path / "saved", **llm, **ON)

    return run


def test_a_proxy_that_falls_is_warned_of_with_its_numbers(with_proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    values = {"text": 0.0424, "with_description": 0.0403, "with_another_items_description": 0.0311}
    with caplog.at_level(logging.WARNING, "recbole_curec.stages.encode"):
        artifacts = with_proxy(values)
    (said,) = [message for message in caplog.messages if "proxy" in message]
    assert said.startswith("The proxy falls: ")
    assert "0.0403 by item text and model-written descriptions, 0.0424 by item text alone and 0.0311 with" in said
    assert artifacts["encode"].manifest()["figures"]["descriptions_proxy"] == values


def test_a_proxy_that_holds_is_not_warned_of(with_proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "recbole_curec.stages.encode"):
        with_proxy({"text": 0.0424, "with_description": 0.05, "with_another_items_description": 0.0311})
    assert not [message for message in caplog.messages if "proxy" in message]


def test_the_same_sentence_for_every_item_is_no_better_than_the_control(
    topics: AtomicDataset, llm: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(TransformersEngine, "write", lambda self, prompts, **_: ["A film like any."] * len(prompts))
    with caplog.at_level(logging.WARNING, "recbole_curec.stages.encode"):
        artifacts = run_until("encode", topics, tmp_path / "saved", **llm, **ON)
    found = artifacts["encode"].manifest()["figures"]["descriptions_proxy"]
    assert found["with_description"] == found["with_another_items_description"] > 0
    assert [message for message in caplog.messages if message.startswith("The proxy falls: ")]


def test_the_stage_reads_the_catalog_and_nothing_of_the_tuned_model() -> None:
    assert describe.DESCRIBE.inputs == ("collect",)
    assert not describe.DESCRIBE.reads_source
