"""History: the rows of every day are those of `evaluate` on that day, though the records are looked at once."""

import csv
import datetime as dt
import io
import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import campaignrules
from campaignrules import CampaignError, cli, driver, intake, oracle
from campaignrules.history import gathering, windows_of
from campaignrules.history.daily import for_days
from campaignrules.history.steady import depends_on_date
from campaignrules.intake.submitters import sheets
from tests.engines import duckdb_engine  # noqa: F401  a fixture
from tests.scoring_strategies import scattered_scored_cases
from tests.strategies import cases, scattered_cases

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
REPEATED = settings().derandomize
BY = st.sampled_from(["week", "month", "quarter"])

WORLD = """\
campaign: world
title: 世界
period: {{from: 2023-01-01, to: 2023-04-30}}
units: {{roster: [{{id: a, title: 甲}}, {{id: b, title: 乙}}]}}
records:
  deal:
    key: id
    fields:
      id: {{type: text}}
      unit: {{type: unit}}
      money: {{type: quantity, unit: 万元, decimals: 2}}
      company: {{type: text}}
      signed: {{type: date}}
      done: {{type: date, required: false}}
      left: {{type: date, required: false}}
      planned: {{type: date, required: false, planned: true}}
    derived:
      when: {{formula: 'coalesce(done, signed)'}}
      soon: {{formula: 'coalesce(planned, planned)'}}
      open: {{formula: done is None}}
      share: {{formula: money * 2 if done is not None else money}}
{more}
metrics:
  m: {metric}
targets:
  - {{id: T, metric: m, in: {window}, {demand}}}
"""
DEALS = """\
id,unit,money,company,signed,done,left,planned
1,a,10,x,2023-01-10,2023-02-20,2023-03-05,2023-03-10
2,a,20,y,2023-01-20,,,2023-01-31
3,b,30,x,2023-02-14,2023-04-02,,
4,b,40,z,2023-03-31,2023-03-31,2023-04-01,2023-06-01
"""


def world(metric: str, window: str = "campaign", demand: str = "at_least: 1", more: str = "") -> campaignrules.Campaign:
    """The small campaign with one metric."""
    return campaignrules.load(WORLD.format(metric=metric, window=window, demand=demand, more=more))


def deals() -> dict[str, list[dict[str, str]]]:
    """Its four rows."""
    return {"deal": list(csv.DictReader(io.StringIO(DEALS)))}


SCREEN = "screening: [{id: S, record: deal, drop: done is not None, source: x}]"
VALUES = [
    ("{count: deal, on: signed}", "campaign", "", "2 3 4 4"),
    ("{sum: deal.money, on: signed}", "campaign", "", "30 60 100 100"),
    ("{count: deal, on: signed, where: done is None}", "campaign", "", "2 2 2 1"),
    ("{count: deal, on: signed, where: done is not None}", "campaign", "", "0 1 2 3"),
    ("{count: deal, on: signed, where: done >= signed and month(done) > 2}", "campaign", "", "0 0 1 2"),
    ("{count: deal, on: signed, where: not (done is not None and month(done) == 2)}", "campaign", "", "2 2 3 3"),
    ("{count: deal, on: signed, where: open}", "campaign", "", "2 2 2 1"),
    ("{count: deal, on: signed, where: 'days_between(signed, as_of) > 30'}", "campaign", "", "0 2 3 3"),
    ("{count: deal, on: signed, where: planned <= as_of}", "campaign", "", "1 1 2 2"),
    ("{count: deal, on: signed, where: soon is not None}", "campaign", "", "2 2 3 3"),
    ("{sum: deal.share, on: signed}", "campaign", "", "30 70 150 180"),
    ("{count: deal, on: when}", "2023-01", "", "2 1 1 1"),
    ("{count: deal, on: signed}", "campaign", SCREEN, "2 2 2 1"),
    ("{count: deal, on: signed, accumulate: level, until: left}", "campaign", "", "2 3 3 2"),
    ("{distinct: deal.company, on: signed, accumulate: level, until: left}", "campaign", "", "2 2 3 2"),
    ("{distinct: deal.done, on: signed}", "campaign", "", "0 1 2 3"),
    ("{rate: {of: deal, reached: done}, on: signed}", "campaign", "", "0 33.3333333333 50 75"),
    ("{rate: {of: deal, reached: done}}", "campaign", "", "0 25 50 75"),
    ("{rate: {of: deal, where: signed is not None, reached: done}}", "campaign", "", "0 33.3333333333 50 75"),
    ("{rate: {of: deal, reached: done is not None}, on: signed}", "2023-01", "", "0 50 50 50"),
    ("{last: deal.money, on: signed, where: open}", "campaign", "", "20 50 50 20"),
    ("{max: deal.money, on: planned, accumulate: to_date}", "campaign", "", "20 20 20 20"),
]
"""Metric, window, more of the campaign, and its value at the end of January, February, March and April, by hand."""


