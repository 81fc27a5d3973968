from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from recbole_curec.data.collected import Collected
from recbole_curec.data.source import InteractionSource
from recbole_curec.errors import UndeclaredReadError
from recbole_curec.pipeline.stage import Job, StageInputs, StageSettings, Workspace
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.collect import COLLECT
from tests.examples import make_history

SEQUENCES = {"u2": ["b", "a"], "u1": ["a", "c", "b"], "u10": ["c", "a"]}
ROWS = ["a\tAlpha\tx y", "b\tBeta\tx", "z\tNever taken\ty"]


def _job(folder: Path, source: Any) -> Job:
    return Job(
        workspace=Workspace(folder, folder, seed=0, device=torch.device("cpu"), show_progress=False),
        settings=StageSettings(Settings(), COLLECT.settings, COLLECT.name),
        inputs=StageInputs({}, COLLECT.name),
        _source=source,
        _stage=COLLECT.name,
    )


def _run(folder: Path, history: Any) -> Collected:
    folder.mkdir(parents=True)
    item_file = folder.parent / f"{folder.name}.item"
    item_file.write_text("item_id:token\ttitle:token_seq\tkind:token_seq\n" + "".join(f"{row}\n" for row in ROWS))
    result = COLLECT.run(_job(folder, InteractionSource(history, item_file, "item_id")))
    collected = Collected.load(folder)
    assert result.figures["interactions"] == collected.history.n_interactions
    assert f"{collected.history.n_interactions} training interactions of 3 users" in result.summary
    return collected


def test_the_artifact_holds_what_was_collected(tmp_path: Path) -> None:
    collected = _run(tmp_path / "one", make_history(SEQUENCES, ("", "c", "b", "a")))
    assert collected.catalog.tokens == ("", "a", "b", "c", "z")
    assert collected.catalog.names == ("", "Alpha", "Beta", "item c", "Never taken")
    history = collected.history
    assert history.user_tokens.tolist() == ["", "u1", "u10", "u2"]
    assert [history.of_user(user).tolist() for user in (1, 2, 3)] == [[1, 3, 2], [3, 1], [2, 1]]
    assert collected.pairs.toarray()[1:4, 1:4].tolist() == [[3, 2, 2], [2, 2, 1], [2, 1, 2]]


def test_the_files_do_not_depend_on_recboles_numbering(tmp_path: Path) -> None:
    orders = (("", "c", "b", "a"), ("", "a", "test-only", "b", "c"))
    for name, order in zip(("one", "two"), orders, strict=True):
        _run(tmp_path / name, make_history(SEQUENCES, order))
    paths = sorted((tmp_path / "one").iterdir())
    assert paths
    for path in paths:
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_without_a_source_the_stage_says_what_its_author_forgot(tmp_path: Path) -> None:
    with pytest.raises(UndeclaredReadError, match="'collect' reads the source and does not declare it"):
        COLLECT.run(_job(tmp_path, None))
