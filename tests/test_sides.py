"""Sides of metrics: what a bounded deferred number will make of a metric lies between two hidden metrics."""

import datetime as dt
import random
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, seed, settings

import campaignrules
from campaignrules import engine, intake, oracle
from campaignrules.checked import ENDS, CheckedCampaign, CheckedMetric, Judged, Number
from campaignrules.oracle import Days, Facts
from campaignrules.planner import plan
from campaignrules.roster import Scope
from tests.strategies import Case, scattered_cases
from tests.test_gate import EXAMPLES, REPEATED

OPEN = {
    "open_count": ("个", ("1", "21"), ("1", "2", "3", "7", "21", "1.5")),
    "open_sum": (
        "亿元",
        ("-0.0002 亿元", "0.0003 亿元"),
        ("-0.0002 亿元", "0 元", "1.5 万元", "0.0003 亿元", "12345.67 元"),
    ),
    "open_share": ("%", ("-20%", "70%"), ("-20%", "0", "1/3", "70%")),
}
"""Parameter → unit of measure, bounds, some values within them."""

START = """
campaign: sides
title: 未定的数
period: {from: 2023-01-01, to: 2023-12-31}
parameters:
  big: {type: 亿元, deferred: {by: 另定, between: [5 亿元, 10 亿元]}}
  most: {type: 个, deferred: {by: 另定, between: [1 个, 3 个]}}
  free: {type: 个, deferred: {by: 另定}}
records:
  project:
    fields: {amount: {type: quantity, unit: 亿元, decimals: 2, required: false}, kind: {type: text}, signed_on: {type: date}}
    derived:
      counts_as: {formula: 3 if amount >= big else 1, unit: 个}
      above: {formula: 'max(amount - big, 0 * 亿元)'}
"""
PROJECTS = [
    {"amount": amount, "kind": kind, "signed_on": day}
    for amount, kind, day in (
        ("4", "a", "2023-01-05"), ("7", "a", "2023-01-06"), ("7", "b", "2023-02-07"), ("12", "b", "2023-04-08"),
        ("", "c", "2023-05-09"),
    )
]  # fmt: skip


def parameters(text: str, one: str, values: dict[str, str]) -> str:
    """The campaign with another line for each open parameter."""
    for name, value in values.items():
        line = f'  {name}: {{"type": "{OPEN[name][0]}", {one.format(value)}}}'
        text = re.sub(rf"^  {name}: .*$", line, text, flags=re.MULTILINE)
    return text


def bounded(text: str) -> str:
    """The campaign with bounds for each open parameter."""
    bounds = {name: '["{}", "{}"]'.format(*between) for name, (_, between, _) in OPEN.items()}
    return parameters(text, '"deferred": {{"by": "另定", "between": {}}}', bounds)


def completed(text: str, chance: random.Random) -> str:
    """The campaign with a value for each open parameter."""
    return parameters(text, '"value": "{}"', {name: chance.choice(values) for name, (*_, values) in OPEN.items()})


def facts_of(checked: CheckedCampaign, case: Case) -> Facts:
    """The rows of a case, as the oracle takes them."""
    taken = intake.take(checked, case.tables)
    return oracle.gather(checked, {name: taken.rows(name) for name in taken.tables}, taken.roster, case.as_of)


def sided(checked: CheckedCampaign) -> list[CheckedMetric]:
    """The metrics that have sides."""
    return [metric for metric in checked.metrics.values() if metric.id + ENDS[0] in checked.metrics]


def places(checked: CheckedCampaign, facts: Facts) -> Iterator[tuple[Scope, Days]]:
    """Subjects and windows to look at."""
    scopes = facts.roster.scopes((Judged("campaign"), Judged("each")))
    windows = {w for target in checked.targets for w in target.windows[:3] if w.start <= facts.as_of}
    for window in sorted(windows, key=lambda w: (w.start, w.end)):
        yield from ((s, Days(window.start, window.end, min(window.end, facts.as_of))) for s in scopes)


def assert_between(case: Case) -> None:
    """Each completion within the bounds gives a value between the sides, or none where they have none."""
    checked = campaignrules.load(bounded(case.text)).checked
    if not sided(checked):
        return
    facts, chance = facts_of(checked, case), random.Random(case.text)  # noqa: S311  any order will do
    for _ in range(3):
        settled = campaignrules.load(completed(case.text, chance)).checked
        known = facts_of(settled, case)
        for metric in sided(checked):
            for scope, days in places(checked, facts):
                low, high = (oracle.value(facts, checked.metrics[metric.id + end], scope, days) for end in ENDS)
                found = oracle.value(known, settled.metrics[metric.id], scope, days)
                if low is None or high is None or found is None:
                    assert low is high is found is None
                else:
                    assert low <= found <= high


