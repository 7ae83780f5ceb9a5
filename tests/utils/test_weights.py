"""Sample weights are validated once for all estimators."""

import numpy as np
import pytest

from skdeep.utils.weights import check_sample_weight

X = np.zeros((3, 2))


def test_none_stays_none_and_a_number_weighs_every_row():
    assert check_sample_weight(None, X) is None
    np.testing.assert_array_equal(check_sample_weight(2, X), [2.0, 2.0, 2.0])


def test_the_type_is_as_asked():
    assert check_sample_weight([1, 2, 3], X, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, 2.0], "inconsistent numbers of samples"),
        ([[1.0], [2.0], [3.0]], "1D array or scalar"),
        ([1.0, -2.0, 3.0], "sample_weight must not be negative: row 1 has the weight -2"),
        ([0.0, 0.0, 0.0], "weights are all zero"),
        ([1.0, np.nan, 1.0], "sample_weight contains NaN"),
    ],
)
def test_bad_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        check_sample_weight(weights, X)
