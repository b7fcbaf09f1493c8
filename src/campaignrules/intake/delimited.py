"""Text with separators → a sheet: cells as text, each line with the number a person sees.

In: the bytes of a file. Out: a `Sheet`, in which nobody has decided yet which line is the header. Lines with fewer cells
than the longest are filled up with nulls; lines that hold nothing are left out. Below a header (`below`), lines that
have another number of cells than the header are marked in one more column, `RAGGED` (a struct of `got` and `wanted`,
null in lines that fit): whoever takes out totals and notes leaves it where it is, and what is still marked when the
table is checked is set aside (`broken-line`). Must not know: fields, types, headers.

Where line and cell end is found by looking at all bytes at once; cells are cut by the engine. A file whose quotes are
out of place goes through Python's own reader, which forgives more; so do short files with quotes.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import evolve, frozen

from campaignrules.intake.conversion import BLANKS
from campaignrules.intake.encodings import may_be_utf8, unix, utf8
from campaignrules.intake.findings import finding, refuse
from campaignrules.intake.raw import ROW, Limits
from campaignrules.intake.sheets import HEAD, Formats, HeadRow, Sheet
from campaignrules.results import Finding

RAGGED: Final = "ragged"
_RAGGED_TYPE: Final = pl.Struct({"got": pl.Int64, "wanted": pl.Int64})
_SHORT: Final = 2**15
"""Bytes of a file that Python has split before the engine would have begun."""
_SEPARATORS: Final = (",", ";", "\t")
_STATES: Final = re.compile(rb'"?sep=(.)"?(?:\r\n|\r|\n)', re.IGNORECASE | re.DOTALL)
"""The first line by which a spreadsheet program is told the separator."""
_LOOKED_AT: Final = 2**16
"""Bytes of the first lines from which the separator is found."""
_LF, _CR, _QUOTE = ord("\n"), ord("\r"), ord('"')
_BLOCK: Final = 2**18
"""Bytes that are looked at together."""


@frozen(slots=False, eq=False, repr=False)
class Lines:
    """The lines of a text file that hold anything; `counts`: how many cells each has, None when all have `width`."""

    frame: pl.DataFrame
    rows: pl.Series
    counts: pl.Series | None
    label: str
    limit: int

    @property
    def width(self) -> int:
        return self.frame.width

    def head(self) -> list[HeadRow]:
        numbers = self.rows.head(HEAD).to_list()
        cells = self.frame.head(HEAD).rows()
        return [HeadRow(n, tuple(cell or "" for cell in row)) for n, row in zip(numbers, cells, strict=True)]

    def below(self, row: int) -> tuple[pl.DataFrame, pl.Series]:
        """As `Cells.below`, with the column `RAGGED` where lines have another number of cells than line `row`."""
        start = self._index(row + 1)
        frame, rows = self.frame.slice(start), self.rows.slice(start)
        if frame.height > self.limit:
            raise refuse("too-many-rows", path=self.label, limit=self.limit)
        ragged = self._ragged(row, start)
        return (frame if ragged is None else frame.with_columns(ragged)), rows

    def _index(self, row: int) -> int:
        """Where a line of the head, or the one after it, stands."""
        return int(np.searchsorted(self.rows.head(HEAD + 1).to_numpy(), row))

    def _ragged(self, row: int, start: int) -> pl.Series | None:
        at = self._index(row)
        if self.counts is None or at >= start:
            return None
        got, wanted = self.counts.slice(start), self.counts[at]
        if (got == wanted).all():
            return None
        other = pl.struct(got=pl.col("got"), wanted=pl.lit(wanted, pl.Int64))
        marked = pl.when(pl.col("got") != wanted).then(other).otherwise(pl.lit(None, _RAGGED_TYPE))
        return got.alias("got").to_frame().select(marked.alias(RAGGED)).to_series()


@frozen(slots=False, eq=False, repr=False)
class _File:
    """What is cut: UTF-8, with the separator found. `first`: the number of its first line."""

    data: bytes
    label: str
    separator: str
    limits: Limits
    first: int = 1

    @cached_property
    def quoted(self) -> bool:
        return b'"' in self.data

    @cached_property
    def units(self) -> Any:
        return np.frombuffer(self.data, np.uint8)

    @cached_property
    def scanned(self) -> _Scanned:
        return _scan(self.units, b"\r" in self.data)

    @property
    def height(self) -> int:
        """Lines as they are in the file; line breaks inside quotes count, too."""
        return self.scanned.breaks + (not self.data.endswith(b"\n"))

    def is_full(self, width: int) -> bool:
        """Whether all lines together have as many cells as lines of that width."""
        return int(np.count_nonzero(self.units == ord(self.separator))) == self.height * (width - 1)

    def check(self, width: int, height: int) -> None:
        """Refuse what is too large before anything is cut. Filled up, short lines may take more room than the file."""
        if height > self.limits.rows + HEAD:
            raise refuse("too-many-rows", path=self.label, limit=self.limits.rows)
        most = min(self.limits.columns, max(self.limits.bytes // height, 1))
        if width > most:
            raise refuse("too-many-columns", path=self.label, limit=most)

    def lines(self, frame: pl.DataFrame, rows: pl.Series, counts: pl.Series | None) -> Lines:
        return Lines(frame, rows, counts, self.label, self.limits.rows)


@frozen(eq=False, repr=False)
class _Scanned:
    """What all bytes of a file were looked at for. `paired`: whether each CR is followed by LF."""

    breaks: int
    paired: bool


def _scan(units: Any, returns: bool) -> _Scanned:
    """In blocks, which stay in the processor's cache. `returns`: whether there is any CR."""
    breaks, paired = 0, not returns or units[-1] != _CR
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        ends = block == _LF
        breaks += int(np.count_nonzero(ends))
        if returns and paired:
            bare = (block[:-1] == _CR) > ends[1:]
            paired = not bare.any() and not (block[-1] == _CR and units[start + len(block)] != _LF)
    return _Scanned(breaks, paired)


