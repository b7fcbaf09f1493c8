"""What a record type's table is checked against, and what it becomes.

In: fields, names of columns, the checked record. Out: `Kind`; `Table` and `Taken`, made by `tables`. Must not know: how
cells are read, the roster, metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import polars as pl
from attrs import field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedRecord
from campaignrules.columns import row_expression
from campaignrules.intake.fields import Wanted
from campaignrules.intake.headers import Match, Names, match, title_of
from campaignrules.intake.raw import Raw
from campaignrules.intake.windows import allowed
from campaignrules.model import RowRule
from campaignrules.quantities import Unit
from campaignrules.results import Finding, TableCount


@frozen(eq=False, repr=False)
class Heard:
    """Whose rows a raw table held, those set aside too. `units`: the unit of each row, None for a scanned table."""

    file: str | None
    units: pl.Series | None = None


@frozen(eq=False, repr=False)
class Table:
    """One submitted record type.

    `frame`: the rows that may count, columns `c0` … and, in tables in memory, `row` (the number a person sees, the
    header is 1). `columns`: field → column; a field that was not submitted has a column of nulls. `height`: rows of
    the frame, None for a scanned table; `valid`: for a scanned table, rows for which it is not true are left out.
    `heard`: the raw tables it was put together from.
    """

    record: str
    frame: pl.LazyFrame
    columns: Mapping[str, str]
    height: int | None = None
    valid: pl.Expr | None = None
    _named: Callable[[int], tuple[Finding, ...]] | None = None
    heard: tuple[Heard, ...] = ()

    @property
    def sound(self) -> pl.LazyFrame:
        """The rows that were not set aside."""
        return self.frame if self.valid is None else self.frame.filter(self.valid)

    def faults(self, limit: int = 100) -> tuple[Finding, ...]:
        """The findings on the first `limit` bad rows of a scanned table; those of one in memory are known already."""
        return self._named(limit) if self._named else ()


@frozen(eq=False, repr=False)
class Kind:
    """What a table is checked against.

    `units`: for figures, the unit of each metric. `used`: the fields that a result may depend on; of a scanned table
    only these are looked at. `period`: the campaign's.
    """

    id: str
    fields: tuple[Wanted, ...]
    names: Names
    checked: CheckedRecord | None = None
    units: Mapping[str, Unit] = field(factory=dict)
    used: frozenset[str] = frozenset()
    period: Window | None = None

    @property
    def columns(self) -> dict[str, str]:
        return {one.name: one.column for one in self.fields}

    def match(self, raw: Raw) -> Match:
        """Which column of a raw table is meant for which field."""
        place = {"file": raw.file, "sheet": raw.sheet}
        return match(raw.headers, self.names, place, raw.meant, raw.stated.units)

    def title(self, name: str) -> str:
        """What people call a field."""
        return title_of(name, self.names.fields[name])

    @property
    def key(self) -> tuple[str, ...]:
        """The fields whose values together occur once; () when there are none."""
        return self.checked.key if self.checked else ()

    def allowed(self) -> Iterable[tuple[str, pl.Expr, dict[str, str]]]:
        """Each field whose dates must lie in windows: its name, the condition, and the days in words."""
        return allowed(self.checked, self.columns) if self.checked else ()

    def rules(self) -> list[tuple[pl.Expr, RowRule]]:
        """The row rules that need nothing but the row."""
        rules, columns = self.checked.rules if self.checked else (), self.columns
        decided = [rule for rule in rules if rule.expression.names <= columns.keys()]
        return [(row_expression(r.expression.root, columns), r.rule) for r in decided if isinstance(r.rule, RowRule)]


@frozen(eq=False, repr=False)
class Taken:
    """A table and its count of rows. `kept`: how many may count of each piece in memory that it was submitted in."""

    table: Table
    count: TableCount
    kept: tuple[int, ...] = ()
