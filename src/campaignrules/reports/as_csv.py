"""Evaluation → CSV that spreadsheets open as it is: UTF-8 with a mark, no cell that begins a formula.

Not called `csv`, so that nobody reads it for the standard library's. Must not know: terminals, files.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from campaignrules.comparison import COLUMNS, Comparison
from campaignrules.errors import Text, visible
from campaignrules.quantities import plain_text
from campaignrules.reports import readings
from campaignrules.reports.view import Choice, Evaluated, Table, View
from campaignrules.results import (
    DutyResult,
    Finding,
    HonourResult,
    OutcomeResult,
    Pending,
    Placing,
    Progress,
    ReturnResult,
    Score,
    column_of,
)

MARK: Final = "\ufeff"
ROWS: Final[dict[Table, type]] = {
    "progress": Progress,
    "duties": DutyResult,
    "outcomes": OutcomeResult,
    "scores": Score,
    "rankings": Placing,
    "honours": HonourResult,
    "returns": ReturnResult,
    "findings": Finding,
    "pending": Pending,
}
FINDING: Final = (
    "code", "severity", "record", "file", "sheet", "row", "column", "cell", "value", "message", "set_aside",
)  # fmt: skip
_FORMULA: Final = frozenset("=+-@\t\r\n＝＋－＠")


def render(
    evaluation: Evaluated,
    table: Table = "progress",
    lang: str = "zh",
    choice: Choice | None = None,
    comparison: Comparison | None = None,
) -> str:
    """One table of the evaluation; the columns are the field names of `campaignrules.results`."""
    view = View(evaluation, choice or Choice(), lang)
    if table == "readings":
        lines = readings.table(comparison, view) if comparison is not None else iter([COLUMNS])
        return _written([cell(value, lang) for value in line] for line in lines)
    names = names_of(table)
    heads = [column_of(name) for name in names]
    return _written([heads, *([cell(getattr(row, name), lang) for name in names] for row in view.rows(table))])


def dated(table: Table, rows: Iterable[tuple[dt.date, Any]], lang: str = "zh") -> str:
    """A table whose rows are of many days; the first column, `as_of`, says which."""
    names = names_of(table)
    lines = ([cell(day, lang), *(cell(getattr(row, name), lang) for name in names)] for day, row in rows)
    return _written([["as_of", *map(column_of, names)], *lines])


def names_of(table: Table) -> tuple[str, ...]:
    """The columns of a table; of a finding first where it is, then what it says."""
    return FINDING if table == "findings" else tuple(field.name for field in attrs.fields(ROWS[table]))


def findings(rows: Iterable[Finding], lang: str = "zh") -> str:
    """The table of findings alone."""
    return _written([FINDING, *([cell(getattr(row, name), lang) for name in FINDING] for row in rows)])


def _written(lines: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return MARK + out.getvalue()


def cell(value: Any, lang: str) -> str:
    """`value` as a cell. A number stays one; text that a spreadsheet would run gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return plain_text(Decimal(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return guarded(_text(value, lang))


def _text(value: Any, lang: str) -> str:
    if isinstance(value, Text):
        return value.to(lang)
    if isinstance(value, Mapping):
        return "、".join(f"{key} {item}" for key, item in value.items())
    return value if isinstance(value, str) else "、".join(str(item) for item in value)


def guarded(text: str) -> str:
    """`text` that no spreadsheet takes for a formula and no terminal for an order."""
    begins = text.lstrip(" \u3000\u00a0\ufeff")[:1]
    return f"'{visible(text)}" if begins in _FORMULA and begins else visible(text)
