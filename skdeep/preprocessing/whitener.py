"""Whitening: features without correlation and of variance one, by PCA or ZCA."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import svd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skdeep.preprocessing.feature_names import input_names
from skdeep.utils.clean import check_array, validate_data
from skdeep.utils.parameters import check_parameters, parameters
from skdeep.utils.params import integer, none, one_of, real
from skdeep.utils.restore import all_or_nothing

__all__ = ["Whitener"]

_FLOATS = (np.float64, np.float32)


@parameters
class Whitener(TransformerMixin, BaseEstimator):
    """Turn features into uncorrelated ones of variance one, or only subtract their mean.

    With the mean m, the covariance C = V diag(v) V' of the training samples, its eigenvectors in
    the columns of V, and the regularization r times the mean variance, e::

        PCA:  z = diag(v + e)^(-1/2) V' (x - m)
        ZCA:  z = V diag(v + e)^(-1/2) V' (x - m)

    Both have the covariance identity where e is 0. PCA's features are the principal components, in
    order of their variance. ZCA's are, of all that are white, the nearest to the original ones in
    squares: a whitened picture still looks like one, with its edges drawn out. Real pictures need
    an e, since their finest directions are hardly more than noise, which would come to be as loud
    as all others. 'pca-cor' and 'zca-cor' do the same to features divided by their standard
    deviations, so that their units play no part; ZCA-cor's are the nearest to the standardized
    features.

    Attributes
    ----------
    mean_ : ndarray of shape (n_features_in_,)
        The mean of each feature, for pictures the mean picture.
    scale_ : ndarray of shape (n_features_in_,) or None
        Standard deviations where `method` goes by correlations; 1 for a constant feature.
    components_ : ndarray of shape (n_components_, n_features_in_) or None
        Eigenvectors of covariance or correlation, of the largest variance first, the largest entry
        of each positive. None for 'center', as the next three.
    explained_variance_ : ndarray of shape (n_components_,) or None
        The variance of each, the sum of squares over n_samples - 1.
    added_variance_ : float or None
        What `regularization` adds to each of them, e.
    n_components_ : int or None
        How many are kept.
    whitening_ : ndarray of shape (n_features_in_, n_features_out)
        The matrix by which differences from the mean are multiplied; its columns are the filters
        that make each output feature.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features, if all are strings.

    See Also
    --------
    RobustSmoothScaler : Each feature by itself, whatever its outliers.
    sklearn.decomposition.PCA : With ``whiten=True`` the same as 'pca', up to signs.

    Notes
    -----
    Directions in which the training samples do not differ at all, as with constant features or
    fewer samples than features, have no variance to divide by. They are left out: `transform`
    sees nothing of them, and `inverse_transform` has the mean there. So the covariance of ZCA's
    features is then a projection, the identity in the directions that are kept.

    In a pipeline, `fit` sees the training part alone, and with it mean and covariance.

    References
    ----------
    A. Kessy, A. Lewin, K. Strimmer, "Optimal whitening and decorrelation", The American
    Statistician 72, 2018.

    A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009, appendix A.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.preprocessing import Whitener
    >>> X = np.random.default_rng(0).normal(size=(100, 2)) @ [[2.0, 1.0], [0.0, 0.5]] + 3.0
    >>> white = Whitener().fit(X)
    >>> np.cov(white.transform(X), rowvar=False).round(6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    >>> bool(np.allclose(white.inverse_transform(white.transform(X)), X))
    True
    """

    method: Annotated[
        str,
        one_of("zca", "pca", "zca-cor", "pca-cor", "center"),
        """'zca' or 'pca', of covariances; 'zca-cor' or 'pca-cor', of correlations; 'center'
        subtracts the mean and nothing else.""",
    ] = "zca"
    _: KW_ONLY
    n_components: Annotated[
        Any,
        none() | integer(1) | real(0, 1, closed="neither"),
        """How many directions to keep, those of the largest variance; or the part of the variance
        that they are to have at least. None keeps all that have any.""",
    ] = None
    regularization: Annotated[
        float,
        real(0),
        """Added to the variance of each direction, in units of the mean variance of the features.
        For pictures 0.01 to 0.1.""",
    ] = 0.0

    @all_or_nothing
    def fit(self, X: ArrayLike, y: Any = None) -> Whitener:
        """Learn mean and principal directions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training samples, two at least but for 'center'.
        y : None
            Ignored.

        Returns
        -------
        Whitener
            The fitted transformer itself.

        Raises
        ------
        ValueError
            If a parameter is wrong, or there are fewer directions with variance than
            `n_components`, or none.
        """
        check_parameters(self)
        fewest = 1 if self.method == "center" else 2
        checked = validate_data(self, X, dtype=_FLOATS, ensure_min_samples=fewest)
        largest = np.abs(checked).max()
        most = np.sqrt(np.finfo(checked.dtype).max) / 1e3
        if largest > most:
            raise ValueError(
                f"X has entries up to {largest:.3g}, whose variances {checked.dtype} cannot hold. "
                "Scale the features."
            )
        centred = checked.astype(np.float64)  # a copy of our own
        constant = centred.min(axis=0) == centred.max(axis=0)
        mean = np.where(constant, centred[0], centred.mean(axis=0))  # to the last digit
        centred -= mean
        self.mean_ = mean.astype(checked.dtype)
        self.scale_: Any = None
        self.components_: Any = None
        self.explained_variance_: Any = None
        self.added_variance_: Any = None
        self.n_components_: Any = None
        if self.method != "center":
            self._learn_directions(centred, checked.dtype)
        return self

    def _learn_directions(self, centred: NDArray[np.float64], dtype: Any) -> None:
        n_samples, n_features = centred.shape
        if self.method.endswith("-cor"):
            unit = np.abs(centred).max(axis=0)  # so that squares of small numbers are not lost
            unit[unit == 0] = 1.0
            centred /= unit
            deviation = np.sqrt(np.einsum("ij,ij->j", centred, centred) / (n_samples - 1))
            scale = (unit * deviation).astype(dtype)
            scale[scale == 0] = 1.0
            self.scale_ = scale
            centred *= unit / scale
        # The triangle of a QR decomposition has the singular values of the samples, without the
        # squares of a covariance; with fewer samples than features, they are the smaller side.
        small = np.linalg.qr(centred, mode="r") if n_samples > n_features else centred
        _, singular, directions = svd(small, full_matrices=False, overwrite_a=True)
        variance = singular**2 / (n_samples - 1)
        smallest = max(centred.shape) * np.finfo(dtype).eps * singular[0]
        rank = int(((singular > smallest) & (variance >= np.finfo(dtype).tiny)).sum())
        kept = self._n_kept(variance, rank)
        directions = directions[:kept]
        largest = np.abs(directions).argmax(axis=1)
        directions *= np.sign(directions[np.arange(kept), largest])[:, None]
        self.components_ = directions.astype(dtype)
        self.explained_variance_ = variance[:kept].astype(dtype)
        self.added_variance_ = float(self.regularization * variance.sum() / n_features)
        if self.added_variance_ > np.finfo(dtype).max:
            raise ValueError(
                f"regularization={self.regularization:g} adds a variance that is no number of "
                f"{dtype}. Lower it."
            )
        self.n_components_ = kept

    def _n_kept(self, variance: NDArray[np.float64], rank: int) -> int:
        owner, wanted = type(self).__name__, self.n_components
        if rank == 0:
            raise ValueError(
                f"{owner} has no variance to divide by: all features are constant, or so nearly so "
                "that their squares are lost. Leave them out, scale them, or use method='center'."
            )
        if wanted is None:
            return rank
        if isinstance(wanted, (int, np.integer)):
            if wanted > rank:
                raise ValueError(
                    f"{owner} has n_components={wanted}, but these samples differ in {rank} "
                    "directions only; lower it, or leave it None."
                )
            return int(wanted)
        parts = np.cumsum(variance[:rank]) / variance[:rank].sum()
        return min(rank, int(np.searchsorted(parts, wanted)) + 1)

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Whiten.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            `n_components_` features with PCA, as many as in `X` otherwise.
        """
        check_is_fitted(self)
        checked = validate_data(self, X, dtype=_FLOATS, reset=False)
        dtype = checked.dtype
        with np.errstate(over="ignore", invalid="ignore"):
            return _in_range(self._whitened(checked, dtype))

    def _whitened(self, X: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
        Z = X - self.mean_.astype(dtype)
        if self.components_ is None:
            return Z
        if self.scale_ is not None:
            Z /= self.scale_
        directions = self.components_.astype(dtype, copy=False)
        Z = Z @ directions.T
        Z /= self._lengths().astype(dtype)
        return Z @ directions if self.method.startswith("zca") else Z

    def inverse_transform(self, X: ArrayLike) -> NDArray[Any]:
        """Go back to the features' own units.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features_out)
            Whitened samples.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            What `transform` made `X` of, in the directions that are kept.

        Raises
        ------
        ValueError
            If `X` has another number of features than `transform` returns.
        """
        check_is_fitted(self)
        Z = check_array(X, dtype=_FLOATS)
        n_out = self._n_features_out
        if Z.shape[1] != n_out:
            raise ValueError(
                f"X has {Z.shape[1]} features, but {type(self).__name__} makes {n_out} features."
            )
        with np.errstate(over="ignore", invalid="ignore"):
            return _in_range(self._back(Z))

    def _back(self, Z: NDArray[Any]) -> NDArray[Any]:
        if self.components_ is None:
            return Z + self.mean_.astype(Z.dtype)
        directions = self.components_.astype(Z.dtype, copy=False)
        if self.method.startswith("zca"):
            Z = Z @ directions.T
        back = (Z * self._lengths().astype(Z.dtype)) @ directions
        if self.scale_ is not None:
            back *= self.scale_
        back += self.mean_
        return back

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        """Return the names of the output features.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features_in_,), default=None
            Names of the input, if it had none in `fit`.

        Returns
        -------
        ndarray of str of shape (n_features_out,)
            Those of PCA are whitener0, whitener1 and so on; otherwise those of the input.
        """
        check_is_fitted(self)
        names = input_names(self, input_features)
        if not self.method.startswith("pca"):
            return names
        return np.array([f"whitener{i}" for i in range(self._n_features_out)], dtype=object)

    @property
    def whitening_(self) -> NDArray[Any]:
        """The matrix by which differences from the mean are multiplied."""
        if not hasattr(self, "mean_"):
            raise AttributeError(f"This {type(self).__name__} instance is not fitted yet.")
        if self.components_ is None:
            return np.eye(self.n_features_in_, dtype=self.mean_.dtype)
        matrix = self.components_.T / self._lengths()
        if self.scale_ is not None:
            matrix /= self.scale_[:, None]
        return matrix @ self.components_ if self.method.startswith("zca") else matrix

    def _lengths(self) -> NDArray[Any]:
        """Return what each direction is divided by, of shape (n_components_,)."""
        variance = self.explained_variance_
        return np.sqrt(variance + variance.dtype.type(self.added_variance_))  # float32 stays

    @property
    def _n_features_out(self) -> int:
        pca = self.method.startswith("pca")
        return self.n_components_ if pca else self.n_features_in_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _in_range(rows: NDArray[Any]) -> NDArray[Any]:
    """Return rows as they are, or raise ValueError if they are no numbers."""
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"Row {int(finite.argmin())} leaves the range of {rows.dtype}: its numbers are far "
            "beyond those of fit. Scale them."
        )
    return rows
