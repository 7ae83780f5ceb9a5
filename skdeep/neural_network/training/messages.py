"""What a training that goes wrong says, whichever way it goes."""

from __future__ import annotations

from skdeep.nn import Network, Record
from skdeep.utils.user_warnings import warn_user

__all__ = ["INTERRUPTED", "NON_FINITE", "loss_before", "warn_of_single_rows"]

INTERRUPTED = "Training interrupted by user."
NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def loss_before(record: Record) -> str:
    """Return what the epoch before the one that diverged came to, in words."""
    if not record.n_iter:
        return ""
    return f" after a loss of {record.loss_curve[-1]:.6g} in the epoch before"


def warn_of_single_rows(owner: str, network: Network) -> None:
    """Warn if a network that is trained on one row at a time normalizes over a batch."""
    for node in network.nodes():
        by_batch = node.layer.normalizes and node.layer.learns
        positions = node.input_shape[:-1]
        if by_batch and all(n == 1 for n in positions) and node.layer.statistics(node.input_shape):
            warn_user(
                f"{owner} is trained on one row at a time, and batch normalization takes mean and "
                "variance of the rows of a batch: less its own mean, each is 0, and the layers "
                "before learn nothing. Give it more rows at a time, or set batch_norm=False."
            )
            return
