"""Numbers that are written with a decimal comma, as spreadsheets do in much of the world."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

__all__ = ["with_decimal_points"]

_NUMBER = re.compile(r"[+-]?\d*(,\d+)?([eE][+-]?\d+)?")
# The comma of 1,234 may part thousands; that of 0,234 or 1,23 does not.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def with_decimal_points(texts: pandas.DataFrame) -> tuple[pandas.DataFrame, list[str]]:
    """Return a table whose decimal commas are points, and the names of the columns that had them.

    Where every comma may part thousands, all stay.

    Parameters
    ----------
    texts : pandas.DataFrame
        Of texts.
    """
    columns, decided = [], False
    for name, column in texts.items():
        numbers = [text for text in column.unique() if re.search(r"\d", text)]
        with_comma = [text for text in numbers if "," in text]
        if with_comma and all(map(_NUMBER.fullmatch, numbers)):
            columns.append(str(name))
            decided |= not all(map(_THOUSANDS.fullmatch, with_comma))
    if not decided:
        return texts, []
    points = {name: texts[name].str.replace(",", ".") for name in columns}
    return texts.assign(**points), columns
