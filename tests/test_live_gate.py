"""The gate for live sessions: after any sequence of changes a session says what a full run says of the rows as they stand.

Rows are kept beside it by hand (`live_rows`) and evaluated as a whole after each batch; drawn batches have bad cells, keys
that come twice, keys that change, rosters that change, tables that nobody submitted before.
Under the profile `ci` it draws the same sequences each time; under `dev` a few new ones.
"""

import copy
import csv
import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict
from hypothesis import HealthCheck, reject, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import campaignrules
from campaignrules.driver import Campaign, data_folder
from campaignrules.errors import CampaignError
from campaignrules.intake.headers import names_of
from campaignrules.live.changes import different, told_otherwise
from campaignrules.results import Results
from tests.live_rows import Desk
from tests.scoring_strategies import scattered_scored_cases
from tests.strategies import Case, Tables, scattered_cases

REPEATED: bool = settings().derandomize
KINDS = ("progress", "duties", "outcomes", "scores", "rankings", "honours", "returns")
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]
EXAMPLES = Path(__file__).parents[1] / "examples"
SHIPPED = ("yanjiang_2023", "xinfeng_100days", "sichuan_2023_q3", "guangyuan_2023_2025", "sichuan_2024_reply_0798")


def rows_of(results: Results) -> list[dict[str, Any]]:
    """Every row of every kind, field by field, in order."""
    return [asdict(row) for kind in KINDS for row in getattr(results, kind)]


class Beside:
    """A session, and beside it the same rows as plain lists."""

    def __init__(self, campaign: Campaign, tables: Tables, as_of: dt.date, chance: random.Random) -> None:
        self.campaign, self.as_of, self.chance = campaign, as_of, chance
        self.desk = Desk(campaign.checked, copy.deepcopy(tables), chance, bad=chance.choice((3, 8, 40)))
        self.session = campaign.session(copy.deepcopy(tables), as_of=as_of)

    def full(self) -> Any:
        """The independent answer."""
        return self.campaign.evaluate(copy.deepcopy(self.desk.tables), as_of=self.as_of)

    def agrees(self) -> None:
        """Results, findings and counts are those of a full run."""
        full = self.full()
        assert rows_of(self.session.results) == rows_of(full.results)
        assert self.session.findings == full.findings
        assert self.session.counts == full.counts

    def apply(self, batch: dict[str, dict[str, list[Any]]], before: Tables) -> None:
        """The batch on both sides; the change is what is different between two full runs."""
        session, was = self.session, (self.session.results, self.session.findings, self.session.counts)
        try:
            full = self.full()
        except CampaignError:  # a number of too many digits: then the session refuses, too, and nothing has changed
            with pytest.raises(CampaignError):
                session.apply(**batch)
            self.desk.tables = before
            return
        change = session.apply(**batch)
        for kind in KINDS:
            assert getattr(change, kind) == different(kind, getattr(was[0], kind), getattr(full.results, kind))
        assert change.findings == told_otherwise(was[1], full.findings)
        assert change.counts == different("counts", was[2], full.counts)
        assert bool(change) == ((was[0], was[1], was[2]) != (full.results, full.findings, full.counts))

    def move(self, how: str, many: int) -> None:
        """A drawn batch of one kind of change on some record types."""
        before, batch = copy.deepcopy(self.desk.tables), dict[str, dict[str, list[Any]]]()
        among = self.records()
        for record in self.chance.sample(among, min(self.chance.choice((1, 1, 2)), len(among))):
            desk, by_key = self.desk, self.chance.random() < 0.6
            work = {"added": desk.add, "corrected": desk.correct}
            rows = work[how](record, many) if how in work else desk.withdraw(record, many, by_key=by_key)
            if rows:
                batch.setdefault(how, {})[record] = rows
        self.apply(batch, before)

    def records(self) -> list[str]:
        """Record types to change: mostly one that has rows, now and then any, or the roster."""
        known, chance = [*self.campaign.checked.records], self.chance
        if self.campaign.checked.units is None and chance.random() < 0.1:
            return ["units"]
        filled = [name for name in known if self.desk.tables.get(name)]
        return filled if filled and chance.random() < 0.8 else known


class Rows(RuleBasedStateMachine):
    """Rows are added, corrected and withdrawn, in batches of any size."""

    cases: st.SearchStrategy[Case] = scattered_cases()

    def __init__(self) -> None:
        super().__init__()
        self.beside: Beside | None = None

    @initialize(data=st.data(), seed=st.integers(0, 2**32 - 1))
    def begin(self, data: Any, seed: int) -> None:
        case = data.draw(self.cases)
        try:
            campaign = campaignrules.load(case.text)
            self.beside = Beside(campaign, case.tables, case.as_of, random.Random(seed))  # noqa: S311  for tests
        except CampaignError:
            reject()  # a drawn campaign that the check refuses, or numbers of too many digits

    @precondition(lambda self: self.beside is not None)
    @rule(how=st.sampled_from(("added", "corrected", "corrected", "withdrawn")), many=st.sampled_from((1, 1, 2, 5)))
    def move(self, how: str, many: int) -> None:
        assert self.beside is not None
        self.beside.move(how, many)

    @invariant()
    def agrees(self) -> None:
        if self.beside is not None:
            self.beside.agrees()


class ScoredRows(Rows):
    """The same where points and places rest on the rows."""

    cases = scattered_scored_cases()


@pytest.mark.parametrize(("machine", "examples"), [(Rows, 24), (ScoredRows, 10)])
def test_sequences_of_changes(machine, examples):
    """After any sequence of changes the session agrees with a full run, and each change tells the difference."""
    quiet = settings(max_examples=examples if REPEATED else 4, stateful_step_count=6, suppress_health_check=QUIET)
    run_state_machine_as_test(machine, settings=quiet)


def example(name: str) -> tuple[Campaign, Tables]:
    """A shipped campaign and its example data, as lists of rows under the names of fields."""
    campaign, tables = campaignrules.load(data_folder("campaigns") / f"{name}.yaml"), dict[str, list[dict[str, str]]]()
    for file in sorted((EXAMPLES / name).glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        names = names_of(campaign.checked, file.stem)
        tables[file.stem] = [
            {(meant.field if (meant := names.meant(header)) else header): cell for header, cell in row.items()}
            for row in rows
        ]
    return campaign, tables


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_campaigns(name):
    """A session on the example of a shipped campaign agrees with full runs while its rows change."""
    campaign, tables = example(name)
    period = campaign.checked.calendar.period
    beside = Beside(campaign, tables, period.start + (period.end - period.start) / 2, random.Random(name))  # noqa: S311
    for how, many in (("corrected", 3), ("added", 2), ("withdrawn", 2)):
        beside.move(how, many)
        beside.agrees()
    assert beside.session.evaluated_anew < 3


def test_saved_in_between(tmp_path):
    """A session that was saved and resumed after some changes goes on as if nothing had happened."""
    campaign, tables = example("yanjiang_2023")
    beside = Beside(campaign, tables, dt.date(2023, 6, 30), random.Random(3))  # noqa: S311  for tests
    beside.move("corrected", 4)
    beside.session.save(tmp_path / "june.session")
    beside.session = campaign.resume(tmp_path / "june.session")
    beside.agrees()
    beside.move("withdrawn", 3)
    beside.agrees()
