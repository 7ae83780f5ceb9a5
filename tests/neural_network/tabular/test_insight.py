"""What scikit-learn and shap ask of any estimator works on raw tables with gaps."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.inspection import PartialDependenceDisplay, partial_dependence, permutation_importance

from skdeep import TabularNetClassifier, TabularNetRegressor


def table(n=240):
    random = np.random.RandomState(0)
    X = pd.DataFrame({"size": random.normal(size=n), "noise": random.normal(size=n)})
    X["kind"] = random.choice(["low", "high"], n)
    X["sort"] = pd.Categorical(random.choice(list("abc"), n))
    X["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.randint(0, 900, n), "D")
    X["rooms"] = random.randint(1, 6, n)
    y = 2 * X["size"] + 3 * (X["kind"] == "high") + 0.01 * (X["day"] - X["day"].min()).dt.days
    X.loc[::9, "size"] = np.nan
    X.loc[::11, "kind"] = None
    return X, y.to_numpy()


X, Y = table()
PARAMS = {"hidden_layer_sizes": (16,), "max_iter": 15, "random_state": 0}
REGRESSOR = TabularNetRegressor("fast", **PARAMS).fit(X, Y)
CLASSIFIER = TabularNetClassifier("fast", **PARAMS).fit(X, np.median(Y) < Y)
BOTH = pytest.mark.parametrize(
    ("model", "y"),
    [(REGRESSOR, Y), (CLASSIFIER, np.median(Y) < Y)],
    ids=["regressor", "classifier"],
)


@BOTH
def test_permutation_finds_the_columns_that_count(model, y):
    found = permutation_importance(model, X, y, n_repeats=3, random_state=0).importances_mean
    assert set(X.columns[np.argsort(found)[-3:]]) == {"size", "kind", "day"}


GRIDS = {
    "size": np.array([-1.0, 0.0, 1.0]),  # scikit-learn finds no grid where values are missing
    "kind": np.array(["low", "high"], dtype=object),
    "day": X["day"].quantile([0.1, 0.5, 0.9]).to_numpy(),
}


@BOTH
@pytest.mark.parametrize("name", GRIDS)
def test_partial_dependence_is_the_mean_of_predictions(model, y, name):
    found = partial_dependence(model, X, [name], custom_values={name: GRIDS[name]})["average"][0]
    predict = model.predict if model is REGRESSOR else lambda X: model.predict_proba(X)[:, 1]
    expected = [predict(X.assign(**{name: value})).mean() for value in GRIDS[name]]
    assert_allclose(found, expected)
    assert (np.diff(found) > 0).all()


@BOTH
def test_its_display_takes_categories_and_whole_numbers(model, y):
    display = PartialDependenceDisplay.from_estimator(
        model,
        X,
        ["noise", "sort", "rooms"],
        categorical_features=["sort", "rooms"],
        grid_resolution=5,
    )
    assert [len(found["average"][0]) for found in display.pd_results] == [5, 3, 5]


def test_shares_of_shap_add_up():
    shap = pytest.importorskip("shap")  # which takes arrays of numbers: the row of each cell

    def predict(cells):
        rows = cells.astype(int)
        frame = {name: X[name].iloc[rows[:, j]].array for j, name in enumerate(X.columns)}
        return REGRESSOR.predict(pd.DataFrame(frame))

    cells = np.repeat(np.arange(len(X))[:, None], X.shape[1], axis=1)
    explainer = shap.explainers.Permutation(predict, cells[20:], seed=0)
    shares = explainer(cells[:4], silent=True)
    total = shares.values.sum(axis=1) + shares.base_values
    assert_allclose(total, REGRESSOR.predict(X[:4]), atol=1e-6)
    counts = np.abs(shares.values).mean(axis=0)
    assert counts[[0, 2, 4]].min() > counts[[1, 3, 5]].max()
