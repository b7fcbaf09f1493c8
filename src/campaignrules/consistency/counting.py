"""What is counted or demanded twice: one row in several items or targets, one demand in two targets.

In: metrics with their filters. Out: findings. Filters are held to overlap unless no row can fulfil them all. Must not
know: data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

from campaignrules.calendar import Window
from campaignrules.checked import FIGURES, CheckedCampaign, CheckedMetric, CheckedTarget, Judged, Measure
from campaignrules.consistency.rowclasses import together
from campaignrules.consistency.stated import items_of, metric_of, number_of, shown, ways_of
from campaignrules.errors import Diagnostic, Text, fault

MOST_COMPARED: Final = 60
"""Targets or metrics of one kind that are compared with each other."""


# -- one demand twice --------------------------------------------------------------------------------------------------


def demands_twice(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Two targets of one force for the same metric, window and units: the weaker one says nothing, or the same."""
    groups: dict[object, list[CheckedTarget]] = defaultdict(list)
    for target in checked.targets:
        groups[target.metric.id, target.comparator, target.target.force].append(target)
    for alike in groups.values():
        for one, other in combinations(alike[:MOST_COMPARED], 2):
            window = next((window for window in other.windows if window in one.windows), None)
            if window is not None and _share_units(one.judged, other.judged) and _numbers(one) and _numbers(other):
                yield _twice(one, other, window)


def _numbers(target: CheckedTarget) -> bool:
    """Whether its numbers stand in the file, the same for all it is for."""
    return target.comparator == "every" or (number_of(target) is not None and not target.exceptions)


def _share_units(one: Sequence[Judged], other: Sequence[Judged]) -> bool:
    """Whether some unit, or the whole, is surely meant by both."""
    return any(a == b or (a.kind == b.kind == "each" and "" in (a.name, b.name)) for a in one for b in other)


def _twice(one: CheckedTarget, other: CheckedTarget, window: Window) -> Diagnostic:
    numbers = [_said(target) for target in (one, other)]
    return fault(
        "same-demand-twice", other.target.spot(other.comparator), subject=other.target.id,
        other=one.target.id, window=window.id, metric=one.metric.id, number=numbers[1], first=numbers[0],
        related=[(one.target.spot(one.comparator), Text(f"目标 {one.target.id}", f"target {one.target.id}"))],
    )  # fmt: skip


def _said(target: CheckedTarget) -> str:
    value = number_of(target)
    return "100%" if value is None else shown(value, target.unit)


# -- one row, several targets ------------------------------------------------------------------------------------------


def rows_in_several_targets(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Targets over parts of the same rows that may overlap, though none is said to be part of another.

    One note for all that hang together. A part and its whole are meant to share rows; so are a number and an amount.
    """
    groups: dict[object, list[CheckedTarget]] = defaultdict(list)
    for target in checked.targets:
        kernel = target.metric.kernel
        if target.comparator in ("at_least", "exactly") and isinstance(kernel, Measure) and _counts_parts(kernel):
            groups[_counted(kernel)].append(target)
    for alike in groups.values():
        yield from _overlapping(checked, alike[:MOST_COMPARED])


def _counts_parts(kernel: Measure) -> bool:
    """Whether it counts or adds up some rows of a table, not all of them."""
    return bool(kernel.filters) and kernel.record != FIGURES and kernel.verb in ("count", "sum", "distinct")


def _counted(kernel: Measure) -> tuple[object, ...]:
    """What two metrics share that count the same thing of different rows."""
    return kernel.record, kernel.verb, kernel.field, kernel.on, kernel.unit


def _overlapping(checked: CheckedCampaign, alike: list[CheckedTarget]) -> Iterator[Diagnostic]:
    met: dict[str, list[str]] = defaultdict(list)
    by_id = {target.target.id: target for target in alike}
    for one, other in combinations(alike, 2):
        if _both_counted(checked, one.metric, other.metric) and _same_time(one.windows, other.windows):
            met[one.target.id].append(other.target.id)
    told: set[str] = set()
    for first, others in met.items():
        fresh = [other for other in others if other not in told]
        if first not in told and fresh:
            told |= {first, *fresh}
            target = by_id[first]
            related = [(by_id[id_].target.spot("metric"), _named(by_id[id_])) for id_ in fresh]
            yield fault(
                "row-in-several-targets", target.target.spot("metric"), subject=first, related=related,
                others=", ".join(fresh), first=first, record=getattr(target.metric.kernel, "record", ""),
            )  # fmt: skip


def _named(target: CheckedTarget) -> Text:
    title = target.target.title or target.metric.metric.title or Text(target.metric.id, target.metric.id)
    return Text(f"{target.target.id}：{title.zh}", f"{target.target.id}: {title.en}")


def _same_time(one: Sequence[Window], other: Sequence[Window]) -> bool:
    """Whether some windows are the same: a part of the year is meant to be a part of it."""
    return bool({(w.start, w.end) for w in one} & {(w.start, w.end) for w in other})


def _both_counted(checked: CheckedCampaign, one: CheckedMetric, other: CheckedMetric) -> bool:
    """Whether one row may count in both of two different metrics, neither of which is part of the other."""
    if one.id == other.id or _is_part(checked, one, other.id) or _is_part(checked, other, one.id):
        return False
    a, b = one.kernel, other.kernel
    if not isinstance(a, Measure) or not isinstance(b, Measure) or _same_filters(a, b):
        return False
    return _some_row(checked, a, b)


def _same_filters(one: Measure, other: Measure) -> bool:
    return {each.text for each in one.filters} == {each.text for each in other.filters}


def _is_part(checked: CheckedCampaign, metric: CheckedMetric, whole: str) -> bool:
    seen: set[str] = set()
    of = metric.metric.of
    while of is not None and of not in seen:
        if of == whole:
            return True
        seen.add(of)
        of = checked.metrics[of].metric.of if of in checked.metrics else None
    return False


# -- one row, several items --------------------------------------------------------------------------------------------


def rows_in_several_items(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Two items of a scorecard that give points for the same rows, by the same date."""
    earning: dict[str, list[tuple[str, Any, CheckedMetric]]] = defaultdict(list)
    for name, item in items_of(checked):
        card = name.split(".", 1)[0]
        for way, loses in ways_of(item):
            metric = None if loses else metric_of(checked, getattr(way, way.verb, None))
            if metric is not None and isinstance(metric.kernel, Measure) and metric.kernel.record != FIGURES:
                earning[card].append((name, way, metric))
    for found in earning.values():
        for (one, _, metric), (other, way, second) in combinations(found[:MOST_COMPARED], 2):
            if one != other and _same_rows(checked, metric, second):
                words: dict[str, Any] = {"other": one, "metrics": ", ".join(dict.fromkeys((metric.id, second.id)))}
                yield fault("row-in-several-items", way.spot(way.verb), subject=other, **words)


def _same_rows(checked: CheckedCampaign, one: CheckedMetric, other: CheckedMetric) -> bool:
    """Whether a row may count in both, as what it is: the same thing by the same date. Parts count, too: points add up."""
    a, b = one.kernel, other.kernel
    if not isinstance(a, Measure) or not isinstance(b, Measure) or _counted(a) != _counted(b) or a.verb == "rate":
        return False
    return _some_row(checked, a, b)


def _some_row(checked: CheckedCampaign, one: Measure, other: Measure) -> bool:
    conditions = [expression.root for expression in (*one.filters, *other.filters)]
    return together(checked, checked.records.get(one.record), conditions)
