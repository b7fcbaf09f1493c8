"""A table inside an engine → a typed relation that stays there, and what is to be said of its rows.

In: a raw table that an engine holds. Out: `Taken`, whose table has a `relation`; it names its faults when asked, by taking
just the bad rows again as a table in memory (`parts`). Must not know: the roster, metrics, windows of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl
from attrs import evolve, frozen
from sqlglot import exp

from campaignrules.errors import Text
from campaignrules.intake.conversion import JOINT, as_text
from campaignrules.intake.conversion.in_sql import day_literal, kind_of
from campaignrules.intake.fields import Wanted
from campaignrules.intake.findings import FindingList, clipped, finding, said
from campaignrules.intake.headers import Match
from campaignrules.intake.held import DIFFERENT, HeldColumn
from campaignrules.intake.kinds import Heard, Kind, Relation, Table, Taken
from campaignrules.intake.parts import PART, typed_part
from campaignrules.intake.raw import Raw
from campaignrules.intake.repeated import distinct
from campaignrules.intake.stores import SOURCE, cells_of, fetched, in_memory, source_of
from campaignrules.intake.typed import converter_of
from campaignrules.intake.windows import spans
from campaignrules.relational.dialects import (
    Dialect,
    Node,
    column,
    equal,
    is_null,
    joined,
    negation,
    number,
    quoted,
    surely,
)
from campaignrules.relational.lowering import row_sql
from campaignrules.relational.queries import Query
from campaignrules.relational.sources import HeldTable
from campaignrules.results import Finding, TableCount

VALID: Final = "ok"
KEYS_CHECKED: Final = 1_000_000
"""Up to so many rows keys are looked at."""
_UNCOUNTED: Final = -1


class NotHere(Exception):  # noqa: N818  a turn in the road, not an error
    """An engine cannot be asked this: whoever asked reads the table instead."""


def take_related(kind: Kind, raw: Raw, findings: FindingList, number: int) -> Taken:
    """A table that stays in its engine. Raises CampaignError, and NotHere where it has to be read."""
    assert raw.held is not None  # noqa: S101  see tables
    matched = kind.match(raw)
    with raw.held.engine.together():
        typed = _looked_at(kind, raw, raw.held, matched)
    findings.extend(matched.findings, number)
    place = {"file": raw.file, "sheet": raw.sheet}
    for title in map(kind.title, matched.missing):
        findings.add(finding("missing-column", kind.id, {**place, "column": title}, aside=True, name=title), number)
    if kind.key and not typed.keys_checked:
        findings.add(finding("keys-not-checked", kind.id, place), number)
    query, valid = typed.query()
    relation = Relation(raw.held.engine, query, valid, partial(_fetched, kind, raw))
    named = partial(_name_faults, typed)
    table = Table(kind.id, None, kind.columns, None, None, named, (Heard(raw.file),), relation)
    return Taken(table, TableCount(kind.id, _UNCOUNTED if valid else typed.height, 0, 0))


def _looked_at(kind: Kind, raw: Raw, held: HeldTable, matched: Match) -> _Typed:
    """One look counts what is not understood; what can be read here then is."""
    columns = [
        _column(raw, held, matched, one) for one in kind.fields if one.name in matched.columns and one.name in kind.used
    ]
    counted = held.engine.run(Query(_look(held, columns))).row(0, named=True)
    held.seen(int(counted["n"]))
    for one in columns:
        one.take(counted)
    asked = {one.name: unread for one in columns if (unread := one.different(held)) is not None}
    found = held.engine.run_all(asked) if asked else {}
    for one in columns:
        if one.name in found:
            one.read(found[one.name]["k"])
    typed = _Typed(kind, raw, held, matched, tuple(columns), int(counted["n"]))
    typed = evolve(typed, clean=typed.is_clean())
    return evolve(typed, repeated=typed.looked_for_repeated(), order=held.order(SOURCE))


def _column(raw: Raw, held: HeldTable, matched: Match, wanted: Wanted) -> HeldColumn:
    index, unit = matched.columns[wanted.name]
    header = raw.headers[index]
    return HeldColumn.of(wanted, converter_of(wanted, unit, raw), header, held.columns[header], held.engine.dialect)


def _look(held: HeldTable, columns: Iterable[HeldColumn]) -> exp.Select:
    """One row: `n` rows, and what is looked for in each column."""
    looks = {"n": held.engine.dialect.count(), **{name: node for one in columns for name, node in one.looks().items()}}
    return exp.select(*(exp.alias_(node, name, quoted=True) for name, node in looks.items())).from_(source_of(held))


# -- the typed relation -------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Typed:
    """A table with its fields typed.

    `clean`: each row by itself counts; `repeated`: some key comes twice; `order`: what its rows are ordered by.
    """

    kind: Kind
    raw: Raw
    held: HeldTable
    matched: Match
    columns: tuple[HeldColumn, ...]
    height: int
    clean: bool = False
    repeated: bool = False
    order: tuple[exp.Expr, ...] = ()

    @property
    def dialect(self) -> Dialect:
        return self.held.engine.dialect

    @property
    def keys(self) -> list[Node]:
        return [column(self.kind.columns[name], SOURCE) for name in self.kind.key]

    @property
    def keys_checked(self) -> bool:
        """Whether keys that come twice are looked for."""
        return bool(self.kind.key) and self.height <= KEYS_CHECKED

    def query(self) -> tuple[exp.Select, bool]:
        """The columns `c0` … and, where some rows are bad, `ok`."""
        if not self.repeated:
            return self.checked()
        inner, valid = self.checked(self.ordering)
        first = joined(exp.Or, equal(self._turn(valid), number(1)), *self._without_key())
        before = [column(VALID, SOURCE)] if valid else []
        return self._over(inner, [*before, first]), True

    def _without_key(self) -> list[Node]:
        """A row whose only key is missing repeats nothing."""
        return [is_null(self.keys[0])] if len(self.kind.key) == 1 else []

    def _turn(self, valid: bool) -> Node:
        """Of the rows of a key, in their order, the number of each."""
        among = [*([column(VALID, SOURCE)] if valid else []), *self.keys]
        names = self.ordered_by or list(self.kind.columns.values())
        order = [exp.Ordered(this=column(name, SOURCE), nulls_first=True) for name in names]
        return exp.Window(this=exp.RowNumber(), partition_by=among, order=exp.Order(expressions=order))

    @property
    def ordered_by(self) -> list[str]:
        """The columns of its order, `o0` …."""
        return [f"o{i}" for i in range(len(self.order))]

    @property
    def ordering(self) -> list[exp.Expr]:
        return [exp.alias_(node.copy(), f"o{i}", quoted=True) for i, node in enumerate(self.order)]

    def checked(self, more: Sequence[exp.Expr] = ()) -> tuple[exp.Select, bool]:
        """Each row by itself: cells, windows of dates, rules. `more`: other columns, which pass through."""
        known = {one.name: one for one in self.columns}
        cells = [
            exp.alias_(
                known[one.column].typed if one.column in known else self.dialect.null(kind_of(one.converter)),
                one.column,
                quoted=True,
            )
            for one in self.kind.fields
        ]
        conditions = [one.condition for one in self.columns if one.condition is not None]
        conditions += [exp.false()] if self.matched.missing else []
        query = exp.select(*cells, *more, *_valid(conditions)).from_(source_of(self.held))
        for one in self.columns:
            if one.joins:
                table, on = one.join()
                query = query.join(table, on=on, join_type="left")
        rules = [] if self.clean else [*_windows(self.kind), *_rules(self.kind, self.dialect)]
        if not rules:
            return query, bool(conditions)
        before = [column(VALID, SOURCE)] if conditions else []
        return self._over(query, [*before, *(surely(one, otherwise=True) for one in rules)], more), True

    def _over(self, query: exp.Select, conditions: list[Node], more: Sequence[exp.Expr] = ()) -> exp.Select:
        """A query over another one, that adds conditions."""
        names = [*self.kind.columns.values(), *(one.alias for one in more)]
        cells = [exp.alias_(column(name, SOURCE), name, quoted=True) for name in names]
        return exp.select(*cells, *_valid(conditions)).from_(query.subquery(quoted(SOURCE)))

    def is_clean(self) -> bool:
        """Whether a look at windows and rules finds no row that does not keep them, where all cells are understood."""
        if self.matched.missing or any(one.condition is not None for one in self.columns):
            return False
        inner, valid = self.checked()
        if not valid:
            return True
        bad = self.dialect.count(negation(column(VALID, SOURCE)))
        asked = exp.select(exp.alias_(bad, "n", quoted=True)).from_(inner.subquery(quoted(SOURCE)))
        return int(self.held.engine.run(Query(asked))["n"][0]) == 0

    def looked_for_repeated(self) -> bool:
        """Whether the key of a sound row comes twice."""
        if not self.keys_checked or not all(name in self.matched.columns for name in self.kind.key):
            return False
        inner, valid = self.checked()
        asked = exp.select(exp.alias_(self.dialect.count(), "n", quoted=True)).from_(inner.subquery(quoted(SOURCE)))
        asked = asked.where(column(VALID, SOURCE)) if valid else asked
        for node in self._without_key():
            asked = asked.where(negation(node))
        again = joined(exp.GT, self.dialect.count(), number(1))
        return self.held.engine.run(Query(asked.group_by(*self.keys).having(again).limit(1))).height > 0


def _valid(conditions: list[Node]) -> list[exp.Expr]:
    return [exp.alias_(joined(exp.And, *conditions), VALID, quoted=True)] if conditions else []


def _windows(kind: Kind) -> Iterator[Node]:
    """What the dates of fields with `within:` must be."""
    for name, some in spans(kind.checked).items() if kind.checked else ():
        day = column(kind.columns[name], SOURCE)
        inside = [exp.Between(this=day.copy(), low=day_literal(first), high=day_literal(last)) for first, last in some]
        yield joined(exp.Or, *inside)


def _rules(kind: Kind, dialect: Dialect) -> Iterator[Node]:
    """The row rules that need nothing but the row. Raises NotHere where one does not fit the engine's numbers."""
    columns = {name: column(place, SOURCE) for name, place in kind.columns.items()}
    for one in kind.decided:
        found = row_sql(one.expression.root, columns, dialect)
        if found is None:
            raise NotHere
        yield found


