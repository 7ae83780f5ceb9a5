"""All rows within a radius vote, or are averaged, as in scikit-learn."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_diabetes, make_multilabel_classification
from sklearn.neighbors import RadiusNeighborsClassifier as TheirClassifier
from sklearn.neighbors import RadiusNeighborsRegressor as TheirRegressor

from skdeep import RadiusNeighborsClassifier, RadiusNeighborsRegressor
from tests.data import iris_without_ties

X, y = iris_without_ties()
Q = X[::4] + 0.02
X_diabetes, y_diabetes = load_diabetes(return_X_y=True)


def gaussian(distances):
    weights = np.empty(len(distances), dtype=object)
    weights[:] = [np.exp(-(distance**2)) for distance in distances]
    return weights


@pytest.mark.parametrize("weights", ["uniform", "distance", gaussian, None])
@pytest.mark.parametrize("algorithm", ["auto", "brute", "kd_tree", "ball_tree"])
@pytest.mark.parametrize("metric", ["minkowski", "manhattan"])
def test_predictions_are_those_of_scikit_learn(metric, algorithm, weights):
    keywords = {"weights": weights, "algorithm": algorithm, "metric": metric}
    ours = RadiusNeighborsClassifier(0.9, **keywords).fit(X, y)
    theirs = TheirClassifier(0.9, **keywords).fit(X, y)
    for queries in (Q, X[:40]):
        np.testing.assert_array_equal(ours.predict(queries), theirs.predict(queries))
        mine, his = ours.predict_proba(queries), theirs.predict_proba(queries)
        np.testing.assert_allclose(mine, his, atol=1e-5)  # its zero distances are not zero
    ours = RadiusNeighborsRegressor(0.2, **keywords).fit(X_diabetes, y_diabetes)
    theirs = TheirRegressor(0.2, **keywords).fit(X_diabetes, y_diabetes)
    np.testing.assert_allclose(
        ours.predict(X_diabetes + 1e-3), theirs.predict(X_diabetes + 1e-3), rtol=1e-9
    )


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_several_outputs(weights, sparse):
    rows, Y = make_multilabel_classification(150, 6, n_classes=4, random_state=0)
    Y = csr_matrix(Y) if sparse else Y
    ours = RadiusNeighborsClassifier(9, weights=weights, outlier_label=0).fit(rows, Y)
    theirs = TheirClassifier(9, weights=weights, outlier_label=0).fit(
        rows, np.asarray(Y.todense()) if sparse else Y
    )
    np.testing.assert_array_equal(ours.predict(rows), theirs.predict(rows))
    for mine, his in zip(ours.predict_proba(rows), theirs.predict_proba(rows), strict=True):
        np.testing.assert_allclose(mine, his)
    targets = np.c_[y_diabetes, X_diabetes[:, 0]]
    ours = RadiusNeighborsRegressor(0.2, weights=weights).fit(X_diabetes, targets)
    theirs = TheirRegressor(0.2, weights=weights).fit(X_diabetes, targets)
    np.testing.assert_allclose(ours.predict(X_diabetes), theirs.predict(X_diabetes))


def test_rows_without_neighbors_have_the_label_that_was_given():
    train, label, far = [[0.0], [1.0], [2.0]], ["a", "b", "b"], [[9.0], [0.1]]
    with pytest.raises(ValueError, match=r"No neighbors found for test samples array\(\[0\]\)"):
        RadiusNeighborsClassifier().fit(train, label).predict(far)
    model = RadiusNeighborsClassifier(0.5, outlier_label="most_frequent").fit(train, label)
    assert model.predict(far).tolist() == ["b", "a"]
    assert model.predict_proba(far).tolist() == [[0, 1], [1, 0]]
    assert model.outlier_label_ == ["b"]
    model = RadiusNeighborsClassifier(0.5, outlier_label="?").fit(train, label)
    assert model.predict(far).tolist() == ["?", "a"]
    with pytest.warns(UserWarning, match="Outlier label . is not in training classes"):
        assert model.predict_proba(far).tolist() == [[0, 0], [1, 0]]
    with pytest.raises(TypeError, match="outlier_label 3 is inconsistent with classes"):
        RadiusNeighborsClassifier(outlier_label=3).fit(train, label)
    with pytest.raises(ValueError, match="length of outlier_label"):
        RadiusNeighborsClassifier(outlier_label=["a", "b"]).fit(train, label)
    with pytest.raises(TypeError, match="supposed to be a scalar"):
        RadiusNeighborsClassifier(outlier_label=[["a"]]).fit(train, label)


def test_rows_without_neighbors_have_no_mean():
    model = RadiusNeighborsRegressor(0.5).fit([[0.0], [1.0]], [3.0, 4.0])
    with pytest.warns(UserWarning, match="predicting NaN"):
        found = model.predict([[0.2], [9.0]])
    np.testing.assert_array_equal(found, [3.0, np.nan])


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_a_weight_of_n_is_n_rows(weights):
    n = np.random.RandomState(0).randint(0, 4, len(X))
    for Model in (RadiusNeighborsClassifier, RadiusNeighborsRegressor):
        weighted = Model(1.2, weights=weights).fit(X, y, sample_weight=n)
        repeated = Model(1.2, weights=weights).fit(np.repeat(X, n, axis=0), np.repeat(y, n))
        np.testing.assert_allclose(weighted.predict(Q), repeated.predict(Q))
    alone = RadiusNeighborsClassifier(0.5, outlier_label=2).fit(
        [[0.0], [3.0]], [0, 1], sample_weight=[0.0, 1.0]
    )
    assert alone.predict([[0.1]]) == [2]


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e200])
def test_predictions_in_any_unit(scale):
    for weights in ("uniform", "distance"):
        plain = RadiusNeighborsRegressor(1.0, weights=weights).fit(X, y * 1.5)
        scaled = RadiusNeighborsRegressor(scale, weights=weights).fit(X * scale, y * 1.5 * scale)
        np.testing.assert_allclose(scaled.predict(Q * scale) / scale, plain.predict(Q), rtol=1e-9)
        assert scaled.score(X * scale, y * 1.5 * scale) == pytest.approx(plain.score(X, y * 1.5))


def test_training_rows_without_themselves():
    from sklearn.model_selection import LeaveOneOut, cross_val_score

    model = RadiusNeighborsClassifier(1.5).fit(X, y)
    left_out = cross_val_score(RadiusNeighborsClassifier(1.5), X, y, cv=LeaveOneOut())
    assert model.score(None, y) == left_out.mean()


def test_a_memory_of_many_classes_is_that_of_the_votes():
    import tracemalloc

    rows = np.random.RandomState(0).rand(3000, 2)
    model = RadiusNeighborsClassifier(0.02).fit(rows, np.arange(3000))
    tracemalloc.start()
    model.predict(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3000 * 3000 * 8 / 4


def test_weights_of_another_length_are_refused():
    model = RadiusNeighborsRegressor(1.0, weights=lambda d: [np.ones(1) for _ in d]).fit(X, y)
    with pytest.raises(ValueError, match="weights must return an array of the shape"):
        model.predict(Q)
