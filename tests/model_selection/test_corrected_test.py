"""The corrected t-test: the number, its limits, and how often it is wrong."""

import numpy as np
import pytest
from scipy import stats

from skdeep.model_selection import corrected_ttest, holm
from skdeep.model_selection.corrected_test import mean_interval


def scores(n_folds, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0.8, 0.03, n_folds), rng.normal(0.78, 0.03, n_folds)


def test_the_statistic_is_the_one_of_the_paper():
    # By hand: differences 0.1, 0.2, 0.3 have mean 0.2 and variance 0.01; three folds that train on
    # two thirds have 1/3 + 1/2 = 5/6; t = 0.2 / sqrt(0.01 * 5/6) = 2 sqrt(6/5).
    test = corrected_ttest([0.5, 0.7, 0.9], [0.4, 0.5, 0.6], n_train=20, n_test=10)
    t = 2 * np.sqrt(6 / 5)
    assert test.statistic == pytest.approx(t)
    # With two degrees of freedom, Student's distribution has a closed form.
    assert test.p_value == pytest.approx(1 - t / np.sqrt(2 + t**2))
    assert (test.difference, test.df) == (pytest.approx(0.2), 2)


def test_it_agrees_with_scikit_learns_example_of_statistical_comparison():
    a, b = scores(100)
    n_train, n_test = 900, 100
    difference = a - b
    std = np.sqrt(np.var(difference, ddof=1) * (1 / len(difference) + n_test / n_train))
    t = difference.mean() / std
    test = corrected_ttest(a, b, n_train=n_train, n_test=n_test)
    assert test.statistic == pytest.approx(t)
    assert test.p_value == pytest.approx(2 * stats.t.sf(abs(t), len(difference) - 1))
    low, high = difference.mean() + std * np.array(stats.t.interval(0.95, 99))
    assert (test.low, test.high) == (pytest.approx(low), pytest.approx(high))


def test_without_overlap_it_is_the_paired_t_test():
    a, b = scores(10)
    plain = stats.ttest_rel(a, b)
    test = corrected_ttest(a, b, n_train=10**15, n_test=1)
    assert test.statistic == pytest.approx(plain.statistic)
    assert test.p_value == pytest.approx(plain.pvalue)
    interval = plain.confidence_interval(0.95)
    assert (test.low, test.high) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_folds_of_different_sizes_count_by_the_mean_of_their_ratios():
    a, b = scores(2)
    mixed = corrected_ttest(a, b, n_train=[100, 100], n_test=[10, 30])
    assert mixed == corrected_ttest(a, b, n_train=100, n_test=20)


def test_the_interval_holds_zero_just_where_p_is_larger_than_the_level():
    a, b = scores(10)
    p = corrected_ttest(a, b, n_train=90, n_test=10).p_value
    for level, holds_zero in ((1 - p + 1e-6, True), (1 - p - 1e-6, False)):
        test = corrected_ttest(a, b, n_train=90, n_test=10, confidence_level=level)
        assert (test.low <= 0 <= test.high) is holds_zero


def test_the_order_of_the_two_changes_the_sign_alone():
    a, b = scores(8)
    one, two = (corrected_ttest(*ab, n_train=7, n_test=1) for ab in ((a, b), (b, a)))
    assert one.p_value == two.p_value
    assert (one.difference, one.low) == (-two.difference, -two.high)


def test_an_estimator_cannot_be_told_from_itself():
    a, _ = scores(5)
    test = corrected_ttest(a, a, n_train=4, n_test=1)
    assert (test.difference, test.statistic, test.p_value) == (0, 0, 1)


def test_a_difference_that_never_varies_is_certain():
    test = corrected_ttest([1.0, 2.0, 3.0], [0.5, 1.5, 2.5], n_train=2, n_test=1)
    assert test.p_value == 0
    assert test.low == test.high == 0.5


def test_scores_whose_squares_are_no_floats_are_tested_as_any():
    a, b = scores(10)
    plain = corrected_ttest(a, b, n_train=90, n_test=10)
    tiny = corrected_ttest(a * 2.0**-700, b * 2.0**-700, n_train=90, n_test=10)
    assert tiny.p_value == pytest.approx(plain.p_value)
    assert tiny.high == pytest.approx(plain.high * 2.0**-700)


@pytest.mark.parametrize("a", [[0.5], [0.5, np.nan, 0.7]])
def test_there_is_no_test_for_one_fold_or_with_a_fold_that_failed(a):
    test = corrected_ttest(a, [0.4] * len(a), n_train=2, n_test=1)
    assert np.isnan([test.p_value, test.low, test.high]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"second": [0.1]}, r"same shape.*\(2,\) and \(1,\)"),
        ({"n_train": 0}, "must be positive.*n_train=0"),
        ({"n_test": []}, "must be positive"),
        ({"confidence_level": 1.0}, r"'confidence_level'.*\(0, 1\). Got 1.0"),
    ],
)
def test_what_cannot_be_tested_is_said(arguments, message):
    given = {"first": [0.1, 0.2], "second": [0.1, 0.1], "n_train": 1, "n_test": 1} | arguments
    with pytest.raises(ValueError, match=message):
        corrected_ttest(**given)


def test_holm_gives_the_numbers_worked_by_hand():
    # 4 * 0.005, 3 * 0.01, 2 * 0.03, then 1 * 0.04, which may not be below the one before.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_leaves_alone_what_was_not_tested_and_stops_at_one():
    np.testing.assert_allclose(holm([np.nan, 0.02, 0.9, 0.8]), [np.nan, 0.06, 1.0, 1.0])
    assert holm([]).shape == (0,)
    np.testing.assert_allclose(holm([[0.5, 0.01], [0.5, 0.01]]), [[1.0, 0.04], [1.0, 0.04]])


def test_where_there_is_no_difference_it_is_found_as_often_as_the_level_says():
    """Two rules that are equally good, learned from 75 of 100 rows drawn at random, 20 times.

    Both rules predict a mean: one that of the first feature, one that of the second. The plain
    paired test calls them different in nearly half of all worlds, and says one in twenty.
    """
    rng = np.random.default_rng(0)
    n_worlds, n_rows, n_folds, n_test = 1000, 100, 20, 25
    found = {"corrected": 0, "plain": 0}
    for _ in range(n_worlds):
        data = rng.normal(size=(n_rows, 2))
        a, b = np.empty(n_folds), np.empty(n_folds)
        for fold in range(n_folds):
            order = rng.permutation(n_rows)
            test, train = data[order[:n_test]], data[order[n_test:]]
            a[fold], b[fold] = -((test - train.mean(axis=0)) ** 2).mean(axis=0)
        corrected = corrected_ttest(a, b, n_train=n_rows - n_test, n_test=n_test)
        found["corrected"] += corrected.p_value <= 0.05
        found["plain"] += stats.ttest_rel(a, b).pvalue <= 0.05
    rates = {name: count / n_worlds for name, count in found.items()}
    assert 0.03 <= rates["corrected"] <= 0.08, rates
    assert rates["plain"] >= 0.3, rates


def test_the_interval_of_a_mean_is_as_wide_as_that_of_a_difference_from_a_constant():
    a, _ = scores(6)
    test = corrected_ttest(a, np.zeros(6), n_train=5, n_test=1)
    assert mean_interval(a, 5, 1) == (pytest.approx(test.low), pytest.approx(test.high))
