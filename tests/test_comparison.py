"""Results under every reading: which stand, which depend on which reading, in Python and at the command.

The whole section of the terminal is held in `tests/readings/table.zh.txt` and `.en.txt`;
`python tests/test_comparison.py` writes them again.
"""

import csv
import io
import json
from pathlib import Path

import attrs
import polars as pl
import pytest

import campaignrules
from campaignrules import cli, reports
from campaignrules.comparison import COLUMNS, KEYS, Comparison, Dependent
from campaignrules.model import Reading
from campaignrules.results import Results

ROOT = Path(__file__).parents[1]
CAMPAIGN = Path(__file__).parent / "overlays" / "campaign.yaml"
NOTICE = Path(__file__).parent / "overlays" / "notice.yaml"
GOLDEN = Path(__file__).parent / "readings"
PROJECTS = [
    {"unit": "a", "investment": "12", "signed_on": "2023-06-10", "landed_on": "2023-07-02"},
    {"unit": "a", "investment": "3", "signed_on": "2023-07-11", "landed_on": ""},
    {"unit": "b", "investment": "6", "signed_on": "2023-08-01", "landed_on": ""},
]
TABLES = {"project": PROJECTS}


def compared(data=TABLES, as_of="2023-08-31", **more) -> Comparison:
    """The comparison of the small campaign."""
    return campaignrules.load(CAMPAIGN, **more).compare_readings(data, as_of=as_of)


def of(comparison: Comparison, item: str) -> list[Dependent]:
    """The rows of an item."""
    return [row for row in comparison.rows if row.item == item]


def test_a_result_that_a_reading_changes_is_told_field_by_field():
    """What it is now, and what it would be under which option."""
    rows = {row.field: row for row in of(compared(), "T-1")}
    assert rows["value"].chosen == 1
    assert rows["value"].others == {("landing", "signed"): 3}
    assert (rows["required"].chosen, rows["required"].others) == (10, {("landing", "signed"): 15})
    assert rows["value"].key["window"] == "campaign"
    assert "status" not in rows
    assert "metric" not in rows


def test_a_result_that_no_reading_changes_stands():
    """It has no row, and is counted."""
    comparison = compared()
    assert of(comparison, "T-3") == []
    (progress,) = comparison.standing
    assert (progress.kind, progress.results, progress.standing, progress.depending) == ("progress", 10, 1, 9)


def test_results_that_are_only_there_under_some_reading_are_told():
    """By month there are six results of another window each instead of two."""
    rows = of(compared(), "T-2")
    assert {row.field for row in rows} == {None}
    gone, new = ([row for row in rows if row.chosen is there] for there in (True, False))
    assert [row.key["unit"] for row in gone] == ["a", "b"]
    assert [row.key["window"] for row in new[:3]] == ["2023-06", "2023-07", "2023-08"]
    assert len(new) == 6
    assert {row.others[("monthly", "monthly")] for row in gone} == {False}
    assert {row.others[("monthly", "monthly")] for row in new} == {True}


def test_the_reading_taken_is_what_the_others_are_held_against():
    """With another reading taken, the file's own is one of the others."""
    comparison = compared(readings={"landing": "signed"})
    assert set(comparison.others) == {("landing", "landed"), ("monthly", "monthly")}
    rows = {row.field: row for row in of(comparison, "T-1")}
    assert (rows["value"].chosen, rows["value"].others) == (3, {("landing", "landed"): 1})


def test_readings_are_compared_as_overlays_leave_them():
    """On a day on which the notice is in force its number holds under every reading."""
    for day, fields in (("2023-06-30", {"value", "required", "ratio", "shortfall"}), ("2023-07-01", {"value"})):
        rows = {row.field for row in of(compared(as_of=day, overlays=[NOTICE]), "T-1")}
        assert fields <= rows
        assert ("required" in rows) == (day == "2023-06-30")


def test_an_evaluation_that_is_there_already_is_not_made_again():
    """`chosen` is taken as it is."""
    campaign = campaignrules.load(CAMPAIGN)
    evaluation = campaign.evaluate(TABLES, as_of="2023-08-31")
    assert campaign.compare_readings(TABLES, as_of="2023-08-31", chosen=evaluation).chosen is evaluation.results


def test_the_frame_has_a_line_for_each_field_and_reading():
    """Every column is text, numbers plainly written."""
    frame = compared().frame
    assert tuple(frame.columns) == COLUMNS
    assert set(frame.dtypes) == {pl.String}
    (line,) = frame.filter(pl.col("item") == "T-1", pl.col("field") == "value").rows()
    assert line == ("progress", "T-1", None, "campaign", "2023-08-31", "value", "1", "landing", "signed", "3")


def test_no_reading_changes_nothing():
    """A campaign without readings is compared with nothing."""
    text = "campaign: c\ntitle: t\nperiod: {from: 2023-01-01, to: 2023-12-31}\n"
    comparison = campaignrules.load(text).compare_readings(None, as_of="2023-06-30")
    assert (comparison.rows, comparison.standing, comparison.frame.height) == ((), (), 0)


