"""Whole numbers in 64 bits or wider, and functions over a group, held against plain Python."""

import operator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaignrules.columns import Groups, column_of, evaluate, values_of, whole
from campaignrules.quantities import EXACT, divide_half_even
from campaignrules.trees import NUMBER, Apply, Name, Type

NUMBERS = st.one_of(st.integers(-9, 9), st.integers(-(10**9), 10**9), st.integers(-(2**64), 2**64))
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6)


def columns(pairs):
    """Two arrays of the numbers, each as narrow as it can be."""
    return whole.whole([a for a, _ in pairs]), whole.whole([b for _, b in pairs])


@given(PAIRS)
def test_sums_and_products_do_not_wrap(pairs):
    """Whatever the size, each operation gives Python's own number."""
    left, right = columns(pairs)
    for ours, theirs in (
        (whole.plus, operator.add), (whole.minus, operator.sub), (whole.times, operator.mul),
        (whole.least, min), (whole.greatest, max),
    ):  # fmt: skip
        assert ours(left, right).tolist() == [theirs(a, b) for a, b in pairs]


@given(PAIRS, st.integers(-6, 16))
def test_division_is_to_the_nearest_and_ties_to_even(pairs, places):
    """The long division of 64-bit numbers gives what one division of whole numbers gives."""
    assume(all(b for _, b in pairs))
    up, down = (10**places, 1) if places >= 0 else (1, 10**-places)
    wanted = [divide_half_even(a * up, b * down) for a, b in pairs]
    above, below = columns(pairs)
    assert whole.divided(above, below, places).tolist() == wanted
    assert whole.floor_divided(*columns(pairs)).tolist() == [a // b for a, b in pairs]
    assert whole.modulo(*columns(pairs)).tolist() == [a % b for a, b in pairs]


@given(st.lists(NUMBERS, min_size=1), st.integers(0, 20))
def test_rounding_by_a_power_of_ten(numbers, places):
    """Half up, half even, toward and away from zero."""
    values, unit = whole.whole(numbers), 10**places
    away = [(2 * abs(n) + unit) // (2 * unit) * (1 if n > 0 else -1) for n in numbers]
    assert whole.half_up(values, unit).tolist() == away
    assert whole.half_even(values, unit).tolist() == [divide_half_even(n, unit) for n in numbers]
    assert whole.toward_zero(values, unit).tolist() == [abs(n) // unit * (1 if n > 0 else -1) for n in numbers]
    assert whole.rescaled(values, places).tolist() == [n * unit for n in numbers]


# -- groups -------------------------------------------------------------------------------------------------------

VALUE = Type("number", scale=1)
ROW = st.tuples(
    st.integers(0, 2), st.booleans(), *(st.one_of(st.none(), st.integers(-3, 3), st.just(10**25)) for _ in "xyz")
)


def applied(op, rows, names):
    """The function on the columns of these names."""
    scale = {"average": 12, "lowest": 1, "highest": 1, "total": 1}.get(op, 0)
    tree = Apply(op, tuple(Name(name, VALUE) for name in names), Type("number", scale=scale))
    given = {
        name: column_of([None if row[2 + i] is None else Decimal(row[2 + i]) for row in rows], VALUE)
        for i, name in enumerate("xyz")
    }
    groups = Groups(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))
    return values_of(evaluate(tree, given, len(rows), groups).column, tree.type)


def members(rows, i, among=2):
    """The known values of the members of the row's group; and those of the others."""
    known = [
        (j, row[among]) for j, row in enumerate(rows) if row[0] == rows[i][0] and row[1] and row[among] is not None
    ]
    return [value for _, value in known], [value for j, value in known if j != i]


@given(st.lists(ROW, min_size=1, max_size=9))
def test_functions_over_a_group(rows):
    """Least, greatest, sum, mean and number of the members' known values."""
    seen = [members(rows, i)[0] for i in range(len(rows))]
    for op, rule in (("lowest", min), ("highest", max), ("total", sum)):
        assert applied(op, rows, "x") == [rule(values) if values else None for values in seen]
    assert applied("members", rows, "x") == [len(values) for values in seen]
    means = [divide_half_even(sum(v) * 10**12, len(v)) if v else None for v in seen]
    assert applied("average", rows, "x") == [None if m is None else Decimal(m).scaleb(-12, EXACT) for m in means]


@given(st.lists(ROW, min_size=1, max_size=9))
def test_functions_among_the_others(rows):
    """How many other members lie above, level, at different values above; a unit never counts itself."""
    others = [members(rows, i, 3)[1] for i in range(len(rows))]
    x: list[Any] = [row[2] for row in rows]

    def wanted(rule):
        return [None if x[i] is None else rule(x[i], others[i]) for i in range(len(rows))]

    assert applied("above", rows, "xy") == wanted(lambda value, known: sum(y > value for y in known))
    assert applied("level", rows, "xy") == wanted(lambda value, known: sum(y == value for y in known))
    assert applied("distinct_above", rows, "xy") == wanted(lambda value, known: len({y for y in known if y > value}))


@given(st.lists(ROW, min_size=1, max_size=9))
def test_how_many_others_overlap(rows):
    """Others of whom both ends are known and lie around or inside the row's own."""
    ends = [(row[2], row[2] + 1) if row[2] is not None else (None, None) for row in rows]
    spans: list[Any] = [(row[0], row[1], low, high, None) for row, (low, high) in zip(rows, ends, strict=True)]
    tree = Apply("overlap", tuple(Name(name, VALUE) for name in ("x", "y", "x", "y")), NUMBER)
    given = {
        name: column_of([None if row[2 + i] is None else Decimal(row[2 + i]) for row in spans], VALUE)
        for i, name in enumerate("xy")
    }
    groups = Groups(np.array([row[0] for row in spans]), np.array([row[1] for row in spans]))
    found = values_of(evaluate(tree, given, len(spans), groups).column, NUMBER)
    for i, (code, _, low, high, _) in enumerate(spans):
        if low is None:
            assert found[i] is None
            continue
        near = [s for j, s in enumerate(spans) if j != i and s[0] == code and s[1] and s[2] is not None]
        assert found[i] == sum(s[2] <= high and s[3] >= low for s in near)


@pytest.mark.parametrize("op", ["lowest", "above"])
def test_inside_a_branch_a_function_sees_all_members(op):
    """The branch is taken by the second row only, the function looks at both."""
    names = {"c": Name("c", Type("bool")), "x": Name("x", NUMBER)}
    inner = Apply(op, (names["x"],) * (1 if op == "lowest" else 2), NUMBER)
    tree = Apply("if", (names["c"], inner, names["x"]), NUMBER)
    given = {
        "c": column_of([False, True], names["c"].type), "x": column_of([Decimal(7), Decimal(9)], NUMBER),
    }  # fmt: skip
    groups = Groups(np.zeros(2, dtype=np.int64), np.ones(2, dtype=bool))
    found = values_of(evaluate(tree, given, 2, groups).column, NUMBER)
    assert found == [7, 7 if op == "lowest" else 0]
