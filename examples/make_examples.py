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


# -- 信丰县 百日攻坚 ------------------------------------------------------------------------------------------------

XINFENG_END = dt.date(2023, 8, 31)
NUMERALS = "一二三四五六七八九十"
XINFENG_CLASSES = {
    "专业招商小分队": [f"示例招商{n}分队" for n in NUMERALS[:6]],
    "责任单位（承担招商任务的部门、单位）": [f"示例责任{n}局" for n in NUMERALS] + ["示例园区办", "示例城投公司"],
    "乡（镇）": [f"示例{n}镇" for n in STEMS] + [f"示例{n}乡" for n in STEMS[:6]],
    "部门（其余）": ["示例统计部门", "示例法制部门", "示例档案部门", "示例机关事务部门"],
    "单位（其余）": ["示例融媒中心", "示例服务中心"],
}
SQUADS, DUTY_UNITS, TOWNSHIPS, DEPARTMENTS, INSTITUTIONS = XINFENG_CLASSES.values()
JUDGED = [*SQUADS, *DUTY_UNITS, *TOWNSHIPS]
PEOPLE = [*TOWNSHIPS, *DUTY_UNITS, *DEPARTMENTS, *INSTITUTIONS]
LAGGARDS = {"示例责任七局", "示例丙镇", "示例丁乡"}
XINFENG_MONTHS = months(2023, 6, 8)


def xinfeng() -> Tables:
    """Data of the whole drive, June to August 2023; three units do little."""
    chance = Chance("xinfeng_100days")
    units = Sheet(UNIT_HEADERS)
    for kind, (class_, titles) in zip(("S", "D", "T", "B", "Q"), XINFENG_CLASSES.items(), strict=True):
        for number, title in enumerate(titles, 1):
            units.add(f"{kind}{number:02d}", title, class_, None)
    tables = {
        "units": units, "project": xinfeng_projects(chance), "trip": xinfeng_trips(chance),
        "visit": xinfeng_visits(chance), "invitation": xinfeng_invitations(chance),
        "report": xinfeng_reports(chance), "meeting": xinfeng_meetings(chance),
        "figures": xinfeng_figures(chance), "attestations": xinfeng_attestations(chance),
    }  # fmt: skip
    restyle(chance, tables["project"], ("达成意向日期", "实质性签约日期"), ("投资额（亿元）",))
    restyle(chance, tables["report"], ("报送日期",))
    restyle(chance, tables["visit"], ("拜访日期",))
    blank(chance, tables["project"], ("产业领域", "来源区域"))
    xinfeng_spoiled(tables)
    return tables


def effort(unit: str, usual: int) -> int:
    """How often in a hundred a unit does what it should."""
    return usual // 3 if unit in LAGGARDS else usual


def xinfeng_projects(chance: Chance) -> Sheet:
    """300 projects of the units with an investment task, as far as they have come."""
    sheet = Sheet(
        "项目编号 责任单位 项目名称 投资企业 是否上市公司 是否头部企业 其他企业类别 产业领域 是否延链强链补链项目 来源区域"
        " 投资额（亿元） 达成意向日期 列入重点攻坚在谈日期 基础资料报送日期 推进计划制定日期 提报可签约日期"
        " 进入实质性谈判日期 终止洽谈日期 协议送签日期 意向性签约日期 实质性签约日期 实质性落地日期 具备开工条件日期"
        " 倒排计划开工日期 实质性开工日期 最近有进度的日期"
    )
    for number in range(1, 301):
        xinfeng_project(chance, sheet, number, JUDGED[number % len(JUDGED)])
    return sheet


def xinfeng_project(chance: Chance, sheet: Sheet, number: int, unit: str) -> None:
    """One project with the stages that it has reached."""
    end = XINFENG_END
    listed = chance.happens(45 if number <= 2 * len(JUDGED) else 6)
    kind = chance.one(("电路", "电子", "装备", "新能源", "农产品", "文旅"))
    intention = chance.day(dt.date(2023, 4, 3), dt.date(2023, 8, 10))
    talks = chance.later(intention, 5, 40, effort(unit, 75), end)
    key = chance.later(intention, 1, 20, 40, end)
    dropped = chance.later(talks, 20, 60, 5, end)
    sent = None if dropped else chance.later(talks, 8, 40, effort(unit, 60), end)
    signed = chance.later(sent, 2, 15, 80, end)
    landed = chance.later(signed, 5, 30, 70, end)
    ready = chance.later(landed, 1, 15, 70, end)
    planned = chance.later(ready, 5, 40, 80, dt.date(2023, 12, 31))
    started = chance.later(ready, 3, 25, 75, end)
    size = chance.amount(1000, 3500) if chance.happens(22) else chance.amount(50, 900)
    sheet.add(
        f"XF-{number:03d}", unit, project_name(kind, number), company(kind, number), listed, chance.happens(9),
        "链主企业、龙头企业" if chance.happens(5) else None,
        {"电路": "绿色PCB", "电子": "电子信息（其他）", "装备": "高端装备制造", "新能源": "新能源", "农产品": "农业深加工"}.get(kind, kind),
        chance.happens(30), chance.of({"粤港澳大湾区": 5, "长三角地区": 3, "京津冀地区": 1}), size, intention, key,
        chance.later(key, 0, 15, 92, end), chance.later(talks, 0, 12, 88, end), chance.later(intention, 3, 30, 30, end),
        talks, dropped, sent, chance.later(sent, 0, 2, 30, signed or sent) if sent else None, signed, landed, ready, planned,
        started, chance.later(started, 1, 20, 60, end),
    )  # fmt: skip


