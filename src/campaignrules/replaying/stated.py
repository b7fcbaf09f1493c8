"""The text of a receipt → what it states, or our error: a receipt comes from people we do not know.

In: bytes of a file, or a mapping of a program. Out: `Stated`, every part looked at: size, form, digests, dates. It may
stand alone or in the JSON of an evaluation, whose rows are then at hand. Must not know: files, campaigns, evaluations.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from attrs import field, frozen

from campaignrules.errors import CampaignError, Text, fault, reason_of
from campaignrules.receipts import FORMAT

MOST_BYTES: Final = 8 * 2**20
MOST_PARTS: Final = 500_000
"""Commas and brackets: so many values there may be at most."""
_MOST_TEXT: Final = 4096
_MOST_LISTED: Final = 10_000
_DIGEST: Final = re.compile("[0-9a-f]{64}", re.ASCII)
_ID: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")

Made = TypeVar("Made")


@frozen(eq=False, repr=False)
class StatedPaper:
    """A campaign or overlay. `given`: the name or path it had, None for a text."""

    id: str
    given: str | None
    sha256: str


@frozen(eq=False, repr=False)
class StatedInput:
    """A file or table of the data; `sha256` None where nobody could tell."""

    name: str
    sha256: str | None


@frozen(eq=False, repr=False)
class Stated:
    """What a receipt states. `at_hand`: the evaluation around it, when it stands in one."""

    campaign: StatedPaper
    overlays: tuple[StatedPaper, ...]
    chosen: Mapping[str, str]
    as_of: dt.date
    encoding: str | None
    engine: str
    data: str | Mapping[str, str | None] | None
    inputs: tuple[StatedInput, ...]
    versions: Mapping[str, str | None]
    results: str
    kinds: Mapping[str, tuple[int, str]]
    at_hand: Mapping[str, Any] = field(factory=dict)


def read(given: str | Path | bytes | Mapping[str, Any]) -> Stated:
    """What the receipt at a path, in bytes or in a mapping states. Raises CampaignError."""
    whole = given if isinstance(given, Mapping) else _parsed(given if isinstance(given, bytes) else _bytes(Path(given)))
    inside = whole.get("receipt")
    if isinstance(inside, Mapping):
        return _stated(_Part(inside), whole)
    return _stated(_Part(whole), {})


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise CampaignError(fault("file-not-found", None, path=path)) from None
    except (OSError, ValueError) as error:
        raise CampaignError(fault("file-unreadable", None, path=path, reason=reason_of(error))) from None


# -- JSON ---------------------------------------------------------------------------------------------------------


def _parsed(data: bytes) -> Mapping[str, Any]:
    if len(data) > MOST_BYTES:
        _unreadable(Text(f"大于 {MOST_BYTES} 字节", f"more than {MOST_BYTES} bytes"))
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > MOST_PARTS:
        _unreadable(Text(f"多于 {MOST_PARTS} 个值", f"more than {MOST_PARTS} values"))
    try:
        found = _DECODER.decode(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except RecursionError:
        _unreadable(Text("层数过多", "nested too deeply"))
    except ValueError:  # UnicodeDecodeError and JSONDecodeError are ones
        _unreadable(Text("不是 UTF-8 的 JSON", "it is no JSON in UTF-8"))
    if not isinstance(found, dict):
        _unreadable(Text("最外层不是对象", "its outermost level is no object"))
    return found


def _unreadable(reason: Text) -> NoReturn:
    raise CampaignError(fault("receipt-unreadable", None, reason=reason)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _whole(text: str) -> int:
    if len(text) > 18:
        raise ValueError
    return int(text)


def _refused(_text: str) -> NoReturn:
    """No number of a receipt is a fraction, and none is NaN."""
    raise ValueError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_refused, parse_constant=_refused
)


# -- form ---------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Part:
    """An object of the receipt and where it stands; every name is asked for, and no other may be there."""

    held: Mapping[str, Any]
    path: str = ""

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, expected: Text) -> NoReturn:
        raise CampaignError(fault("receipt-form", None, path=self.at(name), expected=expected))

    def names(self, *wanted: str) -> None:
        """Refuses names that do not belong here; a later version would have another number."""
        for name in self.held:
            if name not in wanted:
                expected = ", ".join(wanted)
                self.wrong(str(name)[:80], Text(f"只有 {expected}", f"only {expected}"))

    def taken(self, name: str, kind: type[Made], expected: Text) -> Made:
        value = self.held.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            self.wrong(name, expected)
        return value

    def part(self, name: str) -> _Part:
        return _Part(self.taken(name, dict, _OBJECT), self.at(name))

    def parts(self, name: str) -> Iterator[_Part]:
        items = self.taken(name, list, Text("列表", "a list"))
        if len(items) > _MOST_LISTED:
            self.wrong(name, Text(f"至多 {_MOST_LISTED} 项", f"at most {_MOST_LISTED} items"))
        for number, item in enumerate(items):
            if not isinstance(item, Mapping):
                self.wrong(f"{name}.{number}", _OBJECT)
            yield _Part(item, self.at(f"{name}.{number}"))

    def each(self, name: str, make: Callable[[_Part, str], Made]) -> dict[str, Made]:
        """What stands under each name of an object."""
        part = self.part(name)
        if len(part.held) > _MOST_LISTED:
            self.wrong(name, Text(f"至多 {_MOST_LISTED} 项", f"at most {_MOST_LISTED} entries"))
        for key in part.held:
            if not _ID.fullmatch(str(key)):
                part.wrong(str(key)[:80], Text("名字", "a name"))
        return {key: make(part, key) for key in part.held}

    def text(self, name: str) -> str:
        found = self.taken(name, str, _TEXT)
        if len(found) > _MOST_TEXT or "\0" in found:
            self.wrong(name, _TEXT)
        return found

    def may(self, name: str, make: Callable[[_Part, str], Made]) -> Made | None:
        return None if self.held.get(name) is None else make(self, name)

    def digest(self, name: str) -> str:
        found = self.text(name)
        if not _DIGEST.fullmatch(found):
            self.wrong(name, Text("SHA-256：64 位十六进制小写", "a SHA-256 as 64 small hexadecimal digits"))
        return found

    def whole(self, name: str) -> int:
        found = self.taken(name, int, Text("整数", "a whole number"))
        if found < 0:
            self.wrong(name, Text("不小于零的整数", "a whole number from 0 on"))
        return found

    def day(self, name: str) -> dt.date:
        found = self.text(name)
        with suppress(ValueError):
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", found, re.ASCII):
                return dt.date.fromisoformat(found)
        return self.wrong(name, Text("日期，如 2023-06-30", "a date, such as 2023-06-30"))


_OBJECT: Final = Text("对象", "an object")
_TEXT: Final = Text("文字", "text")


def _stated(part: _Part, around: Mapping[str, Any]) -> Stated:
    version = part.held.get("receipt")
    if version != FORMAT or isinstance(version, bool):
        raise CampaignError(fault("receipt-version", None, version=str(version)[:20], known=FORMAT))
    part.names(
        "receipt", "campaign", "overlays", "readings", "as_of", "encoding", "engine", "data", "versions", "results"
    )  # fmt: skip
    data, results, readings = part.part("data"), part.part("results"), part.part("readings")
    data.names("given", "inputs")
    results.names("sha256", "kinds")
    readings.names("taken", "chosen")
    readings.each("taken", _Part.text)
    return Stated(
        campaign=_paper(part.part("campaign"), "id", "given", "sha256"),
        overlays=tuple(_overlay(one) for one in part.parts("overlays")),
        chosen=readings.each("chosen", _Part.text),
        as_of=part.day("as_of"),
        encoding=part.may("encoding", _Part.text),
        engine=part.may("engine", _Part.text) or "auto",
        data=_where(data),
        inputs=tuple(_input(one) for one in data.parts("inputs")),
        versions=part.each("versions", lambda one, name: one.may(name, _Part.text)),
        results=results.digest("sha256"),
        kinds=results.each("kinds", _kind),
        at_hand=around,
    )


def _paper(part: _Part, *names: str) -> StatedPaper:
    part.names(*names)
    return StatedPaper(part.text("id"), part.may("given", _Part.text), part.digest("sha256"))


def _overlay(part: _Part) -> StatedPaper:
    part.may("effective", _Part.day)
    if not isinstance(part.held.get("in_force"), bool):
        part.wrong("in_force", Text("true 或 false", "true or false"))
    return _paper(part, "id", "given", "sha256", "effective", "in_force")


def _where(data: _Part) -> str | Mapping[str, str | None] | None:
    if isinstance(data.held.get("given"), Mapping):
        return data.each("given", lambda one, name: one.may(name, _Part.text))
    return data.may("given", _Part.text)


def _input(part: _Part) -> StatedInput:
    part.names("name", "of", "sha256", "tables")
    if part.text("of") not in ("bytes", "cells"):
        part.wrong("of", Text("bytes 或 cells", "bytes or cells"))
    for table in part.parts("tables"):
        table.names("record", "sheet", "read", "set_aside")
        table.text("record")
        table.may("sheet", _Part.text)
        table.may("set_aside", _Part.whole)
        table.taken("read", int, Text("整数", "a whole number"))  # -1: a scan, which nobody has counted
    return StatedInput(part.text("name"), part.may("sha256", _Part.digest))


def _kind(part: _Part, name: str) -> tuple[int, str]:
    one = part.part(name)
    one.names("rows", "sha256")
    return one.whole("rows"), one.digest("sha256")
