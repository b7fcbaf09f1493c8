"""Engines: whatever holds tables and answers queries, in the same words.

In: a `Query`, or a table. Out: Polars frames of few rows (whole numbers Int64 or Int128, dates Date, text String), and
what is known of a table's columns. What a driver raises becomes `database-unreadable`, its first line without passwords.
Must not know: campaigns, records, how a query came about.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from typing import Any, Final, Literal, TypeVar

import polars as pl
from attrs import frozen
from sqlglot import exp

from campaignrules.errors import CampaignError, fault, visible
from campaignrules.relational.dialects import Dialect, named, number, quoted
from campaignrules.relational.passwords import without_passwords
from campaignrules.relational.queries import Query

ColumnKind = Literal[
    "integer", "decimal", "float", "text", "date", "timestamp", "timestamptz", "bool", "texts", "other"
]
TableName = str | tuple[str, str]
"""A table or view: its name, or schema and name."""
Key = TypeVar("Key")
Then = Callable[[pl.DataFrame], pl.DataFrame]
"""What is made of an answer."""
_LONGEST = 300
"""Characters of a driver's message that are shown."""


@frozen
class ColumnType:
    """What a column holds; `precision` and `scale` of a decimal (None: any), `name`: the engine's own word for it."""

    kind: ColumnKind
    name: str
    precision: int | None = None
    scale: int | None = None


class Engine:
    """One source of tables. `label`: how findings name it, without passwords."""

    dialect: Dialect
    label: str

    def run(self, query: Query) -> pl.DataFrame:
        """The answer. Raises CampaignError."""
        raise NotImplementedError

    def run_all(self, queries: Mapping[Key, Query], then: Then | None = None) -> dict[Key, pl.DataFrame]:
        """All answers under their keys, all of one state of the data if the engine can. Raises CampaignError.

        `then`: what is made of each answer, perhaps in another thread, while the engine works on the next.
        """
        with self.together():
            return {key: made(self.run(query), then) for key, query in queries.items()}

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything asked inside sees one state of the data, where the engine can; nothing is left open after it."""
        yield

    def table(self, given: Any) -> exp.Table:
        """What stands in FROM for a name, schema and name, or a table object of the engine. Raises CampaignError."""
        if isinstance(given, str):
            return exp.Table(this=quoted(given))
        schema, name = given
        return exp.Table(this=quoted(name), db=quoted(schema))

    def tables(self) -> list[str]:
        """Names of the tables and views of the current schema. Raises CampaignError."""
        raise NotImplementedError

    def columns(self, table: exp.Table) -> dict[str, ColumnType]:
        """The table's columns in their order. Raises CampaignError."""
        raise NotImplementedError

    def height(self, table: exp.Table, most: int | None = None) -> int:
        """How many rows it has; looks at no more than `most`. Raises CampaignError."""
        counted = exp.select(named(self.dialect.count(), "n"))
        if most is None:
            asked = counted.from_(table.copy())
        else:
            some = exp.select(named(number(1), "one")).from_(table.copy()).limit(most)
            asked = counted.from_(exp.Subquery(this=some, alias=exp.TableAlias(this=quoted("some"))))
        return int(self.run(Query(asked))["n"][0])

    def zone(self) -> str:
        """The time zone in which moments have dates."""
        raise NotImplementedError

    def close(self) -> None:
        """Drops what was registered here; a connection of the user stays open."""


# -- tables that have no name -------------------------------------------------------------------------------------

_NUMBERS: Final = count(1)
_LEFT: Final[deque[Callable[[], object]]] = deque()
"""Names that nobody needs any more. They are dropped when the next is given: a driver may stand anywhere when Python
collects what is not needed."""


class Views:
    """Table objects under names of their own, for as long as an engine is needed. `give`, `drop`: the driver's way."""

    def __init__(self, engine: Engine, give: Callable[[str, Any], object], drop: Callable[[str], object]) -> None:
        self._label, self._give, self._drop = engine.label, give, drop
        self._named: dict[str, Any] = {}
        weakref.finalize(engine, _leave, self._named, drop).atexit = False

    def name(self, given: Any) -> str:
        """The same for the same object. Raises CampaignError."""
        while _LEFT:
            with suppress(Exception):  # its connection may be closed
                _LEFT.popleft()()
        for name, known in self._named.items():
            if known is given:
                return name
        name = f"campaignrules_{next(_NUMBERS)}"
        with drivers_faults(self._label):
            self._give(name, given)
        self._named[name] = given
        return name

    def close(self) -> None:
        """Drops them all."""
        while self._named:
            with drivers_faults(self._label):
                self._drop(self._named.popitem()[0])


def _leave(named: dict[str, Any], drop: Callable[[str], object]) -> None:
    _LEFT.extend(partial(drop, name) for name in named)


# -- answers ------------------------------------------------------------------------------------------------------


def made(frame: pl.DataFrame, then: Then | None) -> pl.DataFrame:
    """What is made of an answer."""
    return frame if then is None else then(frame)


def tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers as Int64, or Int128 where the engine's type is wider."""
    return frame.with_columns(
        pl.col(name).cast(wanted)
        for name, kind in frame.schema.items()
        if (wanted := _whole_type(kind)) is not None and wanted != kind
    )


def _whole_type(kind: pl.DataType) -> Any:
    if isinstance(kind, pl.Decimal):
        return pl.Int128 if kind.scale == 0 else None
    if not kind.is_integer():
        return None
    return pl.Int128 if kind in (pl.Int128, pl.UInt64) else pl.Int64


# -- errors -------------------------------------------------------------------------------------------------------


@contextmanager
def drivers_faults(label: str, source: object = None) -> Iterator[None]:
    """Whatever a driver raises inside becomes `database-unreadable`; Ctrl-C and our own errors pass.

    `source`: what was being opened, whose password is not to be seen.
    """
    try:
        yield
    except CampaignError:
        raise
    except Exception as error:  # noqa: BLE001  drivers may raise anything
        raise unreadable(label, error, source) from None


def unreadable(label: str, error: Exception, source: object = None) -> CampaignError:
    """The error for what a driver raised."""
    said = str(error).strip()
    line = f"{type(error).__name__}: {said.splitlines()[0] if said else ''}"
    line = without_passwords(line, source)[:_LONGEST]  # half a password would not be known again
    return CampaignError(fault("database-unreadable", None, name=label, reason=visible(line)))
