"""Submitted data in any form → raw tables: the cells as they came, with the headers and the place of each row.

In: a folder, files, frames of any library, rows. Out: `Raw` tables under the names they were submitted with, and
findings on lines that are no rows. A reader for another format joins `READERS` and gives text, too. Must not know:
campaigns, types of fields; nothing is converted here.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
from attrs import evolve

from campaignrules.errors import CampaignError
from campaignrules.intake.conversion import JOINT
from campaignrules.intake.delimited import Lines, lines_of
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.quantities import MAX_DIGITS, plain_text

# -- which tables there are ---------------------------------------------------------------------------------------


def read(data: object, limits: Limits) -> Iterator[tuple[str, Raw]]:
    """Each table of a submission with the name it was submitted under. Raises CampaignError."""
    if data is None:
        return
    if isinstance(data, str | Path):
        yield from _folder(Path(data), limits)
    elif isinstance(data, Mapping):
        for name, table in data.items():
            if table is not None:
                yield str(name), read_table(str(name), table, limits)
    else:
        raise refuse("not-a-submission", kind=type(data).__name__)


def _folder(path: Path, limits: Limits) -> Iterator[tuple[str, Raw]]:
    for file in _files(path, limits):
        if file.suffix.casefold() in READERS and not file.name.startswith((".", "~$")):
            yield file.stem, _file(file, limits)


def _files(path: Path, limits: Limits) -> list[Path]:
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise refuse("file-not-found", path=path)
        found = sorted(itertools.islice((file for file in path.iterdir() if file.is_file()), limits.files + 1))
    except (OSError, ValueError) as error:
        raise refuse("file-unreadable", path=path, reason=error) from None
    if len(found) > limits.files:
        raise refuse("too-many-files", path=path, limit=limits.files)
    return found


def read_table(name: str, table: object, limits: Limits) -> Raw:
    """One table of any form. Raises CampaignError."""
    if isinstance(table, str | Path):
        return _file(Path(table), limits)
    if isinstance(table, pl.LazyFrame):
        return _lazy(table, None)
    if isinstance(table, pl.DataFrame):
        return _framed(table)
    try:
        if isinstance(table, Sequence) and not isinstance(table, bytes | bytearray):
            return _rows(name, table)
        return _framed(_foreign(name, table))
    except CampaignError:
        raise
    except Exception as error:  # noqa: BLE001  objects of others may raise anything
        raise refuse("table-unreadable", name=name, reason=type(error).__name__) from None


# -- files --------------------------------------------------------------------------------------------------------


def _file(path: Path, limits: Limits) -> Raw:
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise refuse("unknown-format", path=path, expected="、".join(READERS))
    try:
        if not path.is_file():
            raise refuse("file-not-found", path=path)
        return reader(path, limits)
    except (OSError, ValueError) as error:
        raise refuse("file-unreadable", path=path, reason=error) from None


def _csv(path: Path, limits: Limits) -> Raw:
    if path.stat().st_size > limits.bytes:
        raise refuse("byte-limit", limit=limits.bytes)
    with path.open("rb") as file:
        data = file.read(limits.bytes + 1)
    if len(data) > limits.bytes:
        raise refuse("byte-limit", limit=limits.bytes)
    return _of_lines(lines_of(data, path.name, limits.rows, limits.columns), path.name)


def _of_lines(lines: Lines, file: str) -> Raw:
    frame = lines.cells.with_columns(lines.rows.alias(ROW))
    return Raw(lines.headers, frame, file, lines.findings)


def _parquet(path: Path, limits: Limits) -> Raw:
    """Small files are read and checked as a whole, like CSV; larger ones are scanned."""
    try:
        frame = pl.scan_parquet(path, glob=False)
        if frame.select(pl.len()).collect().item() > limits.scanned:
            return _lazy(frame, path.name)
        return evolve(_framed(frame.collect()), file=path.name)
    except pl.exceptions.PolarsError as error:
        raise refuse("file-unreadable", path=path, reason=error) from None


READERS: Final[dict[str, Callable[[Path, Limits], Raw]]] = {".csv": _csv, ".parquet": _parquet}


# -- frames -------------------------------------------------------------------------------------------------------


def _lazy(frame: pl.LazyFrame, file: str | None) -> Raw:
    try:
        names = frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refuse("file-unreadable", path=file or "LazyFrame", reason=error) from None
    return Raw(tuple(names), frame.select(pl.col(name).alias(f"r{i}") for i, name in enumerate(names)), file)


def _framed(frame: pl.DataFrame) -> Raw:
    numbers = pl.int_range(2, frame.height + 2, dtype=pl.Int64, eager=True).alias(ROW)
    columns = [column.alias(f"r{i}") for i, column in enumerate(frame.get_columns())]
    return Raw(tuple(frame.columns), pl.DataFrame([*columns, numbers]))


def _foreign(name: str, table: Any) -> pl.DataFrame:
    """A frame of another library, by the Arrow protocol, the interchange protocol, or as rows."""
    if hasattr(table, "to_dict") and hasattr(table, "iloc"):
        return _from_pandas(table)
    if hasattr(table, "__arrow_c_stream__"):
        return pl.DataFrame(table)
    if hasattr(table, "__dataframe__"):
        return pl.from_dataframe(table)
    raise refuse("not-a-table", name=name, kind=type(table).__name__)


def _from_pandas(table: Any) -> pl.DataFrame:
    """A pandas frame: its floats that are not numbers mean missing; object columns are read cell by cell."""
    columns: dict[str, pl.Series] = {}
    for i, header in enumerate(table.columns):
        column = table.iloc[:, i]
        if column.dtype == object:
            columns[_unique(str(header), columns)] = _column([None if _is_nan(cell) else cell for cell in column])
        else:
            columns[_unique(str(header), columns)] = pl.from_pandas(column, nan_to_null=True)
    return pl.DataFrame(columns)


def _unique(header: str, among: Iterable[str]) -> str:
    return header if header not in among else f"{header} ({sum(1 for _ in among)})"


def _is_nan(cell: object) -> bool:
    return (isinstance(cell, float) and math.isnan(cell)) or type(cell).__name__ in ("NAType", "NaTType")


# -- rows ---------------------------------------------------------------------------------------------------------


def _rows(name: str, rows: Sequence[Any]) -> Raw:
    keys: dict[Any, None] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise refuse("not-a-row", name=name, kind=type(row).__name__)
        if row.keys() - keys.keys():
            keys.update(dict.fromkeys(row))
    columns = [_column([row.get(key) for row in rows]).alias(f"r{i}") for i, key in enumerate(keys)]
    numbers = pl.int_range(2, len(rows) + 2, dtype=pl.Int64, eager=True).alias(ROW)
    return Raw(tuple(_sound(str(key)) or "" for key in keys), pl.DataFrame([*columns, numbers]))


def _column(cells: list[Any]) -> pl.Series:
    """Python values as one column: dates and booleans of one kind as such, all else as text."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds == {dt.date}:
        return pl.Series(cells, dtype=pl.Date)
    if kinds == {bool}:
        return pl.Series(cells, dtype=pl.Boolean)
    if kinds <= {str}:
        return _texts(cells)
    return pl.Series([None if cell is None else _written(cell) for cell in cells], dtype=pl.String)


