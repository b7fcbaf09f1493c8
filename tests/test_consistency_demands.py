"""Whether demands go together: small campaigns with and without each fault, and what the shipped ones are found to say."""

import subprocess
import sys
import time
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaignrules import consistency, driver
from campaignrules.consistency.linear import model_of
from campaignrules.consistency.relations import related
from campaignrules.consistency.solver import Budget, Solver

YI = 100_000_000
HEAD = """campaign: small
title: 小
period: {from: 2023-01-01, to: 2023-12-31}
vocabularies:
  kind: {words: {factory: 工厂, shop: 商店, farm: 农场}}
"""
UNITS = {
    "none": "",
    "three": """units:
  classes: {county: 区县, zone: 园区}
  roster: [{id: a, class: county}, {id: b, class: county}, {id: c, class: county}, {id: z, class: zone}]
""",
    "submitted": "units: {classes: {county: 区县, zone: 园区}, roster: submitted}\n",
}
ROWS = """records:
  project:
    key: id
    fields:
      id: {type: text}
      unit: {type: unit}
      firm: {type: text}
      kind: {type: kind}
      listed: {type: bool}
      head: {type: bool}
      investment: {type: quantity, unit: 亿元, decimals: 4}
      signed_on: {type: date}
      landed_on: {type: date, required: false}
    rules:
      - {that: landed_on is None or landed_on >= signed_on, says: 落地不得早于签约}
metrics:
  signed: {count: project, on: signed_on}
  landed: {count: project, on: landed_on}
  firms: {distinct: project.firm, on: signed_on}
  amount: {sum: project.investment, on: signed_on}
  factories: {of: signed, where: kind == 'factory'}
  shops: {of: signed, where: kind == 'shop'}
  farms: {of: signed, where: kind == 'farm'}
  buildings: {of: signed, where: "kind in ['factory', 'shop']"}
  large: {of: signed, where: investment >= 1 * 亿元}
  huge: {of: signed, where: investment >= 50 * 亿元}
  vast: {of: signed, where: investment >= 100 * 亿元}
  small: {of: signed, where: investment < 1 * 亿元}
  listed: {of: amount, where: listed}
  heads: {of: amount, where: head}
  both: {formula: factories + shops}
  fewer: {formula: signed - farms}
  landing: {rate: {of: project, reached: landed_on}}
  landing_factories: {of: landing, where: kind == 'factory'}
  fdi: {reported: 亿美元}
targets:
"""


def campaign(*targets, units="none"):
    """A checked campaign with these targets, `id metric window demand …`."""
    lines = [
        f"  - {{id: {i}, metric: {metric}, in: {window}, {rest}}}\n" for i, metric, window, rest in map(split, targets)
    ]
    head = HEAD + UNITS[units] + (ROWS if units != "none" else ROWS.replace("      unit: {type: unit}\n", ""))
    return driver.load(head + "".join(lines)).checked


def split(text):
    """`Y signed each_month at_least: 5 个, force: strive` in its four parts."""
    name, metric, window, rest = text.split(" ", 3)
    return name, metric, window.replace("_", " "), rest


def found(*targets, units="none"):
    """(kind, whole, parts, amount, gap) of every relation of a small campaign."""
    return told(consistency.relations(campaign(*targets, units=units)))


def least(model, form, rows):
    """The minimum that there is."""
    found = Solver(model.always, model.whole).least(form, rows)
    assert found is not None
    return found.value


def told(relations):
    """Relations as plain values."""
    return [(r.kind, r.whole.id, {p.target.target.id for p in r.parts}, r.amount, r.gap) for r in relations]


def kinds(*targets, units="none"):
    """The kinds of relations of a small campaign."""
    return {kind for kind, *_ in found(*targets, units=units)}


# --- an ordinary document ---------------------------------------------------------------

MONTHLY = [
    *(f"Q{n} amount 2023Q{n} at_least: {number} 亿元" for n, number in enumerate((20, 25, 22, 20), 1)),
    "Y amount 2023 at_least: 90 亿元",
    "N signed 2023 at_least: 60 个",
    "F listed 2023 at_least: 54 亿元",
    "L large 2023 at_least: 15 个",
    "H huge 2023 at_least: 1 个",
    "R landing 2023 at_least: 90%",
    "M signed each_month_of_2023-04-01..2023-09-30 at_least: 1 个, for: each county",
    "T signed 2023 at_least: 5 个, for: each county",
    "A amount 2023 at_least: 6 亿元, for: each county",
    "P1 landed 2023H1 at_least: 10 个",
    "P2 landed 2023H2 at_least: 20 个",
]


