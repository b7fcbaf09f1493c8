"""Who is judged: the units of a campaign, their classes and hierarchy, and whom the words of a demand mean.

Comes in: an inline roster or the submitted `units` table. Goes out: `Roster`. Must not know: rows, metrics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import field, frozen

from campaignrules.checked import Judged
from campaignrules.model import Unit


@frozen(cache_hash=True)
class Scope:
    """One subject of results: `name` is None for the campaign; `members` None means every row, else these units."""

    name: str | None
    members: frozenset[str] | None


@frozen(slots=False, eq=False, repr=False)
class Roster:
    """The units in order. A unit's rows are its own and those of the units below it."""

    units: tuple[Unit, ...]
    declared: bool = field(default=True)
    """False: nobody submitted a roster; the units are those seen in the data."""

    @cached_property
    def by_id(self) -> Mapping[str, Unit]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        below: dict[str, list[str]] = defaultdict(list)
        for unit in self.units:
            if unit.parent is not None:
                below[unit.parent].append(unit.id)
        return below

    def closure(self, ids: Iterable[str]) -> frozenset[str]:
        """The units and all below them."""
        found: set[str] = set()
        todo = list(ids)
        while todo:
            unit = todo.pop()
            if unit not in found:
                found.add(unit)
                todo += self._children.get(unit, ())
        return frozenset(found)

    def scopes(self, judged: tuple[Judged, ...]) -> tuple[Scope, ...]:
        """The subjects that a demand's `for` means, each once, in order."""
        found: dict[str | None, Scope] = {}
        for one in judged:
            for scope in self._scopes(one):
                found.setdefault(scope.name, scope)
        return tuple(found.values())

    def _scopes(self, judged: Judged) -> Iterable[Scope]:
        if judged.kind == "campaign":
            yield Scope(None, None)
        elif judged.kind == "unit":
            yield Scope(judged.name, self.closure([judged.name]))
        else:
            ids = [u.id for u in self.units if judged.name in ("", "unit") or u.class_ == judged.name]
            if judged.kind == "all":
                yield Scope(f"all {judged.name}", self.closure(ids))
            else:
                yield from (Scope(unit, self.closure([unit])) for unit in ids)
