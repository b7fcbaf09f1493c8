"""Deadlines against the calendar and the period: those that do not exist, lie outside, or leave no day to use them.

Must not know: what is to be done by then.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from campaignrules.calendar import RECURRENCES, TimeError, Window
from campaignrules.checked import CheckedCampaign, CheckedDuty
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.messages import Severity
from campaignrules.model import Duty

MOST_LOOKED_AT: Final = 400
"""Windows of one duty whose days are counted: seven years of weeks."""
MOST_KINDS: Final = 40
"""Due days that are looked at, each with its windows once for all duties that have it."""
EVALUATION: Final = re.compile(r"考评|考核|评比|评价|评分|排名|排位|evaluat|assess|rank|scor", re.IGNORECASE)


# -- days that do not exist --------------------------------------------------------------------------------------------


def days_that_do_not_exist(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """`day 31` in a month of 30 days, `workday 6` in a week: the last day is taken instead, and said to be."""
    known: dict[tuple[object, str], tuple[list[Window], int]] = {}
    for duty in checked.campaign.duties:
        for i, words in enumerate(duty.due):
            key = (duty.in_, f"{duty.every} {words}")
            if key not in known and len(known) < MOST_KINDS:
                windows = list(islice(_windows(checked, duty), MOST_LOOKED_AT)) if _may_lack(words) else []
                known[key] = [window for window in windows if _is_short(checked, words, window)], len(windows)
            short, many = known.get(key, ([], 0))
            if short:
                day = checked.calendar.due_day(words, short[0])
                told: dict[str, Any] = {"words": words, "window": short[0].id, "day": day, "count": len(short)}
                severity: Severity | None = None if len(short) == many else "note"
                yield fault("no-such-day", duty.spot("due", i), severity=severity, subject=duty.id, many=many, **told)


def _windows(checked: CheckedCampaign, duty: Duty) -> Iterator[Window]:
    """The windows of a recurring duty; they were found to be times when the duty was checked."""
    for words in (duty.in_,) if isinstance(duty.in_, str) else duty.in_:
        with contextlib.suppress(TimeError):
            for base in checked.calendar.windows(words):
                yield from checked.calendar.each(duty.every or "", base) if duty.every in RECURRENCES else ()


def _may_lack(words: str) -> bool:
    """Every month has 28 days."""
    number = _NUMBERED.fullmatch(words)
    return number is not None and (number[1] == "workday" or int(number[2]) > 28)


_NUMBERED: Final = re.compile(r"(day|workday) (\d{1,2})( of next month)?", re.ASCII)


def _is_short(checked: CheckedCampaign, words: str, window: Window) -> bool:
    """Whether the day that is meant lies beyond the month or window: then another day, or its last one, is taken."""
    number, day = _NUMBERED.fullmatch(words), checked.calendar.due_day(words, window)
    if number is None or day is None:
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
        ends = [] if not windows else [min(windows, key=lambda w: w.start), max(windows, key=lambda w: w.end)]
        beyond = [window for window in ends if not _within(window, period)]
        outside = [window for window in beyond if window.end < period.start or window.start > period.end]
        if beyond:
            told: dict[str, Any] = {"window": (outside or beyond)[0].id, "start": period.start, "end": period.end}
            severity: Severity | None = None if outside else "note"
            yield fault("window-outside-period", element.spot("in"), severity=severity, subject=name, **told)


def _within(window: Window, period: Window) -> bool:
    return period.start <= window.start and window.end <= period.end


def _judging(checked: CheckedCampaign) -> Iterator[tuple[str, Any, Sequence[Window]]]:
    yield from ((one.target.id, one.target, one.windows) for one in checked.targets)
    for duty in checked.duties:
        if duty.duty.by is None:
            yield duty.duty.id, duty.duty, [occurrence.window for occurrence in duty.occurrences]
    yield from ((one.id, one.asked, one.windows) for one in checked.returns)
    yield from ((name, one.card, one.windows) for name, one in checked.scorecards.items())
    yield from ((name, one.ranking, one.windows) for name, one in checked.rankings.items())
    yield from ((one.honour.id, one.honour, one.windows) for one in checked.honours)


def days_after_the_last(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Days at the end of what a recurring report is for that come after its last deadline: they are in no report."""
    period = checked.calendar.period
    for one in checked.duties:
        duty, dues = one.duty, [occurrence.due for occurrence in one.occurrences]
        if duty.every is None or duty.record is None or not dues or duty.in_ != "campaign" or max(dues) >= period.end:
            continue
        days = (period.end - max(dues)).days
        words: dict[str, Any] = {"last": max(dues), "end": period.end, "days": days}
        yield fault("days-after-last-due", duty.spot("due" if duty.due else "every"), subject=duty.id, **words)


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
