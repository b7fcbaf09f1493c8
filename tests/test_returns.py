"""Returns: the periods people write, who submitted what, whose values are missing, and how all that is told."""

import datetime as dt
import json
import random

import pytest
from attrs import evolve

import campaignrules as cr
from campaignrules import engine, intake, oracle
from campaignrules.calendar import Calendar
from campaignrules.cli import main
from campaignrules.explain import render_explanation
from campaignrules.intake.raw import Source
from campaignrules.intake.submitters import sheets
from campaignrules.periods import window_meant, window_on
from campaignrules.reports import render

CAMPAIGN = """
campaign: returns
title: {zh: 报送, en: Returns}
period: {from: 2023-01-01, to: 2023-12-31}
phases: {p1: {title: 第一阶段, from: 2023-05-24, to: 2023-07-31}}
calendar: {holidays: [2023-04-05]}
units:
  classes: {county: 区县}
  roster:
    - {id: a, title: 甲县, class: county}
    - {id: b, title: 乙县, class: county}
    - {id: c, title: 丙县, class: county}
records:
  project:
    title: {zh: 签约项目, en: projects}
    key: id
    fields:
      id: {type: text}
      unit: {type: unit}
      signed_on: {type: date}
      planned_on: {type: date, planned: true, required: false}
  summary:
    title: 小结
    fields:
      unit: {type: unit}
      text: {type: text}
metrics:
  projects: {title: 签约数, count: project, on: signed_on, unit: 个}
targets:
  - {id: T-1, metric: projects, for: [each county, campaign], in: 2023, at_least: 2 个}
duties:
  - {id: D-1, title: 签约, for: each county, by: 2023-03-31, record: project, on: signed_on}
"""
RETURNS = """
returns:
  - {id: R-1, title: 月报, records: [project], for: each county, in: each month of 2023Q1, due: 5 天, source: 四(一)}
"""
ROW = {"id": "1", "unit": "a", "signed_on": "2023-02-03"}


def evaluated(data, as_of="2023-05-01", returns=RETURNS, sources=()):
    """The results of the campaign with these returns; `sources`: headed sheets besides."""
    campaign = cr.load(CAMPAIGN + returns)
    taken = evolve(intake.take(campaign.checked, data), sources=tuple(sources))
    return engine.run(campaign.plan, taken, dt.date.fromisoformat(as_of)).rows


def of(results, unit, window):
    """The row of a unit and a window."""
    return next(row for row in results.returns if (row.unit, row.window) == (unit, window))


def sheet(unit, period=None, on=None, record="project", file="甲.xlsx"):
    """A headed sheet without rows."""
    return Source(record, file, None, unit, period, on and dt.date.fromisoformat(on), 0)


# -- periods ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calendar():
    """The time of the campaign."""
    return Calendar(cr.load(CAMPAIGN).checked.campaign)