# -- whole rows ---------------------------------------------------------------------------------------------------


def _fetched(kind: Kind, raw: Raw) -> pl.LazyFrame:
    """The sound rows, as the ordinary intake reads them. Raises CampaignError."""
    quiet = FindingList(0)
    part = typed_part(kind, fetched(raw), quiet, 0)
    return distinct(kind, part.frame, [part], quiet, 0).drop(PART).lazy()


# -- faults -------------------------------------------------------------------------------------------------------

_EARLIER: Final = Text("另一行", "another row")


def _name_faults(typed: _Typed, limit: int) -> tuple[Finding, ...]:
    """The faults of the first bad rows, by taking just these rows again as a table in memory."""
    if typed.matched.missing:
        return ()
    with typed.held.engine.together():
        return (*_not_understood(typed), *_bad_rows(typed, limit), *_repeated_rows(typed, limit))


def _not_understood(typed: _Typed) -> Iterator[Finding]:
    """How many cells of each column are not understood."""
    unsound = {one.name: one for one in typed.columns if not one.sound}
    if not unsound:
        return
    inner, _ = typed.checked([exp.alias_(is_null(one.cell), f"e{name}", quoted=True) for name, one in unsound.items()])
    dialect = typed.dialect
    counts = []
    for name in unsound:
        bad = joined(exp.And, is_null(column(name, SOURCE)), negation(column(f"e{name}", SOURCE)))
        counts.append(exp.alias_(dialect.count(bad), name, quoted=True))
    found = typed.held.engine.run(Query(exp.select(*counts).from_(inner.subquery(quoted(SOURCE))))).row(0, named=True)
    for name, many in found.items():
        one = unsound[name]
        place = {"file": typed.raw.file, "sheet": typed.raw.sheet, "column": one.header}
        if many:
            yield finding("cells-not-understood", typed.kind.id, place, count=many)
        if one.readings.unread:
            yield finding("too-many-different", typed.kind.id, place, limit=DIFFERENT)


