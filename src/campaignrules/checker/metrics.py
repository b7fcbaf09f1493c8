"""Metrics → kernels: one verb each, known records and fields, typed formulas, no metric built on itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import evolve

from campaignrules.calendar import RECURRENCES
from campaignrules.checked import (
    FIGURES,
    CheckedMetric,
    Growth,
    Kernel,
    Limited,
    Measure,
)
from campaignrules.checker.work import (
    Work,
    check_date_field,
    example_units,
    field_of,
    number_of,
    unit_of,
)
from campaignrules.errors import Text
from campaignrules.expressions import examine
from campaignrules.model import (
    NAME,
    Metric,
)
from campaignrules.quantities import (
    DIVISION_PLACES,
    UNITS,
    Unit,
    base_unit,
    decimals,
)
from campaignrules.trees import DATE, NUMBER, TEXT, UNKNOWN, Scope, Type


def check_metrics(work: Work) -> None:
    """One verb each, known records and fields, no metric built on itself."""
    for name in work.campaign.metrics:
        _metric(work, name, ())


def _metric(work: Work, name: str, above: tuple[str, ...]) -> CheckedMetric | None:
    """The checked metric `name`, those it uses first."""
    if name in work.metrics:
        return work.metrics[name]
    metric = work.campaign.metrics[name]
    if name in work.refused:
        return None
    if name in above:
        circle = above[above.index(name) :]
        work.refused |= set(circle)
        work.refuse("metric-cycle", metric, metric.verb, path=" → ".join((*circle, name)))
        return None
    verbs = [v for v in _LOWERING if getattr(metric, v) is not None]
    found = None
    _check_company(work, metric)
    if len(verbs) != 1:
        work.refuse("one-verb", metric, *verbs[1:2], got=", ".join(verbs) or None, expected=", ".join(_LOWERING))
    else:
        found = _LOWERING[verbs[0]](work, name, metric, (*above, name))
    if found is None:
        work.refused.add(name)
    else:
        work.metrics[name] = found
    return found


def _check_company(work: Work, metric: Metric) -> None:
    """Keys that only go with some verbs."""
    for key in ("each", "at_most"):
        if getattr(metric, key) is not None and metric.limited is None:
            work.refuse("only-with-limited", metric, key, key=key)
    if metric.credited_to is not None and metric.verb in _NOT_BY_ROWS:
        work.refuse("credited-to-needs-rows", metric, "credited_to")


_NOT_BY_ROWS: Final = ("reported", "formula", "growth", "limited")


def _used(work: Work, used: str, metric: Metric, path: str, above: tuple[str, ...]) -> CheckedMetric | None:
    if not work.known(used, Text("指标", "metric"), work.campaign.metrics, metric, path):
        return None
    return _metric(work, used, above)


def _count(work: Work, name: str, metric: Metric, _above: tuple[str, ...]) -> CheckedMetric | None:
    if not work.known(metric.count or "", Text("报送表", "record"), work.records, metric, "count"):
        return None
    return _measured(work, name, metric, Measure("count", metric.count or ""), Type("number", (("count", 1),)))


def _aggregate(verb: Any) -> Callable[[Work, str, Metric, tuple[str, ...]], CheckedMetric | None]:
    def lower(work: Work, name: str, metric: Metric, _above: tuple[str, ...]) -> CheckedMetric | None:
        place = field_of(work, getattr(metric, verb), metric, verb)
        if place is None:
            return None
        record, field = place
        type_ = work.records[record].types[field]
        if verb == "distinct":
            type_ = Type("number", (("count", 1),))
        elif type_.kind not in ("number", "unknown"):
            work.refuse("wrong-type", metric, verb, expected=Text("数字字段", "a number field"), got=str(type_))
            return None
        if verb == "mean":
            type_ = evolve(type_, scale=DIVISION_PLACES)
        measure = Measure(verb, record, field, empty_is_missing=verb not in ("sum", "distinct"))
        return _measured(work, name, metric, measure, type_)

    return lower


def _measured(work: Work, name: str, metric: Metric, measure: Measure, type_: Type) -> CheckedMetric | None:
    """Add the modifiers to a measure."""
    scope = work.row_scope(measure.record)
    filters = list(measure.filters)
    if metric.where is not None and (found := work.expression(metric.where, scope, "bool", metric, "where")):
        filters.append(found)
    on = metric.on if metric.on is not None else measure.on
    for key in ("on", "until"):
        if (chosen := getattr(metric, key)) is not None:
            check_date_field(work, chosen, measure.record, metric, key)
    if metric.until is not None and (
        metric.accumulate != "level" or measure.verb not in ("count", "sum", "mean", "distinct")
    ):
        work.refuse("until-needs-level", metric, "until")
    if metric.since is not None and metric.accumulate != "to_date":
        work.refuse("since-needs-to-date", metric, "since")
    if on is None and measure.verb != "rate":
        dates = [f for f, t in work.records[measure.record].types.items() if t.kind == "date"]
        work.refuse("missing-key", metric, key="on", expected=", ".join(dates) or None)
        return None
    accumulate = metric.accumulate if metric.of is None or metric.accumulate != "flow" else measure.accumulate
    measure = evolve(
        measure, filters=tuple(filters), on=on, until=metric.until or measure.until, accumulate=accumulate,
        since=metric.since or measure.since, unit=_credited_to(work, metric, measure),
    )  # fmt: skip
    record = work.records[measure.record]
    awaits = record.awaits(measure.names) | record.screened_by
    return CheckedMetric(name, metric, measure, type_, _shown_in(work, metric, type_, measure), awaits)


def _credited_to(work: Work, metric: Metric, measure: Measure) -> str | None:
    """The unit field a row counts for; None when it is the record's own."""
    record = work.records[measure.record]
    if metric.credited_to is None:
        return measure.unit
    units = [name for name, field in record.record.fields.items() if field.type == "unit"]
    if not work.known(metric.credited_to, Text("单位字段", "unit field"), units, metric, "credited_to"):
        return measure.unit
    return None if metric.credited_to == record.unit else metric.credited_to


