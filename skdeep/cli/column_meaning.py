"""What the texts of a column mean: numbers, dates, categories, or nothing to learn from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skdeep.utils.columns import is_free_text

if TYPE_CHECKING:
    import pandas

__all__ = ["Meaning", "are_numbers", "are_texts_of_digits", "dates", "missing", "what_it_means"]

_MISSING = ["", "?", "na", "n/a", "nan", "null", "<na>"]
_MISSING += [sign + word for sign in ("", "+", "-") for word in ("inf", "infinity")]
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# A zero in front, or more digits than a number keeps: a code whose digits mean something.
_CODE = r"[+-]?(?:0[0-9]+|[0-9]{16,})"
_TIMES = ("", " %H:%M", " %H:%M:%S")
_DAYS = {
    "%Y/%m/%d": "year/month/day",
    "%d.%m.%Y": "day.month.year",
    "%m/%d/%Y": "month/day/year",
    "%d/%m/%Y": "day/month/year",
    "%d-%m-%Y": "day-month-year",
    "%d %b %Y": "day month year",
    "%d %B %Y": "day month year",
    "%d-%b-%Y": "day-month-year",
    "%b %d, %Y": "month day, year",
    "%B %d, %Y": "month day, year",
}
_ISO = r"[0-9]{4}-[0-9]{2}"
_COMPACT = r"(?:19|20)[0-9]{6}"  # 20240131
_IDENTIFIER = re.compile(r"(?i:(?:^|[\W_])(?:id|uuid|guid)$|^(?:index|idx)$)|[a-z](?:Id|ID)$")
_CLOCK = re.compile(
    r"(?:^|[\W_])(?:year|month|week|day|hour|minute|second|time|step|period|t)(?:$|[\W_])", re.I
)
_FEWEST = 10  # rows that have to be numbered before that is no accident
_WORDS = 3  # on average: free text


@dataclass(frozen=True)
class Meaning:
    """What a column holds.

    Attributes
    ----------
    kind : {"number", "date", "category", "nothing"}
    values : pandas.Series
        In a type that says so, with missing values.
    note : str
        What the user should know: why there is nothing to learn, or how it was read; "" if what
        was done is plain.
    """

    kind: str
    values: pandas.Series
    note: str = ""


def what_it_means(name: str, texts: pandas.Series, *, keep: bool = False) -> Meaning:
    """Return what a column of texts holds.

    Parameters
    ----------
    name : str
        Of the column, which tells identifiers and clocks from quantities.
    texts : Series of str
        With the numbers of the rows as index, which is how a column that repeats them is known.
    keep : bool, default=False
        Whether the column is to be used whatever it looks like.
    """
    known = texts[~missing(texts)]
    as_number = known[known.str.lower() != "none"]  # a word among texts, a hole among numbers
    if len(as_number) and are_numbers(as_number) and not are_texts_of_digits(as_number):
        return _number(name, texts, as_number, keep)
    if len(known) and (found := dates(known)):
        values, how = found
        note = f"has dates, read as {how}" if how else ""
        if values.nunique() > 1:
            return Meaning("date", values.reindex(texts.index), note)
    values = known.reindex(texts.index).astype("category")
    if keep:
        return Meaning("category", values)
    if known.nunique() < 2 and len(known) in (0, len(texts)):
        return Meaning("nothing", values, "has one value, or none")
    if is_free_text(known.to_numpy()):
        return Meaning("nothing", values, _unread(known))
    if are_numbers(known):
        return Meaning("category", values, "has codes, such as " + _code(known) + ", kept as text")
    return Meaning("category", values)


def missing(texts: pandas.Series) -> pandas.Series:
    """Return where there is no value: empty, "?", "NA" and the like, or infinite."""
    return texts.str.lower().isin(_MISSING)


def are_numbers(texts: pandas.Series) -> bool:
    """Return whether all of these read as finite numbers."""
    return bool(texts.str.fullmatch(_NUMBER).all() and np.isfinite(texts.astype(float)).all())


def are_texts_of_digits(texts: pandas.Series) -> bool:
    """Return whether some of these numbers are codes: 007, or a number of 16 digits."""
    return bool(texts.str.fullmatch(_CODE).any())


def dates(texts: pandas.Series) -> tuple[pandas.Series, str] | None:
    """Return these dates, and how they were read if that was a choice; None if they are none."""
    forms = {"ISO8601": ""} if texts.str.match(_ISO).all() else {}
    forms |= {day + time: how for day, how in _DAYS.items() for time in _TIMES}
    first = texts.iloc[:100]
    for form, how in forms.items():
        if _read(first, form).notna().all() and (found := _read(texts, form)).notna().all():
            other = form.replace("%m/%d", "%d/%m")  # 01/02/2024 may be either
            return found, how if other != form and _read(texts, other).notna().all() else ""
    return None


def _read(texts: pandas.Series, form: str) -> pandas.Series:
    """Return the dates that texts have in this form, in UTC."""
    import pandas

    found = pandas.to_datetime(texts, format=form, errors="coerce", utc=True)
    return found.dt.tz_localize(None)


def _number(name: str, texts: pandas.Series, known: pandas.Series, keep: bool) -> Meaning:
    """Return what a column of numbers holds."""
    numbers = known.astype(float)
    values = numbers.reindex(texts.index)
    if keep:
        return Meaning("number", values)
    if numbers.nunique() < 2:
        return Meaning("nothing", values, "has one value, or none")
    if known.str.fullmatch(_COMPACT).all() and (days := _read(known, "%Y%m%d")).notna().all():
        return Meaning("date", days.reindex(texts.index), "has dates, read as yearmonthday")
    if (numbers != numbers.round()).any():
        return Meaning("number", values)
    in_turn = (numbers - numbers.index).nunique() == 1 and len(numbers) == len(texts) >= _FEWEST
    if in_turn and not _CLOCK.search(name):
        return Meaning("nothing", values, "numbers the rows")
    if _IDENTIFIER.search(name):
        if is_free_text(known.to_numpy()) or numbers.nunique() == len(numbers):
            return Meaning("nothing", values, "is an identifier")
        note = "is an identifier by its name, used as categories; --groups keeps its rows together"
        return Meaning("category", known.reindex(texts.index).astype("category"), note)
    return Meaning("number", values)


def _unread(texts: pandas.Series) -> str:
    """Return what to say of texts that hardly repeat."""
    if texts.str.contains(",").any() and are_numbers(texts.str.replace(",", "")):
        return "has texts that hardly repeat; numbers have a point here, not a comma"
    if texts.str.split().str.len().mean() >= _WORDS:
        return "is free text, which has to be made columns before (TfidfVectorizer does)"
    return "has texts that hardly repeat, as names and identifiers do"


def _code(texts: pandas.Series) -> str:
    return repr(texts[texts.str.fullmatch(_CODE)].iloc[0])
