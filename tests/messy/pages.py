"""A sheet as somebody fills it in, and what the reader is to say about it.

In: cells as written, with the codes that must come of them. Out: files, and `Planted` findings. Must not know: the
library, counties.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from attrs import define, field, frozen
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests import workbooks


class Planted(NamedTuple):
    """A finding that must come of what was written."""

    file: str | None
    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None
    code: str
    set_aside: bool


# -- cells --------------------------------------------------------------------------------------------------------


@frozen
class Said:
    """A number or date that is not written plainly; what is counted as `written-otherwise`."""

    value: Any


@frozen
class Serial:
    """A date as a day number; what is counted as `serial-dates`."""

    value: int


@frozen
class Noisy:
    """A number with what binary arithmetic has left; what is counted as `float-noise`."""

    value: float


@frozen
class Shown:
    """A number that is shown in a format, such as 0.00%."""

    value: Any
    format: str


@frozen
class Formula:
    """A formula with its stored result, None: never saved."""

    text: str
    result: Any = None


@frozen
class Error:
    """The error that a formula came to."""

    value: str


_COUNTED = {Said: "written-otherwise", Serial: "serial-dates", Noisy: "float-noise"}


def bare(cell: Any) -> Any:
    """A cell as a program stores it."""
    return cell.value if isinstance(cell, Said | Serial | Noisy | Shown | Error) else cell


def amount(text: str, power: int = 0) -> int | float | None:
    """A number of the clean tables as a spreadsheet has it, in a unit 10 ** power smaller; '' is empty."""
    if not text:
        return None
    number = Decimal(text).scaleb(power)
    return int(number) if number == number.to_integral_value() else float(number)


def digits(text: str, power: int = 0) -> str:
    """The same as text."""
    return "" if not text else f"{Decimal(text).scaleb(power).normalize():f}"


def wide(text: str) -> str:
    """Full-width digits and points."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def day(text: str) -> dt.date | None:
    """A date of the clean tables."""
    return dt.date.fromisoformat(text) if text else None


def letter(column: int) -> str:
    """The letters of a column counted from 0."""
    return get_column_letter(column + 1)


# -- pages --------------------------------------------------------------------------------------------------------


