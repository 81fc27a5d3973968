from __future__ import annotations

from dataclasses import replace

import pandas as pd

from recbole_curec.data.statements import Statement
from recbole_curec.explanations.console import both_protocols, list_table, metric_table, metric_title, reason_block
from recbole_curec.reasons.store import ReasonRecord
from tests.examples import EVIDENCE, GOOD


def test_table_shows_every_metric_and_the_relative_difference() -> None:
    table = metric_table([("CURec", {"recall@10": 0.12, "mrr@10": 0.05}), ("ids", {"recall@10": 0.1, "mrr@10": 0.0})])
    lines = [line.split() for line in table.splitlines()]
    assert lines[0] == ["test", "split", "Recall@10", "MRR@10"]
    assert lines[2] == ["CURec", "0.1200", "0.0500"]
    assert lines[4] == ["difference", "+20.0%", "n/a"]  # nothing can be said relative to zero


def test_one_model_has_no_difference() -> None:
    assert "difference" not in metric_table([("SASRec", {"recall@10": 0.1})])


def test_what_leaves_out_the_history_stands_beside_recboles_protocol() -> None:
    table = both_protocols([("SASRec", {"recall@10": 0.1}, {"recall@10": 0.25})])
    lines = [line.split() for line in table.splitlines()]
    assert (lines[0], lines[2]) == (["test", "split", "Recall@10", "Recall@10*"], ["SASRec", "0.1000", "0.2500"])
    assert lines[3][:4] == ["*", "history", "left", "out:"]
    assert "*" not in both_protocols([("BPR", {"recall@10": 0.1}, {})])


def test_a_reason_is_shown_with_its_evidence_rewards_and_origin() -> None:
    record = ReasonRecord(
        "u", "2", 3, EVIDENCE, GOOD, "Fine.", {"total": 1.5, "model": 0.25}, 1.0, 1, None, None, "repaired"
    )
    block = reason_block(record)
    for text in (
        "user u, item 2, position 3",
        "the model's, after 1 round of correction",
        "Fine.",
        '"Heat"',
        "+1.500 (model +0.250)",
    ):
        assert text in block
    other = ReasonRecord(**{**record.__dict__, "user": "v"})
    assert "written for user u at position 3" in reason_block(other)
    assert "written for" not in block
    assert "the teacher's sentence" in reason_block(ReasonRecord(**{**record.__dict__, "outcome": "replaced"}))


def test_no_id_and_no_reason_commands_the_terminal() -> None:
    text = "Fine.\n  evidence  forged\x1b[2J\u202e"
    record = ReasonRecord("u\x1b[0m", "2\x07", 3, EVIDENCE, GOOD, text, {"total": 1.5}, 1.0, 1, None, None, "repaired")
    block = reason_block(record)
    assert "user u\\x1b[0m, item 2\\x07," in block
    assert "Fine.\\n  evidence  forged\\x1b[2J\\u202e" in block
    assert all(line.isprintable() for line in block.splitlines())


def test_a_metric_is_named_as_tables_do() -> None:
    assert [metric_title(name) for name in ("ndcg@10", "hit@5", "averagepopularity@10", "rmse")] == [
        "NDCG@10", "Hit@5", "averagepopularity@10", "rmse",
    ]  # fmt: skip


def test_lists_are_one_block_per_user_with_titles_where_there_are_any() -> None:
    lists = pd.DataFrame(
        [("u2", 1, "i10", 2.5), ("u2", 2, "i3", -0.25), ("u\x1b[0m", 1, "i3", 1.0)],
        columns=["user", "rank", "item", "score"],
    )
    assert list_table(lists, {"i3": "Heat\n(1995)"}).splitlines() == [
        "user u2",
        "    1  i10     2.5000",
        "    2  i3     -0.2500  Heat\\n(1995)",
        "",
        "user u\\x1b[0m",
        "    1  i3     1.0000  Heat\\n(1995)",
    ]


def test_another_users_statement_is_evidence_and_commands_nothing() -> None:
    told = replace(EVIDENCE, statements=(Statement("Warm and\x1b[2J deep"),))
    block = reason_block(ReasonRecord("u", "2", 3, told, GOOD, "Fine.", {"total": 1.5}, 1.0, 0, None, None, "kept"))
    assert "another reviewer wrote \u201cWarm and\\x1b[2J deep\u201d about this item" in block
    assert all(line.isprintable() for line in block.splitlines())
