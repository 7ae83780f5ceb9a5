"""Calls of public functions: one function, the estimator that it looks into, data and keywords."""

import inspect
import warnings
from dataclasses import dataclass
from functools import cache, wraps

import matplotlib.pyplot as plt
import numpy as np
from hypothesis import strategies as st

import skdeep
from skdeep import inspection, model_selection, preprocessing
from skdeep.callbacks import Checkpoint
from skdeep.data import Chunks
from tests.fuzz.cases import Case, plain_table, plain_target
from tests.fuzz.tables import PLAIN_TABLE, Table, tables
from tests.fuzz.targets import PLAIN_TARGETS, TARGETS
from tests.fuzz.values import ODD, is_affordable

__all__ = ["NEEDED", "Call", "calls", "fitted", "functions"]

_DENSE = ("MLPClassifier", "MLPRegressor", "Autoencoder", "GenerativeAdversarialNetwork")
_SEQUENCES = ("RecurrentClassifier", "TransformerRegressor")
_OTHER = ("ConvNetClassifier", "TabularNetClassifier", "TabularNetRegressor", "KNNClassifier")
_ANY = (*_DENSE, *_SEQUENCES, *_OTHER)
_PICTURES = ("ConvNetClassifier", "MLPClassifier")
# What each takes beside its keywords: E an estimator, X, one of its samples, y; for the tests the
# scores of folds, and q p-values.
_INSPECTED = {
    "activation_statistics": ("EXy", _ANY),
    "attention_weights": ("E1", ("TransformerRegressor", "MLPClassifier")),
    "attribute": ("EX", _ANY),
    "class_activation_map": ("EX", _PICTURES),
    "diagnose": ("EXy", _ANY),
    "feature_maps": ("EX", _PICTURES),
    "gate_activations": ("E1", _SEQUENCES),
    "learning_rate_range_test": ("EXy", _DENSE),
    "model_card": ("EXy", _ANY),
    "occlusion_map": ("EX", _PICTURES),
    "preferred_inputs": ("EX", _PICTURES),
    "summarize": ("E", _ANY),
}
_SCORES = {"corrected_ttest": ("ss", ("",)), "holm": ("q", ("",)), "compare": ("lXy", ("",))}
_DRAWN = {
    "ActivationDisplay": ("EXy", _ANY),
    "AttentionDisplay": ("E1", ("TransformerRegressor", "Seq2SeqTranslator", "MLPClassifier")),
    "AttributionDisplay": ("EX", _ANY),
    "ConfusionGalleryDisplay": ("EXy", (*_PICTURES, "KNNClassifier")),
    "EvidenceDisplay": ("EX", _PICTURES),
    "FeatureMapDisplay": ("E1", _PICTURES),
    "GateDisplay": ("E1", _SEQUENCES),
    "LearningRateRangeDisplay": ("EXy", _DENSE),
    "LossLandscapeDisplay": ("EXy", _ANY),
    "PreferredInputDisplay": ("EX", _PICTURES),
    "TrainingCurveDisplay": ("E", _ANY),
    "WeightsDisplay": ("E", _ANY),
}
_AUGMENTATIONS = [name for name in preprocessing.__all__ if hasattr(preprocessing, name)]
_AUGMENTATIONS = [
    name
    for name in _AUGMENTATIONS
    if issubclass(getattr(preprocessing, name), preprocessing.Augmentation)
    and name != "Augmentation"
]
_WORDS = [
    "integrated_gradients", "gradient_input", "saliency", "mean", "edge", "auto",
    "accuracy", "KNNClassifier", "loss", ["loss", "gradient_norm"], ("saliency", "occlusion"),
]  # fmt: skip


def fit_chunks(X, y, **keywords):
    """Fit a network to arrays by chunks, and return what it predicts of them."""
    chunks = Chunks.of_arrays(X, y, **keywords)
    model = skdeep.MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0)
    return model.fit(chunks).predict(X)


