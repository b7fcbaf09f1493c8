"""Ways to score: their keys, numbers and steps, resolved to formulas.

In: a way of the file and the setting it stands in. Out: its points as a `Part`, and the words it was written in. Must
not know: items, totals, gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, TypeVar

import attrs
from attrs import frozen

from campaignrules.checker.fitting import fitting, gives_points, measured, points_only, rounding_fits
from campaignrules.checker.operands import POINTS_TYPE, Setting
from campaignrules.errors import Text
from campaignrules.expressions import reference_name
from campaignrules.model import WAYS as VERBS
from campaignrules.model import Bracket, Element, Method, Step, Way, yaml_fields
from campaignrules.scoring import (
    COMMON,
    WAYS,
    Given,
    GivenBracket,
    GivenStep,
    Part,
    framed,
    number,
    points_of,
    write,
)
from campaignrules.source import Mapping as MappingNode
from campaignrules.source import Sequence as SequenceNode
from campaignrules.trees import Name, Type

TYPED_AS_VALUE: Final = ("required", "per")
IN_POINTS: Final = ("points", "start", "less_each_place", "otherwise", "floor", "cap")
PLAIN: Final = ("times", "base")


@frozen(eq=False, repr=False)
class Resolver:
    """Resolves the ways of one item: `worth` is what it can earn."""

    setting: Setting
    worth: Part | None

    def method(self, method: Method) -> Part | None:
        """The points of a method; None after a fault."""
        several = [key for key in ("best_of", "sum_of") if getattr(method, key)]
        if not several:
            return self.way(method)
        key = several[0]
        if method.verb or len(several) > 1:
            self.setting.work.refuse("one-way", method, method.verb or several[1], expected=", ".join(VERBS))
            return None
        self._check_keys(method, key, {key, *COMMON})
        found = [self.way(one) for one in getattr(method, key)]
        frame = self._frame(method)
        if frame is None or None in found:
            return None
        names = {f"way_{i}": part for i, part in enumerate(_all(found))}
        template = f"max({', '.join(names)})" if key == "best_of" else " + ".join(names)
        return self._fitted(
            method, lambda: framed(write(template, **names), frame, method.round), key, {**names, **frame}
        )

    def _frame(self, way: Way) -> dict[str, Part] | None:
        """The condition, floor and cap of a way, as far as they are stated; None after a fault, of its rounding too."""
        if not rounding_fits(self.setting, way.round):
            return None
        parts = {key: self._part(way, key, None) for key in ("floor", "cap") if getattr(way, key) is not None}
        if way.when is not None:
            parts["when"] = self.setting.expression(way.when, "bool", way, "when")
        return None if None in parts.values() else _known(parts)

    def way(self, way: Way) -> Part | None:
        """The points of a way; None after a fault."""
        given = [verb for verb in VERBS if getattr(way, verb) is not None]
        verb = self._verb(way, given)
        if verb is None:
            return None
        self._check_keys(way, verb, _allowed(verb))
        value = self._value(way, verb)
        if value is None:
            return None
        resolved = self._given(way, verb, value)
        if resolved is None or not self._complete(way, verb, resolved):
            return None
        found = self._fitted(way, lambda: points_of(resolved), verb, {} if verb == "formula" else resolved.parts)
        if found is not None:
            self._unstated(way, verb, resolved)
        return found

    def _verb(self, way: Way, given: list[str]) -> str | None:
        """`each` stands beside no other way; one and only one is set."""
        if len(given) == 1:
            return given[0]
        self.setting.work.refuse("one-way", way, *given[1:2], got=", ".join(given) or None, expected=", ".join(VERBS))
        return None

    def _check_keys(self, way: Way, verb: str, allowed: set[str]) -> None:
        node = way.node
        for key, _ in node.pairs if isinstance(node, MappingNode) else ():
            if key.text not in allowed and key.text in _keys(way):
                expected = ", ".join(sorted(allowed - {verb, "worth"}))
                self.setting.work.refuse("key-of-another-way", way, key.text, key=key.text, way=verb, expected=expected)

    def _value(self, way: Way, verb: str) -> Part | None:
        text = getattr(way, verb)
        if any(t.target.id == text for t in self.setting.work.targets):
            function = "met" if verb == "all_or_nothing" else "value"
            text = reference_name(function, text)
        return self.setting.expression(text, "bool" if verb == "all_or_nothing" else "number", way, verb)

    def _given(self, way: Way, verb: str, value: Part) -> Given | None:
        parts: dict[str, Part | None] = {"value": value}
        if self.worth is not None:
            parts["worth"] = self.worth
        for key in (*TYPED_AS_VALUE, *IN_POINTS, *PLAIN):
            if getattr(way, key) is not None and key in _allowed(verb) and key not in COMMON:
                parts[key] = self._part(way, key, value)
        target = getattr(way, verb)
        if "required" not in parts and "required" in WAYS[verb].needs and self._is_target(target):
            parts["required"] = self.setting.expression(reference_name("required", target), "number", way, verb)
        if "per" not in parts and verb in ("each", "each_missing") and value.type.dim in ((), (("count", 1),)):
            parts["per"] = number(1, Type("number", value.type.dim))
        frame = self._frame(way)
        steps = [self._step(step, value) for step in way.steps]
        brackets = [self._bracket(bracket, value) for bracket in way.brackets]
        table = [self._point(way, i, value) for i in range(len(way.table))]
        places = [self.setting.amount(text, POINTS_TYPE, way, "places", i) for i, text in enumerate(way.places)]
        if frame is None or None in (*parts.values(), *steps, *brackets, *table, *places):
            return None
        return Given(way, {**_known(parts), **frame}, _all(steps), _all(brackets), _all(table), _all(places))

    def _is_target(self, text: str) -> bool:
        return any(t.target.id == text for t in self.setting.work.targets)

    def _part(self, way: Way, key: str, value: Part | None) -> Part | None:
        text = getattr(way, key)
        if key == "required" and self._is_target(text):
            return self.setting.expression(reference_name("required", text), "number", way, key)
        if key in TYPED_AS_VALUE and value is not None:
            share = key == "per" and text.strip().endswith("%")
            return self.setting.amount(text, Type("number") if share else value.type, way, key)
        return self.setting.amount(text, Type("number") if key in PLAIN else POINTS_TYPE, way, key)

    def _step(self, step: Step, value: Part) -> GivenStep | None:
        stated = [key for key in ("at_least", "above", "at_most", "below") if getattr(step, key) is not None]
        if len(stated) != 1:
            expected = "at_least, above, at_most, below"
            self.setting.work.refuse(
                "one-comparison", step, *stated[1:2], got=", ".join(stated) or None, expected=expected
            )
            return None
        limit = self.setting.amount(getattr(step, stated[0]), value.type, step, stated[0])
        points = self.setting.amount(step.points, POINTS_TYPE, step, "points")
        return None if limit is None or points is None else GivenStep(stated[0], limit, points)

    def _bracket(self, bracket: Bracket, value: Part) -> GivenBracket | None:
        up_to = None if bracket.up_to is None else self.setting.amount(bracket.up_to, value.type, bracket, "up_to")
        each = self.setting.amount(bracket.each, value.type, bracket, "each")
        points = self.setting.amount(bracket.points, POINTS_TYPE, bracket, "points")
        if each is None or points is None or (bracket.up_to is not None and up_to is None):
            return None
        return GivenBracket(up_to, each, points)

    def _point(self, way: Way, i: int, value: Part) -> tuple[Part, Part] | None:
        if len(way.table[i]) != 2:
            self.setting.work.refuse("wrong-form", way, "table", i, expected=_PAIR, got=", ".join(way.table[i]))
            return None
        x = self.setting.amount(way.table[i][0], value.type, way, "table", i, 0)
        y = self.setting.amount(way.table[i][1], POINTS_TYPE, way, "table", i, 1)
        return None if x is None or y is None else (x, y)

    def _complete(self, way: Way, verb: str, given: Given) -> bool:
        """Whether all that the way needs is there, in order."""
        base = given.parts.get("base")
        if base is not None and base.literal is not None and not 0 <= base.literal <= 1:
            self.setting.work.refuse("not-a-share", way, "base", key="base", got=way.base)
            return False
        row = WAYS[verb]
        present = {*given.parts, *(key for key in ("steps", "brackets", "table", "places") if getattr(given, key))}
        needs = [*row.needs, *(["worth"] if verb == "each_missing" and "points" not in present else [])]
        needs += ["worth"] if "less_each_place" in present or (verb == "from_mean" and "start" not in present) else []
        needs += ["per"] if verb in ("each", "each_missing") and "points" in present else []
        missing = [key for key in needs if key not in present]
        if row.one_of and not present & set(row.one_of):
            missing.append(row.one_of[0])
        for key in [key for key in missing if not _is_listed(way, key)]:
            self.setting.work.refuse("missing-key", way, key=key, expected=Text(*_meaning(key)))
        return not missing and self._ordered(way, given)

    def _ordered(self, way: Way, given: Given) -> bool:
        """Tables and brackets ascend; only the last bracket is open."""
        table = [x.literal for x, _ in given.table]
        ends = [None if b.up_to is None else b.up_to.literal for b in given.brackets[:-1]]
        key = "table" if table else "brackets"
        sound = all(b.up_to is not None for b in given.brackets[:-1]) and len(table) != 1
        for values in (table, ends):
            known = [v for v in values if v is not None]
            sound = sound and all(a < b for a, b in pairwise(known))
        if not sound:
            self.setting.work.refuse("not-ascending", way, key)
        self._warn_of_unreachable(way, given)
        return sound and self._places_or_steps(way, given)

    def _warn_of_unreachable(self, way: Way, given: Given) -> None:
        """A step is never looked at where all that it takes is taken by one above it."""
        bounds: dict[bool, Decimal] = {}
        for step, said in zip(given.steps, way.steps, strict=True):
            limit, upwards = step.limit.literal, step.comparison in ("at_least", "above")
            if limit is None:
                continue
            bound = bounds.get(upwards)
            if bound is not None and (limit > bound if upwards else limit < bound):
                self.setting.work.refuse("unreachable-step", said, step.comparison)
            bounds[upwards] = limit if bound is None else (min if upwards else max)(bound, limit)

    def _places_or_steps(self, way: Way, given: Given) -> bool:
        """`by_place` takes a list of places, or so much less with each place; some keys go with one of them only."""
        wrong = []
        if "less_each_place" in given.parts:
            wrong = [(key, key, "less_each_place") for key in ("places", "otherwise") if getattr(way, key)]
        elif way.ties == "averaged":
            wrong = [("ties", "ties: averaged", "places")]
        for key, said, beside in wrong:
            expected = {"ties": "less_each_place", "otherwise": "places"}.get(key, _ONE_OF_TWO)
            self.setting.work.refuse("key-of-another-way", way, key, key=said, way=beside, expected=expected)
        return not wrong

    def _unstated(self, way: Way, verb: str, given: Given) -> None:
        """What the document leaves silent and the author did not say: the language's default is named."""
        if verb == "in_proportion_to" and way.when_zero is None:
            divisor = given.parts["required"] if way.better == "more" else given.value
            if not divisor.literal and not self._always_positive(divisor):
                unstated(self.setting, way, verb, "when_zero", _ZERO, "missing")
        if verb == "min_max" and way.when_equal is None:
            unstated(self.setting, way, verb, "when_equal", _EQUAL, "missing")
        if verb == "by_place" and way.ties is None:
            unstated(self.setting, way, verb, "ties", _TIES, "shared")

    def _always_positive(self, part: Part) -> bool:
        """Whether it is the number of a target, and that is stated and above zero for every unit."""
        tree = part.tree
        for target in self.setting.work.targets:
            if isinstance(tree, Name) and tree.name == reference_name("required", target.target.id):
                asked = target.high if target.comparator == "at_most" else target.low
                own = [one for one in target.exceptions.values() if one is not None]
                return all(one is not None and one.value is not None and one.value > 0 for one in (asked, *own))
        return False

    def _fitted(self, way: Way, made: Callable[[], Part], key: str, parts: Mapping[str, Part]) -> Part | None:
        """The part, if its formula holds together and gives points; `parts`: what is to blame where it does not."""
        part = fitting(self.setting, way, key, made)
        if part is None:
            return None
        if parts and not gives_points(part):
            self.setting.work.refuse("parts-do-not-fit", way, key, parts=measured(parts))
            return None
        return points_only(self.setting, part, way, key)


