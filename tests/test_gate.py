"""The gate: engine and oracle give the same results, cell for cell, on generated campaigns, in any order of rows.

Under the profile `ci` it draws SHARDS × 130 campaigns, the same ones each time; under `dev` a few new ones.
"""

import random
from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import HealthCheck, given, seed, settings

import campaignrules
from campaignrules import engine, intake, oracle
from campaignrules.intake.submitters import sheets
from campaignrules.results import Results
from tests.strategies import Case, Tables, cases, scattered_cases

SHARDS = 8
PIECEWISE_SHARDS = 3
"""Shards whose campaigns are drawn piece by piece, so that Hypothesis can make a failure small; the others are various."""
REPEATED: bool = settings().derandomize
EXAMPLES = 130 if REPEATED else 5

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def rows_of(results: Results) -> list[dict[str, Any]]:
    """Every row of every part, field by field, in order."""
    parts: tuple[tuple[Any, ...], ...] = (results.progress, results.duties, results.outcomes, results.returns)
    return [asdict(row) for part in parts for row in part]


def by_oracle(campaign: campaignrules.Campaign, case: Case) -> Results:
    """The oracle's answer, of the rows that intake lets through."""
    taken = evolve(intake.take(campaign.checked, case.tables), sources=case.sources)
    rows = {name: taken.rows(name) for name in taken.tables}
    return oracle.run(campaign.checked, rows, taken.roster, case.as_of, sheets(taken))


def by_engine(campaign: campaignrules.Campaign, case: Case, tables: Tables) -> Results:
    """The engine's answer."""
    if not case.sources:
        return campaign.evaluate(tables, as_of=case.as_of).results
    taken = evolve(intake.take(campaign.checked, tables), sources=case.sources)
    return engine.run(campaign.plan, taken, case.as_of).rows


def shuffled(tables: Tables, chance: random.Random) -> Tables:
    """The same rows in another order; units stay in theirs, which is the order of results."""
    return {name: rows if name == "units" else chance.sample(rows, len(rows)) for name, rows in tables.items()}


def assert_agreement(case: Case) -> None:
    """Engine = oracle; engine on shuffled rows = engine."""
    campaign = campaignrules.load(case.text)
    wanted = rows_of(by_oracle(campaign, case))
    for tables in (case.tables, shuffled(case.tables, random.Random(case.text))):  # noqa: S311  any order will do
        found = rows_of(by_engine(campaign, case, tables))
        for one, other in zip(wanted, found, strict=True):
            assert other == one


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_engine_and_oracle_agree_bit_for_bit(shard):
    """The same progress, duties and outcomes, and no difference for rows in another order."""
    drawn = cases() if shard < PIECEWISE_SHARDS else scattered_cases()
    check = settings(max_examples=EXAMPLES, suppress_health_check=QUIET)(given(drawn)(assert_agreement))
    (seed(shard)(check) if REPEATED else check)()


@settings(max_examples=25, suppress_health_check=QUIET)
@given(cases())
def test_every_drawn_campaign_is_valid_and_its_data_whole(case):
    """What the strategies draw passes read → structure → check, and no row is set aside."""
    campaign = campaignrules.load(case.text)
    taken = intake.take(campaign.checked, case.tables)
    assert not [finding for finding in taken.findings if finding.severity == "error"]
