"""What was read, by its SHA-256: a file by its bytes, a table of a program or a database by its cells.

In: bytes, paths, raw tables. Out: `Input`s that say their digest when asked. What is in memory anyway is hashed at once,
each byte once; a frame of a program, and a file too large to be read as a whole, when somebody asks. Must not know:
campaigns, receipts.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from attrs import define

from campaignrules.intake.conversion import as_text
from campaignrules.intake.raw import Raw

Of = Literal["bytes", "cells"]
_STEP: Final = 2**20
_BATCH: Final = 50_000


@define(eq=False, repr=False, slots=False)
class Input:
    """One file or table that was read. `of`: what is hashed, the bytes of a file or the cells of a table."""

    name: str
    of: Of
    _digest: Callable[[], str | None]

    @cached_property
    def sha256(self) -> str | None:
        """None where it has changed since it was read, or can no longer be read."""
        return self._digest()


def of_bytes(name: str, data: bytes) -> Input:
    """A file that is in memory."""
    digest = hashlib.sha256(data).hexdigest()
    return Input(name, "bytes", lambda: digest)


def of_file(name: str, path: Path, most: int) -> Input:
    """A file that others read by its path; one of more than `most` bytes is hashed when somebody asks."""
    before = path.stat()
    if before.st_size > most:
        return Input(name, "bytes", lambda: _file_digest(path, before))
    digest = _file_digest(path, before)
    return Input(name, "bytes", lambda: digest)


def of_files(name: str, files: Sequence[tuple[Path, str]], most: int) -> Input:
    """Files that are read as one table: one alone by its bytes, several by those of each under its label, when asked."""
    if len(files) == 1:
        return of_file(name, files[0][0], most)
    before = [path.stat() for path, _ in files]
    return Input(name, "bytes", lambda: _files_digest(files, before))


def _files_digest(files: Sequence[tuple[Path, str]], before: Sequence[os.stat_result]) -> str | None:
    told = [(label, _file_digest(path, was)) for (path, label), was in zip(files, before, strict=True)]
    return None if any(one is None for _, one in told) else hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _file_digest(path: Path, before: os.stat_result) -> str | None:
    """None when the file is not what it was: then nobody knows what was read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_STEP):
                found.update(part)
            after = os.fstat(file.fileno())
    except OSError:
        return None
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return found.hexdigest() if same else None


def of_table(name: str, raw: Raw) -> Input:
    """A table of a program, in the order of its rows."""
    return Input(name, "cells", lambda: _cells_digest(raw.headers, _batches(raw)))


def of_database(name: str, raw: Raw) -> Input:
    """A table of a database, in whatever order it gives the rows."""
    digest = _cells_digest(raw.headers, _ordered(raw))
    return Input(name, "cells", lambda: digest)


def of_held(name: str, raw: Raw) -> Input:
    """A table that stays in its engine: nobody reads it as a whole, and what stands in it may change."""
    return Input(name, "cells", lambda: None) if raw.held is not None else of_database(name, raw)


def _ordered(raw: Raw) -> Iterator[list[pl.Series]]:
    """The columns with the rows in order: by the first column where its cells all differ, else by all of them."""
    for columns in _batches(raw):
        frame = pl.DataFrame([as_text(cells).alias(f"r{i}") for i, cells in enumerate(columns)])
        enough = frame.columns[:1] if columns and frame["r0"].n_unique() == frame.height else frame.columns
        yield (frame.sort(enough) if columns else frame).get_columns()


def _batches(raw: Raw) -> Iterator[list[pl.Series]]:
    """The columns in the order of the headers, in parts that are in memory; in which parts makes no difference."""
    names = [f"r{i}" for i in range(len(raw.headers))]
    if isinstance(raw.frame, pl.DataFrame):
        yield [raw.frame[name] for name in names]
        return
    frame = raw.frame.select(names)
    if hasattr(frame, "collect_batches"):
        parts: Iterable[Any] = frame.collect_batches(chunk_size=_BATCH, maintain_order=True)
    else:  # Polars before 1.34 has the whole frame in memory
        parts = [frame.collect(engine="streaming")]
    for part in parts:
        yield part.get_columns()


def _cells_digest(headers: tuple[str, ...], batches: Iterable[list[pl.Series]]) -> str | None:
    """The digest of all columns in the order of their names."""
    columns = [_Column() for _ in headers]
    try:
        for batch in batches:
            for column, cells in zip(columns, batch, strict=True):
                column.add(cells)
    except (pl.exceptions.PolarsError, OSError):
        return None  # a scan whose file has gone meanwhile
    told = sorted((header, *column.digests) for header, column in zip(headers, columns, strict=True))
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


_LARGEST: Final = 18
"""Digits that surely fit into 64 bits."""


class _Column:
    """The cells of one column: what can be counted as whole numbers, all else as texts, with how long each is.

    Without the lengths 'ab' 'c' would be 'a' 'bc'. Each of the three streams is the same however the rows come in parts, and
    nothing depends on how a version of Polars lays a column out.
    """

    def __init__(self) -> None:
        self.kind = "text"
        self.lists, self.shape, self.content = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def add(self, cells: pl.Series) -> None:
        dtype = cells.dtype
        if isinstance(dtype, pl.List) and dtype.inner == pl.String:
            _feed(self.lists, cells.list.len().cast(pl.Int64).fill_null(-1), "<i4")
            self._texts(cells.explode())
        elif dtype in _WHOLE:
            self._numbers(cells, str(dtype) if dtype in (pl.Date, pl.Boolean) else "whole")
        elif isinstance(dtype, pl.Decimal) and (dtype.precision or _LARGEST + 1) <= _LARGEST:
            self._numbers(cells.to_physical(), f"decimal {dtype.scale}")
        else:
            self._texts(as_text(cells))

    def _numbers(self, cells: pl.Series, kind: str) -> None:
        self.kind = kind
        _feed(self.shape, cells.is_null().cast(pl.UInt8), "u1")
        _feed(self.content, cells.cast(pl.Int64).fill_null(0), "<i8")

    def _texts(self, cells: pl.Series) -> None:
        _feed(self.shape, cells.str.len_bytes().cast(pl.Int64).fill_null(-1), "<i4")
        self.content.update((cells.str.join("").item() or "").encode())

    @property
    def digests(self) -> tuple[str, ...]:
        return self.kind, *(one.hexdigest() for one in (self.lists, self.shape, self.content))


_WHOLE: Final = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.Date, pl.Boolean)


def _feed(into: Any, numbers: pl.Series, form: str) -> None:
    into.update(numbers.to_numpy().astype(form, copy=False).tobytes())
