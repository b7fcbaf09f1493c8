"""What a page holds."""

from __future__ import annotations

from attrs import frozen

from campaignrules.errors import Text


@frozen(eq=False, repr=False)
class Page:
    """`avoid`: a piece of a campaign file that gets the finding; `prefer`: one that does not; `why`: the reason.

    Pieces are YAML; where they need more to be a campaign (its id, title and period), tests add it.
    """

    avoid: str
    prefer: str
    why: Text
