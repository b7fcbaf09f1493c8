"""The independent answer to a whole campaign: row by row, cell by cell, in plain Python and exact decimals.

In: a checked campaign, its rows (plain dicts, numbers in base units), the roster and `as_of`. Out: `Results`, or the
parts of them (`Facts`, `Cell`, `counted`, `value`) from which `explain` tells why. It says docs/evaluation.md in code,
slowly and once. Must not know: plans, columns, the engine that is held against it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from campaignrules.checked import CheckedCampaign
from campaignrules.model import Outcome
from campaignrules.oracle.duties import Proof, duty_row, duty_rows, occurrences_of, proofs
from campaignrules.oracle.groups import GROUP_FUNCTIONS, Stand
from campaignrules.oracle.operands import Span, cell_of, days_of, duty_statuses
from campaignrules.oracle.rankings import Candidate, Contender, Standings, possibly_above, standings, surely_above
from campaignrules.oracle.returns import Headed, answering_for, return_rows, rows_missing
from campaignrules.oracle.rows import Facts, Line, Row, gather
from campaignrules.oracle.scores import ItemCell, Total, values_of
from campaignrules.oracle.targets import Cell, cells, in_unit
from campaignrules.oracle.values import (
    Days,
    counted,
    is_reached,
    operands,
    records_of,
    silent_records,
    since,
    value,
    weight,
)
from campaignrules.results import DutyResult, OutcomeResult, Progress, Results
from campaignrules.roster import Roster

__all__ = [
    "GROUP_FUNCTIONS",
    "Candidate",
    "Cell",
    "Contender",
    "Days",
    "Facts",
    "Headed",
    "ItemCell",
    "Line",
    "Proof",
    "Row",
    "Span",
    "Stand",
    "Standings",
    "Total",
    "answering_for",
    "cell_of",
    "counted",
    "days_of",
    "duty_row",
    "duty_statuses",
    "gather",
    "in_unit",
    "is_reached",
    "occurrences_of",
    "operands",
    "possibly_above",
    "proofs",
    "records_of",
    "rows_missing",
    "run",
    "silent_records",
    "since",
    "standings",
    "surely_above",
    "value",
    "values_of",
    "weight",
]


def run(
    checked: CheckedCampaign,
    rows: Mapping[str, Iterable[Row]],
    roster: Roster,
    as_of: dt.date,
    sheets: Iterable[Headed] = (),
) -> Results:
    """Every result of the campaign. A record type that is absent from `rows` was not submitted.

    `sheets`: those that say who submits them.
    """
    facts = gather(checked, rows, roster, as_of, sheets)
    progress = tuple(cell.progress for target in checked.targets for cell in cells(facts, target))
    duties = tuple(row for duty in checked.duties for row in duty_rows(facts, duty))
    outcomes = tuple(outcome_of(outcome, progress, duties) for outcome in checked.campaign.outcomes)
    found = standings(facts)
    scores = (row for card in checked.campaign.scorecards for total in found.scorecards[card] for row in total.rows)
    places = (one.placing for ranking in checked.campaign.rankings for one in found.rankings[ranking])
    honours = (one.row for honour in checked.honours for one in found.honours[honour.honour.id])
    returns = tuple(return_rows(facts))
    return Results(progress, duties, outcomes, tuple(scores), tuple(places), tuple(honours), returns)


def outcome_of(outcome: Outcome, progress: Iterable[Progress], duties: Iterable[DutyResult]) -> OutcomeResult:
    """Several demands together."""
    statuses = [row.status for row in progress if row.target in outcome.all_of]
    held = [*statuses, *(row.status for row in duties if row.duty in outcome.all_of)]
    return OutcomeResult(outcome.id, _together(set(held)), outcome.force, dict(Counter(held)), outcome.source)


def _together(held: set[str]) -> str:
    worst = next((status for status in ("missed", "missing", "deferred") if status in held), None)
    if worst is not None:
        return worst
    if held <= {"met", "late", "not_applicable"}:
        return "met"
    return "behind" if "behind" in held else "on_track"
