"""Returns → rows: what each unit submitted for each window; and whose rows are missing because nothing came.

In: `Facts`, with the rows as submitted and the headed sheets. Out: rows of results, and yes or no for a set of units.
Must not know: metrics, demands.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.checked import RETURNS, CheckedReturn
from campaignrules.oracle.rows import Facts, Row
from campaignrules.periods import window_meant, window_on
from campaignrules.results import ReturnResult, ReturnStatus
from campaignrules.roster import Scope


class Headed(Protocol):
    """A sheet that says who submits it: `unit` an id, `period` as written, `on` the day it is dated."""

    @property
    def record(self) -> str: ...
    @property
    def file(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def period(self) -> str | None: ...
    @property
    def on(self) -> dt.date | None: ...


def return_rows(facts: Facts) -> Iterator[ReturnResult]:
    """The rows of all returns: units in roster order, for each the windows in time."""
    for asked in facts.checked.returns:
        for scope in subjects(facts, asked):
            yield from (_row(facts, asked, scope, window) for window in asked.windows)


def subjects(facts: Facts, asked: CheckedReturn) -> list[Scope]:
    """The units that are asked."""
    return [scope for scope in facts.roster.scopes(asked.judged) if scope.name not in asked.exceptions]


def _row(facts: Facts, asked: CheckedReturn, scope: Scope, window: Window) -> ReturnResult:
    due = dict(zip(asked.windows, asked.due, strict=True))[window]
    said = [one for one in said_for(facts, asked, scope) if one.window == window]
    rows = sum(_falls_in(facts, record, row, window) for record in asked.records for row in _own(facts, record, scope))
    on = min((one.on for one in said if one.on is not None), default=None)
    status: ReturnStatus = "late" if on is not None and on > due else "submitted"
    if not said and not rows:
        status = "not_submitted" if due < facts.as_of else "not_due"
    files = tuple(dict.fromkeys(one.file for one in said if one.file is not None))
    return ReturnResult(asked.id, scope.name or "", window.id, due, status, on, rows, files, asked.asked.source)


# -- what is said besides rows ------------------------------------------------------------------------------------


@frozen
class Said:
    """An entry or a sheet for a return; `window`: the one it is for, if any."""

    window: Window | None
    on: dt.date | None
    file: str | None


def said_for(facts: Facts, asked: CheckedReturn, scope: Scope) -> Iterator[Said]:
    """What was said of a unit for a return by as_of."""
    for row in facts.given.get(RETURNS, ()):
        if row["return"] == asked.id and row["unit"] in (scope.members or ()):
            on = row["on"]
            if isinstance(on, dt.date) and on <= facts.as_of:
                yield Said(_window(facts, asked, row["window"], on), on, None)
    for sheet in _sheets(facts, scope):
        if sheet.record in asked.records:
            yield Said(_window(facts, asked, sheet.period, sheet.on), sheet.on, sheet.file)


def _sheets(facts: Facts, scope: Scope) -> Iterator[Headed]:
    for sheet in facts.sheets:
        if sheet.unit in (scope.members or ()) and (sheet.on is None or sheet.on <= facts.as_of):
            yield sheet


def _window(facts: Facts, asked: CheckedReturn, period: object, on: dt.date | None) -> Window | None:
    if isinstance(period, str) and period:
        return window_meant(period, asked.windows, facts.checked.calendar)
    return None if on is None else window_on(on, zip(asked.windows, asked.due, strict=True))


# -- rows as submitted --------------------------------------------------------------------------------------------


def _own(facts: Facts, record: str, scope: Scope) -> Iterator[Row]:
    unit = facts.checked.records[record].unit or ""
    return (row for row in facts.given.get(record, ()) if row.get(unit) in (scope.members or ()))


def _days(facts: Facts, record: str, row: Row) -> list[dt.date]:
    """The days of what happened, or will, by a row."""
    fields = facts.checked.records[record].record.fields
    days = (row.get(name) for name, one in fields.items() if one.type == "date" and not one.planned)
    return [day for day in days if isinstance(day, dt.date)]


def _falls_in(facts: Facts, record: str, row: Row, window: Window) -> bool:
    return any(window.start <= day <= window.end and day <= facts.as_of for day in _days(facts, record, row))


def _is_known(facts: Facts, record: str, row: Row) -> bool:
    """Whether a row had been submitted by as_of: one of its dates has come, or it has none."""
    days = _days(facts, record, row)
    return not days or min(days) <= facts.as_of


# -- whose rows are missing ---------------------------------------------------------------------------------------


def rows_missing(facts: Facts, record: str, field: str | None, scope: Scope) -> bool:
    """Whether the rows of a set of units are missing: none is there, some unit is silent, none is heard.

    `field`: the unit field that rows count for, None for the record's own.
    """
    if not facts.checked.returns:
        return False
    key = (record, field, scope)
    if key not in facts.lacking:
        facts.lacking[key] = _missing(facts, record, field, scope)
    return facts.lacking[key]


def _missing(facts: Facts, record: str, field: str | None, scope: Scope) -> bool:
    unit = field or facts.checked.records[record].unit
    there = (row.get(unit or "") for row in facts.given.get(record, ()) if _is_known(facts, record, row))
    if any(scope.members is None or one in scope.members for one in there):
        return False
    answering = answering_for(facts, record, scope)
    return bool(answering) and all(is_silent(facts, record, one) for one in answering)


def answering_for(facts: Facts, record: str, scope: Scope) -> Mapping[str, CheckedReturn]:
    """The units that are asked to submit a record for those of the scope, each with the first return that asks it."""
    asked = asked_for(facts, record)
    members = scope.members if scope.members is not None else {one.id for one in facts.roster.units} | asked.keys()
    found = {_answering(facts, asked, one) for one in members}
    return {unit: one for unit, one in asked.items() if unit in found}


def asked_for(facts: Facts, record: str) -> Mapping[str, CheckedReturn]:
    """The units that are asked for a record in a window that has begun, each with the first return that does."""
    found: dict[str, CheckedReturn] = {}
    for asked in facts.checked.returns:
        if record in asked.records and any(window.start <= facts.as_of for window in asked.windows):
            for scope in subjects(facts, asked):
                found.setdefault(scope.name or "", asked)
    return found


def _answering(facts: Facts, asked: Iterable[str], unit: str) -> str | None:
    """The unit that submits for this one: itself, or the nearest one above it that is asked."""
    passed: set[str] = set()
    here: str | None = unit
    while here is not None and here not in passed:
        if here in asked:
            return here
        passed.add(here)
        known = facts.roster.by_id.get(here)
        here = known.parent if known is not None else None
    return None


def is_silent(facts: Facts, record: str, unit: str) -> bool:
    """Whether nothing at all came from a unit and those below it: no row, no entry, no sheet."""
    members = facts.roster.closure([unit])
    scope = Scope(unit, members)
    if any(_is_known(facts, record, row) for row in _own(facts, record, scope)):
        return False
    if any(sheet.record == record for sheet in _sheets(facts, scope)):
        return False
    entries = (row for row in facts.given.get(RETURNS, ()) if row["unit"] in members)
    return not any(record in _entered(facts, row) for row in entries)


def _entered(facts: Facts, row: Row) -> set[str]:
    """The records that an entry says were submitted by as_of."""
    asked = next(one for one in facts.checked.returns if one.id == row["return"])
    on, words = row["on"], _folded(row["records"])
    if not isinstance(on, dt.date) or on > facts.as_of:
        return set()
    if not words:
        return set(asked.records)
    return {record for record in asked.records if words & _titles(facts, record)}


def _titles(facts: Facts, record: str) -> set[str]:
    title = facts.checked.records[record].record.title
    return {record, *((title.zh, title.en) if title else ())}


def _folded(text: object) -> set[str]:
    """The names in a cell."""
    plain = unicodedata.normalize("NFKC", text) if isinstance(text, str) else ""
    return {word.strip() for word in re.split("[、,;\n]", plain)} - {""}
