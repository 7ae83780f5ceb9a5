"""Every estimator in ONNX's operators predicts what it predicts here, by onnxruntime."""

import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

import skdeep
from skdeep import (
    Autoencoder,
    ConvNetClassifier,
    ConvNetRegressor,
    KNNClassifier,
    KNNClassifierCV,
    KNNRegressor,
    LeastSquaresRegressor,
    LeastSquaresRegressorCV,
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    NetworkEnsembleRegressor,
    PiecewiseLinearEncoder,
    RadiusNeighborsClassifier,
    RecurrentClassifier,
    RecurrentRegressor,
    RobustSmoothScaler,
    SoftmaxClassifier,
    SoftmaxClassifierCV,
    SVMClassifier,
    TableEncoder,
    TransformerClassifier,
    TransformerRegressor,
    VariationalAutoencoder,
    Whitener,
)

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.peers

from skdeep.export import register, to_onnx  # noqa: E402
from tests.export.runtime import run  # noqa: E402

QUICK = {"max_iter": 2, "random_state": 0}
RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(60, 4)).astype(np.float32)
THREE = (ROWS[:, 0] > 0.4).astype(int) + (ROWS[:, 1] > 0.2)
TWO = np.where(ROWS[:, 0] + ROWS[:, 1] > 0, "yes", "no")
NUMBERS = 10 + 3 * ROWS[:, 0] - ROWS[:, 1] ** 2
PICTURES = RANDOM.normal(size=(40, 8, 7, 2)).astype(np.float32)
FLAT = RANDOM.integers(0, 16, (40, 64))
STEPS = RANDOM.normal(size=(40, 6, 3)).astype(np.float32)
TOKENS = RANDOM.integers(3, 9, (40, 6))


def of(estimator, X=ROWS, y=THREE):
    return pytest.param(estimator, X, y, id=repr(estimator).replace("\n", " "))


