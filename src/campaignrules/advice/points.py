"""Pages of findings about weights, bands, points and what counts twice."""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page
from campaignrules.errors import Text

POINTS: Final[dict[str, Page]] = {
    "class-worths-do-not-sum": Page(
        """
scorecards:
  card:
    out_of: 100 分
    missing: zero
    not_applicable: left_out
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: 30 分, for: each county, earn: {in_proportion_to: signed, required: 2 个}}
""",
        """
scorecards:
  card:
    out_of: 100 分
    missing: zero
    not_applicable: left_out
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: 40 分, for: each county, earn: {in_proportion_to: signed, required: 2 个}}
""",
        Text(
            "有的项只评某一类单位，或按类别给分，就要一类一类地加。这一类单位怎样做都到不了、或会超过满分。",
            "Items for one class only, and worths by class, are added up class by class. Units of this class can "
            "never reach the full mark, or pass it.",
        ),
    ),
    "worths-cannot-sum": Page(
        """
parameters:
  rest: {type: 分, deferred: {by: 另行明确, between: [0 分, 30 分]}}
scorecards:
  card:
    out_of: 100 分
    missing: zero
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: rest, earn: {in_proportion_to: signed, required: 2 个}}
""",
        """
parameters:
  rest: {type: 分, deferred: {by: 另行明确, between: [0 分, 40 分]}}
scorecards:
  card:
    out_of: 100 分
    missing: zero
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: rest, earn: {in_proportion_to: signed, required: 2 个}}
""",
        Text(
            "待定的分值无论在范围内怎样明确，合计都不是满分：范围写窄了，或满分写错了。",
            "However the open worths are settled within their bounds, they do not make the full mark: the bounds "
            "are too narrow, or the mark is wrong.",
        ),
    ),
    "worths-sum": Page(
        """
scorecards:
  card:
    out_of: 100 分
    missing: zero
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: 40 分, earn: {in_proportion_to: signed, required: 2 个}}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: 40 分, earn: {in_proportion_to: signed, required: 2 个}}
""",
        Text(
            "这不是问题：各项满分之和正是满分。没有写满分（out_of）的评分表无从核对。",
            "This is no fault: the worths make the full mark. Without `out_of` there is nothing to hold them against.",
        ),
    ),
    "weights-cannot-sum": Page(
        """
parameters:
  rest: {type: '%', deferred: {by: 另行明确, between: [0%, 30%]}}
scorecards:
  june: {in: 2023-06, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  july: {in: 2023-07, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  whole: {missing: zero, weights: {june: 60%, july: rest}}
""",
        """
parameters:
  rest: {type: '%', deferred: {by: 另行明确, between: [0%, 40%]}}
scorecards:
  june: {in: 2023-06, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  july: {in: 2023-07, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  whole: {missing: zero, weights: {june: 60%, july: rest}}
""",
        Text(
            "待定的权重无论在范围内怎样明确，合计都不是百分之百：范围写窄了，或已定的权重写错了。",
            "However the open weights are settled within their bounds, they do not make a hundred per cent: the "
            "bounds are too narrow, or a stated weight is wrong.",
        ),
    ),
    "weights-sum": Page(
        """
scorecards:
  june: {in: 2023-06, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  july: {in: 2023-07, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  whole: {missing: zero, weights: {june: 60%, july: 40%}}
""",
        """
scorecards:
  june: {in: 2023-06, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  july: {in: 2023-07, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  whole: {missing: zero, weights: {june: 0.6, july: 0.4}}
""",
        Text(
            "这不是问题：权重合计正是百分之百。写成小数的不当作权重核对。",
            "This is no fault: the weights make a hundred per cent. Decimals are not held to be shares and are "
            "not added up.",
        ),
    ),
    "bands-leave-gap": Page(
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: trips, steps: [{above: 5 次, points: 20 分}, {below: 5 次, points: 10 分}]}}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: trips, steps: [{at_least: 5 次, points: 20 分}, {below: 5 次, points: 10 分}]}}
""",
        Text(
            "正好五次的哪一档都不是，得零分，比四次还少。相邻的两档应当一个含本数、一个不含。",
            "Exactly five are in neither band and get nothing, less than four do. Of two bands that meet, one "
            "includes the limit.",
        ),
    ),
    "band-out-of-reach": Page(
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: landing_rate, steps: [{at_least: 120%, points: 20 分}, {at_least: 80%, points: 10 分}]}}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: landing_rate, steps: [{at_least: 100%, points: 20 分}, {at_least: 80%, points: 10 分}]}}
""",
        Text(
            "同批比率不会高于百分之百，个数不会低于零，这样的档没有人到得了。多半是数字或单位写错。",
            "A share of a cohort is never above a hundred per cent and a count never below zero, so nobody gets "
            "there. Mostly the number or its unit is wrong.",
        ),
    ),
    "unreachable-grade": Page(
        """
scorecards:
  card:
    missing: zero
    items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}
    grades: [{id: good, at_least: 60 分}, {id: best, at_least: 90 分}]
""",
        """
scorecards:
  card:
    missing: zero
    items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}
    grades: [{id: best, at_least: 90 分}, {id: good, at_least: 60 分}]
""",
        Text(
            "等次取第一个符合的，从高到低写。前面的界限更低，后面的就永远轮不到。",
            "The first grade that fits is taken, so they are written best first. After a lower limit a higher one "
            "never has its turn.",
        ),
    ),
    "grades-leave-rest": Page(
        """
scorecards:
  card:
    missing: zero
    items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}
    grades: [{id: best, at_least: 90 分}, {id: good, at_least: 60 分}]
""",
        """
scorecards:
  card:
    missing: zero
    items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}
    grades: [{id: best, at_least: 90 分}, {id: good, at_least: 60 分}, {id: poor}]
""",
        Text(
            "低于最后一个界限的单位没有等次。文件如此的不必改；文件还有“不合格”的，加在最后。",
            "Units below the last limit have no grade. Leave it if the document has it so; if it names a lowest "
            "grade, add it at the end.",
        ),
    ),
    "target-out-of-reach": Page(
        """
targets:
  - {id: T, metric: landing_rate, in: 2023, at_least: 900%}
""",
        """
targets:
  - {id: T, metric: landing_rate, in: 2023, at_least: 90%}
""",
        Text(
            "同批比率不会高于百分之百，个数不会低于零，这样的目标谁也完不成。多半是多写了一个零。",
            "A share of a cohort is never above a hundred per cent and a count never below zero: nobody can meet "
            "this. Mostly there is a zero too many.",
        ),
    ),
    "target-always-met": Page(
        """
targets:
  - {id: T, metric: signed, in: 2023, at_least: 0 个}
""",
        """
targets:
  - {id: T, metric: signed, in: 2023, at_least: 5 个}
""",
        Text(
            "什么也不做就已达到，这不是要求。不超过百分之百、不少于零个，都是这样。",
            "It is met by doing nothing, so it demands nothing: at most a hundred per cent, at least none.",
        ),
    ),
    "points-fall": Page(
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: trips, steps: [{at_least: 10 次, points: 10 分}, {at_least: 5 次, points: 15 分}, {at_least: 1 次, points: 5 分}]}}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: trips, steps: [{at_least: 10 次, points: 15 分}, {at_least: 5 次, points: 10 分}, {at_least: 1 次, points: 5 分}]}}
""",
        Text(
            "九次得十五分，十次反而只有十分：多做一次少得五分。分数应当一路上升，或者一路下降。",
            "Nine earn fifteen points and ten only ten: one more costs five. Points should rise all the way, or "
            "fall all the way.",
        ),
    ),
    "points-against-target": Page(
        """
