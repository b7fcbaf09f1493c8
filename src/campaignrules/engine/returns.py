"""Submission → who submitted what a return asks for, and whose rows are missing because nothing came.

Tables are reduced where they are to rows by unit and window, and to the units that have rows; the rest is done in Python.
Comes in: a submission, as_of. Goes out: rows of results, findings, and which scopes lack a record's rows. Must not
know: metrics, targets, statuses of demands. The rules are those of docs/evaluation.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Final

import polars as pl
from attrs import field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedCampaign, CheckedReturn
from campaignrules.engine.asking import answer, sound_rows
from campaignrules.engine.rows import Asked
from campaignrules.intake import Submission, Table, finding
from campaignrules.intake.submitters import entries, sheets
from campaignrules.model import Unit
from campaignrules.periods import Periods, window_on
from campaignrules.results import Finding, ReturnResult, ReturnStatus
from campaignrules.roster import Scope
from campaignrules.trees import BOOL, DATE, Apply, Literally, Name, Tree

UNITS_NAMED: Final = 10


@frozen(repr=False)
class Evidence:
    """What tells that a unit submitted records for a window (None: it tells of none); `on`: when, if that is known."""

    unit: str
    records: frozenset[str]
    asked: str | None
    window: Window | None
    on: dt.date | None
    file: str | None = None


@frozen(slots=False, eq=False, repr=False)
class Returned:
    """What the campaign's returns ask for, and what came by as_of."""

    checked: CheckedCampaign
    submission: Submission
    as_of: dt.date
    _states: dict[str, Mapping[str, bool]] = field(factory=dict)
    _there: dict[tuple[str, str | None], frozenset[str | None]] = field(factory=dict)

    # -- rows of results ------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> tuple[ReturnResult, ...]:
        """The rows of all returns, in the order of the file."""
        return tuple(row for asked in self.checked.returns for row in self._rows(asked))

    def _rows(self, asked: CheckedReturn) -> Iterator[ReturnResult]:
        told: dict[str, list[tuple[int, Evidence]]] = {}
        for place, one in enumerate(self._told(asked)):
            told.setdefault(one.unit, []).append((place, one))
        dated = self._dated(asked)
        for scope in self._subjects(asked):
            members = scope.members or frozenset()
            own = [one for _, one in sorted((p for unit in members for p in told.get(unit, ())), key=itemgetter(0))]
            for number, (window, due) in enumerate(zip(asked.windows, asked.due, strict=True)):
                given = [one for one in own if one.window == window]
                many = sum(dated[unit][number] for unit in members if unit in dated)
                days = [one.on for one in given if one.on is not None]
                on = min(days, default=None)
                yield ReturnResult(
                    asked.id, scope.name or "", window.id, due, self._status(bool(given or many), on, due), on, many,
                    tuple(dict.fromkeys(one.file for one in given if one.file)), asked.asked.source,
                )  # fmt: skip

    def _status(self, submitted: bool, on: dt.date | None, due: dt.date) -> ReturnStatus:
        if submitted:
            return "late" if on is not None and on > due else "submitted"
        return "not_due" if due >= self.as_of else "not_submitted"

    def _subjects(self, asked: CheckedReturn) -> list[Scope]:
        return [s for s in self.submission.roster.scopes(asked.judged) if s.name not in asked.exceptions]

    def _told(self, asked: CheckedReturn) -> Iterator[Evidence]:
        """Entries and sheets for this return, with the window that each is for."""
        periods, due = Periods(asked.windows, self.checked.calendar), tuple(zip(asked.windows, asked.due, strict=True))
        meant: dict[str | dt.date | None, Window | None] = {None: None}
        for one, period in self._evidence:
            if one.asked == asked.id or (one.asked is None and not one.records.isdisjoint(asked.records)):
                said = period or one.on
                if said is not None and said not in meant:
                    meant[said] = periods.meant(said) if isinstance(said, str) else window_on(said, due)
                yield Evidence(one.unit, one.records, one.asked, meant[said], one.on, one.file)

    @cached_property
    def _evidence(self) -> list[tuple[Evidence, str | None]]:
        """All entries and sheets known by as_of, with the period that each states."""
        found = [(Evidence(e.unit, e.records, e.asked, None, e.on), e.window) for e in entries(self.submission)]
        found += [
            (Evidence(s.unit, frozenset({s.record}), None, None, s.on, s.file), s.period)
            for s in sheets(self.submission)
            if s.unit is not None
        ]
        return [(one, period) for one, period in found if one.on is None or one.on <= self.as_of]

    def _dated(self, asked: CheckedReturn) -> dict[str, list[int]]:
        """Unit → how many of its rows have a date inside each window, in the records of a return."""
        found: dict[str, list[int]] = {}
        for record in asked.records:
            for unit, *many in self._counted(record, asked.windows):
                before = found.get(unit, [0] * len(many))
                found[unit] = [a + b for a, b in zip(before, many, strict=True)]
        return found

    def _counted(self, record: str, windows: tuple[Window, ...]) -> list[tuple[str, *tuple[int, ...]]]:
        asked = _dated_asked(self.checked, self.submission, record, windows, self.as_of)
        if asked is None:
            return []
        found = answer(asked)
        counted = found.select("u", *(f"w{i}" for i in range(len(windows)))).rows()
        return [row for row in counted if row[0] is not None]

    # -- whose rows are missing -----------------------------------------------------------------------------------

    def lacks(self, record: str, field: str | None, scope: Scope) -> bool:
        """Whether the rows of a scope are missing: none is there, some unit is silent and none is heard.

        `field`: the unit field that a row counts for (None: the record's own).
        """
        heard = self._heard(record)
        if not heard:
            return False
        own = heard.values() if scope.members is None else [heard[unit] for unit in scope.members if unit in heard]
        return bool(own) and not any(own) and not self._any_row(record, field, scope)

    def _any_row(self, record: str, field: str | None, scope: Scope) -> bool:
        there = self._units_with_rows(record, field)
        return bool(there) if scope.members is None else not there.isdisjoint(scope.members)

    def _heard(self, record: str) -> Mapping[str, bool]:
        """Unit → whether it was heard of; a unit that no return asks is as the nearest one above it that is asked."""
        if record not in self._states:
            self._states[record] = self._state(record)
        return self._states[record]

    def _state(self, record: str) -> Mapping[str, bool]:
        roster, asked = self.submission.roster, self._asked.get(record, {})
        told = {one.unit for one, _ in self._evidence if record in one.records}
        there = {*told, *self._units_with_rows(record, None)} if asked else told
        found = {unit: not there.isdisjoint(roster.closure([unit])) for unit in asked}
        for unit in roster.units if asked else ():
            above, seen = unit.id, {unit.id}
            while above not in asked and (parent := _parent(roster.by_id, above)) is not None and parent not in seen:
                above = parent
                seen.add(above)
            if above in asked:
                found[unit.id] = found[above]
        return found

    @cached_property
    def _asked(self) -> Mapping[str, dict[str, dict[str, None]]]:
        """Record → the units that a return asks for it in a window that has begun → the ids of these returns."""
        found: dict[str, dict[str, dict[str, None]]] = {}
        for asked in self.checked.returns:
            if any(window.start <= self.as_of for window in asked.windows):
                for scope in self._subjects(asked):
                    for record in asked.records:
                        found.setdefault(record, {}).setdefault(scope.name or "", {})[asked.id] = None
        return found

    def _units_with_rows(self, record: str, field: str | None) -> frozenset[str | None]:
        """The units with a row known by as_of: one of its dates has come, or it has none."""
        key = (record, field)
        if key not in self._there:
            table = self.submission.tables.get(record)
            self._there[key] = (
                frozenset() if table is None else units_with_rows(self.checked, table, field, [self.as_of])[0]
            )
        return self._there[key]

    @property
    def findings(self) -> Iterator[Finding]:
        """For each record the units that a return asks and that submitted nothing for it."""
        for record, asked in self._asked.items():
            silent = [unit for unit in asked if not self._heard(record)[unit]]
            if silent:
                ids = dict.fromkeys(id_ for unit in silent for id_ in asked[unit])
                title = self.checked.records[record].record.title
                yield finding(
                    "nothing-submitted", record, count=len(silent), returns="、".join(ids),
                    title=title.zh if title else record, title_en=title.en if title else record,
                    units=self._named(silent),
                )  # fmt: skip

    def _named(self, units: list[str]) -> str:
        known = self.submission.roster.by_id
        titles = [known[u].title.zh if u in known and known[u].title else u for u in units[:UNITS_NAMED]]  # type: ignore[union-attr]
        return "、".join(titles) + ("…" if len(units) > UNITS_NAMED else "")


