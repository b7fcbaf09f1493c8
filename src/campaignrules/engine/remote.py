"""The rows that count of a table that an engine holds: every question becomes one query of it.

Comes in: a table with a relation, as_of, the trees that will be asked. Goes out: `Remote`, whose questions are syntax trees
with their values apart; the twin of `framed`. Generated column names only: `c0` … and `ok` from intake, `m…` dates as known
at as_of, `e…` derived fields, `f…` filters, `k…` days, and those of `rows.Rows`. Subqueries are plain projections, which
every engine merges. Must not know: windows' meaning, targets, the roster, how an engine is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final, TypeVar

import polars as pl
from attrs import evolve, field, frozen
from sqlglot import exp

from campaignrules.checked import CheckedCampaign, CheckedRecord, CheckedScreen
from campaignrules.engine.rows import BITS, HALF, MANY, Shape, filters_of, names_in, summed
from campaignrules.errors import CampaignError, fault
from campaignrules.intake import Table
from campaignrules.intake.kinds import Relation
from campaignrules.planner import Plan, Scan, Tally
from campaignrules.relational.dialects import (
    INT64,
    Dialect,
    Node,
    TooWide,
    case,
    column,
    free,
    function,
    joined,
    less,
    named,
    negation,
    negative,
    not_null,
    number,
    surely,
)
from campaignrules.relational.engines import Engine
from campaignrules.relational.lowering import Columns, Made, can_divide_by_zero, made_sql, zero_sql
from campaignrules.relational.queries import Query
from campaignrules.trees import Name, Tree, Value, bind

MOST_ROWS: Final = 10**12
"""No table has more rows: a wide sum of so many numbers must fit."""
MOST_CELLS: Final = 50_000_000
"""No answer with more rows is brought here."""
WIDEST: Final = 2**127
"""What Polars and this library take of wide sums."""
_OK: Final = "ok"

Key = TypeVar("Key", bound=Hashable)


@frozen(eq=False, repr=False)
class Question:
    """What an engine will be asked. `tally`: which of the distinct tallies that are asked together is meant."""

    engine: Engine
    query: Query
    tally: int | None = None

    def explain(self) -> str:
        """The query laid out to be read, with its parameters."""
        return self.query.shown(self.engine.dialect)


def answered(asked: Mapping[Key, Question], units: Iterable[str] = ()) -> dict[Key, pl.DataFrame]:
    """All answers, those of one engine of one state of its data. `units`: see `asking.answers`."""
    roster = pl.Enum(units)
    engines = {id(question.engine): question.engine for question in asked.values()}
    found: dict[Key, pl.DataFrame] = {}
    for engine in engines.values():
        own = {key: question for key, question in asked.items() if question.engine is engine}
        large_first = sorted(own.values(), key=lambda question: question.tally is None)
        queries = {id(question.query): question.query for question in large_first}
        answers = engine.run_all(queries, partial(_ready, engine, roster))
        found |= {key: _own(question, answers[id(question.query)]) for key, question in own.items()}
    return found


def _own(question: Question, frame: pl.DataFrame) -> pl.DataFrame:
    """The part of an answer that belongs to the question."""
    if question.tally is None:
        return frame
    begin = f"w{question.tally}_"
    words = {name: f"w{name.removeprefix(begin)}" for name in frame.columns if name.startswith(begin)}
    some = pl.any_horizontal(pl.col(name) != 0 for name in words)
    return frame.filter(some).select("u", "v", *(pl.col(name).alias(word) for name, word in words.items()))


def _ready(engine: Engine, roster: pl.Enum, frame: pl.DataFrame) -> pl.DataFrame:
    return _coded(_narrowed(_few(frame, engine)), roster)


def _coded(frame: pl.DataFrame, roster: pl.Enum) -> pl.DataFrame:
    """Units by their places in the roster, once for all questions that share the answer."""
    if not len(roster.categories) or frame.schema.get("u") != pl.String or len(frame) < MANY:
        return frame
    return frame.with_columns(pl.col("u").cast(roster, strict=False))


def _few(frame: pl.DataFrame, engine: Engine) -> pl.DataFrame:
    if len(frame) > MOST_CELLS:
        raise CampaignError(fault("too-many-cells", None, name=engine.label, limit=MOST_CELLS))
    return frame


def _narrowed(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers as Int64 where no sum of any of them can wrap, however wide the engine's own sums are."""
    wide = [name for name, kind in frame.schema.items() if kind == pl.Int128 and _adds_up(frame[name])]
    return frame.with_columns(pl.col(wide).cast(pl.Int64))


