"""Statistics of what layers do, once or after every epoch of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdeep.inspection.inputs import network_inputs, require_network
from skdeep.inspection.trace import Traced, trace
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network import GenerativeAdversarialNetwork
from skdeep.neural_network.images.pictures import Pixels
from skdeep.nn import BatchNorm, Dropout, Flatten, Identity, Layer, LayerNorm, Logistic, ReLU, Tanh
from skdeep.nn.layers.activations import ACTIVATIONS, Elementwise, Maxout
from skdeep.utils.params import check_value, integer

__all__ = [
    "ActivationMonitor",
    "LayerStatistics",
    "activation_statistics",
    "dead_share",
    "is_rectified",
    "saturated_share",
]

_BINS = 40
_AFTERTHOUGHT = (
    BatchNorm,
    LayerNorm,
    Elementwise,
    Maxout,
    *ACTIVATIONS.values(),
)
_SILENT = (Dropout, Flatten, Identity, Pixels)


@dataclass(frozen=True)
class LayerStatistics:
    """What the outputs of a layer come to, over samples and units.

    Attributes
    ----------
    layer : str
        Its path and its class.
    mean, deviation : float
        Of the outputs.
    dead : float
        Share of the units that are zero for every sample; nan for units that are not rectified.
    saturated : float
        Share of the outputs at an end of their range; nan for units without such.
    gradient : float
        Root mean square of the gradient of a sample's loss by the outputs; nan without targets.
    counts, edges : ndarray
        Histogram of the outputs.
    """

    layer: str
    mean: float
    deviation: float
    dead: float
    saturated: float
    gradient: float
    counts: NDArray[np.intp]
    edges: NDArray[np.float64]


def activation_statistics(
    estimator: Any, X: Any, y: Any = None, *, n_samples: int = 500
) -> list[LayerStatistics]:
    """Return what each layer of a fitted network does with some samples.

    Parameters
    ----------
    estimator : estimator
        A fitted network, also at the end of a `Pipeline` or inside a search.
    X : array-like
        Samples, as for `fit`.
    y : array-like, default=None
        Their targets, for the gradients.
    n_samples : int, default=500
        How many of them to take at most, evenly spread.

    Returns
    -------
    list of LayerStatistics
        From the input to the output. A layer whose outputs go into a normalization or an
        activation is left out, and so are dropout and the like.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import activation_statistics
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((8,), max_iter=10, tol=1.0, random_state=0).fit(X, y)
    >>> [one.layer for one in activation_statistics(clf, X, y)]
    ['1 ReLU', '2 Dense']
    """
    inner, X = unwrap_fitted(estimator, X)
    inner = require_network(inner, "activation_statistics")
    check_value("activation_statistics", "n_samples", n_samples, [integer(1)])
    if isinstance(inner, GenerativeAdversarialNetwork):
        y = None  # there is no target
    reading = network_inputs(inner, X, y)
    if reading is None:
        raise ValueError(f"{type(inner).__name__} reads X and y; y is missing.")
    reading = reading.some(n_samples)
    network: Any = inner.network_
    loss = inner._loss.replica()
    loss.settle(np, network.dtype)

    def of_loss(outputs: Any) -> Any:
        assert reading is not None
        grad = loss.value_and_gradient(outputs, reading.target, None, reading.lengths)[1]
        return grad * len(grad)  # of the loss of each sample

    layers = trace(network, reading.x, reading.mode, None if reading.target is None else of_loss)[1]
    following = [one.layer for one in layers[1:]] + [None]
    with np.errstate(over="ignore", invalid="ignore"):  # huge is what they tell
        return [
            _statistics(one)
            for one, after in zip(layers, following, strict=True)
            if not isinstance(one.layer, _SILENT) and not _is_afterthought(after)
        ]


def _is_afterthought(layer: Layer | None) -> bool:
    return isinstance(layer, _AFTERTHOUGHT) and not isinstance(layer, Identity)


def _statistics(one: Traced) -> LayerStatistics:
    values = one.output.astype(np.float64, copy=False).ravel()
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.001, 0.999]) if len(values) else (0.0, 1.0)
    size = max(abs(low), abs(high))
    if not high / 2 - low / 2 > 1e-9 * size:  # narrower bins have no ends
        low, high = low - max(0.5, 1e-6 * size), high + max(0.5, 1e-6 * size)
    # Of halves, as the width of the range may be beyond all floats.
    counts, edges = np.histogram(np.clip(values, low, high) / 2, _BINS, (low / 2, high / 2))
    ends = isinstance(one.layer, (Tanh, Logistic))
    gradient = np.nan
    if one.gradient is not None:
        gradient = float(np.sqrt((one.gradient.astype(np.float64) ** 2).mean()))
    return LayerStatistics(
        one.name,
        float(values.mean()) if len(values) else np.nan,
        float(values.std()) if len(values) else np.nan,
        dead_share(one) if is_rectified(one) else np.nan,
        saturated_share(one) if ends else np.nan,
        gradient,
        counts,
        2 * edges,
    )


def is_rectified(one: Traced) -> bool:
    """Tell whether outputs below zero are cut off."""
    return isinstance(one.layer, ReLU) or getattr(one.layer, "activation", None) == "relu"


def dead_share(one: Traced) -> float:
    """Return the share of the units that are zero for every sample, at every position."""
    units = one.output.reshape(-1, one.output.shape[-1])
    return float((units <= 0).all(axis=0).mean())


def saturated_share(one: Traced) -> float:
    """Return the share of the outputs of tanh or logistic units that are at an end of the range."""
    y = one.output
    ends = np.abs(y) > 0.98 if isinstance(one.layer, Tanh) else np.abs(y - 0.5) > 0.49
    return float(ends.mean())


class ActivationMonitor:
    """A callback that keeps the statistics of all layers, epoch by epoch.

    It follows scikit-learn's protocol of callbacks: ``estimator.set_callbacks(monitor)``. Of
    several fits, as of a search, the last is kept.

    Parameters
    ----------
    n_samples : int, default=200
        How many of the training samples to look at, evenly spread.
    every : int, default=1
        Epochs between two looks.

    Attributes
    ----------
    epochs : list of int
        After which it looked.
    statistics : list of list of LayerStatistics
        What it saw each time, for every layer.

    See Also
    --------
    ActivationDisplay : Draws them.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import ActivationMonitor
    >>> X, y = load_iris(return_X_y=True)
    >>> monitor = ActivationMonitor(every=2)
    >>> clf = MLPClassifier((8,), max_iter=6, random_state=0).set_callbacks(monitor)
    >>> clf = clf.fit(X, y)
    >>> monitor.epochs
    [1, 3, 5]
    """

    def __init__(self, n_samples: int = 200, every: int = 1) -> None:
        for name, value in (("n_samples", n_samples), ("every", every)):
            check_value("ActivationMonitor", name, value, [integer(1)])
        self.n_samples, self.every = n_samples, every
        self.epochs: list[int] = []
        self.statistics: list[list[LayerStatistics]] = []

    def setup(self, estimator: Any, context: Any) -> None:
        """Forget the fit before."""
        self.epochs, self.statistics = [], []

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, X: Any, y: Any, fitted_estimator: Any
    ) -> bool:
        """Look at the layers, if an epoch ends that is to be looked at; never stop the training."""
        if context.task_name == "epoch" and context.task_id % self.every == 0:
            self.epochs.append(context.task_id + 1)
            self.statistics.append(
                activation_statistics(fitted_estimator, X, y, n_samples=self.n_samples)
            )
        return False
