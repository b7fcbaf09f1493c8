"""A checked tree over NumPy columns: exact, lazy, every row at once.

In: a tree of `expressions` and a `Column` for each name it uses, and for functions over a group which rows form one.
Out: one column and the rows that were divided by zero; `CampaignError` for a result of more than 38 digits. Numbers are
whole numbers counted in 10 ** -scale of the tree's static type (see `whole`), so nothing rounds or overflows on the
way. Must not know: texts of formulas, Polars, campaigns, or the reference evaluator.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

import numpy as np
from attrs import frozen

from campaignrules.columns import whole
from campaignrules.columns.grouped import GROUPED, Groups
from campaignrules.columns.whole import rescaled
from campaignrules.errors import CampaignError, Text, fault
from campaignrules.quantities import DIVISION_PLACES, MAX_DIGITS, digits_of, scaled, unscaled
from campaignrules.trees import Apply, Literally, Name, Tree, Type, Value

Array = np.ndarray[Any, Any]
Rows = np.ndarray[Any, np.dtype[np.intp]]
Rule = Callable[..., Array]
EPOCH: Final = dt.date(1970, 1, 1).toordinal()


@frozen(eq=False, repr=False)
class Column:
    """Values and which of them are known; what stands in the place of a missing value has no meaning.

    Numbers: whole numbers at the type's scale, int64 or an object array of ints. Dates: int64 ordinals. Bool: bool.
    Text, words, units: object array of str. Tags: object array of frozenset.
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


def evaluate(tree: Tree, columns: Mapping[str, Column], length: int, groups: Groups | None = None) -> Evaluated:
    """The tree's value in each of `length` rows. `groups`: what functions over a group see. Raises TooManyDigits."""
    return evaluate_all((tree,), columns, length, groups)[0]


def evaluate_all(
    trees: Sequence[Tree], columns: Mapping[str, Column], length: int, groups: Groups | None = None
) -> list[Evaluated]:
    """As `evaluate`; what the trees look up in their groups is made once. The same tree is evaluated once."""
    walk = _Walk(columns, length, groups)
    found: dict[int, Evaluated] = {}
    for tree in trees:
        if id(tree) not in found:
            walk.zero = []
            column = walk.at(tree, walk.all)
            zero = np.unique(np.concatenate(walk.zero)) if walk.zero else walk.all[:0]
            found[id(tree)] = Evaluated(column, zero)
    return [found[id(tree)] for tree in trees]


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


# --- the walk -----------------------------------------------------------------


