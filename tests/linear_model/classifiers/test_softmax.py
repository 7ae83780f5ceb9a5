"""Softmax regression: the optimum of the same objective, on whatever data."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skdeep import SoftmaxClassifier, SoftmaxClassifierCV, SVMClassifier
from skdeep.linear_model.classifiers import coordinates
from skdeep.linear_model.classifiers.minibatch import batch_order
from skdeep.linear_model.losses.cross_entropy import SoftmaxLoss
from skdeep.linear_model.solvers import conjugate_gradients, newton_steps

BUNDLED = [load_iris, load_wine, load_breast_cancer, load_digits]


def objective(model, X, y, weight=None):
    """Return what LogisticRegression minimises, computed here on its own."""
    weight = np.ones(len(y)) if weight is None else weight
    logits = X @ model.coef_.T + model.intercept_
    logits = np.column_stack((np.zeros(len(y)), logits)) if logits.shape[1] == 1 else logits
    codes = np.searchsorted(model.classes_, y)
    loss = logsumexp(logits, axis=1) - logits[np.arange(len(y)), codes]
    W = model.coef_
    l2, l1 = (1 - model.l1_ratio) / 2 * (W**2).sum(), model.l1_ratio * np.abs(W).sum()
    return model.C * (weight @ loss) + l2 + l1


@pytest.fixture(params=[2, 3])
def table(request):
    random = np.random.RandomState(0)
    X = random.standard_normal((60, 4)) * [1, 10, 0.1, 1] + [0, 5, 0, 0]
    return X, (X @ random.standard_normal((4, request.param)) + 1).argmax(axis=1)


# -- the optimum


@pytest.mark.parametrize("load", BUNDLED, ids=lambda load: load.__name__)
def test_the_default_reaches_the_optimum_on_raw_data_without_a_warning(load):
    X, y = load(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier().fit(X, y)
    # A lower bound by duality needs no other solver: F is strongly convex in W, so the gradient
    # bounds the distance to the optimum.
    exact = SoftmaxClassifier(tol=1e-6).fit(X, y)
    best = optimum_bound(exact, X, y)
    assert objective(exact, X, y) <= best * (1 + 1e-7)
    assert objective(model, X, y) <= best * (1 + 1e-7)


def optimum_bound(model, X, y):
    """Return a lower bound of the objective from its gradient and strong convexity.

    ``F(V) >= F(W) + <g, V - W> + |V - W|^2 / 2`` for weights, so ``F* >= F - |g_W|^2 / 2`` where
    the gradient in the intercepts is zero; what is left of it is checked to be nothing.
    """
    logits = X @ model.coef_.T + model.intercept_
    codes = np.searchsorted(model.classes_, y)
    if logits.shape[1] == 1:
        residual = 1 / (1 + np.exp(-logits)) - codes[:, None]
    else:
        residual = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
        residual[np.arange(len(y)), codes] -= 1
    gradient = residual.T @ X + model.coef_
    assert np.abs(residual.sum(axis=0)).max() < 1e-6
    return objective(model, X, y) - 0.5 * (gradient**2).sum()


def test_the_default_of_scikit_learn_does_not_reach_the_optimum_on_wine():
    X, y = load_wine(return_X_y=True)
    with pytest.warns(ConvergenceWarning):
        theirs = LogisticRegression().fit(X, y)
    ours = SoftmaxClassifier().fit(X, y)
    assert objective(ours, X, y) < 11.08
    theirs.l1_ratio = 0.0
    assert objective(theirs, X, y) > 20


@pytest.mark.parametrize("l1_ratio", [0.3, 1.0])
@pytest.mark.parametrize("load", BUNDLED[:3], ids=lambda load: load.__name__)
def test_l1_and_elastic_net_satisfy_the_optimality_conditions(load, l1_ratio):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    model = SoftmaxClassifier(l1_ratio=l1_ratio, C=0.5).fit(X, y)
    logits = X @ model.coef_.T + model.intercept_
    codes = np.searchsorted(model.classes_, y)
    if logits.shape[1] == 1:
        residual = 1 / (1 + np.exp(-logits)) - codes[:, None]
    else:
        residual = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
        residual[np.arange(len(y)), codes] -= 1
    W = model.coef_
    gradient = 0.5 * residual.T @ X + (1 - l1_ratio) * W
    assert_allclose(gradient[W != 0], -l1_ratio * np.sign(W[W != 0]), atol=1e-4)
    assert (np.abs(gradient[W == 0]) <= l1_ratio + 1e-4).all()
    assert (W == 0).any() or l1_ratio < 1
    saga = LogisticRegression(solver="saga", l1_ratio=l1_ratio, C=0.5, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        saga.fit(X, y)
    assert objective(model, X, y) <= objective(saga, X, y) * (1 + 1e-9)


@pytest.mark.parametrize("load", BUNDLED[:3])
@pytest.mark.parametrize("l1_ratio", [0.5, 1.0])
def test_raw_data_with_an_l1_penalty_needs_as_few_iterations_as_without(load, l1_ratio):
    X, y = load(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SoftmaxClassifier(l1_ratio=l1_ratio).fit(X, y).n_iter_[0] <= 15


def test_an_l1_penalty_on_classes_that_no_feature_tells_apart_gives_no_warning():
    X, y = np.random.RandomState(6).standard_normal((60, 1)), np.arange(60) % 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(l1_ratio=1, C=100).fit(X, y)
    residual = model.predict_proba(X)[:, 1] - y
    assert_allclose(100 * residual @ X, -np.sign(model.coef_[0]), atol=1e-3)


def test_an_l1_penalty_far_out_where_the_loss_is_flat_leads_back():
    # At 1e-6 the rows are right by far; beyond, nothing but the penalty has a slope.
    X, y = np.array([[1.5e7], [-6.1e7], [1.7e8]]), np.array([0, 1, 0])
    model = SoftmaxClassifier(l1_ratio=1, fit_intercept=False).fit(X, y)
    best = minimize_scalar(
        lambda w: np.logaddexp(0, (1 - 2 * y) * X[:, 0] * w).sum() + abs(w),
        bounds=(-2e-6, 0),
        method="bounded",
        options={"xatol": 1e-14},
    )
    assert objective(model, X, y) <= best.fun * (1 + 1e-6)
    model.set_params(warm_start=True).coef_[:] = -1e-3
    assert objective(model.fit(X, y), X, y) <= best.fun * (1 + 1e-6)


def test_an_elastic_net_bears_scales_of_1e8_and_1e_minus_8():
    X = np.random.RandomState(0).standard_normal((200, 3))
    y = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int) + (X[:, 2] > 1)
    X *= [1e-8, 1.0, 1e8]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(l1_ratio=0.5).fit(X, y)
    probability = model.predict_proba(X)
    assert_allclose(probability.mean(axis=0), np.bincount(y) / len(y), atol=1e-4)
    gradient = (probability - np.eye(3)[y]).T @ X + 0.5 * model.coef_
    scale = X.std(axis=0)
    assert (np.abs(gradient) <= 0.5 + 1e-3 * scale).all()
    nonzero = model.coef_ != 0
    excess = (gradient + 0.5 * np.sign(model.coef_)) / scale
    assert_allclose(excess[nonzero], 0, atol=1e-3)
    assert nonzero.any(axis=0).tolist() == [False, True, True]


@pytest.mark.parametrize("as_sparse", [False, True])
def test_an_l1_penalty_finds_a_difference_of_large_features(as_sparse):
    # Each feature alone tells nothing; the classes differ in what one has more than the other.
    random = np.random.RandomState(0)
    noise, small = random.standard_normal((2, 100))
    X = np.column_stack((noise + 1e5, noise + 1e5 + small))
    y = (small > 0).astype(int)
    rows = sparse.csr_matrix(X) if as_sparse else X
    model = SoftmaxClassifier(l1_ratio=1, C=10, fit_intercept=False).fit(rows, y)
    assert model.score(rows, y) >= 0.95
    exact = SoftmaxClassifier(l1_ratio=1, C=10, fit_intercept=False, tol=1e-7).fit(rows, y)
    assert objective(model, X, y) <= objective(exact, X, y) * (1 + 1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_an_l1_penalty_on_a_wide_sparse_table_equals_saga(n_classes, monkeypatch):
    random = np.random.RandomState(0)
    X = sparse.random(80, 300, 0.1, format="csr", random_state=random)
    y = (X @ random.standard_normal((300, n_classes))).argmax(axis=1)
    monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(l1_ratio=1, C=10).fit(X, y)
    saga = LogisticRegression(solver="saga", l1_ratio=1, C=10, max_iter=3000, tol=1e-7).fit(X, y)
    assert model.n_iter_[0] <= 20
    assert objective(model, X, y) <= objective(saga, X, y) * (1 + 1e-6)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_equals_logistic_regression_where_that_converges(table, C, fit_intercept):
    X, y = table
    X = StandardScaler().fit_transform(X)
    theirs = LogisticRegression(C=C, fit_intercept=fit_intercept, tol=1e-9, max_iter=5000)
    theirs.fit(X, y)
    ours = SoftmaxClassifier(C=C, fit_intercept=fit_intercept).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-5 * max(1, np.abs(theirs.coef_).max()))
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("path", ["blocks", "separate blocks", "lbfgs", "diagonal", "sparse"])
def test_every_way_to_the_solution_ends_at_the_same_place(table, path, monkeypatch):
    X, y = table
    direct = SoftmaxClassifier().fit(X, y)
    monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    monkeypatch.setattr(conjugate_gradients, "UPGRADE", 0.0 if path == "separate blocks" else 1e9)
    monkeypatch.setattr(conjugate_gradients, "EXPENSIVE_BLOCK", 0.0 if path == "lbfgs" else 1e9)
    if path == "diagonal":
        monkeypatch.setattr(conjugate_gradients, "MAX_BLOCK_SIZE", 0)
    if path == "sparse":
        monkeypatch.setattr(coordinates, "DENSE_SHARE", 2.0)
    rows = sparse.csr_matrix(X) if path == "sparse" else X
    model = SoftmaxClassifier(max_iter=500).fit(rows, y)
    assert objective(model, X, y) <= objective(direct, X, y) * (1 + 1e-7)
    if path == "diagonal":
        elastic = SoftmaxClassifier(l1_ratio=0.5, max_iter=500).fit(X, y)
        monkeypatch.undo()
        exact = SoftmaxClassifier(l1_ratio=0.5).fit(X, y)
        assert objective(elastic, X, y) <= objective(exact, X, y) * (1 + 1e-6)


@pytest.mark.parametrize("path", ["direct", "blocks", "lbfgs"])
def test_no_iterations_leave_the_weights_where_they_start(table, path, monkeypatch):
    X, y = table
    if path != "direct":
        monkeypatch.setattr(newton_steps, "MAX_HESSIAN_SIZE", 0)
    monkeypatch.setattr(conjugate_gradients, "EXPENSIVE_BLOCK", 0.0 if path == "lbfgs" else 1e9)
    with pytest.warns(ConvergenceWarning, match="after 0 iteration"):
        model = SoftmaxClassifier(max_iter=0).fit(X, y)
    assert not model.coef_.any()


def test_scales_of_1e8_and_1e_minus_8_and_constant_columns_do_no_harm(table):
    X, y = table
    X = StandardScaler().fit_transform(X)
    odd = np.column_stack((X * [1e8, 1.0, 1.0, 1e-8], np.full(len(X), 3e8))) + 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SoftmaxClassifier(C=1e6).fit(odd, y)
    assert np.isfinite(model.coef_).all()
    assert_allclose(model.coef_[:, 4], 0, atol=1e-20)
    reference = SoftmaxClassifier(C=1e6).fit(X[:, :3], y)
    assert model.score(odd, y) >= reference.score(X[:, :3], y) - 0.05


def test_more_features_than_rows():
    random = np.random.RandomState(0)
    X, y = random.standard_normal((15, 120)), np.arange(15) % 3
    model = SoftmaxClassifier().fit(X, y)
    assert model.score(X, y) == 1
    exact = SoftmaxClassifier(tol=1e-6).fit(X, y)
    assert objective(model, X, y) <= optimum_bound(exact, X, y) * (1 + 1e-6)


def test_logits_of_any_size_give_probabilities():
    model = SoftmaxClassifier().fit([[0.0], [1.0], [2.0]], [0, 1, 2])
    for scale in (1e3, 1e300):
        model.coef_ = np.array([[-1.0], [0.0], [1.0]]) * scale
        p = model.predict_proba([[-5.0], [0.0], [5.0]])
        assert_allclose(p.sum(axis=1), 1)
    with np.errstate(over="raise"):  # of logits whose difference is no float
        assert_allclose(model.predict_proba([[1e8]]), [[0, 0, 1]])
        assert model.predict_log_proba([[1e8]])[0, 2] == 0
    model.coef_ = np.array([[-1000.0], [0.0], [1000.0]])
    assert_allclose(model.predict_log_proba([[1.0]])[0, 0], -2000, rtol=1e-3)
    loss = SoftmaxLoss(np.array([0]), 3, np.ones(1))
    assert_allclose(loss.value(np.array([[800.0, 0.0, 0.0]])), 0, atol=1e-300)
    assert_allclose(loss.value(np.array([[50.0, 0.0, 0.0]])), 2 * np.exp(-50), rtol=1e-12)


# -- options


@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 2.0, 1: 0.5, 2: 1.0}])
def test_weights_mean_repetition(class_weight):
    X, y = load_iris(return_X_y=True)
    counts = np.random.RandomState(0).randint(0, 3, len(y))
    weighted = SoftmaxClassifier(class_weight=class_weight).fit(X, y, sample_weight=counts)
    repeated = SoftmaxClassifier(class_weight=class_weight).fit(
        np.repeat(X, counts, axis=0), np.repeat(y, counts)
    )
    assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)


@pytest.mark.parametrize("kind", [SoftmaxClassifier, SVMClassifier])
@pytest.mark.parametrize("solver", ["lbfgs", "sgd"])
def test_balancing_leaves_out_a_class_without_weight(kind, solver):
    X, y = load_iris(return_X_y=True)
    weight = np.where(y == 1, 0.0, 1.0)
    weight[:10] = 0.0
    balanced, by_hand = (
        kind(class_weight=class_weight, solver=solver, random_state=0)
        for class_weight in ("balanced", {0: 90 / 80, 1: 1.0, 2: 90 / 100})
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for model in (balanced, by_hand):
            model.fit(X, y, sample_weight=weight)
    assert_allclose(balanced.coef_, by_hand.coef_, rtol=1e-6)


def test_warm_start_needs_fewer_steps():
    X, y = load_wine(return_X_y=True)
    model = SoftmaxClassifier(warm_start=True).fit(X, y)
    first = model.n_iter_[0]
    model.set_params(C=1.1).fit(X, y)
    assert model.n_iter_[0] < first
    assert_allclose(model.coef_, SoftmaxClassifier(C=1.1).fit(X, y).coef_, atol=1e-6)


def test_label_smoothing_softens_the_probabilities(table):
    X, y = table
    sharp = SoftmaxClassifier(C=1e4).fit(X, y).predict_proba(X)
    soft = SoftmaxClassifier(C=1e4, label_smoothing=0.1).fit(X, y).predict_proba(X)
    assert soft.max(axis=1).mean() < sharp.max(axis=1).mean()
    # The mean of the targets is kept: an intercept makes the mean probabilities equal to it.
    n_classes = soft.shape[1]
    shares = np.bincount(y) / len(y)
    assert_allclose(soft.mean(axis=0), 0.9 * shares + 0.1 / n_classes, atol=1e-6)


def test_class_means_start_from_the_nearest_mean_classifier():
    X, y = load_iris(return_X_y=True)
    with pytest.warns(ConvergenceWarning):
        model = SoftmaxClassifier(weight_init="class_means", max_iter=0).fit(X, y)
    means = np.array([X[y == k].mean(axis=0) for k in range(3)])
    nearest = ((X[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert_array_equal(model.predict(X), nearest)


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_mini_batches_come_near_the_optimum(solver, l1_ratio):
    X, y = load_wine(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    exact = SoftmaxClassifier(C=0.1, l1_ratio=l1_ratio).fit(X, y)
    rate = {"sgd": 0.02, "momentum": 0.003, "adam": 0.003}[solver]
    model = SoftmaxClassifier(
        C=0.1, l1_ratio=l1_ratio, solver=solver, learning_rate_init=rate, batch_size=32
    )
    model.set_params(max_iter=600, tol=1e-5, random_state=0, n_iter_no_change=20).fit(X, y)
    assert objective(model, X, y) < objective(exact, X, y) * 1.03
    assert len(model.loss_curve_) == model.n_iter_[0]
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_balanced_batches_have_the_proportions_they_promise():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    random = np.random.RandomState(0)
    order = batch_order(y, "proportional", random)
    assert_array_equal(np.sort(order), np.arange(100))
    for batch in order.reshape(10, 10):
        assert np.abs(np.bincount(y[batch], minlength=3) - [6, 3, 1]).max() <= 1
    order = batch_order(y, "equal", random)
    for batch in np.array_split(order, 11):
        counts = np.bincount(y[batch], minlength=3)
        assert counts.max() - counts.min() <= 1
    assert not np.array_equal(batch_order(y, None, random), batch_order(y, None, random))


def test_equal_batches_raise_the_recall_of_a_rare_class():
    random = np.random.RandomState(0)
    y = (np.arange(600) % 20 == 0).astype(int)
    X = random.standard_normal((600, 2)) + y[:, None]
    recalls = []
    for balanced in (None, "equal"):
        model = SoftmaxClassifier(solver="adam", balanced_batches=balanced, random_state=0)
        model.set_params(learning_rate_init=0.01).fit(X, y)
        recalls.append((model.predict(X)[y == 1] == 1).mean())
    assert recalls[1] > recalls[0] + 0.3


def test_partial_fit_is_an_epoch_and_goes_on():
    X, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(solver="sgd", learning_rate_init=0.05, random_state=0)
    model.partial_fit(X[:50], y[:50], classes=[0, 1, 2])
    assert_array_equal(model.classes_, [0, 1, 2])
    for _ in range(60):
        model.partial_fit(X, y)
    assert model.n_iter_[0] == len(model.loss_curve_) == 61
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError, match="class 7, which is not among"):
        model.partial_fit(X[:3], [0, 1, 7])
    with pytest.raises(ValueError, match="not the same as on last call"):
        model.partial_fit(X, y, classes=[0, 1])
    assert not hasattr(SoftmaxClassifier(), "partial_fit")


def test_partial_fit_follows_the_solver_and_its_rate():
    X, y = load_iris(return_X_y=True)
    changed = SoftmaxClassifier(solver="sgd", random_state=0).partial_fit(X, y)
    weights = changed.coef_
    changed.set_params(learning_rate_init=1e-9).partial_fit(X, y)
    assert_allclose(changed.coef_, weights, atol=1e-6)
    changed.set_params(solver="adam").partial_fit(X, y)
    assert_allclose(changed.coef_, weights, atol=1e-6)
    changed.set_params(learning_rate_init=None).partial_fit(X, y)
    assert np.abs(changed.coef_ - weights).max() > 1e-4


def test_an_epoch_that_fails_leaves_no_momentum_behind():
    X, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(solver="momentum", random_state=0).partial_fit(X, y)
    weights = model.coef_
    with pytest.raises(ValueError, match="The loss diverged"):
        model.partial_fit(X * 1e300, y)
    model.set_params(learning_rate_init=1e-9).partial_fit(X, y)
    assert_allclose(model.coef_, weights, atol=0.5)


def test_partial_fit_goes_on_from_sparse_weights():
    X, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(solver="sgd", random_state=0).partial_fit(X, y)
    other = SoftmaxClassifier(solver="sgd", random_state=0).partial_fit(X, y).sparsify()
    assert_array_equal(model.partial_fit(X, y).coef_, other.partial_fit(X, y).coef_)


@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", [SoftmaxClassifier, SVMClassifier])
def test_partial_fit_refuses_a_changed_fit_intercept(kind, solver, table):
    X, y = table
    model = kind(solver=solver)
    model.fit(X, y) if solver == "lbfgs" else model.partial_fit(X, y)
    model.set_params(fit_intercept=False, solver="sgd" if solver == "lbfgs" else solver)
    with pytest.raises(ValueError, match=r"goes on with fit_intercept=True.* got fit_i"):
        model.partial_fit(X, y)
    assert model.set_params(fit_intercept=True).partial_fit(X, y).coef_.any()


def test_partial_fits_are_the_epochs_of_fit():
    X, y = load_iris(return_X_y=True)
    settings = {"solver": "adam", "random_state": 0, "batch_size": 16}
    with pytest.warns(ConvergenceWarning, match="max_iter=4 epochs"):
        whole = SoftmaxClassifier(max_iter=4, **settings).fit(X, y)
    steps = SoftmaxClassifier(**settings)
    for _ in range(4):
        steps.partial_fit(X, y)
    assert_allclose(steps.coef_, whole.coef_, rtol=1e-12)


def test_sparse_mini_batches_equal_dense_ones(table):
    X, y = table
    settings = {"solver": "sgd", "random_state": 0, "learning_rate_init": 1e-3, "max_iter": 20}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        dense = SoftmaxClassifier(**settings).fit(X, y)
        of_sparse = SoftmaxClassifier(**settings).fit(sparse.csr_array(X), y)
    assert_allclose(of_sparse.coef_, dense.coef_, rtol=1e-9)


# -- refusals


def test_divergence_says_what_to_lower_and_leaves_the_old_fit():
    X, y = load_wine(return_X_y=True)
    model = SoftmaxClassifier().fit(X, y)
    coef = model.coef_
    model.set_params(solver="sgd", learning_rate_init=1e300)
    with pytest.raises(ValueError, match="lower learning_rate_init, which is 1e\\+300"):
        model.fit(X, y)
    assert model.coef_ is coef


def test_one_class_is_refused_by_name():
    with pytest.raises(ValueError, match="only one class: 'a'"):
        SoftmaxClassifier().fit([[1.0], [2.0]], np.array(["a", "a"], dtype=object))


@pytest.mark.parametrize(
    "model", [SoftmaxClassifier(), SVMClassifier(), SVMClassifier(loss="hinge")]
)
def test_features_beyond_all_squares_are_refused(model):
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=r"scales of the features go from .* scale the features"):
        model.fit(X * 1e300, y)
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"C": 0.0}, "'C' parameter .* must be a real number in \\(0, inf\\)"),
        ({"solver": "newton"}, "'solver' parameter .* 'lbfgs'"),
        ({"balanced_batches": "yes"}, "'balanced_batches' parameter"),
        ({"l1_ratio": 1.5}, "'l1_ratio' parameter"),
        ({"label_smoothing": 1.0}, "'label_smoothing' parameter"),
        ({"class_weight": {0: -1.0, 1: 1.0}}, "class_weight of 0 must be a finite number"),
        ({"class_weight": {0: np.nan, 1: 1.0}}, "class_weight of 0 .* Got nan"),
        ({"class_weight": {0: "1", 1: 1.0}}, "class_weight of 0 .* Got '1'"),
        ({"class_weight": {0: 0.0, 1: 0.0}}, "leaves all sample weights zero"),
    ],
)
def test_bad_parameters_name_themselves(params, message):
    with pytest.raises(ValueError, match=message):
        SoftmaxClassifier(**params).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("kind", [SoftmaxClassifier, SoftmaxClassifierCV])
def test_a_selection_by_an_l1_penalty_keeps_what_has_weights(kind):
    X, y = load_iris(return_X_y=True)
    model = kind(l1_ratio=1.0, C=1.0) if kind is SoftmaxClassifier else kind(l1_ratio=1.0, Cs=[1.0])
    selected = SelectFromModel(model).fit(X, y)
    weights = np.abs(selected.estimator_.coef_).sum(axis=0)
    assert_array_equal(selected.get_support(), weights > 0)
    assert weights[selected.get_support()].min() < weights.mean()  # the threshold of others
    assert "penalty" not in model.get_params()


def test_the_penalty_has_scikit_learns_names():
    names = [SoftmaxClassifier(l1_ratio=ratio).penalty for ratio in (0, 0.5, 1)]
    assert [*names, SoftmaxClassifier(C=np.inf).penalty] == ["l2", "elasticnet", "l1", None]
