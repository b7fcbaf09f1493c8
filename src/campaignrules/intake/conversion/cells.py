"""What cells are, whatever stands in them: cells as text, filled cells, and what each kind of field is read by.

In: columns as they came. Out: the same as text; the `Converter` that numbers, days and words fill in. Must not know:
files, tables, rows, campaigns.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any, ClassVar, Final

import polars as pl
from attrs import frozen

from campaignrules.errors import did_you_mean

JOINT: Final = "\x1f"
"""Stands between the items of a list that is written as text, and before what is no cell at all."""
LONGEST: Final = 4096
"""Longer cells are not looked at as numbers, dates or words."""
LONGEST_GUESSED: Final = 40
"""For longer names nothing similar is looked for: that takes time with the square of their length."""
FEW: Final = 32
"""Up to so many cells are looked at by Python, which is done before the engine would have begun."""
SHORT: Final = 2_000
"""Up to so many cells Python may have read before the engine would have begun."""
BLANKS: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What the engine takes for blanks; Python has a few more."""
SHOWN_DIGITS: Final = 15
"""A spreadsheet's number has so many digits; every decimal that has no more survives being a binary float."""
ERRORS: Final = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
"""What a spreadsheet shows where a formula has failed."""


class CellError(Exception):
    """A cell cannot be read: the code of the finding and its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self._facts = code, facts

    @property
    def facts(self) -> dict[str, object]:
        return self._facts


class UnknownNameError(CellError):
    """Nobody declared `cell`. The name that may be meant is looked for only when somebody is told."""

    def __init__(self, code: str, cell: str, known: Iterable[str]) -> None:
        super().__init__(code)
        self.cell, self.known = cell, known

    @property
    def facts(self) -> dict[str, object]:
        near = did_you_mean(self.cell, self.known) if len(self.cell) <= LONGEST_GUESSED else None
        return {"hint": f"；{near.zh}", "hint_en": f"; {near.en}"} if near else {}


def folded(text: str) -> str:
    """One form for full-width and half-width writing, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


@frozen(eq=False, repr=False)
class Noted:
    """Cells that were understood though not written plainly: why, how many, and the index of the first of them."""

    code: str
    count: int
    first: int


@frozen(eq=False, repr=False)
class Likely:
    """Texts, and the value of each."""

    texts: pl.Enum
    values: pl.Series

    def found(self, column: pl.Expr) -> pl.Expr:
        """Of each cell the value of its text; null for other texts."""
        return pl.lit(self.values).gather(column.cast(self.texts, strict=False).to_physical())


