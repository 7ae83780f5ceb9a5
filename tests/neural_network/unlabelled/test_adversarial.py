"""Generative adversarial networks: what they find, what they record, what they refuse."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from skdeep import GenerativeAdversarialNetwork
from skdeep.neural_network.unlabelled.energy_distance import energy_distance
from tests.data import digits, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CENTRES = 2 * np.c_[np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)]


def ring(n, seed=0, spread=0.1):
    """Return points round eight centres on a circle of radius 2."""
    rng = np.random.default_rng(seed)
    return CENTRES[rng.integers(8, size=n)] + spread * rng.standard_normal((n, 2))


def near(points, spread=0.1):
    """Return which part of points is within three deviations of each centre."""
    distances = cdist(points, CENTRES)
    good = distances.min(axis=1) < 3 * spread
    return np.bincount(distances[good].argmin(axis=1), minlength=8) / len(points)


def test_all_modes_of_a_ring_are_found_and_most_samples_lie_at_one():
    X = ring(3000).astype(np.float32)
    model = GenerativeAdversarialNetwork(
        2, gradient_penalty=0.1, batch_size=100, max_iter=60, random_state=0
    ).fit(X)
    shares = near(model.sample(5000, random_state=0))
    assert shares.sum() > 0.8
    assert shares.min() > 0.05  # an eighth would be all
    # Neither side can tell: both lose what a coin would.
    history = {name: np.mean(column[-5:]) for name, column in model.history_.items()}
    assert_allclose(history["discriminator_loss"], 2 * np.log(2), atol=0.05)
    assert_allclose(history["generator_loss"], np.log(2), atol=0.05)
    assert model.score(X) > -0.15
    assert model.score(X + 1) < model.score(X) - 0.5


def test_digits_are_of_all_kinds_and_no_copies():
    X, y = digits()
    judge = LogisticRegression(max_iter=1000).fit(X, y)
    model = GenerativeAdversarialNetwork(
        8, gradient_penalty=1.0, unit_interval=True, batch_size=100, max_iter=80, random_state=0
    ).fit(X[:1200].astype(np.float32))
    drawn = model.sample(500, random_state=0)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    told = judge.predict_proba(drawn)
    of_noise = judge.predict_proba(X.mean(axis=0) + X.std(axis=0) * normal((500, 64)))
    assert np.median(told.max(axis=1)) > 0.7 > 0.6 > np.median(of_noise.max(axis=1))
    assert np.bincount(told.argmax(axis=1), minlength=10).min() > 15
    # As far from the nearest training picture as other real pictures are, or farther.
    others = np.median(cdist(X[1200:], X[:1200]).min(axis=1))
    assert np.median(cdist(drawn, X[:1200]).min(axis=1)) > others


def test_the_energy_distance_is_that_of_scipy_in_one_dimension():
    x, y = normal((30, 1)), 2 * normal((50, 1), seed=1) + 0.5
    assert_allclose(energy_distance(x, y), stats.energy_distance(x.ravel(), y.ravel()), rtol=1e-12)
    assert energy_distance(x, x) == 0
    for scale in (1e-200, 1e200):  # whose squares are no numbers
        scaled = energy_distance(scale * x, scale * y)
        assert_allclose(scaled, np.sqrt(scale) * energy_distance(x, y), rtol=1e-12)
    square = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    turned = np.c_[x, x] / np.sqrt(2), np.c_[y, y] / np.sqrt(2)  # along a diagonal
    assert_allclose(energy_distance(*turned), np.sqrt(square), rtol=1e-12)


def test_a_search_goes_by_the_score():
    X = ring(300)
    search = GridSearchCV(
        GenerativeAdversarialNetwork(2, (16,), batch_size=50, random_state=0),
        {"max_iter": [1, 40]}, cv=2,
    ).fit(X)  # fmt: skip
    assert search.best_params_ == {"max_iter": 40}
    assert -1 < search.score(X) == search.best_estimator_.score(X) < 0


def test_early_stopping_keeps_the_epoch_whose_samples_lie_nearest():
    X = ring(300)
    model = GenerativeAdversarialNetwork(
        2, (16,), batch_size=50, max_iter=15, early_stopping=True, random_state=0
    ).fit(X, X_val=X)
    assert model.score(X) == model.best_validation_score_ == max(model.validation_scores_)
    assert_array_equal(model.history_["validation_loss"], -np.array(model.validation_scores_))

    def rightward(estimator, X, y):
        return estimator.sample(100, random_state=0)[:, 0].mean()

    model.set_params(scoring=rightward).fit(X, X_val=X)
    assert model.best_validation_score_ == rightward(model, X, None)


def test_float32_stays_streams_go_on_and_a_pickle_does_the_same():
    X = ring(500).astype(np.float32)
    model = GenerativeAdversarialNetwork(2, (16, 16), batch_size=50, random_state=0)
    model.partial_fit(X)
    before, network = model.score(X), model.network_
    for _ in range(30):
        model.partial_fit(X)
    assert model.score(X) > before
    assert model.network_ is not network
    assert len(model.history_["generator_loss"]) == 31
    assert model.sample(2).dtype == np.float32
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(copy.sample(3, random_state=1), model.sample(3, random_state=1))
    ends = [each.partial_fit(X).sample(3, random_state=1) for each in (copy, model)]
    assert_array_equal(*ends)


def test_samples_are_those_of_the_random_state():
    model = GenerativeAdversarialNetwork(3, (8,), max_iter=1, random_state=0).fit(normal((50, 4)))
    assert model.sample().shape == (1, 4)
    many = model.sample(1000, random_state=5)  # more than a block
    assert_array_equal(many, model.sample(1000, random_state=5))
    assert_allclose(model.sample(10, random_state=5), many[:10], rtol=1e-12)
    assert (model.sample(10, random_state=6) != many[:10]).all()
    for wrong in (0, 2.7, True, "3"):
        with pytest.raises(ValueError, match="n_samples must be an integer of 1 or more"):
            model.sample(wrong)
    with np.errstate(all="raise"):
        assert model.score(normal((50, 4)) * 1e200) < -1e90  # far away, and neither zero nor NaN


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_components": 0}, "'n_components'"),
        ({"hidden_layer_sizes": (0,)}, "'hidden_layer_sizes'"),
        ({"activation": "swishy"}, "'activation'"),
        ({"gradient_penalty": -0.1}, "'gradient_penalty'"),
        ({"unit_interval": "yes"}, "'unit_interval'"),
        ({"n_iter_no_change": 0}, "'n_iter_no_change'"),
        ({"solver": "lbfgs"}, "draws samples in training and cannot use solver='lbfgs'"),
        ({"unit_interval": True}, "unit_interval=True takes numbers from 0 to 1, but X has some"),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named_before_any_work(params, message):
    model = GenerativeAdversarialNetwork(**params)
    with pytest.raises(ValueError, match=message):
        model.fit(normal((20, 3)))
    assert vars(model) == model.get_params()
