"""Frames, rows and the files that hold frames (Parquet, Arrow) → raw tables.

In: frames of any library, lists of mappings, paths of Parquet and Arrow files. Out: `Raw`. Columns of a type that fits
are taken as they are. Must not know: campaigns, fields, which files there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve

from campaignrules.errors import CampaignError
from campaignrules.intake.findings import refuse
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.intake.values import column, sound


def table_of(name: str, table: object) -> Raw:
    """A frame of any library, or rows. Raises CampaignError."""
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


# -- frames -------------------------------------------------------------------------------------------------------


def _lazy(frame: pl.LazyFrame, file: str | None) -> Raw:
    try:
        names = frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refuse("file-unreadable", path=file or "LazyFrame", reason=error) from None
    return Raw(tuple(names), frame.select(pl.col(name).alias(f"r{i}") for i, name in enumerate(names)), file)


def _framed(frame: pl.DataFrame) -> Raw:
    numbers = pl.int_range(2, frame.height + 2, dtype=pl.Int64, eager=True).alias(ROW)
    columns = [cells.alias(f"r{i}") for i, cells in enumerate(frame.get_columns())]
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
        cells = table.iloc[:, i]
        if cells.dtype == object:
            columns[_unique(str(header), columns)] = column([None if _is_nan(cell) else cell for cell in cells])
        else:
            columns[_unique(str(header), columns)] = pl.from_pandas(cells, nan_to_null=True)
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
    columns = [column([row.get(key) for row in rows]).alias(f"r{i}") for i, key in enumerate(keys)]
    numbers = pl.int_range(2, len(rows) + 2, dtype=pl.Int64, eager=True).alias(ROW)
    return Raw(tuple(sound(str(key)) or "" for key in keys), pl.DataFrame([*columns, numbers]))


# -- files --------------------------------------------------------------------------------------------------------


def parquet(path: Path, limits: Limits) -> Raw:
    """Small files are read and checked as a whole, like CSV; larger ones are scanned."""
    try:
        frame = pl.scan_parquet(path, glob=False)
        if frame.select(pl.len()).collect().item() > limits.scanned:
            return _lazy(frame, path.name)
        return evolve(_framed(frame.collect()), file=path.name)
    except pl.exceptions.PolarsError as error:
        raise refuse("file-unreadable", path=path, reason=error) from None
