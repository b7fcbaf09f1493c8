"""Many Parquet files as one table: their partition columns, which of them can matter, and where a row of it stands.

In: files with what their footers say. Out: a scan, and the place of a row in it. A column of a partition is in the path
(`year=2023/unit=甲县`): its text counts as a cell of every row. A file is left out only on proof that none of its rows can
make a difference: by the least and greatest day of a date column, or the date its path says. Must not know: campaigns,
how cells are read.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path, PurePath
from typing import Any, Final, Literal
from urllib.parse import unquote

import polars as pl
from attrs import evolve, frozen

from campaignrules.intake.footers import Days

_EMPTY: Final = "__HIVE_DEFAULT_PARTITION__"
_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


@frozen
class Span:
    """The days of a field that matter: a row in which it is empty, before `first` or after `last` does not.

    `first`, `last`: None where there is no such day.
    """

    field: str
    first: dt.date | None = None
    last: dt.date | None = None


Needed = tuple[tuple[Span, ...], ...]
"""For each question about a record the spans by which a row may be outside it; outside one of them is enough."""


@frozen(eq=False, repr=False)
class PartFile:
    """One file. `days`: as its footer says; `told`: partition column → what its path says (None: nothing)."""

    path: Path
    label: str
    rows: int
    days: Mapping[str, Days]
    told: Mapping[str, str | None]


@frozen(eq=False, repr=False)
class Partitions:
    """Files with the same columns, in the order in which their rows are scanned.

    `columns`: those of the files, with their types; `types`: of the partition columns, which go before a column of that
    name. `left_out`: files that were not needed, which count no more.
    """

    files: tuple[PartFile, ...]
    columns: Mapping[str, Any]
    types: Mapping[str, Any]
    left_out: tuple[PartFile, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.columns, *self.types)))

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.files)

    @property
    def frame(self) -> pl.LazyFrame:
        """The rows, columns `r0` … in the order of the headers."""
        names = {name: f"r{i}" for i, name in enumerate(self.headers)}
        if not self.files:
            schema = {new: {**self.columns, **self.types}[name] for name, new in names.items()}
            return pl.LazyFrame(schema=schema)
        return self._scan().select(pl.col(name).alias(new) for name, new in names.items())

    def _scan(self) -> pl.LazyFrame:
        paths = [one.path for one in self.files]
        if not self.types:
            return pl.scan_parquet(paths, glob=False, hive_partitioning=False)
        outside = {key: pl.String() for key, _ in _told(paths[0]) if key not in self.types}
        return pl.scan_parquet(paths, glob=False, hive_partitioning=True, hive_schema={**outside, **self.types})

    def only(self, needed: Needed, columns: Mapping[str, str]) -> Partitions:
        """Without the files in which no row can matter. `columns`: field → the column that it is read from."""
        gone = [one for one in self.files if needed and all(_is_outside(one, self, q, columns) for q in needed)]
        if not gone:
            return self
        out = {id(one) for one in gone}
        return evolve(self, files=tuple(one for one in self.files if id(one) not in out), left_out=tuple(gone))

    def place(self, row: int) -> tuple[str, int]:
        """The file that a row (from 0) of the scan stands in, and the number a person gives it there (from 2)."""
        ends = list(accumulate(one.rows for one in self.files))
        at = bisect_right(ends, row)
        return self.files[at].label, row - (ends[at - 1] if at else 0) + 2


# -- which files can matter ---------------------------------------------------------------------------------------


def _is_outside(one: PartFile, among: Partitions, spans: Iterable[Span], columns: Mapping[str, str]) -> bool:
    """Whether some span proves that no row of a file is asked for."""
    found = ((span, columns[span.field]) for span in spans if span.field in columns)
    return any(_lies_outside(_days(one, among, column), span) for span, column in found)


def _days(one: PartFile, among: Partitions, column: str) -> Days | Literal["unknown"]:
    """Between which days a column of a file lies: as its path says, else as its footer does."""
    if column not in among.types:
        return one.days.get(column, "unknown")
    return _day_told(one.told[column]) if among.types[column] == pl.Date else "unknown"


def _lies_outside(days: Days | Literal["unknown"], span: Span) -> bool:
    if days is None or days == "unknown":
        return days is None
    before = span.first is not None and days[1] < _number(span.first)
    return before or (span.last is not None and days[0] > _number(span.last))


def _number(day: dt.date) -> int:
    return day.toordinal() - _EPOCH


def _day_told(text: str | None) -> Days:
    return None if text is None else (_number(dt.date.fromisoformat(text)),) * 2


# -- partition columns --------------------------------------------------------------------------------------------


def told_by(label: str) -> dict[str, str | None]:
    """The partition columns that the path of a file inside its folder says."""
    return dict(_told(PurePath(label)))


def _told(path: PurePath) -> Iterator[tuple[str, str | None]]:
    for part in path.parts[:-1]:
        key, sign, value = part.partition("=")
        if sign and key and value and "=" not in value:
            text = unquote(value)
            yield key, None if text == _EMPTY else text


def types_of(told: Iterable[Mapping[str, str | None]]) -> dict[str, Any]:
    """The types of partition columns: dates and whole numbers where every text is one written plainly, else text."""
    found: dict[str, set[str]] = {}
    for one in told:
        for key, value in one.items():
            found.setdefault(key, set()).update(() if value is None else (value,))
    return {key: _type_of(values) for key, values in found.items()}


def _type_of(values: set[str]) -> Any:
    if values and all(_DAY.fullmatch(value) and _is_day(value) for value in values):
        return pl.Date()
    if values and all(_WHOLE.fullmatch(value) for value in values):
        return pl.Int64()
    return pl.String()


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text) is not None
    except ValueError:
        return False


def with_told(frame: pl.DataFrame, told: Mapping[str, str | None], types: Mapping[str, Any]) -> pl.DataFrame:
    """A file's rows in memory with its partition columns."""
    return frame.with_columns(pl.lit(_cell(value, types[key]), types[key]).alias(key) for key, value in told.items())


def _cell(text: str | None, kind: Any) -> str | int | dt.date | None:
    if text is None or kind == pl.String:
        return text
    return int(text) if kind == pl.Int64 else dt.date.fromisoformat(text)
