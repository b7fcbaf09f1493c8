"""The checked form of a campaign: every name resolved, every formula typed, every window a pair of dates.

Plain frozen data that the checker makes and the planner, the reference and the reports read. Numbers are in base
units (元, one, points, days). Must not know: how it is checked or evaluated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from attrs import Factory, field, frozen

from campaignrules.calendar import Calendar, Occurrence, Window
from campaignrules.errors import Diagnostic, Text
from campaignrules.model import (
    Campaign,
    Duty,
    Honour,
    Item,
    Metric,
    Missing,
    NotApplicable,
    Outcome,
    Parameter,
    Property,
    Ranking,
    Record,
    Return,
    Scorecard,
    Screen,
    Target,
    Within,
)
from campaignrules.quantities import Unit
from campaignrules.trees import Expression, Tree, Type

if TYPE_CHECKING:
    from campaignrules.brackets import Ends

FIGURES: Final = "figures"
ATTESTATIONS: Final = "attestations"
UNIT_TABLE: Final = "units"
RETURNS: Final = "returns"
"""The table of what was submitted, when and by whom; only in a campaign that has returns."""
LOW: Final = "↓"
HIGH: Final = "↑"
ENDS: Final = (LOW, HIGH)
"""What follows the name of a metric, a derived field or an operand where its low or high end is meant."""

Verb = Literal["count", "sum", "distinct", "mean", "min", "max", "last", "rate"]


@frozen(eq=False, repr=False)
class CheckedRule:
    """A row rule; a row for which it is false is set aside."""

    expression: Expression
    rule: object
    index: int


@frozen(eq=False, repr=False)
class CheckedScreen:
    """Which rows count, by a condition."""

    screen: Screen
    expression: Expression
    keeps: bool
    """True: rows for which the expression is true stay; False: those for which it is true go."""


@frozen(eq=False, repr=False, slots=False)
class CheckedRecord:
    """A record type. `unit`: the field that says which unit the row belongs to (None: rows of the whole).

    `derived`: values computed on each row, each after those it uses; their types stand in `types` too. `within`: for
    date fields that say so, the windows in which their dates must lie.
    """

    id: str
    record: Record
    types: Mapping[str, Type]
    unit: str | None
    key: tuple[str, ...]
    rules: tuple[CheckedRule, ...] = ()
    screens: tuple[CheckedScreen, ...] = ()
    derived: Mapping[str, Expression] = Factory(dict)
    within: Mapping[str, tuple[Window, ...]] = Factory(dict)

    @property
    def shown(self) -> Mapping[str, Type]:
        """The types of what people may name."""
        return {name: type_ for name, type_ in self.types.items() if not name.endswith(ENDS)}

    def behind(self, names: Iterable[str | None]) -> frozenset[str]:
        """These names, and all that the derived fields among them are made from."""
        found = {name for name in names if name is not None}
        for name in reversed([*self.derived]):
            if name in found:
                found |= self.derived[name].names
        return frozenset(found)

    def awaits(self, names: Iterable[str | None]) -> frozenset[str]:
        """The deferred parameters behind these names: those that are no field."""
        return self.behind(names) - self.types.keys() - {"as_of"}

    @cached_property
    def settled(self) -> Mapping[str, Expression]:
        """The derived fields that await nothing."""
        return {name: formula for name, formula in self.derived.items() if not self.awaits([name])}

    @cached_property
    def screening(self) -> tuple[CheckedScreen, ...]:
        """The screens that await nothing."""
        return tuple(screen for screen in self.screens if not self.awaits(screen.expression.names))

    @cached_property
    def screened_by(self) -> frozenset[str]:
        """The deferred parameters that decide which rows count."""
        return self.awaits(name for screen in self.screens for name in screen.expression.names)


@frozen(eq=False, repr=False)
class Measure:
    """A metric that is aggregated from rows.

    `filters` must all be true for a row to count. `field`: the number (or, for distinct, any) field. `reached`: for a
    rate, a date expression (reached when it lies at or before the window's end) or a condition. `empty_is_missing`:
    no row gives missing instead of zero. `unit`: the unit field that a row counts for (None: the record's own).
    """

    verb: Verb
    record: str
    field: str | None = None
    on: str | None = None
    until: str | None = None
    filters: tuple[Expression, ...] = ()
    accumulate: Literal["flow", "to_date", "level"] = "flow"
    since: object = None
    reached: Expression | None = None
    empty_is_missing: bool = False
    unit: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The fields and parameters that it looks at."""
        formulas = (*self.filters, *((self.reached,) if self.reached else ()))
        fields = {name for name in (self.field, self.on, self.until, self.unit) if name is not None}
        return frozenset(fields).union(*(formula.names for formula in formulas))


@frozen(eq=False, repr=False)
class Growth:
    """Growth of the metric `of` against the same window a year, half, quarter, month or week earlier."""

    of: str
    against: str


@frozen(eq=False, repr=False)
class Limited:
    """The metric `of`, at most so much in each `each` (month, quarter …): the sum of what counts in each.

    `at_most`: in base units; None while it is deferred, and then `open` is the parameter.
    """

    of: str
    each: str
    at_most: Decimal | None
    open: str | None = None


Kernel = Measure | Expression | Growth | Limited


@frozen(eq=False, repr=False)
class CheckedMetric:
    """A metric lowered to its kernel; `unit` is the one it is shown in; `awaits`: deferred parameters it depends on."""

    id: str
    metric: Metric
    kernel: Kernel
    type: Type
    unit: Unit
    awaits: frozenset[str] = frozenset()


@frozen(eq=False, repr=False)
class Number:
    """The number of a demand: a constant in base units, or a field of a submitted table with one row per unit."""

    value: Decimal | None
    table: tuple[str, str] | None = None


@frozen
class Judged:
    """Whom a demand is for: the campaign, each unit (of a class), a class's total, one unit."""

    kind: Literal["campaign", "each", "all", "unit"]
    name: str = ""


Comparator = Literal["at_least", "at_most", "exactly", "between", "every"]


@frozen(eq=False, repr=False)
class CheckedTarget:
    """A target. `low`/`high`: what the value must reach / not exceed (one of them None, or both set and compared).

    `exceptions`: unit → its own number, or None where the target does not apply. `waits`: what its numbers await;
    `awaits`: they or its metric.
    """

    target: Target
    metric: CheckedMetric
    windows: tuple[Window, ...]
    judged: tuple[Judged, ...]
    comparator: Comparator
    low: Number | None
    high: Number | None
    unit: Unit
    exceptions: Mapping[str, Number | None]
    waits: frozenset[str]
    awaits: frozenset[str]
    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()


@frozen(eq=False, repr=False)
class CheckedDuty:
    """A duty. `occurrences`: when it falls due; none for a standing duty."""

    duty: Duty
    judged: tuple[Judged, ...]
    occurrences: tuple[Occurrence, ...]
    record: str
    on: str
    filters: tuple[Expression, ...]
    exceptions: Mapping[str, None]
    awaits: frozenset[str]
    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()

    @property
    def standing(self) -> bool:
        """Whether it has no date at all."""
        return self.duty.by is None and self.duty.every is None and self.duty.in_ == "campaign"


@frozen(eq=False, repr=False)
class CheckedReturn:
    """A return. `windows`: in time; `due`: for each window the day by which it is to be submitted."""

    asked: Return
    judged: tuple[Judged, ...]
    windows: tuple[Window, ...]
    due: tuple[dt.date, ...]
    exceptions: frozenset[str]

    @property
    def id(self) -> str:
        return self.asked.id

    @property
    def records(self) -> tuple[str, ...]:
        return self.asked.records


Scored = Literal["scorecard", "ranking"]
"""What is worked out one after the other, each after those it rests on."""
OperandKind = Literal[
    "metric", "number", "met", "done", "late", "missed", "due", "table", "class", "points", "grade", "place",
    "from_bottom", "ranked", "change", "unranked", "items", "total",
]  # fmt: skip


@frozen(eq=False, repr=False)
class Operand:
    """What a name in a scoring formula stands for: a number or truth per unit and window. See docs/evaluation.md.

    `id`: metric, target, duty, `record.field`, class, `card` or `card.item`, ranking. `windows`: for each window of
    what it stands in, the one whose value it takes. `sides`: the formula's ends use `name↓` and `name↑`.
    """

    kind: OperandKind
    id: str
    windows: tuple[Window, ...]
    sides: bool = False
    title: Text | None = None
    unit: Unit | None = None


@frozen(eq=False, repr=False)
class ScoreFormula:
    """A formula over operands. `ends`: its low and high end, None when it is open; the same tree when nothing is.

    `text`: the formula in words of the language, for people. `awaits`: the deferred parameters it depends on.
    `parameters`: the titles of those that stand in it.
    """

    tree: Tree
    ends: Ends | None
    operands: Mapping[str, Operand]
    awaits: frozenset[str]
    text: str
    parameters: Mapping[str, Text] = Factory(dict)

    @property
    def exact(self) -> bool:
        """Whether nothing is left open."""
        return self.ends is not None and self.ends.exact


@frozen(eq=False, repr=False)
class CheckedItem:
    """An item of a scorecard, or a component of a weighted one (`item` is None then).

    `judged`: whom it applies to (None: all). `applies`: a condition besides. `windows`: its own, one for each of the
    card's. `way`: the surface words of its methods.
    """

    id: str
    item: Item | None
    kind: Literal["item", "bonus", "deduction"]
    worth: ScoreFormula | None
    points: ScoreFormula
    applies: ScoreFormula | None
    judged: tuple[Judged, ...] | None
    windows: tuple[Window, ...]
    missing: Missing
    not_applicable: NotApplicable
    way: str = ""

    @property
    def title(self) -> Text:
        """What it is called; a component as the scorecard it stands for, with its window."""
        if self.item is not None:
            return self.item.title or Text(self.id, self.id)
        titles = [operand.title for operand in self.points.operands.values() if operand.kind == "points"]
        return next((title for title in titles if title is not None), Text(self.id, self.id))


@frozen(eq=False, repr=False)
class CheckedScorecard:
    """A scorecard. `total`: over the operand `items`, the sum of the points of its items.

    `open`: the total where the sum is open without ends. `unrounded`: the total before rounding. `grade`: the index of
    the grade, the number of grades when none is reached, over the operand `total` (`unrounded` where `grade_by` is
    exact); None without grades. `disqualified`: the condition of all such gates together.
    """

    id: str
    card: Scorecard
    windows: tuple[Window, ...]
    judged: tuple[Judged, ...]
    within: Within
    reference: frozenset[str]
    items: tuple[CheckedItem, ...]
    total: ScoreFormula
    open: ScoreFormula
    grade: ScoreFormula | None
    grades: tuple[str, ...]
    grade_by: Literal["rounded", "exact"]
    unrounded: ScoreFormula | None
    disqualified: ScoreFormula | None
    out_of: Decimal | None
    awaits: frozenset[str]
    gates: Mapping[str, ScoreFormula] = Factory(dict)
    """The conditions of the gates by id, for explanations; their effects are in the total and the grade."""


@frozen(eq=False, repr=False)
class CheckedRanking:
    """A ranking. `keys`: the higher the better, compared one after the other. `card`: the scorecard it ranks by.

    `change`: None, 'previous', or (record, field) of the places before.
    """

    id: str
    ranking: Ranking
    windows: tuple[Window, ...]
    judged: tuple[Judged, ...]
    within: Within
    ties: Literal["shared", "last", "dense", "listed"]
    keys: tuple[ScoreFormula, ...]
    card: str | None
    disqualified: ScoreFormula | None
    reference: frozenset[str]
    change: Literal["previous"] | tuple[str, str] | None
    unit: Unit
    awaits: frozenset[str]


@frozen(eq=False, repr=False)
class CheckedHonour:
    """An honour, a sanction or a list: who fulfils the condition. `when` None: wholly open, for every unit."""

    honour: Honour
    windows: tuple[Window, ...]
    judged: tuple[Judged, ...]
    when: ScoreFormula | None
    awaits: frozenset[str]


@frozen(eq=False, repr=False)
class CheckedProperty:
    """What the author says holds for any data: a condition for units and windows, as the `when` of an honour."""

    stated: Property
    windows: tuple[Window, ...]
    judged: tuple[Judged, ...]
    that: ScoreFormula

    @property
    def id(self) -> str:
        return self.stated.id


@frozen(slots=False, eq=False, repr=False)
class CheckedCampaign:
    """What the planner takes. `metrics` stand in an order in which each comes after those it uses."""

    campaign: Campaign
    calendar: Calendar
    records: Mapping[str, CheckedRecord]
    parameters: Mapping[str, Parameter]
    metrics: Mapping[str, CheckedMetric]
    targets: tuple[CheckedTarget, ...]
    duties: tuple[CheckedDuty, ...]
    outcomes: tuple[Outcome, ...]
    warnings: tuple[Diagnostic, ...] = field(default=(), eq=False)
    vocabularies: Mapping[str, Mapping[str, tuple[str, ...]]] = Factory(dict)
    units: Mapping[str, tuple[str, ...]] | None = None
    scorecards: Mapping[str, CheckedScorecard] = Factory(dict)
    rankings: Mapping[str, CheckedRanking] = Factory(dict)
    honours: tuple[CheckedHonour, ...] = ()
    scoring_order: tuple[tuple[Scored, str], ...] = ()
    """Scorecards and rankings, each after those it rests on."""
    returns: tuple[CheckedReturn, ...] = ()
    properties: tuple[CheckedProperty, ...] = ()

    @property
    def score_formulas(self) -> Iterator[ScoreFormula]:
        """Every formula that scorecards, rankings and honours are made of."""
        for card in self.scorecards.values():
            for item in card.items:
                yield from _some(item.worth, item.points, item.applies)
            yield from _some(card.total, card.open, card.grade, card.unrounded, card.disqualified)
        for ranking in self.rankings.values():
            yield from _some(*ranking.keys, ranking.disqualified)
        for honour in self.honours:
            yield from _some(honour.when)


def _some(*formulas: ScoreFormula | None) -> Iterator[ScoreFormula]:
    return (formula for formula in formulas if formula is not None)
