"""The score sheet of one unit: its points item by item with their reasons, gates, totals, places, what is still open.

Comes in: an evaluation, a unit, windows. Goes out: text for a terminal or paper; data for JSON. Shown are the windows
chosen or else the ones that have begun last. Must not know: how points come about, other units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from campaignrules.checked import CheckedItem
from campaignrules.errors import Text, visible
from campaignrules.model import Gate
from campaignrules.quantities import plain_text
from campaignrules.reports import layout, numbers, places, scores
from campaignrules.reports.layout import TIE, Cell, Grid
from campaignrules.reports.progress import STYLES, status_cell, status_word
from campaignrules.reports.scores import Board
from campaignrules.reports.view import View
from campaignrules.results import GateResult, HonourResult, Pending, Placing, Score

EFFECTS: Final = {
    "disqualified": Text("取消资格", "disqualified"),
    "zero": Text("总分记零", "the total is zero"),
    "at_most": Text("总分不高于 {points}", "the total at most {points}"),
    "lose": Text("扣 {points}", "{points} lost"),
    "times": Text("总分乘以 {factor}", "the total times {factor}"),
    "grade_at_most": Text("等次不高于 {grade}", "the grade at most {grade}"),
}
_KINDS: Final = {
    "bonus": Text("（加分）", " (bonus)"),
    "deduction": Text("（扣分）", " (deduction)"),
}


def render(view: View, unit: str, heading: Iterable[Cell | Grid], colour: bool = False, width: int = 100) -> str:
    """The sheet as text. `heading`: the campaign, the day looked from, the overlays."""
    return layout.lines([*heading, *_parts(view, unit)], width, colour)


def _parts(view: View, unit: str) -> Iterator[Cell | Grid]:
    yield Cell("")
    yield _who(view, unit)
    found = list(scores.boards(view))
    for board in found:
        yield from _board(board, view, unit)
    if not found:
        yield Cell(
            view.say(
                "没有得分：评分表的时间窗还没有开始，或没有评这个单位", "no scores: no scorecard of this unit has begun"
            ),
            "dim",
        )
    yield from _other_places(view, {board.card.id for board in found})
    yield from _honours(view)


def _who(view: View, unit: str) -> Cell:
    known = view.evaluation.roster.by_id[unit]
    cell = Cell(view.say("得分单：", "Score sheet: "), "bold").append(view.unit_title(unit), "bold")
    said = [visible(unit)] if visible(unit) != view.unit_title(unit) else []
    if known.class_ is not None:
        said.append(view.class_title(known.class_))
    return cell.append("  " + " · ".join(said) if said else "", "dim")


# -- one scorecard ------------------------------------------------------------------------------------------------


def _board(board: Board, view: View, unit: str) -> Iterator[Cell | Grid]:
    total = board.rows[unit].get(None)
    yield Cell("")
    yield scores.heading(board, view)
    if total is not None and total.status == "not_applicable":
        yield Cell(view.say("不适用于该单位", "does not apply to this unit"), "dim")
        return
    rows = view.evaluation.scores_explained(board.rows[unit].values())
    yield _items(board, rows, view)
    yield from _gates(board, view, unit)
    if total is not None and (grade := view.grade_title(board.card.id, total.grade)):
        yield Cell(view.say("等次：", "Grade: ")).append(grade, "bold")
    if unit in board.places:
        yield _place(board.places[unit], view)
    yield from _waiting(board, rows, view)


def _items(board: Board, rows: Sequence[Score], view: View) -> Grid:
    """The items and the total: worth, points, why, clause; nothing stands in a column that no row fills."""
    heads = (
        ("得分项", "Item"),
        ("满分", "Worth"),
        ("得分", "Points"),
        ("说明", "Because"),
        ("条款", "Clause"),
        ("状态", "Status"),
    )
    items = {item.id: item for item in board.card.items}
    lines = [_line(row, items.get(row.item or ""), view) for row in rows]
    filled = [i for i in range(len(heads)) if any(line[i].plain for line in lines)]
    grid = Grid()
    for i in filled:
        grid.column(view.say(*heads[i]), right=i in (1, 2), folds=i in (0, 3, 4))
    for line in lines:
        grid.row(*(line[i] for i in filled))
    return grid


def _line(row: Score, item: CheckedItem | None, view: View) -> tuple[Cell, ...]:
    kind = _KINDS[item.kind].to(view.lang) if item is not None and item.kind in _KINDS else ""
    title = view.say("总分", "Total") if row.item is None else view.item_title(row.scorecard, row.item) + kind
    return (
        Cell(title, "bold" if row.item is None else ""),
        Cell("" if row.worth is None else plain_text(row.worth), "dim"),
        scores.points_cell(row, view),
        Cell(numbers.readable(view.text(row.because))),
        Cell("" if row.item is None else view.text(row.source), "dim"),
        status_cell(scores.told(row.status), view),
    )


def _gates(board: Board, view: View, unit: str) -> Iterator[Cell]:
    """Those that take effect or may, with their reasons; the others in one line."""
    gates = {gate.id: gate for gate in board.card.card.gates}
    found = view.evaluation.gates(board.card.id, unit, board.window.id)
    quiet = [_gate_title(gates[one.gate], view) for one in found if one.status == "does_not_hold"]
    for one in found:
        if one.status != "does_not_hold":
            yield _gate(gates[one.gate], one, view)
    if quiet:
        names = view.names(quiet, len(quiet))
        yield Cell(view.say("否决、封顶（未触发）：", "Gates without effect: ") + names, "dim")


def _gate(gate: Gate, result: GateResult, view: View) -> Cell:
    words = (
        view.say("可能触发", "may take effect")
        if result.status == "possible"
        else status_word(scores.told(result.status), view)
    )
    style = STYLES.get(result.status, "")
    cell = Cell(view.say("否决、封顶：", "Gate: ")).append(_gate_title(gate, view)).append(" · ").append(words, style)
    why = f"{view.say('：', ': ')}{view.text(result.because)}"
    return cell.append(why).append(f" · {view.text(gate.source)}" if gate.source else "", "dim")


def _gate_title(gate: Gate, view: View) -> str:
    given = {name: visible(getattr(gate, name) or "") for name in ("points", "factor", "grade")}
    effect = EFFECTS[gate.effect].to(view.lang).format(**given)
    return view.text(gate.title or gate.id) + view.say(f"（{effect}）", f" ({effect})")


# -- places, honours ----------------------------------------------------------------------------------------------


def _place(row: Placing, view: View) -> Cell:
    """`名次：综合排位 第 3 名（并列），共 21 个 · 升2`."""
    cell = Cell(view.say("名次：", "Place: ")).append(view.ranking_title(row.ranking)).append(" ")
    if row.best is None:
        return cell.append(status_cell(scores.told(row.status), view))
    cell.append(_nth(row, view))
    group = view.group_title(row.group)
    among = view.say(f"，{group}共 {row.ranked} 个", f" of {row.ranked}" + (f" ({group})" if group else ""))
    changed = places.change(row, view)
    return cell.append(among).append(f" · {changed}" if changed else "")


def _nth(row: Placing, view: View) -> Cell:
    """`并列第 3 名`, `第 2–19 名`."""
    if view.lang != "zh":
        return scores.place_cell(row, places.tied_with(row, view), view)
    together = "并列" if (row.group, row.place) in places.tied_with(row, view) else ""
    return Cell(f"{together}第{TIE}").append(scores.place_cell(row, frozenset(), view)).append(f"{TIE}名")


def _other_places(view: View, cards: set[str]) -> Iterator[Cell | Grid]:
    """Rankings by something else than the scorecards above."""
    shown = [row for row in places.latest(view) if view.checked.rankings[row.ranking].card not in cards]
    if not shown:
        return
    yield Cell("")
    yield Cell(view.say("其他排名", "Other rankings"), "bold")
    yield places.of_units(shown, view)


def _honours(view: View) -> Iterator[Cell | Grid]:
    """Lists the unit is on, or may be."""
    shown = [row for row in places.latest_honours(view) if row.status in ("listed", "possible")]
    if not shown:
        return
    yield Cell("")
    yield Cell(view.say("表扬与批评", "Honours and sanctions"), "bold")
    grid = Grid()
    for folds in (False, True, True, False, True):
        grid.column(folds=folds)
    for row in shown:
        grid.row(*_honour(row, view))
    yield grid


def _honour(row: HonourResult, view: View) -> tuple[Cell, ...]:
    waits = view.names(map(view.parameter_title, row.awaits), 3) if row.awaits else ""
    return (
        Cell(places.KINDS[row.kind].to(view.lang)),
        Cell(view.honour_title(row.honour)),
        Cell(view.say(f"待：{waits}", f"awaits: {waits}") if waits else "", "dim"),
        places.honour_status(row, view),
        Cell(view.text(row.source), "dim"),
    )


# -- what is open -------------------------------------------------------------------------------------------------


def awaited(rows: Iterable[Any], pending: Iterable[Pending]) -> list[Pending]:
    """The parameters that these rows wait for."""
    names = {name for row in rows for name in row.awaits}
    return [one for one in pending if one.parameter in names]


def _waiting(board: Board, rows: Sequence[Score], view: View) -> Iterator[Cell]:
    """The parameters that decide, with the items they decide; several that differ in nothing else together."""
    held = _held(board, rows)
    alike: dict[tuple[object, ...], list[Pending]] = {}
    for one in view.evaluation.pending:
        if one.parameter in held:
            alike.setdefault((one.by, one.between, held[one.parameter]), []).append(one)
    if alike:
        yield Cell(view.say("待定：", "Open:"), "blue")
    for (_, _, items), some in alike.items():
        yield _open(some, [view.item_title(board.card.id, str(item)) for item in items], view)  # type: ignore[attr-defined]


def _held(board: Board, rows: Sequence[Score]) -> dict[str, tuple[str, ...]]:
    """Parameter → items of this unit that wait for it; none where only the total does."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for name in row.awaits if row.item is not None else ():
            found[name] = (*found.get(name, ()), str(row.item))
    of_items = frozenset().union(*(item.points.awaits for item in board.card.items))
    whole = (row for row in rows if row.item is None)
    return {**{name: () for row in whole for name in row.awaits if name not in of_items}, **found}


def _open(alike: Sequence[Pending], held: Sequence[str], view: View) -> Cell:
    names = view.names([view.text(one.title or one.parameter) for one in alike], len(alike))
    cell = Cell(f"{names}{view.say('：', ': ')}{view.text(alike[0].by)}")
    if alike[0].between:
        cell.append(view.say("，介于 ", ", between ") + visible(" – ".join(alike[0].between)))
    return cell.append(f" → {view.names(held, 4) or view.say('总分', 'the total')}", "blue")


# -- data ---------------------------------------------------------------------------------------------------------


def data(view: View) -> dict[str, tuple[Any, ...]]:
    """Rows of the unit for JSON: scores with reasons, gates, places, honours, and what these wait for."""
    shown = view.rows("scores")
    gates = [
        gate for row in shown if row.item is None for gate in view.evaluation.gates(row.scorecard, row.unit, row.window)
    ]
    some: list[Any] = [*shown, *view.rankings, *view.honours]
    return {
        "scores": shown,
        "gates": tuple(gates),
        "rankings": view.rankings,
        "honours": view.honours,
        "pending": tuple(awaited(some, view.evaluation.pending)),
    }
