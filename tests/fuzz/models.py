"""What becomes of a fitted estimator: a card, files, a graph of ONNX, an application on the web."""

import asyncio
import copy
import io
import json
import logging
import pickle
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import skdeep
from skdeep.export import to_onnx
from skdeep.inspection import model_card
from skdeep.serve import OnnxModel, application
from tests.fuzz.around import AROUND
from tests.fuzz.cases import Case, allowed_params, plain_table, plain_target
from tests.fuzz.tables import FORMS, PLAIN_TABLE, Table

__all__ = ["USES", "Use", "uses"]


_FITTED = (
    "array", "array", "array", "pandas", "pandas mixed", "pandas category", "object", "float32",
    "pandas with odd names", "pandas with numbers for names", "pandas string", "polars", "CSR",
    "int64", "bool", "sequences",
)  # fmt: skip
# In which numbers are what they are in an array of float64.
_SAME = (
    "Fortran", "strided", "read-only", "other bytes", "list", "rows of arrays", "object", "pandas",
    "pandas Float64", "pandas Arrow", "pandas with an index", "pandas of its best types", "polars",
    "Arrow", "CSR", "CSR unsorted", "CSR with long indices", "CSC",
)  # fmt: skip
_TARGETS = (
    "two classes", "three classes", "text", "truth", "labels as floats", "objects", "numbers",
    "positive", "two columns", "several classes", "indicators", "pandas category", "one class",
    "large labels", "counts", "constant", "far away", "strided",
)  # fmt: skip


@dataclass(frozen=True)
class Use:
    """A use of a fitted estimator, in words; its repr makes it again.

    Attributes
    ----------
    case : Case
        What is fitted.
    use : str
        Of `USES`.
    around : str
        The pipeline or search that it is in.
    asked : Table
        What it is asked about.
    changes : tuple of (tuple, object)
        What a request has at which place, instead of what is right.
    """

    case: Case
    use: str
    around: str = "nothing"
    asked: Table = PLAIN_TABLE
    changes: tuple = ()

    def fitted(self):
        """Return the estimator, None where its data do not suit it."""
        X, y, _ = self.case.data()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return AROUND[self.around](self.case.make()).fit(X, y)
            except Exception:  # which is for others to find
                return None


@st.composite
def uses(draw, name):
    """Draw a use of an estimator, with parameters and data of all kinds that it takes."""
    plain = plain_table(name)
    form = plain.form if plain.form == "words" else draw(st.sampled_from(_FITTED))
    numbers = draw(st.sampled_from(["normal", "normal", "integers", "NaN", "constant column"]))
    X = Table(numbers, form, 12, 4, draw(st.integers(0, 9)))
    y = draw(st.sampled_from([plain_target(name), *_TARGETS]))
    params = draw(allowed_params(name)) if draw(st.booleans()) else ()
    use = draw(st.sampled_from(sorted(USES)))
    around = draw(st.sampled_from(sorted(AROUND))) if form != "words" else "nothing"
    odd = draw(st.sampled_from(["normal", "normal", "NaN", "infinity", "huge", "integers"]))
    asked = Table(odd, form, draw(st.sampled_from([6, 6, 1, 0, 40])), 4, draw(st.integers(0, 9)))
    changes = ()
    if "serve" in use:
        change = st.tuples(st.sampled_from(PLACES), st.sampled_from(JSON))
        changes = draw(st.lists(st.one_of(change, change, BODIES), max_size=3))
    return Use(Case(name, params, X=X, y=y), use, around, asked, tuple(changes))


