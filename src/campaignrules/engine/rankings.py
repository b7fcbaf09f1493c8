"""Rankings and honours → places between best and worst, and who is listed, for every unit and window.

Comes in: a checked ranking or honour and the board of operands. Goes out: `RankingCells`, `HonourCells`, dense; places
are told to the board. Keys are compared one after the other: the low ends of one unit with the high ends of another
say what is sure, the other way round what is possible. As this is the order of words in a dictionary, every unit's ends
become two whole numbers, and no pair of units is looked at alone. Must not know: items, rows of results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedHonour, CheckedRanking
from campaignrules.columns import Ordered, in_order, whole
from campaignrules.engine.demands import cells_of, numbers_in
from campaignrules.engine.operands import Band, Board, Frame, band_of, exactly, moved
from campaignrules.engine.rows import Array

STATUSES: Final = ("final", "provisional", "not_due", "missing", "deferred", "reference", "disqualified")
FINAL, PROVISIONAL, NOT_DUE, MISSING, DEFERRED, REFERENCE, DISQUALIFIED = range(7)
LISTED_STATUSES: Final = ("listed", "possible", "not_listed", "missing", "not_due")
LISTED, POSSIBLE, NOT_LISTED, NO_DATA, NOT_BEGUN = range(5)


@frozen(eq=False, repr=False)
class Standing:
    """Of each ranked unit the ends of its keys as two numbers that order it in its group; `doubtful`: may be out."""

    ranked: Array
    low: Array
    high: Array
    doubtful: Array


@frozen(eq=False, repr=False)
class RankingCells:
    """A ranking, dense. `place`: 0 where none is certain; `bottom`: the least and the most places from the bottom.

    `doubts`: by what a unit is possibly disqualified.
    """

    ranking: CheckedRanking
    frame: Frame
    status: Array
    keys: tuple[Band, ...]
    standing: Standing
    best: Array
    worst: Array
    bottom: tuple[Array, Array]
    place: Array
    count: Array
    change: Band
    doubts: tuple[tuple[Array, frozenset[str]], ...]


@frozen(eq=False, repr=False)
class HonourCells:
    """An honour, dense."""

    honour: CheckedHonour
    frame: Frame
    status: Array


def ranking_cells(board: Board, ranking: CheckedRanking) -> RankingCells:
    """All places of a ranking, told to the board."""
    frame = board.frame(ranking.judged, ranking.windows, ranking.within, ranking.reference)
    keys = _keys(board, frame, ranking)
    out, doubts, lacking, provisional = _disqualified(board, frame, ranking)
    for key in keys:
        lacking = lacking | ~(key.known | key.open)
    ranked = frame.member & frame.begun & ~out & ~lacking
    doubtful = ranked & np.logical_or.reduce([mask for mask, _ in doubts]) if doubts else np.zeros(len(frame), bool)
    standing = _standing(ranked, keys, doubtful)
    (best, worst), bottom = _places(frame, ranking, standing)
    unsure = doubtful | (ranked & np.logical_or.reduce([key.open for key in keys]))
    certain = ranked & (best == worst) & ~unsure
    place = np.where(certain, best, 0)
    status = np.where(frame.running | provisional, PROVISIONAL, FINAL)
    status[ranked & ~certain] = DEFERRED
    status[lacking] = MISSING
    status[out] = DISQUALIFIED
    status[~frame.begun] = NOT_DUE
    status[~frame.member] = REFERENCE
    count = _count(frame, ranked)
    change = _change(board, frame, ranking, place)
    made = RankingCells(ranking, frame, status, keys, standing, best, worst, bottom, place, count, change, doubts)
    _tell(board, made, unsure)
    return made


def _keys(board: Board, frame: Frame, ranking: CheckedRanking) -> tuple[Band, ...]:
    """The keys; the points of its scorecard as they would be without disqualification, which counts by itself."""
    extra: list[dict[str, Band]] = [{} for _ in ranking.keys]
    if ranking.card is not None:
        extra[0]["points"] = moved(board.told["would_be", ranking.card], frame, _card_window(ranking))
    return tuple(band_of(board, frame, key, frame.member, more) for key, more in zip(ranking.keys, extra, strict=True))


def _count(frame: Frame, cells: Array) -> Array:
    """How many of these are in the group of each cell."""
    return np.asarray(np.bincount(frame.code[cells], minlength=int(frame.code.max(initial=0)) + 1)[frame.code])


def _tell(board: Board, made: RankingCells, unsure: Array) -> None:
    """Places for formulas; nothing is known of a unit that may come to have none (`unsure`)."""
    name, frame, ranked = made.ranking.id, made.frame, made.standing.ranked
    fewest = made.count - _count(frame, unsure)
    for kind, low, high in (
        ("place", made.best, made.worst),
        ("from_bottom", *made.bottom),
        ("ranked", fewest, made.count),
    ):
        board.tell(kind, name, name, frame, Band(low, high, ranked, unsure))
    board.tell("change", name, name, frame, made.change)
    out = (made.status == REFERENCE) | (made.status == DISQUALIFIED)
    board.tell("unranked", name, name, frame, Band(out, out, np.ones(len(frame), dtype=bool), unsure))


def _card_window(ranking: CheckedRanking) -> tuple[Window, ...]:
    """For each window of the ranking the one of the scorecard it ranks by."""
    operands = ranking.keys[0].operands.values()
    found = (one.windows for one in operands if one.kind == "points" and one.id == ranking.card)
    return next(found, ranking.windows)


def _disqualified(
    board: Board, frame: Frame, ranking: CheckedRanking
) -> tuple[Array, tuple[tuple[Array, frozenset[str]], ...], Array, Array]:
    """Who is out, who may be and by which parameters, whose condition is missing, whose total is provisional."""
    out = lacking = provisional = np.zeros(len(frame), dtype=bool)
    doubts: list[tuple[Array, frozenset[str]]] = []
    if ranking.disqualified is not None:
        gate = band_of(board, frame, ranking.disqualified, frame.member)
        out, lacking = gate.surely(), ~(gate.known | gate.open)
        doubts.append((gate.possibly() & ~gate.surely(), ranking.disqualified.awaits))
    if ranking.card is not None:
        card, windows = board.values.plan.checked.scorecards[ranking.card], _card_window(ranking)
        gate, later, unsure = (
            moved(board.told[kind, card.id], frame, windows) for kind in ("disqualified", "provisional", "unsure")
        )
        out = out | gate.surely()
        awaits = card.disqualified.awaits if card.disqualified is not None else frozenset[str]()
        doubts += [(gate.possibly() & ~gate.surely(), awaits), (unsure.surely(), card.total.awaits)]
        provisional = later.surely()
    return out, tuple(doubts), lacking, provisional


# -- keys ---------------------------------------------------------------------------------------------------------


def _standing(ranked: Array, keys: Sequence[Band], doubtful: Array) -> Standing:
    low, high = np.zeros(len(ranked), dtype=np.int64), np.zeros(len(ranked), dtype=np.int64)
    at = np.flatnonzero(ranked)
    if len(keys) == 1 and keys[0].low.dtype == keys[0].high.dtype == np.int64 and not keys[0].open[at].any():
        low[at], high[at] = keys[0].low[at], keys[0].high[at]
    else:
        ends = _in_line([column for key in keys for column in _ends(key, at)], len(at))
        low[at], high[at] = ends[: len(at)], ends[len(at) :]
    return Standing(ranked, low, high, doubtful)


def _ends(key: Band, at: Array) -> tuple[Array, Array]:
    """A key's low ends, then its high ends; before each where it lies when it is open: below or above all others."""
    open_ = key.open[at]
    side = np.concatenate([np.where(open_, -1, 0), np.where(open_, 1, 0)])
    values = np.concatenate([_only(key.low[at], ~open_), _only(key.high[at], ~open_)])
    if values.dtype == object:
        values = np.unique(values, return_inverse=True)[1].reshape(-1)
    return side, values


