"""Deadlines against the calendar and the period: those that do not exist, lie outside, or leave no day to use them.

Must not know: what is to be done by then.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from campaignrules.calendar import RECURRENCES, TimeError, Window
from campaignrules.checked import CheckedCampaign, CheckedDuty
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.messages import Severity
from campaignrules.model import Duty

MOST_LOOKED_AT: Final = 400
"""Windows of one duty whose days are counted: three years of weeks and more."""
EVALUATION: Final = re.compile(r"考评|考核|评比|评价|评分|排名|排位|evaluat|assess|rank|scor", re.IGNORECASE)


# -- days that do not exist --------------------------------------------------------------------------------------------


def days_that_do_not_exist(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """`day 31` in a month of 30 days, `workday 6` in a week: the last day is taken instead, and said to be."""
    for duty in checked.campaign.duties:
        for i, words in enumerate(duty.due):
            windows = list(islice(_windows(checked, duty), MOST_LOOKED_AT))
            short = [window for window in windows if _is_short(checked, words, window)]
            if short:
                first = short[0]
                always = len(short) == len(windows)
                yield fault(
                    "no-such-day", duty.spot("due", i), severity=None if always else "note", subject=duty.id, words=words,
                    window=first.id, day=checked.calendar.due_day(words, first), count=len(short), many=len(windows),
                )  # fmt: skip


def _windows(checked: CheckedCampaign, duty: Duty) -> Iterator[Window]:
    for words in (duty.in_,) if isinstance(duty.in_, str) else duty.in_:
        try:
            for base in checked.calendar.windows(words):
                yield from checked.calendar.each(duty.every or "", base) if duty.every in RECURRENCES else ()
        except TimeError:
            return


def _is_short(checked: CheckedCampaign, words: str, window: Window) -> bool:
    """Whether the day that is meant lies beyond the month or window: then another day, or its last one, is taken."""
    number = re.fullmatch(r"(day|workday) (\d{1,2})( of next month)?", words)
    if number is None or (number[1] == "day" and int(number[2]) <= 28):
        return False
    day = checked.calendar.due_day(words, window)
    if day is None:
        return False
    if number[1] == "day":
        return day.day != int(number[2])
    start = day.replace(day=1) if number[3] else window.start
    worked = sum(checked.calendar.is_workday(start + dt.timedelta(i)) for i in range((day - start).days + 1))
    return worked < int(number[2])


# -- outside the period ------------------------------------------------------------------------------------------------


def deadlines_outside(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """A duty due on a day outside the period, or on none at all."""
    period = checked.calendar.period
    for checked_duty in checked.duties:
        duty = checked_duty.duty
        if duty.every is not None and not checked_duty.occurrences and not checked_duty.awaits:
            yield fault("never-due", duty.spot("every"), subject=duty.id)
        for occurrence in checked_duty.occurrences if duty.by is not None else ():
            if not period.start <= occurrence.due <= period.end:
                words: dict[str, Any] = {"day": occurrence.due, "start": period.start, "end": period.end}
                yield fault("deadline-outside-period", duty.spot("by"), subject=duty.id, **words)


def windows_outside(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """A target, duty, return, scorecard, ranking or honour in a window outside the period; partly outside is a note."""
    period = checked.calendar.period
    for name, element, windows in _judging(checked):
        outside = [one for one in windows if one.end < period.start or one.start > period.end]
        partly = [one for one in windows if one not in outside and not _within(one, period)]
        told: list[tuple[list[Window], Severity | None]] = [(outside, None), (partly, "note")]
        for some, severity in told:
            if some:
                words: dict[str, Any] = {"window": some[0].id, "start": period.start, "end": period.end}
                spot = element.spot("in")
                yield fault("window-outside-period", spot, severity=severity, subject=name, **words)


def _within(window: Window, period: Window) -> bool:
    return period.start <= window.start and window.end <= period.end


def _judging(checked: CheckedCampaign) -> Iterator[tuple[str, Any, Iterable[Window]]]:
    yield from ((one.target.id, one.target, one.windows) for one in checked.targets)
    for duty in checked.duties:
        if duty.duty.by is None:
            yield duty.duty.id, duty.duty, [occurrence.window for occurrence in duty.occurrences]
    yield from ((one.id, one.asked, one.windows) for one in checked.returns)
    yield from ((name, one.card, one.windows) for name, one in checked.scorecards.items())
    yield from ((name, one.ranking, one.windows) for name, one in checked.rankings.items())
    yield from ((one.honour.id, one.honour, one.windows) for one in checked.honours)


# -- the last day ------------------------------------------------------------------------------------------------------


def due_when_evaluated(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """What units are to submit is due on the very day by which the evaluation is to be made.

    Told from what the file says: a duty of units with a submitted table, and one of the whole whose title speaks of an
    evaluation, both due once and on the same day.
    """
    evaluations: dict[dt.date, CheckedDuty] = {}
    submissions: dict[dt.date, list[CheckedDuty]] = defaultdict(list)
    for one in checked.duties:
        if one.duty.by is None or not one.occurrences:
            continue
        day = one.occurrences[0].due
        whole = all(judged.kind == "campaign" for judged in one.judged)
        title = one.duty.title or Text("", "")
        if whole and (EVALUATION.search(title.zh) or EVALUATION.search(title.en)):
            evaluations.setdefault(day, one)
        elif not whole and one.duty.record is not None:
            submissions[day].append(one)
    for day, evaluation in evaluations.items():
        for one in submissions[day]:
            title = evaluation.duty.title or Text("", "")
            yield fault(
                "due-when-evaluated", one.duty.spot("by"), subject=one.duty.id, day=day, evaluation=evaluation.duty.id,
                related=[(evaluation.duty.spot("by"), Text(f"{evaluation.duty.id}：{title.zh}", f"{evaluation.duty.id}: {title.en}"))],
            )  # fmt: skip
