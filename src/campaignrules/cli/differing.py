"""The command `diff`: what changed between two campaigns, in meaning and in results.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse

from campaignrules.cli.screen import Screen


def diff(args: argparse.Namespace, screen: Screen) -> int:
    """Not written yet."""
    raise NotImplementedError
