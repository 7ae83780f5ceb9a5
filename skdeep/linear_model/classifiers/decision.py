"""From weights to classes and probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import log_expit, log_softmax, softmax
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_is_fitted

from skdeep.utils.arrays.array_api import in_kind
from skdeep.utils.clean import check_array, validated
from skdeep.utils.threads import limit_blas_threads

__all__ = ["LinearDecisionMixin", "SoftmaxProbabilityMixin", "check_offset"]

Array = NDArray[np.float64]


class LinearDecisionMixin:
    """Predictions from `coef_`, `intercept_` and `classes_`."""

    coef_: Any
    intercept_: Array
    classes_: NDArray[Any]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.sparse = True
        return tags

    @in_kind
    def decision_function(self, X: ArrayLike) -> Array:
        """Return the logits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            With two classes, one number a row: positive for the second class.
        """
        check_is_fitted(self)
        rows = validated(
            self,
            X,
            reset=False,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
        )
        with limit_blas_threads(), np.errstate(over="ignore", invalid="ignore"):
            scores = safe_sparse_dot(rows, self.coef_.T, dense_output=True) + self.intercept_
            if not np.isfinite(scores).all():
                scores = _far_scores(rows, self.coef_)
        return scores.reshape(-1) if scores.shape[1] == 1 else scores

    @in_kind
    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most likely class of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        ndarray of shape (n_samples,)
            Classes.
        """
        return self._most_likely(self.decision_function(X))

    def _most_likely(self, scores: Array) -> NDArray[Any]:
        if scores.ndim == 1:
            return self.classes_[(scores > 0).astype(np.intp)]
        return self.classes_[scores.argmax(axis=1)]

    def sparsify(self) -> LinearDecisionMixin:
        """Turn `coef_` into a sparse matrix, which is smaller where an L1 penalty made zeros.

        Returns
        -------
        estimator
            The fitted estimator itself.
        """
        check_is_fitted(self)
        self.coef_ = sparse.csr_matrix(self.coef_)
        return self

    def densify(self) -> LinearDecisionMixin:
        """Turn `coef_` back into an array.

        Returns
        -------
        estimator
            The fitted estimator itself.
        """
        check_is_fitted(self)
        if sparse.issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
        return self


def _far_scores(rows: Any, coef: Any) -> Array:
    """Return scores that leave the range of floats as a quarter of its end."""
    small = safe_sparse_dot(rows * 2.0**-540, coef.T * 2.0**-540, dense_output=True)
    most = np.finfo(small.dtype).max / 4
    return np.clip(small * 2.0**540 * 2.0**540, -most, most)


class SoftmaxProbabilityMixin(LinearDecisionMixin):
    """Probabilities from the logits."""

    @in_kind
    def decision_function(self, X: ArrayLike, offset: ArrayLike | None = None) -> Array:
        """Return the logits.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits of each row.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            With two classes, one number a row: positive for the second class.
        """
        logits = super().decision_function(X)
        checked = check_offset(offset, len(logits), len(self.classes_))
        return logits if checked is None else logits + checked.reshape(logits.shape)

    @in_kind
    def predict(self, X: ArrayLike, offset: ArrayLike | None = None) -> NDArray[Any]:
        """Return the most likely class of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits of each row.

        Returns
        -------
        ndarray of shape (n_samples,)
            Classes.
        """
        return self._most_likely(self.decision_function(X, offset))

    @in_kind
    def predict_proba(self, X: ArrayLike, offset: ArrayLike | None = None) -> Array:
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits of each row.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`.
        """
        logits = self.decision_function(X, offset)
        if logits.ndim == 1:
            return np.exp(log_expit(np.column_stack((-logits, logits))))
        with np.errstate(over="ignore"):  # of differences beyond all floats
            return softmax(logits, axis=1)

    @in_kind
    def predict_log_proba(self, X: ArrayLike, offset: ArrayLike | None = None) -> Array:
        """Return the logarithms of the probabilities, exact where a probability rounds to 0.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        offset : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            What is added to the logits of each row.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Logarithms of `predict_proba`.
        """
        logits = self.decision_function(X, offset)
        if logits.ndim == 1:
            return log_expit(np.column_stack((-logits, logits)))
        with np.errstate(over="ignore"):
            return log_softmax(logits, axis=1)


def check_offset(offset: ArrayLike | None, n_samples: int, n_classes: int) -> Array | None:
    """Return an offset of the logits as an array of shape (n_samples, n_outputs), or None.

    Raises
    ------
    ValueError
        If it has another shape, or numbers that are not finite.
    """
    if offset is None:
        return None
    checked = check_array(offset, ensure_2d=False, dtype=np.float64, input_name="offset")
    shape = (n_samples,) if n_classes == 2 else (n_samples, n_classes)
    if checked.shape != shape:
        raise ValueError(
            f"offset has shape {checked.shape}; with {n_classes} classes and {n_samples} rows it "
            f"takes {shape}."
        )
    return checked.reshape(n_samples, -1)
