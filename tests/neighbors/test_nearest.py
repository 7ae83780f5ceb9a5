"""NearestNeighbors finds what scikit-learn's finds, and serves what is built on it."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.cluster import DBSCAN, SpectralClustering
from sklearn.datasets import make_moons
from sklearn.manifold import Isomap
from sklearn.neighbors import KNeighborsTransformer
from sklearn.neighbors import NearestNeighbors as Theirs

from skdeep import KNNClassifier, NearestNeighbors
from tests.data import iris_without_ties

X, y = iris_without_ties()
Q = X[::7] + 0.05


def dense(graph):
    return graph.toarray()


@pytest.mark.parametrize("queries", [None, Q], ids=["training rows", "queries"])
@pytest.mark.parametrize("metric", ["minkowski", "manhattan", "cosine", "chebyshev", "canberra"])
@pytest.mark.parametrize("algorithm", ["auto", "brute", "ball_tree", "kd_tree"])
def test_neighbors_are_those_of_scikit_learn(algorithm, metric, queries):
    try:
        theirs = Theirs(n_neighbors=4, radius=0.3, algorithm=algorithm, metric=metric).fit(X)
    except ValueError:
        with pytest.raises(ValueError, match=f"Metric '{metric}' not valid"):
            NearestNeighbors(algorithm=algorithm, metric=metric).fit(X)
        return
    ours = NearestNeighbors(n_neighbors=4, radius=0.3, algorithm=algorithm, metric=metric).fit(X)
    for mine, his in zip(ours.kneighbors(queries), theirs.kneighbors(queries), strict=True):
        np.testing.assert_allclose(mine, his, rtol=1e-7, atol=1e-7)
    distance, index = ours.radius_neighbors(queries, sort_results=True)
    his_distance, his_index = theirs.radius_neighbors(queries, sort_results=True)
    for row in range(len(index)):
        np.testing.assert_array_equal(index[row], his_index[row])
        np.testing.assert_allclose(distance[row], his_distance[row], rtol=1e-6)
    for mode in ("connectivity", "distance"):
        for name in ("kneighbors_graph", "radius_neighbors_graph"):
            mine, his = (getattr(m, name)(queries, mode=mode) for m in (ours, theirs))
            np.testing.assert_allclose(dense(mine), dense(his), rtol=1e-6)


def with_its_zeros(D):
    begin = np.arange(0, D.size + 1, D.shape[1])
    return csr_matrix((D.reshape(-1), np.indices(D.shape)[1].reshape(-1), begin), shape=D.shape)


@pytest.mark.parametrize("given", [np.asarray, with_its_zeros])
def test_distances_computed_before_and_their_graphs(given):
    D = np.abs(X[:, None] - X[None]).sum(axis=2)
    ours = NearestNeighbors(n_neighbors=3, radius=0.4, metric="precomputed").fit(given(D))
    plain = NearestNeighbors(n_neighbors=3, radius=0.4, metric="manhattan").fit(X)
    for mine, his in zip(ours.kneighbors(given(D[:9])), plain.kneighbors(X[:9]), strict=True):
        np.testing.assert_allclose(mine, his, rtol=1e-9)
    mine, his = ours.radius_neighbors_graph(), plain.radius_neighbors_graph()
    np.testing.assert_array_equal(dense(mine), dense(his))


def test_a_radius_may_be_given_for_each_query():
    search = NearestNeighbors().fit(X)
    radius = np.linspace(0, 1, len(Q))
    rows = search.radius_neighbors(Q, radius, return_distance=False)
    for row, reach, query in zip(rows, radius, Q, strict=True):
        alone = search.radius_neighbors(query[None], reach, return_distance=False)[0]
        np.testing.assert_array_equal(row, alone)
    with pytest.raises(ValueError, match=r"one for each of the 22 queries.*\(3,\)"):
        search.radius_neighbors(Q, [1.0, 2.0, 3.0])


@pytest.mark.parametrize("radius", [-1, np.nan, "far", None])
def test_a_radius_is_a_number_that_is_not_negative(radius):
    if radius is not None:
        with pytest.raises(ValueError, match="radius must be a number that is at least 0"):
            NearestNeighbors().fit(X).radius_neighbors(Q, radius)
    with pytest.raises(ValueError, match=r"'radius' parameter of NearestNeighbors must be"):
        NearestNeighbors(radius=radius).fit(X)


def test_the_border_belongs_to_the_ball():
    search = NearestNeighbors(radius=0.1).fit([[0.1], [0.2], [0.30000000000000004], [0.4]])
    distance, index = search.radius_neighbors([[0.2]])
    everyone, order = search.kneighbors([[0.2]], 4)
    within = order[0][everyone[0] <= 0.1]
    np.testing.assert_array_equal(index[0], np.sort(within))
    assert (distance[0] <= 0.1).all()


def test_nobody_within_the_radius_is_an_empty_row():
    search = NearestNeighbors(radius=0.0).fit(X)
    distance, index = search.radius_neighbors(Q + 100)
    assert all(len(row) == 0 for row in index)
    assert all(len(row) == 0 for row in distance)
    assert search.radius_neighbors_graph(Q + 100).nnz == 0


def test_results_are_sorted_by_distances_that_are_returned():
    with pytest.raises(ValueError, match="return_distance must be True"):
        NearestNeighbors().fit(X).radius_neighbors(Q, return_distance=False, sort_results=True)


def test_what_was_fitted_without_a_target_can_be_fitted_again():
    search = NearestNeighbors().fit(X)
    np.testing.assert_array_equal(
        KNNClassifier().fit(search, y).predict(Q), KNNClassifier().fit(X, y).predict(Q)
    )


def test_dbscan_on_the_graph_of_a_radius_is_dbscan():
    moons, _ = make_moons(400, noise=0.06, random_state=0)
    graph = NearestNeighbors(radius=0.15).fit(moons).radius_neighbors_graph(mode="distance")
    found = DBSCAN(eps=0.15, metric="precomputed").fit_predict(graph)
    np.testing.assert_array_equal(found, DBSCAN(eps=0.15).fit_predict(moons))
    assert set(found) == {0, 1}


@pytest.mark.filterwarnings("ignore:Graph is not fully", "ignore:Precomputed sparse input was not")
def test_isomap_and_spectral_clustering_on_a_graph_of_neighbors():
    graph = NearestNeighbors().fit(X).kneighbors_graph(n_neighbors=60, mode="distance")
    graph.setdiag(0)
    ours = Isomap(n_neighbors=50, metric="precomputed").fit(graph)
    theirs = Isomap(n_neighbors=50).fit(X)
    np.testing.assert_allclose(ours.dist_matrix_, theirs.dist_matrix_, rtol=1e-9)
    labels = SpectralClustering(3, affinity="precomputed_nearest_neighbors", random_state=0)
    assert len(set(labels.fit_predict(graph))) == 3


def test_graphs_are_those_of_a_transformer():
    graph = NearestNeighbors().fit(X).kneighbors_graph(X, 6, mode="distance")
    theirs = KNeighborsTransformer(n_neighbors=5, mode="distance").fit_transform(X)
    np.testing.assert_allclose(dense(graph), dense(theirs), atol=1e-7)


def test_oversampling_by_imbalanced_learn():
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    few = np.r_[0:60, 100:120]
    made = [
        over_sampling.SMOTE(k_neighbors=search(n_neighbors=6), random_state=0).fit_resample(
            X[few], y[few]
        )
        for search in (NearestNeighbors, Theirs)
    ]
    np.testing.assert_array_equal(made[0][1], made[1][1])
    np.testing.assert_allclose(made[0][0], made[1][0])


def test_a_failed_fit_leaves_the_estimator_as_it_was():
    search = NearestNeighbors().fit(X)
    expected = search.kneighbors(Q)
    with pytest.raises(ValueError, match="NaN"):
        search.fit(np.full((3, 2), np.nan))
    np.testing.assert_array_equal(search.kneighbors(Q), expected)
