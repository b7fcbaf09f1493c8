"""How far long work is: stages say it, whoever started the work may listen.

In: what a stage says. Out: `Step`s, to the watcher of this piece of work; without one, saying costs next to nothing.
Must not know: stages, who shows it, time.

    with watching(lambda step: print(step.stage.zh, step.share)):
        campaign.evaluate("data", as_of="2023-06-30")
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from attrs import frozen

from campaignrules.errors import Text

READING: Final = Text("读取", "reading")
CHECKING: Final = Text("核对", "checking")
ADDING_UP: Final = Text("汇总", "adding up")
TARGETS: Final = Text("计算目标", "targets")
SCORING: Final = Text("评分排名", "scores and places")
READINGS: Final = Text("换用其他读法", "other readings")
SHOWING: Final = Text("生成报告", "making the report")

Item = TypeVar("Item")


@frozen
class Step:
    """Of one stage `done` parts of `total` are finished (None: nobody knows how many there are); `name`: at what it is.

    A stage is over when all its parts are done; stages inside it come and go before that. Parts may be anything: files,
    bytes, tables.
    """

    stage: Text
    done: int
    total: int | None
    name: str

    @property
    def over(self) -> bool:
        return self.done == self.total

    @property
    def share(self) -> float | None:
        """How much of the stage is done, from 0 to 1; None when nobody knows."""
        return self.done / self.total if self.total else None


Watch = Callable[[Step], object]

_watch: Final[ContextVar[Watch | None]] = ContextVar("watch", default=None)


@contextmanager
def watching(watch: Watch | None) -> Iterator[None]:
    """Inside, `watch` is called with each step that this thread (or task) takes; None: nobody watches.

    It is called often and holds up the work. What it raises ends the work and reaches the caller.
    """
    before = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(before)


def tell(stage: Text, done: int = 0, total: int | None = None, name: str = "") -> None:
    """Say how far a stage is."""
    watch = _watch.get()
    if watch is not None:
        watch(Step(stage, done, total, name))


def each(
    stage: Text, items: Collection[Item], name: Callable[[Item], str] = str, size: Callable[[Item], int] | None = None
) -> Iterable[Item]:
    """The items, where somebody watches saying before each, and after the last, how many are done.

    `size`: how much work an item is, when not all are alike.
    """
    return items if _watch.get() is None else _each(stage, items, name, size)


def _each(
    stage: Text, items: Collection[Item], name: Callable[[Item], str], size: Callable[[Item], int] | None
) -> Iterator[Item]:
    sizes = [1 if size is None else max(size(item), 1) for item in items]
    done, total = 0, sum(sizes)
    for item, own in zip(items, sizes, strict=True):
        tell(stage, done, total, name(item))
        yield item
        done += own
    if total:
        tell(stage, done, total)
