"""The one converter for columns that stay in an engine: which cells may be taken as SQL takes them, and as what.

In: a converter, the type of a column, the node that stands for it. Out: a `Way`. What it does not take, the engine is
asked for once, each different value, and the converter itself reads these: a cell means the same wherever its table is.
Must not know: tables, queries, connections.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import evolve, frozen
from sqlglot import exp

from campaignrules.intake.conversion.cells import BLANKS, ERRORS, JOINT, SHOWN_DIGITS, Converter
from campaignrules.intake.conversion.days import Day
from campaignrules.intake.conversion.numbers import Number
from campaignrules.intake.conversion.words import Plain, Tags, Word, YesNo
from campaignrules.quantities import MAX_DIGITS
from campaignrules.relational.dialects import (
    Dialect,
    Kind,
    Node,
    case,
    coalesced,
    equal,
    free,
    function,
    joined,
    negation,
    not_null,
    number,
    parameter,
    times,
)
from campaignrules.relational.engines import ColumnType
from campaignrules.trees import INTEGER_DIGITS

FEW: Final = 200
"""Up to so many words are listed in a condition."""
_EMPTY: Final = exp.Literal.string("")
_EXACT_POWER: Final = 22
_SINGLE_DIGITS: Final = 6
"""Every decimal of so many digits survives being a binary float of four bytes."""


@frozen(eq=False, repr=False)
class Way:
    """How cells become values. `value`: right where `fits` is true, may fail elsewhere; None: no cell is taken so.

    `fits`: true, false, or null for null cells; None: all cells fit. `key`: what tells cells apart that are read one by
    one, of the kind `key_kind`; None: those that do not fit are never read. `largest`: the largest magnitude there is;
    with its whole part `narrowed` gives the same values sooner.
    """

    value: Node | None = None
    fits: Node | None = None
    key: Node | None = None
    key_kind: Kind | str = "text"
    largest: Node | None = None
    narrowed: Callable[[int], Node | None] | None = None


def kind_of(converter: Converter) -> Kind:
    """What an engine keeps the values of a field as."""
    if isinstance(converter, Number):
        return "whole"
    if isinstance(converter, Day):
        return "date"
    return "bool" if isinstance(converter, YesNo) else "texts" if isinstance(converter, Tags) else "text"


def way_of(converter: Converter, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    """How the cells of a column become the values of a field."""
    if given.kind == "other":
        return Way()
    for kind, ways in _WAYS.items():
        if isinstance(converter, kind) and given.kind in ways:
            found = ways[given.kind](converter, given, cell, dialect)
            if found is not None:
                return found
    return _by_values(given, cell, dialect)


def _by_values(
    given: ColumnType, cell: Node, dialect: Dialect, value: Node | None = None, fits: Node | None = None
) -> Way:
    """Cells that do not fit are read one by one."""
    if given.kind == "integer":
        return Way(value, fits, dialect.cast(cell, "wide"), "wide")
    if given.kind == "float":
        return Way(value, fits, _double(cell), "float")
    if given.kind == "texts":
        key = coalesced(function(_JOINS[dialect.name], cell, exp.Literal.string(JOINT)), _EMPTY)
        return Way(value, fits, dialect.text(key), "text")
    return Way(value, fits, dialect.text(cell), "text")


_JOINS: Final = {"duckdb": "ARRAY_TO_STRING", "postgres": "ARRAY_TO_STRING", "spark": "ARRAY_JOIN"}


# -- numbers ------------------------------------------------------------------------------------------------------


def _between(cell: Node, most: int) -> Node:
    return exp.Between(this=free(cell), low=number(-most), high=number(most))


def _integer(one: Number, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    del given
    return _shifted(cell, one.places, dialect)


def _shifted(whole: Node, places: int, dialect: Dialect) -> Way:
    """Whole numbers × 10 ** places where that is exact and has at most 18 digits; others are no numbers of the field."""
    if places >= INTEGER_DIGITS or places <= -MAX_DIGITS:
        return Way(number(0), equal(whole, number(0)))
    if places < 0:
        step = dialect.cast(number(10**-places), "wide")
        wide = dialect.cast(whole, "wide")
        most = (10**INTEGER_DIGITS - 1) * 10**-places
        even = equal(dialect.remainder(wide, step), number(0))
        quotient = dialect.whole_division(wide, step, wide=True, bound=most)
        return Way(dialect.cast(quotient, "whole"), joined(exp.And, even, _wide_between(wide, most, dialect)))
    most = (10**INTEGER_DIGITS - 1) // 10**places
    small = dialect.cast(whole, "whole")
    return Way(times(small, number(10**places)) if places else small, _between(whole, most))


def _wide_between(wide: Node, most: int, dialect: Dialect) -> Node:
    low, high = (dialect.cast(exp.Literal.string(str(end)), "wide") for end in (-most, most))
    return exp.Between(this=free(wide), low=low, high=high)


def _decimal(one: Number, given: ColumnType, cell: Node, dialect: Dialect) -> Way | None:
    """Decimals, counted in the last one that they have and may have, as whole numbers."""
    if given.precision is None or given.scale is None or given.scale >= INTEGER_DIGITS:
        return _unbounded(one, cell) if dialect.name == "postgres" else None
    exact = [] if given.scale <= max(one.places, 0) else [_even(cell, max(one.places, 0))]
    if one.places < 0:
        way = _shifted(dialect.cast(cell, "wide"), one.places, dialect)
        return evolve(way, fits=joined(exp.And, *exact, way.fits)) if way.fits else way
    if one.places >= INTEGER_DIGITS:
        return Way(number(0), equal(cell, number(0)))
    places = min(given.scale, one.places)
    inside = [] if given.precision - given.scale + one.places <= INTEGER_DIGITS else [_below(cell, one.places, dialect)]
    fits = case((joined(exp.And, *inside, *exact), exp.true()), other=exp.false()) if inside or exact else None
    step = number(10 ** (one.places - places))

    def narrowed(digits: int) -> Node:
        whole = _counted(cell, places, dialect, digits)
        return times(whole, step) if one.places > places else whole

    if not places or dialect.name != "duckdb":
        return Way(narrowed(INTEGER_DIGITS), fits)
    largest = dialect.largest(dialect.magnitude(cell))
    return Way(narrowed(INTEGER_DIGITS), fits, largest=largest, narrowed=lambda most: narrowed(len(str(most)) + places))


def _even(cell: Node, places: int) -> Node:
    """Whether a decimal has no more places than these."""
    unit = exp.Cast(this=exp.Literal.string(f"1e-{places}"), to=_decimal_type(places + 1, places))
    return equal(exp.Mod(this=free(cell), expression=unit if places else number(1)), number(0))


def _below(cell: Node, places: int, dialect: Dialect) -> Node:
    return joined(exp.LT, dialect.magnitude(cell), number(10 ** (INTEGER_DIGITS - places)))


def _counted(cell: Node, scale: int, dialect: Dialect, precision: int) -> Node:
    """A decimal of at most so many digits × 10 ** scale, as 64 bits.

    DuckDB multiplies in the width of its factors, and in 64 bits many times faster than in 128.
    """
    if not scale:
        return dialect.cast(cell, "whole")
    fast = precision + scale + 1 <= INTEGER_DIGITS
    width = max(precision, scale) if fast or dialect.name != "duckdb" else 2 * INTEGER_DIGITS + 1 - scale
    step = exp.Cast(this=number(10**scale), to=_decimal_type(scale + 1, 0))
    return dialect.cast(times(exp.Cast(this=free(cell), to=_decimal_type(width, scale)), step), "whole")


def _decimal_type(precision: int, scale: int) -> exp.DataType:
    sizes = [exp.DataTypeParam(this=number(size)) for size in (precision, scale)]
    return exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=sizes)


def _unbounded(one: Number, cell: Node) -> Way | None:
    """PostgreSQL's NUMERIC without a scale; NaN is larger than all numbers there."""
    if not -MAX_DIGITS < one.places < INTEGER_DIGITS:
        return Way(number(0), equal(cell, number(0)))
    step = exp.cast(exp.Literal.string(f"1e{one.places}"), exp.DataType.Type.DECIMAL)
    shifted = times(cell, step)
    exact = equal(shifted, function("TRUNC", shifted))
    inside = _between(shifted, 10**INTEGER_DIGITS - 1)
    return Way(exp.cast(shifted, exp.DataType.Type.BIGINT), joined(exp.And, inside, exact))


