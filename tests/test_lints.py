"""Lints: what `check` finds beside what a page shows, where it holds its tongue, and what it finds in the campaigns."""

import time
from functools import cache

import pytest

from campaignrules import driver
from campaignrules.consistency import LINTS
from tests.test_advice import completed

SHIPPED = ("guangyuan_2023_2025", "sichuan_2023_q3", "sichuan_2024_reply_0798", "xinfeng_100days", "yanjiang_2023")


def checked(piece):
    """The piece, completed to a campaign and checked."""
    return driver.load(completed(piece)).checked


def lints(piece):
    """(code, subject, severity) of what the lints find in a piece."""
    return sorted((one.code, one.subject, one.severity) for look in LINTS for one in look(checked(piece)))


def codes(piece):
    """The codes that the lints find in a piece."""
    return [code for code, *_ in lints(piece)]


@cache
def said(name):
    """(code, subject) → finding in a shipped campaign."""
    return {(one.code, one.subject): one for one in driver.check(name).checked.warnings}


# -- what the inventory of the documents found by hand ------------------------------------------------------------------

# (campaign, code, subject): the inventory id, and what a person worked out
INVENTORY = {
    ("sichuan_2023_q3", "phases-fill-period", "campaign"): ("S23-P0-01", "7 + 100 + 7 = 114"),
    ("sichuan_2023_q3", "nominal-days-hold", "campaign"): ("S23-P2-01", "2023-05-22 to 2023-08-29"),
    ("sichuan_2023_q3", "due-when-evaluated", "S23-P3-02"): ("S23-P3-01", "2023-09-05"),
    ("sichuan_2023_q3", "days-after-last-due", "S23-R3-01"): ("S23-R3-01", "2 days before 2023-09-05"),
    ("yanjiang_2023", "nominal-days", "q3"): ("YJ-Q3-01", "it has 92"),
    ("yanjiang_2023", "row-in-several-targets", "YJ-Q1-04"): ("YJ-Q1-05", "YJ-Q1-05"),
    ("yanjiang_2023", "row-in-several-targets", "YJ-Q3-03"): ("YJ-Q3-04", "YJ-Q3-04"),
    ("xinfeng_100days", "nominal-days", "campaign"): ("XF-H-02", "it has 92"),
    ("xinfeng_100days", "phases-fill-period", "campaign"): ("XF-H-02", "30 + 31 + 31 = 92"),
    ("xinfeng_100days", "row-in-several-targets", "XF-OBJ-01"): ("XF-H-03", "XF-OBJ-02"),
    ("xinfeng_100days", "weights-sum", "drive"): ("XF-A1-02", "60% + 20% + 20%"),
    ("xinfeng_100days", "worths-sum", "monthly"): ("XF-A1-01", "20 + 20 + 20 + 20 + 20 = 100"),
    ("xinfeng_100days", "one-missing-takes-all", "monthly.basics"): ("XF-R3-06", "2 are required"),
    ("xinfeng_100days", "days-after-last-due", "XF-M5-01"): ("XF-M5-02", "2023-08-30, 1 day"),
    ("xinfeng_100days", "scored-not-ranked", "monthly_by_class"): ("XF-A3-02", "squad"),
    ("guangyuan_2023_2025", "scored-otherwise", "yearly_counties.funds"): ("GY-G3-01", "GY-1.2-01"),
}


@pytest.mark.parametrize(("place", "known"), INVENTORY.items(), ids=[" ".join(one) for one in INVENTORY])
def test_what_people_found_in_the_documents_shows_up(place, known):
    """Every such consistency note of the inventory is a finding or an agreement, with the numbers worked out by hand."""
    campaign, *rest = place
    assert known[1] in said(campaign)[tuple(rest)].message.en


@pytest.mark.parametrize("name", SHIPPED)
def test_no_lint_of_a_shipped_campaign_waits_for_an_answer(name):
    """Warnings of lints are acknowledged, and no acknowledgement is idle."""
    open_ = {code for (code, _), one in said(name).items() if one.severity == "warning"}
    campaign = driver.load(name).checked
    lints_ = {one.code for look in LINTS for one in look(campaign)}
    assert not open_ & (lints_ | {"acknowledgement-unused"})


def test_what_a_document_has_at_fault_is_acknowledged_in_its_file():
    """The reasons stand in the campaign files."""
    assert said("yanjiang_2023")["nominal-days", "q3"].acknowledged
    assert said("xinfeng_100days")["one-missing-takes-all", "monthly.basics"].acknowledged
    assert said("sichuan_2023_q3")["due-when-evaluated", "S23-P3-02"].acknowledged


