"""Scores, places and honours of the oracle, each held against an answer worked out by hand.

A small campaign is written around the scorecards, rankings and honours under test: units a, b, c, d of two classes, and
a table `given` from which each unit's numbers x, y, z are taken.
"""

import datetime as dt
from decimal import Decimal

import campaignrules
from campaignrules import intake, oracle
from campaignrules.results import HonourResult, Placing, Results, Score

HEAD = """\
campaign: sample
title: {zh: 样例, en: sample}
period: {from: 2023-01-01, to: 2023-12-31}
units:
  classes: {county: 县区, zone: 园区}
  roster: [{id: a, class: county}, {id: b, class: county}, {id: c, class: county}, {id: d, class: zone}]
parameters:
  bonus: {type: 分, title: {zh: 加分, en: bonus}, deferred: {by: {zh: 另行通知, en: a later notice}, between: [0 分, 10 分]}}
  rules: {type: 分, title: {zh: 细则, en: rules}, deferred: {by: {zh: 另行通知, en: a later notice}}}
records:
  given:
    fields: {unit: {type: unit}, on: {type: date}, x: {type: quantity, unit: 分, required: false}, y: {type: quantity, unit: 分, required: false}, z: {type: quantity, unit: 分, required: false}}
  report:
    fields: {unit: {type: unit}, on: {type: date}}
metrics:
  x: {max: given.x, on: on, title: {zh: 甲项, en: x}}
  y: {max: given.y, on: on}
  z: {max: given.z, on: on}
  rows: {count: given, on: on}
"""  # noqa: E501
UNITS = ("a", "b", "c", "d")


def evaluated(text: str, given: str, as_of: str = "2023-12-31", **tables: list) -> Results:
    """The oracle's results; `given`: lines `unit x y z`, `-` for a number that is missing, a date at the end if any."""
    checked = campaignrules.load(HEAD + text).checked
    submitted = {"given": [row(line) for line in given.strip().splitlines()], **tables}
    taken = intake.take(checked, submitted)
    assert not [finding for finding in taken.findings if finding.set_aside]
    rows = {name: taken.rows(name) for name in taken.tables}
    return oracle.run(checked, rows, taken.roster, dt.date.fromisoformat(as_of))


def row(line: str) -> dict[str, str]:
    """One row of `given`."""
    unit, *cells = line.split()
    on = cells.pop() if "-" in cells[-1][1:] else "2023-01-10"
    numbers = dict(zip("xyz", ("" if cell == "-" else cell for cell in [*cells, "-", "-"]), strict=False))
    return {"unit": unit, "on": on, **numbers}


def score(results: Results, unit: str, item: str | None = None, window: str | None = None) -> Score:
    """The row of a unit's item, or of its total."""
    found = [s for s in results.scores if (s.unit, s.item) == (unit, item) and window in (None, s.window)]
    assert len(found) == 1
    return found[0]


def points(results: Results, item: str | None = None) -> list[Decimal | None]:
    """The points of all units."""
    return [s.points for s in results.scores if s.item == item]


def statuses(results: Results, item: str | None = None) -> list[str]:
    """The statuses of all units."""
    return [s.status for s in results.scores if s.item == item]


def ends(one: Score | Placing) -> tuple[Decimal | int | None, Decimal | int | None]:
    """What it lies between."""
    return (one.lowest, one.highest) if isinstance(one, Score) else (one.best, one.worst)


def places(results: Results) -> list[int | None]:
    """The places of all units."""
    return [placing.place for placing in results.rankings]


def card(items: str, more: str = "") -> str:
    """A scorecard `card` of all units with these items."""
    lines = "".join(f"      {line}\n" for line in items.strip().splitlines())
    rest = "".join(f"    {line}\n" for line in more.strip().splitlines())
    return f"scorecards:\n  card:\n    for: each unit\n{rest}    items:\n{lines}"


def ranking(more: str = "", by: str = "x") -> str:
    """A ranking `r` of the numbers x."""
    return f"rankings:\n  r: {{by: {by}{', ' if more else ''}{more}}}\n"