def _double(cell: Node) -> Node:
    return exp.cast(free(cell), exp.DataType.Type.DOUBLE)


def _float(one: Number, given: ColumnType, cell: Node, dialect: Dialect) -> Way | None:
    """As `numbers.shortest`: the float nearest to a decimal of the declared decimals and at most 15 digits, or 6."""
    if not 0 <= one.places <= _EXACT_POWER:
        return None
    single = given.name.casefold() in ("float", "float4", "real")
    most, x = _double(number(10 ** (_SINGLE_DIGITS if single else SHOWN_DIGITS))), _double(cell)
    step = _double(number(10**one.places))
    n = function("ROUND", times(x, step) if one.places else x)
    back: Node = exp.Div(this=free(n), expression=free(step), typed=True, safe=False) if one.places else n
    back = exp.cast(back, exp.DataType.Type.FLOAT) if single else back
    near = joined(exp.And, joined(exp.LT, dialect.magnitude(n), most), equal(back, cell))
    # What is too large is sorted out first: PostgreSQL refuses to multiply it.
    fits = case((joined(exp.LT, dialect.magnitude(x), most), near), other=exp.false())
    return _by_values(given, cell, dialect, dialect.cast(n, "whole"), fits)


def _digits(one: Number, given: ColumnType, cell: Node, dialect: Dialect) -> Way | None:
    """Plain digits; whatever else people write is read one by one."""
    if not 0 <= one.places < INTEGER_DIGITS:
        return None
    part = f"([.][0-9]{{1,{one.places}}})?" if one.places else ""
    form = f"^[+-]?[0-9]{{1,{INTEGER_DIGITS - one.places}}}{part}$"
    text = dialect.text(cell)
    value = _counted(text, one.places, dialect, INTEGER_DIGITS)
    return _by_values(given, cell, dialect, value, _matches(dialect.cast(cell, "text"), form))


