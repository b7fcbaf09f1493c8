"""Frames, rows and the files that hold frames (Parquet, Arrow) → raw tables.

In: frames of any library, lists of mappings, paths of Parquet and Arrow files. Out: `Raw`. Columns of a type that fits
are taken as they are. Must not know: campaigns, fields, which files there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from attrs import evolve

from campaignrules.errors import CampaignError
from campaignrules.intake.findings import refuse
from campaignrules.intake.packed import DamagedError, arrow_size, is_arrow_file, parquet_size
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
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  objects of others may raise anything
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
    if hasattr(
        table, "to_arrow_reader"
    ):  # of DuckDB, whose own stream leaves objects behind that it complains of at the end
        return pl.DataFrame(table.to_arrow_reader())
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
    with whole_or_refused(path):
        large = _is_large(path, parquet_size, limits)
        frame = _parquet_scan(path)
        if large or frame.select(pl.len()).collect().item() > limits.scanned:
            return _scanned(frame, path, limits)
        return _whole(frame.collect(), path, limits)


def whole_parquet(path: Path, limits: Limits, more: Callable[[pl.DataFrame], pl.DataFrame]) -> Raw:
    """A file that is known to be small, with what `more` adds to it."""
    with whole_or_refused(path):
        return _whole(more(_parquet_scan(path).collect()), path, limits)


def _parquet_scan(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def arrow(path: Path, limits: Limits) -> Raw:
    """A file of Arrow's file format, also called Feather, is taken like Parquet; a stream is read as a whole."""
    with whole_or_refused(path):
        with path.open("rb") as file:
            in_blocks = is_arrow_file(file.read(6))
        large = _is_large(path, arrow_size, limits)
        if not in_blocks and large:
            raise refuse("table-too-large", path=path.name, limit=limits.unpacked)
        frame = pl.scan_ipc(path, glob=False) if in_blocks else pl.read_ipc_stream(path).lazy()
        if in_blocks and (large or frame.select(pl.len()).collect().item() > limits.scanned):
            return _scanned(frame, path, limits)
        return _whole(frame.collect(), path, limits)


@contextmanager
def whole_or_refused(path: Path) -> Iterator[None]:
    """Whatever a damaged file makes a reader raise becomes our error."""
    try:
        yield
    except DamagedError:
        raise refuse("file-unreadable", path=path, reason="damaged") from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OverflowError, EOFError, OSError) as error:
        raise refuse("file-unreadable", path=path, reason=str(error).partition("\n")[0]) from None


def _is_large(path: Path, size_of: Callable[[BinaryIO, int], int], limits: Limits) -> bool:
    """Whether a file takes more memory than a small one may; one that is packed beyond all measure is refused.

    A file larger than an upload may be was not uploaded: it is scanned without a look at each of its pages.
    """
    whole = path.stat().st_size
    if size_of is parquet_size and whole > limits.bytes:
        return True
    with path.open("rb") as file:
        size = size_of(file, whole)
    if size > max(limits.unpacked, limits.ratio * whole):
        raise refuse("table-too-large", path=path.name, limit=limits.unpacked)
    return size > limits.unpacked


def _scanned(frame: pl.LazyFrame, path: Path, limits: Limits) -> Raw:
    """A file that is never in memory as a whole."""
    refuse_swollen(frame, path.stat().st_size, path.name, limits)
    return _lazy(frame, path.name)


def refuse_swollen(frame: pl.LazyFrame, whole: int, name: str, limits: Limits) -> None:
    """The same bound for a scan. `whole`: bytes of the file. Raises CampaignError."""
    if whole <= limits.bytes:
        texts = [name for name, kind in frame.collect_schema().items() if kind == pl.String]
        sizes = frame.select(pl.col(texts).str.len_bytes().cast(pl.UInt64).sum()).collect(engine="streaming")
        if texts and sum(sizes.row(0)) > max(limits.unpacked, limits.ratio * whole):
            raise refuse("table-too-large", path=name, limit=limits.unpacked)


def _whole(frame: pl.DataFrame, path: Path, limits: Limits) -> Raw:
    if frame.width > limits.columns:
        raise refuse("too-many-columns", path=path.name, limit=limits.columns)
    if weight(frame) > limits.unpacked:
        raise refuse("table-too-large", path=path.name, limit=limits.unpacked)
    return evolve(_framed(frame), file=path.name)


def weight(frame: pl.DataFrame) -> int:
    """Bytes of the texts in a table when each is written out: a word that stands in a file once may fill every row."""
    return sum(map(_weight, frame.get_columns()))


def _weight(cells: pl.Series) -> int:
    if isinstance(cells.dtype, pl.List):
        return _weight(cells.explode())
    if cells.dtype == pl.String:
        return int(cells.str.len_bytes().cast(pl.UInt64).sum())
    if cells.dtype in (pl.Categorical, pl.Enum):
        counts = cells.value_counts(name="n")
        return int((counts[cells.name].cast(pl.String).str.len_bytes().cast(pl.UInt64) * counts["n"]).sum())
    return 0
