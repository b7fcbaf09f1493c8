"""Where tables may be that stay where they are, who is asked to work on them, and what is said when that cannot be."""

import datetime as dt
import gc
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pytest

import campaignrules as cr
from campaignrules.errors import CampaignError
from campaignrules.intake import Limits, take
from tests.engines import load, postgres_server, spark
from tests.test_related import CAMPAIGN, CHECKED, rows_of

__all__ = ["postgres_server", "spark"]

AS_OF = "2023-06-30"
FEW = Limits(scanned=3)
"""Tables of more rows are large."""


@pytest.fixture
def connection():
    """A DuckDB database with five projects and two figures."""
    with duckdb.connect() as found:
        fill(found)
        yield found


def fill(connection, height=5):
    """The table of projects, and one that the campaign brings itself."""
    connection.register("given", rows_of(id=[f"P{i}" for i in range(height)]).to_arrow())
    connection.execute("CREATE TABLE project AS SELECT * FROM given")
    connection.execute("CREATE TABLE figures (metric VARCHAR, unit VARCHAR, date DATE, value DECIMAL(9, 2))")
    connection.unregister("given")


def stays(taken, record="project"):
    """Whether a table was left where it is."""
    return taken.tables[record].relation is not None


def code_of(data, **more):
    """The code of the one fault that the data are refused for."""
    with pytest.raises(CampaignError) as caught:
        take(CHECKED, data, **more)
    (fault,) = caught.value.diagnostics
    return fault.code


# -- who works on the rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "limits", "left"),
    [("auto", Limits(), False), ("auto", FEW, True), ("duckdb", Limits(), True), ("polars", FEW, False)],
)
def test_small_tables_are_read_here_and_large_ones_stay(connection, engine, limits, left):
    """Unless somebody says otherwise; what a campaign brings itself is always read here."""
    taken = take(CHECKED, cr.sql(connection), limits, engine=engine)
    assert stays(taken) is left
    assert not stays(taken, "figures")
    assert len(taken.rows("project")) == 5
    assert taken.counts["project"].read == 5


def test_a_connection_may_be_given_as_it_is(connection):
    """As any connection."""
    assert stays(take(CHECKED, connection, engine="duckdb"))
    assert not stays(take(CHECKED, connection))


def test_a_mapping_may_mix_where_tables_are(connection, tmp_path):
    """A relation beside a file; a source for one of its tables; a table of a database."""
    (tmp_path / "figures.csv").write_text("metric,unit,date,value\nexports,jia,2023-05-01,2\n", encoding="utf-8")
    for given in (cr.sql(connection, {"project": "project"}), cr.table(connection, "project")):
        taken = take(CHECKED, {"project": given, "figures": tmp_path / "figures.csv"}, FEW)
        assert stays(taken)
        assert taken.counts["figures"].read == 1


def test_relations_of_the_default_connection_stay(tmp_path):
    """`duckdb.read_parquet` gives one."""
    rows_of(id=[f"P{i}" for i in range(5)]).write_parquet(tmp_path / "part.parquet")
    taken = take(CHECKED, {"project": duckdb.read_parquet(str(tmp_path / "*.parquet"))}, FEW)
    assert stays(taken)
    assert {row["id"] for row in taken.rows("project")} == {f"P{i}" for i in range(5)}


def test_a_relation_of_any_other_connection_is_read(connection):
    """Nobody can ask that connection with parameters; as a table of `sql` it stays."""
    relation = connection.sql("SELECT * FROM project WHERE id <> 'P0'")
    assert len(take(CHECKED, {"project": relation}, FEW).rows("project")) == 4
    assert code_of({"project": relation}, engine="duckdb") == "relation-elsewhere"
    assert stays(take(CHECKED, cr.sql(connection, {"project": relation}), FEW))


def test_tables_of_other_schemas_are_named_in_two_parts(connection):
    """A dot in a name is part of it."""
    connection.execute('CREATE SCHEMA "old.er"; CREATE TABLE "old.er"."a.b" AS SELECT * FROM project LIMIT 4')
    assert len(take(CHECKED, cr.sql(connection, {"project": ("old.er", "a.b")}), FEW).rows("project")) == 4
    assert code_of(cr.sql(connection, {"project": "old.er.a.b"})) == "database-unreadable"


