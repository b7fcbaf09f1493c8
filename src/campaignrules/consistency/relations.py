"""The linear demands of a campaign → how they stand to each other, each worked out by the solver.

In: a model. Out: relations, with the demands concerned and exact amounts: what clashes, what parts leave short or force
beyond the whole, what agrees. Bounded; what is not known within the limits is a relation too. Must not know: texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil
from typing import Final, Literal

from attrs import frozen

from campaignrules.checked import CheckedCampaign
from campaignrules.consistency.linear import Demand, Model, model_of
from campaignrules.consistency.sketches import OpenDemand
from campaignrules.consistency.solver import BoundlessError, Number, Row, Solver, UnknownError
from campaignrules.consistency.stages import ordered_fields

MOST_TRIED: Final = 2_000
"""Ways to fill a whole with parts that are tried."""

Kind = Literal[
    "clash", "below", "above", "exceed", "agree", "overlap", "strive", "numbers", "stages", "wait", "units", "unknown"
]  # fmt: skip


@frozen(eq=False)
class Relation:
    """How `parts` stand to `whole`. `amount`: what they come to; `gap`: by how much that misses; `grave`: act on it."""

    kind: Kind
    whole: Demand
    parts: tuple[Demand | OpenDemand, ...]
    amount: Number
    gap: Number = 0
    grave: bool = False

    @property
    def cause(self) -> object:
        """Equal for relations that say the same, of one window or another."""
        return self.kind, self.whole.id, frozenset(part.target.target.id for part in self.parts)


def relations(checked: CheckedCampaign) -> tuple[Relation, ...]:
    """Every relation of a campaign's demands, once for each cause."""
    return related(model_of(checked))


def related(model: Model, solver: Solver | None = None) -> tuple[Relation, ...]:
    """Every relation of a model's demands, once for each cause."""
    found: dict[object, Relation] = {}
    for relation in _all(model, solver or Solver(model.always, model.whole)):
        found.setdefault(relation.cause, relation)
    clashing = {
        part.id for one in found.values() if one.kind == "clash" for part in one.parts if isinstance(part, Demand)
    }
    return tuple(one for one in found.values() if one.kind == "clash" or one.whole.id not in clashing)


def _all(model: Model, solver: Solver) -> Iterator[Relation]:
    for group in model.groups():
        look = _Group(group, solver)
        for examine in (_clashes, _wholes, _numbers):
            try:
                yield from examine(look)
            except (UnknownError, BoundlessError):
                yield Relation("unknown", group[0], group, Fraction(0))
    yield from _stages(model)
    yield from _units(model)


@frozen(eq=False)
class _Group:
    """Demands that have amounts in common."""

    demands: Sequence[Demand]
    solver: Solver

    def near(self, whole: Demand) -> list[Demand]:
        """The others on the same kind of rows that are no other number for the very same."""
        space = whole.piece.space if whole.piece is not None else None
        return [
            one
            for one in self.demands
            if one.piece is not None and one.piece.space == space and one.same != whole.same and one.bottom is None
            if whole.judged.kind != "each" or one.judged == whole.judged  # what a class does in all says little of each
        ]

    def least(self, whole: Demand, parts: Sequence[Demand]) -> Fraction:
        """The least that the whole can come to where the parts are met."""
        found = self.solver.least(whole.top, _rows(parts))
        return Fraction(0) if found is None else found.value


def _rows(demands: Iterable[Demand]) -> list[Row]:
    return [one.row for one in demands]


def _owners(rows: Iterable[Row]) -> tuple[Demand, ...]:
    return tuple(row.name for row in rows if isinstance(row.name, Demand))


def _binding(demands: Iterable[Demand]) -> list[Demand]:
    return [one for one in demands if one.force == "binding"]


# --- can all be met ---------------------------------------------------------------


def _clashes(look: _Group) -> Iterator[Relation]:
    if all(one.sense == ">=" for one in look.demands):
        return  # more of everything meets them all
    for demands, grave in ((_binding(look.demands), True), (list(look.demands), False)):
        some = [
            Row(one.bottom, ">=", 1, one) for one in demands if one.bottom is not None
        ]  # of nothing there is no rate
        core = look.solver.clash([*_rows(demands), *some])
        if core:
            yield _clash(look, tuple(dict.fromkeys(_owners(core))), grave)
            return


