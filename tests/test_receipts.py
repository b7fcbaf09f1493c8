"""Receipts: what they hold, what they must not hold, and what their digests do and do not depend on."""

import datetime as dt
import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import campaignrules as cr
from campaignrules import cli, receipts
from campaignrules.intake import digests
from campaignrules.intake.frames import table_of
from tests.submitted import FILES, write_as
from tests.workbooks import write_xlsx

HERE = Path(__file__).parent
CAMPAIGN = HERE / "intake" / "campaign.yaml"
AS_OF = "2023-12-31"
DAY = dt.date(2023, 5, 15)
ROWS = [
    {"id": "P1", "unit": "甲县", "investment": Decimal("0.1000"), "share": None, "jobs": None, "origin": "省内",
     "tracks": None, "listed": True, "signed_on": DAY, "started_on": None},
    {"id": "P2", "unit": "乙县", "investment": Decimal("99.9999"), "share": Decimal("12.30"), "jobs": 30, "origin": "省外",
     "tracks": ["food"], "listed": False, "signed_on": DAY, "started_on": DAY + dt.timedelta(20)},
]  # fmt: skip


def evaluated(data, **more):
    """The campaign of the intake tests on some data."""
    return cr.load(CAMPAIGN, **more).evaluate(data, as_of=AS_OF)


def sha256(data):
    """The digest as another program would give it."""
    return hashlib.sha256(data).hexdigest()


def test_a_receipt_says_by_which_files_readings_and_versions(tmp_path):
    """Each digest is that of the bytes of a file, as `sha256sum` prints it."""
    path = write_as("csv", ROWS, tmp_path)
    found = evaluated(path).receipt
    assert list(found) == [
        "receipt", "campaign", "overlays", "readings", "as_of", "encoding", "engine", "data", "versions", "results",
    ]  # fmt: skip
    assert found["campaign"] == {"id": "intake_demo", "given": str(CAMPAIGN), "sha256": sha256(CAMPAIGN.read_bytes())}
    (one,) = found["data"]["inputs"]
    table = {"record": "project", "sheet": None, "read": 2, "set_aside": 0}
    assert one == {"name": "project.csv", "of": "bytes", "sha256": sha256(path.read_bytes()), "tables": [table]}
    assert found["data"]["given"] == str(path)
    assert found["versions"]["polars"] == pl.__version__
    assert found["as_of"] == AS_OF
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("form", FILES)
def test_every_form_of_file_gives_the_same_results_and_its_own_digest(form, tmp_path):
    """The digest of results is that of CSV; the digest of the data is that of this file."""
    (tmp_path / "csv").mkdir()
    wanted = evaluated(write_as("csv", ROWS, tmp_path / "csv")).receipt
    found = evaluated(write_as(form, ROWS, tmp_path)).receipt
    assert found["results"] == wanted["results"]
    assert (found["data"]["inputs"] == wanted["data"]["inputs"]) == (form == "csv")


@pytest.mark.parametrize("form", ["rows", "texts", "polars", "lazy", "pandas", "pyarrow"])
def test_tables_of_a_program_have_a_digest_of_their_cells(form, tmp_path):
    """The same table gives the same digest twice, another cell another one; no place is stated."""
    wanted = evaluated(write_as("csv", ROWS, tmp_path)).receipt["results"]["sha256"]
    first, again = (evaluated(write_as(form, ROWS, tmp_path)).receipt for _ in range(2))
    other = evaluated(write_as(form, [{**ROWS[0], "jobs": 7}, ROWS[1]], tmp_path)).receipt
    assert first == again
    assert first["data"]["given"] == {"project": None}
    assert first["results"]["sha256"] == wanted
    assert first["data"]["inputs"][0]["of"] == "cells"
    assert first["data"]["inputs"][0]["sha256"] != other["data"]["inputs"][0]["sha256"]


def test_a_workbook_gives_the_results_of_csv(tmp_path):
    """XLSX and CSV: one digest of results, two of data; the sheet is named."""
    wanted = evaluated(write_as("csv", ROWS, tmp_path)).receipt
    path = tmp_path / "project.xlsx"
    rows = [[None if v is None else "、".join(v) if isinstance(v, list) else v for v in row.values()] for row in ROWS]
    write_xlsx(path, {"project": [list(ROWS[0]), *rows]})
    found = evaluated(path).receipt
    assert found["results"] == wanted["results"]
    (one,) = found["data"]["inputs"]
    assert (one["name"], one["sha256"]) == ("project.xlsx", sha256(path.read_bytes()))
    assert [table["sheet"] for table in one["tables"]] == ["project"]


