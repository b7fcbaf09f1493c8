"""Workbooks: the same table from every kind of file, what only the writing program shows, and hostile files."""

import contextlib
import datetime as dt
import gc
import io
import random
import re
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from campaignrules.errors import CampaignError
from campaignrules.intake import spreadsheets
from campaignrules.intake.raw import Limits, bytes_of
from campaignrules.intake.sheets import HEAD, Area
from campaignrules.intake.spreadsheets import ooxml, plainsheets
from campaignrules.intake.spreadsheets.extents import FROM_1904, Extent
from tests import workbooks
from tests.workbooks import (
    WRITERS,
    cell_bin,
    ods_of,
    pack,
    record,
    repack,
    row_bin,
    sheet_bin,
    write,
    write_xlsx,
    xlsb_of,
)

LIMITS = Limits()
DAY, MOMENT = dt.date(2023, 5, 15), dt.datetime(2023, 5, 15, 9, 30)  # noqa: DTZ001  spreadsheets know no time zone
TABLE: workbooks.Rows = [
    ["编号", "投资额", "签约日期", "登记时刻", "省内", "备注", "钟点"],
    ["P1", 3.25, DAY, MOMENT, True, "  甲\n乙 ", dt.time(9, 30)],
    [None, 12, None, None, False, "=1+1", None],
    [],
    ["P3", 1e15, dt.date(2024, 2, 29), DAY, None, "x", None],
    ["P4", 0.1, None, 7, None, 2.5, "无"],
]
SLOWEST = 0.05 * 4  # seconds to refuse a small file; the promise with room for machines that are busy
MOST = 16 * 2**20


def sheets(path: Path, limits: Limits = LIMITS):
    """All sheets of a workbook."""
    return list(spreadsheets.sheets_of(bytes_of(path, limits), path.name, limits))


def only(path: Path, limits: Limits = LIMITS):
    """The one sheet of a workbook."""
    (sheet,) = sheets(path, limits)
    return sheet


def code(path: Path, limits: Limits = LIMITS) -> str:
    """The code of the error that a file is refused with."""
    with pytest.raises(CampaignError) as caught:
        sheets(path, limits)
    assert len(caught.value.diagnostics) == 1
    return caught.value.diagnostics[0].code


# -- the same table from every kind of file -----------------------------------------------------------------------


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_table_is_read_alike_from_every_kind_of_workbook(suffix, tmp_path):
    """Columns of one type keep it, mixed ones are text as people write it, empty rows are left out, numbers of rows kept."""
    sheet = only(write(tmp_path / f"t{suffix}", {"签约": TABLE}))
    assert (sheet.file, sheet.name, sheet.numbered, sheet.cells.width) == (f"t{suffix}", "签约", True, 7)
    head = sheet.cells.head()
    assert [row.number for row in head] == [1, 2, 3, 5, 6]
    assert head[1].cells == ("P1", "3.25", "2023-05-15", "2023-05-15 09:30:00", "true", "  甲\n乙 ", "09:30:00")
    frame, rows = sheet.cells.below(1)
    assert rows.to_list() == [2, 3, 5, 6]
    assert rows.dtype == pl.Int64
    text = pl.String
    assert frame.dtypes == [text, pl.Float64, pl.Date, text, pl.Boolean, text, text]
    assert frame.rows() == [
        ("P1", 3.25, DAY, "2023-05-15 09:30:00", True, "  甲\n乙 ", "09:30:00"),
        (None, 12.0, None, None, False, "=1+1", None),
        ("P3", 1e15, dt.date(2024, 2, 29), "2023-05-15", None, "x", None),
        ("P4", 0.1, None, "7", None, "2.5", "无"),
    ]


@pytest.mark.parametrize("suffix", WRITERS)
def test_hidden_sheets_are_named_and_empty_ones_have_no_width(suffix, tmp_path):
    """Each sheet comes in its place; one that is hidden holds nothing but the finding that names it."""
    path = write(tmp_path / f"t{suffix}", {"甲": [["a"]], "藏": [["秘密"]], "空": [], "乙": [["b"]]}, hidden={"藏"})
    found = sheets(path)
    assert [(sheet.name, sheet.cells.width) for sheet in found] == [("甲", 1), ("藏", 0), ("空", 0), ("乙", 1)]
    assert [[one.code for one in sheet.findings] for sheet in found] == [[], ["hidden-sheet"], [], []]
    assert found[1].findings[0].sheet == "藏"
    assert found[2].cells.head() == []
    assert found[2].cells.below(0)[0].shape == (0, 0)


