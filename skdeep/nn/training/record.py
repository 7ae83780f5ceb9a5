"""The record of a training: what each epoch came to, and what counts as progress."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Record"]

_COLUMNS = ("epoch", "loss", "learning_rate", "gradient_norm", "seconds")


@dataclass
class Record:
    """What is known of a training after each epoch.

    Several fits may add to one record, one after the other; each begins its own count of epochs
    and its own search for the best.

    Attributes
    ----------
    history : dict of lists
        Columns 'epoch', 'loss', 'learning_rate', 'gradient_norm', 'seconds', and
        'validation_loss' and 'validation_score' once there was a validation, and those of a loss
        of several parts; NaN where there were none.
    n_iter : int
        Epochs of the last fit.
    t : int
        Samples seen.
    loss : float or None
        Of the last epoch.
    loss_curve : list of float
        Of each epoch.
    best_loss : float or None
        The lowest of the last fit; None where it goes by validation scores.
    validation_loss_curve, validation_scores : list of float or None
        Of each epoch with a validation, if there was one.
    best_validation_score : float or None
        The highest of the last fit.
    n_without_progress : int
        Epochs since the last that was better by the tolerance.

    Examples
    --------
    >>> from skdeep.nn import Record
    >>> record = Record()
    >>> record.begin_fit()
    >>> record.add(loss=2.0), record.add(loss=1.0), record.add(loss=1.5)
    (True, True, False)
    >>> record.n_iter, record.best_loss, record.n_without_progress
    (3, 1.0, 1)
    """

    history: dict[str, list[float]] = field(default_factory=lambda: {c: [] for c in _COLUMNS})
    n_iter: int = 0
    t: int = 0
    loss: float | None = None
    loss_curve: list[float] = field(default_factory=list)
    best_loss: float | None = math.inf
    validation_loss_curve: list[float] | None = None
    validation_scores: list[float] | None = None
    best_validation_score: float | None = None
    n_without_progress: int = 0

    def begin_fit(self, *, by_validation: bool = False) -> None:
        """Begin to count epochs and to look for the best, by validation scores or by the loss."""
        self.n_iter = self.n_without_progress = 0
        self.best_loss = None if by_validation else math.inf
        self.best_validation_score = None

    def add(
        self,
        *,
        loss: float,
        validation: tuple[float, float] | None = None,
        learning_rate: float = math.nan,
        gradient_norm: float = math.nan,
        seconds: float = 0.0,
        tol: float = 0.0,
        parts: dict[str, float] | None = None,
    ) -> bool:
        """Write down an epoch; return whether it is the best of its fit.

        Parameters
        ----------
        loss, learning_rate, gradient_norm, seconds : float
        validation : (float, float) or None
            Loss and score of the samples that training does not see.
        tol : float
            What an epoch must be better by to count as progress.
        parts : dict of str to float or None
            What the loss is the sum of, a column each.
        """
        before, columns = vars(self).copy(), self.history.copy()
        n_rows, n_losses = len(columns["epoch"]), len(self.loss_curve)
        n_scores = 0 if self.validation_scores is None else len(self.validation_scores)
        row = (n_rows + 1, loss, learning_rate, gradient_norm, seconds)
        try:
            return self._add(row, validation, tol, parts)
        except BaseException:  # of Ctrl-C, too, no half of an epoch is left
            for column in columns.values():
                del column[n_rows:]
            del self.loss_curve[n_losses:]
            for curve in (before["validation_loss_curve"], before["validation_scores"]):
                if curve is not None:
                    del curve[n_scores:]
            for name in [name for name in self.history if name not in columns]:
                del self.history[name]
            vars(self).update(before)
            raise

    def _add(
        self,
        row: tuple[float, ...],
        validation: tuple[float, float] | None,
        tol: float,
        parts: dict[str, float] | None,
    ) -> bool:
        history, loss = self.history, row[1]
        for name, value in zip(_COLUMNS, row, strict=True):
            history[name].append(value)
        if parts or validation is not None or len(history) > len(_COLUMNS):
            self._add_columns(parts or {}, validation)
        self.n_iter += 1
        self.loss = loss
        self.loss_curve.append(loss)
        best_score = self._add_validation(*validation) if validation is not None else None
        if self.best_loss is None and best_score is not None and validation is not None:
            self._count(progress=not validation[1] < best_score + tol)
            return validation[1] > best_score
        best_loss = math.inf if self.best_loss is None else self.best_loss
        self.best_loss = min(best_loss, loss)
        self._count(progress=not loss > best_loss - tol)
        return loss < best_loss

    def _add_columns(self, parts: dict[str, float], validation: tuple[float, float] | None) -> None:
        """Write down what not all trainings have."""
        history, more = self.history, dict(parts)
        if validation is not None:
            more["validation_loss"], more["validation_score"] = validation
        for name in more:
            history.setdefault(name, [math.nan] * (len(history["epoch"]) - 1))
        for name, column in history.items():
            if name not in _COLUMNS:
                column.append(more.get(name, math.nan))

    def _add_validation(self, loss: float, score: float) -> float:
        """Write down a validation; return the best score before it."""
        if self.validation_scores is None or self.validation_loss_curve is None:
            self.validation_scores, self.validation_loss_curve = [], []
        self.validation_loss_curve.append(loss)
        self.validation_scores.append(score)
        best = -math.inf if self.best_validation_score is None else self.best_validation_score
        self.best_validation_score = max(best, score) if score == score else best
        return best

    def _count(self, *, progress: bool) -> None:
        self.n_without_progress = 0 if progress else self.n_without_progress + 1

    def copy(self) -> Record:
        """Return a record that grows on its own from here."""
        twin = copy.copy(self)
        for name, value in vars(self).items():  # numbers, and lists and a dict of lists of them
            if isinstance(value, list):
                setattr(twin, name, list(value))
            elif isinstance(value, dict):
                setattr(twin, name, {key: list(column) for key, column in value.items()})
        return twin

    def as_dict(self) -> dict[str, Any]:
        """Return the attributes by name, none of them copied."""
        return dict(vars(self))
