"""The independent answer to a whole campaign: row by row, cell by cell, in plain Python and exact decimals.

In: a checked campaign, its rows (plain dicts, numbers in base units), the roster and `as_of`. Out: `Results`, or the
parts of them (`Facts`, `Cell`, `counted`, `value`) from which `explain` tells why. It says docs/evaluation.md in code,
slowly and once. Must not know: plans, columns, the engine that is held against it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, reduce
from typing import Final, cast

from attrs import evolve, frozen

from campaignrules.calendar import DAY, Occurrence, Window, earlier
from campaignrules.checked import (
    ATTESTATIONS,
    CheckedCampaign,
    CheckedDuty,
    CheckedMetric,
    CheckedRecord,
    CheckedTarget,
    Growth,
    Measure,
    Number,
)
from campaignrules.expressions import Expression, Value
from campaignrules.model import Outcome
from campaignrules.quantities import EXACT, Unit, divide, round_report
from campaignrules.reference import evaluate
from campaignrules.results import DutyResult, DutyStatus, OutcomeResult, Progress, ProgressStatus, Results
from campaignrules.roster import Roster, Scope

Row = Mapping[str, Value]
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)


def run(checked: CheckedCampaign, rows: Mapping[str, Iterable[Row]], roster: Roster, as_of: dt.date) -> Results:
    """Every result of the campaign. A record type that is absent from `rows` was not submitted."""
    facts = gather(checked, rows, roster, as_of)
    progress = tuple(cell.progress for target in checked.targets for cell in cells(facts, target))
    duties = tuple(row for duty in checked.duties for row in duty_rows(facts, duty))
    outcomes = tuple(outcome_of(outcome, progress, duties) for outcome in checked.campaign.outcomes)
    return Results(progress, duties, outcomes)


# -- rows ---------------------------------------------------------------------------------------------------------


@frozen
class Line:
    """A row and its number among the rows of its table, from 1."""

    number: int
    values: Row


@frozen(slots=False)
class Facts:
    """What is known on `as_of`: the lines of each submitted table that no screen takes out."""

    checked: CheckedCampaign
    roster: Roster
    as_of: dt.date
    tables: Mapping[str, tuple[Line, ...]]

    def holds(self, condition: Expression, line: Line) -> bool:
        """Whether it is true; missing is not true."""
        return evaluate(condition, {**line.values, "as_of": self.as_of}).value is True

    def unit_of(self, record: str, line: Line) -> Value:
        field = self.checked.records[record].unit
        return None if field is None else line.values.get(field)

    def belongs(self, record: str, line: Line, scope: Scope) -> bool:
        return scope.members is None or self.unit_of(record, line) in scope.members


def gather(checked: CheckedCampaign, rows: Mapping[str, Iterable[Row]], roster: Roster, as_of: dt.date) -> Facts:
    """The facts of the rows: what lies after `as_of` has not happened, and what is screened does not count."""
    bare = Facts(checked, roster, as_of, {})
    known = {name: checked.records[name] for name in rows if name in checked.records}
    tables = {name: tuple(_lines(bare, record, rows[name])) for name, record in known.items()}
    return evolve(bare, tables=tables)


def _lines(facts: Facts, record: CheckedRecord, rows: Iterable[Row]) -> Iterable[Line]:
    for number, row in enumerate(rows, 1):
        line = Line(number, _happened(record, row, facts.as_of))
        if all(facts.holds(screen.expression, line) is screen.keeps for screen in record.screens):
            yield line


def _happened(record: CheckedRecord, row: Row, as_of: dt.date) -> Row:
    planned = {name for name, field in record.record.fields.items() if field.planned}
    return {name: value if name in planned else _by(value, as_of) for name, value in row.items()}


def _by(value: Value, as_of: dt.date) -> Value:
    return None if isinstance(value, dt.date) and value > as_of else value


# -- values of metrics --------------------------------------------------------------------------------------------


@frozen
class Days:
    """A window as it is counted: its first day, its last, and the last day that has happened (m)."""

    start: dt.date
    end: dt.date
    seen: dt.date

    def earlier(self, against: str) -> Days:
        """The same window before, cut after as many days as this one is."""
        before = earlier(Window("", self.start, self.end), against)
        seen = before.end if self.seen >= self.end else min(before.end, before.start + (self.seen - self.start))
        return Days(before.start, before.end, seen)


def value(facts: Facts, metric: CheckedMetric, scope: Scope, days: Days) -> Decimal | None:
    """The metric for the rows of `scope` in `days`, in base units; None is missing, or waits for a parameter."""
    kernel = metric.kernel
    if metric.awaits:
        return None
    if isinstance(kernel, Measure):
        return _measured(facts, kernel, scope, days)
    if isinstance(kernel, Growth):
        return _grown(facts, facts.checked.metrics[kernel.of], scope, days, kernel.against)
    return _calculated(kernel, operands(facts, kernel, scope, days), facts.as_of)


def operands(facts: Facts, formula: Expression, scope: Scope, days: Days) -> dict[str, Decimal | None]:
    """The values of the metrics that a formula names."""
    metrics = facts.checked.metrics
    return {name: value(facts, metrics[name], scope, days) for name in sorted(formula.names) if name in metrics}


def _calculated(formula: Expression, values: Mapping[str, Value], as_of: dt.date) -> Decimal | None:
    found = evaluate(formula, {**values, "as_of": as_of}).value
    return round_report(found) if isinstance(found, Decimal) else None


def _grown(facts: Facts, of: CheckedMetric, scope: Scope, days: Days, against: str) -> Decimal | None:
    now, before = value(facts, of, scope, days), value(facts, of, scope, days.earlier(against))
    if now is None or before is None or before == 0:
        return None
    return EXACT.subtract(divide(now, before) or Decimal(0), ONE)


def _measured(facts: Facts, measure: Measure, scope: Scope, days: Days) -> Decimal | None:
    if measure.record not in facts.tables:
        return None
    lines = counted(facts, measure, scope, days)
    if measure.verb == "rate":
        reached = [line for line in lines if is_reached(facts, measure, line, days)]
        return divide(_weight(measure, reached), _weight(measure, lines))
    return AGGREGATES[measure.verb](facts, measure, lines)


def counted(facts: Facts, measure: Measure, scope: Scope, days: Days) -> list[Line]:
    """The lines that count for a measure (for a rate: the cohort)."""
    return [
        line
        for line in facts.tables.get(measure.record, ())
        if facts.belongs(measure.record, line, scope)
        and all(facts.holds(condition, line) for condition in measure.filters)
        and _in_time(measure, line, days)
    ]


def _in_time(measure: Measure, line: Line, days: Days) -> bool:
    if measure.on is None:
        return True
    on = line.values.get(measure.on)
    if not isinstance(on, dt.date) or on > days.seen:
        return False
    if measure.accumulate == "flow":
        return days.start <= on
    if measure.accumulate == "level" and measure.verb not in ("rate", "last"):
        return not _ended(measure, line, days)
    first = since(measure)
    return first is None or first <= on


def _ended(measure: Measure, line: Line, days: Days) -> bool:
    until = line.values.get(measure.until) if measure.until else None
    return isinstance(until, dt.date) and until <= days.seen


def since(measure: Measure) -> dt.date | None:
    """The day from which a `to_date` measure counts, if there is one."""
    return cast("dt.date | None", measure.since) if measure.accumulate == "to_date" else None


def is_reached(facts: Facts, measure: Measure, line: Line, days: Days) -> bool:
    """Whether a line of a rate's cohort has reached what is asked, by the last day that counts."""
    if measure.reached is None:
        return False
    found = evaluate(measure.reached, {**line.values, "as_of": facts.as_of}).value
    return found <= days.seen if isinstance(found, dt.date) else found is True


