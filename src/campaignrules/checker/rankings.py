"""Rankings, honours and properties → checked; and the order in which everything that scores is worked out.

In: the campaign and the work so far. Out: scorecards, rankings, honours and properties, each after those it rests on.
Must not know: items, ways of scoring.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field

from campaignrules.calendar import Window
from campaignrules.checked import (
    CheckedHonour,
    CheckedMetric,
    CheckedProperty,
    CheckedRanking,
    CheckedScorecard,
    Judged,
    Scored,
)
from campaignrules.checker.demands import judged_of
from campaignrules.checker.fitting import written
from campaignrules.checker.operands import UNRANKED, Setting, awaited, unit_shown
from campaignrules.checker.scorecards import (
    check_scorecard,
    condition,
    deferred,
    references_of,
    settled_hint,
    top_limit,
    units_only,
    with_awaited,
)
from campaignrules.checker.ways import unstated
from campaignrules.checker.work import Work, field_of, windows_of
from campaignrules.errors import Text
from campaignrules.expressions import reference_name
from campaignrules.model import Element, Honour, Property, Ranking
from campaignrules.quantities import UNITS, Unit
from campaignrules.scoring import Part, write
from campaignrules.trees import NUMBER, Name


def check_scoring(work: Work) -> None:
    """Scorecards, rankings and honours: names, units of measure, windows, no circles, nothing silent."""
    desk = Desk(work)
    for name, card in work.campaign.scorecards.items():
        desk.need("scorecard", name, card)
    for name, ranking in work.campaign.rankings.items():
        desk.need("ranking", name, ranking)
    for honour in work.campaign.honours:
        if (found := _honour(desk, honour)) is not None:
            work.honours.append(found)
    for stated in work.campaign.properties:
        if (made := _property(desk, stated)) is not None:
            work.properties.append(made)


@define(eq=False, repr=False)
class Desk:
    """What is being checked, so that each is checked once and after those it needs."""

    work: Work
    under_way: list[tuple[Scored, str]] = field(factory=list)
    done: dict[tuple[Scored, str], bool] = field(factory=dict)

    def need(self, kind: Scored, name: str, element: Element) -> bool:
        """Whether the scorecard or ranking of that name is sound; checks it if that is not done yet."""
        key = (kind, name)
        if key in self.done:
            return self.done[key]
        if key in self.under_way:
            circle = [one for _, one in self.under_way[self.under_way.index(key) :]]
            self.work.refuse("scoring-cycle", element, path=" → ".join((*circle, name)))
            return False
        self.under_way.append(key)
        self.done[key] = self._check(kind, name)
        self.under_way.pop()
        return self.done[key]

    def _check(self, kind: Scored, name: str) -> bool:
        if kind == "scorecard":
            card = check_scorecard(self.work, name, self.need)
            if card is not None:
                self.work.scorecards[name] = card
        else:
            ranking = _ranking(self, name, self.work.campaign.rankings[name])
            if ranking is not None:
                self.work.rankings[name] = ranking
        sound = name in (self.work.scorecards if kind == "scorecard" else self.work.rankings)
        if sound:
            self.work.scoring_order.append((kind, name))
        return sound

    def setting(self, windows: tuple[Window, ...]) -> Setting:
        return Setting(self.work, windows, self.need)


# -- rankings -----------------------------------------------------------------------------------------------------


def _ranking(desk: Desk, id_: str, ranking: Ranking) -> CheckedRanking | None:
    work = desk.work
    card = ranking.by if ranking.by in work.campaign.scorecards else None
    if card is not None and not desk.need("scorecard", card, ranking):
        return None
    of = work.scorecards[card] if card is not None else None
    windows, judged = _windows(work, ranking, of), _judged(work, ranking, of)
    setting = desk.setting(windows)
    first = _first_key(setting, ranking, card)
    others = [setting.expression(text, "number", ranking, "then", i) for i, text in enumerate(ranking.then)]
    if first is None or None in others:
        return None
    waits = deferred(work, ranking)
    key = with_awaited(first[0], waits) if waits else first[0]
    better = write("-key" if ranking.better == "less" else "key", key=key)
    keys = [setting.formula(part, ranking) for part in (better, *others) if part is not None]
    disqualified = condition(setting, ranking.disqualified, ranking, "disqualified")
    change = _change(work, ranking)
    if None in keys or (ranking.disqualified is not None and disqualified is None):
        return None
    if ranking.ties is None:
        unstated(setting, ranking, "by", "ties", Text("并列怎样排", "how equals are placed"), "shared")
    formulas = tuple(one for one in keys if one is not None)
    awaits = frozenset[str]().union(*(one.awaits for one in formulas), disqualified.awaits if disqualified else ())
    reference = references_of(work, ranking.reference, ranking) | (of.reference if of else frozenset())
    within = ranking.within or (of.within if of else "all")
    return CheckedRanking(
        id_, ranking, windows, judged, within, ranking.ties or "shared", formulas, card, disqualified,
        reference, change, first[1], awaits | _of_card(work, card),
    )  # fmt: skip


def _of_card(work: Work, card: str | None) -> frozenset[str]:
    """What the card's disqualification waits for."""
    gate = work.scorecards[card].disqualified if card is not None else None
    return gate.awaits if gate is not None else frozenset()


