"""A summary of whatever has layers."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from skdeep.inspection.unwrap import unwrap
from skdeep.nn import Layer, Network, Summary
from skdeep.nn import summarize as summarize_layers
from skdeep.utils.params import check_value, integer, none, rule

__all__ = ["summarize"]


_SHAPE = rule(
    "a tuple of integers, or of the shapes of several inputs",
    lambda value: (
        isinstance(value, (tuple, list))
        and all(_is_size(part) for part in value)
        and None not in value[-1:]  # the features, whose number layers are made by
    ),
    "tuple",
)


def summarize(
    what: Any,
    input_shape: tuple[Any, ...] | None = None,
    n_outputs: int | None = None,
    *,
    X: Any = None,
    y: Any = None,
    batch_size: int = 1,
) -> Summary:
    """Count what a network comes to, layer by layer, before or after it is fitted.

    Parameters
    ----------
    what : estimator, Network or Layer
        A network estimator, also at the end of a `Pipeline` or inside a search; or what
        `skdeep.nn` has.
    input_shape : tuple of int, default=None
        Shape of one sample as the network reads it. Needed for a layer, and for an estimator that
        is not fitted and gets no data.
    n_outputs : int, default=None
        For an estimator, how many outputs to build; None is that of `fit`, or 10 classes or one
        number.
    X, y : array-like, default=None
        For an estimator, data as for its `fit` in place of a shape. Steps of a pipeline before it
        are fitted on them, as clones.
    batch_size : int, default=1
        How many samples to count the memory of.

    Returns
    -------
    skdeep.nn.Summary
        Prints as a table, and is one in a notebook: for each layer the shape of its output, its
        parameters, connections (weights and biases, each as often as it is used), multiply-adds,
        the memory of its output and, of pictures, how much of the input an output sees.

    Raises
    ------
    TypeError
        If `what` has no layers.
    ValueError
        If there is no shape to go by, or one where there is a network with a shape already.

    Examples
    --------
    >>> from skdeep import ConvNetClassifier, MLPClassifier
    >>> from skdeep.inspection import summarize
    >>> summarize(MLPClassifier((16,)), (4,), 3, batch_size=100)
    layer              output  parameters  connections  multiply-adds  memory of 100
    input                   4                                                3.1 KiB
    0 Dense(units=16)      16          80           80             64       12.5 KiB
    1 ReLU()               16           0            0              0       12.5 KiB
    2 Dense(units=3)        3          51           51             48        2.3 KiB
    all                               131          131            112       30.5 KiB
    >>> lenet = summarize(ConvNetClassifier("lenet5"), (32, 32, 1))
    >>> lenet.parameters, lenet.lines[0].connections
    (61706, 122304)
    """
    check_value("summarize", "input_shape", input_shape, [none(), _SHAPE])
    check_value("summarize", "n_outputs", n_outputs, [none(), integer(1)])
    check_value("summarize", "batch_size", batch_size, [integer(1)])
    if isinstance(what, Network):
        if input_shape is not None or X is not None:
            raise ValueError(
                f"A network has its shape already, {what.input_shape}; for another one, summarize "
                "its root."
            )
        return what.summary(batch_size=batch_size)
    if isinstance(what, Layer):
        if input_shape is None:
            raise ValueError(f"summarize needs the input_shape of a sample of {what!r}.")
        return summarize_layers(what, input_shape, batch_size=batch_size)
    inner, before = unwrap(what)
    if not hasattr(inner, "summary") or not hasattr(inner, "_outline"):
        raise TypeError(
            "summarize takes a network estimator, a skdeep.nn.Network or a skdeep.nn.Layer, got "
            f"{inner!r}."
        )
    if X is not None:
        for steps in before:
            X = clone(steps).fit_transform(X, y)
    return inner.summary(input_shape, n_outputs, X=X, y=y, batch_size=batch_size)


def _is_size(part: Any) -> bool:
    """Tell whether an entry of a shape is a number of features, None for any, or a shape."""
    return part is None or integer(1).allows(part) or _SHAPE.allows(part)
