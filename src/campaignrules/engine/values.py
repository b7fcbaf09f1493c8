"""Cube → values of metrics: windows as differences of prefix sums, rates, formulas, growth; dense and exact.

Numbers are whole multiples of 10 ** -scale: 64-bit where the cube's are, Python ints where wider. Must not know:
targets, statuses, rows of results.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from campaignrules.calendar import Calendar, Window, earlier
from campaignrules.checked import CheckedMetric, Growth, Limited, Measure
from campaignrules.columns import Column, evaluate, whole
from campaignrules.engine.cube import Cube, Distinct, Filed, day_number
from campaignrules.engine.returns import Returned
from campaignrules.engine.rows import BITS, Array
from campaignrules.intake import Submission
from campaignrules.planner import Plan, TallyRef, records_of, rows_behind, uses
from campaignrules.quantities import DIVISION_PLACES, scaled
from campaignrules.roster import Scope
from campaignrules.trees import Expression, bind

Scopes = tuple[Scope, ...]
Spans = tuple["Span", ...]


@frozen(cache_hash=True, repr=False)
class Span:
    """The days `start` to `end`, of which those up to `upto` count."""

    start: dt.date
    end: dt.date
    upto: dt.date


@frozen(eq=False, repr=False)
class Cells:
    """Values of a metric, [scope, window]; `values` are whole multiples of 10 ** -scale."""

    values: Array
    known: Array
    scale: int


class _Hashed(tuple[Span, ...]):  # noqa: SLOT001  it has one attribute
    """Spans that know their hash: values are found by them again and again."""

    def __hash__(self) -> int:
        if "known" not in self.__dict__:
            self.known = super().__hash__()
        return self.known


def spans_of(windows: Iterable[Window], as_of: dt.date) -> Spans:
    """The windows' days, cut at as_of."""
    return _Hashed(Span(w.start, w.end, min(w.end, as_of)) for w in windows)


def earlier_spans(spans: Spans, against: str) -> Spans:
    """The spans to compare with, cut after as many days when the span is still open."""
    found = []
    for span in spans:
        before = earlier(Window("", span.start, span.end), against)
        upto = before.end
        if span.upto < span.end:
            behind = max(span.upto - span.start, dt.timedelta(days=-1))  # a window that has not begun may lie far ahead
            upto = min(upto, before.start + behind)
        found.append(Span(before.start, before.end, upto))
    return _Hashed(found)


def begun_parts(span: Span, each: str, calendar: Calendar) -> Spans:
    """The recurring windows inside a span that have begun, each cut where the span is."""
    parts = calendar.parts(each, Window("", span.start, span.end))
    return tuple(Span(p.start, p.end, min(p.end, span.upto)) for p in parts if p.start <= span.upto)