def _adds_up(series: pl.Series) -> bool:
    most = max(abs(int(series.min() or 0)), abs(int(series.max() or 0)))  # type: ignore[arg-type]
    if most * len(series) < INT64:
        return True
    return most * len(series) < WIDEST and int(series.abs().sum()) < INT64


@frozen(eq=False, repr=False, slots=False)
class Remote:
    """Rows in an engine.

    `source`: a SELECT of what may be asked, a row for each row of the table; `holds`: what a row must hold not to be set
    aside (`sound`), not to be screened out (`screens`). `names`: field → what stands for it in `source`, dates as known
    at as_of; `happened`: fields of these dates → the column as submitted.
    """

    relation: Relation
    source: exp.Select
    names: Columns
    happened: Mapping[str, str]
    record: CheckedRecord
    as_of: dt.date | None
    sound: tuple[Node, ...] = ()
    screens: tuple[Node, ...] = ()
    _lowered: dict[Tree, Made] = field(factory=dict, init=False)

    @property
    def dialect(self) -> Dialect:
        return self.relation.engine.dialect

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """By which a compiled question is known again: how the table is read, and the columns of its fields."""
        text, values = Query(self.relation.query).rendered(self.dialect)
        return self.dialect.name, text, tuple(values), tuple(self.happened.items()), tuple(self.names)

    def made(self, tree: Tree) -> Made:
        """What a tree is in each row. Raises TooWide."""
        if tree not in self._lowered:
            found = made_sql(bind(tree, self._known), self.names, self.dialect)
            if found is None:
                raise TooWide
            self._lowered[tree] = found
        return self._lowered[tree]

    def value(self, tree: Tree) -> Node:
        return self.made(tree).node

    def column(self, name: str) -> Node:
        """A field."""
        found = self.names[name]
        return found.node if isinstance(found, Made) else found

    def filed(self, plan: Plan, number: int, shape: Shape) -> Question:
        return self._compiled(plan, (number, shape), lambda: _filed(self, plan.scans[number], shape))

    def spread(self, plan: Plan, number: int, tally: Tally, shape: Shape) -> Question:
        """See `Rows`. Tallies of the same values that differ by their filters are one question."""
        scan = plan.scans[number]
        alike = [i for i, one in enumerate(scan.tallies) if _same_values(one, tally)]
        question = self._compiled(plan, (number, *alike, shape), lambda: _spread(self, scan, alike, shape))
        return evolve(question, tally=scan.tallies.index(tally))

    def counted(self) -> Question:
        count = self.dialect.count
        cells = {"read": count(), "valid": count(_all(self.sound)), "kept": count(_all([*self.sound, *self.screens]))}
        return self._question(_select(_cells(cells), self.source))

    def divided(self, trees: Iterable[Tree], fields: Iterable[str]) -> Question | None:
        """See `Rows`; a derived field behind one of these divides, too. A database has no numbers of rows."""
        asked = list(trees)
        behind = self.record.behind([*names_in(asked), *fields])
        asked += [formula.root for name, formula in self.record.derived.items() if name in behind]
        bound = [bind(tree, self._known) for tree in asked if can_divide_by_zero(tree)]
        zeros = [zero for tree in bound if (zero := zero_sql(tree, self.names, self.dialect)) is not None]
        if not zeros:
            return None
        cells = {"rows": self.dialect.count(), "first": self.dialect.null("whole")}
        return self._question(self.rows(cells, _any(zeros)))

    def different(self, fields: Mapping[str, str | None], where: Sequence[Tree] = ()) -> Question:
        nothing = self.dialect.null("text")
        cells = {name: self.column(field) if field else nothing for name, field in fields.items()}
        return self._question(self.rows(cells, *map(self.value, where)).distinct(copy=False))

    def numbers(self, unit: str | None, field: str) -> Question:
        rows = self.rows({"k": self._unit(unit), "c": self.column(field)})
        cells = {"u": column("k"), "n": exp.Count(this=column("c")), "v": self.dialect.largest(column("c"))}
        return self._question(_select(_cells(cells), rows, by=["k"]))

    def by_unit(self, field: str, conditions: Sequence[Tree]) -> Question:
        marks = {f"f{i}": self.value(tree) for i, tree in enumerate(conditions)}
        rows = self.rows({"k": self.column(field), **marks})
        cells = {"u": column("k"), **{f"w{i}": self.dialect.count(column(f)) for i, f in enumerate(marks)}}
        return self._question(_select(_cells(cells), rows, by=["k"]))

    # parts of questions

    @property
    def _known(self) -> dict[str, Value]:
        return {} if self.as_of is None else {"as_of": self.as_of}

    def _unit(self, field: str | None) -> Node:
        return self.column(field) if field else self.dialect.null("text")

    def rows(self, cells: Mapping[str, Node], *where: Node) -> exp.Select:
        """These cells of the rows that count and hold all of `where`; at least one, for rows that are only counted."""
        return _select(_cells(cells or {"one": number(1)}), self.source, *self.sound, *self.screens, *where)

    def day(self, part: Tree) -> tuple[Node, Node]:
        """A date that a row is filed by, and the condition that it has one.

        A field's own date is compared as submitted, so that an engine may leave out blocks of rows.
        """
        if isinstance(part, Name) and part.name in self.happened:
            submitted = column(self.happened[part.name])
            return submitted, _happened(self, self.happened[part.name])
        value = self.value(part)
        return value, not_null(value)

    def _question(self, tree: exp.Select) -> Question:
        return Question(self.relation.engine, self._bounded(tree))

    def _bounded(self, tree: exp.Select) -> Query:
        return Query(tree.limit(MOST_CELLS + 1, copy=False) if self.dialect.limits_freely else tree)

    def _compiled(self, plan: Plan, what: tuple[Any, ...], make: Callable[[], exp.Select]) -> Question:
        """A question whose query was made before, if it was."""
        return Question(self.relation.engine, plan.once((*what, *self.key), lambda: self._bounded(make())))


