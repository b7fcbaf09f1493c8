"""The id of a scorecard, an item, a ranking or an honour → what is asked about, and how its results are explained.

In: a checked campaign and an id. Out: `Scored`, with the units and windows it has results for. Must not know: which of
them were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.checked import (
    CheckedCampaign,
    CheckedHonour,
    CheckedItem,
    CheckedMetric,
    CheckedRanking,
    CheckedScorecard,
    Growth,
    Judged,
    Limited,
    ScoreFormula,
)
from campaignrules.explain.rankings import explain_honour, explain_place
from campaignrules.explain.scores import explain_item, explain_total
from campaignrules.explain.tree import Explanation
from campaignrules.model import Sourced
from campaignrules.oracle import Standings
from campaignrules.trees import Expression


@frozen(eq=False)
class Origin:
    """Where results come from: an element of the file, paths that readings may change, the metrics behind it."""

    id: str
    element: Sourced
    paths: tuple[str, ...]
    metrics: frozenset[str]


@frozen(eq=False)
class Scored(Origin):
    """What has points, places or lists. `explain`: one of its results, by unit and window."""

    judged: tuple[Judged, ...]
    windows: tuple[Window, ...]
    explain: Callable[[Standings, str, Window], Explanation]


def scored_of(checked: CheckedCampaign, name: str) -> Scored | None:
    """What the id means; None when nothing that is scored has it."""
    if name in checked.scorecards:
        return _card(checked, checked.scorecards[name])
    for card in checked.scorecards.values():
        for item in card.items:
            if name == f"{card.id}.{item.id}":
                return _item(checked, card, item)
    if name in checked.rankings:
        return _ranking(checked, checked.rankings[name])
    honour = next((one for one in checked.honours if one.honour.id == name), None)
    return None if honour is None else _honour(checked, honour)


def names_of_scored(checked: CheckedCampaign) -> Iterator[str]:
    """All ids that have a meaning here."""
    for card in checked.scorecards.values():
        yield card.id
        yield from (f"{card.id}.{item.id}" for item in card.items)
    yield from checked.rankings
    yield from (one.honour.id for one in checked.honours)


def _card(checked: CheckedCampaign, card: CheckedScorecard) -> Scored:
    def explain(standings: Standings, unit: str, window: Window) -> Explanation:
        found = standings.scorecards[card.id]
        return explain_total(standings, next(one for one in found if (one.unit, one.window) == (unit, window)))

    formulas = [card.total, *(item.points for item in card.items), *card.gates.values()]
    paths = (f"scorecards.{card.id}.",)
    return Scored(card.id, card.card, paths, behind(checked, formulas), card.judged, card.windows, explain)


def _item(checked: CheckedCampaign, card: CheckedScorecard, item: CheckedItem) -> Scored:
    def explain(standings: Standings, unit: str, window: Window) -> Explanation:
        totals = standings.scorecards[card.id]
        total = next(one for one in totals if (one.unit, one.window) == (unit, window))
        return explain_item(standings, next(cell for cell in total.items if cell.item.id == item.id))

    formulas = [one for one in (item.points, item.worth, item.applies) if one is not None]
    id_, paths = f"{card.id}.{item.id}", (f"scorecards.{card.id}.items.{item.id}.",)
    element = item.item or card.card
    return Scored(id_, element, paths, behind(checked, formulas), card.judged, card.windows, explain)


def _ranking(checked: CheckedCampaign, ranking: CheckedRanking) -> Scored:
    def explain(standings: Standings, unit: str, window: Window) -> Explanation:
        found = standings.rankings[ranking.id]
        return explain_place(standings, next(one for one in found if (one.unit, one.window) == (unit, window)))

    paths = (f"rankings.{ranking.id}.",)
    metrics = behind(checked, ranking.keys)
    return Scored(ranking.id, ranking.ranking, paths, metrics, ranking.judged, ranking.windows, explain)


def _honour(checked: CheckedCampaign, honour: CheckedHonour) -> Scored:
    id_ = honour.honour.id

    def explain(standings: Standings, unit: str, window: Window) -> Explanation:
        found = standings.honours[id_]
        return explain_honour(standings, next(one for one in found if (one.unit, one.window) == (unit, window)))

    metrics = behind(checked, [honour.when] if honour.when else [])
    return Scored(id_, honour.honour, (f"honours.{id_}.",), metrics, honour.judged, honour.windows, explain)


# -- metrics ------------------------------------------------------------------------------------------------------


def behind(checked: CheckedCampaign, formulas: Iterable[ScoreFormula]) -> frozenset[str]:
    """The metrics that formulas name, and those they are made of."""
    named = {o.id for formula in formulas for o in formula.operands.values() if o.kind == "metric"}
    return frozenset().union(*(made_of(checked, checked.metrics[name]) for name in named))


def made_of(checked: CheckedCampaign, metric: CheckedMetric) -> frozenset[str]:
    """The metric and those it is made of."""
    kernel = metric.kernel
    below = {kernel.of} if isinstance(kernel, Growth | Limited) else set()
    below |= kernel.names & checked.metrics.keys() if isinstance(kernel, Expression) else set()
    below |= {metric.metric.of} if metric.metric.of else set()
    return frozenset({metric.id}).union(*(made_of(checked, checked.metrics[name]) for name in below))
