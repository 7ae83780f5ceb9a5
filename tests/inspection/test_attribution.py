"""Attributions are the gradients that they say, and integrated gradients are complete."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import load_linnerud
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import (
    CharacterLanguageModel,
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    RecurrentClassifier,
    RecurrentRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
    TransformerClassifier,
)
from skdeep.inspection import attribute
from skdeep.inspection.table_attribution import _Columns
from tests.data import cancer, diabetes, digits, iris, normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def mlp():
    X, y = iris()
    return MLPClassifier((9, 7), max_iter=20, random_state=0), X, y


def mlp_of_two_classes():
    X, y = cancer()
    return MLPClassifier((6,), activation="tanh", max_iter=5, random_state=0), X[:60], y[:60]


def mlp_of_numbers():
    X, y = diabetes()
    net = MLPRegressor(
        hidden_layer_sizes=(8,),
        batch_norm=True,
        standardize_target=True,
        max_iter=5,
        random_state=0,
    )
    return net, X[:60], y[:60]


def pictures():
    X, y = digits(80)
    net = ConvNetClassifier("4 | 8", dropout=0.3, max_iter=3, dtype="float32", random_state=0)
    return net, X.astype(np.float32), y


def sequences():
    return (
        RecurrentRegressor(cell="gru", hidden_layer_sizes=(5,), max_iter=3, random_state=0),
        normal((30, 6, 2)),
        normal((30,), 1),
    )


def attention():
    X, y = normal((30, 6, 2)), np.arange(30) % 3
    net = TransformerClassifier(8, n_heads=2, n_layers=1, max_iter=2, random_state=0)
    return net, X, y


def frozen():
    net, X, y = mlp_of_two_classes()
    return clone(net).set_params(init_from=net.fit(X, y), n_frozen_layers=1), X, y


def truncated():
    net, X, y = sequences()
    return net.set_params(truncate=2), X, y


KINDS = [mlp, mlp_of_two_classes, mlp_of_numbers, pictures, sequences, attention]
KINDS += [frozen, truncated]


@pytest.mark.parametrize("make", KINDS)
def test_saliency_is_the_size_of_central_differences(make):
    net, X, y = make()
    net.fit(X, y)
    X = X[:4].astype(np.float64)
    target = None if not hasattr(net, "classes_") else net.predict(X)
    found = attribute(net, X, "saliency", target=target)
    assert found.values.shape == X.shape
    rng = np.random.RandomState(0)
    for _ in range(12):
        place = tuple(rng.randint(size) for size in X.shape)
        h = 1e-5
        ends = []
        for step in (h, -h):
            moved = X.copy()
            moved[place] += step
            ends.append(attribute(net, moved, "saliency", target=target).outputs[place[0]])
        numeric = abs(ends[0] - ends[1]) / (2 * h)
        assert found.values[place] == pytest.approx(numeric, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("make", KINDS)
def test_integrated_gradients_are_complete(make):
    net, X, y = make()
    net.fit(X, y)
    found = attribute(net, X[:20], baseline="mean", n_steps=200)
    sums = found.values.reshape(20, -1).sum(axis=1)
    span = np.abs(found.outputs - found.baseline_outputs).max()
    np.testing.assert_allclose(
        sums, found.outputs - found.baseline_outputs, atol=5e-3 * span, rtol=0
    )
    assert found.error <= 5e-3 * span


def test_of_smooth_networks_they_are_complete_to_rounding():
    net, X, y = mlp_of_two_classes()
    assert attribute(net.fit(X, y), X).error < 1e-9


def test_what_is_explained_is_what_is_predicted():
    net, X, y = mlp()
    net.fit(X, y)
    found = attribute(net, X, "saliency")
    np.testing.assert_array_equal(found.targets, net.predict(X))
    others = attribute(net, X, "saliency", target=2)
    gap = found.outputs - others.outputs
    wanted = np.log(net.predict_proba(X))
    wanted = wanted[np.arange(len(X)), found.targets] - wanted[:, 2]
    np.testing.assert_allclose(gap, wanted, atol=1e-9)
    two, X, y = mlp_of_two_classes()
    two.fit(X, y)
    logit = attribute(two, X, "saliency", target=1).outputs
    np.testing.assert_allclose(1 / (1 + np.exp(-logit)), two.predict_proba(X)[:, 1])
    np.testing.assert_allclose(attribute(two, X, "saliency", target=0).outputs, -logit)
    numbers, X, y = mlp_of_numbers()
    numbers.fit(X, y)
    np.testing.assert_allclose(attribute(numbers, X, "saliency").outputs, numbers.predict(X))


def test_a_feature_that_is_not_connected_gets_nothing_and_an_example_by_hand_is_right():
    X, y = iris()
    net = MLPRegressor(hidden_layer_sizes=(), activation="identity", max_iter=2, random_state=0)
    net.fit(X, y.astype(float))
    net.coefs_[0][1] = 0.0
    found = attribute(net, X)
    np.testing.assert_allclose(found.values, X * net.coefs_[0][:, 0])
    np.testing.assert_allclose(attribute(net, X, "gradient_input").values, found.values)
    assert not found.values[:, 1].any()
    start = np.array([1.0, 2.0, 3.0, 4.0])
    moved = attribute(net, X, baseline=start)
    np.testing.assert_allclose(moved.values, (X - start) * net.coefs_[0][:, 0])


def test_tokens_and_sequences_of_any_lengths_are_attributed_step_by_step():
    words = ["aab", "ab", "bbaab", "b"] * 5
    y = [word.count("a") % 2 for word in words]
    net = RecurrentClassifier((6,), cell="gru", max_iter=5, random_state=0).fit(words, y)
    found = attribute(net, words, n_steps=100)
    assert found.values.shape == (20, 5)
    assert found.error < 1e-6
    assert not found.values[1, 2:].any()  # behind the end
    frozen = clone(net).set_params(init_from=net, n_frozen_layers=1).fit(words, y)
    logits = attribute(frozen, words, target=1).outputs
    np.testing.assert_allclose(expit(logits), frozen.predict_proba(words)[:, 1])
    X = [normal((n, 2), n) for n in (3, 5, 4)] * 4
    numbers = RecurrentClassifier((4,), max_iter=2, random_state=0).fit(X, [0, 1, 2] * 4)
    alone = attribute(numbers, X[:1])
    np.testing.assert_allclose(attribute(numbers, X).values[0, :3], alone.values[0], atol=1e-12)


def test_of_several_targets_an_output_is_attributed_by_its_number():
    X, y = iris()
    both = np.column_stack([y, (y + 1) % 3])
    model = MLPClassifier((5,), max_iter=3, random_state=0).fit(X, both)
    found = attribute(model, X, target=4, n_steps=64)
    gained = found.outputs - found.baseline_outputs
    np.testing.assert_allclose(found.values.sum(axis=1), gained, atol=0.02)
    raw = model.transform(X) @ model.coefs_[1] + model.intercepts_[1]
    np.testing.assert_allclose(found.outputs, raw[:, 4])
    with pytest.raises(ValueError, match="number of one of 6 outputs, got 6"):
        attribute(model, X, target=6)


def test_a_pipeline_and_a_sparse_table_are_attributed_by_what_the_network_sees():
    net, X, y = mlp()
    pipeline = make_pipeline(StandardScaler(), net).fit(X * 7 + 3, y)
    direct = attribute(net, StandardScaler().fit_transform(X * 7 + 3))
    np.testing.assert_allclose(attribute(pipeline, X * 7 + 3).values, direct.values)
    net.fit(csr_array(X), y)
    np.testing.assert_allclose(attribute(net, csr_array(X)).values, attribute(net, X).values)


def test_the_network_stays_as_it_is():
    net, X, y = pictures()
    net.fit(X, y)
    before = net.network_.params.copy()
    proba = net.predict_proba(X)
    attribute(net, X)
    np.testing.assert_array_equal(net.network_.params, before)
    np.testing.assert_array_equal(net.predict_proba(X), proba)


def test_wrong_arguments_are_named():
    net, X, y = mlp()
    net.fit(X, y)
    for wrong, said in (
        ({"method": "magic"}, "'method' parameter of attribute must be one of"),
        ({"target": 7}, r"target must be of the classes \[0 1 2\], got 7"),
        ({"baseline": "zero"}, "baseline must be None, 'mean' or an array"),
        ({"baseline": [1.0]}, "baseline must be of the shape of a sample"),
        ({"n_steps": 0}, "'n_steps' parameter of attribute must be an integer in"),
    ):
        with pytest.raises(ValueError, match=said):
            attribute(net, X, **wrong)
    several = MLPRegressor(max_iter=1).fit(*load_linnerud(return_X_y=True))
    with pytest.raises(ValueError, match="number of one of 3 outputs, got 3"):
        attribute(several, load_linnerud().data, target=3)
    with pytest.raises(TypeError, match="one output a sample"):
        attribute(CharacterLanguageModel((4,), max_iter=1).fit(["ab"]), ["ab"])
    with pytest.raises(TypeError, match="with one network"):
        attribute(LinearRegression().fit(X, y), X)


def test_a_column_of_a_raw_table_gets_all_that_networks_make_of_it():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "number": rng.normal(size=150),
            "constant": 1.0,
            "holes": np.where(rng.random(150) < 0.3, np.nan, rng.normal(size=150)),
            "kind": rng.choice(["a", "b", "c"], 150),
            "code": pd.Categorical(rng.permutation(150)),  # has learned vectors
        }
    )
    number = 3 * table.number + 5 * (table.kind == "a")
    for net, y in (
        (TabularNetClassifier(max_iter=4, random_state=0), number > 1),
        (TabularNetRegressor(max_iter=4, random_state=0), number),
    ):
        net.fit(table, y)
        some = table[:40]
        found = attribute(net, some, n_steps=50)
        assert found.values.shape == some.shape
        scale = np.ptp(found.outputs)
        assert found.error < 0.01 * scale
        if isinstance(net, TabularNetRegressor):
            low, high = net._range
            np.testing.assert_allclose(found.outputs.clip(low, high), net.predict(some))
        else:
            np.testing.assert_allclose(found.outputs, net.predict_proba(some).max(axis=1))
            np.testing.assert_array_equal(found.targets, net.predict(some))
            other = attribute(net, some, target=True)
            np.testing.assert_allclose(other.outputs, net.predict_proba(some)[:, 1])
        sizes = np.abs(found.values).mean(axis=0)
        assert sizes[1] == 0
        assert sizes.argmax() == 0
        # From a row of the table to itself there is no way to go.
        own = attribute(net, some, baseline=table.iloc[:1], n_steps=50)
        np.testing.assert_allclose(own.values[0], 0, atol=1e-12)
        np.testing.assert_allclose(
            own.baseline_outputs[own.targets == own.targets[0]], own.outputs[0]
        )
        assert own.error < 0.01 * scale


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_what_was_constant_in_fit_owes_nothing_to_a_column(loss):
    X, _ = iris()
    net = TabularNetRegressor("fast", loss=loss, max_iter=2, random_state=0)
    found = attribute(net.fit(X, np.full(len(X), 4.0)), X[:3])
    np.testing.assert_array_equal(found.values, np.zeros((3, 4)))
    np.testing.assert_array_equal(found.outputs, net.predict(X[:3]))


def test_gradients_of_the_mix_are_differences():
    X, y = iris()
    for net, target in (
        (TabularNetClassifier("fast", max_iter=3, random_state=0).fit(X, y), 1),
        (TabularNetRegressor("fast", max_iter=3, random_state=0).fit(X, y), None),
    ):
        (_, network, architecture), *_ = net._groups()
        one = _Columns(net, network, np.full(len(X), 0 if target is None else target))
        made = one.columns(architecture.inputs_of_members(net._features(X)))
        gradient = one(made, slice(0, len(X)))[1]
        step = 1e-6 * np.random.default_rng(0).normal(size=made.shape)
        up, down = (one(made + sign * step, slice(0, len(X)))[0] for sign in (1, -1))
        along = (gradient * step).sum(axis=(1, 2))
        np.testing.assert_allclose((up - down) / 2, along, rtol=1e-4, atol=1e-12)


def test_a_raw_table_has_no_mean_and_one_row_to_begin_with():
    X, y = iris()
    net = TabularNetRegressor("fast", max_iter=1).fit(X, y)
    with pytest.raises(ValueError, match="categories have no mean"):
        attribute(net, X, baseline="mean")
    with pytest.raises(ValueError, match="target must be the number of one of 1 outputs"):
        attribute(net, X, target=2)
    with pytest.raises(ValueError, match="must be of the classes"):
        attribute(TabularNetClassifier("fast", max_iter=1).fit(X, y), X, target=7)
