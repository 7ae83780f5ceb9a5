"""Which features a prediction comes from, by gradients of the network's outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import is_classifier

from skdeep.inspection.differentiable import Differentiable
from skdeep.inspection.inputs import Reading, class_indices, network_inputs, require_network
from skdeep.inspection.table_attribution import attribute_columns
from skdeep.inspection.unwrap import unwrap_fitted
from skdeep.neural_network import CharacterLanguageModel, Seq2SeqTranslator
from skdeep.neural_network.tabular.base import TabularNet
from skdeep.utils.clean import as_numbers
from skdeep.utils.params import check_value, integer, one_of

__all__ = ["METHODS", "Attribution", "attribute", "explained"]

METHODS = ("integrated_gradients", "gradient_input", "saliency")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Attribution:
    """What each feature of each sample contributes to an output.

    Attributes
    ----------
    values : ndarray of the shape of `X`
        Contributions in units of the output; for 'saliency' sizes of gradients. Of sequences of
        tokens, of shape (n_samples, n_steps). Zero behind the end of a sequence.
    outputs : ndarray of shape (n_samples,)
        The output that is explained: of a classifier the raw one of the target class, whose
        softmax or logistic function is the probability; of a regressor the prediction, or its
        logarithm with ``loss="poisson"``. Of networks for raw tables, whose members' predictions
        are averaged, the probability of the target class, or the prediction.
    baseline_outputs : ndarray of shape (n_samples,) or None
        The same at the baseline; of 'integrated_gradients' alone.
    targets : ndarray of shape (n_samples,)
        The classes, or the numbers of the outputs.
    """

    values: Floats
    outputs: Floats
    baseline_outputs: Floats | None
    targets: NDArray[Any]

    @property
    def error(self) -> float:
        """How far sums of integrated gradients are from the differences of the outputs, at most."""
        if self.baseline_outputs is None:
            return np.nan
        sums = self.values.reshape(len(self.values), -1).sum(axis=1)
        return float(np.abs(sums - (self.outputs - self.baseline_outputs)).max())


def attribute(
    estimator: Any,
    X: Any,
    method: str = "integrated_gradients",
    *,
    target: Any = None,
    baseline: ArrayLike | str | None = None,
    n_steps: int = 64,
) -> Attribution:
    """Attribute the outputs of a fitted network to the features of its input.

    With f the output and x a sample, feature by feature::

        saliency              |df/dx|
        gradient_input        x df/dx
        integrated_gradients  (x - b) times the mean of df/dx on the straight way from b to x

    Integrated gradients are complete: they sum to f(x) - f(b). The mean is taken by Gauss's rule
    with `n_steps` points, which is exact to rounding where f is smooth and nearly so where it has
    kinks; `Attribution.error` tells. All is computed in float64, whatever the network's type.

    Networks for raw tables (`TabularNetClassifier`) are attributed column by column of the table as
    you have it, categories and missing values included: what each network makes of a column is
    varied, and the column gets the sum.

    At the end of a `Pipeline`, features are those that the network sees. Behind a scaler they have
    the names and the order of `X`, and the first two methods' values are the same as for `X` itself
    with the baseline that the scaler maps to this one.

    Parameters
    ----------
    estimator : estimator
        A fitted network with an output for each sample, also at the end of a `Pipeline` or inside a
        search.
    X : array-like
        Samples, as for `predict`. Tokens are attributed by their vectors: a token gets the sum.
    method : {'integrated_gradients', 'gradient_input', 'saliency'}, \
