"""Other rule engines on the same filters and sums: `python benchmarks/peers.py [--rows 100000] [--windows one|all] [--only NAME]`.

For each of 20 units and each of eleven filters of the benchmark campaign: how many projects were signed in a window, and
what they amount to, exactly. Each engine answers in several ways (`rivals`), prepared beforehand; every answer must equal
ours before it is timed. Engines that are slow run on fewer records and are scaled per record. What is not installed is
said and left out.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

import polars as pl
from attrs import field, frozen
from make_data import units_table
from question import FILTERS, UNITS, Answer, Question, Records, metrics_of, records
from rivals import PEERS, Peer
from run import AS_OF, HERE, WINDOWS, campaign

import campaignrules as cr
from campaignrules import intake
from campaignrules.engine import cube
from campaignrules.engine.finish import bounds_of

RUNS: Final = 5
BUDGET: Final = 1.5
"""Seconds that one run of an engine may take; slower ones get fewer records."""
PROBE: Final = 500
"""Records on which a way is tried first."""
NOT_BEGUN: Final = {"2023Q4", "2023-10"}
"""Windows that have no values yet."""
OWN: Final = "the same question, whole evaluation"
TARGETS: Final = {"simpleeval": 40, "ZEN": 40, "JsonLogic": 20}
"""How many times faster the whole evaluation is meant to be."""
PLAIN: Final = {
    "a rule at a time",
    "a rule at a time, records parsed",
    "a decision",
    "a compiled expression at a time",
    "formulas over arrays",
}
"""Ways in which a rule of the campaign stays a rule."""


# -- ours ----------------------------------------------------------------------------------------------------------


@frozen
class Ours:
    """The same question as a campaign: what is loaded once, and what is timed."""

    campaign: cr.Campaign
    question: Question
    answers: dict[int, Answer] = field(factory=dict)

    def evaluate(self, frame: pl.DataFrame) -> Any:
        """All results, as numbers for every target, unit and window."""
        evaluation = self.campaign.evaluate({"project": frame, "units": units_table()}, as_of=AS_OF)
        assert evaluation.dense.targets
        return evaluation

    def answer(self, given: Records) -> Answer:
        """Filters × windows from our results, amounts as the records have them: in the last declared decimal."""
        if len(given.rows) not in self.answers:
            self.answers[len(given.rows)] = self._answer(given)
        return self.answers[len(given.rows)]

    def _answer(self, given: Records) -> Answer:
        rows = self.evaluate(given.frame).progress.select("metric", "window", "unit", "value").rows()
        values = {tuple(row[:3]): row[3] for row in rows}

        def numbers(metric: str, window: str, scale: int) -> list[int]:
            found = [values[metric, window, unit] * scale for unit in UNITS]
            assert all(value == int(value) for value in found)
            return [int(value) for value in found]

        return {
            (name, window): (numbers(metrics_of(name)[0], window, 1), numbers(metrics_of(name)[1], window, AMOUNT))
            for window in self.question.windows
            for name in FILTERS
        }


AMOUNT: Final = 10_000
"""A 亿元 in the last declared decimal."""


def ours(windows: list[str]) -> Ours:
    """The benchmark campaign with those of its metrics, in those of its windows, that the question asks for."""
    text = (HERE / "campaign.yaml").read_text(encoding="utf-8")
    head, lines = text.split("\nmetrics:\n")
    named = {line.split(":")[0].strip(): line for line in lines.splitlines()}
    chosen = [metric for name in FILTERS for metric in metrics_of(name)]
    text = f"{head}\nmetrics:\n" + "\n".join(named[metric] for metric in chosen) + "\ntargets:\n"
    for metric in chosen:
        least = "1" if metric.startswith(("n_", "listed_p")) or metric in ("projects", "big") else "1 亿元"
        text += f"  - {{id: T-{metric}, metric: {metric}, in: [{', '.join(windows)}], for: [each unit], at_least: {least}}}\n"
    loaded = cr.load(text)
    return Ours(loaded, Question({name: _days(loaded, name) for name in windows}))


def _days(loaded: cr.Campaign, name: str) -> tuple[int, int]:
    span = loaded.checked.calendar.window(name)
    return int(span.start.strftime("%Y%m%d")), int(min(span.end, AS_OF).strftime("%Y%m%d"))


# -- measuring -----------------------------------------------------------------------------------------------------


@frozen
class Found:
    """A way of an engine against the whole evaluation of the same question: seconds for the size, and medians of ratios."""

    peer: Peer
    way: str
    records: int
    seconds: float
    clock: float
    cpu: float


def measured(peer: Peer, mine: Ours, given: Records) -> Iterator[Found]:
    """Each way of the engine, checked on few records, then timed on as many as the budget allows."""
    few = given.head(PROBE)
    for number, (way, run) in enumerate(peer.ways(mine.question, few)):
        assert run() == mine.answer(few), f"{peer.name}, {way}: other numbers than ours"
        spent, _ = _timed(run)
        count = min(len(given.rows), max(PROBE, int(BUDGET / spent * len(few.rows))))
        some = given.head(count)
        _, larger = list(peer.ways(mine.question, some))[number]
        assert larger() == mine.answer(some), f"{peer.name}, {way}: other numbers than ours"
        yield _raced(peer, way, larger, mine, given, count)


def _raced(peer: Peer, way: str, run: Callable[[], object], mine: Ours, given: Records, count: int) -> Found:
    """Ours on all records, theirs on `count` and scaled, taking turns."""
    larger = len(given.rows) / count
    pairs = [(_timed(lambda: mine.evaluate(given.frame)), _timed(run)) for _ in range(RUNS)]
    clock, cpu = (statistics.median(b[i] * larger / a[i] for a, b in pairs) for i in (0, 1))
    return Found(peer, way, count, statistics.median(b[0] for _, b in pairs) * larger, clock, cpu)


def own_ways(mine: Ours, given: Records) -> dict[str, Callable[[], object]]:
    """What of ours is timed beside the whole evaluation of the question."""
    plan, data = mine.campaign.plan, {"project": given.frame, "units": units_table()}
    submission, bounds = intake.take(mine.campaign.checked, data), bounds_of(mine.campaign.checked, AS_OF)
    whole, rows = campaign(), {"project": given.frame.to_dicts(), "units": units_table()}
    return {
        OWN: lambda: mine.evaluate(given.frame),
        "the same question, its cube alone": lambda: cube.build(plan, submission, AS_OF, bounds),
        "the same question from dictionaries": lambda: mine.campaign.evaluate(rows, as_of=AS_OF).dense.targets,
        f"the whole campaign, 31 metrics × {len(WINDOWS)} windows": lambda: (
            whole.evaluate(data, as_of=AS_OF).dense.targets
        ),
    }


def show(found: list[Found], own: Mapping[str, float], rows: int) -> None:
    """Our own seconds, every way of every engine, and the targets."""
    for name, seconds in own.items():
        print(f"ours  {name}: {seconds:.3f} s for {rows:,} records")
    print(f"\n{'engine':<36}{'way':<44}{'records':>9}{'seconds':>9}{'/ whole':>12}{'(cpu)':>11}{'/ cube':>11}")
    for f in found:
        name = f"{f.peer.name} {f.peer.version}"
        beside = f.seconds / own["the same question, its cube alone"]
        print(f"{name:<36}{f.way:<44}{f.records:>9,}{f.seconds:>9.3f}{f.clock:>10.1f} ×{f.cpu:>9.1f} ×{beside:>9.1f} ×")
    for peer in dict.fromkeys(f.peer for f in found):
        target = next((n for name, n in TARGETS.items() if peer.name.startswith(name)), None)
        for label, ways in _readings([f for f in found if f.peer == peer]) if target else ():
            least = min(ways, key=lambda f: f.clock)
            said = "met" if least.clock >= target else "MISSED"
            print(
                f"target {peer.package}, {label} ({least.way}): at least {target} ×, found {least.clock:.1f} ×: {said}"
            )


def _readings(found: list[Found]) -> Iterator[tuple[str, list[Found]]]:
    """A campaign's rules as rules of the engine, each for itself; and the fastest that we found, rules melted into one."""
    plain = [f for f in found if f.way in PLAIN]
    if plain:
        yield "its rules as rules", plain
    if found:
        yield "the fastest way of all", found


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    clock, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - used


def main(arguments: Sequence[str]) -> None:
    """Asks every engine that is installed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--windows", choices=["one", "all"], default="one", help="the year alone, or every window")
    parser.add_argument("--only", default="", help="a part of the name of an engine")
    chosen = parser.parse_args(arguments)
    mine = ours(["2023"] if chosen.windows == "one" else [name for name in WINDOWS if name not in NOT_BEGUN])
    given = records(chosen.rows)
    print(
        f"python {sys.version.split()[0]}, polars {pl.__version__}, campaignrules {metadata.version('campaignrules')}"
    )
    print(f"{len(FILTERS)} filters, count and sum × {len(mine.question.windows)} windows × {len(UNITS)} units, {chosen.rows:,} records")  # fmt: skip
    found: list[Found] = []
    for peer in PEERS:
        if chosen.only.lower() not in peer.name.lower():
            continue
        if peer.version is None:
            print(f"left out: {peer.name} (pip install {peer.package})")
            continue
        found += measured(peer, mine, given)
    own = {name: statistics.median(_timed(way)[0] for _ in range(RUNS)) for name, way in own_ways(mine, given).items()}
    show(found, own, chosen.rows)


if __name__ == "__main__":
    main(sys.argv[1:])
