"""A campaign made ready to be tried, and the results of one drawn submission, each worked out once when first asked for.

In: a campaign, drawn data. Out: `Ground` (plans), `Trial` (results of engine and oracle, of shuffled rows, of a further
row, of a further unit, of completions). The author's properties are evaluated as honours, and additive metrics by
targets of their own (`probes`), so that nothing here computes a value. Must not know: Hypothesis, what must hold.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from attrs import evolve, field, frozen

from campaignrules import engine, intake, oracle, planner
from campaignrules.calendar import Window
from campaignrules.checked import (
    FIGURES,
    UNIT_TABLE,
    CheckedCampaign,
    CheckedHonour,
    CheckedMetric,
    CheckedProperty,
    CheckedTarget,
    Judged,
    Measure,
    Number,
)
from campaignrules.driver import Campaign
from campaignrules.errors import Text
from campaignrules.intake import Submission
from campaignrules.intake.submitters import sheets
from campaignrules.model import Honour, Target, Unit
from campaignrules.planner import Plan
from campaignrules.quantities import base_unit
from campaignrules.results import Progress, Results
from campaignrules.testing.completions import Completions
from campaignrules.testing.directions import Directions
from campaignrules.testing.strategies import Drawn, Row, Submitted, Tables, added, has_text_key

PROPERTY: Final = "property "
"""Before the id of a property where it stands among honours: no honour can have such an id."""
PROBE: Final = "probe "
WHOLE: Final = "whole "
FURTHER_UNIT: Final = "further_unit"
_COARSEST: Final = ("year", "half", "quarter", "month", "half_month", "week")


@frozen(eq=False, repr=False)
class Answer:
    """The rows that came out, and what was submitted. `probes`: (metric, unit, window) → what a probe gave."""

    submission: Submission
    results: Results
    probes: Mapping[tuple[str, str | None, str], Progress]


@frozen(eq=False, repr=False, slots=False)
class Ground:
    """One campaign, planned once for each way it is looked at."""

    campaign: Campaign
    checked: CheckedCampaign = field()
    """With the author's properties among the honours."""

    _completed: dict[int, Ground] = field(factory=dict)

    @checked.default
    def _with_properties(self) -> CheckedCampaign:
        checked = self.campaign.checked
        return evolve(checked, honours=(*checked.honours, *map(_as_honour, checked.properties)))

    @cached_property
    def plan(self) -> Plan:
        return planner.plan(self.checked)

    @cached_property
    def probed_plan(self) -> Plan:
        """With targets besides that show what additive metrics are, for the whole and each unit, in parts of time."""
        return planner.plan(evolve(self.checked, targets=(*self.checked.targets, *_probes(self.checked))))

    @cached_property
    def parts(self) -> tuple[Window, ...]:
        """Windows that fill the campaign's period, as few as there are; none when it cannot be parted."""
        return parts_of(self.checked)

    @cached_property
    def directions(self) -> Directions:
        return Directions(self.checked)

    @cached_property
    def larger(self) -> tuple[Ground, ...]:
        """For each class of an inline roster the campaign with one more unit of it."""
        units = self.campaign.checked.campaign.units
        if isinstance(units.roster, str):
            return ()
        classes = list(dict.fromkeys(unit.class_ for unit in units.roster))
        return tuple(self._with_unit(class_) for class_ in classes)

    def _with_unit(self, class_: str | None) -> Ground:
        checked = self.campaign.checked
        unit = Unit(id=FURTHER_UNIT, title=Text("另一单位", "a further unit"), class_=class_)
        units = evolve(checked.campaign.units, roster=(*checked.campaign.units.roster, unit))
        made = evolve(
            checked, campaign=evolve(checked.campaign, units=units), units={**(checked.units or {}), FURTHER_UNIT: ()}
        )
        return Ground(evolve(self.campaign, checked=made, overlays=(), later=(), stages={}))

    @cached_property
    def completions(self) -> Completions:
        return Completions(self.campaign)

    def completed(self, chance: int) -> tuple[Mapping[str, str], Ground] | None:
        """With deferred parameters settled: what was filled in, and the ground of it; None where nothing can be."""
        made = self.completions.at(chance)
        if made is None:
            return None
        if id(made[1]) not in self._completed:
            self._completed[id(made[1])] = Ground(made[1])
        return made[0], self._completed[id(made[1])]

    def answer(self, submitted: Submitted, *, probed: bool = False) -> Answer:
        """The engine's answer; with that of the probes apart."""
        plan = self.probed_plan if probed else self.plan
        taken = intake.take(plan.checked, submitted.tables)
        results = engine.run(plan, taken, submitted.as_of).rows
        own = tuple(row for row in results.progress if not row.target.startswith(PROBE))
        probes = results.progress[len(own) :]
        return Answer(taken, evolve(results, progress=own), {(row.metric, row.unit, row.window): row for row in probes})

    def reference(self, answer: Answer, as_of: dt.date) -> Results:
        """The oracle's answer on the same rows."""
        taken = answer.submission
        rows = {name: taken.rows(name) for name in taken.tables}
        told = sheets(taken) if self.checked.returns else ()
        return oracle.run(self.checked, rows, taken.roster, as_of, told)