def test_a_database_has_the_same_digest_in_any_order_of_its_rows(tmp_path):
    """A database gives its rows in no order of its own; what it holds decides."""
    one, two = (tmp_path / name for name in ("one", "two"))
    one.mkdir()
    two.mkdir()
    first = evaluated(write_as("sqlite", ROWS, one)).receipt
    second = evaluated(write_as("sqlite", ROWS[::-1], two)).receipt
    assert first["data"]["inputs"] == second["data"]["inputs"]
    assert first["data"]["inputs"][0]["name"] == "project.sqlite/project"
    with sqlite3.connect(two / "project.sqlite") as connection:
        connection.execute("update project set jobs = 31 where id = 'P2'")
    changed = evaluated(two / "project.sqlite").receipt
    assert changed["data"]["inputs"][0]["sha256"] != second["data"]["inputs"][0]["sha256"]


def test_the_order_of_rows_is_of_no_account_to_results(tmp_path):
    """The example with all its tables shuffled, the roster too: other files, the same results."""
    folder = HERE.parent / "examples" / "yanjiang_2023"
    campaign = cr.load("yanjiang_2023", overlays=[folder / "overlays" / "scoring_scale.yaml"])
    for path in folder.glob("*.csv"):
        head, *lines = path.read_text("utf-8-sig").splitlines()
        random.Random(5).shuffle(lines)  # noqa: S311  a test is to be repeatable
        (tmp_path / path.name).write_text("\n".join([head, *lines]) + "\n", "utf-8")
    first, second = (campaign.evaluate(data, as_of="2023-06-30").receipt for data in (folder, tmp_path))
    assert first["results"] == second["results"]
    pairs = zip(first["data"]["inputs"], second["data"]["inputs"], strict=True)
    assert all(one["name"] == two["name"] and one["sha256"] != two["sha256"] for one, two in pairs)


@pytest.mark.parametrize("change", [{"investment": Decimal("0.1001")}, {"origin": "境外"}, {"unit": "无此单位"}])
def test_another_result_has_another_digest(change, tmp_path):
    """A digit, a word, a row that no longer counts: each shows in the digest of results."""
    wanted = evaluated(write_as("csv", ROWS, tmp_path)).receipt["results"]["sha256"]
    found = evaluated(write_as("csv", [{**ROWS[0], **change}, ROWS[1]], tmp_path)).receipt["results"]["sha256"]
    assert found != wanted


PROGRAM = """
import json, sys
import campaignrules as cr
print(json.dumps(cr.load(sys.argv[1]).evaluate(sys.argv[2], as_of="2023-12-31").receipt))
"""


def test_surroundings_are_of_no_account(tmp_path):
    """Hash seed, time zone and locale of the process do not show in a receipt."""
    path = write_as("csv", ROWS, tmp_path)
    wanted = evaluated(path).receipt
    place = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C", "PYTHONPATH": "src"}
    command = [sys.executable, "-c", PROGRAM, str(CAMPAIGN), str(path)]
    done = subprocess.run(command, capture_output=True, env=place, check=True, cwd=HERE.parent)
    assert json.loads(done.stdout) == wanted


def test_nothing_of_the_machine_is_told_that_the_caller_did_not_write(monkeypatch):
    """A shipped campaign and relative data: no folder of this machine, no user, no moment stands in the receipt."""
    monkeypatch.chdir(HERE.parent)
    evaluation = cr.load("yanjiang_2023").evaluate("examples/yanjiang_2023", as_of="2023-06-30")
    text = json.dumps(evaluation.receipt)
    assert evaluation.receipt["campaign"]["given"] == "yanjiang_2023"
    assert str(HERE.parent) not in text
    assert str(Path.home()) not in text
    assert dt.datetime.now(dt.UTC).date().isoformat() not in text


def test_a_password_is_not_written_down():
    """Of a database's URL the receipt has everything but the password."""
    assert receipts.where("postgresql://reader:geheim@host/data") == "postgresql://reader:***@host/data"


def test_texts_have_no_place_but_a_digest():
    """A campaign given as text or bytes is known by its digest only."""
    text = CAMPAIGN.read_text("utf-8")
    told = [cr.load(given).evaluate(None, as_of=AS_OF).receipt["campaign"] for given in (text, text.encode())]
    assert told[0] == told[1] == {"id": "intake_demo", "given": None, "sha256": sha256(CAMPAIGN.read_bytes())}


