"""`augment`, `test_time_augmentation` and `activity_l1` of networks on sequences."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skdeep import (
    CharacterLanguageModel,
    RecurrentClassifier,
    RecurrentRegressor,
    Seq2SeqTranslator,
    TransformerClassifier,
    TransformerRegressor,
)
from skdeep.preprocessing import Noise, Shift

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RANDOM = np.random.default_rng(0)
X = [RANDOM.normal(scale=[1.0, 10.0], size=(RANDOM.integers(1, 7), 2)) for _ in range(60)]
Y = [int(x[:, 0].sum() > 0) for x in X]
SMALL = {"max_iter": 2, "random_state": 0}
NETWORKS = [
    RecurrentClassifier((6,), **SMALL),
    RecurrentRegressor(hidden_layer_sizes=(6, 4), cell="gru", bidirectional=True, **SMALL),
    TransformerClassifier(8, n_layers=1, **SMALL),
    TransformerRegressor(width=8, n_layers=1, n_heads=2, **SMALL),
]


def name(estimator):
    return type(estimator).__name__


def predict(network, x=X):
    return getattr(network, "predict_proba", network.predict)(x)


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_noise_follows_the_seed_and_predictions_see_sequences_as_they_are(network):
    plain = clone(network).fit(X, Y)
    one, other = (clone(network).set_params(augment="noise").fit(X, Y) for _ in range(2))
    np.testing.assert_array_equal(one.network_.params, other.network_.params)
    assert not np.array_equal(one.network_.params, plain.network_.params)
    one.network_.params[...] = plain.network_.params
    np.testing.assert_array_equal(predict(one), predict(plain))


def test_noise_is_in_the_units_of_each_feature_and_ends_where_a_sequence_ends():
    seen = []

    def look(batch, rng):
        seen.append((batch.x.copy(), batch.lengths.copy()))
        return batch

    still = clone(NETWORKS[0]).set_params(max_iter=20, learning_rate_init=1e-9)
    weight = np.r_[0.0, np.ones(59)]
    strange = [X[0] + 1e6, *X[1:]]  # counts for nothing
    noisy = clone(still).set_params(augment=(Noise(0.5), look))
    noisy.fit(strange, Y, sample_weight=weight)
    steps = np.concatenate(X[1:])
    np.testing.assert_allclose(noisy._augmenter.steps[0].deviation, steps.std(axis=0))
    behind = [x[np.arange(x.shape[1]) >= lengths[:, None]] for x, lengths in seen]
    assert max(map(len, behind)) > 0
    assert not np.concatenate(behind).any()
    assert all(lengths.max() == x.shape[1] for x, lengths in seen)  # no more steps than that


def test_functions_see_tokens_and_may_change_them():
    words, y = ["abba", "ab", "b", "bab"] * 5, [0, 1, 1, 0] * 5
    plain = clone(NETWORKS[2]).fit(words, y)

    def forget(batch, rng):
        return batch._replace(x=np.minimum(batch.x, 1))

    forgetful = clone(NETWORKS[2]).set_params(augment=forget).fit(words, y)
    assert not np.array_equal(forgetful.network_.params, plain.network_.params)
    for augment in ("noise", Noise(0.1), ("noise", forget)):
        with pytest.raises(ValueError, match="reads tokens, to which nothing can be added"):
            clone(NETWORKS[2]).set_params(augment=augment).fit(words, y)


@pytest.mark.parametrize("augment", ["flip", Shift(1), ("noise", "mixup"), Noise], ids=str)
def test_what_is_for_pictures_is_refused(augment):
    with pytest.raises(ValueError, match="The 'augment' parameter of RecurrentClassifier must be"):
        clone(NETWORKS[0]).set_params(augment=augment).fit(X, Y)


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_copies_are_averaged_and_no_sequence_depends_on_the_others(network):
    averaged = clone(network).set_params(augment=Noise(0.5), test_time_augmentation=5).fit(X, Y)
    found = predict(averaged)
    averaged.set_params(test_time_augmentation=1)
    expected = predict(averaged)
    x = np.zeros((len(X), 6, 2))
    for row, one in zip(x, X, strict=True):
        row[: len(one)] = one
    copies = list(map(np.copy, averaged._augmenter.copies(x, 5)))
    for copy in copies[1:]:
        noisy = [row[: len(one)] for row, one in zip(copy, X, strict=True)]
        expected = expected + predict(averaged, noisy)
    np.testing.assert_allclose(found, expected / 5, atol=1e-12)
    averaged.set_params(test_time_augmentation=5)
    alone = np.concatenate([predict(averaged, [one]) for one in X])
    np.testing.assert_allclose(alone, found, atol=1e-12)
    np.testing.assert_array_equal(predict(pickle.loads(pickle.dumps(averaged))), found)


def test_a_target_for_every_step_and_streams_go_together_with_noise():
    tags = [(one[:, 0] > 0).astype(int) for one in X]
    tagger = clone(NETWORKS[0]).set_params(
        per_step=True, augment="noise", activity_l1=0.01, test_time_augmentation=3
    )
    predicted = tagger.fit(X, tags).predict(X)
    assert [len(row) for row in predicted] == [len(one) for one in X]
    stream = clone(NETWORKS[0]).set_params(augment="noise")
    for start in range(0, 60, 20):
        stream.partial_fit(X[start : start + 20], Y[start : start + 20], classes=[0, 1])
    assert stream.t_ == 60


@pytest.mark.parametrize("network", NETWORKS, ids=name)
def test_a_penalty_on_activations_makes_the_loss_larger_by_what_is_said(network):
    still = clone(network).set_params(max_iter=1, learning_rate_init=1e-12, shuffle=False)
    plain, held = (clone(still).set_params(activity_l1=a).fit(X, Y).loss_ for a in (0.0, 0.5))
    assert held > plain + 0.01
    quiet = clone(network).set_params(activity_l1=0.1).fit(X, Y)
    again = pickle.loads(pickle.dumps(quiet))
    np.testing.assert_array_equal(predict(again), predict(quiet))
    again.partial_fit(X, Y)


@pytest.mark.parametrize("cell", ["gru", "transformer"])
def test_a_language_model_takes_the_penalty(cell):
    texts = ["hello", "help", "hell"] * 4
    small = CharacterLanguageModel((8,), cell=cell, learning_rate_init=1e-12, max_iter=1)
    small.set_params(random_state=0, shuffle=False)
    plain, held = (clone(small).set_params(activity_l1=a).fit(texts).loss_ for a in (0.0, 0.5))
    assert held > plain + 0.01


@pytest.mark.parametrize("attention", [False, True])
def test_a_translator_takes_the_penalty_on_both_sides(attention):
    read, written = ["ab", "b", "abb"] * 4, ["b", "a", "bba"] * 4
    small = Seq2SeqTranslator((8,), attention=attention, learning_rate_init=1e-12, max_iter=1)
    small.set_params(random_state=0, shuffle=False)
    models = [clone(small).set_params(activity_l1=a).fit(read, written) for a in (0.0, 0.5)]
    assert models[1].loss_ > models[0].loss_ + 0.01
    again = pickle.loads(pickle.dumps(models[1].set_params(learning_rate_init=0.01)))
    again.fit(read, written).predict(read)


def test_they_work_in_a_grid_search():
    grid = {"augment": [None, "noise", Noise(0.3)], "activity_l1": [0.0, 0.01]}
    search = GridSearchCV(clone(NETWORKS[2]), grid, cv=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
