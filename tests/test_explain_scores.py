"""Explanations of scores, places and honours: the method, the formula with values, the rows, the group, what is open."""

import datetime as dt

import pytest

import campaignrules
from campaignrules import intake
from campaignrules.errors import CampaignError
from campaignrules.explain import explain, render_explanation

CAMPAIGN = """\
campaign: sample
title: {zh: 样例, en: sample}
documents: {plan: {title: {zh: 方案, en: the plan}}}
period: {from: 2023-01-01, to: 2023-12-31}
units:
  classes: {county: 县区}
  roster: [{id: x, title: {zh: 甲县, en: X}, class: county}, {id: y, title: {zh: 乙县, en: Y}, class: county}, {id: z, title: {zh: 丙县, en: Z}, class: county}]
parameters:
  bonus: {type: 分, title: {zh: 加分, en: bonus}, deferred: {by: {zh: 另行通知, en: a later notice}, between: [0 分, 10 分]}}
records:
  trip: {title: {zh: 外出, en: trips}, key: id, fields: {id: {type: text}, unit: {type: unit}, on: {type: date}}}
metrics:
  trips: {count: trip, on: on, title: {zh: 外出次数, en: trips}}
  frauds: {count: trip, on: on, where: id == 'bad'}
scorecards:
  monthly:
    title: {zh: 每月评比, en: monthly score}
    in: [2023-01, 2023-02]
    missing: zero
    source: 附件 一
    cap: 40 分
    gates: [{id: fraud, title: {zh: 弄虚作假, en: fraud}, when: frauds > 0, effect: times, factor: 50%, source: 附件 三}]
    grades: [{id: good, title: {zh: 优秀, en: good}, at_least: 20 分}, {id: fair, title: {zh: 一般, en: fair}}]
    items:
      trips: {title: {zh: 外出招商, en: trips made}, worth: 20 分, earn: {in_proportion_to: trips, required: 2 次}, source: 附件 一(五)}
      best: {worth: 10 分, earn: {formula: "10 * 分 * trips / highest(trips)"}}
      extra: {kind: bonus, cap: 10 分, earn: {formula: "bonus if trips > 2 else 0 * 分"}}
rankings:
  r: {by: monthly, source: 附件 二, ties: shared, change: previous}
honours:
  - {id: H, title: {zh: 榜单, en: list}, kind: list, ranking: r, top: 1 个}
"""
TRIPS = [
    {"id": "t1", "unit": "x", "on": "2023-01-05"},
    {"id": "t2", "unit": "y", "on": "2023-01-06"},
    {"id": "t3", "unit": "y", "on": "2023-01-07"},
    {"id": "bad", "unit": "z", "on": "2023-01-08"},
    {"id": "t5", "unit": "x", "on": "2023-02-08"},
    *({"id": f"u{i}", "unit": "y", "on": "2023-02-09"} for i in range(3)),
]


def told(item, unit=None, window="2023-01", lang="zh") -> str:
    """The explanation as text."""
    checked = campaignrules.load(CAMPAIGN).checked
    taken = intake.take(checked, {"trip": TRIPS})
    rows = {"trip": taken.rows("trip")}
    return render_explanation(explain(checked, rows, taken.roster, dt.date(2023, 3, 31), item, unit, window), lang)


def test_an_item_shows_its_method_its_formula_and_the_rows_behind_it():
    """20 × 1 ÷ 2 = 10."""
    assert (
        told("monthly.trips", "x")
        == """\
monthly.trips 外出招商 · 甲县 · 2023-01 (2023-01-01..2023-01-31)：10 分 [已定]
  条款：附件 一(五)
  文件：方案
  得分项办法：in_proportion_to: trips, required: 2 次
  满分值：20 分
  得分：10 分 = clamp(20 分 × trips ÷ 2 次, 0, 20 分) = clamp(20 分 × 1 个 ÷ 2 次, 0, 20 分)
    外出次数（trips）：1 个 = count: trip
      行：外出 1 行（t1）
      计入日期：2023-01-01 ≤ on ≤ 2023-01-31
"""
    )


def test_a_function_over_the_group_shows_the_number_of_every_member():
    """10 × 1 ÷ 2 = 5, where y has 2."""
    assert (
        told("monthly.best", "x", lang="en")
        == """\
monthly.best · X · 2023-01 (2023-01-01..2023-01-31): 5 points [final]
  document: the plan
  item, by: formula: 10 * 分 * trips / highest(trips)
  worth: 10 points
  points: 5 points = clamp(10 分 × trips ÷ highest(trips), 0, 10 分) = clamp(10 分 × 1 个 ÷ highest(trips), 0, 10 分)
    trips (trips): 1 个 = count: trip
      rows: 1 of trips (t1)
      counted by date: 2023-01-01 ≤ on ≤ 2023-01-31
    highest(trips): 2 个
      because: 3 units of the group have a value
      X: 1 个
      Y: 2 个
      Z: 1 个
"""
    )