def shown(value: object) -> str:
    """A value without trailing zeros; nothing for a missing one."""
    return "" if value is None else f"{value.normalize():f}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("metric", "window", "more", "values"), VALUES, ids=range(len(VALUES)))
def test_values_are_those_known_by_each_day(metric, window, more, values):
    """What had not happened yet is not known, in filters, derived fields, screens, ends and dates of arrival."""
    demand = (
        "at_least: 1%" if "rate" in metric else "at_least: 1 万元" if "money" in metric or "share" in metric else ""
    )
    campaign = world(metric, window, demand or "at_least: 1", more)
    history = campaign.history(deals(), by="month")
    assert " ".join(shown(row.value) for _, row in history.each()) == values
    for day in history.days:
        assert history.on(day) == campaign.evaluate(deals(), as_of=day).results.progress


SCANS = [
    ("{count: deal, on: signed}", [False]),
    ("{count: deal, on: signed, where: month(signed) > 1 and planned > signed}", [False]),
    ("{count: deal, on: signed, where: soon is not None}", [False]),
    ("{count: deal, on: soon}", [False]),
    ("{count: deal, on: signed, where: done is None}", [True]),
    ("{count: deal, on: signed, where: open}", [True]),
    ("{count: deal, on: signed, where: planned > as_of}", [True]),
    ("{count: deal, on: when}", [True]),
    ("{sum: deal.share, on: signed}", [True]),
    ("{distinct: deal.done, on: signed}", [True]),
    ("{distinct: deal.company, on: signed, accumulate: level, until: left}", [False]),
    ("{distinct: deal.company, on: signed, accumulate: level, until: when}", [True]),
    ("{sum: deal.money, on: signed, accumulate: level, until: left}", [False, False]),
    ("{sum: deal.money, on: signed, accumulate: level, until: left, where: left is None}", [True, False]),
    ("{rate: {of: deal, reached: done}, on: signed}", [False, False]),
    ("{rate: {of: deal, where: signed is not None, reached: done}}", [True, True]),
    ("{rate: {of: deal, where: month(signed) == 1, reached: done}, on: signed}", [False, False]),
    ("{rate: {of: deal, where: month(done) == 2, reached: done}, on: signed}", [True, False]),
]
"""A metric, and for each of its scans whether it depends on the day."""


@pytest.mark.parametrize(("metric", "depends"), SCANS, ids=range(len(SCANS)))
def test_a_scan_depends_on_the_day_when_it_looks_at_other_events_than_its_dates(metric, depends):
    """Its own dates are known for every row that counts, planned dates always; other events and as_of are not."""
    demand = "at_least: 1%" if "rate" in metric else "at_least: 1 万元" if "sum" in metric else "at_least: 1"
    plan = world(metric, demand=demand).plan
    assert [depends_on_date(plan, scan) for scan in plan.scans] == depends


def test_a_screen_by_another_date_makes_every_scan_of_its_record_depend_on_the_day():
    """Screens decide which rows there are, so they are asked again for each day."""
    plan = world("{count: deal, on: signed}", more=SCREEN).plan
    assert [depends_on_date(plan, scan) for scan in plan.scans] == [True]
    assert for_days(plan, [dt.date(2023, 1, 31), dt.date(2023, 2, 28)]).again == {0}


def test_filters_of_many_days_are_asked_in_one_scan():
    """A filter that depends on the day is a tally for each day; nothing is asked again."""
    plan = world("{count: deal, on: signed, where: done is None}").plan
    daily = for_days(plan, [dt.date(2023, month, 28) for month in (1, 2, 3)])
    assert (daily.again, [len(scan.tallies) for scan in daily.plan.scans]) == (frozenset(), [3])


# -- any campaign -------------------------------------------------------------------------------------------------


