"""A CSV file as a frame of texts: what they mean is decided elsewhere."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

from skdeep.cli.errors import UsageError

if TYPE_CHECKING:
    import pandas

__all__ = ["read_texts"]

_MARKS = {"\\t": "\t", "tab": "\t"}


def read_texts(path: str, delimiter: str | None = None) -> pandas.DataFrame:
    """Read a CSV file with a header, compressed or not, as pandas does.

    Parameters
    ----------
    path : str
        Of a file in UTF-8; one that ends in .gz, .bz2, .zip, .xz or .zst is decompressed.
    delimiter : str, default=None
        Between fields. None: whichever of comma, semicolon, tab and bar the header has most of.

    Returns
    -------
    pandas.DataFrame
        Texts without spaces around them.

    Raises
    ------
    UsageError
        If the file cannot be read as a table, or pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise UsageError(
            'CSV files are read by pandas, which is not installed; pip install "skdeep[cli]" '
            "brings it."
        ) from error
    delimiter = _MARKS.get(delimiter or "", delimiter)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise UsageError(
            f"--delimiter must be a single character, or tab, and no quote. Got {delimiter!r}."
        )
    plain = {"header": None, "dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    try:
        if delimiter is None:
            # One column: what a file may not have in a line stands between its fields.
            lines = pandas.read_csv(path, sep="\x1f", quoting=csv.QUOTE_NONE, nrows=1, **plain)
            delimiter = _sniff(str(lines.iat[0, 0]), path)
        # This engine tells a field that is missing (NaN) from one that is empty.
        table = pandas.read_csv(
            path, sep=delimiter, engine="python", skipinitialspace=True, **plain
        )
    except pandas.errors.EmptyDataError as error:
        raise UsageError(f"{path} is empty.") from error
    except pandas.errors.ParserError as error:
        raise UsageError(_parsing(str(error), path, delimiter)) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (EOFError, ValueError, ImportError) as error:  # what decompressing may raise
        raise UsageError(f"{path} cannot be read: {error}.") from error

    if len(table) < 2:
        raise UsageError(f"{path} has no rows below its header.")
    short = table.isna().to_numpy()
    if short.any():
        row = int(short.any(axis=1).argmax())
        fields = f"{table.shape[1] - int(short[row].sum())} fields"
        raise UsageError(_split(f"Row {row} of {path} has {fields}", table.shape[1], delimiter))
    table = table.apply(lambda column: column.str.strip())
    header = [name or f"column {place}" for place, name in enumerate(table.iloc[0], 1)]
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise UsageError(
            f"{path} has more than one column {twice[0]!r}; its first line must be a header."
        )
    return table.iloc[1:].set_axis(header, axis=1).reset_index(drop=True)


def _sniff(header: str, path: str) -> str:
    """Return the delimiter that the header has most of, outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    counts = {mark: bare.count(mark) for mark in ",;\t|"}
    best = max(counts, key=counts.__getitem__)
    if not counts[best]:
        raise UsageError(
            f"The first line of {path} has no comma, semicolon, tab or bar between columns; "
            "--delimiter names another mark."
        )
    return best


def _parsing(said: str, path: str, delimiter: str | None) -> str:
    """Return pandas' complaint in the words of the other complaints."""
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", said)
    if not found:
        return f"{path} is no CSV file: {said.strip()}."
    expected, line, saw = map(int, found.groups())
    return _split(f"Line {line} of {path} has {saw} fields", expected, delimiter)


def _split(said: str, expected: int, delimiter: str | None) -> str:
    return (
        f"{said}, and its header has {expected}; fields were split at {delimiter!r}, which "
        "--delimiter changes."
    )
