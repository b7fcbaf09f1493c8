"""What must be true of points and places whatever the numbers: held on the campaigns of tests/scoring.

The ways to score are said here once more, in fractions and in as few words as docs/scoring.md has for them, so that
their lowering to formulas (which engine and oracle share) is held against something else.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignrules.results import Placing, Results, Score
from tests.test_scoring_cases import LAST_DAY, ROOT, by_engine, loaded, overlays_of

Known = TypeVar("Known")
Values = Mapping[str, Fraction | None]
Points = Callable[[Fraction, Sequence[Fraction]], Fraction | None]

NEAR = Decimal("1E-11")
"""Several divisions may each be rounded at the 12th decimal."""

amounts = st.one_of(
    st.sampled_from(["0", "1", "2", "5", "10", "20", "50", "60", "80", "90", "100"]).map(Decimal),
    st.decimals(0, 150, places=2),
)
maybe = st.one_of(st.none(), amounts)


def evaluated(construct: str, figures: Mapping[str, Mapping[str, Decimal | None]], **settled: str) -> Results:
    """The engine's results of a construct's campaign: metric → unit → value, None where nothing was reported."""
    rows = [
        {"metric": metric, "unit": unit, "on": "2023-03-01", "value": str(value)}
        for metric, values in figures.items()
        for unit, value in values.items()
        if value is not None
    ]
    folder = ROOT / construct
    campaign = loaded(folder, overlays_of(folder, {"settled": settled} if settled else {}))
    return by_engine(campaign, {"figures": rows}, dt.date.fromisoformat(LAST_DAY))


def there(value: Known | None) -> Known:
    """The value, which must not be missing."""
    assert value is not None
    return value


def is_between(low: Decimal | int | None, value: Decimal | int | None, high: Decimal | int | None) -> bool:
    """Whether a value lies between two others; all three must be known."""
    assert low is not None
    assert value is not None
    assert high is not None
    return low <= value <= high


def score_of(results: Results, item: str | None, unit: str, card: str | None = None) -> Score:
    """The one row of an item (None: the total) and a unit."""
    (found,) = (s for s in results.scores if (s.item, s.unit) == (item, unit) and card in (None, s.scorecard))
    return found


def placing_of(results: Results, ranking: str, unit: str) -> Placing:
    """The one row of a ranking and a unit."""
    (found,) = (p for p in results.rankings if (p.ranking, p.unit) == (ranking, unit))
    return found


def kept(value: Fraction) -> Decimal:
    """The value with 12 decimals, half to even."""
    scaled = value * 10**12
    return Decimal(round(scaled)).scaleb(-12).quantize(Decimal("1E-12"), ROUND_HALF_EVEN)


# -- the ways, said once more -------------------------------------------------------------------------------------


def within(low: int | None, high: int | None) -> Callable[[Points], Points]:
    """Points within a floor and a cap."""

    def limit(way: Points) -> Points:
        def found(v: Fraction, group: Sequence[Fraction]) -> Fraction | None:
            points = way(v, group)
            if points is None:
                return None
            points = points if high is None else min(points, Fraction(high))
            return points if low is None else max(points, Fraction(low))

        return found

    return limit


def proportion(worth: int, required: int, *, less: bool = False, at_zero: int | None = None) -> Points:
    """The worth × v ÷ required, or the other way round."""
    if not less:
        return lambda v, _: worth * v / required
    return lambda v, _: worth * required / v if v else (None if at_zero is None else Fraction(at_zero))


def steps(*given: tuple[str, int, int], otherwise: int = 0) -> Points:
    """The points of the first step that holds."""
    holds = {">=": Fraction.__ge__, ">": Fraction.__gt__, "<=": Fraction.__le__, "<": Fraction.__lt__}
    return lambda v, _: Fraction(next((p for sign, x, p in given if holds[sign](v, Fraction(x))), otherwise))


def lines(table: Sequence[tuple[int, int]], outside: str = "held") -> Points:
    """On the straight lines between the points of a table."""

    def found(v: Fraction, _: Sequence[Fraction]) -> Fraction | None:
        inside = table[0][0] <= v <= table[-1][0]
        if not inside and outside == "missing":
            return None
        x = v if inside or outside == "extended" else min(max(v, Fraction(table[0][0])), Fraction(table[-1][0]))
        i = next((i for i in range(1, len(table) - 1) if x <= table[i][0]), len(table) - 1)
        (x0, y0), (x1, y1) = table[i - 1], table[i]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)

    return found


def pieces(amount: Fraction, each: Fraction | int, *, whole: bool = True) -> Fraction:
    """How many times `each` goes into an amount."""
    return Fraction(amount // each) if whole else amount / each


def brackets(*given: tuple[int | None, int, Fraction | int], whole: bool = True) -> Points:
    """Each bracket's part at its own price."""

    def found(v: Fraction, _: Sequence[Fraction]) -> Fraction:
        start, points = Fraction(0), Fraction(0)
        for end, each, price in given:
            top = v if end is None else min(v, Fraction(end))
            points += pieces(max(top - start, Fraction(0)), each, whole=whole) * price
            start = Fraction(end or 0)
        return points

    return found


