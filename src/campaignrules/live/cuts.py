"""What the scans of the cube see in rows: the day and unit each is filed under, which filters it passes, its numbers.

Comes in: typed rows with their positions. Goes out: `Cut`s, one entry per row that is not screened out, by the very
expressions that the engine runs. Must not know: what stood before, results.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, field

from campaignrules.columns import row_faults, zero_expression
from campaignrules.engine.framed import Framed, cell_expression, days_of, framed
from campaignrules.engine.rows import filters_of, looked_at, names_in, summed
from campaignrules.intake import Table
from campaignrules.intake.kinds import Kind
from campaignrules.intake.raw import ROW
from campaignrules.live.pieces import Array
from campaignrules.planner import Plan, Scan
from campaignrules.trees import Tree, bind

LEAST: Final = 64
"""Up to so many rows are made into Python's values all at once."""
FEW: Final = 4_000
"""Up to so many rows are made into arrays by Python."""
PLAINLY: Final = pl.QueryOptFlags.none()
DIVIDES: Final = "z"
"""The column of rows in which a formula divides by zero."""


@define(eq=False, repr=False)
class Cut:
    """Rows as columns, each made into arrays once. `positions`: of the rows."""

    positions: Array
    frame: pl.DataFrame
    made: dict[str, tuple[Array, Array]] = field(factory=dict)
    passed: dict[tuple[str, ...], Array] = field(factory=dict)
    filled: dict[str, Array] = field(factory=dict)
    owned: dict[str | None, Array] = field(factory=dict)
    plain: dict[str, list[Any]] = field(factory=dict)

    def __len__(self) -> int:
        return len(self.positions)

    def numbers(self, name: str) -> tuple[Array, Array]:
        """Whole numbers, 0 where there is none, and which of them are known; wider than 64 bits as Python ints."""
        if name not in self.made:
            if len(self) <= LEAST:
                self.made[name] = _of_cells(self.cells[name])
                return self.made[name]
            series = self.frame[name]
            plain = not series.null_count() and series.dtype != pl.Int128
            self.made[name] = (_plain if plain else _few if len(self) <= FEW else _many)(series)
        return self.made[name]

    @property
    def cells(self) -> dict[str, list[Any]]:
        """The columns as Python's values."""
        if not self.plain:
            self.plain = self.frame.to_dict(as_series=False)
        return self.plain

    def truths(self, names: tuple[str, ...]) -> Array:
        """The rows for which all of these are true; nobody may change what is handed out."""
        if names not in self.passed:
            found = np.ones(len(self), dtype=bool)
            for name in names:
                found &= self.numbers(name)[0] != 0
            self.passed[names] = found
        return self.passed[names]

    def there(self, name: str) -> Array:
        """The rows in which there is something."""
        if name not in self.filled:
            few = len(self) <= LEAST
            known = [cell is not None for cell in self.cells[name]] if few else self.frame[name].is_not_null()
            self.filled[name] = np.array(known, dtype=bool)
        return self.filled[name]


def _plain(series: pl.Series) -> tuple[Array, Array]:
    return series.to_numpy().astype(np.int64), np.ones(len(series), dtype=bool)


def _few(series: pl.Series) -> tuple[Array, Array]:
    """Python is done before the engine would have begun."""
    return _of_cells(series.to_list())


def _of_cells(cells: list[Any]) -> tuple[Array, Array]:
    known = np.array([cell is not None for cell in cells], dtype=bool)
    values = [0 if cell is None else int(cell) for cell in cells]
    wide = any(not -(2**63) < value < 2**63 for value in values)
    return np.array(values, dtype=object if wide else np.int64), known


def _many(series: pl.Series) -> tuple[Array, Array]:
    known = series.is_not_null().to_numpy()
    if series.dtype == pl.Boolean:
        return series.fill_null(value=False).to_numpy().astype(np.int64), known
    series = series.fill_null(0)
    if series.dtype != pl.Int128 or largest_of(series) < 2**63:
        return series.cast(pl.Int64).to_numpy(), known
    values = np.empty(len(series), dtype=object)
    values[:] = series.to_list()
    return values, known


