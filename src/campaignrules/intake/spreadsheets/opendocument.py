"""The parts of an .ods → `Book`: how far the cells of each table reach, and how they look.

In: parts that were unpacked and counted (`archives`). Out: a `Book` whose file holds the contents alone. One element may
stand for a million rows, or for a million blanks: what it stands for is counted before a reader writes it out. Must not
know: what the cells mean; their values are read by another.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from attrs import Factory, define

from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits
from campaignrules.intake.sheets import Area, Formats, address
from campaignrules.intake.spreadsheets import markup
from campaignrules.intake.spreadsheets.archives import damaged, packed
from campaignrules.intake.spreadsheets.extents import AIR, LITTLE, Book, Extent, Look

CONTENT: Final = "content.xml"
_KEPT: Final = ("mimetype", CONTENT, "META-INF/manifest.xml")
_MOST: Final = 2**31
_CELLS: Final = ("table-cell", "covered-table-cell")
_ERROR: Final = re.compile(rb'<table:table-cell\s[^>]*\bcalcext:value-type="error"[^>]*')
_VALUE: Final = re.compile(rb'\soffice:(?:value-type|string-value|value)="[^"]*"')


def book(parts: dict[str, bytes], label: str, limits: Limits) -> Book:
    """The workbook of these parts. Raises CampaignError."""
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise refuse("workbook-encrypted", path=label)
    kept: dict[str, bytes] = {name: parts[name] for name in _KEPT if name in parts}
    markup.check(kept, label)
    markup.check_data(kept, label)
    kept[CONTENT] = _ERROR.sub(lambda tag: _VALUE.sub(b"", tag[0]) + b' office:value-type="string"', kept[CONTENT])
    contents = _Contents(label, limits, min(limits.unpacked, 2**20 + limits.ratio * len(kept[CONTENT])))
    markup.walk(kept[CONTENT], label, contents.started, contents.ended, contents.wrote)
    for _, table in contents.tables:  # the reader reads all of them at once
        table.extent.check()
    return Book(packed(kept), partial(_look, contents))


@define(eq=False, repr=False)
class _Table:
    """A sheet while it is parsed."""

    extent: Extent
    row: int = 1
    spread: int = 0
    hidden: int = 0
    formulas: int = 0
    percent: dict[int, set[int]] = Factory(dict)
    unsaved: dict[int, set[int]] = Factory(dict)
    merged: list[Area] = Factory(list)


@define(eq=False, repr=False)
class _Cell:
    """A cell while it is parsed: how many there are of it, and whether it holds anything."""

    column: int
    times: int
    kind: str | None
    formula: bool
    spans: tuple[int, int]
    length: int = 0

    @property
    def filled(self) -> bool:
        return self.kind is not None or self.length > 0 or self.formula


@define(eq=False, repr=False)
class _Contents:
    """All sheets, and what is open while the file is parsed."""

    label: str
    limits: Limits
    text_left: int
    tables: list[tuple[str, _Table]] = Factory(list)
    open_table: _Table | None = None
    cells: list[_Cell] = Factory(list)
    cell: _Cell | None = None
    column: int = 0
    times: int = 1
    hides: bool = False

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CELLS:
            self._open_cell(attributes)
        elif name == "table-row":
            self._open_row(attributes)
        elif name == "table":
            self._open_table(attributes)
        elif name == "s" and self.cell is not None:
            self.cell.length += self._count(attributes, "text:c")
            if self.cell.length > self.text_left:
                raise refuse("unpacked-limit", path=self.label)

    def wrote(self, text: str) -> None:
        if self.cell is not None:
            self.cell.length += len(text)

    def ended(self, name: str) -> None:
        if name in _CELLS and self.cell is not None:
            if self.cell.filled:
                self.cells.append(self.cell)
            self.cell = None
        elif name == "table-row" and self.open_table is not None:
            self._close_row(self.open_table)
        elif name == "table":
            self.open_table = None

    def _open_table(self, attributes: dict[str, str]) -> None:
        title = attributes.get("table:name", "")
        if self.open_table is not None or len(self.tables) >= self.limits.files:
            raise damaged(self.label)  # a table inside a cell, which no reader reads
        self.open_table = _Table(Extent(self.label, title, self.limits))
        self.tables.append((title, self.open_table))

    def _open_row(self, attributes: dict[str, str]) -> None:
        if self.cell is not None or self.open_table is None:
            raise damaged(self.label)
        self.times = self._count(attributes, "table:number-rows-repeated")
        self.hides = attributes.get("table:visibility", "visible") != "visible"
        self.column = 0

    def _open_cell(self, attributes: dict[str, str]) -> None:
        if self.cell is not None:
            raise damaged(self.label)
        times = self._count(attributes, "table:number-columns-repeated")
        spans = (
            self._count(attributes, "table:number-rows-spanned"),
            self._count(attributes, "table:number-columns-spanned"),
        )
        kind = attributes.get("office:value-type")
        self.cell = _Cell(self.column, times, kind, "table:formula" in attributes, spans)
        self.column += times

    def _count(self, attributes: dict[str, str], name: str) -> int:
        text = attributes.get(name)
        if text is None:
            return 1
        if not (text.isascii() and text.isdigit() and len(text) < 11 and 0 < int(text) < _MOST):
            raise damaged(self.label)
        return int(text)

    def _close_row(self, table: _Table) -> None:
        """All cells of a row that hold anything, and the rows that are like it."""
        for cell in self.cells:
            table.extent.add(table.row + self.times - 1, cell.column + cell.times - 1)
            table.extent.add(table.row, cell.column, 0)
            table.spread += cell.times * self.times
            self.text_left -= cell.length * cell.times * self.times
            if table.spread > LITTLE + AIR * table.extent.filled:
                place = address(table.extent.last_column, table.extent.last_row)
                raise refuse("cells-far-apart", path=self.label, sheet=table.extent.sheet, cell=place)
            if self.text_left < 0:
                raise refuse("unpacked-limit", path=self.label)
            self._note(table, cell)
        table.hidden += self.times if self.hides and self.cells else 0
        table.row += self.times
        self.cells = []

    def _note(self, table: _Table, cell: _Cell) -> None:
        rows = range(table.row, table.row + self.times)
        columns = range(cell.column, cell.column + cell.times)
        if cell.kind == "percentage":
            _put(table.percent, columns, rows)
        if cell.formula:
            table.formulas += len(rows) * len(columns)
            if cell.kind is None and not cell.length:
                _put(table.unsaved, columns, rows)
        if cell.spans != (1, 1):
            table.merged.append(
                Area(table.row, cell.column, table.row + cell.spans[0] - 1, cell.column + cell.spans[1] - 1)
            )


def _put(found: dict[int, set[int]], columns: range, rows: range) -> None:
    for column in columns:
        found.setdefault(column, set()).update(rows)


def _look(contents: _Contents, position: int, title: str) -> Look:
    if position >= len(contents.tables) or contents.tables[position][0] != title:
        raise damaged(contents.label)
    table = contents.tables[position][1]
    percent = {column: frozenset(rows) for column, rows in table.percent.items()}
    unsaved = {column: frozenset(rows) for column, rows in table.unsaved.items()}
    merged = tuple(_within(area, table.extent) for area in table.merged)
    return Look(Formats(percent, unsaved, table.formulas, table.hidden), merged)


def _within(area: Area, extent: Extent) -> Area:
    return Area(area.top, area.left, min(area.bottom, extent.last_row), min(area.right, extent.last_column))
