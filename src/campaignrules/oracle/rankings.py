"""Rankings → places, honours → lists: every unit held against every other one of its group.

In: what is known, the totals of scorecards, a checked ranking or honour. Out: `Contender`s, each of which knows its
keys, its place and its row of results; `Candidate`s of honours. Must not know: items, methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Final, cast

from attrs import evolve, frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedHonour, CheckedRanking
from campaignrules.oracle.groups import Stand
from campaignrules.oracle.operands import MISSING, OPEN, Known, Place, Span, exactly
from campaignrules.oracle.rows import Facts
from campaignrules.oracle.scores import (
    Total,
    group_of,
    groups,
    in_time,
    is_reference,
    is_ruled_out,
    judged_cards,
    units_in_order,
)
from campaignrules.oracle.targets import by_table, in_unit
from campaignrules.quantities import EXACT
from campaignrules.results import HonourResult, HonourStatus, PlaceStatus, Placing
from campaignrules.roster import Scope

RANKED: Final = ("final", "provisional", "deferred")
EVERYWHERE: Final = (Decimal("-Infinity"), Decimal("Infinity"))


@frozen(slots=False, eq=False)
class Contender:
    """One unit in one window of a ranking. `field`: all units of that window, itself among them, in order.

    `first`: where the first key stands, for which nobody is disqualified by the scorecard.
    """

    ranking: CheckedRanking
    stand: Stand
    first: Stand
    unit: str
    total: Total | None
    field: Mapping[str, Contender]

    @property
    def known(self) -> Known:
        return self.stand.known

    @property
    def window(self) -> Window:
        return self.ranking.windows[self.stand.index]

    @property
    def group(self) -> str | None:
        return group_of(self.known.facts.roster, self.ranking.within, self.unit)

    # what counts

    @cached_property
    def keys(self) -> tuple[Span, ...]:
        first, *others = self.ranking.keys
        return self.first.span(first, self.unit), *(self.stand.span(key, self.unit) for key in others)

    @cached_property
    def condition(self) -> Span:
        """Of being disqualified by the ranking itself."""
        if self.ranking.disqualified is None:
            return exactly(False)
        return self.stand.span(self.ranking.disqualified, self.unit)

    @property
    def is_out(self) -> bool:
        return self.condition.surely or (self.total is not None and self.total.status == "disqualified")

    @cached_property
    def may_be_out(self) -> bool:
        return self.is_ranked and any(possibly for possibly, _ in self.doubts)

    @property
    def doubts(self) -> list[tuple[bool, frozenset[str]]]:
        """Whether it may come to have no place, for each reason, and what decides that."""
        own = self.ranking.disqualified
        found = [(self.condition.possibly, own.awaits)] if own is not None else []
        if self.total is not None and self.total.status in RANKED:
            gate = self.total.card.disqualified
            found += [(self.total.disqualified.possibly, gate.awaits)] if gate is not None else []
            found.append((self.total.may_vanish, self.total.card.total.awaits))
        return found

    @cached_property
    def ruled_out(self) -> PlaceStatus | None:
        """Why it is not ranked at all."""
        facts = self.known.facts
        if is_reference(facts.roster, self.ranking.reference, self.unit):
            return "reference"
        if self.window.start > facts.as_of:
            return "not_due"
        if self.is_out:
            return "disqualified"
        return "missing" if self.condition.missing or any(key.missing for key in self.keys) else None

    @property
    def is_ranked(self) -> bool:
        return self.ruled_out is None

    @property
    def unranked(self) -> Span:
        """Whether it is not ranked by rule: a reference unit, or disqualified."""
        return OPEN if self.is_ranked and self.is_unsure else exactly(self.ruled_out in ("reference", "disqualified"))

    # who stands where

    @cached_property
    def ranked(self) -> tuple[Contender, ...]:
        """The ranked units of its group, itself among them if it is one."""
        return tuple(one for one in self.field.values() if one.is_ranked and one.group == self.group)

    @property
    def others(self) -> tuple[Contender, ...]:
        return tuple(one for one in self.ranked if one is not self)

    @cached_property
    def place(self) -> Place | None:
        """From the best place it may have to the worst."""
        if not self.is_ranked:
            return None
        best, worst = PLACES[self.ranking.ties](self)
        unsure = [one for one in self.ranked if one.is_unsure]
        return Place(
            best, worst, len(self.ranked), _from_bottom(self), certain=best == worst and not self.is_unsure, unsure=self.is_unsure,
            fewest=len(self.ranked) - len(unsure),
        )  # fmt: skip

    @property
    def is_unsure(self) -> bool:
        """Whether it may come to have no place at all."""
        return self.may_be_out or any(key.open for key in self.keys)

    @property
    def certain(self) -> int | None:
        """The place, when no other is possible."""
        return self.place.best if self.place and self.place.certain else None

    @cached_property
    def status(self) -> PlaceStatus:
        if self.ruled_out is not None:
            return self.ruled_out
        if self.certain is None:
            return "deferred"
        unfinished = self.total is not None and self.total.is_unfinished
        return "provisional" if unfinished or self.known.facts.as_of < self.window.end else "final"

    @cached_property
    def change(self) -> int | None:
        """Places risen since the window before, or since the place submitted."""
        now, before = self.certain, self._before
        if now is None or before is None or before != int(before):
            return None
        return int(before) - now

    @property
    def _before(self) -> Decimal | int | None:
        source = self.ranking.change
        if source is None:
            return None
        if source != "previous":
            return by_table(self.known.facts, source, Scope(self.unit, None))
        order = in_time(self.ranking.windows)
        at = order.index(self.stand.index)
        if at == 0:
            return None
        place = self.known.places.get((self.ranking.id, self.unit, self.ranking.windows[order[at - 1]]))
        return place.best if place is not None and place.certain else None

    @property
    def awaits(self) -> frozenset[str]:
        """What decides its place: what it, and those it may change places with, wait for."""
        if self.status != "deferred":
            return frozenset()
        rivals = [one for one in self.others if self.may_change_places(one)]
        return frozenset().union(*(one.own_awaits for one in (self, *rivals)))

    def may_change_places(self, other: Contender) -> bool:
        return surely_above(other, self) != possibly_above(other, self) or surely_above(self, other) != possibly_above(
            self, other
        )

    @property
    def own_awaits(self) -> frozenset[str]:
        keys = zip(self.ranking.keys, self.keys, strict=True)
        found = frozenset[str]().union(*(formula.awaits for formula, key in keys if not key.settled))
        return found.union(*(awaits for possibly, awaits in self.doubts if possibly))

    # the row

    @staticmethod
    def ends_of(key: Span) -> tuple[Decimal, Decimal]:
        """A key's ends; of one without, anything."""
        return EVERYWHERE if key.open else cast("tuple[Decimal, Decimal]", (key.low, key.high))

    @property
    def value(self) -> tuple[Decimal | None, Decimal | None]:
        """The first key's ends as people write them."""
        first = self.keys[0]
        if self.status in ("not_due", "disqualified") or first.open or first.missing:
            return None, None
        low, high = cast("tuple[Decimal, Decimal]", (first.low, first.high))
        if self.ranking.ranking.better == "less":
            low, high = EXACT.minus(high), EXACT.minus(low)
        return in_unit(low, self.ranking.unit), in_unit(high, self.ranking.unit)

    @property
    def placing(self) -> Placing:
        """The row of results."""
        low, high = self.value
        place = self.place
        return Placing(
            ranking=self.ranking.id,
            unit=self.unit,
            window=self.window.id,
            group=self.group,
            place=self.certain,
            best=place.best if place else None,
            worst=place.worst if place else None,
            ranked=len(self.ranked),
            value=low if low == high else None,
            lowest=low,
            highest=high,
            measure=self.ranking.unit.name,
            change=self.change,
            status=self.status,
            source=self.ranking.ranking.source,
            awaits=tuple(sorted(self.awaits)),
        )


