"""The five shipped campaigns: nothing of their documents is lost, and small cases come out as worked out by hand.

A case is a folder of cases_campaigns: the tables of a submission and expected.yaml, which holds the hand calculation
(`notes`), the answers at one or more dates, rows that must be set aside, and facts. `campaign` names the campaign (else
the folder does); an answer may take `overlays` (paths from the folder) and `readings`.
"""

import datetime as dt
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import yaml

import campaignrules
from campaignrules import cli, oracle
from campaignrules.driver import data_folder, shipped

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "cases_campaigns").glob("*/expected.yaml"))
COUNTS = {
    "guangyuan_2023_2025": 153,
    "sichuan_2023_q3": 83,
    "sichuan_2024_reply_0798": 46,
    "xinfeng_100days": 144,
    "yanjiang_2023": 167,
}
SCORING = {"score_item", "score_weight", "deduction", "bonus", "ranking", "veto", "honour_or_sanction"}
WORKING = {"computed", "needs_parameter", "attested"}
NUMBERS = {
    "value", "required", "required_high", "shortfall", "ratio", "pace", "gap", "needed_per_day", "points", "lowest", "highest",
    "worth", "place", "best", "worst", "ranked", "change",
}  # fmt: skip
KINDS = {
    "progress": ("target", "unit", "window"),
    "duties": ("duty", "unit", "window"),
    "scores": ("scorecard", "item", "unit", "window"),
    "rankings": ("ranking", "unit", "window"),
    "honours": ("honour", "unit", "window"),
}
"""Tables of results, and the cells by which an expected row names the row that is meant."""


# -- nothing is lost ----------------------------------------------------------------------------------------------


@cache
def rules(campaign):
    """Id → (kind, evaluability) of every rule of the document."""
    lines = (HERE / "inventory_ids" / f"{campaign}.txt").read_text(encoding="utf-8").splitlines()
    return {id_: (kind, how) for id_, kind, how in (line.split() for line in lines if not line.startswith("#"))}


def carried(node, *, top=True):
    """(id, whether in the register) for every rule that a campaign file carries: items of that id, and `covers`."""
    if isinstance(node, list):
        for item in node:
            yield from carried(item, top=False)
    elif isinstance(node, dict):
        own = [node["id"]] if isinstance(node.get("id"), str) else []  # a record may have a field of that name
        yield from ((id_, False) for id_ in [*node.get("covers", ()), *own])
        for key, value in node.items():
            if top and key == "register":
                yield from ((id_, True) for entry in value for id_ in entry["covers"])
            elif key not in ("covers", "roster", "properties"):  # a property is the author's, not the document's
                yield from carried(value, top=False)


@cache
def coverage(campaign):
    """What `carried` finds in the file of a shipped campaign."""
    text = (data_folder("campaigns") / f"{campaign}.yaml").read_text(encoding="utf-8")
    return list(carried(yaml.safe_load(text)))


def test_the_five_campaigns_have_593_rules():
    """Each campaign has as many rules as its document was found to have."""
    assert {campaign: len(rules(campaign)) for campaign in shipped()} == COUNTS
    assert sum(COUNTS.values()) == 593


@pytest.mark.parametrize("campaign", COUNTS)
def test_every_rule_is_carried_exactly_once(campaign):
    """No rule of a document is lost, none is encoded twice, none is invented."""
    found = Counter(id_ for id_, _ in coverage(campaign))
    assert {id_: times for id_, times in found.items() if times != 1} == {}, "carried more than once"
    assert sorted(set(rules(campaign)) - set(found)) == [], "lost"
    assert sorted(set(found) - set(rules(campaign))) == [], "not in the document"


@pytest.mark.parametrize("campaign", COUNTS)
def test_what_can_be_evaluated_is_not_left_in_the_register(campaign):
    """Only scoring, and what the document merely mentions, may be registered instead of encoded."""
    registered = {id_ for id_, register in coverage(campaign) if register}
    must = {id_ for id_, (kind, how) in rules(campaign).items() if how in WORKING and kind not in SCORING}
    assert sorted(registered & must) == []


# -- cases worked out by hand -------------------------------------------------------------------------------------


