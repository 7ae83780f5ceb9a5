"""Winograd's matrices: a correlation with fewer products."""

import numpy as np
import pytest

from skdeep.nn.convolution.winograd.interpolation import (
    CONSTANT,
    POINTS,
    backward,
    forward,
    matrices,
)

SIZES = [(m, r) for m in range(1, 7) for r in range(1, 6) if m + r - 2 <= len(POINTS)]
STRIDED = [(2, 3, 1), (4, 3, 1), (2, 5, 1), (2, 3, 2), (4, 3, 2), (3, 5, 2), (2, 5, 3), (2, 2, 2)]


@pytest.mark.parametrize(("m", "r"), SIZES)
def test_a_tile_is_a_correlation_of_so_many_outputs(m, r):
    to_values, of_kernel, of_tile = matrices(m, r)
    t = m + r - 1
    assert of_tile.shape == (t, t)
    random = np.random.RandomState(0)
    g, d = random.normal(size=r), random.normal(size=t)
    y = to_values.T @ ((of_kernel @ g) * (of_tile @ d))
    np.testing.assert_allclose(y, np.correlate(d, g), atol=1e-12)


@pytest.mark.parametrize(("m", "r", "stride"), STRIDED)
def test_with_a_stride_every_so_manieth_output_is_left(m, r, stride):
    kept = forward(m, r, stride)
    random = np.random.RandomState(0)
    g, d = random.normal(size=r), random.normal(size=stride * (m - 1) + r)
    y = kept.to_output @ ((kept.of_kernel @ g) * (kept.of_tile @ d))
    np.testing.assert_allclose(y, np.correlate(d, g)[::stride], atol=1e-12)


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize(("m", "r", "stride"), STRIDED)
def test_the_way_back_is_the_transpose(m, r, stride, before):
    kept = backward(m, r, stride, before)
    random = np.random.RandomState(0)
    g, grad_y = random.normal(size=r), random.normal(size=12)
    expected = np.zeros(stride * 11 + r)
    for place in range(12):
        expected[stride * place : stride * place + r] += grad_y[place] * g
    padded = np.pad(grad_y, 8)
    for tile in range(2):
        first = 8 + kept.start + kept.step * tile
        d = padded[first : first + kept.of_tile.shape[1]]
        found = kept.to_output @ ((kept.of_kernel @ g) * (kept.of_tile @ d))
        pixels = slice(before + stride * m * tile, before + stride * m * (tile + 1))
        np.testing.assert_allclose(found, expected[pixels], atol=1e-12)


def test_in_two_dimensions_the_matrices_act_on_both_sides():
    kept = forward(4, 3)
    random = np.random.RandomState(0)
    w, tile = random.normal(size=(3, 3)), random.normal(size=(6, 6))
    values = (kept.of_kernel @ w @ kept.of_kernel.T) * (kept.of_tile @ tile @ kept.of_tile.T)
    expected = [[(tile[i : i + 3, j : j + 3] * w).sum() for j in range(4)] for i in range(4)]
    y = kept.to_output @ values @ kept.to_output.T
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_f_4_3_are_the_matrices_of_the_paper():
    """A. Lavin and S. Gray give them for the points 0, 1, -1, 2, -2."""
    to_values, of_kernel, of_tile = matrices(4, 3)
    np.testing.assert_allclose(of_tile[0], [4, 0, -5, 0, 1, 0])
    np.testing.assert_allclose(of_tile[3], [0, -2, -1, 2, 1, 0])
    np.testing.assert_allclose(of_kernel[3] * 24, [1, 2, 4])
    np.testing.assert_allclose(to_values[3], [1, 2, 4, 8])


@pytest.mark.parametrize(("m", "r", "stride"), [(2, 3, 1), (4, 3, 1), (2, 5, 1), (2, 3, 2)])
def test_one_entry_spreads_evenly_over_the_tile(m, r, stride):
    np.testing.assert_allclose(forward(m, r, stride).to_output[:, CONSTANT], 1.0)


def test_too_many_points_are_refused():
    with pytest.raises(ValueError, match=r"F\(8, 3\) needs 9 points, there are 7"):
        matrices(8, 3)