def between(worth: int, base: Fraction, when_equal: Fraction | None, *, less: bool = False) -> Points:
    """The base for the worst of the group, the worth for the best."""

    def found(v: Fraction, group: Sequence[Fraction]) -> Fraction | None:
        low, high = min(group), max(group)
        if low == high:
            return when_equal
        share = (high - v if less else v - low) / (high - low)
        return worth * (base + (1 - base) * share)

    return found


def place(v: Fraction, group: Sequence[Fraction], ties: str, *, less: bool = False) -> Fraction:
    """The place in the group, found by sorting."""
    ordered = sorted(group, reverse=not less)
    first, last = ordered.index(v) + 1, len(ordered) - ordered[::-1].index(v)
    distinct = sorted(set(group), reverse=not less).index(v) + 1
    return {"shared": Fraction(first), "last": Fraction(last), "dense": Fraction(distinct)}.get(
        ties, Fraction(first + last, 2)
    )


def by_list(points: Sequence[int], otherwise: int, ties: str) -> Points:
    """The points of the place."""
    return lambda v, group: Fraction([*points, *[otherwise] * len(group)][int(place(v, group, ties)) - 1])


def stepwise(less_each: int, ties: str = "shared", *, less: bool = False) -> Points:
    """So much less with each place."""
    return lambda v, group: 20 - (place(v, group, ties, less=less) - 1) * less_each


def off_mean(start: int, sign: int = 1) -> Points:
    """Half a point for each percentage point from the mean."""
    return lambda v, group: start + sign * (v - sum(group) / Fraction(len(group))) / 2


HALF = Fraction(1, 2)
floored, up_to_10, up_to_20 = within(0, None), within(0, 10), within(0, 20)
TABLE = [(20, 0), (60, 10), (100, 20)]
PRICES = ((10, 1, 1), (None, 2, HALF))

