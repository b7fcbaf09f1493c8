"""Progress over time: a campaign's results on many days from one pass over its records.

Comes in: campaigns as they stand on their days, a submission for each, the days. Goes out: `History`, whose rows are those
of `evaluate` on each day. Must not know: files, the command line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl
from attrs import define, field

from campaignrules.calendar import Calendar, Window
from campaignrules.checked import CheckedHonour, CheckedRanking
from campaignrules.errors import CampaignError, Text, fault
from campaignrules.evaluation import Evaluation, frame_of
from campaignrules.history.gathering import on_days
from campaignrules.history.rows import Collected
from campaignrules.intake import Submission
from campaignrules.planner import Plan
from campaignrules.results import HonourResult, Placing, Progress, Score

if TYPE_CHECKING:
    from campaignrules.engine import DenseResults

By = Literal["day", "week", "month", "quarter"]
RHYTHMS: Final[tuple[By, ...]] = ("day", "week", "month", "quarter")
MOST_DAYS: Final = 4_000
"""Days of one history."""
MOST_ROWS: Final = 5_000_000
"""Rows of progress of one history."""


def windows_of(calendar: Calendar, by: str, until: dt.date) -> tuple[Window, ...]:
    """The days, weeks … from the campaign's first day to `until`, the last one cut there; at least one.

    Raises CampaignError for a rhythm that there is not and for too many.
    """
    if by not in RHYTHMS:
        raise CampaignError(
            fault("wrong-type", None, expected=Text("、".join(RHYTHMS), ", ".join(RHYTHMS)), got=str(by))
        )
    start = min(calendar.period.start, until)
    if (until - start).days >= MOST_DAYS * _LEAST_LENGTH[by]:
        raise CampaignError(fault("too-much-history", None, count=(until - start).days + 1, limit=MOST_DAYS))
    whole = Window("", start, until)
    if by == "day":
        days = (start + dt.timedelta(days=i) for i in range(whole.days))
        return tuple(Window(day.isoformat(), day, day) for day in days)
    return calendar.parts(by, whole)


_LEAST_LENGTH: Final = {"day": 1, "week": 7, "month": 28, "quarter": 90}


@define(eq=False, repr=False, slots=False)
class History:
    """A campaign's progress on the last days of `windows`, in time.

    `last`: the whole evaluation of the last day. `points`: whether scores and places were made for every day; then
    `score_rows`, `ranking_rows` and `honour_rows` hold them, each row with its day.
    """

    by: By
    windows: tuple[Window, ...]
    points: bool = False
    last: Evaluation = field(init=False)
    collected: Collected = field(factory=Collected)
    score_rows: list[tuple[dt.date, Score]] = field(factory=list)
    ranking_rows: list[tuple[dt.date, Placing]] = field(factory=list)
    honour_rows: list[tuple[dt.date, HonourResult]] = field(factory=list)

    @property
    def days(self) -> tuple[dt.date, ...]:
        return tuple(window.end for window in self.windows)

    def run(self, plan: Plan, submission: Submission, days: Sequence[dt.date]) -> DenseResults:
        """Adds these days, on which the campaign stands alike; gives the results of the last one."""
        rows = len(self.windows) * sum(self._lines(plan, submission))
        if rows > MOST_ROWS:
            raise CampaignError(fault("too-much-history", None, count=rows, limit=MOST_ROWS))
        self.collected.forget()
        for results in on_days(plan, submission, days, points=self.points):
            self.collected.add(results)
            if self.points:
                self.score_rows += [(results.as_of, row) for row in results.scores]
                self.ranking_rows += [(results.as_of, row) for row in results.rankings]
                self.honour_rows += [(results.as_of, row) for row in results.honours]
        return results

    def _lines(self, plan: Plan, submission: Submission) -> Iterator[int]:
        """How many rows there will be each day."""
        checked, roster = plan.checked, submission.roster
        for target in checked.targets:
            yield len(roster.scopes(target.judged)) * len(target.windows)
        listed: list[CheckedRanking | CheckedHonour] = [*checked.rankings.values(), *checked.honours]
        for card in checked.scorecards.values() if self.points else ():
            yield len(roster.scopes(card.judged)) * len(card.windows) * (len(card.items) + 1)
        for one in listed if self.points else ():
            yield len(roster.scopes(one.judged)) * len(one.windows)

    def on(self, day: dt.date | str) -> tuple[Progress, ...]:
        """The rows of progress on one of the days, a date or '2023-06-30'. Raises CampaignError for any other day."""
        found, rows = self.collected, self.collected.rows
        at = next((i for i, one in enumerate(found.days) if day in (one, one.isoformat())), None)
        if at is None:
            first, last = (str(found.days[i]) for i in (0, -1))
            raise CampaignError(fault("no-day-of-history", None, day=str(day), first=first, last=last))
        return tuple(rows[i] for i in found.picks[at].tolist())

    def each(self) -> Iterator[tuple[dt.date, Progress]]:
        """Every row with its day, day after day."""
        rows = self.collected.rows
        for day, picks in zip(self.collected.days, self.collected.picks, strict=True):
            yield from ((day, rows[i]) for i in picks.tolist())

    @property
    def progress(self) -> pl.DataFrame:
        """One row per day, target, unit and window: `as_of`, then the columns of `Evaluation.progress`."""
        found = self.collected
        days = pl.Series("as_of", found.days, dtype=pl.Date)
        each = np.repeat(np.arange(len(found.days)), [len(picks) for picks in found.picks])
        rows = self._different.select(pl.all().gather(np.concatenate(found.picks)))
        return rows.insert_column(0, days.gather(each))

    @cached_property
    def _different(self) -> pl.DataFrame:
        return frame_of(Progress, self.collected.rows)

    @property
    def scores(self) -> pl.DataFrame:
        """As `progress`, of scores; empty unless `points` were asked for."""
        return _dated(Score, self.score_rows)

    @property
    def rankings(self) -> pl.DataFrame:
        """As `progress`, of places; empty unless `points` were asked for."""
        return _dated(Placing, self.ranking_rows)

    @property
    def honours(self) -> pl.DataFrame:
        """As `progress`, of honours; empty unless `points` were asked for."""
        return _dated(HonourResult, self.honour_rows)


def _dated(kind: type, rows: Sequence[tuple[dt.date, Any]]) -> pl.DataFrame:
    days = pl.Series("as_of", [day for day, _ in rows], dtype=pl.Date)
    return frame_of(kind, [row for _, row in rows]).insert_column(0, days)