@cache
def expected(case):
    """expected.yaml of a case; numbers and dates stay text."""
    return yaml.load((case / "expected.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506  texts only


@cache
def evaluation(case, number):
    """A case as one of its answers asks for it."""
    answer = expected(case)["answers"][number]
    overlays = [case / path for path in answer.get("overlays", ())]
    campaign = campaignrules.load(name_of(case), overlays=overlays, readings=answer.get("readings"))
    return campaign.evaluate(case, as_of=answer["as_of"])


@cache
def by_engine(case, number):
    """What the library answers."""
    return evaluation(case, number).results


@cache
def by_oracle(case, number):
    """What the oracle answers for the same rows."""
    asked = evaluation(case, number)
    rows = {record: asked.submission.rows(record) for record in asked.submission.tables}
    return oracle.run(asked.checked, rows, asked.submission.roster, asked.as_of)


def read(key, text):
    """An expected cell as the results hold it."""
    if text == "null":
        return None
    if key in NUMBERS:
        return Decimal(text)
    if key == "awaits":
        return tuple(text)
    return dt.date.fromisoformat(text) if key.endswith("_on") else text


def differences(kind, wanted, rows):
    """One sentence for each expected row that is not there, not alone, or not the same."""
    named = [key for key in KINDS[kind] if key in wanted]
    named += ["due_on"] if kind == "duties" and "due_on" in wanted else []
    place = {
        "unit": None,
        **({"item": None} if kind == "scores" else {}),
        **{key: read(key, wanted[key]) for key in named},
    }
    found = [row for row in rows if all(getattr(row, key) == value for key, value in place.items())]
    shown = " ".join(str(value) for value in place.values() if value is not None)
    if len(found) != 1:
        yield f"{shown}: {len(found)} rows"
        return
    for key in wanted.keys() - set(named):
        got, want = getattr(found[0], key), read(key, wanted[key])
        if got != want:
            yield f"{shown}: {key} is {got}, by hand {want}"


def answers():
    """(case, number of the answer) for every answer."""
    return [(case, number) for case in CASES for number, _ in enumerate(expected(case)["answers"])]


@pytest.mark.parametrize("by", [by_engine, by_oracle])
@pytest.mark.parametrize(("case", "number"), answers(), ids=lambda part: getattr(part, "name", part))
def test_cases_come_out_as_worked_out_by_hand(case, number, by):
    """All kinds of results, and numbers of rows, are those of expected.yaml, by the engine and by the oracle."""
    answer = expected(case)["answers"][number]
    results = by(case, number)
    wrong = [
        line
        for kind in KINDS
        for row in answer.get(kind, ())
        for line in differences(kind, row, getattr(results, kind))
    ]
    assert not wrong, "\n".join(["differs from the hand calculation:", *wrong])
    outcomes = {one.outcome: one.status for one in results.outcomes}
    assert {**outcomes, **answer.get("outcomes", {})} == outcomes
    rows = {kind: len(getattr(results, kind)) for kind in KINDS}
    assert {**rows, **{name: int(count) for name, count in answer.get("rows", {}).items()}} == rows


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_set_aside_the_rows_they_say_and_no_others(case):
    """A hand-written case has no faults but those it is about; what is only noted is none."""
    found: dict[str, list[str]] = {}
    for one in evaluation(case, 0).findings:
        if one.severity == "note" and not one.set_aside:
            continue
        assert one.set_aside, one
        found.setdefault(one.record, []).append(str(one.row))
    assert found == expected(case).get("set_aside", {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_count_as_many_rows_as_they_say(case):
    """Rows that a screen takes out are not counted."""
    for number, answer in enumerate(expected(case)["answers"]):
        counted = {one.record: str(one.counted) for one in evaluation(case, number).counts}
        assert {**counted, **answer.get("counted", {})} == counted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_facts_are_kept_as_stated(case):
    """What a document states is in the campaign, with how exact it is."""
    facts = {one.id: {"value": one.value, "about": one.about} for one in campaign_of(case).facts}
    wanted = expected(case).get("facts", {})
    assert {id_: facts.get(id_) for id_ in wanted} == wanted


def name_of(case):
    """The campaign that a case is about."""
    return expected(case).get("campaign", case.name)


def campaign_of(case):
    """The campaign of a case, as its file says it."""
    return campaignrules.load(name_of(case)).checked.campaign


def test_there_is_a_case_for_each_shipped_campaign():
    """Each shipped campaign is worked out by hand somewhere."""
    assert sorted({name_of(case) for case in CASES}) == shipped()


@pytest.mark.parametrize("name", shipped())
def test_its_file_of_tests_holds_and_leaves_nothing_out(name, capsys):
    """Every target, duty, item, place, honour and boundary of a shipped campaign is worked out by hand."""
    assert cli.main(["test", name, "--min-coverage", "100", "--lang", "en"]) == 0, capsys.readouterr().out
