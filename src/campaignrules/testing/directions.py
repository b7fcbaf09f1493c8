"""Where more achievement can only help, or only hurt: decided from the checked formulas, before any data.

In: a checked campaign. Out: metrics and targets whose value no further row lowers, and items that reward, or punish,
more rows. What cannot be told is left out, and nothing is tried on it. Must not know: data, how properties are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from attrs import frozen

from campaignrules.checked import (
    CheckedCampaign,
    CheckedItem,
    CheckedMetric,
    CheckedTarget,
    Growth,
    Limited,
    Measure,
    Operand,
)
from campaignrules.model import Method, Way
from campaignrules.testing.aims import names_in
from campaignrules.trees import Apply, Literally, Name, Tree

Direction = Literal["more", "less", "same"]
"""Of a value when rows are added: it can only grow, only fall, or does not change; None where nobody can tell."""
_FLIPPED: Final[dict[Direction | None, Direction | None]] = {"more": "less", "less": "more", "same": "same", None: None}
_COUNTING: Final = ("count", "distinct", "sum")
_TOGETHER: Final = frozenset(
    ("+", "min", "max", "clamp", "round", "round_even", "round_down", "round_up", "floor", "ceil", "and", "or", "pos")
)
_PRODUCTS: Final = frozenset(("*",))
_QUOTIENTS: Final = frozenset(("/", "//"))


@frozen(eq=False, repr=False, slots=False)
class Directions:
    """What is known of one campaign. Numbers in submitted rows are taken to be at least zero."""

    checked: CheckedCampaign

    @cached_property
    def metrics(self) -> Mapping[str, Direction]:
        """Metric → its direction; those of which nothing is known are not in it."""
        found: dict[str, Direction] = {}
        for name, metric in self.checked.metrics.items():
            direction = self._of_metric(metric, found)
            if direction is not None:
                found[name] = direction
        return found

    def _of_metric(self, metric: CheckedMetric, known: Mapping[str, Direction]) -> Direction | None:
        kernel = metric.kernel
        if isinstance(kernel, Measure):
            return "more" if kernel.verb in _COUNTING and self._from_rows(kernel) else None
        if isinstance(kernel, Limited):
            return known.get(kernel.of)
        if isinstance(kernel, Growth):
            return None
        return direction(kernel.root, {name: known[name] for name in kernel.names if name in known})

    def _from_rows(self, measure: Measure) -> bool:
        """Whether what is summed is written in the rows: a derived field may be below zero."""
        record = self.checked.records[measure.record]
        return measure.verb != "sum" or measure.field in record.record.fields

    @cached_property
    def targets(self) -> tuple[CheckedTarget, ...]:
        """Targets for at least so much of what only grows."""
        return tuple(
            target
            for target in self.checked.targets
            if target.comparator == "at_least" and self.metrics.get(target.metric.id) == "more"
        )

    @cached_property
    def items(self) -> Mapping[tuple[str, str], Direction]:
        """(card, item) → its direction, where rows can change it one way only."""
        found: dict[tuple[str, str], Direction] = {}
        for id_ in (name for kind, name in self.checked.scoring_order if kind == "scorecard"):
            for item in self.checked.scorecards[id_].items:
                one = self._of_item(item, found)
                if one in ("more", "less"):
                    found[id_, item.id] = one
        return found

    def _of_item(self, item: CheckedItem, known: Mapping[tuple[str, str], Direction]) -> Direction | None:
        """What applies only under a condition is left out: a row may make it apply."""
        if item.applies is not None:
            return None
        names = {name: self._of_operand(one, known) for name, one in item.points.operands.items()}
        settled: dict[str, Direction] = dict.fromkeys(
            names_in(item.points.tree) - names.keys(), "same"
        )  # parameters: they stand in no row
        sure: dict[str, Direction] = settled | {name: one for name, one in names.items() if one is not None}
        return direction(item.points.tree, sure, declared=_declared(item))

    def _of_operand(self, one: Operand, known: Mapping[tuple[str, str], Direction]) -> Direction | None:
        if one.kind == "metric":
            return self.metrics.get(one.id)
        if one.kind in ("number", "table", "class", "due"):
            return "same"
        if one.kind == "met":
            return "more" if any(target.target.id == one.id for target in self.targets) else None
        if one.kind in ("done", "missed"):
            return "more" if one.kind == "done" else "less"
        if one.kind == "points" and "." in one.id:
            card, _, item = one.id.partition(".")
            return known.get((card, item))
        return None


def _declared(item: CheckedItem) -> bool:
    """Whether its ways say themselves that more is better (or worse), whatever numbers stand in them."""
    if item.item is None:
        return False
    ways = [*_ways(item.item.earn), *_ways(item.item.lose)]
    return bool(ways) and all(way.verb not in ("formula", "interpolated", "") for way in ways)


def _ways(said: Method | tuple[Method, ...] | None) -> Iterable[Way]:
    for method in (said,) if isinstance(said, Method) else said or ():
        several = (*method.best_of, *method.sum_of)
        yield from several or (method,)


# -- formulas -----------------------------------------------------------------------------------------------------


def direction(tree: Tree, names: Mapping[str, Direction], *, declared: bool = False) -> Direction | None:
    """Where the value goes when rows are added. `names`: of the names in it; other names are not known.

    `declared`: a choice between numbers is taken to give more where its condition holds, as steps are written; it is
    what is to be tried, and not read off the numbers.
    """
    return _Reader(names, declared).read(tree)


@frozen
class _Reader:
    names: Mapping[str, Direction]
    declared: bool

    def read(self, tree: Tree) -> Direction | None:
        if isinstance(tree, Literally):
            return "same"
        if isinstance(tree, Name):
            return "same" if tree.name == "as_of" else self.names.get(tree.name)
        args = [self.read(arg) for arg in tree.args]
        if all(arg == "same" for arg in args):
            return "same"
        return self._applied(tree, args)

    def _applied(self, tree: Apply, args: list[Direction | None]) -> Direction | None:
        if tree.op in _TOGETHER:
            return _joint(args)
        if tree.op in ("-", ">=", ">"):
            return _joint([args[0], _FLIPPED[args[1]]]) if len(args) == 2 else None
        if tree.op in ("neg", "not"):
            return _FLIPPED[args[0]]
        if tree.op in ("<=", "<"):
            return _joint([_FLIPPED[args[0]], args[1]])
        if tree.op in _PRODUCTS | _QUOTIENTS:
            return self._scaled(tree, args)
        if tree.op == "coalesce":
            return _joint(args) if _is_zero(tree.args[-1]) else None
        if tree.op in ("if", "if_low", "if_high"):
            return self._chosen(tree, args)
        return None

    def _scaled(self, tree: Apply, args: list[Direction | None]) -> Direction | None:
        """Times or divided by what does not change; of which the sign is known, or declared."""
        (left, right), (one, other) = args, tree.args
        if right == "same" and (self.declared or _sign(other) > 0):
            return left
        if tree.op in _PRODUCTS and left == "same" and (self.declared or _sign(one) > 0):
            return right
        if right == "same" and _sign(other) < 0:
            return _FLIPPED[left]
        return None

    def _chosen(self, tree: Apply, args: list[Direction | None]) -> Direction | None:
        """Steps: the first is meant to be the best, or by its points the worst, and all go the same way."""
        if tree.op != "if":
            return None
        if args[0] == "same":
            return _joint(args[1:])
        conditions, values = _steps(tree)
        best = _sign(values[0]) if _is_zero(values[-1]) else _compared(values[0], values[-1])
        if not self.declared or best is None:
            return None
        read = [self.read(one) for one in conditions]
        return _joint([*(read if best >= 0 else [_FLIPPED[one] for one in read]), *map(self.read, values)])


def _steps(tree: Tree) -> tuple[list[Tree], list[Tree]]:
    """The conditions of a chain of choices, and its values with the last one that no condition has."""
    conditions: list[Tree] = []
    values: list[Tree] = []
    while isinstance(tree, Apply) and tree.op == "if":
        conditions.append(tree.args[0])
        values.append(tree.args[1])
        tree = tree.args[2]
    return conditions, [*values, tree]


def _compared(one: Tree, other: Tree) -> int | None:
    """Which of two known numbers is larger; None where one is not known."""
    pair = [part.value if isinstance(part, Literally) else None for part in (one, other)]
    known = [value for value in pair if isinstance(value, Decimal)]
    return (known[0] > known[1]) - (known[0] < known[1]) if len(known) == 2 else None


def _joint(args: list[Direction | None]) -> Direction | None:
    """The one direction of all that change; None where they differ or one is not known."""
    moving = {arg for arg in args if arg != "same"}
    return moving.pop() if len(moving) == 1 else None


def _sign(tree: Tree) -> int:
    """Of a known number: 1, 0 or -1; 0 too where it is not known."""
    value = tree.value if isinstance(tree, Literally) else None
    return (value > 0) - (value < 0) if isinstance(value, Decimal) else 0


def _is_zero(tree: Tree) -> bool:
    return isinstance(tree, Literally) and isinstance(tree.value, Decimal) and tree.value == 0
