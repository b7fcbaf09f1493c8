"""Dates as people and spreadsheets write them → calendar dates.

In: text, dates, times, day numbers of a spreadsheet. Out: Date. Must not know: files, tables, rows, campaigns.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any, ClassVar, Final

import polars as pl
from attrs import frozen

from campaignrules.intake.conversion.cells import (
    FEW,
    FIRST_DAY,
    LAST_DAY,
    LONGEST,
    CellError,
    Converter,
    Likely,
    folded,
    in_calendar,
)

_LONGEST: Final = 64
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年\s*([0-9]{1,2})\s*月\s*|([0-9]{2}))([0-9]{1,2})\s*[日号]?"
    r"(?:[T ]\s*0{1,2}:00(?::00(?:\.0+)?)?)?",
    re.ASCII,
)
_PLAIN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SERIAL: Final = re.compile(r"([0-9]{5,6})(?:\.0*)?", re.ASCII)
_YEARS: Final = 8
"""Within so many years all days are written out to be compared with."""
FIRST_SERIAL, LAST_SERIAL = 20_000, 109_574
"""Day numbers from 1954 to 2199; smaller and larger ones are more likely to be something else."""


@frozen(eq=False, repr=False)
class Day(Converter):
    """A calendar date. `base`: day 0 of dates written as bare numbers."""

    base: dt.date = dt.date(1899, 12, 30)
    dtype: ClassVar[Any] = pl.Date
    distinct: ClassVar[bool] = True

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if isinstance(given, pl.Datetime):
            known = in_calendar(given, cell)
            local = known.dt.replace_time_zone(None) if given.time_zone else known
            return pl.when(local.dt.time() == dt.time()).then(local.dt.date())
        return in_calendar(pl.Date(), cell.cast(pl.Date)) if given in (pl.Date, pl.Null) else None

    def attempt(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if not given.is_integer() and not given.is_float():
            return self.native(given, cell)
        offset = (self.base - dt.date(1970, 1, 1)).days
        whole = cell.is_between(FIRST_SERIAL, LAST_SERIAL) & (cell == cell.floor())
        return (pl.when(whole).then(cell).cast(pl.Int32, strict=False) + offset).cast(pl.Date)

    def native_note(self, given: pl.DataType) -> str | None:
        return "serial-dates" if given.is_integer() or given.is_float() else None

    def stays(self, cells: pl.Series) -> bool:
        if cells.dtype != pl.Date:
            return False
        days = cells.cast(pl.Int32)
        if len(days) <= FEW:
            return all(day is None or FIRST_DAY <= day <= LAST_DAY for day in days.to_list())
        return bool(days.is_between(FIRST_DAY, LAST_DAY).all())

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        return (cell, ~cell.is_between(dt.date.min, dt.date.max)) if given == pl.Date else None

    def quick(self, cell: pl.Expr) -> pl.Expr:
        plain = cell.str.contains("^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$")
        return pl.when(plain).then(cell).str.to_date("%Y-%m-%d", strict=False)

    def likely(self, sample: pl.Series) -> Likely | None:
        """All days of the years that occur, when the first cells are plainly written and lie within a few years."""
        texts = set(sample.drop_nulls())
        years = {int(text[:4]) for text in texts if _PLAIN.fullmatch(text)} - {0}
        if not years or max(years) - min(years) > _YEARS:
            return None
        return _days_of(min(years), max(years))

    def value(self, text: str) -> dt.date | None:
        if _PLAIN.fullmatch(text):
            return _day(int(text[:4]), int(text[5:7]), int(text[8:]))
        cell = folded(text[:LONGEST])
        if not cell:
            return None
        serial = _SERIAL.fullmatch(cell)
        if serial is not None:
            return self._counted(int(serial[1]))
        match = _DATE.fullmatch(cell) if len(cell) <= _LONGEST else None
        if match is None or (match[6] and len(match[7]) != 2):
            raise CellError("not-a-date")
        return _day(int(match[1]), int(next(m for m in match.groups()[1:6] if m)), int(match[7]))

    def _counted(self, number: int) -> dt.date:
        if not FIRST_SERIAL <= number <= LAST_SERIAL:
            raise CellError("not-a-date")
        return self.base + dt.timedelta(days=number)

    def manner(self, text: str) -> str | None:
        if _PLAIN.fullmatch(text.strip()):
            return None
        return "serial-dates" if _SERIAL.fullmatch(folded(text)) else "written-otherwise"


@lru_cache(16)
def _days_of(first: int, last: int) -> Likely:
    days = pl.date_range(dt.date(first, 1, 1), dt.date(last, 12, 31), eager=True)
    return Likely(pl.Enum(days.cast(pl.String)), days)


def _day(year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise CellError("not-a-date") from None
