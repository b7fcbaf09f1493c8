"""One record type: raw tables → a typed table without the rows that are set aside, and a finding for each fault.

In: raw tables, what they are checked against. Out: `Taken`. A table in memory is checked as a whole (`parts`), then all tables
together for keys that come twice; a scanned one stays lazy (`scanned`). Must not know: the roster, metrics, windows.
"""

from __future__ import annotations

import polars as pl
from attrs import evolve

from campaignrules.checked import FIGURES, UNIT_TABLE
from campaignrules.intake import stores
from campaignrules.intake.findings import FindingList, refuse
from campaignrules.intake.kinds import Heard, Kind, Table, Taken
from campaignrules.intake.partitions import Needed
from campaignrules.intake.parts import PART, typed_part
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.repeated import distinct
from campaignrules.intake.scanned import take_scanned
from campaignrules.results import TableCount


def take_table(kind: Kind, raws: list[Raw], findings: FindingList, first: int = 0, needed: Needed = ()) -> Taken:
    """The typed table of one record type, submitted in one piece or several. `first`: their place among all tables.

    `needed`: what is asked about its rows; files of a scan in which no row can matter are not read.
    """
    if len(raws) == 1 and raws[0].held is not None:
        return _in_engine(kind, raws[0], findings, first)
    raws = [stores.fetched(raw) if raw.held is not None else raw for raw in raws]
    if any(raw.lazy for raw in raws) and kind.id not in (FIGURES, UNIT_TABLE):
        return take_scanned(kind, raws, findings, first, needed)
    parts = [typed_part(kind, _in_memory(kind, raw), findings, first + i) for i, raw in enumerate(raws)]
    frame = pl.concat([part.frame for part in parts]) if len(parts) > 1 else parts[0].frame
    frame = distinct(kind, frame, parts, findings, first)
    read = sum(part.read for part in parts)
    heard = tuple(Heard(part.raw.file, part.units) for part in parts)
    table = Table(kind.id, frame.drop(PART).lazy(), kind.columns, frame.height, heard=heard)
    kept = dict(frame[PART].value_counts().iter_rows())
    of_each = tuple(kept.get(first + i, 0) for i in range(len(parts)))
    return Taken(table, TableCount(kind.id, read, read - frame.height, 0), of_each)


def _in_engine(kind: Kind, raw: Raw, findings: FindingList, first: int) -> Taken:
    """A table that stays in its engine; one that the engine cannot be asked about is read here."""
    from campaignrules.intake.related import NotHere, take_related  # noqa: PLC0415  an optional extra

    try:
        return take_related(kind, raw, findings, first)
    except NotHere:
        return take_table(kind, [stores.fetched(raw)], findings, first)


def _in_memory(kind: Kind, raw: Raw) -> Raw:
    if isinstance(raw.frame, pl.DataFrame):
        return raw
    try:
        return evolve(raw, frame=raw.frame.with_row_index(ROW, offset=2).cast({ROW: pl.Int64}).collect())
    except pl.exceptions.PolarsError as error:
        raise refuse("table-unreadable", name=raw.file or kind.id, reason=error) from None
