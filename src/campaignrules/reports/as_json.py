"""Evaluation → JSON: strict, in a stable order, decimals as plain text, dates ISO.

The module is not called `json`, so that nobody reads it for the standard library's. Must not know: terminals, files.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from campaignrules.comparison import Comparison
from campaignrules.errors import Text
from campaignrules.quantities import plain_text
from campaignrules.reports import readings, sheet
from campaignrules.reports.view import TABLES, Choice, Evaluated, View
from campaignrules.results import TableCount, column_of

_UNSAFE: Final = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]")


def render(evaluation: Evaluated, choice: Choice | None = None, comparison: Comparison | None = None) -> str:
    """The evaluation as one JSON object with a line feed at its end."""
    return dumped(data_of(evaluation, choice, comparison))


def render_sheet(evaluation: Evaluated, choice: Choice) -> str:
    """The score sheet of a unit as one JSON object."""
    view = View(evaluation, choice)
    head = {"campaign": evaluation.checked.campaign.campaign, "as_of": evaluation.as_of.isoformat()}
    rows = {name: plain(found) for name, found in sheet.data(view).items()}
    return dumped(
        {**head, "unit": choice.units[0], **rows, "meta": plain(evaluation.meta), "receipt": plain(evaluation.receipt)}
    )


def data_of(
    evaluation: Evaluated, choice: Choice | None = None, comparison: Comparison | None = None
) -> dict[str, Any]:
    """The evaluation as plain data; rows have the field names of `campaignrules.results`."""
    view = View(evaluation, choice or Choice())
    return {
        "campaign": evaluation.checked.campaign.campaign,
        "as_of": evaluation.as_of.isoformat(),
        **{table: [plain(row) for row in view.rows(table)] for table in TABLES},
        **({"readings": plain(readings.data(comparison, view))} if comparison is not None else {}),
        "meta": plain({**evaluation.meta, "tables": [_counted(count) for count in evaluation.counts]}),
        "receipt": plain(evaluation.receipt),
    }


def _counted(count: TableCount) -> dict[str, Any]:
    return {**attrs.asdict(count), "counted": count.counted}


def plain(value: Any) -> Any:
    """`value` as JSON data: decimals as text, dates ISO, texts as {zh, en}."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        return plain_text(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if attrs.has(type(value)):
        return {column_of(field.name): plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def dumped(data: Any) -> str:
    """JSON that a terminal cannot be steered with: controls and invisible characters are escaped."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
