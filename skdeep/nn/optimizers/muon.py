"""Muon: momentum made orthogonal, for matrices of weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from skdeep.nn.memory import Array
from skdeep.nn.optimizers.adam import Adam
from skdeep.nn.optimizers.base import Matrices
from skdeep.nn.vectors import axpy, length

__all__ = ["Muon", "orthogonalize"]

# Of the odd polynomial a s + b s**3 + c s**5 that, applied five times, takes all singular values
# from 0.01 to 1 near to 1; K. Jordan's, which make its slope at zero as large as can be.
_A, _B, _C = 3.4445, -4.7750, 2.0315


class Muon(Adam):
    """Momentum whose singular values are all set to about one; what is no matrix moves by `Adam`.

    ::

        M <- momentum M + G
        O = orthogonalize(G + momentum M), or of M itself without nesterov
        W <- W - rate 0.2 sqrt(max(n_rows, n_columns)) O

    The factor makes the mean square of a step's entries that of Adam [2]_, so that one rate, and
    one that suits Adam, is for all parameters. The matrices are the weights proper of all layers, a
    kernel of a convolution as a matrix of one column an output; biases, embeddings and the scales
    of normalizations are no matrices.

    Parameters
    ----------
    momentum : float in [0, 1), default=0.95
        What a matrix's step keeps of its velocity.
    nesterov : bool, default=True
        Whether to look ahead.
    beta_1, beta_2, epsilon, clip_norm, clip_value, weight_decay
        As in `Adam`.

    References
    ----------
    .. [1] K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.
    .. [2] J. Liu et al., "Muon is scalable for LLM training", arXiv:2502.16982, 2025, section 2.2.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Batches, Cosine, Dense, Muon, Network, Run, SquaredError
    >>> x = np.random.default_rng(0).normal(size=(100, 3))
    >>> batches = Batches(x, x[:, :2], None, 100, np.float64)
    >>> network = Network(Dense(2), input_shape=(3,), random_state=0)
    >>> run = Run(network, SquaredError(), Muon(), Cosine(0.1, n_epochs=100))
    >>> with run.working(batches):
    ...     best = [run.epoch() for _ in range(100)]
    >>> run.record.loss < 0.01
    True
    """

    by_matrix = True
    slots = ("m", "v", "velocity")
    velocity: Array

    def __init__(self, momentum: float = 0.95, nesterov: bool = True, **common: Any) -> None:
        super().__init__(**common)
        self.momentum, self.nesterov = momentum, nesterov

    def settle(
        self, xp: ModuleType, dtype: Any, size: int, matrices: Sequence[Matrices] = ()
    ) -> None:
        """Make the moments and velocities, zero, and remember where matrices lie."""
        super().settle(xp, dtype, size, matrices)
        self.shapes = {part.start: (part.stop, shape) for part, shape in matrices}

    def begin(self, learning_rate: float) -> None:
        """Work out the numbers of this step."""
        super().begin(learning_rate)
        self.matrix_rate = learning_rate

    def blocks(self, part: slice) -> Iterator[slice]:
        """Yield each matrix as a whole, and what lies between them in blocks."""
        start = part.start
        for first, (stop, _) in sorted(self.shapes.items()):
            yield from super().blocks(slice(start, first))
            yield slice(first, stop)
            start = stop
        yield from super().blocks(slice(start, part.stop))

    def update(self, w: Array, g: Array, part: slice) -> None:
        """Step along the orthogonal matrix next to the velocity, or as Adam does."""
        stop, shape = self.shapes.get(part.start, (None, (0, 0, 0)))
        if stop != part.stop:
            super().update(w, g, part)
            return
        velocity = self.velocity[part]
        velocity *= self.momentum
        velocity += g
        if self.nesterov:
            axpy(self.momentum, velocity, g)
        else:
            g[...] = velocity
        rate = self.matrix_rate * 0.2 * math.sqrt(max(shape[1:]))
        for matrix, weight in zip(g.reshape(shape), w.reshape(shape), strict=True):
            weight -= rate * orthogonalize(self.xp, matrix)


def orthogonalize(xp: ModuleType, matrix: Array, n_steps: int = 5) -> Array:
    """Return nearly U V' for the matrix U S V': its singular values become 0.7 to 1.2.

    Those of less than about a hundredth of the matrix's length become less. It takes products
    alone, by iterating ``X <- a X + b (X X') X + c (X X')**2 X`` on the matrix over its
    length [1]_.

    Parameters
    ----------
    xp : module
        The namespace of `matrix`.
    matrix : array of shape (n_rows, n_columns)
        A matrix of zeros stays one.
    n_steps : int, default=5

    Returns
    -------
    array of shape (n_rows, n_columns)

    References
    ----------
    .. [1] K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn.optimizers.muon import orthogonalize
    >>> matrix = np.random.default_rng(0).normal(size=(3, 5))
    >>> s = np.linalg.svd(orthogonalize(np, matrix), compute_uv=False)
    >>> bool(((0.7 < s) & (s < 1.2)).all())
    True
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / max(length(xp, matrix.reshape(-1)), 1e-30)
    for _ in range(n_steps):
        square = x @ x.T
        x = _A * x + (_B * square + _C * (square @ square)) @ x
    return x.T if tall else x