@pytest.mark.parametrize("suffix", WRITERS)
def test_rows_and_columns_keep_their_numbers_when_the_table_begins_further_down(suffix, tmp_path):
    """The empty area at the top and on the left counts."""
    sheet = only(write(tmp_path / f"t{suffix}", {"S": [[], [], [None, None, "甲", "乙"], [None, None, 1, "x"]]}))
    assert sheet.cells.width == 4
    assert [(row.number, row.cells) for row in sheet.cells.head()] == [
        (3, ("", "", "甲", "乙")),
        (4, ("", "", "1", "x")),
    ]
    frame, rows = sheet.cells.below(3)
    assert rows.to_list() == [4]
    assert frame.rows() == [(None, None, 1.0, "x")]
    assert sheet.cells.below(0)[1].to_list() == [3, 4]
    assert sheet.cells.below(9)[0].shape == (0, 4)


def test_the_head_is_the_first_sixty_rows_that_hold_anything(tmp_path):
    """Rows of blanks are no rows, neither in the head nor below it."""
    rows = [[f"行{i}"] if i % 2 else ["  "] for i in range(200)]
    sheet = only(write_xlsx(tmp_path / "t.xlsx", {"S": rows}))
    head = sheet.cells.head()
    assert len(head) == HEAD
    assert (head[0].number, head[-1].number) == (2, 2 * HEAD)
    assert sheet.cells.below(0)[1].to_list() == list(range(2, 201, 2))


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1, "0.1"), (1e14, "100000000000000"), (1e15, "1e+15"), (1e21, "1e+21"), (1e-7, "0.0000001"), (-2.5, "-2.5")],
)
def test_a_number_in_a_column_of_text_is_the_shortest_decimal(number, text, tmp_path):
    """Without a point where it is whole, and without a power of ten unless a spreadsheet has lost its last digits."""
    frame, _ = only(write_xlsx(tmp_path / "t.xlsx", {"S": [["a"], [number], ["x"]]})).cells.below(1)
    assert frame["r0"].to_list() == [text, "x"]


# -- what only the writing program shows --------------------------------------------------------------------------


def made(path: Path, change: Callable[[openpyxl.Workbook], object]) -> Path:
    """A workbook of openpyxl with changes."""
    book = openpyxl.Workbook()
    change(book)
    book.save(path)
    return path


def test_merged_areas_are_listed_and_not_filled(tmp_path):
    """Rows of an area are counted from 1, columns from 0; it ends where the cells end."""

    def change(book):
        sheet = book.worksheets[0]
        for row in (["组", None, "丙"], ["甲", "乙", "丙"], [1, 2, 3], [None, 4, 5]):
            sheet.append(row)
        for area in ("A1:B1", "A3:A4", "C3:Z900", "Y1:Z2"):
            sheet.merge_cells(area)

    sheet = only(made(tmp_path / "t.xlsx", change))
    areas = sorted((area.top, area.left, area.bottom, area.right) for area in sheet.merged)
    assert areas == [(1, 0, 1, 1), (3, 0, 4, 0), (3, 2, 4, 2)]
    assert sheet.cells.below(2)[0].rows()[1] == (None, 4.0, None)


def test_merged_areas_of_the_other_kinds_are_listed_too(tmp_path):
    """In .xls, .xlsb and .ods."""
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    page.write_merge(2, 3, 0, 1, "x")
    page.write(4, 2, 1)
    book.save(str(tmp_path / "t.xls"))
    cells = row_bin(2) + cell_bin(0, "x") + row_bin(4) + cell_bin(2, 1)
    body = sheet_bin(cells + record(177) + record(176, struct.pack("<IIII", 2, 3, 0, 1)) + record(178))
    binary(tmp_path / "t.xlsb", body)
    spans = 'table:number-columns-spanned="2" table:number-rows-spanned="2"'
    ods_of(tmp_path / "t.ods", table(row(), row(), row(cell("x", spans)), row(), row(empty(2), cell("y"))))
    for suffix in (".xls", ".xlsb", ".ods"):
        (area,) = only(tmp_path / f"t{suffix}").merged
        assert isinstance(area, Area)
        assert (area.top, area.left, area.bottom, area.right) == (3, 0, 4, 1), suffix


def test_cells_shown_as_percentages_are_listed(tmp_path):
    """By a number format with a percent sign that is neither quoted nor escaped."""
    formats = ["0%", "0.00%", "0.0%;[Red]-0.0%", '0"%"', "0\\%", "General", '"约"0.0%']

    def change(book):
        sheet = book.worksheets[0]
        sheet.append([f"c{i}" for i in range(len(formats))])
        for r in (2, 3):
            for c, shown in enumerate(formats, 1):
                sheet.cell(r, c, 0.5).number_format = shown
        sheet.cell(4, 1).number_format = "0%"

    formats_found = only(made(tmp_path / "t.xlsx", change)).formats
    assert formats_found.percent == {c: frozenset({2, 3}) for c in (0, 1, 2, 6)}


