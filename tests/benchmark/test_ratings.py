from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recbole_curec.benchmark import rating_runs
from recbole_curec.benchmark.rating_baselines.bias import Bias
from recbole_curec.benchmark.rating_baselines.constants import GlobalMean, Mode
from recbole_curec.benchmark.rating_report import rating_page, rating_record
from recbole_curec.benchmark.ratings import run_ratings
from recbole_curec.benchmark.rows import Row
from recbole_curec.errors import ConfigurationError, CURecError, DataError
from tests.atomic_dataset import AtomicDataset
from tests.benchmark.rated import rated_dataset

# A plain model with value metrics: it ranks, so its ratings are poor, but they are predictions of the same rows.
PLAIN = """
model: BPR
load_col: {inter: [user_id, item_id, rating, timestamp]}
normalize_all: False
LABEL_FIELD: rating
epochs: 1
"""


@pytest.fixture
def given(atomic: AtomicDataset, tmp_path: Path) -> dict[str, Any]:
    data = rated_dataset(atomic)
    folder = str(tmp_path / "saved")
    return {"data_path": str(data.root), "checkpoint_dir": folder, "show_progress": False, "state": "ERROR"}


def _row(tmp_path: Path, text: str = PLAIN, name: str = "plain") -> Row:
    path = tmp_path / f"{name}.yaml"
    path.write_text(text)
    return Row(name, path)


@pytest.mark.parametrize("split", ["chronological", "random"])
def test_rows_are_tested_on_the_same_ratings_and_compared_with_the_best_baseline(
    given: dict[str, Any], tmp_path: Path, split: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Mode, GlobalMean, Bias, _row(tmp_path)]
    result = run_ratings(rows, "toy", split, [1, 2], tmp_path / "results", overrides=given)
    assert [one.name for one in result.rows] == ["mode", "mean", "bias", "plain"]
    assert result.reference == "bias"
    assert result.counts["users"] <= result.counts["test"]
    by_name = {one.name: one for one in result.rows}
    assert by_name["bias"].metrics["rmse"].mean < 0.7 * by_name["mean"].metrics["rmse"].mean
    plain = by_name["plain"]
    for fact, rmse, mae in zip(plain.facts, plain.metrics["rmse"].values, plain.metrics["mae"].values, strict=True):
        assert (fact["test"]["rmse"], fact["test"]["mae"]) == pytest.approx((rmse, mae), abs=1e-4)  # RecBole's own
    assert {(one.row, one.metric) for one in result.comparisons} == {
        (row, f"{kind} error")
        for row in ("mode", "mean", "plain")
        for kind in ("squared", "absolute", "macro absolute")
    }
    squared = next(one for one in result.comparisons if (one.row, one.metric) == ("mean", "squared error"))
    if split == "chronological":
        mse = [np.mean(np.square(by_name[name].metrics["rmse"].values)) for name in ("mean", "bias")]
        assert squared.difference == pytest.approx(mse[0] - mse[1])
        assert squared.users == 30
    page = rating_page(result)
    assert "| bias | " + f"{by_name['bias'].metrics['rmse'].mean:.4f}" in page
    assert ("Welch" in page) == (split == "chronological")
    record = json.loads(json.dumps(rating_record(result), allow_nan=False))
    assert record["rows"][2]["runs"][0]["chosen"].keys() == {"user_shrinkage", "item_shrinkage"}
    assert len(record["rows"][3]["metrics"]["rmse"]["values"]) == 2

    monkeypatch.setattr(rating_runs, "train", None)  # a finished run is not made again
    again = run_ratings(rows, "toy", split, [1, 2], tmp_path / "results", overrides=given)
    assert again.rows[3].metrics == plain.metrics
    assert again.comparisons == result.comparisons


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            PLAIN + "user_inter_num_interval: '[8,inf)'\n",
            DataError,
            r"'plain' cannot be compared .* eval_args, filters",
        ),
        (PLAIN.replace("_all: False", "_all: True"), DataError, "have other ratings"),
    ],
)
def test_rows_with_other_test_ratings_are_refused(
    given: dict[str, Any], tmp_path: Path, text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run_ratings([Bias, _row(tmp_path, text)], "toy", "chronological", [1], tmp_path / "results", overrides=given)


@pytest.mark.parametrize(
    ("rows", "split", "seeds", "message"),
    [
        ([Bias], "chronologic", [1], "nearest: 'chronological'"),
        ([Bias], "random", [1, 1], "each once"),
        ([Bias, Bias], "random", [1], "'bias' is given twice"),
        ([], "random", [1], "none of them is a baseline"),
    ],
)
def test_what_cannot_be_run_is_said_at_once(rows: list[Any], split: str, seeds: list[int], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run_ratings(rows, "nowhere", split, seeds, Path("nowhere"))


def test_reported_and_recorded_errors_must_agree(given: dict[str, Any]) -> None:
    import pandas as pd

    table = pd.DataFrame({"rating": [1.0, 3.0], "predicted": [2.0, 3.0]})
    rating_runs.check_against({"rmse": 0.7071}, table, 4)
    with pytest.raises(CURecError, match=r"RMSE is 0.7171 .* 0.707107"):
        rating_runs.check_against({"rmse": 0.7171}, table, 4)
