"""The command `test`: runs files of tests and says what no test touches.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from campaignrules.cli.screen import FINE, PROBLEMS, Screen, UsageError, known
from campaignrules.errors import Text

if TYPE_CHECKING:
    from campaignrules.cases import FileOutcome
    from campaignrules.cases.coverage import Coverage


def test(args: argparse.Namespace, screen: Screen) -> int:
    """Show what came of each case; 1 when something is not as expected, or too little is covered."""
    from campaignrules import cases  # noqa: PLC0415  the other commands must not wait for the engine

    wanted = _wanted(args.min_coverage)
    paths = list(dict.fromkeys(path for given in args.paths for path in cases.found(given)))
    files = cases.run(paths, lambda name: not args.case or any(piece in name for piece in args.case))
    _some_chosen(args, files)
    covered = cases.covered(files) if args.coverage or wanted or args.format == "json" else []
    screen.deliver(_text(args, files, covered, screen), args.output)
    lacking = [(one, part, least) for one in covered for part, least in wanted.items() if not one.reaches(least, part)]
    for one, part, least in lacking:
        screen.complain(
            screen.say(
                f"{one.campaign}：{_title(part, screen)}覆盖率低于 {least}%",
                f"{one.campaign}: less than {least}% of {_title(part, screen)} covered",
            )
        )
    return FINE if all(file.passed for file in files) and not lacking else PROBLEMS


def _text(args: argparse.Namespace, files: Sequence[FileOutcome], covered: Sequence[Coverage], screen: Screen) -> str:
    from campaignrules.cases import report  # noqa: PLC0415  as above

    if args.format == "json":
        return report.as_json(files, covered)
    if args.format == "junit":
        return report.as_junit(files, screen.lang)
    colour = args.output in (None, "-") and screen.colours(sys.stdout)
    return report.as_text(files, covered, screen.lang, colour=colour, left=args.coverage)


def _some_chosen(args: argparse.Namespace, files: Sequence[FileOutcome]) -> None:
    """A piece of a name that no case has must not look like success."""
    if args.case and all(file.book is not None and not file.cases for file in files):
        names = [case.case for file in files if file.book is not None for case in file.book.suite.cases]
        for piece in args.case:
            known(piece, names, Text("用例", "case"))


def _wanted(given: str | None) -> dict[str | None, Decimal]:
    """Part (None: all together) → the least percentage: `90`, `targets=100,items=90`."""
    from campaignrules.cases.coverage import PARTS  # noqa: PLC0415  as above

    found: dict[str | None, Decimal] = {}
    for word in given.split(",") if given is not None else ():
        name, sign, number = word.strip().rpartition("=")
        part = known(name, list(PARTS), Text("覆盖的一类", "part of coverage")) if sign else None
        if not re.fullmatch(r"100|\d{1,2}(\.\d{1,6})?", number, re.ASCII):
            raise UsageError(
                Text(
                    f"--min-coverage 应写成 90，或 targets=100,items=90：{given}",
                    f"write --min-coverage as 90, or targets=100,items=90: {given}",
                )
            )
        found[part] = Decimal(number)
    return found


def _title(part: str | None, screen: Screen) -> str:
    from campaignrules.cases.coverage import PARTS  # noqa: PLC0415  as above

    return screen.say("全部", "everything") if part is None else PARTS[part][0].to(screen.lang)
