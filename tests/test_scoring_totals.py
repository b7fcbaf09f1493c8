"""Totals, gates, grades, weights and groups, said once more in plain Python and held against the engine.

Like tests/test_scoring_properties.py, on the campaigns of tests/scoring.
"""

import datetime as dt
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.test_scoring_cases import LAST_DAY, ROOT, by_engine, loaded
from tests.test_scoring_properties import NEAR, amounts, evaluated, is_between, maybe, placing_of, score_of

points = st.one_of(
    st.sampled_from(["0", "4", "59.95", "60", "60.05", "74.95", "75", "89.95", "89.949", "90", "100"]).map(Decimal),
    st.decimals(0, 100, places=3),
)
few = st.integers(0, 2).map(Decimal)
TENTH = Decimal("0.1")


@given(st.one_of(st.decimals(-100, 100, places=2), st.decimals(-100, 100, places=5)))
def test_rounding_is_that_of_the_four_modes(x):
    """At an item and at the total."""
    results = evaluated("rounding", {"x": {"a": x}})
    modes = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}
    for name, mode in modes.items():
        assert score_of(results, name, "a", "modes").points == x.quantize(TENTH, mode)
        if name != "up":
            assert score_of(results, None, "a", f"total_{name}").points == x.quantize(TENTH, mode)


@given(points, points, points)
def test_rounding_once_and_rounding_each_differ_by_what_was_rounded(x, y, z):
    """The total of unrounded items is the rounded sum; the other one the sum of rounded items."""
    results = evaluated("rounding", {name: {"a": value} for name, value in zip("xyz", (x, y, z), strict=True)})
    cents = Decimal("0.01")
    once = score_of(results, None, "a", "rounded_in_the_total_only").points
    each = score_of(results, None, "a", "each_item_rounded").points
    assert once == (x + y + z).quantize(cents, ROUND_HALF_UP)
    assert each == sum(value.quantize(cents, ROUND_HALF_UP) for value in (x, y, z))


@given(points, few, few)
def test_gates_do_what_their_effect_says(x, frauds, accidents):
    """Each by itself, and two in the order they stand in."""
    results = evaluated("gates", {"x": {"a": x}, "frauds": {"a": frauds}, "accidents": {"a": accidents}})
    bad, unsafe = frauds > 0, accidents > 0
    half = x / 2
    wanted = {
        "out": None if bad else x,
        "nil": Decimal(0) if bad else x,
        "most": min(x, Decimal(60)) if bad else x,
        "less": max(x - 10, Decimal(0)) if bad else x,
        "half": half if bad else x,
        "in_order": (x - 10 if bad else x) / (2 if unsafe else 1),
        "other_order": (half if unsafe else x) - (10 if bad else 0),
        "graded": x,
    }
    assert {card: score_of(results, None, "a", card).points for card in wanted} == wanted
    allowed = ["good", "fair", "poor"][(1 if bad else 0) :]
    own = "good" if x >= 90 else "fair" if x >= 60 else "poor"
    assert score_of(results, None, "a", "graded").grade == (own if own in allowed else "fair")


@given(st.fixed_dictionaries(dict.fromkeys("abcd", maybe.map(lambda x: x and min(x, Decimal(100))))), few)
def test_grades_are_the_first_whose_conditions_hold(values, awards):
    """By limits, by shares and numbers of the group, and by a condition besides."""
    results = evaluated("grades", {"x": values, "awards": dict.fromkeys("abcd", awards)})
    counted = {unit: value or Decimal(0) for unit, value in values.items()}
    place = {unit: 1 + sum(other > own for other in counted.values()) for unit, own in counted.items()}
    for unit, value in values.items():
        top, total = place[unit], counted[unit]
        share = "first" if top <= 1 and total >= 80 else "second" if top <= 3 else "third"
        assert score_of(results, None, unit, "share").grade == share
        assert score_of(results, None, unit, "number").grade == ("best" if top <= 2 else "rest")
        if value is not None:
            assert score_of(results, None, unit, "rounded").grade == limit_of(value.quantize(TENTH, ROUND_HALF_UP))
            assert score_of(results, None, unit, "exact").grade == limit_of(value)
            besides = "good" if value >= 90 and awards >= 1 else "fair" if value >= 60 else None
            assert score_of(results, None, unit, "conditional").grade == besides


def limit_of(total: Decimal) -> str:
    """The grade of a total by limits."""
    return "good" if total >= 90 else "fair" if total > 60 else "poor"


@given(points, few, few)
def test_promotions_move_the_grade_and_stop_at_the_ends(x, awards, faults):
    """One up where praised, two down where blamed, never above the best; below the last there is none."""
    results = evaluated("promotions", {"x": {"a": x}, "awards": {"a": awards}, "faults": {"a": faults}})
    grades = ["good", "fair", "pass", None]
    index = 0 if x >= 90 else 1 if x >= 75 else 2 if x >= 60 else 3
    praised = max(index - 1, 0) if awards > 0 else index
    blamed = min(praised + 2, 3) if faults > 0 else praised
    assert score_of(results, None, "a", "card").grade == grades[blamed]
    limited = max(praised, 1) if faults > 0 else praised
    assert score_of(results, None, "a", "limited").grade == grades[limited]


