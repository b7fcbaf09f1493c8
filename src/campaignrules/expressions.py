"""Text → checked typed tree: the one front end of every formula.

Comes in: the text of a formula, the names it may use, and where it stands. Goes out: an `Expression` (frozen tree,
type) or located faults, all of them at once. The order of guards: own linear scan (length, characters, tokens,
nesting) → `ast.parse` → allow-listed nodes → types, dimensions and digits. Must not know: how it will be evaluated.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import Factory, evolve, field, frozen

from campaignrules.errors import CampaignError, Diagnostic, Source, Span, Text, did_you_mean, fault
from campaignrules.functions import FUNCTIONS, Function
from campaignrules.model import Field
from campaignrules.quantities import (
    BASE_UNITS,
    DIVISION_PLACES,
    EXACT,
    MAX_DIGITS,
    MONEY,
    PLAIN,
    UNITS,
    Dimension,
    decimals,
    digits_of,
    dimension_text,
    multiply_dimensions,
    round_report,
)
from campaignrules.source import Scalar

Kind = Literal["number", "text", "word", "tags", "bool", "date", "unit", "none", "unknown"]
DEFAULT_DECIMALS: Final = 6
INTEGER_DIGITS: Final = 18
"""A submitted number, counted in its last declared decimal, has at most this many digits."""


@frozen(eq=False, repr=False)
class Limits:
    """Bounds of a formula."""

    characters: int = 4096
    nodes: int = 512
    depth: int = 32
    tokens: int = 2048
    list_items: int = 256
    exponent: int = 128


LIMITS: Final = Limits()


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
    place = _Place(text, at)
    parsed = _scan(place) or _parse(place)
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


# -- scan and parse -----------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Place:
    text: str
    at: Scalar | None

    def span(self, spot: Spot) -> Span | None:
        if self.at is None:
            start, end = spot
            from_line = self.text.count("\n", 0, start) + 1
            column = start - (self.text.rfind("\n", 0, start) + 1) + 1
            return Span(_as_source(self.text), from_line, column, from_line, column + max(end - start, 1))
        return self.at.spot(*spot)

    def fault(self, code: str, spot: Spot, **args: Any) -> Diagnostic:
        return fault(code, self.span(spot), **args)


def _as_source(text: str) -> Source:
    return Source("<expression>", text[:400])


_TOKEN = re.compile(
    r"""\s+
    | (?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][+-]?\d+)?\w*)
    | (?P<name>[^\W\d]\w*)
    | (?P<text>'[^'\\\n]*'|"[^"\\\n]*")
    | (?P<op>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],])
    | (?P<bad>.)""",
    re.VERBOSE,
)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNSEEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"(?:\d++\.?\d*+|\.\d++)(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_KEYWORDS = {"and", "or", "not", "in", "is", "if", "else", "True", "False", "None"}
_WRITE: Final = {
    "=": "==", "!": "not", "&": "and", "|": "or", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "“": "'", "”": "'",
    "‘": "'", "’": "'", "、": ",", "。": ".", "—": "-", "–": "-",
}  # fmt: skip


def _scan(place: _Place) -> list[Diagnostic]:
    """Linear: refuses what must not reach `ast.parse`."""
    text = place.text
    if len(text) > LIMITS.characters:
        return [place.fault("expression-too-long", (0, 1), limit=LIMITS.characters, length=len(text))]
    if not text.strip():
        return [place.fault("empty-expression", (0, 1))]
    faults: list[Diagnostic] = []
    depth = tokens = prefixes = 0
    for match in _TOKEN.finditer(text):
        group = match.lastgroup
        if group is None:
            continue
        token = match.group()
        tokens += 1
        depth += (token in "([") - (token in ")]")
        prefixes = prefixes + 1 if token in ("-", "+", "not") else 0
        if max(depth, prefixes) > LIMITS.depth or tokens > LIMITS.tokens:
            return [place.fault("expression-too-deep", match.span(), limit=LIMITS.depth)]
        if problem := _token_fault(place, group, token, match.span()):
            faults.append(problem)
            if len(faults) >= 5:
                break
    return faults


def _token_fault(place: _Place, group: str, token: str, spot: Spot) -> Diagnostic | None:
    if group == "number":
        return _number_fault(place, token, spot)
    if group == "name":
        stable = unicodedata.normalize("NFKC", token)
        if stable != token:
            return place.fault("fullwidth-character", spot, got=token[:40], hint=_write(stable))
        if token.startswith("_") or "__" in token:
            return place.fault("bad-name", spot, name=token[:80])
        if place.text[spot[1] : spot[1] + 1] in ("'", '"') and token not in _KEYWORDS:
            return place.fault("not-allowed", spot, part=token[:40])
    if group == "bad":
        return _character_fault(place, token, spot)
    if group == "text" and (unseen := _UNSEEN.search(token)):
        at = spot[0] + unseen.start()
        return place.fault("control-character", (at, at + 1), character=f"U+{ord(unseen[0]):04X}")
    return None


def _number_fault(place: _Place, token: str, spot: Spot) -> Diagnostic | None:
    match = _NUMBER.fullmatch(token)
    stable = unicodedata.normalize("NFKC", token)
    if stable != token:
        return place.fault("fullwidth-character", spot, got=token[:40], hint=_write(stable[:40]))
    if match is None:
        return place.fault("bad-number", spot, got=token[:40])
    if sum(c.isdigit() for c in token) > MAX_DIGITS or abs(int(match[1] or 0)) > MAX_DIGITS:
        return place.fault("too-many-digits", spot, limit=MAX_DIGITS)
    return None


def _character_fault(place: _Place, token: str, spot: Spot) -> Diagnostic:
    if token in "'\"":
        return place.fault("unclosed-text", spot)
    stable = unicodedata.normalize("NFKC", token)
    write = _WRITE.get(token) or (_WRITE.get(stable) or stable if stable != token else None)
    if token == "=":
        return place.fault("assignment", spot, hint=_write("=="))
    if write and stable != token:
        return place.fault("fullwidth-character", spot, got=token, hint=_write(write))
    hint = _write(write) if write else _CHARACTER_HINTS.get(token)
    return place.fault("not-allowed", spot, part=repr(token)[1:-1], hint=hint)


_CHARACTER_HINTS: Final = {
    ".": Text("字段直接写名字；取年份写 year(字段)", "write the field alone; for the year write year(field)"),
    ":": Text("条件写成 甲 if 条件 else 乙", "write x if condition else y"),
    "?": Text("条件写成 甲 if 条件 else 乙", "write x if condition else y"),
}


def _write(text: str) -> Text:
    return Text(f"请写 {text}", f"write {text}")


def _parse(place: _Place) -> ast.expr | list[Diagnostic]:
    flat = re.sub(r"\s", " ", place.text)
    lead = len(flat) - len(flat.lstrip(" "))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(flat.strip(" "), mode="eval").body
    except SyntaxError as error:
        return [_syntax_fault(place, error, flat, lead)]
    except (RecursionError, MemoryError, ValueError):
        return [place.fault("expression-too-deep", (0, 1), limit=LIMITS.depth)]
    nodes, deep = _measure(tree)
    if nodes > LIMITS.nodes:
        return [place.fault("expression-too-large", (0, 1), limit=LIMITS.nodes)]
    if deep > LIMITS.depth:
        return [place.fault("expression-too-deep", (0, 1), limit=LIMITS.depth)]
    return tree


def _syntax_fault(place: _Place, error: SyntaxError, flat: str, lead: int) -> Diagnostic:
    """Python's complaint in our words; it gives no place when the text ends too early."""
    said = error.msg or ""
    if not error.offset:
        end = len(flat.rstrip(" "))
        return place.fault("unfinished-expression", (max(end - 1, 0), end))
    start = min(lead + error.offset - 1, max(len(flat) - 1, 0))
    hint = next((hint for words, hint in _SYNTAX_HINTS.items() if words in said), None)
    return place.fault("expression-syntax", (start, start + 1), hint=hint)


