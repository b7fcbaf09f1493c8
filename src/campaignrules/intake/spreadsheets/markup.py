"""XML inside packed workbooks: what is refused whatever it means, and a walk through the elements of a part.

In: the bytes of a part. Out: calls of a handler, or one of our errors. Documents that define entities, or are written in
another encoding than the readers expect, are refused before anybody parses them. Must not know: what elements mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.parsers import expat

from campaignrules.intake.findings import refuse
from campaignrules.intake.spreadsheets.archives import damaged

_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\0", b"<\0")
_ENCODING: Final = re.compile(rb"""<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)""")
_PLAIN: Final = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_DEFINED: Final = (b"<!DOCTYPE", b"<!ENTITY")

Started = Callable[[str, dict[str, str]], None]


def is_markup(name: str, part: bytes) -> bool:
    """Whether a part is XML, by its name or its first bytes."""
    return name.casefold().endswith((".xml", ".rels", ".vml")) or part[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(
        b"<"
    )


def check(parts: Mapping[str, bytes], label: str) -> None:
    """No part defines entities; all are UTF-8. Raises CampaignError."""
    for name, part in parts.items():
        if is_markup(name, part):
            _check_part(name, part, label)


def _check_part(name: str, part: bytes, label: str) -> None:
    if not is_utf8(part):
        raise refuse("unsafe-xml", path=label, part=name, what="encoding")
    if b"<!" in part and any(sign in part for sign in _DEFINED):
        raise refuse("unsafe-xml", path=label, part=name, what="DOCTYPE")


def check_data(parts: Mapping[str, bytes], label: str) -> None:
    """No text is written as CDATA, which the reader would pass over. Raises CampaignError."""
    for name, part in parts.items():
        if b"<![CDATA[" in part:
            raise refuse("unsafe-xml", path=label, part=name, what="CDATA")


def is_utf8(part: bytes) -> bool:
    """Whether a part says nothing else."""
    stated = _ENCODING.search(part[:256])
    return not part.startswith(_MARKS) and (stated is None or stated[1].lower() in _PLAIN)


def walk(
    part: bytes,
    label: str,
    started: Started,
    ended: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Each element by its name without prefix, in the order of the document. Raises CampaignError."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: started(local(name), attributes)
    if ended is not None:
        parser.EndElementHandler = lambda name: ended(local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        raise damaged(label) from None


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def attribute(attributes: Mapping[str, str], name: str) -> str | None:
    """An attribute by its name without prefix."""
    return next((value for key, value in attributes.items() if local(key) == name), None)


def part_named(target: str) -> str:
    """A part as a workbook names it: from its own folder, or from the root."""
    name = target.replace("\\", "/").casefold().removeprefix("/")
    return name if name.startswith("xl/") else f"xl/{name}"


def links(part: bytes, label: str) -> dict[str, str]:
    """The parts that a workbook refers to, by the names it has for them. Raises CampaignError."""
    found: dict[str, str] = {}

    def started(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            found[attributes.get("Id", "")] = part_named(attributes.get("Target", ""))

    walk(part, label, started)
    return found
