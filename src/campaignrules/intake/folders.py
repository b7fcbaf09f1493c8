"""Parquet files of a folder that are one table → raw tables: a few small ones each by itself, else one scan of them all.

In: files and what their table is called. Out: which files belong together; `Raw`s. The footer of each file is looked at,
and each page of one no larger than an upload may be, before anything is unpacked. Must not know: campaigns, fields,
which other forms of data there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import polars as pl
from attrs import evolve, frozen

from campaignrules.errors import CampaignError
from campaignrules.intake import frames
from campaignrules.intake.findings import finding, refuse
from campaignrules.intake.footers import Footer, footer_of
from campaignrules.intake.packed import parquet_size
from campaignrules.intake.partitions import PartFile, Partitions, told_by, types_of, with_told
from campaignrules.intake.raw import Limits, Raw
from campaignrules.results import Finding

PARQUET: Final = ".parquet"
LAYOUTS: Final = 64
"""So many sorts of columns the files of one table may have."""
_MANAGED: Final = ("_delta_log", ".hoodie")
"""A folder that holds one of these says elsewhere which of its files count."""

File = tuple[Path, str]


@frozen(eq=False, repr=False)
class Gathered:
    """The Parquet files of a folder that are one table. `name`: what it is called; `label`: how findings name it."""

    name: str
    label: str
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        return sum(size_of(path) for path, _ in self.files)


def size_of(path: Path) -> int:
    """How much there is to read; a file that has gone meanwhile is named when its turn comes."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


# -- which files are one table ------------------------------------------------------------------------------------


def name_of(label: str, top: str, wanted: Callable[[str], str | None]) -> str | None:
    """What the table of a Parquet file is called: as the file if that is the name of a table, else the nearest folder.

    `top`: the name of the folder that was submitted. What Spark writes beside its tables (`_temporary/…`) is none.
    """
    path = PurePosixPath(label)
    if wanted(path.stem) is not None:
        return path.stem
    for part in (*reversed(path.parts[:-1]), top):
        if wanted(part) is not None:
            return part
        if part.startswith("_") and "=" not in part:
            return None
    return None


def gathered(files: Iterable[File], top: str, wanted: Callable[[str], str | None]) -> list[File | Gathered]:
    """The files in order, those of Parquet that are one table together where the first of them stands."""
    found: dict[str, list[tuple[str, File]]] = {}
    order: list[File | str] = []
    for path, label in files:
        name = name_of(label, top, wanted) if path.suffix.casefold() == PARQUET else None
        meant = None if name is None else wanted(name)
        if name is None or meant is None:
            order.append((path, label))
            continue
        if meant not in found:
            order.append(meant)
        found.setdefault(meant, []).append((name, (path, label)))
    return [one if isinstance(one, tuple) else _together(found[one]) for one in order]


def _together(named: list[tuple[str, File]]) -> Gathered:
    labels = [label for _, (_, label) in named]
    above = os.path.commonpath(labels) if len(labels) > 1 else labels[0]
    return Gathered(named[0][0], above or "*.parquet", tuple(file for _, file in named))


def is_managed(folders: Iterable[str]) -> bool:
    """Whether a folder is kept by a program that notes elsewhere which files count: all of them would be too many."""
    return any(name in _MANAGED for name in folders)


# -- their rows ---------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Looked:
    """A file that was looked at. `unpacked`: bytes of its pages, None for one too large to look at each of them."""

    path: Path
    label: str
    footer: Footer
    packed: int
    unpacked: int | None
    told: Mapping[str, str | None]


Refused = Callable[[str, CampaignError], None]


def tables_of(one: Gathered, limits: Limits, refused: Refused) -> Iterator[tuple[Raw, tuple[File, ...]]]:
    """The raw tables of files that are one table, each with the files it is read from.

    `refused` is told of each file that cannot be read; the others still can.
    """
    looked = list(_looked_at(one.files, limits, refused))
    types = types_of(file.told for file in looked)
    if _is_small(looked, limits):
        for file in looked:
            try:
                yield _read(file, types, limits), ((file.path, file.label),)
            except CampaignError as error:
                refused(file.label, error)
        return
    for number, part in enumerate(_partitions(looked, types, one.label)):
        yield _scanned(part, one, number, limits), tuple((file.path, file.label) for file in part.files)


def _looked_at(files: Iterable[File], limits: Limits, refused: Refused) -> Iterator[_Looked]:
    for path, label in files:
        try:
            yield _look(path, label, limits)
        except CampaignError as error:
            refused(label, error)


def _look(path: Path, label: str, limits: Limits) -> _Looked:
    """The footer of a file, and the size of its pages. Raises CampaignError where it is damaged or packed too hard."""
    with frames.whole_or_refused(path), path.open("rb") as file:
        whole = os.fstat(file.fileno()).st_size
        footer = footer_of(file, whole)
        unpacked = None if whole > limits.bytes else parquet_size(file, whole, footer.raw)
        if unpacked is not None and unpacked > max(limits.unpacked, limits.ratio * whole):
            raise refuse("table-too-large", path=path.name, limit=limits.unpacked)
        return _Looked(path, label, evolve(footer, raw={}), whole, unpacked, told_by(label))


def _is_small(files: list[_Looked], limits: Limits) -> bool:
    """Whether files are read and checked as a whole; else they are scanned."""
    sizes = [file.unpacked for file in files if file.unpacked is not None]
    few = len(files) <= limits.files and len(sizes) == len(files)
    return few and sum(sizes) <= limits.unpacked and sum(file.footer.rows for file in files) <= limits.scanned


def _read(file: _Looked, types: Mapping[str, Any], limits: Limits) -> Raw:
    """A small file as a whole, with its partition columns."""
    raw = frames.whole_parquet(file.path, limits, lambda frame: with_told(frame, file.told, types))
    return evolve(raw, file=file.label)


def _partitions(files: list[_Looked], types: Mapping[str, Any], label: str) -> Iterator[Partitions]:
    """The files by their columns, in the order in which the first of each sort comes. Raises CampaignError."""
    columns: dict[bytes, Mapping[str, Any]] = {}
    found: dict[Any, list[_Looked]] = {}
    for file in files:
        if file.footer.layout not in columns:
            with frames.whole_or_refused(file.path):
                columns[file.footer.layout] = dict(pl.read_parquet_schema(file.path))
        sort = (frozenset(columns[file.footer.layout].items()), tuple(file.told))
        found.setdefault(sort, []).append(file)
        if len(found) > LAYOUTS:
            raise refuse("too-many-layouts", path=label, limit=LAYOUTS)
    for (_, keys), some in found.items():
        parts = tuple(PartFile(one.path, one.label, one.footer.rows, one.footer.days, one.told) for one in some)
        yield Partitions(parts, columns[some[0].footer.layout], {key: types[key] for key in keys})


def _scanned(part: Partitions, one: Gathered, number: int, limits: Limits) -> Raw:
    """A scan of files with the same columns. Those that differ from the first ones are named by the first of them."""
    label = part.files[0].label if number or len(one.files) == 1 else one.label
    with frames.whole_or_refused(one.files[0][0]):
        frame = part.frame
        frames.refuse_swollen(frame, sum(size_of(file.path) for file in part.files), label, limits)
    notes = _differing(part, label) if number else ()
    return Raw(part.headers, frame, label, notes, parts=part)


def _differing(part: Partitions, label: str) -> tuple[Finding, ...]:
    return (finding("other-columns", "", {"file": label}, count=len(part.files)),)