targets:
  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 4 次}
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_place: trips, better: less, ties: shared, places: [20 分, 10 分]}}
""",
        """
targets:
  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 4 次}
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_place: trips, better: more, ties: shared, places: [20 分, 10 分]}}
""",
        Text(
            "目标要多，计分却奖励少，单位不知该听哪一个。多半是 better 写反，或 earn 写成了 lose。",
            "The target wants more of it and the score rewards less, and no unit knows which to follow. Mostly "
            "`better` is the wrong way round, or `earn` stands for `lose`.",
        ),
    ),
    "one-missing-takes-all": Page(
        """
targets:
  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 2 次}
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {each: trips, points: 5 分}, lose: {each_missing: T, points: 5 分, times: 2}, floor: 0 分}
""",
        """
targets:
  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 2 次}
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {each: trips, points: 5 分}, lose: {each_missing: T, points: 5 分}, floor: 0 分}
""",
        Text(
            "应有两次、每次五分，缺一次扣双倍即十分，去了的那一次也白去。第一次缺就扣光，再缺不缺都一样。",
            "Two are required at five points each, and one missing costs double, ten: the one that was made is "
            "worth nothing. Once the first is missing the second makes no difference.",
        ),
    ),
    "same-demand-twice": Page(
        """
targets:
  - {id: A, metric: signed, in: 2023, at_least: 20 个}
  - {id: B, metric: signed, in: 2023, at_least: 25 个}