@frozen(eq=False, repr=False, slots=False)
class Trial:
    """The results of one drawn submission."""

    ground: Ground
    drawn: Drawn

    @property
    def submitted(self) -> Submitted:
        return self.drawn.submitted

    @cached_property
    def answer(self) -> Answer:
        return self.ground.answer(self.submitted, probed=True)

    @cached_property
    def reference(self) -> Results:
        return self.ground.reference(self.answer, self.submitted.as_of)

    @cached_property
    def shuffled(self) -> Results:
        """Of the same rows in another order; units stay in theirs, which is the order of results."""
        order = random.Random(self.drawn.chance)  # noqa: S311  any order will do
        tables = {
            name: rows if name == UNIT_TABLE else order.sample(rows, len(rows))
            for name, rows in self.submitted.tables.items()
        }
        return self.ground.answer(evolve(self.submitted, tables=tables)).results

    @cached_property
    def with_rows(self) -> Submitted:
        """With the further rows."""
        return added(self.ground.checked, self.submitted, self.drawn.further)

    @cached_property
    def after_rows(self) -> Results | None:
        """None where there are no further rows."""
        return self.ground.answer(self.with_rows).results if self.with_rows.size > self.submitted.size else None

    @cached_property
    def settled_after_rows(self) -> tuple[Mapping[str, str], Results, Results] | None:
        """What is filled in, and the results without and with the further rows then; every other time only."""
        settled = self.ground.completed(self.drawn.chance) if self.drawn.chance % 2 == 0 else None
        if settled is None or self.completion is None or self.with_rows.size == self.submitted.size:
            return None
        return settled[0], self.completion[1], settled[1].answer(self.with_rows).results

    @cached_property
    def with_unit(self) -> tuple[Ground, Submitted] | None:
        """With one more unit and rows of its own, copies of others'; None where nobody is listed."""
        larger = self.ground.larger
        ground = larger[self.drawn.chance % len(larger)] if larger else self.ground
        tables: Tables = dict(self.submitted.tables)
        if not larger:
            if not tables.get(UNIT_TABLE):
                return None
            like = tables[UNIT_TABLE][self.drawn.chance % len(tables[UNIT_TABLE])]
            unit = {name: cell for name, cell in like.items() if name == "class"} | {"id": FURTHER_UNIT}
            tables[UNIT_TABLE] = [*tables[UNIT_TABLE], unit]
        for name, rows in self.submitted.tables.items():
            if name in self.ground.checked.records:
                tables[name] = [*rows, *self._own(name, rows)]
        return ground, evolve(self.submitted, tables=tables)

    def _own(self, name: str, rows: list[Row]) -> Iterator[Row]:
        """Up to three rows of others as rows of the further unit."""
        record = self.ground.checked.records[name]
        units = [one for one, declared in record.record.fields.items() if declared.type == "unit"]
        text_key = has_text_key(record)
        if not units or not (text_key or not record.key or name == FIGURES):
            return
        for i, row in enumerate(row for row in rows[:3] if row.get(record.unit or "")):
            own = {one: FURTHER_UNIT for one in units if row.get(one)}
            yield {**row, **own} | ({record.key[0]: f"own{i}"} if text_key else {})

    @cached_property
    def after_unit(self) -> Results | None:
        found = self.with_unit
        return None if found is None else found[0].answer(found[1]).results

    @cached_property
    def completion(self) -> tuple[Mapping[str, str], Results] | None:
        """With deferred parameters settled: what was filled in, and the results."""
        settled = self.ground.completed(self.drawn.chance)
        if settled is None:
            return None
        values, ground = settled
        return values, ground.answer(self.submitted).results


# -- what is evaluated besides ------------------------------------------------------------------------------------


def _as_honour(stated: CheckedProperty) -> CheckedHonour:
    """The property as an honour: who fulfils it is listed."""
    honour = Honour(id=PROPERTY + stated.id, when=stated.stated.that, source=stated.stated.source)
    return CheckedHonour(honour, stated.windows, stated.judged, stated.that, stated.that.awaits)


def parts_of(checked: CheckedCampaign) -> tuple[Window, ...]:
    """The campaign's period in two or more windows, as few as a recurrence gives."""
    some = (checked.calendar.each(every, checked.calendar.period) for every in _COARSEST)
    return next((windows for windows in some if len(windows) > 1), ())


def additive(checked: CheckedCampaign) -> Iterator[CheckedMetric]:
    """Metrics that units and windows add up to."""
    for metric in checked.metrics.values():
        kernel = metric.kernel
        if isinstance(kernel, Measure) and not metric.awaits and kernel.accumulate == "flow":
            yield from (metric,) if kernel.verb in ("count", "sum") else ()


def of_which(checked: CheckedCampaign) -> Iterator[tuple[CheckedMetric, CheckedMetric]]:
    """Each of-which of what is counted or added up, and its whole."""
    for metric in checked.metrics.values():
        whole = checked.metrics.get(metric.metric.of or "")
        if whole is None or metric.awaits or not isinstance(metric.kernel, Measure):
            continue
        if metric.kernel.verb in ("count", "distinct", "sum"):
            yield metric, whole


def _probes(checked: CheckedCampaign) -> Iterator[CheckedTarget]:
    some = {metric.id: metric for metric in additive(checked)}
    for pair in of_which(checked):
        some |= {metric.id: metric for metric in pair}
    period, parts = checked.calendar.period, parts_of(checked)
    for metric in some.values():
        yield _probe(metric, PROBE + WHOLE, (period,), (Judged("campaign"), Judged("each", "unit")))
        if parts:
            yield _probe(metric, PROBE, parts, (Judged("campaign"),))


def _probe(metric: CheckedMetric, name: str, windows: tuple[Window, ...], judged: tuple[Judged, ...]) -> CheckedTarget:
    """A target that shows a metric's value in base units."""
    target = Target(id=name + metric.id, metric=metric.id, force="tracked")
    number, unit, nobody = Number(None), base_unit(metric.type.dim), frozenset[str]()
    return CheckedTarget(target, metric, windows, judged, "at_least", number, None, unit, {}, nobody, metric.awaits)
