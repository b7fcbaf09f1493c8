"""One record type: raw tables → a typed table without the rows that are set aside, and a finding for each fault.

In: raw tables, the fields wanted. Out: `Table`. A table in memory is checked as a whole, column by column; a scanned
one stays lazy, with an expression for the rows that may count, and names its faults when asked. Must not know: the
roster, metrics, windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, reduce
from operator import and_
from typing import Any, Final

import polars as pl
from attrs import evolve, field, frozen

from campaignrules.calendar import Window
from campaignrules.checked import FIGURES, UNIT_TABLE, CheckedRecord
from campaignrules.columns import row_expression, row_faults
from campaignrules.errors import Text
from campaignrules.intake.conversion import JOINT, CellError, Converter, filled, is_filled, lazily
from campaignrules.intake.delimited import RAGGED
from campaignrules.intake.fields import Wanted
from campaignrules.intake.findings import FindingList, finding, refuse
from campaignrules.intake.headers import Match, Names, match, title_of
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.sheets import address
from campaignrules.intake.typed import Cells, converter_of, typed_columns
from campaignrules.intake.windows import allowed, outside
from campaignrules.model import RowRule
from campaignrules.quantities import Unit
from campaignrules.results import Finding, TableCount

_PART: Final = "part"
_VALID: Final = "ok"
LAZY_COUNT: Final = -1


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


@frozen(eq=False, repr=False)
class Taken:
    """A table and its count of rows. `kept`: how many may count of each piece in memory that it was submitted in."""

    table: Table
    count: TableCount
    kept: tuple[int, ...] = ()


def take_table(kind: Kind, raws: list[Raw], findings: FindingList, first: int = 0) -> Taken:
    """The typed table of one record type, submitted in one piece or several. `first`: their place among all tables."""
    if len(raws) == 1 and isinstance(raws[0].frame, pl.LazyFrame) and kind.id not in (FIGURES, UNIT_TABLE):
        return _lazy(kind, raws[0], findings, first)
    parts = [_typed(kind, _in_memory(kind, raw), findings, first + i) for i, raw in enumerate(raws)]
    frame = pl.concat([part.frame for part in parts]) if len(parts) > 1 else parts[0].frame
    frame = _distinct(kind, frame, parts, findings, first)
    read = sum(part.read for part in parts)
    heard = tuple(Heard(part.raw.file, part.units) for part in parts)
    table = Table(kind.id, frame.drop(_PART).lazy(), kind.columns, frame.height, heard=heard)
    kept = dict(frame[_PART].value_counts().iter_rows())
    of_each = tuple(kept.get(first + i, 0) for i in range(len(parts)))
    return Taken(table, TableCount(kind.id, read, read - frame.height, 0), of_each)


def _in_memory(kind: Kind, raw: Raw) -> Raw:
    if isinstance(raw.frame, pl.DataFrame):
        return raw
    try:
        return evolve(raw, frame=raw.frame.with_row_index(ROW, offset=2).cast({ROW: pl.Int64}).collect())
    except pl.exceptions.PolarsError as error:
        raise refuse("table-unreadable", name=raw.file or kind.id, reason=error) from None


# -- tables in memory ---------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Part:
    """The good rows of one raw table; `places`: field → where its column stands; `units`: the unit of every row."""

    frame: pl.DataFrame
    read: int
    raw: Raw
    places: Mapping[str, dict[str, Any]]
    units: pl.Series | None = None

    def at(self, row: int, name: str) -> dict[str, Any]:
        """Where the cell of a field stands."""
        place = self.places.get(name, {})
        letter = place.get("letter")
        cell = {"cell": address(letter, row)} if letter is not None else {}
        return {"file": self.raw.file, "sheet": self.raw.sheet, "row": row, "column": place.get("column"), **cell}

    def said(self, row: int, *, other: bool) -> Text:
        """A row in words; with file and sheet when it stands in another table."""
        names = [name for name in (self.raw.file, self.raw.sheet) if name] if other else []
        return Text(f"{''.join(f'“{name}”' for name in names)}第 {row} 行", ", ".join([*names, f"row {row}"]))


def _typed(kind: Kind, raw: Raw, findings: FindingList, number: int) -> _Part:
    """Converts and checks each cell and each row by itself."""
    assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  see _in_memory
    findings.extend((evolve(found, record=kind.id) for found in raw.findings), number)
    matched = kind.match(raw) if raw.headers else Match({}, ())
    findings.extend(matched.findings, number)
    read, raw = raw.read, _without_ragged(kind, raw, matched, findings, number)
    assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  as above
    report = _Report(kind, raw, raw.frame[ROW], findings, number)
    cells = typed_columns(raw, kind.fields, matched, kind.units if kind.id == FIGURES else None)
    _note_columns(cells, report)
    good = [mask for column in cells if (mask := _check_cells(column, report)) is not None]
    good += _check_missing(matched, raw.frame.height, report)
    frame = _assembled(kind, cells, raw.frame[ROW], number)
    good += _check_windows(kind, frame, cells, report)
    good += _check_rules(kind, frame, report)
    kept = frame.filter(reduce(and_, good)) if good else frame
    _note_outside(kind, kept, report)
    places = {column.wanted.name: column.place for column in cells}
    units = frame[kind.columns[kind.checked.unit]] if kind.checked and kind.checked.unit else None
    return _Part(kept, read, raw, places, units)


@frozen(eq=False, repr=False)
class _Report:
    """Where the findings of one raw table go."""

    kind: Kind
    raw: Raw
    rows: pl.Series
    findings: FindingList
    number: int

    def each(
        self, bad: pl.Series, column: int, describe: Callable[[int], tuple[str, dict[str, Any], dict[str, Any]]]
    ) -> None:
        """A finding for each row marked in `bad`: `describe(index)` gives code, place and facts."""
        if not bad.any():
            return
        places = bad.arg_true()
        for index in places.head(self.findings.limit).to_list():
            code, place, facts = describe(index)
            found = finding(code, self.kind.id, self.at(index, **place), aside=True, **facts)
            self.findings.add(found, self.number, column)
        self.findings.unlisted += max(len(places) - self.findings.limit, 0)

    def at(self, index: int, letter: int | None = None, **place: Any) -> dict[str, Any]:
        """Where a row, or a cell of it, stands."""
        row = self.rows[index]
        cell = {"cell": address(letter, row)} if letter is not None else {}
        return {"file": self.raw.file, "sheet": self.raw.sheet, "row": row, **cell, **place}


def _without_ragged(kind: Kind, raw: Raw, matched: Match, findings: FindingList, number: int) -> Raw:
    """Without the lines of a text file that have another number of cells than the header, where that matters."""
    frame = raw.frame
    if not isinstance(frame, pl.DataFrame) or RAGGED not in frame.columns:
        return raw
    marks = frame[RAGGED]
    harmless = frame.select(_harmless(kind, raw, matched).alias("x")).to_series() & marks.is_not_null()
    if harmless.any():
        place = {"file": raw.file, "sheet": raw.sheet}
        findings.add(finding("uneven-lines", kind.id, place, count=int(harmless.sum())), number)
    broken = marks.is_not_null() & ~harmless
    report = _Report(kind, raw, frame[ROW], findings, number)
    report.each(broken, -1, lambda index: ("broken-line", {}, marks[index]))
    return evolve(raw, frame=frame.filter(~broken).drop(RAGGED))


def _harmless(kind: Kind, raw: Raw, matched: Match) -> pl.Expr:
    """Lines that lack only cells at their end that need not be filled, or have only empty ones too many.

    Spreadsheet programs leave separators at the end of a line out where the cells are empty.
    """
    got, wanted = (pl.col(RAGGED).struct.field(name) for name in ("got", "wanted"))
    needed = 1 + max((matched.columns[name][0] for name in kind.names.required if name in matched.columns), default=-1)
    surplus = [pl.col(f"r{i}").is_null() | (wanted > i) for i in range(len(raw.headers)) if f"r{i}" in raw.frame]
    return ((got < wanted) & (got >= needed)) | ((got > wanted) & pl.all_horizontal(surplus))


def _assembled(kind: Kind, cells: list[Cells], rows: pl.Series, number: int) -> pl.DataFrame:
    """All fields in order; those not submitted are null. In one piece: unlike pieces would be joined by each question."""
    typed = {column.wanted.column: column.typed for column in cells}
    absent = {one.column: one.converter.dtype for one in kind.fields if one.column not in typed}
    typed |= {name: _constant(None, dtype, len(rows)) for name, dtype in absent.items()}
    columns = [typed[name].rechunk().alias(name) for name in kind.columns.values()]
    return pl.DataFrame([*columns, rows.rechunk().alias(ROW), _constant(number, pl.UInt32, len(rows)).alias(_PART)])


def _constant(value: Any, dtype: Any, height: int) -> pl.Series:
    return pl.Series([value], dtype=dtype).new_from_index(0, height)


# -- checks of cells and rows -------------------------------------------------------------------------------------


def _check_cells(column: Cells, report: _Report) -> pl.Series | None:
    """True for good cells; None when all are."""
    may_lack = 0 if column.wanted.declared.required else column.raw.null_count()
    if column.typed.null_count() == may_lack and column.unsaved is None:
        return None
    empty = column.typed.is_null()
    held = filled(column.raw)
    bad = empty & held & column.reader.known
    order = int(column.wanted.column[1:])
    if column.unsaved is not None:
        report.each(column.unsaved, order, lambda _: ("formula-without-value", column.place, {}))
        held = held | column.unsaved
    if bad.any() and not column.wanted.declared.required:
        held = held & ~_dashes(column, bad, report)
        bad = bad & held
    if bad.any():
        report.each(bad, order, lambda index: _fault_of(column, index))
    if not column.wanted.declared.required:
        return ~(empty & held)
    missing = empty & ~held
    report.each(missing, order, lambda _: ("missing-value", column.place, {}))
    return ~empty


_DASHES: Final = r"^[\s　]*[-－–—―─/／＼\\]+[\s　]*$"


def _dashes(column: Cells, bad: pl.Series, report: _Report) -> pl.Series:
    """True for cells that need not be filled and hold only a dash: people write one where there is nothing."""
    if column.raw.dtype != pl.String:
        return _constant(False, pl.Boolean, len(bad))
    found = bad & column.raw.str.contains(_DASHES).fill_null(False)
    if found.any():
        place = {"file": report.raw.file, "sheet": report.raw.sheet, "column": column.header}
        note = finding("dash-is-empty", report.kind.id, place, count=int(found.sum()))
        report.findings.add(note, report.number)
    return found


def _fault_of(column: Cells, index: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    error: CellError = column.reader(index).fault(column.raw.slice(index, 1))
    text = column.text(index).strip(JOINT).replace(JOINT, "、")
    return error.code, {**column.place, "value": text}, error.facts


def _note_columns(columns: list[Cells], report: _Report) -> None:
    """What was understood though it was not written plainly, once for each column, with the first of it."""
    for column in columns:
        for note in column.notes:
            first = column.text(note.first)
            place = report.at(note.first, **column.place, value=first)
            facts = {"count": note.count, "first": first, "meant": column.typed[note.first]}
            report.findings.add(finding(note.code, report.kind.id, place, **facts), report.number)
        if report.raw.formats.percent is None and column.doubtful_percent:
            place = {"file": report.raw.file, "sheet": report.raw.sheet, "column": column.header}
            report.findings.add(finding("percent-doubt", report.kind.id, place), report.number)


def _check_missing(matched: Match, height: int, report: _Report) -> list[pl.Series]:
    """One finding for each required column that is not there; then no row is good."""
    for title in map(report.kind.title, matched.missing):
        place = {"file": report.raw.file, "sheet": report.raw.sheet, "row": report.raw.header_row, "column": title}
        aside = finding("missing-column", report.kind.id, place, aside=True, name=title)
        report.findings.add(aside, report.number)
    return [_constant(False, pl.Boolean, height)] if matched.missing else []


def _check_windows(kind: Kind, frame: pl.DataFrame, cells: list[Cells], report: _Report) -> list[pl.Series]:
    """True for rows whose dates lie in the windows of their fields; one list entry for each field with a fault."""
    submitted, found = {column.wanted.name: column for column in cells}, []
    for name, inside, days in _allowed(kind):
        keeps = frame.select(inside.alias("x")).to_series()
        if not keeps.all():
            describe = partial(_outside_window, submitted[name], days)
            report.each(~keeps, int(kind.columns[name][1:]), describe)
            found.append(keeps)
    return found


def _allowed(kind: Kind) -> Iterable[tuple[str, pl.Expr, dict[str, str]]]:
    return allowed(kind.checked, kind.columns) if kind.checked else ()


def _outside_window(column: Cells, days: dict[str, str], index: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return "outside-window", {**column.place, "value": column.text(index)}, days


def _note_outside(kind: Kind, kept: pl.DataFrame, report: _Report) -> None:
    """How many rows may count though all their dates lie outside the campaign's period; said once for a table."""
    many = outside(kind.checked, kind.columns, kind.period, kept) if kind.checked and kind.period else 0
    if many:
        place = {"file": report.raw.file, "sheet": report.raw.sheet}
        report.findings.add(finding("outside-period", kind.id, place, count=many), report.number)


