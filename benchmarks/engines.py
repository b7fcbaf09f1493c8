"""The benchmark campaign on DuckDB, PostgreSQL and Spark: `python benchmarks/engines.py [cube] [whole] [large]`.

`cube`: the cube through SQL against the same written by hand on that engine; `whole`: a whole evaluation, embedded and
on DuckDB, against everything in one hand-written statement; `large`: memory over a folder of Parquet. Options: `--rows`,
`--engines`, `--runs`. All hand-written answers are held against ours before anything is timed. What is not installed is
said and left out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl
from attrs import frozen
from make_data import units_table, write, write_partitioned
from queries import ALL_IN_ONE, as_rows, cube_queries, values_of
from run import AS_OF, DATA, HERE, campaign, compare, peak_of

import campaignrules as cr
from campaignrules import intake
from campaignrules.engine import cube
from campaignrules.engine.finish import bounds_of

UNITS: Final = [unit["id"] for unit in units_table()]
NEEDED: Final = {"duckdb": "duckdb", "postgres": "psycopg", "spark": "pyspark"}


@frozen
class Given:
    """The projects and units in an engine. `source`: as the library takes them; `ask`: a query's answer as a frame."""

    engine: str
    version: str
    source: Any
    ask: Callable[[str], pl.DataFrame]


# -- the three engines ---------------------------------------------------------------------------------------------


@contextmanager
def in_duckdb(place: Path) -> Iterator[Given]:
    """Tables in memory."""
    import duckdb  # noqa: PLC0415  what is not installed is left out

    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE project AS FROM read_parquet('{place}/*.parquet')")
        connection.execute("CREATE TABLE units (id VARCHAR, title VARCHAR, class VARCHAR)")
        connection.executemany("INSERT INTO units VALUES (?, ?, ?)", [list(unit.values()) for unit in units_table()])
        yield Given("duckdb", duckdb.__version__, cr.sql(connection), lambda text: _frame(connection.sql(text)))


