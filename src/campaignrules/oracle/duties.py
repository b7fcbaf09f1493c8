"""Duties → rows: done, late, missed or not yet due.

In: `Facts` and a checked duty. Out: its rows of results, and the proofs behind them. Must not know: metrics, targets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from attrs import frozen

from campaignrules.calendar import Occurrence
from campaignrules.checked import (
    ATTESTATIONS,
    CheckedDuty,
)
from campaignrules.oracle.returns import rows_missing
from campaignrules.oracle.rows import Facts, Line
from campaignrules.results import DutyResult, DutyStatus
from campaignrules.roster import Scope


@frozen
class Proof:
    """A row that proves a duty: when it was done, and the due date it names, if it does."""

    on: dt.date
    due_on: dt.date | None
    line: Line


def duty_rows(facts: Facts, duty: CheckedDuty) -> Iterable[DutyResult]:
    """A duty's rows: its subjects in roster order, for each its occurrences by due date."""
    for scope in facts.roster.scopes(duty.judged):
        for occurrence in occurrences_of(duty):
            yield duty_row(facts, duty, scope, occurrence)


def occurrences_of(duty: CheckedDuty) -> Sequence[Occurrence | None]:
    """When it falls due; one None for a standing duty and for one that waits for a parameter."""
    if duty.awaits or duty.standing:
        return [None]
    return sorted(duty.occurrences, key=lambda occurrence: (occurrence.due, occurrence.opens))


def duty_row(facts: Facts, duty: CheckedDuty, scope: Scope, occurrence: Occurrence | None) -> DutyResult:
    """The row of results."""
    status, done_on = _duty_status(facts, duty, scope, occurrence)
    return DutyResult(
        duty=duty.duty.id,
        unit=scope.name,
        window=occurrence.window.id if occurrence else None,
        due_on=occurrence.due if occurrence else None,
        status=status,
        done_on=done_on,
        force=duty.duty.force,
        lead=duty.lead,
        support=duty.support,
        source=duty.duty.source,
        awaits=tuple(sorted(duty.awaits)),
    )


Standing = tuple[DutyStatus, dt.date | None]


def _duty_status(facts: Facts, duty: CheckedDuty, scope: Scope, occurrence: Occurrence | None) -> Standing:
    if scope.name in duty.exceptions:
        return "not_applicable", None
    if duty.awaits:
        return "deferred", None
    given = proofs(facts, duty, scope)
    submitted = duty.record in facts.tables and not rows_missing(facts, duty.record, None, scope)
    if occurrence is not None:
        return _by_due_date(facts, occurrence, given, submitted=submitted)
    if given:
        return "met", min(proof.on for proof in given)
    return ("open" if submitted else "missing"), None


def proofs(facts: Facts, duty: CheckedDuty, scope: Scope) -> list[Proof]:
    """The rows that prove a duty for a subject."""
    found = []
    for line in facts.passing(duty.record, duty.filters):
        on = line.values.get(duty.on)
        if isinstance(on, dt.date) and on <= facts.as_of and _proves(facts, duty, scope, line):
            found.append(Proof(on, _due_named(duty, line), line))
    return found


def _proves(facts: Facts, duty: CheckedDuty, scope: Scope, line: Line) -> bool:
    named = duty.record != ATTESTATIONS or line.values.get("duty") == duty.duty.id
    return named and facts.belongs(duty.record, line, scope)


def _due_named(duty: CheckedDuty, line: Line) -> dt.date | None:
    due_on = line.values.get("due_on") if duty.record == ATTESTATIONS else None
    return due_on if isinstance(due_on, dt.date) else None


def _by_due_date(facts: Facts, occurrence: Occurrence, given: list[Proof], *, submitted: bool) -> Standing:
    timely = [p.on for p in given if p.on <= occurrence.due and _serves(p, occurrence)]
    tardy = [p.on for p in given if p.on > occurrence.due and _serves(p, occurrence)]
    if timely:
        return "met", min(timely)
    if occurrence.due >= facts.as_of:
        return "not_due", None
    if tardy:
        return "late", min(tardy)
    return ("missed" if submitted else "missing"), None


def _serves(proof: Proof, occurrence: Occurrence) -> bool:
    """Whether a proof is for this due date: it names it, or names none and lies where it may."""
    if proof.due_on is not None:
        return proof.due_on == occurrence.due
    return occurrence.opens <= proof.on and (occurrence.once or proof.on <= occurrence.due)
