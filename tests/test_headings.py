"""Finding the table: where the header stands, what it is the header of, what stands above it, which rows are no data."""

import datetime as dt
from decimal import Decimal

import pytest

from campaignrules.intake import take
from tests.test_intake import CHECKED
from tests.workbooks import write_xlsx

HEADER = ["项目编号", "责任单位", "协议投资额", "投资来源", "签约日期"]
GOOD = ["P1", "甲县", "3.5", "省内", "2023-05-15"]
VALUES = {"id": "P1", "unit": "jia", "investment": Decimal(350_000_000), "origin": "in_province"}


def taken(tmp_path, rows, sheet="签约项目", name="甲县.xlsx", **more):
    """What comes of a workbook with one sheet."""
    write_xlsx(tmp_path / name, {sheet: rows, **more})
    return take(CHECKED, tmp_path)


def codes(submission):
    """The codes found, each with its row."""
    return [(found.code, found.row) for found in submission.findings]


def values(submission, *names):
    """These fields of each row that counts."""
    return [tuple(row[name] for name in names) for row in submission.rows("project")]


def other(row, **changes):
    """A row with other cells, by column number."""
    return [changes.get(f"c{i}", cell) for i, cell in enumerate(row)]


def test_a_sheet_with_its_header_on_top_needs_no_word(tmp_path):
    """Nothing is said of a table as it should be."""
    submission = taken(tmp_path, [HEADER, GOOD])
    assert not submission.findings
    assert {name: submission.rows("project")[0][name] for name in VALUES} == VALUES


@pytest.mark.parametrize("above", [1, 3, 20])
def test_a_header_is_found_below_a_title(tmp_path, above):
    """Rows above it do not matter; a note says where it was found."""
    rows = [["甲县签约项目报送表"], *[["说明文字"]] * (above - 1), HEADER, GOOD]
    submission = taken(tmp_path, rows, sheet="Sheet1")
    assert codes(submission) == [("header-found", above + 1)]
    assert len(submission.rows("project")) == 1


def test_a_header_beyond_the_first_sixty_rows_is_not_looked_for(tmp_path):
    """Then nothing says what the sheet is, and it is named."""
    submission = taken(tmp_path, [*[["说明"]] * 60, HEADER, GOOD], sheet="Sheet1")
    assert codes(submission) == [("unknown-table", None)]


@pytest.mark.parametrize(
    "header",
    [
        ["項目", "责任单位", "协议投资额", "投资来源", "签约日期"],
        ["项目 编号", "责任\n单位", "协议投资额（必填）", "投资来源＊", "签约日期："],
        ["ID", "Unit", "ＩＮＶＥＳＴＭＥＮＴ", "origin", "signed_on"],
        ["（1）项目编号", "责任单位", "投资总额", "投资来源", "签约日期"],
    ],
)
def test_headers_are_known_whatever_people_vary(tmp_path, header):
    """Width, case, blanks, punctuation and remarks in brackets make no difference; another word does."""
    found = taken(tmp_path, [header, GOOD])
    strange = [one.column for one in found.findings if one.code == "unknown-column"]
    assert strange == [text for text in header if text in ("項目", "（1）项目编号")]


@pytest.mark.parametrize(
    ("header", "cell", "amount"),
    [
        ("协议投资额（万元）", "35000", 350_000_000), ("协议投资额(单位：万元)", "35000", 350_000_000), ("协议投资额/万元", "35000", 350_000_000),
        ("协议投资额，万元", "35000", 350_000_000), ("协议投资额 单位：万元", "35000", 350_000_000), ("协议投资额（人民币亿元）", "3.5", 350_000_000),
        ("协议投资额（必填）（亿元）", "3.5", 350_000_000), ("协议投资额（亿元）（必填）", "3.5", 350_000_000), ("协议投资额", "3.5", 350_000_000),
        ("协议投资额（元）", "350000000", 350_000_000),
    ],
)  # fmt: skip
def test_the_unit_in_a_header_converts(tmp_path, header, cell, amount):
    """Each number is exactly what was meant, in 元."""
    submission = taken(tmp_path, [other(HEADER, c2=header), other(GOOD, c2=cell)])
    assert values(submission, "investment") == [(Decimal(amount),)]
    assert not submission.findings


def test_a_unit_that_measures_something_else_is_named(tmp_path):
    """万美元 is no way to write 亿元."""
    submission = taken(tmp_path, [other(HEADER, c2="协议投资额（万美元）"), GOOD])
    assert codes(submission) == [("wrong-unit", None), ("missing-column", 1)]


