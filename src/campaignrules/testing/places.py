"""The id that something is about → the element of the campaign file, so that it can be shown where it stands.

In: a campaign, an id as results and findings use it (`YJ-Y-02`, `monthly.trips`, `signed_investment`). Out: its
span, None when there is none. Must not know: what is said about it.
"""

from __future__ import annotations

from collections.abc import Iterator

from campaignrules.errors import Span
from campaignrules.model import Campaign, Element


def place_of_subject(campaign: Campaign, subject: str) -> Span | None:
    """Where the element of that id begins: a target, a duty, an item `card.item`, a card, a ranking, a metric …"""
    found = next((element for name, element in _named(campaign) if name == subject), None)
    return found.node.span if found is not None and found.node is not None else None


def _named(campaign: Campaign) -> Iterator[tuple[str, Element]]:
    listed = (
        campaign.targets, campaign.duties, campaign.outcomes, campaign.returns, campaign.honours, campaign.properties,
    )  # fmt: skip
    yield from ((one.id, one) for some in listed for one in some)
    for card in campaign.scorecards.items():
        yield card
        yield from ((f"{card[0]}.{name}", item) for name, item in card[1].items.items())
    yield from campaign.rankings.items()
    yield from campaign.metrics.items()