@pytest.mark.parametrize("name", SHIPPED)
def test_agreements_are_notes(name):
    """What goes together is never a warning."""
    agreements = [one for one in said(name).values() if one.agrees]
    assert {one.severity for one in agreements} <= {"note"}


# -- phases and names of time ------------------------------------------------------------------------------------------

PHASE = "phases: {{a: {{from: 2023-01-01, to: {0}}}, b: {{from: {1}, to: {2}}}}}\n"


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        (("2023-06-30", "2023-07-01", "2023-12-31"), ("phases-fill-period", "campaign", "note")),
        (("2023-06-30", "2023-06-30", "2023-12-31"), ("phases-overlap", "b", "warning")),
        (("2023-12-31", "2023-03-01", "2023-04-30"), ("phases-overlap", "b", "note")),
        (("2023-06-30", "2023-07-02", "2023-12-31"), ("phases-leave-gap", "b", "warning")),
        (("2023-06-30", "2023-07-01", "2023-12-30"), ("phases-leave-gap", "b", "note")),
    ],
)
def test_phases_are_held_against_each_other_to_the_day(dates, found):
    """One day more or less makes an overlap or a gap; inside another and at the edge it is a note."""
    assert found in lints(PHASE.format(*dates))


def test_one_phase_divides_nothing():
    """A single named window is no attempt to fill the period."""
    assert not [
        code for code in codes("phases: {a: {from: 2023-02-01, to: 2023-03-31}}\n") if code.startswith("phases")
    ]


@pytest.mark.parametrize(
    ("title", "days"),
    [
        ("百日攻坚", 100),
        ("一百二十天行动", 120),
        ("二十一日冲刺", 21),
        ("{zh: 攻坚, en: hundred-day drive}", 100),
        ("{zh: 攻坚, en: 60 days of work}", 60),
        ("{zh: 攻坚, en: Sixty-day drive}", 60),
        ("三天两头", None),
        ("5月15日部署", None),
        ("每月15日", None),
        ("30日前报送", None),
        ("双百活动", None),
    ],
)
def test_a_number_of_days_is_read_in_names(title, days):
    """In digits, Chinese and English; dates, deadlines and small numbers are none."""
    found = codes(f"phases: {{a: {{title: {title}, from: 2023-01-01, to: 2023-01-31}}}}\n")
    nominal = [code for code in found if code.startswith("nominal-days")]
    assert nominal == ([] if days is None else ["nominal-days"])


def test_a_campaign_may_be_named_after_its_main_phase():
    """A phase of exactly a hundred days is enough for the name of the whole."""
    text = "title: 百日攻坚\nphases: {a: {from: 2023-05-22, to: 2023-08-29}}\n"
    assert ("nominal-days-hold", "campaign", "note") in lints(text)
    assert ("nominal-days", "campaign", "warning") in lints(text.replace("08-29", "08-28"))


# -- deadlines ---------------------------------------------------------------------------------------------------------

DUTY = "duties:\n  - {{id: D, title: t, for: each unit, {0}}}\n"


@pytest.mark.parametrize(
    ("when", "severity"),
    [
        ("every: month, due: [day 28]", None),
        ("every: month, due: [day 30]", "note"),
        ("every: month, due: [day 31]", "note"),
        ("every: month, due: [day 31], in: 2023-06", "warning"),
        ("every: month, due: [day 31 of next month], in: 2023Q2", "note"),
        ("every: month, due: [workday 15]", None),
        ("every: month, due: [workday 25]", "warning"),
        ("every: week, due: [workday 6]", "warning"),
        ("every: week, due: [friday]", None),
    ],
)
def test_a_day_that_a_month_lacks_is_told(when, severity):
    """A warning where no window has it, else a note."""
    found = [grave for code, _, grave in lints(DUTY.format(when)) if code == "no-such-day"]
    assert found == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("by: 2022-12-31", "deadline-outside-period"),
        ("by: 2024-01-01", "deadline-outside-period"),
        ("in: 2024Q1", "window-outside-period"),
        ("every: month, due: [day 20], in: 2023-03-01..2023-03-15", "never-due"),
    ],
)
def test_a_deadline_outside_the_period_is_told(when, code):
    """Before the first day and after the last one, and one that never comes."""
    assert code in codes(DUTY.format(when))