def _weight(measure: Measure, lines: list[Line]) -> Decimal:
    return Decimal(len(lines)) if measure.field is None else _total(_numbers(measure, lines))


def _known(measure: Measure, lines: list[Line]) -> list[Value]:
    values = (line.values.get(measure.field or "") for line in lines)
    return [one for one in values if one is not None]


def _numbers(measure: Measure, lines: list[Line]) -> list[Decimal]:
    return cast("list[Decimal]", _known(measure, lines))


def _total(numbers: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, numbers, Decimal(0))


Aggregate = Callable[[Facts, Measure, list[Line]], Decimal | None]


def _count(_: Facts, __: Measure, lines: list[Line]) -> Decimal:
    return Decimal(len(lines))


def _sum(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    return None if measure.empty_is_missing and not lines else _total(_numbers(measure, lines))


def _distinct(_: Facts, measure: Measure, lines: list[Line]) -> Decimal:
    return Decimal(len(set(_known(measure, lines))))


def _mean(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    numbers = _numbers(measure, lines)
    return divide(_total(numbers), Decimal(len(numbers)))


def _least(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    return min(_numbers(measure, lines), default=None)


def _greatest(_: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    return max(_numbers(measure, lines), default=None)


def _last(facts: Facts, measure: Measure, lines: list[Line]) -> Decimal | None:
    """The sum over units of each one's value on its latest day; on one day the greatest."""
    by_unit: dict[Value, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for line in lines:
        if (number := line.values.get(measure.field or "")) is not None:
            dated = (cast("dt.date", line.values[measure.on or ""]), cast("Decimal", number))
            by_unit[facts.unit_of(measure.record, line)].append(dated)
    return _total(max(dated)[1] for dated in by_unit.values()) if by_unit else None


AGGREGATES: Final[dict[str, Aggregate]] = {
    "count": _count,
    "sum": _sum,
    "distinct": _distinct,
    "mean": _mean,
    "min": _least,
    "max": _greatest,
    "last": _last,
}


# -- targets ------------------------------------------------------------------------------------------------------


def cells(facts: Facts, target: CheckedTarget) -> Iterable[Cell]:
    """A target's cells: its subjects in roster order, for each its windows in time."""
    windows = sorted(target.windows, key=lambda window: (window.start, window.end))
    return (Cell(facts, target, scope, w) for scope in facts.roster.scopes(target.judged) for w in windows)


@frozen(slots=False)
class Cell:
    """One target for one subject and one window."""

    facts: Facts
    target: CheckedTarget
    scope: Scope
    window: Window

    @property
    def days(self) -> Days:
        return Days(self.window.start, self.window.end, min(self.window.end, self.facts.as_of))

    @property
    def begun(self) -> bool:
        return self.window.start <= self.facts.as_of

    @property
    def over(self) -> bool:
        return self.facts.as_of >= self.window.end

    @cached_property
    def value(self) -> Decimal | None:
        return value(self.facts, self.target.metric, self.scope, self.days)

    # what is demanded

    @property
    def excepted(self) -> bool:
        name = self.scope.name or ""
        return name in self.target.exceptions and self.target.exceptions[name] is None

    @cached_property
    def low(self) -> Decimal | None:
        return self._demanded(self.target.low, own=True)

    @cached_property
    def high(self) -> Decimal | None:
        return self._demanded(self.target.high, own=self.target.comparator != "between")

    def _demanded(self, number: Number | None, *, own: bool) -> Decimal | None:
        if number is None:
            return None
        exception = self.target.exceptions.get(self.scope.name or "") if own else None
        number = exception or number
        return number.value if number.table is None else _by_table(self.facts, number.table, self.scope)

    @property
    def has_numbers(self) -> bool:
        """Whether every number that the target demands is known."""
        return (self.target.low is None or self.low is not None) and (self.target.high is None or self.high is not None)

    # how the value stands to it

    @property
    def below(self) -> bool:
        return self.value is not None and self.low is not None and self.value < self.low

    @property
    def above(self) -> bool:
        return self.value is not None and self.high is not None and self.value > self.high

    @property
    def grows(self) -> bool:
        """Whether the metric can only grow as the window goes on."""
        kernel = self.target.metric.kernel
        return (
            isinstance(kernel, Measure)
            and kernel.verb in ("count", "sum", "distinct")
            and kernel.accumulate in ("flow", "to_date")
        )

    @property
    def elapsed(self) -> tuple[int, int] | None:
        """Days gone by and days in all; None where time says nothing about how much is due by now."""
        kernel = self.target.metric.kernel
        if not isinstance(kernel, Measure) or not self.grows or self.low is None:
            return None
        start = self.window.start if kernel.accumulate == "flow" else since(kernel)
        if start is None or start > self.window.end:
            return None
        return max((self.days.seen - start + DAY).days, 0), (self.window.end - start + DAY).days

    @property
    def keeps_pace(self) -> bool:
        if self.elapsed is None or self.value is None or self.low is None:
            return False
        gone, total = map(Decimal, self.elapsed)
        return EXACT.multiply(self.value, total) >= EXACT.multiply(self.low, gone)

    # status

    @cached_property
    def status(self) -> ProgressStatus:
        if self.excepted or self._nothing_to_cover:
            return "not_applicable"
        if self.target.awaits:
            return "deferred"
        if not self.begun:
            return "not_due"
        if self.value is None or not self.has_numbers:
            return "missing"
        return self._judged()

    @property
    def _nothing_to_cover(self) -> bool:
        metric = self.target.metric
        if self.target.comparator != "every" or not self.begun or metric.awaits:
            return False
        return self.value is None and records_of(self.facts.checked, metric) <= self.facts.tables.keys()

    def _judged(self) -> ProgressStatus:
        holds = not (self.below or self.above)
        if self.over:
            return "met" if holds else "missed"
        if holds:
            return "met" if self.grows and self.target.comparator in ("at_least", "every") else "on_track"
        if self.above:
            return "missed" if self.grows else "behind"
        return "on_track" if self.keeps_pace else "behind"

    # the numbers shown beside it; those of a cell that is not compared are None

    @property
    def compared(self) -> bool:
        return self.status in ("met", "on_track", "behind", "missed")

    @property
    def pace(self) -> Decimal | None:
        return divide(*map(Decimal, self.elapsed)) if self.compared and self.elapsed else None

    @property
    def ratio(self) -> Decimal | None:
        number = self.high if self.target.comparator == "at_most" else self.low
        if not self.compared or self.value is None or number is None:
            return None
        return divide(self.value, number)

    @property
    def gap(self) -> Decimal | None:
        if self.ratio is None or self.pace is None:
            return None
        return EXACT.multiply(EXACT.subtract(self.ratio, self.pace), HUNDRED)

    @property
    def shortfall(self) -> Decimal | None:
        if not self.compared or self.value is None:
            return None
        if self.below and self.low is not None:
            return EXACT.subtract(self.low, self.value)
        return EXACT.subtract(self.value, self.high) if self.above and self.high is not None else Decimal(0)

    @property
    def needed_per_day(self) -> Decimal | None:
        if self.over or not self.below or self.pace is None or self.shortfall is None:
            return None
        return divide(self.shortfall, Decimal((self.window.end - self.facts.as_of).days))

    @property
    def _hides_value(self) -> bool:
        return self.status == "not_applicable" or not self.begun

    @cached_property
    def progress(self) -> Progress:
        """The row of results."""
        target, shown = self.target, self.target.unit
        at_most, between = target.comparator == "at_most", target.comparator == "between"
        hidden = self.status == "not_applicable"
        return Progress(
            target=target.target.id,
            metric=target.metric.id,
            unit=self.scope.name,
            window=self.window.id,
            value=None if self._hides_value else in_unit(self.value, shown),
            comparator=target.comparator,
            required=None if hidden else in_unit(self.high if at_most else self.low, shown),
            required_high=in_unit(self.high, shown) if between and not hidden else None,
            measure=shown.name,
            ratio=self.ratio,
            shortfall=in_unit(self.shortfall, shown),
            status=self.status,
            force=target.target.force,
            pace=self.pace,
            gap=self.gap,
            needed_per_day=in_unit(self.needed_per_day, shown),
            due_on=self.window.end,
            lead=target.lead,
            support=target.support,
            source=target.target.source,
            awaits=tuple(sorted(target.awaits)),
        )


def in_unit(number: Decimal | None, unit: Unit) -> Decimal | None:
    """A number in base units, told in `unit`, at most 12 decimals."""
    return None if number is None else round_report(EXACT.scaleb(number, -unit.power))


def _by_table(facts: Facts, table: tuple[str, str], scope: Scope) -> Decimal | None:
    """The number in the one row of exactly this unit."""
    record, field = table
    if scope.name is not None and scope.name.startswith("all "):
        return None
    own = [line for line in facts.tables.get(record, ()) if facts.unit_of(record, line) == scope.name]
    numbers = [line.values[field] for line in own if line.values.get(field) is not None]
    return cast("Decimal", numbers[0]) if len(numbers) == 1 else None


def records_of(checked: CheckedCampaign, metric: CheckedMetric) -> set[str]:
    """The tables that a metric is taken from, at whatever depth."""
    kernel = metric.kernel
    if isinstance(kernel, Measure):
        return {kernel.record}
    used = {kernel.of} if isinstance(kernel, Growth) else kernel.names & checked.metrics.keys()
    return set().union(*(records_of(checked, checked.metrics[name]) for name in used))


# -- duties -------------------------------------------------------------------------------------------------------


@frozen
class Proof:
    """A row that proves a duty: when it was done, and the due date it names, if it does."""

    on: dt.date
    due_on: dt.date | None
    line: Line


def duty_rows(facts: Facts, duty: CheckedDuty) -> Iterable[DutyResult]:
    """A duty's rows: its subjects in roster order, for each its occurrences by due date."""
    for scope in facts.roster.scopes(duty.judged):
        for occurrence in occurrences_of(duty):
            yield duty_row(facts, duty, scope, occurrence)


def occurrences_of(duty: CheckedDuty) -> Sequence[Occurrence | None]:
    """When it falls due; one None for a standing duty and for one that waits for a parameter."""
    if duty.awaits or duty.standing:
        return [None]
    return sorted(duty.occurrences, key=lambda occurrence: (occurrence.due, occurrence.opens))


def duty_row(facts: Facts, duty: CheckedDuty, scope: Scope, occurrence: Occurrence | None) -> DutyResult:
    """The row of results."""
    status, done_on = _duty_status(facts, duty, scope, occurrence)
    return DutyResult(
        duty=duty.duty.id,
        unit=scope.name,
        window=occurrence.window.id if occurrence else None,
        due_on=occurrence.due if occurrence else None,
        status=status,
        done_on=done_on,
        force=duty.duty.force,
        lead=duty.lead,
        support=duty.support,
        source=duty.duty.source,
        awaits=tuple(sorted(duty.awaits)),
    )


Standing = tuple[DutyStatus, dt.date | None]


def _duty_status(facts: Facts, duty: CheckedDuty, scope: Scope, occurrence: Occurrence | None) -> Standing:
    if scope.name in duty.exceptions:
        return "not_applicable", None
    if duty.awaits:
        return "deferred", None
    given = proofs(facts, duty, scope)
    if occurrence is not None:
        return _by_due_date(facts, duty, occurrence, given)
    if given:
        return "met", min(proof.on for proof in given)
    return ("open" if duty.record in facts.tables else "missing"), None


def proofs(facts: Facts, duty: CheckedDuty, scope: Scope) -> list[Proof]:
    """The rows that prove a duty for a subject."""
    found = []
    for line in facts.tables.get(duty.record, ()):
        on = line.values.get(duty.on)
        if isinstance(on, dt.date) and on <= facts.as_of and _proves(facts, duty, scope, line):
            found.append(Proof(on, _due_named(duty, line), line))
    return found


def _proves(facts: Facts, duty: CheckedDuty, scope: Scope, line: Line) -> bool:
    named = duty.record != ATTESTATIONS or line.values.get("duty") == duty.duty.id
    return named and facts.belongs(duty.record, line, scope) and all(facts.holds(f, line) for f in duty.filters)


def _due_named(duty: CheckedDuty, line: Line) -> dt.date | None:
    due_on = line.values.get("due_on") if duty.record == ATTESTATIONS else None
    return due_on if isinstance(due_on, dt.date) else None


def _by_due_date(facts: Facts, duty: CheckedDuty, occurrence: Occurrence, given: list[Proof]) -> Standing:
    timely = [p.on for p in given if p.on <= occurrence.due and _serves(p, occurrence)]
    tardy = [p.on for p in given if p.on > occurrence.due and _serves(p, occurrence)]
    if timely:
        return "met", min(timely)
    if occurrence.due >= facts.as_of:
        return "not_due", None
    if tardy:
        return "late", min(tardy)
    return ("missed" if duty.record in facts.tables else "missing"), None


def _serves(proof: Proof, occurrence: Occurrence) -> bool:
    """Whether a proof is for this due date: it names it, or names none and lies where it may."""
    if proof.due_on is not None:
        return proof.due_on == occurrence.due
    return occurrence.opens <= proof.on and (occurrence.once or proof.on <= occurrence.due)


# -- outcomes -----------------------------------------------------------------------------------------------------


def outcome_of(outcome: Outcome, progress: Iterable[Progress], duties: Iterable[DutyResult]) -> OutcomeResult:
    """Several demands together."""
    statuses = [row.status for row in progress if row.target in outcome.all_of]
    held = [*statuses, *(row.status for row in duties if row.duty in outcome.all_of)]
    return OutcomeResult(outcome.id, _together(set(held)), outcome.force, dict(Counter(held)), outcome.source)


def _together(held: set[str]) -> str:
    worst = next((status for status in ("missed", "missing", "deferred") if status in held), None)
    if worst is not None:
        return worst
    if held <= {"met", "late", "not_applicable"}:
        return "met"
    return "behind" if "behind" in held else "on_track"
