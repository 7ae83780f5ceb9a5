"""The data of a case, made from a few words: what numbers, in what form, how many."""

import tempfile
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st
from scipy import sparse

__all__ = ["FORMS", "NUMBERS", "PLAIN", "PLAIN_TABLE", "Table", "tables", "tables_like"]


def _normal(rng, n, d):
    return rng.standard_normal((n, d))


def _with(entry):
    """Return numbers of which one is `entry`."""

    def made(rng, n, d):
        X = _normal(rng, n, d)
        X[n // 2 : n // 2 + 1, d // 2 : d // 2 + 1] = entry
        return X

    return made


def _column(entry):
    """Return numbers of which one column is all `entry`."""

    def made(rng, n, d):
        X = _normal(rng, n, d)
        X[:, :1] = entry
        return X

    return made


NUMBERS = {
    "normal": _normal,
    "integers": lambda rng, n, d: rng.randint(0, 4, (n, d)).astype(float),
    "zeros": lambda rng, n, d: np.zeros((n, d)),
    "constant": lambda rng, n, d: np.full((n, d), 0.1),
    "constant column": _column(3.3),
    "duplicated columns": lambda rng, n, d: np.repeat(_normal(rng, n, 1), d, axis=1),
    "duplicated rows": lambda rng, n, d: np.repeat(_normal(rng, 1, d), n, axis=0),
    "far away": lambda rng, n, d: _normal(rng, n, d) + 1e9,
    "huge": lambda rng, n, d: _normal(rng, n, d) * 1e300,
    "the largest": lambda rng, n, d: np.sign(_normal(rng, n, d)) * np.finfo(float).max,
    "beyond float32": lambda rng, n, d: _normal(rng, n, d) * 1e39,
    "squares overflow": lambda rng, n, d: _normal(rng, n, d) * 1e160,
    "squares underflow": lambda rng, n, d: _normal(rng, n, d) * 1e-170,
    "subnormal": lambda rng, n, d: _normal(rng, n, d) * 1e-310,
    "the smallest": lambda rng, n, d: np.sign(_normal(rng, n, d)) * 5e-324,
    "mixed units": lambda rng, n, d: _normal(rng, n, d) * 10.0 ** rng.randint(-300, 300, d),
    "one huge": _with(1e300),
    "huge column": _column(1e308),
    "negative zero": _with(-0.0),
    "NaN": _with(np.nan),
    "NaN column": _column(np.nan),
    "all NaN": lambda rng, n, d: np.full((n, d), np.nan),
    "infinity": _with(np.inf),
    "minus infinity": _with(-np.inf),
}


def _memory_mapped(X):
    if not X.size:
        return X
    mapped = np.memmap(tempfile.TemporaryFile(), X.dtype, shape=X.shape)  # noqa: SIM115
    mapped[...] = X
    return mapped


def _read_only(X):
    X.flags.writeable = False
    return X


def _unsorted(X):
    """Return a sparse matrix with unsorted, repeated and explicitly zero entries."""
    rows, columns = (a.ravel() for a in np.indices(X.shape))
    order = np.random.RandomState(0).permutation(2 * X.size)
    half = np.r_[X.ravel() / 2, X.ravel() / 2][order]
    coo = sparse.coo_matrix(
        (half, (np.r_[rows, rows][order], np.r_[columns, columns][order])), X.shape
    )
    return sparse.csr_matrix((coo.data, *_compressed(coo)), shape=X.shape)


def _compressed(coo):
    order = np.argsort(coo.row, kind="stable")
    coo.data[:] = coo.data[order]
    return coo.col[order], np.r_[0, np.cumsum(np.bincount(coo.row, minlength=coo.shape[0]))]


def _long_indices(X):
    matrix = sparse.csr_array(X)
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int64), matrix.indptr.astype(np.int64)
    return matrix


def _frame(dtype=None, names=None):
    def made(X):
        columns = [f"x{i}" for i in range(X.shape[1])] if names is None else names(X.shape[1])
        frame = pd.DataFrame(X, columns=columns)
        return frame if dtype is None else frame.astype(dtype)

    return made


def _mixed_frame(X):
    """Return a frame of a column of numbers, one of text, a category, a date, and so on."""
    kinds = ["float64", "str", "category", "datetime64[ns]", "Int64", "boolean", "object"]
    frame = pd.DataFrame(np.nan_to_num(X, posinf=0, neginf=0).clip(-9, 9).round() > 0)
    frame.columns = [f"x{i}" for i in range(X.shape[1])]
    return frame.astype(dict(zip(frame.columns, kinds * 9, strict=False)))


def _one_huge_integer(X):
    X = X.astype(object)
    X[:1, :1] = 10**400
    return X


def _other_index(X):
    return _frame()(X).set_axis([7] * len(X))


def _polars_categories(X):
    frame = pl.DataFrame(X.round().astype(str), schema=[f"x{i}" for i in range(X.shape[1])])
    return frame.with_columns(pl.all().cast(pl.Categorical))


def _arrow(X):
    return pa.table({f"x{i}": column for i, column in enumerate(X.T)})


def _as(dtype):
    return lambda X: X.astype(dtype)


