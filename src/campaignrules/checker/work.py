"""What the passes share: the work so far, and the checks that several of them make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import Factory, define

from campaignrules.calendar import RECURRENCES, Calendar, TimeError, Window
from campaignrules.checked import (
    CheckedDuty,
    CheckedHonour,
    CheckedMetric,
    CheckedProperty,
    CheckedRanking,
    CheckedRecord,
    CheckedReturn,
    CheckedScorecard,
    CheckedTarget,
    Scored,
    ScoreFormula,
)
from campaignrules.errors import Diagnostic, Text, did_you_mean, fault
from campaignrules.expressions import examine
from campaignrules.model import (
    NAME,
    Campaign,
    Demand,
    Element,
    Names,
    Parameter,
)
from campaignrules.quantities import (
    BASE_UNITS,
    PLAIN_UNIT,
    UNITS,
    QuantityError,
    Unit,
    parse_quantity,
)
from campaignrules.source import Scalar
from campaignrules.trees import DATE, UNKNOWN, Expression, Kind, Scope, Type

FIELD_TYPES: Final = ("text", "quantity", "count", "date", "bool", "unit", "tags")
PARAMETER_TYPES: Final = ("text", "date", "list", "recurrence")
RESERVED: Final = frozenset({"as_of", "campaign", "unit_id"}) | frozenset(UNITS)


@define(eq=False, repr=False)
class Work:
    """What the passes have made so far."""

    campaign: Campaign
    calendar: Calendar
    unsure: frozenset[str] = frozenset()
    """Words of the parts of the file that had a fault of form and were left out: they may be declared there."""
    faults: list[Diagnostic] = Factory(list)
    vocabularies: dict[str, dict[str, tuple[str, ...]]] = Factory(dict)
    units: dict[str, tuple[str, ...]] | None = None
    constants: dict[str, tuple[Any, Type]] = Factory(dict)
    deferred: dict[str, Type] = Factory(dict)
    records: dict[str, CheckedRecord] = Factory(dict)
    metrics: dict[str, CheckedMetric] = Factory(dict)
    references: dict[str, dict[str, Type]] = Factory(dict)
    """What the functions of quoted ids may name in scoring formulas: found once, when targets and duties are checked."""
    refused: set[str] = Factory(set)
    """Metrics with a fault: said once, where it is."""
    targets: list[CheckedTarget] = Factory(list)
    duties: list[CheckedDuty] = Factory(list)
    returns: list[CheckedReturn] = Factory(list)
    scorecards: dict[str, CheckedScorecard] = Factory(dict)
    items: dict[str, ScoreFormula] = Factory(dict)
    """`card.item` → its points."""
    rankings: dict[str, CheckedRanking] = Factory(dict)
    honours: list[CheckedHonour] = Factory(list)
    properties: list[CheckedProperty] = Factory(list)
    scoring_order: list[tuple[Scored, str]] = Factory(list)

    def refuse(self, code: str, element: Element, *path: str | int, **args: Any) -> None:
        self.faults.append(fault(code, element.spot(*path), **args))

    def known(self, name: str, kind: Text, among: Iterable[str], element: Element, *path: str | int) -> bool:
        """Whether `name` is declared; a fault with a suggestion if not."""
        names = list(among)
        if name in names:
            return True
        if name in self.unsure:
            return False
        self.unknown(name, kind, names, element.spot(*path))
        return False

    def unknown(self, name: str, kind: Text, names: list[str], at: Any) -> None:
        """A fault at a name that is not declared: what kind it should be, what there is, what was meant."""
        listed = ", ".join(names[:15])
        expected = Text(
            f"{kind.zh} {listed or '（还没有声明任何一个）'}", f"{kind.en} {listed or '(none is declared)'}"
        )
        self.faults.append(fault("unknown-name", at, name=name, expected=expected, hint=did_you_mean(name, names)))

    def expression(
        self, text: str, scope: Scope, want: Kind | None, element: Element, *path: str | int
    ) -> Expression | None:
        node = element.spot(*path)
        found, faults = examine(text, scope, want, node if isinstance(node, Scalar) else None)
        self.faults += faults
        return found

    def scope(self, names: Mapping[str, Type]) -> Scope:
        """The scope of a formula; names that may stand in a part left out have the unknown type."""
        if self.unsure:
            names = {**dict.fromkeys((word for word in self.unsure if NAME.fullmatch(word)), UNKNOWN), **names}
        return Scope(names, self.vocabularies, self.units, self.constants)

    def row_scope(self, record: str) -> Scope:
        types = self.records[record].shown if record in self.records else {}
        return self.scope({"as_of": DATE, **self.deferred, **types})


def windows_of(work: Work, words: Names, element: Element, path: str) -> tuple[Window, ...]:
    """The windows that an element's words name, in time order; skipped ones left out."""
    found: list[Window] = []
    for one in dict.fromkeys((words,) if isinstance(words, str) else words):
        try:
            found += work.calendar.windows(one)
        except TimeError as error:
            part = str(error.args[0])
            if {one, part} & work.unsure:
                continue
            known = ["campaign", *work.campaign.phases, *(f"each {r}" for r in RECURRENCES)]
            hint = did_you_mean(one, known) or did_you_mean(part, known)
            work.refuse("unknown-window", element, path, name=one, hint=hint)
    skipped = isinstance(element, Demand) and element.partial == "skipped"
    kept = [w for w in found if not (w.cut and skipped)]
    return tuple(sorted(dict.fromkeys(kept), key=lambda w: (w.start, w.end)))