def xinfeng_trips(chance: Chance) -> Sheet:
    """Trips led by the head of the unit, two a month as a rule."""
    sheet = Sheet("编号 单位 出发日期 返回日期 主要领导带队 带队领导职务 目的地 所属区域")
    for begin, end in XINFENG_MONTHS:
        for unit in JUDGED:
            count = int(chance.of({"0": 8, "1": 1}) if unit in LAGGARDS else chance.of({"1": 1, "2": 7, "3": 2}))
            for day in sorted(chance.day(begin, end) for _ in range(count)):
                sheet.add(f"W{len(sheet.rows) + 1:04d}", unit, day, day + dt.timedelta(chance.number(1, 4)), chance.happens(95),
                          "主要领导", f"示例{chance.one(STEMS)}市", chance.of({"粤港澳大湾区": 5, "长三角地区": 3}))  # fmt: skip
    return sheet


def xinfeng_visits(chance: Chance) -> Sheet:
    """Visits to about ten enterprises a month, the same one twice now and then."""
    sheet = Sheet("编号 单位 拜访日期 企业（客商）名称 主要领导拜访")
    for begin, end in XINFENG_MONTHS:
        for unit in JUDGED:
            for _ in range(chance.number(0, 4) if unit in LAGGARDS else chance.number(9, 13)):
                sheet.add(f"B{len(sheet.rows) + 1:04d}", unit, chance.day(begin, end),
                          company("商贸", chance.number(301, 420)), chance.happens(97))  # fmt: skip
    return sheet


def xinfeng_invitations(chance: Chance) -> Sheet:
    """Guests of the promotion meeting of 28 June."""
    sheet = Sheet("编号 邀请单位 推介会日期 客商 是否签到")
    for unit in PEOPLE:
        for _ in range(2 if unit in LAGGARDS else chance.number(5, 7)):
            number = len(sheet.rows) + 1
            attended = chance.happens(93) if chance.happens(80) else None
            sheet.add(f"K{number:03d}", unit, "2023-06-28", f"客商{number:03d}（{company('投资', number)}）", attended)
    return sheet


def xinfeng_reports(chance: Chance) -> Sheet:
    """Information and tables by the 15th and 30th: most in time, some late, some never."""
    sheet = Sheet("编号 报送单位 报送种类 报送日期 信息内容 是否附佐证资料")
    for begin, _ in XINFENG_MONTHS:
        for due in (begin.replace(day=15), begin.replace(day=30)):
            for unit in JUDGED:
                for kind in ("招商信息", "工作情况表"):
                    late = chance.happens(5)
                    day = due + dt.timedelta(chance.number(1, 3) if late else -chance.number(0, 4))
                    if chance.happens(effort(unit, 96)):
                        content = chance.of({"外出、接待": 3, "外出": 2, "外出、接待、重大项目信息": 1})
                        sheet.add(f"R{len(sheet.rows) + 1:04d}", unit, kind, day, content if kind == "招商信息" else None,
                                  chance.happens(95) if kind == "工作情况表" else None)  # fmt: skip
    return sheet


def xinfeng_meetings(chance: Chance) -> Sheet:
    """Weekly meetings on Mondays or Tuesdays, and one special meeting."""
    sheet = Sheet("编号 单位 会议种类 召开日期 是否有会议记录 是否在项目现场召开")
    for unit in JUDGED:
        for week in range(12):
            day = dt.date(2023, 6, 5) + dt.timedelta(7 * week + chance.number(0, 1))
            if chance.happens(effort(unit, 95)):
                sheet.add(f"H{len(sheet.rows) + 1:04d}", unit, "周例会", day, chance.happens(98), chance.happens(20))
        special = chance.later(dt.date(2023, 6, 1), 1, 20, effort(unit, 95), XINFENG_END)
        if special:
            sheet.add(f"H{len(sheet.rows) + 1:04d}", unit, "专题会议", special, True, False)
    return sheet


