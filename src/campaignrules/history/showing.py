"""History → text: a table with the days across for the terminal, JSON, CSV.

Comes in: a history, a choice of rows, a language. Goes out: text. The table shows the latest days that fit, at most
LATEST; of a recurring target the window that ran on each day; many units in one number, unless the choice names them.
Must not know: how anything came about, argv, files.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from attrs import frozen

from campaignrules.calendar import TimeError, Window, calendar_window
from campaignrules.errors import Text, width_of
from campaignrules.history import History
from campaignrules.reports import as_csv, as_json, layout, numbers, terminal
from campaignrules.reports.layout import Cell, Grid
from campaignrules.reports.progress import STYLES, WORST_FIRST, requirement, status_word
from campaignrules.reports.scores import told
from campaignrules.reports.view import Choice, View
from campaignrules.results import Placing, Progress, Score

Dated = Literal["progress", "scores", "rankings", "honours"]
TABLES: Final[tuple[Dated, ...]] = ("progress", "scores", "rankings", "honours")
LATEST: Final = 12
"""Days across, at most."""
_LEAD: Final = 40
"""Cells for what stands before the days, where the terminal is narrow."""
_RHYTHMS: Final = {
    "day": Text("逐日", "by day"),
    "week": Text("逐周", "by week"),
    "month": Text("逐月", "by month"),
    "quarter": Text("逐季", "by quarter"),
}


@frozen(eq=False, repr=False)
class _Line:
    """One line of the table: what it is of, and a cell for each day that has one."""

    lead: tuple[Cell, Cell, Cell]
    cells: Mapping[dt.date, Cell]


def rows_of(history: History, table: Dated, choice: Choice) -> list[tuple[dt.date, Any]]:
    """The rows of a table chosen, each with its day."""
    if table == "scores":
        return [(day, row) for day, row in history.score_rows if choice.takes_score(row)]
    if table == "progress":
        return [(day, row) for day, row in history.each() if choice.takes(row.target, row.unit, row.window)]
    rows: Sequence[tuple[dt.date, Any]] = history.ranking_rows if table == "rankings" else history.honour_rows
    name = "ranking" if table == "rankings" else "honour"
    return [(day, row) for day, row in rows if choice.takes(getattr(row, name), row.unit, row.window)]


def csv_of(history: History, table: Dated, choice: Choice, lang: str) -> str:
    """A table of all days; its first column is `as_of`."""
    return as_csv.dated(table, rows_of(history, table, choice), lang)


def json_of(history: History, choice: Choice) -> str:
    """Everything as one JSON object; rows begin with `as_of`."""
    tables = TABLES if history.points else TABLES[:1]
    return as_json.dumped(
        {
            "campaign": history.last.checked.campaign.campaign,
            "by": history.by,
            "days": [day.isoformat() for day in history.days],
            **{
                table: [
                    {"as_of": day.isoformat(), **as_json.plain(row)} for day, row in rows_of(history, table, choice)
                ]
                for table in tables
            },
            "meta": as_json.plain(history.last.meta),
        }
    )


def table_of(
    history: History, table: Dated, choice: Choice, lang: str = "zh", colour: bool = False, width: int = 100
) -> str:
    """The table for a terminal of that width."""
    width = max(width, terminal.LEAST_WIDTH)
    view = View(history.last, choice, lang)
    lines = [*_LINES[table](rows_of(history, table, choice), view)]
    return layout.lines([*terminal.heading(view), Cell(""), *_parts(history, lines, view, width)], width, colour)


def _parts(history: History, lines: Sequence[_Line], view: View, width: int) -> Iterator[Cell | Grid]:
    first, last = history.days[0], history.days[-1]
    span = view.say(f"{first} 至 {last}，{len(history.days)} 期", f"{first} to {last}, {len(history.days)} in all")
    yield Cell(view.say("历次结果", "History"), "bold").append(
        f"  {_RHYTHMS[history.by].to(view.lang)} · {span}", "dim"
    )
    if not lines:
        yield Cell(view.say("没有可列的结果", "nothing to show"), "dim")
        return
    shown = _fitting(history.windows, lines, width)
    yield _grid(shown, lines, view)
    if left := len(history.windows) - len(shown):
        words = view.say(
            f"更早的 {left} 期没有列出，用 --format csv 或 json 看全部", f"{left} earlier: --format csv or json has all"
        )
        yield Cell(words, "dim")


def _grid(windows: Sequence[Window], lines: Iterable[_Line], view: View) -> Grid:
    kept = [line for line in lines if any(window.end in line.cells for window in windows)]
    heads = (("目标", "Target"), ("单位", "Unit"), ("要求", "Required"))
    filled = [i for i in range(len(heads)) if not i or any(line.lead[i].plain for line in kept)]
    grid = Grid()
    for i in filled:
        grid.column(view.say(*heads[i]), folds=True)
    for window in windows:
        grid.column(_label(window), right=True)
    for line in kept:
        grid.row(*(line.lead[i] for i in filled), *(line.cells.get(window.end, Cell("")) for window in windows))
    return grid


def _fitting(windows: Sequence[Window], lines: Sequence[_Line], width: int) -> Sequence[Window]:
    """The latest windows for which there is room."""
    lead = sum(max(line.lead[i].width for line in lines) + 1 for i in range(3))
    room, shown = width - min(lead, _LEAD), 0
    for window in windows[: -LATEST - 1 : -1]:
        cells = (line.cells[window.end].width for line in lines if window.end in line.cells)
        room -= max([width_of(_label(window)), *cells]) + 1
        if room < 0 and shown:
            break
        shown += 1
    return windows[-shown:]


def _label(window: Window) -> str:
    """The name of a window; the day, where it is one or the window is cut at its end."""
    try:
        whole = window.days > 1 and calendar_window(window.id).end == window.end
    except TimeError:
        whole = False
    return window.id if whole else f"{window.end:%m-%d}"


# -- lines --------------------------------------------------------------------------------------------------------


def _progress_lines(rows: Sequence[tuple[dt.date, Progress]], view: View) -> Iterator[_Line]:
    """A line for each target and window, or target, window and unit."""
    found: dict[tuple[str, str | None], dict[str | None, dict[dt.date, Progress]]] = {}
    for day, row in rows:
        if row.target in view.targets and _is_shown(day, row, view):
            place = (row.target, None if _recurs(row.target, view) else row.window)
            found.setdefault(place, {}).setdefault(row.unit, {})[day] = row
    for (target, window), units in found.items():
        many = len(view.targets[target].windows) > 1 and window is not None
        title = Cell(view.target_title(target)).append(f" {window}" if many else "", "dim")
        if len(units) == 1 or view.choice.everything or view.choice.units or view.choice.targets:
            yield from (_of_unit(title, unit, by_day, view) for unit, by_day in units.items())
        else:
            yield _of_many(title, units, view)


def _recurs(target: str, view: View) -> bool:
    words = view.targets[target].target.in_
    return isinstance(words, str) and words.startswith("each ") and not view.choice.windows


def _is_shown(day: dt.date, row: Progress, view: View) -> bool:
    """Whether the window has begun; of a recurring target, whether it is the last one that has."""
    windows = view.windows(row.target)
    if row.window not in windows or windows[row.window].start > day:
        return False
    if not _recurs(row.target, view):
        return True
    begun = [window for window in windows.values() if window.start <= day]
    return max(begun, key=lambda window: (window.start, window.end)).id == row.window


def _of_unit(title: Cell, unit: str | None, rows: Mapping[dt.date, Progress], view: View) -> _Line:
    lead = (title, Cell(view.unit_title(unit)), Cell(requirement([*rows.values()][-1], view)))
    return _Line(lead, {day: _told(row, view) for day, row in rows.items()})


def _told(row: Progress, view: View) -> Cell:
    """The value above the word for its status, in its colour."""
    style = STYLES.get(row.status, "")
    value = numbers.shown(row.value, row.measure, row.required)
    return Cell(f"{value}\n" if value else "").append(status_word(row.status, view), style)


def _of_many(title: Cell, units: Mapping[str | None, Mapping[dt.date, Progress]], view: View) -> _Line:
    """How many units have met it, above the worst there is."""
    by_day: dict[dt.date, list[str]] = {}
    for rows in units.values():
        for day, row in rows.items():
            by_day.setdefault(day, []).append(row.status)
    lead = (title, Cell(view.say(f"{len(units)} 个单位", f"{len(units)} units"), "dim"), Cell(""))
    return _Line(lead, {day: _counted(found, view) for day, found in by_day.items()})


def _counted(statuses: Sequence[str], view: View) -> Cell:
    found = Counter(statuses)
    judged = len(statuses) - found["not_applicable"]
    worst = next((status for status in WORST_FIRST if found[status]), "")
    word = f"{status_word(worst, view)} {found[worst]}"
    return Cell(f"{found['met']}/{judged}\n").append(word, STYLES.get(worst, ""))


def _score_lines(rows: Sequence[tuple[dt.date, Score]], view: View) -> Iterator[_Line]:
    """The totals of each unit in each window of a scorecard; items that the choice names."""
    found: dict[tuple[str, str | None, str, str], dict[dt.date, Cell]] = {}
    for day, row in rows:
        named = f"{row.scorecard}.{row.item}" in view.choice.targets
        if row.status not in ("not_due", "not_applicable") and (row.item is None or named):
            place = (row.scorecard, row.item, row.window, row.unit)
            found.setdefault(place, {})[day] = _interval(numbers.interval(row.lowest, row.highest), row.status, view)
    for (card, item, window, unit), cells in found.items():
        title = view.card_title(card) if item is None else view.item_title(card, item)
        yield _Line((Cell(title).append(f" {window}", "dim"), Cell(view.unit_title(unit)), Cell("")), cells)


def _ranking_lines(rows: Sequence[tuple[dt.date, Placing]], view: View) -> Iterator[_Line]:
    """The places of each unit in each window of a ranking."""
    found: dict[tuple[str, str, str], dict[dt.date, Cell]] = {}
    for day, row in rows:
        if row.status != "not_due":
            place = str(row.best or "") if row.best == row.worst else f"{row.best}–{row.worst}"
            cells = found.setdefault((row.ranking, row.window, row.unit), {})
            cells[day] = _interval(place, row.status, view)
    for (ranking, window, unit), cells in found.items():
        title = Cell(view.ranking_title(ranking)).append(f" {window}", "dim")
        yield _Line((title, Cell(view.unit_title(unit)), Cell("")), cells)


def _interval(words: str, status: str, view: View) -> Cell:
    """A number; where there is none the word for the status."""
    return Cell(words or status_word(told(status), view), STYLES.get(status, ""))


def _honour_lines(rows: Sequence[tuple[dt.date, Any]], view: View) -> Iterator[_Line]:
    found: dict[tuple[str, str, str], dict[dt.date, Cell]] = {}
    for day, row in rows:
        if row.status not in ("not_due", "not_listed"):
            style = STYLES.get(row.status, "")
            cells = found.setdefault((row.honour, row.window, row.unit), {})
            cells[day] = Cell(status_word(told(row.status), view), style)
    for (honour, window, unit), cells in found.items():
        title = Cell(view.honour_title(honour)).append(f" {window}", "dim")
        yield _Line((title, Cell(view.unit_title(unit)), Cell("")), cells)


_LINES: Final[Mapping[Dated, Callable[[Sequence[tuple[dt.date, Any]], View], Iterator[_Line]]]] = {
    "progress": _progress_lines,
    "scores": _score_lines,
    "rankings": _ranking_lines,
    "honours": _honour_lines,
}
