"""Whether the parts of a workbook may be given to openpyxl, which trusts them more than it should.

In: parts of an .xlsx that were unpacked and counted. Out: yes or no. openpyxl makes an object for each cell of a merged
area, of a link and of a comment's address however large it is, compares each range of a rule with all others, and walks
trees by recursion; a file that asks for much of that is copied cell by cell instead. Must not know: findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from xml.parsers import expat

from attrs import define
from openpyxl.utils import range_boundaries

CELLS: Final = 500_000
"""Cells of all sheets together; twice the memory of what openpyxl makes of them."""
SPREAD: Final = 200_000
"""Cells of all merged areas and links together."""
RANGES: Final = 20_000
"""Characters of all lists of ranges together."""
DEPTH: Final = 64
ELEMENTS: Final = 4_000_000
_XML: Final = (".xml", ".rels", ".vml")
_IMAGES: Final = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf")
_SPREADING: Final = ("mergeCell", "hyperlink", "comment")


class _UnfitError(Exception):
    """There is too much of something."""


@define(eq=False, repr=False)
class _Count:
    """What was met so far."""

    cells: int = 0
    spread: int = 0
    ranges: int = 0
    elements: int = 0
    depth: int = 0

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition("}")[2].rpartition(":")[2]
        self.depth += 1
        self.elements += 1
        self.cells += local == "c"
        self.ranges += len(attributes.get("sqref", ""))
        if local in _SPREADING:
            self.spread += _area(attributes.get("ref", "A1"))
        if self.depth > DEPTH or self.elements > ELEMENTS or self.cells > CELLS:
            raise _UnfitError
        if self.spread > SPREAD or self.ranges > RANGES:
            raise _UnfitError

    def end(self, _name: str) -> None:
        self.depth -= 1


def _area(reference: str) -> int:
    """How many cells an address names."""
    try:
        left, top, right, bottom = range_boundaries(reference)
    except (ValueError, TypeError):
        raise _UnfitError from None
    if None in (left, top, right, bottom):
        raise _UnfitError
    return (int(right or 0) - int(left or 0) + 1) * (int(bottom or 0) - int(top or 0) + 1)


def is_fit(parts: Mapping[str, bytes]) -> bool:
    """Whether openpyxl will get through with these parts in reasonable time and memory."""
    count = _Count()
    try:
        for name, part in parts.items():
            kind = "." + name.casefold().rpartition(".")[2]
            if kind in _XML:
                _walk(part, count)
            elif "/media/" in name and kind not in _IMAGES:
                return False
    except (_UnfitError, expat.ExpatError, ValueError, LookupError):
        return False
    return True


def _walk(part: bytes, count: _Count) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = count.begin
    parser.EndElementHandler = count.end
    parser.StartDoctypeDeclHandler = _no_doctype
    count.depth = 0
    parser.Parse(part, True)


def _no_doctype(*_facts: object) -> None:
    raise _UnfitError


def links_out(names: Iterable[str]) -> bool:
    """Whether a workbook refers to other files."""
    return any(name.startswith("xl/externalLinks/") for name in names)