def xinfeng_figures(chance: Chance) -> Sheet:
    """Days that each head worked, and of these the days for projects."""
    sheet = Sheet(FIGURE_HEADERS)
    for _, end in XINFENG_MONTHS:
        for unit in PEOPLE:
            sheet.add("一把手用于项目的天数", unit, end, 3 if unit in LAGGARDS else chance.number(7, 13))
            sheet.add("一把手工作天数", unit, end, chance.number(21, 23))
    return sheet


def xinfeng_attestations(chance: Chance) -> Sheet:
    """What the county office and the units have done."""
    sheet = Sheet(ATTESTATION_HEADERS)
    for begin, end in XINFENG_MONTHS:
        sheet.add("XF-R2-01", None, begin.replace(day=14), None, "调度会议")
        sheet.add("XF-R2-01", None, end - dt.timedelta(1), None, "调度会议")
        sheet.add("XF-R2-02", None, end - dt.timedelta(1 if begin.month != 7 else -3), None if begin.month != 7 else end, "通报")
        sheet.add("XF-A2-04", None, end + dt.timedelta(2 if begin.month != 6 else 4), end + dt.timedelta(2), "初步评分")
    sheet.add("XF-M2-05", None, "2023-06-20", None, "产业分析报告")
    sheet.add("XF-M2-10", None, "2023-06-28", None, "推介会")
    sheet.add("XF-A3-01", None, "2023-07-30", None, "6月排名通报")
    for unit in JUDGED:
        for duty in ("XF-R1-01", "XF-R1-03", "XF-R1-06"):
            if chance.happens(effort(unit, 92)):
                sheet.add(duty, unit, chance.day(dt.date(2023, 6, 2), dt.date(2023, 7, 5)), None, "文件")
    return sheet


def xinfeng_spoiled(tables: Tables) -> None:
    """Rows that cannot be."""
    project, visit = tables["project"], tables["visit"]
    project.spoil(first(project, "实质性开工日期"), "实质性开工日期", "2023-03-01", "开工早于签约")
    project.spoil(first(project, "实质性落地日期", start=60), "实质性落地日期", "2023-04-01", "落地早于签约")
    project.spoil(first(project, "实质性签约日期", start=90), "投资额（亿元）", "", "已签约未填投资额")
    project.spoil(120, "责任单位", "示例癸乡", "名册中没有")
    project.spoil(151, "达成意向日期", "2023-02-30", "没有这一天")
    project.spoil(200, "投资额（亿元）", "0", "投资额不大于零")
    project.repeat(230, 240, 项目名称="示例重名项目")
    tables["trip"].spoil(33, "返回日期", "2023-05-01", "返回早于出发")
    tables["trip"].spoil(150, "主要领导带队", "书记带队", "不是“是”或“否”")
    for row, cell in ((101, "6月下旬"), (404, "2023-06-31"), (777, "")):
        visit.spoil(row, "拜访日期", cell, "缺拜访日期" if not cell else "不是日期")
    visit.repeat(600, 601)
    tables["invitation"].spoil(77, "邀请单位", "", "缺邀请单位")
    tables["report"].spoil(55, "报送种类", "月报", "词表中没有")
    tables["report"].spoil(260, "报送单位", "示例招商七分队", "名册中没有")
    tables["meeting"].spoil(70, "召开日期", "2023-13-01", "没有这一天")
    tables["figures"].spoil(40, "数值", "十天", "不是数")
    tables["attestations"].spoil(20, "事项编号", "XF-R1-99", "没有这个事项")


# -- 广元市 三年行动 ------------------------------------------------------------------------------------------------

GUANGYUAN_END = dt.date(2025, 9, 30)
COUNTIES = {f"county{n}": f"示例{NUMERALS[n - 1]}县" for n in range(1, 8)} | {
    "jingkai": "示例经开区", "gas_park": "示例天然气园区", "rail_port": "示例铁路港",
}  # fmt: skip
COUNTY_TITLES = list(COUNTIES.values())
INDUSTRIES = {
    "铝基新材料": "铝材", "绿色家居": "家居", "食品饮料": "食品", "清洁能源化工": "能源", "生物医药": "医药", "机械电子": "电子",
    "硅基新材料": "硅材", "现代农业": "农业", "文旅康养": "文旅", "商贸物流": "物流", "数字经济": "数字",
}  # fmt: skip
YEAR_PLAN = {2022: 40, 2023: 228, 2024: 208, 2025: 136}


