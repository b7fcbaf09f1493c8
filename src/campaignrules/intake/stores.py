"""Tables inside engines → raw tables: those that stay there, and those that are sooner read here.

In: sources, relations, URLs, connections, and who is to work on the rows. Out: `Raw` tables, with `held` where they stay.
A table that is read here is asked cell by cell in a form that the ordinary intake takes from any engine. Importing this
imports no engine. Must not know: campaigns, fields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve, frozen

from campaignrules.checked import ATTESTATIONS, FIGURES, RETURNS, UNIT_TABLE
from campaignrules.intake.conversion import JOINT
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.relational.passwords import without_passwords
from campaignrules.relational.sources import EngineName, HeldTable, Source, can_ask, engine_of

if TYPE_CHECKING:
    from sqlglot import exp

    from campaignrules.intake.databases import TableOf
    from campaignrules.intake.kinds import Relation
    from campaignrules.relational.dialects import Node
    from campaignrules.relational.engines import ColumnType

SOURCE: Final = "t"
HERE: Final = (FIGURES, ATTESTATIONS, RETURNS, UNIT_TABLE)
"""Tables that a campaign brings itself are read here, wherever they are."""


@frozen(eq=False, repr=False)
class Work:
    """Who works on the rows. `engine`: as the caller chose, or auto; `wanted`: name of a table → record type."""

    engine: str
    limits: Limits
    wanted: Callable[[str], str | None]

    def raw(self, record: str, held: HeldTable) -> Raw:
        """A table of an engine, where it is or read here. Raises CampaignError."""
        raw = raw_of(held, self.limits)
        return fetched(raw, self.limits.rows) if self.is_here(record, held) else raw

    def is_here(self, record: str, held: HeldTable) -> bool:
        """Whether a table is sooner read than asked, or has to be."""
        if self.engine not in ("auto", "polars", held.engine.dialect.name):
            raise refuse("other-engine", name=held.name, engine=self.engine, holds=held.engine.dialect.name)
        if self.engine == "polars" or self.wanted(record) in HERE:
            return True
        return self.engine == "auto" and held.height <= self.limits.scanned

    def takes_parquet(self, record: str) -> bool:
        """Whether the engine that the caller has chosen is to read Parquet files of a record type."""
        return self.engine in ("duckdb", "spark") and self.wanted(record) not in (*HERE, None)


def large_tables(source: object, work: Work) -> list[tuple[str, HeldTable]] | None:
    """The tables of a database where some may stay in it; None where all are to be read as those of any database."""
    name = _asked_as(source, work)
    if name is None:
        return None
    found = list(Source(name, source).held(work.wanted))
    if name == "duckdb" or not all(work.is_here(record, held) for record, held in found):
        return found
    return None


def of_table(table: TableOf, work: Work) -> HeldTable | None:
    """The same for one table."""
    name = None if table.columns is not None else _asked_as(table.source, work)
    if name is None:
        return None
    given = table.name if table.schema is None else (table.schema, table.name)
    held = Source(name, table.source).table(given, table.name)
    return held if name == "duckdb" or not work.is_here(table.name, held) else None


def _asked_as(source: object, work: Work) -> EngineName | None:
    """The engine behind a connection or URL, if it is to be asked and can be."""
    name = engine_of(source)
    if work.engine not in ("auto", "polars", name):
        called = without_passwords(source, source) if isinstance(source, str) else type(source).__name__
        raise refuse("other-engine", name=called, engine=work.engine, holds=name or "polars")
    if name is None or (name != "duckdb" and work.engine == "polars"):
        return None
    return name if work.engine == name or can_ask(name, source) else None


def raw_of(held: HeldTable, limits: Limits) -> Raw:
    """A table that stays where it is. Raises CampaignError."""
    headers = tuple(held.columns)
    if len(headers) > limits.columns:
        raise refuse("too-many-columns", path=f"{held.engine.label}/{held.name}", limit=limits.columns)
    return Raw(headers, pl.DataFrame(), held.engine.label, sheet=held.name, held=held)


def source_of(held: HeldTable) -> exp.Expr:
    """The table itself, as `t`."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    aliased: exp.Expr = exp.alias_(held.table.copy(), SOURCE, table=True, quoted=True)
    return aliased


