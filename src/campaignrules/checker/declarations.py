"""What a campaign declares before it demands: time, names, vocabularies, units, parameters, records, screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from campaignrules.calendar import YEARS, Window
from campaignrules.checked import (
    ATTESTATIONS,
    FIGURES,
    RETURNS,
    UNIT_TABLE,
    CheckedRecord,
    CheckedRule,
    CheckedScreen,
)
from campaignrules.checker.lookalikes import skeleton
from campaignrules.checker.work import (
    FIELD_TYPES,
    PARAMETER_TYPES,
    RESERVED,
    Work,
    example_units,
    quantity_of,
    unit_of,
    windows_of,
)
from campaignrules.errors import Text, fault
from campaignrules.model import (
    Campaign,
    Derived,
    Element,
    Field,
    Parameter,
    Record,
    Sourced,
)
from campaignrules.quantities import (
    DIVISION_PLACES,
    MONEY,
    UNITS,
    decimals,
)
from campaignrules.source import Mapping as Mapping_
from campaignrules.source import Scalar
from campaignrules.trees import COUNT, DATE, NUMBER, TEXT, UNKNOWN, Apply, Expression, Literally, Type, field_type


def check_time(work: Work) -> None:
    """The period and phases run forward; phases lie inside the period."""
    campaign = work.campaign
    for element in (campaign.period, *campaign.phases.values()):
        if element.from_ > element.to:
            work.refuse("ends-before-it-starts", element, "to", start=element.from_, end=element.to)
    period = campaign.period
    for key, day in (("from", period.from_), ("to", period.to)):
        if day.year not in YEARS:
            work.refuse("bad-date", period, key, expected=f"{YEARS[0]}–{YEARS[-1]}", got=str(day))
    for name, phase in campaign.phases.items():
        if phase.from_ < period.from_ or phase.to > period.to:
            work.refuse("phase-outside-period", phase, name=name, start=period.from_, end=period.to)


def check_names(work: Work) -> None:
    """Ids are unique; names of fields, metrics and parameters are free of clashes with units of measure."""
    campaign = work.campaign
    seen: dict[str, Element] = {}
    identified: list[tuple[str, Element]] = [(e.id, e) for e in campaign.targets]
    identified += [(e.id, e) for e in campaign.duties] + [(e.id, e) for e in campaign.outcomes]
    identified += [(e.id, e) for e in campaign.facts] + [(e.id, e) for e in campaign.screening]
    identified += [(e.id, e) for e in campaign.responsibilities] + [(e.id, e) for e in campaign.returns]
    for name, element in identified:
        if name in seen:
            work.refuse("duplicate-id", element, "id", id=name, related=[(seen[name].spot("id"), _FIRST)])
        seen[name] = element
    for names in (campaign.metrics, campaign.parameters):
        for name, element in names.items():
            if name in RESERVED:
                work.faults.append(fault("reserved-name", _key(campaign, element), name=name))
    for name in sorted(set(campaign.metrics) & set(campaign.parameters)):
        related = [(_key(campaign, campaign.metrics[name]), _FIRST)]
        work.faults.append(fault("duplicate-id", _key(campaign, campaign.parameters[name]), id=name, related=related))


def check_lookalikes(work: Work) -> None:
    """No two names of a campaign, and no two ids, that a reader would take for one."""
    seen: dict[str, Scalar] = {}
    for name in _names(work.campaign):
        first = seen.setdefault(skeleton(name.text), name)
        _refuse_lookalike(work, name, first)
    ids: dict[str, Scalar] = {}
    for name in _ids(work.campaign):
        _refuse_lookalike(work, name, ids.setdefault(skeleton(name.text, ascii_too=False), name))


def _refuse_lookalike(work: Work, name: Scalar, first: Scalar) -> None:
    if name.text != first.text:
        strange = [c for c in dict.fromkeys(name.text + first.text) if not c.isascii()]
        got = ", ".join(f"{c} U+{ord(c):04X}" for c in strange[:5]) or None
        related = [(first, _FIRST)]
        work.faults.append(fault("look-alike", name, name=name.text, other=first.text, got=got, related=related))


def _names(campaign: Campaign) -> Iterable[Scalar]:
    """The keys that are names: they are used in formulas and wherever the file points at something."""
    for section in ("phases", "vocabularies", "records", "parameters", "metrics"):
        for key, value in _pairs(campaign.node, section):
            yield key
            for below in {"vocabularies": ("words",), "records": ("fields", "derived")}.get(section, ()):
                yield from (name for name, _ in _pairs(value, below))
    units = campaign.node.get("units") if campaign.node is not None else None
    yield from (name for name, _ in _pairs(units, "classes"))


def _pairs(node: Any, key: str) -> tuple[tuple[Scalar, Any], ...]:
    below = node.get(key) if isinstance(node, Mapping_) else None
    return below.pairs if isinstance(below, Mapping_) else ()


def _ids(campaign: Campaign) -> Iterable[Scalar]:
    roster = campaign.units.roster
    listed: tuple[tuple[Element, ...], ...] = (
        campaign.targets, campaign.duties, campaign.returns, campaign.outcomes, campaign.facts, campaign.screening,
        () if isinstance(roster, str) else roster,
    )  # fmt: skip
    for elements in listed:
        yield from (spot for element in elements if isinstance(spot := element.spot("id"), Scalar))


def _key(above: Element, element: Element) -> Any:
    """The key under which `element` stands in one of the mappings of `above`, or the element itself."""
    sections = [value for _, value in above.node.pairs] if above.node is not None else []
    pairs = [pair for section in sections if isinstance(section, Mapping_) for pair in section.pairs]
    return next((key for key, value in pairs if value is element.node), element.node)


_FIRST: Final = Text("第一次出现在这里", "first used here")


def check_documents(work: Work) -> None:
    """`document:` names one of the documents."""
    for element in _sourced(work.campaign):
        if element.document is not None:
            work.known(element.document, Text("文件", "document"), work.campaign.documents, element, "document")


def _sourced(campaign: Campaign) -> Iterable[Sourced]:
    maps: tuple[Mapping[str, Sourced], ...] = (
        campaign.phases, campaign.vocabularies, campaign.records, campaign.parameters, campaign.readings, campaign.metrics,
    )  # fmt: skip
    lists: tuple[tuple[Sourced, ...], ...] = (
        campaign.screening, campaign.targets, campaign.duties, campaign.returns, campaign.outcomes, campaign.responsibilities,
        campaign.facts,
    )  # fmt: skip
    yield campaign.period
    yield campaign.units
    for mapping in maps:
        yield from mapping.values()
    for listed in lists:
        yield from listed


def check_vocabularies(work: Work) -> None:
    """Words are titled; no two words share a title."""
    for name, vocabulary in work.campaign.vocabularies.items():
        if name in FIELD_TYPES:
            work.faults.append(fault("reserved-name", _key(work.campaign, vocabulary), name=name))
        work.vocabularies[name] = {w: tuple(dict.fromkeys((t.zh, t.en))) for w, t in vocabulary.words.items()}


def check_units(work: Work) -> None:
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


def check_parameters(work: Work) -> None:
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
            number = quantity_of(work, parameter.value or "", type_, parameter, "value")
            known = UNKNOWN if number is None else evolve(type_, scale=decimals(number))
            work.constants[name] = (number, known)
        elif type_.kind == "date":
            found = _date(parameter.value or "")
            if found is None:
                work.refuse("bad-date", parameter, "value", got=parameter.value)
            work.constants[name] = (found, UNKNOWN if found is None else DATE)
        else:
            work.constants[name] = (parameter.value, TEXT)


def _check_bounds(work: Work, parameter: Parameter, type_: Type) -> None:
    bounds = parameter.deferred.between if parameter.deferred else ()
    if not bounds:
        return
    if len(bounds) != 2:
        work.refuse("two-bounds", parameter, "deferred", "between")
        return
    low, high = (quantity_of(work, b, type_, parameter, "deferred", "between", i) for i, b in enumerate(bounds))
    if low is not None and high is not None and low > high:
        work.refuse("bounds-reversed", parameter, "deferred", "between", low=bounds[0], high=bounds[1])


def _date(text: str) -> Any:
    import datetime as dt  # noqa: PLC0415  (one use)

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _parameter_type(work: Work, parameter: Parameter) -> Type:
    if parameter.type in PARAMETER_TYPES:
        return {"date": DATE}.get(parameter.type, TEXT)
    unit = unit_of(work, parameter.type, parameter, "type")
    return Type("number", unit.dim, DIVISION_PLACES) if parameter.type in UNITS else UNKNOWN


_TEXT: Final = Field(type="text")
_OPTIONAL: Final = evolve(_TEXT, required=False)
_UNIT: Final = Field(type="unit", required=False, aliases=("单位", "责任单位"))
_DATE: Final = Field(type="date")
_FIGURES: Final = Record(
    title=Text("报送数据", "figures"),
    fields={
        "metric": evolve(_TEXT, aliases=("指标",)),
        "unit": _UNIT,
        "on": evolve(_DATE, aliases=("日期", "截止日期")),
        "value": Field(type="quantity", unit="number", decimals=6, aliases=("数值", "完成值")),
    },
)
_ATTESTATIONS: Final = Record(
    title=Text("事项完成情况", "attestations"),
    fields={
        "duty": evolve(_TEXT, aliases=("事项", "事项编号")),
        "unit": _UNIT,
        "on": evolve(_DATE, aliases=("完成日期", "日期")),
        "due_on": evolve(_DATE, required=False, planned=True, aliases=("应完成日期",)),
        "evidence": evolve(_OPTIONAL, aliases=("佐证材料", "佐证")),
    },
)
_RETURNS: Final = Record(
    title=Text("报送登记", "submissions"),
    fields={
        "return": evolve(_TEXT, aliases=("报送要求", "报送编号")),
        "unit": evolve(_UNIT, required=True, aliases=("单位", "责任单位", "报送单位", "填报单位")),
        "on": evolve(_DATE, aliases=("报送日期", "填报日期", "日期")),
        "window": evolve(_OPTIONAL, aliases=("报告期", "期次", "时间窗")),
        "records": evolve(_OPTIONAL, aliases=("报送表",)),
    },
)


def _built_in_records(campaign: Campaign) -> dict[str, Record]:
    """The tables that every campaign has; that of what was submitted where there are returns."""
    always = {FIGURES: _FIGURES, ATTESTATIONS: _ATTESTATIONS}
    return {**always, RETURNS: _RETURNS} if campaign.returns else always


def check_records(work: Work) -> None:
    """Fields have known types and units; key, unit field and row rules make sense."""
    declared, built_in = work.campaign.records, _built_in_records(work.campaign)
    for name in (*built_in, UNIT_TABLE):
        if name in declared:
            work.faults.append(fault("reserved-name", _key(work.campaign, declared[name]), name=name))
    for name, record in {**built_in, **declared}.items():
        types = {f: _field_type(work, field, record, f) for f, field in record.fields.items()}
        key = (record.key,) if record.key else (("metric", "unit", "on") if name == FIGURES else ())
        within = {f: windows for f, field in record.fields.items() if (windows := _within(work, field))}
        work.records[name] = CheckedRecord(name, record, types, _unit_field(work, record), key, within=within)
        if record.key:
            work.known(record.key, Text("字段", "field"), record.fields, record, "key")
    for name, record in declared.items():
        for derived in record.derived:
            _derive(work, name, derived)
        work.records[name] = evolve(work.records[name], rules=tuple(_row_rules(work, name, record)))


def _derive(work: Work, record: str, name: str) -> None:
    """Add a derived field: it may use the fields and the derived ones before it."""
    known = work.records[record]
    derived = known.record.derived[name]
    if name in RESERVED:
        work.faults.append(fault("reserved-name", _key(known.record, derived), name=name))
    if name in known.types:
        related = [(known.record.spot("fields", name), _FIRST)]
        work.faults.append(fault("duplicate-id", _key(known.record, derived), id=name, related=related))
        return
    found = work.expression(derived.formula, work.row_scope(record), None, derived, "formula")
    if found is not None and found.type.kind not in _DERIVED:
        work.refuse("wrong-type", derived, "formula", expected=_DERIVED_VALUE, got=str(found.type))
        found = None
    found = None if found is None else _kept(found)
    made = known.derived if found is None else {**known.derived, name: found}
    type_ = UNKNOWN if found is None else _in_unit(work, name, derived, found.type)
    work.records[record] = evolve(known, types={**known.types, name: type_}, derived=made)


def _kept(formula: Expression) -> Expression:
    """The formula with its number kept to 12 decimals, half to even."""
    kind = formula.type
    if kind.kind != "number" or kind.scale <= DIVISION_PLACES:
        return formula
    places = Literally(Decimal(DIVISION_PLACES), NUMBER)
    root = Apply("round_even", (formula.root, places), evolve(kind, scale=DIVISION_PLACES))
    return evolve(formula, root=root)


def _in_unit(work: Work, name: str, derived: Derived, type_: Type) -> Type:
    """The type of a derived field: a plain number or a count is one of the unit it is shown in, unless that is money."""
    if derived.unit is None or type_ is UNKNOWN:
        return type_
    unit = unit_of(work, derived.unit, derived, "unit")
    if type_.kind != "number":
        work.refuse("unit-not-wanted", derived, "unit", name=name)
    elif type_.dim in ((), COUNT.dim) and unit.dimension not in MONEY:
        return evolve(type_, dim=unit.dim)
    elif derived.unit in UNITS and unit.dim != type_.dim:
        work.refuse("wrong-unit", derived, "unit", got=derived.unit, expected=example_units(type_, "%"))
    return type_


_DERIVED: Final = ("number", "bool", "date", "text", "word", "unit", "unknown")
_DERIVED_VALUE: Final = Text("数、条件、日期、文字或词", "a number, a condition, a date, a text or a word")


def _field_type(work: Work, field: Field, record: Record, name: str) -> Type:
    if name in RESERVED:
        work.faults.append(fault("reserved-name", _key(record, field), name=name))
    if field.type == "quantity":
        if field.unit is None:
            work.refuse("missing-key", field, key="unit", expected="亿元, 万元, 个, %, …")
        else:
            unit_of(work, field.unit, field, "unit")
    elif field.unit is not None and field.type != "count":
        work.refuse("unit-not-wanted", field, "unit", name=name)
    sound = True
    if field.type == "tags" and field.of is None:
        work.refuse("missing-key", field, key="of", expected=", ".join(work.vocabularies) or None)
    elif field.type == "tags":
        sound = work.known(field.of or "", Text("词表", "vocabulary"), work.vocabularies, field, "of")
    elif field.type not in FIELD_TYPES:
        sound = work.known(field.type, Text("类型", "type"), [*FIELD_TYPES, *work.vocabularies], field, "type")
    if field.decimals is not None and field.decimals > DIVISION_PLACES:
        work.refuse("too-many-decimals-declared", field, "decimals", limit=DIVISION_PLACES)
    return field_type(field) if sound else UNKNOWN


def _within(work: Work, field: Field) -> tuple[Window, ...]:
    """The windows in which the dates of a field must lie; () anywhere."""
    if field.within is None:
        return ()
    if field.type != "date":
        work.refuse("within-not-wanted", field, "within")
        return ()
    return windows_of(work, field.within, field, "within")


def _unit_field(work: Work, record: Record) -> str | None:
    fields = [name for name, field in record.fields.items() if field.type == "unit"]
    if record.unit is not None:
        work.known(record.unit, Text("单位字段", "unit field"), fields, record, "unit")
        return record.unit
    if len(fields) > 1:
        work.refuse("which-unit-field", record, expected=", ".join(fields))
    return fields[0] if fields else None


def _row_rules(work: Work, name: str, record: Record) -> Iterable[CheckedRule]:
    for i, rule in enumerate(record.rules):
        found = work.expression(rule.that, work.row_scope(name), "bool", rule, "that")
        if found is not None and (derived := sorted(found.names & work.records[name].derived.keys())):
            work.refuse("derived-in-row-rule", rule, "that", name=derived[0])
        elif found is not None:
            yield CheckedRule(found, rule, i)


def check_screening(work: Work) -> None:
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
