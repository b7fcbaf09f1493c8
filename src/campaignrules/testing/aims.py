"""What a campaign's rules look at, as values to aim data at: the numbers it compares with, the days on which it turns.

In: a checked campaign. Out: `Aims`: for each dimension the numbers that occur, the days at and beside the edges of
windows, texts that are compared. Must not know: how data are drawn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Final

from attrs import frozen

from campaignrules.calendar import DAY, Window, earlier
from campaignrules.checked import CheckedCampaign, Growth, Limited, Measure
from campaignrules.quantities import EXACT, Dimension, QuantityError, Unit, divide, parse_quantity
from campaignrules.trees import Apply, Expression, Literally, Name, Tree, walk

MOST_DAYS: Final = 400
MOST_NUMBERS: Final = 60
LARGEST: Final = Decimal(10) ** 12
"""Of a generated number, in the unit it is written in."""
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100


@frozen(eq=False, repr=False, slots=False)
class Aims:
    """What to aim at in data of this campaign."""

    checked: CheckedCampaign

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        """Every formula of the campaign."""
        return tuple(every_tree(self.checked))

    @cached_property
    def numbers(self) -> Mapping[Dimension, tuple[Decimal, ...]]:
        """The numbers that occur, in base units, by dimension."""
        found: dict[Dimension, dict[Decimal, None]] = defaultdict(dict)
        for dim, number in _numbers(self.checked, self.trees):
            found[dim].setdefault(abs(number))
        return {dim: tuple(some)[:MOST_NUMBERS] for dim, some in found.items()}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts that formulas compare with; words of vocabularies among them."""
        literals = (node.value for tree in self.trees for node in walk(tree) if isinstance(node, Literally))
        return tuple(dict.fromkeys(value for value in literals if isinstance(value, str)))

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """The first and last days of windows, days that are named, of years that are named; and the days beside them."""
        edges = dict.fromkeys(d for d in _edges(self.checked, self.trees) if FIRST_YEAR <= d.year <= LAST_YEAR)
        some = [day + shift * DAY for day in list(edges)[: MOST_DAYS // 3] for shift in (0, -1, 1)]
        return tuple(sorted(dict.fromkeys(some)))

    @cached_property
    def looks(self) -> tuple[dt.date, ...]:
        """The days to look from: mostly when all is over, else at an edge inside the period."""
        period = self.checked.calendar.period
        inside = [day for day in self.days if period.start - DAY <= day <= period.end + DAY]
        over = max((day for day in self.days), default=period.end) + 30 * DAY
        return (period.end, period.end + DAY, over, *inside)

    def written(self, dim: Dimension, unit: Unit, decimals: int) -> tuple[Decimal, ...]:
        """Numbers for a field: those of the dimension, just below and above them, their halves, and a few plain ones.

        In the field's unit, with no more than its decimals, at least zero.
        """
        step = Decimal(1).scaleb(-decimals)
        found = dict.fromkeys((Decimal(0), Decimal(1), Decimal(2), step))
        for number in self.numbers.get(dim, ()):
            at = divide(number, unit.factor) or Decimal(0)
            for some in (at, EXACT.subtract(at, step), EXACT.add(at, step), at / 2, at * 2):
                found.setdefault(some.quantize(step, ROUND_DOWN, EXACT))
        return tuple(number for number in found if 0 <= number <= LARGEST)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many rows may decide something: the small whole numbers that occur, and those beside them."""
        known = (number for some in self.numbers.values() for number in some)
        whole = sorted({int(number) for number in known if number == number.to_integral_value() and 1 < number <= 25})
        return tuple(dict.fromkeys(count for number in whole for count in (number, number - 1, number + 1)))


# -- formulas -----------------------------------------------------------------------------------------------------


def every_tree(checked: CheckedCampaign) -> Iterator[Tree]:
    """Every formula of a campaign: of rows, metrics, duties, scores and properties."""
    for record in checked.records.values():
        rows: Iterable[Expression] = (
            *(rule.expression for rule in record.rules),
            *(screen.expression for screen in record.screens),
            *record.derived.values(),
        )
        yield from (formula.root for formula in rows)
    for metric in checked.metrics.values():
        if isinstance(metric.kernel, Measure):
            yield from (formula.root for formula in metric.kernel.filters)
            yield from (formula.root for formula in (metric.kernel.reached,) if formula is not None)
        elif isinstance(metric.kernel, Expression):
            yield metric.kernel.root
    yield from (formula.root for duty in checked.duties for formula in duty.filters)
    yield from (formula.tree for formula in checked.score_formulas)
    yield from (stated.that.tree for stated in checked.properties)


# -- numbers ------------------------------------------------------------------------------------------------------


def _numbers(checked: CheckedCampaign, trees: Iterable[Tree]) -> Iterator[tuple[Dimension, Decimal]]:
    """Of targets first: they are what data are held against."""
    for target in checked.targets:
        some = (target.low, target.high, *target.exceptions.values())
        yield from ((target.metric.type.dim, one.value) for one in some if one is not None and one.value is not None)
    for metric in checked.metrics.values():
        if isinstance(metric.kernel, Limited) and metric.kernel.at_most is not None:
            yield metric.type.dim, metric.kernel.at_most
    yield from _bounds(checked)
    for node in (node for tree in trees for node in walk(tree) if isinstance(node, Literally)):
        if isinstance(node.value, Decimal):
            yield node.type.dim, node.value


def _bounds(checked: CheckedCampaign) -> Iterator[tuple[Dimension, Decimal]]:
    """Of deferred parameters."""
    for parameter in checked.parameters.values():
        for text in parameter.deferred.between if parameter.deferred is not None else ():
            with contextlib.suppress(QuantityError):
                quantity = parse_quantity(text)
                yield quantity.unit.dim, quantity.base


# -- days ---------------------------------------------------------------------------------------------------------


def _edges(checked: CheckedCampaign, trees: Iterable[Tree]) -> Iterator[dt.date]:
    windows = dict.fromkeys((checked.calendar.period, *checked.calendar.phases.values(), *_windows(checked)))
    for window in windows:
        yield from (window.start, window.end)
    for window in dict.fromkeys(_compared(checked, windows)):
        yield from (window.start, window.end)
    for tree in trees:
        yield from _days_in(tree)
    for duty in checked.duties:
        for occurrence in duty.occurrences:
            yield from (occurrence.due, occurrence.opens)
    for record in checked.records.values():
        yield from (day for some in record.within.values() for one in some for day in (one.start, one.end))


def _windows(checked: CheckedCampaign) -> Iterator[Window]:
    for target in checked.targets:
        yield from target.windows
    for card in checked.scorecards.values():
        yield from card.windows
        yield from (window for item in card.items for window in item.windows)
    yield from (window for ranking in checked.rankings.values() for window in ranking.windows)
    yield from (window for honour in checked.honours for window in honour.windows)
    yield from (window for asked in checked.returns for window in asked.windows)
    yield from (window for stated in checked.properties for window in stated.windows)


def _compared(checked: CheckedCampaign, windows: Iterable[Window]) -> Iterator[Window]:
    """The windows that growth is held against, and the beginnings of what is added up."""
    against = {metric.kernel.against for metric in checked.metrics.values() if isinstance(metric.kernel, Growth)}
    for words in sorted(against):
        yield from (earlier(window, words) for window in list(windows)[:12])
    for metric in checked.metrics.values():
        since = metric.kernel.since if isinstance(metric.kernel, Measure) else None
        if isinstance(since, dt.date):
            yield Window("since", since, since)


def _days_in(tree: Tree) -> Iterator[dt.date]:
    """The days that a formula names, and the first and last of the years that it compares with."""
    for node in walk(tree):
        if isinstance(node, Literally) and isinstance(node.value, dt.date):
            yield node.value
        elif isinstance(node, Apply) and any(isinstance(arg, Apply) and arg.op == "year" for arg in node.args):
            yield from _of_years(node.args)
        elif isinstance(node, Apply) and node.op == "date" and all(isinstance(arg, Literally) for arg in node.args):
            year, month, day = (int(arg.value) for arg in node.args if isinstance(arg, Literally))
            yield dt.date(year, month, day)


def _of_years(args: Iterable[Tree]) -> Iterator[dt.date]:
    for arg in args:
        value = arg.value if isinstance(arg, Literally) else None
        if isinstance(value, Decimal) and FIRST_YEAR <= value <= LAST_YEAR and value == int(value):
            yield from (dt.date(int(value), 1, 1), dt.date(int(value), 7, 1), dt.date(int(value), 12, 31))


def names_in(tree: Tree) -> frozenset[str]:
    """The names that a formula uses."""
    return frozenset(node.name for node in walk(tree) if isinstance(node, Name))
