"""Workbooks of binary records (.xls: the stream of a compound file; .xlsb: parts of a packed file) → `Book`.

In: streams or parts that were counted. Out: how far cells reach, errors of formulas, merged cells. The numbers by which a
reader sets memory aside are held against what is really there. Must not know: what cells mean; their values are read by
another.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import partial
from typing import Final

from attrs import Factory, define

from campaignrules.errors import Text
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits
from campaignrules.intake.sheets import Area, Formats
from campaignrules.intake.spreadsheets import markup
from campaignrules.intake.spreadsheets.archives import damaged, packed
from campaignrules.intake.spreadsheets.compound import streams
from campaignrules.intake.spreadsheets.extents import FROM_1900, FROM_1904, Book, Extent, Look

ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
Record = tuple[int, int, int]
"""Kind, and where its body begins and ends."""


@define(eq=False, repr=False)
class _Sheet:
    """What one sheet holds."""

    extent: Extent
    errors: dict[tuple[int, int], str] = Factory(dict)
    merged: list[Area] = Factory(list)
    shared: list[int] = Factory(list)
    formulas: int = 0

    def look(self) -> Look:
        self.extent.check()
        return Look(Formats(None, formulas=self.formulas), tuple(self.merged), self.errors)

    def error(self, row: int, column: int, code: int) -> None:
        self.errors[row, column] = ERRORS.get(code, "#ERROR!")


@define(eq=False, repr=False)
class _Shared:
    """How long each text is that cells refer to."""

    label: str
    limits: Limits
    lengths: list[int] = Factory(list)

    def check(self, cells: list[int]) -> None:
        """Every cell has a copy of the text that it shows; all of them are no longer than what may be unpacked."""
        if max(self.lengths, default=0) * len(cells) <= self.limits.unpacked:
            return
        if sum(self.lengths[cell] for cell in cells if cell < len(self.lengths)) > self.limits.unpacked:
            raise refuse("unpacked-limit", path=self.label)


# -- .xls ---------------------------------------------------------------------------------------------------------

_BOUNDSHEET, _FILEPASS, _DATEMODE, _SST, _CONTINUE = 0x85, 0x2F, 0x22, 0xFC, 0x3C
_DIMENSIONS, _MULRK, _FORMULA, _BOOLERR, _LABELSST, _MERGED = 0x200, 0xBD, 0x06, 0x205, 0xFD, 0xE5
_XLS_CELLS: Final = {0x203, 0x27E, _FORMULA, _BOOLERR, _LABELSST, 0x204, 0xD6}
_EOF: Final = 0x0A
_XLS_ROWS, _XLS_COLUMNS = 65_536, 256


def xls(data: bytes, label: str, limits: Limits) -> Book:
    """The workbook of a compound file. Raises CampaignError."""
    found = streams(data, label)
    if "encryptedpackage" in found or "encryptioninfo" in found:
        raise refuse("workbook-encrypted", path=label)
    stream = found.get("workbook") or found.get("book")
    if not stream:
        raise refuse("not-a-workbook", path=label, kind=Text("其他程序的文件", "a file of another program"))
    sheets, shared, from_1904 = _xls_globals(stream, label, limits)
    looks = [_xls_look(stream, begin, shared) for begin in sheets]  # the reader reads all of them at once
    return Book(io.BytesIO(data), partial(_nth, looks, label), FROM_1904 if from_1904 else FROM_1900)


def _nth(looks: list[Look], label: str, position: int, _title: str) -> Look:
    if position >= len(looks):
        raise damaged(label)
    return looks[position]


def _xls_records(stream: bytes, at: int, label: str) -> Iterator[Record]:
    """The records from a place on, to the end of their part."""
    size = len(stream)
    while at + 4 <= size:
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if at + length > size:
            raise damaged(label)
        yield kind, at, at + length
        if kind == _EOF:
            return
        at += length


def _xls_globals(stream: bytes, label: str, limits: Limits) -> tuple[list[int], _Shared, bool]:
    """Where each sheet begins, how long shared text is, and whether days are counted from 1904."""
    sheets: list[int] = []
    shared, from_1904 = _Shared(label, limits), False
    texts: list[bytes] = []
    for kind, at, end in _xls_records(stream, 0, label):
        if kind == _FILEPASS:
            raise refuse("workbook-encrypted", path=label)
        if kind == _BOUNDSHEET and end - at >= 6:
            sheets.append(struct.unpack_from("<I", stream, at)[0])
        elif kind == _DATEMODE and end - at >= 2:
            from_1904 = stream[at : at + 2] == b"\x01\x00"
        elif kind == _SST and end - at >= 8:
            if struct.unpack_from("<I", stream, at + 4)[0] > len(stream) // 3:
                raise damaged(label)
            texts = [stream[at + 8 : end]]
        elif kind == _CONTINUE and texts:
            texts.append(stream[at:end])
        elif texts and not shared.lengths:
            shared.lengths = list(_xls_lengths(texts))
    if len(sheets) > limits.files or any(begin >= len(stream) for begin in sheets):
        raise damaged(label)
    return sheets, shared, from_1904


def _xls_lengths(parts: list[bytes]) -> Iterator[int]:
    """The lengths of shared texts, which may go on in the next record; that begins with a byte of its own then."""
    index, at = 0, 0
    while index < len(parts):
        if at + 3 > len(parts[index]):
            index, at = index + 1, 0
            continue
        length, flags = struct.unpack_from("<HB", parts[index], at)
        at += 3
        runs = int.from_bytes(parts[index][at : at + 2], "little") if flags & 8 else 0
        at += 2 if flags & 8 else 0
        more = int.from_bytes(parts[index][at : at + 4], "little") if flags & 4 else 0
        at += 4 if flags & 4 else 0
        yield length
        index, at = _after_text(parts, index, at, length, flags)
        at += 4 * runs + more
        while index < len(parts) and at > len(parts[index]):
            index, at = index + 1, at - len(parts[index])


def _after_text(parts: list[bytes], index: int, at: int, length: int, flags: int) -> tuple[int, int]:
    """Where a text ends that begins here and has so many signs, of one byte or two."""
    while True:
        width = 1 + (flags & 1)
        there = max(len(parts[index]) - at, 0) // width
        if length <= there or index + 1 >= len(parts):
            return index, at + length * width
        length -= there
        index, at = index + 1, 1
        flags = parts[index][0] if parts[index] else 0


def _xls_look(stream: bytes, begin: int, shared: _Shared) -> Look:
    sheet = _Sheet(Extent(shared.label, f"@{begin}", shared.limits))
    for kind, at, end in _xls_records(stream, begin, shared.label):
        if kind in _XLS_CELLS and end - at >= 7:
            _xls_cell(stream, sheet, kind, at, end)
        elif kind == _MULRK and end - at >= 6:
            row, column = struct.unpack_from("<HH", stream, at)
            cells = (end - at - 6) // 6
            sheet.extent.add(row + 1, column, cells)
            sheet.extent.add(row + 1, column + max(cells, 1) - 1, 0)
        elif kind == _DIMENSIONS:
            _check_dimensions(stream, at, end, shared.label)
    shared.check(sheet.shared)
    return sheet.look()


def _xls_cell(stream: bytes, sheet: _Sheet, kind: int, at: int, end: int) -> None:
    row, column = struct.unpack_from("<HH", stream, at)
    sheet.extent.add(row + 1, column)
    if kind == _LABELSST:
        sheet.shared.append(int.from_bytes(stream[at + 6 : at + 10], "little"))
    elif kind == _BOOLERR and end - at >= 8 and stream[at + 7]:
        sheet.error(row, column, stream[at + 6])
    elif kind == _FORMULA:
        sheet.formulas += 1
        if end - at >= 14 and stream[at + 6] == 2 and stream[at + 12 : at + 14] == b"\xff\xff":
            sheet.error(row, column, stream[at + 8])


def _check_dimensions(stream: bytes, at: int, end: int, label: str) -> None:
    """What a sheet says about its size: the reader sets aside as much memory."""
    form = {14: "<IIHH", 10: "<HHHH"}.get(end - at)
    if form is None:
        raise damaged(label)
    first_row, rows, first_column, columns = struct.unpack_from(form, stream, at)
    if rows > _XLS_ROWS or columns > _XLS_COLUMNS:
        raise damaged(label)
    if rows and columns and (first_row >= rows or first_column >= columns):
        raise damaged(label)


# -- .xlsb --------------------------------------------------------------------------------------------------------

_ROW_HEADER, _WB_PROPERTIES, _BUNDLE, _BEGIN_SHARED, _SHARED_ITEM, _SHARED_CELL = 0, 153, 156, 159, 19, 7
_XLSB_ERRORS: Final = (3, 11)
_XLSB_FORMULAS: Final = (8, 9, 10, 11)
_XLSB_TEXTS: Final = (6, 8)
_LEAST: Final = {0: 4, 2: 12, 3: 9, 4: 9, 5: 16, 6: 12, 7: 12, 8: 12, 9: 16, 10: 9, 11: 9}
"""Bytes of a row or cell: where one has fewer, the reader takes what is left of the record before it."""
_MERGE: Final = 176
_XLSB_WORKBOOK: Final = "xl/workbook.bin"
_XLSB_KEPT: Final = (".bin", ".xml", ".rels")


def xlsb(parts: dict[str, bytes], label: str, limits: Limits) -> Book:
    """The workbook of these parts. Raises CampaignError."""
    kept = {name: part for name, part in parts.items() if name.casefold().endswith(_XLSB_KEPT)}
    markup.check(kept, label)
    lower = {name.casefold(): part for name, part in kept.items()}
    links = markup.links(lower.get("xl/_rels/workbook.bin.rels", b""), label)
    sheets: list[str] = []
    from_1904 = False
    for kind, at, end in _xlsb_records(lower[_XLSB_WORKBOOK], label):
        if kind == _WB_PROPERTIES and end > at:
            from_1904 = bool(lower[_XLSB_WORKBOOK][at] & 1)
        elif kind == _BUNDLE:
            sheets.append(links.get(_wide(lower[_XLSB_WORKBOOK], at + 8, end, label), ""))
    if len(sheets) > limits.files or len(set(sheets)) < len(sheets):
        raise refuse("unsafe-archive", path=label)
    if "" in sheets:
        raise damaged(label)
    shared = _xlsb_shared(lower.get("xl/sharedstrings.bin", b""), label, limits)
    look = partial(_xlsb_look, lower, sheets, shared)
    return Book(packed(kept), look, FROM_1904 if from_1904 else FROM_1900)


def _wide(part: bytes, at: int, end: int, label: str) -> str:
    """A text with its length before it."""
    length = int.from_bytes(part[at : at + 4], "little") if at + 4 <= end else 2**31
    if at + 4 + 2 * length > end:
        raise damaged(label)
    return part[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace")


def _xlsb_records(part: bytes, label: str) -> Iterator[Record]:
    """The records of a part; numbers and lengths are written in groups of seven bits."""
    at, size = 0, len(part)
    try:
        while at < size:
            kind = part[at]
            at += 1
            if kind & 128:
                kind = (kind & 127) | (part[at] & 127) << 7
                at += 1
            length = part[at]
            at += 1
            if length & 128:
                length &= 127
                for shift in (7, 14, 21):
                    more = part[at]
                    at += 1
                    length |= (more & 127) << shift
                    if not more & 128:
                        break
            if at + length > size:
                raise damaged(label)
            yield kind, at, at + length
            at += length
    except IndexError:
        raise damaged(label) from None


def _xlsb_shared(part: bytes, label: str, limits: Limits) -> _Shared:
    shared = _Shared(label, limits)
    for kind, at, end in _xlsb_records(part, label):
        if kind == _SHARED_ITEM:
            shared.lengths.append(end - at)
        elif kind == _BEGIN_SHARED and (end - at < 8 or int.from_bytes(part[at + 4 : at + 8], "little") > len(part)):
            raise damaged(label)
    return shared


def _xlsb_look(parts: dict[str, bytes], sheets: list[str], shared: _Shared, position: int, title: str) -> Look:
    part = parts.get(sheets[position]) if position < len(sheets) else None
    if part is None:
        raise damaged(shared.label)
    sheet = _Sheet(Extent(shared.label, title, shared.limits))
    row = 0
    for kind, at, end in _xlsb_records(part, shared.label):
        if end - at < _LEAST.get(kind, 0):
            raise damaged(shared.label)
        if kind == _ROW_HEADER:
            row = int.from_bytes(part[at : at + 4], "little")
        elif 2 <= kind <= 11:
            _xlsb_cell(part, sheet, row, (kind, at, end))
        elif kind == _MERGE and end - at >= 16:
            top, bottom, left, right = struct.unpack_from("<IIII", part, at)
            sheet.merged.append(Area(top + 1, left, bottom + 1, right))
    shared.check(sheet.shared)
    return sheet.look()


def _xlsb_cell(part: bytes, sheet: _Sheet, row: int, record: Record) -> None:
    kind, at, end = record
    column = int.from_bytes(part[at : at + 4], "little")
    sheet.extent.add(row + 1, column)
    if kind == _SHARED_CELL:
        sheet.shared.append(int.from_bytes(part[at + 8 : at + 12], "little"))
    elif kind in _XLSB_TEXTS:
        _wide(part, at + 8, end, sheet.extent.label)
    sheet.formulas += kind in _XLSB_FORMULAS
    if kind in _XLSB_ERRORS:
        sheet.error(row, column, part[at + 8])
