"""Words as people write them: yes and no, plain text, words of a list, several of them.

In: text, or a type that fits. Out: Boolean, String or lists of it. Must not know: files, tables, rows, campaigns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

import numpy as np
import polars as pl
from attrs import frozen

from campaignrules.intake.conversion.cells import (
    ERRORS,
    JOINT,
    LONGEST,
    SHORT,
    SHOWN_DIGITS,
    CellError,
    Converter,
    UnknownNameError,
    float_text,
    folded,
)

_YES: Final = frozenset(("是", "有", "对", "true", "yes", "y", "1", "√", "✓", "✔"))
_NO: Final = frozenset(("否", "无", "不是", "false", "no", "n", "0", "×", "x", "✗", "✘"))


@frozen(eq=False, repr=False)
class YesNo(Converter):
    """是 or 否, and what else people write for them."""

    dtype: ClassVar[Any] = pl.Boolean
    distinct: ClassVar[bool] = True

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if given == pl.Null:
            return pl.lit(None, pl.Boolean)
        return cell if given == pl.Boolean else None

    def value(self, text: str) -> bool | None:
        cell = folded(text[:LONGEST]).casefold()
        if cell and cell not in _YES | _NO:
            raise CellError("not-yes-or-no")
        return cell in _YES if cell else None


# -- text ---------------------------------------------------------------------------------------------------------

_LOST: Final = r"^-?[0-9](?:\.[0-9]+)?[eE]\+(?:1[5-9]|[2-9][0-9]|[1-3][0-9][0-9])$"
"""A long whole number as a spreadsheet shows or saves it once its last digits are gone: 5.10104E+17."""
_LOST_TEXT: Final = re.compile(_LOST, re.ASCII)
_SUSPECT: Final = "|".join((JOINT, r"[eE]\+", *(re.escape(error) for error in ERRORS)))
_SUSPECT_TEXT: Final = re.compile(_SUSPECT)
_LAST_SUSPECT: Final = ord("+")
_WIDE_BLANKS: Final = (np.uint8(0xC2), np.uint8(0xE3))
"""In UTF-8, blanks that are not ASCII begin with one of these bytes or one between."""
_BLOCK: Final = 2**16
"""Bytes that are looked at together, so that they stay in the processor's cache."""


@frozen(eq=False, repr=False)
class Plain(Converter):
    """Text without blanks around it; empty text is missing."""

    piecemeal: ClassVar[bool] = False

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if given.is_float():
            return pl.when(~(cell.abs() >= 10.0**SHOWN_DIGITS)).then(float_text(cell))
        return self.quick(cell) if given == pl.String else None

    def quick(self, cell: pl.Expr) -> pl.Expr:
        text = cell.str.strip_chars()
        bad = cell.str.contains(JOINT, literal=True) | text.is_in(ERRORS) | text.str.contains(_LOST)
        return pl.when((text.str.len_bytes() > 0) & ~bad).then(text)

    def value(self, text: str) -> str | None:
        cell = text.strip()
        if JOINT in text:
            raise CellError("not-text")
        if cell in ERRORS:
            raise CellError("cell-error")
        if len(cell) < LONGEST and _LOST_TEXT.match(cell):
            raise CellError("digits-lost", digits=SHOWN_DIGITS)
        return cell or None

    def stays(self, cells: pl.Series) -> bool:
        """Whether a short column needs no engine to be known for text that may stay."""
        if cells.dtype != pl.String or len(cells) > SHORT:
            return False
        texts = [text for text in cells.to_list() if text is not None]
        return all(text and text == text.strip() for text in texts) and not _SUSPECT_TEXT.search("\0".join(texts))

    def fault(self, cell: pl.Series) -> CellError:
        lost = cell.dtype.is_float() and abs(cell[0]) >= 10.0**SHOWN_DIGITS
        return CellError("digits-lost", digits=SHOWN_DIGITS) if lost else super().fault(cell)

    def proof(self, cell: pl.Expr) -> pl.Expr:
        """What a cell must not hold is looked for in all cells at once; a text that only resembles it costs time."""
        return cell.map_batches(_stays, return_dtype=pl.Boolean, returns_scalar=True)

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        """Scanned text may stay when it has no blanks around it, no empty cells, and none that stands for no text."""
        if given != pl.String:
            return None
        blanks = cell.str.strip_chars().str.len_bytes() != cell.str.len_bytes()
        wrong = cell.str.contains(JOINT, literal=True) | cell.is_in(ERRORS) | cell.str.contains(_LOST)
        return cell, blanks | (cell == "") | wrong


def _stays(cells: pl.Series) -> pl.Series:
    """Whether no cell is empty, has blanks around it, or may stand for no text. Most columns need one look at all bytes."""
    filled = cells.str.len_bytes().min() != 0
    text = cells.str.join("")
    return pl.Series([filled and (_is_harmless(text.cast(pl.Binary)[0]) or _is_bare(cells, text))])


