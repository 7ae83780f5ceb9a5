"""How much each view counts: greedy additions that lower the loss on rows left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["greedy_mix"]


def greedy_mix(
    predictions: list[NDArray[np.float64]],
    loss: Callable[[NDArray[np.float64]], float],
    *,
    rounds: int = 20,
    from_all: bool = False,
) -> NDArray[np.float64]:
    """Return weights of predictions, with sum one, under which their mean has a low loss.

    From the best alone, or from each once, the one that lowers the loss most is added again and
    again, until none does.

    Parameters
    ----------
    predictions : list of ndarray of shape (n_samples, n_outputs)
        Of each view.
    loss : callable
        ``loss(prediction) -> float``.
    rounds : int, default=20
        Additions at most.
    from_all : bool, default=False
        Whether each counts once in the beginning.

    Returns
    -------
    ndarray of shape (n_predictions,)

    References
    ----------
    R. Caruana, A. Niculescu-Mizil, G. Crew, A. Ksikes, "Ensemble selection from libraries of
    models", ICML 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.neural_network.tabular.members.mixing import greedy_mix
    >>> low, high = np.array([[0.0]]), np.array([[3.0]])
    >>> greedy_mix([low, high], lambda p: float(((p - 1.0) ** 2).sum())).round(3)
    array([0.667, 0.333])
    """
    weights = np.ones(len(predictions))
    if not from_all:
        weights = np.eye(len(predictions))[int(np.argmin([loss(p) for p in predictions]))]
    total = sum(w * p for w, p in zip(weights, predictions, strict=True))
    lowest = loss(total / weights.sum())
    for _ in range(rounds):
        tries = [loss((total + p) / (weights.sum() + 1)) for p in predictions]
        chosen = int(np.argmin(tries))
        if tries[chosen] >= lowest:
            break
        lowest = tries[chosen]
        total = total + predictions[chosen]
        weights[chosen] += 1
    return weights / weights.sum()
