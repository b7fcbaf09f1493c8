"""Cube → results, and again after a change: only what rests on tallies and records that are different.

Comes in: a plan, a submission, what was touched. Goes out: `Finished`, which nothing changes any more, and what of it is not
as before. Must not know: batches, how the cube is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from attrs import define, evolve, field, frozen

from campaignrules.checked import ENDS, CheckedCampaign, CheckedTarget, Judged, Measure, Operand, ScoreFormula
from campaignrules.engine.cube import Cube, build
from campaignrules.engine.demands import alike
from campaignrules.engine.duties import duty_results
from campaignrules.engine.finish import DenseResults, TargetCells, bounds_of, progress_row, statuses, target_cells
from campaignrules.engine.operands import Board
from campaignrules.engine.rankings import honour_cells, ranking_cells
from campaignrules.engine.scored import Scored, rows_of_card, rows_of_honour, rows_of_ranking, scored
from campaignrules.engine.scores import card_cells
from campaignrules.engine.values import Cells, Scopes, Spans, Values, counted_in
from campaignrules.intake import Submission
from campaignrules.intake.headers import once_for_each
from campaignrules.live.changes import Changed, different
from campaignrules.live.tallies import Touched, more_distinct
from campaignrules.planner import Plan, TallyRef, uses
from campaignrules.results import DutyResult, Progress

COMBINED: Final = {"count": "sum", "sum": "sum", "min": "min", "max": "max", "last": "last"}
DUTIES: Final = frozenset(("done", "late", "missed", "due"))
TOLD: Final = frozenset(("points", "grade", "place", "from_bottom", "ranked", "change", "unranked"))


@define(eq=False, repr=False)
class Finished:
    """All results of one moment, and what they were made from. `spans`: of the windows of each target."""

    plan: Plan
    as_of: dt.date
    values: Values
    scopes: Mapping[tuple[Judged, ...], Scopes]
    dense: DenseResults
    spans: tuple[Spans, ...]


@define(eq=False, repr=False)
class Dirty:
    """What is not as before: records, metrics, duties; scorecards and rankings that were made again."""

    records: frozenset[str]
    metrics: set[str] = field(factory=set)
    targets: list[int] = field(factory=list)
    duties: set[str] = field(factory=set)
    told: set[str] = field(factory=set)
    honours: list[int] = field(factory=list)


def finish(plan: Plan, submission: Submission, as_of: dt.date) -> Finished:
    """Everything, from the rows: as `engine.run`, with every tally in its dense form."""
    checked = plan.checked
    cube = build(plan, submission, as_of, bounds_of(checked, as_of))
    scopes = {judged: submission.roster.scopes(judged) for judged in {t.judged for t in checked.targets}}
    values = Values(plan, submission, cube, as_of)
    for number, scan in enumerate(plan.scans):
        for index, tally in enumerate(scan.tallies):
            if number in cube.filed and tally.kind in COMBINED and not scan.dates.first:
                values.dense(TallyRef(number, index), COMBINED[tally.kind])
    made = [target_cells(values, target, scopes[target.judged]) for target in checked.targets]
    found = DenseResults(checked, submission, cube, as_of, made, values.divided)
    if checked.scoring_order or checked.honours:
        found.scored = scored(values, lambda: found.duties)
    spans = tuple(values.spans(target.windows) for target in checked.targets)
    return Finished(plan, as_of, values, scopes, found, spans)


def again(before: Finished, submission: Submission, cube: Cube, touched: Touched, dirty: Dirty) -> Finished:
    """Everything, of which only what rests on what was touched is made; `dirty` says what that is."""
    checked = before.plan.checked
    dirty.metrics |= _metrics(before.plan, touched)
    values = _values(before, submission, cube, touched, dirty)
    made = [*before.dense.targets]
    dirty.targets = [i for i, target in enumerate(checked.targets) if _is_dirty(target, dirty)]
    for i in dirty.targets:
        made[i] = _target(values, made[i], dirty, before.spans[i])
    found = DenseResults(checked, submission, cube, before.as_of, made, values.divided)
    _with_duties(before.dense, found, dirty)
    if before.dense.scored is not None:
        found.scored = _scored(before.dense.scored, values, lambda: found.duties, dirty)
    return Finished(before.plan, before.as_of, values, before.scopes, found, before.spans)


@once_for_each
def by_rows(checked: CheckedCampaign) -> frozenset[str]:
    """The records of which not only the cube is asked: they prove duties, or hold numbers by unit."""
    found = {duty.record for duty in checked.duties}.union(*(_tables(target) for target in checked.targets))
    operands = [one for formula in checked.score_formulas for one in formula.operands.values()]
    found |= {one.id.partition(".")[0] for one in operands if one.kind == "table"}
    return frozenset(found | {one.change[0] for one in checked.rankings.values() if isinstance(one.change, tuple)})


# -- metrics ------------------------------------------------------------------------------------------------------


def _metrics(plan: Plan, touched: Touched) -> set[str]:
    """The metrics that rest on a tally that was touched."""
    found, behind = set[str](), _behind(plan.checked)
    for name in plan.needed:
        own = plan.measures[name].roles.values() if name in plan.measures else ()
        if not (touched.refs.isdisjoint(own) and found.isdisjoint(behind[name])):
            found.add(name)
    return found


@once_for_each
def _behind(checked: CheckedCampaign) -> dict[str, tuple[str, ...]]:
    """The metrics that each metric is made of."""
    return {name: uses(metric) for name, metric in checked.metrics.items()}


def _values(before: Finished, submission: Submission, cube: Cube, touched: Touched, dirty: Dirty) -> Values:
    """Values of which those that are not as before are to be made; distinct values are counted on."""
    old = before.values
    kept = old.made.copy()
    for key, cells in old.made.items():
        if key[0] in dirty.metrics:
            if (counted := _counted_on(old, key, cells, touched)) is not None:
                kept[key] = counted
            else:
                del kept[key]
    return evolve(
        old,
        submission=submission,
        cube=cube,
        made=kept,
        gathered={**old.gathered, **touched.dense},
        prefixes={key: one for key, one in old.prefixes.items() if key[0] not in touched.refs},
        divided={name: 0 if name in dirty.metrics else many for name, many in old.divided.items()},
        tables={table: numbers for table, numbers in old.tables.items() if table[0] not in dirty.records},
        cells={},
    )


def _counted_on(values: Values, key: Any, cells: Cells, touched: Touched) -> Cells | None:
    name, scopes, spans = key
    kernel = values.plan.checked.metrics[name].kernel
    if not isinstance(kernel, Measure) or kernel.verb != "distinct" or name not in values.plan.measures:
        return None
    spread = touched.spread[values.plan.measures[name].roles["value"]]
    shape = (len(values.submission.roster.units) + 1, len(values.cube.bounds) + 1)
    more = more_distinct(spread, values.members[scopes], counted_in(values, kernel, spans), shape)
    return Cells(cells.values + more, cells.known, cells.scale)


# -- targets and duties -------------------------------------------------------------------------------------------


def _is_dirty(target: CheckedTarget, dirty: Dirty) -> bool:
    return target.metric.id in dirty.metrics or not dirty.records.isdisjoint(_tables(target))


def _target(v: Values, old: TargetCells, dirty: Dirty, spans: Spans) -> TargetCells:
    """A target again; what it demands is as before unless its numbers stand in a table that was touched."""
    target, scopes, low, high = old.target, old.scopes, old.low, old.high
    if not dirty.records.isdisjoint(_tables(target)):
        return target_cells(v, target, scopes)
    cells = v.of(target.metric.id, scopes, spans)
    return TargetCells(target, scopes, cells, low, high, statuses(v, target, scopes, cells, low, high))


def _tables(target: CheckedTarget) -> Iterator[str]:
    """The records in whose tables a target's numbers stand."""
    for number in (target.low, target.high, *target.exceptions.values()):
        if number is not None and number.table is not None:
            yield number.table[0]


