"""A whole submission: every table typed, the roster found, every finding in one list.

In: a checked campaign and data in any form. Out: `Submission`. Must not know: how cells are read or rows are checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from campaignrules.checked import FIGURES, UNIT_TABLE, CheckedCampaign
from campaignrules.columns import row_faults
from campaignrules.errors import Text
from campaignrules.intake.bodies import cut
from campaignrules.intake.conversion import folded, word_table
from campaignrules.intake.digests import Input
from campaignrules.intake.fields import figure_units, used_fields, wanted_fields
from campaignrules.intake.findings import FindingList, finding, refuse
from campaignrules.intake.headers import Names, TableNames, both, column_names, names_of, table_names
from campaignrules.intake.headings import find, is_guide
from campaignrules.intake.kinds import Kind, Table, Taken
from campaignrules.intake.partitions import Needed
from campaignrules.intake.raw import Limits, Raw, Source
from campaignrules.intake.readers import Piece, Reading, read
from campaignrules.intake.sheets import Sheet
from campaignrules.intake.stores import rows_in, values_in
from campaignrules.intake.submitters import Received, period_findings, received
from campaignrules.intake.tables import take_table
from campaignrules.model import Unit
from campaignrules.quantities import EXACT, unscaled
from campaignrules.relational.sources import CHOICES
from campaignrules.results import Finding, TableCount
from campaignrules.roster import Roster
from campaignrules.trees import Type, Value
from campaignrules.watching import CHECKING, each

Asking = Callable[[], Mapping[str, Needed]]


@frozen(eq=False, repr=False)
class Submission:
    """What was submitted: `tables` holds only record types that were; `counts` has their rows read and set aside.

    `sources`: each table as it came; `files`: how findings name a file → where it is; `inputs`: what was read, with
    digests; `origins`: for each of the sources the number of its input.
    """

    checked: CheckedCampaign
    tables: Mapping[str, Table]
    roster: Roster
    findings: tuple[Finding, ...]
    counts: Mapping[str, TableCount]
    sources: tuple[Source, ...] = ()
    files: Mapping[str, Path] = field(factory=dict)
    inputs: tuple[Input, ...] = ()
    origins: tuple[int, ...] = ()

    @property
    def received(self) -> tuple[Received, ...]:
        """For each unit and record type what came, also where nothing did. Counted when asked for."""
        return received(self)

    def looked_through(self, limit: int) -> Submission:
        """The same, with the rows of every table counted and the bad ones named, also of tables that are asked later."""
        later = [table for table in self.tables.values() if table.checked_later]
        counts = {**self.counts, **{one.record: _counted(one) for one in later if self.counts[one.record].read < 0}}
        alone = Counter(source.record for source in self.sources)
        sources = tuple(
            evolve(one, rows=counts[one.record].read, kept=counts[one.record].counted)
            if one.kept is None and alone[one.record] == 1 and one.record in counts
            else one
            for one in self.sources
        )
        findings = (*self.findings, *(found for table in later for found in table.faults(limit)))
        return evolve(self, counts=counts, sources=sources, findings=findings)

    def rows(self, record: str) -> list[dict[str, Value]]:
        """The rows that may count as plain values, numbers in base units; [] when the table was not submitted.

        A figure is in the base unit of its metric's unit.
        """
        if record not in self.tables:
            return []
        table = self.tables[record]
        kept = table.sound
        with row_faults():
            frame = kept.select(pl.col(column).alias(name) for name, column in table.columns.items()).collect()
        types = self.checked.records[record].types
        rows = [{name: _plain(cell, types[name]) for name, cell in row.items()} for row in frame.iter_rows(named=True)]
        return [self._figure(row) for row in rows] if record == FIGURES else rows

    def _figure(self, row: dict[str, Value]) -> dict[str, Value]:
        value, unit = row["value"], figure_units(self.checked).get(str(row["metric"]))
        return {**row, "value": EXACT.multiply(value, unit.factor)} if unit and isinstance(value, Decimal) else row


def _counted(table: Table) -> TableCount:
    """All rows of a table that is not in memory, and those that are set aside."""
    if table.relation is not None:
        read, good = rows_in(table.relation)
    else:
        with row_faults():
            read, good = (one.select(pl.len()).collect(engine="streaming").item() for one in (table.frame, table.sound))
    return TableCount(table.record, read, read - good, 0)


def _plain(cell: Any, kind: Type) -> Value:
    if kind.kind == "number" and cell is not None:
        return unscaled(cell, kind.scale)
    return frozenset(cell) if kind.kind == "tags" and cell is not None else cell


def take(
    checked: CheckedCampaign,
    data: object,
    limits: Limits = Limits(),  # noqa: B008  frozen
    *,
    encoding: str | None = None,
    engine: str = "auto",
    needed: Asking | None = None,
) -> Submission:
    """The submission in `data`: a folder, file or database, or table name → table. Raises CampaignError.

    Only what makes the data as a whole unusable is raised; all else is a finding, and the row it is on is set aside.
    `encoding`: of text files, when it need not be found. `engine`: who works on the rows, see docs/engines.md. `needed`:
    gives the days of each record that matter; files of a scan that lie outside are not read, as nothing else is asked of
    the submission then.
    """
    return submission_of(checked, sort_out(checked, data, limits, encoding=encoding, engine=engine), needed)


@frozen(eq=False, repr=False)
class Sorted:
    """What was read, before any cell is looked at. `raws`: record type → the tables submitted for it.

    `given`: the folder, file or database it came from, None for tables of a program; `findings`: on files and tables.
    """

    raws: Mapping[str, list[Raw]]
    limits: Limits
    given: str | None = None
    findings: FindingList = field(factory=lambda: FindingList(0))
    files: Mapping[str, Path] = field(factory=dict)
    inputs: tuple[Input, ...] = ()


def sort_out(
    checked: CheckedCampaign,
    data: object,
    limits: Limits,
    *,
    encoding: str | None = None,
    engine: str = "auto",
) -> Sorted:
    """The tables in `data` by record type. Raises CampaignError as `take` does."""
    if engine not in CHOICES:
        raise refuse("unknown-engine", name=str(engine))
    findings = FindingList(limits.findings)
    reading = Reading(limits, encoding, engine)
    raws = _sorted_out(checked, data, reading, findings)
    given = str(data) if isinstance(data, str | Path) else None
    return Sorted(raws, limits, given, findings, reading.files, tuple(reading.inputs))


def submission_of(checked: CheckedCampaign, read: Sorted, needed: Asking | None = None) -> Submission:
    """The submission in tables that were read. `needed`: see `take`."""
    raws, findings = read.raws, read.findings.copy()
    roster = _roster(checked, raws, findings)
    names = None if roster is None else unit_names(roster)
    if lost := not raws and read.given is not None and not _explained(findings):
        findings.add(finding("nothing-read", "", name=read.given))
    taken = _taken(checked, raws, names, findings, {} if roster is None else _needed(raws, needed))
    tables = {id_: one.table for id_, one in taken.items()}
    if roster is None:
        roster = _seen(checked, tables)
        if _judges_units(checked) and not lost:
            findings.add(finding("roster-missing", UNIT_TABLE))
    counts = {id_: one.count for id_, one in taken.items()}
    sources = tuple(_sources(raws, taken, names or {}))
    origins = tuple(raw.input for some in raws.values() for raw in some)
    submission = Submission(checked, tables, roster, (), counts, sources, read.files, read.inputs, origins)
    _add_some(findings, period_findings(submission), len(sources))
    return evolve(submission, findings=findings.listed())


def _explained(findings: FindingList) -> bool:
    """Whether a finding says already why nothing could be read."""
    return any(one.severity == "error" or one.code == "unknown-table" for one in findings.listed())


def _taken(
    checked: CheckedCampaign,
    raws: Mapping[str, list[Raw]],
    units: Mapping[str, str] | None,
    findings: FindingList,
    needed: Mapping[str, Needed],
) -> dict[str, Taken]:
    """The typed tables, in the order of the campaign; those of the roster have had their findings."""
    found: dict[str, Taken] = {}
    first = len(raws.get(UNIT_TABLE, ()))
    for id_ in each(CHECKING, [id_ for id_ in checked.records if id_ in raws]):
        found[id_] = take_table(kind_of(checked, id_, units), raws[id_], findings, first, needed.get(id_, ()))
        first += len(raws[id_])
    return found


def _needed(raws: Mapping[str, list[Raw]], asking: Asking | None) -> Mapping[str, Needed]:
    """The days that matter, when there are files that may lie outside. With no roster all rows tell who is there."""
    several = any(raw.parts is not None for some in raws.values() for raw in some)
    return asking() if several and asking is not None else {}


def _add_some(findings: FindingList, more: Iterable[Finding], table: int) -> None:
    """As many as are listed at most; the others are counted."""
    for place, one in enumerate(more):
        if place < findings.limit:
            findings.add(one, table)
        else:
            findings.unlisted += 1


def _sources(raws: Mapping[str, list[Raw]], taken: Mapping[str, Taken], units: Mapping[str, str]) -> Iterator[Source]:
    """Each table as it came, with how many of its rows may count."""
    for id_, some in raws.items():
        kept, read = (taken[id_].kept, taken[id_].read) if id_ in taken else ((), ())
        yield from (_source(id_, raw, units, *many) for raw, *many in zip_longest(some, kept, read))


def _source(record: str, raw: Raw, units: Mapping[str, str], kept: int | None, read: int | None) -> Source:
    said = raw.stated
    rows = raw.read if read is None else read
    unit = units.get(said.unit) or units.get(folded(said.unit)) if said.unit else None
    return Source(record, raw.file, raw.sheet, unit or said.unit, said.period, said.on, rows, raw.header_row, kept)


def kind_of(checked: CheckedCampaign, id_: str, units: Mapping[str, str] | None) -> Kind:
    """What the table of a record type, or the roster, is checked against. `units`: what may be written for a unit."""
    if id_ == UNIT_TABLE:
        return Kind(UNIT_TABLE, wanted_fields(checked, UNIT_TABLE, None), names_of(checked, UNIT_TABLE))
    record, fields = checked.records[id_], wanted_fields(checked, id_, units)
    used = used_fields(checked, id_) | record.within.keys()
    period = checked.calendar.period
    return Kind(id_, fields, names_of(checked, id_), record, figure_units(checked), used, period)


def _sorted_out(
    checked: CheckedCampaign, data: object, reading: Reading, findings: FindingList
) -> dict[str, list[Raw]]:
    """Record type → the tables submitted for it."""
    sorter = _Sorter(table_names(checked), column_names(checked))
    found: dict[str, list[Raw]] = {}
    reading.wanted = sorter.tables.meant
    for piece in read(data, reading):
        if isinstance(piece.content, Sheet) and is_guide(piece.content):
            continue
        if isinstance(piece.content, Sheet) and piece.content.hidden:
            findings.extend(piece.content.findings)
            continue
        record, raw = sorter.meant(piece)
        if record is not None:
            found.setdefault(record, []).append(evolve(raw, input=piece.input))
        elif raw.headers or isinstance(piece.content, Raw):
            notes = [found for found in raw.findings if not found.set_aside]
            findings.extend([*notes, sorter.tables.unknown(piece.name, raw.file, raw.sheet)])
        else:
            findings.extend(raw.findings)
    findings.extend(reading.findings)
    return found


@frozen(eq=False, repr=False)
class _Sorter:
    """Which record type a piece is of."""

    tables: TableNames
    columns: Mapping[str, Names]

    def meant(self, piece: Piece) -> tuple[str | None, Raw]:
        """The record type, if any, and the raw table."""
        if isinstance(piece.content, Raw):
            return self.tables.meant(piece.name), piece.content
        sheet = piece.content
        wanted = self.tables.meant(piece.name) if piece.given else None
        found = None if piece.given and wanted is None else find(sheet, self.tables, self.columns, piece.name, wanted)
        if found is not None:
            return found.record, cut(sheet, found)
        texts = next((row.cells for row in sheet.cells.head()), ())
        return None, Raw(texts, pl.DataFrame(), sheet.file, sheet.findings, sheet.name)


# -- roster -------------------------------------------------------------------------------------------------------


def unit_names(roster: Roster) -> dict[str, str]:
    """What may be written for a unit → its id."""
    return word_table({unit.id: (*both(unit.title), *unit.aliases) for unit in roster.units})


def _roster(checked: CheckedCampaign, raws: Mapping[str, list[Raw]], findings: FindingList) -> Roster | None:
    """The units of the campaign file, or the submitted ones; None when nobody listed any.

    A sheet for the roster that was left empty lists nobody: else each unit of the data would be unknown.
    """
    declared = checked.campaign.units.roster
    if not isinstance(declared, str):
        if UNIT_TABLE in raws:
            findings.add(finding("roster-given", UNIT_TABLE))
        return Roster(tuple(declared))
    if UNIT_TABLE not in raws:
        return None
    taken = take_table(kind_of(checked, UNIT_TABLE, None), raws[UNIT_TABLE], findings)
    if not taken.count.read:
        return None
    table = taken.table
    names = [pl.col(column).alias(name) for name, column in table.columns.items()]
    rows = table.sound.select(*names).collect().rows(named=True)
    return Roster(tuple(_connected(_units(rows, findings), findings)))


def _units(rows: list[dict[str, Any]], findings: FindingList) -> list[Unit]:
    """A unit for each row; without an id the title is the id, a second one of the same id is set aside."""
    units: dict[str, Unit] = {}
    for row in rows:
        id_ = row["id"] or row["title"]
        if id_ is None:
            findings.add(finding("missing-value", UNIT_TABLE, {"column": "id"}, aside=True))
        elif id_ in units:
            findings.add(finding("duplicate-unit", UNIT_TABLE, {"value": id_}, aside=True, unit=id_))
        else:
            title = Text(row["title"], row["title"]) if row["title"] else None
            aliases = tuple(
                part.strip() for part in (row["aliases"] or "").replace("、", ",").split(",") if part.strip()
            )
            units[id_] = Unit(id=id_, title=title, class_=row["class"], parent=row["parent"], aliases=aliases)
    return list(units.values())


def _connected(units: list[Unit], findings: FindingList) -> list[Unit]:
    """Parents by id; a parent nobody listed, or one that is also below, is named and left out."""
    names = unit_names(Roster(tuple(units)))
    above: dict[str, str] = {}
    for unit in units:
        parent = names.get((unit.parent or "").strip())
        if parent is not None:
            above[unit.id] = parent
        elif unit.parent:
            findings.add(finding("unknown-unit", UNIT_TABLE, {"column": "parent", "value": unit.parent}))
    for cycle in _cycles(above):
        findings.add(finding("parent-cycle", UNIT_TABLE, path=" → ".join((*cycle[:10], cycle[0]))))
        for unit_id in cycle:
            above.pop(unit_id, None)
    return [evolve(unit, parent=above.get(unit.id)) for unit in units]


def _cycles(above: Mapping[str, str]) -> list[list[str]]:
    """Each circle of parents, once."""
    seen: set[str] = set()
    found = []
    for start in above:
        path: list[str] = []
        here: str | None = start
        while here is not None and here not in seen:
            seen.add(here)
            path.append(here)
            here = above.get(here)
        if here in path:
            found.append(path[path.index(here) :])
    return found


def _seen(checked: CheckedCampaign, tables: Mapping[str, Table]) -> Roster:
    """The units that occur in the data, in the order of their names."""
    ids: set[str] = set()
    for id_, table in tables.items():
        unit = checked.records[id_].unit
        if unit is not None and table.relation is not None:
            ids.update(values_in(table.relation, table.columns[unit]))
        elif unit is not None:
            kept = table.sound
            with row_faults():
                ids.update(
                    kept.select(table.columns[unit]).unique().collect(engine="streaming").to_series().drop_nulls()
                )
    return Roster(tuple(Unit(id=id_) for id_ in sorted(ids)), declared=False)


def _judges_units(checked: CheckedCampaign) -> bool:
    demands: Iterable[Any] = (*checked.targets, *checked.duties)
    return any(one.kind != "campaign" for demand in demands for one in demand.judged)
