"""The command `check`: every fault of campaign files, for people, programs, GitHub and SARIF viewers.

Must not know: how anything is checked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from campaignrules import __version__, driver
from campaignrules.cli.screen import FINE, PROBLEMS, Screen, UsageError, known
from campaignrules.errors import CampaignError, Diagnostic, Text, quiet_ones, render


def check(args: argparse.Namespace, screen: Screen) -> int:
    """Show what is wrong with files, or the pages of codes; 1 when something is."""
    if args.explain:
        return _explain(args, screen)
    if not args.files:
        raise UsageError(Text("缺少 文件", "the following arguments are required: FILE"))
    if args.overlay and len(args.files) > 1:
        raise UsageError(Text("带 --overlay 时一次只检查一个活动", "with --overlay, check one campaign at a time"))
    found = [diagnostic for name in args.files for diagnostic in _checked(name, [Path(name) for name in args.overlay])]
    shown = found if args.all else _loud(found)
    screen.deliver(_written(args, screen, found, shown), args.output)
    grave = ("error", "warning") if args.strict else ("error",)
    return PROBLEMS if any(diagnostic.severity in grave for diagnostic in found) else FINE


def _loud(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without what is acknowledged and what agrees; beside errors, which come first, without notes as well."""
    wrong = any(one.severity == "error" for one in found)
    return [
        one for one in found if not (one.agrees or one.acknowledged is not None or (wrong and one.severity == "note"))
    ]


def _written(args: argparse.Namespace, screen: Screen, found: list[Diagnostic], shown: list[Diagnostic]) -> str:
    """What was found, in the form asked for. `shown`: without what is acknowledged and what agrees, unless asked for."""
    if args.format in ("json", "github", "sarif"):
        return _for_programs(args, screen, found, shown)
    text = render(shown, screen.lang, screen.colours(sys.stdout) and args.output is None)
    many = len(args.files) + len(args.overlay)
    text = text or screen.say(f"检查了 {many} 个文件，没有问题", f"files checked: {many}; no problems")
    return f"{text}{_hidden(found, shown, screen)}\n"


def _for_programs(args: argparse.Namespace, screen: Screen, found: list[Diagnostic], shown: list[Diagnostic]) -> str:
    from campaignrules import advice  # noqa: PLC0415  only when asked for
    from campaignrules.reports import diagnostics  # noqa: PLC0415  only when asked for

    if args.format == "json":
        return diagnostics.as_json(shown)
    if args.format == "github":
        return diagnostics.as_github(shown, screen.lang)
    kept = [one for one in found if args.all or not one.agrees]  # what is acknowledged is told, as suppressed
    return diagnostics.as_sarif(kept, screen.lang, advice.page, __version__)


def _hidden(found: list[Diagnostic], shown: list[Diagnostic], screen: Screen) -> str:
    """How much is not shown, and how to see it."""
    if len(shown) == len(found):
        return ""
    parts = quiet_ones(found, screen.lang)
    notes = sum(one.severity == "note" and not one.agrees and one.acknowledged is None for one in found)
    if notes and not any(one.severity == "note" for one in shown):
        parts.append(screen.say(f"{notes} 个说明", f"{notes} note{'' if notes == 1 else 's'}"))
    if not parts:
        return ""
    return screen.say(f"；另有 {'、'.join(parts)}（--all 列出）", f"; besides {', '.join(parts)} (--all lists them)")


def _checked(name: str, overlays: Sequence[Path]) -> Sequence[Diagnostic]:
    """Every diagnostic of one file, its other readings included; a file of tests is not run."""
    from campaignrules.suites import SUFFIX  # noqa: PLC0415  its classes are made for those who check files alone

    if name.endswith(SUFFIX):
        from campaignrules import cases  # noqa: PLC0415  only for files of tests, which need the names of results

        return cases.faults(Path(name))
    try:
        return driver.check(Path(name) if Path(name).exists() else name, overlays=overlays).checked.warnings
    except CampaignError as error:
        return error.diagnostics


def _explain(args: argparse.Namespace, screen: Screen) -> int:
    """The pages of codes."""
    from campaignrules import advice  # noqa: PLC0415  only when asked for

    codes = [known(code, advice.CODES, Text("诊断代码", "code of a diagnostic")) for code in args.explain]
    screen.deliver("\n".join(advice.page(code, screen.lang) for code in codes), args.output)
    return FINE
