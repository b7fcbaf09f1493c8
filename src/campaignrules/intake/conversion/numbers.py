"""Numbers as people and spreadsheets write them → whole numbers of the last declared decimal, exactly.

In: text, whole numbers, decimals, binary floats. Out: Int64. Must not know: files, tables, rows, campaigns.

A binary float counts as the shortest decimal that shows it. If that has too many decimals, but its 15 digits, which are
what a spreadsheet shows, have not, it counts as those: `0.1 + 0.2` is 0.3.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np
import polars as pl
from attrs import frozen

from campaignrules.intake.conversion.cells import LONGEST, SHOWN_DIGITS, CellError, Converter, folded
from campaignrules.quantities import BASE_UNITS, EXACT, MAX_DIGITS, UNITS, Unit
from campaignrules.trees import INTEGER_DIGITS

_DIGITS: Final = r"(?:[0-9][0-9,]*+(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]{1,3})?"
_NUMBER: Final = re.compile(rf"([+-]?{_DIGITS})\s*+(\S*+)", re.ASCII)
_IN_BRACKETS: Final = re.compile(rf"\(\s*+({_DIGITS})\s*+([^\s)]*+)\s*+\)\s*+(\S*+)", re.ASCII)
"""Accountants write negative numbers in brackets; a unit may stand inside or behind them."""
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?(?:[eE].*)?", re.ASCII)
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_MULTIPLES: Final = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
_MOST: Final = 10**INTEGER_DIGITS - 1
_MOST_FLOAT: Final = 10.0**SHOWN_DIGITS
_EXACT_POWER: Final = 22
"""10 ** 22 is the last power of ten that is a binary float exactly."""


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

    def stays(self, cells: pl.Series) -> bool:
        if cells.dtype != pl.Int64 or self.places or not self.fits:
            return False
        return cells.null_count() == len(cells) or _within(cells.min(), cells.max())

    def few(self, cells: pl.Series) -> pl.Series | None:
        scale = cells.dtype.scale if isinstance(cells.dtype, pl.Decimal) else 0 if cells.dtype.is_integer() else None
        if scale is None or not self.fits or self.places < scale:
            return None
        exact = (
            cell if cell is None or isinstance(cell, int) else cell.scaleb(scale, EXACT) for cell in cells.to_list()
        )
        found = [None if cell is None else int(cell) * 10 ** (self.places - scale) for cell in exact]
        small = all(number is None or -_MOST <= number <= _MOST for number in found)
        return pl.Series(cells.name, found, dtype=pl.Int64) if small else None

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

    def attempt(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if given.is_float() and self.fits and abs(self.places) <= _EXACT_POWER:
            return self._of_floats(cell.cast(pl.Float64))
        return self.native(given, cell)

    def first(self, cell: pl.Expr) -> pl.Expr:
        if not self.fits or not 0 <= self.places < INTEGER_DIGITS:
            return super().quick(cell)
        if self.places == 0:
            few = cell.str.len_bytes().max() <= INTEGER_DIGITS
            return pl.when(few).then(cell.cast(pl.Int64, strict=False))
        return self._by_float(cell) if self.places <= _EXACT_POWER else self._by_digits(cell)

    def _by_float(self, cell: pl.Expr) -> pl.Expr:
        """Text of at most 15 bytes without exponents has at most 15 digits: `shortest` gives back what it says."""
        few = (cell.str.len_bytes().max() <= SHOWN_DIGITS) & ~cell.str.join("").str.contains("[eE]")
        return pl.when(few).then(self._of_floats(cell.cast(pl.Float64, strict=False)))

    def _of_floats(self, cell: pl.Expr) -> pl.Expr:
        return cell.map_batches(partial(shortest, places=self.places), return_dtype=pl.Int64, is_elementwise=True)

    def _by_digits(self, cell: pl.Expr) -> pl.Expr:
        room = INTEGER_DIGITS - self.places
        plain = cell.str.contains(f"^[+-]?[0-9]{{1,{room}}}(?:[.][0-9]{{0,{self.places}}}0{{0,9}})?$")
        exact = cell.cast(pl.Decimal(38, self.places), strict=False).to_physical().cast(pl.Int64, strict=False)
        return pl.when(plain).then(exact)

    def quick(self, cell: pl.Expr) -> pl.Expr:
        if not self.fits or not 0 <= self.places < INTEGER_DIGITS:
            return super().quick(cell)
        return self._by_digits(cell.str.strip_chars())

    def value(self, text: str) -> int | None:
        plain = self._plainly(text)
        if plain is not None:
            return plain
        cell = _half_width(text)
        if not cell:
            return None
        number, unit = self._parsed(cell, len(text))
        try:
            return self._counted(number, unit)
        except CellError as error:
            short = _without_noise(number) if error.code == "too-many-decimals" else None
            if short is None:
                raise
            return self._counted(short, unit)

    def _plainly(self, text: str) -> int | None:
        """The value of a short plain number that has no more decimals than it may have."""
        if not self.fits or self.places < 0 or len(text) + self.places > INTEGER_DIGITS or not _PLAIN.fullmatch(text):
            return None
        whole, _, part = text.partition(".")
        return int(whole + part.ljust(self.places, "0")) if len(part) <= self.places else None

    def manner(self, text: str) -> str | None:
        if _PLAIN.fullmatch(text.strip()):
            return "float-noise" if len(text) > SHOWN_DIGITS and self._is_noisy(text) else None
        return "float-noise" if self._is_noisy(text) else "written-otherwise"

    def _is_noisy(self, text: str) -> bool:
        """Whether a number that was understood has too many decimals as it is written."""
        try:
            self._counted(*self._parsed(_half_width(text), len(text)))
        except CellError:
            return True
        return False

    def rereads(self, given: pl.DataType) -> bool:
        return given.is_float() or super().rereads(given)

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

    def _parsed(self, cell: str, length: int) -> tuple[Decimal, Unit]:
        """The number written and its unit of measure."""
        match, sign = _NUMBER.fullmatch(cell), ""
        if match is None:
            match, sign = _IN_BRACKETS.fullmatch(cell), "-"
        if match is None or length > LONGEST or ("," in match[1] and not _GROUPED.fullmatch(match[1])):
            raise CellError("not-a-number")
        units = [unit for unit in match.groups()[1:] if unit]
        if len(units) > 1:
            raise CellError("not-a-number")
        mantissa, _, exponent = match[1].replace(",", "").casefold().partition("e")
        if sum(map(str.isdigit, mantissa)) > MAX_DIGITS:
            raise CellError("number-too-large", digits=INTEGER_DIGITS)
        number = Decimal(sign + mantissa).scaleb(int(exponent or 0), EXACT)
        return number, self._unit_of(units[0] if units else "")

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


def _half_width(text: str) -> str:
    return folded(text[:LONGEST]).replace("−", "-")


# -- whole numbers ------------------------------------------------------------------------------------------------

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


# -- binary floats ------------------------------------------------------------------------------------------------


def shortest(x: pl.Series, places: int) -> pl.Series:
    """n where n × 10 ** -places is the shortest decimal that shows the float x and |n| < 10 ** 15, else null.

    Let n be x × 10 ** places, rounded, and D = n × 10 ** -places. Division of two floats gives the float that is nearest
    to the true quotient, and both n (below 2 ** 53) and 10 ** places (up to 10 ** 22) are floats exactly; so when the
    division gives x, then x is the float nearest to D: D is one of the decimals that x stands for. D has at most 15
    digits. No two decimals of at most 15 digits have the same nearest float, and the shortest decimal that shows x has
    no more digits than D; so it is D. Where `places` is negative, n is multiplied by a power of ten instead; the product
    is a whole number below 2 ** 53, so it is exact.

    The division is numpy's: polars multiplies by the reciprocal of a constant, which is not always the nearest float.
    """
    values = x.to_numpy()
    with np.errstate(all="ignore"):
        n, back = _multiples(values, places)
        good = back == values
        good &= np.abs(n, out=back) < _MOST_FLOAT
        if places < 0:
            good &= np.abs(values, out=back) < _MOST_FLOAT
    return _whole(n, good)


def without_noise(x: pl.Series, places: int) -> pl.Series:
    """n where n × 10 ** -places is what the first 15 digits of the float x say, and |n| < 10 ** 15, else null.

    A unit of the 15th digit is q = 10 ** (e - 14), where 10 ** e <= |x|. D = n × 10 ** -places is a multiple of q, since
    |n| < 10 ** 15 means that 10 ** -places is not finer than q. So D is what the 15 digits say if |x - D| < q / 2. Here d,
    the float nearest to D, stands for D: they differ by less than |x| × 2 ** -52, which is added; x - d is exact, as x
    and d are close. e may come out too small by one, never too large; then less is accepted, nothing wrong.
    """
    values = x.to_numpy()
    with np.errstate(all="ignore"):
        n, back = _multiples(values, places)
        half = 0.4999 * 10.0 ** (np.floor(np.log10(np.abs(values)) - 1e-9) - (SHOWN_DIGITS - 1))
        near = np.abs(values - back) + np.abs(values) * 2.0**-52 < half
        good = near & (n != 0) & (np.abs(n) < _MOST_FLOAT) & (np.abs(values) < _MOST_FLOAT)
    return _whole(n, good)


def _multiples(values: Any, places: int) -> tuple[Any, Any]:
    """Floats in whole multiples of 10 ** -places, and the floats that these are."""
    step = 10.0 ** abs(places)
    n = values * step if places >= 0 else values / step
    np.rint(n, out=n)
    return n, n / step if places >= 0 else n * step


def _whole(n: Any, good: Any) -> pl.Series:
    """Whole numbers, null where they are not good."""
    if good.all():
        return pl.Series("x", n.astype(np.int64))
    whole = pl.Series("x", np.where(good, n, 0).astype(np.int64))
    return whole.to_frame().select(pl.when(pl.Series(good)).then("x").alias("x")).to_series()


def _without_noise(number: Decimal) -> Decimal | None:
    """The 15 digits of a number that has more because it is how a binary float is shown, else None."""
    if len(number.normalize(EXACT).as_tuple().digits) > SHOWN_DIGITS + 2 or abs(number.adjusted()) > 300:
        return None
    x = float(number)
    return Decimal(f"{x:.{SHOWN_DIGITS}g}") if Decimal(repr(x)) == number else None
