"""The command `verify`: generates data and tries to break the properties of a campaign.

Must not know: how data are made, what the properties are.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaignrules import driver
from campaignrules.cli.screen import FINE, PROBLEMS, Screen, UsageError
from campaignrules.errors import Text, render, to_json

if TYPE_CHECKING:
    from campaignrules.testing import Tried, Verdict

_INSTALL = 'pip install "campaignrules[testing]"'


def verify(args: argparse.Namespace, screen: Screen) -> int:
    """Show which properties hold, and for those that do not the smallest data; 1 when one is broken for no reason given."""
    began = time.monotonic()
    try:
        from campaignrules import testing  # noqa: PLC0415  Hypothesis comes with an extra
    except ImportError as missing:
        raise UsageError(
            Text(f"verify 需要 Hypothesis：{_INSTALL}", f"verify needs Hypothesis: {_INSTALL}")
        ) from missing
    campaign = driver.load(args.campaign, overlays=[Path(name) for name in args.overlay])
    more: dict[str, Any] = {} if args.seed is None else {"seed": args.seed}
    left = args.seconds - (time.monotonic() - began)
    verdict = testing.verify(campaign, left, properties=args.property or None, **more)
    screen.deliver(_written(args, screen, verdict), args.output)
    return FINE if verdict.holds else PROBLEMS


def _written(args: argparse.Namespace, screen: Screen, verdict: Verdict) -> str:
    if args.format == "json":
        from campaignrules.reports.as_json import dumped  # noqa: PLC0415  only when asked for

        return dumped(_data(verdict, screen.lang))
    colours = screen.colours(sys.stdout) and args.output is None
    parts = [_table(verdict, screen), *_cases(verdict, screen)]
    shown = render(verdict.diagnostics, screen.lang, colours)
    return "\n\n".join([*parts, *([shown] if shown else [])]) + "\n"


def _table(verdict: Verdict, screen: Screen) -> str:
    """A line for each property, and how much was tried."""
    lines = [_line(tried, verdict, screen) for tried in verdict.tried]
    seconds = f"{verdict.seconds:.0f}"
    said = screen.say(
        f"造了 {verdict.examples} 份数据，用 {seconds} 秒，种子 {verdict.seed}",
        f"{verdict.examples} submissions generated in {seconds} s, seed {verdict.seed}",
    )
    return "\n".join([*lines, said])


def _line(tried: Tried, verdict: Verdict, screen: Screen) -> str:
    many, count = len(tried.applies_to), len(tried.broken)
    if not many:
        return screen.say(f"－ {tried.property}：{tried.says.zh}（本活动没有可验证之处）",
                          f"- {tried.property}: {tried.says.en} (nothing in this campaign to try it on)")  # fmt: skip
    on = screen.say(f"{tried.examples} 份数据，{many} 处", f"{tried.examples} submissions, {many} places")
    if not count:
        return screen.say(f"✓ {tried.property}：{tried.says.zh}（{on}）", f"✓ {tried.property}: {tried.says.en} ({on})")
    known = {
        one.subject for one in verdict.diagnostics if one.acknowledged is not None and one.finding == tried.property
    }
    left = sum(one.subject not in known for one in tried.broken)
    mark = "✗" if left else "○"
    zh, en = f"{count} 处不成立，其中已确认 {count - left}", f"broken at {count}, of which acknowledged {count - left}"
    return screen.say(
        f"{mark} {tried.property}：{tried.says.zh}（{on}；{zh}）",
        f"{mark} {tried.property}: {tried.says.en} ({on}; {en})",
    )


def _cases(verdict: Verdict, screen: Screen) -> list[str]:
    """The smallest data of each failure that is not acknowledged, as cases of a file of tests."""
    from campaignrules.testing.pasting import case_of  # noqa: PLC0415  after Hypothesis was found to be there

    known = {(one.finding, one.subject) for one in verdict.diagnostics if one.acknowledged is not None}
    return [case_of(one, screen.lang) for one in verdict.broken if (one.property, one.subject) not in known]


def _data(verdict: Verdict, lang: str) -> dict[str, Any]:
    """The verdict as plain data."""
    from campaignrules.testing.pasting import case_of  # noqa: PLC0415  after Hypothesis was found to be there

    def told(tried: Tried) -> dict[str, Any]:
        broken = [
            {
                "subject": one.subject,
                "as_of": str(one.drawn.submitted.as_of),
                "tables": one.drawn.submitted.tables,
                "case": case_of(one, lang),
            }
            for one in tried.broken
        ]
        says = {"zh": tried.says.zh, "en": tried.says.en}
        return {
            "property": tried.property,
            "says": says,
            "examples": tried.examples,
            "applies_to": list(tried.applies_to),
            "broken": broken,
        }

    return {
        "holds": verdict.holds,
        "examples": verdict.examples,
        "seed": verdict.seed,
        "properties": [told(tried) for tried in verdict.tried],
        "diagnostics": [to_json(one) for one in verdict.diagnostics],
    }