def _check_rules(kind: Kind, frame: pl.DataFrame, report: _Report) -> list[pl.Series]:
    """True for rows that keep each row rule; a rule that cannot be decided is kept."""
    rules = _rules(kind)
    if not rules:
        return []
    with row_faults():
        answers = frame.select(keeps.fill_null(True).alias(str(i)) for i, (keeps, _) in enumerate(rules))
    found = []
    for keeps, (_, rule) in zip(answers.get_columns(), rules, strict=True):
        if not keeps.all():
            facts = {"says": rule.says.zh, "says_en": rule.says.en}
            report.each(~keeps, len(kind.fields), lambda _, facts=facts: ("row-rule", {}, facts))  # type: ignore[misc]
            found.append(keeps)
    return found


def _rules(kind: Kind) -> list[tuple[pl.Expr, RowRule]]:
    """The row rules that need nothing but the row."""
    rules = kind.checked.rules if kind.checked else ()
    columns = kind.columns
    decided = [rule for rule in rules if rule.expression.names <= set(columns)]
    return [(row_expression(r.expression.root, columns), r.rule) for r in decided if isinstance(r.rule, RowRule)]


# -- checks of the whole table ------------------------------------------------------------------------------------


def _distinct(kind: Kind, frame: pl.DataFrame, parts: list[_Part], findings: FindingList, first: int) -> pl.DataFrame:
    """The first row of each key; later ones are named and set aside."""
    keys = [kind.columns[name] for name in (kind.checked.key if kind.checked else ())]
    if not keys or not frame.height:
        return frame
    if _all_differ(frame[keys[0]] if len(keys) == 1 else frame.select(pl.struct(keys)).to_series()):
        return frame
    known = pl.all_horizontal(pl.col(keys).is_not_null()) | (len(keys) > 1)
    again = frame.select(known & ~pl.struct(keys).is_first_distinct()).to_series()
    if again.any():
        _name_repeated(kind, frame, again, parts, findings, first)
        return frame.filter(~again)
    return frame


