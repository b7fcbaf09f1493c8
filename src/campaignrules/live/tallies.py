"""The cube of one record type, kept while rows come and go: sums by subtraction and addition, the rest by its entries.

Comes in: cuts of rows that go and of rows that come. Goes out: which tallies are different, as new dense arrays, and how
many more distinct values each cell of a metric has. Least, greatest and latest values are taken anew from all entries of
the cells that were touched; of distinct values is counted how often each occurs. Must not know: targets, rows of results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, field, frozen

from campaignrules.engine.cube import INT64_MAX, Filed
from campaignrules.engine.values import Values, beyond
from campaignrules.live.cuts import DIVIDES, Cut, Cutter, largest, largest_in
from campaignrules.live.pieces import Array
from campaignrules.planner import Scan, Tally, TallyRef

ADDED: Final = ("sum", "count")
EXTREME: Final = ("min", "max", "last")
MOST_LATE: Final = 50_000
LEAST_ROOM: Final = 1_024
FEW_LEADS: Final = 8
MOST_CELLS: Final = 4_000_000
"""Truths that are looked at together."""


class BeyondAdditionError(Exception):
    """A change that can only be evaluated anew."""


@frozen(eq=False, repr=False)
class Moves:
    """The rows that go and come of one record type, cut; `sign`: -1 for those that go, 1 for those that come."""

    cut: Cut
    sign: Array


@define(eq=False, repr=False)
class Entries:
    """Entries of whole numbers in columns, each with how often it occurs; one may stand several times, also less than 0.

    They stand in order of the first column, by which they are found. What came `late` is kept apart, in arrays with
    room for more, until there is much of it.
    """

    columns: list[Array]
    counts: Array
    late: list[Array] = field(factory=list)
    many: int = 0

    @classmethod
    def of(cls, columns: list[Array], counts: Array) -> Entries:
        """In order."""
        order = np.argsort(columns[0], kind="stable")
        return cls([column[order] for column in columns], counts[order])

    @property
    def came(self) -> list[Array]:
        """The columns of what came late, then how often each occurs."""
        return [column[: self.many] for column in self.late]

    def near(self, leads: Array, most: int) -> tuple[list[Array], Array]:
        """The entries whose first column is among `leads` (all below `most`, each once): columns and counts."""
        first, end = (np.searchsorted(self.columns[0], leads, side=side) for side in ("left", "right"))
        sizes = end - first
        at = np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        found = [column[at] for column in (*self.columns, self.counts)]
        if self.many:
            came = self.came
            more = _among(came[0], leads, most)
            if len(more):
                found = [np.concatenate([a, b[more]]) for a, b in zip(found, came, strict=True)]
        return found[:-1], found[-1]

    def move(self, rows: list[Array], sign: Array) -> None:
        """These rows have gone (-1) and come (1)."""
        if not self.late:
            self.late = [np.zeros(LEAST_ROOM, dtype=column.dtype) for column in (*self.columns, self.counts)]
        after = self.many + len(sign)
        if after > len(self.late[0]):
            self.late = [np.concatenate([column, np.zeros(after, column.dtype)]) for column in self.late]
        for column, new in zip(self.late, (*rows, sign), strict=True):
            column[self.many : after] = new
        self.many = after
        if after > max(MOST_LATE, len(self.counts) // 4):
            both = [np.concatenate(pair) for pair in zip((*self.columns, self.counts), self.came, strict=True)]
            whole = Entries.of(both[:-1], both[-1])
            self.columns, self.counts, self.late, self.many = whole.columns, whole.counts, [], 0


def _among(column: Array, leads: Array, most: int) -> Array:
    if len(leads) <= FEW_LEADS:
        found = np.zeros(len(column), dtype=bool)
        for lead in leads.tolist():
            found |= column == lead
        return np.flatnonzero(found)
    wanted = np.zeros(most, dtype=bool)
    wanted[leads] = True
    return np.flatnonzero(wanted[column])


def _occurring(columns: list[Array], counts: Array) -> list[Array]:
    """Each entry that occurs more than zero times, once, in order of the columns."""
    order = np.lexsort(columns[::-1])
    columns, counts = [column[order] for column in columns], counts[order]
    starts = np.ones(len(counts), dtype=bool)
    if len(counts):
        starts[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    at = np.flatnonzero(starts)
    total = np.add.reduceat(counts, at) if len(at) else counts
    return [column[at[total > 0]] for column in columns]


@define(eq=False, repr=False)
class Seen:
    """The distinct values of a tally. `codes`: value → its number; `entries`: value, unit, first cell, cell after."""

    codes: dict[Any, int]
    entries: Entries


@frozen(eq=False, repr=False)
class Spread:
    """Where some distinct values occurred and occur: value, unit, first cell and cell after of each entry."""

    before: list[Array]
    after: list[Array]


@define(eq=False, repr=False)
class Touched:
    """What is different: `refs`; their dense arrays by (ref, how they are combined); cohorts; distinct values."""

    refs: set[TallyRef] = field(factory=set)
    dense: dict[Any, tuple[Array, Array]] = field(factory=dict)
    filed: dict[int, Filed] = field(factory=dict)
    spread: dict[TallyRef, Spread] = field(factory=dict)

    def join(self, other: Touched) -> None:
        """And what is different in another record type."""
        self.refs |= other.refs
        self.dense |= other.dense
        self.filed |= other.filed
        self.spread |= other.spread


@define(eq=False, repr=False)
class Tallies:
    """The cube of one record type. `rows`: how many are not screened out; `largest`: the magnitude no summed number passes.

    `zeros`: the positions of rows in which a formula divides by zero.
    """

    cutter: Cutter
    rows: int = 0
    largest: int = 0
    zeros: set[int] = field(factory=set)
    extremes: dict[TallyRef, Entries] = field(factory=dict)
    seen: dict[TallyRef, Seen] = field(factory=dict)
    latest: dict[TallyRef, Array] = field(factory=dict)
    filters: dict[int, tuple[str, ...]] = field(factory=dict)
    listed: list[tuple[TallyRef, Scan, Tally]] = field(factory=list)

    @classmethod
    def of(cls, cutter: Cutter, rows: pl.LazyFrame, height: int) -> Tallies:
        """From all rows at once."""
        made = cls(cutter)
        cut = cutter.chosen(rows, height, cutter.wanted(*EXTREME, "distinct"))
        made.rows, made.largest = len(cut), largest(cutter, rows, height)
        if DIVIDES in cut.frame.columns:
            made.zeros = set(cut.positions[cut.truths((DIVIDES,))].tolist())
        for ref, scan, tally in made._tallies():
            if tally.kind in EXTREME:
                columns = made._extreme(cut, ref, scan, tally)[0]
                made.extremes[ref] = Entries.of(columns, np.ones(len(columns[0]), dtype=np.int64))
            elif tally.kind == "distinct":
                made.seen[ref] = made._seen(cut, ref, scan, tally)
        return made

    def _tallies(self) -> list[tuple[TallyRef, Scan, Tally]]:
        if not self.listed:
            self.listed = [
                (TallyRef(number, index), scan, tally)
                for number, scan in self.cutter.scans
                for index, tally in enumerate(scan.tallies)
            ]
        return self.listed

    @property
    def cells(self) -> int:
        return len(self.cutter.bounds) + 1

    # -- a batch --------------------------------------------------------------------------------------------------

    def moved(self, moves: Moves, values: Values) -> Touched:
        """What is different once these rows have gone and come. Raises BeyondAdditionError before anything is kept."""
        cut, sign = moves.cut, moves.sign
        more, summed = int(sign.sum()), [self.cutter.values[name] for name in self._summed()]
        most = max(self.largest, largest_in(cut, summed))
        found, wraps = Touched(), bool(summed) and most * max(self.rows, self.rows + more) > INT64_MAX
        for number, scan in self.cutter.scans:
            if any(tally.kind in ADDED for tally in scan.tallies):
                self._added(found, number, scan, moves, values, wraps=wraps)
        parts = [
            (ref, scan, tally, *self._extreme(cut, ref, scan, tally))
            for ref, scan, tally in self._tallies()
            if tally.kind in EXTREME
        ]
        self.rows, self.largest = self.rows + more, most
        for ref, _, tally, columns, chosen in parts:
            self._picked(found, ref, tally, columns, sign[chosen], values)
        for ref, scan, tally in self._tallies():
            if tally.kind == "distinct":
                self._counted(found, ref, scan, tally, moves)
        if DIVIDES in cut.frame.columns:
            divides = cut.truths((DIVIDES,))
            self.zeros -= set(cut.positions[divides & (sign < 0)].tolist())
            self.zeros |= set(cut.positions[divides & (sign > 0)].tolist())
        return found

    def _summed(self) -> set[str]:
        return {t.field for _, _, t in self._tallies() if t.kind == "sum" and t.field is not None}

    # sums and counts

    def _added(self, found: Touched, number: int, scan: Scan, moves: Moves, values: Values, *, wraps: bool) -> None:
        cut, cutter = moves.cut, self.cutter
        days, known = cutter.days(cut, number, scan)
        if len(cut) <= FEW_LEADS and not scan.dates.first:
            self._few_added(found, number, scan, moves, values, wraps=wraps)
            return
        units, weights = cutter.unit(cut, scan), dict[int, Array]()
        for index, tally in enumerate(scan.tallies):
            if tally.kind in ADDED:
                weights[index] = self._weight(cut, tally, known) * moves.sign
        if scan.dates.first:
            self._cohort(found, number, (units, days, known), moves, weights, values)
            return
        places = units * self.cells + cutter.cells(days)
        different, inverse = np.unique(places[known], return_inverse=True)
        sums = {index for index, tally in enumerate(scan.tallies) if tally.kind == "sum"}
        for index, weight in weights.items():
            total = np.zeros(len(different), dtype=weight.dtype)
            np.add.at(total, inverse, weight[known])
            if (nonzero := np.flatnonzero(total)).size:
                at = different[nonzero]
                _written(found, TallyRef(number, index), values, (at, total[nonzero]), wraps=wraps and index in sums)

    def _few_added(self, found: Touched, number: int, scan: Scan, moves: Moves, values: Values, *, wraps: bool) -> None:
        """The same for a few rows by Python."""
        cut, cutter = moves.cut, self.cutter
        days, known = cutter.days(cut, number, scan)
        places = (cutter.unit(cut, scan) * self.cells + cutter.cells(days)).tolist()
        rows = [(i, places[i], one) for i, one in enumerate(moves.sign.tolist()) if known[i]]
        for index, tally in enumerate(scan.tallies):
            if tally.kind not in ADDED:
                continue
            passes, total = self._passes(cut, tally), dict[int, int]()
            numbers = None if tally.field is None else self._numbers(cut, tally.kind, self.cutter.values[tally.field])
            for i, place, sign in rows:
                if passes[i]:
                    total[place] = total.get(place, 0) + (sign if numbers is None else sign * int(numbers[i]))
            if different := {place: more for place, more in total.items() if more}:
                changes = np.array([*different]), np.array([*different.values()])
                _written(found, TallyRef(number, index), values, changes, wraps=wraps and tally.kind == "sum")

    def _numbers(self, cut: Cut, kind: str, name: str) -> Array:
        return cut.there(name) if kind == "count" else cut.numbers(name)[0]

    def _passes(self, cut: Cut, tally: Tally) -> Array:
        """The rows that pass the filters of a tally."""
        if id(tally) not in self.filters:
            self.filters[id(tally)] = tuple(self.cutter.marks[tree] for tree in tally.filters)
        return cut.truths(self.filters[id(tally)])

    def _weight(self, cut: Cut, tally: Tally, filed: Array) -> Array:
        passes = self._passes(cut, tally) & filed
        if tally.field is None:
            return passes.astype(np.int64)
        name = self.cutter.values[tally.field]
        if tally.kind == "count":
            return (passes & cut.there(name)).astype(np.int64)
        return np.where(passes, cut.numbers(name)[0], 0)

    def _cohort(
        self, found: Touched, number: int, filed: tuple[Array, Array, Array], moves: Moves, weights: dict[int, Array],
        values: Values,
    ) -> None:  # fmt: skip
        """Rows with two dates are kept as entries; those that go as entries that take away."""
        units, days, known = filed
        before = values.cube.filed[number]
        if not any(weight[known].any() for weight in weights.values()):
            return
        first = moves.cut.numbers(f"d{number}_1")[0]
        assert before.first is not None  # noqa: S101  the scan keeps the first date
        tallies = {
            index: (
                np.concatenate([before.tallies[index][0], weight[known]]),
                np.ones(len(before.unit) + int(known.sum()), bool),
            )
            for index, weight in weights.items()
        }
        ends = [
            np.concatenate(pair)
            for pair in ((before.unit, units[known]), (before.day, days[known]), (before.first, first[known]))
        ]
        found.filed[number] = Filed(ends[0], ends[1], ends[2], tallies)
        found.refs |= {TallyRef(number, index) for index, weight in weights.items() if weight[known].any()}

    # least, greatest, latest

    def _extreme(self, cut: Cut, ref: TallyRef, scan: Scan, tally: Tally) -> tuple[list[Array], Array]:
        """Place in the dense array, day and number of each row that counts; and which rows these are."""
        days, filed = self.cutter.days(cut, ref.scan, scan)
        numbers, known = cut.numbers(self.cutter.values[tally.field or ""])
        if numbers.dtype == object:
            raise BeyondAdditionError
        chosen = np.flatnonzero(self._passes(cut, tally) & filed & known)
        places = self.cutter.unit(cut, scan) * self.cells + self.cutter.cells(days)
        return [places[chosen], days[chosen], numbers[chosen]], chosen

    def _picked(
        self, found: Touched, ref: TallyRef, tally: Tally, columns: list[Array], sign: Array, values: Values
    ) -> None:
        """The cells of rows that go where they were the least, greatest, latest are looked through; others compare."""
        if not len(sign):
            return
        dense, known = (array.copy() for array in values.dense(ref, tally.kind))
        flat, some, entries = dense.reshape(-1), known.reshape(-1), self.extremes[ref]
        places, gone = np.unique(columns[0]), sign < 0
        held = _Best(places, self._days(ref, flat)[places], flat[places], some[places])
        lost = np.unique(columns[0][gone & held.chosen(columns, tally.kind)])
        entries.move(columns, sign)
        keep = ~np.isin(places, lost) & held.there
        come = ~gone & ~np.isin(columns[0], lost)
        parts = [[held.places[keep], held.days[keep], held.numbers[keep]], [column[come] for column in columns]]
        if len(lost):
            parts.append(_occurring(*entries.near(lost, len(flat))))
        best = _best([np.concatenate(column) for column in zip(*parts, strict=True)], tally.kind)
        there = np.isin(places, best[0])
        fresh = np.full(len(places), 0 if tally.kind == "last" else beyond(tally.kind, flat.dtype), dtype=flat.dtype)
        fresh[there] = best[2]
        self._days(ref, flat)[places[there]] = best[1]
        if (fresh != held.numbers).any() or (there != held.there).any():
            flat[places], some[places] = fresh, there
            found.dense[ref, tally.kind] = (dense, known)
            found.refs.add(ref)

    def _days(self, ref: TallyRef, flat: Array) -> Array:
        """For each cell the day of its latest value; of no importance for least and greatest ones."""
        if ref not in self.latest:
            self.latest[ref] = np.zeros(len(flat), dtype=np.int64)
            columns = self.extremes[ref].columns
            np.maximum.at(self.latest[ref], columns[0], columns[1])
        return self.latest[ref]

    # distinct values

    def _distinct(self, cut: Cut, ref: TallyRef, scan: Scan, tally: Tally) -> tuple[pl.Series, list[Array], Array]:
        """The values of all rows, and unit, first cell and cell after, of each row that counts; which rows these are."""
        days, filed = self.cutter.days(cut, ref.scan, scan)
        value = cut.frame[self.cutter.values[tally.field or ""]]
        chosen = self._passes(cut, tally) & filed & cut.there(self.cutter.values[tally.field or ""])
        start = self.cutter.cells(days)
        end = start + 1 if tally.until is None else cut.numbers(self.cutter.ends[tally.until])[0]
        at = np.flatnonzero(chosen & (end > start))
        columns = [column[at] for column in (self.cutter.unit(cut, scan), start, end)]
        return value, columns, at

    def _seen(self, cut: Cut, ref: TallyRef, scan: Scan, tally: Tally) -> Seen:
        value, columns, at = self._distinct(cut, ref, scan, tally)
        value = value.gather(at)
        names = value.unique()
        numbers = pl.DataFrame({"v": names, "n": np.arange(len(names), dtype=np.int64)})
        rows = pl.DataFrame({"v": value, **{f"c{i}": column for i, column in enumerate(columns)}})
        joined = rows.join(numbers, on="v", how="left").group_by("n", "c0", "c1", "c2").len()
        entries = Entries.of(
            [joined[name].to_numpy() for name in ("n", "c0", "c1", "c2")], joined["len"].to_numpy().astype(np.int64)
        )
        return Seen(dict(zip(_plain(names), range(len(names)), strict=True)), entries)

    def _counted(self, found: Touched, ref: TallyRef, scan: Scan, tally: Tally, moves: Moves) -> None:
        value, where, at = self._distinct(moves.cut, ref, scan, tally)
        if not len(at):
            return
        seen, names = self.seen[ref], _plain(value)
        codes = np.array([seen.codes.setdefault(names[i], len(seen.codes)) for i in at.tolist()], dtype=np.int64)
        columns, counts = seen.entries.near(np.unique(codes), len(seen.codes))
        rows, sign = [codes, *where], moves.sign[at]
        before = _occurring(columns, counts)
        both = [np.concatenate(pair) for pair in zip(columns, rows, strict=True)]
        after = _occurring(both, np.concatenate([counts, sign]))
        seen.entries.move(rows, sign)
        if len(before[0]) != len(after[0]) or any((a != b).any() for a, b in zip(before, after, strict=True)):
            found.spread[ref] = Spread(before, after)
            found.refs.add(ref)


def _written(
    found: Touched, ref: TallyRef, values: Values, changes: tuple[Array, Array], *, wraps: bool
) -> None:  # fmt: skip
    """A tally with what is more (or less) at some places. `wraps`: whether a sum may outgrow 64 bits."""
    dense, some = values.dense(ref, "sum")
    if wraps and dense.dtype != object:
        raise BeyondAdditionError
    dense = dense.copy()
    dense.reshape(-1)[changes[0]] += changes[1].astype(dense.dtype)
    found.dense[ref, "sum"] = (dense, some)
    found.refs.add(ref)


@frozen(eq=False, repr=False)
class _Best:
    """The cells that rows touch: what is the least, greatest or latest there, and its day."""

    places: Array
    days: Array
    numbers: Array
    there: Array

    def chosen(self, columns: list[Array], kind: str) -> Array:
        """The rows that are it."""
        at = np.searchsorted(self.places, columns[0])
        same = (self.numbers[at] == columns[2]) & self.there[at]
        return same & (self.days[at] == columns[1]) if kind == "last" else np.asarray(same)


def _best(columns: list[Array], kind: str) -> list[Array]:
    """Of each place the entry that counts, places ascending."""
    order = np.lexsort((columns[2], columns[1], columns[0]) if kind == "last" else (columns[2], columns[0]))
    columns = [column[order] for column in columns]
    ends = np.ones(len(order), dtype=bool)
    if len(order):
        change = columns[0][1:] != columns[0][:-1]
        ends[(slice(1, None) if kind == "min" else slice(None, -1))] = change
    return [column[ends] for column in columns]


def _plain(values: pl.Series) -> list[Any]:
    """Values that can be looked up."""
    return [tuple(one) if isinstance(one, list) else one for one in values.to_list()]


def more_distinct(
    spread: Spread, scopes: Sequence[Array | None], spans: Sequence[tuple[int, int]], shape: tuple[int, int]
) -> Array:
    """How many more distinct values there are now, [scope, range of cells]. `shape`: of the dense arrays."""
    found = np.zeros((len(scopes), len(spans)), dtype=np.int64)
    step = max(1, MOST_CELLS // (shape[0] * (shape[1] + 1)))
    for columns, sign in ((spread.after, 1), (spread.before, -1)):
        names, numbers = np.unique(columns[0], return_inverse=True)
        for low in range(0, len(names), step):
            part = np.flatnonzero((numbers >= low) & (numbers < low + step))
            size = (min(step, len(names) - low), shape[0], shape[1] + 1)
            at = (numbers[part] - low, *(column[part] for column in columns[1:]))
            found += sign * _hits(at, size, scopes, spans)
    return found


def _hits(
    at: tuple[Array, ...], size: tuple[int, int, int], scopes: Sequence[Array | None], spans: Sequence[tuple[int, int]]
) -> Array:  # fmt: skip
    """How many values occur in each scope and range."""
    value, unit, start, end = at
    steps = np.zeros(size, dtype=np.int32)
    np.add.at(steps, (value, unit, start), 1)
    np.add.at(steps, (value, unit, np.minimum(end, size[2] - 1)), -1)
    inside = np.cumsum(steps, axis=2)[:, :, :-1] > 0
    upto = np.concatenate([np.zeros((*size[:2], 1), np.int32), np.cumsum(inside, axis=2, dtype=np.int32)], axis=2)
    first, last = (np.array([span[i] for span in spans], dtype=np.int64).clip(0) for i in (0, 1))
    hit = upto[:, :, np.maximum(first, last)] > upto[:, :, first]
    found = np.zeros((len(scopes), len(spans)), dtype=np.int64)
    single = [i for i, rows in enumerate(scopes) if rows is not None and len(rows) == 1]
    if single:
        each = hit.sum(axis=0)
        found[single] = each[[scopes[i][0] for i in single]]  # type: ignore[index]
    for i in set(range(len(scopes))) - set(single):
        rows = scopes[i]
        found[i] = (hit if rows is None else hit[:, rows]).any(axis=1).sum(axis=0)
    return found
