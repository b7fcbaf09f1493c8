"""Submission → what became of each duty, by docs/evaluation.md.

Proofs are few (attestations, meeting records), so they are reduced to (unit, day) where the rows are, and judged here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping

import polars as pl
from attrs import frozen

from campaignrules.calendar import Occurrence
from campaignrules.checked import ATTESTATIONS, CheckedCampaign, CheckedDuty
from campaignrules.engine.asking import answers, kept_rows, sound_rows
from campaignrules.engine.returns import Returned
from campaignrules.engine.rows import Asked
from campaignrules.intake import Submission, Table
from campaignrules.results import DutyResult, DutyStatus
from campaignrules.roster import Scope
from campaignrules.trees import BOOL, DATE, Apply, Literally, Name, Tree


@frozen(repr=False)
class _Proof:
    on: dt.date
    due_on: dt.date | None


Proofs = Mapping[str | None, list[_Proof]]
"""unit → its proofs, earliest first."""


def duty_results(
    checked: CheckedCampaign, submission: Submission, as_of: dt.date, returned: Returned | None = None
) -> tuple[DutyResult, ...]:
    """The rows of all duties, in the order of the file."""
    proofs = _all_proofs(checked, submission, as_of)
    return tuple(
        row
        for duty, own in zip(checked.duties, proofs, strict=True)
        for row in _results(duty, own, submission, as_of, returned)
    )


def _results(
    duty: CheckedDuty, proofs: Proofs | None, submission: Submission, as_of: dt.date, returned: Returned | None
) -> Iterator[DutyResult]:
    for scope in submission.roster.scopes(duty.judged):
        own = _own(proofs or {}, scope)
        submitted = proofs is not None and not (returned is not None and returned.lacks(duty.record, None, scope))
        for occurrence in (None,) if duty.standing or duty.awaits else duty.occurrences:
            status, done_on = _judge(duty, scope, occurrence, own, submitted, as_of)
            yield DutyResult(
                duty.duty.id, scope.name, occurrence.window.id if occurrence else None,
                occurrence.due if occurrence else None, status, done_on, duty.duty.force, duty.lead, duty.support,
                duty.duty.source, tuple(sorted(duty.awaits)),
            )  # fmt: skip


def _all_proofs(checked: CheckedCampaign, submission: Submission, as_of: dt.date) -> list[Proofs | None]:
    """For each duty its proofs up to as_of, earliest first; None when its table was not submitted."""
    queries = _queries(checked, submission, as_of)
    plain = ATTESTATIONS in submission.tables
    found_by = answers(queries, submission.tables.values())
    attested = found_by.pop(-1).partition_by("duty", as_dict=True, include_key=False) if plain else {}
    nothing = pl.DataFrame(schema={"u": pl.String, "on": pl.Date, "due": pl.Date})
    found: list[Proofs | None] = []
    for i, duty in enumerate(checked.duties):
        if duty.record not in submission.tables:
            found.append(None)
        else:
            found.append(_by_unit(found_by[i] if i in found_by else attested.get((duty.duty.id,), nothing)))
    return found


def _queries(checked: CheckedCampaign, submission: Submission, as_of: dt.date) -> dict[int, Asked]:
    """What is asked for duties, by their place; -1: all plain attestations at once."""
    queries: dict[int, Asked] = {
        i: _question(checked, duty, submission.tables[duty.record], as_of)
        for i, duty in enumerate(checked.duties)
        if duty.record in submission.tables and (duty.record != ATTESTATIONS or duty.filters) and not duty.awaits
    }
    if ATTESTATIONS in submission.tables:
        queries[-1] = _attested(checked, submission.tables[ATTESTATIONS], as_of)
    return queries


def proofs_asked(checked: CheckedCampaign, submission: Submission, as_of: dt.date) -> Iterator[tuple[str, Asked]]:
    """The questions about proofs, each with the id of its duty; "" for all plain attestations."""
    for i, asked in _queries(checked, submission, as_of).items():
        yield "" if i < 0 else checked.duties[i].duty.id, asked


def _by_unit(rows: pl.DataFrame) -> Proofs:
    found: dict[str | None, list[_Proof]] = defaultdict(list)
    for name, day, due_on in sorted(rows.select("u", "on", "due").rows(), key=lambda r: r[1]):
        found[name].append(_Proof(day, due_on))
    return found


def _attested(checked: CheckedCampaign, table: Table, as_of: dt.date) -> Asked:
    """All attestations up to as_of, whatever their duty."""
    names = {"u": "unit", "on": "on", "due": "due_on", "duty": "duty"}
    return sound_rows(checked, table, names.values()).different(names, [_by(as_of, "on")])


def _question(checked: CheckedCampaign, duty: CheckedDuty, table: Table, as_of: dt.date) -> Asked:
    """The rows of a record that prove a duty, up to as_of."""
    record = checked.records[duty.record]
    where = [*(f.root for f in duty.filters), _by(as_of, duty.on)]
    if duty.record == ATTESTATIONS:
        kind = record.types["duty"]
        where.append(Apply("==", (Name("duty", kind), Literally(duty.duty.id, kind)), BOOL))
    names = {"u": record.unit, "on": duty.on, "due": "due_on" if duty.record == ATTESTATIONS else None}
    kept = kept_rows(checked, table, as_of, where, [name for name in names.values() if name])
    return kept.different(names, where)


def _by(as_of: dt.date, field: str) -> Tree:
    return Apply("<=", (Name(field, DATE), Literally(as_of, DATE)), BOOL)


def _own(proofs: Proofs, scope: Scope) -> list[_Proof]:
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
    in_time, late = _serving(occurrence, proofs)
    if in_time:
        return "met", in_time[0]
    if occurrence.due >= as_of:
        return "not_due", None
    return ("late", late[0]) if late else (absent, None)


def _serving(occurrence: Occurrence, proofs: list[_Proof]) -> tuple[list[dt.date], list[dt.date]]:
    """The days of the proofs that serve an occurrence, in time and late."""
    named = [p.on for p in proofs if p.due_on == occurrence.due]
    plain = [p.on for p in proofs if p.due_on is None]
    in_time = [d for d in plain if occurrence.opens <= d <= occurrence.due]
    in_time += [d for d in named if d <= occurrence.due]
    late = [d for d in named if d > occurrence.due] + [d for d in plain if occurrence.once and d > occurrence.due]
    return sorted(in_time), sorted(late)
