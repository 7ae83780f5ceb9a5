"""What the layers tell: units that are dead or saturated, gradients that vanish or explode."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skdeep.inspection.diagnosis.evidence import Evidence
from skdeep.inspection.diagnosis.findings import Finding
from skdeep.inspection.statistics import dead_share, is_rectified, saturated_share
from skdeep.inspection.trace import Traced
from skdeep.nn import Logistic, Tanh

__all__ = ["of_units"]

_ENOUGH = 20  # samples that tell whether a unit is dead


def of_units(evidence: Evidence) -> Iterator[Finding]:
    """Yield what activations and gradients tell, layer by layer."""
    layers = evidence.layers
    if not layers or len(layers[0].output) < _ENOUGH:
        return
    found: list[Finding] = []
    for layer in layers:
        if not np.isfinite(layer.output).all():
            continue
        if is_rectified(layer):
            found += _dead(layer)
        elif isinstance(layer.layer, (Tanh, Logistic)):
            found += _saturated(layer)
    yield from found
    if not any(one.name == "dead units" for one in found):  # behind which no gradient comes
        yield from _gradients(layers)


def _dead(layer: Traced) -> Iterator[Finding]:
    share, n_units = dead_share(layer), layer.output.shape[-1]
    n_dead = round(share * n_units)
    if share < 0.5 or n_dead < 2:
        return
    yield Finding(
        "dead units",
        f"{n_dead} of {n_units} rectified units ({share:.0%}) are zero for all of "
        f"{len(layer.output)} samples; no gradient reaches them, and they will not come back.",
        "Lower learning_rate_init, scale the features, start with weight_init='he_normal', or "
        "use an activation that leaks, such as activation='leaky_relu'.",
        {"share": share, "n_units": n_units},
        layer.name,
    )


def _saturated(layer: Traced) -> Iterator[Finding]:
    share = saturated_share(layer)
    if share < 0.6:
        return
    yield Finding(
        "saturated units",
        f"{share:.0%} of the outputs are at an end of the range of {type(layer.layer).__name__}, "
        "where the gradient is next to zero.",
        "Scale the features, lower learning_rate_init, raise alpha, or use "
        "weight_init='glorot_uniform'; batch_norm=True keeps units in the middle.",
        {"share": share},
        layer.name,
    )


def _gradients(layers: list[Traced]) -> Iterator[Finding]:
    """Compare what comes back to the first layer of weights with what the last one is sent."""
    weighted = [layer for layer in layers if layer.layer.linear and layer.gradient is not None]
    if len(weighted) < 3:
        return
    lengths = [_length(layer.gradient) for layer in weighted]
    if not (np.isfinite(lengths).all() and lengths[-1] > 0):
        return
    ratio = lengths[0] / lengths[-1]
    numbers = {"first": lengths[0], "last": lengths[-1], "ratio": ratio}
    where = (
        f"A gradient of length {lengths[-1]:.2g} at the outputs is {lengths[0]:.2g} at the first "
        f"of {len(weighted)} layers of weights, a factor of {ratio:.1e}"
    )
    if ratio < 1e-3:
        yield Finding(
            "vanishing gradients",
            f"{where}: the first layers hardly learn.",
            "Use activation='relu' with weight_init='he_normal', batch_norm=True or "
            "layer_norm=True, fewer layers, or residual blocks.",
            numbers,
            weighted[0].name,
        )
    elif ratio > 1e3:
        yield Finding(
            "exploding gradients",
            f"{where}: a small step changes everything.",
            "Set clip_norm=1, lower learning_rate_init, raise alpha, or use batch_norm=True and "
            "weight_init='he_normal'.",
            numbers,
            weighted[0].name,
        )


def _length(gradient: object) -> float:
    """Return the mean length of the gradients of the samples."""
    rows = np.asarray(gradient, dtype=np.float64)
    return float(np.sqrt((rows.reshape(len(rows), -1) ** 2).sum(axis=1)).mean())