def _is_harmless(text: bytes) -> bool:
    """Whether no byte belongs to a blank or to what a cell must not hold: these are at most `+`, or the first of a blank."""
    units = np.frombuffer(text, np.uint8)
    if not len(units) or units.min() <= _LAST_SUSPECT:
        return not len(units)
    first, last = _WIDE_BLANKS
    blocks = range(0, len(units), _BLOCK) if units.max() >= first else ()
    return not any((units[at : at + _BLOCK] - first <= last - first).any() for at in blocks)


def _is_bare(cells: pl.Series, text: pl.Series) -> bool:
    blanks = cells.str.strip_chars().str.len_bytes().sum() != cells.str.len_bytes().sum()
    return not blanks and not text.str.contains(_SUSPECT)[0]


# -- words --------------------------------------------------------------------------------------------------------


def word_table(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What may be written → the word it means. An id comes before a title; a title of two words means neither."""
    titles: dict[str, str | None] = {}
    for word, others in names.items():
        for title in {folded(other) for other in others}:
            titles[title] = None if titles.get(title, word) != word else word
    found = {title: word for title, word in titles.items() if word is not None and title}
    return {**found, **{folded(word): word for word in names}, **{word: word for word in names}}


@frozen(slots=False, eq=False, repr=False)
class Word(Converter):
    """A word of a list; its id or any of its titles may be written. `code`: what to say about others."""

    table: Mapping[str, str]
    code: str = "unknown-word"

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:
        if given == pl.Null:
            return pl.lit(None, pl.String)
        known = isinstance(given, pl.Enum) and all(self.table.get(word) == word for word in given.categories)
        return cell.cast(pl.String) if known else None

    def first(self, cell: pl.Expr) -> pl.Expr:
        """The engine finds a text among the categories of an enumeration sooner than in a table of replacements."""
        if not self.table:
            return super().first(cell)
        kind, meant = self._numbered
        return pl.lit(meant).gather(cell.cast(kind, strict=False).to_physical())

    def quick(self, cell: pl.Expr) -> pl.Expr:
        return cell.str.strip_chars().replace_strict(
            list(self.table), list(self.table.values()), default=None, return_dtype=pl.String
        )

    def unread(self, given: pl.DataType, cell: pl.Expr) -> tuple[pl.Expr, pl.Expr] | None:
        return (cell, ~cell.is_in(self.words)) if given == pl.String else None

    @cached_property
    def _numbered(self) -> tuple[pl.Enum, pl.Series]:
        return pl.Enum(list(self.table)), pl.Series(list(self.table.values()), dtype=pl.String)

    @cached_property
    def words(self) -> list[str]:
        return [word for word in dict.fromkeys(self.table.values()) if self.table.get(word) == word]

    def value(self, text: str) -> str | None:
        cell = text if text in self.table else folded(text[:LONGEST])
        if cell and cell not in self.table:
            raise UnknownNameError(self.code, cell, self.table)
        return self.table[cell] if cell else None


_SEPARATORS: Final = re.compile(f"([、;,\n{JOINT}])")


@frozen(slots=False, eq=False, repr=False)
class Tags(Converter):
    """Several words of a vocabulary, each once, in alphabetical order. A title may itself hold a separator."""

    table: Mapping[str, str]
    dtype: ClassVar[Any] = pl.List(pl.String)
    piecemeal: ClassVar[bool] = False
    distinct: ClassVar[bool] = True

    def native(self, given: pl.DataType, cell: pl.Expr) -> pl.Expr | None:  # noqa: ARG002  lists are always read
        return pl.lit(None, self.dtype) if given == pl.Null else None

    def value(self, text: str) -> list[str] | None:
        parts = _SEPARATORS.split(folded(text[:LONGEST]).replace("，", ","))
        words: set[str] = set()
        start = 0
        while start < len(parts):
            start, word = self._next(parts, start)
            words |= {word} - {""}
        if not words and text.strip():
            raise CellError("unknown-word")
        return sorted(words) or None

    @cached_property
    def _longest(self) -> int:
        """Of how many parts a title may consist."""
        return max((len(_SEPARATORS.split(title)) for title in self.table), default=1)

    def _next(self, parts: list[str], start: int) -> tuple[int, str]:
        """The word that begins at a part, the longest one, and where the next begins."""
        for end in range(min(len(parts), start + self._longest), start, -2):
            word = self.table.get("".join(parts[start:end]).strip())
            if word is not None:
                return end + 1, word
        cell = parts[start].strip()
        if cell:
            raise UnknownNameError("unknown-word", cell, self.table)
        return start + 2, ""