def test_percentages_of_ods_are_listed_and_those_of_xls_and_xlsb_unknown(tmp_path):
    """Only .xls and .xlsb do not tell."""
    percent = (
        '<table:table-cell office:value-type="percentage" office:value="0.5"><text:p>50%</text:p></table:table-cell>'
    )
    ods_of(tmp_path / "t.ods", table(row(cell("a"), cell("b")), row(cell("x"), percent), rows=2))
    assert only(tmp_path / "t.ods").formats.percent == {1: frozenset({2, 4})}
    for suffix in (".xls", ".xlsb"):
        assert only(write(tmp_path / f"t{suffix}", {"S": TABLE})).formats.percent is None


def test_formulas_without_a_saved_result_are_listed(tmp_path):
    """All formulas are counted; a result that is empty text is a result."""
    cells = (
        '<c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1"><f>1+1</f><v>2</v></c><c r="C1"><f>1+1</f></c>'
        '<c r="D1"><f>1+1</f><v/></c><c r="E1"><f>1+1</f><v></v></c><c r="F1" t="str"><f>""</f><v></v></c>'
        '<c r="G1"><f t="shared" si="0"/><v>3</v></c><c r="H1"><f t="shared" si="0"/></c>'
        '<c r="I1" t="str"><f>"x"</f><v>x</v></c>'
    )
    formats = only(
        xlsx(tmp_path, f'<row r="1">{cells}</row><row r="2" hidden="1"><c r="A2"><v>1</v></c></row>')
    ).formats
    assert formats.unsaved == {column: frozenset({1}) for column in (2, 3, 4, 7)}
    assert (formats.formulas, formats.hidden) == (8, 1)


def test_errors_of_formulas_are_text(tmp_path):
    """In each kind of file, also errors that are newer than the reader."""
    path = xlsx(tmp_path, '<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c><c r="B1" s="0" t="e"><v>#SPILL!</v></c></row>')
    assert only(path).cells.head()[0].cells == ("#DIV/0!", "#SPILL!")
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    page.row(1).set_cell_number(0, 1)
    page.row(1).set_cell_error(2, "#DIV/0!")
    book.save(str(tmp_path / "t.xls"))
    assert only(tmp_path / "t.xls").cells.head()[0].cells == ("1", "", "#DIV/0!")
    error = row_bin(1) + cell_bin(0, 1) + record(3, struct.pack("<IIB", 2, 0, 7))
    assert only(binary(tmp_path / "t.xlsb", sheet_bin(error))).cells.head()[0].cells == ("1", "", "#DIV/0!")
    wrong = 'table:formula="of:=1/0" office:string-value="" calcext:value-type="error"'
    assert only(ods_of(tmp_path / "t.ods", table(row(cell("#DIV/0!", wrong))))).cells.head()[0].cells == ("#DIV/0!",)


