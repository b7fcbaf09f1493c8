"""Metrics → values: the rows of a unit in the days of a window, counted one by one.

In: `Facts`, a checked metric, a scope, days. Out: a decimal in base units, or None. Must not know: demands.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Final, cast

from attrs import frozen

from campaignrules.calendar import Calendar, Window, earlier
from campaignrules.checked import (
    CheckedCampaign,
    CheckedMetric,
    Growth,
    Limited,
    Measure,
)
from campaignrules.oracle.returns import rows_missing
from campaignrules.oracle.rows import Facts, Line
from campaignrules.quantities import EXACT, divide, round_report
from campaignrules.reference import evaluate
from campaignrules.roster import Scope
from campaignrules.trees import Expression, Value

ONE: Final = Decimal(1)


@frozen
class Days:
    """A window as it is counted: its first day, its last, and the last day that has happened (m)."""

    start: dt.date
    end: dt.date
    seen: dt.date

    def earlier(self, against: str) -> Days:
        """The same window before, cut after as many days as this one is."""
        before = earlier(Window("", self.start, self.end), against)
        seen = before.end if self.seen >= self.end else min(before.end, before.start + (self.seen - self.start))
        return Days(before.start, before.end, seen)

    def parts(self, calendar: Calendar, each: str) -> list[Days]:
        """The recurring windows inside these days that have begun."""
        windows = calendar.parts(each, Window("", self.start, self.end))
        return [Days(w.start, w.end, min(w.end, self.seen)) for w in windows if w.start <= self.seen]


def value(facts: Facts, metric: CheckedMetric, scope: Scope, days: Days) -> Decimal | None:
    """The metric for the rows of `scope` in `days`, in base units; None is missing, or waits for a parameter."""
    kernel = metric.kernel
    if metric.awaits:
        return None
    if isinstance(kernel, Measure):
        return _measured(facts, kernel, scope, days)
    if isinstance(kernel, Growth):
        return _grown(facts, facts.checked.metrics[kernel.of], scope, days, kernel.against)
    if isinstance(kernel, Limited):
        return _held(facts, metric, kernel, scope, days)
    return _calculated(kernel, operands(facts, kernel, scope, days), facts.as_of)


def operands(facts: Facts, formula: Expression, scope: Scope, days: Days) -> dict[str, Decimal | None]:
    """The values of the metrics that a formula names."""
    metrics = facts.checked.metrics
    return {name: value(facts, metrics[name], scope, days) for name in sorted(formula.names) if name in metrics}


def _calculated(formula: Expression, values: Mapping[str, Value], as_of: dt.date) -> Decimal | None:
    found = evaluate(formula, {**values, "as_of": as_of}).value
    return round_report(found) if isinstance(found, Decimal) else None


def _grown(facts: Facts, of: CheckedMetric, scope: Scope, days: Days, against: str) -> Decimal | None:
    now, before = value(facts, of, scope, days), value(facts, of, scope, days.earlier(against))
    if now is None or before is None or before == 0:
        return None
    return EXACT.subtract(divide(now, before) or Decimal(0), ONE)


def _held(facts: Facts, metric: CheckedMetric, kernel: Limited, scope: Scope, days: Days) -> Decimal | None:
    """At most so much of each part."""
    if kernel.at_most is None or not is_submitted(facts, metric, scope):
        return None
    of = facts.checked.metrics[kernel.of]
    found = [value(facts, of, scope, part) for part in days.parts(facts.checked.calendar, kernel.each)]
    counts = [min(one, kernel.at_most) for one in found if one is not None]
    return _total(counts) if len(counts) == len(found) else None


def _measured(facts: Facts, measure: Measure, scope: Scope, days: Days) -> Decimal | None:
    if measure.record not in facts.tables or rows_missing(facts, measure.record, measure.unit, scope):
        return None
    lines = counted(facts, measure, scope, days)
    if measure.verb == "rate":
        reached = [line for line in lines if is_reached(facts, measure, line, days)]
        return divide(weight(measure, reached), weight(measure, lines))
    return AGGREGATES[measure.verb](facts, measure, lines)


def records_of(checked: CheckedCampaign, metric: CheckedMetric) -> set[str]:
    """The tables that a metric is taken from, at whatever depth."""
    kernel = metric.kernel
    if isinstance(kernel, Measure):
        return {kernel.record}
    used = {kernel.of} if isinstance(kernel, Growth | Limited) else kernel.names & checked.metrics.keys()
    return set().union(*(records_of(checked, checked.metrics[name]) for name in used))


def is_submitted(facts: Facts, metric: CheckedMetric, scope: Scope) -> bool:
    """Whether every table that a metric is taken from was submitted, and for these units."""
    kernel = metric.kernel
    if isinstance(kernel, Measure):
        return kernel.record in facts.tables and not rows_missing(facts, kernel.record, kernel.unit, scope)
    used = {kernel.of} if isinstance(kernel, Growth | Limited) else kernel.names & facts.checked.metrics.keys()
    return all(is_submitted(facts, facts.checked.metrics[name], scope) for name in used)


def silent_records(facts: Facts, metric: CheckedMetric, scope: Scope) -> list[str]:
    """The tables that a metric is taken from whose rows are missing for these units."""
    kernel = metric.kernel
    if isinstance(kernel, Measure):
        return [kernel.record] if rows_missing(facts, kernel.record, kernel.unit, scope) else []
    used = {kernel.of} if isinstance(kernel, Growth | Limited) else kernel.names & facts.checked.metrics.keys()
    return [record for name in sorted(used) for record in silent_records(facts, facts.checked.metrics[name], scope)]


def counted(facts: Facts, measure: Measure, scope: Scope, days: Days) -> list[Line]:
    """The lines that count for a measure (for a rate: the cohort)."""
    return [
        line
        for line in facts.passing(measure.record, measure.filters)
        if facts.belongs(measure.record, line, scope, measure.unit) and _in_time(measure, line, days)
    ]


def _in_time(measure: Measure, line: Line, days: Days) -> bool:
    if measure.on is None:
        return True
    on = line.values.get(measure.on)
    if not isinstance(on, dt.date) or on > days.seen:
        return False
    if measure.accumulate == "flow":
        return days.start <= on
    if measure.accumulate == "level" and measure.verb not in ("rate", "last"):
        return not _ended(measure, line, days)
    first = since(measure)
    return first is None or first <= on


def _ended(measure: Measure, line: Line, days: Days) -> bool:
    until = line.values.get(measure.until) if measure.until else None
    return isinstance(until, dt.date) and until <= days.seen


def since(measure: Measure) -> dt.date | None:
    """The day from which a `to_date` measure counts, if there is one."""
    return cast("dt.date | None", measure.since) if measure.accumulate == "to_date" else None


def is_reached(facts: Facts, measure: Measure, line: Line, days: Days) -> bool:
    """Whether a line of a rate's cohort has reached what is asked, by the last day that counts."""
    if measure.reached is None:
        return False
    found = evaluate(measure.reached, {**line.values, "as_of": facts.as_of}).value
    return found <= days.seen if isinstance(found, dt.date) else found is True


