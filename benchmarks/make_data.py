"""Made-up projects for the benchmarks: `rows` lines over two years, written in slices so that memory stays small."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl

SLICE = 500_000
WORDS = {
    "origin": ["in_province", "out_of_province", "overseas"],
    "sector": ["food", "health", "gas", "service", "farm", "other"],
}


def projects(rows: int, units: int, seed: int) -> pl.DataFrame:
    """`rows` projects: amounts of 0.0001 to 50 亿元 as exact decimals, 2022 and 2023 signings, two thirds started."""
    random = np.random.default_rng(seed)
    first = (dt.date(2022, 1, 1) - dt.date(1970, 1, 1)).days
    signed = random.integers(0, 730, rows) + first
    started = np.where(random.random(rows) < 0.67, signed + random.integers(0, 200, rows), 0)
    amount = pl.Series(random.integers(1, 500_000, rows)).cast(pl.Decimal(18, 0))
    columns = {
        "id": pl.Series(np.arange(rows)).cast(pl.String),
        "unit": _pick([f"u{i:04d}" for i in range(units)], random, rows),
        "company": pl.Series(random.integers(0, max(rows // 3, 1), rows)).cast(pl.String),
        "investment": (amount / pl.Series([10_000]).cast(pl.Decimal(18, 0))).cast(pl.Decimal(18, 4)),
        **{name: _pick(words, random, rows) for name, words in WORDS.items()},
        "listed": pl.Series(random.random(rows) < 0.2),
        "signed_on": pl.Series(signed.astype(np.int32)).cast(pl.Date),
        "started_on": pl.Series(started.astype(np.int32)).replace(0, None).cast(pl.Date),
    }
    return pl.DataFrame(columns)


def _pick(words: list[str], random: np.random.Generator, rows: int) -> pl.Series:
    return pl.Series(words).gather(pl.Series(random.integers(0, len(words), rows)))


def write(folder: Path, rows: int, units: int = 20) -> Path:
    """A folder of Parquet slices, made once; its path."""
    place = folder / f"projects_{rows}_{units}"
    if not place.exists():
        place.mkdir(parents=True)
        for number, start in enumerate(range(0, rows, SLICE)):
            part = projects(min(SLICE, rows - start), units, seed=number)
            part.write_parquet(place / f"{number:04d}.parquet")
    return place


def write_partitioned(folder: Path, rows: int, units: int = 20) -> Path:
    """The same as a folder in Hive's form, by the year of signing: a file of each slice in each of them; its path."""
    for number, start in enumerate(range(0, rows, SLICE)):
        part = projects(min(SLICE, rows - start), units, seed=number)
        part = part.with_columns(id=f"{number}-" + pl.col("id"))
        for year in (2022, 2023):
            place = folder / f"year={year}"
            place.mkdir(parents=True, exist_ok=True)
            some = part.filter(pl.col("signed_on").dt.year() == year)
            some.write_parquet(place / f"{number:04d}.parquet", compression="snappy")
    return folder


def units_table(units: int = 20) -> list[dict[str, str]]:
    """The roster of the made-up units."""
    return [{"id": f"u{i:04d}", "title": f"第{i}县", "class": "county"} for i in range(units)]


def visits(rows: int, units: int, seed: int) -> pl.DataFrame:
    """`rows` days of 2023 on which a unit signed something and travelled: amounts with four decimals."""
    random = np.random.default_rng(seed)
    amount = pl.Series(random.integers(1, 50_000, rows)).cast(pl.Decimal(18, 0))
    columns = {
        "unit": _pick([f"u{i:04d}" for i in range(units)], random, rows),
        "on": pl.Series((random.integers(0, 365, rows) + (dt.date(2023, 1, 1) - dt.date(1970, 1, 1)).days).astype(np.int32)).cast(pl.Date),
        "investment": (amount / pl.Series([10_000]).cast(pl.Decimal(18, 0))).cast(pl.Decimal(18, 4)),
        "trips": pl.Series(random.integers(0, 4, rows)),
    }  # fmt: skip
    return pl.DataFrame(columns)


def classes_table(units: int) -> list[dict[str, str]]:
    """A roster of three classes."""
    return [
        {"id": f"u{i:04d}", "title": f"第{i}个", "class": ["district", "county", "town"][i % 3]} for i in range(units)
    ]


def report(rows: int, units: int, seed: int) -> pl.DataFrame:
    """`rows` lines of a report as people write it: names rather than ids, headers in Chinese, a third not started."""
    random = np.random.default_rng(seed)
    made = projects(rows, units, seed)
    signed = random.integers(0, 365, rows).astype(np.int32) + (dt.date(2023, 1, 1) - dt.date(1970, 1, 1)).days
    started = pl.Series(np.where(random.random(rows) < 0.67, signed + 30, 0)).replace(0, None)
    columns = {
        "项目编号": "P" + made["id"].str.zfill(7),
        "责任单位": _pick([f"第{i}县" for i in range(units)], random, rows),
        "协议投资额（亿元）": made["investment"],
        "投资来源": _pick(["省内", "省外", "境外"], random, rows),
        "签约日期": pl.Series(signed).cast(pl.Date),
        "开工日期": started.cast(pl.Int32).cast(pl.Date),
        "企业": "企业" + pl.Series(random.integers(0, 30_000, rows)).cast(pl.String),
        "带动就业人数": pl.Series(random.integers(0, 500, rows)),
    }
    return pl.DataFrame(columns)


def write_workbook(path: Path, frame: pl.DataFrame) -> Path:
    """The frame as the one sheet of an .xlsx, made once; its path."""
    if not path.exists():
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("project")
        sheet.append(frame.columns)
        for row in frame.iter_rows():
            sheet.append(row)
        book.save(path)
    return path
