"""What the passing cases of a campaign have touched, and what none of them has.

In: expectations that hold with the rows they name; a checked campaign. Out: `Coverage`: for each part (targets, items,
gates …) all there is, and what is left. To touch something, an expectation states a cell that follows from data, of a
row that was decided. Must not know: files of tests, reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from campaignrules.errors import Span, Text, visible

if TYPE_CHECKING:
    from campaignrules.cases.judging import Verdict
    from campaignrules.evaluation import Evaluation

Touched = frozenset[tuple[str, str]]
"""(part, id) of what was touched."""


@frozen
class Element:
    """One thing to be touched; `span`: where it stands in the campaign's file."""

    id: str
    name: Text
    span: Span | None

    @property
    def file(self) -> str | None:
        return self.span.file if self.span else None

    @property
    def line(self) -> int | None:
        return self.span.line if self.span else None

    @property
    def place(self) -> str:
        """`campaigns/x.yaml:12: `."""
        return f"{visible(self.file or '')}:{self.line}: " if self.span else ""


@frozen(eq=False, repr=False)
class Part:
    """One kind of things: all there are, and those that were touched."""

    id: str
    title: Text
    all: tuple[Element, ...]
    touched: frozenset[str]

    @property
    def left(self) -> tuple[Element, ...]:
        return tuple(one for one in self.all if one.id not in self.touched)


@frozen(eq=False, repr=False)
class Coverage:
    """What is covered of a campaign."""

    campaign: str
    parts: tuple[Part, ...]


def touched_by(verdicts: Sequence[Verdict], evaluation: Evaluation) -> Touched:
    """What expectations that hold have touched."""
    del verdicts, evaluation
    return frozenset()
