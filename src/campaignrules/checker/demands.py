"""Targets, duties, outcomes, facts and readings: whom, when, how much, by which proof."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import evolve

from campaignrules.calendar import RECURRENCES, Occurrence, TimeError
from campaignrules.checked import (
    ATTESTATIONS,
    CheckedDuty,
    CheckedMetric,
    CheckedTarget,
    Judged,
    Limited,
    Measure,
    Number,
)
from campaignrules.checker.work import (
    Work,
    check_date_field,
    example_units,
    field_of,
    number_of,
    windows_of,
)
from campaignrules.errors import Text, did_you_mean
from campaignrules.model import (
    NAME,
    Demand,
    Duty,
    Element,
    Names,
    Return,
    Target,
)
from campaignrules.quantities import (
    PLAIN_UNIT,
    UNITS,
    QuantityError,
    Unit,
    parse_quantity,
)
from campaignrules.trees import Expression


def judged_of(work: Work, said: Names, element: Element) -> tuple[Judged, ...]:
    """Whom the words of an element's `for` mean."""
    words = (said,) if isinstance(said, str) else said
    found = [_judged_one(work, one, element) for one in words]
    return tuple(j for j in found if j is not None)


def _judged_one(work: Work, words: str, demand: Element) -> Judged | None:
    classes = work.campaign.units.classes
    if words == "campaign":
        return Judged("campaign")
    kind, _, name = words.partition(" ")
    if kind == "each" and name == "unit":
        return Judged("each")
    if kind in ("each", "all") and name:
        known = work.known(name, Text("类别", "class"), ["unit", *classes], demand, "for")
        return Judged("each" if kind == "each" else "all", name) if known else None
    if work.units is None and not did_you_mean(words, ["campaign", *(f"each {c}" for c in classes)]):
        return Judged("unit", words)
    choices = ["campaign", "each unit", *(f"each {c}" for c in classes), *(work.units or ())]
    return Judged("unit", words) if work.known(words, Text("对象", "unit"), choices, demand, "for") else None


def _leads(work: Work, demand: Demand) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lead and support: the demand's own, else those of the longest responsibility clause it lies under."""
    if demand.lead or demand.support or demand.source is None:
        return demand.lead, demand.support
    under = [r for r in work.campaign.responsibilities if r.source and _lies_under(demand.source, r.source)]
    best = max(under, key=lambda r: len(r.source or ""), default=None)
    return (best.lead, best.support) if best else ((), ())


def _lies_under(clause: str, above: str) -> bool:
    return clause.startswith(above) and not (clause[len(above) :][:1].isdigit() and above[-1:].isdigit())


def _awaits(work: Work, demand: Demand) -> frozenset[str]:
    for i, name in enumerate(demand.awaits):
        work.known(name, Text("参数", "parameter"), work.campaign.parameters, demand, "awaits", i)
    return frozenset(name for name in demand.awaits if name in work.deferred)


def check_targets(work: Work) -> None:
    """Each target has a metric, windows, one comparison and numbers in fitting units."""
    for target in work.campaign.targets:
        if (found := _target(work, target)) is not None:
            work.targets.append(found)


def _target(work: Work, target: Target) -> CheckedTarget | None:
    windows = windows_of(work, target.in_, target, "in")
    judged = judged_of(work, target.for_, target)
    awaits = _awaits(work, target)
    if not work.known(target.metric, Text("指标", "metric"), work.campaign.metrics, target, "metric"):
        return None
    metric = work.metrics.get(target.metric)
    given = [k for k in ("at_least", "at_most", "exactly", "between", "every") if getattr(target, k)]
    if len(given) != 1:
        expected = "at_least, at_most, exactly, between, every"
        work.refuse("one-comparison", target, *given[1:2], got=", ".join(given) or None, expected=expected)
        return None
    if metric is None:
        return None
    _check_scope(work, target, metric, judged)
    low, high, unit, pending = _numbers(work, target, metric, given[0])
    exceptions, more = _exceptions(work, target, metric)
    lead, support = _leads(work, target)
    return CheckedTarget(
        target, metric, windows, judged, given[0], low, high, unit,  # type: ignore[arg-type]
        exceptions, awaits | pending | more, awaits | pending | more | metric.awaits, lead, support,
    )  # fmt: skip


def _check_scope(work: Work, target: Target, metric: CheckedMetric, judged: tuple[Judged, ...]) -> None:
    """A demand on units needs rows that say which unit they belong to."""
    by_unit = any(j.kind != "campaign" for j in judged)
    kernel = metric.kernel
    while isinstance(kernel, Limited):
        kernel = work.metrics[kernel.of].kernel
    if by_unit and isinstance(kernel, Measure) and work.records[kernel.record].unit is None:
        work.refuse("record-without-unit", target, "for", record=kernel.record)


