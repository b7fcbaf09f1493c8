"""Typed tables of a submission moved into an engine, so that the same rows are asked there.

What intake made of the cells stays as it is: these tests compare who adds up, not who reads.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Final

import polars as pl
from attrs import evolve
from sqlglot import exp

from campaignrules.intake import Submission
from campaignrules.intake.kinds import Relation, Table
from campaignrules.relational.dialects import column, named
from campaignrules.relational.engines import Engine
from tests.engines import load

_NUMBERS: Final = count(1)


def moved(submission: Submission, engine: Engine, *, spoiled: bool = False) -> Submission:
    """The submission with every table in the engine. `spoiled`: rows that do not count stand between the others."""
    tables = {name: _moved(table, engine, spoiled) for name, table in submission.tables.items()}
    return evolve(submission, tables=tables)


def _moved(table: Table, engine: Engine, spoiled: bool) -> Table:
    frame = table.sound.select(pl.col(c).cast(_plain(kind)) for c, kind in _columns(table)).collect()
    if spoiled:
        frame = pl.concat([frame.with_columns(ok=True), frame.head(3).with_columns(ok=False)])
    cells = [_cell(engine, name, kind) for name, kind in frame.schema.items()]
    query = exp.select(*cells).from_(load(engine, frame, f"rows{next(_NUMBERS)}"))
    relation = Relation(engine, query, spoiled, lambda: _fetched(table))
    return Table(table.record, None, table.columns, heard=table.heard, relation=relation)


FETCHED: list[str] = []
"""The records whose rows were brought here after all."""


def _fetched(table: Table) -> pl.LazyFrame:
    FETCHED.append(table.record)
    return table.sound


def _columns(table: Table) -> list[tuple[str, Any]]:
    schema = table.sound.collect_schema()
    return [(name, schema[name]) for name in dict.fromkeys(table.columns.values())]


def _plain(kind: Any) -> Any:
    return pl.String if isinstance(kind, pl.Categorical | pl.Enum | pl.Null) else kind


def _cell(engine: Engine, name: str, kind: Any) -> Any:
    node = column(name)
    return named(engine.dialect.text(node), name) if kind == pl.String else node
