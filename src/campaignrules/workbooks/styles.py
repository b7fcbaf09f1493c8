"""How our workbooks look, and how text gets into them: fonts, colours, widths, page, names of sheets, cells.

Comes in: sheets of openpyxl, texts of anybody. Goes out: cells whose text is text, whatever it begins with. Must not
know: campaigns, what a sheet is about.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, Final
from weakref import WeakKeyDictionary

from attrs import frozen
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from campaignrules.errors import width_of

FONT: Final = "微软雅黑"
"""Programs that lack it take their own Chinese font; nothing depends on its widths."""
LONGEST_CELL: Final = 32_767
LONGEST_NAME: Final = 31
TEXT_FORMAT: Final = "@"
DATE_FORMAT: Final = "yyyy-mm-dd"

_THIN: Final = Side(style="thin", color="FFBFBFBF")
GRID: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def filled_with(colour: str) -> PatternFill:
    """A cell of one colour, as `FFF2CC`."""
    return PatternFill("solid", start_color=f"FF{colour}", end_color=f"FF{colour}")


@frozen(repr=False)
class Look:
    """How a cell looks. `format`: of numbers and dates, `@` keeps what is typed as text."""

    size: float = 10
    bold: bool = False
    colour: str = "000000"
    fill: str | None = None
    wrap: bool = False
    shrink: bool = False
    across: str = "left"
    down: str = "center"
    framed: bool = False
    format: str = "General"
    underlined: bool = False


HEADING: Final = Look(size=14, bold=True, colour="1F3864")
SECTION: Final = Look(size=11, bold=True, colour="1F3864", fill="DDEBF7", framed=True)
HEADER: Final = Look(bold=True, fill="DDEBF7", wrap=True, across="center", framed=True)
REQUIRED_HEADER: Final = Look(bold=True, fill="FCE4D6", wrap=True, across="center", framed=True)
PLAIN: Final = Look()
WRAPPED: Final = Look(wrap=True, down="top")
FRAMED: Final = Look(wrap=True, down="top", framed=True)
QUIET: Final = Look(colour="595959")
LABEL: Final = Look(across="right", colour="595959")
ENTRY: Final = Look(fill="FFF9E7", framed=True, format=TEXT_FORMAT)

NEEDED: Final = filled_with("FFF2CC")
"""For a required cell of a row that was begun, as long as it is empty."""


_DRESSED: Final[WeakKeyDictionary[Any, dict[Look, Any]]] = WeakKeyDictionary()
"""Workbook → look → its parts as the workbook keeps them; to look them up takes most of the time of writing a cell."""


def dress(cell: Cell, look: Look) -> None:
    """Give a cell its look."""
    book: Any = cell.parent
    known = {} if cell.has_style else _DRESSED.setdefault(book.parent, {})
    if look in known:
        cell._style = copy(known[look])  # type: ignore[attr-defined]  # noqa: SLF001  see `like`
        return
    underline: Any = "single" if look.underlined else None
    cell.font = Font(name=FONT, size=look.size, bold=look.bold, color=f"FF{look.colour}", underline=underline)
    across: Any = look.across
    cell.alignment = Alignment(horizontal=across, vertical=look.down, wrap_text=look.wrap, shrink_to_fit=look.shrink)
    cell.number_format = look.format
    if look.fill is not None:
        cell.fill = filled_with(look.fill)
    if look.framed:
        cell.border = GRID
    known[look] = copy(cell._style)  # type: ignore[attr-defined]  # noqa: SLF001  see `like`


def like(cell: Any, model: Any) -> None:
    """The same look as another cell of the workbook, without looking the parts up again."""
    cell._style = copy(model._style)  # noqa: SLF001  openpyxl shares styles in no other way


def when(sheet: Worksheet, cells: str, formula: str, fill: PatternFill | None = None) -> None:
    """Lines around cells, and a colour, wherever the formula holds; it is written for the first of them."""
    rule: Any = FormulaRule
    sheet.conditional_formatting.add(cells, rule(formula=[formula], fill=fill, border=GRID))


# -- text ---------------------------------------------------------------------------------------------------------

_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff]")
"""XML may not hold them either, though openpyxl lets them through."""
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def clean(text: str, limit: int = LONGEST_CELL) -> str:
    """Text that a workbook can hold: without control characters, of so many UTF-16 units at most."""
    held = _NO_CHARACTERS.sub("", ILLEGAL_CHARACTERS_RE.sub("", text[: limit + 1])).encode("utf-16-le", "replace")
    if len(held) <= 2 * limit:
        return held.decode("utf-16-le")
    return held[: 2 * limit - 2].decode("utf-16-le", "ignore") + "…"


def put(sheet: Worksheet, row: int, column: int, value: object, look: Look | None = None) -> Cell:
    """Write a value; text stays text, whatever it begins with. Rows and columns from 1."""
    cell: Any = sheet.cell(row, column)
    if look is not None:
        dress(cell, look)
    if isinstance(value, str):
        write_text(cell, value)
    elif value is not None:
        kept = cell.number_format
        cell.value = value
        cell.number_format = kept if kept != "General" else cell.number_format
    return cell  # type: ignore[no-any-return]


def write_text(cell: Cell, text: str) -> None:
    """Text as text: neither a formula nor an error nor an escaped character."""
    cell.value = _ESCAPE.sub("_x005F_", clean(text))
    cell.data_type = "s"
    if text[:1] in _STARTS:
        cell.quotePrefix = True


_STARTS: Final = tuple("=+-@＝＋－＠\t\r")


# -- sheets -------------------------------------------------------------------------------------------------------

_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")


def sheet_name(title: str, taken: Iterable[str]) -> str:
    """A name that spreadsheets accept: at most 31 characters, no sign that they use, not one of `taken`, in any case."""
    name = clean(_FORBIDDEN.sub(" ", title), LONGEST_NAME).strip().strip("'").strip()
    if not name or name.casefold() == "history":
        name = f"_{name}"
    known = {other.casefold() for other in taken}
    number = 2
    first = name
    while name.casefold() in known:
        name = f"{clean(first, LONGEST_NAME - len(str(number)) - 1).rstrip('…')}_{number}"
        number += 1
    return name


def new_book() -> Workbook:
    """A workbook without sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "campaignrules"
    return book


