"""From sequences to sequences of other lengths."""

import pickle
import re

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdeep import Seq2SeqTranslator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

MODEL = Seq2SeqTranslator((32,), max_iter=30, learning_rate_init=0.01, random_state=0)


def words(n=200, longest=3, letters="abc", seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list(letters), rng.integers(1, longest + 1))) for _ in range(n)]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("attention", [False, True], ids=["without attention", "attention"])
def test_it_learns_to_write_what_is_longer_than_what_it_reads(attention, cell):
    X = words()
    y = ["".join(2 * letter for letter in x) for x in X]
    model = clone(MODEL).set_params(attention=attention, cell=cell).fit(X, y)
    assert model.predict(["cab", "b"]) == ["ccaabb", "bb"]
    assert model.score(X, y) > 0.99
    assert model.token_accuracy(X, y) > 0.99
    greedy = model.predict(X)
    assert pickle.loads(pickle.dumps(model)).predict(X) == greedy
    model.set_params(beam_width=1)
    assert model.predict(X[:1]) == greedy[:1]  # whatever it is decoded beside


def test_attention_looks_at_the_letter_that_it_writes():
    X = words(400, 5)
    model = clone(MODEL).set_params(max_iter=40).fit(X, [x[::-1] for x in X])
    (weights,) = model.attention_weights(["abcab"])
    assert weights.shape == (6, 5)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert model.predict(["abcab"]) == ["bacba"]
    with pytest.raises(ValueError, match="attention_weights needs attention=True"):
        clone(MODEL).set_params(attention=False, max_iter=1).fit(X, X).attention_weights(X)


def test_a_beam_finds_what_is_more_probable_than_greedy_writing():
    X = words(60)
    rng = np.random.default_rng(0)
    y = ["".join(rng.permutation(list(x + "d"))) for x in X]  # not a function of the source
    model = clone(MODEL).set_params(max_iter=8).fit(X, y)

    def log_probability(source, written):
        network = model.network_.replica()
        letters = {token: k for k, token in enumerate("abcd")}
        classes = [letters[token] for token in written]
        x = np.array([["abc".index(token) + 1 for token in source]])
        steps = np.array([[5] + [k + 1 for k in classes]])
        z = network.forward((x, steps))[0]
        z = z - z.max(axis=1, keepdims=True)
        z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
        return z[np.arange(len(z)), [*classes, 4]].sum()

    model.set_params(max_length=12)
    greedy = [log_probability(*pair) for pair in zip(X, model.predict(X), strict=True)]
    model.set_params(beam_width=5)
    beam = [log_probability(*pair) for pair in zip(X, model.predict(X), strict=True)]
    assert np.mean(beam) > np.mean(greedy)


def test_lists_of_tokens_come_back_as_lists():
    X = [["turn", "left"], ["go"]] * 20
    y = [[1, 2, 3], [4]] * 20
    model = clone(MODEL).fit(X, y)
    assert model.predict(X[:2]) == [[1, 2, 3], [4]]
    assert model.source_vocabulary_.tolist() == ["go", "left", "turn"]
    assert model.target_vocabulary_.tolist() == [1, 2, 3, 4]


def test_it_trains_further_and_stops_early():
    X = words()
    model = clone(MODEL).set_params(early_stopping=True, max_iter=3).fit(X, X)
    assert len(model.validation_scores_) == 3
    model.set_params(early_stopping=False).partial_fit(X, X)
    assert model.set_params(max_length=2).predict(["abc"])[0] != "abc"


def test_it_is_searched_in_pipelines():
    X = [word.upper() for word in words(90, 2, "ab")]
    lower = FunctionTransformer(lambda X: [word.lower() for word in X])
    pipeline = make_pipeline(lower, clone(MODEL).set_params(max_iter=15, cell="gru"))
    grid = {"seq2seqtranslator__attention": [False, True]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, [word[::-1] for word in X])
    assert search.best_score_ > 0.9
    assert search.predict(["AB"]) == ["BA"]


@pytest.mark.parametrize("attention", [False, True], ids=["without attention", "attention"])
def test_what_is_written_does_not_depend_on_the_other_sources(attention):
    X = words(80, 6)
    model = clone(MODEL).set_params(attention=attention, max_iter=4).fit(X, X)
    for width in (1, 3):
        model.set_params(beam_width=width)
        together = model.predict(X)
        assert [model.predict([x])[0] for x in X[:20]] == together[:20]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (["ab"], ["a", "b"], "inconsistent numbers of samples: [1, 2]"),
        (["ab", ""], ["a", "b"], "Sequence 1 of X is empty"),
        (["ab", "a"], ["a", ""], "Sequence 1 of y is empty"),
    ],
)
def test_pairs_that_do_not_fit_are_refused(X, y, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        clone(MODEL).fit(X, y)
    model = clone(MODEL).set_params(max_iter=1).fit(["ab"], ["b"])
    with pytest.raises(ValueError, match=r"the token 'q' at step 1, .* put a token that fit saw"):
        model.predict(["aq"])
    for score in (model.score, model.token_accuracy):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[1, 2\]"):
            score(["ab"], ["b", "b"])


def test_a_sparse_matrix_is_no_list_of_sequences():
    X = words(4)
    model = clone(MODEL).set_params(max_iter=1).fit(X, X)
    with pytest.raises(ValueError, match="y must be a list of sequences"):
        model.score(X, csr_array(np.eye(4)))
