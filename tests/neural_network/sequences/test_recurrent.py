"""Recurrent networks and transformers as estimators."""

import pickle
import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdeep import (
    RecurrentClassifier,
    RecurrentRegressor,
    TransformerClassifier,
    TransformerRegressor,
)
from skdeep.nn import LSTM

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

CLASSIFIERS = [
    RecurrentClassifier((8,), max_iter=3, random_state=0),
    RecurrentClassifier((8, 8), cell="gru", bidirectional=True, max_iter=3, random_state=0),
    RecurrentClassifier((8,), cell="rnn", dropout=0.2, max_iter=3, random_state=0),
    TransformerClassifier(8, n_heads=2, n_layers=1, max_iter=3, random_state=0),
    TransformerClassifier(
        8, n_heads=2, n_layers=1, positions="rotary", dropout=0.1, max_iter=3, random_state=0
    ),
]


def binary(n=60, low=1, high=8, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 2, size=rng.integers(low, high)).astype(float) for _ in range(n)]


@pytest.mark.parametrize("model", CLASSIFIERS, ids=repr)
def test_the_prediction_for_a_sequence_does_not_depend_on_the_others(model):
    X = binary()
    y = [int(x[0]) for x in X]
    model = clone(model).fit(X, y)
    together = model.predict_proba(X)
    for i in (0, 7, 30):
        alone = model.predict_proba([X[i][:, None]])
        np.testing.assert_allclose(alone[0], together[i], rtol=1e-9, atol=1e-12)
    encoded = model.transform(X)
    assert encoded.shape == (60, len(model.get_feature_names_out()))
    np.testing.assert_allclose(encoded[[3, 50]], model.transform([X[3], X[50]]), rtol=1e-9)


@pytest.mark.parametrize("model", CLASSIFIERS, ids=repr)
def test_rows_arrays_and_lists_are_the_same_sequences(model):
    X = np.random.default_rng(0).normal(size=(40, 6))
    y = (X.sum(axis=1) > 0).astype(int)
    models = [
        clone(model).set_params(sequence_shape=(3, 2)).fit(X, y),
        clone(model).fit(X.reshape(40, 3, 2), y),
        clone(model).fit(list(X.reshape(40, 3, 2)), y),
    ]
    expected = models[0].predict_proba(X)
    for other in models[1:]:
        np.testing.assert_array_equal(other.predict_proba(X.reshape(40, 3, 2)), expected)


def test_the_order_of_features_is_the_order_of_steps():
    X = np.random.default_rng(0).normal(size=(40, 5))
    y = (X[:, 0] > 0).astype(int)
    model = RecurrentClassifier((8,), max_iter=2, random_state=0).fit(X, y)
    assert model.network_.input_shape == (5, 1)
    assert model.n_steps_ == 5
    assert model.n_features_in_ == 5
    assert model.vocabulary_ is None


@pytest.mark.parametrize("model", CLASSIFIERS, ids=repr)
def test_strings_have_a_vocabulary(model):
    rng = np.random.default_rng(0)
    X = ["".join(rng.choice(list("xyz"), size=rng.integers(1, 6))) for _ in range(50)]
    y = ["x" in x for x in X]
    model = clone(model).fit(X, y)
    assert model.vocabulary_.tolist() == ["x", "y", "z"]
    assert model.predict(["xyz", "y"]).dtype == bool
    for X_new in (["xy", "yq"], np.array([["x", "y"], ["y", "q"]])):
        with pytest.raises(ValueError, match="Sequence 1 of X, of length 2, has the token 'q'"):
            model.predict(X_new)
    same = clone(model).fit([list(x) for x in X], y)
    np.testing.assert_array_equal(model.predict_proba(X), same.predict_proba(X))


