"""The rows of a worksheet as a spreadsheet's reader gives them → `sheets.Cells`: columns of one type each.

In: a rectangle of Python values, '' for empty cells, and where its top left corner lies. Out: the first rows as text, the
rest as columns. Must not know: kinds of files, tables, fields.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import polars as pl
from attrs import field, frozen

from campaignrules.intake.sheets import HEAD, HeadRow

EMPTY: Final = ""
_LOSES: Final = 1e15
"""A spreadsheet has lost the last digits of larger numbers: as text they keep the power of ten that shows it."""


@frozen(eq=False, repr=False)
class Grid:
    """Columns of equal length; the first cell of the first one stands in column `left` (from 0) and row `top` (from 1)."""

    columns: Sequence[Sequence[Any]] = ()
    left: int = 0
    top: int = 1
    height: int = field(init=False)

    @height.default
    def _height(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def width(self) -> int:
        return self.left + len(self.columns) if self.columns else 0

    def head(self) -> list[HeadRow]:
        """The first rows that hold more than blanks."""
        found: list[HeadRow] = []
        for i in range(self.height):
            cells = tuple(text_of(column[i]) for column in self.columns)
            if any(map(str.strip, cells)):
                found.append(HeadRow(self.top + i, (EMPTY,) * self.left + cells))
                if len(found) == HEAD:
                    break
        return found

    def below(self, row: int) -> tuple[pl.DataFrame, pl.Series]:
        """The rows with greater numbers that hold more than blanks, and their numbers."""
        first = max(row + 1 - self.top, 0)
        nothing = [pl.Series(f"r{i}", [None], dtype=pl.String) for i in range(self.left)]
        height = max(self.height - first, 0)
        cells = [column_of(column[first:]).alias(f"r{i}") for i, column in enumerate(self.columns, self.left)]
        frame = pl.DataFrame([*(one.new_from_index(0, height) for one in nothing), *cells])
        numbers = pl.int_range(self.top + first, self.top + first + height, dtype=pl.Int64, eager=True)
        if all(bool(_filled(column).all()) for column in cells[:1]):
            return frame, numbers
        filled = reduce(operator.or_, map(_filled, cells))
        return (frame, numbers) if filled.all() else (frame.filter(filled), numbers.filter(filled))


def _filled(column: pl.Series) -> pl.Series:
    """Which cells hold more than blanks."""
    return (
        (column.str.strip_chars() != EMPTY).fill_null(value=False)
        if column.dtype == pl.String
        else column.is_not_null()
    )


# -- columns ------------------------------------------------------------------------------------------------------


def column_of(cells: Sequence[Any]) -> pl.Series:
    """Cells as one column: of numbers, dates or booleans where all are, else of text; empty ones are null."""
    kinds = set(map(type, cells))
    if kinds <= {str}:
        return pl.Series([cell or None for cell in cells], dtype=pl.String)
    if str in kinds:
        cells = [None if cell == EMPTY else cell for cell in cells]
        kinds = set(map(type, cells)) - {type(None)}
    if kinds == {dt.date}:
        return _dates(cells)
    if kinds <= {float, int}:
        return pl.Series(cells, dtype=pl.Float64, strict=int not in kinds)
    if kinds == {bool}:
        return pl.Series(cells, dtype=pl.Boolean)
    return pl.Series([None if cell is None else text_of(cell) for cell in cells], dtype=pl.String)


def _dates(cells: Sequence[dt.date | None]) -> pl.Series:
    """By day numbers, which is much faster."""
    days = [None if cell is None else cell.toordinal() for cell in cells]
    return (pl.Series(days, dtype=pl.Int32) - _EPOCH).cast(pl.Date)


_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


def text_of(cell: Any) -> str:
    """A cell as people would write it."""
    return _TEXTS[type(cell)](cell)


def _number(cell: float) -> str:
    """The shortest decimal that shows the number, without a power of ten where a person would not write one."""
    if abs(cell) >= _LOSES:
        return f"{Decimal(repr(cell)).normalize():e}" if math.isfinite(cell) else repr(cell)
    text = repr(cell).removesuffix(".0")
    return f"{Decimal(text):f}" if "e" in text and abs(cell) > 1e-9 else text


def _moment(cell: dt.datetime) -> str:
    return cell.isoformat(" ")


def _duration(cell: dt.timedelta) -> str:
    """Hours, minutes and seconds."""
    seconds = round(cell.total_seconds())
    minutes, seconds = divmod(abs(seconds), 60)
    return f"{'-' if cell.days < 0 else ''}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda cell: "true" if cell else "false",
    int: str,
    float: _number,
    dt.date: dt.date.isoformat,
    dt.datetime: _moment,
    dt.time: dt.time.isoformat,
    dt.timedelta: _duration,
}