def test_workbooks_that_count_days_from_1904_have_the_right_dates(tmp_path):
    """Cells with a format of dates are right; for bare numbers the sheet says where days begin."""

    def change(book):
        book.epoch = CALENDAR_MAC_1904
        book.worksheets[0].append([DAY, 43_599])

    sheet = only(made(tmp_path / "t.xlsx", change))
    assert sheet.dates_from == FROM_1904
    assert sheet.cells.head()[0].cells == ("2023-05-15", "43599")
    body = sheet_bin(row_bin(0) + record(5, struct.pack("<IId", 0, 1, 43_599)))
    old = only(
        xlsb_of(tmp_path / "t.xlsb", workbooks.bundle_bin(["S"]), {"xl/worksheets/sheet1.bin": body}, dates_1904=True)
    )
    assert (old.dates_from, old.cells.head()[0].cells) == (FROM_1904, ("2023-05-15",))
    book = xlwt.Workbook()
    book.dates_1904 = 1
    book.add_sheet("S").write(0, 0, 43_599, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    book.save(str(tmp_path / "t.xls"))
    old = only(tmp_path / "t.xls")
    assert (old.dates_from, old.cells.head()[0].cells) == (FROM_1904, ("2023-05-15",))


def test_escapes_are_read_and_phonetic_guides_are_not(tmp_path):
    """`_x000D_` is a sign, `_x005F_` an underscore; what is written above a word to be read aloud is no part of it."""
    text = '<is><r><t>漢</t></r><r><t xml:space="preserve"> 字</t></r><rPh sb="0" eb="1"><t>かん</t></rPh></is>'
    cells = f'<c r="A1" t="inlineStr"><is><t>a_x005F_x0041_ &amp; &#65;</t></is></c><c r="B1" t="inlineStr">{text}</c>'
    assert only(xlsx(tmp_path, f'<row r="1">{cells}</row>')).cells.head()[0].cells == ("a_x0041_ & A", "漢 字")


def test_the_search_for_garbage_is_as_it_was_once_the_last_reader_is_done():
    """Of readers inside one another, or at the same time, none that ends sooner turns it on; a failing one ends, too."""
    pause = spreadsheets.Uncollected()
    with contextlib.suppress(KeyError), pause:
        with pause:
            pass
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
    gc.disable()
    try:
        with pause:
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_cell_that_is_too_long_sets_its_row_aside(tmp_path):
    """It is named with its address, and the other rows are read."""
    sheet = only(workbooks.write_ods(tmp_path / "t.ods", {"S": [["a", "b"], [1, "x" * 40_000], [2, "y"]]}))
    (found,) = sheet.findings
    assert (found.code, found.row, found.cell, found.set_aside) == ("cell-too-long", 2, "B2", True)
    assert sheet.cells.below(1)[0].rows() == [(2.0, "y")]


# -- sheets written otherwise -------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(
    folder: Path, rows: str, after: str = "", head: str = f'<worksheet xmlns="{MAIN}"><sheetData>', **more: bytes
) -> Path:
    """A workbook whose sheet has this XML; `more`: other parts, `__` for `/`, `_xml` for `.xml`."""
    base = write_xlsx(folder / "base.xlsx", {"S": [[DAY]]})
    tail = "</x:sheetData></x:worksheet>" if "<x:" in head else f"</sheetData>{after}</worksheet>"

    def change(name: str, part: bytes) -> bytes:
        return f"{head}{rows}{tail}".encode() if name == "xl/worksheets/sheet1.xml" else part

    parts = {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in more.items()}
    return repack(base, change, parts).rename(folder / "made.xlsx")


ODD = {
    "a prefix": ('<x:row r="1"><x:c r="B1"><x:v>5</x:v></x:c></x:row>', f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>'),
    "single quotes": ("<row r='1'><c r='B1'><v>5</v></c></row>", None),
    "another order": ('<row spans="1:2" r="1"><c s="0" r="B1" ><v>5</v></c></row>', None),
    "small letters": ('<row r="1"><c r="b1"><v>5</v></c></row>', None),
    "line breaks": ('<row\n r="1"\n><c\n r = "B1"\n><v\n>5</v\n></c\n></row>', None),
    "no addresses": ("<row><c/><c><v>5</v></c></row>", None),
    "a comment": ('<row r="1"><!-- <c r="Z9"><v>1</v></c> --><c r="B1"><v>5</v></c></row>', None),
}


@pytest.mark.parametrize(("rows", "head"), ODD.values(), ids=ODD)
def test_a_sheet_that_is_written_otherwise_is_read_all_the_same(rows, head, tmp_path):
    """Prefixes, quotes, orders and line breaks that XML allows."""
    sheet = only(xlsx(tmp_path, rows, **({"head": head} if head else {})))
    assert [(row.number, row.cells[1]) for row in sheet.cells.head()] == [(1, "5")]


def test_rows_out_of_order_are_put_in_order(tmp_path):
    """Nothing is lost of a sheet whose rows come in any order."""
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in (5, 2, 9, 3))
    assert only(xlsx(tmp_path, rows)).cells.below(0)[1].to_list() == [2, 3, 5, 9]


def random_rows(random_: random.Random) -> str:
    """A plain sheet of random cells."""
    rows = []
    for r in sorted(random_.sample(range(1, 3_000), 40)):
        cells = []
        for c in sorted(random_.sample(range(60), random_.randrange(1, 9))):
            place = f'r="{"" if c < 26 else chr(64 + c // 26)}{chr(65 + c % 26)}{r}"'
            style = random_.choice(["", ' s="0"', ' s="1"', ' s="2"'])
            cells.append(
                random_.choice(
                    [
                        f"<c {place}{style}/>",
                        f"<c {place}{style}></c>",
                        f"<c {place}{style}><v>{r}</v></c>",
                        f"<c {place}{style}><f>A1+1</f><v>{r}</v></c>",
                        f"<c {place}{style}><f>A1</f></c>",
                        f'<c {place}{style} t="str"><f>A1</f><v></v></c>',
                        f'<c {place}{style} t="inlineStr"><is><t>r="x" = y</t></is></c>',
                    ]
                )
            )
        rows.append(f'<row r="{r}"{random_.choice(["", " hidden=" + chr(34) + "1" + chr(34)])}>{"".join(cells)}</row>')
    return "".join(rows)


