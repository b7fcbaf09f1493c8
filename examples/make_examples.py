"""Make the example data of the five campaigns: CSV tables as a district office would hand them in. 生成示例数据。

In: nothing but fixed seeds. Out: one folder per campaign beside this file (or in the folder given), and
`set_aside.csv`, which says of every impossible row what is wrong with it. Everything is made up. Must not know: the
library; only the standard library is used, so that anybody can run it: `python examples/make_examples.py`.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

STEMS = "甲乙丙丁戊己庚辛壬癸"
YES, NO = "是", "否"
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


class Sheet:
    """One table: its headers, its rows as text, and the rows that were spoiled on purpose."""

    def __init__(self, headers: str) -> None:
        self.headers = headers.split()
        self.rows: list[dict[str, str]] = []
        self.spoiled: dict[int, tuple[str, str]] = {}

    def add(self, *cells: object) -> None:
        """One row; None is an empty cell, a date is written 2023-05-15, a yes or no 是 or 否."""
        self.rows.append(dict(zip(self.headers, map(written, cells), strict=True)))

    def spoil(self, row: int, column: str, cell: str, why: str) -> None:
        """Make a row impossible by one cell. `row` counts from 0, without the header."""
        if row in self.spoiled:
            raise ValueError(f"row {row} is spoiled twice")
        self.rows[row][column] = cell
        self.spoiled[row] = (column, why)

    def repeat(self, row: int, at: int, **changed: str) -> None:
        """Say a row again further down, perhaps with other contents. Rows that are spoiled later keep their numbers."""
        self.rows.insert(at, {**self.rows[row], **changed})
        self.spoiled = {(r + 1 if r >= at else r): why for r, why in self.spoiled.items()}
        self.spoiled[at] = (self.headers[0], "编号重复，内容不同" if changed else "整行重复")


def written(cell: object) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES if cell else NO
    return str(cell)


class Chance:
    """Random choices for one campaign, always the same."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)  # noqa: S311  made-up data, no secret

    def one(self, of: Sequence[str]) -> str:
        return self.random.choice(of)

    def of(self, weighted: dict[str, int]) -> str:
        """One of the keys, as often as its weight says."""
        return self.random.choices(list(weighted), list(weighted.values()))[0]

    def happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def amount(self, low: int, high: int) -> Decimal:
        """An amount between `low` and `high` hundredths, mostly near the lower end."""
        return Decimal(low + int((high - low) * self.random.random() ** 2)) / 100

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        return first + dt.timedelta(self.random.randint(0, max(0, (last - first).days)))

    def later(self, day: dt.date | None, low: int, high: int, percent: int, until: dt.date) -> dt.date | None:
        """A day `low` to `high` days after another, if it happens at all, and by `until`."""
        if day is None or not self.happens(percent):
            return None
        found = day + dt.timedelta(self.random.randint(low, high))
        return found if found <= until else None


def company(kind: str, number: int) -> str:
    """A name that nobody bears: 甲某食品有限公司-017."""
    return f"{STEMS[number % 10]}某{kind}有限公司-{number:03d}"


def project_name(kind: str, number: int) -> str:
    """A name that says that it is an example."""
    return f"示例{kind}项目{number:03d}"


# -- untidiness that is still right ---------------------------------------------------------------------------------


def restyle(chance: Chance, sheet: Sheet, dates: Iterable[str] = (), amounts: Iterable[str] = ()) -> None:
    """Write a few dates and amounts in other ways that mean the same."""
    for row in sheet.rows:
        for column in dates:
            if row[column] and chance.happens(4):
                row[column] = other_date(chance, row[column])
        for column in amounts:
            if row[column] and chance.happens(5):
                row[column] = other_amount(chance, row[column])


def other_date(chance: Chance, text: str) -> str:
    """2023-05-15 as 2023/5/15, 2023年5月15日 or 2023.05.15."""
    year, month, day = text.split("-")
    short = f"{year}/{int(month)}/{int(day)}"
    return chance.one((short, f"{year}年{int(month)}月{int(day)}日", f"{year}.{month}.{day}"))


def other_amount(chance: Chance, text: str) -> str:
    """3.5 as 3.5亿元, ３．５, or 35,000万元."""
    ten_thousands = Decimal(text) * 10000
    styles = [f"{text}亿元", text.translate(FULL_WIDTH), f" {text} "]
    if ten_thousands == ten_thousands.to_integral_value():
        styles.append(f"{int(ten_thousands):,}万元")
    return chance.one(styles)


