"""Rankings and honours in the terminal report: a paragraph for each, or a table where rows are asked for.

Comes in: a `View`. Goes out: cells and grids for `layout`. Must not know: points of items, how places come about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from campaignrules.calendar import Window
from campaignrules.checked import CheckedHonour, CheckedRanking
from campaignrules.errors import Text, visible
from campaignrules.quantities import plain_text
from campaignrules.reports import numbers
from campaignrules.reports.layout import TIE, Cell, Grid
from campaignrules.reports.progress import STYLES, WORST_FIRST, status_cell, status_word
from campaignrules.reports.scores import place_cell, ties, told
from campaignrules.reports.view import View
from campaignrules.results import HonourResult, Placing

MOST_PLACES: Final = 10
MOST_NAMES: Final = 8
KINDS: Final = {
    "honour": Text("表扬", "honour"),
    "sanction": Text("批评", "sanction"),
    "list": Text("榜单", "list"),
}
Shown = tuple[str, str, list[Placing]]
"""A ranking, a window, its rows."""


def _latest(found: CheckedRanking | CheckedHonour, view: View) -> Sequence[Window]:
    if view.choice.windows or view.choice.everything:
        return [window for window in found.windows if window.start <= view.as_of]
    latest = view.latest(found.windows)
    return [latest] if latest else []


# -- rankings -----------------------------------------------------------------------------------------------------


def rankings(view: View) -> Iterator[Cell | Grid]:
    """The section: one ranking after the other; nothing without any."""
    shown = list(_shown(view))
    if not shown:
        return
    common = {window for _, window, _ in shown}
    yield from _titled(view.say("排名", "Rankings"), common)
    if view.choice.units:
        yield of_units([row for _, _, rows in shown for row in rows], view)
        return
    if view.choice.everything or view.choice.targets:
        for one in shown:
            yield from _table(one, view)
        return
    grid = Grid()
    for folds in (False, True):
        grid.column(folds=folds)
    for ranking, window, rows in shown:
        source = view.text(view.checked.rankings[ranking].ranking.source)
        title = _with_window(Cell(view.ranking_title(ranking), "bold"), window, common, view)
        grid.row(Cell(source, "dim"), _paragraph(title, rows, view))
    yield grid


def _titled(title: str, windows: Collection[str]) -> Iterator[Cell]:
    """The heading, with the window when it is the same for all."""
    yield Cell("")
    yield Cell(title, "bold").append(f"  {visible(''.join(windows))}" if len(windows) == 1 else "", "dim")


def _with_window(title: Cell, window: str, common: Collection[str], view: View) -> Cell:
    return title if len(common) == 1 else title.append(view.say(f"（{window}）", f" ({window})"), "dim")


def _shown(view: View) -> Iterator[Shown]:
    wanted = {name: [one.id for one in _latest(ranking, view)] for name, ranking in view.checked.rankings.items()}
    found: dict[tuple[str, str], list[Placing]] = {}
    for row in view.rankings:
        if row.window in wanted[row.ranking]:
            found.setdefault((row.ranking, row.window), []).append(row)
    for name, windows in wanted.items():
        yield from ((name, window, found[name, window]) for window in windows if (name, window) in found)


def _groups(rows: Iterable[Placing]) -> Mapping[str | None, list[Placing]]:
    found: dict[str | None, list[Placing]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return found


def _paragraph(cell: Cell, rows: Sequence[Placing], view: View) -> Cell:
    """`综合排位：1 自贡 100 升5 · 2 …`, each group on lines of its own."""
    groups = _groups(rows) if any(row.best is not None for row in rows) else {None: list(rows)}
    several = len(groups) > 1
    for group, own in groups.items():
        head = f"{view.group_title(group) or '—'}" if several else ""
        cell.append(f"\n{head}" if several else "").append(view.say("：", ": ")).append(_places(own, several, view))
    return cell


def _places(rows: Sequence[Placing], several: bool, view: View) -> Cell:
    alike = _alike(rows)
    ranked = sorted((row for row in rows if row.best is not None), key=lambda row: (row.best or 0, row.worst or 0))
    entries = [_entry(own, alike, view) for own in _together(ranked)]
    most = max(MOST_PLACES // 2, 3) if several else MOST_PLACES
    cell = Cell()
    for i, entry in enumerate(entries[:most]):
        cell.append(" · " if i else "").append(entry)
    if len(entries) > most:
        cell.append(view.say(f" …共 {len(ranked)} 个", f" … {len(ranked)} in all"), "dim")
    for status in WORST_FIRST:
        names = [view.unit_title(row.unit) for row in rows if row.best is None and told(row.status) == status]
        if names:
            said = f"{status_word(status, view)}{TIE}{len(names)}"
            cell.append(" · " if cell.plain else "").append(said, STYLES.get(status, ""))
            everybody = view.say("（全部单位）", " (all units)") if len(names) == len(rows) > 1 else ""
            cell.append(everybody or f"{view.say('：', ': ')}{view.names(names, MOST_NAMES)}")
    return cell


def _together(ranked: Iterable[Placing]) -> Iterator[list[Placing]]:
    """Neighbours with the same place, or with the same range of places."""
    own: list[Placing] = []
    for row in ranked:
        if own and (own[0].best, own[0].worst, own[0].place) != (row.best, row.worst, row.place):
            yield own
            own = []
        own.append(row)
    if own:
        yield own


def _entry(rows: Sequence[Placing], alike: frozenset[str], view: View) -> Cell:
    """`3 德阳 61.2 分`, `3 并列 61.2 分：德阳、绵阳`, `2–19：成都、泸州 …`."""
    first = rows[0]
    cell = place_cell(first, ties(rows) if len(rows) > 1 else frozenset(), view)
    if len(rows) == 1:
        said = [view.unit_title(first.unit), _value(first, alike, view), change(first, view)]
        return cell.append(TIE).append(TIE.join(filter(None, said)))
    names = view.names([_risen(row, view) for row in rows], MOST_NAMES)
    value = f"{TIE}{_value(first, alike, view)}" if first.place is not None else ""
    return cell.append(value).append(view.say("：", ": ")).append(names)


def _risen(row: Placing, view: View) -> str:
    word = change(row, view)
    return view.unit_title(row.unit) + (view.say(f"（{word}）", f" ({word})") if word else "")


def _alike(rows: Iterable[Placing]) -> frozenset[str]:
    """Numbers that would stand for several values when they are shortened."""
    found: dict[str, set[Decimal]] = {}
    for row in rows:
        if row.value is not None:
            found.setdefault(numbers.points(row.value), set()).add(row.value)
    return frozenset(short for short, values in found.items() if len(values) > 1)


def _value(row: Placing, alike: frozenset[str], view: View) -> str:
    if row.value is not None:
        short = numbers.points(row.value)
        number = plain_text(row.value) if short in alike else short
        return numbers.with_measure(number, row.measure).replace(" ", TIE)
    if row.lowest is None and row.highest is None:
        return view.say("待定", "open")
    return numbers.interval(row.lowest, row.highest)


def change(row: Placing, view: View) -> str:
    """`升5`, `降2`, `平`; nothing where there is no place before."""
    if row.change is None:
        return ""
    if not row.change:
        return view.say("平", "same")
    return view.say(f"升{row.change}", f"up{TIE}{row.change}") if row.change > 0 else view.say(
        f"降{-row.change}", f"down{TIE}{-row.change}"
    )  # fmt: skip


def _table(shown: Shown, view: View) -> Iterator[Cell | Grid]:
    """One line a unit."""
    ranking, window, rows = shown
    source = view.text(view.checked.rankings[ranking].ranking.source)
    cell = Cell(view.ranking_title(ranking), "bold").append(f"  {ranking}", "dim")
    yield cell.append("  " + " · ".join(filter(None, (window, source))), "dim")
    heads = (
        ("类别", "Class"),
        ("名次", "Place"),
        ("单位", "Unit"),
        ("数值", "Value"),
        ("变化", "Change"),
        ("状态", "Status"),
    )
    every = [
        row
        for own in _groups(rows).values()
        for row in sorted(own, key=lambda row: (row.best or 10**9, row.worst or 0))
    ]
    tied = tied_with(rows[0], view)
    alike = _alike(rows)
    lines = [_line(row, tied, alike, view) for row in every]
    filled = [i for i in range(len(heads)) if any(line[i].plain for line in lines)]
    grid = Grid()
    for i in filled:
        grid.column(view.say(*heads[i]), right=i == 3, folds=i == 2)
    for line in lines:
        grid.row(*(line[i] for i in filled))
    yield grid


def of_units(rows: Sequence[Placing], view: View) -> Grid:
    """One line for each ranking and unit."""
    windows, units = {row.window for row in rows}, {row.unit for row in rows}
    grid = Grid()
    for folds in (True, *([False] * (len(units) > 1)), False, False, False, False, True):
        grid.column(folds=folds)
    for row in rows:
        _, place, unit, value, changed, status = _line(row, tied_with(row, view), frozenset(), view)
        title = _with_window(Cell(view.ranking_title(row.ranking)), row.window, windows, view)
        source = Cell(view.text(view.checked.rankings[row.ranking].ranking.source), "dim")
        grid.row(title, *([unit] * (len(units) > 1)), place, value, changed, status, source)
    return grid


def tied_with(row: Placing, view: View) -> frozenset[tuple[str | None, int]]:
    """The places of its ranking that several units share."""
    every = view.evaluation.results.rankings
    return ties(one for one in every if (one.ranking, one.window) == (row.ranking, row.window))


def latest(view: View) -> Iterator[Placing]:
    """The rows of the windows that are shown."""
    return (row for _, _, rows in _shown(view) for row in rows)


def _line(row: Placing, tied: frozenset[tuple[str | None, int]], alike: frozenset[str], view: View) -> tuple[Cell, ...]:
    """Class, place, unit, value, change, status."""
    ranked = view.say(f"/{row.ranked}", f" of {row.ranked}") if row.best is not None else ""
    return (
        Cell(view.group_title(row.group)),
        place_cell(row, tied, view).append(ranked, "dim"),
        Cell(view.unit_title(row.unit)),
        Cell(_value(row, alike, view) if row.best is not None else "—"),
        Cell(change(row, view)),
        status_cell(told(row.status), view),
    )


# -- honours ------------------------------------------------------------------------------------------------------


def honours(view: View) -> Iterator[Cell | Grid]:
    """The section: who is listed, who may be, one paragraph each; nothing without any."""
    found: dict[tuple[str, str], list[HonourResult]] = {}
    for row in latest_honours(view):
        found.setdefault((row.honour, row.window), []).append(row)
    if view.choice.units:
        found = {key: rows for key, rows in found.items() if any(row.status in _SAID for row in rows)}
    if not found:
        return
    common = {window for _, window in found}
    yield from _titled(view.say("表扬与批评", "Honours and sanctions"), common)
    grid = Grid()
    for folds in (False, False, True):
        grid.column(folds=folds)
    for (name, window), rows in found.items():
        kind = rows[0].kind
        title = _with_window(Cell(view.honour_title(name)), window, common, view)
        grid.row(
            Cell(view.text(rows[0].source), "dim"), Cell(KINDS[kind].to(view.lang)), title.append(_who(rows, view))
        )
    yield grid


def latest_honours(view: View) -> Iterator[HonourResult]:
    """The rows of the windows that are shown."""
    wanted = {(name, one.id) for name, honour in view.honour_items.items() for one in _latest(honour, view)}
    return (row for row in view.honours if (row.honour, row.window) in wanted)


_SAID: Final = ("listed", "possible", "missing")


def _who(rows: Sequence[HonourResult], view: View) -> Cell:
    cell = Cell(view.say("：", ": "))
    said = [_named(rows, status, view) for status in _SAID]
    filled = [one for one in said if one is not None]
    for i, one in enumerate(filled):
        cell.append(" · " if i else "").append(one)
    return cell if filled else cell.append(view.say("无", "nobody"), "dim")


def _named(rows: Sequence[HonourResult], status: str, view: View) -> Cell | None:
    names = [view.unit_title(row.unit) for row in rows if row.status == status]
    if not names:
        return None
    cell = honour_status(next(row for row in rows if row.status == status), view).append(f"{TIE}{len(names)}")
    if len(names) == len(rows) > 1 and not view.choice.units:
        return cell.append(view.say("（全部单位）", " (all units)"))
    return cell.append(view.say("：", ": ")).append(
        view.names(names, len(names) if view.choice.everything else MOST_NAMES)
    )


def honour_status(row: HonourResult, view: View) -> Cell:
    """The word in its colour; nobody is glad to be on the list of a sanction."""
    status = "unknown" if row.status == "missing" else row.status
    style = "bold red" if status == "listed" and row.kind == "sanction" else STYLES.get(status, "")
    return Cell(status_word(status, view), style)
