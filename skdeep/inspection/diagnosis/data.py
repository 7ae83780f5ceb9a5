"""What the data tell: features out of scale, and predictions that are too poor or too good."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep.inspection.diagnosis.evidence import Evidence
from skdeep.inspection.diagnosis.findings import Finding
from skdeep.inspection.diagnosis.training import regularize
from skdeep.neural_network.images.convnet import BaseConvNet
from skdeep.neural_network.tabular.base import TabularNet

__all__ = ["of_features", "of_predictions"]


def of_features(evidence: Evidence) -> Iterator[Finding]:
    """Yield what the features tell, where the network takes them as they are."""
    table = evidence.table
    if table is None or len(table) < 2 or _scales_by_itself(evidence):
        return
    sizes = np.sqrt((table**2).mean(axis=0))
    spread = table.std(axis=0)
    varies = spread > 0
    if not varies.any():
        return
    largest, middle = float(sizes[varies].max()), float(np.median(spread[varies]))
    if largest <= 30 and middle >= 0.06:
        return
    column = int(np.flatnonzero(varies)[sizes[varies].argmax()])
    names = getattr(evidence.X, "columns", None)
    name = f"{column}" if names is None else repr(str(names[column]))
    yield Finding(
        "unscaled features",
        f"Feature {name} is {table[:, column].mean():.3g} +- {spread[column]:.3g}, and the median "
        f"of the standard deviations of all is {middle:.2g}; networks learn from numbers about "
        "one.",
        "Put a StandardScaler before the network, in a pipeline.",
        {"largest": largest, "median_deviation": middle},
    )


def _scales_by_itself(evidence: Evidence) -> bool:
    """Tell whether the network, or the estimator, brings features to one scale."""
    if isinstance(evidence.estimator, (BaseConvNet, TabularNet)) or evidence.network is None:
        return True
    first = evidence.network.layers()[0]
    return first.normalizes or first.input_dtype is not None


def of_predictions(evidence: Evidence) -> Iterator[Finding]:
    """Yield what predictions of the training samples tell, and of others."""
    targets, predictions = evidence.targets, evidence.predictions
    if targets is not None and predictions is not None and len(targets) == len(predictions):
        found = [*_constant(evidence), *_imbalance(evidence)] or [*_underfit(evidence)]
        yield from found
    yield from _overfit(evidence)


def _constant(evidence: Evidence) -> Iterator[Finding]:
    """Every sample gets the same prediction, though targets differ."""
    targets, predictions = evidence.targets, evidence.predictions
    assert targets is not None
    assert predictions is not None
    if evidence.classifies:
        classes, counts = np.unique(targets, return_counts=True)
        share = counts.max() / len(targets)
        if len(classes) < 2 or share > 0.8 or len(np.unique(predictions)) > 1:
            return
        what = f"All of {len(predictions)} samples are predicted as {predictions[0]!s}"
        numbers = {"largest_class": float(share)}
    else:
        spread, wanted = float(np.std(predictions)), float(np.std(targets))
        if not (wanted > 0 and spread < 0.01 * wanted):
            return
        what = (
            f"Predictions are {np.mean(predictions):.3g} +- {spread:.2g}, targets "
            f"{np.mean(targets):.3g} +- {wanted:.2g}"
        )
        numbers = {"deviation": spread, "wanted": wanted}
    yield Finding(
        "constant predictions",
        f"{what}: the network has learned nothing of the features.",
        "Look at the other findings first; else scale the features, change learning_rate_init by "
        "a factor of ten, and see whether the network can learn twenty samples by heart.",
        numbers,
    )


def _imbalance(evidence: Evidence) -> Iterator[Finding]:
    """A small class is missed while the others are found."""
    targets, predictions = evidence.targets, evidence.predictions
    if not evidence.classifies or getattr(evidence.estimator, "class_weight", None) is not None:
        return
    assert targets is not None
    assert predictions is not None
    classes, counts = np.unique(targets, return_counts=True)
    if len(classes) < 2:
        return
    shares = counts / len(targets)
    recalls = np.array([(predictions[targets == one] == one).mean() for one in classes])
    small = (shares < 0.4 / len(classes)) & (counts >= 5)
    missed = small & (recalls < 0.5)
    if not missed.any() or recalls[~small].mean() < 0.8:
        return
    worst = int(np.flatnonzero(missed)[recalls[missed].argmin()])
    yield Finding(
        "class imbalance ignored",
        f"Class {classes[worst]!s} is {shares[worst]:.1%} of the samples, and {recalls[worst]:.0%} "
        f"of it is recognised; of the large classes it is {recalls[~small].mean():.0%}.",
        "Set class_weight='balanced', or move the threshold of predict_proba; judge by balanced "
        "accuracy.",
        {"share": float(shares[worst]), "recall": float(recalls[worst])},
    )


def _underfit(evidence: Evidence) -> Iterator[Finding]:
    """A linear model does better on rows that it has not seen than the network on its own."""
    targets, table = evidence.targets, evidence.table
    if table is None or targets is None or len(table) < 40 or evidence.train_score is None:
        return
    order = np.random.default_rng(0).permutation(len(table))
    half, other = order[: len(order) // 2], order[len(order) // 2 :]
    if evidence.classifies and len(np.unique(targets[half])) < 2:
        return
    model = make_pipeline(StandardScaler(), RidgeClassifier() if evidence.classifies else Ridge())
    linear = float(model.fit(table[half], targets[half]).score(table[other], targets[other]))
    if not linear > evidence.train_score + 0.05:
        return
    more = (
        "lower alpha and dropout, or use more units; for a regressor set standardize_target=True."
    )
    if isinstance(evidence.estimator, TabularNet):
        more = "lower weight_decay and dropout, use more units, or preset='best'."
    yield Finding(
        "underfitting",
        f"The network scores {evidence.train_score:.3f} on samples that it was trained on; a "
        f"linear model scores {linear:.3f} on samples that it has not seen.",
        f"Train longer or faster (max_iter, learning_rate_init), {more}",
        {"network": evidence.train_score, "linear_model": linear},
    )


def _overfit(evidence: Evidence) -> Iterator[Finding]:
    """Samples that the network has not seen score far less than those that it has."""
    train = evidence.train_score
    if evidence.X_val is None or evidence.y_val is None or train is None:
        return
    held_out = evidence.score(evidence.X_val, evidence.y_val)
    n = len(evidence.y_val)
    allowed = 0.2
    if evidence.classifies:  # and what chance may do on so few
        allowed = max(0.1, 3 * float(np.sqrt(max(held_out * (1 - held_out), 0.01) / n)))
    if train - held_out <= allowed:
        return
    yield Finding(
        "overfitting",
        f"The score is {train:.3f} on samples of the training and {held_out:.3f} on {n} others.",
        regularize(evidence),
        {"train": train, "held_out": held_out},
    )
