"""Records → (unit, day, tally): the one pass over the data, run by Polars.

Comes in: a plan, typed tables, as_of. Goes out: for each scan small arrays with one entry per (unit, day) that
occurs. Only filter, derived columns, group-by, count, sum, min and max are asked of Polars. Must not know: windows'
meaning, targets, statuses. Generated column names only: those of `rows`, `f…` filters, `d0`/`d1` days, `t…` tallies
(`h…`: their upper parts), `x…` largest numbers.
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

from campaignrules.engine.rows import Rows, kept_rows
from campaignrules.intake import Submission, Table
from campaignrules.planner import Plan, Scan, Tally
from campaignrules.quantities import unscaled
from campaignrules.results import TableCount
from campaignrules.trees import Tree

EPOCH: Final = dt.date(1970, 1, 1).toordinal()
INT64_MAX: Final = 2**63 - 1
HALF: Final = 10**18
"""Wide numbers are summed in two parts, so that no number of rows can make a sum wrap."""
BITS: Final = 62
"""Cells per word of a distinct mask."""
COMPILED: Final = 64
"""Compiled scans kept per plan."""
MANY: Final = 20_000
"""From here on units are looked up by Polars, below by Python."""
STREAM_ROWS: Final = 200_000
"""From here on Polars streams; below, one thread in memory starts sooner."""

Array = np.ndarray[Any, Any]


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


@frozen(eq=False, repr=False)
class Filed:
    """What a scan found: one entry per (unit, day). `unit`: index in the roster, or its length for rows without one.

    `day`: days since 1970 (zeros when the scan has no date); `first`: the cell of the first date, when kept apart.
    `tallies`: number of the tally → (values, known).
    """

    unit: Array
    day: Array
    first: Array | None
    tallies: Mapping[int, tuple[Array, Array]]


@frozen(eq=False, repr=False)
class Distinct:
    """Distinct values: one entry per (unit, value) of `values`, with the cells it occurs in as words of bits."""

    unit: Array
    values: pl.Series
    words: tuple[pl.Series, ...]

    def within(self, rows: Array | None) -> tuple[Array, ...]:
        """The words of each value among the entries of these units (None: all), a value in several units once."""
        frame = pl.DataFrame({"v": self.values, **{f"w{i}": word for i, word in enumerate(self.words)}})
        if rows is not None:
            frame = frame.filter(pl.Series(np.isin(self.unit, rows).tolist(), dtype=pl.Boolean))
        joined = frame.group_by("v").agg(pl.exclude("v").bitwise_or())
        return tuple(joined[f"w{i}"].to_numpy() for i in range(len(self.words)))


@frozen(eq=False, repr=False)
class Division:
    """Rows of a record in which a formula divides by zero: how many, and the first one's number where known."""

    record: str
    rows: int
    first: int | None


@frozen(eq=False, repr=False)
class Cube:
    """All scans. Records that were not submitted are absent."""

    filed: Mapping[int, Filed]
    distinct: Mapping[tuple[int, int], Distinct]
    counts: Mapping[str, TableCount]
    bounds: Array
    divisions: tuple[Division, ...] = ()


@frozen(repr=False)
class _Shape:
    """What a scan is compiled against."""

    as_of: dt.date
    bounds: tuple[int, ...]
    wide: bool = False


