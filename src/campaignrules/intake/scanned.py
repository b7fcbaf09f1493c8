"""A scanned table → a typed one that stays lazy, with a condition for the rows that may count.

In: a raw table that is never in memory as a whole. Out: `Taken`; it names its faults when asked, by taking just the bad rows
again as a table in memory (`parts`). Must not know: the roster, metrics, windows of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, reduce
from operator import and_
from typing import Final

import polars as pl
from attrs import evolve, frozen

from campaignrules.columns import row_faults
from campaignrules.errors import visible
from campaignrules.intake.conversion import Converter, is_filled, lazily
from campaignrules.intake.fields import Wanted
from campaignrules.intake.findings import FindingList, finding, refuse
from campaignrules.intake.headers import Match
from campaignrules.intake.kinds import Heard, Kind, Table, Taken
from campaignrules.intake.partitions import Needed
from campaignrules.intake.parts import DASHES, Part, typed_part
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.typed import converter_of
from campaignrules.results import Finding, TableCount

_VALID: Final = "ok"
_UNCOUNTED: Final = -1
SMALL: Final = 50_000
"""Files of fewer rows on average are opened once and not once for each column."""


def take_scanned(kind: Kind, raws: list[Raw], findings: FindingList, first: int, needed: Needed = ()) -> Taken:
    """A table that is never in memory as a whole; small pieces of it may be. `first`: their place among all tables.

    `needed`: files of it in which no row can matter are not read.
    """
    held = [(number, raw) for number, raw in enumerate(raws, first) if not raw.lazy]
    scans = [_scan(kind, raw, findings, number, needed) for number, raw in enumerate(raws, first) if raw.lazy]
    if kind.key:
        findings.add(finding("keys-not-checked", kind.id, {"file": scans[0].raw.file}), first)
    parts = [typed_part(kind, raw, findings, number) for number, raw in held]
    read = {
        **{one.number: one.height for one in scans},
        **{number: part.read for (number, _), part in zip(held, parts, strict=True)},
    }
    return evolve(_put_together(kind, scans, parts), read=tuple(read[number] for number in sorted(read)))


def _put_together(kind: Kind, scans: list[_Scan], parts: list[Part]) -> Taken:
    """One lazy table of scans and of pieces in memory, whose good rows are known."""
    checked = any(one.conditions for one in scans)
    shown = [*kind.columns.values(), *([_VALID] if checked else [])]
    frames = [one.frame(checked).select(shown) for one in scans]
    frames += [part.frame.lazy().with_columns(pl.lit(True).alias(_VALID)).select(shown) for part in parts]
    frame = pl.concat(frames) if len(frames) > 1 else frames[0]
    heard: tuple[Heard, ...] = (Heard(scans[0].raw.file),)
    if parts:
        own = pl.concat(frames[: len(scans)])
        heard = (Heard(scans[0].raw.file, rows=own), *(Heard(part.raw.file, part.units) for part in parts))
    valid = pl.col(_VALID) if checked else None
    named = partial(_name_lazy, kind, scans)
    rows = sum(one.height for one in scans)
    table = Table(kind.id, frame, kind.columns, None, valid, named, heard, rows=rows)
    return Taken(table, _count(kind, scans, parts, frame))


def _count(kind: Kind, scans: list[_Scan], parts: list[Part], frame: pl.LazyFrame) -> TableCount:
    """How many rows there are; those of scans that are set aside are counted with the results, unless they are mixed."""
    checked = any(one.conditions for one in scans)
    if checked and not parts:
        return TableCount(kind.id, _UNCOUNTED, 0, 0)
    read = sum(one.height for one in scans) + sum(part.read for part in parts)
    good = sum(one.height for one in scans) + sum(part.frame.height for part in parts)
    if checked:
        with row_faults():
            good = frame.select(pl.col(_VALID).sum()).collect(engine="streaming").item()
    return TableCount(kind.id, read, read - good, 0)


@frozen(eq=False, repr=False)
class _Scan:
    """A scanned piece: what is read of it, an expression for each field, and what a row must hold to count.

    `number`: its place among all tables.
    """

    raw: Raw
    matched: Match
    typed: tuple[pl.Expr, ...]
    conditions: tuple[pl.Expr, ...]
    height: int
    number: int = 0

    def frame(self, checked: bool) -> pl.LazyFrame:
        """Its rows, typed; `checked`: with the column that says which of them may count."""
        frame = self.raw.frame.lazy().with_columns(self.typed)
        if not checked:
            return frame
        return frame.with_columns((reduce(and_, self.conditions) if self.conditions else pl.lit(True)).alias(_VALID))


def _scan(kind: Kind, raw: Raw, findings: FindingList, number: int, needed: Needed) -> _Scan:
    matched = kind.match(raw)
    findings.extend((evolve(found, record=kind.id) for found in raw.findings), number)
    findings.extend(matched.findings, number)
    for title in map(kind.title, matched.missing):
        place = {"file": raw.file, "column": title}
        findings.add(finding("missing-column", kind.id, place, aside=True, name=title), number)
    return evolve(_scanned(kind, _pruned(kind, raw, matched, findings, number, needed), matched), number=number)


def _pruned(kind: Kind, raw: Raw, matched: Match, findings: FindingList, number: int, needed: Needed) -> Raw:
    """Without the files in which no row can matter; a finding says how many they are."""
    if raw.parts is None or not needed:
        return raw
    columns = {name: raw.headers[index] for name, (index, _) in matched.columns.items()}
    parts = raw.parts.only(needed, columns)
    if not parts.left_out:
        return raw
    rows = sum(one.rows for one in parts.left_out)
    findings.add(finding("files-not-needed", kind.id, {"file": raw.file}, count=len(parts.left_out), rows=rows), number)
    return evolve(raw, frame=parts.frame, parts=parts)


def _scanned(kind: Kind, raw: Raw, matched: Match) -> _Scan:
    """One pass over the fields in use shows which columns may stay as they are, so that no later pass looks again."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see tables
    columns = [_Column(one, *_source(raw, matched, one)) for one in kind.fields if one.name in matched.columns]
    used = [column for column in columns if column.wanted.name in kind.used]
    looks = {key: part for column in used for key, part in column.looks().items()}
    shown = _counted(raw.frame, looks, raw.file or kind.id, _in_small_files(raw))
    typed = [column.typed(shown).alias(column.wanted.column) for column in columns]
    conditions = [part for column in used for part in column.conditions(shown)]
    conditions += [pl.lit(False)] if matched.missing else []
    conditions += [inside for _, inside, _ in kind.allowed()]
    conditions += [rule.fill_null(True) for rule, _ in kind.rules()]
    absent = [one for one in kind.fields if one.name not in matched.columns]
    typed += [pl.lit(None, one.converter.dtype).alias(one.column) for one in absent]
    return _Scan(raw, matched, tuple(typed), tuple(conditions), shown[""])


