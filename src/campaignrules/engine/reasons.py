"""Dense scores → one line for each that says why, in the words of `because`; and which gates have taken effect.

Comes in: what the engine has scored, and rows of it. Goes out: the rows with `because` filled, gates of one unit. It
takes much longer than the scores themselves, so nobody asks for it before a report does. Must not know: how points
come about, how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import cast

from attrs import evolve, field, frozen

from campaignrules.because import because, sum_of
from campaignrules.checked import ENDS, CheckedItem, ScoreFormula
from campaignrules.engine.operands import Band, Board, band_of, bands_of
from campaignrules.engine.rows import Array
from campaignrules.engine.scored import Scored
from campaignrules.engine.scores import STATUSES, CardCells, Marks
from campaignrules.errors import Text
from campaignrules.quantities import unscaled
from campaignrules.results import GateResult, GateStatus, Score
from campaignrules.trees import Value

NOT_APPLICABLE = Text("不适用", "does not apply")
NONE_APPLIES = Text("各项都不适用", "no item applies")
NOTHING_TO_COUNT = Text("没有可以计算的数", "there is nothing to compute it from")
DISQUALIFIED = Text("取消资格", "disqualified")
Reason = Callable[[int], Text]


@frozen(eq=False, repr=False)
class Reasons:
    """Puts scores into words; what it has looked up once it keeps."""

    scored: Scored
    _cards: dict[str, _Card] = field(factory=dict)

    def explained(self, rows: Sequence[Score]) -> Iterator[Score]:
        """The rows, each with its reason."""
        for row in rows:
            card = self._card(row.scorecard)
            yield evolve(row, because=card.reason(row.item)(card.cell(row.unit, row.window)))

    def gates(self, card: str, unit: str, window: str) -> Iterator[GateResult]:
        """The gates of a scorecard for one unit in one window."""
        found = self._card(card)
        return found.gates(unit, window)

    def _card(self, name: str) -> _Card:
        if name not in self._cards:
            self._cards[name] = _Card(self.scored.board, self.scored.cards[name])
        return self._cards[name]


@frozen(eq=False, repr=False, slots=False)
class _Card:
    """One scorecard; cells stand unit by unit, for each its windows."""

    board: Board
    cells: CardCells
    _made: dict[str | None, Reason] = field(factory=dict)

    @cached_property
    def places(self) -> Mapping[tuple[str, str], int]:
        frame = self.cells.frame
        keys = ((unit.id, window.id) for unit in frame.units for window in frame.windows)
        return {key: i for i, key in enumerate(keys)}

    def cell(self, unit: str, window: str) -> int:
        return self.places[unit, window]

    def reason(self, item: str | None) -> Reason:
        """What says why, cell by cell, of an item or of the whole."""
        if item not in self._made:
            self._made[item] = self._total() if item is None else self._item(item)
        return self._made[item]

    def values(self, formula: ScoreFormula) -> Callable[[int], dict[str, Value]]:
        """The operands of a formula, by cell. What is open has no value."""
        given = {"items": self.cells.sums, "total": self.cells.total.full}
        self.board.here = self.cells.card.id
        bands = {name: _Listed(band) for name, band in bands_of(self.board, self.cells.frame, formula, given).items()}
        self.board.here = ""
        return lambda cell: {key: value for name, band in bands.items() for key, value in band.told(name, cell)}

    def band(self, formula: ScoreFormula, marks: Marks, unsure: Array) -> _Listed:
        given = {"items": self.cells.sums, "total": self.cells.total.full}
        self.board.here = self.cells.card.id
        found = band_of(self.board, self.cells.frame, formula, marks.member, given, unsure)
        self.board.here = ""
        return _Listed(found)

    def begins(self, item: CheckedItem | None, cell: int) -> Text:
        windows = self.cells.card.windows if item is None else item.windows
        day = windows[cell % len(windows)].start
        return Text(f"{day} 才开始", f"it only begins on {day}")

    # -- an item --------------------------------------------------------------------------------------------------

    def _item(self, name: str) -> Reason:
        items = self.cells.card.items
        index = next(i for i, item in enumerate(items) if item.id == name)
        item, marks = items[index], self.cells.items[index]
        values, points, status = (
            self.values(item.points),
            self.band(item.points, marks, marks.unsure),
            marks.status.tolist(),
        )
        said: dict[object, Text] = {}  # many units have done the same

        def reason(cell: int) -> Text:
            if STATUSES[status[cell]] == "not_applicable":
                return NOT_APPLICABLE
            if STATUSES[status[cell]] == "not_due":
                return self.begins(item, cell)
            told, result = values(cell), points.one(cell)
            key = (*told.items(), result)
            if key not in said:
                said[key] = because(item.points, told, result)
            return said[key]

        return reason

    # -- the whole ------------------------------------------------------------------------------------------------

    def _total(self) -> Reason:
        status = self.cells.total.status.tolist()
        parts = [_Part(item, marks) for item, marks in zip(self.cells.card.items, self.cells.items, strict=True)]
        sums, afterwards = _Listed(self.cells.sums), self._afterwards()

        def reason(cell: int) -> Text:
            name = STATUSES[status[cell]]
            if name == "not_due":
                return self.begins(None, cell)
            if name == "missing":
                return _lacking([part for part in parts if part.status(cell) == "missing"])
            if name in _SAID:
                return _SAID[name]
            told = [(part.item.title, part.adds(cell)) for part in parts if part.counts(cell)]
            return sum_of(told, sums.numbers(cell), afterwards(cell))

        return reason

    def _afterwards(self) -> Callable[[int], Text | None]:
        """What the formula of the whole makes of the sum, where it is not the sum itself."""
        card, sums, full = self.cells.card, _Listed(self.cells.sums), _Listed(self.cells.total.full)
        values = self.values(card.total), self.values(card.open)

        def told(cell: int) -> Text | None:
            open_ = sums.open[cell]
            formula = card.open if open_ else card.total
            if formula.text == "items" or sums.ends(cell) == full.ends(cell):
                return None
            return because(formula, values[open_](cell), full.one(cell))

        return told

    # -- gates ----------------------------------------------------------------------------------------------------

    def gates(self, unit: str, window: str) -> Iterator[GateResult]:
        cell, total = self.cell(unit, window), self.cells.total
        if STATUSES[total.status[cell]] in ("not_due", "not_applicable"):
            return
        for gate in self.cells.card.card.gates:
            formula = self.cells.card.gates.get(gate.id)
            if formula is None:
                continue
            state = self.band(formula, total, self.cells.unsure).truth(cell)
            why = because(formula, self.values(formula)(cell))
            yield GateResult(self.cells.card.id, gate.id, unit, window, state, gate.source, why)


_SAID = {"not_applicable": NONE_APPLIES, "disqualified": DISQUALIFIED}


def _lacking(parts: Sequence[_Part]) -> Text:
    if not parts:
        return NOTHING_TO_COUNT
    titles = [part.item.title for part in parts]
    return Text("缺：" + "、".join(title.zh for title in titles), "missing: " + ", ".join(title.en for title in titles))


@frozen(eq=False, repr=False, slots=False)
class _Listed:
    """A band as lists, quick to look at one by one."""

    band: Band

    @cached_property
    def low(self) -> list[int]:
        return list(self.band.low.tolist())

    @cached_property
    def high(self) -> list[int]:
        return list(self.band.high.tolist())

    @cached_property
    def known(self) -> list[bool]:
        return list(self.band.known.tolist())

    @cached_property
    def open(self) -> list[bool]:
        return list(self.band.open.tolist())

    def ends(self, cell: int) -> tuple[Value, Value] | None:
        if self.open[cell] or not self.known[cell]:
            return None
        low, high = self.low[cell], self.high[cell]
        return self._value(low), self._value(high)

    def _value(self, number: int) -> Value:
        return number if isinstance(number, bool) else unscaled(number, self.band.scale)

    def one(self, cell: int) -> Decimal | None:
        """The number, where it is settled."""
        ends = self.ends(cell)
        return ends[0] if ends and ends[0] == ends[1] and isinstance(ends[0], Decimal) else None

    def numbers(self, cell: int) -> tuple[Decimal, Decimal] | None:
        """Both ends of a number; none where it is open."""
        ends = self.ends(cell)
        return None if ends is None else cast("tuple[Decimal, Decimal]", ends)

    def told(self, name: str, cell: int) -> Iterator[tuple[str, Value]]:
        """The value under its name, both ends, or nothing of what is open."""
        ends = self.ends(cell)
        if ends is None:
            if not self.open[cell]:
                yield name, None
        elif ends[0] == ends[1]:
            yield name, ends[0]
        else:
            yield from zip((name + end for end in ENDS), ends, strict=True)

    def truth(self, cell: int) -> GateStatus:
        ends = self.ends(cell)
        if ends is None:
            return "possible" if self.open[cell] else "missing"
        return "holds" if ends[0] else "possible" if ends[1] else "does_not_hold"


@frozen(eq=False, repr=False, slots=False)
class _Part:
    """What one item contributes to the sum, by its policies."""

    item: CheckedItem
    marks: Marks

    @cached_property
    def statuses(self) -> list[int]:
        return list(self.marks.status.tolist())

    @cached_property
    def points(self) -> _Listed:
        return _Listed(self.marks.points)

    @cached_property
    def worth(self) -> _Listed | None:
        return None if self.marks.worth is None else _Listed(self.marks.worth)

    def status(self, cell: int) -> str:
        return STATUSES[self.statuses[cell]]

    def policy(self, cell: int) -> str | None:
        status = self.status(cell)
        if status == "not_applicable":
            return self.item.not_applicable
        return self.item.missing if status == "missing" else None

    def counts(self, cell: int) -> bool:
        return self.status(cell) != "not_due" and self.policy(cell) not in ("left_out", "reweighed")

    def adds(self, cell: int) -> tuple[Decimal, Decimal] | None:
        policy = self.policy(cell)
        if policy is None:
            return self.points.numbers(cell)
        if policy == "full" and self.worth is not None:
            return self.worth.numbers(cell)
        return (Decimal(0), Decimal(0)) if policy == "zero" else None
