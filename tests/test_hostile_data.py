"""Hostile data: files and tables made to break a reader are refused or set aside by our own codes, soon and in little memory."""

import csv
import io
import json
import os
import sqlite3
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlwt

from campaignrules import checker, driver, source
from campaignrules.errors import CampaignError
from campaignrules.intake import Limits, take
from campaignrules.reports import as_csv
from campaignrules.structure import structure
from tests import workbooks

HERE = Path(__file__).parent
YAML = (HERE / "intake" / "campaign.yaml").read_bytes()
CHECKED = checker.check(structure(source.read(YAML, name="campaign.yaml")))
SOON = 0.5
"""Seconds of the thread: ten times what is promised, for slow machines."""
LITTLE = 48 * 2**20
"""Bytes that Python holds at most while it looks."""
HEADERS = ["id", "unit", "investment", "origin", "signed_on"]
GOOD: list[Any] = ["P1", "甲县", 1.5, "省内", date(2023, 5, 15)]
ROWS: list[list[Any]] = [HEADERS, GOOD]
TEXT = dict(zip(HEADERS, ["P1", "甲县", "1.5", "省内", "2023-05-15"], strict=True))


def told(data: Any, **limits: int) -> set[str]:
    """The codes of the findings; the code of the error that refuses all, with a mark."""
    try:
        return {found.code for found in take(CHECKED, data, Limits(**limits)).findings}
    except CampaignError as error:
        return {f"!{error.diagnostics[0].code}"}


