"""What a campaign asks people to fill in: tables, columns, words to choose from, each in words that intake understands.

In: a checked campaign, a roster, a language. Out: `Asked`. Every heading, word and name of a sheet is tried on the
intake's own reading, and an id stands where a title would be misread. Must not know: workbooks, cells, how they look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Literal

from attrs import frozen

from campaignrules.checked import ATTESTATIONS, FIGURES, UNIT_TABLE, CheckedCampaign
from campaignrules.errors import Text
from campaignrules.intake import sheets
from campaignrules.intake.conversion import CellError, Converter, Tags, Word
from campaignrules.intake.fields import Wanted, wanted_fields
from campaignrules.intake.headers import Meant, Names, TableNames, both, names_of, table_names
from campaignrules.intake.headings import GUIDES
from campaignrules.intake.submission import unit_names
from campaignrules.model import Record
from campaignrules.roster import Roster
from campaignrules.trees import field_decimals
from campaignrules.workbooks.styles import clean, sheet_name

Kind = Literal["text", "number", "whole", "date", "word", "tags"]

REQUIRED: Final = "＊"
"""Stands before the heading of a column that must be filled; headings are read without punctuation."""
NOTES: Final = Text(*GUIDES)
LISTS: Final = Text(*sheets.LISTS)
UNITS: Final = "units"
"""The key of the list of units."""
_YES_NO: Final = Text("是 否", "yes no")
_LONGEST_HEADING: Final = 120
_FEW: Final = 4
_UNSAID: Final = ("number", "ratio", "count")
_BUILT_IN: Final = {UNIT_TABLE: Text("名册", "units"), FIGURES: Text("报送数据", "figures")}


@frozen(eq=False, repr=False)
class Words:
    """A list to choose from; `key` says which one it is."""

    key: str
    title: str
    words: tuple[str, ...]


@frozen(eq=False, repr=False)
class Column:
    """A column to fill in. `words`: what to choose from; `measure`: the unit of measure; `decimals`: how many at most.

    `unique`: no two rows may have the same here.
    """

    field: str
    heading: str
    title: str
    kind: Kind
    type: str
    required: bool
    note: str
    words: Words | None = None
    measure: str | None = None
    decimals: int | None = None
    unique: bool = False


@frozen(eq=False, repr=False)
class Table:
    """A table to fill in. `name`: of its sheet; `names`: how its columns are understood."""

    record: str
    name: str
    title: str
    columns: tuple[Column, ...]
    names: Names
    declared: Record | None


@frozen(eq=False, repr=False)
class Asked:
    """All there is to fill in. `units`: the units to choose from, None when nobody has listed any."""

    tables: tuple[Table, ...]
    units: Words | None

    @property
    def lists(self) -> tuple[Words, ...]:
        """Every list that a column or the head of a sheet chooses from, each once."""
        found = {self.units.key: self.units} if self.units else {}
        columns = (column for table in self.tables for column in table.columns)
        found.update((column.words.key, column.words) for column in columns if column.words)
        return tuple(found.values())


def asked(checked: CheckedCampaign, roster: Roster | None, lang: str, *, roster_wanted: bool) -> Asked:
    """What the campaign asks for. `roster_wanted`: whether the list of units is to be filled in too."""
    wording = _Wording(checked, roster, lang)
    records = [id_ for id_ in checked.records if id_ in checked.campaign.records]
    if any(metric.metric.reported is not None for metric in checked.metrics.values()):
        records.append(FIGURES)
    if any(duty.record == ATTESTATIONS for duty in checked.duties):
        records.append(ATTESTATIONS)
    if roster_wanted and isinstance(checked.campaign.units.roster, str):
        records.append(UNIT_TABLE)
    taken = [*both(NOTES), *both(LISTS)]
    tables = []
    for record in records:
        tables.append(wording.table(record, taken))
        taken.append(tables[-1].name)
    return Asked(tuple(tables), wording.units)


@frozen(eq=False, repr=False, slots=False)
class _Wording:
    """The words of one language, as far as intake understands them."""

    checked: CheckedCampaign
    roster: Roster | None
    lang: str

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def ordered(self, text: Text | None) -> tuple[str, ...]:
        """The titles in a text, those of the language first."""
        if text is None:
            return ()
        return (text.to(self.lang), *both(text))

    # -- tables

    def table(self, record: str, taken: Iterable[str]) -> Table:
        """A record type to fill in; `taken`: names of sheets there are."""
        known = self.checked.records.get(record)
        titles = (*self.ordered(known.record.title if known else None), *self.ordered(_BUILT_IN.get(record)), record)
        names = [sheet_name(clean(title), taken) for title in titles]
        name = next((one for one in names if self._tables.meant(one) == record), names[0])
        columns = self._columns(record, names_of(self.checked, record), known.key if known else ())
        return Table(
            record,
            name,
            clean(titles[0], 200),
            columns,
            names_of(self.checked, record),
            known.record if known else None,
        )

    @cached_property
    def _tables(self) -> TableNames:
        return table_names(self.checked)

    def _columns(self, record: str, names: Names, key: tuple[str, ...]) -> tuple[Column, ...]:
        wanted = wanted_fields(self.checked, record, self._unit_names)
        return tuple(self._column(record, one, names, key) for one in wanted)

    def _column(self, record: str, one: Wanted, names: Names, key: tuple[str, ...]) -> Column:
        declared = one.declared
        measured = names.measured(one.name) is not None
        decimals = field_decimals(declared) if measured else None
        measure = declared.unit if measured and declared.unit not in _UNSAID else None
        kind, words = self._choice(record, one, decimals)
        return Column(
            one.name,
            self._heading(one, names, measure),
            clean(self._titles(one)[0], _LONGEST_HEADING),
            kind,
            self._type(one, kind, words),
            declared.required,
            clean(self._note(record, one), 2000),
            words,
            measure,
            decimals,
            key == (one.name,),
        )

    def _note(self, record: str, one: Wanted) -> str:
        """What is said about a column besides its type: its note, and in which windows its dates must lie."""
        declared = self.checked.records.get(record)
        windows = declared.within.get(one.name, ()) if declared else ()
        days = self.say("、", ", ").join(f"{window.start} – {window.end}" for window in windows[:_FEW])
        said = [self.say(f"日期须在 {days} 内", f"a day within {days}")] if days and len(windows) <= _FEW else []
        said += [self._said(record, one)]
        return self.say("；", "; ").join(filter(None, said))

    def _said(self, record: str, one: Wanted) -> str:
        if one.declared.note:
            return one.declared.note.to(self.lang)
        if (record, one.name) == (FIGURES, "value"):
            units = "；".join(f"{title} {unit}" for title, unit in self._measures())
            return self.say(f"按指标的计量单位填：{units}", f"in the metric's unit of measure: {units}")
        if record == UNIT_TABLE and one.name in ("id", "title"):
            return self.say("编号和名称至少填一项", "an id or a title is needed")
        if record == UNIT_TABLE and one.name == "aliases":
            return self.say("几个别名用顿号分开", "several of them separated by commas")
        return ""

    def _measures(self) -> Iterator[tuple[str, str]]:
        """The title of each reported metric and the unit of measure it is reported in."""
        for id_, metric in self.checked.metrics.items():
            if metric.metric.reported is not None:
                yield (self.ordered(metric.metric.title) or (id_,))[0], metric.metric.reported

    # -- headings

    def _titles(self, one: Wanted) -> tuple[str, ...]:
        """What a column may be headed, the best first."""
        declared = one.declared
        aliases = declared.aliases if self.lang == "zh" else ()
        return (*self.ordered(declared.title), *aliases, one.name, *declared.aliases)

    def _heading(self, one: Wanted, names: Names, measure: str | None) -> str:
        """The first title that is read as this very field, with its unit of measure."""
        mark = REQUIRED if one.declared.required else ""
        for title in self._titles(one):
            for unit in (f"（{measure}）" if measure and measure not in title else "", ""):
                text = clean(f"{mark}{title}{unit}", _LONGEST_HEADING)
                if _is_meant(names.meant(text), one.name, measure):
                    return text
        return f"{mark}{one.name}"

    # -- words

    @cached_property
    def units(self) -> Words | None:
        """The units of the roster."""
        if self.roster is None or not self.roster.units or self._unit_names is None:
            return None
        converter = Word(self._unit_names, "unknown-unit")
        names = {unit.id: self.ordered(unit.title) for unit in self.roster.units}
        return Words(UNITS, self.say("单位", "units"), tuple(_chosen(converter, names)))

    @cached_property
    def _unit_names(self) -> Mapping[str, str] | None:
        return None if self.roster is None else unit_names(self.roster)

    def _choice(self, record: str, one: Wanted, decimals: int | None) -> tuple[Kind, Words | None]:
        """How a column is filled in, and what there is to choose from."""
        if decimals is not None:
            return ("number" if decimals else "whole"), None
        if one.declared.type == "date":
            return "date", None
        if one.declared.type == "bool":
            return "word", Words("bool", self.say("是否", "yes or no"), tuple(self.say(*both(_YES_NO)).split()))
        if one.declared.type == "unit":
            return ("word", self.units) if self.units else ("text", None)
        if isinstance(one.converter, Word | Tags):
            key, titles = self._vocabulary(record, one)
            words = Words(key, clean(key, 100), tuple(_chosen(one.converter, titles)))
            return ("tags" if isinstance(one.converter, Tags) else "word"), words
        return "text", None

    def _vocabulary(self, record: str, one: Wanted) -> tuple[str, dict[str, tuple[str, ...]]]:
        """The list that a column's words come from: its key, and word → titles."""
        if record == FIGURES:
            metrics = self.checked.metrics.items()
            return "figures.metric", {
                id_: self.ordered(m.metric.title) for id_, m in metrics if m.metric.reported is not None
            }
        if record == ATTESTATIONS:
            duties = [duty.duty for duty in self.checked.duties if duty.record == ATTESTATIONS]
            return "attestations.duty", {duty.id: self.ordered(duty.title) for duty in duties}
        if record == UNIT_TABLE:
            return "units.class", {
                id_: self.ordered(title) for id_, title in self.checked.campaign.units.classes.items()
            }
        name = one.declared.of or "" if one.declared.type == "tags" else one.declared.type
        return f"vocabulary.{name}", {
            word: self.ordered(title) for word, title in self.checked.campaign.vocabularies[name].words.items()
        }

    def _type(self, one: Wanted, kind: Kind, words: Words | None) -> str:
        """The type of a column in words."""
        if one.declared.type == "bool":
            return self.say("是或否", "yes or no")
        if one.declared.type == "unit":
            return self.say("单位", "unit")
        said = _TYPES[kind]
        return self.say(said.zh, said.en) if words or kind != "word" else ""


_TYPES: Final[dict[Kind, Text]] = {
    "text": Text("文字", "text"),
    "number": Text("数字", "number"),
    "whole": Text("整数", "whole number"),
    "date": Text("日期", "date"),
    "word": Text("选一项", "one word of the list"),
    "tags": Text("可选多项", "several words"),
}


def _is_meant(meant: Meant | None, name: str, measure: str | None) -> bool:
    return meant is not None and meant.field == name and (meant.unit is None or meant.unit.name == measure)


def _chosen(converter: Converter, names: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """For each word the first of its titles that is read as this very word, else its id."""
    for word, titles in names.items():
        cleaned = (clean(title).strip() for title in titles)
        yield next((title for title in cleaned if _reads(converter, title, word)), word)


def _reads(converter: Converter, title: str, word: str) -> bool:
    try:
        return converter.value(title) in (word, [word])
    except CellError:
        return False
