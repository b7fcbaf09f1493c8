"""Records → (unit, day, tally): the one pass over the data, made by whoever holds the rows.

Comes in: a plan, typed tables, as_of. Goes out: for each scan small arrays with one entry per (unit, day) that occurs.
Must not know: windows' meaning, targets, statuses, who answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, evolve, field, frozen

from campaignrules.checked import CheckedCampaign
from campaignrules.engine.asking import answer, answers, kept_rows
from campaignrules.engine.rows import HALF, MANY, Array, Asked, Rows, Shape, looked_at
from campaignrules.intake import Submission
from campaignrules.planner import Plan
from campaignrules.quantities import unscaled
from campaignrules.results import TableCount

EPOCH: Final = dt.date(1970, 1, 1).toordinal()
INT64_MAX: Final = 2**63 - 1


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


_Answers = Mapping[Any, pl.DataFrame]
"""Each under the key of its question."""


@define(eq=False, repr=False)
class Questions:
    """What is asked of the tables, by scan, (scan, distinct tally) and record."""

    scans: dict[int, Asked] = field(factory=dict)
    distinct: dict[tuple[int, int], Asked] = field(factory=dict)
    counts: dict[str, Asked] = field(factory=dict)
    zeros: dict[tuple[str, None], Asked] = field(factory=dict)

    def answers(self, submission: Submission) -> _Answers:
        units = [unit.id for unit in submission.roster.units]
        asked: dict[Any, Asked] = {**self.scans, **self.distinct, **self.counts, **self.zeros}
        return answers(asked, submission.tables.values(), units)


def build(
    plan: Plan, submission: Submission, as_of: dt.date, bounds: Iterable[int], only: Collection[int] | None = None
) -> Cube:
    """The cube. `bounds`: the days at which some window begins or has just ended, ascending.

    `only`: the numbers of the scans to make, and nothing but these; None: all, with the counts of rows.
    """
    shape = Shape(as_of, tuple(bounds))
    kept = kept_tables(plan, submission, as_of)
    asked = questions(plan, submission, kept, shape, only)
    found = asked.answers(submission)
    units = {unit.id: index for index, unit in enumerate(submission.roster.units)}
    filed = {n: _filed(plan, kept[plan.scans[n].record], n, found[n], units, shape) for n in asked.scans}
    distinct = {key: _distinct(found[key], units) for key in asked.distinct}
    counts, divisions = _told(submission, asked, found) if only is None else ({}, ())
    return Cube(filed, distinct, counts, np.array(shape.bounds, dtype=np.int64), divisions)


def told(plan: Plan, submission: Submission, as_of: dt.date) -> tuple[dict[str, TableCount], tuple[Division, ...]]:
    """What a cube tells besides its scans: the counts of rows and the divisions by zero."""
    asked = Questions()
    _ask_besides(asked, plan, submission, kept_tables(plan, submission, as_of))
    return _told(submission, asked, asked.answers(submission))


def kept_tables(plan: Plan, submission: Submission, as_of: dt.date) -> dict[str, Rows]:
    """Of each table the rows that count, for the questions of the plan."""
    tables = submission.tables
    return {name: kept_rows(plan.checked, table, as_of, *looked_at(plan, name)) for name, table in tables.items()}


def _told(
    submission: Submission, asked: Questions, found: _Answers
) -> tuple[dict[str, TableCount], tuple[Division, ...]]:
    zeros = {record: found[record, None] for record, _ in asked.zeros}
    divided = [Division(record, one["rows"][0], one["first"][0]) for record, one in zeros.items()]
    counts = {name: _counted(submission.counts[name], found.get(name)) for name in submission.tables}
    return counts, tuple(one for one in divided if one.rows)


def questions(
    plan: Plan, submission: Submission, kept: Mapping[str, Rows], shape: Shape, only: Collection[int] | None = None
) -> Questions:
    """Everything that is asked of the tables to make the cube, or `only` these scans."""
    asked = Questions()
    for number, scan in enumerate(plan.scans):
        if scan.record in kept and (only is None or number in only):
            if any(tally.kind != "distinct" for tally in scan.tallies):
                asked.scans[number] = kept[scan.record].filed(plan, number, shape)
            for index, tally in enumerate(scan.tallies):
                if tally.kind == "distinct":
                    asked.distinct[number, index] = kept[scan.record].spread(plan, number, tally, shape)
    if only is None:
        _ask_besides(asked, plan, submission, kept)
    return asked


def _ask_besides(asked: Questions, plan: Plan, submission: Submission, kept: Mapping[str, Rows]) -> None:
    """Counts of rows and divisions by zero."""
    for record, table in submission.tables.items():
        if table.checked_later or plan.checked.records[record].screening:
            asked.counts[record] = kept[record].counted()
        if (zeros := kept[record].divided(*looked_at(plan, record))) is not None:
            asked.zeros[record, None] = zeros


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


# -- answers as arrays --------------------------------------------------------------------------------------------


def _filed(plan: Plan, kept: Rows, number: int, found: pl.DataFrame, units: Mapping[str, int], shape: Shape) -> Filed:
    if not shape.wide and _may_wrap(found):
        wide = evolve(shape, wide=True)
        return _filed(plan, kept, number, answer(kept.filed(plan, number, wide)), units, wide)
    tallies = {}
    for i, tally in enumerate(plan.scans[number].tallies):
        if tally.kind != "distinct":
            tallies[i] = _joined(found, i) if f"h{i}" in found.columns else _values(found[f"t{i}"])
    day = found["d0"].to_numpy().astype(np.int64) if "d0" in found.columns else np.zeros(len(found), np.int64)
    first = found["d1"].to_numpy().astype(np.int64) if "d1" in found.columns else None
    return Filed(_codes(found, units), day, first, tallies)


def _joined(found: pl.DataFrame, number: int) -> tuple[Array, Array]:
    """A wide sum from its two parts, as Python ints."""
    pairs = zip(found[f"h{number}"].to_list(), found[f"t{number}"].to_list(), strict=True)
    values = np.empty(len(found), dtype=object)
    values[:] = [(above or 0) * HALF + (below or 0) for above, below in pairs]
    return values, np.ones(len(found), dtype=bool)


def _may_wrap(found: pl.DataFrame) -> bool:
    columns = [name for name in found.columns if name.startswith("x")]
    if not columns or not len(found):
        return False
    largest = max(int(found[name].max() or 0) for name in columns)  # type: ignore[arg-type]
    return largest * int(found["n"].sum()) > INT64_MAX


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


def _codes(found: pl.DataFrame, units: Mapping[str, int]) -> Array:
    """Index in the roster of each entry's unit; the roster's length for none."""
    none = len(units)
    if "u" not in found.columns or not units:
        return np.full(len(found), none, dtype=np.int64)
    names = found["u"]
    if len(names) < MANY:
        return np.array([units.get(name, none) for name in names.to_list()], dtype=np.int64)
    coded = names if names.dtype == pl.Enum else names.cast(pl.String).cast(pl.Enum(list(units)), strict=False)
    return coded.to_physical().cast(pl.Int64).fill_null(none).to_numpy()


def _distinct(found: pl.DataFrame, units: Mapping[str, int]) -> Distinct:
    words = tuple(found[name] for name in found.columns if name.startswith("w"))
    return Distinct(_codes(found, units), found["v"], words)


# -- tables by unit -----------------------------------------------------------------------------------------------


def table_numbers(
    plan: Plan, submission: Submission, as_of: dt.date, record: str, field: str
) -> Mapping[str | None, Decimal]:
    """unit (None: rows without one) → the number in its one row that has a value, in base units."""
    asked = _numbers_asked(plan, submission, as_of, record, field)
    if asked is None:
        return {}
    scale = plan.checked.records[record].types[field].scale
    found = answer(asked).select("u", "n", "v").rows()
    return {unit: unscaled(value, scale) for unit, rows, value in found if rows == 1}


def _numbers_asked(plan: Plan, submission: Submission, as_of: dt.date, record: str, field: str) -> Asked | None:
    checked = plan.checked.records[record]
    if record not in submission.tables or checked.awaits([field]) or checked.screened_by:
        return None
    fields = [field, *([checked.unit] if checked.unit else [])]
    return kept_rows(plan.checked, submission.tables[record], as_of, (), fields).numbers(checked.unit, field)


def table_numbers_asked(plan: Plan, submission: Submission, as_of: dt.date) -> Iterator[tuple[str, str, Asked]]:
    """The questions about numbers by unit, each with its record and field."""
    for record, field_name in dict.fromkeys(_tables_of(plan.checked)):
        if (asked := _numbers_asked(plan, submission, as_of, record, field_name)) is not None:
            yield record, field_name, asked


def _tables_of(checked: CheckedCampaign) -> Iterator[tuple[str, str]]:
    """The tables with a number for each unit that targets, scores and rankings look into: record and field."""
    for target in checked.targets:
        numbers = (target.low, target.high, *target.exceptions.values())
        yield from (number.table for number in numbers if number is not None and number.table is not None)
    for operand in (one for formula in checked.score_formulas for one in formula.operands.values()):
        if operand.kind == "table":
            record, _, name = operand.id.partition(".")
            yield record, name
    yield from (one.change for one in checked.rankings.values() if isinstance(one.change, tuple))
