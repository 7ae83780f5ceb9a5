"""The page on which a person fills in a form, or draws, and sees the prediction."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from skdeep.serve.served_model import ServedModel
from skdeep.utils.interface import Signature

__all__ = ["page", "security_policy"]

_FIELDS = 60  # a table of more columns is one field for all numbers
_PIXELS = {64: (8, 8), 784: (28, 28)}  # the digits of scikit-learn and of MNIST
_RANGES = (1.0, 16.0, 255.0)


def page(model: ServedModel) -> str:
    """Return the page of a model as HTML that loads nothing."""
    parts = {
        "title": escape(f"{model.name}: {model.signature.estimator}"),
        "style": _asset("page.css"),
        "script": _asset("page.js"),
        "model": json.dumps(_describe(model)).replace("<", "\\u003c"),
    }
    # At once: what the user's names say is not looked at again.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], _asset("page.html"))


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
    signature = model.signature
    return {
        "name": model.name,
        "estimator": signature.estimator,
        "kind": signature.kind,
        "columns": [
            {
                "name": column.name,
                "datatype": column.datatype,
                "choices": column.choices,
                "usual": column.usual,
            }
            for column in signature.columns
        ],
        "named": signature.named,
        "fields": signature.kind == "table" and len(signature.columns) <= _FIELDS,
        "n_features": signature.n_features,
        "outputs": model.default_outputs,
        "classes": [] if signature.several_targets else signature.classes,
        "picture": _picture(signature),
    }


def _picture(signature: Signature) -> dict[str, Any] | None:
    """Return shape and range of the picture to draw, None where the input is none."""
    given: Any = signature.image_shape
    if given is None:
        if signature.kind != "table" or any(c.datatype != "FP64" for c in signature.columns):
            return None
        given = _PIXELS.get(signature.n_features)
    shape = tuple(given or ())
    if len(shape) not in (2, 3) or shape[2:] not in ((), (1,)) or min(shape) < 1:
        return None
    rows, columns = shape[:2]
    if min(rows, columns) < 5:
        return None
    flat = signature.n_features == math.prod(shape)
    highest = [c.highest for c in signature.columns if c.highest is not None]
    ink = max(highest, default=1.0)
    return {
        "rows": rows,
        "columns": columns,
        "shape": [rows * columns] if flat else list(shape),
        "range": min(_RANGES, key=lambda known: abs(math.log(known / max(ink, 1e-9)))),
        "ranges": _RANGES,
    }
