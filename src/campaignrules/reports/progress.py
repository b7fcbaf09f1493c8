"""The progress part of the terminal report: sections by window, a table of targets, lines for many units.

Comes in: a `View`. Goes out: cells and grids for `layout`. Recurring windows and rows of many units are summed up unless the
choice asks for them. Must not know: duties, findings, where the text goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.errors import Text, width_of
from campaignrules.quantities import plain_text
from campaignrules.reports import numbers
from campaignrules.reports.layout import TIE, Cell, Grid
from campaignrules.reports.view import View
from campaignrules.results import STATUS_TITLES, Progress

MANY_WINDOWS: Final = 4
"""A recurring target with more windows than this is shown by its present one."""
STYLES: Final = {
    "met": "green",
    "on_track": "cyan",
    "behind": "yellow",
    "missed": "bold red",
    "late": "yellow",
    "not_submitted": "bold red",
    "submitted": "green",
    "missing": "magenta",
    "deferred": "blue",
    "not_due": "dim",
    "not_applicable": "dim",
    "provisional": "cyan",
    "lacking": "magenta",
    "unknown": "magenta",
    "disqualified": "bold red",
    "reference": "dim",
    "listed": "green",
    "possible": "blue",
    "not_listed": "dim",
    "holds": "bold red",
}
WORST_FIRST: Final = (
    "missed", "disqualified", "behind", "late", "missing", "lacking", "deferred", "open", "on_track", "met", "provisional", "final",
    "reference", "listed", "possible", "not_listed", "not_due", "not_applicable",
)  # fmt: skip
NAMED: Final = ("missed", "behind", "missing")
"""Statuses whose units a summary names."""
_COMPARATORS: Final = {"at_least": "≥", "at_most": "≤", "exactly": "="}
_FORCES: Final = {
    "strive": Text("力争", "strive"),
    "encouraged": Text("鼓励", "encouraged"),
    "tracked": Text("跟踪", "tracked"),
}


@frozen(eq=False, repr=False)
class Line:
    """One target in one window. `history`: the statuses of all its windows when only one of them is shown."""

    target: str
    window: Window
    rows: tuple[Progress, ...]
    history: Mapping[str, int] | None = None


@frozen(eq=False, repr=False)
class Section:
    """Lines under one heading; `window` None holds the recurring targets."""

    window: Window | None
    lines: tuple[Line, ...]


def sections(view: View) -> tuple[Section, ...]:
    """The rows chosen, by window: the whole period and years first, then in time, recurring ones last."""
    found: dict[Window | None, list[Line]] = {}
    for line in _lines(view):
        found.setdefault(None if line.history is not None else line.window, []).append(line)
    ordered = sorted((window for window in found if window), key=lambda window: _place(window, view))
    keys: list[Window | None] = [*ordered, *([None] if None in found else [])]
    return tuple(Section(key, tuple(found[key])) for key in keys)


def _place(window: Window, view: View) -> tuple[object, ...]:
    period = view.checked.calendar.period
    whole = window.start <= period.start and window.end >= period.end
    return (not whole, window.days < 365, window.start, -window.days, window.id)


def _lines(view: View) -> Iterator[Line]:
    by_target: dict[str, dict[str, list[Progress]]] = {}
    for row in view.progress:
        by_target.setdefault(row.target, {}).setdefault(row.window, []).append(row)
    for target, windows in by_target.items():
        yield from _target_lines(view, target, windows)


def _target_lines(view: View, target: str, rows: Mapping[str, list[Progress]]) -> Iterator[Line]:
    known = view.windows(target)
    words = view.targets[target].target.in_
    recurs = isinstance(words, str) and words.startswith("each ") and len(known) > MANY_WINDOWS
    if not recurs or view.choice.everything or view.choice.windows or view.choice.targets:
        yield from (Line(target, known[window], tuple(found)) for window, found in rows.items())
        return
    begun = [window for window in rows if known[window].start <= view.as_of]
    present = begun[-1] if begun else next(iter(rows))
    history = Counter[str](row.status for found in rows.values() for row in found)
    yield Line(target, known[present], tuple(rows[present]), history)


# -- one section --------------------------------------------------------------------------------------------------


def ahead(section: Section, view: View) -> bool:
    """Whether the window has not begun, so that a word about it is enough."""
    asked = view.choice.everything or view.choice.windows or view.choice.targets
    return section.window is not None and section.window.start > view.as_of and not asked


def heading(section: Section, view: View) -> Cell:
    """The window, its dates and how much of it has passed."""
    if section.window is None:
        return Cell(view.say("逐期要求（当前一期）", "Recurring (present window)"), "bold")
    window = section.window
    dates = f"  {view.dates(window)} · {view.elapsed(window)}"
    return Cell(view.window_title(window), "bold").append(dates, "dim")


def render(section: Section, view: View, width: int) -> Iterator[Cell | Grid]:
    """The heading, the table of single rows, and a line for each target with many units."""
    yield heading(section, view)
    single = [line for line in section.lines if _is_single(line, view)]
    if single:
        yield _table(single, view, width)
    many = [line for line in section.lines if not _is_single(line, view)]
    if many:
        yield _summaries(many, view)


def _is_single(line: Line, view: View) -> bool:
    choice = view.choice
    return len(line.rows) == 1 or choice.everything or bool(choice.units or choice.targets)


# -- the table ----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Column:
    """`room`: 0 stays; of the others the one with the greatest number goes first when the terminal is narrow."""

    head: Text
    cell: Callable[[Line, Progress, View], Cell]
    right: bool = False
    room: int = 0
    folds: bool = False


def _plain(read: Callable[[Progress], str], style: str = "") -> Callable[[Line, Progress, View], Cell]:
    return lambda _line, row, _view: Cell(read(row), style)


def _title(line: Line, row: Progress, view: View) -> Cell:
    title = Cell(view.target_title(row.target))
    if row.lead:
        leads = view.names(map(view.unit_title, row.lead), 3)
        title.append(view.say(f"（{leads}）", f" ({leads})"), "dim")
    if line.history is not None:
        counted = counts(line.history, view)
        title.append(f"\n{line.window.id} · {view.say('历期：', 'all: ')}{counted}", "dim")
    if row.awaits:
        title.append(view.say("\n待：", "\nawaits: ") + view.names(row.awaits, 3), "dim")
    return title


def _required(_line: Line, row: Progress, view: View) -> Cell:
    return Cell(requirement(row, view))


def _value(_line: Line, row: Progress, _view: View) -> Cell:
    return Cell(numbers.shown(row.value, row.measure, row.required))


def _achieved(_line: Line, row: Progress, _view: View) -> Cell:
    if row.ratio is None:
        return Cell("")
    style = STYLES.get(row.status, "")
    return Cell(numbers.bar(row.ratio, 8), style).append(f" {numbers.percent(row):>4}")


def _shortfall(_line: Line, row: Progress, _view: View) -> Cell:
    return Cell(numbers.shown_up(row.shortfall, row.measure) if row.shortfall else "")


def _gap(_line: Line, row: Progress, _view: View) -> Cell:
    return Cell(numbers.gap(row.gap), "red" if row.gap is not None and row.gap < 0 else "")


def _status(_line: Line, row: Progress, view: View) -> Cell:
    return status_cell(row.status, view)


COLUMNS: Final = (
    Column(Text("条款", "Clause"), lambda _l, row, view: Cell(view.text(row.source), "dim"), room=2, folds=True),
    Column(Text("编号", "Id"), _plain(lambda row: row.target), room=1),
    Column(Text("单位", "Unit"), lambda _l, row, view: Cell(view.unit_title(row.unit)), folds=True),
    Column(Text("目标", "Target"), _title, folds=True),
    Column(Text("要求", "Required"), _required),
    Column(Text("完成", "Value"), _value, right=True),
    Column(Text("达成", "Achieved"), _achieved),
    Column(Text("差距", "Short by"), _shortfall, right=True, room=3),
    Column(Text("进度差", "Gap pp"), _gap, right=True),
    Column(
        Text("日均需", "Per day"),
        _plain(lambda row: numbers.shown_up(row.needed_per_day, row.measure)),
        right=True,
        room=4,
    ),
    Column(Text("状态", "Status"), _status),
)
_LEAST: Final = {"Clause": 6, "Unit": 8, "Target": 16}
"""The fewest cells of a column that folds."""


def _table(lines: Iterable[Line], view: View, width: int) -> Grid:
    rows = [(line, row) for line in lines for row in line.rows]
    filled = [(column, [column.cell(line, row, view) for line, row in rows]) for column in COLUMNS]
    kept = _fitting([(column, cells) for column, cells in filled if any(cell.plain for cell in cells)], view, width)
    grid = Grid()
    for column, _ in kept:
        grid.column(column.head.to(view.lang), right=column.right, folds=column.folds)
    for cells in zip(*(cells for _, cells in kept), strict=True):
        grid.row(*cells)
    return grid


Filled = list[tuple[Column, list[Cell]]]


def _fitting(columns: Filled, view: View, width: int) -> Filled:
    """The columns that fit; the least needed ones go."""
    while sum(_least(column, cells, view) + 1 for column, cells in columns) > width:
        room = max(column.room for column, _ in columns)
        if not room:
            break
        columns = [(column, cells) for column, cells in columns if column.room != room]
    return columns


def _least(column: Column, cells: list[Cell], view: View) -> int:
    """The fewest cells a column can do with."""
    head = column.head.to(view.lang)
    needed = max(width_of(head), *(cell.width for cell in cells))
    return min(needed, max(_LEAST[column.head.en], width_of(head))) if column.folds else needed


# -- many units ---------------------------------------------------------------------------------------------------


def _summaries(lines: Iterable[Line], view: View) -> Grid:
    """One paragraph a target: how many units have reached it, and which have not."""
    grid = Grid()
    for folds in (False, False, True):
        grid.column(folds=folds)
    for line in lines:
        clause = view.text(line.rows[0].source)
        grid.row(Cell(clause, "dim"), Cell(line.target), _summary(line, view))
    return grid


def _summary(line: Line, view: View) -> Cell:
    found = Counter[str](row.status for row in line.rows)
    judged = len(line.rows) - found["not_applicable"]
    window = view.say(f"（{line.window.id}）", f" ({line.window.id})")
    cell = Cell(f"{view.target_title(line.target)}{window}{_common_requirement(line, view)}")
    cell.append(view.say(f" 已完成 {found['met']}/{judged} 个单位", f": {found['met']} of {judged} units met"), "bold")
    for status in WORST_FIRST:
        if found[status] and status != "met":
            cell.append(" · ").append(_share(line, status, view))
    if line.history is not None:
        cell.append(f"\n{view.say('历期：', 'all windows: ')}{counts(line.history, view)}", "dim")
    return cell


def _share(line: Line, status: str, view: View) -> Cell:
    """`落后 3：苍溪县、旺苍县、朝天区`; units are named only where something is wrong."""
    rows = [row for row in line.rows if row.status == status]
    share = Cell(_counted(status, len(rows), view), STYLES.get(status, ""))
    if status in NAMED:
        names = view.names(view.unit_title(row.unit) or view.say("全体", "the whole") for row in rows)
        share.append(f"{view.say('：', ': ')}{names}")
    return share


def _common_requirement(line: Line, view: View) -> str:
    """The number demanded of all; units with numbers of their own are told apart by `--target`."""
    asked = {requirement(row, view) for row in line.rows if row.status != "not_applicable"}
    if len(asked) == 1:
        return f" {asked.pop()}"
    return view.say(" 各单位要求不同", " (each its own number)") if asked else ""


# -- words --------------------------------------------------------------------------------------------------------


def requirement(row: Progress, view: View) -> str:
    """`≥ 80 亿元`, `力争 ≥ 5 个`, `10–20%`, `全部`; what is not known yet says so."""
    force = _FORCES[row.force].to(view.lang) + " " if row.force in _FORCES else ""
    return force + _demand(row, view)


def _demand(row: Progress, view: View) -> str:
    if row.comparator == "every":
        return view.say("全部", "all")
    low, high = _exact(row.required), _exact(row.required_high)
    if not low and not high:
        return view.say("待明确", "open") if row.status == "deferred" else "—"
    if row.comparator == "between":
        return numbers.with_measure(f"{low or '?'}–{high or '?'}", row.measure)
    return f"{_COMPARATORS[row.comparator]} {numbers.with_measure(low or high, row.measure)}"


def _exact(value: Decimal | None) -> str:
    return "" if value is None else plain_text(value)


def status_word(status: str, view: View) -> str:
    """The word for a status; colour only repeats what it says."""
    return STATUS_TITLES[status].to(view.lang) if status in STATUS_TITLES else view.text(status)


def status_cell(status: str, view: View) -> Cell:
    """The word in its colour."""
    return Cell(status_word(status, view), STYLES.get(status, ""))


def counts(found: Mapping[str, int], view: View) -> str:
    """`已完成 12 · 落后 3`, the worst first."""
    order = [*WORST_FIRST, *(status for status in found if status not in WORST_FIRST)]
    return " · ".join(_counted(status, found[status], view) for status in order if found.get(status))


def _counted(status: str, many: int, view: View) -> str:
    """`落后 3`; the number stays on the line of its word."""
    return f"{status_word(status, view)} {many}".replace(" ", TIE)
