"""A unit's place in a ranking, or on a list: its keys, who stands before, level and after, what is not certain.

In: the oracle's standings and one of its contenders or candidates. Out: a step with its steps below. Must not know:
which ones were asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from campaignrules.because import POINTS
from campaignrules.errors import Text
from campaignrules.explain.formulas import Asked, explain_formula, span_text
from campaignrules.explain.scores import waits_for
from campaignrules.explain.tree import Explanation
from campaignrules.explain.words import headed, span_of, titled, unit_title
from campaignrules.oracle import Candidate, Contender, Span, Standings, possibly_above, surely_above
from campaignrules.quantities import EXACT, PLAIN_UNIT, Unit
from campaignrules.roster import Scope

NEIGHBOURS: Final = 5
_TIES: Final = {
    "shared": Text("并列名次相同，其后跳号（1224）", "equals share the place, the next are skipped (1224)"),
    "last": Text("并列取末位名次（1334）", "equals have the last of their places (1334)"),
    "dense": Text("并列名次相同，其后不跳号（1223）", "equals share the place, none is skipped (1223)"),
    "listed": Text("并列按名册顺序", "equals stand in the order of the roster"),
}


def explain_place(standings: Standings, one: Contender) -> Explanation:
    """Why a unit has its place."""
    ranking = one.ranking
    title = titled(ranking.id, ranking.ranking.title)
    return Explanation(
        headed(title, Scope(one.unit, None), standings.known.facts.roster, span_of(one.window)),
        _place(one),
        status=one.status,
        reason=_reason(standings, one),
        children=tuple(_steps(standings, one)),
    )


def _place(one: Contender) -> Text | None:
    place, ranked = one.place, len(one.ranked)
    if place is None:
        return None
    span = f"{place.best}" if place.best == place.worst else f"{place.best}–{place.worst}"
    return Text(f"第 {span} 名（共 {ranked} 个）", f"place {span} of {ranked}")


def _reason(standings: Standings, one: Contender) -> Text | None:
    if one.status == "deferred":
        return waits_for(standings.known.facts.checked, one.awaits)
    return {
        "reference": Text("参照单位，不排名", "a reference unit is not ranked"),
        "not_due": Text(f"{one.window.start} 才开始", f"it only begins on {one.window.start}"),
        "disqualified": Text("取消资格", "disqualified"),
        "missing": Text("排名所依据的数缺", "what it is ranked by is missing"),
    }.get(one.status)


def _steps(standings: Standings, one: Contender) -> Iterator[Explanation]:
    if one.status == "not_due":
        return
    for number, (formula, span) in enumerate(zip(one.ranking.keys, one.keys, strict=True)):
        label = Text("排名依据", "ranked by") if number == 0 else Text("相同时再看", "then by")
        yield explain_formula(Asked(standings, one.stand, formula, one.unit), label, span, _unit(one, number))
    if one.ranking.disqualified is not None and one.condition.possibly:
        asked = Asked(standings, one.stand, one.ranking.disqualified, one.unit)
        yield explain_formula(asked, Text("取消资格的条件", "disqualified if"), one.condition, POINTS)
    if one.place is not None:
        yield from _neighbours(one)
        yield Explanation(Text("并列", "equals"), None, _TIES[one.ranking.ties])
    if one.change is not None:
        risen = Text(f"{one.change:+d}（正为上升）", f"{one.change:+d} (positive: risen)")
        yield Explanation(Text("名次变化", "change of place"), risen)


def _neighbours(one: Contender) -> Iterator[Explanation]:
    """Who stands before it, level with it, after it, and of whom that is not certain."""
    above = [other for other in one.others if surely_above(other, one)]
    below = [other for other in one.others if surely_above(one, other)]
    maybe = [o for o in one.others if o not in above and o not in below and _may_differ(one, o)]
    level = [o for o in one.others if o not in above and o not in below and o not in maybe]
    nearest = sorted(above, key=_rank, reverse=True)[:NEIGHBOURS]
    yield from _listed(Text("排在前面", "above"), len(above), reversed(nearest))
    yield from _listed(Text("相同", "level"), len(level), level)
    yield from _listed(Text("前后未定", "above or below, not certain"), len(maybe), maybe)
    yield from _listed(Text("排在后面", "below"), len(below), sorted(below, key=_rank)[:NEIGHBOURS])


def _may_differ(one: Contender, other: Contender) -> bool:
    return possibly_above(one, other) or possibly_above(other, one)


def _rank(one: Contender) -> tuple[int, int]:
    return (one.place.best, one.place.worst) if one.place else (0, 0)


def _listed(label: Text, count: int, shown: Iterable[Contender]) -> Iterator[Explanation]:
    if count:
        lines = tuple(_line(one) for one in shown)
        more = Text(f"{count} 个，列出 {len(lines)} 个", f"{count}, {len(lines)} listed")
        yield Explanation(label, Text(str(count), str(count)) if len(lines) == count else more, children=lines)


def _line(one: Contender) -> Explanation:
    """A neighbour with its keys and its place."""
    keys = [_as_written(one, one.keys[0]), *one.keys[1:]]
    told = [span_text(key, _unit(one, number)) for number, key in enumerate(keys)]
    place = _place(one)
    return Explanation(
        unit_title(one.known.facts.roster, one.unit),
        Text("，".join(t.zh for t in told), ", ".join(t.en for t in told)),
        reason=place,
    )


def _unit(one: Contender, number: int) -> Unit:
    """What a key is shown in: a later one in the unit of the metric that it is made of."""
    formula = one.ranking.keys[number]
    units = {operand.unit for operand in formula.operands.values() if operand.unit is not None}
    if number == 0 or len(units) != 1:
        return one.ranking.unit if number == 0 else PLAIN_UNIT
    (unit,) = units
    return unit if unit.dim == formula.tree.type.dim else PLAIN_UNIT


def _as_written(one: Contender, key: Span) -> Span:
    """The first key before it is negated where less is better."""
    if one.ranking.ranking.better == "more" or key.open or key.missing:
        return key
    low, high = one.ends_of(key)
    return Span(EXACT.minus(high), EXACT.minus(low))


# -- honours ------------------------------------------------------------------------------------------------------


def explain_honour(standings: Standings, one: Candidate) -> Explanation:
    """Why a unit is listed or not."""
    honour = one.honour.honour
    steps: tuple[Explanation, ...] = ()
    if one.honour.when is not None and one.status != "not_due":
        asked = Asked(standings, one.stand, one.honour.when, one.unit)
        steps = (explain_formula(asked, Text("条件", "condition"), one.condition, POINTS),)
    return Explanation(
        headed(
            titled(honour.id, honour.title), Scope(one.unit, None), standings.known.facts.roster, span_of(one.window)
        ),
        status=one.status,
        reason=_honour_reason(standings, one),
        children=steps,
    )


def _honour_reason(standings: Standings, one: Candidate) -> Text | None:
    if one.status == "possible":
        return waits_for(standings.known.facts.checked, one.honour.awaits)
    return {
        "not_due": Text(f"{one.window.start} 才开始", f"it only begins on {one.window.start}"),
        "missing": Text("条件所需的数缺", "what the condition needs is missing"),
    }.get(one.status)