def _windows(work: Work, element: Ranking | Honour, of: CheckedScorecard | CheckedRanking | None) -> tuple[Window, ...]:
    """Its own windows, or those of what it rests on, or the campaign."""
    if element.in_ is None and of is not None:
        return of.windows
    return windows_of(work, "campaign" if element.in_ is None else element.in_, element, "in")


def _judged(work: Work, element: Ranking | Honour, of: CheckedScorecard | CheckedRanking | None) -> tuple[Judged, ...]:
    """Its own units, or those of what it rests on, or each unit."""
    if element.for_ is None and of is not None:
        return of.judged
    return units_only(work, judged_of(work, "each unit" if element.for_ is None else element.for_, element), element)


def _first_key(setting: Setting, ranking: Ranking, card: str | None) -> tuple[Part, Unit] | None:
    """What is ranked by, and the unit of measure it is shown in."""
    if card is not None:
        part = setting.expression(reference_name("points", card), "number", ranking, "by")
        return None if part is None else (part, UNITS["分"])
    if any(t.target.id == ranking.by for t in setting.work.targets):
        part = setting.expression(reference_name("ratio", ranking.by), "number", ranking, "by")
        return None if part is None else (part, UNITS["%"])
    part = setting.expression(ranking.by, "number", ranking, "by")
    return None if part is None else (part, unit_shown(part.tree, _metric(setting.work, part)))


def _metric(work: Work, part: Part) -> CheckedMetric | None:
    return work.metrics.get(part.tree.name) if isinstance(part.tree, Name) else None


def _change(work: Work, ranking: Ranking) -> Any:
    """`previous`, or the field of the table that holds the places before."""
    if ranking.change is None or ranking.change == "previous":
        return ranking.change
    return field_of(work, ranking.change, ranking, "change")


# -- honours ------------------------------------------------------------------------------------------------------


def _honour(desk: Desk, honour: Honour) -> CheckedHonour | None:
    work = desk.work
    of = None
    if honour.ranking is not None:
        known = work.known(honour.ranking, Text("排名", "ranking"), work.campaign.rankings, honour, "ranking")
        if not known or not desk.need("ranking", honour.ranking, honour):
            return None
        of = work.rankings[honour.ranking]
    windows, judged = _windows(work, honour, of), _judged(work, honour, of)
    waits = frozenset(deferred(work, honour))
    faults = len(work.faults)
    part = _listed(desk.setting(windows), honour)
    if part is None:
        if not waits and len(work.faults) == faults:
            work.refuse("honour-without-condition", honour, hint=settled_hint(honour.awaits, "when"))
        return CheckedHonour(honour, windows, judged, None, waits) if waits and len(work.faults) == faults else None
    if waits:
        part = _and_open(part, waits)
    when = desk.setting(windows).formula(part, honour)
    return None if when is None else CheckedHonour(honour, windows, judged, when, when.awaits)


def _and_open(part: Part, waits: frozenset[str]) -> Part:
    """The condition, and something of which nothing is known."""
    for name in sorted(waits):
        part = write("part and open > 0", part=part, open=awaited(name, NUMBER))
    return part


def _listed(setting: Setting, honour: Honour) -> Part | None:
    """The condition: among the first or last of the ranking, and whatever else is asked."""
    parts: dict[str, Part] = {}
    for key, function in (("top", "place"), ("bottom", "from_bottom")):
        text = getattr(honour, key)
        if text is None:
            continue
        if honour.ranking is None:
            setting.work.refuse(
                "missing-key", honour, key="ranking", expected=", ".join(setting.work.campaign.rankings) or _RANKING
            )
            return None
        place = setting.expression(reference_name(function, honour.ranking), "number", honour, key)
        ranked = setting.expression(reference_name("ranked", honour.ranking), "number", honour, key)
        limit = ranked and top_limit(setting, text, "ranked", {"ranked": ranked}, honour, key)
        if place is None or limit is None:
            return None
        out = setting.expression(reference_name(UNRANKED, honour.ranking), "bool", honour, key)
        if out is None:
            return None
        among = written(setting, honour, key, "not out and place <= limit", out=out, place=place, limit=limit)
        if among is None:
            return None
        parts[key] = among
    if honour.when is not None:
        when = setting.expression(honour.when, "bool", honour, "when")
        if when is None:
            return None
        parts["condition"] = when
    return write(" and ".join(parts), **parts) if parts else None


# -- properties ---------------------------------------------------------------------------------------------------


def _property(desk: Desk, stated: Property) -> CheckedProperty | None:
    """What the author says always holds: a condition over the same names as that of an honour."""
    work = desk.work
    first = next(one for one in work.campaign.properties if one.id == stated.id)
    if first is not stated:
        work.refuse("duplicate-id", stated, "id", id=stated.id, related=[(first.spot("id"), _FIRST)])
    windows = windows_of(work, stated.in_, stated, "in")
    judged = units_only(work, judged_of(work, stated.for_, stated), stated)
    setting = desk.setting(windows)
    part = setting.expression(stated.that, "bool", stated, "that")
    that = None if part is None else setting.formula(part, stated)
    return None if that is None else CheckedProperty(stated, windows, judged, that)


_FIRST: Final = Text("第一次出现在这里", "first used here")
_RANKING: Final = Text("rankings 中的名字", "a name of `rankings`")
__all__ = ["check_scoring"]
