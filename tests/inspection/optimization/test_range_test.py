"""The learning-rate range test: rates rise step by step on a clone, and a good one is suggested."""

import warnings

import matplotlib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.callback import ProgressBar
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import (
    ConvNetClassifier,
    KNNClassifier,
    LeastSquaresRegressor,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    SoftmaxClassifier,
    SVMClassifier,
    TransformerClassifier,
)
from skdeep.inspection import LearningRateRangeDisplay, learning_rate_range_test
from tests.data import diabetes, digits, iris

matplotlib.use("Agg")


def test_the_rates_rise_by_one_factor_a_step():
    test = learning_rate_range_test(
        MLPClassifier((5,), random_state=0), *iris(), min_rate=1e-4, max_rate=1e-2, n_steps=21
    )
    np.testing.assert_allclose(test.rates_, np.geomspace(1e-4, 1e-2, 21))
    assert len(test.losses_) == 21


def test_the_losses_are_those_of_training_at_those_rates():
    X, y = iris()
    n_steps, params = 8, {"hidden_layer_sizes": (5,), "solver": "sgd", "random_state": 0}
    test = learning_rate_range_test(
        MLPClassifier(**params), X, y, min_rate=0.01, max_rate=1.0, n_steps=n_steps
    )
    rates = np.geomspace(0.01, 1.0, n_steps)  # all data fit into a batch: an epoch is a step
    params |= {"learning_rate": lambda epoch: rates[round(epoch)], "learning_rate_init": 1.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        by_hand = MLPClassifier(**params, max_iter=n_steps).fit(X, y)
    np.testing.assert_allclose(test.losses_, by_hand.loss_curve_)


def test_the_running_mean_is_free_of_the_bias_of_its_start():
    display = LearningRateRangeDisplay([1.0, 2.0, 3.0], [4.0, 4.0, 1.0])
    np.testing.assert_allclose(display.smoothed_losses_[:2], 4.0)
    weights = np.array([0.81, 0.9, 1.0])
    assert display.smoothed_losses_[2] == pytest.approx(weights @ [4, 4, 1] / weights.sum())


@pytest.mark.parametrize(
    ("losses", "place"),
    [
        ([9.0, 9.0, 5.0, 1.0, 30.0, np.inf, np.nan], 3),
        ([3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], 0),
    ],
    ids=["falls and diverges", "rises"],
)
def test_the_suggestion_is_half_of_the_rate_where_the_mean_is_down(losses, place):
    rates = np.geomspace(1e-3, 1e3, 7)
    assert LearningRateRangeDisplay(rates, losses).suggestion_ == pytest.approx(rates[place] / 2)


def test_the_mean_is_down_where_it_has_come_four_fifths_of_its_way():
    rates = np.geomspace(1e-3, 1, 200)
    display = LearningRateRangeDisplay(rates, np.linspace(5.0, 1.0, 200))
    means = display.smoothed_losses_
    place = int(np.flatnonzero(rates / 2 == display.suggestion_)[0])
    wanted = means[0] - 0.8 * (means[0] - means.min())
    assert means[place] <= wanted < means[place - 1]


@pytest.mark.parametrize(
    "estimator",
    [
        MLPClassifier((50,), random_state=0),
        MLPClassifier((50,), solver="sgd", random_state=0),
        MLPClassifier((50,), solver="rmsprop", random_state=0),
        MLPClassifier((50,), solver="adagrad", random_state=0),
        MLPClassifier((50,), batch_norm=True, batch_size=64, random_state=0),
        SoftmaxClassifier(solver="sgd", batch_size=32, random_state=0),
        MLPClassifier((50,), solver="nadam", random_state=0),
        MLPClassifier((50,), solver="lion", random_state=0),
        MLPClassifier((32, 32), batch_size=64, random_state=0),
    ],
    ids=["adam", "sgd", "rmsprop", "adagrad", "batch norm", "softmax", "nadam", "lion", "deep"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_suggested_rate_comes_near_the_best_of_a_grid(estimator):
    """In training loss after ten epochs: it wins nine tenths of what the best rate wins."""
    X, y = digits(1000)

    def loss(rate):
        try:
            model = clone(estimator).set_params(learning_rate_init=rate, max_iter=10)
            return model.fit(X, y).loss_curve_[-1]
        except ValueError:  # it diverged
            return np.inf

    suggested = learning_rate_range_test(estimator, X, y).suggestion_
    best = min(loss(rate) for rate in np.geomspace(1e-4, 10, 11))
    assert loss(suggested) < best + 0.1 * (np.log(10) - best)


def test_it_ends_where_the_loss_diverges():
    model = MLPRegressor(hidden_layer_sizes=(), solver="sgd", momentum=0, random_state=0)
    X, y = diabetes()
    test = learning_rate_range_test(model, X, (y - y.mean()) / y.std(), max_rate=1e4)
    assert len(test.losses_) < 100
    assert test.smoothed_losses_[-1] > 4 * test.smoothed_losses_.min()
    assert test.suggestion_ < 1


def test_a_loss_that_is_not_finite_ends_it_without_an_error():
    X, y = diabetes()
    model = MLPRegressor(hidden_layer_sizes=(5,), loss="poisson", solver="sgd", random_state=0)
    test = learning_rate_range_test(model, X, y, min_rate=1e-9, max_rate=1e6)
    assert not np.isfinite(test.losses_[-1]) or test.smoothed_losses_[-1] > test.losses_[0]
    assert np.isfinite(test.suggestion_)


def test_the_estimator_stays_as_it_is_and_the_result_is_the_same_again():
    X, y = iris()
    model = MLPClassifier((5,)).set_callbacks(ProgressBar())
    before = dict(vars(model))
    first, again = (learning_rate_range_test(model, X, y, n_steps=20) for _ in range(2))
    assert vars(model) == before
    np.testing.assert_array_equal(first.losses_, again.losses_)
    other = learning_rate_range_test(model, X, y, n_steps=20, random_state=1)
    assert not np.array_equal(first.losses_, other.losses_)


def test_a_fitted_estimator_and_its_early_stopping_do_not_get_in_the_way():
    X, y = digits(500)
    model = MLPClassifier((20,), early_stopping=True, n_iter_no_change=1, max_iter=3, average="ema")
    model.set_params(random_state=0, warm_start=True).fit(X, y)
    before = model.network_.params.copy()
    test = learning_rate_range_test(model, X, y, n_steps=50, max_rate=0.01)
    assert len(test.losses_) == 50
    np.testing.assert_array_equal(model.network_.params, before)


def test_at_the_end_of_a_pipeline_the_other_steps_are_fitted_first():
    X, y = diabetes()
    model = MLPRegressor(hidden_layer_sizes=(5,), random_state=0)
    pipeline = make_pipeline(StandardScaler(), model)
    found = learning_rate_range_test(pipeline, 100 * X, y, n_steps=30)
    direct = learning_rate_range_test(model, StandardScaler().fit_transform(100 * X), y, n_steps=30)
    np.testing.assert_array_equal(found.losses_, direct.losses_)
    assert not hasattr(pipeline[0], "mean_")


@pytest.mark.parametrize(
    ("estimator", "shape"),
    [
        (ConvNetClassifier("2 | 3"), (4, 4, 1)),
        (RecurrentClassifier(3), (3, 2)),
        (TransformerClassifier(4, n_heads=1, n_layers=1), (3, 2)),
        (SVMClassifier(solver="momentum"), (3,)),
        (MLPClassifier((3,)), (3,)),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
def test_every_kind_that_has_a_rate_is_tested(estimator, shape):
    random = np.random.RandomState(0)
    X, y = random.normal(size=(40, *shape)), np.arange(40) % 2
    test = learning_rate_range_test(estimator, X, y, n_steps=30)
    assert 0 < test.suggestion_ < 1
    assert len(test.rates_) == len(test.losses_) > 10


def test_weights_count():
    X, y = iris()
    model = MLPClassifier((5,), random_state=0)
    plain = learning_rate_range_test(model, X, y, n_steps=5)
    weighted = learning_rate_range_test(model, X, y, n_steps=5, sample_weight=1.0 + (y == 2))
    assert plain.losses_[0] != weighted.losses_[0]


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (
            KNNClassifier(),
            TypeError,
            r"needs an estimator with a learning_rate_init.*KNNClassifier",
        ),
        (MLPClassifier(solver="lbfgs"), ValueError, r"takes no step.*solver='sgd' or 'adam'"),
        (SoftmaxClassifier(), ValueError, r"takes no step that has a learning rate"),
        (LeastSquaresRegressor(), ValueError, r"takes no step that has a learning rate"),
    ],
)
def test_what_has_no_rate_is_refused(estimator, error, message):
    with pytest.raises(error, match=message):
        learning_rate_range_test(estimator, *iris(), n_steps=5)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"min_rate": 0.0}, "'min_rate' parameter"),
        ({"min_rate": 1.0, "max_rate": 0.1}, "max_rate=0.1"),
        ({"n_steps": 1}, "'n_steps' parameter"),
    ],
)
def test_rates_that_do_not_rise_are_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        learning_rate_range_test(MLPClassifier(), *iris(), **keywords)


def test_an_error_of_the_estimator_is_the_users_to_see():
    with pytest.raises(ValueError, match="'alpha' parameter"):
        learning_rate_range_test(MLPClassifier(alpha=-1), *iris())


def test_the_plot_shows_losses_mean_and_suggestion():
    import matplotlib.pyplot as plt

    model = MLPClassifier((5,), random_state=0)
    display = LearningRateRangeDisplay.from_estimator(model, *iris(), n_steps=40)
    assert display.ax_.get_xscale() == "log"
    assert [line.get_label() for line in display.ax_.get_lines()] == [
        "batches",
        "running mean",
        f"suggestion {display.suggestion_:.2g}",
    ]
    _, ax = plt.subplots()
    assert display.plot(ax) is display
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    plt.close("all")
