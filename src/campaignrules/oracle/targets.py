"""Targets → progress, one cell at a time.

In: `Facts` and a checked target. Out: `Cell`s, each of which knows its value, its status and its row of results. Must
not know: duties, outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import Final, cast

from attrs import frozen

from campaignrules.calendar import DAY, Window
from campaignrules.checked import (
    CheckedTarget,
    Limited,
    Measure,
    Number,
)
from campaignrules.oracle.rows import Facts
from campaignrules.oracle.values import Days, is_submitted, since, value
from campaignrules.quantities import EXACT, Unit, divide, round_report
from campaignrules.results import Progress, ProgressStatus
from campaignrules.roster import Scope

HUNDRED: Final = Decimal(100)


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
        return number.value if number.table is None else by_table(self.facts, number.table, self.scope)

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
        while isinstance(kernel, Limited):
            kernel = self.facts.checked.metrics[kernel.of].kernel
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
        return self.value is None and is_submitted(self.facts, metric, self.scope)

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


def by_table(facts: Facts, table: tuple[str, str], scope: Scope) -> Decimal | None:
    """The number in the one row of exactly this unit."""
    record, field = table
    checked = facts.checked.records[record]
    if checked.awaits([field]) or checked.screened_by:
        return None
    if scope.name is not None and scope.name.startswith("all "):
        return None
    own = [line for line in facts.tables.get(record, ()) if facts.unit_of(record, line) == scope.name]
    numbers = [line.values[field] for line in own if line.values.get(field) is not None]
    return cast("Decimal", numbers[0]) if len(numbers) == 1 else None
