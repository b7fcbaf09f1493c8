"""Where tables are that stay where they are: what `cr.sql` and `cr.spark` give, and one table of it.

In: connections, sessions, URLs, relations, data frames of Spark, names of tables. Out: a `Source`, opened when its tables
are wanted, and `HeldTable`, a table inside an engine. Importing this imports no engine and no SQLGlot. Must not know:
campaigns, fields, what the rows are wanted for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args
from urllib.parse import unquote

from attrs import define, field, frozen

from campaignrules.errors import CampaignError, Text, fault, visible
from campaignrules.relational.passwords import without_passwords

if TYPE_CHECKING:
    from sqlglot import exp

    from campaignrules.relational.engines import ColumnType, Engine

EngineName = Literal["duckdb", "postgres", "spark"]
Choice = Literal["auto", "polars", "duckdb", "postgres", "spark"]
"""Who works on the rows: somebody named, or whoever is best."""
CHOICES: Final[tuple[str, ...]] = get_args(Choice)
OURS: Final = "campaignrules_"
"""What views that are made here are named."""
_LONGEST: Final = 200
_DUCKDB_URL: Final = "duckdb:///"
_POSTGRES_URLS: Final = ("postgresql://", "postgres://", "postgresql+psycopg://", "postgresql+psycopg2://")
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "duckdb": ("duckdb", "pyarrow", "sqlglot"),
    "postgres": ("psycopg", "sqlglot"),
    "spark": ("pyspark", "pandas", "pyarrow", "sqlglot"),
}


@frozen(eq=False, repr=False, slots=False)
class HeldTable:
    """A table inside an engine. `name`: what findings call it; `given`: what stands for it: a name or an object."""

    engine: Engine
    table: exp.Table
    name: str
    given: Any = None

    @cached_property
    def columns(self) -> Mapping[str, ColumnType]:
        """Its columns in their order. Raises CampaignError."""
        return self.engine.columns(self.table)

    @cached_property
    def height(self) -> int:
        """How many rows it had when somebody asked first. Raises CampaignError."""
        return self.engine.height(self.table)

    def seen(self, height: int) -> None:
        """It was counted on the way."""
        self.__dict__.setdefault("height", height)

    def order(self, name: str) -> tuple[exp.Expr, ...]:
        """What the rows of a table that is called `name` in a query stand in the order of; () where there is nothing."""
        return _ORDERS[self.engine.dialect.name](self, name)


@define(eq=False, repr=False, slots=False)
class Source:
    """Tables inside one engine. `tables`: record → name of a table, schema and name, or a table object of the engine."""

    name: EngineName
    given: Any
    tables: Mapping[str, Any] | None = None
    _engine: Engine | None = field(default=None, init=False)

    @property
    def engine(self) -> Engine:
        """Opened once. Raises CampaignError."""
        if self._engine is None:
            refuse_without(self.name)
            self._engine = _OPENERS[self.name](self.given)
        return self._engine

    def held(self, wanted: Callable[[str], str | None]) -> Iterator[tuple[str, HeldTable]]:
        """The tables that are named, else those of the current schema whose names are wanted. Raises CampaignError."""
        if self.tables is not None:
            for record, given in self.tables.items():
                yield str(record), self.table(given, str(record))
            return
        names = [name for name in self.engine.tables() if not name.startswith(OURS)]
        found = [name for name in names if wanted(name) is not None]
        if not found:
            raise CampaignError(
                fault("database-without-tables", None, name=self.engine.label, tables=_listed(names) or "—")
            )
        for name in found:
            yield name, self.table(name, name)

    def table(self, given: Any, record: str) -> HeldTable:
        """One of them. Raises CampaignError."""
        return HeldTable(self.engine, self.engine.table(_named(given, record)), _called(given, record), given)


def sql(connection: Any, tables: Mapping[str, Any] | None = None, engine: str | None = None) -> Source:
    """Tables in DuckDB or PostgreSQL that stay there: `campaign.evaluate(cr.sql(connection, {"project": "v_projects"}))`.

    `connection`: a DuckDB or psycopg connection, a SQLAlchemy engine or connection, or a URL. `tables`: record → table or
    view, exactly as the database writes it; of another schema as `(schema, name)`. None: the tables of the current schema
    whose names the campaign knows. `engine`: "duckdb" or "postgres", when it need not be found. Raises CampaignError.
    """
    name = engine or engine_of(connection)
    if name not in ("duckdb", "postgres"):
        raise _no_connection(
            connection if engine is None else f"engine={engine}", Text("DuckDB 或 PostgreSQL", "DuckDB or PostgreSQL")
        )
    return Source(cast("EngineName", name), connection, _checked(tables))


def spark(session: Any, tables: Mapping[str, Any] | None = None) -> Source:
    """Tables of a Spark session that stay there. A table is its name, or a Spark data frame. Raises CampaignError."""
    if not _is_of(session, "pyspark"):
        raise _no_connection(session, Text("Spark", "Spark"))
    return Source("spark", session, _checked(tables))


def _no_connection(given: Any, wanted: Text) -> CampaignError:
    name = visible(without_passwords(given, given)[:_LONGEST]) if isinstance(given, str) else type(given).__name__
    return CampaignError(fault("not-a-connection", None, name=name, wanted=wanted))


# -- what stands for what -----------------------------------------------------------------------------------------


def engine_of(given: Any) -> EngineName | None:
    """The engine behind a URL, a connection, a relation or a data frame; None where there is none that we know."""
    if isinstance(given, str):
        return "duckdb" if given.startswith(_DUCKDB_URL) else "postgres" if given.startswith(_POSTGRES_URLS) else None
    if _is_of(given, "duckdb", "_duckdb"):
        return "duckdb"
    if _is_of(given, "psycopg", "psycopg2"):
        return "postgres"
    if _is_of(given, "pyspark"):
        return "spark"
    if _is_of(given, "sqlalchemy"):
        name = str(getattr(getattr(given, "dialect", None), "name", ""))
        return "duckdb" if name == "duckdb" else "postgres" if name == "postgresql" else None
    return None


def is_table(given: Any) -> bool:
    """Whether an object is a table inside an engine: a relation of DuckDB, a data frame of Spark."""
    kind = type(given).__name__
    return (kind == "DuckDBPyRelation" and _is_of(given, "duckdb", "_duckdb")) or (
        kind == "DataFrame" and _is_of(given, "pyspark")
    )


def source_of_table(given: Any) -> Source:
    """The source that a relation or data frame is a table of."""
    if _is_of(given, "pyspark"):
        return Source("spark", given.sparkSession)
    return Source("duckdb", given)


def can_ask(name: str, given: Any) -> bool:
    """Whether what an engine needs is installed, and the connection is of a driver that it takes."""
    other = _is_of(given, "psycopg2") or (_is_of(given, "sqlalchemy") and given.dialect.driver == "psycopg2")
    return not other and all(find_spec(package) is not None for package in _NEEDED[name])


def refuse_without(name: str) -> None:
    """Raises CampaignError where something that an engine needs is not installed."""
    missing = [package for package in _NEEDED[name] if find_spec(package) is None]
    if missing:
        raise CampaignError(
            fault("extra-missing", None, what=missing[0], command=f"pip install 'campaignrules[{name}]'")
        )


def parquet_table(name: str, files: Sequence[tuple[Path, str]], label: str) -> HeldTable:
    """Parquet files that are one table, by DuckDB or by Spark on this machine. Raises CampaignError.

    `files`: with the label of each, its path below the folder that was submitted: only there are partitions looked for.
    """
    refuse_without(name)
    engine, given = (_parquet_by_spark if name == "spark" else _parquet_by_duckdb)(files, label)
    return HeldTable(engine, engine.table(given), label, given)


def _parquet_by_duckdb(files: Sequence[tuple[Path, str]], label: str) -> tuple[Engine, Any]:
    from campaignrules.relational.engines import drivers_faults  # noqa: PLC0415  an optional extra
    from campaignrules.relational.engines.duckdb import DuckDBEngine, of_parquet  # noqa: PLC0415  as above

    with drivers_faults(label):
        connection, relation = of_parquet((str(path) for path, _ in files), any("=" in one for _, one in files))
        return DuckDBEngine(connection, label), relation


def _parquet_by_spark(files: Sequence[tuple[Path, str]], label: str) -> tuple[Engine, Any]:
    from campaignrules.relational.engines import drivers_faults  # noqa: PLC0415  an optional extra
    from campaignrules.relational.engines.spark import SparkEngine, local_session  # noqa: PLC0415  as above

    session = local_session()
    first, below = files[0]
    above = first.parents[min(below.count("/"), len(first.parents) - 1)]
    reader = session.read.option("mergeSchema", "true").option("basePath", str(above))
    with drivers_faults(label):
        return SparkEngine(session), reader.parquet(*(_plain_path(path) for path, _ in files))


def _plain_path(path: Path) -> str:
    """As Spark takes a path that is no pattern."""
    return "".join(f"\\{sign}" if sign in "*?[]{}\\" else sign for sign in str(path))


def _is_of(given: Any, *packages: str) -> bool:
    return type(given).__module__.partition(".")[0] in packages


def _checked(tables: Any) -> Mapping[str, Any] | None:
    if tables is None or isinstance(tables, Mapping):
        return tables
    raise CampaignError(fault("not-a-submission", None, kind=type(tables).__name__))


def _named(given: Any, record: str) -> Any:
    """A name, schema and name, or an object; all else is refused."""
    if isinstance(given, str) or is_table(given):
        return given
    if isinstance(given, tuple | list) and len(given) == 2 and all(isinstance(part, str) for part in given):
        return tuple(given)
    raise CampaignError(fault("not-a-table", None, name=record, kind=type(given).__name__))


def _called(given: Any, record: str) -> str:
    return given if isinstance(given, str) else ".".join(given) if isinstance(given, tuple | list) else record


_SHOWN: Final = 5


def _listed(names: list[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("…" if len(names) > _SHOWN else "")


# -- the order of rows --------------------------------------------------------------------------------------------


def _rowid(held: HeldTable, name: str) -> tuple[exp.Expr, ...]:
    """A table of DuckDB has row numbers; views and what is read from files have none."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    from campaignrules.relational.dialects import column, equal, parameter, quoted  # noqa: PLC0415  as above
    from campaignrules.relational.queries import Query  # noqa: PLC0415  as above

    if "rowid" in map(str.casefold, held.columns):
        return ()
    known = exp.Table(this=exp.Anonymous(this="duckdb_tables"))
    schema = exp.Anonymous(this="current_schema") if not held.table.db else parameter(held.table.db)
    catalog = exp.Anonymous(this="current_catalog")
    asked = exp.select(quoted("table_name")).from_(known).where(equal(column("table_name"), parameter(held.table.name)))
    asked = asked.where(equal(column("schema_name"), schema)).where(equal(column("database_name"), catalog))
    return (
        (exp.Column(this=exp.to_identifier("rowid"), table=quoted(name)),)
        if held.engine.run(Query(asked)).height
        else ()
    )