_SYNTAX_HINTS: Final = {
    "never closed": Text("括号没有关闭", "close the bracket"),
    "unmatched": Text("多了一个括号", "there is a bracket too many"),
    "does not match": Text("括号没有配对", "the brackets do not match"),
    "expected 'else'": Text("写成 甲 if 条件 else 乙", "write x if condition else y"),
    "invalid syntax": Text("这里少了运算符，或多了内容", "an operator is missing here, or something is too much"),
}


def _measure(tree: ast.expr) -> tuple[int, int]:
    """Number of expression nodes and depth, without recursion."""
    count = deepest = 0
    todo: list[tuple[ast.AST, int]] = [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        if isinstance(node, (ast.expr, ast.comprehension)):
            count += 1
            deepest = max(deepest, depth)
            if count > LIMITS.nodes:
                break
        todo.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
    return count, deepest


# -- types --------------------------------------------------------------------------------------------------------

_ARITHMETIC: Final = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARISON: Final = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ALLOWED: Final = "名字、数、'文字'、+ - * / // % **、比较、and or not、in、is None、if else、函数"
_ALLOWED_EN: Final = "names, numbers, 'text', + - * / // % **, comparisons, and or not, in, is None, if else, functions"


class _Checker:
    """ast → typed tree; after a fault a part has the unknown type, so that one mistake gives one message."""

    def __init__(self, scope: Scope, place: _Place) -> None:
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
            return self.refuse("not-allowed", self.spot(node), part="~", hint=_write("not"))
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
            return self.refuse("not-allowed", spot, part="is", hint=_write("== … / is None"))
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
            return self.refuse("compared-with-none", spot, hint=_write("is None / is not None"))
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
            if not _ISO_DATE.fullmatch(tree.value):
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
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            hint = did_you_mean(node.func.id, FUNCTIONS)
            return self.refuse(
                "unknown-function", self.spot(node.func), name=node.func.id, hint=hint, expected=", ".join(FUNCTIONS)
            )
        if not function.fewest <= len(node.args) <= function.most:
            least, most = function.fewest, function.most
            count = f"{least}" if least == most else f"{least}–{most}"
            return self.refuse("wrong-arguments", spot, name=function.name, count=count, got=str(len(node.args)))
        args = [self._argument(function, i, self.visit(a)) for i, a in enumerate(node.args)]
        if any(a.type is UNKNOWN for a in args):
            return Literally(None, UNKNOWN, spot)
        return self._apply_function(function, args, spot)

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


_FOLD: Final = {"+": EXACT.add, "-": EXACT.subtract, "*": EXACT.multiply}


def _held(scale: int) -> int:
    """No number of MAX_DIGITS digits needs more decimals; without the bound `x ** 128 ** …` would count in millions."""
    return max(-MAX_DIGITS, min(scale, MAX_DIGITS))


def _bit_hint(op: ast.operator) -> dict[str, Any]:
    words = {ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "**"}
    word = words.get(type(op))
    return {"hint": _write(word)} if word else {}


def _unit_hint(left: Tree, right: Tree) -> dict[str, Any]:
    money = next((t.type for t in (left, right) if t.type.is_money), None)
    plain = next((t for t in (left, right) if isinstance(t, Literally) and not t.type.dim), None)
    if money is None or plain is None or len(money.dim) != 1 or not isinstance(plain.value, Decimal):
        return {}
    currency = money.dim[0][0]
    big = f"亿{BASE_UNITS[currency].name}" if f"亿{BASE_UNITS[currency].name}" in UNITS else BASE_UNITS[currency].name
    return {"hint": _write(f"{round_report(plain.value):f} * {big}")}


def _resolve(name: str, known: Mapping[str, tuple[str, ...]]) -> str | None:
    """The id that `name` is or titles."""
    if name in known:
        return name
    return next((one for one, titles in known.items() if name in titles), None)
