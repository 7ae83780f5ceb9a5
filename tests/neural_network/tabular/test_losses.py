"""The losses of the regressor for tables: what is predicted, and how members are averaged."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import (
    d2_pinball_score,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
    mean_tweedie_deviance,
    r2_score,
)

from skdeep import TabularNetRegressor
from skdeep.inspection import attribute, model_card

INTERVAL = {"loss": "quantile", "quantiles": (0.1, 0.5, 0.9)}
GAUSSIAN = {"loss": "gaussian"}
KINDS = [
    {"loss": "absolute_error"},
    {"loss": "huber", "huber_delta": 0.5},
    {"loss": "quantile", "quantile": 0.8},
    INTERVAL,
    GAUSSIAN,
    {"loss": "poisson"},
    {"loss": "gamma"},
    {"loss": "tweedie", "power": 1.2},
]


def regressor(**params):
    params = {"preset": "fast", "hidden_layer_sizes": (32,), "max_iter": 4} | params
    return TabularNetRegressor(**params, random_state=0)


def spreading(n, seed=0):
    """Return a table, and numbers whose mean and deviation depend on it."""
    random = np.random.RandomState(seed)
    X = pd.DataFrame(random.uniform(-1, 1, (n, 2)), columns=["place", "spread"])
    X["kind"] = random.choice(["low", "high"], n)
    mean = 50 + 10 * np.sin(2 * X["place"]) + 5 * (X["kind"] == "high")
    std = 2 + 3 * (1 + X["spread"])
    return X, (mean + std * random.normal(size=n)).to_numpy(), mean, std


X, Y, MEAN, STD = spreading(1500)
SOME, NUMBERS = X[:300], np.exp(Y[:300] / 30)


def test_an_interval_covers_its_share_of_rows_left_out_and_does_not_cross():
    reg = regressor(**INTERVAL, max_iter=40).fit(X, Y)
    other, truth, _, std = spreading(4000, seed=1)
    low, middle, high = reg.predict(other).T
    assert ((low < truth) & (truth < high)).mean() == pytest.approx(0.8, abs=0.03)
    assert (truth < middle).mean() == pytest.approx(0.5, abs=0.04)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert np.abs((high - low) / (2 * norm.ppf(0.9) * std) - 1).mean() < 0.15
    found = reg.predict(other)
    shares = INTERVAL["quantiles"]
    each = [d2_pinball_score(truth, found[:, i], alpha=q) for i, q in enumerate(shares)]
    assert reg.score(other, truth) == pytest.approx(np.mean(each))


def test_deviations_are_near_the_true_ones():
    reg = regressor(**GAUSSIAN, max_iter=40).fit(X, Y)
    other, truth, mean, std = spreading(4000, seed=1)
    found, spread = reg.predict(other, return_std=True)
    assert np.abs(spread / std - 1).mean() < 0.15
    assert np.abs(found - mean).mean() < 1
    best = -norm.logpdf(truth, mean, std).mean()
    assert -norm.logpdf(truth, found, spread).mean() < best + 0.05
    assert reg.score(other, truth) == pytest.approx(r2_score(truth, found))
    assert_array_equal(found, reg.predict(other))


def test_the_deviation_is_that_of_the_mixture_of_members():
    reg = regressor(**GAUSSIAN, preset="default").fit(SOME, Y[:300])
    features = reg._features(SOME)
    weights, means, variances = [], [], []
    for weight, network, architecture in reg._groups():
        outputs = network.outputs(architecture.inputs_of_members(features))
        means.append(outputs[:, :, 0])
        variances.append(np.logaddexp(0, outputs[:, :, 1]) + 1e-6)
        weights += [weight / 8] * 8
    means, variances = np.hstack(means), np.hstack(variances)
    mean = means @ weights
    variance = (variances + (means - mean[:, None]) ** 2) @ weights
    found, spread = reg.predict(SOME, return_std=True)
    assert_allclose(found, mean * reg._targets.scale + reg._targets.mean)
    assert_allclose(spread, np.sqrt(variance) * reg._targets.scale)


def losses_of(params, found, deviation, y, unit):
    """Return scikit-learn's loss of predictions in the units that the networks learn in."""
    match params["loss"]:
        case "squared_error":
            return mean_squared_error(y, found) / unit**2
        case "absolute_error":
            return mean_absolute_error(y, found) / unit
        case "huber":
            far, delta = np.abs(y - found) / unit, params["huber_delta"]
            return np.where(far < delta, far**2 / 2, delta * (far - delta / 2)).mean()
        case "quantile":
            shares = params.get("quantiles", [params.get("quantile")])
            columns = found.reshape(len(y), -1).T
            return sum(
                mean_pinball_loss(y, column, alpha=share) / unit
                for share, column in zip(shares, columns, strict=True)
            )
        case "gaussian":
            return -norm.logpdf(y / unit, found / unit, deviation / unit).mean()
        case "poisson":
            return mean_poisson_deviance(y / unit, found / unit) / 2
        case "gamma":
            return mean_gamma_deviance(y / unit, found / unit) / 2
        case "tweedie":
            return mean_tweedie_deviance(y / unit, found / unit, power=1.2) / 2


@pytest.mark.parametrize("params", [{"loss": "squared_error"}, *KINDS], ids=str)
def test_the_loss_of_the_mix_is_scikit_learns_on_rows_of_the_users_own(params):
    reg = regressor(**params, preset="default")
    reg.fit(SOME[:200], NUMBERS[:200], X_val=SOME[200:], y_val=NUMBERS[200:])
    found, deviation = reg.predict(SOME[200:]), None
    if params["loss"] == "gaussian":
        found, deviation = reg.predict(SOME[200:], return_std=True)
    expected = losses_of(params, found, deviation, NUMBERS[200:], reg._targets.scale[0])
    assert reg.validation_loss_ == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("params", KINDS, ids=str)
