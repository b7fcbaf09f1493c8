"""Who submitted what: entries of the table `returns`, headed sheets, rows by unit and table.

In: a submission. Out: `Entry`s, `Received`, and findings on periods that no return has. Must not know: as_of, due
dates, what follows when nothing came (`engine.returns`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import polars as pl
from attrs import define, field, frozen

from campaignrules.checked import ATTESTATIONS, FIGURES, RETURNS, CheckedCampaign, CheckedReturn
from campaignrules.columns import row_faults
from campaignrules.intake.conversion import folded, word_table
from campaignrules.intake.findings import finding
from campaignrules.intake.headers import both
from campaignrules.intake.kinds import Heard, Table
from campaignrules.intake.raw import Source
from campaignrules.intake.stores import values_in
from campaignrules.periods import Periods
from campaignrules.results import Finding, TableCount
from campaignrules.roster import Roster


class Submitted(Protocol):
    """What is asked here of a submission."""

    @property
    def checked(self) -> CheckedCampaign: ...
    @property
    def tables(self) -> Mapping[str, Table]: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def counts(self) -> Mapping[str, TableCount]: ...
    @property
    def sources(self) -> tuple[Source, ...]: ...
    def rows(self, record: str) -> list[dict[str, Any]]:
        """The rows of a record type that may count, as plain values."""


@frozen(eq=False, repr=False)
class Entry:
    """A row of the table `returns`. `asked`: the return; `records`: those that were submitted; `window`: as written."""

    asked: str
    unit: str
    on: dt.date
    window: str | None
    records: frozenset[str]


@frozen
class Received:
    """What came from one unit for one record type: rows read, rows not set aside, the files they came from.

    `submitted`: also true for a headed sheet without rows, and for an entry in the table `returns`.
    """

    unit: str
    record: str
    read: int
    counted: int
    submitted: bool
    files: tuple[str, ...]


# -- entries ------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Asked:
    """A return as entries name it. `names`: what may be written for its records."""

    asked: CheckedReturn
    names: Mapping[str, str]
    periods: Periods

    def records(self, words: list[str]) -> frozenset[str]:
        """The records an entry says were submitted: those it names, or all that the return asks for."""
        named = frozenset(self.names[word] for word in words if word in self.names)
        return named if words else frozenset(self.asked.records)


def _asked(checked: CheckedCampaign) -> dict[str, _Asked]:
    """The returns by id."""
    titles = {name: both(one.record.title) for name, one in checked.records.items()}
    return {
        asked.id: _Asked(
            asked, word_table({name: titles[name] for name in asked.records}), Periods(asked.windows, checked.calendar)
        )
        for asked in checked.returns
    }


def entries(submission: Submitted) -> tuple[Entry, ...]:
    """The rows of the table `returns` that were not set aside."""
    known, rows = _asked(submission.checked), _rows(submission)
    return tuple(
        Entry(r["return"], r["unit"], r["on"], r["window"], known[r["return"]].records(words_of(r["records"])))
        for r in rows
    )


def _rows(submission: Submitted) -> list[dict[str, Any]]:
    return submission.rows(RETURNS) if submission.checked.returns else []


def words_of(text: str | None) -> list[str]:
    """The names in a cell, separated by 、 , ; or a line break."""
    if not text:
        return []
    found = folded(text)
    for separator in ("、", ";", "\n"):
        found = found.replace(separator, ",")
    return [word.strip() for word in found.split(",") if word.strip()]


# -- findings -----------------------------------------------------------------------------------------------------


def period_findings(submission: Submitted) -> Iterator[Finding]:
    """A finding for each period that is no window of the return, and each record that it does not ask for, once."""
    known, said = _asked(submission.checked), set[tuple[str, str | None, str | None]]()
    for row in _rows(submission):
        cells = (row["return"], row["window"], row["records"])
        if cells[1:] != (None, None) and cells not in said:
            said.add(cells)
            yield from _of_entry(known[row["return"]], row["window"], row["records"])
    for source in submission.sources if known else ():
        asking = [one for one in known.values() if source.record in one.asked.records]
        if asking and source.period and not any(one.periods.meant(source.period) for one in asking):
            place = {"file": source.file, "sheet": source.sheet, "value": source.period}
            yield finding("unknown-period", source.record, place, period=source.period)


def _of_entry(known: _Asked, window: str | None, records: str | None) -> Iterator[Finding]:
    if window and known.periods.meant(window) is None:
        yield finding("unknown-period", RETURNS, {"value": window}, period=window)
    for word in words_of(records):
        if word not in known.names:
            yield finding("unknown-returned-table", RETURNS, {"value": word}, name=word, id=known.asked.id)


# -- what was received --------------------------------------------------------------------------------------------


def received(submission: Submitted) -> tuple[Received, ...]:
    """For each unit and record type what came; units in roster order, record types in the order of the file."""
    checked = submission.checked
    built_in = {FIGURES, ATTESTATIONS} & submission.tables.keys()
    shown = [n for n, one in checked.records.items() if one.unit and (n in checked.campaign.records or n in built_in)]
    got = {record: _got(submission, record) for record in shown}
    for entry in entries(submission):
        for record in entry.records & got.keys():
            got[record][entry.unit].said = True
    return tuple(
        Received(unit.id, record, one.read, one.counted, one.said or one.read > 0, tuple(one.files))
        for unit in submission.roster.units
        for record in shown
        for one in (got[record][unit.id],)
    )


@define(eq=False, repr=False)
class _Got:
    """What came from a unit. `said`: it, or its sheet, said so."""

    read: int = 0
    counted: int = 0
    said: bool = False
    files: dict[str, None] = field(factory=dict)


def _got(submission: Submitted, record: str) -> dict[str, _Got]:
    """Unit → what came for one record type."""
    found: dict[str, _Got] = defaultdict(_Got)
    for source in submission.sources:
        if source.record == record and source.unit is not None:
            found[source.unit].said = True
            found[source.unit].files.update({source.file: None} if source.file else {})
    if record in submission.tables:
        table = submission.tables[record]
        for name, many in _counts(table, submission.checked).items():
            found[name].counted = many
        for heard in table.heard:
            for name, many in _read(heard, table, submission.checked).items():
                found[name].read += many
                found[name].files.update({heard.file: None} if heard.file else {})
    return found


def _read(heard: Heard, table: Table, checked: CheckedCampaign) -> dict[str, int]:
    """Unit → its rows in a raw table, those set aside too."""
    if table.relation is not None:
        return values_in(table.relation, _unit_of(table, checked), sound=False)
    if heard.units is None:
        return _grouped(table, checked, table.frame if heard.rows is None else heard.rows)
    counted = heard.units.value_counts()
    return {name: int(many) for name, many in counted.rows() if name is not None}


def _counts(table: Table, checked: CheckedCampaign) -> dict[str, int]:
    """Unit → its rows that may count."""
    if table.relation is not None:
        return values_in(table.relation, _unit_of(table, checked))
    return _grouped(table, checked, table.sound)


def _unit_of(table: Table, checked: CheckedCampaign) -> str:
    return table.columns[checked.records[table.record].unit or ""]


def _grouped(table: Table, checked: CheckedCampaign, rows: pl.LazyFrame) -> dict[str, int]:
    unit = pl.col(_unit_of(table, checked)).cast(pl.String)
    with row_faults():
        counted = rows.group_by(unit.alias("u")).len().collect(engine="streaming")
    return {name: int(many) for name, many in counted.rows() if name is not None}


def sheets(submission: Submitted) -> tuple[Source, ...]:
    """What tells who submitted a record besides its rows: headed sheets, and rows that were set aside.

    A unit all of whose rows were set aside has submitted something: it is told of by a source without period and date.
    """
    headed = tuple(source for source in submission.sources if source.unit is not None)
    return (*headed, *(one for name in _records(submission.checked) for one in _aside(submission, name)))


def _records(checked: CheckedCampaign) -> list[str]:
    """The records that some return asks for."""
    return list(dict.fromkeys(name for asked in checked.returns for name in asked.records))


def _aside(submission: Submitted, record: str) -> Iterator[Source]:
    table = submission.tables.get(record)
    if table is None or (not table.checked_later and not submission.counts[record].set_aside):
        return
    kept = _counts(table, submission.checked)
    for heard in table.heard:
        for name, many in _read(heard, table, submission.checked).items():
            if name not in kept:
                yield Source(record, heard.file, None, name, None, None, many)
