"""Which answers for a table's rows, and the answers to many questions at once.

Comes in: tables, as_of, questions. Goes out: `Rows`, small frames. Must not know: what the answers are for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, TypeVar

import polars as pl

from campaignrules.checked import CheckedCampaign
from campaignrules.columns import row_faults
from campaignrules.engine.framed import framed
from campaignrules.engine.rows import Asked, Rows
from campaignrules.intake import Table
from campaignrules.trees import Tree

STREAM_ROWS: Final = 200_000
"""From here on Polars streams; below, one thread in memory starts sooner."""

Key = TypeVar("Key", bound=Hashable)


def kept_rows(
    checked: CheckedCampaign, table: Table, as_of: dt.date, trees: Iterable[Tree], fields: Iterable[str] = ()
) -> Rows:
    """The rows that are neither set aside nor screened out, for questions about these trees and fields."""
    return framed(checked, table, as_of, trees, fields)


def sound_rows(checked: CheckedCampaign, table: Table, fields: Iterable[str]) -> Rows:
    """The rows that are not set aside, with their dates as submitted, for questions about these fields."""
    return framed(checked, table, None, (), fields)


def answers(asked: Mapping[Key, Asked], tables: Iterable[Table], heavy: Iterable[Key] = ()) -> dict[Key, pl.DataFrame]:
    """All answers. Of large tables the `heavy` ones are collected one at a time, to bound the memory."""
    if all(table.height is not None and table.height < STREAM_ROWS for table in tables):
        return dict(zip(asked, pl.collect_all(asked.values(), engine="in-memory"), strict=True))
    alone = set(heavy)
    light = [query for key, query in asked.items() if key not in alone]
    found = iter(pl.collect_all(light, engine="streaming"))
    return {key: query.collect(engine="streaming") if key in alone else next(found) for key, query in asked.items()}


def answer(asked: Asked) -> pl.DataFrame:
    """One answer."""
    with row_faults():
        return asked.collect(engine="streaming")
