"""JSON and JSON Lines → raw tables; numbers keep every digit that was written.

In: the bytes of a file. Out: a table for a list of objects, one for each name of an object of lists; findings on what
is no row. Nesting is measured before anything is parsed, and rows are parsed one by one. Must not know: fields, types,
folders.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, field

from campaignrules.errors import CampaignError
from campaignrules.intake.conversion import JOINT
from campaignrules.intake.encodings import utf8
from campaignrules.intake.findings import finding, refuse
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.intake.values import Gathered, sound
from campaignrules.results import Finding

_PART: Final = 10_000
"""So many rows are held as Python objects at a time."""
_LARGEST_ROW: Final = 20_000
"""Commas and brackets in one row: many times those of a table with all columns that may be."""
_CELL: Final = 16
"""Bytes that a cell takes in a column though it is empty."""
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_KINDS: Final = {list: "list", bool: "true/false", type(None): "null"}

Tables = list[tuple[str | None, Raw]]
Item = tuple[int, Any]


def tables_of(data: bytes, label: str, limits: Limits, *, lines: bool) -> Tables:
    """The tables of a file with their names, None for one that is named like its file. Raises CampaignError."""
    coded, notes = utf8(data, label, None)
    text = coded.decode()
    _check_nesting(text, label, limits)
    if lines:
        return [(None, _table(_lines(text, label), label, limits, notes))]
    source = _Source(text, label)
    found = _tables(source, label, limits, notes)
    if source.next() != "":
        raise source.fault()
    return found


# -- how deep, how wide -------------------------------------------------------------------------------------------

_STEP: Final = 2**20
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_TURNS: Final = np.zeros(256, np.int8)
_TURNS[[ord("["), ord("{")]] = 1
_TURNS[[ord("]"), ord("}")]] = -1
_COUNTED: Final = np.zeros(256, np.bool_)
_COUNTED[[ord(mark) for mark in "[]{},"]] = True


def _check_nesting(text: str, label: str, limits: Limits) -> None:
    """Refuses brackets nested too deeply, and rows of endless lists, by looking at each byte once."""
    data = text.encode("utf-8", "replace")
    data = _ESCAPE.sub(b"", data) if b"\\" in data else data
    depth = inside = since = 0
    for start in range(0, len(data), _STEP):
        part = np.frombuffer(data, np.uint8, min(_STEP, len(data) - start), start)
        quotes = np.cumsum(part == ord('"'), dtype=np.int32) + inside
        marks = part[_COUNTED[part] & (quotes % 2 == 0)]
        depths = np.cumsum(_TURNS[marks], dtype=np.int32) + depth
        if marks.size:
            if depths.max() > limits.depth:
                raise refuse("depth-limit", limit=limits.depth)
            longest, since = _longest(np.flatnonzero(depths <= 2), marks.size, since)
            if longest > _LARGEST_ROW:
                raise refuse("row-too-large", path=label)
            depth = int(depths[-1])
        inside = int(quotes[-1]) % 2


def _longest(breaks: Any, marks: int, since: int) -> tuple[int, int]:
    """The most marks in a row between two breaks, and how many there are after the last one."""
    if not breaks.size:
        return since + marks, since + marks
    inner = int(np.diff(breaks).max()) if breaks.size > 1 else 0
    return max(inner, since + int(breaks[0])), marks - int(breaks[-1])


# -- values -------------------------------------------------------------------------------------------------------


class _Repeated(dict[str, Any]):
    """An object in which a name occurs twice: which of its values is meant nobody can say."""

    name = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = _Repeated(found)
    seen: set[str] = set()
    repeated.name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated


def _no_number(name: str) -> str:
    """NaN and Infinity are no JSON: text that no field takes."""
    return f"{JOINT}<{name}>"


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=_no_number)


@define(eq=False, repr=False)
class _Source:
    """A document and how far it has been read."""

    text: str
    label: str
    at: int = 0

    def next(self) -> str:
        """The next character that is no blank, '' at the end."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def take(self, mark: str) -> bool:
        if self.next() != mark:
            return False
        self.at += 1
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise self.fault()

    def value(self) -> Any:
        self.next()
        try:
            value, self.at = _DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self.at = error.pos
            raise self.fault() from None
        return value

    def fault(self) -> Exception:
        """The error for what stands here."""
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - self.text.rfind("\n", 0, self.at)
        return refuse("json-unreadable", path=self.label, line=line, column=column)

    def items(self) -> Iterator[Item]:
        """The items of a list, with their places from 1."""
        self.expect("[")
        if self.take("]"):
            return
        number = 1
        yield number, self.value()
        while not self.take("]"):
            self.expect(",")
            number += 1
            yield number, self.value()

    def names(self) -> Iterator[str]:
        """The names of an object; what belongs to each is to be read before the next one is asked for."""
        self.expect("{")
        if self.take("}"):
            return
        yield self._name()
        while not self.take("}"):
            self.expect(",")
            yield self._name()

    def _name(self) -> str:
        if self.next() != '"':
            raise self.fault()
        name = self.value()
        self.expect(":")
        return str(name)


