"""Rows as a person keeps them beside a session: plain lists, changed by hand, so that a full run can be held against it.

Knows nothing of sessions: a table is a list, a correction takes the place of a row, an addition stands at the end.
"""

from __future__ import annotations

import random
from typing import Any

from attrs import define, field

from campaignrules.checked import CheckedCampaign
from tests.strategies import CELLS, UNITS, Tables

Row = dict[str, Any]
BAD = ("", "乱", "2023-02-30", "1.5 元", "-1", "1,234", "12345678901234567890", "２０２３年6月5日", "—", "A1")
KEYS = {"figures": ("metric", "unit", "on"), "units": ("id",)}


@define
class Desk:
    """The tables of a submission. `below`: a drawn number less than another."""

    checked: CheckedCampaign
    tables: Tables
    chance: random.Random
    bad: int = 6
    """One cell in so many is drawn among bad ones."""
    made: int = 0
    batch: dict[str, dict[str, list[Any]]] = field(factory=dict)

    def key(self, record: str) -> tuple[str, ...]:
        return KEYS.get(record) or self.checked.records[record].key

    # what may stand in a row

    def row(self, record: str, like: Row | None = None) -> Row:
        """A row with other cells than `like`, but for its key."""
        rows = self.tables.get(record, [])
        columns = list(rows[0]) if rows else self.columns(record)
        key = self.key(record) if like is not None else ()
        return {c: (like or {})[c] if c in key else self.cell(record, c, like) for c in columns}

    def columns(self, record: str) -> list[str]:
        if record == "units":
            return ["id", "title", "class", "parent"]
        return list(self.checked.records[record].record.fields)

    def cell(self, record: str, column: str, like: Row | None) -> str:
        if column == "id":
            self.made += 1
            return f"new-{self.made}"
        if like is not None and self.chance.random() < 0.5:
            return str(like[column])
        if self.chance.randrange(self.bad) == 0:
            return self.chance.choice(BAD)
        seen = [row[column] for rows in (self.tables.get(record, []),) for row in rows if column in row]
        return self.chance.choice([*seen, *self.usual(record, column)])

    def usual(self, record: str, column: str) -> tuple[str, ...]:
        if record == "units":
            return {"class": ("city", "county", ""), "parent": ("a", "b", "")}.get(column, ("甲", "乙"))
        declared = self.checked.records[record].record.fields[column]
        if declared.type == "unit":
            return UNITS
        days = ("2023-06-05", "2023-02-28", "2024-02-10", "2023-07-01")
        numbers = ("0", "1", "2", "1.5", "10000", "-3")
        known: dict[str, tuple[str, ...]] = {"date": days, "quantity": numbers, "count": ("0", "1", "5")}
        return known.get(declared.type) or CELLS.get(declared.type) or (*self.ids(record, column), "red", "x")

    def ids(self, record: str, column: str) -> list[str]:
        if record == "figures" and column == "metric":
            return [name for name, one in self.checked.metrics.items() if one.metric.reported is not None] or ["m0"]
        if record == "attestations" and column == "duty":
            return [one.duty.id for one in self.checked.duties] or ["D-0"]
        return [one.id for one in self.checked.returns] if record == "returns" and column == "return" else []

    # changes

    def identity(self, record: str, row: Row) -> tuple[str, ...]:
        return tuple(str(row[name]).strip() for name in self.key(record))

    def lone(self, record: str) -> list[Row]:
        """Rows that can be named: by a key that no other row has, or as a whole."""
        rows, key = self.tables.get(record, []), self.key(record)
        if not key:
            return [row for row in rows if any(row.values())]
        names = [self.identity(record, row) for row in rows]
        return [row for row, name in zip(rows, names, strict=True) if names.count(name) == 1 and all(name)]

    def add(self, record: str, many: int) -> list[Row]:
        found: list[Row] = []
        for _ in range(many):
            row = self.row(record)
            taken = [self.identity(record, one) for one in (*self.tables.get(record, []), *found)]
            if not self.key(record) or self.identity(record, row) not in taken:
                found.append(row)
        if found:
            self.tables[record] = [*self.tables.get(record, []), *found]
        return found

    def correct(self, record: str, many: int) -> list[Row]:
        some = self.lone(record) if self.key(record) else []
        if not some:
            return []
        found = [(row, self.row(record, row)) for row in self.chance.sample(some, min(many, len(some)))]
        others = {id(row): other for row, other in found}
        self.tables[record] = [others.get(id(row), row) for row in self.tables.get(record, [])]
        return [other for _, other in found]

    def withdraw(self, record: str, many: int, *, by_key: bool) -> list[Any]:
        some = self.lone(record)
        found = self.chance.sample(some, min(many, len(some)))
        for row in found:
            self.remove(record, row)
        if not by_key or not self.key(record):
            return found
        names = [tuple(row[name] for name in self.key(record)) for row in found]
        return [name[0] if len(name) == 1 else name for name in names]

    def remove(self, record: str, row: Row) -> None:
        """The row of that key; without a key the last one like it."""
        rows = self.tables[record]
        last = max(i for i, one in enumerate(rows) if one == row)
        self.tables[record] = [*rows[:last], *rows[last + 1 :]]
