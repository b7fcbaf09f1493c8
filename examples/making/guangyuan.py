"""广元市 三年行动: projects, funds, trips and lists of three years.

In: a fixed seed. Out: tables. Must not know: the library.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from making.sheets import (
    ATTESTATION_HEADERS,
    FIGURE_HEADERS,
    NUMERALS,
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

GUANGYUAN_END = dt.date(2025, 9, 30)
COUNTIES = {f"county{n}": f"示例{NUMERALS[n - 1]}县" for n in range(1, 8)} | {
    "jingkai": "示例经开区", "gas_park": "示例天然气园区", "rail_port": "示例铁路港",
}  # fmt: skip
COUNTY_TITLES = list(COUNTIES.values())
INDUSTRIES = {
    "铝基新材料": "铝材", "绿色家居": "家居", "食品饮料": "食品", "清洁能源化工": "能源", "生物医药": "医药",
    "机械电子": "电子", "硅基新材料": "硅材", "现代农业": "农业", "文旅康养": "文旅", "商贸物流": "物流",
    "数字经济": "数字",
}  # fmt: skip
DEPARTMENTS = {industry: f"示例产业{NUMERALS[n % 6]}局" for n, industry in enumerate(INDUSTRIES)}
YEAR_PLAN = {2022: 40, 2023: 258, 2024: 208, 2025: 136}


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
        "units": units, "project": project, "payment": guangyuan_payments(chance, project),
        "trip": guangyuan_trips(chance), "visit": guangyuan_visits(chance),
        "association": guangyuan_associations(chance), "enterprise": guangyuan_enterprises(chance),
        "listing": guangyuan_listings(chance),
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
        "项目编号 项目名称 责任单位 协议投资额 项目类型 是否外资 产业 产业链作用 招商方式 来源区域 签约活动"
        " 意向日期 签约日期 落地日期 开工日期 评估论证日期 最近跟踪日期 是否符合环保标准 禁止承接的情形"
        " 是否“两高”项目 “两高”项目是否已批准 行业主管部门"
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
    events = {"省级重大活动": 2, "省级专题活动": 2, "市级活动": 3, "县区活动": 3}
    event = chance.of(events) if chance.happens(40) else None
    heavy = chance.happens(6)
    sheet.add(
        f"GY{day.year}-{number:03d}", project_name(INDUSTRIES[industry], number), chance.one(COUNTY_TITLES),
        chance.amount(low, high), chance.of({"新引进": 8, "增资": 1, "技术合作": 1}), chance.happens(5), industry,
        chance.one(("建链", "延链", "补链", "强链")) if chance.happens(60) else None,
        chance.one(("委托招商", "中介招商", "以商招商", "资本招商")) if chance.happens(50) else None,
        chance.of({"粤港澳大湾区": 3, "长三角": 3, "京津冀": 1, "成渝地区双城经济圈": 4, "其他": 1}), event,
        day - dt.timedelta(chance.number(10, 90)), signed, landed, started, chance.later(signed, 0, 20, 80, end),
        chance.later(signed, 30, 120, 90, end), chance.happens(97), "落后产能" if chance.happens(1) else None, heavy,
        chance.happens(60) if heavy else None, DEPARTMENTS[industry],
    )  # fmt: skip


def guangyuan_payments(chance: Chance, project: Sheet) -> Sheet:
    """Payments for about half of the projects that have landed."""
    sheet = Sheet("凭证编号 项目编号 责任单位 到位金额 是否市外资金 是否产业项目资金 到位日期 行业主管部门")
    for row in project.rows:
        landed = dt.date.fromisoformat(row["落地日期"]) if row["落地日期"] else None
        day = chance.later(landed, 10, 200, 62, GUANGYUAN_END)
        if day:
            amount = (Decimal(row["协议投资额"]) * chance.number(55, 98) / 100).quantize(Decimal("0.01"))
            sheet.add(
                f"PZ{len(sheet.rows) + 1:04d}", row["项目编号"], row["责任单位"], amount, chance.happens(93),
                chance.happens(90), day, row["行业主管部门"],
            )  # fmt: skip
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
                why = chance.one(("招商推介", "企业考察", "项目洽谈"))
                sheet.add(f"WC{len(sheet.rows) + 1:04d}", title, who, why, chance.day(begin, end))
    return sheet


def guangyuan_visits(chance: Chance) -> Sheet:
    """Visits to enterprises: enough in 2023 and 2024, a little short in 2025."""
    sheet = Sheet(
        "编号 走访单位 企业名称 是否重点招商引资企业 了解内容 是否提出诉求 诉求回应日期 企业当日是否暂停考察 走访日期"
    )
    for year, count in ((2023, 36), (2024, 40), (2025, 20)):
        for _ in range(count):
            day = chance.day(dt.date(year, 1, 10), min(dt.date(year, 12, 20), GUANGYUAN_END))
            demand = chance.happens(40)
            sheet.add(
                f"ZF{len(sheet.rows) + 1:03d}", chance.one(COUNTY_TITLES), company("实业", chance.number(701, 740)),
                chance.happens(85), chance.of({"履约落地、困难": 2, "开工建设": 2, "投产运营": 1}), demand,
                chance.later(day, 1, 40, 92, GUANGYUAN_END) if demand else None, chance.happens(3), day,
            )  # fmt: skip
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
        classes = chance.of({"链主": 1, "专精特新": 3, "链主、行业龙头": 1})
        risk = "失信被执行" if flagged else None
        sheet.add(company("科技", number), chance.one(COUNTY_TITLES), classes, listed, risk, flagged)
    return sheet


def guangyuan_listings(chance: Chance) -> Sheet:
    """Key projects released each year, and those that city leaders sponsor."""
    sheet = Sheet("编号 清单类别 项目名称 责任单位 推出（列入）日期")
    for year, released, sponsored in ((2023, 108, 12), (2024, 97, 11), (2025, 84, 8)):
        for kind, count in (("年度推出重点项目", released), ("市领导联系项目", sponsored)):
            for number in range(1, count + 1):
                sheet.add(
                    f"QD{len(sheet.rows) + 1:03d}", kind, f"示例{kind[:2]}{year}-{number:03d}",
                    chance.one(COUNTY_TITLES), chance.day(dt.date(year, 1, 15), dt.date(year, 8, 30)),
                )  # fmt: skip
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
    for title in ("示例产业一局", "示例产业二局", "示例产业四局", "示例财政部门"):
        sheet.add("GY-D4-03", title, "2023-06-20", None, "培训通知")
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
