"""Autoencoders: codes, and what is asked of them."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import (
    check_set_output_transform_pandas,
    check_transformer_get_feature_names_out,
)

from skdeep import Autoencoder
from tests.data import digits, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def grey():
    return digits(300)[0].astype(np.float64)


def correlated():
    return normal((200, 6)) @ normal((6, 6), seed=1) * [3, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("tied", [False, True])
def test_the_linear_one_spans_the_principal_subspace(tied):
    X = correlated()
    model = Autoencoder(
        2, (), alpha=0, solver="lbfgs", tol=1e-9, max_iter=5000, tied_weights=tied, random_state=0
    ).fit(X)
    pca = PCA(2).fit(X)
    decoder = model.coefs_[1].T
    assert subspace_angles(decoder, pca.components_.T).max() < 1e-3
    error = np.square(X - pca.inverse_transform(pca.transform(X))).mean()
    assert_allclose(model.score(X), -error, rtol=1e-6)


def test_four_two_four():
    X = np.eye(4)
    model = Autoencoder(
        2, (), code_activation="logistic", loss="cross_entropy", solver="lbfgs", alpha=1e-3,
        max_iter=500, random_state=0,
    ).fit(X)  # fmt: skip
    assert model.transform(X).shape == (4, 2)
    assert (model.inverse_transform(model.transform(X)).argmax(axis=1) == range(4)).all()
    assert [coef.shape for coef in model.coefs_] == [(4, 2), (2, 4)]


def test_hidden_layers_tell_more_than_principal_components():
    X = grey()
    model = Autoencoder(
        2, (64,), max_iter=150, learning_rate_init=0.005, tol=0, batch_size=50, random_state=0
    ).fit(X)
    pca = PCA(2).fit(X)
    assert -model.score(X) < 0.8 * np.square(X - pca.inverse_transform(pca.transform(X))).mean()


def test_tied_weights_are_one_and_the_same():
    model = Autoencoder(2, (7, 5), tied_weights=True, max_iter=5).fit(correlated())
    shapes = [(6, 7), (7, 5), (5, 2), (2, 5), (5, 7), (7, 6)]
    assert [coef.shape for coef in model.coefs_] == shapes
    for near, far in zip(model.coefs_, model.coefs_[::-1], strict=True):
        assert_allclose(near, far.T)
    assert model.network_.n_penalized == 6 * 7 + 7 * 5 + 5 * 2


@pytest.mark.parametrize("noise", ["gaussian", "masking"])
def test_a_denoising_one_repairs_better(noise):
    X = grey()
    random = np.random.RandomState(0)
    broken = X * (random.rand(*X.shape) > 0.4) if noise == "masking" else X
    broken = broken + (0.4 * random.normal(size=X.shape) if noise == "gaussian" else 0)
    errors = []
    for kind in (None, noise):
        model = Autoencoder(
            32, (), noise=kind, noise_level=0.4, max_iter=60, learning_rate_init=0.01, tol=0,
            batch_size=50, random_state=0,
        ).fit(X)  # fmt: skip
        errors.append(np.square(model.inverse_transform(model.transform(broken)) - X).mean())
    assert errors[1] < 0.8 * errors[0]


def test_a_sparse_code_is_silent_more_often():
    X = grey()
    silent = []
    for sparsity in (0.0, 0.3):
        model = Autoencoder(
            30, (), code_activation="relu", sparsity=sparsity, max_iter=60,
            learning_rate_init=0.01, tol=0, random_state=0,
        ).fit(X)  # fmt: skip
        silent.append((model.transform(X) == 0).mean())
    assert silent[1] > silent[0] + 0.2


def test_a_contractive_code_follows_small_moves_less():
    X = grey()
    moved = []
    for contraction in (0.0, 0.5):
        model = Autoencoder(
            20, (), code_activation="logistic", contraction=contraction, tied_weights=True,
            max_iter=40, learning_rate_init=0.01, tol=0, random_state=0,
        ).fit(X)  # fmt: skip
        step = 1e-4 * normal(X.shape)
        moved.append(np.square(model.transform(X + step) - model.transform(X)).mean())
    assert moved[1] < 0.5 * moved[0]


def test_streams_warm_starts_and_early_stopping():
    X = grey()
    model = Autoencoder(2, (16,), random_state=0, learning_rate_init=0.01)
    scores = [model.partial_fit(X).score(X) for _ in range(20)]
    assert scores[-1] > scores[0]
    warm = Autoencoder(2, (16,), random_state=0, max_iter=5, warm_start=True).fit(X)
    before = warm.score(X)
    assert warm.fit(X).score(X) > before
    early = Autoencoder(
        2, (16,), early_stopping=True, n_iter_no_change=2, tol=1e-3, max_iter=100, random_state=0
    ).fit(X)
    assert len(early.validation_scores_) == early.n_iter_ < 100
    own = Autoencoder(2, (16,), early_stopping=True, max_iter=3, random_state=0).fit(X, X_val=X)
    assert_allclose(own.score(X), own.best_validation_score_)


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_float32_stays_weights_count_and_a_pickle_does_the_same(loss):
    X = grey().astype(np.float32)
    model = Autoencoder(3, (8,), loss=loss, max_iter=3, noise="gaussian", random_state=0).fit(X)
    codes = model.transform(X)
    assert codes.dtype == model.inverse_transform(codes).dtype == np.float32
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(X), codes)
    first = np.arange(len(X)) < 10
    assert_allclose(model.score(X, sample_weight=first), model.score(X[:10]), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:X .* feature names")  # of what the check asks
def test_names_and_containers_of_the_codes():
    model = Autoencoder(2, (4,), max_iter=2)
    for check in (check_transformer_get_feature_names_out, check_set_output_transform_pandas):
        check("Autoencoder", model)
    assert list(model.fit(normal((20, 3))).get_feature_names_out()) == [
        "autoencoder0",
        "autoencoder1",
    ]
    assert str(model.summary((3,))).count("Dense") >= 4


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_components": 0}, "n_components"),
        ({"hidden_layer_sizes": (3, -1)}, "hidden_layer_sizes"),
        ({"activation": "swishy"}, "activation"),
        ({"code_activation": "maxout"}, "code_activation"),
        ({"loss": "log"}, "loss"),
        ({"noise": "salt"}, "noise"),
        ({"noise": "masking", "noise_level": 1.0}, "noise_level below 1"),
        ({"noise": "masking", "solver": "lbfgs"}, "draws noise=.* and cannot use solver"),
        ({"sparsity": -1}, "sparsity"),
        ({"contraction": 1.0}, "encoder of one layer only"),
        ({"contraction": 1.0, "hidden_layer_sizes": (), "code_activation": "gelu"}, "second deri"),
        ({"loss": "cross_entropy"}, "numbers from 0 to 1, but X has some from"),
    ],
)
def test_a_wrong_parameter_is_named_before_any_work(params, message):
    with pytest.raises(ValueError, match=message):
        Autoencoder(**params).fit(normal((20, 3)))


def test_codes_of_another_width_and_samples_far_away_are_refused():
    model = Autoencoder(2, (4,), max_iter=2).fit(normal((20, 3)))
    with pytest.raises(ValueError, match="has 3 features, but Autoencoder has codes of 2"):
        model.inverse_transform(np.ones((1, 3)))
    model.coefs_[0][...] = 10
    with pytest.raises(ValueError, match="no finite output"):
        model.transform(np.full((1, 3), 1e308))


def test_more_epochs_are_asked_for_in_a_warning():
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
        Autoencoder(2, (4,), max_iter=1).fit(normal((20, 3)))
