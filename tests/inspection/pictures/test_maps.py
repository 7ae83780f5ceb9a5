"""Feature maps, occlusion, class activation and preferred inputs are what they are defined as."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from skdeep import ConvNetClassifier, ConvNetRegressor, MLPClassifier
from skdeep.inspection import (
    attribute,
    class_activation_map,
    feature_maps,
    occlusion_map,
    preferred_inputs,
)
from skdeep.nn import Conv2D, GlobalAvgPool2D, ReLU
from tests.data import digits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def fitted():
    X, y = digits(300)
    return ConvNetClassifier("6 | 12", max_iter=6, random_state=0).fit(X, y), X, y


def test_feature_maps_are_the_outputs_of_the_layers(fitted):
    net, X, _ = fitted
    assert feature_maps(net, X[:3]).shape == (3, 8, 8, 6)
    assert feature_maps(net, X[:3], layer=3).shape == (3, 4, 4, 6)
    n_layers = len(net.summary().lines)
    logits = feature_maps(net, X[:3], layer=n_layers - 1)
    log_proba = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(np.exp(log_proba), net.predict_proba(X[:3]), atol=1e-5)
    with pytest.raises(ValueError, match=f"a number from 0 to {n_layers - 1}"):
        feature_maps(net, X, layer=n_layers)


def test_class_activation_is_the_weighted_sum_of_maps_behind_a_mean_over_places():
    X, y = digits(200)
    layers = [Conv2D(5, 3, padding="same"), ReLU(), GlobalAvgPool2D()]
    net = ConvNetClassifier(layers, max_iter=3, random_state=0).fit(X, y)
    maps = feature_maps(net, X[:4], layer=1)
    weights = net.network_.layers()[-1].weight[:, y[:4]].T  # of the class of each picture
    wanted = np.maximum(np.einsum("nhwc,nc->nhw", maps, weights.astype(float)) / 64, 0)
    np.testing.assert_allclose(class_activation_map(net, X[:4], target=y[:4]), wanted, atol=1e-6)


def test_what_is_hidden_in_the_corner_of_the_evidence_costs_probability():
    rng = np.random.RandomState(0)
    X = rng.uniform(0, 0.3, size=(300, 8, 8))
    y = np.arange(300) % 2
    X[y == 1, 5:7, 5:7] += 1.0  # the class is a bright spot
    net = ConvNetClassifier("6 | 12", max_iter=15, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.98
    spots = X[y == 1][:5]
    lost = occlusion_map(net, spots, size=2)
    assert lost.shape == (5, 8, 8)
    assert (lost[:, 5:7, 5:7].mean(axis=(1, 2)) > 0.2).all()
    assert (np.abs(lost[:, :3, :3]).max(axis=(1, 2)) < 0.2).all()
    evidence = np.abs(attribute(net, spots).values)
    assert (evidence[:, 5:7, 5:7].sum(axis=(1, 2)) > 0.5 * evidence.sum(axis=(1, 2))).all()


def test_an_occlusion_is_the_difference_of_two_predictions(fitted):
    net, X, _ = fitted
    whole = occlusion_map(net, X[:1], size=8)
    hidden = np.full((1, 64), X[:1].mean())
    k = net.predict_proba(X[:1])[0].argmax()
    wanted = (net.predict_proba(X[:1]) - net.predict_proba(hidden))[0, k]
    np.testing.assert_allclose(whole, wanted, atol=1e-6)


def test_a_preferred_input_excites_its_unit_more_than_any_sample(fitted):
    net, X, _ = fitted
    found = preferred_inputs(net, X, units=[3, 8], blur=0)
    assert found.shape == (2, 8, 8, 1)
    assert found.min() >= X.min()
    assert found.max() <= X.max()
    last = len(net.summary().lines) - 1
    of_samples, of_found = (
        feature_maps(net, pictures, layer=last) for pictures in (X, found.reshape(2, -1))
    )
    assert of_found[0, 3] > of_samples[:, 3].max()
    assert of_found[1, 8] > of_samples[:, 8].max()
    np.testing.assert_array_equal(found, preferred_inputs(net, X, units=[3, 8], blur=0))
    with pytest.raises(ValueError, match="units must be numbers from 0 to 9"):
        preferred_inputs(net, X, units=[10])


@pytest.mark.parametrize("make", [feature_maps, class_activation_map, occlusion_map])
def test_channels_may_come_first_and_steps_before(make, fitted):
    net, X, y = fitted
    first = ConvNetClassifier("6 | 12", channels_first=True, max_iter=6, random_state=0)
    first.fit(X.reshape(-1, 1, 8, 8), y)
    np.testing.assert_allclose(make(first, X[:2].reshape(-1, 1, 8, 8)), make(net, X[:2]), atol=1e-5)
    pipeline = make_pipeline(MaxAbsScaler(), ConvNetClassifier("6 | 12", max_iter=1)).fit(X, y)
    assert make(pipeline, X[:2]).shape == make(net, X[:2]).shape


def test_what_has_no_pictures_is_refused(fitted):
    net, X, y = fitted
    with pytest.raises(TypeError, match="feature_maps takes a convolutional network, got MLP"):
        feature_maps(MLPClassifier(max_iter=1).fit(X, y), X)
    with pytest.raises(TypeError, match="occlusion_map takes a classifier"):
        occlusion_map(ConvNetRegressor(architecture="4 | 4", max_iter=1).fit(X, y), X)
    with pytest.raises(
        ValueError, match=r"'size' parameter of occlusion_map must be an integer in \[1, 8\]"
    ):
        occlusion_map(net, X, size=9)
    with pytest.raises(ValueError, match="target must be of the classes"):
        occlusion_map(net, X, target=11)


@pytest.mark.parametrize("maps", [feature_maps, class_activation_map, occlusion_map])
def test_pixels_beyond_all_floats_are_refused_without_a_warning(fitted, maps):
    net, X = fitted[:2]
    with np.errstate(all="raise", under="ignore"), pytest.raises(ValueError, match="too large"):
        maps(net, np.full((2, X.shape[1]), np.finfo(float).max))