def _with_duties(before: DenseResults, found: DenseResults, dirty: Dirty) -> None:
    """Duties whose record is touched are judged again, at once where points rest on them, else when somebody asks."""
    checked = found.checked
    again_ = [duty for duty in checked.duties if duty.record in dirty.records]
    dirty.duties = {duty.duty.id for duty in again_}
    asked = any(one.kind in DUTIES for formula in checked.score_formulas for one in formula.operands.values())
    if "duties" not in before.__dict__ and not (again_ and asked):
        return
    rows: dict[str, list[DutyResult]] = {duty.duty.id: [] for duty in checked.duties}
    for row in before.duties:
        rows[row.duty].append(row)
    if again_:
        made: dict[str, list[DutyResult]] = {duty.duty.id: [] for duty in again_}
        for row in duty_results(evolve(checked, duties=tuple(again_)), found.submission, found.as_of):
            made[row.duty].append(row)
        dirty.duties = {name for name, some in made.items() if some != rows[name]}
        rows |= made
    found.__dict__["duties"] = tuple(row for some in rows.values() for row in some)


# -- scores, rankings, honours ------------------------------------------------------------------------------------


def _scored(before: Scored, values: Values, duties: Callable[[], tuple[DutyResult, ...]], dirty: Dirty) -> Scored:
    """In the order in which they rest on one another, so that what is told anew reaches all that look at it."""
    checked, old = values.plan.checked, before.board
    board = Board(values, duties, {**old.told}, "", old.frames, old.judged)
    made = Scored(board, {**before.cards}, {**before.rankings}, [*before.honours])
    rests = _Resting(values, dirty)
    for kind, name in checked.scoring_order:
        if kind == "scorecard" and any(map(rests.on, _of_card(checked.scorecards[name]))):
            made.cards[name] = card_cells(board, checked.scorecards[name])
            dirty.told.add(name)
        elif kind == "ranking" and rests.ranking(name):
            made.rankings[name] = ranking_cells(board, checked.rankings[name])
            dirty.told.add(name)
    for i, honour in enumerate(checked.honours):
        if honour.when is not None and rests.on(honour.when):
            made.honours[i] = honour_cells(board, honour)
            dirty.honours.append(i)
    return made