FORMS = {
    "array": lambda X: X,
    "Fortran": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "reversed": lambda X: X[::-1, ::-1],
    "read-only": _read_only,
    "memory-mapped": _memory_mapped,
    "other bytes": _as(">f8"),
    "list": lambda X: X.tolist(),
    "tuples": lambda X: tuple(map(tuple, X.tolist())),
    "rows of arrays": list,
    "float32": _as(np.float32),
    "float16": _as(np.float16),
    "longdouble": _as(np.longdouble),
    "int64": _as(np.int64),
    "int8": _as(np.int8),
    "uint8": _as(np.uint8),
    "uint64": lambda X: _as(np.uint64)(np.abs(X)) + np.uint64(2**63),
    "bool": _as(bool),
    "complex": _as(complex),
    "object": _as(object),
    "object, one huge integer": _one_huge_integer,
    "strings": _as(str),
    "strings of any length": _as(np.dtypes.StringDType()),
    "bytes": _as("S8"),
    "dates": lambda X: _as("int64")(X.clip(-1e9, 1e9)).astype("datetime64[s]"),
    "CSR": sparse.csr_matrix,
    "CSC": sparse.csc_matrix,
    "COO": sparse.coo_matrix,
    "LIL": sparse.lil_matrix,
    "DOK": sparse.dok_matrix,
    "BSR": sparse.bsr_matrix,
    "DIA": sparse.dia_matrix,
    "CSR array": sparse.csr_array,
    "CSC array, float32": lambda X: sparse.csc_array(X.astype(np.float32)),
    "CSR of integers": lambda X: sparse.csr_array(X.astype(np.int64)),
    "CSR unsorted": _unsorted,
    "CSR with long indices": _long_indices,
    "pandas": _frame(),
    "pandas Float64": _frame("Float64"),
    "pandas category": _frame("category"),
    "pandas category of text": lambda X: _frame()(X).astype(str).astype("category"),
    "pandas string": _frame("string"),
    "pandas with an index": _other_index,
    "pandas of its best types": lambda X: _frame()(X).convert_dtypes(),
    "pandas Arrow": _frame("double[pyarrow]"),
    "pandas sparse": _frame(pd.SparseDtype(float, 0.0)),
    "pandas object": _frame(object),
    "pandas mixed": _mixed_frame,
    "pandas with names twice": _frame(names=lambda d: ["x"] * d),
    "pandas with odd names": _frame(names=lambda d: (["<b>", "", "é\u2028", "X"] * d)[:d]),
    "pandas with numbers for names": _frame(names=range),
    "Arrow": _arrow,
    "polars categories": _polars_categories,
    "polars": lambda X: pl.DataFrame(X, schema=[f"x{i}" for i in range(X.shape[1])]),
    "masked": lambda X: np.ma.masked_array(X, X > 1),
    "matrix": np.matrix,
    "one axis": lambda X: X.ravel(),
    "three axes": lambda X: X[:, :, None],
    "sequences": lambda X: X.reshape(*X.shape[:1], -1, 2),
    "scalar": lambda X: 3.0,
    "None": lambda X: None,
    "text": lambda X: "text",
    "words": lambda X: ["ab" * (i % 3) + "c" for i in range(len(X))],
    "words, one empty": lambda X: ["ab" * (i % 3) for i in range(len(X))],
    "words and None": lambda X: ["ab", None] * (len(X) // 2),
    "ragged": lambda X: [row[: 1 + i % 3].tolist() for i, row in enumerate(X)],
    "ragged sequences": lambda X: [X[: 1 + i % 3] for i in range(len(X))],
    "a dictionary": lambda X: dict(enumerate(X.T.tolist())),
}
# What most cases begin with, so that they get beyond the checks.
PLAIN = ("array", "Fortran", "read-only", "float32", "CSR", "pandas", "words")


@dataclass(frozen=True)
class Table:
    """Samples, in words; `make` is the real thing."""

    numbers: str = "normal"
    form: str = "array"
    n: int = 6
    d: int = 4
    seed: int = 0

    def make(self):
        """Return the data, or an array of it where such numbers have no such form."""
        X = NUMBERS[self.numbers](np.random.RandomState(self.seed), self.n, self.d)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return FORMS[self.form](X)
            except (ValueError, TypeError, OverflowError, NotImplementedError):
                return X


PLAIN_TABLE = Table()


def tables(odd=True):
    """Return the strategy for tables; without `odd`, all are plain ones of a few rows."""
    if not odd:
        return st.builds(Table, form=st.sampled_from(PLAIN), seed=st.integers(0, 9))
    return st.builds(
        Table,
        st.sampled_from(list(NUMBERS)),
        st.one_of(st.sampled_from(PLAIN), st.sampled_from(list(FORMS))),
        st.sampled_from([6, 6, 6, 12, 25, 3, 2, 1, 0]),
        st.sampled_from([4, 4, 4, 9, 2, 1, 0]),
        st.integers(0, 9),
    )


def tables_like(table, n, rng):
    """Return n tables, half of them of the form and the width of `table`."""
    numbers, forms = list(NUMBERS), list(FORMS)
    found = []
    for alike in rng.randint(0, 2, n):
        form = table.form if alike else forms[rng.randint(len(forms))]
        d = table.d if alike else (4, 9, 2, 1, 0)[rng.randint(5)]
        size = (6, 12, 3, 2, 1, 0)[rng.randint(6)]
        found.append(Table(numbers[rng.randint(len(numbers))], form, size, d, int(rng.randint(10))))
    return found