def _own_unit(work: Work, kernel: Kernel) -> list[tuple[Any, Text]]:
    """Where the unit of the field stands that a metric adds up."""
    if not isinstance(kernel, Measure) or kernel.field is None:
        return []
    record = work.records[kernel.record].record
    field = record.fields.get(kernel.field) or record.derived[kernel.field]
    return [
        (
            field.spot("unit"),
            Text(f"{kernel.record}.{kernel.field} 的单位", f"the unit of {kernel.record}.{kernel.field}"),
        )
    ]


def _shown_in(work: Work, metric: Metric, type_: Type, kernel: Kernel) -> Unit:
    """The unit a metric is shown in: the stated one, the field's own, or the base unit of its dimension."""
    if metric.unit is not None:
        unit = unit_of(work, metric.unit, metric, "unit")
        if unit.dim != type_.dim and type_.kind == "number" and metric.unit in UNITS:
            expected, related = example_units(type_, "%"), _own_unit(work, kernel)
            work.refuse("wrong-unit", metric, "unit", got=metric.unit, expected=expected, related=related)
        return unit
    if isinstance(kernel, Measure) and kernel.field is not None and kernel.verb not in ("distinct", "rate"):
        record = work.records[kernel.record].record
        shown = (record.fields.get(kernel.field) or record.derived[kernel.field]).unit
        if shown in UNITS:
            return UNITS[shown]
    if (isinstance(kernel, Measure) and kernel.verb == "rate") or isinstance(kernel, Growth):
        return UNITS["%"]
    return base_unit(type_.dim)


def _rate(work: Work, name: str, metric: Metric, _above: tuple[str, ...]) -> CheckedMetric | None:
    rate = metric.rate
    if rate is None or not work.known(rate.of, Text("报送表", "record"), work.records, rate, "of"):
        return None
    scope = work.row_scope(rate.of)
    where = work.expression(rate.where, scope, "bool", rate, "where") if rate.where else None
    reached = work.expression(rate.reached, scope, None, rate, "reached")
    if reached is not None and reached.type.kind not in ("bool", "date"):
        work.refuse("wrong-type", rate, "reached", got=str(reached.type), expected=_DATE_OR_CONDITION)
    if rate.amount is not None and work.known(rate.amount, Text("字段", "field"), scope.names, rate, "amount"):
        amount = scope.names[rate.amount]
        if amount.kind != "number":
            work.refuse("wrong-type", rate, "amount", got=str(amount), expected=Text("数字字段", "a number field"))
    if reached is None:
        return None
    measure = Measure(
        "rate", rate.of, rate.amount, filters=(where,) if where else (), reached=reached, empty_is_missing=True
    )
    return _measured(work, name, metric, measure, evolve(NUMBER, scale=DIVISION_PLACES))


_DATE_OR_CONDITION: Final = Text("日期字段或条件", "a date field or a condition")


