"""Workbooks (.xlsx .xlsm .xls .xlsb .ods) → their visible sheets, read by python-calamine.

In: the bytes of a file. Out: `Sheet`s in their order; a hidden one has no cells and a finding that names it. Before the reader sees a
file, the scanner of its kind has counted what is in it (`archives`, `ooxml` …): the reader keeps a whole rectangle of
cells in memory, however few of them are filled. Must not know: tables, fields, campaigns.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import python_calamine as calamine
from attrs import define, field, frozen

from campaignrules.errors import CampaignError, Text
from campaignrules.intake.findings import finding, refuse
from campaignrules.intake.raw import Limits
from campaignrules.intake.sheets import LISTS, Area, Sheet, address
from campaignrules.intake.spreadsheets import archives, compound, ooxml, opendocument, records
from campaignrules.intake.spreadsheets.extents import Book, Look
from campaignrules.intake.spreadsheets.grid import Grid
from campaignrules.results import Finding


def sheets_of(data: bytes, label: str, limits: Limits) -> Iterator[Sheet]:
    """The sheets of a workbook that findings name `label`. Raises CampaignError."""
    book = _scanned(data, label, limits)
    workbook = _guarded(lambda: calamine.load_workbook(book.file), label)
    if len(set(workbook.sheet_names)) < len(workbook.sheet_names):
        raise archives.damaged(label)  # the reader would give the first of them twice
    for position, known in enumerate(workbook.sheets_metadata):
        if known.visible != calamine.SheetVisibleEnum.Visible:
            if known.name not in LISTS:
                yield _hidden(label, known.name)
        elif known.typ == calamine.SheetTypeEnum.WorkSheet:
            yield _sheet(book, workbook, position, label, limits)


# -- which kind of file -------------------------------------------------------------------------------------------


def _scanned(data: bytes, label: str, limits: Limits) -> Book:
    """The workbook by what is in it; the name of the file does not matter."""
    if data.startswith(compound.MARK):
        return records.xls(data, label, limits)
    if not data.startswith(b"PK"):
        raise _no_workbook(data, label)
    parts = archives.unpacked(data, label, limits)
    names = {name.casefold() for name in parts}
    for name, scanner in _SCANNERS.items():
        if name in names:
            return scanner(parts, label, limits)
    raise refuse("not-a-workbook", path=label, kind=Text("其他压缩文件", "another packed file"))


_SCANNERS: Final[dict[str, Callable[[dict[str, bytes], str, Limits], Book]]] = {
    "xl/workbook.xml": ooxml.book,
    "xl/workbook.bin": records.xlsb,
    opendocument.CONTENT: opendocument.book,
}


def _no_workbook(data: bytes, label: str) -> CampaignError:
    """The error for a file that is something else, as a web page or a text is that somebody named .xls."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    kind = next(
        (words for signs, words in _OTHERS.items() if start.startswith(signs)),
        Text("其他文件", "another file") if b"\0" in data[:4096] else Text("文本", "text"),
    )
    return refuse("not-a-workbook", path=label, kind=kind)


_OTHERS: Final = {
    (b"<?xml", b"<workbook"): Text("XML", "XML"),
    (b"<!doctype", b"<html", b"<meta", b"<table", b"<head", b"<body", b"<style", b"<div"): Text("网页", "a web page"),
    (b"%pdf",): Text("PDF", "PDF"),
    (b"{\\rtf",): Text("RTF", "RTF"),
    (b"\x89png", b"\xff\xd8\xff", b"gif8"): Text("图片", "a picture"),
}


# -- reading ------------------------------------------------------------------------------------------------------


def _guarded(work: Callable[[], Any], label: str) -> Any:
    """What the reader of workbooks gives; whatever it stumbles over makes the file damaged. Nothing of ours runs inside."""
    try:
        with _UNCOLLECTED:
            return work()
    except calamine.PasswordError:
        raise refuse("workbook-encrypted", path=label) from None
    except Exception:  # noqa: BLE001  a reader of hostile bytes may raise anything
        raise archives.damaged(label) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the reader's own bounds checks
            raise archives.damaged(label) from None
        raise


