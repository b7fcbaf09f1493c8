"""Phases and names of time: do the phases fill the period, and has a "hundred days" a hundred days?

Must not know: what is demanded when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from campaignrules.calendar import DAY, Window
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import Diagnostic, Text, fault

FEWEST_DAYS: Final = 7
"""A smaller number of days in a name says no length: 三天两头."""
MOST_DAYS: Final = 3660


# -- do they fill the period -------------------------------------------------------------------------------------------


def phases_and_period(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """Phases that overlap, days that lie in none; one phase alone divides nothing."""
    phases = sorted(checked.calendar.phases.values(), key=lambda phase: (phase.start, -phase.days))
    if len(phases) < 2:
        return
    found = [*_overlaps(checked, phases), *_gaps(checked, phases)]
    yield from found
    if not found:
        days = " + ".join(str(phase.days) for phase in phases)
        whole = checked.calendar.period
        at = checked.campaign.period.node
        yield fault("phases-fill-period", at, subject="campaign", agrees=True, days=days, whole=whole.days)


def _overlaps(checked: CheckedCampaign, phases: list[Window]) -> Iterator[Diagnostic]:
    """Each phase against the one before it that lasts longest; inside another is a note, for that may be meant."""
    longest = phases[0]
    for phase in phases[1:]:
        if phase.start <= longest.end:
            inside = phase.end <= longest.end
            both = Window("", phase.start, min(phase.end, longest.end))
            yield fault(
                "phases-overlap",
                checked.campaign.phases[phase.id].node,
                severity="note" if inside else None,
                subject=phase.id, name=phase.id, other=longest.id, start=both.start, end=both.end, days=both.days,
                related=[(checked.campaign.phases[longest.id].node, Text(f"阶段 {longest.id}", f"phase {longest.id}"))],
            )  # fmt: skip
        longest = max(longest, phase, key=lambda one: one.end)


def _gaps(checked: CheckedCampaign, phases: list[Window]) -> Iterator[Diagnostic]:
    """Days between phases; at the edges of the period a note, for there may be a time before and after."""
    period, reached = checked.calendar.period, checked.calendar.period.start - DAY
    for i, phase in enumerate(phases):
        if phase.start > reached + DAY:
            yield _gap(checked, Window(phase.id, reached + DAY, phase.start - DAY), edge=i == 0)
        reached = max(reached, phase.end)
    if reached < period.end:
        last = max(phases, key=lambda phase: phase.end)
        yield _gap(checked, Window(last.id, reached + DAY, period.end), edge=True)


def _gap(checked: CheckedCampaign, days: Window, *, edge: bool) -> Diagnostic:
    at = checked.campaign.phases[days.id].node
    words: dict[str, Any] = {"start": days.start, "end": days.end, "days": days.days}
    return fault("phases-leave-gap", at, severity="note" if edge else None, subject=days.id, **words)


# -- names that say a number of days -----------------------------------------------------------------------------------


def nominal_days(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """A title of so many days, of the campaign or a phase, against how long it is.

    A campaign is called after its main part often enough: one phase of exactly so many days will do.
    """
    campaign, calendar = checked.campaign, checked.calendar
    for said, words in _days_said(campaign.title, campaign.campaign).items():
        fitting = [window for window in (calendar.period, *calendar.phases.values()) if window.days == said]
        at = campaign.spot("title")
        yield _judged(words, said, fitting[0] if fitting else calendar.period, at, "campaign")
    for name, phase in campaign.phases.items():
        for said, words in _days_said(phase.title, name).items():
            yield _judged(words, said, calendar.phases[name], phase.spot("title"), name)


def _judged(title: str, said: int, window: Window, at: Any, subject: str) -> Diagnostic:
    words: dict[str, Any] = {
        "title": title,
        "said": said,
        "days": window.days,
        "start": window.start,
        "end": window.end,
    }
    if window.days == said:
        return fault("nominal-days-hold", at, subject=subject, agrees=True, window=window.id, **words)
    return fault("nominal-days", at, subject=subject, **words)


def _days_said(title: Text | None, id_: str) -> dict[int, str]:
    """The numbers of days that a title or an id says, each with the words that say it first."""
    names = ((_ID, id_.lower()), (_EN, title.en if title else ""), (_ZH, title.zh if title else ""))
    found = {_number(word.lower()): text for pattern, text in names for word in pattern.findall(text)}
    return {days: text for days, text in found.items() if FEWEST_DAYS <= days <= MOST_DAYS}


_DIGITS: Final = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_TENS: Final = {"十": 10, "百": 100}
_ENGLISH: Final = {
    "ten": 10, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100,
}  # fmt: skip
_ZH: Final = re.compile(
    r"(?<![\d月第每零〇一二两三四五六七八九十百])(\d{1,4}|[一二两三四五六七八九十百]{1,7})[日天](?![前内起之报记期程常后以\d])"
)
_EN: Final = re.compile(rf"\b(\d{{1,4}}|{'|'.join(_ENGLISH)})[- ]days?\b", re.IGNORECASE)
_ID: Final = re.compile(r"(\d{1,4})[_-]?days?(?![a-z])")


def _number(word: str) -> int:
    """A number in digits, in English or in Chinese up to 九百九十九."""
    if word.isascii():
        return _ENGLISH.get(word) or int(word)
    total, digit = 0, 0
    for character in word:
        if character in _TENS:
            total, digit = total + (digit or 1) * _TENS[character], 0
        else:
            digit = _DIGITS[character]
    return total + digit
