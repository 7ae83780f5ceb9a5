"""What the record of a training tells: rates, divergence, an early end, a loss that turns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from skdeep.inspection.diagnosis.evidence import Evidence, Floats
from skdeep.inspection.diagnosis.findings import Finding
from skdeep.inspection.diagnosis.game import is_game
from skdeep.nn.training.described import make_schedule

__all__ = ["of_training", "regularize"]

_FEW = 4  # epochs that tell nothing


def of_training(evidence: Evidence) -> Iterator[Finding]:
    """Yield what the loss of the epochs tells."""
    for view, loss in evidence.views().items():
        if len(loss) >= _FEW and (found := _diverging(evidence, loss)) is not None:
            yield dataclasses.replace(found, what=f"On the view {view!r}: {found.what}")
    loss = evidence.column("loss")
    if len(loss) < _FEW or is_game(evidence):
        return
    diverging = _diverging(evidence, loss)
    if diverging is not None:
        yield diverging
    elif (bouncing := _rate_too_high(evidence, loss)) is not None:
        yield bouncing
    elif (slow := _rate_too_low(evidence, loss)) is not None:
        yield slow
    elif (early := _stopped_early(evidence, loss)) is not None:
        yield early
    if (turned := _validation_turned(evidence, loss)) is not None:
        yield turned


def _rate(evidence: Evidence) -> str:
    rate = getattr(evidence.estimator, "learning_rate_init", None)
    return "" if rate is None else f" (now {rate:g})"


def _diverging(evidence: Evidence, loss: Floats) -> Finding | None:
    """The loss ends above its start, or is not finite."""
    known = loss[np.isfinite(loss)]
    end = float(np.median(loss[-3:]))
    if len(known) == len(loss) and not (end > 1.2 * known[0] and end > 1.2 * known.min() > 0):
        return None
    return Finding(
        "diverging",
        f"The loss went from {known[0]:.3g} by way of {known.min():.3g} to {loss[-1]:.3g}.",
        f"Lower learning_rate_init{_rate(evidence)} by a factor of ten, set clip_norm=1, and scale "
        "the features.",
        {"first": float(known[0]), "lowest": float(known.min()), "last": float(loss[-1])},
    )


def _rate_too_high(evidence: Evidence, loss: Floats) -> Finding | None:
    """The loss bounces: its ups are no small part of all that it ever moved."""
    late = loss[len(loss) // 2 :]
    if evidence.estimator.solver == "lbfgs" or len(late) < 3:
        return None
    ups = np.maximum(np.diff(late), 0).mean()
    span, level = float(np.ptp(loss)), abs(float(np.median(late)))
    # Against all of the way, or against where it is, unless that is next to nothing.
    far = ups > 0.05 * span and ups > 0.01 * level
    if not (far or (ups > 0.15 * level > 0.0045 * abs(loss[0]))):
        return None
    return Finding(
        "learning rate too high",
        f"In the second half of the training the loss rises by {ups:.2g} an epoch on average, at a "
        f"level of {level:.2g}: it jumps about instead of falling.",
        f"Lower learning_rate_init{_rate(evidence)} by a factor of three to ten, or let it fall "
        "with learning_rate='cosine'; larger batches help as well.",
        {"mean_rise": float(ups), "level": level, "range": span},
    )


def _rate_too_low(evidence: Evidence, loss: Floats) -> Finding | None:
    """The loss falls along a straight line: each epoch did the same, and the next would."""
    if evidence.estimator.solver == "lbfgs" or not loss[-1] < loss[0]:
        return None
    epochs = np.arange(len(loss))
    fall = loss[0] - loss[-1]
    half = (loss[0] - loss[len(loss) // 2]) / fall
    straight = float(np.corrcoef(epochs, loss)[0, 1])
    # Where much of the loss is gone already, more of the same epochs will do.
    if not (straight < -0.98 and 0.35 < half < 0.68 and fall < 0.35 * abs(loss[0])):
        return None
    return Finding(
        "learning rate too low",
        f"The loss fell along a straight line, from {loss[0]:.3g} to {loss[-1]:.3g} in {len(loss)} "
        "epochs: the network is still at the beginning of its way.",
        f"Raise learning_rate_init{_rate(evidence)} by a factor of ten.",
        {"first": float(loss[0]), "last": float(loss[-1]), "correlation": straight},
    )


def _stopped_early(evidence: Evidence, loss: Floats) -> Finding | None:
    """`max_iter` ended a training whose loss was still falling."""
    estimator = evidence.estimator
    if int(estimator.n_iter_) < estimator.max_iter or not loss[-1] < loss[0]:
        return None
    if estimator.solver != "lbfgs" and make_schedule(estimator).ends:
        return None
    tenth = max(1, len(loss) // 10)
    recent = loss[-1 - tenth] - loss[-1]
    share, relative = recent / (loss[0] - loss[-1]), recent / max(abs(loss[-1]), 1e-300)
    if not (share > 0.03 and relative > 0.03):
        return None
    return Finding(
        "stopped too early",
        f"max_iter={estimator.max_iter} ended the training while the loss was falling: by "
        f"{relative:.0%} in the last {tenth} epoch{'s' if tenth > 1 else ''}.",
        "Raise max_iter, two or three times; warm_start=True goes on from here.",
        {"last_tenth": float(recent), "share_of_all": float(share)},
    )


def _validation_turned(evidence: Evidence, loss: Floats) -> Finding | None:
    """The validation loss has risen since its lowest point, and the last network was kept."""
    validation = evidence.column("validation_loss")
    if len(validation) < _FEW or not np.isfinite(validation).all():
        return None
    if evidence.estimator.early_stopping:  # which went back to the best epoch
        return None
    best = int(validation.argmin())
    lowest, end = float(validation[best]), float(np.median(validation[-3:]))
    if not (end > 1.15 * lowest and loss[-1] < loss[best] and best < 0.8 * len(validation)):
        return None
    return Finding(
        "overfitting",
        f"The validation loss was lowest in epoch {best + 1}, {lowest:.3g}, and rose to {end:.3g} "
        f"while the training loss fell to {loss[-1]:.3g}.",
        regularize(evidence),
        {"best_epoch": best + 1, "lowest": lowest, "last": end},
    )


def regularize(evidence: Evidence) -> str:
    """Return what the estimator has against overfitting."""
    if hasattr(evidence.estimator, "early_stopping"):
        first = "Set early_stopping=True; raise alpha, add dropout"
    else:
        first = "Raise weight_decay and dropout"
    return f"{first}, use fewer units, or bring more data (augment)."
