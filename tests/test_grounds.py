"""Where a failed expectation points besides its rule; and what is said of faults that only another reading brings."""

import pytest

from campaignrules import cases, driver
from campaignrules.errors import CampaignError

CAMPAIGN = """campaign: shop
title: 小店
period: {from: 2023-01-01, to: 2023-06-30}
phases: {spring: {title: 春季, from: 2023-01-01, to: 2023-03-31}}
units: {classes: {team: 小组}, roster: [{id: a, title: 甲组, class: team}]}
records:
  sale:
    key: id
    fields:
      id: {type: text, title: 编号}
      unit: {type: unit, title: 小组}
      amount: {type: quantity, unit: 万元, decimals: 2, title: 金额}
      sold_on: {type: date, title: 日期}
      void: {type: bool, required: false, title: 作废}
    rules: [{that: amount > 0 * 万元, says: 金额应大于零}]
screening:
  - {id: X-1, record: sale, drop: void, title: 作废的不计, source: 一}
readings:
  large:
    title: 多大算大单
    chosen: three
    options:
      three: {title: 三万元}
      five: {title: 五万元, set: {metrics.big.where: amount >= 5 * 万元}}
metrics:
  orders: {title: 单数, count: sale, on: sold_on, unit: 个}
  big: {title: 大单, of: orders, where: amount >= 3 * 万元}
  income: {title: 金额, sum: sale.amount, on: sold_on, unit: 万元}
targets:
  - {id: T-1, title: 大单, metric: big, at_least: 2 个, source: 一}
  - {id: T-2, title: 单数, metric: orders, in: each month of spring, at_least: 2 个, source: 一}
scorecards:
  card:
    title: 成绩
    for: each team
    missing: missing
    items:
      done: {title: 完成目标, worth: 50 分, earn: {all_or_nothing: met('T-1')}}
      money: {title: 金额, worth: 50 分, earn: {in_proportion_to: income, required: 10 万元}}
    gates: [{id: none, title: 没有单, when: orders == 0, effect: zero}]
"""
CASES = """tests_for: shop
as_of: 2023-07-31
cases:
  - case: one
    READINGS
    given: {sale: [{id: 1, unit: a, amount: 3, sold_on: 2023-02-01}]}
    expect: [EXPECTED]
"""


def places(tmp_path, expected, readings=""):
    """The English words of all places that the failures of an expectation point at."""
    (tmp_path / "shop.yaml").write_text(CAMPAIGN, "utf-8")
    path = tmp_path / "shop.test.yaml"
    path.write_text(CASES.replace("EXPECTED", expected).replace("READINGS", readings), "utf-8")
    (file,) = cases.run([path])
    failures = [*file.faults, *(one for case in file.cases for one in case.failures)]
    assert failures
    return [said.en.partition(";")[0] for one in failures for _, said in one.related]


def test_a_target_points_at_its_metrics_readings_fields_and_screenings(tmp_path):
    """A wrong value may come from any of them, also from the unit of a field that rows are chosen by."""
    assert places(tmp_path, "{target: T-1, value: 2 个}") == [
        "the rule stands here",
        "it depends on the reading large",
        "metric big, which it rests on",
        "metric orders, which it rests on",
        "field sale.amount, which it rests on",
        "X-1 says which rows count",
    ]


def test_a_target_of_a_phase_points_at_the_phase(tmp_path):
    """Its days may be wrong."""
    assert "phase spring, which it lies in" in places(tmp_path, "{target: T-2, rows: 4}")


def test_an_item_points_at_the_field_that_is_added_up(tmp_path):
    """Its unit may be wrong."""
    said = places(tmp_path, "{item: card.money, unit: a, points: 1 分}")
    assert said[1:] == [
        "metric income, which it rests on", "field sale.amount, which it rests on", "X-1 says which rows count",
    ]  # fmt: skip


def test_an_item_points_at_the_target_it_is_given_for(tmp_path):
    """Points for a target met are wrong where the target is."""
    said = places(tmp_path, "{item: card.done, unit: a, points: 50 分}")
    assert "target T-1, which it rests on" in said


def test_a_total_points_at_its_gates_and_items(tmp_path):
    """The sum is wrong where a part is."""
    said = places(tmp_path, "{scorecard: card, unit: a, points: 1 分}")
    assert [one for one in said if "total" in one] == [
        "gate card.none of the total", "item card.done of the total", "item card.money of the total",
    ]  # fmt: skip


def test_the_reading_of_the_case_is_pointed_at(tmp_path):
    """What an option says may be wrong."""
    said = places(tmp_path, "{target: T-1, value: 1 个}", "readings: {large: five}")
    assert said[1] == "here with the reading large: five"


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("{target: T-1, rows: 2}", "the rule stands here"),
        ("{target: T-1, window: 2023Q1, value: 1 个}", "the rule stands here"),
        ("{finding: row-rule, table: sale, rows: 1}", "the rule stands here"),
    ],
)
def test_other_rows_than_expected_point_at_the_rule(tmp_path, expected, said):
    """Another number of rows, a window that is no more, a row that keeps the rules of its table."""
    assert said in places(tmp_path, expected)


def test_a_fault_of_another_reading_says_which():
    """The clause itself is in order."""
    broken = CAMPAIGN.replace(
        "five: {title: 五万元, set: {metrics.big.where: amount", "five: {title: 五, set: {metrics.big.where: amounts"
    )
    with pytest.raises(CampaignError) as caught:
        driver.check(broken)
    (fault,) = caught.value.diagnostics
    assert [said.en for _, said in fault.related][-1] == "here with the reading large: five"
