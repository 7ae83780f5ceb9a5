"""Several columns for a number, each of which rises over one stretch of its range."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from skdeep.preprocessing.feature_names import input_names
from skdeep.preprocessing.numeric_transformer import NumericTransformer
from skdeep.preprocessing.weighted_quantiles import weighted_quantiles
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import integer
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.weights import check_sample_weight

__all__ = ["PiecewiseLinearEncoder"]


@parameters
class PiecewiseLinearEncoder(NumericTransformer):
    """Encode each feature by how far it has come through each of its bins.

    The bins' edges e_0 < e_1 < ... are quantiles of the feature. Its columns are, one a bin::

        min(max((x - e_{t-1}) / (e_t - e_{t-1}), 0), 1)

    0 below the bin, 1 above it, and linear inside. Every function of the feature that is linear
    within each bin is a weighted sum of these columns. So a linear model on them bends where the
    data are, and a network finds steps and thresholds that it has a hard time with on the
    feature itself.

    Attributes
    ----------
    bin_edges_ : list of ndarray of shape (n_bins_ + 1,)
        The edges of each feature. A constant feature has one bin, which begins at its value.
    n_bins_ : ndarray of shape (n_features_in_,)
        The number of bins of each feature.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.

    See Also
    --------
    RobustSmoothScaler : One column for each feature.
    sklearn.preprocessing.KBinsDiscretizer : Steps instead of slopes.
    sklearn.preprocessing.SplineTransformer : Smooth pieces instead of linear ones.

    Notes
    -----
    Missing values, NaN, are left out in `fit`; in `transform` all columns of theirs are NaN.

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular deep
    learning", NeurIPS 2022, arXiv:2203.05556. There, the first and the last bin go on beyond the
    data; here every column stays between 0 and 1.

    Examples
    --------
    >>> from skdeep.preprocessing import PiecewiseLinearEncoder
    >>> encoder = PiecewiseLinearEncoder(n_bins=2).fit([[0.0], [1.0], [2.0], [10.0]])
    >>> encoder.bin_edges_
    [array([ 0. ,  1.5, 10. ])]
    >>> encoder.transform([[0.75], [1.5], [99.0]])
    array([[0.5, 0. ],
           [1. , 0. ],
           [1. , 1. ]])
    """

    n_bins: Annotated[
        int,
        integer(1, 2**16),
        """Bins for each feature, of as many rows each as ties permit. A feature of few values has
        fewer: equal quantiles count once.""",
    ] = 32

    @all_or_nothing
    def fit(
        self, X: ArrayLike, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> PiecewiseLinearEncoder:
        """Learn the bins.

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
        PiecewiseLinearEncoder
            The fitted encoder itself.
        """
        check_parameters(self)
        checked = self._check(X, reset=True)
        weight = check_sample_weight(sample_weight, checked)
        shares = np.linspace(0, 1, self.n_bins + 1)
        self.bin_edges_ = [_edges(weighted_quantiles(x, shares, weight)) for x in checked.T]
        self.n_bins_ = np.array([len(edges) - 1 for edges in self.bin_edges_])
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Encode.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features; NaN is missing.

        Returns
        -------
        ndarray of shape (n_samples, sum of n_bins_)
            The columns of the first feature, then those of the second, and so on.
        """
        check_is_fitted(self)
        checked = self._check(X, reset=False)
        Z = np.empty((len(checked), int(self.n_bins_.sum())), checked.dtype)
        start = 0
        for x, edges in zip(checked.T, self.bin_edges_, strict=True):
            columns = Z[:, start : start + len(edges) - 1]
            start += len(edges) - 1
            # In halves, so that the width of a bin over all floats is one itself.
            np.subtract(x[:, None] / 2, edges[:-1] / 2, out=columns, casting="same_kind")
            with np.errstate(over="ignore"):
                columns /= np.diff(edges / 2)
            np.clip(columns, 0, 1, out=columns)
        return Z

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Name the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features; None: those seen in `fit`, or x0, x1 and so on.

        Returns
        -------
        ndarray of str
            A feature's name and the number of the bin, as in "age_bin0".
        """
        check_is_fitted(self)
        names = input_names(self, input_features)
        return np.array(
            [
                f"{name}_bin{i}"
                for name, n_bins in zip(names, self.n_bins_, strict=True)
                for i in range(n_bins)
            ],
            dtype=object,
        )


def _edges(quantiles: NDArray[Any]) -> NDArray[Any]:
    if np.isnan(quantiles).any():  # no value at all
        quantiles = np.zeros(1, quantiles.dtype)
    edges = np.unique(quantiles)
    smallest = np.finfo(edges.dtype).tiny  # closer ones have no half between them
    edges = edges[np.r_[True, np.diff(edges / 2) >= smallest]]
    if len(edges) > 1:
        return edges
    last = np.clip(edges[0] / 2 + max(0.5, abs(edges[0] / 2)), None, np.finfo(edges.dtype).max / 2)
    if 2 * last > edges[0]:
        return np.array([edges[0], 2 * last], edges.dtype)
    return np.array([0, edges[0]], edges.dtype)
