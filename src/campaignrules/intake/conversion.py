"""The one converter: text as people write it → exact typed values, the same for every form of data.

In: a column (text, or a type that already fits) and what its field wants. Out: a typed column in which a cell that
cannot be read is null, and for any such cell the code that says why. Plain cells are converted by the engine as a
whole; what is left is converted once per different text. Must not know: files, tables, rows, campaigns.

Floats count as what they show: the shortest decimal that gives the same float.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Final

import polars as pl
from attrs import frozen

from campaignrules.errors import did_you_mean
from campaignrules.quantities import BASE_UNITS, EXACT, MAX_DIGITS, UNITS, Unit
from campaignrules.trees import INTEGER_DIGITS

JOINT: Final = "\x1f"
"""Stands between the items of a list that is written as text, and before what is no cell at all."""
LONGEST: Final = 4096
"""Longer cells are not looked at as numbers, dates or words."""
LONGEST_DATE: Final = 64
LONGEST_GUESSED: Final = 40
"""For longer names nothing similar is looked for: that takes time with the square of their length."""
_SHORT: Final = 2_000
_FEW: Final = 200
"""Up to so many rows and different texts a column is read by Python."""
_MOST: Final = 10**INTEGER_DIGITS - 1


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


class Converter:
    """Makes the values of one field.

    `native`: an expression for columns whose type fits without reading text, else None. `quick`: an expression for
    plainly written text, null for all other. `value`: any text, or CellError. `piecemeal`: a short column of few
    different texts is sooner read by `value` than the engine would have begun.
    """

    dtype: ClassVar[Any] = pl.String
    piecemeal: ClassVar[bool] = True

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        raise NotImplementedError

    def quick(self, cell: pl.Expr) -> pl.Expr:  # noqa: ARG002  for those that have a quick way
        return pl.lit(None, self.dtype)

    def value(self, text: str) -> Any:
        raise NotImplementedError

    def is_plain(self, cells: pl.Series) -> bool:
        """Whether the column can stay as it is, not even copied."""
        return bool(cells.dtype == pl.Boolean == self.dtype)

    def convert(self, cells: pl.Series) -> pl.Series:
        """The typed column; null where a cell is empty or cannot be read."""
        if self.piecemeal and cells.dtype == pl.String and len(cells) <= _SHORT:
            texts = cells.to_list()
            if len(different := set(texts)) <= _FEW:
                read = {text: None if text is None else _value_or_none(self, text.strip()) for text in different}
                return pl.Series(cells.name, [read[text] for text in texts], dtype=self.dtype)
        if self.is_plain(cells):
            return cells
        fits = self.native(cells.dtype, pl.col("x"))
        if fits is not None:
            return applied(cells, fits)
        text = as_text(cells)
        done = applied(text, self.quick(pl.col("x")))
        left = filled(text) & done.is_null()
        return _patched(done, text, left, self) if left.any() else done

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        """For scanned columns of that type: (the column as it is, in which rows that would not do), or None."""
        return (cell, pl.lit(False)) if given == pl.Boolean == self.dtype else None

    def lazily(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr:
        """The same as an expression, without Python per row when the type fits."""
        fits = self.native(given, cell)
        return (
            fits if fits is not None else cell.map_batches(self.convert, return_dtype=self.dtype, is_elementwise=True)
        )

    def reason(self, text: str) -> CellError:
        """Why `text` cannot be read."""
        try:
            self.value(text)
        except CellError as error:
            return error
        return CellError("unreadable")


def applied(cells: pl.Series, expression: pl.Expr) -> pl.Series:
    """`expression` over the one column `x`."""
    return cells.alias("x").to_frame().with_columns(expression.alias("x")).to_series()


def _patched(done: pl.Series, text: pl.Series, left: pl.Series, converter: Converter) -> pl.Series:
    """`done` with the cells in `left` read one by one, each different text once."""
    cells = text.filter(left).unique().to_list()
    values = pl.Series("x", [_value_or_none(converter, cell) for cell in cells], dtype=converter.dtype)
    places = text.replace_strict(cells, range(len(cells)), default=None, return_dtype=pl.UInt32)
    both = pl.DataFrame({"left": left, "done": done, "read": values.gather(places)})
    return both.select(pl.when("left").then("read").otherwise("done").alias("x")).to_series()


def _value_or_none(converter: Converter, text: str) -> Any:
    try:
        return converter.value(text)
    except CellError:
        return None


# -- cells as text ------------------------------------------------------------------------------------------------


def as_text(cells: pl.Series) -> pl.Series:
    """Any column as people would write it."""
    dtype = cells.dtype
    if dtype == pl.String:
        return cells
    if dtype.is_float():
        return cells.cast(pl.String).str.strip_suffix(".0")
    if dtype.is_decimal():
        return cells.cast(pl.String).str.replace(r"\.0+$", "")
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return cells.list.drop_nulls().list.join(JOINT)
    if dtype.is_integer() or dtype in (pl.Boolean, pl.Categorical, pl.Enum, pl.Null):
        return cells.cast(pl.String)
    strange = pl.when(pl.col("x").is_not_null()).then(pl.lit(f"{JOINT}<{dtype.base_type().__name__}>"))
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        written = _in_calendar(dtype, pl.col("x")).dt.to_string(
            "%Y-%m-%d" if dtype == pl.Date else "%Y-%m-%d %H:%M:%S%.f"
        )
        return applied(cells, pl.coalesce(written, strange))
    return applied(cells, strange)


_FIRST: Final = (dt.date.min - dt.date(1970, 1, 1)).days
_LAST: Final = (dt.date.max - dt.date(1970, 1, 1)).days
_STEPS: Final = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}


def _in_calendar(given: pl.DataType, day: pl.Expr) -> pl.Expr:
    """Dates and times in the years 1 to 9999, which Python and the engine's own texts can count."""
    step = _STEPS[given.time_unit] if isinstance(given, pl.Datetime) else 1
    first, last = max(_FIRST * step, -(2**63)), min((_LAST + 1) * step - 1, 2**63 - 1)
    return pl.when(day.to_physical().is_between(first, last)).then(day)