# -- files and folders --------------------------------------------------------------------------------------------


def test_files_of_duckdb_are_databases(tmp_path):
    """By themselves, by a URL, and in a folder."""
    path = tmp_path / "data.duckdb"
    with duckdb.connect(str(path)) as connection:
        fill(connection)
    for data in (path, f"duckdb:///{path}", tmp_path):
        assert len(take(CHECKED, data).rows("project")) == 5
        assert stays(take(CHECKED, data, FEW))
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"x" * 100)
    assert code_of(broken) == "database-unreadable"


@pytest.mark.parametrize(
    "reaching",
    ["SELECT content AS id FROM read_text('{secret}')", "FROM '{secret}'", "SELECT file AS id FROM glob('/*')"],
)
def test_a_view_of_a_file_reaches_no_other_file(tmp_path, reaching):
    """The file may come from anybody, and its views are queries of whoever made it."""
    (tmp_path / "secret.csv").write_text("id\n7\n", encoding="utf-8")
    path = tmp_path / "data.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW project AS {reaching.format(secret=tmp_path / 'secret.csv')}")
    before = sorted(tmp_path.iterdir())
    assert code_of(path) == code_of(f"duckdb:///{path}") == "database-unreadable"
    assert sorted(tmp_path.iterdir()) == before


def test_only_files_are_opened_as_files_of_duckdb():
    """What DuckDB would take for a name of something on the network is a path."""
    for name in ("md:projects", "s3://bucket/projects.duckdb", ":memory:", "postgres:host=nowhere"):
        assert code_of(f"duckdb:///{name}") == "database-unreadable"


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
@pytest.mark.parametrize("name", ["[12]", "it's {1,2}*?"])
def test_names_of_folders_are_no_patterns(tmp_path, request, engine, name):
    """Beside a folder that the name as a pattern would find, too."""
    if engine == "spark":
        request.getfixturevalue("spark")
    for folder, id_ in (("1", "P1"), (name, "P2")):
        (tmp_path / folder).mkdir()
        rows_of(id=[id_]).write_parquet(tmp_path / folder / "project.parquet")
    taken = take(CHECKED, {"project": tmp_path / name / "project.parquet"}, engine=engine)
    assert stays(taken)
    assert [row["id"] for row in taken.rows("project")] == ["P2"]