def _parent(units: Mapping[str, Unit], unit: str) -> str | None:
    return units[unit].parent if unit in units else None


def _dated_asked(
    checked: CheckedCampaign, submission: Submission, record: str, windows: tuple[Window, ...], as_of: dt.date
) -> Asked | None:
    """How many rows of each unit have a date inside each window; None where a record has no units or dates."""
    table = submission.tables.get(record)
    unit, dates = checked.records[record].unit, event_dates(checked, record)
    if table is None or not dates or not windows or unit is None:
        return None
    spans = [(window.start, min(window.end, as_of)) for window in windows]
    inside = [_any([_between(day, *span) for day in dates]) for span in spans]
    return sound_rows(checked, table, [unit, *dates]).by_unit(unit, inside)


def rows_asked(checked: CheckedCampaign, submission: Submission, as_of: dt.date) -> Iterator[tuple[str, Asked]]:
    """What returns ask of each record: rows of each unit inside the windows, and units that have rows."""
    for one in checked.returns:
        for record in one.records:
            if (asked := _dated_asked(checked, submission, record, one.windows, as_of)) is not None:
                yield record, asked
    for record in dict.fromkeys(record for one in checked.returns for record in one.records):
        if record in submission.tables:
            yield record, _units_asked(checked, submission.tables[record], None, [as_of])


