"""Headers: what a column may be called, which field it is meant for, and in which unit of measure it is written.

In: the declared fields of a record type, header cells as people write them. Out: `Names`, and a `Match` of columns with
fields. Must not know: cells, rows, where a table came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from attrs import field, frozen

from campaignrules.checked import ATTESTATIONS, FIGURES, UNIT_TABLE, CheckedCampaign
from campaignrules.errors import Text, suggest
from campaignrules.intake.conversion import folded, unit_named
from campaignrules.intake.findings import finding
from campaignrules.model import Field
from campaignrules.quantities import UNITS, Unit
from campaignrules.results import Finding

_LONGEST: Final = 200
"""Characters of a header that are looked at."""
_BRACKETED: Final = re.compile(r"(.*?)[(\[【<]([^()\[\]【】<>]*)[)\]】>]\s*", re.DOTALL)
_UNIT_AT_END: Final = re.compile(r"(.+?)(?:[/,;:、\s|-]|单位)+[:：]?\s*(\S{1,8})\s*", re.DOTALL)
_SUGGESTED: Final = 50
"""Of so many columns an unknown one is compared with the fields."""
_PREFIX: Final = re.compile(r"(?:(?:计量|金额|数量)?单位|人民币|折)[:：]?\s*")

UNIT_FIELDS: Final[dict[str, Field]] = {
    "id": Field(type="text", required=False, aliases=("编号", "单位编号", "单位代码")),
    "title": Field(type="text", required=False, aliases=("名称", "单位", "单位名称", "责任单位")),
    "class": Field(type="text", required=False, aliases=("类别", "单位类别")),
    "parent": Field(type="text", required=False, aliases=("上级", "上级单位")),
    "aliases": Field(type="text", required=False, aliases=("别名", "简称")),
}


@frozen
class Meant:
    """A column: the field it is meant for, and the unit of measure its header says."""

    field: str
    unit: Unit | None = None


@frozen(eq=False, repr=False)
class Match:
    """Field → (index of its column, unit in the header). `missing`: required fields that no column is meant for."""

    columns: Mapping[str, tuple[int, Unit | None]]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...] = field(default=())


More = ParamSpec("More")
Found = TypeVar("Found")
Asked = Callable[Concatenate[CheckedCampaign, More], Found]


def once_for_each(work: Asked[More, Found]) -> Asked[More, Found]:
    """`work` done once for each campaign and what else is asked; it does not keep the campaign alive."""
    known: WeakKeyDictionary[CheckedCampaign, dict[object, Found]] = WeakKeyDictionary()

    @wraps(work)
    def found(checked: CheckedCampaign, /, *more: More.args, **named: More.kwargs) -> Found:
        own, key = known.setdefault(checked, {}), (more, *named.items())
        if key not in own:
            own[key] = work(checked, *more, **named)
        return own[key]

    return found


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """A header or name without what people vary: width, case, blanks, punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", text[:_LONGEST]).casefold() if c.isalnum())


def both(text: Text | None) -> tuple[str, ...]:
    """The titles in a text."""
    return (text.zh, text.en) if text else ()


def title_of(name: str, declared: Field) -> str:
    """What people call a field."""
    return declared.title.zh if declared.title else name


@frozen(eq=False, repr=False, slots=False)
class Names:
    """What the columns of one record type may be called."""

    record: str
    fields: Mapping[str, Field]
    known: Mapping[str, str]

    @property
    def required(self) -> list[str]:
        return [name for name, one in self.fields.items() if one.required]

    def meant(self, header: str) -> Meant | None:
        """The field of a column headed so."""
        whole = self.known.get(bare(header))
        if whole is not None:
            return Meant(whole, self._unit(whole, bracketed(header)[1]))
        for start, end in _cut(header):
            name = self.known.get(bare(start))
            if name is not None:
                return Meant(name, self._unit(name, end))
        return None

    def measured(self, name: str) -> Unit | None:
        """The unit of measure of a number field."""
        declared = self.fields[name]
        return UNITS[declared.unit or "个"] if declared.type in ("quantity", "count") else None

    def _unit(self, name: str, words: str) -> Unit | None:
        wanted = self.measured(name)
        return measure_named(words, wanted) if wanted and words else None


def measure_named(words: str, wanted: Unit) -> Unit | None:
    """The unit of measure that `万元`, `单位：万元`, `人民币亿元` or `亿` mean where `wanted` is expected."""
    text = folded(words[:_LONGEST])
    while cut := _PREFIX.match(text):
        text = text[cut.end() :]
    return unit_named(text.removesuffix("人民币"), wanted)


def bracketed(header: str) -> tuple[str, str]:
    """A header and what stands in brackets at its end."""
    text = folded(header[:_LONGEST])
    found = _BRACKETED.fullmatch(text)
    return (found[1], found[2].strip()) if found else (text, "")


def _cut(header: str) -> Iterable[tuple[str, str]]:
    """Ways to take what a header ends with away: brackets, several of them, or a unit of measure after a sign."""
    start, inside = bracketed(header)
    words = inside
    while start and inside:
        yield start, words
        start, inside = bracketed(start)
        words = inside if measure_like(inside) else words
    found = _UNIT_AT_END.fullmatch(folded(header[:_LONGEST]))
    if found and measure_like(found[2]):
        yield found[1], found[2]


def measure_like(words: str) -> bool:
    """Whether words are a unit of measure, whatever it measures."""
    text = _PREFIX.sub("", folded(words[:_LONGEST]))
    return text in UNITS or text in ("亿", "万", "千", "百万", "千万")