def _clash(look: _Group, core: tuple[Demand, ...], grave: bool) -> Relation:
    """With the one that the others leave short, and by how much."""
    for one in core:
        others = _rows(other for other in core if other is not one)
        if one.bottom is not None:
            continue
        try:
            reached = look.solver.most(one.top, others) if one.sense == ">=" else _least(look, one, others)
        except BoundlessError:
            continue
        if reached is not None:
            return Relation("clash", one, core, reached, abs(one.number - reached), grave=grave)
    return Relation("clash", core[0], core, core[0].number, grave=grave)


def _least(look: _Group, one: Demand, others: Sequence[Row]) -> Fraction | None:
    found = look.solver.least(one.top, others)
    return None if found is None else found.value


# --- a whole and its parts ----------------------------------------------------------


def _wholes(look: _Group) -> Iterator[Relation]:
    for whole in look.demands:
        if whole.rows is None or whole.bottom is not None or len(look.demands) < 2:
            continue
        near = look.near(whole)
        look.solver.budget.spend(len(near))
        inside = [one for one in near if one.rows is not None and one.rows <= whole.rows and one.sense == whole.sense]
        if not inside:
            continue
        if whole.sense == ">=":
            yield from _forced(look, whole, near, inside)
            yield from _overlaps(look, whole, inside)
            yield from _waits(look, whole, inside)
        yield from _partition(look, whole, near, inside)


def _along(whole: Demand, inside: Iterable[Demand]) -> list[Demand]:
    """Parts in time: the same rows in other windows."""
    return [one for one in inside if _kind_of(one) == _kind_of(whole)]


def _across(whole: Demand, inside: Iterable[Demand]) -> list[Demand]:
    """Parts by words or units: other rows in the same window."""
    return [one for one in inside if _time_of(one) == _time_of(whole) and one.piece is not None]


def _alike(whole: Demand, parts: Iterable[Demand]) -> list[Demand]:
    """Of the same things as the whole: a number of projects is no part of an amount of money."""
    return [one for one in parts if _measured(one) == _measured(whole)]


def _measured(one: Demand) -> object:
    return one.piece and (one.piece.what, one.piece.distinct)


def _kind_of(one: Demand) -> object:
    piece = one.piece
    return piece and (piece.conditions, piece.judged, piece.what, piece.distinct)


def _time_of(one: Demand) -> object:
    piece = one.piece
    return piece and (piece.start, piece.end)


def _forced(look: _Group, whole: Demand, near: Sequence[Demand], inside: Sequence[Demand]) -> Iterator[Relation]:
    """What parts in time, parts by words, and all others together force the whole to be."""
    found = [one for scope in (_along, _across) for one in _forced_by(look, whole, scope(whole, inside))]
    yield from found
    if not any(one.kind == "exceed" for one in found):
        everything = _forced_by(look, whole, [one for one in near if one.sense == ">="])
        yield from (one for one in everything if one.kind == "exceed")


def _forced_by(look: _Group, whole: Demand, scope: Sequence[Demand]) -> Iterator[Relation]:
    """Agreement or excess, by the binding ones if they will do, else with those striven for."""
    binding = _binding(scope)
    for parts in (binding, scope) if len(binding) < len(scope) else (scope,):
        if sum(one.number for one in parts) < whole.number:
            continue  # each met by rows of its own, the whole is less
        amount = look.least(whole, parts)
        if amount < whole.number:
            continue
        core = _owners(look.solver.forcing(whole.top, _rows(parts), amount))
        if {one.id for one in core} == {whole.id}:
            continue  # one number for the whole and for each, or for a year and its months, is meant for each alone
        striven = any(one.force != "binding" for one in core)
        if amount > whole.number:
            yield Relation("exceed", whole, core, amount, amount - whole.number, grave=not striven)
            return
        if len(core) < 2 and (whole.judged.kind == "each" or core[0].judged.kind != "each"):
            continue  # the same rows, or more of them, with the same number
        yield Relation("agree", whole, core, amount)
        if striven and whole.force == "binding" and _same_time(core, whole):
            rest = look.least(whole, _binding(core))
            yield Relation("strive", whole, core, rest, whole.number - rest)


def _same_time(core: Iterable[Demand], whole: Demand) -> bool:
    return all(_time_of(one) == _time_of(whole) for one in core)


