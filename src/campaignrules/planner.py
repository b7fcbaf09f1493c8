"""CheckedCampaign → Plan: which record is scanned on which dates, and what each scan computes.

A measure is lowered to *tallies*: the few aggregates per (unit, day) from which `engine.finish` makes every window's
value. Tallies that share a record and its dates share one scan; equal tallies are computed once. Must not know: data,
as_of, how a scan is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeVar

from attrs import define, field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import ENDS, CheckedCampaign, CheckedMetric, Growth, Limited, Measure
from campaignrules.trees import BOOL, DATE, Apply, Expression, Literally, Name, Tree

TallyKind = Literal["count", "sum", "min", "max", "last", "distinct"]
COMPILED: Final = 64
"""Compiled scans kept per plan."""
_Compiled = TypeVar("_Compiled")


@frozen(repr=False)
class Tally:
    """One aggregate over the rows that all `filters` let through. `field`: None counts rows.

    `until`: distinct values that are still there (their `until` has not come) at a cell's end.
    """

    kind: TallyKind
    field: str | None
    filters: tuple[Tree, ...]
    until: Tree | None = None


@frozen(repr=False)
class Dates:
    """The day a row is filed under: the latest of `parts` (date trees); rows where one is missing are left out.

    `first` keeps the first part as a second key, for cohorts that must begin and arrive inside a window.
    """

    parts: tuple[Tree, ...] = ()
    first: bool = False


@define(eq=False, repr=False)
class Scan:
    """One pass over a record: rows grouped by (unit, day)."""

    record: str
    dates: Dates
    unit: str | None = None
    """The unit field that its rows count for; None: rows of the whole."""
    tallies: list[Tally] = field(factory=list)


@frozen(repr=False)
class TallyRef:
    """Where a tally is found: the numbers of its scan and, within that, its own."""

    scan: int
    tally: int


@frozen(eq=False, repr=False)
class Lowered:
    """A measure as tallies by role: `value`; `known` (how many values); `ended` (level: rows to subtract); `cohort`."""

    roles: Mapping[str, TallyRef]


@define(eq=False, repr=False)
class Plan:
    """What the engine runs. `measures`: metric → its tallies."""

    checked: CheckedCampaign
    scans: list[Scan] = field(factory=list)
    measures: dict[str, Lowered] = field(factory=dict)
    needed: tuple[str, ...] = ()
    compiled: dict[Any, Any] = field(factory=dict, repr=False)
    """The engine's own cache of the latest compiled scans, and of the days at which windows begin or have just ended."""

    def once(self, key: object, make: Callable[[], _Compiled]) -> _Compiled:
        """What was compiled under the key before, else what `make` gives; other threads may do the same meanwhile."""
        found: _Compiled | None = self.compiled.get(key)
        if found is None:
            if len(self.compiled) >= COMPILED:
                self.compiled.clear()
            found = self.compiled[key] = make()
        return found


def plan(checked: CheckedCampaign) -> Plan:
    """The plan for everything the campaign demands and scores."""
    made = Plan(checked, needed=_needed(checked))
    for name in made.needed:
        kernel = checked.metrics[name].kernel
        if isinstance(kernel, Measure) and not checked.metrics[name].awaits:
            unit = kernel.unit or checked.records[kernel.record].unit
            placed = _tallies(kernel).items()
            made.measures[name] = Lowered({role: _add(made, (*place, unit), tally) for role, (place, tally) in placed})
    return made


def asked(checked: CheckedCampaign) -> Iterator[tuple[str, tuple[Window, ...]]]:
    """The metrics that targets, scorecards, rankings and honours look at, and in which windows."""
    targets = {target.target.id: target for target in checked.targets}
    for target in checked.targets:
        yield target.metric.id, target.windows
    for formula in checked.score_formulas:
        for operand in formula.operands.values():
            if operand.kind == "metric":
                ends = (operand.id, *(operand.id + end for end in ENDS)) if operand.sides else (operand.id,)
                yield from ((name, operand.windows) for name in ends if name in checked.metrics)
            elif operand.kind == "met":
                yield targets[operand.id].metric.id, operand.windows