def test_everything_that_an_ordinary_document_demands_is_worked_out():
    """Quarters, an of-which, counts and amounts, months of each county: well within the limits, and the quarters are 3 short."""
    model = model_of(campaign(*MONTHLY, units="three"))
    solver = Solver(model.always, model.whole)
    kinds_ = {(kind, whole, gap) for kind, whole, _, _, gap in told(related(model, solver))}
    assert ("below", "Y", 3 * YI) in kinds_
    assert "unknown" not in {kind for kind, *_ in kinds_}
    assert solver.budget.spent < solver.budget.steps


def test_a_number_of_projects_is_no_part_of_an_amount():
    """Sixty projects may bring nothing, and yet they are not what 90 亿元 is divided into."""
    assert kinds("N signed 2023 at_least: 60 个", "Y amount 2023 at_least: 90 亿元") == set()
    assert kinds("N signed each_quarter at_least: 60 个", "Y amount 2023 at_least: 9 亿元") == set()


def test_what_is_not_worked_out_is_named_to_the_last_target():
    """Where the limits do not suffice, nobody takes silence for agreement."""
    model = model_of(campaign("A signed 2023Q1 at_least: 1 个", "B signed 2023 at_least: 9 个"))
    (relation,) = related(model, Solver(budget=Budget(steps=1)))
    assert (relation.kind, {one.target.target.id for one in relation.parts}) == ("unknown", {"A", "B"})


# --- clashes --------------------------------------------------------------------------


def test_two_halves_above_the_limit_of_the_year_clash():
    """6 + 6 > 10: the three are named, the fourth beside them is not, and the year would have to be 12."""
    targets = ["Y signed 2023 at_most: 10 个", "A signed 2023H1 at_least: 6 个", "B signed 2023H2 at_least: 6 个"]
    clash = [one for one in found(*targets, "F factories 2023 at_least: 1 个") if one[0] == "clash"]
    assert clash == [("clash", "Y", {"Y", "A", "B"}, 12, 2)]


def test_two_halves_within_the_limit_do_not():
    """6 + 6 ≤ 12."""
    targets = ["Y signed 2023 at_most: 12 个", "A signed 2023H1 at_least: 6 个", "B signed 2023H2 at_least: 6 个"]
    assert "clash" not in kinds(*targets)


def test_every_member_of_a_clash_is_needed():
    """Without any one of them the campaign has no clash."""
    targets = ["Y signed 2023 at_most: 10 个", "A factories 2023H1 at_least: 6 个", "B buildings 2023H2 at_least: 6 个"]
    assert "clash" in kinds(*targets)
    for one in targets:
        assert "clash" not in kinds(*(other for other in targets if other is not one))


def test_a_clash_with_what_is_striven_for_is_a_note():
    """The binding ones can be met; with the one striven for they cannot."""
    targets = ["Y signed 2023 at_most: 10 个", "A signed 2023H1 at_least: 12 个, force: strive"]
    said = [one for one in consistency.examine(campaign(*targets)) if one.code == "demands-clash"]
    assert [one.severity for one in said] == ["note"]


def test_the_same_clash_of_binding_demands_is_a_warning():
    """Nobody can meet it."""
    targets = ["Y signed 2023 at_most: 10 个", "A signed 2023H1 at_least: 12 个"]
    said = [one for one in consistency.examine(campaign(*targets)) if one.code == "demands-clash"]
    assert [(one.severity, one.subject) for one in said] == [("warning", "Y")]
    assert "12 个" in said[0].message.zh
    assert "差 2 个" in said[0].message.zh


def test_two_rates_that_cannot_both_hold_clash():
    """At least 80 % and at most 50 % of the same rows."""
    assert "clash" in kinds("A landing 2023 at_least: 80%", "B landing 2023 at_most: 50%")
    assert "clash" not in kinds("A landing 2023 at_least: 50%", "B landing 2023 at_most: 80%")


def test_the_size_of_rows_and_their_sum_clash():
    """Ten projects of at least 50 亿元 are at least 500 亿元, which may not exceed 400."""
    assert "clash" in kinds("A huge 2023 at_least: 10 个", "B amount 2023 at_most: 400 亿元")
    assert "clash" not in kinds("A huge 2023 at_least: 8 个", "B amount 2023 at_most: 400 亿元")


def test_a_formula_that_adds_counts_is_looked_at():
    """Factories and shops together at most 3, and factories at least 4."""
    assert "clash" in kinds("A both 2023 at_most: 3 个", "B factories 2023 at_least: 4 个")
    assert "clash" in kinds("A fewer 2023 at_most: 3 个", "B factories 2023 at_least: 4 个")
    assert "clash" not in kinds("A fewer 2023 at_most: 3 个", "B farms 2023 at_least: 4 个")


