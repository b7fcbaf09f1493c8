"""The command `replay`: evaluates anew what a receipt names and says whether the results are the same.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from campaignrules.cli.screen import FINE, PROBLEMS, Screen
from campaignrules.errors import visible


def replay(args: argparse.Namespace, screen: Screen) -> int:
    """Show the verdict; 1 when the results are not the same."""
    from campaignrules import replaying  # noqa: PLC0415  the other commands do without
    from campaignrules.replaying import words  # noqa: PLC0415  the same
    from campaignrules.reports.as_json import dumped  # noqa: PLC0415  the same

    overlays = [Path(name) for name in args.overlay] or None
    how = {"campaign": args.campaign, "overlays": overlays, "data": args.data, "engine": args.engine}
    verdict = replaying.replay(args.receipt, **how)
    lines = (f"{visible(line.to(screen.lang))}\n" for line in words.told(verdict))
    screen.deliver(dumped(words.data_of(verdict)) if args.format == "json" else "".join(lines), args.output)
    return FINE if verdict.identical else PROBLEMS
