"""Scorecards → points: each item of each unit in each window, their sum, the total and its grade.

In: what is known and a checked scorecard. Out: `Total`s with their `ItemCell`s, each of which knows its status, its
ends and its row of results; what later cards and rankings ask for is entered in `Known`. Must not know: how methods
were lowered to formulas, rankings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, reduce
from typing import Final, cast

from attrs import frozen

from campaignrules.because import because, sum_of
from campaignrules.calendar import Window
from campaignrules.checked import HIGH, LOW, CheckedItem, CheckedScorecard, Judged, ScoreFormula
from campaignrules.errors import Text
from campaignrules.model import Within
from campaignrules.oracle.groups import Stand
from campaignrules.oracle.operands import MISSING, OPEN, Known, Span, exactly
from campaignrules.quantities import EXACT, divide, plain_text
from campaignrules.results import Score, ScoreStatus
from campaignrules.roster import Roster
from campaignrules.trees import Value

WITH_POINTS: Final = ("final", "provisional", "deferred")
NOTHING: Final = exactly(Decimal(0))


# -- who is compared with whom ------------------------------------------------------------------------------------


def units_in_order(roster: Roster, judged: tuple[Judged, ...]) -> list[str]:
    """The units that these words mean, in roster order."""
    names = {scope.name for scope in roster.scopes(judged)}
    return [unit.id for unit in roster.units if unit.id in names]


def group_of(roster: Roster, within: Within, unit: str) -> str | None:
    """The class or parent a unit is compared in; None is all, or those without."""
    found = roster.by_id[unit]
    return {"all": None, "class": found.class_, "parent": found.parent}[within]


def is_reference(roster: Roster, reference: frozenset[str], unit: str) -> bool:
    """Whether a unit is named, by id or class, as one that is not compared."""
    return unit in reference or roster.by_id[unit].class_ in reference


def groups(
    roster: Roster, within: Within, reference: frozenset[str], units: Iterable[str]
) -> Callable[[str], Sequence[str]]:
    """For each unit the members of its group, among these units."""
    among = [unit for unit in units if not is_reference(roster, reference, unit)]

    def members(unit: str) -> Sequence[str]:
        own = group_of(roster, within, unit)
        return [one for one in among if group_of(roster, within, one) == own]

    return members


def in_time(windows: Sequence[Window]) -> list[int]:
    """The positions of windows, in time."""
    return sorted(range(len(windows)), key=lambda i: (windows[i].start, windows[i].end))


# -- an item ------------------------------------------------------------------------------------------------------


@frozen(slots=False, eq=False)
class ItemCell:
    """One item for one unit and one window."""

    card: CheckedScorecard
    item: CheckedItem
    stand: Stand
    unit: str
    applies: Span

    @property
    def window(self) -> Window:
        """The item's own window."""
        return self.item.windows[self.stand.index]

    @cached_property
    def worth(self) -> Span:
        return MISSING if self.item.worth is None else self.stand.span(self.item.worth, self.unit)

    @cached_property
    def points(self) -> Span:
        """What the formula gives."""
        return self.stand.span(self.item.points, self.unit)

    @cached_property
    def status(self) -> ScoreStatus:
        as_of = self.stand.known.facts.as_of
        if is_ruled_out(self.applies):
            return "not_applicable"
        if self.window.start > as_of:
            return "not_due"
        if self.applies.missing or self.points.missing:
            return "missing"
        if not self.applies.settled or not self.points.settled:
            return "deferred"
        return "provisional" if as_of < self.window.end else "final"

    @cached_property
    def ends(self) -> Span:
        """What it contributes; what may not apply may contribute nothing."""
        if self.status not in WITH_POINTS:
            return MISSING
        if self.applies.settled or self.points.open:
            return self.points
        low, high = _numbers(self.points)
        return Span(min(low, Decimal(0)), max(high, Decimal(0)))

    @property
    def is_unsure(self) -> bool:
        """Whether it may come not to apply."""
        return not self.applies.missing and not self.applies.settled

    @property
    def is_unfinished(self) -> bool:
        """Whether it applies and its window is not over."""
        return self.status != "not_applicable" and self.stand.known.facts.as_of < self.window.end

    @property
    def named(self) -> Span:
        """Its points, as formulas name them."""
        return OPEN if self.is_unsure and self.status in WITH_POINTS else self.ends

    @property
    def awaits(self) -> frozenset[str]:
        if self.status != "deferred":
            return frozenset()
        return self.item.points.awaits | (self.item.applies.awaits if self.item.applies else frozenset())

    @property
    def because(self) -> Text | None:
        if self.status == "not_applicable":
            return Text("不适用", "does not apply")
        if self.status == "not_due":
            return Text(f"{self.window.start} 才开始", f"it only begins on {self.window.start}")
        result = self.points.low if self.points.settled else None
        return because(self.item.points, values_of(self.stand, self.item.points, self.unit), result)

    @property
    def score(self) -> Score:
        """The row of results."""
        return _row(
            self.card, self.item.id, self.unit, self.card.windows[self.stand.index], self.ends, self.status,
            worth=cast("Decimal | None", self.worth.low) if self.worth.settled else None,
            source=(self.item.item and self.item.item.source) or self.card.card.source,
            awaits=self.awaits, because=self.because,
        )  # fmt: skip


