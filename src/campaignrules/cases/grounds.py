"""What a result rests on besides its own rule: where to look when it is not what was expected.

In: a checked campaign, a kind of result and the id of its rule. Out: places with what stands there: the metrics it
looks at and those they are made of, which rows count for them, items, targets and duties it is scored by, readings that
change any of it. Must not know: expectations, evaluations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from campaignrules.checked import CheckedCampaign, CheckedMetric, Growth, Limited, Measure, ScoreFormula
from campaignrules.errors import Text

MOST: Final = 16
"""Places told; a formula may look at hundreds of metrics."""
_TARGETS: Final = ("met", "number")
_DUTIES: Final = ("done", "late", "missed", "due")
_LISTED: Final = {"target": "targets", "duty": "duties", "honour": "honours"}
_MAPPED: Final = {"scorecard": "scorecards", "ranking": "rankings"}

Ground = tuple[Any, Text]


def grounds(checked: CheckedCampaign, kind: str, name: str) -> tuple[Ground, ...]:
    """Where to look besides the rule of that id, the nearest first."""
    return tuple(islice((ground for ground in _grounds(checked, kind, name) if ground[0] is not None), MOST))


def _grounds(checked: CheckedCampaign, kind: str, name: str) -> Iterator[Ground]:
    formulas = tuple(_formulas(checked, kind, name))
    direct = tuple(dict.fromkeys(_metrics(checked, kind, name, formulas)))
    metrics = _closure(checked, direct)
    yield from _readings(checked, name, metrics)
    yield from _phases(checked, kind, name)
    yield from (_metric(checked, id_) for id_ in direct)
    yield from _items(checked, name) if kind == "scorecard" else ()
    yield from (_metric(checked, id_) for id_ in metrics[len(direct) :])
    yield from _fields(checked, metrics)
    yield from _demands(checked, formulas)
    records = [*_record_of_duty(checked, kind, name), *_records(checked, metrics)]
    for record in dict.fromkeys(records):
        for screen in checked.records[record].screens:
            id_ = screen.screen.id
            yield screen.screen.spot("id"), Text(f"哪些行计入：{id_}", f"{id_} says which rows count")


# -- what a rule looks at -----------------------------------------------------------------------------------------


def _formulas(checked: CheckedCampaign, kind: str, name: str) -> Iterator[ScoreFormula]:
    """The formulas of a scored rule."""
    if kind == "ranking":
        yield from _some(*checked.rankings[name].keys, checked.rankings[name].disqualified)
    elif kind == "honour":
        yield from _some(*(one.when for one in checked.honours if one.honour.id == name))
    elif kind in ("item", "gate", "scorecard"):
        card = checked.scorecards[next(id_ for id_ in checked.scorecards if f"{name}.".startswith(f"{id_}."))]
        rest = name[len(card.id) + 1 :]
        if kind == "scorecard":
            yield from _some(card.total, card.disqualified)
        for item in card.items if kind == "item" else ():
            if item.id == rest:
                yield from _some(item.points, item.worth, item.applies)
        yield from _some(card.gates.get(rest) if kind == "gate" else None)


def _some(*formulas: ScoreFormula | None) -> Iterator[ScoreFormula]:
    return (formula for formula in formulas if formula is not None)


def _metrics(checked: CheckedCampaign, kind: str, name: str, formulas: Iterable[ScoreFormula]) -> Iterator[str]:
    if kind == "target":
        yield from (one.metric.id for one in checked.targets if one.target.id == name)
    for formula in formulas:
        yield from (one.id for one in formula.operands.values() if one.kind == "metric")


def _metric(checked: CheckedCampaign, id_: str) -> Ground:
    return checked.campaign.key_spot("metrics", id_), Text(f"所依据的指标 {id_}", f"metric {id_}, which it rests on")


def _phases(checked: CheckedCampaign, kind: str, name: str) -> Iterator[Ground]:
    """The phases that its windows and days are told by."""
    rule, words = _rule(checked, kind, name), set()
    for key in ("in_", "by"):
        said = getattr(rule, key, None) or ()
        words |= {word for text in ((said,) if isinstance(said, str) else said) for word in text.split()}
    for id_ in checked.campaign.phases:
        if id_ in words:
            yield checked.campaign.key_spot("phases", id_), Text(f"所在的阶段 {id_}", f"phase {id_}, which it lies in")


def _rule(checked: CheckedCampaign, kind: str, name: str) -> Any:
    campaign = checked.campaign
    if kind in _MAPPED:
        return getattr(campaign, _MAPPED[kind]).get(name)
    return next((one for one in getattr(campaign, _LISTED.get(kind, ""), ()) if one.id == name), None)


def _closure(checked: CheckedCampaign, metrics: Iterable[str]) -> tuple[str, ...]:
    """These metrics, then those they are made of, each once."""
    found = dict.fromkeys(metrics)
    left = [*found]
    while left and len(found) <= MOST:
        for below in _made_of(checked.metrics[left.pop(0)]):
            if below in checked.metrics and below not in found:
                found[below] = None
                left.append(below)
    return tuple(found)


def _made_of(metric: CheckedMetric) -> tuple[str, ...]:
    if metric.metric.of is not None:
        return (metric.metric.of,)
    if isinstance(metric.kernel, Growth | Limited):
        return (metric.kernel.of,)
    return () if isinstance(metric.kernel, Measure) else tuple(sorted(metric.kernel.names))


def _items(checked: CheckedCampaign, name: str) -> Iterator[Ground]:
    """The gates that a total passes, and the items it is the sum of."""
    card = checked.scorecards[name].card
    for gate in card.gates:
        yield gate.spot("id"), Text(f"合计所过的 {name}.{gate.id}", f"gate {name}.{gate.id} of the total")
    for id_ in card.items:
        yield card.key_spot("items", id_), Text(f"合计其中的 {name}.{id_}", f"item {name}.{id_} of the total")


def _fields(checked: CheckedCampaign, metrics: Iterable[str]) -> Iterator[Ground]:
    """The fields that metrics add up or count, and numbers with a unit that rows are chosen by."""
    kernels = (checked.metrics[id_].kernel for id_ in metrics)
    measures = [one for one in kernels if isinstance(one, Measure) and one.record in checked.records]
    for record, field in dict.fromkeys((one.record, name) for one in measures for name in sorted(one.names)):
        form = checked.records[record].record.fields.get(field)
        if form is not None and (form.unit is not None or field in {one.field for one in measures}):
            place = checked.records[record].record.key_spot("fields", field)
            yield place, Text(f"所依据的栏 {record}.{field}", f"field {record}.{field}, which it rests on")


def _demands(checked: CheckedCampaign, formulas: Iterable[ScoreFormula]) -> Iterator[Ground]:
    """Targets and duties that points are given for."""
    asked = dict.fromkeys((one.kind, one.id) for formula in formulas for one in formula.operands.values())
    for kind, id_ in asked:
        if kind in _TARGETS:
            yield (
                _listed(checked.campaign.targets, id_),
                Text(f"所依据的目标 {id_}", f"target {id_}, which it rests on"),
            )
        elif kind in _DUTIES:
            yield _listed(checked.campaign.duties, id_), Text(f"所依据的事项 {id_}", f"duty {id_}, which it rests on")


def _record_of_duty(checked: CheckedCampaign, kind: str, name: str) -> Iterator[str]:
    if kind == "duty":
        found = (one.record for one in checked.duties if one.duty.id == name)
        yield from (record for record in found if record in checked.records)


def _records(checked: CheckedCampaign, metrics: Iterable[str]) -> Iterator[str]:
    kernels = (checked.metrics[id_].kernel for id_ in metrics)
    return (one.record for one in kernels if isinstance(one, Measure) and one.record in checked.records)


# -- readings -----------------------------------------------------------------------------------------------------


def _readings(checked: CheckedCampaign, name: str, metrics: Iterable[str]) -> Iterator[Ground]:
    """Readings of which an option changes the rule or one of the metrics."""
    rule = name.replace(".", ".items.", 1)
    starts = tuple(f"{path}." for path in (*(f"metrics.{id_}" for id_ in metrics), *_paths(name), *_paths(rule)))
    for id_, reading in checked.campaign.readings.items():
        if any(path.startswith(starts) for option in reading.options.values() for path in option.set):
            place = checked.campaign.key_spot("readings", id_)
            yield place, Text(f"取决于读法 {id_}", f"it depends on the reading {id_}")


def chosen(checked: CheckedCampaign, readings: Mapping[str, str]) -> Iterator[Ground]:
    """The options of readings that a case takes."""
    for reading, option in readings.items():
        place = checked.campaign.key_spot("readings", reading, "options", option)
        yield place, Text(f"这里取读法 {reading}: {option}", f"here with the reading {reading}: {option}")


def _paths(name: str) -> Iterator[str]:
    return (f"{part}.{name}" for part in ("targets", "duties", "scorecards", "rankings", "honours"))


# -- where it stands ----------------------------------------------------------------------------------------------


def _listed(elements: Iterable[Any], id_: str) -> Any:
    return next((one.spot("id") for one in elements if one.id == id_), None)
