"""What the names in a scoring formula stand for: one number or truth for one unit and one window.

In: facts, what is known so far of points, grades and places, a checked `Operand`. Out: a `Span`, the value's two ends.
Must not know: formulas, groups, scorecards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from attrs import Factory, frozen

from campaignrules.calendar import Window
from campaignrules.checked import HIGH, LOW, CheckedDuty, CheckedTarget, Operand, OperandKind
from campaignrules.oracle.duties import duty_rows
from campaignrules.oracle.rows import Facts
from campaignrules.oracle.targets import Cell, by_table
from campaignrules.oracle.values import Days, value
from campaignrules.results import DutyResult
from campaignrules.roster import Scope
from campaignrules.trees import Value


@frozen
class Span:
    """A value by its low and high end, which agree when nothing is deferred; not `bounded`: nobody can say yet."""

    low: Value
    high: Value
    bounded: bool = True

    @property
    def open(self) -> bool:
        return not self.bounded

    @property
    def missing(self) -> bool:
        return self.bounded and (self.low is None or self.high is None)

    @property
    def settled(self) -> bool:
        return self.bounded and self.low is not None and self.low == self.high

    @property
    def surely(self) -> bool:
        """Of a condition: it holds, whatever is settled later."""
        return self.low is True

    @property
    def possibly(self) -> bool:
        """Of a condition: it holds, or may come to hold."""
        return self.open or self.high is True


OPEN: Final = Span(None, None, bounded=False)
MISSING: Final = Span(None, None)


def exactly(found: Value) -> Span:
    """A value of which nothing is open."""
    return Span(found, found)


def counted(number: int | None) -> Span:
    """A whole number that is known, or missing."""
    return MISSING if number is None else exactly(Decimal(number))


@frozen
class Place:
    """A ranked unit's place, from `best` to `worst` among `ranked`; `change`: places risen; `bottom`: from the bottom.

    Not `certain`: it may be another one. `unsure`: it may also have none. `fewest`: how many are surely ranked.
    """

    best: int
    worst: int
    ranked: int
    bottom: tuple[int, int]
    change: int | None = None
    certain: bool = True
    unsure: bool = False
    fewest: int = 0


Spot = tuple[str, str, Window]
"""Id of a scorecard, an item (`card.item`) or a ranking; unit; window."""


@frozen(eq=False)
class Known:
    """The facts, and the points, grades and places found so far. What is not listed is missing."""

    facts: Facts
    points: dict[Spot, Span] = Factory(dict)
    grades: dict[Spot, Span] = Factory(dict)
    places: dict[Spot, Place] = Factory(dict)
    unranked: dict[Spot, Span] = Factory(dict)
    operands: dict[tuple[OperandKind, str, bool, str, Window], Span] = Factory(dict)
    """Of metrics, targets, duties, tables: asked many times, answered once."""


def operand_span(known: Known, operand: Operand, unit: str, window: Window) -> Span:
    """The operand's ends for a unit; `window`: the one of its own windows that is meant."""
    found = _FROM_RESULTS.get(operand.kind)
    if found is not None:
        return found(known, (operand.id, unit, window))
    key = (operand.kind, operand.id, operand.sides, unit, window)
    if key not in known.operands:
        scope = Scope(unit, known.facts.roster.closure([unit]))
        known.operands[key] = _FROM_FACTS[operand.kind](known.facts, operand, scope, window)
    return known.operands[key]


def days_of(facts: Facts, window: Window) -> Days:
    """The window as it is counted."""
    return Days(window.start, window.end, min(window.end, facts.as_of))


def _metric(facts: Facts, operand: Operand, scope: Scope, window: Window) -> Span:
    if window.start > facts.as_of:
        return MISSING
    names = (operand.id + LOW, operand.id + HIGH) if operand.sides else (operand.id, operand.id)
    low, high = (value(facts, facts.checked.metrics[name], scope, days_of(facts, window)) for name in names)
    return Span(low, high)


# -- demands ------------------------------------------------------------------------------------------------------


def cell_of(facts: Facts, operand: Operand, scope: Scope, window: Window) -> Cell | None:
    """The target's cell for a unit; None when it is not for it."""
    target = next(one for one in facts.checked.targets if one.target.id == operand.id)
    cell = Cell(facts, target, scope, window)
    return None if cell.excepted or not _is_for(facts, target, scope) else cell


