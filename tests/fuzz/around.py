"""What scikit-learn has around a fitted estimator: pipelines, searches, and those of several."""

from sklearn.base import is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

__all__ = ["AROUND"]


def _by_columns(estimator):
    numbers = make_column_selector(dtype_include="number")
    others = make_column_selector(dtype_exclude="number")
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(
        make_column_transformer((StandardScaler(), numbers), (encoder, others)), estimator
    )


def _in_others(of_classifiers, of_regressors):
    def around(estimator):
        if is_classifier(estimator):
            return of_classifiers(estimator)
        return of_regressors(estimator) if is_regressor(estimator) else estimator

    return around


AROUND = {
    "nothing": lambda estimator: estimator,
    "scaled": lambda estimator: make_pipeline(StandardScaler(), estimator),
    "imputed": lambda estimator: make_pipeline(SimpleImputer(), None, estimator),
    "columns": _by_columns,
    "search": lambda estimator: GridSearchCV(estimator, {}, cv=2),
    "bagged": _in_others(
        lambda estimator: BaggingClassifier(estimator, 2, random_state=0),
        lambda estimator: BaggingRegressor(estimator, 2, random_state=0),
    ),
    "stacked": _in_others(
        lambda estimator: StackingClassifier([("a", estimator)], cv=2),
        lambda estimator: StackingRegressor([("a", estimator)], cv=2),
    ),
    "one by one": _in_others(OneVsRestClassifier, MultiOutputRegressor),
    "calibrated": _in_others(
        lambda estimator: CalibratedClassifierCV(estimator, cv=2),
        lambda estimator: TransformedTargetRegressor(estimator, transformer=StandardScaler()),
    ),
}
