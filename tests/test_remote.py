"""Rows that an engine holds are added up there, and give the results of the same rows added up here, digit by digit.

DuckDB answers for every example, worked case and drawn campaign; PostgreSQL and Spark for a campaign with every kind of
question, and for the examples at one date.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from random import Random
from typing import Any

import polars as pl
import pytest
from attrs import asdict, evolve
from hypothesis import HealthCheck, given, seed, settings

import campaignrules
from campaignrules import cli, engine
from campaignrules.checked import RETURNS
from campaignrules.driver import Campaign
from campaignrules.engine import cube, remote
from campaignrules.engine.planned import planned, shown
from campaignrules.errors import CampaignError
from campaignrules.intake import Submission
from campaignrules.relational.engines import Engine, tidy
from campaignrules.relational.lowering import LOWERED
from campaignrules.results import Results
from campaignrules.trees import Apply, walk
from tests.engines import duckdb_engine, each_engine, postgres_engine, postgres_server, spark, spark_engine
from tests.placed import FETCHED, moved
from tests.scoring_strategies import scattered_scored_cases
from tests.strategies import Case, scattered_cases
from tests.test_cases import FOLDERS, expectation
from tests.test_examples import AS_OF, EXAMPLES

__all__ = ["duckdb_engine", "each_engine", "postgres_engine", "postgres_server", "spark", "spark_engine"]

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example]
PARTS = ("progress", "duties", "outcomes", "returns", "scores", "rankings", "honours")


def read_here(campaign: Campaign) -> set[str]:
    """The records whose rows are brought here: who submitted when, and formulas that no engine is asked (`if_low`)."""
    records = campaign.checked.records.values()
    derived = [(record.id, part) for record in records for made in record.derived.values() for part in walk(made.root)]
    return {RETURNS, *(name for name, part in derived if isinstance(part, Apply) and part.op not in LOWERED)}


def rows_of(results: Results) -> dict[str, list[dict[str, Any]]]:
    """Every row of every part, field by field, in order."""
    return {part: [asdict(row) for row in getattr(results, part)] for part in PARTS}


def assert_same(
    campaign: Campaign, taken: Submission, day: dt.date, asked: Engine, *, spoiled: bool = False, drawn: bool = False
) -> None:
    """The results of the submission here and in the engine are the same.

    `spoiled`: rows that do not count stand in between; `drawn`: formulas may be too wide for any engine.
    """
    at = campaign.at(day)
    here = engine.run(at.plan, taken, day)
    FETCHED.clear()
    there = engine.run(at.plan, moved(taken, asked, spoiled=spoiled), day)
    assert drawn or set(FETCHED) <= read_here(campaign)
    assert [one.code for one in there.findings] == [one.code for one in here.findings]
    wanted, found = rows_of(here.rows), rows_of(there.rows)
    for part in PARTS:
        for one, other in zip(wanted[part], found[part], strict=True):
            assert other == one, part


# -- DuckDB -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", AS_OF)
def test_each_example_comes_out_the_same_in_duckdb(duckdb_engine, name):
    """Every part of the results of a shipped campaign is the same, whoever holds the rows, early and late."""
    campaign = campaignrules.load(name)
    taken = campaign.intake(EXAMPLES / name)
    for day in (AS_OF[name], "2023-05-31"):
        assert_same(campaign, taken, dt.date.fromisoformat(day), duckdb_engine)


def test_other_readings_of_a_clause_come_out_the_same_in_duckdb(duckdb_engine):
    """Whatever reading of one of Yanjiang's clauses is taken, the results are the same."""
    reading, told = next(iter(campaignrules.load("yanjiang_2023").checked.campaign.readings.items()))
    for option in told.options:
        campaign = campaignrules.load("yanjiang_2023", readings={reading: option})
        assert_same(campaign, campaign.intake(EXAMPLES / "yanjiang_2023"), dt.date(2023, 6, 30), duckdb_engine)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_worked_case_comes_out_the_same_in_duckdb(duckdb_engine, folder):
    """What was worked out by hand comes out of rows in an engine, with rows in between that do not count."""
    campaign = campaignrules.load(folder / "campaign.yaml")
    day = dt.date.fromisoformat(expectation(folder)["as_of"])
    assert_same(campaign, campaign.intake(folder / "data"), day, duckdb_engine, spoiled=True)


def assert_drawn(asked: Engine, case: Case) -> None:
    """A drawn campaign comes out the same, with rows in between that do not count."""
    try:
        campaign = campaignrules.load(case.text)
    except CampaignError:
        return
    taken = evolve(campaign.intake(case.tables), sources=case.sources)
    assert_same(campaign, taken, case.as_of, asked, spoiled=True, drawn=True)