def sheet_of(
    data: bytes, label: str, limits: Limits, encoding: str | None = None, separator: str | None = None
) -> Sheet:
    """The cells of a text file. `encoding`, `separator`: as stated by somebody, else found. Raises CampaignError."""
    lines = _at_once(data, label, limits, separator) if may_be_utf8(data, encoding) else None
    long: list[Finding] = []
    notes: tuple[Finding, ...] = ()
    if lines is None:
        text, notes = utf8(data, label, encoding)
        lines = _cut(_file(unix(text), label, limits, separator))
    if _may_be_long(data, limits.cell):
        lines, long = _without_long_cells(lines, limits.cell)
    return Sheet(lines, label, formats=Formats(percent={}), findings=(*notes, *long))


def _at_once(data: bytes, label: str, limits: Limits, separator: str | None) -> Lines | None:
    """The lines of a long file that is most likely UTF-8, even and without quotes; the engine refuses what is not UTF-8."""
    if len(data) <= _SHORT or b'"' in data:
        return None
    file = _file(data.removeprefix(codecs.BOM_UTF8), label, limits, separator)
    return _even(file) if not file.data.isspace() and file.scanned.paired else None


def _file(text: bytes, label: str, limits: Limits, separator: str | None) -> _File:
    stated = _STATES.match(text)
    if stated is not None:
        text, separator = text[stated.end() :], separator or stated[1].decode()
    if separator is None:
        separator = "\t" if label.casefold().endswith(".tsv") else _separator(text)
    return _File(text, label, separator, limits, 2 if stated else 1)


def _separator(text: bytes) -> str:
    """The separator of which most lines have the same number; of equals the more frequent one."""
    lines = text[:_LOOKED_AT].splitlines()[: HEAD + 1]
    kept = [re.sub(rb'"[^"]*"', b"", line) for line in lines if line.strip()]
    counts = {sep: Counter(n for line in kept if (n := line.count(sep.encode()))) for sep in _SEPARATORS}
    ranks = {sep: max(((lines, n) for n, lines in found.items()), default=(0, 0)) for sep, found in counts.items()}
    return max(_SEPARATORS, key=lambda sep: ranks[sep])


def _cut(file: _File) -> Lines:
    if not file.data or file.data.isspace():
        return file.lines(pl.DataFrame(), pl.Series([], dtype=pl.Int64), None)
    if file.quoted:
        return (_quoted(file) if len(file.data) > _SHORT else None) or _forgiving(file)
    return _even(file) or _ragged(file) or _forgiving(file)


