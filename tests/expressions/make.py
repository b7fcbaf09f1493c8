"""Writes the worked-out files of this folder from the formulas of formulas.txt and an oracle of its own.

The oracle shares nothing with the library: it walks Python's own syntax tree with `fractions.Fraction`, takes `round`
of a fraction (ties to even) for `/`, adds a half and floors for `round(x, n)`, and knows the units it needs from a
table here. Run `python tests/expressions/make.py`; the data are committed, and a test holds them to this script.
"""

import ast
import datetime as dt
import json
import math
from decimal import Context, Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PLACES = 10**12
UNITS = {
    "元": 1,
    "千元": 10**3,
    "万元": 10**4,
    "百万元": 10**6,
    "亿元": 10**8,
    "亿美元": 10**8,
    "万美元": 10**4,
    "个": 1,
    "家": 1,
}
UNITS |= {"天": 1, "亩": 1, "万亩": 10**4, "吨": 1, "万吨": 10**4, "万户": 10**4}


class Oracle:
    """The value of one formula on one row."""

    def __init__(self, text, fields, row):
        self.text, self.fields, self.row, self.zero = text, fields, row, False

    def value(self):
        return self.of(ast.parse(self.text, mode="eval").body)

    def of(self, node):
        return getattr(self, "on_" + type(node).__name__.lower())(node)

    def on_constant(self, node):
        if node.value is None or isinstance(node.value, (bool, str)):
            return node.value
        return Fraction(ast.get_source_segment(self.text, node) or "")

    def on_name(self, node):
        if node.id not in self.fields:
            return Fraction(UNITS[node.id])
        given, declared = self.row.get(node.id), self.fields[node.id]
        kind = declared if isinstance(declared, str) else declared["type"]
        if given is None or kind in ("text", "bool", "sector", "unit"):
            return given
        if kind == "date":
            return dt.date.fromisoformat(given)
        if kind == "tags":
            return set(given)
        unit = "个" if isinstance(declared, str) else declared.get("unit")
        return Fraction(given) * UNITS.get(unit, 1)

    def on_unaryop(self, node):
        value = self.of(node.operand)
        if value is None:
            return None
        return (not value) if isinstance(node.op, ast.Not) else -value if isinstance(node.op, ast.USub) else value

    def on_binop(self, node):
        a, b = self.of(node.left), self.of(node.right)
        if a is None or b is None:
            return None
        op = type(node.op).__name__
        if op in ("Div", "FloorDiv", "Mod") and b == 0:
            self.zero = True
            return None
        if isinstance(a, dt.date):
            return Fraction((a - b).days)
        return {
            "Add": lambda: a + b,
            "Sub": lambda: a - b,
            "Mult": lambda: a * b,
            "Div": lambda: Fraction(round(a / b * PLACES), PLACES),
            "FloorDiv": lambda: Fraction(math.floor(a / b)),
            "Mod": lambda: a - b * math.floor(a / b),
            "Pow": lambda: a ** int(b),
        }[op]()

    def on_boolop(self, node):
        """Kleene: the least (and) or greatest (or) of false < missing < true; what is settled is not looked at."""
        stop = isinstance(node.op, ast.Or)
        seen = []
        for part in node.values:
            seen.append(self.of(part))
            if seen[-1] is stop:
                return stop
        return None if None in seen else not stop

    def on_compare(self, node):
        left = node.left
        result: bool | None = True
        for op, right in zip(node.ops, node.comparators, strict=True):
            one = self.pair(op, left, right)
            if one is False:
                return False
            result = None if one is None else result
            left = right
        return result

    def pair(self, op, left, right):
        a, name = self.of(left), type(op).__name__
        if name in ("Is", "IsNot"):
            return (a is None) == (name == "Is")
        if name in ("In", "NotIn"):
            listed = [self.of(e) for e in right.elts] if isinstance(right, (ast.List, ast.Tuple)) else self.of(right)
            if a is None or listed is None:
                return None
            return (a in {self.dated(one, a) for one in listed}) == (name == "In")
        b = self.of(right)
        if a is None or b is None:
            return None
        a, b = self.dated(a, b), self.dated(b, a)
        order = (a > b) - (a < b) if not isinstance(a, (str, bool)) else (0 if a == b else 1)
        return {
            "Eq": order == 0,
            "NotEq": order != 0,
            "Lt": order < 0,
            "LtE": order <= 0,
            "Gt": order > 0,
            "GtE": order >= 0,
        }[name]

    def dated(self, text, other):
        return dt.date.fromisoformat(text) if isinstance(text, str) and isinstance(other, dt.date) else text

    def on_ifexp(self, node):
        test = self.of(node.test)
        return None if test is None else self.of(node.body if test else node.orelse)

    def on_call(self, node):
        name = node.func.id
        if name == "coalesce":
            return next((v for v in map(self.of, node.args) if v is not None), None)
        args = [self.of(a) for a in node.args]
        return None if None in args else getattr(self, "call_" + name)(*args)

    def call_round(self, x, n=Fraction(0)):
        unit = Fraction(10) ** int(n)
        return (1 if x >= 0 else -1) * math.floor(abs(x) * unit + Fraction(1, 2)) / unit

    def call_round_even(self, x, n=Fraction(0)):
        unit = Fraction(10) ** int(n)
        return round(x * unit) / unit

    def call_round_down(self, x, n=Fraction(0)):
        unit = Fraction(10) ** int(n)
        return math.trunc(x * unit) / unit

    def call_round_up(self, x, n=Fraction(0)):
        unit = Fraction(10) ** int(n)
        return (1 if x >= 0 else -1) * math.ceil(abs(x) * unit) / unit

    def call_abs(self, x):
        return x if x >= 0 else -x

    def call_min(self, *xs):
        return min(xs)

    def call_max(self, *xs):
        return max(xs)

    def call_floor(self, x):
        return Fraction(x.numerator // x.denominator)

    def call_ceil(self, x):
        return Fraction(-(-x.numerator // x.denominator))

    def call_clamp(self, x, low, high):
        return max(low, min(x, high))

    def call_year(self, d):
        return Fraction(d.isoformat()[:4])

    def call_month(self, d):
        return Fraction(d.isoformat()[5:7])

    def call_day(self, d):
        return Fraction(d.isoformat()[8:])

    def call_quarter(self, d):
        return Fraction(
            {"01": 1, "02": 1, "03": 1, "04": 2, "05": 2, "06": 2, "07": 3, "08": 3, "09": 3}.get(d.isoformat()[5:7], 4)
        )

    def call_days_between(self, a, b):
        return Fraction(b.toordinal() - a.toordinal())

    def call_date(self, y, m, d):
        return dt.date(int(y), int(m), int(d))

    def call_has(self, tags, word):
        return word in tags

    def call_length(self, text):
        return Fraction(len(text))

    def call_starts_with(self, text, part):
        return text[: len(part)] == part

    def call_ends_with(self, text, part):
        return text[len(text) - len(part) :] == part if len(part) <= len(text) else False

    def call_contains(self, text, part):
        return any(text[i : i + len(part)] == part for i in range(len(text) + 1))


def plain(value):
    """As it stands in the data: numbers and dates as text."""
    if isinstance(value, Fraction):
        wide = Context(prec=200)
        exact = wide.divide(Decimal(value.numerator), Decimal(value.denominator))
        assert Fraction(exact) == value
        return format(exact.normalize(wide), "f") if exact else "0"
    return value.isoformat() if isinstance(value, dt.date) else value


def worked(text, fields, rows):
    """The case of one formula; without names in it one row is enough."""
    constant = not any(isinstance(n, ast.Name) and n.id in fields for n in ast.walk(ast.parse(text)))
    rows = [{}] if constant else rows
    expect, zero = [], []
    for index, row in enumerate(rows):
        oracle = Oracle(text, fields, row)
        expect.append(plain(oracle.value()))
        zero += [index] if oracle.zero else []
    return (
        {"expr": text}
        | ({"rows": rows} if constant else {})
        | {"expect": expect}
        | ({"zero_divisions": zero} if zero else {})
    )


# --- fields and rows, by topic ----------------------------------------------------------------------------------------

NUMBERS: dict[str, Any] = {
    "x": {"type": "quantity", "decimals": 6},
    "y": {"type": "quantity", "decimals": 2},
    "n": "count",
}
NUMBER_ROWS: list[dict[str, Any]] = [
    {"x": "1.5", "y": "0.25", "n": "3"},
    {"x": "-2.000001", "y": "3", "n": "0"},
    {"x": "0", "y": "-7.25", "n": "12"},
    {"x": "999999999999.999999", "y": "-0.01", "n": "1"},
    {"x": None, "y": "2", "n": "5"},
    {"x": "0.333333", "y": None, "n": None},
]
BOOLS: dict[str, Any] = {"p": "bool", "q": "bool", "x": {"type": "quantity", "decimals": 2}}
BOOL_ROWS: list[dict[str, Any]] = [
    {"p": p, "q": q, "x": x}
    for (p, q), x in zip(
        product((True, False, None), repeat=2), ("1", "0", None, "-1", "0", "2", None, "0", None), strict=True
    )
]
WORDS: dict[str, Any] = {
    "s": "sector",
    "t": "text",
    "g": {"type": "tags", "of": "sector"},
    "x": {"type": "quantity", "decimals": 2},
    "u": "unit",
}
WORD_ROWS: list[dict[str, Any]] = [
    {"s": "food", "t": "食品加工项目", "g": ["food", "health"], "x": "1", "u": "chengdu"},
    {"s": "health", "t": "", "g": [], "x": "2.5", "u": "ziyang"},
    {"s": "energy", "t": "A-1", "g": ["energy"], "x": "-3", "u": "chengdu"},
    {"s": None, "t": None, "g": None, "x": None, "u": None},
]
DATES: dict[str, Any] = {"d": "date", "e": "date", "p": "bool"}
DATE_ROWS: list[dict[str, Any]] = [
    {"d": "2023-06-30", "e": "2023-01-01", "p": True},
    {"d": "2024-02-29", "e": "2024-03-01", "p": False},
    {"d": "2023-12-31", "e": "2024-01-01", "p": None},
    {"d": "1900-03-01", "e": "2100-02-28", "p": True},
    {"d": None, "e": "2023-06-30", "p": False},
]
MONEY: dict[str, Any] = {
    "a": {"type": "quantity", "unit": "亿元", "decimals": 4},
    "b": {"type": "quantity", "unit": "万元", "decimals": 2},
    "w": {"type": "quantity", "unit": "元", "decimals": 2},
    "m": {"type": "quantity", "unit": "万亩", "decimals": 2},
    "f": {"type": "quantity", "unit": "亿美元", "decimals": 3},
    "n": "count",
}
MONEY_ROWS: list[dict[str, Any]] = [
    {"a": "2.5", "b": "10000", "w": "0.01", "m": "1.2", "f": "0.015", "n": "4"},
    {"a": "0.0001", "b": "1", "w": "10000", "m": "0.01", "f": "1", "n": "0"},
    {"a": "-1", "b": "-0.01", "w": "-100.5", "m": "0", "f": "0", "n": "7"},
    {"a": None, "b": "3", "w": None, "m": None, "f": None, "n": None},
]
SMALL_ROWS = [row for row in NUMBER_ROWS if row["x"] != "999999999999.999999"]
TOPICS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "arithmetic": (NUMBERS, NUMBER_ROWS),
    "division": (NUMBERS, NUMBER_ROWS),
    "rounding": (NUMBERS, NUMBER_ROWS),
    "floor_modulo": (NUMBERS, NUMBER_ROWS),
    "power": (NUMBERS, SMALL_ROWS),
    "comparison": (NUMBERS, NUMBER_ROWS),
    "logic_missing": (BOOLS, BOOL_ROWS),
    "conditional": (BOOLS, BOOL_ROWS),
    "membership": (WORDS, WORD_ROWS),
    "text": (WORDS, WORD_ROWS),
    "dates": (DATES, DATE_ROWS),
    "units_money": (MONEY, MONEY_ROWS),
    "functions": (NUMBERS, NUMBER_ROWS),
}
VOCABULARIES = {"sector": {"food": "食品饮料", "health": "医药大健康", "energy": "能源"}}


def formulas_of(topic):
    """The lines of formulas.txt under [topic]."""
    _, _, after = (HERE / "formulas.txt").read_text("utf-8").partition(f"[{topic}]\n")
    return after.partition("\n\n")[0].splitlines()


def document(topic):
    """The file of one topic, as text."""
    fields, rows = TOPICS[topic]
    texts = formulas_of(topic)
    lines = [f"# Written by make.py; {len(texts)} formulas on the rows below.", f"fields: {flow(fields)}"]
    if "sector" in fields.values():
        lines += [f"vocabularies: {flow(VOCABULARIES)}", "units: [chengdu, ziyang]"]
    lines += ["rows:", *(f"  - {flow(row)}" for row in rows), "cases:"]
    lines += [f"  - {flow(worked(text, fields, rows))}" for text in texts]
    return "\n".join(lines) + "\n"


def flow(value):
    """YAML flow style is JSON."""
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    for name in TOPICS:
        (HERE / f"{name}.yaml").write_text(document(name), "utf-8")
