"""Making checked trees by hand: literals worked out, equal parts made once, none beyond a limit; and their static ranges.

In: an operation and its arguments. Out: a tree of the right type and scale, the shortest one that is plainly the same;
`TooLargeError` when it, or the work, grows too large. Must not know: texts of formulas, columns, rows, what is made.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import product
from typing import Final

from attrs import evolve

from campaignrules.functions import FUNCTIONS
from campaignrules.quantities import EXACT, MAX_DIGITS, decimals, digits_of, divide, multiply_dimensions
from campaignrules.trees import BOOL, Apply, Literally, Tree, Type

MOST_NODES: Final = 4_096
"""A tree of more nodes is not made."""
_MOST_STEPS: Final = 16 * MOST_NODES


class TooLargeError(Exception):
    """The ends would grow beyond what is worth evaluating."""


# --- building -----------------------------------------------------------------

FALSE, TRUE = Literally(value=False, type=BOOL), Literally(value=True, type=BOOL)
ORDERS: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Final[dict[str, Callable[..., Decimal | None]]] = {
    "+": EXACT.add,
    "-": EXACT.subtract,
    "*": EXACT.multiply,
    "neg": EXACT.minus,
    "/": divide,
    "**": lambda base, times: EXACT.power(base, times) if times else Decimal(1),
    **{name: FUNCTIONS[name].exact for name in ("min", "max", "clamp", "abs", "round", "floor", "ceil")},
    **{name: FUNCTIONS[name].exact for name in ("round_even", "round_down", "round_up")},
}


class Forge:
    """Makes trees: equal ones once, literals worked out, and none beyond the limit."""

    def __init__(self) -> None:
        self.made: dict[tuple[object, ...], Tree] = {}
        self.sizes: dict[int, int] = {}
        self.steps = 0

    def apply(self, op: str, *args: Tree, kind: Type | None = None) -> Tree:
        self.step()
        if (short := self._shortened(op, args)) is not None:
            return short
        kind = kind or kind_of(op, args)
        if (value := _worked_out(op, args)) is not None:
            return self.literal(value, kind)
        key = (op, *map(id, args))
        if key not in self.made:
            self._admit(sum(map(self.size, args)) + 1)
            self.made[key] = Apply(op, tuple(args), kind)
        return self.made[key]

    def step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TooLargeError

    def _admit(self, size: int) -> None:
        if size > MOST_NODES:
            raise TooLargeError

    def size(self, tree: Tree) -> int:
        if not isinstance(tree, Apply):
            return 1
        if id(tree) not in self.sizes:
            self.sizes[id(tree)] = 1 + sum(map(self.size, tree.args))
        return self.sizes[id(tree)]

    def literal(self, value: Decimal, kind: Type) -> Tree:
        made = Literally(value, evolve(kind, scale=decimals(value)))
        return self.made.setdefault(("", made.value, made.type), made)

    def _shortened(self, op: str, args: Sequence[Tree]) -> Tree | None:
        if op in ("min", "max"):
            own = list({id(arg): arg for arg in args}.values())
            return own[0] if len(own) == 1 else self.apply(op, *own) if len(own) < len(args) else None
        if op in _SHORTENED:
            return _SHORTENED[op](self, *args)
        if op in ORDERS and (values := _numbers(args)):
            return TRUE if ORDERS[op](*values) else FALSE
        return None

    def shorter_junction(self, op: str, *args: Tree) -> Tree | None:
        decides = op == "or"
        if any(is_literally(arg, decides) for arg in args):
            return TRUE if decides else FALSE
        left = [arg for arg in args if not is_literally(arg, not decides)]
        if not left:
            return FALSE if decides else TRUE
        return left[0] if len(left) == 1 else self.apply(op, *left) if len(left) < len(args) else None

    def shorter_not(self, arg: Tree) -> Tree | None:
        if isinstance(arg, Apply) and arg.op == "not":
            return arg.args[0]
        return FALSE if is_literally(arg, value=True) else TRUE if is_literally(arg, value=False) else None

    def shorter_choice(self, condition: Tree, then: Tree, other: Tree) -> Tree | None:
        return then if is_literally(condition, value=True) else other if is_literally(condition, value=False) else None

    def shorter_between(self, op: str, surely: Tree, possibly: Tree, then: Tree, other: Tree) -> Tree | None:
        if surely is possibly:
            return self.apply("if", surely, then, other)
        if is_literally(surely, value=True):
            return then
        if is_literally(possibly, value=False):
            return other
        if surely is FALSE and possibly is TRUE and then.type.kind == other.type.kind == "number":
            return self.apply("min" if op == "if_low" else "max", then, other)
        return None

    def times(self, left: Tree, right: Tree) -> Tree:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Literally) and not one.type.dim and one.value in (1, -1):
                return other if one.value == 1 else self.apply("neg", other)
        return self.apply("*", left, right)

    def all_of(self, conditions: Sequence[Tree | None]) -> Tree | None:
        """Conditions of which None is always true."""
        own = list({id(one): one for one in conditions if one is not None}.values())
        return self.apply("and", *own) if own else None

    def guarded(self, known: Tree | None, tree: Tree) -> Tree:
        """The tree, missing where the condition is not true."""
        return tree if known is None else self.apply("if", known, tree, self.nothing(tree.type))

    def nothing(self, kind: Type) -> Tree:
        return self.made.setdefault(("", None, kind), Literally(None, kind))


_SHORTENED: Final[dict[str, Callable[..., Tree | None]]] = {
    "and": lambda forge, *args: forge.shorter_junction("and", *args),
    "or": lambda forge, *args: forge.shorter_junction("or", *args),
    "not": Forge.shorter_not,
    "if": Forge.shorter_choice,
    "if_low": lambda forge, *args: forge.shorter_between("if_low", *args),
    "if_high": lambda forge, *args: forge.shorter_between("if_high", *args),
}


def is_literally(tree: Tree, value: bool) -> bool:
    """Is the tree this constant?"""
    return isinstance(tree, Literally) and tree.value is value


def _numbers(args: Sequence[Tree]) -> list[Decimal] | None:
    """The values, when all are literal numbers."""
    values = [arg.value for arg in args if isinstance(arg, Literally) and isinstance(arg.value, Decimal)]
    return values if len(values) == len(args) else None


def _worked_out(op: str, args: Sequence[Tree]) -> Decimal | None:
    values = _numbers(args) if op in _ARITHMETIC else None
    found = _ARITHMETIC[op](*values) if values else None
    return None if found is None or digits_of(found) > MAX_DIGITS else found


def kind_of(op: str, args: Sequence[Tree]) -> Type:
    """The type of an operation on these, of those whose type comes from the arguments."""
    if op in ("and", "or", "not", "is_none", "==", "!=", "in", *ORDERS):
        return BOOL
    if op == "*":
        left, right = args[0].type, args[1].type
        return Type("number", multiply_dimensions(left.dim, right.dim), _held(left.scale + right.scale))
    kinds = [arg.type for arg in args[BRANCHES_FROM.get(op, 0) :] if arg.type.kind != "none"]
    if not kinds or kinds[0].kind != "number":
        return kinds[0] if kinds else args[-1].type
    return Type("number", next((k.dim for k in kinds if k.dim), ()), max(k.scale for k in kinds))


BRANCHES_FROM: Final = {"if": 1, "if_low": 2, "if_high": 2}


def _held(scale: int) -> int:
    return max(-MAX_DIGITS, min(scale, MAX_DIGITS))


# --- what is sure of a tree ---------------------------------------------------

Range = tuple[Decimal | None, Decimal | None]
ANY: Final[Range] = (None, None)
ZERO: Final = Decimal(0)
COUNTING: Final = frozenset({"members", "above", "level", "overlap", "distinct_above", "length", "abs"})
ROUNDING: Final = frozenset({"round", "round_even", "round_down", "round_up", "floor", "ceil"})
REGION: Final = frozenset({"+", "-", "*", "neg"})


def in_region(tree: Tree) -> bool:
    """Is the tree an exact operation on numbers, + - * or neg?"""
    return isinstance(tree, Apply) and tree.op in REGION and tree.args[0].type.kind == "number"


def shorter(value: Decimal | None) -> Decimal | None:
    """The bound, unless it has too many digits to go on with."""
    return value if value is not None and digits_of(value) <= 2 * MAX_DIGITS else None


def _plus(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return None if a is None or b is None else EXACT.add(a, b)


def _minus(a: Decimal | None) -> Decimal | None:
    return None if a is None else EXACT.minus(a)


def _opposite(a: Range) -> Range:
    return _minus(a[1]), _minus(a[0])


def sign_of(a: Range) -> int:
    """1: never below zero; -1: never above; 0: not known."""
    return 1 if a[0] is not None and a[0] >= 0 else -1 if a[1] is not None and a[1] <= 0 else 0


def _corners(rule: Callable[[Decimal, Decimal], Decimal | None], a: Range, b: Range) -> Range:
    """Range of a product or a quotient: over the corners when there are four, by the signs otherwise."""
    found = [rule(x, y) for x, y in product(a, b) if x is not None and y is not None]
    numbers = [one for one in found if one is not None]
    if len(numbers) == 4:
        return min(numbers), max(numbers)
    sign = sign_of(a) * sign_of(b)
    return (ZERO if sign > 0 else None, ZERO if sign < 0 else None)


def _least(ranges: Sequence[Range]) -> Range:
    lows = [low for low, _ in ranges if low is not None]
    highs = [high for _, high in ranges if high is not None]
    return min(lows) if len(lows) == len(ranges) else None, min(highs, default=None)


def _greatest(ranges: Sequence[Range]) -> Range:
    return _opposite(_least([_opposite(one) for one in ranges]))


def either(ranges: Sequence[Range]) -> Range:
    """The range of a value that is in one of these."""
    return _least(ranges)[0], _greatest(ranges)[1]


def value_of(tree: Tree) -> Decimal:
    """The number of a literal that the checker asked for."""
    assert isinstance(tree, Literally)  # noqa: S101  the checker lets nothing else through
    return Decimal(tree.value)


def kind_again(tree: Apply, args: Sequence[Tree]) -> Type | None:
    """The type of the operation on other arguments; None where it follows from them alone."""
    if tree.op == "**":
        return evolve(tree.type, scale=_held(args[0].type.scale * int(value_of(args[1]))))
    if tree.op in GROUP:
        return evolve(tree.type, scale=max(tree.type.scale, args[0].type.scale))
    return tree.type if tree.op in ROUNDING or args[0].type.kind == "date" else None


def _rounded(tree: Apply, value: Range, *_: Range) -> Range:
    rule, places = FUNCTIONS[tree.op].exact, [value_of(arg) for arg in tree.args[1:]]
    low, high = (None if end is None else rule(end, *places) for end in value)
    return low, high


def _signed(_: Apply, *values: Range) -> Range:
    return _corners(lambda *_: None, values[0], values[1] if len(values) > 1 else (ZERO, None))


def _raised(tree: Apply, base: Range, _: Range) -> Range:
    return _signed(tree, base) if int(value_of(tree.args[1])) % 2 else (ZERO, None)


BRANCHES: Final = frozenset({"if", "if_low", "if_high", "coalesce"})
GROUP: Final = ("lowest", "highest", "average", "total")
RANGES: Final[dict[str, Callable[..., Range]]] = {
    "+": lambda _, a, b: (_plus(a[0], b[0]), _plus(a[1], b[1])),
    "-": lambda _, a, b: (_plus(a[0], _minus(b[1])), _plus(a[1], _minus(b[0]))),
    "*": lambda _, a, b: _corners(EXACT.multiply, a, b),
    "/": lambda _, a, b: _corners(divide, a, b) if sign_of(b) else ANY,
    "//": _signed,
    "**": _raised,
    "neg": lambda _, a: _opposite(a),
    "min": lambda _, *ranges: _least(ranges),
    "max": lambda _, *ranges: _greatest(ranges),
    "clamp": lambda _, value, low, high: _greatest([low, _least([value, high])]),
    **dict.fromkeys(ROUNDING, _rounded),
    **dict.fromkeys(GROUP, _signed),
}
