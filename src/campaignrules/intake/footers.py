"""What the footer of a Parquet file says: how many rows, which columns, between which days its date columns lie.

In: an open file. Out: a `Footer`, or `DamagedError`. Nothing else of the file is read, and nothing in it is believed to be
small: what a footer may say at most is bounded by its own bytes. Must not know: campaigns, fields, folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from attrs import frozen

from campaignrules.intake.packed import DamagedError, parquet_footer

Days = tuple[int, int] | None
"""The least and greatest day of a column, since 1970-01-01; None: no cell is filled."""

_INT32, _INT64 = 1, 2
_DATE, _MILLIS, _MICROS = 6, 9, 10
_OF_DAY: Final = {1: 86_400_000, 2: 86_400_000_000, 3: 86_400_000_000_000}
"""The unit of time a timestamp says it is in → how many make a day."""
_ARROW: Final = b"ARROW:schema"


@frozen(eq=False, repr=False)
class Footer:
    """`layout`: the same for files whose columns have the same names and types, in the same order, from one writer.

    `days`: by column, for those of which the file says it; of timestamps with a day's room on either side, as in some
    time zone they may lie on the day before or after.
    """

    rows: int
    layout: bytes
    days: Mapping[str, Days]
    raw: dict[int, Any]


def footer_of(file: BinaryIO, whole: int) -> Footer:
    """The footer of a file of `whole` bytes."""
    raw = parquet_footer(file, whole)
    try:
        rows, schema = raw[3], raw[2][1:]
        if not isinstance(rows, int) or rows < 0:
            raise DamagedError
        return Footer(rows, _layout(schema, raw.get(5) or []), dict(_all_days(schema, raw[4])), raw)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise DamagedError from None


def _layout(schema: list[dict[int, Any]], notes: list[dict[int, Any]]) -> bytes:
    """What the types of a file's columns depend on; whether cells may be empty makes no difference."""
    arrow = [note.get(2) for note in notes if note.get(1) == _ARROW]
    told = [[part.get(key) for key in (4, 1, 2, 5, 6, 7, 8, 10)] for part in schema]
    return hashlib.sha256(repr((told, arrow)).encode()).digest()


# -- days ---------------------------------------------------------------------------------------------------------


def _all_days(schema: list[dict[int, Any]], groups: list[dict[int, Any]]) -> Iterator[tuple[str, Days]]:
    """Each date column of which every group of rows says between which days it lies."""
    steps = dict(_date_columns(schema))
    if steps:
        chunks: dict[bytes, list[dict[int, Any]]] = {name: [] for name in steps}
        for group in groups:
            for chunk in group[1]:
                meta = chunk.get(3) or {}
                path = meta.get(3) or []
                if len(path) == 1 and path[0] in chunks:
                    chunks[path[0]].append(meta)
        for name, found in chunks.items():
            parts = [part for meta in found if (part := _days(meta, steps[name])) is not None]
            if len(parts) == len(groups):
                days = [day for part in parts for day in part]
                yield name.decode(), (min(days), max(days)) if days else None


def _date_columns(schema: list[dict[int, Any]]) -> Iterator[tuple[bytes, int | None]]:
    """The columns of dates (None) and of timestamps (how many of their units make a day) that are no part of another."""
    inside = 0
    for part in schema:
        top, children = inside == 0, part.get(5) or 0
        inside = inside - (not top) + children
        logical = part.get(10) or {}
        if not top or children:
            continue
        if part.get(1) == _INT32 and (part.get(6) == _DATE or _DATE in logical):
            yield part[4], None
        elif part.get(1) == _INT64 and 8 in logical:
            yield part[4], _OF_DAY[next(iter(logical[8][2]))]
        elif part.get(1) == _INT64 and part.get(6) in (_MILLIS, _MICROS):
            yield part[4], _OF_DAY[part[6] - _MILLIS + 1]


def _days(meta: dict[int, Any], step: int | None) -> tuple[int, ...] | None:
    """The days between which a group's cells lie, () where none is filled; None where it does not say."""
    told = meta.get(12) or {}
    if meta[5] == told.get(3) or not meta[5]:
        return ()
    low, high = (told.get(new, told.get(old)) for new, old in ((6, 2), (5, 1)))
    if low is None or high is None or {len(low), len(high)} != {4 if step is None else 8}:
        return None
    first, last = (int.from_bytes(bound, "little", signed=True) for bound in (low, high))
    if first > last:
        return None
    return (first, last) if step is None else (first // step - 1, last // step + 1)
