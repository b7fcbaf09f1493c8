"""What is to change → a patch for each record type, or every fault of the batch at once.

Comes in: added, corrected and withdrawn rows in any form intake takes, and the rows that stand. Rows that come are
brought under the headers of the table they join, then checked like any row. Goes out: `Batch`; nothing is changed here.
Must not know: cubes, results.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl
from attrs import define, evolve, field, frozen

from campaignrules.checked import UNIT_TABLE, CheckedCampaign
from campaignrules.errors import CampaignError, Diagnostic, Text, fault
from campaignrules.intake.conversion import Number, as_text
from campaignrules.intake.findings import FindingList, clipped
from campaignrules.intake.headers import Match
from campaignrules.intake.kinds import Kind
from campaignrules.intake.parts import PART, typed_part
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.intake.sheets import Formats
from campaignrules.intake.submission import sort_out
from campaignrules.intake.typed import converter_of
from campaignrules.intake.windows import outside
from campaignrules.live.held import AS_WRITTEN, BITS, PLACE, Held, Patch, identities, position, raw_identities
from campaignrules.live.pieces import Piece, RawPatch, joined

MOST_FAULTS: Final = 100
FEW: Final = 1_000
PLAIN: Final = re.compile(r"-?[0-9]+([.][0-9]+)?", re.ASCII)
OF_THE_HEADER: Final = frozenset(
    ("unknown-column", "column-not-read", "wrong-unit", "missing-column", "outside-period")
)
"""Findings that say nothing about a row."""
WORDS: Final = {
    "added": Text("新增", "added"),
    "corrected": Text("更正", "corrected"),
    "withdrawn": Text("撤回", "withdrawn"),
}


@frozen(eq=False, repr=False)
class Batch:
    """What changes: a patch for each record type, and `fresh`: tables that stand by themselves, after the others."""

    patches: Mapping[str, Patch]
    fresh: Mapping[str, list[Raw]]


@define(eq=False, repr=False)
class _Faults:
    """What stands against a batch. `record`: of the rows at work; `how`: what is to be done with them."""

    found: list[Diagnostic] = field(factory=list)
    record: str = ""
    how: str = ""

    def add(self, code: str, **facts: Any) -> None:
        if len(self.found) < MOST_FAULTS:
            known: dict[str, Any] = {n: one if isinstance(one, Text) else clipped(one) for n, one in facts.items()}
            self.found.append(fault(code, None, record=self.record, how=WORDS[self.how], **known))


def read(
    checked: CheckedCampaign, held: Mapping[str, Held], added: object, corrected: object, withdrawn: object
) -> Batch:
    """The batch. Raises CampaignError with everything for which it cannot be applied as a whole."""
    faults = _Faults()
    given = {
        "withdrawn": _tables(checked, _keys_as_rows(checked, withdrawn), "withdrawn", faults),
        "corrected": _tables(checked, corrected, "corrected", faults),
        "added": _tables(checked, added, "added", faults),
    }
    works: dict[str, _Work] = {}
    fresh: dict[str, list[Raw]] = {}
    for how, tables in given.items():
        faults.how = how
        for record, raws in tables.items():
            faults.record = record
            if record in held:
                work = works.setdefault(record, _Work(held[record], faults))
                fresh_ones = [raw for raw in raws if not work.took(how, raw)]
            else:
                fresh_ones = raws if how == "added" else _nothing_there(raws, faults)
            if fresh_ones:
                fresh.setdefault(record, []).extend(fresh_ones)
    if faults.found:
        raise CampaignError(faults.found)
    return Batch({record: work.patch() for record, work in works.items()}, fresh)


def _nothing_there(raws: list[Raw], faults: _Faults) -> list[Raw]:
    for raw in raws:
        for _ in range(_frame(raw).height):
            faults.add("no-such-row", key="")
    return []


# -- rows of any form ---------------------------------------------------------------------------------------------


def _tables(checked: CheckedCampaign, data: object, how: str, faults: _Faults) -> dict[str, list[Raw]]:
    """The raw tables of a part of the batch, in memory, those without rows left out."""
    if data is None:
        return {}
    read = sort_out(checked, data, Limits(), engine="polars")
    faults.how, faults.record = how, ""
    for found in read.findings.copy().listed():
        if found.code == "unknown-table" or found.severity == "error":
            faults.add("batch-not-read", what=found.message)
    return {record: some for record, raws in read.raws.items() if (some := [collected(one) for one in raws])}


def collected(raw: Raw) -> Raw:
    """The table in memory."""
    frame = raw.frame
    if isinstance(frame, pl.LazyFrame):
        frame = frame.with_row_index(ROW, offset=2).cast({ROW: pl.Int64}).collect()
    return evolve(raw, frame=frame, parts=None)


def _frame(raw: Raw) -> pl.DataFrame:
    assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  see collected
    return raw.frame


def _keys_as_rows(checked: CheckedCampaign, data: object) -> object:
    """Keys as rows that have nothing else; rows stay as they are."""
    if not isinstance(data, Mapping):
        return data
    return {name: _as_rows(checked, str(name), some) for name, some in data.items()}


def _as_rows(checked: CheckedCampaign, name: str, some: object) -> object:
    key = ("id",) if name == UNIT_TABLE else checked.records[name].key if name in checked.records else ()
    if not isinstance(some, Sequence | AbstractSet) or isinstance(some, str | bytes | bytearray) or not key:
        return some
    if any(isinstance(one, Mapping) for one in some):
        return some
    tuples = [one if isinstance(one, tuple | list) else (one,) for one in some]
    return [dict(zip(key, one, strict=False)) for one in tuples]


# -- one record type ----------------------------------------------------------------------------------------------


@define(eq=False, repr=False)
class _Work:
    """The patch of one record type while it grows."""

    held: Held
    faults: _Faults
    gone: dict[int, Hashable] = field(factory=dict)
    doubled: bool = False
    named: set[Hashable] = field(factory=set)
    come: dict[int, list[tuple[list[int], pl.DataFrame]]] = field(factory=lambda: defaultdict(list))
    headers: dict[int, tuple[str, ...]] = field(factory=dict)
    typed: list[pl.DataFrame] = field(factory=list)
    aside: set[int] = field(factory=set)
    noted: set[int] = field(factory=set)
    known: list[tuple[Hashable, int]] = field(factory=list)

    def took(self, how: str, raw: Raw) -> bool:
        """Whether the rows have found their place; False for added ones that no table can take."""
        if how == "withdrawn":
            self._withdraw(raw)
        elif how == "corrected":
            self._correct(raw)
        else:
            return self._add(raw)
        return True

    @property
    def kind(self) -> Kind:
        return self.held.kind

    def patch(self) -> Patch:
        gone: dict[int, list[int]] = defaultdict(list)
        for at in self.gone:
            gone[at >> BITS].append(at & PLACE)
        raw = {}
        for number in {**gone, **self.come}:
            places = [place for some, _ in self.come[number] for place in some]
            frame = None
            for _, part in self.come[number]:
                frame = part if frame is None else joined(frame, part)
            raw[number] = RawPatch(tuple(gone[number]), tuple(places), frame, self.headers.get(number))
        none = self.held.typed.clear() if not self.typed else self.typed[0]
        typed = pl.concat(self.typed) if len(self.typed) > 1 else none
        return Patch(
            self.gone, raw, typed, frozenset(self.aside), tuple(self.known), frozenset(self.noted), self.doubled
        )

    # withdrawn

    def _withdraw(self, raw: Raw) -> None:
        for identity, shown in self._names(raw):
            places = [at for at in self.held.index.all(identity) if at not in self.gone]
            if not self.held.keyed:
                self._drop(places[-1:], identity, shown)
            elif identity is None:
                self.faults.add("row-without-key", key=shown)
            elif self._first_time(identity, shown):
                self._drop(self._meant(places), identity, shown)

    def _drop(self, places: list[int], identity: Hashable, shown: str) -> None:
        if not places:
            self.faults.add("no-such-row", key=shown)
        self.gone |= dict.fromkeys(places, identity)
        self.doubled |= self.held.keyed and len(self.held.index.all(identity)) > 1

    def _meant(self, places: list[int]) -> list[int]:
        """Of rows with one key the one that counts: the first that is not set aside, else the first."""
        return ([at for at in places if at not in self.held.aside] or places)[:1]

    def _names(self, raw: Raw) -> list[tuple[Hashable, str]]:
        """Of each row what it is known by, and the same for people."""
        matched = self.kind.match(raw)
        if self.held.keyed:
            found = raw_identities(self.kind, raw, matched)
            return [(one, _shown(one)) for one in found]
        number = len(self.held.pieces) - 1
        frame, headers = fitted(self.held.pieces[number], raw, self.kind)
        asked = self._raw(number, frame, headers)
        good = typed_part(self.kind, asked, FindingList(0), 0).frame
        names = dict(zip(good[ROW].to_list(), identities(self.kind, good), strict=True))
        written = raw_identities(self.kind, asked, self.kind.match(asked))
        return [(names.get(i, as_it_is), _row_shown(frame, i)) for i, as_it_is in enumerate(written)]

    # corrected

    def _correct(self, raw: Raw) -> None:
        if not self.held.keyed:
            self.faults.add("record-without-key", key="")
            return
        rows: dict[int, list[tuple[int, int]]] = defaultdict(list)
        found = self._names(raw)
        names = [identity for identity, _ in found]
        for row, (identity, shown) in enumerate(found):
            places = self._meant([at for at in self.held.index.all(identity) if at not in self.gone])
            if identity is None:
                self.faults.add("row-without-key", key=shown)
            elif self._first_time(identity, shown):
                self._drop(places, identity, shown)
                for at in places:
                    rows[at >> BITS].append((row, at & PLACE))
        for number, some in rows.items():
            chosen = _frame(raw) if len(some) == _frame(raw).height else _frame(raw)[[row for row, _ in some]]
            self._come(number, [place for _, place in some], evolve(raw, frame=chosen), [names[row] for row, _ in some])

    def _first_time(self, identity: Hashable, shown: str) -> bool:
        if identity in self.named:
            self.faults.add("row-named-twice", key=shown)
            return False
        self.named.add(identity)
        return True

    # added

    def _add(self, raw: Raw) -> bool:
        names: list[Hashable] | None = None
        if self.held.keyed:
            coming, found = set[Hashable](), self._names(raw)
            names = [identity for identity, _ in found]
            for identity, shown in found:
                there = identity in coming or any(at not in self.gone for at in self.held.index.all(identity))
                if identity is not None and there:
                    self.faults.add("row-is-there", key=shown)
                coming.add(identity)
        number = len(self.held.pieces) - 1
        if not _frame(raw).height:
            return True
        if not self.held.pieces[number].grows or not self.held.pieces[number].raw.headers:
            return False
        start = self.held.pieces[number].end + sum(len(places) for places, _ in self.come[number])
        self._come(number, list(range(start, start + _frame(raw).height)), raw, names)
        return True

    # rows that come

    def _come(self, number: int, places: list[int], raw: Raw, names: Sequence[Hashable] | None) -> None:
        """Rows for these places; `names`: what they are known by, where it is known already."""
        piece = self.held.pieces[number]
        frame, headers = fitted(piece, raw, self.kind)
        self.come[number].append((places, frame))
        if headers != piece.raw.headers:
            self.headers[number] = headers
        asked, findings = self._raw(number, frame, headers), FindingList(1)
        part = typed_part(self.kind, asked, findings, 0)
        at = np.array([position(number, place) for place in places], dtype=np.int64)
        good = part.frame[ROW].to_numpy()
        cells = [one for one in part.frame.get_columns() if one.name not in (PART, ROW)]
        self.typed.append(pl.DataFrame([*cells, pl.Series(ROW, at[good], dtype=pl.Int64)]))
        every = frozenset(at.tolist())
        self.aside |= every - frozenset(at[good].tolist())
        if any(found.code not in OF_THE_HEADER for found in findings.found()):
            self.noted |= every
        if names is None:
            self.known += self._unkeyed(part.frame, asked, at)
        else:
            self.known += zip(names, at.tolist(), strict=True)

    def _unkeyed(self, good: pl.DataFrame, asked: Raw, at: np.ndarray[Any, Any]) -> Iterator[tuple[Hashable, int]]:
        written = raw_identities(self.kind, asked, self.kind.match(asked))
        names = dict(zip(good[ROW].to_list(), identities(self.kind, good), strict=True))
        return ((names.get(i, one), int(at[i])) for i, one in enumerate(written))

    def _raw(self, number: int, frame: pl.DataFrame, headers: tuple[str, ...]) -> Raw:
        """Rows that come as a table like the one they join, numbered from 0."""
        raw = self.held.pieces[number].raw
        percent: dict[int, frozenset[int]] | None = None if raw.formats.percent is None else {}
        numbered = frame.hstack([pl.Series(ROW, range(frame.height), dtype=pl.Int64)])
        from_here = Raw(
            headers, numbered, stated=raw.stated, dates_from=raw.dates_from, formats=Formats(percent=percent)
        )
        meant = None if raw.meant is None else (*raw.meant, *[None] * (len(headers) - len(raw.headers)))
        return evolve(from_here, meant=meant)


def outside_period(kind: Kind, rows: pl.DataFrame) -> dict[int, int]:
    """Number of a table → how many of these good rows have all their dates outside the campaign's period."""
    if kind.checked is None or kind.period is None or not rows.height:
        return {}
    tables = rows[ROW].to_numpy() >> BITS
    numbers, found = dict.fromkeys(tables.tolist()), {}
    for number in numbers:
        some = rows if len(numbers) == 1 else rows.filter(pl.Series(tables == number))
        found[number] = outside(kind.checked, kind.columns, kind.period, some)
    return found


