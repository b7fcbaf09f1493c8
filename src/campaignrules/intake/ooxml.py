"""The parts of an .xlsx or .xlsm → `Book`: how far the cells of each sheet reach, and how they look.

In: parts that were unpacked and counted (`archives`). Out: a `Book` whose file holds nothing but what was looked at. A
sheet that is written as spreadsheet programs write is scanned by `plainsheets`; any other goes through a parser, which
is slower. Must not know: what the cells mean; their values are read by another.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

import numpy as np
from attrs import Factory, define, evolve
from numpy.typing import NDArray

from campaignrules.intake import markup, plainsheets
from campaignrules.intake.archives import damaged, packed
from campaignrules.intake.books import FROM_1900, FROM_1904, Book, Extent, Look, column_number
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits
from campaignrules.intake.sheets import Formats

_WORKBOOK: Final = "xl/workbook.xml"
_LINKS: Final = "xl/_rels/workbook.xml.rels"
_STYLES: Final = "xl/styles.xml"
_STRINGS: Final = "xl/sharedstrings.xml"
_TRUE: Final = ("1", "true")
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_PERCENT: Final = (9, 10)
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^]]*\]')
"""What a number format shows as it stands, or does not show."""
_STRINGS_MOST: Final = 5_000_000
_BEGINNING: Final = 2**16
_ERROR: Final = re.compile(rb"""\st=(?:"e"|'e')""")


@define(eq=False, repr=False)
class _Contents:
    """What the small parts of a workbook say."""

    parts: dict[str, bytes]
    label: str
    limits: Limits
    sheets: list[tuple[str, str]] = Factory(list)
    links: dict[str, str] = Factory(dict)
    formats: dict[int, str] = Factory(dict)
    percent: set[int] = Factory(set)
    from_1904: bool = False
    lengths: NDArray[Any] = Factory(lambda: np.zeros(0, np.int64))
    longest: int = 0


def book(parts: dict[str, bytes], label: str, limits: Limits) -> Book:
    """The workbook of these parts. Raises CampaignError."""
    markup.check(parts, label)
    kept = {name: part for name, part in parts.items() if markup.is_markup(name, part)}
    contents = _Contents({name.casefold(): part for name, part in kept.items()}, label, limits)
    _read_links(contents)
    _read_styles(contents)
    _read_strings(contents)
    places = _places(contents)
    for name, part in list(kept.items()):
        if name.casefold() in places:
            kept[name] = contents.parts[name.casefold()] = _legible(part, label, name)
    dates_from = FROM_1904 if contents.from_1904 else FROM_1900
    return Book(packed(kept), partial(_look, contents, places), dates_from)


def _legible(part: bytes, label: str, name: str) -> bytes:
    """A sheet whose errors count as text: the reader leaves them out, or refuses those that are newer than it is."""
    if b"<!" in part and b"<![CDATA[" in part:  # the reader would pass over it
        raise refuse("unsafe-xml", path=label, part=name, what="CDATA")
    return _ERROR.sub(b' t="str"', part) if b't="e"' in part or b"='" in part[:_BEGINNING] else part


# -- the small parts ----------------------------------------------------------------------------------------------


def _read_links(contents: _Contents) -> None:
    def workbook(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            contents.sheets.append((attributes.get("name", ""), markup.attribute(attributes, "id") or ""))
        elif name == "workbookPr":
            contents.from_1904 = attributes.get("date1904") in _TRUE

    def link(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            contents.links[attributes.get("Id", "")] = attributes.get("Target", "")

    markup.walk(contents.parts[_WORKBOOK], contents.label, workbook)
    if _LINKS not in contents.parts:
        raise damaged(contents.label)
    markup.walk(contents.parts[_LINKS], contents.label, link)


def _places(contents: _Contents) -> list[str]:
    """The part of each sheet, in the order of the workbook."""
    places = [markup.part_named(contents.links.get(link, "")) for _, link in contents.sheets]
    if len(places) > contents.limits.files or len(set(places)) < len(places):
        raise refuse("unsafe-archive", path=contents.label)
    return places


def _read_styles(contents: _Contents) -> None:
    number = -1  # of the next style, while they are listed

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal number
        if name == "numFmt":
            contents.formats[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            number = 0
        elif name == "xf" and number >= 0:
            if _is_percent(_whole(attributes.get("numFmtId")), contents.formats):
                contents.percent.add(number)
            number += 1

    def ended(name: str) -> None:
        nonlocal number
        if name == "cellXfs":
            number = -1

    if _STYLES in contents.parts:
        markup.walk(contents.parts[_STYLES], contents.label, started, ended)


def _is_percent(number: int, formats: dict[int, str]) -> bool:
    return number in _PERCENT or (number in formats and "%" in _LITERAL.sub("", formats[number]))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


def _read_strings(contents: _Contents) -> None:
    """How long the longest shared text is at most: every cell that shows it has a copy."""
    part = contents.parts.get(_STRINGS, b"")
    if b"<!" in part:  # the reader would pass over it
        raise refuse("unsafe-xml", path=contents.label, part=_STRINGS, what="<!")
    contents.lengths = plainsheets.sizes(part)
    contents.longest = int(contents.lengths.max()) if len(contents.lengths) else 0
    if len(contents.lengths) > _STRINGS_MOST:
        raise refuse("unpacked-limit", path=contents.label)


# -- sheets -------------------------------------------------------------------------------------------------------


def _look(contents: _Contents, places: list[str], position: int, title: str) -> Look:
    if position >= len(places) or contents.sheets[position][0] != title:
        raise damaged(contents.label)
    part = contents.parts.get(places[position])
    if part is None:
        raise damaged(contents.label)
    extent = Extent(contents.label, title, contents.limits)
    formats = plainsheets.scan(part, extent, contents.percent)
    if formats is None:
        extent = Extent(contents.label, title, contents.limits)
        formats = _parsed(part, extent, contents.percent)
    extent.check()
    _check_strings(contents, part, extent)
    return Look(formats, longest=max(extent.longest, contents.longest))


def _check_strings(contents: _Contents, part: bytes, extent: Extent) -> None:
    """The copies of shared text are no longer than what may be unpacked."""
    if contents.longest * extent.filled <= contents.limits.unpacked:
        return
    if plainsheets.copied(part, contents.lengths) > contents.limits.unpacked:
        raise refuse("unpacked-limit", path=contents.label)


@define(eq=False, repr=False)
class _Sheet:
    """A sheet while it is parsed: the cell that is open, and what was found."""

    extent: Extent
    percent_styles: set[int]
    row: int = 0
    column: int = 0
    place: tuple[int, int] = (0, 0)
    style: int = -1
    kind: str = ""
    formula: bool = False
    value: bool = False
    text: bool = False
    reads: bool = False
    opened: bool = False
    length: int = 0
    formats: Formats = Factory(Formats)
    percent: dict[int, set[int]] = Factory(dict)
    unsaved: dict[int, set[int]] = Factory(dict)

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row, self.column = _whole(attributes.get("r")) if "r" in attributes else self.row + 1, 0
            if attributes.get("hidden") in _TRUE:
                self.formats = evolve(self.formats, hidden=self.formats.hidden + 1)
        elif name == "c":
            if self.opened:
                raise damaged(self.extent.label)
            self._open(attributes)
        elif name == "f":
            self.formula = True
        elif name in ("v", "is"):
            self.value = self.reads = True

    def _open(self, attributes: dict[str, str]) -> None:
        self.opened, self.length = True, 0
        self.formula = self.value = self.text = self.reads = False
        self.style, self.kind = _whole(attributes.get("s")), attributes.get("t", "")
        if "r" in attributes:
            found = _REFERENCE.fullmatch(attributes["r"])
            if found is None:
                raise damaged(self.extent.label)
            self.column = column_number(found[1])
            self.place = int(found[2]), self.column
        else:
            self.place = self.row, self.column
        self.column += 1

    def wrote(self, text: str) -> None:
        self.length += len(text)
        self.text = self.text or (self.reads and bool(text))

    def ended(self, name: str) -> None:
        if name in ("v", "is"):
            self.reads = False
        elif name == "c":
            self._close()

    def _close(self) -> None:
        row, column = self.place
        self.extent.longest = max(self.extent.longest, self.length)
        self.opened = False
        if self.value or self.formula:
            self.extent.add(row, column)
            if self.style in self.percent_styles:
                self.percent.setdefault(column, set()).add(row)
        if self.formula:
            self.formats = evolve(self.formats, formulas=self.formats.formulas + 1)
            if not self.text and not (self.value and self.kind == "str"):
                self.unsaved.setdefault(column, set()).add(row)


def _parsed(part: bytes, extent: Extent, percent: set[int]) -> Formats:
    sheet = _Sheet(extent, percent)
    markup.walk(part, extent.label, sheet.started, sheet.ended, sheet.wrote)
    return evolve(
        sheet.formats,
        percent={column: frozenset(rows) for column, rows in sheet.percent.items()},
        unsaved={column: frozenset(rows) for column, rows in sheet.unsaved.items()},
    )
