"""With array_api_dispatch, arrays of other libraries give what NumPy's give, in their own kind."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skdeep.utils.arrays import array_api
from skdeep.utils.arrays.array_api import in_kind

# SciPy reads its variable when it is imported, so that this is for a process of its own.
SCRIPT = """
import importlib, sys, warnings
import numpy as np
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skdeep import (
    Autoencoder, ConvNetClassifier, KNNClassifier, KNNClassifierCV, KNNRegressor,
    LeastSquaresRegressor, LeastSquaresRegressorCV, MLPClassifier, MLPRegressor,
    NetworkEnsembleClassifier, NetworkEnsembleRegressor, RecurrentClassifier, SoftmaxClassifier,
    SVMClassifier, TabularNetClassifier,
)
from skdeep.utils.arrays.array_api import _as_numpy

warnings.simplefilter("ignore")
xp = importlib.import_module(sys.argv[1])
X = np.random.RandomState(0).normal(size=(60, 4))
y, numbers, weight = (X[:, 0] > 0).astype(int) + 2, X[:, 0] - X[:, 1], np.abs(X[:, 2])
few = {"max_iter": 5, "random_state": 0}
estimators = [
    MLPClassifier((5,), **few), MLPClassifier((5,), loss="hinge", **few),
    MLPRegressor(hidden_layer_sizes=(5,), early_stopping=True, **few),
    ConvNetClassifier("4", **few),
    KNNClassifier(), KNNClassifierCV(), KNNRegressor(),
    SoftmaxClassifier(), SVMClassifier(), LeastSquaresRegressor(), LeastSquaresRegressorCV(),
    RecurrentClassifier((4,), **few), TabularNetClassifier("fast", **few),
    NetworkEnsembleClassifier(MLPClassifier((4,), max_iter=2), 2, random_state=0),
    NetworkEnsembleRegressor(MLPRegressor(hidden_layer_sizes=(4,), max_iter=2), 2, random_state=0),
]
for estimator in estimators:
    target = y if is_classifier(estimator) else numbers
    wanted = clone(estimator).fit(X, target, sample_weight=weight)
    methods = [name for name in ("predict", "predict_proba", "predict_log_proba",
               "decision_function", "transform", "score") if hasattr(wanted, name)]
    with sklearn.config_context(array_api_dispatch=True):
        A, b, w = map(xp.asarray, (X, target, weight))
        found = clone(estimator).fit(A, b, sample_weight=w)
        for name in methods:
            more = () if name != "score" else (b,)
            result = getattr(found, name)(A, *more)
            if name != "score":
                assert type(result) is type(A), (estimator, name, type(result))
                result = _as_numpy(result)
            ours = getattr(wanted, name)(X, *(() if name != "score" else (target,)))
            np.testing.assert_allclose(result, ours, rtol=1e-6, err_msg=f"{estimator} {name}")
    if hasattr(estimator, "partial_fit") and is_classifier(estimator):
        with sklearn.config_context(array_api_dispatch=True):
            clone(estimator).partial_fit(A, b, classes=xp.asarray([2, 3]))

with sklearn.config_context(array_api_dispatch=True):
    A, b = xp.asarray(X), xp.asarray(y)
    pipe = make_pipeline(StandardScaler(), MLPClassifier((5,), **few))
    assert type(pipe.fit(A, b).predict_proba(A)) is type(A)
    assert cross_val_score(pipe, A, b, cv=3).shape == (3,)
    codes = Autoencoder(2, (4,), **few).fit(A)
    assert type(codes.transform(A)) is type(codes.inverse_transform(A[:, :2])) is type(A)
    names = np.array(["no", "yes"])[y - 2]
    assert MLPClassifier((5,), **few).fit(A, names).predict(A).dtype.kind == "U"
"""


@pytest.mark.parametrize("library", ["array_api_strict", "torch"])
def test_results_are_those_of_numpy_in_the_kind_of_the_input(library):
    pytest.importorskip(library)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, library],
        env={**os.environ, "SCIPY_ARRAY_API": "1", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


class OnDevice:
    """An array that lies elsewhere."""

    device = "cuda:0"

    def __dlpack_device__(self):
        return 2, 0

    def __array_namespace__(self):
        return np


class Double:
    """An estimator that doubles."""

    @in_kind
    def transform(self, X, scale=1):
        return 2 * X * scale


def test_an_array_elsewhere_is_refused_and_said_so(monkeypatch):
    monkeypatch.setattr(array_api, "get_config", lambda: {"array_api_dispatch": True})
    with pytest.raises(ValueError, match=r"on the device cuda:0\. Move it to the CPU"):
        Double().transform(OnDevice())


def test_nothing_changes_for_numpy_and_without_the_setting():
    X = np.ones(3)
    assert Double().transform(X).tolist() == [2.0, 2.0, 2.0]
    assert Double().transform(X=X, scale=2).tolist() == [4.0, 4.0, 4.0]
    assert Double().transform("ab") == "abab"
    with pytest.raises(TypeError):
        Double().transform(OnDevice())
