"""Reports: golden files a format, widths with Chinese, what is cut short, and what data cannot do to a reader.

The evaluation is made by hand, so that a fault of the engine never shows here. With GOLDEN=write in the environment
the golden files are written anew; read the difference before you commit it.
"""

import csv
import datetime as dt
import io
import json
import os
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from campaignrules import checker, source
from campaignrules.errors import CampaignError, Text, width_of
from campaignrules.reports import FORMATS, TABLES, Choice, as_csv, as_json, layout, numbers, render
from campaignrules.reports.saving import save
from campaignrules.results import (
    DutyResult,
    Finding,
    OutcomeResult,
    Pending,
    Progress,
    Results,
    ReturnResult,
    ReturnStatus,
    TableCount,
    column_of,
)
from campaignrules.roster import Roster
from campaignrules.structure import structure

GOLDEN = Path(__file__).parent / "golden"
AS_OF = dt.date(2023, 5, 31)
STATUSES = ("met", "missed", "met", "missed", "behind")


def number(text):
    """The decimal, or nothing."""
    return None if text is None else Decimal(text)


def progress(checked, target, window, status, value=None, unit=None, **more):
    """A row as the engine would make it, numbers given as text."""
    found = next(t for t in checked.targets if t.target.id == target)
    low = found.low.value / found.unit.factor if found.low and found.low.value is not None else None
    high = found.high.value / found.unit.factor if found.high and found.high.value is not None else None
    given = {name: number(more.get(name)) for name in ("ratio", "shortfall", "pace", "gap", "needed_per_day")}
    due = next(w.end for w in found.windows if w.id == window)
    return Progress(
        target=target, metric=found.metric.id, unit=unit, window=window, value=number(value),
        comparator=found.comparator, required=low, required_high=high, measure=found.unit.name, status=status,
        force=found.target.force, due_on=due, lead=found.lead, support=found.support, source=found.target.source,
        awaits=tuple(sorted(found.awaits)), **given,
    )  # fmt: skip


def rows_of_the_year(checked):
    """Targets of the year and of three quarters."""
    yield progress(checked, "Y-1", "2023", "behind", "30.5", ratio="0.38125", shortfall="49.5", pace="0.413698630137",
                   gap="-3.2448630137", needed_per_day="0.231308411215")  # fmt: skip
    yield progress(checked, "Y-2", "2023", "on_track", "12", ratio="0.6", shortfall="8", pace="0.413698630137",
                   gap="18.6301369863", needed_per_day="0.037383177570")  # fmt: skip
    yield progress(checked, "Y-3", "2023", "behind", "59.999999", ratio="0.999999983333", shortfall="0.000001")
    yield progress(checked, "Y-4", "2023", "deferred", "12")
    yield progress(checked, "Q1-1", "q1", "met", "21", ratio="1.05", shortfall="0", pace="1", gap="5")
    yield progress(
        checked, "Q1-2", "q1", "missed", "2", ratio="0.666666666667", shortfall="1", pace="1", gap="-33.3333333333"
    )
    for unit, status, value in (
        ("a", "met", "3"),
        ("b", "behind", "1"),
        ("c", "missing", None),
        ("d", "not_applicable", None),
    ):
        yield progress(checked, "Q2-1", "q2", status, value, unit)
    yield progress(checked, "Q3-1", "q3", "not_due")


def rows_of_months(checked):
    """Twelve months, for the whole and for four units."""
    for month in range(1, 13):
        status = STATUSES[month - 1] if month <= 5 else "not_due"
        value = "1" if month <= 5 else None
        yield progress(checked, "M-1", f"2023-{month:02}", status, value, ratio="0.5" if value else None)
    for month in range(1, 13):
        for unit in "abcd":
            yield progress(checked, "M-2", f"2023-{month:02}", "not_due" if month > 5 else "met", "1", unit)


def duties():
    """A monthly duty of four units, one by a date, one without."""

    def duty(name, due, status, unit=None, done=None, source="三(五)"):
        day = dt.date.fromisoformat(due) if due else None
        window = due[:7] if due else None
        return DutyResult(name, unit, window, day, status, done, "binding", (), (), source, ())

    for month in range(1, 13):
        for unit in "abcd":
            status = "not_due" if month > 5 else "missed" if unit in "bc" and month in (3, 4) else "met"
            yield duty("D-1", f"2023-{month:02}-15", status, unit)
    yield duty("D-2", "2023-03-31", "late", done=dt.date(2023, 4, 6), source="三(六)")
    yield duty("D-3", None, "open", source="三(七)")


