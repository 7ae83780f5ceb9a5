"""Every metric of scikit-learn lies where it is said to lie."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer_names

from skdeep.model_selection.ranges import possible_scores, range_of


@pytest.mark.parametrize("metric", get_scorer_names())
def test_every_metric_of_scikit_learn_has_an_end(metric):
    low, high = range_of(metric)
    assert low < high
    assert np.isfinite(low) or np.isfinite(high)


def test_a_metric_that_is_not_known_may_be_anything():
    assert range_of("profit") == (-np.inf, np.inf)


def test_every_form_of_scoring_is_understood():
    estimators = [DummyClassifier()]
    assert possible_scores(None, estimators) == {"score": (0, 1)}
    assert possible_scores(None, [DummyRegressor()]) == {"score": (-np.inf, 1)}
    assert possible_scores(["f1", "r2"], estimators) == {"f1": (0, 1), "r2": (-np.inf, 1)}
    given = {"a": "neg_log_loss", "own": lambda *_: 5}
    assert possible_scores(given, estimators) == {"a": (-np.inf, 0)}
    assert possible_scores(lambda *_: 5, estimators) == {}
