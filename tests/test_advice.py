"""Pages of diagnostics: each piece to avoid gets its finding, each piece to prefer does not."""

import re
from pathlib import Path

import pytest

from campaignrules import advice, cli, driver
from campaignrules.advice.demands import DEMANDS
from campaignrules.advice.lints import LINTS
from campaignrules.advice.points import POINTS
from campaignrules.errors import render
from campaignrules.messages import CATALOGUE

SOURCE = Path(advice.__file__).parents[1]
EXAMINED = {**LINTS, **POINTS, **DEMANDS}
STARTS = {
    "campaign": "campaign: page\n",
    "title": "title: 例\n",
    "period": "period: {from: 2023-01-01, to: 2023-12-31}\n",
    "units": "units: {classes: {county: 区县}, roster: [{id: a, class: county}, {id: b, class: county}]}\n",
    "records": """records:
  project:
    key: id
    fields:
      id: {type: text}
      unit: {type: unit}
      enterprise: {type: text}
      listed: {type: bool}
      head: {type: bool}
      investment: {type: quantity, unit: 亿元, decimals: 4}
      signed_on: {type: date}
      landed_on: {type: date, required: false}
""",
    "metrics": """metrics:
  signed: {count: project, on: signed_on, unit: 个}
  amount: {sum: project.investment, on: signed_on, unit: 亿元}
  landing_rate: {rate: {of: project, where: signed_on is not None, reached: landed_on}}
  trips: {reported: 次}
""",
}


def completed(piece):
    """The piece as a whole campaign: what it lacks is put before it."""
    return "".join(text for key, text in STARTS.items() if not re.search(f"^{key}:", piece, re.MULTILINE)) + piece


def found(piece):
    """What `check` finds in it."""
    return driver.check(completed(piece)).checked.warnings


@pytest.mark.parametrize("code", EXAMINED)
def test_the_piece_to_avoid_gets_the_finding(code):
    """What the page warns of is what `check` finds in it."""
    assert code in {one.code for one in found(EXAMINED[code].avoid)}


@pytest.mark.parametrize("code", EXAMINED)
def test_the_piece_to_prefer_does_not(code):
    """The advice is good: it is free of the finding."""
    shown = found(EXAMINED[code].prefer)
    assert code not in {one.code for one in shown}, render(shown)


@pytest.mark.parametrize("code", EXAMINED)
def test_what_is_found_has_a_subject_and_a_place(code):
    """An acknowledgement can name it, and an editor can show it."""
    one = next(one for one in found(EXAMINED[code].avoid) if one.code == code)
    assert one.subject
    assert one.span


@pytest.mark.parametrize("code", advice.PAGES)
def test_a_page_says_why_in_both_languages(code):
    """Two or three sentences, not a word."""
    why = advice.PAGES[code].why
    assert re.search("[\u4e00-\u9fff]", why.zh)
    assert not re.search("[\u4e00-\u9fff]", re.sub("[“「].*?[”」]", "", why.en))
    assert len(why.zh) > 20
    assert code in CATALOGUE


@pytest.mark.parametrize("folder", ["consistency", "testing", "tracing"])
def test_whatever_looks_at_a_whole_campaign_has_pages_for_what_it_finds(folder):
    """Every code that stands in the code of `check`, `verify` and `trace` has its page."""
    texts = [path.read_text("utf-8") for path in (SOURCE / folder).glob("*.py")]
    used = {code for text in texts for code in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text) if code in CATALOGUE}
    assert not {code for code in used if CATALOGUE[code].severity != "error"} - advice.PAGES.keys()


def test_every_code_can_be_explained(capsys):
    """A code without a page of its own has its message and hint."""
    for code in CATALOGUE:
        assert cli.main(["check", "--explain", code, "--lang", "en"]) == 0
        said = capsys.readouterr().out
        assert said.startswith(code)
        assert ("Avoid" in said) == (code in advice.PAGES)


def test_a_page_is_shown_in_the_language_of_the_reader(capsys):
    """Avoid, prefer, why."""
    assert cli.main(["check", "--explain", "acknowledgement-unused", "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert said.index("避免") < said.index("改成") < said.index("理由")


def test_an_unknown_code_is_wrong_usage(capsys):
    """Exit code 2 and the code that was meant."""
    assert cli.main(["check", "--explain", "parts-bellow-whole", "--lang", "en"]) == 2
    assert "did you mean parts-below-whole?" in capsys.readouterr().err