def _texts(cells: list[str | None]) -> pl.Series:
    try:
        return pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([_sound(cell) for cell in cells], dtype=pl.String)


def _sound(text: str | None) -> str | None:
    """Text that can be encoded; halves of surrogate pairs become question marks."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def _written(cell: object) -> str:
    """A Python value as people would write it; a type that no field takes by its name."""
    for kind, write in _WRITERS:
        if isinstance(cell, kind):
            return write(cell)
    value = cell.item() if type(cell).__module__ == "numpy" and hasattr(cell, "item") else None
    return _written(value) if isinstance(value, str | int | float | dt.date) else f"{JOINT}<{type(cell).__name__}>"


def _whole_text(cell: int) -> str:
    return str(int(cell)) if abs(cell) < 10**MAX_DIGITS else "9" * (MAX_DIGITS + 1)


def _time_text(cell: dt.datetime) -> str:
    return cell.replace(tzinfo=None).isoformat(" ")


def _decimal_text(cell: Decimal) -> str:
    """Its digits; numbers far too large or small by a number that is refused for the same reason."""
    if not cell or not cell.is_finite():
        return "NaN" if not cell.is_finite() else "0"
    if cell.adjusted() > MAX_DIGITS:
        return "9" * (MAX_DIGITS + 1)
    small = cell.adjusted() < -MAX_DIGITS or len(cell.as_tuple().digits) > 4 * MAX_DIGITS
    return "1e-99" if small else plain_text(cell)


def _listed(cell: Iterable[Any]) -> str:
    return JOINT.join(_written(item) for item in cell if item is not None)


_WRITERS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (str, lambda cell: _sound(cell) or ""),
    (bool, lambda cell: "true" if cell else "false"),
    (Decimal, _decimal_text),
    (int, _whole_text),
    (float, lambda cell: repr(float(cell)).removesuffix(".0")),
    (dt.datetime, _time_text),
    (dt.date, dt.date.isoformat),
    ((list, tuple, set, frozenset), _listed),
)
