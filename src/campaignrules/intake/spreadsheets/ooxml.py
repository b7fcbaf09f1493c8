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

from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import Limits
from campaignrules.intake.sheets import Formats
from campaignrules.intake.spreadsheets import markup, plainsheets
from campaignrules.intake.spreadsheets.archives import damaged, packed
from campaignrules.intake.spreadsheets.extents import FROM_1900, FROM_1904, Book, Extent, Look, column_number

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
_ERROR: Final = re.compile(rb"""\st=(?:"e"|'e')""")


def book(parts: dict[str, bytes], label: str, limits: Limits) -> Book:
    """The workbook of these parts. Raises CampaignError."""
    names = {name.casefold(): name for name, part in parts.items() if markup.is_markup(name, part)}
    contents = _Contents({name: parts[written] for name, written in names.items()}, label, limits)
    contents.read()
    looks = [contents.look(title, place) if shown else None for title, place, shown in contents.sheets]
    file = packed({written: contents.parts[name] for name, written in names.items()})
    titles = [title for title, _, _ in contents.sheets]
    return Book(file, partial(_look, titles, looks, label), FROM_1904 if contents.from_1904 else FROM_1900)


def _look(titles: list[str], looks: list[Look | None], label: str, position: int, title: str) -> Look:
    look = looks[position] if position < len(looks) and titles[position] == title else None
    if look is None:  # the reader understands the list of sheets otherwise
        raise damaged(label)
    return look


# -- the small parts ----------------------------------------------------------------------------------------------


@define(eq=False, repr=False)
class _Contents:
    """The parts by their names in small letters, and what they say; `sheets`: title, part, and whether it is shown."""

    parts: dict[str, bytes]
    label: str
    limits: Limits
    sheets: list[tuple[str, str, bool]] = Factory(list)
    formats: dict[int, str] = Factory(dict)
    percent: set[int] = Factory(set)
    from_1904: bool = False
    style: int | None = None
    lengths: NDArray[Any] = Factory(lambda: np.zeros(0, np.int64))
    longest: int = 0

    def read(self) -> None:
        """All parts but the sheets that are shown. Raises CampaignError."""
        if _WORKBOOK not in self.parts or _LINKS not in self.parts:
            raise damaged(self.label)
        markup.check({name: self.parts[name] for name in (_WORKBOOK, _LINKS)}, self.label)
        links = markup.links(self.parts[_LINKS], self.label)
        markup.walk(self.parts[_WORKBOOK], self.label, partial(self._read_workbook, links))
        places = [place for _, place, _ in self.sheets]
        if len(places) > self.limits.files or len(set(places)) < len(places):
            raise refuse("unsafe-archive", path=self.label)
        scanned = {place for _, place, shown in self.sheets if shown}
        markup.check({name: part for name, part in self.parts.items() if name not in scanned}, self.label)
        markup.walk(self.parts.get(_STYLES, b"<x/>"), self.label, self._read_styles, self._leave_styles)
        self._read_strings(self.parts.get(_STRINGS, b""))

    def _read_workbook(self, links: dict[str, str], name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            place = links.get(markup.attribute(attributes, "id") or "", "")
            self.sheets.append((attributes.get("name", ""), place, attributes.get("state", "visible") == "visible"))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in _TRUE

    def _read_styles(self, name: str, attributes: dict[str, str]) -> None:
        """Which styles of cells show percentages."""
        if name == "numFmt":
            self.formats[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self.style = 0
        elif name == "xf" and self.style is not None:
            if _is_percent(_whole(attributes.get("numFmtId")), self.formats):
                self.percent.add(self.style)
            self.style += 1

    def _leave_styles(self, name: str) -> None:
        if name == "cellXfs":
            self.style = None

    def _read_strings(self, part: bytes) -> None:
        """How long each shared text is: every cell that shows it has a copy."""
        if b"<!" in part:  # the reader would pass over it
            raise refuse("unsafe-xml", path=self.label, part=_STRINGS, what="<!")
        self.lengths = plainsheets.sizes(part)
        self.longest = int(self.lengths.max()) if len(self.lengths) else 0
        if len(self.lengths) > _STRINGS_MOST:
            raise refuse("unpacked-limit", path=self.label)

    def look(self, title: str, place: str) -> Look:
        """How a sheet that is shown looks. Its errors become text, which the reader would leave out or not know."""
        part = self.parts.get(place)
        if part is None:
            raise damaged(self.label)
        extent = Extent(self.label, title, self.limits)
        plain = plainsheets.scan(part, extent, self.percent) if markup.is_utf8(part) else None
        if plain is None:
            markup.check({place: part}, self.label)
            markup.check_data({place: part}, self.label)
            extent = Extent(self.label, title, self.limits)
            plain = plainsheets.Plain(_parsed(part, extent, self.percent), errors=True)
        extent.check()
        if self.longest * extent.filled > self.limits.unpacked:
            self._check_copies(part)
        if plain.errors:
            self.parts[place] = _ERROR.sub(b' t="str"', part)
        return Look(plain.formats, longest=max(extent.longest, self.longest))

    def _check_copies(self, part: bytes) -> None:
        if plainsheets.copied(part, self.lengths) > self.limits.unpacked:
            raise refuse("unpacked-limit", path=self.label)


def _is_percent(number: int, formats: dict[int, str]) -> bool:
    return number in _PERCENT or (number in formats and "%" in _LITERAL.sub("", formats[number]))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


# -- sheets that are not plain ------------------------------------------------------------------------------------


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
