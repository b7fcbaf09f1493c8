"""What breaks a property → a case that can be pasted into a file of tests (`NAME.test.yaml`).

In: a broken property with its data and rows of results. Out: YAML text: the data, and as expectations the rows as they
came out, for a person to put right by hand; what an expectation cannot say (the results before, a property itself)
stands beside it as a comment. Must not know: how it was found.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from campaignrules.checked import UNIT_TABLE
from campaignrules.errors import visible
from campaignrules.quantities import plain_text
from campaignrules.results import DutyResult, HonourResult, OutcomeResult, Placing, Progress, ReturnResult, Score
from campaignrules.testing.properties import subject_of
from campaignrules.testing.strategies import Row, Submitted
from campaignrules.testing.trials import FURTHER_UNIT, PROBE, PROPERTY
from campaignrules.testing.verifying import Broken

_AFTER: Final = ("more-is-not-less", "units-stand-alone")
"""Properties of which the case holds the data after the change."""
_MOST_ROWS: Final = 8
_PLAIN: Final = re.compile(r"[^\W\d_][\w.\-]*|-?\d+(\.\d+)?|\d{4}-\d{2}-\d{2}")
_WORDS: Final = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"))


def case_of(broken: Broken, lang: str = "zh") -> str:
    """The case as an entry of `cases:`, its lines indented as there."""
    submitted, note = _data(broken)
    about = f"{broken.property}: {broken.subject}"
    lines = [f"  - case: {_quoted(about)}", f"    note: {_quoted(broken.breach.told.to(lang))}"]
    lines.append(f"    as_of: {submitted.as_of}")
    tables = {name: rows for name, rows in submitted.tables.items() if name != UNIT_TABLE}
    if UNIT_TABLE in submitted.tables:
        lines += ["    units:", *_rows(submitted.tables[UNIT_TABLE], 6, note)]
    lines.append("    given:" if tables else "    given: {}")
    for name, rows in tables.items():
        lines += [f"      {name}:", *_rows(rows, 8, note)] if rows else [f"      {name}: []"]
    return "\n".join([*lines, *_expected(broken, lang)])


def _data(broken: Broken) -> tuple[Submitted, list[Row]]:
    """The data of the case, and the rows in it that make the difference."""
    trial, submitted = broken.trial, broken.drawn.submitted
    if broken.property == "more-is-not-less":
        before = {id(row) for rows in submitted.tables.values() for row in rows}
        rows = [row for some in trial.with_rows.tables.values() for row in some]
        return trial.with_rows, [row for row in rows if id(row) not in before]
    if broken.property == "units-stand-alone" and trial.with_unit is not None and not trial.ground.larger:
        units = trial.with_unit[1].tables[UNIT_TABLE]
        return trial.with_unit[1], [row for row in units if row.get("id") == FURTHER_UNIT]
    return submitted, []


def _rows(rows: list[Row], indent: int, marked: list[Row]) -> Iterator[str]:
    for row in rows:
        mark = "  # ←" if any(row is one for one in marked) else ""
        yield f"{' ' * indent}- {_flow(row)}{mark}"


def _expected(broken: Broken, lang: str) -> Iterator[str]:
    """The rows as they came out of these data; beside them those of the data as they were before, or of the reference."""
    yield "    expect:  # " + (
        "算出的结果；请手算后改正" if lang == "zh" else "as it came out; work it out and put it right"
    )
    rows = broken.breach.rows[:_MOST_ROWS]
    after = broken.property in _AFTER and not (broken.property == "units-stand-alone" and broken.trial.ground.larger)
    paired = len(rows) == 2 and (after or broken.property in _PAIRED)
    here = rows[1:] if paired and after else rows[:1] if paired else rows
    came_out = _by_key(broken)
    found = [came_out[key] for key in dict.fromkeys(_key(row) for row in here) if key in came_out]
    for named in [one for row in found if (one := expectation(row)) is not None] or [_some_row(broken)]:
        yield f"      - {_flow(named)}"
    for row in rows:
        if row not in found or expectation(row) is None:
            yield f"      # {_told(row)}"


def _by_key(broken: Broken) -> dict[Any, Any]:
    """The rows that come out of the data of the case, by what names them."""
    trial, results = broken.trial, broken.trial.answer.results
    if broken.property == "more-is-not-less":
        results = trial.after_rows or results
    if broken.property == "units-stand-alone" and not trial.ground.larger:
        results = trial.after_unit or results
    every = (
        *results.progress, *results.duties, *results.outcomes, *results.scores, *results.rankings, *results.honours,
        *results.returns,
    )  # fmt: skip
    return {_key(row): row for row in every}


def _key(row: Any) -> Any:
    if row is None:
        return None
    return (type(row), subject_of(row), *(getattr(row, name, None) for name in ("unit", "window", "due_on")))


_PAIRED: Final = (
    "engine-equals-reference",
    "order-does-not-matter",
    "completions-within-interval",
    "units-stand-alone",
)


def _some_row(broken: Broken) -> dict[str, Any]:
    """Some row of the results, where those that break the property are none that an expectation can name."""
    results = broken.trial.answer.results
    every = (*results.progress, *results.scores, *results.duties, *results.outcomes, *results.honours)
    return next((found for row in every if (found := expectation(row)) is not None), {"rows": 0})


def expectation(row: Any) -> dict[str, Any] | None:
    """What an expectation says of a row: what names it, and its main cells; None for rows of our own."""
    if row is None or (isinstance(row, Progress) and row.target.startswith(PROBE)):
        return None
    if isinstance(row, HonourResult) and row.honour.startswith(PROPERTY):
        return None
    named = _named(row)
    place = {"unit": row.unit, "window": row.window} if not isinstance(row, OutcomeResult) else {}
    due = {"due_on": row.due_on} if isinstance(row, DutyResult) else {}
    cells = {name: getattr(row, name) for name in _CELLS[type(row)]}
    told = {name: _cell(row, name, value) for name, value in cells.items()}
    return named | {name: value for name, value in (place | due).items() if value is not None} | told


_CELLS: Final[dict[type, tuple[str, ...]]] = {
    Progress: ("value", "ratio", "status"),
    DutyResult: ("status", "done_on"),
    OutcomeResult: ("status",),
    ReturnResult: ("status", "on"),
    Score: ("points", "lowest", "highest", "status"),
    Placing: ("place", "best", "worst", "status"),
    HonourResult: ("status",),
}


def _named(row: Any) -> dict[str, Any]:
    if isinstance(row, Score):
        return {"scorecard": row.scorecard} if row.item is None else {"item": f"{row.scorecard}.{row.item}"}
    names = {
        "target": "target",
        "duty": "duty",
        "outcome": "outcome",
        "return_": "return",
        "ranking": "ranking",
        "honour": "honour",
    }
    return next({key: getattr(row, name)} for name, key in names.items() if hasattr(row, name))


def _cell(row: Any, name: str, value: Any) -> Any:
    """A value with its unit of measure."""
    if isinstance(value, Decimal):
        unit = getattr(row, "measure", "") if name == "value" else "" if name == "ratio" else "分"
        number = plain_text(value)
        return number if unit in ("", "number") else f"{number} {unit}" if unit != "%" else f"{number}%"
    return value


def _told(row: Any) -> str:
    """A row as a comment."""
    if row is None:
        return "—"
    found = expectation(row)
    if found is None:
        name = getattr(row, "honour", None) or f"metric {row.metric}"
        shown = getattr(row, "value", None)
        found = {
            "row": name,
            "unit": row.unit,
            "window": row.window,
            "value": None if shown is None else plain_text(shown),
            "status": row.status,
        }
    return _flow(found)


# -- YAML ---------------------------------------------------------------------------------------------------------


def _flow(row: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_scalar(value)}" for name, value in row.items()) + "}"


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | dt.date) else _quoted(str(value))


def _quoted(text: str) -> str:
    """As plain as YAML reads it back as the same text."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