# -- without quotes -----------------------------------------------------------------------------------------------


def _even(file: _File) -> Lines | None:
    """The lines of a file of which each has as many cells as the first, as most do, else None.

    No line has more, or the engine would refuse; and all together have as many as that, so that none has fewer.
    """
    separator = file.separator.encode()
    width = file.data[: file.data.find(b"\n") + 1 or None].count(separator) + 1
    file.check(width, file.height)
    if len(file.data) <= _SHORT:
        return _split(file, width)
    frame = _parsed(file.data, width, file)
    if frame is None or frame.height != file.height:
        return None
    if frame[f"r{width - 1}"].null_count() and not file.is_full(width):  # a line that is too short lacks its last cell
        return None
    return _without_blank(file.lines(frame.drop(ROW), _numbers(frame), None))


def _split(file: _File, width: int) -> Lines | None:
    text = file.data.decode().removesuffix("\n")
    rows = [line.split(file.separator) for line in text.split("\n")]
    if any(len(row) != width for row in rows):
        return None
    numbers = [number for number, row in enumerate(rows, file.first) if any(map(_strip, row))]
    rows = [rows[number - file.first] for number in numbers]
    columns = [pl.Series(f"r{i}", [row[i] or None for row in rows], dtype=pl.String) for i in range(width)]
    return file.lines(pl.DataFrame(columns), pl.Series(numbers, dtype=pl.Int64), None)


def _strip(cell: str) -> str:
    return cell.strip(BLANKS)


def _numbers(frame: pl.DataFrame) -> pl.Series:
    """The engine's count of lines, in pieces like its cells: columns in unlike pieces would be copied again and again."""
    return frame[ROW].cast(pl.Int64)


def _ragged(file: _File) -> Lines | None:
    """The lines of any file without quotes."""
    ends = np.flatnonzero(file.units == _LF)
    if not file.data.endswith(b"\n"):
        ends = np.append(ends, len(file.units))
    cuts = np.flatnonzero(file.units == ord(file.separator))
    counts = np.diff(np.searchsorted(cuts, ends), prepend=0) + 1
    return _widened(file, counts)


def _widened(file: _File, counts: Any, rows: pl.Series | None = None) -> Lines | None:
    """The cells when it is known how many each line has: all lines as wide as the widest one."""
    width = int(counts.max())
    file.check(width, len(counts))
    wide = file.separator.encode() * (width - 1) + b"\n"
    frame = _parsed(wide + file.data, width, file)
    if frame is None or frame.height != len(counts) + 1:
        return None
    frame = frame.slice(1)
    cells = frame.drop(ROW).with_columns(_unquoted()) if file.quoted else frame.drop(ROW)
    numbers = _numbers(frame) - 1 if rows is None else rows
    return _without_blank(file.lines(cells, numbers, pl.Series(counts, dtype=pl.Int64)))


def _parsed(data: bytes, width: int, file: _File) -> pl.DataFrame | None:
    """The engine's cells and its count of lines; None when it finds a line longer than `width`."""
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema={f"r{i}": pl.String for i in range(width)},
            separator=file.separator,
            row_index_name=ROW,
            row_index_offset=file.first,
            quote_char='"' if file.quoted else None,
        )
    except pl.exceptions.PolarsError:
        return None


# -- with quotes --------------------------------------------------------------------------------------------------


def _quoted(file: _File) -> Lines | None:
    """The lines of a file whose quotes are in order, line breaks inside them included; else None."""
    quotes = np.flatnonzero(file.units == _QUOTE)
    if not _in_order(file, quotes):
        return None
    breaks = np.flatnonzero(file.units == _LF)
    ends = breaks[_outside(breaks, quotes)]
    if not file.data.endswith(b"\n"):
        ends = np.append(ends, len(file.units))
    cuts = np.flatnonzero(file.units == ord(file.separator))
    counts = np.diff(np.searchsorted(cuts[_outside(cuts, quotes)], ends), prepend=0) + 1
    begins = np.concatenate(([0], np.searchsorted(breaks, ends[:-1]) + 1)) + file.first
    return _widened(file, counts, pl.Series(begins, dtype=pl.Int64))


def _unquoted() -> pl.Expr:
    """Two quotes with nothing between are an empty cell."""
    return pl.when(pl.all() != "").then(pl.all())