def guangyuan() -> Tables:
    """Data from 2023 to September 2025, with the projects of 2022 that still count somewhere."""
    chance = Chance("guangyuan_2023_2025")
    units = Sheet(UNIT_HEADERS)
    for unit, title in COUNTIES.items():
        units.add(unit, title, "county", None)
    for number in range(1, 7):
        units.add(f"industry{number}", f"示例产业{NUMERALS[number - 1]}局", "industry_department", None)
    for unit, title, class_ in (
        ("finance", "示例财政部门", "其他市级部门"), ("talent", "示例组织部门", "其他市级部门"),
        ("outpost_a", "示例驻外甲分局", "驻外招商机构"), ("outpost_b", "示例驻外乙分局", "驻外招商机构"),
    ):  # fmt: skip
        units.add(unit, title, class_, None)
    project = guangyuan_projects(chance)
    tables = {
        "units": units, "project": project, "payment": guangyuan_payments(chance, project), "trip": guangyuan_trips(chance),
        "visit": guangyuan_visits(chance), "association": guangyuan_associations(chance),
        "enterprise": guangyuan_enterprises(chance), "listing": guangyuan_listings(chance),
        "tracker": guangyuan_tracker(), "figures": guangyuan_figures(chance),
        "attestations": guangyuan_attestations(chance),
    }  # fmt: skip
    restyle(chance, project, ("签约日期", "开工日期"), ("协议投资额",))
    restyle(chance, tables["payment"], ("到位日期",), ("到位金额",))
    restyle(chance, tables["trip"], ("外出日期",))
    guangyuan_spoiled(tables)
    return tables


def guangyuan_projects(chance: Chance) -> Sheet:
    """Projects by year of signing, and some that are only talked about."""
    sheet = Sheet(
        "项目编号 项目名称 责任单位 协议投资额 项目类型 是否外资 产业 产业链作用 招商方式 来源区域 签约活动 意向日期 签约日期"
        " 落地日期 开工日期 评估论证日期 最近跟踪日期 是否符合环保标准 禁止承接的情形 是否“两高”项目 “两高”项目是否已批准"
    )
    for year, count in YEAR_PLAN.items():
        last = min(dt.date(year, 12, 28), GUANGYUAN_END)
        for _ in range(count):
            guangyuan_project(chance, sheet, chance.day(dt.date(year, 1, 5), last))
    return sheet


def guangyuan_project(chance: Chance, sheet: Sheet, day: dt.date) -> None:
    """One project: `day` is that of signing, or of the first talk when it is not signed yet."""
    number, end = len(sheet.rows) + 1, GUANGYUAN_END
    industry = chance.one(list(INDUSTRIES))
    size = chance.of({"small": 6, "usual": 88, "large": 5, "huge": 1})
    low, high = {"small": (20, 99), "usual": (100, 2200), "large": (5000, 9000), "huge": (10000, 13000)}[size]
    signed = day if chance.happens(94) else None
    landed = chance.later(signed, 5, 60, 85, end)
    started = chance.later(landed, 20, 200, 80, end)
    event = chance.of({"省级重大活动": 2, "省级专题活动": 2, "市级活动": 3, "县区活动": 3}) if chance.happens(40) else None
    heavy = chance.happens(6)
    sheet.add(
        f"GY{day.year}-{number:03d}", project_name(INDUSTRIES[industry], number), chance.one(COUNTY_TITLES),
        chance.amount(low, high), chance.of({"新引进": 8, "增资": 1, "技术合作": 1}), chance.happens(5), industry,
        chance.one(("建链", "延链", "补链", "强链")) if chance.happens(60) else None,
        chance.one(("委托招商", "中介招商", "以商招商", "资本招商")) if chance.happens(50) else None,
        chance.of({"粤港澳大湾区": 3, "长三角": 3, "京津冀": 1, "成渝地区双城经济圈": 4, "其他": 1}), event,
        day - dt.timedelta(chance.number(10, 90)), signed, landed, started, chance.later(signed, 0, 20, 80, end),
        chance.later(signed, 30, 120, 90, end), chance.happens(97), "落后产能" if chance.happens(1) else None, heavy,
        chance.happens(60) if heavy else None,
    )  # fmt: skip


