"""Linear rows → can they all hold, which few of them clash, how small can a sum get: exact, by a simplex in fractions.

In: forms over named amounts, none below zero, and rows `form ≥ number` or `form ≤ number`. Out: yes or no, smallest
clashing sets, exact minima and the rows that they are owed to. Every question is bounded; one that takes too long raises
UnknownError. Why not z3: docs/decisions/0012. Must not know: campaigns, targets, texts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Final, Literal

from attrs import define, field, frozen

from campaignrules.consistency.bundles import OBJECTIVE, Bundles, Pattern

Number = int | Fraction
Form = Mapping[Any, Number]
"""Amount → factor."""
Sense = Literal[">=", "<="]

PIVOTS: Final = 400
"""What one question may take."""
STEPS: Final = 1_000_000
"""What all questions about a campaign may take together, in numbers written; by the count and not by the clock, so that
every machine finds the same. About a second.
"""


class UnknownError(Exception):
    """The answer is not known within the limits."""


class BoundlessError(Exception):
    """The form has no minimum."""


@frozen(eq=False)
class Row:
    """`form` `sense` `number`. What `name` is, only the asker knows."""

    form: Form
    sense: Sense
    number: Number
    name: Hashable = None


@frozen(eq=False)
class Least:
    """A minimum, and the rows that it is owed to: a form is at least this whenever they hold."""

    value: Fraction
    owed: tuple[Row, ...]


@define(eq=False)
class Budget:
    """What all questions may take together; `asked`: how many there were, `spent`: what they took."""

    steps: int = STEPS
    asked: int = field(default=0, init=False)
    spent: int = field(default=0, init=False)

    def spend(self, steps: int) -> None:
        self.spent += steps
        if self.spent > self.steps:
            raise UnknownError


class Solver:
    """Questions about amounts that keep `always`; `whole`: those that are whole numbers."""

    def __init__(self, always: Iterable[Row] = (), whole: Collection[Hashable] = (), budget: Budget | None = None):
        self.whole = whole
        self.budget = budget or Budget()
        self.bundles = Bundles(always, self._may_be_something)

    def possible(self, rows: Sequence[Row]) -> bool:
        """Whether all rows can hold at once. Raises UnknownError."""
        return self._solved({}, rows).blame is None

    def clash(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        """A smallest set of rows that cannot hold together; none when all can. Raises UnknownError.

        Smallest: whichever of them is left out, the others can hold.
        """
        blame = self._solved({}, rows).blame
        if blame is None:
            return ()
        return _thinned([row for row in rows if row in blame], lambda fewer: not self.possible(fewer))

    def least(self, form: Form, rows: Sequence[Row], *, shares: bool = False) -> Least | None:
        """The minimum of a form where all rows hold; None when they cannot. Raises UnknownError, BoundlessError.

        Of whole amounts it is a whole number: no greater than the true minimum, and at least that of fractions.
        `shares`: the amounts are shares of a total of one, so none is whole.
        """
        table = self._solved(form, rows)
        if table.blame is not None:
            return None
        owed = table.owed()
        value = Fraction(table.objective_at)
        return Least(value if shares else self._rounded(form, value), tuple(row for row in rows if row in owed))

    def forcing(self, form: Form, rows: Sequence[Row], number: Number) -> tuple[Row, ...]:
        """A smallest set of rows that forces a form to be at least `number`; none when they do not."""
        found = self.least(form, rows)
        if found is None or found.value < number:
            return ()

        def forces(fewer: Sequence[Row]) -> bool:
            again = self.least(form, fewer)
            return again is None or again.value >= number

        return _thinned(list(found.owed) if forces(found.owed) else list(rows), forces)

    def most(self, form: Form, rows: Sequence[Row]) -> Fraction | None:
        """The maximum of a form; None when the rows cannot hold. Raises UnknownError, BoundlessError."""
        found = self.least({name: -factor for name, factor in form.items()}, rows)
        return None if found is None else -found.value

    def _rounded(self, form: Form, value: Fraction) -> Fraction:
        whole = all(name in self.whole and factor == int(factor) for name, factor in form.items())
        return Fraction(ceil(value)) if whole else value

    def _solved(self, form: Form, rows: Sequence[Row]) -> Table:
        self.budget.asked += 1
        natural, gone = self.bundles.needed(_patterns(form, rows))
        table = Table(form, [*rows, *natural], self.budget, gone)
        table.solve()
        return table

    def _may_be_something(self, rows: Sequence[Row], name: Hashable) -> bool:
        """Whether an amount can be more than zero where these rows hold. Raises UnknownError."""
        table = Table({}, [*rows, Row({name: 1}, ">=", 1)], self.budget)
        table.solve()
        return table.blame is None


def _patterns(form: Form, rows: Sequence[Row]) -> dict[Hashable, Pattern]:
    """For each amount that a question speaks of, in which of its rows it stands, with which factor."""
    found: dict[Hashable, list[tuple[int, Number]]] = {name: [(OBJECTIVE, factor)] for name, factor in form.items()}
    for index, row in enumerate(rows):
        for name, factor in row.form.items():
            found.setdefault(name, []).append((index, factor))
    return {name: tuple(places) for name, places in found.items()}


def _thinned(rows: list[Row], still: Callable[[list[Row]], bool]) -> tuple[Row, ...]:
    """`rows` without those that are not needed for it to be so still."""
    for row in tuple(rows):
        fewer = [one for one in rows if one is not row]
        if still(fewer):
            rows = fewer
    return tuple(rows)


# --- the simplex ------------------------------------------------------------------


class Table:
    """A dictionary of the simplex: basic variables as sums over the others, all of which are zero now.

    Variables are whole numbers: rows' slacks 0, 1, …, then columns. Amounts that stand in the same rows with the same
    factors are one column; those that are `gone` are none.
    """

    def __init__(
        self, form: Form, rows: Sequence[Row], budget: Budget, gone: Collection[Hashable] = frozenset()
    ) -> None:
        self.rows, self.budget = rows, budget
        self.blame: frozenset[Row] | None = None
        self.at: dict[int, Number] = {}
        self.sums: dict[int, dict[int, Number]] = {}
        self.objective_at: Number = 0
        self.objective: dict[int, Number] = {}
        columns: dict[tuple[object, ...], int] = {}
        signs = [1 if row.sense == ">=" else -1 for row in rows]
        entries: dict[Hashable, list[tuple[int, Number]]] = {name: [] for name in form}
        budget.spend(sum(len(row.form) for row in rows))
        for index, row in enumerate(rows):
            self.at[index], self.sums[index] = -signs[index] * row.number, {}
            for name, factor in row.form.items():
                if factor:
                    entries.setdefault(name, []).append((index, signs[index] * factor))
        for name, places in entries.items():
            key = (form.get(name, 0), *places)
            if key in columns or name in gone:
                continue
            columns[key] = column = len(rows) + len(columns)
            if form.get(name):
                self.objective[column] = form[name]
            for index, factor in places:
                self.sums[index][column] = factor

    def solve(self) -> None:
        """Go to the minimum, or find the rows to blame. Raises UnknownError, BoundlessError."""
        wanted, wanted_at = self.objective, self.objective_at
        if any(factor < 0 for factor in wanted.values()):
            self.objective = {}  # first any place where all rows hold, then down from there
            self._repair()
            self.objective, self.objective_at = self._told(wanted, wanted_at)
            if self.blame is None:
                self._descend()
        else:
            self._repair()

    def owed(self) -> frozenset[Row]:
        """The rows without which the minimum might be smaller."""
        return frozenset(self.rows[name] for name, cost in self.objective.items() if cost and name < len(self.rows))

    def _repair(self) -> None:
        """The dual simplex: as long as a sum is below zero, raise it where that costs least."""
        for step in range(PIVOTS):
            broken = [name for name, value in self.at.items() if value < 0]
            if not broken:
                return
            leaving = min(broken) if step > PIVOTS // 2 else min(broken, key=lambda name: (self.at[name], name))
            row = self.sums[leaving]
            able = [name for name, factor in row.items() if factor > 0]
            if not able:
                names = {leaving, *row}
                self.blame = frozenset(self.rows[name] for name in names if name < len(self.rows))
                return
            costs = ((_ratio(self.objective.get(name, 0), row[name]), name) for name in able)
            self._pivot(leaving, min(costs)[1])
        raise UnknownError

    def _descend(self) -> None:
        """The primal simplex, always by the first variable that helps, so that it cannot go round in circles."""
        for _ in range(PIVOTS):
            entering = min((name for name, cost in self.objective.items() if cost < 0), default=None)
            if entering is None:
                return
            limits = [
                (_ratio(self.at[name], -row[entering]), name)
                for name, row in self.sums.items()
                if row.get(entering, 0) < 0
            ]
            if not limits:
                raise BoundlessError
            self._pivot(min(limits)[1], entering)
        raise UnknownError

    def _pivot(self, leaving: int, entering: int) -> None:
        """Let two variables change places."""
        row, value = self.sums.pop(leaving), self.at.pop(leaving)
        factor = row.pop(entering)
        new = {name: _ratio(-one, factor) for name, one in row.items()}
        new[leaving] = _ratio(1, factor)
        new_at = _ratio(-value, factor)
        self.budget.spend(len(self.sums))
        for name, other in self.sums.items():
            if times := other.pop(entering, 0):
                self.budget.spend(len(new))
                _add(other, new, times)
                self.at[name] += times * new_at
        if times := self.objective.pop(entering, 0):
            _add(self.objective, new, times)
            self.objective_at += times * new_at
        self.sums[entering], self.at[entering] = new, new_at

    def _told(self, form: Mapping[int, Number], start: Number) -> tuple[dict[int, Number], Number]:
        """A form over columns, said in what is not basic now."""
        told: dict[int, Number] = {}
        for name, factor in form.items():
            if name in self.sums:
                _add(told, self.sums[name], factor)
                start += factor * self.at[name]
            else:
                _add(told, {name: 1}, factor)
        return told, start


def number_of(value: Number | Decimal) -> Number:
    """A number exactly, as a whole number where it is one: those are many times faster."""
    if isinstance(value, int):
        return value
    found = Fraction(value)
    return found.numerator if found.denominator == 1 else found


def _ratio(one: Number, other: Number) -> Number:
    if other in (1, -1):
        return one if other == 1 else -one
    return number_of(Fraction(one) / other)


def _add(form: dict[int, Number], other: Mapping[int, Number], times: Number) -> None:
    for name, factor in other.items():
        total = form.get(name, 0) + times * factor
        if total:
            form[name] = total
        else:
            form.pop(name, None)