CLASSIFIERS = [
    of(SoftmaxClassifier()),
    of(SoftmaxClassifier(), y=TWO),
    of(SoftmaxClassifierCV(cv=3)),
    of(SVMClassifier()),
    of(SVMClassifier(), y=TWO),
    of(SVMClassifier(loss="hinge", multi_class="crammer_singer")),
    of(KNNClassifier(7)),
    of(KNNClassifier(3, weights="distance"), y=TWO),
    of(MLPClassifier((8,), **QUICK)),
    of(MLPClassifier((8, 6), batch_norm=True, dropout=0.3, activation="gelu", **QUICK), y=TWO),
    of(MLPClassifier((8,), layer_norm=True, activation="maxout", **QUICK), y=THREE * 2.0),
    of(MLPClassifier((8,), loss="hinge", **QUICK)),
    of(MLPClassifier((8,), loss="squared_hinge", **QUICK), y=TWO),
    of(MLPClassifier((8,), loss="focal", **QUICK), y=THREE > 0),
    of(MLPClassifier((8,), **QUICK), y=np.stack([THREE > 0, THREE > 1], axis=1).astype(int)),
    of(ConvNetClassifier(**QUICK), FLAT, FLAT[:, 0] % 3),
    of(ConvNetClassifier(architecture="resnet8", **QUICK), PICTURES, FLAT[:, 0] % 3),
    of(
        ConvNetClassifier(channels_first=True, **QUICK),
        PICTURES.transpose(0, 3, 1, 2).copy(),
        FLAT[:, 0] % 2,
    ),
    of(RecurrentClassifier(**QUICK), STEPS, FLAT[:, 0] % 3),
    of(
        RecurrentClassifier((8, 8), cell="gru", bidirectional=True, **QUICK),
        TOKENS[:, :4],
        FLAT[:, 0] % 2,
    ),
    of(RecurrentClassifier(tokens=True, cell="rnn", **QUICK), TOKENS, FLAT[:, 0] % 3),
    of(RecurrentClassifier(per_step=True, **QUICK), STEPS, TOKENS % 3),
    of(TransformerClassifier(**QUICK), STEPS, FLAT[:, 0] % 3),
    of(TransformerClassifier(tokens=True, **QUICK), TOKENS, FLAT[:, 0] % 2),
    of(NetworkEnsembleClassifier(MLPClassifier((8,), **QUICK), n_estimators=3, random_state=0)),
    of(
        NetworkEnsembleClassifier(MLPClassifier((8,), **QUICK), n_estimators=2, random_state=0),
        y=TWO,
    ),
    of(KNNClassifierCV(range(1, 6))),
    of(GridSearchCV(MLPClassifier((8,), **QUICK), {"alpha": [0.1, 1.0]}, cv=2)),
    of(make_pipeline(StandardScaler(), MLPClassifier((8,), **QUICK)), y=TWO),
    of(make_pipeline(MinMaxScaler(), PCA(3), KNNClassifier())),
    of(make_pipeline(StandardScaler(), ConvNetClassifier(**QUICK)), FLAT, FLAT[:, 0] % 3),
    of(make_pipeline(None, "passthrough", MLPClassifier((8,), **QUICK)), y=TWO),
    of(make_pipeline(RecurrentClassifier(**QUICK)), STEPS, FLAT[:, 0] % 3),
    of(make_pipeline(RecurrentClassifier(tokens=True, **QUICK)), TOKENS, FLAT[:, 0] % 3),
    of(KNNClassifier(3), np.round(ROWS)),  # many are equally near
    of(BaggingClassifier(MLPClassifier((8,), **QUICK), 2, random_state=0)),
    of(LogisticRegression(), y=TWO),
]
OTHERS = [
    of(LeastSquaresRegressor(), y=NUMBERS),
    of(LeastSquaresRegressor(degree=3), y=NUMBERS),
    of(LeastSquaresRegressor(degree=2, fit_intercept=False), y=np.c_[NUMBERS, ROWS[:, 2]]),
    of(LeastSquaresRegressorCV(degree=[1, 2]), y=NUMBERS),
    of(KNNRegressor(4), y=NUMBERS),
    of(KNNRegressor(4, weights="distance"), y=np.c_[NUMBERS, ROWS[:, 2]]),
    of(MLPRegressor(hidden_layer_sizes=(8,), **QUICK), y=NUMBERS),
    of(
        MLPRegressor(hidden_layer_sizes=(8,), standardize_target=True, **QUICK),
        y=np.c_[NUMBERS, ROWS[:, 2] * 0],
    ),
    of(MLPRegressor("gaussian", (8,), standardize_target=True, **QUICK), y=NUMBERS),
    of(MLPRegressor("quantile", (8,), quantiles=(0.1, 0.5, 0.9), **QUICK), y=NUMBERS),
    of(
        MLPRegressor("quantile", (8,), quantiles=(0.1, 0.9), standardize_target=True, **QUICK),
        y=np.c_[NUMBERS, ROWS],
    ),
    of(MLPRegressor("poisson", (8,), standardize_target=True, **QUICK), y=THREE),
    of(ConvNetRegressor(image_shape=(8, 8), **QUICK), FLAT, FLAT[:, 0] / 5),
    of(RecurrentRegressor(cell="lstm", **QUICK), STEPS, STEPS[:, -1, 0]),
    of(TransformerRegressor(per_step=True, **QUICK), STEPS, STEPS[:, :, 0]),
    of(
        NetworkEnsembleRegressor(MLPRegressor(hidden_layer_sizes=(8,), **QUICK), n_estimators=2),
        y=NUMBERS,
    ),
    of(RobustSmoothScaler()),
    of(RobustSmoothScaler(clip=None)),
    of(PiecewiseLinearEncoder(5)),
    of(Whitener()),
    of(Whitener("zca", regularization=0.1)),
    of(Whitener("center")),
    of(Autoencoder(2, (6,), **QUICK)),
    of(VariationalAutoencoder(2, (6,), **QUICK)),
    of(
        make_pipeline(
            StandardScaler(), RobustSmoothScaler(), MLPRegressor(hidden_layer_sizes=(8,), **QUICK)
        ),
        y=NUMBERS,
    ),
    of(make_pipeline(Whitener(), LeastSquaresRegressor()), y=NUMBERS),
]


