"""The command `trace`: the figures of a document against those of its campaign file.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse

from campaignrules.cli.screen import Screen


def trace(args: argparse.Namespace, screen: Screen) -> int:
    """Not written yet."""
    raise NotImplementedError
