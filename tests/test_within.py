"""Dates against time: `within:` sets rows aside, and rows that lie outside the campaign's period are noticed."""

import datetime as dt
import time

import polars as pl
import pytest

import campaignrules as cr
from campaignrules.calendar import Window
from campaignrules.errors import CampaignError
from campaignrules.intake import Limits, take, windows

HEAD = """
campaign: within
title: t
period: {from: 2023-04-01, to: 2023-12-31}
phases:
  p1: {title: 一, from: 2023-04-01, to: 2023-05-15}
  p2: {title: 二, from: 2023-05-16, to: 2023-06-30}
  p3: {title: 三, from: 2023-10-01, to: 2023-10-01}
units: {roster: [{id: a}, {id: b}]}
records:
  project:
    key: id
    fields:
      id: {type: text}
      unit: {type: unit}
"""
TAIL = """
metrics:
  signed: {count: project, on: signed_on}
targets:
  - {id: T-1, metric: signed, in: campaign, for: campaign, at_least: 1 个}
"""


def campaign(signed="{type: date}", *more):
    """The campaign with these declarations of its date fields."""
    fields = "".join(f"      {line}\n" for line in (f"signed_on: {signed}", *more))
    return cr.load(HEAD + fields + TAIL)


def submission(some, days, **columns):
    """What is taken of projects signed on these days."""
    rows = [{"id": f"p{i}", "unit": "a", "signed_on": day} for i, day in enumerate(days)]
    for name, cells in columns.items():
        for row, cell in zip(rows, cells, strict=True):
            row[name] = cell
    return take(some.checked, {"project": rows})


def kept(taken):
    """The ids of the rows that may count."""
    return [row["id"] for row in taken.rows("project")]


# -- what may be written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "good", "bad"),
    [
        ("campaign", ["2023-04-01", "2023-12-31"], ["2023-03-31", "2024-01-01"]),
        ("p2", ["2023-05-16", "2023-06-30"], ["2023-05-15", "2023-07-01"]),
        ("2023Q2", ["2023-04-01", "2023-06-30"], ["2023-03-31", "2023-07-01"]),
        ("[p1, p3]", ["2023-04-01", "2023-10-01"], ["2023-05-16", "2023-10-02"]),
        ("each phase", ["2023-05-15", "2023-05-16", "2023-10-01"], ["2023-07-01"]),
        ("2022-01-01..2023-04-02", ["2022-01-01", "2023-04-02"], ["2021-12-31", "2023-04-03"]),
    ],
)
def test_dates_outside_their_windows_are_set_aside(within, good, bad):
    """Both ends of a window count; a list allows what lies in any of its windows."""
    taken = submission(campaign(f"{{type: date, within: {within}}}"), [*good, *bad])
    assert kept(taken) == [f"p{i}" for i in range(len(good))]
    aside = [one for one in taken.findings if one.set_aside]
    assert [(one.code, one.value) for one in aside] == [("outside-window", day) for day in bad]
    assert taken.counts["project"].set_aside == len(bad)


def test_the_finding_says_where_and_which_days_are_allowed():
    """In both languages, with windows that touch as one and single days as such."""
    taken = submission(campaign("{type: date, title: 签约日期, within: [p3, p2, p1]}"), ["2023-05-01", "2023.9.1"])
    (found,) = [one for one in taken.findings if one.set_aside]
    assert (found.record, found.row, found.column, found.value) == ("project", 3, "signed_on", "2023.9.1")
    assert found.message.zh == "日期应在 2023-04-01 至 2023-06-30、2023-10-01"
    assert found.message.en == "the date must lie in 2023-04-01 to 2023-06-30, 2023-10-01"


def test_an_empty_date_lies_nowhere_and_is_no_fault_of_the_window():
    """Whether it may be empty is said by `required`; each fault of a row is named by itself."""
    optional = campaign("{type: date, required: false, within: 2023Q2}")
    assert kept(submission(optional, ["2023-04-01", None])) == ["p0", "p1"]
    taken = submission(campaign("{type: date, within: 2023Q2}"), ["2023-04-01", None, "someday", "2023-07-01"])
    codes = [one.code for one in taken.findings if one.set_aside]
    assert codes == ["missing-value", "not-a-date", "outside-window"]
    without = take(optional.checked, {"project": [{"id": "p", "unit": "a"}]})
    assert kept(without) == ["p"]


