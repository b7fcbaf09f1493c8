"""A checked tree as an expression of SQL: the twin of `columns.frames`.

In: a tree of `expressions` and the engine's node for each name it uses. Out: a node that gives what `columns.arrays`
gives, numbers as whole numbers at the tree's scale, missing as null; or None where static bounds do not prove that every
step fits into the engine's numbers. Columns: numbers of 64 bits and at most 18 digits (null where a row has more), text
as `Dialect.text` gives it, dates, booleans, lists of text without nulls. Must not know: texts of formulas, campaigns,
connections, or the reference evaluator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Final, Literal

from attrs import evolve, frozen
from sqlglot import exp

from campaignrules.columns.arrays import times_of
from campaignrules.quantities import DIVISION_PLACES, MAX_DIGITS, scaled
from campaignrules.relational.dialects import (
    INT64,
    Dialect,
    Kind,
    Node,
    TooWide,
    added,
    among,
    case,
    coalesced,
    column,
    equal,
    function,
    is_null,
    joined,
    less,
    negation,
    negative,
    not_null,
    number,
    surely,
    times,
    when_true,
)
from campaignrules.trees import INTEGER_DIGITS, Apply, Literally, Name, Tree, Type, walk

_DAYS: Final = 4_000_000
"""More days than there are between two dates."""
_MOST_NODES: Final = 4_000
_ZERO, _ONE, _TWO = number(0), number(1), number(2)


@frozen(eq=False, repr=False)
class Made:
    """A node that a tree made: no number in it is larger than `bound`; `wide` ones are of the engine's wide type."""

    node: Node
    bound: int = 0
    wide: bool = False

    def called(self, name: str, table: str | None = None) -> Made:
        """The same under the name that a subquery gave it."""
        return evolve(self, node=column(name, table))


Columns = Mapping[str, Node | Made]
"""Name → what stands for it: a submitted column, or one that a tree made."""


def row_sql(tree: Tree, columns: Columns, dialect: Dialect) -> Node | None:
    """The tree's value in a row, null where missing; None if that is not proven to fit."""
    made = made_sql(tree, columns, dialect)
    return made.node if made else None


def made_sql(tree: Tree, columns: Columns, dialect: Dialect) -> Made | None:
    """`row_sql` and what is known of it."""
    part = _lowered(tree, columns, dialect)
    return Made(part.node, part.bound, part.wide) if part else None


def can_divide_by_zero(tree: Tree) -> bool:
    """Whether the tree divides at all."""
    return any(isinstance(part, Apply) and part.op in ("/", "//", "%") for part in walk(tree))


def zero_sql(tree: Tree, columns: Columns, dialect: Dialect) -> Node | None:
    """True in the rows where the tree divides by zero, never null; None if it cannot, or `row_sql` is None."""
    part = _lowered(tree, columns, dialect) if can_divide_by_zero(tree) else None
    return part.zero if part else None


# -- lowering -----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Part:
    """A lowered subtree.

    `bound`: no number is larger. `whole`: the value of a literal number. `zero`: rows divided by zero. `size`: how many
    nodes it has at most; an argument written twice counts twice.
    """

    node: Node
    bound: int = 0
    wide: bool = False
    whole: int | None = None
    zero: Node | None = None
    size: int = 1


def _lowered(tree: Tree, columns: Columns, dialect: Dialect) -> _Part | None:
    try:
        return _Lowering(columns, dialect).part(tree)
    except TooWide:
        return None


def _named(found: Node | Made) -> _Part:
    if isinstance(found, Made):
        return _Part(found.node, found.bound, found.wide)
    return _Part(found, 10**INTEGER_DIGITS - 1)


