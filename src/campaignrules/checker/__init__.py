"""Campaign → CheckedCampaign: names, types, units and time; every fault of a file at once.

`PASSES` is the list of what is looked at, in order. A pass reads the campaign and the `_Work` so far, adds checked
parts and faults, and never stops the others. Must not know: data, evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from campaignrules.calendar import Calendar
from campaignrules.checked import CheckedCampaign
from campaignrules.checker.acknowledgements import check_acknowledged
from campaignrules.checker.declarations import (
    check_documents,
    check_lookalikes,
    check_names,
    check_parameters,
    check_records,
    check_screening,
    check_time,
    check_units,
    check_vocabularies,
)
from campaignrules.checker.demands import check_duties, check_facts, check_outcomes, check_readings, check_targets
from campaignrules.checker.metrics import check_metrics
from campaignrules.checker.rankings import check_scoring
from campaignrules.checker.returns import check_returns
from campaignrules.checker.sides import check_sides
from campaignrules.checker.work import Work
from campaignrules.errors import CampaignError, Diagnostic
from campaignrules.model import Campaign


def check(
    campaign: Campaign, faults: Iterable[Diagnostic] = (), unsure: frozenset[str] = frozenset()
) -> CheckedCampaign:
    """The checked campaign with its warnings. Raises CampaignError with all errors and warnings of the file.

    `faults`: those of form that were found before; `unsure`: the words of the parts left out for them.
    """
    work = Work(campaign, Calendar(campaign), unsure, faults=[*faults])
    for check_pass in PASSES:
        check_pass(work)
    if any(f.severity == "error" for f in work.faults):
        raise CampaignError(work.faults)
    return CheckedCampaign(
        campaign, work.calendar, work.records, campaign.parameters, work.metrics, tuple(work.targets),
        tuple(work.duties), campaign.outcomes, tuple(work.faults), work.vocabularies, work.units,
        {name: work.scorecards[name] for name in campaign.scorecards},
        {name: work.rankings[name] for name in campaign.rankings},
        tuple(work.honours), tuple(work.scoring_order), tuple(work.returns),
        tuple(work.properties),
    )  # fmt: skip


PASSES: Final[tuple[Callable[[Work], None], ...]] = (
    check_time,
    check_names,
    check_lookalikes,
    check_documents,
    check_vocabularies,
    check_units,
    check_parameters,
    check_records,
    check_screening,
    check_metrics,
    check_sides,
    check_targets,
    check_duties,
    check_returns,
    check_outcomes,
    check_scoring,
    check_facts,
    check_readings,
    check_acknowledged,
)

__all__ = ["PASSES", "check"]
