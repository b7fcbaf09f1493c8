"""Reports of scores, places and lists: golden files a format, with intervals and with overlays; the sheet of a unit.

Unlike tests/test_reports.py the engine's own evaluation is shown, for reasons are made from what it keeps. With
GOLDEN=write in the environment the golden files are written anew; read the difference before you commit it.
"""

import csv
import io
import json
import os
import re
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

import campaignrules as cr
from campaignrules import cli, oracle
from campaignrules.errors import width_of
from campaignrules.reports import Choice, numbers, render, render_sheet
from campaignrules.results import Score

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden" / "scored"
PROJECTS = [
    ("a", "3.5", "2023-01-05"), ("a", "8", "2023-02-03"), ("a", "4", "2023-02-20"), ("b", "2", "2023-01-20"),
    ("b", "6.5", "2023-02-11"), ("c", "1", "2023-02-14"), ("x", "3", "2023-02-01"), ("x", "1", "2023-02-02"),
    ("y", "1.00001", "2023-02-27"),
]  # fmt: skip
DATA = {
    "project": [{"unit": u, "investment": v, "signed_on": d} for u, v, d in PROJECTS],
    "violation": [{"unit": "c", "on": "2023-02-15"}],
}


def evaluated(*overlays, as_of="2023-02-28"):
    """The sample with overlays."""
    paths = [GOLDEN / f"{name}.yaml" for name in overlays]
    return cr.load(GOLDEN / "campaign.yaml", overlays=paths).evaluate(DATA, as_of=as_of)


@pytest.fixture(scope="module")
def evaluation():
    """With numbers still open."""
    return evaluated()


@pytest.fixture(scope="module")
def settled():
    """With what one notice has settled, and another that is not in force yet."""
    return evaluated("overlay", "later")


CASES: dict[str, dict] = {
    "table.zh.txt": {},
    "table.en.txt": {"lang": "en"},
    "table.narrow.zh.txt": {"width": 60},
    "table.all.zh.txt": {"choice": Choice(everything=True)},
    "table.unit.zh.txt": {"choice": Choice(units=("b",))},
    "table.item.en.txt": {"lang": "en", "choice": Choice(targets=("monthly.amount", "by_class"))},
    "evaluation.json": {"format": "json"},
    **{f"{name}.csv": {"format": "csv", "table": name} for name in ("scores", "rankings", "honours", "pending")},
}
SHEETS: dict[str, tuple[str, dict]] = {
    "sheet.zh.txt": ("b", {}),
    "sheet.en.txt": ("b", {"lang": "en"}),
    "sheet.gates.zh.txt": ("c", {"windows": ("2023-01", "2023-02")}),
    "sheet.json": ("b", {"format": "json"}),
    "sheet.csv": ("b", {"format": "csv"}),
}


def agrees(name, text):
    """Whether a text is that of the golden file; versions may differ, and the receipt is shown elsewhere."""
    text = re.sub(r'\n  "receipt": \{.*?\n  \}', '\n  "receipt": {}', text, flags=re.DOTALL)
    text = re.sub(r'("(?:campaignrules|python)": )"[0-9.a-z+]+"', r'\1"0"', text)
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(text.encode())
    return text == path.read_bytes().decode()


@pytest.mark.parametrize("name", CASES)
def test_a_report_of_scores_reads_as_its_golden_file(evaluation, name):
    """Intervals, ranges of places and possible listings, in each format."""
    assert agrees(name, render(evaluation, **CASES[name]))


