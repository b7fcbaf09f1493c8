"""A live session against full runs: `python benchmarks/live.py [rows]` (1,000,000 rows by default).

Prints medians of one changed record and of a thousand, the session's results against a full run of the rows as they stand,
and what beginning, saving and resuming a session costs beside one evaluation. Quote the ratios, not the seconds.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable

import polars as pl
from make_data import projects, units_table
from run import AS_OF, campaign

import campaignrules as cr

SECTORS = ["food", "health", "gas", "service", "farm"]


def timed(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def otherwise(rows: list[dict[str, object]], chance: random.Random) -> list[dict[str, object]]:
    """The same records with another amount, unit and sector."""
    return [
        {**row, "investment": chance.randrange(1, 50_000), "unit": f"u{chance.randrange(20):04d}", "sector": chance.choice(SECTORS)}
        for row in rows
    ]  # fmt: skip


def batches(frame: pl.DataFrame, size: int, many: int, chance: random.Random) -> list[list[dict[str, object]]]:
    """Corrections of so many different records each."""
    places = chance.sample(range(frame.height), size * many)
    return [otherwise(frame[places[i * size : (i + 1) * size]].to_dicts(), chance) for i in range(many)]


def main(rows: int = 1_000_000) -> None:
    """Print the figures."""
    text = campaign().document.source.given.decode()
    bench, chance = cr.load(text.replace("    title: 项目\n", "    title: 项目\n    key: id\n")), random.Random(5)
    frame = projects(rows, 20, seed=7)
    data = {"project": frame, "units": units_table()}
    bench.evaluate(data, as_of=AS_OF)
    full = statistics.median(timed(lambda: bench.evaluate(data, as_of=AS_OF)) for _ in range(3))
    made: list[cr.live.Session] = []
    begun = timed(lambda: made.append(bench.session(data, as_of=AS_OF)))
    session = made[0]
    print(f"{rows:,} rows: an evaluation {full:.2f} s, beginning a session {begun / full:.1f} times that")
    some = batches(frame, 1, 1, chance)[0]
    latest = {row["id"]: row for row in some}
    first = timed(lambda: session.apply(corrected={"project": some}))
    print(f"the first batch of a session: {first * 1000:.1f} ms")
    for size, many in ((1, 41), (10, 21), (1_000, 11)):
        changes, took = [], []
        for some in batches(frame, size, many, chance):
            latest |= {row["id"]: row for row in some}
            start = time.perf_counter()
            changes.append(session.apply(corrected={"project": some}))
            took.append(time.perf_counter() - start)
        looked = [timed(lambda one=one: one.progress) for one in changes]
        median, rows = statistics.median(took), statistics.median(len(one.progress) for one in changes)
        print(
            f"{size:>5} changed: {median * 1000:.1f} ms, worst {max(took) * 1000:.1f}, a full run is {full / median:.0f} times "
            f"as long; {rows:.0f} rows of progress, made in {statistics.median(looked) * 1000:.1f} ms more"
        )
    now = pl.concat(
        [frame.filter(~pl.col("id").is_in([*latest])), pl.DataFrame([*latest.values()], schema=frame.schema)]
    )
    same = session.results == bench.evaluate({"project": now, "units": units_table()}, as_of=AS_OF).results
    print(f"{len(latest):,} records changed in all; as a full run: {same}; evaluated anew: {session.evaluated_anew}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
