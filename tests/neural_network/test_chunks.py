"""Networks learn from chunks what they learn from all rows at once."""

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from skdeep import (
    Autoencoder,
    CharacterLanguageModel,
    ConvNetClassifier,
    GenerativeAdversarialNetwork,
    MLPClassifier,
    MLPRegressor,
    NetworkEnsembleClassifier,
    RecurrentClassifier,
    RecurrentRegressor,
    TabularNetClassifier,
    TransformerClassifier,
    VariationalAutoencoder,
)
from skdeep.callbacks import Checkpoint
from skdeep.data import Chunks
from tests.data import diabetes, digits, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def chunks_of(*arrays, sizes=None, **more):
    """Return arrays in four chunks, or in chunks of those sizes."""
    n = arrays[0].shape[0]
    ends = np.cumsum(sizes or [n // 2, 1, n // 5, n - n // 2 - n // 5 - 1])

    def read(i):
        rows = slice(ends[i - 1] if i else 0, ends[i])
        return tuple(a.iloc[rows] if hasattr(a, "iloc") else a[rows] for a in arrays)

    return Chunks(read, len(ends), **more)


def assert_same(one, other):
    assert_array_equal(one.network_.params, other.network_.params)
    assert_array_equal(one.network_.statistics, other.network_.statistics)
    assert one.loss_curve_ == other.loss_curve_
    assert (one.n_iter_, one.t_) == (other.n_iter_, other.t_)


VARIANTS = {
    "adam": {},
    "sgd, small batches": {"solver": "sgd", "batch_size": 7},
    "dropout and batch normalization": {"dropout": 0.3, "batch_norm": True},
    "class weights": {"class_weight": "balanced"},
    "one_cycle": {"learning_rate": "one_cycle", "batch_size": 30},
    "float32": {"dtype": "float32"},
    "hinge": {"loss": "hinge", "average": "ema"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_without_shuffling_the_network_is_the_same_to_the_bit(name):
    X, y = iris()
    rows = np.random.RandomState(0).permutation(len(X))[:140]
    X, y = X[rows], y[rows]
    clf = MLPClassifier((5,), shuffle=False, max_iter=4, random_state=0, **VARIANTS[name])
    whole = clone(clf).fit(X, y)
    in_chunks = clf.fit(chunks_of(X, y))
    assert_same(whole, in_chunks)
    assert_array_equal(whole.predict(X), in_chunks.predict(X))


SEVERAL = {
    "text": lambda y: np.array(["a", "bb", "ccc"])[y],
    "objects": lambda y: np.array(["a", "bb", "ccc"], dtype=object)[y],
    "numbers": lambda y: y,
    "labels": lambda y: (y > 0).astype(int),
    "sparse labels": lambda y: sparse.csr_array((y > 0).astype(int)),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_the_first_chunk_may_lack_classes_of_several_targets(name):
    X, y = iris()  # sorted: the first chunk has two classes of the first target
    y = SEVERAL[name](np.c_[y, np.sort(y)[:, None]])
    clf = MLPClassifier((5,), shuffle=False, max_iter=3, random_state=0)
    whole = clone(clf).fit(X, y)
    in_chunks = clf.fit(chunks_of(X, y))
    assert_same(whole, in_chunks)
    assert whole.predict(X).dtype == in_chunks.predict(X).dtype


def test_many_classes_in_chunks_are_no_numbers():
    X, y = np.random.RandomState(0).normal(size=(90, 2)), np.arange(90) // 3
    MLPClassifier((2,), max_iter=1, random_state=0).fit(chunks_of(X, y))  # warns of nothing


def test_balanced_classes_of_weighted_float32_samples_the_same():
    X, y = digits()
    weight = np.random.RandomState(0).uniform(size=len(X))
    clf = MLPClassifier(
        (5,), class_weight="balanced", dtype="float32", shuffle=False, max_iter=2, random_state=0
    )
    assert_same(clone(clf).fit(X, y, weight), clf.fit(chunks_of(X, y, weight)))


def test_weights_and_several_targets_the_same():
    X, y = diabetes()
    y = np.c_[y, -y] / 100
    weight = np.random.RandomState(0).uniform(size=len(X)) * (np.arange(len(X)) > 250)
    reg = MLPRegressor(hidden_layer_sizes=(5,), shuffle=False, max_iter=3, random_state=0)
    whole = clone(reg).fit(X, y, weight)
    in_chunks = reg.fit(chunks_of(X, y, weight))  # those of the first all weigh nothing
    assert_same(whole, in_chunks)


def test_labels_of_a_matrix_sparse_rows_and_data_frames_the_same():
    X, y = iris()
    labels = np.c_[y == 0, y > 0].astype(int)
    clf = MLPClassifier((5,), shuffle=False, max_iter=2, random_state=0)
    for given, target in [
        (sparse.csr_array(X), labels),
        (pd.DataFrame(X, columns=list("abcd")), y),
    ]:
        in_chunks = clone(clf).fit(chunks_of(given, target))
        assert_same(clone(clf).fit(given, target), in_chunks)
    assert in_chunks.feature_names_in_.tolist() == list("abcd")


def test_a_chunk_of_another_float_type_widens_the_network():
    X, y = diabetes()

    def read(i):
        return X[i * 100 : (i + 1) * 100].astype([np.float32, np.float64][i]), y[i * 100 :][:100]

    reg = MLPRegressor(max_iter=1).fit(Chunks(read, 2))
    assert reg.network_.dtype == np.float64


def test_standardized_targets_are_so_by_all_chunks():
    X, y = diabetes()
    y = np.c_[y, np.full(len(y), 7.0)]
    weight = np.random.RandomState(0).uniform(size=len(X))
    reg = MLPRegressor(standardize_target=True, shuffle=False, max_iter=3, random_state=0)
    whole, in_chunks = clone(reg).fit(X, y, weight), reg.fit(chunks_of(X, y, weight))
    assert_allclose(in_chunks.target_mean_, whole.target_mean_, rtol=1e-13)
    assert_allclose(in_chunks.target_scale_, whole.target_scale_, rtol=1e-13)
    assert_allclose(in_chunks.predict(X), whole.predict(X), rtol=1e-8)
    assert (in_chunks.predict(X)[:, 1] == 7).all()


def test_validation_and_early_stopping():
    X, y = iris()
    rows = np.random.RandomState(0).permutation(150)
    train, held_out = chunks_of(X[rows], y[rows], sizes=[30] * 5).split(0.2, random_state=0)
    (X_val, y_val), *_ = held_out
    clf = MLPClassifier(
        (10,), early_stopping=True, learning_rate_init=0.03, batch_size=20, random_state=0
    )
    by_arrays = clone(clf).fit(train, X_val=X_val, y_val=y_val)
    by_chunks = clone(clf).fit(train, X_val=held_out)
    assert_same(by_arrays, by_chunks)
    assert by_chunks.n_iter_ < 200
    assert by_chunks.best_validation_score_ == by_chunks.score(X_val, y_val) > 0.9


def test_validation_chunks_may_be_empty_and_one_may_weigh_nothing():
    X, y = iris()
    weight = np.arange(150.0) * (np.arange(150) < 120)
    clf = MLPClassifier((5,), max_iter=2, random_state=0)
    whole = clone(clf).fit(X, y, X_val=X, y_val=y, sample_weight_val=weight)
    held_out = chunks_of(X, y, weight, sizes=[60, 0, 60, 30])
    assert clf.fit(X, y, X_val=held_out).history_["validation_loss"] == pytest.approx(
        whole.history_["validation_loss"]
    )


def test_shuffled_it_learns_and_repeats_itself():
    X, y = digits(900)
    clf = MLPClassifier((20,), max_iter=30, learning_rate_init=0.01, random_state=0)
    chunks = chunks_of(X, y, sizes=[100] * 9, mix=3)
    one, other = clone(clf).fit(chunks), clone(clf).fit(chunks)
    assert_same(one, other)
    assert one.score(X, y) > 0.97
    by_themselves = clone(clf).fit(Chunks(lambda: iter(list(chunks))))
    assert by_themselves.score(X, y) > 0.97


def test_warm_start_goes_on():
    X, y = iris()
    clf = MLPClassifier((5,), shuffle=False, max_iter=2, warm_start=True, random_state=0)
    whole, chunks = clone(clf), chunks_of(X, y)
    for _ in range(2):
        whole.fit(X, y)
        clf.fit(chunks)
    assert_same(whole, clf)


def test_pictures_noise_and_lsuv_take_their_units_from_the_first_chunk():
    X, y = digits(200)
    chunks = chunks_of(X, y, sizes=[199, 1])
    clf = ConvNetClassifier("4", augment="shift", max_iter=1, random_state=0).fit(chunks)
    assert clf.predict(X).shape == (200,)
    MLPClassifier(weight_init="lsuv", augment="noise", max_iter=1, random_state=0).fit(chunks)


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_fit_that_stopped_goes_on_and_one_of_other_chunks_does_not(tmp_path, shuffle):
    X, y = iris()
    clf = MLPClassifier((5,), shuffle=shuffle, max_iter=4, random_state=0)
    chunks = chunks_of(X, y)
    whole = clone(clf).fit(chunks)
    clf.set_callbacks(Checkpoint(tmp_path / "run.npz"))
    n_reads = iter(range(100))

    def read():
        if next(n_reads) == 17:
            raise OSError("the disk is gone")
        return chunks

    with pytest.raises(OSError, match="disk"):
        clf.fit(chunks.map(lambda X: read() and X))
    assert list(tmp_path.iterdir())
    assert_same(clf.fit(chunks), whole)
    with pytest.raises(ValueError, match="its X is"):
        clf.fit(chunks.map(lambda X: X + 1))


def test_a_fitted_network_keeps_nothing_of_the_chunks():
    X, y = iris()
    clf = MLPClassifier((5,), max_iter=1).fit(Chunks(lambda: [(X, y)]))
    pickle.dumps(clf)  # a lambda would not go


WRONG = {
    "y beside them": (lambda clf, c: clf.fit(c, np.zeros(150)), "Chunks bring their own y"),
    "weights beside them": (
        lambda clf, c: clf.fit(c, sample_weight=np.ones(150)),
        "own sample_weight",
    ),
    "early stopping": (lambda clf, c: clf.set_params(early_stopping=True).fit(c), "pass X_val"),
    "lbfgs": (lambda clf, c: clf.set_params(solver="lbfgs").fit(c), "solver='adam' or 'sgd'"),
    "y_val beside chunks": (lambda clf, c: clf.fit(c, X_val=c, y_val=[1]), "own y_val"),
    "no samples": (lambda clf, c: clf.fit(Chunks(lambda: [])), "no samples"),
    "no tuple": (lambda clf, c: clf.fit(Chunks(lambda: [[1, 2]])), "must be a tuple"),
    "features": (
        lambda clf, c: clf.fit(Chunks(lambda: [(np.ones((2, n)), [0, 1]) for n in (2, 3)])),
        "3 features",
    ),
    "not finite": (
        lambda clf, c: clf.fit(Chunks(lambda: [(np.full((2, 2), v), [0, 1]) for v in (1, np.nan)])),
        "NaN",
    ),
    "shapes of y": (
        lambda clf, c: clf.fit(
            Chunks(lambda: [(np.ones((2, 2)), y) for y in ([0, 1], [[0, 1], [1, 1]])])
        ),
        "y of chunk 1 has the shape",
    ),
    "weights here and there": (
        lambda clf, c: clf.fit(Chunks(lambda: [(*next(iter(c)), *w) for w in ([], [1.0])])),
        "others none",
    ),
    "no weight": (
        lambda clf, c: clf.fit(Chunks(lambda: [(*chunk, np.zeros(len(chunk[1]))) for chunk in c])),
        "all chunks are zero",
    ),
    "read once": (lambda clf, c: clf.fit(Chunks(iter(c).__iter__)), "can be read once only"),
    "no iterable": (lambda clf, c: clf.fit(Chunks(lambda: None)), "must return an iterable"),
    "text and numbers": (
        lambda clf, c: clf.fit(
            Chunks(lambda: [(np.ones((2, 2)), y) for y in ([0, 1], ["a", "b"])])
        ),
        "all text or all numbers",
    ),
    "no validation samples": (
        lambda clf, c: clf.fit(c, X_val=Chunks(lambda: [(np.empty((0, 4)), [])])),
        "X_val has no samples",
    ),
    "validation weights here and there": (
        lambda clf, c: clf.fit(c, X_val=Chunks(lambda: [*c, (*next(iter(c)), 1.0)])),
        "Some chunks of X_val have a sample_weight",
    ),
    "no validation weight": (
        lambda clf, c: clf.fit(c, X_val=Chunks(lambda: [(*x, np.zeros(150)) for x in c])),
        "sample_weight of X_val",
    ),
    "class_weight": (
        lambda clf, c: clf.set_params(class_weight=[{0: 1.0}]).fit(c),
        "give the chunks a sample_weight",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_and_the_estimator_stays(name):
    X, y = iris()
    clf = MLPClassifier((5,), max_iter=1)
    call, message = WRONG[name]
    with pytest.raises((ValueError, TypeError), match=message):
        call(clf, chunks_of(X, y, sizes=[150]))
    assert not hasattr(clf, "network_")


def test_chunks_that_change_between_epochs_are_found():
    X, y = iris()
    n_reads = iter(range(100))

    def read():
        yield X, y
        if next(n_reads) == 2:
            yield X, y

    with pytest.raises(ValueError, match="There are more chunks"):
        MLPClassifier(max_iter=5).fit(Chunks(read))


UNLABELLED = [
    Autoencoder(2, (6,), noise="gaussian"),
    VariationalAutoencoder(2, (6,)),
    GenerativeAdversarialNetwork(2, (6,)),
]


@pytest.mark.parametrize("model", UNLABELLED, ids=lambda model: type(model).__name__)
def test_networks_without_labels_learn_from_chunks_the_same(model):
    X, y = iris()
    model = clone(model).set_params(shuffle=False, max_iter=3, random_state=0)
    whole = clone(model).fit(X)
    for chunks in (Chunks.of_arrays(X, n_rows=40), chunks_of(X, y)):
        assert_same(whole, clone(model).fit(chunks))
    model.set_params(early_stopping=True)
    one, other = (clone(model).fit(chunks, X_val=v) for v in (X, Chunks.of_arrays(X, n_rows=70)))
    assert_same(one, other)
    assert one.best_validation_score_ == other.best_validation_score_


def test_autoencoders_take_the_weights_of_chunks():
    X, y = iris()
    model = Autoencoder(2, (6,), shuffle=False, max_iter=3, random_state=0)
    in_chunks = clone(model).fit(Chunks.of_arrays(X, None, y, n_rows=40))
    assert_same(model.fit(X, None, y), in_chunks)


@pytest.mark.parametrize(
    "model",
    [
        RecurrentClassifier((4,), cell="gru"),
        TransformerClassifier(8, n_heads=2, n_layers=1),
        RecurrentRegressor(hidden_layer_sizes=(4,)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_networks_of_sequences_learn_from_chunks_of_one_length_the_same(model):
    X, y = iris()
    model = clone(model).set_params(shuffle=False, max_iter=2, random_state=0)
    for given in (X, X.reshape(-1, 2, 2)):
        whole = clone(model).fit(given, y)
        in_chunks = clone(model).fit(chunks_of(given, y), X_val=chunks_of(given, y))
        assert_same(whole, in_chunks)
    assert model.set_params(shuffle=True).fit(chunks_of(given, y)).n_iter_ == 2


@pytest.mark.parametrize(
    ("params", "X", "y", "message"),
    [
        ({}, [np.ones((2, 1)), np.ones((3, 1))], [0, 1], "sequences of one length"),
        ({}, ["ab", "ba"], [0, 1], "Text and tokens must be seen at once"),
        ({"tokens": True}, [[1, 2], [2, 1]], [0, 1], "Text and tokens must be seen at once"),
        ({"per_step": True}, np.ones((2, 2, 1)), [[0, 1], [1, 0]], "not per_step=True"),
    ],
)
def test_chunks_of_sequences_that_must_be_seen_at_once_are_refused(params, X, y, message):
    with pytest.raises(ValueError, match=f"RecurrentClassifier.fit takes Chunks of .*{message}"):
        RecurrentClassifier((4,), **params).fit(Chunks(lambda: [(X, y)]))


def test_chunks_of_other_steps_are_refused():
    X = np.ones((4, 3, 2))
    chunks = Chunks(lambda: [(X, [0, 1] * 2), (X[:, :2], [0, 1] * 2)])
    with pytest.raises(
        ValueError, match=r"chunk 1 has samples of shape \(2, 2\), that of the first"
    ):
        RecurrentClassifier((4,)).fit(chunks)
    with pytest.raises(ValueError, match=r"X_val have samples of shapes \[\(2, 2\), \(3, 2\)\]"):
        RecurrentClassifier((4,)).fit(X, [0, 1] * 2, X_val=chunks)


def test_estimators_that_take_no_chunks_say_what_to_do():
    X, y = iris()
    with pytest.raises(TypeError, match=r"CharacterLanguageModel\.fit takes no Chunks"):
        CharacterLanguageModel().fit(chunks_of(X, y))
    for estimator in (StandardScaler(), TabularNetClassifier(), NetworkEnsembleClassifier()):
        with pytest.raises(TypeError, match=r"estimator\.partial_fit\(X, y\)"):
            estimator.fit(chunks_of(X, y), y)


def test_memory_holds_as_many_chunks_as_are_mixed():
    n_rows, n_features = 1000, 100

    def read(i):
        X = np.random.default_rng(i).normal(size=(n_rows, n_features))
        return X, (X[:, 0] > 0).astype(int)

    X, _ = read(0)
    clf = MLPClassifier((5,), max_iter=1, random_state=0)
    peaks = []
    for shuffle, n_chunks in [(False, 10), (False, 40), (True, 40)]:
        clf.set_params(shuffle=shuffle).fit(Chunks(read, 2, mix=2))
        tracemalloc.start()
        clf.fit(Chunks(read, n_chunks, mix=2))
        peaks.append(tracemalloc.get_traced_memory()[1] / X.nbytes)
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 0.5
    assert peaks[1] < 3.5
    assert peaks[2] < 2 * 2 + 3.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_memory_map_is_not_copied(tmp_path, dtype):
    X = np.memmap(tmp_path / "X", dtype, "w+", shape=(20_000, 200))
    X[:] = np.random.default_rng(0).random(X.shape, np.float32)
    y = (X[:, 0] > 0.5).astype(int)
    clf = MLPClassifier((5,), max_iter=2, early_stopping=True, random_state=0)
    clf.fit(X[:100], y[:100])
    tracemalloc.start()
    clf.fit(X, y).predict(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.3 * X.nbytes  # the validation part is a tenth
