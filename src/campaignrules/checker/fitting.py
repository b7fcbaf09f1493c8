"""Formulas made of the parts of a scorecard: where the parts do not go together there is a fault, no exception.

In: the setting they stand in, templates and parts. Out: a `Part`, or None after a fault at the key that is to blame.
Must not know: items, gates, rankings, the ways of scoring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from campaignrules.checker.operands import POINTS_TYPE, Setting
from campaignrules.errors import Text
from campaignrules.model import Element, Rounding
from campaignrules.quantities import DIVISION_PLACES, base_unit
from campaignrules.scoring import DoesNotFit, Part, write


def fitting(setting: Setting, element: Element, key: str, made: Callable[[], Part]) -> Part | None:
    """What `made` gives, which may raise DoesNotFit."""
    try:
        return made()
    except DoesNotFit as problem:
        if any(one.code in _TOO_MUCH for one in problem.faults):
            setting.work.refuse("too-many-parts", element, key)
        else:
            setting.work.refuse("parts-do-not-fit", element, key, parts=measured(problem.parts))
        return None


_TOO_MUCH: Final = frozenset(
    {"expression-too-deep", "expression-too-large", "expression-too-long", "too-many-digits", "wrong-arguments"}
)


def written(setting: Setting, element: Element, key: str, template: str, **parts: Part) -> Part | None:
    """The formula `template` with these parts."""
    return fitting(setting, element, key, lambda: write(template, **parts))


def measured(parts: Mapping[str, Part]) -> str:
    """What the parts of a formula are measured in, for people: `value: 个, worth: 分`."""
    words = {name.strip("_"): part.type for name, part in parts.items() if name != "nil"}
    return ", ".join(
        f"{name}: {base_unit(type_.dim).name if len(type_.dim) == 1 else type_}" for name, type_ in words.items()
    )


def gives_points(part: Part) -> bool:
    """Whether it is a number of points or a plain number."""
    return part.type.kind == "number" and part.type.dim in ((), POINTS_TYPE.dim)


def points_only(setting: Setting, part: Part, element: Element, *path: str | int) -> Part | None:
    """The part, if it is a number of points or a plain number."""
    if gives_points(part):
        return part
    setting.work.refuse("wrong-type", element, *path, expected=Text("分数", "points"), got=str(part.type))
    return None


def points_stated(setting: Setting, text: str, element: Element, *path: str) -> Part | None:
    """A number of points, stated or as a formula."""
    found = setting.amount(text, POINTS_TYPE, element, *path)
    return None if found is None else points_only(setting, found, element, *path)


def rounding_fits(setting: Setting, rounding: Rounding | None) -> bool:
    """Whether it keeps no more decimals than numbers have."""
    if rounding is None or rounding.places <= DIVISION_PLACES:
        return True
    setting.work.refuse("bad-places", rounding, "places", limit=DIVISION_PLACES)
    return False
