"""A target's cell: its value, what is demanded, how one stands to the other, and the status in words.

In: a `Cell` of the oracle. Out: a step with its steps below. Must not know: which cells were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from campaignrules import oracle
from campaignrules.errors import Text
from campaignrules.explain.metrics import explain_metric
from campaignrules.explain.tree import Explanation
from campaignrules.explain.words import amount, headed, not_submitted, percent, plain, span_of, title_of, waiting
from campaignrules.oracle import Cell
from campaignrules.quantities import EXACT, divide, plain_text


def explain_cell(cell: Cell) -> Explanation:
    """Why a target stands where it stands, for one subject and one window."""
    target = cell.target.target
    shows_value = cell.status != "not_applicable" and cell.begun
    steps = (
        [explain_metric(cell.facts, cell.target.metric, cell.scope, cell.days, cell.target.unit)] if shows_value else []
    )
    return Explanation(
        headed(title_of(target), cell.scope, cell.facts.roster, span_of(cell.window)),
        value=amount(cell.value, cell.target.unit) if shows_value else None,
        status=cell.status,
        reason=_reason(cell),
        children=(*steps, *_demand(cell), *_standing(cell)),
    )


_DEMANDS: Final = {
    "at_least": Text("不低于", "at least"),
    "at_most": Text("不超过", "at most"),
    "exactly": Text("等于", "exactly"),
    "between": Text("介于", "between"),
    "every": Text("全部", "every one"),
}


def _demand(cell: Cell) -> Iterator[Explanation]:
    """What is demanded, and where its number comes from."""
    if cell.status == "not_applicable":
        return
    said = _DEMANDS[cell.target.comparator]
    numbers = [cell.low, cell.high] if cell.target.comparator == "between" else [_one_number(cell)]
    shown = [amount(number, cell.target.unit) for number in numbers]
    value = Text("–".join(s.zh for s in shown), "–".join(s.en for s in shown))
    yield Explanation(Text(f"要求：{said.zh}", f"demanded: {said.en}"), value, _origin(cell))


def _one_number(cell: Cell) -> Decimal | None:
    return cell.high if cell.target.comparator == "at_most" else cell.low


def _origin(cell: Cell) -> Text | None:
    """Why it is this number: an exception, a submitted table, a parameter."""
    if cell.target.exceptions.get(cell.scope.name or "") is not None:
        return Text("该单位另有规定", "this unit has its own number")
    number = cell.target.low or cell.target.high
    if number is not None and number.table is not None:
        table = ".".join(number.table)
        return Text(f"取自报送表 {table}", f"from the submitted table {table}")
    written = getattr(cell.target.target, cell.target.comparator)
    if isinstance(written, str) and written in cell.facts.checked.parameters:
        return Text(f"参数 {written}", f"parameter {written}")
    return None


def _standing(cell: Cell) -> Iterator[Explanation]:
    """How the value stands to the demand and to time."""
    unit = cell.target.unit
    if cell.ratio is not None:
        said = f"{plain(cell.value, unit)} ÷ {plain(_one_number(cell), unit)}"
        yield Explanation(Text("完成比例", "ratio"), percent(cell.ratio), Text(said, said))
    if cell.pace is not None and cell.elapsed is not None:
        gone, total = cell.elapsed
        yield Explanation(Text("时间进度", "pace"), percent(cell.pace),
                          Text(f"已过 {gone} 天 ÷ 共 {total} 天", f"{gone} days gone ÷ {total} days"))  # fmt: skip
    if cell.gap is not None:
        shown = plain_text(cell.gap)
        yield Explanation(
            Text("比时间进度", "against the pace"), Text(f"{shown} 个百分点", f"{shown} percentage points")
        )
    if cell.shortfall:
        yield Explanation(Text("差距", "shortfall"), amount(cell.shortfall, unit))
    if cell.needed_per_day is not None:
        left = (cell.window.end - cell.facts.as_of).days
        yield Explanation(Text("此后每天需要", "needed per day from now"), amount(cell.needed_per_day, unit),
                          Text(f"差距 ÷ 剩余 {left} 天", f"shortfall ÷ {left} days left"))  # fmt: skip


def _reason(cell: Cell) -> Text:
    if cell.compared:
        return _compared_reason(cell)
    return {
        "not_applicable": _not_applicable_reason,
        "deferred": lambda one: waiting(one.facts.checked, one.target.awaits),
        "not_due": lambda one: Text(f"{one.window.start} 才开始", f"it only begins on {one.window.start}"),
        "missing": _missing_reason,
    }[cell.status](cell)


def _not_applicable_reason(cell: Cell) -> Text:
    if cell.excepted:
        return Text("该单位列为例外，不适用", "an exception: it does not apply to this unit")
    return Text("表已报送，但没有要覆盖的对象", "the table was submitted, but there is nothing to cover")


def _missing_reason(cell: Cell) -> Text:
    absent = sorted(oracle.records_of(cell.facts.checked, cell.target.metric) - cell.facts.tables.keys())
    if cell.value is not None:
        return Text("没有给它下达数，无从比较", "no number was set for it to be compared with")
    if absent:
        return Text(f"没有报送：{'、'.join(absent)}", f"not submitted: {', '.join(absent)}")
    silent = oracle.silent_records(cell.facts, cell.target.metric, cell.scope)
    if silent:
        return not_submitted(cell.facts, silent[0], cell.scope)
    return Text("没有可以计算的数", "there is nothing to compute it from")


def _compared_reason(cell: Cell) -> Text:
    holds = not (cell.below or cell.above)
    end = cell.window.end
    if cell.over:
        if holds:
            return Text(f"到 {end} 达到要求", f"what is demanded was reached by {end}")
        return Text(f"到 {end} 没有达到要求", f"what is demanded was not reached by {end}")
    if cell.status == "met":
        return Text("已经达到，而且只增不减", "reached already, and it can only grow")
    if holds:
        return Text(f"目前符合要求，到 {end} 才能定", f"it holds so far; {end} decides")
    return _above_reason(cell) if cell.above else _pace_reason(cell)


def _above_reason(cell: Cell) -> Text:
    if cell.status == "missed":
        return Text("已经超过，而且只增不减", "exceeded already, and it can only grow")
    return Text("超过了，期末前还可能回落", "exceeded; it may still come down by the end")


def _pace_reason(cell: Cell) -> Text:
    if cell.elapsed is None or cell.low is None:
        return Text("还没有达到；这个数没有时间进度可比", "not reached yet; there is no pace to hold it against")
    gone, total = map(Decimal, cell.elapsed)
    due = amount(divide(EXACT.multiply(cell.low, gone), total), cell.target.unit)
    if cell.status == "on_track":
        return Text(
            f"还没有达到，但跟得上时间进度（到今天应有 {due.zh}）",
            f"not reached yet, but it keeps pace (by now {due.en} is due)",
        )
    return Text(
        f"还没有达到，也落后于时间进度（到今天应有 {due.zh}）",
        f"not reached, and behind the pace (by now {due.en} is due)",
    )
