"""How far the work is, on a terminal: one row for each stage that is under way, on standard error, gone at the end.

In: steps of `campaignrules.watching`. The work only writes down where it is; a thread draws, and begins when the work
has lasted a second: what is over sooner pays for no import. Must not know: commands, what the stages do.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from attrs import define, field

from campaignrules.cli.screen import is_terminal
from campaignrules.errors import Text, visible, width_of
from campaignrules.watching import Step, watching

if TYPE_CHECKING:
    from rich.table import Table

AFTER: Final = 1.0
"""Seconds of work before anything is shown."""
EVERY: Final = 0.1
"""Seconds between two drawings."""
WIDTH: Final = 24
NAME: Final = 40
"""Cells of a bar, and at most of a name."""
WORKING: Final = Text("计算中", "working")


def wants_bar(words: list[str], stream: TextIO | None) -> bool:
    """Whether a person looks at `stream` and nobody has refused, on the command line or in the environment."""
    if "--no-progress" in words or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


@define(eq=False, repr=False)
class Bar:
    """What is drawn of a piece of work. `close` may be called at any time, and again; nothing is drawn after it."""

    lang: str
    colour: bool
    wanted: bool
    drawn: int = 0
    """How many rows stand on the screen."""
    _steps: dict[Text, Step] = field(factory=dict)
    _began: float = field(factory=time.monotonic)
    _closed: threading.Event = field(factory=threading.Event)
    _lock: threading.Lock = field(factory=threading.Lock)
    _thread: threading.Thread | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Inside, the steps of the work are drawn, if anybody wants to see them."""
        if not self.wanted:
            yield
            return
        self._thread = threading.Thread(target=self._draw, name="progress", daemon=True)
        self._thread.start()
        try:
            with watching(self.heard):
                yield
        finally:
            self.close()

    def heard(self, step: Step) -> None:
        """Write a step down; a stage that is over is forgotten."""
        with self._lock:
            if step.over:
                self._steps.pop(step.stage, None)
            else:
                self._steps[step.stage] = step

    def close(self) -> None:
        """Take away what stands on the screen."""
        with self._lock:
            self._closed.set()
            drawn = self.drawn
        if drawn and self._thread is not None:
            self._thread.join()

    @property
    def wiping(self) -> str:
        """What takes the rows away, and brings the cursor back, when the thread that draws cannot be waited for."""
        return "\r\x1b[K" + "\x1b[1A\x1b[K" * (self.drawn - 1) + "\x1b[?25h" if self.drawn else ""

    def _draw(self) -> None:
        if self._closed.wait(AFTER):
            return
        from rich.console import Console  # noqa: PLC0415  only for work that lasts
        from rich.live import Live  # noqa: PLC0415  the same

        console = Console(file=sys.stderr, no_color=not self.colour, highlight=False)
        live = Live(console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        with self._lock:
            if self._closed.is_set() or not console.is_terminal:
                return
            self.drawn = 1
        with live:
            while not self._closed.is_set():
                live.update(self._rows(), refresh=True)
                self._closed.wait(EVERY)
        self.drawn = 0

    def _rows(self) -> Table:
        from rich.progress_bar import ProgressBar  # noqa: PLC0415  only for work that lasts
        from rich.table import Table  # noqa: PLC0415  the same
        from rich.text import Text as Shown  # noqa: PLC0415  the same

        now = time.monotonic() - self._began
        with self._lock:
            steps = [*self._steps.values()] or [Step(WORKING, 0, None, "")]
        grid = Table.grid(padding=(0, 1))
        self.drawn = len(steps)
        for row, step in enumerate(steps):
            share = step.share
            done = (share or 0) * 100
            line = ProgressBar(100, done, WIDTH, share is None, "bright_black", "cyan", animation_time=now)
            much = "" if share is None else f"{share:4.0%}"
            spent = "" if row else f"{int(now) // 60}:{int(now) % 60:02d}"
            grid.add_row(line, much, spent, Shown(self._label(step), no_wrap=True, overflow="ellipsis"))
        return grid

    def _label(self, step: Step) -> str:
        """The stage in the reader's language, and at what it is."""
        name = visible(step.name[: NAME + 1])
        while width_of(name) > NAME:
            name = name[: len(name) - 2] + "…"
        return f"{step.stage.to(self.lang)} {name}".rstrip()
