"""Ctrl-C at any moment: a clean result or a clean KeyboardInterrupt, and nothing left behind."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from skdeep import MLPClassifier, NetworkEnsembleClassifier
from skdeep.neighbors.search import blocks
from skdeep.nn import Record, StochasticAverage
from skdeep.utils.restore import all_or_nothing
from skdeep.utils.threads import limit_blas_threads
from tests.data import iris
from tests.faults.cases import surroundings, wait_for_threads
from tests.faults.interrupts import PressedAtLine, n_lines

pytestmark = [
    pytest.mark.all_threads,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def test_ctrl_c_at_a_random_moment_of_a_fit_leaves_nothing_half_done():
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.interrupts", "--short", "--seed", "0"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 findings" in done.stdout


def at_every_line(work):
    """Press Ctrl-C at each line of the package that `work` goes through, in another call each."""
    for line in range(1, n_lines(work) + 1):
        press = PressedAtLine(line)
        press.during(work)
        yield press.where


def hold_blas(estimator=None):
    with limit_blas_threads(2), limit_blas_threads(1):
        pass


class Holding:
    fit = all_or_nothing(hold_blas)


@pytest.mark.parametrize("work", [hold_blas, Holding().fit])
def test_blas_has_its_threads_back_wherever_in_a_limit_ctrl_c_comes(work):
    before, n_places = surroundings(), 0
    for where in at_every_line(work):
        assert surroundings() == before, where
        n_places += 1
    assert n_places > 50


def test_a_record_has_an_epoch_whole_or_not_at_all():
    def whole(record):
        record.add(loss=1.0, validation=(2.0, 0.5), parts={"kl": 0.25}, learning_rate=0.1)
        return record

    wanted = repr(whole(Record()))
    records = []

    def add():
        records.append(Record())
        whole(records[-1])

    for where in at_every_line(add):
        assert repr(records[-1]) in (repr(Record()), wanted), where
    assert len(records) > 20
    assert repr(whole(records[-1])) == wanted


def test_an_average_has_new_weights_whole_or_not_at_all():
    averages = []

    def update():
        averages.append(StochasticAverage())
        averages[-1].update(np.array([1.0]), 1)
        averages[-1].update(np.array([3.0]), 2)

    for where in at_every_line(update):
        assert averages[-1].mean in (None, 1.0, 2.0), where


class InterruptAt:
    """A callback that presses Ctrl-C when the network of a number begins its second epoch."""

    def __init__(self, member):
        self.member, self.n_fits = member, 0

    def setup(self, estimator, context):
        self.n_fits += 1

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "epoch" and context.task_id == 1 and self.n_fits == self.member:
            raise KeyboardInterrupt

    def on_fit_task_end(self, estimator, context):
        pass


@pytest.mark.parametrize("strategy", ["restart", "bagging"])
@pytest.mark.parametrize(("member", "n_kept"), [(1, 1), (3, 2)])
def test_one_ctrl_c_ends_an_ensemble_with_the_members_that_are_done(
    monkeypatch, strategy, member, n_kept
):
    X, y = iris()
    network = MLPClassifier((5,), max_iter=3)
    model = NetworkEnsembleClassifier(network, 4, strategy=strategy, random_state=0)
    whole = NetworkEnsembleClassifier(network, 4, strategy=strategy, random_state=0).fit(X, y)
    fit, press = MLPClassifier.fit, InterruptAt(member)

    def pressed(self, *given, **more):
        return fit(self.set_callbacks(press), *given, **more)

    monkeypatch.setattr(MLPClassifier, "fit", pressed)
    with pytest.warns(UserWarning, match=f"by user. The ensemble has {n_kept} of 4 members"):
        model.set_params(side_by_side=False).fit(X, y)
    monkeypatch.undo()
    assert len(model.estimators_) == n_kept
    assert press.n_fits == member
    if n_kept > 1:
        for one, two in zip(model.estimators_, whole.estimators_, strict=False):
            np.testing.assert_allclose(one.predict_proba(X), two.predict_proba(X), rtol=1e-6)
    assert len(model.report(X, y).scores) == n_kept
    assert len(model.set_params(side_by_side="auto").fit(X, y).estimators_) == 4


def test_an_ensemble_whose_epoch_is_interrupted_is_as_it_was(monkeypatch):
    X, y = iris()
    model = NetworkEnsembleClassifier(MLPClassifier((5,), max_iter=3), 3, random_state=0).fit(X, y)
    before = model.predict_proba(X)
    step, calls = MLPClassifier._go_on, []

    def interrupted(self):
        calls.append(self)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return step(self)

    monkeypatch.setattr(MLPClassifier, "_go_on", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.partial_fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_a_search_in_threads_ends_with_the_blocks_that_it_is_at(monkeypatch):
    before, done = surroundings(), []

    class Pool(blocks.ThreadPoolExecutor):
        def map(self, work, tasks):
            for task in tasks:
                self.submit(work, task)
            raise KeyboardInterrupt

    monkeypatch.setattr(blocks, "ThreadPoolExecutor", Pool)
    with pytest.raises(KeyboardInterrupt):
        blocks.run(lambda i: (time.sleep(0.05), done.append(i)), [(i,) for i in range(200)], 2)
    assert len(done) < 200
    wait_for_threads(before)
    assert surroundings() == before
