"""Models of ONNX answer as the estimators that they were written from."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from skdeep import (
    KNNClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    SVMClassifier,
    TabularNetClassifier,
    Whitener,
)
from skdeep.cli.main import main
from skdeep.serve import OnnxModel, load
from skdeep.serve.errors import RequestError
from skdeep.serve.page import page
from skdeep.serve.served_model import ServedModel
from skdeep.utils.interface import Signature
from tests.serve.test_served_model import found, tensor

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from skdeep.export import to_onnx

QUICK = {"max_iter": 2, "random_state": 0}
RANDOM = np.random.RandomState(0)
X = RANDOM.standard_normal((60, 4))
THREE = (X[:, 0] > 0.4).astype(int) + (X[:, 1] > 0.2)
NAMES = np.array(["a", "é", "c"])[THREE]
FRAME = pd.DataFrame(X, columns=list("abcd"))
TABLE = pd.DataFrame({"open": X[:, 0] > 0, "kind": NAMES, "size": X[:, 1], "n": THREE})
HOLES = TABLE.assign(kind=TABLE["kind"].where(X[:, 2] < 1), size=TABLE["size"].where(X[:, 3] < 1))
MIXED = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), ["kind", "open", "n"]), (StandardScaler(), ["size"])
)
TABULAR = TabularNetClassifier("fast", hidden_layer_sizes=(8,), **QUICK)
MLP = MLPClassifier((8,), **QUICK)
CASES = {
    "text": (MLP, X, NAMES),
    "truth": (MLP, X, THREE > 0),
    "floats": (MLP, X, THREE * 2.0),
    "several targets": (MLP, X, np.c_[NAMES, NAMES[::-1]]),
    "numbers": (MLPRegressor(hidden_layer_sizes=(8,), **QUICK), X, X[:, 0]),
    "margins": (SVMClassifier(), X, THREE > 0),
    "pictures": (
        make_pipeline(MinMaxScaler(), KNNClassifier()),
        RANDOM.random((40, 64)),
        X[:40, 0] > 0,
    ),
    "sequences": (RecurrentClassifier(**QUICK), RANDOM.standard_normal((30, 5, 2)), X[:30, 0] > 0),
    "features": (Whitener(), X, None),
    "names": (make_pipeline(StandardScaler(), MLP), FRAME, NAMES),
    "columns": (make_pipeline(MIXED, MLP), TABLE, NAMES),
    "raw table": (TABULAR, TABLE, NAMES),
    "raw table with holes": (TABULAR, HOLES, NAMES),
}


def fitted(estimator, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(estimator).fit(X, y)


def inputs_of(X):
    if not isinstance(X, pd.DataFrame):
        return [tensor(X)]
    holes = X.astype(object).where(X.notna(), None)
    kinds = {"b": "BOOL", "O": "BYTES", "U": "BYTES", "T": "BYTES"}
    return [tensor(holes[n].to_numpy(), n, kinds.get(X[n].dtype.kind, "FP64")) for n in X]


@pytest.mark.parametrize("case", CASES)
def test_a_file_answers_as_its_estimator(case):
    estimator, X, y = CASES[case]
    model = fitted(estimator, X, y)
    plain, served = ServedModel(model), ServedModel(OnnxModel(to_onnx(model).SerializeToString()))
    one, other = (found(s.infer({"inputs": inputs_of(X)})) for s in (plain, served))
    assert list(one) == list(other)
    for name, wanted in one.items():
        if wanted.dtype.kind == "f":
            np.testing.assert_allclose(other[name], wanted, rtol=1e-3, atol=1e-4)
        else:
            np.testing.assert_array_equal(other[name], wanted)
            assert other[name].dtype.kind == wanted.dtype.kind
    assert served.metadata()["inputs"] == plain.metadata()["inputs"]
    assert served.signature.columns == plain.signature.columns
    if case != "several targets":
        assert page(served) == page(plain)


def test_metadata_tell_names_types_and_classes():
    served = ServedModel(OnnxModel(to_onnx(fitted(MLP, X, NAMES)).SerializeToString()))
    metadata = served.metadata()
    assert metadata["platform"] == "onnx_onnxv1"
    assert metadata["parameters"]["estimator"] == "MLPClassifier"
    assert metadata["outputs"] == [
        {"name": "predict", "datatype": "BYTES", "shape": [-1]},
        {
            "name": "predict_proba",
            "datatype": "FP32",
            "shape": [-1, 3],
            "parameters": {"classes": ["a", "c", "é"]},
        },
    ]


def test_tokens_are_whole_numbers():
    tokens = RANDOM.randint(3, 9, (40, 6))
    model = fitted(RecurrentClassifier(tokens=True, **QUICK), tokens, tokens[:, 0] % 2)
    served = ServedModel(OnnxModel(to_onnx(model).SerializeToString()))
    assert served.metadata()["inputs"] == [{"name": "X", "datatype": "INT64", "shape": [-1, -1]}]
    codes = np.searchsorted(model.vocabulary_, tokens) + 1
    answer = found(served.infer({"inputs": [tensor(codes, datatype="INT64")]}))
    np.testing.assert_allclose(answer["predict_proba"], model.predict_proba(tokens), atol=1e-5)


ROW = np.zeros((1, 4))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (tensor(ROW[:, :3]), r"X has shape \[1, 3\]; the model takes \[n, 4\]"),
        (tensor(ROW[0]), r"X has shape \[4\]"),
        (tensor(ROW[:0]), "X has 0 samples"),
        (tensor([[None] * 4]), "X contains NaN"),
        (tensor(ROW + 1e300), "too large for float32"),
        (tensor([["1"] * 4], datatype="BYTES"), "must be numbers, not text"),
        (tensor(ROW, "Y"), "one input, 'X'; got 'Y'"),
        (tensor(ROW + 3e38), "predict_proba is not finite"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(given, said):
    served = ServedModel(OnnxModel(to_onnx(fitted(MLP, X * 1e-3, NAMES)).SerializeToString()))
    with pytest.raises(RequestError, match=said):
        served.infer({"inputs": [given]})


def test_a_missing_category_without_a_place_is_refused():
    model = fitted(make_pipeline(MIXED, MLP), TABLE, NAMES)
    served = ServedModel(OnnxModel(to_onnx(model).SerializeToString()))
    inputs = [*inputs_of(TABLE[:1])]
    inputs[1]["data"] = [None]
    with pytest.raises(RequestError, match="kind must be text"):
        served.infer({"inputs": inputs})
    for few in (ROW[:, :3], ROW[0]):
        with pytest.raises(RequestError, match=r"the model takes \[n, 4\], or a column each"):
            served.infer({"inputs": [tensor(few)]})
    with pytest.raises(RequestError, match="kind must be text, of datatype BYTES, not numbers"):
        ServedModel(model).infer({"inputs": [tensor(ROW)]})


def test_a_model_of_others_is_told_by_its_graph():
    import skl2onnx

    model = LinearRegression().fit(X, X[:, 0])
    written = skl2onnx.to_onnx(model, X[:1].astype(np.float32))
    served = ServedModel(OnnxModel(written.SerializeToString()))
    assert served.metadata()["inputs"] == [{"name": "X", "datatype": "FP64", "shape": [-1, 4]}]
    answer = found(served.infer({"inputs": [tensor(X)]}))
    np.testing.assert_allclose(answer["variable"].ravel(), model.predict(X), atol=1e-5)
    assert '"kind": "table"' in page(served)


def test_files_are_loaded_by_their_names(tmp_path, capsys):
    path = tmp_path / "model.onnx"
    path.write_bytes(to_onnx(fitted(MLP, X, NAMES)).SerializeToString())
    assert isinstance(load(path), OnnxModel)
    path.write_bytes(b"none")
    with pytest.raises(ValueError, match=r"model\.onnx: no model that onnxruntime can run"):
        load(path)
    assert main(["serve", str(path)]) == 2
    assert "no model that onnxruntime can run" in capsys.readouterr().err
    assert main(["serve", str(tmp_path / "absent.onnx")]) == 2


def test_a_description_that_is_none_is_refused():
    for text in ("[]", "{}", '{"columns": [], "colour": 1}', "no JSON"):
        with pytest.raises(ValueError, match="no description of a model"):
            Signature.from_json(text)
