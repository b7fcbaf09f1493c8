"""Who and what is judged in one place and not in another: units scored but not ranked, sums scored but not demanded.

Must not know: points, data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from campaignrules.checked import FIGURES, CheckedCampaign, CheckedMetric, CheckedTarget, Judged, Measure
from campaignrules.consistency.stated import items_of, metric_of, ways_of
from campaignrules.errors import Diagnostic, Text, fault

MOST_NAMED: Final = 8


def scored_not_ranked(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Classes that a scorecard scores and a ranking by it leaves out; reference units are left out on purpose."""
    for name, ranking in checked.rankings.items():
        card = None if ranking.card is None else checked.scorecards.get(ranking.card)
        if card is None or not card.judged or not ranking.judged:
            continue
        classes, ranked = _classes(checked, card.judged), _classes(checked, ranking.judged)
        out = [one for one in classes if one not in ranked and one not in {*card.reference, *ranking.reference}]
        if ranked and out:
            words: dict[str, Any] = {"classes": ", ".join(out), "card": card.id}
            yield fault("scored-not-ranked", ranking.ranking.spot("for"), subject=name, **words)


def _classes(checked: CheckedCampaign, judged: Sequence[Judged]) -> list[str]:
    """The classes whose every unit is meant; none where single units are named."""
    if any(one.kind != "each" for one in judged):
        return []
    return [*checked.campaign.units.classes] if any(not one.name for one in judged) else [one.name for one in judged]


def scored_otherwise(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """An item that scores one part of what a table holds where the targets demand another part of the same.

    The document then rewards something else than it asks for: funds of one kind scored, funds of another demanded. A
    bonus is for something else by nature.
    """
    demanded: dict[object, list[CheckedTarget]] = defaultdict(list)
    for target in checked.targets:
        demanded[_counted(target.metric)].append(target)
    wanted = {target.metric.id for target in checked.targets}
    for name, item in items_of(checked):
        for way, loses in ways_of(item):
            metric = None if loses or item.kind == "bonus" else metric_of(checked, getattr(way, way.verb, None))
            alike = [] if metric is None or metric.id in wanted else demanded[_counted(metric)]
            if metric is not None and _counted(metric) is not None and alike:
                yield fault(
                    "scored-otherwise", way.spot(way.verb), subject=name, metric=metric.id,
                    targets=", ".join(dict.fromkeys(f"{one.target.id} ({one.metric.id})" for one in alike[:MOST_NAMED])),
                    related=[(one.target.spot("metric"), _named(one)) for one in alike[:MOST_NAMED]],
                )  # fmt: skip


def _named(target: CheckedTarget) -> Text:
    return Text(f"目标 {target.target.id}：{target.metric.id}", f"target {target.target.id}: {target.metric.id}")


def _counted(metric: CheckedMetric) -> object:
    """What a metric counts or adds up, whichever rows; None where that is not plain."""
    kernel = metric.kernel
    if not isinstance(kernel, Measure) or kernel.verb not in ("count", "sum", "distinct") or kernel.record == FIGURES:
        return None
    return kernel.record, kernel.verb, kernel.field, kernel.on
