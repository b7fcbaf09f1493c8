"""The form of a file of tests: attrs classes whose field names are the YAML keys, like those of `model`.

A cell is text as written, `null` where a cell is empty, or a list of texts; which keys an author wrote is asked of the
node. Must not know: campaigns, data, results.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from attrs import Factory, frozen

from campaignrules.errors import Text
from campaignrules.model import Element, Names, SourceDocument, described, entry
from campaignrules.source import Limits

SUFFIX: Final = ".test.yaml"
LIMITS: Final = Limits(bytes=4 << 20, nodes=200_000)
"""A file of tests holds rows, so it may be larger than a campaign."""

Cell = Names | None
Row = Mapping[str, Cell]
Rows = str | tuple[Row, ...]


@described("一条预期：指哪些行，各格应是什么", "an expectation: which rows it names, and what their cells must be")
@frozen(eq=False, repr=False)
class Expectation(Element):
    """By exactly one of `NAMES` it names rows, by `PLACES` fewer of them; everything else is a cell."""

    target: str | None = entry("目标编号", "id of a target", None)
    duty: str | None = entry("事项编号", "id of a duty", None)
    outcome: str | None = entry("总体要求编号", "id of an outcome", None)
    item: str | None = entry("得分项：表.项", "an item of a scorecard, card.item", None)
    scorecard: str | None = entry("评分表（看总分）", "a scorecard (its total)", None)
    gate: str | None = entry("否决与封顶：表.编号", "a gate of a scorecard, card.gate", None)
    ranking: str | None = entry("排名", "a ranking", None)
    honour: str | None = entry("表扬、批评、榜单的编号", "id of an honour, sanction or list", None)
    return_: str | None = entry("报送要求编号", "id of a return", None)
    finding: str | None = entry(
        "数据问题的代码，如 duplicate-key", "code of a finding about the data, as duplicate-key", None
    )
    pending: str | None = entry("待定参数名", "name of a deferred parameter", None)

    unit: Cell = entry("哪个单位：编号或名称；null 为全体", "unit: id or title; null is the whole", None, null=True)
    window: Cell = entry("哪个时间窗", "window", None, null=True)
    due_on: Cell = entry("截止日期", "due date", None, null=True)
    table: str | None = entry("问题在哪张表", "the table a finding is about", None)
    row: str | None = entry("问题在第几行（表头是第 1 行）", "its row; the header is row 1", None)
    column: str | None = entry("问题在哪一栏", "its column", None)

    rows: int | None = entry("所指的行有几行（0：没有）", "how many rows are named (0: none)", None)

    status: Cell = entry("状态", "status", None, null=True)
    value: Cell = entry("数值，如 45 亿元", "value, as 45 亿元", None, null=True)
    required: Cell = entry("要求的数", "what is required", None, null=True)
    required_high: Cell = entry("要求的上限", "the upper number of `between`", None, null=True)
    shortfall: Cell = entry("差多少（at_most 超出为负）", "what is lacking (negative: too much)", None, null=True)
    ratio: Cell = entry("完成率：0.9、90%、2/3", "ratio: 0.9, 90%, 2/3", None, null=True)
    pace: Cell = entry("序时进度", "share of the time elapsed", None, null=True)
    gap: Cell = entry("与序时进度差几个百分点", "percentage points ahead of the pace", None, null=True)
    needed_per_day: Cell = entry("今后每天须完成", "needed each day from now on", None, null=True)
    comparator: Cell = entry("怎样比：at_least …", "comparison: at_least …", None, null=True)
    measure: Cell = entry("计量单位", "unit of measure shown", None, null=True)
    metric: Cell = entry("目标的指标", "the target's metric", None, null=True)
    force: Cell = entry("效力", "force", None, null=True)
    lead: Cell = entry("牵头单位", "lead", None, null=True)
    support: Cell = entry("配合单位", "support", None, null=True)
    awaits: Cell = entry("取决于哪些未定参数", "the deferred parameters it waits for", None, null=True)
    source: Cell = entry("出处条款", "clause", None, null=True)
    done_on: Cell = entry("完成日期", "day it was done", None, null=True)
    counts: Mapping[str, str] = entry("各状态有几行", "status: number of rows", Factory(dict), form="changes")
    points: Cell = entry("得分，如 15 分；未定为 null", "points, as 15 分; null while open", None, null=True)
    lowest: Cell = entry("最低（得分或排名依据）", "lowest points or key", None, null=True)
    highest: Cell = entry("最高", "highest points or key", None, null=True)
    worth: Cell = entry("满分值", "full points", None, null=True)
    grade: Cell = entry("等次：编号或名称", "grade: id or title", None, null=True)
    group: Cell = entry("在哪一组内排", "the group it is ranked in", None, null=True)
    place: Cell = entry("名次", "place", None, null=True)
    best: Cell = entry("最好名次", "best possible place", None, null=True)
    worst: Cell = entry("最差名次", "worst possible place", None, null=True)
    ranked: Cell = entry("组内排了几家", "how many are ranked in the group", None, null=True)
    change: Cell = entry("名次升几位", "places risen", None, null=True)
    kind: Cell = entry("honour、sanction 或 list", "honour, sanction or list", None, null=True)
    on: Cell = entry("报送日期", "day of submission", None, null=True)
    submitted: Cell = entry("这一期报送了几行", "rows submitted for the window", None, null=True)
    severity: Cell = entry("问题轻重：error、warning、note", "error, warning or note", None, null=True)
    set_aside: Cell = entry("这一行是否不予采用", "whether the row is set aside", None, null=True)
    file: Cell = entry("问题在哪个文件", "file of a finding", None, null=True)
    cell: Cell = entry("问题所在单元格，如 D12", "address of a cell, as D12", None, null=True)
    title: Cell = entry("待定参数的名称", "title of a deferred parameter", None, null=True)
    by: Cell = entry("由谁另定", "who settles it", None, null=True)
    between: Cell = entry("可能的范围 [最低, 最高]", "bounds [lowest, highest]", None, null=True)
    holds: Cell = entry("待定参数影响到的编号", "ids that a deferred parameter holds up", None, null=True)
    because: str | None = entry("理由中的一段（中文或英文）", "a piece of the reason, in either language", None)


NAMES = (
    "target", "duty", "outcome", "item", "scorecard", "gate", "ranking", "honour", "return", "finding", "pending",
)  # fmt: skip
"""Of these keys an expectation has exactly one."""
PLACES = ("unit", "window", "due_on", "table", "row", "column")


@described("补充文件，直接写在这里", "an overlay written out here")
@frozen(eq=False, repr=False)
class Notice(Element):
    id: str = entry("补充文件编号", "id of the overlay", form="id")
    title: Text | None = entry("名称", "title", None)
    document: SourceDocument = entry("依据文件", "its document")
    source: str | None = entry("出处条款", "clause", None)
    effective: dt.date | None = entry("生效日期（默认印发日期）", "in force from (default: when published)", None)
    fill: Mapping[str, str] = entry(
        "明确：parameters.名字: 值", "what it settles, parameters.NAME: value", Factory(dict), form="changes"
    )
    amend: Mapping[str, Any] = entry("修订：路径: 值", "what it amends, path: value", Factory(dict), form="changes")
    note: Text | None = entry("说明", "note", None)


@described("一个用例", "a case")
@frozen(eq=False, repr=False)
class Case(Element):
    partly: ClassVar[bool] = True

    case: str = entry("用例名称：一句话", "name of the case: a sentence")
    note: Text | None = entry("手算过程、依据", "the calculation by hand, where it comes from", None)
    as_of: dt.date | None = entry("统计截至日", "the day to look from", None)
    readings: Mapping[str, str] = entry("读法: 选项", "reading: option", Factory(dict), form="changes")
    overlays: tuple[str | Notice, ...] = entry(
        "补充文件：本文件夹内的文件，或直接写出", "overlays: files below this folder, or written out", ()
    )
    units: tuple[Row, ...] = entry(
        "责任单位：units 表的各行", "rows of the table `units`", (), form="changes", null=True
    )
    defaults: Mapping[str, Row] = entry(
        "各表的行不必重写的格，先于整个文件的", "cells that rows need not repeat, before those of the file",
        Factory(dict), form="changes", null=True,
    )  # fmt: skip
    given: Mapping[str, Rows] = entry(
        "报送数据 {表: 各行，或文件}",
        "submitted data {table: rows, or a file}",
        Factory(dict),
        form="changes",
        null=True,
    )
    data: str | None = entry("报送数据所在文件夹或文件", "a folder or file with all tables", None)
    expect: tuple[Expectation, ...] = entry("应得出什么", "what must come out")


@described("测试文件：数据和应得出的结果", "a file of tests: data and what must come out")
@frozen(eq=False, repr=False)
class Suite(Element):
    partly: ClassVar[bool] = True

    tests_for: str = entry(
        "测试哪个活动：同一文件夹中该名称的文件，否则随附的活动",
        "which campaign: the file of that name beside this one, else the shipped one",
        form="id",
    )
    note: Text | None = entry("说明", "note", None)
    as_of: dt.date | None = entry("统计截至日（用例未写时）", "the day to look from, unless a case says", None)
    readings: Mapping[str, str] = entry(
        "读法: 选项（用例未写时）", "reading: option, unless a case says", Factory(dict), form="changes"
    )
    overlays: tuple[str | Notice, ...] = entry("补充文件（用例未写时）", "overlays, unless a case says", ())
    units: tuple[Row, ...] = entry(
        "责任单位（用例未写时）", "rows of the table `units`, unless a case says", (), form="changes", null=True
    )
    defaults: Mapping[str, Row] = entry(
        "各表的行不必重写的格 {表: {栏: 值}}",
        "cells that rows need not repeat {table: {column: value}}",
        Factory(dict),
        form="changes",
        null=True,
    )
    cases: tuple[Case, ...] = entry("用例", "cases")
