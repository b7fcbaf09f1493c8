"""Records → (unit, day, tally): the one pass over the data, run by Polars.

Comes in: a plan, typed tables, as_of. Goes out: for each scan small arrays with one entry per (unit, day) that
occurs. Only filter, derived columns, group-by, count, sum, min and max are asked of Polars. Must not know: windows'
meaning, targets, statuses. Generated column names only: `c0` … from intake, `m…` dates as known at as_of, `f…`
filters, `d0`/`d1` days, `t…` tallies.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from operator import and_
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import evolve, frozen

from campaignrules.checked import CheckedCampaign
from campaignrules.columns import row_expression
from campaignrules.expressions import DATE, Apply, Literally, Name, Tree
from campaignrules.intake import Submission, Table
from campaignrules.planner import Plan, Scan, Tally
from campaignrules.quantities import unscaled
from campaignrules.results import TableCount

EPOCH: Final = dt.date(1970, 1, 1).toordinal()
INT64_MAX: Final = 2**63 - 1
BITS: Final = 62
"""Cells per word of a distinct mask."""
STREAM_ROWS: Final = 200_000
"""From here on Polars streams; below, one thread in memory starts sooner."""

Array = np.ndarray[Any, Any]


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


@frozen(eq=False)
class Filed:
    """What a scan found: one entry per (unit, day). `unit`: index in the roster, or its length for rows without one.

    `day`: days since 1970 (zeros when the scan has no date); `first`: the cell of the first date, when kept apart.
    `tallies`: number of the tally → (values, known).
    """

    unit: Array
    day: Array
    first: Array | None
    tallies: Mapping[int, tuple[Array, Array]]


@frozen(eq=False)
class Distinct:
    """Distinct values: one entry per (unit, value), with the cells it occurs in as words of bits."""

    unit: Array
    value: Array
    words: tuple[Array, ...]


@frozen(eq=False)
class Cube:
    """All scans. Records that were not submitted are absent."""

    filed: Mapping[Scan, Filed]
    distinct: Mapping[tuple[Scan, int], Distinct]
    counts: Mapping[str, TableCount]
    bounds: Array


@frozen
class _Shape:
    """What a scan is compiled against."""

    as_of: dt.date
    bounds: tuple[int, ...]
    wide: bool = False


def build(plan: Plan, submission: Submission, as_of: dt.date, bounds: Iterable[int]) -> Cube:
    """The cube. `bounds`: the days at which some window begins or has just ended, ascending."""
    shape = _Shape(as_of, tuple(bounds))
    scans = [scan for scan in plan.scans if scan.record in submission.tables]
    queries: dict[Any, pl.LazyFrame] = {}
    for scan in scans:
        table = submission.tables[scan.record]
        kept = _kept(plan, table, shape)
        if any(tally.kind != "distinct" for tally in plan.scans[scan]):
            queries[scan] = _filed_query(plan, table, kept, scan, shape)
        for index, tally in enumerate(plan.scans[scan]):
            if tally.kind == "distinct":
                queries[scan, index] = _distinct_query(plan, table, kept, scan, tally, shape)
    for record, table in submission.tables.items():
        if table.valid is not None or plan.checked.records[record].screens:
            queries[record] = _count_query(plan, table, shape)
    answers = dict(zip(queries, _collect(list(queries.values()), submission), strict=True))
    units = {unit.id: index for index, unit in enumerate(submission.roster.units)}
    filed = {}
    for scan in scans:
        if scan in answers:
            filed[scan] = _filed(plan, submission.tables[scan.record], scan, answers[scan], units, shape)
    distinct = {k: _distinct(a, units) for k, a in answers.items() if isinstance(k, tuple)}
    counts = {r: _counted(submission.counts[r], answers.get(r)) for r in submission.tables}
    return Cube(filed, distinct, counts, np.array(shape.bounds, dtype=np.int64))


def _collect(queries: list[pl.LazyFrame], submission: Submission) -> list[pl.DataFrame]:
    small = all(t.height is not None and t.height < STREAM_ROWS for t in submission.tables.values())
    return pl.collect_all(queries, engine="in-memory" if small else "streaming")


# -- rows that count ----------------------------------------------------------------------------------------------


def names_at(checked: CheckedCampaign, table: Table) -> dict[str, str]:
    """Field → column, dates as known at as_of (`m…`) where the field holds events."""
    fields = checked.records[table.record].record.fields
    return {
        name: f"m{column}" if fields[name].type == "date" and not fields[name].planned else column
        for name, column in table.columns.items()
    }


def _masked(table: Table, names: Mapping[str, str], as_of: dt.date, used: set[str]) -> list[pl.Expr]:
    """Dates that had not happened by as_of read as missing."""
    return [
        pl.when(pl.col(column) <= as_of).then(pl.col(column)).alias(names[name])
        for name, column in table.columns.items()
        if names[name] != column and name in used
    ]


def bind(tree: Tree, as_of: dt.date) -> Tree:
    """`tree` with the name as_of replaced by the date."""
    if isinstance(tree, Name) and tree.name == "as_of":
        return Literally(as_of, tree.type, tree.spot)
    if isinstance(tree, Apply):
        return evolve(tree, args=tuple(bind(arg, as_of) for arg in tree.args))
    return tree


def _used(trees: Iterable[Tree]) -> set[str]:
    found: set[str] = set()
    todo = list(trees)
    while todo:
        tree = todo.pop()
        if isinstance(tree, Name):
            found.add(tree.name)
        elif isinstance(tree, Apply):
            todo += tree.args
    return found


def kept_rows(checked: CheckedCampaign, table: Table, as_of: dt.date, used: Iterable[Tree]) -> pl.LazyFrame:
    """The rows neither set aside nor screened out; the date fields that `used` names also as known at as_of."""
    screens = checked.records[table.record].screens
    frame = table.frame if table.valid is None else table.frame.filter(table.valid)
    names = names_at(checked, table)
    frame = frame.with_columns(_masked(table, names, as_of, _used([*(s.expression.root for s in screens), *used])))
    for screen in screens:
        holds = row_expression(bind(screen.expression.root, as_of), names).fill_null(False)
        frame = frame.filter(holds if screen.keeps else ~holds)
    return frame


def _kept(plan: Plan, table: Table, shape: _Shape) -> pl.LazyFrame:
    """`kept_rows` with all dates that some scan of the table looks at."""
    used: list[Tree] = []
    for scan, tallies in plan.scans.items():
        if scan.record == table.record:
            used += [*scan.dates.parts, *(f for tally in tallies for f in tally.filters)]
            used += [Name(t.field, DATE) for t in tallies if t.kind == "distinct" and t.field]
            used += [t.until for t in tallies if t.until is not None]
    return kept_rows(plan.checked, table, shape.as_of, used)


def _count_query(plan: Plan, table: Table, shape: _Shape) -> pl.LazyFrame:
    """Rows read, rows valid, rows left after screening."""
    whole = table.frame.select(pl.len().alias("read"))
    valid = (table.frame if table.valid is None else table.frame.filter(table.valid)).select(pl.len().alias("valid"))
    kept = _kept(plan, table, shape).select(pl.len().alias("kept"))
    return pl.concat([whole, valid, kept], how="horizontal")


def _counted(count: TableCount, answer: pl.DataFrame | None) -> TableCount:
    if answer is None:
        return count
    read, valid, kept = (int(answer[name][0]) for name in ("read", "valid", "kept"))
    lazily = count.read < 0
    return evolve(
        count,
        read=read if lazily else count.read,
        set_aside=read - valid if lazily else count.set_aside,
        screened=valid - kept,
    )


# -- the scans ----------------------------------------------------------------------------------------------------


def _filed_query(plan: Plan, table: Table, kept: pl.LazyFrame, scan: Scan, shape: _Shape) -> pl.LazyFrame:
    tallies = plan.scans[scan]
    names = names_at(plan.checked, table)
    frame = kept.with_columns(_days(scan, names, shape))
    if scan.dates.parts:
        frame = frame.filter(pl.col("d0").is_not_null())
    filters = list(dict.fromkeys(f for tally in tallies for f in tally.filters))
    marks = {tree: f"f{i}" for i, tree in enumerate(filters)}
    frame = frame.with_columns(row_expression(bind(t, shape.as_of), names).alias(n) for t, n in marks.items())
    keys = [key for key in (_unit_column(plan, table), "d0" if scan.dates.parts else None, _first(scan)) if key]
    aggregates = [
        _aggregate(tally, marks, table, shape.wide).alias(f"t{i}")
        for i, tally in enumerate(tallies)
        if tally.kind != "distinct"
    ]
    aggregates += [_largest(table, field).alias(f"x{i}") for i, field in enumerate(_summed(tallies))]
    aggregates.append(pl.len().alias("n"))
    return frame.group_by(keys).agg(aggregates) if keys else frame.select(aggregates)


def _first(scan: Scan) -> str | None:
    return "d1" if scan.dates.first else None


def _days(scan: Scan, names: Mapping[str, str], shape: _Shape) -> list[pl.Expr]:
    """`d0`: the day a row is filed under; `d1`: the cell of its first date."""
    parts = [row_expression(bind(part, shape.as_of), names) for part in scan.dates.parts]
    if not parts:
        return []
    known = reduce(and_, (part.is_not_null() for part in parts))
    latest = pl.when(known).then(pl.max_horizontal(parts)) if len(parts) > 1 else parts[0]
    found = [latest.cast(pl.Date).cast(pl.Int32).alias("d0")]
    if scan.dates.first:
        found = [_cell(found[0], shape.bounds).alias("d0"), _cell(parts[0].cast(pl.Int32), shape.bounds).alias("d1")]
    return found


def _cell(day: pl.Expr, bounds: tuple[int, ...]) -> pl.Expr:
    """The cell of a day: how many bounds lie at or before it. By a table, so that it costs one look-up."""
    if not bounds:
        return day * 0
    low, high = bounds[0] - 1, bounds[-1]
    table = np.searchsorted(np.array(bounds), np.arange(low, high + 1), side="right").astype(np.int32)
    return pl.lit(pl.Series(table)).gather(day.clip(low, high) - low)


def _unit_column(plan: Plan, table: Table) -> str | None:
    unit = plan.checked.records[table.record].unit
    return table.columns[unit] if unit is not None else None


def _condition(tally: Tally, marks: Mapping[Tree, str]) -> pl.Expr | None:
    masks = [pl.col(marks[tree]) for tree in tally.filters]
    return reduce(and_, masks) if masks else None


def _aggregate(tally: Tally, marks: Mapping[Tree, str], table: Table, wide: bool) -> pl.Expr:
    mask = _condition(tally, marks)
    if tally.field is None:
        return pl.len() if mask is None else mask.sum()
    value = pl.col(table.columns[tally.field])
    if tally.kind == "count":
        return value.is_not_null().sum() if mask is None else (mask & value.is_not_null()).sum()
    if wide and tally.kind == "sum":
        value = value.cast(pl.Int128)
    chosen = value if mask is None else pl.when(mask).then(value)
    return {"sum": chosen.sum(), "min": chosen.min(), "max": chosen.max(), "last": chosen.max()}[tally.kind]


def _summed(tallies: list[Tally]) -> list[str]:
    return list(dict.fromkeys(t.field for t in tallies if t.kind == "sum" and t.field is not None))


def _largest(table: Table, field: str) -> pl.Expr:
    """The largest magnitude in a group: with the number of rows it proves that no sum has wrapped."""
    value = pl.col(table.columns[field])
    return pl.max_horizontal(value.max(), pl.lit(0, pl.Int64) - value.min())


def _filed(
    plan: Plan, table: Table, scan: Scan, answer: pl.DataFrame, units: Mapping[str, int], shape: _Shape
) -> Filed:
    if not shape.wide and _may_wrap(answer):
        wide = evolve(shape, wide=True)
        query = _filed_query(plan, table, _kept(plan, table, wide), scan, wide)
        return _filed(plan, table, scan, query.collect(engine="streaming"), units, wide)
    tallies = {}
    for i, tally in enumerate(plan.scans[scan]):
        if tally.kind != "distinct":
            tallies[i] = _values(answer[f"t{i}"])
    day = answer["d0"].to_numpy().astype(np.int64) if "d0" in answer.columns else np.zeros(len(answer), np.int64)
    first = answer["d1"].to_numpy().astype(np.int64) if "d1" in answer.columns else None
    return Filed(_codes(answer, _unit_column(plan, table), units), day, first, tallies)


def _may_wrap(answer: pl.DataFrame) -> bool:
    columns = [name for name in answer.columns if name.startswith("x")]
    if not columns or not len(answer):
        return False
    largest = max(int(answer[name].max() or 0) for name in columns)  # type: ignore[arg-type]
    return largest * int(answer["n"].sum()) > INT64_MAX


def _values(series: pl.Series) -> tuple[Array, Array]:
    """Whole numbers and which of them are known; wider than 64 bits as Python ints."""
    known = series.is_not_null().to_numpy()
    filled = series.fill_null(0)
    if filled.dtype == pl.Int128:
        values = np.empty(len(filled), dtype=object)
        values[:] = filled.to_list()
        return values, known
    return filled.cast(pl.Int64).to_numpy(), known


def _codes(answer: pl.DataFrame, column: str | None, units: Mapping[str, int]) -> Array:
    """Index in the roster of each entry's unit; the roster's length for none."""
    if column is None or column not in answer.columns:
        return np.full(len(answer), len(units), dtype=np.int64)
    names = answer[column].cast(pl.String)
    codes = names.replace_strict(dict(units), default=len(units), return_dtype=pl.Int64) if units else None
    return codes.fill_null(len(units)).to_numpy() if codes is not None else np.zeros(len(answer), np.int64)


# -- distinct -----------------------------------------------------------------------------------------------------


def _distinct_query(
    plan: Plan, table: Table, kept: pl.LazyFrame, scan: Scan, tally: Tally, shape: _Shape
) -> pl.LazyFrame:
    names = names_at(plan.checked, table)
    frame = kept.with_columns(_days(scan, names, shape)).filter(pl.col("d0").is_not_null())
    for tree in tally.filters:
        frame = frame.filter(row_expression(bind(tree, shape.as_of), names))
    unit = _unit_column(plan, table)
    value = pl.col(names[tally.field or ""]).alias("v")
    keys = [pl.col(unit).alias("u") if unit else pl.lit(None, pl.String).alias("u"), value]
    cells = len(shape.bounds) + 1
    chosen = [*keys, _cell(pl.col("d0"), shape.bounds).alias("from")]
    if tally.until is not None:
        until = row_expression(bind(tally.until, shape.as_of), names).cast(pl.Date).cast(pl.Int32)
        chosen.append(_cell(until, shape.bounds).fill_null(cells).alias("to"))
    frame = frame.filter(value.is_not_null()).select(chosen)
    bits = _bit if tally.until is None else _bits_between
    return frame.group_by("u", "v").agg(
        bits(word).bitwise_or().alias(f"w{word}") for word in range((cells + BITS - 1) // BITS)
    )


def _bit(word: int) -> pl.Expr:
    """The bit of the cell `from` in a word of the mask."""
    bits = pl.lit(pl.Series([1 << i for i in range(BITS)], dtype=pl.Int64))
    inside = pl.col("from") - word * BITS
    return pl.when((inside >= 0) & (inside < BITS)).then(bits.gather(inside.clip(0, BITS - 1))).otherwise(0)


def _bits_between(word: int) -> pl.Expr:
    """The bits of the cells from `from` up to, not including, `to`: those at whose end the row is still there."""
    below = pl.lit(pl.Series([(1 << i) - 1 for i in range(BITS + 1)], dtype=pl.Int64))
    low, high = (below.gather((pl.col(name) - word * BITS).clip(0, BITS)) for name in ("from", "to"))
    return pl.when(pl.col("to") > pl.col("from")).then(high - low).otherwise(0)


def _distinct(answer: pl.DataFrame, units: Mapping[str, int]) -> Distinct:
    words = tuple(answer[name].to_numpy() for name in answer.columns if name.startswith("w"))
    values = answer["v"].rank("dense").to_numpy().astype(np.int64) if len(answer) else np.zeros(0, np.int64)
    return Distinct(_codes(answer, "u", units), values, words)


# -- tables by unit -----------------------------------------------------------------------------------------------


def table_numbers(
    plan: Plan, submission: Submission, as_of: dt.date, record: str, field: str
) -> Mapping[str | None, Decimal]:
    """unit (None: rows without one) → the number in its one row that has a value, in base units."""
    if record not in submission.tables:
        return {}
    table = submission.tables[record]
    unit = _unit_column(plan, table)
    key = pl.col(unit).cast(pl.String) if unit else pl.lit(None, pl.String)
    kept = _kept(plan, table, _Shape(as_of, ()))
    found: dict[str | None, list[int]] = {}
    for name, value in kept.select(key.alias("u"), pl.col(table.columns[field]).alias("v")).collect().rows():
        if value is not None:
            found.setdefault(name, []).append(value)
    scale = plan.checked.records[record].types[field].scale
    return {name: unscaled(values[0], scale) for name, values in found.items() if len(values) == 1}
