"""The results of two evaluations of the same data → whose progress, points and places are others.

In: two evaluations, and which ids were renamed. Out: `Moved` rows, the largest first. Must not know: what was changed in the
campaigns, words for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import frozen

from campaignrules.evaluation import Evaluation
from campaignrules.quantities import EXACT, PLAIN_UNIT, UNITS, divide

Kind = Literal["progress", "duties", "outcomes", "scores", "rankings", "honours"]
_ITEMS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "progress": ("target",), "duties": ("duty",), "outcomes": ("outcome",), "scores": ("scorecard", "item"),
    "rankings": ("ranking",), "honours": ("honour",),
}  # fmt: skip
_LOOKED_AT: Final[Mapping[Kind, tuple[str, ...]]] = {
    "progress": ("status", "value", "required", "required_high", "shortfall"),
    "duties": ("status", "due_on", "done_on"),
    "outcomes": ("status",),
    "scores": ("status", "points", "lowest", "highest", "worth", "grade"),
    "rankings": ("status", "place", "best", "worst"),
    "honours": ("status",),
}
_SIZED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "progress": ("value", "shortfall", "required"), "scores": ("points", "lowest", "highest"), "rankings": ("place", "best"),
}  # fmt: skip

Key = tuple[str, str | None, str | None]
"""Item, unit, window or due date."""


@frozen(eq=False, repr=False)
class Moved:
    """One result that is another. `cells`: column → (before, after); `size`: by how much, for the order.

    `there`: None, or 'added' or 'removed' when there is such a result only after or only before. `measure`: unit of
    progress before and after.
    """

    kind: Kind
    item: str
    unit: str | None
    window: str | None
    there: Literal["added", "removed"] | None
    cells: Mapping[str, tuple[Any, Any]]
    size: Decimal
    measure: tuple[str, str] = ("", "")


def compare_results(before: Evaluation, after: Evaluation, renames: Mapping[str, str]) -> tuple[Moved, ...]:
    """Every result that differs: by kind, statuses first, then by size."""
    found = [moved for kind in _ITEMS for moved in _moved(kind, before, after, renames)]
    order = list(_ITEMS)
    found.sort(key=lambda one: (order.index(one.kind), "status" not in one.cells, -one.size))
    return tuple(found)


def _moved(kind: Kind, before: Evaluation, after: Evaluation, renames: Mapping[str, str]) -> Iterator[Moved]:
    old, new = _by_key(kind, before, renames), _by_key(kind, after, {})
    for key in dict.fromkeys((*old, *new)):
        was, is_ = old.get(key), new.get(key)
        if was is None or is_ is None:
            cells = {name: _pair(was, is_, name) for name in _LOOKED_AT[kind]}
            kept = {name: pair for name, pair in cells.items() if pair != (None, None)}
            yield Moved(kind, *key, "added" if was is None else "removed", kept, Decimal(0), _measures(was, is_))
            continue
        differing = {name: _pair(was, is_, name) for name in _LOOKED_AT[kind] if _differs(kind, was, is_, name)}
        if differing:
            yield Moved(kind, *key, None, differing, _size(kind, differing), _measures(was, is_))


def _by_key(kind: Kind, evaluation: Evaluation, renames: Mapping[str, str]) -> dict[Key, Any]:
    return {_key(kind, row, renames): row for row in getattr(evaluation.results, kind)}


def _key(kind: Kind, row: Any, renames: Mapping[str, str]) -> Key:
    names: Iterable[Any] = (getattr(row, name) for name in _ITEMS[kind])
    item = ".".join(renames.get(name, name) for name in names if name is not None)
    window = getattr(row, "window", None)
    due = getattr(row, "due_on", None) if kind == "duties" else None
    unit = getattr(row, "unit", None)
    return item, renames.get(unit, unit) if unit else None, due.isoformat() if due else window


def _pair(was: Any, is_: Any, name: str) -> tuple[Any, Any]:
    return getattr(was, name, None), getattr(is_, name, None)


def _differs(kind: Kind, was: Any, is_: Any, name: str) -> bool:
    """Numbers of progress are compared in base units: another unit of display moves nobody."""
    one, other = getattr(was, name), getattr(is_, name)
    if kind == "progress" and isinstance(one, Decimal) and isinstance(other, Decimal):
        from_, to = _factors(was.measure, is_.measure)
        return EXACT.multiply(one, from_) != EXACT.multiply(other, to)
    return bool(one != other)


def _factors(one: str, other: str) -> tuple[Decimal, Decimal]:
    return UNITS.get(one, PLAIN_UNIT).factor, UNITS.get(other, PLAIN_UNIT).factor


def _measures(was: Any, is_: Any) -> tuple[str, str]:
    one, other = (getattr(row, "measure", "") for row in (was, is_))
    return one or other, other or one


def _size(kind: Kind, cells: Mapping[str, tuple[Any, Any]]) -> Decimal:
    """Of progress the share of the larger number, of points and places the difference itself."""
    for name in _SIZED.get(kind, ()):
        one, other = cells.get(name, (None, None))
        if one is not None and other is not None:
            apart = abs(Decimal(other) - Decimal(one))
            largest = max(abs(Decimal(one)), abs(Decimal(other)))
            return (divide(apart, largest) or Decimal(0)) if kind == "progress" else apart
    return Decimal(0)