@pytest.mark.parametrize("name", ["table.zh.txt", "table.en.txt", "evaluation.json"])
def test_a_report_tells_of_overlays(settled, name):
    """What a notice settled is a number; the head and the meta name the notices, those to come as well."""
    assert agrees(f"overlay.{name}", render(settled, **CASES[name]))


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_reads_as_its_golden_file(evaluation, name):
    """Each item with its reason, gates, grade, place, and what is still open."""
    unit, more = SHEETS[name]
    assert agrees(name, render_sheet(evaluation, unit, **more))


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_line_of_scores_is_wider_than_the_terminal(evaluation, width, lang):
    """Chinese counts two cells a character; a wide card loses its items before it loses a number."""
    texts = [render(evaluation, lang=lang, width=width), render_sheet(evaluation, "b", lang=lang, width=width)]
    lines = [line for text in texts for line in text.splitlines()]
    assert max(map(width_of, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_reasons_are_those_of_the_oracle(evaluation, settled):
    """Two answers, one reason: the same words for every item and total."""
    for one in (evaluation, settled):
        rows = {name: one.submission.rows(name) for name in one.submission.tables}
        expected = oracle.run(one.checked, rows, one.roster, one.as_of).scores
        assert [row.because for row in one.scores_explained()] == [row.because for row in expected]


@pytest.mark.parametrize("name", [name for name in cr.shipped() if name != "xinfeng_100days"])
def test_reasons_of_shipped_campaigns_are_those_of_the_oracle(name):
    """The same on the examples, where formulas are longer; the oracle takes too long over the largest."""
    one = cr.load(name).evaluate(ROOT / "examples" / name, as_of="2023-08-15")
    rows = {table: one.submission.rows(table) for table in one.submission.tables}
    expected = oracle.run(one.checked, rows, one.roster, one.as_of).scores
    assert [row.because for row in one.scores_explained()] == [row.because for row in expected]


def test_reasons_are_made_only_when_asked_for(evaluation):
    """The rows of results have none; those of the sheet, of JSON and of CSV have."""
    assert {row.because for row in evaluation.results.scores} == {None}
    assert all(row["because"] for row in json.loads(render(evaluation, "json"))["scores"])
    text = render(evaluation, "csv", table="scores", lang="en")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert list(rows[0]) == [field.name for field in attrs.fields(Score)]
    assert rows[0]["because"].startswith("investment signed 3.5")


def test_a_gate_tells_whether_it_takes_effect(evaluation):
    """Of the unit with a violation the one gate holds and the other does not."""
    found = evaluation.gates("monthly", "c", "2023-02")
    assert [(one.gate, one.status) for one in found] == [("G-1", "holds"), ("G-2", "does_not_hold")]
    assert evaluation.gates("monthly", "c", "2023-03") == ()


@pytest.mark.parametrize(
    ("value", "shown"), [("89.996", "89.996"), ("90.004", "90"), ("33.333333333333", "33.33"), ("-0.001", "-0.001")]
)
def test_points_never_look_as_if_they_had_reached_a_whole_number(value, shown):
    """Two decimals, and all of them where fewer would round up to a boundary."""
    assert numbers.points(Decimal(value)) == shown


def test_an_interval_holds_what_it_is_rounded_from():
    """The lower end goes down, the upper end up."""
    assert numbers.interval(Decimal("66.666"), Decimal("66.667")) == "[66.66–66.67]"
    assert numbers.interval(None, Decimal(20)) == "[?–20]"
    assert numbers.interval(Decimal(5), Decimal("5.0")) == "5"


def test_reasons_on_a_sheet_have_numbers_that_can_be_read():
    """Four decimals in prose; identifiers, dates and short numbers stay."""
    text = "履约率 70.5882352941%：15 × 70.5882352941% = 10.588235294115 分，2023-06.30，x1.123456，1.25"
    assert numbers.readable(text) == "履约率 70.5882%：15 × 70.5882% = 10.5882 分，2023-06.30，x1.123456，1.25"


def test_a_shared_place_is_said_on_the_sheet(evaluation):
    """Two bureaus without projects in January share the first place of their class."""
    zh, en = (render_sheet(evaluation, "x", windows=("2023-01",), lang=lang) for lang in ("zh", "en"))
    assert "名次：分类排名 并列第 1 名，责任部门共 2 个" in zh
    assert "Place: Places by class 1= of 2 (bureaus)" in en


def test_many_units_are_shown_by_the_first_of_each_group():
    """A card with more units than a screen says how many more there are and how to see them."""
    campaign = cr.load("xinfeng_100days")
    evaluation = campaign.evaluate(ROOT / "examples" / "xinfeng_100days", as_of="2023-07-15")
    brief = render(evaluation).partition("百日攻坚总分")[2].partition("\n年终")[0]
    assert "用 --all 全部列出" in brief
    assert len(brief.splitlines()) < 15
    assert len(render(evaluation, choice=Choice(targets=("drive",))).splitlines()) > 34


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with the sample's tables, for readers of Chinese."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    for name, rows in DATA.items():
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def command(data):
    """Run `evaluate` on the sample with more arguments."""
    start = ["evaluate", str(GOLDEN / "campaign.yaml"), "--data", str(data), "--as-of", "2023-02-28"]
    return lambda *more: cli.main([*start, *more])


def test_the_sheet_is_asked_for_by_title_and_window(command, capsys):
    """`--sheet 河东乡 --window 2023-01` shows January of that unit and nobody else."""
    assert command("--sheet", "河东乡", "--window", "2023-01") == 0
    out = capsys.readouterr().out
    assert "得分单：河东乡" in out
    assert "2023-01-31" in out
    assert "城关镇" not in out


def test_the_sheet_goes_to_json_and_csv(command, capsys):
    """JSON holds the unit's scores, gates, places, lists and what they wait for; CSV its scores unless told otherwise."""
    assert command("--sheet", "b", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert list(data) == [
        "campaign",
        "as_of",
        "unit",
        "scores",
        "gates",
        "rankings",
        "honours",
        "pending",
        "meta",
        "receipt",
    ]
    assert {row["unit"] for name in ("scores", "gates", "rankings", "honours") for row in data[name]} == {"b"}
    assert [row["parameter"] for row in data["pending"]] == ["project_points", "places"]
    assert command("--sheet", "b", "--format", "csv", "--table", "rankings") == 0
    assert capsys.readouterr().out.startswith("\ufeffranking,unit,")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--sheet", "河东"), "是不是想写 河东乡？"),
        (("--sheet", "b", "--unit", "a"), "--sheet 不能同 --unit 一起用"),
        (("--target", "monthly.amounts"), "是不是想写 monthly.amount？"),
    ],
)
def test_a_wrong_choice_of_scores_is_wrong_usage(command, capsys, more, said):
    """The answer helps, and nothing is shown."""
    assert command(*more) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_scores_do_not_change_the_exit_code(command):
    """--fail-on missing looks at targets and duties; a unit without points fails nobody."""
    assert command("--fail-on", "missing") == 0


def test_explain_takes_scorecards_items_rankings_and_honours(data, capsys):
    """What a report shows by its id can be asked about by its id."""
    start = ["explain", str(GOLDEN / "campaign.yaml"), "--data", str(data), "--as-of", "2023-02-28"]
    for name in ("monthly", "monthly.amount", "by_class", "H-1"):
        assert cli.main([*start, "--target", name, "--unit", "河东乡"]) == 0
        assert name.partition(".")[0] in capsys.readouterr().out
