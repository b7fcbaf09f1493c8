"""Operands → columns: what the names of scoring formulas are for every unit and window, and formulas on them.

Comes in: values of metrics, duty results, what scorecards and rankings before have told. Goes out: `Band`s, two ends
per cell. Cells of a frame stand in one line, the windows of the first unit first. Must not know: items, policies,
places, rows of results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import ENDS, Judged, Operand, ScoreFormula
from campaignrules.columns import Column, Groups, evaluate_all, whole
from campaignrules.engine.demands import cells_of, not_below, numbers_in, required
from campaignrules.engine.rows import Array
from campaignrules.engine.values import Cells, Scopes, Values
from campaignrules.functions import GROUP_FUNCTIONS
from campaignrules.model import Unit, Within
from campaignrules.results import DutyResult
from campaignrules.trees import Apply, Name, Tree, Type, bind, walk


@frozen(eq=False, repr=False)
class Band:
    """A number (whole multiples of 10 ** -scale) or truth in each cell, between two ends.

    `known`: where there are ends; `open`: where it has a value of which nothing is known yet. Elsewhere it is missing.
    """

    low: Array
    high: Array
    known: Array
    open: Array
    scale: int = 0

    @property
    def settled(self) -> Array:
        return self.known if self.low is self.high else np.asarray(self.known & (self.low == self.high))

    def surely(self) -> Array:
        """Where a condition is true."""
        return np.asarray(self.known & self.low)

    def possibly(self) -> Array:
        """Where a condition may be true."""
        return np.asarray((self.known & self.high) | self.open)


def exactly(values: Array, known: Array, scale: int = 0) -> Band:
    """A band without width."""
    return Band(values, values, known, np.zeros(len(values), dtype=bool), scale)


@frozen(eq=False, repr=False)
class Frame:
    """The cells of a scorecard, ranking or honour: its units in roster order, for each the windows in time.

    `code`: the number of each cell's group; `group`: for each unit the name of its group; `member`: cells of units that
    are no reference; `begun`, `running`: cells whose window has begun, has not ended.
    """

    units: tuple[Unit, ...]
    scopes: Scopes
    windows: tuple[Window, ...]
    group: tuple[str | None, ...]
    code: Array
    member: Array
    begun: Array
    running: Array

    def __len__(self) -> int:
        return len(self.code)

    def by_unit(self, values: Any) -> Array:
        """One value for each unit as one for each cell."""
        return np.repeat(np.asarray(values), len(self.windows))

    def by_window(self, values: Any) -> Array:
        """One value for each window as one for each cell."""
        return np.tile(np.asarray(values), len(self.units))

    def judged(self, names: frozenset[str | None]) -> Array:
        """The cells of these units."""
        return self.by_unit(np.array([unit.id in names for unit in self.units], dtype=bool))


@frozen(eq=False, repr=False)
class Told:
    """What a scorecard or ranking has told of its cells. `owner`: whose it is."""

    owner: str
    frame: Frame
    band: Band


@define(eq=False, repr=False)
class Board:
    """Everything that scoring formulas look at, each operand made once. `here`: the scorecard at work."""

    values: Values
    duties: Callable[[], tuple[DutyResult, ...]]
    told: dict[tuple[str, str], Told] = field(factory=dict)
    here: str = ""
    frames: dict[Any, Frame] = field(factory=dict)
    judged: dict[tuple[Judged, ...], Scopes] = field(factory=dict)
    made: dict[Any, Band] = field(factory=dict)
    done: dict[str, list[DutyResult]] | None = None

    def scopes(self, judged: tuple[Judged, ...]) -> Scopes:
        """The units these words mean, in roster order."""
        if judged not in self.judged:
            roster = self.values.submission.roster
            order = {unit.id: i for i, unit in enumerate(roster.units)}
            found = (scope for scope in roster.scopes(judged) if scope.name in order)
            self.judged[judged] = tuple(sorted(found, key=lambda scope: order[scope.name or ""]))
        return self.judged[judged]

    def frame(
        self,
        judged: tuple[Judged, ...],
        windows: tuple[Window, ...],
        within: Within = "all",
        reference: frozenset[str] = frozenset(),
    ) -> Frame:
        key = (judged, windows, within, reference)
        if key not in self.frames:
            self.frames[key] = _frame(self, *key)
        return self.frames[key]

    def tell(self, kind: str, name: str, owner: str, frame: Frame, band: Band) -> None:
        """Keeps what later formulas may name."""
        self.told[kind, name] = Told(owner, frame, band)

    def operand(self, frame: Frame, operand: Operand) -> Band:
        key = (id(frame), operand.kind, operand.id, operand.windows, operand.sides, self.here)
        if key not in self.made:
            self.made[key] = _OPERANDS[operand.kind](self, frame, operand)
        return self.made[key]

    def duty_rows(self, name: str) -> list[DutyResult]:
        """The rows of a duty: unit by unit, for each its occurrences."""
        if self.done is None:
            self.done = {}
            for row in self.duties():
                self.done.setdefault(row.duty, []).append(row)
        return self.done.get(name, [])


def _frame(
    board: Board, judged: tuple[Judged, ...], windows: tuple[Window, ...], within: Within, reference: frozenset[str]
) -> Frame:
    scopes, as_of = board.scopes(judged), board.values.as_of
    units = tuple(board.values.submission.roster.by_id[scope.name or ""] for scope in scopes)
    group = tuple({"class": unit.class_, "parent": unit.parent}.get(within) for unit in units)
    number = {name: i for i, name in enumerate(dict.fromkeys(group))}
    count, length = len(windows), len(units)
    code = np.repeat(np.array([number[name] for name in group], dtype=np.int64), count) * count
    member = np.array([unit.id not in reference and unit.class_ not in reference for unit in units], dtype=bool)
    return Frame(
        units, scopes, windows, group,
        code + np.tile(np.arange(count), length),
        np.repeat(member, count),
        np.tile(np.array([window.start <= as_of for window in windows], dtype=bool), length),
        np.tile(np.array([as_of < window.end for window in windows], dtype=bool), length),
    )  # fmt: skip


# -- formulas -----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Shape:
    """What the ends of a formula name, with types; and which operands, outside and inside functions over a group."""

    ends: Mapping[str, Type]
    outside: frozenset[str]
    inside: frozenset[str]
    grouped: bool


@lru_cache(maxsize=4096)
def _shape(formula: ScoreFormula) -> _Shape:
    trees = () if formula.ends is None else (formula.ends.low, formula.ends.high)
    ends = {part.name: part.type for tree in trees for part in walk(tree) if isinstance(part, Name)}
    outside = (name for tree in trees for name in _outside(tree))
    inside = (part.name for tree in trees for top in _grouped(tree) for part in walk(top) if isinstance(part, Name))
    named, grouped = (frozenset(name.rstrip("".join(ENDS)) for name in names) for names in (outside, inside))
    return _Shape(ends, named, grouped, any(True for tree in trees for _ in _grouped(tree)))


def _grouped(tree: Tree) -> Iterator[Tree]:
    return (part for part in walk(tree) if isinstance(part, Apply) and part.op in GROUP_FUNCTIONS)


_OWN: Final = {**dict.fromkeys(GROUP_FUNCTIONS, 0), "above": 1, "level": 1, "distinct_above": 1, "overlap": 2}
"""How many arguments of a function over a group are the unit's own."""