default='integrated_gradients'
        What to compute.
    target : label, int or array-like of shape (n_samples,), default=None
        Of a classifier a class, or one for each sample, None for the predicted ones; of a regressor
        with several outputs, or of a classifier with several targets, whose classes stand side by
        side, the number of one output, None for the first.
    baseline : {'mean'} or array-like, default=None
        Where 'integrated_gradients' starts: None is zero (the mean of standardized features, black
        pixels, vectors of zeros for tokens), 'mean' the mean of `X`, an array has the shape of a
        sample. Of a raw table None is the median of each number and a category never seen, and
        there is no 'mean'; or else a row.
    n_steps : int, default=64
        Points on the way.

    Returns
    -------
    Attribution
        Its `values` have the shape of `X`.

    Raises
    ------
    TypeError
        If there is not one network with an output for each sample.
    ValueError
        If an argument is wrong.

    References
    ----------
    M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017.

    K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps", ICLR 2014 workshop.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdeep import MLPClassifier
    >>> from skdeep.inspection import attribute
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((16,), activation="tanh", max_iter=500, random_state=0).fit(X, y)
    >>> found = attribute(clf, X)
    >>> found.values.shape, bool(found.error < 1e-9)
    ((150, 4), True)
    >>> int(abs(found.values).mean(axis=0).argmax())  # the length of the petals
    2
    """
    check_value("attribute", "method", method, [one_of(*METHODS)])
    check_value("attribute", "n_steps", n_steps, [integer(1)])
    inner, X = unwrap_fitted(estimator, X)
    if isinstance(inner, TabularNet):
        return Attribution(*attribute_columns(inner, X, method, target, baseline, n_steps))
    inner = require_network(inner, "attribute")
    if isinstance(inner, (CharacterLanguageModel, Seq2SeqTranslator)) or getattr(
        inner, "per_step", False
    ):
        raise TypeError(
            f"attribute explains one output a sample, and {type(inner).__name__} has one a step."
        )
    reading = network_inputs(inner, X)
    assert reading is not None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _attributed(inner, X, reading, method, target, baseline, n_steps)
    if not np.isfinite(found.values).all():
        raise ValueError(
            f"The attributions by {method!r} leave the range of floats: features are too large. "
            "Scale them."
        )
    return found


def _attributed(
    inner: Any, X: Any, reading: Reading, method: str, target: Any, baseline: Any, n_steps: int
) -> Attribution:
    function = Differentiable(inner.network_, reading.lengths)
    x = reading.x.toarray() if issparse(reading.x) else reading.x
    x = function.start(x)
    directions, targets = explained(inner, function.outputs(x), target)
    outputs, gradient = function(x, directions)
    baseline_outputs = None
    if method == "saliency":
        values = np.abs(gradient)
    elif method == "gradient_input":
        values = x * gradient
    else:
        start = _baseline(baseline, x, function)
        mean = np.zeros_like(x)
        nodes, weights = np.polynomial.legendre.leggauss(n_steps)
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            mean += weight * function(start + node * (x - start), directions)[1]
        values = (x - start) * mean
        baseline_outputs = function(np.broadcast_to(start, x.shape).copy(), directions)[0]
        baseline_outputs += _shift(inner, targets)
    values = function.per_feature(values)
    shape = tuple(getattr(X, "shape", ()))
    if not function.embeds and len(shape) > 1 and int(np.prod(shape)) == values.size:
        values = values.reshape(shape)
    return Attribution(values, outputs + _shift(inner, targets), baseline_outputs, targets)


def explained(inner: Any, outputs: Floats, target: Any) -> tuple[Floats, NDArray[Any]]:
    """Return the gradient of what is explained by the raw outputs, and what it is, by sample."""
    n, n_outputs = outputs.shape
    directions = np.zeros_like(outputs)
    several = isinstance(getattr(inner, "classes_", None), list)  # targets, a head each
    if several or not is_classifier(inner):
        number = 0 if target is None else target
        if not (isinstance(number, (int, np.integer)) and 0 <= number < n_outputs):
            raise ValueError(
                f"target must be the number of one of {n_outputs} outputs, got {target!r}."
            )
        directions[:, number] = 1.0 if several else _units(inner, n_outputs)[0][number]
        return directions, np.full(n, number)
    classes = inner.classes_
    if target is None:
        index = outputs.argmax(axis=1) if n_outputs > 1 else (outputs[:, 0] > 0).astype(int)
        index = np.minimum(index, len(classes) - 1)
    else:
        index = class_indices(target, classes, n)
    if n_outputs > 1:
        directions[np.arange(n), index] = 1.0
    else:
        directions[:, 0] = np.where(index == len(classes) - 1, 1.0, -1.0)
    return directions, classes[index]


def _shift(inner: Any, targets: NDArray[Any]) -> Floats:
    """Return what predictions have besides the outputs: the mean of standardized targets."""
    if is_classifier(inner):
        return np.zeros(len(targets))
    return _units(inner, inner.n_outputs_)[1][targets]


def _units(inner: Any, n_outputs: int) -> tuple[Floats, Floats]:
    """Return factor and shift that make predictions of a regressor's outputs, one each.

    Outputs that are not predictions themselves, as logarithms of means and what deviations are made
    of, stay as they are.
    """
    factor, shift = np.ones(n_outputs), np.zeros(n_outputs)
    if getattr(inner, "target_mean_", None) is not None and inner.out_activation_ != "exp":
        n_targets = len(inner.target_mean_)
        factor[:n_targets], shift[:n_targets] = inner.target_scale_, inner.target_mean_
    return factor, shift


def _baseline(baseline: Any, x: Floats, function: Differentiable) -> Floats:
    """Return the start of the way, in a shape that goes with that of `x`."""
    if baseline is None:
        return np.zeros_like(x[0])
    if isinstance(baseline, str):
        if baseline != "mean":
            raise ValueError(f"baseline must be None, 'mean' or an array, got {baseline!r}.")
        return x.mean(axis=0)
    if function.embeds:
        raise ValueError("Tokens have no baseline but vectors of zeros, or their 'mean'.")
    start = as_numbers(baseline, "attribute", "baseline")
    if start.size != x[0].size:
        raise ValueError(
            f"baseline must be of the shape of a sample, {x.shape[1:]}; got {start.shape}."
        )
    return start.reshape(x.shape[1:])
