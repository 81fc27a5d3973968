"""Statistics of a comparison: spread over seeds, and tests over users and seeds with Holm's correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from recbole_curec.errors import CURecError

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Spread:
    """Distribution of a figure over seeds.

    Attributes:
        mean: Mean.
        std: Sample standard deviation; None with a single seed.
        values: One per seed.
    """

    mean: float
    std: float | None
    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of one value per seed."""
        std = float(np.std(values, ddof=1)) if len(values) > 1 else None
        return cls(float(np.mean(values)), std, tuple(float(value) for value in values))


@dataclass(frozen=True)
class Comparison:
    """Comparison of one row with a reference row in one metric, with tests over users and over seeds.

    Tests over users ask whether these trained models would differ on other users, tests over seeds whether newly
    trained models would differ on these users.

    Attributes:
        row: Title of the row.
        reference: Title of the reference.
        metric: Name of the metric.
        users: Number of users both rows were tested on.
        difference: Mean over users of the row's metric less the reference's, each averaged over seeds first.
        relative: The difference as a share of the reference; None where the reference is zero.
        low: Lower end of the 95 % interval of the difference (t distribution); None with fewer than two users.
        high: Upper end.
        t_test: p of the paired t-test; None with fewer than two users.
        wilcoxon: p of Wilcoxon's signed-rank test, likewise; users without a difference are left out.
        t_test_holm: p of the t-test after Holm's correction over all comparisons of the benchmark.
        wilcoxon_holm: Likewise for Wilcoxon's test.
        seeds: p of Welch's or the paired t-test over the seeds' means; None with a single seed.
        seeds_holm: Likewise after Holm's correction.
    """

    row: str
    reference: str
    metric: str
    users: int
    difference: float
    relative: float | None
    low: float | None
    high: float | None
    t_test: float | None
    wilcoxon: float | None
    t_test_holm: float | None = None
    wilcoxon_holm: float | None = None
    seeds: float | None = None
    seeds_holm: float | None = None


def mean_over_seeds(by_seed: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Every user's metrics averaged over the seeds in which the user is tested."""
    return pd.concat(by_seed).groupby(level=0, sort=True).mean()


def compare(
    row: str,
    by_seed: Sequence[pd.DataFrame],
    reference: str,
    base_by_seed: Sequence[pd.DataFrame],
    *,
    paired_seeds: bool = False,
) -> list[Comparison]:
    """Compare two rows by their per-user metrics, one table per seed; one comparison per column.

    Args:
        row: Title of the row.
        by_seed: Its tables.
        reference: Title of the reference.
        base_by_seed: The reference's tables, of the same seeds.
        paired_seeds: Whether the test over seeds is paired, as it must be where every seed has a split of its own.

    Raises:
        CURecError: The two rows were not tested on the same users.
    """
    table, base = mean_over_seeds(by_seed), mean_over_seeds(base_by_seed)
    if not table.index.equals(base.index):
        raise CURecError(
            f"'{row}' was tested on {len(table)} users and '{reference}' on {len(base)}, not the same ones: give both "
            "rows the same filters and split."
        )
    found = []
    test = paired_seed_test if paired_seeds else seed_test
    for metric in table.columns:
        theirs = base[metric].to_numpy(dtype=np.float64)
        difference = table[metric].to_numpy(dtype=np.float64) - theirs
        mean, level = float(difference.mean()), float(theirs.mean())
        low, high = interval(difference) or (None, None)
        t_test, wilcoxon = paired_tests(difference)
        found.append(
            Comparison(
                row, reference, str(metric), len(difference), mean, mean / level if level else None, low, high,
                t_test, wilcoxon,
                seeds=test(_seed_means(by_seed, metric), _seed_means(base_by_seed, metric)),
            )
        )  # fmt: skip
    return found


def _seed_means(by_seed: Sequence[pd.DataFrame], metric: str) -> list[float]:
    return [float(table[metric].mean()) for table in by_seed]


def paired_tests(difference: NDArray[np.float64]) -> tuple[float, float] | tuple[None, None]:
    """P of the paired t-test and of Wilcoxon's signed-rank test, both two-sided.

    They are 1 where nothing differs, and None with fewer than two differences.
    """
    if len(difference) < 2:
        return None, None
    if not difference.any():
        return 1.0, 1.0
    t_test = float(stats.ttest_1samp(difference, 0.0).pvalue) if np.ptp(difference) else 0.0
    wilcoxon = float(stats.wilcoxon(difference, zero_method="wilcox").pvalue)
    return t_test, wilcoxon


def seed_test(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """P of Welch's t-test between the seeds' means of two rows, two-sided; None with fewer than two seeds.

    The test is not paired, because the same seed gives unrelated random numbers in models of different shapes.
    """
    if min(len(ours), len(theirs)) < 2:
        return None
    if np.ptp(ours) == np.ptp(theirs) == 0:
        return float(ours[0] == theirs[0])
    return float(stats.ttest_ind(ours, theirs, equal_var=False).pvalue)


def paired_seed_test(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """P of the paired t-test between two rows' means by seed, two-sided; None with fewer than two seeds.

    For seeds that change the split: both rows have the same test interactions under a seed, and what one split is
    easier than another would hide the difference of the rows.
    """
    if min(len(ours), len(theirs)) < 2:
        return None
    difference = np.subtract(ours, theirs)
    if np.ptp(difference) == 0:
        return float(difference[0] == 0)
    return float(stats.ttest_1samp(difference, 0.0).pvalue)


def interval(difference: NDArray[np.float64]) -> tuple[float, float] | None:
    """Confidence interval of the mean difference by the t distribution; of no width where nothing varies.

    None with fewer than two differences, which say nothing about how much they vary.
    """
    if len(difference) < 2:
        return None
    mean, error = float(difference.mean()), float(stats.sem(difference))
    if not error:
        return mean, mean
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(difference) - 1)) * error
    return mean - reach, mean + reach


def interval_text(low: float | None, high: float | None, digits: int = 4, missing: str = "-") -> str:
    """An interval as tables show it; ``missing`` where there is none."""
    return missing if low is None or high is None else f"{low:+.{digits}f} to {high:+.{digits}f}"


def p_text(value: float | None, missing: str = "n/a") -> str:
    """A p-value with four decimals; ``missing`` where there is none."""
    if value is None:
        return missing
    return "<0.0001" if value < 1e-4 else f"{value:.4f}"


def holm(values: Sequence[float]) -> list[float]:
    """p-values after Holm's step-down correction (Holm, 1979), in the order given."""
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda index: values[index])):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted


def _holm_of_known(values: Sequence[float | None]) -> list[float | None]:
    """Holm's correction over the tests that could be made; None stays None."""
    adjusted = iter(holm([value for value in values if value is not None]))
    return [None if value is None else next(adjusted) for value in values]


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with Holm's correction; each of the tests is one family."""
    t_tests = _holm_of_known([one.t_test for one in comparisons])
    wilcoxons = _holm_of_known([one.wilcoxon for one in comparisons])
    known = [one.seeds for one in comparisons if one.seeds is not None]
    seeds = holm(known) if len(known) == len(comparisons) else [None] * len(comparisons)
    return [
        replace(one, t_test_holm=t_test, wilcoxon_holm=wilcoxon, seeds_holm=over_seeds)
        for one, t_test, wilcoxon, over_seeds in zip(comparisons, t_tests, wilcoxons, seeds, strict=True)
    ]


def spreads(by_seed: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Spread of every metric over seeds."""
    return {metric: Spread.of([values[metric] for values in by_seed]) for metric in by_seed[0]}
