"""Targets and weights of a case, by name."""

import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse

__all__ = ["PLAIN_TARGETS", "TARGETS", "WEIGHTS"]


def _classes(*names):
    """Return labels of these classes, in turns."""
    return lambda rng, n: np.resize(np.array(names), n)


def _mixed(*labels):
    """Return labels of several types."""

    def made(rng, n):
        y = np.empty(n, dtype=object)
        y[:] = [labels[i % len(labels)] for i in range(n)]
        return y

    return made


def _numbers(scale=1.0, shift=0.0, shape=()):
    return lambda rng, n: rng.standard_normal((n, *shape)) * scale + shift


def _one(entry):
    def made(rng, n):
        y = rng.standard_normal(n)
        y[:1] = entry
        return y

    return made


def _read_only(rng, n):
    y = np.arange(n) % 2
    y.flags.writeable = False
    return y


TARGETS = {
    "two classes": _classes(0, 1),
    "three classes": _classes(0, 1, 2),
    "numbers": _numbers(),
    "None": lambda rng, n: None,
    "text": _classes("a", "b"),
    "words": lambda rng, n: ["ba" * (i % 3) + "c" for i in range(n)],
    "truth": _classes(False, True),
    "one class": _classes(7),
    "one rare class": lambda rng, n: (np.arange(n) == 0).astype(int),
    "a class each": lambda rng, n: np.arange(n),
    "large labels": _classes(-(2**62), 2**62),
    "labels as floats": _classes(0.0, 1.0, 5.0),
    "objects": _mixed("a", "b"),
    "mixed": _mixed(1, "a"),
    "mixed with None": _mixed(1, None),
    "mixed with NaN": _mixed("a", np.nan),
    "lists of numbers": lambda rng, n: rng.standard_normal(n).tolist(),
    "float32": lambda rng, n: rng.standard_normal(n).astype(np.float32),
    "complex": lambda rng, n: rng.standard_normal(n) * 1j,
    "constant": lambda rng, n: np.full(n, 0.1),
    "zeros": lambda rng, n: np.zeros(n),
    "counts": lambda rng, n: rng.poisson(3.0, n),
    "positive": lambda rng, n: np.exp(rng.standard_normal(n)),
    "far away": _numbers(shift=1e9),
    "huge": _numbers(1e300),
    "the largest": lambda rng, n: np.resize([1, -1], n) * np.finfo(float).max,
    "squares overflow": _numbers(1e160),
    "beyond float32": _numbers(1e39),
    "subnormal": _numbers(1e-310),
    "NaN": _one(np.nan),
    "infinity": _one(np.inf),
    "one huge": _one(1e300),
    "two columns": _numbers(shape=(2,)),
    "no column": _numbers(shape=(0,)),
    "two columns, huge": _numbers(1e300, shape=(2,)),
    "a column": _numbers(shape=(1,)),
    "three axes": _numbers(shape=(2, 2)),
    "indicators": lambda rng, n: np.eye(3, dtype=int)[np.arange(n) % 3],
    "several classes": lambda rng, n: np.c_[np.arange(n) % 2, np.arange(n) % 3],
    "indicators, sparse": lambda rng, n: sparse.csr_matrix(np.eye(3, dtype=int)[np.arange(n) % 3]),
    "too few": lambda rng, n: np.arange(max(n - 1, 0)) % 2,
    "too many": lambda rng, n: np.arange(n + 1) % 2,
    "empty": lambda rng, n: np.zeros(0),
    "scalar": lambda rng, n: 1.0,
    "read-only": _read_only,
    "strided": lambda rng, n: np.repeat(np.arange(n) % 2, 2)[::2],
    "pandas": lambda rng, n: pd.Series(np.arange(n) % 2, index=np.arange(n) + 5),
    "pandas Int64": lambda rng, n: pd.Series(np.arange(n) % 2, dtype="Int64"),
    "pandas Int64 with NA": lambda rng, n: pd.Series(([0, 1, pd.NA] * n)[:n], dtype="Int64"),
    "pandas category": lambda rng, n: pd.Series(np.arange(n) % 2).astype("category"),
    "pandas string": lambda rng, n: pd.Series((["a", "b"] * n)[:n], dtype="string"),
    "polars": lambda rng, n: pl.Series(np.arange(n) % 2),
    "pandas boolean": lambda rng, n: pd.Series(np.arange(n) % 2, dtype="boolean"),
    "pandas Float64 with NA": lambda rng, n: pd.Series(([0.5, 1, pd.NA] * n)[:n], dtype="Float64"),
    "a frame of one column": lambda rng, n: pd.DataFrame({"y": np.arange(n) % 2}),
    "a frame of two": lambda rng, n: pd.DataFrame({"a": np.arange(n) % 2, "b": np.arange(n) % 3}),
    "polars category": lambda rng, n: pl.Series((["a", "b"] * n)[:n], dtype=pl.Categorical),
    "int8": lambda rng, n: (np.arange(n) % 2).astype(np.int8),
    "uint64": lambda rng, n: (np.arange(n) % 2).astype(np.uint64) + np.uint64(2**63),
    "bytes": _classes(b"a", b"b"),
    "list of text": lambda rng, n: (["a", "b"] * n)[:n],
    "text of any length": lambda rng, n: np.array((["a", "b"] * n)[:n], np.dtypes.StringDType()),
    "one huge integer": _mixed(10**400, 1),
    "dates": lambda rng, n: (np.arange(n) % 2).astype("datetime64[D]"),
}
PLAIN_TARGETS = ("two classes", "three classes", "numbers", "text", "words", "positive")