def _all_differ(keys: pl.Series) -> bool:
    """Whether no key comes twice; keys in order, as programs write them, are only compared with the next one."""
    if keys.dtype == pl.String and not keys.null_count() and keys.is_sorted():
        return bool((keys.slice(1) != keys.slice(0, len(keys) - 1)).all())
    return keys.n_unique() == len(keys)


def _name_repeated(
    kind: Kind, frame: pl.DataFrame, again: pl.Series, parts: list[_Part], findings: FindingList, first: int
) -> None:
    whole = pl.struct(
        pl.col(c).list.join(JOINT) if frame.schema[c] == pl.List else pl.col(c) for c in kind.columns.values()
    )
    same = ~frame.select(whole.is_first_distinct()).to_series()
    keys = [kind.columns[key] for key in (kind.checked.key if kind.checked else ())]
    shown = frame.select(ROW, _PART, *keys, same.alias("same")).filter(again)
    stood = frame.filter(~again).select(pl.col(ROW).alias("first"), pl.col(_PART).alias("of"), *keys)
    listed = shown.head(findings.limit).join(stood, on=keys, how="left", nulls_equal=True, maintain_order="left")
    for row, number, *key, is_same, before, of in listed.iter_rows():
        part, text = parts[number - first], "、".join(str(value) for value in key if value is not None)
        place = {**part.at(row, (kind.checked.key if kind.checked else ("",))[0]), "value": text}
        code = "duplicate-row" if is_same else "duplicate-key"
        stands = parts[of - first].said(before, other=of != number)
        findings.add(finding(code, kind.id, place, aside=True, key=text, first=stands.zh, first_en=stands.en), number)
    findings.unlisted += max(shown.height - findings.limit, 0)


