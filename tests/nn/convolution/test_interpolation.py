"""Winograd's matrices: a correlation with fewer products."""

import numpy as np
import pytest

from skdeep.nn.convolution.interpolation import POINTS, matrices, transforms

SIZES = [(m, r) for m in range(1, 7) for r in range(1, 6) if m + r - 2 <= len(POINTS)]


@pytest.mark.parametrize(("m", "r"), SIZES)
def test_a_tile_is_a_correlation_of_so_many_outputs(m, r):
    to_values, of_kernel, of_tile = matrices(m, r)
    t = m + r - 1
    assert of_tile.shape == (t, t)
    random = np.random.RandomState(0)
    g, d = random.normal(size=r), random.normal(size=t)
    y = to_values.T @ ((of_kernel @ g) * (of_tile @ d))
    np.testing.assert_allclose(y, np.correlate(d, g), atol=1e-12)


@pytest.mark.parametrize(("m", "r"), [(2, 3), (4, 3), (2, 5)])
def test_in_two_dimensions_the_matrices_act_on_both_sides(m, r):
    kept = transforms(m, r)
    random = np.random.RandomState(0)
    w, tile = random.normal(size=(r, r)), random.normal(size=(kept.t, kept.t))
    values = (kept.of_kernel @ w @ kept.of_kernel.T) * (kept.of_tile @ tile @ kept.of_tile.T)
    expected = [[(tile[i : i + r, j : j + r] * w).sum() for j in range(m)] for i in range(m)]
    y = kept.to_output @ values @ kept.to_output.T
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_f_4_3_are_the_matrices_of_the_paper():
    """A. Lavin and S. Gray give them for the points 0, 1, -1, 2, -2."""
    to_values, of_kernel, of_tile = matrices(4, 3)
    np.testing.assert_allclose(of_tile[0], [4, 0, -5, 0, 1, 0])
    np.testing.assert_allclose(of_tile[3], [0, -2, -1, 2, 1, 0])
    np.testing.assert_allclose(of_kernel[3] * 24, [1, 2, 4])
    np.testing.assert_allclose(to_values[3], [1, 2, 4, 8])


@pytest.mark.parametrize(("m", "r"), [(2, 3), (4, 3), (2, 5)])
def test_one_entry_spreads_evenly_over_the_tile(m, r):
    kept = transforms(m, r)
    np.testing.assert_allclose(kept.to_output[:, kept.constant], 1.0)


def test_too_many_points_are_refused():
    with pytest.raises(ValueError, match=r"F\(8, 3\) needs 9 points, there are 7"):
        matrices(8, 3)
