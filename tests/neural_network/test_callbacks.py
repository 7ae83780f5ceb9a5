"""scikit-learn's callbacks: every epoch is a task."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.base import clone
from sklearn.callback import CallbackContext, ProgressBar, ScoringMonitor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import MLPClassifier, MLPRegressor
from tests.data import iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0}
SOLVERS = pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs", "bfgs", "cg", "newton"])


class Recorder:
    """Writes down every hook, and keeps every fitted estimator."""

    def __init__(self, stop_after=None, raises=None):
        self.stop_after, self.raises = stop_after, raises
        self.hooks, self.fitted, self.scores, self.metadata = [], [], [], []

    def setup(self, estimator, context):
        self.hooks.append("setup")

    def teardown(self, estimator, context):
        self.hooks.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X, y):
        self.hooks.append(f"begin {context.task_name} {context.task_id}")

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.hooks.append(f"end {context.task_name} {context.task_id}")
        if context.task_name != "epoch":
            return False
        self.fitted.append(fitted_estimator)
        self.scores.append(fitted_estimator.score(X, y))
        self.metadata.append(metadata)
        if self.raises and len(self.fitted) == 2:
            raise self.raises
        return len(self.fitted) == self.stop_after


@SOLVERS
def test_each_epoch_is_a_task_that_begins_and_ends(solver):
    X, y = iris()
    recorder = Recorder()
    model = MLPClassifier(**SMALL, solver=solver).set_callbacks(recorder).fit(X, y)
    epochs = [f"{what} epoch {i}" for i in range(5) for what in ("begin", "end")]
    assert recorder.hooks == ["setup", "begin fit 0", *epochs, "end fit 0", "teardown"]
    assert model.n_iter_ == 5


@pytest.mark.filterwarnings("ignore:.*solver='lbfgs'")
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_no_epoch_is_begun_that_does_not_come(solver):
    X, y = iris()
    recorder = Recorder()
    model = MLPClassifier((6,), solver=solver, tol=0.5, n_iter_no_change=2, random_state=0)
    model.set_callbacks(recorder).fit(X, y)
    assert model.n_iter_ < 200
    assert sum(hook.startswith("begin epoch") for hook in recorder.hooks) == model.n_iter_
    assert sum(hook.startswith("end epoch") for hook in recorder.hooks) == model.n_iter_


@SOLVERS
@pytest.mark.parametrize("batch_norm", [False, True])
def test_an_epochs_estimator_predicts_as_of_then_and_stays_so(solver, batch_norm):
    X, y = iris()
    params = SMALL | {"solver": solver, "batch_norm": batch_norm}
    recorder = Recorder()
    model = MLPClassifier(**params).set_callbacks(recorder).fit(X, y)
    assert [fitted.score(X, y) for fitted in recorder.fitted] == recorder.scores
    assert [len(fitted.loss_curve_) for fitted in recorder.fitted] == [1, 2, 3, 4, 5]
    assert [len(fitted.history_["loss"]) for fitted in recorder.fitted] == [1, 2, 3, 4, 5]
    for epoch, fitted in enumerate(recorder.fitted, 1):
        short = MLPClassifier(**params | {"max_iter": epoch}).fit(X, y)
        np.testing.assert_allclose(
            fitted.predict_proba(X), short.predict_proba(X), rtol=1e-6, err_msg=str(epoch)
        )
        assert fitted.n_iter_ == epoch
    np.testing.assert_allclose(
        recorder.fitted[-1].predict_proba(X), model.predict_proba(X), rtol=1e-10
    )


def test_to_look_changes_nothing():
    X, y = iris()
    params = SMALL | {"dropout": 0.2, "batch_norm": True, "batch_size": 20}
    watched = MLPClassifier(**params).set_callbacks(Recorder()).fit(X, y)
    alone = MLPClassifier(**params).fit(X, y)
    np.testing.assert_array_equal(watched.predict_proba(X), alone.predict_proba(X))


@SOLVERS
def test_stop_ends_training_cleanly(solver):
    X, y = iris()
    recorder = Recorder(stop_after=3)
    params = SMALL | {"solver": solver}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = MLPClassifier(**params | {"max_iter": 50}).set_callbacks(recorder).fit(X, y)
    assert model.n_iter_ == len(model.loss_curve_) == len(model.history_["loss"]) == 3
    assert recorder.hooks[-3:] == ["end epoch 2", "end fit 0", "teardown"]
    short = MLPClassifier(**params | {"max_iter": 3}).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), short.predict_proba(X), rtol=1e-6)


@SOLVERS
def test_an_error_of_a_callback_tears_down_and_leaves_the_estimator_as_it_was(solver):
    X, y = iris()
    model = MLPClassifier(**SMALL, solver=solver).fit(X, y)
    before, predictions = vars(model).copy(), model.predict_proba(X)
    recorder = Recorder(raises=ZeroDivisionError("of the callback"))
    model.set_callbacks(recorder)
    with pytest.raises(ZeroDivisionError, match="of the callback"):
        model.fit(X, y)
    assert recorder.hooks[-1] == "teardown"
    model.set_callbacks()
    assert vars(model) == before
    np.testing.assert_array_equal(model.predict_proba(X), predictions)


def test_names_of_features_are_known_to_callbacks_without_a_warning():
    X, y = iris()
    frame = pd.DataFrame(X, columns=list("abcd"))
    recorder = Recorder()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        MLPClassifier(**SMALL).set_callbacks(recorder, ScoringMonitor(scoring="accuracy")).fit(
            frame, y
        )
    assert list(recorder.fitted[0].feature_names_in_) == list("abcd")


def test_sample_weights_reach_the_callbacks_as_metadata():
    X, y = iris()
    weight, recorder = np.linspace(0, 1, len(y)), Recorder()
    MLPClassifier(**SMALL).set_callbacks(recorder).fit(X, y, weight)
    assert recorder.metadata[0]["sample_weight"] is weight
    recorder = Recorder()
    MLPClassifier(**SMALL).set_callbacks(recorder).fit(X, y)
    assert recorder.metadata[0] is None


@pytest.mark.parametrize(("kind", "scoring"), [(MLPClassifier, "accuracy"), (MLPRegressor, "r2")])
@SOLVERS
def test_scoring_monitor_has_a_score_of_every_epoch(kind, scoring, solver):
    X, y = iris()
    monitor = ScoringMonitor(scoring=scoring)
    model = kind(**SMALL, solver=solver).set_callbacks(monitor).fit(X, y)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert [row["task_id"] for row in rows] == list(range(5))
    score = model.score(X, y)
    assert rows[-1][scoring] == pytest.approx(score, rel=1e-6)


def test_a_progress_bar_counts_epochs(capsys):
    pytest.importorskip("rich")
    X, y = iris()
    MLPClassifier(**SMALL).set_callbacks(ProgressBar()).fit(X, y)
    printed = capsys.readouterr().out
    assert "MLPClassifier" in printed
    assert "100%" in printed


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks_reach_networks_in_a_pipeline_in_a_grid_search(n_jobs):
    X, y = iris()
    get_reusable_executor().shutdown(wait=True)  # workers of other tests know other managers
    monitor = ScoringMonitor(scoring="accuracy")
    pipeline = make_pipeline(
        StandardScaler(), MLPClassifier(**SMALL | {"max_iter": 3}).set_callbacks(monitor)
    )
    pytest.importorskip("rich")
    search = GridSearchCV(
        pipeline, {"mlpclassifier__alpha": [1e-4, 1e-2]}, cv=2, n_jobs=n_jobs
    ).set_callbacks(ProgressBar(max_propagation_depth=None))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(X, y)
    data = monitor.get_logs().data
    assert sum(row["task_name"] == "epoch" for row in data) == (2 * 2 + 1) * 3
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


class Impatient:
    """Stops after two epochs, wherever it runs."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "epoch" and context.task_id == 1


