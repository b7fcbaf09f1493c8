"""`verify`: data drawn for a campaign are honest, planted faults are found and made small, sound campaigns pass."""

import pytest

import campaignrules
from campaignrules import testing
from campaignrules.testing.pasting import case_of

CAMPAIGN = """
campaign: tiny
title: 小
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {city: 市}, roster: submitted}
records:
  project:
    fields: {unit: {type: unit}, signed_on: {type: date}, landed_on: {type: date, required: false}}
    rules: [{that: landed_on is None or landed_on >= signed_on, says: 落地不早于签约}]
metrics:
  signed: {count: project, on: signed_on}
  landed: {of: signed, where: landed_on is not None}
  faults: {reported: 次}
targets:
  - {id: T-1, metric: signed, for: each unit, in: campaign, at_least: 3 个}
scorecards:
  card:
    out_of: 50 分
    missing: zero
    items:
      good: {worth: 50 分, earn: {each: signed, points: 20 分}}
      bad: {kind: deduction, lose: {each: faults, points: 2 分}}
properties:
  - {id: capped, that: points('card.good') <= 50 * 分}
"""


def verdict_of(text: str, *properties: str, seconds: float = 20) -> testing.Verdict:
    """What verify says of a campaign of this text."""
    return testing.verify(campaignrules.load(text), seconds, properties=properties or None, examples=60)


def test_a_sound_campaign_passes():
    """Every property that applies to it is tried, and none is broken."""
    verdict = verdict_of(CAMPAIGN)
    assert verdict.holds
    assert not verdict.broken
    idle = {one.property for one in verdict.tried if not one.applies_to}
    assert idle == {"weights-sum-to-100", "completions-within-interval"}
    assert all(one.examples for one in verdict.tried if one.applies_to)


@pytest.mark.parametrize(
    ("before", "after", "name", "subject"),
    [
        ("worth: 50 分, earn", "worth: 50 分, cap: none, earn", "capped", "capped"),
        ("lose: {each: faults", "earn: {each: faults", "points-within-bounds", "card.bad"),
        ("of: signed, where", "of: signed, on: landed_on, where", "of-which-within-whole", "landed"),
    ],
)
def test_a_planted_fault_is_found(before, after, name, subject):
    """A cap taken away, a deduction that gives points, an of-which that is dated otherwise than its whole."""
    assert before in CAMPAIGN
    verdict = verdict_of(CAMPAIGN.replace(before, after), name)
    (broken,) = verdict.broken
    assert (broken.property, broken.subject) == (name, subject)
    assert not verdict.holds
    assert broken.diagnostic.span is not None
    rows = [row for table, some in broken.drawn.submitted.tables.items() if table != "units" for row in some]
    assert 1 <= len(rows) <= 3
    assert f'"{name}: {subject}"' in case_of(broken)