def _partition(look: _Group, whole: Demand, near: Sequence[Demand], inside: Sequence[Demand]) -> Iterator[Relation]:
    """Parts that fill the whole exactly, all met, and the whole missed."""
    for scope in (_along(whole, inside), _alike(whole, _across(whole, inside))):
        parts = max(_fillings(look, whole, scope), key=lambda one: sum(part.number for part in one), default=None)
        if parts is None or (whole.force == "strive" and all(one.force == "binding" for one in parts)):
            continue  # to strive for more than is binding is what striving is
        parts = tuple(sorted(parts, key=lambda one: one.window.start))
        total = sum((one.number for one in parts), Fraction(0))
        if whole.sense == "<=":
            yield from _too_high(look, whole, near, parts)
        elif total < whole.number:
            others = _binding(near) if whole.force == "binding" else near
            amount = look.least(whole, list(dict.fromkeys([*others, *parts])))
            if amount < whole.number:
                rhythm = len({one.id for one in parts}) == 1 and len(parts) > 1
                yield Relation("below", whole, parts, amount, whole.number - amount, grave=not rhythm)


def _too_high(look: _Group, whole: Demand, near: Sequence[Demand], parts: tuple[Demand, ...]) -> Iterator[Relation]:
    amount = look.solver.most(whole.top, _rows(dict.fromkeys([*_binding(near), *parts])))
    if amount is not None and amount > whole.number:
        yield Relation("above", whole, parts, amount, amount - whole.number, grave=True)
    elif amount == whole.number and len(parts) > 1:
        yield Relation("agree", whole, parts, amount)


def _fillings(look: _Group, whole: Demand, scope: Sequence[Demand]) -> Iterator[tuple[Demand, ...]]:
    """Sets of parts that lie beside each other and together are the whole's rows, within a bound. Raises UnknownError."""
    rows = whole.rows or frozenset()
    usable = [one for one in scope if one.rows and not (one.piece and one.piece.distinct)]
    usable.sort(key=lambda one: (-len(one.rows or ()), one.number))
    todo: list[tuple[frozenset[object], tuple[Demand, ...]]] = [(frozenset(rows), ())]
    order = sorted(rows, key=repr)
    for _ in range(MOST_TRIED):
        if not todo:
            return
        left, chosen = todo.pop()
        if not left:
            yield chosen
            continue
        look.solver.budget.spend(len(usable))
        first = next(row for row in order if row in left)
        fitting = [one for one in usable if one.rows and first in one.rows and one.rows <= left]
        todo += [(left - (one.rows or frozenset()), (*chosen, one)) for one in fitting]


# --- parts that overlap, parts that cannot wait -----------------------------------------


def _overlaps(look: _Group, whole: Demand, inside: Sequence[Demand]) -> Iterator[Relation]:
    """Two parts that leave the whole no room beside each other: so much must be both, where it is just met."""
    parts = [one for one in _alike(whole, _across(whole, _binding(inside))) if one.rows]
    for i, one in enumerate(parts):
        for other in parts[i + 1 :]:
            a, b = one.rows or frozenset(), other.rows or frozenset()
            if one.number + other.number <= whole.number or a <= b or b <= a or a.isdisjoint(b):
                continue
            both = {name: Fraction(1) for name in one.top.keys() & other.top.keys()}
            found = look.solver.least(both, [one.row, other.row, whole.against("<=", whole.number)])
            if found is not None and found.value > 0:
                yield Relation("overlap", whole, (one, other), found.value)


def _waits(look: _Group, whole: Demand, inside: Sequence[Demand]) -> Iterator[Relation]:
    """Parts of the whole that are more than its last window asks for: they must begin before."""
    chain = max(_fillings(look, whole, _along(whole, inside)), key=len, default=())
    if len({one.id for one in chain}) < 2:
        return
    last = max(chain, key=lambda one: one.window.end)
    parts = [
        one
        for one in _alike(whole, _across(whole, inside))
        if one.number > last.number and not any(True for _ in _fillings(look, one, _along(one, _within(look, one))))
    ]
    if parts:
        early = {name: Fraction(1) for one in parts for name in one.top if name not in last.top}
        found = look.solver.least(early, [*_rows(parts), last.against("<=", last.number)])
        if found is not None and found.value > 0:
            yield Relation("wait", last, tuple(parts), found.value)


def _within(look: _Group, whole: Demand) -> list[Demand]:
    return [one for one in look.near(whole) if one.rows is not None and whole.rows and one.rows <= whole.rows]


# --- two numbers for one day --------------------------------------------------------


