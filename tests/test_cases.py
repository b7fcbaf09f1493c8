"""Each folder of tests/cases is a campaign, its data and what must come out, worked out by hand.

It is put to the engine and to the oracle.

`expected.yaml` names rows by target (duty, outcome, return), unit, window and due date, and states the cells that matter;
`counts` says how many rows a target or duty has in all.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import campaignrules
from campaignrules import intake, oracle
from campaignrules.intake.submitters import sheets
from campaignrules.quantities import plain_text
from campaignrules.results import DutyResult, OutcomeResult, Progress, Results, ReturnResult

FOLDERS = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/expected.yaml"))
KEYS = ("target", "duty", "outcome", "return", "unit", "window", "due_on")

Row = Progress | DutyResult | OutcomeResult | ReturnResult


def expectation(folder: Path) -> dict[str, Any]:
    """What must come out, every scalar as text."""
    text = (folder / "expected.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506  BaseLoader makes texts and nothing else
    return found


def by_engine(folder: Path, as_of: dt.date) -> Results:
    """The engine's answer."""
    campaign = campaignrules.load(folder / "campaign.yaml")
    return campaign.evaluate(folder / "data", as_of=as_of).results


def by_oracle(folder: Path, as_of: dt.date) -> Results:
    """The oracle's answer to the same rows."""
    checked = campaignrules.load(folder / "campaign.yaml").checked
    taken = intake.take(checked, folder / "data")
    assert not [finding for finding in taken.findings if finding.set_aside]
    rows = {name: taken.rows(name) for name in taken.tables}
    return oracle.run(checked, rows, taken.roster, as_of, sheets(taken))


def shown(cell: Any) -> Any:
    """A cell as expected.yaml writes it."""
    if isinstance(cell, Decimal):
        return plain_text(cell)
    if isinstance(cell, tuple | list):
        return [shown(one) for one in cell]
    if isinstance(cell, dict):
        return {key: shown(one) for key, one in cell.items()}
    return "null" if cell is None else str(cell)


def plain(text: Any) -> Any:
    """Expected numbers without trailing zeros, so that 0.060 may be written."""
    try:
        return plain_text(Decimal(text))
    except (ArithmeticError, TypeError, ValueError):
        return text


def matching(rows: Iterable[Row], expected: dict[str, Any]) -> list[Row]:
    """The rows that an expected row names; where it names no unit, those of the whole."""
    named = {key: value for key, value in expected.items() if key in KEYS}
    several = {"unit": "null"} if "outcome" not in expected else {}
    return [row for row in rows if all(shown(cell_of(row, k)) == v for k, v in {**several, **named}.items())]


def cell_of(row: Row, column: str) -> Any:
    """The cell of a column."""
    return getattr(row, "return_" if column == "return" else column)


def identified(rows: Iterable[Row]) -> list[str]:
    """The target or duty of each row."""
    return [str(getattr(row, "target", None) or getattr(row, "duty", None)) for row in rows]


@pytest.mark.parametrize("evaluate", [by_oracle, by_engine])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_comes_out_as_worked_out_by_hand(folder, evaluate):
    """Every expected row is there once, with the cells it states."""
    expected = expectation(folder)
    results = evaluate(folder, dt.date.fromisoformat(expected["as_of"]))
    for part in ("progress", "duties", "outcomes", "returns"):
        for wanted in expected.get(part, ()):
            found = matching(getattr(results, part), wanted)
            assert len(found) == 1, f"{len(found)} rows for {wanted}"
            actual = {key: shown(cell_of(found[0], key)) for key in wanted}
            assert actual == {key: plain(value) for key, value in wanted.items()}
    ids = identified((*results.progress, *results.duties))
    assert {name: str(ids.count(name)) for name in expected.get("counts", {})} == expected.get("counts", {})


def test_there_are_cases_and_each_says_how_it_was_worked_out():
    """A case without its calculation by hand proves nothing."""
    assert len(FOLDERS) >= 25
    assert all(expectation(folder)["notes"].strip() for folder in FOLDERS)
