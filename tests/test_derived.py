"""Derived fields, `credited_to` and `limited` beyond values: findings, scanned files, explanations, readings."""

import polars as pl
import pytest

import campaignrules
from campaignrules.explain import render_explanation

CAMPAIGN = """
campaign: derived
title: 派生字段
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {county: 县}, roster: [{id: a, class: county}, {id: b, class: county}]}
records:
  project:
    key: id
    unit: unit
    fields:
      id: {type: text}
      unit: {type: unit}
      partner: {type: unit, required: false}
      amount: {type: quantity, unit: 万元, decimals: 2}
      people: {type: quantity, unit: number, decimals: 0}
      signed_on: {type: date}
    derived:
      each_one: {formula: amount / people, source: 附件二}
      counts_as: {formula: 2 if each_one > 1 * 万元 else 1, unit: 个}
      unused: {formula: people / people}
readings:
  counting:
    chosen: weighed
    options:
      weighed: {title: 大项目抵两个}
      often: {title: 每月最多两个, set: {metrics.counted.limited: rows, metrics.counted.each: month, metrics.counted.at_most: 2 个, metrics.counted.on: remove}}
metrics:
  rows: {count: project, on: signed_on}
  counted: {sum: project.counts_as, on: signed_on}
  landed: {sum: project.counts_as, on: signed_on, credited_to: partner}
targets:
  - {id: T, metric: counted, in: 2023, for: [campaign, each county], at_least: 5 个}
  - {id: P, metric: landed, in: 2023, for: [campaign, each county], at_least: 1 个}
"""
ROWS = [
    {"id": "1", "unit": "a", "partner": "b", "amount": "10", "people": "5", "signed_on": "2023-01-05"},
    {"id": "2", "unit": "a", "partner": None, "amount": "10", "people": "20", "signed_on": "2023-01-06"},
    {"id": "3", "unit": "b", "partner": "a", "amount": "10", "people": "0", "signed_on": "2023-01-07"},
    {"id": "4", "unit": "b", "partner": "a", "amount": "30", "people": "3", "signed_on": "2023-02-07"},
]


def values(evaluation: campaignrules.Evaluation, target: str) -> dict[str | None, str]:
    """Unit → value of a target."""
    return {row.unit: str(row.value) for row in evaluation.results.progress if row.target == target}


def evaluated(data: object, **readings: str) -> campaignrules.Evaluation:
    """The campaign on this table at the end of the year."""
    return campaignrules.load(CAMPAIGN, readings=readings).evaluate({"project": data}, as_of="2023-12-31")


def test_a_division_by_zero_in_a_derived_field_is_missing_and_reported_once():
    """Only of fields that somebody looks at; the row is named."""
    found = evaluated(ROWS)
    assert values(found, "T") == {None: "5", "a": "3", "b": "2"}
    assert [(f.code, f.record, f.set_aside) for f in found.findings] == [("division-by-zero", "project", False)]
    assert "1" in found.findings[0].message.zh


@pytest.mark.parametrize("lazily", [False, True])
def test_a_scanned_file_gives_the_same(lazily, tmp_path):
    """The fields behind a derived one are read from it."""
    frame = pl.DataFrame(ROWS)
    frame.write_parquet(tmp_path / "project.parquet")
    found = evaluated(pl.scan_parquet(tmp_path / "project.parquet") if lazily else frame)
    assert values(found, "T") == {None: "5", "a": "3", "b": "2"}
    assert values(found, "P") == {None: "5", "a": "2", "b": "2"}


def test_the_whole_counts_every_row_whomever_it_is_credited_to():
    """A row without a partner counts for no unit, but for the campaign."""
    assert values(evaluated(ROWS), "P") == {None: "5", "a": "2", "b": "2"}


def test_a_reading_may_turn_a_sum_into_a_limited_metric():
    """Setting one verb takes the other away."""
    assert values(evaluated(ROWS, counting="often"), "T") == {None: "3", "a": "2", "b": "2"}


def test_an_explanation_tells_the_formula_of_a_derived_field_and_the_parts_of_a_limited_metric():
    """Down to the clause it comes from."""
    weighed = render_explanation(evaluated(ROWS).explain("T", "a"), "en")
    assert "derived field each_one: amount / people" in weighed
    assert "unused" not in weighed
    limited = render_explanation(evaluated(ROWS, counting="often").explain("T"), "en")
    assert "at most 2 个 each month, added up" in limited
    assert "rows · 2023-01-01..2023-01-31: 3 个" in limited
    assert "credited_to: partner" in render_explanation(evaluated(ROWS).explain("P", "a"), "en")