def test_a_unit_above_the_table_holds_for_numbers_without_one(tmp_path):
    """`单位：万元` converts the columns of money whose header says nothing, and no others."""
    header = [*HEADER, "带动就业", "占比"]
    rows = [["签约项目", None, "单位：万元"], header, [*other(GOOD, c2=35000), 12, 5]]
    submission = taken(tmp_path, rows)
    assert values(submission, "investment", "jobs", "share") == [(Decimal(350_000_000), Decimal(12), Decimal("0.05"))]
    assert codes(submission) == [("unit-of-sheet", None), ("header-found", 2)]
    rows[1] = other(header, c2="协议投资额（亿元）")
    assert values(taken(tmp_path, rows), "investment") == [(Decimal(3_500_000_000_000),)]


def test_a_unit_above_figures_holds_for_metrics_it_measures(tmp_path):
    """Figures in 亿美元 below `单位：万美元` are not ten thousand times too large."""
    rows = [["单位：万美元"], ["指标", "单位", "日期", "数值"], ["exports", "甲县", "2023-01-31", 30000]]
    submission = taken(tmp_path, rows, sheet="报送数据")
    assert [row["value"] for row in submission.rows("figures")] == [Decimal(300_000_000)]
    assert codes(submission) == [("unit-of-sheet", None), ("header-found", 2)]


def test_group_titles_and_parts_make_one_header(tmp_path):
    """A unit over the group is that of its parts; the part alone may be the name of the field."""
    rows = [
        ["项目编号", "责任单位", "投资（亿元）", None, "投资来源", "签约日期"],
        [None, None, "协议投资额", "到位", None, None],
    ]
    submission = taken(tmp_path, [*rows, ["P1", "甲县", 3.5, 1, "省内", dt.date(2023, 5, 15)]])
    assert values(submission, "id", "investment") == [("P1", Decimal(350_000_000))]
    assert [(one.code, one.column) for one in submission.findings] == [
        ("unknown-column", "投资（亿元） 到位"), ("header-found", None),
    ]  # fmt: skip


def test_a_row_of_units_below_the_header_belongs_to_it(tmp_path):
    """（万元） under a title is its unit of measure."""
    rows = [HEADER, [None, None, "（万元）", None, None], other(GOOD, c2=35000)]
    assert values(taken(tmp_path, rows), "investment") == [(Decimal(350_000_000),)]


def test_totals_notes_and_signatures_are_no_data(tmp_path):
    """Each is named with its row; none is read."""
    rows = [HEADER, GOOD, ["小计", None, 3.5], other(GOOD, c0="P2"), [None, "合  计", 7], ["注：含续建项目"],
            ["填表人：", None, "审核人："], ["全县合计（2个）", None, 7]]  # fmt: skip
    submission = taken(tmp_path, rows)
    assert codes(submission) == [
        ("totals-row", 3), ("totals-row", 5), ("note-row", 6), ("note-row", 7), ("totals-row", 8),
    ]  # fmt: skip
    assert values(submission, "id") == [("P1",), ("P2",)]
    assert submission.counts["project"].read == 2


def test_a_project_that_is_only_called_like_a_total_counts(tmp_path):
    """A row with all that is required is data, whatever its text says."""
    assert values(taken(tmp_path, [HEADER, other(GOOD, c0="合计")]), "id") == [("合计",)]


def test_numbered_blank_rows_and_column_numbers_are_no_data(tmp_path):
    """A printed form is numbered down to its end; the row under its header counts the columns."""
    rows = [["序号", *HEADER], [1, 2, 3, 4, 5, 6], [1, *GOOD], [2], [3]]
    submission = taken(tmp_path, rows)
    assert codes(submission) == [("blank-rows", None), ("unknown-column", None), ("column-numbers", 2)]
    assert submission.counts["project"].read == 1


def test_a_row_with_one_text_alone_is_no_data(tmp_path):
    """Titles of sections are named with their text, also where a running number might stand."""
    rows = [HEADER, ["一、工业项目"], GOOD, [None, "二、农业项目"], ["P-17"]]
    submission = taken(tmp_path, rows)
    assert codes(submission) == [("lone-text", 2), ("lone-text", 4), ("lone-text", 5)]
    assert "“二、农业项目”" in submission.findings[1].message.zh
    assert submission.counts["project"].read == 1


def test_a_key_without_anything_else_is_no_blank_row(tmp_path):
    """What is more than a running number is named, with all that the row lacks."""
    header, row = [*HEADER, "带动就业"], ["P-17", None, None, None, None, 5]
    submission = taken(tmp_path, [header, [*GOOD, 3], row])
    assert {(one.code, one.row, one.set_aside) for one in submission.findings} == {("missing-value", 3, True)}


