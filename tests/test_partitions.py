"""Parquet in folders: many files are one table, paths are columns, and what cannot matter is not read."""

import datetime as dt
import io
import os
import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet
import pytest
from attrs import asdict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import campaignrules as cr
from campaignrules import engine
from campaignrules.engine import framed
from campaignrules.errors import CampaignError
from campaignrules.intake import Limits, Span, Submission, scanned, take
from campaignrules.intake.footers import footer_of
from campaignrules.intake.packed import DamagedError
from campaignrules.intake.partitions import told_by, types_of
from tests.strategies import Case, scattered_cases

YAML = """
campaign: lake
title: 湖
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {county: 县区}, roster: [{id: a, title: 甲县, class: county}, {id: b, title: 乙县, class: county}]}
records:
  project:
    title: 项目
    fields:
      id: {type: text}
      unit: {type: unit}
      amount: {type: quantity, unit: 万元, decimals: 2}
      year: {type: count, required: false}
      signed_on: {type: date}
      started_on: {type: date, required: false}
metrics:
  signed: {count: project, on: signed_on}
  amount: {sum: project.amount, on: signed_on}
targets:
  - {id: T-1, metric: signed, in: [each month], for: [campaign, each unit], at_least: 1}
  - {id: T-2, metric: amount, in: [campaign], for: [campaign, each unit], at_least: 1 万元}
"""
LAKE = cr.load(YAML)
DAY = dt.date(2023, 6, 30)
SCANNED = Limits(scanned=0)
"""Nothing is small enough to be read as a whole."""


def row(number: int, signed: str = "2023-05-15", **more: Any) -> dict[str, Any]:
    """A sound row of the record `project`."""
    told = {"id": f"P{number}", "unit": "ab"[number % 2], "amount": Decimal(number), "signed_on": dt.date.fromisoformat(signed)}  # fmt: skip
    return {**told, **more}


