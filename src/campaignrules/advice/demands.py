"""Pages of findings about targets and duties that do not go together."""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page
from campaignrules.errors import Text

_HALVES = """
targets:
  - {{id: Y, metric: amount, in: 2023, at_least: {year} 亿元}}
  - {{id: H1, metric: amount, in: 2023H1, at_least: 25 亿元}}
  - {{id: H2, metric: amount, in: 2023H2, at_least: 20 亿元}}
"""
_PARTS = """
metrics:
  amount: {{sum: project.investment, on: signed_on, unit: 亿元}}
  listed_amount: {{of: amount, where: listed}}
  other_amount: {{of: amount, where: not listed}}
targets:
  - {{id: Y, metric: amount, in: 2023, at_least: {whole} 亿元}}
  - {{id: L, metric: listed_amount, in: 2023, at_least: 30 亿元, force: {force}}}
  - {{id: O, metric: other_amount, in: 2023, at_least: 15 亿元}}
"""
_BOTH = """
metrics:
  amount: {{sum: project.investment, on: signed_on, unit: 亿元}}
  listed_amount: {{of: amount, where: listed}}
  head_amount: {{of: amount, where: head}}
targets:
  - {{id: Y, metric: amount, in: 2023, at_least: {whole} 亿元}}
  - {{id: L, metric: listed_amount, in: 2023, at_least: 15 亿元}}
  - {{id: H, metric: head_amount, in: 2023, at_least: 15 亿元}}
"""
_RATES = """
metrics:
  landing: {{rate: {{of: project, reached: landed_on}}}}
  listed_landing: {{of: landing, where: listed}}
targets:
  - {{id: A, metric: landing, in: 2023, at_least: 90%}}
  - {{id: L, metric: listed_landing, in: 2023H2, at_least: {part}%}}
"""
_STAGES = """
records:
  project:
    key: id
    fields:
      id: {{type: text}}
      unit: {{type: unit}}
      signed_on: {{type: date}}
      landed_on: {{type: date, required: false}}
    rules:
      - {{that: landed_on is None or landed_on >= signed_on, says: 落地不得早于签约}}
metrics:
  signed: {{count: project, on: signed_on}}
  landed: {{count: project, on: landed_on}}
targets:
  - {{id: S, metric: signed, in: 2023, at_least: {signed} 个}}
  - {{id: L, metric: landed, in: 2023, at_least: 10 个}}
"""
_UNITS = """
units: {{classes: {{county: 区县}}, roster: {roster}}}
targets:
  - {{id: Y, metric: signed, in: 2023, at_least: 6 个}}
  - {{id: E, metric: signed, in: 2023, for: each county, at_least: 3 个}}
"""
_WEEKS = """
period: {{from: 2023-01-01, to: 2024-12-31}}
targets:
  - {{id: W, metric: signed, in: each {often}, at_least: 1 个}}
  - {{id: Y, metric: signed, in: 2023, at_least: 60 个}}
"""
_LAST = """
metrics:
  amount: {{sum: project.investment, on: signed_on, unit: 亿元}}
  listed_amount: {{of: amount, where: listed}}
targets:
  - {{id: Y, metric: amount, in: 2023, at_least: 45 亿元}}
  - {{id: H1, metric: amount, in: 2023H1, at_least: 30 亿元}}
  - {{id: H2, metric: amount, in: 2023H2, at_least: 15 亿元}}
  - {{id: L, metric: listed_amount, in: 2023, at_least: {part} 亿元}}
"""
_LIMITS = """
targets:
  - {{id: Y, metric: trips, in: 2023, at_most: {year} 次}}
  - {{id: H1, metric: trips, in: 2023H1, at_most: 6 次}}
  - {{id: H2, metric: trips, in: 2023H2, at_most: 6 次}}
"""
_CLASH = """
targets:
  - {{id: Y, metric: trips, in: 2023, at_most: {year} 次}}
  - {{id: H1, metric: trips, in: 2023H1, at_least: 6 次}}
  - {{id: H2, metric: trips, in: 2023H2, at_least: 6 次}}
"""