@pytest.mark.parametrize("when", ["by: 2023-01-01", "by: 2023-12-31", "in: 2023Q4", "every: month", "awaits: []"])
def test_a_deadline_in_the_period_is_not(when):
    """Its first and last days are part of it."""
    assert not {"deadline-outside-period", "window-outside-period", "never-due"} & {*codes(DUTY.format(when))}


def test_a_window_partly_outside_is_a_note():
    """The year of a campaign that begins in April is told, and no more."""
    text = (
        "period: {from: 2023-04-01, to: 2023-12-31}\ntargets:\n  - {id: T, metric: signed, in: 2023, at_least: 5 个}\n"
    )
    assert ("window-outside-period", "T", "note") in lints(text)


# -- weights and worths ------------------------------------------------------------------------------------------------

BY_CLASS = """
units: {classes: {county: 区县, city: 市}, roster: [{id: a, class: county}, {id: b, class: city}]}
scorecards:
  card:
    out_of: 100 分
    missing: zero
    not_applicable: left_out
    items:
      i: {worth: {county: 60 分, city: %s}, earn: {in_proportion_to: trips, required: 2 次}}
      j: {worth: 40 分, for: each county, earn: {in_proportion_to: trips, required: 2 次}}
      k: {worth: 30 分, for: each city, earn: {in_proportion_to: trips, required: 2 次}}
"""


def test_worths_are_added_up_class_by_class():
    """60 + 40 for a county and 70 + 30 for a city are both a full mark; 60 + 30 is not, and the class is named."""
    assert "class-worths-do-not-sum" not in codes(BY_CLASS % "70 分")
    assert codes(BY_CLASS % "70 分").count("worths-sum") == 2
    found = [
        one for look in LINTS for one in look(checked(BY_CLASS % "60 分")) if one.code == "class-worths-do-not-sum"
    ]
    assert ["city" in one.message.en and "90" in one.message.en for one in found] == [True]


def test_items_for_different_classes_are_not_added_together():
    """Loading the file says nothing of 200 points either."""
    text = BY_CLASS % "70 分"
    assert "worths-do-not-sum" not in {one.code for one in checked(text).warnings}


# -- bands -------------------------------------------------------------------------------------------------------------

STEPS = """
scorecards:
  card:
    missing: zero
    items:
      i: {{worth: 20 分, earn: {{by_steps: {0}, steps: [{1}]{2}}}}}
"""


@pytest.mark.parametrize(
    ("steps", "more", "found"),
    [
        ("{above: 5 次, points: 9 分}, {below: 5 次, points: 3 分}", "", "bands-leave-gap"),
        ("{at_least: 6 次, points: 9 分}, {at_most: 5 次, points: 3 分}", "", "bands-leave-gap"),
        ("{at_least: 6 次, points: 9 分}, {at_most: 5 次, points: 3 分}", ", otherwise: 5 分", None),
        ("{at_least: 5 次, points: 9 分}, {below: 5 次, points: 3 分}", "", None),
        ("{at_least: 5 次, points: 9 分}, {at_most: 5 次, points: 3 分}", "", None),
        ("{at_least: 9 次, points: 9 分}, {at_least: 5 次, points: 3 分}", "", None),
        ("{at_least: 5 次, points: 9 分}, {at_least: 5 次, points: 3 分}", "", "unreachable-step"),
        ("{at_least: 5 次, points: 9 分}, {above: 5 次, points: 3 分}", "", "unreachable-step"),
        ("{above: 5 次, points: 9 分}, {at_least: 5 次, points: 3 分}", "", None),
        (
            "{at_least: 5 次, points: 9 分}, {below: 5 次, points: 3 分}, {at_least: 1 次, points: 2 分}",
            "",
            "unreachable-step",
        ),
        (
            "{at_least: 5 次, points: 9 分}, {at_most: 9 次, points: 3 分}, {at_most: 20 次, points: 2 分}",
            "",
            "unreachable-step",
        ),
    ],
)
def test_steps_are_held_against_each_other_to_the_limit(steps, more, found):
    """Gaps and steps of which nothing is left are told; what `otherwise` takes is no gap."""
    there = {"bands-leave-gap", "unreachable-step"} & {*codes(STEPS.format("trips", steps, more))}
    assert there == ({found} if found else set())


