"""Submitted files go back marked: bad cells coloured and commented, everything listed, nothing else changed."""

import datetime as dt
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

import campaignrules as cr
from campaignrules.errors import CampaignError, Text
from campaignrules.intake import finding
from campaignrules.intake.raw import Source
from campaignrules.results import Finding
from campaignrules.workbooks import listing, marked, pages, vetting
from tests import workbooks

SAMPLE = Path(__file__).parent / "golden" / "sample.yaml"
HEADS = ("责任单位", "协议投资额（亿元）", "签约日期", "开工日期", "备注")
ROWS = (
    ("城关镇", 12.5, dt.date(2023, 2, 1), dt.date(2023, 3, 1), "好"),
    ("城关镇", "３．５亿亿", dt.date(2023, 4, 3), None, "=B4*2"),
    ("河东", 2, "五月", None, None),
    ("河西乡", None, dt.date(2023, 6, 3), None, None),
)
RED, YELLOW, BLUE = (f"FF{listing.COLOURS[name]}" for name in ("error", "warning", "note"))


@pytest.fixture(scope="module")
def campaign():
    """The sample campaign."""
    return cr.load(SAMPLE)


@pytest.fixture
def folder(tmp_path):
    """A folder with a subfolder for the files that are submitted."""
    path = tmp_path / "报送"
    (path / "甲县").mkdir(parents=True)
    return path


def book(rows=ROWS, heads=HEADS):
    """A workbook as somebody submits it: a title, a header in row 3, colours, a list, a comment."""
    made = Workbook()
    sheet = made.create_sheet("签约项目")
    made.remove(made.worksheets[0])
    sheet["A1"] = "2023年签约项目情况表"
    sheet.merge_cells("A1:E1")
    for row, cells in enumerate((heads, *rows), 3):
        for column, value in enumerate(cells, 1):
            sheet.cell(row, column, value)
    sheet["A3"].fill = PatternFill("solid", start_color="FF92D050")
    sheet["B5"].comment = Comment("请核对", "科室")
    words = DataValidation(type="list", formula1='"城关镇,河东乡,河西乡,山前镇"')
    words.add("A4:A100")
    sheet.add_data_validation(words)
    return made


def sent_back(campaign, folder, tmp_path, **more):
    """The files that are written for what lies in a folder: name → workbook."""
    out = tmp_path / "退回"
    paths = marked.mark(campaign.intake(folder), out, **more)
    return {path.relative_to(out).as_posix(): load_workbook(path) for path in paths}


def colour(cell):
    """The colour a cell is filled with."""
    return cell.fill.start_color.rgb if cell.fill.fill_type == "solid" else None


def listed(made):
    """The lines of the list: cells as the sheet has them under its heads."""
    sheet = made["问题清单"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(i for i, row in enumerate(rows) if row[0] == "序号")
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :] if row[0]]


# -- as submitted -------------------------------------------------------------------------------------------------


def test_each_bad_cell_is_coloured_and_says_why_in_both_languages(campaign, folder, tmp_path):
    """A comment of the program on the cell has the reason in Chinese and English, and the code."""
    book().save(folder / "甲县" / "报送表.xlsx")
    (made,) = sent_back(campaign, folder, tmp_path).values()
    sheet = made["签约项目"]
    assert [colour(sheet[cell]) for cell in ("A6", "B5", "C6", "B7", "A4", "C4")] == [RED, RED, RED, RED, None, None]
    comment = sheet["C6"].comment
    assert comment.author == "campaignrules"
    assert all(part in comment.text for part in ("不是日期", "not a date", "[not-a-date]"))


def test_the_workbook_stays_as_it_was_submitted(campaign, folder, tmp_path):
    """Formulas, merged cells, colours and lists to choose from are kept, and a comment somebody wrote stays in ours."""
    book().save(folder / "报送表.xlsx")
    sheet = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]["签约项目"]
    assert sheet["E5"].value == "=B4*2"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:E1"]
    assert colour(sheet["A3"]) == "FF92D050"
    assert str(sheet.data_validations.dataValidation[0].sqref) == "A4:A100"
    assert "请核对" in sheet["B5"].comment.text
    assert "wrong-unit" in sheet["B5"].comment.text
    assert sheet["C4"].value == dt.datetime(2023, 2, 1)  # noqa: DTZ001  a workbook knows no zones