@once_for_each
def names_of(checked: CheckedCampaign, record: str) -> Names:
    """The names of a record type's columns: ids before titles before aliases before any of them without brackets."""
    fields = UNIT_FIELDS if record == UNIT_TABLE else checked.records[record].record.fields
    known: dict[str, str] = {}
    written = [(name, name) for name in fields]
    written += [(title, name) for name, one in fields.items() for title in both(one.title)]
    written += [(alias, name) for name, one in fields.items() for alias in one.aliases]
    for text, name in (*written, *((bracketed(text)[0], name) for text, name in written)):
        known.setdefault(bare(text), name)
    known.pop("", None)
    return Names(record, fields, known)


def column_names(checked: CheckedCampaign) -> Mapping[str, Names]:
    """The names of the columns of every table."""
    return {record: names_of(checked, record) for record in (*checked.records, UNIT_TABLE)}


# -- columns ------------------------------------------------------------------------------------------------------


def match(
    headers: tuple[str, ...],
    names: Names,
    place: Mapping[str, Any],
    meant: tuple[Meant | None, ...] | None = None,
    stated: Mapping[str, Unit] | None = None,
) -> Match:
    """Which column is meant for which field. `stated`: dimension → unit of columns whose header has none."""
    columns: dict[str, tuple[int, Unit | None]] = {}
    findings: list[Finding] = []
    for index, header in enumerate(headers):
        one = meant[index] if meant is not None else names.meant(header)
        at = {**place, "column": header}
        if one is None or one.field not in names.fields:
            findings += _unknown_column(index, header, names, columns, at)
        elif one.field in columns:
            findings.append(finding("column-not-read", names.record, at, name=header, field=one.field))
        elif one.unit is not None and not _fits(one, names):
            wanted = names.fields[one.field].unit or "个"
            findings.append(finding("wrong-unit", names.record, at, unit=one.unit.name, wanted=wanted))
        else:
            columns[one.field] = (index, one.unit or _stated(one.field, names, stated))
    missing = tuple(name for name in names.required if name not in columns)
    return Match(columns, missing, tuple(findings))


def _stated(name: str, names: Names, stated: Mapping[str, Unit] | None) -> Unit | None:
    wanted = names.measured(name) if stated else None
    return stated.get(wanted.dimension) if stated and wanted else None


def _fits(one: Meant, names: Names) -> bool:
    wanted = names.measured(one.field)
    return names.record == FIGURES or wanted is None or one.unit is None or one.unit.dimension == wanted.dimension


def _unknown_column(
    index: int, header: str, names: Names, taken: Iterable[str], place: Mapping[str, Any]
) -> list[Finding]:
    if not header.strip():
        return []
    titles = [title_of(name, one) for name, one in names.fields.items() if name not in taken]
    near = suggest(folded(header[:_LONGEST]), titles) if index < _SUGGESTED else None
    return [finding("unknown-column", names.record, dict(place), **hint(near))]


def hint(near: str | None) -> dict[str, Any]:
    """The facts of a finding that say what may be meant."""
    return {"hint": f"；是不是想写 {near}？", "hint_en": f"; did you mean {near}?"} if near else {}


# -- tables -------------------------------------------------------------------------------------------------------

_COUNTED: Final = re.compile(r"(.+?)[\s_.\-]*[(]?[0-9]{1,4}[)]?", re.DOTALL)
_TABLE_TITLES: Final = {FIGURES: ("报送数据",), ATTESTATIONS: ("事项完成情况",), UNIT_TABLE: ("责任单位", "名册")}


@frozen(eq=False, repr=False)
class TableNames:
    """What the tables of a campaign may be called."""

    known: Mapping[str, str]
    shown: tuple[str, ...]

    def meant(self, name: str) -> str | None:
        """The record type a table is named after: by id or title, with or without a running number."""
        numbered = _COUNTED.fullmatch(folded(name[:_LONGEST]))
        return self.known.get(bare(name)) or (self.known.get(bare(numbered[1])) if numbered else None)

    def within(self, text: str) -> str | None:
        """The record type of the longest name, of two characters at least, that stands somewhere in a text."""
        words = bare(text)
        found = [name for name in self.known if len(name) > 1 and name in words and not name.isascii()]
        longest = max(map(len, found), default=0)
        records = {self.known[name] for name in found if len(name) == longest}
        return records.pop() if len(records) == 1 else None

    def unknown(self, name: str, file: str | None = None, sheet: str | None = None) -> Finding:
        """The finding for a table that no record type is named like."""
        called = sheet or name
        near = suggest(folded(called[:_LONGEST]), self.shown)
        return finding("unknown-table", "", {"file": file or name, "sheet": sheet}, name=called, **hint(near))


@once_for_each
def table_names(checked: CheckedCampaign) -> TableNames:
    """The names of all record types and of the tables that every campaign has."""
    known = {bare(id_): id_ for id_ in (*checked.records, UNIT_TABLE)}
    for id_, one in checked.records.items():
        for title in both(one.record.title):
            known.setdefault(bare(title), id_)
    for id_, titles in _TABLE_TITLES.items():
        for title in titles:
            known.setdefault(bare(title), id_)
    titles_shown = [title for one in checked.records.values() for title in both(one.record.title)[:1]]
    return TableNames(known, (*checked.records, UNIT_TABLE, *titles_shown))