def _drawing(kind):
    """Return a function that makes a display, draws it to the last stroke, and puts it away."""

    @wraps(kind.from_estimator)
    def draw(*arguments, **keywords):
        figure = kind.from_estimator(*arguments, **keywords).figure_
        try:
            figure.draw_without_rendering()
        finally:
            plt.close(figure)

    draw.__name__ = kind.__name__
    return draw


@cache
def functions():
    """Return the functions by name, each with what it takes and the estimators it may get."""
    found = {name: (getattr(inspection, name), *how) for name, how in _INSPECTED.items()}
    found |= {name: (_drawing(getattr(inspection, name)), *how) for name, how in _DRAWN.items()}
    found |= {name: (getattr(model_selection, name), *how) for name, how in _SCORES.items()}
    found |= {name: (getattr(preprocessing, name), "", ("",)) for name in _AUGMENTATIONS}
    return found | {"Checkpoint": (Checkpoint, "p", ("",)), "fit_chunks": (fit_chunks, "Xy", ("",))}


@cache
def fitted(name):
    """Return an estimator that is fitted to plain data."""
    table = plain_table(name)
    y = TARGETS[plain_target(name)](np.random.RandomState(0), table.n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Case(name).make().fit(table.make(), y)


# Keywords that a call has to have.
NEEDED = {"corrected_ttest": (("n_train", 20), ("n_test", 5)), "compare": (("cv", 2),)}


@dataclass(frozen=True)
class Call:
    """All that a call is made of, in words; its repr makes it again."""

    function: str
    estimator: str = ""
    keywords: tuple = ()
    X: Table = PLAIN_TABLE
    y: str = "three classes"

    def arguments(self):
        """Return what stands before the keywords."""
        rng = np.random.RandomState(self.X.seed)
        makers = {
            "E": lambda: fitted(self.estimator),
            "X": self.X.make,
            "1": lambda: _first_of(self.X.make()),
            "y": lambda: TARGETS[self.y](rng, self.X.n),
            "s": lambda: TARGETS[self.y](rng, self.X.n),
            "q": lambda: _p_values(self.X.make()),
            "l": lambda: [Case("MLPClassifier").make(), _nearest()],
            "p": lambda: "checkpoint.npz",
        }
        return tuple(makers[kind]() for kind in functions()[self.function][1])


def _nearest():
    """Return neighbours for folds of three rows."""
    return Case("KNNClassifier", (("n_neighbors", 1),)).make()


def _p_values(numbers):
    """Return numbers from 0 to 1; what is none stays as it is."""
    if not isinstance(numbers, np.ndarray) or numbers.dtype.kind != "f":
        return numbers
    with np.errstate(all="ignore"):
        return np.exp(-np.abs(numbers))


def _first_of(samples):
    """Return the first sample; of what has none, all that it is."""
    try:
        return samples[0]
    except (TypeError, KeyError, IndexError, NotImplementedError):
        return samples


@st.composite
def calls(draw, name):
    """Draw a call of a function, odd in its data, in keywords, or in both."""
    function, takes, estimators = functions()[name]
    odd = draw(st.sampled_from(["keywords", "keywords", "X", "y", "all"]))
    pool = [*ODD, *_WORDS]
    known = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
        or (parameter.default is not parameter.empty and parameter.name not in ("X", "y"))
    ]
    known = ["n_rows", "mix"] if name == "fit_chunks" else known
    keywords = dict(NEEDED.get(name, ()))
    if odd in ("keywords", "all") and known:
        for keyword in draw(st.lists(st.sampled_from(known), max_size=2, unique=True)):
            some = [value for value in pool if is_affordable(keyword, value)]
            keywords[keyword] = draw(st.sampled_from(some))
    y = draw(st.sampled_from(sorted(TARGETS) if odd in ("y", "all") else PLAIN_TARGETS))
    X = draw(tables()) if odd in ("X", "all") and takes else PLAIN_TABLE
    return Call(name, draw(st.sampled_from(estimators)), tuple(keywords.items()), X, y)