@pytest.mark.parametrize("model", CLASSIFIERS[::3], ids=repr)
def test_tokens_that_fit_has_not_seen_are_zeros_where_they_are_ignored(model):
    X, y = ["ab", "b", "abb", "aab"] * 5, [1, 0, 1, 1] * 5
    model = clone(model).set_params(handle_unknown="ignore").fit(X, y, X_val=["a?"], y_val=[1])
    assert not model.network_.layers()[0].weight[0].any()
    found = model.predict_proba(["ba", "b?", "?"])
    np.testing.assert_allclose(found[1], model.predict_proba(["bé"])[0])
    assert abs(found[1] - found[0]).max() > 1e-6
    assert model.partial_fit(["?a", "b"], [1, 0]).network_.layers()[0].weight[0].any()
    strict = clone(model).set_params(handle_unknown="error").fit(X, y)
    with pytest.raises(ValueError, match="it saw 2 tokens; with handle_unknown='ignore' it reads"):
        strict.predict(["b?"])
    heir = clone(model).set_params(init_from=strict, max_iter=1, n_frozen_layers=1).fit(["a?"], [1])
    assert not heir.network_.layers()[0].weight[0].any()


def test_numbers_are_labels_where_they_are_said_to_be():
    X = np.random.default_rng(0).integers(10, 14, size=(50, 4))
    y = X[:, 0]
    model = RecurrentClassifier((16,), tokens=True, max_iter=60, random_state=0).fit(X, y)
    assert model.vocabulary_.tolist() == [10, 11, 12, 13]
    assert model.score(X, y) == 1.0
    assert model.predict([[13], [10, 10, 12, 11, 12]]).tolist() == [13, 10]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_target_for_every_step(cell):
    X = binary(100)
    y = [np.where(np.cumsum(x) % 2, "odd", "even") for x in X]
    model = RecurrentClassifier(
        (16,), cell=cell, per_step=True, max_iter=40, learning_rate_init=0.02, random_state=0
    )
    model.fit(X, y)
    assert model.score(X, y) > 0.98
    predicted = model.predict(X[:3])
    assert [len(one) for one in predicted] == [len(x) for x in X[:3]]
    assert predicted[0].tolist() == y[0].tolist()
    assert model.transform(X[:3]).shape == (3, max(map(len, X[:3])), 16)
    total = RecurrentRegressor(hidden_layer_sizes=(16,), cell=cell, per_step=True, max_iter=40)
    total.set_params(random_state=0, learning_rate_init=0.01, early_stopping=True)
    sums = [np.cumsum(x) for x in X]
    assert total.fit(X, sums).score(X, sums) > 0.95


def test_a_transformer_tags_steps():
    X = binary(100, low=4)
    y = [np.r_[0, x[:-1]].astype(int) for x in X]  # the step before
    model = TransformerClassifier(
        16, n_heads=2, n_layers=1, per_step=True, max_iter=60, random_state=0, causal=True
    )
    model.set_params(learning_rate_init=0.01)
    assert model.fit(X, y).score(X, y) > 0.97


def test_a_fit_can_be_repeated_and_goes_on():
    X = binary()
    y = [int(x.sum()) for x in X]
    model = RecurrentClassifier((8,), max_iter=3, random_state=0)
    first, again = clone(model).fit(X, y), clone(model).fit(X, y)
    np.testing.assert_array_equal(first.network_.params, again.network_.params)
    restored = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(restored.predict_proba(X), first.predict_proba(X))
    model.partial_fit(X[:30], y[:30], classes=range(8))
    before = model.network_.params.copy()
    model.partial_fit(X[30:], y[30:])
    assert (model.network_.params != before).any()
    assert model.predict_proba(X[:2]).shape == (2, 8)


def test_it_works_in_pipelines_searches_and_with_early_stopping():
    X = np.random.default_rng(0).normal(size=(90, 4))
    y = X[:, 0] + X[:, 3]
    model = make_pipeline(
        StandardScaler(),
        RecurrentRegressor(
            hidden_layer_sizes=(8,), max_iter=20, learning_rate_init=0.02, random_state=0
        ),
    )
    assert cross_val_score(model, X, y, cv=3).mean() > 0.5
    search = GridSearchCV(model, {"recurrentregressor__cell": ["gru", "rnn"]}, cv=2).fit(X, y)
    assert search.best_params_["recurrentregressor__cell"] in ("gru", "rnn")
    stopping = TransformerRegressor(
        width=8, n_heads=2, n_layers=1, early_stopping=True, max_iter=5, random_state=0
    )
    assert len(stopping.fit(X, y).validation_scores_) == 5