def test_different_firms_are_no_more_than_rows():
    """Five different firms need five projects."""
    assert "clash" in kinds("A firms 2023 at_least: 5 家", "B signed 2023 at_most: 4 个")
    assert "clash" not in kinds("A firms 2023 at_most: 4 家", "B signed 2023 at_least: 5 个")


# --- parts in time -----------------------------------------------------------------------

QUARTERS = [f"Q{i} amount 2023Q{i} at_least: {n} 亿元" for i, n in ((1, 15), (2, 10), (3, 15), (4, 5))]


def test_quarters_below_the_year_leave_it_short():
    """15 + 10 + 15 + 5 = 45, three short of 48."""
    assert ("below", "Y", {"Q1", "Q2", "Q3", "Q4"}, 45 * YI, 3 * YI) in found(
        "Y amount 2023 at_least: 48 亿元", *QUARTERS
    )


def test_quarters_that_come_out_agree():
    """45 = 45 is no finding but an agreement."""
    assert found("Y amount 2023 at_least: 45 亿元", *QUARTERS) == [("agree", "Y", {"Q1", "Q2", "Q3", "Q4"}, 45 * YI, 0)]


def test_quarters_above_the_year_leave_it_nothing_to_decide():
    """45 > 40."""
    assert found("Y amount 2023 at_least: 40 亿元", *QUARTERS) == [
        ("exceed", "Y", {"Q1", "Q2", "Q3", "Q4"}, 45 * YI, 5 * YI)
    ]


def test_what_other_demands_make_good_is_not_missed():
    """The quarters come to 45 of 48, but the listed ones alone must be 48: then the year is met."""
    assert "below" not in kinds("Y amount 2023 at_least: 48 亿元", "L listed 2023 at_least: 48 亿元", *QUARTERS)


def test_three_quarters_are_no_year():
    """Nothing is said of a year while one quarter has no number."""
    assert found("Y amount 2023 at_least: 48 亿元", *QUARTERS[:3]) == []


def test_decimals_come_out_exactly():
    """4 × 0.015 is 0.06, which it is not in binary numbers."""
    parts = [f"Q{i} fdi 2023Q{i} at_least: 0.015 亿美元" for i in range(1, 5)]
    assert [kind for kind, *_ in found("Y fdi 2023 at_least: 0.06 亿美元", *parts)] == ["agree"]


def test_limits_that_are_kept_and_yet_exceeded():
    """6 + 6 may be 12 where the year allows 10, and comes out with 12."""
    parts = ["A signed 2023H1 at_most: 6 个", "B signed 2023H2 at_most: 6 个"]
    assert found("Y signed 2023 at_most: 10 个", *parts) == [("above", "Y", {"A", "B"}, 12, 2)]
    assert found("Y signed 2023 at_most: 12 个", *parts) == [("agree", "Y", {"A", "B"}, 12, 0)]


def test_a_rhythm_is_no_split():
    """One a month is twelve a year, short of 20: something to know, nothing to act on."""
    said = consistency.examine(campaign("Y signed 2023 at_least: 20 个", "M signed each_month at_least: 1 个"))
    assert [(one.severity, one.code) for one in said if one.subject == "Y"] == [("note", "parts-below-whole")]
    assert "× 12" in said[0].message.zh


def test_to_strive_for_more_than_is_binding_is_no_fault():
    """Halves of 3 and 2 are binding, 8 for the year is striven for."""
    parts = ["A signed 2023H1 at_least: 3 个", "B signed 2023H2 at_least: 2 个"]
    assert "below" not in kinds("Y signed 2023 at_least: 8 个, force: strive", *parts)


def test_different_firms_of_halves_do_not_add_up():
    """The same firms may sign in both halves, so nothing follows for the year."""
    assert found("Y firms 2023 at_least: 5 家", "A firms 2023H1 at_least: 3 家", "B firms 2023H2 at_least: 2 家") == []


# --- parts of a whole ------------------------------------------------------------------------


def test_words_that_fill_the_whole_and_do_not_reach_it():
    """Factories 3, shops 3, farms 3 are all there is: 9 of 10."""
    parts = ["A factories 2023 at_least: 3 个", "B shops 2023 at_least: 3 个", "C farms 2023 at_least: 3 个"]
    assert found("Y signed 2023 at_least: 10 个", *parts) == [("below", "Y", {"A", "B", "C"}, 9, 1)]
    assert found("Y signed 2023 at_least: 9 个", *parts) == [("agree", "Y", {"A", "B", "C"}, 9, 0)]


