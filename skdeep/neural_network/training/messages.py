"""What a training that goes wrong says, whichever way it goes."""

from __future__ import annotations

from skdeep.nn import Record

__all__ = ["INTERRUPTED", "NON_FINITE", "loss_before"]

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
