"""Quantiles of weighted rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdeep.preprocessing.weighted_quantiles import weighted_quantiles

SHARES = np.linspace(0, 1, 9)
ROWS = st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3)), min_size=1, max_size=30)


@given(ROWS)
def test_weights_are_repetitions(rows):
    x, weight = np.array(rows, dtype=float).T
    repeated = x.repeat(weight.astype(int))
    found = weighted_quantiles(x, SHARES, weight)
    assert_allclose(found, weighted_quantiles(repeated, SHARES))
    if len(repeated):
        assert_allclose(found, np.quantile(repeated, SHARES, method="averaged_inverted_cdf"))
    else:
        assert np.isnan(found).all()


def test_missing_values_do_not_count():
    x = np.array([3.0, np.nan, 1.0, 2.0])
    assert weighted_quantiles(x, [0.5]) == [2.0]