DEMANDS: Final[dict[str, Page]] = {
    "demands-clash": Page(
        _CLASH.format(year=10),
        _CLASH.format(year=12),
        Text(
            "谁也做不到的目标，要么数字抄错，要么时间窗、范围写错。列出的是最少的几条：去掉任何一条，其余就能同时做到。",
            "What nobody can meet was copied or scoped wrongly. Listed are as few as possible: without any one, the others can be met.",
        ),
    ),
    "demands-unexamined": Page(
        _WEEKS.format(often="week"),
        _WEEKS.format(often="month"),
        Text(
            "检查有上限，免得一份文件拖住所有人；超出的目标照样评价，只是没有与其他目标对过。",
            "The check is bounded so that no file can stall it; what lies beyond is judged all the same, but not held against the rest.",
        ),
    ),
    "parts-above-whole": Page(
        _LIMITS.format(year=10),
        _LIMITS.format(year=12),
        Text(
            "各部分都守住上限，整体仍会超限，人们会以为不会。",
            "Everybody keeps the limit of the part and thinks the whole is kept, too; it is not.",
        ),
    ),
    "parts-agree": Page(
        _HALVES.format(year=45),
        """
targets:
  - {id: Y, metric: amount, in: 2023, at_least: 45 亿元}
""",
        Text(
            "这不是毛病：分项与总数恰好相等，说明数字抄对了。只在 --all 时列出。",
            "This is no fault: parts that come out exactly say that the numbers were copied right. It is listed with --all only.",
        ),
    ),
    "parts-below-whole": Page(
        _HALVES.format(year=48),
        _HALVES.format(year=45),
        Text(
            "按季、按行业都做到了，全年却没完成：不是抄错，就是文件本身没有对上，应当让人知道。",
            "All parts met and the whole missed: a slip of the pen, or of the document itself, and somebody should know.",
        ),
    ),
    "parts-cannot-wait": Page(
        _LAST.format(part=25),
        _LAST.format(part=15),
        Text(
            "最后一段的总数比某一部分全年的数还小：这一部分不能都留到最后，安排进度时要早做。",
            "The last window asks for less of everything than a part of it needs over the year, so that part must begin earlier.",
        ),
    ),
    "parts-exceed-whole": Page(
        _PARTS.format(whole=40, force="binding"),
        _PARTS.format(whole=45, force="binding"),
        Text(
            "各部分加起来已超过整体，整体的数字就不起作用：常是某一部分并不属于它，或写错了数。",
            "Where the parts are more than the whole, its number decides nothing: often one of them does not belong to it.",
        ),
    ),
    "parts-overlap": Page(
        _BOTH.format(whole=25),
        _BOTH.format(whole=30),
        Text(
            "两个“其中”之和大于总数，只有当一部分两者兼是才说得通；若两者不能兼是，文件就有矛盾。",
            "Two of-which numbers that are more than the whole make sense only where some rows are both.",
        ),
    ),
    "rests-on-strive": Page(
        _PARTS.format(whole=45, force="strive"),
        _PARTS.format(whole=45, force="binding"),
        Text(
            "约束性的总数分下去多是“力争”：各部分都不算失约，总数却可能落空。",
            "A binding total that is divided into what is only striven for may be missed without anybody having failed.",
        ),
    ),
    "stages-without-slack": Page(
        _STAGES.format(signed=10),
        _STAGES.format(signed=15),
        Text(
            "签约十个、落地也要十个，意味着一个都不能落空；常是两步的口径没有分清。",
            "Ten signed and ten landed means that none may be lost; often the two stages were not kept apart.",
        ),
    ),
    "two-numbers-one-day": Page(
        _RATES.format(part=80),
        _RATES.format(part=90),
        Text(
            "同一天对同一批项目有两个要求，做到低的不等于做到高的；要分清各管哪一批。",
            "Two demands on the same rows on the same day: meeting the lower does not meet the higher.",
        ),
    ),
    "units-reach-total": Page(
        _UNITS.format(roster="submitted"),
        _UNITS.format(roster="[{id: a, class: county}, {id: b, class: county}]"),
        Text(
            "每个单位的下限乘以单位数，与总数是否对得上，要看名册；名册报来之前只能算出从几个单位起够数。",
            "Whether the minimum of each unit comes to the total depends on the roster, which is not known before the data.",
        ),
    ),
}
