"""Cube → results: windows, rates, formulas, targets, pace, duties; on dense arrays, exact.

Numbers are whole multiples of 10 ** -scale: 64-bit where the cube's are, Python ints where wider. Comes in: plan,
submission, as_of. Goes out: `DenseResults`, whose rows are made when asked for. Must not know: files, how Polars
scanned the records, how results are shown. The rules are those of docs/evaluation.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from campaignrules.calendar import DAY, Window, earlier
from campaignrules.checked import CheckedCampaign, CheckedMetric, CheckedTarget, Growth, Measure, Number
from campaignrules.columns import Column, evaluate
from campaignrules.engine.cube import BITS, Array, Cube, Distinct, Filed, bind, build, day_number, table_numbers
from campaignrules.engine.duties import duty_results
from campaignrules.expressions import Expression
from campaignrules.intake import Submission
from campaignrules.planner import Plan, TallyRef, uses
from campaignrules.quantities import (
    DIVISION_PLACES,
    EXACT,
    divide,
    divide_half_even,
    round_report,
    scaled,
    unscaled,
)
from campaignrules.results import DutyResult, OutcomeResult, Progress, Results
from campaignrules.roster import Scope

STATUSES: Final = ("met", "on_track", "behind", "missed", "not_due", "missing", "deferred", "not_applicable")
MET, ON_TRACK, BEHIND, MISSED, NOT_DUE, MISSING, DEFERRED, NOT_APPLICABLE = range(8)

Scopes = tuple[Scope, ...]


@frozen
class Span:
    """The days `start` to `end`, of which those up to `upto` count."""

    start: dt.date
    end: dt.date
    upto: dt.date


Spans = tuple[Span, ...]


@frozen(eq=False)
class Cells:
    """Values of a metric, [scope, window]; `values` are whole multiples of 10 ** -scale."""

    values: Array
    known: Array
    scale: int


@frozen(eq=False)
class TargetCells:
    """One target, dense: everything its rows are made from."""

    target: CheckedTarget
    scopes: Scopes
    cells: Cells
    low: Cells | None
    high: Cells | None
    status: Array


def run(plan: Plan, submission: Submission, as_of: dt.date) -> DenseResults:
    """Evaluate everything the plan demands."""
    checked = plan.checked
    scopes = {target.judged: submission.roster.scopes(target.judged) for target in checked.targets}
    bounds = _bounds(checked, as_of)
    cube = build(plan, submission, as_of, bounds)
    values = _Values(plan, submission, cube, as_of)
    made = [_target_cells(values, target, scopes[target.judged]) for target in checked.targets]
    return DenseResults(checked, submission, cube, as_of, made)


def _bounds(checked: CheckedCampaign, as_of: dt.date) -> list[int]:
    """The first day of every window that is needed and the day after its last one that counts."""
    found = {day_number(as_of) + 1}
    seen: set[tuple[str, Spans]] = set()
    todo = [(target.metric.id, _spans(target.windows, as_of)) for target in checked.targets]
    while todo:
        name, spans = todo.pop()
        if (name, spans) in seen:
            continue
        seen.add((name, spans))
        metric = checked.metrics[name]
        for span in spans:
            found |= {day_number(span.start), day_number(span.upto) + 1}
        if isinstance(metric.kernel, Growth):
            spans = _earlier(spans, metric.kernel.against)
        todo += [(used, spans) for used in uses(metric)]
    return sorted(found)


def _spans(windows: Iterable[Window], as_of: dt.date) -> Spans:
    return tuple(Span(w.start, w.end, min(w.end, as_of)) for w in windows)


def _earlier(spans: Spans, against: str) -> Spans:
    """The spans to compare with, cut after as many days when the span is still open."""
    found = []
    for span in spans:
        before = earlier(Window("", span.start, span.end), against)
        upto = before.end
        if span.upto < span.end:
            upto = min(upto, before.start + (span.upto - span.start))
        found.append(Span(before.start, before.end, upto))
    return tuple(found)


# -- values of metrics --------------------------------------------------------------------------------------------


@define(eq=False)
class _Values:
    """Values of metrics on demand, each (metric, scopes, spans) once."""

    plan: Plan
    submission: Submission
    cube: Cube
    as_of: dt.date
    made: dict[Any, Cells] = field(factory=dict)
    prefixes: dict[Any, Array] = field(factory=dict)
    members: dict[int, list[Array | None]] = field(factory=dict)
    tables: dict[tuple[str, str], Mapping[str | None, Decimal]] = field(factory=dict)

    def of(self, name: str, scopes: Scopes, spans: Spans) -> Cells:
        key = (name, id(scopes), spans)
        if key not in self.made:
            self.made[key] = self._make(self.plan.checked.metrics[name], scopes, spans)
        return self.made[key]

    def _make(self, metric: CheckedMetric, scopes: Scopes, spans: Spans) -> Cells:
        if metric.awaits:
            return self._missing(scopes, spans, metric.type.scale)
        if isinstance(metric.kernel, Growth):
            return self._growth(metric.kernel, scopes, spans)
        if isinstance(metric.kernel, Expression):
            return self._formula(metric, metric.kernel, scopes, spans)
        if metric.kernel.record not in self.submission.tables:
            return self._missing(scopes, spans, metric.type.scale)
        return _MEASURES[metric.kernel.verb](self, metric, metric.kernel, scopes, spans)

    def _missing(self, scopes: Scopes, spans: Spans, scale: int) -> Cells:
        shape = (len(scopes), len(spans))
        return Cells(np.zeros(shape, np.int64), np.zeros(shape, bool), scale)

    def _growth(self, kernel: Growth, scopes: Scopes, spans: Spans) -> Cells:
        now = self.of(kernel.of, scopes, spans)
        before = self.of(kernel.of, scopes, _earlier(spans, kernel.against))
        ratio = _divided(now, before)
        return Cells(np.where(ratio.known, ratio.values - 10**DIVISION_PLACES, 0), ratio.known, DIVISION_PLACES)

    def _formula(self, metric: CheckedMetric, expression: Expression, scopes: Scopes, spans: Spans) -> Cells:
        columns = {}
        for name in uses(metric):
            cells = self.of(name, scopes, spans)
            columns[name] = Column(cells.values.astype(object).ravel(), cells.known.ravel())
        count = len(scopes) * len(spans)
        found = evaluate(bind(expression.root, self.as_of), columns, count).column
        shape = (len(scopes), len(spans))
        scale = expression.type.scale
        values = np.where(found.known, found.values, 0).astype(object)
        if scale > metric.type.scale:
            values = _each(lambda n: divide_half_even(n, 10 ** (scale - metric.type.scale)), values)
        return Cells(values.reshape(shape), found.known.reshape(shape).copy(), metric.type.scale)

    # tallies → [scope, cell]

    def filed(self, ref: TallyRef) -> Filed:
        return self.cube.filed[ref.scan]

    def indices(self, scopes: Scopes) -> list[Array | None]:
        """For each scope the rows of the unit axis it is made of; None: all of them."""
        if id(scopes) not in self.members:
            places = {unit.id: i for i, unit in enumerate(self.submission.roster.units)}
            self.members[id(scopes)] = [
                None if s.members is None else np.array(sorted(places[m] for m in s.members if m in places), np.int64)
                for s in scopes
            ]
        return self.members[id(scopes)]

    def dense(self, ref: TallyRef, combine: str) -> tuple[Array, Array]:
        """A tally as [unit, cell]: summed, least or greatest; and where there is any value."""
        key = (ref, combine)
        if key not in self.prefixes:
            filed = self.filed(ref)
            values, known = filed.tallies[ref.index]
            cell = np.searchsorted(self.cube.bounds, filed.day, side="right")
            shape = (len(self.submission.roster.units) + 1, len(self.cube.bounds) + 1)
            self.prefixes[key] = _gather(values, known, filed.unit, cell, filed.day, shape, combine)
        return self.prefixes[key]

    def prefix(self, ref: TallyRef, scopes: Scopes) -> Array:
        """Sums of a tally over all cells before the given one, [scope, cell + 1]."""
        key = (ref, "prefix", id(scopes))
        if key not in self.prefixes:
            dense, _ = self.dense(ref, "sum")
            scoped = self.scoped(dense, scopes, lambda part: part.sum(axis=0))
            start = np.zeros((len(scopes), 1), dtype=scoped.dtype)
            self.prefixes[key] = np.concatenate([start, np.cumsum(scoped, axis=1)], axis=1)
        return self.prefixes[key]

    def scoped(self, dense: Array, scopes: Scopes, reduce: Callable[[Array], Array]) -> Array:
        rows = self.indices(scopes)
        if all(r is not None and len(r) == 1 for r in rows) and rows:
            return dense[np.concatenate(rows)]  # type: ignore[arg-type]
        return np.stack([reduce(dense if r is None else dense[r]) for r in rows]) if rows else dense[:0]

    def edges(self, spans: Spans) -> tuple[Array, Array]:
        """For each window the cells [from, to) it is made of, up to as_of."""
        bounds = self.cube.bounds
        starts = np.array([day_number(span.start) for span in spans], dtype=np.int64)
        ends = np.array([day_number(span.upto) + 1 for span in spans], dtype=np.int64)
        first = np.searchsorted(bounds, starts, side="right")
        last = np.searchsorted(bounds, ends, side="right")
        return first, np.maximum(first, last)

    def sums(self, ref: TallyRef, scopes: Scopes, spans: Spans, flow: bool) -> Array:
        prefix = self.prefix(ref, scopes)
        first, last = self.edges(spans)
        if not flow:
            ends = np.array([day_number(span.upto) + 1 for span in spans], dtype=np.int64)
            return prefix[:, np.searchsorted(self.cube.bounds, ends, side="right")]
        return prefix[:, last] - prefix[:, first]


def _gather(
    values: Array, known: Array, unit: Array, cell: Array, day: Array, shape: tuple[int, int], combine: str
) -> tuple[Array, Array]:
    any_known = np.zeros(shape, dtype=bool)
    any_known[unit[known], cell[known]] = True
    place = (unit[known], cell[known])
    if combine == "sum":
        dense = np.zeros(shape, dtype=values.dtype)
        np.add.at(dense, place, values[known])
    elif combine == "last":
        dense = np.zeros(shape, dtype=values.dtype)
        order = np.argsort(day[known], kind="stable")
        dense[place[0][order], place[1][order]] = values[known][order]
    else:
        fill = np.iinfo(np.int64).max if combine == "min" else np.iinfo(np.int64).min
        dense = np.full(shape, fill, dtype=np.int64)
        (np.minimum if combine == "min" else np.maximum).at(dense, place, values[known])
    return dense, any_known


def _each(rule: Callable[[int], int], values: Array) -> Array:
    found = np.empty(values.shape, dtype=object)
    found.ravel()[:] = [rule(int(v)) for v in values.ravel()]
    return found


def _divided(above: Cells, below: Cells) -> Cells:
    """above ÷ below at 12 decimals, half to even; missing where either is, or below is zero."""
    shape = above.values.shape
    known = above.known & below.known & (below.values != 0)
    values = np.zeros(shape, dtype=object)
    up, down = _shift(DIVISION_PLACES + below.scale - above.scale)
    for at in np.argwhere(known):
        n, d = int(above.values[tuple(at)]), int(below.values[tuple(at)])
        values[tuple(at)] = divide_half_even(n * up, d * down)
    return Cells(values, known, DIVISION_PLACES)


def _shift(places: int) -> tuple[int, int]:
    return (10**places, 1) if places >= 0 else (1, 10**-places)


# -- verbs --------------------------------------------------------------------------------------------------------


def _additive(v: _Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    total = _net(v, metric, "value", scopes, spans)
    known = np.ones(total.shape, dtype=bool)
    if measure.empty_is_missing:
        known = _net(v, metric, "known", scopes, spans) > 0
    return Cells(total, known, metric.type.scale)


def _net(v: _Values, metric: CheckedMetric, role: str, scopes: Scopes, spans: Spans) -> Array:
    """A summed role inside the spans, less what had ended by then."""
    roles = v.plan.measures[metric.id].roles
    kernel = metric.kernel
    flow = isinstance(kernel, Measure) and kernel.accumulate == "flow"
    total = v.sums(roles[role], scopes, spans, flow)
    if f"{role} ended" in roles:
        total = total - v.sums(roles[f"{role} ended"], scopes, spans, False)
    return total


def _mean(v: _Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    total = _net(v, metric, "value", scopes, spans)
    count = _net(v, metric, "known", scopes, spans)
    everything = np.ones(total.shape, dtype=bool)
    scale = v.plan.checked.records[measure.record].types[measure.field or ""].scale
    return _divided(Cells(total, everything, scale), Cells(count, everything, 0))


def _extreme(combine: str) -> Callable[..., Cells]:
    pick = np.min if combine == "min" else np.max

    def value(v: _Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
        dense, known = v.dense(v.plan.measures[metric.id].roles["value"], combine)
        scoped = v.scoped(dense, scopes, lambda p: pick(p, axis=0) if len(p) else _nothing(dense, combine))
        some = v.scoped(known, scopes, lambda part: part.any(axis=0))
        found = np.zeros((len(scopes), len(spans)), dtype=np.int64)
        any_known = np.zeros(found.shape, dtype=bool)
        for i, (first, last) in enumerate(_ranges(v, measure, spans)):
            if last > first:
                found[:, i] = pick(scoped[:, first:last], axis=1)
                any_known[:, i] = some[:, first:last].any(axis=1)
        return Cells(np.where(any_known, found, 0), any_known, metric.type.scale)

    return value


def _nothing(dense: Array, combine: str) -> Array:
    limits = np.iinfo(np.int64)
    return np.full(dense.shape[1], limits.max if combine == "min" else limits.min)


def _ranges(v: _Values, measure: Measure, spans: Spans) -> Iterator[tuple[int, int]]:
    first, last = v.edges(spans)
    if measure.accumulate != "flow":
        ends = np.array([day_number(span.upto) + 1 for span in spans], dtype=np.int64)
        first, last = np.zeros_like(first), np.searchsorted(v.cube.bounds, ends, side="right")
    return zip(first.tolist(), last.tolist(), strict=True)


def _last(v: _Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    """Each unit's latest value; for a set of units their sum."""
    dense, known = v.dense(v.plan.measures[metric.id].roles["value"], "last")
    found = np.zeros((dense.shape[0], len(spans)), dtype=dense.dtype)
    some = np.zeros(found.shape, dtype=bool)
    for i, (first, last) in enumerate(_ranges(v, measure, spans)):
        if last <= first:
            continue
        place = np.where(known[:, first:last], np.arange(first, last), -1).max(axis=1)
        some[:, i] = place >= 0
        found[:, i] = np.where(place >= 0, dense[np.arange(len(dense)), place], 0)
    total = v.scoped(found, scopes, lambda part: part.sum(axis=0))
    return Cells(total, v.scoped(some, scopes, lambda part: part.any(axis=0)), metric.type.scale)


