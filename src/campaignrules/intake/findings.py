"""What can be said about submitted data: every code with its words, and the list that keeps findings bounded.

In: a code, a place, the facts to fill in. Out: `Finding`s in the order of places, at most a limit of them and a count
of the rest. Must not know: tables, converters, engines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple

from attrs import define, field

from campaignrules.errors import CampaignError, Text, fault, visible
from campaignrules.messages import Entry
from campaignrules.results import Finding

SHOWN: Final = 80
"""Characters of submitted text that a finding quotes."""

FINDINGS: Final[dict[str, Entry]] = {
    "blank-rows": Entry(
        "note", "有 {count} 行空行（最多只有序号），未计",
        "blank rows (with a running number at most), not counted: {count}",
    ),
    "broken-line": Entry(
        "error", "这一行有 {got} 栏，表头有 {wanted} 栏",
        "this line has {got} cells, the header {wanted}",
    ),
    "cell-error": Entry(
        "error", "单元格是公式出错的结果",
        "the result of a formula that failed",
    ),
    "cell-too-long": Entry(
        "error", "单元格超过 {limit} 字",
        "a cell of more than {limit} characters",
    ),
    "cells-not-understood": Entry(
        "note", "这一栏有 {count} 行读不懂，未采用", "cells of this column that are not understood; their rows are set aside: {count}"
    ),
    "column-not-read": Entry(
        "warning", "“{name}”与另一栏同指字段 {field}，未采用",
        "column {name} means field {field}, as another one does; it is not read",
    ),
    "column-numbers": Entry(
        "note", "这一行只是栏次编号，不是数据",
        "this row only numbers the columns; it is no data",
    ),
    "column-without-header": Entry(
        "warning", "第 {number} 列有内容但没有表头，未采用",
        "column {number} holds something but has no header; it is not read",
    ),
    "dash-is-empty": Entry(
        "note", "有 {count} 格只有一横或一斜杠，按未填处理",
        "cells that hold only a dash or stroke count as empty: {count}",
    ),
    "digits-lost": Entry(
        "error", "长编号录成了数字，只剩前 {digits} 位；请将单元格设为文本后重新填写",
        "a long number typed as a number has kept only {digits} digits; format the cell as text and type it again",
    ),
    "division-by-zero": Entry(
        "warning", "有 {count} 处除以零，结果按未报送处理", "divisions by zero: {count}; their results are missing"
    ),
    "duplicate-key": Entry("error", "{key} 与{first}重复，内容不同", "{key} occurs in {first_en} with other contents"),
    "duplicate-row": Entry("error", "整行与{first}重复", "the whole row is alike to {first_en}"),
    "duplicate-unit": Entry("error", "责任单位“{unit}”在名册中重复", "unit {unit} occurs twice in the roster"),
    "encoding-found": Entry("note", "文件不是 UTF-8，按 {encoding} 读取", "the file is not UTF-8; read as {encoding}"),
    "file-not-read": Entry(
        "error", "文件读不了，未采用：{says}{hint}",
        "the file cannot be read: {says_en}{hint_en}",
    ),
    "file-of-other-kind": Entry(
        "warning", "{kind} 文件不能取数，未采用；{do}",
        "{kind} files hold no data we can read; {do_en}",
    ),
    "files-not-needed": Entry(
        "note", "{count} 个文件（{rows} 行）的日期都在要看的日子之外，未读取，也不计入行数",
        "files of which all dates lie outside the days that are looked at, neither read nor counted: {count} ({rows} rows)",
    ),
    "float-noise": Entry(
        "note", "有 {count} 个数因二进制运算多出小数，按 15 位有效数字读取，如“{first}”",
        "numbers with more decimals only because of binary arithmetic, read with 15 digits: {count}; the first is {first}",
    ),
    "formula-cells": Entry(
        "note", "表中有 {count} 个公式，按文件中保存的结果读取",
        "formulas on the sheet, of which the saved results are read: {count}",
    ),
    "formula-without-value": Entry(
        "error", "公式的结果没有保存；请用表格软件打开并保存后再报送",
        "a formula whose result was never saved; open and save the file in a spreadsheet program",
    ),
    "header-found": Entry(
        "note", "表头在第 {rows} 行",
        "the header is row {rows}",
    ),
    "hidden-rows": Entry(
        "note", "表中有 {count} 行是隐藏的，照常读取",
        "hidden rows on the sheet, which are read like others: {count}",
    ),
    "hidden-sheet": Entry(
        "warning", "隐藏的工作表不读取：{name}",
        "a hidden sheet is not read: {name}",
    ),
    "keys-not-checked": Entry(
        "note", "逐批读取的表不查重复编号",
        "a table that is read as a stream is not checked for duplicate keys",
    ),
    "lone-text": Entry(
        "warning", "这一行只有“{text}”，不是数据",
        "this row holds nothing but “{text}”; it is no data",
    ),
    "marked-file": Entry(
        "note", "这是退回的批注本，不作报送数据",
        "a workbook that was marked and sent back; it is no submission",
    ),
    "merged-cells": Entry(
        "note", "合并单元格按首格的值补了 {count} 格",
        "cells of merged areas that count as filled with their value: {count}",
    ),
    "missing-column": Entry("error", "缺少必填的一栏：{name}", "required column {name} is missing"),
    "missing-value": Entry("error", "必填，但没有填", "required, but empty"),
    "more-findings": Entry("note", "另有 {count} 条问题未列出", "{count} more findings are not listed"),
    "name-twice": Entry("error", "同一行中“{name}”出现两次", "{name} occurs twice in this row"),
    "not-a-date": Entry("error", "不是日期；请写成 2023-05-15", "not a date; write 2023-05-15"),
    "not-a-list": Entry("error", "不是行的列表，未采用", "not a list of rows; it is not read"),
    "not-a-number": Entry("error", "不是数", "not a number"),
    "not-a-plain-file": Entry(
        "warning", "不是普通文件（链接或设备），未采用",
        "not a plain file but a link or device; it is not read",
    ),
    "not-a-row": Entry("error", "不是一行数据：应为“栏名: 值”的 JSON 对象", "no row: a JSON object of columns and values is wanted"),
    "not-plainly-written": Entry(
        "error", "在数据库中读不懂这一行的写法", "this row is not written plainly enough to be read inside the database"
    ),
    "not-text": Entry("error", "不是文字", "not text"),
    "not-yes-or-no": Entry("error", "请填“是”或“否”", "write yes or no"),
    "note-row": Entry(
        "note", "这一行是附注或签字栏，不是数据",
        "this row is a note or for signatures; it is no data",
    ),
    "nothing-read": Entry(
        "error", "“{name}”里没有能读的报送表；请核对路径，报送表应为 Excel、CSV、JSON、Parquet 或 SQLite 文件",
        "there is no table that can be read in {name}; check the path; workbooks, CSV, JSON, Parquet and SQLite are read",
    ),
    "nothing-submitted": Entry(
        "note", "{count} 个单位没有按 {returns} 报送“{title}”，其数按缺处理，不算零：{units}",
        "no {title_en} came from units that {returns} asks: {count} ({units}); their values are missing, not zero",
    ),
    "number-too-large": Entry(
        "error", "数字太大：连同小数超过 {digits} 位",
        "the number has more than {digits} digits",
    ),
    "other-columns": Entry(
        "note", "这个文件起有 {count} 个文件的栏与其他文件不同，按各自的栏读取",
        "this file and others like it, {count} in all, have other columns than the rest; each is read by its own",
    ),
    "outside-period": Entry(
        "note", "有 {count} 行的日期都不在活动期间内", "rows with all their dates outside the campaign's period: {count}"
    ),
    "outside-window": Entry(
        "error", "日期应在 {allowed}", "the date must lie in {allowed_en}"
    ),
    "parent-cycle": Entry("error", "上级单位绕成一圈：{path}", "units are above one another in a circle: {path}"),
    "percent-doubt": Entry(
        "warning", "这一栏以 % 计，却没有大于 1 的数；如果表中显示为百分比，请核对",
        "counted in %, but no number is above 1; check whether they are shown as percentages",
    ),
    "repeated-header": Entry(
        "note", "这一行重复了表头，不是数据",
        "this row repeats the header; it is no data",
    ),
    "roster-given": Entry(
        "note", "活动文件已列出名册，不采用报送的单位表",
        "the campaign lists its units; the submitted table is not used",
    ),
    "roster-missing": Entry(
        "warning", "没有报送名册；只考数据中出现的单位",
        "no roster was submitted; only units seen in the data are judged",
    ),
    "row-rule": Entry("error", "{says}", "{says_en}"),
    "serial-dates": Entry(
        "note", "有 {count} 个日期写成天数，已换算，如 {first} 为 {meant}",
        "dates written as day numbers: {count}; the first, {first}, is {meant}",
    ),
    "too-many-decimals": Entry(
        "error", "小数位数过多：按{unit}计最多 {decimals} 位",
        "too many decimals: at most {decimals}, counted in {unit}",
    ),
    "too-many-different": Entry(
        "warning",
        "这一栏不规范的写法超过 {limit} 种，其余的未读",
        "more than {limit} different cells of this column are not written plainly; the others were not read",
    ),
    "totals-row": Entry(
        "note", "这一行是合计，不是数据",
        "this row is a total; it is no data",
    ),
    "uneven-lines": Entry(
        "note", "有 {count} 行与表头的栏数不同，但缺的都是选填的，多的都是空的，照常采用",
        "lines that lack only optional cells or have only empty ones too many, and count: {count}",
    ),
    "unit-from-heading": Entry(
        "note", "没有责任单位一栏，各行按表头上方的填报单位“{unit}”",
        "there is no column for the unit; all rows are those of {unit}, which the heading names",
    ),
    "unit-of-sheet": Entry(
        "note", "表头未注明单位的数，按表上方注明的{unit}",
        "numbers whose header names no unit of measure are in {unit}, as stated above the table",
    ),
    "unknown-class": Entry("error", "不认识的单位类别{hint}", "unknown class of units{hint_en}"),
    "unknown-column": Entry(
        "note", "这一栏不在要求之内，未采用{hint}",
        "the campaign does not ask for this column; it is not read{hint_en}",
    ),
    "unknown-duty": Entry("error", "活动文件中没有这个事项{hint}", "no such duty in the campaign{hint_en}"),
    "unknown-metric": Entry(
        "error", "活动文件中没有这个直接报送的指标{hint}",
        "no such reported metric in the campaign{hint_en}",
    ),
    "unknown-period": Entry(
        "warning", "报告期“{period}”不是任何报送要求的时间窗，不作为报送凭据",
        "period {period} is no window of a return; it does not tell what was submitted",
    ),
    "unknown-return": Entry("error", "活动文件中没有这项报送要求{hint}", "no such return in the campaign{hint_en}"),
    "unknown-returned-table": Entry(
        "warning", "“{name}”不是报送要求 {id} 的报送表", "{name} is no record that return {id} asks for",
    ),
    "unknown-table": Entry(
        "warning", "不认识的报送表“{name}”，未采用{hint}",
        "unknown table {name}; it is not read{hint_en}",
    ),
    "unknown-unit": Entry("error", "名册中没有这个单位{hint}", "no such unit in the roster{hint_en}"),
    "unknown-word": Entry("error", "词表中没有这个词{hint}", "not a word of the vocabulary{hint_en}"),
    "unreadable": Entry("error", "无法识别", "cannot be read"),
    "written-otherwise": Entry(
        "note", "有 {count} 格不是标准写法，已读懂，如“{first}”",
        "cells not written plainly, but understood: {count}; the first is {first}",
    ),
    "wrong-unit": Entry("error", "计量单位“{unit}”不符，应为{wanted}", "unit {unit} does not fit; wanted {wanted}"),
}  # fmt: skip


def refuse(code: str, **facts: Any) -> CampaignError:
    """The error for data that cannot be used at all, of `messages.CATALOGUE`."""
    return CampaignError(fault(code, None, **facts))


def clipped(value: object) -> str:
    """Submitted text on one line, fit to be shown."""
    text = str(value)
    return visible(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


def said(code: str, **facts: object) -> Text:
    """The words of a code with the facts filled in."""
    entry = FINDINGS[code]
    shown = {"hint": "", "hint_en": "", **{name: clipped(fact) for name, fact in facts.items()}}
    return Text(entry.zh.format(**shown), entry.en.format(**shown))


def finding(
    code: str, record: str, place: dict[str, Any] | None = None, *, aside: bool = False, **facts: object
) -> Finding:
    """A finding; `place` may hold file, sheet, row, column and value. A file's name is never cut: it is found by it."""
    entry = FINDINGS[code]
    where: dict[str, Any] = {
        name: part if not isinstance(part, str) else visible(part) if name == "file" else clipped(part)
        for name, part in (place or {}).items()
    }
    return Finding(code, entry.severity, clipped(record), said(code, **facts), set_aside=aside, **where)


