"""PostgreSQL: a psycopg 3 connection, whoever opened it.

Reading leaves the connection as it was: inside a transaction of the user a failure undoes only our own savepoint, else
everything happens in a transaction that cannot write, sees one state of the data, and is rolled back. Must not know: what
the others say in engines/__init__.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

import polars as pl
import psycopg
from psycopg.rows import tuple_row
from psycopg.types.numeric import NumericBinaryLoader
from sqlglot import exp

from campaignrules.errors import CampaignError, fault
from campaignrules.relational.dialects import POSTGRES
from campaignrules.relational.engines import ColumnKind, ColumnType, Engine, drivers_faults
from campaignrules.relational.queries import Query

_WAIT: Final = 10
"""Seconds to wait for a server that does not answer."""
_IDLE, _ERROR = psycopg.pq.TransactionStatus.IDLE, psycopg.pq.TransactionStatus.INERROR
_ONE_STATE: Final = "ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_LISTED: Final = (
    "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid) "
    "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY c.relname"
)
_TYPED: Final = "SELECT oid, typname, typtype FROM pg_catalog.pg_type WHERE oid = ANY($1::oid[])"
_KINDS: Final[dict[str, ColumnKind]] = {
    **dict.fromkeys(("int2", "int4", "int8"), "integer"),
    "numeric": "decimal",
    **dict.fromkeys(("float4", "float8"), "float"),
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name", "uuid"), "text"),
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "bool": "bool",
    **dict.fromkeys(("_text", "_varchar", "_bpchar"), "texts"),
}
_MADE: Final[dict[int, Any]] = {
    **dict.fromkeys((20, 21, 23, 26), pl.Int64),
    16: pl.Boolean,
    1082: pl.Date,
    **dict.fromkeys((18, 19, 25, 1042, 1043), pl.String),
    **dict.fromkeys((1002, 1009, 1015), pl.List(pl.String)),
}
"""Polars' types of those that are known by number."""
_NUMERIC: Final = 1700


class PostgresEngine(Engine):
    """A URL, a SQLAlchemy engine or connection, or a connection of psycopg 3. Raises CampaignError."""

    dialect = POSTGRES

    def __init__(self, given: Any) -> None:
        self._own: list[Any] = []
        weakref.finalize(self, _close, self._own)  # whoever asks last is not known
        with drivers_faults("postgresql", given):
            self.connection = self._connected(given)
            self.label = str(self.connection.info.dbname)
        self._begun = False

    def _connected(self, given: Any) -> psycopg.Connection[Any]:
        if isinstance(given, str):
            return self._opened(given)
        if isinstance(given, psycopg.Connection):
            return given
        raw = given
        if hasattr(given, "dialect"):  # SQLAlchemy's
            if given.dialect.driver != "psycopg" and not hasattr(given, "exec_driver_sql"):
                return self._opened(given.url.set(drivername="postgresql").render_as_string(hide_password=False))
            if not hasattr(given, "exec_driver_sql"):
                given = given.connect()
                self._own.append(given)
            raw = given.connection.driver_connection
        if not isinstance(raw, psycopg.Connection):
            command = "pip install 'campaignrules[postgres]'; postgresql+psycopg://…"
            raise CampaignError(fault("extra-missing", None, what="psycopg 3", command=command))
        return raw

    def _opened(self, url: str) -> psycopg.Connection[Any]:
        plain = "postgresql://" + url.partition("://")[2]
        options: dict[str, Any] = {} if "connect_timeout" in plain else {"connect_timeout": _WAIT}
        connection = psycopg.connect(plain, **options)
        self._own.append(connection)
        return connection

    # asking

    def run(self, query: Query) -> pl.DataFrame:
        text, values = query.rendered(self.dialect)
        with self.together(), drivers_faults(self.label), self._asked(text, self.dialect.given(values)) as cursor:
            return _frame(cursor.description or (), cursor.fetchall())

    @contextmanager
    def _asked(self, text: str, values: Sequence[Any] = ()) -> Iterator[psycopg.Cursor[Any]]:
        """The cursor of a query; in a transaction of the user, inside a savepoint."""
        if not self._begun:
            with self.connection.transaction(), self._executed(text, values) as cursor:
                yield cursor
        else:
            with self._executed(text, values) as cursor:
                yield cursor

    def _executed(self, text: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
        cursor = psycopg.RawCursor(self.connection, row_factory=tuple_row)
        cursor.adapters.register_loader("numeric", NumericBinaryLoader)  # a user may have asked for floats
        return cursor.execute(text.encode(), values or None, prepare=False, binary=True)

    @contextmanager
    def together(self) -> Iterator[None]:
        """In one transaction that cannot write, unless the user is inside one."""
        if self._begun or self.connection.info.transaction_status != _IDLE:
            yield
            return
        with drivers_faults(self.label):
            begin = "BEGIN" if self.connection.autocommit else "SET TRANSACTION"  # psycopg itself begins the other
            self.connection.execute(f"{begin} {_ONE_STATE}".encode())
        self._begun = True
        try:
            yield
        finally:
            self._begun = False
            if not self.connection.closed:
                self.connection.rollback()

    # what there is

    def tables(self) -> list[str]:
        with self.together(), drivers_faults(self.label), self._asked(_LISTED) as cursor:
            return [str(name) for (name,) in cursor.fetchall()]

    def columns(self, table: exp.Table) -> dict[str, ColumnType]:
        text, _ = Query(exp.select(exp.Star()).from_(table.copy()).limit(0)).rendered(self.dialect)
        with self.together(), drivers_faults(self.label):
            with self._asked(text) as cursor:
                found = list(cursor.description or ())
            with self._asked(_TYPED, [list({one.type_code for one in found})]) as cursor:
                types = {oid: (name, kind) for oid, name, kind in cursor.fetchall()}
        return {one.name: _column_type(one, *types.get(one.type_code, ("?", "?"))) for one in found}

    def zone(self) -> str:
        with self.together(), drivers_faults(self.label), self._asked("SELECT current_setting('TimeZone')") as cursor:
            return str((cursor.fetchone() or ("?",))[0])

    def close(self) -> None:
        _close(self._own)


def _close(own: list[Any]) -> None:
    while own:
        own.pop().close()


def _column_type(found: psycopg.Column, name: str, kind: str) -> ColumnType:
    known = "text" if kind == "e" else _KINDS.get(name, "other")
    return ColumnType(known, name, found.precision, found.scale)


# -- answers ------------------------------------------------------------------------------------------------------


def _frame(description: Sequence[psycopg.Column], rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    cells: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(description)
    return pl.DataFrame([_series(one, list(values)) for one, values in zip(description, cells, strict=True)])


def _series(found: psycopg.Column, values: list[Any]) -> pl.Series:
    if found.type_code == _NUMERIC:
        return _numbers(found.name, values)
    return pl.Series(found.name, values, dtype=_MADE.get(found.type_code))


def _numbers(name: str, values: list[Decimal | None]) -> pl.Series:
    """Whole numbers as Int128; decimals as they are."""
    if all(value is None or value == value.to_integral_value() for value in values):
        return pl.Series(name, [None if value is None else int(value) for value in values], dtype=pl.Int128)
    return pl.Series(name, values)