@define(eq=False, repr=False)
class Values:
    """Values of metrics on demand, each (metric, scopes, spans) once."""

    plan: Plan
    submission: Submission
    cube: Cube
    as_of: dt.date
    made: dict[Any, Cells] = field(factory=dict)
    gathered: dict[Any, tuple[Array, Array]] = field(factory=dict)
    prefixes: dict[Any, Array] = field(factory=dict)
    cut: dict[Spans, tuple[Array, Array]] = field(factory=dict)
    cells: dict[int, Array] = field(factory=dict)
    divided: dict[str, int] = field(factory=dict)
    spanned: dict[tuple[Window, ...], Spans] = field(factory=dict)
    members: dict[int, list[Array | None]] = field(factory=dict)
    singles: dict[int, tuple[list[int], list[int], list[int]]] = field(factory=dict)
    tables: dict[tuple[str, str], Mapping[str | None, Decimal]] = field(factory=dict)
    before: dict[tuple[str, Spans], Spans] = field(factory=dict)
    steady: dict[str, Any] = field(factory=dict)
    returned: Returned | None = None
    """None where the campaign has no returns: then nobody's rows are missing."""

    def spans(self, windows: tuple[Window, ...]) -> Spans:
        """The windows' days up to as_of; the same object for the same windows."""
        if windows not in self.spanned:
            self.spanned[windows] = spans_of(windows, self.as_of)
        return self.spanned[windows]

    def of(self, name: str, scopes: Scopes, spans: Spans) -> Cells:
        key = (name, id(scopes), spans)
        if (found := self.made.get(key)) is None:
            found = self.made[key] = self._make(self.plan.checked.metrics[name], scopes, spans)
        return found

    def _make(self, metric: CheckedMetric, scopes: Scopes, spans: Spans) -> Cells:
        if metric.awaits:
            return self._missing(scopes, spans, metric.type.scale)
        if isinstance(metric.kernel, Growth):
            return self._growth(metric.kernel, scopes, spans)
        if isinstance(metric.kernel, Limited):
            return self._limited(metric, metric.kernel, scopes, spans)
        if isinstance(metric.kernel, Expression):
            return self._formula(metric, metric.kernel, scopes, spans)
        if metric.kernel.record not in self.submission.tables:
            return self._missing(scopes, spans, metric.type.scale)
        return self.reported(metric, scopes, _MEASURES[metric.kernel.verb](self, metric, metric.kernel, scopes, spans))

    def reported(self, metric: CheckedMetric, scopes: Scopes, cells: Cells) -> Cells:
        """The values less those of scopes whose rows are missing."""
        if self.returned is None or not (lacking := self.lacking(metric.id, scopes)).any():
            return cells
        known = cells.known & ~lacking[:, None]
        return Cells(np.where(known, cells.values, 0), known, cells.scale)

    def lacking(self, name: str, scopes: Scopes) -> Array:
        """For which scopes the rows of a table that a metric rests on are missing."""
        if self.returned is None:
            return np.zeros(len(scopes), dtype=bool)
        behind = rows_behind(self.plan.checked, name)
        return np.array([any(self.returned.lacks(*one, scope) for one in behind) for scope in scopes], dtype=bool)

    def _missing(self, scopes: Scopes, spans: Spans, scale: int) -> Cells:
        shape = (len(scopes), len(spans))
        return Cells(np.zeros(shape, np.int64), np.zeros(shape, bool), scale)

    def _growth(self, kernel: Growth, scopes: Scopes, spans: Spans) -> Cells:
        now = self.of(kernel.of, scopes, spans)
        if (kernel.against, spans) not in self.before:
            self.before[kernel.against, spans] = earlier_spans(spans, kernel.against)
        before = self.of(kernel.of, scopes, self.before[kernel.against, spans])
        ratio = _divided(now, before)
        one = np.where(ratio.known, 10**DIVISION_PLACES, 0)
        return Cells(whole.minus(ratio.values, one), ratio.known, DIVISION_PLACES)

    def _limited(self, metric: CheckedMetric, kernel: Limited, scopes: Scopes, spans: Spans) -> Cells:
        """The sum over the parts of each span of what counts in each; missing where one of them is."""
        if not self.submitted(metric.id) or kernel.at_most is None:
            return self._missing(scopes, spans, metric.type.scale)
        parts = [begun_parts(span, kernel.each, self.plan.checked.calendar) for span in spans]
        together = tuple(dict.fromkeys(part for some in parts for part in some))
        cells, at = self.of(kernel.of, scopes, together), {part: i for i, part in enumerate(together)}
        scale = metric.type.scale
        held = np.minimum(cells.values.astype(object) * 10 ** (scale - cells.scale), scaled(kernel.at_most, scale))
        values = np.zeros((len(scopes), len(spans)), dtype=object)
        known = np.ones(values.shape, dtype=bool)
        for i, some in enumerate(parts):
            own = [at[part] for part in some]
            known[:, i] = cells.known[:, own].all(axis=1)
            values[:, i] = np.where(known[:, i], held[:, own].sum(axis=1), 0)
        return self.reported(metric, scopes, Cells(values, known, scale))

    def submitted(self, name: str) -> bool:
        """Whether all tables that a metric rests on were submitted."""
        return records_of(self.plan.checked, name) <= self.submission.tables.keys()

    def _formula(self, metric: CheckedMetric, expression: Expression, scopes: Scopes, spans: Spans) -> Cells:
        columns = {}
        for name in uses(metric):
            cells = self.of(name, scopes, spans)
            columns[name] = Column(cells.values.ravel(), cells.known.ravel())
        count = len(scopes) * len(spans)
        evaluated = evaluate(bind(expression.root, {"as_of": self.as_of}), columns, count)
        self.divided[metric.id] = self.divided.get(metric.id, 0) + len(evaluated.zero_divisions)
        found = evaluated.column
        shape = (len(scopes), len(spans))
        scale = expression.type.scale
        values = np.where(found.known, found.values, 0)
        if scale > metric.type.scale:
            values = whole.half_even(values, 10 ** (scale - metric.type.scale))
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
        if key not in self.gathered:
            filed = self.filed(ref)
            values, known = filed.tallies[ref.tally]
            if ref.scan not in self.cells:
                self.cells[ref.scan] = np.searchsorted(self.cube.bounds, filed.day, side="right")
            cell = self.cells[ref.scan]
            shape = (len(self.submission.roster.units) + 1, len(self.cube.bounds) + 1)
            self.gathered[key] = _gather(values, known, filed.unit, cell, filed.day, shape, combine)
        return self.gathered[key]

    def prefix(self, ref: TallyRef, scopes: Scopes) -> Array:
        """Sums of a tally over all cells before the given one, [scope, cell + 1]."""
        key = (ref, "prefix", id(scopes))
        if key not in self.prefixes:
            dense, _ = self.dense(ref, "sum")
            scoped = self.scoped(dense, scopes, lambda part: part.sum(axis=0))
            upto = np.zeros((len(scopes), scoped.shape[1] + 1), dtype=scoped.dtype)
            np.cumsum(scoped, axis=1, out=upto[:, 1:])
            self.prefixes[key] = upto
        return self.prefixes[key]

    def scoped(self, dense: Array, scopes: Scopes, reduce: Callable[[Array], Array]) -> Array:
        """`dense` [unit, …] as [scope, …]: the unit's own row, or the rows of a scope's units reduced to one."""
        rows = self.indices(scopes)
        single, units, several = self._sorted_out(scopes)
        found = np.empty((len(rows), *dense.shape[1:]), dtype=dense.dtype)
        found[single] = dense[units]
        for i in several:
            part = rows[i]
            found[i] = reduce(dense if part is None else dense[part])
        return found

    def _sorted_out(self, scopes: Scopes) -> tuple[list[int], list[int], list[int]]:
        """The scopes that are one unit, the rows of these, and the other scopes."""
        if id(scopes) not in self.singles:
            rows = self.indices(scopes)
            one = {i: int(r[0]) for i, r in enumerate(rows) if r is not None and len(r) == 1}
            self.singles[id(scopes)] = ([*one], [*one.values()], [i for i in range(len(rows)) if i not in one])
        return self.singles[id(scopes)]

    def edges(self, spans: Spans) -> tuple[Array, Array]:
        """For each window its first cell, and the one after the last that counts (at least the first)."""
        if spans not in self.cut:
            days = np.array([[day_number(s.start), day_number(s.upto) + 1] for s in spans], np.int64).reshape(-1, 2)
            cells = np.searchsorted(self.cube.bounds, days, side="right")
            self.cut[spans] = (cells[:, 0], cells[:, 1])
        return self.cut[spans]

    def sums(self, ref: TallyRef, scopes: Scopes, spans: Spans, flow: bool) -> Array:
        """What was filed inside each window, or (not `flow`) up to its end, [scope, window]."""
        prefix = self.prefix(ref, scopes)
        first, last = self.edges(spans)
        return prefix[:, np.maximum(first, last)] - prefix[:, first] if flow else prefix[:, last]