@define
class Page:
    """One sheet, or one text file (`sheet` None). `left`: how many columns are empty before the first."""

    file: str
    sheet: str | None = None
    left: int = 0
    hidden: bool = False
    headers: list[str] = field(factory=list)
    rows: list[list[Any]] = field(factory=list)
    merged: list[tuple[int, int, int, int]] = field(factory=list)
    hidden_rows: list[int] = field(factory=list)
    planted: list[Planted] = field(factory=list)
    _counted: dict[tuple[str, str], Planted] = field(factory=dict)

    @property
    def last(self) -> int:
        """The number of the row written last."""
        return len(self.rows)

    def add(self, *cells: Any) -> int:
        """Write a row as it stands; its number."""
        self.rows.append([None] * self.left + list(cells))
        return self.last

    def head(self, headers: str | Sequence[str]) -> int:
        """Write the header row; its number."""
        self.headers = headers.split(" ") if isinstance(headers, str) else list(headers)
        return self.add(*self.headers)

    def put(self, row: Mapping[str, Any], **faults: str) -> int:
        """Write a row by headers, those with blanks taken out; `faults`: header → the code that its cell must get."""
        number = self.add(*(row.get(_plain(header)) for header in self.headers))
        for header in self.headers:
            cell = row.get(_plain(header))
            code = _COUNTED.get(type(cell))
            if code is not None and (code, header) not in self._counted:
                self._counted[code, header] = self._place(code, number, header, aside=False)
        for header, code in faults.items():
            self.expect(code, number, header)
        return number

    def expect(self, code: str, row: int | None = None, header: str | None = None, *, aside: bool = True) -> None:
        """What must be said of a row or a cell, or of the sheet as a whole."""
        self.planted.append(self._place(code, row, header, aside=aside))

    def note(self, code: str, row: int | None = None, header: str | None = None) -> None:
        """What must be said though it sets nothing aside."""
        self.expect(code, row, header, aside=False)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Merge cells: rows from 1, columns from 0."""
        self.merged.append((top, left + self.left, bottom, right + self.left))

    def _place(self, code: str, row: int | None, header: str | None, *, aside: bool) -> Planted:
        written = next((one for one in self.headers if _plain(one) == header or one == header), header)
        column = self.headers.index(written) + self.left if written in self.headers else None
        cell = f"{letter(column)}{row}" if self.sheet and column is not None and row is not None else None
        return Planted(self.file, self.sheet, row, written, cell, code, aside)

    @property
    def expected(self) -> list[Planted]:
        return [*self.planted, *self._counted.values()]


_NOT_PLAIN = re.compile(r"(?:[（(/]|\s单位：).*|[\s　＊*]", re.DOTALL)


def _plain(header: str) -> str:
    """A header as the clean tables have it, without unit, marks and blanks."""
    return _NOT_PLAIN.sub("", header)


# -- files --------------------------------------------------------------------------------------------------------


def write_pages(folder: Path, pages: Sequence[Page], *, mac: bool = False) -> None:
    """The pages of one file, by its kind."""
    path = folder / pages[0].file
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        _write_xlsx(path, pages, mac=mac)
    else:
        sheets = {page.sheet or "": [[bare(cell) for cell in row] for row in page.rows] for page in pages}
        workbooks.write(path, sheets, [page.sheet or "" for page in pages if page.hidden])


def write_text(folder: Path, page: Page, encoding: str, separator: str) -> None:
    """A page as a text file."""
    out = io.StringIO()
    rows = ([_text(bare(cell)) for cell in row] for row in page.rows)
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    (folder / page.file).parent.mkdir(parents=True, exist_ok=True)
    (folder / page.file).write_bytes(out.getvalue().encode(encoding))


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _write_xlsx(path: Path, pages: Iterable[Page], *, mac: bool) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    if mac:
        book.epoch = CALENDAR_MAC_1904
    stored: dict[str, dict[str, str]] = {}
    for index, page in enumerate(pages, 1):
        sheet = book.create_sheet(page.sheet)
        sheet.sheet_state = "hidden" if page.hidden else "visible"
        formulas = stored[f"xl/worksheets/sheet{index}.xml"] = {}
        for r, row in enumerate(page.rows, 1):
            for c, value in enumerate(row, 1):
                _write_cell(sheet, r, c, value, formulas)
        for top, left, bottom, right in page.merged:
            sheet.merge_cells(start_row=top, start_column=left + 1, end_row=bottom, end_column=right + 1)
        for number in page.hidden_rows:
            sheet.row_dimensions[number].hidden = True
    book.save(path)
    workbooks.repack(path, lambda name, part: _with_formulas(part, stored.get(name, {})))


def _write_cell(sheet: Any, row: int, column: int, value: Any, formulas: dict[str, str]) -> None:
    if isinstance(value, Formula) and value.result is not None:
        formulas[f"{letter(column - 1)}{row}"] = value.text
        value = value.result
    plain = f"={value.text}" if isinstance(value, Formula) else bare(value)
    if plain is None:
        return
    cell = sheet.cell(row, column, plain)
    if isinstance(value, Error):
        cell.data_type = "e"
    elif isinstance(plain, str) and not isinstance(value, Formula):
        cell.data_type = "s"
    elif isinstance(value, Shown):
        cell.number_format = value.format
    elif isinstance(plain, dt.date):
        cell.number_format = "yyyy/m/d"


def _with_formulas(part: bytes, formulas: Mapping[str, str]) -> bytes:
    """A sheet with formulas before the results that were written as values."""
    for address, text in formulas.items():
        pattern = rf'(<c r="{address}"[^>]*>)(<v>)'.encode()
        part, changed = re.subn(pattern, rf"\g<1><f>{text}</f>\g<2>".encode(), part)
        assert changed == 1, address
    return part
