"""Running statistics, computed anew for the parameters as they are.

The running averages that batch normalization predicts with lag behind: each was taken with the
weights of its moment, which have moved since. So the network that predicts can be another one than
the network that was trained, and be at chance where the other is right. A pass over the data with
the weights held still mends that [1]_.

References
----------
.. [1] Y. Wu, J. Johnson, "Rethinking 'batch' in BatchNorm", arXiv:2105.07576, section 3, where it
   is called precise batch normalization.
"""

from __future__ import annotations

from collections.abc import Iterable

from skdeep.nn.batches import Batch
from skdeep.nn.network import Network

__all__ = ["settle_statistics"]


def settle_statistics(network: Network, batches: Iterable[Batch]) -> None:
    """Make a network's running statistics those of the given data.

    Parameters
    ----------
    network : Network
        Its parameters stay. Nothing is done where it has no running statistics, or where no batch
        tells any.
    batches : iterable of Batch
        Of the network's types. Nothing is drawn: no unit is dropped.

    Examples
    --------
    >>> import numpy as np
    >>> from skdeep.nn import Batch, BatchNorm, Network, settle_statistics
    >>> network = Network(BatchNorm(), input_shape=(1,), random_state=0)
    >>> x = np.arange(6.0).reshape(-1, 1)
    >>> settle_statistics(network, [Batch(x[:3], None), Batch(x[3:], None)])
    >>> float(network.root.running_mean[0])
    2.5
    """
    if not network.statistics.shape[0]:
        return
    before = network.statistics + 0
    network.reset_statistics()
    unknown = network.statistics + 0
    for batch in batches:
        mode, total = batch.mode(settles=True)
        if total:
            network.settle_statistics(batch.x, mode)
    if bool((network.statistics == unknown).all()):  # single samples have no variance
        network.statistics[...] = before
