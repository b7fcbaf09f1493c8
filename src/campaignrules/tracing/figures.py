"""A stretch of text → its figures: what they say, exactly, and where they stand.

A figure is a number with its unit (80亿元以上, 2260余家, 三分之一, 双倍), days of the calendar (5月15日至21日, 6-8月份, 一季度),
a day of each month (每月15日), a recurrence (每季度), an ordinal (第三季) or the number of a document (川办函〔2023〕32号).
What looks like a number and is a name is kept apart: an idiom (一企一策, “三类500强”, 千企) is never held against the
campaign, only for it. Patterns have bounded repeats, so that the time grows with the length of the text. Must not know:
campaigns, clauses.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, Literal

from attrs import frozen

from campaignrules.quantities import MONEY, UNITS
from campaignrules.tracing.numerals import magnitude, part_of, value_of
from campaignrules.tracing.patterns import AFTER, BEFORE, FIGURE, FULL_WIDTH, NAMES, NOT_ONE, QUOTED, QUOTES

Sort = Literal["figure", "word", "idiom"]
"""figure: digits, money, shares, bounds. word: a number in words (两个, 六大). idiom: part of a name or saying."""
NUMBER: Final = "number"
DAYS: Final = "days"
DAY: Final = "day of month"
EACH: Final = "recurrence"
ORDINAL: Final = "ordinal"
LABEL: Final = "document number"
PLAIN: Final = ""
"""The dimension of a number without unit."""
RATIO: Final = "ratio"
TIMES: Final = "times"


@frozen
class Days:
    """Days of the calendar, both ends included; `year` None where the text leaves it out. A month's day 31 is its last."""

    year: int | None
    start: tuple[int, int]
    end: tuple[int, int]
    end_year: int | None = None

    def at(self, year: int) -> tuple[dt.date, dt.date] | None:
        """First and last day, in `year` where the text says none; None for days that no calendar has."""
        first = self.year or year
        last = self.end_year or first
        try:
            return dt.date(first, *self.start), _clamped(last, *self.end)
        except (ValueError, OverflowError):
            return None


def _clamped(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, monthrange(year, month)[1]) if day == 31 else day)


@frozen
class Label:
    """The number of a document: 川办函〔2023〕32号."""

    issuer: str
    year: int
    number: int


Value = Fraction | Days | Label | str


@frozen
class Figure:
    """`text[start:end]` of a document. `dimension`: of a number, as in `quantities`, besides `ratio` and ''."""

    start: int
    end: int
    text: str
    kind: str
    value: Value
    dimension: str = PLAIN
    sort: Sort = "figure"
    magnitude: bool = False
    """A number in 万 or 亿 that leaves its unit out (高质量工业一千亿)."""


_EACH: Final = {"月月": "month", "年年": "year", "周周": "week", "天天": "day"}
_PERIODS: Final = (
    ("半年", "half"), ("半月", "half_month"), ("年", "year"), ("季", "quarter"), ("月", "month"), ("周", "week"),
    ("星期", "week"), ("旬", "ten_days"), ("日", "day"), ("天", "day"),
)  # fmt: skip


def plain(text: str) -> str:
    """The same text, as long, in half-width digits, letters and blanks."""
    return text.translate(FULL_WIDTH)


def find(text: str) -> tuple[Figure, ...]:
    """The figures of a stretch of text, in order."""
    flat = plain(text)
    quotes = [found.span() for found in QUOTES.finditer(flat)]
    return tuple(figure for match in FIGURE.finditer(flat) for figure in _read(flat, match, quotes))


def quoted(text: str) -> list[tuple[int, int]]:
    """Where a text quotes: “…”."""
    return [found.span() for found in QUOTED.finditer(text)]


Spans = list[tuple[int, int]]


def _read(text: str, match: re.Match[str], quotes: Spans) -> Iterator[Figure]:
    name = next(name for name in _READERS if match[name] is not None)
    if name != "junk":
        for figure in _READERS[name](match):
            yield _sorted(text, figure, quotes)