def test_drawn_campaigns_come_out_the_same_in_duckdb(duckdb_engine):
    """Campaigns of all kinds of metrics, filters, derived fields, screens, duties and returns, with extreme numbers."""
    run = given(scattered_cases())(lambda case: assert_drawn(duckdb_engine, case))
    seed(6)(settings(max_examples=60, database=None, suppress_health_check=QUIET)(run))()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_units_of_large_answers_are_found_in_the_roster_as_those_of_small_ones(duckdb_engine, folder, monkeypatch):
    """Where answers count as large, the worked cases come out the same, with rows of no unit of the roster."""
    for module in (remote, cube):
        monkeypatch.setattr(module, "MANY", 0)
    test_each_worked_case_comes_out_the_same_in_duckdb(duckdb_engine, folder)


def test_drawn_scorecards_come_out_the_same_in_duckdb(duckdb_engine):
    """Points, places and honours of drawn scorecards are the same."""
    run = given(scattered_scored_cases())(lambda case: assert_drawn(duckdb_engine, case))
    seed(6)(settings(max_examples=25, database=None, suppress_health_check=QUIET)(run))()


# -- bounds -------------------------------------------------------------------------------------------------------


def test_no_more_rows_come_here_than_units_and_days_occur_or_values_differ(duckdb_engine, monkeypatch):
    """Two thousand rows of two units on three days with five companies give answers of six and ten rows at most."""
    fetched = watched(duckdb_engine, monkeypatch)
    engine.run(SMALL.plan, moved(SMALL.intake({"project": many()}), duckdb_engine), dt.date(2023, 6, 30))
    assert sorted(len(frame) for frame in fetched) == [6, 10]


def test_an_answer_with_too_many_rows_is_refused(duckdb_engine, monkeypatch):
    """More cells than may be held are an error that says so, and no more rows than that are asked for."""
    monkeypatch.setattr(remote, "MOST_CELLS", 5)
    campaign = campaignrules.load(SMALL.document.source.text)
    with pytest.raises(CampaignError) as caught:
        engine.run(campaign.plan, moved(campaign.intake({"project": many()}), duckdb_engine), dt.date(2023, 6, 30))
    assert [one.code for one in caught.value.diagnostics] == ["too-many-cells"]


SMALL = campaignrules.load("""
campaign: small
title: 小
period: {from: 2023-01-01, to: 2023-12-31}
units: {roster: [{id: a}, {id: b}]}
records: {project: {fields: {unit: {type: unit}, company: {type: text}, on: {type: date}}}}
metrics:
  n: {count: project, on: on}
  companies: {distinct: project.company, on: on}
  some: {distinct: project.company, on: on, where: company != 'c1'}
targets:
  - {id: T-1, metric: n, in: 2023, for: each unit, at_least: 1}
  - {id: T-2, metric: companies, in: 2023, for: each unit, at_least: 1}
  - {id: T-3, metric: some, in: 2023, for: each unit, at_least: 1}
""")


def watched(asked: Engine, monkeypatch: pytest.MonkeyPatch) -> list[pl.DataFrame]:
    """What an engine hands over from now on."""
    fetched: list[pl.DataFrame] = []

    def told(frame: pl.DataFrame) -> pl.DataFrame:
        fetched.append(tidy(frame))
        return fetched[-1]

    monkeypatch.setattr(sys.modules[type(asked).__module__], "tidy", told)
    return fetched


def many() -> list[dict[str, str]]:
    """Rows of two units, five companies and three days, each many times."""
    return [{"unit": "ab"[i % 2], "company": f"c{i % 5}", "on": f"2023-0{i % 3 + 1}-15"} for i in range(2000)]


def test_latest_values_of_many_units_add_up_beyond_64_bits(duckdb_engine):
    """Twelve times 999,999,999,999,999,999 is not cut off, here or in an engine."""
    units = ", ".join(f"{{id: u{i}}}" for i in range(12))
    campaign = campaignrules.load(f"""
campaign: latest
title: 最近一次
period: {{from: 2023-01-01, to: 2023-12-31}}
units: {{roster: [{units}]}}
records: {{report: {{fields: {{unit: {{type: unit}}, n: {{type: quantity, unit: number, decimals: 0}}, on: {{type: date}}}}}}}}
metrics: {{latest: {{last: report.n, on: on}}}}
targets: [{{id: T-1, metric: latest, in: 2023, for: campaign, at_least: 1}}]
""")
    taken = campaign.intake({"report": [{"unit": f"u{i}", "n": "9" * 18, "on": "2023-02-01"} for i in range(12)]})
    day = dt.date(2023, 6, 30)
    assert_same(campaign, taken, day, duckdb_engine)
    assert engine.run(campaign.plan, taken, day).rows.progress[0].value == 11_999_999_999_999_999_988


