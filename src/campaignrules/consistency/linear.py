"""CheckedCampaign → its demands as linear rows over amounts that nobody can split further.

Rows of a record fall into regions: which of the demands' conditions, windows, units they lie in. The number of rows of
a region, and the sum of a field over them, are amounts; counts, sums, rates and formulas of these are forms over them.
What cannot be said so is left out and listed. Quantities are taken not to be negative. Must not know: how rows
are solved.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, Final

from attrs import field, frozen

from campaignrules.calendar import DAY, Window
from campaignrules.checked import CheckedCampaign, CheckedTarget, Judged
from campaignrules.consistency.bundles import tied
from campaignrules.consistency.rowclasses import Sorter, TooManyError, bounds_of
from campaignrules.consistency.sketches import (
    COUNT,
    WHOLE,
    Gathered,
    OpenDemand,
    Piece,
    Sketch,
    Space,
    Wanted,
    sketched,
)
from campaignrules.consistency.solver import Form, Number, Row, Sense, number_of
from campaignrules.trees import Tree

MOST_CELLS: Final = 64
MOST_REGIONS: Final = 1_500
MOST_TERMS: Final = 12_000
MOST_OF_A_ROW: Final = Fraction(10**26)
"""No number of a row is greater: 18 digits, in 亿 at most."""
Rows = frozenset[Hashable]


@frozen(eq=False)
class Demand:
    """One target in one window for one judged: `top` (÷ `bottom`) at least, or at most, `number` in base units.

    `rows`: the regions it looks at; None where it is a formula. `whole`: `top` less `number` times `bottom`, as a row.
    `times`: how many units the number was added up over.
    """

    target: CheckedTarget
    window: Window
    judged: Judged
    sense: Sense
    number: Number
    top: Form
    bottom: Form | None
    piece: Piece | None
    rows: Rows | None
    times: int = 1
    row: Row = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "row", self.against(self.sense, self.number))

    def against(self, sense: Sense, number: Number) -> Row:
        """The row that says the same with another sense or number."""
        if self.bottom is None:
            return Row(self.top, sense, number, self)
        form = dict(self.top)
        for name, factor in self.bottom.items():
            form[name] = number_of(form.get(name, 0) - number * factor)
        return Row(form, sense, 0, self)

    @property
    def id(self) -> str:
        return self.target.target.id

    @property
    def force(self) -> str:
        return self.target.target.force

    @property
    def same(self) -> Hashable:
        """Equal for demands that look at the very same rows."""
        return self.piece if self.piece is not None else (self.target.metric.id, self.window, self.judged)


@frozen(eq=False)
class Model:
    """`always`: what holds of the amounts by nature; `whole`: those that are whole numbers; `left_out`: and why."""

    checked: CheckedCampaign
    demands: tuple[Demand, ...]
    open: tuple[OpenDemand, ...]
    always: tuple[Row, ...]
    whole: frozenset[Hashable]
    left_out: tuple[tuple[CheckedTarget, str], ...]

    def groups(self) -> Iterator[tuple[Demand, ...]]:
        """Demands that have amounts in common, directly or by way of others."""
        root = tied([*(row.form for row in self.always), *(demand.row.form for demand in self.demands)])
        groups: dict[Hashable, list[Demand]] = defaultdict(list)
        for demand in self.demands:
            groups[root(next(iter(demand.row.form), None))].append(demand)
        yield from map(tuple, groups.values())


def model_of(checked: CheckedCampaign) -> Model:
    """The linear demands of a campaign, and the targets that have no linear form."""
    return _Builder(checked, sketched(checked)).model()


# --- pieces as regions --------------------------------------------------------------


class _Builder:
    """Sorts the rows of each space into regions, and writes demands over them."""

    def __init__(self, checked: CheckedCampaign, found: Gathered) -> None:
        self.checked, self.found = checked, found
        self.regions: dict[Piece, Rows] = {}
        self.always: list[Row] = []
        self.whole: set[Hashable] = set()

    def model(self) -> Model:
        wanted = self._fitting(self.found.wanted)
        demands = tuple(self._demand(one) for one in wanted)
        self._distinct()
        opened, left_out = tuple(self.found.open), tuple(self.found.left_out)
        return Model(self.checked, demands, opened, tuple(self.always), frozenset(self.whole), left_out)

    def _fitting(self, wanted: list[Wanted]) -> list[Wanted]:
        """The demands whose spaces can be sorted; of a space that is too wide, fewer and fewer."""
        spaces = dict.fromkeys(piece.space for one in wanted for piece in one.pieces)
        for space in spaces:
            inside = [one for one in wanted if any(piece.space == space for piece in one.pieces)]
            while inside:
                try:
                    self._sort(space, dict.fromkeys(p for one in inside for p in one.pieces if p.space == space))
                    break
                except TooManyError:
                    gone = _widest(inside)
                    if len({one.target for one in inside}) > 1:  # alone it has nothing to go together with
                        self.found.left_out.extend(
                            (target, "wide") for target in dict.fromkeys(one.target for one in gone)
                        )
                    inside = [one for one in inside if one not in gone]
                    wanted = [one for one in wanted if one not in gone]
        return wanted

    def _sort(self, space: Space, pieces: Iterable[Piece]) -> None:
        """Raises TooManyError, before anything is kept."""
        pieces = tuple(pieces)
        record = self.checked.records.get(space[0])
        sorter = Sorter(self.checked, record, {tree: None for piece in pieces for tree in piece.conditions})
        cells = _cells(pieces)
        members: dict[Piece, set[Hashable]] = {piece: set() for piece in pieces}
        regions: dict[frozenset[Piece], tuple[Hashable, frozenset[Tree], frozenset[Tree]]] = {}
        terms = 0
        for cell in cells:
            active = [piece for piece in pieces if _covers(piece, cell)]
            trees = frozenset(tree for piece in active for tree in piece.conditions)
            for held, place in product(sorter.classes(trees, MOST_REGIONS), self._places(active, record, space)):
                within = frozenset(piece for piece in active if piece.conditions <= held and _inside(piece, place))
                if not within or within in regions:
                    continue
                region = (space, len(regions))
                regions[within] = region, held, trees
                terms += len(within)
                if len(regions) > MOST_REGIONS or terms > MOST_TERMS:
                    raise TooManyError
                for piece in within:
                    members[piece].add(region)
        self.regions |= {piece: frozenset(found) for piece, found in members.items()}
        self._natural(regions)

    def _places(self, pieces: Sequence[Piece], record: Any, space: Space) -> list[tuple[Any, ...]]:
        """Combinations of unit, and of how early each thing was reached, that the pieces tell apart."""
        axes: list[Sequence[Any]] = [self._unit_values(pieces, record, space)]
        days: dict[Tree, set[dt.date]] = defaultdict(set)
        for piece in pieces:
            if piece.reached is not None:
                days[piece.reached[0]].add(piece.reached[1])
        axes += [[(tree, day) for day in (*sorted(found), dt.date.max)] for tree, found in days.items()]
        count = 1
        for axis in axes:
            count *= len(axis)
        if count > MOST_REGIONS:
            raise TooManyError
        return list(product(*axes))

    def _unit_values(self, pieces: Sequence[Piece], record: Any, space: Space) -> Sequence[Any]:
        """(unit, class): the units that are named, and for all others of a class one value; none: (None, None)."""
        judged = {piece.judged for piece in pieces}
        if judged <= {WHOLE}:
            return [(None, None)]
        named = sorted(one.name for one in judged if one.kind == "unit")
        units = self.checked.campaign.units
        classes: list[str | None] = [*units.classes]
        roster = () if isinstance(units.roster, str) else units.roster
        of = {unit.id: unit.class_ for unit in roster}
        unnamed = {kind for name, kind in of.items() if name not in named} if roster else {*classes}
        values: list[Any] = [(None, name) for name in classes if name in unnamed]
        values += [(name, kind) for name in named for kind in ([of[name]] if name in of else classes or [None])]
        held = record.record.fields.get(space[2] or record.unit) if record is not None else None
        return values if held is not None and held.required and classes else [*values, (None, None)]

    def _natural(self, regions: Mapping[frozenset[Piece], tuple[Hashable, frozenset[Tree], frozenset[Tree]]]) -> None:
        """Counts are whole; a sum lies between the bounds that the conditions set for each row."""
        for within, (region, held, trees) in regions.items():
            if any(piece.what == COUNT or piece.distinct for piece in within):
                self.whole.add((region, COUNT))
            for what in {piece.what for piece in within if not piece.distinct and piece.what != COUNT}:
                low, high = bounds_of(what, held, trees - held)
                if low is not None and low > 0:
                    self.always.append(Row({(region, what): 1, (region, COUNT): number_of(-low)}, ">=", 0))
                high = MOST_OF_A_ROW if high is None and (region, COUNT) in self.whole else high
                if high is not None:  # among others: no rows, no sum
                    self.always.append(Row({(region, what): 1, (region, COUNT): number_of(-high)}, "<=", 0))

    def _form(self, sketch: Sketch) -> Form:
        form: dict[Hashable, Number] = defaultdict(int)
        for piece, factor in sketch.items():
            if piece.distinct:
                form["distinct", piece] += factor
                continue
            for region in self.regions[piece]:
                form[region, piece.what] += factor
        return dict(form)

    def _demand(self, one: Wanted) -> Demand:
        single = next(iter(one.top)) if len(one.top) == 1 and len(one.bottom or (1,)) == 1 else None
        if single is not None and one.top[single] != 1:
            single = None
        return Demand(
            one.target,
            one.window,
            one.judged,
            one.sense,
            one.number,
            self._form(one.top),
            None if one.bottom is None else self._form(one.bottom),
            single,
            None if single is None else self.regions[single],
            one.times,
        )

    def _distinct(self) -> None:
        """Different values: no more than rows, and no fewer than among some of these rows."""
        pieces = [piece for piece in self.regions if piece.distinct]
        self.whole |= {("distinct", piece) for piece in pieces}
        for piece in pieces:
            rows: dict[Hashable, Number] = {(region, COUNT): -1 for region in self.regions[piece]}
            self.always.append(Row({("distinct", piece): 1, **rows}, "<=", 0))
        for part, whole in product(pieces, pieces):
            if part is not whole and part.what == whole.what and self.regions[part] <= self.regions[whole]:
                self.always.append(Row({("distinct", part): 1, ("distinct", whole): -1}, "<=", 0))


def _widest(wanted: Sequence[Wanted]) -> list[Wanted]:
    """The demands of the targets that have most windows and judged; where all have as many, of the later half."""
    sizes = {one.target: len(one.target.windows) * len(one.target.judged) for one in wanted}
    most = [target for target, size in sizes.items() if size == max(sizes.values())]
    gone = set(most if len(most) < len(sizes) else most[len(most) // 2 :])
    return [one for one in wanted if one.target in gone]


def _cells(pieces: Sequence[Piece]) -> list[dt.date]:
    """The first days of the stretches of time that no interval divides. Raises TooManyError."""
    starts = {piece.start or dt.date.min for piece in pieces}
    starts |= {piece.end + DAY for piece in pieces if piece.end is not None}
    if len(starts) > MOST_CELLS:
        raise TooManyError
    return sorted(starts)


def _covers(piece: Piece, day: dt.date) -> bool:
    return (piece.start is None or piece.start <= day) and (piece.end is None or day <= piece.end)


def _inside(piece: Piece, place: tuple[Any, ...]) -> bool:
    (unit, kind), *reached = place
    judged = piece.judged
    if judged.kind == "unit" and judged.name != unit:
        return False
    if judged.kind in ("each", "all") and ((kind != judged.name) if judged.name else kind is None):
        return False
    return piece.reached is None or dict(reached)[piece.reached[0]] <= piece.reached[1]