@pytest.mark.parametrize(
    ("written", "windows", "meant"),
    [
        *((text, "each month", "2023-06") for text in (
            "2023-06", "2023年6月", "2023年06月份", "6月", "六月份", "2023.6", "2023/06", "202306", "２０２３年 6 月",
            "1-6月", "1—6月份", "2023年1至6月", "2023年1月-2023年6月", "上半年", "2023年上半年", "2023-06-01..2023-06-30",
            "6月1日-30日", "2023年6月1日至6月30日",
        )),
        *((text, "each quarter", "2023Q2") for text in (
            "2023Q2", "q2", "二季度", "第二季度", "2023年2季度", "2023年第二季", "4-6月", "2023H1", "2023-04-01至2023-06-30",
        )),
        ("十二月", "each month", "2023-12"),
        ("全年", "each month", "2023-12"),
        ("2023年", "campaign", "campaign"),
        ("全期", "campaign", "campaign"),
        ("本年", "2023", "2023"),
        ("第23周", "each week of 2023Q2", "2023-W23"),
        ("2023年第二十三周", "each week of 2023Q2", "2023-W23"),
        ("6月上半月", "each half_month of 2023Q2", "2023-06-A"),
        ("6月下半月", "each half_month of 2023Q2", "2023-06-B"),
        ("第一阶段", "each phase", "p1"),
        ("p1", "each phase", "p1"),
        ("2023-05-24至2023-07-31", "each phase", "p1"),
        ("5月", "each month of p1", "2023-05"),
        ("1-5月", "each month of p1", "2023-05"),
        ("二季度", "each quarter of p1", "2023Q2"),
        ("5月下半月", "each half_month of p1", "2023-05-B"),
        ("5月上半月", "each half_month of 2023-05-10..2023-05-20", "2023-05-A"),
    ],
)  # fmt: skip
def test_a_period_is_understood_as_people_write_it(calendar, written, windows, meant):
    """Years, halves, quarters, months, weeks, phases, days; cumulated months stand for the last of them."""
    found = window_meant(written, calendar.windows(windows), calendar)
    assert found is not None
    assert found.id == meant


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "13月", "0月", "五季度", "2022年6月", "2024-06", "6月31日至7月1日", "4-6月份前", "6", "June", "=2023", "七月七日",
        "2023-06-15", "2月-6月", "6月-2月", "2023" * 50, "９９９９年１月", "十十月", "2023年6月1日至2022年6月30日",
    ],
)  # fmt: skip
def test_what_means_none_of_the_windows_is_not_guessed(calendar, written):
    """Other years, impossible dates, other spans and other words mean no month of 2023."""
    assert window_meant(written, calendar.windows("each month"), calendar) is None


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        ("2022-12-31", None),
        ("2023-01-01", "2023-01"),
        ("2023-02-05", "2023-01"),
        ("2023-02-06", "2023-02"),
        ("2023-03-06", "2023-03"),
        ("2023-04-06", "2023-03"),
    ],
)
def test_a_date_alone_is_for_the_first_window_still_due(day, meant):
    """Of the windows that have begun; after the last due date it is late for the last one."""
    asked = cr.load(CAMPAIGN + RETURNS).checked.returns[0]
    found = window_on(dt.date.fromisoformat(day), zip(asked.windows, asked.due, strict=True))
    assert (found and found.id) == meant


def test_of_windows_with_the_same_days_the_first_is_meant():
    """The year and the campaign may be the same days: a date and a period are for the one named first."""
    returns = "returns: [{id: R-1, records: [project], for: each county, in: [campaign, 2023]}]"
    entries = [
        {"return": "R-1", "unit": "a", "on": "2023-03-01"},
        {"return": "R-1", "unit": "b", "on": "2023-03-01", "window": "2023年度"},
        {"return": "R-1", "unit": "c", "on": "2023-03-01", "window": "2023"},
    ]
    found = evaluated({"returns": entries}, returns=returns)
    shown = {(row.unit, row.window) for row in found.returns if row.status == "submitted"}
    assert shown == {("a", "campaign"), ("b", "campaign"), ("c", "2023")}


def test_many_unknown_periods_are_listed_up_to_the_limit():
    """Each is said once; those past the limit are counted."""
    entries = [
        {"return": "R-1", "unit": "abc"[i % 3], "on": "2023-02-03", "window": f"第{i // 2}次"} for i in range(400)
    ]
    taken = intake.take(cr.load(CAMPAIGN + RETURNS).checked, {"returns": entries}, intake.Limits(findings=50))
    assert [found.code for found in taken.findings].count("unknown-period") == 50
    assert taken.findings[-1].message.en.startswith("150 more")


def test_workdays_are_counted_by_the_calendar():
    """Three workdays after Friday 31 March, of which Wednesday is a holiday, end on Thursday."""
    returns = RETURNS.replace("5 天", "3 工作日")
    assert [str(day) for day in cr.load(CAMPAIGN + returns).checked.returns[0].due][-1] == "2023-04-06"


# -- evidence -----------------------------------------------------------------------------------------------------


