"""Python values → cells as people would write them: a column of text, or of one type that a field may take as it is.

In: cells of rows, documents and databases. Out: Polars columns. Text is made fit to be encoded; what is no cell at all
becomes text that no field takes, with the name of its type. Must not know: tables, files, fields.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import define, field

from campaignrules.intake.conversion import JOINT, as_text
from campaignrules.quantities import MAX_DIGITS, plain_text

_LARGE: Final = 2**63 - 1


def column(cells: list[Any]) -> pl.Series:
    """Python values as one column: dates and booleans of one kind as such, all else as text."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds == {dt.date}:
        return pl.Series(cells, dtype=pl.Date)
    if kinds == {bool}:
        return pl.Series(cells, dtype=pl.Boolean)
    if kinds <= {str}:
        return _texts(cells)
    if kinds == {float}:
        return pl.Series([None if cell is None else _float_text(cell) for cell in cells], dtype=pl.String)
    if kinds == {int} and all(cell is None or -_LARGE < cell < _LARGE for cell in cells):
        return pl.Series(cells, dtype=pl.Int64).cast(pl.String)
    return pl.Series([None if cell is None else written(cell) for cell in cells], dtype=pl.String)


@define(eq=False, repr=False)
class Gathered:
    """Rows that come bit by bit, kept as columns; a column that a part does not know is empty there."""

    _parts: list[tuple[int, dict[Any, pl.Series]]] = field(factory=list)

    def add(self, height: int, columns: Mapping[Any, list[Any]]) -> None:
        made = {key: column(cells) for key, cells in columns.items()}
        self._parts.append((height, {key: cells for key, cells in made.items() if cells.null_count() < height}))

    def column(self, key: Any) -> pl.Series:
        """All cells of a column, of one type if every part has that type, else as text."""
        parts = [part.get(key, pl.Series([None], dtype=pl.Null).new_from_index(0, size)) for size, part in self._parts]
        kinds = {part.dtype for part in parts} - {pl.Null()}
        if len(kinds) > 1:
            parts = [as_text(part) for part in parts]
        kind = kinds.pop() if len(kinds) == 1 else pl.String()
        return pl.concat([part.cast(kind).alias("x") for part in parts]) if parts else pl.Series("x", [], dtype=kind)


def _texts(cells: list[str | None]) -> pl.Series:
    try:
        return pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([sound(cell) for cell in cells], dtype=pl.String)


def sound(text: str | None) -> str | None:
    """Text that can be encoded; halves of surrogate pairs become question marks."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def written(cell: object) -> str:
    """A Python value as people would write it; a type that no field takes by its name."""
    for kind, write in _WRITERS:
        if isinstance(cell, kind):
            return write(cell)
    value = cell.tolist() if type(cell).__module__ == "numpy" and hasattr(cell, "tolist") else None
    return (
        written(value) if isinstance(value, str | int | float | dt.date | list) else f"{JOINT}<{type(cell).__name__}>"
    )


def _float_text(cell: float) -> str:
    """The shortest decimal that shows it; what is no number becomes text that no field takes."""
    return repr(float(cell)).removesuffix(".0") if math.isfinite(cell) else f"{JOINT}NaN"


def _whole_text(cell: int) -> str:
    return str(int(cell)) if abs(cell) < 10**MAX_DIGITS else "9" * (MAX_DIGITS + 1)


def _time_text(cell: dt.datetime) -> str:
    return cell.replace(tzinfo=None).isoformat(" ")


def _decimal_text(cell: Decimal) -> str:
    """Its digits; numbers far too large or small by a number that is refused for the same reason."""
    if not cell or not cell.is_finite():
        return "0" if cell.is_finite() else f"{JOINT}NaN"
    if cell.adjusted() > MAX_DIGITS:
        return "9" * (MAX_DIGITS + 1)
    small = cell.adjusted() < -MAX_DIGITS or len(cell.as_tuple().digits) > 4 * MAX_DIGITS
    return "1e-99" if small else plain_text(cell)


def _listed(cell: Iterable[Any]) -> str:
    return JOINT.join(written(item) for item in cell if item is not None)


_WRITERS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (str, lambda cell: sound(cell) or ""),
    (bool, lambda cell: "true" if cell else "false"),
    (Decimal, _decimal_text),
    (int, _whole_text),
    (float, _float_text),
    (dt.datetime, _time_text),
    (dt.date, dt.date.isoformat),
    ((list, tuple, set, frozenset), _listed),
    (Mapping, lambda _: f"{JOINT}<dict>"),
    (uuid.UUID, str),
)
