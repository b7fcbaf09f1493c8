"""A table inside an engine → a typed relation that stays there, and what is to be said of its rows.

In: a raw table that an engine holds. Out: `Taken`, whose table has a `relation`; it names its faults when asked, by taking
just the bad rows again as a table in memory (`parts`). Must not know: the roster, metrics, windows of time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

import polars as pl
from attrs import frozen
from sqlglot import exp

from campaignrules.intake.conversion.in_sql import day_literal, kind_of
from campaignrules.intake.fields import Wanted
from campaignrules.intake.findings import FindingList, finding
from campaignrules.intake.headers import Match
from campaignrules.intake.held import HeldColumn
from campaignrules.intake.kinds import Heard, Kind, Relation, Table, Taken
from campaignrules.intake.parts import typed_part
from campaignrules.intake.raw import Raw
from campaignrules.intake.stores import SOURCE, fetched, source_of
from campaignrules.intake.typed import converter_of
from campaignrules.intake.windows import spans
from campaignrules.relational.dialects import Dialect, Node, column, joined, surely
from campaignrules.relational.lowering import row_sql
from campaignrules.relational.queries import Query
from campaignrules.relational.sources import Held
from campaignrules.results import Finding, TableCount

VALID: Final = "ok"
_UNCOUNTED: Final = -1


def take_related(kind: Kind, raw: Raw, findings: FindingList, number: int) -> Taken:
    """A table that stays in its engine. Raises CampaignError, and NotHere where it has to be read."""
    assert raw.held is not None  # noqa: S101  see tables
    matched = kind.match(raw)
    with raw.held.engine.together():
        typed = _looked_at(kind, raw, raw.held, matched)
    findings.extend(matched.findings, number)
    for title in map(kind.title, matched.missing):
        place = {"file": raw.file, "sheet": raw.sheet, "column": title}
        findings.add(finding("missing-column", kind.id, place, aside=True, name=title), number)
    named = partial(_name_faults, kind, raw, typed)
    relation = Relation(raw.held.engine, typed.query, typed.valid, partial(_fetched, kind, raw))
    table = Table(kind.id, None, kind.columns, None, None, named, (Heard(raw.file),), relation)
    return Taken(table, TableCount(kind.id, _UNCOUNTED if typed.valid else typed.height, 0, 0))


@frozen(eq=False, repr=False)
class _Typed:
    """A table with its fields typed. `query`: of `c0` … and, where `valid`, of `ok`."""

    columns: tuple[HeldColumn, ...]
    query: exp.Select
    valid: bool
    height: int


def _looked_at(kind: Kind, raw: Raw, held: Held, matched: Match) -> _Typed:
    """One look counts what is not understood; what can be read here then is."""
    columns = [_column(raw, held, matched, one) for one in kind.fields if _is_used(kind, matched, one.name)]
    counted = held.engine.run(Query(_look(held, columns))).row(0, named=True)
    for one in columns:
        one.take(counted)
    asked = {one.name: unread for one in columns if (unread := one.different(held)) is not None}
    found = held.engine.run_all(asked) if asked else {}
    for one in columns:
        if one.name in found:
            one.read(found[one.name]["k"])
    query, valid = _query(kind, held, matched, columns)
    return _Typed(tuple(columns), query, valid, int(counted["n"]))


def _is_used(kind: Kind, matched: Match, name: str) -> bool:
    return name in matched.columns and name in kind.used


def _column(raw: Raw, held: Held, matched: Match, wanted: Wanted) -> HeldColumn:
    index, unit = matched.columns[wanted.name]
    header = raw.headers[index]
    return HeldColumn.of(wanted, converter_of(wanted, unit, raw), header, held.columns[header], held.engine.dialect)


def _look(held: Held, columns: Iterable[HeldColumn]) -> exp.Select:
    """One row: `n` rows, and how many of them each column does not do."""
    dialect = held.engine.dialect
    looks = {"n": None, **{name: node for one in columns for name, node in one.looks().items()}}
    counts = [exp.alias_(dialect.count(node), name, quoted=True) for name, node in looks.items()]
    return exp.select(*counts).from_(source_of(held))


# -- the typed relation -------------------------------------------------------------------------------------------


def _query(kind: Kind, held: Held, matched: Match, columns: list[HeldColumn]) -> tuple[exp.Select, bool]:
    """The typed columns with the condition that rows must hold, if there is one."""
    known = {one.name: one for one in columns}
    dialect = held.engine.dialect
    cells: list[exp.Expr] = []
    for wanted in kind.fields:
        node = known[wanted.column].typed if wanted.column in known else dialect.null(kind_of(wanted.converter))
        cells.append(exp.alias_(node, wanted.column, quoted=True))
    conditions = [one.condition for one in columns if one.condition is not None]
    conditions += [exp.false()] if matched.missing else []
    query = exp.select(*cells, *_valid(conditions)).from_(source_of(held))
    for one in columns:
        if one.joins:
            table, on = one.join()
            query = query.join(table, on=on, join_type="left")
    return _with_rules(kind, query, bool(conditions), dialect)


def _valid(conditions: list[Node]) -> list[exp.Expr]:
    return [exp.alias_(joined(exp.And, *conditions), VALID, quoted=True)] if conditions else []


def _with_rules(kind: Kind, query: exp.Select, checked: bool, dialect: Dialect) -> tuple[exp.Select, bool]:
    """Windows of dates and rules about rows, on the typed columns."""
    conditions = [*_windows(kind), *_rules(kind, dialect)]
    if not conditions:
        return query, checked
    cells = [exp.alias_(column(name, SOURCE), name, quoted=True) for name in kind.columns.values()]
    before = [column(VALID, SOURCE)] if checked else []
    outer = exp.select(*cells, *_valid([*before, *(surely(one, otherwise=True) for one in conditions)]))
    return outer.from_(query.subquery(exp.to_identifier(SOURCE, quoted=True))), True


def _windows(kind: Kind) -> Iterable[Node]:
    """What the dates of fields with `within:` must be."""
    for name, some in spans(kind.checked).items() if kind.checked else ():
        day = column(kind.columns[name], SOURCE)
        inside = [exp.Between(this=day.copy(), low=day_literal(first), high=day_literal(last)) for first, last in some]
        yield joined(exp.Or, *inside)


def _rules(kind: Kind, dialect: Dialect) -> Iterable[Node]:
    """The row rules that need nothing but the row. Raises CampaignError where one does not fit the engine's numbers."""
    columns = {name: column(place, SOURCE) for name, place in kind.columns.items()}
    for one in kind.decided:
        found = row_sql(one.expression.root, columns, dialect)
        if found is None:
            raise NotHere
        yield found


class NotHere(Exception):  # noqa: N818  a turn in the road, not an error
    """An engine cannot be asked this: whoever asked reads the table instead."""


# -- whole rows ---------------------------------------------------------------------------------------------------


def _fetched(kind: Kind, raw: Raw) -> pl.LazyFrame:
    """The sound rows, as the ordinary intake reads them. Raises CampaignError."""
    part = typed_part(kind, fetched(raw), FindingList(0), 0)
    return part.frame.lazy()


# -- faults -------------------------------------------------------------------------------------------------------


def _name_faults(kind: Kind, raw: Raw, typed: _Typed, limit: int) -> tuple[Finding, ...]:
    return ()