def is_ruled_out(condition: Span) -> bool:
    """Whether a condition is false, whatever is settled later."""
    return condition.low is False and condition.high is False


def values_of(stand: Stand, formula: ScoreFormula, unit: str) -> dict[str, Value]:
    """The values of a formula's operands; ends of those that are not settled, nothing of those without ends."""
    found: dict[str, Value] = {}
    for name in formula.operands:
        span = stand.operand(formula, name, unit)
        if span.open:
            continue
        agree = span.low == span.high
        found |= {name: span.low} if agree else {name + LOW: span.low, name + HIGH: span.high}
    return found


def _numbers(span: Span) -> tuple[Decimal, Decimal]:
    return cast("Decimal", span.low), cast("Decimal", span.high)


def _row(  # noqa: PLR0913  a row has many columns
    card: CheckedScorecard, item: str | None, unit: str, window: Window, ends: Span, status: ScoreStatus, *,
    worth: Decimal | None, source: str | None, awaits: frozenset[str], because: Text | None, grade: str | None = None,
) -> Score:  # fmt: skip
    low, high = cast("tuple[Decimal | None, Decimal | None]", (ends.low, ends.high))
    return Score(
        scorecard=card.id, item=item, unit=unit, window=window.id,
        points=low if status in ("final", "provisional") else None, lowest=low, highest=high, worth=worth,
        status=status, grade=grade, source=source, awaits=tuple(sorted(awaits)), because=because,
    )  # fmt: skip


# -- the sum ------------------------------------------------------------------------------------------------------


def summed(cells: Sequence[ItemCell]) -> Span:
    """What the items contribute together."""
    due = [cell for cell in cells if cell.status != "not_due"]
    proper = [cell for cell in due if cell.item.kind == "item"]
    sums = added(part for cell in proper if (part := contribution(cell)) is not None)
    if any(is_reweighed(cell) for cell in proper):
        sums = _reweighed(sums, proper)
    besides = (contribution(cell) for cell in due if cell.item.kind != "item")
    return added([sums, *(part for part in besides if part is not None)])


def is_reweighed(cell: ItemCell) -> bool:
    """Whether the other items take over its worth."""
    return _policy(cell) == "reweighed"


def _policy(cell: ItemCell) -> str | None:
    if cell.status == "not_applicable":
        return cell.item.not_applicable
    return cell.item.missing if cell.status == "missing" else None


