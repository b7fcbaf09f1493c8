"""One submitted table as its rows stand now: those it came with, without the withdrawn, with corrected ones in place.

Comes in: a raw table, patches. Goes out: the raw table as it stands, or some of its rows with the numbers they have in it.
Nothing is copied until somebody asks for the table. Must not know: fields, types, keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, evolve, field, frozen

from campaignrules.intake.conversion import as_text
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.sheets import Formats

Array = np.ndarray[Any, Any]
MOST_PIECES: Final = 64


@frozen(eq=False, repr=False)
class RawPatch:
    """Rows of one table that go, and rows that come, with the places that these take. A place is kept for ever.

    `headers`: those of the table with the columns that it did not have before; None where there are none.
    """

    gone: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    frame: pl.DataFrame | None = None
    headers: tuple[str, ...] | None = None


@define(eq=False, repr=False)
class Piece:
    """A raw table in memory. `places`: of its first rows, ascending; `there`: which of them still stand as they came.

    `numbers`: the numbers that rows have in their file; None for a table of a program, whose rows are counted.
    `over`: rows that came later; `at`: place → its row there. `end`: the first place that nobody has taken.
    """

    raw: Raw
    first: pl.DataFrame
    numbers: Array | None
    places: Array
    there: Array
    over: pl.DataFrame
    end: int
    at: dict[int, int] = field(factory=dict)
    types: dict[str, pl.DataType] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.types = dict(self.first.schema)

    @classmethod
    def of(cls, raw: Raw) -> Piece:
        """The table as it came."""
        assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  a session collects scanned tables first
        frame, height = raw.frame.drop(ROW), raw.frame.height
        counted = raw.file is None and raw.header_row == 1
        numbers = None if counted else raw.frame[ROW].to_numpy()
        places, there = np.arange(height, dtype=np.int64), np.ones(height, dtype=bool)
        return cls(evolve(raw, frame=frame.clear()), frame, numbers, places, there, frame.clear(), height)

    @property
    def grows(self) -> bool:
        """Whether added rows belong to it: a file stays what it was, a table of a program does not."""
        return self.numbers is None

    def take(self, patch: RawPatch) -> None:
        """The patch counts from now on."""
        first = [place for place in patch.gone if self.at.pop(place, None) is None]
        self.there[np.searchsorted(self.places, np.array(first, dtype=np.int64))] = False
        if patch.frame is not None:
            self.at |= {place: self.over.height + i for i, place in enumerate(patch.places)}
            self.over = in_few_pieces(self.over.vstack(patch.frame))
            self.end = max((self.end, *(place + 1 for place in patch.places)))

    def number(self, place: int, patch: RawPatch | None = None) -> int:
        """The number that people see of the row at a place, with a patch if one is tried."""
        if self.numbers is not None:
            return int(self._numbered(np.array([place]))[0])
        before = int(np.count_nonzero(self.there[: int(np.searchsorted(self.places, place))]))
        before += sum(other < place for other in self.at)
        if patch is not None:
            before += sum(other < place for other in patch.places) - sum(other < place for other in patch.gone)
        return 2 + before

    def standing(self, patch: RawPatch | None = None) -> Raw:
        """The table as it stands, with a patch if one is tried."""
        places, rows, whole = self._order(patch or RawPatch())
        numbers = np.arange(2, len(places) + 2) if self.numbers is None else self._numbered(places)
        frame = whole if patch is None and not self.over.height and self.there.all() else whole[rows]
        raw = self.raw if patch is None or patch.headers is None else widened(self.raw, patch.headers)
        return self._raw(raw, frame, numbers, patch)

    def some(self, places: Iterable[int], beside: int = 0) -> Raw:
        """Rows that stand at some places, under the numbers that they have in the table."""
        chosen = np.array(sorted(places), dtype=np.int64)
        first = np.searchsorted(self.places, chosen)
        rows = [
            self.first.height + self.at[p] if p in self.at else i
            for p, i in zip(chosen.tolist(), first.tolist(), strict=True)
        ]
        frame = (self.first.vstack(self.over) if self.at else self.first)[rows]
        numbers = self._numbered(chosen) if self.numbers is not None else self._ranks(chosen)
        return evolve(self._raw(self.raw, frame, numbers, None), beside=beside)

    def _ranks(self, places: Array) -> Array:
        """The numbers of rows that are counted."""
        if not len(places):
            return places
        late = np.sort(np.fromiter(self.at.keys(), np.int64, len(self.at)))
        before = np.concatenate([[0], np.cumsum(self.there)])
        return np.asarray(2 + before[np.searchsorted(self.places, places)] + np.searchsorted(late, places))

    def _raw(self, raw: Raw, frame: pl.DataFrame, numbers: Array, patch: RawPatch | None) -> Raw:
        frame = frame.with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))
        return evolve(raw, frame=frame, formats=self._formats(patch or RawPatch()))

    def fits(self, patch: RawPatch) -> bool:
        """Whether the rows that come have the columns of the table, of the same types."""
        return patch.frame is None or dict(patch.frame.schema) == self.types

    def _order(self, patch: RawPatch) -> tuple[Array, Array, pl.DataFrame]:
        """The places that stand, ascending; the row of each; and the frame in which these rows are."""
        there = self.there.copy()
        later = dict(self.at)
        for place in patch.gone:
            if later.pop(place, None) is None:
                there[np.searchsorted(self.places, place)] = False
        whole = self.first
        if self.over.height:
            whole = whole.vstack(self.over)
        if patch.frame is not None:
            later |= {place: self.over.height + i for i, place in enumerate(patch.places)}
            whole = joined(whole, patch.frame)
        places = np.concatenate([self.places[there], np.fromiter(later.keys(), np.int64, len(later))])
        rows = np.concatenate(
            [np.flatnonzero(there), np.fromiter(later.values(), np.int64, len(later)) + self.first.height]
        )
        order = np.argsort(places, kind="stable")
        return places[order], rows[order], whole

    def _numbered(self, places: Array) -> Array:
        assert self.numbers is not None  # noqa: S101  asked of files only
        return np.asarray(self.numbers[np.searchsorted(self.places, places)])

    def _formats(self, patch: RawPatch) -> Formats:
        """How a workbook showed its cells, without the rows that were corrected."""
        formats = self.raw.formats
        if self.numbers is None or not (formats.percent or formats.unsaved):
            return formats
        late = np.array([*self.at, *patch.places], dtype=np.int64)
        changed = frozenset(self._numbered(late).tolist())
        percent = {column: rows - changed for column, rows in formats.percent.items()} if formats.percent else None
        unsaved = {column: rows - changed for column, rows in formats.unsaved.items()}
        return evolve(formats, percent=percent if formats.percent is not None else None, unsaved=unsaved)


def in_few_pieces(frame: pl.DataFrame) -> pl.DataFrame:
    """The same rows; each look at a row would go through all the pieces that batches have left."""
    return frame.rechunk() if frame.n_chunks() > MOST_PIECES else frame


def widened(raw: Raw, headers: tuple[str, ...]) -> Raw:
    """The table with more columns, which stand in no column of a spreadsheet."""
    more = len(headers) - len(raw.headers)
    letters = (*raw.letters, *[-1] * more) if raw.letters else ()
    meant = None if raw.meant is None else (*raw.meant, *[None] * more)
    return evolve(raw, headers=headers, letters=letters, meant=meant)


def joined(first: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """The rows of both; cells of different types as text, a column that one of them lacks is empty there."""
    if first.schema == more.schema:
        return first.vstack(more)
    columns = []
    for name in dict.fromkeys((*first.columns, *more.columns)):
        kind = next(one.schema[name] for one in (first, more) if name in one.columns)
        nothing = pl.Series(name, [None], dtype=kind)
        parts = [one[name] if name in one.columns else nothing.new_from_index(0, one.height) for one in (first, more)]
        if parts[0].dtype != parts[1].dtype:
            parts = [as_text(part) for part in parts]
        columns.append(parts[0].alias(name).append(parts[1]))
    return pl.DataFrame(columns)
