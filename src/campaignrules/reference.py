"""The reference evaluator of formulas: one row at a time, short and slow, on simpleeval.

In: a checked tree and one row of plain values. Out: its value, and whether a taken branch divided by zero;
`CampaignError` for a result of more than 38 digits. simpleeval gets an ast built here from the tree, never text, with
its nodes cut to the list, its operators and functions replaced by exact ones, and three-valued logic. Must not know:
texts of formulas, columns, or the engine; it is what the engine is held against.
"""

from __future__ import annotations

import ast
import datetime as dt
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from attrs import frozen
from simpleeval import SimpleEval

from campaignrules.errors import CampaignError, fault
from campaignrules.functions import FUNCTIONS
from campaignrules.quantities import EXACT, MAX_DIGITS, decimals, digits_of, divide, scaled
from campaignrules.trees import Expression, Literally, Name, Tree, Value


@frozen
class Evaluated:
    """A value, numbers in base units, None is missing; `zero_division`: a taken branch divided by zero."""

    value: Value
    zero_division: bool = False


def evaluate(formula: Expression | Tree, row: Mapping[str, Value]) -> Evaluated:
    """The formula's value for a row; a name that the row lacks is missing. Raises CampaignError 'too-many-digits'."""
    tree = formula.root if isinstance(formula, Expression) else formula
    machine = _Machine(row)
    value = machine.eval("", previously_parsed=_as_ast(tree))
    return Evaluated(value, machine.zero_division)


# --- tree → ast ---------------------------------------------------------------

_BINARY: Final[dict[str, ast.operator]] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "//": ast.FloorDiv(),
    "%": ast.Mod(),
    "**": ast.Pow(),
}
_UNARY: Final[dict[str, ast.unaryop]] = {"neg": ast.USub(), "not": ast.Not()}
_COMPARE: Final[dict[str, ast.cmpop]] = {
    "==": ast.Eq(), "!=": ast.NotEq(), "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE(),
}  # fmt: skip
_BOOLEAN: Final[dict[str, ast.boolop]] = {"and": ast.And(), "or": ast.Or()}


@lru_cache(maxsize=256)
def _as_ast(tree: Tree) -> ast.expr:
    if isinstance(tree, Literally):
        return _constant(tree.value)
    if isinstance(tree, Name):
        return ast.Name(tree.name, ast.Load())
    if tree.op == "in":
        listed = tuple(arg.value for arg in tree.args[1:] if isinstance(arg, Literally))
        return ast.Compare(_as_ast(tree.args[0]), [ast.In()], [_constant(listed)])
    args = [_as_ast(arg) for arg in tree.args]
    if tree.op == "if":
        return ast.IfExp(*args)
    return _operation(tree.op, args)


def _constant(value: Any) -> ast.Constant:
    return ast.Constant(value)


def _operation(op: str, args: list[ast.expr]) -> ast.expr:
    if op in _BINARY:
        return ast.BinOp(args[0], _BINARY[op], args[1])
    if op in _UNARY:
        return ast.UnaryOp(_UNARY[op], args[0])
    if op in _COMPARE:
        return ast.Compare(args[0], [_COMPARE[op]], [args[1]])
    if op in _BOOLEAN:
        return ast.BoolOp(_BOOLEAN[op], args)
    return ast.Call(ast.Name(op, ast.Load()), args, [])


# --- exact operators ----------------------------------------------------------


def _subtract(a: Any, b: Any) -> Decimal:
    return Decimal((a - b).days) if isinstance(a, dt.date) else EXACT.subtract(a, b)


def _floor_divide(a: Decimal, b: Decimal) -> Decimal:
    scale = max(decimals(a), decimals(b))
    return Decimal(scaled(a, scale) // scaled(b, scale))


def _modulo(a: Decimal, b: Decimal) -> Decimal:
    return EXACT.subtract(a, EXACT.multiply(b, _floor_divide(a, b)))


def _power(base: Decimal, times: Decimal) -> Decimal:
    result = Decimal(1)
    for _ in range(int(times)):
        result = EXACT.multiply(result, base)
    return result


def _spreading(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Missing arguments make a missing result; too many digits are refused."""

    def apply(*args: Any) -> Any:
        return None if any(arg is None for arg in args) else _bounded(rule(*args))

    return apply


def _bounded(value: Any) -> Any:
    if isinstance(value, Decimal) and digits_of(value) > MAX_DIGITS:
        raise CampaignError(fault("too-many-digits", None, limit=MAX_DIGITS))
    return value


_OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: _spreading(EXACT.add),
    ast.Sub: _spreading(_subtract),
    ast.Mult: _spreading(EXACT.multiply),
    ast.Pow: _spreading(_power),
    ast.USub: _spreading(EXACT.minus),
    ast.Not: _spreading(operator.not_),
    ast.In: _spreading(lambda item, listed: item in listed),
    ast.Eq: _spreading(operator.eq),
    ast.NotEq: _spreading(operator.ne),
    ast.Lt: _spreading(operator.lt),
    ast.LtE: _spreading(operator.le),
    ast.Gt: _spreading(operator.gt),
    ast.GtE: _spreading(operator.ge),
}
_DIVISIONS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Div: divide,
    ast.FloorDiv: _floor_divide,
    ast.Mod: _modulo,
}
_CALLS: Final = {
    **{name: _spreading(row.exact) for name, row in FUNCTIONS.items() if not row.lazy},
    "is_none": lambda value: value is None,
}
_NODES: Final = frozenset(
    {ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call}
)


class _Machine(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval with our nodes, operators, functions and logic."""

    def __init__(self, row: Mapping[str, Value]) -> None:
        self.zero_division = False
        divisions = {kind: _spreading(self._dividing(rule)) for kind, rule in _DIVISIONS.items()}
        super().__init__(operators={**_OPERATORS, **divisions}, functions=_CALLS, names=row)
        for kind in self.nodes.keys() - _NODES:
            del self.nodes[kind]

    def _dividing(self, rule: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def apply(above: Decimal, below: Decimal) -> Any:
            if below:
                return rule(above, below)
            self.zero_division = True
            return None

        return apply

    def _eval_name(self, node: ast.Name) -> Any:
        return self.names.get(node.id)

    def _eval_boolop(self, node: ast.BoolOp) -> bool | None:
        decides = isinstance(node.op, ast.Or)
        result: bool | None = not decides
        for part in node.values:
            value: bool | None = self._eval(part)
            if value is decides:
                return decides
            result = None if value is None else result
        return result

    def _eval_compare(self, node: ast.Compare) -> Any:
        (op,), (right,) = node.ops, node.comparators
        return self.operators[type(op)](self._eval(node.left), self._eval(right))

    def _eval_ifexp(self, node: ast.IfExp) -> Any:
        test = self._eval(node.test)
        return None if test is None else self._eval(node.body if test else node.orelse)

    def _eval_call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "coalesce":
            values = (self._eval(arg) for arg in node.args)
            return next((value for value in values if value is not None), None)
        if isinstance(node.func, ast.Name) and node.func.id in ("if_low", "if_high"):
            return self._eval_between(node, min if node.func.id == "if_low" else max)
        return super()._eval_call(node)

    def _eval_between(self, node: ast.Call, choose: Callable[..., Any]) -> Any:
        """Which branch is taken may be open; then the least or the greatest of both."""
        surely, possibly = (self._eval(arg) for arg in node.args[:2])
        if surely is None or possibly is None:
            return None
        taken = [node.args[2]] if surely else [node.args[3]] if not possibly else node.args[2:]
        values = [self._eval(branch) for branch in taken]
        return None if None in values else choose(values)