def _outside(tree: Tree) -> Iterator[str]:
    """Names of which the unit's own value is asked."""
    if isinstance(tree, Name):
        yield tree.name
    elif isinstance(tree, Apply):
        for arg in tree.args[: _OWN.get(tree.op, len(tree.args))]:
            yield from _outside(arg)


def band_of(
    board: Board,
    frame: Frame,
    formula: ScoreFormula,
    member: Array,
    extra: Mapping[str, Band] | None = None,
    unsure: Array | None = None,
) -> Band:
    """The formula in each cell. `member`: who belongs to the groups; `unsure`: who may come not to.

    `extra`: operands that are not on the board (`items`, `total`).
    """
    length, nothing = len(frame), np.zeros(len(frame), dtype=bool)
    if formula.ends is None:
        return Band(np.zeros(length, np.int64), np.zeros(length, np.int64), nothing, ~nothing)
    bands = bands_of(board, frame, formula, extra)
    shape = _shape(formula)
    columns = {name: _column(bands, name, type_) for name, type_ in shape.ends.items() if name != "as_of"}
    trees = _dated((formula.ends.low, formula.ends.high), shape, board)
    low, high = (one.column for one in evaluate_all(trees, columns, length, Groups(frame.code, member)))
    open_ = _open(frame, shape, bands, member)
    if unsure is not None and shape.grouped:
        open_ |= _in_group(frame, unsure & member)
    known = low.known & high.known & ~open_
    open_ = open_ if formula.ends.firm else ~known
    if formula.tree.type.kind != "number":
        return Band(low.values, high.values, known, open_)
    scale = max(tree.type.scale for tree in trees)
    first = whole.rescaled(low.values, scale - trees[0].type.scale)
    second = first if high is low else whole.rescaled(high.values, scale - trees[1].type.scale)
    return Band(first, second, known, open_, scale)