def _rate(v: _Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    roles = v.plan.measures[metric.id].roles
    flow = measure.on is not None and measure.accumulate == "flow"
    shape = (len(scopes), len(spans))
    if measure.on is None:
        cohort = np.broadcast_to(v.prefix(roles["cohort"], scopes)[:, -1:], shape)
    else:
        cohort = v.sums(roles["cohort"], scopes, spans, flow)
    if roles["value"].scan.dates.first:
        reached = _inside(v, roles["value"], scopes, spans)
    elif not roles["value"].scan.dates.parts:
        reached = np.broadcast_to(v.prefix(roles["value"], scopes)[:, -1:], shape)
    else:
        reached = v.sums(roles["value"], scopes, spans, flow)
    everything = np.ones(shape, dtype=bool)
    return _divided(Cells(reached, everything, 0), Cells(cohort, everything, 0))


def _inside(v: _Values, ref: TallyRef, scopes: Scopes, spans: Spans) -> Array:
    """Sum over entries whose first date lies inside the window and whose latest by its end (cells, not days)."""
    filed = v.filed(ref)
    values, _ = filed.tallies[ref.index]
    first = filed.first if filed.first is not None else filed.day
    units = len(v.submission.roster.units) + 1
    found = np.zeros((units, len(spans)), dtype=values.dtype)
    for i, (start, end) in enumerate(_ranges(v, Measure("count", ""), spans)):
        inside = (first >= start) & (first < end) & (filed.day < end)
        np.add.at(found[:, i], filed.unit[inside], values[inside])
    return v.scoped(found, scopes, lambda part: part.sum(axis=0))


def _distinct(v: _Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    ref = v.plan.measures[metric.id].roles["value"]
    seen = v.cube.distinct[ref.scan, ref.index]
    ranges = list(_ranges(v, measure, spans))
    if measure.until is not None:
        ranges = [(last - 1, last) for _, last in ranges]
    found = np.stack([_count_distinct(seen, rows, ranges) for rows in v.indices(scopes)]) if scopes else None
    values = np.zeros((0, len(spans)), np.int64) if found is None else found
    return Cells(values, np.ones(values.shape, dtype=bool), 0)


def _count_distinct(seen: Distinct, rows: Array | None, ranges: list[tuple[int, int]]) -> Array:
    """How many values occur in each range of cells, among the entries of these units."""
    chosen = slice(None) if rows is None else np.isin(seen.unit, rows)
    words = [word[chosen] for word in seen.words]
    if rows is None or len(rows) > 1:
        words = _merged(seen.value[chosen], words)
    counts = np.zeros(len(ranges), dtype=np.int64)
    for i, (first, last) in enumerate(ranges):
        hit = np.zeros(len(words[0]) if words else 0, dtype=bool)
        for number, word in enumerate(words):
            hit |= (word & _range_bits(first - number * BITS, last - number * BITS)) != 0
        counts[i] = hit.sum()
    return counts


def _merged(value: Array, words: list[Array]) -> list[Array]:
    """The words of one value in several units, joined."""
    if not len(value):
        return words
    order = np.argsort(value, kind="stable")
    starts = np.flatnonzero(np.diff(value[order], prepend=value[order][0] - 1))
    return [np.bitwise_or.reduceat(word[order], starts) for word in words]


def _range_bits(first: int, last: int) -> int:
    first, last = max(first, 0), min(last, BITS)
    return ((1 << last) - 1) & ~((1 << first) - 1) if last > first else 0


_MEASURES: Final[dict[str, Callable[..., Cells]]] = {
    "count": _additive,
    "sum": _additive,
    "mean": _mean,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "last": _last,
    "distinct": _distinct,
    "rate": _rate,
}


# -- targets ------------------------------------------------------------------------------------------------------


def only_grows(metric: CheckedMetric) -> bool:
    """Whether the metric cannot fall while a window is open."""
    kernel = metric.kernel
    return isinstance(kernel, Measure) and kernel.verb in ("count", "sum", "distinct") and kernel.accumulate != "level"


def pace_start(target: CheckedTarget, window: Window) -> dt.date | None:
    """The day from which time-proportional pace runs; None when there is no pace."""
    kernel = target.metric.kernel
    if target.low is None or not isinstance(kernel, Measure) or not only_grows(target.metric):
        return None
    if kernel.accumulate == "flow":
        return window.start
    return kernel.since  # type: ignore[return-value]


def _target_cells(v: _Values, target: CheckedTarget, scopes: Scopes) -> TargetCells:
    cells = v.of(target.metric.id, scopes, _spans(target.windows, v.as_of))
    low = _required(v, target, target.low, scopes, own=True)
    high = _required(v, target, target.high, scopes, own=target.comparator != "between")
    status = _status(v, target, scopes, cells, low, high)
    return TargetCells(target, scopes, cells, low, high, status)


def _required(v: _Values, target: CheckedTarget, number: Number | None, scopes: Scopes, own: bool) -> Cells | None:
    """The number demanded of each scope, [scope, 1]; `own`: a unit's own number takes its place."""
    if number is None:
        return None
    found = [_number_of(v, number, scope, target, own) for scope in scopes]
    scale = max((_decimals(x) for x in found if x is not None), default=0)
    values = np.array([[0 if x is None else scaled(x, scale)] for x in found], dtype=object).reshape(len(found), 1)
    known = np.array([[x is not None] for x in found], dtype=bool).reshape(len(found), 1)
    return Cells(values, known, scale)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _number_of(v: _Values, number: Number, scope: Scope, target: CheckedTarget, own: bool) -> Decimal | None:
    if own and scope.name in target.exceptions:
        exception = target.exceptions[scope.name]
        return None if exception is None else _looked_up(v, exception, scope)
    return _looked_up(v, number, scope)


def _looked_up(v: _Values, number: Number, scope: Scope) -> Decimal | None:
    if number.table is None:
        return number.value
    if number.table not in v.tables:
        v.tables[number.table] = table_numbers(v.plan, v.submission, v.as_of, *number.table)
    return v.tables[number.table].get(scope.name)


def _status(
    v: _Values, target: CheckedTarget, scopes: Scopes, cells: Cells, low: Cells | None, high: Cells | None
) -> Array:
    status = _compared(v, target, cells, low, high)
    required = [c.known for c in (low, high) if c is not None]
    complete = cells.known & np.logical_and.reduce(required) if required else cells.known
    status[~complete] = MISSING
    begun = np.array([w.start <= v.as_of for w in target.windows], dtype=bool)
    status[:, ~begun] = NOT_DUE
    if target.awaits:
        status[:] = DEFERRED
    if target.comparator == "every" and not target.metric.awaits and _submitted(v, target.metric):
        status[~cells.known & begun] = NOT_APPLICABLE
    for i, scope in enumerate(scopes):
        if scope.name in target.exceptions and target.exceptions[scope.name] is None:
            status[i] = NOT_APPLICABLE
    return status


def _submitted(v: _Values, metric: CheckedMetric) -> bool:
    """Whether all tables that a metric rests on were submitted."""
    if isinstance(metric.kernel, Measure):
        return metric.kernel.record in v.submission.tables
    return all(_submitted(v, v.plan.checked.metrics[name]) for name in uses(metric))


def _compared(v: _Values, target: CheckedTarget, cells: Cells, low: Cells | None, high: Cells | None) -> Array:
    """Statuses as if every cell were known."""
    above = np.ones(cells.values.shape, bool) if low is None else _not_below(cells, low)
    below = np.ones(cells.values.shape, bool) if high is None else _not_below(high, cells)
    holds = above & below
    over = np.array([v.as_of >= w.end for w in target.windows], dtype=bool)
    grows = only_grows(target.metric)
    lasting = MET if target.comparator in ("at_least", "every") and grows else ON_TRACK
    failing = np.where(below, BEHIND, MISSED if grows else BEHIND)
    if low is not None:
        kept = below & ~above & _pace_kept(v, target, cells, low)
        failing = np.where(kept, ON_TRACK, failing)
    opened = np.where(holds, lasting, failing)
    return np.where(over, np.where(holds, MET, MISSED), opened).astype(np.int8)


def _not_below(a: Cells, b: Cells) -> Array:
    """a ≥ b, cell by cell, exactly."""
    scale = max(a.scale, b.scale)
    return _at_scale(a, scale) >= _at_scale(b, scale)


def _at_scale(cells: Cells, scale: int) -> Array:
    if scale == cells.scale and cells.values.dtype != object:
        return cells.values
    return cells.values.astype(object) * 10 ** (scale - cells.scale)


def _pace_kept(v: _Values, target: CheckedTarget, cells: Cells, low: Cells) -> Array:
    kept = np.zeros(cells.values.shape, dtype=bool)
    scale = max(cells.scale, low.scale)
    value, demanded = _at_scale(cells, scale).astype(object), _at_scale(low, scale).astype(object)
    for i, window in enumerate(target.windows):
        if (days := pace_days(target, window, v.as_of)) is not None:
            elapsed, total = days
            kept[:, i] = (value[:, i] * total >= demanded[:, 0] * elapsed).astype(bool)
    return kept


def pace_days(target: CheckedTarget, window: Window, as_of: dt.date) -> tuple[int, int] | None:
    """Elapsed and total days of a window that has a pace."""
    start = pace_start(target, window)
    if start is None or start > window.end:
        return None
    total = (window.end - start).days + 1
    return max(min((as_of - start).days + 1, total), 0), total


# -- rows ---------------------------------------------------------------------------------------------------------


@define(eq=False, slots=False)
class DenseResults:
    """Results as dense arrays; long rows are made once, when asked for."""

    checked: CheckedCampaign
    submission: Submission
    cube: Cube
    as_of: dt.date
    targets: list[TargetCells]

    @cached_property
    def progress(self) -> tuple[Progress, ...]:
        return tuple(row for target in self.targets for row in _rows(target, self.as_of))

    @cached_property
    def duties(self) -> tuple[DutyResult, ...]:
        return duty_results(self.checked, self.submission, self.as_of)

    @cached_property
    def outcomes(self) -> tuple[OutcomeResult, ...]:
        counts: dict[str, dict[str, int]] = {}
        rows: Iterable[tuple[str, str]] = [(p.target, p.status) for p in self.progress]
        for name, status in [*rows, *((d.duty, d.status) for d in self.duties)]:
            counts.setdefault(name, {}).setdefault(status, 0)
            counts[name][status] += 1
        return tuple(_outcome(outcome, counts) for outcome in self.checked.outcomes)

    @property
    def rows(self) -> Results:
        return Results(self.progress, self.duties, self.outcomes)


_WORST: Final = ("missed", "missing", "deferred")


def _outcome(outcome: Any, counts: Mapping[str, Mapping[str, int]]) -> OutcomeResult:
    total: dict[str, int] = {}
    for name in outcome.all_of:
        for status, count in counts.get(name, {}).items():
            total[status] = total.get(status, 0) + count
    worst = next((status for status in _WORST if status in total), None)
    rest = set(total) - {"met", "late", "not_applicable"}
    status = worst or ("met" if not rest else "behind" if "behind" in rest else "on_track")
    return OutcomeResult(outcome.id, status, outcome.force, dict(sorted(total.items())), outcome.source)


def _rows(made: TargetCells, as_of: dt.date) -> Iterator[Progress]:
    for s, scope in enumerate(made.scopes):
        for w, window in enumerate(made.target.windows):
            yield _row(made, scope, window, s, w, as_of)


def _row(made: TargetCells, scope: Scope, window: Window, s: int, w: int, as_of: dt.date) -> Progress:
    target = made.target
    status = STATUSES[made.status[s, w]]
    value = _decimal(made.cells, s, w) if window.start <= as_of and status != "not_applicable" else None
    low, high = _demanded(made.low, s, status), _demanded(made.high, s, status)
    if target.comparator == "at_most":
        first, second = high, None
    else:
        first, second = low, high if target.comparator == "between" else None
    judged = status in ("met", "on_track", "behind", "missed")
    shortfall = _shortfall(value, low, high) if judged and value is not None else None
    ratio = divide(value, first) if judged and value is not None and first is not None else None
    days = pace_days(target, window, as_of) if judged else None
    pace = divide(Decimal(days[0]), Decimal(days[1])) if days else None
    open_days = (window.end - as_of) // DAY
    needed = None
    if days and open_days > 0 and value is not None and low is not None and value < low and shortfall is not None:
        needed = divide(shortfall, Decimal(open_days))
    return Progress(
        target=target.target.id, metric=target.metric.id, unit=scope.name, window=window.id,
        value=_show(value, target), comparator=target.comparator,
        required=_show(first, target), required_high=_show(second, target), measure=target.unit.name,
        ratio=ratio, shortfall=_show(shortfall, target), status=status, force=target.target.force,  # type: ignore[arg-type]
        pace=pace, gap=None if pace is None or ratio is None else EXACT.multiply(EXACT.subtract(ratio, pace), Decimal(100)), needed_per_day=_show(needed, target),
        due_on=window.end, lead=target.lead, support=target.support, source=target.target.source,
        awaits=tuple(sorted(target.awaits)),
    )  # fmt: skip


def _decimal(cells: Cells, s: int, w: int) -> Decimal | None:
    return unscaled(int(cells.values[s, w]), cells.scale) if cells.known[s, w] else None


def _demanded(cells: Cells | None, s: int, status: str) -> Decimal | None:
    return _decimal(cells, s, 0) if cells is not None and status != "not_applicable" else None


def _shortfall(value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    if low is not None and value < low:
        return EXACT.subtract(low, value)
    if high is not None and value > high:
        return EXACT.subtract(value, high)
    return Decimal(0)


def _show(base: Decimal | None, target: CheckedTarget) -> Decimal | None:
    """A base amount in the unit the target is written in."""
    return None if base is None else round_report(base.scaleb(-target.unit.power, EXACT))
