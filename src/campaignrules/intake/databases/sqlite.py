"""SQLite files that come from anybody → rows: nothing is written, nothing is run that the reader did not ask for.

In: a path. Out: a `Database`. Views are queries of whoever made the file: what they may cost is bounded by the size of
the file and the rows that come. Must not know: fields, which tables are wanted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from attrs import define, field

from campaignrules.intake.databases import Database, Rows, TableOf, quoted
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits

_MAGIC: Final = b"SQLite format 3\0"
_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
_STEPS: Final = 10_000
"""So many instructions of SQLite's machine run between two looks at the bound."""
_START: Final = 5_000_000
_BY_BYTE: Final = 20
_BY_CELL: Final = 500
_LONGEST: Final = 2**24
"""Longer texts and blobs, and rows, end the reading of their table."""
_PART: Final = 5_000
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: _LONGEST,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 2**20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}
_READS: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_NAMES: Final = (
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Database]:
    """A SQLite file that nobody is writing to. Raises CampaignError."""
    _check(path, limits)
    name = quote(str(path.resolve()), safe="/")
    with closing(sqlite3.connect(f"file:{name}?mode=ro&immutable=1", uri=True, cached_statements=0)) as connection:
        yield _File(connection, path.name, limits, path.stat().st_size)


def _check(path: Path, limits: Limits) -> None:
    if not path.is_file():
        raise refuse("file-not-found", path=path)
    if path.stat().st_size > limits.bytes:
        raise refuse("byte-limit", limit=limits.bytes)
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise refuse("database-unreadable", name=path.name, reason="no SQLite 3")
    log, journal = (path.with_name(path.name + ending) for ending in ("-wal", "-journal"))
    if (log.is_file() and log.stat().st_size) or (journal.is_file() and _starts(journal) == _JOURNAL):
        raise refuse("database-in-use", name=path.name)


def _starts(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_JOURNAL))


def _text(data: bytes) -> str | bytes:
    """Text that is no UTF-8 stays bytes, which no field takes."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


@define(eq=False, repr=False)
class _File(Database):
    """An open SQLite file. `_left`: how many looks at the bound are left."""

    _connection: sqlite3.Connection
    label: str
    _limits: Limits
    _size: int
    _left: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        connection = self._connection
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
        for setting in (
            "trusted_schema=OFF",
            "query_only=ON",
            "cell_size_check=ON",
            "mmap_size=0",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {setting}")
        connection.text_factory = _text
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY)
        connection.set_progress_handler(self._tick, _STEPS)
        self._left = (_START + _BY_BYTE * self._size) // _STEPS

    def _tick(self) -> bool:
        """Called by SQLite as it works; True ends the query."""
        self._left -= 1
        return self._left < 0

    def names(self) -> list[str]:
        return [name for (name,) in self._connection.execute(_NAMES) if isinstance(name, str)]

    def rows(self, table: TableOf, most: int) -> Rows:
        self._left = (_START + _BY_BYTE * self._size) // _STEPS
        columns = table.columns or self._columns(table)
        if len(columns) > self._limits.columns:
            raise refuse("too-many-columns", path=f"{self.label}/{table.name}", limit=self._limits.columns)
        return Rows(columns, self._parts(table, columns, most))

    def _columns(self, table: TableOf) -> tuple[str, ...]:
        with self._bounded(table):
            found = self._connection.execute(f"SELECT * FROM {quoted(table.name)} LIMIT 0")  # noqa: S608  quoted
            return tuple(column[0] for column in found.description)

    def _parts(self, table: TableOf, columns: tuple[str, ...], most: int) -> Iterator[Sequence[Sequence[Any]]]:
        cells = ", ".join(self._cell(f"t.{quoted(name)}") for name in columns)
        asked = f"SELECT {cells} FROM {quoted(table.name)} AS t LIMIT {most + 1:d}"  # noqa: S608  quoted
        part: list[tuple[Any, ...]] = []
        taken = earned = 0
        with self._bounded(table):
            for row in self._connection.execute(asked):
                taken += sum([len(cell) for cell in row if cell.__class__ is str])
                if taken > self._limits.unpacked:
                    raise refuse("table-too-large", path=f"{self.label}/{table.name}", limit=self._limits.unpacked)
                part.append(row)
                if len(part) == _PART:
                    earned += _PART * len(columns) * _BY_CELL
                    self._left += earned // _STEPS
                    earned %= _STEPS
                    yield part
                    part = []
        if part:
            yield part

    def _cell(self, name: str) -> str:
        """A cell as Python may have it; of a blob, or a text longer than any cell, only that there is one."""
        text = f"CASE WHEN length({name}) > {self._limits.cell:d} THEN x'' ELSE {name} END"
        return f"CASE typeof({name}) WHEN 'text' THEN {text} WHEN 'blob' THEN x'' ELSE {name} END"

    @contextmanager
    def _bounded(self, table: TableOf) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError:
            if self._left < 0:
                raise refuse("database-too-slow", name=self.label, table=table.name) from None
            raise
