"""Data drawn for a campaign: honest for every shipped one, aimed at what the campaign turns on; where more can only help."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import campaignrules
from campaignrules import driver, intake, testing
from campaignrules.testing.aims import Aims
from campaignrules.testing.directions import Directions
from campaignrules.testing.strategies import Submitted

FEW = settings(max_examples=8, deadline=None, database=None, suppress_health_check=[*HealthCheck], print_blob=False)
SHOP = """
campaign: shop
title: 店
period: {from: 2023-01-01, to: 2023-06-30}
units: {classes: {city: 市, county: 县}, roster: submitted}
vocabularies: {hue: {title: 颜色, open: true, words: {red: 红, green: 绿}}}
records:
  sale:
    key: id
    unit: unit
    fields:
      id: {type: text}
      unit: {type: unit}
      partner: {type: unit, required: false}
      on_day: {type: date, within: 2023Q2}
      paid_on: {type: date, required: false}
      amount: {type: quantity, unit: 亿元, decimals: 2}
      jobs: {type: count, required: false}
      hue: {type: hue, required: false}
      hues: {type: tags, of: hue, required: false}
      big: {type: bool}
    rules:
      - {that: paid_on is None or year(paid_on) == 2021 or paid_on >= on_day, says: 付款不早于成交}
      - {that: not big or jobs is not None, says: 大单须填就业}
  plan:
    fields: {unit: {type: unit}, amount: {type: quantity, unit: 亿元, decimals: 0}}
metrics:
  sold: {sum: sale.amount, on: on_day}
  shared: {count: sale, on: on_day, credited_to: partner}
  bright: {of: sold, where: hue == 'red' or 'green' in hues or big or jobs > 7 * 人}
  old: {count: sale, on: paid_on, where: year(paid_on) == 2021}
  mean_sale: {mean: sale.amount, on: on_day}
  share: {formula: bright / sold}
  both: {formula: shared + old * 2}
  lacking: {formula: 10 * 个 - shared}
  marks: {reported: 分}
targets:
  - {id: T-1, metric: sold, for: each unit, in: 2023Q2, at_least: plan.amount}
  - {id: T-2, metric: both, at_least: 12 个}
  - {id: T-3, metric: mean_sale, at_least: 3 亿元}
  - {id: T-4, metric: lacking, at_least: 3 个}
scorecards:
  card:
    missing: zero
    items:
      more: {worth: 10 分, earn: {in_proportion_to: sold, required: 4.5 亿元}}
      less: {kind: deduction, lose: {each: shared, points: 1 分}}
      both: {worth: 10 分, earn: {each: shared, points: 1 分}, lose: {each: old, points: 1 分}}
      compared: {worth: 10 分, earn: {by_place: sold, places: [10 分], ties: shared}}
      if_any: {worth: 10 分, applies_if: sold > 0 * 亿元, earn: {in_proportion_to: sold, required: 3 亿元}}
      met: {worth: 10 分, earn: {all_or_nothing: met('T-1')}}
      written: {worth: 10 分, earn: {formula: 'sold / (1 * 亿元) * 分'}}
      falls: {worth: 10 分, earn: {formula: '0 if shared > 3 * 个 else 10'}}
