"""The search itself, by both engines, over a training that is a formula: budget, resuming, sharing, failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recbole_curec.errors import ConfigurationError, DataError, DiskFullError
from recbole_curec.tune import optuna_search
from recbole_curec.tune.rows import TunedRow
from recbole_curec.tune.trials import FAILED, FINISHED, PRUNED, best_of, repeated
from recbole_curec.tune.tuning import Budget, Tuning, tune
from tests.tune.searches import Trainings, outcomes, rows, trainings

__all__ = ["rows", "trainings"]
Rows = Callable[..., list[TunedRow]]
ENGINES = pytest.mark.parametrize("engine", ["optuna", "recbole"])


def _tune(found: list[TunedRow], folder: Path, trials: int = 4, **budget: Any) -> Tuning:
    return tune(found, Budget(trials=trials, **budget), folder)


@ENGINES
def test_every_row_gets_the_same_trials_the_first_as_it_is(
    engine: str, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    found = _tune(rows("GRU4Rec", "Caser"), tmp_path / "out", 4, engine=engine)
    assert [len(one.trials) for one in found.rows] == [4, 4]
    for one, start in zip(found.rows, (0, 4), strict=True):
        drawn = [trial for trial in one.trials if not trial.as_is]
        own = one.row.config
        assert trainings.asked[start] == (own["learning_rate"], own["dropout_prob"])
        assert one.trials[0].as_is
        assert one.as_is.score == round(1 - abs(own["learning_rate"] - 0.05) - own["dropout_prob"], 6)
        assert len({trial.settings["learning_rate"] for trial in drawn}) == 3
        for trial in drawn:
            assert 0.001 <= trial.settings["learning_rate"] <= 0.1
            assert trial.settings["dropout_prob"] in (0.1, 0.2, 0.3)
            expected = round(1 - abs(trial.settings["learning_rate"] - 0.05) - trial.settings["dropout_prob"], 6)
            assert (trial.state, trial.score, trial.valid) == (FINISHED, expected, {"ndcg@10": expected})
        assert one.best.score == max(trial.score or 0 for trial in one.trials)
    assert len(trainings.asked) == 8


@ENGINES
def test_a_search_that_was_killed_ends_as_it_would_have(
    engine: str, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    whole = _tune(rows(), tmp_path / "whole", 12, engine=engine)
    trainings.real_studies()

    def kill(number: int, _watch: Any) -> None:
        if number == 12 + 11:  # within what the estimator draws, after its random ones
            raise KeyboardInterrupt

    trainings.before = kill
    with pytest.raises(KeyboardInterrupt):
        _tune(rows(), tmp_path / "killed", 12, engine=engine)
    again = _tune(rows(), tmp_path / "killed", 12, engine=engine)
    assert outcomes(again.rows[0].trials) == outcomes(whole.rows[0].trials)
    assert len(trainings.asked) == 12 + 11 + 2  # the interrupted trial and the last one
    assert trainings.asked[22] == trainings.asked[23]


def test_the_same_call_trains_nothing_and_more_trials_go_on(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    first = _tune(rows(), tmp_path, 3)
    assert outcomes(_tune(rows(), tmp_path, 3).rows[0].trials) == outcomes(first.rows[0].trials)
    assert len(trainings.asked) == 3
    more = _tune(rows(), tmp_path, 5)
    assert len(trainings.asked) == 5
    fewer = _tune(rows(), tmp_path, 2)  # the budget that is asked for, not what happens to be there
    assert outcomes(more.rows[0].trials)[:2] == outcomes(fewer.rows[0].trials)
    assert len(trainings.asked) == 5
    assert outcomes(_tune(rows(), tmp_path / "at once", 5).rows[0].trials) == outcomes(more.rows[0].trials)


def test_two_searches_share_the_trials_of_a_row(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    done_by_other: list[int] = []

    def other_process(number: int, _watch: Any) -> None:
        if number == 2:  # while the first search runs its second trial, another one does the rest
            trainings.before = lambda _number, _watch: None
            search = optuna_search.OptunaSearch(found[0], place, search="tpe", prune=True)
            search.work(6, lambda trial: done_by_other.append(trial.number))
            assert len(search.trials()) == 5  # the one that is running is left to whoever runs it

    trainings.real_studies()
    found = rows()
    place = optuna_search.StudyFolder(tmp_path / "toy" / "studies" / "GRU4Rec", "GRU4Rec")
    trainings.before = other_process
    tuned = _tune(found, tmp_path, 6)
    assert len(trainings.asked) == 6
    assert len(done_by_other) == 4
    assert [trial.state for trial in tuned.rows[0].trials] == [FINISHED] * 6


def test_a_hopeless_trial_is_pruned_and_cannot_be_the_best(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    def curve(number: int, watch: Any) -> None:
        watch(6, 0.9 if number == 7 else 0.5 + number / 100)
        watch(7, 0.1 if number == 7 else 0.5)
        watch(8, 0.1 if number == 8 else 0.5)  # its best so far, 0.58, is above the median, 0.53

    trainings.before = curve
    trials = _tune(rows(), tmp_path, 8).rows[0].trials
    assert [trial.state for trial in trials] == [FINISHED] * 8  # each was better before than the median

    def worse(number: int, watch: Any) -> None:
        if number == 8 + 7:
            watch(6, 0.2)
            raise AssertionError("not reached")
        watch(6, 0.5)

    trainings.before = worse
    pruned = _tune(rows(seed=8), tmp_path / "other", 8).rows[0]
    assert [trial.state for trial in pruned.trials] == [*[FINISHED] * 6, PRUNED, FINISHED]
    assert (pruned.trials[6].score, pruned.trials[6].epochs, pruned.count(PRUNED)) == (0.2, 6, 1)
    kept = _tune(rows(seed=8), tmp_path / "without", 8, prune=False)
    assert kept.rows[0].count(PRUNED) == 0
    assert kept.rows[0].count(FINISHED) == 8


@ENGINES
def test_a_failed_trial_is_recorded_with_its_sentence(
    engine: str, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    def fail(number: int, _watch: Any) -> None:
        if number == 2:
            raise ValueError("Training loss is nan")
        if number == 3:
            raise RuntimeError("CUDA out of\nmemory")

    trainings.before = fail
    row = _tune(rows(), tmp_path, engine=engine).rows[0]
    assert [trial.state for trial in row.trials] == [FINISHED, FAILED, FAILED, FINISHED]
    assert row.trials[1].note == "The training diverged: the loss is nan."
    assert row.trials[2].note == "RuntimeError: CUDA out of memory"
    assert row.best.state == FINISHED


def test_settings_that_contradict_each_other_fail_alone(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    space = "loss_type: {choice: [BPR, CE]}\nlearning_rate: {uniform: [0.001, 0.1]}\n"
    more = {"train_neg_sample_args": {"distribution": "uniform", "sample_num": 1}}
    (tmp_path / "mine.yaml").write_text("model: GRU4Rec\nloss_type: BPR\n")
    trainings.real_configs()
    row = _tune(rows(str(tmp_path / "mine.yaml"), space=space, more=more), tmp_path, 6).rows[0]
    for trial in row.trials[1:]:
        assert (trial.state == FAILED) == (trial.settings["loss_type"] == "CE")
        assert ("cannot be used with loss_type: CE" in trial.note) == (trial.state == FAILED)
    assert {trial.state for trial in row.trials} == {FINISHED, FAILED}


@ENGINES
def test_what_no_trial_could_train_ends_the_search(
    engine: str, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    def fail(number: int, _watch: Any) -> None:
        raise DataError("a column is missing.") if number == 1 else DiskFullError(tmp_path)

    trainings.before = fail
    with pytest.raises(DataError, match="a column is missing"):
        _tune(rows(), tmp_path, engine=engine)
    with pytest.raises(DiskFullError):
        _tune(rows(), tmp_path, engine=engine)
    trainings.before = lambda _number, _watch: None
    assert len(_tune(rows(), tmp_path, engine=engine).rows[0].trials) == 4


def test_a_row_whose_trials_all_fail_says_why(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    def fail(_number: int, _watch: Any) -> None:
        raise ValueError("Training loss is nan")

    trainings.before = fail
    with pytest.raises(ConfigurationError, match="none of 3 trials finished, the last because: The training diverged"):
        _tune(rows(), tmp_path, 3)


@ENGINES
def test_settings_that_come_again_are_not_trained_again(
    engine: str, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    row = _tune(rows(space="dropout_prob: {choice: [0.1, 0.2]}\n"), tmp_path, 8, engine=engine).rows[0]
    assert len(row.trials) == 8
    assert len(trainings.asked) == 3  # as it is, and the two there are
    again = [trial for trial in row.trials if trial.repeats]
    assert len(again) == 5
    for trial in again:
        earlier = next(one for one in row.trials if one.settings == trial.settings)
        assert (trial.score, trial.seconds, trial.note) == (
            earlier.score,
            0.0,
            f"the settings of trial {earlier.number}",
        )


@ENGINES
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"space": "dropout_prob: {choice: [0.1, 0.4]}\n"}, "another space"),
        ({"seed": 8}, "another seed"),
        ({"more": {"epochs": 3}}, "other settings, data or another version"),
    ],
)
def test_a_search_does_not_go_on_with_something_else(
    engine: str, change: dict[str, Any], text: str, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    _tune(rows(), tmp_path, 2, engine=engine)
    with pytest.raises(ConfigurationError, match=f"was begun with {text}: give another --tune_dir"):
        _tune(rows(**change), tmp_path, 2, engine=engine)
    assert len(trainings.asked) == 2


def test_nor_with_another_engine_search_or_pruning(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    _tune(rows(), tmp_path, 2)
    for change, text in (
        ({"engine": "recbole"}, "another engine"),
        ({"search": "random"}, "another search"),
        ({"prune": False}, "another value of prune"),
    ):
        with pytest.raises(ConfigurationError, match=f"was begun with {text}"):
            _tune(rows(), tmp_path, 2, **change)


@pytest.mark.parametrize(
    ("engine", "file", "content"),
    [
        ("optuna", "study.db", b"no database at all, but text"),
        ("optuna", "study.json", b"{"),
        ("recbole", "trials.json", b"[{}]"),
        ("recbole", "study.json", b"[]"),
    ],
)
def test_a_damaged_search_is_named_and_left_alone(
    engine: str, file: str, content: bytes, rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    trainings.real_studies()
    _tune(rows(), tmp_path, 2, engine=engine)
    path = tmp_path / "toy" / "studies" / "GRU4Rec" / file
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"{file}' cannot be read"):
        _tune(rows(), tmp_path, 3, engine=engine)
    assert path.read_bytes() == content
    assert len(trainings.asked) == 2


def test_recboles_own_search_runs_in_one_process(rows: Rows, trainings: Trainings, tmp_path: Path) -> None:
    def other_process(_number: int, _watch: Any) -> None:
        trainings.before = lambda _number, _watch: None
        with pytest.raises(ConfigurationError, match="is being tuned by another process"):
            _tune(rows(), tmp_path, 3, engine="recbole")

    trainings.before = other_process
    _tune(rows(), tmp_path, 3, engine="recbole")
    stored = json.loads((tmp_path / "toy" / "studies" / "GRU4Rec" / "trials.json").read_text())
    assert [one["number"] for one in stored] == [1, 2, 3]


def test_random_search_learns_nothing_and_the_estimator_learns_setting_by_setting() -> None:
    assert type(optuna_search._sampler("random", 1, 0)).__name__ == "RandomSampler"
    assert type(optuna_search._sampler("tpe", 1, 0)).__name__ == "TPESampler"


def test_the_best_of_equal_scores_is_the_first_and_smaller_can_be_better(
    rows: Rows, trainings: Trainings, tmp_path: Path
) -> None:
    trials = _tune(rows(space="dropout_prob: {choice: [0.1, 0.2]}\n"), tmp_path, 6).rows[0].trials
    largest, smallest = best_of(trials, True), best_of(trials, False)
    assert largest is not None
    assert smallest is not None
    assert largest.settings == {"dropout_prob": 0.1}
    assert largest.number == min(one.number for one in trials if one.settings == {"dropout_prob": 0.1})
    assert smallest.score == min(one.score or 1 for one in trials)
    assert best_of([], True) is None
    assert repeated({"dropout_prob": 0.3}, trials) is None
