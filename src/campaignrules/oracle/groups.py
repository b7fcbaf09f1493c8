"""A scoring formula for one unit: its names filled in, its functions over a group worked out from every member.

In: what is known, a checked `ScoreFormula`, the members of each unit's group. Out: a `Span`. Must not know: what the
formula is for (points, a total, a key, a condition).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import Final

from attrs import Factory, evolve, frozen

from campaignrules.calendar import Window
from campaignrules.checked import HIGH, LOW, ScoreFormula
from campaignrules.oracle.operands import OPEN, Known, Span, operand_span
from campaignrules.quantities import EXACT, divide, round_report
from campaignrules.reference import evaluate
from campaignrules.trees import Apply, Literally, Name, Tree, Value, walk


class _HasNoEnds(Exception):  # noqa: N818  not an error: the formula is open for this unit
    """The formula names something without ends."""


@frozen(eq=False)
class Stand:
    """Where formulas stand: at which of the windows, and who is a member of whose group.

    `given`: values by unit that are not known to all: `items` and `total`, for the formulas of a whole card.
    `unsure`: units that may come not to be members.
    """

    known: Known
    index: int
    members: Callable[[str], Sequence[str]]
    given: Mapping[str, Mapping[str, Span]] = Factory(dict)
    unsure: frozenset[str] = frozenset()
    _found: dict[tuple[int, str], Value] = Factory(dict)

    def span(self, formula: ScoreFormula, unit: str) -> Span:
        """The formula's ends for a unit."""
        if formula.ends is None:
            return OPEN
        try:
            low, high = (self.value(formula, tree, unit) for tree in (formula.ends.low, formula.ends.high))
        except _HasNoEnds:
            return OPEN
        found = Span(_kept(low), _kept(high))
        return OPEN if found.missing and not formula.ends.firm else found

    def operand(self, formula: ScoreFormula, name: str, unit: str) -> Span:
        """The ends of what a name of the formula stands for."""
        operand = formula.operands[name]
        if operand.kind in self.given:
            return self.given[operand.kind][unit]
        return operand_span(self.known, operand, unit, self.window_of(formula, name))

    def window_of(self, formula: ScoreFormula, name: str) -> Window:
        """The window that an operand's value is of."""
        return formula.operands[name].windows[self.index]

    def end(self, formula: ScoreFormula, tree: Tree, unit: str) -> Value:
        """A part of the formula for a unit; None also where it has no ends."""
        try:
            return self.value(formula, tree, unit)
        except _HasNoEnds:
            return None

    # trees; those asked for are parts of the campaign, so that each can be known by its identity

    def value(self, formula: ScoreFormula, tree: Tree, unit: str) -> Value:
        """A part of the formula for a unit."""
        key = (id(tree), unit)
        if key not in self._found:
            plain = self._without_groups(formula, tree, unit)
            names = {part.name for part in walk(plain) if isinstance(part, Name)}
            row = {name: self._named(formula, name, unit) for name in sorted(names)}
            self._found[key] = evaluate(plain, row).value
        return self._found[key]

    def _named(self, formula: ScoreFormula, name: str, unit: str) -> Value:
        if name == "as_of":
            return self.known.facts.as_of
        span = self.operand(formula, name.rstrip(LOW + HIGH), unit)
        if span.open or (not name.endswith((LOW, HIGH)) and span.low != span.high):
            raise _HasNoEnds
        return span.high if name.endswith(HIGH) else span.low

    def _without_groups(self, formula: ScoreFormula, tree: Tree, unit: str) -> Tree:
        """The tree with a number in the place of each function over a group."""
        if not isinstance(tree, Apply):
            return tree
        if tree.op in GROUP_FUNCTIONS:
            return Literally(self.over_group(formula, tree, unit), tree.type)
        return evolve(tree, args=tuple(self._without_groups(formula, arg, unit) for arg in tree.args))

    def over_group(self, formula: ScoreFormula, tree: Apply, unit: str) -> Decimal | None:
        """The value of a function over the unit's group."""
        members = self.members(unit)
        if any(one in self.unsure for one in members):
            raise _HasNoEnds
        if tree.op in OF_MEMBERS:
            return OF_MEMBERS[tree.op](_numbers(self.value(formula, tree.args[0], one) for one in members))
        compare, own_args = AGAINST_OTHERS[tree.op]
        own = _numbers(self.value(formula, arg, unit) for arg in tree.args[:own_args])
        theirs = [
            _numbers(self.value(formula, arg, one) for arg in tree.args[own_args:]) for one in members if one != unit
        ]
        known = [one for one in theirs if len(one) == own_args]
        return compare(own, known) if len(own) == own_args else None


def _kept(found: Value) -> Value:
    return round_report(found) if isinstance(found, Decimal) else found


def _numbers(values: object) -> list[Decimal]:
    return [one for one in values if isinstance(one, Decimal)]  # type: ignore[attr-defined]


# -- the functions ------------------------------------------------------------------------------------------------

Numbers = Sequence[Decimal]


def _total(numbers: Numbers) -> Decimal | None:
    return reduce(EXACT.add, numbers) if numbers else None


def _average(numbers: Numbers) -> Decimal | None:
    total = _total(numbers)
    return None if total is None else divide(total, Decimal(len(numbers)))


def _above(own: Numbers, theirs: Sequence[Numbers]) -> Decimal:
    return Decimal(sum(y > own[0] for (y,) in theirs))


def _level(own: Numbers, theirs: Sequence[Numbers]) -> Decimal:
    return Decimal(sum(y == own[0] for (y,) in theirs))


def _distinct_above(own: Numbers, theirs: Sequence[Numbers]) -> Decimal:
    return Decimal(len({y for (y,) in theirs if y > own[0]}))


def _overlap(own: Numbers, theirs: Sequence[Numbers]) -> Decimal:
    low, high = own
    return Decimal(sum(y_low <= high and y_high >= low for y_low, y_high in theirs))


OF_MEMBERS: Final[Mapping[str, Callable[[Numbers], Decimal | None]]] = {
    "lowest": lambda numbers: min(numbers, default=None),
    "highest": lambda numbers: max(numbers, default=None),
    "total": _total,
    "average": _average,
    "members": lambda numbers: Decimal(len(numbers)),
}
"""Functions of the known values of all members."""
AGAINST_OTHERS: Final[Mapping[str, tuple[Callable[[Numbers, Sequence[Numbers]], Decimal], int]]] = {
    "above": (_above, 1),
    "level": (_level, 1),
    "distinct_above": (_distinct_above, 1),
    "overlap": (_overlap, 2),
}
"""Functions of a unit's own values (so many) and the known ones of the other members."""
GROUP_FUNCTIONS: Final = frozenset({*OF_MEMBERS, *AGAINST_OTHERS})