def test_validation_sequences_of_ones_own_and_sample_weights():
    X, others = binary(60), binary(20, seed=1)
    y, y_val = [int(x[0]) for x in X], [int(x[0]) for x in others]
    model = RecurrentClassifier((8,), max_iter=4, scoring="neg_log_loss", random_state=0)
    model.fit(X, y, X_val=others, y_val=y_val)
    assert len(model.validation_scores_) == 4
    weight = np.r_[np.ones(30), np.zeros(30)]
    half = clone(model).set_params(shuffle=False, batch_size=30, scoring=None)
    weighted = clone(half).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(
        weighted.predict_proba(X), clone(half).fit(X[:30], y[:30]).predict_proba(X), rtol=1e-6
    )


def test_padding_costs_neither_steps_nor_buffers():
    """A batch has as many steps as its longest sequence, in memory that is there already."""
    X = binary(192, high=40)
    y = [int(x[0]) for x in X]
    model = RecurrentClassifier((8,), max_iter=3, random_state=0)
    seen, held = [], {}
    forward = LSTM.forward

    def watched(self, x, mode):
        seen.append((x.shape[1], int(mode.lengths.max()), float(mode.lengths.mean())))
        y = forward(self, x, mode)
        buffers = {name: id(flat) for name, flat in self._flat.items()}
        assert len(seen) <= 7 or buffers == held  # the second epoch needs what the first has made
        held.update(buffers)
        return y

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LSTM, "forward", watched)
        model.fit(X, y)
    assert all(steps == longest for steps, longest, _ in seen)
    assert np.mean([mean / steps for steps, _, mean in seen]) > 0.8


@pytest.mark.parametrize(
    ("model", "X", "message"),
    [
        (
            RecurrentClassifier(sequence_shape=(3, 2)),
            np.ones((4, 5)),
            "sequence_shape=(3, 2) needs 3 * 2 = 6 features a row, but X has 5 features.",
        ),
        (RecurrentClassifier(sequence_shape=(0, 2)), np.ones((4, 4)), "'sequence_shape' parameter"),
        (RecurrentClassifier(cell="cnn"), np.ones((4, 4)), "The 'cell' parameter"),
        (
            TransformerClassifier(10, n_heads=4),
            np.ones((4, 4)),
            "The 'width' parameter of TransformerClassifier must be a multiple of n_heads=4.",
        ),
        (
            RecurrentClassifier(per_step=True, class_weight="balanced"),
            np.ones((4, 2)),
            "takes class_weight or per_step=True, not both",
        ),
    ],
)
def test_what_does_not_fit_is_refused(model, X, message):
    y = [[0, 1]] * 4 if model.per_step else [0, 1, 0, 1]
    with pytest.raises(ValueError, match=re.escape(message)):
        model.fit(X, y)


@pytest.mark.parametrize("X", [np.ones((2, 4, 1)), [[1.0, 2.0], [1.0]], ["ab", "c"]])
def test_sequences_of_other_lengths_than_those_of_a_table_are_refused(X):
    model = RecurrentRegressor((2,), max_iter=1).fit(np.ones((4, 3)), np.arange(4.0))
    with pytest.raises(ValueError, match="all of 3 steps, as `fit` has read them"):
        model.predict(X)


@pytest.mark.parametrize("model", [RecurrentRegressor, RecurrentClassifier])
def test_as_many_targets_as_steps_are_not_a_target_for_each_step(model):
    # Of three targets; a sequence that counts nothing has as many steps, or more.
    X, y = [np.ones((length, 1)) for length in (1, 1, 2)], np.eye(4, 3) + np.eye(4, 3, 1)
    network = model((2,), batch_size=2, max_iter=3, random_state=0, shuffle=False)
    losses = [
        network.fit([*X, np.ones((longest, 1))], y, sample_weight=[1, 1, 1, 0]).loss_curve_
        for longest in (3, 5)
    ]
    np.testing.assert_allclose(*losses)


@pytest.mark.parametrize("kind", [RecurrentClassifier, RecurrentRegressor])
def test_the_layers_come_first_and_all_else_by_name(kind):
    assert kind((4, 3)).hidden_layer_sizes == (4, 3)
    with pytest.raises(TypeError, match="positional"):
        kind((4,), "gru")
    transformer = {RecurrentClassifier: TransformerClassifier}.get(kind, TransformerRegressor)
    assert transformer(12).width == 12
