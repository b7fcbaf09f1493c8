"""信丰县 百日攻坚: projects, trips, visits, reports and meetings of forty units.

In: a fixed seed. Out: tables. Must not know: the library.
"""

from __future__ import annotations

import datetime as dt

from making.sheets import (
    ATTESTATION_HEADERS,
    FIGURE_HEADERS,
    NUMERALS,
    STEMS,
    UNIT_HEADERS,
    Chance,
    Sheet,
    Tables,
    blank,
    company,
    first,
    months,
    project_name,
    restyle,
    written,
)

XINFENG_END = dt.date(2023, 8, 31)
XINFENG_CLASSES = {
    "专业招商小分队": [f"示例招商{n}分队" for n in NUMERALS[:6]],
    "责任部门": [f"示例责任{n}局" for n in NUMERALS],
    "责任单位": ["示例园区办", "示例城投公司"],
    "乡（镇）": [f"示例{n}镇" for n in STEMS] + [f"示例{n}乡" for n in STEMS[:6]],
    "部门（其余）": ["示例统计部门", "示例法制部门", "示例档案部门", "示例机关事务部门"],
    "单位（其余）": ["示例融媒中心", "示例服务中心"],
}
SQUADS, DUTY_DEPARTMENTS, DUTY_INSTITUTIONS, TOWNSHIPS, DEPARTMENTS, INSTITUTIONS = XINFENG_CLASSES.values()
DUTY_UNITS = [*DUTY_DEPARTMENTS, *DUTY_INSTITUTIONS]
JUDGED = [*SQUADS, *DUTY_UNITS, *TOWNSHIPS]
PEOPLE = [*TOWNSHIPS, *DUTY_UNITS, *DEPARTMENTS, *INSTITUTIONS]
LAGGARDS = {"示例责任七局", "示例丙镇", "示例丁乡"}
XINFENG_MONTHS = months(2023, 6, 8)
XINFENG_KINDS = {
    "电路": "绿色PCB", "电子": "电子信息（其他）", "装备": "高端装备制造", "新能源": "新能源", "农产品": "农业深加工",
    "文旅": "文旅",
}  # fmt: skip


def xinfeng() -> Tables:
    """Data of the whole drive, June to August 2023; three units do little."""
    chance = Chance("xinfeng_100days")
    units = Sheet(UNIT_HEADERS)
    for kind, (class_, titles) in zip("SDYTBQ", XINFENG_CLASSES.items(), strict=True):
        for number, title in enumerate(titles, 1):
            units.add(f"{kind}{number:02d}", title, class_, None)
    tables = {
        "units": units, "project": xinfeng_projects(chance), "trip": xinfeng_trips(chance),
        "visit": xinfeng_visits(chance), "invitation": xinfeng_invitations(chance),
        "report": xinfeng_reports(chance), "meeting": xinfeng_meetings(chance),
        "figures": xinfeng_figures(chance), "attestations": xinfeng_attestations(chance),
    }  # fmt: skip
    xinfeng_judged(Chance("xinfeng_100days scores"), tables)
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
        "项目编号 责任单位 项目名称 投资企业 是否上市公司 是否头部企业 其他企业类别 产业领域 是否延链强链补链项目"
        " 来源区域 投资额（亿元） 达成意向日期 列入重点攻坚在谈日期 基础资料报送日期 推进计划制定日期 提报可签约日期"
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
    kind = chance.one(list(XINFENG_KINDS))
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
        XINFENG_KINDS[kind],
        chance.happens(30), chance.of({"粤港澳大湾区": 5, "长三角地区": 3, "京津冀地区": 1}), size, intention, key,
        chance.later(key, 0, 15, 92, end), chance.later(talks, 0, 12, 88, end),
        chance.later(intention, 3, 30, 30, end), talks, dropped, sent,
        chance.later(sent, 0, 2, 30, signed or sent) if sent else None, signed, landed, ready, planned,
        started, chance.later(started, 1, 20, 60, end),
    )  # fmt: skip