def _only(values: Array, where: Array) -> Array:
    found = np.zeros(len(values), dtype=values.dtype)
    found[where] = values[where]
    return found


def _in_line(columns: Sequence[Array], length: int) -> Array:
    """For each row a number that orders it as its columns do, the first column first; equal rows have equal numbers."""
    order = np.lexsort(columns[::-1])
    differ = np.zeros(2 * length, dtype=np.int64)
    for column in columns:
        differ[1:] |= column[order][1:] != column[order][:-1]
    found = np.empty(2 * length, dtype=np.int64)
    found[order] = np.cumsum(differ)
    return found


# -- places -------------------------------------------------------------------------------------------------------


_Ends = tuple[Array, Array]


def _places(frame: Frame, ranking: CheckedRanking, s: Standing) -> tuple[_Ends, _Ends]:
    """The best and the worst place of every ranked unit, from the top and from the bottom; 0 for the others."""
    at = np.flatnonzero(s.ranked)
    if not len(at):
        return (_spread(s, at, at), _spread(s, at, at)), (_spread(s, at, at), _spread(s, at, at))
    low, high, sure = s.low[at], s.high[at], ~s.doubtful[at]
    if ranking.ties == "listed":
        earlier = -frame.by_unit(np.arange(len(frame.units)))[at]
        both = (np.concatenate([low, high]), np.concatenate([earlier, earlier]))
        ends = _in_line(both, len(at))
        low, high = ends[: len(at)], ends[len(at) :]
    (low, high), span = in_order(frame.code[at], low, high)
    field = _Field(frame.code[at], low, high, sure, span)
    top, bottom = _RULES[ranking.ties](field), _shared(field.turned())
    return (_spread(s, at, top[0]), _spread(s, at, top[1])), (_spread(s, at, bottom[0]), _spread(s, at, bottom[1]))


def _spread(s: Standing, at: Array, values: Array) -> Array:
    found = np.zeros(len(s.ranked), dtype=np.int64)
    found[at] = values
    return found


