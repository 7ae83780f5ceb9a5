"""Sequences in all their forms, padded, in buckets; errors name the one at fault."""

import re

import numpy as np
import pytest

from skdeep.neural_network.sequences.reader import (
    Buckets,
    SequenceReader,
    Sequences,
    is_flat,
    pad,
    trim,
)
from skdeep.neural_network.sequences.step_targets import StepTargets, StepValues
from skdeep.neural_network.targets import ClassTargets, NumberTargets
from skdeep.nn import Batch


def test_arrays_of_different_lengths_are_padded_with_zeros():
    arrays = [np.ones((2, 3)), np.full((4, 3), 2.0)]
    read = SequenceReader(arrays, tokens=False).read(arrays)
    assert read.values.shape == (2, 4, 3)
    assert read.lengths.tolist() == [2, 4]
    assert read.values[0].sum() == 6.0
    assert read[[1]].values.sum() == 24.0


def test_sequences_of_one_length_have_no_lengths():
    assert pad([np.ones(3), np.zeros(3)], float).lengths is None


def test_series_of_numbers_have_one_feature():
    reader = SequenceReader([[1.0, 2.0], [3.0]], tokens=False)
    assert reader.n_features == 1
    assert reader.read([[1.0, 2.0], [3.0]]).shape == (2, 2, 1)


def test_float32_stays_and_everything_else_becomes_float64():
    for dtype, expected in ((np.float32, np.float32), (int, np.float64), (np.float16, np.float64)):
        X = [np.ones((2, 1), dtype), np.ones((1, 1), dtype)]
        assert SequenceReader(X, tokens=False).read(X).values.dtype == expected


@pytest.mark.parametrize(
    ("X", "tokens"),
    [
        (["cab", "a"], False),
        ([["c", "a", "b"], ["a"]], False),
        ([("c", "a", "b"), ("a",)], True),
        (np.array(["cab", "a"], dtype=object), False),
        ([[30, 10, 20], [10]], True),
    ],
)
def test_tokens_are_numbered_from_one_in_sorted_order(X, tokens):
    reader = SequenceReader(X, tokens=tokens)
    read = reader.read(X)
    assert read.values.tolist() == [[3, 1, 2], [1, 0, 0]]
    assert read.lengths.tolist() == [3, 1]
    assert reader.n_tokens == 4


def test_tables_are_told_from_lists_of_sequences():
    pandas = pytest.importorskip("pandas")
    table = np.ones((3, 4))
    for X in (table, table.tolist(), pandas.DataFrame(table)):
        assert is_flat(X, tokens=False)
    for X in (
        [[1.0, 2.0], [3.0]],
        np.ones((2, 3, 4)),
        [np.ones((3, 4)), np.ones((3, 4))],
        ["ab", "ab"],
        pandas.Series(["ab", "c"]),
        [],
    ):
        assert not is_flat(X, tokens=False)
    assert not is_flat(table, tokens=True)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_sequences_of_a_table_of_tokens_are_its_rows(kind):
    library = pytest.importorskip(kind)
    columns = {"a": [30, 10], "b": [10, 20], "c": [20, 10]}
    table = library.table(columns) if kind == "pyarrow" else library.DataFrame(columns)
    reader = SequenceReader(table, tokens=True)
    assert reader.read(table).values.tolist() == [[3, 1, 2], [1, 2, 1]]
    steps = StepValues(table, reader.read(table), numeric=False)
    assert steps.valid.tolist() == [30, 10, 20, 10, 20, 10]


def test_columns_of_one_name_are_read_as_any():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame([[2, 1], [1, 2]], columns=["x", "x"])
    assert SequenceReader(table, tokens=True).read(table).values.tolist() == [[2, 1], [1, 2]]


NUMBERS = [np.ones((3, 2)), np.ones((1, 2))]
WORDS = ["abc", "ca"]


