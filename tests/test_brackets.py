"""Ends of formulas with open numbers: sound for every completion, tight where they can be, never made of missing data."""

import random
import re
import time
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignrules import reference
from campaignrules.brackets import Ends, bracket
from campaignrules.columns import column_of, evaluate, row_expression, values_of
from campaignrules.errors import CampaignError
from campaignrules.expressions import check
from campaignrules.forge import MOST_NODES
from campaignrules.trees import BOOL, TEXT, Apply, Literally, Name, Scope, Type, bind, walk

NUMBER = Type("number", (), 2)
EXACT_NAMES = {"a": NUMBER, "b": NUMBER, "c": Type("number", (), 0)}
OPEN_NAMES = {"p": NUMBER, "q": NUMBER, "r": NUMBER}
TYPES = {**EXACT_NAMES, **OPEN_NAMES, "u": NUMBER, "t": TEXT, "f": BOOL}
SCOPE = Scope(TYPES)


def number(text):
    """A literal number as its text says."""
    value = Decimal(text)
    return Literally(value, Type("number", (), 2))


def ends(low, high):
    """Two literals."""
    return Ends(number(low), number(high))


def tree_of(text):
    """The checked tree of a text."""
    return check(text, SCOPE).root


def bracketed(text, nonnegative=frozenset(), **spread):
    """The ends of a text; `p=(1, 2)` is open between 1 and 2, `u=None` is open without ends."""
    given_ends = {name: pair and ends(*pair) for name, pair in spread.items()}
    return bracket(tree_of(text), given_ends, nonnegative)


def values(found, **row):
    """What the two ends are on a row, by both evaluators."""
    row = {name: value if isinstance(value, (bool, str)) else Decimal(value) for name, value in row.items()}
    return tuple(both(end, row) for end in (found.low, found.high))


def both(tree, row):
    """The value of a tree on a row; the two evaluators agree."""
    expected = reference.evaluate(tree, row).value
    kinds = {part.name: part.type for part in walk(tree) if isinstance(part, Name)}
    columns = {name: column_of([row.get(name)], kind) for name, kind in kinds.items()}
    assert values_of(evaluate(tree, columns, 1).column, tree.type) == [expected]
    return expected


def numbers(*texts):
    """The texts as numbers."""
    return tuple(map(Decimal, texts))


# --- soundness ----------------------------------------------------------------------------------------------------------

NUMERIC = [
    *["(N + N)", "(N - N)", "(N * N)", "(N + N)", "(N - N)", "(N * N)", "(N / N)", "(N // N)", "(N % N)", "(-N)"],
    *["(N ** 0)", "(N ** 2)", "(N ** 3)", "abs(N)", "min(N, N)", "max(N, N)", "clamp(N, N, N)", "coalesce(N, N)"],
    *["round(N, 1)", "round_even(N, 1)", "round_down(N, 1)", "round_up(N, 1)", "floor(N)", "ceil(N)"],
    *["(N if B else N)", "(N if B else N)", "(1 if B else 0)", "(None if B else N)", "min(max(N, N), N)"],
]
BOOLEAN = [
    *["(N < N)", "(N <= N)", "(N > N)", "(N >= N)", "(N == N)", "(N != N)", "(N is None)", "(N in [1, 2, -0.5])"],
    *["(B and B)", "(B or B)", "(not B)", "(B if B else B)", "(B == B)", "(B != B)", "coalesce(B, B)", "(B is None)"],
]
LEAVES = ["0", "1", "(-1)", "2", "0.5", "3", *EXACT_NAMES, *OPEN_NAMES, *OPEN_NAMES, *OPEN_NAMES]


def formula(rng, depth, kind="N"):
    """A random formula over exact and open names."""
    if kind == "N" and (depth <= 0 or rng.random() < 0.15):
        return rng.choice(LEAVES)
    if kind == "B" and depth < -1:
        return "(a > p)"
    parts = re.split("([NB])", rng.choice(NUMERIC if kind == "N" else BOOLEAN))
    return "".join(formula(rng, depth - 1, part) if part in ("N", "B") else part for part in parts)