def _frame(relation: Any) -> pl.DataFrame:
    found = pl.from_arrow(relation.to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    return found


COLUMNS: Final = "id TEXT, unit TEXT, company TEXT, investment NUMERIC(18,4), origin TEXT, sector TEXT, listed BOOLEAN, signed_on DATE, started_on DATE"


@contextmanager
def in_postgres(place: Path) -> Iterator[Given]:
    """A server of its own, with two workers for a query and room for its sorting; binary answers over a local socket."""
    sys.path.insert(0, str(HERE.parent))
    import psycopg  # noqa: PLC0415  what is not installed is left out
    from tests import postgres  # noqa: PLC0415  as above

    found = postgres.programs()
    if found is None:
        raise LookupError(postgres.MISSING)
    with postgres.running(found) as server, psycopg.connect(server.dsn, autocommit=True) as connection:
        for setting in ("work_mem = '512MB'", "max_parallel_workers_per_gather = 2", "jit = off"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE TABLE project ({COLUMNS})".encode())
        connection.execute("CREATE TABLE units (id TEXT, title TEXT, class TEXT)")
        with connection.cursor() as cursor, cursor.copy("COPY project FROM STDIN (FORMAT csv)") as copy:
            for part in sorted(place.glob("*.parquet")):
                copy.write(pl.read_parquet(part).write_csv(include_header=False))
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO units VALUES (%s, %s, %s)", [list(u.values()) for u in units_table()])
        connection.execute("VACUUM ANALYZE project")
        version = connection.execute("SHOW server_version").fetchone()
        with psycopg.connect(server.dsn, autocommit=True) as mine:
            yield Given(
                "postgres", str((version or "?")[0]).split()[0], cr.sql(mine), lambda text: _fetched(connection, text)
            )


def _fetched(connection: Any, text: str) -> pl.DataFrame:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(text.encode())
        names = [column.name for column in cursor.description or ()]
        return pl.DataFrame(dict(zip(names, zip(*cursor.fetchall(), strict=True), strict=True)), strict=False)


@contextmanager
def in_spark(place: Path) -> Iterator[Given]:
    """A session with two cores over the Parquet files, answers as Arrow."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  what is not installed is left out

    builder = SparkSession.builder.master("local[2]").appName("benchmarks").config("spark.ui.enabled", "false")
    for name, value in (
        ("sql.shuffle.partitions", 2),
        ("driver.memory", "4g"),
        ("log.level", "ERROR"),
        ("ui.showConsoleProgress", "false"),
    ):
        builder = builder.config(f"spark.{name}", value)
    session = builder.config("spark.sql.execution.arrow.pyspark.enabled", "true").getOrCreate()
    session.read.parquet(str(place)).createOrReplaceTempView("project")
    session.createDataFrame(units_table()).createOrReplaceTempView("units")
    tables = {"project": session.table("project"), "units": session.table("units")}

    def ask(text: str) -> pl.DataFrame:
        return _frame(_Arrow(session.sql(text)))

    try:
        yield Given("spark", session.version, cr.spark(session, tables), ask)
    finally:
        session.stop()


@frozen
class _Arrow:
    """A data frame of Spark that gives Arrow by DuckDB's word for it."""

    frame: Any

    def to_arrow_table(self) -> Any:
        return self.frame.toArrow()


PLACES: Final = {"duckdb": in_duckdb, "postgres": in_postgres, "spark": in_spark}


@contextmanager
def opened(engine: str, place: Path) -> Iterator[Given | None]:
    """The engine with the projects in it; None where it is not installed."""
    with ExitStack() as stack:
        found = None
        if find_spec(NEEDED[engine]) is None:
            print(f"left out: {engine} (pip install 'campaignrules[{engine}]')")
        else:
            try:
                found = stack.enter_context(PLACES[engine](place))
            except (LookupError, RuntimeError) as error:
                print(f"left out: {engine} ({error})")
        yield found


# -- the cube ------------------------------------------------------------------------------------------------------


def bench_cube(options: argparse.Namespace) -> None:
    """The cube through SQL, without and with intake, against the same written by hand on the same engine."""
    for engine in options.engines:
        for rows in options.rows or ([1_000_000, 10_000_000] if engine == "duckdb" else [1_000_000]):
            with opened(engine, write(DATA, rows)) as given:
                if given is not None:
                    _cube(given, rows, options.runs)


def _cube(given: Given, rows: int, runs: int) -> None:
    bench = campaign()
    submission, bounds = intake.take(bench.checked, given.source, engine=given.engine), bounds_of(bench.checked, AS_OF)
    ours = values(bench.evaluate(given.source, as_of=AS_OF, engine=given.engine))

    def alone() -> object:
        return cube.build(bench.plan, submission, AS_OF, bounds)

    def both() -> object:
        taken = intake.take(bench.checked, given.source, engine=given.engine)
        return cube.build(bench.plan, taken, AS_OF, bounds)

    for told, sets in (("the same cube by hand", False), ("by hand, companies counted there", True)):
        queries = cube_queries(given.engine, sets=sets)
        check_cube({name: given.ask(text) for name, text in queries.items()}, ours)

        def theirs(queries: Mapping[str, str] = queries) -> object:
            return [given.ask(text) for text in queries.values()]

        name = f"{given.engine} {given.version} {rows:>10,} rows"
        print(f"cube {name} against {told}: {compare(alone, theirs, runs)}", flush=True)
        if not sets:
            print(f"cube {name}, with intake, against {told}: {compare(both, theirs, runs)}", flush=True)


Shown = dict[tuple[str, str, str | None], tuple[Decimal | None, str]]
"""(metric, window, unit) → value and status."""


def values(evaluation: cr.Evaluation) -> Shown:
    """Our results of windows that have begun."""
    picked = evaluation.progress.filter(pl.col("status") != "not_due")
    return as_rows(picked.select("metric", "window", "unit", "value", "status"))


def check_cube(answers: Mapping[str, pl.DataFrame], ours: Shown) -> None:
    """Every number that the hand-written cube is good for is ours, to the last digit."""
    found = values_of(answers, UNITS)
    assert {key for key in ours if key[0] not in ("share_out", "growth")} == found.keys()
    wrong = [key for key, value in found.items() if value != ours[key][0]]
    assert not wrong, f"{len(wrong)} other values, {wrong[0]}: {found[wrong[0]]}, ours {ours[wrong[0]]}"


# -- everything at once --------------------------------------------------------------------------------------------


def bench_whole(options: argparse.Namespace) -> None:
    """A whole evaluation against one statement on DuckDB that goes from rows to values and statuses."""
    bench = campaign()
    for rows in options.rows or [10_000_000]:
        place = write(DATA, rows)
        data = {"project": pl.scan_parquet(place / "*.parquet"), "units": units_table()}
        with opened("duckdb", place) as given:
            if given is None:
                return
            ours = bench.evaluate(data, as_of=AS_OF, engine="polars")
            check_whole(values(bench.evaluate(given.source, as_of=AS_OF, engine="duckdb")), values(ours), Decimal(0))
            parts = {"in memory": "project", "of the files": f"read_parquet('{place}/*.parquet')"}
            for told, text in ((name, text) for name, text in ALL_IN_ONE.items() if options.only in name):
                check_whole(as_rows(given.ask(text)), values(ours), FLOATS)
                _whole(bench, given, data, f"{rows:>10,} rows against {told}", text, parts, options.runs)


FLOATS: Final = Decimal("1e-6")
"""How far the analyst's binary floats may be from our exact numbers; what ours gives through SQL may not be at all."""


def _whole(
    bench: cr.Campaign, given: Given, data: object, told: str, text: str, parts: Mapping[str, str], runs: int
) -> None:
    """Ours embedded against the statement on the same files; ours on DuckDB against it on the same table in memory."""
    of_files = text.replace("FROM project", f"FROM {parts['of the files']}")

    def embedded() -> object:
        return bench.evaluate(data, as_of=AS_OF, engine="polars").dense.targets

    def inside() -> object:
        return bench.evaluate(given.source, as_of=AS_OF, engine="duckdb").dense.targets

    print(f"whole, embedded, {told}, files: {compare(embedded, lambda: given.ask(of_files), runs)}", flush=True)
    print(f"whole, on DuckDB, {told}, tables: {compare(inside, lambda: given.ask(text), runs)}", flush=True)


def check_whole(theirs: Mapping[Any, Any], ours: Shown, most: Decimal) -> None:
    """Equal values, as far as binary floats are, and equal statuses."""
    assert theirs.keys() == ours.keys()
    wrong = [
        key for key, (value, status) in theirs.items() if status != ours[key][1] or _far(value, ours[key][0], most)
    ]
    assert not wrong, f"{len(wrong)} other results, {wrong[0]}: {theirs[wrong[0]]}, ours {ours[wrong[0]]}"


def _far(value: Any, ours: Decimal | None, most: Decimal) -> bool:
    if value is None or ours is None:
        return value is not ours
    return abs(Decimal(value) - ours) > most


# -- a large folder ------------------------------------------------------------------------------------------------


def bench_large(options: argparse.Namespace) -> None:
    """Peak memory over a partitioned folder of Parquet, above the imported libraries (Linux); the folder is removed."""
    for rows in options.rows or [50_000_000]:
        folder = Path(tempfile.mkdtemp(prefix="campaignrules-large-"))
        try:
            start = time.perf_counter()
            write_partitioned(folder / "project", rows)
            pl.DataFrame(units_table()).write_csv(folder / "units.csv")
            size = sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 2**30
            print(
                f"large {rows:,} rows, {size:.2f} GiB of Parquet, made in {time.perf_counter() - start:.0f} s",
                flush=True,
            )
            for engine in ("polars", *(e for e in options.engines if e == "duckdb")):
                _large(folder, rows, engine)
        finally:
            shutil.rmtree(folder)


def _large(folder: Path, rows: int, engine: str) -> None:
    before = "import time, run, polars, campaignrules.evaluation\n" + (
        "import duckdb, pyarrow\n" if engine == "duckdb" else ""
    )
    work = (
        f"started = time.perf_counter()\nfound = run.campaign().evaluate({str(folder)!r}, as_of=run.AS_OF, engine={engine!r})\n"
        "assert found.dense.targets\nprint(found.counts[0].read, time.perf_counter() - started)"
    )
    peak, said = peak_of(before, work)
    read, seconds = said.splitlines()[-1].split()  # DuckDB may have told how far it was
    print(
        f"large {rows:,} rows, {engine}: {peak:,.0f} MiB at the peak, {int(read):,} rows read in {float(seconds):.1f} s",
        flush=True,
    )


BENCHMARKS: Final = {"cube": bench_cube, "whole": bench_whole, "large": bench_large}


def main(arguments: Sequence[str]) -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="all by default")
    parser.add_argument("--rows", type=int, action="append", help="instead of the sizes of each; may be repeated")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(PLACES))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="a part of the name of a statement of `whole`")
    options = parser.parse_args(arguments)
    versions = [
        f"{name} {metadata.version(name)}" for name in ("polars", "duckdb", "psycopg", "pyspark") if find_spec(name)
    ]
    print(f"python {sys.version.split()[0]}, {', '.join(versions)}")
    for name in options.names or BENCHMARKS:
        BENCHMARKS[name](options)


if __name__ == "__main__":
    main(sys.argv[1:])
