"""What stands between the words of a document: comments, blank lines and dashes, each with its place.

In: a document that `source.read` gave. Between the spans of its scalars there is nothing but blanks, signs and comments,
so that every `#` begins one. Must not know: what is done with them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from attrs import field, frozen

from campaignrules.nodes import Document, Mapping, Node, Scalar

_REST = re.compile(r"[ \t]*")
_BELOW = re.compile(r"(?:\n[ \t]*(?=\n|\Z))*")
_SIGNS = re.compile(
    r"(?P<comment>#[^\n]*)|(?P<blank>\n(?:[ \t]*\n)+)|(?P<marker>^(?:---|\.\.\.)(?=[ \t\n]|\Z))|(?P<dash>-)",
    re.MULTILINE,
)


@frozen(eq=False, repr=False)
class Remark:
    """A comment, or blank lines ('' as text). `own`: nothing stands before it on its line."""

    index: int
    column: int
    text: str
    own: bool
    space: int
    """Blanks before it."""


@frozen(eq=False, repr=False)
class Gaps:
    """The places of a document's words, and what stands between them."""

    document: Document
    places: dict[int, tuple[int, int]] = field(factory=dict, init=False)
    """Of nodes, by identity: the document keeps them."""
    text: str = field(init=False)
    words: list[tuple[int, int]] = field(init=False)

    @text.default
    def _text(self) -> str:
        return self.document.source.text

    @words.default
    def _words(self) -> list[tuple[int, int]]:
        return sorted(place for place in map(self.place, scalars(self.document.root)) if place[1] > place[0])

    def place(self, node: Node) -> tuple[int, int]:
        """The indices of a node's first character and of the one behind its last, blanks that belong to it included."""
        found = self.places.get(id(node))
        if found is None:
            found = self.places[id(node)] = self._place(node)
        return found

    def _place(self, node: Node) -> tuple[int, int]:
        span, source = node.span, self.document.source
        start, end = source.index(span.line, span.column), source.index(span.end_line, span.end_column)
        return start, self._hard_end(node, start, end) if isinstance(node, Scalar) else end

    def _hard_end(self, node: Scalar, start: int, end: int) -> int:
        """Behind the blanks of a block scalar's last line, and behind the blank lines below: all (+), or those that are deep."""
        if node.style not in ("literal", "folded"):
            return end
        header, *lines = self.text[start:end].split("\n")
        inner = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
        end += len(_blanks(_REST, self.text, end))
        below = _blanks(_BELOW, self.text, end)
        widest = max(len(line) for line in below.split("\n"))
        hard = "+" in header.partition("#")[0] or widest > inner
        return end + len(below) - below.endswith("\n") if hard else end

    def between(self) -> Iterator[tuple[int, int]]:
        """The stretches between the words, the first and the last of the file included."""
        at = 0
        for start, end in self.words:
            yield at, start
            at = end
        yield at, len(self.text)

    def next_word(self, index: int) -> int:
        """Where the first word at or behind `index` begins, or the end of the file."""
        found = bisect_left(self.words, (index, 0))
        return self.words[found][0] if found < len(self.words) else len(self.text)

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """Comments and runs of blank lines in their order."""
        return tuple(self._remark(sign) for sign in self._signs if sign.lastgroup in ("comment", "blank"))

    @cached_property
    def dashes(self) -> tuple[int, ...]:
        """The signs that begin items of block lists."""
        return tuple(sign.start() for sign in self._signs if sign.lastgroup == "dash")

    @cached_property
    def _signs(self) -> list[re.Match[str]]:
        return [sign for gap in self.between() for sign in _SIGNS.finditer(self.text, *gap)]

    def _remark(self, sign: re.Match[str]) -> Remark:
        index = sign.start()
        if sign.lastgroup == "blank":
            return Remark(index + 1, 0, "", True, 0)
        before = self.text[self.text.rfind("\n", 0, index) + 1 : index]
        space = len(before) - len(before.rstrip())
        return Remark(index, len(before), sign[0].rstrip(), not before.strip(), space)


def _blanks(pattern: re.Pattern[str], text: str, index: int) -> str:
    found = pattern.match(text, index)
    return found[0] if found else ""


def scalars(node: Node) -> Iterator[Scalar]:
    """Every scalar below a node, keys included, in the order of the file."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            yield key
            yield from scalars(value)
    else:
        for item in node.items:
            yield from scalars(item)


def comments(gaps: Gaps) -> list[str]:
    """The text of every comment, those behind the sign of a block scalar included, in the order of the file."""
    loose = [(remark.index, remark.text) for remark in gaps.remarks if remark.text]
    blocks = [node for node in scalars(gaps.document.root) if node.style in ("literal", "folded")]
    return [text for _, text in sorted(loose + [found for node in blocks for found in _on_header(gaps, node)])]


def _on_header(gaps: Gaps, node: Scalar) -> Iterator[tuple[int, str]]:
    start, end = gaps.place(node)
    header = gaps.text[start:end].partition("\n")[0]
    if "#" in header:
        at = header.index("#")
        yield start + at, header[at:].rstrip()
