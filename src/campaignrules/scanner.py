"""Text → Python syntax tree: the guards of a formula before anything is typed.

Own linear scan (length, characters, tokens, nesting) → `ast.parse` → size and depth. Goes out: a syntax tree, or located
faults. Must not know: names, types, which nodes are allowed.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from typing import Any, Final

from attrs import frozen

from campaignrules.errors import Diagnostic, Source, Span, Text, fault
from campaignrules.quantities import MAX_DIGITS, UNITS
from campaignrules.source import Scalar
from campaignrules.trees import Spot


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


@frozen(eq=False, repr=False)
class Place:
    """Where a formula stands: its text, and the YAML scalar that holds it (None outside a file)."""

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
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
UNSEEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"(?:\d++\.?\d*+|\.\d++)(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_WITH_UNIT = re.compile(r"(\d{1,38}(?:\.\d{1,38})?)(\D{1,8})", re.ASCII)
_KEYWORDS = {"and", "or", "not", "in", "is", "if", "else", "True", "False", "None"}
_WRITE: Final = {
    "=": "==", "!": "not", "&": "and", "|": "or", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "“": "'", "”": "'",
    "‘": "'", "’": "'", "、": ",", "。": ".", "—": "-", "–": "-",
}  # fmt: skip


def scan(place: Place) -> list[Diagnostic]:
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


def _token_fault(place: Place, group: str, token: str, spot: Spot) -> Diagnostic | None:
    if group == "number":
        return _number_fault(place, token, spot)
    if group == "name":
        stable = unicodedata.normalize("NFKC", token)
        if stable != token:
            return place.fault("fullwidth-character", spot, got=token[:40], hint=written(stable))
        if token.startswith("_") or "__" in token:
            return place.fault("bad-name", spot, name=token[:80])
        if place.text[spot[1] : spot[1] + 1] in ("'", '"') and token not in _KEYWORDS:
            return place.fault("not-allowed", spot, part=token[:40])
    if group == "bad":
        return _character_fault(place, token, spot)
    if group == "text" and (unseen := UNSEEN.search(token)):
        at = spot[0] + unseen.start()
        return place.fault("control-character", (at, at + 1), character=f"U+{ord(unseen[0]):04X}")
    return None


def _number_fault(place: Place, token: str, spot: Spot) -> Diagnostic | None:
    match = _NUMBER.fullmatch(token)
    stable = unicodedata.normalize("NFKC", token)
    if stable != token:
        return place.fault("fullwidth-character", spot, got=token[:40], hint=written(stable[:40]))
    if match is None:
        amount = _WITH_UNIT.fullmatch(token)
        hint = written(f"{amount[1]} * {amount[2]}") if amount and amount[2] in UNITS else None
        return place.fault("bad-number", spot, got=token[:40], hint=hint)
    if sum(c.isdigit() for c in token) > MAX_DIGITS or abs(int(match[1] or 0)) > MAX_DIGITS:
        return place.fault("too-many-digits", spot, limit=MAX_DIGITS)
    return None


def _character_fault(place: Place, token: str, spot: Spot) -> Diagnostic:
    if token in "'\"":
        return place.fault("unclosed-text", spot)
    stable = unicodedata.normalize("NFKC", token)
    write = _WRITE.get(token) or (_WRITE.get(stable) or stable if stable != token else None)
    if token == "=":
        return place.fault("assignment", spot, hint=written("=="))
    if write and stable != token:
        return place.fault("fullwidth-character", spot, got=token, hint=written(write))
    hint = written(write) if write else _CHARACTER_HINTS.get(token)
    return place.fault("not-allowed", spot, part=repr(token)[1:-1], hint=hint)


_CHARACTER_HINTS: Final = {
    ".": Text("字段直接写名字；取年份写 year(字段)", "write the field alone; for the year write year(field)"),
    ":": Text("条件写成 甲 if 条件 else 乙", "write x if condition else y"),
    "?": Text("条件写成 甲 if 条件 else 乙", "write x if condition else y"),
}


def written(text: str) -> Text:
    """The hint to write `text` instead."""
    return Text(f"请写 {text}", f"write {text}")


def parse(place: Place) -> ast.expr | list[Diagnostic]:
    """The syntax tree of a scanned formula, or the faults that keep it from being one."""
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


def _syntax_fault(place: Place, error: SyntaxError, flat: str, lead: int) -> Diagnostic:
    """Python's complaint in our words; it gives no place when the text ends too early."""
    said = error.msg or ""
    if amount := _amount_fault(place):
        return amount
    if not error.offset:
        end = len(flat.rstrip(" "))
        return place.fault("unfinished-expression", (max(end - 1, 0), end))
    start = min(lead + error.offset - 1, max(len(flat) - 1, 0))
    hint = next((hint for words, hint in _SYNTAX_HINTS.items() if words in said), None)
    return place.fault("expression-syntax", (start, start + 1), hint=hint)


def _amount_fault(place: Place) -> Diagnostic | None:
    """A number written as documents write it, `80%` or `5 亿元`: in a formula `%` is a remainder and a unit a name."""
    for match in _AMOUNT.finditer(place.text):
        number, percent, unit = match["number"], match["percent"], match["unit"]
        if percent:
            return place.fault("expression-syntax", match.span(), hint=written(f"{number} / 100"))
        if unit in UNITS:
            return place.fault("expression-syntax", match.span(), hint=written(f"{number} * {unit}"))
    return None


_AMOUNT: Final = re.compile(
    r"(?<![\w.\"'])(?P<number>\d+(?:\.\d+)?)[ \t]*"
    r"(?:(?P<percent>%)(?=[ \t]*(?:$|[),<>=!*/]|(?:and|or|if|else)\b))|(?P<unit>[^\W\d_]\w*))"
)

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
