"""The first sheet of a template: the campaign, how to fill in, and every table column by column.

In: a sheet of openpyxl, a checked campaign, what it asks for. Must not know: the sheets that are filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import define
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from campaignrules.checked import CheckedCampaign, Growth, Limited, Measure
from campaignrules.errors import Text
from campaignrules.workbooks import styles
from campaignrules.workbooks.asked import NOTES, UNITS, Asked, Column, Table
from campaignrules.workbooks.styles import Look

_WIDTHS: Final = (22.0, 7.0, 12.0, 10.0, 8.0, 46.0, 46.0)
_HEADS: Final = (
    Text("栏目", "Column"),
    Text("必填", "Needed"),
    Text("类型", "Type"),
    Text("计量单位", "Unit of measure"),
    Text("小数", "Decimals"),
    Text("可填的词", "Words"),
    Text("说明", "Note"),
)
_HOW: Final = (
    Text(
        "每张工作表填一种报送表，从表头下一行起，一行填一条；不要改表头，不要合并单元格，不要加合计行。",
        "Each sheet is one table. Fill it in from the row below the headings, one entry a row; leave the headings as they"
        " are, merge no cells, add no totals.",
    ),
    Text(
        "表头带“＊”（橙色）的栏必须填；其余没有就留空，不要填“无”“/”“暂无”。",
        "Columns marked with ＊ (orange) must be filled; others stay empty when there is nothing to say.",
    ),
    Text(
        "有下拉箭头的单元格从列表中选；可选多项的栏，几个词用顿号“、”分开。",
        "Where a cell has a list, choose from it; where several words may be given, separate them by commas.",
    ),
    Text(
        "数只填数字，计量单位已写在表头的括号里；日期填成 2023-05-15。",
        "Write numbers without units, those stand in the heading; write dates as 2023-05-15.",
    ),
    Text(
        "每张表上方填好填报单位、报告期和填报日期；没有内容可报的表也要填，表示已报、没有。",
        "State unit, period and date above each table, also above one with nothing to report.",
    ),
)
_MANY: Final = 40
"""So many words of a list, metrics or clauses are named; there may be thousands."""


def write(sheet: Worksheet, checked: CheckedCampaign, wanted: Asked, lang: str) -> None:
    """Fill the sheet of notes."""
    styles.set_widths(sheet, dict(enumerate(_WIDTHS, start=1)))
    page = _Page(sheet, lang)
    _opening(page, checked)
    for table in wanted.tables:
        _table(page, table, checked)
    styles.set_page(sheet, checked.campaign.title.to(lang))
    sheet.sheet_view.showGridLines = False


@define(eq=False, repr=False)
class _Page:
    """The sheet and the row that is written next."""

    sheet: Worksheet
    lang: str
    row: int = 1

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def line(self, text: str, look: Look = styles.WRAPPED) -> None:
        """A text across all columns."""
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=len(_WIDTHS))
        styles.put(self.sheet, self.row, 1, styles.clean(text, 2000), look)
        styles.set_height(self.sheet, self.row, styles.lines_in(text[:2000], sum(_WIDTHS)), look.size)
        self.row += 1

    def cells(self, texts: Sequence[str], look: Look) -> None:
        """A row of texts."""
        shown = [styles.clean(text, 2000) for text in texts]
        for column, text in enumerate(shown, start=1):
            styles.put(self.sheet, self.row, column, text, look)
        pairs = zip(shown, _WIDTHS, strict=True)
        styles.set_height(self.sheet, self.row, max(styles.lines_in(text, width) for text, width in pairs))
        self.row += 1


def _opening(page: _Page, checked: CheckedCampaign) -> None:
    campaign = checked.campaign
    page.line(f"{NOTES.to(page.lang)}{page.say('：', ': ')}{campaign.title.to(page.lang)}", styles.HEADING)
    period = f"{campaign.period.from_} – {campaign.period.to}"
    page.line(page.say(f"活动期间：{period}", f"Period: {period}"), styles.QUIET)
    for document in campaign.documents.values():
        number = f" {document.number}" if document.number else ""
        page.line(page.say("依据文件：", "Document: ") + document.title.to(page.lang) + number, styles.QUIET)
    page.row += 1
    page.line(page.say("怎样填写", "How to fill in"), styles.SECTION)
    for index, how in enumerate(_HOW, start=1):
        page.line(f"{index}. {how.to(page.lang)}")


# -- one table ----------------------------------------------------------------------------------------------------


def _table(page: _Page, table: Table, checked: CheckedCampaign) -> None:
    page.row += 1
    title = table.title if table.title == table.name else f"{table.title}（{table.name}）"
    page.line(title, styles.SECTION)
    place = page.sheet.cell(page.row - 1, 1)
    place.hyperlink = Hyperlink(ref=place.coordinate, location=f"{quote_sheetname(table.name)}!A1")
    for line in _about(page, table, checked):
        page.line(line)
    page.cells([head.to(page.lang) for head in _HEADS], styles.HEADER)
    for column in table.columns:
        page.cells(list(_described(page, column)), styles.FRAMED)


def _about(page: _Page, table: Table, checked: CheckedCampaign) -> Iterator[str]:
    """What the record says of itself, what its rows must satisfy, and what it is used for."""
    declared = table.declared
    if declared is not None and declared.note:
        yield page.say("说明：", "Note: ") + declared.note.to(page.lang)
    for rule in declared.rules if declared is not None else ():
        yield page.say("每行须满足：", "Every row: ") + rule.says.to(page.lang)
    titles, clauses = _uses(checked, table.record, page.lang)
    if titles:
        yield page.say("用于：", "Used for: ") + _listed(titles, page.lang)
    if clauses:
        yield page.say("依据条款：", "Clauses: ") + _listed(clauses, page.lang, "；")


def _described(page: _Page, column: Column) -> Iterator[str]:
    yield column.title
    yield page.say("必填", "yes") if column.required else ""
    yield column.type
    yield column.measure or ""
    yield "" if column.decimals is None else str(column.decimals)
    yield _words(page, column)
    unique = [page.say("不得重复", "no two rows alike")] if column.unique else []
    yield page.say("；", "; ").join([*unique, *([column.note] if column.note else [])])


def _words(page: _Page, column: Column) -> str:
    if column.words is None:
        return ""
    if column.words.key == UNITS:
        many = len(column.words.words)
        return page.say(f"名册中的单位（{many} 个，见下拉列表）", f"a unit of the roster ({many}; see the list)")
    return _listed(column.words.words, page.lang)


def kind_in_words(column: Column, lang: str) -> str:
    """The type of a column with its unit of measure and decimals: `数，单位亿元，最多 4 位小数`."""
    parts = [column.type]
    if column.measure:
        parts.append(f"单位{column.measure}" if lang == "zh" else f"in {column.measure}")
    if column.decimals:
        parts.append(f"最多 {column.decimals} 位小数" if lang == "zh" else f"at most {column.decimals} decimals")
    return ("，" if lang == "zh" else ", ").join(parts)


def _listed(words: Sequence[str], lang: str, sign: str = "、") -> str:
    sign = sign if lang == "zh" else "; " if sign == "；" else ", "
    some = sign.join(words[:_MANY])
    left = len(words) - _MANY
    return some if left <= 0 else some + (f" 等 {len(words)} 个" if lang == "zh" else f" and {left} more")


# -- what a table is used for -------------------------------------------------------------------------------------


def _uses(checked: CheckedCampaign, record: str, lang: str) -> tuple[list[str], list[str]]:
    """Titles of the targets and duties that rest on a record type, and the clauses behind it, each once."""
    metrics = _metrics_over(checked, record)
    targets = [one.target for one in checked.targets if one.metric.id in metrics or _table_of(one, record)]
    duties = [one.duty for one in checked.duties if one.record == record]
    declared = checked.campaign.records.get(record)
    sources = [declared] if declared is not None else []
    clauses = [*sources, *(checked.metrics[id_].metric for id_ in metrics), *targets, *duties]
    titles = [one.title.to(lang) for one in (*targets, *duties) if one.title]
    parts = (part.strip() for one in clauses if one.source for part in one.source.split(";"))
    return _once(titles), _once(parts)


def _table_of(target: object, record: str) -> bool:
    """Whether the number of a demand stands in the record."""
    numbers = (getattr(target, "low", None), getattr(target, "high", None))
    return any(number is not None and number.table is not None and number.table[0] == record for number in numbers)


def _metrics_over(checked: CheckedCampaign, record: str) -> list[str]:
    """The metrics that rest on a record type; each stands after those it is made of."""
    found: dict[str, None] = {}
    for id_, metric in checked.metrics.items():
        kernel = metric.kernel
        if isinstance(kernel, Measure):
            rests = kernel.record == record
        elif isinstance(kernel, Growth | Limited):
            rests = kernel.of in found
        else:
            rests = bool(kernel.names & found.keys())
        if rests:
            found[id_] = None
    return list(found)


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