def contribution(cell: ItemCell) -> Span | None:
    """What an item that is due adds to the sum; None is nothing at all."""
    by_policy = {"left_out": None, "reweighed": None, "zero": NOTHING, "full": cell.worth, "missing": MISSING}
    policy = _policy(cell)
    return cell.ends if policy is None else by_policy[policy]


def added(parts: Iterable[Span]) -> Span:
    """The sum of both ends; missing when one is missing, else open when one is open."""
    listed = list(parts)
    if any(part.missing for part in listed):
        return MISSING
    if any(part.open for part in listed):
        return OPEN
    lows, highs = [_numbers(part)[0] for part in listed], [_numbers(part)[1] for part in listed]
    return Span(reduce(EXACT.add, lows, Decimal(0)), reduce(EXACT.add, highs, Decimal(0)))


def _reweighed(sums: Span, cells: Sequence[ItemCell]) -> Span:
    """The sum × W ÷ (W − the worths not counted)."""
    if sums.missing:
        return MISSING
    if any(not cell.worth.settled and not cell.worth.missing for cell in cells):
        return OPEN
    whole = _worths(cells)
    left = EXACT.subtract(whole, _worths([cell for cell in cells if is_reweighed(cell)]))
    if not left or sums.open:
        return OPEN if left else MISSING
    low, high = (divide(EXACT.multiply(end, whole), left) for end in _numbers(sums))
    return Span(low, high)


def _worths(cells: Sequence[ItemCell]) -> Decimal:
    return reduce(EXACT.add, (_numbers(cell.worth)[0] for cell in cells if not cell.worth.missing), Decimal(0))


def has_any(cells: Sequence[ItemCell]) -> bool:
    """Whether some item applies; a card that lists none yet applies to everybody."""
    return not cells or any(cell.status != "not_applicable" for cell in cells)


# -- the total ----------------------------------------------------------------------------------------------------


