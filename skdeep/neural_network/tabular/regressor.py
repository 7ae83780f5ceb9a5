"""Regression on raw tables by a mix of networks."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin

from skdeep.neural_network.number_losses import (
    HuberDelta,
    LossName,
    Power,
    QuantileShare,
    QuantileShares,
    check_deviations,
    check_domain,
    check_quantiles,
    check_same_outputs,
    make_loss,
    make_targets,
)
from skdeep.neural_network.tabular.base import TabularNet
from skdeep.nn import Loss, SquaredError
from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import as_numbers, check_array, column_or_1d
from skdeep.utils.parameters import parameters
from skdeep.utils.restore import all_or_nothing

__all__ = ["TabularNetRegressor"]


@parameters
class TabularNetRegressor(RegressorMixin, TabularNet):
    """Regression on raw tables by networks, without preparation or tuning.

    A raw data frame goes in, with numbers of any scale, categories, dates and missing values.
    Small networks are trained on several views of the table: the numbers scaled robustly, cut into
    quantile bins with a slope in each (piecewise linear), and as bins and waves of learned
    frequencies. On each view there are a few members side by side, with no weights in common. Each
    is trained by Adam on another part of the rows, while its rate falls to zero again and again;
    they stay as the last fall leaves them, or, with another loss than the squared error or where
    that is clearly worse on the rows left out, each as it was at its best epoch. The members'
    predictions are averaged, and how much each view counts is found on the rows left out, so that
    no row is lost and no knob is turned by hand.

    The loss is the squared error of standardized targets, or another one: with
    ``loss="quantile", quantiles=(0.1, 0.5, 0.9)`` an interval is predicted for each row, with
    ``loss="gaussian"`` a standard deviation besides the mean. Whatever the loss, no mean and no
    quantile goes beyond the targets of training.

    Attributes
    ----------
    validation_loss_ : float
        Mean loss of the mix, of standardized targets, on the rows that members leave out; the
        squared error is not halved. NaN after `partial_fit`.

    See Also
    --------
    TabularNetClassifier : The same for classes; its notes hold here, too.
    MLPRegressor : One network with every knob, on numbers that you have prepared.
    TableEncoder, RobustSmoothScaler, PiecewiseLinearEncoder : The preparation, on its own.
    sklearn.ensemble.HistGradientBoostingRegressor : Trees on raw tables, faster.

    Notes
    -----
    What is averaged over members, copies and views is what is predicted: means, with 'poisson',
    'gamma' and 'tweedie' not their logarithms; medians; each quantile by itself, so that they stay
    in order. With 'gaussian' the prediction is of the mixture of all members' distributions: its
    mean, and its standard deviation, whose square is the mean of the variances plus the variance of
    the means, as in [1]_. Members that disagree thus make it larger. Which epochs members keep,
    and how much a view counts, is decided by the same loss of the rows left out.

    Targets are standardized, with 'poisson', 'gamma' and 'tweedie' divided by their mean, and
    `huber_delta` is in units of their standard deviation.

    References
    ----------
    As for `TabularNetClassifier`, and:

    .. [1] B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty
       estimation using deep ensembles", NeurIPS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import TabularNetRegressor
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(200, 2))
    >>> y = np.sign(X[:, 0]) + X[:, 1]
    >>> reg = TabularNetRegressor("fast", random_state=0).fit(X, y)
    >>> bool(reg.score(X, y) > 0.9)
    True
    >>> reg.set_params(loss="quantile", quantiles=(0.1, 0.9)).fit(X, y).predict(X).shape
    (200, 2)
    """

    _: KW_ONLY
    loss: LossName = "squared_error"
    huber_delta: HuberDelta = 1.0
    quantile: QuantileShare = 0.5
    quantiles: QuantileShares = None
    power: Power = 1.5

    @in_kind
    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> TabularNetRegressor:
        """Train for one epoch on the given rows.

        The first call learns from its rows how the table looks: scales, bins, categories, mean and
        spread of the targets. Give it enough of them. No rows are left out, and all views count
        the same; callbacks are for `fit`.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.
        y : array-like of shape (n_samples,)
            Numbers to predict.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        TabularNetRegressor
            The fitted estimator itself.
        """
        return self._partial_fit(X, y, sample_weight, None)

    @in_kind
    def predict(self, X: ArrayLike, return_std: bool = False) -> Any:
        """Predict numbers for each row, from the mean over members.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.
        return_std : bool, default=False
            Whether to return standard deviations as well, with ``loss='gaussian'``.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Never beyond the targets of training. With `quantiles` it is of shape (n_samples,
            n_quantiles), and no quantile is below the one before.
        y_std : ndarray of shape (n_samples,)
            Only with `return_std`.
        """
        if self.__sklearn_is_fitted__():
            check_deviations(self, self._loss, return_std)
        mixed = self._mixed(X)
        predicted = np.clip(self._targets.decode(mixed), *self._range)
        if not return_std:
            return predicted
        return predicted, self._targets.deviations(mixed)  # type: ignore[attr-defined]

    @in_kind
    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination, R2, of the predictions, whatever the unit.

        With several `quantiles` it is D2 of their pinball losses, the mean over quantiles
        (:func:`sklearn.metrics.d2_pinball_score`).

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.
        y : array-like of shape (n_samples,)
            True numbers.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        float
        """
        predicted = self.predict(X)
        return self._targets.score(np.asarray(y), predicted, sample_weight)

    # What the base asks

    @property
    def _n_outputs(self) -> int:
        return self._targets.n_outputs

    def _check_y(self, y: Any, name: str) -> NDArray[Any]:
        if np.asarray(y).dtype.kind in "OUSMm":
            y = as_numbers(y, type(self).__name__, name)
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name=name)
        y = column_or_1d(y, warn=True)
        check_domain(self, y, name)
        return y

    def _check_params(self) -> None:
        super()._check_params()
        check_quantiles(self)

    def _check_same_targets(self) -> None:
        check_same_outputs(self, self._targets)

    def _scale_targets(self, y: NDArray[Any], weight: Any) -> None:
        self._targets = make_targets(self, y, weight, standardize=True)
        self._range = float(y.min()), float(y.max())

    def _widen_targets(self, y: NDArray[Any], weight: Any) -> None:
        self._targets = self._targets.going_on(y, weight)
        low, high = self._range
        self._range = min(low, float(y.min())), max(high, float(y.max()))

    def _as_numbers(self, y: NDArray[Any]) -> NDArray[Any]:
        return y

    def _encode(self, y: NDArray[Any]) -> NDArray[Any]:
        return self._targets.encode(y, np.float64).astype(np.float32)

    def _make_loss(self) -> Loss:
        return make_loss(self)

    def _activate(self, outputs: NDArray[Any]) -> NDArray[Any]:
        predicted = super()._activate(outputs)
        if self._loss.link == "gaussian":  # the moments of a mixture are the means of the moments
            mean, std = predicted[..., 0], predicted[..., 1]
            predicted[..., 1] = mean**2 + std**2
        return predicted

    def _of_average(self, averaged: NDArray[Any]) -> NDArray[Any]:
        if self._loss.link != "gaussian":
            return averaged
        mean, square = averaged.T
        return np.column_stack([mean, np.sqrt(np.maximum(square - mean**2, 0))])

    def _mixing_loss(self, averaged: NDArray[Any], target: NDArray[Any], weight: Any) -> float:
        loss = self._loss.replica()
        loss.settle(np, averaged.dtype)
        share = None if weight is None else weight / weight.sum()
        value = loss.value(loss.outputs_of(self._of_average(averaged)), target, share)
        return 2 * value if isinstance(loss, SquaredError) else value