def test_entries_rows_and_sheets_tell_that_something_was_submitted():
    """An entry with or without a period, a row's date, a sheet's heading; the earliest known date is shown."""
    entries = [
        {"return": "R-1", "unit": "甲县", "on": "2023-02-06", "window": "1月"},
        {"return": "月报", "unit": "b", "on": "2023-02-04"},
        {"return": "R-1", "unit": "b", "on": "2023-02-02", "window": "2023年1月"},
    ]
    found = evaluated(
        {"project": [ROW], "returns": entries}, sources=[sheet("c", "1-2月"), sheet("c", on="2023-04-02")]
    )
    shown = {(r.unit, r.window): (r.status, r.on and str(r.on), r.rows, r.files) for r in found.returns}
    assert shown == {
        ("a", "2023-01"): ("late", "2023-02-06", 0, ()),
        ("a", "2023-02"): ("submitted", None, 1, ()),
        ("a", "2023-03"): ("not_submitted", None, 0, ()),
        ("b", "2023-01"): ("submitted", "2023-02-02", 0, ()),
        ("b", "2023-02"): ("not_submitted", None, 0, ()),
        ("b", "2023-03"): ("not_submitted", None, 0, ()),
        ("c", "2023-01"): ("not_submitted", None, 0, ()),
        ("c", "2023-02"): ("submitted", None, 0, ("甲.xlsx",)),
        ("c", "2023-03"): ("submitted", "2023-04-02", 0, ("甲.xlsx",)),
    }


def test_a_planned_date_tells_nothing():
    """A date that may lie ahead is no sign that anything was submitted in its window."""
    row = {**ROW, "planned_on": "2023-03-03"}
    assert of(evaluated({"project": [row]}), "a", "2023-03").status == "not_submitted"


def test_what_comes_later_is_not_known_yet():
    """An evaluation of an earlier day takes neither a later entry, nor sheet, nor row."""
    data = {"project": [ROW], "returns": [{"return": "R-1", "unit": "b", "on": "2023-02-03"}]}
    found = evaluated(data, "2023-02-02", sources=[sheet("c", "1月", "2023-02-03")])
    assert {row.status for row in found.returns} == {"not_due"}
    assert {row.unit: row.status for row in found.progress} == dict.fromkeys(["a", "b", "c", None], "missing")


def test_a_record_without_dates_is_told_of_by_entries_and_sheets_only():
    """Its rows belong to no window, but who has rows is not silent."""
    returns = "returns: [{id: R-1, records: [summary], for: each county, in: 2023Q1}]"
    rows = [{"unit": "a", "text": "x"}]
    entry = [{"return": "R-1", "unit": "b", "on": "2023-03-31", "records": "小结"}]
    found = evaluated({"summary": rows, "returns": entry}, returns=returns)
    assert [row.status for row in found.returns] == ["not_submitted", "submitted", "not_submitted"]


def test_what_is_submitted_for_another_record_does_not_end_the_silence():
    """An entry that names its records speaks for these only; one that names none for all."""
    returns = "returns: [{id: R-1, records: [project, summary], for: each county, in: 2023Q1}]"
    entries = [
        {"return": "R-1", "unit": "a", "on": "2023-03-31", "records": "小结"},
        {"return": "R-1", "unit": "b", "on": "2023-03-31", "records": ""},
    ]
    found = evaluated({"project": [], "returns": entries}, returns=returns)
    assert {row.unit: row.status for row in found.progress} == {
        "a": "missing", "b": "behind", "c": "missing", None: "behind",
    }  # fmt: skip


def test_rows_that_were_set_aside_are_no_silence():
    """Who submitted only rows with faults has submitted something: zero, with a finding for each row."""
    bad = {"id": "2", "unit": "b", "signed_on": "2月30日"}
    evaluation = cr.load(CAMPAIGN + RETURNS).evaluate({"project": [ROW, bad]}, as_of="2023-05-01")
    assert {row.unit: row.value for row in evaluation.results.progress} == {"a": 1, "b": 0, "c": None, None: 1}
    taken = evaluation.submission
    rows = {name: taken.rows(name) for name in taken.tables}
    told = oracle.run(taken.checked, rows, taken.roster, dt.date(2023, 5, 1), sheets(taken))
    assert told.progress == evaluation.results.progress