X = "x: {earn: {formula: x}}"
XY = "x: {worth: 60 分, earn: {formula: x}}\ny: {worth: 40 分, earn: {formula: y}}"
FOUR = "a 50 30\nb 60 20\nc 50 10\nd 40 40"


# -- items and sums -----------------------------------------------------------------------------------------------


def test_items_add_up_to_the_total_and_the_rows_stand_unit_by_unit():
    """50 + 30, 60 + 20, 50 + 10, 40 + 40; for each unit its items, then the total."""
    results = evaluated(card(XY), FOUR)
    assert points(results) == [80, 80, 60, 80]
    assert [(s.unit, s.item) for s in results.scores[:4]] == [("a", "x"), ("a", "y"), ("a", None), ("b", "x")]
    assert score(results, "a", "x").worth == 60


def test_an_item_in_proportion_is_capped_by_its_worth():
    """20 × 30 ÷ 60 = 10; 20 × 90 ÷ 60 = 30, at most 20; 20 × 10 ÷ 60 at the 12th decimal."""
    results = evaluated(card("x: {worth: 20 分, earn: {in_proportion_to: x, required: 60 分}}"), "a 30\nb 90\nc 10")
    assert points(results, "x") == [10, 20, Decimal("3.333333333333"), None]


def test_what_is_missing_makes_the_total_missing_counts_zero_or_is_left_out():
    """Unit b has no y: missing; 50 + 0; 50."""
    given = "a 50 30\nb 50 -"
    for policy, status, total in (("missing", "missing", None), ("zero", "final", 50), ("left_out", "final", 50)):
        one = score(evaluated(card(XY, f"missing: {policy}"), given), "b")
        assert (one.status, one.points) == (status, total)
        assert one.because is not None


def test_the_rest_is_reweighed_to_the_full_mark():
    """Without y (40 of 100) the sum is x × 100 ÷ 60: 50 → 83.333333333333; bonus points come after."""
    text = card(XY + "\nz: {kind: bonus, cap: none, earn: {formula: z}}", "missing: reweighed")
    results = evaluated(text, "a 50 30 1\nb 50 - 1\nc - - 1")
    assert points(results)[:2] == [81, Decimal("84.333333333333")]
    assert statuses(results)[2] == "missing"


def test_an_item_that_does_not_apply_is_left_out_full_zero_or_reweighed():
    """Item y is only for counties; d is a zone with x = 30."""
    for policy, total in (("left_out", 30), ("full", 70), ("zero", 30), ("reweighed", 50)):
        text = card(XY.replace("y: {", "y: {for: each county, "), f"not_applicable: {policy}")
        results = evaluated(text, "a 50 30\nd 30 30")
        assert score(results, "d", "y").status == "not_applicable"
        assert score(results, "d").points == total
        assert score(results, "a").points == 80


def test_a_condition_decides_whether_an_item_applies():
    """Item y applies where z > 0; a condition that is missing makes the item missing."""
    text = card(XY.replace("y: {", "y: {applies_if: z > 0 * 分, "), "missing: missing")
    results = evaluated(text, "a 50 30 1\nb 50 30 0\nc 50 30 -")
    assert statuses(results, "y")[:3] == ["final", "not_applicable", "missing"]
    assert points(results)[:3] == [80, 50, None]


def test_a_window_that_has_not_begun_is_not_due_and_an_open_one_provisional():
    """On 15 February: January is final, February provisional, March not due."""
    results = evaluated(card(X, "in: [2023-01, 2023-02, 2023-03]"), "a 5", "2023-02-15")
    totals = [s for s in results.scores if s.unit == "a" and s.item is None]
    assert [s.window for s in totals] == ["2023-01", "2023-02", "2023-03"]
    assert [s.status for s in totals] == ["final", "missing", "not_due"]


def test_an_item_of_a_later_window_counts_nothing_yet():
    """Item y looks at the second half; on 1 March the total is x alone and provisional."""
    results = evaluated(card(XY.replace("y: {", "y: {in: 2023H2, ")), "a 50 30", "2023-03-01")
    assert score(results, "a", "y").status == "not_due"
    assert score(results, "a").points == 50
    assert score(results, "a").status == "provisional"


# -- deferred -----------------------------------------------------------------------------------------------------


