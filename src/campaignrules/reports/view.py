"""What every report reads: an evaluation, the rows somebody asked for, and the names people know things by.

Comes in: an evaluation and a `Choice`. Goes out: chosen rows, titles, windows with their dates. Must not know:
formats, or how results are computed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Literal, Protocol

from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.checked import (
    CheckedCampaign,
    CheckedDuty,
    CheckedHonour,
    CheckedRanking,
    CheckedReturn,
    CheckedScorecard,
    CheckedTarget,
)
from campaignrules.errors import Text, visible
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
)
from campaignrules.roster import Roster

Table = Literal[
    "progress", "duties", "outcomes", "scores", "rankings", "honours", "returns", "findings", "pending", "readings"
]  # fmt: skip
TABLES: Final[tuple[Table, ...]] = (
    "progress", "duties", "outcomes", "scores", "rankings", "honours", "returns", "findings", "pending",
)  # fmt: skip
"""The tables that every evaluation has; `readings` is there when readings were compared."""


class Evaluated(Protocol):
    """What a report needs of an evaluation."""

    @property
    def results(self) -> Results: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def pending(self) -> tuple[Pending, ...]: ...
    @property
    def counts(self) -> tuple[TableCount, ...]: ...
    @property
    def as_of(self) -> dt.date: ...
    @property
    def checked(self) -> CheckedCampaign: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def receipt(self) -> Mapping[str, Any]: ...
    def scores_explained(self, rows: Iterable[Score] | None = None) -> tuple[Score, ...]: ...
    def gates(self, scorecard: str, unit: str, window: str) -> tuple[GateResult, ...]: ...


@frozen(eq=False, repr=False)
class Choice:
    """Which rows to show; empty means all of them.

    `targets`: ids of targets, duties, scorecards, their items (`card.item`), rankings, honours, returns; `everything`: no row is summed up in a line for many.
    """

    units: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    everything: bool = False

    def takes(self, demand: str, unit: str | None, window: str | None) -> bool:
        return (
            (not self.targets or demand in self.targets)
            and (not self.units or unit in self.units)
            and (not self.windows or window in self.windows)
        )

    def takes_score(self, row: Score) -> bool:
        """A scorecard stands for all its items."""
        named = row.scorecard if row.scorecard in self.targets else f"{row.scorecard}.{row.item}"
        return self.takes(named, row.unit, row.window)

    @property
    def is_open(self) -> bool:
        """Nothing is left out."""
        return not (self.units or self.targets or self.windows)


@frozen(slots=False, eq=False, repr=False)
class View:
    """An evaluation seen through a choice, in one language."""

    evaluation: Evaluated
    choice: Choice = Choice()
    lang: str = "zh"

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def text(self, text: Text | str | None) -> str:
        """`text` in the reader's language, fit for a terminal."""
        return visible(text.to(self.lang) if isinstance(text, Text) else text or "")

    @property
    def as_of(self) -> dt.date:
        return self.evaluation.as_of

    @property
    def checked(self) -> CheckedCampaign:
        return self.evaluation.checked

    @cached_property
    def progress(self) -> tuple[Progress, ...]:
        rows = self.evaluation.results.progress
        return tuple(row for row in rows if self.choice.takes(row.target, row.unit, row.window))

    @cached_property
    def duties(self) -> tuple[DutyResult, ...]:
        rows = self.evaluation.results.duties
        return tuple(row for row in rows if self.choice.takes(row.duty, row.unit, row.window))

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """Without their reasons; `rows` gives them with these."""
        return tuple(row for row in self.evaluation.results.scores if self.choice.takes_score(row))

    @cached_property
    def rankings(self) -> tuple[Placing, ...]:
        rows = self.evaluation.results.rankings
        return tuple(row for row in rows if self.choice.takes(row.ranking, row.unit, row.window))

    @cached_property
    def honours(self) -> tuple[HonourResult, ...]:
        rows = self.evaluation.results.honours
        return tuple(row for row in rows if self.choice.takes(row.honour, row.unit, row.window))

    @cached_property
    def returns(self) -> tuple[ReturnResult, ...]:
        rows = self.evaluation.results.returns
        return tuple(row for row in rows if self.choice.takes(row.return_, row.unit, row.window))

    def rows(self, table: Table) -> tuple[Any, ...]:
        """The rows of a table of results; scores with their reasons."""
        if table == "scores":
            return self.evaluation.scores_explained(self.scores)
        if table in ("progress", "duties", "rankings", "honours", "returns"):
            return tuple(getattr(self, table))
        if table == "outcomes":
            return self.evaluation.results.outcomes
        return self.evaluation.findings if table == "findings" else self.evaluation.pending

    @cached_property
    def targets(self) -> Mapping[str, CheckedTarget]:
        return {target.target.id: target for target in self.checked.targets}

    @cached_property
    def duty_items(self) -> Mapping[str, CheckedDuty]:
        return {duty.duty.id: duty for duty in self.checked.duties}

    @cached_property
    def honour_items(self) -> Mapping[str, CheckedHonour]:
        return {honour.honour.id: honour for honour in self.checked.honours}

    @cached_property
    def return_items(self) -> Mapping[str, CheckedReturn]:
        return {asked.id: asked for asked in self.checked.returns}

    @property
    def scored_names(self) -> Iterator[str]:
        """Ids of scorecards, their items, rankings and honours."""
        for card in self.checked.scorecards.values():
            yield card.id
            yield from (f"{card.id}.{item.id}" for item in card.items)
        yield from (*self.checked.rankings, *self.honour_items)

    def windows(self, target: str) -> Mapping[str, Window]:
        """The windows of a target by id."""
        return {window.id: window for window in self.targets[target].windows}

    def target_title(self, target: str) -> str:
        """The title of a target, or of its metric, or the metric's name."""
        found = self.targets[target]
        metric = found.metric.metric
        return self.text(found.target.title or metric.title or self._title_above(metric.of) or found.metric.id)

    def _title_above(self, metric: str | None) -> Text | None:
        """The title of the metric that another is a part of."""
        found = self.checked.metrics.get(metric) if metric else None
        return found.metric.title if found else None

    def duty_title(self, duty: str) -> str:
        return self.text(self.duty_items[duty].duty.title or duty)

    def return_title(self, return_: str) -> str:
        return self.text(self.return_items[return_].asked.title or return_)

    def window_of_return(self, return_: str, window: str) -> str:
        """The name of one of the windows of a return."""
        found = next(one for one in self.return_items[return_].windows if one.id == window)
        return self.window_title(found)

    def card_title(self, card: str) -> str:
        return self.text(self.checked.scorecards[card].card.title or card)

    def item_title(self, card: str, item: str) -> str:
        """The title of an item; of a component of a weighted scorecard that of the scorecard, with its window."""
        return self.text(next(one for one in self.checked.scorecards[card].items if one.id == item).title)

    def grade_title(self, card: str, grade: str | None) -> str:
        found = next((one for one in self.checked.scorecards[card].card.grades if one.id == grade), None)
        return self.text(found.title or grade) if found else ""

    def ranking_title(self, ranking: str) -> str:
        return self.text(self.checked.rankings[ranking].ranking.title or ranking)

    def honour_title(self, honour: str) -> str:
        return self.text(self.honour_items[honour].honour.title or honour)

    def group_title(self, group: str | None) -> str:
        """The name of a group of comparison: a class, or a unit that others are below."""
        if group is None:
            return ""
        classes = self.checked.campaign.units.classes
        return self.class_title(group) if group in classes else self.unit_title(group)

    def class_title(self, name: str) -> str:
        """The name of a class without what it says in brackets behind."""
        title = self.text(self.checked.campaign.units.classes.get(name) or name)
        return re.sub(r"(?<=.)\s*[（(][^（）()]{4,}[）)]$", "", title)

    def parameter_title(self, name: str) -> str:
        found = self.checked.parameters.get(name)
        return self.text(found.title if found and found.title else name)

    def unit_title(self, unit: str | None) -> str:
        """The name of a unit; `all CLASS` is the class's total; '' for the whole."""
        if unit is None:
            return ""
        if unit.startswith("all "):
            return self._class_title(unit.removeprefix("all "))
        known = self.evaluation.roster.by_id.get(unit)
        return self.text(known.title if known and known.title else unit)

    def _class_title(self, name: str) -> str:
        title = self.text(self.checked.campaign.units.classes.get(name) or name)
        return self.say(f"{title}合计", f"{title} in all")

    def window_title(self, window: Window) -> str:
        """The name of a window: a phase's title, else its id."""
        phase = self.checked.campaign.phases.get(window.id)
        if window.id == "campaign":
            return self.say("全期", "whole period")
        return f"{window.id} {self.text(phase.title)}" if phase and phase.title else window.id

    def latest(self, windows: Iterable[Window]) -> Window | None:
        """Of these windows the one that has begun last."""
        begun = [window for window in windows if window.start <= self.as_of]
        return max(begun, key=lambda window: (window.start, window.end), default=None)

    def dates(self, window: Window) -> str:
        return f"{window.start} – {window.end}"

    def elapsed(self, window: Window) -> str:
        """How much of a window has passed: `181/365 天，50%`."""
        days = min(max((min(self.as_of, window.end) - window.start).days + 1, 0), window.days)
        share = days * 100 // window.days
        return self.say(f"已过 {days}/{window.days} 天（{share}%）", f"day {days} of {window.days}, {share}%")

    def names(self, names: Iterable[str], most: int = 8) -> str:
        """A list of names, cut after `most`, with how many there are."""
        every = list(names)
        comma = self.say("、", ", ")
        if len(every) <= most:
            return comma.join(every)
        shown = comma.join(every[:most])
        return self.say(f"{shown}等 {len(every)} 个", f"{shown} … {len(every)} in all")

    def known_windows(self) -> Iterator[str]:
        """Every window that a row has, once."""
        results = self.evaluation.results
        seen = dict.fromkeys([*(r.window for r in results.progress), *(r.window for r in results.duties)])
        cards, rankings = self.checked.scorecards.values(), self.checked.rankings.values()
        scored: list[CheckedScorecard | CheckedRanking | CheckedHonour] = [*cards, *rankings, *self.checked.honours]
        seen |= dict.fromkeys(window.id for one in (*scored, *self.checked.returns) for window in one.windows)
        return (window for window in seen if window is not None)