WEIGHTS = {
    "none": lambda rng, n: None,
    "some": lambda rng, n: rng.uniform(0.5, 2, n),
    "whole": lambda rng, n: rng.randint(1, 3, n),
    "many zero": lambda rng, n: (np.arange(n) % 3 == 0).astype(float),
    "all but one zero": lambda rng, n: (np.arange(n) == 0).astype(float),
    "zero": lambda rng, n: np.zeros(n),
    "one negative": lambda rng, n: 1.0 - 2.0 * (np.arange(n) == 0),
    "negative": lambda rng, n: -np.ones(n),
    "huge": lambda rng, n: np.full(n, 1e300),
    "the largest": lambda rng, n: np.full(n, np.finfo(float).max),
    "subnormal": lambda rng, n: np.full(n, 1e-310),
    "one huge": lambda rng, n: np.where(np.arange(n) == 0, 1e300, 1.0),
    "huge and tiny": lambda rng, n: np.resize([1e300, 1e-300], n),
    "NaN": lambda rng, n: np.where(np.arange(n) == 0, np.nan, 1.0),
    "infinite": lambda rng, n: np.where(np.arange(n) == 0, np.inf, 1.0),
    "too few": lambda rng, n: np.ones(max(n - 1, 0)),
    "two columns": lambda rng, n: np.ones((n, 2)),
    "scalar": lambda rng, n: 2.0,
    "list": lambda rng, n: [1.0] * n,
    "text": lambda rng, n: np.full(n, "heavy"),
    "float32": lambda rng, n: np.ones(n, dtype=np.float32),
    "pandas": lambda rng, n: pd.Series(np.ones(n)),
    "pandas Int64": lambda rng, n: pd.Series(np.arange(n) % 3, dtype="Int64"),
    "pandas Float64 with NA": lambda rng, n: pd.Series(([0.5, 1, pd.NA] * n)[:n], dtype="Float64"),
    "polars": lambda rng, n: pl.Series(np.ones(n)),
    "uint8": lambda rng, n: (np.arange(n) % 3).astype(np.uint8),
    "bool": lambda rng, n: np.arange(n) % 3 > 0,
    "objects": lambda rng, n: np.resize(np.array([1, 2.5], dtype=object), n),
    "longdouble": lambda rng, n: np.ones(n, dtype=np.longdouble),
    "a column": lambda rng, n: np.ones((n, 1)),
    "one huge integer": lambda rng, n: np.resize(np.array([10**400, 1], dtype=object), n),
}
