"""What a run prints at its end about lists that are ranked again."""

from __future__ import annotations

from pathlib import Path

from recbole_curec.cli.run import report
from recbole_curec.plugin.experiment import RunResult
from recbole_curec.plugin.trained_model import TrainedModel
from recbole_curec.ranking.store import RankRecord

MODELS = [
    TrainedModel(name, {}, {"recall@10": value, "ndcg@10": value / 2}, Path(f"{name}.pth"), 1.0)
    for name, value in (("CURec (SASRec)", 0.2), ("SASRec, ids only", 0.1))
]
AGAIN = {"recbole": {"recall@10": 0.3, "ndcg@10": 0.15}, "without_history": {}}


def test_the_table_has_a_row_of_the_new_order_where_it_is_used() -> None:
    record = RankRecord(True, "lists are in the ranker's order (it helps); figures", 100, [], [], [], test=AGAIN)
    lines = report(RunResult(MODELS, rank=record), 60).splitlines()
    assert [line.split("  ")[0] for line in lines[3:6]] == [
        "CURec (SASRec), ranked again", "CURec (SASRec)", "SASRec, ids only",
    ]  # fmt: skip
    assert lines[3].split()[-2:] == ["0.3000", "0.1500"]
    assert "rank: lists are in the ranker's order (it helps); figures" in lines


def test_a_ranker_that_does_not_help_is_told_and_not_shown() -> None:
    record = RankRecord(False, "lists stay in the recommender's order (it does not help); figures", 100, [], [], [])
    text = report(RunResult(MODELS, rank=record), 60)
    assert "ranked again" not in text and "\nrank: lists stay in the recommender's order" in text
    assert "rank:" not in report(RunResult(MODELS), 60)
