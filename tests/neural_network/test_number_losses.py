"""The regressors' losses: deviances of a logarithmic mean, means with deviations, quantiles."""

import pickle

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.linear_model import TweedieRegressor
from sklearn.metrics import d2_pinball_score, mean_tweedie_deviance, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import check_estimator

from skdeep import (
    ConvNetRegressor,
    MLPRegressor,
    RecurrentRegressor,
    TransformerRegressor,
)
from skdeep.inspection import attribute
from tests.data import diabetes, digits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.02, "max_iter": 30, "random_state": 0}
SEVERAL = {"loss": "quantile", "quantiles": (0.1, 0.5, 0.9)}
NAMED = [{"loss": "gaussian"}, SEVERAL, {"loss": "gamma"}, {"loss": "tweedie"}]
MEANS = [{"loss": "poisson"}, {"loss": "gamma"}, {"loss": "tweedie"}]


def spreading(n=2000):
    """Return numbers whose mean and deviation both depend on one feature."""
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (n, 1))
    mean, std = 2 * X.ravel(), 0.3 + 0.25 * (1 + X.ravel())
    return X, mean + std * rng.normal(size=n), mean, std


def positive(n=400):
    """Return numbers above zero whose mean is an exponential of two features."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(n, 2))
    return X, rng.gamma(2.0, np.exp(0.5 * X[:, 0] - 0.3 * X[:, 1]) / 2)


# Deviances


@pytest.mark.parametrize("power", [0, 1, 1.5, 2, 3])
def test_a_linear_network_is_scikit_learns_tweedie_regressor(power):
    X, y = positive()
    theirs = TweedieRegressor(power=power, link="log", alpha=0.1, tol=1e-9, max_iter=1000)
    theirs.fit(X, y)
    params = {"alpha": 0.1 * len(X), "solver": "newton", "max_iter": 200, "tol": 1e-9}
    net = MLPRegressor("tweedie", (), power=power, **params, random_state=0).fit(X, y)
    np.testing.assert_allclose(net.coefs_[0].ravel(), theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(net.predict(X), theirs.predict(X), rtol=1e-4)


@pytest.mark.parametrize(
    ("params", "power"),
    [({"loss": "gamma"}, 2), ({"loss": "tweedie"}, 1.5), ({"loss": "tweedie", "power": 3}, 3)],
    ids=str,
)
def test_the_validation_loss_is_half_scikit_learns_deviance(params, power):
    X, y = positive()
    net = MLPRegressor(**SMALL | params).fit(X, y, X_val=X, y_val=y)
    deviance = mean_tweedie_deviance(y, net.predict(X), power=power)
    assert net.validation_loss_curve_[-1] == pytest.approx(deviance / 2)
    assert net.out_activation_ == "exp"
    assert (net.predict(X) > 0).all()


@pytest.mark.parametrize("params", MEANS, ids=str)
def test_a_standardized_target_is_divided_by_its_mean(params):
    X, y = positive()
    ours, in_cents = (
        MLPRegressor(**SMALL | params, standardize_target=True).fit(X, unit * y)
        for unit in (1, 1e5)
    )
    np.testing.assert_allclose(in_cents.predict(X), 1e5 * ours.predict(X), rtol=1e-6)
    assert ours.target_mean_ == 0
    assert in_cents.target_scale_ == pytest.approx(1e5 * y.mean())
    assert d2_of_mean(y, ours.predict(X)) > 0.2
    plain = MLPRegressor(**SMALL | params).fit(X, 1e5 * y)
    # Poisson's begins as scikit-learn's does, and is nowhere near in thirty epochs.
    assert (d2_of_mean(1e5 * y, plain.predict(X)) > 0.2) == (params["loss"] != "poisson")


@pytest.mark.parametrize("params", MEANS, ids=str)
def test_a_constant_mean_is_predicted_to_the_last_digit(params):
    X, y = positive(30)
    net = MLPRegressor(**SMALL | params, standardize_target=True)
    np.testing.assert_array_equal(net.partial_fit(X, np.full(30, 0.1)).predict(X), 0.1)
    net.partial_fit(X, np.zeros(30) if params["loss"] != "gamma" else np.full(30, 0.2))
    assert (net.predict(X) != 0.1).all()
    net = MLPRegressor(**SMALL | params, standardize_target=True)
    net.partial_fit(X, np.full(30, 0.1)).partial_fit(X, y)
    np.testing.assert_allclose(net.target_scale_, y.mean())


@pytest.mark.parametrize("weighted", [False, True])
def test_outputs_that_are_logarithms_of_means_begin_there(weighted):
    X = [np.zeros((n, 2)) for n in (3, 5, 4)]
    y = [np.full((len(x), 2), 1e3 * len(x)) for x in X]
    weight = np.array([1.0, 2.0, 0.0]) if weighted else np.ones(3)
    params = {"max_iter": 1, "learning_rate_init": 1e-9, "per_step": True}
    net = RecurrentRegressor((4,), loss="poisson", **params).fit(X, y, weight)
    steps = weight * [3, 5, 4]
    found = np.concatenate(net.predict(X))
    np.testing.assert_allclose(found, 1e3 * (steps @ [3, 5, 4]) / steps.sum(), rtol=1e-3)


def d2_of_mean(y, predictions):
    mean = np.full_like(y, y.mean())
    return 1 - mean_tweedie_deviance(y, predictions, power=2) / mean_tweedie_deviance(
        y, mean, power=2
    )


@pytest.mark.parametrize(
    ("params", "y", "message"),
    [
        ({"loss": "gamma"}, 0.0, r"loss='gamma' is for numbers above 0: y has 0\."),
        ({"loss": "tweedie"}, -1.0, r"power=1.5 is for numbers of at least 0: y has -1\."),
        ({"loss": "tweedie", "power": 2}, 0.0, r"power=2 is for numbers above 0: y has 0\."),
        ({"loss": "tweedie", "power": 3}, -2.0, r"power=3 is for numbers above 0: y has -2\."),
        ({"loss": "tweedie", "power": 1}, -2.0, r"power=1 is for numbers of at least 0"),
        ({"loss": "poisson"}, -2.0, r"y must not be negative, got -2"),
    ],
    ids=str,
)
def test_a_target_that_is_none_of_the_distribution_is_named(params, y, message):
    X, good = positive(50)
    bad = good.copy()
    bad[3] = y
    with pytest.raises(ValueError, match=message):
        MLPRegressor(**SMALL | params).fit(X, bad)
    with pytest.raises(ValueError, match=r"y_val (has|must)"):
        MLPRegressor(**SMALL | params).fit(X, good, X_val=X, y_val=bad)


def test_targets_may_be_zero_or_anything_where_the_power_allows_it():
    X, y = positive(60)
    y[::3] = 0
    assert np.isfinite(MLPRegressor(**SMALL, loss="tweedie").fit(X, y).loss_)
    assert np.isfinite(MLPRegressor(**SMALL, loss="tweedie", power=0).fit(X, y - 1).loss_)


# A mean and a deviation


@pytest.mark.parametrize("standardize_target", [False, True])
def test_mean_and_deviation_are_found(standardize_target):
    X, y, mean, std = spreading()
    params = SMALL | {"loss": "gaussian", "max_iter": 100, "learning_rate": "cosine"}
    net = MLPRegressor(**params, standardize_target=standardize_target).fit(X, y)
    found, spread = net.predict(X, return_std=True)
    np.testing.assert_array_equal(found, net.predict(X))
    assert found.shape == spread.shape == (2000,)
    assert np.abs(found - mean).mean() < 0.08
    assert np.abs(spread / std - 1).mean() < 0.08
    assert net.score(X, y) == pytest.approx(r2_score(y, found))
    # The loss is that of the density, in the units that the network learns in.
    scale = net.target_scale_[0] if standardize_target else 1.0
    net.set_params(max_iter=1).fit(X, y, X_val=X, y_val=y)
    exact = -norm.logpdf(y, *net.predict(X, return_std=True)).mean() - np.log(scale)
    assert net.validation_loss_curve_[-1] == pytest.approx(exact)


def test_deviations_are_in_the_unit_of_the_target():
    X, y, _, _ = spreading(300)
    params = SMALL | {"loss": "gaussian", "standardize_target": True}
    one, other = (MLPRegressor(**params).fit(X, unit * y + 7) for unit in (1, 1e6))
    np.testing.assert_allclose(
        other.predict(X, return_std=True)[1], 1e6 * one.predict(X, return_std=True)[1], rtol=1e-6
    )


def test_each_of_several_targets_has_a_deviation():
    X, y, _, _ = spreading(500)
    Y = np.column_stack([y, -10 * y, np.full(500, 3.0)])
    params = SMALL | {"loss": "gaussian", "standardize_target": True, "max_iter": 100}
    net = MLPRegressor(**params).fit(X, Y)
    mean, std = net.predict(X, return_std=True)
    assert mean.shape == std.shape == (500, 3)
    assert np.median(std[:, 1] / std[:, 0]) == pytest.approx(10, rel=0.2)
    assert net.n_outputs_ == 6
    np.testing.assert_array_equal(mean[:, 2], 3.0)  # a constant, of which it is certain
    np.testing.assert_array_equal(std[:, 2], 0.0)


def test_only_a_network_that_learned_deviations_tells_them():
    X, y, _, _ = spreading(100)
    net = MLPRegressor(**SMALL).fit(X, y)
    with pytest.raises(ValueError, match=r"only with loss='gaussian'.*Got return_std=True"):
        net.predict(X, return_std=True)
    gaussian = MLPRegressor(**SMALL, loss="gaussian").fit(X, y)
    gaussian.set_params(loss="squared_error")
    assert len(gaussian.predict(X, return_std=True)) == 2


# Several quantiles


@pytest.mark.parametrize("standardize_target", [False, True])
def test_several_quantiles_cover_their_shares_and_never_cross(standardize_target):
    X, y, _, _ = spreading()
    quantiles = (0.05, 0.25, 0.5, 0.75, 0.95)
    params = SMALL | {"loss": "quantile", "quantiles": quantiles, "max_iter": 60}
    params |= {"standardize_target": standardize_target, "learning_rate": "cosine"}
    net = MLPRegressor(**params).fit(X, y)
    found = net.predict(X)
    assert found.shape == (2000, 5)
    assert (np.diff(found, axis=1) > 0).all()
    far = net.predict(100 * X)
    assert (np.diff(far, axis=1) >= 0).all()
    np.testing.assert_allclose((y[:, None] <= found).mean(axis=0), quantiles, atol=0.03)
    each = [d2_pinball_score(y, found[:, i], alpha=q) for i, q in enumerate(quantiles)]
    assert net.score(X, y) == pytest.approx(np.mean(each))
    assert min(each) > 0.3


def test_several_targets_have_an_axis_of_quantiles_behind_them():
    X, y, _, _ = spreading(500)
    Y = np.column_stack([y, 10 * y])
    params = SMALL | SEVERAL | {"standardize_target": True, "max_iter": 100}
    net = MLPRegressor(**params).fit(X, Y)
    found = net.predict(X)
    assert found.shape == (500, 2, 3)
    assert (np.diff(found, axis=2) > 0).all()
    np.testing.assert_allclose(
        (Y[:, :, None] <= found).mean(axis=0)[0], SEVERAL["quantiles"], atol=0.05
    )
    each = [
        d2_pinball_score(Y[:, j], found[:, j, i], alpha=q)
        for i, q in enumerate(SEVERAL["quantiles"])
        for j in range(2)
    ]
    assert net.score(X, Y) == pytest.approx(np.mean(each))


def test_quantiles_of_another_loss_are_refused():
    with pytest.raises(ValueError, match=r"0.9\) with loss='quantile' alone. Got loss="):
        MLPRegressor(quantiles=SEVERAL["quantiles"]).fit(*positive(9))


def test_one_of_quantiles_learns_what_the_quantile_does():
    X, y, _, _ = spreading(300)
    one = MLPRegressor(**SMALL, loss="quantile", quantile=0.3).fit(X, y)
    several = MLPRegressor(**SMALL, loss="quantile", quantiles=[0.3]).fit(X, y)
    assert several.predict(X).shape == (300, 1)
    np.testing.assert_allclose(several.predict(X)[:, 0], one.predict(X), rtol=1e-7)


# All of them


@pytest.mark.parametrize("params", NAMED, ids=str)
@pytest.mark.parametrize("standardize_target", [False, True])
def test_a_weight_means_repetition(params, standardize_target):
    X, y = positive(60)
    counts = np.random.RandomState(0).randint(0, 4, len(X))
    params = params | {"solver": "lbfgs", "alpha": 0.0, "max_iter": 3, "random_state": 0}
    net = MLPRegressor(hidden_layer_sizes=(4,), standardize_target=standardize_target, **params)
    weighted = clone(net).fit(X, y, counts)
    repeated = clone(net).fit(X.repeat(counts, 0), y.repeat(counts))
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-6)


def test_a_weight_means_repetition_of_a_sequence_whose_steps_have_targets():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in (3, 5, 4)]
    y, counts = [9 * x[:, 0] + 5 for x in X], np.array([3, 0, 1])
    params = {"per_step": True, "standardize_target": True, "solver": "lbfgs", "max_iter": 2}
    net = RecurrentRegressor((4,), **params, random_state=0)
    weighted = clone(net).fit(X, y, counts)
    repeated = clone(net).fit([X[0]] * 3 + X[2:], [y[0]] * 3 + y[2:])
    np.testing.assert_allclose(weighted.target_mean_, repeated.target_mean_)
    np.testing.assert_allclose(weighted.predict(X)[1], repeated.predict(X)[1], rtol=1e-6)


@pytest.mark.parametrize("params", NAMED, ids=str)
def test_early_stopping_streams_pickles_searches_and_warm_starts(params):
    X, y = positive()
    early = MLPRegressor(**SMALL | params, early_stopping=True).fit(X, y)
    assert early.best_validation_score_ == max(early.validation_scores_) > 0.05
    by_loss = MLPRegressor(**SMALL | params, early_stopping=True, scoring="loss").fit(X, y)
    assert by_loss.best_validation_score_ == -min(by_loss.validation_loss_curve_)
    stream = MLPRegressor(**SMALL | params, standardize_target=True)
    for _ in range(30):
        stream.partial_fit(X, y)
    assert stream.score(X, y) > 0.05
    copy = pickle.loads(pickle.dumps(stream))
    np.testing.assert_array_equal(copy.predict(X), stream.predict(X))
    np.testing.assert_array_equal(
        copy.partial_fit(X, y).predict(X), stream.partial_fit(X, y).predict(X)
    )
    search = GridSearchCV(clone(stream), {"alpha": [1e-4, 1e-2]}, cv=3).fit(X, y)
    assert search.best_score_ > 0
    warm = MLPRegressor(**SMALL | params, warm_start=True).fit(X, y)
    before = warm.loss_
    assert warm.fit(X, y).loss_ < before


@pytest.mark.parametrize("standardize_target", [False, True])
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"loss": "gaussian"}),
        ({"loss": "gaussian"}, {"loss": "quantile", "quantiles": (0.2, 0.8)}),
        (SEVERAL, {"quantiles": (0.1, 0.6, 0.9)}),
        (SEVERAL, {"quantiles": None}),
    ],
    ids=str,
)
def test_a_network_does_not_go_on_with_other_outputs(first, then, standardize_target):
    X, y = positive(60)
    net = MLPRegressor(**SMALL, warm_start=True, standardize_target=standardize_target)
    net.set_params(**first).fit(X, y)
    predictions = net.predict(X)
    net.set_params(**then)
    for method in (net.fit, net.partial_fit):
        with pytest.raises(ValueError, match="says other things of a target than loss="):
            method(X, y)
    np.testing.assert_array_equal(net.predict(X), predictions)


def test_a_standardized_target_that_was_shifted_is_not_taken_for_a_mean_above_zero():
    X, y = positive(60)
    net = MLPRegressor(**SMALL, warm_start=True, standardize_target=True).fit(X, y)
    with pytest.raises(ValueError, match="says other things"):
        net.set_params(loss="gamma").fit(X, y)
    plain = MLPRegressor(**SMALL, warm_start=True).fit(X, y)
    plain.set_params(loss="gamma", max_iter=1).fit(X, y)


@pytest.mark.parametrize("params", [{"loss": "gaussian"}, SEVERAL], ids=str)
@pytest.mark.parametrize(
    "model",
    [
        ConvNetRegressor(architecture="4 | 8", max_iter=5, random_state=0),
        ConvNetRegressor(
            architecture="4 | 8",
            max_iter=5,
            augment="shift",
            test_time_augmentation=2,
            random_state=0,
        ),
        RecurrentRegressor(
            hidden_layer_sizes=(8,), sequence_shape=(8, 8), max_iter=5, random_state=0
        ),
        TransformerRegressor(width=8, n_heads=2, sequence_shape=(8, 8), max_iter=5, random_state=0),
    ],
    ids=["pictures", "augmented", "recurrent", "transformer"],
)
def test_every_network_takes_them(model, params):
    X, y = digits(200)
    net = clone(model).set_params(**params, standardize_target=True).fit(X, y)
    if params["loss"] == "gaussian":
        mean, std = net.predict(X, return_std=True)
        assert mean.shape == std.shape == (200,)
        assert (std > 0).all()
    else:
        found = net.predict(X)
        assert found.shape == (200, 3)
        assert (np.diff(found, axis=1) > 0).all()
    assert np.isfinite(net.score(X, y))


def test_each_step_of_a_sequence_has_its_deviation_and_its_quantiles():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in (3, 5, 4, 5) * 10]
    y = [x[:, 0] + 0.1 for x in X]
    params = {"hidden_layer_sizes": (4,), "per_step": True, "max_iter": 5, "random_state": 0}
    mean, std = RecurrentRegressor(loss="gaussian", **params).fit(X, y).predict(X, return_std=True)
    assert [len(row) for row in mean] == [len(row) for row in std] == [len(x) for x in X]
    net = RecurrentRegressor(**params | SEVERAL).fit(X, y)
    assert [row.shape for row in net.predict(X)] == [(len(x), 3) for x in X]
    assert np.isfinite(net.score(X, y))
    same = RecurrentRegressor(loss="gaussian", **params).fit(
        [x[:3] for x in X], [row[:3] for row in y]
    )
    mean, std = same.predict([x[:3] for x in X], return_std=True)
    assert mean.shape == std.shape == (40, 3)


def test_a_solver_of_the_second_order_takes_them():
    X, y = positive(60)
    for params in NAMED:
        net = MLPRegressor(hidden_layer_sizes=(3,), **params, solver="newton", random_state=0)
        assert net.fit(X, y).loss_ < net.loss_curve_[0]


def test_gradients_add_up_to_what_is_predicted():
    X, y = positive(60)
    net = MLPRegressor(**SMALL, loss="gaussian", standardize_target=True).fit(X, y)
    parts = attribute(net, X[:5])
    np.testing.assert_allclose(parts.outputs, net.predict(X[:5]))
    log_mean = MLPRegressor(**SMALL, loss="gamma", standardize_target=True).fit(X, y)
    scale = log_mean.target_scale_[0]
    found = attribute(log_mean, X[:5]).outputs
    np.testing.assert_allclose(scale * np.exp(found), log_mean.predict(X[:5]))


def test_scikit_learn_finds_them_regressors():
    X, y = diabetes()
    net = MLPRegressor(**SMALL, loss="gaussian", standardize_target=True)
    assert cross_val_score(net, X, y, cv=3).mean() > 0.2
    cheap = {"hidden_layer_sizes": (20,), "max_iter": 200, "learning_rate_init": 0.01}
    results = check_estimator(MLPRegressor(**cheap, loss="gaussian"), on_skip=None, on_fail=None)
    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
    results = check_estimator(MLPRegressor(**cheap, **SEVERAL), on_skip=None, on_fail=None)
    # Those that want a prediction of the shape of y.
    assert {r["check_name"] for r in results if r["status"] == "failed"} == {
        "check_regressors_train",
        "check_estimator_sparse_array",
        "check_estimator_sparse_matrix",
    }