# What stands where in a request, and what else may stand there.
PLACES = [
    (), ("inputs",), ("inputs", 0), ("inputs", 0, "name"), ("inputs", 0, "datatype"),
    ("inputs", 0, "shape"), ("inputs", 0, "shape", 0), ("inputs", 0, "data"),
    ("inputs", 0, "data", 0), ("inputs", 0, "data", -1), ("inputs", -1), ("inputs", -1, "name"),
    ("inputs", -1, "datatype"), ("inputs", -1, "data", 0), ("outputs",), ("id",), ("parameters",),
]  # fmt: skip
JSON = [
    None, True, 0, -1, 1.5, 1e308, 2**63, 10**400, "", "X", "x0", "x1", "nan", "\ud800", "é\u2028",
    "<b>", "FP64", "FP32", "FP16", "INT8", "INT64", "UINT64", "BYTES", "BOOL", [], [[]], [1],
    [1.5, 2], [[1, 2, 3, 4]], [None], [None] * 4, ["a"], [True], [{}], {}, {"name": "X"},
    {"name": "X", "datatype": "FP64", "shape": [1, 4], "data": [[1, 2, 3, 4]]},
    {"name": "X", "datatype": "FP64", "shape": [0, 4], "data": []},
    {"name": "X", "datatype": "BYTES", "shape": [2], "data": ["ab", ""]},
    {"name": "X", "datatype": "FP64", "shape": [1, 2, 2], "data": [1, 2, 3, 4]},
    {"name": "X", "datatype": "FP64", "shape": [2**61, 4], "data": []},
    [{"name": "predict"}], [{"name": "predict_proba"}], [{"name": "transform"}], [{"name": 3}],
    [{"name": "predict"}, {"name": "predict"}], [{"name": "nonsense"}], [0, 4], [6, 4], [4, 6],
    [24], [1] * 9, [10**30], "GONE",
]  # fmt: skip
BODIES = st.tuples(
    st.just("body"),
    st.sampled_from(
        [
            b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"inputs": NaN}', b"1" * 10_000, b"null",
            b"\xef\xbb\xbf{}", b'{"inputs": [], "inputs": 1}', b"-", b'"\\ud800"', b"\x00",
            b'{"inputs": [{"name": "X", "datatype": "FP64", "shape": [1, 4], '
            b'"data": [1e999, 1, 1, 1]}]}',
            b'{"inputs": [{"name": "X", "datatype": "\\ud800", "shape": [1], "data": [1]}]}',
            b'{"a":' * 50_000, b'{"id": "\\ud83d"}', b"[1]" + b" " * 10_000, b"\xe9",
        ]
    ),
)  # fmt: skip


def _card(use, model, call):
    X, y, _ = use.case.data()
    for card in (call(model_card, model)[0], call(model_card, model, X, y)[0]):
        for write in () if card is None else (card.to_html, card.to_markdown, card._repr_html_):
            call(write)


def _files(use, model, call):
    """Yield what a model does not say after it has been in a file."""
    import skops.io

    X = use.asked.make()
    for write in (
        lambda: pickle.loads(pickle.dumps(model)),
        lambda: skops.io.loads(written := skops.io.dumps(model), trusted=_trusted(written)),
    ):
        again, error = call(write)
        if error is None:
            yield from _differences(_answers(model, X), _answers(again, X))


def _trusted(written):
    import skops.io

    asked = skops.io.get_untrusted_types(data=written)
    of_others = ("sklearn.", "scipy.sparse.", "numpy.dtype")
    return [*skdeep.TRUSTED_TYPES, *(name for name in asked if name.startswith(of_others))]


def _answers(model, X):
    """Return what a model says, or the errors that it raises instead."""
    said = {}
    for name in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, name):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    said[name] = getattr(model, name)(X)
            except Exception as error:
                said[name] = f"{type(error).__name__}: {error}"
    return said


def _differences(expected, found):
    if repr(expected) != repr(found):
        yield "differs", f"{expected} and {found}"[:400]


def _other_forms(use, model, call):
    """Yield where the same numbers in another form get another answer."""
    X = replace(use.asked, form="array").make()
    expected = _answers(model, X)
    for form in _SAME:
        for name, said in _answers(model, FORMS[form](X.copy())).items():
            wanted = expected[name]
            if not isinstance(wanted, (str, list)) and not isinstance(said, str):
                yield from _apart(f"{name} of {form}", _dense(wanted), _dense(said))


