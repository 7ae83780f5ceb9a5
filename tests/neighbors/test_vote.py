"""Votes are counted where the neighbours are, however many classes there are."""

import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from skdeep import KNNClassifier
from skdeep.neighbors.vote import Ballot, distance_weights


def counted_plainly(label, weight, n_classes):
    votes = np.zeros((len(label), n_classes))
    for row in range(len(label)):
        for place, c in enumerate(label[row]):
            votes[row, c] += 1.0 if weight is None else weight[row, place]
    return votes


@pytest.mark.parametrize("n_classes", [3, 1000])
@pytest.mark.parametrize("weighted", [False, True])
def test_winners_and_shares_are_those_of_a_table_of_all_classes(n_classes, weighted):
    rng = np.random.RandomState(0)
    label = rng.randint(0, 3, (200, 7)) * (n_classes // 3)
    weight = rng.randint(0, 3, label.shape).astype(float) if weighted else None
    if weighted:
        weight[:, 0] += 1
    votes = counted_plainly(label, weight, n_classes)
    ballot = Ballot(label, weight, n_classes)
    np.testing.assert_array_equal(ballot.winners("first"), votes.argmax(axis=1))
    np.testing.assert_array_equal(ballot.shares(), votes / votes.sum(axis=1, keepdims=True))
    nearest = ballot.winners("nearest")
    most = votes.max(axis=1)
    for row, winner in enumerate(nearest):
        counts = np.ones(7) if weight is None else weight[row]
        first = next(
            c for c, w in zip(label[row], counts, strict=True) if w and votes[row, c] == most[row]
        )
        assert winner == first
    drawn = [
        b.winners("random", np.random.RandomState(3)) for b in (ballot, Ballot(label, weight, 3000))
    ]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("n_classes", [4, 500])
def test_neighbours_can_be_counted_one_after_the_other(n_classes):
    label = np.random.RandomState(0).randint(0, 4, (50, 12))
    ballot = Ballot(label, None, n_classes, 2)
    for k in (2, 3, 7, 12):
        ballot.count(k)
        whole = Ballot(label[:, :k], None, n_classes)
        for how in ("first", "nearest"):
            np.testing.assert_array_equal(ballot.winners(how), whole.winners(how))
        np.testing.assert_array_equal(ballot.shares(), whole.shares())


def test_a_winner_has_a_vote_even_where_all_votes_are_negative():
    model = KNNClassifier(2, weights=lambda distance: -np.ones_like(distance))
    model.fit([[0.0], [1.0], [5.0]], ["b", "b", "a"])
    assert model.predict([[0.4]]) == ["b"]


def peak_of(call):
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_classes():
    X = np.random.default_rng(0).normal(size=(4000, 3))
    few = KNNClassifier().fit(X, np.arange(4000) % 2)
    many = KNNClassifier().fit(X, np.arange(4000) // 2)
    assert peak_of(lambda: many.predict(X)) < 3 * peak_of(lambda: few.predict(X))


@pytest.mark.parametrize("sparse", [False, True])
def test_many_labels_take_a_byte_each(sparse):
    rng = np.random.RandomState(0)
    X, Y = rng.rand(2000, 3), (rng.rand(2000, 300) < 0.02).astype(int)
    given = csr_matrix(Y) if sparse else Y
    model = KNNClassifier()
    assert peak_of(lambda: model.fit(X, given)) < Y.nbytes * (0.6 if sparse else 1.6)
    # The predictions themselves take as much as Y.
    assert peak_of(lambda: model.predict(X)) < 1.6 * Y.nbytes
    predicted = model.predict(X)
    assert predicted.dtype == Y.dtype
    np.testing.assert_array_equal(predicted, KNNClassifier().fit(X, Y).predict(X))


@pytest.mark.parametrize("scale", [1e-310, 1e-300, 1e-160, 1e300])
def test_weights_by_distance_have_no_unit(scale):
    distance = np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 5.0], [0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    expected = distance_weights(distance, "distance")
    found = distance_weights(distance * scale, "distance")
    shares = [w / w.sum(axis=1, keepdims=True) for w in (found, expected)]
    np.testing.assert_allclose(*shares, rtol=1e-11)
