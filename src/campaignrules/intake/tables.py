"""One record type: raw tables → a typed table without the rows that are set aside, and a finding for each fault.

In: raw tables, what they are checked against. Out: `Taken`. A table in memory is checked as a whole (`parts`), then all tables
together for keys that come twice; a scanned one stays lazy (`scanned`). Must not know: the roster, metrics, windows.
"""

from __future__ import annotations

import polars as pl
from attrs import evolve

from campaignrules.checked import FIGURES, UNIT_TABLE
from campaignrules.intake import stores
from campaignrules.intake.conversion import JOINT
from campaignrules.intake.findings import FindingList, finding, refuse
from campaignrules.intake.kinds import Heard, Kind, Table, Taken
from campaignrules.intake.partitions import Needed
from campaignrules.intake.parts import PART, Part, typed_part
from campaignrules.intake.raw import ROW, Raw
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
    frame = _distinct(kind, frame, parts, findings, first)
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


# -- checks of the whole table ------------------------------------------------------------------------------------


def _distinct(kind: Kind, frame: pl.DataFrame, parts: list[Part], findings: FindingList, first: int) -> pl.DataFrame:
    """The first row of each key; later ones are named and set aside."""
    keys = [kind.columns[name] for name in kind.key]
    if not keys or not frame.height:
        return frame
    if _all_differ(frame[keys[0]] if len(keys) == 1 else frame.select(pl.struct(keys)).to_series()):
        return frame
    known = pl.all_horizontal(pl.col(keys).is_not_null()) | (len(keys) > 1)
    again = frame.select(known & ~pl.struct(keys).is_first_distinct()).to_series()
    if again.any():
        _name_repeated(kind, frame, again, parts, findings, first)
        return frame.filter(~again)
    return frame


def _all_differ(keys: pl.Series) -> bool:
    """Whether no key comes twice; keys in order, as programs write them, are only compared with the next one."""
    if keys.dtype == pl.String and not keys.null_count() and keys.is_sorted():
        return bool((keys.slice(1) != keys.slice(0, len(keys) - 1)).all())
    return keys.n_unique() == len(keys)


def _name_repeated(
    kind: Kind, frame: pl.DataFrame, again: pl.Series, parts: list[Part], findings: FindingList, first: int
) -> None:
    whole = pl.struct(
        pl.col(c).list.join(JOINT) if frame.schema[c] == pl.List else pl.col(c) for c in kind.columns.values()
    )
    same = ~frame.select(whole.is_first_distinct()).to_series()
    keys = [kind.columns[key] for key in kind.key]
    shown = frame.select(ROW, PART, *keys, same.alias("same")).filter(again)
    stood = frame.filter(~again).select(pl.col(ROW).alias("first"), pl.col(PART).alias("of"), *keys)
    listed = shown.head(findings.limit).join(stood, on=keys, how="left", nulls_equal=True, maintain_order="left")
    for row, number, *key, is_same, before, of in listed.iter_rows():
        part, text = parts[number - first], "、".join(str(value) for value in key if value is not None)
        place = {**part.at(row, kind.key[0]), "value": text}
        code = "duplicate-row" if is_same else "duplicate-key"
        stands = parts[of - first].said(before, other=of != number)
        findings.add(finding(code, kind.id, place, aside=True, key=text, first=stands.zh, first_en=stands.en), number)
    findings.unlisted += max(shown.height - findings.limit, 0)