def guangyuan_payments(chance: Chance, project: Sheet) -> Sheet:
    """Payments for about half of the projects that have landed."""
    sheet = Sheet("凭证编号 项目编号 责任单位 到位金额 是否市外资金 是否产业项目资金 到位日期")
    for row in project.rows:
        landed = dt.date.fromisoformat(row["落地日期"]) if row["落地日期"] else None
        day = chance.later(landed, 10, 200, 62, GUANGYUAN_END)
        if day:
            amount = (Decimal(row["协议投资额"]) * chance.number(55, 98) / 100).quantize(Decimal("0.01"))
            sheet.add(f"PZ{len(sheet.rows) + 1:04d}", row["项目编号"], row["责任单位"], amount, chance.happens(93),
                      chance.happens(90), day)  # fmt: skip
    return sheet


def guangyuan_trips(chance: Chance) -> Sheet:
    """Trips of the county leaders each month; a joint trip is one row."""
    sheet = Sheet("编号 单位 带队领导 事由 外出日期")
    both = "党委（党工委）主要领导、政府（管委会）主要领导"
    for begin, end in months(2023, 5, 33):
        for unit, title in COUNTIES.items():
            if unit == "jingkai":
                leaders = [chance.one((both, *both.split("、"))) for _ in range(chance.number(2, 4))]
            else:
                leaders = [both] if chance.happens(30) else [one for one in both.split("、") if chance.happens(92)]
            for who in leaders:
                sheet.add(f"WC{len(sheet.rows) + 1:04d}", title, who, chance.one(("招商推介", "企业考察", "项目洽谈")),
                          chance.day(begin, end))  # fmt: skip
    return sheet


def guangyuan_visits(chance: Chance) -> Sheet:
    """Visits to enterprises: enough in 2023 and 2024, a little short in 2025."""
    sheet = Sheet("编号 走访单位 企业名称 是否重点招商引资企业 了解内容 是否提出诉求 诉求回应日期 企业当日是否暂停考察 走访日期")
    for year, count in ((2023, 36), (2024, 40), (2025, 20)):
        for _ in range(count):
            day = chance.day(dt.date(year, 1, 10), min(dt.date(year, 12, 20), GUANGYUAN_END))
            demand = chance.happens(40)
            sheet.add(f"ZF{len(sheet.rows) + 1:03d}", chance.one(COUNTY_TITLES), company("实业", chance.number(701, 740)),
                      chance.happens(85), chance.of({"履约落地、困难": 2, "开工建设": 2, "投产运营": 1}), demand,
                      chance.later(day, 1, 40, 92, GUANGYUAN_END) if demand else None, chance.happens(3), day)  # fmt: skip
    return sheet


def guangyuan_associations(chance: Chance) -> Sheet:
    """Chambers and trade associations, most of them visited."""
    sheet = Sheet("商会协会名称 对接单位 是否知名 首次拜访日期 建立合作日期")
    for number in range(1, 27):
        visited = chance.later(dt.date(2023, 2, 1), 0, 800, 88, GUANGYUAN_END)
        sheet.add(f"示例商会{number:02d}", chance.one(COUNTY_TITLES), chance.happens(75), visited,
                  chance.later(visited, 20, 300, 50, GUANGYUAN_END))  # fmt: skip
    return sheet


def guangyuan_enterprises(chance: Chance) -> Sheet:
    """Target enterprises; a few had to go from the list for a serious risk."""
    sheet = Sheet("企业名称 跟进单位 企业类别 列入日期 重大风险 发现风险日期")
    for number in range(741, 791):
        listed = chance.day(dt.date(2023, 1, 10), dt.date(2025, 6, 30))
        flagged = chance.later(listed, 60, 400, 6, GUANGYUAN_END)
        sheet.add(company("科技", number), chance.one(COUNTY_TITLES), chance.of({"链主": 1, "专精特新": 3, "链主、行业龙头": 1}),
                  listed, "失信被执行" if flagged else None, flagged)  # fmt: skip
    return sheet


def guangyuan_listings(chance: Chance) -> Sheet:
    """Key projects released each year, and those that city leaders sponsor."""
    sheet = Sheet("编号 清单类别 项目名称 责任单位 推出（列入）日期")
    for year, released, sponsored in ((2023, 108, 12), (2024, 97, 11), (2025, 84, 8)):
        for kind, count in (("年度推出重点项目", released), ("市领导联系项目", sponsored)):
            for number in range(1, count + 1):
                sheet.add(f"QD{len(sheet.rows) + 1:03d}", kind, f"示例{kind[:2]}{year}-{number:03d}", chance.one(COUNTY_TITLES),
                          chance.day(dt.date(year, 1, 15), dt.date(year, 8, 30)))  # fmt: skip
    return sheet


