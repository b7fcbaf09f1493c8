"""Rows that an engine holds are added up there, and give the results of the same rows added up here, digit by digit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import asdict

import campaignrules
from campaignrules import engine
from campaignrules.driver import Campaign
from campaignrules.intake import Submission
from campaignrules.relational.engines import Engine
from campaignrules.results import Results
from tests.engines import duckdb_engine, postgres_engine, postgres_server, spark, spark_engine
from tests.placed import moved
from tests.test_examples import AS_OF, EXAMPLES

__all__ = ["duckdb_engine", "postgres_engine", "postgres_server", "spark", "spark_engine"]


def rows_of(results: Results) -> dict[str, list[dict[str, Any]]]:
    """Every row of every part, field by field, in order."""
    parts = ("progress", "duties", "outcomes", "returns", "scores", "rankings", "honours")
    return {part: [asdict(row) for row in getattr(results, part)] for part in parts}


def assert_same(campaign: Campaign, taken: Submission, day: dt.date, asked: Engine, *, spoiled: bool = False) -> None:
    """The results of the submission here and in the engine are the same."""
    here = rows_of(engine.run(campaign.plan, taken, day).rows)
    there = rows_of(engine.run(campaign.plan, moved(taken, asked, spoiled=spoiled), day).rows)
    for part, rows in here.items():
        for one, other in zip(rows, there[part], strict=True):
            assert one == other, part


@pytest.mark.parametrize("name", AS_OF)
def test_each_example_comes_out_the_same_in_duckdb(duckdb_engine, name):
    """Every part of the results of a shipped campaign is the same, whoever holds the rows."""
    campaign = campaignrules.load(name)
    evaluation = campaign.evaluate(EXAMPLES / name, as_of=AS_OF[name])
    assert_same(campaign, evaluation.submission, evaluation.as_of, duckdb_engine)
