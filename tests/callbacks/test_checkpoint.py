"""Fits that are stopped, by an error or by force, go on to the network of a fit that was not."""

import io
import multiprocessing
import os
import pickle
import random
import signal
import time
import warnings

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdeep
from skdeep import (
    CharacterLanguageModel,
    ConvNetClassifier,
    GenerativeAdversarialNetwork,
    KNNClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    Seq2SeqTranslator,
    SoftmaxClassifier,
    TransformerClassifier,
)
from skdeep.callbacks import Checkpoint
from skdeep.utils.saving.state_file import read_state
from tests.data import digits, iris

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")


class StopAfter:
    """Ends a fit by an error after some epochs."""

    def __init__(self, n_epochs):
        self.n_epochs = n_epochs

    def setup(self, estimator, context):
        self.n_seen = 0

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.n_seen += context.task_name == "epoch"
        if self.n_seen == self.n_epochs:
            raise RuntimeError("stopped")

    def teardown(self, estimator, context):
        pass


def small(**params):
    return MLPClassifier((20,), **{"max_iter": 8, "random_state": 0} | params)


def same(one, other):
    np.testing.assert_array_equal(one.network_.params, other.network_.params)
    np.testing.assert_array_equal(one.network_.statistics, other.network_.statistics)
    assert one.n_iter_ == other.n_iter_
    for name, column in one.history_.items():
        if name != "seconds":
            np.testing.assert_array_equal(column, other.history_[name])


def pictures():
    X, y = digits()
    return X[:300] / 16, y[:300]


MLPS = [
    {"solver": "sgd"},
    {"solver": "adam"},
    {"solver": "adagrad"},
    {"solver": "rmsprop"},
    {"solver": "rmsprop_momentum"},
    {"solver": "amsgrad"},
    {"solver": "nadam"},
    {"solver": "lion"},
    {"solver": "muon"},
    {"dropout": 0.3, "batch_norm": True},
    {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 40},
    {"average": "ema"},
    {"average": "swa"},
    {"learning_rate": "one_cycle"},
    {"learning_rate": "plateau"},
    {
        "learning_rate": "adaptive",
        "solver": "sgd",
        "tol": 0.1,
        "max_iter": 60,
        "n_iter_no_change": 2,
    },
    {"augment": ("flip", "mixup")},
    {"tol": 0.2, "n_iter_no_change": 1, "max_iter": 50},
    {"shuffle": False, "max_norm": 1.0},
]


@pytest.mark.parametrize("params", MLPS, ids=str)
def test_a_fit_that_goes_on_ends_in_the_same_network_to_the_bit(params, tmp_path):
    X, y = pictures()
    whole = small(**params).fit(X, y)
    checkpoint = Checkpoint(tmp_path / "net.npz")
    with pytest.raises(RuntimeError, match="stopped"):
        small(**params).set_callbacks(checkpoint, StopAfter(3)).fit(X, y)
    same(small(**params).set_callbacks(checkpoint).fit(X, y), whole)
    # A fit that has ended goes on behind its end, which is the end.
    same(small(**params).set_callbacks(checkpoint).fit(X, y), whole)


WORDS = ["abc", "bca", "cab", "ab"] * 10
OTHERS = [
    (ConvNetClassifier(max_iter=4, random_state=0), *pictures()),
    (MLPRegressor(max_iter=4, standardize_target=True, random_state=0), *pictures()),
    (RecurrentClassifier((8,), sequence_shape=(8, 8), max_iter=4, random_state=0), *pictures()),
    (RecurrentClassifier((4,), max_iter=4, random_state=0), WORDS, [len(word) for word in WORDS]),
    (TransformerClassifier(sequence_shape=(8, 8), max_iter=4, random_state=0), *pictures()),
    (CharacterLanguageModel(max_iter=4, random_state=0), WORDS, None),
    (GenerativeAdversarialNetwork(max_iter=4, random_state=0), pictures()[0], None),
    (Seq2SeqTranslator(max_iter=4, random_state=0), WORDS, [word[::-1] for word in WORDS]),
]


@pytest.mark.parametrize(
    ("estimator", "X", "y"),
    OTHERS,
    ids=[f"{type(o[0]).__name__} {i}" for i, o in enumerate(OTHERS)],
)
def test_so_does_every_family_of_networks(estimator, X, y, tmp_path):
    copies = [pickle.loads(pickle.dumps(estimator)) for _ in range(3)]
    whole = copies[0].fit(X, y)
    checkpoint = Checkpoint(tmp_path / "net.npz")
    with pytest.raises(RuntimeError, match="stopped"):
        copies[1].set_callbacks(checkpoint, StopAfter(2)).fit(X, y)
    same(copies[2].set_callbacks(checkpoint).fit(X, y), whole)


