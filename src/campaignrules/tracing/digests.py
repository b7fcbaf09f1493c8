"""A document that was read → its digest: the clauses and figures alone, in the order of the text.

A digest is read as the document is and gives the same answer, so that the check can be repeated where the text may not
go. Each figure is written with as few characters of its surroundings as it takes to be read the same again, none at all
for nearly all of them. Must not know: campaigns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from attrs import evolve

from campaignrules.errors import Source, visible
from campaignrules.tracing import clauses, figures
from campaignrules.tracing.figures import Figure
from campaignrules.tracing.matching import Page

CONTEXT: Final = 6
"""The most characters kept before or behind a figure."""
END: Final = "；"


def written(page: Page) -> str:
    """The digest of a document; of a digest, itself."""
    if page.source.text.startswith(clauses.DIGEST):
        return page.source.text
    return "".join(f"{line}\n" for line in _lines(page))


def sha256(source: Source) -> str:
    """The digest of the bytes of a text, in UTF-8; of the original where the text is a digest already."""
    if source.text.startswith(clauses.DIGEST):
        return source.text.partition("\n")[0].rpartition(" ")[2][:64]
    return hashlib.sha256(source.text.encode()).hexdigest()


def _lines(page: Page) -> Iterator[str]:
    yield f"{clauses.DIGEST} · sha256 {sha256(page.source)}"
    here: object = None
    for path, figure in page.figures:
        if path != here:
            yield f"【{clauses.label(path)}】"
            here = path
        yield f"{_shortest(page.source.text, figure)}{END}"


def _shortest(text: str, figure: Figure) -> str:
    """The figure, or as much around it as it takes to be read the same."""
    bare = " ".join(text[figure.start : figure.end].split())
    tries = [bare, figure.text, f"“{bare}”", *(_around(text, figure, many) for many in range(1, CONTEXT + 1))]
    return visible(next((one for one in tries if _reads(one, figure)), bare))


def _around(text: str, figure: Figure, many: int) -> str:
    """So many characters on both sides, of the same line."""
    before = text[max(0, figure.start - many) : figure.start].rpartition("\n")[2]
    behind = text[figure.end : figure.end + many].partition("\n")[0]
    return " ".join(f"{before}{text[figure.start : figure.end]}{behind}".split())


def _reads(piece: str, figure: Figure) -> bool:
    found = figures.find(f"{piece}{END}")
    return len(found) == 1 and _meaning(found[0]) == _meaning(figure)


def _meaning(figure: Figure) -> Figure:
    return evolve(figure, start=0, end=0, text="")