# -- which rows, and their columns --------------------------------------------------------------------------------


def remote(
    checked: CheckedCampaign, table: Table, as_of: dt.date | None, trees: Iterable[Tree], fields: Iterable[str] = ()
) -> Remote | None:
    """The rows that count, with a column for each name in `trees` and for each of `fields`.

    Without as_of: all that were not set aside, with their dates as submitted. None: one of the trees is not proven to
    fit into the engine's numbers.
    """
    record = checked.records[table.record]
    screens = record.screening if as_of is not None else ()
    every = [*trees, *(screen.expression.root for screen in screens)]
    asked = {*names_in(every), *fields}
    try:
        rows = _with_derived(_submitted(record, table, as_of, record.behind(asked)), record.behind(asked))
        for tree in every:
            rows.made(tree)
        for name in asked & record.derived.keys():
            _prove_sum(rows, name)
        return _screened(rows, screens)
    except TooWide:
        return None


def _submitted(record: CheckedRecord, table: Table, as_of: dt.date | None, used: frozenset[str]) -> Remote:
    """The submitted fields in use, dates as known at as_of (`m…`) beside those as submitted."""
    assert table.relation is not None  # noqa: S101  see asking
    fields = record.record.fields
    happened = {
        name: c
        for name, c in table.columns.items()
        if as_of is not None and fields[name].type == "date" and not fields[name].planned
    }
    names = {name: column(f"m{c}" if name in happened else c) for name, c in table.columns.items()}
    sound = (column(_OK),) if table.relation.valid else ()
    rows = Remote(table.relation, table.relation.query, names, happened, record, as_of, sound)
    known = [named(case((_happened(rows, c), column(c))), f"m{c}") for name, c in happened.items() if name in used]
    if not known:
        return rows
    return evolve(rows, source=_select([exp.Star(), *known], rows.source))


def _happened(rows: Remote, name: str) -> Node:
    assert rows.as_of is not None  # noqa: S101  dates happen by some day
    return joined(exp.LTE, column(name), rows.dialect.value(rows.as_of, "date"))


def _with_derived(rows: Remote, used: frozenset[str]) -> Remote:
    """With the derived fields in use, each in a SELECT around those it uses."""
    layer: dict[str, tuple[str, Made]] = {}
    for i, (name, formula) in enumerate(rows.record.derived.items()):
        if name in used:
            if not layer.keys().isdisjoint(formula.names):
                rows, layer = _wrapped(rows, layer), {}
            layer[name] = f"e{i}", rows.made(formula.root)
    return _wrapped(rows, layer) if layer else rows


def _wrapped(rows: Remote, layer: Mapping[str, tuple[str, Made]]) -> Remote:
    made = [named(one.node, name) for name, one in layer.values()]
    names = {field: one.called(name) for field, (name, one) in layer.items()}
    return evolve(rows, source=_select([exp.Star(), *made], rows.source), names={**rows.names, **names})


def _prove_sum(rows: Remote, field: str) -> None:
    """That a derived number can be added up over any table, in parts if need be. Raises TooWide."""
    if _in_parts(rows, field):
        _parts(rows, field, rows.column(field))


