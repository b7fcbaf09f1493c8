"""Steps and brackets of items: which there are, and which one a unit's value fell into.

In: a checked item and the values that went into its points. Out: bands with their names and places. The checker has
made one formula of an item's ways; the comparisons of each way are found in it again, so that a band is reached exactly
when the formula took it. Must not know: expectations, files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from campaignrules.checked import CheckedItem
from campaignrules.errors import CampaignError, Text
from campaignrules.functions import GROUP_FUNCTIONS
from campaignrules.model import Bracket, Step, Way
from campaignrules.reference import evaluate
from campaignrules.trees import Apply, Literally, Tree, Value, walk

_COMPARISONS: Final = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


@frozen(eq=False, repr=False)
class Band:
    """A step or bracket. `test`: true, or above zero, when a value is in it; None where the formula does not show it."""

    id: str
    name: Text
    spot: Any
    test: Tree | None


@frozen(eq=False, repr=False)
class Bands:
    """The bands of one way. `exclusive`: steps, of which the first that holds is taken; the last may be `otherwise`."""

    bands: tuple[Band, ...]
    exclusive: bool

    def reached(self, values: Mapping[str, Value]) -> Iterator[str]:
        """The ids of the bands that these values fall into."""
        for band in self.bands:
            found = _value(band.test, values)
            if found is True or (not isinstance(found, bool) and found is not None and found > 0):  # type: ignore[operator]
                yield band.id
                if self.exclusive:
                    return


def _value(test: Tree | None, values: Mapping[str, Value]) -> Value:
    if test is None or any(isinstance(part, Apply) and part.op in GROUP_FUNCTIONS for part in walk(test)):
        return None
    try:
        return evaluate(test, values).value
    except CampaignError:
        return None


def bands_of(card: str, item: CheckedItem) -> tuple[Bands, ...]:
    """The steps and brackets of each way of an item, in the order of the file."""
    if item.item is None:
        return ()
    ways = [way for said in (item.item.earn, item.item.lose) for way in _ways(said)]
    chains, sums = _chains(item.points.tree), _sums(item.points.tree)
    found = []
    for index, way in enumerate(ways):
        name = f"{card}.{item.id}"
        if way.steps:
            tests = next((one for one in chains if _fits(one, way.steps)), None)
            chains = [one for one in chains if one is not tests]
            found.append(_steps(name, index, way, tests))
        elif len(way.brackets) > 1:
            amounts = next((one for one in sums if len(one) == len(way.brackets)), None)
            sums = [one for one in sums if one is not amounts]
            found.append(_brackets(name, index, way.brackets, amounts))
    return tuple(found)


def _ways(said: Any) -> Iterator[Way]:
    for method in said if isinstance(said, tuple) else (said,) if said is not None else ():
        yield from (method.best_of or method.sum_of or (method,))


def _steps(item: str, way: int, said: Way, tests: Sequence[Tree] | None) -> Bands:
    made = []
    for i, step in enumerate(said.steps):
        comparison = next(key for key in _COMPARISONS if getattr(step, key) is not None)
        words = f"{comparison} {getattr(step, comparison)}"
        name = Text(f"{item} 第 {i + 1} 档 {words}", f"{item}, step {i + 1}: {words}")
        made.append(Band(f"{item}#{way}.{i}", name, step.node, tests[i] if tests else None))
    if said.otherwise is not None:
        name = Text(f"{item} 各档之外 otherwise", f"{item}: otherwise")
        none = Literally(True, tests[0].type) if tests else None
        made.append(Band(f"{item}#{way}.otherwise", name, said.spot("otherwise"), none))
    return Bands(tuple(made), exclusive=True)


def _brackets(item: str, way: int, said: Sequence[Bracket], amounts: Sequence[Tree] | None) -> Bands:
    made = []
    for i, bracket in enumerate(said):
        words = bracket.up_to or "…"
        name = Text(f"{item} 第 {i + 1} 段 up_to {words}", f"{item}, bracket {i + 1} up to {words}")
        made.append(Band(f"{item}#{way}.{i}", name, bracket.node, amounts[i] if amounts else None))
    return Bands(tuple(made), exclusive=False)


# -- found again in the formula -----------------------------------------------------------------------------------


def _chains(tree: Tree) -> list[tuple[Tree, ...]]:
    """The tests of every `a if … else b if … else c`, the longest chains only."""
    found: list[tuple[Tree, ...]] = []
    inner: set[int] = set()
    for part in walk(tree):
        if isinstance(part, Apply) and part.op == "if" and id(part) not in inner:
            tests: list[Tree] = []
            here: Tree = part
            while isinstance(here, Apply) and here.op == "if":
                inner.add(id(here))
                tests.append(here.args[0])
                here = here.args[2]
            found += [tuple(tests[start:]) for start in range(len(tests))]
    return found


def _fits(tests: Sequence[Tree], steps: Sequence[Step]) -> bool:
    """Whether a chain begins with one comparison of the same value for each step."""
    if len(tests) < len(steps):
        return False
    pairs = list(zip(tests, steps, strict=False))
    return all(
        isinstance(test, Apply)
        and any(test.op == sign and getattr(step, key) is not None for key, sign in _COMPARISONS.items())
        and isinstance(tests[0], Apply)
        and test.args[0] == tests[0].args[0]
        for test, step in pairs
    )


def _sums(tree: Tree) -> list[tuple[Tree, ...]]:
    """The amounts in each bracket: `clamp(x, 0, a)`, `clamp(x - a, 0, b - a)` …, `max(x - b, 0)`, in order."""
    amounts = [part for part in walk(tree) if isinstance(part, Apply) and part.op in ("clamp", "max")]
    found = []
    for first in amounts:
        group: list[Tree] = [first]
        for other in amounts:
            inside = other.args[0]
            if isinstance(inside, Apply) and inside.op == "-" and inside.args[0] == first.args[0]:
                group.append(other)
        if len(group) > 1:
            found.append(tuple(group))
    return found
