"""The table of checks: one name each, the same for all kinds of models."""

from __future__ import annotations

import pytest

from recbole_curec.plugin.checks import table
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.trained_model import split_data

ROWS = (*table.SETTINGS, *table.FILES, *table.SPLIT)


def test_every_check_is_named_once_and_does_another_thing() -> None:
    assert len({row.name for row in ROWS}) == len({row.check for row in ROWS}) == len(ROWS)
    assert all(row.looks_at for row in ROWS)


@pytest.mark.parametrize("model", ["CURec", "CURecGeneral", "BPR", "SASRec"])
def test_every_row_is_run(monkeypatch: pytest.MonkeyPatch, load, toy, model: str) -> None:
    ran: list[str] = []

    def noting(row):
        def check(*arguments):
            ran.append(row.name)
            row.check(*arguments)

        return type(row)(row.name, row.looks_at, check)

    for name, module in (("SETTINGS", "config"), ("FILES", "config"), ("SPLIT", "trained_model")):
        rows = tuple(map(noting, getattr(table, name)))
        monkeypatch.setattr(f"recbole_curec.plugin.{module}.{name}", rows)
    split_data(load(model, toy))
    assert ran == [row.name for row in ROWS]


def test_a_config_may_be_loaded_unchecked() -> None:
    assert load_config("BPR", "ml-100k", [], {"topk": 5, "valid_metric": "NDCG"}, check=False)["topk"] == [5]