def test_words_that_leave_some_out_may_be_less():
    """Factories and shops are not all: the rest may be farms."""
    assert (
        found("Y signed 2023 at_least: 10 个", "A factories 2023 at_least: 3 个", "B shops 2023 at_least: 3 个") == []
    )


def test_parts_beside_each_other_that_are_more_than_the_whole():
    """6 + 5 > 10."""
    parts = ["A factories 2023 at_least: 6 个", "B shops 2023 at_least: 5 个"]
    assert found("Y signed 2023 at_least: 10 个", *parts) == [("exceed", "Y", {"A", "B"}, 11, 1)]


def test_a_part_that_is_more_than_its_whole():
    """A quarter asks for 10 where the year asks for 5 of the same."""
    assert found("Y factories 2023 at_least: 5 个", "Q factories 2023Q2 at_least: 10 个") == [
        ("exceed", "Y", {"Q"}, 10, 5)
    ]


def test_parts_that_contain_each_other_are_not_added():
    """Factories are buildings: 6 and 6 are 6, not 12."""
    assert (
        found("Y signed 2023 at_least: 10 个", "A factories 2023 at_least: 6 个", "B buildings 2023 at_least: 6 个")
        == []
    )


def test_parts_that_must_overlap():
    """15 + 15 > 25: at least 5 is both; 15 + 10 is not more."""
    whole, first = "Y amount 2023 at_least: 25 亿元", "L listed 2023 at_least: 15 亿元"
    assert found(whole, first, "H heads 2023 at_least: 15 亿元") == [("overlap", "Y", {"L", "H"}, 5 * YI, 0)]
    assert found(whole, first, "H heads 2023 at_least: 10 亿元") == []


def test_a_binding_whole_that_rests_on_what_is_striven_for():
    """Of 10, 7 are striven for: only 3 are binding."""
    parts = ["A factories 2023 at_least: 7 个, force: strive", "B shops 2023 at_least: 3 个"]
    assert ("strive", "Y", {"A", "B"}, 3, 7) in found("Y signed 2023 at_least: 10 个", *parts)
    assert "strive" not in kinds("Y signed 2023 at_least: 10 个, force: strive", *parts)


def test_sizes_of_rows_make_a_sum():
    """200 large projects, among them one of 50 and one of 100 亿元, are at least 198 + 50 + 100 = 348 亿元."""
    checked = campaign(
        "N large 2023 at_least: 200 个",
        "V vast 2023 at_least: 1 个",
        "H huge 2023 at_least: 2 个",
        "Y amount 2023 at_least: 1000 亿元",
    )
    model = model_of(checked)
    amount = next(one for one in model.demands if one.id == "Y")
    rows = [one.row for one in model.demands if one is not amount]
    assert least(model, amount.top, rows) == 348 * YI


def test_small_projects_are_at_most_so_much():
    """Ten projects below 1 亿元 and no other: less than 10 亿元 in all, so 11 cannot be."""
    small = "S small 2023 at_most: 10 个"
    assert "clash" in kinds(small, "L large 2023 at_most: 0 个", "Y amount 2023 at_least: 11 亿元")
    assert "clash" not in kinds(small, "Y amount 2023 at_least: 11 亿元")


# --- units -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("each", "expected"), [(3, "below"), (4, "agree"), (5, "exceed")])
def test_the_minimum_of_each_of_three_against_the_total_of_the_class(each, expected):
    """Three counties: 9 of 12, 12 of 12 and 15 of 12."""
    targets = ["Y signed 2023 at_least: 12 个, for: all county", f"E signed 2023 at_least: {each} 个, for: each county"]
    assert kinds(*targets, units="three") == {expected}


def test_a_zone_that_has_no_number_leaves_room():
    """Three counties with 3 each and a zone without: the total may be 12 all the same."""
    assert found("Y signed 2023 at_least: 12 个", "E signed 2023 at_least: 3 个, for: each county", units="three") == []


def test_counties_and_the_zone_are_all_there_is():
    """3 × 3 and 2 are 11 of 12."""
    targets = ["E signed 2023 at_least: 3 个, for: each county", "Z signed 2023 at_least: 2 个, for: z"]
    assert found("Y signed 2023 at_least: 12 个", *targets, units="three") == [("below", "Y", {"E", "Z"}, 11, 1)]


def test_a_unit_of_its_own_number_counts_with_it():
    """Two counties with 3, one with 8 by exception: 14, more than 12."""
    each = "E signed 2023 at_least: 3 个, for: each county, except: {a: 8 个}"
    assert found("Y signed 2023 at_least: 12 个", each, units="three") == [("exceed", "Y", {"E"}, 14, 2)]