@pytest.mark.parametrize("seed", range(20))
def test_plain_sheets_are_scanned_as_the_parser_reads_them(seed, monkeypatch):
    """The short way gives the same reach, percentages, formulas and hidden rows."""
    monkeypatch.setattr(plainsheets, "_PIECE", 500)
    rows = random_rows(random.Random(seed))  # noqa: S311  repeatable on purpose
    part = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    part = part.replace(b'r="x" = y', b"x") if seed % 2 else part
    plain, parsed = (Extent("t", "S", LIMITS) for _ in range(2))
    found = plainsheets.scan(part, plain, {1, 2})
    assert (found is None) == (seed % 2 == 0 and b" = y" in part)
    if found is not None:
        short = found.formats
        long = ooxml._parsed(part, parsed, {1, 2})
        assert (short.percent, short.unsaved, short.formulas, short.hidden) == (
            *(long.percent, long.unsaved, long.formulas, long.hidden),
        )
        for name in ("first_row", "last_row", "first_column", "last_column", "filled"):
            assert getattr(plain, name) == getattr(parsed, name), name


def test_empty_cells_far_out_do_no_harm(tmp_path):
    """Formats of whole rows and columns are common in files of people."""
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="B1048576" s="1"></c></row>'
    assert only(xlsx(tmp_path, rows)).cells.width == 1
    filler = '<table:table-cell table:style-name="x" table:number-columns-repeated="16383"/>'
    far = f'<table:table-row table:number-rows-repeated="1048575"><table:table-cell/>{filler}</table:table-row>'
    assert only(ods_of(tmp_path / "t.ods", table(row(cell("1"), filler), far))).cells.width == 1
    blank = row_bin(0) + cell_bin(0, 1) + cell_bin(16_383, None) + row_bin(1_048_575) + cell_bin(16_383, None)
    assert only(binary(tmp_path / "t.xlsb", sheet_bin(blank))).cells.width == 1
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    page.write(0, 0, 1)
    page.row(65_535).set_cell_blank(255)
    book.save(str(tmp_path / "t.xls"))
    assert only(tmp_path / "t.xls").cells.width == 1


# -- parts of files -----------------------------------------------------------------------------------------------


def cell(text: str, attributes: str = "") -> str:
    """A cell of text in an .ods."""
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def empty(times: int) -> str:
    """Empty cells in an .ods."""
    return f'<table:table-cell table:number-columns-repeated="{times}"/>'


def row(*cells: str, times: int = 1) -> str:
    """A row in an .ods."""
    inside = "".join(cells) or "<table:table-cell/>"
    return f'<table:table-row table:number-rows-repeated="{times}">{inside}</table:table-row>'


def table(*all_rows: str, rows: int = 1) -> str:
    """A sheet in an .ods, its rows written so many times."""
    space = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    return f'<table:table table:name="S" table:style-name="on" {space}>{"".join(all_rows) * rows}</table:table>'


def binary(path: Path, body: bytes) -> Path:
    """An .xlsb with this one sheet."""
    return xlsb_of(path, workbooks.bundle_bin(["S"]), {"xl/worksheets/sheet1.bin": body})


def far_xls(path: Path, r: int, c: int) -> Path:
    """An .xls with one cell at the beginning and one further out."""
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    page.write(0, 0, 1)
    page.write(r, c, 1)
    book.save(str(path))
    return path


def altered_xls(path: Path, kind: int, change: Callable[[bytearray, int], None]) -> Path:
    """An .xls with the first record of a kind changed in place."""
    workbooks.write_xls(path, {"S": [["甲", 1]] * 40})
    data = bytearray(path.read_bytes())
    at = 512
    while struct.unpack_from("<H", data, at)[0] != kind:
        at += 4 + struct.unpack_from("<H", data, at + 2)[0]
    change(data, at + 4)
    path.write_bytes(bytes(data))
    return path


def put(offset: int, form: str, *numbers: int) -> Callable[[bytearray, int], None]:
    """A change that writes numbers."""
    return lambda data, at: struct.pack_into(form, data, at + offset, *numbers)


def xlsx_cell(place: str) -> str:
    """A filled cell of an .xlsx."""
    return f'<c r="{place}"><v>1</v></c>'


