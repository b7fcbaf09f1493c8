"""A submitted table → its rows that count, as a lazy frame in which every name that formulas use has a column.

Comes in: a table, as_of, the trees that will be asked. Goes out: `Rows`. Generated column names only: `c0` … from
intake, `m…` dates as known at as_of, `e…` derived fields. Must not know: scans, windows, units.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import polars as pl
from attrs import evolve, frozen

from campaignrules.checked import CheckedCampaign, CheckedRecord
from campaignrules.columns import Columns, Held, column_name, made_column, row_expression, zero_expression
from campaignrules.intake import Table
from campaignrules.trees import Name, Tree, bind, walk


@frozen(eq=False, repr=False)
class Rows:
    """The rows that are neither set aside nor screened out. `names`: field → its column, dates as known at as_of."""

    frame: pl.LazyFrame
    names: Columns
    record: CheckedRecord
    as_of: dt.date

    def column(self, field: str) -> pl.Expr:
        return pl.col(column_name(self.names[field]))

    def value(self, tree: Tree) -> pl.Expr:
        """What a tree is in each row."""
        return row_expression(bind(tree, {"as_of": self.as_of}), self.names)

    def zeros(self, trees: Iterable[Tree], fields: Iterable[str]) -> pl.Expr | None:
        """True in the rows where one of these, or a derived field behind them, divides by zero; None if none can."""
        asked = list(trees)
        behind = self.record.behind([*names_in(asked), *fields])
        asked += [formula.root for name, formula in self.record.derived.items() if name in behind]
        found = [zero_expression(bind(tree, {"as_of": self.as_of}), self.names) for tree in asked]
        zeros = [one for one in found if one is not None]
        return pl.any_horizontal(zeros) if zeros else None


def names_in(trees: Iterable[Tree]) -> set[str]:
    """The names that trees use."""
    return {part.name for tree in trees for part in walk(tree) if isinstance(part, Name)}


def kept_rows(
    checked: CheckedCampaign, table: Table, as_of: dt.date, trees: Iterable[Tree], fields: Iterable[str] = ()
) -> Rows:
    """The rows that count, with a column for each name in `trees` and for each of `fields`."""
    record = checked.records[table.record]
    screens = record.screening
    asked = [*names_in([*trees, *(screen.expression.root for screen in screens)]), *fields]
    used = record.behind(asked)
    submitted = _submitted(record, table)
    frame = table.sound.with_columns(_masked(table, submitted, as_of, used))
    rows = Rows(*_with_derived(frame, submitted, record, as_of, used), record, as_of)
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
    frame: pl.LazyFrame, submitted: Mapping[str, str], record: CheckedRecord, as_of: dt.date, used: Iterable[str]
) -> tuple[pl.LazyFrame, Columns]:
    """The frame with the derived fields that are used, each after those it uses."""
    names: dict[str, str | Held] = {**submitted}
    for i, (name, formula) in enumerate(record.derived.items()):
        if name in used:
            made, names[name] = made_column(bind(formula.root, {"as_of": as_of}), names, f"e{i}")
            frame = frame.with_columns(made)
    return frame, names
