"""Settings that all tests share: how hard Hypothesis looks, and whether it looks at the same places each time.

Two profiles, chosen by the variable CI or by `--hypothesis-profile`:

- `ci` draws the same examples each time (derandomize), so that a red build points at the commit and not at luck,
  and so that a fresh clone without an example database tells the same story as the build.
- `dev` draws few and new examples, so that every run at the desk is quick and looks somewhere new;
  what it finds is kept in .hypothesis and should become an `@example` or a test of its own.

There is no deadline in either: parallel workers share cores, and a slow machine is not a fault.
"""

import gc
import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, print_blob=True)
settings.register_profile("dev", deadline=None, max_examples=20, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_finish():
    """Thousands of collected tests stay until the end: the collector need not look at them while something is timed."""
    gc.collect()
    gc.freeze()