def write(folder: Path, name: str, rows: Iterable[dict[str, Any]], **types: Any) -> Path:
    """A Parquet file below a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(list(rows), schema_overrides={"amount": pl.Decimal(12, 2), **types}).write_parquet(path)
    return path


def taken(data: Any, limits: Limits = SCANNED, campaign: cr.Campaign = LAKE) -> Submission:
    """What is understood of data."""
    return take(campaign.checked, data, limits)


def codes(submission: Submission) -> list[tuple[str, str | None]]:
    """The code and file of each finding."""
    return [(found.code, found.file) for found in submission.findings]


def ids(submission: Submission) -> list[Any]:
    """Which rows may count."""
    return sorted(str(one["id"]) for one in submission.rows("project"))


def reason(data: Any, limits: Limits = SCANNED) -> str:
    """The code with which data are refused."""
    with pytest.raises(CampaignError) as caught:
        taken(data, limits)
    return caught.value.diagnostics[0].code


# -- which files are one table ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [SCANNED, Limits()], ids=["scanned", "whole"])
@pytest.mark.parametrize(
    "names",
    [
        ("project/part-0.parquet", "project/part-1.parquet"),
        ("project/deep/er/x.parquet", "project/y.parquet"),
        ("项目/x.parquet", "甲县/project/y.parquet"),
        ("project_1.parquet", "project_2.parquet"),
        ("project/x.parquet", "project.parquet"),
    ],
)
def test_files_of_one_record_are_one_table(tmp_path, names, limits):
    """In a folder named like it at any depth, or named like it themselves, however many rows there are."""
    for number, name in enumerate(names):
        write(tmp_path, name, [row(number)])
    found = taken(tmp_path, limits)
    assert ids(found) == ["P0", "P1"]
    assert (found.tables["project"].height is None) == (limits is SCANNED)
    assert {code for code, _ in codes(found)} == ({"keys-not-checked"} if limits is SCANNED else set()) - {
        "keys-not-checked"
    }


def test_a_folder_itself_may_be_the_table(tmp_path):
    """Named like the record, or named by the mapping it is given in."""
    write(tmp_path, "project/year=2023/x.parquet", [row(1)])
    assert ids(taken(tmp_path / "project")) == ["P1"]
    assert ids(taken({"项目": tmp_path})) == ["P1"]
    (tmp_path / "lake").mkdir()
    write(tmp_path, "lake/x.parquet", [row(2)])
    (tmp_path / "lake" / "late.csv").write_text("id,unit,amount,signed_on\nP9,a,1,2023-05-01\n", "utf-8")
    assert ids(taken({"project": str(tmp_path / "lake")})) == ["P2", "P9"]


def test_a_folder_without_files_is_refused(tmp_path):
    """Whoever names a folder for a table means something in it."""
    assert reason({"project": tmp_path}) == "folder-without-tables"


def test_the_files_own_name_goes_before_its_folders(tmp_path):
    """As it always did."""
    write(tmp_path, "other/project.parquet", [row(1)])
    write(tmp_path, "project/units.parquet", [row(2)])
    assert ids(taken(tmp_path)) == ["P1"]


def test_what_programs_leave_beside_tables_is_passed_over(tmp_path):
    """Marks of success, checksums, what was not finished, links."""
    write(tmp_path, "project/part-0.parquet", [row(1)])
    for name in ("_SUCCESS", ".part-0.parquet.crc", "_metadata"):
        (tmp_path / "project" / name).write_bytes(b"x")
    write(tmp_path, "project/.hidden/x.parquet", [row(2)])
    (tmp_path / "project" / "link.parquet").symlink_to(tmp_path / "project" / "part-0.parquet")
    (tmp_path / "project" / "linked").symlink_to(tmp_path, target_is_directory=True)
    found = taken(tmp_path)
    assert ids(found) == ["P1"]
    assert codes(found) == [("not-a-plain-file", "project/link.parquet"), ("not-a-plain-file", "project/linked")]


def test_a_table_of_delta_lake_is_refused(tmp_path):
    """Its folder holds rows that were deleted, too."""
    write(tmp_path, "project/part-0.parquet", [row(1)])
    (tmp_path / "project" / "_delta_log").mkdir()
    assert reason(tmp_path) == "managed-table"


def test_more_files_than_are_looked_at_are_refused(tmp_path):
    """There may be more parts of tables than other files."""
    for number in range(4):
        write(tmp_path, f"project/{number}.parquet", [row(number)])
    assert len(ids(taken(tmp_path, Limits(files=2)))) == 4
    assert reason(tmp_path, Limits(parts=3)) == "too-many-files"
    assert reason(tmp_path / "project", Limits(files=2, parts=3)) == "too-many-files"


def test_pieces_in_memory_and_scans_are_one_table(tmp_path):
    """A sheet that came late beside a folder of Parquet: rows, faults and who submitted are those of both."""
    write(tmp_path, "project/x.parquet", [row(1), row(2, unit="c")])
    (tmp_path / "project.csv").write_text("id,unit,amount,signed_on\nP8,b,x,2023-05-01\nP9,a,1,2023-05-01\n", "utf-8")
    found = taken(tmp_path)
    assert ids(found) == ["P1", "P9"]
    assert (found.counts["project"].read, found.counts["project"].set_aside) == (4, 2)
    assert [(one.file, one.rows) for one in found.sources] == [("project.csv", 2), ("project/x.parquet", 2)]
    assert [(one.unit, one.read, one.counted) for one in found.received] == [("a", 1, 1), ("b", 2, 1)]


# -- partition columns --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [SCANNED, Limits()], ids=["scanned", "whole"])
def test_a_partition_column_counts_as_the_field_it_is(tmp_path, limits):
    """Units, whole numbers and dates, also where the path has to write a character otherwise."""
    for number, unit in enumerate(("a", "%E4%B9%99%E5%8E%BF")):
        rows: list[dict[str, Any]] = [{"id": f"P{number}", "amount": Decimal(number)}]
        write(tmp_path, f"x=1/project/year=2023/unit={unit}/signed_on=2023-05-1{number}/x.parquet", rows)
    found = sorted(taken(tmp_path / "x=1", limits).rows("project"), key=lambda one: str(one["id"]))
    assert [(one["unit"], one["year"], one["signed_on"]) for one in found] == [
        ("a", Decimal(2023), dt.date(2023, 5, 10)), ("b", Decimal(2023), dt.date(2023, 5, 11)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2022", "2023", None], pl.Int64()),
        (["06", "7"], pl.String()),
        (["2023-01-05", "2023-02-28"], pl.Date()),
        (["2023-01-05", "2023-02-30"], pl.String()),
        (["1", "x"], pl.String()),
        (["9" * 30], pl.String()),
        ([None], pl.String()),
    ],
)
def test_the_type_of_a_partition_column_loses_nothing(values, kind):
    """Text stays text unless every value is a day or a whole number as one would write it."""
    assert types_of({"k": value} for value in values) == {"k": kind}


def test_paths_say_partition_columns():
    """In folders, not in the name of the file; an empty one has a word of its own."""
    assert told_by("project/year=2023/u=%E7%94%B2/a=b=c/=1/x=__HIVE_DEFAULT_PARTITION__/f=1.parquet") == {
        "year": "2023", "u": "甲", "x": None,
    }  # fmt: skip


# -- files that differ, files at fault ----------------------------------------------------------------------------


def test_files_with_other_columns_are_read_by_their_own(tmp_path):
    """Whole numbers, decimals, texts, other headers, another order, one column less: each as if it came alone."""
    write(tmp_path, "project/0.parquet", [row(0, "2023-05-01")])
    write(tmp_path, "project/1.parquet", [row(1, amount=7)], amount=pl.Int64)
    write(tmp_path, "project/2.parquet", [row(2, amount="1,234.5", signed_on="2023年5月3日")], amount=pl.String)
    write(tmp_path, "project/3.parquet", [dict(reversed(row(3).items()))])
    write(tmp_path, "project/4.parquet", [{**row(4, unit="c"), "note": "x"}])
    write(tmp_path, "project/5.parquet", [{name: cell for name, cell in row(5).items() if name != "amount"}])
    found = taken(tmp_path)
    whole = taken(tmp_path, Limits())
    assert ids(found) == ["P0", "P1", "P2", "P3"]
    key = lambda one: str(one["id"])  # noqa: E731  twice
    assert sorted(found.rows("project"), key=key) == sorted(whole.rows("project"), key=key)
    assert ("missing-column", "project/5.parquet") in codes(found)
    assert [file for code, file in codes(found) if code == "other-columns"] == [
        f"project/{number}.parquet" for number in (1, 2, 4, 5)
    ]


def test_a_bad_row_is_named_by_its_file_and_its_place_in_it(tmp_path):
    """Of a scan of many files, as of one file."""
    for number in range(5):
        unit = "c" if number in (0, 3) else "a"
        write(tmp_path, f"project/{number}.parquet", [row(number), row(10 + number, unit=unit), row(20 + number)])
    found = taken(tmp_path).tables["project"].faults()
    assert [(one.code, one.file, one.row) for one in found] == [
        ("unknown-unit", "project/0.parquet", 3), ("unknown-unit", "project/3.parquet", 3),
    ]  # fmt: skip


def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path):
    """Whatever its first and last bytes say."""
    for number in range(3):
        write(tmp_path, f"project/{number}.parquet", [row(number)])
    (tmp_path / "project" / "1.parquet").write_bytes(b"PAR1 no PAR1")
    (tmp_path / "project" / "empty.parquet").write_bytes(b"")
    found = taken(tmp_path)
    assert ids(found) == ["P0", "P2"]
    assert codes(found) == [("file-not-read", "project/1.parquet"), ("file-not-read", "project/empty.parquet")]


def test_a_file_packed_beyond_all_measure_is_named(tmp_path):
    """The pages of each file are looked at before it is scanned with others."""
    write(tmp_path, "project/0.parquet", [row(0)])
    pl.DataFrame({"n": pl.zeros(2**21, dtype=pl.Int64, eager=True)}).write_parquet(tmp_path / "project" / "1.parquet")
    assert codes(taken(tmp_path, Limits(unpacked=2**20, scanned=1))) == [("file-not-read", "project/1.parquet")]


def test_too_many_sorts_of_columns_are_refused(tmp_path):
    """Then they are not the files of one table."""
    for number in range(66):
        write(tmp_path, f"project/{number}.parquet", [{**row(number), f"c{number}": 1}])
    assert codes(taken(tmp_path)) == [("file-not-read", "project")]
    assert len(ids(taken(tmp_path, Limits()))) == 66


@pytest.mark.parametrize("small", [0, scanned.SMALL])
def test_columns_are_looked_at_together_or_one_by_one(tmp_path, monkeypatch, small):
    """With the same findings, rows and counts."""
    monkeypatch.setattr(scanned, "SMALL", small)
    for number in range(4):
        write(
            tmp_path,
            f"project/{number}.parquet",
            [row(number), row(9, unit=None), row(8, signed_on=None)][: number + 1],
        )
    found = taken(tmp_path)
    assert ids(found) == ["P0", "P1", "P2", "P3"]
    assert [(one.code, one.file, one.row) for one in found.tables["project"].faults()] == [
        ("missing-value", f"project/{number}.parquet", place) for number, place in ((1, 3), (2, 3), (2, 4), (3, 3), (3, 4))
    ]  # fmt: skip


def test_distinct_values_are_the_same_in_one_pass_and_in_many(tmp_path, monkeypatch):
    """Each pass takes a share of the values."""
    luck = random.Random(1)  # noqa: S311  any rows will do
    rows = [row(number, f"2023-0{luck.randrange(1, 7)}-01", company=str(luck.randrange(20))) for number in range(200)]
    write(tmp_path, "project/x.parquet", rows)
    text = YAML.replace("      year:", "      company: {type: text}\n      year:").replace(
        "{count: project, on: signed_on}", "{distinct: project.company, on: signed_on}"
    )
    campaign = cr.load(text)
    results = []
    for size in (framed.PASS_ROWS, 30):
        monkeypatch.setattr(framed, "PASS_ROWS", size)
        results.append(engine.run(campaign.plan, taken(tmp_path, campaign=campaign), DAY).rows.progress)
    assert results[0] == results[1] == campaign.evaluate({"project": rows}, as_of=DAY).results.progress


# -- footers ------------------------------------------------------------------------------------------------------

SOME_DAYS = st.lists(st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)), max_size=9)


@settings(max_examples=40)
@given(SOME_DAYS, st.sampled_from(["polars", "arrow", "us", "ms", "ns", "zone"]))
def test_a_footer_says_between_which_days_a_column_lies(days, form):
    """Whoever wrote it; of timestamps with a day's room for zones."""
    frame = pl.DataFrame({"n": range(len(days)), "on": pl.Series(days, dtype=pl.Date)})
    kinds = {"us": pl.Datetime("us"), "ms": pl.Datetime("ms"), "ns": pl.Datetime("ns"), "zone": pl.Datetime("us", "Asia/Shanghai")}  # fmt: skip
    if form in kinds:
        frame = frame.with_columns(pl.col("on").cast(kinds[form]))
    file = io.BytesIO()
    if form == "arrow":
        pyarrow.parquet.write_table(frame.to_arrow(), file, row_group_size=2)
    else:
        frame.write_parquet(file, row_group_size=3)
    footer = footer_of(file, len(file.getvalue()))
    known = [(day - dt.date(1970, 1, 1)).days for day in days if day is not None]
    room = 1 if form in kinds else 0
    assert footer.rows == len(days)
    assert footer.days == {"on": (min(known) - room, max(known) + room) if known else None}


