"""What an average of networks gains, and why: scores, and how far errors are shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EnsembleReport", "mean_products"]


@dataclass(frozen=True, eq=False)
class EnsembleReport:
    """Scores of an ensemble and of its members on held-out samples, and their errors' products.

    An error e_i of member i is its prediction less the target: a number, or with classes the
    vector of probabilities less the one of the true class, whose squares and products are summed
    over classes. For the mean of k members::

        E[(1/k sum_i e_i)^2] = 1/k E[e^2] + (k - 1)/k E[e_i e_j]

    with the mean of E[e_i^2] over members and that of E[e_i e_j] over pairs. Independent errors
    leave the first term alone, which k makes small; what members err alike stays.

    Parameters
    ----------
    metric : {'accuracy', 'R2', 'D2'}
    scores : ndarray of shape (n_estimators,)
        Of each member.
    ensemble_score : float
        Of their mean.
    products : ndarray of shape (n_estimators, n_estimators)
        E[e_i e_j], over the samples that both have not seen.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.neural_network import EnsembleReport
    >>> products = np.array([[0.10, 0.02], [0.02, 0.10]])
    >>> report = EnsembleReport("R2", np.array([0.90, 0.90]), 0.94, products)
    >>> print(report)
    member            R2  mean square  correlation of errors
    --------------------------------------------------------
    0             0.9000       0.1000                  0.200
    1             0.9000       0.1000                  0.200
    mean          0.9000       0.1000                  0.200
    ensemble      0.9400       0.0600
    <BLANKLINE>
    0.0600 = 1/2 * 0.1000 + 1/2 * 0.0200; independent errors would leave 0.0500.
    """

    metric: str
    scores: NDArray[np.float64]
    ensemble_score: float
    products: NDArray[np.float64]

    @property
    def correlation(self) -> NDArray[np.float64]:
        """E[e_i e_j] / sqrt(E[e_i^2] E[e_j^2]), (n_estimators, n_estimators).

        Errors are not centred: a bias that members share is an error that they share.
        """
        length = np.sqrt(np.diag(self.products))
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.products / np.outer(length, length)

    @property
    def members_mean_square(self) -> float:
        """E[e^2], the mean over members."""
        return float(np.diag(self.products).mean())

    @property
    def shared_mean_square(self) -> float:
        """E[e_i e_j], the mean over pairs of different members; NaN for a single one."""
        return _mean_over_pairs(self.products)

    @property
    def mean_square(self) -> float:
        """E[(1/k sum e_i)^2], the mean square error of the ensemble, by the identity above."""
        return float(self.products.mean())

    @property
    def mean_correlation(self) -> float:
        """The mean correlation over pairs of different members; NaN for a single one."""
        return _mean_over_pairs(self.correlation)

    def __str__(self) -> str:
        """Return a table with a row for each member, and the identity in numbers."""
        k = len(self.scores)
        header = f"{'member':<10}{self.metric:>10}{'mean square':>13}{'correlation of errors':>23}"
        lines = [header, "-" * len(header)]
        own = np.where(np.eye(k, dtype=bool), np.nan, self.correlation)
        for i in range(k):
            row = _row(i, self.scores[i], self.products[i, i], _mean(own[i]))
            lines.append(row)
        of_all = (self.scores.mean(), self.members_mean_square, self.mean_correlation)
        lines.append(_row("mean", *of_all))
        lines.append(_row("ensemble", self.ensemble_score, self.mean_square))
        if k > 1:
            each, shared = self.members_mean_square, self.shared_mean_square
            lines += [
                "",
                f"{self.mean_square:.4f} = 1/{k} * {each:.4f} + {k - 1}/{k} * {shared:.4f}; "
                f"independent errors would leave {each / k:.4f}.",
            ]
        return "\n".join(lines)


def mean_products(
    errors: NDArray[Any],
    weight: NDArray[Any] | None = None,
    counted: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return E[e_i e_j] for all pairs of members.

    Parameters
    ----------
    errors : ndarray of shape (n_estimators, n_samples, n_outputs)
        Products are summed over outputs.
    weight : ndarray of shape (n_samples,) or None, default=None
        How often each sample counts.
    counted : ndarray of bool of shape (n_estimators, n_samples) or None, default=None
        The samples that count for each member; a pair is judged by those that count for both.

    Returns
    -------
    ndarray of shape (n_estimators, n_estimators)
        NaN where no sample counts for both.

    Notes
    -----
    Where pairs are judged by different samples, some happen to be harder than others. The products
    of a pair are then in the proportion to the squares on the same samples that they were found
    in: E[e_i e_j] is the correlation there times the lengths of errors on all samples.
    """
    k, n, _ = errors.shape
    errors = errors.astype(np.float64)
    w = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)
    if counted is None or (counted == counted[0]).all():
        w = w if counted is None else w * counted[0]
        flat = errors.reshape(k, -1)
        with np.errstate(invalid="ignore", over="ignore"):  # where no sample counts; huge errors
            return (errors * w[:, None]).reshape(k, -1) @ flat.T / w.sum()
    seen = counted.astype(np.float64)
    errors *= seen[:, :, None]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        products = (errors * w[:, None]).reshape(k, -1) @ errors.reshape(k, -1).T
        squares = (errors**2).sum(axis=2) * w @ seen.T  # of i, where j counts, too
        correlation = products / np.sqrt(squares * squares.T)
        length = np.sqrt(np.diag(squares) / (seen @ w))
        return correlation * np.outer(length, length)


def _mean_over_pairs(matrix: NDArray[np.float64]) -> float:
    k = len(matrix)
    return _mean(matrix[~np.eye(k, dtype=bool)])


def _mean(values: NDArray[np.float64]) -> float:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else float("nan")


def _row(name: Any, score: float, square: float, correlation: float | None = None) -> str:
    row = f"{name!s:<10}{score:>10.4f}{square:>13.4f}"
    return row if correlation is None else row + f"{correlation:>23.3f}"