def bands_of(
    board: Board, frame: Frame, formula: ScoreFormula, extra: Mapping[str, Band] | None = None
) -> dict[str, Band]:
    """The operands of a formula, by name."""
    given = extra or {}
    return {
        name: given[operand.kind] if operand.kind in given else board.operand(frame, operand)
        for name, operand in formula.operands.items()
    }


def _dated(trees: tuple[Tree, Tree], shape: _Shape, board: Board) -> tuple[Tree, Tree]:
    if "as_of" not in shape.ends:
        return trees
    low = bind(trees[0], {"as_of": board.values.as_of})
    return low, (low if trees[0] is trees[1] else bind(trees[1], {"as_of": board.values.as_of}))


def _column(bands: Mapping[str, Band], name: str, type_: Type) -> Column:
    """The values of an operand, or of its low or high end."""
    band = bands[name] if name in bands else bands[name[:-1]]
    known = band.known if name not in bands else band.settled
    values = band.high if name not in bands and name.endswith(ENDS[1]) else band.low
    if type_.kind == "number":
        values = whole.at_scale(whole.narrow(values), band.scale, type_.scale)
    return Column(values, known)


def _open(frame: Frame, shape: _Shape, bands: Mapping[str, Band], member: Array) -> Array:
    """Where an operand that the formula names is open: for this unit, or inside a group function for a member."""
    found = np.zeros(len(frame), dtype=bool)
    for name, band in bands.items():
        open_ = band.open | (band.known & ~band.settled) if name in shape.ends else band.open
        if not open_.any():
            continue
        if name in shape.outside:
            found |= open_
        if name in shape.inside:
            found |= _in_group(frame, open_ & member)
    return found


def _in_group(frame: Frame, cells: Array) -> Array:
    """The cells in whose group one of these is."""
    hit = np.bincount(frame.code[cells], minlength=int(frame.code.max(initial=0)) + 1) > 0
    return np.asarray(hit[frame.code])


# -- operands -----------------------------------------------------------------------------------------------------


def _band(frame: Frame, low: Cells, high: Cells, known: Array) -> Band:
    scale = max(low.scale, high.scale)
    first = whole.rescaled(whole.narrow(low.values.ravel()), scale - low.scale)
    second = first if high is low else whole.rescaled(whole.narrow(high.values.ravel()), scale - high.scale)
    return Band(first, second, known, np.zeros(len(frame), dtype=bool), scale)


def _begun(board: Board, frame: Frame, operand: Operand) -> Array:
    return frame.by_window(np.array([w.start <= board.values.as_of for w in operand.windows], dtype=bool))


def _metric(board: Board, frame: Frame, operand: Operand) -> Band:
    v, ids = board.values, (operand.id, operand.id)
    if operand.sides:
        ids = (operand.id + ENDS[0], operand.id + ENDS[1])
    low, high = (v.of(name, frame.scopes, v.spans(operand.windows)) for name in ids)
    known = low.known.ravel() & high.known.ravel() & _begun(board, frame, operand)
    return _band(frame, low, high, known)


def _number(board: Board, frame: Frame, operand: Operand) -> Band:
    target = next(t for t in board.values.plan.checked.targets if t.target.id == operand.id)
    high = target.comparator == "at_most"
    found = required(board.values, target, target.high if high else target.low, frame.scopes, own=True)
    assert found is not None  # noqa: S101  the checker sees to it that a target has a number
    return _by_unit(frame, found, _asked(board, frame, target.judged, target.exceptions))


def _asked(board: Board, frame: Frame, judged: tuple[Judged, ...], exceptions: Mapping[str, object]) -> Array:
    """The cells of units that a target or duty is for and that are not excepted."""
    names = frozenset(scope.name for scope in board.scopes(judged))
    return frame.judged(names - {name for name, own in exceptions.items() if own is None})


def _by_unit(frame: Frame, cells: Cells, among: Array) -> Band:
    shape = (len(frame.units), len(frame.windows))
    known = np.broadcast_to(cells.known, shape).ravel() & among
    return exactly(whole.narrow(np.broadcast_to(cells.values, shape).ravel()), known, cells.scale)


