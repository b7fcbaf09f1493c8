"""Round trip: sound rows written in any form come back as the same table, and evaluate to the same bytes."""

import csv
import datetime as dt
import hashlib
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

import campaignrules as cr
from campaignrules import checker, source
from campaignrules.intake import take
from campaignrules.structure import structure
from tests import submitted, workbooks
from tests.messy import making

HERE = Path(__file__).parent
CHECKED = checker.check(structure(source.read((HERE / "intake" / "campaign.yaml").read_bytes(), name="campaign.yaml")))
TEXTS = {"csv in GB18030": "gb18030", "csv in UTF-16": "utf-16", "csv with a mark": "utf-8-sig"}
BOOKS = tuple(workbooks.WRITERS)
SAID = {"encoding-found", "outside-period", "keys-not-checked"}
"""Notes that are no fault of sound rows."""
UNITS = {"甲县": "jia", "jia": "jia", "甲": "jia", "乙县": "yi"}
ORIGINS = {"省内": "in_province", "out_of_province": "out_of_province"}
TRACKS = {"food": "food", "health": "health", "医药": "health"}


def typed(row: submitted.Row) -> dict[str, Any]:
    """What a drawn row must come back as."""
    return {
        "id": row["id"],
        "unit": UNITS[row["unit"]],
        "investment": row["investment"] * 10**8,
        "share": None if row["share"] is None else row["share"] / 100,
        "jobs": row["jobs"],
        "origin": ORIGINS[row["origin"]],
        "tracks": None if row["tracks"] is None else frozenset(TRACKS[word] for word in row["tracks"]),
        "listed": row["listed"],
        "signed_on": row["signed_on"],
        "started_on": row["started_on"],
    }


def written(kind: str, rows: submitted.Rows, folder: Path) -> Any:
    """Rows in a form: those of `submitted`, workbooks of all kinds, text files of all encodings."""
    if kind in BOOKS:
        cells = [[_cell(row[name]) for name in submitted.SCHEMA] for row in rows]
        return workbooks.write(folder / f"project{kind}", {"project": [list(submitted.SCHEMA), *cells]})
    if kind in TEXTS:
        path = submitted.write_as("csv", rows, folder)
        path.write_bytes(path.read_bytes().decode().encode(TEXTS[kind]))
        return path
    return submitted.write_as(kind, rows, folder)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "、".join(value)
    return float(value) if isinstance(value, Decimal) else value


# a later example of the same test writes over the files of the one before
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@pytest.mark.parametrize("kind", [*submitted.FORMS, *BOOKS, *TEXTS])
@given(rows=submitted.valid_rows())
def test_sound_rows_come_back_as_they_were(kind, rows, tmp_path):
    """In every form the same values, and nothing to say but notes that name no fault."""
    taken = take(CHECKED, written(kind, rows, tmp_path))
    assert {found.code for found in taken.findings} <= SAID
    assert taken.rows("project") == [typed(row) for row in rows]


# -- evaluations --------------------------------------------------------------------------------------------------

TABLES = ("project", "visit", "figures", "attestations")
DAY = dt.date(2024, 1, 10)


def cells(table: str, seed: int | None = None) -> list[dict[str, Any]]:
    """The clean rows of a table as typed cells, shuffled by a seed."""
    rows = [making.stored(row) for row in making.clean(table)]
    if seed is not None:
        random.Random(seed).shuffle(rows)  # noqa: S311  shuffled alike each time
    return rows


def _sheets(seed: int | None = None) -> dict[str, list[list[Any]]]:
    tables = {table: cells(table, seed) for table in TABLES}
    return {table: [list(rows[0]), *(list(row.values()) for row in rows)] for table, rows in tables.items()}


def _books(kind: str, folder: Path, seed: int | None) -> Any:
    return workbooks.write(folder / f"all{kind}", _sheets(seed))


def _separated(folder: Path, seed: int | None, encoding: str, separator: str, suffix: str) -> Any:
    for table, rows in _sheets(seed).items():
        out = io.StringIO()
        csv.writer(out, delimiter=separator).writerows(rows)
        (folder / f"{table}{suffix}").write_bytes(out.getvalue().encode(encoding))
    return folder


def frames(seed: int | None) -> dict[str, pl.DataFrame]:
    """The tables as Polars frames."""
    return {table: pl.DataFrame(cells(table, seed), infer_schema_length=None, strict=False) for table in TABLES}


