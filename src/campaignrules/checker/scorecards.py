"""Scorecards → checked: items, weights, the total with its gates, grades.

In: the campaign and the work so far (metrics, targets and duties are checked). Out: `CheckedScorecard`s, each after
those it rests on. Must not know: the ways of scoring (`ways`), rankings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from campaignrules.brackets import Ends
from campaignrules.calendar import Window
from campaignrules.checked import CheckedItem, CheckedScorecard, Judged, ScoreFormula
from campaignrules.checker.demands import judged_of
from campaignrules.checker.fitting import fitting, points_only, points_stated, rounding_fits, written
from campaignrules.checker.operands import POINTS, POINTS_TYPE, Setting, awaited, sides
from campaignrules.checker.ways import Resolver, unstated, words_of
from campaignrules.checker.work import Work, quantity_of, windows_of
from campaignrules.errors import Text
from campaignrules.expressions import reference_name
from campaignrules.model import Element, Gate, Grade, Item, Method, Scorecard
from campaignrules.quantities import plain_text
from campaignrules.scoring import Part, limited, limited_when, nothing, number, rounded, write
from campaignrules.source import Mapping as MappingNode
from campaignrules.trees import BOOL, NUMBER, Literally, Name, Type

NO_LIMIT: Final = "none"


@frozen(eq=False, repr=False)
class Bench:
    """One scorecard at work: where its formulas stand, and what makes sure that others are checked first."""

    work: Work
    id: str
    card: Scorecard
    setting: Setting

    def write(self, element: Element, key: str, template: str, **parts: Part) -> Part | None:
        """A formula of the card's own; None after a fault."""
        return written(self.setting, element, key, template, **parts)

    def limit(self, text: str | None, element: Element, key: str) -> Part | None:
        """A floor or cap, in points; None where there is none, and after a fault."""
        return None if text is None or text == NO_LIMIT else points_stated(self.setting, text, element, key)


def check_scorecard(work: Work, id_: str, need: Any) -> CheckedScorecard | None:
    """The scorecard of that name, checked; None after a fault."""
    card = work.campaign.scorecards[id_]
    windows = windows_of(work, card.in_, card, "in")
    judged = units_only(work, judged_of(work, card.for_, card), card)
    setting = Setting(work, windows, need, id_, tuple(card.items), own=windows)
    bench = Bench(work, id_, card, setting)
    faults = sum(f.severity == "error" for f in work.faults)
    items = tuple(item for item in (*_items(bench), *_components(bench)) if item is not None)
    if not card.items and not card.weights and not card.awaits:
        work.refuse("empty-scorecard", card)
    out_of = quantity_of(work, card.out_of, POINTS, card, "out_of") if card.out_of is not None else None
    if len(items) == len(card.items) + sum(_parts_of(said) for said in card.weights.values()):
        _check_worths(bench, items, out_of)
    _check_weights(bench)
    _say_silent(bench)
    _check_gates(bench)
    made = _whole(bench, items)
    if made is None or sum(f.severity == "error" for f in work.faults) > faults:
        return None
    awaits = frozenset(deferred(work, card)).union(*(f.awaits for f in _formulas(items, made)))
    return CheckedScorecard(
        id_, card, windows, judged, card.within, references_of(work, card.reference, card), items,
        grades=tuple(g.id for g in card.grades), grade_by=card.grade_by, out_of=out_of, awaits=awaits, **made,
    )  # fmt: skip


def _formulas(items: tuple[CheckedItem, ...], made: Mapping[str, Any]) -> list[ScoreFormula]:
    """All that a scorecard's results rest on."""
    found = [formula for item in items for formula in (item.points, item.applies, item.worth)]
    found += [made[key] for key in ("total", "grade", "disqualified")]
    return [formula for formula in found if formula is not None]


def units_only(work: Work, judged: tuple[Judged, ...], element: Element) -> tuple[Judged, ...]:
    """Scorecards, rankings and honours are of units, not of sums of units."""
    if any(one.kind in ("campaign", "all") for one in judged):
        work.refuse("units-only", element, "for")
    return judged


def references_of(work: Work, words: tuple[str, ...], element: Element) -> frozenset[str]:
    """Classes or ids of reference units."""
    for i, word in enumerate(words):
        if work.units is not None:
            work.known(
                word,
                Text("类别或单位", "class or unit"),
                [*work.campaign.units.classes, *work.units],
                element,
                "reference",
                i,
            )
    return frozenset(words)


