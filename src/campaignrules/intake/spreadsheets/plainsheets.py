"""Sheets of .xlsx as nearly every program writes them, scanned without a parser: the same answer in a tenth of the time.

In: the XML of a sheet. Out: the reach of its cells and how they look, or None where anything is written otherwise than
expected: a prefix, a comment, another order of attributes. Such a sheet is for a parser (`ooxml`). Must not know: what
cells mean.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np
from attrs import define, frozen
from numpy.typing import NDArray

from campaignrules.intake.sheets import Formats
from campaignrules.intake.spreadsheets.extents import Extent, column_number

_PIECE: Final = 2**20
_ROOM: Final = 32
"""Signs that may be looked at behind a piece."""
_BEGIN: Final = b"<sheetData>"
_END: Final = b"</sheetData>"
_HIDDEN: Final = re.compile(rb'<row\s[^>]*\bhidden="(?:1|true)"')
_FORMULA: Final = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(<v[^>]*>[^<])?(<v)?")
_CELL: Final = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*)>\s*(<[vif])?')
_STRING: Final = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_SHARED: Final = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*\bt\s*=\s*["']s["'][^>]*>\s*<(?:[\w.-]+:)?v>\s*([0-9]{1,9})""")
_IS_SHARED: Final = re.compile(rb"""=\s*["']s["']""")
_WHOLE: Final = re.compile(rb"v>\s*([0-9]{1,9})\s*<")

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def _signs(signs: bytes) -> NDArray[np.bool_]:
    """A table: is a byte one of these?"""
    table = np.zeros(256, dtype=np.bool_)
    table[list(signs)] = True
    return table


_NAMES: Final = _signs(b"/crvfit")
_CLOSES: Final = _signs(b" />\t\r\n")
_BLANK: Final = _signs(b" \t\r\n")
_HOLDS: Final = _signs(b"vif")


@frozen(eq=False, repr=False)
class Plain:
    """How the cells of a sheet look, and whether some may be errors."""

    formats: Formats
    errors: bool


def scan(part: bytes, extent: Extent, percent: Collection[int]) -> Plain | None:
    """How the cells look; their reach goes to `extent`. None: the sheet is not plain. Raises CampaignError."""
    begin, end = part.find(_BEGIN), part.rfind(_END)
    if begin < 0 or end < begin or b"<!" in part[:begin] or b"<!" in part[end:]:
        return None
    if len(part) < end + _ROOM:
        part += bytes(_ROOM)
    begin += len(_BEGIN)
    found = _Found()
    if not all(found.add(signs, extent) for signs in _pieces(part, begin, end)):
        return None
    hidden = len(_HIDDEN.findall(part, begin, end)) if found.hides else 0
    unsaved = _unsaved(part, begin, end) if found.formulas else {}
    return Plain(Formats(_percent(part, begin, end, percent), unsaved, found.formulas, hidden), found.errors)


def _pieces(part: bytes, begin: int, end: int) -> Iterator[Bytes]:
    """The sheet in parts, each of which but the first begins with a cell, and `_ROOM` more signs."""
    while begin < end:
        cut = part.find(b"<c ", begin + _PIECE, end)
        cut = end if cut < 0 else cut
        yield np.frombuffer(part, np.uint8, cut - begin + _ROOM, begin)
        begin = cut


@define(eq=False, repr=False)
class _Found:
    """What a sheet holds besides its cells."""

    formulas: int = 0
    hides: bool = False
    errors: bool = False

    def add(self, signs: Bytes, extent: Extent) -> bool:
        """Whether the piece is plain; the reach of its cells goes to `extent`."""
        tags = np.flatnonzero(signs[:-_ROOM] == ord("<"))
        names = signs[tags + 1]
        cells = np.flatnonzero(names == ord("c"))
        if not (
            _NAMES[names].all() and _plain_names(signs, tags, names) and self._plain_attributes(signs, tags, names)
        ):
            return False
        extent.longest = max(extent.longest, int(np.diff(tags, append=len(signs) - _ROOM).max()) if len(tags) else 0)
        self.formulas += int(np.count_nonzero(names == ord("f")))
        filled = _filled(signs, tags, names, cells)
        return filled is not None and _reach(signs, tags[cells[filled]], extent)

    def _plain_attributes(self, signs: Bytes, tags: Places, names: Bytes) -> bool:
        """Each cell, and each row that says anything, has one attribute `r`; nothing stands before a sign of equality."""
        equals = np.flatnonzero(signs[:-_ROOM] == ord("="))
        before = signs[equals - 1]
        self.hides = self.hides or bool((before == ord("n")).any())
        self.errors = self.errors or bool(((signs[equals + 2] == ord("e")) & (signs[equals + 3] == ord('"'))).any())
        at = tags[names == ord("r")]
        rows = np.count_nonzero((signs[at + 2] == ord("o")) & (signs[at + 4] == ord(" ")))
        expected = np.count_nonzero(names == ord("c")) + rows
        return bool(np.count_nonzero(before == ord("r")) == expected and not _BLANK[before].any())