def test_the_halves_of_each_are_held_against_the_year_of_each():
    """1 + 1 is short of 3 for every county, in numbers of one county."""
    targets = [
        "Y signed 2023 at_least: 3 个, for: each county",
        "A signed 2023H1 at_least: 1 个, for: each county",
        "B signed 2023H2 at_least: 1 个, for: each county",
    ]
    (said,) = consistency.examine(campaign(*targets, units="three"))[:1]
    assert said.code == "parts-below-whole"
    assert "可以只有 2 个，而 Y (—) 要 3 个，差 1 个" in said.message.zh


def test_from_how_many_units_on_the_minimums_reach_the_total():
    """Nobody knows how many there will be: 3 each come to 20 with the seventh."""
    targets = ["Y signed 2023 at_least: 20 个", "E signed 2023 at_least: 3 个, for: each county"]
    assert found(*targets, units="submitted") == [("units", "Y", {"E"}, 7, 1)]


def test_one_number_for_the_whole_and_for_each_is_not_held_against_itself():
    """One target may be for all counties together and for each of them."""
    assert found("Y signed 2023 at_least: 3 个, for: [all county, each county]", units="three") == []


def test_a_rate_that_each_unit_reaches_the_class_reaches():
    """80 % of each county is 80 % of all counties: more than the class is asked for, no clash."""
    each = "E landing 2023 at_least: 80%, for: each county"
    assert "clash" in kinds(each, "A landing 2023 at_most: 50%, for: all county", units="three")
    assert "clash" not in kinds(each, "A landing 2023 at_most: 90%, for: all county", units="three")


# --- days and stages ------------------------------------------------------------------------------


def test_two_rates_for_one_day():
    """90 % of all, and 80 % of the factories among them, on the last day of the year."""
    assert found("A landing 2023 at_least: 90%", "F landing_factories 2023Q4 at_least: 80%") == [
        ("numbers", "A", {"F"}, Fraction(8, 10), Fraction(1, 10))
    ]


def test_a_lower_rate_of_an_earlier_day_is_the_way_there():
    """80 % by the end of September and 90 % by the end of the year."""
    assert found("A landing 2023 at_least: 90%", "F landing_factories 2023Q3 at_least: 80%") == []


def test_the_same_rows_with_two_numbers_for_one_day():
    """Both are binding: the higher one decides; to strive for more is another thing."""
    assert ("numbers", "A", {"B"}, Fraction(8, 10), Fraction(1, 10)) in found(
        "A landing 2023 at_least: 90%", "B landing 2023Q4 at_least: 80%"
    )
    assert found("A landing 2023 at_least: 90%, force: strive", "B landing 2023Q4 at_least: 80%") == []


def test_a_later_stage_that_needs_every_row_of_the_one_before():
    """4 + 6 signed and 10 landed leave none to lose; 12 signed leave two."""
    landed = "L landed 2023 at_least: 10 个"
    assert found("A signed 2023H1 at_least: 4 个", "B signed 2023H2 at_least: 6 个", landed) == [
        ("stages", "L", {"A", "B"}, 10, 0)
    ]
    assert found("A signed 2023H1 at_least: 6 个", "B signed 2023H2 at_least: 6 个", landed) == []


def test_a_part_that_is_more_than_the_last_window_asks_for_cannot_wait():
    """Listed ones of 25 in the year, and 10 of everything in the second half: 15 before."""
    halves = ["A amount 2023H1 at_least: 30 亿元", "B amount 2023H2 at_least: 10 亿元"]
    year = "Y amount 2023 at_least: 40 亿元"
    assert ("wait", "B", {"L"}, 15 * YI, 0) in found(year, *halves, "L listed 2023 at_least: 25 亿元")
    assert "wait" not in kinds(year, *halves, "L listed 2023 at_least: 10 亿元")


# --- against a search over all data ----------------------------------------------------------------

CLASSES = {
    "signed": ("factory", "shop", "farm"),
    "factories": ("factory",),
    "shops": ("shop",),
    "buildings": ("factory", "shop"),
}
HALVES = {"2023": (0, 1), "2023H1": (0,), "2023H2": (1,)}
demands = st.lists(
    st.tuples(st.sampled_from([*CLASSES]), st.sampled_from([*HALVES]), st.integers(1, 3)), min_size=2, max_size=4
)


CELLS = list(product(("factory", "shop", "farm"), (0, 1)))
DATA = [dict(zip(CELLS, values, strict=True)) for values in product(range(4), repeat=len(CELLS))]
"""Up to three of each kind in each half."""


def counted(data, metric, window):
    """A count by hand."""
    return sum(data[kind, half] for kind in CLASSES[metric] for half in HALVES[window])


