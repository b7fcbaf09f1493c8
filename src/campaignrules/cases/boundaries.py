"""The numbers of a target as boundaries: a row exactly at each, and a row that just fails it.

In: a checked target, a row of its progress. Out: the boundaries there are, and those that the row stands at. Must not
know: expectations, files.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from campaignrules.checked import CheckedTarget
from campaignrules.errors import Text
from campaignrules.quantities import EXACT, MONEY, Unit
from campaignrules.results import Progress

AT: Final = "at"
JUST: Final = "just"
Side = str
LOW: Final = "low"
HIGH: Final = "high"
_HUNDREDTH: Final = Decimal("0.01")
_TENTH: Final = Decimal("0.1")


@frozen(eq=False, repr=False)
class Boundary:
    """A number of a target, met exactly or just failed. `unit`: whose own number it is."""

    id: str
    name: Text
    spot: Any


def boundaries_of(target: CheckedTarget) -> Iterator[Boundary]:
    """Each number twice; those that wait for a notice are none yet."""
    for side, unit in _numbers(target):
        text, spot = _written(target, side, unit)
        whose = f" ({unit})" if unit else ""
        for how, words in _HOW.items():
            name = Text(f"{target.target.id}{whose} {words.zh} {text}", f"{target.target.id}{whose}, {words.en} {text}")
            yield Boundary(_id(target, side, unit, how), name, spot)


_HOW: Final = {AT: Text("正好", "exactly"), JUST: Text("差一点就满足", "just failing")}


def _id(target: CheckedTarget, side: Side, unit: str | None, how: str) -> str:
    return "/".join((target.target.id, side, how, *((unit,) if unit else ())))


def _numbers(target: CheckedTarget) -> Iterator[tuple[Side, str | None]]:
    if target.waits:
        return
    if target.low is not None:
        yield LOW, None
    if target.high is not None and target.comparator != "exactly":
        yield HIGH, None
    side = HIGH if target.comparator == "at_most" else LOW
    yield from ((side, unit) for unit, number in target.exceptions.items() if number is not None)


def _written(target: CheckedTarget, side: Side, unit: str | None) -> tuple[str, Any]:
    said = target.target
    if unit is not None:
        return said.except_.get(unit, ""), said.spot("except", unit)
    if target.comparator == "every":
        return "100%", said.spot("every")
    if target.comparator == "between":
        index = 0 if side == LOW else 1
        return said.between[index], said.spot("between", index)
    return getattr(said, target.comparator), said.spot(target.comparator)


# -- reached ------------------------------------------------------------------------------------------------------


def boundary_reached(target: CheckedTarget, row: Progress) -> Iterator[str]:
    """The boundaries that a decided row stands at."""
    unit = row.unit if row.unit is not None and target.exceptions.get(row.unit) is not None else None
    for side, whose in _numbers(target):
        number = row.required_high if side == HIGH and target.comparator == "between" else row.required
        if whose != unit and not (target.comparator == "between" and side == HIGH):
            continue
        if row.value is None or number is None:
            continue
        if row.value == number:
            yield _id(target, side, whose, AT)
        elif _fails(target, side, row.value, number) and _near(target, row.value, number):
            yield _id(target, side, whose, JUST)


def _fails(target: CheckedTarget, side: Side, value: Decimal, number: Decimal) -> bool:
    return target.comparator == "exactly" or (value < number if side == LOW else value > number)


def _near(target: CheckedTarget, value: Decimal, number: Decimal) -> bool:
    """Whether a value lies a hundredth of the number away at most, or one of what is counted, or ten percentage points.

    Of all that must be reached, some that is not is enough: how near that comes to all is up to how many there are.
    """
    allowed = max(EXACT.multiply(abs(number), _HUNDREDTH), _least(number, target.unit))
    return target.comparator == "every" or abs(EXACT.subtract(value, number)) <= allowed


def _least(number: Decimal, unit: Unit) -> Decimal:
    if not unit.dimension:
        return EXACT.multiply(_TENTH, EXACT.scaleb(Decimal(1), -unit.power))
    if unit.dimension in MONEY:
        return Decimal(0) if number else Decimal(1)
    return EXACT.scaleb(Decimal(1), -unit.power)