def _gather(
    values: Array, known: Array, unit: Array, cell: Array, day: Array, shape: tuple[int, int], combine: str
) -> tuple[Array, Array]:
    if combine == "sum":  # what is not known was filled with zeros
        dense = np.zeros(shape, dtype=values.dtype)
        np.add.at(dense, (unit, cell), values)
        return dense, known
    any_known = np.zeros(shape, dtype=bool)
    any_known[unit[known], cell[known]] = True
    place = (unit[known], cell[known])
    if combine == "last":
        dense = np.zeros(shape, dtype=values.dtype)
        order = np.argsort(day[known], kind="stable")
        dense[place[0][order], place[1][order]] = values[known][order]
    else:
        dense = np.full(shape, beyond(combine, values.dtype), dtype=values.dtype)
        (np.minimum if combine == "min" else np.maximum).at(dense, place, values[known])
    return dense, any_known


def beyond(combine: str, kind: np.dtype[Any]) -> int:
    """A number that no value passes: what stands where there is none."""
    most = 2**127 if kind.hasobject else int(np.iinfo(np.int64).max)
    return most if combine == "min" else -most


def _any(part: Array) -> Array:
    return np.asarray(part.any(axis=0))


def _divided(above: Cells, below: Cells) -> Cells:
    """above ÷ below at 12 decimals, half to even; missing where either is, or below is zero."""
    known = above.known & below.known & (below.values != 0)
    parts = [whole.narrow(cells.values[known]) for cells in (above, below)]
    found = whole.divided(parts[0], parts[1], DIVISION_PLACES + below.scale - above.scale)
    values = np.zeros(above.values.shape, dtype=found.dtype)
    values[known] = found
    return Cells(values, known, DIVISION_PLACES)