def meeting(wanted):
    """The data that meet demands (metric, window, sense, number)."""
    wanted = tuple(wanted)
    met = {"at_least": int.__ge__, "at_most": int.__le__}
    return [d for d in DATA if all(met[sense](counted(d, m, w), n) for m, w, sense, n in wanted)]


@pytest.mark.slow
@given(demands)
@settings(max_examples=25, deadline=None)
def test_the_least_that_parts_force_is_what_a_search_finds(given_demands):
    """Three kinds in two halves: no data that meet the others have fewer, and some have as many."""
    lines = [f"T{i} {metric} {window} at_least: {n} 个" for i, (metric, window, n) in enumerate(given_demands)]
    model = model_of(campaign(*lines))
    first, *rest = model.demands
    lowest = least(model, first.top, [one.row for one in rest])
    data = meeting((m, w, "at_least", n) for m, w, n in given_demands[1:])
    assert min(counted(one, *given_demands[0][:2]) for one in data) == lowest


mixed = st.lists(
    st.tuples(
        st.sampled_from([*CLASSES]),
        st.sampled_from([*HALVES]),
        st.sampled_from(["at_least", "at_most"]),
        st.integers(1, 3),
    ),
    min_size=2,
    max_size=4,
)


@pytest.mark.slow
@given(mixed)
@settings(max_examples=40, deadline=None)
def test_what_is_said_of_demands_a_search_through_all_data_finds_too(wanted):
    """Clashes are clashes and as small as can be, all of them are found; excess and agreement are by what is said."""
    lines = [f"T{i} {metric} {window} {sense}: {n} 个" for i, (metric, window, sense, n) in enumerate(wanted)]
    relations = found(*lines)
    assert any(kind == "clash" for kind, *_ in relations) == (not meeting(wanted))
    for kind, whole, parts, amount, _ in relations:
        some = [wanted[int(name[1:])] for name in sorted(parts)]
        metric, window, sense, number = wanted[int(whole[1:])]
        if kind == "clash":
            assert not meeting(some)
            assert all(meeting(one for one in some if one is not left) for left in some)
        elif kind == "exceed" or (kind == "agree" and sense == "at_least"):
            assert min(counted(data, metric, window) for data in meeting(some)) == amount
            assert (amount > number) == (kind == "exceed")


# --- the shipped campaigns -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def yanjiang():
    """The relations of Yanjiang's demands, in 亿 of their base unit where they are money."""
    return told(consistency.relations(driver.load("yanjiang_2023").checked))


def of(relations, whole, kind):
    """(parts, amount, gap) of the relations of one kind of one target."""
    return [rest for one, name, *rest in relations if (one, name) == (kind, whole)]


TRACKS = {"YJ-S1-07", "YJ-S1-11", "YJ-S1-16", "YJ-S1-19", "YJ-S1-22", "YJ-S1-25"}


def test_yanjiang_projects_of_the_tracks_are_those_of_the_year(yanjiang):
    """YJ-Y-01: 5 + 3 + 4 + 2 + 1 + 5 = 20, of which 3 + 2 are binding."""
    parts = {"YJ-S1-06", "YJ-S1-10", "YJ-S1-15", "YJ-S1-18", "YJ-S1-21", "YJ-S1-24"}
    assert of(yanjiang, "YJ-Y-01", "agree") == [[parts, 20, 0]]
    assert of(yanjiang, "YJ-Y-01", "strive") == [[parts, 5, 15]]


def test_yanjiang_quarters_and_tracks_both_come_to_the_year(yanjiang):
    """YJ-Y-02: 25 + 20 + 25 + 10 = 80, and 25 + 5 + 30 + 5 + 5 + 10 = 80."""
    quarters = {"YJ-Q1-03", "YJ-Q2-02", "YJ-Q3-02", "YJ-Q4-02"}
    assert of(yanjiang, "YJ-Y-02", "agree") == [[quarters, 80 * YI, 0], [TRACKS, 80 * YI, 0]]


def test_yanjiang_rests_on_what_is_striven_for(yanjiang):
    """YJ-Y-02: of the 80 only 5 + 5 are binding in the tracks, 70 are striven for."""
    assert of(yanjiang, "YJ-Y-02", "strive") == [[TRACKS, 10 * YI, 70 * YI]]


def test_yanjiang_tracks_and_the_medicine_of_the_second_quarter_are_ninety(yanjiang):
    """YJ-Q2-05, YJ-S1-11: 10 beside the track's 5 make the tracks 80 + 10."""
    assert of(yanjiang, "YJ-Y-02", "exceed") == [[TRACKS | {"YJ-Q2-05"}, 90 * YI, 10 * YI]]


