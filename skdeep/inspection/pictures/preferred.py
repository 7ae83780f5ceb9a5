"""The input that excites a unit most, found by walking up its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from sklearn.utils import check_random_state

from skdeep.inspection.pictures.chain import Chain, in_range, pictures_of
from skdeep.utils.params import check_value, integer, none, real, sequence_of
from skdeep.utils.params import random_state as seed

__all__ = ["preferred_inputs"]

Floats = NDArray[np.float64]


def preferred_inputs(
    estimator: Any,
    X: Any,
    layer: int | None = None,
    units: Any = None,
    *,
    n_steps: int = 60,
    blur: float = 0.4,
    random_state: Any = 0,
) -> Floats:
    """Return a picture for each unit that excites it much.

    From faint noise, each step goes up the gradient of the unit's mean output over places, by a
    fixed length; then the picture is blurred a little and its pixels are brought back between the
    smallest and the largest of `X`, without which one finds the noise that no picture has.

    Parameters
    ----------
    estimator : estimator
        A fitted convolutional network, also at the end of a `Pipeline` or inside a search.
    X : array-like
        Some pictures, which tell the range of the pixels.
    layer : int, default=None
        Which, by its number in `summary()`; None is the last, whose units are the classes.
    units : list of int, default=None
        Which units or filters of it; None takes the first 16.
    n_steps : int, default=60
        Steps up.
    blur : float, default=0.4
        Standard deviation of the blur of each step, in pixels.
    random_state : int, RandomState or None, default=0
        Draws the noise.

    Returns
    -------
    ndarray of shape (n_units, height, width, channels)

    References
    ----------
    D. Erhan, Y. Bengio, A. Courville, P. Vincent, "Visualizing higher-layer features of a deep
    network", 2009.

    J. Yosinski et al., "Understanding neural networks through deep visualization", ICML 2015
    workshop (the blur).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdeep import ConvNetClassifier
    >>> from skdeep.inspection import preferred_inputs
    >>> X, y = load_digits(return_X_y=True)
    >>> net = ConvNetClassifier("4 | 8", max_iter=3, random_state=0).fit(X[:200], y[:200])
    >>> preferred_inputs(net, X[:200], units=[0, 7], n_steps=5).shape
    (2, 8, 8, 1)
    """
    check_value("preferred_inputs", "n_steps", n_steps, [integer(1)])
    check_value("preferred_inputs", "blur", blur, [real(0, 1000)])
    check_value("preferred_inputs", "random_state", random_state, [seed()])
    check_value("preferred_inputs", "units", units, [none(), sequence_of(integer(0), min_length=1)])
    with np.errstate(over="ignore", invalid="ignore"):
        found = _climbed(estimator, X, layer, units, n_steps, blur, random_state)
    return in_range("pictures", found)


def _climbed(
    estimator: Any, X: Any, layer: Any, units: Any, n_steps: int, blur: float, random_state: Any
) -> Floats:
    net, pictures = pictures_of(estimator, X, "preferred_inputs")
    chain = Chain(net)
    until = len(chain.layers) - 1 if layer is None else chain.position(layer)
    low, high = float(pictures.min()), float(pictures.max())
    start = (low + high) / 2
    n_units = chain.forward(np.full((1, *pictures.shape[1:]), start), until).shape[-1]
    units = range(min(16, n_units)) if units is None else units
    chosen = np.array(list(units), dtype=np.intp)
    if chosen.max() >= n_units:
        raise ValueError(f"units must be numbers from 0 to {n_units - 1}, got {list(units)!r}.")
    random = check_random_state(random_state)
    shape = (len(chosen), *pictures.shape[1:])
    x = start + 0.05 * (high - low) * random.normal(size=shape)
    pace = 0.1 * (high - low) * np.sqrt(np.prod(shape[1:]))
    for step in range(n_steps):
        y = chain.forward(x, until)
        grad = np.zeros_like(y)
        grad[np.arange(len(chosen)), ..., chosen] = 1.0
        up = chain.backward(grad, until)
        length = np.sqrt((up**2).sum(axis=(1, 2, 3), keepdims=True))
        x += pace * (1 - step / n_steps) * up / np.where(length > 0, length, 1.0)
        x = np.clip(gaussian_filter(x, (0, blur, blur, 0)), low, high)
    return x
