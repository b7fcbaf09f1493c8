"""Settings that all tests share: how hard Hypothesis looks, whether at the same places each time, what was left out.

Two profiles, chosen by the variable CI or by `--hypothesis-profile`:

- `ci` draws the same examples each time (derandomize), so that a red build points at the commit and not at luck,
  and so that a fresh clone without an example database tells the same story as the build.
- `dev` draws few and new examples, so that every run at the desk is quick and looks somewhere new;
  what it finds is kept in .hypothesis and should become an `@example` or a test of its own.

There is no deadline in either: parallel workers share cores, and a slow machine is not a fault.

Tests that need an engine which is not there are skipped with a reason that begins with `left out:`. The end of the run
says so in one line for each reason, and .ci/run then runs these very tests where the engine is. Tests that ask for the
fixture `spark` carry the marker of that name by themselves, so that `-m spark` means all of them.
"""

import gc
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, print_blob=True)
settings.register_profile("dev", deadline=None, max_examples=20, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_finish():
    """Thousands of collected tests stay until the end: the collector need not look at them while something is timed."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure():
    """At the end all of it may go: DuckDB complains of objects that stay."""
    gc.unfreeze()


@pytest.hookimpl(tryfirst=True)  # before -m looks at the markers
def pytest_collection_modifyitems(items):
    """Who asks for a Spark session is one of the Spark tests."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)


def left_out(reports):
    """(test, reason) of every test that was not run because an engine is not there."""
    for report in reports:
        reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
        if reason.startswith("left out: "):
            yield report.nodeid, reason


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """What this machine could not show stands at the end, where it is read; the tests' names go to the file LEFT_OUT."""
    yield
    missed = [*left_out(terminalreporter.stats.get("skipped", []))]
    for reason, tests in sorted(Counter(reason for _, reason in missed).items()):
        terminalreporter.line(f"{reason}; tests: {tests}", yellow=True)
    if path := os.environ.get("LEFT_OUT"):
        Path(path).write_text("".join(f"{test}\n" for test in sorted({test for test, _ in missed})), "utf-8")
