"""SQLAlchemy, ADBC and DB-API connections → rows, each asked in its own way for the names and rows of tables.

In: a URL, an engine, a connection. Out: a `Database`. Values come as the driver makes them, no type of SQLAlchemy in
between: a decimal stays one, a binary float is not rounded. Moments with a time zone are those of the database's own
time zone. A transaction that reading began is ended. Must not know: fields, which tables are wanted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from attrs import frozen

from campaignrules.intake.databases import Database, Rows, TableOf, quoted

_PART: Final = 5_000
_WAIT: Final = 10
"""Seconds to wait for a server that does not answer."""


def _width(row: Any) -> tuple[Any, ...]:
    return tuple(row.values()) if isinstance(row, Mapping) else tuple(row)


def _until(parts: Iterator[Sequence[Any]], most: int) -> Iterator[Sequence[Any]]:
    """Parts until there are more than `most` rows."""
    seen = 0
    for part in parts:
        yield part
        seen += len(part)
        if seen > most:
            return


# -- SQLAlchemy ---------------------------------------------------------------------------------------------------


@contextmanager
def of_url(text: str) -> Iterator[Database]:
    """The database at a URL, in one transaction that cannot write."""
    import sqlalchemy  # noqa: PLC0415  an optional extra

    url = sqlalchemy.make_url(text)
    options: dict[str, Any] = {}
    if url.drivername in ("postgres", "postgresql"):
        driver = "psycopg2" if find_spec("psycopg") is None and find_spec("psycopg2") else "psycopg"
        url = url.set(drivername=f"postgresql+{driver}")
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        options = {"connect_args": {"connect_timeout": _WAIT}}
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, **options)
    try:
        with of_sqlalchemy(engine) as database:
            yield database
    finally:
        engine.dispose()


@contextmanager
def of_sqlalchemy(source: Any) -> Iterator[Database]:
    """The database of an engine, on a connection of our own, or of a connection."""
    if hasattr(source, "exec_driver_sql"):
        began = not source.in_transaction()
        try:
            yield _Alchemy(source)
        finally:
            if began and source.in_transaction():
                source.rollback()
        return
    with source.connect() as connection:
        own = connection
        if connection.dialect.name == "postgresql":
            own = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield _Alchemy(own)


@frozen(eq=False, repr=False)
class _Alchemy(Database):
    """A SQLAlchemy connection."""

    connection: Any

    @property
    def label(self) -> str:  # type: ignore[override]  # read only, as it is everywhere
        url = self.connection.engine.url
        return str(url.database or url.get_backend_name())

    def names(self) -> list[str]:
        import sqlalchemy  # noqa: PLC0415  an optional extra

        look = sqlalchemy.inspect(self.connection)
        kept: list[str] = []
        with suppress(AttributeError, NotImplementedError):  # only some dialects know materialized views
            kept = look.get_materialized_view_names()
        return list(dict.fromkeys((*look.get_table_names(), *look.get_view_names(), *kept)))

    def rows(self, table: TableOf, most: int) -> Rows:
        import sqlalchemy  # noqa: PLC0415  an optional extra
        from sqlalchemy.sql import quoted_name  # noqa: PLC0415  as above

        def named(text: str) -> Any:
            return quoted_name(text, quote=True)

        columns = table.columns
        if columns is None:
            found = sqlalchemy.inspect(self.connection).get_columns(table.name, schema=table.schema)
            columns = tuple(str(column["name"]) for column in found)
        schema = None if table.schema is None else named(table.schema)
        origin = sqlalchemy.table(named(table.name), *(sqlalchemy.column(named(c)) for c in columns), schema=schema)
        # Labels c0 … keep odd names out of the result; without a type each value stays as the driver made it.
        cells = [column.label(f"c{i}") for i, column in enumerate(origin.columns)]
        asked = sqlalchemy.select(*cells).select_from(origin).limit(most + 1)
        result = self.connection.execute(asked, execution_options={"stream_results": True, "max_row_buffer": _PART})
        return Rows(columns, (part for part in result.partitions(_PART)))


# -- drivers by themselves ----------------------------------------------------------------------------------------

_POSTGRES: Final = frozenset(("psycopg", "psycopg2", "pg8000"))
_MYSQL: Final = frozenset(("pymysql", "MySQLdb", "mysql", "mariadb"))
_LISTED: Final = "SELECT table_name FROM information_schema.tables WHERE "
_ELSEWHERE: Final = "lower(table_schema) NOT IN ('information_schema', 'pg_catalog', 'sys')"
_NAMES: Final[dict[str, str]] = {
    "sqlite3": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    **dict.fromkeys(
        _POSTGRES,
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid) "
        "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY c.relname",
    ),
    **dict.fromkeys(_MYSQL, _LISTED + "table_schema = DATABASE()"),
}


@contextmanager
def of_driver(connection: Any) -> Iterator[Database]:
    """The database of a DB-API connection."""
    idle = _is_idle(connection)
    try:
        yield _Driver(connection, type(connection).__module__.partition(".")[0])
    finally:
        if idle and not _is_idle(connection):
            connection.rollback()


def _is_idle(connection: Any) -> bool:
    """Whether a PostgreSQL connection is outside any transaction; of other drivers nobody can tell."""
    status = getattr(getattr(connection, "info", None), "transaction_status", None)
    return status is not None and int(status) == 0


@frozen(eq=False, repr=False)
class _Driver(Database):
    """A DB-API connection. `label` is the name of its module."""

    connection: Any
    label: str

    def names(self) -> list[str]:
        asked = _NAMES.get(self.label, _LISTED + _ELSEWHERE)
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(asked)
            return [str(_width(row)[0]) for row in cursor.fetchall()]

    def rows(self, table: TableOf, most: int) -> Rows:
        cursor = self._cursor()
        cursor.execute(_select(table, self._quoted))
        first = cursor.fetchmany(_PART)
        headers = table.columns or tuple(str(column[0]) for column in cursor.description)
        return Rows(headers, self._parts(cursor, first, most))

    def _cursor(self) -> Any:
        """Psycopg sends a named cursor's rows bit by bit, but has these in transactions only."""
        if self.label in ("psycopg", "psycopg2") and not self.connection.autocommit:
            return self.connection.cursor(name="campaignrules")
        cursor = self.connection.cursor()
        if self.label == "sqlite3":
            cursor.row_factory = None
        return cursor

    def _parts(self, cursor: Any, first: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
        with closing(cursor):
            part, seen = first, 0
            while part and seen <= most:
                seen += len(part)
                yield [_width(row) for row in part]
                part = cursor.fetchmany(_PART)

    def _quoted(self, name: str) -> str:
        return quoted(name, "`" if self.label in _MYSQL else '"')


def _select(table: TableOf, quote: Callable[[str], str]) -> str:
    cells = "*" if table.columns is None else ", ".join(map(quote, table.columns))
    origin = ".".join(quote(part) for part in (table.schema, table.name) if part is not None)
    return f"SELECT {cells} FROM {origin}"  # noqa: S608  names are quoted, and nothing else is there


# -- ADBC ---------------------------------------------------------------------------------------------------------


@contextmanager
def of_adbc(connection: Any) -> Iterator[Database]:
    """The database of an ADBC connection."""
    yield _Adbc(connection)


@frozen(eq=False, repr=False)
class _Adbc(Database):
    """An ADBC connection by its DB-API."""

    connection: Any

    @property
    def label(self) -> str:  # type: ignore[override]  # read only, as it is everywhere
        return str(self.connection.adbc_get_info().get("vendor_name") or "adbc").casefold()

    def names(self) -> list[str]:
        """Those of the catalog and schema that the connection is in."""
        catalog, schema = (_known(self.connection, f"adbc_current_{name}") for name in ("catalog", "db_schema"))
        found: dict[str, None] = {}
        for one in self.connection.adbc_get_objects(depth="tables").read_all().to_pylist():
            if catalog in (None, one["catalog_name"]):
                for part in one["catalog_db_schemas"] or ():
                    if schema in (None, part["db_schema_name"]):
                        found |= dict.fromkeys(table["table_name"] for table in part["db_schema_tables"] or ())
        return list(found)

    def rows(self, table: TableOf, most: int) -> Rows:
        zone = self._zone()
        cursor = self.connection.cursor()
        cursor.execute(_select(table, quoted))
        reader = cursor.fetch_record_batch()
        makers = [_maker(kind, zone) for kind in reader.schema]
        return Rows(tuple(reader.schema.names), _until(self._parts(cursor, reader, makers), most))

    def _parts(self, cursor: Any, reader: Any, makers: Sequence[Any]) -> Iterator[Sequence[Any]]:
        with closing(cursor):
            for batch in reader:
                cells = [column.to_pylist() for column in batch.columns]
                made = [values if make is None else [None if v is None else make(v) for v in values]
                        for make, values in zip(makers, cells, strict=True)]  # fmt: skip
                yield list(zip(*made, strict=True))

    def _zone(self) -> ZoneInfo | None:
        """The time zone in which PostgreSQL would write moments; ADBC gives them in UTC."""
        if self.label != "postgresql":
            return None
        with closing(self.connection.cursor()) as cursor:
            cursor.execute("SELECT current_setting('TimeZone')")
            return ZoneInfo(cursor.fetchone()[0])


def _known(connection: Any, name: str) -> str | None:
    """What a driver tells about its connection, if it does."""
    try:
        return getattr(connection, name) or None
    except Exception as error:  # noqa: BLE001  each driver has its own way not to know
        del error
        return None


def _maker(kind: Any, zone: ZoneInfo | None) -> Any:
    """What makes of a column's values what other drivers make of them; None for those that are the same already."""
    given = str((kind.metadata or {}).get(b"POSTGRESQL:type", b""), "ascii", "replace")
    if given in ("json", "jsonb", "money", "interval") or str(kind.type) == "extension<arrow.json>":
        return lambda _: {}
    if str(kind.type) == "float":
        return _shortest
    if zone is not None and getattr(kind.type, "tz", None):
        return lambda moment: _moved(moment, zone)
    return None


def _shortest(value: float) -> float:
    """A float of four bytes as the shortest decimal that shows it."""
    return float(str(np.float32(value)))


def _moved(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return moment.astimezone(zone)
