"""The text of a document and a campaign → which number stands where, and which nowhere.

`clauses` cuts the text, `figures` reads its numbers, `carried` gathers those of the campaign, `matching` holds one
against the other, `findings` says what is wrong, `digests` writes clauses and figures without the text. See
docs/trust.md, section 4. Must not know: data, evaluation, terminals.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from attrs import frozen

from campaignrules.errors import CampaignError, Diagnostic, Source, Span, fault, reason_of
from campaignrules.model import Campaign, Overlay
from campaignrules.tracing import findings
from campaignrules.tracing.carried import of_campaign, of_overlay
from campaignrules.tracing.matching import Held, Page, Verdict, held, named_clauses, page, verdicts

__all__ = ["LARGEST", "Held", "Page", "Trace", "Verdict", "read_document", "trace"]

LARGEST: Final = 1 << 20
"""Bytes of a document. Regulations have a hundredth of it."""
MOST_FIGURES: Final = 5_000
"""Figures of a document; a long plan has a few hundred."""


@frozen(slots=False, eq=False, repr=False)
class Trace:
    """What became of each number of a campaign, and of each figure of its documents. Made by `trace`."""

    pages: Mapping[str, Page]
    verdicts: tuple[Verdict, ...]
    held: tuple[Held, ...]
    default: str

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Numbers that stand elsewhere or nowhere, figures that nothing carries; not yet acknowledged."""
        return findings.diagnostics(self.verdicts, self.held, self.pages, self.default)

    @property
    def complete(self) -> bool:
        """Whether every document that a number comes from was there."""
        return all(verdict.state != "unread" for verdict in self.verdicts)


def trace(campaign: Campaign, documents: Mapping[str, Source], overlays: Sequence[Overlay] = ()) -> Trace:
    """Hold the numbers of a campaign, and of overlays, against the texts they come from.

    `documents`: text by its name in `documents:` of the file, or by the id of an overlay. The first name of the file is
    that of items which name no document; a campaign that lists no document has one called ''. Raises CampaignError for
    texts that are too long.
    """
    default = next(iter(campaign.documents), "")
    parts = [of_campaign(campaign), *(of_overlay(overlay, campaign) for overlay in overlays)]
    named = {name for part in parts for name in named_clauses(part.numbers, part.mentions)}
    pages = {name: _read(name, source, named) for name, source in documents.items()}
    told = tuple(one for part in parts for one in verdicts(part, pages, default))
    own = {overlay.id for overlay in overlays}
    figures = [
        one
        for part, names in zip(parts, ({*pages} - own, *({overlay.id} for overlay in overlays)), strict=True)
        for one in held(part, {name: pages[name] for name in pages if name in names}, default)
    ]
    return Trace(pages, told, tuple(figures), default)


def _read(name: str, source: Source, named: set[str]) -> Page:
    if len(source.text) > LARGEST:
        raise CampaignError(fault("byte-limit", Span(Source(source.name, ""), 1, 1, 1, 1), limit=LARGEST))
    read = page(name, source, named)
    if len(read.figures) > MOST_FIGURES:
        _, last = read.figures[MOST_FIGURES]
        at = source.span(last.start, last.end)
        raise CampaignError(fault("too-many-figures", at, path=source.name, limit=MOST_FIGURES))
    return read


def read_document(path: Path) -> Source:
    """The text of a document, in UTF-8 or GB18030. Raises CampaignError."""
    data = _bytes(path)
    if b"\0" in data:
        raise CampaignError(fault("nul-in-file", None, path=path))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        source = Source(str(path), text.replace("\r\n", "\n").replace("\r", "\n"))
        if not text.strip():
            raise CampaignError(fault("empty-document", Span(source, 1, 1, 1, 1)))
        return source
    raise CampaignError(fault("unknown-encoding", None, path=path))


def _bytes(path: Path) -> bytes:
    """At most one byte more than allowed is read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CampaignError(fault("not-a-file", None, path=path))
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise CampaignError(fault("file-not-found", None, path=path)) from None
    except (OSError, ValueError) as problem:
        raise CampaignError(fault("file-unreadable", None, path=path, reason=reason_of(problem))) from None
    if len(data) > LARGEST:
        raise CampaignError(fault("byte-limit", Span(Source(str(path), ""), 1, 1, 1, 1), limit=LARGEST))
    return data