def test_every_kind_of_result_is_compared_by_keys_it_has():
    """A new kind of row takes part as soon as `Results` holds it: its key fields are known."""
    assert {"progress", "duties", "outcomes"} <= {field.name for field in attrs.fields(Results)}
    empty: dict[str, Reading] = {}
    nothing = Results((), (), ())
    assert Comparison(nothing, {("a", "b"): nothing}, empty).rows == ()
    assert set(KEYS) >= {"target", "duty", "outcome", "unit", "window", "due_on"}


def test_rows_of_the_same_key_are_told_apart_by_their_number():
    """Two rows of one key are matched in their order."""
    (one,) = [row for row in compared().chosen.progress if row.target == "T-1"]
    twice = Results((one, one), (), ())
    other = Results((one, attrs.evolve(one, status="met")), (), ())
    (row,) = Comparison(twice, {("r", "o"): other}, {}).rows
    assert (row.field, row.key["number"], row.others) == ("status", 2, {("r", "o"): "met"})


@pytest.mark.slow
def test_xinfeng_is_compared_under_all_its_readings():
    """Real readings: the landing of the whole task is told with its two numbers, and most results stand."""
    data = ROOT / "examples" / "xinfeng_100days"
    comparison = campaignrules.load("xinfeng_100days").compare_readings(data, as_of="2023-08-31")
    (value,) = [row for row in of(comparison, "XF-OBJ-01") if row.field == "value"]
    assert set(value.others) == {("landing", "signed")}
    standing = {one.kind: one for one in comparison.standing}
    assert standing["progress"].standing > standing["progress"].depending
    assert comparison.title(("landing", "signed")).zh.startswith("总任务的“落地”：按签约计")


# --- the command --------------------------------------------------------------


@pytest.fixture
def data(tmp_path):
    """The projects as a folder of one table."""
    written(tmp_path)
    return tmp_path


def written(folder: Path) -> None:
    """The projects as a CSV file."""
    lines = [",".join(PROJECTS[0]), *(",".join(row.values()) for row in PROJECTS)]
    (folder / "project.csv").write_text("\n".join(lines) + "\n", "utf-8")


def evaluate(folder: Path, *more: str) -> int:
    """Run `evaluate --all-readings`."""
    command = ["evaluate", str(CAMPAIGN), "--data", str(folder), "--as-of", "2023-08-31", "--all-readings"]
    return cli.main([*command, "--lang", "zh", *more])


def section(lang: str) -> str:
    """What the report says of readings."""
    campaign = campaignrules.load(CAMPAIGN)
    evaluation = campaign.evaluate(TABLES, as_of="2023-08-31")
    comparison = campaign.compare_readings(TABLES, as_of="2023-08-31", chosen=evaluation)
    whole = reports.render(evaluation, lang=lang, comparison=comparison)
    return whole[whole.rindex("各种读法  " if lang == "zh" else "Readings  ") :]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_section_of_the_report_is_as_it_was_read_and_approved(lang):
    """Counts and a line for each item and reading."""
    assert section(lang) == (GOLDEN / f"table.{lang}.txt").read_text("utf-8")


def test_the_report_ends_with_the_readings(data, capsys):
    """Without --all-readings there is no word of them."""
    assert evaluate(data) == 0
    assert capsys.readouterr().out.endswith((GOLDEN / "table.zh.txt").read_text("utf-8"))
    assert cli.main(["evaluate", str(CAMPAIGN), "--data", str(data), "--as-of", "2023-08-31"]) == 0
    assert "各种读法" not in capsys.readouterr().out


def test_json_holds_the_readings_under_a_key(data, capsys):
    """What was tried, how many stand, and what depends."""
    assert evaluate(data, "--format", "json", "--target", "T-1") == 0
    found = json.loads(capsys.readouterr().out)["readings"]
    assert [(one["reading"], one["option"]) for one in found["compared"]] == [
        ("landing", "signed"),
        ("monthly", "monthly"),
    ]
    assert found["standing"] == [{"kind": "progress", "results": 10, "standing": 1}]
    value = next(one for one in found["depending"] if one["field"] == "value")
    assert (value["target"], value["chosen"], value["others"]) == ("T-1", "1", {"landing=signed": "3"})
    assert {one["target"] for one in found["depending"]} == {"T-1"}


def test_csv_holds_the_readings_as_a_table(data, capsys):
    """`--table readings` is the frame as CSV, and needs --all-readings."""
    assert evaluate(data, "--format", "csv", "--table", "readings") == 0
    lines = list(csv.reader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    assert tuple(lines[0]) == COLUMNS
    assert ["progress", "T-1", "", "campaign", "2023-08-31", "value", "1", "landing", "signed", "3"] in lines
    words = ["evaluate", str(CAMPAIGN), "--data", str(data), "--as-of", "2023-08-31", "--table", "readings"]
    assert cli.main(words) == 2


if __name__ == "__main__":
    for language in ("zh", "en"):
        (GOLDEN / f"table.{language}.txt").write_text(section(language), encoding="utf-8")
