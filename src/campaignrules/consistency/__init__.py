"""CheckedCampaign → warnings where its numbers do not add up.

So far: the sums of a partition of windows (four quarters against the year) for flows. Must not know: data.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from campaignrules.calendar import DAY, Window
from campaignrules.checked import CheckedCampaign, CheckedTarget, Measure
from campaignrules.consistency.acknowledged import acknowledge
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.quantities import EXACT, Unit, divide, plain_text

ADDITIVE: Final = ("count", "sum")


def examine(checked: CheckedCampaign) -> tuple[Diagnostic, ...]:
    """What every examination finds."""
    return tuple(found for look in EXAMINATIONS for found in look(checked))


def _sums_below_whole(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    groups: dict[object, list[tuple[CheckedTarget, Window]]] = defaultdict(list)
    for target in checked.targets:
        if _adds_up(target):
            for window in target.windows:
                groups[target.metric.id, target.judged, target.comparator].append((target, window))
    for members in groups.values():
        for whole, window in members:
            for parts in _partitions(window, [m for m in members if m[1] != window]):
                yield from _compare(whole, window, parts)


def _adds_up(target: CheckedTarget) -> bool:
    kernel = target.metric.kernel
    number = target.low or target.high
    return (
        isinstance(kernel, Measure)
        and kernel.verb in ADDITIVE
        and kernel.accumulate == "flow"
        and target.comparator in ("at_least", "at_most", "exactly")
        and number is not None
        and number.value is not None
    )


def _partitions(
    window: Window, members: list[tuple[CheckedTarget, Window]]
) -> Iterable[tuple[tuple[CheckedTarget, Window], ...]]:
    """Sets of other windows that follow one another and fill `window` exactly, at most one target each."""
    starts: dict[dt.date, list[tuple[CheckedTarget, Window]]] = defaultdict(list)
    for member in members:
        starts[member[1].start].append(member)
    leads = {window.end + DAY}  # the days from which the end can be reached, so that no step is taken in vain
    for _, part in sorted(members, key=lambda m: m[1].start, reverse=True):
        if part.end + DAY in leads:
            leads.add(part.start)
    found: list[tuple[tuple[CheckedTarget, Window], ...]] = []
    todo: list[tuple[dt.date, tuple[tuple[CheckedTarget, Window], ...]]] = [(window.start, ())]
    while todo and len(found) < 4:
        day, chosen = todo.pop()
        if day == window.end + DAY:
            found.append(chosen)
            continue
        todo += [(m[1].end + DAY, (*chosen, m)) for m in starts[day] if m[1].end + DAY in leads]
    return found


def _compare(
    whole: CheckedTarget, window: Window, parts: tuple[tuple[CheckedTarget, Window], ...]
) -> Iterator[Diagnostic]:
    total = Decimal(0)
    for part, _ in parts:
        total = EXACT.add(total, _value(part))
    demanded = _value(whole)
    short = demanded - total if whole.comparator != "at_most" else total - demanded
    if short > 0 or (whole.comparator == "exactly" and short != 0):
        yield _warning(whole, window, parts, total, abs(short))


def _warning(
    whole: CheckedTarget, window: Window, parts: tuple[tuple[CheckedTarget, Window], ...], total: Decimal, gap: Decimal
) -> Diagnostic:
    unit = whole.unit
    first = {p.target.id: (p, w) for p, w in reversed(parts)}
    related = [(p.target.spot(p.comparator), _clause(p, w)) for p, w in reversed(first.values())]
    return fault(
        "parts-below-whole" if whole.comparator != "at_most" else "parts-above-whole",
        whole.target.spot(whole.comparator),
        severity="note" if len(first) == 1 else None,  # one recurring minimum is a rhythm, not a split of the whole
        whole=f"{whole.target.id} ({whole.target.source or '—'})",
        window=window.id,
        demanded=_shown(_value(whole), unit),
        sum=_shown(total, unit),
        gap=_shown(gap, unit),
        parts=", ".join(dict.fromkeys(f"{p.target.id} ({p.target.source or '—'})" for p, _ in parts)),
        related=related,
    )


def _clause(part: CheckedTarget, window: Window) -> Text:
    shown = f"{window.id} {_shown(_value(part), part.unit)}"
    clause = part.target.source or "—"
    return Text(f"{part.target.id}（条款 {clause}）：{shown}", f"{part.target.id} (clause {clause}): {shown}")


def _value(target: CheckedTarget) -> Decimal:
    number = target.low or target.high
    return number.value if number is not None and number.value is not None else Decimal(0)


def _shown(value: Decimal, unit: Unit) -> str:
    return f"{plain_text(divide(value, unit.factor) or Decimal(0))} {unit.name}"


EXAMINATIONS: Final[tuple[Callable[[CheckedCampaign], Iterable[Diagnostic]], ...]] = (_sums_below_whole,)

__all__ = ["EXAMINATIONS", "acknowledge", "examine"]
