"""Numbers as a campaign file states them, and the ways by which its items score.

In: texts such as `20 分`, `90%` or the name of a parameter. Out: what they are, or what they lie between, in base
units; None where they are anything else. Must not know: what is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

from campaignrules.brackets import Ends
from campaignrules.checked import CheckedCampaign, CheckedMetric, CheckedTarget, Limited, Measure, ScoreFormula
from campaignrules.consistency.solver import Number
from campaignrules.errors import CampaignError
from campaignrules.model import Item, Method, Parameter, Way
from campaignrules.quantities import EXACT, PLAIN_UNIT, UNITS, QuantityError, Unit, parse_quantity, plain_text
from campaignrules.reference import evaluate
from campaignrules.trees import Tree

Between = tuple[Decimal, Decimal]
Reach = tuple[Decimal | None, Decimal | None]
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


def between(checked: CheckedCampaign, text: str | None) -> Between | None:
    """The least and the greatest that a quantity or a parameter can be."""
    if text is None:
        return None
    parameter = checked.parameters.get(text.strip())
    if parameter is not None:
        return _settled(parameter)
    value = _quantity(text)
    return None if value is None else (value, value)


def exactly(checked: CheckedCampaign, text: str | None) -> Decimal | None:
    """The number that a text states."""
    found = between(checked, text)
    return found[0] if found is not None and found[0] == found[1] else None


def _settled(parameter: Parameter) -> Between | None:
    """A parameter's value, or the bounds of a deferred one, in base units; a bare number is in the parameter's own."""
    said = parameter.deferred.between if parameter.deferred is not None else (parameter.value,) * 2
    values = [None if text is None else _quantity(text, UNITS.get(parameter.type)) for text in said]
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if len(known) == 2 else None


def _quantity(text: str, own: Unit | None = None) -> Decimal | None:
    try:
        quantity = parse_quantity(text.strip())
    except QuantityError:
        return None
    bare = quantity.unit is PLAIN_UNIT and own is not None
    return quantity.number * own.factor if bare and own is not None else quantity.base


def worked_out(formula: ScoreFormula | None, classes: frozenset[str] = frozenset()) -> Between | None:
    """What a formula lies between for a unit of a class, when it looks at nothing but parameters and the class."""
    if formula is None or any(operand.kind != "class" for operand in formula.operands.values()):
        return None
    row = {name: operand.id in classes for name, operand in formula.operands.items()}
    ends = formula.ends or (Ends(formula.tree, formula.tree) if not formula.awaits else None)
    if ends is None:
        return None
    values = [_value(ends.low, row), _value(ends.high, row)]
    known = [value for value in values if value is not None]
    return (known[0], known[1]) if len(known) == 2 else None


def _value(tree: Tree, row: dict[str, bool]) -> Decimal | None:
    try:
        found = evaluate(tree, row).value
    except CampaignError:
        return None
    return found if isinstance(found, Decimal) else None


def reach(checked: CheckedCampaign, metric: CheckedMetric) -> Reach:
    """The least and the greatest value a metric can have whatever the data are; None where nothing is known."""
    kernel = metric.kernel
    if isinstance(kernel, Limited):
        return reach(checked, checked.metrics[kernel.of])
    if not isinstance(kernel, Measure):
        return None, None
    if kernel.verb == "rate" and kernel.field is None:
        return ZERO, ONE
    return (ZERO if kernel.verb in ("count", "distinct") else None), None


def metric_of(checked: CheckedCampaign, text: str | None) -> CheckedMetric | None:
    """The metric that a text is the name of, or the target's whose id it is."""
    words = (text or "").strip()
    target = next((one for one in checked.targets if one.target.id == words), None)
    return target.metric if target is not None else checked.metrics.get(words)


def ways_of(item: Item) -> Iterator[tuple[Way, bool]]:
    """Every way of an item, those inside `best_of` and `sum_of` too, and whether it takes points away."""
    for said, loses in ((item.earn, False), (item.lose, True)):
        for method in said if isinstance(said, tuple) else (said,):
            if isinstance(method, Method):
                yield from ((way, loses) for way in (*method.best_of, *method.sum_of) or (method,))


def items_of(checked: CheckedCampaign) -> Iterator[tuple[str, Item]]:
    """`card.item` → each item of each scorecard."""
    for name, card in checked.campaign.scorecards.items():
        yield from ((f"{name}.{id_}", item) for id_, item in card.items.items())


def number_of(target: CheckedTarget) -> Decimal | None:
    """The number of a demand that has one, for whom nothing else is stated."""
    number = target.low if target.low is not None else target.high
    return None if number is None else number.value


def shown(value: Number | Decimal, unit: Unit) -> str:
    """A number in base units as people write it: `20 亿元`, `90%`, `1/3 亿元`; a plain one without its unit."""
    number = plain(Fraction(value) / Fraction(unit.factor))
    if unit is PLAIN_UNIT:
        return number
    return f"{number}{unit.name}" if unit.name in ("%", "‰") else f"{number} {unit.name}"


def plain(value: Number) -> str:
    """Exactly: as a decimal where it has an end, else as a fraction."""
    number = Fraction(value)
    rest = number.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest > 1:
        return f"{number.numerator}/{number.denominator}"
    return plain_text(EXACT.divide(Decimal(number.numerator), Decimal(number.denominator)))