def _in_order(file: _File, quotes: Any) -> bool:
    """Whether each quote opens a cell, closes one, or is one of two that stand for one."""
    if len(quotes) % 2:
        return False
    around = np.concatenate(([_LF], file.units, [_LF]))
    bounds = (_LF, _QUOTE, ord(file.separator))
    return bool(np.isin(around[quotes[::2]], bounds).all() and np.isin(around[quotes[1::2] + 2], bounds).all())


def _outside(places: Any, quotes: Any) -> Any:
    """True for places before which as many quotes have closed as have opened."""
    return np.searchsorted(quotes, places) % 2 == 0


def _forgiving(file: _File) -> Lines:
    rows: list[list[str]] = []
    numbers: list[int] = []
    for line, cells in _records(file):
        rows.append(cells)
        numbers.append(line)
        file.check(len(cells), len(rows))
    counts = pl.Series([len(cells) for cells in rows], dtype=pl.Int64)
    width = max(map(len, rows), default=0)
    file.check(width, max(len(rows), 1))
    columns = [[cells[i] or None if i < len(cells) else None for cells in rows] for i in range(width)]
    frame = pl.DataFrame([pl.Series(f"r{i}", column, dtype=pl.String) for i, column in enumerate(columns)])
    return file.lines(frame, pl.Series(numbers, dtype=pl.Int64), counts)


def _records(file: _File) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line it begins on."""
    reader = csv.reader(io.StringIO(file.data.decode()), delimiter=file.separator)
    begins = file.first
    try:
        for cells in reader:
            file.check(len(cells), 1)
            if any(map(_strip, cells)):
                yield begins, cells
            begins = reader.line_num + file.first
    except csv.Error as error:
        raise refuse("csv-unreadable", path=file.label, line=begins, reason=error) from None


# -- lines that are none ------------------------------------------------------------------------------------------


def _without_blank(lines: Lines) -> Lines:
    """Only lines with more than blanks in some cell. Few begin with nothing or a blank: only those are looked at."""
    if not lines.frame.width:
        return lines
    first = pl.col("r0")
    begun = first.is_between(pl.lit("!"), pl.lit("\x7e\x7f"))
    if lines.frame.select(begun.all(ignore_nulls=False)).item():
        return lines
    begun |= first >= "\u3001"
    doubtful = lines.frame.select((~begun).fill_null(True).alias("x")).to_series().arg_true()
    if not len(doubtful):
        return lines
    held = pl.any_horizontal(pl.all().str.strip_chars().str.len_bytes() > 0).fill_null(False)
    blank = doubtful.filter(~lines.frame[doubtful].select(held.alias("x")).to_series())
    return _left(lines, blank) if len(blank) else lines


def _left(lines: Lines, out: pl.Series) -> Lines:
    """The lines without those at these places."""
    kept = pl.int_range(lines.frame.height, eager=True, dtype=pl.UInt32).is_in(out.cast(pl.UInt32).implode()).not_()
    counts = None if lines.counts is None else lines.counts.filter(kept)
    return evolve(lines, frame=lines.frame.filter(kept), rows=lines.rows.filter(kept), counts=counts)


def _may_be_long(data: bytes, most: int) -> bool:
    """Whether a cell may have more characters: without quotes, such a cell covers some block of half as many bytes."""
    half = most // 2 + 1
    if len(data) <= most:
        return False
    return b'"' in data or any(data.find(b"\n", i, i + half) < 0 for i in range(0, len(data) - half + 1, half))


def _without_long_cells(lines: Lines, most: int) -> tuple[Lines, list[Finding]]:
    """Only lines without a cell of more than `most` characters, and a finding for each other one."""
    frame = lines.frame
    sizes = frame.select(pl.all().str.len_bytes().max()).row(0) if frame.width and frame.height else ()
    wide = [name for name, size in zip(frame.columns, sizes, strict=True) if (size or 0) > most] if sizes else []
    if not wide:
        return lines, []
    long = frame.select(pl.any_horizontal(pl.col(wide).str.len_chars() > most).fill_null(False)).to_series().arg_true()
    found = [
        finding("cell-too-long", "", {"file": lines.label, "row": row}, aside=True, limit=most)
        for row in lines.rows[long].to_list()
    ]
    return (_left(lines, long), found) if found else (lines, [])