FINDINGS = (
    Finding(
        "bad-number",
        "error",
        "project",
        Text("不是数", "not a number"),
        "project.csv",
        None,
        14,
        "协议投资额",
        "3O",
        True,
    ),
    Finding(
        "unknown-column",
        "warning",
        "project",
        Text("多出的列", "unknown column"),
        "project.csv",
        None,
        1,
        "备注\x1b[2J",
        None,
    ),
    *(
        Finding(
            "bad-date",
            "error",
            "project",
            Text("不是日期", "not a date"),
            "project.xlsx",
            "表1",
            n,
            "签约日期",
            "五月",
            True,
            f"C{n}",
        )
        for n in range(20, 31)
    ),
)


def returns():
    """Three quarters of a return, the third one coming; the second late in one township and never seen in another."""
    for unit in "abcd":
        yield ReturnResult("R-1", unit, "2023Q1", dt.date(2023, 4, 5), "submitted", None, 2, ("一季度.xlsx",), "三(八)")
        others: dict[str, tuple[ReturnStatus, dt.date | None]] = {
            "b": ("late", dt.date(2023, 5, 9)), "d": ("not_submitted", None),
        }  # fmt: skip
        status, on = others.get(unit, ("submitted", dt.date(2023, 5, 2)))
        yield ReturnResult(
            "R-1", unit, "2023-04", dt.date(2023, 5, 5), status, on, 0 if unit == "d" else 1, (), "三(八)"
        )
        yield ReturnResult("R-1", unit, "2023Q3", dt.date(2023, 10, 5), "not_due", None, 0, (), "三(八)")


@pytest.fixture(scope="module")
def evaluation():
    """A small campaign evaluated by hand."""
    checked = checker.check(structure(source.read(GOLDEN / "sample.yaml")))
    units = tuple(unit for unit in checked.campaign.units.roster if not isinstance(unit, str))
    results = Results(
        (*rows_of_the_year(checked), *rows_of_months(checked)),
        tuple(duties()),
        (OutcomeResult("O-1", "behind", "binding", {"behind": 1, "on_track": 1}, "一"),),
        returns=tuple(returns()),
    )
    pending = (
        Pending(
            "quota",
            Text("名额", "quota"),
            Text("名额另行印发", "a later notice"),
            ("1 个", "21 个"),
            "四(四)",
            ("Y-4",),
        ),
        Pending("scale", Text("打分标准", "scoring scale"), Text("标准未列", "not printed"), (), "五", ()),
    )
    return SimpleNamespace(
        checked=checked, results=results, findings=FINDINGS, pending=pending, as_of=AS_OF,
        counts=(TableCount("project", 40, 12, 3), TableCount("attestations", 21, 0, 0)),
        meta={"version": "0", "rows": 61}, roster=Roster(units),
        scores_explained=tuple, gates=lambda *_: (), receipt={"receipt": 1},
    )  # fmt: skip


CASES: dict[str, dict] = {
    "table.zh.txt": {"lang": "zh"},
    "table.en.txt": {"lang": "en"},
    "table.all.zh.txt": {"lang": "zh", "choice": Choice(everything=True)},
    "table.narrow.zh.txt": {"lang": "zh", "width": 72},
    "table.unit.zh.txt": {"lang": "zh", "choice": Choice(units=("b",))},
    "table.target.en.txt": {"lang": "en", "choice": Choice(targets=("Q2-1", "D-1"))},
    "evaluation.json": {"format": "json"},
    **{f"{table}.csv": {"format": "csv", "table": table} for table in TABLES},
}