def test_a_deferred_parameter_with_bounds_gives_both_ends():
    """50 + [0, 10]."""
    one = score(evaluated(card("x: {earn: {formula: x + bonus}}"), FOUR), "a")
    assert (one.status, ends(one), one.points, one.awaits) == ("deferred", (50, 60), None, ("bonus",))


def test_a_deferred_parameter_without_bounds_leaves_floor_and_cap():
    """It is then at least 0 and at most the worth of 30: with x = 50 the total lies between 50 and 80."""
    results = evaluated(card(f"{X}\ny: {{worth: 30 分, earn: {{formula: y + rules}}}}"), FOUR)
    assert ends(score(results, "a", "y")) == (0, 30)
    assert ends(score(results, "a")) == (50, 80)


def test_without_floor_and_cap_nothing_is_known_but_what_bounds_the_total():
    """The item has no ends; the total is kept between 0 and 100."""
    results = evaluated(card("x: {floor: none, earn: {formula: x + rules}}", "floor: 0 分\ncap: 100 分"), FOUR)
    assert ends(score(results, "a", "x")) == (None, None)
    assert (score(results, "a").status, ends(score(results, "a"))) == ("deferred", (0, 100))


def test_an_open_item_holds_up_only_the_units_it_applies_to():
    """Item z is open and for the zone only: the counties' totals are final."""
    text = card(XY + "\nz: {for: each zone, floor: none, kind: bonus, earn: {formula: z + rules}}")
    results = evaluated(text, "a 50 30 0\nd 50 30 0")
    assert (score(results, "d").status, ends(score(results, "d"))) == ("deferred", (None, None))
    assert score(results, "a", "z").status == "not_applicable"


def test_an_item_that_may_not_apply_may_add_nothing():
    """Item y (30) applies if z exceeds a bonus between 0 and 10; z = 5."""
    text = card(XY.replace("y: {", "y: {applies_if: z > bonus, "))
    results = evaluated(text, "a 50 30 5\nb 50 30 11\nc 50 30 0")
    assert [ends(score(results, unit, "y")) for unit in "abc"] == [(0, 30), (30, 30), (None, None)]
    assert statuses(results, "y")[:3] == ["deferred", "final", "not_applicable"]
    assert ends(score(results, "a")) == (50, 80)


# -- the whole ----------------------------------------------------------------------------------------------------


def test_gates_take_effect_in_order_then_cap_and_rounding():
    """80.26: times 50% = 40.13, less 5 = 35.13, rounded 35.1; without the gates 80.3, at most 80."""
    gates = (
        "gates: [{id: g1, when: z > 0 * 分, effect: times, factor: 50%}, {id: g2, when: z > 0 * 分, "
        "effect: lose, points: 5 分}]\ncap: 80 分\nround: {places: 1}"
    )
    results = evaluated(card(XY, gates), "a 50 30.26 1\nb 50 30.26 0\nc 50 29.05 0")
    assert points(results)[:3] == [Decimal("35.1"), 80, Decimal("79.1")]


def test_a_disqualified_unit_has_no_points():
    """Surely where z > 10, possibly where z may exceed the bonus: then the points if it is not are shown."""
    gate = "gates: [{id: fraud, when: z > bonus, effect: disqualified}]"
    results = evaluated(card(X, gate), "a 50 0 11\nb 50 0 5\nc 50 0 0\nd 50 0 -")
    assert statuses(results) == ["disqualified", "deferred", "final", "missing"]
    assert points(results) == [None, None, 50, None]
    assert [ends(score(results, unit)) for unit in "ab"] == [(None, None), (50, 50)]
    assert score(results, "b").awaits == ("bonus",)


def test_the_grade_is_the_first_whose_conditions_hold_by_the_rounded_or_the_exact_total():
    """89.6 rounds to 90."""
    grades = "round: {places: 0}\ngrades: [{id: good, at_least: 90 分}, {id: fair, at_least: 60 分}]"
    given = "a 89.6\nb 60\nc 59\nd 91"
    assert [s.grade for s in evaluated(card(X, grades), given).scores if s.item is None] == [
        "good", "fair", None, "good",
    ]  # fmt: skip
    exact = evaluated(card(X, grades + "\ngrade_by: exact"), given)
    assert score(exact, "a").grade == "fair"


