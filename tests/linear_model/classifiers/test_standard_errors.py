"""Standard errors and offsets of softmax regression, held against plain statistics."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from sklearn.datasets import load_iris, load_wine

from skdeep import SoftmaxClassifier, SoftmaxClassifierCV
from tests.linear_model.differences import central


def binary():
    random = np.random.RandomState(0)
    X = random.standard_normal((120, 3)) * [1, 100, 0.01] + [0, 500, 0]
    z = X @ [0.5, 0.01, 30.0] - 5.0
    return X, (z + random.logistic(size=120) > 0).astype(int)


def overlapping():
    X, y = load_iris(return_X_y=True)
    random = np.random.RandomState(0)
    return X[:, :2], np.where(random.uniform(size=150) < 0.3, random.randint(3, size=150), y)


def information(X, y, theta, weight, offset=0.0):
    """Return the Hessian of the negative log-likelihood of two classes, by differences."""
    design = np.column_stack((X, np.ones(len(y))))

    def gradient(t):
        p = 1 / (1 + np.exp(-(design @ t + offset)))
        return design.T @ (weight * (p - y))

    steps = 1e-5 / np.abs(design).max(axis=0)
    unit = np.eye(len(theta))
    return np.stack(
        [
            (gradient(theta + h * e) - gradient(theta - h * e)) / (2 * h)
            for h, e in zip(steps, unit, strict=True)
        ]
    )


@pytest.mark.parametrize("as_sparse", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("C", [np.inf, 0.1])
def test_of_two_classes_they_are_the_inverse_fisher_information(C, weighted, as_sparse):
    X, y = binary()
    weight = np.random.RandomState(1).randint(0, 3, 120).astype(float)
    weight = weight if weighted else np.ones(120)
    model = SoftmaxClassifier(C=C, tol=1e-8).fit(X, y, sample_weight=weight)
    theta = np.append(model.coef_[0], model.intercept_)
    F = information(X, y, theta, weight)
    H = F + np.diag([1 / C] * 3 + [0.0])
    expected = np.sqrt(np.diag(np.linalg.solve(H, np.linalg.solve(H, F).T)))
    rows = sparse.csr_matrix(X) if as_sparse else X
    coef, intercept = model.standard_errors(rows, y, sample_weight=weight)
    assert_allclose(np.append(coef, intercept), expected, rtol=1e-5)
    assert coef.shape == model.coef_.shape


def test_of_three_classes_they_are_those_of_the_contrasts_to_one_class():
    X, y = overlapping()
    model = SoftmaxClassifier(C=np.inf, tol=1e-8).fit(X, y)
    design = np.column_stack((X, np.ones(len(y))))
    theta = np.column_stack((model.coef_, model.intercept_))
    p = softmax(design @ theta.T, axis=1)[:, 1:]
    # The textbook's model: the first class has the logit 0, the others weights of their own.
    F = np.zeros((2, 3, 2, 3))
    for a in range(2):
        for b in range(2):
            spread = p[:, a] * ((a == b) - p[:, b])
            F[a, :, b] = (design.T * spread) @ design
    covariance = np.linalg.inv(F.reshape(6, 6))
    center = np.vstack((np.zeros(2), np.eye(2))) - 1 / 3
    to_centred = np.kron(center, np.eye(3))
    expected = np.sqrt(np.diag(to_centred @ covariance @ to_centred.T)).reshape(3, 3)
    coef, intercept = model.standard_errors(X, y)
    assert_allclose(coef, expected[:, :2], rtol=1e-5)
    assert_allclose(intercept, expected[:, 2], rtol=1e-5)


def test_repeating_the_sample_shows_that_they_are_what_weights_vary_by():
    X, _ = binary()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    random = np.random.RandomState(2)
    p = 1 / (1 + np.exp(-(X @ [1.0, -0.5, 0.0] + 0.3)))
    model = SoftmaxClassifier(C=1.0)
    draws = []
    for _ in range(300):
        y = (random.uniform(size=120) < p).astype(int)
        draws.append(model.fit(X, y).coef_[0])
    told = model.standard_errors(X, y)[0][0]
    assert_allclose(np.std(draws, axis=0), told, rtol=0.25)


def test_without_an_intercept_its_error_is_zero_and_a_constant_feature_is_unknown():
    X, y = load_wine(return_X_y=True)
    X = np.column_stack((X[:, :2] - X[:, :2].mean(axis=0), np.zeros(len(y))))
    model = SoftmaxClassifier(C=np.inf, fit_intercept=False).fit(X, y)
    coef, intercept = model.standard_errors(X, y)
    assert not intercept.any()
    assert np.isnan(coef[:, 2]).all()
    assert np.isfinite(coef[:, :2]).all()


@pytest.mark.parametrize(
    ("params", "change", "message"),
    [
        ({"l1_ratio": 0.5}, {}, "L1 penalty have no standard errors"),
        ({}, {"y": [7] * 150}, "y has the class 7"),
        ({}, {"offset": np.zeros(150)}, r"offset has shape \(150,\); with 3 classes"),
    ],
)
def test_what_has_no_errors_is_refused(params, change, message):
    X, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(**params).fit(X, y)
    with pytest.raises(ValueError, match=message):
        model.standard_errors(X, **{"y": y, **change})


@pytest.mark.parametrize("n_classes", [2, 3])
def test_an_offset_is_added_to_the_logits_and_not_learned(n_classes):
    X, y = load_iris(return_X_y=True)
    X, y = X[: 50 * n_classes], np.minimum(y[: 50 * n_classes], n_classes - 1)
    random = np.random.RandomState(0)
    shape = (len(y),) if n_classes == 2 else (len(y), 3)
    offset = random.standard_normal(shape)
    model = SoftmaxClassifier(C=0.5, tol=1e-8).fit(X, y, offset=offset)

    def objective(flat):
        theta = flat.reshape(-1, 5)
        z = X @ theta[:, :4].T + theta[:, 4] + offset.reshape(len(y), -1)
        z = np.column_stack((np.zeros(len(y)), z)) if n_classes == 2 else z
        loss = logsumexp(z, axis=1) - z[np.arange(len(y)), y]
        return 0.5 * loss.sum() + 0.5 * (theta[:, :4] ** 2).sum()

    theta = np.column_stack((model.coef_, model.intercept_))
    assert_allclose(central(lambda t: objective(t.ravel()), theta), 0.0, atol=1e-4)
    best = minimize(objective, np.zeros(theta.size)).fun
    assert objective(theta.ravel()) <= best * (1 + 1e-8)
    logits = X @ model.coef_.T + model.intercept_ + offset.reshape(len(y), -1)
    logits = logits[:, 0] if n_classes == 2 else logits
    assert_allclose(model.decision_function(X, offset=offset), logits, rtol=1e-12)
    p = model.predict_proba(X, offset=offset)
    assert_allclose(np.log(p), model.predict_log_proba(X, offset=offset))
    assert (model.predict(X, offset=offset) == p.argmax(axis=1)).all()


def test_an_offset_that_is_the_whole_answer_leaves_nothing_to_learn():
    X, y = overlapping()
    full = SoftmaxClassifier(C=np.inf, tol=1e-8).fit(X, y)
    offset = full.decision_function(X)
    exact = SoftmaxClassifier(C=np.inf, tol=1e-8).fit(X, y, offset=offset)
    assert_allclose(exact.coef_, 0.0, atol=1e-3)
    batches = SoftmaxClassifier(
        C=np.inf, solver="sgd", batch_size=len(y), learning_rate_init=0.01, max_iter=20
    ).fit(X, y, offset=offset)
    assert_allclose(batches.coef_, 0.0, atol=1e-3)


def test_errors_know_the_offset():
    X, y = binary()
    offset = np.random.RandomState(3).standard_normal(120)
    model = SoftmaxClassifier(C=np.inf, tol=1e-8).fit(X, y, offset=offset)
    theta = np.append(model.coef_[0], model.intercept_)
    F = information(X, y, theta, np.ones(120), offset)
    coef, intercept = model.standard_errors(X, y, offset=offset)
    expected = np.sqrt(np.diag(np.linalg.inv(F)))
    assert_allclose(np.append(coef, intercept), expected, rtol=1e-5)


def test_the_choice_of_C_predicts_with_an_offset_too():
    X, y = load_iris(return_X_y=True)
    model = SoftmaxClassifierCV(Cs=2, cv=2).fit(X, y)
    offset = np.zeros((150, 3))
    offset[:, 1] = 1e6
    assert (model.predict(X, offset=offset) == 1).all()


def test_liblinear_is_a_name_of_the_exact_solver():
    X, y = load_wine(return_X_y=True)
    named = SoftmaxClassifier(solver="liblinear").fit(X, y)
    assert_allclose(named.coef_, SoftmaxClassifier().fit(X, y).coef_)


def test_labels_of_several_types_are_refused_by_name():
    X, y = binary()
    with pytest.raises(ValueError, match="labels of y are of several types"):
        SoftmaxClassifier().fit(X, y).standard_errors(X, np.array([1, "a"] * 60, dtype=object))
