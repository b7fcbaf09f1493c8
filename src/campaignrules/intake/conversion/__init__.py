"""The one converter: columns as they came → exact typed values, the same for every form of data.

In: columns (text, or a type that already fits) and what the field of each wants. Out: for each a typed column in which
a cell that cannot be read is null, and what there is to note about it. Must not know: files, tables, rows, campaigns.

All columns of a table are looked at together, so that the engine works on several at once. Plainly written cells are
converted as a whole; what is left is converted once per different text. `cells` has what all kinds of fields share,
`numbers`, `days` and `words` have the kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import polars as pl
from attrs import define, frozen

from campaignrules.intake.conversion.cells import (
    BLANKS,
    FEW,
    JOINT,
    LONGEST,
    SHORT,
    CellError,
    Converter,
    Likely,
    Noted,
    UnknownNameError,
    applied,
    as_text,
    filled,
    folded,
    is_filled,
)
from campaignrules.intake.conversion.days import Day
from campaignrules.intake.conversion.numbers import Number, unit_named, without_noise
from campaignrules.intake.conversion.words import Plain, Tags, Word, YesNo, word_table

__all__ = [
    "BLANKS", "JOINT", "LONGEST", "CellError", "Converter", "Day", "Noted", "Number", "Plain", "Read", "Tags", "UnknownNameError",
    "Word", "YesNo", "as_text", "convert", "filled", "folded", "is_filled", "lazily", "read_columns", "unit_named",
    "word_table",
]  # fmt: skip

_FEW: Final = 200
"""Up to so many different texts a short column is read by Python."""
_CATEGORIES: Final = 5_000
"""Up to so many different texts are found sooner among categories than in a table of replacements."""


@frozen(eq=False, repr=False)
class Read:
    """A typed column, null where a cell is empty or cannot be read."""

    typed: pl.Series
    notes: tuple[Noted, ...] = ()


def convert(converter: Converter, cells: pl.Series) -> pl.Series:
    """One column."""
    return read_columns([(converter, cells)])[0].typed


def read_columns(columns: Sequence[tuple[Converter, pl.Series]]) -> list[Read]:
    """The typed columns of a table, in order."""
    work = [_Work(converter, cells, cells, pl.col(f"x{i}")) for i, (converter, cells) in enumerate(columns)]
    left = [one for one in work if not one.is_read_at_once()]
    _together([(one, one.look()) for one in left])
    _together([(one, one.look_again()) for one in left if one.typed is None])
    for one in left:
        one.patch()
    return [Read(one.typed, one.notes) for one in work if one.typed is not None]


def lazily(converter: Converter, given: pl.DataType, cell: pl.Expr) -> pl.Expr:
    """The same as an expression, without Python per row when the type fits."""
    fits = converter.native(given, cell)
    if fits is not None:
        return fits
    return cell.map_batches(lambda cells: convert(converter, cells), return_dtype=converter.dtype, is_elementwise=True)


# -- a column on its way ------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Question:
    """What the engine is asked about a column, and what to do with its answer. `whole`: one thing about all cells."""

    expression: pl.Expr
    then: Callable[[Any], None]
    whole: bool = False


@define(eq=False, repr=False)
class _Work:
    """One column. `source`: its cells, or the text of them; `typed`: what has been read of it so far."""

    converter: Converter
    cells: pl.Series
    source: pl.Series
    column: pl.Expr
    typed: pl.Series | None = None
    notes: tuple[Noted, ...] = ()
    _different: _Texts | None = None

    def is_read_at_once(self) -> bool:
        """Whether there is nothing to ask: columns that are empty, short, or fit as they are."""
        if not len(self.cells):
            self.typed = pl.Series(self.cells.name, [], dtype=self.converter.dtype)
        elif self.converter.stays(self.cells):
            self.typed = self.cells
        elif self.cells.dtype == pl.String:
            self._piecemeal()
        elif len(self.cells) <= FEW:
            self.typed = self.converter.few(self.cells)
        return self.typed is not None

    def _piecemeal(self) -> None:
        if not self.converter.piecemeal or len(self.cells) > SHORT:
            return
        texts = self.cells.to_list()
        if len(different := set(texts)) <= _FEW:
            read = _Texts.of(self.converter, [text for text in different if text is not None])
            meant = dict(zip(read.texts, read.values, strict=True))
            self.typed = pl.Series(self.cells.name, [meant.get(text) for text in texts], dtype=self.converter.dtype)
            for code, noted in read.manners.items():
                at = [index for index, text in enumerate(texts) if text in noted]
                self.notes += (Noted(code, len(at), at[0]),)

    def look(self) -> _Question:
        given, converter = self.cells.dtype, self.converter
        fits = converter.attempt(given, self.column) if given != pl.String else None
        if fits is not None:
            return _Question(fits, self._attempted)
        self.source = as_text(self.cells)
        likely = converter.likely(self.source.head(_FEW)) if converter.distinct else None
        if likely is not None:
            return _Question(likely.found(self.column), self._take)
        if converter.distinct:
            return _Question(self.column.unique().implode(), self._sort_out, whole=True)
        proof = converter.proof(self.column)
        if proof is not None:
            return _Question(proof, self._keep, whole=True)
        return _Question(converter.first(self.column), self._take)

    def look_again(self) -> _Question:
        texts = self._different
        return _Question(self.converter.quick(self.column) if texts is None else texts.mapped(self.column), self._take)

    def patch(self) -> None:
        """Read what is left, each different text once."""
        assert self.typed is not None  # noqa: S101  both looks are over
        if self.typed.null_count() == self.cells.null_count() or self._different is not None:
            return
        if self.cells.dtype != pl.String and not self.converter.rereads(self.cells.dtype):
            return
        self.source = as_text(self.cells)
        if self.typed.null_count() > self.cells.null_count() + _CATEGORIES:
            both = pl.DataFrame([self.source.alias("x"), self.typed.alias("typed")])
            self.typed = both.select(pl.coalesce("typed", self.converter.quick(pl.col("x")))).to_series()
        left = self.source.filter(self.typed.is_null() & filled(self.source))
        if len(left):
            self._merge(_Texts.of(self.converter, left.unique().to_list()), self.typed)

    def _merge(self, read: _Texts, typed: pl.Series) -> None:
        both = pl.DataFrame([self.source.alias("x"), typed.alias("typed")])
        self.typed = both.select(pl.coalesce("typed", read.mapped(pl.col("x")))).to_series()
        self._note(read)

    def _note(self, read: _Texts) -> None:
        """Count the cells whose texts were understood though not plainly written; nobody wrote the text of a float."""
        silent = self.cells.dtype != pl.String and isinstance(self.converter, Number)
        for code, texts in read.manners.items():
            if not silent or code != "written-otherwise":
                self._add(code, self.source.is_in(pl.Series(list(texts), dtype=pl.String).implode()).arg_true())

    def _add(self, code: str, places: pl.Series) -> None:
        """A note on these cells, together with what was noted before with the same code."""
        before = [note for note in self.notes if note.code == code]
        others = tuple(note for note in self.notes if note.code != code)
        count, first = sum(note.count for note in before), min([places[0], *(note.first for note in before)])
        self.notes = (*others, Noted(code, count + len(places), first))

    # answers

    def _take(self, typed: pl.Series) -> None:
        """A constant stands for all cells."""
        self.typed = typed if len(typed) == len(self.cells) else typed.new_from_index(0, len(self.cells))

    def _keep(self, may_stay: bool) -> None:
        self.typed = self.source if may_stay else None

    def _sort_out(self, texts: pl.Series) -> None:
        self._different = _Texts.of(self.converter, texts.drop_nulls().to_list())
        self._note(self._different)

    def _attempted(self, typed: pl.Series) -> None:
        self._take(typed)
        code = self.converter.native_note(self.cells.dtype)
        if code is not None and typed.null_count() < len(typed):
            self._add(code, typed.is_not_null().arg_true())
        if self.cells.dtype.is_float() and isinstance(self.converter, Number):
            self._free_of_noise(self.converter, typed)

    def _free_of_noise(self, number: Number, typed: pl.Series) -> None:
        """Floats that have too many decimals only because they are binary."""
        if typed.null_count() == self.cells.null_count():
            return
        lacking = self.cells.cast(pl.Float64).zip_with(typed.is_null(), pl.Series([None], dtype=pl.Float64))
        noisy = without_noise(lacking, number.places)
        at = noisy.is_not_null().arg_true()
        if len(at):
            self.typed = typed.zip_with(typed.is_not_null(), noisy)
            self._add("float-noise", at)


@frozen(eq=False, repr=False)
class _Texts:
    """Different texts, what they mean, and those that were not written plainly: what to note → texts."""

    texts: list[str]
    values: list[Any]
    manners: dict[str, set[str]]
    dtype: Any

    @classmethod
    def of(cls, converter: Converter, texts: list[str]) -> _Texts:
        values = _values(converter, texts)
        manners: dict[str, set[str]] = {}
        for text, value in zip(texts, values, strict=True):
            if value is not None and (code := converter.manner(text)) is not None:
                manners.setdefault(code, set()).add(text)
        return cls(texts, values, manners, converter.dtype)

    def mapped(self, column: pl.Expr) -> pl.Expr:
        """The values of a column of these texts; null where there are others."""
        if not self.texts:
            return pl.lit(None, self.dtype)
        return _found(column, pl.Series(self.texts, dtype=pl.String), pl.Series(self.values, dtype=self.dtype))


def _found(column: pl.Expr, texts: pl.Series, values: pl.Series) -> pl.Expr:
    """Of each cell the value of its text; null for other texts."""
    if len(texts) <= _CATEGORIES:
        return Likely(pl.Enum(texts), values).found(column)
    places = column.replace_strict(texts, range(len(texts)), default=None, return_dtype=pl.UInt32)
    return pl.lit(values).gather(places)


def _values(converter: Converter, texts: list[str]) -> list[Any]:
    """What texts mean, None for those that cannot be read. Many are first given to the engine."""
    if len(texts) <= _FEW:
        return [_value_or_none(converter, text) for text in texts]
    done = applied(pl.Series(texts, dtype=pl.String), converter.quick(pl.col("x"))).to_list()
    return [
        _value_or_none(converter, text) if value is None else value for text, value in zip(texts, done, strict=True)
    ]


def _value_or_none(converter: Converter, text: str) -> Any:
    try:
        return converter.value(text)
    except CellError:
        return None


def _together(asked: list[tuple[_Work, _Question]]) -> None:
    """One query about all columns, so that the engine works on several at once."""
    if not asked:
        return
    frame = pl.DataFrame([work.source.alias(work.column.meta.output_name()) for work, _ in asked])
    found = frame.select(question.expression.alias(f"y{i}") for i, (_, question) in enumerate(asked))
    for i, (_, question) in enumerate(asked):
        question.then(found.head(1).item(0, i) if question.whole else found.to_series(i))