def _matches(text: Node, form: str) -> Node:
    return exp.RegexpLike(this=free(text), expression=exp.Literal.string(form))


# -- days ---------------------------------------------------------------------------------------------------------


def day_literal(day: dt.date) -> Node:
    """A day of our own making."""
    return exp.cast(exp.Literal.string(day.isoformat()), exp.DataType.Type.DATE)


def _in_calendar(day: Node) -> Node:
    return exp.Between(this=free(day), low=day_literal(dt.date.min), high=day_literal(dt.date.max))


def _date(one: Day, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    del one, given, dialect
    return Way(cell, _in_calendar(cell))


def _moment(one: Day, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    """A moment is a day where it is its beginning, in the session's zone; with a time of day it is none."""
    del one
    kinds = exp.DataType.Type
    zoned = kinds.TIMESTAMPLTZ if dialect.name == "spark" else kinds.TIMESTAMPTZ
    plain = kinds.TIMESTAMPNTZ if dialect.name == "spark" else kinds.TIMESTAMP
    day = dialect.cast(cell, "date")
    begins = equal(exp.cast(free(day), zoned if given.kind == "timestamptz" else plain), cell)
    return Way(day, joined(exp.And, _in_calendar(day), begins))


# -- text and words -----------------------------------------------------------------------------------------------


def _truth(one: YesNo, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    del one, given, dialect
    return Way(cell)


def _text(one: Plain, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    """Text that has no blank at its ends and resembles nothing that is no text."""
    del one
    text, bare = dialect.text(cell), dialect.cast(cell, "text")
    ends = [function(side, bare, number(1)) for side in ("LEFT", "RIGHT")]
    blanks = [exp.In(this=free(end), expressions=[exp.Literal.string(c) for c in ("", *BLANKS)]) for end in ends]
    joint = dialect.contains(bare, parameter(JOINT))
    error = exp.In(this=free(text), expressions=[exp.Literal.string(one) for one in ERRORS])
    lost = joined(exp.And, dialect.contains(bare, parameter("+")), _matches(bare, _LOST_AT_ALL))
    odd = negation(joined(exp.Or, *blanks, joint, error, lost))
    plain = negation(_matches(bare, _UNUSUAL))
    return _by_values(given, cell, dialect, text, case((plain, exp.NEQ(this=free(bare), expression=_EMPTY)), other=odd))


_UNUSUAL: Final = """[^!"$-*,-~]"""
"""All but ASCII that cannot be a blank, an error or a number: most keys are known by one look."""
_LOST_AT_ALL: Final = "[eE][+]"
"""What might be a long number whose digits are lost; the converter has a closer look."""


def _written(one: Plain, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    """Whole numbers are text as they are written."""
    del one, given
    return Way(dialect.text(cell))


def _word(one: Word, given: ColumnType, cell: Node, dialect: Dialect) -> Way:
    text = dialect.text(cell)
    if not 0 < len(one.words) <= FEW:
        return _by_values(given, cell, dialect)
    return _by_values(given, cell, dialect, text, _among(one.words, text, cell, dialect))


def _among(words: Iterable[str], text: Node, cell: Node, dialect: Dialect) -> Node:
    """Whether a cell is one of these words; DuckDB compares with a list in half the time of IN."""
    if dialect.name != "duckdb":
        return exp.In(this=free(text), expressions=[parameter(word) for word in words])
    listed = exp.Array(expressions=[dialect.value(word, "text") for word in words])
    return not_null(function("LIST_POSITION", listed, dialect.cast(cell, "text")))


Maker = Callable[[Any, ColumnType, Node, Dialect], Way | None]

_WAYS: Final[dict[type[Converter], dict[str, Maker]]] = {
    Number: {"integer": _integer, "decimal": _decimal, "float": _float, "text": _digits},
    Day: {"date": _date, "timestamp": _moment, "timestamptz": _moment},
    YesNo: {"bool": _truth},
    Plain: {"text": _text, "integer": _written},
    Word: {"text": _word},
}