def filled(cells: pl.Series) -> pl.Series:
    """True where a cell holds something."""
    return applied(cells, is_filled(cells.dtype, pl.col("x")))


def is_filled(given: pl.DataType, cell: pl.Expr) -> pl.Expr:
    """True where a cell of that type holds something: text other than blanks, a list with items."""
    if given == pl.String:
        return (cell.str.strip_chars().str.len_bytes() > 0).fill_null(False)
    if isinstance(given, pl.List):
        return (cell.list.drop_nulls().list.len() > 0).fill_null(False)
    return cell.is_not_null()


# -- numbers ------------------------------------------------------------------------------------------------------

_NUMBER: Final = re.compile(
    r"([+-]?(?:[0-9][0-9,]*+(?:\.[0-9]*+)?|\.[0-9]++))(?:[eE]([+-]?[0-9]{1,3}))?\s*+(\S*+)", re.ASCII
)
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", re.ASCII)
_MULTIPLES: Final = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}


def unit_named(name: str, wanted: Unit) -> Unit | None:
    """The unit of measure that `name` means where `wanted` is expected: `万元`, `%`, or `亿` for 亿元."""
    unit = UNITS.get(name)
    if unit is not None:
        return unit
    base = BASE_UNITS.get(wanted.dimension)
    written_out = UNITS.get(name + base.name) if base else None
    if written_out is None and name in _MULTIPLES:
        return Unit(name, wanted.dimension, _MULTIPLES[name])
    return written_out