# -- scanned tables -----------------------------------------------------------------------------------------------


def _lazy(kind: Kind, raw: Raw, findings: FindingList, number: int) -> Taken:
    """A table that is never in memory as a whole."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see take_table
    matched = kind.match(raw)
    findings.extend(matched.findings, number)
    for title in map(kind.title, matched.missing):
        place = {"file": raw.file, "column": title}
        findings.add(finding("missing-column", kind.id, place, aside=True, name=title), number)
    if kind.checked and kind.checked.key:
        findings.add(finding("keys-not-checked", kind.id, {"file": raw.file}), number)
    scanned = _scanned(kind, raw, matched)
    frame, conditions = scanned.applied(raw.frame)
    valid = pl.col(_VALID) if conditions else None
    if conditions:
        frame = frame.with_columns(reduce(and_, conditions).alias(_VALID))
    frame = frame.select(*kind.columns.values(), *([_VALID] if conditions else []))
    named = partial(_name_lazy, kind, raw, matched)
    table = Table(kind.id, frame, kind.columns, None, valid, named, (Heard(raw.file),))
    return Taken(table, TableCount(kind.id, LAZY_COUNT if conditions else scanned.height, 0, 0))


@frozen(eq=False, repr=False)
class _Scanned:
    """A scanned table: an expression for each field, and what a row must hold to count."""

    typed: tuple[pl.Expr, ...]
    conditions: tuple[pl.Expr, ...]
    height: int

    def applied(self, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, list[pl.Expr]]:
        return frame.with_columns(self.typed), list(self.conditions)


def _scanned(kind: Kind, raw: Raw, matched: Match) -> _Scanned:
    """One pass over the fields in use shows which columns may stay as they are, so that no later pass looks again."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see take_table
    columns = [_Column(one, *_source(raw, matched, one)) for one in kind.fields if one.name in matched.columns]
    used = [column for column in columns if column.wanted.name in kind.used]
    looks = {key: part for column in used for key, part in column.looks().items()}
    shown = _counted(raw.frame, looks, raw.file or kind.id)
    typed = [column.typed(shown).alias(column.wanted.column) for column in columns]
    conditions = [part for column in used for part in column.conditions(shown)]
    conditions += [pl.lit(False)] if matched.missing else []
    conditions += [inside for _, inside, _ in _allowed(kind)]
    conditions += [rule.fill_null(True) for rule, _ in _rules(kind)]
    absent = [one for one in kind.fields if one.name not in matched.columns]
    typed += [pl.lit(None, one.converter.dtype).alias(one.column) for one in absent]
    return _Scanned(tuple(typed), tuple(conditions), shown[""])