WAYS: dict[tuple[str, str], dict[str, Points]] = {
    ("in_proportion_to", "leader_trips"): {
        "trips": up_to_20(proportion(20, 2)),
        "above": floored(proportion(20, 2)),
        "by_parameter": up_to_20(proportion(20, 4)),
    },
    ("in_proportion_to", "vacancy"): {
        "vacant": up_to_10(proportion(10, 5, less=True, at_zero=10)),
        "vacant_zero": up_to_10(proportion(10, 5, less=True, at_zero=0)),
        "vacant_missing": up_to_10(proportion(10, 5, less=True)),
    },
    ("by_steps", "rate"): {
        "started": steps((">=", 90, 20), (">", 80, 15), (">=", 60, 10)),
        "below": steps((">=", 80, 4), otherwise=-2),
    },
    ("by_steps", "waiting"): {"quick": steps(("<=", 3, 5), ("<", 10, 3), otherwise=1)},
    ("interpolated", "rate"): {
        "done": lines(TABLE),
        "extended": lines(TABLE, "extended"),
        "missing": lines(TABLE, "missing"),
        "falling": lines([(0, 9), (30, 0)]),
    },
    ("by_brackets", "signed"): {
        "signed_investment": within(0, 15)(brackets(*PRICES)),
        "parts": brackets(*PRICES, whole=False),
        "closed": brackets((10, 1, 1), (20, 1, 2), whole=False),
    },
    ("min_max", "growth"): {
        "growing": between(20, Fraction(3, 5), Fraction(20)),
        "less": between(20, Fraction(3, 5), Fraction(12), less=True),
        "zero": between(20, Fraction(0), Fraction(0)),
        "silent": between(20, Fraction(3, 5), None),
    },
    ("by_place", "signed"): {
        "placed": by_list((20, 18, 15), 10, "shared"),
        "last": by_list((20, 18, 15), 0, "last"),
        "dense": by_list((20, 18, 15), 0, "dense"),
        "stepwise": stepwise(2),
        "averaged": stepwise(2, "averaged"),
        "fewest": stepwise(2, less=True),
        "steep": up_to_20(stepwise(8)),
    },
    ("from_mean", "rate"): {
        "around": floored(off_mean(10)),
        "capped": up_to_20(off_mean(20)),
        "less": floored(off_mean(10, -1)),
    },
    ("each", "forums"): {
        "events": within(0, 6)(lambda v, _: pieces(v, 1) * 2),
        "doubled": lambda v, _: pieces(v, 1) * 3,
        "pairs": lambda v, _: pieces(v, 2),
        "lost": lambda v, _: -pieces(v, 1) * HALF,
        "lost_to_a_floor": within(-1, None)(lambda v, _: -pieces(v, 1) * HALF),
    },
    ("each", "signed"): {
        "large": lambda v, _: pieces(v, 3),
        "parts": lambda v, _: pieces(v, 3, whole=False),
    },
    ("each_missing", "reports"): {
        "sent": up_to_10(lambda v, _: 10 - pieces(max(4 - v, Fraction(0)), 1) * 2),
        "doubled": lambda v, _: -pieces(max(4 - v, Fraction(0)), 1) * 2,
        "by_worth": up_to_10(lambda v, _: 10 - max(4 - v, Fraction(0)) * 10 / 4),
        "by_worth_doubled": up_to_10(lambda v, _: 10 - max(4 - v, Fraction(0)) * 20 / 4),
        "by_pairs": lambda v, _: -pieces(max(4 - v, Fraction(0)), 2),
        "by_parts": lambda v, _: -pieces(max(4 - v, Fraction(0)), 2, whole=False),
    },
    ("over", "signed"): {
        "beyond": within(0, 5)(lambda v, _: pieces(max(v - 50, Fraction(0)), 5)),
        "by_amount": lambda v, _: pieces(max(v - 50, Fraction(0)), 4),
        "by_parts": lambda v, _: pieces(max(v - 50, Fraction(0)), 5, whole=False),
    },
    ("over", "rate"): {"by_points": lambda v, _: pieces(max(v - 80, Fraction(0)), 5)},
}
FEWER = settings(max_examples=settings().max_examples // 2)
"""Each example is of several units and all ways of a construct, so half as many as usual say as much."""
LESS = {"vacant", "vacant_zero", "vacant_missing", "quick", "falling", "less", "fewest", "lost", "lost_to_a_floor"}
JUMPS = {"vacant_zero", "missing", "silent", "growing", "zero"}
"""At a zero or an equality that the document treats by itself, more may give fewer points."""


def roster(construct: str) -> list[str]:
    """The units of a construct's campaign."""
    units = loaded(ROOT / construct, ()).checked.units
    assert units is not None
    return [*units]


@pytest.mark.parametrize(("construct", "metric"), WAYS, ids=lambda name: name)
@FEWER
@given(data=st.data())
def test_a_way_gives_the_points_that_its_description_says(construct, metric, data):
    """The same as in fractions; missing where the value, or what it is divided by, is."""
    values = {unit: data.draw(maybe, label=unit) for unit in roster(construct)}
    results = evaluated(construct, {metric: values})
    group = [Fraction(v) for v in values.values() if v is not None]
    for item, way in WAYS[construct, metric].items():
        for unit, value in values.items():
            wanted = None if value is None else way(Fraction(value), group)
            found = score_of(results, item, unit)
            assert found.status == ("missing" if wanted is None else "final"), (item, found)
            if wanted is not None:
                assert found.points is not None
                assert abs(found.points - kept(wanted)) <= NEAR, (item, found, wanted)


@pytest.mark.parametrize(("construct", "metric"), WAYS, ids=lambda name: name)
@FEWER
@given(data=st.data())
def test_more_of_it_never_gives_a_unit_fewer_points(construct, metric, data):
    """Nor more, where less is better; what the others have stays as it is."""
    first, *others = roster(construct)
    values = {unit: data.draw(amounts, label=unit) for unit in others}
    low, high = sorted(data.draw(st.tuples(amounts, amounts)))
    before = evaluated(construct, {metric: {**values, first: low}})
    after = evaluated(construct, {metric: {**values, first: high}})
    for item in WAYS[construct, metric].keys() - JUMPS:
        ends = [score_of(results, item, first).points for results in (before, after)]
        if None not in ends:
            one, other = reversed(ends) if item in LESS else ends
            assert there(one) <= there(other), (item, low, high)


# -- limits, policies, weights ------------------------------------------------------------------------------------


@given(st.decimals(-30, 30, places=3))
def test_points_lie_between_floor_and_cap(x):
    """The default ones, stated ones, and none."""
    results = evaluated("item_limits", {"x": {"a": x}})
    points = {item: score_of(results, item, "a").points for item in ("plain", "open", "stated", "worthless", "lost")}
    assert points == {
        "plain": max(Decimal(0), min(Decimal(10), x)),
        "open": x,
        "stated": max(Decimal(-5), min(Decimal(12), x)),
        "worthless": max(Decimal(0), x),
        "lost": -x,
    }


@given(st.sampled_from(["x", "y"]), st.booleans())
def test_the_full_points_of_what_is_left_are_the_full_mark(kept_item, with_bonus):
    """Whichever item is missing, the other one alone is reweighed to 100."""
    full = {"x": Decimal(60), "y": Decimal(40)}[kept_item]
    figures: dict[str, dict[str, Decimal | None]] = {
        kept_item: {"a": full},
        "z": {"a": Decimal(3) if with_bonus else None},
    }
    assert score_of(evaluated("missing_policies", figures), None, "a", "shared_out").points == (
        103 if with_bonus else 100
    )


@given(st.tuples(maybe, maybe, maybe))
def test_a_missing_item_never_helps_against_zero(values):
    """Left out or counted as zero a missing item adds nothing; with nothing missing all policies agree."""
    figures = {name: {"a": value} for name, value in zip("xyz", values, strict=True)}
    results = evaluated("missing_policies", figures)
    kept_, zeroed, dropped, shared_out = (
        score_of(results, None, "a", card).points for card in ("kept", "zeroed", "dropped", "shared_out")
    )
    assert zeroed == dropped
    assert (kept_ is None) == (None in values)
    if kept_ is None:
        assert shared_out is None or shared_out >= there(zeroed)
    else:
        assert kept_ == zeroed == shared_out


# -- places -------------------------------------------------------------------------------------------------------


@given(st.fixed_dictionaries(dict.fromkeys("abcd", st.one_of(st.none(), st.integers(0, 4).map(Decimal)))))
def test_places_are_those_of_the_sorted_list(values):
    """For each rule about ties, by sorting what was reported."""
    results = evaluated("ranking_ties", {"signed": values})
    ranked = [Fraction(v) for v in values.values() if v is not None]
    order = sorted((unit for unit in values if values[unit] is not None), key=lambda unit: (-values[unit], unit))
    for unit, value in values.items():
        for ties in ("shared", "last", "dense"):
            wanted = None if value is None else int(place(Fraction(value), ranked, ties))
            assert placing_of(results, ties, unit).place == wanted
        listed = order.index(unit) + 1 if unit in order else None
        assert placing_of(results, "listed", unit).place == listed
        assert placing_of(results, "shared", unit).ranked == (len(ranked) if value is not None or ranked else 0)


@given(st.fixed_dictionaries(dict.fromkeys("abcd", st.integers(0, 3).map(Decimal))))
def test_equals_are_treated_equally_and_more_is_never_behind(values):
    """Two units with the same number have the same place, unless the roster decides."""
    results = evaluated("ranking_ties", {"signed": values})
    for ties in ("shared", "last", "dense"):
        places = {unit: there(placing_of(results, ties, unit).place) for unit in values}
        for one in values:
            for other in values:
                assert (values[one] == values[other]) == (places[one] == places[other])
                assert (values[one] > values[other]) == (places[one] < places[other])


@given(
    st.fixed_dictionaries({unit: st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)) for unit in "abc"})
)
def test_later_keys_decide_between_equals_only(keys):
    """As tuples compare, with the last key the other way round."""
    names = ("signed", "projects", "complaints")
    figures = {name: {unit: Decimal(keys[unit][i]) for unit in keys} for i, name in enumerate(names)}
    results = evaluated("ranking_keys", figures)
    better = {unit: (x, y, -z) for unit, (x, y, z) in keys.items()}
    for unit, own in better.items():
        assert placing_of(results, "several", unit).place == 1 + sum(one > own for one in better.values())


