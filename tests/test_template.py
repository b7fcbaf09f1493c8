"""The template to fill in: what it asks for, and that what is filled in there comes back without a finding."""

import csv
import datetime as dt
import io
import re
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

import campaignrules as cr
from campaignrules import checker, cli, driver, source
from campaignrules.errors import CampaignError, Text
from campaignrules.intake import take
from campaignrules.intake.headers import names_of
from campaignrules.model import Unit
from campaignrules.roster import Roster
from campaignrules.structure import structure
from campaignrules.workbooks import styles, template
from campaignrules.workbooks.asked import asked
from tests import submitted

ROOT = Path(__file__).parents[1]
DEMO = (ROOT / "tests" / "intake" / "campaign.yaml").read_text("utf-8")
HEADER = 3
SAID = {"outside-period", "missing-for-unit"}
"""Notes that are no fault of what was filled in."""


def campaign(text):
    """The checked form of a campaign's text."""
    return checker.check(structure(source.read(text.encode(), name="campaign.yaml")))


CHECKED = campaign(DEMO)


def made(checked=CHECKED, **more):
    """The template as a program sees it."""
    return openpyxl.load_workbook(io.BytesIO(template.template(checked, **more)))


def places(sheet, names):
    """Field → its column in a sheet of a template."""
    meant = {cell.column: names.meant(cell.value) for cell in sheet[HEADER] if cell.value}
    return {one.field: column for column, one in meant.items()}


def tables_in(folder, names):
    """The rows of a folder's CSV files: record → rows of field → text."""
    found = {}
    for record, one in names.items():
        file = folder / f"{record}.csv"
        if file.exists():
            header, *rows = csv.reader(io.StringIO(file.read_text("utf-8-sig")))
            fields = [one.meant(cell).field for cell in header]
            found[record] = [dict(zip(fields, row, strict=True)) for row in rows]
    return found


def plain(text, column):
    """The value that a person's spreadsheet makes of what is typed."""
    if column.kind in ("number", "whole") and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return float(text)
    if column.kind == "date" and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return text


def fill(book, tables, rows, typed):
    """Write rows into the sheets of a template: as text, or as a spreadsheet keeps what is typed."""
    for table in tables:
        sheet = book[table.name]
        for number, row in enumerate(rows.get(table.record, ()), start=HEADER + 1):
            for column in table.columns:
                text = row.get(column.field, "")
                if text:
                    place = 1 + table.columns.index(column)
                    sheet.cell(number, place).value = plain(text, column) if typed else text