def test_without_statistics_a_footer_says_nothing_of_days():
    """Then no file is left out."""
    file = io.BytesIO()
    pl.DataFrame({"on": [DAY]}).write_parquet(file, statistics=False)
    assert footer_of(file, len(file.getvalue())).days == {}


def test_a_damaged_footer_is_refused_and_nothing_else(tmp_path):
    """Bytes changed anywhere in it."""
    whole = write(tmp_path, "x.parquet", [row(1), row(2)]).read_bytes()
    luck = random.Random(7)  # noqa: S311  to damage files
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(luck.choice([1, 2, 5])):
            data[-luck.randrange(1, 900)] = luck.choice([0, 255, luck.randrange(256)])
        try:
            footer_of(io.BytesIO(data), len(data))
        except DamagedError:
            continue


# -- what is not read ---------------------------------------------------------------------------------------------


def pruned(data: Any, day: dt.date = DAY, campaign: cr.Campaign = LAKE, limits: Limits = SCANNED) -> Submission:
    """What is read for an evaluation."""
    return take(campaign.checked, data, limits, needed=lambda: engine.needed(campaign.plan, day))


def test_files_outside_the_campaigns_days_are_not_read(tmp_path):
    """By what their footers say of dates, by a partition by date; a note says how many, and they are not counted."""
    for number, day in enumerate(("2022-12-31", "2023-01-01", "2023-06-30", "2023-07-01")):
        write(tmp_path, f"a/project/{number}.parquet", [row(number, day)])
        rows = [{name: cell for name, cell in row(number).items() if name != "signed_on"}]
        write(tmp_path, f"b/project/signed_on={day}/x.parquet", rows)
    for folder in ("a", "b"):
        found = pruned(tmp_path / folder)
        assert ids(found) == ["P1", "P2"]
        assert [found.counts["project"].read, *(one.rows for one in found.sources)] == [2, 2]
        told = [(one.code, one.file, one.message.en) for one in found.findings if one.code == "files-not-needed"]
        assert [(code, file, text[-10:]) for code, file, text in told] == [
            ("files-not-needed", "project", "2 (2 rows)")
        ]
        assert ids(taken(tmp_path / folder)) == ["P0", "P1", "P2", "P3"]