def blank(chance: Chance, sheet: Sheet, columns: Iterable[str], percent: int = 5) -> None:
    """Leave some optional cells empty."""
    for row in sheet.rows:
        for column in columns:
            if chance.happens(percent):
                row[column] = ""


def first(sheet: Sheet, column: str, cells: Sequence[str] = (), start: int = 0) -> int:
    """The first row from `start` that is not spoiled and whose cell is filled (or one of `cells`)."""
    for row in range(start, len(sheet.rows)):
        cell = sheet.rows[row][column]
        if row not in sheet.spoiled and (cell in cells if cells else cell):
            return row
    raise ValueError(f"no row with {column}")


def months(year: int, start: int, stop: int) -> list[tuple[dt.date, dt.date]]:
    """First and last day of the months from `start` to `stop`, both included; 13 is January of the next year."""
    found = []
    for count in range(start, stop + 1):
        begin = dt.date(year + (count - 1) // 12, (count - 1) % 12 + 1, 1)
        end = dt.date(year + count // 12, count % 12 + 1, 1) - dt.timedelta(1)
        found.append((begin, end))
    return found


UNIT_HEADERS = "编号 名称 类别 上级单位"
FIGURE_HEADERS = "指标 单位 日期 数值"
ATTESTATION_HEADERS = "事项编号 单位 完成日期 应完成日期 佐证材料"

Tables = dict[str, Sheet]


# -- 雁江区 2023 ----------------------------------------------------------------------------------------------------

YANJIANG_UNITS = {
    "agri": "示例农业局", "industry": "示例工业局", "health": "示例卫健局", "commerce": "示例商务局",
    "culture": "示例文旅局", "town": "示例住建局", "logistics": "示例交通局", "park": "示例园区管委会",
    "energy": "示例能源局", "education": "示例教体局",
}  # fmt: skip
# track → sector, unit, what the company makes
YANJIANG_TRACKS = {
    "食品饮料（预制菜、酒水饮料、航空食品及产业链配套）": ("制造业", "industry", "食品"),
    "医药大健康·院内制剂": ("制造业", "health", "制剂"),
    "医药大健康·生殖（生育）健康": ("服务业", "health", "健康"),
    "医药大健康·配套（中医药制剂、医疗器械、大健康产业链）": ("制造业", "health", "器械"),
    "天然气（清洁能源）": ("制造业", "energy", "燃气"),
    "城镇品质（公共服务、城乡融合、文化旅游、现代商贸、特色商业街、养老服务等）": ("服务业", "culture", "文旅"),
    "冷链仓储物流": ("服务业", "logistics", "物流"),
    "民生（教育、医疗、公园等）": ("服务业", "education", "教育"),
    "设施农业": ("现代农业", "agri", "农业"),
    "其他农业（生猪全产业链、柑橘、稻渔、粮油等）": ("现代农业", "agri", "种养"),
    "其他": ("其他", "commerce", "商贸"),
}
YANJIANG_WEIGHTS = dict(zip(YANJIANG_TRACKS, (20, 6, 6, 9, 5, 14, 6, 4, 8, 12, 10), strict=True))
YANJIANG_END = dt.date(2023, 8, 31)


def yanjiang() -> Tables:
    """Data as they stood on 31 August 2023: the cohort of 2022, the signings of 2023, payments, figures."""
    chance = Chance("yanjiang_2023")
    units = Sheet(UNIT_HEADERS)
    for unit, title in YANJIANG_UNITS.items():
        units.add(unit, title, "department", None)
    project = yanjiang_projects(chance)
    payment = yanjiang_payments(chance, project)
    offer = yanjiang_offers(chance)
    tables = {
        "units": units, "project": project, "payment": payment, "offer": offer,
        "figures": yanjiang_figures(chance), "attestations": yanjiang_attestations(),
    }  # fmt: skip
    restyle(chance, project, ("签约日期", "履约日期", "开工日期"), ("协议投资额",))
    restyle(chance, payment, ("到位日期",), ("到位金额",))
    restyle(chance, offer, ("筛选日期", "推出日期"))
    yanjiang_spoiled(project, payment, offer)
    return tables


def yanjiang_projects(chance: Chance) -> Sheet:
    """160 projects signed in 2022, 80 in 2023."""
    sheet = Sheet(
        "项目编号 项目名称 责任单位 投资企业 企业类别 投资来源 来源地区 产业门类 招引方向 协议投资额 带动就业人数"
        " 督办级别 是否有项目专班 签约日期 履约日期 落地日期 首笔资金到位日期 开工日期 撤销日期"
    )
    for number in range(1, 161):
        yanjiang_project(chance, sheet, number, dt.date(2022, 1, 4), dt.date(2022, 12, 30))
    for number in range(161, 241):
        yanjiang_project(chance, sheet, number, dt.date(2023, 1, 4), YANJIANG_END)
    return sheet


def yanjiang_project(chance: Chance, sheet: Sheet, number: int, start: dt.date, stop: dt.date) -> None:
    """One project with the stages that it has reached."""
    track = chance.of(YANJIANG_WEIGHTS)
    sector, unit, kind = YANJIANG_TRACKS[track]
    signed = chance.day(start, stop)
    old = signed.year == 2022
    level = chance.of({"省级平台督办": 2, "市级督办": 3, "其余项目": 5}) if old or chance.happens(40) else None
    pace = {"省级平台督办": 82, "市级督办": 72}.get(level or "", 66) if old else 55
    origin = chance.of({"省内": 45, "国内省外": 50, "境外": 5})
    regions = {"国内省外": {"长三角": 4, "珠三角": 4, "京津冀": 2}, "省内": {"成渝地区": 1}}.get(origin)
    fulfilled = chance.later(signed, 20, 150, pace, YANJIANG_END)
    landed = chance.later(fulfilled, 0, 40, 92, YANJIANG_END)
    started = chance.later(landed, 5, 90, 85, YANJIANG_END)
    sheet.add(
        f"YJ{signed.year}-{number:03d}", project_name(kind, number), YANJIANG_UNITS[unit], company(kind, number),
        chance.of({"三类500强": 2, "行业龙头": 10, "其他": 88}), origin,
        chance.of(regions) if regions else None,
        sector, track, chance.amount(30, 700 if old else 400),
        chance.number(10, 220) if chance.happens(80) else None, level,
        chance.happens(97), signed, fulfilled, landed, chance.later(landed, 0, 30, 80, YANJIANG_END), started,
        chance.later(signed, 90, 300, 3, YANJIANG_END) if fulfilled is None else None,
    )  # fmt: skip


def yanjiang_payments(chance: Chance, project: Sheet) -> Sheet:
    """Up to three payments for each project whose first money has come."""
    sheet = Sheet("序号 项目编号 责任单位 到位日期 到位金额 投资来源 是否产业项目 督办级别 项目签约日期")
    for row in project.rows:
        if not row["首笔资金到位日期"]:
            continue
        arrived, size = dt.date.fromisoformat(row["首笔资金到位日期"]), Decimal(row["协议投资额"])
        again = chance.later(arrived, 45, 120, 75, YANJIANG_END)
        for day in (arrived, again, chance.later(again, 45, 120, 75, YANJIANG_END)):
            amount = (size * chance.number(10, 25) / 100).quantize(Decimal("0.01"))
            if day:
                sheet.add(
                    f"DW-{len(sheet.rows) + 1:04d}", row["项目编号"], row["责任单位"], day, amount, row["投资来源"],
                    row["产业门类"] != "其他", row["督办级别"], row["签约日期"],
                )  # fmt: skip
    return sheet


def yanjiang_offers(chance: Chance) -> Sheet:
    """Projects that the district offers to investors."""
    sheet = Sheet("序号 项目名称 责任单位 筛选日期 论证日期 推出日期")
    for number in range(1, 31):
        screened = chance.day(dt.date(2023, 1, 3), dt.date(2023, 3, 1) if number <= 20 else dt.date(2023, 7, 20))
        appraised = chance.later(screened, 5, 15, 95, YANJIANG_END)
        sheet.add(number, f"示例包装项目{number:02d}", chance.one(list(YANJIANG_UNITS.values())), screened, appraised,
                  chance.later(appraised, 3, 12, 92, YANJIANG_END))  # fmt: skip
    return sheet


def yanjiang_figures(chance: Chance) -> Sheet:
    """Monthly figures: foreign investment (met in the first quarter, behind in the second), jobs, leads, the park."""
    sheet = Sheet(FIGURE_HEADERS)
    fdi = ("0.004", "0.003", "0.0085", "0.002", "0.005", "0.004", "0.006", "0.003")
    planned = ("1.2", "1.5", "3.2", "3", "3.6", "4", "4.2", "4.4")
    for index, (_, end) in enumerate(months(2023, 1, 8)):
        sheet.add("fdi", None, end, fdi[index])
        sheet.add("town_jobs_filled", None, end, chance.number(20, 90))
        sheet.add("event_leads", None, end, chance.number(3, 25))
        sheet.add("planned_to_date", None, end, planned[index])
    for (_, end), rate in zip(months(2023, 3, 8)[::3], ("61", "66.5"), strict=True):
        sheet.add("park_occupancy", None, end, rate)
    return sheet


def yanjiang_attestations() -> Sheet:
    """Monthly bulletins (April's late, July's missing), quarterly reviews, and what the departments did."""
    sheet = Sheet(ATTESTATION_HEADERS)
    for begin, end in months(2023, 1, 8):
        if begin.month == 4:
            sheet.add("YJ-R2-04", None, end + dt.timedelta(6), end, "示例通报（补发）")
        elif begin.month != 7:
            sheet.add("YJ-R2-04", None, end - dt.timedelta(2), None, f"示例通报第{begin.month}期")
    sheet.add("YJ-R2-05", None, "2023-03-30", None, "一季度考核结果")
    sheet.add("YJ-R2-05", None, "2023-06-29", None, "二季度考核结果")
    for duty, day in (
        ("YJ-S2-01", "2023-02-15"), ("YJ-S2-02", "2023-06-12"), ("YJ-S2-07", "2023-03-08"),
        ("YJ-S4-07", "2023-04-20"), ("YJ-S2-08", "2023-05-18"), ("YJ-S4-10", "2023-06-01"),
    ):  # fmt: skip
        sheet.add(duty, None, day, None, "示例文件")
    for title in list(YANJIANG_UNITS.values())[:8]:
        sheet.add("YJ-R2-01", title, "2023-06-05", None, "责任分工表")
    return sheet


def yanjiang_spoiled(project: Sheet, payment: Sheet, offer: Sheet) -> None:
    """Rows that cannot be: the library names each and sets it aside."""
    project.spoil(first(project, "开工日期", start=12), "开工日期", "2021-12-30", "开工早于签约")
    project.spoil(31, "协议投资额", "", "缺协议投资额")
    project.spoil(47, "签约日期", "2023-02-30", "没有这一天")
    project.spoil(66, "投资来源", "省外（含港澳）", "词表中没有")
    project.spoil(88, "责任单位", "示例水利局", "名册中没有")
    project.spoil(first(project, "督办级别", start=101), "督办级别", "", "2022年签约项目未填督办级别")
    project.spoil(150, "协议投资额", "-1.2", "金额为负")
    project.repeat(170, 181, 协议投资额="9.99")
    payment.spoil(20, "到位金额", "约三千万", "不是数")
    payment.spoil(44, "到位金额", "-0.15", "金额为负")
    payment.spoil(73, "到位日期", "五月中旬", "不是日期")
    payment.repeat(90, 92)
    offer.spoil(8, "推出日期", "2022-12-01", "推出早于论证")


CAMPAIGNS: dict[str, Callable[[], Tables]] = {
    "yanjiang_2023": yanjiang,
}


def write(folder: Path, headers: Sequence[str], rows: Iterable[dict[str, str]], name: str) -> None:
    """A CSV file as Excel writes it: UTF-8 with a byte order mark, lines ended by CR LF."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.DictWriter(out, headers, lineterminator="\r\n")
        lines.writeheader()
        lines.writerows(rows)


def main(folder: Path) -> None:
    """Write all tables, and the list of spoiled rows with the row number that Excel shows."""
    aside = []
    for campaign, make in CAMPAIGNS.items():
        for name, sheet in make().items():
            write(folder / campaign, sheet.headers, sheet.rows, name)
            aside += [
                {"活动": campaign, "表": name, "行": str(row + 2), "栏": column, "问题": why}
                for row, (column, why) in sorted(sheet.spoiled.items())
            ]
    write(folder, ("活动", "表", "行", "栏", "问题"), aside, "set_aside")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