def build(plan: Plan, submission: Submission, as_of: dt.date, bounds: Iterable[int]) -> Cube:
    """The cube. `bounds`: the days at which some window begins or has just ended, ascending."""
    shape = _Shape(as_of, tuple(bounds))
    scans = {n: scan for n, scan in enumerate(plan.scans) if scan.record in submission.tables}
    kept = {record: _kept(plan, table, as_of) for record, table in submission.tables.items()}
    queries: dict[Any, pl.LazyFrame] = {}
    for number, scan in scans.items():
        table = submission.tables[scan.record]
        if any(tally.kind != "distinct" for tally in scan.tallies):
            queries[number] = _filed_query(plan, table, kept[scan.record], number, shape)
        for index, tally in enumerate(scan.tallies):
            if tally.kind == "distinct":
                queries[number, index] = _distinct_query(table, kept[scan.record], scan, tally, shape)
    for record, table in submission.tables.items():
        if table.valid is not None or plan.checked.records[record].screening:
            queries[record] = _count_query(table, kept[record])
        if (zeros := kept[record].zeros(*_looked_at(plan, record))) is not None:
            queries["zero", record] = _zero_query(kept[record], zeros)
    answers = _collect(queries, submission)
    units = {unit.id: index for index, unit in enumerate(submission.roster.units)}
    filed = {
        number: _filed(plan, submission.tables[scan.record], kept[scan.record], number, answers[number], units, shape)
        for number, scan in scans.items()
        if number in answers
    }
    distinct = {k: _distinct(a, units) for k, a in answers.items() if isinstance(k, tuple) and k[0] != "zero"}
    divided = [(k[1], a) for k, a in answers.items() if isinstance(k, tuple) and k[0] == "zero"]
    divisions = tuple(Division(r, a["rows"][0], a["first"][0]) for r, a in divided if a["rows"][0])
    counts = {r: _counted(submission.counts[r], answers.get(r)) for r in submission.tables}
    return Cube(filed, distinct, counts, np.array(shape.bounds, dtype=np.int64), divisions)


def _collect(queries: Mapping[Any, pl.LazyFrame], submission: Submission) -> dict[Any, pl.DataFrame]:
    """All answers. On large tables distinct values are gathered one metric at a time, to bound the memory."""
    if all(t.height is not None and t.height < STREAM_ROWS for t in submission.tables.values()):
        return dict(zip(queries, pl.collect_all(queries.values(), engine="in-memory"), strict=True))
    heavy = {key for key in queries if isinstance(key, tuple)}
    light = [query for key, query in queries.items() if key not in heavy]
    answers = iter(pl.collect_all(light, engine="streaming"))
    return {key: query.collect(engine="streaming") if key in heavy else next(answers) for key, query in queries.items()}


# -- rows that count ----------------------------------------------------------------------------------------------


def _kept(plan: Plan, table: Table, as_of: dt.date) -> Rows:
    """The rows that count, with all columns that some scan of the table looks at."""
    trees, fields = _looked_at(plan, table.record)
    return kept_rows(plan.checked, table, as_of, trees, fields)


def _looked_at(plan: Plan, record: str) -> tuple[list[Tree], list[str]]:
    """The trees and fields that the scans of a record ask for."""
    scans = [scan for scan in plan.scans if scan.record == record]
    tallies = [tally for scan in scans for tally in scan.tallies]
    trees = [tree for scan in scans for tree in (*scan.dates.parts, *_filters(scan))]
    trees += [tally.until for tally in tallies if tally.until is not None]
    return list(dict.fromkeys(trees)), [tally.field for tally in tallies if tally.field is not None]


def _zero_query(rows: Rows, zeros: pl.Expr) -> pl.LazyFrame:
    first = pl.col("row") if "row" in rows.frame.collect_schema() else pl.lit(None, pl.Int64)
    return rows.frame.filter(zeros).select(pl.len().alias("rows"), first.first().alias("first"))


def _filters(scan: Scan) -> tuple[Tree, ...]:
    """The filters of a scan's tallies, each once."""
    return tuple(dict.fromkeys(tree for tally in scan.tallies for tree in tally.filters))


def _count_query(table: Table, rows: Rows) -> pl.LazyFrame:
    """Rows read, rows valid, rows left after screening."""
    whole = table.frame.select(pl.len().alias("read"))
    valid = table.sound.select(pl.len().alias("valid"))
    kept = rows.frame.select(pl.len().alias("kept"))
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


