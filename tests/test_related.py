"""A table that stays in an engine means what it means when it is read here: cell by cell, row by row, key by key."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

import campaignrules as cr
from campaignrules.intake import take
from campaignrules.relational.queries import Query
from tests.engines import duckdb_engine, each_engine, load, postgres_engine, postgres_server, spark, spark_engine
from tests.submitted import SCHEMA, valid_rows

__all__ = ["duckdb_engine", "each_engine", "postgres_engine", "postgres_server", "spark", "spark_engine"]

CAMPAIGN = cr.load(Path(__file__).parent / "intake" / "campaign.yaml")
CHECKED = CAMPAIGN.checked
DAY = dt.date(2023, 5, 15)
NOON = dt.datetime(2023, 5, 15, 12)  # noqa: DTZ001  tables have such times
EDGE = 10**18


def source(engine, tables):
    """The engine's tables, as a user gives them."""
    if engine.dialect.name == "spark":
        return cr.spark(engine.session, tables)
    return cr.sql(engine.connection, tables)


def in_place(engine, frame, name="projects", checked=CHECKED):
    """What is taken of rows that the engine holds."""
    load(engine, frame, name)
    return take(checked, source(engine, {"project": name}), engine=engine.dialect.name)


def kept(taken):
    """The rows that may count, each as a tuple of the typed columns, in any order."""
    table = taken.tables["project"]
    if table.relation is None:
        rows = table.sound.collect()
    else:
        assert table._frame is None
        rows = table.relation.engine.run(Query(table.relation.query))
        rows = rows.filter(pl.col("ok")) if table.relation.valid else rows
    found = rows.select(table.columns.values()).rows()
    return Counter(tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in found)


def aside(taken):
    """Why rows were set aside, and how often."""
    every = (*taken.findings, *taken.tables["project"].faults())
    return Counter((found.code, found.column, found.value) for found in every if found.set_aside)


def agree(engine, frame, name="projects", checked=CHECKED):
    """The same rows taken from the engine and from memory; both answers."""
    there, here = in_place(engine, frame, name, checked), take(checked, {"project": frame})
    assert there.tables["project"].relation is not None
    assert kept(there) == kept(here)
    return there, here


def rows_of(**columns):
    """Sound projects, with other cells in some columns; the columns are as long as the first one given."""
    height = max((len(cells) for cells in columns.values()), default=1)
    sound = {
        "id": [f"P{i}" for i in range(height)], "unit": ["jia"] * height, "investment": [Decimal(1)] * height,
        "origin": ["in_province"] * height, "signed_on": [DAY] * height,
    }  # fmt: skip
    made = {name: columns.get(name, cells) for name, cells in {**sound, **columns}.items()}
    series = [
        cells.alias(name) if isinstance(cells, pl.Series) else pl.Series(name, cells, dtype=_typed(name, cells))
        for name, cells in made.items()
    ]
    return pl.DataFrame(series)


def _typed(name, cells):
    texts = any(isinstance(cell, str) for cell in cells)
    return pl.String if texts and name != "tracks" else SCHEMA[name]


# -- rows as programs keep them -----------------------------------------------------------------------------------


def test_sound_rows_are_the_same_without_a_condition(duckdb_engine):
    """Typed columns are taken as they are: nothing is asked of a row that counts anyhow."""
    frame = rows_of(
        id=["P1", "P2", "P3"], share=[Decimal("1.5"), None, Decimal("99.99")], jobs=[5, None, 0],
        listed=[True, None, False], tracks=[["food"], None, ["food", "health"]], started_on=[DAY, None, dt.date(2023, 12, 31)],
    ).drop("started_on")  # fmt: skip
    there, _ = agree(duckdb_engine, frame)
    (count,) = there.counts.values()
    assert not there.tables["project"].relation.valid
    assert (count.read, count.set_aside, count.screened) == (3, 0, 0)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=valid_rows(20))
def test_any_sound_rows_are_the_same(duckdb_engine, rows):
    """Titles, aliases and ids of words; lists; missing values."""
    duckdb_engine.connection.execute("DROP TABLE IF EXISTS projects")
    there, _ = agree(duckdb_engine, pl.DataFrame(rows, schema=SCHEMA))
    assert not aside(there)


