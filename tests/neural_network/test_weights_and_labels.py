"""What sample weights, class weights and labels of every kind mean."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.datasets import make_multilabel_classification, make_regression
from sklearn.exceptions import DataConversionWarning
from sklearn.preprocessing import StandardScaler

from skdeep import MLPClassifier, MLPRegressor
from tests import data

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 15, "random_state": 0}


def iris():
    X, y = data.iris()
    rows = np.random.RandomState(0).permutation(len(X))[:60]
    return X[rows], y[rows]


def numbers():
    X, y = make_regression(60, 4, noise=1.0, random_state=0)
    return X, y / y.std()


def tables():
    X, y = make_multilabel_classification(60, 4, n_classes=3, random_state=0)
    return StandardScaler().fit_transform(X), y


REPEATED = {
    "adam": {"batch_size": 1000},
    "sgd": {"solver": "sgd", "batch_size": 1000},
    "lbfgs": {"solver": "lbfgs"},
    "batch normalization": {"batch_norm": True, "batch_size": 1000},
    "lbfgs with batch normalization": {"solver": "lbfgs", "batch_norm": True, "max_iter": 5},
    "layer normalization": {"layer_norm": True, "batch_size": 1000},
    "label smoothing": {"label_smoothing": 0.1, "batch_size": 1000},
    "balanced classes": {"class_weight": "balanced", "batch_size": 1000},
    "decoupled decay": {"decoupled_weight_decay": 0.1, "clip_norm": 0.5, "batch_size": 1000},
}


@pytest.mark.parametrize("variant", REPEATED)
@pytest.mark.parametrize("load", [iris, tables], ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore:batch_size")
def test_a_weight_of_a_classifier_means_repetition(variant, load):
    X, y = load()
    times = np.random.RandomState(1).randint(0, 4, len(X))
    params = SMALL | REPEATED[variant]
    weighted = MLPClassifier(**params).fit(X, y, times)
    repeated = MLPClassifier(**params).fit(np.repeat(X, times, axis=0), np.repeat(y, times, axis=0))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-5)
    np.testing.assert_allclose(weighted.loss_, repeated.loss_, rtol=1e-5)


@pytest.mark.parametrize(
    "params",
    [
        {"loss": "squared_error"},
        {"loss": "huber", "standardize_target": True},
        {"loss": "absolute_error", "standardize_target": True},
        {"loss": "quantile", "quantile": 0.8},
        {"loss": "squared_error", "batch_norm": True, "standardize_target": True},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:batch_size")
def test_a_weight_of_a_regressor_means_repetition(params):
    X, y = numbers()
    y = 100 + 30 * y
    times = np.random.RandomState(1).randint(0, 4, len(X))
    params = SMALL | {"batch_size": 1000} | params
    weighted = MLPRegressor(**params).fit(X, y, times)
    repeated = MLPRegressor(**params).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-6)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_scale_of_fractional_weights_spoils_nothing(batch_norm):
    X, y = iris()
    weight = np.random.RandomState(1).uniform(0.5, 1.5, len(X))
    params = SMALL | {"alpha": 0.0, "batch_norm": batch_norm}
    one, tiny = (
        MLPClassifier(**params).fit(X, y, scale * weight / weight.sum()) for scale in (1.0, 1e-3)
    )
    np.testing.assert_allclose(one.predict_proba(X), tiny.predict_proba(X), rtol=1e-6)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_batch_that_weighs_nothing_moves_nothing(solver):
    X, y = iris()
    weight = np.r_[np.ones(20), np.zeros(40)]
    params = SMALL | {"solver": solver, "batch_size": 20, "shuffle": False}
    whole = MLPClassifier(**params).fit(X, y, weight)
    part = MLPClassifier(**params | {"batch_size": 20}).fit(X[:20], y[:20])
    assert np.isfinite(whole.predict_proba(X)).all()
    np.testing.assert_allclose(whole.coefs_[0], part.coefs_[0], rtol=1e-10)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_rows_of_weight_zero_may_hold_anything_finite(batch_norm):
    X, y = iris()
    weight = np.r_[np.ones(40), np.zeros(20)]
    other = X.copy()
    other[40:] += 50.0
    params = SMALL | {"batch_norm": batch_norm}
    first, second = (MLPClassifier(**params).fit(data, y, weight) for data in (X, other))
    np.testing.assert_allclose(first.predict_proba(X), second.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize("weight", [[-1.0] + [1.0] * 59, np.zeros(60), np.ones(59)], ids=len)
def test_weights_that_make_no_sense_are_refused(weight):
    X, y = iris()
    with pytest.raises(ValueError, match=r"negative|zero|inconsistent|shape"):
        MLPClassifier(**SMALL).fit(X, y, weight)


# Class weights


def test_a_class_weight_is_a_sample_weight_on_that_class():
    X, y = iris()
    by_class = MLPClassifier(**SMALL, class_weight={0: 3.0, 2: 0.5}).fit(X, y)
    by_sample = MLPClassifier(**SMALL).fit(X, y, np.array([3.0, 1.0, 0.5])[y])
    np.testing.assert_array_equal(by_class.predict_proba(X), by_sample.predict_proba(X))


def test_balanced_makes_a_rare_class_count_as_much():
    X, y = iris()
    y = np.where(y == 0, "rare", "usual")
    rare = np.flatnonzero(y == "rare")[:4]
    rows = np.r_[rare, np.flatnonzero(y == "usual")]
    X, y = X[rows], y[rows]
    balanced = MLPClassifier(**SMALL, class_weight="balanced").fit(X, y)
    n_rare, n_usual = len(rare), len(X) - len(rare)
    by_sample = np.where(y == "rare", len(X) / (2 * n_rare), len(X) / (2 * n_usual))
    weighted = MLPClassifier(**SMALL).fit(X, y, by_sample)
    np.testing.assert_allclose(balanced.predict_proba(X), weighted.predict_proba(X), rtol=1e-10)
    plain = MLPClassifier(**SMALL).fit(X, y)
    chance = balanced.predict_proba(X)[:, 0].mean(), plain.predict_proba(X)[:, 0].mean()
    assert chance[0] > chance[1]


def test_class_and_sample_weights_multiply():
    X, y = iris()
    weight = np.random.RandomState(0).randint(1, 4, len(X))
    both = MLPClassifier(**SMALL, class_weight={1: 2.0}).fit(X, y, weight)
    product = MLPClassifier(**SMALL).fit(X, y, weight * np.where(y == 1, 2.0, 1.0))
    np.testing.assert_array_equal(both.predict_proba(X), product.predict_proba(X))


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_class_weights_of_labels_multiply_over_the_labels(make):
    X, y = tables()
    dicts = [{1: 2.0}, {0: 0.5}, {}]
    expected = np.where(y[:, 0] == 1, 2.0, 1.0) * np.where(y[:, 1] == 0, 0.5, 1.0)
    weighted = MLPClassifier(**SMALL).fit(X, y, expected)
    listed = MLPClassifier(**SMALL, class_weight=dicts).fit(X, make(y))
    np.testing.assert_allclose(listed.predict_proba(X), weighted.predict_proba(X), rtol=1e-12)
    one = MLPClassifier(**SMALL, class_weight={1: 2.0}).fit(X, make(y))
    three = MLPClassifier(**SMALL, class_weight=[{1: 2.0}] * 3).fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), three.predict_proba(X))


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({0: -1.0}, "not negative"),
        ({0: "much"}, "finite number"),
        ({0: np.nan}, "finite number"),
        ({0: 0.0, 1: 0.0, 2: 0.0}, "all sample weights zero"),
        ({7: 1.0}, "not among the classes"),
        ("even", "class_weight"),
        (3.0, "class_weight"),
        ([{0: 1.0}], "multilabel"),
    ],
    ids=str,
)
def test_class_weights_that_make_no_sense_are_refused(class_weight, message):
    X, y = iris()
    model = MLPClassifier(**SMALL, class_weight=class_weight)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "network_")


def test_balanced_weights_ignore_classes_of_weight_zero():
    X, y = iris()
    model = MLPClassifier(**SMALL, class_weight="balanced").fit(X, y, (y != 2).astype(float))
    assert np.isfinite(model.predict_proba(X)).all()
    assert model.predict_proba(X)[:, 2].max() < 0.9


def test_partial_fit_cannot_balance_what_it_has_not_seen():
    X, y = iris()
    with pytest.raises(ValueError, match="needs all data at once"):
        MLPClassifier(**SMALL, class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])
    model = MLPClassifier(**SMALL, class_weight={0: 2.0})
    model.partial_fit(X[y > 0], y[y > 0], classes=[0, 1, 2])  # no sample of class 0 here
    assert list(model.classes_) == [0, 1, 2]


# Labels


@pytest.mark.parametrize(
    "names",
    [
        np.array(["b", "a", "c"]),
        np.array(["b", "a", "c"], dtype=object),
        np.array([7, -3, 40]),
        np.array([2.0, 1.0, 3.0]),
    ],
    ids=lambda names: str(names.dtype),
)
def test_labels_of_every_type_come_back(names):
    X, y = iris()
    model = MLPClassifier(**SMALL | {"max_iter": 100, "learning_rate_init": 0.02}).fit(X, names[y])
    np.testing.assert_array_equal(model.classes_, np.sort(names))
    assert (model.predict(X) == names[y]).mean() > 0.9
    assert model.score(X, names[y]) > 0.9


@pytest.mark.parametrize("kind", [bool, "category", "string"], ids=str)
def test_two_classes_come_back_as_they_were(kind):
    X, y = iris()
    y = pd.Series(y == 1) if kind is bool else pd.Series(np.where(y == 1, "x", "y")).astype(kind)
    model = MLPClassifier(**SMALL | {"max_iter": 300, "learning_rate_init": 0.02}).fit(X, y)
    assert set(model.predict(X)) == set(y)
    assert model.score(X, y) > 0.8


def test_a_column_of_targets_is_taken_with_a_warning():
    X, y = iris()
    with pytest.warns(DataConversionWarning, match="column-vector"):
        column = MLPClassifier(**SMALL).fit(X, y.reshape(-1, 1))
    np.testing.assert_array_equal(column.predict(X), MLPClassifier(**SMALL).fit(X, y).predict(X))
    assert column.predict(X).shape == (60,)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csr_array, sparse.csc_array])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_sparse_labels_train_the_same_network(make, early_stopping):
    X, y = tables()
    params = SMALL | {"early_stopping": early_stopping, "validation_fraction": 0.3}
    dense = MLPClassifier(**params).fit(X, y)
    from_sparse = MLPClassifier(**params).fit(X, make(y))
    np.testing.assert_array_equal(dense.predict_proba(X), from_sparse.predict_proba(X))
    assert sparse.issparse(from_sparse.predict(X))
    np.testing.assert_array_equal(from_sparse.predict(X).toarray(), dense.predict(X))
    assert from_sparse.score(X, make(y)) == dense.score(X, y)


SPARSE = {
    "csr_matrix": sparse.csr_matrix,
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "csc_array": sparse.csc_array,
    "coo_array": sparse.coo_array,
}


def with_long_indices(X):
    X = sparse.csr_array(X)
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


@pytest.mark.parametrize("make", [*SPARSE.values(), with_long_indices], ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "params",
    [
        {"batch_size": 7},
        {"solver": "lbfgs"},
        {"early_stopping": True, "validation_fraction": 0.3},
        {"dtype": "float32", "batch_norm": True},
    ],
    ids=str,
)
def test_sparse_features_train_the_same_network(make, params):
    X, y = iris()
    X[X < 0.3] = 0.0
    dense = MLPClassifier(**SMALL | params).fit(X, y)
    from_sparse = MLPClassifier(**SMALL | params).fit(make(X), y)
    tolerance = {"rtol": 1e-3} if "dtype" in params else {"rtol": 1e-7}
    np.testing.assert_allclose(
        from_sparse.predict_proba(make(X)), dense.predict_proba(X), **tolerance
    )


def test_sparse_validation_samples_are_taken():
    X, y = iris()
    model = MLPRegressor(**SMALL | {"solver": "adam"})
    model.fit(sparse.csr_array(X), y, X_val=sparse.csc_matrix(X[:9]), y_val=y[:9])
    dense = MLPRegressor(**SMALL).fit(X, y, X_val=X[:9], y_val=y[:9])
    np.testing.assert_allclose(model.validation_loss_curve_, dense.validation_loss_curve_)


# Odd shapes


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_one_class_is_always_right(solver):
    X, _ = iris()
    model = MLPClassifier(**SMALL | {"solver": solver}).fit(X, np.full(len(X), "only"))
    assert set(model.predict(X)) == {"only"}
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((len(X), 1)))


@given(
    n_samples=st.integers(2, 9),
    n_features=st.integers(1, 12),
    hidden=st.lists(st.integers(1, 4), max_size=3),
    normalization=st.sampled_from([None, "batch_norm", "layer_norm"]),
    batch_size=st.sampled_from(["auto", 1, 2]),
    n_outputs=st.integers(1, 3),
)
def test_any_shape_gives_finite_predictions_of_the_right_shape(
    n_samples, n_features, hidden, normalization, batch_size, n_outputs
):
    assume((normalization, batch_size) != ("batch_norm", 1))  # which is refused
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n_samples, n_features))
    params = {
        "hidden_layer_sizes": hidden,
        "max_iter": 2,
        "batch_size": batch_size,
        "random_state": 0,
    }
    if normalization:
        params[normalization] = True
    Y = rng.standard_normal((n_samples, n_outputs))
    regressor = MLPRegressor(**params).fit(X, Y if n_outputs > 1 else Y.ravel())
    predictions = regressor.predict(X)
    assert predictions.shape == ((n_samples, n_outputs) if n_outputs > 1 else (n_samples,))
    assert np.isfinite(predictions).all()
    y = np.arange(n_samples) % 3
    probabilities = MLPClassifier(**params).fit(X, y).predict_proba(X)
    assert probabilities.shape == (n_samples, min(3, n_samples))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
