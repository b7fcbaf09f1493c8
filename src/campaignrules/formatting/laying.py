"""The parts of a file → its text, in one style.

Two blanks for each level of a block, dashes under their key and two further; a line break where the author had one
inside brackets, and where a line would be too wide. Must not know: the document the parts were taken from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from attrs import define

from campaignrules.errors import width_of
from campaignrules.formatting.parts import Block, Entry, Flow, Heap, Part, Sheet, Value, Words

WIDTH: Final = 160
"""Cells of a terminal that a line takes at most where entries in brackets are laid anew (a Chinese character takes two)."""
MOST: Final = 180
"""A line that the author laid is broken beyond this only."""
FAR: Final = 80
"""Behind a bracket further right than this, further lines are indented, not aligned."""
STEP: Final = 2


def lay(sheet: Sheet) -> str:
    """The text of a file."""
    head, tail = list(_single(sheet.head)), list(_single(sheet.tail))
    body = _block(sheet.body, 0) if isinstance(sheet.body, Block) else _value(sheet.body, "", 0, -1)
    while head and not head[0]:
        del head[0]
    while body and not body[0] and (not head or not head[-1]):
        del body[0]
    while tail and not tail[-1]:
        del tail[-1]
    return "\n".join([*head, *body, *tail]) + ("\n" if sheet.ends else "")


def _single(remarks: Sequence[str]) -> Iterator[str]:
    """Comments and blank lines, of blank lines never two together."""
    for number, remark in enumerate(remarks):
        if remark or not number or remarks[number - 1]:
            yield remark


def _remarks(remarks: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + remark if remark else "" for remark in _single(remarks)]


# -- blocks -------------------------------------------------------------------------------------------------------


def _block(block: Block, indent: int) -> list[str]:
    lines = [line for entry in block.entries for line in (*_remarks(entry.lead, indent), *_entry(entry, indent))]
    return lines + _remarks(block.tail, indent)


def _entry(entry: Entry, indent: int) -> list[str]:
    sign = " " * indent + ("-" if entry.key is None else f"{entry.key}:")
    if entry.value is None:
        return [sign + entry.trail]
    if isinstance(entry.value, Block):
        return _nested(entry, sign, indent)
    inner = " " * (indent + STEP)
    above = [sign + entry.after, *_remarks([line for line in entry.between if line], indent + STEP)]
    start = inner if entry.dropped else f"{sign} "
    base = indent + STEP if entry.dropped or entry.key is None else indent
    *lines, last = _value(entry.value, start, base, indent)
    return [*(above if entry.dropped else []), *lines, last + entry.trail]


def _nested(entry: Entry, sign: str, indent: int) -> list[str]:
    """A block below its key, or on the line of its dash where no comment is in the way."""
    block = entry.value
    assert isinstance(block, Block)  # noqa: S101  the caller has looked
    first = block.entries[0]
    if entry.key is None and not any(first.lead):
        block = attrs.evolve(block, entries=(attrs.evolve(first, lead=()), *block.entries[1:]))
        if not entry.after:
            first_line, *lines = _block(block, indent + STEP)
            return [f"{sign} {first_line[indent + STEP :]}", *lines]
    return [sign + entry.after, *_block(block, indent + STEP)]


# -- values -------------------------------------------------------------------------------------------------------


@define(eq=False, repr=False)
class _Page:
    """Lines in the making. `base`: where the content of the last line begins; `floor`: further lines lie deeper."""

    lines: list[str]
    base: int
    floor: int

    def write(self, text: str) -> None:
        """On the last line."""
        self.lines[-1] += text

    def turn(self, column: int) -> None:
        """Begin a line."""
        self.lines.append(" " * column)
        self.base = column

    @property
    def column(self) -> int:
        return len(self.lines[-1])

    @property
    def width(self) -> int:
        return width_of(self.lines[-1])


def _value(value: Value, start: str, base: int, floor: int) -> list[str]:
    """The lines of a value whose first line begins with `start`, in an entry indented by `floor`."""
    page = _Page([start], base, floor)
    if isinstance(value, Heap):
        header, *lines = value.lines
        return [start + header.rstrip(), *(_shifted(line, floor - value.at) for line in lines)]
    if isinstance(value, Words):
        _write_words(page, value)
    elif isinstance(value, Flow):
        _write_flow(page, value, 0)
    return page.lines


def _shifted(line: str, by: int) -> str:
    """A line of a block scalar, further in or out by some blanks; an empty one has none."""
    if by >= 0:
        return " " * by + line if line else line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]


def _write_words(page: _Page, words: Words) -> None:
    first, *lines = words.lines
    page.write(first)
    shift = page.base - words.at
    for line in lines:
        text = line.lstrip(" \t")
        column = max(page.floor + 1, len(line) - len(text) + shift)
        page.lines.append(" " * column + text if text else "")
        page.base = column if text else page.base


def _write_flow(page: _Page, flow: Flow, follow: int) -> None:
    """Write brackets and what is in them; `follow`: cells that come behind on the same line."""
    base, column, width = page.base, page.column, WIDTH if flow.moved else MOST
    hang = column + 1 if flow.aligned and column <= FAR else base + STEP
    opening, closing = flow.brackets[0], flow.brackets[1]
    page.write(opening)
    for number, part in enumerate(flow.parts):
        last = number == len(flow.parts) - 1
        behind = 1 if not last else 0 if flow.closed else 1 + follow
        page.write("," if number else "")
        if part.broken or (number and not _fits(page, part, behind, width)):
            page.turn(hang)
        elif number:
            page.write(" ")
        _write_part(page, part, behind, hang)
    if flow.closed and flow.parts:
        page.turn(base)
    page.write(closing)


def _fits(page: _Page, part: Part, behind: int, width: int) -> bool:
    text, whole = _first_line(part)
    return page.width + 1 + width_of(text) + (behind if whole else 0) <= width


def _write_part(page: _Page, part: Part, behind: int, hang: int) -> None:
    if part.key is not None:
        page.write(f"{part.key}:")
    if part.dropped:
        page.turn(hang + STEP)
    elif part.key is not None:
        page.write(" ")
    if isinstance(part.value, Flow):
        _write_flow(page, part.value, behind)
    elif isinstance(part.value, Words):
        _write_words(page, part.value)


def _first_line(part: Part) -> tuple[str, bool]:
    """What a part writes on its first line, and whether that is all of it."""
    sign = "" if part.key is None else f"{part.key}:"
    if part.dropped:
        return sign, False
    text, whole = _first_of(part.value)
    return f"{sign} {text}" if sign else text, whole


def _first_of(value: Value) -> tuple[str, bool]:
    if isinstance(value, Words):
        return value.lines[0], len(value.lines) == 1
    assert isinstance(value, Flow)  # noqa: S101  nothing else stands inside brackets
    pieces = [value.brackets[0]]
    for number, part in enumerate(value.parts):
        pieces.append("," if number else "")
        if part.broken:
            return "".join(pieces), False
        text, whole = _first_line(part)
        pieces.append(f" {text}" if number else text)
        if not whole:
            return "".join(pieces), False
    return "".join([*pieces, "" if value.closed else value.brackets[1]]), not value.closed