@given(st.lists(maybe, min_size=3, max_size=3), st.sampled_from(["2023-06-30", "2023-07-31", "2023-08-31"]))
def test_months_are_weighed_and_those_to_come_count_nothing(months, as_of):
    """A missing month makes the total missing, or counts zero where that is said."""
    days = ["2023-06-05", "2023-07-05", "2023-08-05"]
    rows = [
        {"metric": "x", "unit": "a", "on": day, "value": str(value)}
        for day, value in zip(days, months, strict=True)
        if value is not None
    ]
    campaign = loaded(ROOT / "weights", ())
    results = by_engine(campaign, {"figures": rows}, dt.date.fromisoformat(as_of))
    shares = (Decimal("0.6"), Decimal("0.2"), Decimal("0.2"))
    begun = [(value, share) for value, share, day in zip(months, shares, days, strict=True) if day <= as_of]
    known = sum((value * share for value, share in begun if value is not None), Decimal(0))
    total = score_of(results, None, "a", "final")
    if None in [value for value, _ in begun]:
        assert (total.points, total.status) == (None, "missing")
    else:
        assert total.points == known.quantize(TENTH, ROUND_HALF_UP)
        assert total.status == ("final" if as_of == "2023-08-31" else "provisional")
    assert score_of(results, None, "a", "final_with_zeros").points == known


@given(amounts, amounts, st.integers(40, 60))
def test_a_weight_and_its_complement_give_a_mean_within_the_interval(x, y, share):
    """Whatever the weight is settled at."""
    figures = {"x": {"a": min(x, Decimal(100))}, "y": {"a": min(y, Decimal(50))}}
    before = score_of(evaluated_in_june(figures), None, "a", "undecided")
    after = score_of(evaluated_in_june(figures, w=f"{share}%"), None, "a", "undecided")
    weight = Decimal(share) / 100
    assert after.points == weight * figures["x"]["a"] + (1 - weight) * figures["y"]["a"]
    assert is_between(before.lowest, after.points, before.highest)


def evaluated_in_june(figures, **settled):
    """The campaign of weights with figures that lie in its period."""
    rows = [
        {"metric": metric, "unit": unit, "on": "2023-06-05", "value": str(value)}
        for metric, values in figures.items()
        for unit, value in values.items()
    ]
    notice = (
        "{overlay_for: weights, id: n, document: {title: t, published: 2023-01-01}, fill: {parameters.w: "
        f"{settled['w']}}}}}\n"
        if settled
        else None
    )
    campaign = loaded(ROOT / "weights", (notice,) if notice else ())
    return by_engine(campaign, {"figures": rows}, dt.date.fromisoformat(LAST_DAY))


COUNTIES = {"p1": "p", "p2": "p", "q1": "q", "q2": "q"}


@given(st.fixed_dictionaries(dict.fromkeys(COUNTIES, maybe)), st.sets(st.sampled_from([*COUNTIES])))
def test_groups_are_ranked_apart_and_those_disqualified_make_room(values, frauds):
    """By parent, by class with the units below, and over all counties without the disqualified."""
    results = evaluated("ranking_groups", {"x": values, "frauds": dict.fromkeys(frauds, Decimal(1))})
    known = {unit: value for unit, value in values.items() if value is not None}
    for unit, value in known.items():
        others = [known[one] for one in known if COUNTIES[one] == COUNTIES[unit]]
        assert placing_of(results, "by_parent", unit).place == 1 + sum(one > value for one in others)
        honest = [known[one] for one in known if one not in frauds]
        wanted = None if unit in frauds else 1 + sum(one > value for one in honest)
        assert placing_of(results, "all_counties", unit).place == wanted
    sums = {
        parent: sum(known[one] for one in below)
        for parent in "pq"
        if (below := [one for one in known if COUNTIES[one] == parent])
    }
    for parent, total in sums.items():
        assert placing_of(results, "by_class", parent).place == 1 + sum(one > total for one in sums.values())


@given(st.fixed_dictionaries(dict.fromkeys("abcz", amounts)), amounts)
def test_reference_units_change_nobody_else(values, other):
    """What z has moves no points and no place of a and b."""
    rows = [evaluated("reference", {"x": {**values, "z": z}}) for z in (values["z"], other)]
    for unit in "ab":
        one, two = ([s for s in r.scores if s.unit == unit] for r in rows)
        assert one == two
        assert placing_of(rows[0], "by_card", unit) == placing_of(rows[1], "by_card", unit)


@given(maybe, maybe)
def test_the_best_of_two_ways_is_never_below_either(projects, signed):
    """Nor the sum below the best, as long as both are known."""
    figures = {"projects": {"a": projects and Decimal(int(projects))}, "signed": {"a": signed}}
    results = evaluated("several_ways", figures)
    either, together = (score_of(results, item, "a") for item in ("either", "together"))
    if projects is None or signed is None:
        assert either.status == together.status == "missing"
        return
    ways = (2 * int(projects), int(signed))
    assert either.points == min(max(ways), 20)
    assert together.points == score_of(results, "listed", "a").points == min(sum(ways), 20)


@given(points, st.decimals(Decimal("0.5"), Decimal("1.5"), places=3))
def test_a_factor_comes_before_the_cap_and_the_rounding(x, factor):
    """The total is items × factor, at most 100, at two decimals."""
    campaign = loaded(ROOT / "total_formula", ())
    data = {
        "figures": [{"metric": "x", "unit": "a", "on": "2023-03-01", "value": str(x)}],
        "county": [{"unit": "a", "factor": str(factor)}],
    }
    results = by_engine(campaign, data, dt.date.fromisoformat(LAST_DAY))
    wanted = min(x * factor, Decimal(100)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert score_of(results, None, "a", "weighted").points == wanted


@given(st.fixed_dictionaries({"a": points, "b": points}))
def test_the_best_of_the_group_gets_a_hundred(values):
    """Where totals are taken against the highest."""
    results = evaluated("total_formula", {"x": values})
    best = max(values.values())
    for unit, value in values.items():
        total = score_of(results, None, unit, "against_the_best")
        if best == 0:
            assert total.status == "missing"
        else:
            assert abs(total.points - value * 100 / best) <= NEAR * 100
