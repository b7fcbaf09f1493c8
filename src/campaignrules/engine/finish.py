"""Cube → results: windows, rates, formulas, targets, pace, duties; on dense arrays, exact.

Numbers are whole multiples of 10 ** -scale: 64-bit where the cube's are, Python ints where wider. Comes in: plan,
submission, as_of. Goes out: `DenseResults`, whose rows are made when asked for. Must not know: files, how Polars
scanned the records, how results are shown. The rules are those of docs/evaluation.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from campaignrules.calendar import DAY, Window
from campaignrules.checked import ENDS, CheckedCampaign, CheckedMetric, CheckedTarget, Growth, Limited, Measure, Number
from campaignrules.columns import whole
from campaignrules.engine.cube import Cube, build, day_number
from campaignrules.engine.demands import at_scale, multiplied, required
from campaignrules.engine.duties import duty_results
from campaignrules.engine.returns import Returned
from campaignrules.engine.rows import Array
from campaignrules.engine.scored import Scored, scored
from campaignrules.engine.values import Cells, Scopes, Spans, Values, begun_parts, earlier_spans, spans_of
from campaignrules.intake import Submission, finding
from campaignrules.planner import Plan, asked, uses
from campaignrules.quantities import DIVISION_PLACES, EXACT, divide, divide_half_even, round_report, unscaled
from campaignrules.results import (
    DutyResult,
    Finding,
    HonourResult,
    OutcomeResult,
    Placing,
    Progress,
    Results,
    ReturnResult,
    Score,
)
from campaignrules.roster import Scope
from campaignrules.watching import ADDING_UP, TARGETS, each, tell

STATUSES: Final = ("met", "on_track", "behind", "missed", "not_due", "missing", "deferred", "not_applicable")
MET, ON_TRACK, BEHIND, MISSED, NOT_DUE, MISSING, DEFERRED, NOT_APPLICABLE = range(8)


@frozen(eq=False, repr=False)
class TargetCells:
    """One target, dense: everything its rows are made from."""

    target: CheckedTarget
    scopes: Scopes
    cells: Cells
    low: Cells | None
    high: Cells | None
    status: Array


def run(plan: Plan, submission: Submission, as_of: dt.date) -> DenseResults:
    """Evaluate everything the plan demands."""
    checked = plan.checked
    scopes = {judged: submission.roster.scopes(judged) for judged in {t.judged for t in checked.targets}}
    bounds = plan.once(("bounds", as_of), lambda: bounds_of(checked, as_of))
    tell(ADDING_UP, 0, 1)
    cube = build(plan, submission, as_of, bounds)
    tell(ADDING_UP, 1, 1)
    returned = Returned(checked, submission, as_of) if checked.returns else None
    values = Values(plan, submission, cube, as_of, returned=returned)
    made = [target_cells(values, target, scopes[target.judged]) for target in each(TARGETS, checked.targets, _id)]
    found = DenseResults(checked, submission, cube, as_of, made, values.divided, returned=returned)
    if checked.scoring_order or checked.honours:
        found.scored = scored(values, lambda: found.duties)
    return found


def _id(target: CheckedTarget) -> str:
    return target.target.id


def bounds_of(checked: CheckedCampaign, as_of: dt.date) -> list[int]:
    """The first day of every window that is needed and the day after its last one that counts."""
    found = {day_number(checked.calendar.period.start)}  # at least one; as_of itself may be far away
    seen: set[tuple[str, Spans]] = set()
    todo = [(name, spans_of(windows, as_of)) for name, windows in asked(checked)]
    while todo:
        name, spans = todo.pop()
        if (name, spans) in seen:
            continue
        seen.add((name, spans))
        metric = checked.metrics[name]
        for span in spans:
            found |= {day_number(span.start), day_number(span.upto) + 1}
        if isinstance(metric.kernel, Growth):
            todo.append((metric.kernel.of, earlier_spans(spans, metric.kernel.against)))
        if isinstance(metric.kernel, Limited):
            each = metric.kernel.each
            spans = tuple(dict.fromkeys(part for span in spans for part in begun_parts(span, each, checked.calendar)))
        todo += [(used, spans) for used in uses(metric)]
    return sorted(found)


# -- targets ------------------------------------------------------------------------------------------------------


def only_grows(checked: CheckedCampaign, metric: CheckedMetric) -> bool:
    """Whether the metric cannot fall while a window is open."""
    kernel = metric.kernel
    if isinstance(kernel, Limited):
        return only_grows(checked, checked.metrics[kernel.of])
    return isinstance(kernel, Measure) and _grows(kernel)


def _grows(measure: Measure) -> bool:
    return measure.verb in ("count", "sum", "distinct") and measure.accumulate != "level"


def pace_start(target: CheckedTarget, window: Window) -> dt.date | None:
    """The day from which time-proportional pace runs; None when there is no pace."""
    kernel = target.metric.kernel
    if target.low is None or not (isinstance(kernel, Measure) and _grows(kernel)):
        return None
    if kernel.accumulate == "flow":
        return window.start
    return kernel.since  # type: ignore[return-value]


def target_cells(v: Values, target: CheckedTarget, scopes: Scopes) -> TargetCells:
    """What a target demands, what there is, and the statuses."""
    cells = v.of(target.metric.id, scopes, v.spans(target.windows))
    low = required(v, target, target.low, scopes, own=True)
    high = required(v, target, target.high, scopes, own=target.comparator != "between")
    status = statuses(v, target, scopes, cells, low, high)
    return TargetCells(target, scopes, cells, low, high, status)


_NO_EXCEPTION: Final = Number(None)


def statuses(
    v: Values, target: CheckedTarget, scopes: Scopes, cells: Cells, low: Cells | None, high: Cells | None
) -> Array:
    """The status of each cell, as a number of `STATUSES`."""
    steady = _steady(v, target, low, high)
    status = _compared(target, steady, cells)
    complete = cells.known
    for demanded in (low, high):
        complete = complete if demanded is None else complete & demanded.known
    status[~complete] = MISSING
    begun = steady.begun
    status[:, ~begun] = NOT_DUE
    if target.awaits:
        status[:] = DEFERRED
    if target.comparator == "every" and not target.metric.awaits and v.submitted(target.metric.id):
        status[~cells.known & begun & ~v.lacking(target.metric.id, scopes)[:, None]] = NOT_APPLICABLE
    for i, scope in enumerate(scopes if target.exceptions else ()):
        if scope.name is not None and target.exceptions.get(scope.name, _NO_EXCEPTION) is None:
            status[i] = NOT_APPLICABLE
    return status


def _compared(target: CheckedTarget, steady: _Steady, cells: Cells) -> Array:
    """Statuses as if every cell were known."""
    bars, over, grows = steady.bars(cells.scale), steady.over, steady.grows
    value = at_scale(cells, bars.scale)
    status = np.full(cells.values.shape, BEHIND, dtype=np.int8)
    holds = np.ones(cells.values.shape, dtype=bool)
    if bars.low is not None:
        holds &= value >= bars.low
        if steady.paced:
            kept = multiplied(value[:, steady.paced], steady.total) >= bars.pace
            status[:, steady.paced] = np.where(kept, ON_TRACK, BEHIND)
    if bars.high is not None:
        below = bars.high >= value
        holds &= below
        status[~below] = MISSED if grows else BEHIND
    status[holds] = MET if target.comparator in ("at_least", "every") and grows else ON_TRACK
    status[:, over] = np.where(holds[:, over], MET, MISSED)
    return status


@frozen(eq=False, repr=False)
class _Steady:
    """What a target is on its day, whatever the values. `begun`, `over`: of its windows; `grows`: see `only_grows`.

    `paced`: the open windows that have a pace; `elapsed`, `total`: their days; `demanded`: the least and the most;
    `known`: scale of the values → these as numbers to compare with.
    """

    begun: Array
    over: Array
    grows: bool
    paced: list[int]
    elapsed: Array
    total: Array
    demanded: tuple[Cells | None, Cells | None]
    known: dict[int, _Bars] = field(factory=dict)

    def bars(self, scale: int) -> _Bars:
        """What values of this scale are compared with."""
        if scale not in self.known:
            finest = max([scale, *(one.scale for one in self.demanded if one is not None)])
            low, high = (None if one is None else whole.narrow(at_scale(one, finest)) for one in self.demanded)
            pace = None if low is None else multiplied(low[:, :1], self.elapsed)
            self.known[scale] = _Bars(finest, low, high, pace)
        return self.known[scale]


@frozen(eq=False, repr=False)
class _Bars:
    """The least and the most that is demanded, and the least for the days gone of `paced`, counted in 10 ** -scale."""

    scale: int
    low: Array | None
    high: Array | None
    pace: Array | None


def _steady(v: Values, target: CheckedTarget, low: Cells | None, high: Cells | None) -> _Steady:
    """Made once for a target and what it demands; what is made of changed rows later finds it, too."""
    found: _Steady | None = v.steady.get(target.target.id)
    if found is None or found.demanded[0] is not low or found.demanded[1] is not high:
        windows, as_of = target.windows, v.as_of
        begun = np.array([w.start <= as_of for w in windows], dtype=bool)
        over = np.array([as_of >= w.end for w in windows], dtype=bool)
        opened = [i for i, w in enumerate(windows) if w.start <= as_of < w.end]
        days = {i: some for i in opened if (some := pace_days(target, windows[i], as_of)) is not None}
        elapsed, total = (np.array([some[k] for some in days.values()], dtype=np.int64) for k in (0, 1))
        grows = only_grows(v.plan.checked, target.metric)
        found = _Steady(begun, over, grows, [*days], elapsed, total, (low, high))
        v.steady[target.target.id] = found
    return found


def pace_days(target: CheckedTarget, window: Window, as_of: dt.date) -> tuple[int, int] | None:
    """Elapsed and total days of a window that has a pace."""
    start = pace_start(target, window)
    if start is None or start > window.end:
        return None
    total = (window.end - start).days + 1
    return max(min((as_of - start).days + 1, total), 0), total


# -- rows ---------------------------------------------------------------------------------------------------------


@define(eq=False, slots=False, repr=False)
class DenseResults:
    """Results as dense arrays; long rows are made once, when asked for."""

    checked: CheckedCampaign
    submission: Submission
    cube: Cube
    as_of: dt.date
    targets: list[TargetCells]
    divided: Mapping[str, int] = field(factory=dict)
    """Metric → in how many cells its formula divided by zero."""
    scored: Scored | None = None
    """None when nothing is scored."""
    returned: Returned | None = None
    """None when the campaign has no returns."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Divisions by zero, whose results are missing, and units that submitted nothing."""
        rows = [
            finding("division-by-zero", d.record, {"row": d.first}, what=d.record, count=d.rows)
            for d in self.cube.divisions
        ]
        cells = [
            finding("division-by-zero", name, what=name, count=n)
            for name, n in self.divided.items()
            if n and not name.endswith(ENDS)
        ]
        return (*rows, *cells, *(self.returned.findings if self.returned is not None else ()))

    @cached_property
    def progress(self) -> tuple[Progress, ...]:
        return tuple(row for target in self.targets for row in _rows(target, self.as_of))

    @cached_property
    def duties(self) -> tuple[DutyResult, ...]:
        return duty_results(self.checked, self.submission, self.as_of, self.returned)

    @cached_property
    def outcomes(self) -> tuple[OutcomeResult, ...]:
        counts: dict[str, dict[str, int]] = {}
        for made in self.targets:
            many = np.bincount(made.status.ravel().astype(np.int64), minlength=len(STATUSES)).tolist()
            counts[made.target.target.id] = {name: count for name, count in zip(STATUSES, many, strict=True) if count}
        for row in self.duties if self.checked.outcomes else ():
            own = counts.setdefault(row.duty, {})
            own[row.status] = own.get(row.status, 0) + 1
        return tuple(_outcome(outcome, counts) for outcome in self.checked.outcomes)

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        return () if self.scored is None else tuple(self.scored.score_rows())

    @cached_property
    def rankings(self) -> tuple[Placing, ...]:
        return () if self.scored is None else tuple(self.scored.placing_rows())

    @cached_property
    def honours(self) -> tuple[HonourResult, ...]:
        return () if self.scored is None else tuple(self.scored.honour_rows())

    @property
    def returns(self) -> tuple[ReturnResult, ...]:
        return () if self.returned is None else self.returned.rows

    @property
    def rows(self) -> Results:
        return Results(
            self.progress, self.duties, self.outcomes, self.scores, self.rankings, self.honours, self.returns
        )