""",
        """
targets:
  - {id: A, metric: signed, in: 2023, at_least: 20 个}
  - {id: B, metric: signed, in: 2023, at_least: 25 个, force: strive}
""",
        Text(
            "同一指标、同一时间窗、同一对象有两个数，完成高的就完成低的，低的没有作用；两数相同则重复。约束与力争各一个是"
            "常见的，不算。",
            "With two numbers for one metric, window and unit, whoever meets the higher meets the lower, which "
            "says nothing. A binding number beside one to strive for is usual and is passed over.",
        ),
    ),
    "row-in-several-targets": Page(
        """
metrics:
  listed_landed: {distinct: project.enterprise, on: landed_on, where: listed, unit: 家}
  head_landed: {distinct: project.enterprise, on: landed_on, where: head, unit: 家}
targets:
  - {id: A, metric: listed_landed, in: 2023, at_least: 10 家}
  - {id: B, metric: head_landed, in: 2023, at_least: 5 家}
""",
        """
metrics:
  listed_landed: {distinct: project.enterprise, on: landed_on, where: listed and not head, unit: 家}
  head_landed: {distinct: project.enterprise, on: landed_on, where: head, unit: 家}
targets:
  - {id: A, metric: listed_landed, in: 2023, at_least: 10 家}
  - {id: B, metric: head_landed, in: 2023, at_least: 5 家}
""",
        Text(
            "一家企业既是上市公司又是头部企业，两个目标都算，十家加五家可能只有十家。文件允许的请确认；不允许的把条件写成"
            "互斥。",
            "An enterprise that is both counts for both targets, so ten and five may be ten in all. Acknowledge "
            "it if the document allows it; else let the conditions exclude each other.",
        ),
    ),
    "row-in-several-items": Page(
        """
metrics:
  big: {count: project, on: signed_on, where: investment >= 10 * 亿元}
  medium: {count: project, on: signed_on, where: investment >= 1 * 亿元}
scorecards:
  card:
    missing: zero
    items:
      big: {worth: 20 分, earn: {each: big, points: 5 分}}
      medium: {worth: 20 分, earn: {each: medium, points: 2 分}}
""",
        """
metrics:
  big: {count: project, on: signed_on, where: investment >= 10 * 亿元}
  medium: {count: project, on: signed_on, where: investment >= 1 * 亿元 and investment < 10 * 亿元}
scorecards:
  card:
    missing: zero
    items:
      big: {worth: 20 分, earn: {each: big, points: 5 分}}
      medium: {worth: 20 分, earn: {each: medium, points: 2 分}}