@frozen(slots=False, eq=False)
class Total:
    """A scorecard for one unit and one window. `stand`, `graded`: where the total's and the grade's formulas stand."""

    card: CheckedScorecard
    stand: Stand
    graded: Stand
    unit: str
    items: tuple[ItemCell, ...]
    items_sum: Span

    @property
    def window(self) -> Window:
        return self.card.windows[self.stand.index]

    @property
    def formula(self) -> ScoreFormula:
        """The total's formula; another one when nothing bounds the sum."""
        return self.card.open if self.items_sum.open else self.card.total

    @cached_property
    def would_be(self) -> Span:
        """The total, if it is not disqualified."""
        return MISSING if self.items_sum.missing else self.stand.span(self.formula, self.unit)

    @cached_property
    def before_rounding(self) -> Span:
        if self.items_sum.missing or self.card.unrounded is None:
            return MISSING
        return OPEN if self.items_sum.open else self.stand.span(self.card.unrounded, self.unit)

    @property
    def reweighing(self) -> Text | None:
        """What the sum was multiplied by, when items were reweighed."""
        proper = [cell for cell in self.items if cell.status != "not_due" and cell.item.kind == "item"]
        lacking = [cell for cell in proper if is_reweighed(cell)]
        if not lacking or any(cell.worth.open for cell in proper):
            return None
        whole, without = _worths(proper), _worths(lacking)
        share = f"× {plain_text(whole)} ÷ {plain_text(EXACT.subtract(whole, without))}"
        zh, en = "、".join(c.item.title.zh for c in lacking), ", ".join(c.item.title.en for c in lacking)
        return Text(
            f"得分项之和 {share}（{zh} 不计，其余折算）", f"items {share} ({en} not counted, the rest reweighed)"
        )

    @property
    def decides_grade(self) -> Span:
        return self.before_rounding if self.card.grade_by == "exact" else self.would_be

    @cached_property
    def disqualified(self) -> Span:
        if self.card.disqualified is None:
            return exactly(False)
        return self.graded.span(self.card.disqualified, self.unit)

    @property
    def applies(self) -> bool:
        return has_any(self.items)

    @cached_property
    def status(self) -> ScoreStatus:
        as_of = self.stand.known.facts.as_of
        if not self.applies:
            return "not_applicable"
        if self.window.start > as_of:
            return "not_due"
        if self.disqualified.surely:
            return "disqualified"
        if self.would_be.missing or self.disqualified.missing:
            return "missing"
        if not self.would_be.settled or self.disqualified.possibly or self.may_vanish:
            return "deferred"
        return "provisional" if self.is_unfinished else "final"

    @property
    def is_unfinished(self) -> bool:
        """Whether its window, or that of an item, is not over."""
        as_of = self.stand.known.facts.as_of
        return as_of < self.window.end or any(cell.is_unfinished for cell in self.items)

    @property
    def may_not_apply(self) -> bool:
        """Whether it may turn out that no item applies."""
        return self.unit in self.stand.unsure

    @property
    def may_vanish(self) -> bool:
        """Whether it may turn out that there is no total: no item applies, or the sum is missing."""
        return self.may_not_apply or self.items_sum.open

    @property
    def is_unsure(self) -> bool:
        """Whether it has points that it may come not to have."""
        return self.status in WITH_POINTS and (self.disqualified.possibly or self.may_vanish)

    @property
    def named(self) -> Span:
        """Its points, as formulas name them."""
        return OPEN if self.is_unsure else self.ends

    @property
    def named_grade(self) -> Span:
        """The number of its grade, as formulas name it."""
        return OPEN if self.is_unsure and self.card.grade is not None else self.grade_index

    @property
    def ends(self) -> Span:
        return self.would_be if self.status in WITH_POINTS else MISSING

    @cached_property
    def grade_index(self) -> Span:
        """The ends of the grade's number, 0 the best; one more than there are where none is reached."""
        if self.card.grade is None or self.status not in WITH_POINTS:
            return MISSING
        return self.graded.span(self.card.grade, self.unit)

    @property
    def grade(self) -> str | None:
        index = one_number(self.grade_index)
        return None if index is None or index >= len(self.card.grades) else self.card.grades[int(index)]

    @property
    def awaits(self) -> frozenset[str]:
        if self.status != "deferred":
            return frozenset()
        found = self.card.total.awaits.union(*(cell.awaits for cell in self.items))
        condition = self.card.disqualified
        return found | condition.awaits if condition is not None and self.disqualified.possibly else found

    @property
    def because(self) -> Text | None:
        if self.status == "not_applicable":
            return Text("各项都不适用", "no item applies")
        if self.status == "not_due":
            return Text(f"{self.window.start} 才开始", f"it only begins on {self.window.start}")
        if self.status == "disqualified":
            return Text("取消资格", "disqualified")
        if self.status == "missing":
            return self._why_missing
        return sum_of(self.parts, both_numbers(self.items_sum), self._afterwards)

    @property
    def parts(self) -> list[tuple[Text, tuple[Decimal, Decimal] | None]]:
        """What each item adds, by title; None what is open."""
        due = [cell for cell in self.items if cell.status != "not_due"]
        return [(cell.item.title, both_numbers(part)) for cell in due if (part := contribution(cell)) is not None]

    @property
    def _why_missing(self) -> Text:
        lacking = [cell.item.title for cell in self.items if cell.status == "missing"]
        if not lacking:
            return Text("没有可以计算的数", "there is nothing to compute it from")
        return Text("缺：" + "、".join(t.zh for t in lacking), "missing: " + ", ".join(t.en for t in lacking))

    @property
    def _afterwards(self) -> Text | None:
        """What the total's formula makes of the sum, when it is not the sum itself."""
        if self.would_be == self.items_sum or self.formula.text == "items":
            return None
        values = values_of(self.stand, self.formula, self.unit)
        return because(self.formula, values, one_number(self.would_be))

    @property
    def rows(self) -> Iterator[Score]:
        """The rows of the items, then its own."""
        yield from (cell.score for cell in self.items)
        yield self.score

    @property
    def score(self) -> Score:
        """The row of results."""
        return _row(
            self.card, None, self.unit, self.window, self.ends, self.status, worth=self.card.out_of,
            source=self.card.card.source, awaits=self.awaits, because=self.because, grade=self.grade,
        )  # fmt: skip


