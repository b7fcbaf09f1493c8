"""Databases: the same table by every way into PostgreSQL and SQLite, and files that would harm are refused."""

import datetime as dt
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc_postgresql
import adbc_driver_sqlite.dbapi as adbc_sqlite
import psycopg
import pytest
import sqlalchemy as sa
from psycopg.rows import dict_row

import campaignrules as cr
from campaignrules.errors import CampaignError
from campaignrules.intake import Limits
from campaignrules.intake.databases import is_connection, tables_of
from campaignrules.intake.raw import Raw
from campaignrules.relational.passwords import without_passwords

from .postgres import Server, postgres_server  # noqa: F401  a fixture
from .submitted import SCHEMA, write_as

CAMPAIGN = Path(__file__).parent / "intake" / "campaign.yaml"
AS_OF = "2023-12-31"


def project_rows() -> list[dict[str, Any]]:
    """Rows with decimals that binary floats do not hold, empty cells, both answers, and dates."""
    day = dt.date(2023, 5, 15)
    common = {"share": None, "jobs": None, "tracks": None, "listed": None, "started_on": None, "signed_on": day}
    return [
        {**common, "id": "P1", "unit": "甲县", "investment": Decimal("0.1000"), "origin": "省内", "listed": True},
        {**common, "id": "P2", "unit": "乙县", "investment": Decimal("99999.9999"), "origin": "省外", "jobs": 30},
        {**common, "id": "007", "unit": "jia", "investment": Decimal("-3.3000"), "origin": "省内", "share": Decimal("12.30"),
         "listed": False, "started_on": day + dt.timedelta(20)},
    ]  # fmt: skip


def evaluated(data: Any) -> dict[str, Any]:
    """The whole evaluation, but for the receipt, which says what was read."""
    told = cr.load(CAMPAIGN).evaluate(data, as_of=AS_OF).to_json()
    del told["receipt"]
    return told


def columns() -> list[sa.Column[Any]]:
    """The columns of the table, each of the type that a database has for it."""
    kinds: dict[str, Any] = {
        "investment": sa.Numeric(18, 4),
        "share": sa.Numeric(9, 2),
        "jobs": sa.Integer(),
        "listed": sa.Boolean(),
    }
    kinds |= {"signed_on": sa.Date(), "started_on": sa.Date()}
    return [sa.Column(name, kinds.get(name, sa.Text())) for name in SCHEMA]


def filled(engine: sa.Engine, rows: list[dict[str, Any]]) -> None:
    """The table `project`, made anew."""
    data = sa.MetaData()
    table = sa.Table("project", data, *columns())
    with engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW IF EXISTS v_projects"))
        data.drop_all(connection)
        data.create_all(connection)
        connection.execute(table.insert(), rows)
        connection.execute(sa.text("CREATE VIEW v_projects AS SELECT * FROM project"))


@pytest.fixture(scope="module")
def server(postgres_server: Server) -> Server:  # noqa: F811  the fixture
    """A server with the table and a view of it."""
    engine = sa.create_engine(postgres_server.url)
    filled(engine, project_rows())
    engine.dispose()
    return postgres_server


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes of the same rows as CSV."""
    return evaluated({"project": write_as("csv", project_rows(), tmp_path_factory.mktemp("csv"))})


@contextmanager
def engine_of(url: str) -> Iterator[sa.Engine]:
    """An engine that is put away afterwards."""
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


@contextmanager
def connection_of(url: str) -> Iterator[sa.Connection]:
    """A connection of SQLAlchemy."""
    with engine_of(url) as engine, engine.connect() as connection:
        yield connection


WAYS = {
    "engine": lambda server: engine_of(server.url),
    "connection": lambda server: connection_of(server.url),
    "psycopg": lambda server: psycopg.connect(server.dsn),
    "psycopg without transactions": lambda server: psycopg.connect(server.dsn, autocommit=True),
    "psycopg with rows as mappings": lambda server: psycopg.connect(server.dsn, row_factory=dict_row),
    "adbc": lambda server: adbc_postgresql.connect(server.dsn),
}


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether two evaluations are the same in every result."""
    assert [one for one in found["findings"] if one["set_aside"]] == []
    parts = ("progress", "duties", "outcomes", "scores", "rankings", "honours", "pending")
    return all(found[part] == expected[part] for part in parts)


# -- PostgreSQL ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_gives_what_the_csv_file_gives(server, expected, prefix):
    """Every table that is named like a record type is read, to the last digit."""
    assert same(evaluated(server.dsn.replace("postgresql", prefix, 1)), expected)