def _counted(frame: pl.LazyFrame, looks: Mapping[str, pl.Expr], name: str) -> dict[str, int]:
    """In how many rows each condition holds; '' counts all rows.

    Each is a query of its own that filters by one column: Parquet answers it from its statistics and dictionaries.
    """
    try:
        found = {look: frame.filter(bad).select(pl.len()) for look, bad in looks.items()}
        queries = {"": frame.select(pl.len()), **found}
        return {look: query.collect(engine="streaming").item() for look, query in queries.items()}
    except pl.exceptions.PolarsError as error:
        raise refuse("table-unreadable", name=name, reason=error) from None


def _source(raw: Raw, matched: Match, wanted: Wanted) -> tuple[Converter, pl.Expr, pl.DataType]:
    index, unit = matched.columns[wanted.name]
    return converter_of(wanted, unit, raw), pl.col(f"r{index}"), raw.frame.collect_schema()[f"r{index}"]


@frozen(eq=False, repr=False)
class _Column:
    """One column of a scanned table."""

    wanted: Wanted
    converter: Converter
    raw: pl.Expr
    given: pl.DataType

    def looks(self) -> dict[str, pl.Expr]:
        """What to count: `…_bad`, rows in which it may not stay as it is; `…_empty`, rows without a value."""
        name = self.wanted.column
        unread = self.converter.unread(self.given, self.raw)
        found = {f"{name}_bad": unread[1]} if unread else {}
        return {**found, f"{name}_empty": self.raw.is_null()} if self.wanted.declared.required else found

    def stays(self, shown: Mapping[str, int]) -> bool:
        return shown.get(f"{self.wanted.column}_bad") == 0

    def typed(self, shown: Mapping[str, int]) -> pl.Expr:
        unread = self.converter.unread(self.given, self.raw)
        return unread[0] if unread and self.stays(shown) else lazily(self.converter, self.given, self.raw)

    def conditions(self, shown: Mapping[str, int]) -> list[pl.Expr]:
        """What each row must hold, unless the whole column has been seen to."""
        known = pl.col(self.wanted.column).is_not_null()
        if self.wanted.declared.required:
            return [] if self.stays(shown) and shown.get(f"{self.wanted.column}_empty") == 0 else [known]
        if self.stays(shown):
            return []
        dashes = self.raw.str.contains(_DASHES) if self.given == pl.String else pl.lit(False)
        return [known | ~is_filled(self.given, self.raw) | dashes]


def _name_lazy(kind: Kind, raw: Raw, matched: Match, limit: int) -> tuple[Finding, ...]:
    """The faults of the first bad rows, by taking just these rows again as a table in memory."""
    assert isinstance(raw.frame, pl.LazyFrame)  # noqa: S101  see take_table
    if matched.missing:
        return ()
    frame, conditions = _scanned(kind, raw, matched).applied(raw.frame.with_row_index(ROW, offset=2))
    if not conditions:
        return ()
    cells = [pl.col(f"r{i}") for i in range(len(raw.headers))]
    bad = frame.filter(~reduce(and_, conditions)).head(limit).select(*cells, pl.col(ROW).cast(pl.Int64))
    with row_faults():
        rows = bad.collect(engine="streaming")
    findings = FindingList(limit)
    _typed(kind, evolve(raw, frame=rows), findings, 0)
    return tuple(found for found in findings.listed() if found.set_aside and found.row is not None)