def test_a_planned_date_may_be_kept_inside_a_window_too():
    """`planned` says that it may lie in the future, `within` how far."""
    some = campaign("{type: date}", "ends_on: {type: date, planned: true, required: false, within: 2023}")
    taken = submission(some, ["2023-04-01"] * 2, ends_on=["2023-12-31", "2024-01-01"])
    assert kept(taken) == ["p0"]


@pytest.mark.parametrize(
    ("declared", "code"),
    [("{type: date, within: 2023Q5}", "unknown-window"), ("{type: text, within: campaign}", "within-not-wanted"),
     ("{type: date, within: [p1, p9]}", "unknown-window"), ("{type: date, within: {p1: p2}}", "wrong-form")],
)  # fmt: skip
def test_a_window_nobody_knows_is_refused(declared, code):
    """The checker names it where it stands."""
    with pytest.raises(CampaignError) as caught:
        campaign("{type: date}", f"other: {declared}")
    found = next(one for one in caught.value.diagnostics if one.code == code)
    assert found.span is not None
    assert found.span.line == HEAD.count("\n") + 2


# -- forms of data ------------------------------------------------------------------------------------------------


def frame():
    """Projects of which every second one was signed too late, the date of every seventh is not known."""
    days = [None if i % 7 == 0 else dt.date(2023, 5, 1) if i % 2 else dt.date(2024, 5, 1) for i in range(1000)]
    return pl.DataFrame({"id": [f"p{i}" for i in range(1000)], "unit": ["a"] * 1000, "signed_on": days})


@pytest.mark.parametrize(
    "signed", ["{type: date, required: false, within: campaign}", "{type: date, within: campaign}"]
)
def test_scanned_tables_keep_the_same_rows(tmp_path, signed):
    """In memory, scanned as dates, scanned as text: the same rows count, the same first faults are named."""
    some = campaign(signed)
    frame().write_parquet(tmp_path / "project.parquet")
    whole = take(some.checked, {"project": frame()})
    texts = frame().with_columns(pl.col("signed_on").cast(pl.String)).lazy()
    wanted = sorted(kept(whole))
    assert 0 < len(wanted) < 1000
    faults = [(one.code, one.row, one.value, one.message) for one in whole.findings if one.set_aside]
    for scanned in (frame().lazy(), texts, tmp_path / "project.parquet"):
        taken = take(some.checked, {"project": scanned}, Limits(scanned=1))
        assert sorted(kept(taken)) == wanted
        named = [(one.code, one.row, one.value, one.message) for one in taken.tables["project"].faults(10)]
        assert sorted(named, key=lambda one: one[1] or 0)[:10] == faults[:10]


def test_a_field_that_no_result_needs_is_looked_at_all_the_same():
    """Of scanned tables, too: the rows that count do not depend on the form."""
    some = campaign("{type: date}", "other: {type: date, required: false, within: 2023Q2}")
    rows = pl.DataFrame(
        {"id": ["p", "q"], "unit": ["a", "a"], "signed_on": ["2023-05-01"] * 2, "other": ["2023-05-01", "2022-05-01"]}
    )
    assert [kept(take(some.checked, {"project": one})) for one in (rows, rows.lazy())] == [["p"], ["p"]]


def test_the_engine_and_the_reason_see_only_what_is_left():
    """What lies outside counts nowhere: neither in the result nor in its explanation."""
    some = campaign("{type: date, within: p2}")
    rows = [{"id": f"p{i}", "unit": "a", "signed_on": day} for i, day in enumerate(["2023-05-20", "2023-07-20"])]
    evaluation = some.evaluate({"project": rows}, as_of="2023-12-31")
    assert evaluation.results.progress[0].value == 1
    assert [(one.read, one.set_aside) for one in evaluation.counts] == [(2, 1)]
    assert "p1" not in str(evaluation.explain("T-1"))


