"""What people write for a period reported on → the window that is meant: 2023年6月, 2023Q2, 二季度, 1-6月, 第一阶段.

Comes in: submitted text, the windows it may mean, the campaign's time. Goes out: a `Window`, or None when it means none
of them. Must not know: who submitted it, or what for.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from attrs import frozen

from campaignrules.calendar import DAY, YEARS, Calendar, TimeError, Window, calendar_window

LONGEST: Final = 80
"""Characters that are looked at."""
_WHOLE: Final = frozenset({"campaign", "全期", "整个活动期间", "活动期间"})


Days = tuple[dt.date, dt.date]


@frozen(slots=False, eq=False, repr=False)
class Periods:
    """The windows that periods may mean."""

    windows: tuple[Window, ...]
    calendar: Calendar

    def meant(self, text: str) -> Window | None:
        """The window that a period means: by its name, by its days, or as the last one of a period cumulated to its end.

        A period that begins with a year or with the campaign (1-6月) and has the days of none of the windows stands for
        the one that ends with it.
        """
        bare = _bare(text)
        return self._by_name.get(bare) or next(self._found(bare), None) if bare else None

    def _found(self, bare: str) -> Iterator[Window]:
        """The windows with the days of the period, those first that are not only cumulated to."""
        period = self.calendar.period
        spans = [*_spans(bare, range(period.start.year, period.end.year + 1))]
        clipped = [(max(start, period.start), min(end, period.end)) for start, end in spans]
        yield from (self._by_days[days] for days in (*spans, *clipped) if days in self._by_days)
        for (start, _), (first, end) in zip(spans, clipped, strict=True):
            if (start.month, start.day) == (1, 1) or first == period.start:
                yield from (window for window in self._by_end.get(end, ()) if window.start >= first)

    @cached_property
    def _by_name(self) -> Mapping[str, Window]:
        return {name: window for window in reversed(self.windows) for name in _names(window, self.calendar)}

    @cached_property
    def _by_days(self) -> Mapping[Days, Window]:
        """Of windows of the same days the first; the days of a whole month come after those of a window."""
        whole = {_whole(window): window for window in reversed(self.windows)}
        return whole | {(window.start, window.end): window for window in reversed(self.windows)}

    @cached_property
    def _by_end(self) -> Mapping[dt.date, list[Window]]:
        found: dict[dt.date, list[Window]] = {}
        for window in self.windows:
            found.setdefault(window.end, []).append(window)
        return found


def window_meant(text: str, windows: Iterable[Window], calendar: Calendar) -> Window | None:
    """The window that a period means, asked once."""
    return Periods(tuple(windows), calendar).meant(text)


def window_on(day: dt.date, windows: Iterable[tuple[Window, dt.date]]) -> Window | None:
    """The window that what is submitted on a day is for, of windows with their due dates.

    Of those that have begun by then the first whose due date has not passed, or else the last one.
    """
    begun = sorted(((due, window) for window, due in windows if window.start <= day), key=_by_due)
    open_ = (window for due, window in begun if due >= day)
    return next(open_, begun[-1][1] if begun else None)


def _by_due(pair: tuple[dt.date, Window]) -> tuple[dt.date, ...]:
    due, window = pair
    return due, window.end, window.start


def _bare(text: str) -> str:
    """The text without what people vary: width, case, blanks."""
    return "".join(unicodedata.normalize("NFKC", text[:LONGEST]).casefold().split())


def _names(window: Window, calendar: Calendar) -> set[str]:
    phase = calendar.campaign.phases.get(window.id)
    titles = (phase.title.zh, phase.title.en) if phase is not None and phase.title else ()
    return {_bare(window.id), *map(_bare, titles), *(_WHOLE if window.id == "campaign" else ())}


def _whole(window: Window) -> Days:
    """The days of a window; of one that is cut, those of the whole month, quarter … that it is named for."""
    name, half = (window.id[:-2], window.id[-1]) if window.id.endswith(("-A", "-B")) else (window.id, "")
    try:
        whole = calendar_window(name) if window.cut else window
    except TimeError:
        return window.start, window.end
    if not (window.cut and half):
        return whole.start, whole.end
    middle = whole.start.replace(day=15)
    return (whole.start, middle) if half == "A" else (middle + DAY, whole.end)


def _spans(bare: str, years: Iterable[int]) -> Iterator[Days]:
    """The days that the text means; without a year, those of each of `years`."""
    for word in (bare, bare.upper()):
        try:
            window = calendar_window(word)
        except TimeError:
            continue
        yield window.start, window.end
        return
    for pattern, name in _FORMS:
        if match := re.fullmatch(pattern, bare):
            yield from _each_year(match, name, years)
            return


def _each_year(
    match: re.Match[str], name: Callable[[str, dict[str, str | None]], str], years: Iterable[int]
) -> Iterator[Days]:
    parts = match.groupdict()
    given = parts.pop("year", None)
    for year in [given] if given else [str(one) for one in years if one in YEARS]:
        try:
            window = calendar_window(name(year, parts))
        except TimeError:
            continue
        yield window.start, window.end


_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九十")}


def _number(text: str | None) -> int:
    """A number up to 99, in digits or in Chinese."""
    given = text or "0"
    if given.isascii():
        return int(given)
    tens, ten, ones = given.rpartition("十") if "十" in given else ("", "", given)
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)


def _months(year: str, parts: dict[str, str | None]) -> str:
    first = _number(parts["month"])
    last = _number(parts.get("last")) or first
    ends = ((year, first), (parts.get("until") or year, last))
    begin, end = (calendar_window(f"{of}-{month:02d}") for of, month in ends)
    return f"{begin.start}..{end.end}"


def _half_month(year: str, parts: dict[str, str | None]) -> str:
    month = calendar_window(f"{year}-{_number(parts['month']):02d}")
    middle = month.start.replace(day=15)
    if parts["half"] == "上":
        return f"{month.start}..{middle}"
    return f"{middle + DAY}..{month.end}"


def _days(year: str, parts: dict[str, str | None]) -> str:
    first, day, last, to = (_number(parts[name]) for name in ("month", "day", "last", "to"))
    until = parts["until"] or year
    return f"{year}-{first:02d}-{day:02d}..{until}-{last or first:02d}-{to:02d}"


_YEAR: Final = r"(?:(?P<year>[0-9]{4})[年度]{0,2}[-./]?)?"
_N: Final = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_TO: Final = r"(?:[-~‐-―−]+|至|到|\.\.)"
_FORMS: Final[tuple[tuple[str, Callable[[str, dict[str, str | None]], str]], ...]] = (
    (r"(?P<year>[0-9]{4})(?:年|年度|年全年|全年)|全年|本年度?", lambda y, _: y),
    (_YEAR + r"(?P<half>[上下])半年", lambda y, p: f"{y}H{1 if p['half'] == '上' else 2}"),
    (_YEAR + rf"第?(?P<quarter>{_N})季度?", lambda y, p: f"{y}Q{_number(p['quarter'])}"),
    (_YEAR + r"q(?P<quarter>[1-4])", lambda y, p: f"{y}Q{_number(p['quarter'])}"),
    (_YEAR + rf"第(?P<week>{_N})周", lambda y, p: f"{y}-W{_number(p['week']):02d}"),
    (r"(?P<year>[0-9]{4})[-./]?(?P<month>[0-9]{2})月?", _months),
    (r"(?P<year>[0-9]{4})[-./](?P<month>[0-9])月?", _months),
    (_YEAR + rf"(?P<month>{_N})月份?", _months),
    (_YEAR + rf"(?P<month>{_N})月?份?{_TO}(?P<last>{_N})月份?", _months),
    (rf"(?P<year>[0-9]{{4}})[-./年](?P<month>{_N})月?份?{_TO}(?P<until>[0-9]{{4}})[-./年](?P<last>{_N})月?份?", _months),
    (_YEAR + rf"(?P<month>{_N})月份?(?P<half>[上下])半月", _half_month),
    (r"(?P<year>[0-9]{4})[-./年](?P<month>[0-9]{1,2})[-./月](?P<day>[0-9]{1,2})日?" + _TO
     + r"(?:(?P<until>[0-9]{4})[-./年])?(?:(?P<last>[0-9]{1,2})[-./月])?(?P<to>[0-9]{1,2})日?", _days),
    (_YEAR + r"(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日?" + _TO
     + r"(?:(?P<until>[0-9]{4})年)?(?:(?P<last>[0-9]{1,2})月)?(?P<to>[0-9]{1,2})日?", _days),
)  # fmt: skip
