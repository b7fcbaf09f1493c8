"""Hypothesis strategies for formulas: well-typed texts with the rows they run on, hostile texts, and values of any kind.

The names stand for a record with every type of field; scales are such that numbers of 18 digits occur.
"""

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from campaignrules.quantities import unscaled
from campaignrules.trees import BOOL, COUNT, DATE, TEXT, UNIT, Scope, Type

TYPES = {
    "x": Type("number", (), 6),
    "y": Type("number", (), 2),
    "big": Type("number", (), 0),
    "money": Type("number", (("CNY", 1),), -4),
    "cost": Type("number", (("CNY", 1),), 2),
    "n": COUNT,
    "p": BOOL,
    "q": BOOL,
    "d": DATE,
    "e": DATE,
    "t": TEXT,
    "s": TEXT,
    "u": UNIT,
    "g": Type("tags", vocabulary="sector"),
    "w": Type("word", vocabulary="sector"),
}
SCOPE = Scope(TYPES, {"sector": {"food": ("食品",), "health": (), "energy": ()}})
WORDS = st.sampled_from(["food", "health", "energy"])
SHORT = st.text(alphabet="ab项%. ", max_size=3)
WHOLE = (
    st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(-20, 20) | st.sampled_from([0, 1, -1, 5 * 10**5, 25 * 10**4])
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": WHOLE,
    "bool": st.booleans(),
    "text": SHORT,
    "word": WORDS,
    "unit": SHORT,
    "date": st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)) | st.dates(dt.date(2023, 1, 1), dt.date(2023, 3, 1)),
    "tags": st.frozensets(WORDS),
}


def value_of(kind):
    """Values of a type, missing among them."""
    plain = VALUES[kind.kind]
    return st.none() | (plain.map(lambda whole: unscaled(whole, kind.scale)) if kind.kind == "number" else plain)


ROWS = st.lists(st.fixed_dictionaries({name: value_of(kind) for name, kind in TYPES.items()}), min_size=1, max_size=8)
LITERAL = st.sampled_from(
    [
        "0",
        "1",
        "2",
        "-1",
        "3",
        "0.5",
        "0.1",
        "-0.25",
        "7",
        "1000000",
        "0.000001",
        "1e12",
        "1234567.891",
        "99999999999999999999",
    ]
)


def joined(template, *parts):
    """Texts of the template with generated parts."""
    return st.tuples(*parts).map(lambda found: template.format(*found))


def either(*templates):
    """Texts of one of the templates."""
    return st.one_of([joined(template, *parts) for template, *parts in templates])


def formulas():
    """Texts of well-typed formulas: numbers, money, conditions and dates within each other."""
    return CONDITIONS | NUMBERS | MONEYS | DATES


