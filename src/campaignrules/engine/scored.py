"""All scorecards, rankings and honours of an evaluation, in the order in which they rest on one another; their rows.

Comes in: values of metrics and duty results. Goes out: `Scored`, dense; rows of results when asked for, and the values
that went into one cell. Must not know: how points and places come about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from attrs import define, field

from campaignrules.checked import ENDS, CheckedItem, ScoreFormula
from campaignrules.engine import rankings, scores
from campaignrules.engine.operands import Band, Board, bands_of
from campaignrules.engine.rankings import HonourCells, RankingCells, awaited, honour_cells, ranking_cells
from campaignrules.engine.scores import CardCells, Marks, card_cells
from campaignrules.engine.values import Values
from campaignrules.quantities import EXACT, Unit, round_report, unscaled
from campaignrules.results import DutyResult, HonourResult, Placing, Score
from campaignrules.trees import Value
from campaignrules.watching import SCORING, each


@define(eq=False, repr=False)
class Scored:
    """Everything that awards points or places, dense, in the order of the file."""

    board: Board
    cards: dict[str, CardCells] = field(factory=dict)
    rankings: dict[str, RankingCells] = field(factory=dict)
    honours: list[HonourCells] = field(factory=list)

    def score_rows(self) -> Iterator[Score]:
        for name in self.board.values.plan.checked.scorecards:
            yield from rows_of_card(self.cards[name])

    def placing_rows(self) -> Iterator[Placing]:
        for name in self.board.values.plan.checked.rankings:
            yield from rows_of_ranking(self.rankings[name])

    def honour_rows(self) -> Iterator[HonourResult]:
        for cells in self.honours:
            yield from rows_of_honour(cells)

    def operand_values(self, card: str, item: str | None, unit: str, window: str) -> dict[str, Value]:
        """What went into the points of one item, or of the whole (`item` None), by the names of its formula.

        The ends of what is still open stand as `name↓` and `name↑`; a name without ends, or missing, has None.
        """
        cells = self.cards[card]
        frame = cells.frame
        units, windows = [one.id for one in frame.units], [one.id for one in frame.windows]
        cell = units.index(unit) * len(windows) + windows.index(window)
        self.board.here = card
        bands = bands_of(self.board, frame, _formula(cells, item), {"items": cells.sums, "total": cells.total.full})
        self.board.here = ""
        return {key: value for name, band in bands.items() for key, value in _told(name, band, cell)}


def scored(values: Values, duties: Callable[[], tuple[DutyResult, ...]]) -> Scored:
    """Scorecards and rankings, each after those it rests on, then honours. `duties`: asked only if a formula does."""
    checked, made = values.plan.checked, Scored(Board(values, duties))
    for kind, name in each(SCORING, checked.scoring_order, itemgetter(1)):
        if kind == "scorecard":
            made.cards[name] = card_cells(made.board, checked.scorecards[name])
        else:
            made.rankings[name] = ranking_cells(made.board, checked.rankings[name])
    made.honours += [honour_cells(made.board, honour) for honour in checked.honours]
    return made


# -- one cell -----------------------------------------------------------------------------------------------------


def _formula(cells: CardCells, item: str | None) -> ScoreFormula:
    if item is None:
        return cells.card.total
    return next(one.points for one in cells.card.items if one.id == item)


def _told(name: str, band: Band, cell: int) -> Iterator[tuple[str, Value]]:
    ends = [_value(values, band, cell) for values in (band.low, band.high)]
    if ends[0] == ends[1]:
        yield name, ends[0]
    else:
        yield from zip((name + end for end in ENDS), ends, strict=True)


def _value(values: Any, band: Band, cell: int) -> Value:
    if not band.known[cell]:
        return None
    return bool(values[cell]) if values.dtype == bool else unscaled(int(values[cell]), band.scale)


# -- rows ---------------------------------------------------------------------------------------------------------

Numbers = Sequence[Decimal | None]


def _numbers(values: Any, known: Any, scale: int) -> Numbers:
    pairs = zip(values.tolist(), known.tolist(), strict=True)
    return [unscaled(value, scale) if some else None for value, some in pairs]


@define(eq=False, repr=False)
class _Line:
    """An item of a scorecard, or the whole, as lists with one entry per cell."""

    item: str | None
    source: str | None
    status: list[int]
    points: Numbers
    lowest: Numbers
    highest: Numbers
    worth: Numbers
    awaits: frozenset[str]


def _line(item: str | None, source: str | None, marks: Marks, awaits: frozenset[str]) -> _Line:
    points, count = marks.points, len(marks.status)
    agree = points.settled & (marks.status != scores.DEFERRED)
    worth = marks.worth
    return _Line(
        item,
        source,
        marks.status.tolist(),
        _numbers(points.low, agree, points.scale),
        _numbers(points.low, points.known, points.scale),
        _numbers(points.high, points.known, points.scale),
        [None] * count if worth is None else _numbers(worth.low, worth.settled, worth.scale),
        awaits,
    )


def _item_awaits(item: CheckedItem) -> frozenset[str]:
    return item.points.awaits | (item.applies.awaits if item.applies is not None else frozenset())


def rows_of_card(cells: CardCells) -> Iterator[Score]:
    """The rows of one scorecard."""
    card, frame = cells.card, cells.frame
    lines = [
        _line(item.id, (item.item and item.item.source) or card.card.source, marks, _item_awaits(item))
        for item, marks in zip(card.items, cells.items, strict=True)
    ]
    whole = _line(None, card.card.source, cells.total, card.total.awaits)
    whole.worth = [card.out_of] * len(frame)
    grades, doubtful = _grades(cells), cells.doubtful.tolist()
    for cell, (unit, window) in enumerate((unit.id, window.id) for unit in frame.units for window in frame.windows):
        for line in lines:
            yield _score(card.id, line, unit, window, cell, line.awaits)
        yield _score(
            card.id, whole, unit, window, cell, _total_awaits(cells, lines, cell, doubtful[cell]), grades[cell]
        )


def _total_awaits(cells: CardCells, lines: Sequence[_Line], cell: int, doubtful: bool) -> frozenset[str]:
    """Of the deferred items, of the formula of the whole, and of the disqualification where that is possible only."""
    found = cells.card.total.awaits
    if cells.total.status[cell] == scores.DEFERRED:
        found = found.union(*(line.awaits for line in lines if line.status[cell] == scores.DEFERRED))
    gate = cells.card.disqualified
    return found | gate.awaits if doubtful and gate is not None else found


def _score(
    card: str, line: _Line, unit: str, window: str, cell: int, awaits: frozenset[str], grade: str | None = None
) -> Score:
    status = line.status[cell]
    return Score(
        card, line.item, unit, window, line.points[cell], line.lowest[cell], line.highest[cell], line.worth[cell],
        scores.STATUSES[status], grade, line.source,
        tuple(sorted(awaits)) if status == scores.DEFERRED else (),
    )  # fmt: skip


def _grades(cells: CardCells) -> list[str | None]:
    band, names = cells.grade, cells.card.grades
    if band is None:
        return [None] * len(cells.frame)
    known = band.settled & cells.total.scored
    found = _numbers(band.low, known, band.scale)
    return [None if index is None or index >= len(names) else names[int(index)] for index in found]


def rows_of_ranking(cells: RankingCells) -> Iterator[Placing]:
    """The rows of one ranking."""
    ranking, frame = cells.ranking, cells.frame
    ranked, status = cells.standing.ranked.tolist(), cells.status.tolist()
    lowest, highest = _shown(cells)
    best, worst, place = cells.best.tolist(), cells.worst.tolist(), cells.place.tolist()
    count, change, risen = cells.count.tolist(), cells.change.low.tolist(), cells.change.known.tolist()
    awaits = awaited(cells)
    for cell, (row, window) in enumerate((row, window) for row in range(len(frame.units)) for window in frame.windows):
        some, low, high = ranked[cell], lowest[cell], highest[cell]
        yield Placing(
            ranking.id, frame.units[row].id, window.id, frame.group[row], place[cell] or None,
            best[cell] if some else None, worst[cell] if some else None, count[cell],
            low if low == high else None, low, high, ranking.unit.name, change[cell] if risen[cell] else None,
            rankings.STATUSES[status[cell]], ranking.ranking.source,
            tuple(sorted(awaits.get(cell, ()))),
        )  # fmt: skip


def _shown(cells: RankingCells) -> tuple[Numbers, Numbers]:
    """The ends of the first key as a person reads them."""
    key, unit = cells.keys[0], cells.ranking.unit
    known = key.known & (cells.status != rankings.NOT_DUE) & (cells.status != rankings.DISQUALIFIED)
    ends = (key.low, key.high) if cells.ranking.ranking.better == "more" else (-key.high, -key.low)
    low, high = (_in_unit(_numbers(end, known, key.scale), unit) for end in ends)
    return low, high


def _in_unit(values: Numbers, unit: Unit) -> Numbers:
    return [None if one is None else round_report(one.scaleb(-unit.power, EXACT)) for one in values]


def rows_of_honour(cells: HonourCells) -> Iterator[HonourResult]:
    """The rows of one honour."""
    honour, frame = cells.honour, cells.frame
    said, awaits = honour.honour, tuple(sorted(honour.awaits))
    places = ((unit.id, window.id) for unit in frame.units for window in frame.windows)
    for (unit, window), status in zip(places, cells.status.tolist(), strict=True):
        yield HonourResult(
            said.id, said.kind, unit, window, rankings.LISTED_STATUSES[status], said.source,
            awaits if status == rankings.POSSIBLE else (),
        )  # fmt: skip
