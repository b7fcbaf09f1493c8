"""The tree of a document: texts, lists and mappings, each of which knows its place.

In: what `source` builds from the events of the parser. Out: nodes with spans,
and for each character of a text its place in the file (`Scalar.locate`), through
quotes, escapes, folding and blocks. Must not know: YAML's parser, or campaigns.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Literal

from attrs import frozen

from campaignrules.errors import Diagnostic, Source, Span

Style = Literal["plain", "single", "double", "literal", "folded"]

_LONGEST_LOCATED = 1 << 14  # characters of a scalar that are decoded again to point inside
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
TRUTHS = dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)


# --- nodes --------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Scalar:
    """A piece of text; numbers, dates and words are still text here."""

    text: str
    span: Span
    style: Style = "plain"

    @property
    def source(self) -> Source | None:
        """The source the scalar stands in."""
        return self.span.source

    @property
    def is_plain(self) -> bool:
        """True without quotes and outside block scalars."""
        return self.style == "plain"

    @property
    def is_null(self) -> bool:
        """True for plain `null`, `~` and nothing at all (YAML 1.2)."""
        return self.is_plain and self.text in NULLS

    @property
    def boolean(self) -> bool | None:
        """The truth of plain `true` and `false` (YAML 1.2), None for anything else."""
        return TRUTHS.get(self.text) if self.is_plain else None

    def locate(self, offset: int) -> tuple[int, int]:
        """The 1-based (line, column) in the file of character `offset` of `text`.

        Offsets outside the text mean its ends. In folded or escaped text of more
        than 16,384 characters the answer is the start of the scalar.
        """
        offset = max(0, min(offset, len(self.text)))
        if self._is_verbatim or self.source is None:
            return self.span.line, self.span.column + offset
        return self.source.place(self._indices[offset])

    def spot(self, start: int, end: int) -> Span:
        """The span in the file of `text[start:end]`."""
        line, column = self.locate(start)
        return Span(self.source, line, column, *self._after(start, end))

    def _after(self, start: int, end: int) -> tuple[int, int]:
        """The place just behind the last character before `end`."""
        here = self.locate(end)
        if end <= start:
            return self.locate(start)
        line, column = self.locate(end - 1)
        return here if here[0] == line else (line, column + 1)

    @property
    def _is_verbatim(self) -> bool:
        return self.is_plain and self.span.line == self.span.end_line

    @cached_property
    def _indices(self) -> list[int]:
        """For each character of `text` and for its end, the index into the source."""
        span, source = self.span, self.span.source
        if source is None:
            return [0] * (len(self.text) + 1)
        start = source.index(span.line, span.column)
        end = source.index(span.end_line, span.end_column)
        short = end - start <= _LONGEST_LOCATED
        found = _READINGS[self.style](source.text, start, end, self.text) if short else None
        return found or [start] * (len(self.text) + 1)


@frozen(eq=False, repr=False)
class Sequence:
    """A list, `[a, b]` or lines that begin with `- `."""

    items: tuple["Node", ...]
    span: Span


@frozen(eq=False, repr=False)
class Mapping:
    """Keys and values in the order of the file; every key is there once."""

    pairs: tuple[tuple[Scalar, "Node"], ...]
    span: Span

    @cached_property
    def _by_key(self) -> dict[str, tuple[Scalar, "Node"]]:
        return {key.text: (key, value) for key, value in self.pairs}

    def get(self, key: str) -> "Node | None":
        """The value under `key`, or None."""
        pair = self._by_key.get(key)
        return pair[1] if pair else None

    def key(self, key: str) -> Scalar | None:
        """The key itself, to point at it, or None."""
        pair = self._by_key.get(key)
        return pair[0] if pair else None


Node = Scalar | Sequence | Mapping


@frozen(eq=False, repr=False)
class Document:
    """A whole text: its source, its outermost node, and warnings that refuse nothing."""

    source: Source
    root: Node
    warnings: tuple[Diagnostic, ...] = ()


def start_of(node: Node) -> Span:
    """The first line of a node, enough to point at."""
    span = node.span
    if span.end_line == span.line or span.source is None:
        return span
    end = len(span.source.line(span.line)) + 1
    return Span(span.source, span.line, span.column, span.line, end)


def plain(node: Node) -> Any:
    """The node as plain values: true and false are truths, nothing is None, all else is text as written."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if node.is_null:
        return None
    return node.text if node.boolean is None else node.boolean


# --- from a character of the text back to the file ----------------------------
#
# Each reading decodes the raw text once more, keeping for each character the
# index it came from. If the outcome is not the text the parser gave, the answer
# is None, and the caller points at the start of the scalar.

_Pieces = Iterator[tuple[str, int]]
_QUOTED = {
    "single": re.compile(r"(?P<fold>[ \t]*\n[ \t\n]*)|(?P<escape>'')|[ \t]+|[^'\n \t]+"),
    "double": re.compile(
        r"(?P<fold>[ \t]*\n[ \t\n]*)|(?P<joint>\\\n[ \t\n]*)"
        r"|(?P<escape>\\(?:x.{2}|u.{4}|U.{8}|.))|[ \t]+|[^\\\n \t]+"
    ),
}
_BLANKS = re.compile(r"[ \t\n]*")
_MOST_INDENTS = 32  # tried for one block
_PLAIN = re.compile(r"(?P<fold>[ \t]*\n[ \t\n]*)|[ \t]+|[^\n \t]+")


