"""The form of a campaign: attrs classes whose field names are the YAML keys.

A trailing underscore marks a key that Python reserves (`from_` is written `from:`). Every field carries its
description in Chinese and English; the JSON Schema is generated from here, so the two cannot drift. Elements
remember the node they stand in. Must not know: how they are made from a document (`structure`), what names mean,
expressions, dates as windows, data, engines.
"""

import datetime as dt
import re
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Literal

import attrs
from attrs import NOTHING, field, frozen

from campaignrules.errors import Text
from campaignrules.source import Mapping as MappingNode
from campaignrules.source import Node, Sequence

NAME = re.compile(r"(?!.*__)[^\W\d_][\w]*", re.UNICODE)
ID = re.compile(r"[^\W_][\w.\-]*", re.UNICODE)


def entry(zh: str, en: str, default: Any = NOTHING, **more: Any) -> Any:
    """An attrs field that is a YAML key, with what it means."""
    return field(default=default, metadata={"zh": zh, "en": en, **more}, kw_only=True)


def described(zh: str, en: str) -> Callable[[type], type]:
    """Attach a two-language description to a model class."""

    def attach(cls: type) -> type:
        cls.__described__ = Text(zh, en)  # type: ignore[attr-defined]
        return cls

    return attach


@frozen(eq=False, repr=False)
class Element:
    """Whatever stands in a campaign file; `node` is where (None when built by a program)."""

    partly: ClassVar[bool] = False
    """Whether it is kept although a part of it is at fault, so that the rest can be checked as well."""

    node: MappingNode | None = field(default=None, eq=False, repr=False, kw_only=True)

    def __repr__(self) -> str:
        """As attrs would write it, without making a method for each class whenever the module loads."""
        shown = (f"{one.name}={getattr(self, one.name)!r}" for one in attrs.fields(type(self)) if one.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def spot(self, *path: str | int) -> Any:
        """The node at `path` below this element, or the nearest one above it that exists; None without a file."""
        here: Node | None = self.node
        for step in path:
            below = _step(here, step)
            if below is None:
                break
            here = below
        return here

    def key_spot(self, *path: str | int) -> Any:
        """The key at `path`, to point at what is listed by name; without one like `spot`."""
        above = self.spot(*path[:-1])
        return (above.key(str(path[-1])) if isinstance(above, MappingNode) else None) or above


def _step(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, MappingNode) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


Names = str | tuple[str, ...]
SOURCE = {"zh": "出处条款，如 二(一)", "en": "the clause it comes from"}
COVERS = {"zh": "所承载的规则清单编号", "en": "ids of the rule inventory that this item carries"}


@frozen(eq=False, repr=False)
class Sourced(Element):
    """An element with its clause, the inventory ids it carries and a note."""

    title: Text | None = entry("名称", "title", None)
    source: str | None = entry(SOURCE["zh"], SOURCE["en"], None)
    document: str | None = entry("出自哪份文件（documents 中的名字；只有一份时不写）", "which of `documents`", None)
    covers: tuple[str, ...] = entry(COVERS["zh"], COVERS["en"], ())
    note: Text | None = entry("说明、取舍理由", "note: the reading taken and why", None)


@described("依据文件", "a source document")
@frozen(eq=False, repr=False)
class SourceDocument(Element):
    title: Text = entry("文件名", "title")
    number: str | None = entry("文号", "document number", None)
    published: dt.date | None = entry("印发或公布日期", "date of issue or publication", None)
    note: Text | None = entry("说明", "note", None)


@described("起止日期（两端都算）", "a closed interval of dates")
@frozen(eq=False, repr=False)
class Period(Sourced):
    from_: dt.date = entry("开始日期", "first day")
    to: dt.date = entry("结束日期", "last day")


@described("阶段：有名字的时间窗", "a named window")
@frozen(eq=False, repr=False)
class Phase(Period):
    pass


@described("工作日历：节假日与调休上班日", "working days: holidays and make-up days")
@frozen(eq=False, repr=False)
class WorkCalendar(Element):
    holidays: tuple[dt.date, ...] = entry("放假的日期", "days off besides weekends", ())
    workdays: tuple[dt.date, ...] = entry("调休上班的周末", "weekend days that are worked", ())


@described("一个责任单位", "a unit that reports and is judged")
@frozen(eq=False, repr=False)
class Unit(Element):
    id: str = entry("编号", "id", form="id")
    title: Text | None = entry("名称", "title", None)
    class_: str | None = entry("类别", "its class", None)
    parent: str | None = entry("上级单位编号", "id of the parent unit", None)
    aliases: tuple[str, ...] = entry("别称", "other names found in data", ())


@described("责任单位：类别与名册", "units: classes and roster")
@frozen(eq=False, repr=False)
class Units(Sourced):
    classes: Mapping[str, Text] = entry("单位类别", "classes of units", attrs.Factory(dict))
    roster: Literal["submitted"] | tuple[Unit, ...] = entry(
        "名册：直接列出，或 submitted（随数据报送 units 表）",
        "inline list, or `submitted` with the data (table `units`)",
        "submitted",
    )


@described("词表：分类词及其中文", "a vocabulary: words and their titles")
@frozen(eq=False, repr=False)
class Vocabulary(Sourced):
    words: Mapping[str, Text] = entry("词：中文名", "word: title")
    open: bool = entry("文件写了“等”，词表可扩充", "the document leaves the list open (等)", False)


@described("一个填报字段", "a field of a record")
@frozen(eq=False, repr=False)
class Field(Element):
    type: str = entry(
        "类型：text、quantity、count、date、bool、unit、tags，或词表名",
        "text, quantity, count, date, bool, unit, tags, or the name of a vocabulary",
    )
    title: Text | None = entry("表头名称", "column title", None)
    unit: str | None = entry("计量单位（quantity 必填），如 亿元", "unit of measure of a quantity", None, unit=True)
    decimals: int | None = entry("允许的小数位数（quantity 默认 6）", "decimals allowed (6 for a quantity)", None)
    of: str | None = entry("tags 的词表名", "vocabulary of tags", None)
    required: bool = entry("是否必填（默认必填）", "must be filled (default)", True)
    planned: bool = entry("是计划日期，可晚于截止日", "a planned date; may lie after as_of", False)
    within: Names | None = entry(
        "日期应在哪个时间窗内（可列几个）：campaign、阶段名、2023Q2；在外的行不予采用",
        "the window or windows a date must lie in: campaign, a phase, 2023Q2; rows outside are set aside",
        None,
    )
    aliases: tuple[str, ...] = entry("表头的其他写法", "other column titles", ())
    note: Text | None = entry("填报说明", "note for those who fill it in", None)


@described("一条真实的行应满足的条件", "what an honest row satisfies")
@frozen(eq=False, repr=False)
class RowRule(Element):
    that: str = entry("条件（行级表达式）", "condition, a row expression", form="expression")
    says: Text = entry("不满足时的说明", "what to say when it does not hold")
    covers: tuple[str, ...] = entry(COVERS["zh"], COVERS["en"], ())


@described("派生字段：每一行上算出的值", "a derived field: a value computed on each row")
@frozen(eq=False, repr=False)
class Derived(Sourced):
    formula: str = entry("行级公式", "row expression", form="expression")
    unit: str | None = entry("显示单位", "unit it is shown in", None, unit=True)


@described("报送表：一种行", "a record type: one submitted table")
@frozen(eq=False, repr=False)
class Record(Sourced):
    fields: Mapping[str, Field] = entry("字段", "fields")
    key: str | None = entry("唯一标识字段", "field that identifies a row", None)
    unit: str | None = entry("表示责任单位的字段（只有一个 unit 字段时不写）", "which unit field judges the row", None)
    rules: tuple[RowRule, ...] = entry("行校验", "row rules", ())
    derived: Mapping[str, Derived] = entry(
        "派生字段：由同一行其他字段算出", "derived fields, computed from the row", attrs.Factory(dict)
    )


@described("筛查：哪些行不计入", "screening: rows that do not count")
@frozen(eq=False, repr=False)
class Screen(Sourced):
    id: str = entry("编号", "id", form="id")
    record: str = entry("报送表名", "record")
    keep: str | None = entry("只计满足此条件的行", "only rows for which this is true count", None, form="expression")
    drop: str | None = entry("满足此条件的行不计", "rows for which this is true do not count", None, form="expression")


@described("文件留待另行明确的内容", "what the document leaves to a later notice")
@frozen(eq=False, repr=False)
class Deferral(Element):
    by: Text = entry("为何未定、由谁另定", "why it is open and who settles it")
    between: tuple[str, ...] = entry("可能的范围 [最低, 最高]", "bounds [lowest, highest]", (), form="quantities")


@described("补充文件对参数的明确", "how an overlay settled a parameter")
@frozen(eq=False, repr=False)
class Settlement(Element):
    overlay: str = entry("补充文件编号", "id of the overlay", form="id")
    document: Text = entry("补充文件名", "title of its document")
    source: str | None = entry(SOURCE["zh"], SOURCE["en"], None)
    effective: dt.date | None = entry("生效日期", "in force from", None)


@described("参数：已给定的数，或留待明确的数", "a parameter, given or deferred")
@frozen(eq=False, repr=False)
class Parameter(Sourced):
    type: str = entry("计量单位或 number、text、date、list", "unit of measure, or number, text, date, list", "number")
    value: str | None = entry("数值", "value", None, form="quantity")
    settled: Settlement | None = entry("由补充文件明确", "settled by an overlay", None)
    deferred: Deferral | None = entry("留待另行明确", "deferred to a later notice", None)


@described("一种读法", "one reading of a clause")
@frozen(eq=False, repr=False)
class ReadingOption(Element):
    title: Text = entry("这样理解", "how the clause is read")
    set: Mapping[str, Names] = entry(
        "改动：路径: 值（写 remove 即删去该键）",
        "what it changes, path: value (`remove` takes the key away)",
        attrs.Factory(dict),
        form="changes",
    )


@described("同一条款的不同读法", "alternative readings of one clause")
@frozen(eq=False, repr=False)
class Reading(Sourced):
    chosen: str = entry("本文件采用的读法", "the reading this file takes")
    options: Mapping[str, ReadingOption] = entry("各种读法", "the readings")


@described("同批项目的比率", "a cohort rate")
@frozen(eq=False, repr=False)
class Rate(Element):
    of: str = entry("报送表名（分母）", "record: the cohort")
    where: str | None = entry("哪些行属于这一批", "which rows are of the cohort", None, form="expression")
    reached: str = entry(
        "到窗口末已达到：日期字段，或条件",
        "reached by the window's end: a date field or a condition",
        form="expression",
    )
    amount: str | None = entry("按金额加权的字段", "field to weigh by, instead of counting rows", None)


Accumulate = Literal["flow", "to_date", "level"]
Against = Literal["year", "half", "quarter", "month", "week"]
Each = Literal["month", "quarter", "half", "year", "week", "half_month", "phase"]
VERBS = (
    "count", "sum", "distinct", "mean", "min", "max", "last", "rate", "reported", "of", "formula", "growth", "limited",
)  # fmt: skip


@described("指标", "a metric")
@frozen(eq=False, repr=False)
class Metric(Sourced):
    unit: str | None = entry("显示单位", "unit it is shown in", None, unit=True)
    count: str | None = entry("计数：报送表名", "count rows of this record", None)
    sum: str | None = entry("求和：表.字段", "sum of record.field", None)
    distinct: str | None = entry("去重计数：表.字段", "number of distinct record.field", None)
    mean: str | None = entry("平均：表.字段", "mean of record.field", None)
    min: str | None = entry("最小：表.字段", "least record.field", None)
    max: str | None = entry("最大：表.字段", "greatest record.field", None)
    last: str | None = entry("最后一次：表.字段", "record.field of the latest row", None)
    rate: Rate | None = entry("同批比率", "cohort rate", None)
    reported: str | None = entry(
        "直接报送的数（单位），来自 figures 表", "figures submitted directly, in this unit", None, unit=True
    )
    of: str | None = entry("其中：上级指标名", "of which: the whole", None)
    formula: str | None = entry("由其他指标计算", "formula over metrics", None, form="expression")
    growth: str | None = entry("增长率：指标名", "growth of this metric", None)
    limited: str | None = entry("限频：指标名，每个周期最多计若干", "this metric, at most so much in each period", None)
    each: Each | None = entry("限频的周期", "the period of the limit", None)
    at_most: str | None = entry("限频：每个周期最多计", "the most that counts in each period", None, form="quantity")
    on: str | None = entry("按哪个日期字段计入", "date field that puts a row into a window", None)
    credited_to: str | None = entry(
        "记给哪个单位字段（默认报送表的责任单位）",
        "unit field that the row is credited to (default: the record's)",
        None,
    )
    until: str | None = entry("到哪个日期字段为止（期末存量）", "date field that ends it (level)", None)
    where: str | None = entry("筛选条件", "which rows count", None, form="expression")
    accumulate: Accumulate = entry(
        "flow 窗口内发生；to_date 累计到窗口末；level 期末存量",
        "flow within, to_date up to, or level at the window's end",
        "flow",
    )
    since: dt.date | None = entry("累计起点", "start of to_date", None)
    against: Against | None = entry("与早多久的同一窗口比", "growth against the window so much earlier", None)

    @property
    def verb(self) -> str:
        """The one verb set ('' when none is)."""
        return next((verb for verb in VERBS if getattr(self, verb) is not None), "")


Force = Literal["binding", "strive", "encouraged", "tracked"]


@frozen(eq=False, repr=False)
class Demand(Sourced):
    """What targets and duties share."""

    id: str = entry("编号", "id", form="id")
    for_: Names = entry(
        "对谁：campaign、each unit、each 类别、all 类别、单位编号",
        "campaign, each unit, each CLASS, all CLASS, or a unit id",
        "campaign",
    )
    except_: Mapping[str, str] = entry(
        "例外：单位: 另定的数 或 not_applicable",
        "unit: its own number, or not_applicable",
        attrs.Factory(dict),
        form="changes",
    )
    force: Force = entry(
        "效力：binding 约束、strive 力争、encouraged 鼓励、tracked 只跟踪",
        "binding, strive, encouraged or tracked",
        "binding",
    )
    lead: tuple[str, ...] = entry("牵头单位", "lead units", ())
    support: tuple[str, ...] = entry("配合单位", "supporting units", ())
    partial: Literal["judged", "skipped"] = entry(
        "被期间截断的窗口：judged 照考、skipped 不考", "windows cut by the period's edge", "judged"
    )
    awaits: tuple[str, ...] = entry("取决于哪些未定参数", "deferred parameters it waits for", ())


@described("目标：一行一个要求", "a target: one demand")
@frozen(eq=False, repr=False)
class Target(Demand):
    metric: str = entry("指标名", "metric")
    in_: Names = entry(
        "时间窗：campaign、阶段名、2023、2023Q1、2023H1、2023-06、each month…",
        "campaign, a phase, 2023, 2023Q1, 2023-06, each month …",
        "campaign",
    )
    at_least: str | None = entry("不低于", "at least", None, form="quantity")
    at_most: str | None = entry("不超过", "at most", None, form="quantity")
    exactly: str | None = entry("等于", "exactly", None, form="quantity")
    between: tuple[str, ...] = entry("介于 [低, 高]", "between [low, high]", (), form="quantities")
    every: bool = entry(
        "全部（比率须为 100%，一个都没有则不适用）",
        "all of them: the rate must be 100 %, none at all is not applicable",
        False,
    )


@described("事项：按期做到或没做到", "a duty: done or not, by a date")
@frozen(eq=False, repr=False)
class Duty(Demand):
    by: str | None = entry("截止：日期或阶段名", "due: a date or a phase (its last day)", None, form="date-or-name")
    every: str | None = entry(
        "每 month、quarter、half、year、week、half_month，或参数名", "each period, or a parameter", None
    )
    due: tuple[str, ...] = entry(
        "截止日：day 15、last day、day 2 of next month、workday 3、monday…",
        "day 15, last day, day 2 of next month, workday 3, monday …",
        (),
    )
    in_: Names = entry("在哪个时间窗内", "within which window", "campaign")
    shift: Literal["none", "next_workday", "previous_workday"] = entry("遇非工作日", "when due on a day off", "none")
    record: str | None = entry(
        "以哪张报送表为凭（默认 attestations 表）", "record that proves it (default: table attestations)", None
    )
    on: str | None = entry("报送表中的日期字段", "its date field", None)
    where: str | None = entry("哪些行作数", "which rows prove it", None, form="expression")


@described("报送要求：谁、每期报哪些表", "a return: who submits which records in each window")
@frozen(eq=False, repr=False)
class Return(Sourced):
    id: str = entry("编号", "id", form="id")
    records: tuple[str, ...] = entry("要报的报送表", "the records asked for")
    for_: Names = entry("谁报：each unit、each 类别、单位编号", "each unit, each CLASS, or unit ids", "each unit")
    except_: Mapping[str, str] = entry(
        "例外：单位: not_applicable", "unit: not_applicable", attrs.Factory(dict), form="changes"
    )
    in_: Names = entry("哪些时间窗：each month、2023Q1…", "the windows: each month, 2023Q1 …", "campaign")
    due: str | None = entry(
        "时间窗结束后几天内报：5 天、3 工作日（默认结束当天）",
        "so long after the window's end: 5 天 (days), 3 工作日 (workdays); default: its last day",
        None,
    )


@described("总体要求：若干目标都达到", "an outcome: several demands together")
@frozen(eq=False, repr=False)
class Outcome(Sourced):
    id: str = entry("编号", "id", form="id")
    all_of: tuple[str, ...] = entry("须全部达到的目标编号", "ids of the targets that must all be met")
    force: Force = entry("效力", "force", "binding")


@described("责任分工：牵头与配合", "who leads and who supports")
@frozen(eq=False, repr=False)
class Responsibility(Sourced):
    id: str = entry("编号", "id", form="id")
    lead: tuple[str, ...] = entry("牵头单位", "lead", ())
    support: tuple[str, ...] = entry("配合单位", "support", ())


@described("文件陈述的事实", "a fact the document reports")
@frozen(eq=False, repr=False)
class Fact(Sourced):
    id: str = entry("编号", "id", form="id")
    value: str | None = entry("数值、日期或文字", "number with unit, date or text", None, form="value")
    about: Literal["exactly", "more_than", "at_least", "stated"] = entry(
        "精确、余、以上、仅陈述", "how exact it is", "exactly"
    )
    in_: str | None = entry("时间窗", "window", None)


RoundingMode = Literal["half_up", "half_even", "down", "up"]


@described("取舍：保留几位小数、怎样舍入", "rounding")
@frozen(eq=False, repr=False)
class Rounding(Element):
    places: int = entry("保留的小数位数", "decimals kept")
    mode: RoundingMode = entry(
        "half_up 四舍五入、half_even 四舍六入五成双、down 舍去、up 进一",
        "half_up (away from zero), half_even, down (toward zero), up (away from zero)",
        "half_up",
    )


@described("一档：达到什么、得多少分", "a step: from where, how many points")
@frozen(eq=False, repr=False)
class Step(Element):
    at_least: str | None = entry("不低于（含本数）", "at least", None, form="quantity")
    above: str | None = entry("高于（不含本数）", "above", None, form="quantity")
    at_most: str | None = entry("不高于（含本数）", "at most", None, form="quantity")
    below: str | None = entry("低于（不含本数）", "below", None, form="quantity")
    points: str = entry("得分（数或公式）", "points: a quantity or an expression", form="quantity")


@described("一段：到多少为止、每单位得多少分", "a bracket: up to where, points for each so much")
@frozen(eq=False, repr=False)
class Bracket(Element):
    up_to: str | None = entry("到多少为止（最后一段不写）", "its end (none for the last)", None, form="quantity")
    each: str = entry("每多少", "for each so much", form="quantity")
    points: str = entry("得多少分", "points", form="quantity")


Better = Literal["more", "less"]
WAYS = (
    "in_proportion_to", "all_or_nothing", "by_steps", "interpolated", "by_brackets", "min_max", "by_place", "from_mean",
    "each", "each_missing", "over", "formula",
)  # fmt: skip


@described("一种计分办法", "a way to score")
@frozen(eq=False, repr=False)
class Way(Element):
    in_proportion_to: str | None = entry(
        "按比例：指标、目标编号或公式", "in proportion to this", None, form="expression"
    )
    all_or_nothing: str | None = entry("全有或全无：条件或目标编号", "all if this holds", None, form="expression")
    by_steps: str | None = entry("分档：看什么", "by steps of this", None, form="expression")
    interpolated: str | None = entry("插值：看什么", "interpolated in a table by this", None, form="expression")
    by_brackets: str | None = entry("分段累进：看什么", "progressive brackets of this", None, form="expression")
    min_max: str | None = entry("功效系数：看什么", "min-max across the group of this", None, form="expression")
    by_place: str | None = entry("按名次：看什么", "by the place in the group by this", None, form="expression")
    from_mean: str | None = entry(
        "与平均数的距离：看什么", "by the distance from the group's mean", None, form="expression"
    )
    each: str | None = entry("每次：什么", "for each of this", None, form="expression")
    each_missing: str | None = entry("每缺一次：什么", "for each that is missing of this", None, form="expression")
    over: str | None = entry("超额：什么", "for what is over the requirement of this", None, form="expression")
    formula: str | None = entry("公式（结果为分）", "a formula that gives points", None, form="expression")
    required: str | None = entry("应达数：数、参数、目标编号或公式", "what is required", None, form="quantity")
    points: str | None = entry("每份得分或扣分", "points of each", None, form="quantity")
    per: str | None = entry("每多少算一份（默认 1）", "how much is one (default 1)", None, form="quantity")
    whole: bool = entry("只算整份", "only whole ones count", True)
    times: str | None = entry("倍数（如双倍扣分 2）", "times so much", None, form="quantity")
    base: str | None = entry("功效系数的基础分比例", "base share of min_max", None, form="quantity")
    better: Better = entry("多好还是少好", "whether more or less is better", "more")
    when_equal: Literal["full", "base", "zero", "missing"] | None = entry(
        "最高等于最低时：满分、基础分、零分、缺", "min_max when highest = lowest", None
    )
    when_zero: Literal["full", "zero", "missing"] | None = entry("应达数为零时", "when the requirement is zero", None)
    steps: tuple[Step, ...] = entry("各档，从上到下第一个满足的", "steps; the first that holds", ())
    otherwise: str | None = entry("都不满足时（默认 0 分）", "when none holds (default 0)", None, form="quantity")
    table: tuple[tuple[str, ...], ...] = entry("插值表 [[值, 分], …]", "table [[value, points], …]", ())
    outside: Literal["held", "extended", "missing"] = entry("表外：持平、延伸、缺", "beyond the table", "held")
    brackets: tuple[Bracket, ...] = entry("各段", "brackets, from the lowest", ())
    places: tuple[str, ...] = entry("第 1、2、3 … 名得分", "points of places 1, 2, 3 …", (), form="quantities")
    less_each_place: str | None = entry("每低一名少多少分", "so much less with each place", None, form="quantity")
    ties: Literal["shared", "last", "dense", "averaged"] | None = entry(
        "并列：同名次、按末位、不跳号、平均名次", "place of equals: 1224, 1334, 1223, mean place", None
    )
    start: str | None = entry(
        "平均数处的得分（默认满分）", "points at the mean (default: the worth)", None, form="quantity"
    )
    when: str | None = entry("前提条件（不满足得 0 分）", "only if (otherwise 0)", None, form="expression")
    floor: str | None = entry("最低", "floor", None, form="quantity")
    cap: str | None = entry("最高", "cap", None, form="quantity")
    round: Rounding | None = entry("取舍", "rounding", None)

    @property
    def verb(self) -> str:
        """The one way set ('' when none is)."""
        return next((way for way in WAYS if getattr(self, way) is not None), "")


@described("计分办法，或几种取其一、相加", "a scoring method: a way, or the best or sum of several")
@frozen(eq=False, repr=False)
class Method(Way):
    best_of: tuple[Way, ...] = entry("几种办法取最高", "the best of several", ())
    sum_of: tuple[Way, ...] = entry("几种办法相加", "the sum of several", ())


Missing = Literal["missing", "zero", "left_out", "reweighed"]
NotApplicable = Literal["left_out", "reweighed", "full", "zero"]


@described("一个得分项", "an item of a scorecard")
@frozen(eq=False, repr=False)
class Item(Sourced):
    worth: str | Mapping[str, str] | None = entry(
        "满分值；或按单位类别 {类别: 分值}", "full points, or by class of unit", None, form="changes"
    )
    kind: Literal["item", "bonus", "deduction"] = entry(
        "item 计入满分、bonus 加分、deduction 扣分", "item (part of the full mark), bonus or deduction", "item"
    )
    earn: Method | tuple[Method, ...] | None = entry("怎样得分", "how points are earned", None)
    lose: Method | tuple[Method, ...] | None = entry("怎样扣分", "how points are lost", None)
    floor: str | None = entry("最低（none 不设；有得分办法的默认 0）", "floor, or none (default 0 with `earn`)", None)
    cap: str | None = entry("最高（none 不封顶；有满分值的默认满分值）", "cap, or none (default: the worth)", None)
    round: Rounding | None = entry("取舍", "rounding", None)
    for_: Names | None = entry("适用哪些单位", "units it applies to", None)
    applies_if: str | None = entry("什么条件下适用", "condition under which it applies", None, form="expression")
    in_: str | None = entry("另定的时间窗", "its own window", None)
    missing: Missing | None = entry(
        "数据缺失时（默认随评分表）", "when data are missing (default: the scorecard's)", None
    )
    not_applicable: NotApplicable | None = entry("不适用时（默认随评分表）", "when it does not apply", None)
    awaits: tuple[str, ...] = entry("取决于哪些未定参数", "deferred parameters it waits for", ())


Effect = Literal["disqualified", "zero", "at_most", "lose", "times", "grade_at_most"]


@described("否决与封顶：什么条件下对总分怎样", "a gate: what a condition does to the whole")
@frozen(eq=False, repr=False)
class Gate(Sourced):
    id: str = entry("编号", "id", form="id")
    when: str = entry("条件", "condition", form="expression")
    effect: Effect = entry(
        "disqualified 取消资格、zero 记零分、at_most 不高于、lose 扣分、times 乘以、grade_at_most 等次不高于",
        "disqualified, zero, at most, lose, times or grade at most",
    )
    points: str | None = entry("分数（at_most、lose）", "points (at_most, lose)", None, form="quantity")
    factor: str | None = entry("倍数（times）", "factor (times)", None, form="quantity")
    grade: str | None = entry("等次（grade_at_most）", "grade (grade_at_most)", None)


@described("一个等次", "a grade")
@frozen(eq=False, repr=False)
class Grade(Sourced):
    id: str = entry("编号", "id", form="id")
    at_least: str | None = entry("总分不低于", "total at least", None, form="quantity")
    above: str | None = entry("总分高于", "total above", None, form="quantity")
    top: str | None = entry("组内前几名，或前百分之几", "first so many of the group, or share", None, form="quantity")
    when: str | None = entry("还须满足的条件", "and this condition", None, form="expression")


@described("升降等次", "promotion by grades")
@frozen(eq=False, repr=False)
class Promotion(Sourced):
    id: str = entry("编号", "id", form="id")
    when: str = entry("条件", "condition", form="expression")
    by: int = entry("升几等", "grades up", 1)
    down: bool = entry("改为降等", "down instead of up", False)


Within = Literal["all", "class", "parent"]


@described("评分表", "a scorecard")
@frozen(eq=False, repr=False)
class Scorecard(Sourced):
    for_: Names = entry("评谁：each unit、each 类别、单位编号", "each unit, each CLASS or unit ids", "each unit")
    in_: Names = entry("时间窗", "windows", "campaign")
    within: Within = entry("与谁比：all 全部、class 同类别、parent 同上级", "group of comparison", "all")
    reference: tuple[str, ...] = entry(
        "参照单位（类别或编号）：评分，不排名、不参与比较", "classes or ids scored but neither ranked nor compared", ()
    )
    out_of: str | None = entry("满分", "full mark", None, form="quantity")
    items: Mapping[str, Item] = entry("得分项", "items", attrs.Factory(dict))
    weights: Mapping[str, str | Mapping[str, str]] = entry(
        "由其他评分表加权：{表: 权重} 或 {表: {时间窗: 权重}}",
        "weighted from other scorecards: {card: weight} or {card: {window: weight}}",
        attrs.Factory(dict),
        form="changes",
    )
    total: str | None = entry(
        "总分公式（items 为各项之和）", "total, a formula in `items` (the sum)", None, form="expression"
    )
    missing: Missing | None = entry(
        "数据缺失时：missing 总分缺、zero 记零、left_out 不计、reweighed 其余折算",
        "when data are missing: the total is missing (default), zero, left out, or the rest reweighed",
        None,
    )
    not_applicable: NotApplicable | None = entry(
        "不适用时：left_out 不计（默认）、reweighed 其余折算、full 满分、zero 零分",
        "when an item does not apply: left out (default), the rest reweighed, full or zero",
        None,
    )
    gates: tuple[Gate, ...] = entry("否决、封顶", "gates", ())
    floor: str | None = entry("总分最低（none 不设）", "floor of the total, or none", None)
    cap: str | None = entry("总分最高（none 不封顶）", "cap of the total, or none", None)
    round: Rounding | None = entry("总分取舍", "rounding of the total", None)
    grades: tuple[Grade, ...] = entry("等次，从高到低", "grades, best first", ())
    grade_by: Literal["rounded", "exact"] = entry(
        "等次按取舍后还是取舍前的总分", "grade by the rounded total or before", "rounded"
    )
    promotions: tuple[Promotion, ...] = entry("升降等次", "promotions", ())
    awaits: tuple[str, ...] = entry("取决于哪些未定参数", "deferred parameters it waits for", ())


@described("排名", "a ranking")
@frozen(eq=False, repr=False)
class Ranking(Sourced):
    by: str = entry(
        "按什么：评分表、指标、目标编号或公式", "by a scorecard, metric, target or expression", form="expression"
    )
    better: Better = entry("多好还是少好", "whether more or less is better", "more")
    then: tuple[str, ...] = entry(
        "相同时再看（公式；少好写负号）", "then by (expressions; negate where less is better)", ()
    )
    for_: Names | None = entry("排谁（默认随评分表）", "who is ranked (default: the scorecard's)", None)
    in_: Names | None = entry("时间窗（默认随评分表）", "windows (default: the scorecard's)", None)
    within: Within | None = entry("在哪一组内排", "within which group", None)
    ties: Literal["shared", "last", "dense", "listed"] | None = entry(
        "并列：shared 1224、last 1334、dense 1223、listed 按名册顺序",
        "1224 (default), 1334, 1223 or roster order",
        None,
    )
    reference: tuple[str, ...] = entry("参照单位：列出，不排名", "classes or ids shown but not ranked", ())
    disqualified: str | None = entry("取消资格的条件", "condition that takes a unit out", None, form="expression")
    change: str | None = entry(
        "名次变化：previous 与上一窗口比，或 表.字段（上期名次）", "change of place: previous, or record.field", None
    )
    awaits: tuple[str, ...] = entry("取决于哪些未定参数", "deferred parameters it waits for", ())


@described("表扬、批评、入榜", "an honour, a sanction or a list")
@frozen(eq=False, repr=False)
class Honour(Sourced):
    id: str = entry("编号", "id", form="id")
    kind: Literal["honour", "sanction", "list"] = entry("表扬、惩戒、榜单", "honour, sanction or list", "honour")
    for_: Names | None = entry(
        "对谁（默认随排名，否则 each unit）", "whom (default: the ranking's, else each unit)", None
    )
    in_: Names | None = entry(
        "时间窗（默认随排名，否则 campaign）", "windows (default: the ranking's, else campaign)", None
    )
    ranking: str | None = entry("依据的排名", "the ranking it rests on", None)
    top: str | None = entry("前几名，或前百分之几", "first so many, or share", None, form="quantity")
    bottom: str | None = entry("后几名，或后百分之几", "last so many, or share", None, form="quantity")
    when: str | None = entry("条件", "condition", None, form="expression")
    awaits: tuple[str, ...] = entry("取决于哪些未定参数", "deferred parameters it waits for", ())


@described("未编码的条款及理由", "clauses that are not encoded, and why")
@frozen(eq=False, repr=False)
class RegisterEntry(Element):
    covers: tuple[str, ...] = entry(COVERS["zh"], COVERS["en"])
    reason: Literal["background", "wording", "vocabulary", "no_measure", "authority", "duplicate"] = entry(
        "理由：背景、措辞、分类、无可量标准、职权、重复",
        "background, wording, vocabulary, no measure, authority, duplicate",
    )
    source: str | None = entry(SOURCE["zh"], SOURCE["en"], None)
    note: Text | None = entry("说明", "note", None)


PROPERTIES = (
    "engine-equals-reference",
    "order-does-not-matter",
    "more-is-not-less",
    "points-within-bounds",
    "parts-sum-to-whole",
    "of-which-within-whole",
    "units-stand-alone",
    "weights-sum-to-100",
    "completions-within-interval",
)
"""What any campaign must keep for any data, by the names that `verify` and acknowledgements use."""


@described("性质：对任何数据都应成立", "a property: what holds for any data")
@frozen(eq=False, repr=False)
class Property(Sourced):
    id: str = entry("编号", "id", form="id")
    that: str = entry("条件（与表扬条件同一种公式）", "the condition, a formula as of honours", form="expression")
    for_: Names = entry("对谁：each unit、each 类别、单位编号", "each unit, each CLASS or unit ids", "each unit")
    in_: Names = entry("时间窗", "windows", "campaign")


@described("已知的问题：为何不改", "a finding that the author lets stand, with the reason")
@frozen(eq=False, repr=False)
class Acknowledgement(Element):
    finding: str = entry("诊断代码，如 parts-below-whole", "code of the finding, such as parts-below-whole")
    at: Names = entry("所指：目标、得分项（表.项）、阶段、指标的编号", "ids of what it is about")
    reason: Text = entry("为何保留", "why it stands")
    source: str | None = entry(SOURCE["zh"], SOURCE["en"], None)


@described("一份活动文件", "a campaign: one document")
@frozen(eq=False, repr=False)
class Campaign(Element):
    partly: ClassVar[bool] = True

    campaign: str = entry("活动编号", "id of the campaign", form="id")
    title: Text = entry("名称", "title")
    issuer: Text | None = entry("发文单位", "issuer", None)
    note: Text | None = entry("说明", "note", None)
    documents: Mapping[str, SourceDocument] = entry("依据文件", "source documents", attrs.Factory(dict))
    period: Period = entry("活动期间", "period")
    calendar: WorkCalendar = entry("工作日历", "working days", attrs.Factory(WorkCalendar))
    phases: Mapping[str, Phase] = entry("阶段", "phases", attrs.Factory(dict))
    units: Units = entry("责任单位", "units", attrs.Factory(Units))
    vocabularies: Mapping[str, Vocabulary] = entry("词表", "vocabularies", attrs.Factory(dict))
    records: Mapping[str, Record] = entry("报送表", "records", attrs.Factory(dict))
    screening: tuple[Screen, ...] = entry("筛查", "screening of rows", ())
    parameters: Mapping[str, Parameter] = entry("参数", "parameters", attrs.Factory(dict))
    readings: Mapping[str, Reading] = entry("不同读法", "alternative readings", attrs.Factory(dict))
    metrics: Mapping[str, Metric] = entry("指标", "metrics", attrs.Factory(dict))
    targets: tuple[Target, ...] = entry("目标", "targets", ())
    duties: tuple[Duty, ...] = entry("事项", "duties", ())
    returns: tuple[Return, ...] = entry("报送要求", "returns: who submits what by when", ())
    outcomes: tuple[Outcome, ...] = entry("总体要求", "outcomes", ())
    scorecards: Mapping[str, Scorecard] = entry("评分表", "scorecards", attrs.Factory(dict))
    rankings: Mapping[str, Ranking] = entry("排名", "rankings", attrs.Factory(dict))
    honours: tuple[Honour, ...] = entry("表扬、批评、榜单", "honours, sanctions and lists", ())
    responsibilities: tuple[Responsibility, ...] = entry("责任分工", "responsibilities", ())
    facts: tuple[Fact, ...] = entry("陈述的事实", "reported facts", ())
    register: tuple[RegisterEntry, ...] = entry("未编码条款登记", "register of clauses not encoded", ())
    properties: tuple[Property, ...] = entry("性质：verify 时逐条验证", "properties that `verify` tries to break", ())
    acknowledged: tuple[Acknowledgement, ...] = entry("已知的问题", "findings that the author lets stand", ())


@described("补充文件：明确未定内容，或作修订", "an overlay: what a later document settles or amends")
@frozen(eq=False, repr=False)
class Overlay(Element):
    overlay_for: str = entry("补充哪个活动", "id of the campaign", form="id")
    id: str = entry("补充文件编号", "id of the overlay", form="id")
    title: Text | None = entry("名称", "title", None)
    document: SourceDocument = entry("依据文件", "its document")
    source: str | None = entry(SOURCE["zh"], SOURCE["en"], None)
    effective: dt.date | None = entry("生效日期（默认印发日期）", "in force from (default: when published)", None)
    fill: Mapping[str, str] = entry(
        "明确：parameters.名字: 值", "what it settles, parameters.NAME: value", attrs.Factory(dict), form="changes"
    )
    amend: Mapping[str, Any] = entry(
        "修订：路径: 值", "what it amends, path: value", attrs.Factory(dict), form="changes"
    )
    note: Text | None = entry("说明", "note", None)


def yaml_key(attribute: "attrs.Attribute[Any]") -> str:
    """The YAML key of an attrs field."""
    return attribute.name.rstrip("_")


@cache
def yaml_fields(cls: type) -> "Mapping[str, tuple[attrs.Attribute[Any], Any]]":
    """YAML key → (attrs field, its type) of a model class.

    Annotations are not postponed in this module, so that a field's type is there without resolving any text.
    """
    return types.MappingProxyType({yaml_key(a): (a, a.type) for a in attrs.fields(cls) if "zh" in a.metadata})