@frozen(eq=False, repr=False)
class Number(Converter):
    """A whole number of 10 ** -decimals of `unit`. `given`: the unit that the column's header says."""

    unit: Unit
    decimals: int
    given: Unit | None = None
    dtype: ClassVar[Any] = pl.Int64

    def is_plain(self, cells: pl.Series) -> bool:
        if cells.dtype != pl.Int64 or self.places or not self.fits:
            return False
        return not cells.len() or cells.null_count() == cells.len() or _within(cells.min(), cells.max())

    @property
    def fits(self) -> bool:
        """Whether the header's unit measures the same as the field's."""
        return self.given is None or self.given.dimension == self.unit.dimension

    @property
    def places(self) -> int:
        """A plain number of the column × 10 ** places is the value."""
        return self.decimals + (self.given or self.unit).power - self.unit.power

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if not self.fits:
            return None
        if given.is_integer():
            whole = cell if given == pl.Int64 else cell.cast(pl.Int64, strict=False)
            return _shifted(whole, self.places)
        if isinstance(given, pl.Decimal):
            return _shifted(cell.to_physical(), self.places - given.scale)
        return pl.lit(None, pl.Int64) if given == pl.Null else None

    def quick(self, cell: pl.Expr) -> pl.Expr:
        room = INTEGER_DIGITS - self.places
        if not self.fits or not 0 <= self.places < INTEGER_DIGITS:
            return super().quick(cell)
        text = cell.str.strip_chars()
        plain = text.str.contains(f"^[+-]?[0-9]{{1,{room}}}(?:[.][0-9]{{0,{self.places}}}0{{0,9}})?$")
        exact = pl.when(plain).then(text).cast(pl.Decimal(38, self.places), strict=False)
        return exact.to_physical().cast(pl.Int64)

    def value(self, text: str) -> int | None:
        cell = folded(text[:LONGEST]).replace("−", "-")
        if not cell:
            return None
        match = _NUMBER.fullmatch(cell)
        if match is None or len(text) > LONGEST or ("," in match[1] and not _GROUPED.fullmatch(match[1])):
            raise CellError("not-a-number")
        if sum(map(str.isdigit, match[1])) > MAX_DIGITS:
            raise CellError("number-too-large", digits=INTEGER_DIGITS)
        number = Decimal(match[1].replace(",", "")).scaleb(int(match[2] or 0), EXACT)
        return self._counted(number, self._unit_of(match[3]))

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        places = self.places - (given.scale if isinstance(given, pl.Decimal) else 0)
        if not self.fits or not 0 <= places < INTEGER_DIGITS or not (given.is_integer() or given.is_decimal()):
            return None
        whole = cell.to_physical() if isinstance(given, pl.Decimal) else cell
        most = _MOST // 10**places
        small = _digits(given) + places <= INTEGER_DIGITS
        outside = pl.lit(False) if small else ~whole.is_between(-most, most)
        counted = whole if given == pl.Int64 else whole.cast(pl.Int64, strict=False)
        return counted * 10**places if places else counted, outside

    def _unit_of(self, suffix: str) -> Unit:
        if not suffix and self.fits:
            return self.given or self.unit
        unit = unit_named(suffix, self.unit) if suffix else self.given
        suffix = suffix or (unit.name if unit else "")
        if unit is None and suffix[0].isascii() and suffix[0] != "%":
            raise CellError("not-a-number")
        if unit is None or unit.dimension != self.unit.dimension:
            raise CellError("wrong-unit", unit=suffix, wanted=self.unit.name)
        return unit

    def _counted(self, number: Decimal, unit: Unit) -> int:
        places = self.decimals + unit.power - self.unit.power
        if number and number.adjusted() + places >= INTEGER_DIGITS:
            raise CellError("number-too-large", digits=INTEGER_DIGITS)
        counted = number.scaleb(places, EXACT)
        if counted != counted.to_integral_value(context=EXACT):
            raise CellError("too-many-decimals", decimals=self.decimals, unit=self.unit.name)
        return int(counted)


_INTEGERS: Final[dict[Any, int]] = {pl.Int8: 3, pl.UInt8: 3, pl.Int16: 5, pl.UInt16: 5, pl.Int32: 10, pl.UInt32: 10}


def _digits(given: pl.DataType) -> int:
    """The most digits a column of that type can hold."""
    if isinstance(given, pl.Decimal):
        return given.precision or MAX_DIGITS
    return next((digits for kind, digits in _INTEGERS.items() if given == kind), MAX_DIGITS)


