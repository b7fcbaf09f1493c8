"""The command `fmt`: brings campaign files into one order and style.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse

from campaignrules.cli.screen import Screen


def fmt(args: argparse.Namespace, screen: Screen) -> int:
    """Not written yet."""
    raise NotImplementedError