def deferred(work: Work, element: Any) -> set[str]:
    """The parameters of `awaits` that are still deferred."""
    for i, name in enumerate(element.awaits):
        work.known(name, Text("参数", "parameter"), work.campaign.parameters, element, "awaits", i)
    return {name for name in element.awaits if name in work.deferred}


def settled_hint(awaits: tuple[str, ...], key: str) -> Text | None:
    """What it waited for is settled, but not what follows from it."""
    if not awaits:
        return None
    names = ", ".join(awaits)
    return Text(
        f"所等的 {names} 已经明确：再写 {key}:（在补充文件里用 amend）说明按它怎样办",
        f"{names} is settled: now write {key}: (in the overlay with amend) what follows from it",
    )


def with_awaited(part: Part, names: set[str]) -> Part:
    """The part plus parameters of which nothing is known, so that it is open."""
    for name in sorted(names):
        part = write("part + open", part=part, open=awaited(name, part.type))
    return part


# -- items --------------------------------------------------------------------------------------------------------


def _items(bench: Bench) -> list[CheckedItem | None]:
    found: list[CheckedItem | None] = []
    for name, item in bench.card.items.items():
        found.append(_item(bench, name, item))
        if (made := found[-1]) is not None:
            awaits = made.points.awaits | (made.applies.awaits if made.applies else frozenset())
            bench.work.items[f"{bench.id}.{name}"] = evolve(made.points, awaits=awaits)
        else:
            bench.work.refused.add(f"{bench.id}.{name}")
    return found


def _item(bench: Bench, name: str, item: Item) -> CheckedItem | None:
    work, card = bench.work, bench.card
    windows = _item_windows(bench, item)
    if windows is None:
        return None
    setting = evolve(bench.setting, windows=windows)
    worth = _worth(setting, item)
    part = _item_points(evolve(bench, setting=setting), item, worth)
    if part is None:
        return None
    missing = item.missing or card.missing or "missing"
    points = setting.formula(part, item, lenient=missing == "missing")
    applies = condition(setting, item.applies_if, item, "applies_if")
    judged = None if item.for_ is None else units_only(work, judged_of(work, item.for_, item), item)
    shown = setting.formula(worth, item) if worth is not None else None
    if points is None or (worth is not None and shown is None) or (item.applies_if is not None and applies is None):
        return None
    not_applicable = item.not_applicable or card.not_applicable or "left_out"
    way = words_of((*methods_of(item.earn), *methods_of(item.lose)))
    made = CheckedItem(name, item, item.kind, shown, points, applies, judged, windows, missing, not_applicable, way)
    _check_policies(work, item, made)
    return made


def _item_windows(bench: Bench, item: Item) -> tuple[Window, ...] | None:
    """For each window of the card the same, or the item's own one."""
    if item.in_ is None:
        return bench.setting.windows
    own = windows_of(bench.work, item.in_, item, "in")
    if len(own) == 1:
        return own * len(bench.setting.windows)
    bench.work.refuse("one-window", item, "in", name=item.in_)
    return None


def _check_policies(work: Work, item: Item, made: CheckedItem) -> None:
    """What is reweighed has a worth, a known one, and whether an item applies is known where more than it depends on that."""
    applies, worth = made.applies, made.worth
    if made.not_applicable in ("reweighed", "full") and applies is not None and not applies.exact:
        work.refuse("applies-if-open", item, "applies_if", parameters=", ".join(sorted(applies.awaits)))
    if "reweighed" not in (made.missing, made.not_applicable):
        return
    if worth is not None and not worth.exact:
        work.refuse("reweighed-worth-open", item, "worth", parameters=", ".join(sorted(worth.awaits)))
    if worth is None and item.kind == "item":
        work.refuse("reweighed-without-worth", item, name=made.id)


def methods_of(said: Method | tuple[Method, ...] | None) -> tuple[Method, ...]:
    """One method or several, as several."""
    if said is None:
        return ()
    return said if isinstance(said, tuple) else (said,)


def condition(setting: Setting, text: str | None, element: Element, key: str) -> ScoreFormula | None:
    """A condition; None where there is none, and after a fault."""
    part = None if text is None else setting.expression(text, "bool", element, key)
    return None if part is None else setting.formula(part, element)