def bomb(path: Path, name: str, size: int) -> Path:
    """An .xlsx with a part of so many zeros."""
    return repack(write_xlsx(path, {"S": [[1]]}), lambda _, part: part, {name: bytes(size)})


def lying(path: Path) -> Path:
    """An .xlsx with a part that is larger than it says."""
    bomb(path, "xl/media/image1.png", 30 * 2**20)
    data = path.read_bytes()
    return write_bytes(path, data.replace(struct.pack("<I", 30 * 2**20), struct.pack("<I", 1000)))


def write_bytes(path: Path, data: bytes) -> Path:
    """A file of these bytes."""
    path.write_bytes(data)
    return path


def renamed(path: Path, old: bytes, new: bytes) -> Path:
    """An .xlsx in which a name has been changed in place."""
    data = write_xlsx(path, {"S": [[1]]}).read_bytes()
    assert len(old) == len(new)
    return write_bytes(path, data.replace(old, new))


def encrypted(path: Path) -> Path:
    """An .xlsx whose members are marked as encrypted."""
    data = bytearray(write_xlsx(path, {"S": [[1]]}).read_bytes())
    for found in re.finditer(rb"PK\x01\x02", bytes(data)):
        data[found.start() + 8] |= 1
    return write_bytes(path, bytes(data))


def protected(path: Path) -> Path:
    """An .ods with a password."""
    workbooks.write_ods(path, {"S": [[1]]})
    note = b"<manifest:encryption-data/>"
    return repack(path, lambda name, part: part + note if name.startswith("META") else part)


def entity(part: bytes) -> bytes:
    """XML with an entity of its own."""
    return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + part.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>')


def many_members(path: Path) -> Path:
    """A packed file of very many parts."""
    return pack(path, {f"p{i}": "" for i in range(5_000)})


def altered(path: Path, name: str, change: Callable[[bytes], bytes], suffix: str = ".xlsx") -> Path:
    """A workbook with one part changed."""
    return repack(WRITERS[suffix](path, {"S": [["a", 1]]}), lambda each, part: change(part) if each == name else part)


def copies(path: Path) -> Path:
    """An .xlsx of which many cells show one long text."""
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 20_001))
    strings = f'<sst xmlns="{MAIN}"><si><t>{"字" * 30_000}</t></si></sst>'.encode()
    return xlsx(path.parent, rows, xl__sharedStrings_xml=strings).rename(path)


