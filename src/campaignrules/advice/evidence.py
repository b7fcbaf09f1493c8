"""Pages of findings about what trace and verify find.

Their pieces need more than a campaign file, a document or data, which stands in them as a comment.
"""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page
from campaignrules.errors import Text

EVIDENCE: Final[dict[str, Page]] = {
    "figure-elsewhere": Page(
        """
# 文件：（一）全年签约80亿元。（二）全年开工20个。
targets:
  - {id: T, metric: amount, in: 2023, at_least: 80 亿元, source: (二)}
""",
        """
# 文件：（一）全年签约80亿元。（二）全年开工20个。
targets:
  - {id: T, metric: amount, in: 2023, at_least: 80 亿元, source: (一)}
""",
        Text(
            "所引条款里没有这个数，别的条款里有：不是条款号引错，就是抄了别处的数。照条款核对的人会扑空。",
            "The clause cited does not have the number, and another one does: either the clause is cited wrongly, or the "
            "number was copied from the wrong place. Whoever checks it by the clause finds nothing.",
        ),
    ),
    "figure-not-carried": Page(
        """
# 文件：（一）全年签约80亿元，力争90亿元。
targets:
  - {id: T, metric: amount, in: 2023, at_least: 80 亿元, source: (一)}
""",
        """
# 文件：（一）全年签约80亿元，力争90亿元。
targets:
  - {id: T, metric: amount, in: 2023, at_least: 80 亿元, source: (一)}
  - {id: S, metric: amount, in: 2023, at_least: 90 亿元, force: strive, source: (一)}
""",
        Text(
            "文件里写了的数，活动文件没有一项承载，多半是漏了一个目标。不须编码的，登记到 facts、register，或在引用该条款的 note 中引出。",
            "The document has a figure that nothing in the campaign carries: mostly a target was forgotten. What need not be "
            "encoded is registered under `facts` or `register`, or quoted in a note of an item that cites the clause.",
        ),
    ),
    "figure-not-found": Page(
        """
# 文件：（一）全年签约80亿元。
targets:
  - {id: T, metric: amount, in: 2023, at_least: 800 亿元, source: (一)}
""",
        """
# 文件：（一）全年签约80亿元。
targets:
  - {id: T, metric: amount, in: 2023, at_least: 80 亿元, source: (一)}
""",
        Text(
            "文件里根本没有这个数：多写了一个零，换错了单位，或是自己推算的。推算的把算法写进 note，自定的在 acknowledged 写明理由。",
            "The document does not have this number at all: a zero too many, another unit, or something worked out. Write into "
            "the note how it was worked out; acknowledge what was chosen, with the reason.",
        ),
    ),
    "property-broken": Page(
        """
# 造出的数据：一个单位外出五次得 9 分，外出九次得 5 分（more-is-not-less）
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 9 分, earn: {by_steps: trips, steps: [{at_least: 9 次, points: 5 分}, {at_least: 5 次, points: 9 分}]}}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 9 分, earn: {by_steps: trips, steps: [{at_least: 9 次, points: 9 分}, {at_least: 5 次, points: 5 分}]}}
""",
        Text(
            "用造出的数据试出了一个不该有的结果，显示的是能说明它的最小一份数据。贴进测试文件，手算一遍；文件本身如此的，在 acknowledged 写性质的编号和理由。",
            "Generated data led to a result that should not be; what is shown is the smallest that shows it. Paste it into a "
            "file of tests and work it out by hand; if the document is so, acknowledge the property by its id, with the reason.",
        ),
    ),
}
