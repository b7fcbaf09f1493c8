"""Where doing more earns less: points that fall, points against a target, one thing missing that takes everything.

In: the ways of items as the file states them. Out: findings. Must not know: data. What only a formula hides is left to
`verify` (more-is-not-less).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal

from campaignrules.checked import CheckedCampaign, CheckedMetric, CheckedTarget
from campaignrules.consistency.bands import Ray, ray_of
from campaignrules.consistency.stated import ONE, ZERO, exactly, items_of, metric_of, number_of, reach, ways_of
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.model import Item, Way
from campaignrules.quantities import EXACT, plain_text

MOST_BANDS: Final = 64
"""Bands of one way that are compared with each other."""
Direction = Literal["more", "less", "both", ""]
BY_VALUE: Final = (
    "by_steps",
    "interpolated",
    "by_brackets",
    "in_proportion_to",
    "min_max",
    "by_place",
    "from_mean",
    "each",
    "over",
)


# -- points along a value ----------------------------------------------------------------------------------------------


def falling_points(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Steps and tables whose points rise and fall again, so that somewhere one more earns less."""
    for name, item in items_of(checked):
        for way, _ in ways_of(item):
            points = _along(checked, way)
            if _direction(points) == "both":
                fall = next((a, b) for a, b in pairwise(points) if a[1] > b[1])
                key = "steps" if way.steps else "table" if way.table else "brackets"
                words: dict[str, Any] = {"most": plain_text(fall[0][1]), "least": plain_text(fall[1][1])}
                yield fault("points-fall", way.spot(key), subject=name, **words)


def _along(checked: CheckedCampaign, way: Way) -> list[tuple[Decimal, Decimal]]:
    """(value, points) in ascending order of the value, each band once or more; empty where something is no number."""
    if way.table:
        pairs = [tuple(exactly(checked, text) for text in pair) for pair in way.table]
        return [(x, y) for x, y in (pair for pair in pairs if len(pair) == 2) if x is not None and y is not None]
    if way.brackets:
        return _bracketed(checked, way)
    rays = [ray_of(checked, step) for step in way.steps[:MOST_BANDS]]
    points = [exactly(checked, step.points) for step in way.steps[:MOST_BANDS]]
    last = exactly(checked, way.otherwise or "0")
    if not way.steps or len(way.steps) > MOST_BANDS or None in (*rays, *points, last) or last is None:
        return []
    known = [(ray, each) for ray, each in zip(rays, points, strict=True) if ray is not None and each is not None]
    return [(value, _points(known, value, last)) for value in _values([ray.limit for ray, _ in known])]


def _bracketed(checked: CheckedCampaign, way: Way) -> list[tuple[Decimal, Decimal]]:
    """The points at the ends of brackets, counted from zero by the points of each; only whether they fall matters."""
    rates = [exactly(checked, bracket.points) for bracket in way.brackets]
    total, found = ZERO, [(ZERO, ZERO)]
    for i, rate in enumerate(rates):
        if rate is None:
            return []
        total = EXACT.add(total, rate)
        found.append((Decimal(i + 1), total))
    return found


def _points(bands: Sequence[tuple[Ray, Decimal]], value: Decimal, otherwise: Decimal) -> Decimal:
    return next((points for ray, points in bands if _takes(ray, value)), otherwise)


def _takes(ray: Ray, value: Decimal) -> bool:
    return (value == ray.limit and ray.closed) or (value > ray.limit if ray.upwards else value < ray.limit)


def _values(limits: list[Decimal]) -> list[Decimal]:
    """A value in each band: the limits, one between each two of them, one beyond either end."""
    ordered = sorted(set(limits))
    between = [EXACT.multiply(EXACT.add(a, b), Decimal("0.5")) for a, b in pairwise(ordered)]
    return sorted([ordered[0] - ONE, *ordered, *between, ordered[-1] + ONE])


def _direction(points: Sequence[tuple[Decimal, Decimal]]) -> Direction:
    rises = any(a[1] < b[1] for a, b in pairwise(points))
    falls = any(a[1] > b[1] for a, b in pairwise(points))
    return "both" if rises and falls else "more" if rises else "less" if falls else ""


# -- signs -------------------------------------------------------------------------------------------------------------


