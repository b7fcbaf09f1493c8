"""The command `intake`: reads and checks what was submitted, evaluates nothing, sends faulty files back marked.

Must not know: how anything is read, checked or marked.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from campaignrules import driver
from campaignrules.cli.screen import WIDTH, Screen, UsageError
from campaignrules.errors import Text, visible

if TYPE_CHECKING:
    from campaignrules.intake import Submission

FORMATS: Final = ("table", "json", "csv", "xlsx")
MOST_FINDINGS: Final = 20_000
"""Whoever only checks wants to see more than whoever evaluates."""


def intake(args: argparse.Namespace, screen: Screen) -> int:
    """Show what was submitted and what is wrong with it; 1 when rows were set aside or there are errors."""
    if args.data is None:
        raise UsageError(Text("请写明报送数据：--data 文件夹或文件", "say where the data are: --data FOLDER or FILE"))
    if args.format == "xlsx" and args.output in (None, "-"):
        raise UsageError(Text("xlsx 要写入文件：-o 问题.xlsx", "xlsx needs a file: -o findings.xlsx"))
    campaign = driver.load(args.campaign, overlays=[Path(name) for name in args.overlay])
    submission = campaign.intake(args.data, encoding=args.encoding, findings=MOST_FINDINGS, engine=args.engine)
    _show(args, submission, screen)
    if args.marked is not None:
        _mark(args, submission, screen)
    return _verdict(submission, strict=args.strict)


def _show(args: argparse.Namespace, submission: Submission, screen: Screen) -> None:
    if args.format == "xlsx":
        _write_list(args.output, submission, screen)
        return
    screen.deliver(_text(args, submission, screen), args.output)


def _text(args: argparse.Namespace, submission: Submission, screen: Screen) -> str:
    from campaignrules.reports import as_csv  # noqa: PLC0415  the other commands do without
    from campaignrules.reports import submission as submission_report  # noqa: PLC0415  the same

    if args.format == "json":
        return submission_report.as_json(submission)
    if args.format == "csv":
        return as_csv.findings(submission.findings, screen.lang)
    to_screen = args.output in (None, "-")
    colour = to_screen and screen.colours(sys.stdout)
    width = screen.width if to_screen else WIDTH
    return submission_report.render(submission, screen.lang, colour, width, everything=args.all)


def _write_list(path: str, submission: Submission, screen: Screen) -> None:
    from campaignrules.reports.saving import save_bytes  # noqa: PLC0415  only for workbooks
    from campaignrules.workbooks import findings_book  # noqa: PLC0415  the same

    save_bytes(path, findings_book.content(submission))
    screen.complain(screen.say(f"已写入 {visible(path)}", f"written: {visible(path)}"))


def _mark(args: argparse.Namespace, submission: Submission, screen: Screen) -> None:
    from campaignrules.workbooks.marked import mark  # noqa: PLC0415  only for workbooks

    written = mark(submission, args.marked, encoding=args.encoding)
    for path in written:
        screen.complain(screen.say(f"已写入 {visible(str(path))}", f"written: {visible(str(path))}"))
    if not written:
        screen.complain(screen.say("没有需要退回的文件", "there is no file to send back"))


def _verdict(submission: Submission, *, strict: bool) -> int:
    grave = ("error", "warning") if strict else ("error",)
    aside = any(count.set_aside for count in submission.counts.values())
    return int(aside or any(one.set_aside or one.severity in grave for one in submission.findings))
