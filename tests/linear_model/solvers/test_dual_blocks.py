"""The dual of hinges on sparse tables, held against the interior-point method and LinearSVC."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.svm import LinearSVC

from skdeep import SVMClassifier
from skdeep.linear_model.classifiers import svm
from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, WestonWatkins
from skdeep.linear_model.solvers import dual_blocks, newton_steps
from skdeep.linear_model.solvers.dual_blocks import ascend_dual, suits_dual
from skdeep.linear_model.solvers.objective import LinearObjective

LOSSES = [
    ("crammer_singer", "hinge"),
    ("crammer_singer", "squared_hinge"),
    ("weston_watkins", "hinge"),
    ("weston_watkins", "squared_hinge"),
]


def wide(n_samples=60, n_features=150, n_classes=4):
    X = sparse.random(n_samples, n_features, density=0.1, random_state=0, format="csr")
    return X, np.random.RandomState(1).randint(n_classes, size=n_samples)


def value(model, X, y, weight):
    kind = CrammerSinger if model.multi_class == "crammer_singer" else WestonWatkins
    loss = kind(y, len(model.classes_), model.C * weight, 2 if "sq" in model.loss else 1)
    return 0.5 * (model.coef_**2).sum() + loss.value(model.decision_function(X))


@pytest.fixture
def by_the_dual(monkeypatch):
    monkeypatch.setattr(svm, "MAX_INTERIOR_WORK", 0)
    monkeypatch.setattr(svm, "TEMPERATURES", ())
    monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    monkeypatch.setattr(dual_blocks, "BLOCK_ROWS", 16)


@pytest.mark.filterwarnings("ignore:lbfgs failed:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("C", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize(("multi_class", "loss"), LOSSES)
def test_the_optimum_is_that_of_the_dense_table(multi_class, loss, fit_intercept, C, request):
    X, y = wide()
    weight = np.random.RandomState(2).randint(0, 3, len(y)).astype(float)
    model = SVMClassifier(
        C=C, loss=loss, multi_class=multi_class, fit_intercept=fit_intercept, tol=1e-5
    )
    least = value(model.fit(X.toarray(), y, sample_weight=weight), X, y, weight)
    request.getfixturevalue("by_the_dual")
    found = value(model.fit(X, y, sample_weight=weight), X, y, weight)
    assert_allclose(found, least, rtol=2e-5)


def test_on_wide_tables_the_weights_are_those_of_linear_svc(by_the_dual):
    X, y = wide(200, 3000, 5)
    settings = {"loss": "hinge", "multi_class": "crammer_singer", "fit_intercept": False}
    found = SVMClassifier(**settings, tol=1e-6).fit(X, y)
    expected = LinearSVC(**settings, tol=1e-8, max_iter=10000).fit(X, y).coef_
    assert found.n_iter_[0] < 100
    assert_allclose(found.coef_, expected, atol=1e-3 * np.abs(expected).max())


def test_rows_without_entries_are_learned_from(by_the_dual):
    X, y = wide()
    X = sparse.vstack([X, sparse.csr_matrix((20, X.shape[1]))], format="csr")
    y = np.append(y, np.full(20, 3))
    model = SVMClassifier(loss="hinge", multi_class="crammer_singer").fit(X, y)
    assert model.predict(sparse.csr_matrix((1, X.shape[1]))) == [3]


def test_other_objectives_go_other_ways():
    X, y = wide()
    weight, zeros, ones = np.ones(len(y)), np.zeros(150), np.ones(150)
    hinge, squared = WestonWatkins(y, 4, weight, 1), WestonWatkins(y, 4, weight, 2)
    assert suits_dual(LinearObjective(X, hinge, ones, zeros, True))
    assert suits_dual(LinearObjective(X, CrammerSinger(y, 4, weight, 2), ones, zeros, True))
    assert not suits_dual(LinearObjective(X.toarray(), hinge, ones, zeros, True))
    assert suits_dual(LinearObjective(X, squared, ones, zeros, True))
    assert not suits_dual(LinearObjective(X[:, :119], squared, ones[:119], zeros[:119], True))
    assert not suits_dual(LinearObjective(X, hinge, zeros, zeros, True))
    assert not suits_dual(LinearObjective(X, hinge, np.arange(150.0), zeros, True))
    binary = BinaryHinge(y % 2, weight, 1)
    assert suits_dual(LinearObjective(X, binary, ones, zeros, True))
    assert not suits_dual(LinearObjective(X[:, :119], binary, ones[:119], zeros[:119], True))


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_two_classes_end_at_the_optimum_of_the_dense_table(loss, request):
    X, y = wide(n_classes=2)
    weight = np.random.RandomState(2).randint(0, 3, len(y)).astype(float)
    model = SVMClassifier(loss=loss, tol=1e-5)

    def value(model):
        hinge = BinaryHinge(y, weight, 2 if loss == "squared_hinge" else 1)
        logits = model.decision_function(X)[:, None]
        return 0.5 * (model.coef_**2).sum() + hinge.value(logits)

    least = value(model.fit(X.toarray(), y, sample_weight=weight))
    request.getfixturevalue("by_the_dual")
    assert_allclose(value(model.fit(X, y, sample_weight=weight)), least, rtol=2e-5)
    assert model.n_iter_[0] < 100


def test_where_passes_over_the_rows_do_not_end_the_loss_is_rounded_off(monkeypatch):
    X, y = wide()
    model = SVMClassifier(loss="hinge", multi_class="crammer_singer")
    least = value(model.fit(X.toarray(), y), X, y, np.ones(len(y)))
    monkeypatch.setattr(svm, "MAX_INTERIOR_WORK", 0)
    monkeypatch.setattr(svm, "MAX_PASSES", 2)
    found = value(model.fit(X, y), X, y, np.ones(len(y)))
    assert model.n_iter_[0] > 2
    assert_allclose(found, least, rtol=1e-3)


def test_the_intercept_settles_in_few_passes_where_slopes_are_at_their_bounds(by_the_dual):
    X, y = wide()
    model = SVMClassifier(C=0.01, loss="hinge", tol=1e-4).fit(X, y)
    assert model.n_iter_[0] < 40  # not in a hundred, without the secant


def test_rows_with_much_in_common_are_left_to_newton_before_long():
    random = np.random.RandomState(0)
    words = np.minimum(random.zipf(1.5, (300, 80)) - 1, 1999)
    rows = np.repeat(np.arange(300), 80)
    X = sparse.csr_matrix((np.ones(rows.size), (rows, words.ravel())), shape=(300, 2000))
    y = random.randint(5, size=300)
    objective = LinearObjective(
        X, WestonWatkins(y, 5, np.ones(300), 2), np.ones(2000), np.zeros(2000), True
    )
    tried = ascend_dual(objective, tol=1e-5, max_iter=100, after_step=lambda *_: False)
    assert not tried.converged
    assert tried.n_iter == dual_blocks.TRIAL_PASSES
    model = SVMClassifier().fit(X, y)
    assert model.n_iter_[0] > tried.n_iter
    assert_allclose(
        value(model, X, y, np.ones(300)),
        value(SVMClassifier(tol=1e-6).fit(X, y), X, y, np.ones(300)),
        rtol=1e-6,
    )


def test_no_hessian_of_many_features_is_formed_for_few_rows(monkeypatch):
    X, y = wide(40, 1200, 2)
    monkeypatch.setattr(svm, "minimize_maxima", None)
    assert SVMClassifier(loss="hinge").fit(X, y).score(X, y) == 1