def soon_told(data: Any, **limits: int) -> set[str]:
    """The same; it takes no time and no memory to speak of, whatever the data are."""
    told({"project": [TEXT]})
    started = time.thread_time()
    codes = told(data, **limits)
    taken = time.thread_time() - started
    tracemalloc.start()
    told(data, **limits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < SOON, taken
    assert peak < LITTLE, peak
    return codes


# -- text ---------------------------------------------------------------------------------------------------------

HEAD = ",".join(HEADERS).encode() + b"\n"
LINE = "P1,甲县,1.5,省内,2023-05-15\n".encode()
TEXTS: dict[str, tuple[bytes, set[str]]] = {
    "nothing": (b"", set()),
    "blanks": (b" \n\n \t\n", set()),
    "a header alone": (HEAD, set()),
    "no header": (LINE * 3, {"missing-column", "unknown-column"}),
    "NUL": (HEAD + b"P1\0,x,1,y,z\n", {"!nul-in-file"}),
    "halves of characters": (HEAD + b"\xed\xa0\x80,x,1,y,z\n\xff\xff", {"!unknown-encoding"}),
    "a quote that never ends": (HEAD + b'"' + b"a" * 200_000, {"!csv-unreadable"}),
    "quotes without end": (HEAD + b'"a"b' * 50_000, {"!csv-unreadable"}),
    "columns without end": (b"a," * 10_000 + b"\n", {"!too-many-columns"}),
    "one line of commas": (HEAD + b"," * 1_000_000, {"!too-many-columns"}),
    "carriage returns alone": (HEAD.replace(b"\n", b"\r") + LINE.replace(b"\n", b"\r"), set()),
    "lines of other lengths": (HEAD + b"a\na,b,c,d,e,f\n" + LINE, {"lone-text", "broken-line"}),
    "the same header again and again": (b"id,id,id,id,id,id\n" + b"a,b,c,d,e,f\n", {"column-not-read", "missing-column"}),
    "a number of a million digits": (HEAD + b"P1,x," + b"9" * 1_000_000 + b",y,z\n", {"cell-too-long"}),
    "numbers with huge exponents": (HEAD + LINE.replace(b"1.5", b"1e999999") + LINE.replace(b"1.5", b"1E-999999999"), {"not-a-number"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("suffix", [".csv", ".txt"])
def test_text_files_made_to_break_a_reader(name, suffix, tmp_path):
    """Whatever the bytes, the codes are ours."""
    content, codes = TEXTS[name]
    file = tmp_path / f"project{suffix}"
    file.write_bytes(content)
    assert soon_told(file) == codes


@pytest.mark.parametrize(
    "text",
    [
        "\u202e甲县", "甲\u200b县", "\x1b[31m甲县\x1b[0m", "\x07", "\ufeff甲县", "a\u2028b", "\x85", "\u2066x\u2069", "\ud800", "😀" * 100,
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_shown(text):
    """Control characters, changes of direction and halves of characters are never written out as they are."""
    for data in ({"project": [{**TEXT, "unit": text}]}, {"project": [{**TEXT, text: "1"}]}, {text: [TEXT]}):
        for found in take(CHECKED, data).findings:
            for part in (found.file, found.column, found.value, found.record, found.message.zh, found.message.en):
                assert part is None or part.isprintable(), (found.code, part)


# -- JSON ---------------------------------------------------------------------------------------------------------

ROW = json.dumps(TEXT)
JSON: dict[str, tuple[str, set[str]]] = {
    "nothing": ("", {"!json-unreadable"}),
    "deep lists": ("[" * 100_000, {"!depth-limit"}),
    "deep objects": ('{"a":' * 100_000, {"!depth-limit"}),
    "deep and closed": ("[" * 40 + "]" * 40, {"!depth-limit"}),
    "never closed": (f"[{ROW}", {"!json-unreadable"}),
    "more after the end": (f"[{ROW}] x", {"!json-unreadable"}),
    "a name twice": (f'[{ROW[:-1]}, "id": "P2"}}]', {"name-twice"}),
    "a table twice": (f'{{"project": [{ROW}], "project": []}}', {"!table-twice"}),
    "NaN": (f"[{ROW.replace(chr(34) + '1.5' + chr(34), 'NaN')}]", {"not-a-number"}),
    "infinity": (f"[{ROW.replace(chr(34) + '1.5' + chr(34), '-Infinity')}]", {"not-a-number"}),
    "a huge exponent": (f"[{ROW.replace(chr(34) + '1.5' + chr(34), '1e999999')}]", {"not-a-number"}),
    "a million digits": (f"[{ROW.replace(chr(34) + '1.5' + chr(34), '9' * 1_000_000)}]", {"cell-too-long"}),
    "half a character": (f'[{ROW.replace("P1", chr(92) + "ud800")}]', set()),
    "numbers for rows": ("[1, 2, null]", {"not-a-row"}),
    "a number": ("5", {"!not-a-table"}),
    "lists for cells": (f'[{ROW.replace(chr(34) + "1.5" + chr(34), "[[1, 2], {}]")}]', {"not-a-number"}),
    "columns without end": ("[{" + ",".join(f'"c{i}": 1' for i in range(5_000)) + "}]", {"!too-many-columns"}),
    "a new column in each row": ("[" + ",".join(f'{{"c{i}": 1}}' for i in range(5_000)) + "]", {"!too-many-columns"}),
    "tables without end": ("{" + ",".join(f'"t{i}": []' for i in range(5_000)) + "}", {"!too-many-files"}),
    "rows that are none without end": ("[" + "0," * 50_000 + "0]", {"!not-a-row"}),
}  # fmt: skip


@pytest.mark.parametrize("name", JSON)
def test_json_made_to_break_a_reader(name, tmp_path):
    """Depth, width and names are looked at before anything is built."""
    text, codes = JSON[name]
    file = tmp_path / "project.json"
    file.write_text(text, "utf-8")
    assert soon_told(file) == codes


# -- workbooks ------------------------------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"


def book(folder: Path, suffix: str = ".xlsx", rows: Any = None) -> Path:
    """A sound workbook with one row."""
    return workbooks.write(folder / f"project{suffix}", {"project": rows or ROWS})


def changed(path: Path, part: str, old: str, new: str) -> Path:
    """A workbook with other words in one of its parts."""

    def change(name: str, content: bytes) -> bytes:
        assert name != part or old.encode() in content
        return content.replace(old.encode(), new.encode()) if name == part else content

    with zipfile.ZipFile(path) as archive:
        assert part in archive.namelist()
    return workbooks.repack(path, change)


def bomb(folder: Path) -> Path:
    """300 MB of blanks in a few hundred KB, and the file says so."""
    return workbooks.repack(book(folder), lambda _, part: part, {"xl/media/x.xml": b" " * 300_000_000})


def lying_bomb(folder: Path) -> Path:
    """The same, but the file says that it holds ten bytes."""
    path = bomb(folder)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/media/x.xml").file_size
    path.write_bytes(data.replace(struct.pack("<I", size), struct.pack("<I", 10)))
    return path


def overlapping(folder: Path) -> Path:
    """Many names for one and the same packed part."""
    path = book(folder)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/big.xml", os.urandom(1_000) * 10_000)
        big = archive.getinfo("xl/big.xml")
        for number in range(3_000):
            again = zipfile.ZipInfo(f"xl/big{number}.xml")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(again, name, getattr(big, name))
            archive.filelist.append(again)
    return path


LAUGHS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(10))
OUTSIDE = '<!ENTITY a9 SYSTEM "file:///etc/passwd">'


def declared(folder: Path, entities: str, suffix: str = ".xlsx") -> Path:
    """A workbook with a DTD whose entity is a cell."""
    path = book(folder, suffix)
    part = SHEET if suffix == ".xlsx" else "content.xml"

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        start = content.index(b"<", content.index(b"?>")) if b"?>" in content[:60] else 0
        dtd = f"<!DOCTYPE x [{entities}]>".encode()
        return content[:start] + dtd + content[start:].replace("甲县".encode(), b"&a9;")

    return workbooks.repack(path, change)


def far_out(folder: Path) -> Path:
    """One cell in the last corner of a worksheet."""
    path = book(folder)
    opened = openpyxl.load_workbook(path)
    opened["project"]["XFD1048576"] = 1
    opened.save(path)
    return path


def far_out_xls(folder: Path) -> Path:
    """The same in an old workbook."""
    path = folder / "project.xls"
    old = xlwt.Workbook()
    sheet = old.add_sheet("project")
    for r, row in enumerate([HEADERS, [*GOOD[:4], "2023-05-15"]]):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    sheet.write(65_535, 255, 1)
    old.save(str(path))
    return path


def far_out_xlsb(folder: Path) -> Path:
    """The same in a binary workbook, which names its columns and rows by numbers of 32 bits."""
    rows = b"".join(
        workbooks.row_bin(r) + b"".join(workbooks.cell_bin(c, cell) for c, cell in enumerate(row))
        for r, row in enumerate(ROWS)
    )
    rows += workbooks.row_bin(1_048_575) + workbooks.cell_bin(16_383, 1)
    return _xlsb(folder, rows)


def _xlsb(folder: Path, rows: bytes) -> Path:
    path = book(folder, ".xlsb")
    return workbooks.repack(
        path, lambda name, part: workbooks.sheet_bin(rows) if name == "xl/worksheets/sheet1.bin" else part
    )


def beyond_xlsb(folder: Path) -> Path:
    """A cell in a row and column that no spreadsheet has."""
    return _xlsb(folder, workbooks.row_bin(2**32 - 1) + workbooks.cell_bin(2**32 - 1, 1))


def short_xlsb(folder: Path) -> Path:
    """A cell without a value in a column that no spreadsheet has."""
    return _xlsb(folder, workbooks.row_bin(0) + workbooks.record(2, b"\xff\xff\xff\x7f"))


def repeated_ods(folder: Path, rows: int, columns: int, text: str = "x") -> Path:
    """One cell that says it stands for a whole sheet."""
    cell = f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return workbooks.ods_of(folder / "project.ods", f'<table:table table:name="project">{row}</table:table>')


def wide_area(folder: Path) -> Path:
    """A sheet that says it is as large as can be, though it holds two rows."""
    return changed(book(folder), SHEET, "A1:E2", "A1:XFD1048576")


def merges(folder: Path, areas: str) -> Path:
    """Merged areas without end."""
    return changed(book(folder), SHEET, "</sheetData>", f"</sheetData><mergeCells>{areas}</mergeCells>")


def many_sheets(folder: Path) -> Path:
    """A list of sheets without end."""
    sheets = "".join(f'<sheet name="s{i}" sheetId="{i + 9}" r:id="rId1"/>' for i in range(100_000))
    path = book(folder)
    with zipfile.ZipFile(path) as archive:
        assert b"</sheets>" in archive.read("xl/workbook.xml")
    namespace = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

    def change(name: str, content: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return content
        content = content.replace(b"</sheets>", f"{sheets}</sheets>".encode())
        bound = b"xmlns:r=" in content  # not by every way in which openpyxl writes XML
        return content if bound else content.replace(b"<workbook ", f"<workbook {namespace} ".encode(), 1)

    return workbooks.repack(path, change)


def deep_xml(folder: Path) -> Path:
    """Elements inside elements without end."""
    return changed(book(folder), SHEET, "<sheetData>", "<x>" * 100_000 + "</x>" * 100_000 + "<sheetData>")


def links_out(folder: Path) -> Path:
    """A part that names a file outside of the workbook."""
    return changed(
        book(folder), "xl/_rels/workbook.xml.rels", "/xl/worksheets/sheet1.xml", "../../../../../../etc/passwd"
    )


def twice(folder: Path) -> Path:
    """The same part twice, with other contents."""
    path = book(folder)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    return path


def nameless(folder: Path) -> Path:
    """A part whose name is empty, as it ends at its first sign."""
    path = workbooks.repack(book(folder), lambda _, part: part, {"zzz.bin": b"1"})
    path.write_bytes(path.read_bytes().replace(b"zzz.bin", b"\0zz.bin"))
    return path


def encrypted(folder: Path) -> Path:
    """A part that says it is encrypted."""
    path = book(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    return path


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    """A file of these bytes."""

    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOKS: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "a bomb": (bomb, {"!unpacked-limit"}),
    "a bomb that lies": (lying_bomb, {"!workbook-damaged"}),
    "parts that overlap": (overlapping, {"!unpacked-limit"}),
    "a part twice": (twice, {"!unsafe-archive"}),
    "a part without a name": (nameless, {"!unsafe-archive"}),
    "an encrypted part": (encrypted, {"!workbook-encrypted"}),
    "a billion laughs": (lambda folder: declared(folder, LAUGHS), {"!unsafe-xml"}),
    "an outside entity": (lambda folder: declared(folder, OUTSIDE), {"!unsafe-xml"}),
    "a billion laughs, .ods": (lambda folder: declared(folder, LAUGHS, ".ods"), {"!unsafe-xml"}),
    "an outside entity, .ods": (lambda folder: declared(folder, OUTSIDE, ".ods"), {"!unsafe-xml"}),
    "the last corner": (far_out, {"!too-many-rows"}),
    "the last corner, .xls": (far_out_xls, {"!too-many-columns"}),
    "the last corner, .xlsb": (far_out_xlsb, {"!too-many-rows"}),
    "beyond the last corner, .xlsb": (beyond_xlsb, {"!too-many-rows"}),
    "a cell cut short, .xlsb": (short_xlsb, {"!workbook-damaged"}),
    "one cell for a sheet": (lambda folder: repeated_ods(folder, 1_048_576, 16_384), {"!too-many-rows"}),
    "one cell for 2^31 rows": (lambda folder: repeated_ods(folder, 2**31, 1), {"!workbook-damaged"}),
    "one cell for 2^64 columns": (lambda folder: repeated_ods(folder, 1, 2**64), {"!workbook-damaged"}),
    "minus one cells": (lambda folder: repeated_ods(folder, -1, -1), {"!workbook-damaged"}),
    "long text repeated": (lambda folder: repeated_ods(folder, 500_000, 100, "x" * 30_000), {"!cells-far-apart"}),
    "a false size": (wide_area, set()),
    "deep elements": (deep_xml, set()),
    "a part outside": (links_out, {"!workbook-damaged"}),
    "sheets without end": (many_sheets, {"!unsafe-archive"}),
    "an area merged 100,000 times": (lambda folder: merges(folder, '<mergeCell ref="A2:A3"/>' * 100_000), {"!unpacked-limit"}),
    "areas without end": (
        lambda folder: merges(folder, "".join(f'<mergeCell ref="A{i}:A{i * 7 % 1_000_000 + i}"/>' for i in range(1, 30_000))),
        set(),
    ),
    "the whole sheet merged": (lambda folder: merges(folder, '<mergeCell ref="A1:XFD1048576"/>'), set()),
    "no area": (lambda folder: merges(folder, '<mergeCell ref="ZZZZZZ99999999999999999999:@"/><mergeCell/>'), {"!workbook-damaged"}),
    "no workbook": (written("project.xlsx", b"hello"), {"!not-a-workbook"}),
    "an empty workbook": (written("project.xlsx", b""), {"!not-a-workbook"}),
    "an empty archive": (written("project.xlsx", b"PK\x05\x06" + bytes(18)), {"!not-a-workbook"}),
    "no old workbook": (written("project.xls", OLE + bytes(5_000)), {"!workbook-damaged"}),
    "an old workbook of noise": (written("project.xls", OLE + bytes(i * 7 % 256 for i in range(20_000))), {"!workbook-damaged"}),
    "no binary workbook": (written("project.xlsb", b"PK\3\4" + bytes(1_000)), {"!workbook-damaged"}),
    "no document": (written("project.ods", b"PK\3\4" + bytes(1_000)), {"!workbook-damaged"}),
    "a table of HTML named .xls": (written("project.xls", b"<html><table><tr><td>1</td></tr></table>"), {"!not-a-workbook"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BOOKS)
def test_workbooks_made_to_break_a_reader(name, tmp_path):
    """Sizes are counted while unpacking, DTDs are refused, and no cell is believed to be where no table can reach."""
    build, codes = BOOKS[name]
    assert soon_told(build(tmp_path)) == codes


def test_a_long_cell_is_named(tmp_path):
    """More characters than a spreadsheet can show are no cell."""
    path = changed(book(tmp_path), SHEET, "P1", "P" * 40_000)
    assert soon_told(path) == {"cell-too-long"}


# -- folders --------------------------------------------------------------------------------------------------------


def rows_file(folder: Path, name: str = "project.csv") -> Path:
    """A sound table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(HEAD + LINE)
    return folder / name


def test_links_are_not_followed(tmp_path):
    """A link to a file or folder outside, or back to the folder itself, is named and not opened."""
    outside = rows_file(tmp_path / "outside")
    inside = tmp_path / "inside"
    rows_file(inside, "签约项目.csv")
    (inside / "project.csv").symlink_to(outside)
    (inside / "loop").symlink_to(inside, target_is_directory=True)
    (inside / "away").symlink_to(tmp_path / "outside", target_is_directory=True)
    (inside / "nowhere.csv").symlink_to(tmp_path / "no such file")
    taken = take(CHECKED, inside)
    assert sorted((found.code, found.file) for found in taken.findings) == [
        ("not-a-plain-file", "away"),
        ("not-a-plain-file", "loop"),
        ("not-a-plain-file", "nowhere.csv"),
        ("not-a-plain-file", "project.csv"),
    ]
    assert taken.counts["project"].read == 1


def test_devices_in_a_folder_are_not_waited_for(tmp_path):
    """A pipe that nobody writes to is named; a folder that is named like a file is a folder."""
    os.mkfifo(tmp_path / "project.csv")
    rows_file(tmp_path / "visits.csv")
    taken = take(CHECKED, tmp_path)
    assert [(found.code, found.file) for found in taken.findings] == [("not-a-plain-file", "project.csv")]
    assert taken.counts["project"].read == 1
    assert told(tmp_path / "project.csv") == {"!file-not-found"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    """The other files still count."""
    rows_file(tmp_path)
    rows_file(tmp_path, "签约项目.csv").chmod(0)
    assert told(tmp_path) == {"file-not-read"}


def test_a_thousand_files_are_enough(tmp_path):
    """One more is refused before any is opened."""
    for number in range(1_001):
        (tmp_path / f"{number}.csv").touch()
    assert soon_told(tmp_path) == {"!too-many-files"}


def test_names_of_files_and_sheets_are_shown_harmlessly(tmp_path):
    """Line breaks and escape sequences in names stay on one line and do nothing."""
    rows_file(tmp_path, "a\n\x1b[2J项目.csv").write_bytes(b"x,y\n1,2\n")
    workbooks.write_ods(tmp_path / "b\u202e.ods", {"\x1b[31m\n甲".replace("\x1b", ""): [["x", "y"], [1, 2]]})
    findings = take(CHECKED, tmp_path).findings
    assert {found.code for found in findings} == {"unknown-table"}
    for found in findings:
        for part in (found.file, found.sheet, found.value, found.message.zh, found.message.en):
            assert part is None or part.isprintable(), part


def test_two_sheets_of_one_name_are_not_read(tmp_path):
    """No spreadsheet writes them; which of them a program would show, nobody can say."""
    sheets = {"project": ROWS, "project2": [HEADERS, ["P2", *GOOD[1:]]]}
    for suffix, part in ((".ods", "content.xml"), (".xlsx", "xl/workbook.xml")):
        path = changed(workbooks.write(tmp_path / f"甲{suffix}", sheets), part, '"project2"', '"project"')
        assert told(path) == {"!workbook-damaged"}


TWINS = b"""
campaign: twins
title: t
period: {from: 2023-01-01, to: 2023-12-31}
units: {roster: [{id: a}]}
records:
  first: {fields: {unit: {type: unit}, on: {type: date}, size: {type: count}}}
  second: {fields: {unit: {type: unit}, on: {type: date}, size: {type: count}}}
metrics: {n: {count: first, on: 'on'}, m: {count: second, on: 'on'}}
"""


def test_a_table_that_may_be_either_of_two_is_not_guessed(tmp_path):
    """It is named and not read; named after one of them it is that one."""
    twins = checker.check(structure(source.read(TWINS, name="campaign.yaml")))
    (tmp_path / "x.csv").write_bytes(b"unit,on,size\na,2023-01-01,1\n")
    assert [found.code for found in take(twins, tmp_path).findings] == ["unknown-table"]
    (tmp_path / "x.csv").rename(tmp_path / "second.csv")
    assert [*take(twins, tmp_path).tables] == ["second"]


# -- databases ------------------------------------------------------------------------------------------------------


def database(path: Path, *statements: str) -> Path:
    """A database that these statements make."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


ENDLESS = (
    "CREATE VIEW project AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
    " SELECT id, '甲县' AS unit, 1 AS investment, '省内' AS origin, '2023-05-15' AS signed_on FROM n"
)
SILENT = (
    "CREATE VIEW project AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
    " SELECT id, id AS unit FROM n WHERE id < 0"
)


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        ((ENDLESS,), {"!too-many-rows"}),
        ((SILENT,), {"!database-too-slow"}),
        (("CREATE TABLE t (x)", "CREATE VIEW project AS SELECT * FROM gone"), {"!database-unreadable"}),
        (("CREATE VIEW project AS SELECT load_extension('/tmp/x')",), {"!database-unreadable"}),
        (("CREATE VIEW project AS SELECT writefile('/tmp/x', 'y')",), {"!database-unreadable"}),
        (('CREATE TABLE "project" (id, unit, "a""b; DROP TABLE project" )',), {"missing-column", "unknown-column"}),
    ],
)
def test_views_of_a_database_are_not_trusted(statements, codes, tmp_path):
    """A view that never ends, or that does what no submission may, is refused."""
    started = time.monotonic()
    assert told(database(tmp_path / "all.sqlite", *statements), rows=10_000) == codes
    assert time.monotonic() - started < 30


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """Whatever its first bytes say."""
    for content in (b"", b"SQLite format 3\0" + bytes(84), b"SQLite format 3\0" + bytes(range(256)) * 40, b"hello"):
        (tmp_path / "all.db").write_bytes(content)
        assert told(tmp_path / "all.db") <= {"!database-unreadable"}, content[:20]


# -- frames -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"ARROW1\0\0" + bytes(100), b"\xff\xff\xff\xff" + b"\xff" * 8],
)
@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".feather", ".ipc"])
def test_broken_columnar_files_are_refused(content, suffix, tmp_path):
    """By our own code."""
    (tmp_path / f"project{suffix}").write_bytes(content)
    assert soon_told(tmp_path / f"project{suffix}") == {"!file-unreadable"}


# -- what goes out again ----------------------------------------------------------------------------------------------

FORMULAS = ("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)", "\t=1", "＝1+1", "＠x", "＋1", "=cmd|' /C calc'!A0")


def test_submitted_formulas_come_out_as_text():
    """Reports of findings never hold a cell that a spreadsheet would compute."""
    campaign = driver.load(HERE / "intake" / "campaign.yaml")
    rows = [{**TEXT, "id": f"P{i}", "unit": text, text: "1"} for i, text in enumerate(FORMULAS)]
    evaluation = campaign.evaluate({"project": rows}, as_of="2023-12-31")
    assert {found.value for found in evaluation.findings if found.code == "unknown-unit"} >= {
        "=HYPERLINK(1)",
        "@SUM(1)",
    }
    content = as_csv.findings(evaluation.findings)
    assert content.count("HYPERLINK") >= 2
    for line in csv.reader(io.StringIO(content.removeprefix("\ufeff"))):
        for cell in line:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "＝", "＠", "＋")), cell


def test_frames_of_nothing_are_nothing():
    """Tables without rows, without columns, with five thousand columns of a program."""
    assert told({"project": pl.DataFrame()}) == set()
    assert told({"project": pl.DataFrame(schema=HEADERS)}) == set()
    wide = pl.DataFrame({f"c{i}": [1] for i in range(5_000)})
    assert soon_told({"project": wide}, findings=50) == {"missing-column", "unknown-column", "more-findings"}