@define(eq=False, repr=False)
class Uncollected:
    """No search for garbage while anybody reads: among lists that are all kept it finds none, in a quarter of the time.

    The switch is one for the whole process: of several threads that read, or of one that reads
    inside another, the first turns it off and the last puts it back as it was.
    """

    _readers: int = 0
    _was: bool = False
    _lock: threading.Lock = field(factory=threading.Lock)

    def __enter__(self) -> None:
        with self._lock:
            if not self._readers:
                self._was = gc.isenabled()
                gc.disable()
            self._readers += 1

    def __exit__(self, *_fault: object) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers and self._was:
                gc.enable()


_UNCOLLECTED: Final = Uncollected()


def _hidden(label: str, title: str) -> Sheet:
    named = finding("hidden-sheet", "", {"file": label, "sheet": title}, name=title)
    return Sheet(Grid(), label, title, findings=(named,), numbered=True, hidden=True)


def _sheet(book: Book, workbook: Any, position: int, label: str, limits: Limits) -> Sheet:
    title = workbook.sheet_names[position]
    look = book.look(position, title)
    found = _guarded(lambda: _read(workbook, position), label)
    columns, start, merged = _columns(found, look), found.start, tuple(_areas(found.merged, found.end))
    left, top = start[1], start[0] + 1
    findings: tuple[Finding, ...] = ()
    if look.longest > limits.cell:
        columns, findings = _short(columns, left, top, limits.cell, {"file": label, "sheet": title})
    grid = Grid(columns, left, top)
    return Sheet(
        grid, label, title, (*merged, *look.merged), look.formats, findings, numbered=True, dates_from=book.dates_from
    )


@frozen(eq=False, repr=False)
class _Given:
    """What the reader says of a sheet: its rows, where the first and last cell is, and its merged areas."""

    rows: list[list[Any]]
    start: tuple[int, int]
    end: tuple[int, int]
    merged: list[Any]


def _read(workbook: Any, position: int) -> _Given:
    sheet = workbook.get_sheet_by_index(position)
    return _Given(sheet.to_python(), sheet.start or (0, 0), sheet.end or (0, 0), sheet.merged_cell_ranges or [])


def _columns(given: _Given, look: Look) -> list[Any]:
    """The columns from the first filled one on, with the errors of formulas as they are shown."""
    (top, left), rows = given.start, given.rows
    for (row, column), text in look.errors.items():
        if 0 <= row - top < len(rows) and 0 <= column - left < len(rows[row - top]):
            rows[row - top][column - left] = text
    return list(zip(*rows, strict=True))


def _areas(ranges: Any, end: tuple[int, int]) -> Iterator[Area]:
    """Merged cells as far as there are any."""
    for (top, left), (bottom, right) in ranges:
        if (top, left) != (bottom, right) and top <= end[0] and left <= end[1]:
            yield Area(top + 1, left, min(bottom, end[0]) + 1, min(right, end[1]))


def _short(
    columns: list[Any], left: int, top: int, most: int, place: dict[str, Any]
) -> tuple[list[Any], tuple[Finding, ...]]:
    """The columns without the rows that have too long a cell, and findings that name those."""
    long = {r: c for c, column in enumerate(columns) for r in _too_long(column, most)}
    if not long:
        return columns, ()
    findings = tuple(
        finding(
            "cell-too-long", "", {**place, "row": top + r, "cell": address(left + c, top + r)}, aside=True, limit=most
        )
        for r, c in sorted(long.items())
    )
    return [tuple("" if r in long else cell for r, cell in enumerate(column)) for column in columns], findings


def _too_long(column: Sequence[Any], most: int) -> list[int]:
    """Where text has more characters."""
    lengths = [len(cell) if type(cell) is str else 0 for cell in column]
    return [] if max(lengths) <= most else [r for r, length in enumerate(lengths) if length > most]
