"""Regression on raw tables by a mix of networks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin

from skdeep.neural_network.tabular.base import TabularNet
from skdeep.nn import Loss, SquaredError
from skdeep.utils.clean import check_array, column_or_1d
from skdeep.utils.parameters import parameters
from skdeep.utils.r2 import r2
from skdeep.utils.restore import all_or_nothing

__all__ = ["TabularNetRegressor"]


@parameters
class TabularNetRegressor(RegressorMixin, TabularNet):
    """Regression on raw tables by networks, without preparation or tuning.

    A raw data frame goes in, with numbers of any scale, categories, dates and missing values.
    Small networks are trained on several views of the table: the numbers scaled robustly, cut into
    quantile bins with a slope in each (piecewise linear), and as bins and waves of learned
    frequencies. On each view there are a few members side by side, with no weights in common. Each
    is trained by Adam on another part of the rows, and keeps the epoch that is best on the part it
    leaves out. The members' predictions are averaged, and how much each view counts is found on
    the rows left out, so that no row is lost and no knob is turned by hand.

    The loss is the squared error of standardized targets, and no prediction goes beyond the targets
    of training.

    Attributes
    ----------
    validation_loss_ : float
        Mean squared error of the mix, of standardized targets, on the rows that members leave out;
        NaN after `partial_fit`.

    See Also
    --------
    TabularNetClassifier : The same for classes; its notes hold here, too.
    MLPRegressor : One network with every knob, on numbers that you have prepared.
    TableEncoder, RobustSmoothScaler, PiecewiseLinearEncoder : The preparation, on its own.
    sklearn.ensemble.HistGradientBoostingRegressor : Trees on raw tables, faster.

    References
    ----------
    As for `TabularNetClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep import TabularNetRegressor
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(200, 2))
    >>> y = np.sign(X[:, 0]) + X[:, 1]
    >>> reg = TabularNetRegressor("fast", random_state=0).fit(X, y)
    >>> bool(reg.score(X, y) > 0.9)
    True
    """

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

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict a number for each row, the mean over members.

        Parameters
        ----------
        X : data frame or array-like of shape (n_samples, n_features)
            Rows of the table.

        Returns
        -------
        ndarray of shape (n_samples,)
            Never beyond the targets of training.
        """
        return self._in_units(self._mixed(X)[:, 0])

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the coefficient of determination, R2, of the predictions, whatever the unit.

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
        return r2(np.asarray(y), self.predict(X), sample_weight)

    # What the base asks

    _n_outputs = 1

    def _in_units(self, scaled: NDArray[Any]) -> NDArray[np.float64]:
        with np.errstate(over="ignore"):  # beyond the targets of training, and all floats
            return np.clip(scaled * self._scale + self._mean, *self._range)

    def _check_y(self, y: Any) -> NDArray[Any]:
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        return column_or_1d(y, warn=True)

    def _scale_targets(self, y: NDArray[Any], weight: Any) -> None:
        # In units of a power of two nothing is rounded, and squares are numbers.
        unit = int(np.frexp(np.abs(y).max())[1])
        numbers = np.ldexp(y, -unit)
        mean = np.average(numbers, weights=weight)
        spread = np.sqrt(np.average((numbers - mean) ** 2, weights=weight))
        self._mean = float(np.ldexp(mean, unit))
        varies = spread > 1e-14 * abs(mean) and np.ldexp(spread, unit) > 0
        self._scale = float(np.ldexp(spread, unit)) if varies else 1.0
        self._range = float(y.min()), float(y.max())

    def _widen_targets(self, y: NDArray[Any]) -> None:
        low, high = self._range
        self._range = min(low, float(y.min())), max(high, float(y.max()))

    def _as_numbers(self, y: NDArray[Any]) -> NDArray[Any]:
        return y

    def _encode(self, y: NDArray[Any]) -> NDArray[Any]:
        unit = int(np.frexp(max(np.abs(y).max(), abs(self._mean), self._scale))[1])
        numbers, mean, scale = (np.ldexp(part, -unit) for part in (y, self._mean, self._scale))
        return ((numbers - mean) / scale).astype(np.float32)[:, None]

    def _make_loss(self) -> Loss:
        return SquaredError()

    def _activate(self, outputs: NDArray[Any]) -> NDArray[Any]:
        return outputs

    def _mixing_loss(self, predicted: NDArray[Any], target: NDArray[Any], weight: Any) -> float:
        return float(np.average((predicted - target)[:, 0] ** 2, weights=weight))
