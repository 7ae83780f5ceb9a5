"""What each keyword that scikit-learn's networks do not have does."""

import pickle
from functools import partial

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.datasets import (
    make_multilabel_classification,
)
from sklearn.metrics import d2_pinball_score, mean_absolute_error
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import MLPClassifier, MLPRegressor
from skdeep.nn import GELU, BatchNorm, Dense, Dropout, LayerNorm, LeakyReLU
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (8, 5), "max_iter": 10, "random_state": 0}


def layers(model, kind):
    return [layer for layer in model.network_.layers() if isinstance(layer, kind)]


def kinds(model):
    return [type(layer).__name__ for layer in model.network_.layers()]


# Dropout


def test_one_rate_is_for_all_hidden_layers_and_a_sequence_has_one_each():
    X, y = iris()
    one = MLPClassifier(**SMALL, dropout=0.5).fit(X, y)
    assert kinds(one) == ["Dense", "ReLU", "Dropout", "Dense", "ReLU", "Dropout", "Dense"]
    assert [layer.rate for layer in layers(one, Dropout)] == [0.5, 0.5]
    each = MLPClassifier(**SMALL, dropout=(0.0, 0.3)).fit(X, y)
    assert kinds(each) == ["Dense", "ReLU", "Dense", "ReLU", "Dropout", "Dense"]
    assert [layer.rate for layer in layers(each, Dropout)] == [0.3]


def test_input_dropout_comes_before_everything():
    X, y = iris()
    model = MLPClassifier(**SMALL, input_dropout=0.2).fit(X, y)
    assert kinds(model) == ["Dropout", "Dense", "ReLU", "Dense", "ReLU", "Dense"]


@pytest.mark.parametrize("params", [{"dropout": 0.4}, {"input_dropout": 0.4}], ids=str)
def test_dropout_changes_training_but_not_prediction(params):
    X, y = iris()
    plain, dropped = (MLPClassifier(**SMALL | more).fit(X, y) for more in ({}, params))
    assert not np.allclose(plain.coefs_[0], dropped.coefs_[0])
    probabilities = dropped.predict_proba(X)
    np.testing.assert_array_equal(probabilities, dropped.predict_proba(X))
    hidden = X
    for w, b in zip(dropped.coefs_[:-1], dropped.intercepts_[:-1], strict=True):
        hidden = np.maximum(hidden @ w + b, 0)
    outputs = hidden @ dropped.coefs_[-1] + dropped.intercepts_[-1]
    np.testing.assert_allclose(probabilities, softmax(outputs, axis=1), rtol=1e-7)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_input_dropout_takes_sparse_rows(solver):
    X, y = digits(300)
    model = MLPClassifier((30,), solver=solver, input_dropout=0.2, max_iter=30, random_state=0)
    model.set_params(learning_rate_init=0.02).fit(sparse.csr_array(X), y)
    assert model.score(X, y) > 0.9
    np.testing.assert_allclose(model.predict_proba(sparse.csr_array(X)), model.predict_proba(X))


def test_dropout_regularizes():
    X, y = digits(150)
    y = np.random.RandomState(0).permutation(y)  # nothing to learn but noise
    params = {"hidden_layer_sizes": (50,), "max_iter": 60, "random_state": 0}
    params["learning_rate_init"] = 0.01
    plain, dropped = (MLPClassifier(**params, dropout=rate).fit(X, y) for rate in (0.0, 0.7))
    assert plain.score(X, y) > dropped.score(X, y) + 0.1


def test_dropout_draws_the_initial_weights_of_a_network_without():
    X, y = iris()
    rate = {"learning_rate_init": 1e-12, "max_iter": 1}
    plain, dropped = (MLPClassifier(**SMALL | rate | {"dropout": d}).fit(X, y) for d in (0, 0.5))
    np.testing.assert_allclose(plain.coefs_[1], dropped.coefs_[1], atol=1e-9)


# Normalization


def test_batch_norm_comes_before_each_activation_and_replaces_the_bias():
    X, y = iris()
    model = MLPClassifier(**SMALL, batch_norm=True).fit(X, y)
    assert kinds(model) == ["Dense", "BatchNorm", "ReLU", "Dense", "BatchNorm", "ReLU", "Dense"]
    assert [layer.use_bias for layer in layers(model, Dense)] == [False, False, True]
    assert [len(b) for b in model.intercepts_] == [8, 5, 3]
    np.testing.assert_array_equal(model.intercepts_[0], 0.0)


