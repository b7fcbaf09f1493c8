"""A scoring formula: the text, its value, what each name in it stands for, and the numbers of the group.

In: the oracle's standings, where a formula stands, a unit. Out: steps. Must not know: what the formula is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from campaignrules import oracle
from campaignrules.because import filled, shown, titled, usual_unit, written
from campaignrules.calendar import Window
from campaignrules.checked import ENDS, Operand, ScoreFormula
from campaignrules.errors import Text
from campaignrules.explain.duties import explain_duty
from campaignrules.explain.metrics import explain_metric
from campaignrules.explain.targets import explain_cell
from campaignrules.explain.tree import Explanation
from campaignrules.explain.words import unit_title
from campaignrules.oracle import Facts, ItemCell, Span, Standings, Total
from campaignrules.quantities import BASE_UNITS, PLAIN_UNIT, Unit
from campaignrules.roster import Scope
from campaignrules.trees import Apply, Name, Tree, Value, walk

UNITS_LISTED: Final = 20


@frozen(eq=False)
class Asked:
    """Of which formula, for which unit, among which results."""

    standings: Standings
    stand: oracle.Stand
    formula: ScoreFormula
    unit: str

    @property
    def facts(self) -> Facts:
        return self.standings.known.facts

    @property
    def scope(self) -> Scope:
        return Scope(self.unit, self.facts.roster.closure([self.unit]))


def explain_formula(asked: Asked, label: Text, span: Span, unit: Unit) -> Explanation:
    """The formula with its value, its text, its text with values, and all that stands behind it."""
    values = oracle.values_of(asked.stand, asked.formula, asked.unit)
    zh, en = (_equation(asked.formula, values, lang) for lang in ("zh", "en"))
    steps = (*_operands(asked), *_groups(asked))
    return Explanation(label, span_text(span, unit), Text(zh, en), children=steps)


def _equation(formula: ScoreFormula, values: Mapping[str, Value], lang: str) -> str:
    text, with_values = written(formula.text), filled(formula, values, lang)
    return text if text == with_values else f"{text} = {with_values}"


def span_text(span: Span, unit: Unit) -> Text:
    """A value, or what it lies between."""
    if span.open:
        return Text("待定", "open")
    low, high = (Text(shown(end, unit, "zh"), shown(end, unit, "en")) for end in (span.low, span.high))
    return low if span.low == span.high else Text(f"{low.zh}–{high.zh}", f"{low.en}–{high.en}")


# -- what the names stand for -------------------------------------------------------------------------------------


def _operands(asked: Asked) -> Iterator[Explanation]:
    for name, operand in asked.formula.operands.items():
        window = asked.stand.window_of(asked.formula, name)
        span = asked.stand.operand(asked.formula, name, asked.unit)
        step = Explanation(_label(name, operand), span_text(span, operand.unit or usual_unit(operand)))
        tell = _BEHIND.get(operand.kind)
        yield step if tell is None else tell(asked, operand, window, step)


def _label(name: str, operand: Operand) -> Text:
    zh, en = (titled(operand, name, lang) for lang in ("zh", "en"))
    return Text(zh if zh == name else f"{zh}（{name}）", en if en == name else f"{en} ({name})")


def _metric(asked: Asked, operand: Operand, window: Window, step: Explanation) -> Explanation:
    facts = asked.facts
    if window.start > facts.as_of:
        return evolve(step, reason=Text(f"{window.start} 才开始", f"it only begins on {window.start}"))
    metric = facts.checked.metrics[operand.id]
    found = explain_metric(facts, metric, asked.scope, oracle.days_of(facts, window), operand.unit)
    return evolve(found, value=step.value)


def _target(asked: Asked, operand: Operand, window: Window, step: Explanation) -> Explanation:
    cell = oracle.cell_of(asked.facts, operand, asked.scope, window)
    if cell is None:
        return evolve(step, reason=Text("目标不适用于该单位", "the target is not for this unit"))
    if operand.kind == "number":
        return evolve(step, source=cell.target.target.source)
    return evolve(step, children=(explain_cell(cell),))


def _duty(asked: Asked, operand: Operand, window: Window, step: Explanation) -> Explanation:
    rows = oracle.duty_statuses(asked.facts, operand, asked.scope, window)
    if rows is None:
        return evolve(step, reason=Text("事项不适用于该单位", "the duty is not for this unit"))
    duty = next(one for one in asked.facts.checked.duties if one.duty.id == operand.id)
    dates = {row.due_on for row in rows}
    occurrences = [o for o in oracle.occurrences_of(duty) if (o.due if o else None) in dates]
    told = (explain_duty(asked.facts, duty, asked.scope, one) for one in occurrences)
    return evolve(step, children=tuple(evolve(one, children=()) for one in told))


def _table(_: Asked, operand: Operand, __: Window, step: Explanation) -> Explanation:
    return evolve(step, reason=Text(f"取自报送表 {operand.id}", f"from the submitted table {operand.id}"))


def _points(asked: Asked, operand: Operand, window: Window, step: Explanation) -> Explanation:
    """The other card in brief."""
    found = score_of(asked.standings, operand.id, asked.unit, window)
    if found is None:
        return step
    row = found.score
    label = Text(f"{step.label.zh} · {row.window}", f"{step.label.en} · {row.window}")
    return evolve(step, label=label, status=row.status, reason=row.because, source=row.source)


def score_of(standings: Standings, id_: str, unit: str, window: Window) -> Total | ItemCell | None:
    """The total of that scorecard, or the item `card.item`."""
    for card, totals in standings.scorecards.items():
        for total in totals:
            if total.unit == unit and total.window == window and (id_ == card or id_.startswith(f"{card}.")):
                if id_ == card:
                    return total
                return next((cell for cell in total.items if id_ == f"{card}.{cell.item.id}"), None)
    return None


def _placed(asked: Asked, operand: Operand, window: Window, step: Explanation) -> Explanation:
    for one in asked.standings.rankings.get(operand.id, ()):
        if one.unit == asked.unit and one.window == window:
            return evolve(step, status=one.status)
    return step


_BEHIND: Final[Mapping[str, Callable[[Asked, Operand, Window, Explanation], Explanation]]] = {
    "metric": _metric,
    "number": _target,
    "met": _target,
    **dict.fromkeys(("done", "late", "missed", "due"), _duty),
    "table": _table,
    "points": _points,
    **dict.fromkeys(("place", "from_bottom", "ranked", "change", "unranked"), _placed),
}


# -- the group ----------------------------------------------------------------------------------------------------


def _groups(asked: Asked) -> Iterator[Explanation]:
    """Each function over the group with its value, and the value of each member."""
    if asked.formula.ends is None:
        return
    looks = dict.fromkeys(part for part in walk(asked.formula.ends.low) if _is_over_group(part))
    for look in looks:
        if isinstance(look, Apply):
            yield from _group(asked, look)


def _is_over_group(part: Tree) -> bool:
    return isinstance(part, Apply) and part.op in oracle.GROUP_FUNCTIONS


def _group(asked: Asked, look: Apply) -> Iterator[Explanation]:
    found = asked.stand.end(asked.formula, look, asked.unit)
    unit = _unit_of(look, asked.formula)
    values = {one: asked.stand.end(asked.formula, look.args[-1], one) for one in asked.stand.members(asked.unit)}
    known = {one: value for one, value in values.items() if isinstance(value, Decimal)}
    said = tuple(_member(asked, look.args[-1], one, value) for one, value in list(known.items())[:UNITS_LISTED])
    names = ", ".join(sorted({part.name for part in walk(look) if isinstance(part, Name)}))
    count = Text(f"组内 {len(known)} 个单位有数", f"{len(known)} units of the group have a value")
    shown_ = Text(shown(found, unit, "zh"), shown(found, unit, "en"))
    yield Explanation(Text(f"{look.op}({names})", f"{look.op}({names})"), shown_, reason=count, children=said)


def _member(asked: Asked, part: Tree, unit: str, value: Decimal) -> Explanation:
    of = _unit_of(part, asked.formula)
    return Explanation(unit_title(asked.facts.roster, unit), Text(shown(value, of, "zh"), shown(value, of, "en")))


def _unit_of(part: Tree, formula: ScoreFormula) -> Unit:
    """The unit of measure to show a part in: its one operand's, or the base unit."""
    if isinstance(part, Apply) and part.op in ("above", "level", "overlap", "distinct_above", "members"):
        return PLAIN_UNIT
    names = {one.name.rstrip("".join(ENDS)) for one in walk(part) if isinstance(one, Name)}
    units = [formula.operands[name].unit for name in names if name in formula.operands]
    if len(units) == 1 and units[0] is not None and units[0].dim == part.type.dim:
        return units[0]
    return BASE_UNITS.get(part.type.dim[0][0], PLAIN_UNIT) if len(part.type.dim) == 1 else PLAIN_UNIT
