"""What an author lets stand: entries of `acknowledged:` against findings, and how `check` shows them."""

import json
import time

import pytest
from attrs import evolve

from campaignrules import cli, driver
from campaignrules.consistency.acknowledged import acknowledge
from campaignrules.errors import CampaignError, Text, fault, render, to_json

HEAD = """
campaign: known
title: t
period: {from: 2023-01-01, to: 2023-12-31}
records:
  project:
    key: id
    fields: {id: {type: text}, unit: {type: unit}, investment: {type: quantity, unit: 亿元}, signed_on: {type: date}}
metrics: {amount: {sum: project.investment, on: signed_on}}
targets:
  - {id: Y, metric: amount, in: 2023, at_least: 48 亿元, source: 一}
  - {id: H1, metric: amount, in: 2023H1, at_least: 25 亿元, source: 二}
  - {id: H2, metric: amount, in: 2023H2, at_least: 20 亿元, source: 三}
"""
KNOWN = (
    HEAD
    + "acknowledged:\n  - {finding: parts-below-whole, at: Y, reason: {zh: 文件如此, en: so it stands}, source: 一}\n"
)


def found(text):
    """Code → what `check` finds under it."""
    return {one.code: one for one in driver.check(text).checked.warnings}


def command(capsys, tmp_path, text, *words):
    """The exit code of `check` on this text, and what it writes."""
    path = tmp_path / "c.yaml"
    path.write_text(text, encoding="utf-8")
    code = cli.main(["check", "--lang", "en", *words, str(path)])
    return code, capsys.readouterr().out


def test_an_entry_of_the_code_and_the_subject_lets_a_finding_stand():
    """It becomes a note that has the author's reason."""
    one = found(KNOWN)["parts-below-whole"]
    assert (one.severity, one.acknowledged) == ("note", Text("文件如此", "so it stands"))
    assert found(HEAD)["parts-below-whole"].severity == "warning"


@pytest.mark.parametrize("entry", ["finding: parts-below-whole, at: H1", "finding: parts-above-whole, at: Y"])
def test_an_entry_that_fits_nothing_is_a_warning(entry):
    """Another subject or another code acknowledges nothing, and is told so at its `at`."""
    said = found(f"{HEAD}acknowledged:\n  - {{{entry}, reason: r}}\n")
    assert said["parts-below-whole"].acknowledged is None
    assert said["acknowledgement-unused"].span.line == HEAD.count("\n") + 2


def test_each_name_of_an_entry_is_looked_for():
    """Of two names only the one that fits nothing is idle."""
    said = found(f"{HEAD}acknowledged:\n  - {{finding: parts-below-whole, at: [Y, Z], reason: r}}\n")
    assert said["parts-below-whole"].acknowledged
    assert said["acknowledgement-unused"].subject == "Z"


@pytest.mark.parametrize("finding", ["more-is-not-less", "own"])
def test_check_says_nothing_of_entries_for_verify(finding):
    """Whether a property is broken only verify can tell."""
    more = "properties:\n  - {id: own, that: amount >= 0 * 亿元}\n"
    text = f"{HEAD}{more}acknowledged:\n  - {{finding: {finding}, at: Y, reason: r}}\n"
    assert "acknowledgement-unused" not in found(text)


def test_a_broken_property_is_acknowledged_by_its_name():
    """The entry names the property, not the code that all broken properties share."""
    campaign = driver.load(
        f"{HEAD}acknowledged:\n  - {{finding: more-is-not-less, at: Y, reason: r}}\n"
    ).checked.campaign
    broken = below_whole(finding="more-is-not-less")
    assert [one.acknowledged for one in acknowledge([broken], campaign, "verify")] == [Text("r", "r")]
    assert [one.code for one in acknowledge([], campaign, "verify")] == ["acknowledgement-unused"]
    assert acknowledge([], campaign, "verify", complete=False) == ()


def below_whole(**more):
    """A finding about Y, without a place."""
    one = fault(
        "parts-below-whole", None, subject="Y", whole="w", window="w", demanded="d", sum="s", gap="g", parts="p"
    )
    return evolve(one, **more)


