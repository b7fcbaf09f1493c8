"""The rows that count of a table that Polars holds or scans: every question becomes one lazy query.

Comes in: a table, as_of, the trees that will be asked. Goes out: `Framed`. Only filter, derived columns, group-by, count,
sum, min and max are asked of Polars. Generated column names only: `c0` … from intake, `m…` dates as known at as_of, `e…`
derived fields, `f…` filters, and those of `rows.Rows`. Must not know: windows' meaning, targets, the roster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Final

import numpy as np
import polars as pl
from attrs import evolve, frozen

from campaignrules.checked import CheckedCampaign, CheckedRecord
from campaignrules.columns import Columns, Made, column_name, made_column, row_expression, zero_expression
from campaignrules.engine.rows import BITS, HALF, Passes, Shape, cells_of, filters_of, names_in, summed
from campaignrules.intake import Table
from campaignrules.planner import Plan, Scan, Tally
from campaignrules.trees import Tree, Value, bind

PASS_ROWS: Final = 12_500_000
"""Distinct values of more rows are gathered in several passes, each over a share of the values."""


@frozen(eq=False, repr=False)
class Framed:
    """Rows in a frame. `names`: field → its column, dates as known at as_of (as they are without one)."""

    table: Table
    frame: pl.LazyFrame
    names: Columns
    record: CheckedRecord
    as_of: dt.date | None

    def column(self, field: str) -> pl.Expr:
        return pl.col(column_name(self.names[field]))

    def value(self, tree: Tree) -> pl.Expr:
        """What a tree is in each row."""
        return row_expression(bind(tree, _known(self.as_of)), self.names)

    def filed(self, plan: Plan, number: int, shape: Shape) -> pl.LazyFrame:
        key = (number, shape, tuple(self.table.columns.items()))
        steps = plan.once(key, lambda: _compiled(self, plan.scans[number], shape))
        frame = self.frame.with_columns(steps.days)
        if steps.days:
            frame = frame.filter(pl.col("d0").is_not_null())
        frame = frame.with_columns(steps.marks)
        return frame.group_by(steps.keys).agg(steps.aggregates) if steps.keys else frame.select(steps.aggregates)

    def spread(self, plan: Plan, number: int, tally: Tally, shape: Shape) -> pl.LazyFrame | Passes:
        scan = plan.scans[number]
        frame = self.frame.with_columns(days_of(scan, self, shape.bounds)).filter(pl.col("d0").is_not_null())
        for tree in tally.filters:
            frame = frame.filter(self.value(tree))
        value = self.column(tally.field or "").alias("v")
        keys = [self._unit(scan.unit), value]
        frame = frame.filter(value.is_not_null())
        if tally.until is None:
            masks = [_bit(pl.col("d0"), word, shape.bounds) for word in shape.words]
        else:
            until = self.value(tally.until).cast(pl.Date).cast(pl.Int32)
            gone = cell_expression(until, shape.bounds).fill_null(len(shape.bounds) + 1)
            frame = frame.with_columns(cell_expression(pl.col("d0"), shape.bounds).alias("from"), gone.alias("to"))
            masks = [_bits_between(word) for word in shape.words]
        frame = frame.select(*keys, *(mask.alias(f"w{word}") for word, mask in zip(shape.words, masks, strict=True)))
        together = [pl.col(f"w{word}").bitwise_or() for word in shape.words]
        passes = -(-self.table.size // PASS_ROWS)
        if passes <= 1:
            return frame.group_by("u", "v").agg(together)
        parts = (frame.filter(pl.col("v").hash() % passes == i) for i in range(passes))
        return Passes(tuple(part.group_by("u", "v").agg(together) for part in parts))

    def counted(self) -> pl.LazyFrame:
        whole = self.table.frame.select(pl.len().alias("read"))
        valid = self.table.sound.select(pl.len().alias("valid"))
        kept = self.frame.select(pl.len().alias("kept"))
        return pl.concat([whole, valid, kept], how="horizontal")

    def divided(self, trees: Iterable[Tree], fields: Iterable[str]) -> pl.LazyFrame | None:
        """See `Rows`; a derived field behind one of these divides, too."""
        asked = list(trees)
        behind = self.record.behind([*names_in(asked), *fields])
        asked += [formula.root for name, formula in self.record.derived.items() if name in behind]
        found = [zero_expression(bind(tree, _known(self.as_of)), self.names) for tree in asked]
        zeros = [one for one in found if one is not None]
        if not zeros:
            return None
        first = pl.col("row") if "row" in self.frame.collect_schema() else pl.lit(None, pl.Int64)
        return self.frame.filter(pl.any_horizontal(zeros)).select(pl.len().alias("rows"), first.first().alias("first"))

    def different(self, fields: Mapping[str, str | None], where: Sequence[Tree] = ()) -> pl.LazyFrame:
        frame = self.frame.filter(reduce(and_, [self.value(tree) for tree in where])) if where else self.frame
        shown = [self._shown(field).alias(name) for name, field in fields.items()]
        return frame.select(shown).unique()

    def numbers(self, unit: str | None, field: str) -> pl.LazyFrame:
        value = self.column(field)
        keyed = self.frame.group_by(self._unit(unit).cast(pl.String))
        return keyed.agg(value.count().alias("n"), value.max().alias("v"))

    def by_unit(self, field: str, conditions: Sequence[Tree]) -> pl.LazyFrame:
        true = [self.value(tree).fill_null(value=False).sum().alias(f"w{i}") for i, tree in enumerate(conditions)]
        return self.frame.group_by(self._unit(field).cast(pl.String)).agg(true)

    def _unit(self, field: str | None) -> pl.Expr:
        return (self.column(field) if field else pl.lit(None, pl.String)).alias("u")

    def _shown(self, field: str | None) -> pl.Expr:
        if field is None:
            return pl.lit(None, pl.String)
        column = self.column(field)
        return column.cast(pl.String) if self.record.types[field].kind in ("unit", "word", "text") else column


def _known(as_of: dt.date | None) -> dict[str, Value]:
    return {} if as_of is None else {"as_of": as_of}


# -- which rows, and their columns --------------------------------------------------------------------------------


def framed(
    checked: CheckedCampaign, table: Table, as_of: dt.date | None, trees: Iterable[Tree], fields: Iterable[str] = ()
) -> Framed:
    """The rows that count, with a column for each name in `trees` and for each of `fields`.

    Without as_of: all that were not set aside, with their dates as submitted.
    """
    record = checked.records[table.record]
    screens = record.screening if as_of is not None else ()
    asked = [*names_in([*trees, *(screen.expression.root for screen in screens)]), *fields]
    used = record.behind(asked)
    submitted = _submitted(record, table) if as_of is not None else dict(table.columns)
    frame = table.sound if as_of is None else table.sound.with_columns(_masked(table, submitted, as_of, used))
    rows = Framed(table, *_with_derived(frame, submitted, record, as_of, used), record, as_of)
    for screen in screens:
        holds = rows.value(screen.expression.root).fill_null(False)
        rows = evolve(rows, frame=rows.frame.filter(holds if screen.keeps else ~holds))
    return rows


def _submitted(record: CheckedRecord, table: Table) -> dict[str, str]:
    """Field → column, dates as known at as_of (`m…`) where the field holds events."""
    fields = record.record.fields
    return {
        name: f"m{column}" if fields[name].type == "date" and not fields[name].planned else column
        for name, column in table.columns.items()
    }


def _masked(table: Table, names: Mapping[str, str], as_of: dt.date, used: Iterable[str]) -> Iterator[pl.Expr]:
    """Dates that had not happened by as_of read as missing."""
    for name, column in table.columns.items():
        if names[name] != column and name in used:
            yield pl.when(pl.col(column) <= as_of).then(pl.col(column)).alias(names[name])


def _with_derived(
    frame: pl.LazyFrame,
    submitted: Mapping[str, str],
    record: CheckedRecord,
    as_of: dt.date | None,
    used: Iterable[str],
) -> tuple[pl.LazyFrame, Columns]:
    """The frame with the derived fields that are used, each after those it uses."""
    names: dict[str, str | Made] = {**submitted}
    for i, (name, formula) in enumerate(record.derived.items()):
        if name in used:
            made, names[name] = made_column(bind(formula.root, _known(as_of)), names, f"e{i}")
            frame = frame.with_columns(made)
    return frame, names


# -- scans --------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Steps:
    """A scan as Polars expressions."""

    days: list[pl.Expr]
    marks: list[pl.Expr]
    keys: list[pl.Expr]
    aggregates: list[pl.Expr]


def _compiled(rows: Framed, scan: Scan, shape: Shape) -> _Steps:
    marks = {tree: f"f{i}" for i, tree in enumerate(filters_of(scan))}
    days = days_of(scan, rows, shape.bounds)
    unit = [] if scan.unit is None else [rows.column(scan.unit).alias("u")]
    keys = [*unit, *(pl.col(f"d{i}") for i in range(len(days)))]
    aggregates = [
        expr
        for i, tally in enumerate(scan.tallies)
        if tally.kind != "distinct"
        for expr in _aggregates(tally, i, marks, rows, shape.wide)
    ]
    aggregates += [_largest(rows.column(field)).alias(f"x{i}") for i, field in enumerate(summed(scan.tallies))]
    return _Steps(
        days,
        [rows.value(tree).alias(name) for tree, name in marks.items()],
        keys,
        [*aggregates, pl.len().alias("n")],
    )


def days_of(scan: Scan, rows: Framed, bounds: tuple[int, ...]) -> list[pl.Expr]:
    """`d0`: the day a row is filed under; `d1`: the cell of its first date."""
    parts = [rows.value(part) for part in scan.dates.parts]
    if not parts:
        return []
    known = reduce(and_, (part.is_not_null() for part in parts))
    latest = pl.when(known).then(pl.max_horizontal(parts)) if len(parts) > 1 else parts[0]
    day = latest.cast(pl.Date).cast(pl.Int32).alias("d0")
    if not scan.dates.first:
        return [day]
    return [cell_expression(day, bounds).alias("d0"), cell_expression(parts[0].cast(pl.Int32), bounds).alias("d1")]


def cell_expression(day: pl.Expr, bounds: tuple[int, ...]) -> pl.Expr:
    """The cell of a day: how many bounds lie at or before it. By a table, so that it costs one look-up."""
    low, high, cells = cells_of(bounds)
    return pl.lit(pl.Series(cells.tolist(), dtype=pl.Int32)).gather(day.clip(low, high) - low)


def _condition(tally: Tally, marks: Mapping[Tree, str]) -> pl.Expr | None:
    masks = [pl.col(marks[tree]) for tree in tally.filters]
    return reduce(and_, masks) if masks else None


def _aggregates(tally: Tally, number: int, marks: Mapping[Tree, str], rows: Framed, wide: bool) -> list[pl.Expr]:
    """`t…`; of a wide sum the lower 18 digits, the rest as `h…`."""
    if not (wide and tally.kind == "sum" and tally.field is not None):
        return [_aggregate(tally, marks, rows).alias(f"t{number}")]
    mask = _condition(tally, marks)
    value = rows.column(tally.field).cast(pl.Int128)
    chosen = value if mask is None else pl.when(mask).then(value)
    part = pl.lit(HALF, pl.Int128)
    return [(chosen % part).sum().alias(f"t{number}"), (chosen // part).sum().alias(f"h{number}")]


def _aggregate(tally: Tally, marks: Mapping[Tree, str], rows: Framed) -> pl.Expr:
    mask = _condition(tally, marks)
    if tally.field is None:
        return pl.len() if mask is None else mask.sum()
    value = rows.column(tally.field)
    if tally.kind == "count":
        return value.is_not_null().sum() if mask is None else (mask & value.is_not_null()).sum()
    chosen = value if mask is None else pl.when(mask).then(value)
    return {"sum": chosen.sum(), "min": chosen.min(), "max": chosen.max(), "last": chosen.max()}[tally.kind]


def _largest(value: pl.Expr) -> pl.Expr:
    """The largest magnitude in a group: with the number of rows it proves that no sum has wrapped."""
    return pl.max_horizontal(value.max(), pl.lit(0, pl.Int64) - value.min())


# -- distinct -----------------------------------------------------------------------------------------------------


def _bit(day: pl.Expr, word: int, bounds: tuple[int, ...]) -> pl.Expr:
    """The bit, in a word of the mask, of the cell that a day lies in."""
    low, high, cells = cells_of(bounds)
    inside = (cells >= word * BITS) & (cells < (word + 1) * BITS)
    bits = np.where(inside, np.int64(1) << np.where(inside, cells - word * BITS, 0), 0)
    return pl.lit(pl.Series(bits.tolist(), dtype=pl.Int64)).gather(day.clip(low, high) - low)


def _bits_between(word: int) -> pl.Expr:
    """The bits of the cells from `from` up to, not including, `to`: those at whose end the row is still there."""
    below = pl.lit(pl.Series([(1 << i) - 1 for i in range(BITS + 1)], dtype=pl.Int64))
    low, high = (below.gather((pl.col(name) - word * BITS).clip(0, BITS)) for name in ("from", "to"))
    return pl.when(pl.col("to") > pl.col("from")).then(high - low).otherwise(0)
