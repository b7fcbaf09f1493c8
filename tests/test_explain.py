"""Explanations: they say what the results say, name rows, days, formulas and clauses, and speak two languages."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings

import campaignrules
from campaignrules.errors import CampaignError
from campaignrules.explain import Explanation, render_explanation
from tests.strategies import cases
from tests.test_cases import FOLDERS, expectation

CAMPAIGN = """\
campaign: sample
title: {zh: 样例, en: sample}
documents: {plan: {title: {zh: 方案, en: the plan}}}
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {county: 县区}, roster: [{id: x, title: {zh: 甲县, en: X}, class: county}, {id: y, title: {zh: 乙县, en: Y}, class: county}]}
parameters:
  quota: {type: 个, title: {zh: 名额, en: quota}, deferred: {by: {zh: 另行印发, en: to be issued}}}
readings:
  whose:
    title: {zh: 对谁, en: whose}
    chosen: each
    options:
      each: {title: {zh: 各县, en: each county}}
      whole: {title: {zh: 全市合计, en: the total}, set: {targets.T-1.for: campaign}}
records:
  project:
    title: {zh: 项目, en: projects}
    key: id
    fields:
      id: {type: text}
      unit: {type: unit}
      signed_on: {type: date}
      started_on: {type: date, required: false}
      amount: {type: quantity, unit: 亿元, decimals: 2}
screening:
  - {id: S-1, record: project, drop: amount == 0 * 元, source: 三}
metrics:
  signed: {sum: project.amount, on: signed_on, title: {zh: 签约额, en: amount signed}}
  started: {rate: {of: project, reached: started_on}, on: signed_on}
  per_start: {formula: signed / started}
  faster: {growth: signed, against: year}
targets:
  - {id: T-1, title: {zh: 签约, en: signings}, metric: signed, in: [2023H1, 2023H2], for: each county, at_least: 10 亿元, lead: [发改局], source: 二(一)}
  - {id: T-2, metric: per_start, in: 2023, at_least: 1 亿元}
  - {id: T-3, metric: started, in: 2023, at_least: 90%}
  - {id: T-4, metric: signed, in: 2023, at_most: 3 亿元, awaits: [quota]}
  - {id: T-5, metric: faster, in: 2023, at_least: 10%}
duties:
  - {id: D-1, title: {zh: 报送, en: report}, for: each county, every: month, due: [day 15, last day], in: 2023H1}
  - {id: D-2, by: 2023-03-31}
"""
PROJECTS = [
    {"id": "p1", "unit": "x", "signed_on": "2023-02-01", "started_on": "2023-03-01", "amount": "3"},
    {"id": "p2", "unit": "x", "signed_on": "2023-04-30", "started_on": "", "amount": "1.5"},
    {"id": "p3", "unit": "y", "signed_on": "2023-04-01", "started_on": "", "amount": "0"},
    {"id": "p4", "unit": "y", "signed_on": "2022-04-01", "started_on": "", "amount": "2"},
]
ATTESTED = [{"duty": "D-2", "unit": "", "on": "2023-04-02"}, {"duty": "D-1", "unit": "x", "on": "2023-04-20"}]


def explained(item, unit=None, window=None) -> Explanation:
    """The explanation of an item of the sample, as known on 30 April."""
    campaign = campaignrules.load(CAMPAIGN)
    return campaign.evaluate({"project": PROJECTS, "attestations": ATTESTED}, as_of="2023-04-30").explain(
        item, unit, window
    )


def refusal(*args) -> str:
    """What is said when an item, unit or window is not there."""
    with pytest.raises(CampaignError) as caught:
        explained(*args)
    assert len(caught.value.diagnostics) == 1
    return str(caught.value)


def test_a_target_is_explained_down_to_its_rows_in_chinese():
    """Value, reason, rows, screens, days, demand, ratio, pace and what is still needed."""
    assert (
        render_explanation(explained("T-1", "x"), "zh")
        == """\
T-1 签约 · 甲县 · 2023H1 (2023-01-01..2023-06-30)：4.5 亿元 [落后]
  原因：还没有达到，也落后于时间进度（到今天应有 6.629834254144 亿元）
  条款：二(一)
  文件：方案
  读法：对谁：各县
  牵头：发改局
  签约额（signed）：4.5 亿元 = sum: project.amount
    行：项目 2 行（p1 (3 亿元)、p2 (1.5 亿元)）
    筛查 S-1：drop: amount == 0 * 元
      条款：三
    计入日期：2023-01-01 ≤ signed_on ≤ 2023-04-30
  要求：不低于：10 亿元
  完成比例：45% = 4.5 ÷ 10
  时间进度：66.2983425414% = 已过 120 天 ÷ 共 181 天
  比时间进度：-21.2983425414 个百分点
  差距：5.5 亿元
  此后每天需要：0.090163934426 亿元 = 差距 ÷ 剩余 61 天
