"""The command `verify`: generates data and tries to break the properties of a campaign.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse

from campaignrules.cli.screen import Screen


def verify(args: argparse.Namespace, screen: Screen) -> int:
    """Not written yet."""
    raise NotImplementedError
