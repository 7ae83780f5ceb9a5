"""Chunks of arrays, files and dask's collections, for partial_fit and for whole epochs."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone, is_classifier
from sklearn.utils.validation import check_is_fitted

from skdeep import MLPClassifier, MLPRegressor
from skdeep.data import Chunks
from tests.cheap import CHEAP
from tests.data import data_for, diabetes, iris

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def joined(chunks):
    """Return the parts of all chunks, each joined."""
    return [np.concatenate(parts) for parts in zip(*chunks, strict=True)]


def test_slices_of_a_memory_map(tmp_path):
    X, y = iris()
    X.tofile(tmp_path / "X")
    mapped = np.memmap(tmp_path / "X", X.dtype, "r", shape=X.shape)
    chunks = Chunks.of_arrays(mapped, y, y + 1, n_rows=40)
    assert (chunks.n_chunks, [len(part) for part, *_ in chunks]) == (4, [40, 40, 40, 30])
    for found, wanted in zip(joined(chunks), (X, y, y + 1), strict=True):
        assert_array_equal(found, wanted)


def test_slices_of_frames_and_sparse_matrices_are_of_their_kind():
    X, y = iris()
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.linspace(0, 1, 150))
    labels = pd.Series(y, index=frame.index)
    for part, target in Chunks.of_arrays(frame, labels, n_rows=70):
        assert list(part.columns) == list("abcd")
        assert_array_equal(part["a"], X[np.isin(frame.index, part.index), 0])
        assert target.index.equals(part.index)
    rows = [part for part, _ in Chunks.of_arrays(sparse.coo_array(X), y, n_rows=70)]
    assert [part.format for part in rows] == ["csr"] * 3
    assert_array_equal(sparse.vstack(rows).toarray(), X)


@pytest.fixture
def table():
    X, y = iris()
    frame = pd.DataFrame(X, columns=list("abcd"))
    return frame.assign(kind=np.array(["s", "c", "g"])[y], weight=y + 1.0)


@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_row_groups_and_record_batches(table, tmp_path, format):
    for name, part in (("1", table[:100]), ("2", table[100:])):
        path = tmp_path / f"{name}.{format}"
        if format == "parquet":
            part.to_parquet(path, row_group_size=30)
        else:
            arrow = pa.Table.from_pandas(part, preserve_index=False)
            with pa.ipc.new_file(path, arrow.schema) as file:
                file.write_table(arrow, max_chunksize=30)
    chunks = Chunks.of_arrow(tmp_path, "kind", sample_weight="weight", format=format)
    assert [len(X) for X, *_ in chunks] == [30, 30, 30, 10, 30, 20]
    X, y, weight = joined(chunks)
    assert_array_equal(X, table[list("abcd")])
    assert_array_equal(y, table["kind"])
    assert_array_equal(weight, table["weight"])

    clf = MLPClassifier((5,), batch_size=20, max_iter=20, learning_rate_init=0.05, random_state=0)
    clf.fit(chunks)
    assert clf.feature_names_in_.tolist() == list("abcd")
    assert clf.score(table[list("abcd")], table["kind"]) > 0.9

    frames = Chunks.of_arrow(tmp_path, columns=list("ab"), format=format)
    assert [(list(X.columns), y) for X, y in frames] == [(list("ab"), None)] * 6

    paths = [tmp_path / f"1.{format}"]
    two = Chunks.of_arrow(paths, ["weight", "d"], columns=["b", "a"], format=format)
    X, y = next(iter(two))
    assert (list(X.columns), y.shape) == (["b", "a"], (30, 2))
    with pytest.raises(ValueError, match=r"no columns \['colour'\]"):
        Chunks.of_arrow(paths, "colour", format=format)
    with pytest.raises(ValueError, match="format must be"):
        Chunks.of_arrow(paths, "kind", format="csv")


def test_map_changes_features_and_split_draws_chunks():
    X, y = iris()
    chunks = Chunks.of_arrays(X, y, n_rows=15).map(lambda X: 2 * X)
    assert_array_equal(joined(chunks)[0], 2 * X)
    by_themselves = Chunks(lambda: iter([(X, y), (X, y)])).map(lambda X: X + 1)
    assert_array_equal(joined(by_themselves)[0], np.r_[X, X] + 1)
    assert_array_equal(joined(by_themselves)[0], np.r_[X, X] + 1)  # as often as one likes
    train, held_out = chunks.split(0.3, random_state=np.random.RandomState(0))
    assert (train.n_chunks, held_out.n_chunks) == (7, 3)
    parts = [joined(train)[0], joined(held_out)[0]]
    assert_array_equal(np.unique(np.concatenate(parts), axis=0), np.unique(2 * X, axis=0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Chunks([1]), "takes a function"),
        (lambda: Chunks(lambda: [], 0), "n_chunks must be an integer of at least 1"),
        (lambda: Chunks(lambda: [], mix=0), "mix must be"),
        (lambda: Chunks.of_arrays(np.ones((3, 1)), np.ones(2)), r"differ in length: \[3, 2\]"),
        (lambda: Chunks.of_arrays(np.ones((3, 1)), np.ones(3), n_rows=0), "n_rows must be"),
        (lambda: Chunks.of_arrays(np.ones((0, 1)), np.ones(0)), "X has no rows"),
        (lambda: Chunks.of_arrays(np.ones((3, 1)), 1.5), "y must have rows, got 1.5"),
        (lambda: Chunks.of_arrays(np.array(2.0), np.ones(3)), "X must have rows"),
        (lambda: Chunks(lambda: []).split(), "at least two chunks"),
        (lambda: Chunks(lambda i: (), 3).split(1.5), "share must be"),
        (lambda: Chunks.of_dask(np.ones(3), np.ones(3)), "Got ndarray"),
        (lambda: list(Chunks(lambda: [(1,)])), "must be a tuple .* Got tuple of 1"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


@pytest.mark.parametrize("name", [n for n, model in CHEAP.items() if hasattr(model, "partial_fit")])
def test_every_partial_fit_takes_chunk_after_chunk(name):
    estimator = clone(CHEAP[name])
    X, y = data_for(estimator)
    chunks = Chunks.of_arrays(X, y, n_rows=60)
    more = {"classes": np.unique(y)} if is_classifier(estimator) else {}
    for part, target in chunks:
        estimator.partial_fit(part, target, **more)
    check_is_fitted(estimator)
    with pytest.raises((TypeError, ValueError)):
        estimator.partial_fit(chunks, y)


class TestDask:
    def test_blocks_of_arrays(self):
        da = pytest.importorskip("dask.array")
        X, y = diabetes()
        blocks = da.from_array(X, chunks=(100, 4)), da.from_array(y, chunks=100)
        chunks = Chunks.of_dask(*blocks)
        assert [part.shape for part, _ in chunks] == [(100, 10)] * 4 + [(42, 10)]
        reg = MLPRegressor(max_iter=2, shuffle=False, standardize_target=True, random_state=0)
        in_chunks = reg.fit(chunks).predict(X)
        assert_array_equal(in_chunks, reg.fit(Chunks.of_arrays(X, y, n_rows=100)).predict(X))
        alone = Chunks.of_dask(blocks[0])
        assert [(len(part), y) for part, y in alone] == [(100, None)] * 4 + [(42, None)]
        with pytest.raises(ValueError, match=r"\[5, 9\] blocks"):
            Chunks.of_dask(blocks[0], da.from_array(y, chunks=50))

    def test_partitions_of_data_frames_some_empty(self, table):
        dd = pytest.importorskip("dask.dataframe")
        frame = dd.from_pandas(table, npartitions=5, sort=False)
        frame = frame[frame["weight"] > 1]  # the first third is one kind
        chunks = Chunks.of_dask(frame[list("abcd")], frame["kind"], frame["weight"])
        sizes = [len(y) for _, y, _ in chunks]
        assert 0 in sizes
        clf = MLPClassifier((5,), max_iter=2, random_state=0).fit(chunks)
        assert clf.classes_.tolist() == ["c", "g"]
        assert clf.t_ == 2 * sum(sizes)