def _tables_of(folder: Path, seed: int | None) -> Any:
    with sqlite3.connect(folder / "all.sqlite") as connection:
        for table, rows in _sheets(seed).items():
            connection.execute(f'CREATE TABLE "{table}" ({", ".join(chr(34) + name + chr(34) for name in rows[0])})')
            plain = [[str(cell) if isinstance(cell, dt.date) else cell for cell in row] for row in rows[1:]]
            connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(rows[0]))})', plain)  # noqa: S608  our own names
    connection.close()
    return folder / "all.sqlite"


def _objects(folder: Path, seed: int | None, lines: bool) -> Any:
    data = {table: json.loads(json.dumps(cells(table, seed), default=str)) for table in TABLES}
    if not lines:
        (folder / "all.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        return folder / "all.json"
    for table, rows in data.items():
        (folder / f"{table}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return folder


def _columnar(folder: Path, seed: int | None, suffix: str) -> Any:
    for table, frame in frames(seed).items():
        path = folder / f"{table}{suffix}"
        if suffix == ".parquet":
            frame.write_parquet(path)
        else:
            frame.write_ipc(path)
    return folder


FILES: dict[str, Any] = {
    **{kind: lambda folder, seed, kind=kind: _books(kind, folder, seed) for kind in BOOKS},
    "csv": lambda folder, seed: _separated(folder, seed, "utf-8", ",", ".csv"),
    "csv of GB18030": lambda folder, seed: _separated(folder, seed, "gb18030", ";", ".csv"),
    "tsv of UTF-16": lambda folder, seed: _separated(folder, seed, "utf-16", "\t", ".tsv"),
    "json": lambda folder, seed: _objects(folder, seed, lines=False),
    "jsonl": lambda folder, seed: _objects(folder, seed, lines=True),
    "parquet": lambda folder, seed: _columnar(folder, seed, ".parquet"),
    "arrow": lambda folder, seed: _columnar(folder, seed, ".arrow"),
    "sqlite": _tables_of,
}
PROGRAMS: dict[str, Any] = {
    "rows": lambda seed: {table: cells(table, seed) for table in TABLES},
    "polars": frames,
    "scans": lambda seed: {table: frame.lazy() for table, frame in frames(seed).items()},
    "pandas": lambda seed: {table: pd.DataFrame(cells(table, seed)) for table in TABLES},
    "arrow tables": lambda seed: {table: frame.to_arrow() for table, frame in frames(seed).items()},
}


@pytest.fixture(scope="module")
def campaign():
    """The campaign of the ten counties."""
    return cr.load(HERE / "messy" / "campaign.yaml")


def shown(evaluation: Any) -> str:
    """What comes of the data, as JSON; where the data came from is left out."""
    aside = ("findings", "received", "meta", "receipt")
    told = {name: part for name, part in evaluation.to_json().items() if name not in aside}
    return json.dumps(told, ensure_ascii=False)


@pytest.fixture(scope="module")
def expected(campaign):
    """The evaluation of the clean CSV tables."""
    return shown(campaign.evaluate(HERE / "messy" / "clean", as_of=DAY))


@pytest.mark.parametrize("form", [*FILES, *PROGRAMS])
@pytest.mark.parametrize("seed", [None, 7], ids=["in order", "shuffled"])
def test_the_same_tables_evaluate_to_the_same_bytes(form, seed, tmp_path, campaign, expected):
    """In every form, and in any order of rows."""
    data = FILES[form](tmp_path, seed) if form in FILES else PROGRAMS[form](seed)
    evaluation = campaign.evaluate(data, as_of=DAY)
    assert {found.code for found in evaluation.findings} <= SAID | {"roster-given"}
    assert shown(evaluation) == expected


PROGRAM = """
import hashlib, json, sys
import campaignrules as cr
evaluation = cr.load(sys.argv[1]).evaluate(sys.argv[2], as_of="2024-01-10")
print(hashlib.sha256(json.dumps(evaluation.to_json()).encode()).hexdigest())
"""


@pytest.mark.slow
def test_surroundings_change_nothing(tmp_path, campaign):
    """Hash seed, time zone and locale of the process are of no account, even to messy data and its findings."""
    making.make(tmp_path)
    here = json.dumps(campaign.evaluate(tmp_path, as_of=DAY).to_json())
    wanted = hashlib.sha256(here.encode()).hexdigest()
    locale = "C" if "zh" in os.environ.get("LC_ALL", "") else "zh_CN.UTF-8"
    place = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": locale, "LANG": locale}
    command = [sys.executable, "-c", PROGRAM, str(HERE / "messy" / "campaign.yaml"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=place, check=True)
    assert done.stdout.strip() == wanted
