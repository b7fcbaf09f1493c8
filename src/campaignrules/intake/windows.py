"""Dates against time: a date outside the windows of its field (`within:`), rows outside the campaign's period.

In: a checked record and the columns of its fields. Out: conditions with words for the days that are allowed; how many
rows lie outside. Must not know: how tables are read, findings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Final

import polars as pl

from campaignrules.calendar import DAY, Window
from campaignrules.checked import CheckedRecord

FEW: Final = 32
Days = tuple[dt.date, dt.date]


def allowed(record: CheckedRecord, columns: Mapping[str, str]) -> Iterator[tuple[str, pl.Expr, dict[str, str]]]:
    """Each field that says `within:`: its name, what its dates must be, and the days that are allowed, in words."""
    for name, days in spans(record).items():
        inside = reduce(or_, (pl.col(columns[name]).is_between(*span) for span in days))
        yield name, inside.fill_null(True), _told(days)


def spans(record: CheckedRecord) -> dict[str, list[Days]]:
    """The first and last days that each field which says `within:` may have."""
    return {name: _joined(windows) for name, windows in record.within.items()}


def outside(record: CheckedRecord, columns: Mapping[str, str], period: Window, frame: pl.DataFrame) -> int:
    """How many rows have dates of which none lies in the period; planned dates are not looked at."""
    fields = record.record.fields.items()
    dates = [frame[columns[name]] for name, field in fields if field.type == "date" and not field.planned]
    if not dates:
        return 0
    if frame.height <= FEW:
        return _outside(dates, period)
    inside = reduce(or_, ((day >= period.start) & (day <= period.end) for day in dates)).sum()
    undated = 0
    if inside < frame.height and all(day.null_count() for day in dates):
        undated = frame.select(pl.all_horizontal(pl.col(day.name).is_null() for day in dates).sum()).item()
    return frame.height - int(inside) - undated


def _outside(dates: Iterable[pl.Series], period: Window) -> int:
    """The same by Python, which is done with a few rows before the engine would have begun."""
    first, last = ((day - dt.date(1970, 1, 1)).days for day in (period.start, period.end))
    rows = zip(*(days.cast(pl.Int32).to_list() for days in dates), strict=True)
    known = ([day for day in row if day is not None] for row in rows)
    return sum(bool(days) and not any(first <= day <= last for day in days) for days in known)


def _joined(windows: Iterable[Window]) -> list[Days]:
    """The windows in order; those that touch or overlap as one."""
    found: list[Days] = []
    for window in sorted(windows, key=lambda window: window.start):
        if found and window.start <= found[-1][1] + DAY:
            start, end = found.pop()
            found.append((start, max(end, window.end)))
        else:
            found.append((window.start, window.end))
    return found


def _told(spans: list[Days]) -> dict[str, str]:
    zh = (f"{start} 至 {end}" if start < end else f"{start}" for start, end in spans)
    en = (f"{start} to {end}" if start < end else f"{start}" for start, end in spans)
    return {"allowed": "、".join(zh), "allowed_en": ", ".join(en)}
