"""A sheet → the table it holds: which record type it is, where its header stands, and what stands above it.

In: a `Sheet`, the names of all tables and columns. Out: a `Find`: record type, header rows, the meaning of each column,
what is stated above. Must not know: what stands below the header (see `bodies`), types of fields, rules.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from campaignrules.intake.conversion import CellError, Day, folded
from campaignrules.intake.headers import Meant, Names, TableNames, bare, bracketed, measure_like, measure_named
from campaignrules.intake.raw import Stated
from campaignrules.intake.sheets import HeadRow, Sheet
from campaignrules.quantities import UNITS, Unit


@frozen(eq=False, repr=False)
class Header:
    """A header: its last row, the text over each column, what each column is meant for."""

    first: int
    last: int
    texts: tuple[str, ...]
    meant: tuple[Meant | None, ...]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(one.field for one in self.meant if one is not None)


@frozen(eq=False, repr=False)
class Find:
    """The table that a sheet holds; `header` None: the sheet is empty."""

    record: str
    names: Names
    header: Header | None
    stated: Stated


def find(
    sheet: Sheet, tables: TableNames, columns: Mapping[str, Names], stem: str, wanted: str | None = None
) -> Find | None:
    """The table in a sheet, None when nothing says what it is.

    `columns`: the names of the columns of each record type; `stem`: what the file is named; `wanted`: the record type
    that it is said to be.
    """
    rows = sheet.cells.head()
    named = wanted or (tables.meant(sheet.name) if sheet.name else None) or tables.meant(stem)
    if named is not None and named in columns:
        header = _header(rows, columns[named], sheet, at_least=1)
        if header is not None and (wanted or _is_whole(header, columns[named])):
            return Find(named, columns[named], header, _stated(rows, header))
    if wanted is None:
        found = _Unnamed(sheet, rows, tables, columns, stem).likeliest(named)
        if found is not None:
            return Find(found[0], columns[found[0]], found[1], _stated(rows, found[1]))
    if named is None or named not in columns:
        return None
    first = _as_it_stands(rows[0], columns[named]) if rows else None
    return Find(named, columns[named], first, Stated())


GUIDES: Final = ("填报说明", "Notes")
"""The sheet of our templates that tells how to fill them in: its name, and what its first cell begins with."""
LISTED: Final = "问题清单"
"""The same of the sheet with which we send a workbook back; who has corrected it need not take it out."""


def is_guide(sheet: Sheet) -> bool:
    """Whether a sheet only tells how the others are filled in; it holds no rows that could be lost."""
    name = (sheet.name or "").strip()
    guide = next((guide for guide in (*GUIDES, LISTED) if name.startswith(guide)), None)
    rows = sheet.cells.head()[:1] if guide else []
    return any(row.cells[0].startswith((f"{guide}：", f"{guide}:")) for row in rows)


def is_form(sheet: Sheet, header: Header) -> bool:
    """Whether a header stands where our templates have it: below a title and a row for unit, period and date."""
    if (header.first, header.last) != (3, 3):
        return False
    above = [[cell for cell in row.cells if cell.strip()] for row in sheet.cells.head() if row.number < 3]
    said = [row[0] for row in above[1:]]
    labels = all(bare(cell) in (*_SUBMITTER, *_PERIOD, *_DATE) and cell.rstrip().endswith(("：", ":")) for cell in said)
    return len(above) in (1, 2) and len(above[0]) == 1 and labels


def _is_whole(header: Header, names: Names) -> bool:
    return header.fields >= set(names.required)


@frozen(eq=False, repr=False)
class _Unnamed:
    """A sheet that neither says plainly which table it holds, nor has the whole header of the one it names."""

    sheet: Sheet
    rows: list[HeadRow]
    tables: TableNames
    columns: Mapping[str, Names]
    stem: str

    def likeliest(self, named: str | None) -> tuple[str, Header] | None:
        """The record type of which a header names the most fields; one that the sheet is named after may name fewer."""
        headers = self._headers(named)
        if not headers:
            return None
        most = max(len(header.fields) for header in headers.values())
        hinted = named or self._hinted(headers)
        if hinted in headers and 2 * len(headers[hinted].fields) >= most:
            return hinted, headers[hinted]
        best = [record for record, header in headers.items() if len(header.fields) == most]
        whole = [record for record in best if _is_whole(headers[record], self.columns[record])]
        one = whole if len(whole) == 1 else best
        return (one[0], headers[one[0]]) if len(one) == 1 else None

    def _headers(self, named: str | None) -> dict[str, Header]:
        """Record type → the header that the sheet has if it is of that type."""
        found: dict[str, Header] = {}
        for record, names in self.columns.items():
            fewest = 1 if record == named or len(names.fields) == 1 else 2
            header = _header(self.rows, names, self.sheet, at_least=fewest)
            if header is not None:
                found[record] = header
        return found

    def _hinted(self, headers: Mapping[str, Header]) -> str | None:
        """The record type that is named in the sheet's name, in a title above the header, or in the file's name."""
        top = min(header.first for header in headers.values())
        titles = [cell for row in self.rows if row.number < top for cell in row.cells if cell]
        for text in (self.sheet.name or "", *titles, self.stem):
            record = self.tables.within(text)
            if record is not None and record in headers:
                return record
        return None


# -- header rows --------------------------------------------------------------------------------------------------


def _header(rows: list[HeadRow], names: Names, sheet: Sheet, at_least: int) -> Header | None:
    """The row, or two rows, that name the most fields; of equals the first, of one and two the one."""
    best: Header | None = None
    alone = None
    for index, row in enumerate(rows):
        below = rows[index + 1] if index + 1 < len(rows) else None
        one = alone or _as_it_stands(row, names)
        if below is not None and one.fields and _is_row_of_units(below):
            one = _together(row, below, names, sheet)
        best = _better(best, one, at_least)
        if best is one and _is_full(one, names):
            return best
        alone = _as_it_stands(below, names) if below is not None else None
        if below is not None and alone is not None and (one.fields or alone.fields) and below.number <= row.number + 2:
            best = _better(best, _better(alone, _together(row, below, names, sheet), 1), at_least)
    return best


def _is_row_of_units(row: HeadRow) -> bool:
    """Whether a row holds nothing but units of measure."""
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    return bool(cells) and all(measure_like(cell.strip("()（）[]【】 ")) for cell in cells)


def _is_full(header: Header, names: Names) -> bool:
    """Whether nothing further down can name more: every column is known."""
    known = all(meant is not None for meant, text in zip(header.meant, header.texts, strict=True) if text.strip())
    return known and len(header.fields) > 1 and _is_whole(header, names)


def _better(best: Header | None, other: Header | None, at_least: int) -> Header | None:
    most = len(best.fields) if best else at_least - 1
    return other if other is not None and len(other.fields) > most else best


def _as_it_stands(row: HeadRow, names: Names) -> Header:
    meant = tuple(names.meant(cell) if cell.strip() else None for cell in row.cells)
    return Header(row.number, row.number, row.cells, meant)


def _together(upper: HeadRow, lower: HeadRow, names: Names, sheet: Sheet) -> Header:
    """Two rows as one header: group titles above, parts below."""
    above = _spread(upper, lower, sheet)
    width = max(len(above), len(lower.cells))
    pairs = [(_cell(above, i), _cell(lower.cells, i)) for i in range(width)]
    texts = tuple(" ".join(part for part in pair if part) for pair in pairs)
    return Header(upper.number, lower.number, texts, tuple(_of_pair(a, b, names) for a, b in pairs))


def _spread(upper: HeadRow, lower: HeadRow, sheet: Sheet) -> list[str]:
    """Group titles over every column they stand for: over merged cells, else to the right until the next title."""
    cells = [cell.strip() for cell in upper.cells]
    merged = [area for area in sheet.merged if area.top == upper.number and area.right > area.left]
    for area in merged:
        for column in range(area.left + 1, min(area.right + 1, len(cells))):
            cells[column] = cells[area.left]
    if not sheet.merged:
        for column in range(1, len(cells)):
            if not cells[column] and _cell(lower.cells, column):
                cells[column] = cells[column - 1]
    return cells


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""


def _of_pair(above: str, below: str, names: Names) -> Meant | None:
    """What a column is meant for that has a group title and a part."""
    if not above or not below:
        return names.meant(above or below) if above or below else None
    inside = below.strip("()（）[]【】 ")
    if measure_like(inside):
        return names.meant(f"{above}({inside})")
    plain, unit = bracketed(above)
    for text in (plain + below, below + plain, below):
        one = names.meant(text)
        if one is not None:
            return one if one.unit or not unit else _measured(one, unit, names)
    return None


def _measured(one: Meant, unit: str, names: Names) -> Meant:
    wanted = names.measured(one.field)
    return Meant(one.field, measure_named(unit, wanted)) if wanted else one


# -- above the header ---------------------------------------------------------------------------------------------

_UNITS: Final = re.compile(r"单位:\s*(?=(?:人民币\s*)?([^\s()\[\]:、,;/]+(?:\s*[、,;/和及]\s*[^\s()\[\]:、,;/]+)*))")
_UNIT_ALONE: Final = re.compile(
    r"(?:[(\[【]|(?:计量|金额|数量|货币)?单位\s*[(\[【:]?)\s*(?:人民币)?([^()\[\]【】:\s]{1,8})\s*[)\]】]?"
)
_STAMP: Final = re.compile(r"\s*\((?:加盖)?(?:公|签|印)?章\)$|\s*\(盖章\)$")
_SUBMITTER: Final = (
    "填报单位", "报送单位", "填表单位", "上报单位", "编制单位", "单位名称",
    "单位", "责任单位", "reporter",
)  # fmt: skip
_PERIOD: Final = (
    "报告期", "报送期", "填报期", "统计期", "所属期", "报告期间",
    "统计时段", "统计期间", "报送期间", "填报周期", "period",
)  # fmt: skip
_DATE: Final = (
    "填报日期", "报送日期", "填表日期", "上报日期", "填报时间", "报送时间",
    "填表时间", "上报时间", "报出日期", "date",
)  # fmt: skip
_LABELLED: Final = re.compile(r"([^:：\s()]{2,8})\s*(?:\([^()]{1,8}\))?\s*[:：]\s*(.*)", re.DOTALL)
_SEVERAL: Final = re.compile(r"\s{2,}|\t|\n|[\s,;]\s*(?=[^:\s]{2,16}:)")
"""Between two labels in one cell."""


def _stated(rows: list[HeadRow], header: Header) -> Stated:
    """What the cells above the header say: units of measure, who submits, for which period, on which day."""
    units: dict[str, Unit] = {}
    said: dict[str, str] = {}
    for row in rows:
        if row.number < header.first or _is_for_all(row, header):
            for label, value in _labelled(row):
                said.setdefault(label, value)
            for cell in row.cells:
                units = {**_measures(cell), **units}
    return Stated(units, _first(said, _SUBMITTER), _first(said, _PERIOD), _day(_first(said, _DATE)))


def _is_for_all(row: HeadRow, header: Header) -> bool:
    """Whether the lower row of a header holds one cell alone that no column takes: `单位：万元` under the header."""
    filled = [index for index, cell in enumerate(row.cells) if cell.strip()]
    if len(filled) != 1 or not header.first < row.number <= header.last:
        return False
    one = header.meant[filled[0]]
    return one is None or one.unit is None


def _labelled(row: HeadRow) -> Iterable[tuple[str, str]]:
    """Labels with their values: `填报单位：甲县` in one cell, or the value in the next cell that is filled."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    for index, cell in enumerate(filled):
        parts = [part for part in _SEVERAL.split(folded(cell)) if part]
        for part in parts:
            found = _LABELLED.fullmatch(part)
            value = found[2].strip() if found else ""
            if found and not value and part is parts[-1] and index + 1 < len(filled):
                value = filled[index + 1]
            if found and value and not _LABELLED.fullmatch(value):
                yield bare(found[1]), _STAMP.sub("", value)


def _first(said: Mapping[str, str], labels: Iterable[str]) -> str | None:
    """The value of the first of these labels; a unit of measure names nobody."""
    return next((said[label] for label in labels if label in said and not _measures(f"单位：{said[label]}")), None)


def _measures(cell: str) -> dict[str, Unit]:
    """Dimension → unit of measure that a cell such as `单位：万元、个`, `填报单位：甲县 单位：万元` or `（万元）` states."""
    text = folded(cell)
    alone = _UNIT_ALONE.fullmatch(text)
    stated = [alone[1]] if alone else [found[1] for found in _UNITS.finditer(text)]
    if text in UNITS and UNITS[text].power > 0:
        stated = [text]  # 万元, as no title is worded
    units: dict[str, Unit] = {}
    for word in (word for words in stated for word in re.split(r"[、,;/和及\s]+", words)):
        unit = UNITS.get(word.removeprefix("人民币"))
        if unit is not None:
            units.setdefault(unit.dimension, unit)
    return units


def _day(text: str | None) -> dt.date | None:
    try:
        return Day().value(text) if text else None
    except CellError:
        return None