def _bad_rows(typed: _Typed, limit: int) -> Iterator[Finding]:
    rows = _rows_where(typed, limit, good=False)
    if rows is None or not rows.height:
        return
    raw = in_memory(typed.raw, rows)
    findings = FindingList(max(limit, rows.height) * (len(typed.columns) + 1))
    typed_part(typed.kind, raw, findings, 0)
    listed = [found for found in findings.listed() if found.set_aside and found.row is not None]
    named = {found.row for found in listed}
    keys = _keys(typed, rows)
    for found in listed:
        yield _by_key(found, keys[(found.row or 2) - 2])
    for index, key in enumerate(keys):
        if index + 2 not in named:
            place = {"file": raw.file, "sheet": raw.sheet}
            yield _by_key(finding("not-plainly-written", typed.kind.id, place, aside=True), key)


def _repeated_rows(typed: _Typed, limit: int) -> Iterator[Finding]:
    """The rows whose key came before, by putting all rows of these keys beside each other again."""
    rows = _rows_where(typed, 2 * limit, good=True) if typed.repeated else None
    if rows is None:
        return
    findings = FindingList(limit)
    part = typed_part(typed.kind, in_memory(typed.raw, rows), findings, 0)
    distinct(typed.kind, part.frame, [part], findings, 0)
    for found in findings.listed():
        if found.code in ("duplicate-key", "duplicate-row"):
            told = said(found.code, key=found.value, first=_EARLIER.zh, first_en=_EARLIER.en)
            yield evolve(found, row=None, message=told)


