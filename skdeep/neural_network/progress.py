"""The record of a training, and what counts as progress."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import check_scoring

from skdeep.nn import Loss, Network

__all__ = ["Validation", "record_epoch", "start_record"]


@dataclass
class Validation:
    """Samples that training does not see.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
    y : ndarray
        As the user gave it.
    target : ndarray
        As the network's loss takes it.
    weight : ndarray of shape (n_samples,) or None
    """

    X: Any
    y: Any
    target: NDArray[Any]
    weight: NDArray[Any] | None

    def evaluate(self, estimator: Any, network: Network, loss: Loss) -> tuple[float, float]:
        """Return loss and score of the estimator with the network as it is."""
        outputs = network.outputs(self.X)
        weight = None
        if self.weight is not None:
            weight = (self.weight / self.weight.sum()).astype(network.dtype)
        value = loss.value(outputs.copy(), self.target, weight)
        if estimator.scoring == "loss":
            return value, -value
        if estimator.scoring is None:
            return value, estimator._own_score(loss.predict(outputs), self.y, self.weight)
        as_it_is = copy.copy(estimator)
        as_it_is.network_ = network
        vars(as_it_is).pop("feature_names_in_", None)  # the rows here carry no names
        scorer = check_scoring(as_it_is, estimator.scoring)
        if self.weight is None:
            return value, float(scorer(as_it_is, self.X, self.y))
        try:
            return value, float(scorer(as_it_is, self.X, self.y, sample_weight=self.weight))
        except TypeError as error:
            if "sample_weight" not in str(error):
                raise
            raise ValueError(
                f"The validation samples have weights, but scoring={estimator.scoring!r} takes no "
                "sample_weight; use a scorer that does."
            ) from error


def start_record(estimator: Any, *, stops_early: bool) -> None:
    """Set the attributes that record a training to their state before the first epoch."""
    estimator.n_iter_ = 0
    estimator.t_ = 0
    estimator.loss_curve_ = []
    estimator.history_ = {
        name: [] for name in ("epoch", "loss", "learning_rate", "gradient_norm", "seconds")
    }
    estimator.validation_loss_curve_ = None
    estimator.validation_scores_ = None
    estimator.best_validation_score_ = None
    estimator.best_loss_ = None if stops_early else np.inf
    estimator._no_improvement_count = 0


def record_epoch(
    estimator: Any,
    *,
    loss: float,
    validation: tuple[float, float] | None,
    learning_rate: float,
    gradient_norm: float,
    seconds: float,
) -> bool:
    """Write an epoch into the estimator's attributes; return whether it is the best so far.

    Best is the highest validation score where training stops early by it, else the lowest loss.
    """
    history = estimator.history_
    row = {
        "epoch": len(history["epoch"]) + 1,
        "loss": loss,
        "learning_rate": learning_rate,
        "gradient_norm": gradient_norm,
        "seconds": seconds,
    }
    if validation is not None and estimator.validation_scores_ is None:
        # Epochs before the first validation had none.
        estimator.validation_scores_, estimator.validation_loss_curve_ = [], []
        estimator.best_validation_score_ = -np.inf
        for name in ("validation_loss", "validation_score"):
            history[name] = [np.nan] * len(history["epoch"])
    if "validation_loss" in history:
        row["validation_loss"], row["validation_score"] = validation or (np.nan, np.nan)
    for name, value in row.items():
        history[name].append(value)
    estimator.n_iter_ += 1
    estimator.loss_ = loss
    estimator.loss_curve_.append(loss)
    if validation is not None:
        estimator.validation_loss_curve_.append(validation[0])
        estimator.validation_scores_.append(validation[1])
        best_score = estimator.best_validation_score_
        better = validation[1] > best_score
        if better:
            estimator.best_validation_score_ = validation[1]
        if estimator.early_stopping:
            _count(estimator, progress=not validation[1] < best_score + estimator.tol)
            return better
    best_loss = np.inf if estimator.best_loss_ is None else estimator.best_loss_
    estimator.best_loss_ = min(best_loss, loss)
    _count(estimator, progress=not loss > best_loss - estimator.tol)
    return loss < best_loss


def _count(estimator: Any, *, progress: bool) -> None:
    """Count the epochs without progress."""
    estimator._no_improvement_count = 0 if progress else estimator._no_improvement_count + 1
