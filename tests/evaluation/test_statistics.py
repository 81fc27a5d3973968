from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from recbole_curec.errors import CURecError
from recbole_curec.evaluation.statistics import (
    Spread,
    compare,
    corrected,
    holm,
    interval,
    interval_text,
    mean_over_seeds,
    paired_seed_test,
    paired_tests,
    seed_test,
)


def _table(values: list[float], users: str = "abcdef") -> pd.DataFrame:
    return pd.DataFrame({"recall@10": values}, index=list(users))


def test_spread_is_the_sample_standard_deviation_and_none_for_one_seed() -> None:
    spread = Spread.of([0.1, 0.2, 0.6])
    assert (spread.mean, spread.std) == (pytest.approx(0.3), pytest.approx(np.std([0.1, 0.2, 0.6], ddof=1)))
    assert Spread.of([0.1]) == Spread(0.1, None, (0.1,))


def test_holm_by_hand() -> None:
    # Sorted: 0.005 x 4, 0.01 x 3, 0.03 x 2, 0.04 x 1; the last is raised to the one before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_tests_are_scipys_paired_ones() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.random(40) + 0.1, rng.random(40)
    t_test, wilcoxon = paired_tests(ours - theirs)
    assert t_test == pytest.approx(stats.ttest_rel(ours, theirs).pvalue)
    assert wilcoxon == pytest.approx(stats.wilcoxon(ours, theirs).pvalue)
    ends = interval(ours - theirs)
    expected = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert ends == pytest.approx((expected.low, expected.high))


def test_rows_without_any_difference_are_not_significant() -> None:
    assert paired_tests(np.zeros(5)) == (1.0, 1.0)
    assert interval(np.zeros(5)) == (0.0, 0.0)
    (one,) = compare("x", [_table([0.5] * 6)], "y", [_table([0.5] * 6)])
    assert (one.difference, one.t_test, one.wilcoxon, one.low, one.high) == (0.0, 1.0, 1.0, 0.0, 0.0)


def test_one_user_has_neither_interval_nor_test() -> None:
    assert paired_tests(np.array([0.5])) == (None, None)
    assert interval(np.array([0.5])) is None
    (one,) = compare("x", [_table([0.5], "a")], "y", [_table([0.25], "a")])
    assert (one.difference, one.users) == (0.25, 1)
    assert (one.low, one.high, one.t_test, one.wilcoxon) == (None, None, None, None)
    assert interval_text(one.low, one.high) == "-"
    # What cannot be tested is not part of the family: the other p keeps its value.
    (two,) = compare("x", [_table([1, 0, 1, 1, 0, 1])], "y", [_table([0] * 6)])
    alone, beside = corrected([one, two])
    assert (alone.t_test_holm, alone.wilcoxon_holm) == (None, None)
    assert (beside.t_test_holm, beside.wilcoxon_holm) == (two.t_test, two.wilcoxon)


def test_one_and_the_same_difference_everywhere_is_certain() -> None:
    t_test, wilcoxon = paired_tests(np.full(8, 0.5))
    assert t_test == 0.0
    assert wilcoxon == pytest.approx(2 / 2**8)  # of all signs, all positive and all negative


def test_users_are_averaged_over_seeds_before_they_are_paired() -> None:
    by_seed = [_table([1, 0, 1, 1, 0, 1]), _table([1, 1, 0, 1, 0, 1])]
    assert mean_over_seeds(by_seed)["recall@10"].tolist() == [1.0, 0.5, 0.5, 1.0, 0.0, 1.0]
    base = _table([0, 0, 0.5, 1, 0, 0])
    (one,) = compare("x", by_seed, "y", [base])
    difference = np.array([1, 0.5, 0, 0, 0, 1])
    assert one.difference == pytest.approx(2.5 / 6)
    assert one.relative == pytest.approx(2.5 / 1.5)
    assert one.t_test == pytest.approx(stats.ttest_1samp(difference, 0).pvalue)
    assert one.users == 6


def test_other_users_cannot_be_paired() -> None:
    with pytest.raises(CURecError, match="not the same ones"):
        compare("x", [_table([0] * 6)], "y", [_table([0] * 6, "abcdeg")])


def test_seeds_are_tested_by_their_means() -> None:
    ours = [_table([1, 1, 1, 0, 0, 0]), _table([1, 1, 1, 1, 0, 0]), _table([1, 1, 1, 1, 1, 0])]
    base = [_table([1, 0, 0, 0, 0, 0]), _table([0, 0, 0, 0, 0, 0]), _table([1, 0, 0, 0, 0, 0])]
    (one,) = compare("x", ours, "y", base)
    expected = stats.ttest_ind([3 / 6, 4 / 6, 5 / 6], [1 / 6, 0, 1 / 6], equal_var=False).pvalue
    assert one.seeds == pytest.approx(expected)
    (done,) = corrected([one])
    assert done.seeds_holm == pytest.approx(expected)
    twice = corrected([one, one])
    assert twice[0].seeds_holm == pytest.approx(2 * expected)


def test_one_seed_says_nothing_about_seeds() -> None:
    (one,) = compare("x", [_table([1, 0, 0, 0, 0, 0])], "y", [_table([0] * 6)])
    assert one.seeds is None
    assert corrected([one])[0].seeds_holm is None


def test_seeds_that_never_differ() -> None:
    assert seed_test([0.5, 0.5], [0.5, 0.5]) == 1.0
    assert seed_test([0.5, 0.5], [0.25, 0.25]) == 0.0


def test_holm_runs_over_all_comparisons_and_each_test_is_its_own_family() -> None:
    rng = np.random.default_rng(1)
    base = _table(rng.random(6).tolist())
    raw = [one for shift in (0.3, 0.05) for one in compare("x", [base + shift * rng.random((6, 1))], "y", [base])]
    done = corrected(raw)
    assert [one.t_test_holm for one in done] == holm([one.t_test for one in raw if one.t_test is not None])
    assert [one.wilcoxon_holm for one in done] == holm([one.wilcoxon for one in raw if one.wilcoxon is not None])
    assert all(one.t_test_holm >= one.t_test for one in done if one.t_test_holm is not None and one.t_test is not None)


def test_seeds_with_a_split_of_their_own_are_paired() -> None:
    # Splits differ far more than the rows do, which row is better is the same in each.
    ours, theirs = [1.0, 2.0, 3.0, 4.0], [1.1, 2.12, 3.1, 4.11]
    assert paired_seed_test(ours, theirs) == pytest.approx(stats.ttest_rel(ours, theirs).pvalue)
    assert paired_seed_test([0.5, 0.7], [0.5, 0.7]) == 1.0
    assert paired_seed_test([0.5], [0.7]) is None
    factors = np.arange(1, 2, 1 / 6)
    by_seed, base = ([_table((value * factors).tolist()) for value in values] for values in (ours, theirs))
    (paired,) = compare("x", by_seed, "y", base, paired_seeds=True)
    (apart,) = compare("x", by_seed, "y", base)
    assert paired.seeds == pytest.approx(paired_seed_test(ours, theirs), rel=1e-6)
    assert paired.seeds is not None
    assert apart.seeds is not None
    assert paired.seeds < 0.01 < 0.5 < apart.seeds
