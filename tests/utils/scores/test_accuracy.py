"""The accuracy that classifiers share."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from skdeep.utils.scores.accuracy import AccuracyMixin


class _First(AccuracyMixin, BaseEstimator):
    def predict(self, X):
        return X[:, 0]


X = np.array([[0], [1], [1]])


def test_it_is_the_weighted_share_of_right_answers():
    assert _First().score(X, [0, 0, 1]) == pytest.approx(2 / 3)
    assert _First().score(X, [0, 0, 1], [1, 2, 1]) == pytest.approx(1 / 2)
    assert _First().score(X, [0, 0, 1], sample_weight=1e30 * np.ones(3)) == pytest.approx(2 / 3)


@pytest.mark.parametrize("weight", [[0, 0, 0], [1, -1, 1], [1, np.nan, 1], [1, 1], [1e300] * 3])
def test_weights_that_make_no_mean_are_refused(weight):
    with pytest.raises(ValueError, match=r"weight|inconsistent"):
        _First().score(X, [0, 0, 1], weight)
