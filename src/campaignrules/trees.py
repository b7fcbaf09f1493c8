"""Checked formulas as data: types, typed trees, scopes.

Plain frozen values that the checker of formulas makes and every evaluator takes. Must not know: texts of formulas, how
they are checked or evaluated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import Factory, evolve, field, frozen

from campaignrules.model import Field
from campaignrules.quantities import (
    MONEY,
    PLAIN,
    UNITS,
    Dimension,
    dimension_text,
)

Kind = Literal["number", "text", "word", "tags", "bool", "date", "unit", "none", "unknown"]
DEFAULT_DECIMALS: Final = 6
INTEGER_DIGITS: Final = 18
"""A submitted number, counted in its last declared decimal, has at most this many digits."""


@frozen
class Type:
    """What a value is. `scale`: decimals of a number counted in its base unit (may be negative: whole 万元 is -4)."""

    kind: Kind
    dim: Dimension = PLAIN
    scale: int = 0
    vocabulary: str = ""

    def __str__(self) -> str:
        if self.kind == "number":
            return f"number ({dimension_text(self.dim)})"
        return f"{self.kind} of {self.vocabulary}" if self.vocabulary else self.kind

    @property
    def is_money(self) -> bool:
        return any(base in MONEY for base, _ in self.dim)


NUMBER: Final = Type("number")
COUNT: Final = Type("number", (("count", 1),))
DAYS: Final = Type("number", (("days", 1),))
TEXT: Final = Type("text")
BOOL: Final = Type("bool")
DATE: Final = Type("date")
UNIT: Final = Type("unit")
NONE: Final = Type("none")
UNKNOWN: Final = Type("unknown")

Value = Decimal | str | bool | dt.date | frozenset[str] | None
Spot = tuple[int, int]


@frozen
class Literally:
    """A constant; numbers in base units."""

    value: Any
    type: Type
    spot: Spot = field(default=(0, 0), eq=False)


@frozen
class Name:
    """A declared name."""

    name: str
    type: Type
    spot: Spot = field(default=(0, 0), eq=False)


@frozen
class Apply:
    """An operation on subtrees.

    `op`: + - * / // % ** neg pos | == != < <= > >= | and or not | in (first argument among the literal rest) | has
    (tags, word) | is_none | if (condition, then, else) | the name of a function.
    """

    op: str
    args: tuple[Tree, ...]
    type: Type
    spot: Spot = field(default=(0, 0), eq=False)


Tree = Literally | Name | Apply


@frozen
class Expression:
    """A checked formula. `names`: the declared names it uses."""

    text: str
    root: Tree
    names: frozenset[str]

    @property
    def type(self) -> Type:
        return self.root.type


@frozen(eq=False, repr=False)
class Scope:
    """The names a formula may use, with their types; constants have a value; `vocabularies`: name → word → titles."""

    names: Mapping[str, Type]
    vocabularies: Mapping[str, Mapping[str, tuple[str, ...]]] = Factory(dict)
    units: Mapping[str, tuple[str, ...]] | None = None
    """unit id → other names; None when the roster is submitted."""
    constants: Mapping[str, tuple[Value, Type]] = Factory(dict)
    """Names that stand for a value, in base units: given parameters."""
    references: Mapping[str, Mapping[str, Type]] = Factory(dict)
    """Functions of the quoted id of something declared, `points('monthly')`: function → id → type."""
    group: bool = False
    """Whether functions over a group of units may be used."""


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree's nodes, parents first."""
    yield tree
    if isinstance(tree, Apply):
        for arg in tree.args:
            yield from walk(arg)


def bind(tree: Tree, values: Mapping[str, Value]) -> Tree:
    """The tree with these names (parameters, `as_of`) as constants in base units, of the name's own type."""
    if isinstance(tree, Name) and tree.name in values:
        return Literally(values[tree.name], tree.type, tree.spot)
    if isinstance(tree, Apply):
        return evolve(tree, args=tuple(bind(arg, values) for arg in tree.args))
    return tree


def graft(tree: Tree, parts: Mapping[str, Tree]) -> Tree:
    """The tree with other trees in the place of these names."""
    if isinstance(tree, Name):
        return parts.get(tree.name, tree)
    if isinstance(tree, Apply):
        return evolve(tree, args=tuple(graft(arg, parts) for arg in tree.args))
    return tree


def field_type(declared: Field) -> Type:
    """The type of a record's field. Its unit must be known (the checker has seen to it)."""
    simple = {"text": TEXT, "bool": BOOL, "date": DATE, "unit": UNIT, "count": COUNT}
    if declared.type in simple:
        return simple[declared.type]
    if declared.type == "quantity":
        unit = UNITS.get(declared.unit or "number")
        return UNKNOWN if unit is None else Type("number", unit.dim, field_decimals(declared) - unit.power)
    if declared.type == "tags":
        return Type("tags", vocabulary=declared.of or "")
    return Type("word", vocabulary=declared.type)


def field_decimals(declared: Field) -> int:
    """How many decimals a number field may have, in its own unit."""
    if declared.decimals is not None:
        return declared.decimals
    return 0 if declared.type == "count" else DEFAULT_DECIMALS