def _of_card(card: Any) -> Iterator[ScoreFormula]:
    formulas = [one for item in card.items for one in (item.worth, item.points, item.applies)]
    formulas += [card.total, card.open, card.grade, card.unrounded, card.disqualified, *card.gates.values()]
    return (one for one in formulas if one is not None)


@frozen(eq=False, repr=False)
class _Resting:
    """Which formulas look at something that is not as before."""

    values: Values
    dirty: Dirty

    def on(self, formula: ScoreFormula) -> bool:
        return any(self.operand(one) for one in formula.operands.values())

    def ranking(self, name: str) -> bool:
        ranking = self.values.plan.checked.rankings[name]
        formulas = [*ranking.keys, *([ranking.disqualified] if ranking.disqualified is not None else [])]
        table = ranking.change[0] if isinstance(ranking.change, tuple) else None
        return ranking.card in self.dirty.told or table in self.dirty.records or any(map(self.on, formulas))

    def operand(self, operand: Operand) -> bool:
        dirty, name = self.dirty, operand.id
        if operand.kind == "metric":
            return any(one in dirty.metrics for one in (name, *(name + end for end in ENDS)))
        if operand.kind in ("number", "met"):
            target = next(t for t in self.values.plan.checked.targets if t.target.id == name)
            return _is_dirty(target, dirty)
        if operand.kind in DUTIES:
            return name in dirty.duties
        if operand.kind == "table":
            return name.partition(".")[0] in dirty.records
        return operand.kind in TOLD and name.partition(".")[0] in dirty.told


# -- before and after ---------------------------------------------------------------------------------------------


Pairs = tuple[Changed[Any], ...]
_Again = Sequence[tuple[Any, Any, Callable[[Any], Iterator[Any]]]]


def changed(before: DenseResults, after: DenseResults, dirty: Dirty) -> dict[str, Callable[[], Pairs]]:
    """The rows of results that are different, by kind, for whoever asks."""
    found: dict[str, Callable[[], Pairs]] = {"progress": lambda: tuple(_all_progress(before, after, dirty))}
    if dirty.duties:
        found["duties"] = lambda: different("duties", before.duties, after.duties)
    if after.checked.outcomes and (dirty.targets or dirty.duties):
        found["outcomes"] = lambda: different("outcomes", before.outcomes, after.outcomes)
    if before.scored is not None and after.scored is not None:
        found |= _awarded(before.scored, after.scored, dirty)
    return found


def _all_progress(before: DenseResults, after: DenseResults, dirty: Dirty) -> Iterator[Changed[Progress]]:
    for i in dirty.targets:
        yield from _progress(before.targets[i], after.targets[i], after.as_of)


def _awarded(before: Scored, after: Scored, dirty: Dirty) -> dict[str, Callable[[], Pairs]]:
    checked = after.board.values.plan.checked
    cards: _Again = [(before.cards[n], after.cards[n], rows_of_card) for n in checked.scorecards if n in dirty.told]
    ranks: _Again = [
        (before.rankings[n], after.rankings[n], rows_of_ranking) for n in checked.rankings if n in dirty.told
    ]
    lists: _Again = [(before.honours[i], after.honours[i], rows_of_honour) for i in dirty.honours]
    parts = {"scores": cards, "rankings": ranks, "honours": lists}
    return {kind: partial(_pairs, made) for kind, made in parts.items() if made}


def _pairs(made: _Again) -> Pairs:
    pairs = (pair for old, new, rows in made for pair in zip(rows(old), rows(new), strict=True))
    return tuple(Changed(one, other) for one, other in pairs if one != other)


def _progress(before: TargetCells, after: TargetCells, as_of: dt.date) -> Iterator[Changed[Progress]]:
    """The rows of the cells in which anything is different."""
    differ = (before.status != after.status) | _differ(before.cells, after.cells)
    for one, other in ((before.low, after.low), (before.high, after.high)):
        if one is not None and other is not None:
            differ = differ | _differ(one, other)
    for s, w in zip(*(at.tolist() for at in np.nonzero(differ)), strict=True):
        scope, window = after.scopes[s], after.target.windows[w]
        old, new = (progress_row(made, scope, window, s, w, as_of) for made in (before, after))
        if old != new:
            yield Changed(old, new)


def _differ(one: Cells, other: Cells) -> Any:
    if one is other:
        return np.zeros((1, 1), dtype=bool)
    return ~alike(one, other)
