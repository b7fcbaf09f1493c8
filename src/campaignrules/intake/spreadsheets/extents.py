"""What is known of a workbook before its cells are read: which sheets it has, how far they reach, how cells look.

Made by the scanners of each kind of file, read by `spreadsheets`. Must not know: kinds of files, tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import IO, Final

from attrs import define, field, frozen

from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits
from campaignrules.intake.sheets import HEAD, Area, Formats, address

FROM_1900: Final = dt.date(1899, 12, 30)
FROM_1904: Final = dt.date(1904, 1, 1)
AIR: Final = 32
"""Cells of the rectangle that each filled cell may stand for."""
LITTLE: Final = 2_000_000
"""Cells of a rectangle that need no reason."""


@frozen(eq=False, repr=False)
class Look:
    """One sheet: how its cells look, merged cells where the reader does not tell, and errors it leaves out, by place.

    `longest`: no text has more characters.
    """

    formats: Formats = field(factory=lambda: Formats(percent=None))
    merged: tuple[Area, ...] = ()
    errors: Mapping[tuple[int, int], str] = field(factory=dict)
    longest: int = 2**31


@frozen(eq=False, repr=False)
class Book:
    """A workbook that was found to be harmless: the file for the reader, and `look(position, title)` of a sheet.

    `look` raises CampaignError where a sheet has cells too far out; it is asked before the reader reads the sheet.
    """

    file: IO[bytes]
    look: Callable[[int, str], Look]
    dates_from: dt.date = FROM_1900


@define(eq=False, repr=False)
class Extent:
    """How far the filled cells of a sheet reach: rows from 1, columns from 0."""

    label: str
    sheet: str
    limits: Limits
    last_row: int = 0
    last_column: int = -1
    first_row: int = 2**31
    first_column: int = 2**31
    filled: int = 0
    longest: int = 0

    def add(self, row: int, column: int, filled: int = 1) -> None:
        """A filled cell, or the farthest row and column of several. Raises CampaignError if it is out of bounds."""
        self.filled += filled
        if row > self.last_row:
            self.last_row = row
            if row > self.limits.rows + HEAD:
                raise refuse("too-many-rows", path=self.label, limit=self.limits.rows)
        if column > self.last_column:
            self.last_column = column
            if column >= self.limits.columns:
                raise refuse("too-many-columns", path=self.label, limit=self.limits.columns)
        self.first_row = min(row, self.first_row)
        self.first_column = min(column, self.first_column)

    def check(self) -> None:
        """The rectangle of the filled cells is not many times as large as they are. Raises CampaignError."""
        height, width = self.last_row - self.first_row + 1, self.last_column - self.first_column + 1
        if self.filled and height * width > LITTLE + AIR * self.filled:
            place = address(self.last_column, self.last_row)
            raise refuse("cells-far-apart", path=self.label, sheet=self.sheet, cell=place)


def column_number(letters: str) -> int:
    """The column that a spreadsheet calls by these letters, from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
