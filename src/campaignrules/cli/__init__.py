"""argv in, exit code out; the only package that prints.

Exit codes: 0 fine, 1 the input has problems or `--fail-on` was hit, 2 wrong usage, 3 a fault of ours, 130 stopped.
Must not know: how anything is checked or computed.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import campaignrules
from campaignrules.cli.arguments import parse
from campaignrules.cli.commands import COMMANDS, PROBLEMS
from campaignrules.cli.screen import Screen, UsageError, lang_of, wants_colour
from campaignrules.errors import CampaignError, render, visible

USAGE, OURS, STOPPED = 2, 3, 130
DEBUG = "CAMPAIGNRULES_DEBUG"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. The user never sees a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    screen = Screen(lang_of(words), wants_colour(words))
    try:
        return _run(words, screen)
    except CampaignError as error:
        screen.complain(render(error.diagnostics, screen.lang, screen.colours(sys.stderr)))
        return PROBLEMS
    except UsageError as error:
        screen.complain(screen.say("用法有误：", "usage error: ") + visible(error.text.to(screen.lang)))
        return USAGE
    except KeyboardInterrupt:
        return STOPPED
    except Exception as error:  # noqa: BLE001  the last door: whatever got here is a fault of ours
        return _our_fault(error, screen)


def _run(words: list[str], screen: Screen) -> int:
    try:
        args = parse(words or ["--help"], screen)
    except SystemExit:  # after --help and --version
        return 0 if words else USAGE
    return COMMANDS[args.command](args, screen)


def _our_fault(error: Exception, screen: Screen) -> int:
    if os.environ.get(DEBUG) == "1":
        screen.complain("".join(traceback.format_exception(error)).rstrip())
    what = visible(f"{type(error).__name__}: {error}")[:300]
    version = campaignrules.__version__
    for zh, en in (
        (f"程序自身出错，不是你的数据有问题：{what}", f"this is a fault of ours, not of your data: {what}"),
        (
            f"请把上一行、所用的命令和版本 {version} 告诉维护者",
            f"please report the line above with your command and version {version}",
        ),
        (f"设 {DEBUG}=1 再运行，可得到详细经过", f"run again with {DEBUG}=1 to see where it happened"),
    ):
        screen.complain(screen.say(zh, en))
    return OURS
