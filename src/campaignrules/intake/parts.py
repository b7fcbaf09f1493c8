"""One raw table in memory → its good rows, typed, and a finding for each fault.

In: a raw table, what it is checked against. Out: a `Part`; each cell and each row was checked by itself, column by column.
Must not know: other tables of the same record type, the roster, metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce
from operator import and_
from typing import Any, Final

import polars as pl
from attrs import evolve, frozen

from campaignrules.checked import FIGURES
from campaignrules.columns import row_faults
from campaignrules.errors import Text
from campaignrules.intake.conversion import JOINT, CellError, filled
from campaignrules.intake.delimited import RAGGED
from campaignrules.intake.findings import FindingList, finding
from campaignrules.intake.headers import Match
from campaignrules.intake.kinds import Kind
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.sheets import address
from campaignrules.intake.typed import Column, typed_columns
from campaignrules.intake.windows import outside

PART: Final = "part"
DASHES: Final = r"^[\s　]*[-－–—―─/／＼\\]+[\s　]*$"


@frozen(eq=False, repr=False)
class Part:
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


def typed_part(kind: Kind, raw: Raw, findings: FindingList, number: int) -> Part:
    """Converts and checks each cell and each row by itself."""
    assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  see tables
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
    return Part(kept, read, raw, places, units)


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


def _assembled(kind: Kind, cells: list[Column], rows: pl.Series, number: int) -> pl.DataFrame:
    """All fields in order; those not submitted are null. In one piece: unlike pieces would be joined by each question."""
    typed = {column.wanted.column: column.typed for column in cells}
    absent = {one.column: one.converter.dtype for one in kind.fields if one.column not in typed}
    typed |= {name: _constant(None, dtype, len(rows)) for name, dtype in absent.items()}
    columns = [typed[name].rechunk().alias(name) for name in kind.columns.values()]
    return pl.DataFrame([*columns, rows.rechunk().alias(ROW), _constant(number, pl.UInt32, len(rows)).alias(PART)])


def _constant(value: Any, dtype: Any, height: int) -> pl.Series:
    return pl.Series([value], dtype=dtype).new_from_index(0, height)


# -- checks of cells and rows -------------------------------------------------------------------------------------


def _check_cells(column: Column, report: _Report) -> pl.Series | None:
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


def _dashes(column: Column, bad: pl.Series, report: _Report) -> pl.Series:
    """True for cells that need not be filled and hold only a dash: people write one where there is nothing."""
    if column.raw.dtype != pl.String:
        return _constant(False, pl.Boolean, len(bad))
    found = bad & column.raw.str.contains(DASHES).fill_null(False)
    if found.any():
        place = {"file": report.raw.file, "sheet": report.raw.sheet, "column": column.header}
        note = finding("dash-is-empty", report.kind.id, place, count=int(found.sum()))
        report.findings.add(note, report.number)
    return found


def _fault_of(column: Column, index: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    error: CellError = column.reader(index).fault(column.raw.slice(index, 1))
    text = column.text(index).strip(JOINT).replace(JOINT, "、")
    return error.code, {**column.place, "value": text}, error.facts


def _note_columns(columns: list[Column], report: _Report) -> None:
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


def _check_windows(kind: Kind, frame: pl.DataFrame, cells: list[Column], report: _Report) -> list[pl.Series]:
    """True for rows whose dates lie in the windows of their fields; one list entry for each field with a fault."""
    submitted, found = {column.wanted.name: column for column in cells}, []
    for name, inside, days in kind.allowed():
        keeps = frame.select(inside.alias("x")).to_series()
        if not keeps.all():
            describe = partial(_outside_window, submitted[name], days)
            report.each(~keeps, int(kind.columns[name][1:]), describe)
            found.append(keeps)
    return found


def _outside_window(column: Column, days: dict[str, str], index: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return "outside-window", {**column.place, "value": column.text(index)}, days


def _note_outside(kind: Kind, kept: pl.DataFrame, report: _Report) -> None:
    """How many rows may count though all their dates lie outside the campaign's period; said once for a table."""
    many = outside(kind.checked, kind.columns, kind.period, kept) if kind.checked and kind.period else 0
    many += report.raw.beside
    if many:
        place = {"file": report.raw.file, "sheet": report.raw.sheet}
        report.findings.add(finding("outside-period", kind.id, place, count=many), report.number)


def _check_rules(kind: Kind, frame: pl.DataFrame, report: _Report) -> list[pl.Series]:
    """True for rows that keep each row rule; a rule that cannot be decided is kept."""
    rules = kind.rules()
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