def test_a_total_shows_its_items_the_gate_that_applies_and_the_grade():
    """10 + 5 + 0, halved by the gate."""
    text = told("monthly", "z")
    assert text.startswith("monthly 每月评比 · 丙县 · 2023-01 (2023-01-01..2023-01-31)：7.5 分 [已定]\n")
    assert "  各项合计：15 分\n" in text
    assert "  否决封顶 fraud 弄虚作假（times 50%）：是 = frauds > 0 = 1 个 > 0\n    条款：附件 三\n" in text
    assert "  等次：fair 一般 = " in text
    assert "否决封顶" not in told("monthly", "x")


def test_what_is_open_shows_both_ends_and_who_decides_within_which_bounds():
    """A bonus between 0 and 10 points."""
    zh, en = told("monthly.extra", "y", "2023-02"), told("monthly", "y", "2023-02", "en")
    assert "：0 分–10 分 [待明确]\n  原因：等待明确：加分（bonus，另行通知）；bonus 在 0 分 与 10 分 之间\n" in zh
    assert ": 30 points–40 points [deferred]\n" in en
    assert "bonus between 0 分 and 10 分" in en


def test_a_place_shows_the_keys_of_those_above_and_below():
    """x (15) stands between y (30) and z (7.5)."""
    assert (
        told("r", "x")
        == """\
r · 甲县 · 2023-01 (2023-01-01..2023-01-31)：第 2 名（共 3 个） [已定]
  条款：附件 二
  文件：方案
  排名依据：15 分 = points('monthly') = 15 分
    每月评比（points('monthly')） · 2023-01：15 分 [已定]
      原因：外出招商 10 + best 5 + extra 0 = 15
      条款：附件 一
  排在前面：1
    乙县：30 分
      原因：第 1 名（共 3 个）
  排在后面：1
    丙县：7.5 分
      原因：第 3 名（共 3 个）
  并列：并列名次相同，其后跳号（1224）
"""
    )
    assert "  change of place: +0 (positive: risen)\n" in told("r", "x", "2023-02", "en")


def test_an_honour_shows_its_condition_with_values():
    """y is first, x is not."""
    listed = told("H", "y")
    assert (
        "[入选]\n  文件：方案\n  条件：是 = not unranked('r') and place('r') <= 1 个 = not 否 and 1 <= 1 个\n" in listed
    )
    assert "    place('r')：1 [已定]\n    unranked('r')：否 [已定]\n" in listed
    assert "[not listed]" in told("H", "x", lang="en")


def test_without_a_unit_every_unit_is_told_in_brief():
    """Three units, three lines."""
    text = told("monthly.trips")
    assert text.startswith("monthly.trips 外出招商：共 3 个结果，列出 3 个\n")
    assert text.count("monthly.trips 外出招商 · ") == 3


def test_an_unknown_id_lists_what_there_is():
    """Scorecards, items, rankings and honours are named."""
    with pytest.raises(CampaignError) as caught:
        told("monthly.trip")
    assert "monthly.trips" in str(caught.value)


SUBMITTED = """\
campaign: sample
title: t
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {county: 县区}, roster: submitted}
metrics: {signed: {title: 签约额, reported: 亿元}, x: {reported: 分}}
scorecards: {card: {for: [x, nowhere], missing: zero, items: {work: {worth: 10 分, earn: {formula: x}}}}}
rankings: {board: {by: card, then: [signed], ties: shared}}
"""
SUBMITTED_ROWS = {
    "units": [{"id": "x", "class": "county"}],
    "figures": [{"metric": "signed", "unit": "x", "on": "2023-03-01", "value": "16.3"}],
}


@pytest.mark.parametrize("name", ["card", "card.work", "board"])
def test_a_unit_that_the_roster_does_not_have_is_not_explained(name):
    """Neither its points nor its place: nobody submitted it as a unit."""
    evaluation = campaignrules.load(SUBMITTED).evaluate(SUBMITTED_ROWS, as_of="2023-12-31")
    assert "nowhere" not in render_explanation(evaluation.explain(name), "zh")
    with pytest.raises(CampaignError) as caught:
        evaluation.explain(name, "nowhere")
    assert [one.code for one in caught.value.diagnostics] == ["no-such-result"]


def test_a_key_that_decides_between_equals_is_shown_in_its_unit():
    """Money as 亿元, as the metric is shown."""
    evaluation = campaignrules.load(SUBMITTED).evaluate(SUBMITTED_ROWS, as_of="2023-12-31")
    assert "相同时再看：16.3 亿元" in render_explanation(evaluation.explain("board", "x"), "zh")