def _worth(setting: Setting, item: Item) -> Part | None:
    """The worth, or a choice of worths by class."""
    if item.worth is None:
        return None
    if isinstance(item.worth, str):
        return points_stated(setting, item.worth, item, "worth")
    found: Part | None = nothing(POINTS_TYPE)
    for class_, text in reversed(list(item.worth.items())):
        kind = Text("类别", "class")
        if not setting.work.known(class_, kind, setting.work.campaign.units.classes, item, "worth", class_):
            return None
        worth = points_stated(setting, text, item, "worth", class_)
        inside = setting.expression(reference_name("in_class", class_), "bool", item, "worth", class_)
        if worth is None or inside is None or found is None:
            return None
        template = "worth if inside else found"
        found = written(setting, item, "worth", template, worth=worth, inside=inside, found=found)
    return found


def _item_points(bench: Bench, item: Item, worth: Part | None) -> Part | None:
    """What is earned less what is lost, within floor and cap, rounded."""
    resolver = Resolver(bench.setting, worth)
    waits = deferred(bench.work, item)
    earned = [resolver.method(method) for method in methods_of(item.earn)]
    lost = [resolver.method(method) for method in methods_of(item.lose)]
    if None in (*earned, *lost) or (item.worth is not None and worth is None):
        return None
    if not earned and not lost and not waits:
        if isinstance(item.node, MappingNode) and (item.node.get("earn") or item.node.get("lose")):
            return None  # it is written, with a fault of form that was said
        bench.work.refuse("item-without-method", item, hint=settled_hint(item.awaits, "earn"))
        return None
    parts = {f"earn_{i}": part for i, part in enumerate(earned) if part} | {
        f"lose_{i}": part for i, part in enumerate(lost) if part
    }
    plus = " + ".join(f"earn_{i}" for i in range(len(earned))) or "0"
    found = bench.write(item, "earn", plus + "".join(f" - lose_{i}" for i in range(len(lost))), **parts)
    if found is None:
        return None
    open_ = with_awaited(found, waits)
    limits = _item_limits(bench, item, worth, bool(earned) or not lost)
    if not rounding_fits(bench.setting, item.round):
        return None
    return fitting(bench.setting, item, "earn", lambda: rounded(limited(open_, *limits), item.round))


def _item_limits(bench: Bench, item: Item, worth: Part | None, earns: bool) -> tuple[Part | None, Part | None]:
    """Stated, or the defaults: at least 0 where something is earned, at most the worth."""
    floor = bench.limit(item.floor, item, "floor")
    cap = bench.limit(item.cap, item, "cap")
    if item.floor is None and earns:
        floor = number(0, POINTS_TYPE)
    if item.cap is None and earns and worth is not None:
        cap = worth
    return floor, cap


# -- weights ------------------------------------------------------------------------------------------------------


def _components(bench: Bench) -> list[CheckedItem | None]:
    found: list[CheckedItem | None] = []
    for card, said in bench.card.weights.items():
        if not bench.work.known(
            card, Text("评分表", "scorecard"), bench.work.campaign.scorecards, bench.card, "weights", card
        ):
            found.append(None)
            continue
        if card in bench.card.items:
            bench.work.refuse("duplicate-id", bench.card, "weights", card, id=card)
        pairs = [("", said)] if isinstance(said, str) else list(said.items())
        found += [_component(bench, card, window or None, weight) for window, weight in pairs]
    return found


def _component(bench: Bench, card: str, window: str | None, weight: str) -> CheckedItem | None:
    path = ("weights", card) if window is None else ("weights", card, window)
    if not bench.setting.need("scorecard", card, bench.card):
        return None
    of = bench.work.scorecards[card]
    share = bench.setting.amount(weight, NUMBER, bench.card, *path)
    words = (card,) if window is None else (card, window)
    points = bench.setting.expression(reference_name("points", *words), "number", bench.card, *path)
    if share is None or points is None:
        return None
    missing, not_applicable = bench.card.missing or "missing", bench.card.not_applicable or "left_out"
    formula = _weighed(bench, share, points, *path, lenient=missing == "missing")
    worth = None if of.out_of is None else _weighed(bench, share, number(of.out_of, POINTS_TYPE), *path)
    if formula is None:
        return None
    windows = next(o.windows for o in formula.operands.values() if o.kind == "points")
    id_ = card if window is None else f"{card}@{window}"
    if "reweighed" in (missing, not_applicable) and worth is None:
        bench.work.refuse("reweighed-without-worth", bench.card, *path, name=card)
    way = f"{weight} * {reference_name('points', *words)}"
    judged = None if of.judged == judged_of(bench.work, bench.card.for_, bench.card) else of.judged
    return CheckedItem(id_, None, "item", worth, formula, None, judged, windows, missing, not_applicable, way)


