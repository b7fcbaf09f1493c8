"""Scoring methods → formulas: one function for each way to score, which says it in the expression language.

Comes in: a way of the YAML and its numbers as `Part`s (checked trees with their text). Goes out: one part, the points.
`WAYS` lists for each way which keys it needs and which it may take. Must not know: campaigns, names, windows, how a
formula is evaluated. A new way is one function here, one row of the table, one folder of tests and one section of
docs/scoring.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from attrs import frozen

from campaignrules.errors import Diagnostic
from campaignrules.expressions import examine
from campaignrules.model import Rounding, Way
from campaignrules.quantities import plain_text
from campaignrules.trees import BOOL, NUMBER, Apply, Expression, Literally, Scope, Tree, Type, graft

ROUNDINGS: Final = {"half_up": "round", "half_even": "round_even", "down": "round_down", "up": "round_up"}


@frozen
class Part:
    """A checked formula and how it is written."""

    tree: Tree
    text: str

    @property
    def type(self) -> Type:
        return self.tree.type

    @property
    def literal(self) -> Decimal | None:
        """Its value when it is a known number."""
        value = self.tree.value if isinstance(self.tree, Literally) else None
        return value if isinstance(value, Decimal) else None


class DoesNotFit(Exception):  # noqa: N818  the checker makes a diagnostic of it
    """The parts of a formula do not go together: different units of measure, or no number."""

    def __init__(self, faults: Sequence[Diagnostic], parts: Mapping[str, Part]) -> None:
        super().__init__(faults)
        self.faults, self.parts = faults, parts


def write(template: str, **parts: Part) -> Part:
    """The formula `template`, in which the names stand for `parts`. Raises DoesNotFit."""
    found, faults = _examined(template, tuple((name, part.type) for name, part in parts.items()))
    if found is None:
        raise DoesNotFit(faults, parts)
    return Part(graft(found.root, {name: part.tree for name, part in parts.items()}), _written(template, parts))


@lru_cache(maxsize=256)  # the items of a scorecard, and its readings, use the same few templates
def _examined(template: str, types: tuple[tuple[str, Type], ...]) -> tuple[Expression | None, list[Diagnostic]]:
    return examine(template, Scope(dict(types), group=True))


def _written(template: str, parts: Mapping[str, Part]) -> str:
    alone = template.strip() in parts

    def text(match: re.Match[str]) -> str:
        part = parts.get(match[0])
        if part is None:
            return match[0]
        apart = template[: match.start()].rstrip()[-1:] in "(," and template[match.end() :].lstrip()[:1] in "),"
        return part.text if alone or apart or not _is_compound(part) else f"({part.text})"

    return re.sub(r"[^\W\d]\w*", text, template)


def _is_compound(part: Part) -> bool:
    return isinstance(part.tree, Apply) and " " in part.text and not re.fullmatch(r"\w+\([^()]*\)", part.text)


def part_of(expression: Expression) -> Part:
    """A checked expression with the text it was written in."""
    return Part(expression.root, " ".join(expression.text.split()))


def number(value: Decimal | int, type_: Type = NUMBER, text: str | None = None) -> Part:
    """A literal of the language."""
    decimal = Decimal(value)
    return Part(Literally(decimal, type_), plain_text(decimal) if text is None else text)


def nothing(type_: Type) -> Part:
    """A number that is missing."""
    return Part(Literally(None, type_), "None")


# -- what a way is given ------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class GivenStep:
    """One step: how the value is compared with `limit`, and the points it gives."""

    comparison: str
    limit: Part
    points: Part


@frozen(eq=False, repr=False)
class GivenBracket:
    """One bracket: its end (None for the last), and `points` for `each` so much."""

    up_to: Part | None
    each: Part
    points: Part


@frozen(eq=False, repr=False)
class Given:
    """A way with its numbers resolved. `parts` holds value, worth, required and the like, as far as they are stated."""

    way: Way
    parts: Mapping[str, Part]
    steps: tuple[GivenStep, ...] = ()
    brackets: tuple[GivenBracket, ...] = ()
    table: tuple[tuple[Part, Part], ...] = ()
    places: tuple[Part, ...] = ()

    @property
    def value(self) -> Part:
        return self.parts["value"]

    def write(self, template: str, **more: Part) -> Part:
        """The formula with this way's parts; `nil` is zero in the value's unit of measure."""
        parts = {**self.parts, **more}
        if "value" in parts and "nil" not in parts:
            parts["nil"] = number(0, Type("number", parts["value"].type.dim))
        used = set(re.findall(r"[^\W\d]\w*", template))
        return write(template, **{name: part for name, part in parts.items() if name in used})


def points_of(given: Given) -> Part:
    """The points of a way, with its condition, floor, cap and rounding. Raises DoesNotFit."""
    return framed(WAYS[given.way.verb].lower(given), given.parts, given.way.round)


def framed(found: Part, parts: Mapping[str, Part], rounding: Rounding | None) -> Part:
    """Points with the condition, floor, cap and rounding that a way may have. Raises DoesNotFit."""
    if "when" in parts:
        found = write("points_ if when else 0", points_=found, when=parts["when"])
    return rounded(limited(found, parts.get("floor"), parts.get("cap")), rounding)


def limited(found: Part, floor: Part | None, cap: Part | None) -> Part:
    """`found` within its floor and cap."""
    if floor is not None and cap is not None:
        return write("clamp(found, floor, cap)", found=found, floor=floor, cap=cap)
    if floor is not None:
        return write("max(found, floor)", found=found, floor=floor)
    return found if cap is None else write("min(found, cap)", found=found, cap=cap)


def limited_when(found: Part, when: Part, limit: Part, *, at_most: bool) -> Part:
    """`found`, at most (or at least) `limit` where a condition holds. It stands in the formula once only."""
    joint = write("min(found, limit)", found=found, limit=limit).type  # refuses what does not fit
    args = (Literally(False, BOOL), when.tree, limit.tree, found.tree)
    rule = "min" if at_most else "max"
    return Part(
        Apply("if_low" if at_most else "if_high", args, joint), f"{rule}({found.text}, {limit.text} if {when.text})"
    )


def rounded(found: Part, rounding: Rounding | None) -> Part:
    """`found` rounded as stated."""
    if rounding is None:
        return found
    return write(f"{ROUNDINGS[rounding.mode]}(found, {rounding.places})", found=found)


# -- the ways -----------------------------------------------------------------------------------------------------


def _in_proportion(given: Given) -> Part:
    above, below = ("value", "required") if given.way.better == "more" else ("required", "value")
    found = given.write(f"worth * {above} / {below}")
    otherwise = {"full": "worth", "zero": "0", "missing": "None"}.get(given.way.when_zero or "")
    if otherwise is None:
        return found
    return given.write(f"{otherwise} if {below} == nil else found", found=found)


def _all_or_nothing(given: Given) -> Part:
    return given.write("worth if value else 0")


_OPERATORS: Final = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


def _by_steps(given: Given) -> Part:
    parts: dict[str, Part] = {}
    text = ""
    for i, step in enumerate(given.steps):
        parts |= {f"limit_{i}": step.limit, f"points_{i}": step.points}
        text += f"points_{i} if value {_OPERATORS[step.comparison]} limit_{i} else "
    return given.write(text + ("otherwise" if "otherwise" in given.parts else "0"), **parts)


def _interpolated(given: Given) -> Part:
    """Straight lines between the points of the table; before the first and after the last as `outside` says."""
    parts = {f"x_{i}": x for i, (x, _) in enumerate(given.table)} | {
        f"y_{i}": y for i, (_, y) in enumerate(given.table)
    }
    last = len(given.table) - 1
    lines = [f"y_{i} + (y_{i + 1} - y_{i}) * (value - x_{i}) / (x_{i + 1} - x_{i})" for i in range(last)]
    before, after = {"held": ("y_0", f"y_{last}"), "extended": (lines[0], lines[-1])}.get(
        given.way.outside, ("None", "None")
    )
    between = "".join(f"{line} if value <= x_{i + 1} else " for i, line in enumerate(lines))
    return given.write(f"{before} if value < x_0 else {between}{after}", **parts)


def _by_brackets(given: Given) -> Part:
    parts: dict[str, Part] = {}
    terms: list[str] = []
    start = ""
    for i, bracket in enumerate(given.brackets):
        parts |= {f"each_{i}": bracket.each, f"points_{i}": bracket.points}
        if bracket.up_to is None:
            inside = f"max(value{start}, nil)"
        else:
            parts[f"end_{i}"] = bracket.up_to
            inside = f"clamp(value{start}, nil, end_{i}{start})"
        terms.append(_for_each(inside, f"each_{i}", f"points_{i}", given.way.whole))
        start = f" - end_{i}"
    return given.write(" + ".join(terms), **parts)


def _for_each(amount: str, each: str, points: str, whole: bool) -> str:
    """Points for whole ones only, or for every part of one; multiplied first, so that it is rounded once."""
    return f"{amount} // {each} * {points}" if whole else f"{amount} * {points} / {each}"


def _min_max(given: Given) -> Part:
    distance = "value - lowest(value)" if given.way.better == "more" else "highest(value) - value"
    found = given.write(
        f"worth * base + worth * (1 - base) * ({distance}) / (highest(value) - lowest(value))"
    )  # one division, at the end
    equal = {"full": "worth", "base": "worth * base", "zero": "0"}.get(given.way.when_equal or "", "None")
    alike = "value is not None and highest(value) == lowest(value)"  # a unit without a value is not one of the equals
    return given.write(f"{equal} if {alike} else found", found=found)


_PLACES: Final = {
    "shared": "1 + above(x, x)",
    "last": "1 + above(x, x) + level(x, x)",
    "dense": "1 + distinct_above(x, x)",
    "averaged": "1 + above(x, x) + level(x, x) / 2",
}


def _by_place(given: Given) -> Part:
    x = given.value if given.way.better == "more" else given.write("-value")
    place = write(_PLACES[given.way.ties or "shared"], x=x)
    if "less_each_place" in given.parts:
        return given.write("worth - (place - 1) * less_each_place", place=place)
    parts = {f"points_{i}": points for i, points in enumerate(given.places, 1)}
    text = "".join(f"points_{i} if place <= {i} else " for i in range(1, len(given.places) + 1))
    return given.write(text + ("otherwise" if "otherwise" in given.parts else "0"), place=place, **parts)


def _from_mean(given: Given) -> Part:
    distance = "members(value) * value - total(value)"
    if given.way.better == "less":
        distance = "total(value) - members(value) * value"
    start = "start" if "start" in given.parts else "worth"
    return given.write(f"{start} + ({distance}) * points / (members(value) * per)")


def _each(given: Given) -> Part:
    return _times(given, _for_each("value", "per", "points", given.way.whole))


def _each_missing(given: Given) -> Part:
    """Points for each that lacks to the requirement; without `points` each is its share of the worth."""
    lacking = "max(required - value, nil)"
    if "points" in given.parts:
        return _times(given, _for_each(lacking, "per", "points", given.way.whole))
    share = "worth * times / required" if "times" in given.parts else "worth / required"
    return given.write(_unless_nothing(given, lacking, f"{lacking} * {share}"))


def _unless_nothing(given: Given, amount: str, template: str) -> str:
    """0 where there is no amount, also when nothing is required: then there is nothing to divide by."""
    return template if given.parts["required"].literal else f"0 if {amount} == nil else {template}"


def _times(given: Given, template: str) -> Part:
    return given.write(f"{template} * times" if "times" in given.parts else template)


def _over(given: Given) -> Part:
    """Points for what is over the requirement: per share of it, or (`per` in the value's own unit) per amount."""
    more = "max(value - required, nil)"
    if given.parts["per"].type.dim or not given.value.type.dim:
        return given.write(_for_each(more, "per", "points", given.way.whole))
    return given.write(_unless_nothing(given, more, _for_each(more, "(required * per)", "points", given.way.whole)))


def _formula(given: Given) -> Part:
    return given.value


# -- the table ----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Row:
    """A way: keys it needs (of several alternatives one), keys it may take besides when, floor, cap, round."""

    lower: Callable[[Given], Part]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


WAYS: Final[dict[str, Row]] = {
    "in_proportion_to": Row(_in_proportion, ("worth", "required"), ("better", "when_zero")),
    "all_or_nothing": Row(_all_or_nothing, ("worth",)),
    "by_steps": Row(_by_steps, ("steps",), ("otherwise",)),
    "interpolated": Row(_interpolated, ("table",), ("outside",)),
    "by_brackets": Row(_by_brackets, ("brackets",), ("whole",)),
    "min_max": Row(_min_max, ("worth", "base"), ("better", "when_equal")),
    "by_place": Row(_by_place, (), ("ties", "better", "otherwise"), ("places", "less_each_place")),
    "from_mean": Row(_from_mean, ("points", "per"), ("start", "better")),
    "each": Row(_each, ("points",), ("per", "whole", "times")),
    "each_missing": Row(_each_missing, ("required",), ("points", "per", "whole", "times")),
    "over": Row(_over, ("required", "points", "per"), ("whole",)),
    "formula": Row(_formula),
}
COMMON: Final = ("when", "floor", "cap", "round")