def _numbers(look: _Group) -> Iterator[Relation]:
    """A rate of some rows, and a lower one of a part of them, both due the same day; or one thing with two numbers."""
    for whole in look.demands:
        for part in look.demands:
            if part is whole or part.force != whole.force or part.sense != whole.sense or whole.sense != ">=":
                continue
            if part.number >= whole.number or part.window.end != whole.window.end:
                continue
            if part.target.metric is whole.target.metric and part.window == whole.window:
                continue  # one demand stated twice
            if part.same == whole.same:
                yield Relation("numbers", whole, (part,), part.number, whole.number - part.number)
            elif whole.bottom is not None and _part_of(part, whole):
                amount = _lowest_rate(look, whole, part)
                if amount is not None and amount < whole.number:
                    yield Relation("numbers", whole, (part,), amount, whole.number - part.number)


def _part_of(part: Demand, whole: Demand) -> bool:
    if part.bottom is None or whole.bottom is None or part.piece is None or whole.piece is None:
        return False
    return part.bottom.keys() < whole.bottom.keys() and part.top.keys() < whole.top.keys()


def _lowest_rate(look: _Group, whole: Demand, part: Demand) -> Fraction | None:
    """The least that a rate can be where every other demand is met, and nothing but the part is there."""
    bottom, alone = whole.bottom or {}, part.bottom or {}
    rest = {name: factor for name, factor in bottom.items() if name not in alone}
    others = [one.row for one in look.demands if one.same != whole.same and one.force == "binding"]
    cohort = [Row(bottom, ">=", 1), Row(bottom, "<=", 1), Row(rest, "<=", 0)]
    found = look.solver.least(whole.top, [*others, *cohort], shares=True)
    return None if found is None else found.value


# --- stages and units -----------------------------------------------------------------


def _stages(model: Model) -> Iterator[Relation]:
    """A later stage that by its last day needs every row that the demands on an earlier stage ask for until then."""
    before = ordered_fields(model.checked)
    single = [one for one in model.demands if one.piece is not None and one.sense == ">=" and one.bottom is None]
    for later in single:
        space = later.piece.space if later.piece is not None else None
        if space is None or len(later.target.windows) > 1 or later.force != "binding":
            continue
        wanted, chain = _by_then(later, space[1] or "", single)
        for field in sorted(before.get((space[0], space[1] or ""), ())):
            asked, parts = _by_then(later, field, single)
            if 0 < asked <= wanted and later in chain:
                yield Relation("stages", later, parts, asked, wanted - asked)


def _by_then(later: Demand, field: str, demands: Sequence[Demand]) -> tuple[Fraction, tuple[Demand, ...]]:
    """What demands on a stage of the same rows, in windows that do not overlap, come to until the window's end."""
    ending = [
        one for one in demands if one.window.end <= later.window.end and _stage_of(one) == _stage_of(later, field)
    ]
    ending.sort(key=lambda one: one.window.end)
    best: list[tuple[Fraction, tuple[Demand, ...]]] = [(Fraction(0), ())]
    for i, one in enumerate(ending):
        total, chosen = best[sum(other.window.end < one.window.start for other in ending[:i])]
        best.append(max(best[-1], (total + one.number, (*chosen, one)), key=lambda pair: pair[0]))
    return best[-1]


def _stage_of(one: Demand, field: str | None = None) -> object:
    """Which rows, by which date: with the date field, or with another in its place."""
    piece = one.piece
    if piece is None:
        return None
    record, on, *rest = piece.space
    return (record, field or on, *rest), piece.conditions, piece.judged, piece.what


def _units(model: Model) -> Iterator[Relation]:
    """From how many units on what is demanded of each comes to the total, while nobody knows how many there are."""
    for whole in model.demands:
        for each in model.open:
            if whole.sense == ">=" and whole.number > 0 and _total_of(whole, each):
                units = Fraction(ceil(whole.number / each.number))
                yield Relation("units", whole, (each,), units, units * each.number - whole.number)


def _total_of(whole: Demand, each: OpenDemand) -> bool:
    piece, part = whole.piece, each.piece
    if piece is None or piece.judged.kind == "each" or piece.distinct or part.distinct:
        return False
    if piece.judged.kind != "campaign" and piece.judged.name != part.judged.name:
        return False
    return (piece.space, piece.what, piece.start, piece.end) == (part.space, part.what, part.start, part.end) and (
        piece.conditions <= part.conditions
    )