# -- what is open -------------------------------------------------------------------------------------------------

prices = st.decimals(1, 3, places=2)


@given(
    st.integers(0, 40), st.integers(0, 9), prices, st.integers(0, 20), st.integers(4, 8), st.decimals(50, 150, places=1)
)
def test_every_completion_lies_between_the_ends(projects, forums, price, free, enough, factor):
    """Of items and of totals; and where nothing is open any more there is one number."""
    figures: dict[str, Any] = {"projects": {"a": Decimal(projects)}, "forums": {"a": Decimal(forums)}}
    before = evaluated("deferred_points", figures)
    settled = {"price": f"{price} 分", "free": f"{free} 分", "enough": f"{enough} 个", "factor": f"{factor}%"}
    after = evaluated("deferred_points", figures, **settled)
    for was, now in zip(before.scores, after.scores, strict=True):
        assert now.status == "final"
        if was.lowest is not None:
            assert is_between(was.lowest, now.points, was.highest), (was, now)


@given(st.integers(0, 40))
def test_the_ends_are_reached_where_a_parameter_works_one_way(projects):
    """The lowest points come with one bound, the highest with the other."""
    figures = {"projects": {"a": Decimal(projects)}, "forums": {"a": Decimal(1)}}
    before = evaluated("deferred_points", figures)
    for item, bounds in {
        "bounded": ({"price": "1 分"}, {"price": "3 分"}),
        "both": ({"price": "1 分", "factor": "50%"}, {"price": "3 分", "factor": "150%"}),
        "required": ({"enough": "8 个"}, {"enough": "4 个"}),
    }.items():
        card = "card" if item == "bounded" else "two"
        open_ = score_of(before, item, "a", card)
        ends = [score_of(evaluated("deferred_points", figures, **end), item, "a", card).points for end in bounds]
        assert [open_.lowest, open_.highest] == ends, item


@given(
    st.fixed_dictionaries({unit: st.tuples(st.integers(0, 12), st.integers(0, 4)) for unit in "abc"}),
    st.sampled_from(["1", "1.5", "2", "3"]),
)
def test_places_come_to_lie_between_best_and_worst(numbers, price):
    """Whatever a project is worth; and who was listed or not stays so."""
    figures = {
        "x": {unit: Decimal(x) for unit, (x, _) in numbers.items()},
        "projects": {unit: Decimal(n) for unit, (_, n) in numbers.items()},
    }
    before, after = evaluated("deferred_places", figures), evaluated("deferred_places", figures, price=f"{price} 分")
    for ranking in ("board", "last", "listed"):
        for unit in numbers:
            open_, done = placing_of(before, ranking, unit), placing_of(after, ranking, unit)
            assert is_between(open_.best, done.place, open_.worst), (open_, done)
            assert open_.place in (None, done.place)
    for was, now in zip(before.honours, after.honours, strict=True):
        assert was.status in ("possible", now.status)
    possible = {p.unit for p in before.rankings if p.ranking == "board" and p.best == 1}
    assert {p.unit for p in after.rankings if p.ranking == "board" and p.place == 1} <= possible