@frozen(eq=False, repr=False)
class _Lowering:
    columns: Columns
    dialect: Dialect

    def part(self, tree: Tree) -> _Part:
        if isinstance(tree, Literally):
            return self.literal(tree)
        if isinstance(tree, Name):
            return _named(self.columns[tree.name])
        if tree.op not in LOWERED:
            raise TooWide
        args = [self.part(arg) for arg in (tree.args[:1] if tree.op == "in" else tree.args)]
        found = LOWERED[tree.op](self, tree, *args)
        if tree.type.kind == "number":
            _prove_digits(found.bound, tree.type.scale)
        return evolve(found, zero=_zero_of(tree, args), size=_size_of(tree, args))

    def literal(self, tree: Literally) -> _Part:
        if tree.value is None:
            return _Part(self.nothing(tree.type))
        if tree.type.kind == "number":
            return self.number(scaled(tree.value, tree.type.scale))
        return _Part(self.dialect.value(tree.value, _kind(tree.type)))

    def nothing(self, kind: Type) -> Node:
        return exp.Null() if kind.kind == "none" else self.dialect.null(_kind(kind))

    def number(self, whole: int) -> _Part:
        """A number of the campaign."""
        wide = self.needs_wide(abs(whole))
        return _Part(self.dialect.value(whole, "wide" if wide else "whole"), abs(whole), wide, whole)

    def needs_wide(self, bound: int) -> bool:
        if self.dialect.widest is not None and bound >= self.dialect.widest:
            raise TooWide
        return bound >= INT64

    def in_width(self, part: _Part, wide: bool) -> Node:
        if part.wide == wide:
            return part.node
        if part.whole is not None:
            return self.dialect.value(part.whole, "wide" if wide else "whole")
        return self.dialect.cast(part.node, "wide" if wide else "whole")

    def joint(self, parts: Sequence[_Part], *bounds: int) -> tuple[list[Node], bool]:
        """The parts in one width, which also holds the `bounds`."""
        wide = any(part.wide for part in parts) or self.needs_wide(max(bounds, default=0))
        return [self.in_width(part, wide) for part in parts], wide

    def rescaled(self, part: _Part, places: int) -> _Part:
        """Counted in units 10 ** places smaller (places is not negative)."""
        if places < 0:
            raise TooWide
        if places == 0:
            return part
        if part.whole is not None:
            return self.number(part.whole * 10**places)
        factor = 10**places
        bound = part.bound * factor
        (node,), wide = self.joint((part,), bound, factor)
        return _Part(times(node, number(factor)), bound, wide)

    def aligned(self, tree: Apply, parts: Sequence[_Part], scale: int | None = None) -> list[_Part]:
        if tree.args[0].type.kind != "number":
            return list(parts)
        wanted = max(arg.type.scale for arg in tree.args) if scale is None else scale
        return [self.rescaled(part, wanted - arg.type.scale) for part, arg in zip(parts, tree.args, strict=False)]

    def product(self, left: _Part, right: _Part) -> _Part:
        bound = left.bound * right.bound
        (a, b), wide = self.joint((left, right), bound)
        return _Part(times(a, b), bound, wide)

    def divisor(self, part: _Part, node: Node) -> Node:
        return node if part.whole else self.dialect.unless_zero(node)

    def alike(self, tree: Apply, parts: Sequence[_Part], trees: Sequence[Tree]) -> tuple[list[Node], int, bool]:
        """The parts, of which one will be the value, in one type, with their bound and width."""
        nothing = _Part(self.nothing(tree.type))
        pairs = [(part, t.type) for part, t in zip(parts, trees, strict=True)]
        if tree.type.kind != "number":
            return [nothing.node if kind.kind == "none" else part.node for part, kind in pairs], 0, False
        scale = tree.type.scale
        found = [nothing if kind.kind == "none" else self.rescaled(part, scale - kind.scale) for part, kind in pairs]
        nodes, wide = self.joint(found)
        return nodes, max(part.bound for part in found), wide


def _kind(kind: Type) -> Kind:
    known: dict[str, Kind] = {"number": "whole", "bool": "bool", "date": "date", "tags": "texts"}
    return known.get(kind.kind, "text")


_TWICE: Final = ("min", "max", "clamp", "has", "round", "round_down", "round_up", "floor", "ceil")
_USES: Final = {"/": 5, "//": 4, "%": 4, "round_even": 5, **dict.fromkeys(_TWICE, 3)}
"""How often a rule repeats its arguments, where it does."""


def _size_of(tree: Apply, args: Sequence[_Part]) -> int:
    """Bounded, so that a deep formula does not double its text at every level."""
    uses = times_of(tree) if tree.op == "**" else _USES.get(tree.op, 1)
    divided = sum(arg.zero is not None for arg in args)
    size = len(tree.args) + (uses + divided) * sum(arg.size for arg in args)
    if size > _MOST_NODES:
        raise TooWide
    return size


