from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from recbole_curec.data.collected import Collected
from recbole_curec.data.source import InteractionSource
from recbole_curec.pipeline.artifacts import MANIFEST, Artifact
from recbole_curec.pipeline.runner import Pipeline
from recbole_curec.settings.settings import Settings
from recbole_curec.stages.collect import COLLECT
from tests.examples import make_history

SEQUENCES = {"u2": ["b", "a"], "u1": ["a", "c", "b"], "u10": ["c", "a"]}
ROWS = ["a\tAlpha\tx y", "b\tBeta\tx", "z\tNever taken\ty"]


def _collect(root: Path, history: Any) -> Artifact:
    item_file = root / "toy.item"
    root.mkdir()
    item_file.write_text("item_id:token\ttitle:token_seq\tkind:token_seq\n" + "".join(f"{row}\n" for row in ROWS))
    pipeline = Pipeline((COLLECT,), InteractionSource(history, item_file, "item_id"))
    return pipeline.run(Settings(), root, torch.device("cpu"), show_progress=False)["collect"]


def test_the_artifact_holds_what_was_collected(tmp_path: Path) -> None:
    artifact = _collect(tmp_path / "one", make_history(SEQUENCES, ("", "c", "b", "a")))
    collected = Collected.load(artifact.folder)
    assert collected.catalog.tokens == ("", "a", "b", "c", "z")
    assert collected.catalog.names == ("", "Alpha", "Beta", "item c", "Never taken")
    history = collected.history
    assert history.user_tokens.tolist() == ["", "u1", "u10", "u2"]
    assert [history.of_user(user).tolist() for user in (1, 2, 3)] == [[1, 3, 2], [3, 1], [2, 1]]
    assert [part.tolist() for part in collected.pairs.row(1)] == [[1, 2, 3], [3, 2, 2]]
    manifest = artifact.manifest()
    assert manifest["figures"] == {
        "users": 3, "items": 4, "training_items": 3, "interactions": 7, "attribute_labels": 2
    }  # fmt: skip
    assert manifest["summary"] == "7 training interactions of 3 users with 3 of 4 items; 2 attribute labels"


def test_the_files_do_not_depend_on_recboles_numbering(tmp_path: Path) -> None:
    orders = {"one": ("", "c", "b", "a"), "two": ("", "a", "test-only", "b", "c")}
    one, two = (_collect(tmp_path / name, make_history(SEQUENCES, order)) for name, order in orders.items())
    assert one.key == two.key
    names = sorted(path.name for path in one.folder.iterdir())
    assert len(names) > 1
    for name in set(names) - {MANIFEST}:  # which holds times
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes(), name
