"""Workbooks of every kind for tests: `WRITERS[suffix](path, {title: rows of Python values})`.

A cell may be None, text, a number, a bool, a date, a datetime or a time; text that begins with `=` stays text. .xlsx and
.xls are written by openpyxl and xlwt, .ods and .xlsb by the few lines below: as little as readers need.
"""

import datetime as dt
import io
import itertools
import struct
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlwt

Rows = Sequence[Sequence[Any]]
Sheets = Mapping[str, Rows]

DAY, MOMENT, CLOCK = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"


def _code(value: Any) -> str | None:
    """The number format that a value needs, None: none."""
    if isinstance(value, dt.datetime):
        return MOMENT
    return DAY if isinstance(value, dt.date) else CLOCK if isinstance(value, dt.time) else None


def _serial(value: dt.date | dt.time) -> float:
    """What a spreadsheet stores for a date or a time of day."""
    if isinstance(value, dt.time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    days = value.toordinal() - dt.date(1899, 12, 30).toordinal()
    return days + (_serial(value.time()) if isinstance(value, dt.datetime) else 0.0)


def _filled(rows: Rows) -> Iterator[tuple[int, int, Any]]:
    return ((r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None)


# -- .xlsx, .xls --------------------------------------------------------------------------------------------------


def write_xlsx(path: Path, sheets: Sheets, hidden: Collection[str] = ()) -> Path:
    """`sheets` as a workbook; those in `hidden` are not shown. Also for .xlsm."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for r, c, value in _filled(rows):
            cell = sheet.cell(r + 1, c + 1, value)
            if isinstance(value, str):
                cell.data_type = "s"
            elif code := _code(value):
                cell.number_format = code
    book.save(path)
    return path


def write_xls(path: Path, sheets: Sheets, hidden: Collection[str] = ()) -> Path:
    """`sheets` as a workbook of Excel 97."""
    book = xlwt.Workbook()
    styles = {code: xlwt.easyxf(num_format_str=code) for code in (DAY, MOMENT, CLOCK)}
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        sheet.visibility = int(title in hidden)
        for r, c, value in _filled(rows):
            plain = _serial(value) if _code(value) else value
            sheet.write(r, c, plain, styles.get(_code(value) or "", xlwt.Style.default_style))
    book.save(str(path))
    return path


# -- .ods ---------------------------------------------------------------------------------------------------------

_SPACES: Final = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {"office": "office", "table": "table", "text": "text", "style": "style"}.items()
)
MIMETYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"


def write_ods(path: Path, sheets: Sheets, hidden: Collection[str] = ()) -> Path:
    """`sheets` as an OpenDocument spreadsheet."""
    tables = "".join(
        f'<table:table table:name={quoteattr(title)} table:style-name="{"off" if title in hidden else "on"}">'
        f"{''.join(_ods_row(row) for row in rows)}</table:table>"
        for title, rows in sheets.items()
    )
    return ods_of(path, tables)


def ods_of(path: Path, tables: str) -> Path:
    """An OpenDocument spreadsheet with these `<table:table>` elements; the styles `on` and `off` show and hide."""
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/>'
        "</style:style>"
        for name, shown in (("on", "true"), ("off", "false"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = 'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    files = {"/": MIMETYPE, "content.xml": "text/xml"}
    entries = "".join(f'<m:file-entry m:full-path="{name}" m:media-type="{kind}"/>' for name, kind in files.items())
    manifest = f'<?xml version="1.0"?><m:manifest {kind} m:version="1.2">{entries}</m:manifest>'
    return pack(path, {"mimetype": MIMETYPE, "content.xml": content, "META-INF/manifest.xml": manifest})


def _ods_row(row: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row)) or '<table:table-cell/>'}</table:table-row>"


def _ods_cell(value: Any) -> str:
    kind, attribute, stored = _ods_value(value)
    if kind is None:
        return "<table:table-cell/>"
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="{kind}"{attribute and f" office:{attribute}={quoteattr(stored)}"}>{text}</table:table-cell>'


def _ods_value(value: Any) -> tuple[str | None, str, str]:
    """The type of a cell, and the attribute that holds its value."""
    if value is None or isinstance(value, str):
        return (None if value is None else "string"), "", ""
    if isinstance(value, bool):
        return "boolean", "boolean-value", str(value).lower()
    if isinstance(value, dt.date):
        return "date", "date-value", value.isoformat()
    if isinstance(value, dt.time):
        return "time", "time-value", value.strftime("PT%HH%MM%SS")
    return "float", "value", str(value)


# -- .xlsb --------------------------------------------------------------------------------------------------------

_FORMATS: Final = (None, DAY, MOMENT, CLOCK)
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"


def write_xlsb(path: Path, sheets: Sheets, hidden: Collection[str] = ()) -> Path:
    """`sheets` as a binary workbook, with text in the cells instead of a table of shared text."""
    parts = {f"xl/worksheets/sheet{i}.bin": sheet_bin(_xlsb_rows(rows)) for i, rows in enumerate(sheets.values(), 1)}
    return xlsb_of(path, bundle_bin(sheets, hidden), parts)


def bundle_bin(titles: Collection[str], hidden: Collection[str] = ()) -> bytes:
    """The records that name the sheets of a binary workbook."""
    return b"".join(
        record(156, struct.pack("<II", int(title in hidden), i) + _wide(f"rId{i}") + _wide(title))
        for i, title in enumerate(titles, 1)
    )


def xlsb_of(path: Path, bundle: bytes, sheets: Mapping[str, bytes], dates_1904: bool = False) -> Path:
    """A binary workbook with these sheets, and the records of `bundle` that name them."""
    properties = record(153, struct.pack("<II", int(dates_1904), 0) + _wide(""))
    book = record(131) + properties + record(143) + bundle + record(144) + record(132)
    links = {f"rId{i}": ("worksheet", name.removeprefix("xl/")) for i, name in enumerate(sheets, 1)}
    relations = {"rIdS": ("styles", "styles.bin"), **links}
    types = "".join(
        f'<Override PartName="/{name}" ContentType="application/vnd.ms-excel.{kind}"/>'
        for name, kind in {
            "xl/workbook.bin": "sheet.binary.macroEnabled.main",
            **dict.fromkeys(sheets, "worksheet"),
        }.items()
    )
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_PACKAGE}/content-types">{defaults}{types}</Types>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.bin")}),
        "xl/_rels/workbook.bin.rels": _relations(relations),
        "xl/workbook.bin": book,
        "xl/styles.bin": _xlsb_styles(),
    }
    return pack(path, {**parts, **sheets})


def _relations(links: Mapping[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in links.items()
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def record(kind: int, body: bytes = b"") -> bytes:
    """One record of a binary workbook: its number and length in groups of seven bits, then its body."""
    return _sevens(kind) + _sevens(len(body)) + body


def _sevens(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def sheet_bin(cells: bytes) -> bytes:
    """A sheet of these records of rows and cells."""
    size = record(148, struct.pack("<IIII", 0, 0, 0, 0))
    return record(129) + size + record(145) + cells + record(146) + record(130)


def row_bin(row: int) -> bytes:
    """The record that begins a row, counted from 0."""
    return record(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))


def cell_bin(column: int, value: Any) -> bytes:
    """The record of a cell, its column counted from 0; None: a cell that has a format alone."""
    at = struct.pack("<II", column, _FORMATS.index(_code(value)))
    if value is None:
        return record(1, at)
    if isinstance(value, str):
        return record(6, at + _wide(value))
    if isinstance(value, bool):
        return record(4, at + bytes([value]))
    if isinstance(value, int) and abs(value) < 2**29:
        return record(2, at + struct.pack("<i", value << 2 | 2))
    plain = _serial(value) if isinstance(value, dt.date | dt.time) else float(value)
    return record(5, at + struct.pack("<d", plain))


def _xlsb_rows(rows: Rows) -> bytes:
    found = itertools.groupby(_filled(rows), key=lambda cell: cell[0])
    return b"".join(row_bin(r) + b"".join(cell_bin(c, value) for _, c, value in cells) for r, cells in found)


def _xlsb_styles() -> bytes:
    codes = [code for code in _FORMATS if code]
    formats = b"".join(record(44, struct.pack("<H", 164 + i) + _wide(code)) for i, code in enumerate(codes))
    numbers = [0, *range(164, 164 + len(codes))]
    cells = b"".join(record(47, struct.pack("<HHHHHBBHH", 0, n, 0, 0, 0, 0, 0, 0, 1)) for n in numbers)
    listed = record(615, struct.pack("<I", len(codes))) + formats + record(616)
    return record(278) + listed + record(617, struct.pack("<I", len(numbers))) + cells + record(618) + record(279)


# -- packed files -------------------------------------------------------------------------------------------------


def pack(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A packed file of these parts; `mimetype` is stored as it is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part, zipfile.ZIP_STORED if name == "mimetype" else None)
    path.write_bytes(packed.getvalue())
    return path


def repack(
    path: Path, change: Callable[[str, bytes], bytes | None], more: Mapping[str, bytes | str] | None = None
) -> Path:
    """The packed file with every part changed, None: left out, and `more` parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: change(name, archive.read(name)) for name in archive.namelist()}
    return pack(path, {**{name: part for name, part in parts.items() if part is not None}, **(more or {})})


WRITERS: Final[dict[str, Callable[..., Path]]] = {
    ".xlsx": write_xlsx,
    ".xlsm": write_xlsx,
    ".xls": write_xls,
    ".xlsb": write_xlsb,
    ".ods": write_ods,
}


def write(path: Path, sheets: Sheets, hidden: Collection[str] = ()) -> Path:
    """`sheets` as a workbook of the kind that the name of the file says."""
    return WRITERS[path.suffix](path, sheets, hidden)
