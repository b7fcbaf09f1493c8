"""`campaignrules intake` and `Campaign.intake`: data are read and checked, and nothing is evaluated."""

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

import campaignrules as cr
from campaignrules import cli
from campaignrules.errors import CampaignError, Text, width_of
from campaignrules.reports import findings, submission
from campaignrules.results import Finding

SAMPLE = str(Path(__file__).parent / "golden" / "sample.yaml")
CSV = "责任单位,协议投资额,签约日期\n城关镇,12.5,2023-02-01\n河东乡,1O,2023-05-07\n河东乡,2,2023-05-08\n"


@pytest.fixture(autouse=True)
def _chinese(monkeypatch):
    """The tests speak Chinese unless they say otherwise."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


@pytest.fixture
def data(tmp_path):
    """Two files: one with a letter for a digit, one workbook in a subfolder with many bad dates."""
    folder = tmp_path / "报送"
    (folder / "甲县").mkdir(parents=True)
    (folder / "project.csv").write_text(CSV, "utf-8")
    book = Workbook()
    sheet = book.create_sheet("签约项目", 0)
    sheet.append(["2023年签约情况"])
    sheet.append(["责任单位", "协议投资额（亿元）", "签约日期", "备注"])
    for day in ("2023-03-01", "五月", "六月", "七月", "八月", "九月", "十月"):
        sheet.append(["山前镇", 1, day])
    book.save(folder / "甲县" / "报送表.xlsx")
    return folder


@pytest.fixture
def intake(data, capsys):
    """Run `intake` on the sample with more words; gives code, output and messages."""

    def run(*words, where=data):
        code = cli.main(["intake", SAMPLE, "--data", str(where), *words])
        return code, *capsys.readouterr()

    return run


def test_the_report_names_each_table_and_its_rows(intake):
    """Where a table stands, what it is, its header row, and how many rows were read, taken and set aside."""
    code, out, _ = intake()
    assert code == 1
    assert "2 个文件，2 张表 · 读入 10 行，采用 3 行，剔除 7 行" in out
    line = next(line for line in out.splitlines() if line.startswith("甲县/报送表.xlsx · 签约项目 "))
    assert line.split()[-5:] == ["签约项目", "2", "7", "1", "6"]


def test_the_report_says_who_has_submitted_what(intake):
    """A unit with rows that were set aside has submitted; one with none has not."""
    _, out, _ = intake()
    lines = out[out.index("各单位报送") :].splitlines()
    units = {line.split()[0]: line.split()[1:] for line in lines[2:6]}
    assert units["城关镇"] == ["1"]
    assert units["河东乡"] == ["1（剔", "1）"]
    assert units["河西乡"] == ["未报"]


def test_findings_stand_under_their_file_with_their_place_and_code(intake):
    """Many alike are one line with their number and the first few places, until --all asks for each."""
    _, out, _ = intake()
    assert "第 3 行 · 协议投资额 · “1O”：不是数（剔除） [not-a-number]" in out
    assert "  C4、C5、C6 等 6 处 · 签约日期 · “五月”、“六月”、“七月”" in out
    assert "--all 逐条列出" in out
    _, every, _ = intake("--all")
    assert "  C9 · 签约日期 · “十月”" in every
    assert "--all" not in every


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_line_is_wider_than_the_terminal(data, lang):
    """Chinese characters take two cells."""
    taken = cr.load(SAMPLE).intake(data)
    for width in (60, 80, 100):
        text = submission.render(taken, lang, width=width)
        assert max(map(width_of, text.splitlines())) <= width


def test_the_report_speaks_english(intake):
    """--lang en leaves Chinese to names and data."""
    _, out, _ = intake("--lang", "en")
    assert "files: 2, tables: 2 · rows read: 10, taken: 3, set aside: 7" in out
    assert 'row 3 · 协议投资额 · "1O": not a number (set aside) [not-a-number]' in out


def test_json_has_counts_sources_units_and_findings(intake):
    """What a program reads is one strict object; a finding has the keys of the contract."""
    code, out, _ = intake("--format", "json")
    found = json.loads(out)
    assert code == 1
    assert list(found) == ["campaign", "counts", "sources", "received", "findings"]
    assert found["counts"] == [{"record": "project", "read": 10, "set_aside": 7, "kept": 3}]
    assert [(one["file"], one["sheet"], one["header_row"]) for one in found["sources"]] == [
        ("project.csv", None, 1),
        ("甲县/报送表.xlsx", "签约项目", 2),
    ]
    bad = next(one for one in found["findings"] if one["cell"] == "C4")
    assert list(bad) == [
        "code",
        "severity",
        "record",
        "file",
        "sheet",
        "row",
        "column",
        "cell",
        "value",
        "message",
        "set_aside",
    ]
    assert bad["message"] == {"zh": "不是日期；请写成 2023-05-15", "en": "not a date; write 2023-05-15"}


def test_csv_is_the_table_of_findings(intake, tmp_path):
    """One line a finding, to a file or the screen."""
    path = tmp_path / "问题.csv"
    code, out, _ = intake("--format", "csv", "-o", str(path))
    assert (code, out) == (1, "")
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert [row["cell"] for row in rows if row["code"] == "not-a-date"] == [f"C{n}" for n in range(4, 10)]
    assert {row["set_aside"] for row in rows if row["severity"] == "error"} == {"true"}


def test_xlsx_holds_findings_tables_and_units(intake, tmp_path):
    """It needs a file to go to."""
    path = tmp_path / "问题.xlsx"
    assert intake("--format", "xlsx", "-o", str(path))[0] == 1
    book = load_workbook(path)
    assert book.sheetnames == ["问题清单", "读到的表", "各单位报送"]
    assert ("甲县/报送表.xlsx", "签约项目", "project", 2, 7, 1, 6) in book["读到的表"].iter_rows(values_only=True)
    assert ("河西乡", "project", "否", 0, 0, None) in [
        tuple(cell or (None if cell == "" else cell) for cell in row)
        for row in book["各单位报送"].iter_rows(values_only=True)
    ]
    assert "C4" in {cell.value for row in book["问题清单"].iter_rows() for cell in row}
    code, _, err = intake("--format", "xlsx")
    assert code == 2
    assert "-o 问题.xlsx" in err


def test_marked_writes_the_files_that_are_to_be_corrected(intake, tmp_path):
    """Each in the subfolder it came from; the report is printed all the same."""
    code, out, err = intake("--marked", str(tmp_path / "退回"))
    assert code == 1
    assert "问题" in out
    assert (tmp_path / "退回" / "甲县" / "报送表（待改）.xlsx").is_file()
    assert (tmp_path / "退回" / "project（待改）.xlsx").is_file()
    assert err.count("已写入") == 2


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        (CSV, (), 1),
        (CSV.replace("1O", "10"), (), 0),
        (CSV.replace("1O", "10"), ("--strict",), 0),
        (CSV.replace("1O", "10").replace("签约日期\n", "签约日期,协议投资额\n").replace("-01\n", "-01,\n")
         .replace("-07\n", "-07,\n").replace("-08\n", "-08,\n"), (), 0),
        (CSV.replace("1O", "10").replace("签约日期\n", "签约日期,协议投资额\n").replace("-01\n", "-01,\n")
         .replace("-07\n", "-07,\n").replace("-08\n", "-08,\n"), ("--strict",), 1),
    ],
)  # fmt: skip
def test_the_exit_code_says_whether_the_data_are_in_order(intake, tmp_path, text, more, code):
    """1 for rows set aside and errors, for warnings only with --strict."""
    path = tmp_path / "project.csv"
    path.write_text(text, "utf-8")
    assert intake(*more, where=path)[0] == code


def test_clean_data_have_nothing_to_be_said_of(intake, tmp_path):
    """The report says so, and no workbook is written."""
    path = tmp_path / "project.csv"
    path.write_text(CSV.replace("1O", "10"), "utf-8")
    code, out, err = intake("--marked", str(tmp_path / "退回"), where=path)
    assert code == 0
    assert "没有发现问题" in out
    assert "没有需要退回的文件" in err
    assert not (tmp_path / "退回").exists()


def test_an_encoding_may_be_stated(intake, tmp_path):
    """A file whose encoding cannot be found is read with the one that was said."""
    path = tmp_path / "project.csv"
    path.write_bytes(CSV.replace("1O", "10").encode("big5", "replace"))
    assert intake("--encoding", "big5", where=path)[0] in (0, 1)


@pytest.mark.parametrize("words", [(), ("--data", "没有这个文件夹")])
def test_data_that_are_not_there_are_refused(words, capsys):
    """Without --data it is wrong usage, with a name of nothing a problem."""
    assert cli.main(["intake", SAMPLE, *words]) == (1 if words else 2)
    assert capsys.readouterr().err


def test_a_library_gets_a_submission(data):
    """Findings, counts, sources and who submitted, without a day to look from."""
    taken = cr.load(SAMPLE).intake(data)
    assert (taken.counts["project"].read, taken.counts["project"].set_aside) == (10, 7)
    assert {source.kept for source in taken.sources} == {1, 2}
    assert next(row for row in taken.received if row.unit == "c").submitted is False
    with pytest.raises(CampaignError):
        cr.load(SAMPLE).intake(data / "没有")


def test_the_list_of_findings_may_be_kept_short(data):
    """Past the limit one finding counts the rest; counts of rows stay exact."""
    taken = cr.load(SAMPLE).intake(data, findings=3)
    assert [one.code for one in taken.findings][-1] == "more-findings"
    assert taken.counts["project"].set_aside == 7


def one(**more):
    """A finding on a cell of a workbook."""
    base: dict = {
        "message": Text("不是数", "not a number"),
        "file": "表.xlsx",
        "sheet": "一",
        "row": 3,
        "column": "数",
        "cell": "B3",
        "value": "x",
        "set_aside": True,
    }
    return Finding("not-a-number", "error", "project", **{**base, **more})


def test_a_place_is_told_as_far_as_it_is_known():
    """File, sheet and cell, row, column, value; a text file by its line."""
    told = findings.line(findings.Alike((one(),)), "zh").plain
    assert told == "表.xlsx · 一!B3 · 第 3 行 · 数 · “x”：不是数（该行不予采用）"
    told = findings.line(findings.Alike((one(sheet=None, cell=None),)), "en").plain
    assert told == '表.xlsx:3 · 数 · "x": not a number (row set aside)'
    told = findings.line(findings.Alike((one(file=None, sheet=None, cell=None, row=None, value=None),)), "zh").plain
    assert told == "project · 数：不是数（该行不予采用）"


def test_findings_are_told_worst_first_and_alike_together():
    """Of four alike one line is made, of three none; other columns and sheets stay apart."""
    some = [one(row=n, cell=f"B{n}") for n in range(3, 7)]
    other = [one(row=n, cell=f"C{n}", column="另") for n in range(3, 6)]
    note = Finding("unknown-column", "note", "project", Text("多", "more"), "表.xlsx", "一")
    told = findings.summed([note, *some, *other])
    assert [len(group.all) for group in told] == [4, 1, 1, 1, 1]
    assert told[-1].first is note
    assert len(findings.summed([note, *some, *other], everything=True)) == 8


def test_reasons_that_differ_are_told_by_an_example():
    """A line for many says what is wrong with the first of them."""
    some = [
        Finding("duplicate-key", "error", "project", Text(f"P-{n} 与上文重复", ""), "表.csv", None, n, "编号")
        for n in range(2, 9)
    ]
    assert (
        findings.line(findings.Alike(tuple(some)), "zh").plain
        == "表.csv · 第 2、3、4 行 等 7 处 · 编号：如：P-2 与上文重复"
    )


def book(path, *sheets):
    """A workbook of sheets: title, rows, whether it is hidden."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows, hidden in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if hidden else "visible"
    made.save(path)


