"""Rows, numbers and subjects in words.

In: what the oracle counts in. Out: `Text`s in two languages. Must not know: the steps they stand in.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from campaignrules import oracle
from campaignrules.calendar import Window
from campaignrules.checked import CheckedCampaign, Measure
from campaignrules.errors import Text
from campaignrules.explain.tree import Counted
from campaignrules.model import Demand
from campaignrules.oracle import Facts, Line, in_unit
from campaignrules.quantities import EXACT, Unit, plain_text
from campaignrules.roster import Roster, Scope
from campaignrules.trees import Value

ROWS_NAMED: Final = 20
UNITS_NAMED: Final = 5


def counted(
    facts: Facts, measure: Measure, lines: list[Line], unit: Unit | None = None, *, dated: bool = False
) -> Counted:
    """The rows in words: how many, and the first of them."""
    record = facts.checked.records[measure.record]
    ids = tuple(_identified(facts, measure, line, unit, dated=dated) for line in lines[:ROWS_NAMED])
    return Counted(record.record.title or Text(record.id, record.id), len(lines), ids)


def _identified(facts: Facts, measure: Measure, line: Line, unit: Unit | None, *, dated: bool) -> str:
    """A row's key, or its number; beside it the number it brings, or its date."""
    key = facts.checked.records[measure.record].key
    name = "/".join(cell_text(line.values.get(part)) for part in key) if key else f"#{line.number}"
    number = line.values.get(measure.field) if measure.field else None
    if dated:
        return f"{name} ({cell_text(line.values.get(measure.on or ''))})"
    return f"{name} ({amount(number, unit).en})" if isinstance(number, Decimal) and unit else name


def cell_text(value: Value) -> str:
    """A cell as it is shown."""
    return plain_text(value) if isinstance(value, Decimal) else "—" if value is None else str(value)


def amount(number: Decimal | None, unit: Unit) -> Text:
    """A number in base units, told in `unit`."""
    if number is None:
        return Text("缺", "missing")
    close = "" if unit.name in ("%", "‰", "number") else " "
    name = "" if unit.name == "number" else unit.name
    shown = f"{plain(number, unit)}{close}{name}"
    return Text(shown, shown)


def plain(number: Decimal | None, unit: Unit) -> str:
    """The number alone, told in `unit`."""
    shown = in_unit(number, unit)
    return "—" if shown is None else plain_text(shown)


def percent(share: Decimal) -> Text:
    """A share as a percentage."""
    shown = plain_text(EXACT.multiply(share, Decimal(100))) + "%"
    return Text(shown, shown)


def title_of(demand: Demand) -> Text:
    """A demand by its id and title."""
    return titled(demand.id, demand.title)


def titled(id_: str, title: Text | None) -> Text:
    """An id and its title."""
    return Text(f"{id_} {title.zh}", f"{id_} {title.en}") if title else Text(id_, id_)


def unit_title(roster: Roster, unit: str) -> Text:
    """A unit by its title."""
    return _subject(Scope(unit, None), roster)


def span_of(window: Window) -> str:
    """A window with its days."""
    days = f"{window.start}..{window.end}"
    return days if window.id == days else f"{window.id} ({days})"


def headed(title: Text, scope: Scope, roster: Roster, when: str) -> Text:
    """The title of a result: demand, subject, time."""
    subject = _subject(scope, roster)
    return Text(f"{title.zh} · {subject.zh} · {when}", f"{title.en} · {subject.en} · {when}")


def _subject(scope: Scope, roster: Roster) -> Text:
    if scope.name is None:
        return Text("全部", "the whole")
    unit = roster.by_id.get(scope.name)
    return unit.title if unit and unit.title else Text(scope.name, scope.name)


def not_submitted(facts: Facts, record: str, scope: Scope) -> Text:
    """That a table, or what units were to submit of it, is not there."""
    asked = oracle.answering_for(facts, record, scope) if record in facts.tables else {}
    if not asked:
        return Text(f"没有报送：{record}", f"not submitted: {record}")
    title = facts.checked.records[record].record.title or Text(record, record)
    units = [unit_title(facts.roster, unit) for unit in [*asked][:UNITS_NAMED]]
    ids = dict.fromkeys(one.id for one in asked.values())
    many = len(asked)
    zh = "、".join(unit.zh for unit in units) + (f"等 {many} 个单位" if many > len(units) else "")
    en = ", ".join(unit.en for unit in units) + (f" … {many} units" if many > len(units) else "")
    return Text(f"未报送：{title.zh}，{zh}未按 {'、'.join(ids)} 报送",
                f"not submitted: {title.en}, asked by {', '.join(ids)} of {en}")  # fmt: skip


def waiting(checked: CheckedCampaign, awaits: Iterable[str]) -> Text:
    """Which parameters are still open, and who settles them."""
    zh, en = [], []
    for name in sorted(awaits):
        parameter = checked.parameters[name]
        title, deferred = parameter.title or Text(name, name), parameter.deferred
        zh.append(f"{title.zh}（{name}" + (f"，{deferred.by.zh}）" if deferred else "）"))
        en.append(f"{title.en} ({name}" + (f", {deferred.by.en})" if deferred else ")"))
    return Text("等待明确：" + "；".join(zh), "waits for: " + "; ".join(en))