def test_the_first_sheet_lists_everything_with_links_to_the_cells(campaign, folder, tmp_path):
    """Above the list stands how many rows were read and set aside, and what to do; each line leads to its cell."""
    book().save(folder / "报送表.xlsx")
    made = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]
    sheet = made.worksheets[0]
    assert (sheet.title, made.active.title) == ("问题清单", "问题清单")
    assert sheet["A1"].value == "问题清单：报送表.xlsx"
    assert sheet["A2"].value == "读入 4 行，采用 1 行，剔除 3 行。"
    assert "重新报送" in sheet["A4"].value
    lines = listed(made)
    must_be_corrected = [line["行"] for line in lines if line["是否剔除"] == "是"]
    assert must_be_corrected == sorted(must_be_corrected)
    assert [line["是否剔除"] for line in lines[: len(must_be_corrected)]] == ["是"] * len(must_be_corrected)
    (line,) = [line for line in lines if line["单元格"] == "C6"]
    assert (line["工作表"], line["列"], line["内容"], line["代码"], line["是否剔除"]) == (
        "签约项目", "签约日期", "五月", "not-a-date", "是",
    )  # fmt: skip
    links = {link.hyperlink.location for row in sheet.iter_rows() for link in row if link.hyperlink}
    assert "'签约项目'!C6" in links or "签约项目!C6" in links


def test_only_the_list_is_selected(campaign, folder, tmp_path):
    """Two selected sheets would be edited together."""
    book().save(folder / "报送表.xlsx")
    made = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]
    assert [bool(sheet.sheet_view.tabSelected) for sheet in made.worksheets] == [True, False]


def test_a_column_at_fault_is_marked_on_its_header(campaign, folder, tmp_path):
    """What nobody asked for is a note on the header, not on each cell."""
    book().save(folder / "报送表.xlsx")
    sheet = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]["签约项目"]
    assert colour(sheet["E3"]) == BLUE
    assert "unknown-column" in sheet["E3"].comment.text


def test_a_missing_column_is_marked_on_the_header_row(campaign, folder, tmp_path):
    """There is no cell to point at, so the first one of the header says it."""
    book([(unit, None, day) for unit, _, day, *_ in ROWS], ("责任单位", "随便", "签约日期")).save(
        folder / "project.xlsx"
    )
    sheet = sent_back(campaign, folder, tmp_path)["project（待改）.xlsx"].worksheets[1]
    assert "missing-column" in sheet["A3"].comment.text
    assert colour(sheet["A3"]) == RED


def test_a_repeated_row_is_coloured_as_a_row(folder, tmp_path):
    """The first cells of the row get a colour, and the key cell the comment."""
    text = SAMPLE.read_text("utf-8").replace("    fields:\n", "    key: unit\n    fields:\n", 1)
    book([ROWS[0], ROWS[0]]).save(folder / "报送表.xlsx")
    sheet = sent_back(cr.load(text), folder, tmp_path)["报送表（待改）.xlsx"]["签约项目"]
    assert [colour(cell) for cell in sheet[5]] == [RED, *[f"FF{marked.ROW_COLOUR}"] * 4]
    assert "duplicate-row" in sheet["A5"].comment.text
    assert colour(sheet["A4"]) is None


def test_a_file_without_faults_does_not_go_back(campaign, folder, tmp_path):
    """Notes alone are no reason to send a workbook back."""
    book(ROWS[:1]).save(folder / "报送表.xlsx")
    assert campaign.intake(folder).findings
    assert sent_back(campaign, folder, tmp_path) == {}


def test_what_was_corrected_comes_back_without_a_finding(campaign, folder, tmp_path):
    """The list need not be taken out, and a marked workbook in the folder is not read as data again."""
    book().save(folder / "报送表.xlsx")
    made = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]
    sheet = made["签约项目"]
    sheet["B5"], sheet["A6"], sheet["C6"], sheet["B7"] = 3.5, "河东乡", dt.date(2023, 5, 6), 1
    (folder / "报送表.xlsx").unlink()
    made.save(folder / "报送表.xlsx")
    (folder / "甲县" / "旧（待改）.xlsx").write_bytes((folder / "报送表.xlsx").read_bytes())
    found = campaign.intake(folder)
    assert (found.counts["project"].read, found.counts["project"].set_aside) == (4, 0)
    assert {one.code for one in found.findings if one.severity != "note"} == set()
    assert "marked-file" in {one.code for one in found.findings}