def short():
    """The template of the demonstration with few rows, which is sooner read and written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(template, "ROWS", 20)
        return template.template(CHECKED)


SHORT = short()

# -- what it asks for ---------------------------------------------------------------------------------------------


def test_there_is_a_sheet_for_each_table_between_notes_and_a_hidden_sheet_of_lists():
    """Notes come first, then every table that is asked for, then the lists, which nobody sees."""
    book = made()
    assert book.sheetnames == ["填报说明", "签约项目", "报送数据", "事项完成情况", "词表"]
    assert [sheet.sheet_state for sheet in book] == ["visible"] * 4 + ["hidden"]
    assert "名册" in made(campaign(DEMO[: DEMO.index("  roster:")] + DEMO[DEMO.index("vocabularies:") :])).sheetnames


def test_headings_say_the_unit_of_measure_and_what_must_be_filled():
    """A heading has its unit of measure in brackets; one that must be filled is marked by a sign and a colour."""
    sheet = made()["签约项目"]
    headings = [cell.value for cell in sheet[HEADER]]
    assert headings[:5] == ["＊项目编号", "＊责任单位", "＊协议投资额（亿元）", "占比（%）", "带动就业"]
    assert sheet["A3"].fill.start_color.rgb != sheet["D3"].fill.start_color.rgb
    assert sheet.freeze_panes == "B4"
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$3")


def test_english_headings_are_the_fields_own_names_where_there_is_no_english_title():
    """In English, tables and labels are English; the figures have the names of their fields."""
    book = made(lang="en")
    assert book.sheetnames == ["Notes", "signed projects", "figures", "attestations", "Lists"]
    assert [cell.value for cell in book["figures"][HEADER]][:4] == ["＊metric", "unit", "＊on", "＊value"]
    assert [cell.value for cell in book["figures"][2]][:6:2] == ["Reporter:", "Period:", "Date:"]


def validations(sheet):
    """First cell of a range → what is checked there."""
    return {str(one.sqref).split(":")[0]: one for one in sheet.data_validations.dataValidation}


def words_of(book, formula):
    """The words in the range that a validation refers to."""
    title, cells = formula.rsplit("!", 1)
    return [cell.value for (cell,) in book[title.strip("'")][cells.replace("$", "")]]


def test_lists_to_choose_from_hold_the_words_that_are_understood():
    """Vocabularies, yes and no, units, metrics and duties are chosen from ranges of the hidden sheet."""
    book = made()
    lists = {title: validations(book[title]) for title in ("签约项目", "报送数据", "事项完成情况")}
    chosen = {
        ("签约项目", "B4"): ["甲县", "乙县"],
        ("签约项目", "B2"): ["甲县", "乙县"],
        ("签约项目", "F4"): ["省内", "省外"],
        ("签约项目", "H4"): ["是", "否"],
        ("报送数据", "A4"): ["出口额"],
        ("事项完成情况", "A4"): ["月报"],
    }
    for (title, cell), words in chosen.items():
        assert lists[title][cell].type == "list"
        assert words_of(book, lists[title][cell].formula1) == words
    tags = lists["签约项目"]["G4"]
    assert tags.type is None
    assert "食品饮料（预制菜、酒水）、医药" in tags.prompt


def test_dates_and_numbers_are_checked_and_say_how_they_are_written():
    """A date must be a date, a count whole; the prompt has decimals, unit of measure and the campaign's period."""
    checks = validations(made()["签约项目"])
    assert (checks["I4"].type, checks["C4"].type, checks["E4"].type) == ("date", "decimal", "whole")
    assert "2023-01-01 至 2023-12-31" in checks["I4"].prompt
    assert checks["C4"].prompt == "必填，数字，单位亿元，最多 4 位小数"
    assert all(len(one.prompt) <= 255 and len(one.promptTitle) <= 32 for one in checks.values())


def test_cells_are_formatted_by_the_type_of_their_column():
    """Text stays as typed, dates and decimals are shown in one way, in each of the rows to fill in."""
    sheet = made()["签约项目"]
    for row in (4, 503):
        assert [sheet.cell(row, column).number_format for column in (1, 3, 4, 5, 9)] == [
            "@", "0.00??", "0.00", "0", "yyyy-mm-dd",
        ]  # fmt: skip


def test_a_word_whose_title_means_another_is_chosen_by_its_id():
    """Two duties of one title, or a title that is another's id, are told apart by ids."""
    text = DEMO.replace(
        "  - {id: D-1, title: 月报,",
        "  - {id: D-2, title: 月报, for: each unit, every: month}\n  - {id: D-1, title: 月报,",
    )
    book = made(campaign(text))
    assert words_of(book, validations(book["事项完成情况"])["A4"].formula1) == ["D-2", "D-1"]


def test_the_notes_name_rules_clauses_and_words():
    """The first sheet says what each row must satisfy, what a table is for and how each column is filled in."""
    sheet = made(driver.load("yanjiang_2023").checked)["填报说明"]
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    for words in ("填报说明：资阳市雁江区2023年招商引资", "2023-01-01 – 2023-12-31", "每行须满足：履约日期不得早于签约日期",
                  "依据条款：一；二(一)", "省市都督办的填省级；2022年签约项目必填", "三类500强、行业龙头、其他"):  # fmt: skip
        assert words in text