def test_a_step_inside_a_wider_one_is_told_once():
    """Loading the file says it already."""
    text = STEPS.format("trips", "{at_least: 5 次, points: 9 分}, {at_least: 9 次, points: 12 分}", "")
    assert "unreachable-step" not in codes(text)
    assert "unreachable-step" in {one.code for one in checked(text).warnings}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("metric: landing_rate, at_least: 100%", None),
        ("metric: landing_rate, at_least: 101%", "target-out-of-reach"),
        ("metric: landing_rate, at_most: 100%", "target-always-met"),
        ("metric: landing_rate, at_most: 99%", None),
        ("metric: landing_rate, exactly: 150%", "target-out-of-reach"),
        ("metric: signed, at_most: 0 个", None),
        ("metric: signed, at_least: 0 个", "target-always-met"),
        ("metric: signed, at_least: 1000000 个", None),
        ("metric: amount, at_least: 0 亿元", None),
        ("metric: trips, at_least: 0 次", None),
    ],
)
def test_targets_are_held_against_what_a_metric_can_be(target, code):
    """A cohort's share lies between nothing and all, a count is not negative; of sums nothing is known."""
    found = {"target-out-of-reach", "target-always-met"} & {*codes(f"targets:\n  - {{id: T, in: 2023, {target}}}\n")}
    assert found == ({code} if code else set())


# -- cliffs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "falls"),
    [
        ("by_steps: trips, steps: [{at_least: 9 次, points: 5 分}, {at_least: 5 次, points: 9 分}]", True),
        ("by_steps: trips, steps: [{at_least: 9 次, points: 9 分}, {at_least: 5 次, points: 5 分}]", False),
        ("by_steps: trips, steps: [{at_most: 1 次, points: 9 分}, {at_most: 5 次, points: 5 分}]", False),
        ("by_steps: trips, steps: [{at_most: 1 次, points: 5 分}, {at_most: 5 次, points: 9 分}]", True),
        ("by_steps: trips, steps: [{at_least: 5 次, points: 9 分}], otherwise: 10 分", False),
        ("interpolated: trips, table: [[0 次, 0 分], [5 次, 9 分], [9 次, 8 分]]", True),
        ("interpolated: trips, table: [[0 次, 0 分], [5 次, 9 分], [9 次, 9 分]]", False),
        ("by_brackets: trips, brackets: [{up_to: 5 次, each: 1 次, points: 2 分}, {each: 1 次, points: -1 分}]", True),
        ("by_brackets: trips, brackets: [{up_to: 5 次, each: 1 次, points: 2 分}, {each: 1 次, points: 1 分}]", False),
    ],
)
def test_points_that_rise_and_fall_are_told(way, falls):
    """All the way up, or all the way down, is a rule; both is a slip."""
    text = f"scorecards: {{card: {{missing: zero, items: {{i: {{worth: 20 分, earn: {{{way}}}}}}}}}}}\n"
    assert ("points-fall" in codes(text)) == falls


@pytest.mark.parametrize(
    ("lose", "all_"),
    [
        ("each_missing: T, points: 5 分, times: 2", True),
        ("each_missing: T, points: 5 分", False),
        ("each_missing: T, points: 10 分", True),
        ("each_missing: T, points: 9 分", False),
        ("each_missing: T, points: 20 分", True),
        ("each_missing: trips, required: 3 次, points: 5 分, times: 2", False),
        ("each_missing: trips, required: 2 次, points: 5 分, times: 2", True),
    ],
)
def test_one_missing_thing_is_weighed_against_all_it_can_earn(lose, all_):
    """Two trips of five points earn ten: a loss of ten takes all, one of nine does not."""
    text = (
        "targets:\n  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 2 次}\n"
        "scorecards: {card: {missing: zero, items: {i: {worth: 20 分, earn: {each: trips, points: 5 分}, "
        f"lose: {{{lose}}}, floor: 0 分}}}}}}}}\n"
    )
    assert ("one-missing-takes-all" in codes(text)) == all_