def some(days, most=4):
    """A few of the days: the first, the last and some between."""
    step = max(len(days) // (most - 1), 1)
    return [*days[:-1:step][: most - 1], days[-1]]


def assert_as_evaluated(case, by):
    """The rows of some days of the history of a drawn campaign are those of `evaluate`."""
    campaign = campaignrules.load(case.text)
    history = campaign.history(case.tables, by=by, until=case.as_of)
    for day in some(history.days):
        assert history.on(day) == campaign.evaluate(case.tables, as_of=day).results.progress


@pytest.mark.slow
@settings(max_examples=25 if REPEATED else 5, suppress_health_check=QUIET)
@given(scattered_cases(), BY)
def test_history_is_what_evaluate_says_on_each_day(case, by):
    """On various drawn campaigns, row by row."""
    assert_as_evaluated(case, by)


@settings(max_examples=6 if REPEATED else 5, suppress_health_check=QUIET)
@given(cases(), BY)
def test_a_history_that_is_wrong_can_be_made_small(case, by):
    """The same on campaigns drawn piece by piece."""
    assert_as_evaluated(case, by)


@settings(max_examples=5 if REPEATED else 3, suppress_health_check=QUIET)
@given(scattered_cases())
def test_the_oracle_says_the_same(case):
    """A day in the middle of a history, asked of the independent answer."""
    campaign = campaignrules.load(case.text)
    history = campaign.history(case.tables, by="month", until=case.as_of)
    day = history.days[len(history.days) // 2]
    taken = intake.take(campaign.checked, case.tables)
    rows = {name: taken.rows(name) for name in taken.tables}
    assert history.on(day) == oracle.run(campaign.checked, rows, taken.roster, day, sheets(taken)).progress


@pytest.mark.slow
@settings(max_examples=8 if REPEATED else 3, suppress_health_check=QUIET)
@given(scattered_scored_cases())
def test_points_and_places_of_each_day_are_those_of_evaluate(case):
    """Scores, rankings and honours, when they are asked for."""
    try:
        campaign = campaignrules.load(case.text)
    except CampaignError:
        reject()  # a few drawn texts do not pass the check
    history = campaign.history(case.tables, by="quarter", until=case.as_of, points=True)
    for day in some(history.days, 3):
        results = campaign.evaluate(case.tables, as_of=day).results
        for rows, wanted in (
            (history.score_rows, results.scores),
            (history.ranking_rows, results.rankings),
            (history.honour_rows, results.honours),
        ):
            assert tuple(row for when, row in rows if when == day) == wanted


@pytest.mark.parametrize("name", driver.shipped())
def test_histories_of_the_examples_are_what_evaluate_says(name):
    """First, last and one day between of every shipped campaign, by quarter."""
    campaign, folder = campaignrules.load(name), driver.data_folder("campaigns").parent / "examples" / name
    history = campaign.history(folder, by="quarter")
    for day in some(history.days, 3):
        assert history.on(day) == campaign.evaluate(folder, as_of=day).results.progress


def test_many_days_are_worked_on_part_by_part(monkeypatch):
    """How many days share one cube makes no difference."""
    campaign = world("{count: deal, on: signed, where: done is None}", "each month")
    whole = campaign.history(deals(), by="week")
    monkeypatch.setattr(gathering, "MOST_DAYS", 3)
    monkeypatch.setattr(gathering, "LEAST_DAYS", 3)
    assert [*campaign.history(deals(), by="week").each()] == [*whole.each()]


def test_overlays_count_from_the_day_they_are_in_force():
    """Days before know nothing of a notice."""
    text = (
        "overlay_for: world\nid: n\ndocument: {title: n, published: 2023-03-01}\namend:\n  targets.T.at_least: 4 个\n"
    )
    given = WORLD.format(metric="{count: deal, on: signed}", window="campaign", demand="at_least: 1 个", more="")
    campaign = campaignrules.load(given, overlays=[text])
    history = campaign.history(deals(), by="month")
    assert [(shown(row.required), row.status) for _, row in history.each()] == [
        ("1", "met"), ("1", "met"), ("4", "met"), ("4", "met"),
    ]  # fmt: skip
    for day in history.days:
        assert history.on(day) == campaign.evaluate(deals(), as_of=day).results.progress


# -- what it gives ------------------------------------------------------------------------------------------------


def test_progress_is_the_frames_of_all_days_below_one_another():
    """With the day as the first column."""
    campaign = world("{count: deal, on: signed}", "each month")
    frames = [
        campaign.evaluate(deals(), as_of=day).progress.insert_column(0, pl.lit(day).alias("as_of"))
        for day in (dt.date(2023, 1, 31), dt.date(2023, 2, 28), dt.date(2023, 3, 15))
    ]
    assert campaign.history(deals(), by="month", until="2023-03-15").progress.equals(pl.concat(frames))


def test_a_row_that_stays_as_it_is_is_made_once():
    """A window that is over or has not begun has one row for all days."""
    history = world("{count: deal, on: signed}", "each month").history(deals(), by="month")
    assert (len([*history.each()]), len(history.collected.rows)) == (16, 7)


def test_the_last_day_is_a_whole_evaluation():
    """Results, counts and findings of the last day, duties and all."""
    campaign = campaignrules.load("yanjiang_2023")
    folder = driver.data_folder("campaigns").parent / "examples" / "yanjiang_2023"
    last = campaign.history(folder, by="quarter", until="2023-06-30").last
    whole = campaign.evaluate(folder, as_of="2023-06-30")
    assert (last.results, last.counts, last.findings) == (whole.results, whole.counts, whole.findings)


def test_too_many_rows_are_refused_before_they_are_made(monkeypatch):
    """What a history would hold is known before it is made."""
    monkeypatch.setattr(campaignrules.history, "MOST_ROWS", 15)
    with pytest.raises(CampaignError) as caught:
        world("{count: deal, on: signed}", "each month").history(deals(), by="month")
    assert [each.code for each in caught.value.diagnostics] == ["too-much-history"]


@pytest.mark.parametrize("case", [4, 5, 12, 13, 14, 18])
def test_a_history_of_a_table_in_a_database_is_the_same(case, duckdb_engine):  # noqa: ARG001, F811  left out without
    """Asked in place of DuckDB, day by day and all at once."""
    import duckdb

    metric, window, more, values = VALUES[case]
    campaign = world(metric, window, "at_least: 1%" if "rate" in metric else "at_least: 1", more)
    connection = duckdb.connect()
    dates = [pl.col(name).str.to_date(strict=False) for name in ("signed", "done", "left", "planned")]
    connection.register(
        "rows", pl.DataFrame(deals()["deal"]).with_columns(pl.col("money").cast(pl.Int64), *dates).to_arrow()
    )
    connection.execute("CREATE TABLE deal AS SELECT * FROM rows")
    history = campaign.history(campaignrules.sql(connection), by="month", engine="duckdb")
    assert " ".join(shown(row.value) for _, row in history.each()) == values
    assert [*history.each()] == [*campaign.history(deals(), by="month").each()]


def test_days_are_the_last_of_each_window_and_until():
    """Cut at both ends; a day before the campaign begins is the only one."""
    calendar = world("{count: deal, on: signed}").checked.calendar
    ends = {
        by: [str(window.end)[5:] for window in windows_of(calendar, by, dt.date(2023, 4, 10))]
        for by in ("month", "quarter")
    }
    assert ends == {"month": ["01-31", "02-28", "03-31", "04-10"], "quarter": ["03-31", "04-10"]}
    assert len(windows_of(calendar, "day", dt.date(2023, 4, 10))) == 100
    assert len(windows_of(calendar, "week", dt.date(2023, 1, 9))) == 3
    assert [w.end for w in windows_of(calendar, "month", dt.date(2022, 5, 5))] == [dt.date(2022, 5, 5)]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"by": "day", "until": "2050-01-01"}, "too-much-history"),
        ({"by": "quarter", "until": "9999-12-31"}, "too-much-history"),
        ({"by": "hour"}, "wrong-type"),
        ({"by": ["day"]}, "wrong-type"),
        ({"until": "yesterday"}, "bad-date"),
    ],
)
def test_what_cannot_be_a_history_is_refused(more, code):
    """Too many days, another rhythm, no date: our own errors."""
    with pytest.raises(CampaignError) as caught:
        world("{count: deal, on: signed}").history(deals(), **more)
    assert [each.code for each in caught.value.diagnostics] == [code]