# -- verbs --------------------------------------------------------------------------------------------------------


def _additive(v: Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    total = _net(v, metric, "value", scopes, spans)
    known = np.ones(total.shape, dtype=bool)
    if measure.empty_is_missing:
        known = _net(v, metric, "known", scopes, spans) > 0
    return Cells(total, known, metric.type.scale)


def _net(v: Values, metric: CheckedMetric, role: str, scopes: Scopes, spans: Spans) -> Array:
    """A summed role inside the spans, less what had ended by then."""
    roles = v.plan.measures[metric.id].roles
    kernel = metric.kernel
    flow = isinstance(kernel, Measure) and kernel.accumulate == "flow"
    total = v.sums(roles[role], scopes, spans, flow)
    if f"{role} ended" in roles:
        total = total - v.sums(roles[f"{role} ended"], scopes, spans, False)
    return total


def _mean(v: Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    total = _net(v, metric, "value", scopes, spans)
    count = _net(v, metric, "known", scopes, spans)
    everything = np.ones(total.shape, dtype=bool)
    scale = v.plan.checked.records[measure.record].types[measure.field or ""].scale
    return _divided(Cells(total, everything, scale), Cells(count, everything, 0))


def _extreme(combine: str) -> Callable[..., Cells]:
    pick = np.min if combine == "min" else np.max

    def value(v: Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
        dense, known = v.dense(v.plan.measures[metric.id].roles["value"], combine)
        scoped = v.scoped(dense, scopes, lambda p: pick(p, axis=0) if len(p) else _nothing(dense, combine))
        some = v.scoped(known, scopes, _any)
        found = np.zeros((len(scopes), len(spans)), dtype=dense.dtype)
        any_known = np.zeros(found.shape, dtype=bool)
        for i, (first, last) in enumerate(_ranges(v, measure, spans)):
            if last > first:
                found[:, i] = pick(scoped[:, first:last], axis=1)
                any_known[:, i] = some[:, first:last].any(axis=1)
        return Cells(np.where(any_known, found, 0), any_known, metric.type.scale)

    return value


def _nothing(dense: Array, combine: str) -> Array:
    return np.full(dense.shape[1], beyond(combine, dense.dtype), dtype=dense.dtype)


def _ranges(v: Values, measure: Measure, spans: Spans) -> Iterator[tuple[int, int]]:
    first, last = v.edges(spans)
    if measure.accumulate != "flow":
        first = np.zeros_like(first)
    return zip(first.tolist(), np.maximum(first, last).tolist(), strict=True)


def _last(v: Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
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
    total = v.scoped(_addable(found), scopes, lambda part: part.sum(axis=0))
    return Cells(total, v.scoped(some, scopes, _any), metric.type.scale)


def _addable(values: Array) -> Array:
    """The numbers, as Python ints where a sum over all units might not fit into 64 bits."""
    most = max((abs(int(end)) for end in (values.min(initial=0), values.max(initial=0))), default=0)
    return values if most * len(values) < 2**63 else values.astype(object)


def _rate(v: Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    roles = v.plan.measures[metric.id].roles
    flow = measure.on is not None and measure.accumulate == "flow"
    shape = (len(scopes), len(spans))
    cohort = v.sums(roles["cohort"], scopes, spans, flow)
    if measure.on is None:
        cohort = np.broadcast_to(v.prefix(roles["cohort"], scopes)[:, -1:], shape)
    dates = v.plan.scans[roles["value"].scan].dates
    if dates.first:
        reached = _inside(v, roles["value"], scopes, spans)
    elif not dates.parts:
        reached = np.broadcast_to(v.prefix(roles["value"], scopes)[:, -1:], shape)
    else:
        reached = v.sums(roles["value"], scopes, spans, flow)
    everything = np.ones(shape, dtype=bool)
    return _divided(Cells(reached, everything, 0), Cells(cohort, everything, 0))


def _inside(v: Values, ref: TallyRef, scopes: Scopes, spans: Spans) -> Array:
    """Sum over entries whose first date lies inside the window and whose latest by its end (cells, not days)."""
    filed = v.filed(ref)
    values, _ = filed.tallies[ref.tally]
    first = filed.first if filed.first is not None else filed.day
    units = len(v.submission.roster.units) + 1
    found = np.zeros((units, len(spans)), dtype=values.dtype)
    for i, (start, end) in enumerate(_ranges(v, Measure("count", ""), spans)):
        inside = (first >= start) & (first < end) & (filed.day < end)
        np.add.at(found[:, i], filed.unit[inside], values[inside])
    return v.scoped(found, scopes, lambda part: part.sum(axis=0))


def _distinct(v: Values, metric: CheckedMetric, measure: Measure, scopes: Scopes, spans: Spans) -> Cells:
    ref = v.plan.measures[metric.id].roles["value"]
    seen = v.cube.distinct[ref.scan, ref.tally]
    ranges = counted_in(v, measure, spans)
    found = np.zeros((len(scopes), len(spans)), dtype=np.int64)
    each: Array | None = None
    for i, rows in enumerate(v.indices(scopes)):
        if rows is None or len(rows) != 1:
            words = seen.within(rows)
            found[i] = [hit.sum() for hit in _hits(words, ranges)]
            continue
        if each is None:
            each = _distinct_by_unit(seen, ranges, len(v.submission.roster.units) + 1)
        found[i] = each[rows[0]]
    return Cells(found, np.ones(found.shape, dtype=bool), 0)


def counted_in(v: Values, measure: Measure, spans: Spans) -> list[tuple[int, int]]:
    """The cells, from one up to another, in which a value has to occur to be counted in each span."""
    ranges = list(_ranges(v, measure, spans))
    return ranges if measure.until is None else [(last - 1, last) for _, last in ranges]


def _distinct_by_unit(seen: Distinct, ranges: list[tuple[int, int]], units: int) -> Array:
    """How many values occur in each unit and range of cells, [unit, range]."""
    words = tuple(word.to_numpy() for word in seen.words)
    counts = [np.bincount(seen.unit[hit], minlength=units) for hit in _hits(words, ranges)]
    return np.stack(counts, axis=1) if counts else np.zeros((units, 0), dtype=np.int64)


def _hits(words: tuple[Array, ...], ranges: list[tuple[int, int]]) -> Iterator[Array]:
    """For each range of cells, which entries occur in it."""
    for first, last in ranges:
        hit = np.zeros(len(words[0]) if words else 0, dtype=bool)
        for number, word in enumerate(words):
            hit |= (word & _range_bits(first - number * BITS, last - number * BITS)) != 0
        yield hit


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
