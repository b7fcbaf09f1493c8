"""A document → the parts it is written anew from, in their customary order.

Each comment goes with the element it stands at: lines above an entry with that entry, a comment behind it too. Line
breaks inside brackets are remembered. Brackets that hold comments or unusual signs are taken as they are. Must not
know: how parts are printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise, takewhile
from typing import Any

import attrs
from attrs import define, field

from campaignrules.formatting import orders
from campaignrules.formatting.gaps import Gaps, Remark
from campaignrules.formatting.parts import Block, Entry, Flow, Heap, Part, Sheet, Value, Words
from campaignrules.formatting.quotes import quoted
from campaignrules.nodes import Mapping, Node, Scalar, Sequence

_BEGINNING = re.compile(r" *(?:- +)*")
_DIRECTIVES = re.compile(r"(?:[^\n]*\n)*?---[^\n]*\n")


def take(gaps: Gaps) -> Sheet:
    """The parts of a document. Each comment is in them once."""
    return _Taking(gaps).sheet(gaps.document.root)


@define(eq=False, repr=False)
class _Taking:
    """Goes through a document from its beginning to its end; `remark`, `dash`: the next that nobody has taken yet."""

    gaps: Gaps
    remark: int = 0
    dash: int = 0
    orderly: bool = field(init=False)
    """Whether entries may be moved: not where the last must stay the last."""

    @orderly.default
    def _may_move(self) -> bool:
        return self.gaps.text.endswith("\n") or not self._ends_in_block()

    def _ends_in_block(self) -> bool:
        last = self.gaps.words[-1] if self.gaps.words else (0, 0)
        return self.gaps.text[last[0] : last[0] + 1] in ("|", ">") and "-" not in self._header(last[0])

    def _header(self, index: int) -> str:
        return self.gaps.text[index:].partition("\n")[0].partition("#")[0]

    def sheet(self, root: Node) -> Sheet:
        """The whole file."""
        start = self.gaps.place(root)[0]
        head = (*self._directives(start), *_lines(self._until(start)))
        body = self._value(root, orders.root_of(root), -1)
        tail = _lines(self._until(len(self.gaps.text) + 1))
        return Sheet(head, body, tail, self.orderly)

    def _directives(self, start: int) -> tuple[str, ...]:
        """`%YAML` and what stands around it, as written; a document start without it says nothing."""
        found = _DIRECTIVES.match(self.gaps.text, 0, start)
        if not found or not re.search("^%", found[0], re.MULTILINE):
            return ()
        self._until(found.end())
        return tuple(line.rstrip() for line in found[0].splitlines())

    # -- comments --------------------------------------------------------------------------------------------------

    def _until(self, index: int) -> list[Remark]:
        """Comments and blank lines before `index` that nobody has taken yet."""
        found = list(takewhile(lambda remark: remark.index < index, self._rest()))
        self.remark += len(found)
        return found

    def _rest(self) -> Iterator[Remark]:
        remarks = self.gaps.remarks
        return (remarks[place] for place in range(self.remark, len(remarks)))

    def _behind(self, index: int) -> str:
        """The comment on the rest of the line, with the blanks before it."""
        line_end = self.gaps.text.find("\n", index)
        for remark in self.gaps.remarks[self.remark : self.remark + 1]:
            if not remark.own and index <= remark.index and (line_end < 0 or remark.index < line_end):
                self.remark += 1
                return " " * max(remark.space, 1) + remark.text
        return ""

    def _tail(self, index: int, column: int, above: int) -> tuple[str, ...]:
        """The comments behind the last entry of a block that are indented like its entries."""
        dash = next(iter(self.gaps.dashes[self.dash : self.dash + 1]), len(self.gaps.text))
        bound = min(self.gaps.next_word(index), max(dash, index))
        taken = self.remark
        for place, remark in enumerate(self._rest(), self.remark):
            if remark.index >= bound or not remark.own or (remark.text and remark.column < max(column, above + 1)):
                break
            taken = place + 1 if remark.text else taken
        found = self.gaps.remarks[self.remark : taken]
        self.remark = taken
        return _lines(found)

    # -- values ----------------------------------------------------------------------------------------------------

    def _value(self, node: Node, hint: Any, above: int) -> Value:
        """`above`: the column of the block around it."""
        if isinstance(node, Scalar):
            return self._scalar(node, above, flow=False)
        if self._is_flow(node):
            return self._flow(node, hint)
        if isinstance(node, Mapping):
            return self._mapping(node, hint, above)
        return self._sequence(node, hint, above)

    def _is_flow(self, node: Node) -> bool:
        return self.gaps.text[self.gaps.place(node)[0]] in "[{"

    def _scalar(self, node: Scalar, above: int, flow: bool) -> Words | Heap:
        start, end = self.gaps.place(node)
        raw = self.gaps.text[start:end]
        if node.style in ("literal", "folded"):
            return Heap(tuple(raw.split("\n")), max(above, 0))
        if node.style in ("single", "double"):
            raw = quoted(node, raw, flow)
        return Words(_stripped(raw, node.style), self._beginning(start))

    def _beginning(self, index: int) -> int:
        """The column where the content of a line begins, behind dashes."""
        line = self.gaps.text.rfind("\n", 0, index) + 1
        found = _BEGINNING.match(self.gaps.text, line, index)
        return found.end() - line if found else 0

    # -- blocks ----------------------------------------------------------------------------------------------------

    def _mapping(self, node: Mapping, hint: Any, above: int) -> Block:
        column = self._column(self.gaps.place(node.pairs[0][0])[0])
        form = orders.below(hint, node)
        entries = [self._pair(key, value, orders.type_under(form, key.text), column) for key, value in node.pairs]
        tail = self._tail(self._end(node.pairs[-1]), column, above)
        return Block(tuple(self._in_order(node, form, entries)), tail)

    def _end(self, pair: tuple[Node, Node]) -> int:
        return max(self.gaps.place(node)[1] for node in pair)

    def _in_order(self, node: Mapping, form: Any, entries: list[Any]) -> list[Any]:
        keys = [key.text for key, _ in node.pairs]
        wanted = orders.ordered(form, keys) if self.orderly else keys
        return entries if wanted == keys else [dict(zip(keys, entries, strict=True))[key] for key in wanted]

    def _column(self, index: int) -> int:
        return index - self.gaps.text.rfind("\n", 0, index) - 1

    def _pair(self, key: Scalar, value: Node, hint: Any, column: int) -> Entry:
        start, end = self.gaps.place(key)
        lead = _lines(self._until(start))
        return self._entry(self._key(key), lead, value, hint, (end, column))

    def _key(self, key: Scalar) -> str:
        start, end = self.gaps.place(key)
        raw = self.gaps.text[start:end]
        return raw if key.is_plain or key.style == "folded" else quoted(key, raw, flow=True)

    def _entry(self, key: str | None, lead: tuple[str, ...], value: Node, hint: Any, at: tuple[int, int]) -> Entry:
        """The entry whose key or dash ends at an index, in a block at a column."""
        index, column = at
        start, end = self.gaps.place(value)
        if end == start:  # nothing
            return Entry(key, None, lead, trail=self._behind(index))
        on_lines = self._begins_line(index, start)
        after = self._behind(index) if on_lines else ""
        if not isinstance(value, Scalar) and not self._is_flow(value):
            return Entry(key, self._value(value, hint, column), lead, after)
        between = _lines(self._until(start))
        dropped = bool(after or between or (key is not None and on_lines))
        made = self._value(value, hint, column)
        return Entry(key, made, lead, after, between, dropped, self._behind(end))

    def _begins_line(self, index: int, start: int) -> bool:
        """Whether what begins at `start` is not on the line of the colon or dash behind `index`."""
        return "\n" in self.gaps.text[index:start].rpartition(":")[2]

    def _sequence(self, node: Sequence, hint: Any, above: int) -> Block:
        form = orders.below(hint, node)
        inner = orders.type_under(form, "")
        column = self._column(self.gaps.dashes[self.dash])
        entries = [self._item(item, inner, column) for item in node.items]
        return Block(tuple(entries), self._tail(self.gaps.place(node.items[-1])[1], column, above))

    def _item(self, item: Node, hint: Any, column: int) -> Entry:
        at = self.gaps.dashes[self.dash]
        self.dash += 1
        return self._entry(None, _lines(self._until(at)), item, hint, (at + 1, column))

    # -- brackets --------------------------------------------------------------------------------------------------

    def _flow(self, node: Mapping | Sequence, hint: Any) -> Flow | Words:
        start, end = self.gaps.place(node)
        if any(remark.text for remark in self._until(end)) or not self._is_usual(node):
            return Words(_stripped(self.gaps.text[start:end], ""), self._beginning(start))
        return self._brackets(node, hint)

    def _is_usual(self, node: Node) -> bool:
        """Whether brackets hold only entries, each with a value, and the signs between them."""
        if isinstance(node, Scalar):
            return self.gaps.place(node)[1] > self.gaps.place(node)[0]
        if not self._is_flow(node):
            return False
        inside = (
            [(key, value) for key, value in node.pairs] if isinstance(node, Mapping) else [(i,) for i in node.items]
        )
        at, end = self.gaps.place(node)[0] + 1, self.gaps.place(node)[1] - 1
        for number, nodes in enumerate(inside):
            for sign, one in zip(("," if number else "", ":"), nodes, strict=False):
                start, behind = self.gaps.place(one)
                if self.gaps.text[at:start].strip() != sign or not self._is_usual(one):
                    return False
                at = behind
        return self.gaps.text[at:end].strip() in ("", "," if inside else "")

    def _brackets(self, node: Mapping | Sequence, hint: Any) -> Flow:
        start, end = self.gaps.place(node)
        form = orders.below(hint, node)
        if isinstance(node, Mapping):
            parts = [self._flow_pair(key, value, orders.type_under(form, key.text)) for key, value in node.pairs]
            starts, ends = [key for key, _ in node.pairs], [value for _, value in node.pairs]
        else:
            inner = orders.type_under(form, "")
            parts = [Part(None, self._inner(item, inner)) for item in node.items]
            starts = ends = list(node.items)  # type: ignore[assignment]  # only their places are asked for
        bounds = [start + 1, *(self.gaps.place(one)[1] for one in ends)]
        firsts = [self.gaps.place(one)[0] for one in starts]
        broken = ["\n" in self.gaps.text[at:first] for at, first in zip(bounds, firsts, strict=False)]
        parts = [attrs.evolve(part, broken=each) for part, each in zip(parts, broken, strict=True)]
        closed = "\n" in self.gaps.text[bounds[-1] : end]
        moved = self._in_order(node, form, parts) if isinstance(node, Mapping) else parts
        aligned = self._is_aligned(start, firsts, broken)
        brackets = self.gaps.text[start] + self.gaps.text[end - 1]
        return Flow(brackets, _unbroken(parts, moved), aligned, closed, moved is not parts)

    def _is_aligned(self, start: int, firsts: list[int], broken: list[bool]) -> bool:
        """Whether further lines begin under the first entry; where there are none, that is how they shall."""
        first = next((at for at, each in zip(firsts, broken, strict=True) if each), None)
        return first is None or (not broken[0] and self._column(first) == self._column(start) + 1)

    def _flow_pair(self, key: Scalar, value: Node, hint: Any) -> Part:
        dropped = self._begins_line(self.gaps.place(key)[1], self.gaps.place(value)[0])
        return Part(self._key(key), self._inner(value, hint), dropped=dropped)

    def _inner(self, node: Node, hint: Any) -> Value:
        return self._scalar(node, 0, flow=True) if isinstance(node, Scalar) else self._brackets(node, hint)


def _lines(remarks: Any) -> tuple[str, ...]:
    return tuple(remark.text for remark in remarks)


def _stripped(raw: str, style: str) -> tuple[str, ...]:
    """The lines without blanks at their ends, where those say nothing."""
    keep: Callable[[str], str] = str if style == "double" and "\\" in raw else str.rstrip
    *lines, last = raw.split("\n")
    return (*map(keep, lines), last)


def _unbroken(before: list[Part], after: list[Part]) -> tuple[Part, ...]:
    """The parts in their new order: a line break stays where the same two parts meet."""
    met = {id(second): id(first) for first, second in pairwise(before)}
    previous: Part | None = None
    made = []
    for part in after:
        same = (previous is None and part is before[0]) or (previous is not None and met.get(id(part)) == id(previous))
        made.append(part if same else attrs.evolve(part, broken=False))
        previous = part
    return tuple(made)
