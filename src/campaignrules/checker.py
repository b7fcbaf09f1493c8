"""Campaign → CheckedCampaign: names, types, units, time and consistency; every fault of a file at once.

`PASSES` is the list of what is looked at, in order. A pass reads the campaign and the `_Work` so far, adds checked
parts and faults, and never stops the others. Must not know: data, evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import Factory, define, evolve

from campaignrules.calendar import RECURRENCES, Calendar, Occurrence, TimeError, Window
from campaignrules.checked import (
    ATTESTATIONS,
    FIGURES,
    UNIT_TABLE,
    CheckedCampaign,
    CheckedDuty,
    CheckedMetric,
    CheckedRecord,
    CheckedRule,
    CheckedScreen,
    CheckedTarget,
    Growth,
    Judged,
    Kernel,
    Measure,
    Number,
)
from campaignrules.consistency import find_inconsistencies
from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean, fault
from campaignrules.expressions import (
    DATE,
    NUMBER,
    TEXT,
    UNIT,
    UNKNOWN,
    Expression,
    Kind,
    Literally,
    Scope,
    Type,
    examine,
    field_type,
)
from campaignrules.model import (
    NAME,
    Campaign,
    Demand,
    Duty,
    Element,
    Field,
    Metric,
    Names,
    Parameter,
    Record,
    Sourced,
    Target,
)
from campaignrules.quantities import (
    BASE_UNITS,
    DIVISION_PLACES,
    PLAIN_UNIT,
    UNITS,
    QuantityError,
    Unit,
    decimals,
    parse_quantity,
)
from campaignrules.source import Mapping as Mapping_
from campaignrules.source import Scalar

FIELD_TYPES: Final = ("text", "quantity", "count", "date", "bool", "unit", "tags")
PARAMETER_TYPES: Final = ("text", "date", "list", "recurrence")
RESERVED: Final = frozenset({"as_of", "campaign", "unit_id"}) | frozenset(UNITS)


@define
class _Work:
    """What the passes have made so far."""

    campaign: Campaign
    calendar: Calendar
    faults: list[Diagnostic] = Factory(list)
    vocabularies: dict[str, dict[str, tuple[str, ...]]] = Factory(dict)
    units: dict[str, tuple[str, ...]] | None = None
    constants: dict[str, tuple[Any, Type]] = Factory(dict)
    deferred: dict[str, Type] = Factory(dict)
    records: dict[str, CheckedRecord] = Factory(dict)
    metrics: dict[str, CheckedMetric] = Factory(dict)
    refused: set[str] = Factory(set)
    """Metrics with a fault: said once, where it is."""
    targets: list[CheckedTarget] = Factory(list)
    duties: list[CheckedDuty] = Factory(list)

    def refuse(self, code: str, element: Element, *path: str | int, **args: Any) -> None:
        self.faults.append(fault(code, element.spot(*path), **args))

    def known(self, name: str, kind: Text, among: Iterable[str], element: Element, *path: str | int) -> bool:
        """Whether `name` is declared; a fault with a suggestion if not."""
        names = list(among)
        if name in names:
            return True
        self.unknown(name, kind, names, element.spot(*path))
        return False

    def unknown(self, name: str, kind: Text, names: list[str], at: Any) -> None:
        """A fault at a name that is not declared: what kind it should be, what there is, what was meant."""
        listed = ", ".join(names[:15])
        expected = Text(f"{kind.zh} {listed or '（还没有声明任何一个）'}", f"{kind.en} {listed or '(none is declared)'}")
        self.faults.append(fault("unknown-name", at, name=name, expected=expected, hint=did_you_mean(name, names)))

    def expression(self, text: str, scope: Scope, want: Kind | None, element: Element, *path: str | int) -> Expression | None:
        node = element.spot(*path)
        found, faults = examine(text, scope, want, node if isinstance(node, Scalar) else None)
        self.faults += faults
        return found

    def scope(self, names: Mapping[str, Type]) -> Scope:
        return Scope(names, self.vocabularies, self.units, self.constants)

    def row_scope(self, record: str) -> Scope:
        types = self.records[record].types if record in self.records else {}
        return self.scope({"as_of": DATE, **self.deferred, **types})


def check(campaign: Campaign) -> CheckedCampaign:
    """The checked campaign with its warnings. Raises CampaignError with all errors and warnings of the file."""
    work = _Work(campaign, Calendar(campaign))
    for check_pass in PASSES:
        check_pass(work)
    if any(f.severity == "error" for f in work.faults):
        raise CampaignError(work.faults)
    checked = CheckedCampaign(
        campaign, work.calendar, work.records, campaign.parameters, work.metrics, tuple(work.targets),
        tuple(work.duties), campaign.outcomes, (), work.vocabularies, work.units,
    )  # fmt: skip
    return evolve(checked, warnings=(*work.faults, *find_inconsistencies(checked)))


# -- time ---------------------------------------------------------------------------------------------------------


def check_time(work: _Work) -> None:
    """The period and phases run forward; phases lie inside the period."""
    campaign = work.campaign
    for element in (campaign.period, *campaign.phases.values()):
        if element.from_ > element.to:
            work.refuse("ends-before-it-starts", element, "to", start=element.from_, end=element.to)
    period = campaign.period
    for name, phase in campaign.phases.items():
        if phase.from_ < period.from_ or phase.to > period.to:
            work.refuse("phase-outside-period", phase, name=name, start=period.from_, end=period.to)


def _windows(work: _Work, words: Names, element: Demand, path: str) -> tuple[Window, ...]:
    found: list[Window] = []
    for one in (words,) if isinstance(words, str) else words:
        try:
            found += work.calendar.windows(one)
        except TimeError as error:
            part = str(error.args[0])
            known = ["campaign", *work.campaign.phases, *(f"each {r}" for r in RECURRENCES)]
            hint = did_you_mean(one, known) or did_you_mean(part, known)
            work.refuse("unknown-window", element, path, name=one, hint=hint)
    kept = [w for w in found if not (w.cut and element.partial == "skipped")]
    return tuple(sorted(dict.fromkeys(kept), key=lambda w: (w.start, w.end)))


# -- declared names -----------------------------------------------------------------------------------------------


def check_names(work: _Work) -> None:
    """Ids are unique; names of fields, metrics and parameters are free of clashes with units of measure."""
    campaign = work.campaign
    seen: dict[str, Element] = {}
    for element in (*campaign.targets, *campaign.duties, *campaign.outcomes, *campaign.facts, *campaign.screening,
                    *campaign.responsibilities):  # fmt: skip
        if element.id in seen:
            work.refuse("duplicate-id", element, "id", id=element.id, related=[(seen[element.id].spot("id"), _FIRST)])
        seen[element.id] = element
    for names in (campaign.metrics, campaign.parameters):
        for name, element in names.items():
            if name in RESERVED:
                work.faults.append(fault("reserved-name", _key(campaign, element), name=name))
    for name in sorted(set(campaign.metrics) & set(campaign.parameters)):
        related = [(_key(campaign, campaign.metrics[name]), _FIRST)]
        work.faults.append(fault("duplicate-id", _key(campaign, campaign.parameters[name]), id=name, related=related))


def _key(above: Element, element: Element) -> Any:
    """The key under which `element` stands in one of the mappings of `above`, or the element itself."""
    sections = [value for _, value in above.node.pairs] if above.node is not None else []
    pairs = [pair for section in sections if isinstance(section, Mapping_) for pair in section.pairs]
    return next((key for key, value in pairs if value is element.node), element.node)


_FIRST: Final = Text("第一次出现在这里", "first used here")


def check_documents(work: _Work) -> None:
    """`document:` names one of the documents."""
    for element in _sourced(work.campaign):
        if element.document is not None:
            work.known(element.document, Text("文件", "document"), work.campaign.documents, element, "document")


def _sourced(campaign: Campaign) -> Iterable[Sourced]:
    maps: tuple[Mapping[str, Sourced], ...] = (
        campaign.phases, campaign.vocabularies, campaign.records, campaign.parameters, campaign.readings, campaign.metrics,
    )  # fmt: skip
    lists: tuple[tuple[Sourced, ...], ...] = (
        campaign.screening, campaign.targets, campaign.duties, campaign.outcomes, campaign.responsibilities, campaign.facts,
    )  # fmt: skip
    yield campaign.period
    yield campaign.units
    for mapping in maps:
        yield from mapping.values()
    for listed in lists:
        yield from listed


def check_vocabularies(work: _Work) -> None:
    """Words are titled; no two words share a title."""
    for name, vocabulary in work.campaign.vocabularies.items():
        if name in FIELD_TYPES:
            work.faults.append(fault("reserved-name", _key(work.campaign, vocabulary), name=name))
        work.vocabularies[name] = {w: tuple(dict.fromkeys((t.zh, t.en))) for w, t in vocabulary.words.items()}


def check_units(work: _Work) -> None:
    """Units of an inline roster are unique, with a declared class and an existing parent."""
    units = work.campaign.units
    if isinstance(units.roster, str):
        return
    known: dict[str, tuple[str, ...]] = {}
    first: dict[str, Any] = {}
    for unit in units.roster:
        if unit.id in known:
            work.refuse("duplicate-id", unit, "id", id=unit.id, related=[(first[unit.id].spot("id"), _FIRST)])
        first.setdefault(unit.id, unit)
        known[unit.id] = (*((unit.title.zh, unit.title.en) if unit.title else ()), *unit.aliases)
    for unit in units.roster:
        if unit.class_ is not None:
            work.known(unit.class_, Text("类别", "class"), units.classes, unit, "class")
        if unit.parent is not None:
            work.known(unit.parent, Text("单位", "unit"), known, unit, "parent")
    work.units = known


# -- parameters ---------------------------------------------------------------------------------------------------


def check_parameters(work: _Work) -> None:
    """A parameter has a value or is deferred, and a type that is known."""
    for name, parameter in work.campaign.parameters.items():
        type_ = _parameter_type(work, parameter)
        if (parameter.value is None) == (parameter.deferred is None):
            work.refuse("value-or-deferred", parameter, name=name)
        elif parameter.deferred is not None:
            _check_bounds(work, parameter, type_)
            work.deferred[name] = type_
        elif type_ is UNKNOWN:
            work.constants[name] = (None, UNKNOWN)
        elif type_.kind == "number":
            number = _quantity(work, parameter.value or "", type_, parameter, "value")
            work.constants[name] = (number, evolve(type_, scale=decimals(number or Decimal(0))))
        elif type_.kind == "date":
            found = _date(parameter.value or "")
            if found is None:
                work.refuse("bad-date", parameter, "value", got=parameter.value)
            work.constants[name] = (found, DATE)
        else:
            work.constants[name] = (parameter.value, TEXT)


def _check_bounds(work: _Work, parameter: Parameter, type_: Type) -> None:
    bounds = parameter.deferred.between if parameter.deferred else ()
    if not bounds:
        return
    if len(bounds) != 2:
        work.refuse("two-bounds", parameter, "deferred", "between")
        return
    low, high = (_quantity(work, b, type_, parameter, "deferred", "between", i) for i, b in enumerate(bounds))
    if low is not None and high is not None and low > high:
        work.refuse("bounds-reversed", parameter, "deferred", "between", low=bounds[0], high=bounds[1])


def _date(text: str) -> Any:
    import datetime as dt  # noqa: PLC0415  (one use)

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _parameter_type(work: _Work, parameter: Parameter) -> Type:
    if parameter.type in PARAMETER_TYPES:
        return {"date": DATE}.get(parameter.type, TEXT)
    unit = _unit(work, parameter.type, parameter, "type")
    return Type("number", unit.dim, DIVISION_PLACES) if parameter.type in UNITS else UNKNOWN


def _unit(work: _Work, name: str, element: Element, *path: str | int) -> Unit:
    if name not in UNITS:
        known = [*UNITS, *(PARAMETER_TYPES if isinstance(element, Parameter) else ())]
        work.refuse("unknown-unit", element, *path, name=name, expected=_like_units(name), hint=did_you_mean(name, known))
    return UNITS.get(name, PLAIN_UNIT)


def _quantity(work: _Work, text: str, type_: Type, element: Element, *path: str | int) -> Decimal | None:
    """`text` in base units, if it is a quantity of `type_`."""
    try:
        quantity = parse_quantity(text)
    except QuantityError as error:
        more = {"hint": did_you_mean(error.part, UNITS), "expected": _like_units(error.part, type_)}
        work.refuse(error.reason, element, *path, **_quantity_args(error), **(more if error.reason == "unknown-unit" else {}))
        return None
    if type_ is UNKNOWN:
        return quantity.base
    plain = not quantity.unit.dim and quantity.unit.power == 0
    if quantity.unit.dim != type_.dim and not (plain and not type_.is_money):
        expected = BASE_UNITS[type_.dim[0][0]].name if len(type_.dim) == 1 else "%"
        work.refuse("wrong-unit", element, *path, got=text, expected=_example_units(type_, expected))
        return None
    return quantity.base


def _quantity_args(error: QuantityError) -> dict[str, Any]:
    if error.reason == "too-many-digits":
        return {"limit": 38}
    return {"name": error.part} if error.reason == "unknown-unit" else {"got": error.part}


def _like_units(name: str, type_: Type | None = None) -> str:
    """Units that share a character with `name`, else common ones; of the dimension wanted, if that is known."""
    fitting = [u for u in UNITS if type_ is None or type_ is UNKNOWN or UNITS[u].dim == type_.dim]
    near = [u for u in fitting if set(u) & set(name)][:8]
    return ", ".join(near or (fitting[:8] if type_ else ("亿元", "万元", "亿美元", "个", "家", "%", "天")))


def _example_units(type_: Type, base: str) -> Text:
    names = [u.name for u in UNITS.values() if u.dim == type_.dim][:8] or [base]
    return Text("、".join(names), ", ".join(names))


# -- records ------------------------------------------------------------------------------------------------------


def _built_in_records() -> dict[str, Record]:
    """The tables that every campaign has."""
    text, unit, date = Field(type="text"), Field(type="unit", required=False, aliases=("单位", "责任单位")), Field(type="date")
    optional = evolve(text, required=False)
    return {
        FIGURES: Record(
            title=Text("报送数据", "figures"),
            fields={
                "metric": evolve(text, aliases=("指标",)), "unit": unit, "on": evolve(date, aliases=("日期", "截止日期")),
                "value": Field(type="quantity", unit="number", decimals=6, aliases=("数值", "完成值")),
            },
        ),
        ATTESTATIONS: Record(
            title=Text("事项完成情况", "attestations"),
            fields={
                "duty": evolve(text, aliases=("事项", "事项编号")), "unit": unit, "on": evolve(date, aliases=("完成日期", "日期")),
                "due_on": Field(type="date", required=False, planned=True, aliases=("应完成日期",)),
                "evidence": evolve(optional, aliases=("佐证材料", "佐证")),
            },
        ),
    }  # fmt: skip


def check_records(work: _Work) -> None:
    """Fields have known types and units; key, unit field and row rules make sense."""
    declared = work.campaign.records
    for name in (FIGURES, ATTESTATIONS, UNIT_TABLE):
        if name in declared:
            work.faults.append(fault("reserved-name", _key(work.campaign, declared[name]), name=name))
    for name, record in {**_built_in_records(), **declared}.items():
        types = {f: _field_type(work, field, record, f) for f, field in record.fields.items()}
        key = (record.key,) if record.key else (("metric", "unit", "on") if name == FIGURES else ())
        work.records[name] = CheckedRecord(name, record, types, _unit_field(work, record), key)
        if record.key:
            work.known(record.key, Text("字段", "field"), record.fields, record, "key")
    for name, record in declared.items():
        work.records[name] = evolve(work.records[name], rules=tuple(_row_rules(work, name, record)))


def _field_type(work: _Work, field: Field, record: Record, name: str) -> Type:
    if name in RESERVED:
        work.faults.append(fault("reserved-name", _key(record, field), name=name))
    if field.type == "quantity":
        if field.unit is None:
            work.refuse("missing-key", field, key="unit", expected="亿元, 万元, 个, %, …")
        else:
            _unit(work, field.unit, field, "unit")
    elif field.unit is not None and field.type != "count":
        work.refuse("unit-not-wanted", field, "unit", name=name)
    if field.type == "tags" and field.of is None:
        work.refuse("missing-key", field, key="of", expected=", ".join(work.vocabularies) or None)
    elif field.type == "tags":
        work.known(field.of or "", Text("词表", "vocabulary"), work.vocabularies, field, "of")
    elif field.type not in FIELD_TYPES:
        work.known(field.type, Text("类型", "type"), [*FIELD_TYPES, *work.vocabularies], field, "type")
    if field.decimals is not None and field.decimals > DIVISION_PLACES:
        work.refuse("too-many-decimals-declared", field, "decimals", limit=DIVISION_PLACES)
    return field_type(field)


def _unit_field(work: _Work, record: Record) -> str | None:
    fields = [name for name, field in record.fields.items() if field.type == "unit"]
    if record.unit is not None:
        work.known(record.unit, Text("单位字段", "unit field"), fields, record, "unit")
        return record.unit
    if len(fields) > 1:
        work.refuse("which-unit-field", record, expected=", ".join(fields))
    return fields[0] if fields else None


def _row_rules(work: _Work, name: str, record: Record) -> Iterable[CheckedRule]:
    for i, rule in enumerate(record.rules):
        if found := work.expression(rule.that, work.row_scope(name), "bool", rule, "that"):
            yield CheckedRule(found, rule, i)


def check_screening(work: _Work) -> None:
    """Each screen names a record and either keeps or drops."""
    for screen in work.campaign.screening:
        if not work.known(screen.record, Text("报送表", "record"), work.campaign.records, screen, "record"):
            continue
        if (screen.keep is None) == (screen.drop is None):
            work.refuse("keep-or-drop", screen)
            continue
        which = "keep" if screen.keep is not None else "drop"
        found = work.expression(screen.keep or screen.drop or "", work.row_scope(screen.record), "bool", screen, which)
        if found:
            record = work.records[screen.record]
            screens = (*record.screens, CheckedScreen(screen, found, which == "keep"))
            work.records[screen.record] = evolve(record, screens=screens)


# -- metrics ------------------------------------------------------------------------------------------------------


def check_metrics(work: _Work) -> None:
    """One verb each, known records and fields, no metric built on itself."""
    for name in work.campaign.metrics:
        _metric(work, name, ())


def _metric(work: _Work, name: str, above: tuple[str, ...]) -> CheckedMetric | None:
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
    if len(verbs) != 1:
        work.refuse("one-verb", metric, *verbs[1:2], got=", ".join(verbs) or None, expected=", ".join(_LOWERING))
    else:
        found = _LOWERING[verbs[0]](work, name, metric, (*above, name))
    if found is None:
        work.refused.add(name)
    else:
        work.metrics[name] = found
    return found


def _used(work: _Work, used: str, metric: Metric, path: str, above: tuple[str, ...]) -> CheckedMetric | None:
    if not work.known(used, Text("指标", "metric"), work.campaign.metrics, metric, path):
        return None
    return _metric(work, used, above)


def _count(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    if not work.known(metric.count or "", Text("报送表", "record"), work.records, metric, "count"):
        return None
    return _measured(work, name, metric, Measure("count", metric.count or ""), Type("number", (("count", 1),)))


def _aggregate(verb: Any) -> Callable[[_Work, str, Metric, tuple[str, ...]], CheckedMetric | None]:
    def lower(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
        place = _field_of(work, getattr(metric, verb), metric, verb)
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


def _field_of(work: _Work, words: str, element: Element, *path: str | int) -> tuple[str, str] | None:
    """`record.field` as a pair."""
    record, dot, field = words.partition(".")
    if not dot:
        work.refuse("record-dot-field", element, *path, got=words, hint=_field_hint(work, record))
        return None
    if not work.known(record, Text("报送表", "record"), work.records, element, *path):
        return None
    if not work.known(field, Text("字段", "field"), work.records[record].types, element, *path):
        return None
    return record, field


def _field_hint(work: _Work, words: str) -> Text | None:
    """For a record without field one of its fields, for a field without record the record that has it."""
    owner = next((r for r, checked in work.records.items() if words in checked.types), None)
    if words not in work.records and owner is None:
        return None
    example = f"{owner}.{words}" if owner else f"{words}.{next(iter(work.records[words].types), '…')}"
    return Text(f"例如 {example}", f"for example {example}")


def _measured(work: _Work, name: str, metric: Metric, measure: Measure, type_: Type) -> CheckedMetric | None:
    """Add the modifiers to a measure."""
    scope = work.row_scope(measure.record)
    filters = list(measure.filters)
    if metric.where is not None and (found := work.expression(metric.where, scope, "bool", metric, "where")):
        filters.append(found)
    on = metric.on if metric.on is not None else measure.on
    for key in ("on", "until"):
        if (chosen := getattr(metric, key)) is not None:
            _date_field(work, chosen, measure.record, metric, key)
    if metric.until is not None and (metric.accumulate != "level" or measure.verb not in ("count", "sum", "mean")):
        work.refuse("until-needs-level", metric, "until")
    if on is None and measure.verb != "rate":
        dates = [f for f, t in work.records[measure.record].types.items() if t.kind == "date"]
        work.refuse("missing-key", metric, key="on", expected=", ".join(dates) or None)
        return None
    accumulate = metric.accumulate if metric.of is None or metric.accumulate != "flow" else measure.accumulate
    measure = evolve(
        measure, filters=tuple(filters), on=on, until=metric.until or measure.until, accumulate=accumulate,
        since=metric.since or measure.since,
    )  # fmt: skip
    reached = (measure.reached,) if measure.reached else ()
    awaits = frozenset(n for e in (*filters, *reached) for n in e.names if n in work.deferred)
    return CheckedMetric(name, metric, measure, type_, _shown_in(work, metric, type_, measure), awaits)


def _date_field(work: _Work, field: str, record: str, element: Element, *path: str | int) -> None:
    types = work.records[record].types
    dates = [f for f, t in types.items() if t.kind == "date"]
    if field in types and field not in dates:
        work.refuse("wrong-type", element, *path, expected=Text("日期字段", "a date field"), got=str(types[field]))
        return
    work.known(field, Text("日期字段", "date field"), dates, element, *path)


def _shown_in(work: _Work, metric: Metric, type_: Type, kernel: Kernel) -> Unit:
    """The unit a metric is shown in: the stated one, the field's own, or the base unit of its dimension."""
    if metric.unit is not None:
        unit = _unit(work, metric.unit, metric, "unit")
        if unit.dim != type_.dim and type_.kind == "number" and metric.unit in UNITS:
            work.refuse("wrong-unit", metric, "unit", got=metric.unit, expected=_example_units(type_, "%"))
        return unit
    if isinstance(kernel, Measure) and kernel.field is not None and kernel.verb not in ("distinct", "rate"):
        field = work.records[kernel.record].record.fields[kernel.field]
        if field.unit in UNITS:
            return UNITS[field.unit]
    if isinstance(kernel, Measure) and kernel.verb == "rate" or isinstance(kernel, Growth):
        return UNITS["%"]
    return BASE_UNITS.get(type_.dim[0][0], PLAIN_UNIT) if len(type_.dim) == 1 else PLAIN_UNIT