"""
    )


def test_a_formula_is_explained_in_english_with_its_values_and_its_metrics_below():
    """The formula as written, with values in it, and a branch for each metric."""
    assert (
        render_explanation(explained("T-2"), "en")
        == """\
T-2 · the whole · 2023 (2023-01-01..2023-12-31): 9 亿元 [on track]
  because: it holds so far; 2023-12-31 decides
  document: the plan
  per_start: 9 亿元 = signed / started = 4.5 亿元 / 50%
    amount signed (signed): 4.5 亿元 = sum: project.amount
      rows: 2 of projects (p1 (3 亿元), p2 (1.5 亿元))
      screen S-1: drop: amount == 0 * 元
        clause: 三
      counted by date: 2023-01-01 ≤ signed_on ≤ 2023-04-30
    started: 50% = rate: project = 1 ÷ 2
      screen S-1: drop: amount == 0 * 元
        clause: 三
      counted by date: 2023-01-01 ≤ signed_on ≤ 2023-04-30
      reached: started_on
        rows: 1 of projects (p1)
      cohort
        rows: 2 of projects (p1, p2)
  demanded: at least: 1 亿元
  ratio: 900% = 9 ÷ 1
"""
    )


def test_growth_shows_both_windows_cut_after_the_same_number_of_days():
    """The earlier window ends as far from its start as today is from this one's."""
    text = render_explanation(explained("T-5"), "en")
    assert "faster: 125% = 4.5 亿元 ÷ 2 亿元 - 1" in text
    assert "amount signed (signed) · 2022-01-01..2022-04-30: 2 亿元" in text


def test_a_deferred_target_names_what_it_waits_for_and_who_settles_it():
    """The status alone would not say whom to ask."""
    reason = explained("T-4").reason
    assert reason is not None
    assert (reason.zh, reason.en) == ("等待明确：名额（quota，另行印发）", "waits for: quota (quota, to be issued)")


def test_a_duty_shows_the_proof_and_the_days_in_which_it_counts():
    """The latest occurrence that has begun is explained when no window is asked for."""
    assert (
        render_explanation(explained("D-1", "甲县"), "zh")
        == """\
D-1 报送 · 甲县 · 2023-04 (2023-04-30)：2023-04-20 做到 [已完成]
  原因：按期做到（2023-04-30 到期）
  文件：方案
  按期：2023-04-16 ≤ on ≤ 2023-04-30
  报送的佐证
    行：事项完成情况 1 行（#2 (2023-04-20)）
"""
    )
    assert "because: due on 2023-03-31, done later" in render_explanation(explained("D-2"), "en")


def test_several_results_are_listed_in_brief():
    """Without a unit every subject is named, without its steps; a window with two due dates has two results."""
    both = explained("T-1", None, "2023H1")
    assert [child.status for child in both.children] == ["behind", "behind"]
    assert not any(child.children for child in both.children)
    assert len(explained("D-1", "x", "2023-04").children) == 2


def test_unknown_items_units_and_windows_are_refused_with_a_suggestion():
    """The nearest name, and those there are."""
    assert "T-1" in refusal("T-l")
    assert "T-1 没有 z 的结果" in refusal("T-1", "z") or "T-1 has no result for z" in refusal("T-1", "z")
    assert "2023H1" in refusal("T-1", "x", "2023H3")
    assert "D-2" in refusal("D-2", None, "2023")


def test_a_target_of_many_rows_names_twenty_and_counts_the_rest():
    """An explanation is for people."""
    rows = [dict(PROJECTS[0], id=f"p{i}") for i in range(23)]
    found = campaignrules.load(CAMPAIGN).evaluate({"project": rows}, as_of="2023-04-30").explain("T-1", "x")
    counted = found.children[0].rows
    assert counted is not None
    assert (counted.total, len(counted.ids)) == (23, 20)
    assert "and 3 more" in render_explanation(found, "en")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_result_of_every_case_can_be_explained(folder):
    """The explanation has the status and the words of both languages."""
    as_of = dt.date.fromisoformat(expectation(folder)["as_of"])
    assert_explained(campaignrules.load(folder / "campaign.yaml").evaluate(folder / "data", as_of=as_of))


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(cases())
def test_every_result_of_drawn_campaigns_can_be_explained(case):
    """Whatever was evaluated can be explained."""
    assert_explained(campaignrules.load(case.text).evaluate(case.tables, as_of=case.as_of), most=15)


def assert_explained(evaluation, most=1000) -> None:
    """Each result has an explanation that states its status, or lists it among those of its window."""
    results = [(row.target, row) for row in evaluation.results.progress]
    results += [(row.duty, row) for row in evaluation.results.duties]
    for item, row in results[:most]:
        found = evaluation.explain(item, row.unit or "campaign", row.window)
        listed = [found] if found.status else found.children
        assert row.status in [one.status for one in listed]
        assert all(render_explanation(found, lang) for lang in ("zh", "en"))
