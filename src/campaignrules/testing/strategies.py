"""Hypothesis strategies of honest data for a campaign, from its own record types.

In: a checked campaign. Out: strategies of rows of one table, and of whole submissions with the day to look from. Cells
are text as a person fills them in, so that what is found can be pasted. Numbers lie at, just below and above those that
the campaign compares with, dates on and beside the edges of its windows; optional cells may be missing. Must not know:
properties, who evaluates.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, partial
from typing import Any, Final

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from campaignrules.calendar import Window
from campaignrules.checked import (
    ATTESTATIONS,
    FIGURES,
    RETURNS,
    UNIT_TABLE,
    CheckedCampaign,
    CheckedRecord,
)
from campaignrules.driver import Campaign
from campaignrules.intake.fields import figure_units, used_fields
from campaignrules.model import Field
from campaignrules.quantities import EXACT, UNITS, Unit, plain_text
from campaignrules.testing.aims import Aims
from campaignrules.testing.rows import Cell, honest
from campaignrules.trees import field_decimals

Row = dict[str, str]
Tables = dict[str, list[Row]]

MOST_ROWS: Final = 8
MOST_ALIKE: Final = 30
MOST_FIGURES: Final = 60
TEXTS: Final = ("甲", "乙", "丙")


@frozen
class Submitted:
    """Data as submitted: table → rows of text cells; and the day to look from."""

    tables: Tables
    as_of: dt.date

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and cells; the smaller the easier to read."""
        rows = [row for some in self.tables.values() for row in some]
        return len(rows), sum(map(len, rows))


def submissions(campaign: Campaign | CheckedCampaign) -> st.SearchStrategy[Submitted]:
    """Honest data for all tables of a campaign, and a day to look from.

    A submitted roster has one to four units of each class, some below others; now and then a table is not submitted.
    """
    return _Drawing(_checked(campaign)).whole


def rows(
    campaign: Campaign | CheckedCampaign, record: str, units: Sequence[str] | None = None
) -> st.SearchStrategy[Row]:
    """Honest rows of one table. `units`: ids to choose from; by default those of the roster, or one of each class."""
    checked = _checked(campaign)
    return _Drawing(checked).row(record, tuple(units) if units is not None else _usual_units(checked))


@frozen(repr=False)
class Drawn:
    """What is drawn to try properties on: a submission, further rows of its tables, and a number for all else."""

    submitted: Submitted
    further: tuple[tuple[str, Row], ...] = ()
    chance: int = 0

    def __repr__(self) -> str:
        """Short: Hypothesis writes it out when a run is over."""
        return f"Drawn({self.submitted.size[0]} rows as of {self.submitted.as_of})"


def drawing(campaign: Campaign) -> st.SearchStrategy[Drawn]:
    """Submissions, and for tables whose rows are counted or added up more rows, mostly one more for each unit."""
    here = _Drawing(campaign.checked)
    left_out = by_unit(here.checked) | {RETURNS} | (frozenset() if here.checked.duties else {ATTESTATIONS})
    names = [name for name in here.checked.records if name not in left_out]

    @st.composite
    def whole(draw: Callable[[Any], Any]) -> Drawn:
        submitted: Submitted = draw(here.whole)
        units = tuple(row["id"] for row in submitted.tables.get(UNIT_TABLE, ())) or _usual_units(here.checked)
        chance = draw(_CHANCES)
        further: list[tuple[str, Row]] = []
        for name in names:
            if name in submitted.tables:
                further += [(name, row) for row in draw(here.fresh(name, units))]
                further += [(name, row) for row in here.alike(name, submitted.tables[name], chance)]
        return Drawn(submitted, tuple(further), chance)

    return whole()


_CHANCES: Final = st.integers(0, 2**16)


def _checked(campaign: Campaign | CheckedCampaign) -> CheckedCampaign:
    return campaign.checked if isinstance(campaign, Campaign) else campaign


def _usual_units(checked: CheckedCampaign) -> tuple[str, ...]:
    if checked.units is not None:
        return tuple(checked.units)
    return tuple(f"{class_}1" for class_ in checked.campaign.units.classes) or ("unit1",)


