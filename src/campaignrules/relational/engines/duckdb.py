"""DuckDB: a connection, in this process.

Queries run on the connection itself, so that temporary tables and its transaction are seen. Answers come as Arrow. Must
not know: what the others say in engines/__init__.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
from sqlglot import exp

from campaignrules.relational.dialects import DUCKDB, Node, column, named
from campaignrules.relational.engines import (
    ColumnKind,
    ColumnType,
    Engine,
    Key,
    Then,
    Views,
    drivers_faults,
    made,
    tidy,
)
from campaignrules.relational.queries import Query

_KINDS: Final[dict[str, ColumnKind]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint", "hugeint"), "integer"),
    **dict.fromkeys(("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"), "integer"),
    "decimal": "decimal",
    **dict.fromkeys(("float", "double"), "float"),
    **dict.fromkeys(("varchar", "enum", "uuid"), "text"),
    "date": "date",
    **dict.fromkeys(("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), "timestamp"),
    **dict.fromkeys(("timestamp with time zone", "timestamp_ns with time zone"), "timestamptz"),
    "boolean": "bool",
}


class DuckDBEngine(Engine):
    """A DuckDB connection of the user's, which stays open and as it is; or a relation of DuckDB's own connection."""

    dialect = DUCKDB

    def __init__(self, given: Any, label: str = "duckdb") -> None:
        if hasattr(given, "dialect") and not hasattr(given, "exec_driver_sql"):  # an engine of SQLAlchemy's
            given = self._kept = given.connect()  # else its pool would give the same connection to others
        self.connection, self.label = _connection(given), label
        self._views = Views(self, partial(_register, self.connection), partial(_unregister, self.connection))

    def run(self, query: Query) -> pl.DataFrame:
        return self._framed(self._fetched(query))

    def run_all(self, queries: Mapping[Key, Query], then: Then | None = None) -> dict[Key, pl.DataFrame]:
        """While one is asked, another thread makes a frame of the answer before it."""
        if len(queries) < 2:
            return super().run_all(queries, then)

        def framed(answer: Any) -> pl.DataFrame:
            return made(self._framed(answer), then)

        with self.together(), ThreadPoolExecutor(1) as pool:
            try:
                asked = {key: pool.submit(framed, self._fetched(query)) for key, query in queries.items()}
                return {key: future.result() for key, future in asked.items()}
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _fetched(self, query: Query) -> Any:
        """The answer as Arrow."""
        text, values = query.rendered(self.dialect)
        with drivers_faults(self.label), _interrupts():
            return _exact(self._asked(text, self.dialect.given(values))).to_arrow_table()

    def _framed(self, answer: Any) -> pl.DataFrame:
        with drivers_faults(self.label):
            found = pl.from_arrow(answer)
            assert isinstance(found, pl.DataFrame)  # noqa: S101  a table gives a frame
            return tidy(found)

    def _asked(self, text: str, values: list[Any]) -> Any:
        return self.connection.sql(text, params=values) if values else self.connection.sql(text)

    def table(self, given: Any) -> exp.Table:
        """A name, schema and name, or a relation of this connection, which becomes a temporary view."""
        if isinstance(given, str | tuple):
            return super().table(given)
        return super().table(self._views.name(given))

    def tables(self) -> list[str]:
        with drivers_faults(self.label):
            found = self.connection.sql(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_catalog = current_catalog() AND table_schema = current_schema() ORDER BY table_name"
            ).fetchall()
        return [name for (name,) in found]

    def columns(self, table: exp.Table) -> dict[str, ColumnType]:
        text, _ = Query(exp.select(exp.Star()).from_(table.copy())).rendered(self.dialect)
        with drivers_faults(self.label):
            relation = self.connection.sql(text)
            return {name: _column_type(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}

    def zone(self) -> str:
        with drivers_faults(self.label):
            return str(self.connection.sql("SELECT current_setting('TimeZone')").fetchall()[0][0])

    def close(self) -> None:
        self._views.close()


def _register(connection: Any, name: str, given: Any) -> None:
    connection.register(name, given)


def _unregister(connection: Any, name: str) -> None:
    connection.unregister(name)


# -- connections of our own ---------------------------------------------------------------------------------------

_ALONE: Final = {
    "autoinstall_known_extensions": False, "autoload_known_extensions": False, "allow_community_extensions": False
}  # fmt: skip
_LONGEST: Final = 600_000
"""Milliseconds that a query of a file may take: a view in it is a query of whoever made the file."""
_RUN: Final = secrets.token_hex(8)


def opened(path: Path) -> Any:
    """A file that may come from anybody: nothing is written, its views reach no other file and no network."""
    file = str(path.absolute())  # else `md:…` and the like would be no file
    closed: dict[str, Any] = {**_ALONE, "enable_external_access": False, "temp_directory": _spilling(file)}
    connection = duckdb.connect(file, read_only=True, config=closed)
    with suppress(duckdb.Error):  # since its version 2
        connection.execute(f"SET max_execution_time = {_LONGEST}")
    return connection


def of_parquet(paths: Iterable[str], hive: bool) -> tuple[Any, Any]:
    """A connection of its own, and just these files as one relation."""
    plain = ["".join(f"[{sign}]" if sign in "*?[" else sign for sign in path) for path in paths]
    connection = duckdb.connect(config={**_ALONE, "temp_directory": _spilling("")})
    return connection, connection.read_parquet(plain, union_by_name=True, hive_partitioning=hive)


def _spilling(file: str) -> str:
    """Where large queries put what memory does not hold: not beside the data, or wherever somebody stands."""
    name = f"campaignrules-{_RUN}-{sha256(file.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
    return str(Path(tempfile.gettempdir()) / name)


@contextmanager
def _interrupts() -> Iterator[None]:
    """Ctrl-C: DuckDB takes the signal and raises something else."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise


def _connection(given: Any) -> Any:
    """The connection itself, SQLAlchemy's, or, of a relation, the one that `duckdb.read_parquet` and the like use."""
    if isinstance(given, duckdb.DuckDBPyRelation):
        found: Any = duckdb.default_connection  # a function since its version 1.2
        return found() if callable(found) else found
    if hasattr(given, "dialect"):  # SQLAlchemy's
        given = given.connection.driver_connection
        return getattr(given, "_ConnectionWrapper__c", given)
    return given


_WIDE: Final = ("UHUGEINT",) if int(duckdb.__version__.split(".")[0]) >= 2 else ("HUGEINT", "UHUGEINT")
"""Whole numbers that DuckDB would hand over as something else: before its version 2 as floats."""


def _exact(relation: Any) -> Any:
    """With such numbers as decimals."""
    wide = [str(kind) in _WIDE for kind in relation.types]
    if not any(wide):
        return relation
    cells = [_as_decimal(name) if w else column(name) for name, w in zip(relation.columns, wide, strict=True)]
    return relation.project(", ".join(cell.sql(dialect="duckdb") for cell in cells))


def _as_decimal(name: str) -> Node:
    numbers = [exp.DataTypeParam(this=exp.Literal.number(n)) for n in (38, 0)]
    kind = exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=numbers)
    return named(exp.Cast(this=column(name), to=kind), name)


def _column_type(kind: Any) -> ColumnType:
    word = str(kind)
    plain = kind.id
    if plain == "list":
        inner = _column_type(kind.child)
        return ColumnType("texts" if inner.kind == "text" else "other", word)
    if plain == "decimal":
        parts = dict(kind.children)
        return ColumnType("decimal", word, parts["precision"], parts["scale"])
    return ColumnType(_KINDS.get(plain, "other"), word)