def _within(low: Any, high: Any) -> bool:
    return int(low) >= -_MOST and int(high) <= _MOST


def _shifted(whole: pl.Expr, places: int) -> pl.Expr:
    """`whole` × 10 ** places where that is exact and has at most 18 digits, else null."""
    if places >= INTEGER_DIGITS or places <= -MAX_DIGITS:
        return pl.when(whole == 0).then(pl.lit(0, pl.Int64))
    if places < 0:
        step = pl.lit(10**-places, pl.Int128 if places < -INTEGER_DIGITS else pl.Int64)
        kept = pl.when(whole % step == 0).then(whole // step)
        return _shifted(kept, 0).cast(pl.Int64)
    most = _MOST // 10**places
    inside = pl.when(whole.is_between(-most, most)).then(whole).cast(pl.Int64, strict=False)
    return inside * 10**places if places else inside


# -- dates, yes and no, text --------------------------------------------------------------------------------------

_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年\s*([0-9]{1,2})\s*月\s*|([0-9]{2}))([0-9]{1,2})\s*[日号]?"
    r"(?:[T ]\s*0{1,2}:00(?::00(?:\.0+)?)?)?",
    re.ASCII,
)


@frozen(eq=False, repr=False)
class Day(Converter):
    """A calendar date."""

    dtype: ClassVar[Any] = pl.Date

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if isinstance(given, pl.Datetime):
            known = _in_calendar(given, cell)
            local = known.dt.replace_time_zone(None) if given.time_zone else known
            return pl.when(local.dt.time() == dt.time()).then(local.dt.date())
        return _in_calendar(pl.Date(), cell.cast(pl.Date)) if given in (pl.Date, pl.Null) else None

    def is_plain(self, cells: pl.Series) -> bool:
        days = cells.to_physical() if cells.dtype == pl.Date else None
        return days is not None and bool(days.is_between(_FIRST, _LAST).all())

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        return (cell, ~cell.is_between(dt.date.min, dt.date.max)) if given == pl.Date else None

    def quick(self, cell: pl.Expr) -> pl.Expr:
        plain = cell.str.contains("^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$")
        return pl.when(plain).then(cell).str.to_date("%Y-%m-%d", strict=False)

    def value(self, text: str) -> dt.date | None:
        cell = folded(text[:LONGEST])
        if not cell:
            return None
        match = _DATE.fullmatch(cell) if len(cell) <= LONGEST_DATE else None
        if match is None or (match[6] and len(match[7]) != 2):
            raise CellError("not-a-date")
        try:
            return dt.date(int(match[1]), int(next(m for m in match.groups()[1:6] if m)), int(match[7]))
        except ValueError:
            raise CellError("not-a-date") from None


_YES: Final = frozenset(("是", "有", "对", "true", "yes", "y", "1", "√", "✓", "✔"))
_NO: Final = frozenset(("否", "无", "不是", "false", "no", "n", "0", "×", "x", "✗", "✘"))


@frozen(eq=False, repr=False)
class YesNo(Converter):
    """是 or 否, and what else people write for them."""

    dtype: ClassVar[Any] = pl.Boolean

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if given == pl.Null:
            return pl.lit(None, pl.Boolean)
        return cell if given == pl.Boolean else None

    def value(self, text: str) -> bool | None:
        cell = folded(text[:LONGEST]).casefold()
        if cell and cell not in _YES | _NO:
            raise CellError("not-yes-or-no")
        return cell in _YES if cell else None