_WORST: Final = ("missed", "missing", "deferred")


def _outcome(outcome: Any, counts: Mapping[str, Mapping[str, int]]) -> OutcomeResult:
    total: dict[str, int] = {}
    for name in outcome.all_of:
        for status, count in counts.get(name, {}).items():
            total[status] = total.get(status, 0) + count
    worst = next((status for status in _WORST if status in total), None)
    rest = set(total) - {"met", "late", "not_applicable"}
    status = worst or ("met" if not rest else "behind" if "behind" in rest else "on_track")
    return OutcomeResult(outcome.id, status, outcome.force, dict(sorted(total.items())), outcome.source)


def _rows(made: TargetCells, as_of: dt.date) -> Iterator[Progress]:
    for s, scope in enumerate(made.scopes):
        for w, window in enumerate(made.target.windows):
            yield progress_row(made, scope, window, s, w, as_of)


def progress_row(made: TargetCells, scope: Scope, window: Window, s: int, w: int, as_of: dt.date) -> Progress:
    """The row of one cell."""
    target = made.target
    status = STATUSES[made.status[s, w]]
    value = _decimal(made.cells, s, w) if window.start <= as_of and status != "not_applicable" else None
    low, high = _demanded(made.low, s, status), _demanded(made.high, s, status)
    if target.comparator == "at_most":
        first, second = high, None
    else:
        first, second = low, high if target.comparator == "between" else None
    judged = status in ("met", "on_track", "behind", "missed")
    shortfall = _shortfall(value, low, high) if judged and value is not None else None
    against = made.high if target.comparator == "at_most" else made.low
    ratio = _ratio(made.cells, against, s, w) if judged and value is not None and first is not None else None
    days = pace_days(target, window, as_of) if judged else None
    pace = _pace(*days) if days else None
    open_days = (window.end - as_of) // DAY
    needed = None
    if days and open_days > 0 and value is not None and low is not None and value < low and shortfall is not None:
        needed = divide(shortfall, Decimal(open_days))
    scale = max(one.scale for one in (made.cells, made.low, made.high) if one is not None)
    return Progress(
        target=target.target.id, metric=target.metric.id, unit=scope.name, window=window.id,
        value=_show(value, target, scale), comparator=target.comparator,
        required=_show(first, target, scale), required_high=_show(second, target, scale), measure=target.unit.name,
        ratio=ratio, shortfall=_show(shortfall, target, scale), status=status, force=target.target.force,  # type: ignore[arg-type]
        pace=pace, gap=_gap(ratio, pace), needed_per_day=_show(needed, target, DIVISION_PLACES + 1),
        due_on=window.end, lead=target.lead, support=target.support, source=target.target.source,
        awaits=tuple(sorted(target.awaits)),
    )  # fmt: skip