def unit_of(work: Work, name: str, element: Element, *path: str | int) -> Unit:
    """The unit of measure of that name; after a fault a plain number."""
    if name not in UNITS:
        known = [*UNITS, *(PARAMETER_TYPES if isinstance(element, Parameter) else ())]
        work.refuse(
            "unknown-unit", element, *path, name=name, expected=_like_units(name), hint=did_you_mean(name, known)
        )
    return UNITS.get(name, PLAIN_UNIT)


def quantity_of(work: Work, text: str, type_: Type, element: Element, *path: str | int) -> Decimal | None:
    """`text` in base units, if it is a quantity of `type_`."""
    try:
        quantity = parse_quantity(text)
    except QuantityError as error:
        more = {"hint": did_you_mean(error.part, UNITS), "expected": _like_units(error.part, type_)}
        work.refuse(
            error.reason, element, *path, **_quantity_args(error), **(more if error.reason == "unknown-unit" else {})
        )
        return None
    if type_ is UNKNOWN:
        return quantity.base
    plain = not quantity.unit.dim and quantity.unit.power == 0
    if quantity.unit.dim != type_.dim and not (plain and not type_.is_money):
        expected = BASE_UNITS[type_.dim[0][0]].name if len(type_.dim) == 1 else "%"
        work.refuse("wrong-unit", element, *path, got=text, expected=example_units(type_, expected))
        return None
    return quantity.base


def number_of(
    work: Work, text: str, type_: Type, element: Element, *path: str | int
) -> tuple[Decimal | None, frozenset[str]]:
    """The number of `type_` that `text` is, a quantity or a parameter, in base units; and what it awaits."""
    parameter = work.deferred.get(text) or work.constants.get(text, (None, None))[1]
    if parameter is not None and not _fits(parameter, type_):
        work.refuse("wrong-unit", element, *path, got=f"{text}: {parameter}", expected=example_units(type_, "%"))
    elif text in work.deferred:
        return None, frozenset({text})
    elif text in work.constants:
        return work.constants[text][0], frozenset()
    elif NAME.fullmatch(text) and text not in UNITS and text[0] not in "一二三四五六七八九十百千万两":
        known = [*work.campaign.parameters]
        examples = ", ".join(["20 个", "80 亿元", "90%", *known[:12]])
        if text not in work.unsure:
            work.refuse("unknown-name", element, *path, name=text, hint=did_you_mean(text, known), expected=examples)
    else:
        return quantity_of(work, text, type_, element, *path), frozenset()
    return None, frozenset()


def _fits(parameter: Type, wanted: Type) -> bool:
    """Whether a parameter can be the number for something; a plain number does for all but money."""
    if parameter is UNKNOWN:
        return True
    return parameter.kind == "number" and (parameter.dim == wanted.dim or not (parameter.dim or wanted.is_money))


def _quantity_args(error: QuantityError) -> dict[str, Any]:
    if error.reason == "too-many-digits":
        return {"limit": 38}
    return {"name": error.part} if error.reason == "unknown-unit" else {"got": error.part}


def example_units(type_: Type, base: str) -> Text:
    """Units of measure of the same dimension, for a message."""
    names = [u.name for u in UNITS.values() if u.dim == type_.dim][:8] or [base]
    return Text("、".join(names), ", ".join(names))


def field_of(work: Work, words: str, element: Element, *path: str | int) -> tuple[str, str] | None:
    """`record.field` as a pair."""
    record, dot, field = words.partition(".")
    if not dot:
        work.refuse("record-dot-field", element, *path, got=words, hint=_field_hint(work, record))
        return None
    if not work.known(record, Text("报送表", "record"), work.records, element, *path):
        return None
    if not work.known(field, Text("字段", "field"), work.records[record].shown, element, *path):
        return None
    return record, field


def _field_hint(work: Work, words: str) -> Text | None:
    """For a record without field one of its fields, for a field without record the record that has it."""
    owner = next((r for r, checked in work.records.items() if words in checked.types), None)
    if words not in work.records and owner is None:
        return None
    example = f"{owner}.{words}" if owner else f"{words}.{next(iter(work.records[words].types), '…')}"
    return Text(f"例如 {example}", f"for example {example}")


def check_date_field(work: Work, field: str, record: str, element: Element, *path: str | int) -> None:
    """A fault unless `field` is a date field of `record`."""
    types = work.records[record].types
    dates = [f for f, t in types.items() if t.kind == "date"]
    if field in types and field not in dates:
        work.refuse("wrong-type", element, *path, expected=Text("日期字段", "a date field"), got=str(types[field]))
        return
    work.known(field, Text("日期字段", "date field"), dates, element, *path)


def _like_units(name: str, type_: Type | None = None) -> str:
    """Units that share a character with `name`, else common ones; of the dimension wanted, if that is known."""
    fitting = [u for u in UNITS if type_ is None or type_ is UNKNOWN or UNITS[u].dim == type_.dim]
    near = [u for u in fitting if set(u) & set(name)][:8]
    return ", ".join(near or (fitting[:8] if type_ else ("亿元", "万元", "亿美元", "个", "家", "%", "天")))
