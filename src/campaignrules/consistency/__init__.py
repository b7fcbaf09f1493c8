"""CheckedCampaign → findings about what has a meaning that nobody can want, and what agrees.

Each examination looks at one side of the campaign. Must not know: data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from campaignrules.checked import CheckedCampaign
from campaignrules.consistency.acknowledged import acknowledge
from campaignrules.consistency.demands import examine_demands
from campaignrules.consistency.lints import LINTS
from campaignrules.consistency.relations import Relation, relations
from campaignrules.errors import Diagnostic


def examine(checked: CheckedCampaign) -> tuple[Diagnostic, ...]:
    """What every examination finds."""
    return tuple(found for look in EXAMINATIONS for found in look(checked))


EXAMINATIONS: Final[tuple[Callable[[CheckedCampaign], Iterable[Diagnostic]], ...]] = (
    examine_demands,
    *LINTS,
)

__all__ = ["EXAMINATIONS", "Relation", "acknowledge", "examine", "relations"]
