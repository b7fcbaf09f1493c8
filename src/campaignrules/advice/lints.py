"""Pages of findings about phases, deadlines and words, and of acknowledgements."""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page
from campaignrules.errors import Text

LINTS: Final[dict[str, Page]] = {
    "acknowledgement-unused": Page(
        """
targets:
  - {id: Y, metric: amount, in: 2023, at_least: 45 亿元}
  - {id: H1, metric: amount, in: 2023H1, at_least: 25 亿元}
  - {id: H2, metric: amount, in: 2023H2, at_least: 20 亿元}
acknowledged:
  - {finding: parts-below-whole, at: Y, reason: 两个半年合计少三亿元}
""",
        """
targets:
  - {id: Y, metric: amount, in: 2023, at_least: 45 亿元}
  - {id: H1, metric: amount, in: 2023H1, at_least: 25 亿元}
  - {id: H2, metric: amount, in: 2023H2, at_least: 20 亿元}
""",
        Text(
            "问题已经改好而确认还留着，下一次真出同样的问题时就没有人看见。",
            "An acknowledgement that is left behind would hide the same fault when it comes back.",
        ),
    ),
    "phases-overlap": Page(
        """
phases:
  spring: {from: 2023-01-01, to: 2023-06-30}
  summer: {from: 2023-06-01, to: 2023-12-31}
""",
        """
phases:
  spring: {from: 2023-01-01, to: 2023-05-31}
  summer: {from: 2023-06-01, to: 2023-12-31}
""",
        Text(
            "落在重叠处的一行，两个阶段都计入。多半是日期抄错一个月；一个阶段完全在另一个之内的可能有意，只作说明。",
            "A row in the overlap counts in both phases. Mostly one month is a slip; a phase wholly inside "
            "another may be meant and is only noted.",
        ),
    ),
    "phases-leave-gap": Page(
        """
phases:
  spring: {from: 2023-01-01, to: 2023-05-31}
  summer: {from: 2023-07-01, to: 2023-12-31}
""",
        """
phases:
  spring: {from: 2023-01-01, to: 2023-06-30}
  summer: {from: 2023-07-01, to: 2023-12-31}
""",
        Text(
            "落在空档里的事，任何阶段都不算，数据却没有错。期间开头和末尾不属于任何阶段的，只作说明。",
            "What falls into the gap counts in no phase, though nothing is wrong with the data. Before the first "
            "and after the last phase it is only noted.",
        ),
    ),
    "phases-fill-period": Page(
        """
phases:
  spring: {from: 2023-01-01, to: 2023-06-30}
  summer: {from: 2023-07-01, to: 2023-12-31}
""",
        """
phases:
  summer: {from: 2023-07-01, to: 2023-09-30}
""",
        Text(
            "这不是问题：各阶段不重叠、无空档，天数之和等于活动期间。写出来，是为了让人看到已经核对过。",
            "This is no fault: phases without overlap or gap whose days sum to the period. It is told so that one "
            "sees that it was looked at.",
        ),
    ),
    "nominal-days": Page(
        """
phases:
  assault: {title: 百日攻坚, from: 2023-07-01, to: 2023-09-30}
""",
        """
phases:
  assault: {title: 百日攻坚, from: 2023-06-23, to: 2023-09-30}
""",
        Text(
            "名称说一百天而日期是九十二天，读的人会按名称安排。文件本来如此、只是名称的，请确认并写明。",
            "The name says a hundred days and the dates make ninety-two, and people plan by the name. If the "
            "document has it so and it is only a name, acknowledge it.",
        ),
    ),
    "nominal-days-hold": Page(
        """
phases:
  assault: {title: 百日攻坚, from: 2023-06-23, to: 2023-09-30}
""",
        """
phases:
  assault: {title: 集中攻坚, from: 2023-06-23, to: 2023-09-30}
""",
        Text(
            "这不是问题：名称所说的天数与日期相符，两端都算在内。活动名称常取自主要阶段，有一个阶段正好是这么多天即可。",
            "This is no fault: the number of days in the name is that of the dates, both ends included. A "
            "campaign is often named after its main phase, so one phase of that length will do.",
        ),
    ),
    "no-such-day": Page(
        """
duties:
  - {id: D, title: 报送进展, for: each unit, every: month, due: [day 32]}
""",
        """
duties:
  - {id: D, title: 报送进展, for: each unit, every: month, due: [last day]}
""",
        Text(
            "没有这一天的月份按最后一天算，写的人未必知道。要月末就写 last day；只有个别月份没有的，只作说明。",
            "In a month without that day the last one is taken, which the author may not know. Write `last day` "
            "for the end of the month; where only some months lack it, it is a note.",
        ),
    ),
    "never-due": Page(
        """
duties:
  - {id: D, title: 报送进展, for: each unit, every: month, due: [day 20], in: 2023-03-01..2023-03-15}
""",
        """
duties:
  - {id: D, title: 报送进展, for: each unit, every: month, due: [day 10], in: 2023-03-01..2023-03-15}
""",
        Text(
            "时间窗在截止日之前就结束了，这一事项永远不到期，也就永远不会有人被催办。",
            "The window ends before the day comes, so the duty never falls due and nobody is ever asked.",
        ),
    ),
    "deadline-outside-period": Page(
        """
duties:
  - {id: D, title: 制定方案, by: 2024-03-31}
""",
        """
duties:
  - {id: D, title: 制定方案, by: 2023-03-31}
""",
        Text(
            "活动结束以后才到期的事项，多半是年份写错。文件确实如此的，请延长活动期间。",
            "A deadline after the end is mostly a wrong year. If the document means it, let the period reach so far.",
        ),
    ),
    "window-outside-period": Page(
        """
targets:
  - {id: T, metric: signed, in: 2022Q1, at_least: 5 个}
""",
        """
targets:
  - {id: T, metric: signed, in: 2023Q1, at_least: 5 个}
""",
        Text(
            "活动期间以外的时间窗不会有数据，目标必然落空。只有一部分在外的，只作说明。",
            "Outside the period there are no data, so the target is missed for certain. A window partly outside "
            "is only noted.",
        ),
    ),
    "due-when-evaluated": Page(
        """
duties:
  - {id: R, title: 报送总结, for: each unit, by: 2023-12-31, record: project, on: signed_on}
  - {id: E, title: 开展综合考评, by: 2023-12-31}
""",
        """
duties:
  - {id: R, title: 报送总结, for: each unit, by: 2023-12-25, record: project, on: signed_on}
  - {id: E, title: 开展综合考评, by: 2023-12-31}
""",
        Text(
            "最后一天才报来的材料，当天就要评完。从文件可见：各单位要报送的与全活动的考评同一天到期。",
            "What is submitted on the last day must be evaluated on that very day. It is told where what units "
            "submit and the evaluation of all are due on the same day.",
        ),
    ),
    "never-used": Page(
        """
parameters:
  big_project: {type: 亿元, value: 10 亿元}
targets:
  - {id: T, metric: signed, in: 2023, for: each unit, at_least: 5 个}
""",
        """
parameters:
  many: {type: 个, value: 5 个}
targets:
  - {id: T, metric: signed, in: 2023, for: each unit, at_least: many}
metrics:
  signed: {count: project, on: signed_on}
""",
        Text(
            "没有规则用到的门槛、阶段、报送表、词表或类别，可能是规则里漏写了条件。只为说明而声明的，不必改。",
            "A threshold, phase, record, vocabulary or class that no rule uses may be a condition that was "
            "forgotten. Nothing is wrong where it is only declared to be known.",
        ),
    ),
    "metric-not-judged": Page(
        """
targets:
  - {id: T, metric: signed, in: 2023, at_least: 5 个}
metrics:
  signed: {count: project, on: signed_on}
  amount: {sum: project.investment, on: signed_on}
""",
        """
targets:
  - {id: T, metric: signed, in: 2023, at_least: 5 个}
  - {id: A, metric: amount, in: 2023, at_least: 80 亿元}
metrics:
  signed: {count: project, on: signed_on}
  amount: {sum: project.investment, on: signed_on}
""",
        Text(
            "算了却没有目标、得分、排名或表扬看它，也许漏了一个目标。文件只提到而没有要求的指标，照样可以只显示。",
            "It is worked out, but no target, score, ranking or honour looks at it: perhaps a target was "
            "forgotten. What the document only mentions may be shown all the same.",
        ),
    ),
    "words-not-used": Page(
        """
vocabularies:
  origin: {words: {in_province: 省内, out_of_province: 省外, overseas: 境外}}
records:
  project:
    key: id
    fields: {id: {type: text}, unit: {type: unit}, origin: {type: origin}, signed_on: {type: date}}
metrics:
  inside: {count: project, on: signed_on, where: origin == 'in_province'}
  outside: {count: project, on: signed_on, where: origin == 'out_of_province'}
""",
        """
vocabularies:
  origin: {words: {in_province: 省内, out_of_province: 省外, overseas: 境外}}
records:
  project:
    key: id
    fields: {id: {type: text}, unit: {type: unit}, origin: {type: origin}, signed_on: {type: date}}
metrics:
  inside: {count: project, on: signed_on, where: origin == 'in_province'}
  outside: {count: project, on: signed_on, where: "origin in ['out_of_province', 'overseas']"}
""",
        Text(
            "别的词都有条件用到，唯独它没有，可能条件里漏了一个词。只作分类的词不必改；“其他”一类的词不算在内。",
            "Other words of the vocabulary are named by conditions and this one is not: perhaps a condition "
            "forgets it. Nothing is wrong with words that only classify; those such as 「其他」 are passed over.",
        ),
    ),
    "phase-outside-period": Page(
        """
phases:
  late: {from: 2023-11-01, to: 2024-01-31}
""",
        """
phases:
  late: {from: 2023-11-01, to: 2023-12-31}
""",
        Text(
            "活动期间是全部窗口的边界，阶段伸到外面的部分没有数据。多半是年份写错，或期间写短了。",
            "The period bounds every window, and what a phase has outside of it has no data. Mostly a year is "
            "wrong, or the period too short.",
        ),
    ),
    "days-after-last-due": Page(
        """
duties:
  - {id: D, title: 报送进展, for: each unit, every: month, due: [day 30], record: project, on: signed_on}
""",
        """
duties:
  - {id: D, title: 报送进展, for: each unit, every: month, due: [last day], record: project, on: signed_on}
""",
        Text(
            "十二月三十日报完，三十一日的事再也没有机会报。只看整个期间的末尾：中间月份的末几天可以在下一次报。",
            "After the report of 30 December nothing is left in which the 31st can be told. Only the end of the "
            "whole period is looked at: elsewhere the next report has it.",
        ),
    ),
}
