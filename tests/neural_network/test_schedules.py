"""The learning rate of every epoch, as `history_` tells it."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from skdeep import MLPClassifier, SoftmaxClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_iris(return_X_y=True)
N = len(X)


def rates(**params):
    defaults = {"hidden_layer_sizes": (5,), "max_iter": 6, "random_state": 0, "tol": 0.0}
    defaults |= {"learning_rate_init": 0.1, "n_iter_no_change": np.inf}
    return MLPClassifier(**defaults | params).fit(X, y).history_["learning_rate"]


EXPECTED = {
    "constant": ({}, [0.1] * 6),
    "invscaling": (
        {"power_t": 0.25},
        [0.1, *(0.1 / (N * epoch + 1) ** 0.25 for epoch in range(1, 6))],
    ),
    "step": (
        {"learning_rate_step": 2, "learning_rate_decay": 0.5},
        [0.1, 0.1, 0.05, 0.05, 0.025, 0.025],
    ),
    "exponential": (
        {"learning_rate_step": 2, "learning_rate_decay": 0.25},
        [0.1 * 0.5**epoch for epoch in range(6)],
    ),
    "cosine": (
        {"learning_rate_min": 0.02},
        [0.02 + 0.08 * (1 + np.cos(np.pi * epoch / 6)) / 2 for epoch in range(6)],
    ),
    "cosine_restarts": (
        {"learning_rate_step": 1, "learning_rate_growth": 2, "learning_rate_min": 0.02},
        [0.1, 0.1, 0.06, 0.1, 0.02 + 0.04 * (1 + 0.5**0.5), 0.06],
    ),
    "one_cycle": (
        {},
        [0.004 + 0.096 * (1 - np.cos(np.pi * epoch / 1.8)) / 2 for epoch in range(2)]
        + [
            4e-7 + (0.1 - 4e-7) * (1 + np.cos(np.pi * (epoch - 1.8) / 4.2)) / 2
            for epoch in range(2, 6)
        ],
    ),
    "plateau": (
        {"learning_rate_patience": 1, "learning_rate_decay": 0.5, "tol": 1e3},
        [0.1, 0.1, 0.1, 0.05, 0.05, 0.025],
    ),
}


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("learning_rate", EXPECTED)
def test_each_schedule_with_each_stochastic_solver(learning_rate, solver):
    params, expected = EXPECTED[learning_rate]
    found = rates(learning_rate=learning_rate, solver=solver, **params)
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("learning_rate", EXPECTED)
def test_coming_to_max_iter_warns_unless_it_is_an_end(learning_rate):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        rates(learning_rate=learning_rate)
    found = [warning.category for warning in caught]
    assert found == ([] if learning_rate in ("cosine", "one_cycle") else [ConvergenceWarning])


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_adaptive_divides_by_five_when_there_is_no_progress(solver):
    found = rates(learning_rate="adaptive", solver=solver, n_iter_no_change=1, tol=1e3, max_iter=9)
    np.testing.assert_allclose(found, [0.1, 0.1, 0.1, 0.02, 0.02, 0.004, 0.004, 8e-4, 8e-4])


def test_adaptive_ends_training_once_the_rate_is_negligible():
    found = rates(learning_rate="adaptive", n_iter_no_change=1, tol=1e3, max_iter=200)
    assert len(found) < 30
    assert found[-1] <= 1e-6


@pytest.mark.parametrize("learning_rate", ["constant", "step", "exponential", "cosine"])
def test_warm_up_climbs_in_equal_steps_before_the_schedule_starts(learning_rate):
    found = rates(learning_rate=learning_rate, warmup_epochs=3, max_iter=9)
    np.testing.assert_allclose(found[:4], [0.025, 0.05, 0.075, 0.1])
    later = rates(learning_rate=learning_rate, max_iter=6)
    np.testing.assert_allclose(found[3:], later)


def test_a_schedule_goes_on_through_partial_fit():
    model = MLPClassifier(
        (5,),
        learning_rate="exponential",
        learning_rate_step=1,
        learning_rate_decay=0.5,
        learning_rate_init=0.1,
        random_state=0,
    )
    for _ in range(4):
        model.partial_fit(X, y, classes=[0, 1, 2])
    np.testing.assert_allclose(model.history_["learning_rate"], [0.1, 0.05, 0.025, 0.0125])


@pytest.mark.parametrize(
    ("learning_rate", "minimum", "expected"),
    [
        ("cosine", 0.0, 0.03),
        ("cosine", 0.01, 0.01),
        ("cosine_of_log", 0.0, 0.03),
        ("one_cycle", 0.0, 0.03),
    ],
)
def test_partial_fit_goes_on_learning_after_the_end_of_a_schedule(learning_rate, minimum, expected):
    params = {"learning_rate": learning_rate, "learning_rate_min": minimum, "max_iter": 2}
    params |= {"learning_rate_init": 0.09, "random_state": 0}
    for model in (MLPClassifier((5,), **params), SoftmaxClassifier(solver="adam", **params)):
        for _ in range(4):
            model.partial_fit(X, y, classes=[0, 1, 2])
        stepped = [model.loss_curve_[-1], model.partial_fit(X, y).loss_curve_[-1]]
        assert stepped[0] != stepped[1]
    fitted = MLPClassifier((5,), **params).fit(X, y).partial_fit(X, y).partial_fit(X, y)
    np.testing.assert_allclose(fitted.history_["learning_rate"][2:], [expected] * 2)


def test_the_rate_is_what_the_steps_are_taken_with():
    fast, slow = (
        MLPClassifier(
            (5,), solver="sgd", momentum=0.0, alpha=0.0, max_iter=1, random_state=0, batch_size=N,
            **params,
        ).fit(X, y)
        for params in (
            {"learning_rate_init": 0.01},
            {"learning_rate_init": 0.04, "warmup_epochs": 3},
        )
    )  # fmt: skip
    np.testing.assert_allclose(fast.coefs_[0], slow.coefs_[0], rtol=1e-12)


def by_halves(epoch):
    return 0.5**epoch


def test_a_callable_multiplies_the_initial_rate():
    np.testing.assert_allclose(rates(learning_rate=by_halves), [0.1 * 0.5**i for i in range(6)])
    with pytest.raises(ValueError, match="must return a finite number"):
        rates(learning_rate=lambda epoch: -1)