@frozen(eq=False, repr=False)
class _Steps:
    """A scan as Polars expressions."""

    days: list[pl.Expr]
    marks: list[pl.Expr]
    keys: list[str]
    aggregates: list[pl.Expr]


def _filed_query(plan: Plan, table: Table, kept: Rows, number: int, shape: _Shape) -> pl.LazyFrame:
    columns = tuple(table.columns.items())
    key = (number, shape, columns)
    if key not in plan.compiled:
        if len(plan.compiled) >= COMPILED:
            plan.compiled.clear()
        plan.compiled[key] = _compiled(table, kept, plan.scans[number], shape)
    steps: _Steps = plan.compiled[key]
    frame = kept.frame.with_columns(steps.days)
    if "d0" in steps.keys:
        frame = frame.filter(pl.col("d0").is_not_null())
    frame = frame.with_columns(steps.marks)
    return frame.group_by(steps.keys).agg(steps.aggregates) if steps.keys else frame.select(steps.aggregates)


def _compiled(table: Table, kept: Rows, scan: Scan, shape: _Shape) -> _Steps:
    marks = {tree: f"f{i}" for i, tree in enumerate(_filters(scan))}
    keys = [_unit_column(table, scan.unit), "d0" if scan.dates.parts else None, "d1" if scan.dates.first else None]
    aggregates = [
        expr
        for i, tally in enumerate(scan.tallies)
        if tally.kind != "distinct"
        for expr in _aggregates(tally, i, marks, kept, shape.wide)
    ]
    aggregates += [_largest(kept.column(field)).alias(f"x{i}") for i, field in enumerate(_summed(scan.tallies))]
    return _Steps(
        _days(scan, kept, shape.bounds),
        [kept.value(tree).alias(name) for tree, name in marks.items()],
        [key for key in keys if key],
        [*aggregates, pl.len().alias("n")],
    )


def _days(scan: Scan, kept: Rows, bounds: tuple[int, ...]) -> list[pl.Expr]:
    """`d0`: the day a row is filed under; `d1`: the cell of its first date."""
    parts = [kept.value(part) for part in scan.dates.parts]
    if not parts:
        return []
    known = reduce(and_, (part.is_not_null() for part in parts))
    latest = pl.when(known).then(pl.max_horizontal(parts)) if len(parts) > 1 else parts[0]
    found = [latest.cast(pl.Date).cast(pl.Int32).alias("d0")]
    if scan.dates.first:
        found = [_cell(found[0], bounds).alias("d0"), _cell(parts[0].cast(pl.Int32), bounds).alias("d1")]
    return found


def _cell(day: pl.Expr, bounds: tuple[int, ...]) -> pl.Expr:
    """The cell of a day: how many bounds lie at or before it. By a table, so that it costs one look-up."""
    low, high, cells = _cells(bounds)
    return pl.lit(pl.Series(cells.tolist(), dtype=pl.Int32)).gather(day.clip(low, high) - low)


def _cells(bounds: tuple[int, ...]) -> tuple[int, int, Array]:
    """The first and last day that matter, and the cell of each day from the one to the other."""
    low, high = bounds[0] - 1, bounds[-1]
    return low, high, np.searchsorted(np.array(bounds), np.arange(low, high + 1), side="right").astype(np.int64)


def _unit_column(table: Table, unit: str | None) -> str | None:
    return table.columns[unit] if unit is not None else None


def _condition(tally: Tally, marks: Mapping[Tree, str]) -> pl.Expr | None:
    masks = [pl.col(marks[tree]) for tree in tally.filters]
    return reduce(and_, masks) if masks else None


