"""What a linear classifier does before training: weights, starting point, checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep.linear_model.classifiers.decision import LinearDecisionMixin
from skdeep.linear_model.classifiers.nearest_mean import class_means
from skdeep.linear_model.losses.base import LogitLoss
from skdeep.linear_model.losses.offset import OffsetLoss
from skdeep.utils.arrays.sparse_rows import canonical
from skdeep.utils.class_weights import weigh_classes
from skdeep.utils.clean import validated
from skdeep.utils.weights import check_sample_weight

__all__ = ["ClassifierDataMixin"]

Array = NDArray[np.float64]


class ClassifierDataMixin(LinearDecisionMixin):
    """Validated rows, weights of rows, and where the weights start.

    A subclass says which loss it has.
    """

    C: float
    tol: float
    fit_intercept: bool
    class_weight: Any
    random_state: Any
    solver: str
    max_iter: int
    verbose: int
    warm_start: bool
    learning_rate_init: float | None
    batch_size: int
    balanced_batches: str | None
    n_iter_no_change: int
    weight_init: str

    def _check_params(self) -> None:
        raise NotImplementedError

    def _loss(self, y: NDArray[np.intp], n_classes: int, weight: Array) -> LogitLoss:
        raise NotImplementedError

    def _l1_ratio(self) -> float:
        return 0.0

    def _offset_loss(
        self, codes: NDArray[np.intp], n_classes: int, weight: Array, offset: Array | None
    ) -> LogitLoss:
        loss = self._loss(codes, n_classes, weight)
        return loss if offset is None else OffsetLoss(loss, offset)

    def _start(
        self, rows: Any, codes: NDArray[np.intp], n_classes: int, weight: Array
    ) -> tuple[Array, Array]:
        """Return the weights and intercepts to start from."""
        n_outputs = self._loss(codes[:1], n_classes, weight[:1]).n_outputs
        shape = n_outputs, rows.shape[1]
        old = getattr(self, "coef_", None) if self.warm_start else None
        if old is not None and old.shape == shape:
            dense = old.toarray() if sparse.issparse(old) else np.array(old, dtype=np.float64)
            return dense, np.array(self.intercept_, dtype=np.float64)
        if self.weight_init == "zeros":
            return np.zeros(shape), np.zeros(n_outputs)
        return class_means(rows, codes, n_classes, weight, n_outputs)

    def _weights(
        self,
        rows: Any,
        target: NDArray[Any],
        classes: NDArray[Any],
        codes: NDArray[np.intp],
        sample_weight: Any,
    ) -> Array:
        given = check_sample_weight(sample_weight, rows)
        weight = np.ones(len(target)) if given is None else given
        if self.class_weight is None:
            return weight
        weighted = weight * weigh_classes(self.class_weight, classes, codes, given)[codes]
        if not weighted.any():
            raise ValueError(f"class_weight={self.class_weight!r} leaves all sample weights zero.")
        return weighted

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray[Any]]:
        rows, target = validated(
            self,
            X,
            y,
            reset=reset,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
        )
        return (canonical(rows) if sparse.issparse(rows) else rows), target
