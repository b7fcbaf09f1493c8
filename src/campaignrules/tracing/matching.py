"""Numbers of a campaign × figures of its documents → what each number is, and what each figure is carried by.

A number is cited (in the clause it cites), elsewhere, missing, explained (its own words name it, or it follows from the
period) or structural (a zero, one at all, the full mark). A figure is carried by a number of its clause, one figure by
one number; by a window for days of the calendar; or by words that register it. Must not know: how anything is shown.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Final, Literal, TypeVar

from attrs import evolve, field, frozen

from campaignrules.errors import Source
from campaignrules.quantities import MONEY
from campaignrules.tracing import clauses, figures
from campaignrules.tracing.carried import Carried, Mention, Number
from campaignrules.tracing.clauses import Path
from campaignrules.tracing.figures import DAY, NUMBER, ORDINAL, PLAIN, RATIO, TIMES, Days, Figure, Label

State = Literal["cited", "elsewhere", "missing", "explained", "structural", "unread"]
Holder = Literal["number", "window", "words", "", "idiom"]


Placed = tuple[Path, Figure]


@frozen(slots=False)
class Page:
    """A document that was read: its clauses, and its figures with the clause of each."""

    name: str
    source: Source
    figures: tuple[Placed, ...]
    repeated: int = 0
    """Lines that are printed twice and were left out."""

    @cached_property
    def _by_value(self) -> Mapping[object, list[Placed]]:
        return _indexed(self.figures, lambda one: _key(one[1].value))

    def like(self, number: Number, years: Sequence[int]) -> tuple[Placed, ...]:
        """The figures that say what a number says, in order."""
        keys = {_key(number.value), *([_CALENDAR] if number.kind == NUMBER else [])}
        found = [one for key in keys for one in self._by_value.get(key, ()) if same(number, one[1], years)]
        return tuple(sorted(found, key=lambda one: one[1].start))


_CALENDAR: Final = "calendar"
T = TypeVar("T")


def _key(value: object) -> object:
    """What two values that may be the same have in common; days are compared one by one."""
    if isinstance(value, (Days, dt.date)):
        return _CALENDAR
    return (value.year, value.number) if isinstance(value, Label) else value


def _indexed(many: Iterable[T], key: Callable[[T], object]) -> Mapping[object, list[T]]:
    found: dict[object, list[T]] = defaultdict(list)
    for one in many:
        found[key(one)].append(one)
    return found


@frozen
class Verdict:
    """What became of a number. `found`: where it stands; `near`: the figure that was probably meant."""

    number: Number
    state: State
    found: tuple[Placed, ...] = field(default=(), repr=False)
    near: Placed | None = field(default=None, repr=False)


@frozen
class Held:
    """What carries a figure of a document: '' nothing."""

    page: str
    path: Path
    figure: Figure
    by: Holder
    number: Number | None = field(default=None, repr=False)


def page(name: str, source: Source, named: Iterable[str]) -> Page:
    """Read a document. `named`: the clauses that are cited by a word."""
    read = clauses.read(source.text, named)
    found: list[tuple[Path, Figure]] = []
    for stretch in read.stretches:
        for figure in figures.find(source.text[stretch.start : stretch.end]):
            moved = evolve(figure, start=figure.start + stretch.start, end=figure.end + stretch.start)
            found.append((stretch.path, moved))
    return Page(name, source, tuple(found), read.repeated)


def named_clauses(numbers: Iterable[Number], mentions: Iterable[Mention]) -> set[str]:
    """The clauses cited that are words."""
    cited = {name for cites in (*(n.cites for n in numbers), *(m.cites for m in mentions)) for name in cites}
    return {path[0][0] for name in cited for path in clauses.paths(name) if len(path) == 1 and not path[0][1]} - set(
        clauses.OF_HEAD
    )


# -- the same number ---------------------------------------------------------------------------------------------------

_NUMERIC: Final = (NUMBER, DAY, ORDINAL)


def same(number: Number, figure: Figure, years: Sequence[int]) -> bool:
    """Whether a figure says what a number of the file says."""
    if isinstance(number.value, dt.date):
        return isinstance(figure.value, Days) and _same_day(number, figure.value, years)
    if isinstance(figure.value, Days):
        return number.kind == NUMBER and number.dimension == PLAIN and number.value in _whole_years(figure.value)
    if isinstance(figure.value, Label) and isinstance(number.value, Label):
        return _same_label(number.value, figure.value)
    if number.kind not in _NUMERIC or figure.kind not in _NUMERIC:
        return number.kind == figure.kind and number.value == figure.value
    return number.value == figure.value and _same_kind(number, figure)


def _same_kind(number: Number, figure: Figure) -> bool:
    if number.kind != NUMBER or figure.kind != NUMBER:
        return number.kind == figure.kind
    one, other = number.dimension, figure.dimension
    if one == other or (one == PLAIN and other == TIMES):
        return True
    if PLAIN in (one, other):
        rest = one or other
        if rest == RATIO:
            return number.value.denominator > 1 if isinstance(number.value, Fraction) else False
        return (rest not in MONEY and rest != TIMES) or (figure.magnitude and other == PLAIN)
    return False


def _same_day(number: Number, days: Days, years: Sequence[int]) -> bool:
    for year in (days.year,) if days.year else years:
        span = days.at(year)
        if span is None:
            continue
        first, last = span
        wanted = {"from": first, "start": first, "to": last, "due": last}.get(number.edge)
        if number.value == wanted or number.value == first == last:
            return True
    return False


def _whole_years(days: Days) -> tuple[int, ...]:
    """The first and the last, where it is whole years of the calendar."""
    if days.year is None or (days.start, days.end) != ((1, 1), (12, 31)):
        return ()
    return days.year, days.end_year or days.year


def _same_label(one: Label, other: Label) -> bool:
    issued = (
        not one.issuer or not other.issuer or one.issuer.endswith(other.issuer) or other.issuer.endswith(one.issuer)
    )
    return issued and (one.year, one.number) == (other.year, other.number)


def holds_any(cites: Iterable[str], path: Path) -> bool:
    """Whether one of the clauses cited is the path, or has it inside."""
    return any(clauses.holds(cited, path) for name in cites for cited in clauses.paths(name))


# -- numbers -----------------------------------------------------------------------------------------------------------


def verdicts(carried: Carried, pages: Mapping[str, Page], default: str) -> tuple[Verdict, ...]:
    """One for each number."""
    return tuple(_verdict(number, carried, pages.get(number.document or default)) for number in carried.numbers)


def _verdict(number: Number, carried: Carried, read: Page | None) -> Verdict:
    if read is None:
        return Verdict(number, "unread")
    found = read.like(number, carried.years)
    inside = tuple(one for one in found if not number.cites or holds_any(number.cites, one[0]))
    if inside:
        return Verdict(number, "cited", inside)
    if number.rule:
        return Verdict(number, "structural", found)
    told = number.words if found else (*number.words, *number.titles)
    if _follows(number, carried) or _named_in(told, number, carried.years):
        return Verdict(number, "explained", found)
    return Verdict(number, "elsewhere" if found else "missing", found, _near(number, read, carried.years))


def _follows(number: Number, carried: Carried) -> bool:
    """Whether a date is an end of the period or of a phase, which are traced themselves."""
    if not isinstance(number.value, dt.date) or number.subject == "period":
        return False
    return number.value in (carried.period if number.edge in ("from", "to") else carried.edges)


def _named_in(texts: Iterable[str], number: Number, years: Sequence[int]) -> bool:
    return any(same(number, figure, years) for text in texts for figure in _figures_of(text))


@lru_cache(maxsize=256)  # the note of a scorecard is asked for each of its items
def _figures_of(text: str) -> tuple[Figure, ...]:
    return figures.find(text)


def _near(number: Number, read: Page, years: Sequence[int]) -> Placed | None:
    """The figure of the clauses cited that was probably meant: off by a power of ten, by its unit, or the next."""
    inside = [one for one in read.figures[:_LOOKED_AT] if not number.cites or holds_any(number.cites, one[0])]
    alike = [one for one in inside if one[1].sort != "idiom" and _comparable(number, one[1])]
    near = min(alike, key=lambda one: _distance(number, one[1], years), default=None)
    return near if near is not None and _plausible(number.value, near[1].value) else None


_LOOKED_AT: Final = 5_000
"""Figures of a document that are looked at for the one meant."""
_TIMES_OFF: Final = 4
"""A number that differs by more is another one, unless it differs by noughts alone."""


def _plausible(one: object, other: object) -> bool:
    """Whether one may be the other, written wrongly."""
    if not isinstance(one, Fraction) or not isinstance(other, Fraction) or not (one and other):
        return True
    ratio = abs(one / other)
    return Fraction(1, _TIMES_OFF) <= ratio <= _TIMES_OFF or power_of_ten(ratio)


def _comparable(number: Number, figure: Figure) -> bool:
    if isinstance(number.value, dt.date):
        return isinstance(figure.value, Days)
    if number.kind != figure.kind:
        return False
    money = number.dimension in MONEY
    return money == (figure.dimension in MONEY) and (
        money or (number.dimension == RATIO) == (figure.dimension == RATIO)
    )


def _distance(number: Number, figure: Figure, years: Sequence[int]) -> tuple[int, Fraction]:
    if isinstance(number.value, dt.date) and isinstance(figure.value, Days):
        spans = [span for year in years if (span := figure.value.at(year)) is not None]
        return 1, Fraction(min((abs((number.value - day).days) for span in spans for day in span), default=10**6))
    if not isinstance(number.value, Fraction) or not isinstance(figure.value, Fraction):
        return 1, Fraction(0)
    if number.value and figure.value and power_of_ten(number.value / figure.value):
        return 0, abs(number.value - figure.value)
    return 1, abs(number.value - figure.value)


def power_of_ten(ratio: Fraction) -> bool:
    """Whether two numbers differ by noughts alone."""
    top, bottom = (str(part) for part in (abs(ratio.numerator), ratio.denominator))
    return ratio != 1 and {top.rstrip("0"), bottom.rstrip("0")} == {"1"}


# -- figures -----------------------------------------------------------------------------------------------------------

Slot = tuple[int, int]


def held(carried: Carried, pages: Mapping[str, Page], default: str) -> tuple[Held, ...]:
    """What carries each figure, in the order of the documents."""
    return tuple(one for read in pages.values() for one in _Holding(carried, read, default).all())


class _Holding:
    """The figures of one document; a number that carries one figure of a clause is used up there."""

    def __init__(self, carried: Carried, read: Page, default: str) -> None:
        self.carried, self.read = carried, read
        numbers = [one for one in carried.numbers if one.carries and (one.document or default) == read.name]
        self.numbers = _indexed(enumerate(numbers), lambda one: _key(one[1].value))
        self.mentions = _indexed(
            (one for one in carried.mentions if (one.document or default) == read.name or not one.cites),
            lambda one: _key(one.figure.value),
        )
        self.days = {one.value for one in numbers if isinstance(one.value, dt.date) and one.edge == "day"}
        self.used: set[Slot] = set()

    def all(self) -> Iterator[Held]:
        """Deeper clauses choose first: those who cite a whole part are left for the rest of it."""
        order = sorted(range(len(self.read.figures)), key=lambda i: -len(self.read.figures[i][0]))
        found = {i: self._one(*self.read.figures[i]) for i in order}
        return (found[i] for i in range(len(found)))

    def _one(self, path: Path, figure: Figure) -> Held:
        number = self._number(path, figure)
        by: Holder = "idiom" if figure.sort == "idiom" else ""
        if number is not None:
            by = "number"
        elif self._in_window(figure):
            by = "window"
        elif self._mentioned(path, figure):
            by = "words"
        return Held(self.read.name, path, figure, by, number)

    def _number(self, path: Path, figure: Figure) -> Number | None:
        """A number that carries it: the one that cites the narrowest clause, and is not used up."""
        counted = figure.kind == NUMBER and figure.sort == "figure"
        free = [
            (depth, number.once, (i, j), number)
            for i, number in self._candidates(figure)
            for j, depth in self._depths(number, path)
            if not (counted and number.once and (i, j) in self.used)
        ]
        best = max(free, key=lambda one: one[:2], default=None)
        if best is None:
            return None
        if counted and best[1]:
            self.used.add(best[2])
        return best[3]

    def _candidates(self, figure: Figure) -> Iterator[tuple[int, Number]]:
        years = _whole_years(figure.value) if isinstance(figure.value, Days) else ()
        for key in dict.fromkeys((_key(figure.value), *years)):
            for i, number in self.numbers.get(key, ()):
                if same(number, figure, self.carried.years):
                    yield i, number

    def _depths(self, number: Number, path: Path) -> Iterator[tuple[int, int]]:
        """For each clause the number cites that holds the path: which, and how narrow it is."""
        if not number.cites:
            yield 0, 0
        for j, name in enumerate(number.cites):
            fitting = [len(cited) for cited in clauses.paths(name) if clauses.holds(cited, path)]
            if fitting:
                yield j, max(fitting)

    def _in_window(self, figure: Figure) -> bool:
        """Days of a window of the campaign, a year of its period, or how long one of its windows is."""
        if isinstance(figure.value, Days):
            return self._is_window(figure.value)
        if figure.kind != NUMBER or figure.dimension not in ("days", "years", "months") or figure.sort == "figure":
            return False
        return any(_length(first, last, figure.dimension) == figure.value for first, last in self.carried.windows)

    def _is_window(self, days: Days) -> bool:
        years = self.carried.years
        whole = _whole_years(days)
        if whole and set(whole) <= set(years):
            return True
        spans = [days.at(year) for year in ((days.year,) if days.year else years)]
        return any(
            span in self.carried.windows or (span and span[0] == span[1] and span[0] in self.days) for span in spans
        )

    def _mentioned(self, path: Path, figure: Figure) -> bool:
        loose = figure.sort != "figure" or figure.kind != NUMBER
        return any(
            (one.strong or loose) and _alike(one.figure, figure) and (not one.cites or holds_any(one.cites, path))
            for one in self.mentions.get(_key(figure.value), ())
        )


def _alike(one: Figure, other: Figure) -> bool:
    if one.kind in _NUMERIC and other.kind in _NUMERIC:
        money = one.dimension in MONEY or other.dimension in MONEY
        return one.value == other.value and (one.dimension == other.dimension or not money)
    if isinstance(one.value, Days) and isinstance(other.value, Days):
        return (one.value.start, one.value.end) == (other.value.start, other.value.end)
    return one.kind == other.kind and one.value == other.value


def _length(first: dt.date, last: dt.date, unit: str) -> int:
    days = (last - first).days + 1
    if unit == "days":
        return days
    whole = last.day == monthrange(last.year, last.month)[1] and first.day == 1
    months = (last.year - first.year) * 12 + last.month - first.month + 1 if whole else 0
    return months if unit == "months" else months // 12 if months % 12 == 0 else 0