def xinfeng_trips(chance: Chance) -> Sheet:
    """Trips led by the head of the unit, two a month as a rule."""
    sheet = Sheet("编号 单位 出发日期 返回日期 主要领导带队 带队领导职务 目的地 所属区域")
    for begin, end in XINFENG_MONTHS:
        for unit in JUDGED:
            count = int(chance.of({"0": 8, "1": 1}) if unit in LAGGARDS else chance.of({"1": 1, "2": 7, "3": 2}))
            for day in sorted(chance.day(begin, end) for _ in range(count)):
                sheet.add(
                    f"W{len(sheet.rows) + 1:04d}", unit, day, day + dt.timedelta(chance.number(1, 4)),
                    chance.happens(95), "主要领导", f"示例{chance.one(STEMS)}市",
                    chance.of({"粤港澳大湾区": 5, "长三角地区": 3}),
                )  # fmt: skip
    return sheet


def xinfeng_visits(chance: Chance) -> Sheet:
    """Visits to about ten enterprises a month, the same one twice now and then."""
    sheet = Sheet("编号 单位 拜访日期 企业（客商）名称 主要领导拜访")
    for begin, end in XINFENG_MONTHS:
        for unit in JUDGED:
            for _ in range(chance.number(0, 4) if unit in LAGGARDS else chance.number(10, 13)):
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
            guest = f"客商{number:03d}（{company('投资', number)}）"
            sheet.add(f"K{number:03d}", unit, "2023-06-28", guest, attended)
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
                        attached = chance.happens(95)
                        told = (content, None) if kind == "招商信息" else (None, attached)
                        sheet.add(f"R{len(sheet.rows) + 1:04d}", unit, kind, day, *told)
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
        late = begin.month == 7
        sheet.add("XF-R2-02", None, end + dt.timedelta(3 if late else -1), end if late else None, "通报")
        days = 4 if begin.month == 6 else 2
        sheet.add("XF-A2-04", None, end + dt.timedelta(days), end + dt.timedelta(2), "初步评分")
    sheet.add("XF-M2-05", None, "2023-06-20", None, "产业分析报告")
    sheet.add("XF-M2-10", None, "2023-06-28", None, "推介会")
    sheet.add("XF-A3-01", None, "2023-07-30", None, "6月排名通报")
    for unit in JUDGED:
        for duty in ("XF-R1-01", "XF-R1-03", "XF-R1-06", "XF-R2-06", "XF-M4-01"):
            if chance.happens(effort(unit, 92)):
                sheet.add(duty, unit, chance.day(dt.date(2023, 6, 2), dt.date(2023, 7, 5)), None, "文件")
    for unit in PEOPLE:
        for duty in ("XF-M2-11", "XF-M3-02"):
            if chance.happens(effort(unit, 80)):
                sheet.add(duty, unit, chance.day(dt.date(2023, 6, 5), dt.date(2023, 6, 30)), None, "文件")
    return sheet


def xinfeng_judged(chance: Chance, tables: Tables) -> None:
    """What only scoring asks for: ceremonies, signings at the meeting, and a mark for the reports of each month."""
    project = tables["project"]
    project.headers += ["是否推介会签约", "开工仪式日期"]
    for row in project.rows:
        signed, started = row["实质性签约日期"], row["实质性开工日期"]
        at_meeting = "2023-06-24" <= signed <= "2023-06-30" and chance.happens(60)
        row["是否推介会签约"] = written(at_meeting) if signed else ""
        row["开工仪式日期"] = written(dt.date.fromisoformat(started)) if started and chance.happens(50) else ""
    for _, end in XINFENG_MONTHS:
        for unit in JUDGED:
            low, high = (0, 2) if unit in LAGGARDS else (2, 4)
            tables["figures"].add("报送质量得分", unit, end, chance.number(low, high))


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
