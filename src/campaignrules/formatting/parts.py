"""What a document is made of when it is written anew: blocks, flow collections, words, and the comments around them.

Made by `taking` from a document, written by `laying`. Must not know: YAML's parser, the model, how it is printed.
"""

from __future__ import annotations

from attrs import frozen


@frozen(eq=False, repr=False)
class Words:
    """A scalar, or a flow collection left as it is: its lines as written, and the indentation of the first."""

    lines: tuple[str, ...]
    at: int = 0


@frozen(eq=False, repr=False)
class Heap:
    """A block scalar: its header and its lines as written, and the indentation of the entry it stands in."""

    lines: tuple[str, ...]
    at: int


@frozen(eq=False, repr=False)
class Part:
    """An entry of a flow collection. `broken`: it begins a line; `dropped`: its value does."""

    key: str | None
    value: Value
    broken: bool = False
    dropped: bool = False


@frozen(eq=False, repr=False)
class Flow:
    """A collection in brackets.

    `aligned`: its further lines begin under its first entry; `closed`: its last bracket begins a line; `moved`: its
    entries are not in the order in which the author wrote them.
    """

    brackets: str
    parts: tuple[Part, ...]
    aligned: bool = True
    closed: bool = False
    moved: bool = False


@frozen(eq=False, repr=False)
class Entry:
    """A key with its value, or an item, in a block.

    `lead`: comments and blank lines ('') before it; `after`: a comment behind its colon or dash, with the blanks before
    it; `between`: comments on lines before a value that begins a line (`dropped`); `trail`: a comment behind it all.
    """

    key: str | None
    value: Value | None
    lead: tuple[str, ...] = ()
    after: str = ""
    between: tuple[str, ...] = ()
    dropped: bool = False
    trail: str = ""


@frozen(eq=False, repr=False)
class Block:
    """Entries on lines of their own, and the comments behind the last."""

    entries: tuple[Entry, ...]
    tail: tuple[str, ...] = ()


@frozen(eq=False, repr=False)
class Sheet:
    """A whole file: what stands above the first entry, and the outermost level."""

    head: tuple[str, ...]
    body: Value
    tail: tuple[str, ...]
    ends: bool
    """Whether its last line has an end: without it a block scalar at the end has none either."""


Value = Words | Heap | Flow | Block
