"""What every public estimator must do, whatever its family."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    estimator_checks_generator,
)
from sklearn.utils.validation import has_fit_parameter

import skdeep
from skdeep.neural_network.training.estimator import NetworkTraining
from skdeep.nn import Network
from skdeep.utils.threads import _blas
from tests.cheap import CHEAP, cheap_estimators
from tests.data import data_for

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def names(estimator):
    return type(estimator).__name__


def supervised():
    return [e for e in cheap_estimators() if is_classifier(e) or is_regressor(e)]


def of_tables():
    return [e for e in cheap_estimators() if get_tags(e).input_tags.two_d_array]


def fit(estimator, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(*args, **kwargs)


def with_seed(estimator, seed=0):
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=seed)
    return estimator


def test_every_public_estimator_is_tested():
    public = {
        name
        for name in skdeep.__all__
        if isinstance(getattr(skdeep, name), type)
        and issubclass(getattr(skdeep, name), BaseEstimator)
    }
    assert public == set(CHEAP)


def all_checks():
    for estimator in cheap_estimators():
        for instance, check in estimator_checks_generator(estimator):
            name = getattr(check, "func", check).__name__
            yield pytest.param(instance, check, id=f"{names(estimator)}-{name}")


@pytest.mark.parametrize(("estimator", "check"), list(all_checks()))
def test_scikit_learn_check(estimator, check):
    from unittest import SkipTest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check(estimator)
        except SkipTest as skipped:
            pytest.skip(str(skipped))


@pytest.mark.parametrize("estimator", of_tables(), ids=names)
def test_column_names_are_kept_and_checked(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        check_dataframe_column_names_consistency(names(estimator), estimator)


@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_works_in_a_pipeline_and_in_cross_validation(estimator):
    X, y = data_for(estimator)
    model = make_pipeline(StandardScaler(), with_seed(estimator))
    folds = (
        StratifiedKFold(3, shuffle=True, random_state=0)
        if is_classifier(estimator)
        else KFold(3, shuffle=True, random_state=0)
    )
    scores = cross_val_score(model, X, y, cv=folds, error_score="raise")
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_works_in_a_grid_search_with_the_same_result_in_two_processes(estimator):
    X, y = data_for(estimator)
    name, values = GRIDS[next(key for key in GRIDS if key in estimator.get_params())]
    serial, parallel = (
        fit(GridSearchCV(with_seed(estimator), {name: values}, cv=3, n_jobs=n_jobs), X, y)
        for n_jobs in (1, 2)
    )
    np.testing.assert_allclose(
        serial.cv_results_["mean_test_score"], parallel.cv_results_["mean_test_score"], atol=1e-6
    )
    assert np.isfinite(serial.cv_results_["mean_test_score"]).all()


# The first of these that an estimator has is searched.
GRIDS = {
    "hidden_layer_sizes": ("hidden_layer_sizes", [(5,), (6, 4)]),
    "weights": ("weights", ["uniform", "distance"]),
    "degree": ("degree", [1, 2]),
    "C": ("C", [0.1, 1.0]),
    "Cs": ("Cs", [[0.1, 1.0], [1.0]]),
    "alpha": ("alpha", [0.1, 1.0]),
    "estimator__hidden_layer_sizes": ("estimator__hidden_layer_sizes", [(5,), (6, 4)]),
}


@pytest.mark.all_threads
@pytest.mark.parametrize("estimator", cheap_estimators(), ids=names)
def test_blas_is_held_to_one_thread_wherever_a_network_computes(estimator, monkeypatch):
    held, forward = [], Network.forward

    def watched(self, *args, **kwargs):
        held.append(bool(_blas.limits))
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(Network, "forward", watched)
    if isinstance(estimator, NetworkTraining):
        estimator.set_params(max_iter=2)
    X, y = data_for(estimator)
    fit(with_seed(estimator), X, y)
    for name in ("predict", "predict_proba", "transform", "perplexity"):
        if hasattr(estimator, name):
            getattr(estimator, name)(X)
    if hasattr(estimator, "score"):
        estimator.score(X, y)
    if hasattr(estimator, "sample"):
        words = not get_tags(estimator).input_tags.two_d_array
        estimator.sample(*["h"] * words, random_state=0)
    assert all(held)
    assert held or not isinstance(estimator, NetworkTraining)


@pytest.mark.parametrize("container", ["pandas", "polars"])
@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_data_frames_give_the_results_of_arrays(estimator, container):
    frames = pytest.importorskip(container)
    X, y = data_for(estimator)
    columns = [f"x{i}" for i in range(X.shape[1])]
    frame = (
        frames.DataFrame(X, columns=columns)
        if container == "pandas"
        else frames.DataFrame(X, schema=columns)
    )
    target = frames.Series(y) if container == "pandas" else frames.Series("y", y)
    from_array = fit(with_seed(clone(estimator)), X, y)
    from_frame = fit(with_seed(clone(estimator)), frame, target)
    np.testing.assert_array_equal(from_array.predict(X), from_frame.predict(frame))
    assert list(from_frame.feature_names_in_) == columns
    assert not hasattr(from_array, "feature_names_in_")


# What a fitted estimator is asked for: the first of these that it has.
ASKED = ("predict", "transform", "kneighbors", "score")


@pytest.mark.parametrize("estimator", cheap_estimators(), ids=names)
def test_a_clone_has_the_parameters_and_none_of_the_fit(estimator):
    X, y = data_for(estimator)
    fitted = fit(with_seed(estimator), X, y)
    copy = clone(fitted)
    assert str(copy.get_params()) == str(fitted.get_params())
    with pytest.raises(NotFittedError):
        next(getattr(copy, name) for name in ASKED if hasattr(copy, name))(X)


@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_a_pickle_predicts_the_same(estimator):
    X, y = data_for(estimator)
    fitted = fit(with_seed(estimator), X, y)
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict(X), fitted.predict(X))


@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_the_same_random_state_gives_the_same_model(estimator):
    X, y = data_for(estimator)
    first, second = (fit(with_seed(clone(estimator), 3), X, y).predict(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_constructor_stores_parameters_as_given_and_they_repeat_in_the_repr(estimator):
    for name, value in estimator.get_params(deep=False).items():
        assert getattr(estimator, name) is value
    assert names(estimator) in repr(estimator)


@pytest.mark.parametrize(
    "estimator", [e for e in supervised() if has_fit_parameter(e, "sample_weight")], ids=names
)
def test_sample_weights_travel_through_metadata_routing(estimator):
    X, y = data_for(estimator)
    weight = np.random.RandomState(0).uniform(0.5, 2.0, len(X))
    with config_context(enable_metadata_routing=True):
        requested = with_seed(clone(estimator)).set_fit_request(sample_weight=True)
        if has_fit_parameter(requested, "sample_weight"):
            requested.set_score_request(sample_weight=True)
        model = make_pipeline(requested)
        fit(model, X, y, sample_weight=weight)
    direct = fit(with_seed(clone(estimator)), X, y, sample_weight=weight)
    np.testing.assert_array_equal(model.predict(X), direct.predict(X))


@pytest.mark.parametrize("estimator", supervised(), ids=names)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_values_are_refused_and_the_old_fit_survives(estimator, bad):
    X, y = data_for(estimator)
    fitted = fit(with_seed(estimator), X, y)
    before = fitted.predict(X)
    broken = X.copy()
    broken[3, 1] = bad
    if np.isnan(bad) and get_tags(estimator).input_tags.allow_nan:
        pytest.skip("takes missing values")
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        fit(fitted, broken, y)
    np.testing.assert_array_equal(fitted.predict(X), before)


@pytest.mark.parametrize("estimator", supervised(), ids=names)
def test_the_wrong_number_of_features_is_named(estimator):
    X, y = data_for(estimator)
    fitted = fit(with_seed(estimator), X, y)
    with pytest.raises(ValueError, match=f"{X.shape[1] - 1} features.*{X.shape[1]} features"):
        fitted.predict(X[:, 1:])
