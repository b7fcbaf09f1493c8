"""The rows that count at all: what had happened by `as_of`, less what is screened out.

In: rows as plain dicts, numbers in base units. Out: `Facts`. Must not know: metrics, windows, demands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from campaignrules.checked import (
    CheckedCampaign,
    CheckedRecord,
)
from campaignrules.reference import evaluate
from campaignrules.roster import Roster, Scope
from campaignrules.trees import Expression, Value

Row = Mapping[str, Value]


@frozen
class Line:
    """A row and its number among the rows of its table, from 1."""

    number: int
    values: Row


@frozen(slots=False)
class Facts:
    """What is known on `as_of`: the lines of each submitted table that no screen takes out."""

    checked: CheckedCampaign
    roster: Roster
    as_of: dt.date
    tables: Mapping[str, tuple[Line, ...]]
    passed: dict[Any, tuple[Line, ...]] = field(factory=dict, eq=False, repr=False)
    """By filters, compared by identity: the lines that pass them, found once for all units and windows."""
    given: Mapping[str, tuple[Row, ...]] = field(factory=dict, repr=False)
    """The rows as submitted, screened or later than `as_of` ones too; only where the campaign has returns."""
    sheets: tuple[Any, ...] = ()
    """Sheets that say who submits them (`returns.Headed`)."""
    lacking: dict[Any, bool] = field(factory=dict, eq=False, repr=False)
    """What `returns.rows_missing` found."""

    def passing(self, record: str, filters: tuple[Expression, ...]) -> tuple[Line, ...]:
        """The lines of a table for which every filter is true."""
        key = (record, *map(id, filters))
        if key not in self.passed:
            lines = self.tables.get(record, ())
            self.passed[key] = tuple(line for line in lines if all(self.holds(one, line) for one in filters))
        return self.passed[key]

    def holds(self, condition: Expression, line: Line) -> bool:
        """Whether it is true; missing is not true."""
        return evaluate(condition, {**line.values, "as_of": self.as_of}).value is True

    def unit_of(self, record: str, line: Line, field: str | None = None) -> Value:
        """The unit a line is of: what stands in `field`, or in the record's own unit field."""
        field = field or self.checked.records[record].unit
        return None if field is None else line.values.get(field)

    def belongs(self, record: str, line: Line, scope: Scope, field: str | None = None) -> bool:
        return scope.members is None or self.unit_of(record, line, field) in scope.members


def gather(
    checked: CheckedCampaign,
    rows: Mapping[str, Iterable[Row]],
    roster: Roster,
    as_of: dt.date,
    sheets: Iterable[Any] = (),
) -> Facts:
    """The facts of the rows: what lies after `as_of` has not happened, and what is screened does not count."""
    bare = Facts(checked, roster, as_of, {})
    known = {name: checked.records[name] for name in rows if name in checked.records}
    given = {name: tuple(rows[name]) for name in known} if checked.returns else {}
    tables = {name: tuple(_lines(bare, record, given.get(name, rows[name]))) for name, record in known.items()}
    return evolve(bare, tables=tables, passed={}, given=given, sheets=tuple(sheets), lacking={})


def _lines(facts: Facts, record: CheckedRecord, rows: Iterable[Row]) -> Iterable[Line]:
    for number, row in enumerate(rows, 1):
        line = Line(number, _with_derived(record, _happened(record, row, facts.as_of), facts.as_of))
        if all(facts.holds(screen.expression, line) is screen.keeps for screen in record.screening):
            yield line


def _with_derived(record: CheckedRecord, row: Row, as_of: dt.date) -> Row:
    """The row and the values computed on it, but for those that wait for a parameter."""
    found = dict(row)
    for name, formula in record.settled.items():
        found[name] = evaluate(formula, {**found, "as_of": as_of}).value
    return found


def _happened(record: CheckedRecord, row: Row, as_of: dt.date) -> Row:
    planned = {name for name, field in record.record.fields.items() if field.planned}
    return {name: value if name in planned else _by(value, as_of) for name, value in row.items()}


def _by(value: Value, as_of: dt.date) -> Value:
    return None if isinstance(value, dt.date) and value > as_of else value
