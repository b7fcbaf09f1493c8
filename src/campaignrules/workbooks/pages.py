"""A submitted file → a workbook to mark: as submitted where that can be done, else its cells copied into a fresh one.

In: the path of a file that intake has read, where the headers of its tables stand. Out: a `Paper`: the workbook, and for
each submitted sheet the page that shows it. Text is copied as text, never as a formula; macros and links to other files
are left out, formulas that need them become the values that were saved. Must not know: findings.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
from attrs import field, frozen
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from campaignrules.errors import CampaignError, Text, visible
from campaignrules.intake import Limits
from campaignrules.intake.conversion import JOINT
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.readers import Reading, read
from campaignrules.intake.sheets import Sheet
from campaignrules.intake.spreadsheets import archives
from campaignrules.intake.spreadsheets.grid import EMPTY, Grid
from campaignrules.workbooks import styles, vetting
from campaignrules.workbooks.styles import Look

MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 20 * 2**20
"""Unpacked. Of a larger file, or one of more rows, only the rows concerned are shown."""
MOST_WIDE: Final = 60
LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
_OUTSIDE: Final = re.compile(r"\[\d+\]")
_LOOKS: Final = {str: Look(format=styles.TEXT_FORMAT), dt.date: Look(format=styles.DATE_FORMAT)}
_HEAD: Final = Look(bold=True, format=styles.TEXT_FORMAT)
_NUMBER: Final = Look(colour="7F7F7F")


@frozen(eq=False, repr=False)
class Page:
    """A worksheet that shows a submitted sheet. `header`: where its header stands; `rows`: row submitted → row here."""

    sheet: Worksheet
    header: int = 1
    rows: Mapping[int, int] | None = None
    shift: int = 0
    _columns: dict[str, int | None] = field(factory=dict)

    def row(self, number: int | None) -> int | None:
        """Where a row of the file stands; None when it is not here."""
        if number is None or not 1 <= number + self.shift <= LAST_ROW:
            return None
        if self.rows is not None:
            return self.rows.get(number)
        return self.header if number < self.header and self.shift else number + self.shift

    def column(self, header: str) -> int | None:
        """The column with this header."""
        if header not in self._columns:
            self._columns[header] = self._found(visible(header))
        return self._columns[header]

    def _found(self, wanted: str) -> int | None:
        for row in range(self.header, max(self.header - 2, 0), -1):
            for column in range(1, min(self.sheet.max_column, 200) + 1):
                text = self.sheet.cell(row, column).value
                if isinstance(text, str) and visible(text.strip())[:79] == wanted[:79].strip():
                    return column
        return None

    def anchor(self, row: int, column: int) -> Cell:
        """The cell, or the one that shows for it in a merged area."""
        cell = self.sheet.cell(row, column)
        if isinstance(cell, MergedCell):
            for area in self.sheet.merged_cells.ranges:
                if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
                    return self.sheet.cell(area.min_row, area.min_col)  # type: ignore[return-value]  # no merged one
        return cell  # type: ignore[return-value]  # the same


@frozen(eq=False, repr=False)
class Paper:
    """A workbook to mark. `pages`: the sheet's name as submitted, None for a file that has none → its page."""

    book: Workbook
    pages: Mapping[str | None, Page]
    notes: tuple[Text, ...] = ()
    copied: bool = False


@frozen(eq=False, repr=False)
class Concern:
    """What is to be shown of a file. `headers`: sheet → header row; `rows`: sheet → rows that a finding is on."""

    headers: Mapping[str | None, int] = field(factory=dict)
    rows: Mapping[str | None, Collection[int]] = field(factory=dict)
    encoding: str | None = None

    def header(self, sheet: str | None) -> int:
        return self.headers.get(sheet, 0)


def papers_of(path: Path, concern: Concern, rows: int) -> Iterator[Paper]:
    """The workbook to mark for a file that was read, then the one to take when that cannot be written.

    `rows`: how many rows it has. Nothing when the file cannot be read again.
    """
    try:
        with path.open("rb") as file:
            data = file.read(Limits().bytes + 1)
        whole = rows <= MOST_ROWS and len(data) <= MOST_BYTES
        paper = _as_submitted(data, path, concern) if whole else None
        if paper is not None:
            yield paper
        yield _copied(path, concern, whole=whole)
    except (CampaignError, OSError):
        return


