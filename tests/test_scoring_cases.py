"""Each folder of tests/scoring is one construct of docs/scoring.md: a small campaign and cases worked out by hand.

`cases.yaml` is a list of `{name, says, as_of, units, rows, settled, overlays, expect}`. `says` is one sentence with the
calculation; `as_of` is the period's last day unless stated; `rows` are the submitted tables; `units` is the submitted
roster; `settled` says what a later notice fixes (parameter: value), `overlays` are whole overlays. `expect` names rows
of progress, scores, rankings, honours or pending and states the cells that matter; a score without `item` is the total.
Engine and oracle answer each case.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import campaignrules
from campaignrules import intake, oracle
from campaignrules.driver import Campaign
from campaignrules.results import Results
from tests.test_cases import plain, shown

ROOT = Path(__file__).parent / "scoring"
FOLDERS = sorted(path.parent for path in ROOT.glob("*/cases.yaml"))
KEYS = {
    "progress": ("target", "unit", "window"),
    "scores": ("scorecard", "item", "unit", "window"),
    "rankings": ("ranking", "unit", "window"),
    "honours": ("honour", "unit", "window"),
}
LAST_DAY = "2023-12-31"

Case = dict[str, Any]


def cases_of(folder: Path) -> list[Case]:
    """The cases of a construct, every scalar as text."""
    text = (folder / "cases.yaml").read_text(encoding="utf-8")
    found: list[Case] = yaml.load(text, yaml.BaseLoader)  # noqa: S506  BaseLoader makes texts and nothing else
    return found


FOUND = [(folder, case) for folder in FOLDERS for case in cases_of(folder)]


def parameters(found: Iterable[tuple[Path, dict[str, Any]]]) -> list[Any]:
    """Cases as parameters of a test, by name."""
    return [pytest.param(folder, case, id=f"{folder.name}-{case['name']}") for folder, case in found]


CASES = parameters(FOUND)


@cache
def loaded(folder: Path, overlays: tuple[str, ...]) -> Campaign:
    """The campaign of a construct, with overlays."""
    return campaignrules.load(folder / "campaign.yaml", overlays=overlays)


def overlays_of(folder: Path, case: Case) -> tuple[str, ...]:
    """The overlays of a case as texts; `settled` makes one more."""
    given = [dict(one) for one in case.get("overlays", ())]
    if "settled" in case:
        fill = {f"parameters.{name}": value for name, value in case["settled"].items()}
        document = {"title": "补充通知", "published": "2023-01-01"}
        given.append({"overlay_for": folder.name, "id": "notice", "document": document, "fill": fill})
    return tuple(yaml.safe_dump(one, allow_unicode=True, default_style="") for one in given)


def submitted(case: Case) -> dict[str, Any]:
    """The tables of a case."""
    units = {"units": case["units"]} if "units" in case else {}
    return {**case.get("rows", {}), **units}


def by_engine(campaign: Campaign, data: Mapping[str, Any], as_of: dt.date) -> Results:
    """The engine's answer."""
    return campaign.evaluate(data, as_of=as_of).results


def by_oracle(campaign: Campaign, data: Mapping[str, Any], as_of: dt.date) -> Results:
    """The oracle's answer to the same rows, none of which is set aside."""
    checked = campaign.at(as_of).checked
    taken = intake.take(checked, data)
    assert not [finding for finding in taken.findings if finding.set_aside]
    return oracle.run(checked, {name: taken.rows(name) for name in taken.tables}, taken.roster, as_of)


def matching(rows: Iterable[Any], wanted: Mapping[str, Any], keys: Iterable[str]) -> list[Any]:
    """The rows that an expected row names."""
    named = {key: wanted[key] for key in keys if key in wanted}
    if "item" in keys:
        named.setdefault("item", "null")
    return [row for row in rows if all(shown(getattr(row, key)) == value for key, value in named.items())]


@pytest.mark.parametrize("evaluate", [by_oracle, by_engine])
@pytest.mark.parametrize(("folder", "case"), CASES)
def test_points_places_and_honours_come_out_as_worked_out_by_hand(folder, case, evaluate):
    """Every expected row is there once, with the cells it states."""
    campaign = loaded(folder, overlays_of(folder, case))
    results = evaluate(campaign, submitted(case), dt.date.fromisoformat(case.get("as_of", LAST_DAY)))
    for part, keys in KEYS.items():
        for wanted in case["expect"].get(part, ()):
            found = matching(getattr(results, part), wanted, keys)
            assert len(found) == 1, f"{len(found)} rows for {wanted}"
            actual = {key: shown(getattr(found[0], key)) for key in wanted}
            assert actual == {key: plain(value) for key, value in wanted.items()}, case["says"]


@pytest.mark.parametrize(("folder", "case"), CASES)
def test_engine_and_oracle_agree_on_every_row(folder, case):
    """Not only on the cells that a case states."""
    campaign, data = loaded(folder, overlays_of(folder, case)), submitted(case)
    as_of = dt.date.fromisoformat(case.get("as_of", LAST_DAY))
    engine, other = by_engine(campaign, data, as_of), by_oracle(campaign, data, as_of)
    for part in (*KEYS, "duties", "outcomes"):
        assert getattr(engine, part) == getattr(other, part), part


@pytest.mark.parametrize(("folder", "case"), parameters(one for one in FOUND if "pending" in one[1]["expect"]))
def test_what_waits_for_a_deferred_parameter_is_listed(folder, case):
    """Pending parameters name the scorecards, items, rankings and honours that they hold up."""
    campaign = loaded(folder, overlays_of(folder, case))
    pending = campaign.evaluate(submitted(case), as_of=case.get("as_of", LAST_DAY)).pending
    for wanted in case["expect"]["pending"]:
        found = [one for one in pending if one.parameter == wanted["parameter"]]
        assert len(found) == 1, wanted
        assert {key: shown(getattr(found[0], key)) for key in wanted} == wanted, case["says"]


def test_there_are_many_cases_and_each_says_what_it_shows():
    """A case without its calculation by hand proves nothing; names are words and unique within a construct."""
    assert len(CASES) >= 120
    for folder in FOLDERS:
        cases = cases_of(folder)
        names = [case["name"] for case in cases]
        assert len(set(names)) == len(names), folder.name
        assert all(case["says"].endswith("。") and any(case["expect"].values()) for case in cases), folder.name
        assert {key for case in cases for key in case} <= {
            *("name", "says", "as_of", "units", "rows", "settled", "overlays", "expect")
        }, folder.name


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_campaign_of_a_construct_is_named_after_it(folder):
    """So that an overlay finds it; a warning would be a fault of the example."""
    campaign = loaded(folder, ())
    assert campaign.name == folder.name
    assert [w.code for w in campaign.checked.warnings if w.severity == "warning"] == []
