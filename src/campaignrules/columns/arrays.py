"""A checked tree over NumPy columns: exact, lazy, every row at once.

In: a tree of `expressions` and a `Column` for each name it uses. Out: one column and the rows that were divided by
zero; `CampaignError` for a result of more than 38 digits. Numbers are Python whole numbers in object arrays, counted in
10 ** -scale of the tree's static type, so nothing rounds or overflows on the way. Must not know: texts of formulas,
Polars, campaigns, or the reference evaluator.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from campaignrules.errors import CampaignError, Text, fault
from campaignrules.quantities import (
    DIVISION_PLACES,
    MAX_DIGITS,
    digits_of,
    divide_half_even,
    divide_half_up,
    scaled,
    unscaled,
)
from campaignrules.trees import Apply, Literally, Name, Tree, Type, Value

Array = np.ndarray[Any, Any]
Rows = np.ndarray[Any, np.dtype[np.intp]]
Rule = Callable[..., Array]
EPOCH: Final = dt.date(1970, 1, 1).toordinal()


@frozen(eq=False, repr=False)
class Column:
    """Values and which of them are known; what stands in the place of a missing value has no meaning.

    Numbers: object array of ints at the type's scale. Dates: int64 ordinals. Bool: bool. Text, words, units: object
    array of str. Tags: object array of frozenset.
    """

    values: Array
    known: np.ndarray[Any, np.dtype[np.bool_]]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, at: Rows) -> Column:
        return self if len(at) == len(self) else Column(self.values[at], self.known[at])


@frozen(eq=False, repr=False)
class Evaluated:
    """What a tree gives; `zero_divisions`: the rows (ascending) in which a taken branch divided by zero."""

    column: Column
    zero_divisions: Rows


class TooManyDigits(CampaignError):  # noqa: N818  a CampaignError, named after its code
    """A result has more than 38 digits; `row` (from 0) is the first such row of that operation."""

    def __init__(self, row: int) -> None:
        self.row = row
        where = Text(f"第 {row + 1} 行", f"row {row + 1}")
        super().__init__(fault("too-many-digits", None, limit=MAX_DIGITS, hint=where))


def evaluate(tree: Tree, columns: Mapping[str, Column], length: int) -> Evaluated:
    """The tree's value in each of `length` rows. Raises TooManyDigits."""
    walk = _Walk(columns)
    column = walk.at(tree, np.arange(length))
    zero = np.unique(np.concatenate(walk.zero)) if walk.zero else np.arange(0)
    return Evaluated(column, zero)


def column_of(values: Sequence[Value], kind: Type) -> Column:
    """A column of plain values (numbers in base units, None is missing). ValueError if a number has more decimals."""
    known = np.array([value is not None for value in values], dtype=bool)
    column = blank(kind, len(values))
    column[known] = _array([_inside(value, kind) for value in values if value is not None], column.dtype)
    return Column(column, known)


def values_of(column: Column, kind: Type) -> list[Value]:
    """The column as plain values: numbers in base units, None where missing."""
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    return [_outside(value, kind) if known else None for value, known in pairs]


def _inside(value: Any, kind: Type) -> Any:
    if kind.kind == "number":
        return scaled(value, kind.scale)
    return value.toordinal() if kind.kind == "date" else value


def _outside(value: Any, kind: Type) -> Value:
    if kind.kind == "number":
        return unscaled(value, kind.scale)
    return dt.date.fromordinal(value) if kind.kind == "date" else value


def _array(values: list[Any], dtype: Any) -> Array:
    """As np.array, but a frozenset or a wide number stays one element."""
    array = np.empty(len(values), dtype=dtype)
    array[:] = values
    return array


def blank(kind: Type, length: int) -> Array:
    """An array of the right dtype that means nothing yet."""
    if kind.kind == "date":
        return np.ones(length, dtype=np.int64)
    return np.zeros(length, dtype=bool if kind.kind == "bool" else object)