def test_many_rows_that_are_no_data_are_counted_not_listed(tmp_path):
    """Five hundred are named, the rest is a number."""
    submission = taken(tmp_path, [HEADER, GOOD, *[["合计"]] * 1500])
    assert submission.counts["project"].read == 1
    assert sum(one.code == "totals-row" for one in submission.findings) == 500
    assert next(one.message.en for one in submission.findings if one.code == "more-findings").startswith("1000 ")


def test_a_sheet_pasted_twice_counts_once(tmp_path):
    """The second header is named, and each row that came before is a duplicate."""
    submission = taken(tmp_path, [HEADER, GOOD, HEADER, GOOD])
    assert sorted(codes(submission)) == [("duplicate-row", 4), ("repeated-header", 3)]
    assert len(submission.rows("project")) == 1


def test_the_heading_says_whose_rows_these_are(tmp_path):
    """Without a column for the unit it is the one that submits; a note says so."""
    rows = [
        ["填报单位：乙县", None, "报告期：2023年6月", "填报日期：2023年7月3日"],
        [HEADER[0], *HEADER[2:]],
        [GOOD[0], *GOOD[2:]],
    ]
    submission = taken(tmp_path, rows)
    assert values(submission, "unit") == [("yi",)]
    assert ("unit-from-heading", None) in codes(submission)
    (source,) = submission.sources
    assert (source.unit, source.period, source.on) == ("yi", "2023年6月", dt.date(2023, 7, 3))


def test_a_label_may_stand_in_the_cell_before(tmp_path):
    """`填报单位：` in one cell and the name in the next."""
    rows = [["填报单位：", "乙县"], [HEADER[0], *HEADER[2:]], [GOOD[0], *GOOD[2:]]]
    assert values(taken(tmp_path, rows), "unit") == [("yi",)]


def test_several_sheets_of_one_type_are_put_together(tmp_path):
    """Sheets named by quarter are known by their headers."""
    submission = taken(
        tmp_path, [HEADER, GOOD], sheet="一季度", 二季度=[HEADER, other(GOOD, c0="P2")], 说明=[["请按时报送"]]
    )
    assert values(submission, "id") == [("P1",), ("P2",)]
    assert [(one.code, one.sheet) for one in submission.findings] == [("unknown-table", "说明")]


def test_a_table_is_what_its_header_says_when_no_name_does(tmp_path):
    """The record type of which the header names the most fields."""
    figures = [["指标", "单位", "日期", "数值"], ["exports", "甲县", "2023-01-31", 3]]
    submission = taken(tmp_path, [HEADER, GOOD], sheet="Sheet1", Sheet2=figures)
    assert set(submission.tables) == {"project", "figures"}


def test_the_file_or_title_decides_between_tables_that_look_alike(tmp_path):
    """A name that stands in the title or the file's name is heard when the header fits."""
    submission = taken(tmp_path, [["2023年签约项目一览"], ["项目编号", "责任单位"], ["P1", "甲县"]], sheet="Sheet1")
    assert "project" in submission.tables


def test_subfolders_are_read_and_files_named_by_their_place(tmp_path):
    """Each county may have a folder of its own."""
    (tmp_path / "乙县").mkdir()
    write_xlsx(tmp_path / "乙县" / "报送.xlsx", {"Sheet1": [HEADER, other(GOOD, c0="P2", c2="x")]})
    submission = taken(tmp_path, [HEADER, GOOD])
    assert [one.file for one in submission.findings] == ["乙县/报送.xlsx"]
    assert set(submission.files) == {"甲县.xlsx", "乙县/报送.xlsx"}


def test_files_that_are_no_submission_are_named_or_passed_over(tmp_path):
    """Lock files and hidden files are passed over; a marked workbook, a document, a link are named."""
    for name in ("~$甲县.xlsx", ".甲县.xlsx", "甲县（待改）.xlsx", "情况说明.docx"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    submission = taken(tmp_path, [HEADER, GOOD])
    assert sorted((one.code, one.file) for one in submission.findings) == [
        ("file-of-other-kind", "情况说明.docx"), ("marked-file", "甲县（待改）.xlsx"), ("not-a-plain-file", "link.csv"),
    ]  # fmt: skip


def test_a_damaged_file_does_not_stop_the_others(tmp_path):
    """It is named with the reason, and the rest is read."""
    (tmp_path / "乙县.xlsx").write_bytes(b"PK\x03\x04 damaged")
    submission = taken(tmp_path, [HEADER, GOOD])
    assert [(one.code, one.severity, one.file) for one in submission.findings] == [
        ("file-not-read", "error", "乙县.xlsx")
    ]
    assert len(submission.rows("project")) == 1
