"""A row whose lists are ranked again: its figures are those of the new order, and its ranks agree with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.benchmark.ensembles import check_members
from recbole_curec.benchmark.rows import Row
from recbole_curec.benchmark.runs import run_row
from recbole_curec.errors import ConfigurationError
from recbole_curec.evaluation.ranking_metrics import user_metrics
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_rows


def test_a_row_reports_the_order_of_its_ranker(load: Callable[..., Any], atomic: AtomicDataset, tmp_path: Path) -> None:
    atomic.interactions(random_rows(n_users=60, longest=20))
    given = {"rank.candidates": 10, "rank.rounds": 12, "rank.holdout": 0.4}
    row, found = Row("ranked", tmp_path / "ranked.yaml"), {}
    for use in ("off", "on"):
        config = load("CURec", atomic, **given, **{"rank.use": use})
        found[use] = run_row(row, 2020, config, tmp_path / "runs")
    facts = {use: run.facts for use, run in found.items()}
    assert "rank" not in facts["off"] and facts["on"]["rank"]["on"]
    assert facts["on"]["test"] == facts["on"]["rank"]["test"]["recbole"] != facts["off"]["test"]
    assert facts["on"]["valid"] == facts["off"]["valid"]  # the recommender is the same
    for use, run in found.items():
        means = user_metrics(run.ranks, 10).mean()
        assert round(float(means["ndcg@10"]), 4) == pytest.approx(facts[use]["test"]["ndcg@10"])
    ranks = [run.ranks.sort_values(["user", "item"]).reset_index(drop=True) for run in found.values()]
    assert ranks[0][["user", "item"]].equals(ranks[1][["user", "item"]])
    # History items that RecBole leaves in the lists may stand between the candidates, the candidates are ten.
    moved = ranks[0]["rank"] != ranks[1]["rank"]
    assert moved.any() and (ranks[0]["rank"][moved] <= 10 + 19).all()


def test_an_order_is_no_score_that_could_be_summed(load: Callable[..., Any], atomic: AtomicDataset) -> None:
    atomic.interactions(random_rows(n_users=6, longest=6))
    configs = {use: load("CURec", atomic, **{"rank.use": use}) for use in ("off", "on")}
    row = Row("both", Path("both.yaml"), ("off", "on"))
    with pytest.raises(ConfigurationError, match=r"Row 'both': ensemble sums scores, and 'on' is ranked again"):
        check_members(row, configs)
    check_members(row, {"off": configs["off"]})