def _weighed(bench: Bench, weight: Part, points: Part, *path: str, lenient: bool = False) -> ScoreFormula | None:
    part = bench.write(bench.card, "weights", "weight * points", weight=weight, points=points)
    part = part and points_only(bench.setting, part, bench.card, *path)
    return None if part is None else bench.setting.formula(part, bench.card, lenient=lenient)


# -- the whole ----------------------------------------------------------------------------------------------------


def _whole(bench: Bench, items: tuple[CheckedItem, ...]) -> dict[str, Any] | None:
    """The total, the same when the sum is open, before rounding, the grade, the disqualification."""
    card = bench.card
    awaits = frozenset[str]().union(
        *(item.points.awaits for item in items), *(i.applies.awaits for i in items if i.applies)
    )
    ends = sides(Name("items", POINTS))
    spread: dict[str, Ends | None] = {"items": ends} if awaits else {}
    setting = evolve(bench.setting, extra={"items": POINTS}, spread=spread, awaits=awaits)
    inside = evolve(bench, setting=setting)
    part = _total(inside)
    if part is None or not rounding_fits(setting, card.round):
        return None
    total = setting.formula(rounded(part, card.round), card, lenient=True)
    bare = setting.formula(part, card)
    unbounded = evolve(setting, spread={"items": None})
    open_total = unbounded.formula(rounded(part, card.round), card, lenient=True)
    disqualified = _disqualified(inside)
    if total is None or bare is None or open_total is None:
        return None
    by = total if card.grade_by == "rounded" else bare
    grade = _grade(bench, by, total.awaits)
    open_total = evolve(open_total, awaits=total.awaits)
    whole = {"total": total, "open": open_total, "unrounded": bare, "grade": grade, "disqualified": disqualified}
    return {**whole, "gates": dict(_conditions(inside))}


def _conditions(bench: Bench) -> Iterator[tuple[str, ScoreFormula]]:
    """What each gate looks at."""
    for gate in bench.card.gates:
        when = bench.setting.expression(gate.when, "bool", gate, "when")
        formula = None if when is None else bench.setting.formula(when, gate)
        if formula is not None:
            yield gate.id, formula


def _total(bench: Bench) -> Part | None:
    """The card's formula, then its gates in order, then floor and cap."""
    card = bench.card
    part: Part | None = Part(Name("items", POINTS), "items")
    if card.total is not None:
        part = bench.setting.expression(card.total, "number", card, "total")
        part = part and points_only(bench.setting, part, card, "total")
    if part is None:
        return None
    part, sound = with_awaited(part, deferred(bench.work, card)), True
    for gate in card.gates:
        gated = _gated(bench, gate, part)
        part, sound = gated or part, sound and gated is not None
    limits = bench.limit(card.floor, card, "floor"), bench.limit(card.cap, card, "cap")
    total = part
    return fitting(bench.setting, card, "total", lambda: limited(total, *limits)) if sound else None


_EFFECTS: Final = {
    "zero": "0 if when else total",
    "lose": "total - (points if when else 0)",
    "times": "total * (factor if when else 1)",
}
"""The total stands once in each, so that many gates make a formula that is long, not one that doubles with each."""


_KEYS: Final = ("points", "factor", "grade")
_KEY_OF: Final = {"at_most": "points", "lose": "points", "times": "factor", "grade_at_most": "grade"}
_EXAMPLES: Final = {"points": "60 分", "factor": "50%"}


def _check_gates(bench: Bench) -> None:
    """Each gate has what its effect needs and nothing else; grades are there where something moves them."""
    card, work = bench.card, bench.work
    for gate in card.gates:
        needed = _KEY_OF.get(gate.effect)
        if needed is not None and getattr(gate, needed) is None:
            expected = _EXAMPLES.get(needed) or ", ".join(grade.id for grade in card.grades) or None
            work.refuse("missing-key", gate, key=needed, expected=expected)
        for key in _KEYS:
            if key != needed and getattr(gate, key) is not None:
                work.refuse("key-of-another-way", gate, key, key=key, way=f"effect: {gate.effect}", expected=needed)
    moved = bool(card.promotions) or any(gate.effect == "grade_at_most" for gate in card.gates)
    if moved and not card.grades:
        work.refuse("missing-key", card, key="grades", expected="[{id: …, at_least: 90 分}, …]")


