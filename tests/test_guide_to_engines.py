"""The guide for people who run databases (docs/engines.zh.md): its commands, pieces of Python and codes are real."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import campaignrules as cr
from campaignrules import cli
from campaignrules.intake.findings import FINDINGS
from tests.postgres import postgres_server

__all__ = ["postgres_server"]

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "engines.zh.md").read_text("utf-8")
COMMANDS = re.findall(r"^campaignrules .*$", PAGE, re.MULTILINE)
PIECES = re.findall(r"<!-- tested: (\w+) -->\n```python\n(.*?)\n```", PAGE, re.DOTALL)


@pytest.fixture
def example(tmp_path, monkeypatch):
    """A folder with the examples, and their tables in a file of DuckDB."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    folder = shutil.copytree(ROOT / "examples" / "yanjiang_2023", tmp_path / "examples" / "yanjiang_2023")
    with duckdb.connect("招商.duckdb") as connection:
        for table in folder.glob("*.csv"):
            connection.execute(f'CREATE TABLE "{table.stem}" AS FROM read_csv(?, all_varchar = true)', [str(table)])
    return folder


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_gives_the_progress_of_the_files(line, example, request, capsys):
    """Of the file of DuckDB and of a server, whoever computes; what is printed begins as it does for the files."""
    if "postgresql://" in line:
        line = line.replace("postgresql://reader@dbserver/zhaoshang", filled(request, example))
    assert cli.main(shlex.split(line)[1:]) == 0
    printed = capsys.readouterr().out
    assert cli.main(["evaluate", "yanjiang_2023", "--data", str(example), "--as-of", "2023-06-30"]) == 0
    wanted = capsys.readouterr().out
    assert printed.partition("\n报送数据\n")[0] == wanted.partition("\n报送数据\n")[0]


def filled(request, example):
    """The URL of a server that has the tables, as text."""
    server = request.getfixturevalue("postgres_server")
    for path in example.glob("*.csv"):
        header, *rows = duckdb.execute("FROM read_csv(?, all_varchar = true, header = false)", [str(path)]).fetchall()
        columns = ", ".join(f'"{name}" text' for name in header)
        texts = [
            ", ".join("NULL" if cell is None else "'" + cell.replace("'", "''") + "'" for cell in row) for row in rows
        ]
        values = ", ".join(f"({text})" for text in texts)
        server.run(f'CREATE TABLE "{path.stem}" ({columns})', f'INSERT INTO "{path.stem}" VALUES {values}')  # noqa: S608  our own examples
    return server.dsn


@pytest.mark.parametrize(("_name", "text"), PIECES)
@pytest.mark.usefixtures("example")
def test_each_piece_of_python_says_what_it_gives(_name, text):
    """Line by line; what stands behind a line is its value."""
    names: dict[str, object] = {}
    for line in text.splitlines():
        code, _, says = line.partition("  # ")
        if says:
            assert repr(eval(code, names)) == says, code  # noqa: S307  our own document
        else:
            exec(line, names)  # noqa: S102  our own document


def test_the_codes_of_its_table_are_those_of_findings():
    """A reader who looks for one finds it in what the command prints."""
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE.partition("## 三")[2], re.MULTILINE)
    assert len(rows) == 5
    assert {*rows} <= {*FINDINGS}


def test_a_process_that_asked_duckdb_ends_without_a_word(example):
    """DuckDB's objects are collected before the process ends, or it would complain on the screen."""
    command = [sys.executable, "-m", "campaignrules", *shlex.split(COMMANDS[1])[1:], "--no-progress"]
    environment = {"PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=example.parents[1], env=environment)
    assert done.stderr == ""


def test_the_readme_promises_what_there_is():
    """The names of its three lines exist, and the pages that it names."""
    assert callable(cr.sql)
    assert callable(cr.spark)
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in {*re.findall(r"\]\((docs/engines[a-z.]*)\)", readme)}:
        assert (ROOT / page).is_file(), page