class _Walk:
    """Evaluates subtrees on the rows that need them; `rows` are ascending row numbers."""

    def __init__(self, columns: Mapping[str, Column], length: int, groups: Groups | None) -> None:
        self.columns, self.groups = columns, groups
        self.all = np.arange(length)
        self.zero: list[Rows] = []
        self.named: dict[str, Column] = {}
        self.grouped: dict[Tree, Column] = {}

    def at(self, tree: Tree, rows: Rows) -> Column:
        if isinstance(tree, Literally):
            return _constant(tree, len(rows))
        if isinstance(tree, Name):
            return self._named(tree).take(rows)
        if tree.op in _LAZY:
            return _LAZY[tree.op](self, tree, rows)
        return self._over_group(tree).take(rows) if tree.op in GROUPED else self._strict(tree, rows)

    def _named(self, tree: Name) -> Column:
        if tree.name not in self.named:
            column = self.columns[tree.name]
            narrow = tree.type.kind == "number" and column.values.dtype == object
            self.named[tree.name] = Column(whole.narrow(column.values), column.known) if narrow else column
        return self.named[tree.name]

    def _over_group(self, tree: Apply) -> Column:
        """A function over a group, once for all rows: it sees every member, in whatever branch it stands."""
        if tree not in self.grouped:
            assert self.groups is not None  # noqa: S101  the checker lets such functions stand in scoring formulas only
            args = [self._everywhere(arg) for arg in tree.args]
            scale = max(arg.type.scale for arg in tree.args)
            aligned = [rescaled(arg.values, scale - t.type.scale) for arg, t in zip(args, tree.args, strict=True)]
            values, known, scale = GROUPED[tree.op](self.groups, aligned, [arg.known for arg in args], scale)
            at = np.flatnonzero(known)
            bounded = _bounded(values[at], scale, tree.type.scale, at)
            self.grouped[tree] = _spread(bounded, at, tree.type, len(self.all))
        return self.grouped[tree]

    def _everywhere(self, tree: Tree) -> Column:
        if isinstance(tree, Apply) and tree not in self.grouped:
            self.grouped[tree] = self.at(tree, self.all)
        return self.grouped[tree] if isinstance(tree, Apply) else self.at(tree, self.all)

    def _strict(self, tree: Apply, rows: Rows) -> Column:
        """An operation that is missing where any of its arguments is."""
        args = [self.at(arg, rows) for arg in (tree.args[:1] if tree.op == "in" else tree.args)]
        at = np.flatnonzero(reduce(operator.and_, (arg.known for arg in args)))
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
        parts = [
            self._part(branch, np.flatnonzero(condition.known & (condition.values == when)), rows, tree.type)
            for branch, when in ((tree.args[1], True), (tree.args[2], False))
        ]
        return _assembled(parts, tree.type, len(rows))

    def between(self, tree: Apply, rows: Rows) -> Column:
        """`if_low`, `if_high`: where it is open which branch is taken, the least or the greatest of both."""
        surely, possibly = (self.at(arg, rows) for arg in tree.args[:2])
        decided = surely.known & possibly.known
        holds, open_ = possibly.values, np.flatnonzero(decided & possibly.values & ~surely.values)
        then = self._part(tree.args[2], np.flatnonzero(decided & holds), rows, tree.type)
        other = self._part(tree.args[3], np.flatnonzero(decided & ~(surely.values & holds)), rows, tree.type)
        first, second = (_assembled([part], tree.type, len(rows)) for part in (then, other))
        rule = whole.least if tree.op == "if_low" else whole.greatest
        at = open_[first.known[open_] & second.known[open_]]
        both = (at, rule(first.values[at], second.values[at]))
        parts = [_outside_of(open_, then), _outside_of(open_, other), both]
        return _assembled(parts, tree.type, len(rows))

    def first(self, tree: Apply, rows: Rows) -> Column:
        """`coalesce`: an argument is looked at only where all before it are missing."""
        left, parts = np.arange(len(rows)), []
        for arg in tree.args:
            parts.append(self._part(arg, left, rows, tree.type))
            left = np.setdiff1d(left, parts[-1][0], assume_unique=True)
        return _assembled(parts, tree.type, len(rows))

    def _part(self, tree: Tree, at: Rows, rows: Rows, kind: Type) -> tuple[Rows, Array]:
        """Where among the places `at` the tree has a value, and the values, counted as in `kind`."""
        if not len(at):
            return at, blank(tree.type, 0)[:0]
        part = self.at(tree, rows[at])
        hit = np.flatnonzero(part.known)
        values = part.values[hit]
        return at[hit], rescaled(values, kind.scale - tree.type.scale) if kind.kind == "number" else values

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


def _outside_of(places: Rows, part: tuple[Rows, Array]) -> tuple[Rows, Array]:
    """The part without those places."""
    at, values = part
    keep = ~np.isin(at, places)
    return at[keep], values[keep]


def _constant(tree: Literally, length: int) -> Column:
    known = np.full(length, tree.value is not None)
    if tree.value is None:
        return Column(blank(tree.type, length), known)
    value = _inside(tree.value, tree.type)
    if tree.type.kind == "number":
        return Column(whole.constant(value, length), known)
    values = blank(tree.type, length)
    values[:] = value
    return Column(values, known)


def _spread(values: Array, at: Rows, kind: Type, length: int) -> Column:
    """`values` at the places `at`, missing elsewhere."""
    if len(at) == length:
        return Column(values, np.ones(length, dtype=bool))
    return _assembled([(at, values)], kind, length)


