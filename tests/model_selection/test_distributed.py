"""On local clusters of dask and ray, searches, comparisons and ensembles come to the same."""

import os
import re
import textwrap
from contextlib import nullcontext
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdeep import (
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    SoftmaxClassifier,
    compare,
)
from skdeep.data import Chunks
from tests.data import diabetes, iris
from tests.nesting import Placed

pytestmark = [
    pytest.mark.distributed,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CLF = MLPClassifier((10,), max_iter=5, learning_rate_init=0.05, random_state=0)


def searched(n_jobs=None):
    """Return what a search tells of each candidate and fold."""
    search = GridSearchCV(CLF, {"alpha": [0.0, 1.0]}, cv=3, n_jobs=n_jobs).fit(*iris())
    scores = [search.cv_results_[f"split{i}_test_score"] for i in range(3)]
    return np.array(scores), search.predict_proba(iris()[0])


def assert_same_search(found):
    for one, other in zip(found, searched(), strict=True):
        assert_array_equal(one, other)


@pytest.fixture(scope="module")
def dask():
    """Have two workers of dask, and joblib use them."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


class TestDask:
    def test_searches_and_cross_validation(self, dask):
        with joblib.parallel_config("dask"):
            assert_same_search(searched(2))
            scores = cross_val_score(CLF, *iris(), cv=3)
        assert_array_equal(scores, cross_val_score(CLF, *iris(), cv=3))

    def test_comparisons(self, dask):
        estimators = {"network": CLF, "linear": SoftmaxClassifier()}
        with joblib.parallel_config("dask"):
            found = compare(estimators, *iris(), cv=3)
        here = compare(estimators, *iris(), cv=3)
        for name in estimators:
            assert_array_equal(found.scores[name], here.scores[name])

    def test_ensembles_also_inside_of_a_cross_validation(self, dask):
        X, y = iris()
        network = Placed((5,), max_iter=2)
        ensemble = NetworkEnsembleClassifier(network, 4, side_by_side=False, random_state=0)
        here = ensemble.fit(X, y).predict_proba(X)
        with joblib.parallel_config("dask"):
            there = ensemble.set_params(n_jobs=2).fit(X, y)
            assert_array_equal(there.predict_proba(X), here)
            scores = cross_val_score(ensemble, X, y, cv=2, n_jobs=2)
        assert_array_equal(scores, cross_val_score(ensemble.set_params(n_jobs=1), X, y, cv=2))
        process, _, available, blas = np.transpose([m.place_ for m in there.estimators_])
        assert os.getpid() not in process
        assert max(available) == max(blas) == 1

    def test_chunks_that_workers_compute(self, dask):
        da = pytest.importorskip("dask.array")
        X, y = diabetes()
        blocks = da.from_array(X, chunks=(100, -1)), da.from_array(y, chunks=100)
        reg = MLPRegressor(max_iter=2, shuffle=False, random_state=0)
        there = reg.fit(Chunks.of_dask(*blocks)).predict(X)
        assert_array_equal(there, reg.fit(X, y).predict(X))

    def test_the_code_of_the_guide(self, dask, monkeypatch):
        """On the cluster that there is, in place of its own."""
        page = Path(__file__).parents[2] / "docs" / "user_guide" / "scale.rst"
        blocks = re.findall(r"code-block:: python3\n\n((?:(?:    .*)?\n)+)", page.read_text())
        monkeypatch.setattr("distributed.Client", lambda **given: nullcontext())
        names = {"__name__": "__main__"}
        exec(textwrap.dedent(blocks[0]), names)
        assert names["search"].best_score_ > 0.9
        assert len(names["ensemble"].estimators_) == 8


def test_a_search_on_ray():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    try:
        register_ray()
        with joblib.parallel_config("ray"):
            assert_same_search(searched(2))
    finally:
        ray.shutdown()