def test_the_unit_that_fills_in_stands_on_every_sheet():
    """With a unit, each sheet names it, and no roster is asked for."""
    open_roster = campaign(DEMO[: DEMO.index("  roster:")] + DEMO[DEMO.index("vocabularies:") :])
    book = made(open_roster, unit="丙县", roster=Roster((Unit(id="bing", title=Text("丙县", "Bing")),)))
    assert [sheet["B2"].value for sheet in book.worksheets[1:-1]] == ["丙县"] * 3
    assert "名册" not in book.sheetnames


HOSTILE = """
campaign: hostile
title: =cmd|' /C calc'!A0
period: {from: 2023-01-01, to: 2023-12-31}
units: {roster: [{id: a, title: "=HYPERLINK(1)"}, {id: b, title: "+1"}, {id: c, title: "_x0041_"}]}
vocabularies:
  v: {words: {x: "=1+1", y: "@SUM(A1)", z: "-2", w: "＝3", u: "#N/A"}}
records:
  r:
    title: "[=a]:*?/\\\\ 很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长"
    note: "=1+1"
    fields:
      a: {type: text, title: "=SUM(A1)", note: "=2"}
      b: {type: unit, title: "填报单位"}
      c: {type: date, title: "填报日期"}
      d: {type: v, title: "'quoted"}
      e: {type: quantity, unit: 亿元, title: LONG, required: false}
  s: {title: "[=a]", fields: {a: {type: text, title: 单列}}}
  填报说明: {title: 词表, fields: {a: {type: text, title: 词表}, b: {type: text, title: 乙}}}
metrics: {m: {count: r, on: c, unit: 个}}
""".replace("LONG", "长" * 300)


def test_hostile_titles_become_neither_formulas_nor_bad_names_nor_other_tables(tmp_path):
    """Titles that look like formulas, headings, labels or notes are text, and what is filled in is read as meant."""
    checked = campaign(HOSTILE)
    tables = asked(checked, Roster(tuple(checked.campaign.units.roster)), "zh", roster_wanted=True).tables
    book = made(checked)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in book.sheetnames)
    rows = {
        "r": [
            {"a": "=1", "b": unit, "c": "2023-05-01", "d": word, "e": "1.5"}
            for unit in ("=HYPERLINK(1)", "+1", "c")
            for word in ("=1+1", "@SUM(A1)", "-2", "＝3", "#N/A")
        ],
        "s": [{"a": "这里"}, {"a": "那里"}],
        "填报说明": [{"a": "这", "b": "那"}],
    }
    fill(book, tables, rows, typed=False)
    for sheet in book:
        for row in sheet.iter_rows(min_row=HEADER + 1):
            for cell in row:
                if cell.value is not None:
                    cell.data_type = "s"
    path = tmp_path / "报送.xlsx"
    book.save(path)
    submission = take(checked, path)
    assert [(one.code, one.message.zh) for one in submission.findings if one.code not in SAID] == []
    assert {record: len(submission.rows(record)) for record in rows} == {"r": 15, "s": 2, "填报说明": 1}


def test_very_many_tables_are_shorter_ones(monkeypatch):
    """So many cells are prepared at most, all sheets together."""
    monkeypatch.setattr(template, "CELLS", 2_000)
    tables = "".join(f"  r{i}: {{fields: {{a: {{type: text}}, b: {{type: date}}}}}}\n" for i in range(20))
    text = f"campaign: many\ntitle: 多\nperiod: {{from: 2023-01-01, to: 2023-12-31}}\nrecords:\n{tables}"
    book = made(campaign(text + "metrics: {m: {count: r0, on: b, unit: 个}}\n"))
    assert {sheet.max_row for sheet in book.worksheets[1:-1]} == {HEADER + 44}


