"""What a record type's table is checked against, and what it becomes.

In: fields, names of columns, the checked record. Out: `Kind`; `Table` and `Taken`, made by `tables`. Must not know: how
cells are read, the roster, metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve, field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedRecord, CheckedRule
from campaignrules.columns import row_expression
from campaignrules.intake.fields import Wanted
from campaignrules.intake.headers import Match, Names, match, title_of
from campaignrules.intake.raw import Raw
from campaignrules.intake.windows import allowed
from campaignrules.model import RowRule
from campaignrules.quantities import Unit
from campaignrules.results import Finding, TableCount

if TYPE_CHECKING:
    from sqlglot import exp

    from campaignrules.relational.engines import Engine


NAMED: Final = 100
"""So many bad rows are named of a table that is not in memory."""


@frozen(eq=False, repr=False)
class Heard:
    """Whose rows a raw table held, those set aside too. `units`: the unit of each row, None for a scanned table.

    `rows`: of a scanned table that has pieces in memory beside it, its own rows.
    """

    file: str | None
    units: pl.Series | None = None
    rows: pl.LazyFrame | None = None


@frozen(eq=False, repr=False)
class Relation:
    """A typed table inside an engine.

    `query`: a SELECT of the columns `c0` … of fields that a result may depend on: whole numbers of 64 bits at the field's
    scale, days, text, lists of text, truths; and, where `valid`, of the boolean `ok`, never null: rows for which it is
    false are left out. `fetched`: brings the whole table here as a frame of sound rows. Raises CampaignError.
    """

    engine: Engine
    query: exp.Select
    valid: bool
    fetched: Callable[[], pl.LazyFrame]


@frozen(eq=False, repr=False, slots=False)
class Table:
    """One submitted record type.

    `frame`: the rows that may count, columns `c0` … and, in tables in memory, `row` (the number a person sees, the
    header is 1). `columns`: field → column; a field that was not submitted has a column of nulls. `height`: rows of
    the frame, None for a scanned table, whose `rows` are those set aside, too; `valid`: for a scanned table, rows for
    which it is not true are left out. `heard`: the raw tables it was put together from. `relation`: where the table
    stays in an engine; its `frame` is then only fetched for those who need whole rows.
    """

    record: str
    _frame: pl.LazyFrame | None
    columns: Mapping[str, str]
    height: int | None = None
    valid: pl.Expr | None = None
    _named: Callable[[int], tuple[Finding, ...]] | None = None
    heard: tuple[Heard, ...] = ()
    relation: Relation | None = None
    rows: int = 0

    @property
    def size(self) -> int:
        """How many rows there are about, 0 where nobody has counted them."""
        return self.rows if self.height is None else self.height

    @cached_property
    def frame(self) -> pl.LazyFrame:
        """Raises CampaignError where a table in an engine cannot be brought here."""
        if self._frame is not None:
            return self._frame
        assert self.relation is not None  # noqa: S101  a table is in one place or the other
        return self.relation.fetched()

    @property
    def sound(self) -> pl.LazyFrame:
        """The rows that were not set aside."""
        return self.frame if self.valid is None else self.frame.filter(self.valid)

    @property
    def checked_later(self) -> bool:
        """Whether rows are set aside, and counted, only when the table is asked."""
        return self.valid is not None or (self.relation is not None and self.relation.valid)

    def faults(self, limit: int = NAMED) -> tuple[Finding, ...]:
        """The findings on the first `limit` bad rows of a table that is not in memory; others are known already."""
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
        found = match(raw.headers, self.names, place, raw.meant, raw.stated.units)
        said = (one for one in found.findings if one.code != "unknown-column" or one.column not in raw.folders)
        return evolve(found, findings=tuple(said)) if raw.folders else found

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

    @property
    def decided(self) -> list[CheckedRule]:
        """The row rules that need nothing but the row."""
        rules = self.checked.rules if self.checked else ()
        return [one for one in rules if one.expression.names <= self.columns.keys() and isinstance(one.rule, RowRule)]

    def rules(self) -> list[tuple[pl.Expr, RowRule]]:
        """The same, each as a condition."""
        columns = self.columns
        return [
            (row_expression(one.expression.root, columns), one.rule)
            for one in self.decided
            if isinstance(one.rule, RowRule)
        ]


@frozen(eq=False, repr=False)
class Taken:
    """A table and its count of rows. `kept`: how many may count of each piece in memory that it was submitted in.

    `read`: of a scanned table, how many rows were read of each piece.
    """

    table: Table
    count: TableCount
    kept: tuple[int, ...] = ()
    read: tuple[int, ...] = ()