def test_marking_twice_makes_one_list(campaign, folder, tmp_path):
    """The list of an earlier time is replaced."""
    book().save(folder / "报送表.xlsx")
    sent_back(campaign, folder, tmp_path)
    again = tmp_path / "再报"
    again.mkdir()
    (again / "报送表.xlsx").write_bytes((tmp_path / "退回" / "报送表（待改）.xlsx").read_bytes())
    made = sent_back(campaign, again, tmp_path)["报送表（待改）.xlsx"]
    assert made.sheetnames == ["问题清单", "签约项目"]
    assert made["签约项目"]["C6"].comment.text.count("[not-a-date]") >= 1


# -- other kinds of files -----------------------------------------------------------------------------------------


def test_a_text_file_becomes_a_workbook_with_the_same_cells(campaign, folder, tmp_path):
    """Every line stands in the row of its number, text is text, and the marks are the same."""
    text = "责任单位,协议投资额,签约日期\n城关镇,12.5,2023-02-01\n\n=1+1,3.5,2023-05-06\n河东乡,1O,2023-05-07\n"
    (folder / "project.csv").write_text(text, "utf-8")
    sheet = sent_back(campaign, folder, tmp_path)["project（待改）.xlsx"]["project"]
    assert [cell.value for cell in sheet[2]] == ["城关镇", "12.5", "2023-02-01"]
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("=1+1", "s")
    assert (colour(sheet["A4"]), colour(sheet["B5"])) == (RED, RED)
    assert "not-a-number" in sheet["B5"].comment.text


def test_a_line_with_too_many_cells_is_a_row_at_fault(campaign, folder, tmp_path):
    """It is coloured from its first cell on."""
    text = "责任单位,协议投资额,签约日期\n城关镇,12.5,2023-02-01\n河东乡,1,2023-05-07,,,9\n"
    (folder / "project.csv").write_text(text, "utf-8")
    sheet = sent_back(campaign, folder, tmp_path)["project（待改）.xlsx"]["project"]
    assert "broken-line" in sheet["A3"].comment.text
    assert colour(sheet["B3"]) == f"FF{marked.ROW_COLOUR}"


def test_json_becomes_a_workbook_with_a_sheet_a_table(campaign, folder, tmp_path):
    """Rows stand below a header of their names."""
    rows = '[{"duty":"D-2","on":"2023-04-06"},{"duty":"D-9","unit":"城关镇","on":"2023-01-10"}]'
    (folder / "attestations.json").write_text(rows, "utf-8")
    made = sent_back(campaign, folder, tmp_path)["attestations（待改）.xlsx"]
    (sheet,) = made.worksheets[1:]
    assert [cell.value for cell in sheet[1]] == ["duty", "on", "unit"]
    (bad,) = [cell for row in sheet.iter_rows() for cell in row if cell.comment]
    assert (bad.value, colour(bad)) == ("D-9", RED)


def test_files_of_one_stem_do_not_overwrite_each_other(campaign, folder, tmp_path):
    """Each keeps a name of its own."""
    text = "责任单位,协议投资额,签约日期\n河东,1,2023-02-01\n"
    (folder / "project.csv").write_text(text, "utf-8")
    (folder / "project.tsv").write_text(text.replace(",", "\t"), "utf-8")
    names = sorted(sent_back(campaign, folder, tmp_path))
    assert names == ["project_tsv（待改）.xlsx", "project（待改）.xlsx"]


def test_subfolders_are_kept(campaign, folder, tmp_path):
    """Who collects from many finds each workbook where the file came from."""
    book().save(folder / "甲县" / "报送表.xlsx")
    assert list(sent_back(campaign, folder, tmp_path)) == ["甲县/报送表（待改）.xlsx"]


def test_of_a_large_file_only_the_rows_concerned_are_shown(campaign, folder, tmp_path, monkeypatch):
    """The numbers that the rows have in the file stand beside them, and the list says so."""
    monkeypatch.setattr(pages, "MOST_ROWS", 3)
    lines = [f"城关镇,{n},2023-02-01" for n in range(1, 40)]
    lines[19] = "城关镇,二十,2023-02-01"
    (folder / "project.csv").write_text("\n".join(["责任单位,协议投资额,签约日期", *lines, ""]), "utf-8")
    made = sent_back(campaign, folder, tmp_path)["project（待改）.xlsx"]
    sheet = made["project"]
    assert [cell.value for cell in sheet[2]] == ["城关镇", "二十", "2023-02-01", 21]
    assert sheet.max_row == 2
    assert colour(sheet["B2"]) == RED
    assert any("只列出有问题的行" in str(row[0].value) for row in made["问题清单"].iter_rows(max_row=10))
    (line,) = listed(made)
    assert (line["行"], line["单元格"]) == (21, "B2")


