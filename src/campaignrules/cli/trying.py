"""The command `test`: runs files of tests and says what no test touches.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from campaignrules.cli.screen import Screen

if TYPE_CHECKING:
    from campaignrules.cases import FileOutcome

FINE, PROBLEMS = 0, 1


def test(args: argparse.Namespace, screen: Screen) -> int:
    """Show what came of each case; 1 when something is not as expected, or too little is covered."""
    from campaignrules import cases  # noqa: PLC0415  the other commands must not wait for the engine

    paths = list(dict.fromkeys(path for given in args.paths for path in cases.found(given)))
    files = cases.run(paths, lambda name: not args.case or any(piece in name for piece in args.case))
    screen.deliver(_text(args, files, screen), args.output)
    return FINE if all(file.passed for file in files) else PROBLEMS


def _text(args: argparse.Namespace, files: Sequence[FileOutcome], screen: Screen) -> str:
    from campaignrules.cases import report  # noqa: PLC0415  as above

    if args.format == "json":
        return report.as_json(files, ())
    if args.format == "junit":
        return report.as_junit(files, screen.lang)
    colour = args.output in (None, "-") and screen.colours(sys.stdout)
    return report.as_text(files, (), screen.lang, colour=colour, left=args.coverage)
