"""The exact solver, held against hand calculation, a search over whole numbers, and z3."""

from fractions import Fraction
from itertools import product

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignrules.consistency.solver import BoundlessError, Budget, Row, Solver, UnknownError

NAMES = "abcd"
SMALL = Solver(budget=Budget(steps=50))


def row(sense, number, name=None, **form):
    """A row over named amounts."""
    return Row(form, sense, number, name)


def least(solver, form, rows, **how):
    """The minimum that there is."""
    found = solver.least(form, rows, **how)
    assert found is not None
    return found


def total(*names):
    """The sum of amounts."""
    return dict.fromkeys(names, 1)


def test_quarters_of_45_leave_a_year_of_48_short():
    """15 + 10 + 15 + 5 is the least that four met quarters come to, and all four are to blame."""
    rows = [row(">=", number, **{name: 1}) for name, number in zip(NAMES, (15, 10, 15, 5), strict=True)]
    found = least(Solver(), total(*NAMES), rows)
    assert found.value == 45
    assert set(found.owed) == set(rows)


def test_a_third_stays_a_third():
    """Nothing is rounded: 3 a ≥ 1 makes a a third."""
    assert least(Solver(), {"a": 1}, [row(">=", 1, a=3)]).value == Fraction(1, 3)


def test_whole_amounts_come_to_a_whole_number():
    """Two and a half rows are three."""
    assert least(Solver(whole={"a"}), {"a": 1}, [row(">=", 5, a=2)]).value == 3


def test_shares_are_not_whole():
    """A rate of rows is a share of a total of one, though rows are whole."""
    assert least(Solver(whole={"a"}), {"a": 1}, [row(">=", 5, a=2)], shares=True).value == Fraction(5, 2)


def test_what_cannot_hold_has_no_minimum():
    """Neither least nor most is anything where the rows clash."""
    rows = [row(">=", 2, a=1), row("<=", 1, a=1)]
    assert Solver().least({"a": 1}, rows) is None
    assert Solver().most({"a": 1}, rows) is None
    assert not Solver().possible(rows)


def test_a_sum_that_may_grow_without_end_is_said_to():
    """Nothing limits b."""
    with pytest.raises(BoundlessError):
        Solver().most({"a": 1, "b": 1}, [row("<=", 3, a=1)])


def test_what_always_holds_counts_as_far_as_it_is_about_the_same():
    """Each a brings at least 50 b, each b at least 2 c, and z has nothing to do with it."""
    always = [row(">=", 0, b=1, a=-50), row(">=", 0, c=1, b=-2), row(">=", 7, z=1)]
    assert least(Solver(always), {"c": 1}, [row(">=", 1, a=1)]).value == 100


def test_the_clash_is_the_smallest():
    """Of five rows the three that clash, and not the two beside them."""
    rows = [
        row(">=", 5, "beside", d=1),
        row(">=", 25, "first half", a=1),
        row(">=", 20, "second half", b=1),
        row("<=", 44, "year", a=1, b=1),
        row("<=", 90, "loose", a=1, b=1),
    ]
    assert {one.name for one in Solver().clash(rows)} == {"first half", "second half", "year"}


def test_rows_that_go_together_do_not_clash():
    """None is to blame."""
    assert Solver().clash([row(">=", 5, a=1), row("<=", 5, a=1)]) == ()


def test_a_minimum_is_owed_to_a_smallest_set():
    """Tracks or quarters force 80: one of the two sets is named, not a bit of both."""
    quarters = [row(">=", number, **{name: 1, f"{name}2": 1}) for name, number in (("a", 50), ("b", 30))]
    other = [row(">=", 10, a=1)]
    assert set(Solver().forcing(total("a", "a2", "b", "b2"), [*other, *quarters], 80)) == set(quarters)
    assert Solver().forcing(total("a", "b"), quarters, 81) == ()


def test_a_question_beyond_the_budget_is_not_answered():
    """The budget counts steps, so that every machine gives up at the same place."""
    rows = [row(">=", i, **dict.fromkeys(NAMES, i + 1)) for i in range(40)]
    with pytest.raises(UnknownError):
        SMALL.least(total(*NAMES), rows)


# --- random models ------------------------------------------------------------------

factors = st.integers(-3, 3)
forms = st.dictionaries(st.sampled_from(NAMES), factors, min_size=1)
rows_ = st.lists(st.builds(Row, forms, st.sampled_from([">=", "<="]), st.integers(-8, 8)), max_size=5)
goals = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), min_size=1)


def holds(one, point):
    """Whether a row holds at a point, by arithmetic alone."""
    value = sum(factor * point[name] for name, factor in one.form.items())
    return value >= one.number if one.sense == ">=" else value <= one.number


def points(most):
    """Every point of whole numbers up to `most`."""
    return ({**dict(zip(NAMES, values, strict=True))} for values in product(range(most + 1), repeat=len(NAMES)))