@pytest.mark.parametrize("engine", ["polars", "duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def test_partitions_are_looked_for_below_what_was_submitted(tmp_path, request, engine):
    """Even if there is but one of them; what the folders above are called says nothing of the rows."""
    if engine == "spark":
        request.getfixturevalue("spark")
    lake = tmp_path / "id=P9" / "lake"
    folder = lake / "project" / "origin=in_province"
    folder.mkdir(parents=True)
    rows_of(id=["P1", "P2"]).drop("origin").write_parquet(folder / "1.parquet")
    taken = take(CHECKED, lake, engine=engine)
    assert [(row["id"], row["origin"]) for row in taken.rows("project")] == [
        ("P1", "in_province"), ("P2", "in_province")
    ]  # fmt: skip


def test_parquet_of_a_folder_is_asked_by_the_engine_that_is_chosen(tmp_path):
    """Many files are one table, folders named like year=2023 are columns; all other files are read as always."""
    frame = rows_of(id=[f"P{i}" for i in range(6)])
    for number, (name, part) in enumerate((("origin=in_province", frame[:4]), ("origin=out_of_province", frame[4:]))):
        folder = tmp_path / "project" / name
        folder.mkdir(parents=True)
        part.drop("origin").write_parquet(folder / f"{number}.parquet")
    (tmp_path / "figures.csv").write_text("metric,unit,date,value\nexports,jia,2023-05-01,2\n", encoding="utf-8")
    there = CAMPAIGN.evaluate(tmp_path, as_of=AS_OF, engine="duckdb")
    here = CAMPAIGN.evaluate(tmp_path, as_of=AS_OF)
    assert stays(there.submission)
    assert not stays(here.submission)
    assert there.results == here.results
    assert all(one["sha256"] for one in there.receipt["data"]["inputs"])


@pytest.mark.parametrize(("engine", "limits"), [("polars", Limits()), ("polars", FEW), ("duckdb", Limits())])
def test_a_partition_that_is_no_field_is_nobodys_mistake(tmp_path, engine, limits):
    """No note says that the campaign does not ask for it; of a column of the file one does."""
    folder = tmp_path / "project" / "year=2023"
    folder.mkdir(parents=True)
    rows_of(id=[f"P{i}" for i in range(5)]).with_columns(colour=pl.lit("red")).write_parquet(folder / "1.parquet")
    found = [one for one in take(CHECKED, tmp_path, limits, engine=engine).findings if one.code == "unknown-column"]
    assert [one.column for one in found] == ["colour"]


def test_a_single_file_of_parquet_is_asked_too(tmp_path):
    """By itself and in a mapping."""
    path = tmp_path / "project.parquet"
    rows_of(id=["P1", "P2"]).write_parquet(path)
    assert stays(take(CHECKED, path, engine="duckdb"))
    assert stays(take(CHECKED, {"project": path}, engine="duckdb"))
    assert not stays(take(CHECKED, path))


def test_relations_do_not_stay_registered(connection):
    """Under a name of ours, when their evaluations are not needed any more; one of the same source has one name."""
    relation = connection.sql("SELECT * FROM project")
    source = cr.sql(connection, {"project": relation})
    for _ in range(3):
        assert stays(take(CHECKED, source, FEW))
    assert len(ours(connection)) == 1
    for _ in range(3):
        assert stays(take(CHECKED, cr.sql(connection, {"project": relation}), FEW))
        gc.collect()
    assert len(ours(connection)) <= 3


def ours(connection):
    """The views that were made here."""
    named = "SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'campaignrules%'"
    return connection.execute(named).fetchall()


# -- PostgreSQL and Spark -----------------------------------------------------------------------------------------


def test_tables_of_postgres_stay_when_they_are_large(postgres_server):
    """By URL, psycopg, SQLAlchemy; small ones are read as ever."""
    import psycopg
    import sqlalchemy

    postgres_server.run("CREATE SCHEMA s", "CREATE TABLE s.x (id text)")
    from campaignrules.relational.engines.postgres import PostgresEngine

    with psycopg.connect(postgres_server.dsn, options="-c search_path=s") as own:
        load(PostgresEngine(own), rows_of(id=[f"P{i}" for i in range(5)]), "project")
        url = f"{postgres_server.dsn}&options=-csearch_path%3Ds"
        engine = sqlalchemy.create_engine(postgres_server.url + "&options=-csearch_path%3Ds")
        for given in (own, url, engine):
            assert stays(take(CHECKED, given, FEW))
            assert not stays(take(CHECKED, given))
            taken = take(CHECKED, cr.sql(given, {"project": ("s", "project")}), engine="postgres")
            assert stays(taken)
            assert len(taken.rows("project")) == 5
        assert own.info.transaction_status == 0
        assert code_of(cr.sql(own, {"project": "nowhere"})) == "database-unreadable"
        engine.dispose()
    postgres_server.run("DROP SCHEMA s CASCADE")


@pytest.mark.spark
def test_data_frames_and_tables_of_spark_stay(spark):
    """A data frame in a mapping, or by name from the session."""
    frame = spark.createDataFrame(
        rows_of(id=[f"P{i}" for i in range(5)]).to_arrow(compat_level=pl.CompatLevel.oldest())
    )
    frame.createOrReplaceTempView("projects_of_spark")
    for given in ({"project": frame}, cr.spark(spark, {"project": "projects_of_spark"})):
        assert stays(take(CHECKED, given, FEW))
    assert len(take(CHECKED, {"project": frame}).rows("project")) == 5


# -- what cannot be -----------------------------------------------------------------------------------------------


def test_an_engine_that_nobody_knows_is_refused(connection):
    """With the names of those that there are; so is a connection of another kind."""
    assert code_of(cr.sql(connection), engine="oracle") == "unknown-engine"
    for given in (object(), "mysql://host/data", 5):
        with pytest.raises(CampaignError, match="not-a-connection"):
            cr.sql(given)
    with pytest.raises(CampaignError, match="not-a-connection"):
        cr.sql(connection, engine="spark")
    with pytest.raises(CampaignError, match="not-a-connection"):
        cr.spark(object())


def test_a_password_of_a_place_that_cannot_be_asked_is_not_shown():
    """What was given is named without it."""
    with pytest.raises(CampaignError, match=r"mysql://reader:\*\*\*@host/data") as raised:
        cr.sql("mysql://reader:geheim@host/data")
    assert "geheim" not in str(raised.value)


def test_an_engine_is_asked_only_about_its_own_tables(connection, tmp_path):
    """DuckDB does not know what PostgreSQL holds."""
    assert code_of(cr.sql(connection), engine="spark") == "other-engine"
    assert code_of(connection, engine="postgres") == "other-engine"
    assert code_of(tmp_path, engine="postgres") == "other-engine"
    assert code_of(tmp_path / "none", engine="postgres") == "file-not-found"


def test_a_table_that_is_none_is_refused(connection):
    """Numbers are no names, and a database without any table of the campaign is told."""
    assert code_of(cr.sql(connection, {"project": 5})) == "not-a-table"
    assert code_of(cr.sql(connection, {"project": ("a", "b", "c")})) == "not-a-table"
    with duckdb.connect() as empty:
        assert code_of(cr.sql(empty)) == "database-without-tables"


def test_a_large_table_is_not_brought_here(connection, monkeypatch):
    """Who needs each row is told so."""
    from campaignrules.intake import stores

    monkeypatch.setattr(stores, "FETCHED", 4)
    taken = take(CHECKED, cr.sql(connection), engine="duckdb")
    with pytest.raises(CampaignError, match="too-many-rows-here"):
        taken.rows("project")


def test_what_is_not_installed_is_told_with_how_to_install_it(connection, monkeypatch):
    """The name of the extra."""
    monkeypatch.setattr(
        "campaignrules.relational.sources.find_spec", lambda name: None if name == "sqlglot" else find_spec(name)
    )
    with pytest.raises(CampaignError, match=r"campaignrules\[duckdb\]"):
        take(CHECKED, cr.sql(connection), engine="duckdb")


def test_an_engine_that_is_asked_for_and_not_installed_is_no_fault_of_one_file(tmp_path, monkeypatch):
    """A folder is not evaluated without its Parquet files."""
    rows_of(id=["P1"]).write_parquet(tmp_path / "project.parquet")
    monkeypatch.setattr(
        "campaignrules.relational.sources.find_spec", lambda name: None if name == "duckdb" else find_spec(name)
    )
    with pytest.raises(CampaignError, match="extra-missing"):
        take(CHECKED, tmp_path, engine="duckdb")


def test_nothing_of_an_engine_is_imported_for_files():
    """Nor for the names of what gives sources."""
    folder = Path(__file__).parents[1] / "examples" / "yanjiang_2023"
    code = (
        "import sys, campaignrules as cr; cr.sql; cr.spark;"
        f"cr.load('yanjiang_2023').evaluate({str(folder)!r}, as_of='2023-06-30').findings;"
        "print(sorted({'sqlglot', 'duckdb', 'pyspark', 'psycopg', 'pyarrow'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_receipt_says_what_can_be_said_of_a_table_that_was_not_read(connection):
    """Its name and how many rows it had, no digest."""
    evaluation = CAMPAIGN.evaluate(cr.sql(connection), as_of=dt.date(2023, 6, 30), engine="duckdb")
    told = {one["name"]: one for one in evaluation.receipt["data"]["inputs"]}
    assert told["duckdb/project"]["sha256"] is None
    assert told["duckdb/project"]["tables"][0]["read"] == 5
    assert told["duckdb/figures"]["sha256"] is not None
