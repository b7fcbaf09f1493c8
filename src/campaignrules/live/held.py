"""The rows of one record type that a session holds: as they came, typed, and found by their identity.

A row is known by its position, which it keeps while it stands: the number of its table and its place there. Its identity is
its key; without a key all that it says. Comes in: what intake made of the tables. Goes out: rows by identity and position.
Must not know: metrics, cubes, batches.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, field, frozen

from campaignrules.checked import UNIT_TABLE
from campaignrules.intake import Table
from campaignrules.intake.conversion import as_text, filled
from campaignrules.intake.headers import Match
from campaignrules.intake.kinds import Kind
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.typed import Column, typed_columns
from campaignrules.live.pieces import Array, Piece, RawPatch, in_few_pieces

BITS: Final = 40
"""A position is the number of the table, shifted by so many bits, and the place."""


FEW: Final = 16
PLACE: Final = (1 << BITS) - 1
AS_WRITTEN: Final = ("as written",)
"""Begins the identity of a row that cannot be read."""


def position(piece: int, place: int) -> int:
    """The position of a row; positions are in the order of the rows."""
    return piece << BITS | place


@frozen(eq=False, repr=False)
class Patch:
    """What changes in one record type. `gone`: positions, with their identities; `raw`: number of the table → its part.

    `typed`: the rows that come and may count, their positions in the column `row`; `aside`: positions of those that come
    and are set aside; `known`: identity of each row that comes → its position; `noted`: positions of rows that there is
    something to say of; `doubled`: whether one of several rows with one key is among those that go.
    """

    gone: Mapping[int, Hashable]
    raw: dict[int, RawPatch]
    typed: pl.DataFrame
    aside: frozenset[int]
    known: tuple[tuple[Hashable, int], ...]
    noted: frozenset[int] = frozenset()
    doubled: bool = False


class Index:
    """Identity → positions of its rows, ascending."""

    def __init__(self, pairs: Iterable[tuple[Hashable, int]]) -> None:
        self._one: dict[Hashable, int] = {}
        self._more: dict[Hashable, list[int]] = {}
        for identity, at in pairs:
            self.add(identity, at)

    def all(self, identity: Hashable) -> list[int]:
        """The positions of all rows of that identity."""
        if identity in self._more:
            return self._more[identity]
        return [self._one[identity]] if identity in self._one else []

    def add(self, identity: Hashable, at: int) -> None:
        if identity is None:
            return
        if identity in self._one:
            self._more.setdefault(identity, [self._one[identity]]).append(at)
            self._more[identity].sort()
        else:
            self._one[identity] = at

    def drop(self, identity: Hashable, at: int) -> None:
        rest = [one for one in self.all(identity) if one != at]
        self._more.pop(identity, None)
        if rest:
            self._one[identity] = rest[0]
        else:
            self._one.pop(identity, None)
        if len(rest) > 1:
            self._more[identity] = rest


@define(eq=False, repr=False)
class Held:
    """One record type. `typed`: the rows that may count, positions in `row`; `there`: which of them still stand.

    `many`: how many these are. `late`: rows that came later; `at`: position → its row there. `aside`: the positions of rows that are set aside.
    """

    kind: Kind
    pieces: list[Piece]
    typed: pl.DataFrame
    positions: Array
    there: Array
    late: pl.DataFrame
    aside: set[int]
    at: dict[int, int] = field(factory=dict)
    many: int = field(init=False)
    _index: Index | None = None

    def __attrs_post_init__(self) -> None:
        self.many = int(np.count_nonzero(self.there))

    @classmethod
    def of(cls, kind: Kind, raws: Sequence[Raw], table: Table, kept: Sequence[int]) -> Held:
        """What intake made of the tables; `kept`: of each how many rows may count."""
        pieces = [Piece.of(raw) for raw in raws]
        typed = table.frame.collect()
        parts, start = [], 0
        for number, (raw, many) in enumerate(zip(raws, kept, strict=True)):
            assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  a session collects scanned tables first
            rows = typed[ROW].slice(start, many).to_numpy()
            parts.append(np.searchsorted(raw.frame[ROW].to_numpy(), rows) + (number << BITS))
            start += many
        positions = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        typed = typed.with_columns(pl.Series(ROW, positions, dtype=pl.Int64))
        every = np.concatenate([one.places + (n << BITS) for n, one in enumerate(pieces)] or [positions])
        aside = set(np.setdiff1d(every, positions, assume_unique=True).tolist())
        made = cls(kind, pieces, typed, positions, np.ones(len(positions), dtype=bool), typed.clear(), aside)
        if made.keyed:
            made.index  # noqa: B018  now, and not when the first batch comes
        return made

    @property
    def keyed(self) -> bool:
        return bool(self.kind.key) or self.kind.id == UNIT_TABLE

    @property
    def index(self) -> Index:
        """Made when first asked for."""
        if self._index is None:
            self._index = Index(self._pairs())
        return self._index

    def _pairs(self) -> Iterator[tuple[Hashable, int]]:
        rows = self.standing().collect()
        yield from zip(identities(self.kind, rows), rows[ROW].to_list(), strict=True)
        yield from self.unsound(sorted(self.aside))

    def unsound(self, aside: Iterable[int]) -> Iterator[tuple[Hashable, int]]:
        """Rows that are set aside."""
        for number, piece in enumerate(self.pieces):
            places = [at & PLACE for at in aside if at >> BITS == number]
            if places:
                raw = piece.some(places)
                found = raw_identities(self.kind, raw, self.kind.match(raw)) if raw.headers else [None] * len(places)
                yield from zip(found, [position(number, place) for place in sorted(places)], strict=True)

    # -- rows by position -----------------------------------------------------------------------------------------

    def rows(self, positions: Iterable[int]) -> pl.DataFrame:
        """The typed rows at these positions, as far as they may count."""
        first, later = [], []
        for at in positions:
            if at in self.at:
                later.append(self.at[at])
            elif at not in self.aside:
                first.append(at)
        first = np.searchsorted(self.positions, np.array(first, dtype=np.int64)).tolist()
        if not later:
            return few_rows(self.typed, first)
        return few_rows(self.typed, first).vstack(few_rows(self.late, later)) if first else few_rows(self.late, later)

    def standing(self, patch: Patch | None = None) -> pl.LazyFrame:
        """All rows that may count, in any order; with a patch if one is tried."""
        gone = () if patch is None else patch.gone
        there, late = self.there, self.late[[row for at, row in self.at.items() if at not in gone]]
        first = [at for at in gone if at not in self.at and at not in self.aside]
        if first:
            there = there.copy()
            there[np.searchsorted(self.positions, np.array(first, dtype=np.int64))] = False
        parts = [self.typed.lazy() if there.all() else self.typed.lazy().filter(pl.Series(there))]
        more = late if patch is None else late.vstack(patch.typed)
        return pl.concat([*parts, more.lazy()]) if more.height else parts[0]

    def all_positions(self, among: Iterable[int]) -> frozenset[int]:
        """Those of some positions at which a row stands."""
        chosen = np.array(sorted(among), dtype=np.int64)
        if not len(chosen):
            return frozenset()
        at = np.minimum(np.searchsorted(self.positions, chosen), max(len(self.positions) - 1, 0))
        first = (self.positions[at] == chosen) & self.there[at] if len(self.positions) else np.zeros(len(chosen), bool)
        return frozenset(
            one
            for one, there in zip(chosen.tolist(), first.tolist(), strict=True)
            if there or one in self.at or one in self.aside
        )

    def count(self, patch: Patch | None = None) -> tuple[int, int]:
        """How many rows may count, and how many are set aside."""
        many, aside = self.many + len(self.at), len(self.aside)
        if patch is None:
            return many, aside
        lost = sum(at in self.aside for at in patch.gone)
        return many - (len(patch.gone) - lost) + patch.typed.height, aside - lost + len(patch.aside)

    def number(self, at: int, patch: Patch | None = None) -> int:
        """The number that people see of the row at a position, with a patch if one is tried."""
        raw = None if patch is None else patch.raw.get(at >> BITS)
        return self.pieces[at >> BITS].number(at & PLACE, raw)

    def take(self, patch: Patch) -> None:
        """The patch counts from now on."""
        index = self.index  # made from what stands before
        first = []
        for at, identity in patch.gone.items():
            index.drop(identity, at)
            if at in self.aside:
                self.aside.discard(at)
            elif self.at.pop(at, None) is None:
                first.append(at)
        self.there[np.searchsorted(self.positions, np.array(first, dtype=np.int64))] = False
        self.many -= len(first)
        self.at |= {at: self.late.height + i for i, at in enumerate(patch.typed[ROW].to_list())}
        self.late = in_few_pieces(self.late.vstack(patch.typed))
        self.aside |= patch.aside
        for identity, at in patch.known:
            index.add(identity, at)
        for number, raw in patch.raw.items():
            self.pieces[number].take(raw)


def few_rows(frame: pl.DataFrame, rows: list[int]) -> pl.DataFrame:
    """These rows; a few are cut out one by one, before the engine would have begun."""
    if not rows or len(rows) > FEW:
        return frame[rows]
    return pl.concat([frame.slice(row, 1) for row in rows], rechunk=False)


# -- identities ---------------------------------------------------------------------------------------------------


def identities(kind: Kind, typed: pl.DataFrame) -> list[Hashable]:
    """What typed rows are known by; None for a row that nobody can name."""
    if kind.id == UNIT_TABLE:
        columns = kind.columns
        return typed.select(pl.coalesce(columns["id"], columns["title"])).to_series().to_list()
    if len(kind.key) == 1:
        return typed[kind.columns[kind.key[0]]].to_list()
    names = [kind.columns[name] for name in kind.key] or [*kind.columns.values()]
    lists = [name for name in names if typed.schema[name] == pl.List]
    rows: list[Any] = typed.select(names).rows()
    if lists:
        rows = [tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in rows]
    return rows


def raw_identities(kind: Kind, raw: Raw, matched: Match) -> list[Hashable]:
    """What rows are known by of which nobody knows whether they are good; without a key by their texts."""
    assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  tables of a session are in memory
    wanted = ("id", "title") if kind.id == UNIT_TABLE else kind.key
    if not wanted:
        texts = [as_text(raw.frame[f"r{index}"]).to_list() for index, _ in matched.columns.values()]
        return [(*AS_WRITTEN, *row) for row in zip(*texts, strict=True)] or [None] * raw.frame.height
    fields = tuple(one for one in kind.fields if one.name in wanted)
    columns = typed_columns(raw, fields, matched, None)
    found = {column.wanted.column: column.typed for column in columns}
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, raw.frame.height)
    names = identities(kind, pl.DataFrame({one.column: found.get(one.column, nothing) for one in fields}))
    return names if kind.id == UNIT_TABLE else _as_written(columns, names)


def _as_written(columns: Sequence[Column], names: list[Hashable]) -> list[Hashable]:
    """The names; where a cell of the key cannot be read the key as it is written, where one is lacking None."""
    for column in columns:
        if column.typed.null_count():
            empty = column.typed.is_null() & ~filled(column.raw)
            lacks = empty & column.wanted.declared.required
            unread = column.typed.is_null() & ~empty
            if unread.any() or lacks.any():
                texts = list(zip(*(as_text(one.raw).str.strip_chars().to_list() for one in columns), strict=True))
                marks = zip(names, texts, unread.to_list(), lacks.to_list(), strict=True)
                names = [None if lack else (*AS_WRITTEN, *text) if bad else one for one, text, bad, lack in marks]
    return names
