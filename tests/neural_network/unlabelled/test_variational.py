"""Variational autoencoders: bounds, codes, and samples."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA

from skdeep import VariationalAutoencoder
from tests.data import digits, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def linear():
    """Return normal data of two directions and noise, and the linear model of it."""
    X = normal((500, 2)) @ normal((2, 5), seed=1) * 0.7 + 0.5 * normal((500, 5), seed=2) + 1
    model = VariationalAutoencoder(
        2, (), alpha=0, batch_size=50, learning_rate_init=0.02, learning_rate="cosine",
        max_iter=300, tol=0, n_iter_no_change=300, random_state=0,
    ).fit(X)  # fmt: skip
    return X, model


def test_the_bound_of_a_linear_one_reaches_the_likelihood_of_probabilistic_pca(linear):
    X, model = linear
    likelihood = PCA(2).fit(X).score(X)
    assert likelihood - 0.01 < model.score(X) < likelihood + 1e-3
    assert_allclose(model.noise_std_, np.sqrt(PCA(2).fit(X).noise_variance_), rtol=0.02)


def test_samples_of_a_linear_one_have_the_moments_of_the_data(linear):
    X, model = linear
    drawn = model.sample(20_000, random_state=0, noise=True)
    assert_allclose(drawn.mean(axis=0), X.mean(axis=0), atol=0.1)
    assert_allclose(np.cov(drawn.T), np.cov(X.T), atol=0.15)
    again = model.sample(20_000, random_state=0, noise=True)
    np.testing.assert_array_equal(drawn, again)
    assert np.var(model.sample(1000, random_state=0)) < np.var(drawn)


def test_digits_are_told_better_than_by_their_means():
    X = digits(600)[0]
    model = VariationalAutoencoder(
        4, (64,), decoder="bernoulli", max_iter=60, batch_size=50, learning_rate_init=0.003, tol=0,
        random_state=0,
    ).fit(X)  # fmt: skip
    p = X.mean(axis=0).clip(1e-3, 1 - 1e-3)
    alone = (X * np.log(p) + (1 - X) * np.log(1 - p)).sum(axis=1).mean()
    assert model.score(X) > alone + 2
    drawn = model.sample(50, random_state=0)
    assert (drawn >= 0).all()
    assert (drawn <= 1).all()
    assert set(np.unique(model.sample(5, noise=True))) == {0.0, 1.0}
    assert model.noise_std_ is None
    assert_allclose(model.score_samples(X).mean(), model.score(X))


def test_a_heavier_divergence_makes_codes_simpler():
    X = digits(200)[0]
    spread = [
        VariationalAutoencoder(2, (16,), beta=beta, max_iter=60, tol=0, random_state=0)
        .fit(X)
        .transform(X)
        .std()
        for beta in (0.1, 20.0)
    ]
    assert spread[1] < 0.5 * spread[0]


def test_early_stopping_goes_by_the_bound():
    X = digits(200)[0]
    model = VariationalAutoencoder(
        2, (16,), early_stopping=True, max_iter=10, learning_rate_init=0.01, random_state=0
    ).fit(X, X_val=X)
    assert_allclose(model.score(X), model.best_validation_score_)


def test_float32_stays_streams_go_on_and_a_pickle_does_the_same():
    X = digits(100)[0].astype(np.float32)
    model = VariationalAutoencoder(2, (8,), random_state=0).partial_fit(X)
    before = model.score(X)
    for _ in range(20):
        model.partial_fit(X)
    assert model.score(X) > before
    assert model.transform(X).dtype == model.sample(2).dtype == np.float32
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.sample(3, random_state=1), model.sample(3, random_state=1))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"decoder": "poisson"}, "decoder"),
        ({"beta": -1}, "beta"),
        ({"solver": "lbfgs"}, "draws codes in training"),
        ({"decoder": "bernoulli"}, "numbers from 0 to 1, but X has some from"),
    ],
)
def test_a_wrong_parameter_is_named_before_any_work(params, message):
    with pytest.raises(ValueError, match=message):
        VariationalAutoencoder(**params).fit(normal((20, 3)))


def test_no_sample_is_refused():
    model = VariationalAutoencoder(2, (4,), max_iter=1).fit(normal((20, 3)))
    with pytest.raises(ValueError, match="n_samples must be an integer of 1 or more"):
        model.sample(0)
