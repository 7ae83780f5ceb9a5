"""Estimators that iterate, one for each way of training, and what the tests of faults ask."""

import hashlib
import re
import threading
import time
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone, is_classifier

import skdeep
from skdeep.utils.blas import blas_libraries
from skdeep.utils.threads import _blas
from skdeep.utils.user_warnings import _collected
from tests.cheap import CHEAP
from tests.data import data_for
from tests.state import answers, plain, state

_SMALL = {"hidden_layer_sizes": (8,)}
_MLP = skdeep.MLPClassifier(**_SMALL)


def _mlp(**params):
    return clone(_MLP).set_params(**params)


def _ensemble(**params):
    return skdeep.NetworkEnsembleClassifier(_mlp(), 2, **params)


# How each estimator may train, where its defaults are not the only way.
_WAYS = {
    **{f"MLPClassifier, {solver}": _mlp(solver=solver) for solver in ("lbfgs", "cg", "newton")},
    **{f"MLPClassifier, {solver}": _mlp(solver=solver) for solver in ("sgd", "muon")},
    "MLPClassifier, early stopping": _mlp(early_stopping=True, batch_norm=True, dropout=0.1),
    "MLPClassifier, average": _mlp(average="ema", batch_norm=True),
    "MLPClassifier, plateau": _mlp(average="swa", learning_rate="plateau", warm_start=True),
    "MLPClassifier, threads": _mlp(hidden_layer_sizes=(2048,), batch_size=100, activation="tanh"),
    "SoftmaxClassifier, adam": skdeep.SoftmaxClassifier(solver="adam"),
    "SoftmaxClassifier, l1": skdeep.SoftmaxClassifier(l1_ratio=1.0),
    "SVMClassifier, sgd": skdeep.SVMClassifier(solver="sgd"),
    "SVMClassifier, hinge": skdeep.SVMClassifier(loss="hinge"),
    "SVMClassifier, Crammer and Singer": skdeep.SVMClassifier(multi_class="crammer_singer"),
    "LeastSquaresRegressor, gd": skdeep.LeastSquaresRegressor(solver="gd"),
    "LeastSquaresRegressor, sgd": skdeep.LeastSquaresRegressor(solver="sgd"),
    "NetworkEnsembleClassifier, one by one": _ensemble(side_by_side=False),
    "NetworkEnsembleClassifier, bagging": _ensemble(strategy="bagging"),
    "NetworkEnsembleClassifier, snapshot": _ensemble(strategy="snapshot"),
    "KNNClassifierCV, threads": skdeep.KNNClassifierCV(n_jobs=2),
}
# Ways to train that see all data, though the estimator knows others.
_WHOLE = (", gd", "Regressor, sgd", ", early stopping")


@dataclass
class Case:
    """An estimator, not fitted, and data for it."""

    name: str
    estimator: Any
    X: Any
    y: Any
    more: dict[str, Any] = field(default_factory=dict)

    def fresh(self):
        """Return the estimator as it is before its first fit."""
        return clone(self.estimator)

    @cached_property
    def expected(self):
        """Return the answer of an estimator that was fitted in peace."""
        return self.answer(self.train(self.fresh(), "fit"))

    @property
    def methods(self):
        """Return the names of what trains it."""
        streams = hasattr(self.estimator, "partial_fit") and not self.name.endswith(_WHOLE)
        return ["fit", "partial_fit"][: 1 + streams]

    def train(self, estimator, method):
        """Call `fit` or `partial_fit`, or only ask for an answer."""
        if method == "answer":
            return self.answer(estimator)
        more = self.more if method == "partial_fit" else {}
        return getattr(estimator, method)(self.X, self.y, **more)

    def answer(self, estimator):
        """Return a digest of what a fitted estimator says, to the last bit; it must be finite."""
        parts = answers(estimator, self.X)
        assert all(part.dtype.kind not in "fc" or np.isfinite(part).all() for part in parts)
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def cases(max_iter=3, n_samples=60):
    """Yield a case for each way in which an estimator trains, by name."""
    for name, estimator in sorted({**CHEAP, **_WAYS}.items()):
        estimator = clone(estimator)
        params = estimator.get_params()
        for parameter, value in {"random_state": 3, "max_iter": max_iter, "batch_size": 20}.items():
            for whole in (parameter, f"estimator__{parameter}"):
                if whole in params and (parameter != "batch_size" or params[whole] == "auto"):
                    estimator.set_params(**{whole: value})
        X, y = data_for(estimator)
        X, y = X[:n_samples], y[:n_samples]
        more = {"classes": np.unique(y)} if is_classifier(estimator) else {}
        yield Case(name, estimator, X, y, more)


def surroundings():
    """Return what a fit must leave alone: threads, BLAS, NumPy's and Python's settings."""
    return {
        "threads": [thread.name for thread in threading.enumerate() if _is_ours(thread)],
        "BLAS": [library.num_threads for library in blas_libraries()],
        "limits of BLAS": len(_blas.limits),
        "errors": np.geterr(),
        "filters": list(warnings.filters),
        "collected warnings": _collected.get(),
        "random numbers": hash(repr(np.random.get_state())),
        "configuration": get_config(),
    }


def wait_for_threads(around):
    """Give threads that are ending the time to."""
    for _ in range(1000):
        if surroundings()["threads"] == around["threads"]:
            return
        time.sleep(1e-2)


def _is_ours(thread):
    return thread.name.startswith(("skdeep", "ThreadPool"))


def contents(estimator):
    """Return all that an estimator holds, as text that compares by value."""
    return re.sub("0x[0-9a-f]+", "", repr(plain(state(estimator))))  # addresses of trees


def half_of(estimator):
    """Return what an estimator has written down by half, None where it has nothing such."""
    history = getattr(estimator, "history_", None)
    for member in getattr(estimator, "estimators_", ()):
        if half_of(member):
            return half_of(member)
    if not isinstance(history, dict) or not history:
        return None
    lengths = {name: len(column) for name, column in history.items()}
    curve = getattr(estimator, "loss_curve_", None)
    if curve is not None and "loss" in history:
        lengths["loss_curve_"] = len(curve)
    return lengths if len(set(lengths.values())) > 1 else None
