"""Ends of formulas with open numbers: sound for every completion, tight where they can be, never made of missing data."""

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignrules import reference
from campaignrules.brackets import Ends, bracket
from campaignrules.columns import column_of, evaluate, values_of
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

LITERALS = st.sampled_from(["0", "1", "-1", "2", "0.5", "-0.25", "3", "10"])
LEAVES = LITERALS | st.sampled_from([*EXACT_NAMES, *OPEN_NAMES, *OPEN_NAMES])


def deeper(numeric):
    """Formulas around formulas."""
    orders = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    condition = st.builds("({} {} {})".format, numeric, orders, numeric)
    condition |= st.builds("({} is None)".format, numeric) | st.builds("({} in [1, 2, -0.5])".format, numeric)
    condition |= st.builds("({} {} {})".format, condition, st.sampled_from(["and", "or", "=="]), condition)
    condition |= st.builds("(not {})".format, condition)
    condition |= st.builds("({} if {} else {})".format, condition, condition, condition)
    return st.one_of(
        st.builds("({} {} {})".format, numeric, st.sampled_from(["+", "-", "*"]), numeric),
        st.builds("({} {} {})".format, numeric, st.sampled_from(["/", "//", "%"]), numeric),
        st.builds("(-{})".format, numeric),
        st.builds("({} ** {})".format, numeric, st.integers(0, 3)),
        st.builds("abs({})".format, numeric),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "coalesce"]), numeric, numeric),
        st.builds("clamp({}, {}, {})".format, numeric, numeric, numeric),
        st.builds("{}({}, 1)".format, st.sampled_from(["round", "round_even", "round_down", "round_up"]), numeric),
        st.builds("{}({})".format, st.sampled_from(["floor", "ceil"]), numeric),
        st.builds("({} if {} else {})".format, numeric, condition, numeric),
        st.builds("(1 if {} else 0)".format, condition),
        st.builds("(None if {} else {})".format, condition, numeric),
    )


FORMULAS = st.recursive(LEAVES, deeper, max_leaves=10)
SMALL = st.integers(-300, 300).map(lambda whole: Decimal(whole) / 100)
BOUNDS = st.tuples(SMALL, SMALL).map(sorted) | SMALL.map(lambda one: [one, one])
ROWS = st.fixed_dictionaries({name: st.none() | SMALL.map(lambda v: v.quantize(Decimal(1))) for name in EXACT_NAMES})
PARTS = st.sampled_from([0, 0, 1, 1, "0.5", "0.25", "0.9"]).map(Decimal)


def completed(low, high, part):
    """A number of two decimals between the ends."""
    return low + ((high - low) * part).quantize(Decimal("0.01"))


@settings(max_examples=600, deadline=None)
@given(
    FORMULAS,
    st.fixed_dictionaries({name: BOUNDS for name in OPEN_NAMES}),
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
        values_at = {n: completed(*bounds[n], part) for n, part in zip(OPEN_NAMES, chosen, strict=True)}
        value = reference.evaluate(bind(tree, values_at), row).value
        missing.append(value is None)
        assert low is None or (value is not None and low <= value <= high)
    if found.firm:
        assert set(missing) == {low is None}