def weight(measure: Measure, lines: list[Line]) -> Decimal:
    """What the lines of a rate weigh: their number, or the sum of its amount."""
    return Decimal(len(lines)) if measure.field is None else _total(_numbers(measure, lines))


def _known(measure: Measure, lines: list[Line]) -> list[Value]:
    values = (line.values.get(measure.field or "") for line in lines)
    return [one for one in values if one is not None]


def _numbers(measure: Measure, lines: list[Line]) -> list[Decimal]:
    return cast("list[Decimal]", _known(measure, lines))


def _total(numbers: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, numbers, Decimal(0))


Aggregate = Callable[[Facts, Measure, list[Line]], Decimal | None]


def _count(_: Facts, __: Measure, lines: list[Line]) -> Decimal:
    return Decimal(len(lines))


def _sum(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    return None if measure.empty_is_missing and not lines else _total(_numbers(measure, lines))


def _distinct(_: Facts, measure: Measure, lines: list[Line]) -> Decimal:
    return Decimal(len(set(_known(measure, lines))))


def _mean(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    numbers = _numbers(measure, lines)
    return divide(_total(numbers), Decimal(len(numbers)))


def _least(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    return min(_numbers(measure, lines), default=None)


def _greatest(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    return max(_numbers(measure, lines), default=None)


def _last(facts: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    """The sum over units of each one's value on its latest day; on one day the greatest."""
    by_unit: dict[Value, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for line in lines:
        if (number := line.values.get(measure.field or "")) is not None:
            dated = (cast("dt.date", line.values[measure.on or ""]), cast("Decimal", number))
            by_unit[facts.unit_of(measure.record, line, measure.unit)].append(dated)
    return _total(max(dated)[1] for dated in by_unit.values()) if by_unit else None


AGGREGATES: Final[dict[str, Aggregate]] = {
    "count": _count,
    "sum": _sum,
    "distinct": _distinct,
    "mean": _mean,
    "min": _least,
    "max": _greatest,
    "last": _last,
}
