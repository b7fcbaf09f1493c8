"""Comparison of readings → lines for a terminal, plain data, cells: what stands under every reading, what depends.

Comes in: a comparison and a view for language and choice. Goes out: words in a grid, data for JSON, lines for CSV. Must
not know: how readings are taken; it computes nothing but counts of what it sums up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from campaignrules.comparison import COLUMNS, Comparison, Dependent, Option, written
from campaignrules.errors import Text, visible
from campaignrules.reports.layout import Cell, Grid
from campaignrules.reports.view import View
from campaignrules.results import STATUS_TITLES

MOST_LINES: Final = 60
KINDS: Final = {
    "progress": Text("目标进度", "progress"),
    "duties": Text("事项", "duties"),
    "outcomes": Text("总体要求", "outcomes"),
    "scores": Text("得分", "scores"),
    "rankings": Text("排名", "rankings"),
    "honours": Text("表扬与批评", "honours"),
}
_NUMBERS: Final = ("value", "points", "place", "done_on")
"""Fields shown for a single result, as far as they differ."""

Result = tuple[str, tuple[Any, ...]]
Group = dict[Result, list[Dependent]]


def chosen_rows(comparison: Comparison, view: View) -> tuple[Dependent, ...]:
    """The rows that depend on a reading, of the results somebody asked for."""
    if view.choice.is_open:
        return comparison.rows
    return tuple(
        row for row in comparison.rows if view.choice.takes(row.item, row.key.get("unit"), row.key.get("window"))
    )


# -- data ---------------------------------------------------------------------------------------------------------


def data(comparison: Comparison, view: View) -> dict[str, Any]:
    """Readings tried, how many results stand, and one entry for each field that depends on a reading."""
    return {
        "compared": [
            {"reading": option[0], "option": option[1], "title": comparison.title(option)}
            for option in comparison.others
        ],
        "standing": [
            {"kind": one.kind, "results": one.results, "standing": one.standing} for one in comparison.standing
        ],
        "depending": [
            {
                "kind": row.kind, **row.key, "field": row.field, "chosen": row.chosen,
                "others": {"=".join(option): value for option, value in row.others.items()},
            }
            for row in chosen_rows(comparison, view)
        ],
    }  # fmt: skip


def table(comparison: Comparison, view: View) -> Iterator[tuple[str | None, ...]]:
    """The heads and the lines of `readings.csv`."""
    yield COLUMNS
    yield from comparison.lines(chosen_rows(comparison, view))


# -- terminal -----------------------------------------------------------------------------------------------------


def parts(comparison: Comparison, view: View) -> Iterator[Cell | Grid]:
    """The section of a report: counts, then what depends, one line for each item and reading."""
    many = len(comparison.others)
    after = view.say(f"另有 {many} 种读法，逐一换用", f"{many} other options, taken one at a time")
    yield Cell("")
    yield Cell(view.say("各种读法", "Readings"), "bold").append(f"  {after}", "dim")
    for one in comparison.standing:
        kind = view.text(KINDS.get(one.kind, Text(one.kind, one.kind)))
        zh = f"{kind}：{one.standing}/{one.results} 行在各种读法下都一样"
        yield Cell(view.say(zh, f"{kind}: {one.standing} of {one.results} rows stand under every reading"))
    groups = _groups(chosen_rows(comparison, view))
    if groups:
        yield _grid(groups, view)
    if len(groups) > MOST_LINES:
        more, how = len(groups) - MOST_LINES, "--format csv --table readings"
        yield Cell(view.say(f"另有 {more} 行，见 {how}", f"{more} more; see {how}"), "dim")


def _groups(rows: tuple[Dependent, ...]) -> dict[tuple[str, Option], Group]:
    """(item, option) → the results that it changes, with their fields."""
    found: dict[tuple[str, Option], Group] = {}
    for row in rows:
        for option in row.others:
            group = found.setdefault((row.item, option), {})
            group.setdefault((row.kind, tuple(row.key.values())), []).append(row)
    return found


def _grid(groups: dict[tuple[str, Option], Group], view: View) -> Grid:
    grid = Grid()
    grid.column(view.say("编号", "Id"))
    grid.column(view.say("读法", "Reading"), folds=True)
    grid.column(view.say("与本次结果相比", "Against these results"), folds=True)
    last = ""
    for (item, option), group in list(groups.items())[:MOST_LINES]:
        cells = ("" if item == last else visible(item), visible("=".join(option)), _told(group, option, view))
        grid.row(*map(Cell, cells))
        last = item
    return grid


def _told(group: Group, option: Option, view: View) -> str:
    """What a reading does to an item: of one result its numbers, of several how many change in which way."""
    if len(group) == 1:
        (rows,) = group.values()
        numbers = [_arrow(row, option, view) for row in rows if row.field in _NUMBERS and option in row.others]
        said = [*numbers, *_changes(rows, option, view)]
        return view.say("，", ", ").join(said) or view.say("其他内容不同", "other fields differ")
    found = Counter(_change(rows, option, view) for rows in group.values())
    return view.say("；", "; ").join(f"{said} ×{many}" for said, many in found.items())


def _change(rows: list[Dependent], option: Option, view: View) -> str:
    return next(_changes(rows, option, view), view.say("数值不同，状态不变", "other numbers, the same status"))


def _changes(rows: list[Dependent], option: Option, view: View) -> Iterator[str]:
    """Whether the result is there at all, or its status."""
    for row in rows:
        if row.field is None and option in row.others:
            there = row.others[option]
            yield view.say("只在该读法下有", "only there") if there else view.say("该读法下没有", "not there")
        elif row.field == "status" and option in row.others:
            yield _arrow(row, option, view)


def _arrow(row: Dependent, option: Option, view: View) -> str:
    return f"{_value(row.chosen, view)} → {_value(row.others[option], view)}"


def _value(value: Any, view: View) -> str:
    title = STATUS_TITLES.get(value) if isinstance(value, str) else None
    return view.text(title) if title else visible(written(value) or "—")