@frozen(eq=False, repr=False, slots=False)
class _Drawing:
    """The strategies of one campaign; those of rows are made once for each roster."""

    checked: CheckedCampaign
    aims: Aims = field()
    made: dict[Any, Any] = field(factory=dict)

    @aims.default
    def _aims(self) -> Aims:
        return Aims(self.checked)

    # -- whole submissions

    @cached_property
    def whole(self) -> st.SearchStrategy[Submitted]:
        @st.composite
        def whole(draw: Callable[[Any], Any]) -> Submitted:
            tables: Tables = {}
            if self.checked.units is None:
                tables[UNIT_TABLE] = draw(self._once("roster", self._roster))
            units = tuple(row["id"] for row in tables.get(UNIT_TABLE, ())) or _usual_units(self.checked)
            for name in self.checked.records:
                found = draw(self._once((name, units), partial(self._table, name, units)))
                if found is not None:
                    tables[name] = found
            return Submitted(tables, draw(self._once("looks", lambda: st.sampled_from(self.aims.looks))))

        return whole()

    def fresh(self, name: str, units: tuple[str, ...]) -> st.SearchStrategy[list[Row]]:
        """No row, or one more."""
        if name == FIGURES:
            some: st.SearchStrategy[list[Row]] = self._once(("further", units), lambda: self._figures(units))
            return some.map(lambda found: found[-1:])
        rows: st.SearchStrategy[list[Row]] = self._once(
            ("further", name, units), lambda: st.lists(self.row(name, units), max_size=1)
        )
        return rows

    def alike(self, name: str, rows: list[Row], chance: int) -> list[Row]:
        """For each unit one more row like one of its own, its texts the same or not; each figure on another day."""
        record, order = self.checked.records[name], random.Random(chance)  # noqa: S311  any rows will do
        if name == ATTESTATIONS:
            return []
        if name == FIGURES:
            return [{**row, "on": str(order.choice(self.aims.days))} for row in rows[:MOST_FIGURES]]
        own: dict[str, list[Row]] = {}
        for row in rows:
            own.setdefault(row.get(record.unit or "", ""), []).append(row)
        some = [order.choice(those) for those in own.values()][:MOST_ROWS]
        return [_alike(record, row, 1)[0] if order.random() < 0.5 else row for row in some]

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def _table(self, name: str, units: tuple[str, ...]) -> st.SearchStrategy[list[Row] | None]:
        """The rows of a table; None when it was not submitted."""
        record = self.checked.records[name]
        if name == ATTESTATIONS and not self.checked.duties:
            return st.sampled_from([None, []])
        if name == FIGURES:
            here = self._figures(units)
        elif name in by_unit(self.checked) and record.unit is not None:
            here = self._by_unit(name, units)
        else:
            here = self._list(name, units)
        there = here.map(lambda found: _with_keys(record, found))
        return st.integers(0, 11).flatmap(lambda chance: st.none() if chance == 11 else there)

    def _list(self, name: str, units: tuple[str, ...]) -> st.SearchStrategy[list[Row]]:
        """Some rows; or a few of them as often as some threshold asks for, one less or one more."""
        row, record = self.row(name, units), self.checked.records[name]
        some = st.lists(row, max_size=MOST_ROWS)
        if name in (ATTESTATIONS, RETURNS):
            return some
        times = st.sampled_from((2, 1, 3, 4, *self.aims.counts))
        ladder = st.lists(st.tuples(row, times), min_size=1, max_size=4).map(
            lambda drawn: [one for each, count in drawn for one in _alike(record, each, count)][:MOST_ALIKE]
        )
        return st.one_of(some, ladder)

    def _by_unit(self, name: str, units: tuple[str, ...]) -> st.SearchStrategy[list[Row]]:
        """A table with one row for each unit, here and there one left out."""
        each = [st.one_of(self.row(name, (unit,)), self.row(name, (unit,)), st.none()) for unit in units]
        return st.tuples(*each).map(lambda found: [row for row in found if row is not None])

    # -- rosters and figures

    def _roster(self) -> st.SearchStrategy[list[Row]]:
        classes = [*self.checked.campaign.units.classes]
        most = 4 if len(classes) <= 2 else 2
        sizes = st.tuples(*(st.integers(1, most) for _ in classes or [""]))
        judged = (*(one.judged for one in self.checked.targets), *(one.judged for one in self.checked.duties))
        named = {one.name for some in judged for one in some if one.kind == "unit"}

        @st.composite
        def roster(draw: Callable[[Any], Any]) -> list[Row]:
            found: list[Row] = [{"id": name} for name in sorted(named)]
            for class_, size in zip(classes or [""], draw(sizes), strict=True):
                found += [
                    {"id": f"{class_ or 'unit'}{i + 1}"} | ({"class": class_} if class_ else {}) for i in range(size)
                ]
            for i, row in enumerate(found[1:], 1):
                if draw(_CHANCE) == 0:
                    row["parent"] = found[draw(st.integers(0, i - 1))]["id"]
            return found

        return roster()

    def _figures(self, units: tuple[str, ...]) -> st.SearchStrategy[list[Row]]:
        """For each reported metric: all units on one day, or a few here and there, or nothing."""
        days, scattered = st.sampled_from(self.aims.days), []
        whole = {t.metric.id for t in self.checked.targets if any(one.kind == "campaign" for one in t.judged)}
        for metric, unit in figure_units(self.checked).items():
            values = self._numbers(self.checked.metrics[metric].type.dim, unit, FIGURE_DECIMALS)
            names = st.sampled_from(("", *units) if metric in whole else units)
            one = st.tuples(names, days, values)
            all_units = st.tuples(days, st.tuples(*(values for _ in units)))
            together = all_units.map(
                lambda drawn: [(name, drawn[0], value) for name, value in zip(units, drawn[1], strict=True)]
            )
            scattered.append(st.one_of(together, together, st.lists(one, max_size=3)).map(_figure_rows(metric)))
        return st.tuples(*scattered).map(lambda found: [row for some in found for row in some])

    # -- rows and cells

    def row(self, name: str, units: tuple[str, ...]) -> st.SearchStrategy[Row]:
        """Rows that no rule speaks against."""
        record = self.checked.records[name]
        used = used_fields(self.checked, name) | ({"on", "due_on"} & record.types.keys())
        full: dict[str, st.SearchStrategy[Cell]] = {}
        for one, declared in record.record.fields.items():
            if one in used or declared.required or declared.type == "unit":
                full[one] = self._once((name, one, units), partial(self._cell, name, one, declared, units))
        optional = [one for one in full if not record.record.fields[one].required]
        missing = st.frozensets(st.sampled_from(optional)) if optional else st.just(frozenset())
        drawn = st.tuples(st.fixed_dictionaries(full), missing)
        made = drawn.map(lambda pair: honest(record, *pair) or {})
        return made.filter(bool)

    def _cell(self, name: str, one: str, declared: Field, units: tuple[str, ...]) -> st.SearchStrategy[Cell]:
        words = self._own_words(name).get(one)
        if words is not None:
            return st.sampled_from([Cell(word, word) for word in words or ("",)])
        if declared.type == "unit":
            return st.sampled_from([Cell(unit, unit) for unit in units])
        if declared.type == "date":
            return st.sampled_from([Cell(str(day), day) for day in self._days(self.checked.records[name], one)])
        if declared.type == "bool":
            return st.sampled_from([Cell("是", True), Cell("否", False)])
        if declared.type in ("quantity", "count"):
            unit = UNITS[declared.unit or ("number" if declared.type == "quantity" else "个")]
            return self._numbers(unit.dim, unit, field_decimals(declared))
        return self._words(declared)

    def _words(self, declared: Field) -> st.SearchStrategy[Cell]:
        if declared.type == "text":
            own = [text for text in self.aims.texts if text.strip()][:6]
            return st.sampled_from([Cell(text, text) for text in (*TEXTS, *own)])
        if declared.type == "tags":
            words = st.sampled_from([*self.checked.vocabularies[declared.of or ""]])
            return st.frozensets(words, min_size=1, max_size=3).map(lambda some: Cell("、".join(sorted(some)), some))
        return st.sampled_from([Cell(word, word) for word in self.checked.vocabularies[declared.type]])

    def _own_words(self, name: str) -> Mapping[str, Sequence[str]]:
        """What may stand in fields of the tables every campaign has."""
        checked = self.checked
        return {
            ATTESTATIONS: {"duty": [one.duty.id for one in checked.duties], "evidence": ["有"]},
            RETURNS: {"return": [one.id for one in checked.returns], "window": [""], "records": [""]},
        }.get(name, {})

    def _days(self, record: CheckedRecord, one: str) -> Sequence[dt.date]:
        windows: Sequence[Window] = record.within.get(one, ())
        inside = [day for day in self.aims.days if any(window.start <= day <= window.end for window in windows)]
        return inside or self.aims.days

    def _numbers(self, dim: Any, unit: Unit, decimals: int) -> st.SearchStrategy[Cell]:
        """Mostly what the campaign compares with; else a number of the declared decimals."""
        aimed = st.sampled_from(self.aims.written(dim, unit, decimals))
        plain = st.integers(0, 10 ** min(decimals + 2, 6)).map(lambda whole: Decimal(whole).scaleb(-decimals))
        return st.one_of(aimed, aimed, plain).map(
            lambda number: Cell(plain_text(number), EXACT.multiply(number, unit.factor))
        )