OPERATORS = ("+", "-", "*", "/", "//", "%")
ROUNDINGS = ("round", "round_even", "round_down", "round_up")
ORDERS = ("==", "!=", "<", "<=", ">", ">=")
NUMBER, MONEY = st.deferred(lambda: NUMBERS), st.deferred(lambda: MONEYS)
CONDITION, DAY = st.deferred(lambda: CONDITIONS), st.deferred(lambda: DATES)
PHRASE = joined("'{}'", SHORT)
STRING = st.sampled_from(["t", "s"]) | PHRASE
NUMBERS: st.SearchStrategy[str] = (
    LITERAL
    | st.sampled_from(["x", "y", "big"])
    | either(
        *[(f"({{}} {op} {{}})", NUMBER, NUMBER) for op in OPERATORS],
        ("({} ** {})", NUMBER, st.integers(0, 4)),
        ("-{}", NUMBER),
        ("abs({})", NUMBER),
        ("min({}, {})", NUMBER, NUMBER),
        ("max({}, {}, {})", NUMBER, NUMBER, NUMBER),
        *[(f"{name}({{}}, {{}})", NUMBER, st.integers(-3, 8)) for name in ROUNDINGS],
        ("floor({})", NUMBER),
        ("ceil({})", NUMBER),
        ("clamp({}, {}, {})", NUMBER, NUMBER, NUMBER),
        ("coalesce({}, {})", NUMBER, NUMBER),
        ("({} if {} else {})", NUMBER, CONDITION, NUMBER),
        ("({} / {})", MONEY, MONEY),
        ("({} // {})", MONEY, MONEY),
        ("(year({}) + 0)", DAY),
        ("month({})", DAY),
        ("day({})", DAY),
        ("quarter({})", DAY),
        ("length({})", STRING),
    )
)
MONEYS: st.SearchStrategy[str] = st.sampled_from(
    ["money", "cost", "(1 * 亿元)", "(2.5 * 万元)", "(0.01 * 元)"]
) | either(
    ("({} + {})", MONEY, MONEY),
    ("({} - {})", MONEY, MONEY),
    ("({} * {})", MONEY, LITERAL),
    ("({} % {})", MONEY, MONEY),
    ("({} / {})", MONEY, NUMBER),
    ("min({}, {})", MONEY, MONEY),
    ("({} if {} else {})", MONEY, CONDITION, MONEY),
    ("coalesce({}, {})", MONEY, MONEY),
    *[(f"{name}({{}}, {{}})", MONEY, st.integers(-8, 2)) for name in ROUNDINGS],
)
DATES: st.SearchStrategy[str] = st.sampled_from(["d", "e", "date(2023, 2, 28)"]) | either(
    ("({} if {} else {})", DAY, CONDITION, DAY),
    ("coalesce({}, {})", DAY, DAY),
)
CONDITIONS: st.SearchStrategy[str] = st.sampled_from(
    ["p", "q", "True", "False", "(w in g)", "(g is None)", "(w == 'food')", "(w in ['food', 'health'])", "(u == 'ab')"]
) | either(
    *[(f"({{}} {op} {{}})", kind, kind) for op in ORDERS for kind in (NUMBER, MONEY, DAY)],
    ("({} and {})", CONDITION, CONDITION),
    ("({} or {})", CONDITION, CONDITION),
    ("({} and {} and {})", CONDITION, CONDITION, CONDITION),
    ("(not {})", CONDITION),
    ("({} if {} else {})", CONDITION, CONDITION, CONDITION),
    ("coalesce({}, {})", CONDITION, CONDITION),
    ("({} == {})", CONDITION, CONDITION),
    ("({} is None)", NUMBER),
    ("({} is not None)", CONDITION),
    ("({} is None)", DAY),
    ("({} < {} <= {})", NUMBER, NUMBER, NUMBER),
    ("({} in [{}, {}])", NUMBER, LITERAL, LITERAL),
    ("({} not in [])", NUMBER),
    ("({} == {})", STRING, STRING),
    ("({} != {})", STRING, STRING),
    ("({} in [{}, {}])", STRING, PHRASE, PHRASE),
    ("starts_with({}, {})", STRING, STRING),
    ("ends_with({}, {})", STRING, STRING),
    ("contains({}, {})", STRING, STRING),
    ("('{}' in g)", WORDS),
    ("(days_between({}, {}) > {})", DAY, DAY, st.integers(-9, 9)),
    ("(({} - {}) / 7 > {})", DAY, DAY, st.integers(0, 9)),
)

# --- hostile texts and values ---