def _gap(ratio: Decimal | None, pace: Decimal | None) -> Decimal | None:
    """Percentage points by which achievement is ahead of the pace."""
    if ratio is None or pace is None:
        return None
    return EXACT.multiply(EXACT.subtract(ratio, pace), Decimal(100))


def _decimal(cells: Cells, s: int, w: int) -> Decimal | None:
    return unscaled(int(cells.values[s, w]), cells.scale) if cells.known[s, w] else None


def _demanded(cells: Cells | None, s: int, status: str) -> Decimal | None:
    if cells is None or status == "not_applicable":
        return None
    return _decimal(cells, s if len(cells.values) > 1 else 0, 0)


def _shortfall(value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    if low is not None and value < low:
        return EXACT.subtract(low, value)
    if high is not None and value > high:
        return EXACT.subtract(value, high)
    return Decimal(0)


def _show(base: Decimal | None, target: CheckedTarget, scale: int) -> Decimal | None:
    """A base amount in the unit the target is written in. `scale`: it has no more decimals than these."""
    if base is None:
        return None
    shown = base.scaleb(-target.unit.power, EXACT)
    return shown if scale + target.unit.power <= DIVISION_PLACES else round_report(shown)


def _ratio(cells: Cells, demanded: Cells | None, s: int, w: int) -> Decimal | None:
    """The value divided by what is demanded, as `divide` does."""
    assert demanded is not None  # noqa: S101  asked where there is a number
    below = int(demanded.values[s if len(demanded.values) > 1 else 0, 0])
    above, shift = int(cells.values[s, w]), DIVISION_PLACES + demanded.scale - cells.scale
    if below == 0:
        return None
    return unscaled(divide_half_even(above * 10 ** max(shift, 0), below * 10 ** max(-shift, 0)), DIVISION_PLACES)


@lru_cache(maxsize=4096)
def _pace(elapsed: int, total: int) -> Decimal | None:
    return divide(Decimal(elapsed), Decimal(total))