FORMULAS = st.builds(
    lambda seed, depth, kind: formula(random.Random(seed), depth, kind),  # noqa: S311  wants to be repeatable
    st.integers(0, 2**40),
    st.integers(0, 4),
    st.sampled_from("NNB"),
)
SMALL = st.integers(-300, 300).map(lambda whole: Decimal(whole) / 100)
BOUNDS = st.tuples(SMALL, SMALL).map(sorted) | SMALL.map(lambda one: [one, one])
ROWS = st.fixed_dictionaries({name: st.none() | SMALL.map(lambda v: v.quantize(Decimal(1))) for name in EXACT_NAMES})
PARTS = st.sampled_from([Decimal(text) for text in ("0", "0", "1", "1", "0.5", "0.25", "0.9")])


def completed(pair, part):
    """A number of two decimals between the ends."""
    low, high = pair
    return low + ((high - low) * part).quantize(Decimal("0.01"))


@settings(max_examples=600)
@given(
    FORMULAS,
    st.fixed_dictionaries(dict.fromkeys(OPEN_NAMES, BOUNDS)),
    ROWS,
    st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=4, max_size=8),
)
def test_every_completion_lies_between_the_ends(text, bounds, row, parts):
    """Ends that are known hold every completed value, which is then known; missing data never turn into an interval."""
    try:
        tree = tree_of(text)
    except CampaignError:
        return
    found = bracket(tree, {name: ends(*pair) for name, pair in bounds.items()})
    if found is None:
        return
    low, high = values(found, **{name: value for name, value in row.items() if value is not None})
    assert (low is None) == (high is None)
    missing = []
    for chosen in parts:
        values_at = {n: completed(bounds[n], part) for n, part in zip(OPEN_NAMES, chosen, strict=True)}
        value = reference.evaluate(bind(tree, values_at), row).value
        missing.append(value is None)
        assert low is None or (value is not None and low <= value <= high)
    if found.firm:
        assert set(missing) == {low is None}


INCREASING = ["(N + N)", "min(N, N)", "max(N, N)", "(N * 2)", "(N / 3)", "round(N, 1)", "(N if a > 1 else N)", "N"]


@given(st.integers(0, 2**40), st.fixed_dictionaries(dict.fromkeys(OPEN_NAMES, BOUNDS)), ROWS)
def test_a_monotone_formula_reaches_its_ends(seed, bounds, row):
    """Where each open number only ever raises the value, the ends are the values at the two outermost completions."""
    rng = random.Random(seed)  # noqa: S311  wants to be repeatable
    text = "N"
    for _ in range(6):
        text = re.sub("N", lambda _: rng.choice(INCREASING), text, count=3)
    text = re.sub("N", lambda _: rng.choice([*EXACT_NAMES, *OPEN_NAMES, "1"]), text)
    tree = tree_of(text)
    found = bracket(tree, {name: ends(*pair) for name, pair in bounds.items()})
    assert found is not None
    for end, side in ((found.low, 0), (found.high, 1)):
        at = {name: pair[side] for name, pair in bounds.items()}
        assert both(end, row) == reference.evaluate(bind(tree, at), row).value