@pytest.mark.slow
@given(goals, rows_)
@settings(max_examples=150, deadline=None)
def test_no_point_lies_below_the_minimum(goal, rows):
    """Searched one by one: whole points that keep all rows never come to less, and there are none where there is no minimum."""
    found = Solver().least(goal, rows)
    values = [sum(f * p[n] for n, f in goal.items()) for p in points(6) if all(holds(one, p) for one in rows)]
    assert found is None or not values or found.value <= min(values)
    assert found is not None or not values


def asked_of_z3(goal, rows):
    """The minimum by z3."""
    optimiser = z3.Optimize()
    amounts = {name: z3.Real(name) for name in NAMES}
    optimiser.add(*(amount >= 0 for amount in amounts.values()))

    def sum_of(form):
        return z3.Sum([z3.RealVal(0), *(factor * amounts[name] for name, factor in form.items())])

    for one in rows:
        optimiser.add(sum_of(one.form) >= one.number if one.sense == ">=" else sum_of(one.form) <= one.number)
    lowest = optimiser.minimize(sum_of(goal))
    return Fraction(str(optimiser.lower(lowest))) if optimiser.check() == z3.sat else None


@pytest.mark.slow
@given(goals, rows_)
@settings(max_examples=250, deadline=None)
def test_z3_gives_the_same_minimum(goal, rows):
    """Another solver, written by others, comes to the same number or to none as well."""
    found = Solver().least(goal, rows)
    assert (None if found is None else found.value) == asked_of_z3(goal, rows)


@pytest.mark.slow
@given(rows_)
@settings(max_examples=200, deadline=None)
def test_every_member_of_a_clash_is_needed(rows):
    """What is named cannot hold, by z3 too; without any one of it the others can."""
    clash = Solver().clash(rows)
    if not clash:
        assert asked_of_z3({"a": 0}, rows) is not None
        return
    assert asked_of_z3({"a": 0}, clash) is None
    for one in clash:
        assert asked_of_z3({"a": 0}, [other for other in clash if other is not one]) is not None


@pytest.mark.slow
@given(goals, rows_)
@settings(max_examples=150, deadline=None)
def test_what_a_minimum_is_owed_to_is_needed(goal, rows):
    """The named rows alone force the minimum, and without any one of them it is less."""
    found = Solver().least(goal, rows)
    if found is None or found.value <= 0:
        return
    forcing = Solver().forcing(goal, rows, found.value)
    assert least(Solver(), goal, forcing).value >= found.value
    for one in forcing:
        fewer = Solver().least(goal, [other for other in forcing if other is not one])
        assert fewer is not None
        assert fewer.value < found.value


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3), min_size=1), rows_)
@settings(max_examples=150, deadline=None)
def test_any_form_has_the_minimum_that_z3_finds_or_none(goal, rows):
    """Differences, too: they may have no end, and then it is said."""
    box = [Row({name: 1}, "<=", 9) for name in NAMES]
    found = Solver().least(goal, [*rows, *box])
    assert (None if found is None else found.value) == asked_of_z3(goal, [*rows, *box])


PLACES = [f"{what}{n}" for n in range(4) for what in ("sum", "count", "other")]


@st.composite
def natural(draw):
    """What always holds in four places: a sum, a count, and another sum for each row; and now and then between places."""
    bounds = st.sampled_from([(0, 9), (2, 9), (1, 3), (0, 0)])
    rows = []
    for n in range(4):
        for what in ("sum", "other"):
            low, high = draw(bounds)
            rows += [row(">=", 0, **{f"{what}{n}": 1, f"count{n}": -low})] if low else []
            rows += [row("<=", 0, **{f"{what}{n}": 1, f"count{n}": -high})] if draw(st.booleans()) else []
    if draw(st.booleans()):
        rows.append(row("<=", draw(st.sampled_from([0, 0, 7])), count0=1, count1=-1))
    return rows


asked = st.dictionaries(st.sampled_from(PLACES), st.sampled_from([1, 1, 1, 2]), min_size=1, max_size=5)
questions = st.lists(
    st.builds(Row, asked, st.sampled_from([">=", ">=", "<="]), st.integers(0, 9)),
    max_size=4,
)


@pytest.mark.slow
@given(natural(), asked, questions)
@settings(max_examples=300, deadline=None)
def test_what_a_question_does_without_changes_no_answer(always, goal, rows):
    """Places of one kind are asked as one, and what binds nothing is left out: the minimum is that of everything written out."""
    bundled, plain = Solver(always).least(goal, rows), Solver().least(goal, [*rows, *always])
    assert (None if bundled is None else bundled.value) == (None if plain is None else plain.value)
    assert Solver(always).possible(rows) == Solver().possible([*rows, *always])


def test_a_hundred_places_of_one_kind_cost_no_more_than_one():
    """Only one of them is written down, whatever their number."""
    cost = []
    for many in (1, 100):
        always = [row(">=", 0, **{f"sum{n}": 1, f"count{n}": -2}) for n in range(many)]
        sums, counts = ({f"{what}{n}": 1 for n in range(many)} for what in ("sum", "count"))
        solver = Solver(always)
        assert least(solver, sums, [Row(counts, ">=", 5)]).value == 10
        cost.append(solver.budget.spent - many)
    assert cost[0] == cost[1]