def test_stop_works_in_a_pipeline_in_a_grid_search():
    X, y = iris()
    model = MLPClassifier(**SMALL).set_callbacks(Impatient())
    search = GridSearchCV(
        make_pipeline(StandardScaler(), model), {"mlpclassifier__alpha": [1e-4, 1e-2]}, cv=2
    ).fit(X, y)
    assert search.best_estimator_["mlpclassifier"].n_iter_ == 2


def test_early_stopping_and_callbacks_work_together():
    X, y = iris()
    recorder = Recorder()
    model = MLPClassifier(**SMALL, early_stopping=True).set_callbacks(recorder).fit(X, y)
    assert len(recorder.fitted) == model.n_iter_
    last = recorder.fitted[-1]
    assert last.validation_scores_ == model.validation_scores_


def test_without_callbacks_there_is_no_task_an_epoch(monkeypatch):
    X, y = iris()
    made = []
    subcontext = CallbackContext.subcontext
    monkeypatch.setattr(
        CallbackContext,
        "subcontext",
        lambda self, *args, **kwargs: made.append(self) or subcontext(self, *args, **kwargs),
    )
    MLPClassifier(**SMALL).fit(X, y)
    assert not made
    MLPClassifier(**SMALL).set_callbacks(Recorder()).fit(X, y)
    assert len(made) == 5


def test_partial_fit_is_no_task_and_leaves_nothing_behind():
    X, y = iris()
    recorder = Recorder()
    model = MLPClassifier(**SMALL).set_callbacks(recorder)
    model.partial_fit(X, y, classes=[0, 1, 2])
    assert recorder.hooks == []
    assert not [name for name in vars(model) if "callback" in name and name != "_skl_callbacks"]


def test_clones_keep_callbacks_and_pickles_of_fitted_networks_work():
    X, y = iris()
    model = MLPClassifier(**SMALL).set_callbacks(Impatient()).fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    assert clone(model).fit(X, y).n_iter_ == 2