@pytest.mark.parametrize("way", WAYS)
def test_an_engine_or_connection_gives_what_the_csv_file_gives(server, expected, way):
    """By SQLAlchemy, by the driver itself, by ADBC."""
    with WAYS[way](server) as source:
        assert same(evaluated(source), expected)


@pytest.mark.parametrize("way", WAYS)
def test_one_table_stands_in_a_mapping(server, expected, way):
    """A view of any name, named by the program."""
    with WAYS[way](server) as source:
        assert same(evaluated({"project": cr.table(source, "v_projects")}), expected)
        with_schema = cr.table(
            source, "v_projects", ["id", "unit", "investment", "origin", "signed_on"], schema="public"
        )
        taken = cr.load(CAMPAIGN).evaluate({"project": with_schema}, as_of=AS_OF)
        assert [count.read for count in taken.counts] == [3]


@pytest.mark.parametrize("way", WAYS)
def test_reading_leaves_a_connection_as_it_was(server, way):
    """No transaction stays open that was not."""
    with WAYS[way](server) as source:
        evaluated(source)
        if isinstance(source, sa.Connection):
            assert not source.in_transaction()
        if isinstance(source, psycopg.Connection):
            assert source.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def raw_of(source: Any, name: str) -> Raw:
    """One table as it comes."""
    return cr.table(source, name).read(Limits())


def cells(raw: Raw) -> list[tuple[Any, ...]]:
    """The rows without their numbers."""
    frame: Any = raw.frame
    return [row[:-1] for row in frame.iter_rows()]


ODD = """CREATE TABLE "签约 ""项目"" %s:x" ("占比%" numeric(9,2), "a""b:c" float8, f4 float4, j jsonb, u uuid, ta text[], ts timestamp,
tz timestamptz, b bytea, n numeric, i8 int8, m money, iv interval)"""
ODD_ROW = """INSERT INTO "签约 ""项目"" %s:x" VALUES (1.50, 0.1, 0.1, '{"a": 1}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{x,y}',
'2023-05-15', '2023-05-15', '\\x00ff', 'NaN', 9223372036854775807, 1.5, '1 day')"""


@pytest.mark.parametrize("way", WAYS)
def test_values_of_every_type_are_as_exact_as_the_database_has_them(server, way):
    """Floats as the shortest decimal, moments in the server's time zone, and what is no cell as text that no field takes."""
    name = '签约 "项目" %s:x'
    server.run(f'DROP TABLE IF EXISTS "{name.replace(chr(34), chr(34) * 2)}"', ODD, ODD_ROW)
    with WAYS[way](server) as source:
        raw = raw_of(source, name)
    assert raw.headers == ("占比%", 'a"b:c', "f4", "j", "u", "ta", "ts", "tz", "b", "n", "i8", "m", "iv")
    ((share, double, single, document, uuid, tags, moment, zoned, blob, no_number, large, money, interval),) = cells(
        raw
    )
    assert (share.rstrip("0"), double, single, large) == ("1.5", "0.1", "0.1", "9223372036854775807")
    assert (uuid, tags) == ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "x\x1fy")
    assert moment == zoned == "2023-05-15 00:00:00"
    assert document.startswith("\x1f")
    assert blob.startswith("\x1f")
    assert interval.startswith("\x1f")
    assert no_number.strip("\x1f").casefold() == "nan"
    assert not money.strip().isdigit()


def test_the_time_zone_of_the_client_makes_no_difference(server):
    """A moment with a time zone is on the day that the database says."""
    code = (
        "import sys, campaignrules as cr; from campaignrules.intake import Limits;"
        "print(cr.table(sys.argv[1], 'moments').read(Limits()).frame.rows())"
    )
    server.run(
        "DROP TABLE IF EXISTS moments", "CREATE TABLE moments AS SELECT timestamptz '2023-05-15 00:00:00+08' AS at"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, server.dsn],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "America/New_York")
    }
    assert said == {"[('2023-05-15 00:00:00', 1)]\n"}


@pytest.mark.parametrize("way", WAYS)
def test_more_rows_than_the_limit_are_refused(server, way):
    """They are not even fetched."""
    with WAYS[way](server) as source, pytest.raises(CampaignError) as caught:
        cr.table(source, "project").read(Limits(rows=2))
    assert caught.value.diagnostics[0].code == "too-many-rows"


@pytest.mark.parametrize("way", WAYS)
def test_a_table_that_is_not_there_is_our_error(server, way):
    """With the first line of what the driver says."""
    with WAYS[way](server) as source, pytest.raises(CampaignError) as caught:
        raw_of(source, 'nowhere"; DROP TABLE project; --')
    (fault,) = caught.value.diagnostics
    assert fault.code == "database-unreadable"
    assert "nowhere" in fault.message.zh
    assert "\n" not in fault.message.zh