def test_a_grade_is_certain_when_both_ends_have_it():
    """With 0 to 10 more: 50–60 is fair or none, 60–70 fair."""
    grades = "grades: [{id: good, at_least: 90 分}, {id: fair, at_least: 60 分}]"
    results = evaluated(card("x: {earn: {formula: x + bonus}}", grades), "a 50\nb 60\nc 85\nd 90")
    assert [s.grade for s in results.scores if s.item is None] == [None, "fair", None, "good"]


def test_the_first_so_many_of_a_group_have_a_grade():
    """The top 50% of three counties are one; the zone is alone in its group and half of it is nobody."""
    grades = "within: class\ngrades: [{id: top, top: 50%}, {id: rest}]"
    results = evaluated(card(X, grades), FOUR)
    assert [s.grade for s in results.scores if s.item is None] == ["rest", "top", "rest", "rest"]


# -- groups -------------------------------------------------------------------------------------------------------


def test_a_group_function_sees_the_known_values_of_its_group():
    """Counties have 50, 60 and none; the mean is 55, the least 50, two have a value."""
    items = "x: {floor: none, earn: {formula: x - average(x)}}\ny: {earn: {formula: lowest(x)}}"
    results = evaluated(card(items, "within: class"), "a 50\nb 60\nc -\nd 40")
    assert points(results, "x") == [-5, 5, None, 0]
    assert points(results, "y") == [50, 50, 50, 40]


def test_it_sees_those_who_do_not_take_the_branch_but_not_those_it_does_not_apply_to():
    """The highest of 50, 60, 40; where the item is only for counties c's 70 of a zone does not count."""
    text = card("x: {for: each county, earn: {formula: highest(x) if x < 60 * 分 else x}}")
    assert points(evaluated(text, "a 50\nb 60\nc 40\nd 70"), "x") == [60, 60, 60, None]


def test_a_reference_unit_is_scored_against_the_group_but_is_no_part_of_it():
    """The mean of a, b, c is 50; d is held against it."""
    text = card("x: {floor: none, earn: {formula: x - average(x)}}", "reference: [zone]")
    assert points(evaluated(text, "a 40\nb 50\nc 60\nd 90"), "x") == [-10, 0, 10, 40]


def test_points_by_place_with_equals():
    """50, 60, 50, 40: places 2, 1, 2, 4."""
    text = card("x: {earn: {by_place: x, ties: shared, places: [10 分, 8 分, 6 分], otherwise: 1 分}}")
    assert points(evaluated(text, FOUR), "x") == [8, 10, 8, 1]


# -- duties -------------------------------------------------------------------------------------------------------


def test_duties_count_by_window():
    """Monthly reports of the first quarter: a gives two of three, one of them late."""
    duty = "duties:\n  - {id: D, for: each unit, every: month, due: day 15, in: 2023Q1, record: report, on: on}\n"
    text = duty + card(
        "x: {floor: none, earn: {formula: \"done('D') * 10 * 分\"}, lose: {each: missed('D'), points: 3 分}}"
    )
    reports = [{"unit": "a", "on": "2023-01-10"}, {"unit": "a", "on": "2023-02-10"}]
    results = evaluated(text, "a 1", report=reports)
    assert points(results, "x")[:2] == [17, -9]


# -- rankings -----------------------------------------------------------------------------------------------------


def test_equals_share_a_place_in_four_ways():
    """60, 50, 50, 40."""
    given = "a 50\nb 60\nc 50\nd 40"
    for ties, expected in (
        ("shared", [2, 1, 2, 4]), ("last", [3, 1, 3, 4]), ("dense", [2, 1, 2, 3]), ("listed", [2, 1, 3, 4]),
    ):  # fmt: skip
        assert places(evaluated(ranking(f"ties: {ties}"), given)) == expected


def test_less_may_be_better_and_a_second_key_decides_between_equals():
    """40 is first; of the two with 50 the one with more y."""
    results = evaluated(ranking("better: less, then: [y]"), "a 50 1\nb 60 1\nc 50 2\nd 40 1")
    assert places(results) == [3, 4, 2, 1]
    assert [p.value for p in results.rankings] == [50, 60, 50, 40]


