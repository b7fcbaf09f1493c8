"""Benchmarks that print ratios: `python benchmarks/run.py [cube] [warm] [cold] [growth] … [history]` (all by default).

Each figure is the median of five runs, the compared commands taking turns, so that a noisy machine hurts both alike.
Quote the ratios, not the seconds.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import python_calamine
from attrs import frozen
from make_data import classes_table, projects, report, units_table, visits, write, write_workbook

import campaignrules as cr
from campaignrules import intake
from campaignrules.engine import cube
from campaignrules.engine.finish import bounds_of
from campaignrules.engine.scored import scored
from campaignrules.engine.values import Values
from campaignrules.intake import spreadsheets

HERE = Path(__file__).parent
DATA = Path(tempfile.gettempdir()) / "campaignrules_benchmarks"
AS_OF = dt.date(2023, 9, 30)
YEAR_END = dt.date(2023, 12, 31)
WINDOWS = [
    "2023", "2023H1", "2023H2", "2023Q1", "2023Q2", "2023Q3", "2023Q4", *(f"2023-{m:02d}" for m in range(1, 11)),
]  # fmt: skip
SECTORS = ["food", "health", "gas", "service", "farm"]
ORIGINS = ["in_province", "out_of_province", "overseas"]


def campaign(times: int = 1, windows: list[str] | None = None, period: str | None = None) -> cr.Campaign:
    """The benchmark campaign with a target per metric; `times` repeats the of-which metrics with other filters."""
    text = (HERE / "campaign.yaml").read_text(encoding="utf-8")
    if period is not None:
        text = re.sub(r"(?m)^period: .*$", f"period: {period}", text)
    names = [line.split(":")[0].strip() for line in text.split("\nmetrics:\n")[1].splitlines() if line.startswith("  ")]
    for copy in range(1, times):
        for metric, kind in (("projects", "n"), ("investment", "v")):
            for i in range(15):
                name = f"{kind}_extra_{copy}_{i}"
                text += (
                    f"  {name}: {{of: {metric}, where: sector == 'food' and investment >= {copy * 15 + i} * 亿元}}\n"
                )
                names.append(name)
    shown = ", ".join(windows or WINDOWS)
    text += "targets:\n"
    for name in names:
        demand = (
            "at_least: 1" if not name.startswith(("v_", "investment", "largest", "average")) else "at_least: 1 亿元"
        )
        demand = demand if not name.endswith("investment") else "at_least: 1 亿元"
        text += f"  - {{id: T-{name}, metric: {name}, in: [{shown}], for: [campaign, each unit], {demand}}}\n"
    return cr.load(text)


def by_hand(frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """What somebody who knows Polars well writes for this very cube."""
    value = pl.col("investment").to_physical().cast(pl.Int64)
    listed, big = pl.col("listed"), value >= 100_000

    def part(mask: pl.Expr, name: str) -> list[pl.Expr]:
        return [mask.sum().alias("n_" + name), pl.when(mask).then(value).sum().alias("v_" + name)]

    masks = [part(pl.col("origin") == o, o) for o in ORIGINS] + [part(pl.col("sector") == s, s) for s in SECTORS]
    signed = frame.group_by("unit", "signed_on").agg(
        pl.len().alias("n"), value.sum().alias("v"), value.max().alias("largest"),
        *part(listed, "listed"), *part(big, "big"), *(e for pair in masks for e in pair),
    )  # fmt: skip
    started = frame.filter(pl.col("started_on").is_not_null()).group_by("unit", "started_on").agg(
        pl.len().alias("n"), value.sum().alias("v"),
        (pl.col("signed_on").dt.year() == 2022).sum().alias("cohort_reached"),
    )  # fmt: skip
    cohort = frame.group_by("unit").agg((pl.col("signed_on").dt.year() == 2022).sum())
    month = (pl.col("signed_on").dt.year() - 2022) * 12 + pl.col("signed_on").dt.month().cast(pl.Int32)
    bit = pl.lit(pl.Series([1 << i for i in range(62)], dtype=pl.Int64)).gather(month)
    companies = (
        frame.select("unit", "company", bit.alias("bit")).group_by("unit", "company").agg(pl.col("bit").bitwise_or())
    )
    listed_companies = (
        frame.filter("listed").select("unit", "company", bit.alias("bit")).group_by("unit", "company")
        .agg(pl.col("bit").bitwise_or())
    )  # fmt: skip
    return [signed, started, cohort, companies, listed_companies]


@frozen
class Compared:
    """Medians of pairs: seconds of both, and ours / theirs by the clock and by processor time."""

    ours: float
    theirs: float
    clock: float
    cpu: float

    def __str__(self) -> str:
        seconds = f"{self.ours:.3f} s against {self.theirs:.3f} s"
        return f"{seconds}, ratio {self.clock:.2f} by the clock, {self.cpu:.2f} by processor time"


def compare(ours: Callable[[], object], theirs: Callable[[], object], runs: int = 5) -> Compared:
    """`runs` pairs whose members take turns, after one warm-up each."""
    ours(), theirs()
    pairs = [(_timed(ours), _timed(theirs)) for _ in range(runs)]
    return Compared(
        statistics.median(a[0] for a, _ in pairs),
        statistics.median(b[0] for _, b in pairs),
        statistics.median(a[0] / b[0] for a, b in pairs),
        statistics.median(a[1] / b[1] for a, b in pairs),
    )


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of processor time, this process and the programs it started."""
    clock, used = time.perf_counter(), _processor()
    work()
    return time.perf_counter() - clock, _processor() - used