# -- the queries, to be read ----------------------------------------------------------------------------------------


def test_the_plan_shows_each_query_with_its_parameters_and_runs_none(duckdb_engine, monkeypatch):
    """Queries are laid out under what they are for; what the campaign says stands apart from them."""
    campaign = everything()
    taken = moved(campaign.intake(rows_for_everything()), duckdb_engine)
    fetched = watched(duckdb_engine, monkeypatch)
    text = shown(planned(campaign.plan, taken, dt.date(2023, 6, 30)), "en")
    assert fetched == []
    titles = [line for line in text.splitlines() if re.match("-- [a-z]", line)]
    assert titles == [
        "-- duckdb: duckdb, time zone Asia/Shanghai",
        "-- project: totals by unit, signed_on",
        "-- project: totals by unit, started_on",
        "-- project: totals by unit, latest",
        "-- project: totals by unit, signed_on, started_on",
        "-- project: totals by unit, signed_on, started_on",
        "-- project: totals by unit",
        "-- project: totals by partner, signed_on",
        "-- project.company: different values",
        "-- project.company: different values",
        "-- project: rows read, sound and counted",
        "-- project: rows that divide by zero",
        "-- duty D-1: when it was done",
        "-- project: which units submitted rows",
        "-- project: which units submitted rows",
        "-- quota: which units submitted rows",
        "-- quota.funds: the number of each unit",
    ]
    assert "'" not in text.replace("'1970-01-01'", "")
    assert '"food"' in text


def test_the_plan_of_rows_held_here_is_that_of_polars():
    """Where no engine is asked, Polars' own plan is shown, in the language asked for."""
    text = SMALL.plan_of({"project": many()}, as_of="2023-06-30")
    assert text.startswith("-- polars：本机")
    assert "AGGREGATE" in text


def test_the_command_shows_the_plan_instead_of_results(tmp_path, capsys):
    """`evaluate --show-plan` prints the queries and ends well."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.document.source.text, encoding="utf-8")
    (tmp_path / "project.csv").write_text("unit,company,on\na,c1,2023-05-01\n", encoding="utf-8")
    command = ["evaluate", str(path), "--data", str(tmp_path / "project.csv"), "--as-of", "2023-06-30", "--show-plan"]
    assert cli.main([*command, "--lang", "en"]) == 0
    assert "-- project: totals by unit, on" in capsys.readouterr().out
    assert cli.main([*command, "--history", "month", "--lang", "en"]) == 2
    assert "--show-plan does not go with --history" in capsys.readouterr().err


# -- PostgreSQL and Spark -----------------------------------------------------------------------------------------

EVERYTHING = """
campaign: everything
title: 各种问法
period: {from: 2023-01-01, to: 2023-12-31}
units:
  classes: {county: 县}
  roster: [{id: a, class: county}, {id: b, class: county}, {id: c, class: county}, {id: b1, parent: b}]
vocabularies: {kind: {words: {food: 食品, gas: 天然气, other: 其他}}}
records:
  project:
    unit: unit
    fields:
      unit: {type: unit}
      partner: {type: unit, required: false}
      company: {type: text, required: false}
      kind: {type: kind, required: false}
      tags: {type: tags, of: kind, required: false}
      amount: {type: quantity, unit: number, decimals: 2, required: false}
      share: {type: quantity, unit: number, decimals: 2, required: false}
      listed: {type: bool, required: false}
      signed_on: {type: date}
      started_on: {type: date, required: false}
      due_on: {type: date, required: false, planned: true}
    derived:
      both: {formula: amount * share}
      part: {formula: share / amount}
      latest: {formula: 'coalesce(started_on, signed_on)'}
      fast: {formula: 'days_between(signed_on, started_on) <= 30'}
  quota: {fields: {unit: {type: unit}, funds: {type: quantity, unit: number, decimals: 2, required: false}}}
screening:
  - {id: X-1, record: project, drop: kind == 'gas' and share < 0}
