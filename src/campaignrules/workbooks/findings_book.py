"""Submission → a workbook of all findings, the tables that were read, and who has submitted what.

Comes in: a submission. Goes out: the bytes of a workbook. Must not know: files, the command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from openpyxl import Workbook

from campaignrules.errors import Text
from campaignrules.intake.headings import LISTED
from campaignrules.reports.submission import Submitted
from campaignrules.workbooks import listing, styles

_TABLES: Final = (
    "文件 File",
    "工作表 Sheet",
    "报送表 Table",
    "表头行 Header",
    "读入 Read",
    "采用 Taken",
    "剔除 Set aside",
)
_UNITS: Final = ("单位 Unit", "报送表 Table", "已报 Submitted", "读入 Read", "采用 Taken", "文件 Files")


def content(submission: Submitted) -> bytes:
    """The workbook: 问题清单, 读到的表, 各单位报送."""
    book = styles.new_book()
    read = sum(max(count.read, 0) for count in submission.counts.values())
    aside = sum(count.set_aside for count in submission.counts.values())
    told = Text(
        f"读入 {read} 行，采用 {read - aside} 行，剔除 {aside} 行。",
        f"Rows read: {read}, taken: {read - aside}, set aside: {aside}.",
    )
    above = listing.Above(f"{LISTED}：{submission.checked.campaign.title.zh}", (told,), listing.LEGEND)
    listing.write(book.create_sheet(LISTED), listing.in_order(submission.findings), above)
    _sheet(book, "读到的表", _TABLES, _tables(submission))
    _sheet(book, "各单位报送", _UNITS, _units(submission))
    return styles.content(book)


def _tables(submission: Submitted) -> Iterable[Sequence[object]]:
    for one in submission.sources:
        aside = None if one.kept is None else one.rows - one.kept
        yield one.file, one.sheet, one.record, one.header_row, one.rows, one.kept, aside


def _units(submission: Submitted) -> Iterable[Sequence[object]]:
    for row in submission.received:
        unit = submission.roster.by_id.get(row.unit)
        title = unit.title.zh if unit is not None and unit.title else row.unit
        yield title, row.record, "是" if row.submitted else "否", row.read, row.counted, "、".join(row.files)


def _sheet(book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    sheet = book.create_sheet(title)
    lines = list(rows)
    for column, head in enumerate(heads, 1):
        styles.put(sheet, 1, column, head, styles.HEADER)
        texts = [head, *(str(line[column - 1]) for line in lines[:200] if line[column - 1] is not None)]
        styles.set_widths(sheet, {column: styles.width_for(texts)})
    for row, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            styles.put(sheet, row, column, value, styles.FRAMED)
    sheet.freeze_panes = "A2"
    styles.set_page(sheet, title, 1)
