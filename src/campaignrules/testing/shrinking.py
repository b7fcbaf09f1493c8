"""Data that break a property → less data that break it: tables, rows and cells are taken away while it stays broken.

In: what was drawn, and a question that says whether something smaller still breaks the property. Out: the smallest
found before the time is over. Must not know: properties, campaigns, how data are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from attrs import evolve

from campaignrules.checked import UNIT_TABLE
from campaignrules.testing.strategies import Drawn, Row, Submitted, Tables

Found = TypeVar("Found")


def smaller(drawn: Drawn, breach: Found, asked: Callable[[Drawn], Found | None], until: float) -> tuple[Drawn, Found]:
    """The smallest data found by `until` (of time.monotonic) that still break what was broken, and what shows it."""
    best = _with_fewer_further(drawn, breach, asked, until)
    for steps in (_without_tables, _without_rows, _without_cells, _plainer):
        best = _reduced(best, steps, asked, until)
    return _reduced(best, _without_rows, asked, until)


def _with_fewer_further(
    drawn: Drawn, breach: Found, asked: Callable[[Drawn], Found | None], until: float
) -> tuple[Drawn, Found]:
    """Without those of the further rows that are not needed: all of them, or all but one."""
    for further in ((), *((one,) for one in drawn.further)):
        alone = evolve(drawn, further=further)
        if time.monotonic() < until and (found := asked(alone)) is not None:
            return alone, found
    return drawn, breach


def _reduced(
    best: tuple[Drawn, Found],
    steps: Callable[[Submitted, int], Iterator[Submitted]],
    asked: Callable[[Drawn], Found | None],
    until: float,
) -> tuple[Drawn, Found]:
    """Take away half of everything, then a quarter, and so on down to one by one, again as long as anything helps."""
    size = 1 << 6
    while size:
        helped = False
        for candidate in steps(best[0].submitted, size):
            if time.monotonic() > until:
                return best
            if candidate.size >= best[0].submitted.size and steps is not _plainer:
                continue
            drawn = evolve(best[0], submitted=candidate)
            found = asked(drawn)
            if found is not None:
                best, helped = (drawn, found), True
                break
        size = size if helped else size // 2
    return best


def _without_tables(submitted: Submitted, size: int) -> Iterator[Submitted]:
    """Tables without a row; whether they are there at all may matter, so they stay."""
    for name in submitted.tables if size == 1 else ():
        if submitted.tables[name] and name != UNIT_TABLE:
            yield _with(submitted, name, [])


def _without_rows(submitted: Submitted, size: int) -> Iterator[Submitted]:
    for name, rows in submitted.tables.items():
        for start in range(0, len(rows), size) if size <= len(rows) else ():
            kept = rows[:start] + rows[start + size :]
            if kept or name != UNIT_TABLE:
                yield _with(submitted, name, kept)


def _without_cells(submitted: Submitted, size: int) -> Iterator[Submitted]:
    """Cells that are not needed; where they are, the row is set aside and the property holds."""
    for name, rows in submitted.tables.items() if size == 1 else ():
        for i, row in enumerate(rows):
            for cell in row if name != UNIT_TABLE else sorted(row.keys() - {"id"}):
                yield _with(submitted, name, _replaced(rows, i, {one: row[one] for one in row if one != cell}))


_PLAIN = ("0", "1", "2", "10")


def _plainer(submitted: Submitted, size: int) -> Iterator[Submitted]:
    """Plain numbers in the place of odd ones."""
    for name, rows in submitted.tables.items() if size == 1 else ():
        for i, row in enumerate(rows):
            for cell, text in row.items():
                if _is_odd(text):
                    yield from (_with(submitted, name, _replaced(rows, i, {**row, cell: plain})) for plain in _PLAIN)


def _is_odd(text: str) -> bool:
    return text not in _PLAIN and text.replace(".", "", 1).isdecimal()


def _replaced(rows: list[Row], i: int, row: Row) -> list[Row]:
    return [*rows[:i], row, *rows[i + 1 :]]


def _with(submitted: Submitted, name: str, rows: list[Row]) -> Submitted:
    tables: Tables = {**submitted.tables, name: rows}
    return evolve(submitted, tables=tables)