def _numbers(
    work: Work, target: Target, metric: CheckedMetric, comparison: str
) -> tuple[Number | None, Number | None, Unit, frozenset[str]]:
    if comparison == "every":
        if metric.type.dim or not isinstance(metric.kernel, (Measure, Expression)):
            place = (target.spot("metric"), Text(f"指标 {metric.id}", f"metric {metric.id}"))
            work.refuse("every-needs-rate", target, "every", related=[place])
        return Number(Decimal(1)), None, UNITS["%"], frozenset()
    if comparison == "between":
        if len(target.between) != 2:
            work.refuse("two-bounds", target, "between")
            return None, None, metric.unit, frozenset()
        found = [_number(work, text, metric, target, "between", i) for i, text in enumerate(target.between)]
        low, high = found[0][0], found[1][0]
        if low and high and low.value is not None and high.value is not None and low.value > high.value:
            work.refuse("bounds-reversed", target, "between", low=target.between[0], high=target.between[1])
        return low, high, found[0][1], found[0][2] | found[1][2]
    number, unit, awaits = _number(work, getattr(target, comparison), metric, target, comparison)
    return (number if comparison != "at_most" else None), (number if comparison != "at_least" else None), unit, awaits


def _number(
    work: Work, text: str, metric: CheckedMetric, element: Element, *path: str | int
) -> tuple[Number | None, Unit, frozenset[str]]:
    """A demand's number: a quantity, a parameter or a submitted table; the unit to show it in; what it awaits."""
    if "." in text and NAME.match(text):
        return _tabled(work, text, metric, element, *path)
    before = len(work.faults)
    value, awaits = number_of(work, text, metric.type, element, *path)
    _point_at_metric(work, metric, before)
    unit = _parameter_unit(work, text, metric) if text in work.constants else _unit_of(text, metric)
    return (None if value is None and not awaits else Number(value)), unit, awaits


def _point_at_metric(work: Work, metric: CheckedMetric, since: int) -> None:
    """A number that does not fit its metric points at it, too: the metric may be the wrong one."""
    key = work.campaign.key_spot("metrics", metric.id)
    for i, one in enumerate(work.faults[since:], since):
        if one.code == "wrong-unit" and key is not None:
            place = (key.span, Text(f"指标 {metric.id}", f"metric {metric.id}"))
            work.faults[i] = evolve(one, related=(*one.related, place))


def _tabled(
    work: Work, text: str, metric: CheckedMetric, element: Element, *path: str | int
) -> tuple[Number | None, Unit, frozenset[str]]:
    place = field_of(work, text, element, *path)
    if place is None:
        return None, metric.unit, frozenset()
    record, field = work.records[place[0]], place[1]
    if record.types[field].dim != metric.type.dim:
        work.refuse("wrong-unit", element, *path, got=text, expected=example_units(metric.type, "%"))
    return Number(None, place), metric.unit, record.awaits([field]) | record.screened_by


def _parameter_unit(work: Work, name: str, metric: CheckedMetric) -> Unit:
    unit = UNITS.get(work.campaign.parameters[name].type, metric.unit)
    return unit if unit.dim == metric.type.dim else metric.unit


def _unit_of(text: str, metric: CheckedMetric) -> Unit:
    try:
        unit = parse_quantity(text).unit
    except QuantityError:
        return metric.unit
    return metric.unit if unit is PLAIN_UNIT else unit


def _check_excepted(work: Work, demand: Element, unit: str) -> None:
    """The unit of an exception is one of the roster's, where that is known."""
    if work.units is not None and unit not in work.units:
        work.unknown(unit, Text("单位", "unit"), [*work.units], demand.key_spot("except", unit))


def check_left_out(work: Work, demand: Duty | Return, hint: Text) -> None:
    """The exceptions of what has no number of its own are known units, which it does not apply to."""
    for unit, said in demand.except_.items():
        if said != "not_applicable":
            work.refuse("not-a-quantity", demand, "except", unit, got=said, expected="not_applicable", hint=hint)
        _check_excepted(work, demand, unit)


def _exceptions(work: Work, target: Target, metric: CheckedMetric) -> tuple[dict[str, Number | None], frozenset[str]]:
    found: dict[str, Number | None] = {}
    awaits: frozenset[str] = frozenset()
    for unit, text in target.except_.items():
        _check_excepted(work, target, unit)
        if text == "not_applicable":
            found[unit] = None
            continue
        number, _, pending = _number(work, text, metric, target, "except", unit)
        found[unit] = number
        awaits |= pending
    return found, awaits


