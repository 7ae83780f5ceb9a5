"""Samples as a network reads them, and what it comes to on those that training leaves out."""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from skdeep.nn import Batch, Batches, Loss, Network
from skdeep.nn.shapes.inputs import convert, join_rows, take_rows
from skdeep.utils.scores.lacking_classes import lacks_classes, score_lacking_classes
from skdeep.utils.user_warnings import warn_user

__all__ = ["Samples", "hold_out", "warn_of_another_scale"]


@dataclass
class Samples:
    """Samples that have been checked.

    Attributes
    ----------
    X : array, CSR matrix, data frame or list
        With an entry for each sample, in a form that a scorer can hand to `predict`.
    y : ndarray
        As the user gave it.
    x : array, CSR matrix, or tuple of them
        As the network reads it.
    lengths : ndarray of int of shape (n_samples,) or None
        Valid steps of each sequence in `x`.
    target : ndarray
        As the network's loss takes it.
    weight : ndarray of shape (n_samples,) or None
    """

    X: Any
    y: Any
    x: Any
    lengths: NDArray[np.intp] | None
    target: NDArray[Any]
    weight: NDArray[Any] | None

    def __len__(self) -> int:
        return len(self.target)

    def rows(self, rows: NDArray[np.intp]) -> Self:
        """Return some of them."""
        return type(self)(
            _take(self.X, rows),
            self.y[rows],
            take_rows(self.x, rows),
            None if self.lengths is None else self.lengths[rows],
            self.target[rows],
            None if self.weight is None else self.weight[rows],
        )

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return several as one, copied."""
        columns = [[getattr(part, field.name) for part in parts] for field in fields(cls)]
        return cls(*map(join_rows, columns))

    @property
    def some(self) -> Self:
        """As many of them as are in memory: all."""
        return self

    def target_moments(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return mean and standard deviation of the targets of the loss, over all valid steps."""
        target, weight = self._targets_of_all_steps()
        mean = np.average(target, axis=0, weights=weight)
        return mean, np.sqrt(np.average((target - mean) ** 2, axis=0, weights=weight))

    def target_mean(self) -> NDArray[Any]:
        """Return the mean of each output's targets, over all valid steps."""
        target, weight = self._targets_of_all_steps()
        return np.average(target.astype(np.float64), axis=0, weights=weight)

    def _targets_of_all_steps(self) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Return targets of shape (n_samples or n_valid_steps, n_outputs), and their weights."""
        target, weight = self.target, self.weight
        if target.ndim < 3:
            return target, weight
        n, n_steps = target.shape[:2]
        lengths = np.full(n, n_steps) if self.lengths is None else self.lengths
        valid = np.arange(n_steps) < lengths[:, None]
        return target[valid], None if weight is None else weight.repeat(lengths)

    def batch(self, network: Network) -> Batch:
        """Return all of them in the network's types."""
        x = convert(self.x, network.xp, network.dtype, network.root.input_dtype)
        return Batch(x, self.target, self.weight, self.lengths)

    def batches(self, network: Network, batch_size: int) -> Batches:
        """Return them in batches of the network's types."""
        return Batches(
            self.x,
            self.target,
            self.weight,
            batch_size,
            network.dtype,
            lengths=self.lengths,
            input_dtype=network.root.input_dtype,
        )

    def evaluate(self, estimator: Any, network: Network, loss: Loss) -> tuple[float, float]:
        """Return loss and score of the estimator with the network as it is."""
        outputs = network.outputs(self.x, self.lengths)
        weight = None
        if self.weight is not None:
            weight = (self.weight / self.weight.sum()).astype(network.dtype)
        value = loss.value(outputs.copy(), self.target, weight, self.lengths)
        if estimator.scoring == "loss":
            return value, -value
        if estimator.scoring is None:
            return value, estimator._own_score(loss.predict(outputs), self.y, self.weight)
        return value, self.score(estimator, network)

    def score(self, estimator: Any, network: Network) -> float:
        """Return what the estimator's `scoring` says of it with the network as it is."""
        as_it_is = copy.copy(estimator)
        as_it_is.network_ = network
        if not hasattr(self.X, "columns"):  # checked rows have lost their names
            vars(as_it_is).pop("feature_names_in_", None)
        as_it_is, y, weight = as_it_is._as_scored(self.y, self.weight)
        scorer = check_scoring(as_it_is, estimator.scoring)
        keywords = {} if weight is None else {"sample_weight": weight}
        try:
            return float(scorer(as_it_is, self.X, y, **keywords))
        except TypeError as error:
            if "sample_weight" not in str(error):
                raise
            raise ValueError(
                f"The validation samples have weights, but scoring={estimator.scoring!r} takes no "
                "sample_weight; use a scorer that does."
            ) from error
        except ValueError:
            if not lacks_classes(as_it_is, y):
                raise
        try:
            return float(score_lacking_classes(scorer, as_it_is, self.X, y, keywords))
        except ValueError as error:
            raise ValueError(
                f"The validation samples lack some of the classes, which scoring="
                f"{estimator.scoring!r} needs: {error} Raise validation_fraction, pass X_val and "
                "y_val with all classes, or score by 'neg_log_loss' or 'accuracy'."
            ) from error