def _rows_where(typed: _Typed, limit: int, *, good: bool) -> pl.DataFrame | None:
    """Whole rows as they came: bad ones, or good ones whose key comes twice; None where there are none."""
    cells = cells_of(typed.raw).expressions
    inner, valid = typed.checked([*cells, *typed.ordering])
    if not valid and not good:
        return None
    shown = [exp.alias_(column(cell.alias, SOURCE), cell.alias, quoted=True) for cell in cells]
    order = [column(name, SOURCE) for name in typed.ordered_by]
    valid_ = column(VALID, SOURCE)
    if not good:
        asked = exp.select(*shown).from_(inner.subquery(quoted(SOURCE))).where(negation(valid_))
        return typed.held.engine.run(Query((asked.order_by(*order) if order else asked).limit(limit)))
    many = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[*([valid_] if valid else []), *typed.keys])
    names = [*(cell.alias for cell in cells), *typed.ordered_by]
    counted = exp.select(
        *(exp.alias_(column(name, SOURCE), name, quoted=True) for name in names), exp.alias_(many, "many", quoted=True)
    ).from_(inner.subquery(quoted(SOURCE)))
    counted = counted.where(valid_.copy()) if valid else counted
    again = joined(exp.GT, column("many", SOURCE), number(1))
    asked = exp.select(*shown).from_(counted.subquery(quoted(SOURCE))).where(again)
    return typed.held.engine.run(Query((asked.order_by(*order) if order else asked).limit(limit)))


def _keys(typed: _Typed, rows: pl.DataFrame) -> list[str]:
    """What each row is told by; '' where it has no key."""
    places = [typed.matched.columns[name][0] for name in typed.kind.key if name in typed.matched.columns]
    texts = [as_text(rows[f"r{place}"]).to_list() for place in places]
    return ["、".join(text.strip().replace(JOINT, "") for text in row if text) for row in zip(*texts, strict=True)] or [
        ""
    ] * rows.height


def _by_key(found: Finding, key: str) -> Finding:
    """A database has no row numbers."""
    if not key:
        return evolve(found, row=None)
    shown = clipped(key)
    return evolve(found, row=None, message=Text(f"{shown}：{found.message.zh}", f"{shown}: {found.message.en}"))