def check_duties(work: Work) -> None:
    """Each duty has a due date, a recurrence or neither; its proof is a known record."""
    for duty in work.campaign.duties:
        awaits = _awaits(work, duty) | ({duty.every} if duty.every in work.deferred else frozenset())
        record = duty.record or ATTESTATIONS
        judged = judged_of(work, duty.for_, duty)
        if not work.known(record, Text("报送表", "record"), work.records, duty, "record"):
            continue
        where = work.expression(duty.where, work.row_scope(record), "bool", duty, "where") if duty.where else None
        filters = (where,) if where else ()
        check_left_out(
            work, duty, Text("事项的例外只能是不适用", "an exception to a duty can only be that it does not apply")
        )
        lead, support = _leads(work, duty)
        exceptions = dict.fromkeys(duty.except_)
        on = _duty_date(work, duty, record)
        looked_at = {on}.union(*(formula.names for formula in filters))
        awaits |= work.records[record].awaits(looked_at) | work.records[record].screened_by
        occurrences = () if awaits else _occurrences(work, duty)
        work.duties.append(
            CheckedDuty(duty, judged, occurrences, record, on, filters, exceptions, frozenset(awaits), lead, support)
        )


def _duty_date(work: Work, duty: Duty, record: str) -> str:
    if duty.on is not None:
        check_date_field(work, duty.on, record, duty, "on")
        return duty.on
    if record == ATTESTATIONS:
        return "on"
    dates = [f for f, t in work.records[record].types.items() if t.kind == "date"]
    if len(dates) != 1:
        work.refuse("missing-key", duty, key="on", expected=", ".join(dates) or None)
    return dates[0] if dates else ""


def _occurrences(work: Work, duty: Duty) -> tuple[Occurrence, ...]:
    bases = windows_of(work, duty.in_, duty, "in")
    if duty.by is not None and duty.every is not None:
        work.refuse("by-or-every", duty, "by")
    if duty.every is None and duty.due:
        work.refuse("due-needs-every", duty, "due")
    if duty.by is not None:
        return _due_once(work, duty)
    if duty.every is None:
        return () if duty.in_ == "campaign" else tuple(Occurrence(w, w.start, w.end, once=True) for w in bases)
    every = _recurrence(work, duty.every)
    if every not in RECURRENCES:
        hint = did_you_mean(every, RECURRENCES)
        work.refuse("unknown-recurrence", duty, "every", name=every, expected=", ".join(RECURRENCES), hint=hint)
        return ()
    try:
        found = [o for base in bases for o in work.calendar.occurrences(every, duty.due, base, duty.shift)]
    except TimeError as error:
        words = str(error.args[0])
        at = ("due", duty.due.index(words)) if words in duty.due else ("due",)
        work.refuse("unknown-due", duty, *at, name=words)
        return ()
    kept = (o for o in found if not (o.window.cut and duty.partial == "skipped"))
    return tuple(sorted(kept, key=lambda o: o.due))


def _recurrence(work: Work, every: str) -> str:
    """The recurrence itself, where a parameter that a notice has settled stands for it."""
    parameter = work.campaign.parameters.get(every)
    return every if parameter is None or parameter.value is None else parameter.value


def _due_once(work: Work, duty: Duty) -> tuple[Occurrence, ...]:
    try:
        window = work.calendar.window(duty.by or "")
    except TimeError:
        known = ["campaign", *work.campaign.phases]
        if duty.by not in work.unsure:
            work.refuse("unknown-window", duty, "by", name=duty.by or "", hint=did_you_mean(duty.by or "", known))
        return ()
    return (Occurrence(window, dt.date.min, window.end, once=True),)


def check_outcomes(work: Work) -> None:
    """Outcomes name targets or duties of this file."""
    ids = [e.id for e in (*work.campaign.targets, *work.campaign.duties)]
    for outcome in work.campaign.outcomes:
        for i, name in enumerate(outcome.all_of):
            work.known(name, Text("目标", "target"), ids, outcome, "all_of", i)


def check_facts(work: Work) -> None:
    """A fact's window is a time."""
    for fact in work.campaign.facts:
        if fact.in_ is None:
            continue
        try:
            work.calendar.windows(fact.in_)
        except TimeError:
            if fact.in_ not in work.unsure:
                work.refuse("unknown-window", fact, "in", name=fact.in_)


def check_readings(work: Work) -> None:
    """The chosen reading exists and is the one the file is written in; changes have a path."""
    for reading in work.campaign.readings.values():
        if work.known(reading.chosen, Text("读法", "reading"), reading.options, reading, "chosen"):
            chosen = reading.options[reading.chosen]
            if chosen.set:
                place = (reading.spot("chosen"), Text("在这里取它", "chosen here"))
                work.refuse("chosen-reading-changes", chosen, "set", related=[place])
