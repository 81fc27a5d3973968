"""``rank`` over small runs: nothing of validation and test in it, serving as in evaluation, nothing where it is off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from recbole_curec.errors import CheckpointError, ConfigurationError
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.experiment import RunResult, run_config
from recbole_curec.plugin.histories import Histories
from recbole_curec.plugin.loading import load_run
from recbole_curec.plugin.rank import _epochs
from recbole_curec.plugin.rank_effect import TEST
from recbole_curec.plugin.rank_queries import split_queries
from recbole_curec.plugin.ranked_here import RankedHere
from recbole_curec.plugin.trained_model import split_data, train
from recbole_curec.ranking.candidates import without_history
from recbole_curec.ranking.store import record_path
from recbole_curec.serving.recommender import Recommender
from tests.atomic_dataset import AtomicDataset
from tests.conftest import random_rows

ON = {"rank.use": "on", "rank.candidates": 10, "rank.rounds": 12, "rank.holdout": 0.4, "run.compare_baseline": False}
MODELS = {
    "CURec": {"backbone": "SASRec"},
    "CURecGeneral": {"backbone": "BPR", "epochs": 5, "eval_args": {"split": {"RS": [6, 2, 2]}, "order": "RO"}},
}


def write(atomic: AtomicDataset, held: int = 0) -> AtomicDataset:
    """The toy data, in which the items of the last two interactions are dealt to other users ``held`` places on."""
    by_user: dict[str, list[Any]] = {}
    for row in sorted(random_rows(n_users=60, longest=20), key=lambda row: row[2]):
        by_user.setdefault(row[0], []).append(row)
    by_user = {user: rows for user, rows in by_user.items() if len(rows) > 4}  # leave-one-out trains on short ones
    first = [row for rows in by_user.values() for row in rows[:-2]]
    last = [row for rows in by_user.values() for row in rows[-2:]]
    items = [row[1] for row in last]
    dealt = items[held:] + items[:held]
    # Held-out rows stand at the end: RecBole numbers items by their first occurrence.
    atomic.interactions([*first, *((row[0], item, row[2]) for row, item in zip(last, dealt, strict=True))])
    atomic.write("item", "item_id:token title:token_seq", [(f"i{k}", f"Story {k}") for k in range(25)])
    return atomic


@pytest.fixture
def run(load: Callable[..., Any]) -> Callable[..., RunResult]:
    def build(dataset: AtomicDataset, model: str = "CURec", **overrides: Any) -> RunResult:
        given = {**ON, **MODELS[model], **overrides}
        return run_config(load(model, dataset, **given), lambda more: load(model, dataset, **{**given, **more}))

    return build


def ranker_bytes(checkpoint: Path) -> bytes:
    return checkpoint.with_suffix(".rank.txt").read_bytes()


@pytest.mark.parametrize("model", MODELS)
def test_lists_that_are_served_are_those_that_were_measured(
    load: Callable[..., Any], atomic: AtomicDataset, model: str
) -> None:
    config = load(model, write(atomic), **{**ON, **MODELS[model]})
    splits = split_data(config)
    ranked, batches, plain = RankedHere(config, splits), [], []

    def look(trainer: Any, test: Any) -> None:
        with torch.no_grad():
            plain.extend(trainer._full_sort_batch_eval(batch)[1] for batch in test)
        ranked(trainer, test)
        with ranked.in_use(trainer), torch.no_grad():
            batches.extend(trainer._full_sort_batch_eval(batch)[1] for batch in test)
        assert "_full_sort_batch_eval" not in vars(trainer)  # RecBole's own method is back

    trained = train(config, "mine", splits, inspect=look)
    measured, wanted = torch.cat(batches), split_queries(splits, TEST)
    measured = without_history(measured, wanted.queries.pasts)
    assert not torch.equal(measured, without_history(torch.cat(plain), wanted.queries.pasts))
    recommender = Recommender(load_run(trained.checkpoint))
    lengths = np.zeros(recommender._histories.indptr.size - 1, dtype=np.int64)
    pasts = dict(zip(wanted.queries.users.tolist(), wanted.queries.pasts, strict=True))
    for user, past in pasts.items():
        lengths[user] = len(past)
    # The moment before the test interactions.
    recommender._histories = Histories(
        np.concatenate([[0], np.cumsum(lengths)]), np.concatenate([pasts[user] for user in sorted(pasts)])
    )
    for row, user in enumerate(wanted.queries.users.tolist()):
        served = recommender.for_users([str(recommender.user_tokens[user])], 5)
        best = measured[row].topk(5)
        items = recommender.item_tokens[best.indices[best.values.isfinite()].numpy()]
        assert served["item"].tolist() == items.tolist()


@pytest.mark.parametrize("model", MODELS)
def test_a_run_says_what_it_decided_and_on_what_grounds(
    run: Callable[..., RunResult], atomic: AtomicDataset, model: str
) -> None:
    result = run(write(atomic), model)
    record = result.rank
    assert record is not None and record.on
    assert record.columns[0] == "base_score.score" and record.families == ["base_score", "popularity", "similar"]
    assert 0 < record.recall["training"] < 1 and 0 < record.recall["validation"] < 1
    assert record.why.startswith(
        "lists are in the ranker's order (rank.use: on); validation, history left out: NDCG@10"
    )
    before, after = record.valid["before"]["ndcg@10"], record.valid["after"]["ndcg@10"]
    difference = record.valid["comparisons"]["ndcg@10"]
    assert after - before == pytest.approx(difference["difference"])
    assert difference["low"] <= difference["difference"] <= difference["high"] and 0 <= difference["p"] <= 1
    assert set(record.test["recbole"]) == set(result.models[0].test)
    left = record.test["history_left_out"]
    if model == "CURecGeneral":  # RecBole leaves the history out as well
        assert record.test["recbole"]["recall@10"] == pytest.approx(left["after"]["recall@10"], abs=1e-4)
        assert record.test["recbole"]["ndcg@10"] == pytest.approx(left["after"]["ndcg@10"], abs=1e-4)
    assert left["queries"] == len(split_queries(split_data(result.config), TEST))


def test_auto_follows_validation(
    run: Callable[..., RunResult], atomic: AtomicDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = write(atomic)
    found = run(dataset, **{"rank.use": "auto"}).rank
    assert found is not None
    change = found.valid["comparisons"]["ndcg@10"]["difference"]
    assert found.on == (change > 0)
    monkeypatch.setattr("recbole_curec.plugin.rank_effect.Effect.helps", not found.on)
    other = run(dataset, **{"rank.use": "auto"})
    assert other.rank is not None and other.rank.on != found.on
    off = next(one for one in (found, other.rank) if not one.on)
    assert "stay in the recommender's order (it does not help)" in off.why and off.test == {}
    served = Recommender(load_run(other.checkpoint))
    assert (served.ranker is not None) == other.rank.on


def test_no_held_out_interaction_reaches_the_ranker(run: Callable[..., RunResult], tmp_path: Path) -> None:
    found = []
    for held in (0, 7):
        result = run(write(AtomicDataset(tmp_path / str(held)), held), epochs=1)
        assert result.rank is not None
        found.append((ranker_bytes(result.checkpoint), result.rank.valid["before"]))
    assert found[0][0] == found[1][0]
    assert found[0][1] != found[1][1]  # the held-out items are others


def test_off_trains_and_writes_what_it_always_did(run: Callable[..., RunResult], atomic: AtomicDataset) -> None:
    dataset = write(atomic)
    results = [run(dataset, **{"rank.use": use}) for use in ("off", "on")]
    assert results[0].rank is None
    assert not list(results[0].checkpoint.parent.glob(f"{results[0].checkpoint.stem}.rank*"))
    assert results[0].models[0].test == results[1].models[0].test  # the recommender is the same
    weights = [load_run(result.checkpoint).model.state_dict() for result in results]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert Recommender(load_run(results[0].checkpoint)).ranker is None


def test_a_checkpoint_without_its_ranker_is_refused(run: Callable[..., RunResult], atomic: AtomicDataset) -> None:
    checkpoint = run(write(atomic)).checkpoint
    record_path(checkpoint).unlink()
    with pytest.raises(CheckpointError, match=r"was trained with a ranker, and '.*rank\.json' is missing"):
        Recommender(load_run(checkpoint))


def test_too_little_to_learn_from_is_said_before_training(run: Callable[..., RunResult], atomic: AtomicDataset) -> None:
    atomic.interactions([(f"u{u}", f"i{(u + k) % 12}", 10 * k + u) for u in range(6) for k in range(6)])
    counts = r"found 8 training interactions to learn from and 4 to check with, and needs 10 of each: raise rank\."
    with pytest.raises(ConfigurationError, match=f"rank.use: on {counts}positions, or set"):
        run(atomic)
    found = run(atomic, **{"rank.use": "auto"})
    assert found.rank is not None and not found.rank.on
    assert found.rank.why.startswith("lists stay in the recommender's order (rank.use: auto found ")
    assert set(found.rank.recall) == {"training"} and 0 <= found.rank.recall["training"] <= 1
    assert Recommender(load_run(found.checkpoint)).ranker is None


def test_too_little_that_was_found_is_said(
    run: Callable[..., RunResult], atomic: AtomicDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recbole_curec.plugin.rank.FEWEST", 1000)
    with pytest.raises(ConfigurationError, match=r"to check with, and needs 10 of each: raise rank\.candidates"):
        run(write(atomic), epochs=1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"eval_args": {"mode": "uni100", "order": "TO"}}, "rank.use: on ranks all items, and eval_args.mode of"),
        ({"rank.features": ["colour"]}, "rank.features: 'colour' is no ranking feature"),
        ({"rank.features": ["text"]}, "rank.features: text reads what a run without features does not have"),
        ({"rank.candidates": 1}, "rank.candidates=1 cannot be used"),
        ({"rank.candidates": 10_001}, "rank.candidates=10001 cannot be used"),  # more than LightGBM takes
        ({"fusion": "late", "late.weights": "validation"}, "late.weights: validation needs: set late.weights: equal"),
        ({"fusion": "gate", "collect.evidence_statements": 2}, "evidence_statements: 2 and encode.reason_source: corr"),
        ({"fusion": "gate", "encode.statements": True}, "be used with encode.statements: true: the vector"),
        ({"fusion": "gate", "encode.reason_source": "reviews"}, "with encode.reason_source: reviews: the"),
    ],
)
def test_what_cannot_be_is_said_at_the_start(
    load: Callable[..., Any], toy: AtomicDataset, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load("CURec", toy, **{**ON, **given})


def test_quotations_that_reach_no_vector_leave_rank_alone(load: Callable[..., Any], toy: AtomicDataset) -> None:
    given = {"fusion": "gate", "collect.evidence_statements": 2, "encode.reason_source": "none"}
    with pytest.raises(ConfigurationError, match="finds no column of review text"):  # what is checked after rank.use
        load("CURec", toy, **{**ON, **given})


def test_towers_are_trained_again_as_long_as_the_slowest_took(tmp_path: Path) -> None:
    towers = [{"fusion": "none", "epoch": 4}, {"fusion": "gate", "epoch": 11}]
    trainer = SimpleNamespace(model=SimpleNamespace(progress=towers))
    assert _epochs(trainer, tmp_path / "unread") == 12


@pytest.mark.parametrize(
    ("model", "advice"),
    [
        ("SASRec", "set --model=CURec --recommend.backbone=SASRec --recommend.fusion=none, or leave rank.use out"),
        ("BPR", "set --model=CURecGeneral --recommend.backbone=BPR --recommend.fusion=none, or leave rank.use out"),
        ("DeepFM", "not those of DeepFM: leave rank.use out"),
    ],
)
def test_models_that_are_not_ours_cannot_be_ranked_again(model: str, advice: str) -> None:
    with pytest.raises(ConfigurationError, match=f"rank.use: on ranks the lists of CURec and CURecGeneral .*{advice}"):
        load_config(model, "ml-100k", (), {"rank.use": "on"})
    load_config(model, "ml-100k", (), {"rank.use": "auto"})
