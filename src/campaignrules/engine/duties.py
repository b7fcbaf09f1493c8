"""Submission → what became of each duty, by docs/evaluation.md.

Proofs are few (attestations, meeting records), so they are reduced to (unit, day) by Polars and judged in Python.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import and_

import polars as pl
from attrs import frozen

from campaignrules.calendar import Occurrence
from campaignrules.checked import ATTESTATIONS, CheckedCampaign, CheckedDuty
from campaignrules.columns import row_expression
from campaignrules.engine.cube import bind
from campaignrules.intake import Submission, Table
from campaignrules.results import DutyResult, DutyStatus
from campaignrules.roster import Scope


@frozen
class _Proof:
    on: dt.date
    due_on: dt.date | None


def duty_results(checked: CheckedCampaign, submission: Submission, as_of: dt.date) -> tuple[DutyResult, ...]:
    """The rows of all duties, in the order of the file."""
    return tuple(row for duty in checked.duties for row in _results(checked, duty, submission, as_of))


def _results(
    checked: CheckedCampaign, duty: CheckedDuty, submission: Submission, as_of: dt.date
) -> Iterator[DutyResult]:
    table = submission.tables.get(duty.record)
    proofs = _proofs(checked, duty, table, as_of) if table is not None else {}
    standing = duty.duty.by is None and duty.duty.every is None
    for scope in submission.roster.scopes(duty.judged):
        own = _own(proofs, scope)
        for occurrence in (None,) if standing or duty.awaits else duty.occurrences:
            status, done_on = _judge(duty, scope, occurrence, own, table is not None, as_of)
            yield DutyResult(
                duty.duty.id, scope.name, occurrence.window.id if occurrence else None,
                occurrence.due if occurrence else None, status, done_on, duty.duty.force, duty.lead, duty.support,
                duty.duty.source, tuple(sorted(duty.awaits)),
            )  # fmt: skip


def _proofs(
    checked: CheckedCampaign, duty: CheckedDuty, table: Table, as_of: dt.date
) -> Mapping[str | None, list[_Proof]]:
    """unit → its proofs up to as_of, earliest first."""
    record = checked.records[duty.record]
    frame = table.frame if table.valid is None else table.frame.filter(table.valid)
    dates = [
        pl.when(pl.col(column) <= as_of).then(pl.col(column)).alias(column)
        for name, column in table.columns.items()
        if record.record.fields[name].type == "date" and not record.record.fields[name].planned
    ]
    frame = frame.with_columns(dates)
    for screen in record.screens:
        holds = row_expression(bind(screen.expression.root, as_of), table.columns).fill_null(False)
        frame = frame.filter(holds if screen.keeps else ~holds)
    conditions = [row_expression(bind(f.root, as_of), table.columns) for f in duty.filters]
    if duty.record == ATTESTATIONS:
        conditions.append(pl.col(table.columns["duty"]) == duty.duty.id)
    on = pl.col(table.columns[duty.on])
    frame = frame.filter(reduce(and_, [*conditions, on.is_not_null(), on <= as_of]))
    due = pl.col(table.columns["due_on"]) if duty.record == ATTESTATIONS else pl.lit(None, pl.Date)
    unit = pl.col(table.columns[record.unit]) if record.unit else pl.lit(None, pl.String)
    found: dict[str | None, list[_Proof]] = defaultdict(list)
    rows = frame.select(unit.cast(pl.String).alias("u"), on.alias("on"), due.alias("due")).unique().collect()
    for name, day, due_on in sorted(rows.rows(), key=lambda r: r[1]):
        found[name].append(_Proof(day, due_on))
    return found


def _own(proofs: Mapping[str | None, list[_Proof]], scope: Scope) -> list[_Proof]:
    units = proofs if scope.members is None else scope.members
    return sorted((p for unit in units for p in proofs.get(unit, ())), key=lambda p: p.on)


def _judge(
    duty: CheckedDuty,
    scope: Scope,
    occurrence: Occurrence | None,
    proofs: list[_Proof],
    submitted: bool,
    as_of: dt.date,
) -> tuple[DutyStatus, dt.date | None]:
    if scope.name in duty.exceptions:
        return "not_applicable", None
    if duty.awaits:
        return "deferred", None
    absent: DutyStatus = "missed" if submitted else "missing"
    if occurrence is None:
        done = proofs[0].on if proofs else None
        return ("met" if done else "open" if submitted else "missing"), done
    in_time, late = _serving(duty, occurrence, proofs)
    if in_time:
        return "met", in_time[0]
    if occurrence.due >= as_of:
        return "not_due", None
    return ("late", late[0]) if late else (absent, None)


def _serving(duty: CheckedDuty, occurrence: Occurrence, proofs: list[_Proof]) -> tuple[list[dt.date], list[dt.date]]:
    """The days of the proofs that serve an occurrence, in time and late."""
    once = duty.duty.by is not None
    named = [p.on for p in proofs if p.due_on == occurrence.due]
    plain = [p.on for p in proofs if p.due_on is None]
    in_time = [d for d in plain if (once or occurrence.opens <= d) and d <= occurrence.due]
    in_time += [d for d in named if d <= occurrence.due]
    late = [d for d in named if d > occurrence.due] + [d for d in plain if once and d > occurrence.due]
    return sorted(in_time), sorted(late)
