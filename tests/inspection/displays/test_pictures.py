"""Displays for convolutional networks draw what the functions return."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdeep import ConvNetClassifier, KNNClassifier
from skdeep.inspection import (
    ConfusionGalleryDisplay,
    EvidenceDisplay,
    FeatureMapDisplay,
    PreferredInputDisplay,
    class_activation_map,
    feature_maps,
    occlusion_map,
)
from tests.data import digits

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def fitted():
    X, y = digits(200)
    return ConvNetClassifier("6 | 12", max_iter=2, random_state=0).fit(X, y), X, y


def test_the_picture_stands_before_its_maps(fitted):
    net, X, _ = fitted
    display = FeatureMapDisplay.from_estimator(net, X[5], layer=2)
    assert len(display.axes_) == 7
    np.testing.assert_allclose(
        display.axes_[3].get_images()[0].get_array(), feature_maps(net, X[5:6], 2)[0, :, :, 2]
    )
    assert FeatureMapDisplay.from_estimator(net, X[5], max_maps=2).maps.shape == (8, 8, 2)
    with pytest.raises(ValueError, match="is no picture any more"):
        FeatureMapDisplay.from_estimator(net, X[5], layer=4)


def test_evidence_is_drawn_kind_by_kind(fitted):
    net, X, _ = fitted
    display = EvidenceDisplay.from_estimator(net, X, maps=("occlusion", "class_activation"))
    assert len(display.axes_) == 18
    assert display.titles == [str(label) for label in net.predict(X[:6])]
    drawn = [axes.get_images()[0].get_array() for axes in display.axes_]
    np.testing.assert_allclose(drawn[7], occlusion_map(net, X[:6])[1])
    np.testing.assert_allclose(drawn[13], class_activation_map(net, X[:6])[1])
    with pytest.raises(ValueError, match=r"'maps' parameter of .* one of 'saliency'"):
        EvidenceDisplay.from_estimator(net, X, maps=("aura",))


def test_preferred_inputs_have_the_names_of_their_classes(fitted):
    net, X, _ = fitted
    display = PreferredInputDisplay.from_estimator(net, X, units=[2, 5], n_steps=3)
    assert [axes.get_title() for axes in display.axes_] == ["2", "5"]
    inside = PreferredInputDisplay.from_estimator(net, X, layer=0, n_steps=3)
    assert inside.titles == [f"unit {k}" for k in range(6)]


def test_the_gallery_shows_mistakes_alone_the_surest_first(fitted):
    net, X, y = fitted
    display = ConfusionGalleryDisplay.from_estimator(net, X, y, max_pictures=5)
    assert (display.true != display.predicted).all()
    assert (np.diff(display.probability) <= 0).all()
    assert display.n_wrong == (net.predict(X) != y).sum()
    first = display.axes_[0].get_title()
    assert first.startswith(f"{display.true[0]} → {display.predicted[0]}")
    one = KNNClassifier(n_neighbors=1).fit(X, y)
    with pytest.raises(ValueError, match="there is no mistake to show"):
        ConfusionGalleryDisplay.from_estimator(one, X, y)
    with pytest.raises(ValueError, match="does not go with samples"):
        ConfusionGalleryDisplay.from_estimator(net, X, y, image_shape=(3, 3))
