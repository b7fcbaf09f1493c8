"""A session: rows that stand, results that follow. `Session.apply` is the whole of it on one screen.

Comes in: a campaign, data, batches of changes. Goes out: `Change`s, and an `Evaluation` of the rows as they stand.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import define, evolve, field

from campaignrules import engine
from campaignrules.checked import UNIT_TABLE, CheckedCampaign
from campaignrules.engine import DenseResults
from campaignrules.engine.cube import Cube, Division
from campaignrules.errors import CampaignError, fault
from campaignrules.evaluation import Evaluation
from campaignrules.intake import Submission, Table
from campaignrules.intake.digests import Input, of_table
from campaignrules.intake.findings import FindingList
from campaignrules.intake.raw import ROW, Limits, Raw
from campaignrules.intake.submission import Sorted, kind_of, sort_out, submission_of, unit_names
from campaignrules.intake.tables import take_table
from campaignrules.live import batches, saving
from campaignrules.live.batches import Batch
from campaignrules.live.changes import Change, different, told_otherwise
from campaignrules.live.cuts import Cutter
from campaignrules.live.finishing import Dirty, Finished, Pairs, again, by_rows, changed, finish
from campaignrules.live.held import Held, Patch
from campaignrules.live.talk import Talk
from campaignrules.live.tallies import BeyondAdditionError, Moves, Tallies, Touched
from campaignrules.planner import Plan
from campaignrules.receipts import Origin
from campaignrules.results import Finding, Results, TableCount


@define(eq=False, repr=False)
class Work:
    """What a session is begun with: the checked campaign and its plan, the day, and what evaluations say of them."""

    checked: CheckedCampaign
    plan: Plan
    as_of: dt.date
    meta: dict[str, Any]
    origin: Origin

    @property
    def digest(self) -> str:
        """What tells this campaign from another: its file, the overlays in force, the readings taken."""
        papers = [self.origin.campaign, *(one for one in self.origin.overlays if one.in_force)]
        told = [[one.id, one.sha256] for one in papers], sorted(self.origin.readings.items())
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


MOST_MOVES: Final = 20_000
"""Rows that go or come up to which a change is added to what was there, however few rows stand."""


@define(eq=False, repr=False)
class _State:
    """Rows and results that belong together. `talk`, `tallies` are None where a batch is always evaluated anew.

    `units`: how many rows each unit has, where nobody submitted a roster.
    """

    read: Sorted
    submission: Submission
    dense: DenseResults
    held: dict[str, Held]
    finished: Finished | None = None
    tallies: dict[str, Tallies] = field(factory=dict)
    talk: Talk | None = None
    units: Counter[str] | None = None
    moved: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those on the rows, then those on results."""
        said = self.submission.findings if self.talk is None else self.talk.findings
        return (*said, *self.dense.findings)

    @property
    def counts(self) -> list[TableCount]:
        """Rows read, set aside and screened of each table."""
        return [self.dense.cube.counts.get(name, count) for name, count in self.submission.counts.items()]


