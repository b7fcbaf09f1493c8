"""What always holds of amounts → as much of it as a question needs.

In: rows that hold by nature, and the amounts that a question speaks of. Out: those rows without which the answer might be
another, and the amounts that can be left out because others stand for them. Amounts that natural rows tie to each
other are a bundle: those of one kind of rows, most often. Must not know: how rows are solved, what amounts are of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from attrs import field, frozen

Pattern = tuple[tuple[int, Any], ...]
"""In which rows of a question an amount stands, with which factor."""
OBJECTIVE: Final = -1


@frozen(eq=False)
class Bundle:
    """Amounts tied by `rows`. `shape`: equal for bundles whose rows say the same of their amounts, in their order.

    `cone`: nothing but zero is compared with, so that sums and multiples of what is possible are possible.
    """

    names: tuple[Hashable, ...]
    rows: tuple[Any, ...]
    shape: tuple[object, ...] = field(init=False)
    cone: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        place = {name: index for index, name in enumerate(self.names)}
        said = (
            (row.sense, row.number, *sorted((place[name], factor) for name, factor in row.form.items()))
            for row in self.rows
        )
        object.__setattr__(self, "shape", (len(self.names), *said))
        object.__setattr__(self, "cone", all(row.number == 0 for row in self.rows))


class Bundles:
    """The natural rows of a campaign, and what of them a question needs. `possible`: whether rows can hold at once."""

    def __init__(self, always: Iterable[Any], possible: Callable[[Sequence[Any], Hashable], bool]) -> None:
        self.possible = possible
        self.of: dict[Hashable, Bundle] = {}
        self.unbounded: dict[object, bool] = {}
        for names, rows in _tied(always):
            bundle = Bundle(tuple(sorted(names, key=repr)), tuple(rows))
            self.of |= dict.fromkeys(names, bundle)

    def needed(self, patterns: Mapping[Hashable, Pattern]) -> tuple[list[Any], frozenset[Hashable]]:
        """The natural rows to add to a question about these amounts, and the amounts that it can do without.

        Of bundles of one shape that stand in the same rows of the question one will do: what two of them may be, their
        sum may be. A bundle of which the question names one amount, which alone may be anything, adds nothing.
        """
        rows: list[Any] = []
        gone: list[Hashable] = []
        seen: set[object] = set()
        for bundle in dict.fromkeys(self.of[name] for name in patterns if name in self.of):
            named = tuple(patterns.get(name) for name in bundle.names)
            key = (bundle.shape, named)
            if bundle.cone and key in seen:
                gone += bundle.names
                continue
            seen.add(key)
            if not (bundle.cone and sum(one is not None for one in named) == 1 and self._free(bundle, named)):
                rows += bundle.rows
        return rows, frozenset(gone)

    def _free(self, bundle: Bundle, named: tuple[Pattern | None, ...]) -> bool:
        """Whether the one amount that is named may be anything, for all that its bundle says."""
        (index,) = (index for index, one in enumerate(named) if one is not None)
        key = (bundle.shape, index)
        if key not in self.unbounded:
            self.unbounded[key] = self.possible(bundle.rows, bundle.names[index])
        return self.unbounded[key]


def _tied(always: Iterable[Any]) -> Iterable[tuple[list[Hashable], list[Any]]]:
    """Amounts that rows tie to each other, directly or by way of others, with these rows."""
    rows = [row for row in always if row.form]
    root = tied(row.form for row in rows)
    names: dict[Hashable, list[Hashable]] = defaultdict(list)
    held: dict[Hashable, list[Any]] = defaultdict(list)
    for name in dict.fromkeys(name for row in rows for name in row.form):
        names[root(name)].append(name)
    for row in rows:
        held[root(next(iter(row.form)))].append(row)
    return [(names[top], held[top]) for top in names]


def tied(links: Iterable[Iterable[Hashable]]) -> Callable[[Hashable], Hashable]:
    """For each name one that stands for all that links tie to it, directly or by way of others."""
    parent: dict[Hashable, Hashable] = {}

    def root(name: Hashable) -> Hashable:
        while (above := parent.setdefault(name, name)) != name:
            parent[name] = parent.setdefault(above, above)
            name = above
        return name

    for names in links:
        for one, other in pairwise(names):
            parent[root(one)] = root(other)
    return root
