"""One cube for many days → the dense results of each: what is alike is made once, what depends on the day anew.

In: a plan, a submission, ascending days. Out: for each day what `engine.run` would give. The cube of the last day, whose
cells and tallies are those of all days together, serves them all; only scans that `daily` cannot write out are asked again.
Values of metrics are made for the windows of all days at once and laid beside each day's own. Must not know: rows of
results, how they are shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from attrs import evolve, field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedTarget, Judged
from campaignrules.engine import cube as cubes
from campaignrules.engine.cube import Cube
from campaignrules.engine.finish import DenseResults, bounds_of, target_cells
from campaignrules.engine.returns import Returned, units_with_rows
from campaignrules.engine.scored import scored
from campaignrules.engine.values import Cells, Scopes, Span, Spans, Values, spans_of
from campaignrules.history.daily import Daily, changing_tallies, for_days
from campaignrules.history.steady import table_depends_on_date
from campaignrules.intake import Submission
from campaignrules.planner import Plan, rows_behind, uses
from campaignrules.trees import Expression
from campaignrules.watching import ADDING_UP, tell

MOST_DAYS: Final = 128
"""Days that share one cube, whose cells are those of all of them."""
MOST_CELLS: Final = 100_000
"""Units times days of one cube; more only where it would be fewer than LEAST_DAYS."""
MOST_TALLIES: Final = 2_000
"""Tallies of one cube that stand for one day each; the same holds."""
LEAST_DAYS: Final = 8

Place = tuple[str, str | None]
"""A record and a unit field of it (None: its own)."""


def on_days(plan: Plan, submission: Submission, days: Sequence[dt.date], *, points: bool) -> Iterator[DenseResults]:
    """The results of each day, in order. `points`: scores and places of every day, not of the last one only."""
    room = _room(plan, submission)
    for start in range(0, len(days), room):
        shared = _Shared(plan, submission, tuple(days[start : start + room]))
        for number, day in enumerate(shared.days, start):
            tell(ADDING_UP, number, len(days), day.isoformat())
            yield shared.on(day, points=points or day == days[-1])
    tell(ADDING_UP, len(days), len(days))


def _room(plan: Plan, submission: Submission) -> int:
    """How many days share one cube."""
    cells, tallies = MOST_CELLS // (len(submission.roster.units) + 1), MOST_TALLIES // max(changing_tallies(plan), 1)
    return max(LEAST_DAYS, min(MOST_DAYS, cells, tallies))


@frozen(eq=False, repr=False)
class _Wide:
    """Values of a metric for the windows of all days, each span once; `column`: where a span stands."""

    cells: Cells
    column: Mapping[Span, int]

    def of(self, spans: Spans) -> Cells:
        """The values of these spans; of one that is not there, as it has not begun, nothing is known."""
        cells, places = self.cells, np.array([self.column.get(span, -1) for span in spans], dtype=np.int64)
        if not self.column:
            shape = (len(cells.values), len(spans))
            return Cells(np.zeros(shape, np.int64), np.zeros(shape, bool), cells.scale)
        known = cells.known[:, places] & (places >= 0)
        return Cells(np.where(known, cells.values[:, places], 0), known, cells.scale)


@frozen(eq=False, repr=False, slots=False)
class _Shared:
    """What some days have in common. `made`: arrays and numbers by table that do not depend on the day."""

    plan: Plan
    submission: Submission
    days: tuple[dt.date, ...]
    _made: Values = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_made", Values(self.daily.plan, self.submission, self.cube, self.days[-1]))

    def on(self, day: dt.date, *, points: bool) -> DenseResults:
        """The results of one of the days."""
        checked = self.plan.checked
        values = self._values(day)
        for target in checked.targets:
            self._lay(values, target)
        cells = [target_cells(values, target, self.scopes[target.judged]) for target in checked.targets]
        found = DenseResults(
            checked, self.submission, values.cube, day, cells, values.divided, returned=values.returned
        )
        if points and (checked.scoring_order or checked.honours):
            found.scored = scored(values, lambda: found.duties)
        self._keep(values)
        return found

    # -- the cube ---------------------------------------------------------------------------------------------------

    @cached_property
    def daily(self) -> Daily:
        return for_days(self.plan, self.days)

    @cached_property
    def cube(self) -> Cube:
        """That of the last day, whose cells begin wherever a window of one of the days begins or has just ended."""
        bounds = sorted({bound for day in self.days for bound in bounds_of(self.plan.checked, day)})
        return cubes.build(self.daily.plan, self.submission, self.days[-1], bounds, range(len(self.plan.scans)))

    def _cube(self, day: dt.date) -> Cube:
        again = self.daily.again
        if day == self.days[-1]:
            counts, divisions = cubes.told(self.plan, self.submission, day)
            return evolve(self.cube, counts=counts, divisions=divisions)
        if not again:
            return self.cube
        own = cubes.build(self.daily.plan, self.submission, day, self.cube.bounds.tolist(), again)
        return evolve(
            self.cube, filed={**self.cube.filed, **own.filed}, distinct={**self.cube.distinct, **own.distinct}
        )

    # -- values -----------------------------------------------------------------------------------------------------

    def _values(self, day: dt.date) -> Values:
        """The values of a day, with what all days have in common laid in."""
        checked, made, number = self.plan.checked, self._made, self.days.index(day)
        there = {place: sets[number] for place, sets in self._known.items()}
        returned = Returned(checked, self.submission, day, there=there) if checked.returns else None
        return Values(
            self.daily.plans[number], self.submission, self._cube(day), day,
            gathered=dict(made.gathered), cells=dict(made.cells), tables=dict(made.tables), returned=returned,
        )  # fmt: skip

    def _keep(self, values: Values) -> None:
        """What a day has made that any day would have made."""
        made, records, daily = self._made, self.plan.checked.records, self.daily
        alike = {key: one for key, one in values.gathered.items() if key[0].scan not in daily.again}
        made.gathered |= {key: one for key, one in alike.items() if key[0] not in daily.changing}
        made.cells |= {scan: one for scan, one in values.cells.items() if scan not in daily.again}
        made.tables |= {
            key: one for key, one in values.tables.items() if not table_depends_on_date(records[key[0]], key[1])
        }

    def _lay(self, values: Values, target: CheckedTarget) -> None:
        """The values that a target looks at, as far as they are the same on every day."""
        scopes, spans = self.scopes[target.judged], values.spans(target.windows)
        for name in self._laid(target):
            cells = self._wide[name, target.judged].of(spans)
            key = (name, id(scopes), spans)
            if key not in values.made:
                values.made[key] = values.reported(self.plan.checked.metrics[name], scopes, cells)

    def _laid(self, target: CheckedTarget) -> Iterator[str]:
        """The metrics of a target whose values do not depend on the day; or those of which a formula is made."""
        todo, metrics = [target.metric.id], self.plan.checked.metrics
        while todo:
            name = todo.pop()
            if name in self._steady:
                yield name
            elif isinstance(metrics[name].kernel, Expression):
                todo += uses(metrics[name])

    @cached_property
    def _steady(self) -> frozenset[str]:
        return self.daily.steady(bool(self.plan.checked.returns))

    @cached_property
    def _wide(self) -> Mapping[tuple[str, tuple[Judged, ...]], _Wide]:
        """The steady values that targets look at, for the windows of all days at once."""
        asked: dict[tuple[str, tuple[Judged, ...]], dict[Span, None]] = {}
        for target in self.plan.checked.targets:
            for name in self._laid(target):
                asked.setdefault((name, target.judged), {}).update(self._begun[target.windows])
        found = {}
        for (name, judged), spans in asked.items():
            cells = self._made.of(name, self.scopes[judged], tuple(spans))
            found[name, judged] = _Wide(cells, {span: column for column, span in enumerate(spans)})
        return found

    @cached_property
    def _begun(self) -> Mapping[tuple[Window, ...], dict[Span, None]]:
        """The days of windows, up to each of our days on which they have begun, once."""
        return {
            windows: {s: None for day in self.days for s in spans_of((w for w in windows if w.start <= day), day)}
            for windows in {target.windows for target in self.plan.checked.targets}
        }

    @cached_property
    def scopes(self) -> Mapping[tuple[Judged, ...], Scopes]:
        """Who is judged: the same objects on every day."""
        roster = self.submission.roster
        return {judged: roster.scopes(judged) for judged in {target.judged for target in self.plan.checked.targets}}

    # -- returns ----------------------------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> Mapping[Place, Sequence[frozenset[str | None]]]:
        """For each day the units that have a row known by then, in the tables that returns ask for."""
        checked, tables = self.plan.checked, self.submission.tables
        asked = {record for one in checked.returns for record in one.records if record in tables}
        places: set[Place] = {(record, None) for record in asked}
        places |= {place for name in self.plan.needed for place in rows_behind(checked, name) if place[0] in asked}
        return {place: units_with_rows(checked, tables[place[0]], place[1], self.days) for place in places}
