"""Words for time → closed intervals of days: phases, calendar windows, recurrences, due dates.

Comes in: the campaign's period, phases and working days, and words such as `2023Q1`, `each week of p2`,
`day 2 of next month`. Goes out: `Window`s and `Occurrence`s. Must not know: metrics, data, as_of.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

from attrs import evolve, field, frozen

from campaignrules.model import Campaign

DAY: Final = dt.timedelta(days=1)
RECURRENCES: Final = ("month", "quarter", "half", "year", "week", "half_month", "phase")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_WINDOWS: Final = 2000


class TimeError(ValueError):
    """The words are not a time; `args[0]` is the part that is not understood."""


@frozen(cache_hash=True)
class Window:
    """The days `start` to `end`, both included; `cut`: a recurring window clipped by the period's edge."""

    id: str
    start: dt.date
    end: dt.date
    cut: bool = field(default=False, eq=False)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@frozen(eq=False, repr=False)
class Occurrence:
    """One time a duty falls due: done by something dated `opens` to `due`; `once`: what is dated later is late."""

    window: Window
    opens: dt.date
    due: dt.date
    once: bool = False


@frozen(slots=False, eq=False, repr=False)
class Calendar:
    """The campaign's time."""

    campaign: Campaign
    _due: dict[object, tuple[Occurrence, ...]] = field(factory=dict, init=False)
    """Occurrences by what they were asked for: hundreds of duties fall due on the same days."""

    @cached_property
    def period(self) -> Window:
        return Window("campaign", self.campaign.period.from_, self.campaign.period.to)

    @cached_property
    def phases(self) -> dict[str, Window]:
        return {name: Window(name, phase.from_, phase.to) for name, phase in self.campaign.phases.items()}

    def windows(self, words: str) -> tuple[Window, ...]:
        """The windows that `words` name. Raises TimeError."""
        if not words.startswith("each "):
            return (self.window(words),)
        every, _, base = words.removeprefix("each ").partition(" of ")
        return self.each(every.strip(), self.window(base.strip()) if base else self.period)

    def window(self, words: str) -> Window:
        """The one window that `words` name. Raises TimeError."""
        if words == "campaign":
            return self.period
        return self.phases.get(words) or calendar_window(words)

    def each(self, every: str, base: Window) -> tuple[Window, ...]:
        """The windows of a recurrence inside `base`, the first and last clipped. Raises TimeError."""
        if every == "phase":
            return tuple(phase for phase in self.phases.values() if base.start <= phase.start and phase.end <= base.end)
        found = self.parts(every, base)
        if len(found) > MOST_WINDOWS:
            raise TimeError(every)
        return found

    def parts(self, every: str, base: Window) -> tuple[Window, ...]:
        """As `each`, however many there are, and with phases that lie in `base` only in part. Raises TimeError."""
        if every == "phase":
            touching = (phase for phase in self.phases.values() if phase.start <= base.end and base.start <= phase.end)
            return tuple(_clip(phase, base) for phase in touching)
        return tuple(_clip(window, base) for window in _recurring(every, base))

    def occurrences(
        self, every: str, due: tuple[str, ...], base: Window, shift: str = "none"
    ) -> tuple[Occurrence, ...]:
        """When a duty of every `every` inside `base` falls due, in order. Raises TimeError."""
        asked = (every, due, base.start, base.end, shift)
        if asked not in self._due:
            self._due[asked] = tuple(self._occurring(every, due, base, shift))
        return self._due[asked]

    def _occurring(self, every: str, due: tuple[str, ...], base: Window, shift: str) -> Iterator[Occurrence]:
        opens = base.start
        for window in self.each(every, base):
            for day in sorted({self._shifted(d, shift) for d in self._due_days(window, base, due)}):
                if day >= opens:
                    yield Occurrence(window, opens, day)
                    opens = day + DAY

    def _due_days(self, window: Window, base: Window, due: tuple[str, ...]) -> Iterator[dt.date]:
        for words in due or ("last day",):
            day = self.due_day(words, window)
            if day is not None and (day <= base.end or "next" in words) and day >= base.start:
                yield day

    def due_day(self, words: str, window: Window) -> dt.date | None:
        """The date that `words` (`day 15`, `last day`, `workday 3 of next month`, `friday`) mean for `window`."""
        if words == "last day":
            return window.end
        if words in WEEKDAYS:
            return next((d for d in _days(window) if d.weekday() == WEEKDAYS.index(words)), None)
        match = re.fullmatch(r"(day|workday) (\d{1,2})( of next month)?", words, re.ASCII)
        if match is None or not int(match[2]):
            raise TimeError(words)
        month = _month_of(window.end + DAY if window.end == _month_end(window.end) else _month_end(window.end) + DAY)
        span = month if match[3] else window
        if match[1] == "day":
            return _clamped(span.start if match[3] else window.end, int(match[2]))
        working = (d for d in _days(span) if self.is_workday(d))
        return next((d for i, d in enumerate(working, 1) if i == int(match[2])), span.end)

    def is_workday(self, day: dt.date) -> bool:
        work = self.campaign.calendar
        return day in work.workdays or (day.weekday() < 5 and day not in work.holidays)

    def later(self, day: dt.date, count: int, *, workdays: bool = False) -> dt.date:
        """So many days, or workdays, after a day; `count` is not negative."""
        if not workdays:
            return day + count * DAY
        for _ in range(count):
            day += DAY
            while not self.is_workday(day):
                day += DAY
        return day

    def _shifted(self, day: dt.date, shift: str) -> dt.date:
        step = {"next_workday": DAY, "previous_workday": -DAY}.get(shift)
        for _ in range(60 if step else 0):
            if self.is_workday(day):
                break
            day += step or DAY
        return day