WIDE = '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="300000000"/></text:p></table:table-cell>'
HOSTILE: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "xlsx: far right": (".xlsx", lambda p: xlsx(p.parent, f'<row r="1">{xlsx_cell("XFD1")}</row>'), "too-many-columns"),
    "xlsx: far down": (".xlsx", lambda p: xlsx(p.parent, f'<row r="1">{xlsx_cell("A1048576")}</row>'), "too-many-rows"),
    "xlsx: corner": (
        ".xlsx", lambda p: xlsx(p.parent, f'<row r="1">{xlsx_cell("A1")}{xlsx_cell("GR1000000")}</row>'), "cells-far-apart",
    ),
    "xlsx: corner, single quotes": (
        ".xlsx", lambda p: xlsx(p.parent, "<row><c r='A1'><v>1</v></c><c r='GR900000'><v>1</v></c></row>"), "cells-far-apart",
    ),
    "xlsx: no addresses": (".xlsx", lambda p: xlsx(p.parent, f"<row>{'<c><v>1</v></c>' * 300}</row>"), "too-many-columns"),
    "xlsx: two addresses": (
        ".xlsx", lambda p: xlsx(p.parent, '<row r="1"><c r="A1" r="XFD1048576"><v>1</v></c></row>'), "workbook-damaged",
    ),
    "xlsx: a cell in a cell": (
        ".xlsx", lambda p: xlsx(p.parent, '<row r="1"><c r="XFD1"><c r="A1"><v>1</v></c></c></row>'), "workbook-damaged",
    ),
    "xlsx: no address at all": (".xlsx", lambda p: xlsx(p.parent, '<row r="1"><c r="??"><v>1</v></c></row>'), "workbook-damaged"),
    "xlsx: CDATA": (".xlsx", lambda p: xlsx(p.parent, '<row r="1"><c r="A1"><v><![CDATA[5]]></v></c></row>'), "unsafe-xml"),
    "xlsx: copies of a long text": (".xlsx", copies, "unpacked-limit"),
    "xlsx: DTD in the sheet": (".xlsx", lambda p: altered(p, "xl/worksheets/sheet1.xml", entity), "unsafe-xml"),
    "xlsx: DTD in the styles": (".xlsx", lambda p: altered(p, "xl/styles.xml", entity), "unsafe-xml"),
    "xlsx: UTF-16": (
        ".xlsx", lambda p: altered(p, "xl/styles.xml", lambda part: part.decode().encode("utf-16")), "unsafe-xml",
    ),
    "xlsx: two sheets of one part": (
        ".xlsx",
        lambda p: altered(p, "xl/workbook.xml", lambda part: re.sub(rb"(<sheet [^>]*>)", rb"\1\1", part)), "unsafe-archive",
    ),
    "xlsx: sheet without a part": (
        ".xlsx", lambda p: altered(p, "xl/_rels/workbook.xml.rels", lambda part: part.replace(b"sheet1", b"sheet7")),
        "workbook-damaged",
    ),
    "xlsx: billion zeros": (".xlsx", lambda p: bomb(p, "xl/media/image1.png", 300 * 2**20), "unpacked-limit"),
    "xlsx: hundred to one": (".xlsx", lambda p: bomb(p, "xl/media/image1.png", 20 * 2**20), "unpacked-limit"),
    "xlsx: a size that lies": (".xlsx", lying, "workbook-damaged"),
    "xlsx: a password in the archive": (".xlsx", encrypted, "workbook-encrypted"),
    "xlsx: a way out": (".xlsx", lambda p: renamed(p, b"docProps/app.xml", b"../../../etc/pwd"), "unsafe-archive"),
    "xlsx: names twice": (
        ".xlsx", lambda p: pack(p, {"xl/workbook.xml": "<a/>", "XL/Workbook.xml": "<a/>"}), "unsafe-archive",
    ),
    "zip of thousands": (".xlsx", many_members, "unsafe-archive"),
    "zip of something else": (".xlsx", lambda p: pack(p, {"word/document.xml": "<a/>"}), "not-a-workbook"),
    "ods: filled columns": (".ods", lambda p: ods_of(p, table(row(cell("x", 'table:number-columns-repeated="1000"')))), "too-many-columns"),
    "ods: filled rows": (".ods", lambda p: ods_of(p, table(row(cell("x"), times=10**9))), "too-many-rows"),
    "ods: a filled block": (
        ".ods", lambda p: ods_of(p, table(row(cell("x", 'table:number-columns-repeated="200"'), times=900_000))), "cells-far-apart",
    ),
    "ods: corner": (
        ".ods", lambda p: ods_of(p, table(row(cell("x")), row(times=900_000), row(empty(150), cell("y")))), "cells-far-apart",
    ),
    "ods: a billion blanks": (".ods", lambda p: ods_of(p, table(row(WIDE))), "unpacked-limit"),
    "ods: no number": (".ods", lambda p: ods_of(p, table(row(cell("x", 'table:number-columns-repeated="-3"')))), "workbook-damaged"),
    "ods: zero times": (".ods", lambda p: ods_of(p, table(row(cell("x", 'table:number-columns-repeated="0"')))), "workbook-damaged"),
    "ods: a table in a cell": (
        ".ods", lambda p: ods_of(p, table(row(f"<table:table-cell>{table(row(cell('x')))}</table:table-cell>"))), "workbook-damaged",
    ),
    "ods: DTD": (".ods", lambda p: altered(p, "content.xml", entity, ".ods"), "unsafe-xml"),
    "ods: CDATA": (".ods", lambda p: ods_of(p, table(row(cell("<![CDATA[x]]>")))), "unsafe-xml"),
    "ods: a password": (".ods", protected, "workbook-encrypted"),
    "xlsb: far right": (".xlsb", lambda p: binary(p, sheet_bin(row_bin(0) + cell_bin(16_383, 1))), "too-many-columns"),
    "xlsb: far down": (".xlsb", lambda p: binary(p, sheet_bin(row_bin(2**31) + cell_bin(0, 1))), "too-many-rows"),
    "xlsb: corner": (
        ".xlsb", lambda p: binary(p, sheet_bin(row_bin(0) + cell_bin(0, 1) + row_bin(900_000) + cell_bin(150, 1))), "cells-far-apart",
    ),
    "xlsb: a record that is too long": (
        ".xlsb", lambda p: binary(p, b"\x81\x01\xff\xff\xff\x7f" + sheet_bin(b"")), "workbook-damaged",
    ),
    "xlsb: ends in a record": (".xlsb", lambda p: binary(p, sheet_bin(row_bin(0))[:-3] + b"\x05"), "workbook-damaged"),
    "xls: far right": (".xls", lambda p: far_xls(p, 0, 255), "too-many-columns"),
    "xls: corner": (".xls", lambda p: far_xls(p, 65_535, 150), "cells-far-apart"),
    "xls: shared text without end": (".xls", lambda p: altered_xls(p, 0xFC, put(4, "<I", 2**31 - 1)), "workbook-damaged"),
    "xls: a size that lies": (".xls", lambda p: altered_xls(p, 0x200, put(0, "<IIHH", 0, 2**32 - 1, 0, 65_535)), "workbook-damaged"),
    "xls: a sheet outside": (".xls", lambda p: altered_xls(p, 0x85, put(0, "<I", 2**30)), "workbook-damaged"),
    "xls: a web page": (".xls", lambda p: write_bytes(p, b"<html><table><tr><td>1</td></tr></table></html>"), "not-a-workbook"),
    "xls: a text": (".xls", lambda p: write_bytes(p, "编号\t额\n1\t2\n".encode("gbk")), "not-a-workbook"),
    "xls: nothing": (".xls", lambda p: write_bytes(p, b""), "not-a-workbook"),
    "xlsx: a mark alone": (".xlsx", lambda p: write_bytes(p, b"PK\x03\x04"), "workbook-damaged"),
    "xls: a mark alone": (".xls", lambda p: write_bytes(p, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "workbook-damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("suffix", "make", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_quickly_and_in_little_memory(suffix, make, expected, tmp_path):
    """With the code expected, within the time and memory that are promised."""
    path = make(tmp_path / f"hostile{suffix}")
    assert code(path) == expected
    start = time.thread_time()
    code(path)
    assert time.thread_time() - start < SLOWEST
    tracemalloc.start()
    code(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MOST


def test_a_workbook_in_a_compound_file_with_a_password_is_said_to_have_one(tmp_path):
    """Office keeps an .xlsx with a password in a compound file with a stream of its own; an .xls says it by a record."""
    path = workbooks.write_xls(tmp_path / "t.xls", {"S": [["x" * 3000, i] for i in range(9)]})
    data = path.read_bytes()
    name, other = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    at = data.index(name)
    changed = data[:at] + other + data[at + len(other) : at + 64] + struct.pack("<H", 34) + data[at + 66 :]
    assert code(write_bytes(path, changed)) == "workbook-encrypted"
    assert code(altered_xls(tmp_path / "u.xls", 0x42, put(-4, "<H", 0x2F))) == "workbook-encrypted"


@pytest.mark.parametrize("suffix", WRITERS)
def test_damaged_files_give_our_errors_only(suffix, tmp_path):
    """Cut off anywhere, or with bytes changed anywhere, a file is read or refused with an error of ours."""
    whole = write(tmp_path / f"t{suffix}", {"签约": TABLE, "乙": TABLE}).read_bytes()
    random_ = random.Random(suffix)  # noqa: S311  repeatable on purpose
    path = tmp_path / f"damaged{suffix}"
    for i in range(120):
        data = bytearray(whole[: random_.randrange(len(whole))] if i % 4 == 0 else whole)
        for _ in range(random_.randrange(1, 12) if data else 0):
            data[random_.randrange(len(data))] = random_.randrange(256)
        write_bytes(path, bytes(data))
        with contextlib.suppress(CampaignError):
            for sheet in sheets(path):
                sheet.cells.head()
                sheet.cells.below(1)


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xlsb"])
def test_changed_parts_give_our_errors_only(suffix, tmp_path):
    """The same for bytes changed inside the parts of packed files."""
    whole = write(tmp_path / f"t{suffix}", {"签约": TABLE}).read_bytes()
    random_ = random.Random(suffix)  # noqa: S311  repeatable on purpose
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(150):
        name = random_.choice([each for each in parts if "theme" not in each and parts[each]])
        part = bytearray(parts[name])
        for _ in range(random_.randrange(1, 4)):
            part[random_.randrange(len(part))] = random_.randrange(256)
        path = pack(tmp_path / f"changed{suffix}", {**parts, name: bytes(part)})
        with contextlib.suppress(CampaignError):
            for sheet in sheets(path):
                sheet.cells.below(1)


def test_limits_are_those_that_are_given(tmp_path):
    """Bytes, rows and columns."""
    path = write_xlsx(tmp_path / "t.xlsx", {"S": [[1, 2, 3]] * 100})
    assert code(path, Limits(bytes=1000)) == "byte-limit"
    assert code(path, Limits(columns=2)) == "too-many-columns"
    assert code(path, Limits(rows=20)) == "too-many-rows"
    assert code(path, Limits(unpacked=1000)) == "unpacked-limit"