def _allowed(verb: str) -> set[str]:
    """The keys that a way may have."""
    row = WAYS[verb]
    return {verb, *row.needs, *row.takes, *row.one_of, *COMMON}


T = TypeVar("T")


def _all(found: Sequence[T | None]) -> tuple[T, ...]:
    return tuple(one for one in found if one is not None)


def _known(parts: Mapping[str, Part | None]) -> dict[str, Part]:
    return {key: part for key, part in parts.items() if part is not None}


def unstated(setting: Setting, element: Element, path: str, key: str, what: Text, default: str) -> None:
    """A note: nothing is said about it, so the language's default holds."""
    taken = _DEFAULTS.get(default, default)
    setting.work.refuse("unstated", element, path, what=what, key=key, default=taken, value=default, severity="note")


def _is_listed(way: Way, key: str) -> bool:
    """Whether the file lists something there: then its entries had faults of form, which were told."""
    value = way.node.get(key) if isinstance(way.node, MappingNode) else None
    return isinstance(value, SequenceNode) and bool(value.items)


def words_of(methods: tuple[Method, ...]) -> str:
    """The ways as they are written, on one line: `in_proportion_to: trips, required: 2 次`."""
    return "; ".join(", ".join(_said(method)) for method in methods)


def _said(way: Element) -> Iterator[str]:
    for key, (attribute, _) in _keys(way).items():
        value = getattr(way, attribute.name)
        if value == attribute.default or value is None:
            continue
        if isinstance(value, tuple) and value and isinstance(value[0], Element):
            value = "[" + "; ".join(", ".join(_said(one)) for one in value) + "]"
        elif isinstance(value, Element):
            value = "{" + ", ".join(_said(value)) + "}"
        elif isinstance(value, tuple):
            value = "[" + ", ".join(str(one) if isinstance(one, str) else f"[{', '.join(one)}]" for one in value) + "]"
        yield f"{key}: {'true' if value is True else 'false' if value is False else value}"


