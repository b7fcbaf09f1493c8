"""Findings and what the author lets stand → the findings, some of them acknowledged.

An entry of `acknowledged:` fits a finding by its code (or by what it is called, the property broken) and by what it is
about, and has its reason shown with it; an error stands whatever an entry says. Must not know: how anything is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from attrs import evolve

from campaignrules.errors import Diagnostic, Span, Text, fault, place_of
from campaignrules.model import PROPERTIES, Acknowledgement, Campaign, Element, Gate, Grade, Promotion, Scorecard

Command = Literal["check", "verify", "trace"]
WHOLE: Final = "campaign"
"""What a finding is about that is about no part of the file in particular."""


def acknowledge(
    diagnostics: Iterable[Diagnostic], campaign: Campaign, command: Command = "check", *, complete: bool = True
) -> tuple[Diagnostic, ...]:
    """The findings of a command, those that an entry fits as notes with its reason; then entries that fit none.

    `complete`: whether all that the command can find was looked for, so that an entry without its finding is idle.
    """
    reasons = {(entry.finding, name): entry.reason for entry in campaign.acknowledged for name in _names(entry)}
    found = [_acknowledged(one, reasons) for one in _named(diagnostics, campaign)]
    return (*found, *(_idle(found, campaign, command) if complete else ()))


def command_of(finding: str, campaign: Campaign) -> Command:
    """Which command can come upon a finding of that name."""
    if finding.startswith("figure-"):
        return "trace"
    own = finding in PROPERTIES or any(one.id == finding for one in campaign.properties)
    return "verify" if own or finding.startswith("property-") else "check"


def name_of(diagnostic: Diagnostic) -> str:
    """What acknowledgements call it."""
    return diagnostic.finding or diagnostic.code


def _acknowledged(one: Diagnostic, reasons: Mapping[tuple[str, str], Text]) -> Diagnostic:
    reason = None if one.severity == "error" or one.agrees else reasons.get((name_of(one), one.subject or WHOLE))
    return one if reason is None else evolve(one, acknowledged=reason, severity="note")


def _names(entry: Acknowledgement) -> tuple[str, ...]:
    return (entry.at,) if isinstance(entry.at, str) else entry.at


def _idle(found: Iterable[Diagnostic], campaign: Campaign, command: Command) -> Iterator[Diagnostic]:
    """A warning for each name of an entry that the command should have come upon and did not."""
    met = {(name_of(one), one.subject) for one in found}
    for entry in campaign.acknowledged:
        if command_of(entry.finding, campaign) != command:
            continue
        for i, name in enumerate(_names(entry)):
            if (entry.finding, name) not in met:
                spot = entry.spot("at") if isinstance(entry.at, str) else entry.spot("at", i)
                yield fault("acknowledgement-unused", spot, subject=name, what=entry.finding, name=name)


# -- what a finding without a name is about ----------------------------------------------------------------------------

_BY_ID: Final = (
    "targets", "duties", "returns", "outcomes", "facts", "honours", "responsibilities", "screening", "properties",
)  # fmt: skip
_BY_NAME: Final = (
    "phases", "records", "metrics", "vocabularies", "parameters", "readings", "documents", "scorecards", "rankings",
)  # fmt: skip
Place = tuple[str, int, int]


def _named(diagnostics: Iterable[Diagnostic], campaign: Campaign) -> Iterator[Diagnostic]:
    """The findings by place; one that names nothing gets the name of the smallest part of the file it stands in.

    Parts of a file lie beside or inside each other, so those that are open at a place are a stack.
    """
    coming = sorted(_parts(campaign), key=lambda part: _start(part[1]), reverse=True)
    open_: list[tuple[str, Span]] = []
    for one in sorted(diagnostics, key=place_of):
        span = one.span
        if one.subject is not None or span is None:
            yield one if one.subject is not None else evolve(one, subject=WHOLE)
            continue
        while coming and _start(coming[-1][1]) <= _start(span):
            part = coming.pop()
            open_ = [*_around(open_, part[1]), part]
        open_ = _around(open_, span)
        yield evolve(one, subject=open_[-1][0] if open_ else WHOLE)


def _around(parts: list[tuple[str, Span]], span: Span) -> list[tuple[str, Span]]:
    """Those that hold the beginning of `span`."""
    while parts and not _start(parts[-1][1]) <= _start(span) <= _end(parts[-1][1]):
        parts = parts[:-1]
    return parts


def _start(span: Span) -> Place:
    return (span.file or "", span.line, span.column)


def _end(span: Span) -> Place:
    return (span.file or "", span.end_line, span.end_column)


def _parts(campaign: Campaign) -> Iterator[tuple[str, Span]]:
    listed = ((one.id, one) for key in _BY_ID for one in getattr(campaign, key))
    named = (pair for key in _BY_NAME for pair in getattr(campaign, key).items())
    for name, element in (*listed, *named, *_inside(campaign.scorecards)):
        if element.node is not None:
            yield name, element.node.span


def _inside(cards: Mapping[str, Scorecard]) -> Iterator[tuple[str, Element]]:
    for name, card in cards.items():
        yield from ((f"{name}.{id_}", item) for id_, item in card.items.items())
        inner: tuple[Gate | Grade | Promotion, ...] = (*card.gates, *card.grades, *card.promotions)
        yield from ((f"{name}.{one.id}", one) for one in inner)
