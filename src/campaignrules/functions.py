"""The functions of the expression language: one row each, with signature, null rule, exact rule and a doc line.

Knows values (Decimal, str, bool, date, frozenset), not trees, files or engines. The columnar rule of each row stands
in `columns.COLUMNAR` under the same name; a test holds the two tables together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any, Final, Literal

from attrs import frozen

from campaignrules.quantities import EXACT

ArgumentKind = Literal["number", "date", "text", "tags", "whole", "same"]
ResultKind = Literal["same", "count", "days", "date", "bool", "whole"]


@frozen(eq=False, repr=False)
class Function:
    """`takes`: kinds of the arguments, the last repeated up to `at_most`; `whole` is a literal whole number.

    `gives`: 'same' is the joint type of the arguments. `lazy`: decides itself about missing arguments; otherwise one
    missing argument makes the result missing. `scale`: the decimals of the result ('max' of the arguments, 'second'
    the value of the literal second argument, or a number).
    """

    name: str
    takes: tuple[ArgumentKind, ...]
    gives: ResultKind
    exact: Callable[..., Any]
    zh: str
    en: str
    at_least: int | None = None
    at_most: int | None = None
    scale: Literal["max", "second"] | int = "max"
    lazy: bool = False

    @property
    def fewest(self) -> int:
        return len(self.takes) if self.at_least is None else self.at_least

    @property
    def most(self) -> int:
        return len(self.takes) if self.at_most is None else self.at_most


def _rounding(mode: str) -> Callable[..., Decimal]:
    def apply(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
        return value.quantize(Decimal((0, (1,), -int(places))), mode, EXACT)

    return apply


def _floor(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR, EXACT)


def _ceil(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_CEILING, EXACT)


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _least(*values: Decimal) -> Decimal:
    return min(values)


def _greatest(*values: Decimal) -> Decimal:
    return max(values)


def _clamp(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return max(low, min(value, high))


def _date(year: Decimal, month: Decimal, day: Decimal) -> dt.date:
    return dt.date(int(year), int(month), int(day))


def _days_between(first: dt.date, second: dt.date) -> Decimal:
    return Decimal((second - first).days)


_ROWS = (
    Function("abs", ("number",), "same", EXACT.abs, "绝对值", "absolute value"),
    Function("min", ("number",), "same", _least, "最小值", "the least argument", at_least=1, at_most=16),
    Function("max", ("number",), "same", _greatest, "最大值", "the greatest argument", at_least=1, at_most=16),
    *(
        Function(name, ("number", "whole"), "same", _rounding(mode), zh, en, at_least=1, scale="second")
        for name, mode, zh, en in (
            ("round", ROUND_HALF_UP, "四舍五入到第 n 位小数", "round half away from zero at n places"),
            ("round_even", ROUND_HALF_EVEN, "四舍六入五成双到第 n 位小数", "round half to even at n places"),
            ("round_down", ROUND_DOWN, "第 n 位小数之后舍去（向零）", "cut off after n places (toward zero)"),
            ("round_up", ROUND_UP, "第 n 位小数之后有数就进一（离零）", "round away from zero at n places"),
        )
    ),
    Function("floor", ("number",), "same", _floor, "向下取整", "greatest whole number not above", scale=0),
    Function("ceil", ("number",), "same", _ceil, "向上取整", "least whole number not below", scale=0),
    Function(
        "clamp", ("number", "number", "number"), "same", _clamp, "限制在 [低, 高] 之间", "keep within [low, high]"
    ),
    Function(
        "coalesce",
        ("same",),
        "same",
        _coalesce,
        "第一个不缺的值",
        "the first argument that is not missing",
        at_least=2,
        at_most=16,
        lazy=True,
    ),
    Function("year", ("date",), "whole", lambda d: Decimal(d.year), "年份", "year of a date", scale=0),
    Function(
        "quarter", ("date",), "whole", lambda d: Decimal((d.month + 2) // 3), "季度 1–4", "quarter 1 to 4", scale=0
    ),
    Function("month", ("date",), "whole", lambda d: Decimal(d.month), "月份 1–12", "month 1 to 12", scale=0),
    Function("day", ("date",), "whole", lambda d: Decimal(d.day), "日 1–31", "day of the month", scale=0),
    Function("date", ("whole", "whole", "whole"), "date", _date, "日期 date(年, 月, 日)", "a date from literals"),
    Function(
        "days_between",
        ("date", "date"),
        "days",
        _days_between,
        "从前一日期到后一日期的天数",
        "days from the first to the second",
        scale=0,
    ),
    Function(
        "has", ("tags", "text"), "bool", lambda tags, word: word in tags, "多选中含某词", "the tags hold the word"
    ),
    Function("length", ("text",), "whole", lambda text: Decimal(len(text)), "字数", "number of characters", scale=0),
    Function("starts_with", ("text", "text"), "bool", str.startswith, "以…开头", "text starts with"),
    Function("ends_with", ("text", "text"), "bool", str.endswith, "以…结尾", "text ends with"),
    Function("contains", ("text", "text"), "bool", lambda text, part: part in text, "包含文字", "text contains"),
)

FUNCTIONS: Final[dict[str, Function]] = {row.name: row for row in _ROWS}


def _over_group(*_: Any) -> Any:
    raise NotImplementedError("a function over a group is evaluated for all its units together")


_GROUP_ROWS = (
    Function("lowest", ("number",), "same", _over_group, "组内最低", "least in the group"),
    Function("highest", ("number",), "same", _over_group, "组内最高", "greatest in the group"),
    Function("average", ("number",), "same", _over_group, "组内平均", "mean of the group", scale=12),
    Function("total", ("number",), "same", _over_group, "组内合计", "sum of the group"),
    Function(
        "members", ("number",), "whole", _over_group, "组内有数的单位数", "units of the group with a value", scale=0
    ),
    Function(
        "place_of", ("number",), "whole", _over_group, "组内名次（多者在前）", "place in the group, more first", scale=0
    ),
    Function(
        "above", ("number", "number"), "whole", _over_group, "组内另有几个单位高于它", "other units above it", scale=0
    ),
    Function("level", ("number", "number"), "whole", _over_group, "组内另有几个与它相等", "other units equal", scale=0),
    Function(
        "distinct_above",
        ("number", "number"),
        "whole",
        _over_group,
        "组内另有几种更高的值",
        "different values above it",
        scale=0,
    ),
)

GROUP_FUNCTIONS: Final[dict[str, Function]] = {row.name: row for row in _GROUP_ROWS}
"""Functions of scoring formulas that look at all units of a group; see docs/evaluation.md."""