def _take(X: Any, rows: NDArray[np.intp]) -> Any:
    """Return some rows of whatever holds samples."""
    if isinstance(X, list):
        return [X[row] for row in rows]
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def hold_out(
    samples: Samples,
    fraction: float,
    *,
    stratify: NDArray[Any] | None,
    random_state: np.random.RandomState,
) -> tuple[NDArray[np.intp], Samples]:
    """Return the rows to train on, and the samples to validate on.

    Parameters
    ----------
    samples : Samples
    fraction : float
        The part that is held out.
    stratify : ndarray of shape (n_samples,) or None
        Of what both parts shall have the same shares.
    random_state : RandomState

    Raises
    ------
    ValueError
        If one of the parts is too small, or has no weight.
    """
    if fraction == 0:
        raise ValueError(
            "early_stopping=True needs a validation part: raise 'validation_fraction' above 0, "
            "or pass X_val and y_val."
        )
    n_samples = len(samples)
    try:
        train, held_out = train_test_split(
            np.arange(n_samples), random_state=random_state, test_size=fraction, stratify=stratify
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True cannot set aside validation_fraction={fraction!r} of {n_samples} "
            f"samples: {error} Change 'validation_fraction', or pass X_val and y_val."
        ) from error
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of "
            "your dataset."
        )
    for what, part in (("training", train), ("validation", held_out)):
        if samples.weight is not None and not samples.weight[part].any():
            raise ValueError(
                f"All samples of the {what} part have zero sample_weight; change "
                "'validation_fraction' or pass X_val and y_val."
            )
    return train, samples.rows(held_out)


def warn_of_another_scale(X: Any, X_val: Any) -> None:
    """Warn where most columns of the validation samples are far from those of `X`.

    It happens where a pipeline transforms one and not the other. Anything but two tables of ten
    rows or more passes.
    """
    tables = [part for part in (X, X_val) if type(part) is np.ndarray and part.ndim == 2]
    if len(tables) < 2 or min(map(len, tables)) < 10:
        return
    # As many rows as tell the scale.
    X, X_val = (table[:: -(-len(table) // 200)].astype(np.float64) for table in tables)
    with np.errstate(all="ignore"):
        spread, other = X.std(axis=0), X_val.std(axis=0)
        varies = (spread > 0) & np.isfinite(spread)
        shift = np.abs(X_val.mean(axis=0) - X.mean(axis=0)) / spread
        ratio = other / spread
    strange = varies & ~((shift < 2) & (ratio > 1 / 3) & (ratio < 3))
    if 2 * strange.sum() > varies.sum():
        column = int(np.flatnonzero(strange)[0])
        warn_user(
            f"X_val is on another scale than X in {strange.sum()} of {varies.sum()} columns: "
            f"column {column} is {X_val[:, column].mean():.3g} +- {other[column]:.3g} and "
            f"{X[:, column].mean():.3g} +- {spread[column]:.3g}. A Pipeline transforms X_val, too, "
            "with transform_input=['X_val'] and scikit-learn's metadata routing enabled."
        )