def test_names_of_sheets_are_kept_apart():
    """What is cut to the same 31 characters gets a number; only letters' case does not make a difference."""
    taken: list[str] = []
    for title in ("x" * 40, "X" * 40, "a/b", "A b", "", "'q'"):
        taken.append(styles.sheet_name(title, taken))
    assert len({name.casefold() for name in taken}) == 6
    assert all(0 < len(name) <= 31 for name in taken)


# -- what comes back ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "lang"), [(False, "en"), (True, "zh")], ids=["text", "typed"])
@pytest.mark.parametrize("name", driver.shipped())
def test_examples_filled_in_give_the_evaluation_of_their_files(name, typed, lang, tmp_path):
    """The rows of the examples, written into the template, give the same results, counts and findings as their CSV."""
    folder = ROOT / "examples" / name
    shipped = cr.load(name)
    roster = take(shipped.checked, folder).roster
    path = tmp_path / "报送表.xlsx"
    shipped.template(path, roster=roster, lang=lang)
    book = openpyxl.load_workbook(path)
    tables = asked(shipped.checked, roster, lang, roster_wanted=True).tables
    rows = tables_in(folder, {one.record: names_of(shipped.checked, one.record) for one in tables})
    assert len(rows) == len(list(folder.glob("*.csv")))
    fill(book, tables, rows, typed)
    book.save(path)
    alike(shipped, path, folder)


@cache
def of_files(folder):
    """The evaluation of a shipped example's CSV files on the last day."""
    shipped = cr.load(folder.name)
    return shipped.evaluate(folder, as_of=shipped.checked.campaign.period.to)


def alike(shipped, path, folder):
    """A workbook gives what a folder of CSV files gives, apart from where its rows stand."""
    one, other = shipped.evaluate(path, as_of=shipped.checked.campaign.period.to), of_files(folder)
    told = [Counter((f.code, f.record, f.value, f.set_aside) for f in each.findings) for each in (one, other)]
    assert told[0] == told[1]
    first, second = one.to_json(), other.to_json()
    for key in first.keys() - {"findings", "meta", "received", "receipt"}:
        if key == "counts":  # a sheet that stays empty is a table of no rows
            assert [count for count in first[key] if count["read"]] == [c for c in second[key] if c["read"]]
        else:
            assert first[key] == second[key], key


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=submitted.valid_rows())
def test_sound_rows_come_back_without_a_finding(rows, tmp_path):
    """Any sound rows, written into the template by a program, come back whole and nothing is said of them."""
    tables = asked(CHECKED, Roster(tuple(CHECKED.campaign.units.roster)), "zh", roster_wanted=True).tables
    project = next(table for table in tables if table.record == "project")
    book = openpyxl.load_workbook(io.BytesIO(SHORT))
    sheet = book[project.name]
    columns = places(sheet, project.names)
    for number, row in enumerate(rows, start=HEADER + 1):
        for field, value in row.items():
            cell = sheet.cell(number, columns[field])
            cell.value = "、".join(value) if isinstance(value, list) else value
            if isinstance(value, str):
                cell.data_type = "s"
    path = tmp_path / "报送表.xlsx"
    book.save(path)
    submission = take(CHECKED, path)
    assert [(one.code, one.value) for one in submission.findings if one.code not in SAID] == []
    expected = take(CHECKED, {"project": rows}).rows("project")
    assert submission.rows("project") == expected


def test_an_untouched_template_says_nothing(tmp_path):
    """The template as it comes holds no rows and gives no finding."""
    for lang in ("zh", "en"):
        path = tmp_path / f"{lang}.xlsx"
        path.write_bytes(template.template(CHECKED, lang=lang))
        submission = take(CHECKED, path)
        assert submission.findings == ()
        assert {count.read for count in submission.counts.values()} == {0}


