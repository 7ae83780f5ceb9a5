"""The short form of ``make fuzz``: a few cases for each public estimator, always the same."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.cases import Case, cases, estimators, plain_table, plain_target, questions
from tests.fuzz.functions import NEEDED, Call, calls, fitted, functions
from tests.fuzz.models import Use, uses
from tests.fuzz.oracle import findings, findings_of_call, findings_of_use
from tests.fuzz.tables import Table

pytestmark = pytest.mark.all_threads


def always_the_same(n):
    """Return the settings of n cases that are drawn alike in every run."""
    return settings(
        max_examples=n,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("name", sorted(estimators()))
def test_any_input_gives_a_finite_result_or_one_clear_error(name):
    @always_the_same(8)
    @given(case=cases(name))
    def run(case):
        assert not findings(case), case

    run()


@pytest.mark.parametrize("name", sorted(functions()))
def test_any_call_gives_a_finite_result_or_one_clear_error(name):
    @always_the_same(2 if name.endswith("Display") else 5)
    @given(call=calls(name))
    def run(call):
        assert not findings_of_call(call), call

    run()


@pytest.mark.parametrize("name", sorted(estimators()))
def test_what_becomes_of_a_fitted_estimator_says_the_same(name):
    @always_the_same(2)
    @given(use=uses(name))
    def run(use):
        assert not findings_of_use(use), use

    run()


def test_every_estimator_is_asked_for_something():
    assert all(questions(name) for name in estimators())


@pytest.mark.parametrize("name", sorted(estimators()))
def test_a_plain_case_is_fitted(name):
    assert fitted(name)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "name", sorted(name for name in functions() if not name.endswith("Display"))
)
def test_a_plain_call_is_answered(name):
    function, _, of = functions()[name]
    y = "numbers" if name in ("corrected_ttest", "fit_chunks") else "three classes"
    call = Call(name, of[0], NEEDED.get(name, ()), y=y)
    function(*call.arguments(), **dict(call.keywords))


# Of the sizes that numbers may have, those that squares and sums of two do not go with.
LARGE = ("beyond float32", "huge", "the largest", "huge column")


@pytest.mark.parametrize("name", sorted(estimators()))
@pytest.mark.parametrize("numbers", LARGE)
def test_an_estimator_of_plain_data_answers_or_refuses_large_ones(name, numbers):
    if plain_table(name).form != "words":
        asked = tuple((method, Table(numbers)) for method in questions(name))
        case = Case(name, before=True, y=plain_target(name), asked=asked)
        assert not findings(case), case


@pytest.mark.parametrize("name", sorted(estimators()))
def test_what_is_not_fitted_says_so(name):
    asked = tuple((method, plain_table(name)) for method in questions(name))
    assert not findings(Case(name, X=Table(form="None"), y="None", asked=asked))


# What campaigns found, one of each kind, and what is mended.
HUGE = Table("the largest", seed=1)
FOUND = [
    Case("CharacterLanguageModel", X=Table(form="scalar")),
    Case("CharacterLanguageModel", X=Table(form="DIA")),
    Case("ConvNetRegressor", X=Table(form="ragged sequences"), y="numbers"),
    Case(
        "GenerativeAdversarialNetwork",
        before=True,
        X=Table("huge"),
        asked=(("score", Table("the largest")),),
    ),
    Case(
        "GenerativeAdversarialNetwork",
        (("learning_rate_init", 1e300),),
        method="partial_fit",
        asked=(("sample", Table()), ("score", Table())),
    ),
    Case("KNNClassifier", X=HUGE),
    Case("KNNClassifier", (("metric_params", {0: 1.0}),), ("metric_params",)),
    Case(
        "KNNClassifierCV", (("scoring", "neg_log_loss"),), X=Table(n=0), asked=(("score", Table()),)
    ),
    Case("KNNRegressorCV", (("cv", ()),)),
    Case("KNNRegressor", (("metric", "gower"),), X=Table(form="ragged")),
    Case("KNNRegressorCV", y="objects"),
    Case("LeastSquaresRegressor", (("degree", 2),), asked=(("predict", HUGE),)),
    Case("LeastSquaresRegressor", (("fit_intercept", np.True_),), method="partial_fit"),
    Case("LeastSquaresRegressor", y="the largest", asked=(("score", Table()),)),
    Case("LeastSquaresRegressor", (("solver", "sgd"),), weight="subnormal"),
    Case("LeastSquaresRegressorCV", y="text"),
    Case("LeastSquaresRegressorCV", (("cv", (0.5,)),), ("cv",)),
    Case("LeastSquaresRegressorCV", (("degree", 2),), weight="all but one zero"),
    Case("LeastSquaresRegressorCV", (("alpha", 1),), weight="all but one zero"),
    Case("NetworkEnsembleClassifier", before=True, y="None", asked=(("report", Table()),)),
    Case("MLPClassifier", y="the largest"),
    Case("MLPRegressor", weight="the largest", asked=(("score", Table()),)),
    Case("MLPRegressor", (("activity_l1", Fraction(1, 2)),), ("activity_l1",)),
    Case("MLPRegressor", (("alpha", 10**400),), ("alpha",)),
    Case("NearestNeighbors", (("n_jobs", 0),), ("n_jobs",)),
    Case(
        "NetworkEnsembleRegressor",
        (("strategy", "bagging"),),
        (),
        Table(n=0),
        "numbers",
        method="partial_fit",
    ),
    Case("NearestNeighbors", X=HUGE),
    Case("NearestNeighbors", (("leaf_size", 10**30), ("algorithm", "kd_tree"))),
    Case(
        "NetworkEnsembleRegressor",
        (("n_estimators", 7),),
        asked=(("predict", Table("huge column")),),
    ),
    Case("NetworkEnsembleRegressor", before=True, y="empty", asked=(("report", Table()),)),
    Case("NetworkEnsembleRegressor", before=True, y="too many", asked=(("report", Table()),)),
    Case("NetworkEnsembleRegressor", before=True, y="scalar", asked=(("report", Table()),)),
    Case(
        "NetworkEnsembleRegressor",
        X=Table("negative zero", d=2),
        weight="subnormal",
        before=True,
        asked=(("report", Table("negative zero", d=2)),),
    ),
    Case("PiecewiseLinearEncoder", X=HUGE, asked=(("transform", HUGE),)),
    Case("PiecewiseLinearEncoder", (("n_bins", 2**31),), ("n_bins",)),
    Case(
        "RobustSmoothScaler",
        (("quantile_range", (1, 4)),),
        X=Table("the smallest", n=2, seed=9),
        asked=(("transform", Table("the smallest", n=2, seed=9)),),
    ),
    Case("RobustSmoothScaler", X=HUGE, asked=(("transform", HUGE),)),
    Case("SVMClassifier", before=True, weight="the largest", asked=(("score", Table()),)),
    Case("SVMClassifier", X=Table("integers"), asked=(("decision_function", HUGE),)),
    Case("Seq2SeqTranslator", X=Table(form="None"), y="words"),
    Case("Seq2SeqTranslator", X=Table(form="words"), y="words", asked=(("score", Table()),)),
    Case("SoftmaxClassifierCV", (("cv", iter(())),)),
    Case("SoftmaxClassifier", (("tol", 1.7e308),)),
    Case("TableEncoder", X=Table(form="ragged")),
    Case("TableEncoder", asked=(("transform", Table("infinity", "pandas string")),)),
    Case("TransformerClassifier", before=True, y="infinity", asked=(("score", Table()),)),
    Case("TabularNetClassifier", (("weight_decay", np.inf),)),
    Case("Whitener", X=HUGE, asked=(("transform", HUGE),)),
    Case("Whitener", (("regularization", np.inf),), asked=(("inverse_transform", Table()),)),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.estimator)
def test_what_was_found_stays_mended(case):
    assert not findings(case)


CALLS_FOUND = [
    Call("ActivationDisplay", "Autoencoder", (("ax", (0,)),)),
    Call("ActivationDisplay", "MLPRegressor", X=Table("huge column", "pandas", seed=8)),
    Call("ActivationDisplay", "Autoencoder", X=Table("huge column", n=25, seed=6)),
    Call("AttentionDisplay", "Seq2SeqTranslator", X=Table(form="CSR of integers")),
    Call("AttentionDisplay", "TransformerRegressor", X=Table("the largest", seed=7)),
    Call("AttributionDisplay", "ConvNetClassifier", X=Table(form="COO")),
    Call("AttributionDisplay", "MLPRegressor", X=Table("huge column", "pandas", seed=8)),
    Call("AttributionDisplay", "TabularNetClassifier", (("max_features", range(1, 3)),)),
    Call("AttributionDisplay", "TabularNetClassifier", (("target", (4, 1)),)),
    Call("ConfusionGalleryDisplay", "KNNClassifier", (("image_shape", "auto"),), y="positive"),
    Call("ConfusionGalleryDisplay", "KNNClassifier", X=Table(form="CSR")),
    Call("ConfusionGalleryDisplay", "KNNClassifier", y="two columns"),
    Call("ConfusionGalleryDisplay", "MLPClassifier", y="None"),
    Call("EvidenceDisplay", "ConvNetClassifier", (("maps", None),)),
    Call("EvidenceDisplay", "ConvNetClassifier", X=Table("huge column", "pandas", seed=8)),
    Call("FeatureMapDisplay", "ConvNetClassifier", (("max_maps", "0.5"),)),
    Call("FeatureMapDisplay", "ConvNetClassifier", X=Table("the largest", n=3, seed=5)),
    Call("GateDisplay", "RecurrentClassifier", (("layer", "auto"),)),
    Call("LossLandscapeDisplay", "GenerativeAdversarialNetwork", y="float32"),
    Call("LossLandscapeDisplay", "MLPRegressor", (("n_points", 0.5),), y="numbers"),
    Call("TrainingCurveDisplay", "MLPClassifier", (("panels", 3),)),
    Call("WeightsDisplay", "KNNClassifier"),
    Call("activation_statistics", "GenerativeAdversarialNetwork"),
    Call("activation_statistics", "MLPClassifier", (("n_samples", None),)),
    Call("activation_statistics", "TransformerRegressor", y="the largest"),
    Call("attribute", "Autoencoder"),
    Call("attribute", "MLPClassifier", (("baseline", {"a": 1.0}),)),
    Call("attribute", "MLPRegressor", (("n_steps", 0.5),)),
    Call("attribute", "TransformerRegressor", X=Table("squares overflow")),
    Call("compare", "", (("cv", 2), ("params", 3)), Table(form="text"), "None"),
    Call("compare", "", (("baseline", ["KNNClassifier"]),)),
    Call("compare", "", (("cv", ((0.5, 1.0), (0.5, 1.0))),)),
    Call("corrected_ttest", "", (("n_train", 20), ("n_test", 5)), y="complex"),
    Call(
        "corrected_ttest",
        "",
        (("n_train", 20), ("n_test", 5), ("confidence_level", np.longdouble(0.5))),
        y="numbers",
    ),
    Call("corrected_ttest", "", (("n_train", 20), ("n_test", 5)), y="squares overflow"),
    Call("diagnose", "ConvNetClassifier", y="mixed with None"),
    Call("diagnose", "GenerativeAdversarialNetwork", X=Table(form="DIA")),
    Call("diagnose", "TransformerRegressor", y="mixed"),
    Call("diagnose", "RecurrentClassifier", X=Table("huge column")),
    Call("diagnose", "TabularNetClassifier", X=Table(n=0, d=0)),
    Call("diagnose", "TabularNetRegressor", y="scalar"),
    Call("feature_maps", "ConvNetClassifier", (("layer", 0.5),)),
    Call("fit_chunks", "", X=Table(form="CSR"), y="numbers"),
    Call("holm", "", X=Table("the largest")),
    Call("holm", "", X=Table(form="None")),
    Call("learning_rate_range_test", "Autoencoder", X=Table("the largest")),
    Call("learning_rate_range_test", "MLPClassifier", (("min_rate", None),)),
    Call("model_card", "MLPClassifier", (("notes", 1.0),)),
    Call("occlusion_map", "ConvNetClassifier", (("target", (2, 3)),)),
    Call("occlusion_map", "ConvNetClassifier", X=Table("the largest", n=3, seed=5)),
    Call("preferred_inputs", "ConvNetClassifier", (("blur", (0,)),)),
    Call("preferred_inputs", "ConvNetClassifier", X=Table("the largest")),
    Call("summarize", "MLPClassifier", (("input_shape", 0.5),)),
]


@pytest.mark.parametrize("call", CALLS_FOUND, ids=lambda call: call.function)
def test_what_was_found_of_functions_stays_mended(call):
    assert not findings_of_call(call)


USES_FOUND = [
    Use(Case("LeastSquaresRegressor", y="numbers"), "onnx"),
    Use(Case("MLPClassifier"), "onnx", "imputed"),
    Use(Case("Autoencoder", (("n_components", np.int64(2)),)), "onnx"),
    Use(Case("Autoencoder", y="text"), "serve", "scaled", Table("huge", "float32")),
    Use(
        Case(
            "TabularNetRegressor",
            X=Table("integers", "pandas mixed", 12, seed=6),
            y="labels as floats",
        ),
        "serve onnx",
        "search",
    ),
]


@pytest.mark.parametrize("use", USES_FOUND, ids=lambda use: f"{use.case.estimator}, {use.use}")
def test_what_was_found_of_uses_stays_mended(use):
    assert use.fitted() is not None
    assert not findings_of_use(use)


def test_the_oracle_sees_what_it_is_there_for(monkeypatch):
    from skdeep import KNNRegressor

    def spoiled(self, X):
        self.more_ = X
        X[0, 0] = np.random.random() + 9
        return np.array([np.nan])

    monkeypatch.setattr(KNNRegressor, "predict", spoiled)
    found = {
        finding.kind for finding in findings(Case("KNNRegressor", asked=(("predict", Table()),)))
    }
    wanted = {"changed by a question", "changed input", "global random state", "not finite"}
    assert wanted <= found


@settings(max_examples=5, derandomize=True, database=None)
@given(st.data())
def test_a_case_is_made_again_by_its_repr(data):
    case = data.draw(cases("MLPClassifier").filter(lambda case: not case.params))
    assert eval(repr(case), {"Case": Case, "Table": Table}) == case
