"""The part of the terminal report on returns: who is late or has submitted nothing, then the rest in a line a return.

Comes in: a `View`. Goes out: cells and grids for `layout`. Must not know: files, how it is found out who submitted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from campaignrules.errors import Text
from campaignrules.reports.layout import Cell, Grid, filled_columns
from campaignrules.reports.progress import STYLES
from campaignrules.reports.view import View
from campaignrules.results import STATUS_TITLES, ReturnResult

MOST_GROUPS: Final = 10
WORDS: Final = {**STATUS_TITLES, "late": Text("迟报", "late")}
ORDER: Final = ("not_submitted", "late", "submitted", "not_due")
HEADS: Final = (
    Text("截止", "Due"),
    Text("编号", "Id"),
    Text("报送要求", "Return"),
    Text("报告期", "Window"),
    Text("单位", "Unit"),
    Text("条款", "Clause"),
    Text("报送于", "On"),
    Text("状态", "Status"),
)
FOLDING: Final = ("Return", "Unit", "Clause")


def parts(view: View) -> Iterator[Cell | Grid]:
    """Nothing when the campaign asks for no returns."""
    if not view.returns:
        return
    found = Counter[str](row.status for row in view.returns)
    yield Cell("")
    yield Cell(view.say("报送情况", "Returns"), "bold").append(f"  {_counted(found, view)}", "dim")
    if view.choice.everything or view.choice.targets:
        yield _table([(row,) for row in view.returns], view)
        return
    failing = sorted(_groups(row for row in view.returns if row.status in ORDER[:2]), key=_urgency)
    if failing:
        yield _table(failing[:MOST_GROUPS], view)
    if len(failing) > MOST_GROUPS:
        many = len(failing) - MOST_GROUPS
        yield Cell(view.say(f"另有 {many} 项，用 --all 全部列出", f"{many} more; --all lists them"), "dim")
    for return_ in dict.fromkeys(row.return_ for row in view.returns):
        yield _in_all(return_, [row for row in view.returns if row.return_ == return_], view)


_Group = tuple[ReturnResult, ...]


def _groups(rows: Iterable[ReturnResult]) -> list[_Group]:
    """Units that stand the same in one window of one return."""
    found: dict[tuple[object, ...], list[ReturnResult]] = {}
    for row in rows:
        found.setdefault((row.return_, row.window, row.due_on, row.status), []).append(row)
    return [tuple(group) for group in found.values()]


def _urgency(group: _Group) -> tuple[int, int]:
    """What was never submitted first, and of these the latest first."""
    return ORDER.index(group[0].status), -group[0].due_on.toordinal()


def _table(groups: list[_Group], view: View) -> Grid:
    """One line a group."""
    heads = [(head.to(view.lang), head.en in FOLDING) for head in HEADS]
    return filled_columns(heads, (_cells(group, view) for group in groups))


def _cells(group: _Group, view: View) -> tuple[Cell, ...]:
    row = group[0]
    days = sorted({str(one.on) for one in group if one.on})
    return (
        Cell(str(row.due_on)),
        Cell(row.return_),
        Cell(view.return_title(row.return_)),
        Cell(view.window_of_return(row.return_, row.window)),
        Cell(view.names(view.unit_title(one.unit) for one in group)),
        Cell(view.text(row.source), "dim"),
        Cell(days[0] if len(days) == 1 else f"{days[0]} –" if days else ""),
        Cell(WORDS[row.status].to(view.lang), STYLES.get(row.status, "")),
    )


def _in_all(return_: str, rows: list[ReturnResult], view: View) -> Cell:
    """`R-1 月报：应报 24 份：迟报 1 · 已报送 23；下次 2023-07，2023-08-05 截止`."""
    due = [row for row in rows if row.status != "not_due"]
    title = view.return_title(return_)
    head = f"{return_} {title}" if title != return_ else return_
    found = Counter[str](row.status for row in due)
    if not due:
        said = view.say("还没有到期的", "none is due yet")
    elif set(found) == {"submitted"}:
        said = view.say(f"{len(due)} 份全部已报送", f"all {len(due)} submitted")
    else:
        said = view.say(f"应报 {len(due)} 份：", f"of {len(due)}: ") + _counted(found, view)
    cell = Cell(f"{head}{view.say('：', ': ')}{said}")
    coming = min((row for row in rows if row.status == "not_due"), key=lambda row: row.due_on, default=None)
    if coming is not None:
        window = view.window_of_return(return_, coming.window)
        cell.append(view.say(f"；下次 {window}，{coming.due_on} 截止", f"; next {window}, due {coming.due_on}"), "dim")
    return cell


def _counted(found: Counter[str], view: View) -> str:
    return " · ".join(f"{WORDS[status].to(view.lang)} {found[status]}" for status in ORDER if found[status])