# --- tightness, by hand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spread", "row", "expected"),
    [
        ("p * a + (1 - p) * b", {"p": ("0.2", "0.6")}, {"a": 10, "b": 5}, ("6", "8")),
        ("p * a + (1 - p) * b", {"p": ("0.2", "0.6")}, {"a": 5, "b": 10}, ("7", "9")),
        ("p * a + q * b + (1 - p - q) * c", {"p": ("0.1", "0.3"), "q": ("0.1", "0.4")}, {"a": 1, "b": 2, "c": 3}, ("2", "2.7")),
        ("p * q + (1 - p) * r", {"p": (0, 1), "q": (2, 3), "r": (1, 5)}, {}, ("1", "5")),
        ("p - p", {"p": (-5, 7)}, {}, ("0", "0")),
        ("a * p - p * a + p", {"p": (1, 2)}, {"a": 9}, ("1", "2")),
        ("p * q", {"p": (-2, 3), "q": (-1, 4)}, {}, ("-8", "12")),
        ("min(a * b / r, a)", {"r": (1, 5)}, {"a": 10, "b": 2}, ("4", "10")),
        ("a // p", {"p": (2, 4)}, {"a": -9}, ("-5", "-3")),
        ("a / p", {"p": (-4, -2)}, {"a": 8}, ("-4", "-2")),
        ("10 if a >= p else 4", {"p": (1, 5)}, {"a": 3}, ("4", "10")),
        ("10 if a >= p else 4", {"p": (1, 5)}, {"a": 5}, ("10", "10")),
        ("10 if a >= p else 4", {"p": (1, 5)}, {"a": 0}, ("4", "4")),
        ("clamp(u, a, b)", {"u": None}, {"a": 1, "b": 5}, ("1", "5")),
        ("min(max(u * a, 0), 20)", {"u": None}, {"a": 1}, ("0", "20")),
        ("max(min(u, b), a) + 1", {"u": None}, {"a": 1, "b": 5}, ("2", "6")),
        ("p ** 2", {"p": (-3, 2)}, {}, ("0", "9")),
        ("abs(p)", {"p": (-3, -2)}, {}, ("2", "3")),
        ("coalesce(a, p)", {"p": (1, 2)}, {}, ("1", "2")),
        ("coalesce(a, p)", {"p": (1, 2)}, {"a": 7}, ("7", "7")),
        ("round_even(p, 1)", {"p": ("0.25", "0.35")}, {}, ("0.2", "0.4")),
    ],
)  # fmt: skip
def test_known_ranges(text, spread, row, expected):
    """The ends are the true range."""
    assert values(bracketed(text, **spread), **row) == numbers(*expected)


@pytest.mark.parametrize(
    ("text", "spread", "row", "expected"),
    [
        ("a > p", {"p": (1, 5)}, {"a": 3}, (False, True)),
        ("a > p", {"p": (1, 5)}, {"a": 6}, (True, True)),
        ("a > u", {"u": None}, {"a": 6}, (False, True)),
        ("a > u", {"u": None}, {}, (None, None)),
        ("a > u or a > 5", {"u": None}, {"a": 6}, (True, True)),
        ("(a > u or b > 1) and p > 0", {"u": None, "p": (-1, 1)}, {"a": 1}, (None, None)),
        ("min(u, a) > 5", {"u": None}, {"a": 5}, (False, False)),
        ("p == a", {"p": (1, 1)}, {"a": 1}, (True, True)),
        ("p != a", {"p": (1, 2)}, {"a": 3}, (True, True)),
        ("p in [1, 3]", {"p": (2, 4)}, {}, (False, True)),
        ("p in [1, 3]", {"p": (4, 5)}, {}, (False, False)),
        ("p + a is None", {"p": (1, 2)}, {}, (True, True)),
        ("u * a is None", {"u": None}, {"a": 1}, (False, False)),
        ("u * a is None", {"u": None}, {}, (True, True)),
        ("(a if p > 1 else None) is None", {"p": (0, 2)}, {"a": 1}, (False, True)),
        ("a // (p % b) > 1", {"p": (1, 2)}, {"a": 1, "b": 1}, (None, None)),
        ("f and a > 1", {"f": None}, {"a": 2}, (False, True)),
        ("t == 'x'", {"t": None}, {}, (False, True)),
        ("f == (a > 1)", {"f": None}, {}, (None, None)),
    ],
)
def test_conditions_are_surely_or_possibly_true(text, spread, row, expected):
    """Three-valued on the ends, and missing where a known name is missing."""
    assert values(bracketed(text, **spread), **row) == expected


@pytest.mark.parametrize(
    "text", ["u", "u + a", "min(u, a)", "a / p", "a % p", "a / (p % b)", "t", "coalesce(a if p > 0 else None, 1)"]
)
def test_no_ends_where_none_can_be_given(text):
    """An open number without bounds, a divisor that may be zero, a text, a gap that comes and goes."""
    assert bracketed(text, u=None, t=None, p=(-1, 1)) is None


def test_a_formula_without_open_names_is_its_own_ends():
    """The very same tree, so that whoever asks can see that nothing is open."""
    tree = tree_of("a + b if c > 1 else a % b")
    found = bracket(tree, {"p": ends(1, 2)})
    assert found is not None
    assert found.low is found.high is tree
    assert found.exact


