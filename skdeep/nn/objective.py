"""A network's loss on given data as a function of the parameter vector, for any optimizer."""

from __future__ import annotations

from dataclasses import replace

from skdeep.nn.layers.base import Mode
from skdeep.nn.losses import Loss
from skdeep.nn.memory import Array
from skdeep.nn.network import Network
from skdeep.nn.penalties import Penalty

__all__ = ["Objective"]


class Objective:
    """Loss plus penalty of a network on one set of samples.

    Parameters
    ----------
    network : Network
    loss : Loss
    x : array of shape (n_samples, *input_shape)
    target : array
        As the loss takes it.
    weight : array of shape (n_samples,) or None, default=None
        What each sample counts, with sum 1.
    penalty : Penalty or None, default=None
    count : float or None, default=None
        What the weights summed to before, for the running statistics.
    lengths : array of int of shape (n_samples,) or None, default=None
        Valid steps of each sequence.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Dense, Network, Objective, SquaredError
    >>> network = Network(Dense(1), input_shape=(1,), random_state=0)
    >>> objective = Objective(network, SquaredError(), np.array([[1.0]]), np.array([[3.0]]))
    >>> value, gradient = objective(np.array([1.0, 0.0]))  # weight 1, bias 0: off by -2
    >>> value, gradient
    (2.0, array([-2., -2.]))
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        x: Array,
        target: Array,
        weight: Array | None = None,
        penalty: Penalty | None = None,
        count: float | None = None,
        lengths: Array | None = None,
    ) -> None:
        self.network, self.loss, self.penalty = network, loss, penalty
        self.x, self.target, self.weight, self.lengths = x, target, weight, lengths
        self.mode = Mode(training=True, weight=weight, count=count, lengths=lengths)
        loss.settle(network.xp, network.dtype)
        if penalty is not None:
            penalty.settle(network)

    def __call__(self, vector: Array) -> tuple[float, Array]:
        """Return value and gradient at `vector`; the gradient is good until the next call."""
        network = self.network
        network.params[...] = vector
        z = network.forward(self.x, self.mode)
        value, grad_z = self.loss.value_and_gradient(z, self.target, self.weight, self.lengths)
        network.backward(grad_z)
        if network.penalizes:
            value += network.penalty()
        if self.penalty is not None:
            weights = network.params[: network.n_penalized]
            value += self.penalty.value(weights)
            self.penalty.add_gradient(weights, network.grad[: network.n_penalized])
        return value, network.grad

    def settle_statistics(self) -> None:
        """Make running statistics those of the data at the parameters as they are.

        A line search has moved them at every point that it tried.
        """
        if self.network.statistics.shape[0]:
            self.network.reset_statistics()
            settling = replace(self.mode, training=False, settles=True)
            self.network.settle_statistics(self.x, settling)