# -- as submitted -------------------------------------------------------------------------------------------------


def _as_submitted(data: bytes, path: Path, concern: Concern) -> Paper | None:
    """The workbook itself; None when it is of another kind, too large, or more than openpyxl can take."""
    if not data.startswith(b"PK\x03\x04"):
        return None
    parts = archives.unpacked(data, path.name, Limits())
    if "xl/workbook.xml" not in parts or sum(map(len, parts.values())) > MOST_BYTES or not vetting.is_fit(parts):
        return None
    try:
        book = _loaded(parts, values=False)
        notes = _closed(book, parts) if vetting.links_out(parts) else ()
        if any(name.endswith("vbaProject.bin") for name in parts):
            notes = (*notes, Text("原文件中的宏已去掉。", "The macros of the file were left out."))
    except Exception:  # noqa: BLE001  a reader of hostile bytes may raise anything; the cells are copied instead
        return None
    pages: dict[str | None, Page] = {
        visible(sheet.title): Page(sheet, max(concern.header(visible(sheet.title)), 1)) for sheet in book.worksheets
    }
    return Paper(book, pages, notes)


def _loaded(parts: Mapping[str, bytes], *, values: bool) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of what it does not keep
        return load_workbook(archives.packed(parts), data_only=values, keep_vba=False, keep_links=False)


def _closed(book: Workbook, parts: Mapping[str, bytes]) -> tuple[Text, ...]:
    """Formulas that refer to other files become the values that were saved for them."""
    saved = _loaded(parts, values=True)
    for sheet in book.worksheets:
        for (row, column), cell in list(sheet._cells.items()):  # noqa: SLF001  only what is there, not the rectangle
            formula = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
            if cell.data_type == "f" and _OUTSIDE.search(str(formula)):
                value = saved[sheet.title].cell(row, column).value
                styles.put(sheet, row, column, value)
                if value is None:
                    cell.value = None
    for name in [name for name, one in book.defined_names.items() if _OUTSIDE.search(one.value or "")]:
        del book.defined_names[name]
    return (
        Text(
            "引用其他文件的公式已换成原来保存的值。",
            "Formulas that refer to other files were replaced by the values that were saved.",
        ),
    )


# -- copied -------------------------------------------------------------------------------------------------------


def _copied(path: Path, concern: Concern, *, whole: bool) -> Paper:
    """A fresh workbook with the same cells; not `whole`: only headers and the rows concerned."""
    book = styles.new_book()
    pages: dict[str | None, Page] = {}
    contents = [piece.content for piece in read(path, Reading(Limits(), concern.encoding))]
    whole = whole and sum(map(_size, contents)) <= vetting.CELLS
    for content in contents:
        name = content.sheet if isinstance(content, Raw) else content.name
        key = None if name is None else visible(name)
        title = styles.sheet_name(name or path.stem, book.sheetnames)
        pages[key] = _Copy(book.create_sheet(title), whole, concern.header(key), concern.rows.get(key, ())).of(content)
    some = Text(
        "文件很大，这里只列出有问题的行；最右一列是原来的行号。",
        "The file is large: only the rows concerned are here; the last column has their numbers in the file.",
    )
    copied = Text("原文件不是 xlsx（或无法原样保留），内容已照抄到本文件。", "The cells of the file were copied here.")
    return Paper(book, pages, (copied,) if whole else (some,), copied=True)


def _size(content: Raw | Sheet) -> int:
    """How many cells there are."""
    if isinstance(content, Sheet):
        frame, _ = content.cells.below(0)
        return frame.height * content.cells.width
    return content.frame.height * len(content.headers) if isinstance(content.frame, pl.DataFrame) else vetting.CELLS