FIGURE_DECIMALS: Final = 4
_CHANCE: Final = st.integers(0, 4).map(lambda drawn: 4 - drawn)


def by_unit(checked: CheckedCampaign) -> frozenset[str]:
    """The tables that give one number for each unit."""
    found = {
        number.table[0]
        for target in checked.targets
        for number in (target.low, target.high, *target.exceptions.values())
        if number is not None and number.table is not None
    }
    formulas = (*checked.score_formulas, *(stated.that for stated in checked.properties))
    for formula in formulas:
        found |= {one.id.partition(".")[0] for one in formula.operands.values() if one.kind == "table"}
    changes = (ranking.change for ranking in checked.rankings.values())
    return frozenset(found | {change[0] for change in changes if isinstance(change, tuple)})


def _figure_rows(metric: str) -> Callable[[list[tuple[str, dt.date, Cell]]], list[Row]]:
    def made(drawn: list[tuple[str, dt.date, Cell]]) -> list[Row]:
        return [
            {"metric": metric, "on": str(day), "value": value.text} | ({"unit": unit} if unit else {})
            for unit, day, value in drawn
        ]

    return made


def _alike(record: CheckedRecord, row: Row, count: int) -> list[Row]:
    """As many rows as that; texts that are no words differ, so that what is counted once counts as often."""
    texts = [name for name, one in record.record.fields.items() if one.type == "text" and name in row]
    return [{**row, **{name: f"{row[name]}{i + 1}" for name in texts}} for i in range(count)]


