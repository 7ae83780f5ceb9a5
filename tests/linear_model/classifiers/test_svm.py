"""The linear SVM: its losses, its optimum beside LinearSVC's, its solvers."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdeep import SVMClassifier
from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import WestonWatkins
from skdeep.linear_model.solvers import newton_steps

MULTICLASS = {"weston_watkins": WestonWatkins, "crammer_singer": CrammerSinger}


def objective(model, X, y, weight=1.0):
    """Return the objective of the docstring, computed here on its own."""
    codes = np.searchsorted(model.classes_, y)
    logits = X @ model.coef_.T + model.intercept_
    if logits.shape[1] == 1:
        losses = np.maximum(0, 1 - (2 * codes - 1) * logits[:, 0])[:, None]
    else:
        losses = 1 + logits - logits[np.arange(len(y)), codes][:, None]
        losses[np.arange(len(y)), codes] = 0
        losses = np.maximum(losses, 0)
        if getattr(model, "multi_class", "") == "crammer_singer":
            losses = losses.max(axis=1, keepdims=True)
    power = 2 if model.loss == "squared_hinge" else 1
    return 0.5 * (model.coef_**2).sum() + model.C * (weight * (losses**power).sum(axis=1)).sum()


@pytest.mark.parametrize("multi_class", MULTICLASS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_interior_point_and_rounding_end_at_the_same_optimum(n_classes, multi_class, monkeypatch):
    X, y = load_iris(return_X_y=True)
    X, y = X[50 * (3 - n_classes) :], y[50 * (3 - n_classes) :]
    weight = np.random.RandomState(0).randint(0, 3, len(y))
    model = SVMClassifier(loss="hinge", multi_class=multi_class)
    inside = objective(model.fit(X, y, sample_weight=weight), X, y, weight)
    monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    rounded = objective(model.fit(X, y, sample_weight=weight), X, y, weight)
    assert inside <= rounded * (1 + 1e-5)
    assert rounded <= inside * (1 + 1e-3)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("multi_class", MULTICLASS)
def test_separable_rows_have_one_hinge_optimum_whatever_the_weights_and_a_large_C(
    multi_class, weighted
):
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    weight = np.exp(3 * np.random.RandomState(0).standard_normal(len(y))) if weighted else 1.0
    expected = SVMClassifier(loss="hinge", multi_class=multi_class, C=1e3).fit(X, y)
    model = SVMClassifier(loss="hinge", multi_class=multi_class, C=1e7)
    model.fit(X, y, sample_weight=weight * np.ones(len(y)))
    assert_allclose(objective(model, X, y, weight), objective(expected, X, y), rtol=2e-5)


@pytest.mark.parametrize("C", [1e-8, 1e-4])
@pytest.mark.parametrize("multi_class", MULTICLASS)
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_the_hinge_has_an_optimum_under_the_strongest_penalty(load, multi_class, C):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SVMClassifier(loss="hinge", multi_class=multi_class, C=C).fit(X, y)
    found = objective(model, X, y)
    exact = SVMClassifier(loss="hinge", multi_class=multi_class, C=C, tol=1e-6).fit(X, y)
    assert found <= objective(exact, X, y) * (1 + 1e-5)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_no_iterations_leave_the_weights_where_they_start(loss):
    X, y = load_iris(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match="after 0 iteration"):
        model = SVMClassifier(loss=loss, max_iter=0).fit(X, y)
    assert not model.coef_.any()


@pytest.mark.parametrize("kind", MULTICLASS)
def test_the_loss_is_that_of_the_paper(kind):
    z = np.array([[1.0, 0.8, -3.0, 1.5]])
    loss = MULTICLASS[kind](np.array([0]), 4, np.array([2.0]), 1)
    expected = {"weston_watkins": 0.8 + 0.0 + 1.5, "crammer_singer": 1.5}[kind]
    assert_allclose(loss.value(z), 2 * expected)
    squared = MULTICLASS[kind](np.array([0]), 4, np.array([2.0]), 2)
    expected = {"weston_watkins": 0.64 + 0.0 + 2.25, "crammer_singer": 2.25}[kind]
    assert_allclose(squared.value(z), 2 * expected)


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_two_classes_are_no_worse_than_linear_svc(fit_intercept, loss, scaled):
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X) if scaled else X
    settings = {"loss": loss, "fit_intercept": fit_intercept}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = LinearSVC(random_state=0, max_iter=20000, **settings).fit(X, y)
    ours = SVMClassifier(**settings).fit(X, y)
    assert objective(ours, X, y) <= objective(theirs, X, y) * (1 + 1e-5 * (loss == "hinge"))


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_crammer_singer_is_no_worse_than_linear_svc(load, fit_intercept, scaled):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X) if scaled else X
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = LinearSVC(
            multi_class="crammer_singer", fit_intercept=fit_intercept, random_state=0
        ).fit(X, y)
    ours = SVMClassifier(multi_class="crammer_singer", loss="hinge", fit_intercept=fit_intercept)
    ours.fit(X, y)
    theirs.set_params(loss="hinge")
    assert objective(ours, X, y) <= objective(theirs, X, y)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
@pytest.mark.parametrize("multi_class", MULTICLASS)
def test_the_optimum_of_every_form_is_found(multi_class, loss):
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = SVMClassifier(multi_class=multi_class, loss=loss, C=0.3).fit(X, y)
    found = objective(model, X, y)
    kind, power = MULTICLASS[multi_class], 2 if loss == "squared_hinge" else 1
    exact = kind(y, 3, np.full(len(y), 0.3), power)

    def function(theta):
        theta = theta.reshape(3, 5)
        logits = X @ theta[:, :4].T + theta[:, 4]
        z = exact.at(logits).gradient
        gradient = np.column_stack((z.T @ X + theta[:, :4], z.sum(axis=0)))
        return exact.value(logits) + 0.5 * (theta[:, :4] ** 2).sum(), gradient.ravel()

    start = np.column_stack((model.coef_, model.intercept_)).ravel()
    # Neither from the solution nor from elsewhere does another method get lower.
    for place in (start, np.zeros(15)):
        other = minimize(function, place, jac=True, method="L-BFGS-B", options={"maxiter": 2000})
        assert found <= other.fun * (1 + 2e-4)


def test_sample_weights_mean_repetition():
    X, y = load_iris(return_X_y=True)
    counts = np.random.RandomState(0).randint(0, 3, len(y))
    weighted = SVMClassifier().fit(X, y, sample_weight=counts)
    repeated = SVMClassifier().fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)


def test_sparse_equals_dense():
    X, y = load_iris(return_X_y=True)
    dense = SVMClassifier().fit(X, y)
    of_sparse = SVMClassifier().fit(sparse.csr_matrix(X), y)
    assert_allclose(of_sparse.coef_, dense.coef_, atol=1e-5)
    assert_allclose(
        of_sparse.decision_function(sparse.csr_matrix(X)), dense.decision_function(X), atol=1e-4
    )


@pytest.mark.parametrize("multi_class", MULTICLASS)
@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
def test_mini_batches_come_near_the_optimum(loss, multi_class):
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    settings = {"loss": loss, "multi_class": multi_class, "C": 0.1}
    exact = SVMClassifier(**settings).fit(X, y)
    model = SVMClassifier(solver="sgd", learning_rate_init=0.01, batch_size=32, **settings)
    model.set_params(max_iter=400, n_iter_no_change=20, tol=1e-5, random_state=0).fit(X, y)
    assert objective(model, X, y) < 1.1 * objective(exact, X, y)


def test_partial_fit_goes_on():
    X, y = load_iris(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = SVMClassifier(solver="momentum", random_state=0)
    for _ in range(30):
        model.partial_fit(X, y)
    assert len(model.loss_curve_) == 30
    assert model.score(X, y) > 0.9
    assert not hasattr(SVMClassifier(), "partial_fit")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"loss": "log"}, "'loss' parameter .* 'squared_hinge', 'hinge'"),
        ({"multi_class": "ovr"}, "'multi_class' parameter"),
        ({"C": -1}, "'C' parameter"),
    ],
)
def test_bad_parameters_name_themselves(params, message):
    with pytest.raises(ValueError, match=message):
        SVMClassifier(**params).fit([[0.0], [1.0]], [0, 1])


def test_too_few_iterations_are_told():
    X, y = load_wine(return_X_y=True)
    for multi_class in MULTICLASS:
        with pytest.warns(ConvergenceWarning, match="failed to converge after 3 iteration"):
            SVMClassifier(multi_class=multi_class, loss="hinge", max_iter=3).fit(X, y)


@pytest.mark.parametrize("kind", [SVMClassifier(loss="hinge"), SVMClassifier()])
def test_a_start_whose_outputs_share_a_shift_ends_at_the_same_optimum(kind):
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = clone(kind).set_params(warm_start=True).fit(X, y)
    best = objective(model, X, y)
    model.coef_ = np.full_like(model.coef_, 0.3)
    assert objective(model.fit(X, y), X, y) == pytest.approx(best, rel=2e-5)


def test_rows_that_leave_the_margin_are_not_taken_for_the_end():
    """A step that puts all rows on their margins, some by rounding beyond it, is not the last."""
    random = np.random.RandomState(3)
    factors = random.normal(size=(54, 5))
    X = factors @ random.normal(size=(5, 103)) + random.normal(size=(54, 103))
    y = (factors[:, 0] > 0).astype(int)

    def objective(model):
        margin = 1 - (2 * y - 1) * model.decision_function(X)
        return 0.5 * (model.coef_**2).sum() + 100.0 * (np.maximum(margin, 0) ** 2).sum()

    other = LinearSVC(C=100.0, intercept_scaling=100.0, max_iter=10_000).fit(X, y)
    assert objective(SVMClassifier(C=100.0).fit(X, y)) <= 1.001 * objective(other)


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_many_features_of_few_rows_take_few_iterations(loss, n_classes):
    random = np.random.RandomState(0)
    factors = random.normal(size=(40, 5))
    X = factors @ random.normal(size=(5, 1000)) + random.normal(size=(40, 1000)) + 1e4
    y = np.argsort(np.argsort(factors[:, 0])) * n_classes // 40
    model = SVMClassifier(loss=loss).fit(X, y)  # whose warnings are errors
    assert model.n_iter_[0] <= 60
    assert model.score(X, y) == 1
    turned = np.linalg.qr((X - X.mean(axis=0)).T)[1].T
    same = SVMClassifier(loss=loss).fit(turned, y)
    assert_allclose(model.decision_function(X), same.decision_function(turned), atol=0.02)