def test_open_metrics_keep_their_gaps():
    """A name whose ends are names is missing where they are, and whether a gap is firm is handed on."""
    low, high = Name("a", NUMBER), Name("b", NUMBER)
    found = bracket(tree_of("p - p"), {"p": Ends(low, high)})
    assert found is not None
    assert values(found, a=1, b=2) == numbers("0", "0")
    assert values(found) == (None, None)
    assert bracket(tree_of("coalesce(p, 0)"), {"p": Ends(low, high, firm=False)}) is None
    loose = bracketed("a if p > 1 else None", p=(0, 2))
    assert loose is not None
    assert not loose.firm


def test_names_that_are_never_negative_may_divide():
    """A divisor that is open is above zero when what is added to it is."""
    assert bracketed("1 / (a + p)", p=(1, 2)) is None
    found = bracketed("a / (a + p)", frozenset({"a"}), p=(1, 3))
    assert found is not None
    assert values(found, a=1) == numbers("0.25", "0.5")


def test_an_open_choice_runs_in_polars_too():
    """`if_low` and `if_high` give there what they give elsewhere."""
    found = bracketed("b if a > p else c", p=(1, 3))
    assert found is not None
    frame = pl.DataFrame({"a": [200, 400, 0, 200, None], "b": [100, 100, 100, None, 100], "c": [5, 5, 5, 5, 5]})
    names = {name: name for name in "abc"}
    low, high = (frame.select(row_expression(end, names).alias("x"))["x"].to_list() for end in (found.low, found.high))
    assert (low, high) == ([100, 100, 500, None, None], [500, 100, 500, None, None])


# --- functions over a group ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "low", "high"),
    [
        ("above", ("above", "x2", "y1"), ("above", "x1", "y2")),
        ("level", (), ("overlap", "x1", "x2", "y1", "y2")),
        ("total", ("total", "x1"), ("total", "x2")),
        ("members", ("members", "x1"), ("members", "x1")),
    ],
)
def test_functions_over_a_group_become_functions_of_ends(op, low, high):
    """Others above one surely, and possibly; totals of the ends; the members do not depend on what is open."""
    names = {name: Name(name, NUMBER) for name in ("x1", "x2", "y1", "y2")}
    open_names = {"x": Ends(names["x1"], names["x2"]), "y": Ends(names["y1"], names["y2"])}
    args = tuple(Name(name, NUMBER) for name in ("x", "y")[: 1 if op in ("total", "members") else 2])
    found = bracket(Apply(op, args, NUMBER), open_names)
    assert found is not None
    for end, wanted in ((found.low, low), (found.high, high)):
        if wanted:
            assert end == Apply(wanted[0], tuple(names[name] for name in wanted[1:]), NUMBER)


# --- bounded work -------------------------------------------------------------------------------------------------------


def size(found):
    """Nodes of both ends."""
    return sum(1 for end in (found.low, found.high) for _ in walk(end))


def test_nested_choices_stay_small():
    """Ten steps with open thresholds take some hundred nodes."""
    text = "0"
    for step in range(10):
        text = f"({step + 1} if a > p + {step} else {text})"
    found = bracketed(text, p=(1, 3))
    assert size(found) < 200
    assert values(found, a=5) == numbers("2", "4")


@pytest.mark.parametrize(
    ("start", "template"),
    [
        ("a", "({} * (p - a))"),
        ("a", "({} - p) * ({} + q)"),
        ("a > p", "(({} or b > q) and c > r)"),
        ("p", "({} * q + r) * (a - {})"),
        ("p", "abs(q - {})"),
        ("p", "(a if {} > q else {} - r)"),
    ],
)
def test_hostile_nesting_ends_soon(start, template):
    """Few nodes or none at all, within a moment, and what is given can be evaluated."""
    text = start
    begin = time.thread_time()
    for _ in range(18):
        longer = template.format(text, text)
        try:
            tree = tree_of(longer)
        except CampaignError:
            break
        text = longer
        found = bracket(tree, dict.fromkeys(OPEN_NAMES, ends(-1, 2)))
        assert found is None or size(found) <= MOST_NODES
        if found:
            both(found.low, {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)})
    assert time.thread_time() - begin < 10