HOSTILE = [
    "(" * 4000,
    "(" * 2000 + "1" + ")" * 2000,
    "[" * 4096,
    "-" * 4096,
    "-" * 4095 + "1",
    "+" * 4095 + "1",
    "not " * 1000 + "p",
    "~" * 4000,
    "1" * 4096,
    "9**9**9",
    "9**9**9**9**9",
    "10**10**10",
    "2**128**128",
    "((((9**99)**99)**99)**99)",
    "x**-1",
    "x**1e9",
    "1e999999",
    "1e-999999",
    "0e999999999",
    "1" + "0" * 4000,
    "0." + "1" * 4000,
    "1e" + "9" * 4000,
    "0x" + "f" * 4000,
    "0b1",
    "1_0",
    "1__0",
    "1j",
    "nan",
    "inf",
    "NaN + 1",
    "Infinity",
    "x" + ".x" * 1500,
    "x.__class__.__mro__[1].__subclasses__()",
    "().__class__",
    "''.join",
    "t.format(x)",
    "'{0.__class__}'.format(x)",
    "t % x",
    "'a' * 10**9",
    "'a' * 9999999999",
    "[1] * 9999999999",
    "t * 1000000",
    "lambda: 1",
    "lambda x: x",
    "(lambda: (yield))()",
    "(x := 1)",
    "[x for x in [1]]",
    "{x for x in [1]}",
    "{x: x for x in [1]}",
    "(x for x in [1])",
    "[*x]",
    "{**x}",
    "f'{x}'",
    "f'{__import__(\"os\")}'",
    "rf'{x}'",
    "b'x'",
    "u'x'",
    "r'x'",
    "'''x'''",
    '"""x"""',
    "__import__('os').system('true')",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd')",
    "getattr(x, 'y')",
    "globals()",
    "print(1)",
    "exit()",
    "abs.__self__",
    "await x",
    "yield",
    "async def f(): pass",
    "import os",
    "from os import *",
    "x = 1",
    "x == 1; import os",
    "x\n\nimport os",
    "assert x",
    "del x",
    "x if",
    "if x",
    "\x00",
    "x\x00 > 1",
    "'\x00' == t",
    "\ud800",
    "'\ud800' == t",
    "x > 1 # \ud800",
    "\udcff",
    "😀",
    "x 😀 y",
    "'😀' == 1",
    "😀 > 1",
    "\u202e x > 1",
    "x\u200b > 1",
    "\ufeffx > 1",
    "x\u00a0> 1",
    "x\u3000> 1",
    "ｘ > 1",
    "х > 1",
    "x ＞ １",
    "x ＝＝ 1",
    "（x）",
    "x × y",
    "x ÷ y",
    "x − 1",
    "x ≥ 1",
    "‘a’ == t",
    "“a” == t",
    "x，y",
    "x；",
    "1 + ∞",
    "√x",
    "x²",
    "x₁",
    "１",
    "٣",
    "x > ٣",
    "௧",
    "x == '" + "a" * 4000 + "'",
    "'" * 4096,
    '"' * 4095,
    "'\\",
    "\\",
    "\\\n",
    "x \\\n > 1",
    "`x`",
    "x?y:z",
    "x && y",
    "x || y",
    "!x",
    "x <> y",
    "x === y",
    "$x",
    "@x",
    "#",
    "//",
    "**",
    "x // # y",
    "x<!--y",
    "<script>",
    "%s",
    "%(x)s",
    "{{x}}",
    "${x}",
    "{}",
    "[]",
    "()",
    ",",
    "x,",
    "x, y",
    "min(x,",
    "min(,)",
    "min(x x)",
    "min(*g)",
    "min(**g)",
    "min(x=1)",
    "min" + "(min" * 500,
    "min(" * 500,
    "x in g in g",
    "x in [" + "1," * 2000 + "]",
    "x if " * 600 + "x",
    " or ".join(["p"] * 1000),
    " and ".join(["p and q"] * 400),
    " + ".join(["x"] * 1300),
    " * ".join(["big"] * 500),
    "x < " * 700 + "x",
    " ** ".join(["2"] * 1000),
    " - ".join(["1"] * 1500),
    "coalesce(" * 40 + "x" + ", x)" * 40,
    "abs(" * 40 + "x" + ")" * 40,
    "((" * 40 + "x" + "))" * 40,
    "1 if p else " * 40 + "2",
    "1 if p else " * 300 + "2",
    "p == " * 40 + "p",
    "not(" * 33 + "p" + ")" * 33,
    "date(" + "9" * 30 + ", 1, 1)",
    "date(2023, 13, 1)",
    "round(x, 99999999999999999999)",
    "round(x, 1e30)",
    "round(1e30, -30)",
    "d > '99999-01-01'",
    "d > '" + "9" * 3000 + "'",
    "u == '" + "x" * 3000 + "'",
    " " * 4096,
    "f'{" + "-" * 3000 + "1}'",
    "f'{" + "(" * 150 + "1" + ")" * 150 + "}'",
    "x in'a'",
    "x if p else'a'",
    "\t" * 4000 + "x",
    "\n" * 4000 + "x",
    "x" * 4096,
    "x_" * 2000,
    "面" * 4096,
    "a" * 100000,
    "😀" * 5000,
    "'" + "😀" * 4000 + "'",
    "\r",
    "\x0c",
    "\x1b[31m",
]


PIECES = [
    "x",
    "y",
    "p",
    "d",
    "t",
    "1",
    "0.5",
    "'a'",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "(",
    ")",
    "[",
    "]",
    ",",
    "<",
    "==",
]
PIECES += ["and", "or", "not", "in", "is", "None", "if", "else", "min", "round", "\n", "=", "&", ".", ":", "、", "＞"]


JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.decimals(),
        st.dates(),
        st.datetimes(),
        st.binary(max_size=3),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
