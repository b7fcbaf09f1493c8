"""A sheet: a rectangle of cells as they came, before anybody knows which table it holds or where that begins.

Made by the readers of text files (`delimited`) and workbooks (`spreadsheets`), read by `headings`. Must not know:
campaigns, fields, types of fields.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Protocol

import polars as pl
from attrs import field, frozen

from campaignrules.results import Finding

HEAD: Final = 60
"""Among so many first rows that hold anything a header is looked for."""


LISTS: Final = ("词表", "Lists")
"""The hidden sheet of our templates with the words to choose from."""


@frozen(eq=False, repr=False)
class Area:
    """Cells that are merged, both ends included; rows as a person counts them (from 1), columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


@frozen(eq=False, repr=False)
class HeadRow:
    """One of the first rows: its number (from 1) and its cells as text, '' for empty ones; `cells[0]` is column A."""

    number: int
    cells: tuple[str, ...]


class Cells(Protocol):
    """What holds the cells of a sheet."""

    @property
    def width(self) -> int:
        """Columns, those before the first filled one included."""

    def head(self) -> list[HeadRow]:
        """The first `HEAD` rows that are not empty."""

    def below(self, row: int) -> tuple[pl.DataFrame, pl.Series]:
        """The rows with greater numbers that are not empty, columns `r0` … `r{width-1}`, and their numbers (Int64).

        A column is of one type: String, or Float64, Date or Boolean where every cell of it is so. A cell of another
        type than most is text as people would write it. Empty cells are null.
        """


@frozen(eq=False, repr=False)
class Formats:
    """What only the program that wrote a workbook shows, each as {column: row numbers}.

    `percent`: numbers shown as a percentage (0.5 is shown as 50 %); None: the kind of file does not tell. `unsaved`:
    formulas whose result was never saved. `formulas`, `hidden`: how many cells are formulas, how many rows are hidden.
    """

    percent: dict[int, frozenset[int]] | None = field(factory=dict)
    unsaved: dict[int, frozenset[int]] = field(factory=dict)
    formulas: int = 0
    hidden: int = 0


@frozen(eq=False, repr=False)
class Sheet:
    """One sheet of a workbook (`name`), or a text file (None). `file`: how findings name the file.

    `numbered`: whether cells have addresses like D12. `findings`: what the reader has to say, lines that are no rows
    among it; `dates_from`: day 0 of dates written as bare numbers; `hidden`: nobody looked into it.
    """

    cells: Cells
    file: str | None
    name: str | None = None
    merged: tuple[Area, ...] = ()
    formats: Formats = field(factory=lambda: Formats(percent=None))
    findings: tuple[Finding, ...] = ()
    numbered: bool = False
    dates_from: dt.date = dt.date(1899, 12, 30)
    hidden: bool = False


def address(column: int, row: int) -> str:
    """How a spreadsheet names a cell: column 3, row 12 is D12."""
    letters = ""
    index = column + 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
