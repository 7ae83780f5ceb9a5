"""Averages of the weights that training passes through.

The weights of single steps jump about a solution by the noise of their batches; an average of them
lies nearer to it, and often predicts better, without a step more. Training goes on from the
weights as they are; validation and prediction have the average, with running statistics of its
own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from skdeep.nn.memory import Array
from skdeep.nn.network import Network

__all__ = ["ExponentialAverage", "StochasticAverage", "WeightAverage"]


class WeightAverage:
    """The base of averages; a subclass says what a new vector of weights counts.

    Attributes
    ----------
    mean : array of shape (n_parameters,) or None
        The average, once there is one.
    n : int
        How many vectors it is of.
    trained : array of shape (n_parameters,) or None
        The weights that training goes on from, where the network has the average.
    """

    #: Whether the weights after every step count, or those after every epoch.
    by_step: ClassVar[bool] = False

    def __init__(self) -> None:
        self.mean: Array | None = None
        self.trained: Array | None = None
        self.n = 0

    def share(self, n_epochs: int) -> float:
        """Return what the weights after `n_epochs` epochs count, the mean counting the rest."""
        raise NotImplementedError

    def update(self, params: Array, n_epochs: int) -> None:
        """Add the weights of this moment.

        Parameters
        ----------
        params : array of shape (n_parameters,)
        n_epochs : int
            How many epochs are done.
        """
        share = self.share(n_epochs)
        if not share:
            return
        self.n += 1
        if self.mean is None:
            self.mean = params * 1
            return
        step = params - self.mean
        step *= share
        self.mean += step  # at once: Ctrl-C leaves the old mean or the new one

    @contextmanager
    def shown(self, network: Network) -> Iterator[None]:
        """Have the network with the average, if there is one, inside the block."""
        self.show(network)
        try:
            yield
        finally:
            self.hide(network)

    def show(self, network: Network) -> bool:
        """Give the network the average; return whether there is one."""
        if self.mean is None:
            return False
        if self.trained is None:  # else Ctrl-C came before the end of `shown`
            self.trained = network.params * 1
        network.params[...] = self.mean
        return True

    def hide(self, network: Network) -> None:
        """Give the network the weights back that training goes on from."""
        if self.trained is not None:
            network.params[...] = self.trained
            self.trained = None

    def state(self) -> dict[str, Any]:
        """Return copies of all attributes, by name."""
        return copy.deepcopy(vars(self))

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        vars(self).update(copy.deepcopy(state))


class ExponentialAverage(WeightAverage):
    """An average of the weights after each step: mean <- decay mean + (1 - decay) w.

    It begins with the first weights that it is given, as PyTorch's ``AveragedModel`` does.

    Parameters
    ----------
    decay : float in [0, 1), default=0.999
        What the mean keeps from step to step: it reaches back some 1 / (1 - decay) steps.

    References
    ----------
    B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM
    Journal on Control and Optimization 30, 1992, of the plain mean; D. Morales-Brotons, T. Vogels,
    H. Hendrikx, "Exponential moving average of weights in deep learning", TMLR 2024.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import ExponentialAverage
    >>> average = ExponentialAverage(decay=0.9)
    >>> for w in (1.0, 2.0, 2.0):
    ...     average.update(np.array([w]), 0)
    >>> average.mean
    array([1.19])
    """

    by_step = True

    def __init__(self, decay: float = 0.999) -> None:
        super().__init__()
        self.decay = decay

    def share(self, n_epochs: int) -> float:
        """Return 1 - decay."""
        return 1 - self.decay


class StochasticAverage(WeightAverage):
    """The plain mean of the weights after each epoch but the first ones.

    Parameters
    ----------
    start : int >= 0, default=0
        How many epochs do not count.

    References
    ----------
    P. Izmailov, D. Podoprikhin, T. Garipov, D. Vetrov, A. G. Wilson, "Averaging weights leads to
    wider optima and better generalization", UAI 2018, where it is called stochastic weight
    averaging.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import StochasticAverage
    >>> average = StochasticAverage(start=1)
    >>> for epoch, w in enumerate((9.0, 1.0, 2.0, 6.0), start=1):
    ...     average.update(np.array([w]), epoch)
    >>> average.mean
    array([3.])
    """

    def __init__(self, start: int = 0) -> None:
        super().__init__()
        self.start = start

    def share(self, n_epochs: int) -> float:
        """Return one over the number of epochs that count, zero before the first."""
        return 1 / (self.n + 1) if n_epochs > self.start else 0.0