def units_with_rows(
    checked: CheckedCampaign, table: Table, field: str | None, days: Sequence[dt.date]
) -> list[frozenset[str | None]]:
    """For each day the units with a row known by then: one of its dates has come, or it has none.

    `field`: the unit field that a row counts for (None: the record's own).
    """
    found = answer(_units_asked(checked, table, field, days))
    if not event_dates(checked, table.record):
        return [frozenset(found["u"].to_list())] * len(days)
    return [frozenset(found.filter(pl.col(f"w{i}") > 0)["u"].to_list()) for i in range(len(days))]


def _units_asked(checked: CheckedCampaign, table: Table, field: str | None, days: Sequence[dt.date]) -> Asked:
    unit, dates = field or checked.records[table.record].unit or "", event_dates(checked, table.record)
    rows = sound_rows(checked, table, [unit, *dates])
    if not dates:
        return rows.different({"u": unit})
    undated = _all([Apply("is_none", (Name(day, DATE),), BOOL) for day in dates])
    known = [_any([*(_compared("<=", date, day) for date in dates), undated]) for day in days]
    return rows.by_unit(unit, known)


def event_dates(checked: CheckedCampaign, record: str) -> list[str]:
    """The date fields of things that happen."""
    fields = checked.records[record].record.fields
    return [name for name, one in fields.items() if one.type == "date" and not one.planned]


# -- conditions on dates ------------------------------------------------------------------------------------------


def _compared(op: str, field: str, day: dt.date) -> Tree:
    return Apply(op, (Name(field, DATE), Literally(day, DATE)), BOOL)


def _between(field: str, start: dt.date, end: dt.date) -> Tree:
    return _all([_compared(">=", field, start), _compared("<=", field, end)])


def _any(trees: Sequence[Tree]) -> Tree:
    return trees[0] if len(trees) == 1 else Apply("or", tuple(trees), BOOL)


def _all(trees: Sequence[Tree]) -> Tree:
    return trees[0] if len(trees) == 1 else Apply("and", tuple(trees), BOOL)