def _with_keys(record: CheckedRecord, found: list[Row]) -> list[Row]:
    """The rows with keys of their own; where a key cannot be made up, the first of those that have the same."""
    if has_text_key(record):
        return [{**row, record.key[0]: f"{record.id[:1].upper()}{i + 1}"} for i, row in enumerate(found)]
    if not record.key:
        return found
    kept: dict[tuple[str, ...], Row] = {}
    for row in found:
        kept.setdefault(_key(record, row), row)
    return [*kept.values()]


def added(checked: CheckedCampaign, submitted: Submitted, further: Sequence[tuple[str, Row]]) -> Submitted:
    """The submission with more rows; those whose key is taken are left out."""
    tables = dict(submitted.tables)
    for i, (name, row) in enumerate(further):
        record = checked.records[name]
        one = {**row, record.key[0]: f"further{i + 1}"} if has_text_key(record) else row
        if not record.key or all(_key(record, one) != _key(record, other) for other in tables[name]):
            tables[name] = [*tables[name], one]
    return evolve(submitted, tables=tables)


def has_text_key(record: CheckedRecord) -> bool:
    """Whether rows are told apart by one text, which can be made up."""
    return len(record.key) == 1 and record.record.fields[record.key[0]].type == "text"


def _key(record: CheckedRecord, row: Row) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in record.key)