@pytest.mark.parametrize(
    ("target", "item", "against"),
    [
        ("at_least: 5 个", "earn: {each: signed, points: 1 分}", False),
        ("at_least: 5 个", "earn: {formula: 9 * 分}, lose: {each: signed, points: 1 分}", True),
        ("at_most: 5 个", "earn: {formula: 9 * 分}, lose: {each: signed, points: 1 分}", False),
        ("at_most: 5 个", "earn: {each: signed, points: 1 分}", True),
        ("at_least: 5 个", "earn: {in_proportion_to: signed, required: 5 个, better: less, when_zero: zero}", True),
        ("at_least: 5 个", "earn: {by_steps: signed, steps: [{at_most: 5 个, points: 5 分}]}", True),
        ("at_least: 5 个", "earn: {by_steps: signed, steps: [{at_least: 5 个, points: 5 分}]}", False),
    ],
)
def test_points_and_targets_must_want_the_same(target, item, against):
    """At least so many and fewer points for more do not go together."""
    text = (
        f"targets:\n  - {{id: T, metric: signed, in: 2023, for: each unit, {target}}}\n"
        f"scorecards: {{card: {{missing: zero, items: {{i: {{worth: 9 分, {item}, floor: 0 分}}}}}}}}\n"
    )
    assert ("points-against-target" in codes(text)) == against


@pytest.mark.parametrize(
    ("lose", "reversed_"),
    [
        ("each_missing: T, points: 5 分, times: -2", True),
        ("each_missing: T, points: -5 分, times: 2", True),
        ("each_missing: T, points: -5 分, times: -2", False),
        ("each_missing: T, points: 5 分", False),
    ],
)
def test_a_deduction_with_a_minus_is_a_gain(lose, reversed_):
    """One minus too many; two of them cancel."""
    text = (
        "targets:\n  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 9 次}\n"
        f"scorecards: {{card: {{missing: zero, items: {{i: {{worth: 20 分, lose: {{{lose}}}, floor: 0 分}}}}}}}}\n"
    )
    assert ("sign-reversed" in codes(text)) == reversed_


@pytest.mark.parametrize(("floor", "above"), [("20 分", True), ("-20 分", False), ("0 分", False), ("none", False)])
def test_a_deduction_of_at_most_twenty_ends_at_minus_twenty(floor, above):
    """最多扣20分 written as a floor of 20 would give twenty points to whoever loses none."""
    text = f"scorecards: {{card: {{missing: zero, items: {{i: {{kind: deduction, lose: {{each: trips, points: 5 分}}, floor: {floor}}}}}}}}}\n"
    assert ("deduction-above-zero" in codes(text)) == above


def test_a_metric_wanted_both_ways_says_nothing_of_its_points():
    """At least five and at most nine: more may be right or wrong."""
    text = (
        "targets:\n  - {id: T, metric: signed, in: 2023, for: each unit, at_least: 5 个}\n"
        "  - {id: U, metric: signed, in: 2023, for: each unit, at_most: 9 个}\n"
        "scorecards: {card: {missing: zero, items: {i: {worth: 9 分, earn: {each: signed, points: 1 分}}}}}\n"
    )
    assert "points-against-target" not in codes(text)


# -- twice -------------------------------------------------------------------------------------------------------------

TWO = "targets:\n  - {{id: A, metric: signed, {0}}}\n  - {{id: B, metric: signed, {1}}}\n"


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        ("in: 2023, at_least: 5 个", "in: 2023, at_least: 5 个", True),
        ("in: 2023, at_least: 5 个", "in: 2023, at_least: 8 个", True),
        ("in: 2023, at_least: 5 个", "in: 2023, at_least: 8 个, force: strive", False),
        ("in: 2023, at_least: 5 个", "in: 2023, at_most: 8 个", False),
        ("in: 2023Q1, at_least: 5 个", "in: 2023Q2, at_least: 5 个", False),
        ("in: each quarter, at_least: 5 个", "in: 2023Q2, at_least: 8 个", True),
        ("in: 2023, for: each unit, at_least: 1 个", "in: 2023, at_least: 8 个", False),
        ("in: 2023, for: each unit, at_least: 1 个", "in: 2023, for: each county, at_least: 2 个", True),
        ("in: 2023, for: a, at_least: 1 个", "in: 2023, for: b, at_least: 2 个", False),
    ],
)
def test_one_demand_is_made_once(one, other, twice):
    """The same metric, window, units, direction and force."""
    assert ("same-demand-twice" in codes(TWO.format(one, other))) == twice


