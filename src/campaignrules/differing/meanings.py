"""A value of a campaign file → what it means, so that two ways to write the same thing are equal.

`80 亿元` is 8000000000, whatever unit it is told in; a formula is its tree: blanks, brackets that change nothing and the
form of numbers are no part of it. In: values of model elements. Out: plain values that can be compared and put in sets.
Names that were renamed are read as their new names. Must not know: which element a value stands in, words for people.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Hashable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from campaignrules.errors import Text
from campaignrules.quantities import EXACT, UNITS, QuantityError, divide, parse_quantity
from campaignrules.scanner import Place, parse, scan

Renames = Mapping[str, str]
FORMULAS: Final = frozenset({"expression", "quantity", "quantities", "value", "changes", "date-or-name"})
"""Forms of text that may hold a number with its unit, or a formula."""
_WORD: Final = re.compile(r"[^\s.]+")


def meaning(value: Any, form: str | None, renames: Renames) -> Hashable:
    """What a value means: numbers in base units, formulas as trees, sets of names without their order."""
    if isinstance(value, Text):
        return value.zh.strip(), value.en.strip()
    if isinstance(value, str):
        return text_meaning(value, form, renames)
    if isinstance(value, (bool, int, dt.date)) or value is None:
        return value
    if isinstance(value, Mapping):
        return frozenset((renamed(name, renames), meaning(one, form, renames)) for name, one in value.items())
    return tuple(meaning(one, form, renames) for one in value)


def text_meaning(text: str, form: str | None, renames: Renames) -> Hashable:
    """What a text of this form means."""
    if form not in FORMULAS:
        return renamed(text, renames)
    if form != "expression" and (number := number_of(text)) is not None:
        return number
    tree = tree_of(text, renames)
    is_number = form != "expression" and isinstance(tree, tuple) and tree[0] == "times"
    return tree[1] if is_number and isinstance(tree, tuple) else tree


def number_of(text: str) -> Decimal | None:
    """The number in base units, None for what is no quantity."""
    try:
        return parse_quantity(text).base
    except QuantityError:
        return None


def renamed(text: str, renames: Renames) -> str:
    """A name, `table.field` or `each CLASS` with new names."""
    if not renames:
        return text
    return renames.get(text) or _WORD.sub(lambda word: renames.get(word[0], word[0]), text)


# -- formulas -----------------------------------------------------------------------------------------------------


def tree_of(text: str, renames: Renames) -> Hashable:
    """The tree of a formula; what is none is its words."""
    return _tree(text, renames) if renames else _tree_as_it_is(text)


@lru_cache(maxsize=4096)
def _tree_as_it_is(text: str) -> Hashable:
    return _tree(text, {})


def _tree(text: str, renames: Renames) -> Hashable:
    place = Place(text, None)
    tree = None if scan(place) else parse(place)
    if not isinstance(tree, ast.expr):
        return "text", renamed(" ".join(text.split()), renames)
    return _Reader(re.sub(r"\s", " ", text).strip(" "), renames).read(tree)


class _Reader:
    """Syntax trees → nested tuples; literal numbers are worked out as the language does."""

    def __init__(self, text: str, renames: Renames) -> None:
        self.text, self.renames = text, renames

    def read(self, node: ast.expr) -> Hashable:
        reader: Callable[[Any], Hashable] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        return ast.dump(node) if reader is None else reader(node)

    def _constant(self, node: ast.Constant) -> Hashable:
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return Decimal(ast.get_source_segment(self.text, node) or str(node.value))
        if isinstance(node.value, str):
            return "word", renamed(node.value, self.renames)
        return "constant", node.value

    def _name(self, node: ast.Name) -> Hashable:
        if node.id in UNITS and node.id not in self.renames:
            unit = UNITS[node.id]
            return unit.factor if not unit.dimension else ("times", unit.factor, unit.dimension)
        return "name", self.renames.get(node.id, node.id)

    def _unaryop(self, node: ast.UnaryOp) -> Hashable:
        inside = self.read(node.operand)
        if isinstance(node.op, ast.UAdd):
            return inside
        if isinstance(node.op, ast.USub) and isinstance(inside, Decimal):
            return EXACT.minus(inside)
        return type(node.op).__name__, inside

    def _binop(self, node: ast.BinOp) -> Hashable:
        left, right, op = self.read(node.left), self.read(node.right), type(node.op)
        if isinstance(left, Decimal) and isinstance(right, Decimal) and op in _FOLDED:
            found = _FOLDED[op](left, right)
            if found is not None:
                return found
        if op is ast.Mult and isinstance(left, Decimal) and isinstance(right, tuple) and right[0] == "times":
            return "times", EXACT.multiply(left, right[1]), right[2]
        if op is ast.Mult and isinstance(right, Decimal) and isinstance(left, tuple) and left[0] == "times":
            return "times", EXACT.multiply(right, left[1]), left[2]
        return op.__name__, left, right

    def _boolop(self, node: ast.BoolOp) -> Hashable:
        """`a and (b and c)` is `a and b and c`."""
        name = type(node.op).__name__
        found: list[Hashable] = []
        for value in node.values:
            part = self.read(value)
            found += part[1:] if isinstance(part, tuple) and part[:1] == (name,) else [part]
        return name, *found

    def _compare(self, node: ast.Compare) -> Hashable:
        operands = [node.left, *node.comparators]
        pairs = zip(node.ops, operands, operands[1:], strict=False)
        parts = [self._compared(type(op).__name__, left, right) for op, left, right in pairs]
        return parts[0] if len(parts) == 1 else ("And", *parts)

    def _compared(self, op: str, left: ast.expr, right: ast.expr) -> Hashable:
        if op in ("In", "NotIn") and isinstance(right, (ast.List, ast.Tuple)):
            among = frozenset(self.read(item) for item in right.elts)
            found: Hashable = ("In", self.read(left), among)
            return found if op == "In" else ("Not", found)
        if op in ("Gt", "GtE"):
            return {"Gt": "Lt", "GtE": "LtE"}[op], self.read(right), self.read(left)
        return op, self.read(left), self.read(right)

    def _ifexp(self, node: ast.IfExp) -> Hashable:
        return "if", self.read(node.test), self.read(node.body), self.read(node.orelse)

    def _call(self, node: ast.Call) -> Hashable:
        function = node.func.id if isinstance(node.func, ast.Name) else ast.dump(node.func)
        return "call", function, *(self.read(one) for one in node.args)


_FOLDED: Final[dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal | None]]] = {
    ast.Add: EXACT.add,
    ast.Sub: EXACT.subtract,
    ast.Mult: EXACT.multiply,
    ast.Div: divide,
}