def content(book: Workbook) -> bytes:
    """The workbook as a file."""
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def width_for(texts: Iterable[str], least: float = 8, most: float = 40) -> float:
    """A column's width in which the longest of these texts stands, Chinese characters counting two."""
    longest = max((width_of(line) for text in texts for line in text[:500].splitlines() or [""]), default=0)
    return min(max(longest * 1.1 + 2, least), most)


def set_widths(sheet: Worksheet, widths: Mapping[int, float]) -> None:
    """The width of each column, columns from 1."""
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = round(width, 1)


def lines_in(text: str, width: float) -> int:
    """How many lines a text takes in a column of that width."""
    room = max(width - 1, 4)
    return sum(max(1, -int(-width_of(line) // room)) for line in text[:2000].splitlines() or [""])


def set_height(sheet: Worksheet, row: int, lines: int, size: float = 10) -> None:
    """A row's height for so many lines; a spreadsheet does not find it by itself in cells of a file it did not write."""
    sheet.row_dimensions[row].height = min(max(lines, 1) * size * 1.6 + 4, 400)


def set_page(sheet: Worksheet, title: str, header: int | None = None, wide: bool = False) -> None:
    """A4 across, A3 when `wide`; all columns on one page, the header row on each; title, page and sheet at the edge."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8 if wide else 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    for side in ("left", "right"):
        setattr(sheet.page_margins, side, 0.4)
    for side in ("top", "bottom"):
        setattr(sheet.page_margins, side, 0.8)
    for side in ("header", "footer"):
        setattr(sheet.page_margins, side, 0.4)
    if header is not None:
        sheet.print_title_rows = f"1:{header}"
    edges: Any = sheet
    edges.oddHeader.left.text = _in_margin(title)
    edges.oddFooter.left.text = "&A"
    edges.oddFooter.right.text = "&P / &N"


def _in_margin(text: str) -> str:
    """Text for a header of a page, where `&` begins a code and the whole may have 255 characters."""
    return clean(text, 100).replace("\n", " ").replace("&", "&&")