def test_a_later_notice_may_move_the_window():
    """An overlay amends `within` like any other key."""
    overlay = (
        "overlay_for: within\nid: later\ntitle: t\ndocument: {title: 通知}\nsource: 一\neffective: 2023-05-01\n"
        "amend:\n  records.project.fields.signed_on.within: 2023\n"
    )
    text = HEAD + "      signed_on: {type: date, within: p2}\n" + TAIL
    some = cr.load(text, overlays=[overlay])
    assert kept(submission(some.at("2023-04-01"), ["2023-02-01"])) == []
    assert kept(submission(some.at("2023-06-01"), ["2023-02-01"])) == ["p0"]


# -- rows outside the period --------------------------------------------------------------------------------------


def outside_period(taken):
    """What is said of rows outside the campaign's period."""
    return [
        (one.severity, one.file, one.set_aside, one.message.zh)
        for one in taken.findings
        if one.code == "outside-period"
    ]


def test_rows_outside_the_period_are_counted_once_a_table():
    """A row is outside when it has dates and none of them, planned ones apart, lies in the period."""
    some = campaign(
        "{type: date, required: false}", "started_on: {type: date, required: false}",
        "ends_on: {type: date, planned: true, required: false}",
    )  # fmt: skip
    taken = submission(
        some,
        ["2023-03-31", "2023-04-01", "2024-01-01", None, None, "2023-03-01"],
        started_on=[None, "2022-01-01", "2023-12-31", "2022-01-01", None, "2024-02-01"],
        ends_on=["2023-05-01", None, None, None, "2022-01-01", None],
    )
    assert outside_period(taken) == [("note", None, False, "有 3 行的日期都不在活动期间内")]
    assert len(kept(taken)) == 6


def test_each_file_has_its_own_note(tmp_path):
    """The file is named; a file with nothing to say of says nothing."""
    for name, day in (("project1", "2022-05-01"), ("project2", "2023-05-01"), ("project3", "2022-06-01")):
        (tmp_path / f"{name}.csv").write_text(f"id,unit,signed_on\n{name},a,{day}\n", "utf-8")
    taken = take(campaign().checked, tmp_path)
    assert [file for _, file, _, _ in outside_period(taken)] == ["project1.csv", "project3.csv"]


def test_rows_that_are_set_aside_are_not_counted_again():
    """What lies outside its window is a fault already."""
    taken = submission(campaign("{type: date, within: campaign}"), ["2022-05-01", "2023-05-01"])
    assert outside_period(taken) == []


def test_tables_without_dates_and_scanned_tables_say_nothing():
    """Nothing to look at, or too much."""
    timeless = cr.load(
        HEAD + "      signed_on: {type: date}\n  staff: {fields: {unit: {type: unit}, name: {type: text}}}" + TAIL
    )
    assert outside_period(take(timeless.checked, {"staff": [{"unit": "a", "name": "n"}]})) == []
    rows = pl.DataFrame({"id": ["p"], "unit": ["a"], "signed_on": [dt.date(2022, 5, 1)]})
    assert outside_period(take(campaign().checked, {"project": rows.lazy()})) == []
    assert len(outside_period(take(campaign().checked, {"project": rows}))) == 1


def test_windows_that_touch_or_overlap_are_one():
    """Days are compared with as few spans as there are."""
    spans = [
        ("2023-03-01", "2023-03-31"),
        ("2023-01-01", "2023-02-28"),
        ("2023-02-01", "2023-02-02"),
        ("2023-05-01", "2023-05-01"),
    ]
    made = [Window("w", dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in spans]
    assert windows._joined(made) == [
        (dt.date(2023, 1, 1), dt.date(2023, 3, 31)),
        (dt.date(2023, 5, 1), dt.date(2023, 5, 1)),
    ]


@pytest.mark.slow
def test_looking_at_dates_costs_little():
    """A million dates are compared within a fraction of a second, many bad ones among them."""
    some = campaign("{type: date, within: [p1, p2, p3]}")
    days = (dt.date(2023, 4, 1) + dt.timedelta(days=i % 400) for i in range(1_000_000))
    rows = pl.DataFrame({"id": range(1_000_000), "unit": "a", "signed_on": pl.Series(days, dtype=pl.Date)}).cast(
        {"id": pl.String}
    )
    loose = campaign("{type: date}")
    spent = []
    for one in (loose, some):
        began = time.process_time()
        take(one.checked, {"project": rows})
        spent.append(time.process_time() - began)
    assert spent[1] < 2 * spent[0] + 1
