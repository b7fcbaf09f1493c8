"""Bands against what they divide: gaps between steps, bands that nothing can reach, targets nothing can miss or meet.

In: steps, grades and targets as the file states them. Out: findings. Must not know: who reaches which band.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from campaignrules.checked import CheckedCampaign, CheckedTarget
from campaignrules.consistency.stated import (
    Reach,
    exactly,
    items_of,
    metric_of,
    number_of,
    reach,
    shown,
    ways_of,
)
from campaignrules.errors import Diagnostic, fault
from campaignrules.model import Grade, Scorecard, Step, Way

COMPARISONS: Final = ("at_least", "above", "at_most", "below")


@frozen(eq=False, repr=False)
class Ray:
    """The values on one side of a limit: `at_least`, `above`, `at_most` or `below` it."""

    comparison: str
    limit: Decimal

    @property
    def upwards(self) -> bool:
        return self.comparison in ("at_least", "above")

    @property
    def closed(self) -> bool:
        return self.comparison in ("at_least", "at_most")

    def wider(self, other: Ray | None) -> bool:
        """Whether it takes all that another one of its side does, and more or the same."""
        if other is None:
            return True
        if self.limit == other.limit:
            return self.closed or not other.closed
        return (self.limit < other.limit) == self.upwards


def ray_of(checked: CheckedCampaign, step: Step | Grade) -> Ray | None:
    """What a step takes; None where that is not a number of the file."""
    for comparison in COMPARISONS:
        limit = exactly(checked, getattr(step, comparison, None))
        if limit is not None:
            return Ray(comparison, limit)
    return None


# -- steps -------------------------------------------------------------------------------------------------------------


def steps(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Steps of each way: values that fall between them, steps that take nothing, steps beyond what can be."""
    for name, item in items_of(checked):
        for way, _ in ways_of(item):
            rays = [ray_of(checked, step) for step in way.steps]
            if way.steps and None not in rays:
                known = [ray for ray in rays if ray is not None]
                yield from _between(name, way, known)
                yield from _shadowed(name, way, known)
                yield from _beyond(checked, name, way, known)


def _between(subject: str, way: Way, rays: list[Ray]) -> Iterator[Diagnostic]:
    """Values above all steps that go down and below all that go up: none takes them, though they lie in the middle."""
    up, down = _widest(rays, upwards=True), _widest(rays, upwards=False)
    if up is None or down is None or way.otherwise is not None:
        return
    if down.limit < up.limit or (down.limit == up.limit and not (up.closed or down.closed)):
        step = way.steps[rays.index(up)]
        said = getattr(way.steps[rays.index(down)], down.comparison), getattr(step, up.comparison)
        yield fault("bands-leave-gap", step.spot(up.comparison), subject=subject, low=said[0], high=said[1])


def _widest(rays: list[Ray], *, upwards: bool) -> Ray | None:
    best: Ray | None = None
    for ray in rays:
        if ray.upwards == upwards and ray.wider(best):
            best = ray
    return best


def _shadowed(subject: str, way: Way, rays: list[Ray]) -> Iterator[Diagnostic]:
    """Steps of which nothing is left: the same limit twice, or all values taken from both sides.

    A limit inside a wider step above it is told when the file is loaded.
    """
    widest: dict[bool, Ray] = {}
    for ray, step in zip(rays, way.steps, strict=True):
        same, other = widest.get(ray.upwards), widest.get(not ray.upwards)
        repeated = same is not None and same.limit == ray.limit and same.wider(ray)
        if repeated or (same is not None and other is not None and _all_taken(same, other) and not same.wider(ray)):
            yield fault("unreachable-step", step.spot(ray.comparison), subject=subject)
        widest[ray.upwards] = ray if ray.wider(same) or same is None else same


def _all_taken(one: Ray, other: Ray) -> bool:
    """Whether two rays of different sides leave no value between them."""
    up, down = (one, other) if one.upwards else (other, one)
    return up.limit < down.limit or (up.limit == down.limit and (up.closed or down.closed))


