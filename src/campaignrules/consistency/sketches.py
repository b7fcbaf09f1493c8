"""CheckedCampaign → its demands as sums over pieces: rows under conditions, in an interval, for a judged.

In: targets and their metrics. Out: demands over pieces, demands on each unit of a roster that is to come, and the
targets that cannot be said so, with the reason. Must not know: which rows the pieces share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Final

from attrs import evolve, field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import FIGURES, CheckedCampaign, CheckedMetric, CheckedTarget, Judged, Measure
from campaignrules.consistency.solver import Number, Sense, number_of
from campaignrules.trees import Apply, Expression, Literally, Name, Tree

MOST_DEMANDS: Final = 400
FORCES: Final = ("binding", "strive")
WHOLE: Final = Judged("campaign")
COUNT: Final = "count"

Space = tuple[str, str | None, str | None, str]
"""Record, date field, unit field, and what is added up: rows that are sorted together."""


class UnfitError(Exception):
    """A metric or demand that has no linear form; `args[0]` says why, in a word."""


@frozen
class Piece:
    """Rows of a space under all conditions, for a judged, in an interval; `what` of them is added up.

    `reached`: and which have reached this by that day. `distinct`: counted once for each value of `what`.
    """

    space: Space
    what: str
    conditions: frozenset[Tree] = frozenset()
    judged: Judged = WHOLE
    start: dt.date | None = None
    end: dt.date | None = None
    reached: tuple[Tree, dt.date] | None = None
    distinct: bool = False


Sketch = Mapping[Piece, Number]


@frozen(eq=False)
class OpenDemand:
    """A demand on each unit of a class while nobody knows how many units there are."""

    target: CheckedTarget
    window: Window
    judged: Judged
    number: Number
    piece: Piece


# --- sketching: demands over pieces ----------------------------------------------


@frozen(eq=False)
class Wanted:
    """A demand before its pieces are known as regions."""

    target: CheckedTarget
    window: Window
    judged: Judged
    sense: Sense
    number: Number
    top: Sketch
    bottom: Sketch | None
    times: int

    @property
    def pieces(self) -> Iterator[Piece]:
        yield from self.top
        yield from self.bottom or ()


class _Sketcher:
    """Metrics as sketches over pieces."""

    def __init__(self, checked: CheckedCampaign) -> None:
        self.checked = checked
        kernels = (metric.kernel for metric in checked.metrics.values() if isinstance(metric.kernel, Measure))
        self.bounded = frozenset(name for kernel in kernels for one in kernel.filters for name in one.names)
        """Fields that stand in conditions: their sums and the counts of their rows depend on each other."""

    def ratio(self, metric: CheckedMetric, window: Window, judged: Judged) -> tuple[Sketch, Sketch | None]:
        """A metric as a sketch, or one over another. Raises UnfitError."""
        kernel = metric.kernel
        if isinstance(kernel, Expression):
            return self._formula(kernel.root, window, judged)
        if isinstance(kernel, Measure):
            return self._measure(metric.id, kernel, window, judged)
        raise UnfitError("kind")

    def _measure(self, name: str, kernel: Measure, window: Window, judged: Judged) -> tuple[Sketch, Sketch | None]:
        if kernel.verb not in ("count", "sum", "distinct", "rate"):
            raise UnfitError("kind")
        if kernel.until is not None and kernel.verb != "rate":
            raise UnfitError("until")
        start, end = _interval(kernel, window)
        figure, distinct = kernel.record == FIGURES, kernel.verb == "distinct"
        what = name if figure else kernel.field or COUNT
        added_up = COUNT if distinct or what in self.bounded else what
        if kernel.reached is not None:
            added_up = f"{added_up} {kernel.reached.text}"  # rates of other things hardly depend on each other
        space = (kernel.record, kernel.on, kernel.unit, added_up)
        trees = () if figure else (filtered.root for filtered in kernel.filters)
        base = Piece(space, what, frozenset(trees), judged, start, end, distinct=distinct)
        if kernel.reached is None:
            return {base: 1}, None
        if kernel.reached.type.kind == "date":
            reached = evolve(base, reached=(kernel.reached.root, window.end))
        else:
            reached = evolve(base, conditions=base.conditions | {kernel.reached.root})
        return {reached: 1}, {base: 1}

    def _formula(self, tree: Tree, window: Window, judged: Judged) -> tuple[Sketch, Sketch | None]:
        if isinstance(tree, Apply) and tree.op == "/" and not isinstance(tree.args[1], Literally):
            return tuple(self._linear(arg, window, judged) for arg in tree.args)  # type: ignore[return-value]
        if isinstance(tree, Apply) and tree.op == "if" and isinstance(tree.args[1], Literally):
            if tree.args[1].value is None:  # no rate where nothing is due
                return self._formula(tree.args[2], window, judged)
            raise UnfitError("formula")
        return self._linear(tree, window, judged), None

    def _linear(self, tree: Tree, window: Window, judged: Judged) -> Sketch:
        if isinstance(tree, Name) and tree.name in self.checked.metrics:
            top, bottom = self.ratio(self.checked.metrics[tree.name], window, judged)
            if bottom is not None or any(piece.distinct for piece in top):
                raise UnfitError("formula")
            return top
        if isinstance(tree, Apply) and tree.op in ("+", "-") and len(tree.args) == 2:
            left, right = (self._linear(arg, window, judged) for arg in tree.args)
            return _added(left, right, 1 if tree.op == "+" else -1)
        if isinstance(tree, Apply) and tree.op in ("*", "/"):
            factor, rest = _factor(tree)
            return _added({}, self._linear(rest, window, judged), factor)
        raise UnfitError("formula")


def _interval(kernel: Measure, window: Window) -> tuple[dt.date | None, dt.date | None]:
    if kernel.on is None:
        return None, None
    if kernel.accumulate == "flow":
        return window.start, window.end
    since = kernel.since if kernel.accumulate == "to_date" and isinstance(kernel.since, dt.date) else None
    return since, window.end


def _factor(tree: Apply) -> tuple[Number, Tree]:
    """A product or quotient as a constant and the rest. Raises UnfitError."""
    left, right = tree.args
    if isinstance(right, Literally) and isinstance(right.value, Decimal) and right.value:
        return number_of(Fraction(right.value) if tree.op == "*" else 1 / Fraction(right.value)), left
    if tree.op == "*" and isinstance(left, Literally) and isinstance(left.value, Decimal):
        return number_of(left.value), right
    raise UnfitError("formula")


def _added(one: Sketch, other: Sketch, factor: Number) -> Sketch:
    return {name: number_of(one.get(name, 0) + factor * other.get(name, 0)) for name in {**one, **other}}


# --- demands ----------------------------------------------------------------------


@frozen(eq=False)
class Gathered:
    """What the targets of a campaign come to."""

    wanted: list[Wanted] = field(factory=list)
    open: list[OpenDemand] = field(factory=list)
    left_out: list[tuple[CheckedTarget, str]] = field(factory=list)


def sketched(checked: CheckedCampaign) -> Gathered:
    """The demands of a campaign over pieces, and the targets that have no linear form."""
    found, sketcher = Gathered(), _Sketcher(checked)
    for target in checked.targets:
        if target.target.force not in FORCES:
            continue
        try:
            _gather(checked, sketcher, target, found)
        except UnfitError as reason:
            found.left_out.append((target, str(reason)))
    return found


def _gather(checked: CheckedCampaign, sketcher: _Sketcher, target: CheckedTarget, found: Gathered) -> None:
    if target.waits:
        raise UnfitError("deferred")
    wanted: list[Wanted] = []
    opened: list[OpenDemand] = []
    for judged, window in product(target.judged, target.windows):
        if len(wanted) + len(found.wanted) > MOST_DEMANDS:
            raise UnfitError("many")
        top, bottom = sketcher.ratio(target.metric, window, judged)
        units = _units(checked, judged)
        if judged.kind == "each" and bottom is None and units is None:
            opened += _opened(target, window, judged, top)
            continue
        if judged.kind == "each" and any(piece.distinct for piece in top):
            raise UnfitError("distinct")
        for sense, number, times in _bounds(target, units if judged.kind == "each" else None, bottom is not None):
            wanted.append(Wanted(target, window, judged, sense, number, top, bottom, times))
    found.wanted.extend(wanted)
    found.open.extend(opened)
    if opened and not wanted:
        found.left_out.append((target, "roster"))


def _opened(target: CheckedTarget, window: Window, judged: Judged, top: Sketch) -> Iterator[OpenDemand]:
    low = target.low.value if target.low is not None else None
    if low and len(top) == 1:
        (piece,) = top
        yield OpenDemand(target, window, judged, number_of(low), piece)


def _units(checked: CheckedCampaign, judged: Judged) -> tuple[str, ...] | None:
    """The units of a class; None while the roster is to be submitted."""
    roster = checked.campaign.units.roster
    if isinstance(roster, str):
        return None
    return tuple(unit.id for unit in roster if judged.name in ("", unit.class_))


def _bounds(target: CheckedTarget, units: Sequence[str] | None, rate: bool) -> Iterator[tuple[Sense, Number, int]]:
    """What is demanded: added up over the units it is demanded of each. Raises UnfitError."""
    for sense, end in ((">=", target.low), ("<=", target.high)):
        if end is None:
            continue
        if end.value is None:
            raise UnfitError("table")
        if units is None or rate:
            if target.exceptions and rate:
                raise UnfitError("exceptions")
            yield sense, number_of(end.value), 1  # type: ignore[misc]
            continue
        numbers = [target.exceptions.get(unit, end) for unit in units]
        kept = [number.value for number in numbers if number is not None and number.value is not None]
        if sense == "<=" and len(kept) < len(units):
            continue  # a unit without a limit leaves the class without one
        yield sense, sum(map(number_of, kept)), len(kept)  # type: ignore[misc]