def test_an_error_cannot_be_acknowledged():
    """It stays an error whatever an entry says, here one that is graver than its code usually is."""
    campaign = driver.load(KNOWN).checked.campaign
    grave = below_whole(severity="error")
    assert acknowledge([grave], campaign)[0].severity == "error"


def test_a_code_that_is_no_finding_is_refused_with_the_one_that_was_meant():
    """A misspelt code would acknowledge nothing for ever."""
    with pytest.raises(CampaignError) as caught:
        driver.load(f"{HEAD}acknowledged:\n  - {{finding: part-below-whole, at: Y, reason: r}}\n")
    assert "parts-below-whole" in str(caught.value.diagnostics[0].hint)


def test_what_names_no_subject_is_about_the_part_it_stands_in():
    """A finding of the checker gets the innermost item, phase or target around it, so that it can be acknowledged."""
    text = HEAD + (
        "phases: {late: {from: 2023-12-01, to: 2024-01-31}}\n"
        "scorecards:\n  card:\n    out_of: 100 分\n    missing: zero\n    items:\n"
        "      i: {worth: 90 分, earn: {by_steps: amount, steps: [{at_least: 1 亿元, points: 1 分}, "
        "{at_least: 2 亿元, points: 2 分}]}}\n"
    )
    assert found(text)["phase-outside-period"].subject == "late"
    assert found(text)["unreachable-step"].subject == "card.i"
    assert found(text)["worths-do-not-sum"].subject == "card"


def test_what_stands_is_shown_with_its_reason():
    """Text and JSON say that it is acknowledged, and why."""
    one = found(KNOWN)["parts-below-whole"]
    assert "acknowledged[parts-below-whole]" in render([one], "en")
    assert "  = reason: so it stands" in render([one], "en")
    assert render([one], "zh").endswith("共 1 个已确认")
    assert to_json(one)["acknowledged"] == {"zh": "文件如此", "en": "so it stands"}


def test_check_counts_what_stands_and_lists_it_when_asked(capsys, tmp_path):
    """Without --all only the last line tells of it."""
    code, said = command(capsys, tmp_path, KNOWN)
    assert code == 0
    assert "parts-below-whole" not in said
    assert "1 acknowledged (--all lists them)" in said.splitlines()[-1]
    assert "acknowledged[parts-below-whole]" in command(capsys, tmp_path, KNOWN, "--all")[1]


def test_strict_passes_over_what_stands(capsys, tmp_path):
    """--strict fails for the finding, not for the acknowledged one."""
    assert command(capsys, tmp_path, HEAD, "--strict")[0] == 1
    assert command(capsys, tmp_path, KNOWN, "--strict")[0] == 0


def test_json_holds_what_the_text_shows(capsys, tmp_path):
    """What stands is in the list with --all only."""
    codes = [one["code"] for one in json.loads(command(capsys, tmp_path, KNOWN, "--format", "json")[1])]
    assert "parts-below-whole" not in codes
    every = json.loads(command(capsys, tmp_path, KNOWN, "--format", "json", "--all")[1])
    assert "parts-below-whole" in [one["code"] for one in every]


def test_an_agreement_is_no_fault_and_counted_apart():
    """It has a word of its own, and the last line tells it from notes."""
    fine = fault("unstated", None, agrees=True, severity="note", what="w", key="k", default="d", value="v")
    assert render([fine], "en").splitlines()[-1] == "1 that agree"
    assert render([fine], "zh").startswith("相符[unstated]")


def test_many_entries_against_many_findings_are_quick():
    """Three thousand of both take well under a second."""
    unused = "".join(f"  - {{finding: metric-not-judged, at: m{i}, reason: r}}\n" for i in range(1500))
    metrics = "".join(f"  m{i}: {{reported: 次}}\n" for i in range(1500))
    text = "campaign: c\ntitle: t\nperiod: {from: 2023-01-01, to: 2023-12-31}\nmetrics:\n" + metrics
    campaign = driver.load(text + "acknowledged:\n" + unused).checked.campaign
    found = [
        fault("unstated", one.node, what="w", key="k", default="d", value="v") for one in campaign.metrics.values()
    ]
    start = time.thread_time()
    assert len(acknowledge(found, campaign)) == 3000
    assert time.thread_time() - start < 1