""",
        Text(
            "十亿元的项目也不少于一亿元，两项都得分。若只该得一次，给小的写上限。",
            "A project of a thousand million is one of a hundred million, too, and earns in both items. If it "
            "should earn once, give the smaller one an upper limit.",
        ),
    ),
    "unreachable-step": Page(
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: trips, steps: [{at_least: 5 次, points: 10 分}, {at_least: 10 次, points: 20 分}]}}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {by_steps: trips, steps: [{at_least: 10 次, points: 20 分}, {at_least: 5 次, points: 10 分}]}}
""",
        Text(
            "从上到下第一个满足的算：十次也不少于五次，第一档就取走了，第二档永远轮不到。",
            "The first step that holds counts: ten are at least five, so the first step takes them and the second "
            "never has its turn.",
        ),
    ),
    "worths-do-not-sum": Page(
        """
scorecards:
  card:
    out_of: 100 分
    missing: zero
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: 30 分, earn: {in_proportion_to: signed, required: 2 个}}
""",
        """
scorecards:
  card:
    out_of: 100 分
    missing: zero
    items:
      trips: {worth: 60 分, earn: {in_proportion_to: trips, required: 2 次}}
      signed: {worth: 40 分, earn: {in_proportion_to: signed, required: 2 个}}
""",
        Text(
            "全部做到也只有九十分，满分却写一百。多半是漏了一项，或抄错一个分值；加分项、扣分项不计入满分。",
            "All done makes ninety, and the full mark says a hundred. Mostly an item was left out or a worth is "
            "wrong; bonus items and deductions are no part of the mark.",
        ),
    ),
    "weights-do-not-sum": Page(
        """
scorecards:
  june: {in: 2023-06, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  july: {in: 2023-07, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  whole: {missing: zero, weights: {june: 60%, july: 30%}}
""",
        """
scorecards:
  june: {in: 2023-06, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  july: {in: 2023-07, out_of: 100 分, missing: zero, items: {i: {worth: 100 分, earn: {in_proportion_to: trips, required: 2 次}}}}
  whole: {missing: zero, weights: {june: 60%, july: 40%}}
""",
        Text(
            "每张表都得满分，总分也只有九十。多半是漏了一张表，或抄错一个权重。",
            "Full marks on every card make ninety in all. Mostly a card was left out or a weight is wrong.",
        ),
    ),
    "unstated": Page(
        """
scorecards:
  card:
    items: {i: {worth: 20 分, earn: {in_proportion_to: trips, required: 2 次}}}
""",
        """
scorecards:
  card:
    missing: zero
    items: {i: {worth: 20 分, earn: {in_proportion_to: trips, required: 2 次}}}
""",
        Text(
            "文件没有写而结果取决于它的地方，按语言的默认处理。写明取哪一种，读的人才知道是想过的。",
            "Where the document is silent and the result depends on it, a default of the language is taken. Say "
            "which is meant, so that a reader knows it was thought of.",
        ),
    ),
    "scored-not-ranked": Page(
        """
units: {classes: {county: 区县, squad: 小分队}, roster: [{id: a, class: county}, {id: b, class: squad}]}
scorecards:
  card: {for: [each county, each squad], missing: zero, items: {i: {worth: 9 分, earn: {in_proportion_to: trips, required: 2 次}}}}
rankings:
  places: {by: card, for: each county, ties: shared}
""",
        """
units: {classes: {county: 区县, squad: 小分队}, roster: [{id: a, class: county}, {id: b, class: squad}]}
scorecards:
  card: {for: [each county, each squad], missing: zero, items: {i: {worth: 9 分, earn: {in_proportion_to: trips, required: 2 次}}}}
rankings:
  places: {by: card, for: [each county, each squad], within: class, ties: shared}
""",
        Text(
            "有得分而没有名次的单位，表扬与惩戒都轮不到它。文件只排其中几类的不必改，只评不排的可写 reference。",
            "Units with points and no place are out of reach of every honour. Leave it if the document ranks some "
            "classes only; units only scored may be named under `reference`.",
        ),
    ),
    "scored-otherwise": Page(
        """
metrics:
  listed_projects: {count: project, on: signed_on, where: listed}
  head_projects: {count: project, on: signed_on, where: head}
targets:
  - {id: T, metric: listed_projects, in: 2023, for: each unit, at_least: 5 个}
scorecards:
  card: {missing: zero, items: {i: {worth: 20 分, earn: {each: head_projects, points: 5 分}}}}
""",
        """
metrics:
  listed_projects: {count: project, on: signed_on, where: listed}
targets:
  - {id: T, metric: listed_projects, in: 2023, for: each unit, at_least: 5 个}
scorecards:
  card: {missing: zero, items: {i: {worth: 20 分, earn: {each: listed_projects, points: 5 分}}}}
""",
        Text(
            "要求的是一部分，给分的是另一部分，完成了目标也不得分。可能是指标写错；文件确实考别的，则不必改。",
            "One part is asked for and another is rewarded, so meeting the target earns nothing. Perhaps the "
            "wrong metric stands there; leave it if the document scores other things.",
        ),
    ),
    "deduction-above-zero": Page(
        """
scorecards:
  card:
    missing: zero
    items:
      i: {kind: deduction, lose: {each: trips, points: 5 分}, floor: 20 分}
""",
        """
scorecards:
  card:
    missing: zero
    items:
      i: {kind: deduction, lose: {each: trips, points: 5 分}, floor: -20 分}
""",
        Text(
            "“最多扣 20 分”是得分最低 -20 分。写成 20 分，一次也不扣的反而加 20 分。",
            "At most 20 points are lost: the points are -20 at the lowest. With a floor of 20 whoever loses nothing gains 20.",
        ),
    ),
    "sign-reversed": Page(
        """
targets:
  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 2 次}
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {each: trips, points: 5 分}, lose: {each_missing: T, points: 5 分, times: -2}, floor: 0 分}
""",
        """
targets:
  - {id: T, metric: trips, in: 2023, for: each unit, at_least: 2 次}
scorecards:
  card:
    missing: zero
    items:
      i: {worth: 20 分, earn: {each: trips, points: 5 分}, lose: {each_missing: T, points: 5 分}, floor: 0 分}
""",
        Text(
            "扣分写在 lose 下，数写正的；写成负数，扣分就成了加分。加分写在 earn 下，道理相同。",
            "What is lost stands under `lose` with a positive number; a negative one makes it a gain. Under "
            "`earn` it is the same the other way round.",
        ),
    ),
}