def all_at_once():
    """Columns of every type with cells at every edge, in one table."""
    texts = {
        "investment": ["1", "1.5", "+2", "-3.2500", "1.00001", "1e3", "１．５", "1,234.5", "5000万元", "", None, "-", "x", "1.", ".5", "0001",
                       "99999999999999.9999", "999999999999999", "NaN", "1 "],
        "share": ["50", "50%", "0.5", "1.234", "-", None, " ", "五", "100.000", "1e400", "٣", "1/2", "12.5 %", "--", "0", "1", "2", "3", "4", "5"],
        "jobs": ["1", "2人", "1.0", "1.5", "", None, "-0", "+7", "1e2", "９", "0x10", "1_0", "1'000", "12345678901234567890", "0", "1", "2", "3", "4", "5"],
        "signed_on": ["2023-05-15", "2023/5/15", "20230515", "2023年5月15日", "2023-02-29", "0000-01-01", "2023-05-15 00:00:00",
                      "2023-05-15 09:30", "45061", "19999", "", None, "2023-5-15", "15/05/2023", "２０２３-05-15", " 2023-05-15 ", "9999-12-31",
                      "0001-01-01", "2023-05-15T00:00:00", "2023-05"],
        "origin": ["in_province", "省内", " 省外 ", "", None, "省內", "IN_PROVINCE", "out_of_province", "in_province\n", "'; DROP TABLE x; --",
                   *["省内"] * 10],
        "listed": ["是", "否", "", None, "maybe", "TRUE", "0", "√", " 是 ", "无", *["是"] * 10],
        "tracks": ["food", "食品饮料（预制菜、酒水）、医药", "", None, "food;food", "、、", "未知", "医药,health", " food ", "-", *["food"] * 10],
        "unit": ["jia", "甲", "甲县", "bing", None, "", " 乙县", "yi", "YI", "x" * 300, *["jia"] * 10],
        "id": ["P1", " P2 ", "", None, "P\x1f3", "#N/A", "5.1E+17", "P2.1", "P　4", "　P5", "\xa0P6", "P7\u2003", "é", "e\u0301", "a+b", "P1.1", *"wxyz"],
    }  # fmt: skip
    return pl.DataFrame({name: pl.Series(cells, dtype=pl.String) for name, cells in texts.items()})


def one_by_one(frame):
    """Each column's cells beside sound ones: what one column does is not hidden by another."""
    for name in frame.columns:
        yield rows_of(**{name: frame[name]})


def test_texts_are_read_as_texts_of_files_are(each_engine):
    """Every way to write a number, a day, a word: understood or named alike."""
    there, here = agree(each_engine, all_at_once(), "everything")
    assert aside(there) == aside(here)


def test_each_column_of_texts_by_itself(duckdb_engine):
    """Which of its cells are understood does not depend on others."""
    for number, frame in enumerate(one_by_one(all_at_once())):
        there, here = agree(duckdb_engine, frame, f"t{number}")
        assert aside(there) == aside(here)
        assert sum(kept(there).values()) < frame.height


