"""Votes, weights, ties, parameters and errors of the classifier and the regressor."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import config_context
from sklearn.datasets import load_diabetes, load_digits, load_iris, make_multilabel_classification
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import BallTree, KDTree, KNeighborsClassifier, KNeighborsRegressor

from skdeep import KNNClassifier, KNNClassifierCV, KNNRegressor, KNNRegressorCV

iris = load_iris(return_X_y=True)
diabetes = load_diabetes(return_X_y=True)


def halves(data):
    X, y = data
    order = np.random.RandomState(0).permutation(len(X))
    X, y = X[order], y[order]
    return X[::2], y[::2], X[1::2], y[1::2]


NO_TREE = {("cosine", "kd_tree"), ("cosine", "ball_tree"), ("canberra", "kd_tree")}


def inverse_square(distance):
    return 1 / (1e-6 + distance**2)


@pytest.mark.parametrize("metric", ["minkowski", "manhattan", "cosine", "chebyshev", "canberra"])
@pytest.mark.parametrize("weights", ["uniform", "distance", inverse_square, None])
@pytest.mark.parametrize("algorithm", ["auto", "brute", "kd_tree", "ball_tree"])
def test_predictions_are_those_of_scikit_learn(metric, weights, algorithm):
    X, y, X_test, _ = halves(diabetes)
    rng = np.random.RandomState(0)
    # No ties, where scikit-learn's order is any.
    X, X_test = X + 1e-3 * rng.standard_normal(X.shape), X_test + 1e-3
    label = (y > np.median(y)).astype(int) + (y > 200)
    keywords = {"weights": weights, "algorithm": algorithm, "metric": metric}
    if (metric, algorithm) in NO_TREE:
        with pytest.raises(ValueError, match=f"Metric '{metric}' not valid"):
            KNNClassifier(**keywords).fit(X, label)
        return
    for ours, theirs, target in (
        (KNNClassifier, KNeighborsClassifier, label),
        (KNNRegressor, KNeighborsRegressor, y),
    ):
        model, other = ours(7, **keywords).fit(X, target), theirs(7, **keywords).fit(X, target)
        np.testing.assert_allclose(model.predict(X_test), other.predict(X_test), rtol=1e-9)
        for mine, his in zip(model.kneighbors(X_test), other.kneighbors(X_test), strict=True):
            np.testing.assert_allclose(mine, his, rtol=1e-7, atol=1e-7)
        graph, other_graph = (m.kneighbors_graph(X_test, 3, "distance") for m in (model, other))
        np.testing.assert_allclose(graph.toarray(), other_graph.toarray(), atol=1e-7)
        if ours is KNNClassifier:
            np.testing.assert_allclose(
                model.predict_proba(X_test), other.predict_proba(X_test), rtol=1e-9
            )


@pytest.mark.parametrize("sparse", [False, True])
def test_several_outputs(sparse):
    X, Y = make_multilabel_classification(150, 12, n_classes=4, random_state=0)
    X = X * np.random.RandomState(0).uniform(0.9, 1.1, X.shape)  # no ties
    given = csr_matrix(X) if sparse else X
    model = KNNClassifier(4, algorithm="brute").fit(given, Y)
    other = KNeighborsClassifier(4, algorithm="brute").fit(X, Y)
    np.testing.assert_array_equal(model.predict(given), other.predict(X))
    for mine, his in zip(model.predict_proba(given), other.predict_proba(X), strict=True):
        np.testing.assert_allclose(mine, his)
    regressor = KNNRegressor(4, weights="distance").fit(given, Y)
    np.testing.assert_allclose(
        regressor.predict(given[:20]),
        KNeighborsRegressor(4, weights="distance").fit(X, Y).predict(X[:20]),
    )


def test_a_tie_goes_to_the_first_class_or_to_the_nearer_one():
    X, y = [[0.0], [1.0], [1.1], [5.0]], ["b", "c", "b", "a"]
    query = [[0.9]]  # neighbours: c at 0.1, b at 0.2, b at 0.9, a at 4.1
    assert KNNClassifier(2).fit(X, y).predict(query) == ["b"]
    assert KNNClassifier(2, tie_breaking="nearest").fit(X, y).predict(query) == ["c"]
    # No tie, no difference.
    assert KNNClassifier(3, tie_breaking="nearest").fit(X, y).predict(query) == ["b"]
    # b has two votes of three, a and c tie for nothing.
    assert KNNClassifier(4, tie_breaking="nearest").fit(X, y).predict(query) == ["b"]


def test_a_nearer_class_without_weight_breaks_no_tie():
    X, y = [[0.0], [1.0], [2.0]], [0, 1, 2]
    weights = {"weights": lambda d: np.array([[0.0, 1.0, 1.0]] * len(d))}
    model = KNNClassifier(3, tie_breaking="nearest", **weights).fit(X, y)
    assert model.predict([[0.1]]) == [1]


def test_a_random_tie_is_uniform_among_the_tied_and_repeats_with_its_seed():
    X, y = [[0.0], [0.0], [0.0], [9.0]], [0, 1, 3, 2]
    queries = np.zeros((6000, 1))
    model = KNNClassifier(3, tie_breaking="random", random_state=0).fit(X, y)
    predicted = model.predict(queries)
    assert set(predicted) == {0, 1, 3}
    counts = np.bincount(predicted)[[0, 1, 3]]
    assert (np.abs(counts - 2000) < 5 * np.sqrt(6000 * 2 / 9)).all()
    np.testing.assert_array_equal(model.predict(queries), predicted)
    other = KNNClassifier(3, tie_breaking="random", random_state=1).fit(X, y)
    assert (other.predict(queries) != predicted).any()


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("Model", [KNNClassifier, KNNRegressor])
def test_a_weight_of_n_is_n_rows(Model, weights):
    X, y, X_test, _ = halves(iris)
    n = np.random.RandomState(0).randint(0, 4, len(X))
    weighted = Model(7, weights=weights).fit(X, y, sample_weight=n)
    repeated = Model(7, weights=weights).fit(np.repeat(X, n, axis=0), np.repeat(y, n))
    np.testing.assert_allclose(weighted.predict(X_test), repeated.predict(X_test))
    if Model is KNNClassifier:
        np.testing.assert_allclose(weighted.predict_proba(X_test), repeated.predict_proba(X_test))


def test_a_fraction_of_the_last_row_fills_the_neighborhood():
    X, y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 10.0]
    model = KNNRegressor(2).fit(X, y, sample_weight=[0.5, 1.0, 4.0])
    # Nearest to 0: half of the first, the second, half of the third.
    np.testing.assert_allclose(model.predict([[0.0]]), [(0.5 * 0 + 1 + 0.5 * 10) / 2])


def test_class_weights_count_in_the_vote():
    X, y = [[0.0], [1.0], [2.0]], [0, 0, 1]
    assert KNNClassifier(3).fit(X, y).predict([[0.0]]) == [0]
    weighted = KNNClassifier(3, class_weight={0: 1, 1: 3}).fit(X, y)
    assert weighted.predict([[0.0]]) == [1]
    np.testing.assert_allclose(weighted.predict_proba([[0.0]]), [[0.4, 0.6]])
    balanced = KNNClassifier(3, class_weight="balanced").fit(X, y)
    np.testing.assert_allclose(balanced.predict_proba([[0.0]]), [[0.5, 0.5]])


@pytest.mark.parametrize("Model", [KNNClassifier, KNNClassifierCV])
def test_a_class_whose_rows_all_have_weight_zero_is_not_balanced(Model):
    X, y = iris
    model = Model(3, class_weight="balanced").fit(X, y, sample_weight=y != 2)
    there = KNNClassifier(3, class_weight="balanced").fit(X[y != 2], y[y != 2])
    expected = np.pad(there.predict_proba(X), ((0, 0), (0, 1)))
    np.testing.assert_allclose(model.predict_proba(X), expected)
    if Model is KNNClassifierCV:
        assert model.best_score_ == 1.0


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_a_class_weight_is_a_finite_number_of_votes(weight):
    with pytest.raises(ValueError, match=f"class_weight of 1 must be .* Got {weight} instead"):
        KNNClassifier(class_weight={1: weight}).fit(*iris)


def test_weights_of_another_shape_are_refused():
    model = KNNClassifier(2, weights=lambda distance: np.ones(2)).fit(*iris)
    with pytest.raises(ValueError, match=r"weights must return.*\(3, 2\). Got the shape \(2,\)"):
        model.predict(iris[0][:3])


@pytest.mark.parametrize("Model", [KNNRegressor, KNNRegressorCV])
def test_a_mean_is_taken_of_numbers_alone(Model):
    X, y = diabetes
    for wrong in (y.astype(str), y.astype("datetime64[s]")):
        with pytest.raises(ValueError, match=f"{Model.__name__} takes the mean of numbers, but y"):
            Model(3).fit(X, wrong)
    with pytest.raises(ValueError, match="could not convert string to float: 'low'"):
        Model(3).fit(X, np.array([*y[1:], "low"], dtype=object))
    predicted = Model(3).fit(X, y.astype(object)).predict(X)
    assert predicted.dtype == np.float64
    np.testing.assert_array_equal(predicted, Model(3).fit(X, y).predict(X))


def test_missing_values_in_fit_and_predict():
    X, y, X_test, y_test = halves(iris)
    rng = np.random.RandomState(0)
    holes, holes_test = X.copy(), X_test.copy()
    holes[rng.uniform(size=X.shape) < 0.1] = np.nan
    holes_test[rng.uniform(size=X_test.shape) < 0.1] = np.nan
    model = KNNClassifier(metric="nan_euclidean").fit(holes, y)
    other = KNeighborsClassifier(metric="nan_euclidean").fit(holes, y)
    # Its products lose half of the digits of a distance that is zero.
    np.testing.assert_allclose(
        model.kneighbors(holes_test)[0], other.kneighbors(holes_test)[0], atol=1e-6
    )
    assert model.score(holes_test, y_test) > 0.9
    with pytest.raises(ValueError, match="NaN"):
        KNNClassifier().fit(holes, y)


def test_nothing_in_common_is_infinitely_far():
    X = [[1.0, np.nan], [2.0, 0.0], [3.0, np.nan]]
    model = KNNRegressor(3, metric="nan_euclidean", weights="distance").fit(X, [1.0, 2.0, 3.0])
    distance, index = model.kneighbors([[np.nan, 1.0]])
    assert index[0, 0] == 1
    assert np.isnan(distance[0, 1:]).all()
    assert model.predict([[np.nan, 1.0]]) == [2.0]


def test_a_dense_query_of_a_sparse_graph_has_distances_of_zero():
    graph = csr_matrix(np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0))))
    model = KNNRegressor(2, metric="precomputed").fit(graph, np.arange(5))
    distance, index = model.kneighbors([[4.0, 0.0, 1.0, 0.0, 2.0]])
    assert distance.tolist() == [[0.0, 0.0]]
    assert index.tolist() == [[1, 3]]


@pytest.mark.parametrize("algorithm", ["auto", "brute"])
def test_training_rows_without_themselves_are_leave_one_out(algorithm):
    X, y = iris
    X = np.vstack([X, X[:30]])  # duplicates
    y = np.append(y, y[:30])
    model = KNNClassifier(5, algorithm=algorithm).fit(X, y)
    left_out = cross_val_score(model, X, y, cv=LeaveOneOut())
    np.testing.assert_array_equal(model.predict(None) == y, left_out)
    assert model.score(None, y) == left_out.mean()
    _, index = model.kneighbors()
    assert (index != np.arange(len(X))[:, None]).all()


def test_more_duplicates_than_neighbors_keep_their_order():
    model = KNNRegressor(2).fit(np.zeros((5, 1)), np.arange(5))
    _, index = model.kneighbors()
    assert index.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize("make", [KDTree, BallTree, lambda X: KNNRegressor().fit(X, X[:, 0])])
def test_what_was_fitted_before_can_be_fitted_again(make):
    X, y, X_test, _ = halves(iris)
    model = KNNClassifier().fit(make(X), y)
    np.testing.assert_array_equal(model.predict(X_test), KNNClassifier().fit(X, y).predict(X_test))


def test_float32_has_the_predictions_of_float64():
    X, y, X_test, _ = halves(load_digits(return_X_y=True))
    single = KNNClassifier().fit(X.astype(np.float32), y).predict(X_test.astype(np.float32))
    np.testing.assert_array_equal(single, KNNClassifier().fit(X, y).predict(X_test))


def test_the_sparse_interface_of_the_configuration_is_followed():
    model = KNNClassifier().fit(*iris)
    assert type(model.kneighbors_graph()).__name__ == "csr_matrix"
    with config_context(sparse_interface="sparray"):
        assert type(model.kneighbors_graph()).__name__ == "csr_array"


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"n_neighbors": 0}, r"'n_neighbors' parameter of KNNClassifier must be an integer in \[1"),
        ({"n_neighbors": 2.5}, "'n_neighbors' .* Got 2.5"),
        ({"n_neighbors": True}, "'n_neighbors'"),
        ({"metric": "no such"}, "'metric' parameter .*pairwise_distances knows.* Got 'no such'"),
        ({"weights": "far"}, "'weights' parameter .* 'uniform', 'distance', or a callable"),
        ({"algorithm": "tree"}, "'algorithm' parameter .* 'ball_tree'"),
        ({"leaf_size": 0}, "'leaf_size'"),
        ({"p": 0}, r"'p' parameter .* a real number in \(0, inf\)"),
        ({"tie_breaking": "last"}, "'tie_breaking' parameter .* 'nearest'"),
        ({"class_weight": "fair"}, "'class_weight' parameter .* 'balanced'"),
        ({"metric_params": 3}, "'metric_params' parameter .* a dict"),
    ],
)
def test_a_bad_parameter_is_named_before_any_work(keywords, message):
    with pytest.raises(ValueError, match=message):
        KNNClassifier(**keywords).fit("no data", None)


def test_errors_of_a_query_say_what_is_wrong():
    X, y = iris
    model = KNNClassifier().fit(X, y)
    with pytest.raises(ValueError, match=r"0 sample\(s\)"):
        model.predict(np.empty((0, 4)))
    with pytest.raises(ValueError, match=r"3 features, but KNNClassifier is expecting 4"):
        model.predict(X[:, :3])
    with pytest.raises(ValueError, match=r"n_neighbors <= n_samples_fit.* 151, .* = 150"):
        model.kneighbors(X, 151)
    with pytest.raises(ValueError, match=r"n_neighbors < n_samples_fit.* 150"):
        model.kneighbors(None, 150)
    with pytest.raises(TypeError, match=r"enter integer value"):
        model.kneighbors(X, 2.0)
    with pytest.raises(ValueError, match=r"n_neighbors > 0. Got -1"):
        model.kneighbors(X, -1)
    with pytest.raises(ValueError, match="NaN"):
        model.predict([[np.nan] * 4])
    with pytest.raises(ValueError, match='must be one of "connectivity"'):
        model.kneighbors_graph(X, mode="both")
    few = KNNClassifier(5).fit(X, y, sample_weight=np.full(150, 1e-3))
    with pytest.raises(ValueError, match=r"weights add up to 0.15.* scale the weights"):
        few.predict(X)


@pytest.mark.parametrize(
    "broken",
    [{"metric": "seuclidean", "algorithm": "kd_tree"}, {"p": 0.5, "algorithm": "kd_tree"}],
)
def test_a_failed_fit_leaves_the_estimator_as_it_was(broken):
    X, y = iris
    model = KNNClassifier().fit(X, y)
    before = dict(vars(model))
    model.set_params(**broken)
    with pytest.raises(ValueError):
        model.fit(X[:, :2], y)
    for name, value in before.items():
        if name not in broken:
            assert vars(model)[name] is value
    assert set(vars(model)) == set(before)


def test_predict_changes_nothing_and_warns_of_nothing():
    X, y = iris
    model = KNNClassifier(metric="jaccard").fit(X > 1, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(X > 1)
        KNNClassifier().fit(X, y).predict(X)


def test_distance_metric_objects_and_callables():
    from sklearn.metrics import DistanceMetric

    X, y, X_test, _ = halves(iris)
    expected = KNNClassifier(metric="manhattan").fit(X, y).kneighbors(X_test)
    for metric in (
        DistanceMetric.get_metric("manhattan"),
        lambda a, b: np.abs(a - b).sum(),
    ):
        for algorithm in ("auto", "brute", "ball_tree"):
            model = KNNClassifier(metric=metric, algorithm=algorithm).fit(X, y)
            np.testing.assert_allclose(model.kneighbors(X_test)[0], expected[0])


def test_a_metric_that_is_not_symmetric_gets_the_query_first():
    X, y = [[0.0], [4.0]], [0.0, 1.0]
    model = KNNRegressor(1, metric=lambda query, point: float(point[0] - query[0]) % 10).fit(X, y)
    assert model.kneighbors([[1.0]]) == (np.array([[3.0]]), np.array([[1]]))
