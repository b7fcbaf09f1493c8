"""`verify`: planted faults are found and made small, what is printed can be pasted, sound campaigns pass."""

import json
import sys
from typing import Any

import pytest
from attrs import evolve

import campaignrules
from campaignrules import cases, cli, driver, testing
from campaignrules.errors import CampaignError
from campaignrules.results import Results
from campaignrules.testing import trials
from campaignrules.testing.pasting import case_of

CAMPAIGN = """
campaign: tiny
title: 小
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {city: 市}, roster: submitted}
parameters:
  price: {type: 分, deferred: {by: 另定, between: [1 分, 3 分]}}
records:
  project:
    fields: {unit: {type: unit}, signed_on: {type: date}, landed_on: {type: date, required: false}}
    rules: [{that: landed_on is None or landed_on >= signed_on, says: 落地不早于签约}]
metrics:
  signed: {count: project, on: signed_on}
  landed: {of: signed, where: landed_on is not None}
  faults: {reported: 次}
  visits: {reported: 次}
targets:
  - {id: T-1, metric: signed, for: each unit, in: campaign, at_least: 3 个}
scorecards:
  card:
    out_of: 100 分
    missing: reweighed
    items:
      good: {worth: 50 分, earn: {each: signed, points: 20 分}}
      steps: {worth: 50 分, earn: {by_steps: visits, steps: [{at_least: 3 次, points: 50 分}, {at_least: 2 次, points: 30 分}]}}
      bad: {kind: deduction, missing: zero, lose: {each: faults, points: 2 分}}
  open:
    out_of: 10 分
    missing: zero
    items: {priced: {worth: 10 分, earn: {each: signed, points: price}}}
  both: {out_of: 100 分, missing: zero, weights: {card: 40%, open: 60%}}
rankings:
  board: {by: open, ties: shared}
honours:
  - {id: H-1, title: 前三, ranking: board, top: 3 个}
properties:
  - {id: capped, title: 不超过五十分, that: points('card.good') <= 50 * 分}
"""


def verdict_of(text: str, *properties: str, seconds: float = 30, examples: int = 60) -> testing.Verdict:
    """What verify says of a campaign of this text."""
    return testing.verify(campaignrules.load(text), seconds, properties=properties or None, examples=examples)


def only(text: str, name: str, subject: str) -> testing.Broken:
    """The place of that name where this property is broken."""
    broken = verdict_of(text, name).broken
    assert {one.property for one in broken} == {name}
    return next(one for one in broken if one.subject == subject)


def planted(before: str, after: str) -> str:
    """The campaign with a fault in it."""
    assert CAMPAIGN.count(before) == 1
    return CAMPAIGN.replace(before, after)


def rows_in(broken: testing.Broken) -> int:
    """How many rows its data have besides the roster."""
    return sum(len(rows) for name, rows in broken.drawn.submitted.tables.items() if name != "units")


# -- what holds, what does not ------------------------------------------------------------------------------------


def test_a_sound_campaign_passes():
    """Every property is tried on something, and none is broken."""
    verdict = verdict_of(CAMPAIGN, examples=40)
    assert verdict.holds
    assert not verdict.broken
    assert all(one.examples for one in verdict.tried)
    assert {one.property: len(one.applies_to) for one in verdict.tried if one.property == "more-is-not-less"}