def _dense(said):
    return np.asarray(said.toarray() if hasattr(said, "toarray") else said)


def _apart(what, wanted, said):
    """Yield where two answers are not the same, up to rounding."""
    same = wanted.shape == said.shape
    if same and wanted.dtype.kind == said.dtype.kind == "f":
        size = np.abs(wanted[np.isfinite(wanted)]).max(initial=0)
        same = np.allclose(said, wanted, rtol=1e-3, atol=1e-5 * size, equal_nan=True)
    elif same:
        same = (wanted.astype(str) == said.astype(str)).all()
    if not same:
        yield "differs", f"{what}: {wanted} and {said}"[:400]


def _onnx(use, model, call):
    """Yield where a graph says something else, beyond the rounding of float32."""
    made, error = call(to_onnx, model, may=(NotImplementedError,))
    X = use.asked.make()
    if error is not None or not isinstance(X, np.ndarray) or X.dtype.kind != "f" or not len(X):
        return
    if X.ndim != 2 or getattr(model, "vocabulary_", None) is not None or not _is_usual(X):
        return
    served, error = call(OnnxModel, made.SerializeToString())
    X = X.astype(np.float32)
    near = _answers(model, X * np.float32(1 + 1e-5))
    for name, expected in _answers(model, X).items():
        if error is None and name in served.outputs and not isinstance(expected, (str, list)):
            found = dict(served.ask([name], X))[name]
            yield from _beyond(name, np.asarray(expected), found, np.asarray(near[name]))


def _is_usual(X):
    return np.isfinite(X).all() and np.abs(X).max(initial=0) < 1e6


def _beyond(name, expected, found, near):
    """Yield what is further from what is expected than an answer to nearly the same input."""
    if expected.dtype.kind != "f" or not np.isfinite(expected).all():
        return
    if np.abs(expected).max(initial=0) > 1e30:
        return
    scale = np.abs(expected).max(initial=1e-6)
    allowed = 10 * np.abs(near - expected).max(initial=0) + 1e-3 * scale
    found = np.reshape(found, expected.shape) if found.size == expected.size else found
    if found.shape != expected.shape or not (np.abs(found - expected) <= allowed).all():
        yield "differs in ONNX", f"{name}: {expected} and {found}"[:400]


def _serve(use, model, call):
    """Yield what a server says that it should not."""
    app, error = call(application, model, "m")
    if error is None:
        yield from _asked(use, app, _answers(model, use.asked.make()))


def _serve_onnx(use, model, call):
    made, error = call(to_onnx, model, may=(NotImplementedError,))
    if error is None:
        served, error = call(OnnxModel, made.SerializeToString(), may=(ValueError,))
        if error is None:
            yield from _asked(use, call(application, served, "m")[0], None)


def _asked(use, app, expected):
    """Yield what is wrong with the page, the description, and the answer to one request."""
    request = _request(use.asked.make())
    body = b"" if request is None else json.dumps(_changed(request, use.changes)).encode()
    for place, content in use.changes:
        body = content if place == "body" else body
    failed = io.StringIO()
    log = logging.StreamHandler(failed)
    logging.getLogger("skdeep.serve").addHandler(log)
    try:
        page, metadata, answer = asyncio.run(_conversation(app, body))
    finally:
        logging.getLogger("skdeep.serve").removeHandler(log)
    for reply in (page, metadata):
        if reply.status_code != 200:
            yield f"status {reply.status_code}", f"{reply.url}: {reply.text[:300]}"
    described = page.text.split('id="model">')[-1].split("</script>")[0]
    for text in (described, metadata.text):
        json.loads(text, parse_constant=_refuse)
    status, text = answer.status_code, answer.text
    said = json.loads(text, parse_constant=_refuse)
    if status not in (200, 400, 422):
        yield f"status {status}", failed.getvalue()[-400:] or text[:400]
    elif status != 200 and (list(said) != ["error"] or len(said["error"]) < 6):
        yield "no sentence", text[:400]
    elif status == 200 and expected and not use.changes:
        for output in said["outputs"]:
            if isinstance(wanted := expected.get(output["name"]), (np.ndarray, str)):
                yield from _unlike(output, wanted, use.asked.form == "float32")
    elif status != 200 and expected and not use.changes and request is not None:
        wanted = [expected[name] for name in expected if name.startswith("predict")]
        wanted = wanted or list(expected.values())[:1]  # as of a request that names no output
        if all(_is_finite(one) for one in wanted) and not _has_infinity(request):
            yield "refused", text[:400]


