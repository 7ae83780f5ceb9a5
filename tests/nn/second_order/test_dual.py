"""Duals carry derivatives through whatever arrays go through."""

import numpy as np
import pytest

from skdeep.nn.second_order import Dual, Duals

STEP = 1e-6
VALUE = np.random.RandomState(0).uniform(0.3, 2.0, (3, 4))
DIRECTIONS = np.random.RandomState(1).normal(size=(2, 3, 4))
CONSTANT = np.random.RandomState(2).uniform(0.3, 2.0, (3, 4))


def scaled_in_place(xp, x):
    y = xp.zeros((3, 4))
    y[...] = x
    y *= x
    y += CONSTANT
    y -= x[0]
    y /= x[:, :1]
    return y


def written_into_parts(xp, x):
    y = xp.empty((3, 4))
    xp.exp(x, out=y)
    xp.multiply(x[:1], 2.0, out=y[1:2])
    y[2, 1:3] = 5.0
    return y


def added_at(xp, x):
    y = xp.zeros((2, 4))
    xp.add.at(y, np.array([0, 1, 0]), x)
    return y


FUNCTIONS = {
    name: lambda xp, x, name=name: getattr(xp, name)(x)
    for name in ("abs", "cos", "exp", "expm1", "log", "log1p", "negative", "sin", "sqrt", "tanh")
} | {
    "erf": lambda xp, x: xp.erf(x) if hasattr(xp, "erf") else __import__("scipy").special.erf(x),
    "sums": lambda xp, x: (x + CONSTANT[0]) - (2.0 - x) + (CONSTANT - x) - x[0] + (3.0 + x),
    "products": lambda xp, x: x * CONSTANT * x[1] * 2.0,
    "ratios": lambda xp, x: x / CONSTANT + CONSTANT / x + 1.0 / x + x / x[:, 1:2] + x / 3.0,
    "powers": lambda xp, x: x**2 - x**-1.5 + -x,
    "matrix products": lambda xp, x: x @ CONSTANT.T + CONSTANT @ x.T + x @ x.T,
    "products with vectors": lambda xp, x: x @ CONSTANT[0] + CONSTANT @ x[1] + x @ x[0],
    "products of vectors": lambda xp, x: x[0] @ x[1] * x[2, 0] + CONSTANT[0] @ x[1],
    "products of a row": lambda xp, x: x[0] @ CONSTANT.T + CONSTANT[0] @ x.T,
    "stacks of matrices": lambda xp, x: xp.stack([x, x * 2.0]) @ x.T + CONSTANT @ x.T[None],
    "sums over an axis": lambda xp, x: x.sum(0) * x.sum(-1, keepdims=True) + x.sum(),
    "extremes": lambda xp, x: x.max() * x.min() + xp.amax(x, 1),
    "extremes with their axis": lambda xp, x: x - xp.amax(x, axis=-1, keepdims=True),
    "the larger and the smaller": lambda xp, x: xp.maximum(x, CONSTANT) * xp.minimum(1.0, x),
    "bounds": lambda xp, x: xp.clip(x, 0.7, 1.2),
    "choices": lambda xp, x: xp.where(CONSTANT > 1, x, x * x),
    "reshapes": lambda xp, x: (x.reshape(-1) * 2.0).reshape((2, 6)) * x.reshape(2, 6),
    "transposes": lambda xp, x: x.T * x.transpose(1, 0) * xp.moveaxis(x, 0, -1) * x.swapaxes(0, 1),
    "reverses": lambda xp, x: xp.flip(x, (1,)) * x[::-1],
    "more axes": lambda xp, x: x[:, None] * x[None, :, 0, None] + xp.broadcast_to(x, (3, 3, 4)),
    "chosen entries": lambda xp, x: x.reshape(-1)[np.array([0, 5, 5])] * x[0, 1],
    "changes in place": scaled_in_place,
    "writing into parts": written_into_parts,
    "adding at places": added_at,
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_tangent_of_a_function_is_its_derivative_along_the_direction(function):
    dual = function(Duals(2), Dual(VALUE.copy(), DIRECTIONS.copy()))
    np.testing.assert_allclose(dual.value, function(np, VALUE.copy()), rtol=1e-15)
    for tangent, direction in zip(dual.tangents, DIRECTIONS, strict=True):
        high, low = (function(np, VALUE + sign * STEP * direction) for sign in (1, -1))
        np.testing.assert_allclose(tangent, (high - low) / (2 * STEP), rtol=1e-6, atol=1e-8)


def test_a_slice_is_a_view_of_the_value_and_of_the_tangents():
    x = Dual(VALUE.copy(), DIRECTIONS.copy())
    x.reshape(-1)[2:4] = 7.0
    assert (x.value[0, 2:] == 7.0).all()
    assert (x.tangents[:, 0, 2:] == 0.0).all()
    assert (x.T.shape, len(x), x.ndim, x.dtype) == ((4, 3), 3, 2, np.float64)


def test_comparisons_are_of_values():
    x = Dual(VALUE, DIRECTIONS)
    np.testing.assert_array_equal(x > 1.0, VALUE > 1.0)
    np.testing.assert_array_equal(x <= CONSTANT, VALUE <= CONSTANT)
    np.testing.assert_array_equal(x < x, VALUE < VALUE)
    np.testing.assert_array_equal(Duals(2).greater_equal(x, CONSTANT), VALUE >= CONSTANT)


def test_the_kinks_of_absolute_value_and_of_extremes_fit_each_other():
    """So that log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)) has its slope of a half at zero."""
    xp, x = Duals(1), Dual(np.zeros(1), np.ones((1, 1)))
    softplus = xp.maximum(x, 0.0) + xp.log1p(xp.exp(-abs(x)))
    assert softplus.tangents == 0.5
    assert (xp.maximum(x, 0.0) + xp.minimum(x, 0.0)).tangents == 1.0


def test_constants_stay_arrays():
    xp = Duals(1)
    found = [xp.multiply(CONSTANT, 2.0), xp.asarray([1.0]), xp.full((2,), 1.0), xp.arange(3)]
    found += [xp.zeros(3, dtype=np.bool), xp.where(CONSTANT > 1, 1.0, CONSTANT), xp.exp(CONSTANT)]
    assert {type(array) for array in found} == {np.ndarray}


def test_tangents_are_not_lost_in_silence():
    x = Dual(VALUE, DIRECTIONS)
    with pytest.raises(TypeError, match="tangents would be lost"):
        np.asarray(x)
    with pytest.raises(TypeError, match="tangents would be lost"):
        CONSTANT.copy()[...] = x
    with pytest.raises(TypeError):
        np.tanh(x)
    with pytest.raises(AttributeError, match=r"no derivative of numpy\.einsum"):
        _ = Duals(1).einsum