@pytest.mark.parametrize("name", CASES)
def test_a_report_reads_as_its_golden_file(evaluation, name):
    """Each format, in both languages and with each kind of choice, is written exactly as agreed."""
    text = render(evaluation, **CASES[name])
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.parametrize("width", [60, 72, 80, 100, 140])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("everything", [True, False])
def test_no_line_is_wider_than_the_terminal(evaluation, width, lang, everything):
    """Chinese counts two cells a character, and every line still fits; a blank is not left at its end."""
    text = render(evaluation, lang=lang, width=width, choice=Choice(everything=everything))
    lines = text.splitlines()
    assert max(map(width_of, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_columns_stand_one_below_the_other_in_cells(evaluation):
    """The status of two rows begins at the same cell, however many wide characters stand before it."""
    lines = [line for line in render(evaluation).splitlines() if " Y-1 " in line or " Y-2 " in line]
    places = {width_of(line[: line.index(word)]) for line, word in zip(lines, ("落后", "进度正常"), strict=True)}
    assert len(places) == 1


PROSE = "县投资促进局、县委办（含各科室），负责“三类500强”项目：landing_rate_base 等。See the note (p. 3) for 落后\u00a03：河东乡、河西乡 · 未报送"


@pytest.mark.parametrize("width", range(4, 61))
def test_folded_words_lose_nothing_and_break_where_readers_expect_it(width):
    """Every line fits; none begins with a mark that closes, ends with one that opens, or parts a number from its word."""
    lines = layout.lines([layout.Cell(PROSE)], width, colour=False).splitlines()
    assert max(map(width_of, lines)) <= width
    assert "".join(lines).replace(" ", "") == PROSE.replace(" ", "").replace("\u00a0", "")
    if width >= 18:  # the longest word fits, so none is cut anywhere
        assert not [line for line in lines if line[0] in "、，。：）”·" or line[-1] in "（“"]
        assert any("落后 3：" in line for line in lines)


@pytest.mark.parametrize("width", [24, 40, 80])
def test_colour_changes_no_place(width):
    """A grid has the same words in the same cells with colours as without; numbers stand right."""
    grid = layout.Grid()
    for head, right in (("目标", False), ("要求", True), ("状态", False)):
        grid.column(head, right=right, folds=not right)
    for title, number_, status in (("全年签约投资（县投资促进局）", "80", "落后"), ("开工率", "59.99", "on track")):
        grid.row(layout.Cell(title, "bold red").append(" 待：quota", "dim"), layout.Cell(number_), layout.Cell(status))
    plain, coloured = layout.lines([grid], width, colour=False), layout.lines([grid], width, colour=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain
    assert (
        len({width_of(line[: line.index(n)] + n) for line in plain.splitlines() for n in ("80", "59.99") if n in line})
        == 1
    )


def test_a_narrow_terminal_cuts_no_number():
    """Where even the columns that keep their width do not fit, they fold too; nothing is left out."""
    grid = layout.Grid()
    for _ in range(4):
        grid.column()
    grid.row(*(layout.Cell("1234567890.123456") for _ in range(4)))
    text = layout.lines([grid], 40, colour=False)
    assert max(map(len, text.splitlines())) <= 40
    assert sum(c.isdigit() for c in text) == 64


def test_colour_is_written_only_when_asked_for(evaluation):
    """Without colour no escape is written; with it the words are the same."""
    plain, coloured = render(evaluation), render(evaluation, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert "落后" in coloured


def test_the_environment_does_not_colour_a_report(evaluation, monkeypatch):
    """FORCE_COLOR and COLUMNS are for the command line to read, not for the report."""
    expected = render(evaluation)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    assert render(evaluation) == expected


def test_controls_in_data_reach_no_terminal(evaluation):
    """A column title that would clear the screen is shown, not obeyed, in every format."""
    for form in FORMATS:
        for table in TABLES if form == "csv" else ("progress",):
            text = render(evaluation, form, table=table)
            assert not {c for c in text if ord(c) < 32} - {"\n", "\r"}, form


def test_a_missed_demand_never_looks_met(evaluation):
    """59.999999 % of 60 % is shown in full and as 99 %, with a shortfall that is not zero."""
    line = next(line for line in render(evaluation).splitlines() if " Y-3 " in line)
    assert "59.999999" in line
    assert " 99%" in line
    assert "0.01" in line


@pytest.mark.parametrize(
    ("value", "measure", "against", "expected"),
    [
        ("12.34567", "亿元", None, "12.3457"),
        ("0.00001", "亿元", None, "0.00001"),
        ("33.3333333", "%", None, "33.33"),
        ("79.99999", "亿元", "80", "79.99999"),
        ("1E+3", "个", None, "1000"),
    ],
)
def test_numbers_are_shortened_for_reading_only_where_nothing_is_lost(value, measure, against, expected):
    """Four decimals, two for percentages, and all of them where fewer would mislead."""
    assert numbers.shown(Decimal(value), measure, number(against)) == expected


def test_a_gap_keeps_its_sign_when_it_is_small():
    """A deficit of four hundredths of a point is not shown as a plus or as nothing."""
    assert [numbers.gap(Decimal(v)) for v in ("-0.04", "0", "4.26", "-12")] == ["-0.0", "0.0", "+4.2", "-12.0"]


def test_json_rows_have_the_field_names_of_results(evaluation):
    """Keys are the attrs names in their order; decimals are text, dates ISO, None is null."""
    data = json.loads(render(evaluation, "json"))
    assert list(data) == ["campaign", "as_of", *TABLES, "meta", "receipt"]
    for table, cls in as_csv.ROWS.items():
        assert all(list(row) == [column_of(f.name) for f in attrs.fields(cls)] for row in data[table])
    first = data["progress"][0]
    assert (first["value"], first["due_on"], first["unit"]) == ("30.5", "2023-12-31", None)


def test_json_refuses_what_json_cannot_say():
    """A float that is not a number is our fault and stops the report; it is never written as NaN."""
    with pytest.raises(ValueError, match="JSON"):
        as_json.dumped(as_json.plain({"x": float("nan")}))


def test_json_escapes_what_could_steer_a_terminal():
    """C1 controls, direction marks and lone surrogates are escaped and read back as they were."""
    data = {"x": "a\x9b2J\u202eb\ud800", "中": "文"}
    text = as_json.dumped(data)
    assert text.encode()
    assert "\x9b" not in text
    assert "中" in text
    assert json.loads(text) == data


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\u3000="])
def test_csv_text_never_begins_a_formula(begin):
    """Text gets an apostrophe before what a spreadsheet would run."""
    assert as_csv.cell(f"{begin}cmd|'/c calc'!A0", "zh").startswith("'")


def test_csv_numbers_stay_numbers():
    """A negative number is no formula; an exponent is written out; lists are joined with 、."""
    assert as_csv.cell(Decimal("-1.50"), "zh") == "-1.5"
    assert as_csv.cell(Decimal("1E+2"), "zh") == "100"
    assert as_csv.cell(("甲", "乙"), "zh") == "甲、乙"
    assert as_csv.cell(None, "zh") == ""
    assert as_csv.cell(True, "zh") == "true"


def test_csv_is_read_back_by_the_field_names(evaluation):
    """The file begins with the mark that Excel looks for, and each table has its own columns."""
    for table in TABLES:
        text = render(evaluation, "csv", table=table)
        assert text.startswith("\ufeff")
        heads = csv.DictReader(io.StringIO(text[1:])).fieldnames or ()
        names = [column_of(f.name) for f in attrs.fields(as_csv.ROWS[table])]
        assert sorted(heads) == sorted(names)
        assert list(heads) == names or table == "findings"


def test_a_choice_holds_for_every_format(evaluation):
    """A unit or a window asked for leaves the other rows out of JSON and CSV as well."""
    data = json.loads(render(evaluation, "json", choice=Choice(units=("b",), windows=("q2",))))
    assert [(row["target"], row["unit"]) for row in data["progress"]] == [("Q2-1", "b")]
    text = render(evaluation, "csv", choice=Choice(targets=("Y-1",)))
    assert len(text.splitlines()) == 2


def test_a_campaign_without_results_still_has_a_report(evaluation):
    """Nothing to judge gives the heading and no empty tables."""
    empty = SimpleNamespace(
        **{**vars(evaluation), "results": Results((), (), ()), "findings": (), "pending": (), "counts": ()}
    )
    assert len(render(empty).splitlines()) == 2


def test_a_file_is_replaced_whole_and_keeps_its_rights(tmp_path):
    """The new text replaces the old file; its rights stay, and no temporary file is left."""
    path = tmp_path / "结果.json"
    path.write_text("old")
    path.chmod(0o640)
    save(path, "新\n")
    assert path.read_text("utf-8") == "新\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["结果.json"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    """When the disk fails halfway the old file is whole, nothing else is left, and the error is ours."""
    path = tmp_path / "out.csv"
    path.write_text("old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CampaignError) as caught:
        save(path, "new")
    assert caught.value.diagnostics[0].code == "cannot-write"
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_a_link_is_written_through(tmp_path):
    """A path that is a link keeps being one; the file behind it gets the text."""
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    save(tmp_path / "link.csv", "new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


@pytest.mark.parametrize("path", ["missing/out.csv", ".", "a\x00b"])
def test_a_path_that_cannot_be_written_is_our_error(tmp_path, path):
    """No folder is made, a folder is not overwritten, and a bad name does not end in a traceback."""
    with pytest.raises(CampaignError):
        save(tmp_path / path, "x")