def _agreed(pieces: _Pieces, end: int, text: str) -> list[int] | None:
    """The indices of all characters and of the end if they spell `text`."""
    indices, spelled = _spelled(pieces)
    return [*indices, end] if spelled == text else None


def _spelled(pieces: _Pieces) -> tuple[list[int], str]:
    indices: list[int] = []
    parts: list[str] = []
    for part, index in pieces:
        parts.append(part)
        indices += range(index, index + len(part))
    return indices, "".join(parts)


def _plain_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    return _agreed(_flow_pieces(_PLAIN, raw, start, end, text), end, text)


def _single_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    pieces = _flow_pieces(_QUOTED["single"], raw, start + 1, end - 1, text)
    return _agreed(pieces, end - 1, text)


def _double_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    pieces = _flow_pieces(_QUOTED["double"], raw, start + 1, end - 1, text)
    return _agreed(pieces, end - 1, text)


def _flow_pieces(pattern: re.Pattern[str], raw: str, start: int, end: int, text: str) -> _Pieces:
    """Decode folding and escapes; an escape takes the character the parser made of it."""
    made = 0
    for found in pattern.finditer(raw, start, end):
        kind = found.lastgroup
        if kind in ("fold", "joint"):
            pieces = list(_breaks(found, kind == "fold"))
        elif kind == "escape":
            pieces = [(text[made : made + 1], found.start())]
        else:
            pieces = [(found[0], found.start())]
        made += sum(len(piece) for piece, _ in pieces)
        yield from pieces


def _breaks(found: re.Match[str], folding: bool) -> _Pieces:
    """One break is a blank, each further one a break; behind a backslash the first is nothing."""
    first, *further = [found.start() + at for at, sign in enumerate(found[0]) if sign == "\n"]
    if further:
        yield from (("\n", index) for index in further)
    elif folding:
        yield " ", min(found.start(), first)


def _literal_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    return _block_reading(raw, start, end, text, _literal_pieces)


def _folded_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    return _block_reading(raw, start, end, text, _folded_pieces)


def _block_reading(
    raw: str, start: int, end: int, text: str, pieces: Callable[[list[tuple[str, int]]], _Pieces]
) -> list[int] | None:
    """Try the indentations a block scalar may have; of the blank end the text has as much as it has."""
    lines = _lines(raw, start, _blank_end(raw, end))[1:]
    for indent in _indents(lines):
        cut = [(line[indent:], index + min(indent, len(line))) for line, index in lines]
        indices = _leading(pieces(cut), text)
        if indices is not None:
            return [*indices, max(end, indices[-1] + 1) if indices else end]
    return None


def _blank_end(raw: str, end: int) -> int:
    """The end of the blanks and breaks behind a block scalar, which may belong to its text."""
    found = _BLANKS.match(raw, end, end + _LONGEST_LOCATED)
    return found.end() if found else end


def _leading(pieces: _Pieces, text: str) -> list[int] | None:
    """The indices of the characters of `text` if the pieces begin with it."""
    indices, spelled = _spelled(pieces)
    return indices[: len(text)] if spelled.startswith(text) else None


def _lines(raw: str, start: int, end: int) -> list[tuple[str, int]]:
    lines, at = [], start
    for line in raw[start:end].split("\n"):
        lines.append((line, at))
        at += len(line) + 1
    return lines


def _indents(lines: list[tuple[str, int]]) -> Iterator[int]:
    """The indentation of the first line with content, then smaller ones (`|1`)."""
    texts = (line for line, _ in lines if line.strip(" "))
    first = next(texts, "")
    widest = len(first) - len(first.lstrip(" "))
    return iter(range(widest, max(-1, widest - _MOST_INDENTS), -1))


def _literal_pieces(lines: list[tuple[str, int]]) -> _Pieces:
    for number, (line, index) in enumerate(lines):
        if number:
            yield "\n", _break_before(lines, number)
        yield line, index


def _break_before(lines: list[tuple[str, int]], number: int) -> int:
    """The index of the break that ends the line before line `number`."""
    line, index = lines[number - 1]
    return index + len(line)


def _folded_pieces(lines: list[tuple[str, int]]) -> _Pieces:
    """YAML folding: one break between two unindented lines is a blank; see the parser."""
    waiting: list[tuple[str, int]] = []
    before: str | None = None
    for line, index in lines:
        if line:
            folds = before is not None and not _indented(before) and not _indented(line)
            yield from _joined(waiting, folds) if before is not None else iter(waiting)
            yield line, index
            waiting, before = [], line
        waiting.append(("\n", index + len(line)))
    yield from waiting


def _indented(line: str) -> bool:
    return line[:1] in (" ", "\t")


def _joined(breaks: list[tuple[str, int]], folds: bool) -> _Pieces:
    if not folds:
        yield from breaks
    elif len(breaks) == 1:
        yield " ", breaks[0][1]
    else:
        yield from breaks[1:]


_READINGS: dict[Style, Callable[[str, int, int, str], list[int] | None]] = {
    "plain": _plain_reading,
    "single": _single_reading,
    "double": _double_reading,
    "literal": _literal_reading,
    "folded": _folded_reading,
}