def _beyond(checked: CheckedCampaign, subject: str, way: Way, rays: list[Ray]) -> Iterator[Diagnostic]:
    """Steps beyond the least or greatest value that the metric can have."""
    metric = metric_of(checked, way.by_steps)
    if metric is None:
        return
    bounds = reach(checked, metric)
    for ray, step in zip(rays, way.steps, strict=True):
        if _is_beyond(ray, bounds):
            spot, said = step.spot(ray.comparison), getattr(step, ray.comparison)
            words: dict[str, Any] = {"said": said, "metric": metric.id, **_ends(bounds, metric.unit)}
            yield fault("band-out-of-reach", spot, subject=subject, **words)


def _is_beyond(ray: Ray, bounds: Reach) -> bool:
    end = bounds[1] if ray.upwards else bounds[0]
    if end is None:
        return False
    strictly = ray.limit > end if ray.upwards else ray.limit < end
    return strictly or (ray.limit == end and not ray.closed)


def _ends(bounds: Reach, unit: Any) -> dict[str, str]:
    low, high = ("…" if end is None else shown(end, unit) for end in bounds)
    return {"low": low, "high": high}


# -- grades ------------------------------------------------------------------------------------------------------------


def grades(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Grades that a better one leaves nothing, or that no total reaches; totals below all grades."""
    for name, card in checked.campaign.scorecards.items():
        best: Ray | None = None
        for grade in card.grades:
            ray, subject = ray_of(checked, grade), f"{name}.{grade.id}"
            if ray is None or not ray.upwards:
                continue
            if best is not None and best.wider(ray):
                yield fault("unreachable-grade", grade.spot(ray.comparison), subject=subject, name=grade.id)
            elif grade.when is None and grade.top is None:
                best = ray
            yield from _above_all(checked, card, grade, ray, subject)
        if card.grades and best is not None and not _takes_all(card.grades[-1]):
            last = card.grades[-1]
            yield fault("grades-leave-rest", last.node, subject=name, name=last.id)


def _takes_all(grade: Grade) -> bool:
    return all(getattr(grade, key) is None for key in ("at_least", "above", "top", "when"))


def _above_all(checked: CheckedCampaign, card: Scorecard, grade: Grade, ray: Ray, subject: str) -> Iterator[Diagnostic]:
    """A grade above the cap of the total."""
    cap = exactly(checked, card.cap) if card.cap not in (None, "none") else None
    if cap is not None and _is_beyond(ray, (None, cap)):
        words: dict[str, Any] = {
            "said": getattr(grade, ray.comparison),
            "metric": "total",
            "low": "…",
            "high": card.cap,
        }
        yield fault("band-out-of-reach", grade.spot(ray.comparison), subject=subject, **words)


# -- targets -----------------------------------------------------------------------------------------------------------


def targets(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Targets that no data can meet, or none can miss."""
    for target in checked.targets:
        number, comparator = number_of(target), target.comparator
        if number is None or comparator not in ("at_least", "at_most", "exactly"):
            continue
        low, high = bounds = reach(checked, target.metric)
        above = high is not None and number > high and comparator != "at_most"
        below = low is not None and number < low and comparator != "at_least"
        if above or below:
            yield _said(target, number, bounds, "target-out-of-reach")
        elif (comparator == "at_least" and low is not None and number <= low) or (
            comparator == "at_most" and high is not None and number >= high
        ):
            yield _said(target, number, bounds, "target-always-met")


def _said(target: CheckedTarget, number: Decimal, bounds: Reach, code: str) -> Diagnostic:
    words: dict[str, Any] = {
        "said": shown(number, target.unit),
        "metric": target.metric.id,
        **_ends(bounds, target.metric.unit),
    }
    return fault(code, target.target.spot(target.comparator), subject=target.target.id, **words)