def _met(board: Board, frame: Frame, operand: Operand) -> Band:
    """Whether the value is what is demanded, now."""
    v = board.values
    target = next(t for t in v.plan.checked.targets if t.target.id == operand.id)
    cells = v.of(target.metric.id, frame.scopes, v.spans(operand.windows))
    low = required(v, target, target.low, frame.scopes, own=True)
    high = required(v, target, target.high, frame.scopes, own=target.comparator != "between")
    holds, known = np.ones(cells.values.shape, dtype=bool), cells.known.copy()
    for demanded, rule in ((low, not_below), (high, lambda cells, most: not_below(most, cells))):
        if demanded is not None:
            holds &= rule(cells, demanded)
            known &= demanded.known
    asked = _asked(board, frame, target.judged, target.exceptions) & _begun(board, frame, operand)
    return exactly(holds.ravel(), known.ravel() & asked)


def _table(board: Board, frame: Frame, operand: Operand) -> Band:
    record, _, name = operand.id.partition(".")
    numbers = numbers_in(board.values, (record, name))
    cells = cells_of([numbers.get(unit.id) for unit in frame.units])
    return _by_unit(frame, cells, np.ones(len(frame), dtype=bool))


def _class(_: Board, frame: Frame, operand: Operand) -> Band:
    found = frame.by_unit(np.array([unit.class_ == operand.id for unit in frame.units], dtype=bool))
    return exactly(found, np.ones(len(frame), dtype=bool))


_COUNTED: Final[dict[str, tuple[str, ...]]] = {
    "done": ("met", "late"), "late": ("late",), "missed": ("missed",), "due": ("met", "late", "missed"),
}  # fmt: skip


def _duty(board: Board, frame: Frame, operand: Operand) -> Band:
    """How many occurrences with `due_on` inside the window have one of the statuses."""
    duty = next(d for d in board.values.plan.checked.duties if d.duty.id == operand.id)
    rows = board.duty_rows(operand.id)
    count = len(dict.fromkeys(row.unit for row in rows))
    statuses = np.array([_standing(row.status) if duty.standing else row.status for row in rows], dtype=object)
    statuses = statuses.reshape(count, -1 if count else 0)
    inside = _inside(rows[: statuses.shape[1]], operand.windows)
    hits = np.isin(statuses.astype(str), _COUNTED[operand.kind]).astype(np.int64) @ inside
    lacks = (statuses == "missing").astype(np.int64) @ inside
    place = {row.unit: i for i, row in enumerate(rows[:: max(statuses.shape[1], 1)])}
    at = np.array([place.get(unit.id, -1) for unit in frame.units], dtype=np.int64)
    known = _asked(board, frame, duty.judged, duty.exceptions) & (not duty.awaits)
    if not count:
        return exactly(np.zeros(len(frame), dtype=np.int64), known & np.array(not duty.occurrences))
    return exactly(hits[at].ravel(), known & frame.by_unit(at >= 0) & (lacks[at].ravel() == 0))


def _standing(status: str) -> str:
    return "missed" if status == "open" else status


def _inside(rows: list[DutyResult], windows: tuple[Window, ...]) -> Array:
    """Which occurrences fall due in which window; one without a date in every window."""
    found = [[row.due_on is None or w.start <= row.due_on <= w.end for w in windows] for row in rows]
    return np.array(found, dtype=np.int64).reshape(len(rows), len(windows))


def _told(board: Board, frame: Frame, operand: Operand) -> Band:
    """What a scorecard or ranking has told, of the same unit, in the operand's window."""
    told = board.told[operand.kind, operand.id]
    if told.owner == board.here:
        return told.band
    return moved(told, frame, operand.windows)


def moved(told: Told, frame: Frame, windows: tuple[Window, ...]) -> Band:
    """What was told, for the units of another frame; `windows`: for each window of the frame the one that is meant."""
    if told.frame is frame and windows == frame.windows:
        return told.band
    rows = {unit.id: i for i, unit in enumerate(told.frame.units)}
    columns = {window: i for i, window in enumerate(told.frame.windows)}
    row = frame.by_unit(np.array([rows.get(unit.id, -1) for unit in frame.units], dtype=np.int64))
    column = frame.by_window(np.array([columns.get(window, -1) for window in windows], dtype=np.int64))
    there = (row >= 0) & (column >= 0)
    if not len(told.frame):
        return exactly(np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame), dtype=bool))
    at, band = np.where(there, row * len(columns) + column, 0), told.band
    return Band(band.low[at], band.high[at], band.known[at] & there, band.open[at] & there, band.scale)


_OPERANDS: Final[dict[str, Callable[[Board, Frame, Operand], Band]]] = {
    "metric": _metric,
    "number": _number,
    "met": _met,
    "table": _table,
    "class": _class,
    **dict.fromkeys(_COUNTED, _duty),
    **dict.fromkeys(("points", "grade", "place", "from_bottom", "ranked", "change", "unranked"), _told),
}