# -- above and level ----------------------------------------------------------------------------------------------


def surely_above(one: Contender, other: Contender) -> bool:
    """Whether one stands above the other whatever is settled later."""
    return not one.may_be_out and _keys_surely_above(one, other)


def possibly_above(one: Contender, other: Contender) -> bool:
    """Whether one may come to stand above the other."""
    for own, theirs in zip(map(Contender.ends_of, one.keys), map(Contender.ends_of, other.keys), strict=True):
        if own[1] != theirs[0]:
            return own[1] > theirs[0]
    return False


def surely_level_or_above(one: Contender, other: Contender) -> bool:
    """Whether the other cannot come to stand above one."""
    return not one.may_be_out and not possibly_above(other, one)


def possibly_level_or_above(one: Contender, other: Contender) -> bool:
    """Whether the other does not surely stand above one."""
    return not _keys_surely_above(other, one)


def _keys_surely_above(one: Contender, other: Contender) -> bool:
    """By the keys alone: that one may be disqualified does not put the other above it."""
    for own, theirs in zip(map(Contender.ends_of, one.keys), map(Contender.ends_of, other.keys), strict=True):
        if own[0] != theirs[1]:
            return own[0] > theirs[1]
    return False


Places = tuple[int, int]


def _shared(one: Contender) -> Places:
    """1224."""
    return _counting(one, surely_above, possibly_above)


