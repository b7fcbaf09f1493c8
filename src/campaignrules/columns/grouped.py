"""Functions over a group of units: least, mean, how many lie above; sorted once, no pair is looked at alone.

In: which group each row is in and whether it is a member, and columns of whole numbers with which of them are known.
Out: values, which are known, and their scale. docs/evaluation.md says what each function means. Must not know: trees,
scorecards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from campaignrules.columns import whole
from campaignrules.quantities import DIVISION_PLACES

Array = np.ndarray[Any, Any]


@frozen(eq=False, repr=False)
class Groups:
    """For each row the number of its group, from 0, and whether it is a member or only looks at it."""

    code: Array
    member: Array

    @property
    def count(self) -> int:
        return int(self.code.max()) + 1 if len(self.code) else 0


Answer = tuple[Array, Array, int]
Columns = Sequence[Array]


def _members(groups: Groups, known: Array) -> tuple[Array, Array]:
    """The rows of members with a known value, and how many each group has."""
    at = np.flatnonzero(groups.member & known)
    return at, np.bincount(groups.code[at], minlength=groups.count)


def _extreme(rule: Any, least: bool) -> Callable[[Groups, Columns, Columns, int], Answer]:
    def apply(groups: Groups, values: Columns, known: Columns, scale: int) -> Answer:
        at, count = _members(groups, known[0])
        x = values[0][at]
        start = (x.max() if least else x.min()) if len(x) else 0
        found = np.full(groups.count, start, dtype=x.dtype)
        rule.at(found, groups.code[at], x)
        return found[groups.code], count[groups.code] > 0, scale

    return apply


def _sums(groups: Groups, values: Columns, known: Columns) -> tuple[Array, Array]:
    at, count = _members(groups, known[0])
    x = values[0][at]
    if x.dtype != object and whole.largest(x) * len(x) >= whole.LIMIT:
        x = x.astype(object)
    found = np.zeros(groups.count, dtype=x.dtype)
    np.add.at(found, groups.code[at], x)
    return whole.narrow(found), count


def _total(groups: Groups, values: Columns, known: Columns, scale: int) -> Answer:
    found, count = _sums(groups, values, known)
    return found[groups.code], count[groups.code] > 0, scale


def _average(groups: Groups, values: Columns, known: Columns, scale: int) -> Answer:
    found, count = _sums(groups, values, known)
    mean = whole.divided(found, np.maximum(count, 1), DIVISION_PLACES - scale)
    return mean[groups.code], count[groups.code] > 0, DIVISION_PLACES


def _how_many(groups: Groups, _: Columns, known: Columns, __: int) -> Answer:
    _at, count = _members(groups, known[0])
    return count[groups.code], np.ones(len(groups.code), dtype=bool), 0


# -- among the others ---------------------------------------------------------------------------------------------


class Ordered:
    """Keys of `in_order` put in order, to count in each row's group those on one side of the row's own."""

    def __init__(self, code: Array, span: int, keys: Array) -> None:
        self.keys = np.sort(keys)
        count = int(code.max()) + 1 if len(code) else 0
        self.end = np.searchsorted(self.keys, np.arange(1, count + 1) * span)[code]

    def above(self, keys: Array) -> Array:
        """How many of the group lie above each key."""
        return np.asarray(self.end - np.searchsorted(self.keys, keys, side="right"))

    def from_(self, keys: Array) -> Array:
        """How many of the group lie at or above each key."""
        return np.asarray(self.end - np.searchsorted(self.keys, keys))


def in_order(code: Array, *values: Array) -> tuple[list[Array], int]:
    """For each value a 64-bit key that orders it inside its group, and what keys of one group differ by at most."""
    if all(one.dtype != object for one in values) and values[0].size:
        low = min(int(one.min()) for one in values)
        span = max(int(one.max()) for one in values) - low + 1
        if (int(code.max()) + 2) * span < whole.LIMIT and max(map(whole.largest, values)) < whole.LIMIT // 4:
            return [code * span + (one - low) for one in values], span
    _, rank = np.unique(np.concatenate(values), return_inverse=True)
    span = len(rank) + 1
    return [code * span + part for part in np.split(rank.reshape(-1), len(values))], span


def _zeroed(values: Columns, known: Columns) -> list[Array]:
    """What stands in the place of a missing value must not stretch the keys."""
    return [np.where(k, v, 0) if v.dtype != object else _zeroed_wide(v, k) for v, k in zip(values, known, strict=True)]


def _zeroed_wide(values: Array, known: Array) -> Array:
    found = values.copy()
    found[~known] = 0
    return found


def _above(groups: Groups, values: Columns, known: Columns, _: int) -> Answer:
    at, _count = _members(groups, known[1])
    (x, y), span = in_order(groups.code, *_zeroed(values, known))
    itself = groups.member & known[1] & (y > x)
    return Ordered(groups.code, span, y[at]).above(x) - itself, known[0], 0


def _level(groups: Groups, values: Columns, known: Columns, _: int) -> Answer:
    at, _count = _members(groups, known[1])
    (x, y), span = in_order(groups.code, *_zeroed(values, known))
    ordered = Ordered(groups.code, span, y[at])
    itself = groups.member & known[1] & (y == x)
    return ordered.from_(x) - ordered.above(x) - itself, known[0], 0


def _overlap(groups: Groups, values: Columns, known: Columns, _: int) -> Answer:
    """Of those whose ends are known all but the ones that begin above or end below; low ends never exceed high ones."""
    at, _count = _members(groups, known[2] & known[3])
    (low, high, y_low, y_high), span = in_order(groups.code, *_zeroed(values, known))
    inside = Ordered(groups.code, span, y_high[at]).from_(low) - Ordered(groups.code, span, y_low[at]).above(high)
    itself = groups.member & known[2] & known[3] & (y_low <= high) & (y_high >= low)
    return inside - itself, known[0] & known[1], 0


def _distinct_above(groups: Groups, values: Columns, known: Columns, _: int) -> Answer:
    at, _count = _members(groups, known[1])
    (x, y), span = in_order(groups.code, *_zeroed(values, known))
    different, times = np.unique(y[at], return_counts=True)
    ordered = Ordered(groups.code, span, different)
    alone = np.zeros(len(y), dtype=bool)
    if len(different):
        alone[at] = times[np.searchsorted(different, y[at])] == 1
    return ordered.above(x) - (alone & (y > x)), known[0], 0


def _place_of(groups: Groups, values: Columns, known: Columns, scale: int) -> Answer:
    found, some, _ = _above(groups, (values[0], values[0]), (known[0], known[0]), scale)
    return found + 1, some, 0


GROUPED: Final[dict[str, Callable[[Groups, Columns, Columns, int], Answer]]] = {
    "lowest": _extreme(np.minimum, least=True),
    "highest": _extreme(np.maximum, least=False),
    "total": _total,
    "average": _average,
    "members": _how_many,
    "above": _above,
    "level": _level,
    "overlap": _overlap,
    "distinct_above": _distinct_above,
    "place_of": _place_of,
}
