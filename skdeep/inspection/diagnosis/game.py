"""What the record of an adversarial game and its samples tell; its losses need not fall."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from skdeep.inspection.diagnosis.evidence import Evidence
from skdeep.inspection.diagnosis.findings import Finding
from skdeep.neural_network.unlabelled.energy_distance import energy_distance

__all__ = ["is_game", "of_game"]

_FAIR = 2 * math.log(2)  # what the discriminator loses that cannot tell


def is_game(evidence: Evidence) -> bool:
    """Tell whether the training was one of two sides against each other."""
    return len(evidence.column("discriminator_loss")) > 0


def of_game(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong with the balance of a game, and with the samples that it led to."""
    if not is_game(evidence):
        return
    loss = float(np.median(evidence.column("discriminator_loss")[-3:]))
    gan = evidence.estimator
    penalty = f"Raise gradient_penalty (now {gan.gradient_penalty:g})"
    if not loss > _FAIR / 2:
        yield Finding(
            "discriminator won",
            f"The discriminator loses {loss:.2g}, and one that cannot tell real samples from made "
            f"ones {_FAIR:.3g}: it knows them apart, and the generator is behind.",
            f"{penalty}, lower learning_rate_init (now {gan.learning_rate_init:g}), or train for "
            "more epochs.",
            {"discriminator_loss": loss},
        )
    X = evidence.table
    if X is None or len(X) < 4:
        return
    away = -float(gan.score(X))
    order = np.random.default_rng(0).permutation(len(X))
    halves = energy_distance(X[order[::2]], X[order[1::2]])
    if away > 2 * halves:
        yield Finding(
            "samples off the data",
            f"The energy distance of samples to data is {away:.2g}, and that of two halves of the "
            f"data {halves:.2g}: a mode may be lost.",
            f"{penalty} or max_iter, and let the rate fall with learning_rate='cosine'.",
            {"distance": away, "of_halves": halves},
        )