def values_in(relation: Relation, name: str, *, sound: bool = True) -> dict[str, int]:
    """In how many rows, or sound rows, of a typed table each value of a column of texts stands. Raises CampaignError."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    from campaignrules.relational.dialects import column, not_null, quoted  # noqa: PLC0415  as above
    from campaignrules.relational.queries import Query  # noqa: PLC0415  as above

    value, many = column(name, SOURCE), relation.engine.dialect.count()
    asked = exp.select(exp.alias_(value, "v", quoted=True), exp.alias_(many, "n", quoted=True))
    asked = asked.from_(relation.query.subquery(quoted(SOURCE))).where(not_null(value)).group_by(value.copy())
    asked = asked.where(column("ok", SOURCE)) if sound and relation.valid else asked
    return {str(name): int(many) for name, many in relation.engine.run(Query(asked)).select("v", "n").iter_rows()}


def rows_in(relation: Relation) -> tuple[int, int]:
    """How many rows a typed table has, and how many of them are sound. Raises CampaignError."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    from campaignrules.relational.dialects import column, quoted  # noqa: PLC0415  as above
    from campaignrules.relational.queries import Query  # noqa: PLC0415  as above

    count = relation.engine.dialect.count
    counts = {"n": count(), "s": count(column("ok", SOURCE)) if relation.valid else count()}
    asked = exp.select(*(exp.alias_(node, name, quoted=True) for name, node in counts.items()))
    found = relation.engine.run(Query(asked.from_(relation.query.subquery(quoted(SOURCE))))).row(0, named=True)
    return int(found["n"]), int(found["s"])


# -- whole rows ---------------------------------------------------------------------------------------------------

FETCHED: Final = 1_000_000
"""Up to so many rows are brought here for those who need whole rows."""


def fetched(raw: Raw, most: int | None = None) -> Raw:
    """The table in memory, in its own order where it has one. Raises CampaignError."""
    assert raw.held is not None  # noqa: S101  whoever asks has looked
    most = FETCHED if most is None else most
    rows = some_rows(raw, most + 1)
    if rows.height > most:
        raise refuse("too-many-rows-here", name=raw.held.name, limit=most)
    return in_memory(raw, rows)


def in_memory(raw: Raw, rows: pl.DataFrame) -> Raw:
    """The table with these rows of it, columns `r0` …."""
    numbers = pl.int_range(2, rows.height + 2, dtype=pl.Int64, eager=True).alias(ROW)
    return evolve(raw, frame=rows.with_columns(numbers), held=None)


def some_rows(raw: Raw, limit: int) -> pl.DataFrame:
    """Its first rows, cells as the ordinary intake takes them. Raises CampaignError."""
    from campaignrules.relational.queries import Query  # noqa: PLC0415  an optional extra

    assert raw.held is not None  # noqa: S101  as above
    asked = cells_of(raw).order_by(*raw.held.order(SOURCE)) if raw.held.order(SOURCE) else cells_of(raw)
    return raw.held.engine.run(Query(asked.limit(limit)))


def cells_of(raw: Raw) -> Any:
    """A SELECT of all cells as `r0` …."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    from campaignrules.relational.dialects import column  # noqa: PLC0415  as above

    held = raw.held
    assert held is not None  # noqa: S101  as above
    cells = [_plain(held.columns[header], column(header, SOURCE), held) for header in raw.headers]
    return exp.select(*(exp.alias_(cell, f"r{i}", quoted=True) for i, cell in enumerate(cells))).from_(source_of(held))


def _plain(given: ColumnType, cell: Node, held: HeldTable) -> Node:
    """A cell in a form that every driver hands over as it is."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    from campaignrules.relational.dialects import case, not_null, parameter  # noqa: PLC0415  as above

    dialect = held.engine.dialect
    if given.kind == "other":
        return case((not_null(cell), dialect.cast(parameter(f"{JOINT}<{given.name}>"), "text")))
    if given.kind == "timestamptz":
        kinds = exp.DataType.Type
        local = kinds.TIMESTAMPNTZ if dialect.name == "spark" else kinds.TIMESTAMP
        return dialect.cast(exp.cast(cell, local), "text")
    as_it_is = given.kind in ("bool", "texts", "integer") or (
        given.kind in ("date", "float", "decimal") and dialect.name != "postgres"
    )
    return cell if as_it_is else dialect.cast(cell, "text")