ROWS = """
vocabularies: {{kind: {{words: {{new: 新, old: 旧, other: 其他}}}}}}
records:
  project:
    key: id
    fields:
      id: {{type: text}}
      unit: {{type: unit}}
      kind: {{type: kind}}
      listed: {{type: bool}}
      investment: {{type: quantity, unit: 亿元}}
      signed_on: {{type: date}}
metrics:
  whole: {{count: project, on: signed_on}}
  one: {{of: whole, where: "{0}"}}
  two: {{of: whole, where: "{1}"}}
targets:
  - {{id: A, metric: one, in: 2023, at_least: 1 个}}
  - {{id: B, metric: two, in: 2023, at_least: 1 个}}
"""


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        ("kind == 'new'", "listed", True),
        ("kind == 'new'", "kind == 'old'", False),
        ("kind in ['new', 'other']", "kind == 'old'", False),
        ("kind in ['new', 'other']", "kind in ['old', 'other']", True),
        ("kind == 'new' or kind == 'other'", "kind == 'old'", False),
        ("kind == 'new' or listed", "kind == 'old'", True),
        ("listed and kind == 'new'", "not listed", False),
        ("investment >= 10 * 亿元", "investment < 10 * 亿元", False),
        ("investment >= 10 * 亿元", "investment <= 10 * 亿元", True),
        ("10 * 亿元 < investment", "investment <= 10 * 亿元", False),
        ("investment >= 10 * 亿元", "listed", True),
        ("kind != 'new'", "not (kind == 'old' or kind == 'other')", False),
        ("investment is None", "investment > 0 * 亿元", False),
    ],
)
def test_filters_rule_each_other_out_or_not(one, two, both):
    """By words, truths and limits of one field; anything else may overlap."""
    assert ("row-in-several-targets" in codes(ROWS.format(one, two))) == both


def test_a_part_and_its_whole_are_meant_to_share_rows():
    """Of which is no double counting, nor are a number and an amount."""
    text = ROWS.format("listed", "kind == 'new'").replace("two: {of: whole", "two: {of: one")
    assert "row-in-several-targets" not in codes(text)


# -- never used --------------------------------------------------------------------------------------------------------


def test_what_only_an_unjudged_metric_uses_is_not_judged_either():
    """A chain of metrics that ends in nothing is told as a whole; another reading counts as a use."""
    text = "metrics:\n  a: {reported: 次}\n  b: {formula: a * 2}\n  c: {formula: b * 2}\n"
    assert [s for code, s, _ in lints(text) if code == "metric-not-judged"] == ["a", "b", "c"]
    target = "targets:\n  - {id: T, metric: a, in: 2023, at_least: 4 次}\n"
    other = (
        "readings: {r: {title: t, chosen: x, options: {x: {title: t}, y: {title: t, set: {targets.T.metric: c}}}}}\n"
    )
    assert [s for code, s, _ in lints(text + target) if code == "metric-not-judged"] == ["b", "c"]
    assert "metric-not-judged" not in codes(text + target + other)


def test_words_that_stand_for_the_rest_need_no_condition():
    """其他 is whatever the others are not."""
    text = ROWS.format("kind == 'new'", "kind == 'old'")
    assert "words-not-used" not in codes(text)
    assert "words-not-used" in codes(text.replace("other: 其他", "middle: 中"))


# -- cost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_the_lints_are_quick(name):
    """All of them together take less than 0.3 seconds on a shipped campaign."""
    campaign = driver.load(name).checked
    seconds = []
    for _ in range(3):
        start = time.thread_time()
        assert [one for look in LINTS for one in look(campaign)]
        seconds.append(time.thread_time() - start)
    assert min(seconds) < 0.3


def many(line, count):
    """A list of so many entries, numbered."""
    return "".join(line.replace("#", str(i)) for i in range(count))


HOSTILE = {
    "targets": "targets:\n" + many("  - {id: T#, metric: signed, in: 2023, at_least: # 个}\n", 1500),
    "targets of parts": "metrics:\n  signed: {count: project, on: signed_on}\n"
    + many("  m#: {of: signed, where: investment > # * 亿元}\n", 500)
    + "targets:\n"
    + many("  - {id: T#, metric: m#, in: 2023, at_least: 1 个}\n", 500),
    "phases": "phases:\n" + many("  p#: {from: 2023-01-01, to: 2023-12-31}\n", 1500),
    "weekly duties": "period: {from: 1990-01-01, to: 2020-12-31}\nduties:\n"
    + many("  - {id: D#, title: t, every: week, due: [workday 6]}\n", 20),
    "words": "vocabularies: {v: {words: {" + many("w#: 字, ", 3000) + "}}}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_large_files_cost_no_more_than_they_must(text):
    """Whatever is compared with each other is bounded: two seconds at most, on a machine that is busy."""
    campaign = checked(text)
    start = time.thread_time()
    assert [one for look in LINTS for one in look(campaign)]
    assert time.thread_time() - start < 2
