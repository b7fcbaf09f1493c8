"""A scalar as written → the same scalar with quotes only where they are needed, double ones where they will do.

Must not know: what the scalar means, or where on its line it stands.
"""

from __future__ import annotations

import re

from campaignrules.nodes import Scalar

_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~]")
_SEPARATING = re.compile(r":(?:\s|$)|\s#|：|[［｛]")  # the last two draw remarks of ours when they are not quoted
_FLOW_SIGNS = re.compile(r"[,\[\]{}，]")
# What some reader of YAML 1.1 or 1.2 takes for a number, a date, a time, a truth or nothing.
_NOT_TEXT = re.compile(
    r"[-+.]?[0-9][0-9a-fox_.,:eEtTzZ+ -]*|[-+]?\.(?:inf|nan)|null|true|false|yes|no|on|off|y|n", re.IGNORECASE
)


def quoted(node: Scalar, raw: str, flow: bool) -> str:
    """`raw`, the text of a quoted scalar in the file, written anew; `flow`: it stands inside brackets."""
    if "\n" not in raw and _may_be_plain(node.text, flow):
        return node.text
    if node.style != "single" or "\\" in raw or '"' in raw:
        return raw
    return '"' + raw[1:-1].replace("''", "'") + '"'


def _may_be_plain(text: str, flow: bool) -> bool:
    """Whether it reads the same without quotes, for us and for other readers."""
    return bool(
        _PLAIN_START.match(text)
        and text == text.strip()
        and text.isprintable()
        and not _SEPARATING.search(text)
        and not (flow and _FLOW_SIGNS.search(text))
        and not _NOT_TEXT.fullmatch(text)
    )