HEADER = ["责任单位", "协议投资额", "签约日期"]


@pytest.mark.parametrize("files", [(), ("扫描件.pdf", "各县.zip")])
def test_a_folder_without_a_table_is_an_error(intake, tmp_path, files):
    """The path is probably wrong; what lies there says what to do about it."""
    folder = tmp_path / "空"
    folder.mkdir()
    for name in files:
        (folder / name).write_bytes(b"x")
    code, out, _ = intake(where=folder)
    assert code == 1
    assert "[nothing-read]" in out
    assert "里没有能读的报送表" in out
    assert ("请先解压" in out) == ("各县.zip" in files)


def test_a_file_that_cannot_be_read_says_what_to_do(intake, data):
    """Among others it is a finding, with the hint that its refusal has; nothing stands before what is said."""
    (data / "网页.xls").write_text("<html><table></table></html>", "utf-8")
    _, out, _ = intake()
    assert "网页.xls\n  文件读不了，未采用：“网页.xls”不是工作簿，而是网页；用表格软件打开" in out


def test_a_hidden_sheet_is_no_table(tmp_path):
    """It is named, but not among the tables that were read."""
    book(
        tmp_path / "表.xlsx",
        ("签约项目", [HEADER], False),
        ("签约项目 (2)", [HEADER, ["城关镇", 1, "2023-02-01"]], True),
    )
    taken = cr.load(SAMPLE).intake(tmp_path)
    assert [source.sheet for source in taken.sources] == ["签约项目"]
    assert [(one.code, one.sheet) for one in taken.findings] == [("hidden-sheet", "签约项目 (2)")]