def test_a_database_without_tables_of_the_campaign_is_refused(server):
    """Those that are there are named."""
    with pytest.raises(CampaignError) as caught:
        list(tables_of(server.dsn, lambda _: None, Limits()))
    assert caught.value.diagnostics[0].code == "database-without-tables"
    assert "project" in caught.value.diagnostics[0].message.zh


# -- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "url"),
    [
        ("database-unreadable", "postgresql://anna:g%40heim@127.0.0.1:1/data"),
        ("database-unreadable", "postgresql://anna:g@heim@127.0.0.1:1/data"),
        ("database-unreadable", "postgresql://127.0.0.1:1/data?user=anna&password=g@heim"),
        ("database-unreadable", "postgresql://anna:g@heim@[/data"),
        ("database-unreadable", "postgresql://anna:g@heim@host:port/data"),
        ("database-unreadable", "nonsense://anna:g@heim@host/data"),
        ("database-unreadable", "://anna:g@heim@host/data"),
        ("extra-missing", "mysql+pymysql://anna:g@heim@host/data"),
    ],
)
def test_no_error_shows_a_password(code, url):
    """Neither in the name of the database nor in what the driver says."""
    with pytest.raises(CampaignError) as caught:
        evaluated(url)
    (fault,) = caught.value.diagnostics
    assert fault.code == code
    assert "heim" not in f"{fault.message.zh} {fault.message.en} {caught.value}"


def test_a_message_is_freed_of_the_passwords_of_its_source():
    """Of an engine's URL, too."""
    engine = sa.create_engine("postgresql+psycopg://anna:geheim@host/data")
    assert without_passwords("no entry for geheim", engine) == "no entry for ***"
    assert without_passwords("password='geheim' host=x", None) == "password=*** host=x"


def test_a_driver_that_is_not_installed_is_named_with_how_to_install_it(monkeypatch):
    """Without SQLAlchemy a URL cannot be read."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(CampaignError) as caught:
        evaluated("mysql://host/data")
    (fault,) = caught.value.diagnostics
    assert fault.code == "extra-missing"
    assert "campaignrules[databases]" in fault.message.zh


def test_drivers_are_not_imported_for_files():
    """Reading a folder does not wait for any of them."""
    code = "import sys, campaignrules.intake; print(sorted({'sqlalchemy', 'sqlite3', 'psycopg'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_is_a_connection_is_known_without_its_driver():
    """By what it can do; frames, paths and lists are none."""
    with closing(sqlite3.connect(":memory:")) as connection:
        assert is_connection(connection)
    others: list[object] = [None, 5, "x", [], {}, Path(), sa, SCHEMA]
    for other in others:
        assert not is_connection(other)


def test_a_connection_that_raises_is_our_error():
    """Whatever a driver does."""

    class Broken:
        def cursor(self) -> Any:
            raise MemoryError

        def close(self) -> None:
            raise MemoryError

    with pytest.raises(CampaignError) as caught:
        evaluated(Broken())
    assert caught.value.diagnostics[0].code == "database-unreadable"


# -- SQLite -------------------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """The table in a file, as SQLAlchemy writes it."""
    path = tmp_path / "data.sqlite"
    with engine_of(f"sqlite:///{path}") as engine:
        filled(engine, project_rows())
    return path


def test_a_sqlite_file_gives_what_the_csv_file_gives(sqlite_file, expected):
    """By its path, by URL, by connections of every kind, and as one table."""
    assert same(evaluated(sqlite_file), expected)
    assert same(evaluated(sqlite_file.parent), expected)
    assert same(evaluated(f"sqlite:///{sqlite_file}"), expected)
    assert same(evaluated({"project": cr.table(sqlite_file, "v_projects")}), expected)
    with connection_of(f"sqlite:///{sqlite_file}") as connection:
        assert same(evaluated(connection), expected)
    with closing(sqlite3.connect(sqlite_file)) as connection:
        connection.row_factory = sqlite3.Row
        assert same(evaluated(connection), expected)
    with adbc_sqlite.connect(str(sqlite_file)) as connection:
        assert same(evaluated({"project": cr.table(connection, "v_projects")}), expected)


def made(path: Path, *statements: str) -> Path:
    """A SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement.replace("LOOP", LOOP))
        connection.commit()
    return path


def reason(path: Path, **limits: int) -> str:
    """The code that a file is refused with."""
    with pytest.raises(CampaignError) as caught:
        list(tables_of(path, lambda name: name, Limits(**limits)))
    return caught.value.diagnostics[0].code