def _gated(bench: Bench, gate: Gate, total: Part) -> Part | None:
    when = bench.setting.expression(gate.when, "bool", gate, "when")
    if when is None:
        return None
    if gate.effect not in (*_EFFECTS, "at_most"):
        return total
    key = _KEY_OF.get(gate.effect)
    parts = {"total": total, "when": when}
    if key is not None:
        text = getattr(gate, key)
        if text is None:  # it was missed already
            return None
        amount = bench.setting.amount(text, POINTS_TYPE if key == "points" else NUMBER, gate, key)
        if amount is None:
            return None
        parts[key] = amount
    if gate.effect == "at_most":
        return limited_when(total, when, parts["points"], at_most=True)
    return bench.write(gate, "effect", _EFFECTS[gate.effect], **parts)


def _disqualified(bench: Bench) -> ScoreFormula | None:
    """Whether some gate disqualifies."""
    found = [
        bench.setting.expression(g.when, "bool", g, "when") for g in bench.card.gates if g.effect == "disqualified"
    ]
    parts = {f"gate_{i}": part for i, part in enumerate(found) if part is not None}
    if not parts or len(parts) < len(found):
        return None
    return bench.setting.formula(write(" or ".join(parts), **parts), bench.card)


def _grade(bench: Bench, by: ScoreFormula, awaits: frozenset[str]) -> ScoreFormula | None:
    """The index of the first grade whose conditions hold, moved by promotions, not above what gates allow."""
    card = bench.card
    if not card.grades:
        return None
    ends = None if by.ends is None else sides(Name("total", POINTS))
    spread: dict[str, Ends | None] = {} if by.exact else {"total": ends}
    setting = evolve(bench.setting, extra={"total": POINTS}, spread=spread, awaits=awaits)
    inside = evolve(bench, setting=setting)
    parts: dict[str, Part] = {}
    for i, grade in enumerate(card.grades):
        condition = _grade_condition(inside, grade)
        if condition is None:
            return None
        parts[f"grade_{i}"] = condition
    text = "".join(f"{i} if grade_{i} else " for i in range(len(card.grades))) + str(len(card.grades))
    part = bench.write(card, "grades", text, **parts)
    part = part and _promoted(inside, part)
    return None if part is None else setting.formula(part, card)


def _grade_condition(bench: Bench, grade: Grade) -> Part | None:
    total = Part(Name("total", POINTS), "total")
    parts: dict[str, Part] = {"total": total}
    conditions = []
    for key, operator in (("at_least", ">="), ("above", ">")):
        if (text := getattr(grade, key)) is not None:
            limit = bench.setting.amount(text, POINTS_TYPE, grade, key)
            if limit is None:
                return None
            parts[key] = limit
            conditions.append(f"total {operator} {key}")
    if grade.top is not None:
        limit = top_limit(bench.setting, grade.top, "members(total)", {"total": total}, grade, "top")
        if limit is None:
            return None
        parts["top"] = limit
        conditions.append("place_of(total) <= top")
    if grade.when is not None:
        when = bench.setting.expression(grade.when, "bool", grade, "when")
        if when is None:
            return None
        parts["condition"] = when
        conditions.append("condition")
    if not conditions:
        return Part(Literally(True, BOOL), "True")
    used = {name: part for name, part in parts.items() if name in " ".join(conditions)}
    return bench.write(grade, "at_least", " and ".join(conditions), **used)


def top_limit(
    setting: Setting, text: str, count: str, parts: Mapping[str, Part], element: Element, key: str
) -> Part | None:
    """A number of places: stated, or a share of the ranked, rounded down."""
    share = text.strip().endswith("%") or (
        setting.work.deferred.get(text, COUNT).dim == () and text in setting.work.deferred
    )
    constant = setting.work.constants.get(text)
    if constant is not None and constant[1].kind == "number" and not constant[1].dim:
        share = setting.work.campaign.parameters[text].type in ("%", "percent", "‰")
    found = setting.amount(text, NUMBER if share else COUNT, element, key)
    if found is None or not share:
        return found
    return written(setting, element, key, f"floor(share * {count})", share=found, **parts)


