"""The scores in the terminal report: a table for each scorecard, its units by place, its items as far as they fit.

Comes in: a `View`. Goes out: cells and grids for `layout`. Shown is the window that has begun last, and of many units
those in front of each group, unless the choice asks for more. Must not know: how points come about, whole rankings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedItem, CheckedScorecard
from campaignrules.errors import Text, width_of
from campaignrules.quantities import plain_text
from campaignrules.reports import numbers
from campaignrules.reports.layout import TIE, Cell, Grid
from campaignrules.reports.progress import counts, status_cell
from campaignrules.reports.view import View
from campaignrules.results import Placing, Score

MANY_UNITS: Final = 24
"""More units than this are not all listed."""
FEW_UNITS: Final = 10
"""So many of them are, shared among the groups."""
_HEADS: Final = (24, 16, 12, 8)
"""Cells in which the heads of items are folded, the first for which there is room."""
_SHOWN: Final = ("final", "provisional", "deferred", "missing", "disqualified")
"""Statuses of scores and places that a table lists."""


def parts(view: View, width: int) -> Iterator[Cell | Grid]:
    """The section: a heading and a table for each scorecard and window; nothing without scores."""
    sheets = list(boards(view))
    if not sheets:
        return
    yield Cell("")
    yield Cell(view.say("得分", "Scores"), "bold")
    for board in sheets:
        yield from _board(board, view, width)


# -- one scorecard in one window ----------------------------------------------------------------------------------


@frozen(eq=False, repr=False, slots=False)
class Board:
    """A scorecard in one window: for each unit its rows by item (None: the whole), its place, its group."""

    card: CheckedScorecard
    window: Window
    rows: Mapping[str, Mapping[str | None, Score]]
    places: Mapping[str, Placing]
    groups: Mapping[str, str | None]

    @property
    def totals(self) -> list[Score]:
        return [row[None] for row in self.rows.values() if None in row]

    @cached_property
    def items(self) -> tuple[CheckedItem, ...]:
        """The items that the choice takes, in their order."""
        named = {name for row in self.rows.values() for name in row}
        return tuple(item for item in self.card.items if item.id in named)

    @cached_property
    def tied(self) -> frozenset[tuple[str | None, int]]:
        """(group, place) that several units have."""
        return ties(self.places.values())

    @cached_property
    def units(self) -> list[str]:
        """Those the scorecard is for, group by group, by place."""
        shown = [unit for unit, row in self.wholes.items() if row.status in _SHOWN]
        number = {group: i for i, group in enumerate(dict.fromkeys(map(self.group, shown)))}
        last = len(self.rows) + 1

        def order(unit: str) -> tuple[int, int, int]:
            place = self.places.get(unit)
            ends = (place.best or last, place.worst or last) if place else (last, last)
            return number[self.group(unit)], *ends

        return sorted(shown, key=order)

    @property
    def wholes(self) -> dict[str, Score]:
        """For each unit its total, or an item when only items are asked for."""
        return {unit: row.get(None, next(iter(row.values()))) for unit, row in self.rows.items()}

    def group(self, unit: str) -> str | None:
        """The group of comparison: that of the ranking, or else of the card."""
        return self.places[unit].group if unit in self.places else self.groups[unit]


def ties(places: Iterable[Placing]) -> frozenset[tuple[str | None, int]]:
    """The places that several units of one group share."""
    found = Counter((row.group, row.place) for row in places if row.place is not None)
    return frozenset((group, place) for (group, place), many in found.items() if many > 1 and place is not None)


def boards(view: View) -> Iterator[Board]:
    """The scorecards chosen, each in the windows chosen or else in the one that has begun last."""
    wanted = {(card.id, window.id) for card in view.checked.scorecards.values() for window in _windows(card, view)}
    found: dict[tuple[str, str], dict[str, dict[str | None, Score]]] = {}
    for row in view.scores:
        key = row.scorecard, row.window
        if key in wanted:
            found.setdefault(key, {}).setdefault(row.unit, {})[row.item] = row
    for card in view.checked.scorecards.values():
        for window in card.windows:
            if rows := found.get((card.id, window.id)):
                yield Board(card, window, rows, _places(card, window, view), _groups(card, rows, view))


def _groups(card: CheckedScorecard, units: Iterable[str], view: View) -> dict[str, str | None]:
    known = view.evaluation.roster.by_id
    return {unit: {"class": known[unit].class_, "parent": known[unit].parent}.get(card.card.within) for unit in units}


def _windows(card: CheckedScorecard, view: View) -> Sequence[Window]:
    """Those that have begun, when the choice asks for windows or everything; else the last of them."""
    if view.choice.windows or view.choice.everything:
        return [window for window in card.windows if window.start <= view.as_of]
    latest = view.latest(card.windows)
    return [latest] if latest else []


def _places(card: CheckedScorecard, window: Window, view: View) -> dict[str, Placing]:
    """The places in the first ranking by this card that has the same window."""
    for ranking in view.checked.rankings.values():
        if ranking.card == card.id and window in ranking.windows:
            return {
                row.unit: row
                for row in view.evaluation.results.rankings
                if (row.ranking, row.window) == (ranking.id, window.id)
            }
    return {}


# -- the table ----------------------------------------------------------------------------------------------------


def heading(board: Board, view: View) -> Cell:
    """The card, its window, how much it is out of, and how its totals stand."""
    card = board.card
    cell = Cell(view.card_title(card.id), "bold").append(f"  {card.id}", "dim")
    said = [f"{view.window_title(board.window)} {view.dates(board.window)}"]
    if card.out_of is not None:
        full = plain_text(card.out_of)
        said.append(view.say(f"满分 {full} 分", f"out of {full}"))
    source = f" ·{TIE}{view.text(card.card.source)}" if card.card.source else ""
    return cell.append("  " + " · ".join(said) + source, "dim")


def _board(board: Board, view: View, width: int) -> Iterator[Cell | Grid]:
    yield heading(board, view)
    units = _listed(board, view)
    if any(has_points(row) for row in board.wholes.values()):
        grid, complete = _table(board, units, view, width)
        yield grid
        yield from _left_out(board, units, complete, view)
    else:
        yield _nothing(board, view)


def has_points(row: Score) -> bool:
    """Whether there is more to say than a status."""
    return row.status in ("final", "provisional", "deferred", "disqualified")


def _nothing(board: Board, view: View) -> Cell:
    """Nobody has points: the statuses, and where to look instead."""
    cell = Cell(counts(Counter[str](told(total.status) for total in board.totals), view))
    before = view.latest(window for window in board.card.windows if window.start < board.window.start)
    if before is None:
        return cell
    return cell.append(
        view.say(f"；上一期见 --window {before.id}", f"; --window {before.id} shows the one before"), "dim"
    )


def _listed(board: Board, view: View) -> list[str]:
    """The units in front of each group, when there are many and nobody asked for all."""
    units = board.units
    asked = view.choice.everything or view.choice.units or view.choice.targets
    if asked or len(units) <= MANY_UNITS:
        return units
    groups: dict[str | None, list[str]] = {}
    for unit in units:
        groups.setdefault(board.group(unit), []).append(unit)
    each = max(FEW_UNITS // len(groups), 1)
    return [unit for group in groups.values() for unit in group[:each]]


def _left_out(board: Board, units: Sequence[str], complete: bool, view: View) -> Iterator[Cell]:
    """What the table does not show, and how to see it."""
    said = []
    if more := len(board.units) - len(units):
        standing = counts(Counter[str](told(total.status) for total in board.totals), view)
        said.append(view.say(f"合计：{standing}；另有 {more} 个单位，用 --all 全部列出",
                             f"in all: {standing}; {more} more units, --all lists them"))  # fmt: skip
    if not complete:
        said.append(view.say("各项得分见 --sheet 单位", "--sheet UNIT shows the items"))
    if said:
        yield Cell(view.say("；", "; ").join(said), "dim")


def _table(board: Board, units: Sequence[str], view: View, width: int) -> tuple[Grid, bool]:
    """The table, and whether the items found room in it."""
    columns = [column for column in _columns(board, units, view) if any(cell.plain for cell in column[2])]
    room = width - sum(_width(column) + 1 for column in columns) + 1
    items = _item_columns(board, units, view, room)
    complete = bool(items) or not board.items
    columns[-1:-1] = items
    grid = Grid()
    for head, right, _ in columns:
        grid.column(head, right=right, folds=not complete and head == _UNIT.to(view.lang))
    for cells in zip(*(cells for *_, cells in columns), strict=True):
        grid.row(*cells)
    return grid, complete


_Column = tuple[str, bool, list[Cell]]
_UNIT: Final = Text("单位", "Unit")


def _width(column: _Column) -> int:
    head, _, cells = column
    return max(Cell(head).width, *(cell.width for cell in cells))


def _columns(board: Board, units: Sequence[str], view: View) -> list[_Column]:
    wholes = [board.rows[unit].get(None) for unit in units]
    places = [board.places.get(unit) for unit in units]
    grouped = len({board.group(unit) for unit in units}) > 1
    return [
        (view.say("类别", "Class"), False, [Cell(_group(board, unit, view) if grouped else "") for unit in units]),
        (view.say("名次", "Place"), False, [place_cell(place, board.tied, view) for place in places]),
        (_UNIT.to(view.lang), False, [Cell(view.unit_title(unit)) for unit in units]),
        (view.say("总分", "Total"), True, [points_cell(row, view) for row in wholes]),
        (view.say("等次", "Grade"), False, [Cell(view.grade_title(row.scorecard, row.grade) if row else "") for row in wholes]),
        (view.say("状态", "Status"), False, [_status(board.rows[unit], view) for unit in units]),
    ]  # fmt: skip


def _group(board: Board, unit: str, view: View) -> str:
    return view.group_title(board.group(unit))


def _status(rows: Mapping[str | None, Score], view: View) -> Cell:
    return status_cell(told(rows.get(None, next(iter(rows.values()))).status), view)


def _item_columns(board: Board, units: Sequence[str], view: View, room: int) -> list[_Column]:
    """A column for each item, heads folded as far as need be; none when there is no room for all."""
    for head in _HEADS:
        columns = [_item_column(board, item, units, view, head) for item in board.items]
        if sum(_width(column) + 1 for column in columns) <= room:
            return columns
    return []


def _item_column(board: Board, item: CheckedItem, units: Sequence[str], view: View, head: int) -> _Column:
    cells = [points_cell(board.rows[unit].get(item.id), view) for unit in units]
    room = max(head, *(cell.width for cell in cells))
    return _folded(view.item_title(board.card.id, item.id), room), True, cells


def _folded(head: str, room: int) -> str:
    """The head on several lines; a word is not cut."""
    room = max(room, *(width_of(word) for word in head.split(" ") if word.isascii()), 0)
    return "\n".join(line for line, _ in Cell(head).lines(room, colour=False))


def told(status: str) -> str:
    """The status to name: a score is not submitted, so it lacks data where a target would be `missing`."""
    return "lacking" if status == "missing" else status


# -- words --------------------------------------------------------------------------------------------------------


def points_cell(row: Score | None, view: View) -> Cell:
    """Points, `[lowest–highest]`, or why there are none."""
    if row is None or row.status in ("not_applicable", "not_due"):
        return Cell("" if row is None else "—", "dim")
    if row.status == "disqualified":
        return Cell("—", "bold red")
    if row.status == "missing":
        return Cell(view.say("缺", "missing"), "magenta")
    if row.lowest is None and row.highest is None:
        return Cell(view.say("待定", "open"), "blue")
    return Cell(numbers.interval(row.lowest, row.highest), "blue" if row.status == "deferred" else "")


def place_cell(row: Placing | None, tied: frozenset[tuple[str | None, int]], view: View) -> Cell:
    """`3`, `3 并列`, `2–19`; nothing for a unit that has no place."""
    if row is None or row.best is None:
        return Cell("")
    if row.place is None:
        return Cell(f"{row.best}–{row.worst}" if row.best != row.worst else f"{row.best}?", "blue")
    together = view.say(f"{TIE}并列", "=") if (row.group, row.place) in tied else ""
    return Cell(str(row.place)).append(together, "dim")