def _ctid(held: HeldTable, name: str) -> tuple[exp.Expr, ...]:
    """Where a row of PostgreSQL's tables stands; views have nothing of the kind."""
    from sqlglot import exp  # noqa: PLC0415  an optional extra

    from campaignrules.relational.dialects import column, equal, parameter, quoted  # noqa: PLC0415  as above
    from campaignrules.relational.queries import Query  # noqa: PLC0415  as above

    found = exp.Cast(
        this=parameter(held.table.sql(dialect="postgres")),
        to=exp.DataType.build("regclass", dialect="postgres", udt=True),
    )
    kinds = exp.Cast(this=column("relkind"), to=exp.DataType(this=exp.DataType.Type.TEXT))
    catalog = exp.Table(this=quoted("pg_class"), db=quoted("pg_catalog"))
    asked = exp.select(exp.alias_(kinds, "k", quoted=True)).from_(catalog).where(equal(column("oid"), found))
    kind = held.engine.run(Query(asked))["k"].to_list()
    places = {"r": ("ctid",), "m": ("ctid",), "p": ("tableoid", "ctid")}.get(kind[0] if kind else "", ())
    return tuple(exp.Column(this=exp.to_identifier(place), table=quoted(name)) for place in places)


_ORDERS: Final[dict[str, Callable[[HeldTable, str], tuple[Any, ...]]]] = {
    "duckdb": _rowid, "postgres": _ctid, "spark": lambda *_: ()
}  # fmt: skip

# -- opening ------------------------------------------------------------------------------------------------------


def _duckdb(given: Any) -> Engine:
    from campaignrules.relational.engines import drivers_faults  # noqa: PLC0415  an optional extra
    from campaignrules.relational.engines.duckdb import DuckDBEngine, opened  # noqa: PLC0415  as above

    if isinstance(given, Path) or (isinstance(given, str) and given.startswith(_DUCKDB_URL)):
        path = given if isinstance(given, Path) else Path(unquote(given.removeprefix(_DUCKDB_URL).partition("?")[0]))
        with drivers_faults(path.name):
            return DuckDBEngine(opened(path), path.name)
    return DuckDBEngine(given)


def _postgres(given: Any) -> Engine:
    from campaignrules.relational.engines.postgres import PostgresEngine  # noqa: PLC0415  an optional extra

    return PostgresEngine(given)


def _spark(given: Any) -> Engine:
    from campaignrules.relational.engines.spark import SparkEngine  # noqa: PLC0415  an optional extra

    return SparkEngine(given)


_OPENERS: Final[dict[str, Callable[[Any], Engine]]] = {"duckdb": _duckdb, "postgres": _postgres, "spark": _spark}
