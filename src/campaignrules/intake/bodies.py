"""A sheet whose header is known → a raw table: the rows that are data, and a finding for each that is none.

In: a `Sheet`, the `Find` of its header. Out: `Raw`. Recognises totals, notes, repeated headers, rows of column numbers
and rows that were only numbered; fills merged cells. Must not know: types of values, rules, units of measure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from itertools import takewhile
from operator import add, or_
from typing import Any, Final

import polars as pl
from attrs import define, field

from campaignrules.checked import FIGURES
from campaignrules.intake.conversion import filled, folded
from campaignrules.intake.delimited import RAGGED
from campaignrules.intake.findings import finding
from campaignrules.intake.headers import Meant
from campaignrules.intake.headings import Find, Header, is_form
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.sheets import Area, Sheet
from campaignrules.results import Finding

_TOTALS: Final = r"^[\s　]*(?:[\p{Han}]{0,6}[\s　]*)?(?:合|总|小|累|共)[\s　]*计[\s　]*(?:[(（].*[)）])?[:：]?[\s　]*$"
_NOTES: Final = (
    r"^[\s　]*[*＊※]*(?:备?注|说明|附注|填[表报]说明|注意事项|填[表报写]人|制表人?|审核人?|复核人?|经办人|联系人|联系电话|负责人|"
    r"单位负责人|分管领导|主要领导|签字|盖章|(?:填[报表]|报送|上报|制表)(?:日期|时间|单位))[\s　]*(?:[\d一二三四五六七八九十]{0,2})[:：.、（(]"
)
_NUMBERED: Final = re.compile(r"序号|编号|no\.?|#|行号", re.IGNORECASE)
_RUNNING: Final = r"^[\s　]*[(（]?[0-9０-９]{1,6}(?:\.0)?[)）.、]?[\s　]*$"
"""A number that only counts the rows."""
_ORDINALS: Final = "甲乙丙丁戊己庚辛壬癸"
_MOST_NAMED: Final = 500


@define(eq=False, repr=False)
class _Body:
    """The rows below a header as they are thinned out. `columns`: those with a header or anything in them."""

    sheet: Sheet
    found: Find
    header: Header
    frame: pl.DataFrame
    findings: list[Finding] = field(factory=list)

    def note(self, code: str, row: int | None = None, **facts: Any) -> None:
        place = {"file": self.sheet.file, "sheet": self.sheet.name, "row": row}
        self.findings.append(finding(code, self.found.record, place, **facts))

    def meant_columns(self) -> dict[str, str]:
        """Field → its column."""
        found: dict[str, str] = {}
        for index, one in enumerate(self.header.meant):
            if one is not None:
                found.setdefault(one.field, f"r{index}")
        return found

    def take_out(self, rows: pl.Series, code: str, texts: pl.Series | None = None) -> None:
        """Name these rows, each with its text where it has one, and leave them out."""
        if not rows.any():
            return
        found = rows.arg_true()
        for index in found.head(_MOST_NAMED).to_list():
            self.note(code, self.frame[ROW][index], **({} if texts is None else {"text": texts[index]}))
        if len(found) > _MOST_NAMED:
            self.note("more-findings", count=len(found) - _MOST_NAMED)
        self.frame = self.frame.filter(~rows)


def cut(sheet: Sheet, found: Find) -> Raw:
    """The raw table below the header of `found`."""
    header = found.header
    if header is None:
        return Raw((), pl.DataFrame({ROW: pl.Series([], dtype=pl.Int64)}), sheet.file, sheet.findings, sheet.name)
    cells, numbers = sheet.cells.below(header.last)
    width = sum(name != RAGGED for name in cells.columns)
    taken = _Body(sheet, found, _widened(header, width), cells.with_columns(numbers.alias(ROW)))
    _tell_header(taken)
    _tell_formats(taken)
    _leave_out(taken)
    if sheet.merged:
        _fill_merged(taken)
    _tell_headless(taken)
    return _as_raw(taken)


def _widened(header: Header, width: int) -> Header:
    """The header with a text for each column, '' where it says nothing."""
    lack = max(width - len(header.texts), 0)
    return Header(header.first, header.last, header.texts + ("",) * lack, header.meant + (None,) * lack)


def _tell_header(body: _Body) -> None:
    if (body.header.first, body.header.last) != (1, 1) and not is_form(body.sheet, body.header):
        rows = str(body.header.last)
        if body.header.first != body.header.last:
            rows = f"{body.header.first}–{body.header.last}"
        body.note("header-found", body.header.last, rows=rows)
    for dimension, unit in body.found.stated.units.items():
        if dimension and any(_takes(body, one, dimension) for one in body.header.meant):
            body.note("unit-of-sheet", unit=unit.name)


def _tell_formats(body: _Body) -> None:
    for code, count in (("formula-cells", body.sheet.formats.formulas), ("hidden-rows", body.sheet.formats.hidden)):
        if count:
            body.note(code, count=count)


def _takes(body: _Body, one: Meant | None, dimension: str) -> bool:
    wanted = body.found.names.measured(one.field) if one is not None and one.unit is None else None
    return wanted is not None and (wanted.dimension == dimension or body.found.record == FIGURES)


# -- rows that are no data ----------------------------------------------------------------------------------------


def _leave_out(body: _Body) -> None:
    """Only rows that lack something required, or repeat the header, are looked at more closely."""
    _repeated_headers(body)
    _column_numbers(body)
    suspects = _suspects(body)
    if suspects is None:
        return
    totals, notes = (suspects & said for said in _says(body, _TOTALS, _NOTES))
    body.take_out(totals, "totals-row")
    if totals.any() and _suspects(body) is None:
        return
    body.take_out(notes.filter(~totals), "note-row")
    _lone_texts(body)
    _blank_rows(body)


def _suspects(body: _Body) -> pl.Series | None:
    """True for rows without a value in some required column, or in every one when none is required."""
    columns = body.meant_columns()
    looked_at = [columns[name] for name in body.found.names.required if name in columns]
    empty = [body.frame[name].is_null() for name in looked_at or columns.values() if body.frame[name].null_count()]
    return reduce(or_, empty) if empty else None


def _says(body: _Body, *patterns: str) -> list[pl.Series]:
    """For each pattern, true for rows whose first filled cell, or a text or unit, is so worded."""
    texts = [name for name, dtype in body.frame.schema.items() if dtype == pl.String]
    fields = body.found.names.fields
    worded = [c for name, c in body.meant_columns().items() if fields[name].type in ("text", "unit") and c in texts]
    first = pl.coalesce(pl.col(texts)) if texts else pl.lit(None, pl.String)
    looked_at = [first, *(pl.col(column) for column in worded)]
    found = [reduce(or_, (cell.str.contains(one).fill_null(False) for cell in looked_at)) for one in patterns]
    return body.frame.select(matches.alias(str(i)) for i, matches in enumerate(found)).get_columns()


def _repeated_headers(body: _Body) -> None:
    """Rows in which two columns at least say again what stands over them, in one of the rows of the header."""
    for cells in _header_rows(body):
        texts = [
            (f"r{i}", text)
            for i, (text, meant) in enumerate(zip(cells, body.header.meant, strict=False))
            if text.strip() and body.frame.schema.get(f"r{i}") == pl.String and meant is not None
        ]
        if len(texts) >= 2 and (body.frame[texts[0][0]] == texts[0][1]).any():
            same = ((body.frame[column] == text).fill_null(False).cast(pl.Int32) for column, text in texts)
            body.take_out(reduce(add, same) >= 2, "repeated-header")


def _header_rows(body: _Body) -> list[tuple[str, ...]]:
    """The rows of the header as they are written."""
    header = body.header
    if header.first == header.last:
        return [header.texts]
    return [row.cells for row in body.sheet.cells.head() if header.first <= row.number <= header.last]


def _column_numbers(body: _Body) -> None:
    """The row under the header when it only counts the columns: 1, 2, 3 or 甲, 乙, 1, 2."""
    if not body.frame.height:
        return
    first = zip(body.frame.columns, body.frame.row(0), strict=True)
    held = [cell for name, cell in first if name not in (ROW, RAGGED) and cell is not None]
    cells = [str(cell).removesuffix(".0").strip("()（） ") for cell in held]
    letters = sum(1 for _ in takewhile(_ORDINALS.__contains__, cells))
    counting = [*_ORDINALS[:letters], *map(str, range(1, len(cells) - letters + 1))]
    if len(cells) > 2 and cells == counting:
        body.take_out(pl.Series([True]).extend_constant(False, body.frame.height - 1), "column-numbers")


def _blank_rows(body: _Body) -> None:
    """Rows that hold nothing in any column that is meant for something, but perhaps a running number."""
    columns = body.meant_columns()
    if not columns:
        return
    held = pl.Series([False]).new_from_index(0, body.frame.height)
    for column in columns.values():
        held |= _holds(body, column)
        if held.all():
            return
    body.note("blank-rows", count=int((~held).sum()))
    body.frame = body.frame.filter(held)


def _holds(body: _Body, column: str) -> pl.Series:
    """True for rows that hold something in a column, other than a running number where one may stand."""
    cells = body.frame[column]
    index = int(column[1:])
    if not _NUMBERED.search(folded(body.header.texts[index])):
        return filled(cells)
    if cells.dtype != pl.String:
        return pl.Series([False]).new_from_index(0, len(cells))
    return filled(cells) & ~cells.str.contains(_RUNNING).fill_null(False)


def _lone_texts(body: _Body) -> None:
    """Rows that hold one text and nothing else, as titles of sections do."""
    suspects = _suspects(body)
    cells = [name for name in body.frame.columns if name not in (ROW, RAGGED)]
    if suspects is None or len(cells) < 3:
        return
    texts = [pl.col(name) for name in cells if body.frame.schema[name] == pl.String]
    lone = pl.sum_horizontal(pl.col(name).is_not_null() for name in cells) == 1
    text = pl.coalesce(texts) if texts else pl.lit(None, pl.String)
    found = body.frame.select(
        (lone & text.is_not_null() & ~text.str.contains(_RUNNING)).alias("lone"), text.alias("text")
    )
    body.take_out(suspects & found["lone"], "lone-text", found["text"])


# -- merged cells -------------------------------------------------------------------------------------------------


def _fill_merged(body: _Body) -> None:
    """Merged cells of the data count as filled with their value, downwards."""
    meant = {int(column[1:]) for column in body.meant_columns().values()}
    areas = [area for area in body.sheet.merged if area.top > body.header.last and area.bottom > area.top]
    filled_in = 0
    for column in sorted({area.left for area in areas} & meant):
        done, count = _downwards(body.frame[f"r{column}"], body.frame[ROW], [a for a in areas if a.left == column])
        body.frame = body.frame.with_columns(done)
        filled_in += count
    if filled_in:
        body.note("merged-cells", count=filled_in)


def _downwards(cells: pl.Series, rows: pl.Series, areas: Iterable[Area]) -> tuple[pl.Series, int]:
    values = cells.to_list()
    at = {row: index for index, row in enumerate(rows.to_list())}
    count = 0
    for area in areas:
        value = values[at[area.top]] if area.top in at else None
        inside = [at[row] for row in range(area.top + 1, min(area.bottom, rows[-1]) + 1) if row in at]
        for index in inside if value is not None else ():
            count += values[index] is None
            values[index] = value if values[index] is None else values[index]
    return pl.Series(cells.name, values, dtype=cells.dtype), count


# -- the raw table ------------------------------------------------------------------------------------------------


def _tell_headless(body: _Body) -> None:
    """Name the columns that hold something in lines that fit, but have no header."""
    even = body.frame.filter(pl.col(RAGGED).is_null()) if RAGGED in body.frame.columns else body.frame
    for index, text in enumerate(body.header.texts):
        if not text.strip() and f"r{index}" in even.columns and filled(even[f"r{index}"]).any():
            body.note("column-without-header", number=index + 1)


def _as_raw(body: _Body) -> Raw:
    header, sheet = body.header, body.sheet
    headers, letters, meant = list(header.texts), [*range(len(header.texts))], list(header.meant)
    unit = _unit_column(body)
    if unit is not None:
        headers.append("填报单位")
        letters.append(-1)
        meant.append(Meant(unit))
        body.frame = body.frame.with_columns(pl.lit(body.found.stated.unit).alias(f"r{len(headers) - 1}"))
        body.note("unit-from-heading", unit=body.found.stated.unit or "")
    return Raw(
        tuple(headers),
        body.frame,
        sheet.file,
        (*sheet.findings, *body.findings),
        sheet.name,
        letters=tuple(letters) if sheet.numbered else (),
        formats=sheet.formats,
        stated=body.found.stated,
        dates_from=sheet.dates_from,
        meant=tuple(meant),
        header_row=header.last,
    )


def _unit_column(body: _Body) -> str | None:
    """The unit field that no column is meant for, where the heading says whose rows these are."""
    if body.found.stated.unit is None:
        return None
    units = [name for name, one in body.found.names.fields.items() if one.type == "unit"]
    return units[0] if len(units) == 1 and units[0] not in body.meant_columns() else None
