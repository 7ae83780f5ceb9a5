"""Derivatives by central differences, for losses and objectives."""

import numpy as np
from numpy.testing import assert_allclose


def check_derivatives(loss, logits):
    """Compare gradient and curvature of a loss with central differences in float64."""
    random = np.random.RandomState(1)
    n_outputs = logits.shape[1]
    point = loss.at(logits)
    assert_allclose(point.value, loss.value(logits), rtol=1e-12)
    numeric = central(lambda z: loss.value(z), logits)
    assert_allclose(point.gradient, numeric, rtol=1e-6, atol=1e-7)
    direction = random.standard_normal(logits.shape)
    change = loss.at(logits + 1e-6 * direction).gradient
    change = (change - loss.at(logits - 1e-6 * direction).gradient) / 2e-6
    assert_allclose(point.curvature(direction), change, rtol=1e-6, atol=1e-6)
    columns = [point.curvature(np.eye(n_outputs)[[k] * len(logits)]) for k in range(n_outputs)]
    for k in range(n_outputs):
        for m in range(n_outputs):
            assert_allclose(point.curvature_of(k, m), columns[k][:, m], atol=1e-12)
    rows = np.array([4, 1])
    part = loss.part(rows).at(logits[rows])
    assert_allclose(part.gradient, point.gradient[rows])


def central(function, x, step=1e-6):
    result = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        result[place] = (function(up) - function(down)) / (2 * step)
    return result
