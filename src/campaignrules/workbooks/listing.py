"""Findings → the sheet 问题清单: one line each, sorted, with a link to the cell.

Comes in: findings, the words above them, where each one stands in the workbook. Must not know: how a workbook is
marked, campaigns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from campaignrules.errors import Text
from campaignrules.results import Finding
from campaignrules.workbooks import styles
from campaignrules.workbooks.styles import Look

COLOURS: Final = {"error": "FFC7CE", "warning": "FFEB9C", "note": "DDEBF7"}
"""Of a cell with such a finding."""
_HEADS: Final = ("序号", "工作表", "行", "列", "单元格", "内容", "问题", "Problem", "代码", "是否剔除")
_WIDTHS: Final = (6.0, 16.0, 7.0, 20.0, 9.0, 24.0, 40.0, 40.0, 18.0, 9.0)
_LEGEND_UNDER: Final = ("工作表", "列", "内容", "问题")
_FILE: Final = ("文件", 28.0)
LEGEND: Final = (
    (COLOURS["error"], Text("错误", "error")),
    (COLOURS["warning"], Text("警告", "warning")),
    (COLOURS["note"], Text("说明", "note")),
)
Spot = tuple[str, str]
"""A worksheet of the workbook and an address in it."""


@frozen(eq=False, repr=False)
class Above:
    """What stands above the list: its title and lines that say what to do."""

    title: str
    lines: tuple[Text, ...] = ()
    colours: tuple[tuple[str, Text], ...] = ()


def in_order(findings: Iterable[Finding], sheets: Sequence[str] = ()) -> list[Finding]:
    """By file, what must be corrected first; then by sheet in the order of the workbook, and by row."""
    rank = {name: i for i, name in enumerate(sheets)}
    grave = {severity: i for i, severity in enumerate(COLOURS)}
    return sorted(
        findings,
        key=lambda one: (one.file or "", grave[one.severity], rank.get(one.sheet or "", -1), one.row or 0),
    )


def write(
    sheet: Worksheet, findings: Sequence[Finding], above: Above, spot: Callable[[Finding], Spot | None] | None = None
) -> None:
    """Fill a sheet with a list of findings. `spot`: where a finding is in this workbook; None names files instead."""
    heads, widths = list(_HEADS), list(_WIDTHS)
    if spot is None:
        heads.insert(1, _FILE[0])
        widths.insert(1, _FILE[1])
    styles.set_widths(sheet, dict(enumerate(widths, 1)))
    row = _write_above(sheet, above, [heads.index(head) + 1 for head in _LEGEND_UNDER])
    for column, head in enumerate(heads, 1):
        styles.put(sheet, row, column, head, styles.HEADER)
    lines = _Lines(sheet, row, widths, spot, _models(sheet))
    for number, finding in enumerate(findings, 1):
        lines.write(number, finding)
    sheet.freeze_panes = f"A{row + 1}"
    if findings:
        sheet.auto_filter.ref = f"A{row}:{get_column_letter(len(heads))}{row + len(findings)}"
    sheet.sheet_view.showGridLines = False
    styles.set_page(sheet, above.title, row)


def _write_above(sheet: Worksheet, above: Above, columns: Sequence[int]) -> int:
    """The row for the heads of the list."""
    styles.put(sheet, 1, 1, above.title, styles.HEADING)
    styles.set_height(sheet, 1, 1, 14)
    row = 2
    for text in above.lines:
        for words, look in ((text.zh, styles.PLAIN), (text.en, styles.QUIET)):
            styles.put(sheet, row, 1, words, look)
            row += 1
    for column, (colour, text) in zip(columns, above.colours, strict=False):
        look = Look(fill=colour, framed=True, across="center")
        styles.put(sheet, row, column, f"{text.zh} {text.en}", look)
    return row + 2 if above.colours else row + 1


@frozen(eq=False, repr=False)
class _Lines:
    """The lines of the list, below the row `head`. `models`: a cell of each look."""

    sheet: Worksheet
    head: int
    widths: Sequence[float]
    spot: Callable[[Finding], Spot | None] | None
    models: Mapping[str, Cell]

    def write(self, number: int, finding: Finding) -> None:
        row, place = self.head + number, self.spot(finding) if self.spot else None
        cells = [number, *([finding.file] if self.spot is None else []), *_told(finding, place)]
        for column, value in enumerate(cells, 1):
            styles.like(self.sheet.cell(row, column), self.models[""])
            styles.put(self.sheet, row, column, value)
        styles.like(self.sheet.cell(row, len(cells)), self.models[finding.severity])
        if place:
            _link(self.sheet, row, place, self.models["link"])
        pairs = zip(cells, self.widths, strict=True)
        styles.set_height(self.sheet, row, max(styles.lines_in(str(c), width) for c, width in pairs if c is not None))


def _told(finding: Finding, place: Spot | None) -> list[object]:
    """What a line says after its number, and the file where there are several."""
    where = (finding.sheet, finding.row, finding.column, place[1] if place else finding.cell, finding.value)
    return [*where, finding.message.zh, finding.message.en, finding.code, "是" if finding.set_aside else "否"]


def _models(sheet: Worksheet) -> dict[str, Cell]:
    """A cell of each look, so that thousands of lines need not look it up."""
    looks = {"": styles.FRAMED, "link": Look(colour="0563C1", underlined=True, framed=True, down="top")}
    looks |= {name: Look(fill=colour, wrap=True, down="top", framed=True) for name, colour in COLOURS.items()}
    models = {name: Cell(sheet, 1, 1) for name in looks}
    for name, look in looks.items():
        styles.dress(models[name], look)
    return models


def _link(sheet: Worksheet, row: int, place: Spot, model: Cell) -> None:
    cell = sheet.cell(row, _HEADS.index("单元格") + 1)
    styles.like(cell, model)
    target = f"{quote_sheetname(place[0])}!{place[1]}"
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=target, display=place[1])
    styles.like(cell, model)  # again: openpyxl gives a link its own look