@frozen(eq=False, repr=False)
class _Field:
    """The ranked units. `sure`: those who are not possibly disqualified."""

    code: Array
    low: Array
    high: Array
    sure: Array
    span: int

    def turned(self) -> _Field:
        """The same upside down."""
        top = 2 * self.code * self.span + self.span - 1
        return _Field(self.code, top - self.high, top - self.low, self.sure, self.span)

    def ordered(self, ends: Array, among: Array | None = None) -> Ordered:
        at = np.arange(len(self.code)) if among is None else np.flatnonzero(among)
        return Ordered(self.code, self.span, ends[at])


def _shared(f: _Field) -> tuple[Array, Array]:
    surely = f.ordered(f.low, f.sure).above(f.high)
    possibly = f.ordered(f.high).above(f.low) - (f.high > f.low)
    return 1 + surely, 1 + possibly


def _last(f: _Field) -> tuple[Array, Array]:
    surely = f.ordered(f.low, f.sure).from_(f.high) - (f.sure & (f.low == f.high))
    return 1 + surely, f.ordered(f.high).from_(f.low)


def _dense(f: _Field) -> tuple[Array, Array]:
    """Different values above where all of the group is settled; otherwise hardly anything is sure."""
    count = int(f.code.max()) + 1
    settled = (np.bincount(f.code[f.low != f.high], minlength=count) == 0)[f.code]
    best, worst = _shared(f)
    every = Ordered(f.code, f.span, np.unique(f.low)).above(f.low)
    sure = Ordered(f.code, f.span, np.unique(f.low[f.sure])).above(f.low)
    return np.where(settled, 1 + sure, np.minimum(best, 2)), np.where(settled, 1 + every, worst)


_RULES: Final = {"shared": _shared, "listed": _shared, "last": _last, "dense": _dense}


def _change(board: Board, frame: Frame, ranking: CheckedRanking, place: Array) -> Band:
    """Places risen since the preceding window, or since the submitted place."""
    nothing = np.zeros(len(frame), dtype=bool)
    if ranking.change is None:
        return exactly(np.zeros(len(frame), dtype=np.int64), nothing)
    if ranking.change == "previous":
        before = np.roll(place, 1)
        before[frame.by_window(np.arange(len(frame.windows)) == 0)] = 0
        known = before > 0
    else:
        numbers = numbers_in(board.values, ranking.change)
        cells = cells_of([numbers.get(unit.id) for unit in frame.units])
        values = whole.narrow(cells.values[:, 0])
        unit = 10**cells.scale
        known, before = frame.by_unit(cells.known[:, 0] & (values % unit == 0)), frame.by_unit(values // unit)
    risen = np.where(known & (place > 0), before - place, 0)
    return exactly(risen, known & (place > 0))


# -- who may change places ----------------------------------------------------------------------------------------


def awaited(made: RankingCells) -> dict[int, frozenset[str]]:
    """For each deferred place the parameters that decide it: the unit's own and those of units it may change with."""
    sources = [
        (~key.settled & made.standing.ranked, f.awaits) for key, f in zip(made.keys, made.ranking.keys, strict=True)
    ]
    sources += [(mask & made.standing.ranked, awaits) for mask, awaits in made.doubts]
    found: dict[int, frozenset[str]] = {}
    deferred = np.flatnonzero(made.status == DEFERRED)
    for code in sorted(set(made.frame.code[deferred].tolist())):  # np.unique would import numpy.ma, which takes longer
        at = np.flatnonzero(made.standing.ranked & (made.frame.code == code))
        near = _near(made.standing, at)
        hits = [(near @ mask[at].astype(np.int64) > 0, awaits) for mask, awaits in sources if mask[at].any()]
        for i, cell in enumerate(at.tolist()):
            if made.status[cell] == DEFERRED:
                found[cell] = frozenset().union(*(awaits for hit, awaits in hits if hit[i]))
    return found


def _near(s: Standing, at: Array) -> Array:
    """[i, j]: whether j is i itself, or one of them is possibly but not surely above the other."""
    low, high, doubtful = s.low[at], s.high[at], s.doubtful[at]
    possibly = high[None, :] > low[:, None]
    surely = (low[None, :] > high[:, None]) & ~doubtful[None, :]
    maybe = possibly & ~surely
    near = maybe | maybe.T
    np.fill_diagonal(near, val=True)
    return np.asarray(near.astype(np.int64))


# -- honours ------------------------------------------------------------------------------------------------------


def honour_cells(board: Board, honour: CheckedHonour) -> HonourCells:
    """Who is listed, surely or possibly."""
    frame = board.frame(honour.judged, honour.windows)
    status = np.full(len(frame), POSSIBLE)
    if honour.when is not None:
        holds = band_of(board, frame, honour.when, frame.member)
        status[~holds.possibly()] = NOT_LISTED
        status[holds.surely()] = LISTED
        status[~(holds.known | holds.open)] = NO_DATA
    status[~frame.begun] = NOT_BEGUN
    return HonourCells(honour, frame, status)