def long_net():
    return small(max_iter=200, batch_norm=True, batch_size=50, tol=0)


def _train(path, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        long_net().set_callbacks(Checkpoint(path)).fit(X, y)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that it has forked")
def test_fifty_kills_at_any_moment_lose_nothing(tmp_path):
    X, y = pictures()
    path, moments = tmp_path / "net.npz", random.Random(0)
    process = multiprocessing.get_context("fork")

    def written():
        return path.stat().st_mtime_ns if path.exists() else None

    for kill in range(50):
        child = process.Process(target=_train, args=(path, X, y))
        last = written()
        child.start()
        # Every second one as soon as a file was written, when the next epoch and its file follow.
        while kill % 2 and written() == last and child.is_alive():
            time.sleep(0.0005)
        time.sleep(moments.uniform(0.0, 0.02))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        if path.exists():
            assert 1 <= read_state(path)["run"]["n_epochs"] <= 200
    assert path.exists()
    same(long_net().set_callbacks(Checkpoint(path)).fit(X, y), long_net().fit(X, y))
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.npz"]


def test_states_are_written_as_often_and_as_many_as_wanted(tmp_path):
    X, y = pictures()
    checkpoint = Checkpoint(tmp_path / "net.npz", every=3, keep=2)
    small(max_iter=11).set_callbacks(checkpoint).fit(X, y)
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == ["net-epoch-000006.npz", "net-epoch-000009.npz"]
    (tmp_path / f".{names[1]}.part_of_a_killed.part").touch()
    # Without the newest, whatever became of it, training goes on from the one before.
    (tmp_path / names[1]).unlink()
    same(small(max_iter=11).set_callbacks(checkpoint).fit(X, y), small(max_iter=11).fit(X, y))
    assert sorted(entry.name for entry in tmp_path.iterdir()) == names


def test_a_fit_can_begin_anew(tmp_path):
    X, y = pictures()
    small().set_callbacks(Checkpoint(tmp_path / "net.npz")).fit(X, y)
    anew = small(alpha=1.0).set_callbacks(Checkpoint(tmp_path / "net.npz", resume=False)).fit(X, y)
    same(anew, small(alpha=1.0).fit(X, y))


def test_a_checkpoint_of_another_fit_is_refused_with_what_differs(tmp_path, monkeypatch):
    X, y = pictures()
    checkpoint = Checkpoint(tmp_path / "net.npz")
    small().set_callbacks(checkpoint).fit(X, y)

    def message(net, *data):
        before = dict(vars(net.set_callbacks(checkpoint)))
        with pytest.raises(ValueError, match="cannot go on from the checkpoint") as raised:
            net.fit(*data)
        assert vars(net) == before
        return str(raised.value)

    assert "it has alpha=0.0001, not 1.0" in message(small(alpha=1.0), X, y)
    assert "its X is float64 of shape (300, 64)" in message(small(), X[:-1], y[:-1])
    assert "its X targets is" in message(small(), X, np.roll(y, 1))
    assert "X weights" in message(small(), X, y, np.ones(len(y)))
    assert "early_stopping" in message(small(early_stopping=True), X, y)
    monkeypatch.setattr("skdeep.neural_network.training.resumable.__version__", "9.9")
    assert f"it is of skdeep {skdeep.__version__}, this is 9.9" in message(small(), X, y)
    small(verbose=False).set_callbacks()  # what is no callback's business may differ
    monkeypatch.undo()
    same(small().set_callbacks(checkpoint).fit(X, y), small().fit(X, y))


@pytest.mark.parametrize("name", ["init_from", "anchor"])
@pytest.mark.parametrize("given", [lambda net: net, FrozenEstimator], ids=["itself", "frozen"])
def test_networks_that_look_alike_are_told_by_their_weights(name, given, tmp_path):
    X, y = pictures()
    one, other = (small().fit(X, labels) for labels in (y, 9 - y))
    checkpoint = Checkpoint(tmp_path / "net.npz")
    small(**{name: given(one)}).set_callbacks(checkpoint).fit(X, y)
    with pytest.raises(ValueError, match=f"it has {name}="):
        small(**{name: given(other)}).set_callbacks(checkpoint).fit(X, y)


def test_an_array_is_told_by_its_middle_too(tmp_path):
    X, y = pictures()
    anchor = small().fit(X, y).network_.params.copy()
    checkpoint = Checkpoint(tmp_path / "net.npz")
    small(anchor=anchor).set_callbacks(checkpoint).fit(X, y)
    anchor[len(anchor) // 2] += 1
    with pytest.raises(ValueError, match="it has anchor="):
        small(anchor=anchor).set_callbacks(checkpoint).fit(X, y)


def locked():
    """Return an archive that asks for a password."""
    file = io.BytesIO()
    np.savez(file, structure="{}")
    content = bytearray(file.getvalue())
    content[content.index(b"PK\x01\x02") + 8] = 1
    return bytes(content)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"PK\x03\x04 half an archive", locked()], ids=len
)
def test_a_file_that_is_no_checkpoint_is_refused(content, tmp_path):
    (tmp_path / "net.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"no file of a state, or not whole.*resume=False"):
        small().set_callbacks(Checkpoint(tmp_path / "net.npz")).fit(*iris())
    assert (tmp_path / "net.npz").read_bytes() == content


def test_training_goes_on_where_nothing_can_be_written(tmp_path, monkeypatch):
    X, y = pictures()
    for path in (tmp_path / "nowhere" / "net.npz", tmp_path / ("long" * 99)):
        with pytest.warns(UserWarning, match=r"cannot be written.*training goes on") as caught:
            net = small().set_callbacks(Checkpoint(path)).fit(X, y)
        assert sum("cannot be written" in str(warning.message) for warning in caught) == 1
        same(net, small().fit(X, y))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(UserWarning, match="No space left on device"):
        net = small().set_callbacks(Checkpoint(tmp_path / "net.npz")).fit(X, y)
    same(net, small().fit(X, y))
    assert not list(tmp_path.iterdir())


def test_more_epochs_may_follow_unless_epochs_were_planned(tmp_path):
    X, y = pictures()
    path = tmp_path / "net.npz"
    small(max_iter=3).set_callbacks(Checkpoint(path)).fit(X, y)
    same(small(max_iter=6).set_callbacks(Checkpoint(path)).fit(X, y), small(max_iter=6).fit(X, y))
    for number, planned in enumerate(({"learning_rate": "cosine"}, {"average": "swa"})):
        checkpoint = Checkpoint(tmp_path / f"planned-{number}.npz")
        small(max_iter=3, **planned).set_callbacks(checkpoint).fit(X, y)
        with pytest.raises(ValueError, match="it has max_iter=3, not 6"):
            small(max_iter=6, **planned).set_callbacks(checkpoint).fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_in_a_search_each_candidate_and_split_has_its_own_file(n_jobs, tmp_path):
    X, y = pictures()
    net = small(max_iter=3).set_callbacks(Checkpoint(tmp_path / "net.npz"))
    model = make_pipeline(StandardScaler(), net)
    grid = {"mlpclassifier__alpha": [0.001, 1.0]}
    search = GridSearchCV(model, grid, cv=2, n_jobs=n_jobs).fit(X, y)
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == ["net-0.npz", "net-1.npz", "net-2.npz", "net-3.npz", "net-refit.npz"]
    again = GridSearchCV(model, grid, cv=2).fit(X, y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], again.cv_results_["mean_test_score"]
    )
    same(search.best_estimator_[-1], again.best_estimator_[-1])


def test_what_cannot_go_on_says_so(tmp_path):
    for net in (small(solver="lbfgs"), SoftmaxClassifier(solver="sgd")):
        with pytest.raises(ValueError, match="does not train in epochs that can be gone on from"):
            net.set_callbacks(Checkpoint(tmp_path / "net.npz")).fit(*iris())
    assert not hasattr(KNNClassifier(), "set_callbacks")


@pytest.mark.parametrize(
    "params", [{"every": 0}, {"every": 1.5}, {"keep": 0}, {"keep": True}], ids=str
)
def test_bad_parameters_name_themselves(params):
    [name] = params
    with pytest.raises(ValueError, match=f"Checkpoint takes {name} as an int of 1 or more"):
        Checkpoint("net.npz", **params)


@pytest.mark.parametrize("path", [None, b"net.npz", "", "..", "a\0b"], ids=repr)
def test_a_path_names_a_file(path):
    with pytest.raises(ValueError, match="Checkpoint takes path as the name of a file"):
        Checkpoint(path)


def test_nothing_of_a_checkpoint_stays_on_the_estimator(tmp_path):
    net = small().set_callbacks(Checkpoint(tmp_path / "net.npz")).fit(*iris())
    assert "_resumable_fit" not in vars(net)