def test_all_files_may_lie_outside(tmp_path):
    """The table was submitted: what is counted in it is zero and not missing."""
    write(tmp_path, "project/1.parquet", [row(1, "2021-01-01")])
    write(tmp_path, "project/2.parquet", [row(2, "2021-01-01")])
    found = pruned(tmp_path)
    assert (ids(found), found.counts["project"].read) == ([], 0)
    assert engine.run(LAKE.plan, found, DAY).rows.progress == engine.run(LAKE.plan, taken(tmp_path), DAY).rows.progress


def asked(metrics: str, demand: str = "at_least: 1", more: str = "", date: str = "type: date") -> Any:
    """What is needed of `project` when a target asks for the last of these metrics."""
    name = metrics.strip().splitlines()[-1].split(":")[0].strip()
    text = YAML[: YAML.index("metrics:")].replace("signed_on: {type: date", f"signed_on: {{{date}")
    text += f"metrics:\n  {metrics}\ntargets: [{{id: T, metric: {name}, in: [each month], {demand}}}]\n{more}"
    return engine.needed(cr.load(text).plan, DAY).get("project")


SINCE = Span("signed_on", dt.date(2023, 1, 1), DAY)
EVER = Span("signed_on", None, DAY)
STARTED = Span("started_on", None, DAY)


