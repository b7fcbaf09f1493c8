"""What a table must hold: its fields, the converter of each, and which submitted column is meant for which field.

In: a checked campaign, the names of the units, submitted headers. Out: `Wanted` fields and the `Match` of headers with
them. Must not know: cells, rows, where a table came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen

from campaignrules.checked import ATTESTATIONS, FIGURES, UNIT_TABLE, CheckedCampaign, Measure
from campaignrules.errors import Text, suggest
from campaignrules.intake.conversion import (
    Converter,
    Day,
    Number,
    Plain,
    Tags,
    Word,
    YesNo,
    folded,
    unit_named,
    word_table,
)
from campaignrules.intake.findings import finding
from campaignrules.model import Field
from campaignrules.quantities import UNITS, Unit
from campaignrules.results import Finding
from campaignrules.trees import field_decimals

Names = Mapping[str, Iterable[str]]

_BRACKETED: Final = re.compile(r"(.*?)[(\[【]([^()\[\]【】]*)[)\]】]\s*", re.DOTALL)
_SUGGESTED: Final = 50
"""Of so many columns an unknown one is compared with the fields."""
_COUNTED: Final = re.compile(r"(.+?)[\s_.\-]*[(]?[0-9]{1,4}[)]?", re.DOTALL)

UNIT_FIELDS: Final[dict[str, Field]] = {
    "id": Field(type="text", required=False, aliases=("编号", "单位编号", "单位代码")),
    "title": Field(type="text", required=False, aliases=("名称", "单位", "单位名称", "责任单位")),
    "class": Field(type="text", required=False, aliases=("类别", "单位类别")),
    "parent": Field(type="text", required=False, aliases=("上级", "上级单位")),
    "aliases": Field(type="text", required=False, aliases=("别名", "简称")),
}
_TABLE_TITLES: Final = {FIGURES: ("报送数据",), ATTESTATIONS: ("事项完成情况",), UNIT_TABLE: ("责任单位", "名册")}


@frozen(eq=False, repr=False)
class Wanted:
    """A field of a table; `given`: the unit its column was headed with."""

    name: str
    column: str
    declared: Field
    converter: Converter

    @property
    def title(self) -> str:
        return self.declared.title.zh if self.declared.title else self.name


@frozen(eq=False, repr=False)
class Match:
    """Field → (index of its column, unit in the header). `missing`: required fields that no column is meant for."""

    columns: Mapping[str, tuple[int, Unit | None]]
    missing: tuple[Wanted, ...]
    findings: tuple[Finding, ...] = field(default=())


def bare(text: str) -> str:
    """A header or name without what people vary: width, case, blanks, punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", text[:200]).casefold() if c.isalnum())


# -- fields -------------------------------------------------------------------------------------------------------


def wanted_fields(checked: CheckedCampaign, record: str, units: Mapping[str, str] | None) -> tuple[Wanted, ...]:
    """The fields of a record type. `units`: what may be written for a unit; None when any name will do."""
    if record == UNIT_TABLE:
        classes = {name: both(title) for name, title in checked.campaign.units.classes.items()}
        special: dict[str, Converter] = {"class": Word(word_table(classes), "unknown-class")} if classes else {}
        declared: Mapping[str, Field] = UNIT_FIELDS
    else:
        special = _special(checked, record)
        declared = checked.records[record].record.fields
    return tuple(
        Wanted(name, f"c{i}", one, special.get(name) or converter_for(checked, one, units))
        for i, (name, one) in enumerate(declared.items())
    )


def both(text: Text | None) -> tuple[str, ...]:
    """The titles in a text."""
    return (text.zh, text.en) if text else ()


def _special(checked: CheckedCampaign, record: str) -> dict[str, Converter]:
    """Fields of the tables every campaign has, whose words are the campaign's own ids."""
    if record == FIGURES:
        reported = {id_: both(m.metric.title) for id_, m in checked.metrics.items() if m.metric.reported is not None}
        return {"metric": Word(word_table(reported), "unknown-metric")}
    if record == ATTESTATIONS:
        duties = {checked_duty.duty.id: both(checked_duty.duty.title) for checked_duty in checked.duties}
        return {"duty": Word(word_table(duties), "unknown-duty")}
    return {}


def converter_for(checked: CheckedCampaign, declared: Field, units: Mapping[str, str] | None) -> Converter:
    """The converter of a declared field."""
    if declared.type in ("quantity", "count"):
        unit = UNITS[declared.unit or ("number" if declared.type == "quantity" else "个")]
        return Number(unit, field_decimals(declared))
    if declared.type == "unit":
        return Plain() if units is None else Word(units, "unknown-unit")
    if declared.type == "tags":
        return Tags(word_table(checked.vocabularies[declared.of or ""]))
    simple: dict[str, Converter] = {"text": Plain(), "date": Day(), "bool": YesNo()}
    return simple.get(declared.type) or Word(word_table(checked.vocabularies[declared.type]))


def figure_units(checked: CheckedCampaign) -> dict[str, Unit]:
    """The unit in which each reported metric's figures are written."""
    return {id_: UNITS[m.metric.reported] for id_, m in checked.metrics.items() if m.metric.reported is not None}


