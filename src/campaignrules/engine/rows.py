"""The rows of a table that count, and what may be asked of them: the interface between the engine and who holds rows.

Everything is asked in trees and names of fields; an answer is a small frame, collected by `asking`. Two classes answer:
`framed.Framed` by Polars, `remote.Remote` by the database that holds the table. Must not know: how either does it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
import polars as pl
from attrs import frozen

from campaignrules.planner import Plan, Scan, Tally
from campaignrules.trees import Name, Tree, walk

if TYPE_CHECKING:
    from campaignrules.engine.remote import Question

Asked: TypeAlias = "pl.LazyFrame | Passes | Question"
"""What will be asked, of Polars or of a database."""
Array = np.ndarray[Any, Any]
BITS: Final = 62
"""Cells per word of a distinct mask."""
MANY: Final = 5_000
"""From here on units are looked up by Polars, below by Python."""
HALF: Final = 10**18
"""Wide numbers are summed in two parts, so that no number of rows can make a sum wrap."""


@frozen(eq=False, repr=False)
class Passes:
    """A question asked piece by piece, as its answer takes much room while it is made: the pieces are the answer."""

    parts: tuple[pl.LazyFrame, ...]


@frozen(repr=False)
class Shape:
    """What a scan is compiled against. `bounds`: the days (since 1970) at which some window begins or has just ended.

    `wide`: sums are taken in two parts, `t…` below `HALF` and `h…` above.
    """

    as_of: dt.date
    bounds: tuple[int, ...]
    wide: bool = False

    @property
    def words(self) -> range:
        """The numbers of the words that a mask of all cells takes."""
        return range(len(self.bounds) // BITS + 1)


class Rows(Protocol):
    """The rows of one table that are neither set aside nor screened out, dates as known at as_of."""

    def filed(self, plan: Plan, number: int, shape: Shape) -> Asked:
        """A scan: one row per unit `u` and day `d0` (and cell `d1` of the first date) that occurs.

        `d0` is a day since 1970, or a cell where the scan keeps the first date. `t…`: the tallies, `x…`: the largest
        magnitude of each number summed, `n`: rows. A scan without dates has no `d0`, one without a unit no `u`.
        """
        ...

    def spread(self, plan: Plan, number: int, tally: Tally, shape: Shape) -> Asked:
        """A distinct tally: one row per unit `u` and value `v`, with the cells it occurs in as bits of `w0` …."""
        ...

    def counted(self) -> Asked:
        """One row: `read`, `valid` (not set aside), `kept` (not screened out either)."""
        ...

    def divided(self, trees: Iterable[Tree], fields: Iterable[str]) -> Asked | None:
        """One row: in how many `rows` one of these divides by zero, and the `first` one's number; None if none can."""
        ...

    def different(self, fields: Mapping[str, str | None], where: Sequence[Tree] = ()) -> Asked:
        """The different combinations of fields (name in the answer → field; None: nothing) where all trees are true."""
        ...

    def numbers(self, unit: str | None, field: str) -> Asked:
        """One row per unit `u`: `n`, how many of its rows have a number in the field, and `v`, the largest."""
        ...

    def by_unit(self, field: str, conditions: Sequence[Tree]) -> Asked:
        """One row per unit `u` in that field: in how many rows each condition is true, as `w0` …."""
        ...


def filters_of(scan: Scan) -> tuple[Tree, ...]:
    """The filters of a scan's tallies, each once."""
    return tuple(dict.fromkeys(tree for tally in scan.tallies for tree in tally.filters))


def summed(tallies: Iterable[Tally]) -> list[str]:
    """The fields that are added up, each once; the place of each is the number of its `x…`."""
    return list(dict.fromkeys(t.field for t in tallies if t.kind == "sum" and t.field is not None))


def names_in(trees: Iterable[Tree]) -> set[str]:
    """The names that trees use."""
    return {part.name for tree in trees for part in walk(tree) if isinstance(part, Name)}


def looked_at(plan: Plan, record: str) -> tuple[list[Tree], list[str]]:
    """The trees and fields that the scans of a record ask for."""
    scans = [scan for scan in plan.scans if scan.record == record]
    tallies = [tally for scan in scans for tally in scan.tallies]
    trees = [tree for scan in scans for tree in (*scan.dates.parts, *filters_of(scan))]
    trees += [tally.until for tally in tallies if tally.until is not None]
    return list(dict.fromkeys(trees)), [tally.field for tally in tallies if tally.field is not None]


def cells_of(bounds: tuple[int, ...]) -> tuple[int, int, Array]:
    """The first and last day that matter, and the cell of each day from the one to the other."""
    low, high = bounds[0] - 1, bounds[-1]
    return low, high, np.searchsorted(np.array(bounds), np.arange(low, high + 1), side="right").astype(np.int64)