@pytest.mark.parametrize(
    ("metrics", "demand", "spans"),
    [
        ("x: {count: project, on: signed_on}", "at_least: 1", ((SINCE,),)),
        ("x: {count: project, on: signed_on, accumulate: to_date}", "at_least: 1", ((EVER,),)),
        ("x: {count: project, on: signed_on, accumulate: to_date, since: 2022-03-01}", "at_least: 1",
         ((Span("signed_on", dt.date(2022, 3, 1), DAY),),)),
        ("y: {count: project, on: signed_on, accumulate: to_date}\n  z: {count: project, on: signed_on}\n  x: {formula: y / z}",
         "at_least: 1", ((EVER,),)),
        ("y: {count: project, on: signed_on}\n  x: {growth: y, against: year}", "at_least: 5%",
         ((Span("signed_on", dt.date(2022, 1, 1), DAY),),)),
        ("x: {rate: {of: project, reached: started_on}, on: signed_on}", "at_least: 5%", ((SINCE,), (SINCE, STARTED))),
        ("x: {rate: {of: project, where: amount > 1 * 万元, reached: started_on}}", "at_least: 5%", None),
        ("x: {count: project, on: signed_on, until: started_on, accumulate: level}", "at_least: 1",
         ((EVER,), (EVER, STARTED))),
    ],
)  # fmt: skip
def test_what_is_needed_follows_from_what_is_asked(metrics, demand, spans):
    """A flow needs its windows, what counts up to a date all before, a cohort its first dates; growth the year before."""
    assert asked(metrics, demand) == spans


