"""Two campaigns → what changed between them, in meaning and in results.

`compare` holds the models of two loaded campaigns side by side: what was added, removed, renamed or changed, with both
places, in the order of weight (meaning, unit of display, wording), and what rests on it. `compare_results` evaluates both
on the same data. Must not know: terminals, how campaigns are read or evaluated.
"""

from __future__ import annotations

from attrs import evolve, frozen

from campaignrules import driver
from campaignrules.checked import CheckedCampaign
from campaignrules.differing.dependents import Dependents
from campaignrules.differing.elements import Change, How, Owner, Pair, Rank, renames_of
from campaignrules.differing.moved import Moved, compare_results
from campaignrules.differing.silence import Silence
from campaignrules.errors import Span
from campaignrules.model import Target

__all__ = ["Change", "Comparison", "How", "Moved", "Owner", "Rank", "compare", "compare_results"]

_WEIGHT = {"meaning": 0, "display": 1, "wording": 2}


@frozen(eq=False, repr=False)
class Comparison:
    """What changed. `renames`: old id → new id."""

    before: driver.Campaign
    after: driver.Campaign
    changes: tuple[Change, ...]
    renames: dict[str, str]

    @property
    def same(self) -> bool:
        """Whether both mean the same, however they are worded and in whatever units they are shown."""
        return not any(change.rank == "meaning" for change in self.changes)


def compare(before: driver.Campaign, after: driver.Campaign) -> Comparison:
    """What changed from one campaign to the other, as they stand with their readings and overlays."""
    one, other = before.checked, after.checked
    renames = renames_of(one.campaign, other.campaign)
    pair = Pair(one.campaign, other.campaign, (Silence(one), Silence(other)), renames)
    found = [*pair.changes(), *_displays(one, other, renames)]
    found.sort(key=lambda change: _WEIGHT[change.rank])
    resting = Dependents(one.campaign), Dependents(other.campaign)
    return Comparison(before, after, tuple(_with_affected(change, *resting) for change in found), renames)


def _with_affected(change: Change, before: Dependents, after: Dependents) -> Change:
    if change.rank != "meaning" or not change.owner.id:
        return change
    asked = before if change.how == "removed" else after
    return evolve(change, affects=asked.of(change.owner.section, change.owner.id))


def _displays(before: CheckedCampaign, after: CheckedCampaign, renames: dict[str, str]) -> list[Change]:
    """Targets whose numbers are the same but are shown in another unit, because their number is written in it."""
    known = {renames.get(one.target.id, one.target.id): one for one in before.targets}
    found = []
    for other in after.targets:
        one = known.get(other.target.id)
        if one is None or one.unit.name == other.unit.name or _number(one.target) == _number(other.target):
            continue
        owner = Owner("targets", other.target.id, other.target.title or other.metric.metric.title, other.target.source)
        path = f"targets.{other.target.id}.{other.comparator}"
        spans = _place(one.target, one.comparator), _place(other.target, other.comparator)
        units = one.unit.name, other.unit.name
        found.append(Change("changed", "display", owner, path, "unit", Target, *units, *spans))
    return found


def _place(target: Target, key: str) -> Span | None:
    return None if target.node is None else target.spot(key).span


def _number(target: object) -> object:
    """The number as it is written; where that is the same, the metric's own unit is another, which is told there."""
    return tuple(getattr(target, key) for key in ("at_least", "at_most", "exactly", "between"))
