"""Weights and worths against the full mark: do they make it, and can they while some are open?

What is stated outright the checker has added up already; here are worths by class, items for some units only, and
parameters between bounds, and the agreements. Must not know: how points are earned.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from campaignrules.checked import CheckedCampaign, CheckedItem, CheckedScorecard
from campaignrules.consistency.stated import Between, between, worked_out
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.model import Scorecard
from campaignrules.quantities import EXACT, plain_text

WHOLE: Final = Decimal(1)
MOST_CLASSES: Final = 50


def worths(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """For each class that a card scores: the worths of its items against the full mark."""
    for card in checked.scorecards.values():
        if card.out_of is None:
            continue
        everyone = not any(_by_class(item) for item in card.items)
        for class_ in [""] if everyone else _classes(checked, card):
            yield from _added_up(card, class_, stated=everyone)


def _by_class(item: CheckedItem) -> bool:
    return item.judged is not None or (item.item is not None and not isinstance(item.item.worth, str | None))


def _classes(checked: CheckedCampaign, card: CheckedScorecard) -> list[str]:
    """The classes a card is for; none where it names single units, whose classes only data may tell."""
    if any(one.kind != "each" for one in card.judged):
        return []
    named = [one.name for one in card.judged]
    every = [*checked.campaign.units.classes] if "" in named or "unit" in named else named
    return every[:MOST_CLASSES]


def _added_up(card: CheckedScorecard, class_: str, *, stated: bool) -> Iterator[Diagnostic]:
    bounds = [_worth(item, class_) for item in card.items if item.item is not None and _counts(item, class_)]
    known = [each for each in bounds if each is not None]
    if not known or len(known) < len(bounds) or card.out_of is None:
        return
    low, high = _sum(known)
    numbers: dict[str, Any] = {"out_of": plain_text(card.out_of), "low": plain_text(low), "high": plain_text(high)}
    who = Text(f"（{class_}）", f" ({class_})") if class_ else Text("", "")
    at, subject = card.card.spot("out_of"), card.id
    if low == high == card.out_of:
        yield fault("worths-sum", at, subject=subject, agrees=True, sum=_said(known), out_of=numbers["out_of"], who=who)
    elif low == high and not stated:
        yield fault(
            "class-worths-do-not-sum", at, subject=subject, total=numbers["low"], who=who, out_of=numbers["out_of"]
        )
    elif low != high and not low <= card.out_of <= high:
        yield fault("worths-cannot-sum", at, subject=subject, who=who, **numbers)


def _counts(item: CheckedItem, class_: str) -> bool:
    """Whether an item is part of the full mark of a unit of that class."""
    named = item.judged is None or any(one.kind == "each" and one.name in ("", "unit", class_) for one in item.judged)
    return item.kind == "item" and named


def _worth(item: CheckedItem, class_: str) -> Between | None:
    return worked_out(item.worth, frozenset({class_}))


def _sum(bounds: list[Between]) -> Between:
    low = high = Decimal(0)
    for least, most in bounds:
        low, high = EXACT.add(low, least), EXACT.add(high, most)
    return low, high


def _said(bounds: list[Between]) -> str:
    return " + ".join(plain_text(low) for low, _ in bounds)


def weights(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """The weights of a card made of others, where each is a percentage or a parameter that is one."""
    for name, card in checked.campaign.scorecards.items():
        texts = _texts(card)
        bounds = [between(checked, text) for text in texts if _is_share(checked, text)]
        known = [each for each in bounds if each is not None]
        if not texts or len(known) < len(texts):
            continue
        low, high = _sum(known)
        at, hundred = card.spot("weights"), Decimal(100)
        said = " + ".join(f"{plain_text(each * hundred)}%" for each, _ in known)
        if low == high == WHOLE:
            yield fault("weights-sum", at, subject=name, agrees=True, sum=said)
        elif low == high and any(text in checked.parameters for text in texts):
            yield fault("weights-do-not-sum", at, subject=name, total=plain_text(low * hundred))
        elif low != high and not low <= WHOLE <= high:
            numbers: dict[str, Any] = {"low": plain_text(low * hundred), "high": plain_text(high * hundred)}
            yield fault("weights-cannot-sum", at, subject=name, **numbers)


def _texts(card: Scorecard) -> list[str]:
    said = card.weights.values()
    return [text.strip() for one in said for text in ([one] if isinstance(one, str) else one.values())]


def _is_share(checked: CheckedCampaign, text: str) -> bool:
    parameter = checked.parameters.get(text)
    return text.endswith("%") if parameter is None else parameter.type in ("%", "percent")
