"""The lints: what has a meaning nobody can want, told by looking at parts of the file side by side.

Each is a function from the checked campaign to findings, with its page in `advice.lints`. Must not know: data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from campaignrules.checked import CheckedCampaign
from campaignrules.consistency import bands, cliffs, counting, deadlines, judging, phases, weights, words
from campaignrules.errors import Diagnostic

LINTS: Final[tuple[Callable[[CheckedCampaign], Iterable[Diagnostic]], ...]] = (
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
    cliffs.points_against_targets,
    cliffs.one_missing_takes_all,
    counting.demands_twice,
    counting.rows_in_several_targets,
    counting.rows_in_several_items,
    judging.scored_not_ranked,
    judging.scored_otherwise,
    words.unused,
)
