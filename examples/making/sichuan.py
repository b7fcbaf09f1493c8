"""四川省: the hundred-day action of 2023 and the letter of 2024.

In: a fixed seed. Out: tables. Must not know: the library.
"""

from __future__ import annotations

import datetime as dt

from making.sheets import (
    ATTESTATION_HEADERS,
    FIGURE_HEADERS,
    Chance,
    Sheet,
    Tables,
    blank,
    company,
    first,
    months,
    project_name,
    restyle,
)

SICHUAN_CITIES = [
    "成都", "自贡", "攀枝花", "泸州", "德阳", "绵阳", "广元", "遂宁", "内江", "乐山", "南充", "宜宾", "广安", "达州",
    "巴中", "雅安", "眉山", "资阳", "阿坝", "甘孜", "凉山",
]  # fmt: skip
SICHUAN_INDUSTRIES = {
    "电子信息": "电子", "装备制造": "装备", "先进材料": "材料", "能源化工": "能源", "食品轻纺": "食品",
}  # fmt: skip
SICHUAN_CLASSES = ("国家级专精特新小巨人企业", "外资企业", "国家级制造业单项冠军企业")
SICHUAN_END = dt.date(2023, 8, 29)
SICHUAN_SLOW = {"自贡", "巴中", "甘孜"}


def sichuan_q3() -> Tables:
    """Data as they stood at the end of the hundred days."""
    chance = Chance("sichuan_2023_q3")
    tables = {
        "project": sichuan_projects(chance), "report": sichuan_reports(chance), "problem": sichuan_problems(chance),
        "city_target": sichuan_goals(chance), "attestations": sichuan_attestations(chance),
        "season2": sichuan_season2(), "violation": Sheet("编号 市(州) 情形 查实日期 是否造成严重后果"),
    }  # fmt: skip
    restyle(chance, tables["project"], ("签约日期", "落地日期", "开工日期"), ("协议投资额",))
    restyle(chance, tables["report"], ("报送日期",))
    blank(chance, tables["project"], ("产业链作用", "来源区域"))
    sichuan_spoiled(tables)
    return tables


def sichuan_projects(chance: Chance) -> Sheet:
    """340 projects; one in nine is no manufacturing and does not count."""
    sheet = Sheet(
        "项目编号 项目名称 投资企业 市(州) 是否制造业项目 协议投资额 优势产业 新兴或未来产业 产业链作用 特别标记"
        " 来源区域 重点企业类别 是否低水平重复建设 待谈日期 意向日期 签约日期 落地日期 开工日期 投产日期 达效日期"
        " 梳理日期 是否落实专人 入库日期"
    )
    for number in range(1, 341):
        sichuan_project(chance, sheet, number)
    return sheet


def sichuan_project(chance: Chance, sheet: Sheet, number: int) -> None:
    """One project through the seven stages, as far as it has come."""
    end, industry = SICHUAN_END, chance.one(list(SICHUAN_INDUSTRIES))
    kind = SICHUAN_INDUSTRIES[industry]
    contacted = chance.day(dt.date(2022, 9, 1), dt.date(2023, 7, 20))
    intention = chance.later(contacted, 5, 60, 90, end)
    signed = chance.later(intention, 10, 80, 85, end)
    landed = chance.later(signed, 5, 70, 80, end)
    started = chance.later(landed, 5, 80, 75, end)
    produced = chance.later(started, 30, 120, 50, end)
    sheet.add(
        f"SC-{number:03d}", project_name(kind, number), company(kind, number),
        SICHUAN_CITIES[number % 21] + chance.one(("", "", "", "市")) * (number % 21 < 18), chance.happens(89),
        chance.amount(30, 2500), industry,
        chance.one(("卫星导航", "先进计算", "氢能")) if chance.happens(15) else None,
        chance.one(("建链", "强链", "补链", "延链")),
        chance.one(("填空白", "补短板", "填空白、国产自主")) if chance.happens(15) else None,
        chance.of({"粤港澳大湾区": 4, "长三角": 4, "京津冀": 2, "境外": 1, "其他": 2}),
        chance.one(SICHUAN_CLASSES) if chance.happens(20) else None,
        chance.happens(3), contacted, intention, signed, landed, started, produced,
        chance.later(produced, 20, 60, 40, end),
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
    """Each city's own targets; many set none for production, one set none at all."""
    sheet = Sheet("市(州) 确定日期 签约项目目标 落地项目目标 开工项目目标 投产项目目标")
    for city in SICHUAN_CITIES[:-1]:
        produced = 1 if chance.happens(40) else None
        sheet.add(city, "2023-05-19", chance.number(2, 4), chance.number(1, 3), chance.number(1, 2), produced)
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


def sichuan_season2() -> Sheet:
    """Places of the season before, drawn by lot; the last three cities had none. (No violation: cities are real.)"""
    sheet = Sheet("市(州) 第二季综合排位")
    places = Chance("sichuan_season2").random.sample(range(1, 19), 18)
    for number, city in enumerate(SICHUAN_CITIES):
        sheet.add(city, places[number] if number < len(places) else None)
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


def sichuan_reply() -> Tables:
    """The letter sets no numbers, so there are only attestations and a few figures."""
    chance = Chance("sichuan_2024_reply_0798")
    attestations = Sheet(ATTESTATION_HEADERS)
    for duty, day in (
        ("S24-1-06", "2024-03-14"), ("S24-3-04", "2024年5月9日"), ("S24-4-06", "2024-08-20"),
        ("S24-4-09", "2024-09-03"), ("S24-N-01", "2024-07-30"), ("S24-N-02", "2024/10/11"),
        ("S24-N-04", "2024-10-25"), ("S24-2-08", "2024-09-01"),
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