# -- tables -------------------------------------------------------------------------------------------------------


def _tables(source: _Source, label: str, limits: Limits, notes: tuple[Finding, ...]) -> Tables:
    if source.next() == "[":
        return [(None, _table(source.items(), label, limits, notes))]
    if source.next() != "{":
        raise refuse("not-a-table", name=label, kind=_kind(source.value()))
    found: Tables = []
    lists = 0
    for name in source.names():
        if any(name == other for other, _ in found):
            raise refuse("table-twice", path=label, name=name)
        lists += source.next() == "["
        found.append((name, _named(source, label, limits, notes if not found else ())))
        if len(found) > limits.files:
            raise refuse("too-many-files", path=label, limit=limits.files)
    if found and not lists and source.next() == "":
        raise refuse("not-a-table", name=label, kind="object")
    return found


def _named(source: _Source, label: str, limits: Limits, notes: tuple[Finding, ...]) -> Raw:
    if source.next() == "[":
        return _table(source.items(), label, limits, notes)
    source.value()
    return _table((), label, limits, (*notes, finding("not-a-list", "", {"file": label})))


def _lines(text: str, label: str) -> Iterator[Item]:
    """What each line holds, with the line's number; None for a line that is no JSON."""
    for number, line in enumerate(text.split("\n"), 1):
        source = _Source(line, label)
        if source.next():
            yield number, _whole(source)


def _whole(source: _Source) -> Any:
    try:
        value = source.value()
    except CampaignError:
        return None
    return value if source.next() == "" else None


@define(eq=False, repr=False)
class _Rows:
    """The rows of one table as they come; what is no row is named."""

    label: str
    limits: Limits
    keys: dict[str, None] = field(factory=dict)
    findings: list[Finding] = field(factory=list)
    height: int = 0

    def sound(self, items: Iterable[Item]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, item in items:
            if number > self.limits.rows and self.height + len(self.findings) >= self.limits.rows:
                raise refuse("too-many-rows", path=self.label, limit=self.limits.rows)
            if isinstance(item, dict) and not isinstance(item, _Repeated) and not self._is_long(item):
                self.height += 1
                self._know(item)
                yield number, item
            else:
                self._aside(number, item)

    def _is_long(self, row: dict[str, Any]) -> bool:
        return any(type(cell) is str and len(cell) > self.limits.cell for cell in row.values())

    def _know(self, row: dict[str, Any]) -> None:
        if row.keys() <= self.keys.keys():
            return
        self.keys.update(dict.fromkeys(row))
        if len(self.keys) > self.limits.columns:
            raise refuse("too-many-columns", path=self.label, limit=self.limits.columns)

    def _aside(self, number: int, item: Any) -> None:
        place: dict[str, Any] = {"file": self.label, "row": number}
        if isinstance(item, _Repeated):
            place["column"] = item.name
            self.findings.append(finding("name-twice", "", place, aside=True, name=item.name))
        elif isinstance(item, dict):
            self.findings.append(finding("cell-too-long", "", place, aside=True, limit=self.limits.cell))
        else:
            self.findings.append(finding("not-a-row", "", place, aside=True))
        if not self.height and len(self.findings) > self.limits.findings:
            raise refuse("not-a-row", name=self.label, kind=_kind(item))


def _kind(item: Any) -> str:
    return "object" if isinstance(item, dict) else _KINDS.get(type(item), "number/text")


def _table(items: Iterable[Item], label: str, limits: Limits, notes: tuple[Finding, ...]) -> Raw:
    rows = _Rows(label, limits)
    gathered = Gathered()
    numbers: list[int] = []
    good = rows.sound(items)
    while part := list(itertools.islice(good, _PART)):
        numbers += [number for number, _ in part]
        if len(numbers) * len(rows.keys) > limits.unpacked // _CELL:
            raise refuse("table-too-large", path=label, limit=limits.unpacked)
        gathered.add(len(part), {key: [row.get(key) for _, row in part] for key in rows.keys})
    columns = [gathered.column(key).alias(f"r{i}") for i, key in enumerate(rows.keys)]
    frame = pl.DataFrame([*columns, pl.Series(ROW, numbers, dtype=pl.Int64)])
    return Raw(tuple(sound(key) or "" for key in rows.keys), frame, label, (*notes, *rows.findings))