"""


@pytest.fixture(scope="module")
def shop() -> driver.Campaign:
    """A small campaign with every type of field."""
    return campaignrules.load(SHOP)


@pytest.mark.slow
@pytest.mark.parametrize("name", driver.shipped())
def test_data_for_a_shipped_campaign_are_honest(name):
    """No row is set aside: types, words, units, keys and row rules are kept."""
    campaign = campaignrules.load(name)

    @FEW
    @given(testing.submissions(campaign))
    def honest(submitted: Submitted) -> None:
        taken = intake.take(campaign.checked, submitted.tables)
        assert [finding for finding in taken.findings if finding.severity == "error" or finding.set_aside] == []

    honest()


@settings(FEW, max_examples=20)
@given(data=st.data())
def test_rows_of_every_type_of_field_keep_the_rules(data, shop):
    """Of one table, for units that the caller names."""
    row = data.draw(testing.rows(shop, "sale", units=["a", "b"]))
    units = [{"id": "a"}, {"id": "b"}]
    taken = intake.take(shop.checked, {"units": units, "sale": [{**row, "id": "1"}]})
    assert [finding for finding in taken.findings if finding.severity == "error"] == []
    assert row["unit"] in ("a", "b")


@pytest.fixture(scope="module")
def sample(shop) -> list[Submitted]:
    """Some submissions."""
    found: list[Submitted] = []
    for number in range(2, 6):

        @seed(number)
        @settings(FEW, max_examples=80)
        @given(testing.submissions(shop))
        def note(submitted: Submitted) -> None:
            found.append(submitted)

        note()
    return found


@pytest.fixture(scope="module")
def drawn(shop) -> list[dict[str, str]]:
    """Two thousand rows of sales: what is drawn depends on what else is loaded, so few would be luck."""
    found: list[dict[str, str]] = []
    for number in range(4):

        @seed(number)
        @settings(FEW, max_examples=500)
        @given(testing.rows(shop, "sale", units=["a", "b"]))
        def note(row: dict[str, str]) -> None:
            found.append(row)

        note()
    return found


def sales(sample: list[Submitted]) -> list[dict[str, str]]:
    """All their rows of sales."""
    return [row for submitted in sample for row in submitted.tables.get("sale", ())]


def test_cells_lie_at_what_the_campaign_turns_on(drawn):
    """At, just below and above a requirement and a filter's number, in the year of a cohort, at edges, on words."""
    aimed: dict[str, set[str]] = {
        "amount": {"4.5", "4.49", "4.51"},
        "jobs": {"8"},
        "paid_on": {"2021-01-01", "2021-12-31"},
        "on_day": {"2023-04-01", "2023-06-30"},
        "hue": {"red", "green"},
        "hues": {"green"},
        "big": {"是", "否"},
    }
    for name, texts in aimed.items():
        assert texts <= {row.get(name) for row in drawn}, name


def test_tables_are_empty_or_absent_now_and_then(sample):
    """A table that nobody submitted is not one without rows; optional cells are there or not."""
    assert any("sale" not in submitted.tables for submitted in sample)
    assert any(submitted.tables.get("sale") == [] for submitted in sample)
    assert {"partner" in row for row in sales(sample)} == {True, False}


def test_rosters_have_units_of_each_class_some_below_others(sample):
    """One to four of each class."""
    rosters = [submitted.tables["units"] for submitted in sample]
    assert all({row["class"] for row in roster} == {"city", "county"} for roster in rosters)
    assert {len(roster) for roster in rosters} <= {*range(2, 9)}
    assert any("parent" in row for roster in rosters for row in roster)


def test_a_table_by_unit_has_one_row_for_a_unit(sample):
    """A second one would leave the unit without a number."""
    for submitted in sample:
        units = [row["unit"] for row in submitted.tables.get("plan", ())]
        assert len(set(units)) == len(units)


def test_dates_stay_in_the_windows_that_a_field_states(sample):
    """`within:` leaves the days outside to the others."""
    assert all("2023-04-01" <= row["on_day"] <= "2023-06-30" for row in sales(sample))


def test_what_is_aimed_at(shop):
    """Numbers of targets and formulas in base units, windows' edges and the days beside them."""
    aims = Aims(shop.checked)
    assert Decimal("4.5E8") in aims.numbers[("CNY", 1),]
    assert {dt.date(2023, 3, 31), dt.date(2023, 4, 1), dt.date(2023, 4, 2), dt.date(2021, 12, 31)} <= {*aims.days}
    assert {11, 12, 13} <= {*aims.counts}


def test_where_more_can_only_help_or_hurt(shop):
    """Counts and sums grow, a difference falls; means, shares, comparisons, conditions and branches are left alone."""
    known = Directions(shop.checked)
    assert known.metrics == {
        "sold": "more", "shared": "more", "bright": "more", "old": "more", "both": "more", "lacking": "less", "marks": "more",
    }  # fmt: skip
    assert [target.target.id for target in known.targets] == ["T-1", "T-2"]
    assert {item: way for (_, item), way in known.items.items()} == {
        "more": "more", "less": "less", "met": "more", "written": "more",
    }  # fmt: skip