def _shown(identity: object) -> str:
    parts = identity if isinstance(identity, tuple) else (identity,)
    parts = parts[1:] if parts[:1] == AS_WRITTEN else parts
    return "、".join(str(part) for part in parts if part is not None)


def _row_shown(frame: pl.DataFrame, row: int) -> str:
    return "、".join(text for cells in frame.get_columns() if (text := as_text(cells.slice(row, 1))[0]))


# -- under the headers of the table that rows join ----------------------------------------------------------------


def fitted(piece: Piece, raw: Raw, kind: Kind) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The cells of `raw` in the columns of a table, and the headers of these; new columns stand at the end.

    A column joins the one of the same header, else that of the same field; a number whose header says another unit of
    measure takes it with it. Cells of another type than those of the column become it where nothing is lost.
    """
    base, types = piece.raw, piece.types
    matches, headers = (_matched(kind, base), kind.match(raw)), [*base.headers]
    frame, columns = _frame(raw), dict[str, pl.Series]()
    fields = {index: name for name, (index, _) in matches[1].columns.items()}
    for index, header in enumerate(raw.headers):
        cells, place = frame[f"r{index}"], _place(header, fields.get(index), base, matches[0])
        if place is None or f"r{place}" in columns:
            headers.append(header)
            columns[f"r{len(headers) - 1}"] = cells
        else:
            cells = _with_unit(cells, fields.get(index), matches, kind, (base, raw))
            columns[f"r{place}"] = retyped(cells, types[f"r{place}"])
    nothing = {name: pl.Series([None], dtype=dtype) for name, dtype in types.items() if name not in columns}
    columns |= {name: one.new_from_index(0, frame.height) for name, one in nothing.items()}
    order = [*types, *(name for name in columns if name not in types)]
    return pl.DataFrame([columns[name].alias(name) for name in order]), tuple(headers)


_MATCHES: WeakKeyDictionary[Raw, Match] = WeakKeyDictionary()


def _matched(kind: Kind, base: Raw) -> Match:
    """Which column of a table that stands is meant for which field: looked for once."""
    if base not in _MATCHES:
        _MATCHES[base] = kind.match(base)
    return _MATCHES[base]


def _place(header: str, name: str | None, base: Raw, matched: Match) -> int | None:
    """The column of the base that a column joins."""
    if name in matched.columns:
        return matched.columns[name or ""][0]
    return base.headers.index(header) if header in base.headers and name is None else None


def _with_unit(
    cells: pl.Series, name: str | None, matches: tuple[Match, Match], kind: Kind, raws: tuple[Raw, Raw]
) -> pl.Series:
    wanted = next((one for one in kind.fields if one.name == name), None)
    if wanted is None or name is None or name not in matches[0].columns:
        return cells
    ours, theirs = (converter_of(wanted, m.columns[name][1], raw) for m, raw in zip(matches, raws, strict=True))
    if not isinstance(ours, Number) or not isinstance(theirs, Number) or ours.given == theirs.given:
        return cells
    unit = (theirs.given or theirs.unit).name
    texts = [text + unit if text and text.strip() else None for text in as_text(cells).to_list()]
    return pl.Series(texts, dtype=pl.String)


def retyped(cells: pl.Series, kind: pl.DataType) -> pl.Series:
    """The cells as ones of another type, where nothing is lost; else as they are."""
    if cells.dtype == kind:
        return cells
    if (kind == pl.Date or kind.is_numeric()) and cells.null_count() == len(cells):
        return pl.Series([None], dtype=kind).new_from_index(0, len(cells))
    texts = as_text(cells)
    if kind == pl.String:
        return texts
    if len(cells) <= FEW:
        return _read(texts, kind, cells)
    try:
        found = _cast(texts, kind)
    except pl.exceptions.PolarsError:
        return cells
    same = (as_text(found).eq_missing(texts)).all() or _same_numbers(as_text(found), texts)
    return found if same else cells


def _read(texts: pl.Series, kind: pl.DataType, cells: pl.Series) -> pl.Series:
    """The same by Python, which is done before the engine would have begun."""
    if kind == pl.Date:
        return _days(texts, cells)
    places = kind.scale if isinstance(kind, pl.Decimal) else 0 if kind.is_integer() else None
    plain = [text is None or (len(text) < 18 and PLAIN.fullmatch(text) is not None) for text in texts.to_list()]
    if places is None or not all(plain):
        found = _cast(texts, kind) if kind.is_float() else cells
        return found if found is not cells and as_text(found).equals(texts) else cells
    numbers = [None if text is None else Decimal(text) for text in texts.to_list()]
    if any(one is not None and one != one.quantize(Decimal(1).scaleb(-places)) for one in numbers):
        return cells
    try:
        return pl.Series(
            numbers if places or isinstance(kind, pl.Decimal) else [None if n is None else int(n) for n in numbers],
            dtype=kind,
        )
    except (pl.exceptions.PolarsError, TypeError, OverflowError):
        return cells


def _days(texts: pl.Series, cells: pl.Series) -> pl.Series:
    """Texts that are plainly written days as days."""
    try:
        days = [None if text is None else dt.date.fromisoformat(text) for text in texts.to_list()]
    except ValueError:
        return cells
    same = all(day is None or day.isoformat() == text for day, text in zip(days, texts.to_list(), strict=True))
    return pl.Series(days, dtype=pl.Date) if same else cells


def _cast(texts: pl.Series, kind: pl.DataType) -> pl.Series:
    """The texts as another type, null where they are none."""
    if kind == pl.Date:
        return texts.str.to_date("%Y-%m-%d", strict=False)
    return texts.cast(kind, strict=False)


def _same_numbers(some: pl.Series, others: pl.Series) -> bool:
    wide = pl.Decimal(38, 12)
    if some.null_count() != others.null_count():
        return False
    try:
        return bool((some.cast(wide) == others.cast(wide)).fill_null(value=True).all())
    except pl.exceptions.PolarsError:
        return False