def _last(one: Contender) -> Places:
    """1334."""
    return _counting(one, surely_level_or_above, possibly_level_or_above)


def _counting(
    one: Contender, surely: Callable[[Contender, Contender], bool], possibly: Callable[[Contender, Contender], bool]
) -> Places:
    return 1 + sum(surely(j, one) for j in one.others), 1 + sum(possibly(j, one) for j in one.others)


def _listed(one: Contender) -> Places:
    """Of equals the one that stands earlier in the roster."""
    return _counting(one, _surely_before, _possibly_before)


def _surely_before(one: Contender, other: Contender) -> bool:
    return surely_above(one, other) or (_earlier(one, other) and surely_level_or_above(one, other))


def _possibly_before(one: Contender, other: Contender) -> bool:
    return possibly_above(one, other) or (_earlier(one, other) and possibly_level_or_above(one, other))


def _earlier(one: Contender, other: Contender) -> bool:
    order = [unit.id for unit in one.known.facts.roster.units]
    return order.index(one.unit) < order.index(other.unit)


def _dense(one: Contender) -> Places:
    """1223."""
    if all(key.settled for j in one.ranked for key in j.keys):
        above = [j for j in one.others if possibly_above(j, one)]
        return 1 + _tuples([j for j in above if not j.may_be_out]), 1 + _tuples(above)
    surely = any(surely_above(j, one) for j in one.others)
    return 1 + surely, 1 + sum(possibly_above(j, one) for j in one.others)


def _from_bottom(one: Contender) -> Places:
    """1 + how many stand below; of equals, where the roster decides, the later ones."""
    below = [j for j in one.others if not j.may_be_out and _surely_behind(one, j)]
    return 1 + len(below), 1 + sum(_possibly_behind(one, j) for j in one.others)


def _surely_behind(one: Contender, other: Contender) -> bool:
    """By the keys: that the one may be disqualified does not lift the other."""
    decided = one.ranking.ties == "listed" and _earlier(one, other)
    return _keys_surely_above(one, other) or (decided and not possibly_above(other, one))


def _possibly_behind(one: Contender, other: Contender) -> bool:
    decided = one.ranking.ties == "listed" and _earlier(one, other)
    return possibly_above(one, other) or (decided and not _keys_surely_above(other, one))


def _tuples(contenders: Iterable[Contender]) -> int:
    return len({tuple(key.low for key in one.keys) for one in contenders})


PLACES: Final[Mapping[str, Callable[[Contender], Places]]] = {
    "shared": _shared,
    "last": _last,
    "listed": _listed,
    "dense": _dense,
}


# -- a whole ranking ----------------------------------------------------------------------------------------------

Totals = Mapping[tuple[str, str, Window], Total]
"""By scorecard, unit and window."""