def _aggregates(tally: Tally, number: int, marks: Mapping[Tree, str], kept: Rows, wide: bool) -> list[pl.Expr]:
    """`t…`; of a wide sum the lower 18 digits, the rest as `h…`."""
    if not (wide and tally.kind == "sum" and tally.field is not None):
        return [_aggregate(tally, marks, kept).alias(f"t{number}")]
    mask = _condition(tally, marks)
    value = kept.column(tally.field).cast(pl.Int128)
    chosen = value if mask is None else pl.when(mask).then(value)
    part = pl.lit(HALF, pl.Int128)
    return [(chosen % part).sum().alias(f"t{number}"), (chosen // part).sum().alias(f"h{number}")]


def _aggregate(tally: Tally, marks: Mapping[Tree, str], kept: Rows) -> pl.Expr:
    mask = _condition(tally, marks)
    if tally.field is None:
        return pl.len() if mask is None else mask.sum()
    value = kept.column(tally.field)
    if tally.kind == "count":
        return value.is_not_null().sum() if mask is None else (mask & value.is_not_null()).sum()
    chosen = value if mask is None else pl.when(mask).then(value)
    return {"sum": chosen.sum(), "min": chosen.min(), "max": chosen.max(), "last": chosen.max()}[tally.kind]


def _summed(tallies: list[Tally]) -> list[str]:
    return list(dict.fromkeys(t.field for t in tallies if t.kind == "sum" and t.field is not None))


def _largest(value: pl.Expr) -> pl.Expr:
    """The largest magnitude in a group: with the number of rows it proves that no sum has wrapped."""
    return pl.max_horizontal(value.max(), pl.lit(0, pl.Int64) - value.min())


def _filed(
    plan: Plan, table: Table, kept: Rows, number: int, answer: pl.DataFrame, units: Mapping[str, int], shape: _Shape
) -> Filed:
    if not shape.wide and _may_wrap(answer):
        wide = evolve(shape, wide=True)
        query = _filed_query(plan, table, kept, number, wide)
        return _filed(plan, table, kept, number, query.collect(engine="streaming"), units, wide)
    tallies = {}
    for i, tally in enumerate(plan.scans[number].tallies):
        if tally.kind != "distinct":
            tallies[i] = _joined(answer, i) if f"h{i}" in answer.columns else _values(answer[f"t{i}"])
    day = answer["d0"].to_numpy().astype(np.int64) if "d0" in answer.columns else np.zeros(len(answer), np.int64)
    first = answer["d1"].to_numpy().astype(np.int64) if "d1" in answer.columns else None
    column = _unit_column(table, plan.scans[number].unit)
    return Filed(_codes(answer, column, units), day, first, tallies)


def _joined(answer: pl.DataFrame, number: int) -> tuple[Array, Array]:
    """A wide sum from its two parts, as Python ints."""
    pairs = zip(answer[f"h{number}"].to_list(), answer[f"t{number}"].to_list(), strict=True)
    values = np.empty(len(answer), dtype=object)
    values[:] = [(above or 0) * HALF + (below or 0) for above, below in pairs]
    return values, np.ones(len(answer), dtype=bool)


def _may_wrap(answer: pl.DataFrame) -> bool:
    columns = [name for name in answer.columns if name.startswith("x")]
    if not columns or not len(answer):
        return False
    largest = max(int(answer[name].max() or 0) for name in columns)  # type: ignore[arg-type]
    return largest * int(answer["n"].sum()) > INT64_MAX


def _values(series: pl.Series) -> tuple[Array, Array]:
    """Whole numbers and which of them are known; wider than 64 bits as Python ints."""
    known = np.ones(len(series), dtype=bool)
    if series.null_count():
        known = series.is_not_null().to_numpy()
        series = series.fill_null(0)
    if series.dtype == pl.Int128:
        values = np.empty(len(series), dtype=object)
        values[:] = series.to_list()
        return values, known
    return series.to_numpy().astype(np.int64, copy=False), known


def _codes(answer: pl.DataFrame, column: str | None, units: Mapping[str, int]) -> Array:
    """Index in the roster of each entry's unit; the roster's length for none."""
    none = len(units)
    if column is None or column not in answer.columns or not units:
        return np.full(len(answer), none, dtype=np.int64)
    names = answer[column]
    if len(names) < MANY:
        return np.array([units.get(name, none) for name in names.to_list()], dtype=np.int64)
    codes = names.cast(pl.String).replace_strict(dict(units), default=none, return_dtype=pl.Int64)
    return codes.fill_null(none).to_numpy()


# -- distinct -----------------------------------------------------------------------------------------------------


def _distinct_query(table: Table, kept: Rows, scan: Scan, tally: Tally, shape: _Shape) -> pl.LazyFrame:
    frame = kept.frame.with_columns(_days(scan, kept, shape.bounds)).filter(pl.col("d0").is_not_null())
    for tree in tally.filters:
        frame = frame.filter(kept.value(tree))
    unit = _unit_column(table, scan.unit)
    value = kept.column(tally.field or "").alias("v")
    keys = [pl.col(unit).alias("u") if unit else pl.lit(None, pl.String).alias("u"), value]
    frame = frame.filter(value.is_not_null())
    words = range(len(shape.bounds) // BITS + 1)
    if tally.until is None:
        masks = [_bit(pl.col("d0"), word, shape.bounds) for word in words]
    else:
        until = kept.value(tally.until).cast(pl.Date).cast(pl.Int32)
        gone = _cell(until, shape.bounds).fill_null(len(shape.bounds) + 1)
        frame = frame.with_columns(_cell(pl.col("d0"), shape.bounds).alias("from"), gone.alias("to"))
        masks = [_bits_between(word) for word in words]
    frame = frame.select(*keys, *(mask.alias(f"w{word}") for word, mask in zip(words, masks, strict=True)))
    return frame.group_by("u", "v").agg(pl.col(f"w{word}").bitwise_or() for word in words)


def _bit(day: pl.Expr, word: int, bounds: tuple[int, ...]) -> pl.Expr:
    """The bit, in a word of the mask, of the cell that a day lies in."""
    low, high, cells = _cells(bounds)
    inside = (cells >= word * BITS) & (cells < (word + 1) * BITS)
    bits = np.where(inside, np.int64(1) << np.where(inside, cells - word * BITS, 0), 0)
    return pl.lit(pl.Series(bits.tolist(), dtype=pl.Int64)).gather(day.clip(low, high) - low)


def _bits_between(word: int) -> pl.Expr:
    """The bits of the cells from `from` up to, not including, `to`: those at whose end the row is still there."""
    below = pl.lit(pl.Series([(1 << i) - 1 for i in range(BITS + 1)], dtype=pl.Int64))
    low, high = (below.gather((pl.col(name) - word * BITS).clip(0, BITS)) for name in ("from", "to"))
    return pl.when(pl.col("to") > pl.col("from")).then(high - low).otherwise(0)


def _distinct(answer: pl.DataFrame, units: Mapping[str, int]) -> Distinct:
    words = tuple(answer[name] for name in answer.columns if name.startswith("w"))
    return Distinct(_codes(answer, "u", units), answer["v"], words)


# -- tables by unit -----------------------------------------------------------------------------------------------


def table_numbers(
    plan: Plan, submission: Submission, as_of: dt.date, record: str, field: str
) -> Mapping[str | None, Decimal]:
    """unit (None: rows without one) → the number in its one row that has a value, in base units."""
    checked = plan.checked.records[record]
    if record not in submission.tables or checked.awaits([field]) or checked.screened_by:
        return {}
    table = submission.tables[record]
    unit = _unit_column(table, checked.unit)
    key = pl.col(unit).cast(pl.String) if unit else pl.lit(None, pl.String)
    kept = kept_rows(plan.checked, table, as_of, (), [field])
    found: dict[str | None, list[int]] = {}
    for name, value in kept.frame.select(key.alias("u"), kept.column(field).alias("v")).collect().rows():
        if value is not None:
            found.setdefault(name, []).append(value)
    scale = checked.types[field].scale
    return {name: unscaled(values[0], scale) for name, values in found.items() if len(values) == 1}