def test_an_empty_sheet_for_the_roster_is_no_roster(tmp_path):
    """Each template has one where the roster is submitted: left empty, it must not make every unit unknown."""
    campaign = cr.load("yanjiang_2023")
    head = ["序号", "项目名称", "责任单位"]
    book(
        tmp_path / "表.xlsx",
        ("包装推出项目", [head, ["1", "甲项目", "某局"]], False),
        ("名册", [["编号", "名称", "类别"]], False),
    )
    taken = campaign.intake(tmp_path)
    assert (taken.counts["offer"].read, taken.counts["offer"].set_aside) == (1, 0)
    assert [one.code for one in taken.findings] == ["roster-missing"]


def test_many_notes_and_empty_tables_are_only_counted(intake, tmp_path):
    """Nobody has to do anything about them; what stands where a column is missing is told all the same."""
    folder = tmp_path / "多"
    folder.mkdir()
    for number in range(14):
        rows = [["责任单位", "协议投资额", "签约日期"], ["城关镇", 1, "2023年2月1日"]]
        book(folder / f"{number}.xlsx", ("签约项目", rows, False))
    for name in "甲乙丙丁":
        book(folder / f"{name}.xlsx", ("签约项目", [HEADER], False))
    book(folder / "改.xlsx", ("签约项目", [["责任单位", "投了多少", "签约日期"], ["城关镇", 1, "2023-02-01"]], False))
    _, out, _ = intake(where=folder)
    assert "另有 4 张表没有填" in out
    assert "（说明 14 项，不必改）" in out
    assert "written-otherwise" not in out
    assert "协议投资额：缺少必填的一栏：协议投资额（各行剔除）" in out
    assert "投了多少：这一栏不在要求之内" in out
    _, every, _ = intake("--all", where=folder)
    assert every.count("written-otherwise") == 14
    assert "张表没有填" not in every


def test_a_value_is_told_once():
    """What is said quotes it already."""
    said = Text("有 2 格不是标准写法，如“5/14”", "cells not written plainly: 2; the first is 5/14")
    for lang in ("zh", "en"):
        told = findings.line(findings.Alike((one(message=said, value="5/14"),)), lang).plain
        assert told.count("5/14") == 1


def test_rules_of_rows_are_summed_rule_by_rule():
    """Two rules broken twice each are not four of a kind."""
    some = [
        Finding("row-rule", "error", "project", Text(says, says), "表.csv", row=row)
        for row, says in enumerate(("甲", "甲", "甲", "甲", "乙"), 2)
    ]
    assert [len(group.all) for group in findings.summed(some)] == [4, 1]


def test_an_encoding_nobody_knows_is_refused_once(intake):
    """No file is to blame for it."""
    code, out, err = intake("--encoding", "klingon")
    assert (code, out) == (1, "")
    assert err.count("klingon") == 1
