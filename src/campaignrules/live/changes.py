"""What a batch changed: rows of results that are different, as they were and as they are.

Comes in: rows before and after. Goes out: `Change`. Must not know: how anything is evaluated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from attrs import define, frozen

from campaignrules.comparison import KEYS, by_key
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


@define(eq=False, repr=False, slots=False)
class Change:
    """What is different after a batch, in the order of the results. Empty where a batch changed rows but no result.

    The rows are made when they are first looked at: which cells differ is known, a row of results takes longer.
    """

    _rows: Mapping[str, Callable[[], tuple[Changed[Any], ...]]]

    def _made(self, kind: str) -> tuple[Changed[Any], ...]:
        return self._rows[kind]() if kind in self._rows else ()

    @cached_property
    def progress(self) -> tuple[Changed[Progress], ...]:
        return self._made("progress")

    @cached_property
    def duties(self) -> tuple[Changed[DutyResult], ...]:
        return self._made("duties")

    @cached_property
    def outcomes(self) -> tuple[Changed[OutcomeResult], ...]:
        return self._made("outcomes")

    @cached_property
    def scores(self) -> tuple[Changed[Score], ...]:
        return self._made("scores")

    @cached_property
    def rankings(self) -> tuple[Changed[Placing], ...]:
        return self._made("rankings")

    @cached_property
    def honours(self) -> tuple[Changed[HonourResult], ...]:
        return self._made("honours")

    @cached_property
    def returns(self) -> tuple[Changed[ReturnResult], ...]:
        return self._made("returns")

    @cached_property
    def findings(self) -> tuple[Changed[Finding], ...]:
        return self._made("findings")

    @cached_property
    def counts(self) -> tuple[Changed[TableCount], ...]:
        return self._made("counts")

    def __bool__(self) -> bool:
        return any(getattr(self, kind) for kind in self._rows)


def different(kind: str, before: Iterable[Any], after: Iterable[Any]) -> tuple[Changed[Any], ...]:
    """The rows of one kind that are different: those that are there now in their order, then those that are gone."""
    names = ("record",) if kind == "counts" else KEYS
    old, new = by_key(before, names), by_key(after, names)
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