def test_yanjiang_out_of_province_is_three_short(yanjiang):
    """YJ-Y-03: 15 + 10 + 15 + 5 = 45 of 48."""
    quarters = {"YJ-Q1-04", "YJ-Q2-03", "YJ-Q3-03", "YJ-Q4-03"}
    assert of(yanjiang, "YJ-Y-03", "below") == [[quarters, 45 * YI, 3 * YI]]


def test_yanjiang_actual_investment_comes_out(yanjiang):
    """YJ-Y-05: 8 + 8 + 8 + 6 = 30."""
    quarters = {"YJ-Q1-06", "YJ-Q2-06", "YJ-Q3-05", "YJ-Q4-05"}
    assert of(yanjiang, "YJ-Y-05", "agree") == [[quarters, 30 * YI, 0]]


def test_yanjiang_foreign_investment_comes_out_exactly(yanjiang):
    """YJ-Y-06: 4 × 0.015 = 0.06."""
    quarters = {"YJ-Q1-07", "YJ-Q2-07", "YJ-Q3-06", "YJ-Q4-06"}
    assert of(yanjiang, "YJ-Y-06", "agree") == [[quarters, Fraction("0.06") * YI, 0]]


def test_yanjiang_has_two_rates_for_the_last_day(yanjiang):
    """YJ-Y-08 and YJ-Q4-10: 90 % and 80 %; YJ-Y-09 and YJ-Q4-11: 80 % and 60 %; the funds rate has one number only."""
    numbers = {whole: rest for kind, whole, *rest in yanjiang if kind == "numbers"}
    assert numbers == {
        "YJ-Y-08": [{"YJ-Q4-10"}, Fraction(8, 10), Fraction(1, 10)],
        "YJ-Y-09": [{"YJ-Q4-11"}, Fraction(6, 10), Fraction(2, 10)],
    }


def test_yanjiang_third_quarter_has_an_overlap(yanjiang):
    """YJ-Q3-04: 15 + 15 > 25, so at least 5 is both; the other quarters have room: 15 + 5, 10 + 10, 5 + 5."""
    assert [one for one in yanjiang if one[0] == "overlap"] == [
        ("overlap", "YJ-Q3-02", {"YJ-Q3-03", "YJ-Q3-04"}, 5 * YI, 0)
    ]


def test_yanjiang_tracks_cannot_wait_for_the_last_quarter(yanjiang):
    """YJ-Q4-04: the last quarter asks for 10 of everything; food's 25 and the town's 30 alone need 45 before."""
    assert of(yanjiang, "YJ-Q4-02", "wait") == [[{"YJ-S1-07", "YJ-S1-16"}, 45 * YI, 0]]


def test_yanjiang_town_tracks_need_thirty_before_the_last_quarter():
    """YJ-Q4-04: 30 + 5 + 5 = 40 less the 10 of the last quarter."""
    model = model_of(driver.load("yanjiang_2023").checked)
    by_id = {one.id: one for one in model.demands}
    tracks = [by_id[name] for name in ("YJ-S1-16", "YJ-S1-19", "YJ-S1-22")]
    last = by_id["YJ-Q4-02"]
    early = {name: 1 for one in tracks for name in one.top if name not in last.top}
    rows = [*(one.row for one in tracks), last.against("<=", last.number)]
    assert least(model, early, rows) == 30 * YI


def test_xinfeng_lands_every_company_that_is_signed():
    """XF-OBJ-01: 4 + 3 + 3 signed, 10 landed: none may be lost."""
    assert told(consistency.relations(driver.load("xinfeng_100days").checked)) == [
        ("stages", "XF-OBJ-01", {"XF-JUN-03", "XF-JUL-03", "XF-AUG-03"}, 10, 0)
    ]


@pytest.mark.parametrize("name", ["guangyuan_2023_2025", "sichuan_2023_q3", "sichuan_2024_reply_0798"])
def test_the_other_documents_ask_for_nothing_that_does_not_go_together(name):
    """GY-1.2-02: 200 projects a year do not contradict the three years' funds, nor do they follow from each other."""
    assert consistency.relations(driver.load(name).checked) == ()


def test_yanjiang_of_another_reading_is_found_out():
    """Where the medicine numbers stand for the whole track, 5 in the year is less than 10 in the second quarter."""
    checked = driver.load("yanjiang_2023", readings={"health_scope": "whole"}).checked
    relations = told(consistency.relations(checked))
    assert of(relations, "YJ-S1-11", "exceed") == [[{"YJ-Q2-05"}, 10 * YI, 5 * YI]]
    assert of(relations, "YJ-Y-02", "exceed") == [[(TRACKS - {"YJ-S1-11"}) | {"YJ-Q2-05"}, 85 * YI, 5 * YI]]


