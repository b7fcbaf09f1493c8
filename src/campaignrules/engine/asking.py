"""Which answers for a table's rows, and the answers to many questions at once.

Comes in: tables, as_of, questions. Goes out: `Rows`, small frames. Must not know: what the answers are for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

import polars as pl

from campaignrules.checked import CheckedCampaign
from campaignrules.columns import row_faults
from campaignrules.engine.framed import framed
from campaignrules.engine.rows import Asked, Passes, Rows
from campaignrules.intake import Table
from campaignrules.trees import Tree

if TYPE_CHECKING:
    from campaignrules.engine.remote import Question

STREAM_ROWS: Final = 200_000
"""From here on Polars streams; below, one thread in memory starts sooner."""

Key = TypeVar("Key", bound=Hashable)


def kept_rows(
    checked: CheckedCampaign, table: Table, as_of: dt.date, trees: Iterable[Tree], fields: Iterable[str] = ()
) -> Rows:
    """The rows that are neither set aside nor screened out, for questions about these trees and fields."""
    return _rows(checked, table, as_of, tuple(trees), tuple(fields))


def sound_rows(checked: CheckedCampaign, table: Table, fields: Iterable[str]) -> Rows:
    """The rows that are not set aside, with their dates as submitted, for questions about these fields."""
    return _rows(checked, table, None, (), tuple(fields))


def _rows(
    checked: CheckedCampaign, table: Table, as_of: dt.date | None, trees: tuple[Tree, ...], fields: tuple[str, ...]
) -> Rows:
    """Asked where the table is; what does not fit into the numbers of its engine is brought here."""
    if table.relation is not None:
        from campaignrules.engine.remote import remote  # noqa: PLC0415  SQLGlot is imported for tables in an engine only

        if (found := remote(checked, table, as_of, trees, fields)) is not None:
            return found
    return framed(checked, table, as_of, trees, fields)


def answers(asked: Mapping[Key, Asked], tables: Iterable[Table], units: Iterable[str] = ()) -> dict[Key, pl.DataFrame]:
    """All answers. Questions about large tables are asked one after the other, to bound the memory.

    `units`: a large answer may give its unit `u` as an Enum of these, null for any other.
    """
    here = {key: one for key, one in asked.items() if isinstance(one, pl.LazyFrame | Passes)}
    there = {key: one for key, one in asked.items() if not isinstance(one, pl.LazyFrame | Passes)}
    found = _collected(here, [table for table in tables if table.relation is None])
    return {**found, **_answered(there, units)} if there else found


def _collected(asked: Mapping[Key, pl.LazyFrame | Passes], tables: Iterable[Table]) -> dict[Key, pl.DataFrame]:
    """Together only where all is small: what several queries scan would be held in memory for all of them."""
    small = {key: one for key, one in asked.items() if isinstance(one, pl.LazyFrame)}
    if len(small) == len(asked) and all(t.height is not None and t.height < STREAM_ROWS for t in tables):
        return dict(zip(small, pl.collect_all(small.values(), engine="in-memory"), strict=True))
    return {key: _streamed(query) for key, query in asked.items()}


def _streamed(query: pl.LazyFrame | Passes) -> pl.DataFrame:
    if isinstance(query, Passes):
        return pl.concat([part.collect(engine="streaming") for part in query.parts])
    return query.collect(engine="streaming")


def _answered(asked: Mapping[Key, Question], units: Iterable[str] = ()) -> dict[Key, pl.DataFrame]:
    from campaignrules.engine.remote import answered  # noqa: PLC0415  as above

    return answered(asked, units)


def answer(asked: Asked) -> pl.DataFrame:
    """One answer."""
    if not isinstance(asked, pl.LazyFrame | Passes):
        return _answered({None: asked})[None]
    with row_faults():
        return _streamed(asked)