FAULTS = [
    ("worth: 50 分, earn: {each: signed", "worth: 50 分, cap: none, earn: {each: signed", "capped", "capped"),
    ("lose: {each: faults", "earn: {each: faults", "points-within-bounds", "card.bad"),
    ("{at_least: 3 次, points: 50 分}", "{at_least: 3 次, points: 20 分}", "more-is-not-less", "card.steps"),
    ("of: signed, where", "of: signed, on: landed_on, where", "of-which-within-whole", "landed"),
    ("card: 40%, open: 60%", "card: 40%, open: 50%", "weights-sum-to-100", "both"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after", "name", "subject"), FAULTS)
def test_a_planted_fault_is_found_and_can_be_pasted(before, after, name, subject, tmp_path):
    """A cap taken away, a deduction that gives points, steps that fall, an of-which dated otherwise, wrong weights.

    What is printed is a case of a file of tests, which passes as long as the campaign is as it is.
    """
    text = planted(before, after)
    broken = only(text, name, subject)
    assert broken.diagnostic.span is not None
    assert rows_in(broken) <= 3
    (tmp_path / "tiny.yaml").write_text(text, encoding="utf-8")
    suite = tmp_path / "tiny.test.yaml"
    for lang in ("zh", "en"):
        suite.write_text(f"tests_for: tiny\ncases:\n{case_of(broken, lang)}\n", encoding="utf-8")
        (outcome,) = cases.run([suite])
        assert not outcome.faults
        assert [failure.message for case in outcome.cases for failure in case.failures] == []


# -- faults of the engine -----------------------------------------------------------------------------------------


def tampered(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """The engine gives other results."""
    honest = trials.Ground.answer

    def answer(self: trials.Ground, submitted: testing.Submitted, *, probed: bool = False) -> trials.Answer:
        found = honest(self, submitted, probed=probed)
        return evolve(found, results=change(self, submitted, found.results))

    monkeypatch.setattr(trials.Ground, "answer", answer)


def progress(results: Results, **cells: Any) -> Results:
    """With other cells in the rows of targets."""
    return evolve(results, progress=tuple(evolve(row, **cells) for row in results.progress))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("engine-equals-reference", lambda _, __, results: progress(results, force="strive")),
        (
            "order-does-not-matter",
            lambda _, data, results: progress(results, source=str(data.tables.get("project", [])[:1])),
        ),
        ("units-stand-alone", lambda _, data, results: progress(results, source=str(len(data.tables["units"])))),
    ],
)
def test_an_engine_that_errs_is_found_out(name, change, monkeypatch):
    """One that disagrees with the oracle, that looks at the first row, that counts units."""
    tampered(monkeypatch, change)
    assert [one.subject for one in verdict_of(CAMPAIGN, name).broken] == ["T-1"]


def test_a_completion_outside_the_interval_is_found_out(monkeypatch):
    """Points that are not between the ends shown before."""

    def change(ground: trials.Ground, _: testing.Submitted, results: Results) -> Results:
        if not ground.campaign.overlays:
            return results
        rows = (evolve(row, points=row.points and row.points * 4) for row in results.scores)
        return evolve(results, scores=tuple(rows))

    tampered(monkeypatch, change)
    assert "open.priced" in {one.subject for one in verdict_of(CAMPAIGN, "completions-within-interval").broken}


# -- what the author says -----------------------------------------------------------------------------------------


def test_what_cannot_be_decided_is_not_broken():
    """A property over a number that nobody reported holds; one over a deferred parameter too, as long as it may."""
    text = (
        CAMPAIGN + "  - {id: unknown, that: visits >= 0 * 次}\n  - {id: open, that: points('open.priced') >= 0 * 分}\n"
    )
    assert verdict_of(text, "unknown", "open", examples=30).holds


def test_the_document_may_be_so():
    """What the author acknowledges is shown as such, and the verdict stands."""
    text = planted("card: 40%, open: 60%", "card: 40%, open: 50%")
    text += "acknowledged: [{finding: weights-sum-to-100, at: both, reason: 文件如此}]\n"
    verdict = verdict_of(text, "weights-sum-to-100")
    assert verdict.holds
    assert [one.acknowledged and one.acknowledged.zh for one in verdict.diagnostics] == ["文件如此"]


def test_a_property_of_another_name_is_refused():
    """With what was probably meant."""
    with pytest.raises(CampaignError, match="capped"):
        verdict_of(CAMPAIGN, "caped")


def test_two_properties_of_one_name_are_refused():
    """As two targets are."""
    with pytest.raises(CampaignError, match="duplicate-id"):
        campaignrules.load(CAMPAIGN + "  - {id: capped, that: signed >= 0 * 个}\n")


def test_a_seed_gives_the_same_again():
    """The same data, so the same counterexample."""
    text = planted(*FAULTS[0][:2])
    one, other = (only(text, "capped", "capped").drawn.submitted for _ in range(2))
    assert one == other


# -- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def broken_file(tmp_path):
    """A campaign file with wrong weights."""
    path = tmp_path / "tiny.yaml"
    path.write_text(planted("card: 40%, open: 60%", "card: 40%, open: 50%"), encoding="utf-8")
    return path


def test_the_command_shows_the_case_and_the_place(broken_file, capsys):
    """And ends with 1; in both languages."""
    for lang, word in (("zh", "权重之和是 90"), ("en", "the weights sum to 90")):
        words = ["verify", str(broken_file), "--seconds", "5", "--property", "weights-sum-to-100", "--lang", lang]
        assert cli.main(words) == 1
        told = capsys.readouterr().out
        assert "✗ weights-sum-to-100" in told
        assert "- case:" in told
        assert word in told
        assert "tiny.yaml:" in told


def test_the_command_speaks_json(broken_file, capsys):
    """With the data as tables and as a case."""
    words = ["verify", str(broken_file), "--seconds", "5", "--property", "weights-sum-to-100", "--format", "json"]
    assert cli.main(words) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is False
    (tried,) = told["properties"]
    assert [broken["subject"] for broken in tried["broken"]] == ["both"]
    assert told["diagnostics"][0]["finding"] == "weights-sum-to-100"


def test_without_hypothesis_the_command_says_what_to_install(monkeypatch, capsys):
    """And ends with 2."""
    for name in [name for name in sys.modules if name.startswith("campaignrules.testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(campaignrules, "testing")
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    assert cli.main(["verify", "yanjiang_2023"]) == 2
    assert 'pip install "campaignrules[testing]"' in capsys.readouterr().err


# -- the shipped campaigns ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", driver.shipped())
def test_a_shipped_campaign_keeps_its_properties(name):
    """On very few submissions; CI tries more with the command, for ten seconds each."""
    verdict = testing.verify(campaignrules.load(name), 60, examples=4)
    assert [(one.property, one.subject) for one in verdict.broken] == []
    assert verdict.examples
