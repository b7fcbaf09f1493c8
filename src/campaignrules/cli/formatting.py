"""The command `fmt`: brings campaign files into one order and style.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from campaignrules.cli.screen import FINE, PROBLEMS, Screen
from campaignrules.errors import CampaignError, Diagnostic, render, visible

if TYPE_CHECKING:
    from campaignrules.formatting import Formatted


def fmt(args: argparse.Namespace, screen: Screen) -> int:
    """Format files, each by itself; 1 when one has faults, or with --check when one would change."""
    faults: list[Diagnostic] = []
    changed = [name for name in dict.fromkeys(args.files) if _is_changed(name, args, screen, faults)]
    if faults:
        screen.complain(render(faults, screen.lang, screen.colours(sys.stderr)))
    if not args.diff:
        screen.show(f"{_summary(len(args.files), len(changed), len(faults), args.check, screen)}\n")
    return PROBLEMS if faults or (args.check and changed) else FINE


def _is_changed(name: str, args: argparse.Namespace, screen: Screen, faults: list[Diagnostic]) -> bool:
    """Whether a file is not in order; it is written or shown then. What is wrong with it goes to `faults`."""
    from campaignrules.formatting import of_file  # noqa: PLC0415  only when asked for

    try:
        made = of_file(Path(name))
        if made.is_changed:
            _treat(name, made, args, screen)
    except CampaignError as error:
        faults.extend(error.diagnostics)
        return False
    return made.is_changed


def _treat(name: str, made: Formatted, args: argparse.Namespace, screen: Screen) -> None:
    from campaignrules.reports.saving import save_bytes  # noqa: PLC0415  only when a file is written

    shown = visible(name)
    if args.diff:
        screen.show(_difference(shown, made, screen))
    elif args.check:
        screen.show(screen.say(f"会整理 {shown}\n", f"would format {shown}\n"))
    else:
        save_bytes(name, made.after.encode())
        screen.show(screen.say(f"已整理 {shown}\n", f"formatted {shown}\n"))


def _difference(name: str, made: Formatted, screen: Screen) -> str:
    lines = difflib.unified_diff(
        made.before.splitlines(), made.after.splitlines(), f"{name}", f"{name}", n=3, lineterm=""
    )
    text = "".join(f"{line}\n" for line in lines)
    return text or screen.say(f"{name}：只改行尾或字节顺序标记\n", f"{name}: only line ends or a byte order mark\n")


def _summary(files: int, changed: int, faults: int, only_checked: bool, screen: Screen) -> str:
    if faults:
        return screen.say(f"{files} 个文件：有问题的未整理", f"files: {files}; those with faults are left as they are")
    if not changed:
        return screen.say(f"{files} 个文件都已整齐", f"files in order: {files}")
    word = screen.say("要整理" if only_checked else "已整理", "would change" if only_checked else "changed")
    return screen.say(f"{files} 个文件，{word} {changed} 个", f"files: {files}, {word}: {changed}")