def _sorted(text: str, figure: Figure, quotes: Spans) -> Figure:
    """The figure with its bound, and as an idiom where it stands in a name."""
    bound = AFTER.match(text, figure.end)
    end = bound.end() if bound else figure.end
    sort: Sort = "figure" if figure.sort == "word" and _bounded(text, figure.start, figure.end) else figure.sort
    if figure.kind in (NUMBER, ORDINAL) and not _is_money(figure) and _quoted(figure.start, quotes):
        sort = "idiom"
    return _made(figure, f"{figure.text}{text[figure.end : end]}".strip(), end, sort)


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether it is a bound: 不少于 before it, or 以上 behind."""
    return AFTER.match(text, end) is not None or BEFORE.search(text, max(0, start - 16), start) is not None


def _made(figure: Figure, text: str, end: int, sort: Sort) -> Figure:
    return Figure(figure.start, end, text, figure.kind, figure.value, figure.dimension, sort, figure.magnitude)


def _is_money(figure: Figure) -> bool:
    return figure.dimension in MONEY or figure.dimension == RATIO


def _quoted(at: int, quotes: Spans) -> bool:
    index = bisect_right(quotes, (at, at)) - 1
    return index >= 0 and quotes[index][0] <= at < quotes[index][1]


# -- days --------------------------------------------------------------------------------------------------------------


def _int(text: str | None) -> int | None:
    found = value_of(text) if text else None
    return None if found is None else int(found)


def _year(text: str | None) -> int | None:
    return _int(text.rstrip("年 \t\n")) if text else None


def _days(match: re.Match[str], days: Days | None) -> Iterator[Figure]:
    if days is not None and days.at(2024) is not None:  # a leap year, so that no day of the calendar is refused
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        yield Figure(start, match.end(), match[0].strip(), DAYS, days)


def _span(year: int | None, months: tuple[int | None, int | None], end_year: int | None = None) -> Days | None:
    """Whole months."""
    first, last = months
    return None if not first or not last else Days(year, (first, 1), (last, 31), end_year)


def _label(match: re.Match[str]) -> Iterator[Figure]:
    before = re.search(r"[\u4e00-\u9fff]{1,12}$", match.string[max(0, match.start() - 12) : match.start()])
    issuer = before[0] if before else ""
    start = match.start() - len(issuer)
    label = Label(issuer, int(match["lyear"]), int(match["lnumber"]))
    yield Figure(start, match.end(), match.string[start : match.end()], LABEL, label)


def _iso(match: re.Match[str]) -> Iterator[Figure]:
    day = (int(match["im"]), int(match["id"]))
    return _days(match, Days(int(match["iy"]), day, day))


def _dates(match: re.Match[str]) -> Iterator[Figure]:
    month, day, last = _int(match["dm"]), _int(match["dd"]), _int(match["ed"])
    to = _int(match["em"]) or month
    if month and day and last and to:
        yield from _days(match, Days(_year(match["dy"]), (month, day), (to, last), _year(match["ey"])))


def _date(match: re.Match[str]) -> Iterator[Figure]:
    month, day = _int(match["am"]), _int(match["ad"])
    if month and day:
        yield from _days(match, Days(_year(match["ay"]), (month, day), (month, day)))


def _years(match: re.Match[str]) -> Iterator[Figure]:
    return _days(match, _span(int(match["yf"]), (1, 12), int(match["yt"])))


def _quarters(match: re.Match[str]) -> Iterator[Figure]:
    first = _int(match["qf"]) or 0
    last = _int(match["qt"]) or first
    return _days(match, _span(_year(match["qy"]), (3 * first - 2, 3 * last)))


def _first(match: re.Match[str]) -> Iterator[Figure]:
    return _days(match, _span(_year(match["fy"]), (1, 3 * (_int(match["fn"]) or 0))))


def _half(match: re.Match[str]) -> Iterator[Figure]:
    return _days(match, _span(_year(match["hy"]), (1, 6) if match["hw"] == "上" else (7, 12)))


def _months(match: re.Match[str]) -> Iterator[Figure]:
    return _days(match, _span(_year(match["my"]), (_int(match["mf"]), _int(match["mt"]))))


def _some(match: re.Match[str]) -> Iterator[Figure]:
    """7、8月: each of the months."""
    start = match.start("sm")
    for number in re.finditer(r"\d{1,2}", match["sm"], re.ASCII):
        days = _span(_year(match["sy"]), (int(number[0]), int(number[0])))
        if days is not None and days.at(2024) is not None:
            yield Figure(start + number.start(), start + number.end(), f"{number[0]}月", DAYS, days)


def _month(match: re.Match[str]) -> Iterator[Figure]:
    month = _int(match["om"] or match["pm"] or match["qm"])
    return _days(match, _span(_year(match["oy"]), (month, month)))


def _whole_year(match: re.Match[str]) -> Iterator[Figure]:
    return _days(match, _span(_year(match["yy"]), (1, 12)))


# -- numbers -----------------------------------------------------------------------------------------------------------


def _ratio(match: re.Match[str]) -> Iterator[Figure]:
    if match["tenths"]:
        tenths = value_of(match["tenths"][0])
        value = None if tenths is None else tenths / 10 + (Fraction(1, 20) if match["th"] else 0)
    elif match["fw"]:
        value = part_of(match["fw"], match["fa"])
    else:
        part = value_of(match["fp"] or match["ft"])
        value = None if part is None else part / (100 if match["fp"] else 1000)
    if value is not None:
        yield Figure(*match.span(), match[0], NUMBER, value, RATIO)


def _recurrence(match: re.Match[str]) -> Iterator[Figure]:
    word = match["ew"] or match["ep"] or (match["eo"] or "").removeprefix("一").removesuffix("一")
    period = _EACH.get(match["et"] or "") or next(name for part, name in _PERIODS if part in word)
    yield Figure(*match.span(), match[0], EACH, period, sort="word")


def _inner(match: re.Match[str]) -> Iterator[Figure]:
    day = value_of(match["xd"])
    if day is not None and 1 <= day <= 31:
        yield Figure(*match.span(), match[0], DAY, day)


def _double(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure(*match.span(), match[0], NUMBER, Fraction(2), TIMES)


def _ordinal(match: re.Match[str]) -> Iterator[Figure]:
    number = value_of(match["on"])
    if number is not None:
        sort: Sort = "idiom" if match["session"] else "word"
        yield Figure(*match.span(), match[0], ORDINAL, number, sort=sort)


def _range(match: re.Match[str]) -> Iterator[Figure]:
    """2—3个, 5%-10%, 300—500万元: two figures of the unit that stands behind."""
    unit = match["rw"]
    first = f"{match['ra']}{match['rp'] or ('' if match['ru'] else match['rq'])}"
    yield from _end_of(match.start("ra"), match.end("rp"), first, match["ru"] or unit)
    yield from _end_of(match.start("rb"), match.end(), f"{match['rb']}{match['rq']}", unit)


def _end_of(start: int, end: int, number: str, unit: str) -> Iterator[Figure]:
    """One end of a range; 15—20日 are days of a month."""
    for figure in _amount_of(start, end, f"{number}{unit}", number, unit):
        day = unit == "日" and isinstance(figure.value, Fraction) and figure.value <= 31
        yield Figure(start, end, figure.text, DAY, figure.value) if day else figure


def _amount(match: re.Match[str]) -> Iterator[Figure]:
    number = f"{match['n']}{match['m']}"
    if match["latin"]:
        value = value_of(number)
        sort: Sort = "idiom" if len(match["latin"]) == 1 else "figure"
        if value is not None:
            yield Figure(*match.span(), match[0], NUMBER, value, sort=sort)
        return
    end = match.start() + len(match[0].rstrip())
    yield from _amount_of(match.start(), end, match[0].strip(), number, match["u"] or "")


def _spelled(match: re.Match[str]) -> Iterator[Figure]:
    number, unit = match["cn"], match["cu"]
    if (number == "一" and unit in NOT_ONE) or (unit == "分" and number in ("十", "万", "千", "百", "半")):
        return
    name = number in ("一", "千", "万", "百") and not _bounded(match.string, *match.span())
    for figure in _amount_of(*match.span(), match[0], number, unit):
        word: Sort = "idiom" if figure.sort == "idiom" or name else "word"
        yield figure if _is_money(figure) else _made(figure, figure.text, figure.end, word)


def _amount_of(start: int, end: int, text: str, number: str, unit: str) -> Iterator[Figure]:
    value = value_of(number)
    if value is None:
        return
    if not unit and number.isdigit() and len(number) == 4 and 1990 <= value <= 2100:
        yield Figure(start, end, text, DAYS, Days(int(value), (1, 1), (12, 31)))
        return
    known = UNITS.get(unit) or UNITS.get(unit.removeprefix("个"))
    dimension = PLAIN if known is None else known.dimension or (RATIO if known.power else PLAIN)
    dimension = TIMES if unit == "倍" else dimension
    scale = Fraction(10) ** known.power if known else 1
    if known is None and unit and unit not in NAMES:
        dimension = "count"
    sort: Sort = "idiom" if unit in NAMES and unit != "大" else "figure"
    large = dimension == PLAIN and number[-1:] in "万亿"
    yield Figure(start, end, text, NUMBER, value * scale, dimension, sort, large)


def _huge(match: re.Match[str]) -> Iterator[Figure]:
    """千亿, 五百亿: what is counted goes without saying."""
    value = value_of(match[0])
    if value is not None and len(match[0]) > 1:
        yield Figure(*match.span(), match[0], NUMBER, value, PLAIN, "word", magnitude=True)


def _lone(match: re.Match[str]) -> Iterator[Figure]:
    """亿元以上: one 亿元."""
    yield Figure(*match.span(), match[0], NUMBER, Fraction(magnitude(match["lu"][0]) or 1), "CNY")


_READERS: Final = {
    "junk": _label, "label": _label, "iso": _iso, "dates": _dates, "date": _date, "years": _years,
    "quarters": _quarters, "first": _first, "half": _half, "months": _months, "some": _some, "month": _month,
    "year": _whole_year, "fraction": _ratio, "each": _recurrence, "inner": _inner, "double": _double,
    "ordinal": _ordinal, "range": _range, "amount": _amount, "spelled": _spelled, "huge": _huge, "lone": _lone,
}  # fmt: skip