def test_every_loss_learns_and_stays_within_the_targets(params):
    reg = regressor(**params, max_iter=12).fit(SOME, NUMBERS)
    assert reg.score(SOME, NUMBERS) > (0.4 if params["loss"] != "quantile" else 0.2)
    far = SOME.assign(place=1e9, spread=-1e9)
    assert NUMBERS.min() <= reg.predict(far).min()
    assert reg.predict(far).max() <= NUMBERS.max()
    copy = pickle.loads(pickle.dumps(reg))
    assert_array_equal(copy.predict(SOME), reg.predict(SOME))
    assert reg.history_["bins"]["validation_loss"][-1] < reg.history_["bins"]["validation_loss"][0]


@pytest.mark.parametrize("params", [INTERVAL, GAUSSIAN, {"loss": "gamma"}], ids=str)
def test_streams_warm_starts_weights_and_cards_work_with_every_kind_of_output(params):
    weight = np.random.RandomState(0).randint(0, 3, 300)
    rows = np.arange(300).repeat(weight)
    weighted = regressor(**params).fit(SOME, NUMBERS, sample_weight=weight)
    repeated = regressor(**params).fit(SOME.iloc[rows], NUMBERS[rows])
    assert_array_equal(weighted.predict(SOME), repeated.predict(SOME))
    warm = clone(weighted).set_params(warm_start=True).fit(SOME, NUMBERS)
    first = warm.history_["bins"]["loss"][0]
    assert warm.fit(SOME, NUMBERS).history_["bins"]["loss"][0] < first
    stream = regressor(**params)
    for _ in range(8):
        stream.partial_fit(SOME, NUMBERS)
    assert stream.score(SOME, NUMBERS) > 0.2
    assert warm.feature_importances_.sum() == pytest.approx(1)
    assert "TabularNetRegressor" in str(model_card(warm, SOME, NUMBERS))


def test_a_fitted_network_predicts_what_it_learned_whatever_the_keywords_say_since():
    reg = regressor(**INTERVAL).fit(SOME, NUMBERS)
    reg.set_params(loss="squared_error", quantiles=None, warm_start=True)
    assert reg.predict(SOME).shape == (300, 3)
    with pytest.raises(ValueError, match="says other things of a target than loss='squared_error'"):
        reg.fit(SOME, NUMBERS)
    with pytest.raises(ValueError, match="says other things"):
        reg.partial_fit(SOME, NUMBERS)
    assert reg.predict(SOME).shape == (300, 3)


def test_a_first_part_of_equal_numbers_gets_its_unit_from_the_next():
    reg = regressor().partial_fit(SOME, np.full(300, 7.0))
    assert_array_equal(reg.predict(SOME), 7.0)
    for _ in range(12):
        reg.partial_fit(SOME, 1e3 * NUMBERS)
    assert reg.score(SOME, 1e3 * NUMBERS) > 0.3


def test_a_constant_has_no_deviation():
    reg = regressor(**GAUSSIAN).fit(SOME, np.full(300, 7.0))
    found, spread = reg.predict(SOME, return_std=True)
    assert_array_equal(found, 7.0)
    assert_array_equal(spread, 0.0)


@pytest.mark.parametrize("params", [INTERVAL, GAUSSIAN, {"loss": "gamma"}], ids=str)
def test_columns_are_told_of_what_is_predicted(params):
    reg = regressor(**params).fit(SOME, NUMBERS)
    target = 2 if params is INTERVAL else None
    found = attribute(reg, SOME[:20], target=target)
    predicted = reg.predict(SOME[:20]).reshape(20, -1)[:, target or 0]
    inside = (predicted > NUMBERS.min()) & (predicted < NUMBERS.max())
    assert_allclose(found.outputs[inside], predicted[inside])
    sums = found.values.sum(axis=1)
    assert_allclose(sums, found.outputs - found.baseline_outputs, atol=0.02 * np.ptp(sums))
    with pytest.raises(ValueError, match="number of one of"):
        attribute(reg, SOME[:2], target=3)


@pytest.mark.parametrize(
    ("params", "y", "message"),
    [
        ({"loss": "gamma"}, 0.0, "y has 0"),
        ({"loss": "poisson"}, -1.0, "y must not be negative"),
        ({"loss": "tweedie"}, -1.0, "y has -1"),
        ({"loss": "cubic"}, 1.0, "'loss' parameter"),
        ({"loss": "quantile", "quantiles": (0.9, 0.1)}, 1.0, "'quantiles' parameter"),
        ({"power": 0.5}, 1.0, "'power' parameter"),
        ({"quantiles": (0.1, 0.9)}, 1.0, "with loss='quantile' alone. Got loss='squared_error'"),
    ],
    ids=str,
)
def test_a_wrong_loss_or_target_is_named(params, y, message):
    bad = NUMBERS.copy()
    bad[3] = y
    with pytest.raises(ValueError, match=message):
        regressor(**params).fit(SOME, bad)
    if message.startswith("y"):
        with pytest.raises(ValueError, match="y_val"):
            regressor(**params).fit(SOME, NUMBERS, X_val=SOME, y_val=bad)


def test_deviations_are_asked_of_those_that_have_them():
    reg = regressor().fit(SOME, NUMBERS)
    with pytest.raises(ValueError, match=r"only with loss='gaussian'.*Got return_std=True"):
        reg.predict(SOME, return_std=True)


def test_a_regressor_that_is_not_fitted_says_so():
    for ask in (regressor().predict, lambda X: regressor().score(X, NUMBERS)):
        with pytest.raises(NotFittedError, match="is not fitted"):
            ask(SOME)
