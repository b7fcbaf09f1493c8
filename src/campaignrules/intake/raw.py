"""What readers give: raw tables; the limits that they keep, those on the bytes of a file among them.

Must not know: campaigns, where a table came from.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import field, frozen

from campaignrules.intake.findings import refuse
from campaignrules.intake.headers import Meant
from campaignrules.intake.partitions import Partitions
from campaignrules.intake.sheets import Formats
from campaignrules.quantities import Unit
from campaignrules.results import Finding

if TYPE_CHECKING:
    from campaignrules.relational.sources import HeldTable

ROW: Final = "row"


@frozen(eq=False, repr=False)
class Limits:
    """What readers take at most, and how many findings are listed; frames given by a program are not limited.

    `bytes`: of a file; `files`: of a folder; `parts`: Parquet files in it that are parts of tables; `scanned`: Parquet
    with more rows is scanned instead of read; `unpacked`, `ratio`: bytes of packed files, and how many come of one;
    `cell`: characters; `depth`: of JSON.
    """

    bytes: int = 64 * 2**20
    rows: int = 1_000_000
    columns: int = 200
    files: int = 1_000
    parts: int = 100_000
    scanned: int = 200_000
    findings: int = 1_000
    unpacked: int = 256 * 2**20
    ratio: int = 100
    cell: int = 32_767
    depth: int = 32


def bytes_of(path: Path, limits: Limits) -> bytes:
    """The bytes of a file; what it grows by meanwhile is not read. Raises CampaignError beyond the limit."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(min(size, limits.bytes) + 1)  # a buffer of the limit's size would be asked for at once
    if len(data) > limits.bytes:
        raise refuse("byte-limit", limit=limits.bytes)
    return data


@frozen(eq=False, repr=False)
class Stated:
    """What stands above a header.

    `units`: dimension → unit of measure of number columns whose header has none; `unit`: who submits, as written;
    `period`: the window reported on, as written; `on`: the day of submission.
    """

    units: Mapping[str, Unit] = field(factory=dict)
    unit: str | None = None
    period: str | None = None
    on: dt.date | None = None


@frozen(eq=False, repr=False)
class Raw:
    """A table as it came. `frame`: columns `r0` … in the order of `headers`, and in tables that are in memory `row`.

    `letters`: the spreadsheet's column of each header (from 0; -1 for one that stands elsewhere), () where cells have no
    addresses. `meant`: what each column is meant for, where that is known already. `header_row`: where the header, or its
    last row, stands. `input`: the number of what it was read from, among all inputs. `beside`: good rows outside the
    campaign's period that belong to the table but not to the frame: a live session looks again at the other rows only.
    `parts`: the files that a scan of several is made of. `held`: the table itself, where an engine holds it and nothing of
    it is here: `frame` has no rows then. `folders`: columns that names of folders tell, which nobody wrote into the table.
    """

    headers: tuple[str, ...]
    frame: pl.DataFrame | pl.LazyFrame
    file: str | None = None
    findings: tuple[Finding, ...] = ()
    sheet: str | None = None
    letters: tuple[int, ...] = ()
    formats: Formats = field(factory=lambda: Formats(percent={}))
    stated: Stated = field(factory=Stated)
    dates_from: dt.date = dt.date(1899, 12, 30)
    meant: tuple[Meant | None, ...] | None = None
    header_row: int = 1
    input: int = -1
    beside: int = 0
    parts: Partitions | None = None
    held: HeldTable | None = None
    folders: frozenset[str] = frozenset()

    @property
    def lazy(self) -> bool:
        return isinstance(self.frame, pl.LazyFrame)

    @property
    def read(self) -> int:
        """How many rows were read, those that were no table rows included."""
        height = 0 if isinstance(self.frame, pl.LazyFrame) else self.frame.height
        height = self.held.height if self.held is not None else height
        return height + sum(found.set_aside for found in self.findings)


@frozen
class Source:
    """Where rows came from: a table in a file or sheet (None: a program gave it).

    `unit`: id of the unit that the heading says submits; `period`, `on`: the period and day it says. `rows`: how many
    were read; `kept`: how many of them may count, None when nobody has looked.
    """

    record: str
    file: str | None
    sheet: str | None
    unit: str | None
    period: str | None
    on: dt.date | None
    rows: int
    header_row: int = 1
    kept: int | None = None