@frozen(eq=False, repr=False)
class Plain(Converter):
    """Text without blanks around it; empty text is missing."""

    piecemeal: ClassVar[bool] = False

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        return self.quick(cell) if given == pl.String else None

    def quick(self, cell: pl.Expr) -> pl.Expr:
        text = cell.str.strip_chars()
        return pl.when((text.str.len_bytes() > 0) & ~cell.str.contains(JOINT, literal=True)).then(text)

    def value(self, text: str) -> str | None:
        if JOINT in text:
            raise CellError("not-text")
        return text.strip() or None

    def is_plain(self, cells: pl.Series) -> bool:
        if cells.dtype != pl.String:
            return False
        sizes = cells.str.len_bytes()
        if cells.str.contains(JOINT, literal=True).any():
            return False
        return sizes.min() != 0 and sizes.sum() == cells.str.strip_chars().str.len_bytes().sum()

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        """Scanned text may stay when it has no blanks around it, no empty cells, and none that stands for no text."""
        if given != pl.String:
            return None
        blanks = cell.str.strip_chars().str.len_bytes() != cell.str.len_bytes()
        return cell, blanks | (cell == "") | cell.str.contains(JOINT, literal=True)


# -- words --------------------------------------------------------------------------------------------------------


def word_table(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What may be written → the word it means. An id comes before a title; a title of two words means neither."""
    titles: dict[str, str | None] = {}
    for word, others in names.items():
        for title in {folded(other) for other in others}:
            titles[title] = None if titles.get(title, word) != word else word
    found = {title: word for title, word in titles.items() if word is not None and title}
    return {**found, **{folded(word): word for word in names}, **{word: word for word in names}}


@frozen(slots=False, eq=False, repr=False)
class Word(Converter):
    """A word of a list; its id or any of its titles may be written. `code`: what to say about others."""

    table: Mapping[str, str]
    code: str = "unknown-word"

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if given == pl.Null:
            return pl.lit(None, pl.String)
        known = isinstance(given, pl.Enum) and all(self.table.get(word) == word for word in given.categories)
        return cell.cast(pl.String) if known else None

    def quick(self, cell: pl.Expr) -> pl.Expr:
        return cell.str.strip_chars().replace_strict(
            list(self.table), list(self.table.values()), default=None, return_dtype=pl.String
        )

    def is_plain(self, cells: pl.Series) -> bool:
        return cells.dtype == pl.String and bool(cells.is_in(self._words).all())

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        return (cell, ~cell.is_in(self._words)) if given == pl.String else None

    @cached_property
    def _words(self) -> list[str]:
        return [word for word in dict.fromkeys(self.table.values()) if self.table.get(word) == word]

    def value(self, text: str) -> str | None:
        cell = text if text in self.table else folded(text[:LONGEST])
        if cell and cell not in self.table:
            raise UnknownNameError(self.code, cell, self.table)
        return self.table[cell] if cell else None


_SEPARATORS: Final = re.compile(f"([、;,\n{JOINT}])")


@frozen(slots=False, eq=False, repr=False)
class Tags(Converter):
    """Several words of a vocabulary, each once, in alphabetical order. A title may itself hold a separator."""

    table: Mapping[str, str]
    dtype: ClassVar[Any] = pl.List(pl.String)
    piecemeal: ClassVar[bool] = False

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:  # noqa: ARG002  lists are always read
        return pl.lit(None, self.dtype) if given == pl.Null else None

    def value(self, text: str) -> list[str] | None:
        parts = _SEPARATORS.split(folded(text[:LONGEST]).replace("，", ","))
        words: set[str] = set()
        start = 0
        while start < len(parts):
            start, word = self._next(parts, start)
            words |= {word} - {""}
        if not words and text.strip():
            raise CellError("unknown-word")
        return sorted(words) or None

    @cached_property
    def _longest(self) -> int:
        """Of how many parts a title may consist."""
        return max((len(_SEPARATORS.split(title)) for title in self.table), default=1)

    def _next(self, parts: list[str], start: int) -> tuple[int, str]:
        """The word that begins at a part, the longest one, and where the next begins."""
        for end in range(min(len(parts), start + self._longest), start, -2):
            word = self.table.get("".join(parts[start:end]).strip())
            if word is not None:
                return end + 1, word
        cell = parts[start].strip()
        if cell:
            raise UnknownNameError("unknown-word", cell, self.table)
        return start + 2, ""