def _plain_names(signs: Bytes, tags: Places, names: Bytes) -> bool:
    """The tags are `<c r="`, `<row`, `<r>`, `<v`, `<f`, `<t`, `<is>` and end tags, none with a prefix."""
    cells, runs, texts = tags[names == ord("c")], tags[names == ord("r")], tags[names == ord("i")]
    single = tags[(names == ord("v")) | (names == ord("f")) | (names == ord("t"))]
    rows = runs[signs[runs + 2] != ord(">")]
    return bool(
        _CLOSES[signs[single + 2]].all()
        and all((signs[cells + i] == sign).all() for i, sign in enumerate(b' r="', 2))
        and all((signs[rows + i] == sign).all() for i, sign in enumerate(b"ow", 2))
        and _CLOSES[signs[rows + 4]].all()
        and (signs[texts + 2] == ord("s")).all()
        and _CLOSES[signs[texts + 3]].all()
    )


def _filled(signs: Bytes, tags: Places, names: Bytes, cells: Places) -> NDArray[np.bool_] | None:
    """Which cells hold anything, by the tag that comes next; None: a cell is neither closed nor filled."""
    after = np.append(tags, len(signs) - _ROOM)[cells + 1]
    name = np.append(names, np.uint8(0))[cells + 1]
    holds = _HOLDS[name]
    closed = (signs[after - 1] == ord(">")) & (signs[after - 2] == ord("/"))
    closed |= (name == ord("/")) & (signs[after + 2] == ord("c")) & (signs[after + 3] == ord(">"))
    return holds if (holds | closed).all() else None


def _reach(signs: Bytes, cells: Places, extent: Extent) -> bool:
    """The rows and columns of filled cells; False: an address is none. Raises CampaignError."""
    at = cells + 6
    columns, letters = _taken(signs, at, ord("A"), 26, 3, 1)
    rows, digits = _taken(signs, at + letters, ord("0"), 10, 7, 0)
    if not (letters.all() and digits.all() and rows.all() and (signs[at + letters + digits] == ord('"')).all()):
        return False
    if len(cells):
        extent.add(int(rows.max()), int(columns.max()) - 1, len(cells))
        extent.add(int(rows.min()), int(columns.min()) - 1, 0)
    return True


def _taken(signs: Bytes, at: Places, zero: int, base: int, most: int, least: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The number written at each place with at most so many signs from `zero` on, and how many signs there were."""
    number, length = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    for i in range(most):
        sign = signs[at + i] - np.uint8(zero)  # what lies below wraps around
        more = (sign < base) & (length == i)
        if not more.any():
            break
        number = np.where(more, number * base + sign + least, number)
        length += more
    return number, length


# -- how cells look -----------------------------------------------------------------------------------------------


def _percent(part: bytes, begin: int, end: int, styles: Collection[int]) -> dict[int, frozenset[int]]:
    """The cells of these styles that hold anything."""
    found: dict[int, set[int]] = {}
    if styles:
        shown = re.compile(rb' s="(?:%s)"' % b"|".join(b"%d" % style for style in sorted(styles)))
        for match in shown.finditer(part, begin, end):
            _note(found, _CELL.match(part, part.rfind(b"<", begin, match.start())), only_filled=True)
    return {column: frozenset(rows) for column, rows in found.items()}


def _unsaved(part: bytes, begin: int, end: int) -> dict[int, frozenset[int]]:
    """The cells with a formula and no value; an empty one counts where it is text."""
    found: dict[int, set[int]] = {}
    for match in _FORMULA.finditer(part, begin, end):
        if not match[1]:
            cell = _CELL.match(part, part.rfind(b"<", begin, match.start()))
            if not (cell and match[2] and b' t="str"' in cell[3]):
                _note(found, cell)
    return {column: frozenset(rows) for column, rows in found.items()}


def _note(found: dict[int, set[int]], cell: re.Match[bytes] | None, *, only_filled: bool = False) -> None:
    if cell and (cell[4] or not only_filled):
        found.setdefault(column_number(cell[1].decode()), set()).add(int(cell[2]))


# -- shared text --------------------------------------------------------------------------------------------------


def sizes(strings: bytes) -> NDArray[Any]:
    """How many bytes each shared text takes at most."""
    signs = np.frombuffer(strings + bytes(_ROOM), np.uint8)
    begins = np.flatnonzero((signs[:-3] == ord("<")) & (signs[1:-2] == ord("s")) & (signs[2:-1] == ord("i")))
    begins = begins[_CLOSES[signs[begins + 3]]]
    if b":si" in strings:
        begins = np.array([match.start() for match in _STRING.finditer(strings)], dtype=np.int64)
    return np.diff(np.append(begins, len(strings))) if len(begins) else begins


def copied(part: bytes, lengths: NDArray[Any]) -> int:
    """The bytes of shared text in the cells of a sheet; where cells are written oddly, each number counts as a text."""
    found = _SHARED.findall(part)
    if len(found) != len(_IS_SHARED.findall(part)):
        found = _WHOLE.findall(part)
    shown = np.array(found, dtype=np.int64)
    return int(lengths[shown[shown < len(lengths)]].sum())
