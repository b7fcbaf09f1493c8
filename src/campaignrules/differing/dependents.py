"""Who rests on whom: the targets, items, outcomes, rankings and honours that a change reaches.

In: a campaign's model. Out: ids. An element rests on another when one of its values names it, in a formula or outright,
directly or through others. Must not know: what was changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import frozen

from campaignrules.errors import Text
from campaignrules.model import Campaign, Element, Record, Scorecard, yaml_fields

NAMED: Final = ("targets", "duties", "outcomes", "scorecards", "rankings", "honours")
"""What is told; metrics and the like are passed through."""
_THROUGH: Final = ("phases", "vocabularies", "records", "parameters", "metrics", "returns", *NAMED)
_SKIPPED: Final = frozenset({"id", "source", "covers", "unit", "document", "items", "fields", "derived", "rules"})
"""Keys that name nothing, parts that stand for themselves, and row rules, which every result would rest on."""
_NAME: Final = re.compile(r"[^\W_][\w.\-]*")

Node = tuple[str, str]
"""Section and id."""


@frozen(eq=False, repr=False, slots=False)
class Dependents:
    """What in a campaign rests on what."""

    campaign: Campaign

    def of(self, section: str, id_: str) -> tuple[str, ...]:
        """The ids of all that rests on an element, in the order of the file; its own is left out."""
        start = (section, id_) if (section, id_) in self._elements else (section, id_.partition(".")[0])
        seen: set[Node] = {start}
        todo = [start]
        while todo:
            for user in self._users.get(todo.pop(), ()):
                if user not in seen:
                    seen.add(user)
                    todo.append(user)
        reached = (name for kind, name in self._elements if (kind, name) in seen - {start} and kind in NAMED)
        return tuple(dict.fromkeys(reached))

    @cached_property
    def _elements(self) -> Mapping[Node, Element]:
        found: dict[Node, Element] = {}
        for section in _THROUGH:
            held = getattr(self.campaign, section)
            pairs = held.items() if isinstance(held, Mapping) else ((one.id, one) for one in held)
            for name, element in pairs:
                found[section, name] = element
                for part, inside in _parts(element):
                    found[section, f"{name}.{part}"] = inside
        return found

    @cached_property
    def _users(self) -> Mapping[Node, list[Node]]:
        """Element → those that name it; a scorecard rests on its items."""
        by_name: dict[str, list[Node]] = {}
        for section, name in self._elements:
            by_name.setdefault(name, []).append((section, name))
            if section == "records" and "." in name:  # in a formula a field stands without its record
                by_name.setdefault(name.partition(".")[2], []).append((section, name))
        found: dict[Node, list[Node]] = {}
        for node, element in self._elements.items():
            for word in {part for text in _texts(element) for part in _words(text)}:
                for used in by_name.get(word, ()):
                    if used != node and not (node[0] == "scorecards" and used[1].startswith(f"{node[1]}.")):
                        found.setdefault(used, []).append(node)
            if node[0] == "scorecards" and "." in node[1]:
                found.setdefault(node, []).append((node[0], node[1].partition(".")[0]))
        return found


def _parts(element: Element) -> Iterator[tuple[str, Element]]:
    """The parts of an element that others may name."""
    if isinstance(element, Scorecard):
        yield from element.items.items()
    elif isinstance(element, Record):
        yield from element.fields.items()
        yield from element.derived.items()


def _words(text: str) -> Iterator[str]:
    """Every name that a value may hold: whole, and its parts at points and hyphens."""
    for match in _NAME.finditer(text):
        word = match[0]
        yield word
        if "." in word:
            yield from word.split(".")
        if "-" in word:
            yield from word.split("-")


def _texts(value: Any) -> Iterator[str]:
    """The texts of an element that are no words for people."""
    if isinstance(value, Element):
        cls: Any = type(value)
        for key, (attribute, _) in yaml_fields(cls).items():
            if key not in _SKIPPED:
                yield from _texts(getattr(value, attribute.name))
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if not isinstance(one, Element):
                yield str(name)
            yield from _texts(one)
    elif isinstance(value, tuple) and not isinstance(value, Text):
        for one in value:
            yield from _texts(one)