YEARS: Final = range(1900, 2200)
"""Windows lie in these years, so that a year earlier and a month later are days of the calendar, too."""


def calendar_window(words: str) -> Window:
    """`2023`, `2023H1`, `2023Q1`, `2023-06`, `2023-W23`, `2023-06-01`, `2023-06-01..2023-06-15`. Raises TimeError."""
    window = _any_window(words)
    if window.start.year not in YEARS or window.end.year not in YEARS:
        raise TimeError(words)
    return window


def _any_window(words: str) -> Window:
    for pattern, build in _FORMS:
        if match := re.fullmatch(pattern, words, re.ASCII):
            try:
                start, end = build(*match.groups())
            except (ValueError, OverflowError):
                break
            if start <= end:
                return Window(words, start, end)
    raise TimeError(words)


def earlier(window: Window, against: str) -> Window:
    """The same window a year (half, quarter, month, week) earlier; whole months stay whole months."""
    back = {"year": 12, "half": 6, "quarter": 3, "month": 1}.get(against)
    if back is None:
        start, end = window.start - 7 * DAY, window.end - 7 * DAY
    else:
        start = _add_months(window.start, -back)
        whole = window.end == _month_end(window.end)
        end = _add_months(window.end, -back)
        end = _month_end(end) if whole else end
    return Window(f"{start}..{end}", start, end)


def _ymd(year: str, month: int, day: int = 1) -> dt.date:
    return dt.date(int(year), month, day)


def _span_of_months(year: str, first: int, last: int) -> tuple[dt.date, dt.date]:
    return _ymd(year, first), _month_end(_ymd(year, last))


def _iso_week(year: str, week: str) -> tuple[dt.date, dt.date]:
    start = dt.date.fromisocalendar(int(year), int(week), 1)
    return start, start + 6 * DAY


_DATE = r"(\d{4}-\d{2}-\d{2})"
_FORMS: Final[tuple[tuple[str, Callable[..., tuple[dt.date, dt.date]]], ...]] = (
    (r"(\d{4})", lambda y: _span_of_months(y, 1, 12)),
    (r"(\d{4})H([12])", lambda y, h: _span_of_months(y, 6 * int(h) - 5, 6 * int(h))),
    (r"(\d{4})Q([1-4])", lambda y, q: _span_of_months(y, 3 * int(q) - 2, 3 * int(q))),
    (r"(\d{4})-(\d{2})", lambda y, m: _span_of_months(y, int(m), int(m))),
    (r"(\d{4})-W(\d{2})", _iso_week),
    (_DATE, lambda d: (dt.date.fromisoformat(d), dt.date.fromisoformat(d))),
    (_DATE + r"\.\." + _DATE, lambda a, b: (dt.date.fromisoformat(a), dt.date.fromisoformat(b))),
)


def _recurring(every: str, base: Window) -> Iterator[Window]:
    """Whole windows that touch `base`, in order. Raises TimeError."""
    if every == "half_month":
        for month in _recurring("month", base):
            yield from (half for half in _halves(month) if half.end >= base.start and half.start <= base.end)
        return
    name = _NAMING.get(every)
    if name is None:
        raise TimeError(every)
    day = base.start
    while day <= base.end:
        window = _any_window(name(day))
        yield window
        if window.end >= dt.date.max - DAY:
            return
        day = window.end + DAY


def _week_name(day: dt.date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


_NAMING: Final[dict[str, Callable[[dt.date], str]]] = {
    "month": lambda d: f"{d.year:04d}-{d.month:02d}",
    "quarter": lambda d: f"{d.year:04d}Q{(d.month + 2) // 3}",
    "half": lambda d: f"{d.year:04d}H{(d.month + 5) // 6}",
    "year": lambda d: f"{d.year:04d}",
    "week": _week_name,
}


def _halves(month: Window) -> Iterator[Window]:
    middle = month.start.replace(day=15)
    yield Window(f"{month.id}-A", month.start, middle)
    yield Window(f"{month.id}-B", middle + DAY, month.end)


def _clip(window: Window, base: Window) -> Window:
    start, end = max(window.start, base.start), min(window.end, base.end)
    return evolve(window, start=start, end=end, cut=(start, end) != (window.start, window.end))


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=months.monthrange(day.year, day.month)[1])


def _month_of(day: dt.date) -> Window:
    return Window("", day.replace(day=1), _month_end(day))


def _clamped(day: dt.date, number: int) -> dt.date:
    """The `number`th of `day`'s month, or the month's last day."""
    return day.replace(day=min(number, _month_end(day).day))


def _add_months(day: dt.date, count: int) -> dt.date:
    month = day.year * 12 + day.month - 1 + count
    return _clamped(dt.date(month // 12, month % 12 + 1, 1), day.day)


def _days(window: Window) -> Iterator[dt.date]:
    return (window.start + i * DAY for i in range(window.days))
