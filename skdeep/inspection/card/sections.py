"""The sections of a card: data, scores, parameters, architecture, training, versions."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline

from skdeep.inspection.card.blocks import Block, Folded, Picture, Preformatted, Section, Table, Text
from skdeep.inspection.displays import TrainingCurveDisplay
from skdeep.inspection.unwrap import unwrap
from skdeep.utils.versions import versions

__all__ = ["sections"]

_SHOWN = 30  # names or classes; of more, how many there are
_SCORERS = {
    "accuracy": "accuracy",
    "balanced accuracy": "balanced_accuracy",
    "log loss": "neg_log_loss",
    "R²": "r2",
    "mean absolute error": "neg_mean_absolute_error",
    "root mean squared error": "neg_root_mean_squared_error",
}
_LEFT_OUT = ("epoch", "seconds")  # of the table of epochs
_OF_CLASSES = ("accuracy", "balanced accuracy", "log loss")
_OF_NUMBERS = ("R²", "mean absolute error", "root mean squared error")


def sections(estimator: Any, X: Any, y: Any) -> Iterator[Section]:
    """Yield the sections that can be told of a fitted estimator.

    Parameters
    ----------
    estimator : fitted estimator
    X, y : array-like or None
        Data that it was not fitted on.
    """
    inner, _ = unwrap(estimator)
    yield Section("Data", _data(estimator, inner))
    if X is not None:
        yield Section("Scores on held-out data", _scores(estimator, inner, X, y))
    yield Section("Parameters", list(_parameters(estimator)))
    if hasattr(inner, "summary"):
        title = "Architecture" if hasattr(inner, "_outline") else "Summary"
        yield Section(title, [Preformatted(str(inner.summary()))])
    training = list(_training(inner))
    if training:
        yield Section("Training", training)
    yield Section("Versions", [Text(f"{versions()}.")])


def _data(estimator: Any, inner: Any) -> list[Block]:
    rows = []
    n_features = getattr(estimator, "n_features_in_", None)
    if n_features is not None:
        names = getattr(estimator, "feature_names_in_", ())
        rows.append(["features", str(n_features)])
        if len(names):
            rows.append(["their names", _listed(names)])
    shape = getattr(inner, "image_shape_", None)
    if shape is not None:
        rows.append(["pictures", " x ".join(map(str, shape))])
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, np.ndarray):
        rows.append(["classes", _listed(classes.tolist())])
    return [Table(("what it was fitted on", ""), rows)] if rows else [Text("Nothing is recorded.")]


def _scores(estimator: Any, inner: Any, X: Any, y: Any) -> list[Block]:
    rows = []
    if is_classifier(inner) or is_regressor(inner):
        for name in _OF_CLASSES if is_classifier(inner) else _OF_NUMBERS:
            value = _score(_SCORERS[name], estimator, X, y)
            if value is not None:
                rows.append([name, f"{value if name == 'R²' else abs(value):.4g}"])
    if not rows:
        rows.append(["score", f"{estimator.score(X, y):.4g}"])
    shape = getattr(X, "shape", None)
    return [
        Text(f"{shape[0] if shape else len(X)} samples that the model was not fitted on."),
        Table(("score", "value"), rows, numbers=True),
    ]


def _score(scorer: str, estimator: Any, X: Any, y: Any) -> float | None:
    """Return a score, None where the estimator or the data have none of this kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = float(get_scorer(scorer)(estimator, X, y))
        except (AttributeError, OverflowError, TypeError, ValueError):
            # No probabilities, several targets, an integer beyond all floats.
            return None
    return value if np.isfinite(value) else None


def _parameters(estimator: Any) -> Iterator[Block]:
    """Yield, for each step, what was set, and all else in a line."""
    steps = estimator.steps if isinstance(estimator, Pipeline) else [("", estimator)]
    for name, step in steps:
        if not hasattr(step, "get_params"):
            continue
        known = step.get_params(deep=False)
        defaults = _defaults(type(step))
        changed = {k: v for k, v in known.items() if repr(v) != defaults.get(k)}
        yield Text(f"{name}: {type(step).__name__}" if name else type(step).__name__)
        if changed:
            yield Table(("set", "value"), [[k, _short(repr(v))] for k, v in changed.items()])
        rest = [f"{k}={_short(repr(v))}" for k, v in known.items() if k not in changed]
        if rest:
            yield Folded("As by default", ", ".join(rest) + ".")


def _defaults(kind: type) -> dict[str, str]:
    try:
        return {k: repr(v) for k, v in kind().get_params(deep=False).items()}
    except TypeError:  # one that needs an argument
        return {}


def _training(inner: Any) -> Iterator[Block]:
    history = getattr(inner, "history_", None)
    if not isinstance(history, dict) or not isinstance(history.get("loss"), list):
        return
    if not history["loss"]:
        return
    names = [k for k, column in history.items() if k not in _LEFT_OUT and _numbers(column)]
    last = len(history["loss"]) - 1
    at = sorted({0, last // 4, last // 2, 3 * last // 4, last})
    epochs = history.get("epoch", range(1, last + 2))
    rows = [[f"{epochs[i]:g}", *(f"{history[name][i]:.4g}" for name in names)] for i in at]
    yield Table(("epoch", *(name.replace("_", " ") for name in names)), rows, numbers=True)
    svg = _curves(inner)
    if svg is not None:
        yield Picture("loss and what else was recorded, by epoch", svg)


def _numbers(column: Any) -> bool:
    return bool(np.isfinite(np.asarray(column, float)).any())


def _curves(inner: Any) -> bytes | None:
    """Return the curves of a training as SVG; None without matplotlib."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        return None
    with plt.rc_context({"svg.hashsalt": "skdeep"}):  # the same card for the same model
        figure = TrainingCurveDisplay.from_estimator(inner).figure_
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)
    return file.getvalue()


def _listed(values: Any) -> str:
    shown = ", ".join(map(str, values[:_SHOWN]))
    return shown + (f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else "")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "..."
