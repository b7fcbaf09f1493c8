"""CheckedCampaign → findings about its demands: clashes, sums that do not come out, and those that do.

In: the relations that the solver found. Out: a diagnostic for each, with the clauses and a witness in words. Must not
know: how they are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from campaignrules.checked import CheckedCampaign, CheckedTarget
from campaignrules.consistency.linear import Demand, Model, model_of
from campaignrules.consistency.relations import Relation, related
from campaignrules.consistency.sketches import OpenDemand
from campaignrules.consistency.solver import Number
from campaignrules.consistency.stated import plain, shown
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.quantities import Unit

MOST_NAMED: Final = 12
"""Parts that a message names; all of them stand among its places."""
Any_ = Demand | OpenDemand


def examine_demands(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """What the demands of a campaign come to, one by one met and all together."""
    model = model_of(checked)
    for relation in related(model):
        yield _WORDS[relation.kind](relation)
    yield from _too_wide(model)


def _too_wide(model: Model) -> Iterator[Diagnostic]:
    wide = [target for target, why in model.left_out if why in ("wide", "many")]
    if wide:
        yield _unexamined(wide)


def _unexamined(targets: Sequence[CheckedTarget]) -> Diagnostic:
    names = dict.fromkeys(target.target.id for target in targets)
    first = targets[0].target
    return fault("demands-unexamined", first.spot(), subject=first.id, count=str(len(names)), targets=_list(names))


# --- a relation in words ------------------------------------------------------------


def _said(code: str, relation: Relation, **args: Any) -> Diagnostic:
    """The diagnostic of a relation at its whole, with each part's place, its own number and clause."""
    whole = relation.whole
    return fault(
        code,
        whole.target.target.spot(whole.target.comparator),
        severity=None if relation.grave or code not in _GRAVE else "note",
        agrees=relation.kind == "agree",
        subject=whole.id,
        related=[_place(part) for part in _once(relation.parts) if part.target.target.id != whole.id],
        whole=_name(whole),
        window=whole.window.id,
        demanded=shown(_of_each(whole.number, relation), whole.target.unit),
        parts=_list(_counted(relation.parts)),
        **args,
    )


_GRAVE: Final = ("demands-clash", "parts-below-whole", "parts-above-whole", "parts-exceed-whole")
"""Codes whose findings are warnings, unless they rest on what is only striven for, or on a rhythm."""


def _clash(relation: Relation) -> Diagnostic:
    whole, parts = relation.whole, _once(relation.parts)
    reached, gap = (shown(number, whole.target.unit) for number in (relation.amount, relation.gap))
    how = Text("", "")
    if relation.gap:
        zh, en = ("最多", "at most") if whole.sense == ">=" else ("至少", "at least")
        how = Text(
            f"；做到其余各条，{whole.id} {zh}是 {reached}，差 {gap}",
            f"; with the others met, {whole.id} is {en} {reached}, {gap} off",
        )
    return fault(
        "demands-clash",
        whole.target.target.spot(whole.target.comparator),
        severity=None if relation.grave else "note",
        subject=whole.id,
        related=[_place(part) for part in parts if part.target.target.id != whole.id],
        parts=_list(_counted(relation.parts)),
        how=how,
    )


def _against_parts(code: str) -> Callable[[Relation], Diagnostic]:
    def say(relation: Relation) -> Diagnostic:
        unit = relation.whole.target.unit
        return _said(
            code,
            relation,
            sum=shown(_of_each(relation.amount, relation), unit),
            gap=_difference(_of_each(relation.gap, relation), unit),
        )

    return say


def _units(relation: Relation) -> Diagnostic:
    (each,) = relation.parts
    below = relation.amount - 1
    return _said(
        "units-reach-total",
        relation,
        units=plain(relation.amount),
        fewer=plain(below),
        each=_own(each),
        sum=shown(relation.amount * each.number, relation.whole.target.unit),
    )


def _unknown(relation: Relation) -> Diagnostic:
    return _unexamined([part.target for part in relation.parts])


_WORDS: Final[Mapping[str, Callable[[Relation], Diagnostic]]] = {
    "clash": _clash,
    "below": _against_parts("parts-below-whole"),
    "above": _against_parts("parts-above-whole"),
    "exceed": _against_parts("parts-exceed-whole"),
    "agree": _against_parts("parts-agree"),
    "overlap": _against_parts("parts-overlap"),
    "strive": _against_parts("rests-on-strive"),
    "numbers": _against_parts("two-numbers-one-day"),
    "stages": _against_parts("stages-without-slack"),
    "wait": _against_parts("parts-cannot-wait"),
    "units": _units,
    "unknown": _unknown,
}


def _place(part: Any_) -> tuple[Any, Text]:
    clause = part.target.target.source or "—"
    shown = f"{part.window.id} {_own(part)}"
    name = part.target.target.id
    spot = part.target.target.spot(part.target.comparator)
    return spot, Text(f"{name}（条款 {clause}）：{shown}", f"{name} (clause {clause}): {shown}")


def _once(parts: Iterable[Any_]) -> list[Any_]:
    """One for each target: the first of its windows."""
    return list({part.target.target.id: part for part in reversed(list(parts))}.values())[::-1]


def _counted(parts: Iterable[Any_]) -> Iterator[str]:
    """Each part with its number, and how many windows and units of it there are."""
    given = list(parts)
    for part in _once(given):
        times = sum(one.target is part.target for one in given) * _units_of(part)
        yield f"{part.target.target.id} {_own(part)}" + (f" × {times}" if times > 1 else "")


def _units_of(part: Any_) -> int:
    """How many units have the same number; one where some have another."""
    return part.times if isinstance(part, Demand) and not part.target.exceptions else 1


def _own(part: Any_) -> str:
    """The number as it stands in the file."""
    return shown(Fraction(part.number) / (_units_of(part) or 1), part.target.unit)


def _of_each(value: Number, relation: Relation) -> Number:
    """A sum over units as what it is for one of them, where all of it is about each."""
    whole = relation.whole
    return Fraction(value) / _units_of(whole) if whole.judged.kind == "each" and _units_of(whole) else value


def _name(part: Any_) -> str:
    return f"{part.target.target.id} ({part.target.target.source or '—'})"


def _list(names: Iterable[str]) -> Text:
    given = list(names)
    more = len(given) - MOST_NAMED
    zh, en = "、".join(given[:MOST_NAMED]), ", ".join(given[:MOST_NAMED])
    return Text(f"{zh} 等 {len(given)} 项", f"{en} and {more} more") if more > 0 else Text(zh, en)


def _difference(value: Number, unit: Unit) -> Text:
    """Between two percentages lie percentage points."""
    if unit.name not in ("%", "percent"):
        return Text(*[shown(value, unit)] * 2)
    points = plain(100 * Fraction(value))
    return Text(f"{points} 个百分点", f"{points} percentage points")