LOOP = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
HOSTILE = {
    "a query that never ends": ("database-too-slow", ["CREATE VIEW project AS LOOP SELECT count(*) AS n FROM c"]),
    "rows that never end": ("too-many-rows", ["CREATE VIEW project AS LOOP SELECT x FROM c"]),
    "texts that never end": (
        "table-too-large", ["CREATE VIEW project AS LOOP SELECT printf('%.*c', 30000, 'x') AS x FROM c"]
    ),
    "blobs that never end": ("too-many-rows", ["CREATE VIEW project AS LOOP SELECT zeroblob(2000000) AS x FROM c"]),
    "a blob too large": ("database-unreadable", ["CREATE VIEW project AS SELECT zeroblob(900000000) AS x"]),
    "a join of itself": (
        "database-too-slow",
        ["CREATE TABLE t (x)", "INSERT INTO t LOOP SELECT x FROM c LIMIT 300",
         "CREATE VIEW project AS SELECT count(*) AS n FROM t, t a, t b, t c, t d"],
    ),
    "an extension": ("database-unreadable", ["CREATE VIEW project AS SELECT load_extension('x') AS x"]),
    "only virtual tables": ("database-without-tables", ["CREATE VIRTUAL TABLE project USING rtree(id, a, b)",
                                                       "DROP TABLE project"]),
    "many columns": ("too-many-columns", [f"CREATE TABLE project ({', '.join(f'c{i}' for i in range(201))})"]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sqlite_file_is_refused_soon(tmp_path, name):
    """What its views may cost is bounded by its size."""
    code, statements = HOSTILE[name]
    path = made(tmp_path / "data.db", *statements)
    start = time.thread_time()
    assert reason(path, rows=50_000, unpacked=2**24) == code
    assert time.thread_time() - start < 5


def test_a_sqlite_file_in_use_is_refused(tmp_path):
    """Changes that are still in its log would not be seen."""
    path = tmp_path / "data.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE project (id)")
        connection.commit()
        assert reason(path) == "database-in-use"
    assert [name for name, _ in tables_of(path, lambda name: name, Limits())] == ["project"]


def test_a_sqlite_file_is_not_changed_and_nothing_is_written_beside_it(sqlite_file):
    """Neither a log nor a journal."""
    before = sqlite_file.read_bytes()
    evaluated(sqlite_file)
    assert sqlite_file.read_bytes() == before
    assert list(sqlite_file.parent.iterdir()) == [sqlite_file]


@pytest.mark.parametrize("name", ["a?b.db", "50%20.db", "甲 县#1.db", "file:x.db", "..&mode=rwc.db"])
def test_a_sqlite_file_may_have_any_name(sqlite_file, tmp_path, name, expected):
    """Nothing in a name is taken for an option."""
    path = tmp_path / "other" / name
    path.parent.mkdir()
    shutil.copy(sqlite_file, path)
    assert same(evaluated(path), expected)


def test_text_that_is_no_text_is_named_with_its_row(tmp_path):
    """Blobs, broken UTF-8 and texts longer than a cell; infinity is no number."""
    path = made(
        tmp_path / "data.db",
        "CREATE TABLE t (id, a, b)",
        "INSERT INTO t VALUES (x'00', cast(x'ff00' AS text), printf('%.*c', 40000, 'x'))",
        "INSERT INTO t VALUES (9e999, 1.5, 9223372036854775807)",
    )
    ((_, raw),) = tables_of(path, lambda name: name, Limits())
    first, second = cells(raw)
    assert all(cell.startswith("\x1f") for cell in first)
    assert second[0].startswith("\x1f")
    assert second[1:] == ("1.5", "9223372036854775807")


@pytest.mark.parametrize(("code", "data"), [("database-unreadable", b""), ("database-unreadable", b"SQLite format 3"),
                                            ("database-unreadable", b"SQLite format 3\0" * 200)])  # fmt: skip
def test_what_only_claims_to_be_sqlite_is_refused(tmp_path, code, data):
    """The first bytes do not make one."""
    path = tmp_path / "data.db"
    path.write_bytes(data)
    assert reason(path) == code
    path.unlink()
    assert reason(path) == "file-not-found"


def test_a_damaged_sqlite_file_is_refused_or_read(sqlite_file):
    """Bytes changed anywhere raise nothing else."""
    whole = sqlite_file.read_bytes()
    luck = random.Random(1)  # noqa: S311  to damage files
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(luck.choice([1, 3, 10])):
            data[luck.randrange(luck.choice([len(data), 120]))] = luck.randrange(256)
        sqlite_file.write_bytes(data)
        try:
            list(tables_of(sqlite_file, lambda name: name, Limits()))
        except CampaignError:
            continue


def test_large_files_are_refused(sqlite_file):
    """As every upload."""
    assert reason(sqlite_file, bytes=1000) == "byte-limit"