_GRAVE: Final = ("error", "warning", "note")


class _Place(NamedTuple):
    """The sort key of a finding inside its table."""

    table: int
    row: int
    column: int


@define(eq=False, repr=False)
class FindingList:
    """Findings as they are found; `unlisted` counts those that nobody wrote out."""

    limit: int
    _found: list[tuple[_Place, Finding]] = field(factory=list)
    unlisted: int = 0

    def add(self, found: Finding, table: int = 0, column: int = -1) -> None:
        row = found.row if found.row is not None else -1
        self._found.append((_Place(table, row, column), found))

    def extend(self, found: Iterable[Finding], table: int = 0) -> None:
        for one in found:
            self.add(one, table)

    def found(self) -> Iterator[Finding]:
        """Those that were written out, as they came."""
        return (found for _, found in self._found)

    def copy(self) -> FindingList:
        """The same findings, to which others may be added."""
        return FindingList(self.limit, [*self._found], self.unlisted)

    def listed(self) -> tuple[Finding, ...]:
        """The findings in the order of tables, rows and columns; past the limit one that counts the rest.

        What is left out is the least grave: notes before warnings, warnings before errors.
        """
        order = sorted(self._found, key=itemgetter(0))
        if len(order) > self.limit:
            gravest = sorted(order, key=lambda item: _GRAVE.index(item[1].severity))[: self.limit]
            order = sorted(gravest, key=itemgetter(0))
        kept = [found for _, found in order]
        rest = self.unlisted + len(self._found) - len(kept)
        return (*kept, *([finding("more-findings", "", count=rest)] if rest else []))
