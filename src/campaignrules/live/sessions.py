"""A session: rows that stand, results that follow. `Session.apply` is the whole of it on one screen.

Comes in: a campaign, data, batches of changes. Goes out: `Change`s, and an `Evaluation` of the rows as they stand.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import define, evolve

from campaignrules import engine
from campaignrules.checked import UNIT_TABLE, CheckedCampaign
from campaignrules.engine import DenseResults
from campaignrules.evaluation import Evaluation
from campaignrules.intake import Submission
from campaignrules.intake.findings import FindingList
from campaignrules.intake.raw import Limits, Raw
from campaignrules.intake.submission import Sorted, kind_of, sort_out, submission_of, unit_names
from campaignrules.intake.tables import take_table
from campaignrules.live import batches
from campaignrules.live.batches import Batch
from campaignrules.live.changes import Change, different, told_otherwise
from campaignrules.live.held import Held
from campaignrules.planner import Plan
from campaignrules.receipts import Origin
from campaignrules.results import Finding, Results


@define(eq=False, repr=False)
class Work:
    """What a session is begun with: the checked campaign and its plan, the day, and what evaluations say of them."""

    checked: CheckedCampaign
    plan: Plan
    as_of: dt.date
    meta: dict[str, Any]
    origin: Origin


@define(eq=False, repr=False)
class _State:
    """Rows and results that belong together."""

    read: Sorted
    submission: Submission
    dense: DenseResults
    held: dict[str, Held]


class Session:
    """Results that are kept while rows change. Made by `Campaign.session`, or from a file by `Campaign.resume`."""

    def __init__(self, work: Work, read: Sorted) -> None:
        self._work = work
        self._state = _begun(work, evolve(read, raws={name: _collected(raws) for name, raws in read.raws.items()}))

    @property
    def evaluation(self) -> Evaluation:
        """The same as a full evaluation of the rows as they stand."""
        work, state = self._work, self._state
        return Evaluation(work.checked, state.submission, state.dense, work.as_of, work.meta, work.origin)

    @property
    def results(self) -> Results:
        """All rows of results."""
        return self._state.dense.rows

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of the rows as they stand."""
        return self.evaluation.findings

    def apply(self, added: object = None, corrected: object = None, withdrawn: object = None) -> Change:
        """Apply a batch as a whole: rows withdrawn first, then corrected in their place, then added after all others.

        Each takes what `Campaign.evaluate` takes; `withdrawn` also the keys of rows. Raises CampaignError, and then
        nothing has changed: for a row that nobody knows, one that is there already, one named twice.
        """
        batch = batches.read(self._work.checked, self._state.held, added, corrected, withdrawn)
        before, self._state = self._state, _rebuilt(self._work, self._state, batch)
        return _told(before, self._state)


def begin(work: Work, data: object, encoding: str | None) -> Session:
    """A session on data in any form."""
    return Session(work, sort_out(work.checked, data, Limits(), encoding=encoding))


def _collected(raws: list[Raw]) -> list[Raw]:
    """Tables in memory: a session looks at every row."""
    return [batches.collected(raw) for raw in raws]


def _begun(work: Work, read: Sorted) -> _State:
    submission = submission_of(work.checked, read)
    dense = engine.run(work.plan, submission, work.as_of)
    return _State(read, submission, dense, dict(_held(work.checked, read, submission)))


def _held(checked: CheckedCampaign, read: Sorted, submission: Submission) -> Any:
    names = unit_names(submission.roster) if submission.roster.declared else None
    kept: dict[str, list[int]] = {}
    for source in submission.sources:
        kept.setdefault(source.record, []).append(source.kept or 0)
    for record, raws in read.raws.items():
        kind = kind_of(checked, record, names)
        if record == UNIT_TABLE:
            taken = take_table(kind, raws, FindingList(0))
            yield record, Held.of(kind, raws, taken.table, taken.kept)
        else:
            yield record, Held.of(kind, raws, submission.tables[record], kept[record])


def _rebuilt(work: Work, state: _State, batch: Batch) -> _State:
    """All over again, on the rows as they will stand."""
    raws: dict[str, list[Raw]] = {}
    for record, held in state.held.items():
        patch = batch.patches.get(record)
        raw = {} if patch is None else patch.raw
        raws[record] = [piece.standing(raw.get(number)) for number, piece in enumerate(held.pieces)]
    for record, more in batch.fresh.items():
        stood = [raw for raw in raws.get(record, []) if raw.headers]
        raws[record] = [*stood, *(evolve(raw, file=None, sheet=None) for raw in more)]
    return _begun(work, evolve(state.read, raws=raws))


def _told(before: _State, after: _State) -> Change:
    old, new = before.dense.rows, after.dense.rows
    kinds = ("progress", "duties", "outcomes", "scores", "rankings", "honours", "returns")
    found = {kind: different(kind, getattr(old, kind), getattr(new, kind)) for kind in kinds}
    findings = told_otherwise(_findings(before), _findings(after))
    return Change(**found, findings=findings, counts=different("counts", _counts(before), _counts(after)))


def _findings(state: _State) -> tuple[Finding, ...]:
    return (*state.submission.findings, *state.dense.findings)


def _counts(state: _State) -> list[Any]:
    return [state.dense.cube.counts.get(name, count) for name, count in state.submission.counts.items()]
