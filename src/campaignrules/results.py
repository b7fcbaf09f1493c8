"""The shape of results: rows with stable keys, and what a data finding is.

Plain frozen data that engine and reference make and the reports show. Must not know: how it is computed.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import field, frozen

from campaignrules.errors import Text

ProgressStatus = Literal["met", "on_track", "behind", "missed", "not_due", "missing", "deferred", "not_applicable"]
DutyStatus = Literal["met", "late", "missed", "not_due", "open", "missing", "deferred", "not_applicable"]
ReturnStatus = Literal["submitted", "late", "not_submitted", "not_due"]

STATUS_TITLES: Final[dict[str, Text]] = {
    "met": Text("已完成", "met"),
    "on_track": Text("进度正常", "on track"),
    "behind": Text("落后", "behind"),
    "missed": Text("未完成", "missed"),
    "late": Text("逾期完成", "late"),
    "not_due": Text("未到期", "not due"),
    "open": Text("进行中", "open"),
    "missing": Text("未报送", "missing"),
    "deferred": Text("待明确", "deferred"),
    "not_applicable": Text("不适用", "not applicable"),
    "submitted": Text("已报送", "submitted"),
    "not_submitted": Text("应报未报", "not submitted"),
    "final": Text("已定", "final"),
    "provisional": Text("暂计", "provisional"),
    "disqualified": Text("取消资格", "disqualified"),
    "reference": Text("参照", "reference"),
    "listed": Text("入选", "listed"),
    "possible": Text("可能入选", "possible"),
    "not_listed": Text("未入选", "not listed"),
    "lacking": Text("缺数据", "data missing"),
    "unknown": Text("无从判断", "cannot be told"),
    "holds": Text("触发", "takes effect"),
    "does_not_hold": Text("未触发", "no effect"),
}

KIND_TITLES: Final[dict[str, Text]] = {
    "progress": Text("目标进度", "progress"),
    "duties": Text("事项", "duties"),
    "outcomes": Text("总体要求", "outcomes"),
    "scores": Text("得分", "scores"),
    "rankings": Text("排名", "rankings"),
    "honours": Text("表扬、榜单", "honours"),
    "returns": Text("报送", "returns"),
    "rows": Text("行数", "numbers of rows"),
    "findings": Text("不予采用的行", "rows set aside"),
}
"""The kinds of results, as a comparison of two evaluations names them."""

COLUMN_TITLES: Final[dict[str, Text]] = {
    "status": Text("状态", "status"),
    "value": Text("实绩", "value"),
    "required": Text("应达", "required"),
    "required_high": Text("上限", "upper bound"),
    "ratio": Text("完成比例", "ratio"),
    "shortfall": Text("差额", "shortfall"),
    "pace": Text("时间进度", "pace"),
    "gap": Text("比时间进度", "gap"),
    "needed_per_day": Text("日均需", "needed per day"),
    "due_on": Text("截止", "due"),
    "done_on": Text("完成", "done"),
    "points": Text("得分", "points"),
    "lowest": Text("最低", "lowest"),
    "highest": Text("最高", "highest"),
    "worth": Text("分值", "worth"),
    "grade": Text("等次", "grade"),
    "place": Text("名次", "place"),
    "best": Text("最好", "best"),
    "worst": Text("最差", "worst"),
    "ranked": Text("参加排名", "ranked"),
    "change": Text("名次变化", "change"),
}
"""What cells of results are called where they are compared."""


@frozen
class Progress:
    """One target for one unit (None: the whole; 'all CLASS': a class) and one window. See docs/evaluation.md."""

    target: str
    metric: str
    unit: str | None
    window: str
    value: Decimal | None
    comparator: str
    required: Decimal | None
    required_high: Decimal | None
    measure: str
    ratio: Decimal | None
    shortfall: Decimal | None
    status: ProgressStatus
    force: str
    pace: Decimal | None
    gap: Decimal | None
    needed_per_day: Decimal | None
    due_on: dt.date
    lead: tuple[str, ...]
    support: tuple[str, ...]
    source: str | None
    awaits: tuple[str, ...]


@frozen
class DutyResult:
    """One occurrence of a duty for one unit (None: the whole). `due_on`, `window` are None for a standing duty."""

    duty: str
    unit: str | None
    window: str | None
    due_on: dt.date | None
    status: DutyStatus
    done_on: dt.date | None
    force: str
    lead: tuple[str, ...]
    support: tuple[str, ...]
    source: str | None
    awaits: tuple[str, ...]


@frozen
class OutcomeResult:
    """An outcome, with the number of rows of each status that it rests on."""

    outcome: str
    status: str
    force: str
    counts: dict[str, int]
    source: str | None


@frozen
class ReturnResult:
    """Whether one unit submitted what a return asks for in one window. `on`: the earliest day that is known.

    `rows`: its rows with a date inside the window; `files`: headed sheets for it.
    """

    return_: str
    unit: str
    window: str
    due_on: dt.date
    status: ReturnStatus
    on: dt.date | None
    rows: int
    files: tuple[str, ...]
    source: str | None


ScoreStatus = Literal["final", "provisional", "not_due", "missing", "deferred", "not_applicable", "disqualified"]
PlaceStatus = Literal["final", "provisional", "not_due", "missing", "deferred", "reference", "disqualified"]
HonourStatus = Literal["listed", "possible", "not_listed", "missing", "not_due"]


@frozen
class Score:
    """Points of one unit in one window: of an item, or of the whole scorecard (`item` None).

    `points` when settled; `lowest` and `highest` as far as known (equal to points when settled); `awaits`: the deferred
    parameters that decide between them.
    """

    scorecard: str
    item: str | None
    unit: str
    window: str
    points: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    worth: Decimal | None
    status: ScoreStatus
    grade: str | None
    source: str | None
    awaits: tuple[str, ...]
    because: Text | None = field(default=None, eq=False)


@frozen
class Placing:
    """A unit's place in a ranking in one window. `place` when certain, else it lies from `best` to `worst`.

    `group`: the class or parent it is ranked in; `ranked`: how many are; `value`, `lowest`, `highest`: the first key in
    `measure`; `change`: places risen.
    """

    ranking: str
    unit: str
    window: str
    group: str | None
    place: int | None
    best: int | None
    worst: int | None
    ranked: int
    value: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    measure: str
    change: int | None
    status: PlaceStatus
    source: str | None
    awaits: tuple[str, ...]


@frozen
class HonourResult:
    """Whether a unit is listed under an honour, sanction or list in one window."""

    honour: str
    kind: str
    unit: str
    window: str
    status: HonourStatus
    source: str | None
    awaits: tuple[str, ...]


GateStatus = Literal["holds", "possible", "does_not_hold", "missing"]


@frozen
class GateResult:
    """Whether a gate of a scorecard takes effect for one unit in one window; `because`: the values it looked at."""

    scorecard: str
    gate: str
    unit: str
    window: str
    status: GateStatus
    source: str | None
    because: Text | None = field(default=None, eq=False)


@frozen
class Finding:
    """Something about the submitted data.

    `row`: the line or row number as a person counts it (from 1); `column`: the header as submitted; `cell`: the address
    in a workbook, such as D12.
    """

    code: str
    severity: Literal["error", "warning", "note"]
    record: str
    message: Text
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    set_aside: bool = False
    cell: str | None = None


@frozen
class Pending:
    """A deferred parameter and what it holds up (ids of targets, duties and metrics)."""

    parameter: str
    title: Text | None
    by: Text
    between: tuple[str, ...]
    source: str | None
    holds: tuple[str, ...]


@frozen
class TableCount:
    """Rows of one record type: read, set aside with a finding, screened out, counted."""

    record: str
    read: int
    set_aside: int
    screened: int

    @property
    def counted(self) -> int:
        return self.read - self.set_aside - self.screened


@frozen
class Results:
    """All rows of an evaluation, in the order of the campaign file, units in roster order, windows in time."""

    progress: tuple[Progress, ...]
    duties: tuple[DutyResult, ...]
    outcomes: tuple[OutcomeResult, ...]
    scores: tuple[Score, ...] = ()
    rankings: tuple[Placing, ...] = ()
    honours: tuple[HonourResult, ...] = ()
    returns: tuple[ReturnResult, ...] = ()
    more: dict[str, Any] = field(factory=dict, eq=False)


def column_of(name: str) -> str:
    """The column of a field of a row: without the mark behind words that Python reserves."""
    return name.rstrip("_")