def _processor() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in found)


def bench_cube(sizes: tuple[int, ...] = (10_000, 1_000_000, 10_000_000)) -> None:
    """Our cube against hand-written Polars on the same Parquet files."""
    bench = campaign()
    for rows in sizes:
        place = write(DATA, rows) / "*.parquet"
        data = {"project": pl.scan_parquet(place), "units": units_table()}

        submission = intake.take(bench.checked, data)
        bounds = bounds_of(bench.checked, AS_OF)

        def alone(submission: intake.Submission = submission, bounds: list[int] = bounds) -> object:
            return cube.build(bench.plan, submission, AS_OF, bounds)

        def both(data: dict[str, object] = data, bounds: list[int] = bounds) -> object:
            return cube.build(bench.plan, intake.take(bench.checked, data), AS_OF, bounds)

        def theirs(place: Path = place) -> object:
            return pl.collect_all(by_hand(pl.scan_parquet(place)), engine="streaming")

        print(f"cube {rows:>10,} rows against by hand: {compare(alone, theirs)}")
        print(f"cube {rows:>10,} rows, with intake, against by hand: {compare(both, theirs)}")


def bench_warm() -> None:
    """A whole evaluation of 1,000 rows, the campaign loaded and planned before."""
    bench = campaign()
    frame = projects(1_000, 20, seed=7)
    data = {"project": frame, "units": units_table()}
    whole = compare(
        lambda: bench.evaluate(data, as_of=AS_OF).dense.targets, lambda: pl.collect_all(by_hand(frame.lazy())), runs=15
    )
    print(
        f"warm  1,000 rows, {len(bench.checked.targets)} targets × 17 windows × 21 subjects, against its cube: {whole}"
    )
    yanjiang = cr.load("yanjiang_2023")
    folder = HERE.parent / "examples" / "yanjiang_2023"
    rows = compare(
        lambda: yanjiang.evaluate(folder, as_of="2023-06-30").results, lambda: pl.collect_all(by_hand(frame.lazy()))
    )
    print(f"warm  the Yanjiang example, CSV reading and rows included, against the same cube: {rows}")


def bench_cold() -> None:
    """The command line on the Yanjiang example against `import polars` alone, both from compiled modules as installed."""
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folder = str(HERE.parent / "examples" / "yanjiang_2023")
    ours = [sys.executable, "-m", "campaignrules", "evaluate", "yanjiang_2023", "--data", folder]
    theirs = [sys.executable, "-c", "import polars"]
    found = compare(
        lambda: subprocess.run([*ours, "--as-of", "2023-06-30"], check=True, stdout=subprocess.DEVNULL, env=compiled),
        lambda: subprocess.run(theirs, check=True, env=compiled),
        runs=11,
    )
    print(f"cold  evaluate against import polars: {found}")


