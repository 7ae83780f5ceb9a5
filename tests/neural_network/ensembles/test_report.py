"""What an ensemble tells of its members: the identity that explains its gain, held-out samples."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from skdeep import (
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
)
from skdeep.neural_network import EnsembleReport
from skdeep.neural_network.ensembles.report import mean_products
from skdeep.utils.scores.r2 import r2
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(**more):
    network = MLPClassifier((8,), max_iter=8, learning_rate_init=0.02)
    return NetworkEnsembleClassifier(network, 4, random_state=0, **more)


def regressor(**more):
    network = MLPRegressor(hidden_layer_sizes=(8,), max_iter=8, standardize_target=True)
    return NetworkEnsembleRegressor(network, 4, random_state=0, **more)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["classes", "numbers", "two numbers"])
def test_the_error_of_the_mean_is_a_share_of_each_and_the_rest_of_what_pairs_share(kind, weighted):
    X, y = iris() if kind == "classes" else diabetes()
    train, test = slice(0, None, 2), slice(1, None, 2)
    if kind == "two numbers":
        y = np.column_stack([y, y**2 / 100])
    model = (classifier if kind == "classes" else regressor)().fit(X[train], y[train])
    weight = np.random.RandomState(0).uniform(size=len(X[test])) if weighted else None
    report = model.report(X[test], y[test], weight)
    truth = np.eye(3)[y[test]] if kind == "classes" else y[test]
    said = model.predict_proba(X[test]) if kind == "classes" else model.predict(X[test])
    squares = ((said - truth) ** 2).reshape(len(truth), -1).sum(axis=1)
    k = len(model.estimators_)
    by_identity = report.members_mean_square / k + (k - 1) / k * report.shared_mean_square
    np.testing.assert_allclose(by_identity, np.average(squares, weights=weight), rtol=1e-12)
    np.testing.assert_allclose(report.mean_square, by_identity, rtol=1e-12)
    assert 0 < report.mean_correlation < 1


def test_independent_errors_leave_a_kth_and_equal_ones_all():
    errors = np.random.RandomState(0).normal(size=(10, 20_000, 1))
    independent = EnsembleReport("R2", np.zeros(10), 0.0, mean_products(errors))
    np.testing.assert_allclose(independent.mean_square, 0.1, rtol=0.05)
    assert abs(independent.mean_correlation) < 0.01
    alike = EnsembleReport("R2", np.zeros(10), 0.0, mean_products(np.tile(errors[:1], (10, 1, 1))))
    np.testing.assert_allclose(alike.mean_square, alike.members_mean_square, rtol=1e-12)
    np.testing.assert_allclose(alike.correlation, 1.0, rtol=1e-12)


def test_scores_are_those_of_the_members_and_of_the_ensemble():
    X, y = digits(300)
    model = classifier().fit(X[:200], y[:200])
    report = model.report(X[200:], y[200:])
    assert list(report.scores) == [m.score(X[200:], y[200:]) for m in model.estimators_]
    assert report.ensemble_score == model.score(X[200:], y[200:])
    X, y = diabetes()
    model = regressor().fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    report = model.report_
    assert list(report.scores) == [m.score(X[200:], y[200:]) for m in model.estimators_]
    assert report.ensemble_score == model.score(X[200:], y[200:])


def test_without_held_out_samples_there_is_no_report():
    X, y = iris()
    assert classifier().fit(X, y).report_ is None
    assert classifier(strategy="snapshot").fit(X, y).report_ is None


def test_bagging_judges_each_member_by_what_it_has_not_seen():
    X, y = diabetes()
    X, y = X[:60], y[:60]
    weight = np.where(np.arange(60) < 3, 0.0, 1.0)
    model = regressor(strategy="bagging").fit(X, y, sample_weight=weight)
    random_state = np.random.RandomState(0)
    random_state.randint(2**31 - 1, size=4)
    drawn = [random_state.multinomial(60, weight / weight.sum()) for _ in range(4)]
    unseen = (np.array(drawn) == 0) & (weight > 0)  # samples without weight tell nothing
    said = np.array([member.predict(X) for member in model.estimators_])
    expected = [r2(y[rows], p[rows]) for p, rows in zip(said, unseen, strict=True)]
    np.testing.assert_allclose(model.report_.scores, expected, rtol=1e-10)
    some = unseen.any(axis=0)
    mean = np.array([said[unseen[:, i], i].mean() for i in np.flatnonzero(some)])
    np.testing.assert_allclose(model.report_.ensemble_score, r2(y[some], mean), rtol=1e-10)
    both = unseen[0] & unseen[1]
    one, two = said[0, both] - y[both], said[1, both] - y[both]
    expected = (one @ two) / np.sqrt((one @ one) * (two @ two))
    np.testing.assert_allclose(model.report_.correlation[0, 1], expected, rtol=1e-10)
    squares = [np.mean((said[i] - y)[unseen[i]] ** 2) for i in range(4)]
    np.testing.assert_allclose(np.diag(model.report_.products), squares, rtol=1e-10)


def test_out_of_bag_scores_are_about_those_of_samples_never_seen():
    X, y = digits()
    model = classifier(strategy="bagging").fit(X[:1200], y[:1200])
    report = model.report(X[1200:], y[1200:])
    assert abs(model.report_.scores.mean() - report.scores.mean()) < 0.05
    assert model.report_.scores.mean() < accuracy_score(
        y[:1200], model.estimators_[0].predict(X[:1200])
    )


def test_a_report_prints_as_a_table_of_members():
    X, y = iris()
    lines = str(classifier().fit(X[::2], y[::2]).report(X[1::2], y[1::2])).splitlines()
    assert lines[0].split() == [
        "member",
        "accuracy",
        "mean",
        "square",
        "correlation",
        "of",
        "errors",
    ]
    assert [line.split()[0] for line in lines[2:8]] == ["0", "1", "2", "3", "mean", "ensemble"]
    assert lines[-1].startswith(lines[7].split()[2] + " = 1/4 *")
    alone = classifier().set_params(n_estimators=1).fit(X, y).report(X, y)
    assert np.isnan(alone.mean_correlation)
    assert "independent" not in str(alone)


def test_a_pair_without_a_sample_that_both_have_not_seen_has_no_correlation():
    errors = np.ones((2, 3, 1))
    products = mean_products(errors, counted=np.array([[True, False, False], [False, True, True]]))
    assert np.isnan(products[0, 1])
    np.testing.assert_array_equal(np.diag(products), 1.0)


def test_a_matrix_of_labels_is_refused_where_there_was_one_for_each_sample():
    X, y = iris()
    model = classifier().fit(X, y)
    with pytest.raises(ValueError, match="y should be a 1d array"):
        model.report(X, np.eye(3)[y])