# -- the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def evaluate(tmp_path, monkeypatch):
    """Run `evaluate` on a small campaign with more arguments."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    text = WORLD.format(
        metric="{title: 签约, count: deal, on: signed}", window="each month", demand="at_least: 2 个", more=""
    )
    text += "  - {id: U, title: 每个单位签约, metric: m, in: campaign, for: each unit, at_least: 2 个}\n"
    (tmp_path / "world.yaml").write_text(text, "utf-8")
    (tmp_path / "deal.csv").write_text(DEALS, "utf-8")
    words = ["evaluate", str(tmp_path / "world.yaml"), "--data", str(tmp_path / "deal.csv")]
    return lambda *more: cli.main([*words, *more])


TABLE = """\
世界  world
截至 2023-03-15 · 期间 2023-01-01 – 2023-04-30 · 已过 74/120 天（61%）

历次结果  逐月 · 2023-01-31 至 2023-03-15，3 期
目标         单位     要求   2023-01    2023-02  03-15
签约                  ≥ 2 个       2          1      0
                              已完成     未完成   落后
每个单位签约 2 个单位            1/2        1/2    1/2
                              落后 1 进度正常 1 落后 1
"""


def test_the_table_shows_days_across_and_targets_down(evaluate, capsys):
    """Values above words; many units in one number; the window that runs on each day."""
    assert evaluate("--history", "month", "--until", "2023-03-15") == 0
    assert capsys.readouterr().out == TABLE


def test_units_are_listed_when_asked_for(evaluate, capsys):
    """`--target` lists every unit of it, in English as well."""
    evaluate("--history", "quarter", "--as-of", "2024-02-01", "--target", "U", "--lang", "en")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[3:6]] == [
        ["History", "by", "quarter", "·", "2023-03-31", "to", "2023-04-30,", "2", "in", "all"],
        ["Target", "Unit", "Required", "2023Q1", "04-30"],
        ["每个单位签约", "甲", "≥", "2", "个", "2", "2"],
    ]


def test_a_narrow_table_shows_the_latest_days(evaluate, capsys):
    """And says how many it leaves out."""
    evaluate("--history", "week", "--as-of", "2023-04-30")
    out = capsys.readouterr().out
    assert "2023-W17" in out
    assert "2023-W01" not in out
    assert "期没有列出，用 --format csv 或 json 看全部" in out


def test_csv_and_json_hold_every_day(evaluate, capsys):
    """The day is the first column, or key."""
    evaluate("--history", "month", "--as-of", "2023-04-30", "--format", "csv")
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    assert rows[0][:5] == ["as_of", "target", "metric", "unit", "window"]
    assert [row[0] for row in rows[1:]] == [
        f"2023-{end}" for end in ("01-31", "02-28", "03-31", "04-30") for _ in range(6)
    ]
    evaluate("--history", "month", "--as-of", "2023-04-30", "--format", "json", "--window", "2023-01")
    told = json.loads(capsys.readouterr().out)
    assert (told["campaign"], told["by"], len(told["days"])) == ("world", "month", 4)
    assert [(row["as_of"], row["value"], row["status"]) for row in told["progress"]] == [
        (day, "2", "met") for day in told["days"]
    ]


def test_places_by_month(capsys):
    """Leaders ask who stood where."""
    words = ["--data", str(driver.data_folder("campaigns").parent / "examples" / "sichuan_2023_q3"), "--lang", "zh"]
    table = ["--history", "month", "--until", "2023-07-31", "--table", "rankings"]
    assert cli.main(["evaluate", "sichuan_2023_q3", *words, *table]) == 0
    assert "2023-05 2023-06 2023-07" in capsys.readouterr().out


def test_a_day_of_a_history_is_a_date_or_a_text():
    """Any other day is told with those that there are."""
    history = driver.load("yanjiang_2023").history(until="2023-02-28")
    assert history.on("2023-01-31") == history.on(dt.date(2023, 1, 31))
    for day in ("2023-01-30", dt.date(2023, 3, 31), "soon"):
        with pytest.raises(CampaignError, match="no-day-of-history"):
            history.on(day)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--until", "2023-03-01"], "--until 须同 --history 一起用"),
        (["--history", "month"], "请写明统计截至哪一天"),
        (["--history", "month", "--as-of", "2023-03-01", "--sheet", "a"], "--history 不能同 --sheet 一起用"),
        (["--history", "month", "--as-of", "2023-03-01", "--table", "duties"], "--history 的 --table 可写"),
        (["--history", "decade", "--as-of", "2023-03-01"], "没有 decade"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(evaluate, capsys, words, said):
    """Options that mean nothing without each other, or both at once."""
    assert evaluate(*words) == 2
    assert said in capsys.readouterr().err


def test_failing_is_judged_by_the_last_day(evaluate):
    """--fail-on looks at the day a history ends with."""
    asked = ("--history", "month", "--until", "2023-04-30", "--fail-on", "missed", "--target", "U")
    assert (evaluate(*asked), evaluate(*asked[:-2], "--target", "T", "--window", "2023-01")) == (0, 0)
    assert evaluate(*asked[:-2]) == 1