def _counted(frame: pl.LazyFrame, looks: Mapping[str, pl.Expr], name: str, together: bool) -> dict[str, int]:
    """In how many rows each condition holds; '' counts all rows.

    Each is a query of its own that filters by one column: Parquet answers it from its statistics and dictionaries.
    `together`: all in one, where opening the files again for each would take longer.
    """
    try:
        if together:
            found = frame.select(pl.len().alias(""), *(bad.sum().alias(look) for look, bad in looks.items()))
            return found.collect(engine="streaming").row(0, named=True)
        counts = {look: frame.filter(bad).select(pl.len()) for look, bad in looks.items()}
        queries = {"": frame.select(pl.len()), **counts}
        return {look: query.collect(engine="streaming").item() for look, query in queries.items()}
    except pl.exceptions.PolarsError as error:
        raise refuse("table-unreadable", name=name, reason=error) from None


def _in_small_files(raw: Raw) -> bool:
    return raw.parts is not None and raw.parts.rows < SMALL * len(raw.parts.files)


def _source(raw: Raw, matched: Match, wanted: Wanted) -> tuple[Converter, pl.Expr, pl.DataType]:
    index, unit = matched.columns[wanted.name]
    return converter_of(wanted, unit, raw), pl.col(f"r{index}"), raw.frame.collect_schema()[f"r{index}"]


@frozen(eq=False, repr=False)
class _Column:
    """One column of a scanned table."""

    wanted: Wanted
    converter: Converter
    raw: pl.Expr
    given: pl.DataType

    def looks(self) -> dict[str, pl.Expr]:
        """What to count: `…_bad`, rows in which it may not stay as it is; `…_empty`, rows without a value."""
        name = self.wanted.column
        unread = self.converter.unread(self.given, self.raw)
        found = {f"{name}_bad": unread[1]} if unread else {}
        return {**found, f"{name}_empty": self.raw.is_null()} if self.wanted.declared.required else found

    def stays(self, shown: Mapping[str, int]) -> bool:
        return shown.get(f"{self.wanted.column}_bad") == 0

    def typed(self, shown: Mapping[str, int]) -> pl.Expr:
        unread = self.converter.unread(self.given, self.raw)
        return unread[0] if unread and self.stays(shown) else lazily(self.converter, self.given, self.raw)

    def conditions(self, shown: Mapping[str, int]) -> list[pl.Expr]:
        """What each row must hold, unless the whole column has been seen to."""
        known = pl.col(self.wanted.column).is_not_null()
        if self.wanted.declared.required:
            return [] if self.stays(shown) and shown.get(f"{self.wanted.column}_empty") == 0 else [known]
        if self.stays(shown):
            return []
        dashes = self.raw.str.contains(DASHES) if self.given == pl.String else pl.lit(False)
        return [known | ~is_filled(self.given, self.raw) | dashes]


def _name_lazy(kind: Kind, scans: list[_Scan], limit: int) -> tuple[Finding, ...]:
    """The faults of the first bad rows, by taking just these rows again as a table in memory."""
    found: list[Finding] = []
    for scan in scans:
        if len(found) < limit and scan.conditions and not scan.matched.missing:
            found += _faults(kind, scan, limit - len(found))
    return tuple(found)


def _faults(kind: Kind, scan: _Scan, limit: int) -> list[Finding]:
    assert isinstance(scan.raw.frame, pl.LazyFrame)  # noqa: S101  see tables
    frame = scan.raw.frame.with_row_index(ROW, offset=2).with_columns(scan.typed)
    cells = [pl.col(f"r{i}") for i in range(len(scan.raw.headers))]
    bad = frame.filter(~reduce(and_, scan.conditions)).head(limit).select(*cells, pl.col(ROW).cast(pl.Int64))
    with row_faults():
        rows = bad.collect(engine="streaming")
    findings = FindingList(limit)
    typed_part(kind, evolve(scan.raw, frame=rows, findings=()), findings, 0)
    named = [found for found in findings.listed() if found.set_aside and found.row is not None]
    return [_placed(found, scan.raw) for found in named]


def _placed(found: Finding, raw: Raw) -> Finding:
    """A finding at the file and row of it in which a row of several files stands."""
    if raw.parts is None or found.row is None:
        return found
    file, row = raw.parts.place(found.row - 2)
    return evolve(found, file=visible(file), row=row)