@pytest.mark.parametrize(
    ("fitted", "X", "message"),
    [
        (NUMBERS, [np.ones((2, 2)), np.ones((0, 2))], "Sequence 1 of X is empty"),
        (
            NUMBERS,
            [np.ones((2, 2)), np.ones((4, 3))],
            "Sequence 1 of X, of length 4, has 3 features at each step, where 2 are expected.",
        ),
        (
            NUMBERS,
            [np.ones((2, 2)), np.full((4, 2), np.nan)],
            "Sequence 1 of X, of length 4, contains NaN or infinity.",
        ),
        (
            NUMBERS,
            np.full((2, 3, 2), np.inf),
            "Sequence 0 of X, of length 3, contains NaN or infinity.",
        ),
        (NUMBERS, np.ones((2, 3, 5)), "Sequence 0 of X, of length 3, has 5 features at each step"),
        (NUMBERS, np.ones((2, 0, 2)), "X has sequences of no steps, shape (2, 0, 2)."),
        (NUMBERS, [np.ones((2, 2)), np.ones((2, 2, 1))], "Sequence 1 of X must be of shape"),
        (NUMBERS, [np.ones((2, 2)), [["a", "b"]]], "Sequence 1 of X must hold numbers"),
        (NUMBERS, ["ab"], "X holds strings, but fit saw numbers."),
        (NUMBERS, [], "X has no sequences."),
        (NUMBERS, 3, "X must be a list of sequences, got int."),
        (WORDS, {"abc": 1}, "X must be a list of sequences, got dict."),
        (WORDS, ["ab", ""], "Sequence 1 of X is empty"),
        (
            WORDS,
            ["ab", "cax"],
            "Sequence 1 of X, of length 3, has the token 'x' at step 2, which fit has not seen; it "
            "saw 3 tokens; leave it out, or put a token that fit saw in its place.",
        ),
        (WORDS, "abc", "X must be a list of sequences, got str."),
        (WORDS, ["ab", 3], "Sequence 1 of X must be a string or a list of tokens, got 3."),
        (WORDS, np.full((2, 1, 3), "a"), "Sequence 0 of X must be a list of tokens, got ndarray"),
        (
            WORDS,
            np.array([["a", "x"]]).view(np.matrix),
            "Sequence 0 of X, of length 2, has the token",
        ),
    ],
)
def test_errors_name_the_sequence_at_fault(fitted, X, message):
    reader = SequenceReader(fitted, tokens=False)
    with pytest.raises(ValueError, match=re.escape(message)):
        reader.read(X)


def test_tokens_of_two_kinds_are_refused():
    with pytest.raises(ValueError, match="must be of one kind"):
        SequenceReader([["a", 1], ["b"]], tokens=True)


def test_buckets_hold_every_row_once_and_similar_lengths_together():
    lengths = np.random.RandomState(0).randint(1, 50, size=1003)
    order = Buckets(lengths, None, 10, np.random.RandomState(1))
    first, second = order(), order()
    for rows in (first, second):
        assert sorted(rows) == list(range(1003))
    assert (first != second).any()
    batches = lengths[first[:1000]].reshape(100, 10)
    assert np.ptp(batches, axis=1).mean() < 5
    assert np.ptp(batches.mean(axis=1)[:10]) > 5  # the batches themselves come in any order
    some = np.arange(5, 40)
    assert sorted(Buckets(lengths, some, 8, np.random.RandomState(2))()) == some.tolist()


def test_a_batch_has_no_more_steps_than_its_longest_sequence():
    x, target = np.ones((3, 7, 2)), np.ones((3, 7))
    trimmed = trim(Batch(x, target, None, np.array([2, 4, 1])), per_step=True)
    assert trimmed.x.shape == (3, 4, 2)
    assert trimmed.target.shape == (3, 4)
    # Seven targets of a sequence of seven steps are not a target for each of them.
    assert trim(Batch(x, target, None, np.array([2, 4, 1])), per_step=False).target is target
    whole = Batch(x, target)
    assert trim(whole, per_step=True) is whole


def test_targets_of_steps_are_encoded_at_their_steps_and_decoded():
    sequences = Sequences(np.zeros((3, 4, 1)), np.array([4, 1, 2]))
    y = StepValues(["abca", "c", ["b", "a"]], sequences, numeric=False)
    targets = StepTargets(ClassTargets(y.valid))
    encoded = targets.encode(y, np.float64)
    assert encoded.tolist() == [[0, 1, 2, 0], [2, 0, 0, 0], [1, 0, 0, 0]]
    probabilities = np.eye(3)[encoded]
    assert targets.decode(probabilities)[0].tolist() == list("abca")
    assert y[[2, 0]].valid.tolist() == list("baabca")
    assert y[np.array([1])].mask.tolist() == [[True, False, False, False]]


def test_numbers_for_every_step_keep_their_outputs():
    sequences = Sequences(np.zeros((2, 3, 1)), np.array([3, 2]))
    y = StepValues([np.ones((3, 2)), np.zeros((2, 2))], sequences, numeric=True)
    targets = StepTargets(NumberTargets(y.valid, None, standardize=False))
    assert targets.n_outputs == 2
    assert targets.encode(y, np.float64).shape == (2, 3, 2)
    assert y.shape == (2, 3, 2)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["ab"], "X has 2 sequences, y has targets for 1."),
        (["abc", "a"], "Sequence 1 of X has 2 steps, but y has targets of shape (1,) for it"),
        (["abc", 1], "Sequence 1 of X has 2 steps, but y has targets of shape () for it"),
    ],
)
def test_targets_that_do_not_fit_the_steps_are_refused(y, message):
    sequences = Sequences(np.zeros((2, 3, 1)), np.array([3, 2]))
    with pytest.raises(ValueError, match=re.escape(message)):
        StepValues(y, sequences, numeric=False)
    with pytest.raises(ValueError, match="The targets of sequence 1 contain NaN"):
        StepValues([[1, 2, 3], [1, np.nan]], sequences, numeric=True)


def test_complex_numbers_are_refused():
    arrays = [np.ones((2, 1)), np.ones((3, 1)) * 1j]
    reader = SequenceReader(arrays[:1], tokens=False)
    with pytest.raises(ValueError, match="Sequence 1 of X must hold numbers: complex"):
        reader.read(arrays)
