"""The runner: each stage is handed what it declares and nothing else, and only what is needed is made."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch

from recbole_curec.errors import DiskFullError, UndeclaredReadError
from recbole_curec.pipeline.runner import Pipeline
from recbole_curec.pipeline.stage import Job, Stage, StageResult
from recbole_curec.settings.choices import ENGINE
from recbole_curec.settings.group import SettingsGroup, setting
from recbole_curec.settings.sections import AlignSettings, CollectSettings, EncodeSettings
from recbole_curec.settings.settings import Settings

CPU = torch.device("cpu")


class Numbers:
    """A source of data."""

    def __init__(self, *values: int) -> None:
        self.values = values

    def fingerprint(self) -> dict[str, Any]:
        return {"values": self.values}


class ShoutSettings(SettingsGroup):
    """A user's own section."""

    section: ClassVar[str] = "shout"
    loud: bool = setting(False, "Whether to shout.")
    colour: str = setting("red", "Changes nothing.", changes_result=False)


def write(job: Job, text: str) -> StageResult:
    (job.workspace.folder / "text.txt").write_text(text)
    return StageResult(text, {"length": len(text)})


def first(job: Job) -> StageResult:
    return write(job, f"{sum(job.source.values)} with {job.settings.of(CollectSettings).title_words} words")


def second(job: Job) -> StageResult:
    return write(job, (job.inputs["first"] / "text.txt").read_text() + "!" * job.settings.of(AlignSettings).steps)


FIRST = Stage("first", first, settings=(CollectSettings,), reads_source=True)
SECOND = Stage("second", second, settings=(AlignSettings,), inputs=("first",))


def settings(**values: Any) -> Settings:
    return Settings.from_mapping({"align.steps": 2, **values})


def test_stages_run_in_order_and_report(tmp_path: Path) -> None:
    made = Pipeline([FIRST, SECOND], Numbers(1, 2)).run(settings(), tmp_path, CPU)
    assert (made["second"].folder / "text.txt").read_text() == "3 with 8 words!!"
    manifest = made["second"].manifest()
    assert manifest["inputs"] == {"first": made["first"].key}
    assert manifest["figures"] == {"length": 16}
    assert list(manifest["settings"]) == ["align"]
    assert manifest["seed"] == 2020


def test_what_runs_before_anything_is_made_is_left_out_where_nothing_is(tmp_path: Path) -> None:
    pipeline, called = Pipeline([FIRST, SECOND], Numbers(1)), []

    def note() -> None:
        called.append(sum(path.is_dir() for path in tmp_path.iterdir()))

    for steps in (2, 2, 3):  # both are made, both are there, the second is made
        pipeline.run(settings(**{"align.steps": steps}), tmp_path, CPU, before_making=note)
    assert called == [0, 2]


def keys(pipeline: Pipeline, tmp_path: Path, **values: Any) -> dict[str, str]:
    return {name: artifact.key for name, artifact in pipeline.plan(settings(**values), tmp_path, CPU).items()}


def test_a_fingerprint_covers_what_a_stage_declares(tmp_path: Path) -> None:
    pipeline = Pipeline([FIRST, SECOND], Numbers(1, 2))
    base = keys(pipeline, tmp_path)
    assert keys(Pipeline([FIRST, SECOND], Numbers(1, 3)), tmp_path).items().isdisjoint(base.items())
    assert keys(pipeline, tmp_path, **{"align.steps": 3}) == {"first": base["first"], "second": "x"} | {
        "second": keys(pipeline, tmp_path, **{"align.steps": 3})["second"]
    }
    assert keys(pipeline, tmp_path, **{"align.steps": 3})["second"] != base["second"]
    assert keys(pipeline, tmp_path, **{"reward.positives": 9, "run.artifact_dir": "x"}) == base
    seeded = keys(pipeline, tmp_path, **{"run.reason_seed": 1})
    assert seeded["first"] == base["first"] and seeded["second"] != base["second"]


def test_a_raised_revision_makes_a_stage_and_those_after_it_again(tmp_path: Path) -> None:
    base = keys(Pipeline([FIRST, SECOND], Numbers(1)), tmp_path)
    raised = Stage("second", second, settings=(AlignSettings,), inputs=("first",), revision=2)
    changed = keys(Pipeline([FIRST, raised], Numbers(1)), tmp_path)
    assert changed["first"] == base["first"] and changed["second"] != base["second"]


def test_what_a_setting_names_counts_with_its_contents(tmp_path: Path) -> None:
    def contents(settings: Settings, device: torch.device) -> dict[str, Any]:
        return {"words": (tmp_path / "words.txt").read_text(), "device": device.type}

    stage = Stage("words", first, settings=(CollectSettings,), reads_source=True, resolved=contents)
    (tmp_path / "words.txt").write_text("one")
    before = keys(Pipeline([stage], Numbers(1)), tmp_path)
    assert keys(Pipeline([stage], Numbers(1)), tmp_path) == before
    (tmp_path / "words.txt").write_text("two")
    assert keys(Pipeline([stage], Numbers(1)), tmp_path) != before


