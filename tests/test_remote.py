"""Rows that an engine holds are added up there, and give the results of the same rows added up here, digit by digit.

DuckDB answers for every example, worked case and drawn campaign; PostgreSQL and Spark for a campaign with every kind of
question, and for the examples at one date.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import HealthCheck, given, seed, settings

import campaignrules
from campaignrules import engine
from campaignrules.driver import Campaign
from campaignrules.errors import CampaignError
from campaignrules.intake import Submission
from campaignrules.relational.engines import Engine
from campaignrules.results import Results
from tests.engines import duckdb_engine, each_engine, postgres_engine, postgres_server, spark, spark_engine
from tests.placed import moved
from tests.scoring_strategies import scattered_scored_cases
from tests.strategies import Case, scattered_cases
from tests.test_cases import FOLDERS, expectation
from tests.test_examples import AS_OF, EXAMPLES

__all__ = ["duckdb_engine", "each_engine", "postgres_engine", "postgres_server", "spark", "spark_engine"]

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example]
PARTS = ("progress", "duties", "outcomes", "returns", "scores", "rankings", "honours")


def rows_of(results: Results) -> dict[str, list[dict[str, Any]]]:
    """Every row of every part, field by field, in order."""
    return {part: [asdict(row) for row in getattr(results, part)] for part in PARTS}


def assert_same(campaign: Campaign, taken: Submission, day: dt.date, asked: Engine, *, spoiled: bool = False) -> None:
    """The results of the submission here and in the engine are the same."""
    at = campaign.at(day)
    here = engine.run(at.plan, taken, day)
    there = engine.run(at.plan, moved(taken, asked, spoiled=spoiled), day)
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
    assert_same(campaign, taken, case.as_of, asked, spoiled=True)


def test_drawn_campaigns_come_out_the_same_in_duckdb(duckdb_engine):
    """Campaigns of all kinds of metrics, filters, derived fields, screens, duties and returns, with extreme numbers."""
    run = given(scattered_cases())(lambda case: assert_drawn(duckdb_engine, case))
    seed(6)(settings(max_examples=60, database=None, suppress_health_check=QUIET)(run))()


def test_drawn_scorecards_come_out_the_same_in_duckdb(duckdb_engine):
    """Points, places and honours of drawn scorecards are the same."""
    run = given(scattered_scored_cases())(lambda case: assert_drawn(duckdb_engine, case))
    seed(6)(settings(max_examples=25, database=None, suppress_health_check=QUIET)(run))()
