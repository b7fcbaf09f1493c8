"""Dense results of day after day → rows of progress, each made once while nothing about it changes.

A row is the same on two days when what it shows is the same and no pace runs: its window is over on both or has not
begun on either, or it is not judged. So most rows of a day are those of the day before. Must not know: cubes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import define, field, frozen

from campaignrules.calendar import Window
from campaignrules.engine.demands import alike
from campaignrules.engine.finish import DenseResults, TargetCells, progress_row
from campaignrules.engine.rows import Array
from campaignrules.engine.values import Cells
from campaignrules.results import Progress

JUDGED: Final = 4
"""The first statuses of `finish.STATUSES`: those of rows that are compared."""


@frozen(eq=False, repr=False)
class _Seen:
    """A target on a day: where its rows stand, [scope, window]; `phase`: 0 not begun, 1 open, 2 over."""

    made: TargetCells
    phase: Array
    places: Array


@define(eq=False, repr=False)
class Collected:
    """The different rows there were, and which of them each day has. `rows` are made when somebody asks for them."""

    cells: list[tuple[TargetCells, int, int, dt.date]] = field(factory=list)
    days: list[dt.date] = field(factory=list)
    picks: list[Array] = field(factory=list)
    seen: list[_Seen] = field(factory=list)
    _rows: list[Progress] = field(factory=list)

    @property
    def rows(self) -> list[Progress]:
        """Each row that there was, once."""
        for made, s, w, as_of in self.cells[len(self._rows) :]:
            self._rows.append(progress_row(made, made.scopes[s], made.target.windows[w], s, w, as_of))
        return self._rows

    def forget(self) -> None:
        """What comes next is of another campaign or other data: no row of the day before is one of its."""
        self.seen = []

    def add(self, results: DenseResults) -> None:
        """The rows of one more day."""
        before: Sequence[_Seen | None] = self.seen or [None] * len(results.targets)
        self.seen = [self._add(made, one, results.as_of) for made, one in zip(results.targets, before, strict=True)]
        self.days.append(results.as_of)
        self.picks.append(np.concatenate([np.zeros(0, np.int64), *(one.places.ravel() for one in self.seen)]))

    def _add(self, made: TargetCells, before: _Seen | None, as_of: dt.date) -> _Seen:
        phase = np.array([_phase(window, as_of) for window in made.target.windows], dtype=np.int8)
        places = np.full(made.status.shape, -1, dtype=np.int64)
        if before is not None:
            places = np.where(_as_before(made, phase, before), before.places, -1)
        for s, w in zip(*(index.tolist() for index in np.nonzero(places < 0)), strict=True):
            places[s, w] = len(self.cells)
            self.cells.append((made, s, w, as_of))
        return _Seen(made, phase, places)


def _phase(window: Window, as_of: dt.date) -> int:
    return 2 if as_of >= window.end else 1 if window.start <= as_of else 0


def _as_before(made: TargetCells, phase: Array, before: _Seen) -> Array:
    """Where the row is that of the day before."""
    nothing = np.zeros(made.status.shape, dtype=bool)
    if not all(_agree(a, b).all() for a, b in ((made.low, before.made.low), (made.high, before.made.high))):
        return nothing
    same = (made.status == before.made.status) & (phase == before.phase)
    judged = made.status < JUDGED
    still = np.where(phase == 1, ~judged, True)
    return np.asarray(same & still & (_agree(made.cells, before.made.cells) | (phase == 0)))


def _agree(a: Cells | None, b: Cells | None) -> Array:
    """Where two numbers are alike; there may be none."""
    return np.array(a is b) if a is None or b is None else alike(a, b)