def both_numbers(span: Span) -> tuple[Decimal, Decimal] | None:
    """Both ends of a number; none where it is open."""
    return None if span.open else _numbers(span)


def one_number(span: Span) -> Decimal | None:
    """The value of a number that is settled."""
    return _numbers(span)[0] if span.settled else None


# -- a whole card -------------------------------------------------------------------------------------------------


def judged_cards(known: Known, card: CheckedScorecard) -> list[Total]:
    """The card's totals: units in order, for each its windows in time. Enters its points and grades in `known`."""
    units = units_in_order(known.facts.roster, card.judged)
    by_window = {index: _in_window(known, card, units, index) for index in in_time(card.windows)}
    return [by_window[index][unit] for unit in units for index in by_window]


def _in_window(known: Known, card: CheckedScorecard, units: Sequence[str], index: int) -> Mapping[str, Total]:
    cells: dict[str, list[ItemCell]] = {unit: [] for unit in units}
    for item in card.items:
        for cell in _items(known, card, item, units, index):
            cells[cell.unit].append(cell)
            _enter(known.points, cell.named, f"{card.id}.{item.id}", cell.unit, card.windows[index])
    totals = _totals(known, card, cells, index)
    for unit, total in totals.items():
        _enter(known.points, total.named, card.id, unit, total.window)
        _enter(known.grades, total.named_grade, card.id, unit, total.window)
    return totals


def _enter(into: dict[tuple[str, str, Window], Span], span: Span, id_: str, unit: str, window: Window) -> None:
    into[id_, unit, window] = span


def _items(
    known: Known, card: CheckedScorecard, item: CheckedItem, units: Sequence[str], index: int
) -> Iterator[ItemCell]:
    roster = known.facts.roster
    named = None if item.judged is None else {scope.name for scope in roster.scopes(item.judged)}
    meant = [unit for unit in units if named is None or unit in named]
    asking = Stand(known, index, groups(roster, card.within, card.reference, meant))
    applies = {unit: _applies(asking, item, unit) if unit in meant else exactly(False) for unit in units}
    members = [unit for unit, span in applies.items() if not span.missing and not is_ruled_out(span)]
    unsure = frozenset(unit for unit in members if not applies[unit].settled)
    stand = Stand(known, index, groups(roster, card.within, card.reference, members), unsure=unsure)
    return (ItemCell(card, item, stand, unit, span) for unit, span in applies.items())


def _applies(stand: Stand, item: CheckedItem, unit: str) -> Span:
    return exactly(True) if item.applies is None else stand.span(item.applies, unit)


def _totals(known: Known, card: CheckedScorecard, cells: Mapping[str, list[ItemCell]], index: int) -> dict[str, Total]:
    sums = {unit: summed(own) for unit, own in cells.items()}
    applying = [unit for unit, own in cells.items() if has_any(own)]
    members = groups(known.facts.roster, card.within, card.reference, applying)
    unsure = frozenset(u for u in applying if all(c.is_unsure or c.status == "not_applicable" for c in cells[u]))
    decisive: dict[str, Span] = {}
    stand = Stand(known, index, members, {"items": sums}, unsure)
    graded = Stand(known, index, members, {"items": sums, "total": decisive}, unsure)
    totals = {unit: Total(card, stand, graded, unit, tuple(own), sums[unit]) for unit, own in cells.items()}
    decisive.update({unit: total.decides_grade for unit, total in totals.items()})
    return totals
