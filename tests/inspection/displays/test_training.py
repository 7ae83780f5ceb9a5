"""Displays of a training and of what it has found draw what the estimator holds."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import (
    ConvNetClassifier,
    GenerativeAdversarialNetwork,
    KNNClassifier,
    MLPClassifier,
    MLPRegressor,
)
from skdeep.inspection import (
    ActivationDisplay,
    ActivationMonitor,
    LossLandscapeDisplay,
    TrainingCurveDisplay,
    WeightsDisplay,
)
from skdeep.inspection.landscape import filter_normalized_direction
from skdeep.nn import Dense, Network, ReLU, Sequence
from tests.data import digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def fitted():
    X, y = iris()
    net = MLPClassifier((9, 9), max_iter=30, early_stopping=True, random_state=0)
    return net.fit(X, y), X, y


def test_curves_are_those_of_the_history(fitted):
    net, _, _ = fitted
    display = TrainingCurveDisplay.from_estimator(make_pipeline(StandardScaler(), net))
    np.testing.assert_array_equal(display.loss, net.loss_curve_)
    np.testing.assert_array_equal(display.validation_score, net.validation_scores_)
    assert display.best_epoch == 1 + int(np.argmax(net.validation_scores_))
    assert [axes.get_title(loc="left") for axes in display.axes_] == [
        "loss",
        "validation score",
        "learning rate",
        "length of the gradient",
    ]
    assert display.figure_ is display.axes_[0].figure
    assert len(display.axes_[0].get_lines()) == 3  # training, validation, the best epoch


def test_the_two_sides_of_a_game_have_a_curve_each():
    X, _ = iris()
    net = GenerativeAdversarialNetwork(2, (4,), max_iter=4, early_stopping=True, random_state=0)
    display = TrainingCurveDisplay.from_estimator(net.fit(X))
    panel = display.axes_[0]
    assert [text.get_text() for text in panel.get_legend().get_texts()] == [
        "discriminator",
        "generator",
    ]
    for line, name, level in zip(
        panel.get_lines()[::2], ("discriminator_loss", "generator_loss"), (2, 1), strict=False
    ):
        np.testing.assert_array_equal(line.get_ydata(), net.history_[name])
        dotted = panel.get_lines()[panel.get_lines().index(line) + 1]
        np.testing.assert_allclose(dotted.get_ydata(), level * np.log(2))
    assert display.axes_[1].get_title(loc="left") == "validation score"


def test_a_panel_can_be_drawn_into_given_axes(fitted):
    net, _, _ = fitted
    figure, ax = plt.subplots(1, 2)
    display = TrainingCurveDisplay.from_estimator(net, panels=["loss"], ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    one = plt.figure().add_subplot()
    assert TrainingCurveDisplay.from_estimator(net, ax=one).figure_ is one.figure
    with pytest.raises(ValueError, match="draws 4 panels, got 2 axes"):
        display.plot(ax)
    with pytest.raises(ValueError, match=r"'panels' parameter of .* one of 'loss'"):
        display.plot(panels=["speed"])


def test_what_a_training_has_not_is_not_drawn():
    X, y = iris()
    net = MLPClassifier((4,), solver="lbfgs", max_iter=5).fit(X, y)
    display = TrainingCurveDisplay.from_estimator(net)
    assert len(display.axes_) == 2  # loss and gradient
    with pytest.raises(ValueError, match="no 'learning_rate'"):
        display.plot(panels=["learning_rate"])
    with pytest.raises(TypeError, match="got KNNClassifier"):
        TrainingCurveDisplay.from_estimator(KNNClassifier().fit(X, y))


def test_weights_are_drawn_as_the_images_that_they_are():
    X, y = digits(100)
    net = MLPClassifier((6,), max_iter=2, random_state=0).fit(X, y)
    display = WeightsDisplay.from_estimator(net)
    np.testing.assert_array_equal(display.weights[2].ravel(), net.coefs_[0][:, 2])
    shown = display.axes_[2].get_images()[0]
    np.testing.assert_array_equal(shown.get_array(), display.weights[2])
    assert shown.get_clim()[1] == np.abs(display.weights).max() == -shown.get_clim()[0]
    assert WeightsDisplay.from_estimator(net, max_units=4).weights.shape == (4, 8, 8)
    assert WeightsDisplay.from_estimator(net, layer=1).weights.shape == (10, 1, 6)
    assert WeightsDisplay.from_estimator(net, image_shape=(4, 16)).weights.shape == (6, 4, 16)
    with pytest.raises(ValueError, match=r"has 20 numbers, but the layer reads 64"):
        WeightsDisplay.from_estimator(net, image_shape=(4, 5))
    with pytest.raises(ValueError, match=r"'layer' parameter .* \[-2, 1\]"):
        WeightsDisplay.from_estimator(net, layer=2)


def test_filters_of_three_channels_keep_their_colours():
    X = np.random.RandomState(0).uniform(size=(40, 6, 6, 3))
    net = ConvNetClassifier("5 | 4", max_iter=1, random_state=0).fit(X, np.arange(40) % 2)
    display = WeightsDisplay.from_estimator(net)
    assert display.weights.shape == (5, 3, 3, 3)
    pixels = display.axes_[0].get_images()[0].get_array()
    assert pixels.min() >= 0
    assert pixels.max() <= 1


def test_layers_are_drawn_once_as_histograms_and_over_epochs_as_curves(fitted):
    _, X, y = fitted
    monitor = ActivationMonitor()
    net = MLPClassifier((5, 5), max_iter=4, random_state=0).set_callbacks(monitor).fit(X, y)
    curves = ActivationDisplay.from_monitor(monitor)
    assert [axes.get_title(loc="left") for axes in curves.axes_] == [
        "standard deviation of the outputs",
        "dead units",
        "gradient by the outputs",
    ]
    line = curves.axes_[0].get_lines()[0]
    assert list(line.get_xdata()) == [1, 2, 3, 4]
    assert line.get_ydata()[-1] == monitor.statistics[-1][0].deviation
    assert len(ActivationDisplay.from_estimator(net, X).axes_) == 3
    with pytest.raises(ValueError, match="has seen no epoch"):
        ActivationDisplay.from_monitor(ActivationMonitor())


def test_the_loss_at_the_middle_of_a_landscape_is_that_of_the_network(fitted):
    net, X, y = fitted
    before = net.network_.params.copy()
    line = LossLandscapeDisplay.from_estimator(net, X, y, n_points=5)
    plane = LossLandscapeDisplay.from_estimator(net, X, y, plane=True, n_points=5)
    expected = -np.log(net.predict_proba(X)[np.arange(len(y)), y]).mean()
    assert line.loss[2] == pytest.approx(expected)
    assert plane.loss[2, 2] == pytest.approx(expected)
    np.testing.assert_allclose(plane.loss[2], line.loss)
    np.testing.assert_array_equal(net.network_.params, before)


def test_a_line_leads_from_one_network_to_another(fitted):
    net, X, y = fitted
    other = MLPClassifier((9, 9), max_iter=30, random_state=1).fit(X, y)
    display = LossLandscapeDisplay.from_estimator(net, X, y, toward=other, n_points=7)
    at_the_end = np.interp(1.0, display.steps, display.loss)
    assert at_the_end == pytest.approx(
        -np.log(other.predict_proba(X)[np.arange(len(y)), y]).mean(), rel=1e-6
    )
    with pytest.raises(ValueError, match="of the same layers"):
        LossLandscapeDisplay.from_estimator(net, X, y, toward=MLPClassifier((3,)).fit(X, y))
    with pytest.raises(ValueError, match="is a line"):
        LossLandscapeDisplay.from_estimator(net, X, y, toward=other, plane=True)
    with pytest.raises(ValueError, match="needs y"):
        LossLandscapeDisplay.from_estimator(net, X)


def test_a_direction_is_filter_by_filter_as_long_as_the_weights():
    network = Network(Sequence(Dense(4), ReLU(), Dense(2)), (3,), random_state=0)
    network.params[network.n_penalized :] = 7.0
    direction = filter_normalized_direction(network, 0)
    first = slice(0, 12)
    lengths = [
        np.linalg.norm(vector[first].reshape(3, 4), axis=0)
        for vector in (direction, network.params)
    ]
    np.testing.assert_allclose(*lengths)
    assert not direction[network.n_penalized :].any()  # biases stay


def test_the_scale_of_a_unit_does_not_change_the_landscape():
    X, y = iris()
    net = MLPClassifier((6,), max_iter=50, random_state=0).fit(X, y)
    plain = LossLandscapeDisplay.from_estimator(net, X, y, n_points=5).loss
    net.coefs_[0][...] *= 8  # the same network, its units on another scale
    net.intercepts_[0][...] *= 8
    net.coefs_[1][...] /= 8
    scaled = LossLandscapeDisplay.from_estimator(net, X, y, n_points=5).loss
    np.testing.assert_allclose(scaled, plain, rtol=1e-8)


def test_without_matplotlib_there_is_a_clear_error(fitted, monkeypatch):
    net, _, _ = fitted
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(
        ImportError, match=r"TrainingCurveDisplay.plot needs matplotlib.*skdeep\[plot"
    ):
        TrainingCurveDisplay.from_estimator(net)


def test_a_regressor_has_no_accuracy_and_is_drawn_all_the_same():
    X, _ = iris()
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=3).fit(X[:, :3], X[:, 3])
    assert len(TrainingCurveDisplay.from_estimator(net).axes_) == 3
    assert LossLandscapeDisplay.from_estimator(net, X[:, :3], X[:, 3], n_points=3).loss.shape == (
        3,
    )
