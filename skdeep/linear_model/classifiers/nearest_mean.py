"""Where training may start: at the classifier by the nearest class mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = ["class_means"]

Array = NDArray[np.float64]


def class_means(
    rows: Any, codes: NDArray[np.intp], n_classes: int, weight: Array, n_outputs: int
) -> tuple[Array, Array]:
    r"""Return the linear classifier by the nearest class mean, as weights and intercepts.

    With class means :math:`\mu_k`, their mean :math:`\mu` and the mean variance
    :math:`\sigma^2` of a feature within the classes, the logits are
    :math:`(\|x - \mu\|^2 - \|x - \mu_k\|^2) / 2\sigma^2`.
    """
    indicator = sparse.csr_matrix(
        (weight, (codes, np.arange(len(codes)))), shape=(n_classes, len(codes))
    )
    sizes = np.asarray(indicator.sum(axis=1)).ravel()
    sums = indicator @ rows
    sums = sums.toarray() if sparse.issparse(sums) else np.asarray(sums, dtype=np.float64)
    means = sums / np.where(sizes > 0, sizes, 1.0)[:, None]
    squares = rows.multiply(rows) if sparse.issparse(rows) else np.square(rows, dtype=np.float64)
    total = float((weight @ squares).sum())
    variance = (total - float(sizes @ (means**2).sum(axis=1))) / (weight.sum() * rows.shape[1])
    variance = variance if variance > 1e-300 else 1.0
    coef = (means - means.mean(axis=0)) / variance
    level = -0.5 * (means**2).sum(axis=1) / variance
    level -= level.mean()
    if n_outputs == 1:
        return coef[1:] - coef[:1], level[1:] - level[:1]
    return coef, level