def test_who_fills_in_when_and_for_which_period_is_understood(tmp_path):
    """Unit, period and date written above a table are read as what the sheet says of itself."""
    for lang in ("zh", "en"):
        book = made(unit="甲县", lang=lang)
        for sheet in book.worksheets[1:-1]:
            sheet["D2"], sheet["F2"] = "2023年6月", dt.date(2023, 7, 3)
        book.save(tmp_path / "报送表.xlsx")
        submission = take(CHECKED, tmp_path / "报送表.xlsx")
        said = {(one.unit, one.period, one.on) for one in submission.sources}
        assert said == {("jia", "2023年6月", dt.date(2023, 7, 3))}


# -- other programs -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_saved_by_libreoffice_it_comes_back_the_same(tmp_path):
    """A filled template that LibreOffice opens and saves in its own, the old or the new form gives the same evaluation."""
    folder = ROOT / "examples" / "yanjiang_2023"
    shipped = cr.load("yanjiang_2023")
    roster = take(shipped.checked, folder).roster
    book = openpyxl.load_workbook(io.BytesIO(template.template(shipped.checked, roster=roster)))
    tables = asked(shipped.checked, roster, "zh", roster_wanted=True).tables
    fill(book, tables, tables_in(folder, {t.record: names_of(shipped.checked, t.record) for t in tables}), typed=True)
    book.save(tmp_path / "报送表.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    out = tmp_path / "out"
    for kind in ("ods", "xls", "xlsx"):
        words = ["--convert-to", kind, "--outdir", str(out), str(tmp_path / "报送表.xlsx")]
        command = ["soffice", "--headless", profile, *words]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        alike(shipped, out / f"报送表.{kind}", folder)


# -- writing it ---------------------------------------------------------------------------------------------------


def test_a_unit_nobody_listed_is_refused_with_the_one_probably_meant(tmp_path):
    """A unit is given by any of its names; another is refused and nothing is written."""
    demo = cr.load(DEMO)
    demo.template(tmp_path / "a.xlsx", unit="甲")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["签约项目"]["B2"].value == "甲县"
    with pytest.raises(CampaignError, match="unknown-unit-id"):
        demo.template(tmp_path / "b.xlsx", unit="丁县")
    with pytest.raises(CampaignError, match="unknown-format"):
        demo.template(tmp_path / "b.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_the_roster_is_taken_from_data_where_the_campaign_has_none(tmp_path):
    """A campaign whose roster is submitted takes the units to choose from out of a folder."""
    cr.load("yanjiang_2023").template(tmp_path / "a.xlsx", roster=ROOT / "examples" / "yanjiang_2023")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert "示例农业局" in words_of(book, validations(book["签约项目"])["C4"].formula1)


def test_the_command_writes_a_template_and_says_where(tmp_path, capsys, monkeypatch):
    """`template` writes the file it names; one that it was not told to replace stays as it is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["template", "sichuan_2023_q3", "--unit", "成都"]) == 0
    assert "已写入 报送表.xlsx" in capsys.readouterr().err
    before = Path("报送表.xlsx").read_bytes()
    assert cli.main(["template", "sichuan_2023_q3"]) == 2
    assert Path("报送表.xlsx").read_bytes() == before
    assert cli.main(["template", "sichuan_2023_q3", "-o", "报送表.xlsx"]) == 0
    assert Path("报送表.xlsx").read_bytes() != before


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["-o", "a.csv"], 2, "not a.csv"),
        (["-o", "-"], 2, "not -"),
        (["-o", "no/folder/a.xlsx"], 1, "cannot-write"),
        (["--unit", "成者", "-o", "a.xlsx"], 1, "unknown-unit-id"),
        (["--data", "nowhere", "-o", "a.xlsx"], 0, "written"),
    ],
)
def test_what_cannot_be_written_has_its_exit_code(words, code, says, tmp_path, capsys, monkeypatch):
    """Wrong usage is 2, bad input 1; data are only looked at by a campaign that has no roster of its own."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["template", "sichuan_2023_q3", "--lang", "en", *words]) == code
    assert says in capsys.readouterr().err
    assert bool(list(tmp_path.iterdir())) == (code == 0)
