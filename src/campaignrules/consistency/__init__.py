"""CheckedCampaign → findings about what has a meaning that nobody can want, and what agrees.

An examination looks at one side of the campaign: `demands` at what its targets come to, each of the lints at parts of the
file side by side. Each finding has its page in `advice`. Must not know: data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from campaignrules.checked import CheckedCampaign
from campaignrules.consistency import bands, cliffs, counting, deadlines, judging, phases, weights, words
from campaignrules.consistency.acknowledged import acknowledge
from campaignrules.consistency.demands import examine_demands
from campaignrules.consistency.relations import Relation, relations
from campaignrules.errors import Diagnostic

Examination = Callable[[CheckedCampaign], Iterable[Diagnostic]]


def examine(checked: CheckedCampaign) -> tuple[Diagnostic, ...]:
    """What every examination finds."""
    return tuple(found for look in EXAMINATIONS for found in look(checked))


LINTS: Final[tuple[Examination, ...]] = (
    phases.phases_and_period,
    phases.nominal_days,
    deadlines.days_that_do_not_exist,
    deadlines.deadlines_outside,
    deadlines.windows_outside,
    deadlines.days_after_the_last,
    deadlines.due_when_evaluated,
    weights.worths,
    weights.weights,
    bands.steps,
    bands.grades,
    bands.targets,
    cliffs.falling_points,
    cliffs.reversed_signs,
    cliffs.deductions_above_zero,
    cliffs.points_against_targets,
    cliffs.one_missing_takes_all,
    counting.demands_twice,
    counting.rows_in_several_targets,
    counting.rows_in_several_items,
    judging.scored_not_ranked,
    judging.scored_otherwise,
    words.unused,
)
EXAMINATIONS: Final[tuple[Examination, ...]] = (examine_demands, *LINTS)

__all__ = ["EXAMINATIONS", "LINTS", "Relation", "acknowledge", "examine", "relations"]
