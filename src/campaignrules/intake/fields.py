"""What a table must hold: its fields and the converter of each.

In: a checked campaign, the names of the units. Out: `Wanted` fields. Must not know: cells, rows, headers, where a table
came from.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from campaignrules.checked import ATTESTATIONS, FIGURES, RETURNS, UNIT_TABLE, CheckedCampaign, Measure
from campaignrules.intake.conversion import (
    Converter,
    Day,
    Number,
    Plain,
    Tags,
    Word,
    YesNo,
    word_table,
)
from campaignrules.intake.headers import UNIT_FIELDS, both, once_for_each, title_of
from campaignrules.model import Field
from campaignrules.quantities import UNITS, Unit
from campaignrules.trees import field_decimals


@frozen(eq=False, repr=False)
class Wanted:
    """A field of a table, the column of its values, and what converts them."""

    name: str
    column: str
    declared: Field
    converter: Converter

    @property
    def title(self) -> str:
        return title_of(self.name, self.declared)


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


def _special(checked: CheckedCampaign, record: str) -> dict[str, Converter]:
    """Fields of the tables every campaign has, whose words are the campaign's own ids."""
    if record == FIGURES:
        reported = {id_: both(m.metric.title) for id_, m in checked.metrics.items() if m.metric.reported is not None}
        return {"metric": Word(word_table(reported), "unknown-metric")}
    if record == ATTESTATIONS:
        duties = {checked_duty.duty.id: both(checked_duty.duty.title) for checked_duty in checked.duties}
        return {"duty": Word(word_table(duties), "unknown-duty")}
    if record == RETURNS and checked.returns:
        asked = {one.id: both(one.asked.title) for one in checked.returns}
        return {"return": Word(word_table(asked), "unknown-return")}
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


@once_for_each
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
    if checked.returns and (record == RETURNS or any(record in asked.records for asked in checked.returns)):
        found |= {name for name, declared in one.record.fields.items() if record == RETURNS or declared.type == "date"}
    return one.behind(found) & one.record.fields.keys()