def bench_growth() -> None:
    """Twice the metrics, twice the windows, ten and a hundred times the units, ten times the rows; from 1 M rows."""
    place = write(DATA, 1_000_000) / "*.parquet"
    data = {"project": pl.scan_parquet(place), "units": units_table()}
    once, twice = campaign(), campaign(times=2)
    few = campaign(windows=WINDOWS[:8])
    found = compare(lambda: twice.evaluate(data, as_of=AS_OF), lambda: once.evaluate(data, as_of=AS_OF))
    print(f"growth metrics {len(once.checked.metrics)} → {len(twice.checked.metrics)}: {found}")
    found = compare(lambda: once.evaluate(data, as_of=AS_OF), lambda: few.evaluate(data, as_of=AS_OF))
    print(f"growth windows 8 → {len(WINDOWS)}: {found}")
    for units in (200, 2_000):
        many = {"project": pl.scan_parquet(write(DATA, 1_000_000, units) / "*.parquet"), "units": units_table(units)}
        found = compare(lambda many=many: once.evaluate(many, as_of=AS_OF), lambda: once.evaluate(data, as_of=AS_OF))  # type: ignore[misc]
        print(f"growth units 20 → {units}: {found}")
    large = {"project": pl.scan_parquet(write(DATA, 10_000_000) / "*.parquet"), "units": units_table()}
    found = compare(lambda: once.evaluate(large, as_of=AS_OF), lambda: once.evaluate(data, as_of=AS_OF), runs=3)
    print(f"growth rows 1 M → 10 M: {found}")


@frozen
class Scoring:
    """A campaign of five items, every month, ranked within classes: its cube and what stands on it."""

    build: Callable[[], object]
    score: Callable[[], object]


def scoring(units: int, required: str) -> Scoring:
    """`required`: the parameter that the first item needs, given or deferred between two bounds."""
    text = (HERE / "scores.yaml").read_text(encoding="utf-8")
    bench = cr.load(f"{text}parameters:\n  required_trips: {{type: 次, {required}}}\n")
    submission = intake.take(bench.checked, {"visit": visits(60 * units, units, seed=1), "units": classes_table(units)})
    bounds = bounds_of(bench.checked, YEAR_END)
    built = cube.build(bench.plan, submission, YEAR_END, bounds)
    return Scoring(
        lambda: cube.build(bench.plan, submission, YEAR_END, bounds),
        lambda: scored(Values(bench.plan, submission, built, YEAR_END), tuple),
    )


def bench_scores() -> None:
    """Values of metrics, points, totals and places beyond the cube; and with both ends of an open number."""
    for units in (20, 3_000):
        points = scoring(units, "value: 10 次")
        ends = scoring(units, "deferred: {by: 另行通知, between: [5 次, 12 次]}")
        print(
            f"scores {units:>5,} units × 12 months × 5 items, against its cube: {compare(points.score, points.build)}"
        )
        print(f"scores {units:>5,} units, both ends against points alone: {compare(ends.score, points.score)}")


def bench_memory(rows: int = 10_000_000) -> None:
    """Peak memory of evaluating `rows` rows, above the interpreter with the libraries imported (Linux)."""
    place = write(DATA, rows) / "*.parquet"
    work = f"""
import re, sys; sys.path.insert(0, {str(HERE)!r})
import run, polars as pl, campaignrules.evaluation
from make_data import units_table
def peak(): return re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]  # KiB, of this program alone
before = peak()
evaluation = run.campaign().evaluate({{"project": pl.scan_parquet({str(place)!r}), "units": units_table()}}, as_of=run.AS_OF)
assert evaluation.dense.targets
print(before, peak())
"""
    found = subprocess.run([sys.executable, "-c", work], check=True, capture_output=True, text=True).stdout.split()
    before, after = (int(n) / 1024 for n in found)
    print(f"memory {rows:,} rows: {after - before:.0f} MiB above the {before:.0f} MiB of the imported libraries")


def bench_intake() -> None:
    """Submitted files from the disk to checked tables against reading alone."""
    bench_intake_csv()
    bench_intake_xlsx()


