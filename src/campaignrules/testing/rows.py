"""A drawn row of a record type → an honest one: its rules hold, or it is left out.

In: a record type and a full row, each cell as text and as value, with which optional cells are to stay. Out: the row as
text, mended where a rule speaks against it (dates the other way round, optional cells filled or left out), or None.
Must not know: how rows are drawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from campaignrules.checked import CheckedRecord
from campaignrules.errors import CampaignError
from campaignrules.reference import evaluate
from campaignrules.trees import Expression, Value

MOST_REPAIRS: Final = 8


@frozen
class Cell:
    """What a person writes, and what it means (numbers in base units)."""

    text: str
    value: Value


Row = dict[str, Cell]


def honest(record: CheckedRecord, full: Mapping[str, Cell], left_out: frozenset[str]) -> dict[str, str] | None:
    """The row without the cells `left_out`, changed until every rule of its record type holds; None when none helps."""
    row = {name: cell for name, cell in full.items() if name not in left_out}
    for _ in range(MOST_REPAIRS):
        broken = _broken(record, row)
        if broken is None:
            return {name: cell.text for name, cell in row.items()}
        mended = next((one for one in _repairs(record, broken, row, full) if _holds(record, broken, one)), None)
        if mended is None:
            return None
        row = mended
    return None


def _broken(record: CheckedRecord, row: Row) -> Expression | None:
    return next((rule.expression for rule in record.rules if not _holds(record, rule.expression, row)), None)


def _holds(record: CheckedRecord, rule: Expression, row: Row) -> bool:
    """A rule that cannot be decided sets no row aside."""
    values: dict[str, Value] = {name: cell.value for name, cell in row.items()}
    try:
        for name in [*record.derived] if rule.names & record.derived.keys() else []:
            values[name] = evaluate(record.derived[name], values).value
        return evaluate(rule, values).value is not False
    except CampaignError:
        return False


def _repairs(record: CheckedRecord, rule: Expression, row: Row, full: Mapping[str, Cell]) -> Iterator[Row]:
    """Rows that differ a little in what the rule looks at, the nearest first."""
    names = [name for name in row if name in record.behind(rule.names)]
    dates = [name for name in names if isinstance(row[name].value, dt.date)]
    for i, one in enumerate(dates):
        for other in dates[i + 1 :]:
            if _inside(record, one, row[other].value) and _inside(record, other, row[one].value):
                yield {**row, one: row[other], other: row[one]}
    for name in (name for name in full if name in record.behind(rule.names) and name not in row):
        yield {**row, name: full[name]}
    for name in names:
        if not record.record.fields[name].required:
            yield {other: cell for other, cell in row.items() if other != name}


def _inside(record: CheckedRecord, name: str, day: Value) -> bool:
    """Whether a date lies in the windows that its field states."""
    windows = record.within.get(name, ())
    return not windows or any(isinstance(day, dt.date) and window.start <= day <= window.end for window in windows)
