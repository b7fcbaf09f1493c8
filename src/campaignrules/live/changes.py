"""What a batch changed: rows of results that are different, as they were and as they are.

Comes in: rows before and after. Goes out: `Change`. Must not know: how anything is evaluated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from attrs import fields, frozen

from campaignrules.results import (
    DutyResult,
    Finding,
    HonourResult,
    OutcomeResult,
    Placing,
    Progress,
    ReturnResult,
    Score,
    TableCount,
)

Row = TypeVar("Row")


@frozen
class Changed(Generic[Row]):
    """One row of results before and after; None where there was or is no such row."""

    before: Row | None
    after: Row | None


@frozen(repr=False)
class Change:
    """What is different after a batch, in the order of the results. Empty where a batch changed rows but no result."""

    progress: tuple[Changed[Progress], ...] = ()
    duties: tuple[Changed[DutyResult], ...] = ()
    outcomes: tuple[Changed[OutcomeResult], ...] = ()
    scores: tuple[Changed[Score], ...] = ()
    rankings: tuple[Changed[Placing], ...] = ()
    honours: tuple[Changed[HonourResult], ...] = ()
    returns: tuple[Changed[ReturnResult], ...] = ()
    findings: tuple[Changed[Finding], ...] = ()
    counts: tuple[Changed[TableCount], ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(Change))


KEYS: Final[dict[str, Callable[[Any], Hashable]]] = {
    "progress": attrgetter("target", "unit", "window"),
    "duties": attrgetter("duty", "unit", "window", "due_on"),
    "outcomes": attrgetter("outcome"),
    "scores": attrgetter("scorecard", "item", "unit", "window"),
    "rankings": attrgetter("ranking", "unit", "window"),
    "honours": attrgetter("honour", "unit", "window"),
    "returns": attrgetter("return_", "unit", "window"),
    "counts": attrgetter("record"),
}
"""What a row of each kind of results is known by."""


def different(kind: str, before: Iterable[Any], after: Iterable[Any]) -> tuple[Changed[Any], ...]:
    """The rows of one kind that are different: those that are there now in their order, then those that are gone."""
    key = KEYS[kind]
    old, new = {key(row): row for row in before}, {key(row): row for row in after}
    found = [Changed(old.get(name), row) for name, row in new.items() if old.get(name) != row]
    return (*found, *(Changed(row, None) for name, row in old.items() if name not in new))


def told_otherwise(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Changed[Finding], ...]:
    """Findings that are there no longer, then those that are new."""
    old, new = list(before), list(after)
    gone, come = Counter(old), Counter(new)
    return (
        *(Changed(one, None) for one in _left(old, gone - come)),
        *(Changed(None, one) for one in _left(new, come - gone)),
    )


def _left(findings: Iterable[Finding], many: Counter[Finding]) -> Iterator[Finding]:
    for one in findings:
        if many[one] > 0:
            many[one] -= 1
            yield one