def _rate(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
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
    measure = Measure("rate", rate.of, rate.amount, filters=(where,) if where else (), reached=reached, empty_is_missing=True)
    return _measured(work, name, metric, measure, evolve(NUMBER, scale=DIVISION_PLACES))


_DATE_OR_CONDITION: Final = Text("日期字段或条件", "a date field or a condition")


def _reported(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    unit = _unit(work, metric.reported or "", metric, "reported")
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
    shown = unit if metric.unit is None else _unit(work, metric.unit, metric, "unit")
    return CheckedMetric(name, metric, evolve(measure, since=metric.since), type_, shown)


def _of_which(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
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


def _formula(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    names = {n: found for n in _mentioned(metric.formula or "", work) if (found := _metric(work, n, above))}
    types = {n: names[n].type if n in names else UNKNOWN for n in work.campaign.metrics}
    found = work.expression(metric.formula or "", work.scope({"as_of": DATE, **work.deferred, **types}), "number", metric, "formula")
    if found is None or any(n in work.refused for n in found.names):
        return None
    awaits = frozenset(n for n in found.names if n in work.deferred)
    awaits |= frozenset(a for n in found.names if n in names for a in names[n].awaits)
    type_ = evolve(found.type, scale=min(found.type.scale, DIVISION_PLACES))
    return CheckedMetric(name, metric, found, type_, _shown_in(work, metric, type_, found), awaits)


def _mentioned(text: str, work: _Work) -> list[str]:
    """Metrics whose names stand in a formula, so that they are checked before it."""
    words = set(NAME.findall(text))
    return [name for name in work.campaign.metrics if name in words]


def _growth(work: _Work, name: str, metric: Metric, above: tuple[str, ...]) -> CheckedMetric | None:
    base = _used(work, metric.growth or "", metric, "growth", above)
    if metric.against is None:
        work.refuse("missing-key", metric, key="against", expected="year, half, quarter, month, week")
        return None
    if base is None:
        return None
    type_ = evolve(NUMBER, scale=DIVISION_PLACES)
    kernel = Growth(base.id, metric.against)
    return CheckedMetric(name, metric, kernel, type_, _shown_in(work, metric, type_, kernel), base.awaits)


_LOWERING: Final[dict[str, Callable[[_Work, str, Metric, tuple[str, ...]], CheckedMetric | None]]] = {
    "count": _count,
    **{verb: _aggregate(verb) for verb in ("sum", "distinct", "mean", "min", "max", "last")},
    "rate": _rate,
    "reported": _reported,
    "of": _of_which,
    "formula": _formula,
    "growth": _growth,
}


# -- demands ------------------------------------------------------------------------------------------------------


def _judged(work: _Work, demand: Demand) -> tuple[Judged, ...]:
    words = (demand.for_,) if isinstance(demand.for_, str) else demand.for_
    found = [_judged_one(work, one, demand) for one in words]
    return tuple(j for j in found if j is not None)


def _judged_one(work: _Work, words: str, demand: Demand) -> Judged | None:
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


def _leads(work: _Work, demand: Demand) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lead and support: the demand's own, else those of the longest responsibility clause it lies under."""
    if demand.lead or demand.support or demand.source is None:
        return demand.lead, demand.support
    under = [r for r in work.campaign.responsibilities if r.source and _lies_under(demand.source, r.source)]
    best = max(under, key=lambda r: len(r.source or ""), default=None)
    return (best.lead, best.support) if best else ((), ())


def _lies_under(clause: str, above: str) -> bool:
    return clause.startswith(above) and not (clause[len(above) :][:1].isdigit() and above[-1:].isdigit())


def _awaits(work: _Work, demand: Demand) -> frozenset[str]:
    for i, name in enumerate(demand.awaits):
        work.known(name, Text("参数", "parameter"), work.campaign.parameters, demand, "awaits", i)
    return frozenset(name for name in demand.awaits if name in work.deferred)


def check_targets(work: _Work) -> None:
    """Each target has a metric, windows, one comparison and numbers in fitting units."""
    for target in work.campaign.targets:
        if (found := _target(work, target)) is not None:
            work.targets.append(found)


def _target(work: _Work, target: Target) -> CheckedTarget | None:
    windows = _windows(work, target.in_, target, "in")
    judged = _judged(work, target)
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
        exceptions, awaits | pending | more | metric.awaits, lead, support,
    )  # fmt: skip


def _check_scope(work: _Work, target: Target, metric: CheckedMetric, judged: tuple[Judged, ...]) -> None:
    """A demand on units needs rows that say which unit they belong to."""
    by_unit = any(j.kind != "campaign" for j in judged)
    kernel = metric.kernel
    if by_unit and isinstance(kernel, Measure) and work.records[kernel.record].unit is None:
        work.refuse("record-without-unit", target, "for", record=kernel.record)


def _numbers(
    work: _Work, target: Target, metric: CheckedMetric, comparison: str
) -> tuple[Number | None, Number | None, Unit, frozenset[str]]:
    if comparison == "every":
        if metric.type.dim or not isinstance(metric.kernel, (Measure, Expression)):
            work.refuse("every-needs-rate", target, "every")
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
    work: _Work, text: str, metric: CheckedMetric, element: Element, *path: str | int
) -> tuple[Number | None, Unit, frozenset[str]]:
    """A demand's number: a quantity, a parameter or a submitted table; the unit to show it in; what it awaits."""
    if text in work.deferred:
        return Number(None), metric.unit, frozenset({text})
    if text in work.constants:
        return Number(work.constants[text][0]), _parameter_unit(work, text, metric), frozenset()
    if "." in text and NAME.match(text):
        place = _field_of(work, text, element, *path)
        if place is not None and work.records[place[0]].types[place[1]].dim != metric.type.dim:
            work.refuse("wrong-unit", element, *path, got=text, expected=_example_units(metric.type, "%"))
        return (Number(None, place) if place else None), metric.unit, frozenset()
    if NAME.fullmatch(text) and text not in UNITS and text[0] not in "一二三四五六七八九十百千万两":
        known = [*work.campaign.parameters]
        expected = ", ".join(["20 个", "80 亿元", "90%", *known[:12]])
        work.refuse("unknown-name", element, *path, name=text, hint=did_you_mean(text, known), expected=expected)
        return None, metric.unit, frozenset()
    value = _quantity(work, text, metric.type, element, *path)
    return (Number(value) if value is not None else None), _unit_of(text, metric), frozenset()


def _parameter_unit(work: _Work, name: str, metric: CheckedMetric) -> Unit:
    unit = UNITS.get(work.campaign.parameters[name].type, metric.unit)
    return unit if unit.dim == metric.type.dim else metric.unit


def _unit_of(text: str, metric: CheckedMetric) -> Unit:
    try:
        unit = parse_quantity(text).unit
    except QuantityError:
        return metric.unit
    return metric.unit if unit is PLAIN_UNIT else unit


def _exception(demand: Demand, unit: str) -> Any:
    """The key of an exception."""
    node = demand.spot("except")
    return (node.key(unit) if isinstance(node, Mapping_) else None) or node


def _exceptions(
    work: _Work, target: Target, metric: CheckedMetric
) -> tuple[dict[str, Number | None], frozenset[str]]:
    found: dict[str, Number | None] = {}
    awaits: frozenset[str] = frozenset()
    for unit, text in target.except_.items():
        if work.units is not None and unit not in work.units:
            work.unknown(unit, Text("单位", "unit"), [*work.units], _exception(target, unit))
        if text == "not_applicable":
            found[unit] = None
            continue
        number, _, pending = _number(work, text, metric, target, "except", unit)
        found[unit] = number
        awaits |= pending
    return found, awaits


# -- duties -------------------------------------------------------------------------------------------------------


def check_duties(work: _Work) -> None:
    """Each duty has a due date, a recurrence or neither; its proof is a known record."""
    for duty in work.campaign.duties:
        awaits = _awaits(work, duty) | ({duty.every} if duty.every in work.deferred else frozenset())
        record = duty.record or ATTESTATIONS
        judged = _judged(work, duty)
        if not work.known(record, Text("报送表", "record"), work.records, duty, "record"):
            continue
        filters = ()
        if duty.where is not None:
            found = work.expression(duty.where, work.row_scope(record), "bool", duty, "where")
            filters = (found,) if found else ()
        for unit, said in duty.except_.items():
            if said != "not_applicable":
                hint = Text("事项的例外只能是不适用", "an exception to a duty can only be that it does not apply")
                work.refuse("not-a-quantity", duty, "except", unit, got=said, expected="not_applicable", hint=hint)
            if work.units is not None and unit not in work.units:
                work.unknown(unit, Text("单位", "unit"), [*work.units], _exception(duty, unit))
        lead, support = _leads(work, duty)
        exceptions = dict.fromkeys(duty.except_)
        occurrences = () if awaits else _occurrences(work, duty)
        on = _duty_date(work, duty, record)
        work.duties.append(
            CheckedDuty(duty, judged, occurrences, record, on, filters, exceptions, frozenset(awaits), lead, support)
        )


def _duty_date(work: _Work, duty: Duty, record: str) -> str:
    if duty.on is not None:
        _date_field(work, duty.on, record, duty, "on")
        return duty.on
    if record == ATTESTATIONS:
        return "on"
    dates = [f for f, t in work.records[record].types.items() if t.kind == "date"]
    if len(dates) != 1:
        work.refuse("missing-key", duty, key="on", expected=", ".join(dates) or None)
    return dates[0] if dates else ""


def _occurrences(work: _Work, duty: Duty) -> tuple[Occurrence, ...]:
    bases = _windows(work, duty.in_, duty, "in")
    if duty.by is not None and duty.every is not None:
        work.refuse("by-or-every", duty, "by")
    if duty.every is None and duty.due:
        work.refuse("due-needs-every", duty, "due")
    if duty.by is not None:
        return _due_once(work, duty)
    if duty.every is None:
        return ()
    if duty.every not in RECURRENCES:
        hint = did_you_mean(duty.every, RECURRENCES)
        work.refuse("unknown-recurrence", duty, "every", name=duty.every, expected=", ".join(RECURRENCES), hint=hint)
        return ()
    try:
        found = [o for base in bases for o in work.calendar.occurrences(duty.every, duty.due, base, duty.shift)]
    except TimeError as error:
        words = str(error.args[0])
        at = ("due", duty.due.index(words)) if words in duty.due else ("due",)
        work.refuse("unknown-due", duty, *at, name=words)
        return ()
    kept = (o for o in found if not (o.window.cut and duty.partial == "skipped"))
    return tuple(sorted(kept, key=lambda o: o.due))


def _due_once(work: _Work, duty: Duty) -> tuple[Occurrence, ...]:
    period = work.calendar.period
    try:
        window = work.calendar.window(duty.by or "")
    except TimeError:
        known = ["campaign", *work.campaign.phases]
        work.refuse("unknown-window", duty, "by", name=duty.by or "", hint=did_you_mean(duty.by or "", known))
        return ()
    start = min(period.start, window.start)
    return (Occurrence(Window(window.id, start, window.end), start, window.end),)


def check_outcomes(work: _Work) -> None:
    """Outcomes name targets or duties of this file."""
    ids = [e.id for e in (*work.campaign.targets, *work.campaign.duties)]
    for outcome in work.campaign.outcomes:
        for i, name in enumerate(outcome.all_of):
            work.known(name, Text("目标", "target"), ids, outcome, "all_of", i)


def check_facts(work: _Work) -> None:
    """A fact's window is a time."""
    for fact in work.campaign.facts:
        if fact.in_ is None:
            continue
        try:
            work.calendar.windows(fact.in_)
        except TimeError:
            work.refuse("unknown-window", fact, "in", name=fact.in_)


def check_readings(work: _Work) -> None:
    """The chosen reading exists and is the one the file is written in; changes have a path."""
    for reading in work.campaign.readings.values():
        if work.known(reading.chosen, Text("读法", "reading"), reading.options, reading, "chosen"):
            chosen = reading.options[reading.chosen]
            if chosen.set:
                work.refuse("chosen-reading-changes", chosen, "set")


PASSES: Final[tuple[Callable[[_Work], None], ...]] = (
    check_time,
    check_names,
    check_documents,
    check_vocabularies,
    check_units,
    check_parameters,
    check_records,
    check_screening,
    check_metrics,
    check_targets,
    check_duties,
    check_outcomes,
    check_facts,
    check_readings,
)

__all__ = ["PASSES", "check", "Literally", "UNIT"]