TYPED = {
    "small whole numbers": {"investment": pl.Series([1, -5, 0, None, 127], dtype=pl.Int64)},
    "whole numbers too large": {"investment": pl.Series([EDGE // 10**4, EDGE // 10**4 - 1, -EDGE, 2**63 - 1, -(2**63)], dtype=pl.Int64)},
    "decimals of other scales": {"investment": pl.Series(["1.5", "1.00001", "-0.12340", None, "0"]).cast(pl.Decimal(12, 5))},
    "wide decimals": {
        "investment": pl.Series(["1.5", "99999999999999.9999", "100000000000000", "-99999999999999999999.5", "0.00001"]).cast(pl.Decimal(38, 5))
    },
    "floats": {"investment": pl.Series([0.1, 0.1 + 0.2, 1e15, 0.00001, float("nan"), float("inf"), -1.5, None, 1e300, 5e-324, -0.0, 12345678.9012, 1 / 3])},
    "floats of shares": {"share": pl.Series([0.5, 99.99, 1.005, 33.33, None, 1e14, -7.25])},
    "floats of counts": {"jobs": pl.Series([1.0, 1.5, 2.0**53, 1e15, None, -3.0])},
    "times": {"signed_on": pl.Series([NOON, NOON.replace(hour=0), None, dt.datetime(1, 1, 1), dt.datetime(2023, 5, 15, 0, 0, 1)])},  # noqa: DTZ001
    "whole numbers for days": {"signed_on": pl.Series([45061, 19999, None, 0, 109574, 109575], dtype=pl.Int64)},
    "floats for days": {"signed_on": pl.Series([45061.0, 45061.5, None])},
    "days for numbers": {"investment": pl.Series([DAY, None])},
    "whole numbers for text": {"id": pl.Series([1, 2, 2, 10**17], dtype=pl.Int64)},
    "floats for text": {"id": pl.Series([1.0, 1.5, 1e15, 1e22])},
    "decimals for text": {"id": pl.Series(["1.00", "2.50", "1.00"]).cast(pl.Decimal(9, 2))},
    "days for text": {"id": pl.Series([DAY, DAY, None])},
    "truths for words": {"origin": pl.Series([True, False, None])},
    "whole numbers for truths": {"listed": pl.Series([0, 1, 2, None], dtype=pl.Int64)},
    "truths for numbers": {"jobs": pl.Series([True, None])},
    "lists": {"tracks": pl.Series([["food"], [], [None], ["医药", "food"], ["x"], None, ["food、医药"], ["food", None]], dtype=pl.List(pl.String))},
    "lists for text": {"id": pl.Series([["a"], [], None, ["b", "c"]], dtype=pl.List(pl.String))},
}  # fmt: skip


@pytest.mark.parametrize("case", TYPED)
def test_columns_of_any_type_are_read_alike(duckdb_engine, case):
    """What a type cannot say by itself is read cell by cell; what nobody understands is named alike."""
    there, here = agree(duckdb_engine, rows_of(**TYPED[case]))
    assert aside(there) == aside(here)


SAMPLE = (
    "decimals of other scales",
    "wide decimals",
    "floats",
    "times",
    "whole numbers for text",
    "lists",
    "whole numbers too large",
)


@pytest.mark.parametrize("case", SAMPLE)
def test_columns_of_any_type_are_read_alike_in_postgres(postgres_engine, case):
    """PostgreSQL refuses what others let pass: floats too large to be multiplied, for one."""
    there, here = agree(postgres_engine, rows_of(**TYPED[case]))
    assert {one[:2] for one in aside(there)} == {one[:2] for one in aside(here)}


@pytest.mark.spark
def test_columns_of_any_type_are_read_alike_in_spark(spark_engine):
    """Spark raises what others let pass, under its ANSI rules."""
    cases = ("decimals of other scales", "floats of shares", "times", "lists")
    columns = {name: cells for case in cases for name, cells in TYPED[case].items()}
    most = max(len(cells) for cells in columns.values())
    there, here = agree(
        spark_engine, rows_of(**{n: c.extend_constant(None, most - len(c)) for n, c in columns.items()})
    )
    assert aside(there) == aside(here)


# -- rows and keys ------------------------------------------------------------------------------------------------

RULED = cr.load("""
campaign: ruled
title: t
period: {from: 2023-01-01, to: 2023-12-31}
phases:
  p1: {title: 一, from: 2023-04-01, to: 2023-05-15}
  p2: {title: 二, from: 2023-10-01, to: 2023-10-01}
units: {roster: submitted}
records:
  project:
    key: id
    fields:
      id: {type: text}
      part: {type: count, required: false}
      unit: {type: unit}
      amount: {type: quantity, unit: 万元, decimals: 2}
      signed_on: {type: date, within: [p1, p2]}
      done_on: {type: date, required: false}
    rules:
      - {that: done_on is None or done_on >= signed_on, says: 完成不得早于签约}
      - {that: "amount * 2 <= 1000 * 万元 or part == 7", says: 太大}
metrics:
  total: {sum: project.amount, on: signed_on}
targets:
  - {id: T-1, metric: total, in: campaign, for: campaign, at_least: 1 万元}
""")


def ruled():
    """Rows that break rules, lie outside windows, repeat keys; and some that only seem to."""
    day = dt.date
    rows = [
        ("a", 1, "u1", "1.00", day(2023, 4, 1), None), ("a", 1, "u1", "1.00", day(2023, 4, 1), None),
        ("a", 1, "u1", "2.00", day(2023, 4, 1), None), ("a", None, "u1", "3", day(2023, 5, 15), day(2023, 5, 14)),
        ("a", None, "u2", "3", day(2023, 5, 15), None), ("a", None, "u2", "3", day(2023, 5, 15), None),
        ("b", 1, "u2", "500", day(2023, 10, 1), day(2023, 10, 1)), ("b", 2, "u2", "500.01", day(2023, 10, 1), None),
        ("b", 7, "u2", "500.01", day(2023, 10, 1), None), ("c", 1, "u1", "-1", day(2023, 5, 16), None),
        ("c", 1, "u1", "-1", day(2023, 5, 15), None), (None, 1, "u1", "1", day(2023, 5, 1), None),
        ("d", 1, None, "1", day(2023, 5, 1), None), ("e", 1, "u3", None, day(2023, 5, 1), None), ("f", 1, "u3", "1", None, None),
    ]  # fmt: skip
    kinds = {
        "id": pl.String,
        "part": pl.Int64,
        "unit": pl.String,
        "amount": pl.String,
        "signed_on": pl.Date,
        "done_on": pl.Date,
    }
    return pl.DataFrame(rows, schema=kinds, orient="row").with_columns(pl.col("amount").cast(pl.Decimal(12, 2)))


@pytest.mark.parametrize("name", ["duckdb_engine", "postgres_engine"])
def test_rules_windows_and_keys_count_alike(request, name):
    """The first row of a key counts, in the table's own order; a row that is bad for another reason repeats nothing."""
    engine = request.getfixturevalue(name)
    there, here = agree(engine, ruled(), checked=RULED.checked)
    assert [(unit.id) for unit in there.roster.units] == [unit.id for unit in here.roster.units] == ["u1", "u2"]
    assert Counter(code for code, *_ in aside(there)) == Counter(code for code, *_ in aside(here))
    named = [found.message.zh for found in there.tables["project"].faults() if found.code == "outside-window"]
    assert len(named) == 1
    assert named[0].startswith("c：")
    assert {(one.unit, one.read, one.counted) for one in there.received} == {
        (one.unit, one.read, one.counted) for one in here.received
    }


def test_results_and_counts_are_the_same(duckdb_engine):
    """Counts of rows read and set aside come with the results."""
    frame = ruled()
    load(duckdb_engine, frame, "x")
    there = RULED.evaluate(source(duckdb_engine, {"project": "x"}), as_of="2023-12-31", engine="duckdb")
    here = RULED.evaluate({"project": frame}, as_of="2023-12-31")
    assert there.results == here.results
    assert there.counts == here.counts
    assert there.explain("T-1").value == here.explain("T-1").value


def test_whoever_only_checks_hears_of_every_bad_row_of_a_table_in_place(duckdb_engine):
    """`intake` counts and names what an evaluation would only count and name at its end."""
    frame = ruled()
    load(duckdb_engine, frame, "x")
    there = RULED.intake(source(duckdb_engine, {"project": "x"}), engine="duckdb")
    here = RULED.intake({"project": frame})
    assert there.counts == here.counts
    assert there.tables["project"].relation is not None
    (stands,), (read,) = there.sources, here.sources
    assert (stands.rows, stands.kept) == (read.rows, read.kept)
    assert Counter(one.code for one in there.findings if one.set_aside) == Counter(
        one.code for one in here.findings if one.set_aside
    )


def test_no_row_number_is_told_and_nothing_is_lost(duckdb_engine):
    """Each row that is set aside is named by its key, or counted with its column."""
    frame = rows_of(unit=["jia", "x", "yi", "y"] * 100)
    there = in_place(duckdb_engine, frame)
    found = there.tables["project"].faults(limit=100)
    (many,) = [one for one in found if one.code == "cells-not-understood"]
    assert many.column == "unit"
    assert "200" in many.message.en
    named = [one for one in found if one.code == "unknown-unit"]
    assert len(named) == 100
    assert named[0].row is None
    assert named[0].message.zh.startswith("P1：")


def test_without_an_order_the_least_row_of_a_key_counts(duckdb_engine):
    """A view has no row numbers: which row counts does not depend on how the rows come."""
    load(duckdb_engine, ruled(), "x")
    for name, order in (("up", "amount"), ("down", "amount DESC")):
        duckdb_engine.connection.sql("SELECT * FROM x").order(order).create_view(name)
    views = [take(RULED.checked, source(duckdb_engine, {"project": name}), engine="duckdb") for name in ("up", "down")]
    assert kept(views[0]) == kept(views[1])


def test_of_very_many_rows_keys_are_not_looked_at(duckdb_engine, monkeypatch):
    """A finding says so."""
    from campaignrules.intake import related

    monkeypatch.setattr(related, "KEYS_CHECKED", 3)
    there = in_place(duckdb_engine, rows_of(id=["P1"] * 4))
    assert [found.code for found in there.findings if found.code != "outside-period"] == ["keys-not-checked"]
    assert sum(kept(there).values()) == 4


def test_a_column_that_is_needed_and_not_there_leaves_no_row(duckdb_engine):
    """It is said once."""
    there = in_place(duckdb_engine, rows_of().drop("origin"))
    assert [found.code for found in there.findings] == ["missing-column"]
    assert not kept(there)


def test_headers_say_units_and_names_as_anywhere(duckdb_engine):
    """亿元 in a header of a table whose numbers are in 万元; a column nobody asks for is named."""
    frame = rows_of().select(
        pl.col("id").alias("项目编号"), pl.col("unit").alias("责任单位"), pl.lit(12345, pl.Int64).alias("协议投资额（万元）"),
        pl.col("origin").alias("投资来源"), pl.col("signed_on").alias("签约日期"), pl.lit("x").alias("extra; --"),
    )  # fmt: skip
    there, here = agree(duckdb_engine, frame, "headed")
    assert [found.code for found in there.findings] == ["unknown-column"]
    assert there.rows("project") == here.rows("project")
    assert there.rows("project")[0]["investment"] == Decimal(123450000)


HOSTILE = ['a"b', "select", "a'b", "'; DROP TABLE projects; --", "x" * 60, "报送 表", "a`b", "{x} %s $1 ? :p"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_tables_are_only_names(duckdb_engine, name):
    """Whatever stands in them."""
    there, _ = agree(duckdb_engine, rows_of(), name.replace('"', "″"))
    assert sum(kept(there).values()) == 1


def test_names_of_columns_and_cells_are_only_text(each_engine):
    """Whatever stands in them."""
    cells = pl.Series(
        ["'; DROP TABLE x; --", '"', "\\", "$1", "%s", "?", ":p1", "{p1}", "'", "/*", "--"], dtype=pl.String
    )
    frame = rows_of(id=cells).with_columns(pl.lit(1, pl.Int64).alias("x\"'; --"), pl.lit(1, pl.Int64).alias("SELECT"))
    there, _ = agree(each_engine, frame, "hostile")
    assert sum(kept(there).values()) == len(cells)


def test_too_many_different_cells_are_told(duckdb_engine, monkeypatch):
    """Those beyond the limit are not understood, and a finding says why."""
    from campaignrules.intake import held

    monkeypatch.setattr(held, "DIFFERENT", 5)
    there = in_place(duckdb_engine, rows_of(signed_on=[f"2023/5/{day}" for day in range(1, 11)]))
    assert sum(kept(there).values()) == 5
    codes = Counter(found.code for found in there.tables["project"].faults())
    assert codes == {"cells-not-understood": 1, "too-many-different": 1, "not-plainly-written": 5}


def test_zoned_times_are_days_of_the_session(duckdb_engine, postgres_engine):
    """The beginning of a day in the session's zone is that day; any other moment is none."""
    for engine in (duckdb_engine, postgres_engine):
        load(engine, rows_of(id=["P1", "P2"]).drop("signed_on"), "x")
        engine.connection.execute("SET TimeZone = 'Asia/Shanghai'")
        engine.connection.execute(
            "CREATE TABLE projects AS SELECT *, CASE WHEN id = 'P1' THEN TIMESTAMPTZ '2023-05-14 16:00:00+00' "
            "ELSE TIMESTAMPTZ '2023-05-15 00:00:00+00' END AS signed_on FROM x"
        )
        there = take(CHECKED, source(engine, {"project": "projects"}), engine=engine.dialect.name)
        assert [row[8] for row in kept(there)] == [DAY]
        assert [found.code for found in there.tables["project"].faults() if found.set_aside] == ["not-a-date"]


def test_wide_whole_numbers_and_names_of_a_list_are_read(duckdb_engine):
    """HUGEINT, ENUM and UUID are an engine's own."""
    duckdb_engine.connection.execute("CREATE TYPE origin AS ENUM ('省内', 'out_of_province', 'x')")
    duckdb_engine.connection.execute(
        "CREATE TABLE projects AS SELECT uuid() AS id, 'jia' AS unit, 1::HUGEINT AS investment, "
        "(['省内', 'out_of_province', 'x'])[i]::origin AS origin, DATE '2023-05-15' AS signed_on, "
        "(10::HUGEINT ** (i * 9))::HUGEINT AS jobs FROM range(1, 4) r(i)"
    )
    there = take(CHECKED, source(duckdb_engine, {"project": "projects"}), engine="duckdb")
    assert [(row[4], row[5]) for row in kept(there)] == [(10**9, "in_province")]


def test_what_only_postgres_has_is_set_aside_and_named(postgres_engine):
    """NUMERIC without a scale, which may be no number; days without end; floats that must not be multiplied."""
    load(postgres_engine, rows_of(id=[f"P{i}" for i in range(8)]).drop("investment", "signed_on"), "x")
    postgres_engine.connection.execute(
        "CREATE TABLE projects AS SELECT x.*, n AS investment, d AS signed_on, f AS share FROM x JOIN (VALUES "
        "('P0', 1.5::numeric, DATE '2023-05-15', 1.5::float8), ('P1', 'NaN', '2023-05-15', 1), ('P2', 1, 'infinity', 1), "
        "('P3', 1, '4000-01-01 BC', 1), ('P4', 1, '12023-01-01', 1), ('P5', 1, '2023-05-15', 1e308), ('P6', 1.00001, '2023-05-15', 1), "
        "('P7', 123456789012345678901234567890, '2023-05-15', 1)) v(id, n, d, f) USING (id)"
    )
    there = take(CHECKED, source(postgres_engine, {"project": "projects"}), engine="postgres")
    assert [(row[0], row[2], row[3]) for row in kept(there)] == [("P0", 15000, 150)]
    named = {found.message.zh[:2] for found in there.tables["project"].faults() if found.set_aside}
    assert named == {f"P{i}" for i in range(1, 8)}
    assert [row["id"] for row in there.rows("project")] == ["P0"]


@pytest.mark.parametrize("name", ["duckdb_engine", "postgres_engine"])
def test_many_different_cells_stand_in_a_table_of_their_own(request, name):
    """Numbers, days, lists and floats, a hundred of each that no engine could read."""
    many = range(100)
    frame = rows_of(
        id=[f" P{i}" for i in many], investment=[f"{i} 万元" for i in many], signed_on=[f"2023年{1 + i % 12}月{1 + i % 28}日" for i in many],
        tracks=pl.Series([["food"] * (1 + i // 3) + ["医药"] * (i % 3) for i in many], dtype=pl.List(pl.String)),
        share=pl.Series([0.1 + 0.2 + i for i in many]),
    )  # fmt: skip
    there, _ = agree(request.getfixturevalue(name), frame)
    assert sum(kept(there).values()) == 100
