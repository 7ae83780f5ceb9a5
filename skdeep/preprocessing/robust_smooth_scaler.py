"""Scaling by the middle half of the data, with a smooth end to what an outlier can do."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.preprocessing.numeric_transformer import NumericTransformer
from skdeep.preprocessing.weighted_quantiles import weighted_quantiles
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import none, real, rule
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import check_sample_weight

__all__ = ["RobustSmoothScaler"]

_TWO_PERCENTILES = rule(
    "two percentiles in [0, 100], the lower one first",
    lambda value: (
        isinstance(value, (tuple, list))
        and len(value) == 2
        and all(real(0, 100).allows(end) for end in value)
        and value[0] < value[1]
    ),
    "(float, float)",
)


@parameters
class RobustSmoothScaler(OneToOneFeatureMixin, NumericTransformer):
    """Scale each feature by its middle half, and draw outliers in smoothly.

    With the median m and the quartiles q1 and q3 of a feature, each value becomes::

        u = (x - m) / (q3 - q1),    z = u / sqrt(1 + (u / c)^2)

    so that the middle half of the data spans one unit and stays nearly as it is, while no value
    comes to lie further than `clip`, c, from zero. The order of values is kept, and the inverse
    exists. Networks take such features better than standardized ones wherever there are long
    tails or wrong entries, since no single value can drive a unit far.

    Attributes
    ----------
    center_ : ndarray of shape (n_features_in_,)
        The median of each feature.
    scale_ : ndarray of shape (n_features_in_,)
        The distance of the two percentiles. Where they coincide, half the distance of the
        extremes; 1 for a constant feature, and for one without any value.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.

    See Also
    --------
    PiecewiseLinearEncoder : Several columns for each feature, by quantiles.
    sklearn.preprocessing.RobustScaler : The same without the smooth bound.

    Notes
    -----
    Missing values, NaN, are left out in `fit` and stay NaN in `transform`.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted
    trees on tabular data", NeurIPS 2024, arXiv:2407.04491.

    Examples
    --------
    >>> from skdeep.preprocessing import RobustSmoothScaler
    >>> X = [[1.0], [2.0], [3.0], [4.0], [1000.0]]
    >>> RobustSmoothScaler().fit_transform(X).ravel().round(3)
    array([-0.949, -0.493,  0.   ,  0.493,  3.   ])
    """

    _: KW_ONLY
    clip: Annotated[
        float | None,
        real(0, closed="neither") | none(),
        """The bound c. None leaves the values u, as :class:`sklearn.preprocessing.RobustScaler`
        gives them.""",
    ] = 3.0
    quantile_range: Annotated[
        tuple[float, float],
        _TWO_PERCENTILES,
        "The percentiles whose distance is the unit.",
    ] = (25.0, 75.0)

    @all_or_nothing
    def fit(
        self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> RobustSmoothScaler:
        """Learn median and quartiles.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; NaN is missing.
        y : None
            Ignored.
        sample_weight : array-like of shape (n_samples,), default=None
            How often each row counts.

        Returns
        -------
        RobustSmoothScaler
            The fitted scaler itself.
        """
        check_parameters(self)
        checked = self._check(X, reset=True)
        weight = check_sample_weight(sample_weight, checked)
        low, high = self.quantile_range
        found = [
            weighted_quantiles(x, np.array([0, low, 50, high, 100]) / 100, weight)
            for x in checked.T
        ]
        least, low, self.center_, high, most = np.array(found, dtype=checked.dtype).T
        with np.errstate(over="ignore"):
            scale = np.where(high > low, high - low, (most - least) / 2)
        self.scale_ = np.where((scale > 0) & np.isfinite(scale), scale, 1).astype(checked.dtype)
        self.center_ = np.nan_to_num(self.center_)
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Scale.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; NaN is missing.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Scaled features, between -`clip` and `clip`.
        """
        check_is_fitted(self)
        Z = self._check(X, reset=False, copy=True)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            u = (Z - self.center_) / self.scale_
            # Differences beyond all floats are none of the halves.
            u = np.where(np.isinf(u), (Z / 2 - self.center_ / 2) / (self.scale_ / 2), u)
        most = np.finfo(u.dtype).max
        np.clip(u, -most, most, out=u)
        if self.clip is None:
            return u
        # The same as u / sqrt(1 + (u / c)^2), without the square of a large u.
        clip = bound_of(self, u.dtype)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            near, far = u / np.hypot(1.0, u / clip), np.sign(u) * clip / np.hypot(1.0, clip / u)
        return np.where(np.abs(u) < clip, near, far)

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """Go back to the features' own units.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Scaled features.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            What `transform` makes `X` of; infinite where `X` is at the bound.
        """
        check_is_fitted(self)
        Z = self._check(X, reset=False, copy=True)
        with np.errstate(divide="ignore", over="ignore"):
            if self.clip is not None:
                Z /= np.sqrt(np.maximum(1 - (Z / bound_of(self, Z.dtype)) ** 2, 0))
            Z *= self.scale_
            Z += self.center_
        return Z


def bound_of(scaler: RobustSmoothScaler, dtype: Any) -> Any:
    """Return `clip` in that type, in which a tiny one may be zero, and then is the smallest."""
    return np.dtype(dtype).type(max(scaler.clip or 0.0, float(np.finfo(dtype).tiny)))