def fitted(estimator, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(estimator).fit(X, y)


def fed(estimator, X):
    """Return samples as the model takes them."""
    last = estimator[-1] if hasattr(estimator, "steps") else estimator
    vocabulary = getattr(last, "vocabulary_", None)
    if vocabulary is not None:
        return np.searchsorted(vocabulary, X) + 1
    return (X.reshape(len(X), -1) if X.ndim == 4 else X).astype(np.float32)


@pytest.mark.parametrize(("estimator", "X", "y"), CLASSIFIERS)
def test_classifiers_say_the_same(estimator, X, y):
    net = fitted(estimator, X, y)
    model = to_onnx(net)
    names = [output.name for output in model.graph.output]
    label, said = run(model, fed(net, X))
    if hasattr(net, "predict_proba"):
        assert names[0] in ("label", "output_label")
        assert names[1] in ("probabilities", "output_probability")
        expected = net.predict_proba(X)
        said = said if said.shape == np.shape(expected) else np.reshape(said, np.shape(expected))
    else:
        assert names == ["label", "scores"]
        expected = net.decision_function(X).reshape(said.shape)
    np.testing.assert_allclose(said, expected, rtol=2e-4, atol=2e-5)
    # Labels are the same wherever there is no draw.
    ordered = np.sort(np.asarray(expected), axis=-1)
    clear = np.ones(len(X), bool)
    if ordered.ndim == 2 and ordered.shape[1] > 1:
        clear = ordered[:, -1] - ordered[:, -2] > 1e-4
    predicted = net.predict(X)
    assert clear.mean() > 0.5
    np.testing.assert_array_equal(label[clear], predicted[clear].astype(label.dtype))


@pytest.mark.parametrize(("estimator", "X", "y"), OTHERS)
def test_regressors_and_transformers_say_the_same(estimator, X, y):
    net = fitted(estimator, X, y)
    (said,) = run(to_onnx(net), fed(net, X))
    expected = net.predict(X) if hasattr(net, "predict") else net.transform(X)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(said.reshape(expected.shape), expected, rtol=2e-4, atol=2e-5 * scale)


def test_a_bound_that_is_zero_in_single_precision_makes_numbers_of_zeros():
    net = RobustSmoothScaler(clip=1e-300).fit(ROWS)
    (said,) = run(to_onnx(net), net.center_[None].astype(np.float32))
    np.testing.assert_array_equal(said, 0.0)


def test_frozen_networks_are_their_features_before_the_last_step_and_themselves_as_it():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = MLPClassifier((8, 5), batch_norm=True, **QUICK).fit(ROWS, THREE)
        pictures = ConvNetClassifier(**QUICK).fit(FLAT, FLAT[:, 0] % 3)
    frozen = FrozenEstimator(net)
    for model, X in (
        (make_pipeline(frozen, SoftmaxClassifier()).fit(ROWS, TWO), ROWS),
        (make_pipeline(StandardScaler(), frozen).fit(ROWS, TWO), ROWS),
        (make_pipeline(FrozenEstimator(pictures), SVMClassifier()).fit(FLAT, FLAT[:, 0] % 3), FLAT),
        (frozen, ROWS),
    ):
        label, said = run(to_onnx(model), X.astype(np.float32))
        np.testing.assert_array_equal(label, model.predict(X))
        if hasattr(model, "predict_proba"):
            np.testing.assert_allclose(said, model.predict_proba(X), atol=1e-5)


def test_features_that_no_single_layer_reads_are_named():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = FrozenEstimator(RecurrentClassifier(per_step=True, **QUICK).fit(STEPS, TOKENS % 3))
        model = make_pipeline(FunctionTransformer(), net, FunctionTransformer()).fit(STEPS)
    with pytest.raises(NotImplementedError, match="features of RecurrentClassifier"):
        to_onnx(model)


def test_several_targets_have_a_label_and_probabilities_each():
    y = np.stack([THREE, THREE % 2], axis=1)
    net = fitted(MLPClassifier((8,), **QUICK), ROWS, y)
    label, first, second = run(to_onnx(net), ROWS)
    for said, expected in zip((first, second), net.predict_proba(ROWS), strict=True):
        np.testing.assert_allclose(said, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(label, net.predict(ROWS))


LOSSES_OF_TABLES = [
    {"loss": "gaussian"},
    {"loss": "quantile", "quantiles": (0.1, 0.9)},
    {"loss": "poisson"},
]


@pytest.mark.parametrize("n_categories", [3, 140])
def test_networks_for_raw_tables_read_numbers_and_codes(n_categories):
    n = 300
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "size": np.where(random.uniform(size=n) < 0.1, np.nan, random.normal(size=n)),
            "kind": random.integers(0, n_categories, n).astype(str),
            "same": 1.0,
            "yes": random.choice(["a", "b"], n),
            "age": random.normal(50, 9, n),
        }
    ).astype({"kind": "category", "yes": "category"})
    y = np.where(table["age"] + 9 * (table["yes"] == "a") > 54, "old", "new")
    encoder = TableEncoder().fit(table)
    Z = encoder.transform(table)  # size, same, age, whether size is missing, kind, yes
    X = Z[:, [0, 4, 1, 5, 2]].astype(np.float32)
    for estimator, target in (
        (skdeep.TabularNetClassifier("fast", max_iter=3, random_state=0), y),
        (skdeep.TabularNetRegressor("fast", max_iter=3, random_state=0), table["age"] * 3),
        *(
            (skdeep.TabularNetRegressor("fast", max_iter=2, random_state=0, **loss), table["age"])
            for loss in LOSSES_OF_TABLES
        ),
    ):
        net = fitted(estimator, table, target)
        unseen = X.copy()
        unseen[:3, [1, 3]] = 0
        strange = table.astype({"kind": object, "yes": object})
        strange.loc[:2, ["kind", "yes"]] = "unheard of"
        *label, said = run(to_onnx(net), unseen)
        expected = net.predict_proba(strange) if label else net.predict(strange)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(
            said.reshape(expected.shape), expected, rtol=1e-4, atol=1e-5 * scale
        )
        if label:
            np.testing.assert_array_equal(label[0], net.predict(strange))