metrics:
  n: {count: project, on: signed_on}
  sum: {sum: project.amount, on: signed_on}
  mean: {mean: project.share, on: signed_on, where: "kind in ['food', 'gas']"}
  min: {min: project.share, on: signed_on, where: "has(tags, 'food') or listed"}
  max: {max: project.amount, on: started_on, where: share >= 0}
  last: {last: project.amount, on: latest}
  wide: {sum: project.both, on: signed_on}
  parts: {sum: project.part, on: signed_on}
  companies: {distinct: project.company, on: signed_on}
  listed: {distinct: project.company, on: signed_on, where: listed}
  there: {distinct: project.company, on: signed_on, until: started_on, accumulate: level}
  open: {count: project, on: signed_on, until: started_on, accumulate: level}
  since: {sum: project.share, on: signed_on, accumulate: to_date, since: 2023-03-01}
  reached: {rate: {of: project, reached: started_on, amount: share}, on: signed_on}
  fast: {rate: {of: project, where: started_on is not None, reached: fast}, on: signed_on}
  cohort: {rate: {of: project, reached: started_on}}
  landed: {of: n, where: due_on > started_on, credited_to: partner}
targets:
  - {id: T-quota, metric: sum, in: 2023, for: [each county, campaign], at_least: quota.funds}
"""
SHOWN = (
    "n", "sum", "mean", "min", "max", "last", "wide", "parts", "companies", "listed", "there", "open", "since",
    "reached", "fast", "cohort", "landed",
)  # fmt: skip
DUTIES = """
duties:
  - {id: D-1, for: each county, every: month, in: 2023Q2, record: project, on: signed_on, where: kind == 'food'}
returns:
  - {id: R-1, records: [project, quota], for: [a, b, c], in: each month of 2023Q2}
"""


def everything() -> Campaign:
    """A campaign that asks every kind of question."""
    text = "".join(
        f"  - {{id: T-{name}, metric: {name}, in: [2023, each month], for: [each county, campaign], at_least: 1}}\n"
        for name in SHOWN
    )
    return campaignrules.load(EVERYTHING + text + DUTIES)


def rows_for_everything() -> dict[str, list[dict[str, str]]]:
    """Projects with values missing and amounts of 18 digits, of which a dozen of one day are wider than 64 bits."""
    chance = Random(6)  # noqa: S311  any rows will do
    days = [dt.date(2022, 12, 1) + dt.timedelta(days=n) for n in range(300)]
    cells: dict[str, list[Any]] = {
        "unit": ["a", "b", "b1", "c"], "partner": ["", "a", "c"], "company": ["", "甲", "乙", "O'Neil", "丙"],
        "kind": ["", "食品", "天然气", "其他"], "tags": ["", "食品、其他", "天然气"],
        "amount": ["", "9999999999999999.99", "9999999999999999.98", "-5.25", "0"], "share": ["", "0.5", "-0.25", "3"],
        "listed": ["", "是", "否"], "signed_on": days, "started_on": ["", *days], "due_on": ["", *days],
    }  # fmt: skip
    projects = [{name: str(chance.choice(some)) for name, some in cells.items()} for _ in range(60)]
    projects += [{**projects[0], "kind": "食品", "amount": "9999999999999999.99", "signed_on": "2023-05-02"}] * 12
    return {"project": projects, "quota": [{"unit": "a", "funds": "3.5"}, {"unit": "b", "funds": ""}]}


def test_every_kind_of_question_is_answered_alike_by_each_engine(each_engine):
    """Every verb, way of accumulating, filter, screen, duty and return, with sums that are wider than 64 bits."""
    campaign = everything()
    assert_same(campaign, campaign.intake(rows_for_everything()), dt.date(2023, 6, 30), each_engine, spoiled=True)


@pytest.mark.parametrize("name", AS_OF)
def test_each_example_comes_out_the_same_in_postgresql(postgres_engine, name):
    """As in DuckDB."""
    campaign = campaignrules.load(name)
    day = dt.date.fromisoformat(AS_OF[name])
    assert_same(campaign, campaign.intake(EXAMPLES / name), day, postgres_engine)


@pytest.mark.spark
def test_no_more_rows_come_to_the_driver_of_spark_than_cells_occur(spark_engine, monkeypatch):
    """As in DuckDB: the driver sees six cells and ten values of two thousand rows."""
    fetched = watched(spark_engine, monkeypatch)
    engine.run(SMALL.plan, moved(SMALL.intake({"project": many()}), spark_engine), dt.date(2023, 6, 30))
    assert sorted(len(frame) for frame in fetched) == [6, 10]


@pytest.mark.spark
@pytest.mark.parametrize("name", AS_OF)
def test_each_example_comes_out_the_same_in_spark(spark_engine, name):
    """As in DuckDB."""
    campaign = campaignrules.load(name)
    assert_same(campaign, campaign.intake(EXAMPLES / name), dt.date.fromisoformat(AS_OF[name]), spark_engine)