def test_overlays_stand_in_it_with_their_days():
    """Those in force and those to come, each with its file, its digest and its day."""
    path = HERE / "golden" / "scored"
    campaign = cr.load(path / "campaign.yaml", overlays=[path / "overlay.yaml", path / "later.yaml"])
    found = campaign.evaluate({}, as_of="2023-02-28").receipt["overlays"]
    assert [(one["in_force"], one["sha256"]) for one in found] == [
        (True, sha256((path / "overlay.yaml").read_bytes())), (False, sha256((path / "later.yaml").read_bytes())),
    ]  # fmt: skip
    assert found[0]["effective"] < "2023-02-28" < found[1]["effective"]
    assert found[0]["given"] == str(path / "overlay.yaml")


def test_readings_that_were_chosen_are_told_from_those_of_the_file():
    """Both are needed: what held, and what a replay has to ask for."""
    campaign = cr.load("yanjiang_2023", readings={"withdrawn": "stay"})
    found = campaign.evaluate({}, as_of="2023-06-30").receipt["readings"]
    assert found["chosen"] == {"withdrawn": "stay"}
    assert len(found["taken"]) > len(found["chosen"])


def test_many_faulty_rows_in_any_order_give_one_digest(tmp_path):
    """Which of more findings than are listed come first depends on the order of rows; the digest does not."""
    bad = [
        {**ROWS[0], "id": f"B{i}", "unit": "无此单位" if i % 2 else "甲县", "jobs": None if i % 2 else "x"}
        for i in range(2200)
    ]
    paths = []
    for name, rows in (("one", bad), ("two", bad[::-1])):
        (tmp_path / name).mkdir()
        paths.append(write_as("csv", rows, tmp_path / name))
    first, second = (evaluated(path).receipt["results"] for path in paths)
    assert first == second


def test_a_large_file_that_has_changed_since_has_no_digest(tmp_path):
    """Where nobody can say any more what was read, nothing is claimed."""
    path = tmp_path / "x.parquet"
    path.write_bytes(b"1234")
    kept, lost = digests.of_file("x", path, 3), digests.of_file("x", path, 3)
    assert kept.sha256 == sha256(b"1234")
    path.write_bytes(b"12345")
    assert lost.sha256 is None
    path.unlink()
    assert digests.Input("x", "bytes", lost._digest).sha256 is None


def test_cells_are_told_apart_wherever_they_end():
    """'ab' 'c' is not 'a' 'bc', nothing is not the empty text, and columns may stand in any order."""

    def digest(**columns):
        return (
            cr.load(CAMPAIGN)
            .evaluate({"project": pl.DataFrame(columns)}, as_of=AS_OF)
            .receipt["data"]["inputs"][0]["sha256"]
        )

    assert digest(id=["ab", "c"]) != digest(id=["a", "bc"])
    assert digest(id=["", "c"]) != digest(id=[None, "c"])
    assert digest(id=["a"], name=["b"]) == digest(name=["b"], id=["a"])
    assert digest(id=["a"], name=["b"]) != digest(id=["b"], name=["a"])


def test_json_holds_the_receipt_and_evaluate_writes_it(tmp_path, capsys, monkeypatch):
    """`--receipt FILE` beside any report; what cannot be written whole is not written."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    path = write_as("csv", ROWS, tmp_path)
    written = tmp_path / "凭据.json"
    words = ["evaluate", str(CAMPAIGN), "--data", str(path), "--as-of", AS_OF, "--format", "json"]
    assert cli.main([*words, "--receipt", str(written)]) == 0
    assert json.loads(capsys.readouterr().out)["receipt"] == json.loads(written.read_text("utf-8"))
    assert cli.main([*words, "--receipt", str(tmp_path / "no" / "such.json")]) == 1
    assert "写" in capsys.readouterr().err
    assert cli.main([*words, "--receipt", "-"]) == 2


@pytest.mark.parametrize("size", [1_000, 7_777, 10**6])
def test_a_scan_has_the_digest_of_the_same_table_in_memory(size, monkeypatch):
    """In whatever parts it is read, with lists, dates and cells that are missing."""
    columns: dict[str, Any] = {
        "id": ["x", None, "yy"], "tracks": [["p", "q"], None, []], "jobs": [1, None, 3], "day": [DAY, None, DAY],
        "share": [1.5, None, 2.0], "amount": [Decimal("1.50"), None, Decimal("-3.00")],
    }  # fmt: skip
    frame = pl.DataFrame({name: cells * 10_000 for name, cells in columns.items()})
    monkeypatch.setattr(digests, "_BATCH", size)
    one, other = (digests.of_table("x", table_of("x", table)).sha256 for table in (frame, frame.lazy()))
    assert one == other
    changed = frame.with_columns(pl.when(pl.col("jobs") == 3).then(4).otherwise("jobs").alias("jobs"))
    assert digests.of_table("x", table_of("x", changed)).sha256 != one