@pytest.mark.parametrize(
    ("reads", "said"),
    [
        (lambda job: job.settings.of(EncodeSettings), "reads the settings of 'encode' and does not declare them: add"),
        (
            lambda job: job.inputs["first"],
            "reads the artifact of 'first' and does not declare it: add it to its inputs",
        ),
        (lambda job: job.source, "reads the source and does not declare it: set reads_source=True"),
        (lambda job: job.settings.entry(ENGINE), "takes an engine and does not declare it"),
    ],
)
def test_what_is_not_declared_cannot_be_read(tmp_path: Path, reads: Any, said: str) -> None:
    def curious(job: Job) -> StageResult:
        reads(job)
        return StageResult("read")

    stage = Stage("curious", curious, settings=(AlignSettings,))
    with pytest.raises(UndeclaredReadError, match=f"Stage 'curious' {said}"):
        Pipeline([FIRST, stage], Numbers(1)).run(settings(), tmp_path, CPU)
    assert not list(tmp_path.glob("curious-*/run.json"))
    assert not hasattr(Job, "context")


def test_only_what_the_targets_need_is_made(tmp_path: Path) -> None:
    aside = Stage("aside", first, settings=(CollectSettings,), reads_source=True)
    pipeline = Pipeline([FIRST, aside, SECOND], Numbers(1))
    assert list(pipeline.run(settings(), tmp_path, CPU)) == ["first", "second"]
    assert list(pipeline.run(settings(), tmp_path, CPU, ["aside"])) == ["aside"]
    assert sorted(path.name.partition("-")[0] for path in tmp_path.glob("[!.]*")) == ["aside", "first", "second"]


def test_inputs_may_depend_on_settings(tmp_path: Path) -> None:
    stage = Stage(
        "either", first, settings=(CollectSettings,), reads_source=True,
        inputs=lambda settings: ("first",) if settings.align.steps > 2 else (),
    )  # fmt: skip
    pipeline = Pipeline([FIRST, stage], Numbers(1))
    assert list(pipeline.plan(settings(), tmp_path, CPU)) == ["either"]
    assert list(pipeline.plan(settings(**{"align.steps": 3}), tmp_path, CPU)) == ["first", "either"]


def test_a_users_own_settings_group(tmp_path: Path) -> None:
    def shout(job: Job) -> StageResult:
        return write(job, "HA" if job.settings.of(ShoutSettings).loud else "ha")

    pipeline = Pipeline([Stage("shout", shout, settings=(ShoutSettings,))], Numbers())
    quiet = pipeline.plan(settings(), tmp_path, CPU)["shout"].key
    assert (pipeline.run(settings(), tmp_path, CPU)["shout"].folder / "text.txt").read_text() == "ha"

    def with_shout(**values: Any) -> Settings:
        return Settings(extra={ShoutSettings: ShoutSettings(**values)})

    assert pipeline.plan(with_shout(colour="blue"), tmp_path, CPU)["shout"].key == quiet
    loud = pipeline.run(with_shout(loud=True), tmp_path, CPU)["shout"]
    assert loud.key != quiet and (loud.folder / "text.txt").read_text() == "HA"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
    ids=str,
)  # fmt: skip
def test_a_full_disk_is_one_sentence_and_goes_on_later(tmp_path: Path, error: Exception) -> None:
    full = [True]

    def fills(job: Job) -> StageResult:
        part = job.workspace.scratch / "part"
        found = part.read_text() if part.is_file() else ""
        part.write_text("half")
        if full[0]:
            raise error
        return write(job, f"went on from {found!r}")

    pipeline = Pipeline([FIRST, Stage("fills", fills, settings=(AlignSettings,))], Numbers(1))
    with pytest.raises(
        DiskFullError, match=r"The disk is full: nothing more can be written below '.*': free some space"
    ):
        pipeline.run(settings(), tmp_path, CPU)
    full[0] = False
    assert pipeline.run(settings(), tmp_path, CPU)["fills"].manifest()["summary"] == "went on from 'half'"


def test_a_precondition_stops_a_run_before_its_stage(tmp_path: Path) -> None:
    def precondition(settings: Settings, artifacts: Any) -> None:
        assert json.loads((artifacts["first"].folder / "run.json").read_text())["figures"]["length"] > 0
        raise RuntimeError("closed")

    closed = Stage("closed", second, settings=(AlignSettings,), inputs=("first",), precondition=precondition)
    with pytest.raises(RuntimeError, match="closed"):
        Pipeline([FIRST, closed], Numbers(1)).run(settings(), tmp_path, CPU)
    assert [path.name.partition("-")[0] for path in tmp_path.glob("[!.]*")] == ["first"]


def test_two_stages_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="Two stages are named 'first'"):
        Pipeline([FIRST, FIRST], Numbers(1))