def contenders(known: Known, ranking: CheckedRanking, totals: Totals) -> list[Contender]:
    """The ranking's units in order, for each its windows in time. Enters its places in `known`."""
    units = units_in_order(known.facts.roster, ranking.judged)
    by_window = {index: _in_window(known, ranking, totals, units, index) for index in in_time(ranking.windows)}
    return [by_window[index][unit] for unit in units for index in by_window]


def _in_window(
    known: Known, ranking: CheckedRanking, totals: Totals, units: Sequence[str], index: int
) -> Mapping[str, Contender]:
    members = groups(known.facts.roster, ranking.within, ranking.reference, units)
    stand = Stand(known, index, members)
    field: dict[str, Contender] = {}
    behind = {unit: _total_behind(ranking, totals, unit, index) for unit in units}
    given = {unit: MISSING if total is None else total.ends for unit, total in behind.items()}
    first = stand if ranking.card is None else Stand(known, index, members, {"points": given})
    for unit, total in behind.items():
        field[unit] = Contender(ranking, stand, first, unit, total, field)
    for unit, one in field.items():
        known.unranked[ranking.id, unit, one.window] = one.unranked
        if one.place is not None:
            known.places[ranking.id, unit, one.window] = evolve(one.place, change=one.change)
    return field


def _total_behind(ranking: CheckedRanking, totals: Totals, unit: str, index: int) -> Total | None:
    """The total of the scorecard that it ranks by."""
    for key in ranking.keys[:1]:
        for operand in key.operands.values():
            if operand.kind == "points" and operand.id == ranking.card:
                return totals.get((operand.id, unit, operand.windows[index]))
    return None


# -- honours ------------------------------------------------------------------------------------------------------


@frozen(slots=False, eq=False)
class Candidate:
    """One unit in one window of an honour."""

    honour: CheckedHonour
    stand: Stand
    unit: str

    @property
    def window(self) -> Window:
        return self.honour.windows[self.stand.index]

    @cached_property
    def condition(self) -> Span:
        return OPEN if self.honour.when is None else self.stand.span(self.honour.when, self.unit)

    @property
    def status(self) -> HonourStatus:
        if self.window.start > self.stand.known.facts.as_of:
            return "not_due"
        if self.condition.missing:
            return "missing"
        if self.condition.surely:
            return "listed"
        return "not_listed" if is_ruled_out(self.condition) else "possible"

    @property
    def row(self) -> HonourResult:
        """The row of results."""
        honour = self.honour.honour
        awaits = tuple(sorted(self.honour.awaits)) if self.status == "possible" else ()
        return HonourResult(honour.id, honour.kind, self.unit, self.window.id, self.status, honour.source, awaits)


def candidates(known: Known, honour: CheckedHonour) -> list[Candidate]:
    """The honour's units in order, for each its windows in time."""
    units = units_in_order(known.facts.roster, honour.judged)
    stands = [Stand(known, index, lambda _: units) for index in in_time(honour.windows)]
    return [Candidate(honour, stand, unit) for unit in units for stand in stands]


# -- everything ---------------------------------------------------------------------------------------------------


@frozen(eq=False)
class Standings:
    """All that is scored, ranked and listed, by id."""

    known: Known
    scorecards: Mapping[str, Sequence[Total]]
    rankings: Mapping[str, Sequence[Contender]]
    honours: Mapping[str, Sequence[Candidate]]


def standings(facts: Facts) -> Standings:
    """Scorecards and rankings, each after those it rests on, then honours."""
    checked, known = facts.checked, Known(facts)
    scorecards: dict[str, list[Total]] = {}
    rankings: dict[str, list[Contender]] = {}
    by_place: dict[tuple[str, str, Window], Total] = {}
    for kind, id_ in checked.scoring_order:
        if kind == "scorecard":
            scorecards[id_] = judged_cards(known, checked.scorecards[id_])
            by_place |= {(id_, total.unit, total.window): total for total in scorecards[id_]}
        else:
            rankings[id_] = contenders(known, checked.rankings[id_], by_place)
    honours = {one.honour.id: candidates(known, one) for one in checked.honours}
    return Standings(known, scorecards, rankings, honours)