def _keys(element: Element) -> Mapping[str, tuple[attrs.Attribute[Any], Any]]:
    cls: Any = type(element)
    return yaml_fields(cls)


def _meaning(key: str) -> tuple[str, str]:
    if key == "worth":
        return "满分值", "full points of the item"
    if key == "per":
        return "每多少算一份，如 1 亿元", "how much is one, e.g. 1 亿元"
    cls: Any = Way
    metadata = yaml_fields(cls)[key][0].metadata
    return metadata["zh"], metadata["en"]


_DEFAULTS: Final = {
    "none": Text("没有限制", "no limit"),
    "missing": Text("缺", "missing"),
    "left_out": Text("不计入", "left out"),
    "shared": Text("同名次，后面跳号 1224", "the same place, the next ones left free: 1224"),
    "0": Text("最低 0 分", "never below 0 points"),
}
_ONE_OF_TWO: Final = Text("places 或 less_each_place 之一", "one of places and less_each_place")
_PAIR: Final = Text("[值, 分]", "[value, points]")
_ZERO: Final = Text("应达数为零时得几分", "the points when the requirement is zero")
_EQUAL: Final = Text("最高等于最低时得几分", "the points when highest and lowest are equal")
_TIES: Final = Text("并列怎样排", "how equals are placed")