# --- bounds ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_whole_check_takes_two_seconds_at_most():
    """In a fresh process, the imports included, on the largest campaign."""
    began = time.process_time()
    code = (
        "import time; from campaignrules import driver; c = driver.load('yanjiang_2023').checked; t = time.process_time()\n"
        "from campaignrules import consistency; consistency.examine(c); print(time.process_time() - t)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2
    assert time.process_time() - began < 60


def hostile(words, targets):
    """A campaign with a huge vocabulary and a target for each pair of words and window."""
    listed = ", ".join(f"w{i}: 词{i}" for i in range(words))
    text = (
        HEAD
        + f"  big: {{words: {{{listed}}}}}\n"
        + ROWS.replace("      unit: {type: unit}\n", "      big: {type: big}\n")
    )
    metrics = "".join(f"  m{i}: {{of: signed, where: big == 'w{i % words}'}}\n" for i in range(targets))
    lines = "".join(f"  - {{id: T{i}, metric: m{i}, in: each month, at_least: {i + 1} 个}}\n" for i in range(targets))
    return text.replace("targets:\n", metrics + "targets:\n") + lines


@pytest.mark.slow
@pytest.mark.parametrize(("words", "targets"), [(300, 300), (60, 60), (5, 200), (2, 30)])
def test_a_hostile_campaign_is_given_up_in_time(words, targets):
    """Hundreds of words and targets in every month: an answer, or a note that there is none, within seconds."""
    checked = driver.load(hostile(words, targets)).checked
    began = time.process_time()
    consistency.relations(checked)
    assert time.process_time() - began < 5


def test_the_same_is_found_again():
    """Nothing depends on the clock or on the order of sets: two runs give the same texts."""
    checked = driver.load("yanjiang_2023").checked
    first, second = ([one.message for one in consistency.examine(checked)] for _ in range(2))
    assert first == second


def test_a_model_can_be_asked_by_itself():
    """Relations of a model are those of its campaign."""
    checked = campaign("Y amount 2023 at_least: 45 亿元", *QUARTERS)
    assert told(related(model_of(checked))) == told(consistency.relations(checked))


# --- through the command ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", driver.shipped())
def test_a_shipped_campaign_is_at_fault_only_where_its_document_is(name):
    """Every warning of `check` is acknowledged in the file, and nothing acknowledged is left behind."""
    said = driver.check(name).checked.warnings
    assert [one.code for one in said if one.severity == "warning"] == []


def test_yanjiang_says_why_its_findings_stand():
    """What the document asks for is known, and shown as acknowledged with its reason."""
    said = {(one.code, one.subject): one for one in driver.check("yanjiang_2023").checked.warnings}
    stands = said["parts-below-whole", "YJ-Y-03"]
    assert stands.acknowledged is not None
    assert "45 亿元" in stands.message.zh
    assert "差 3 亿元" in stands.message.zh
    for code, subject in (
        ("two-numbers-one-day", "YJ-Y-08"),
        ("two-numbers-one-day", "YJ-Y-09"),
        ("rests-on-strive", "YJ-Y-02"),
        ("parts-exceed-whole", "YJ-Y-02"),
        ("parts-overlap", "YJ-Q3-02"),
        ("parts-cannot-wait", "YJ-Q4-02"),
    ):
        assert said[code, subject].acknowledged is not None


def test_the_places_of_a_finding_are_its_clauses():
    """Each quarter stands among the places with its clause and number, in both languages."""
    said = driver.check("yanjiang_2023").checked.warnings
    (stands,) = [one for one in said if (one.code, one.subject) == ("parts-below-whole", "YJ-Y-03")]
    assert [text.en.split(" ")[0] for _, text in stands.related] == ["YJ-Q1-04", "YJ-Q2-03", "YJ-Q3-03", "YJ-Q4-03"]
    assert [text.zh.rsplit("：", 1)[1] for _, text in stands.related] == [
        "q1 15 亿元",
        "q2 10 亿元",
        "q3 15 亿元",
        "q4 5 亿元",
    ]
    assert all(span.line > 0 for span, _ in stands.related)


@pytest.mark.slow
def test_nobody_who_loads_waits_for_the_solver():
    """Loading and evaluating import nothing of the consistency check, and the check imports no other solver."""
    code = (
        "import sys; from campaignrules import driver; driver.load('yanjiang_2023').plan\n"
        "assert not any(name.startswith('campaignrules.consistency') for name in sys.modules)\n"
        "driver.check('sichuan_2024_reply_0798'); assert 'z3' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
