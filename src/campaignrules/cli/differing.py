"""The command `diff`: what changed between two campaigns, in meaning and in results.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from campaignrules import driver
from campaignrules.cli.screen import Screen, UsageError
from campaignrules.errors import Text, visible

if TYPE_CHECKING:
    from campaignrules.differing import Moved
    from campaignrules.evaluation import Evaluation

SAME, CHANGED = 0, 1


def diff(args: argparse.Namespace, screen: Screen) -> int:
    """Show what changed; 1 when the meaning or a result did."""
    from campaignrules import differing  # noqa: PLC0415  the other commands do without
    from campaignrules.differing import words  # noqa: PLC0415  the same
    from campaignrules.reports.as_json import dumped  # noqa: PLC0415  the same

    if args.data is not None and args.as_of is None:
        raise UsageError(
            Text("--data 要同 --as-of 一起用，如 --as-of 2023-06-30", "--data needs --as-of, as in --as-of 2023-06-30")
        )
    before, after = driver.load(args.before), driver.load(args.after)
    comparison = differing.compare(before, after)
    evaluations = None if args.data is None else (_evaluated(before, args), _evaluated(after, args))
    moved = evaluations and differing.compare_results(*evaluations, comparison.renames)
    if args.format == "json":
        text = dumped(words.data_of(comparison, moved))
    else:
        text = "".join(f"{line}\n" for line in _lines(words.told(comparison), screen))
        text += "".join(f"{line}\n" for line in _results(moved, evaluations, screen))
    screen.deliver(text, args.output)
    return SAME if comparison.same and not moved else CHANGED


def _evaluated(campaign: driver.Campaign, args: argparse.Namespace) -> Evaluation:
    return campaign.evaluate(args.data, as_of=args.as_of, encoding=args.encoding)


def _results(
    moved: tuple[Moved, ...] | None, evaluations: tuple[Evaluation, Evaluation] | None, screen: Screen
) -> Iterator[str]:
    from campaignrules.differing import words  # noqa: PLC0415  the other commands do without

    if moved is not None and evaluations is not None:
        yield from _lines(words.told_results(moved, *evaluations), screen)


def _lines(texts: Iterator[Text], screen: Screen) -> Iterator[str]:
    return (visible(text.to(screen.lang)) for text in texts)
