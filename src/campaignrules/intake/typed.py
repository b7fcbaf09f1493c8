"""The columns of a raw table, typed: which converter reads which cell, and what there is to say about a column.

In: a raw table in memory, the fields wanted and the columns that are meant for them. Out: `Column`s, one for each field
that was submitted. For figures the converter of a row depends on its metric, and for cells that are shown as a
percentage it is that of plain numbers: 0.5 is 50 %. Must not know: rules, keys, how findings are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl
from attrs import evolve, field, frozen

from campaignrules.intake.conversion import Converter, Day, Noted, Number, Read, as_text, read_columns
from campaignrules.intake.fields import Wanted
from campaignrules.intake.headers import Match
from campaignrules.intake.raw import ROW, Raw
from campaignrules.quantities import PLAIN_UNIT, Unit

FIGURE_DECIMALS: Final = 6


@frozen(eq=False, repr=False)
class Reader:
    """The converter of each row. `percent`: rows in which the cell is a number shown as a percentage.

    `given`, `stated`: for figures, the unit of measure that the header says, and those that stand above the table.
    """

    one: Converter
    metrics: pl.Series | None = None
    units: Mapping[str, Unit] = field(factory=dict)
    given: Unit | None = None
    percent: pl.Series | None = None
    stated: Mapping[str, Unit] = field(factory=dict)

    @property
    def known(self) -> pl.Series | bool:
        """Rows whose converter is known; a figure of an unknown metric has been named already."""
        return True if self.metrics is None else self.metrics.is_not_null()

    def __call__(self, index: int) -> Converter:
        one = self.one if self.metrics is None else self.figure(self.metrics[index])
        return as_shown(one) if self.percent is not None and self.percent[index] else one

    def figure(self, metric: str | None) -> Number:
        unit = self.units.get(metric or "", PLAIN_UNIT)
        return Number(unit, FIGURE_DECIMALS, self.given or self.stated.get(unit.dimension))


@frozen(eq=False, repr=False)
class Column:
    """One column: raw and typed cells. `reader`: the converter of a row; `unsaved`: formulas without a result.

    `letter`: the column of the spreadsheet, None where cells have no addresses.
    """

    wanted: Wanted
    header: str
    raw: pl.Series
    typed: pl.Series
    reader: Reader
    letter: int | None = None
    unsaved: pl.Series | None = None
    notes: tuple[Noted, ...] = ()

    @property
    def place(self) -> dict[str, Any]:
        return {"column": self.header, "letter": self.letter}

    def text(self, index: int) -> str:
        """A raw cell as text."""
        return as_text(self.raw.slice(index, 1))[0] or ""

    @property
    def doubtful_percent(self) -> bool:
        """Whether numbers of a column in % may be shown as a hundred times what they are: none is above 1."""
        one = self.reader.one
        if not isinstance(one, Number) or (one.given or one.unit).name not in ("%", "percent"):
            return False
        if self.raw.dtype != pl.String and not self.raw.dtype.is_float():
            return False
        most = self.raw.cast(pl.Float64, strict=False).abs().max()
        return isinstance(most, float) and 0 < most <= 1


def as_shown(one: Converter) -> Converter:
    """The converter of a number shown as a percentage: what is stored is a plain number."""
    return evolve(one, given=PLAIN_UNIT) if isinstance(one, Number) and one.unit.dimension == "" else one


def converter_of(wanted: Wanted, unit: Unit | None, raw: Raw) -> Converter:
    """The converter of a column with what its header and its file say."""
    one = wanted.converter
    if isinstance(one, Number) and unit is not None:
        return evolve(one, given=unit)
    return evolve(one, base=raw.dates_from) if isinstance(one, Day) and raw.dates_from != one.base else one


def typed_columns(
    raw: Raw, fields: tuple[Wanted, ...], matched: Match, units: Mapping[str, Unit] | None
) -> list[Column]:
    """The columns of all fields that were submitted. `units`: for figures, the unit of each metric."""
    taken = [one for one in fields if one.name in matched.columns]
    figure = next((one for one in taken if one.name == "value"), None) if units is not None else None
    plain = [_column(raw, one, matched, Reader(converter_of(one, matched.columns[one.name][1], raw))) for one in taken]
    found = dict(_read([one for one in plain if one.wanted is not figure]))
    if figure is not None and units is not None:
        metrics = found["metric"].typed if "metric" in found else None
        reader = Reader(figure.converter, stated=raw.stated.units)
        found["value"] = _figures(_column(raw, figure, matched, reader), metrics, units, matched)
    return [found[one.name] for one in taken]


def _column(raw: Raw, wanted: Wanted, matched: Match, reader: Reader) -> Column:
    """A column before it is read: its cells stand for the typed ones."""
    index = matched.columns[wanted.name][0]
    letter = raw.letters[index] if raw.letters and raw.letters[index] >= 0 else None
    cells = raw.frame[f"r{index}"] if isinstance(raw.frame, pl.DataFrame) else pl.Series()
    percent = _marked(raw, letter, raw.formats.percent) if isinstance(as_shown(reader.one), Number) else None
    unsaved = _marked(raw, letter, raw.formats.unsaved)
    unsaved = None if unsaved is None else unsaved & cells.is_null()
    return Column(wanted, raw.headers[index], cells, cells, evolve(reader, percent=percent), letter, unsaved)


def _marked(raw: Raw, letter: int | None, marks: Mapping[int, frozenset[int]] | None) -> pl.Series | None:
    """True for the rows that are marked in that column of the spreadsheet; None when none is."""
    rows = marks.get(letter) if marks and letter is not None else None
    if not rows or not isinstance(raw.frame, pl.DataFrame):
        return None
    found = raw.frame[ROW].is_in(pl.Series(sorted(rows), dtype=pl.Int64).implode())
    return found if found.any() else None


def _read(columns: list[Column]) -> Iterator[tuple[str, Column]]:
    """All columns read together; those with percentages in two parts."""
    parts = [part for one in columns for part in _parts(one)]
    read = iter(read_columns(parts))
    for one in columns:
        whole = [next(read) for _ in _parts(one)]
        notes = tuple(note for part in whole for note in part.notes)
        yield one.wanted.name, evolve(one, typed=_joined(whole), notes=notes)


def _parts(one: Column) -> list[tuple[Converter, pl.Series]]:
    converter, percent = one.reader.one, one.reader.percent
    if percent is None or as_shown(converter) is converter:
        return [(converter, one.raw)]
    return [(converter, _only(one.raw, ~percent)), (as_shown(converter), _only(one.raw, percent))]


def _only(cells: pl.Series, rows: pl.Series) -> pl.Series:
    return pl.DataFrame({"x": cells, "kept": rows}).select(pl.when("kept").then("x").alias("x")).to_series()


def _joined(parts: list[Read]) -> pl.Series:
    if len(parts) == 1:
        return parts[0].typed
    return pl.DataFrame({str(i): part.typed for i, part in enumerate(parts)}).select(pl.coalesce(pl.all())).to_series()


# -- figures ------------------------------------------------------------------------------------------------------


def _figures(one: Column, metrics: pl.Series | None, units: Mapping[str, Unit], matched: Match) -> Column:
    """Figures, each converted to the unit of its metric."""
    reader = evolve(one.reader, metrics=metrics, units=units, given=matched.columns["value"][1])
    if metrics is None:
        return evolve(one, reader=reader, typed=read_columns([(reader.one, one.raw)])[0].typed)
    frame = pl.DataFrame({"x": one.raw, "m": metrics}).with_row_index("i")
    percent = pl.lit(False) if reader.percent is None else reader.percent
    groups = list(frame.with_columns(p=percent).group_by("m", "p"))
    converters = [as_shown(reader.figure(metric)) if shown else reader.figure(metric) for (metric, shown), _ in groups]
    read = [read_columns([(one, group["x"])])[0] for one, (_, group) in zip(converters, groups, strict=True)]
    done = [group.select("i", part.typed.alias("x")) for part, (_, group) in zip(read, groups, strict=True)]
    typed = pl.concat(done).sort("i")["x"] if done else pl.Series("x", [], dtype=pl.Int64)
    return evolve(one, reader=reader, typed=typed, notes=tuple(_summed(read, [group["i"] for _, group in groups])))


def _summed(read: list[Read], places: list[pl.Series]) -> Iterator[Noted]:
    """The notes on groups of rows as notes on all of them."""
    found: dict[str, Noted] = {}
    for part, rows in zip(read, places, strict=True):
        for note in part.notes:
            first, known = int(rows[note.first]), found.get(note.code)
            count, before = (known.count, known.first) if known else (0, first)
            found[note.code] = Noted(note.code, count + note.count, min(first, before))
    return iter(found.values())