def used_fields(checked: CheckedCampaign, record: str) -> frozenset[str]:
    """The fields of a record type that any result may depend on."""
    one = checked.records[record]
    found: set[str | None] = {one.unit, *one.key}
    for formula in (*(rule.expression for rule in one.rules), *(screen.expression for screen in one.screens)):
        found |= formula.names
    for metric in checked.metrics.values():
        if isinstance(metric.kernel, Measure) and metric.kernel.record == record:
            found |= metric.kernel.names
    for duty in checked.duties:
        if duty.record == record:
            found |= {duty.on}
            found |= {name for condition in duty.filters for name in condition.names}
    for target in checked.targets:
        numbers = (target.low, target.high, *target.exceptions.values())
        found |= {number.table[1] for number in numbers if number and number.table and number.table[0] == record}
    return one.behind(found) & one.record.fields.keys()


# -- headers ------------------------------------------------------------------------------------------------------


def match(headers: tuple[str, ...], fields: tuple[Wanted, ...], record: str, file: str | None) -> Match:
    """Which column is meant for which field: by id, title or alias; a unit in brackets is understood."""
    known = _known_headers(fields)
    by_name = {one.name: one for one in fields}
    columns: dict[str, tuple[int, Unit | None]] = {}
    findings = []
    for index, header in enumerate(headers):
        place = {"file": file, "column": header}
        name, unit = _meant(header, known, by_name)
        if name is None:
            findings += _unknown_column(index, header, fields, columns, record, place)
        elif name in columns:
            findings.append(finding("column-not-read", record, place, name=header, field=name))
        elif unit is not None and not _fits(unit, by_name[name], record):
            wanted = by_name[name].declared.unit or "个"
            findings.append(finding("wrong-unit", record, place, unit=unit.name, wanted=wanted))
        else:
            columns[name] = (index, unit)
    missing = tuple(one for one in fields if one.declared.required and one.name not in columns)
    return Match(columns, missing, tuple(findings))


def _known_headers(fields: tuple[Wanted, ...]) -> dict[str, str]:
    """What a header may say → the field; ids before titles before aliases before any of them without brackets."""
    known: dict[str, str] = {}
    written = [[one.name] for one in fields]
    written += [list(both(one.declared.title)) for one in fields]
    written += [list(one.declared.aliases) for one in fields]
    names = [one.name for one in fields] * 3
    for strip in (False, True):
        for name, texts in zip(names, written, strict=True):
            for text in texts:
                known.setdefault(bare(_bracketed(text)[0] if strip else text), name)
    known.pop("", None)
    return known


def _bracketed(header: str) -> tuple[str, str]:
    """A header and what stands in brackets at its end."""
    text = folded(header[:200])
    found = _BRACKETED.fullmatch(text)
    return (found[1], found[2].strip()) if found else (text, "")


def _meant(header: str, known: Mapping[str, str], fields: Mapping[str, Wanted]) -> tuple[str | None, Unit | None]:
    start, inside = _bracketed(header)
    name = known.get(bare(header)) or known.get(bare(start))
    if name is None or not inside or not isinstance(fields[name].converter, Number):
        return name, None
    return name, unit_named(inside.removeprefix("单位").lstrip(":： "), UNITS[fields[name].declared.unit or "个"])


def _fits(unit: Unit, one: Wanted, record: str) -> bool:
    return record == FIGURES or unit.dimension == UNITS[one.declared.unit or "个"].dimension


def _unknown_column(
    index: int, header: str, fields: tuple[Wanted, ...], taken: Iterable[str], record: str, place: dict[str, Any]
) -> list[Finding]:
    if not header.strip():
        return []
    titles = [one.title for one in fields if one.name not in taken] if index < _SUGGESTED else []
    return [finding("unknown-column", record, place, **_hint(suggest(folded(header[:200]), titles)))]


def _hint(near: str | None) -> dict[str, Any]:
    return {"hint": f"；是不是想写 {near}？", "hint_en": f"; did you mean {near}?"} if near else {}


# -- tables -------------------------------------------------------------------------------------------------------


def table_meant(name: str, checked: CheckedCampaign) -> str | None:
    """The record type a table is named after: by id or title, with or without a running number."""
    known = _known_tables(checked)
    numbered = _COUNTED.fullmatch(folded(name[:200]))
    return known.get(bare(name)) or (known.get(bare(numbered[1])) if numbered else None)


def _known_tables(checked: CheckedCampaign) -> dict[str, str]:
    known = {bare(id_): id_ for id_ in (*checked.records, UNIT_TABLE)}
    for id_, one in checked.records.items():
        for title in both(one.record.title):
            known.setdefault(bare(title), id_)
    for id_, titles in _TABLE_TITLES.items():
        for title in titles:
            known.setdefault(bare(title), id_)
    return known


def unknown_table(name: str, checked: CheckedCampaign) -> Finding:
    """The finding for a table that no record type is named like."""
    titles = [title for one in checked.records.values() for title in both(one.record.title)[:1]]
    near = suggest(folded(name[:200]), [*checked.records, UNIT_TABLE, *titles])
    return finding("unknown-table", "", {"file": name}, name=name, **_hint(near))