def guangyuan_tracker() -> Sheet:
    """Only kinds of projects: nothing is made up about the enterprises that the plan names."""
    sheet = Sheet("编号 点名对象 责任单位 洽谈日期 签约日期 落地日期 最近实质进展日期")
    sheet.add("DM1", "煤电", "示例一县", "2023-06-01", "2023-11-20", "2024-05-08", "2025-03-01")
    sheet.add("DM2", "煤炭储配", "示例二县", "2023-07-11", "2024-03-02", None, "2024-09-15")
    sheet.add("DM3", "煤和天然气绿色精细化工", "示例天然气园区", "2023-09-20", None, None, None)
    sheet.add("DM4", "铝锭交易中心", "示例经开区", None, None, None, "2024-06-30")
    sheet.add("DM5", "西南煤炭调拨中心", "示例铁路港", None, None, None, "2025/4/2")
    return sheet


def guangyuan_figures(chance: Chance) -> Sheet:
    """Foreign investment each month; once a year what is measured at a date."""
    sheet = Sheet(FIGURE_HEADERS)
    for _, end in months(2023, 1, 33):
        sheet.add("fdi_paid", None, end, chance.number(110, 210) if end.year != 2024 else chance.number(90, 170))
    for end in ("2023-12-31", "2024-12-31"):
        for metric, value in (("clusters_100bn", 0), ("clusters_50bn", 1), ("clusters_10bn", 3), ("satisfaction", 93)):
            sheet.add(metric, None, end, value)
        for title in COUNTY_TITLES:
            sheet.add("供地率", title, end, chance.number(55, 90))
    return sheet


def guangyuan_attestations(chance: Chance) -> Sheet:
    """The monthly list of the city leaders' duties, and plans that are made."""
    sheet = Sheet(ATTESTATION_HEADERS)
    for _, end in months(2023, 5, 33):
        if chance.happens(94):
            sheet.add("GY-C4-05", None, end - dt.timedelta(chance.number(0, 4)), None, "责任清单")
    for day in ("2023-11-20", "2024-12-10"):
        sheet.add("GY-C2-05", None, day, None, "清理报告")
    for duty, day in (("GY-A1-03", "2023-10-09"), ("GY-C4-02", "2023-05-30"), ("GY-G3-03", "2024-01-15")):
        sheet.add(duty, None, day, None, "文件")
    for title in COUNTY_TITLES[:8]:
        sheet.add("GY-A3-04", title, chance.day(dt.date(2023, 6, 1), dt.date(2024, 6, 30)), None, "招商地图")
        sheet.add("GY-G1-01", title, chance.day(dt.date(2023, 5, 1), dt.date(2023, 7, 30)), None, "分工文件")
    return sheet


def guangyuan_spoiled(tables: Tables) -> None:
    """Rows that cannot be."""
    project, payment, trip = tables["project"], tables["payment"], tables["trip"]
    for start in (30, 210, 400):
        project.spoil(first(project, "开工日期", start=start), "开工日期", "2020/1/1", "开工早于签约")
    project.spoil(first(project, "签约日期", start=90), "意向日期", "2026-01-01", "签约早于意向")
    project.spoil(120, "协议投资额", "", "缺协议投资额")
    project.spoil(180, "产业", "钢铁", "词表中没有（开放词表也须先列入）")
    project.spoil(250, "责任单位", "示例八县", "名册中没有")
    project.spoil(333, "协议投资额", "3.5美元", "计量单位不符")
    project.spoil(444, "是否外资", "待定", "不是“是”或“否”")
    project.repeat(500, 520, 协议投资额="77")
    payment.spoil(15, "到位日期", "2024-02-30", "没有这一天")
    payment.spoil(60, "到位金额", "未核实", "不是数")
    payment.spoil(140, "到位金额", "3.123456", "小数位数过多")
    payment.repeat(200, 201)
    trip.spoil(90, "带队领导", "办公室主任", "词表中没有")
    trip.spoil(301, "外出日期", "", "缺外出日期")
    trip.spoil(420, "单位", "示例某区", "名册中没有")
    visit = tables["visit"]
    visit.spoil(first(visit, "诉求回应日期", start=20), "诉求回应日期", "2022-12-31", "回应早于走访")
    tables["enterprise"].spoil(9, "重大风险", "失信被执行", "有重大风险未填发现日期")
    tables["enterprise"].rows[9]["发现风险日期"] = ""
    tables["listing"].spoil(77, "清单类别", "备选项目", "词表中没有")


# -- 四川省 百日攻坚（第三季） ---------------------------------------------------------------------------------------

SICHUAN_CITIES = (
    "成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 宜宾 广安 达州 巴中 雅安 眉山 资阳 阿坝 甘孜 凉山".split()
)
SICHUAN_END = dt.date(2023, 8, 29)
SICHUAN_SLOW = {"自贡", "巴中", "甘孜"}


