"""An item of a scorecard, or its total: the method in the words of the file, the formula, what is behind it, the grade.

In: the oracle's standings and one of its cells. Out: a step with its steps below. Must not know: which cells were asked
for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from campaignrules.because import POINTS
from campaignrules.calendar import Window
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import Text
from campaignrules.explain.formulas import Asked, explain_formula, span_text
from campaignrules.explain.tree import Explanation
from campaignrules.explain.words import headed, span_of, titled, waiting
from campaignrules.model import Gate
from campaignrules.oracle import ItemCell, Span, Standings, Total
from campaignrules.roster import Roster, Scope

_KINDS: Final = {
    "item": Text("得分项", "item"),
    "bonus": Text("加分项", "bonus"),
    "deduction": Text("扣分项", "deduction"),
}


def explain_item(standings: Standings, cell: ItemCell) -> Explanation:
    """Why an item gives a unit its points."""
    id_ = f"{cell.card.id}.{cell.item.id}"
    named = cell.item.item is None or cell.item.item.title is not None
    title = titled(id_, cell.item.title if named else None)
    return Explanation(
        _head(title, cell.unit, standings.known.facts.roster, cell.window),
        _value(cell.ends, cell.status),
        status=cell.status,
        reason=_item_reason(standings.known.facts.checked, cell),
        source=cell.item.item.source if cell.item.item else cell.card.card.source,
        children=tuple(_item_steps(standings, cell)),
    )


def _head(title: Text, unit: str, roster: Roster, window: Window) -> Text:
    return headed(title, Scope(unit, None), roster, span_of(window))


def _value(ends: Span, status: str) -> Text | None:
    return span_text(ends, POINTS) if status in ("final", "provisional", "deferred") else None


def _item_reason(checked: CheckedCampaign, cell: ItemCell) -> Text | None:
    if cell.status == "deferred":
        return waits_for(checked, cell.awaits)
    if cell.status == "not_applicable":
        return Text("不适用于该单位", "it does not apply to this unit")
    if cell.status == "missing":
        return Text("没有可以计算的数", "there is nothing to compute it from")
    return cell.because if cell.status == "not_due" else None


def waits_for(checked: CheckedCampaign, awaits: Iterable[str]) -> Text:
    """The parameters that decide between the ends, who settles them, and their bounds."""
    names = sorted(name for name in awaits if name in checked.parameters)
    found, zh, en = waiting(checked, names), "", ""
    for name in names:
        deferred = checked.parameters[name].deferred
        if deferred is not None and len(deferred.between) == 2:
            zh += f"；{name} 在 {deferred.between[0]} 与 {deferred.between[1]} 之间"
            en += f"; {name} between {deferred.between[0]} and {deferred.between[1]}"
    return Text(found.zh + zh, found.en + en)


def _item_steps(standings: Standings, cell: ItemCell) -> Iterator[Explanation]:
    kind = _KINDS[cell.item.kind]
    if cell.item.way:
        yield Explanation(Text(f"{kind.zh}办法", f"{kind.en}, by"), None, Text(cell.item.way, cell.item.way))
    if cell.item.applies is not None:
        asked = Asked(standings, cell.stand, cell.item.applies, cell.unit)
        yield explain_formula(asked, Text("适用条件", "applies if"), cell.applies, POINTS)
    if cell.status in ("not_applicable", "not_due"):
        return
    if cell.item.worth is not None:
        yield Explanation(Text("满分值", "worth"), span_text(cell.worth, POINTS))
    asked = Asked(standings, cell.stand, cell.item.points, cell.unit)
    yield explain_formula(asked, Text("得分", "points"), cell.points, POINTS)


# -- totals -------------------------------------------------------------------------------------------------------


def explain_total(standings: Standings, total: Total) -> Explanation:
    """Why a scorecard gives a unit its total and grade."""
    roster = standings.known.facts.roster
    return Explanation(
        _head(titled(total.card.id, total.card.card.title), total.unit, roster, total.window),
        _value(total.ends, total.status),
        status=total.status,
        reason=_total_reason(standings.known.facts.checked, total),
        children=tuple(_total_steps(standings, total)),
    )


def _total_reason(checked: CheckedCampaign, total: Total) -> Text | None:
    if total.status == "deferred":
        return waits_for(checked, total.awaits)
    return None if total.status in ("final", "provisional") else total.because


def _total_steps(standings: Standings, total: Total) -> Iterator[Explanation]:
    for cell in total.items:
        yield Explanation(cell.item.title, _value(cell.ends, cell.status), status=cell.status, reason=cell.because,
                          source=cell.item.item.source if cell.item.item else None)  # fmt: skip
    if total.status in ("not_applicable", "not_due"):
        return
    yield Explanation(Text("各项合计", "sum of the items"), span_text(total.items_sum, POINTS), total.reweighing)
    yield from _gates(standings, total)
    if total.formula.text != "items":
        asked = Asked(standings, total.stand, total.formula, total.unit)
        yield explain_formula(asked, Text("总分", "total"), total.would_be, POINTS)
    yield from _grade(standings, total)


def _gates(standings: Standings, total: Total) -> Iterator[Explanation]:
    """Those that take effect, or may."""
    for gate in total.card.card.gates:
        when = total.card.gates.get(gate.id)
        span = total.graded.span(when, total.unit) if when is not None else None
        if when is None or span is None or not span.possibly:
            continue
        asked = Asked(standings, total.graded, when, total.unit)
        step = explain_formula(asked, _gate_label(gate), span, POINTS)
        yield Explanation(step.label, step.value, step.formula, children=step.children, source=gate.source)


def _gate_label(gate: Gate) -> Text:
    title = titled(gate.id, gate.title)
    effect = " ".join(part for part in (gate.effect, gate.points, gate.factor, gate.grade) if part)
    return Text(f"否决封顶 {title.zh}（{effect}）", f"gate {title.en} ({effect})")


def _grade(standings: Standings, total: Total) -> Iterator[Explanation]:
    if total.card.grade is None or total.status not in ("final", "provisional", "deferred"):
        return
    grade = next((one for one in total.card.card.grades if one.id == total.grade), None)
    shown = titled(grade.id, grade.title) if grade else Text("未定或无", "none, or not certain")
    asked = Asked(standings, total.graded, total.card.grade, total.unit)
    step = explain_formula(asked, Text("等次", "grade"), total.grade_index, POINTS)
    yield Explanation(step.label, shown, step.formula, children=step.children, source=grade.source if grade else None)