@frozen(eq=False, repr=False)
class _Copy:
    """A worksheet that the cells of one submitted sheet or table are written to."""

    sheet: Worksheet
    whole: bool
    header: int
    concerned: Collection[int]
    models: dict[type, Cell] = field(factory=dict)
    """A cell for each kind of value, dressed already."""

    def of(self, content: Raw | Sheet) -> Page:
        return self._table(content) if isinstance(content, Raw) else self._sheet(content)

    def _sheet(self, content: Sheet) -> Page:
        for row in content.cells.head():
            if row.number <= self.header:
                self._head(row.number, row.cells)
        frame, numbers = content.cells.below(self.header)
        if isinstance(content.cells, Grid):
            return self._body(numbers, _of_grid(content.cells, numbers), content.cells.width, self.header)
        columns = [f"r{i}" for i in range(content.cells.width) if f"r{i}" in frame.columns]
        return self._body(numbers, _of_frame(frame.select(columns)), content.cells.width, self.header)

    def _table(self, content: Raw) -> Page:
        self._head(1, content.headers)
        frame = content.frame.head(0).collect() if isinstance(content.frame, pl.LazyFrame) else content.frame
        numbers = frame[ROW] if ROW in frame.columns else pl.Series([], dtype=pl.Int64)
        first = numbers.min()
        shift = 1 if isinstance(first, int) and first < 2 else 0
        columns = [f"r{i}" for i in range(len(content.headers)) if f"r{i}" in frame.columns]
        return self._body(numbers, _of_frame(frame.select(columns)), len(content.headers), 1, shift)

    def _head(self, row: int, cells: Iterable[str]) -> None:
        for column, text in enumerate(cells, 1):
            if text:
                styles.put(self.sheet, row, column, text, _HEAD)

    def _body(self, numbers: pl.Series, rows: Rows, width: int, header: int, shift: int = 0) -> Page:
        last = numbers.max()
        if self.whole and (last is None or int(last) + shift <= LAST_ROW):  # type: ignore[arg-type]  # whole numbers
            for number, cells in zip(numbers.to_list(), rows(None), strict=True):
                self._row(number + shift, cells)
            _set_widths(self.sheet)
            return Page(self.sheet, max(header, 1), None, shift)
        wanted = numbers.is_in(list(self.concerned))
        placed = dict(zip(numbers.filter(wanted).to_list(), range(header + 1, LAST_ROW), strict=False))
        beside = width + 1
        for (number, row), cells in zip(placed.items(), rows(wanted), strict=True):
            self._row(row, cells)
            styles.put(self.sheet, row, beside, number, _NUMBER)
        styles.put(self.sheet, max(header, 1), beside, "原行号 Row", _HEAD)
        _set_widths(self.sheet)
        return Page(self.sheet, max(header, 1), {**placed, max(self.header, 1): max(header, 1)})

    def _row(self, row: int, cells: Iterable[Any]) -> None:
        for column, value in enumerate(cells, 1):
            if value is not None:
                held = _held(value)
                styles.like(self.sheet.cell(row, column), self._model(type(held)))
                styles.put(self.sheet, row, column, held)

    def _model(self, kind: type) -> Cell:
        """A cell that looks as all of one kind of value do; it stands on no sheet."""
        if kind not in self.models:
            self.models[kind] = Cell(self.sheet, 1, 1)
            styles.dress(self.models[kind], _LOOKS.get(kind, styles.PLAIN))
        return self.models[kind]


def _held(value: Any) -> object:
    """A value that a workbook can hold; several words in one cell as people separate them."""
    if isinstance(value, str):
        return value.replace(JOINT, "、") if JOINT in value else value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) >= 10**15:
        return str(value)
    return value if isinstance(value, (float, int, dt.date, dt.time, dt.timedelta)) else str(value)


def _set_widths(sheet: Worksheet) -> None:
    shown = zip(*sheet.iter_rows(1, MOST_WIDE, values_only=True), strict=True)
    texts = {i: [str(cell) for cell in column if cell is not None] for i, column in enumerate(shown, 1)}
    styles.set_widths(sheet, {i: styles.width_for(column) for i, column in texts.items() if column})


# -- rows of what was read ----------------------------------------------------------------------------------------

Rows = Callable[[pl.Series | None], Iterator[Sequence[Any]]]
"""The rows that are true in a mask, or all of them."""


def _of_frame(frame: pl.DataFrame) -> Rows:
    return lambda mask: (frame if mask is None else frame.filter(mask)).iter_rows()


def _of_grid(grid: Grid, numbers: pl.Series) -> Rows:
    """The cells of a workbook each as it is, where a column of text and numbers has but text."""

    def rows(mask: pl.Series | None) -> Iterator[Sequence[Any]]:
        for number in (numbers if mask is None else numbers.filter(mask)).to_list():
            cells = (column[number - grid.top] for column in grid.columns)
            yield (*(None for _ in range(grid.left)), *(None if cell == EMPTY else cell for cell in cells))

    return rows