def sichuan_q3() -> Tables:
    """Data as they stood at the end of the hundred days."""
    chance = Chance("sichuan_2023_q3")
    tables = {
        "project": sichuan_projects(chance), "report": sichuan_reports(chance), "problem": sichuan_problems(chance),
        "city_target": sichuan_goals(chance), "attestations": sichuan_attestations(chance),
    }  # fmt: skip
    restyle(chance, tables["project"], ("签约日期", "落地日期", "开工日期"), ("协议投资额",))
    restyle(chance, tables["report"], ("报送日期",))
    blank(chance, tables["project"], ("产业链作用", "来源区域"))
    sichuan_spoiled(tables)
    return tables


def sichuan_projects(chance: Chance) -> Sheet:
    """340 projects; one in nine is no manufacturing and does not count."""
    sheet = Sheet(
        "项目编号 项目名称 投资企业 市(州) 是否制造业项目 协议投资额 优势产业 新兴或未来产业 产业链作用 特别标记 来源区域"
        " 重点企业类别 是否低水平重复建设 待谈日期 意向日期 签约日期 落地日期 开工日期 投产日期 达效日期 梳理日期 是否落实专人 入库日期"
    )
    for number in range(1, 341):
        sichuan_project(chance, sheet, number)
    return sheet


def sichuan_project(chance: Chance, sheet: Sheet, number: int) -> None:
    """One project through the seven stages, as far as it has come."""
    end, industries = SICHUAN_END, {"电子信息": "电子", "装备制造": "装备", "先进材料": "材料", "能源化工": "能源", "食品轻纺": "食品"}
    industry = chance.one(list(industries))
    contacted = chance.day(dt.date(2022, 9, 1), dt.date(2023, 7, 20))
    intention = chance.later(contacted, 5, 60, 90, end)
    signed = chance.later(intention, 10, 80, 85, end)
    landed = chance.later(signed, 5, 70, 80, end)
    started = chance.later(landed, 5, 80, 75, end)
    produced = chance.later(started, 30, 120, 50, end)
    sheet.add(
        f"SC-{number:03d}", project_name(industries[industry], number), company(industries[industry], number),
        SICHUAN_CITIES[number % 21] + chance.one(("", "", "", "市")) * (number % 21 < 18), chance.happens(89),
        chance.amount(30, 2500), industry, chance.one(("卫星导航", "先进计算", "氢能")) if chance.happens(15) else None,
        chance.one(("建链", "强链", "补链", "延链")),
        chance.one(("填空白", "补短板", "填空白、国产自主")) if chance.happens(15) else None,
        chance.of({"粤港澳大湾区": 4, "长三角": 4, "京津冀": 2, "境外": 1, "其他": 2}),
        chance.one(("国家级专精特新小巨人企业", "外资企业", "国家级制造业单项冠军企业")) if chance.happens(20) else None,
        chance.happens(3), contacted, intention, signed, landed, started, produced, chance.later(produced, 20, 60, 40, end),
        chance.later(signed, 10, 60, 88, end), chance.happens(92), chance.later(signed, 0, 20, 93, end),
    )  # fmt: skip


def sichuan_reports(chance: Chance) -> Sheet:
    """A weekly issue from each city, with gaps; statistics now and then."""
    sheet = Sheet("编号 报送单位 报送种类 报送日期")
    for week in range(15):
        friday = dt.date(2023, 5, 19) + dt.timedelta(7 * week)
        for city in SICHUAN_CITIES:
            if chance.happens(55 if city in SICHUAN_SLOW else 96):
                sheet.add(f"ZK{len(sheet.rows) + 1:03d}", city, "专刊信息", friday + dt.timedelta(chance.number(-1, 2)))
        if week % 5 == 4:
            for city in SICHUAN_CITIES:
                sheet.add(f"ZK{len(sheet.rows) + 1:03d}", city, "统计报表", friday)
    return sheet


def sichuan_problems(chance: Chance) -> Sheet:
    """What stands in the way of projects, most of it solved."""
    sheet = Sheet("编号 市(州) 项目编号 提出日期 解决日期")
    for number in range(1, 61):
        raised = chance.day(dt.date(2023, 5, 16), dt.date(2023, 8, 20))
        sheet.add(f"WT{number:02d}", chance.one(SICHUAN_CITIES), f"SC-{chance.number(1, 340):03d}", raised,
                  chance.later(raised, 1, 30, 80, SICHUAN_END))  # fmt: skip
    return sheet


