"""Returns: which units are asked for which records, in which windows, by which day.

In: the campaign and the work so far (records and windows are checked). Out: `CheckedReturn`s. Must not know: what was
submitted.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from campaignrules.checked import RETURNS, CheckedReturn
from campaignrules.checker.demands import check_left_out, judged_of
from campaignrules.checker.work import Work, windows_of
from campaignrules.errors import Text
from campaignrules.model import Return
from campaignrules.quantities import UNITS, QuantityError, parse_quantity

LONGEST: Final = 366
"""Days, or workdays, after a window's end."""

_ONLY_LEFT_OUT: Final = Text(
    "报送要求的例外只能是不适用", "an exception to a return can only be that it does not apply"
)


def check_returns(work: Work) -> None:
    """Each return asks units for records that say which unit a row is of, in windows, by days after their end."""
    for asked in work.campaign.returns:
        windows = windows_of(work, asked.in_, asked, "in")
        judged = judged_of(work, asked.for_, asked)
        if any(one.kind in ("campaign", "all") for one in judged):
            work.refuse("return-for-units", asked, "for")
        _check_records(work, asked)
        check_left_out(work, asked, _ONLY_LEFT_OUT)
        delay = _delay(work, asked)
        if delay is not None:
            due = tuple(work.calendar.later(window.end, delay[0], workdays=delay[1]) for window in windows)
            work.returns.append(CheckedReturn(asked, judged, windows, due, frozenset(asked.except_)))


def _check_records(work: Work, asked: Return) -> None:
    known = [name for name in work.records if name != RETURNS]
    if not asked.records:
        work.refuse("missing-key", asked, "records", key="records", expected=", ".join(known))
    for i, name in enumerate(asked.records):
        there = work.known(name, Text("报送表", "record"), known, asked, "records", i)
        if there and work.records[name].unit is None:
            work.refuse("record-without-unit", asked, "records", i, record=name)


def _delay(work: Work, asked: Return) -> tuple[int, bool] | None:
    """How many days after the window's end, and whether they are workdays; None after a fault."""
    if asked.due is None:
        return 0, False
    try:
        given = parse_quantity(asked.due)
    except QuantityError:
        given = None
    if given is None or given.unit.dim != UNITS["天"].dim or not _is_whole(given.number):
        work.refuse("not-a-delay", asked, "due", name=asked.due)
        return None
    return int(given.number), given.unit is UNITS["工作日"]


def _is_whole(days: Decimal) -> bool:
    return 0 <= days <= LONGEST and days == days.to_integral_value()