def _prove_digits(bound: int, scale: int) -> None:
    if scale > MAX_DIGITS or bound >= 10 ** max(MAX_DIGITS + min(scale, 0), 0):
        raise TooWide


# -- arithmetic ---------------------------------------------------------------------------------------------------


def _sum(low: _Lowering, tree: Apply, *parts: _Part, rule: Callable[[Node, Node], Node]) -> _Part:
    left, right = low.aligned(tree, parts)
    bound = left.bound + right.bound
    (a, b), wide = low.joint((left, right), bound)
    return _Part(rule(a, b), bound, wide)


def _subtract(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    if tree.args[0].type.kind == "date":
        return _days(low, tree, parts[1], parts[0])
    return _sum(low, tree, *parts, rule=less)


def _days(low: _Lowering, _: Apply, first: _Part, second: _Part) -> _Part:
    return _Part(low.dialect.cast(low.dialect.days_between(first.node, second.node), "whole"), _DAYS)


def _multiply(low: _Lowering, tree: Apply, left: _Part, right: _Part) -> _Part:
    if tree.args[0].type.scale + tree.args[1].type.scale != tree.type.scale:
        raise TooWide
    return low.product(left, right)


def _negative(_: _Lowering, __: Apply, part: _Part) -> _Part:
    return evolve(part, node=negative(part.node), whole=None)


def _divide(low: _Lowering, tree: Apply, left: _Part, right: _Part) -> _Part:
    """Half to even at the 12th decimal. Divided by zero is null."""
    shift = DIVISION_PLACES + tree.args[1].type.scale - tree.args[0].type.scale
    left, right = low.rescaled(left, max(shift, 0)), low.rescaled(right, max(-shift, 0))
    (n, d), wide = low.joint((left, right), left.bound + 1, 2 * right.bound)
    divisor = low.divisor(right, d)
    quotient = low.dialect.whole_division(n, divisor, wide, left.bound)
    twice = times(_TWO, low.dialect.magnitude(low.dialect.remainder(n, divisor)))
    size = low.dialect.magnitude(d)
    up = _beyond_half(low, twice, size, quotient)
    same_sign = equal(joined(exp.LT, n, _ZERO), joined(exp.LT, d, _ZERO))
    away = case((joined(exp.And, up, same_sign), _ONE), (up, negative(_ONE)), other=_ZERO)
    return _Part(added(quotient, away), left.bound, wide)


def _beyond_half(low: _Lowering, rest: Node, half: Node, quotient: Node) -> Node:
    """Whether the rest is more than half, or just half beside an odd quotient."""
    odd = joined(exp.NEQ, low.dialect.remainder(quotient, _TWO), _ZERO)
    return joined(exp.Or, joined(exp.GT, rest, half), joined(exp.And, equal(rest, half), odd))


def _floor_divide(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    left, right = low.aligned(tree, parts)
    (a, b), wide = low.joint((left, right), left.bound + 1)
    divisor = low.divisor(right, b)
    quotient = low.dialect.whole_division(a, divisor, wide, left.bound)
    below = _signs_differ(low.dialect.remainder(a, divisor), b)
    return _Part(less(quotient, case((below, _ONE), other=_ZERO)), left.bound + 1, wide)


def _signs_differ(rest: Node, divisor: Node) -> Node:
    """Of a rest that is not zero and the divisor."""
    under = joined(exp.And, joined(exp.LT, rest, _ZERO), joined(exp.GT, divisor, _ZERO))
    over = joined(exp.And, joined(exp.GT, rest, _ZERO), joined(exp.LT, divisor, _ZERO))
    return joined(exp.Or, under, over)


def _modulo(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    left, right = low.aligned(tree, parts)
    (a, b), wide = low.joint((left, right))
    rest = low.dialect.remainder(a, low.divisor(right, b))
    return _Part(added(rest, case((_signs_differ(rest, b), b), other=_ZERO)), right.bound, wide)


def _power(low: _Lowering, tree: Apply, base: _Part, _: _Part) -> _Part:
    often = times_of(tree)
    if tree.args[0].type.scale * often != tree.type.scale:
        raise TooWide
    if often == 0:
        return _Part(case((not_null(base.node), low.dialect.cast(_ONE, "whole"))), 1)
    return reduce(low.product, [base] * often)


# -- conditions ---------------------------------------------------------------------------------------------------

_COMPARING: Final[dict[str, type[Node]]] = {
    "==": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


def _compare(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    (a, b), _ = low.joint(low.aligned(tree, parts))
    return _Part(joined(_COMPARING[tree.op], a, b))


def _among(low: _Lowering, tree: Apply, item: _Part) -> _Part:
    kind = tree.args[0].type
    literals = [arg for arg in tree.args[1:] if isinstance(arg, Literally)]
    if kind.kind == "number":
        numbers = [low.number(n) for arg in literals if (n := _whole_at(arg, kind.scale)) is not None]
        (node, *listed), _ = low.joint((item, *numbers))
    else:
        node, listed = item.node, [low.dialect.value(arg.value, _kind(kind)) for arg in literals]
    if not listed:
        return _Part(case((not_null(node), exp.false())))
    return _Part(among(node, listed))


def _whole_at(literal: Literally, scale: int) -> int | None:
    """The literal counted at `scale`; None if no number counted so equals it."""
    try:
        return scaled(literal.value, scale)
    except ValueError:
        return None


def _junction(_: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    return _Part(joined(exp.And if tree.op == "and" else exp.Or, *(part.node for part in parts)))


def _choice(low: _Lowering, tree: Apply, condition: _Part, then: _Part, other: _Part) -> _Part:
    (a, b), bound, wide = low.alike(tree, (then, other), tree.args[1:])
    return _Part(when_true(condition.node, a, b), bound, wide)


def _coalesce(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    nodes, bound, wide = low.alike(tree, parts, tree.args)
    return _Part(coalesced(*nodes), bound, wide)


# -- functions ----------------------------------------------------------------------------------------------------


def _extreme(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    aligned = low.aligned(tree, parts, tree.type.scale)
    nodes, wide = low.joint(aligned)
    rule = low.dialect.least if tree.op == "min" else low.dialect.greatest
    return _Part(rule(*nodes) if len(nodes) > 1 else nodes[0], max(part.bound for part in aligned), wide)


def _clamp(low: _Lowering, tree: Apply, *parts: _Part) -> _Part:
    aligned = low.aligned(tree, parts, tree.type.scale)
    nodes, wide = low.joint(aligned)
    value, lowest, highest = nodes
    held = function("GREATEST", lowest, function("LEAST", value, highest))
    return _Part(low.dialect.unless_null(nodes, held), max(part.bound for part in aligned), wide)


Cut = Callable[[Node], Node]
"""The quotient by the unit, cut off toward zero."""


def _rounding(rule: Callable[[_Lowering, Node, int, Cut], Node]) -> Callable[..., _Part]:
    """A rule on (number, unit, division by it); it makes nothing larger than the number and two units together."""

    def apply(low: _Lowering, tree: Apply, part: _Part, *_: _Part) -> _Part:
        shift = tree.args[0].type.scale - tree.type.scale
        if shift <= 0:
            return low.rescaled(part, -shift)
        unit = 10**shift
        (n,), wide = low.joint((part,), part.bound + 2 * unit)
        bound = part.bound // unit + 1
        return _Part(
            rule(low, n, unit, lambda m: low.dialect.whole_division(m, number(unit), wide, bound)), bound, wide
        )

    return apply


def _moved(n: Node, cut: Cut, by: int) -> Node:
    """Cut off after moving away from zero."""
    return case((joined(exp.LT, n, _ZERO), cut(less(n, number(by)))), other=cut(added(n, number(by))))


def _half_even(low: _Lowering, n: Node, unit: int, cut: Cut) -> Node:
    """A half further from zero and cut off; one less where that was a tie and came out odd."""

    def side(moved: Node, odd_tie: int, back: Node) -> Node:
        tie = equal(low.dialect.remainder(moved, number(2 * unit)), number(odd_tie))
        return added(cut(moved), case((tie, back), other=_ZERO))

    under = side(less(n, number(unit // 2)), -unit, _ONE)
    return case((joined(exp.LT, n, _ZERO), under), other=side(added(n, number(unit // 2)), unit, negative(_ONE)))


def _floor(_: _Lowering, n: Node, __: int, cut: Cut) -> Node:
    return case((joined(exp.LT, n, _ZERO), less(cut(added(n, _ONE)), _ONE)), other=cut(n))


def _ceil(_: _Lowering, n: Node, __: int, cut: Cut) -> Node:
    return case((joined(exp.GT, n, _ZERO), added(cut(less(n, _ONE)), _ONE)), other=cut(n))


def _of_day(part: Literal["YEAR", "QUARTER", "MONTH", "DAY"]) -> Callable[..., _Part]:
    return lambda low, _, day: _Part(low.dialect.part_of_day(part, day.node), 9999)


def _of_texts(rule: str) -> Callable[..., _Part]:
    return lambda low, _, first, second: _Part(getattr(low.dialect, rule)(first.node, second.node))


LOWERED: Final[dict[str, Callable[..., _Part]]] = {
    "+": partial(_sum, rule=added),
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "//": _floor_divide,
    "%": _modulo,
    "**": _power,
    "neg": _negative,
    "not": lambda _, __, part: _Part(negation(part.node)),
    "and": _junction,
    "or": _junction,
    "in": _among,
    "is_none": lambda _, __, part: _Part(is_null(part.node)),
    "if": _choice,
    **dict.fromkeys(_COMPARING, _compare),
    "abs": lambda low, _, part: evolve(part, node=low.dialect.magnitude(part.node), whole=None),
    "min": _extreme,
    "max": _extreme,
    "round": _rounding(lambda _, n, unit, cut: _moved(n, cut, unit // 2)),
    "round_even": _rounding(_half_even),
    "round_down": _rounding(lambda _, n, __, cut: cut(n)),
    "round_up": _rounding(lambda _, n, unit, cut: _moved(n, cut, unit - 1)),
    "floor": _rounding(_floor),
    "ceil": _rounding(_ceil),
    "clamp": _clamp,
    "coalesce": _coalesce,
    "year": _of_day("YEAR"),
    "quarter": _of_day("QUARTER"),
    "month": _of_day("MONTH"),
    "day": _of_day("DAY"),
    "days_between": _days,
    "has": _of_texts("has"),
    "length": lambda low, _, text: _Part(low.dialect.length(text.node), 2**32),
    "starts_with": _of_texts("starts_with"),
    "ends_with": _of_texts("ends_with"),
    "contains": _of_texts("contains"),
}
"""One rule for each operation; `if_low` and `if_high` have none."""


# -- division by zero ---------------------------------------------------------------------------------------------


def _zero_of(tree: Apply, args: Sequence[_Part]) -> Node | None:
    """True where this subtree, in a branch that is taken, divides by zero; never null."""
    if tree.op in ("/", "//", "%"):
        own = joined(exp.And, equal(args[1].node, _ZERO), not_null(args[0].node))
        return _any([*(arg.zero for arg in args), None if args[1].whole else surely(own)])
    if all(arg.zero is None for arg in args):
        return None
    if tree.op == "if":
        condition = args[0].node
        taken = [None, surely(condition), surely(negation(condition))]
    elif tree.op in ("and", "or"):
        nodes = [arg.node if tree.op == "and" else negation(arg.node) for arg in args]
        taken = _so_far([surely(node, otherwise=True) for node in nodes])
    elif tree.op == "coalesce":
        taken = _so_far([is_null(arg.node) for arg in args])
    else:
        taken = [None] * len(args)
    return _any([_both(when, arg.zero) for when, arg in zip(taken, args, strict=True)])


def _so_far(open_: Sequence[Node]) -> list[Node | None]:
    """For each argument: the rows that all arguments before it left open."""
    found: list[Node | None] = [None]
    for node in open_[:-1]:
        before = found[-1]
        found.append(node if before is None else joined(exp.And, before, node))
    return found


def _both(when: Node | None, zero: Node | None) -> Node | None:
    return zero if when is None or zero is None else joined(exp.And, when, zero)


def _any(zeros: Sequence[Node | None]) -> Node | None:
    known = [zero for zero in zeros if zero is not None]
    return joined(exp.Or, *known) if known else None