class Session:
    """Results that are kept while rows change. Made by `Campaign.session`, or from a file by `Campaign.resume`."""

    def __init__(self, work: Work, read: Sorted) -> None:
        self._work = work
        self._state = _begun(work, evolve(read, raws={name: _collected(raws) for name, raws in read.raws.items()}))
        self._evaluation: Evaluation | None = None
        self.evaluated_anew = 0
        """How many batches could not be added to what was there, and were evaluated anew with all rows."""

    @property
    def results(self) -> Results:
        """All rows of results."""
        return self._state.dense.rows

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of the rows as they stand."""
        return self._state.findings

    @property
    def counts(self) -> tuple[TableCount, ...]:
        """Rows read, set aside and screened of each submitted table."""
        return tuple(self._state.counts)

    @property
    def evaluation(self) -> Evaluation:
        """The same as a full evaluation of the rows as they stand. All rows are read once more when somebody asks."""
        if self._evaluation is None:
            work, state = self._work, self._state
            submission, origin = state.submission, work.origin
            if state.moved:
                submission = submission_of(work.checked, _with_digests(_standing(state, {})))
                origin = evolve(origin, data=None)
            dense = evolve(state.dense, submission=submission)
            self._evaluation = Evaluation(work.checked, submission, dense, work.as_of, work.meta, origin)
        return self._evaluation

    def save(self, path: str | Path) -> None:
        """Write the session to one file, whole or not at all: all its rows, and what it was begun with.

        Raises CampaignError. `Campaign.resume` goes on with it.
        """
        work, read = self._work, _standing(self._state, {})
        saved = saving.Saved(work.checked.campaign.campaign, work.digest, work.as_of, read)
        saving.save(path, saved, work.origin.program)

    def apply(self, added: object = None, corrected: object = None, withdrawn: object = None) -> Change:
        """Apply a batch as a whole: rows withdrawn first, then corrected in their place, then added after all others.

        Each takes what `Campaign.evaluate` takes; `withdrawn` also the keys of rows. Raises CampaignError, and then
        nothing has changed: for a row that nobody knows, one that is there already, one named twice.
        """
        batch = batches.read(self._work.checked, self._state.held, added, corrected, withdrawn)
        change = _added(self._work, self._state, batch)
        if change is None:
            before, self._state = self._state, _anew(self._work, self._state, batch)
            self.evaluated_anew += 1
            change = _told(before, self._state)
        self._evaluation = None
        return change


def begin(work: Work, data: object, encoding: str | None) -> Session:
    """A session on data in any form; tables in an engine are read here."""
    return Session(work, sort_out(work.checked, data, Limits(), encoding=encoding, engine="polars"))


def resume(work: Work, saved: saving.Saved) -> Session:
    """The session of a file. Raises CampaignError when it is not one of this very campaign."""
    if saved.digest != work.digest:
        raise CampaignError(fault("session-of-another", None, name=saved.campaign))
    known = {record: raws for record, raws in saved.read.raws.items() if record in {*work.checked.records, UNIT_TABLE}}
    return Session(work, evolve(saved.read, raws=known))


def _with_digests(read: Sorted) -> Sorted:
    """The tables as what was read: of what they were made from they are no copies any more."""
    inputs, raws = list[Input](), dict[str, list[Raw]]()
    for record, some in read.raws.items():
        raws[record] = [evolve(raw, input=len(inputs) + i) for i, raw in enumerate(some)]
        inputs += [of_table(raw.file or record, raw) for raw in some]
    return evolve(read, raws=raws, inputs=tuple(inputs))


def _collected(raws: list[Raw]) -> list[Raw]:
    """Tables in memory: a session looks at every row."""
    return [batches.collected(raw) for raw in raws]


def _begun(work: Work, read: Sorted) -> _State:
    submission = submission_of(work.checked, read)
    held = dict(_held(work.checked, read, submission))
    if not work.checked.returns:  # who was heard of is found by a look at all rows
        try:
            return _kept(work, read, submission, held)
        except BeyondAdditionError:  # least and greatest values wider than 64 bits
            pass
    return _State(read, submission, engine.run(work.plan, submission, work.as_of), held)


def _kept(work: Work, read: Sorted, submission: Submission, held: dict[str, Held]) -> _State:
    """With the cube in a form that can be added to."""
    finished = finish(work.plan, submission, work.as_of)
    talk = Talk.of(work.checked, read, submission, held)
    units = None if submission.roster.declared else _units(work.checked, held)
    bounds = tuple(finished.values.cube.bounds.tolist())
    places = {unit.id: i for i, unit in enumerate(submission.roster.units)}
    tallies = {}
    for record, one in held.items():
        if record != UNIT_TABLE:
            cutter = Cutter(work.plan, one.kind, work.as_of, bounds, places)
            if cutter.scans or work.checked.records[record].screening:
                tallies[record] = Tallies.of(cutter, one.standing(), one.count()[0])
    return _State(read, submission, finished.dense, held, finished, tallies, talk, units)


def _held(checked: CheckedCampaign, read: Sorted, submission: Submission) -> Iterator[tuple[str, Held]]:
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


def _units(checked: CheckedCampaign, held: Mapping[str, Held]) -> Counter[str]:
    found: Counter[str] = Counter()
    for record, one in held.items():
        found.update(_units_in(checked, record, one, one.standing().collect()))
    return found


def _units_in(checked: CheckedCampaign, record: str, held: Held, rows: pl.DataFrame) -> Counter[str]:
    unit = checked.records[record].unit if record in checked.records else None
    names = [] if unit is None else rows[held.kind.columns[unit]].to_list()
    return Counter(name for name in names if name is not None)


# -- evaluated anew -----------------------------------------------------------------------------------------------


def _standing(state: _State, patches: Mapping[str, Patch]) -> Sorted:
    """The tables as they stand, with patches if some are tried."""
    raws: dict[str, list[Raw]] = {}
    for record, held in state.held.items():
        raw = patches[record].raw if record in patches else {}
        raws[record] = [piece.standing(raw.get(number)) for number, piece in enumerate(held.pieces)]
    return evolve(state.read, raws=raws)


def _anew(work: Work, state: _State, batch: Batch) -> _State:
    """All over again, on the rows as they will stand."""
    read = _standing(state, batch.patches)
    raws = dict(read.raws)
    for record, more in batch.fresh.items():
        stood = [raw for raw in raws.get(record, []) if raw.headers]
        raws[record] = [*stood, *(evolve(raw, file=None, sheet=None) for raw in more)]
    return _begun(work, evolve(read, raws=raws))


def _told(before: _State, after: _State) -> Change:
    kinds = ("progress", "duties", "outcomes", "scores", "rankings", "honours", "returns")
    found: dict[str, Callable[[], Pairs]] = {kind: partial(_different, kind, before, after) for kind in kinds}
    found["findings"] = lambda: told_otherwise(before.findings, after.findings)
    found["counts"] = lambda: different("counts", before.counts, after.counts)
    return Change(found)


def _different(kind: str, before: _State, after: _State) -> Pairs:
    return different(kind, getattr(before.dense, kind), getattr(after.dense, kind))


# -- added to what was there --------------------------------------------------------------------------------------


def _added(work: Work, state: _State, batch: Batch) -> Change | None:
    """What is different once the batch counts; None where it has to be evaluated anew, and then nothing was done."""
    patches = batch.patches
    if (
        state.finished is None
        or state.talk is None
        or batch.fresh
        or not all(_simple(state, *one) for one in patches.items())
    ):
        return None
    units = _units_after(work.checked, state, patches)
    if units is not None and state.units is not None and (+units).keys() != (+state.units).keys():
        return None
    cuts = {
        record: _moves(state.tallies[record], state.held[record], patch)
        for record, patch in patches.items()
        if record in state.tallies
    }
    before, counts, findings = state.finished, state.counts, state.findings
    finished, state.finished = state.finished, None  # until all is done: a failure half-way leads to a new evaluation
    touched = Touched()
    try:
        for record, moves in cuts.items():
            touched.join(state.tallies[record].moved(moves, finished.values))
    except BeyondAdditionError:
        return None
    submission = _submission(state, patches)
    dirty = Dirty(frozenset(patches))
    cube = _cube(state, submission, touched, patches)
    made = again(finished, submission, cube, touched, dirty)
    talks = state.talk.differs(patches, state.held)
    for record, patch in patches.items():
        state.held[record].take(patch)
    state.submission, state.dense, state.finished, state.units, state.moved = submission, made.dense, made, units, True
    if talks:
        state.talk.findings = state.talk.said(state.held)
    found = changed(before.dense, made.dense, dirty)
    after, counted = state.findings, state.counts
    found["findings"] = lambda: told_otherwise(findings, after)
    found["counts"] = lambda: different("counts", counts, counted)
    return Change(found)


def _simple(state: _State, record: str, patch: Patch) -> bool:
    """Whether a patch may be added to what was there."""
    held, moves = state.held[record], len(patch.gone) + patch.typed.height
    fits = all(held.pieces[number].fits(raw) for number, raw in patch.raw.items())
    return record != UNIT_TABLE and fits and not patch.doubled and moves <= max(MOST_MOVES, held.count()[0] // 10)


def _units_after(checked: CheckedCampaign, state: _State, patches: Mapping[str, Patch]) -> Counter[str] | None:
    if state.units is None:
        return None
    units = state.units.copy()
    for record, patch in patches.items():
        held = state.held[record]
        units.subtract(_units_in(checked, record, held, held.rows(patch.gone)))
        units.update(_units_in(checked, record, held, patch.typed))
    return units


def _moves(tallies: Tallies, held: Held, patch: Patch) -> Moves:
    """The rows that go, their positions as negative numbers, and those that come, cut together."""
    gone = held.rows(patch.gone)
    places = pl.Series(ROW, -1 - gone[ROW].to_numpy(), dtype=pl.Int64)
    both = gone.replace_column(gone.get_column_index(ROW), places).vstack(patch.typed)
    cut = tallies.cutter.cut(both.lazy(), both.height)
    sign = np.where(cut.positions < 0, -1, 1)
    return Moves(evolve(cut, positions=np.where(cut.positions < 0, -1 - cut.positions, cut.positions)), sign)


def _submission(state: _State, patches: Mapping[str, Patch]) -> Submission:
    """The submission as it will be, for those who look at rows."""
    tables, counts = dict(state.submission.tables), dict(state.submission.counts)
    looked_through = by_rows(state.submission.checked)
    for record, patch in patches.items():
        held = state.held[record]
        many, aside = held.count(patch)
        if record in looked_through:  # of other records only the cube is asked
            tables[record] = Table(record, held.standing(patch), held.kind.columns, many)
        come = patch.typed.height + len(patch.aside) - len(patch.gone)
        counts[record] = evolve(
            counts[record],
            read=counts[record].read + come,
            set_aside=aside + counts[record].set_aside - held.count()[1],
        )
    return evolve(state.submission, tables=tables, counts=counts)


def _cube(state: _State, submission: Submission, touched: Touched, patches: Mapping[str, Patch]) -> Cube:
    """What is left of the cube when its tallies are kept by themselves: counts of rows, divisions by zero, cohorts."""
    old = state.dense.cube
    counts = dict(old.counts)
    for record, patch in patches.items():
        many, _ = state.held[record].count(patch)
        kept = state.tallies[record].rows if record in state.tallies else many
        screened = many - kept if state.submission.checked.records[record].screening else 0
        counts[record] = evolve(submission.counts[record], screened=screened)
    return evolve(
        old,
        filed={**old.filed, **touched.filed},
        counts=counts,
        divisions=tuple(_divisions(state, submission, patches)),
    )


def _divisions(state: _State, submission: Submission, patches: Mapping[str, Patch]) -> Iterator[Division]:
    for record in submission.tables:
        zeros = state.tallies[record].zeros if record in state.tallies else ()
        if zeros:
            first = state.held[record].number(min(zeros), patches.get(record))
            yield Division(record, len(zeros), first)
