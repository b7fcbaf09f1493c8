"""What is to be said of the rows that stand, without a look at those of which there is nothing to say.

A finding speaks of rows that are set aside, were understood though not plainly written, or lie outside the campaign's
period; intake is asked again about these rows alone, under the numbers they have, and told how many good rows outside the
period there are beside. Comes in: what was read, rows held, patches. Goes out: findings. Must not know: cubes, results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from attrs import define, evolve, field

from campaignrules.checked import RETURNS, UNIT_TABLE, CheckedCampaign
from campaignrules.intake.conversion import Number
from campaignrules.intake.raw import Raw
from campaignrules.intake.submission import Sorted, Submission, submission_of
from campaignrules.live.batches import outside_period
from campaignrules.live.held import BITS, PLACE, Held, Patch
from campaignrules.results import Finding

QUIET: Final = frozenset(
    ("blank-rows", "column-not-read", "column-numbers", "column-without-header", "header-found", "lone-text", "note-row", "outside-period",
     "repeated-header", "totals-row", "unknown-column", "unit-from-heading", "unit-of-sheet", "wrong-unit", "formula-cells", "hidden-rows",
     "encoding-found")
)  # fmt: skip
"""Findings that no good row gives rise to, or that are counted here."""


@define(eq=False, repr=False)
class Told:
    """Of one record type: `loud`: some good row, nobody knows which, is spoken of; `noted`: such rows that came later.

    `mates`: rows with the keys of those that are set aside; `outside`: for each table, good rows outside the period.
    """

    loud: bool
    mates: frozenset[int]
    outside: Counter[int]
    percent: bool
    noted: set[int] = field(factory=set)


@define(eq=False, repr=False)
class Talk:
    """The findings on the rows of a session. `findings`: None until somebody asks again."""

    checked: CheckedCampaign
    read: Sorted
    findings: tuple[Finding, ...]
    told: dict[str, Told]

    @classmethod
    def of(cls, checked: CheckedCampaign, read: Sorted, submission: Submission, held: Mapping[str, Held]) -> Talk:
        """What intake said, and about whom."""
        told = {record: _told(record, one, submission.findings) for record, one in held.items()}
        return cls(checked, read, submission.findings, told)

    def differs(self, patches: Mapping[str, Patch], held: Mapping[str, Held]) -> bool:
        """Whether anything is to be said otherwise once the patches count."""
        found = [self._differs(self.told[record], patch, held[record]) for record, patch in patches.items()]
        return any(found)

    def _differs(self, told: Told, patch: Patch, held: Held) -> bool:
        """Counts on the way how many rows lie outside the period."""
        lost, come = outside_period(held.kind, held.rows(patch.gone)), outside_period(held.kind, patch.typed)
        before = dict(told.outside)
        told.outside.subtract(lost)
        told.outside.update(come)
        spoken = told.noted | held.aside
        differs = told.loud or told.percent or bool(patch.aside or patch.noted) or not spoken.isdisjoint(patch.gone)
        told.noted |= patch.noted - patch.aside
        return differs or before != dict(told.outside) or _renumbered(patch, held, spoken)

    def said(self, held: Mapping[str, Held]) -> tuple[Finding, ...]:
        """All findings, from the rows that are spoken of."""
        raws: dict[str, list[Raw]] = {}
        for record, one in held.items():
            told = self.told[record]
            if told.loud or told.percent or record in (UNIT_TABLE, RETURNS):
                raws[record] = [piece.standing() for piece in one.pieces]
            else:
                raws[record] = _spoken_of(told, one)
        return submission_of(self.checked, evolve(self.read, raws=raws)).findings


def _told(record: str, held: Held, findings: tuple[Finding, ...]) -> Told:
    own = [found for found in findings if found.record == record and not found.set_aside]
    loud = any(found.code not in QUIET for found in own) or any(found.code == "more-findings" for found in findings)
    mates = (
        {mate for identity, _ in held.unsound(sorted(held.aside)) for mate in held.index.all(identity)}
        if held.keyed
        else ()
    )
    percent = any(isinstance(one.converter, Number) and one.converter.unit.name == "%" for one in held.kind.fields)
    outside = Counter(outside_period(held.kind, held.standing().collect()))
    shown = percent and any(piece.raw.formats.percent is None for piece in held.pieces)
    return Told(loud, frozenset(mates), outside, shown)


def _renumbered(patch: Patch, held: Held, spoken: set[int]) -> bool:
    """Whether a row that is spoken of stands, in a table whose rows are counted, behind one that goes for good."""
    come, first = {at for _, at in patch.known}, dict[int, int]()
    for at in patch.gone:
        if at not in come:
            first[at >> BITS] = min(at, first.get(at >> BITS, at))
    return any(held.pieces[n].grows and any(at < one and one >> BITS == n for one in spoken) for n, at in first.items())


def _spoken_of(told: Told, held: Held) -> list[Raw]:
    chosen = (told.mates & held.all_positions(told.mates)) | held.aside | (told.noted & held.all_positions(told.noted))
    inside = outside_period(held.kind, held.rows(sorted(chosen)))
    found = []
    for number, piece in enumerate(held.pieces):
        places = [at & PLACE for at in chosen if at >> BITS == number]
        found.append(piece.some(places, told.outside[number] - inside.get(number, 0)))
    return found
