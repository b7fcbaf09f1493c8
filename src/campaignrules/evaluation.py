"""What `Campaign.evaluate` gives back: rows, frames, JSON and reasons.

Comes in: the engine's dense results and the submission. Goes out: tables that any Arrow consumer takes, JSON, and
explanations. Computes nothing itself; the one-line reasons of scores are only put into words when somebody asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs
import polars as pl
from attrs import define

from campaignrules.checked import CheckedCampaign
from campaignrules.engine import DenseResults
from campaignrules.errors import Text
from campaignrules.intake import Submission
from campaignrules.intake.submitters import sheets
from campaignrules.receipts import Origin, receipt
from campaignrules.results import (
    DutyResult,
    Finding,
    GateResult,
    HonourResult,
    Pending,
    Placing,
    Progress,
    Results,
    ReturnResult,
    Score,
    TableCount,
    column_of,
)
from campaignrules.roster import Roster

if TYPE_CHECKING:
    from campaignrules.engine.reasons import Reasons
    from campaignrules.explain import Explanation

DECIMAL: Final = pl.Decimal(38, 12)
_TYPES: Final[dict[str, Any]] = {
    "value": DECIMAL, "required": DECIMAL, "required_high": DECIMAL, "ratio": DECIMAL, "shortfall": DECIMAL,
    "pace": DECIMAL, "gap": DECIMAL, "needed_per_day": DECIMAL, "due_on": pl.Date, "done_on": pl.Date, "row": pl.Int64,
    "set_aside": pl.Boolean, "points": DECIMAL, "lowest": DECIMAL, "highest": DECIMAL, "worth": DECIMAL,
    "on": pl.Date, "rows": pl.Int64, "place": pl.Int64, "best": pl.Int64, "worst": pl.Int64, "ranked": pl.Int64, "change": pl.Int64,
}  # fmt: skip


@define(eq=False, slots=False)
class Evaluation:
    """The results of one campaign on one submission at one date."""

    checked: CheckedCampaign
    submission: Submission
    dense: DenseResults
    as_of: dt.date
    meta: dict[str, Any]
    origin: Origin

    @cached_property
    def results(self) -> Results:
        """All rows as frozen objects."""
        return self.dense.rows

    @property
    def progress(self) -> pl.DataFrame:
        """One row per target, unit and window; columns are the fields of `results.Progress`."""
        return frame_of(Progress, self.results.progress)

    @property
    def duties(self) -> pl.DataFrame:
        """One row per duty, unit and due date."""
        return frame_of(DutyResult, self.results.duties)

    @property
    def outcomes(self) -> pl.DataFrame:
        """One row per outcome, with a column for the number of rows of each status."""
        rows = [
            {"outcome": o.outcome, "status": o.status, "force": o.force, "source": o.source}
            for o in self.results.outcomes
        ]
        return pl.DataFrame(rows, schema=dict.fromkeys(("outcome", "status", "force", "source"), pl.String))

    @property
    def scores(self) -> pl.DataFrame:
        """One row per scorecard, item (none: the total), unit and window; columns are the fields of `results.Score`."""
        return frame_of(Score, self.results.scores)

    @property
    def rankings(self) -> pl.DataFrame:
        """One row per ranking, unit and window; columns are the fields of `results.Placing`."""
        return frame_of(Placing, self.results.rankings)

    @property
    def honours(self) -> pl.DataFrame:
        """One row per honour, sanction or list, unit and window; columns are the fields of `results.HonourResult`."""
        return frame_of(HonourResult, self.results.honours)

    @property
    def returns(self) -> pl.DataFrame:
        """One row per return, unit and window: who submitted what is asked for; empty without `returns:`."""
        return frame_of(ReturnResult, self.results.returns)

    @cached_property
    def _reasons(self) -> Reasons | None:
        from campaignrules.engine.reasons import Reasons  # noqa: PLC0415  only needed when somebody asks why

        return None if self.dense.scored is None else Reasons(self.dense.scored)

    def scores_explained(self, rows: Iterable[Score] | None = None) -> tuple[Score, ...]:
        """Scores with `because` filled: all of them, or these rows. Slower than the scores themselves."""
        some = self.results.scores if rows is None else tuple(rows)
        return some if self._reasons is None else tuple(self._reasons.explained(some))

    def gates(self, scorecard: str, unit: str, window: str) -> tuple[GateResult, ...]:
        """The gates of a scorecard for one unit in one window, and whether they take effect."""
        return () if self._reasons is None else tuple(self._reasons.gates(scorecard, unit, window))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of the submitted data, set-aside rows first named here."""
        lazily = [f for table in self.submission.tables.values() if table.checked_later for f in table.faults()]
        return (*self.submission.findings, *lazily, *self.dense.findings)

    @property
    def counts(self) -> tuple[TableCount, ...]:
        """Rows read, set aside and screened of each submitted table."""
        return tuple(self.dense.cube.counts.get(name, count) for name, count in self.submission.counts.items())

    @property
    def roster(self) -> Roster:
        return self.submission.roster

    @cached_property
    def pending(self) -> tuple[Pending, ...]:
        """Deferred parameters with the targets, duties and metrics that wait for them."""
        return tuple(_pending(self.checked))

    @cached_property
    def receipt(self) -> dict[str, Any]:
        """By which files, readings and versions the results came about, with their digest; see `replaying`."""
        return receipt(self.origin, self.submission, self.results, self.findings, self.counts, self.as_of)

    def explain(self, item: str, unit: str | None = None, window: str | None = None) -> Explanation:
        """Why a target or duty stands where it stands. Raises CampaignError for unknown names."""
        from campaignrules.explain import explain  # noqa: PLC0415  the oracle is only needed when somebody asks why

        rows = {name: self.submission.rows(name) for name in self.submission.tables}
        place = (str(item), unit and str(unit), window and str(window))
        known = (self.checked, rows, self.roster, self.as_of)
        told = sheets(self.submission) if self.checked.returns else ()
        return explain(*known, *place, readings=self.meta["readings"], sheets=told)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready: decimals as text, dates as ISO text, keys in a stable order."""
        from campaignrules.reports.as_json import data_of  # noqa: PLC0415  a format that is not asked for is not imported

        return data_of(self)


def _pending(checked: CheckedCampaign) -> list[Pending]:
    found = []
    for name, parameter in checked.parameters.items():
        if parameter.deferred is None:
            continue
        holds = [t.target.id for t in checked.targets if name in t.awaits]
        holds += [d.duty.id for d in checked.duties if name in d.awaits]
        holds += [m.id for m in checked.metrics.values() if name in m.awaits]
        holds += _scoring_held(checked, name)
        deferred, held = parameter.deferred, tuple(dict.fromkeys(holds))  # a ranking may be named as its scorecard is
        found.append(Pending(name, parameter.title, deferred.by, deferred.between, parameter.source, held))
    return found


def _scoring_held(checked: CheckedCampaign, name: str) -> list[str]:
    """Items, scorecards, rankings and honours that a parameter holds up."""
    found = [f"{c.id}.{i.id}" for c in checked.scorecards.values() for i in c.items if name in i.points.awaits]
    found += [card.id for card in checked.scorecards.values() if name in card.awaits]
    found += [ranking.id for ranking in checked.rankings.values() if name in ranking.awaits]
    return found + [honour.honour.id for honour in checked.honours if name in honour.awaits]


def frame_of(kind: type, rows: Sequence[Any]) -> pl.DataFrame:
    """Rows of results as a frame; columns are the fields of their kind."""
    names = {column_of(a.name): a.name for a in attrs.fields(kind)}
    schema = {column: _TYPES.get(column, pl.String) for column in names}
    columns = {column: [_cell(getattr(row, name)) for row in rows] for column, name in names.items()}
    return pl.DataFrame(columns, schema=schema)


def _cell(value: Any) -> Any:
    if isinstance(value, Text):
        return value.zh
    return "、".join(value) if isinstance(value, tuple) else value