# -- hostile input ------------------------------------------------------------------------------------------------


def parts_of(made):
    """The parts of a workbook."""
    content = io.BytesIO()
    made.save(content)
    with zipfile.ZipFile(content) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, path):
    """A workbook of parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'ref="A1:E1"', b'ref="A1:XFD1048576"'),
        (b'sqref="A4:A100"', b'sqref="' + b" ".join(b"A%d" % n for n in range(1, 9000)) + b'"'),
        (b"<sheetData>", b"<sheetData><!DOCTYPE x>"),
        (b'ref="A1:E1"', b'ref="A1:"'),
    ],
)
def test_a_workbook_that_asks_for_too_much_is_not_given_to_openpyxl(old, new):
    """A merged area of seventeen thousand million cells, endless lists of ranges, document types."""
    parts = parts_of(book())
    assert vetting.is_fit(parts)
    name = "xl/worksheets/sheet1.xml"
    assert old in parts[name]
    assert not vetting.is_fit({**parts, name: parts[name].replace(old, new)})


def test_what_openpyxl_cannot_load_is_copied(campaign, folder, tmp_path):
    """A workbook with broken styles goes back all the same, its cells copied."""
    parts = parts_of(book())
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"<fills", b'<fonts count="x"/><fills')
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b'fontId="0"', b'fontId="none"')
    packed(parts, folder / "报送表.xlsx")
    made = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]
    sheet = made["签约项目"]
    assert (colour(sheet["B5"]), colour(sheet["C6"])) == (RED, RED)
    assert sheet["A4"].value == "城关镇"


def test_a_merged_area_takes_the_comment_on_its_first_cell(campaign, folder, tmp_path):
    """Only that one shows."""
    made = book([("河东", 1, dt.date(2023, 2, 1)), (None, 2, dt.date(2023, 2, 2))])
    made["签约项目"].merge_cells("A4:A5")
    made.save(folder / "报送表.xlsx")
    sheet = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]["签约项目"]
    assert sheet["A4"].comment.text.count("[unknown-unit]") == 2
    assert colour(sheet["A4"]) == RED


def test_formulas_of_other_files_become_the_values_that_were_saved(campaign, folder, tmp_path):
    """No link to another file goes back, and no macro."""
    made = book()
    made["签约项目"]["E4"] = "=[1]别处!A1"
    parts = parts_of(made)
    parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
    parts["xl/vbaProject.bin"] = b"\0"
    packed(parts, folder / "报送表.xlsx")
    sent_back(campaign, folder, tmp_path)
    with zipfile.ZipFile(tmp_path / "退回" / "报送表（待改）.xlsx") as archive:
        names = archive.namelist()
        assert not [name for name in names if "externalLink" in name or "vba" in name]
        assert b"[1]" not in archive.read("xl/worksheets/sheet1.xml")


def submission(path, *findings, rows=1):
    """What marking needs to know of a file."""
    source = Source("project", "a.csv", None, None, None, None, rows, 1, 0)
    return SimpleNamespace(findings=findings, files={"a.csv": path}, sources=(source,))


def place(**more):
    """A finding on the file."""
    return finding("not-a-number", "project", {"file": "a.csv", **more}, aside=True)


def test_text_of_any_length_and_any_sign_can_be_sent_back(tmp_path):
    """Controls, halves of surrogate pairs and formulas are held as text, and a comment stays readable."""
    path = tmp_path / "a.csv"
    path.write_text("责任单位,说明\n=cmd|'/c calc'!A0," + "长" * 30_000 + "\n\x01\x0b\ufffe,_x0041_\n", "utf-8")
    long = Finding(
        "row-rule", "error", "project", Text("很长" * 9000, "long " * 9000), "a.csv", None, 2, None, "\x00=1", True
    )
    found = submission(path, place(row=2, column="责任单位"), *[long] * 20, place(row=3, column="说明"), rows=2)
    (written,) = marked.mark(found, tmp_path / "out")
    made = load_workbook(written)
    sheet = made["a"]
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", "=cmd|'/c calc'!A0")
    assert sheet["B3"].value == "_x005F_x0041_"  # which a spreadsheet shows as it was submitted
    assert len(sheet["A2"].comment.text) <= 4_100
    assert [line["代码"] for line in listed(made)].count("row-rule") == 20


@pytest.mark.parametrize(
    "label", ["../../外/a.csv", "/etc/a.csv", "..\\a.csv", "a:b/\x00?.csv", "...csv", "长" * 300 + ".csv"]
)
def test_nothing_is_written_outside_the_folder(tmp_path, label):
    """Names are cleaned, and steps upwards left out."""
    path = tmp_path / "a.csv"
    path.write_text("责任单位\n河东\n", "utf-8")
    one = finding("not-a-number", "project", {"file": label, "row": 2}, aside=True)
    found = SimpleNamespace(findings=(one,), files={label: path}, sources=())
    (written,) = marked.mark(found, tmp_path / "out")
    assert written.resolve().is_relative_to((tmp_path / "out").resolve())
    assert written.name.endswith("（待改）.xlsx")
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv", "out"] or len(list(tmp_path.iterdir())) == 2


def test_a_link_out_of_the_folder_is_not_followed(campaign, folder, tmp_path):
    """A subfolder that leads elsewhere is an error, and nothing is written there."""
    book().save(folder / "甲县" / "报送表.xlsx")
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    (tmp_path / "退回").mkdir()
    (tmp_path / "退回" / "甲县").symlink_to(elsewhere)
    with pytest.raises(CampaignError) as error:
        sent_back(campaign, folder, tmp_path)
    assert error.value.diagnostics[0].code == "cannot-write"
    assert not list(elsewhere.iterdir())


def test_a_submitted_file_is_never_written_over(tmp_path):
    """Not even when it is named as ours are and lies in the folder they go to."""
    path = tmp_path / "报送表（待改）.xlsx"
    book().save(path)
    before = path.read_bytes()
    one = finding("not-a-number", "project", {"file": "报送表.xlsx", "row": 5}, aside=True)
    found = SimpleNamespace(findings=(one,), files={"报送表.xlsx": path}, sources=())
    (written,) = marked.mark(found, tmp_path)
    assert written != path
    assert path.read_bytes() == before


def test_a_file_that_was_not_read_is_not_opened(campaign, folder, tmp_path, monkeypatch):
    """Only what intake has let in is shown to anybody else."""
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    monkeypatch.setattr(marked, "papers_of", lambda *_: pytest.fail("opened"))
    assert "file-not-read" in {one.code for one in campaign.intake(folder).findings}
    assert sent_back(campaign, folder, tmp_path) == {}


def test_a_finding_on_a_place_that_is_not_there_is_still_listed(tmp_path):
    """Rows and columns far outside, sheets nobody has."""
    path = tmp_path / "a.csv"
    path.write_text("责任单位\n河东\n", "utf-8")
    places = ({"row": 10**9}, {"row": 2, "column": "没有"}, {"sheet": "没有", "row": 2}, {"cell": "ZZZZ1"}, {"row": 0})
    found = submission(path, *(place(**more) for more in places))
    (written,) = marked.mark(found, tmp_path / "out")
    assert len(listed(load_workbook(written))) == len(places)


def test_what_openpyxl_cannot_write_is_copied(campaign, folder, tmp_path, monkeypatch):
    """A workbook that was loaded but cannot be saved goes back with its cells copied."""
    book().save(folder / "报送表.xlsx")
    content = marked._content
    monkeypatch.setattr(marked, "_content", lambda paper, *more: content(paper, *more) if paper.copied else 1 / 0)
    made = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]
    assert colour(made["签约项目"]["B5"]) == RED


@pytest.mark.parametrize("kind", [".xls", ".xlsb", ".ods", ".xlsm"])
def test_other_workbooks_are_copied_and_marked(campaign, folder, tmp_path, kind):
    """Numbers stay numbers and dates dates."""
    rows: list[tuple[object, ...]] = [HEADS[:3], *(row[:3] for row in ROWS)]
    workbooks.write(folder / f"报送表{kind}", {"签约项目": rows})
    sheet = sent_back(campaign, folder, tmp_path)["报送表（待改）.xlsx"]["签约项目"]
    assert (colour(sheet["B3"]), colour(sheet["A4"]), colour(sheet["C4"]), colour(sheet["B5"])) == (RED, RED, RED, RED)
    assert (sheet["A2"].value, sheet["B2"].value, sheet["B3"].value) == ("城关镇", 12.5, "３．５亿亿")
    assert sheet["C4"].value == "五月"
    assert sheet["C3"].value == dt.datetime(2023, 4, 3)  # noqa: DTZ001  a workbook knows no zones


def test_a_file_that_is_gone_is_passed_over(tmp_path):
    """Between reading and marking somebody may have moved it."""
    assert marked.mark(submission(tmp_path / "a.csv", place(row=1)), tmp_path / "out") == []