def assert_engine_agrees(case: Case) -> None:
    """Engine and oracle give the same values of the sides."""
    checked = campaignrules.load(bounded(case.text)).checked
    sides = [checked.metrics[metric.id + end] for metric in sided(checked) for end in ENDS]
    asked = [
        evolve(target, metric=side, unit=side.unit, comparator="at_least", low=Number(Decimal(1)), high=None,
               exceptions={}, awaits=frozenset())
        for side in sides
        for target in checked.targets[:2]
    ]  # fmt: skip
    changed = evolve(checked, targets=tuple(asked), campaign=evolve(checked.campaign, outcomes=()), outcomes=())
    taken = intake.take(changed, case.tables)
    found = engine.run(plan(changed), taken, case.as_of).progress
    rows = {name: taken.rows(name) for name in taken.tables}
    for one, other in zip(found, oracle.run(changed, rows, taken.roster, case.as_of).progress, strict=True):
        assert one == other


@pytest.mark.slow
@pytest.mark.parametrize("check", [assert_between, assert_engine_agrees])
def test_what_is_open_lies_between_its_sides(check):
    """For whatever values within the bounds; and the engine computes the sides as the oracle does."""
    quiet = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    run = quiet(given(scattered_cases())(check))
    (seed(1)(run) if REPEATED else run)()


def ends(metric: str) -> tuple[Decimal | None, Decimal | None] | None:
    """The sides of a metric on the projects above; None when it has none."""
    text = START + f"metrics:\n  trips: {{count: project, on: signed_on}}\n  m: {metric}\n"
    checked = campaignrules.load(text).checked
    if "m" + ENDS[0] not in checked.metrics:
        return None
    facts = facts_of(checked, Case(text, {"project": PROJECTS}, dt.date(2023, 12, 31)))
    days = Days(dt.date(2023, 1, 1), dt.date(2023, 12, 31), dt.date(2023, 12, 31))
    scope = facts.roster.scopes((Judged("campaign"),))[0]
    low, high = (oracle.value(facts, checked.metrics["m" + end], scope, days) for end in ENDS)
    return low, high


@pytest.mark.parametrize(
    ("metric", "low", "high"),
    [
        ("{count: project, on: signed_on, where: amount >= big}", "1", "3"),
        ("{distinct: project.kind, on: signed_on, where: amount >= big}", "1", "2"),
        ("{sum: project.amount, on: signed_on, where: amount >= big}", "1200000000", "2600000000"),
        ("{sum: project.counts_as, on: signed_on}", "6", "10"),
        ("{max: project.above, on: signed_on}", "200000000", "700000000"),
        ("{mean: project.counts_as, on: signed_on}", "1.5", "2.5"),
        ("{sum: project.counts_as, on: signed_on, where: amount >= big}", "3", "9"),
        ("{rate: {of: project, reached: amount >= big}}", "0.2", "0.6"),
        ("{limited: trips, each: quarter, at_most: most}", "2", "5"),
        ("{formula: trips * big}", "2500000000", "5000000000"),
    ],
)  # fmt: skip
def test_sides_are_as_close_as_they_can_be(metric, low, high):
    """Amounts of 4, 7, 7, 12 and nothing against a threshold between 5 and 10."""
    assert ends(metric) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    "metric",
    [
        "{mean: project.amount, on: signed_on, where: amount >= big}",
        "{distinct: project.counts_as, on: signed_on}",
        "{rate: {of: project, where: amount >= big, reached: signed_on}}",
        "{formula: trips * free}",
        "{limited: trips, each: quarter, at_most: free}",
    ],
)
def test_what_cannot_be_bounded_has_no_sides(metric):
    """Neither where rows come and go that may lie on either side of the rest, nor for a number without bounds."""
    assert ends(metric) is None


def test_sides_are_not_shown():
    """Reports, JSON and explanations do not know them."""
    text = START + "metrics:\n  m: {count: project, on: signed_on, where: amount >= big}\n"
    campaign = campaignrules.load(text + "targets: [{id: T, metric: m, at_least: 1 个}]\n")
    evaluation = campaign.evaluate({"project": PROJECTS}, as_of="2023-06-30")
    assert "m" + ENDS[0] in campaign.checked.metrics
    for said in (str(evaluation.to_json()), str(evaluation.explain("T")), str(evaluation.pending)):
        assert not any(end in said for end in ENDS)