def _assembled(parts: Sequence[tuple[Rows, Array]], kind: Type, length: int) -> Column:
    """The values of each part at its places, missing elsewhere."""
    narrow = kind.kind == "number" and all(values.dtype != object for at, values in parts if len(at))
    column = np.zeros(length, dtype=np.int64) if narrow else blank(kind, length)
    known = np.zeros(length, dtype=bool)
    for at, values in parts:
        if len(at):
            column[at] = values
            known[at] = True
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
    if values.dtype == object or sure < whole.LIMIT:
        for index in np.flatnonzero(np.abs(values.astype(object)) >= sure).tolist():
            if too_long(int(values[index]), scale):
                raise TooManyDigits(int(rows[index]))
    return rescaled(values, wanted - scale)


def too_long(whole: int, scale: int) -> bool:
    """Has whole × 10 ** -scale more than MAX_DIGITS digits? Looks at the size first: converting is slow."""
    if whole and (abs(whole) >= 10 ** max(MAX_DIGITS + scale, 0)):
        return True
    return digits_of(unscaled(whole, scale)) > MAX_DIGITS


# --- operators ----------------------------------------------------------------

_longer: Final[Any] = np.frompyfunc(len, 1, 1)


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


def _divide(tree: Apply, left: Array, right: Array) -> Array:
    above, below = _scales(tree)
    return whole.divided(left, right, DIVISION_PLACES + below - above)


def _power(tree: Apply, base: Array, _: Array) -> Array:
    return whole.power(base, times_of(tree))


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
    return whole.greatest(low, whole.least(value, high))


def _rounding(rule: Callable[[Array, int], Array]) -> Rule:
    """A rule that divides by a power of ten, rounding."""

    def apply(tree: Apply, values: Array, _: Array) -> Array:
        shift = tree.type.scale - tree.args[0].type.scale
        return rescaled(values, shift) if shift >= 0 else rule(values, 10**-shift)

    return apply


def _floor(tree: Apply, values: Array) -> Array:
    return rescaled(values, -tree.args[0].type.scale)


def _ceil(tree: Apply, values: Array) -> Array:
    return whole.negative(rescaled(whole.negative(values), -tree.args[0].type.scale))


def _calendar(part: Callable[[Array], Array]) -> Rule:
    """A rule on days counted from 1970."""
    return lambda _, ordinals: part((ordinals - EPOCH).astype("datetime64[D]"))


def _month(days: Array) -> Array:
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)


def _day(days: Array) -> Array:
    return np.asarray((days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1)


COLUMNAR: Final[dict[str, Rule]] = {
    "abs": lambda _, values: whole.magnitude(values),
    "min": _fold(whole.least),
    "max": _fold(whole.greatest),
    "round": _rounding(whole.half_up),
    "round_even": _rounding(whole.half_even),
    "round_down": _rounding(whole.toward_zero),
    "round_up": _rounding(whole.away_from_zero),
    "floor": _floor,
    "ceil": _ceil,
    "clamp": _clamp,
    "coalesce": lambda _, *values: values[0],  # decided row by row in `_Walk.first`
    "year": _calendar(lambda days: days.astype("datetime64[Y]").astype(np.int64) + 1970),
    "quarter": _calendar(lambda days: (_month(days) + 2) // 3),
    "month": _calendar(_month),
    "day": _calendar(_day),
    "days_between": lambda _, first, second: second - first,
    "has": _pairwise(lambda tags, word: word in tags),
    "length": lambda _, texts: _longer(texts).astype(np.int64),
    "starts_with": _pairwise(str.startswith),
    "ends_with": _pairwise(str.endswith),
    "contains": _pairwise(operator.contains),
}
"""One rule for each function of `functions.FUNCTIONS` that the checker does not fold away."""
FOLDED: Final = frozenset({"date"})
"""Functions the checker has worked out."""

_DIVISIONS: Final = frozenset({"/", "//", "%"})
_RULES: Final[dict[str, Rule]] = {
    "+": _joined(whole.plus),
    "-": _joined(whole.minus),
    "*": lambda _, left, right: whole.times(left, right),
    "/": _divide,
    "//": _joined(whole.floor_divided),
    "%": _joined(whole.modulo),
    "**": _power,
    "neg": lambda _, values: whole.negative(values),
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