def _has_infinity(request):
    return any("inf" in tensor["data"] for tensor in request["inputs"])


def _is_finite(answer):
    parts = answer if isinstance(answer, list) else [answer]
    return not isinstance(answer, str) and all(
        np.asarray(part).dtype.kind != "f" or np.isfinite(part).all() for part in parts
    )


def _unlike(output, wanted, rounded):
    """Yield where an output is not what the estimator says; labels may be, of rounded numbers."""
    wanted = np.asarray(wanted)
    found = np.reshape(output["data"], output["shape"])
    if wanted.dtype.kind == "f" and wanted.shape == found.shape:
        same = np.allclose(found, wanted, rtol=1e-3, atol=1e-6 * np.abs(wanted).max(initial=0))
    else:
        same = rounded or wanted.astype(str).tolist() == found.astype(str).tolist()
    if not same:
        yield "differs", f"{wanted} and {output}"[:400]


def _refuse(constant):
    raise ValueError(f"{constant} in JSON")


async def _conversation(app, body):
    import httpx

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://m") as client:
        return (
            await client.get("/"),
            await client.get("/v2/models/m"),
            await client.post(
                "/v2/models/m/infer", content=body, headers={"Content-Type": "application/json"}
            ),
        )


def _request(X):
    """Return the request of some rows, None for what has no form in the protocol."""
    if hasattr(X, "columns") and isinstance(X.columns[0], str):
        tensors = [_tensor(str(name), column) for name, column in _columns(X)]
    else:
        tensors = [_tensor("X", X)]
    return None if None in tensors else {"inputs": tensors}


def _columns(frame):
    if hasattr(frame, "to_pandas"):
        frame = frame.to_pandas()
    return ((name, frame.iloc[:, i].astype(object)) for i, name in enumerate(frame.columns))


def _tensor(name, X):
    values = X.toarray() if hasattr(X, "toarray") else np.asarray(X, _object_if_text(X))
    flat = [None if v is None or v is pd.NA or v != v else v for v in values.ravel().tolist()]
    kinds = {type(value) for value in flat} - {type(None)}
    for kind, datatype in ((bool, "BOOL"), (int, "INT64"), (str, "BYTES"), (float, "FP64")):
        if kinds == {kind} and (kind in (str, float) or None not in flat):
            flat = ["inf" if value in (np.inf, -np.inf) else value for value in flat]
            return {
                "name": name, "datatype": datatype, "shape": list(values.shape), "data": flat
            }  # fmt: skip
    return None


def _object_if_text(X):
    return object if isinstance(X, list) else None


def _changed(request, changes):
    request = copy.deepcopy(request)
    for place, value in changes:
        if place == ():
            request = copy.deepcopy(value)
        elif place != "body":
            _put(request, place, copy.deepcopy(value))  # into which others may put
    return request


def _put(holder, place, value):
    *path, last = place
    try:
        for key in path:
            holder = holder[key]
        if value == "GONE":
            del holder[last]
        else:
            holder[last] = value
    except (TypeError, KeyError, IndexError):  # another change has taken the place away
        pass


USES = {
    "card": _card,
    "files": _files,
    "onnx": _onnx,
    "other forms": _other_forms,
    "serve": _serve,
    "serve onnx": _serve_onnx,
}
