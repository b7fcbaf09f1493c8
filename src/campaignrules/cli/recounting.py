"""`evaluate --history`: the results of day after day in place of the report of one day.

Must not know: how they are computed or laid out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from campaignrules import driver
from campaignrules.cli.screen import WIDTH, Screen, UsageError
from campaignrules.errors import Text
from campaignrules.reports import Choice

if TYPE_CHECKING:
    from campaignrules.evaluation import Evaluation
    from campaignrules.history import History
    from campaignrules.history.showing import Dated


def recount(
    args: argparse.Namespace,
    screen: Screen,
    campaign: driver.Campaign,
    chosen: Callable[[Evaluation], Choice],
) -> tuple[Evaluation, Choice]:
    """Shows the history; gives the evaluation of its last day and what was chosen. Raises UsageError."""
    from campaignrules.history.showing import TABLES  # noqa: PLC0415  the engine is imported by who uses it

    for option in ("sheet", "all_readings", "receipt"):
        if getattr(args, option):
            name = "--" + option.replace("_", "-")
            raise UsageError(Text(f"--history 不能同 {name} 一起用", f"--history does not go with {name}"))
    table = args.table or "progress"
    if table not in TABLES:
        some = "、".join(TABLES), ", ".join(TABLES)
        raise UsageError(Text(f"--history 的 --table 可写 {some[0]}", f"--history has the tables {some[1]}"))
    history = campaign.history(
        args.data,
        by=args.history,
        until=_until(args, campaign),
        points=table != "progress",
        encoding=args.encoding,
        engine=args.engine,
    )
    choice = chosen(history.last)
    screen.deliver(_text(args, screen, history, table, choice), args.output)
    return history.last, choice


def _until(args: argparse.Namespace, campaign: driver.Campaign) -> dt.date:
    """The last day: the one given, or else that of --as-of, at most the period's last."""
    if args.until is not None:
        return args.until  # type: ignore[no-any-return]
    return min(args.as_of, campaign.checked.calendar.period.end)  # type: ignore[no-any-return]


def _text(args: argparse.Namespace, screen: Screen, history: History, table: Dated, choice: Choice) -> str:
    from campaignrules.history import showing  # noqa: PLC0415  as above

    if args.format == "json":
        return showing.json_of(history, choice)
    if args.format == "csv":
        return showing.csv_of(history, table, choice, screen.lang)
    to_screen = args.output in (None, "-")
    width, colour = screen.width if to_screen else WIDTH, to_screen and screen.colours(sys.stdout)
    return showing.table_of(history, table, choice, screen.lang, colour, width)
