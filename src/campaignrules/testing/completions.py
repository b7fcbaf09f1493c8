"""A campaign with its deferred parameters settled: the bounds of all of them, and values between.

In: a campaign. Out: for a number the campaign that a notice would make of it, with what the notice says. What a notice
would leave open all the same (rules that are awaited, parameters that are no number) stays open. Must not know: data,
Hypothesis.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any, Final

from attrs import Factory, frozen

from campaignrules import driver
from campaignrules import overlays as notices
from campaignrules.checked import Limited
from campaignrules.driver import Campaign
from campaignrules.errors import CampaignError
from campaignrules.model import Parameter
from campaignrules.quantities import EXACT, UNITS, Quantity, QuantityError, parse_quantity, plain_text
from campaignrules.testing.aims import every_tree, names_in

MOST: Final = 8
"""Completions that are made ready: each is a campaign that is checked and planned."""
_STEPS: Final = 8
_FREE: Final = ("0", "1", "3", "10")
"""What a parameter without bounds is settled as, in its own unit."""


@frozen(eq=False, repr=False, slots=False)
class Completions:
    """The completions of one campaign, each made when it is first asked for."""

    campaign: Campaign
    made: dict[int, tuple[Mapping[str, str], Campaign] | None] = Factory(dict)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Deferred numbers that formulas look at, and that nothing merely awaits."""
        checked = self.campaign.checked
        used = frozenset[str]().union(*(names_in(tree) for tree in every_tree(checked)))
        used |= {name for target in checked.targets for name in target.waits}
        kernels = (metric.kernel for metric in checked.metrics.values())
        used |= {one.open for one in kernels if isinstance(one, Limited) and one.open is not None}
        merely = _awaited(checked.campaign)
        return {
            name: parameter
            for name, parameter in checked.parameters.items()
            if parameter.deferred is not None and name in used - merely and _is_number(parameter)
        }

    def at(self, chance: int) -> tuple[Mapping[str, str], Campaign] | None:
        """What is filled in, and the campaign; None where nothing can be settled."""
        if not self.parameters:
            return None
        which = chance % MOST
        if which not in self.made:
            self.made[which] = self._make(which)
        return self.made[which]

    def _make(self, which: int) -> tuple[Mapping[str, str], Campaign] | None:
        chance = random.Random(which)  # noqa: S311  any values will do
        ends = {0: 0, 1: _STEPS}
        steps = {name: ends.get(which, chance.randint(0, _STEPS)) for name in self.parameters}
        values = {name: _settled(parameter, steps[name]) for name, parameter in self.parameters.items()}
        try:
            return values, _filled(self.campaign, values)
        except CampaignError:
            return None


def _filled(campaign: Campaign, values: Mapping[str, str]) -> Campaign:
    lines = "".join(f"  parameters.{name}: {value}\n" for name, value in values.items())
    notice = f"overlay_for: {campaign.name}\nid: completion\ndocument: {{title: 补充通知}}\nsource: 一\nfill:\n{lines}"
    given = notices.read([notice])
    return driver.build(campaign.document, campaign.readings, (*campaign.overlays, *given.overlays))


def _awaited(element: Any) -> frozenset[str]:
    """What `awaits:` names anywhere: rules nobody knows are not made by settling it."""
    parts = (
        *element.targets, *element.duties, *element.honours, *element.rankings.values(), *element.scorecards.values(),
        *(item for card in element.scorecards.values() for item in card.items.values()),
    )  # fmt: skip
    return frozenset(name for part in parts for name in part.awaits)


def _is_number(parameter: Parameter) -> bool:
    return parameter.type == "number" or parameter.type in UNITS


def _settled(parameter: Parameter, step: int) -> str:
    """So many eighths of the way from the lowest to the highest it may be."""
    try:
        bounds = [parse_quantity(text) for text in parameter.deferred.between] if parameter.deferred else []
    except QuantityError:
        bounds = []
    name = "" if parameter.type == "number" else f" {parameter.type}"
    if len(bounds) != 2:
        return f"{_FREE[step % len(_FREE)]}{name}"
    low, high = bounds
    if step in (0, _STEPS):
        return _written(low if step == 0 else high)
    unit = UNITS["number"] if parameter.type == "number" else UNITS[parameter.type]
    ends = [one.base / unit.factor for one in bounds]
    share = EXACT.multiply(EXACT.subtract(ends[1], ends[0]), Decimal(step)) / _STEPS
    number = EXACT.add(ends[0], share)
    places = Decimal(1) if unit.dim == (("count", 1),) else Decimal("0.0001")
    return f"{plain_text(number.quantize(places, ROUND_HALF_EVEN))}{name}"


def _written(quantity: Quantity) -> str:
    name = quantity.unit.name
    return plain_text(quantity.number) + ("" if name == "number" else f" {name}")
