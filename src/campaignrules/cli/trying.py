"""The command `test`: runs files of tests and says what no test touches.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse

from campaignrules.cli.screen import Screen


def test(args: argparse.Namespace, screen: Screen) -> int:
    """Not written yet."""
    raise NotImplementedError
