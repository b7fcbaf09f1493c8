"""雁江区 2023: projects of 2022 and 2023, payments, offers, figures.

In: a fixed seed. Out: tables. Must not know: the library.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from making.sheets import (
    ATTESTATION_HEADERS,
    FIGURE_HEADERS,
    UNIT_HEADERS,
    Chance,
    Sheet,
    Tables,
    company,
    first,
    months,
    project_name,
    restyle,
)

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
YANJIANG_SHARES = {
    "agri": 20, "industry": 25, "health": 20, "commerce": 10, "culture": 15, "logistics": 5, "energy": 3, "education": 2,
}  # fmt: skip
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
        for unit, share in YANJIANG_SHARES.items():
            sheet.add("planned_to_date", YANJIANG_UNITS[unit], end, Decimal(planned[index]) * share / 100)
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