def test_planned_dates_are_needed_up_to_the_last_window():
    """They are known before they come."""
    found = asked("x: {count: project, on: signed_on}", date="type: date, planned: true")
    assert found == ((Span("signed_on", dt.date(2023, 1, 1), dt.date(2023, 12, 1)),),)


@pytest.mark.parametrize(
    "more",
    [
        "duties: [{id: D-1, title: 事, record: project, on: signed_on, for: each unit, by: 2023-05-01}]\n",
        "returns: [{id: R-1, title: 月报, records: [project], for: each unit, in: each month}]\n",
    ],
)
def test_what_proves_or_was_submitted_is_needed_whatever_its_date(more):
    """A duty may be done, and a table submitted, on any day."""
    assert asked("x: {count: project, on: signed_on}", more=more) is None


def test_without_a_roster_every_row_is_needed(tmp_path):
    """The units are those that stand in some row."""
    text = YAML.replace(
        "roster: [{id: a, title: 甲县, class: county}, {id: b, title: 乙县, class: county}]", "roster: submitted"
    )
    for number, day in enumerate(("2021-05-15", "2023-05-15")):
        write(tmp_path, f"project/{number}.parquet", [row(number, day)])
    found = pruned(tmp_path, campaign=cr.load(text))
    assert [unit.id for unit in found.roster.units] == ["a", "b"]
    assert found.counts["project"].read == 2


def in_files(case: Case, folder: Path) -> dict[str, Any]:
    """A drawn campaign's tables, each record with dates as Parquet files of few rows each, dates as dates."""
    records = cr.load(case.text).checked.campaign.records
    tables: dict[str, Any] = dict(case.tables)
    for name, rows in case.tables.items():
        days = [field for field, one in records[name].fields.items() if one.type == "date"] if name in records else []
        if days and rows:
            order = sorted(rows, key=lambda one: [one[day] for day in days])
            for start in range(0, len(rows), 2):
                part = pl.DataFrame(order[start : start + 2]).with_columns(
                    pl.when(pl.col(days) != "").then(pl.col(days)).str.to_date()
                )
                (folder / name).mkdir(exist_ok=True)
                part.write_parquet(folder / name / f"{start:03}.parquet")
            tables[name] = folder / name
    return tables


def test_results_are_the_same_with_and_without_the_files_that_are_not_read(tmp_path_factory):
    """On generated campaigns: every row of results; and files are left out in many of them."""
    left_out: list[int] = []

    @settings(max_examples=50, suppress_health_check=[*HealthCheck], database=None, derandomize=True)
    @given(scattered_cases())
    def compared(case: Case) -> None:
        campaign = cr.load(case.text)
        data = in_files(case, tmp_path_factory.mktemp("lake"))
        found = pruned(data, case.as_of, campaign)
        whole = take(campaign.checked, case.tables)
        left_out.append(sum(one.code == "files-not-needed" for one in found.findings))
        mine, other = (engine.run(campaign.plan, one, case.as_of).rows for one in (found, whole))
        assert asdict(mine) == asdict(other)

    compared()
    assert sum(map(bool, left_out)) >= 4


def test_a_file_that_is_replaced_says_no_digest(tmp_path):
    """A receipt tells the files of a folder by the bytes of each."""
    for number in range(3):
        write(tmp_path, f"project/{number}.parquet", [row(number)])
    one, other = (taken(tmp_path).inputs[0] for _ in range(2))
    assert one.sha256 is not None
    os.utime(tmp_path / "project" / "1.parquet", ns=(1, 1))
    assert other.sha256 is None