COUNT: Final = Type("number", (("count", 1),))


def _promoted(bench: Bench, part: Part) -> Part | None:
    last = len(bench.card.grades)
    found: Part | None = part
    for promotion in bench.card.promotions:
        when = bench.setting.expression(promotion.when, "bool", promotion, "when")
        if when is None or found is None:
            return None
        step = f"grade {'+' if promotion.down else '-'} ({promotion.by} if when else 0)"
        found = bench.write(promotion, "when", f"clamp({step}, 0, {last})", grade=found, when=when)
    grades = [grade.id for grade in bench.card.grades]
    for gate in bench.card.gates:
        if gate.effect == "grade_at_most" and gate.grade is not None and found is not None:
            if not bench.work.known(gate.grade, Text("等次", "grade"), grades, gate, "grade"):
                return None
            when = bench.setting.expression(gate.when, "bool", gate, "when")
            index = grades.index(gate.grade)
            found = when and limited_when(found, when, number(index), at_most=False)
    return found


# -- consistency and silence --------------------------------------------------------------------------------------


def _parts_of(said: str | Mapping[str, str]) -> int:
    """How many components a weighted scorecard gives."""
    return 1 if isinstance(said, str) else len(said)


def _check_worths(bench: Bench, items: tuple[CheckedItem, ...], out_of: Decimal | None) -> None:
    """Worths add up to the full mark (asked only where every item is sound, and each is for every unit)."""
    if any(item.judged is not None for item in items if item.item is not None):
        return  # `check` adds them up for each class
    worths = [_literal(item.worth) for item in items if item.kind == "item" and item.item is not None]
    total = sum((worth for worth in worths if worth is not None), Decimal(0))
    if out_of is not None and worths and None not in worths and total != out_of:
        numbers = {"total": plain_text(total), "out_of": plain_text(out_of)}
        bench.work.refuse("worths-do-not-sum", bench.card, "out_of", **numbers, severity="warning")


def _literal(formula: ScoreFormula | None) -> Decimal | None:
    value = formula.tree.value if formula is not None and isinstance(formula.tree, Literally) else None
    return value if isinstance(value, Decimal) else None


def _check_weights(bench: Bench) -> None:
    texts = [t for said in bench.card.weights.values() for t in ([said] if isinstance(said, str) else said.values())]
    known = [
        quantity_of(bench.work, text, NUMBER, bench.card, "weights") for text in texts if text.strip().endswith("%")
    ]
    total = sum((value for value in known if value is not None), Decimal(0))
    if texts and len(known) == len(texts) and total != 1:
        shown = plain_text(total * 100)
        bench.work.refuse("weights-do-not-sum", bench.card, "weights", total=shown, severity="warning")


def _say_silent(bench: Bench) -> None:
    card, items = bench.card, bench.card.items
    if items and card.missing is None and any(item.missing is None for item in items.values()):
        unstated(bench.setting, card, "missing", "missing", _MISSING, "missing")
    may_not_apply = [i for i in items.values() if i.for_ is not None or i.applies_if is not None]
    if card.not_applicable is None and any(item.not_applicable is None for item in may_not_apply):
        unstated(bench.setting, card, "not_applicable", "not_applicable", _NOT_APPLICABLE, "left_out")
    for item in items.values():
        uncapped = item.cap is None and item.worth is None and item.earn is not None
        if uncapped and not all(method.cap for method in methods_of(item.earn)):
            unstated(bench.setting, item, "earn", "cap", _CAP, NO_LIMIT)
        if item.floor is None and item.lose is not None:
            unstated(bench.setting, item, "lose", "floor", _FLOOR, "0" if item.earn is not None else NO_LIMIT)
    if card.cap is None and any(item.kind == "bonus" for item in items.values()):
        unstated(bench.setting, card, "cap", "cap", _TOTAL_CAP, NO_LIMIT)


_MISSING: Final = Text("数据缺失时得几分", "the points when data are missing")
_NOT_APPLICABLE: Final = Text("不适用的项怎样计", "how items that do not apply count")
_CAP: Final = Text("最高得多少", "the most that can be earned")
_FLOOR: Final = Text("最低扣到多少", "the least that can be left")
_TOTAL_CAP: Final = Text("加分后总分最高多少", "the most that the total can be with bonus points")
