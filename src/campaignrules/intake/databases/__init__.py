"""Tables of databases → raw tables: SQLite files, URLs, SQLAlchemy, ADBC and DB-API connections.

In: what stands for a database, and which names are wanted. Out: `Raw` tables; values as exact as the database keeps
them. No text of a user becomes SQL: names are quoted by rule, and nothing else is asked. Whatever a driver raises becomes
`database-unreadable` with its first line, without passwords. Must not know: campaigns, fields, how each driver is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import polars as pl
from attrs import frozen

from campaignrules.errors import CampaignError, visible
from campaignrules.intake.findings import clipped, refuse
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.intake.values import Gathered, sound
from campaignrules.relational.passwords import without_passwords

_SHOWN: Final = 5
_LONGEST: Final = 300
"""Characters of a driver's message that are shown."""
_SQLITE: Final = "sqlite:///"


@frozen(eq=False, repr=False)
class Rows:
    """A table as a driver gives it: columns, and rows part by part."""

    headers: tuple[str, ...]
    parts: Iterator[Sequence[Sequence[Any]]]


class Database:
    """What each kind of database can do. `label`: how findings name it."""

    label: str

    def names(self) -> list[str]:
        """All tables and views that are named without a schema."""
        raise NotImplementedError

    def rows(self, table: TableOf, most: int) -> Rows:
        """At most `most` rows, or a few more, of a table."""
        raise NotImplementedError


@frozen(eq=False, repr=False)
class TableOf:
    """One table or view of a database, read when it is needed. `columns`: all when None."""

    source: object
    name: str
    columns: tuple[str, ...] | None = None
    schema: str | None = None

    def read(self, limits: Limits) -> Raw:
        """Raises CampaignError."""
        with _opened(self.source, limits) as database:
            return _raw(database, self, limits)


def table(source: object, name: str, columns: Sequence[str] | None = None, *, schema: str | None = None) -> TableOf:
    """Stands for one table or view of a database in a mapping: `{"project": cr.table(connection, "v_projects")}`.

    `source`: a URL, a SQLAlchemy engine or connection, an ADBC or DB-API connection, the path of a SQLite file. Names are
    written exactly as the database has them.
    """
    return TableOf(source, name, None if columns is None else tuple(columns), schema)


def is_connection(source: object) -> bool:
    """Whether an object is a SQLAlchemy engine or connection, or a connection of a driver."""
    if _is_of("sqlalchemy", source):
        return hasattr(source, "connect") or hasattr(source, "exec_driver_sql")
    return callable(getattr(source, "cursor", None)) and callable(getattr(source, "close", None))


def tables_of(source: object, wanted: Callable[[str], str | None], limits: Limits) -> Iterator[tuple[str, Raw]]:
    """The tables and views whose names are wanted. Raises CampaignError, also when there are none."""
    with _opened(source, limits) as database:
        names = database.names()
        taken = [name for name in names if wanted(name) is not None]
        if not taken:
            shown = "、".join(names[:_SHOWN]) + ("…" if len(names) > _SHOWN else "")
            raise refuse("database-without-tables", name=database.label, tables=clipped(shown) or "—")
        for name in taken[: limits.files]:
            yield name, _raw(database, TableOf(source, name), limits)


def _raw(database: Database, table: TableOf, limits: Limits) -> Raw:
    rows = database.rows(table, limits.rows)
    if len(rows.headers) > limits.columns:
        raise refuse("too-many-columns", path=f"{database.label}/{table.name}", limit=limits.columns)
    gathered = Gathered()
    height = 0
    for part in rows.parts:
        height += len(part)
        if height > limits.rows:
            raise refuse("too-many-rows", path=f"{database.label}/{table.name}", limit=limits.rows)
        gathered.add(len(part), {i: list(cells) for i, cells in enumerate(zip(*part, strict=True))})
    columns = [gathered.column(i).alias(f"r{i}") for i in range(len(rows.headers))]
    numbers = pl.int_range(1, height + 1, dtype=pl.Int64, eager=True).alias(ROW)
    headers = tuple(sound(header) or "" for header in rows.headers)
    return Raw(headers, pl.DataFrame([*columns, numbers]), database.label, sheet=table.name)


# -- which kind of database ---------------------------------------------------------------------------------------


@contextmanager
def _opened(source: object, limits: Limits) -> Iterator[Database]:
    """The database that a source stands for; whatever its driver raises becomes our error."""
    try:
        with _kind_of(source, limits) as database:
            yield database
    except CampaignError:
        raise
    except ImportError as error:
        raise _extra(error) from None
    except Exception as error:  # noqa: BLE001  drivers may raise anything
        raise refuse("database-unreadable", name=_label(source), reason=_reason(error, source)) from None


def _kind_of(source: object, limits: Limits) -> Any:
    """A context that gives a `Database`."""
    if isinstance(source, str) and source.startswith(_SQLITE) and len(source) > len(_SQLITE):
        source = Path(unquote(source.removeprefix(_SQLITE).partition("?")[0]))
    if isinstance(source, Path) or (isinstance(source, str) and "://" not in source):
        from campaignrules.intake.databases.sqlite import opened  # noqa: PLC0415  only who submits SQLite needs it

        return opened(Path(source), limits)
    from campaignrules.intake.databases import connections  # noqa: PLC0415  only who submits a database needs it

    if isinstance(source, str):
        return connections.of_url(source)
    if _is_of("sqlalchemy", source):
        return connections.of_sqlalchemy(source)
    if _is_of("adbc_driver_manager", source):
        return connections.of_adbc(source)
    if is_connection(source):
        return connections.of_driver(source)
    raise refuse("not-a-submission", kind=type(source).__name__)


def _is_of(package: str, source: object) -> bool:
    return type(source).__module__.partition(".")[0] == package


def quoted(name: str, mark: str = '"') -> str:
    """A name as SQL has it, whatever it holds."""
    return mark + name.replace(mark, mark * 2) + mark


# -- errors -------------------------------------------------------------------------------------------------------


def _extra(error: ImportError) -> CampaignError:
    """A driver that is not installed."""
    missing = (error.name or "").partition(".")[0]
    package = "'campaignrules[databases]'" if missing in ("", "sqlalchemy", "psycopg") else missing
    return refuse("extra-missing", what=missing or "SQL", command=f"pip install {package}")


def _label(source: object) -> str:
    if isinstance(source, Path):
        return source.name
    return without_passwords(source, source) if isinstance(source, str) else type(source).__module__.partition(".")[0]


def _reason(error: Exception, source: object) -> str:
    """The first line of what a driver says."""
    said = str(getattr(error, "orig", None) or error).strip()
    line = said.splitlines()[0] if said else ""
    return visible(without_passwords(f"{type(error).__name__}: {line}", source)[:_LONGEST])
