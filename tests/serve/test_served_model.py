"""What a model says of itself and of requests."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from skdeep import (
    ConvNetClassifier,
    KNNClassifier,
    MLPClassifier,
    NearestNeighbors,
    RecurrentClassifier,
    Seq2SeqTranslator,
    SoftmaxClassifier,
    TabularNetRegressor,
    Whitener,
)
from skdeep.serve.errors import RequestError
from skdeep.serve.page import page
from skdeep.serve.served_model import ServedModel
from skdeep.utils.interface import describe_columns


def tensor(array, name="X", datatype="FP64"):
    array = np.asarray(array)
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "data": array.tolist()}


def table_inputs(table):
    return [
        tensor(table[name], name, "BYTES" if table[name].dtype.kind in "OU" else "FP64")
        for name in table.astype({n: object for n in table if table[n].dtype.kind not in "fi"})
    ]


def found(answer):
    return {
        output["name"]: np.reshape(output["data"], output["shape"]) for output in answer["outputs"]
    }


def test_a_classifier_answers_as_it_predicts(wine):
    model, X = wine
    served = ServedModel(model)
    for inputs in ([tensor(X)], [tensor(X[name], name) for name in reversed(list(X))]):
        answer = found(served.infer({"inputs": inputs}))
        np.testing.assert_array_equal(answer["predict"], model.predict(X))
        np.testing.assert_array_equal(answer["predict_proba"], model.predict_proba(X))
    metadata = served.metadata()
    assert [entry["name"] for entry in metadata["inputs"]] == list(X)
    assert metadata["outputs"][0] == {"name": "predict", "datatype": "BYTES", "shape": [-1]}
    assert metadata["outputs"][1]["parameters"] == {"classes": model.classes_.tolist()}
    json.dumps(metadata, allow_nan=False)


def test_categories_and_usual_values_are_known(rents):
    model, table = rents
    area, city, rooms = describe_columns(model, 3)
    assert city.choices == ["Bonn", "Oslo", "Rome"]
    assert (area.datatype, city.datatype) == ("FP64", "BYTES")
    assert rooms.usual == pytest.approx(table["rooms"].mean())
    inputs = table_inputs(table)
    answer = found(ServedModel(model).infer({"inputs": inputs}))
    np.testing.assert_array_equal(answer["predict"], model.predict(table))


@pytest.mark.parametrize("chosen", [["city"], [1], slice("city", "city"), slice(1, 2), "mask"])
def test_columns_are_found_however_they_are_chosen(rents, chosen):
    chosen = np.array([False, True, False]) if isinstance(chosen, str) else chosen
    encode = ColumnTransformer([("one", OrdinalEncoder(), chosen)], remainder="passthrough")
    pipe = make_pipeline(encode, StandardScaler()).fit(rents[1])
    assert [column.choices for column in describe_columns(pipe, 3)] == [
        [],
        ["Bonn", "Oslo", "Rome"],
        [],
    ]


def test_an_imputer_tells_text_from_numbers_and_lets_the_next_step_speak(rents):
    table = rents[1][["city"]]
    pipe = make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()).fit(table)
    (city,) = describe_columns(pipe, 1)
    assert city.usual == table["city"].mode()[0]
    assert city.choices == ["Bonn", "Oslo", "Rome"]


def test_a_network_for_tables_knows_its_categories(rents):
    table = rents[1]
    net = TabularNetRegressor("fast", max_iter=1, n_members=2, random_state=0)
    net.fit(table, np.arange(60.0))
    served = ServedModel(net)
    assert served.signature.columns[1].choices == ["Bonn", "Oslo", "Rome"]
    answer = found(served.infer({"inputs": table_inputs(table)}))
    np.testing.assert_array_equal(answer["predict"], net.predict(table))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_text_and_sequences_are_read():
    words, y = ["ab", "ba", "abb", "bbb"], [0, 1, 0, 1]
    net = RecurrentClassifier((3,), max_iter=2, random_state=0)
    served = ServedModel(net.fit(words, y))
    assert served.metadata()["inputs"] == [{"name": "X", "datatype": "BYTES", "shape": [-1]}]
    answer = found(served.infer({"inputs": [tensor(words, datatype="BYTES")]}))
    np.testing.assert_array_equal(answer["predict"], net.predict(words))
    X = np.random.RandomState(0).standard_normal((4, 5, 2))
    served = ServedModel(net.fit(X, y))
    assert served.metadata()["inputs"] == [{"name": "X", "datatype": "FP64", "shape": [-1, -1, 2]}]
    answer = found(served.infer({"inputs": [tensor(X)]}))
    np.testing.assert_array_equal(answer["predict_proba"], net.predict_proba(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_transformer_transforms_and_a_network_only_where_asked(digits):
    X = digits[1][:50]
    whitener = Whitener().fit(X)
    answer = found(ServedModel(whitener).infer({"inputs": [tensor(X)]}))
    np.testing.assert_array_equal(answer["transform"], whitener.transform(X))
    net = MLPClassifier((4,), max_iter=1).fit(X, X[:, 20] > 8)
    served = ServedModel(net)
    request = {"id": "7", "inputs": [tensor(X)], "outputs": [{"name": "predict"}]}
    answer = served.infer(request)
    assert answer["id"] == "7"
    assert answer["outputs"][0]["datatype"] == "BOOL"
    assert list(found(answer)) == ["predict"]


def test_what_neither_predicts_nor_transforms_is_not_served(digits):
    with pytest.raises(TypeError, match="NearestNeighbors has none of predict"):
        ServedModel(NearestNeighbors().fit(digits[1]))


ROW = [tensor([[0.0] * 64])]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ([], "must be an object"),
        ({}, "inputs must be a list"),
        ({"inputs": []}, "at least one tensor"),
        ({"inputs": [3]}, r"inputs\[0\] must be an object"),
        ({"inputs": ROW * 2}, "'X' is there twice"),
        ({"inputs": [tensor([[0.0] * 64], "Y")]}, "one input, 'X'; got 'Y'"),
        ({"inputs": ROW, "id": 3}, "id must be text"),
        ({"inputs": ROW, "outputs": 3}, "outputs must be a list"),
        ({"inputs": ROW, "outputs": [{"name": "p"}]}, "no output 'p'; model has predict"),
        ({"inputs": [tensor([[0.0] * 63])]}, "X has 63 features, but MinMaxScaler is expecting 64"),
        ({"inputs": [tensor([0.0] * 64)]}, "Expected 2D array, got 1D array instead"),
        ({"inputs": [tensor([[None] * 64])]}, "contains NaN"),
        ({"inputs": [tensor([["a"] * 64], datatype="BYTES")]}, "could not convert"),
        ({"inputs": [tensor(np.zeros((0, 64)))]}, "0 sample"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(digits, request_, said):
    with pytest.raises(RequestError, match=said):
        ServedModel(digits[0]).infer(request_)


def test_columns_that_do_not_fit_are_named(wine):
    model, X = wine
    served = ServedModel(model)
    inputs = [tensor(X[name], name) for name in X]
    with pytest.raises(RequestError, match="missing: 'alcohol'; unknown: 'beer'"):
        served.infer({"inputs": [*inputs[1:], tensor([1.0], "beer")]})
    with pytest.raises(RequestError, match=r"different lengths: .*'alcohol': 1"):
        served.infer({"inputs": [tensor([1.0], "alcohol"), *inputs[1:]]})
    with pytest.raises(RequestError, match="'alcohol' has shape"):
        served.infer({"inputs": [tensor([[1.0, 2.0]], "alcohol"), *inputs[1:]]})


def test_the_page_shows_names_as_text(wine):
    model = ServedModel(wine[0], "<script>alert(1)<b>{{script}}")
    html = page(model)
    assert "<script>alert" not in html
    assert "http" not in html.replace("https://github.com/kserve/open-inference-protocol", "")


def test_a_picture_is_drawn_in_the_range_of_the_data(digits, wine):
    def described(model):
        text = page(ServedModel(model)).split('id="model">')[1].split("</script>")[0]
        return json.loads(text)

    picture = described(digits[0])["picture"]
    assert (picture["rows"], picture["columns"], picture["range"]) == (8, 8, 16)
    assert described(wine[0])["picture"] is None
    X, y = load_digits(return_X_y=True)
    for unit in (1 / 16, 1.0, 255 / 16):
        for model in (KNNClassifier(), ConvNetClassifier("2", max_iter=1)):
            found = described(model.fit(unit * X[:100], y[:100]))["picture"]
            assert found["range"] == pytest.approx(16 * unit)


@pytest.mark.parametrize("absent", [None, np.nan], ids=["None", "NaN"])
def test_a_missing_category_is_the_one_of_fit(absent):
    kinds = np.array(["a", "b", absent, "b", absent, "a"], dtype=object)
    table = pd.DataFrame({"kind": pd.Series(kinds, dtype=object), "size": np.arange(6.0)})
    encode = ColumnTransformer([("k", OneHotEncoder(handle_unknown="ignore"), ["kind"])])
    pipe = make_pipeline(encode, SoftmaxClassifier()).fit(table, [0, 1, 2, 1, 2, 0])
    inputs = [tensor([None], "kind", "BYTES"), tensor([1.0], "size")]
    answer = found(ServedModel(pipe).infer({"inputs": inputs}))
    np.testing.assert_array_equal(answer["predict_proba"], pipe.predict_proba(table[2:3]))


def test_truth_values_are_told_as_such():
    table = pd.DataFrame({"open": [True, False, True, False]})
    encode = ColumnTransformer([("open", OneHotEncoder(), ["open"])])
    pipe = make_pipeline(encode, SoftmaxClassifier()).fit(table, [0, 1, 0, 1])
    served = ServedModel(pipe)
    assert served.metadata()["inputs"] == [{"name": "open", "datatype": "BOOL", "shape": [-1]}]
    answer = found(served.infer({"inputs": [tensor([False, True], "open", "BOOL")]}))
    np.testing.assert_array_equal(answer["predict"], [1, 0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_several_targets_are_told_as_such():
    X = np.random.RandomState(0).standard_normal((20, 3))
    y = np.array([["a", "u"], ["b", "v"]])[(X[:, 0] > 0).astype(int)]
    served = ServedModel(MLPClassifier((3,), max_iter=1).fit(X, y))
    outputs = served.metadata()["outputs"]
    assert outputs[0] == {"name": "predict", "datatype": "BYTES", "shape": [-1, 2]}
    assert json.loads(page(served).split('id="model">')[1].split("</script>")[0])["classes"] == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b"])
def test_a_name_that_is_no_part_of_an_address_is_refused(digits, name):
    with pytest.raises(ValueError, match="A model's name is a part of addresses"):
        ServedModel(digits[0], name)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_lists_of_different_lengths_are_no_tensor(monkeypatch):
    texts = ["ab", "b"] * 3
    net = Seq2SeqTranslator((3,), max_iter=1, random_state=0).fit(texts, [[1, 2], [2]] * 3)
    monkeypatch.setattr(net, "predict", lambda X: [[1, 2], [2]])
    tensor = {"name": "X", "datatype": "BYTES", "shape": [2], "data": texts[:2]}
    with pytest.raises(RequestError, match="predict gives lists of different lengths"):
        ServedModel(net).infer({"inputs": [tensor]})