def test_places_within_a_class_leave_out_references_and_what_is_missing():
    """Of the counties a and c are ranked; b has nothing."""
    results = evaluated(ranking("within: class, reference: [zone]"), "a 50\nb -\nc 60\nd 40")
    assert [(p.place, p.status, p.group, p.ranked) for p in results.rankings] == [
        (2, "final", "county", 2), (None, "missing", "county", 2), (1, "final", "county", 2),
        (None, "reference", "zone", 0),
    ]  # fmt: skip


def test_a_place_is_a_range_while_points_are_open():
    """a 50–60, b 55, c 70, d 40: a and b may change places, c and d may not."""
    text = card("x: {earn: {formula: x + (bonus if y > 0 * 分 else 0 * 分)}}") + ranking(by="card")
    results = evaluated(text, "a 50 1\nb 55 0\nc 70 0\nd 40 0")
    assert [ends(p) for p in results.rankings] == [(2, 3), (2, 3), (1, 1), (4, 4)]
    assert [p.status for p in results.rankings] == ["deferred", "deferred", "final", "final"]
    assert [p.awaits for p in results.rankings] == [("bonus",), ("bonus",), (), ()]
    assert [results.rankings[0].lowest, results.rankings[0].highest] == [50, 60]


def test_who_may_be_disqualified_is_ranked_without_certain_place():
    """b (60) may be out: a (50) is first or second, b itself has no place that is certain."""
    text = ranking("disqualified: z > bonus")
    results = evaluated(text, "a 50 0 0\nb 60 0 5\nc 40 0 11\nd 30 0 0")
    assert [p.status for p in results.rankings] == ["deferred", "deferred", "disqualified", "deferred"]
    assert [ends(p) for p in results.rankings] == [(1, 2), (1, 1), (None, None), (2, 3)]
    assert {p.awaits for p in results.rankings if p.place is None and p.best} == {("bonus",)}


def test_places_risen_since_the_window_before():
    """In January b leads, in February a."""
    text = ranking("in: [2023-01, 2023-02], change: previous")
    given = "a 1 0 0 2023-01-05\nb 2 0 0 2023-01-05\na 4 0 0 2023-02-05\nb 3 0 0 2023-02-05"
    results = evaluated(text, given)
    changes = {(p.unit, p.window): p.change for p in results.rankings}
    assert changes["a", "2023-02"] == 1
    assert changes["b", "2023-02"] == -1
    assert changes["a", "2023-01"] is None


# -- honours ------------------------------------------------------------------------------------------------------


def test_honours_are_listed_possible_or_not():
    """The first two of a ranking in which a and b may change places, c is first."""
    text = card("x: {earn: {formula: x + (bonus if y > 0 * 分 else 0 * 分)}}") + ranking(by="card")
    text += "honours:\n  - {id: H, ranking: r, top: 2 个}\n  - {id: W, awaits: [rules]}\n"
    results = evaluated(text, "a 50 1\nb 55 0\nc 70 0\nd 40 0")
    rows: list[HonourResult] = [h for h in results.honours if h.honour == "H"]
    assert [h.status for h in rows] == ["possible", "possible", "listed", "not_listed"]
    assert rows[0].awaits == ("bonus",)
    assert {(h.status, h.awaits) for h in results.honours if h.honour == "W"} == {("possible", ("rules",))}


# -- reasons ------------------------------------------------------------------------------------------------------


def test_a_score_says_in_one_line_why():
    """Values by title, the formula with the values in it; the total by its items."""
    results = evaluated(
        card("x: {worth: 20 分, title: {zh: 甲, en: A}, earn: {in_proportion_to: x, required: 60 分}}"), "a 30"
    )
    one = score(results, "a", "x").because
    assert one is not None
    assert one.zh == "甲项 30 分：20 分 × 30 分 ÷ 60 分，限 0 至 20 分 = 10 分"
    total = score(results, "a").because
    assert total is not None
    assert (total.zh, total.en) == ("甲 10 = 10", "A 10 = 10")