# -- missing is not zero ------------------------------------------------------------------------------------------


def test_without_returns_nothing_is_asked():
    """The same data without `returns:` give zeros, and no rows, no findings, no table."""
    found = evaluated({"project": [ROW]}, returns="")
    assert {row.unit: row.value for row in found.progress} == {"a": 1, "b": 0, "c": 0, None: 1}
    assert found.returns == ()
    assert "returns" not in cr.load(CAMPAIGN).checked.records


def test_a_silent_unit_lacks_values_and_its_duty_is_not_missed():
    """Its target is missing, its duty too; a unit that said it has nothing to report has zero and has missed it."""
    entry = {"return": "R-1", "unit": "b", "on": "2023-02-03"}
    found = evaluated({"project": [ROW], "returns": [entry]})
    assert {row.unit: row.value for row in found.progress} == {"a": 1, "b": 0, "c": None, None: 1}
    assert {row.unit: row.status for row in found.duties} == {"a": "met", "b": "missed", "c": "missing"}


def test_nothing_is_missing_before_a_window_begins():
    """A unit that is asked for the third quarter has zero in May."""
    returns = "returns: [{id: R-1, records: [project], for: each county, in: 2023Q3}]"
    assert {row.value for row in evaluated({"project": []}, returns=returns).progress} == {0}


def test_a_finding_names_the_silent_units():
    """One note a record, with the return that asks; explanations say the same."""
    evaluation = cr.load(CAMPAIGN + RETURNS).evaluate({"project": [ROW]}, as_of="2023-05-01")
    note = next(found for found in evaluation.findings if found.code == "nothing-submitted")
    assert note.message.zh == "2 个单位没有按 R-1 报送“签约项目”，其数按缺处理，不算零：乙县、丙县"
    assert note.severity == "note"
    for item in ("T-1", "D-1"):
        text = render_explanation(evaluation.explain(item, "b"), "zh")
        assert "未报送：签约项目，乙县未按 R-1 报送" in text
        assert "asked by R-1 of 乙县" in render_explanation(evaluation.explain(item, "b"), "en")


def test_periods_and_records_that_nobody_asks_for_are_named():
    """An unknown period is no evidence, an unknown return sets its row aside."""
    entries = [
        {"return": "R-1", "unit": "a", "on": "2023-02-03", "window": "2022年1月", "records": "签约项目、合同"},
        {"return": "R-9", "unit": "a", "on": "2023-02-03"},
    ]
    evaluation = cr.load(CAMPAIGN + RETURNS).evaluate({"returns": entries}, as_of="2023-05-01")
    codes = {found.code: found.value for found in evaluation.findings}
    assert codes["unknown-period"] == "2022年1月"
    assert codes["unknown-returned-table"] == "合同"
    assert codes["unknown-return"] == "R-9"
    assert {row.status for row in evaluation.results.returns if row.unit == "a"} == {"not_submitted"}


def test_who_submitted_is_counted_by_unit_and_record(tmp_path):
    """Rows read and counted, files; a unit without any is listed with none."""
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "project.csv").write_text("id,unit,signed_on\n1,a,2023-02-03\n2,a,x\n", encoding="utf-8")
    (tmp_path / "summary.csv").write_text("unit,text\nb,好\n", encoding="utf-8")
    taken = intake.take(cr.load(CAMPAIGN + RETURNS).checked, tmp_path)
    shown = {(r.unit, r.record): (r.read, r.counted, r.submitted, r.files) for r in taken.received}
    nothing = (0, 0, False, ())
    assert shown == {
        ("a", "project"): (2, 1, True, ("甲/project.csv",)), ("a", "summary"): nothing,
        ("b", "project"): nothing, ("b", "summary"): (1, 1, True, ("summary.csv",)),
        ("c", "project"): nothing, ("c", "summary"): nothing,
    }  # fmt: skip