def _needed(checked: CheckedCampaign) -> tuple[str, ...]:
    """Metrics that some target or score rests on, each after those it uses."""
    wanted: set[str] = set()
    todo = [name for name, _ in asked(checked)]
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += uses(checked.metrics[name])
    return tuple(name for name in checked.metrics if name in wanted)


def uses(metric: CheckedMetric) -> tuple[str, ...]:
    """The metrics a metric is made of."""
    if isinstance(metric.kernel, Growth | Limited):
        return (metric.kernel.of,)
    if isinstance(metric.kernel, Expression):
        return tuple(sorted(metric.kernel.names - {"as_of"} - metric.awaits))
    return ()


def records_of(checked: CheckedCampaign, name: str) -> frozenset[str]:
    """The tables that a metric is taken from, at whatever depth."""
    metric = checked.metrics[name]
    if isinstance(metric.kernel, Measure):
        return frozenset({metric.kernel.record})
    return frozenset().union(*(records_of(checked, used) for used in uses(metric)))


def rows_behind(checked: CheckedCampaign, name: str) -> frozenset[tuple[str, str | None]]:
    """As `records_of`, each with the unit field that its rows count for (None: the record's own)."""
    metric = checked.metrics[name]
    if isinstance(metric.kernel, Measure):
        return frozenset({(metric.kernel.record, metric.kernel.unit)})
    return frozenset().union(*(rows_behind(checked, used) for used in uses(metric)))


def _add(plan: Plan, place: tuple[str, Dates, str | None], tally: Tally) -> TallyRef:
    places = [(scan.record, scan.dates, scan.unit) for scan in plan.scans]
    if place not in places:
        places.append(place)
        plan.scans.append(Scan(*place))
    number = places.index(place)
    tallies = plan.scans[number].tallies
    if tally not in tallies:
        tallies.append(tally)
    return TallyRef(number, tallies.index(tally))


_Place = tuple[str, Dates]
_Placed = dict[str, tuple[_Place, Tally]]


def _tallies(measure: Measure) -> _Placed:
    filters = tuple(expression.root for expression in measure.filters) + _since(measure)
    if measure.verb == "rate":
        return _rate_tallies(measure, filters)
    scan = (measure.record, Dates((_date(measure.on),)))
    if measure.verb == "distinct":
        until = None if measure.until is None else _date(measure.until)
        return {"value": (scan, Tally("distinct", measure.field, filters, until))}
    kind: TallyKind = "sum" if measure.verb == "mean" else measure.verb
    placed = {"value": (scan, Tally(kind, measure.field, filters))}
    if measure.verb == "mean" or measure.empty_is_missing:
        placed["known"] = (scan, Tally("count", measure.field, filters))
    if measure.until is not None:
        ended = (measure.record, Dates((_date(measure.on), _date(measure.until))))
        placed |= {f"{role} ended": (ended, tally) for role, (_, tally) in placed.items()}
    return placed


def _rate_tallies(measure: Measure, filters: tuple[Tree, ...]) -> _Placed:
    """Cohort and those of it who have reached: by a condition on the same rows, or filed under the date they did."""
    kind: TallyKind = "count" if measure.field is None else "sum"
    starts = () if measure.on is None else (_date(measure.on),)
    cohort = ((measure.record, Dates(starts)), Tally(kind, measure.field, filters))
    reached = measure.reached.root if measure.reached else Literally(True, BOOL)
    if reached.type.kind == "bool":
        return {"cohort": cohort, "value": (cohort[0], Tally(kind, measure.field, (*filters, reached)))}
    flow = bool(starts) and measure.accumulate == "flow"
    dates = Dates((*starts, reached), first=flow)
    return {"cohort": cohort, "value": ((measure.record, dates), Tally(kind, measure.field, filters))}


def _since(measure: Measure) -> tuple[Tree, ...]:
    if measure.since is None or measure.on is None or measure.accumulate != "to_date":
        return ()
    return (Apply(">=", (_date(measure.on), Literally(measure.since, DATE)), BOOL),)


def _date(name: str | None) -> Tree:
    return Name(name or "", DATE)