def rescaled(values: Array, places: int) -> Array:
    """Whole numbers counted in units 10 ** places smaller; exact when the digits allow it."""
    if places == 0:
        return values
    return np.asarray(values * 10**places if places > 0 else values // 10**-places)


# --- the walk -----------------------------------------------------------------


class _Walk:
    """Evaluates subtrees on the rows that need them; `rows` are ascending row numbers."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns
        self.zero: list[Rows] = []

    def at(self, tree: Tree, rows: Rows) -> Column:
        if isinstance(tree, Literally):
            return _constant(tree, len(rows))
        if isinstance(tree, Name):
            return self.columns[tree.name].take(rows)
        if tree.op in _LAZY:
            return _LAZY[tree.op](self, tree, rows)
        return self._strict(tree, rows)

    def _strict(self, tree: Apply, rows: Rows) -> Column:
        """An operation that is missing where any of its arguments is."""
        args = [self.at(arg, rows) for arg in (tree.args[:1] if tree.op == "in" else tree.args)]
        at = np.flatnonzero(np.logical_and.reduce([arg.known for arg in args]))
        if tree.op in _DIVISIONS:
            at = self._without_zero(args[1], at, rows)
        values = _RULES[tree.op](tree, *(arg.take(at).values for arg in args))
        if tree.type.kind == "number":
            values = _bounded(values, _scale_before(tree), tree.type.scale, rows[at])
        return _spread(values, at, tree.type, len(rows))

    def _without_zero(self, divisor: Column, at: Rows, rows: Rows) -> Rows:
        zero = divisor.values[at] == 0
        if zero.any():
            self.zero.append(rows[at[zero]])
        return np.asarray(at[~zero])

    def junction(self, tree: Apply, rows: Rows) -> Column:
        """`and`, `or`: an argument is looked at only in rows not yet decided."""
        decides = tree.op == "or"
        values, known = np.full(len(rows), not decides), np.full(len(rows), fill_value=True)
        open_ = np.arange(len(rows))
        for arg in tree.args:
            part = self.at(arg, rows[open_])
            hit = part.known & (part.values == decides)
            known[open_[~part.known]] = False
            known[open_[hit]] = True
            values[open_[hit]] = decides
            open_ = open_[~hit]
        return Column(values, known)

    def choice(self, tree: Apply, rows: Rows) -> Column:
        """`if`: each branch only in its rows; a missing condition gives a missing value."""
        condition = self.at(tree.args[0], rows)
        found = Column(blank(tree.type, len(rows)), np.zeros(len(rows), dtype=bool))
        for branch, when in ((tree.args[1], True), (tree.args[2], False)):
            self._fill(found, branch, np.flatnonzero(condition.known & (condition.values == when)), rows, tree.type)
        return found

    def between(self, tree: Apply, rows: Rows) -> Column:
        """`if_low`, `if_high`: where it is open which branch is taken, the least or the greatest of both."""
        surely, possibly = (self.at(arg, rows) for arg in tree.args[:2])
        decided = surely.known & possibly.known
        found = Column(blank(tree.type, len(rows)), np.zeros(len(rows), dtype=bool))
        self._fill(found, tree.args[2], np.flatnonzero(decided & possibly.values), rows, tree.type)
        self._fill(found, tree.args[3], np.flatnonzero(decided & ~possibly.values), rows, tree.type)
        open_ = np.flatnonzero(decided & possibly.values & ~surely.values)
        other = Column(blank(tree.type, len(open_)), np.zeros(len(open_), dtype=bool))
        self._fill(other, tree.args[3], np.arange(len(open_)), rows[open_], tree.type)
        rule = np.minimum if tree.op == "if_low" else np.maximum
        found.values[open_] = rule(found.values[open_], other.values)
        found.known[open_] &= other.known
        return found

    def first(self, tree: Apply, rows: Rows) -> Column:
        """`coalesce`: an argument is looked at only where all before it are missing."""
        found = Column(blank(tree.type, len(rows)), np.zeros(len(rows), dtype=bool))
        for arg in tree.args:
            self._fill(found, arg, np.flatnonzero(~found.known), rows, tree.type)
        return found

    def _fill(self, found: Column, tree: Tree, at: Rows, rows: Rows, kind: Type) -> None:
        if not len(at):
            return
        part = self.at(tree, rows[at])
        hit = np.flatnonzero(part.known)
        values = part.values[hit]
        found.values[at[hit]] = rescaled(values, kind.scale - tree.type.scale) if kind.kind == "number" else values
        found.known[at[hit]] = True

    def is_none(self, tree: Apply, rows: Rows) -> Column:
        return Column(~self.at(tree.args[0], rows).known, np.full(len(rows), fill_value=True))


_LAZY: Final[dict[str, Callable[[_Walk, Apply, Rows], Column]]] = {
    "and": _Walk.junction,
    "or": _Walk.junction,
    "if": _Walk.choice,
    "if_low": _Walk.between,
    "if_high": _Walk.between,
    "is_none": _Walk.is_none,
    "coalesce": _Walk.first,
}


def _constant(tree: Literally, length: int) -> Column:
    values = blank(tree.type, length)
    if tree.value is not None:
        values[:] = _inside(tree.value, tree.type)
    return Column(values, np.full(length, tree.value is not None))


def _spread(values: Array, at: Rows, kind: Type, length: int) -> Column:
    """`values` at the places `at`, missing elsewhere."""
    known = np.zeros(length, dtype=bool)
    known[at] = True
    if len(at) == length:
        return Column(values, known)
    column = blank(kind, length)
    column[at] = values
    return Column(column, known)


# --- digits -------------------------------------------------------------------


def _scale_before(tree: Apply) -> int:
    """The scale of a rule's raw result: products count finer than any number of 38 digits needs."""
    if tree.op == "*":
        return tree.args[0].type.scale + tree.args[1].type.scale
    if tree.op == "**":
        return tree.args[0].type.scale * times_of(tree)
    return tree.type.scale


def times_of(tree: Apply) -> int:
    """The literal exponent of `**`, or the literal places of `round`."""
    literal = tree.args[1]
    assert isinstance(literal, Literally)  # noqa: S101  the checker lets nothing else through
    return int(literal.value)


def _bounded(values: Array, scale: int, wanted: int, rows: Rows) -> Array:
    """`values` counted at `wanted`; refuses numbers of more than MAX_DIGITS digits."""
    sure = 10 ** max(MAX_DIGITS + min(scale, 0), 0) if scale <= MAX_DIGITS else 1
    for index in np.flatnonzero(np.abs(values) >= sure).tolist():
        if too_long(values[index], scale):
            raise TooManyDigits(int(rows[index]))
    return rescaled(values, wanted - scale)


def too_long(whole: int, scale: int) -> bool:
    """Has whole × 10 ** -scale more than MAX_DIGITS digits? Looks at the size first: converting is slow."""
    if whole and (abs(whole) >= 10 ** max(MAX_DIGITS + scale, 0)):
        return True
    return digits_of(unscaled(whole, scale)) > MAX_DIGITS


# --- operators ----------------------------------------------------------------

_half_even: Final[Any] = np.frompyfunc(divide_half_even, 2, 1)
_half_up: Final[Any] = np.frompyfunc(divide_half_up, 2, 1)
_longer: Final[Any] = np.frompyfunc(len, 1, 1)


def _whole(values: Array) -> Array:
    return values.astype(object)


def _scales(tree: Apply) -> tuple[int, int]:
    return tree.args[0].type.scale, tree.args[1].type.scale


def _aligned(tree: Apply, values: Sequence[Array], scale: int | None = None) -> list[Array]:
    """The operands counted in the same unit, the finest by default."""
    if tree.args[0].type.kind != "number":
        return list(values)
    wanted = max(arg.type.scale for arg in tree.args) if scale is None else scale
    return [rescaled(v, wanted - arg.type.scale) for v, arg in zip(values, tree.args, strict=False)]


def _joined(rule: Rule) -> Rule:
    """A rule for operands that were aligned first."""
    return lambda tree, *values: rule(*_aligned(tree, values))


def _subtract(tree: Apply, left: Array, right: Array) -> Array:
    a, b = _aligned(tree, (left, right))
    return _whole(a - b)


def _divide(tree: Apply, left: Array, right: Array) -> Array:
    above, below = _scales(tree)
    shift = DIVISION_PLACES + below - above
    return _whole(_half_even(rescaled(left, max(shift, 0)), rescaled(right, max(-shift, 0))))


def _power(tree: Apply, base: Array, _: Array) -> Array:
    return _whole(base ** times_of(tree))


def _compared(rule: Callable[[Any, Any], Any]) -> Rule:
    def compare(tree: Apply, left: Array, right: Array) -> Array:
        found = rule(*_aligned(tree, (left, right)))
        return np.asarray(found, dtype=bool)

    return compare


def _among(tree: Apply, values: Array) -> Array:
    kind = tree.args[0].type
    listed = {_member(arg, kind) for arg in tree.args[1:]}
    return np.fromiter((value in listed for value in values.tolist()), dtype=bool, count=len(values))


def _member(tree: Tree, kind: Type) -> Any:
    """The literal as it stands in a column of `kind`; None if no value of the column can equal it."""
    assert isinstance(tree, Literally)  # noqa: S101  the checker lets nothing else through
    try:
        return _inside(tree.value, kind)
    except ValueError:
        return None


def _pairwise(rule: Callable[[Any, Any], bool]) -> Rule:
    def apply(_: Apply, left: Array, right: Array) -> Array:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return np.fromiter((rule(a, b) for a, b in pairs), dtype=bool, count=len(left))

    return apply


# --- functions ----------------------------------------------------------------


def _fold(rule: Callable[[Any, Any], Any]) -> Rule:
    def fold(tree: Apply, *values: Array) -> Array:
        aligned = _aligned(tree, values, tree.type.scale)
        found = aligned[0]
        for one in aligned[1:]:
            found = rule(found, one)
        return found

    return fold


def _clamp(tree: Apply, *values: Array) -> Array:
    value, low, high = _aligned(tree, values, tree.type.scale)
    return np.asarray(np.maximum(low, np.minimum(value, high)), dtype=object)


def _rounding(rule: Rule) -> Rule:
    """A rule that divides by a power of ten, rounding."""

    def apply(tree: Apply, values: Array, _: Array) -> Array:
        shift = tree.type.scale - tree.args[0].type.scale
        return rescaled(values, shift) if shift >= 0 else _whole(rule(values, 10**-shift))

    return apply


def _toward_zero(values: Array, unit: int) -> Array:
    return np.asarray(np.abs(values) // unit * np.sign(values))


def _away_from_zero(values: Array, unit: int) -> Array:
    return np.asarray(-(-np.abs(values) // unit) * np.sign(values))


def _floor(tree: Apply, values: Array) -> Array:
    return rescaled(values, -tree.args[0].type.scale)


def _ceil(tree: Apply, values: Array) -> Array:
    return -rescaled(-values, -tree.args[0].type.scale)


def _calendar(part: Callable[[Array], Array]) -> Rule:
    """A rule on days counted from 1970."""
    return lambda _, ordinals: _whole(part((ordinals - EPOCH).astype("datetime64[D]")))


def _month(days: Array) -> Array:
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)


def _day(days: Array) -> Array:
    return np.asarray((days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1)


COLUMNAR: Final[dict[str, Rule]] = {
    "abs": lambda _, values: np.abs(values),
    "min": _fold(np.minimum),
    "max": _fold(np.maximum),
    "round": _rounding(_half_up),
    "round_even": _rounding(_half_even),
    "round_down": _rounding(_toward_zero),
    "round_up": _rounding(_away_from_zero),
    "floor": _floor,
    "ceil": _ceil,
    "clamp": _clamp,
    "coalesce": lambda _, *values: values[0],  # decided row by row in `_Walk.first`
    "year": _calendar(lambda days: days.astype("datetime64[Y]").astype(np.int64) + 1970),
    "quarter": _calendar(lambda days: (_month(days) + 2) // 3),
    "month": _calendar(_month),
    "day": _calendar(_day),
    "days_between": lambda _, first, second: _whole(second - first),
    "has": _pairwise(lambda tags, word: word in tags),
    "length": lambda _, texts: _whole(_longer(texts)),
    "starts_with": _pairwise(str.startswith),
    "ends_with": _pairwise(str.endswith),
    "contains": _pairwise(operator.contains),
}
"""One rule for each function of `functions.FUNCTIONS` that the checker does not fold away."""
FOLDED: Final = frozenset({"date"})
"""Functions the checker has worked out."""

_DIVISIONS: Final = frozenset({"/", "//", "%"})
_RULES: Final[dict[str, Rule]] = {
    "+": _joined(operator.add),
    "-": _subtract,
    "*": lambda _, left, right: left * right,
    "/": _divide,
    "//": _joined(operator.floordiv),
    "%": _joined(operator.mod),
    "**": _power,
    "neg": lambda _, values: -values,
    "not": lambda _, values: ~values,
    "in": _among,
    "==": _compared(operator.eq),
    "!=": _compared(operator.ne),
    "<": _compared(operator.lt),
    "<=": _compared(operator.le),
    ">": _compared(operator.gt),
    ">=": _compared(operator.ge),
    **COLUMNAR,
}
