"""The command `check`: every fault of campaign files, for people, programs, GitHub and SARIF viewers.

Must not know: how anything is checked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from campaignrules import driver
from campaignrules.cli.screen import Screen, UsageError
from campaignrules.errors import CampaignError, Text, render, to_json

FINE, PROBLEMS = 0, 1


def check(args: argparse.Namespace, screen: Screen) -> int:
    """Show what is wrong with files, or the page of a code; 1 when something is."""
    if not args.files and not args.explain:
        raise UsageError(Text("缺少 文件", "the following arguments are required: FILE"))
    if args.overlay and len(args.files) > 1:
        raise UsageError(Text("带 --overlay 时一次只检查一个活动", "with --overlay, check one campaign at a time"))
    found = [diagnostic for name in args.files for diagnostic in _checked(name, [Path(name) for name in args.overlay])]
    if args.format == "json":
        from campaignrules.reports.as_json import dumped  # noqa: PLC0415  only when asked for

        screen.show(dumped([to_json(diagnostic) for diagnostic in found]))
    else:
        text = render(found, screen.lang, screen.colours(sys.stdout))
        many = len(args.files) + len(args.overlay)
        fine = screen.say(f"检查了 {many} 个文件，没有问题", f"files checked: {many}; no problems")
        screen.show(f"{text or fine}\n")
    grave = ("error", "warning") if args.strict else ("error",)
    return PROBLEMS if any(diagnostic.severity in grave for diagnostic in found) else FINE


def _checked(name: str, overlays: Sequence[Path]) -> Iterable[Any]:
    """Every diagnostic of one file, its other readings included."""
    try:
        return driver.check(Path(name) if Path(name).exists() else name, overlays=overlays).checked.warnings
    except CampaignError as error:
        return error.diagnostics
