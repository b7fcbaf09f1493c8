"""CSV bytes → cells as text, each row with the line a person sees it on.

In: the bytes of a file. Out: `Lines`. Lines whose quotes are in order are split by the engine; a file with line breaks
inside quotes, or with quotes out of place, goes through Python's own reader, which forgives more. Must not know:
fields, types.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

import polars as pl
from attrs import frozen

from campaignrules.intake.findings import finding, refuse
from campaignrules.results import Finding

_SHORT: Final = 2**15
"""Characters of a file without quotes that Python has split before the engine would have begun."""
_QUOTED: Final = r'(^|,)"(?:[^"]|"")*"'


@frozen(eq=False, repr=False)
class Lines:
    """Headers, cells (`r0` …) and the line number of each row; findings name the lines that are no rows."""

    headers: tuple[str, ...]
    cells: pl.DataFrame
    rows: pl.Series
    findings: tuple[Finding, ...] = ()


@frozen(eq=False, repr=False)
class _Sheet:
    """What one file is read against."""

    name: str
    most_rows: int
    most_columns: int


def lines_of(data: bytes, name: str, most_rows: int, most_columns: int) -> Lines:
    """The rows of a CSV file. Raises CampaignError."""
    sheet = _Sheet(name, most_rows, most_columns)
    text, notes = _decoded(data, name)
    found = _even(text, sheet) or _regular(text, sheet) or _irregular(text, sheet)
    return Lines(found.headers, found.cells, found.rows, (*notes, *found.findings))


def _decoded(data: bytes, name: str) -> tuple[str, tuple[Finding, ...]]:
    if b"\0" in data:
        raise refuse("nul-in-file", path=name)
    try:
        return _unix(data.decode("utf-8-sig")), ()
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise refuse("unknown-encoding", path=name) from None
    return _unix(text), (finding("encoding-found", "", {"file": name}, encoding="GB18030"),)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _check_size(columns: int, rows: int, sheet: _Sheet) -> None:
    if columns > sheet.most_columns:
        raise refuse("too-many-columns", path=sheet.name, limit=sheet.most_columns)
    if rows > sheet.most_rows:
        raise refuse("too-many-rows", path=sheet.name, limit=sheet.most_rows)


def _ragged(sheet: _Sheet, line: int, got: int, wanted: int) -> Finding:
    return finding("broken-line", "", {"file": sheet.name, "row": line}, aside=True, got=got, wanted=wanted)


# -- no quotes, no empty lines, no ragged ones --------------------------------------------------------------------


def _even(text: str, sheet: _Sheet) -> Lines | None:
    """The rows of a file that is as even as most are, else None: a row too long is refused, and no cell is lacking."""
    text = text.removesuffix("\n")
    width = text.partition("\n")[0].count(",") + 1
    height = text.count("\n") + 1
    if width == 1 or '"' in text or text.count(",") != height * (width - 1):
        return None
    _check_size(width, height - 1, sheet)
    cells = _parsed(text, width)
    if cells is None or cells.height != height:
        return None
    headers = tuple(cell or "" for cell in cells.row(0))
    frame = cells.with_row_index("row", offset=1).slice(1)
    if frame["r0"].null_count():
        frame = frame.filter(~pl.all_horizontal(pl.col(cells.columns).is_null()))
    return Lines(headers, frame.drop("row"), frame["row"].cast(pl.Int64))


def _parsed(text: str, width: int) -> pl.DataFrame | None:
    names = [f"r{i}" for i in range(width)]
    if len(text) <= _SHORT and '"' not in text:
        rows = [line.split(",") for line in text.split("\n")]
        if any(len(row) != width for row in rows):
            return None
        cut = {name: [row[i] or None for row in rows] for i, name in enumerate(names)}
        return pl.DataFrame(cut, schema=dict.fromkeys(names, pl.String))
    try:
        cells = pl.read_csv(text.encode(), has_header=False, infer_schema=False, quote_char='"', new_columns=names)
    except pl.exceptions.PolarsError:
        return None
    return cells if cells.width == width else None


# -- one row a line -----------------------------------------------------------------------------------------------


def _regular(text: str, sheet: _Sheet) -> Lines | None:
    """The rows if each stands on one line with its quotes in order, else None."""
    frame = pl.DataFrame({"line": text.split("\n")}).with_row_index("row", offset=1)
    bare = pl.col("line")
    if '"' in text:
        bare = bare.str.replace_all(_QUOTED, "${1}")
        if frame.select(bare.str.contains('"', literal=True).any()).item():
            return None
    frame = frame.with_columns((bare.str.count_matches(",", literal=True) + 1).alias("cells"))
    frame = frame.filter(pl.col("line").str.strip_chars(' ,\t"').str.len_bytes() > 0)
    if not frame.height:
        return Lines((), pl.DataFrame(), pl.Series([], dtype=pl.Int64))
    width = frame["cells"][0]
    _check_size(width, frame.height - 1, sheet)
    return _split(frame, width, sheet)


def _split(frame: pl.DataFrame, width: int, sheet: _Sheet) -> Lines | None:
    ragged = frame.filter(pl.col("cells") != width)
    findings = tuple(_ragged(sheet, row, cells, width) for row, _, cells in ragged.iter_rows())
    whole = frame.filter(pl.col("cells") == width) if findings else frame
    cells = _parsed("\n".join(whole["line"].to_list()), width)
    if cells is None or cells.height != whole.height:
        return None
    headers = tuple(cell or "" for cell in cells.row(0))
    return Lines(headers, cells.slice(1), whole["row"].slice(1).cast(pl.Int64), findings)


# -- line breaks inside quotes ------------------------------------------------------------------------------------


def _irregular(text: str, sheet: _Sheet) -> Lines:
    rows: list[tuple[int, list[str]]] = []
    findings: list[Finding] = []
    header: list[str] | None = None
    for line, cells in _records(text, sheet):
        if header is None:
            header = cells
        elif len(cells) == len(header):
            rows.append((line, cells))
        else:
            findings.append(_ragged(sheet, line, len(cells), len(header)))
        _check_size(len(header), len(rows) + len(findings), sheet)
    columns = [pl.Series(f"r{i}", [cells[i] for _, cells in rows], dtype=pl.String) for i in range(len(header or ()))]
    numbers = pl.Series([line for line, _ in rows], dtype=pl.Int64)
    return Lines(tuple(header or ()), pl.DataFrame(columns), numbers, tuple(findings))


def _records(text: str, sheet: _Sheet) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line it begins on."""
    reader = csv.reader(io.StringIO(text))
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise refuse("csv-unreadable", path=sheet.name, line=begins, reason=error) from None