@define(eq=False, repr=False)
class Cutter:
    """Cuts the rows of one record type. `bounds`: those of the cube; `units`: their places in the roster."""

    plan: Plan
    kind: Kind
    as_of: dt.date
    bounds: tuple[int, ...]
    units: Mapping[str, int]
    marks: dict[Tree, str] = field(factory=dict)
    values: dict[str, str] = field(factory=dict)
    owners: dict[str, str] = field(factory=dict)
    ends: dict[Tree, str] = field(factory=dict)
    asked: tuple[list[Tree], list[str]] = field(init=False)
    days_from: Array = field(init=False)
    scans: list[tuple[int, Scan]] = field(init=False)
    lowered: list[pl.Expr] = field(factory=list)
    """Made once: the columns of all rows have the same names."""

    def __attrs_post_init__(self) -> None:
        self.asked = looked_at(self.plan, self.record)
        self.days_from = np.array(self.bounds, dtype=np.int64)
        self.scans = [(number, scan) for number, scan in enumerate(self.plan.scans) if scan.record == self.record]
        for _, scan in self.scans:
            for tree in filters_of(scan):
                self.marks.setdefault(tree, f"f{len(self.marks)}")
            for tally in scan.tallies:
                if tally.field is not None:
                    self.values.setdefault(tally.field, f"v{len(self.values)}")
                if tally.until is not None:
                    self.ends.setdefault(tally.until, f"g{len(self.ends)}")
            if scan.unit is not None:
                self.owners.setdefault(scan.unit, f"u{len(self.owners)}")

    @property
    def record(self) -> str:
        return self.kind.id

    def cut(self, rows: pl.LazyFrame, height: int) -> Cut:
        """All that the scans see in these rows."""
        kept = self._kept(rows, height)
        if not self.lowered:
            self.lowered = [pl.col(ROW), *self._expressions(kept)]
        with row_faults():
            frame = self._plainly(kept) if height <= FEW else kept.frame.select(self.lowered).collect()
        return Cut(frame[ROW].to_numpy(), frame)

    def _plainly(self, kept: Framed) -> pl.DataFrame:
        """To look for a better way, or to share the work out, takes longer than a few rows do."""
        return kept.frame.select_seq(self.lowered).collect(optimizations=PLAINLY)

    def chosen(self, rows: pl.LazyFrame, height: int, names: Iterable[str]) -> Cut:
        """As `cut`, but some columns only."""
        kept, wanted = self._kept(rows, height), {*names}
        with row_faults():
            made = [one for one in self._expressions(kept) if one.meta.output_name() in wanted]
            frame = kept.frame.select(pl.col(ROW), *made).collect()
        return Cut(frame[ROW].to_numpy(), frame)

    def _kept(self, rows: pl.LazyFrame, height: int) -> Framed:
        table = Table(self.record, rows, self.kind.columns, height)
        trees, fields = self.asked
        return framed(self.plan.checked, table, self.as_of, trees, [*fields, *self.owners])

    def _expressions(self, kept: Framed) -> Iterator[pl.Expr]:
        for field_, name in self.owners.items():
            yield kept.column(field_).cast(pl.String).alias(name)
        for tree, name in self.marks.items():
            yield kept.value(tree).alias(name)
        for field_, name in self.values.items():
            yield kept.column(field_).alias(name)
        for tree, name in self.ends.items():
            until = kept.value(tree).cast(pl.Date).cast(pl.Int32)
            yield cell_expression(until, self.bounds).fill_null(len(self.bounds) + 1).alias(name)
        for number, scan in self.scans:
            for i, day in enumerate(days_of(scan, kept, self.bounds)):
                yield day.alias(f"d{number}_{i}")
        if zeros := [*self._zeros(kept)]:
            yield pl.any_horizontal(zeros).alias(DIVIDES)

    def _zeros(self, kept: Framed) -> Iterator[pl.Expr]:
        """As the engine counts them: in what the scans look at, and in the derived fields behind."""
        trees, fields = self.asked
        behind = kept.record.behind([*names_in(trees), *fields])
        derived = [formula.root for name, formula in kept.record.derived.items() if name in behind]
        for tree in (*trees, *derived):
            if (zero := zero_expression(bind(tree, {"as_of": self.as_of}), kept.names)) is not None:
                yield zero

    # -- columns of a scan ----------------------------------------------------------------------------------------

    def filed(self, number: int) -> str:
        """The column of the day, or the cell, that a scan files a row under."""
        return f"d{number}_0"

    def unit(self, cut: Cut, scan: Scan) -> Array:
        """The place of each row's unit in the roster; its length for none."""
        if scan.unit not in cut.owned:
            cut.owned[scan.unit] = self._unit(cut, scan)
        return cut.owned[scan.unit]

    def _unit(self, cut: Cut, scan: Scan) -> Array:
        none = len(self.units)
        if scan.unit is None or not self.units:
            return np.full(len(cut), none, dtype=np.int64)
        names = cut.frame[self.owners[scan.unit]]
        if len(names) < 5_000:
            return np.array([self.units.get(name, none) for name in names.to_list()], dtype=np.int64)
        codes = names.replace_strict(dict(self.units), default=none, return_dtype=pl.Int64)
        return codes.fill_null(none).to_numpy()

    def days(self, cut: Cut, number: int, scan: Scan) -> tuple[Array, Array]:
        """The day each row is filed under (a cell where the first date is kept apart), and which rows have one."""
        if not scan.dates.parts:
            return np.zeros(len(cut), dtype=np.int64), np.ones(len(cut), dtype=bool)
        return cut.numbers(self.filed(number))

    def cells(self, days: Array) -> Array:
        """The cell of each day."""
        return np.searchsorted(self.days_from, days, side="right")

    def wanted(self, *kinds: str) -> set[str]:
        """The columns that tallies of some kinds look at, and where a formula divides by zero."""
        found = {DIVIDES}
        for number, scan in self.scans:
            for tally in scan.tallies:
                if tally.kind in kinds:
                    found |= {self.marks[tree] for tree in tally.filters} | {self.filed(number), f"d{number}_1"}
                    found |= {self.values[tally.field or ""]} if tally.field else set()
                    found |= {self.owners[scan.unit]} if scan.unit else set()
                    found |= {self.ends[tally.until]} if tally.until is not None else set()
        return found


def largest(cutter: Cutter, rows: pl.LazyFrame, height: int) -> int:
    """The largest magnitude of any number that is added up; with the number of rows it proves that no sum wraps."""
    names = {name for _, scan in cutter.scans for name in summed(scan.tallies)}
    if not names:
        return 0
    cut = cutter.chosen(rows, height, [cutter.values[name] for name in names])
    return largest_in(cut, [cutter.values[name] for name in names])


def largest_in(cut: Cut, columns: Iterable[str]) -> int:
    """The largest magnitude in these columns."""
    numbers = [cut.numbers(name)[0] for name in columns] if len(cut) else []
    return max((max(abs(int(one.max())), abs(int(one.min()))) for one in numbers), default=0)


def largest_of(numbers: pl.Series) -> int:
    """The largest magnitude in a column."""
    ends: list[Any] = [numbers.min(), numbers.max()]
    return max(abs(int(end)) for end in ends) if ends[0] is not None else 0