def test_biases_can_be_set_where_there_are_any_and_are_refused_where_not():
    X, y = iris()
    model = MLPClassifier(**SMALL, batch_norm=True).fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match=r"intercepts_\[0\] cannot be set: .* batch norm"):
        model.intercepts_[0] = np.ones(8)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    model.intercepts_[2] = model.intercepts_[2] + [0.0, 0.0, 50.0]
    assert set(model.predict(X)) == {2}


def test_batch_norm_predicts_by_its_running_statistics():
    X, y = iris()
    model = MLPClassifier(**SMALL, batch_norm=True).fit(X, y)
    whole = model.predict_proba(X)
    alone = np.vstack([model.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(whole, alone, rtol=1e-7)
    norm = layers(model, BatchNorm)[0]
    np.testing.assert_allclose(norm.running_mean, (X @ model.coefs_[0]).mean(axis=0), atol=0.2)


@pytest.mark.parametrize("n", [150, 31])
def test_batch_norm_after_partial_fit_has_the_statistics_of_enough_rows(n):
    X, y = iris()
    model = MLPClassifier(**SMALL, batch_norm=True, learning_rate_init=0.1)
    for _ in range(3):
        model.partial_fit(X[:n] + 1000.0, y[:n], classes=[0, 1, 2])
    norm, sums = layers(model, BatchNorm)[0], (X[:n] + 1000.0) @ model.coefs_[0]
    lags = np.abs(norm.running_mean - sums.mean(axis=0)).max() > 1.0
    assert lags == (n < 32)  # of few rows, running averages have less noise


def test_batch_norm_keeps_its_statistics_where_a_single_row_tells_none():
    X, y = iris()
    model = MLPClassifier(**SMALL, batch_norm=True, average="ema").partial_fit(
        X, y, classes=[0, 1, 2]
    )
    before = model.network_.statistics.copy()
    with pytest.warns(UserWarning, match="is trained on one row at a time, and batch norm"):
        model.partial_fit(X[:1], y[:1])
    np.testing.assert_array_equal(model.network_.statistics, before)


def test_batch_norm_after_lbfgs_has_the_statistics_of_the_data():
    X, y = iris()
    model = MLPClassifier(**SMALL, solver="lbfgs", batch_norm=True).fit(X, y)
    norm, sums = layers(model, BatchNorm)[0], X @ model.coefs_[0]
    np.testing.assert_allclose(norm.running_mean, sums.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(norm.running_variance, sums.var(axis=0, ddof=1), rtol=1e-9)


def test_layer_norm_comes_before_each_activation():
    X, y = iris()
    model = MLPClassifier(**SMALL, layer_norm=True).fit(X, y)
    assert kinds(model) == ["Dense", "LayerNorm", "ReLU", "Dense", "LayerNorm", "ReLU", "Dense"]
    assert len(layers(model, LayerNorm)) == 2


def test_normalization_makes_a_deep_network_of_small_weights_learn():
    X, y = iris()
    params = {"hidden_layer_sizes": (20,) * 6, "weight_init": "normal", "random_state": 0}
    params |= {"max_iter": 60, "learning_rate_init": 0.01}
    assert MLPClassifier(**params).fit(X, y).score(X, y) < 0.5
    for name in ("batch_norm", "layer_norm"):
        assert MLPClassifier(**params, **{name: True}).fit(X, y).score(X, y) > 0.6


# Initial weights


FAN_IN, FAN_OUT = 64, 400
SCALES = {
    "normal": 0.01,
    "glorot_uniform": np.sqrt(2 / (FAN_IN + FAN_OUT)),
    "glorot_normal": np.sqrt(2 / (FAN_IN + FAN_OUT)),
    "xavier_uniform": np.sqrt(2 / (FAN_IN + FAN_OUT)),
    "xavier_normal": np.sqrt(2 / (FAN_IN + FAN_OUT)),
    "he_uniform": np.sqrt(2 / FAN_IN),
    "he_normal": np.sqrt(2 / FAN_IN),
    "lecun_uniform": np.sqrt(1 / FAN_IN),
    "lecun_normal": np.sqrt(1 / FAN_IN),
}


@pytest.mark.parametrize("weight_init", SCALES)
def test_initial_weights_have_the_scale_of_their_scheme_and_biases_are_zero(weight_init):
    X = np.random.RandomState(0).standard_normal((10, FAN_IN))
    model = MLPClassifier(
        (FAN_OUT,), weight_init=weight_init, learning_rate_init=1e-9, max_iter=1, random_state=0
    ).fit(X, np.arange(10) % 2)
    weights = model.coefs_[0]
    assert weights.std() == pytest.approx(SCALES[weight_init], rel=0.03)
    np.testing.assert_allclose(model.intercepts_[0], 0.0, atol=1e-8)
    if weight_init.endswith("uniform"):
        assert np.abs(weights).max() == pytest.approx(np.sqrt(3) * weights.std(), rel=0.03)
    else:
        assert np.abs(weights).max() > 3 * weights.std()


# The type of the numbers


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64")], ids=str)
@pytest.mark.parametrize("given", [np.float32, np.float64, int])
def test_dtype_is_that_of_weights_and_predictions(dtype, given):
    X, y = iris()
    X = (10 * X).astype(given)
    model = MLPClassifier(**SMALL, dtype=dtype).fit(X, y)
    assert {array.dtype for array in model.coefs_ + model.intercepts_} == {np.dtype(dtype)}
    assert model.predict_proba(X).dtype == np.dtype(dtype)
    target = MLPRegressor(**SMALL, dtype=dtype, standardize_target=True).fit(X, 1.0 * y)
    assert target.predict(X).dtype == np.dtype(dtype)


@pytest.mark.parametrize(("given", "kept"), [("f4", "f4"), ("f8", "f8"), ("i4", "f8")])
def test_without_dtype_that_of_the_input_is_kept(given, kept):
    X, y = iris()
    model = MLPClassifier(**SMALL).fit((10 * X).astype(given), y)
    assert model.coefs_[0].dtype == model.predict_proba(X).dtype == np.dtype(kept)


@pytest.mark.filterwarnings("ignore:.*solver='lbfgs'")
@pytest.mark.parametrize("params", [{"shuffle": False}, {"solver": "lbfgs"}, {}], ids=str)
def test_float32_on_doubles_is_the_network_of_float32_data(params):
    X, y = iris()
    params = SMALL | {"batch_size": 32} | params
    on_doubles = MLPClassifier(**params, dtype="float32").fit(X, y)
    on_singles = MLPClassifier(**params).fit(X.astype(np.float32), y)
    np.testing.assert_array_equal(on_doubles.coefs_[0], on_singles.coefs_[0])


# Label smoothing


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
def test_smoothed_labels_keep_probabilities_from_the_ends(smoothing):
    X, y = iris()
    params = {"solver": "lbfgs", "alpha": 0.0, "max_iter": 2000, "random_state": 0, "tol": 1e-8}
    sure = MLPClassifier((20,), **params).fit(X, y).predict_proba(X).max(axis=1)
    smooth = MLPClassifier((20,), **params, label_smoothing=smoothing).fit(X, y)
    top = smooth.predict_proba(X).max(axis=1)
    assert sure.mean() > 0.97
    assert top.mean() == pytest.approx(1 - smoothing * 2 / 3, abs=0.02)


def test_label_smoothing_is_the_loss_of_softened_targets():
    X, y = iris()
    model = MLPClassifier(**SMALL, label_smoothing=0.3, alpha=0.0).fit(X, y, X_val=X, y_val=y)
    soft = 0.7 * np.eye(3)[y] + 0.1
    loss = -(soft * model.predict_log_proba(X)).sum(axis=1).mean()
    assert model.validation_loss_curve_[-1] == pytest.approx(loss)
    binary = MLPClassifier(**SMALL, label_smoothing=0.3, alpha=0.0)
    binary.fit(X, y > 0, X_val=X, y_val=y > 0)
    soft = np.where((y > 0)[:, None], [0.15, 0.85], [0.85, 0.15])
    loss = -(soft * binary.predict_log_proba(X)).sum(axis=1).mean()
    assert binary.validation_loss_curve_[-1] == pytest.approx(loss)


# Steps


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_clip_norm_bounds_the_step(solver):
    X, y = diabetes()
    params = SMALL | {"solver": solver, "momentum": 0.0, "max_iter": 1, "batch_size": len(X)}
    params |= {"learning_rate_init": 1e-6, "alpha": 0.0, "epsilon": 1e3}
    free, clipped = (MLPRegressor(**params, clip_norm=c).fit(X, y) for c in (None, 0.5))
    start = MLPRegressor(**params | {"learning_rate_init": 1e-300}).fit(X, y)
    steps = [model.network_.params - start.network_.params for model in (free, clipped)]
    assert clipped.history_["gradient_norm"][0] > 10
    assert np.linalg.norm(steps[1]) < np.linalg.norm(steps[0])
    if solver == "sgd":
        assert np.linalg.norm(steps[1]) == pytest.approx(0.5e-6, rel=1e-3)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_loose_clip_norm_changes_nothing(solver):
    X, y = iris()
    free, loose = (
        MLPClassifier(**SMALL, solver=solver, clip_norm=c).fit(X, y) for c in (None, 1e6)
    )
    np.testing.assert_allclose(free.coefs_[0], loose.coefs_[0], rtol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_decoupled_decay_multiplies_weights_but_not_biases(solver):
    X, y = np.zeros((10, 3)), np.zeros(10)  # no gradient reaches the first layer's weights
    params = {"hidden_layer_sizes": (4,), "solver": solver, "alpha": 0.0, "random_state": 0}
    params |= {"learning_rate_init": 0.1, "max_iter": 5, "activation": "identity"}
    plain, decayed = (MLPRegressor(**params, decoupled_weight_decay=d).fit(X, y) for d in (0, 0.5))
    np.testing.assert_allclose(decayed.coefs_[0], plain.coefs_[0] * 0.95**5, rtol=1e-12)
    first = params | {"max_iter": 1}
    plain, decayed = (MLPRegressor(**first, decoupled_weight_decay=d).fit(X, y) for d in (0, 0.5))
    np.testing.assert_allclose(decayed.intercepts_[0], plain.intercepts_[0], rtol=1e-12)


# Activations


FUNCTIONS = {
    "identity": lambda z: z,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
    "softplus": lambda z: np.log1p(np.exp(z)),
    "silu": lambda z: z * expit(z),
    "mish": lambda z: z * np.tanh(np.log1p(np.exp(z))),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "shifted_relu": lambda z: np.maximum(z, -1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_activation_by_name(name):
    X, y = iris()
    model = MLPClassifier(**SMALL | {"activation": name, "hidden_layer_sizes": (8,)}).fit(X, y)
    hidden = FUNCTIONS[name](X @ model.coefs_[0] + model.intercepts_[0])
    outputs = hidden @ model.coefs_[1] + model.intercepts_[1]
    np.testing.assert_allclose(model.predict_proba(X), softmax(outputs, axis=1), rtol=1e-6)


def test_each_layer_may_have_its_own_activation():
    X, y = iris()
    model = MLPClassifier(**SMALL, activation=["tanh", "gelu"]).fit(X, y)
    assert kinds(model) == ["Dense", "Tanh", "Dense", "GELU", "Dense"]
    same = MLPClassifier(**SMALL, activation=("relu", "relu")).fit(X, y)
    np.testing.assert_array_equal(same.coefs_[0], MLPClassifier(**SMALL).fit(X, y).coefs_[0])


def test_an_activation_may_be_what_makes_a_layer():
    X, y = iris()
    named = MLPClassifier(**SMALL, activation=["gelu", "leaky_relu"]).fit(X, y)
    model = MLPClassifier(**SMALL, activation=[GELU, partial(LeakyReLU, 0.3)]).fit(X, y)
    assert kinds(model) == kinds(named)
    assert layers(model, LeakyReLU)[0].slope == 0.3
    for copy in (clone(model).fit(X, y), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    with pytest.raises(TypeError, match=r"activation=.*must make a skdeep.nn.Layer.*made 1\.0"):
        MLPClassifier(**SMALL, activation=lambda: 1.0).fit(X, y)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"activation": ["relu"]}, r"'activation'.*each of the 2.*1 values"),
        ({"dropout": [0.1, 0.2, 0.3]}, r"'dropout'.*each of the 2.*3 values"),
        ({"batch_norm": True, "layer_norm": True}, "batch_norm=True or layer_norm=True"),
        ({"batch_norm": True, "batch_size": 1}, "batch_norm=True and batch_size=1"),
        ({"dropout": 0.1, "solver": "lbfgs"}, "cannot use dropout with solver='lbfgs'"),
        ({"input_dropout": 0.1, "solver": "lbfgs"}, "cannot use dropout with solver='lbfgs'"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_said(params, message):
    X, y = iris()
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**SMALL | params).fit(X, y)


# The regressor's losses


def noisy():
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (600, 1))
    return X, 3 * X.ravel() + rng.exponential(1.0, 600) * (1.5 + X.ravel())


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("standardize_target", [False, True])
def test_a_quantile_covers_its_share(quantile, standardize_target):
    X, y = noisy()
    model = MLPRegressor(
        "quantile",
        (10,),
        quantile=quantile,
        standardize_target=standardize_target,
        learning_rate_init=0.01,
        max_iter=150,
        random_state=0,
    ).fit(X, y)
    assert (y <= model.predict(X)).mean() == pytest.approx(quantile, abs=0.04)
    assert d2_pinball_score(y, model.predict(X), alpha=quantile) > 0.1


def test_half_the_absolute_error_is_the_median_quantile():
    X, y = noisy()
    params = {"hidden_layer_sizes": (5,), "solver": "sgd", "momentum": 0.0, "alpha": 0.0}
    params |= {"max_iter": 5, "random_state": 0}
    absolute = MLPRegressor("absolute_error", **params, learning_rate_init=0.01).fit(X, y)
    median = MLPRegressor("quantile", **params, learning_rate_init=0.02).fit(X, y)
    np.testing.assert_allclose(absolute.predict(X), median.predict(X), rtol=1e-9)


def test_robust_losses_do_not_follow_outliers():
    X, _ = noisy()
    clean = 3 * X.ravel()
    spoiled = clean.copy()
    spoiled[::10] += 100
    params = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.01, "random_state": 0}
    errors = {
        loss: mean_absolute_error(clean, MLPRegressor(loss, **params).fit(X, spoiled).predict(X))
        for loss in ("squared_error", "absolute_error", "huber")
    }
    assert errors["squared_error"] > 3
    assert errors["absolute_error"] < 0.5
    assert errors["huber"] < 1


def test_huber_is_squared_error_where_delta_is_large():
    X, y = noisy()
    params = {"hidden_layer_sizes": (5,), "max_iter": 20, "random_state": 0}
    huber = MLPRegressor("huber", **params, huber_delta=1e6).fit(X, y)
    squared = MLPRegressor("squared_error", **params).fit(X, y)
    np.testing.assert_allclose(huber.predict(X), squared.predict(X), rtol=1e-9)


def test_poisson_predicts_positive_means_and_refuses_negative_counts():
    X, _ = noisy()
    y = np.random.RandomState(0).poisson(np.exp(1 + X.ravel()))
    params = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.01, "random_state": 0}
    model = MLPRegressor("poisson", **params).fit(X, y)
    assert (model.predict(X) > 0).all()
    assert np.corrcoef(model.predict(X), np.exp(1 + X.ravel()))[0, 1] > 0.95
    assert model.out_activation_ == "exp"
    with pytest.raises(ValueError, match=r"y must not be negative, got -1"):
        model.fit(X, y - 1.0)


# Standardized targets


def test_a_standardized_target_learns_diabetes_where_the_plain_one_cannot():
    X, y = diabetes()
    plain, scaled = (
        cross_val_score(
            make_pipeline(StandardScaler(), MLPRegressor(random_state=0, standardize_target=flag)),
            X,
            y,
        ).mean()
        for flag in (False, True)
    )
    assert plain == pytest.approx(-1.0, abs=0.2)
    assert scaled == pytest.approx(0.45, abs=0.05)


@pytest.mark.parametrize("dtype", [None, "float32"])
def test_predictions_come_back_in_units_of_the_target(dtype):
    X, y = diabetes()
    params = SMALL | {"standardize_target": True, "dtype": dtype, "max_iter": 30}
    model = MLPRegressor(**params).fit(X, y)
    np.testing.assert_allclose(model.target_mean_, [y.mean()])
    np.testing.assert_allclose(model.target_scale_, [y.std()])
    moved = MLPRegressor(**params).fit(X, 1000 * y + 5e5)
    np.testing.assert_allclose(
        moved.predict(X), 1000 * model.predict(X) + 5e5, rtol=1e-3 if dtype else 1e-9
    )
    inner = MLPRegressor(**params | {"standardize_target": False}).fit(X, (y - y.mean()) / y.std())
    np.testing.assert_allclose(
        model.predict(X), inner.predict(X) * y.std() + y.mean(), rtol=1e-3 if dtype else 1e-9
    )


def test_sample_weights_count_in_mean_and_deviation():
    X, y = diabetes()
    times = np.random.RandomState(0).randint(0, 3, len(y))
    model = MLPRegressor(**SMALL, standardize_target=True).fit(X, y, times)
    np.testing.assert_allclose(model.target_mean_, [np.repeat(y, times).mean()])
    np.testing.assert_allclose(model.target_scale_, [np.repeat(y, times).std()])


def test_each_output_has_its_own_scale_and_a_constant_one_stays():
    X, y = diabetes()
    Y = np.column_stack([y, 1e-6 * y, np.full(len(y), 7.1)])
    model = MLPRegressor(
        hidden_layer_sizes=(20,),
        standardize_target=True,
        random_state=0,
        learning_rate_init=0.01,
        max_iter=200,
    ).fit(X, Y)
    np.testing.assert_allclose(model.target_scale_, [y.std(), 1e-6 * y.std(), 1.0])
    predictions = model.predict(X)
    assert np.corrcoef(predictions[:, 1], Y[:, 1])[0, 1] > 0.7
    np.testing.assert_allclose(predictions[:, 2], 7.1, atol=0.1)


def test_a_constant_target_is_predicted():
    X, _ = diabetes()
    model = MLPRegressor(**SMALL | {"max_iter": 200}, standardize_target=True).fit(
        X, np.full(len(X), 1e5)
    )
    np.testing.assert_allclose(model.predict(X), 1e5, atol=1.0)


# All of them as parameters of an estimator


CLASSIFIER_GRID = {
    "dropout": [0.0, 0.2, (0.1, 0.0)],
    "input_dropout": [0.1],
    "batch_norm": [True, False],
    "weight_init": [None, "he_normal"],
    "class_weight": ["balanced", {0: 2.0}],
    "label_smoothing": [0.1],
    "dtype": ["float32"],
    "clip_norm": [1.0],
    "decoupled_weight_decay": [0.01],
    "learning_rate": ["cosine"],
    "warmup_epochs": [1],
    "activation": ["relu", ("tanh", "gelu")],
}


def test_all_of_them_can_be_searched_together():
    X, y = iris()
    search = GridSearchCV(
        MLPClassifier(**SMALL | {"max_iter": 2}), CLASSIFIER_GRID, cv=2, error_score="raise"
    ).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) == 48
    assert np.isfinite(scores).all()
    grid = {
        "loss": ["huber", "quantile", "absolute_error"],
        "standardize_target": [True],
        "huber_delta": [0.5],
        "quantile": [0.4],
        "layer_norm": [True, False],
        "scoring": ["neg_mean_absolute_error"],
        "early_stopping": [True],
    }
    X, y = diabetes()
    search = GridSearchCV(
        MLPRegressor(**SMALL | {"max_iter": 2}), grid, cv=2, error_score="raise"
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_clones_pickles_and_reprs_have_all_of_them():
    params = {name: values[-1] for name, values in CLASSIFIER_GRID.items()}
    model = MLPClassifier(**SMALL | params)
    for copy in (clone(model), pickle.loads(pickle.dumps(model))):
        assert copy.get_params() == model.get_params()
    changed = {name: value for name, value in params.items() if value is not False}
    for name, value in changed.items():
        assert f"{name}={value!r}" in repr(model)
    X, y = iris()
    fitted = pickle.loads(pickle.dumps(model.fit(X, y)))
    np.testing.assert_array_equal(fitted.predict_proba(X), model.predict_proba(X))
    assert fitted.history_ == model.history_


def test_multilabel_targets_take_them_too():
    X, y = make_multilabel_classification(100, 5, n_classes=3, random_state=0)
    model = MLPClassifier(
        **SMALL, dropout=0.1, batch_norm=True, label_smoothing=0.1, class_weight="balanced"
    ).fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (100, 3)
    np.testing.assert_array_equal(model.predict(X), probabilities > 0.5)
