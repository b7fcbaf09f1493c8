"""Scorecards → points of every item and of the whole, for every unit and window, between two ends while open.

Comes in: a checked scorecard and the board of operands. Goes out: `CardCells`, dense; and what later formulas may ask
of it is told to the board. The rules are those of docs/evaluation.md. Must not know: rankings, rows of results, the
ways of scoring.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import evolve, frozen

from campaignrules.checked import CheckedItem, CheckedScorecard
from campaignrules.columns import whole
from campaignrules.engine.operands import Band, Board, Frame, band_of, exactly
from campaignrules.engine.rows import Array
from campaignrules.quantities import DIVISION_PLACES

STATUSES: Final = ("final", "provisional", "not_due", "missing", "deferred", "not_applicable", "disqualified")
FINAL, PROVISIONAL, NOT_DUE, MISSING, DEFERRED, NOT_APPLICABLE, DISQUALIFIED = range(7)
SCORED: Final = np.isin(np.arange(len(STATUSES)), (FINAL, PROVISIONAL, DEFERRED))
"""For each status whether there are points to speak of."""


@frozen(eq=False, repr=False)
class Marks:
    """Points of an item, or of the whole. `points`: known where the status lets them be shown and they have ends.

    `full`: the points as they would be whatever the status. `member`: who belongs to the groups of its formula;
    `unsure`: to whom it may come not to apply, or who may come to have no sum; `running`: whose window, or that of an item, is not over.
    """

    status: Array
    points: Band
    full: Band
    worth: Band | None
    member: Array
    unsure: Array
    running: Array

    @property
    def scored(self) -> Array:
        return np.asarray(SCORED[self.status])


@frozen(eq=False, repr=False)
class CardCells:
    """A scorecard, dense.

    `doubtful`: units that are possibly, but not surely, disqualified; `unsure`: to whom perhaps no item applies.
    """

    card: CheckedScorecard
    frame: Frame
    items: tuple[Marks, ...]
    sums: Band
    total: Marks
    grade: Band | None
    doubtful: Array
    unsure: Array


def card_cells(board: Board, card: CheckedScorecard) -> CardCells:
    """All points of a scorecard; told to the board item by item, so that later items may rest on earlier ones."""
    frame = board.frame(card.judged, card.windows, card.within, card.reference)
    board.here, items = card.id, list[Marks]()
    for item in card.items:
        items.append(_item(board, frame, item))
        board.tell("points", f"{card.id}.{item.id}", card.id, frame, _told(items[-1], items[-1].unsure))
    made = _whole(board, frame, card, tuple(items))
    board.tell("would_be", card.id, card.id, frame, _told(made.total, np.zeros(len(frame), dtype=bool)))
    board.tell("points", card.id, card.id, frame, _told(made.total, made.total.unsure | made.doubtful))
    _tell_standing(board, card, made)
    board.here = ""
    return made


def _told(marks: Marks, unsure: Array) -> Band:
    """Points as others name them: nothing is known of those that may come not to be there."""
    return evolve(marks.points, open=marks.scored & (marks.points.open | unsure))


def _tell_standing(board: Board, card: CheckedScorecard, made: CardCells) -> None:
    """Grades for formulas; disqualification and what is provisional for rankings."""
    frame, status = made.frame, made.total.status
    if made.grade is not None:
        some, unsure = made.total.scored, made.total.unsure | made.doubtful
        grade = evolve(made.grade, known=made.grade.known & some, open=(made.grade.open | unsure) & some)
        board.tell("grade", card.id, card.id, frame, grade)
    out, everywhere = status == DISQUALIFIED, np.ones(len(frame), dtype=bool)
    board.tell("disqualified", card.id, card.id, frame, Band(out, out | made.doubtful, everywhere, ~everywhere))
    unsure = made.total.unsure & made.total.scored
    board.tell("unsure", card.id, card.id, frame, exactly(unsure, everywhere))
    board.tell("provisional", card.id, card.id, frame, exactly(made.total.running, everywhere))


# -- items --------------------------------------------------------------------------------------------------------


def _item(board: Board, frame: Frame, item: CheckedItem) -> Marks:
    as_of = board.values.as_of
    asked = np.ones(len(frame), dtype=bool)
    if item.judged is not None:
        asked = frame.judged(frozenset(scope.name for scope in board.scopes(item.judged)))
    surely, possibly, lacking = asked, asked, np.zeros(len(frame), dtype=bool)
    if item.applies is not None:
        applies = band_of(board, frame, item.applies, asked & frame.member)
        lacking = asked & ~applies.known & ~applies.open
        surely, possibly = asked & applies.surely(), asked & applies.possibly()
    member = possibly & ~lacking & frame.member
    unsure = possibly & ~surely
    points = _widened(band_of(board, frame, item.points, member, unsure=unsure), unsure)
    begun = frame.by_window(np.array([w.start <= as_of for w in item.windows], dtype=bool))
    running = frame.by_window(np.array([as_of < w.end for w in item.windows], dtype=bool))
    status = np.where(running, PROVISIONAL, FINAL)
    status[points.open | (points.known & ~points.settled) | unsure] = DEFERRED
    status[lacking | ~(points.open | points.known)] = MISSING
    status[~begun] = NOT_DUE
    status[~possibly & ~lacking] = NOT_APPLICABLE
    worth = None if item.worth is None else band_of(board, frame, item.worth, member, unsure=unsure)
    running = running & (status != NOT_APPLICABLE)
    return Marks(status, _shown(points, SCORED[status]), points, worth, member, unsure, running)


def _widened(points: Band, doubtful: Array) -> Band:
    """Ends that reach to 0 where it is not certain that the item applies."""
    if not doubtful.any():
        return points
    low, high = points.low.copy(), points.high.copy()
    low[doubtful], high[doubtful] = np.minimum(low[doubtful], 0), np.maximum(high[doubtful], 0)
    return evolve(points, low=low, high=high)


def _shown(points: Band, where: Array) -> Band:
    return evolve(points, known=points.known & where, open=points.open & where)


# -- the sum ------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Sum:
    """Running ends of a sum, at one scale."""

    low: Array
    high: Array

    def add(self, low: Array, high: Array, where: Array) -> _Sum:
        """Plus these numbers in the cells `where`."""
        ends = zip((self.low, self.high), (low, high), strict=True)
        first, second = (whole.plus(sofar, _only(more, where)) for sofar, more in ends)
        return _Sum(first, second)


def _only(values: Array, where: Array) -> Array:
    found = np.zeros(len(values), dtype=values.dtype)
    found[where] = values[where]
    return found


def _sum(card: CheckedScorecard, items: Sequence[Marks], length: int) -> Band:
    """What the items contribute together, by their policies."""
    scale = max((band.scale for marks in items for band in (marks.points, marks.worth) if band is not None), default=0)
    zero, nothing = np.zeros(length, dtype=np.int64), np.zeros(length, dtype=bool)
    found = {kind: _Sum(zero, zero) for kind in ("item", "bonus", "deduction")}
    missing, open_, uncounted = nothing, nothing, []
    for item, marks in zip(card.items, items, strict=True):
        low, high = (whole.rescaled(end, scale - marks.points.scale) for end in (marks.points.low, marks.points.high))
        found[item.kind] = found[item.kind].add(low, high, marks.points.known)
        open_ = open_ | marks.points.open
        absent, lacks = marks.status == NOT_APPLICABLE, marks.status == MISSING
        if item.not_applicable == "full":
            worth = _rescaled(marks.worth or exactly(zero, nothing), scale)
            found[item.kind] = found[item.kind].add(worth.low, worth.high, absent & worth.known)
            open_, missing = open_ | (absent & worth.open), missing | (absent & ~worth.known & ~worth.open)
        if item.missing == "missing":
            missing = missing | lacks
        left = (absent & (item.not_applicable == "reweighed")) | (lacks & (item.missing == "reweighed"))
        uncounted.append(left & (item.kind == "item"))
    counted = Band(found["item"].low, found["item"].high, ~missing, open_, scale)
    if any(cells.any() for cells in uncounted):
        counted = _reweighed(card, items, counted, uncounted)
    rest = [found["bonus"].add(found["deduction"].low, found["deduction"].high, ~nothing)]
    lows, highs = ((whole.rescaled(end, counted.scale - scale)) for end in (rest[0].low, rest[0].high))
    low, high = whole.plus(counted.low, lows), whole.plus(counted.high, highs)
    return Band(low, high, counted.known & ~counted.open, counted.known & counted.open, counted.scale)


def _rescaled(band: Band, scale: int) -> Band:
    low, high = (whole.rescaled(end, scale - band.scale) for end in (band.low, band.high))
    return evolve(band, low=low, high=high, scale=scale)


def _reweighed(card: CheckedScorecard, items: Sequence[Marks], counted: Band, uncounted: Sequence[Array]) -> Band:
    """The sum × all worths ÷ the worths that count, in cells where some do not; missing where none do."""
    cells = np.logical_or.reduce(uncounted)
    everything = left = np.zeros(len(cells), dtype=np.int64)
    unsettled = np.zeros(len(cells), dtype=bool)
    for item, marks, out in zip(card.items, items, uncounted, strict=True):
        if item.kind != "item" or marks.worth is None:
            continue
        worth, due = _rescaled(marks.worth, counted.scale), marks.status != NOT_DUE
        everything = whole.plus(everything, _only(worth.low, due & worth.known))
        left = whole.plus(left, _only(worth.low, due & worth.known & ~out))
        unsettled = unsettled | (cells & due & (worth.open | (worth.known & ~worth.settled)))
    at = np.flatnonzero(cells & (left != 0))
    scale = max(counted.scale, DIVISION_PLACES)
    ends = []
    for end in (counted.low, counted.high):
        moved = whole.divided(whole.times(end[at], everything[at]), left[at], DIVISION_PLACES - counted.scale)
        ends.append(_placed(whole.rescaled(end, scale - counted.scale), at, moved, scale))
    known = counted.known & ~(cells & (left == 0) & ~unsettled)
    return Band(ends[0], ends[1], known, counted.open | unsettled, scale)


def _placed(values: Array, at: Array, moved: Array, scale: int) -> Array:
    """`values` with others, counted at 12 decimals, in their place."""
    moved = whole.rescaled(moved, scale - DIVISION_PLACES)
    found = values.astype(object if object in (values.dtype, moved.dtype) else np.int64)
    found[at] = moved
    return found


# -- the whole ----------------------------------------------------------------------------------------------------


def _whole(board: Board, frame: Frame, card: CheckedScorecard, items: tuple[Marks, ...]) -> CardCells:
    absent = np.ones(len(frame), dtype=bool) if items else np.zeros(len(frame), dtype=bool)
    maybe, running = absent, frame.running
    for marks in items:
        absent = absent & (marks.status == NOT_APPLICABLE)
        maybe = maybe & ((marks.status == NOT_APPLICABLE) | marks.unsure)
        running = running | marks.running
    member, unsure = frame.member & ~absent, maybe & ~absent
    sums = _sum(card, items, len(frame))
    total = _total(board, frame, card, sums, member, unsure)
    out = doubtful = lacking = np.zeros(len(frame), dtype=bool)
    if card.disqualified is not None:
        gate = band_of(board, frame, card.disqualified, member, {"items": sums}, unsure)
        out, doubtful = gate.surely(), gate.possibly() & ~gate.surely()
        lacking = ~gate.known & ~gate.open
    status = np.where(running, PROVISIONAL, FINAL)
    status[total.open | (total.known & ~total.settled) | doubtful | unsure | sums.open] = DEFERRED
    status[lacking | ~(total.known | total.open)] = MISSING
    status[out] = DISQUALIFIED
    status[~frame.begun] = NOT_DUE
    status[absent] = NOT_APPLICABLE
    marks = Marks(status, _shown(total, SCORED[status]), total, None, member, unsure | sums.open, running)
    grade = _grade(board, frame, card, sums, marks, unsure)
    return CardCells(card, frame, items, sums, marks, grade, doubtful & (status == DEFERRED), unsure)


def _total(board: Board, frame: Frame, card: CheckedScorecard, sums: Band, member: Array, unsure: Array) -> Band:
    """The formula of the whole; where the sum is open its ends without it."""
    some = ~(sums.known | sums.open)
    total = band_of(board, frame, card.total, member, {"items": sums}, unsure)
    if sums.open.any():
        nothing = evolve(sums, known=np.zeros_like(sums.known), open=np.zeros_like(sums.open))
        total = _merged(total, band_of(board, frame, card.open, member, {"items": nothing}, unsure), sums.open)
    return evolve(total, known=total.known & ~some, open=total.open & ~some)


def _merged(one: Band, other: Band, where: Array) -> Band:
    """`one`, but `other` in the cells `where`."""
    scale = max(one.scale, other.scale)
    one, other = _rescaled(one, scale), _rescaled(other, scale)
    ends = [np.where(where, b, a) for a, b in ((one.low, other.low), (one.high, other.high))]
    known, open_ = (np.where(where, b, a) for a, b in ((one.known, other.known), (one.open, other.open)))
    return Band(whole.narrow(ends[0]), whole.narrow(ends[1]), known, open_, scale)


def _grade(board: Board, frame: Frame, card: CheckedScorecard, sums: Band, marks: Marks, unsure: Array) -> Band | None:
    """The number of the grade, from 0; from the total as it would be without disqualification."""
    if card.grade is None:
        return None
    by = marks.full
    if card.grade_by == "exact" and card.unrounded is not None:
        by = band_of(board, frame, card.unrounded, marks.member, {"items": sums}, unsure)
        there = sums.known | sums.open
        by = evolve(by, open=there & (by.open | sums.open), known=by.known & there & ~sums.open)
    return band_of(board, frame, card.grade, marks.member, {"total": by}, unsure)
