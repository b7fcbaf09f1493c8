"""argv in, exit code out; the only package that prints.

Exit codes: 0 fine, 1 the input has problems or `--fail-on` was hit, 2 wrong usage, 3 a fault of ours, 130 stopped by
Ctrl-C, 143 by SIGTERM.
Must not know: how anything is checked or computed.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext

import campaignrules
from campaignrules.cli.arguments import parse
from campaignrules.cli.bar import Bar, wants_bar
from campaignrules.cli.commands import COMMANDS
from campaignrules.cli.screen import OURS, PROBLEMS, USAGE, Screen, UsageError, lang_of, wants_colour
from campaignrules.cli.stopping import Stop, stoppable
from campaignrules.errors import CampaignError, render, visible

STOPPED = ("已停止", "stopped")
DEBUG = "CAMPAIGNRULES_DEBUG"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. The user never sees a traceback.

    Without `argv` it is the command line of this process, and signals are heard.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    bar = Bar(lang_of(words), wants_colour(words), wants_bar(words, sys.stderr))
    screen = Screen(bar.lang, bar.colour, bar.close)
    stop = Stop(lambda: _last_words(screen, bar))
    with stoppable(stop) if argv is None else nullcontext():
        try:
            with bar.shown():
                return _finished(words, screen, stop)
        except KeyboardInterrupt:
            screen.complain(screen.say(*STOPPED))
            return stop.code


def _finished(words: list[str], screen: Screen, stop: Stop) -> int:
    try:
        return _run(words, screen)
    except Exception as error:
        if stop.asked:  # an engine has made an error of its own of it
            raise KeyboardInterrupt from error
        return _failed(error, screen)


def _failed(error: Exception, screen: Screen) -> int:
    if isinstance(error, CampaignError):
        screen.complain(render(error.diagnostics, screen.lang, screen.colours(sys.stderr)))
        return PROBLEMS
    if isinstance(error, UsageError):
        screen.complain(screen.say("用法有误：", "usage error: ") + visible(error.text.to(screen.lang)))
        return USAGE
    return _our_fault(error, screen)


def _last_words(screen: Screen, bar: Bar) -> None:
    """Said while the work is still busy and may be using standard error, so straight to the file behind it."""
    if sys.stderr is not None:
        words = bar.wiping + screen.say(*STOPPED) + "\n"
        os.write(sys.stderr.fileno(), words.encode(sys.stderr.encoding, "backslashreplace"))


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
