"""Which rows of a record can make a difference to a result, by the days of their date fields.

Comes in: a plan, as_of. Goes out: for each record the spans of days that its questions look at; a record about which
something else is asked than sums by day (who submitted it, what proves a duty, numbers by unit) is not there: all its
rows are needed. Must not know: files, how rows are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from campaignrules.checked import CheckedCampaign, CheckedRecord, Measure
from campaignrules.engine.cube import EPOCH
from campaignrules.engine.finish import bounds_of
from campaignrules.intake import Needed, Span
from campaignrules.planner import Plan, Scan
from campaignrules.trees import Name, Tree

_LAST: Final = dt.date.max.toordinal()


def needed(plan: Plan, as_of: dt.date) -> Mapping[str, Needed]:
    """For each record the days that matter; a row may be passed over that is outside a span of every question.

    Rows before the first window count for nothing that flows, and later ones than as_of for nothing at all; what counts up
    to a date from the very beginning needs every row before.
    """
    bounds = bounds_of(plan.checked, as_of)
    days = tuple(dt.date.fromordinal(min(day + EPOCH, _LAST)) for day in (bounds[0], bounds[-1]))
    kept = set(_kept_whole(plan.checked))
    found: dict[str, list[tuple[Span, ...]]] = {}
    for number, scan in enumerate(plan.scans):
        if scan.record not in kept:
            first = _first_day(plan, number, days[0])
            spans = _spans(plan.checked.records[scan.record], scan, first, as_of, max(as_of, days[1]))
            found.setdefault(scan.record, []).append(tuple(spans))
    return {record: tuple(questions) for record, questions in found.items() if all(questions)}


def _kept_whole(checked: CheckedCampaign) -> Iterator[str]:
    """The records of which each row may matter whatever its dates."""
    yield from (duty.record for duty in checked.duties)
    yield from (record for asked in checked.returns for record in asked.records)
    for target in checked.targets:
        numbers = (target.low, target.high, *target.exceptions.values())
        yield from (number.table[0] for number in numbers if number is not None and number.table is not None)
    for formula in checked.score_formulas:
        yield from (operand.id.partition(".")[0] for operand in formula.operands.values() if operand.kind == "table")
    yield from (one.change[0] for one in checked.rankings.values() if isinstance(one.change, tuple))


def _spans(record: CheckedRecord, scan: Scan, first: dt.date | None, as_of: dt.date, last: dt.date) -> Iterator[Span]:
    """By which date fields a row is outside what a scan looks at. Planned dates are known before they come."""
    for place, part in enumerate(scan.dates.parts):
        name = _submitted_date(record, part)
        if name is not None:
            begins = place == 0 and (len(scan.dates.parts) == 1 or scan.dates.first)
            yield Span(name, first if begins else None, last if record.record.fields[name].planned else as_of)


def _submitted_date(record: CheckedRecord, part: Tree) -> str | None:
    """The field that a date is, when it is one that is submitted."""
    name = part.name if isinstance(part, Name) else None
    return name if name in record.record.fields and name not in record.derived else None


def _first_day(plan: Plan, number: int, start: dt.date) -> dt.date | None:
    """The first day that counts for some tally of a scan; None when all days before do."""
    days: list[dt.date] = []
    for metric, lowered in plan.measures.items():
        kernel = plan.checked.metrics[metric].kernel
        for role, ref in lowered.roles.items():
            if ref.scan == number:
                day = _counts_from(kernel, role, start) if isinstance(kernel, Measure) else None
                if day is None:
                    return None
                days.append(day)
    return min(days, default=None)


def _counts_from(measure: Measure, role: str, start: dt.date) -> dt.date | None:
    if measure.on is None or role.endswith(" ended"):
        return None
    if measure.accumulate == "flow":
        return start
    since = measure.since if measure.accumulate == "to_date" else None
    return since if isinstance(since, dt.date) else None
