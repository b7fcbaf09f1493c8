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
from campaignrules.intake.conversion import Converter, is_filled, lazily
from campaignrules.intake.fields import Wanted
from campaignrules.intake.findings import FindingList, finding, refuse
from campaignrules.intake.headers import Match
from campaignrules.intake.kinds import Heard, Kind, Table, Taken
from campaignrules.intake.parts import DASHES, typed_part
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.typed import converter_of
from campaignrules.results import Finding, TableCount

_VALID: Final = "ok"
_UNCOUNTED: Final = -1


def take_scanned(kind: Kind, raw: Raw, findings: FindingList, number: int) -> Taken:
    """A table that is never in memory as a whole."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see tables
    matched = kind.match(raw)
    findings.extend(matched.findings, number)
    for title in map(kind.title, matched.missing):
        place = {"file": raw.file, "column": title}
        findings.add(finding("missing-column", kind.id, place, aside=True, name=title), number)
    if kind.key:
        findings.add(finding("keys-not-checked", kind.id, {"file": raw.file}), number)
    scanned = _scanned(kind, raw, matched)
    frame, conditions = scanned.applied(raw.frame)
    valid = pl.col(_VALID) if conditions else None
    if conditions:
        frame = frame.with_columns(reduce(and_, conditions).alias(_VALID))
    frame = frame.select(*kind.columns.values(), *([_VALID] if conditions else []))
    named = partial(_name_lazy, kind, raw, matched)
    table = Table(kind.id, frame, kind.columns, None, valid, named, (Heard(raw.file),))
    return Taken(table, TableCount(kind.id, _UNCOUNTED if conditions else scanned.height, 0, 0))


@frozen(eq=False, repr=False)
class _Scanned:
    """A scanned table: an expression for each field, and what a row must hold to count."""

    typed: tuple[pl.Expr, ...]
    conditions: tuple[pl.Expr, ...]
    height: int

    def applied(self, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, list[pl.Expr]]:
        return frame.with_columns(self.typed), list(self.conditions)


def _scanned(kind: Kind, raw: Raw, matched: Match) -> _Scanned:
    """One pass over the fields in use shows which columns may stay as they are, so that no later pass looks again."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see tables
    columns = [_Column(one, *_source(raw, matched, one)) for one in kind.fields if one.name in matched.columns]
    used = [column for column in columns if column.wanted.name in kind.used]
    looks = {key: part for column in used for key, part in column.looks().items()}
    shown = _counted(raw.frame, looks, raw.file or kind.id)
    typed = [column.typed(shown).alias(column.wanted.column) for column in columns]
    conditions = [part for column in used for part in column.conditions(shown)]
    conditions += [pl.lit(False)] if matched.missing else []
    conditions += [inside for _, inside, _ in kind.allowed()]
    conditions += [rule.fill_null(True) for rule, _ in kind.rules()]
    absent = [one for one in kind.fields if one.name not in matched.columns]
    typed += [pl.lit(None, one.converter.dtype).alias(one.column) for one in absent]
    return _Scanned(tuple(typed), tuple(conditions), shown[""])


def _counted(frame: pl.LazyFrame, looks: Mapping[str, pl.Expr], name: str) -> dict[str, int]:
    """In how many rows each condition holds; '' counts all rows.

    Each is a query of its own that filters by one column: Parquet answers it from its statistics and dictionaries.
    """
    try:
        found = {look: frame.filter(bad).select(pl.len()) for look, bad in looks.items()}
        queries = {"": frame.select(pl.len()), **found}
        return {look: query.collect(engine="streaming").item() for look, query in queries.items()}
    except pl.exceptions.PolarsError as error:
        raise refuse("table-unreadable", name=name, reason=error) from None


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


def _name_lazy(kind: Kind, raw: Raw, matched: Match, limit: int) -> tuple[Finding, ...]:
    """The faults of the first bad rows, by taking just these rows again as a table in memory."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see tables
    if matched.missing:
        return ()
    frame, conditions = _scanned(kind, raw, matched).applied(raw.frame.with_row_index(ROW, offset=2))
    if not conditions:
        return ()
    cells = [pl.col(f"r{i}") for i in range(len(raw.headers))]
    bad = frame.filter(~reduce(and_, conditions)).head(limit).select(*cells, pl.col(ROW).cast(pl.Int64))
    with row_faults():
        rows = bad.collect(engine="streaming")
    findings = FindingList(limit)
    typed_part(kind, evolve(raw, frame=rows), findings, 0)
    return tuple(found for found in findings.listed() if found.set_aside and found.row is not None)
