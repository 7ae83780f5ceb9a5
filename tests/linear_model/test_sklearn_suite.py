"""scikit-learn's own tests of the namesakes, run on the estimators here.

The test modules of the installed scikit-learn are loaded, the namesake's name in them is bound to
our class, and every test that mentions it runs. What is left out stands below, with its reason.
"""

import importlib.util
import inspect
import re
from unittest import mock

import pytest
import sklearn.linear_model
from sklearn.linear_model import LogisticRegressionCV

from skdeep import LeastSquaresRegressor, SoftmaxClassifier

pytestmark = [
    pytest.mark.filterwarnings("ignore::numpy.exceptions.RankWarning"),
    # Its tests make a LogisticRegressionCV of their own without what its next version asks for.
    pytest.mark.filterwarnings("default:The default value for l1_ratios:FutureWarning"),
]

BASE = {
    "test_inplace_data_preprocessing": "demands that copy_X=False overwrites X; we never do",
}

LOGISTIC = {
    "test_penalty_deprecated": "the deprecated keyword penalty, which we never had",
    "test_elasticnet_l1_ratio_err_helpful": "the deprecated keyword penalty",
    "test_elastic_net_l1_l2_equivalence": "the deprecated keyword penalty",
    "test_l1_ratio_non_elasticnet": "the deprecated keyword penalty",
    "test_penalty_none": "the deprecated keyword penalty",
    "test_lr_penalty_l1ratio_incompatible": "the deprecated keyword penalty",
    "test_l1_ratio_None_deprecated": "the deprecated value l1_ratio=None",
    "test_logisticregression_warns_with_n_jobs": "n_jobs is deprecated there, not here",
    "test_check_solver_option": "demands that lbfgs refuses L1 penalties; ours takes them",
    "test_logreg_predict_proba_multinomial": "calls the private method _predict_proba_lr",
    "test_logistic_regression_array_api_compliance": "array API, which we do not offer",
    "test_logistic_regression_array_api_warm_start": "array API, which we do not offer",
    "test_logistic_regression_callback_support_warning": "ours has callbacks in every solver",
    "test_newton_cholesky_fallback_to_lbfgs": "how another solver falls back",
    "test_warm_start_converge_LR": "the solver sag",
    "test_liblinear_dual_random_state": "the solver liblinear",
    "test_sample_and_class_weight_equivalence_liblinear": "the solver liblinear",
    "test_liblinear_decision_function_zero": "the solver liblinear",
    "test_logistic_cv": "the solver liblinear",
    "test_logreg_l1": "the solver liblinear",
    "test_saga_vs_liblinear": "the solver liblinear",
    "test_logisticregression_liblinear_sample_weight": "the solver liblinear",
    "test_liblinear_with_large_values": "the solver liblinear",
    "test_liblinear_not_stuck": "the solver liblinear",
    "test_liblinear_multiclass_raises": "the solver liblinear",
    "test_consistency_path": "private functions, the solver liblinear",
    "test_logistic_cv_multinomial_score": "private functions",
}

# Parameter values of the solver that are run: the default's.
SOLVERS = ("lbfgs",)


@pytest.fixture
def global_random_seed():
    return 42


def borrowed(module, namesake, estimator, left_out):
    """Return the tests of a module of scikit-learn that mention `namesake`, by new names."""
    spec = importlib.util.find_spec(module)
    copy = importlib.util.module_from_spec(spec)
    with mock.patch.object(sklearn.linear_model, namesake, estimator):
        spec.loader.exec_module(copy)
    assert getattr(copy, namesake) is estimator
    copy.SOLVERS = SOLVERS
    chosen = {
        name: test
        for name, test in vars(copy).items()
        if name.startswith("test_") and mentions(test, namesake)
    }
    unknown = set(left_out) - set(chosen)
    assert not unknown, f"no such tests in {module}: {unknown}"
    prefix = module.split(".")[-1]
    return {
        f"{prefix}__{name}": of_the_default_solver(test)
        for name, test in chosen.items()
        if name not in left_out
    }


def mentions(test, name):
    source = inspect.getsource(test)
    return re.search(rf"\b{name}\b", source) is not None


def of_the_default_solver(test):
    """Keep the parameters of a test that concern the namesake with its default solver."""
    marks = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name != "parametrize":
            marks.append(mark)
            continue
        names, values = mark.args[:2]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
        kept = [value for value in values if all(map(is_ours, names, as_tuple(value, names)))]
        kept = [without_failures(value) for value in kept]
        marks.append(pytest.mark.parametrize(",".join(names), kept, **mark.kwargs).mark)
    test.pytestmark = marks
    return test


def as_tuple(value, names):
    value = getattr(value, "values", value)
    return value if len(names) > 1 else (value,)


def without_failures(value):
    """Expect of ours what scikit-learn marks as a known failure of its own."""
    if not hasattr(value, "marks"):
        return value
    marks = [mark for mark in value.marks if mark.name != "xfail"]
    return pytest.param(*value.values, marks=marks, id=value.id)


def is_ours(name, value):
    return value in SOLVERS if name == "solver" else value is not LogisticRegressionCV


globals().update(
    borrowed(
        "sklearn.linear_model.tests.test_base", "LinearRegression", LeastSquaresRegressor, BASE
    )
)
globals().update(
    borrowed(
        "sklearn.linear_model.tests.test_logistic",
        "LogisticRegression",
        SoftmaxClassifier,
        LOGISTIC,
    )
)
