"""The record of a run says what was measured, or that it was damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from recbole_curec.errors import CheckpointError
from recbole_curec.plugin.run_record import FULL, RecordedModel, read_run_record, record_path, write_run_record


def test_a_changed_digit_is_noticed(tmp_path: Path) -> None:
    model = RecordedModel(FULL, "CURec (SASRec)", tmp_path / "a.pth", {"ndcg@10": 0.25}, {"ndcg@10": 0.5})
    write_run_record([model])
    assert read_run_record(model.checkpoint) == [model]
    path = record_path(model.checkpoint)
    text = path.read_text()
    path.write_text(text.replace("0.25", "0.75"))
    with pytest.raises(CheckpointError, match="is not the record of a run"):
        read_run_record(model.checkpoint)
    # An earlier version wrote no checksum.
    path.write_text(text.partition(',\n  "checksum"')[0] + "}")
    assert read_run_record(model.checkpoint) == [model]
