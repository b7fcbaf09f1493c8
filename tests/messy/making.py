"""Ten counties report the same clean tables, each in its own way; what must be said of each way stands beside it.

In: the clean tables. Out: a folder of files as people send them, and every finding that must come of it, no more and no
fewer. Rows that must be set aside are added to the clean ones, so that what counts is exactly what is clean. Must not
know: the library.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.messy.pages import (
    Error,
    Formula,
    Noisy,
    Page,
    Planted,
    Said,
    Serial,
    Shown,
    amount,
    day,
    digits,
    wide,
    write_pages,
    write_text,
)

HERE: Final = Path(__file__).parent
CLEAN: Final = HERE / "clean"

Row = dict[str, str]
PROJECT: Final = "项目编号 项目名称 责任单位 协议投资额 到位投资额 外资占比 带动就业 投资来源 所属产业 是否上市公司 签约日期 开工日期"
VISIT: Final = "走访编号 责任单位 走访企业 走访日期 参加人数 洽谈资金"
NUMBERS: Final = ("协议投资额", "到位投资额", "外资占比", "带动就业", "参加人数", "洽谈资金")
DATES: Final = ("签约日期", "开工日期", "走访日期")


def clean(table: str, unit: str = "") -> list[Row]:
    """The clean rows of a table, or of one county."""
    with (CLEAN / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if not unit or unit in row.values()]


def stored(row: Row, **changes: Any) -> dict[str, Any]:
    """A clean row as a careful person would type it into a spreadsheet."""
    cells: dict[str, Any] = {name: text or None for name, text in row.items()}
    cells |= {name: amount(row[name]) for name in NUMBERS if name in row}
    cells |= {name: day(row[name]) for name in DATES if name in row}
    return {**cells, **changes}


def tables(unit: str) -> tuple[list[Row], list[Row]]:
    """The projects and the visits of a county."""
    return clean("project", unit), clean("visit", unit)


# -- 甲县: a title, the unit of measure and the county above the header, totals and notes below ------------------


def jia(folder: Path) -> list[Planted]:
    """A form as it is printed: everything around the table that belongs to paper."""
    file = "甲县/甲县报送表.xlsx"
    projects, visits = tables("甲县")
    pages = [_jia_projects(Page(file, "签约项目"), projects), _jia_visits(Page(file, "外出走访"), visits)]
    pages.append(_old(Page(file, "旧数据", hidden=True), projects))
    write_pages(folder, pages)
    return [one for page in pages for one in page.expected]


def _jia_projects(page: Page, rows: list[Row]) -> Page:
    page.add("甲县2023年招商引资签约项目报送表")
    page.merge(1, 0, 1, 12)
    page.add("填报单位：甲县", *[None] * 9, "单位：万元")
    page.add()
    headers = PROJECT.replace("责任单位 ", "").split()
    page.note("header-found", page.head(["序号", *headers, "签约日其"]))
    page.note("unit-of-sheet")
    page.note("unit-from-heading")
    page.note("unknown-column", None, "序号")
    page.note("unknown-column", None, "签约日其")
    page.note("column-numbers", page.add(*range(1, len(page.headers) + 1)))
    for number, row in enumerate(rows, 1):
        page.put(stored(row, 序号=number, **{**_in_wan(row), **_jia_ways(number, row)}))
        if number == 4:
            page.add()
    bad = {**stored(rows[0]), **_in_wan(rows[0])}
    page.put({**bad, "序号": 9, "项目编号": "00123901", "协议投资额": "3万美元"}, 协议投资额="wrong-unit")
    page.put({**bad, "序号": 10, "项目编号": "00123902", "协议投资额": 12.34567}, 协议投资额="too-many-decimals")
    for number in (11, 12, 13):
        page.put({"序号": number})
    page.note("blank-rows")
    total = page.add(None, "合计", None, Formula("SUM(D6:D16)", 307_279))
    page.note("formula-cells")
    page.note("totals-row", total)
    page.note("note-row", page.add("注：以上数据截至2023年12月31日，单位为万元。"))
    page.note("note-row", page.add("填表人：（签字）", None, None, "审核人：（签字）"))
    page.hidden_rows.append(7)
    page.note("hidden-rows")
    return page


def _in_wan(row: Row) -> dict[str, Any]:
    """Amounts in 万元."""
    return {name: amount(row[name], 4) for name in ("协议投资额", "到位投资额")}


def _jia_ways(number: int, row: Row) -> dict[str, Any]:
    """Units of measure and digits in the cells, each in another way."""
    invested = row["协议投资额"]
    ways = {
        1: f"{invested}亿",
        2: f"{digits(invested, 4)}万元",
        3: f"{amount(invested, 4):,}",
        4: wide(digits(invested, 4)),
        5: f"{invested} 亿元",
        6: f"{digits(invested, 8)}元",
        7: f"+{digits(invested, 4)}",
    }
    return {"协议投资额": Said(ways[number])} if number in ways else {}


def _jia_visits(page: Page, rows: list[Row]) -> Page:
    page.head(VISIT)
    for row in rows[:3]:
        page.put(stored(row, 责任单位=" 甲县　", 走访企业=row["走访企业"] + "  "))
    page.note("totals-row", page.add("小计", None, None, None, Formula("SUM(E2:E4)", 18)))
    for row in rows[3:]:
        page.put(stored(row, 责任单位="甲县人民政府"))
    page.put(stored(rows[0], 走访编号="330601202300000901", 责任单位="申县"), 责任单位="unknown-unit")
    page.put(stored(rows[0], 走访编号="330601202300000902", 走访日期="2023-02-30"), 走访日期="not-a-date")
    page.put(stored(rows[0], 走访编号="330601202300000903", 走访企业=None), 走访企业="missing-value")
    page.note("totals-row", page.add(None, "总　计", None, None, Formula("SUM(E2:E8)", 32)))
    page.note("formula-cells")
    return page


def _old(page: Page, rows: list[Row]) -> Page:
    """A sheet that is not shown holds rows that would be duplicates."""
    page.head(PROJECT)
    for row in rows:
        page.put(stored(row))
    page.note("hidden-sheet")
    return page


# -- 乙县: a header of two rows, merged cells, half of the sheet pasted twice ------------------------------------


def yi(folder: Path) -> list[Planted]:
    """What a spreadsheet looks like when it has been made to look nice."""
    file = "乙县/乙县 招商（终稿）.xlsx"
    projects, visits = tables("乙县")
    pages = [_yi_projects(Page(file, "签约项目（1）"), projects), _yi_visits(Page(file, "外出走访"), visits)]
    write_pages(folder, pages)
    return [one for page in pages for one in page.expected]


def _yi_projects(page: Page, rows: list[Row]) -> Page:
    page.add("附件2")
    page.add("乙县招商引资项目一览表")
    page.merge(2, 0, 2, 11)
    above = "项目编号 项目名称 责任单位 投资额（亿元）  外资占比 带动就业 投资来源 所属产业 是否上市公司 时间 "
    _two_rows(page, above)
    page.note("header-found", page.last)
    # what findings call the columns of such a header: the group title and the part
    page.headers = [
        "项目编号", "项目名称", "责任单位", "投资额（亿元） 协议", "投资额（亿元） 到位", "外资占比", "带动就业", "投资来源",
        "所属产业", "是否上市公司", "时间 签约日期", "时间 开工日期",
    ]  # fmt: skip
    first = page.last + 1
    for row in rows:
        page.add(*stored(row).values())
    for number in range(first + 1, page.last + 1):
        page.rows[number - 1][2] = None
    page.merge(first, 2, page.last, 2)
    for number in _two_rows(page, above):
        page.note("repeated-header", number)
    for row in rows[:4]:
        page.expect("duplicate-row", page.add(*stored(row).values()), "项目编号")
    changed = {**rows[0], "协议投资额": "9.9999"}
    page.expect("duplicate-key", page.add(*stored(changed).values()), "项目编号")
    page.note("merged-cells")
    return page


def _two_rows(page: Page, above: str) -> tuple[int, int]:
    """Group titles above, parts below, all other titles merged downwards."""
    titles = [title or None for title in above.split(" ")]
    upper = page.add(*titles)
    lower = page.add(*[None] * 3, "协议", "到位", *[None] * 5, "签约日期", "开工日期")
    for column in (0, 1, 2, 5, 6, 7, 8, 9):
        page.merge(upper, column, lower, column)
    page.merge(upper, 3, upper, 4)
    page.merge(upper, 10, upper, 11)
    return upper, lower


def _yi_visits(page: Page, rows: list[Row]) -> Page:
    """Numbers that are stored as text."""
    page.head(VISIT)
    for row in rows:
        page.put(stored(row, 参加人数=row["参加人数"], 洽谈资金=row["洽谈资金"] or None))
    page.put(stored(rows[0], 走访编号="330602202300000901", 参加人数="若干"), 参加人数="not-a-number")
    page.put(stored(rows[0], 走访编号="330602202300000902", 参加人数="2.5"), 参加人数="too-many-decimals")
    return page


# -- 丙县: dates from 1904, day numbers, percentages, figures of all counties -------------------------------------

_EPOCH = dt.date(1904, 1, 1)


def bing(folder: Path) -> list[Planted]:
    """A workbook of another spreadsheet program, two folders down."""
    file = "丙县/数据/2023/丙县上报.xlsx"
    projects, visits = tables("丙县")
    pages = [_bing_projects(Page(file, "明细"), projects), _bing_visits(Page(file, "走访"), visits)]
    pages.append(_bing_figures(Page(file, "报送数据"), clean("figures")))
    write_pages(folder, pages, mac=True)
    return [one for page in pages for one in page.expected]


def _bing_projects(page: Page, rows: list[Row]) -> Page:
    page.head(PROJECT)
    for number, row in enumerate(rows):
        signed = day(row["签约日期"])
        assert signed is not None
        share = row["外资占比"]
        ways: dict[str, Any] = {"签约日期": Serial((signed - _EPOCH).days) if number % 2 else signed}
        if share:
            ways["外资占比"] = (Shown(float(f"{share}e-2"), "0.00%"), Said(f"{share}%"), amount(share))[number % 3]
        page.put(stored(row, **ways))
    page.put(stored(rows[0], 项目编号="00323901", 签约日期=dt.date(2023, 6, 1), 开工日期=dt.date(2023, 5, 1)))
    page.expect("row-rule", page.last)
    page.put(stored(rows[0], 项目编号="00323902", 签约日期=45000.5), 签约日期="not-a-date")
    return page


def _bing_visits(page: Page, rows: list[Row]) -> Page:
    """The sheet is not named like a table: its header tells."""
    page.head(VISIT)
    for row in rows:
        page.put(stored(row))
    return page


def _bing_figures(page: Page, rows: list[Row]) -> Page:
    page.head("指标 单位 日期 数值（万美元）")
    for row in rows:
        page.put({"指标": "出口额", "单位": row["单位"], "日期": day(row["日期"]), "数值": amount(row["数值"], 4)})
    page.put({"指标": "进口额", "单位": "丙县", "日期": dt.date(2023, 6, 30), "数值": 1}, 指标="unknown-metric")
    return page


# -- 丁县: four sheets of one type, headers with marks, dates as text in every form ------------------------------

_FORMS = (
    "{:%Y/%m/%d}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{:%Y%m%d}",
    "{} 00:00:00",
    "wide",
)


def ding(folder: Path) -> list[Planted]:
    """A sheet for each quarter, and one that nobody has named; tables do not begin in the corner."""
    file = "丁县/丁县.xlsx"
    projects, visits = tables("丁县")
    pages = []
    for index, name in enumerate(("一季度", "二季度", "三季度", "四季度")):
        rows = projects[2 * index : 2 * index + 2]
        pages.append(_ding_quarter(Page(file, name), rows, index))
    pages.append(_ding_visits(Page(file, "Sheet1", left=1), visits))
    write_pages(folder, pages)
    return [one for page in pages for one in page.expected]


def _ding_quarter(page: Page, rows: list[Row], index: int) -> Page:
    page.head(
        [
            "＊项目编号", "项目\n名称", "责任　单位", "协议投资额（亿元）", "到位投资额/亿元", "外资占比（%）", "带动就业 单位：人",
            "投资来源（必填）", "所属产业", "是否 上市公司", "签约日期*", "开工日期（计划或实际）",
        ]
    )  # fmt: skip
    for number, row in enumerate(rows):
        form = _FORMS[(2 * index + number) % len(_FORMS)]
        listed = {"是": "√", "否": "×"}.get(row["是否上市公司"])
        tags = row["所属产业"].replace("、", "\n" if number else "；")
        page.put(
            stored(row, 签约日期=_said(row["签约日期"], form), 开工日期=_said(row["开工日期"], form))
            | {"是否上市公司": listed, "所属产业": tags}
        )
    return page


def _said(text: str, form: str) -> Said | None:
    date = day(text)
    if date is None:
        return None
    return Said(wide(text) if form == "wide" else form.format(date))


def _ding_visits(page: Page, rows: list[Row]) -> Page:
    """Begins in column B of row 4."""
    page.add()
    page.add("丁县外出走访登记")
    page.add()
    page.note("header-found", page.head(VISIT))
    for row in rows:
        page.put(stored(row))
    return page


# -- 戊县: text files of other encodings and separators ----------------------------------------------------------


def wu(folder: Path) -> list[Planted]:
    """What database programs and old spreadsheets save."""
    projects, visits = tables("戊县")
    page = Page("戊县/签约项目.csv")
    page.note("encoding-found")
    page.head(PROJECT)
    for row in projects:
        page.put(row)
    page.put({**projects[0], "项目编号": "00523901", "投资来源": "天外"}, 投资来源="unknown-word")
    page.note("totals-row", page.add("合计", "", "", "40.8888", *[""] * 8))
    page.note("note-row", page.add("说明：到位投资额为累计数", *[""] * 11))
    write_text(folder, page, "gb18030", ";")
    other = Page("戊县/外出走访.tsv")
    other.note("encoding-found")
    other.head(VISIT)
    for row in visits:
        other.put(row)
    other.expect("broken-line", other.add(*visits[0].values(), "多余"))
    write_text(folder, other, "utf-16", "\t")
    return [*page.expected, *other.expected]


# -- 己县: an old binary workbook ---------------------------------------------------------------------------------


def ji(folder: Path) -> list[Planted]:
    """The kind of file does not tell whether 0.72 is 0.72 % or 72 %: it counts as 0.72 %, and a warning says so."""
    file = "己县/己县.xls"
    projects, visits = tables("己县")
    page, other = Page(file, "签约项目"), Page(file, "外出走访-2")
    page.head(PROJECT)
    for row in projects:
        page.put(stored(row))
    page.note("percent-doubt", None, "外资占比")
    page.put(stored(projects[0], 项目编号="00623901", 签约日期="2023.13.1"), 签约日期="not-a-date")
    other.head(VISIT)
    for row in visits:
        other.put(stored(row))
    write_pages(folder, [page, other])
    return [*page.expected, *other.expected]


# -- 庚县: an OpenDocument spreadsheet ------------------------------------------------------------------------------


def geng(folder: Path) -> list[Planted]:
    """Headers are aliases and English; the attestations of all counties are a text file beside it."""
    file = "庚县/庚县.ods"
    projects, visits = tables("庚县")
    page, other = Page(file, "signed projects"), Page(file, "visit")
    page.add("编号 项目名称 县区 投资总额 到位资金 外资占比 带动就业 投资来源 所属产业 是否上市公司 签约日期 开工日期")
    page.rows[-1] = page.rows[-1][0].split()
    page.headers = PROJECT.split()
    for row in projects:
        page.put(stored(row, 是否上市公司={"是": True, "否": False}.get(row["是否上市公司"])))
    other.head("CODE unit company visited_on People funds")
    for row in visits:
        other.add(*stored(row).values())
    bad = other.add(*stored(visits[0], 走访编号="330607202300000901", 洽谈资金=1.005).values())
    other.expect("too-many-decimals", bad, "funds")
    write_pages(folder, [page, other])
    attested = Page("事项完成情况.txt")
    attested.head("事项编号 单位 完成日期")
    for row in clean("attestations"):
        attested.put({**row, "事项编号": "专报"})
    attested.put({"事项编号": "通报", "单位": "庚县", "完成日期": "2023-03-20"}, 事项编号="unknown-duty")
    write_text(folder, attested, "utf-8-sig", ",")
    return [*page.expected, *other.expected, *attested.expected]


# -- 辛县: a binary workbook ------------------------------------------------------------------------------------------


def xin(folder: Path) -> list[Planted]:
    """Ids of words instead of their titles; day numbers; a code that was typed as a number."""
    file = "辛县/辛县.xlsb"
    projects, visits = tables("辛县")
    page, other = Page(file, "project"), Page(file, "外出走访")
    ids = {"省内": "in_province", "省外": "out_of_province", "境外": "abroad"}
    page.head(PROJECT)
    for row in projects:
        page.put(stored(row, 投资来源=ids[row["投资来源"]], 责任单位="u08"))
    other.head(VISIT)
    for row in visits:
        visited = day(row["走访日期"])
        assert visited is not None
        other.put(stored(row, 走访日期=Serial((visited - dt.date(1899, 12, 30)).days)))
    # a spreadsheet keeps 15 digits: which visit this was cannot be told any more
    other.put(stored(visits[0], 走访编号=330608202301140001.0, 走访日期=Serial(44940)), 走访编号="digits-lost")
    write_pages(folder, [page, other])
    return [*page.expected, *other.expected]


# -- 壬县: JSON -------------------------------------------------------------------------------------------------------


def ren(folder: Path) -> list[Planted]:
    """Numbers and texts mixed, cells left out, in another order."""
    file = folder / "壬县" / "壬县.json"
    projects, visits = tables("壬县")
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(projects):
        full = {name: text for name, text in row.items() if text}
        rows.append(dict(reversed(full.items())) if number % 2 else full)
    bad = {**rows[0], "项目编号": "00923901", "是否上市公司": "也许"}
    counted = [{**row, "参加人数": int(row["参加人数"])} for row in visits]
    file.parent.mkdir()
    text = json.dumps({"签约项目": [*rows, bad], "外出走访": counted}, ensure_ascii=False, indent=1)
    file.write_text(text, encoding="utf-8")
    return [Planted("壬县/壬县.json", None, len(rows) + 1, "是否上市公司", None, "not-yes-or-no", True)]


# -- 癸县: formulas ----------------------------------------------------------------------------------------------------


def gui(folder: Path) -> list[Planted]:
    """Sheets that were computed: results count, errors and results that were never saved do not."""
    file = "癸县汇总.xlsx"
    projects, visits = tables("癸县")
    page, other = Page(file, "Sheet1"), Page(file, "Sheet2")
    page.head(PROJECT)
    for number, row in enumerate(projects, 2):
        page.put(stored(row, **_gui_ways(number, row)))
    page.put(stored(projects[0], 项目编号="01023901", 协议投资额=Error("#DIV/0!")), 协议投资额="cell-error")
    page.put(stored(projects[0], 项目编号="01023902", 协议投资额=Formula("E2+1")), 协议投资额="formula-without-value")
    page.note("formula-cells")
    other.head(VISIT)
    for row in visits:
        other.put(stored(row))
    other.put(stored(visits[0], 走访编号=330610202301040001), 走访编号="digits-lost")
    write_pages(folder, [page, other])
    return [*page.expected, *other.expected]


def _gui_ways(number: int, row: Row) -> dict[str, Any]:
    """Results of formulas, with what binary arithmetic leaves; ids that have lost the zero before them."""
    paid = row["到位投资额"]
    ways: dict[str, Any] = {"项目编号": int(row["项目编号"])} if number == 3 else {}
    if paid == "0.494":
        return {**ways, "到位投资额": Noisy(0.49400000000000005)}
    return {**ways, "到位投资额": Formula(f"{paid}*1", amount(paid))} if paid else ways


# -- the whole folder -------------------------------------------------------------------------------------------------

COUNTIES: Final = (jia, yi, bing, ding, wu, ji, geng, xin, ren, gui)


def beside(folder: Path) -> list[Planted]:
    """Files that are no tables: some are passed over, some are named."""
    (folder / "甲县" / "~$甲县报送表.xlsx").write_bytes(b"\x05owner" + bytes(160))
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "丙县" / "说明.docx").write_bytes(b"PK\3\4")
    (folder / "空").mkdir()
    return [Planted("丙县/说明.docx", None, None, None, None, "file-of-other-kind", False)]


def make(folder: Path) -> list[Planted]:
    """All submissions in a folder, and what must be said of them."""
    made: Iterable[list[Planted]] = [county(folder) for county in COUNTIES]
    return [one for some in (*made, beside(folder)) for one in some]
