"""Text → checked typed tree: the one front end of every formula.

Comes in: the text of a formula, the names it may use, and where it stands. Goes out: an `Expression` (frozen tree,
type) or located faults, all of them at once. The order of guards: own linear scan (length, characters, tokens,
nesting) → `ast.parse` → allow-listed nodes → types, dimensions and digits. Must not know: how it will be evaluated.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean
from campaignrules.functions import FUNCTIONS, GROUP_FUNCTIONS, Function
from campaignrules.quantities import (
    BASE_UNITS,
    DIVISION_PLACES,
    EXACT,
    MAX_DIGITS,
    UNITS,
    decimals,
    digits_of,
    dimension_text,
    multiply_dimensions,
    round_report,
)
from campaignrules.scanner import ISO_DATE, LIMITS, Place, parse, scan, written
from campaignrules.source import Scalar
from campaignrules.trees import (
    BOOL,
    DATE,
    DAYS,
    NONE,
    NUMBER,
    TEXT,
    UNIT,
    UNKNOWN,
    Apply,
    Expression,
    Kind,
    Literally,
    Name,
    Scope,
    Spot,
    Tree,
    Type,
    walk,
)


def check(text: str, scope: Scope, want: Kind | None = None, at: Scalar | None = None) -> Expression:
    """The checked formula. Raises CampaignError with all faults, located inside `at` (the YAML scalar) when given."""
    expression, faults = examine(text, scope, want, at)
    if expression is None:
        raise CampaignError(faults)
    return expression


def examine(
    text: str, scope: Scope, want: Kind | None = None, at: Scalar | None = None
) -> tuple[Expression | None, list[Diagnostic]]:
    """As `check`, but gives (expression or None, faults) and raises nothing."""
    place = Place(text, at)
    parsed = scan(place) or parse(place)
    if isinstance(parsed, list):
        return None, parsed
    checker = _Checker(scope, place)
    root = checker.visit(parsed)
    if want and not checker.faults and root.type.kind not in (want, "unknown"):
        checker.refuse("wrong-type", root.spot, expected=_KINDS[want], got=str(root.type), **_wanted_hint(want))
    if checker.faults:
        return None, checker.faults
    return Expression(text, root, frozenset(n.name for n in walk(root) if isinstance(n, Name))), []


_KINDS: Final = {
    "number": Text("数", "a number"),
    "bool": Text("条件（真或假）", "a condition (true or false)"),
    "date": Text("日期", "a date"),
    "text": Text("文字", "text"),
}


def _wanted_hint(want: Kind) -> dict[str, Any]:
    if want == "bool":
        return {
            "hint": Text("条件要比较，如 investment >= 1 * 亿元", "a condition compares, e.g. investment >= 1 * 亿元")
        }
    return {}


_ARITHMETIC: Final = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARISON: Final = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ALLOWED: Final = "名字、数、'文字'、+ - * / // % **、比较、and or not、in、is None、if else、函数"
_ALLOWED_EN: Final = "names, numbers, 'text', + - * / // % **, comparisons, and or not, in, is None, if else, functions"


class _Checker:
    """ast → typed tree; after a fault a part has the unknown type, so that one mistake gives one message."""

    def __init__(self, scope: Scope, place: Place) -> None:
        self.scope, self.place = scope, place
        self.faults: list[Diagnostic] = []
        self.lead = len(place.text) - len(re.sub(r"\s", " ", place.text).lstrip(" "))
        self.flat = re.sub(r"\s", " ", place.text).strip(" ")
        self.bytes = self.flat.encode("utf-8")
        self.ascii = len(self.bytes) == len(self.flat)

    def refuse(self, code: str, spot: Spot, **args: Any) -> Literally:
        self.faults.append(self.place.fault(code, spot, **args))
        return Literally(None, UNKNOWN, spot)

    def spot(self, node: ast.expr) -> Spot:
        return self._char(node.col_offset), self._char(node.end_col_offset or node.col_offset + 1)

    def _char(self, offset: int) -> int:
        return self.lead + (offset if self.ascii else len(self.bytes[:offset].decode("utf-8", "ignore")))

    def visit(self, node: ast.expr) -> Tree:
        visitor = getattr(self, "_" + type(node).__name__.lower(), None)
        if visitor is None:
            expected = Text(_ALLOWED, _ALLOWED_EN)
            return self.refuse("not-allowed", self.spot(node), part=type(node).__name__, expected=expected)
        tree: Tree = visitor(node)
        return tree

    def _constant(self, node: ast.Constant) -> Tree:
        spot, value = self.spot(node), node.value
        if value is None:
            return Literally(None, NONE, spot)
        if isinstance(value, bool):
            return Literally(value, BOOL, spot)
        if isinstance(value, str):
            return Literally(value, TEXT, spot)
        if isinstance(value, (int, float)):
            start, end = spot
            return self._number(Decimal(self.place.text[start:end]), NUMBER, spot)
        return self.refuse("not-allowed", spot, part=type(value).__name__)

    def _number(self, value: Decimal, type_: Type, spot: Spot) -> Tree:
        if digits_of(value) > MAX_DIGITS:
            return self.refuse("too-many-digits", spot, limit=MAX_DIGITS)
        return Literally(value, evolve(type_, scale=decimals(value)), spot)

    def _name(self, node: ast.Name) -> Tree:
        spot = self.spot(node)
        if node.id in self.scope.names:
            return Name(node.id, self.scope.names[node.id], spot)
        if node.id in self.scope.constants:
            value, type_ = self.scope.constants[node.id]
            return Literally(value, type_, spot)
        if node.id in UNITS:
            unit = UNITS[node.id]
            return Literally(unit.factor, Type("number", unit.dim, -unit.power), spot)
        return self.refuse("unknown-name", spot, name=node.id, **self._near(node.id))

    def _near(self, name: str) -> dict[str, Any]:
        if hint := did_you_mean(name, [*self.scope.names, *self.scope.constants, *FUNCTIONS]):
            return {"hint": hint}
        for vocabulary, words in self.scope.vocabularies.items():
            if name in words or any(name in titles for titles in words.values()):
                return {
                    "hint": Text(
                        f"词要加引号：'{name}'（{vocabulary}）", f"a word needs quotes: '{name}' ({vocabulary})"
                    )
                }
        known = ", ".join(list(self.scope.names)[:12])
        return {"expected": Text(known, known)} if known else {}

    # operators

    def _boolop(self, node: ast.BoolOp) -> Tree:
        args = tuple(self._condition(value) for value in node.values)
        return Apply("and" if isinstance(node.op, ast.And) else "or", args, BOOL, self.spot(node))

    def _condition(self, node: ast.expr) -> Tree:
        tree = self.visit(node)
        if tree.type.kind not in ("bool", "unknown"):
            return self.refuse(
                "wrong-type", tree.spot, expected=_KINDS["bool"], got=str(tree.type), **_wanted_hint("bool")
            )
        return tree

    def _unaryop(self, node: ast.UnaryOp) -> Tree:
        if isinstance(node.op, ast.Not):
            return Apply("not", (self._condition(node.operand),), BOOL, self.spot(node))
        if isinstance(node.op, ast.Invert):
            return self.refuse("not-allowed", self.spot(node), part="~", hint=written("not"))
        tree = self._numeric(self.visit(node.operand))
        if isinstance(node.op, ast.UAdd) or tree.type is UNKNOWN:
            return evolve(tree, spot=self.spot(node))
        if isinstance(tree, Literally):
            return Literally(EXACT.minus(tree.value), tree.type, self.spot(node))
        return Apply("neg", (tree,), tree.type, self.spot(node))

    def _numeric(self, tree: Tree) -> Tree:
        if tree.type.kind in ("number", "unknown"):
            return tree
        return self.refuse("wrong-type", tree.spot, expected=_KINDS["number"], got=str(tree.type))

    def _binop(self, node: ast.BinOp) -> Tree:
        spot = self.spot(node)
        op = _ARITHMETIC.get(type(node.op))
        if op is None:
            return self.refuse("not-allowed", spot, part=type(node.op).__name__, **_bit_hint(node.op))
        left, right = self.visit(node.left), self.visit(node.right)
        if op == "-" and left.type.kind == right.type.kind == "date":
            return Apply("-", (left, right), DAYS, spot)
        left, right = self._numeric(left), self._numeric(right)
        if UNKNOWN in (left.type, right.type):
            return Literally(None, UNKNOWN, spot)
        if op == "**":
            return self._power(left, right, spot)
        return self._fold(self._arithmetic(op, left, right, spot))

    def _arithmetic(self, op: str, left: Tree, right: Tree, spot: Spot) -> Tree:
        a, b = left.type, right.type
        if op == "*":
            kind = Type("number", multiply_dimensions(a.dim, b.dim), _held(a.scale + b.scale))
        elif op == "/":
            kind = Type("number", multiply_dimensions(a.dim, b.dim, -1), DIVISION_PLACES)
        elif op == "//":
            kind = Type("number", multiply_dimensions(a.dim, b.dim, -1), 0)
        else:
            joint = self._joint(left, right, spot)
            if joint is UNKNOWN:
                return Literally(None, UNKNOWN, spot)
            kind = joint
        return Apply(op, (left, right), kind, spot)

    def _fold(self, tree: Tree) -> Tree:
        """Literals are worked out here, so that `10 * 亿元` is one constant and its digits are known."""
        if not (isinstance(tree, Apply) and all(isinstance(a, Literally) for a in tree.args)) or tree.op not in _FOLD:
            return tree
        left, right = (a.value for a in tree.args if isinstance(a, Literally))
        value = _FOLD[tree.op](left, right)
        return self._number(value, tree.type, tree.spot)

    def _power(self, base: Tree, exponent: Tree, spot: Spot) -> Tree:
        times = exponent.value if isinstance(exponent, Literally) else None
        if times is None or times != int(times) or not 0 <= times <= LIMITS.exponent or exponent.type.dim:
            return self.refuse("bad-exponent", exponent.spot, limit=LIMITS.exponent)
        n = int(times)
        kind = Type("number", tuple((b, e * n) for b, e in base.type.dim if n), _held(base.type.scale * n))
        if isinstance(base, Literally):
            return self._number(EXACT.power(base.value, n) if n else Decimal(1), kind, spot)
        return Apply("**", (base, Literally(times, NUMBER, exponent.spot)), kind, spot)

    def _joint(self, left: Tree, right: Tree, spot: Spot) -> Type:
        """The common number type of two parts that are added or compared."""
        a, b = left.type, right.type
        scale = max(a.scale, b.scale)
        if a.dim == b.dim or (not b.dim and not a.is_money):
            return evolve(a, scale=scale)
        if not a.dim and not b.is_money:
            return evolve(b, scale=scale)
        got = f"{dimension_text(a.dim)} / {dimension_text(b.dim)}"
        self.refuse("different-units", spot, got=got, **_unit_hint(left, right))
        return UNKNOWN

    # comparisons

    def _compare(self, node: ast.Compare) -> Tree:
        operands = [node.left, *node.comparators]
        parts = [
            self._comparison(op, left, right) for op, left, right in zip(node.ops, operands, operands[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else Apply("and", tuple(parts), BOOL, self.spot(node))

    def _comparison(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Tree:
        spot = (self.spot(left)[0], self.spot(right)[1])
        if isinstance(op, (ast.Is, ast.IsNot)):
            return self._is_none(op, left, right, spot)
        if isinstance(op, (ast.In, ast.NotIn)):
            found = self._membership(left, right, spot)
            return found if isinstance(op, ast.In) else Apply("not", (found,), BOOL, spot)
        return self._order(_COMPARISON[type(op)], self.visit(left), self.visit(right), spot)

    def _is_none(self, op: ast.cmpop, left: ast.expr, right: ast.expr, spot: Spot) -> Tree:
        if not (isinstance(right, ast.Constant) and right.value is None):
            return self.refuse("not-allowed", spot, part="is", hint=written("== … / is None"))
        found = Apply("is_none", (self.visit(left),), BOOL, spot)
        return found if isinstance(op, ast.Is) else Apply("not", (found,), BOOL, spot)

    def _membership(self, left: ast.expr, right: ast.expr, spot: Spot) -> Tree:
        item = self.visit(left)
        if not isinstance(right, (ast.List, ast.Tuple)):
            return self._in_tags(item, self.visit(right), spot)
        if len(right.elts) > LIMITS.list_items:
            return self.refuse("list-too-long", self.spot(right), limit=LIMITS.list_items)
        members = [self._order("==", item, self.visit(element), self.spot(element)) for element in right.elts]
        if UNKNOWN in (item.type, *(m.type for m in members)) or self.faults:
            return Literally(None, UNKNOWN, spot)
        literals = tuple(m.args[1] for m in members if isinstance(m, Apply))
        if not all(isinstance(one, Literally) for one in literals):
            return self.refuse("wrong-type", self.spot(right), expected=Text("常量列表", "a list of literals"))
        return Apply("in", (item, *literals), BOOL, spot)

    def _in_tags(self, item: Tree, tags: Tree, spot: Spot) -> Tree:
        if UNKNOWN in (item.type, tags.type):
            return Literally(None, UNKNOWN, spot)
        if tags.type.kind != "tags":
            expected = Text("列表 [ … ] 或多选字段", "a list [ … ] or a tags field")
            return self.refuse("wrong-type", tags.spot, expected=expected, got=str(tags.type))
        return self._has(tags, item, spot)

    def _has(self, tags: Tree, item: Tree, spot: Spot) -> Tree:
        word = self._as_word(item, tags.type.vocabulary)
        return Apply("has", (tags, word), BOOL, spot) if word.type is not UNKNOWN else Literally(None, UNKNOWN, spot)

    def _order(self, op: str, left: Tree, right: Tree, spot: Spot) -> Tree:
        kinds = {left.type.kind, right.type.kind}
        if "unknown" in kinds:
            return Literally(None, UNKNOWN, spot)
        if "none" in kinds:
            return self.refuse("compared-with-none", spot, hint=written("is None / is not None"))
        left, right = self._align(left, right)
        if UNKNOWN in (left.type, right.type):
            return Literally(None, UNKNOWN, spot)
        if left.type.kind != right.type.kind:
            return self._incomparable(left, right, spot)
        if left.type.kind == "number" and self._joint(left, right, spot) is UNKNOWN:
            return Literally(None, UNKNOWN, spot)
        if op not in ("==", "!=") and left.type.kind not in ("number", "date"):
            return self.refuse("no-order", spot, got=str(left.type))
        if left.type.kind == "tags" or left.type.vocabulary != right.type.vocabulary:
            return self._incomparable(left, right, spot)
        return Apply(op, (left, right), BOOL, spot)

    def _incomparable(self, left: Tree, right: Tree, spot: Spot) -> Tree:
        tags = "tags" in (left.type.kind, right.type.kind)
        hint = Text("多选字段写 '词' in 字段", "for tags write 'word' in field") if tags else None
        return self.refuse("not-comparable", spot, got=f"{left.type} / {right.type}", hint=hint)

    def _align(self, left: Tree, right: Tree) -> tuple[Tree, Tree]:
        """A text literal beside a word, a unit or a date becomes one."""
        if isinstance(left, Literally) and left.type is TEXT and right.type is not TEXT:
            right, left = self._align(right, left)
            return left, right
        if isinstance(right, Literally) and right.type is TEXT:
            if left.type.kind == "word":
                return left, self._as_word(right, left.type.vocabulary)
            if left.type.kind == "unit":
                return left, self._as_unit(right)
            if left.type.kind == "date":
                return left, self._as_date(right)
        return left, right

    def _as_word(self, tree: Tree, vocabulary: str) -> Tree:
        if tree.type.kind == "word" and tree.type.vocabulary == vocabulary:
            return tree
        words = self.scope.vocabularies.get(vocabulary, {})
        if not (isinstance(tree, Literally) and isinstance(tree.value, str)):
            return self.refuse("wrong-type", tree.spot, expected=Text(f"{vocabulary} 的词", f"a word of {vocabulary}"))
        word = _resolve(tree.value, words)
        if word is None:
            hint = did_you_mean(tree.value, [*words, *(t for titles in words.values() for t in titles)])
            return self.refuse(
                "unknown-word",
                tree.spot,
                word=tree.value,
                vocabulary=vocabulary,
                hint=hint,
                expected=", ".join(list(words)[:20]),
            )
        return Literally(word, Type("word", vocabulary=vocabulary), tree.spot)

    def _as_unit(self, tree: Literally) -> Tree:
        if self.scope.units is None:
            return Literally(tree.value, UNIT, tree.spot)
        unit = _resolve(tree.value, self.scope.units)
        if unit is None:
            hint = did_you_mean(tree.value, self.scope.units)
            return self.refuse("unknown-unit-id", tree.spot, name=tree.value, hint=hint)
        return Literally(unit, UNIT, tree.spot)

    def _as_date(self, tree: Literally) -> Tree:
        try:
            if not ISO_DATE.fullmatch(tree.value):
                raise ValueError
            return Literally(dt.date.fromisoformat(tree.value), DATE, tree.spot)
        except ValueError:
            return self.refuse("bad-date", tree.spot, got=tree.value[:40])

    # conditionals and calls

    def _ifexp(self, node: ast.IfExp) -> Tree:
        condition = self._condition(node.test)
        then, other = self._alike([self.visit(node.body), self.visit(node.orelse)])
        joint = self._common([then, other], self.spot(node))
        if UNKNOWN in (joint, condition.type):
            return Literally(None, UNKNOWN, self.spot(node))
        return Apply("if", (condition, then, other), joint, self.spot(node))

    def _alike(self, trees: list[Tree]) -> list[Tree]:
        """Text literals beside a word, a unit or a date become one."""
        model = next((t for t in trees if t.type.kind in ("word", "unit", "date")), None)
        return trees if model is None else [self._align(model, t)[1] for t in trees]

    def _common(self, trees: list[Tree], spot: Spot) -> Type:
        known = [t for t in trees if t.type is not NONE]
        if any(t.type is UNKNOWN for t in trees):
            return UNKNOWN
        if not known:
            return NONE
        first = known[0]
        for other in known[1:]:
            if first.type.kind != other.type.kind or first.type.vocabulary != other.type.vocabulary:
                self._incomparable(first, other, spot)
                return UNKNOWN
            if first.type.kind == "number":
                joint = self._joint(first, other, spot)
                if joint is UNKNOWN:
                    return UNKNOWN
                first = evolve(first, type=joint)
        return first.type

    def _call(self, node: ast.Call) -> Tree:
        spot = self.spot(node)
        if not isinstance(node.func, ast.Name) or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            return self.refuse(
                "not-allowed", spot, part="call", expected=Text("函数名(参数, …)", "function(argument, …)")
            )
        if node.func.id in self.scope.references:
            return self._reference(node.func.id, node.args, spot)
        known = {**FUNCTIONS, **(GROUP_FUNCTIONS if self.scope.group else {})}
        function = known.get(node.func.id)
        if function is None:
            names = [*known, *self.scope.references]
            hint = did_you_mean(node.func.id, names)
            return self.refuse(
                "unknown-function", self.spot(node.func), name=node.func.id, hint=hint, expected=", ".join(names)
            )
        if not function.fewest <= len(node.args) <= function.most:
            least, most = function.fewest, function.most
            count = f"{least}" if least == most else f"{least}–{most}"
            return self.refuse("wrong-arguments", spot, name=function.name, count=count, got=str(len(node.args)))
        args = [self._argument(function, i, self.visit(a)) for i, a in enumerate(node.args)]
        if any(a.type is UNKNOWN for a in args):
            return Literally(None, UNKNOWN, spot)
        return self._apply_function(function, args, spot)

    def _reference(self, function: str, args: list[ast.expr], spot: Spot) -> Tree:
        """`points('monthly')`, `points('monthly', '2023-06')`: a name whose text says what it refers to."""
        words = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if not 1 <= len(words) == len(args) <= 2:
            expected = Text(f"{function}('编号')", f"{function}('id')")
            return self.refuse("wrong-type", spot, expected=expected, got=self.place.text[slice(*spot)][:40])
        known = self.scope.references[function]
        if words[0] not in known:
            expected_ids = ", ".join(list(known)[:15]) or None
            hint = did_you_mean(words[0], known)
            return self.refuse("unknown-name", self.spot(args[0]), name=words[0], expected=expected_ids, hint=hint)
        return Name(reference_name(function, *words), known[words[0]], spot)

    def _argument(self, function: Function, index: int, tree: Tree) -> Tree:
        want = function.takes[min(index, len(function.takes) - 1)]
        kind = tree.type.kind
        if kind == "unknown" or want in ("same", kind) or (want == "text" and function.name == "has"):
            return tree
        if want == "whole":
            literal = isinstance(tree, Literally) and isinstance(tree.value, Decimal)
            if literal and not tree.type.dim and tree.value == int(tree.value) and abs(tree.value) < 10_000:  # type: ignore[union-attr]
                return tree
            return self.refuse("wrong-type", tree.spot, expected=Text("整数常量", "a literal whole number"))
        expected = Text(f"{function.name} 的参数：{want}", f"argument of {function.name}: {want}")
        return self.refuse("wrong-type", tree.spot, expected=expected, got=str(tree.type))

    def _apply_function(self, function: Function, args: list[Tree], spot: Spot) -> Tree:
        if function.name == "has":
            return self._has(args[0], args[1], spot)
        if function.name == "date":
            return self._date_literal(function, args, spot)
        if function.name == "place_of":
            return Apply(
                "+", (Literally(Decimal(1), NUMBER, spot), Apply("above", (*args, *args), NUMBER, spot)), NUMBER, spot
            )
        if function.gives == "same":
            args = self._alike(args)
            joint = self._common(args[: 1 if function.scale == "second" else None], spot)
        else:
            joint = {"bool": BOOL, "days": DAYS, "date": DATE}.get(function.gives, NUMBER)
        if joint is UNKNOWN:
            return Literally(None, UNKNOWN, spot)
        if function.scale == "second":
            if len(args) == 1:
                args.append(Literally(Decimal(0), NUMBER, spot))
            places = int(args[1].value)  # type: ignore[union-attr]
            if abs(places) > DIVISION_PLACES:
                return self.refuse("bad-places", args[1].spot, limit=DIVISION_PLACES)
            joint = evolve(joint, scale=places)
        elif isinstance(function.scale, int):
            joint = evolve(joint, scale=function.scale)
        return Apply(function.name, tuple(args), joint, spot)

    def _date_literal(self, function: Function, args: list[Tree], spot: Spot) -> Tree:
        try:
            return Literally(function.exact(*(a.value for a in args)), DATE, spot)  # type: ignore[union-attr]
        except ValueError:
            return self.refuse("bad-date", spot, got=self.place.text[slice(*spot)][:40])


def reference_name(function: str, *words: str) -> str:
    """The name of an operand that a function of quoted ids refers to."""
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"{function}({quoted})"


_FOLD: Final = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}


def _held(scale: int) -> int:
    """No number of MAX_DIGITS digits needs more decimals; without the bound `x ** 128 ** …` would count in millions."""
    return max(-MAX_DIGITS, min(scale, MAX_DIGITS))


def _bit_hint(op: ast.operator) -> dict[str, Any]:
    words = {ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "**"}
    word = words.get(type(op))
    return {"hint": written(word)} if word else {}


def _unit_hint(left: Tree, right: Tree) -> dict[str, Any]:
    money = next((t.type for t in (left, right) if t.type.is_money), None)
    plain = next((t for t in (left, right) if isinstance(t, Literally) and not t.type.dim), None)
    if money is None or plain is None or len(money.dim) != 1 or not isinstance(plain.value, Decimal):
        return {}
    currency = money.dim[0][0]
    big = f"亿{BASE_UNITS[currency].name}" if f"亿{BASE_UNITS[currency].name}" in UNITS else BASE_UNITS[currency].name
    return {"hint": written(f"{round_report(plain.value):f} * {big}")}


def _resolve(name: str, known: Mapping[str, tuple[str, ...]]) -> str | None:
    """The id that `name` is or titles."""
    if name in known:
        return name
    return next((one for one, titles in known.items() if name in titles), None)