def _in_parts(rows: Remote, field: str) -> bool:
    """Whether sums of a number might not fit into the engine's widest type."""
    made = rows.names[field]
    most = min(rows.dialect.widest or WIDEST, WIDEST)
    return isinstance(made, Made) and made.wide and made.bound * MOST_ROWS >= most


def _parts(rows: Remote, field: str, value: Node) -> tuple[Node, Node]:
    """A wide number below `HALF` and above it. Raises TooWide."""
    made, half = rows.names[field], rows.dialect.cast(number(HALF), "wide")
    bound = made.bound if isinstance(made, Made) else 0
    return rows.dialect.remainder(value, half), rows.dialect.whole_division(value, half, True, bound // HALF + 1)


def _screened(rows: Remote, screens: Iterable[CheckedScreen]) -> Remote:
    found = [(surely(rows.value(screen.expression.root)), screen.keeps) for screen in screens]
    return evolve(rows, screens=tuple(holds if keeps else negation(holds) for holds, keeps in found))


# -- scans --------------------------------------------------------------------------------------------------------


def _filed(rows: Remote, scan: Scan, shape: Shape) -> exp.Select:
    days, known = _days(rows, scan)
    marks = {tree: f"f{i}" for i, tree in enumerate(filters_of(scan))}
    unit = {"ku": rows.column(scan.unit)} if scan.unit else {}
    values = {f"v{i}": rows.column(name) for i, name in enumerate(_fields(scan))}
    inner = rows.rows({**unit, **days, **values, **{name: rows.value(tree) for tree, name in marks.items()}}, *known)
    if scan.dates.first:
        cells = {day: _by_cell(column(day), shape.bounds, int) for day in days}
        inner = _select([exp.Star(), *(named(cell, f"c{day}") for day, cell in cells.items())], inner)
        days = {f"c{day}": column(f"c{day}") for day in days}
    keys = [*unit, *days]
    told = {"u": column("ku")} if unit else {}
    told |= {f"d{i}": column(day) for i, day in enumerate(days)}
    told |= _aggregates(rows, scan, marks, shape.wide)
    return _select(_cells(told), inner, by=keys)


def _fields(scan: Scan) -> list[str]:
    """The fields that a scan's tallies look at, each once."""
    counted = (tally.field for tally in scan.tallies if tally.kind != "distinct")
    return list(dict.fromkeys(name for name in counted if name is not None))


def _days(rows: Remote, scan: Scan) -> tuple[dict[str, Node], list[Node]]:
    """`k0`: the day a row is filed by; `k1`: its first date, where kept apart; and that all its dates are known."""
    dated = [rows.day(part) for part in scan.dates.parts]
    if not dated:
        return {}, []
    parts = [day for day, _ in dated]
    latest = parts[0] if len(parts) == 1 else function("GREATEST", *parts)
    days = {"k0": rows.dialect.day_number(latest)}
    if scan.dates.first:
        days["k1"] = rows.dialect.day_number(parts[0])
    return days, [known for _, known in dated]


def _aggregates(rows: Remote, scan: Scan, marks: Mapping[Tree, str], wide: bool) -> dict[str, Node]:
    """`t…`; and where the engine's own sums may wrap, `x…` and `n`, which show whether one did."""
    places = {name: column(f"v{i}") for i, name in enumerate(_fields(scan))}
    found: dict[str, Node] = {}
    for i, tally in enumerate(scan.tallies):
        if tally.kind != "distinct":
            condition = _all([column(marks[tree]) for tree in tally.filters])
            if tally.kind == "sum" and tally.field is not None and _in_parts(rows, tally.field):
                below, above = _parts(rows, tally.field, places[tally.field])
                found[f"t{i}"] = rows.dialect.total(below, condition, wide=True)
                found[f"h{i}"] = rows.dialect.total(above, condition, wide=True)
            else:
                found[f"t{i}"] = _aggregate(rows, tally, places, condition, wide)
    if not (rows.dialect.sums_exactly or wide):
        narrow = [name for name in summed(scan.tallies) if not _is_wide(rows, name)]
        found |= {f"x{i}": _largest(rows.dialect, places[name]) for i, name in enumerate(narrow)}
        found["n"] = rows.dialect.count()
    return found


def _aggregate(rows: Remote, tally: Tally, places: Mapping[str, Node], condition: Node | None, wide: bool) -> Node:
    dialect = rows.dialect
    if tally.field is None:
        return dialect.count(condition)
    value = places[tally.field]
    if tally.kind == "count":
        return dialect.where(exp.Count(this=free(value)), condition)
    if tally.kind == "sum":
        return dialect.total(value, condition, wide=wide or _is_wide(rows, tally.field))
    return (dialect.smallest if tally.kind == "min" else dialect.largest)(value, condition)


def _is_wide(rows: Remote, field: str) -> bool:
    made = rows.names[field]
    return isinstance(made, Made) and made.wide


def _largest(dialect: Dialect, value: Node) -> Node:
    """The largest magnitude in a group: with the number of rows it proves that no sum has wrapped."""
    return function("GREATEST", dialect.largest(value), negative(dialect.smallest(value)))


# -- distinct -----------------------------------------------------------------------------------------------------


def _same_values(one: Tally, other: Tally) -> bool:
    return one.kind == other.kind == "distinct" and (one.field, one.until) == (other.field, other.until)


def _spread(rows: Remote, scan: Scan, alike: Sequence[int], shape: Shape) -> exp.Select:
    """The values of tallies that are alike but for their filters, with the words of tally `i` as `wi_0` …."""
    tally, days, known = scan.tallies[alike[0]], *_days(rows, scan)
    value = rows.column(tally.field or "")
    marks = {i: _all([rows.value(tree) for tree in scan.tallies[i].filters]) for i in alike}
    asked = [mark for mark in marks.values() if mark is not None]
    some = [_any(asked)] if len(asked) == len(alike) else []
    filters = {f"f{i}": mark for i, mark in marks.items() if mark is not None and len(alike) > 1}
    unit = rows.column(scan.unit) if scan.unit else rows.dialect.null("text")
    gone = {} if tally.until is None else {"kt": rows.dialect.day_number(rows.value(tally.until))}
    cells = {"ku": unit, "kv": value, "k0": days["k0"], **gone, **filters}
    inner = rows.rows(cells, *known, not_null(value), *some)
    mask = _bits_of if tally.until is None else _bits_between
    masks = {f"b{word}": mask(word, shape.bounds) for word in shape.words}
    inner = _select(_cells({**{name: column(name) for name in ("ku", "kv", *filters)}, **masks}), inner)
    found = {
        f"w{i}_{word}": rows.dialect.all_bits(column(f"b{word}"), column(f"f{i}") if f"f{i}" in filters else None)
        for i in alike
        for word in shape.words
    }
    return _select(_cells({"u": column("ku"), "v": column("kv"), **found}), inner, by=["ku", "kv"])


def _bits_of(word: int, bounds: tuple[int, ...]) -> Node:
    """The bit, in a word of the mask, of the cell that a day lies in."""
    return _by_cell(column("k0"), bounds, lambda cell: 1 << (cell % BITS) if cell // BITS == word else 0)


def _bits_between(word: int, bounds: tuple[int, ...]) -> Node:
    """The bits of the cells from a row's day up to, not including, the day it is gone: where it is there at the end."""

    def below(cell: int) -> int:
        return (1 << min(max(cell - word * BITS, 0), BITS)) - 1

    always = number(below(len(bounds) + 1))
    gone = case((not_null(column("kt")), _by_cell(column("kt"), bounds, below)), other=always)
    return function("GREATEST", number(0), less(gone, _by_cell(column("k0"), bounds, below)))


def _by_cell(day: Node, bounds: tuple[int, ...], said: Callable[[int], int]) -> Node:
    """What is said of the cell of a day (how many bounds lie at or before it), found by halving."""
    runs = _runs([said(cell) for cell in range(len(bounds) + 1)])

    def among(low: int, high: int) -> Node:
        if high - low == 1:
            return number(runs[low][1])
        middle = (low + high) // 2
        before = joined(exp.LT, day, number(bounds[runs[middle][0] - 1]))
        return case((before, among(low, middle)), other=among(middle, high))

    return among(0, len(runs))


def _runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Where each run of equal values begins, and the value."""
    return [(i, value) for i, value in enumerate(values) if i == 0 or value != values[i - 1]]


# -- syntax -------------------------------------------------------------------------------------------------------


def _select(cells: Iterable[Node], source: exp.Select, *where: Node, by: Iterable[str] = ()) -> exp.Select:
    found = exp.select(*cells).from_(source.subquery("s"), copy=False)
    if where:
        found = found.where(*map(free, where), copy=False)
    keys = [column(key) for key in by]
    return found.group_by(*keys, copy=False) if keys else found


def _cells(cells: Mapping[str, Node]) -> list[Node]:
    return [named(node, name) for name, node in cells.items()]


def _all(conditions: Sequence[Node]) -> Node | None:
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else joined(exp.And, *conditions)


def _any(conditions: Sequence[Node]) -> Node:
    return conditions[0] if len(conditions) == 1 else joined(exp.Or, *conditions)
