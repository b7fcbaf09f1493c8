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
from campaignrules.engine.returns import Returned
from campaignrules.engine.rows import kept_rows
from campaignrules.intake import Submission, Table
from campaignrules.results import DutyResult, DutyStatus
from campaignrules.roster import Scope


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
    queries = {
        i: _query(checked, duty, submission.tables[duty.record], as_of)
        for i, duty in enumerate(checked.duties)
        if duty.record in submission.tables and (duty.record != ATTESTATIONS or duty.filters) and not duty.awaits
    }
    plain = ATTESTATIONS in submission.tables
    if plain:
        queries[-1] = _attested(submission.tables[ATTESTATIONS], as_of)
    answers = dict(zip(queries, pl.collect_all(queries.values()), strict=True))
    attested = answers.pop(-1).partition_by("duty", as_dict=True, include_key=False) if plain else {}
    nothing = pl.DataFrame(schema={"u": pl.String, "on": pl.Date, "due": pl.Date})
    found: list[Proofs | None] = []
    for i, duty in enumerate(checked.duties):
        if duty.record not in submission.tables:
            found.append(None)
        else:
            found.append(_by_unit(answers[i] if i in answers else attested.get((duty.duty.id,), nothing)))
    return found


def _by_unit(rows: pl.DataFrame) -> Proofs:
    found: dict[str | None, list[_Proof]] = defaultdict(list)
    for name, day, due_on in sorted(rows.select("u", "on", "due").rows(), key=lambda r: r[1]):
        found[name].append(_Proof(day, due_on))
    return found


def _attested(table: Table, as_of: dt.date) -> pl.LazyFrame:
    """All attestations up to as_of, whatever their duty."""
    names = {"duty": "duty", "unit": "u", "on": "on", "due_on": "due"}
    chosen = table.sound.select(pl.col(table.columns[field]).alias(name) for field, name in names.items())
    return chosen.filter(pl.col("on") <= as_of).with_columns(pl.col("u").cast(pl.String)).unique()


def _query(checked: CheckedCampaign, duty: CheckedDuty, table: Table, as_of: dt.date) -> pl.LazyFrame:
    """The rows of a record that prove a duty, up to as_of."""
    record = checked.records[duty.record]
    kept = kept_rows(checked, table, as_of, [f.root for f in duty.filters], [duty.on])
    conditions = [kept.value(f.root) for f in duty.filters]
    on = kept.column(duty.on)
    due = pl.lit(None, pl.Date)
    if duty.record == ATTESTATIONS:
        conditions.append(pl.col(table.columns["duty"]) == duty.duty.id)
        due = pl.col(table.columns["due_on"])
    unit = pl.col(table.columns[record.unit]) if record.unit else pl.lit(None, pl.String)
    frame = kept.frame.filter(reduce(and_, [*conditions, on <= as_of]))
    return frame.select(unit.cast(pl.String).alias("u"), on.alias("on"), due.alias("due")).unique()


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