def test_a_headed_sheet_tells_who_submits_and_for_when(tmp_path):
    """A file without rows whose heading names unit and period is a return that was submitted: zero, not missing."""
    text = "签约项目\n填报单位：乙县,,\n报告期：2023年2月,,填报日期：2023-03-04\nid,unit,signed_on\n"
    (tmp_path / "乙县.csv").write_text(text, encoding="utf-8")
    evaluation = cr.load(CAMPAIGN + RETURNS).evaluate(tmp_path, as_of="2023-05-01")
    row = of(evaluation.results, "b", "2023-02")
    assert (row.status, row.on, row.files) == ("submitted", dt.date(2023, 3, 4), ("乙县.csv",))
    assert {row.unit: row.status for row in evaluation.results.progress if row.unit} == {
        "a": "missing", "b": "behind", "c": "missing",
    }  # fmt: skip


# -- told -----------------------------------------------------------------------------------------------------------


def test_results_do_not_depend_on_the_order_of_rows():
    """Entries and rows in any order give the same returns."""
    rows = [{**ROW, "id": str(i), "unit": "abc"[i % 3], "signed_on": f"2023-0{i % 4 + 1}-10"} for i in range(9)]
    entries = [
        {"return": "R-1", "unit": "abc"[i % 3], "on": f"2023-0{i % 4 + 1}-0{i % 9 + 1}", "window": ""} for i in range(9)
    ]
    wanted = evaluated({"project": rows, "returns": entries})
    for seed in range(5):
        chance = random.Random(seed)  # noqa: S311  any order will do
        mixed = {"project": chance.sample(rows, 9), "returns": chance.sample(entries, 9)}
        assert evaluated(mixed).returns == wanted.returns


def test_frame_json_and_csv_name_the_return_alike():
    """The column is `return` in each of them."""
    evaluation = cr.load(CAMPAIGN + RETURNS).evaluate({"project": [ROW]}, as_of="2023-05-01")
    heads = ["return", "unit", "window", "due_on", "status", "on", "rows", "files", "source"]
    assert evaluation.returns.columns == heads
    assert evaluation.returns.filter(status="submitted").rows()[0][:3] == ("R-1", "a", "2023-02")
    assert list(evaluation.to_json()["returns"][0]) == heads
    assert render(evaluation, "csv", table="returns").splitlines()[0].lstrip("\ufeff") == ",".join(heads)


def test_the_report_says_so_when_all_have_submitted():
    """One line for a return of which nothing is late or missing."""
    data = {
        "returns": [{"return": "R-1", "unit": u, "on": "2023-01-31", "window": f"{m}月"} for u in "abc" for m in "123"]
    }
    evaluation = cr.load(CAMPAIGN + RETURNS).evaluate(data, as_of="2023-05-01")
    assert "R-1 月报：9 份全部已报送" in render(evaluation)
    assert "R-1 月报: all 9 submitted" in render(evaluation, lang="en")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fail-on", "not_submitted"), 1),
        (("--fail-on", "not_submitted", "--window", "2023-02", "--unit", "甲县"), 0),
        (("--fail-on", "late", "--target", "R-1"), 0),
    ],
)
def test_the_command_fails_for_what_was_not_submitted(tmp_path, capsys, options, code):
    """--fail-on looks at returns too, of the rows chosen."""
    (tmp_path / "c.yaml").write_text(CAMPAIGN + RETURNS, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "project.csv").write_text("id,unit,signed_on\n1,a,2023-02-03\n", encoding="utf-8")
    start = ["evaluate", str(tmp_path / "c.yaml"), "--data", str(tmp_path / "data"), "--as-of", "2023-05-01"]
    assert main([*start, *options, "--format", "json"]) == code
    assert json.loads(capsys.readouterr().out)["returns"]