def bench_intake_csv(rows: int = 100_000) -> None:
    """A CSV file of eight columns, every cell, row and key checked, against what Polars takes to read it."""
    bench = cr.load((HERE / "intake.yaml").read_text(encoding="utf-8"))
    DATA.mkdir(parents=True, exist_ok=True)
    file = DATA / f"report_{rows}.csv"
    frame = report(rows, 60, seed=3)
    frame.write_csv(file, line_terminator="\r\n")
    data = {"project": file, "units": units_table(60)}

    def ours() -> object:
        return intake.take(bench.checked, data)

    print(f"intake {rows:,} rows × 8 of CSV against reading it: {compare(ours, lambda: pl.read_csv(file))}")
    found = compare(ours, lambda: pl.read_csv(file, schema=frame.schema))
    print(f"intake {rows:,} rows × 8 of CSV against reading it with declared types: {found}")


def bench_intake_xlsx(rows: int = 100_000) -> None:
    """The same rows as a workbook, against what python-calamine takes to give its cells; and the peak of memory (Linux)."""
    bench = cr.load((HERE / "intake.yaml").read_text(encoding="utf-8"))
    DATA.mkdir(parents=True, exist_ok=True)
    file = write_workbook(DATA / f"report_{rows}.xlsx", report(rows, 60, seed=3))
    data = {"project": file, "units": units_table(60)}

    def theirs() -> object:
        return python_calamine.load_workbook(file).get_sheet_by_index(0).to_python()

    found = compare(lambda: intake.take(bench.checked, data), theirs)
    print(f"intake {rows:,} rows × 8 of .xlsx against python-calamine: {found}")
    found = compare(lambda: _sheets(file), theirs)
    print(f"intake {rows:,} rows × 8 of .xlsx, columns alone, against python-calamine: {found}")
    ours = "intake.take(cr.load((run.HERE / 'intake.yaml').read_text(encoding='utf-8')).checked, data)"
    given = f"data = {{'project': {str(file)!r}, 'units': run.units_table(60)}}"
    work = f"import run, campaignrules as cr, polars, python_calamine; from campaignrules import intake; {given}"
    alone = f"python_calamine.load_workbook({str(file)!r}).get_sheet_by_index(0).to_python()"
    print(f"intake {rows:,} rows of .xlsx: {_peak(work, ours):.0f} MiB, python-calamine {_peak(work, alone):.0f} MiB")


def _sheets(file: Path) -> object:
    return [sheet.cells.below(1) for sheet in spreadsheets.sheets_of(file, file.name, intake.Limits())]


def _peak(before: str, work: str) -> float:
    return peak_of(before, work)[0]


def peak_of(before: str, work: str) -> tuple[float, str]:
    """MiB at the peak of `work` above what was there `before` it, in a process of its own; and what it printed (Linux)."""
    measured = f"""
import re, sys; sys.path.insert(0, {str(HERE)!r})
def peak(): return int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
{before}
start = peak()
{work}
print(peak() - start)
"""
    found = subprocess.run([sys.executable, "-c", measured], check=True, stdout=subprocess.PIPE, text=True).stdout
    *said, most = found.strip().split("\n")
    return int(most) / 1024, "\n".join(said)


def bench_history() -> None:
    """Progress at the end of 36 months on 1 M rows against one evaluation; with the frame of all rows as well."""
    place = write(DATA, 1_000_000) / "*.parquet"
    data = {"project": pl.scan_parquet(place), "units": units_table()}
    bench = campaign(period="{from: 2022-01-01, to: 2024-12-31}")
    last = bench.checked.calendar.period.end
    found = compare(lambda: bench.history(data), lambda: bench.evaluate(data, as_of=last))
    print(f"history of 36 months against one evaluation: {found}")
    found = compare(lambda: bench.history(data).progress, lambda: bench.evaluate(data, as_of=last).progress)
    print(f"history of 36 months against one evaluation, with the frame of progress: {found}")


BENCHMARKS = {
    "cube": bench_cube,
    "warm": bench_warm,
    "cold": bench_cold,
    "growth": bench_growth,
    "scores": bench_scores,
    "memory": bench_memory,
    "intake": bench_intake,
    "history": bench_history,
}

if __name__ == "__main__":
    print(f"polars {pl.__version__}, python {sys.version.split()[0]}")
    for chosen in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[chosen]()
