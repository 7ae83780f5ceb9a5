"""The settings of a training, by preset: numbers that no user needs to know."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

__all__ = ["Recipe", "View", "recipe_for", "views_for"]


@dataclass(frozen=True)
class View:
    """One way of showing a table to a network.

    Attributes
    ----------
    name : str
    n_bins : int
        Piecewise linear bins of each number, at most; 0 is none.
    n_waves : int
        Outputs of the periodic embedding of each number; 0 is none.
    is_linear : bool
        Whether there are no hidden layers.
    """

    name: str
    n_bins: int = 0
    n_waves: int = 0
    is_linear: bool = False


RAW = View("raw")
BINS = View("bins", n_bins=32)
WAVES = View("waves", n_waves=4)
BINS_AND_WAVES = View("bins and waves", n_bins=16, n_waves=4)
LINEAR = View("linear", is_linear=True)


# So many rows tell which epoch is best, so that the others are trained on.
_ROWS_LEFT_OUT = 64


@dataclass(frozen=True)
class Recipe:
    """How the networks of an estimator are built and trained.

    Attributes
    ----------
    views : tuple of View
        A group of members is trained on each.
    n_members : int
        Networks on each view, each of which leaves out a fold of its own.
    folds : int
        Into how many the rows are dealt, where there are enough of them.
    hidden_layer_sizes : tuple of int
    max_iter : int or None
        Epochs; half as many of a linear model. None: as many as have `steps`, within `epochs`.
    epochs : (int, int)
        The fewest and the most epochs on a table of ordinary length.
    steps : int
        Steps that few rows' epochs should add up to.
    max_steps : int
        Steps that a long table's epochs may add up to, for each view.
    least_gain : float
        What part of the loss a fall of the rate must bring, so that another, twice as long, is
        worth it.
    most_behind : float
        By what part of the lowest loss of the views before it a view may be behind, so that its
        longest fall is worth it.
    learning_rate_init : float
        The highest rate.
    dropout, weight_decay : float
        Until half of the training, from where they fade to zero.
    batch_size : int or None
        None: by the number of rows.
    activity_l1 : float
        Strength of the penalty on what hidden units say.
    """

    views: tuple[View, ...]
    n_members: int = 4
    folds: int = 8
    hidden_layer_sizes: tuple[int, ...] = (128, 128)
    max_iter: int | None = None
    epochs: tuple[int, int] = (40, 64)
    steps: int = 960
    max_steps: int = 8000
    least_gain: float = 0.1
    most_behind: float = 0.25
    learning_rate_init: float = 0.03
    dropout: float = 0.0
    weight_decay: float = 0.0
    batch_size: int | None = None
    activity_l1: float = 0.0

    def n_folds(self, n_samples: int) -> int:
        """Return into how many folds so many rows are dealt: one for each member, or more."""
        return max(self.n_members, min(self.folds, n_samples // _ROWS_LEFT_OUT))

    def n_epochs(self, steps: int) -> int:
        """Return how many epochs of so many steps a training has at most."""
        fewest, most = self.epochs
        n_epochs = self.max_iter or min(max(fewest, self.steps // steps), most)
        return min(n_epochs, max(4, self.max_steps // steps))


_CLASSIFIER = {
    "fast": Recipe(
        (BINS,), hidden_layer_sizes=(64, 64), epochs=(30, 48), dropout=0.1, weight_decay=0.01
    ),
    # A log loss close to zero is soon twice another, and its last fall may halve it.
    "default": Recipe((RAW, BINS, WAVES, LINEAR), most_behind=1.0, dropout=0.1, weight_decay=0.01),
    "best": Recipe(
        (RAW, BINS, WAVES, LINEAR),
        n_members=8,
        epochs=(64, 96),
        steps=1500,
        max_steps=16000,
        least_gain=0.01,
        most_behind=math.inf,
        dropout=0.1,
        weight_decay=0.01,
    ),
}
_REGRESSOR = {
    "fast": Recipe((BINS,), hidden_layer_sizes=(64, 64), epochs=(30, 48)),
    "default": Recipe((RAW, BINS, BINS_AND_WAVES)),
    "best": Recipe(
        (RAW, BINS, BINS_AND_WAVES),
        n_members=8,
        epochs=(64, 96),
        steps=1500,
        max_steps=16000,
        least_gain=0.01,
        most_behind=math.inf,
    ),
}
# The highest rate, where a solver's steps are not as long as those of Adam.
_RATES = {
    "sgd": 0.3,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "rmsprop_momentum": 0.003,
    "lion": 0.01,
}
# A view of more columns of numbers than that is left out: it would be slow, and of little use.
_WIDEST = 4096
_BINS_IN_ALL = 512


def recipe_for(estimator: Any, *, classifies: bool, n_samples: int | None = None) -> Recipe:
    """Return the recipe of the estimator's preset, with the parameters that the user has set.

    Where `n_samples` rows are so few that each of the members of "default" would leave out more
    than one of `folds`, there are as many members as folds; but not where there are less than two
    rows for each, or further ones to come (None).
    """
    recipe = (_CLASSIFIER if classifies else _REGRESSOR)[estimator.preset]
    rate = _RATES.get(estimator.solver, recipe.learning_rate_init)
    given = {
        field.name: getattr(estimator, field.name)
        for field in fields(Recipe)
        if getattr(estimator, field.name, None) is not None
    }
    most = recipe.folds
    if estimator.preset == "default" and 2 * most <= (n_samples or 0) < most * _ROWS_LEFT_OUT:
        given.setdefault("n_members", most)
    if "hidden_layer_sizes" in given:
        given["hidden_layer_sizes"] = tuple(int(size) for size in given["hidden_layer_sizes"])
    return replace(recipe, **{"learning_rate_init": rate} | given)


def views_for(recipe: Recipe, n_numbers: int) -> list[View]:
    """Return the views that make sense for so many numbers, with their bins."""
    views = []
    for view in recipe.views:
        if view.n_bins or view.n_waves:
            if not n_numbers:  # another view of the same, for as many members
                views.append(View(f"raw, in place of {view.name}"))
                continue
            n_bins = min(view.n_bins, max(4, _BINS_IN_ALL // n_numbers))
            if n_numbers * (n_bins + view.n_waves) > _WIDEST:
                continue
            view = replace(view, n_bins=n_bins)
        views.append(view)
    return views or [RAW]