def _reported(work: Work, name: str, metric: Metric, _above: tuple[str, ...]) -> CheckedMetric | None:
    unit = unit_of(work, metric.reported or "", metric, "reported")
    scope = Scope({"metric": TEXT})
    only, _ = examine(f"metric == '{name}'", scope)
    level = metric.accumulate == "level"
    measure = Measure(
        "last" if level else "sum", FIGURES, "value", on="on", filters=(only,) if only else (),
        accumulate=metric.accumulate, empty_is_missing=True,
    )  # fmt: skip
    type_ = Type("number", unit.dim, 6 - unit.power)
    if metric.where is not None:
        work.refuse("not-with-reported", metric, "where")
        return None
    shown = unit if metric.unit is None else unit_of(work, metric.unit, metric, "unit")
    return CheckedMetric(name, metric, evolve(measure, since=metric.since), type_, shown)


def _of_which(work: Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    whole = _used(work, metric.of or "", metric, "of", above)
    if whole is None:
        return None
    if not isinstance(whole.kernel, Measure) or whole.kernel.record == FIGURES:
        work.refuse("of-needs-rows", metric, "of", name=whole.id)
        return None
    if metric.where is None:
        work.refuse("missing-key", metric, key="where", expected=_CONDITION)
        return None
    found = _measured(work, name, metric, whole.kernel, whole.type)
    if found is None:
        return None
    return evolve(found, unit=found.unit if metric.unit else whole.unit, awaits=found.awaits | whole.awaits)


_CONDITION: Final = Text("其中的条件", "the condition of the part")


def _formula(work: Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    names = {n: used for n in _mentioned(metric.formula or "", work) if (used := _metric(work, n, above))}
    types = {n: names[n].type if n in names else UNKNOWN for n in work.campaign.metrics}
    found = work.expression(
        metric.formula or "", work.scope({"as_of": DATE, **work.deferred, **types}), "number", metric, "formula"
    )
    if found is None or any(n in work.refused for n in _mentioned(metric.formula or "", work)):
        return None
    awaits = frozenset(n for n in found.names if n in work.deferred)
    awaits |= frozenset(a for n in found.names if n in names for a in names[n].awaits)
    type_ = evolve(found.type, scale=min(found.type.scale, DIVISION_PLACES))
    return CheckedMetric(name, metric, found, type_, _shown_in(work, metric, type_, found), awaits)


def _mentioned(text: str, work: Work) -> list[str]:
    """Metrics whose names stand in a formula, so that they are checked before it."""
    words = set(NAME.findall(text))
    return [name for name in work.campaign.metrics if name in words]


def _growth(work: Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    base = _used(work, metric.growth or "", metric, "growth", above)
    if metric.against is None:
        work.refuse("missing-key", metric, key="against", expected="year, half, quarter, month, week")
        return None
    if base is None:
        return None
    type_ = evolve(NUMBER, scale=DIVISION_PLACES)
    kernel = Growth(base.id, metric.against)
    return CheckedMetric(name, metric, kernel, type_, _shown_in(work, metric, type_, kernel), base.awaits)


def _limited(work: Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    base = _used(work, metric.limited or "", metric, "limited", above)
    for key, expected in (("each", ", ".join(RECURRENCES)), ("at_most", "2 次, 20 分, …")):
        if getattr(metric, key) is None:
            work.refuse("missing-key", metric, key=key, expected=expected)
    if base is None or metric.each is None or metric.at_most is None:
        return None
    if isinstance(base.kernel, Measure) and base.kernel.accumulate != "flow":
        work.refuse("limited-needs-flow", metric, "limited", name=base.id)
        return None
    at_most, awaits = number_of(work, metric.at_most, base.type, metric, "at_most")
    if at_most is None and not awaits:
        return None
    scale = DIVISION_PLACES if at_most is None else decimals(at_most)
    type_ = evolve(base.type, scale=max(base.type.scale, scale))
    kernel = Limited(base.id, metric.each, at_most, None if at_most is not None else metric.at_most)
    unit = _shown_in(work, metric, type_, kernel) if metric.unit else base.unit
    return CheckedMetric(name, metric, kernel, type_, unit, base.awaits | awaits)


_LOWERING: Final[dict[str, Callable[[Work, str, Metric, tuple[str, ...]], CheckedMetric | None]]] = {
    "count": _count,
    **{verb: _aggregate(verb) for verb in ("sum", "distinct", "mean", "min", "max", "last")},
    "rate": _rate,
    "reported": _reported,
    "of": _of_which,
    "formula": _formula,
    "growth": _growth,
    "limited": _limited,
}
