"""What is kept of members: the end of a fall, or the best epoch of each."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdeep import TabularNetClassifier, TabularNetRegressor
from skdeep.neural_network.tabular.members.kept import Kept
from skdeep.neural_network.tabular.members.recipe import recipe_for
from skdeep.neural_network.tabular.members.training import MemberTraining
from skdeep.nn import AbsoluteError, SoftmaxCrossEntropy, SquaredError


def test_members_are_kept_one_by_one():
    owner = np.array([0, 0, 1, 1, 1])
    kept = Kept(np.zeros(5), owner, [(2, 1), (1, 1)])
    assert kept.loss == np.inf
    outputs = np.arange(4.0).reshape(2, 2, 1)
    kept.take(np.array([False, True]), np.ones(5), np.array([3.0, 4.0]), outputs)
    assert_array_equal(kept.params, [0, 0, 1, 1, 1])
    assert_array_equal(kept.losses, [np.inf, 4])
    assert_array_equal(kept.outputs[1], [[1]])
    state = kept.state()
    kept.take(np.array([True, True]), np.full(5, 2.0), np.array([1.0, 2.0]), outputs)
    assert kept.loss == 1.5
    assert_array_equal(kept.outputs[0], [[0], [2]])
    kept.load(state)
    assert_array_equal(kept.params, [0, 0, 1, 1, 1])
    assert_array_equal(kept.losses, [np.inf, 4])


@pytest.mark.parametrize(
    ("loss", "best", "settled", "kept"),
    [
        (SquaredError(), 1.0, 1.09, "settled"),
        (SoftmaxCrossEntropy(), 1.0, 1.11, "best"),
        (SquaredError(), 1.0, np.inf, "best"),  # no fall has ended
        (SquaredError(), np.inf, np.inf, "best"),
        (AbsoluteError(), 1.0, 1.01, "best"),
    ],
)
def test_the_end_of_a_fall_is_kept_unless_it_is_clearly_worse(loss, best, settled, kept):
    training = object.__new__(MemberTraining)
    training.loss = loss
    training.best, training.settled = SimpleNamespace(loss=best), SimpleNamespace(loss=settled)
    assert training.kept is getattr(training, kept)


@pytest.mark.parametrize(
    ("estimator", "n_epochs", "rival", "stops"),
    [
        (TabularNetRegressor(), 7, 0.75, True),
        (TabularNetRegressor(), 7, 0.85, False),
        (TabularNetRegressor(), 7, -9.0, True),
        (TabularNetRegressor(), 7, np.inf, False),  # the first view
        (TabularNetRegressor(), 3, 0.75, False),  # there is time to catch up
        (TabularNetClassifier(), 7, 0.55, False),  # log losses fall further
        (TabularNetClassifier(), 7, 0.45, True),
        (TabularNetClassifier("best"), 7, 0.01, False),
    ],
)
def test_a_view_far_behind_another_has_no_last_fall(estimator, n_epochs, rival, stops):
    training = object.__new__(MemberTraining)
    recipe = recipe_for(estimator, classifies=isinstance(estimator, TabularNetClassifier))
    training.architecture = SimpleNamespace(recipe=recipe)
    training.n_steps, training._ends, training._after_falls = 100, [1, 3, 7, 15], [2.0]
    training.run, training.best = SimpleNamespace(n_epochs=n_epochs), SimpleNamespace(loss=1.0)
    training._end_fall(rival)
    assert training._stops == stops