def sichuan_goals(chance: Chance) -> Sheet:
    """Each city's own targets; one city set none for production, one set none at all."""
    sheet = Sheet("市(州) 确定日期 签约项目目标 落地项目目标 开工项目目标 投产项目目标")
    for city in SICHUAN_CITIES[:-1]:
        produced = chance.number(1, 2) if city != "阿坝" else None
        sheet.add(city, "2023-05-19", chance.number(2, 5), chance.number(2, 5), chance.number(2, 4), produced)
    sheet.add(SICHUAN_CITIES[-1], "2023-05-21", None, None, None, None)
    return sheet


def sichuan_attestations(chance: Chance) -> Sheet:
    """Mobilisation in time, or late, or never; what cities and departments do all along."""
    sheet = Sheet(ATTESTATION_HEADERS)
    for city in SICHUAN_CITIES:
        for duty in ("S23-P1-02", "S23-P1-03", "S23-P1-04", "S23-P1-05", "S23-P1-06"):
            if chance.happens(50 if city in SICHUAN_SLOW else 95):
                sheet.add(duty, city, dt.date(2023, 5, 16) + dt.timedelta(chance.number(0, 6)), None, "示例文件")
        for duty in ("S23-K2-02", "S23-K4-04", "S23-K6-02"):
            if chance.happens(70):
                sheet.add(duty, city, chance.day(dt.date(2023, 5, 25), SICHUAN_END), None, "示例材料")
    sheet.add("S23-K5-01", "经济和信息化厅", "2023-06-30", None, "示例政策")
    sheet.add("S23-K5-02", "省经济合作局", "2023-07-12", None, "示例通知")
    return sheet


def sichuan_spoiled(tables: Tables) -> None:
    """Rows that cannot be."""
    project, report = tables["project"], tables["report"]
    project.spoil(first(project, "开工日期", start=15), "开工日期", "2022-01-01", "开工早于前面的阶段")
    project.spoil(first(project, "投产日期", start=80), "投产日期", "2022/1/1", "投产早于前面的阶段")
    project.spoil(50, "市(州)", "示例市", "名册中没有")
    project.spoil(111, "优势产业", "钢铁冶金", "词表中没有")
    project.spoil(140, "是否制造业项目", "", "缺是否制造业项目")
    project.spoil(166, "待谈日期", "2023-02-30", "没有这一天")
    project.spoil(222, "协议投资额", "十亿", "不是数")
    project.repeat(260, 270, 项目名称="示例重名项目")
    report.spoil(44, "报送日期", "上周五", "不是日期")
    report.spoil(100, "报送单位", "省外某市", "名册中没有")
    report.spoil(199, "报送种类", "周报", "词表中没有")
    report.repeat(240, 241)
    tables["problem"].spoil(first(tables["problem"], "解决日期", start=30), "解决日期", "2023-05-01", "解决早于提出")
    tables["city_target"].spoil(4, "签约项目目标", "若干", "不是数")
    tables["attestations"].spoil(60, "事项编号", "S23-P1-20", "没有这个事项")


# -- 四川省 0798号答复 ------------------------------------------------------------------------------------------------


def sichuan_reply() -> Tables:
    """The letter sets no numbers, so there are only attestations and a few figures."""
    chance = Chance("sichuan_2024_reply_0798")
    attestations = Sheet(ATTESTATION_HEADERS)
    for duty, day in (
        ("S24-1-06", "2024-03-14"), ("S24-3-04", "2024年5月9日"), ("S24-4-06", "2024-08-20"), ("S24-4-09", "2024-09-03"),
        ("S24-N-01", "2024-07-30"), ("S24-N-02", "2024/10/11"), ("S24-N-04", "2024-10-25"), ("S24-2-08", "2024-09-01"),
    ):  # fmt: skip
        attestations.add(duty, None, day, None, "示例材料")
    attestations.add("S24-N-99", None, "2024-10-01", None, "示例材料")
    attestations.spoiled[8] = ("事项编号", "没有这个事项")
    figures = Sheet(FIGURE_HEADERS)
    for _, end in months(2024, 7, 10):
        figures.add("撬动的民间资本", None, end, chance.amount(200, 900))
        figures.add("引入的头部金融机构、平台和团队", None, end, chance.number(0, 2))
    figures.spoil(2, "数值", "暂无", "不是数")
    return {"figures": figures, "attestations": attestations}


CAMPAIGNS: dict[str, Callable[[], Tables]] = {
    "yanjiang_2023": yanjiang,
    "xinfeng_100days": xinfeng,
    "guangyuan_2023_2025": guangyuan,
    "sichuan_2023_q3": sichuan_q3,
    "sichuan_2024_reply_0798": sichuan_reply,
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
