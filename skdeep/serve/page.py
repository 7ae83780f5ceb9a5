"""The page on which a person fills in a form, or draws, and sees the prediction."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from skdeep.serve.served_model import ServedModel

__all__ = ["page", "security_policy"]

_FIELDS = 60  # a table of more columns is one field for all numbers
_PIXELS = {64: (8, 8), 784: (28, 28)}  # the digits of scikit-learn and of MNIST
_RANGES = (1.0, 16.0, 255.0)


def page(model: ServedModel) -> str:
    """Return the page of a model as HTML that loads nothing."""
    described = json.dumps(_describe(model)).replace("<", "\\u003c")
    return (
        _asset("page.html")
        .replace("{{title}}", escape(f"{model.name}: {type(model.final).__name__}"))
        .replace("{{style}}", _asset("page.css"))
        .replace("{{script}}", _asset("page.js"))
        .replace("{{model}}", described)  # last: what it says is the user's
    )


@cache
def security_policy() -> str:
    """Return the header by which a browser runs this page's script and style, and nothing else."""
    script, style = (
        base64.b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode()
        for name in ("page.js", "page.css")
    )
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@cache
def _asset(name: str) -> str:
    return (files("skdeep.serve") / "assets" / name).read_text(encoding="utf-8")


def _describe(model: ServedModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "estimator": type(model.final).__name__,
        "kind": model.kind,
        "columns": [
            {
                "name": column.name,
                "datatype": column.datatype,
                "choices": column.choices,
                "usual": column.usual,
            }
            for column in model.columns
        ],
        "named": model.has_names,
        "fields": model.kind == "table" and len(model.columns) <= _FIELDS,
        "n_features": model.n_features,
        "outputs": model.default_outputs,
        "classes": _classes(model),
        "picture": _picture(model),
    }


def _classes(model: ServedModel) -> list[Any]:
    classes = getattr(model.estimator, "classes_", None)
    return classes.tolist() if isinstance(classes, np.ndarray) else []


def _picture(model: ServedModel) -> dict[str, Any] | None:
    """Return shape and range of the picture to draw, None where the input is none."""
    shape = getattr(model.final, "image_shape_", None)
    if shape is None:
        if model.kind != "table" or any(c.datatype == "BYTES" for c in model.columns):
            return None
        shape = _PIXELS.get(model.n_features)
    shape = tuple(int(size) for size in shape or ())
    if len(shape) not in (2, 3) or shape[2:] not in ((), (1,)) or min(shape) < 1:
        return None
    rows, columns = shape[:2]
    if min(rows, columns) < 5:
        return None
    flat = model.n_features == math.prod(shape)
    highest = [c.highest for c in model.columns if c.highest is not None]
    ink = max(highest, default=1.0)
    return {
        "rows": rows,
        "columns": columns,
        "shape": [rows * columns] if flat else list(shape),
        "range": min(_RANGES, key=lambda known: abs(math.log(known / max(ink, 1e-9)))),
        "ranges": _RANGES,
    }
