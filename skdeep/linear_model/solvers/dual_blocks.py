r"""Hinge losses on sparse tables: ascent of the dual, by blocks of rows.

The least of :math:`\tfrac\lambda2 \|W\|^2 + \sum_i \ell_i(W x_i + b)` has
:math:`W^T = -\tfrac1\lambda X^T A` with the slopes :math:`A` of the losses, which maximise

.. math:: -\tfrac1{2\lambda} \|X^T A\|^2 - \sum_i \ell_i^*(a_i), \qquad \sum_i a_i = 0.

The slopes of a block of rows move together, by some accelerated proximal steps with the small
Gram matrix of the block, and the weights follow at once, as in sequential dual methods that go row
by row. The intercept counts as the weight of a constant feature, and its penalty is around where
it was before, so that it vanishes in the end (the method of multipliers). How far that center
moves is what the last two passes tell about the sums of the slopes (the secant method).

References
----------
S. S. Keerthi, S. Sundararajan, K.-W. Chang, C.-J. Hsieh, C.-J. Lin, "A sequential dual method for
large scale multi-class linear SVMs", KDD 2008. S. Shalev-Shwartz, T. Zhang, "Stochastic dual
coordinate ascent methods for regularized loss minimization", JMLR 14, 2013.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skdeep.linear_model.losses.crammer_singer import CrammerSinger
from skdeep.linear_model.losses.hinge import BinaryHinge, MulticlassHinge
from skdeep.linear_model.losses.hinge_duals import Nearest, conjugate, nearest_slopes
from skdeep.linear_model.solvers.newton import AfterStep, Minimum
from skdeep.linear_model.solvers.objective import LinearObjective
from skdeep.utils.threads import limit_blas_threads

__all__ = ["ascend_dual", "suits_dual"]

Array = NDArray[np.float64]

# Rows that move together, fewer where the Gram matrices of all blocks had more numbers than this.
BLOCK_ROWS, MAX_GRAM_ENTRIES = 128, 2**24
# How many steps a block takes at a time, at least; more where its rows have much in common.
LEAST_STEPS = 3
# The constant feature has this part of the mean square of a row, over the rows of a block.
INTERCEPT_SHARE = 0.125
# The center of its penalty moves at most so many times as far as without the secant.
LONGEST_MOVE = 1000.0
# Where so many passes leave more than this part of the objective, rows have too much in common.
TRIAL_PASSES, MAX_TRIAL_GAP = 20, 0.5


def suits_dual(objective: LinearObjective) -> bool:
    """Say whether an objective is for `ascend_dual`.

    It is with sparse rows and a hinge of several classes that has kinks, or any hinge and fewer
    rows than features.
    """
    loss: Any = objective.loss
    n_samples, n_features = objective.X.shape
    has_kinks = isinstance(loss, CrammerSinger) or (
        isinstance(loss, MulticlassHinge) and loss.power == 1
    )
    return bool(
        objective.is_sparse
        and isinstance(loss, (BinaryHinge, MulticlassHinge))
        and (has_kinks or 2 * n_samples < n_features)
        and not objective.has_l1
        and objective.l2.min() > 0
        and np.ptp(objective.l2) == 0
    )


def ascend_dual(
    objective: LinearObjective, *, tol: float, max_iter: int, after_step: AfterStep
) -> Minimum:
    """Minimise an objective that `suits_dual`, from weights of zero.

    Parameters
    ----------
    objective : LinearObjective
        What is minimised.
    tol : float
        It is over when the duality gap is at most this part of the objective.
    max_iter : int
        The largest number of passes over the rows.
    after_step : callable
        ``after_step(theta, value) -> stop``, after each pass.

    Returns
    -------
    Minimum
    """
    with limit_blas_threads(1):
        ascent = _Ascent(objective)
        random, value = np.random.RandomState(0), np.inf
        for n_iter in range(1, max_iter + 1):
            for place in random.permutation(len(ascent.blocks)):
                ascent.move(ascent.blocks[place])
            value, gap = ascent.value_and_gap()
            if after_step(ascent.theta, value) or gap <= tol * value:
                return Minimum(ascent.theta, value, n_iter, True)
            if n_iter == TRIAL_PASSES and gap > MAX_TRIAL_GAP * value:
                return Minimum(ascent.theta, value, n_iter, False)
            ascent.center_intercept()
    return Minimum(ascent.theta, value, max_iter, False)


class _Block:
    """Some rows, on the columns that they have, with their Gram matrix.

    Attributes
    ----------
    rows : ndarray of int
        Which rows.
    columns : ndarray of int
        Columns with entries.
    X, transposed : csr_array
        The rows on these columns.
    gram : ndarray of shape (n_rows, n_rows)
        By how much the slopes lower the logits, times the step.
    size : ndarray of shape (n_rows, 1)
        Steps of this length always gain.
    n_steps : int
        How many of them are taken at a time.
    """

    def __init__(self, objective: LinearObjective, rows: NDArray[np.intp], shift: float) -> None:
        loss: Any = objective.loss
        X, self.rows = objective.X[rows], rows
        self.columns, places = np.unique(X.indices, return_inverse=True)
        shape = len(rows), len(self.columns)
        data = X.data.astype(np.float64)
        self.X = sparse.csr_array((data, places.astype(np.int32), X.indptr), shape=shape)
        self.transposed = self.X.T.tocsr()
        self.gram = (self.X @ self.transposed).toarray()
        self.gram += shift
        self.gram /= float(objective.l2[0])
        own = self.gram.diagonal().copy()
        # A row without entries has one kind of slopes that is best, however long the step.
        own[own <= 0] = 1.0 if own.max() <= 0 else own.max()
        scale = 1.0 / np.sqrt(own)
        # Rows' largest sums bound the eigenvalues.
        bound = (np.abs(self.gram) * scale * scale[:, None]).sum(axis=1).max()
        largest = _largest_eigenvalue(self.gram, scale, bound)
        self.n_steps = max(LEAST_STEPS, int(np.sqrt(largest)))
        self.size = (1.0 / (own * largest))[:, None]
        self.gram *= self.size
        self.weight = loss.weight[rows][:, None]
        # One output is the logit of the second of two classes.
        outputs = np.arange(loss.n_outputs) if loss.n_outputs > 1 else [1]
        self.right = loss.y[rows][:, None] == outputs


def _largest_eigenvalue(gram: Array, scale: Array, bound: float) -> float:
    """Return a bound of the eigenvalues of the scaled Gram matrix, near the largest."""
    scaled = np.abs(gram) * scale * scale[:, None]
    vector = np.ones(len(gram))
    for _ in range(8):
        image = scaled @ vector
        # Collatz and Wielandt: the matrix has no negative entries.
        bound = min(bound, float((image / vector).max()))
        vector = np.maximum(image / image.max(), 1e-3)
    return bound


class _Ascent:
    """Slopes of all rows and the weights that belong to them."""

    def __init__(self, objective: LinearObjective) -> None:
        self.objective, self.loss = objective, objective.loss
        self.penalty = float(objective.l2[0])
        loss: Any = objective.loss
        self.nearest: Nearest = nearest_slopes(loss)
        n_samples, width = objective.X.shape
        kept = np.flatnonzero(loss.weight > 0)
        n_rows = int(min(BLOCK_ROWS, max(16, MAX_GRAM_ENTRIES // n_samples)))
        norms = np.asarray(objective.X.power(2, dtype=np.float64).sum(axis=1)).ravel()[kept]
        share = INTERCEPT_SHARE if objective.fit_intercept else 0.0
        self.shift = share * float(norms.mean()) / n_rows
        self._last: tuple[Array, Array, float] | None = None  # center, sums and step
        order = np.random.RandomState(0).permutation(kept)
        self.blocks = [
            _Block(objective, order[start : start + n_rows], self.shift)
            for start in range(0, len(order), n_rows)
        ]
        self.kept, self.part = kept, loss.part(kept)
        self.slopes = np.zeros((n_samples, loss.n_outputs))
        self._weights = np.zeros((width + objective.fit_intercept, loss.n_outputs))
        self.W = self._weights[:width]
        self.intercept = self._weights[width] if objective.fit_intercept else np.zeros(1)

    @property
    def theta(self) -> Array:
        """The weights in the shape of the objective."""
        return self._weights.T

    def move(self, block: _Block) -> None:
        """Improve the slopes of some rows."""
        weights, before = self.W[block.columns], self.slopes[block.rows]
        logits = block.X @ weights
        logits += self.intercept
        logits *= block.size
        slopes, ahead, momentum = before, before, 1.0
        for _ in range(block.n_steps):
            target = ahead + logits
            target -= block.gram @ (ahead - before)
            improved = self.nearest(target, block.right, block.weight, block.size)
            following = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
            ahead = improved + ((momentum - 1.0) / following) * (improved - slopes)
            slopes, momentum = improved, following
        self.slopes[block.rows] = slopes
        change = slopes - before
        change /= self.penalty
        weights -= block.transposed @ change
        self.W[block.columns] = weights
        if self.shift:
            self.intercept -= self.shift * change.sum(axis=0)

    def value_and_gap(self) -> tuple[float, float]:
        """Return the objective and by how much it can fall."""
        logits = self.objective.logits(self.theta)
        loss = self.loss.value(logits)
        gap = loss + conjugate(self.part, self.slopes[self.kept])
        gap -= float(np.vdot(self.slopes, logits))
        if self.shift:
            # With slopes that do not add up to zero, an intercept is worth moving.
            reach = 1.0 + float(np.abs(self.intercept).max())
            gap += reach * float(np.abs(self.slopes.sum(axis=0)).sum())
        return loss + 0.5 * self.penalty * float(np.vdot(self.W, self.W)), gap

    def center_intercept(self) -> None:
        """Move the center of the penalty of the intercept to where the slopes add up to zero."""
        if not self.shift:
            return
        least = step = self.shift / self.penalty
        total = self.slopes.sum(axis=0)
        center = self.intercept + least * total
        if self._last is not None:
            before, total_before, step_before = self._last
            moved, change = center - before, total - total_before
            product = float(np.vdot(moved, change))
            if product > 0.1 * np.linalg.norm(moved) * np.linalg.norm(change):
                step = float(np.vdot(moved, moved)) / product
            elif np.linalg.norm(change) < 0.1 * np.linalg.norm(total):
                step = 2.0 * step_before  # slopes at their bounds do not answer yet
            step = min(max(step, least), LONGEST_MOVE * least)
        self._last = center, total, step
        self.intercept -= step * total