class Converter:
    """Makes the values of one field.

    `native`: an expression for columns whose type fits without reading text, else None. `attempt`: one that leaves cells
    out (null) that may still be readable as text. `first`, `quick`: expressions for plainly written text, null for all
    other; the first is the cheaper one, without blanks around. `value`: any text, or CellError. `manner`: the code of
    what to note about a text that was understood. `piecemeal`: a short column of few different texts is sooner read by
    `value` than the engine would have begun. `distinct`: in a long column each different text is looked for first.
    """

    dtype: ClassVar[Any] = pl.String
    piecemeal: ClassVar[bool] = True
    distinct: ClassVar[bool] = False

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        raise NotImplementedError

    def attempt(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        return self.native(given, cell)

    def native_note(self, given: pl.DataType) -> str | None:  # noqa: ARG002  for those that have one
        """What to note about every value that a column of that type has given without reading text."""
        return None

    def first(self, cell: pl.Expr) -> pl.Expr:
        return self.quick(cell)

    def quick(self, cell: pl.Expr) -> pl.Expr:  # noqa: ARG002  for those that have a quick way
        return pl.lit(None, self.dtype)

    def likely(self, sample: pl.Series) -> Likely | None:  # noqa: ARG002  as above
        """What most cells of a long column say, by its first ones."""
        return None

    def value(self, text: str) -> Any:
        raise NotImplementedError

    def manner(self, text: str) -> str | None:  # noqa: ARG002  for those that can be written in several ways
        return None

    def stays(self, cells: pl.Series) -> bool:
        """Whether the column can stay as it is, not even copied; cheap."""
        return bool(cells.dtype == pl.Boolean == self.dtype)

    def few(self, cells: pl.Series) -> pl.Series | None:  # noqa: ARG002  for those who need no engine
        """A few cells that are no text, typed by Python; None where the engine has to be asked."""
        return None

    def proof(self, cell: pl.Expr) -> pl.Expr | None:  # noqa: ARG002  for those whose text may stay
        """For text: one boolean that says whether the whole column may stay as it is."""
        return None

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        """For scanned columns of that type: (the column as it is, in which rows that would not do), or None."""
        return (cell, pl.lit(False)) if given == pl.Boolean == self.dtype else None

    def rereads(self, given: pl.DataType) -> bool:
        """Whether a cell of that type that `attempt` leaves out may be readable as text."""
        return self.native(given, pl.col("x")) is None

    def reason(self, text: str) -> CellError:
        """Why `text` cannot be read."""
        if text.strip() in ERRORS:
            return CellError("cell-error")
        try:
            self.value(text)
        except CellError as error:
            return error
        return CellError("unreadable")

    def fault(self, cell: pl.Series) -> CellError:
        """Why the only cell of a column cannot be read."""
        return self.reason(as_text(cell)[0] or "")


def applied(cells: pl.Series, expression: pl.Expr) -> pl.Series:
    """`expression` over the one column `x`."""
    return cells.alias("x").to_frame().with_columns(expression.alias("x")).to_series()


# -- cells as text ------------------------------------------------------------------------------------------------


def as_text(cells: pl.Series) -> pl.Series:
    """Any column as people would write it."""
    dtype = cells.dtype
    if dtype == pl.String:
        return cells
    if dtype.is_float():
        return applied(cells, float_text(pl.col("x")))
    if dtype.is_decimal():
        return cells.cast(pl.String).str.replace(r"\.0+$", "")
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return cells.list.drop_nulls().list.join(JOINT)
    if dtype.is_integer() or dtype in (pl.Boolean, pl.Categorical, pl.Enum, pl.Null):
        return cells.cast(pl.String)
    strange = pl.when(pl.col("x").is_not_null()).then(pl.lit(f"{JOINT}<{dtype.base_type().__name__}>"))
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        written = in_calendar(dtype, pl.col("x")).dt.to_string(
            "%Y-%m-%d" if dtype == pl.Date else "%Y-%m-%d %H:%M:%S%.f"
        )
        return applied(cells, pl.coalesce(written, strange))
    return applied(cells, strange)


def float_text(cell: pl.Expr) -> pl.Expr:
    """Floats as the shortest decimal that shows them."""
    return cell.cast(pl.String).str.strip_suffix(".0")


FIRST_DAY: Final = (dt.date.min - dt.date(1970, 1, 1)).days
LAST_DAY: Final = (dt.date.max - dt.date(1970, 1, 1)).days
_STEPS: Final = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}


def in_calendar(given: pl.DataType, day: pl.Expr) -> pl.Expr:
    """Dates and times in the years 1 to 9999, which Python and the engine's own texts can count."""
    step = _STEPS[given.time_unit] if isinstance(given, pl.Datetime) else 1
    first, last = max(FIRST_DAY * step, -(2**63)), min((LAST_DAY + 1) * step - 1, 2**63 - 1)
    return pl.when(day.to_physical().is_between(first, last)).then(day)


def filled(cells: pl.Series) -> pl.Series:
    """True where a cell holds something. Python has looked at a short column before the engine would have begun."""
    if cells.dtype == pl.String and len(cells) <= SHORT:
        return pl.Series(cells.name, [bool(text and text.strip(BLANKS)) for text in cells.to_list()], dtype=pl.Boolean)
    return applied(cells, is_filled(cells.dtype, pl.col("x")))


def is_filled(given: pl.DataType, cell: pl.Expr) -> pl.Expr:
    """True where a cell of that type holds something: text other than blanks, a list with items."""
    if given == pl.String:
        return (cell.str.strip_chars().str.len_bytes() > 0).fill_null(False)
    if isinstance(given, pl.List):
        return (cell.list.drop_nulls().list.len() > 0).fill_null(False)
    return cell.is_not_null()
