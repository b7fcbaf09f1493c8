"""The checked form of a campaign: every name resolved, every formula typed, every window a pair of dates.

Plain frozen data that the checker makes and the planner, the reference and the reports read. Numbers are in base
units (元, one, points, days). Must not know: how it is checked or evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from attrs import Factory, field, frozen

from campaignrules.calendar import Calendar, Occurrence, Window
from campaignrules.errors import Diagnostic
from campaignrules.model import Campaign, Duty, Metric, Outcome, Parameter, Record, Screen, Target
from campaignrules.quantities import Unit
from campaignrules.trees import Expression, Type

FIGURES: Final = "figures"
ATTESTATIONS: Final = "attestations"
UNIT_TABLE: Final = "units"

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


@frozen(eq=False, repr=False)
class CheckedRecord:
    """A record type. `unit`: the field that says which unit the row belongs to (None: rows of the whole)."""

    id: str
    record: Record
    types: Mapping[str, Type]
    unit: str | None
    key: tuple[str, ...]
    rules: tuple[CheckedRule, ...] = ()
    screens: tuple[CheckedScreen, ...] = ()


@frozen(eq=False, repr=False)
class Measure:
    """A metric that is aggregated from rows.

    `filters` must all be true for a row to count. `field`: the number (or, for distinct, any) field. `reached`: for a
    rate, a date expression (reached when it lies at or before the window's end) or a condition. `empty_is_missing`:
    no row gives missing instead of zero.
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


@frozen(eq=False, repr=False)
class Growth:
    """Growth of the metric `of` against the same window a year, half, quarter, month or week earlier."""

    of: str
    against: str


Kernel = Measure | Expression | Growth


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

    `exceptions`: unit → its own number, or None where the target does not apply.
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
