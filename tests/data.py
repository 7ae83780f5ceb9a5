"""The data that tests share: random arrays, and small real sets, scaled."""

import numpy as np
from sklearn.base import is_classifier
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags


def normal(shape, seed=0, dtype=np.float64):
    """Return normal numbers, the same for a seed."""
    return np.random.RandomState(seed).normal(size=shape).astype(dtype)


def batch(n=7, d=5, seed=0):
    """Return rows of normal numbers."""
    return normal((n, d), seed)


def samples_of(shape, n=5, seed=0, dtype=np.float64):
    """Return normal numbers of `n` samples of a shape, such as pictures."""
    return normal((n, *shape), seed, dtype)


def standardized(load):
    """Return features with mean 0 and variance 1, and targets, of one of scikit-learn's sets."""
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def iris():
    """Return 150 flowers of three classes, sorted by them."""
    return standardized(load_iris)


def cancer():
    """Return 569 patients of two classes."""
    return standardized(load_breast_cancer)


def diabetes():
    """Return 442 patients and how far the disease has gone, from 25 to 346."""
    return standardized(load_diabetes)


def digits(n=None):
    """Return the first pictures of digits, with grey values from 0 to 1."""
    X, y = load_digits(return_X_y=True)
    return X[:n] / 16, y[:n]


def iris_without_ties():
    """Return iris as it is, but with no two flowers at the same distance from a third."""
    X, y = load_iris(return_X_y=True)
    return X + 1e-3 * np.random.RandomState(0).standard_normal(X.shape), y


def data_for(estimator):
    """Return 150 rows of a real set that fits the estimator's kind, or some words."""
    if not get_tags(estimator).input_tags.two_d_array:
        words = ["hello", "help", "hop"] * 5
        return words, [word[::-1] for word in words]
    X, y = (load_iris if is_classifier(estimator) else load_diabetes)(return_X_y=True)
    if not is_classifier(estimator):
        y = (y - y.mean()) / y.std()
    rows = np.random.RandomState(0).permutation(len(X))[:150]
    return StandardScaler().fit_transform(X[rows]), y[rows]