def _is_for(facts: Facts, demand: CheckedTarget | CheckedDuty, scope: Scope) -> bool:
    return any(one.name == scope.name for one in facts.roster.scopes(demand.judged))


def _number(facts: Facts, operand: Operand, scope: Scope, window: Window) -> Span:
    cell = cell_of(facts, operand, scope, window)
    if cell is None:
        return MISSING
    return exactly(cell.high if cell.target.comparator == "at_most" else cell.low)


def _met(facts: Facts, operand: Operand, scope: Scope, window: Window) -> Span:
    cell = cell_of(facts, operand, scope, window)
    if cell is None or not cell.begun or cell.value is None or not cell.has_numbers:
        return MISSING
    return exactly(not (cell.below or cell.above))


_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "done": frozenset({"met", "late"}),
    "late": frozenset({"late"}),
    "missed": frozenset({"missed"}),
    "due": frozenset({"met", "late", "missed"}),
}


def _duty(facts: Facts, operand: Operand, scope: Scope, window: Window) -> Span:
    rows = duty_statuses(facts, operand, scope, window)
    if rows is None or any(row.status == "missing" for row in rows):
        return MISSING
    statuses = ["missed" if row.status == "open" else row.status for row in rows]
    return counted(sum(status in _STATUSES[operand.kind] for status in statuses))


def duty_statuses(facts: Facts, operand: Operand, scope: Scope, window: Window) -> list[DutyResult] | None:
    """The duty's rows that count for a unit in a window; None when it is not for the unit."""
    duty = next(one for one in facts.checked.duties if one.duty.id == operand.id)
    if scope.name in duty.exceptions or not _is_for(facts, duty, scope):
        return None
    rows = [row for row in duty_rows(facts, duty) if row.unit == scope.name]
    if duty.standing:
        return rows
    return [row for row in rows if row.due_on is not None and window.start <= row.due_on <= window.end]


# -- the unit itself ----------------------------------------------------------------------------------------------


def _table(facts: Facts, operand: Operand, scope: Scope, _: Window) -> Span:
    record, field = operand.id.split(".", 1)
    return exactly(by_table(facts, (record, field), scope))


def _class(facts: Facts, operand: Operand, scope: Scope, _: Window) -> Span:
    return exactly(facts.roster.by_id[scope.name or ""].class_ == operand.id)


# -- other results ------------------------------------------------------------------------------------------------


def _points(known: Known, spot: Spot) -> Span:
    return known.points.get(spot, MISSING)


def _grade(known: Known, spot: Spot) -> Span:
    return known.grades.get(spot, MISSING)


def _placed(tell: Callable[[Place], Span]) -> Callable[[Known, Spot], Span]:
    def found(known: Known, spot: Spot) -> Span:
        place = known.places.get(spot)
        if place is None:
            return MISSING
        return OPEN if place.unsure else tell(place)

    return found


def _change(known: Known, spot: Spot) -> Span:
    place = known.places.get(spot)
    return MISSING if place is None else counted(place.change)


def _place(place: Place) -> Span:
    return Span(Decimal(place.best), Decimal(place.worst))


def _from_bottom(place: Place) -> Span:
    least, most = place.bottom
    return Span(Decimal(least), Decimal(most))


_FROM_RESULTS: Final[Mapping[OperandKind, Callable[[Known, Spot], Span]]] = {
    "points": _points,
    "grade": _grade,
    "place": _placed(_place),
    "from_bottom": _placed(_from_bottom),
    "ranked": _placed(lambda place: Span(Decimal(place.fewest), Decimal(place.ranked))),
    "change": _change,
    "unranked": lambda known, spot: known.unranked.get(spot, MISSING),
}
_FROM_FACTS: Final[Mapping[OperandKind, Callable[[Facts, Operand, Scope, Window], Span]]] = {
    "metric": _metric,
    "number": _number,
    "met": _met,
    "done": _duty,
    "late": _duty,
    "missed": _duty,
    "due": _duty,
    "table": _table,
    "class": _class,
}
