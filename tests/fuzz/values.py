"""Values for parameters: corners of a rule's domain, and what lies beyond."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np

from skdeep import MLPClassifier, MLPRegressor
from skdeep.nn import Constant, ReLU

__all__ = ["ODD", "SMALL", "is_affordable", "values"]

# What makes a fit of a few milliseconds: every estimator that has such a parameter gets it.
SMALL = {
    "max_iter": 2,
    "hidden_layer_sizes": (3,),
    "architecture": "2 | 3",
    "width": 4,
    "n_heads": 2,
    "n_layers": 1,
    "n_components": 2,
    "n_estimators": 2,
    "n_members": 2,
    "embedding_size": 3,
    "attention_size": 3,
    "window": 4,
    "cv": 2,
    "Cs": (0.1, 1.0),
    "random_state": 0,
}


# No callables: what goes wrong inside of one is the caller's.
ODD = [
    None, True, False, 0, 1, 2, 3, -1, 7, 0.0, -0.0, 0.5, 1.0, 2.0, -0.1, 0.999999, 1.5,
    5e-324, 1e-300, 1e-8, 1e8, 1e300, 1.7e308, np.inf, -np.inf, np.nan,
    "", "nonsense", "auto", "0.5", b"relu", 1j, Decimal("0.5"), Fraction(1, 2),
    (), (1,), [2, 3], (0,), (-1,), (0.5,), (0.9, 0.1), (0.1, 0.9), (2, 2), (1, 4), (4, 1),
    range(1, 3), {1}, {}, {0: 1.0},
    {0: 2.0, 1: 0.0}, {"a": 1.0}, [{0: 1.0}], ((1,), (2,)), ["relu"], ["relu", "tanh"], [None],
    np.float16(0.5), np.int8(2), np.longdouble(0.5),
    np.float32(0.5), np.float64(0.1), np.int64(2), np.bool_(True), np.str_("relu"),
    np.array([1.0, 2.0]), np.array([2, 3]), np.array(2), np.array([]), np.ones((2, 2)),
    np.array(["a"]), ReLU(), Constant(0.1),
    MLPClassifier((3,), max_iter=2), MLPRegressor(hidden_layer_sizes=(3,), max_iter=2),
    np.random.RandomState(0), np.random.default_rng(0),
]  # fmt: skip
# Names that a rule does not list, since it says in words what it takes.
WORDS = """
    accuracy r2 neg_log_loss roc_auc balanced_accuracy neg_mean_squared_error euclidean manhattan
    cosine chebyshev minkowski nan_euclidean gower hamming jaccard haversine mahalanobis
    seuclidean precomputed correlation canberra braycurtis sqeuclidean
""".split()  # noqa: SIM905
# A large number here is only a long way off, and takes neither time nor memory.
UNBOUNDED = {
    "batch_size", "n_iter_no_change", "learning_rate_patience", "learning_rate_growth",
    "learning_rate_step", "warmup_epochs", "n_neighbors", "leaf_size",
    "random_state", "max_fun", "truncate",
    "n_frozen_layers", "n_bins",
}  # fmt: skip
LARGE = [10**400, 1000, 2**31 - 1, 2**31, 2**63, 10**30, np.int64(2**62)]


def values(name, rule):
    """Return the values that a rule allows, and those that it refuses.

    Parameters
    ----------
    name : str
        The parameter's.
    rule : skdeep.utils.params.Rule
    """
    return _values(name, rule)


@cache
def _values(name, rule):
    named = re.findall(r"'([^']*)'", rule.text) + re.findall(r"'([^']*)'", " ".join(rule.kinds))
    bounds = [
        float(bound)
        for interval in re.findall(r"[\[(](-?[\de.+-]+|-inf), (-?[\de.+-]+|inf)[\])]", rule.text)
        for bound in interval
    ]
    near = [
        b
        for bound in bounds
        for b in (np.nextafter(bound, -np.inf), bound, np.nextafter(bound, np.inf))
    ]
    whole = [int(bound) for bound in bounds if np.isfinite(bound)]
    pool = (
        ODD
        + named
        + WORDS
        + [float(b) for b in near]
        + whole
        + [bound + 1 for bound in whole]
        + LARGE
    )
    allowed, refused = [], []
    for value in pool:
        (allowed if rule.allows(value) else refused).append(value)
    return [value for value in allowed if is_affordable(name, value)], refused


def is_affordable(name, value):
    """Tell whether a value of a parameter takes neither long nor much memory."""
    if name == "max_iter":
        return value in (0, 1, 2, 3)
    if name == "architecture" and isinstance(value, str):
        return not re.match("alexnet|zfnet|vgg|googlenet|resnet(?!8$)|plain(?!8$)", value)
    if name == "cv" and isinstance(value, bytes):
        return False  # has a method `split`, as what splits has
    if name == "estimator" and value is None:
        return False  # which stands for a large one
    numbers = value if isinstance(value, (list, tuple, range, np.ndarray)) else [value]
    whole = [
        v for v in np.ravel(np.array(numbers, dtype=object)) if isinstance(v, (int, np.integer))
    ]
    return name in UNBOUNDED or all(abs(v) < 10 for v in whole)
