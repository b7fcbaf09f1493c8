"""Rows that are sound, and every form in which they may be submitted.

`valid_rows()` draws rows of the record type `project` of `tests/intake/campaign.yaml` in which no cell and no row is at
fault; `write_as(kind, rows, folder)` gives what to submit: a file in `folder`, or an object of a program. `FORMS` names
the kinds. Workbooks are written by `tests/workbooks.py`.
"""

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd
import polars as pl
from hypothesis import strategies as st

Row = Mapping[str, Any]
Rows = Sequence[Row]

SCHEMA: Final[dict[str, Any]] = {
    "id": pl.String, "unit": pl.String, "investment": pl.Decimal(18, 4), "share": pl.Decimal(9, 2), "jobs": pl.Int64,
    "origin": pl.String, "tracks": pl.List(pl.String), "listed": pl.Boolean, "signed_on": pl.Date, "started_on": pl.Date,
}  # fmt: skip
"""The fields with the types that a program would give them."""

_IDS: Final = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
_DAYS: Final = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


def valid_rows(most: int = 8, ids: st.SearchStrategy[str] = _IDS) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows with different ids of which none is set aside; values are of the types of Python."""
    row = st.fixed_dictionaries(
        {
            "id": ids.map(lambda text: f"P{text}"),
            "unit": st.sampled_from(["甲县", "jia", "甲", "乙县"]),
            "investment": st.decimals(Decimal(-99999), Decimal(99999), places=4),
            "share": st.none() | st.decimals(Decimal(2), Decimal(100), places=2),
            "jobs": st.none() | st.integers(0, 10**6),
            "origin": st.sampled_from(["省内", "out_of_province"]),
            "tracks": st.none() | st.sampled_from([["food"], ["health", "food"], ["医药"]]),
            "listed": st.none() | st.booleans(),
            "signed_on": _DAYS,
            "started_on": st.none() | st.integers(0, 900),
        }
    )
    return st.lists(row.map(_started), min_size=1, max_size=most, unique_by=lambda row: row["id"])


def _started(row: dict[str, Any]) -> dict[str, Any]:
    """Work starts so many days after signing."""
    days = row["started_on"]
    return row if days is None else {**row, "started_on": row["signed_on"] + dt.timedelta(days)}


def texts(row: Row) -> dict[str, str]:
    """The row as a text file has it."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str:
    return "" if value is None else "、".join(value) if isinstance(value, list) else str(value)


def frame(rows: Rows) -> pl.DataFrame:
    """The rows as a Polars frame of exact types."""
    return pl.DataFrame(list(rows), schema=SCHEMA)


def _csv(rows: Rows, path: Path, separator: str = ",") -> Path:
    plain = pl.DataFrame([texts(row) for row in rows], schema=dict.fromkeys(SCHEMA, pl.String))
    path.write_text(plain.write_csv(separator=separator), encoding="utf-8", newline="")
    return path


def _token(value: Any) -> str:
    """A value as JSON; decimals as numbers with all their digits."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value if isinstance(value, list | bool | int | None) else str(value), ensure_ascii=False)


def _object(row: Row) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {_token(value)}" for name, value in row.items()) + "}"


def _json(rows: Rows, path: Path) -> Path:
    path.write_text("[\n" + ",\n".join(map(_object, rows)) + "\n]\n", encoding="utf-8")
    return path


def _jsonl(rows: Rows, path: Path) -> Path:
    path.write_text("".join(_object(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _parquet(rows: Rows, path: Path) -> Path:
    frame(rows).write_parquet(path)
    return path


def _ipc(rows: Rows, path: Path) -> Path:
    frame(rows).write_ipc(path, compression="zstd")
    return path


def _stream(rows: Rows, path: Path) -> Path:
    frame(rows).write_ipc_stream(path)
    return path


def _sqlite(rows: Rows, path: Path) -> Path:
    """As SQLite keeps such a table: numbers as integers or binary floats, dates and lists as text."""
    kinds = {"investment": "NUMERIC", "share": "REAL", "jobs": "INTEGER", "listed": "BOOLEAN"}
    columns = ", ".join(f'"{name}" {kinds.get(name, "TEXT")}' for name in SCHEMA)
    values = [[_kept(row[name]) for name in SCHEMA] for row in rows]
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TABLE IF EXISTS project")
        connection.execute(f"CREATE TABLE project ({columns})")
        connection.executemany(f"INSERT INTO project VALUES ({', '.join('?' * len(SCHEMA))})", values)  # noqa: S608  of our own schema
    connection.close()
    return path


def _kept(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value if value is None or isinstance(value, int) else _text(value)


_FILES: Final[dict[str, tuple[str, Callable[[Rows, Path], Path]]]] = {
    "csv": ("csv", _csv),
    "tsv": ("tsv", lambda rows, path: _csv(rows, path, "\t")),
    "json": ("json", _json),
    "jsonl": ("jsonl", _jsonl),
    "parquet": ("parquet", _parquet),
    "ipc": ("arrow", _ipc),
    "stream": ("ipc", _stream),
    "sqlite": ("sqlite", _sqlite),
}
_OBJECTS: Final[dict[str, Callable[[Rows], Any]]] = {
    "rows": list,
    "texts": lambda rows: [texts(row) for row in rows],
    "polars": frame,
    "lazy": lambda rows: frame(rows).lazy(),
    "pandas": lambda rows: frame(rows).to_pandas(),
    "pandas of objects": lambda rows: pd.DataFrame(list(rows), dtype=object),
    "pyarrow": lambda rows: frame(rows).to_arrow(),
}
FILES: Final = tuple(_FILES)
FORMS: Final = (*_FILES, *_OBJECTS)


def write_as(kind: str, rows: Rows, folder: Path) -> Any:
    """What to submit: the file that was written as `project.…`, or a mapping with an object of a program."""
    if kind in _FILES:
        suffix, write = _FILES[kind]
        return write(rows, folder / f"project.{suffix}")
    return {"project": _OBJECTS[kind](rows)}