def test_columns_that_are_chosen_by_name_are_an_input_each():
    table = pd.DataFrame({"size": ROWS[:, 0], "answer": TWO, "left": THREE > 0})
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["left", "answer"]), (StandardScaler(), ["size"])
    )
    pipe = fitted(make_pipeline(encode, MLPClassifier((8,), **QUICK)), table, THREE)
    columns = [
        ROWS[:, :1],
        np.where(np.arange(60) < 9, "?", TWO)[:, None].astype(object),
        (THREE > 0)[:, None].astype(np.float32),
    ]
    _, said = run(to_onnx(pipe), *columns)
    table.loc[:8, "answer"] = "?"
    np.testing.assert_allclose(said, pipe.predict_proba(table), rtol=1e-4)
    table["answer"] = table["answer"].where(THREE > 0, None)
    with pytest.raises(NotImplementedError, match="'answer' has a category for what is missing"):
        to_onnx(fitted(pipe, table, THREE))


def test_skl2onnx_knows_the_estimators_once_it_is_told():
    import skl2onnx

    register()
    pipe = fitted(
        make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(8,), **QUICK)),
        ROWS,
        NUMBERS,
    )
    (said,) = run(skl2onnx.to_onnx(pipe, ROWS[:1]), ROWS)
    np.testing.assert_allclose(said.ravel(), pipe.predict(ROWS), rtol=1e-4)


@pytest.mark.parametrize(
    ("estimator", "around", "words"),
    [
        (SVMClassifier(), BaggingClassifier, "BaggingClassifier .* and SVMClassifier has none"),
        (SVMClassifier(), OneVsRestClassifier, "OneVsRestClassifier .* SVMClassifier has none"),
        (SoftmaxClassifier(), CalibratedClassifierCV, "decision_function that SoftmaxClassifier"),
        (KNNClassifier(), partial(CalibratedClassifierCV, method="isotonic"), "interpolation"),
        (RadiusNeighborsClassifier(9.0), BaggingClassifier, "RadiusNeighborsClassifier"),
    ],
    ids=repr,
)
def test_scores_are_not_taken_for_probabilities(estimator, around, words):
    for inside in (around(estimator), make_pipeline(StandardScaler(), around(estimator))):
        with pytest.raises(NotImplementedError, match=words):
            to_onnx(fitted(inside, ROWS, THREE))


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (KNNClassifier(metric="manhattan"), "effective_metric_='euclidean'; got .*'manhattan'"),
        (KNNClassifier(tie_breaking="random"), "tie_breaking='first'; got"),
        (MLPClassifier((8,), np.sin, **QUICK), "Elementwise has no form in ONNX"),
        (skdeep.NearestNeighbors(), "NearestNeighbors has no form in ONNX here. Save it by skops"),
    ],
    ids=repr,
)
def test_what_has_no_form_is_named(estimator, words):
    with pytest.raises(NotImplementedError, match=words):
        to_onnx(fitted(estimator, ROWS, THREE))


def test_without_a_fit_there_is_no_model():
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        to_onnx(MLPClassifier())