def reversed_signs(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Negative points or a negative factor: what is to be lost is then earned, and what is to be earned is lost."""
    for name, item in items_of(checked):
        for way, loses in ways_of(item):
            signs = [exactly(checked, getattr(way, key)) for key in SIGNED]
            below = [key for key, value in zip(SIGNED, signs, strict=True) if value is not None and value < ZERO]
            if len(below) == 1:  # two of them make a plain number again
                said: dict[str, Any] = {
                    "said": f"{below[0]}: {getattr(way, below[0])}",
                    "key": "lose" if loses else "earn",
                }
                yield fault("sign-reversed", way.spot(below[0]), subject=name, **said)


SIGNED: Final = ("points", "times")


def deductions_above_zero(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """A floor above zero where points are only lost: with nothing to lose they are given."""
    for name, item in items_of(checked):
        floor = exactly(checked, item.floor)
        losing = [loses for _, loses in ways_of(item)]
        if losing and all(losing) and floor is not None and floor > ZERO:
            yield fault("deduction-above-zero", item.spot("floor"), subject=name, floor=str(item.floor))


# -- points against targets --------------------------------------------------------------------------------------------


def points_against_targets(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """An item that rewards less of what a target demands at least so much of, or more of what it limits."""
    wanted = _one_way(checked)
    for name, item in items_of(checked):
        for way, loses in ways_of(item):
            verb = next((key for key in BY_VALUE if getattr(way, key) is not None), None)
            metric = metric_of(checked, getattr(way, verb)) if verb else None
            if verb is None or metric is None or metric.id not in wanted:
                continue
            target, rewards = wanted[metric.id], _rewards(checked, way, verb, metric)
            needed = "less" if target.comparator == "at_most" else "more"
            if rewards in ("more", "less") and (rewards == needed) == loses:
                yield fault(
                    "points-against-target", way.spot(verb), subject=name, metric=metric.id, target=target.target.id,
                    related=[(target.target.spot(target.comparator), Text(f"目标 {target.target.id}", f"target {target.target.id}"))],
                )  # fmt: skip


def _one_way(checked: CheckedCampaign) -> dict[str, CheckedTarget]:
    """A target for each metric of which all targets want more, or all want less."""
    found: dict[str, CheckedTarget] = {}
    both: set[str] = set()
    for one in checked.targets:
        if one.comparator in ("at_least", "at_most", "every"):
            first = found.setdefault(one.metric.id, one)
            if (first.comparator == "at_most") != (one.comparator == "at_most"):
                both.add(one.metric.id)
    return {name: target for name, target in found.items() if name not in both}


def _rewards(checked: CheckedCampaign, way: Way, verb: str, metric: CheckedMetric) -> Direction:
    """Whether more or less of the value makes the way give more points; '' where that is not plain."""
    if verb in ("by_steps", "interpolated", "by_brackets"):
        return _direction(_along(checked, way))
    if verb in ("each", "over"):
        return "more" if reach(checked, metric)[0] == ZERO or verb == "over" else ""
    return way.better


# -- one missing -------------------------------------------------------------------------------------------------------


def one_missing_takes_all(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """A deduction for each that is missing that takes, for the first one, all that the same thing can earn.

    With R required, t times p points for each missing one, against R times q points earned for those that are there (or
    the worth of the item where nothing else earns): one missing takes all when t * p >= R * q.
    """
    for name, item in items_of(checked):
        for way, loses in ways_of(item):
            required = _required(checked, way)
            if not loses or way.each_missing is None or required is None or required <= ONE:
                continue
            if _takes_all(checked, item, way, required):
                words: dict[str, Any] = {
                    "times": way.times or "1",
                    "required": plain_text(required),
                    "what": way.each_missing,
                }
                yield fault("one-missing-takes-all", way.spot("each_missing"), subject=name, **words)


def _required(checked: CheckedCampaign, way: Way) -> Decimal | None:
    if way.required is not None:
        target = _target_number(checked, way.required)
        return target if target is not None else exactly(checked, way.required)
    return _target_number(checked, way.each_missing)


def _target_number(checked: CheckedCampaign, text: str | None) -> Decimal | None:
    return next((number_of(one) for one in checked.targets if one.target.id == text), None)


def _takes_all(checked: CheckedCampaign, item: Item, way: Way, required: Decimal) -> bool:
    times = exactly(checked, way.times) if way.times is not None else ONE
    if times is None:
        return False
    if way.points is None:  # so much of the worth for each
        return times >= required
    lost, worth = exactly(checked, way.points), exactly(checked, item.worth) if isinstance(item.worth, str) else None
    if lost is not None and worth is not None and EXACT.multiply(times, lost) >= worth:
        return True
    return any(_earned_alike(checked, way, other, times, required) for other, loses in ways_of(item) if not loses)


def _earned_alike(checked: CheckedCampaign, way: Way, other: Way, times: Decimal, required: Decimal) -> bool:
    """Whether another way earns for the same thing, and no more for all that is required than one missing takes."""
    ours, theirs = metric_of(checked, way.each_missing), metric_of(checked, other.each)
    if ours is None or theirs is None or ours.id != theirs.id or other.points is None or way.points is None:
        return False
    if way.points == other.points:  # the same parameter, whatever it will be
        return times >= required
    lost, earned = exactly(checked, way.points), exactly(checked, other.points)
    return lost is not None and earned is not None and EXACT.multiply(times, lost) >= EXACT.multiply(required, earned)
