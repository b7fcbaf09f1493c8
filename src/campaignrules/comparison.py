"""Results under several readings → which of them stand under every reading, and how the others depend on them.

In: the results under the chosen readings and under each other option, one at a time. Out: a row for each field that
some reading changes, and how many results stand. Rows are matched by their key fields, whatever kind they are. Must not
know: how a reading is taken, or how anything is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import frozen

from campaignrules.errors import Text
from campaignrules.model import Reading
from campaignrules.quantities import plain_text
from campaignrules.results import Results

if TYPE_CHECKING:
    import polars as pl

Option = tuple[str, str]
"""A reading and one of its options."""
Key = tuple[tuple[str, Any], ...]

ITEMS: Final = ("target", "duty", "outcome", "scorecard", "item", "ranking", "honour", "return_")
KEYS: Final = (*ITEMS, "unit", "window", "due_on")
"""The fields that say which result a row is; those of them that its class has."""
NO_RESULT: Final = frozenset({"metric"})
"""Fields that say how a number comes about: another reading has another one, and the result may be the same."""
COLUMNS: Final = ("kind", "item", "unit", "window", "due_on", "field", "chosen", "reading", "option", "value")


@frozen
class Dependent:
    """A field of a result that some reading changes. `field` None: whether there is such a result at all.

    `kind`: progress, duties … as in `Results`; `key`: the row's key fields; `others`: the (reading, option) under which
    it differs, and its value there; without a field, `chosen` and the values are True or False.
    """

    kind: str
    key: Mapping[str, Any]
    field: str | None
    chosen: Any
    others: Mapping[Option, Any]

    @property
    def item(self) -> str:
        """The id of what was judged."""
        return "/".join(str(self.key[name]) for name in ITEMS if self.key.get(name) is not None)


@frozen
class Standing:
    """How many results of a kind there are under any reading, and how many are the same under all of them."""

    kind: str
    results: int
    standing: int

    @property
    def depending(self) -> int:
        return self.results - self.standing


@frozen(eq=False, slots=False)
class Comparison:
    """An evaluation under the chosen readings beside one for every other option of each reading."""

    chosen: Results
    others: Mapping[Option, Results]
    readings: Mapping[str, Reading]

    @cached_property
    def rows(self) -> tuple[Dependent, ...]:
        """One row for each field that depends on a reading; in the order of the results."""
        return tuple(row for kind in _kinds() for row in self._compared(kind))

    @cached_property
    def standing(self) -> tuple[Standing, ...]:
        """For each kind of result that there is."""
        found = []
        for kind in _kinds():
            every = (self.chosen, *self.others.values())
            keys = {key for one in every for key in by_key(getattr(one, kind))}
            moved = {tuple(row.key.items()) for row in self.rows if row.kind == kind}
            if keys:
                found.append(Standing(kind, len(keys), len(keys - moved)))
        return tuple(found)

    @property
    def frame(self) -> pl.DataFrame:
        """One row for each field and each reading that changes it; every column is text."""
        import polars as pl  # noqa: PLC0415  reports know this module, and help and checks do not wait for an engine

        lines = [dict(zip(COLUMNS, line, strict=True)) for line in self.lines(self.rows)]
        return pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String))

    @staticmethod
    def lines(rows: Iterable[Dependent]) -> Iterator[tuple[str | None, ...]]:
        """The cells of `frame` for some of the rows."""
        for row in rows:
            place = tuple(written(row.key.get(name)) for name in ("unit", "window", "due_on"))
            head = (row.kind, row.item, *place, row.field, written(row.chosen))
            yield from ((*head, *option, written(value)) for option, value in row.others.items())

    def title(self, option: Option) -> Text:
        """A reading and an option in words."""
        name, taken = option
        reading = self.readings[name]
        title, told = reading.title or Text(name, name), reading.options[taken].title
        return Text(f"{title.zh}：{told.zh}", f"{title.en}: {told.en}")

    def _compared(self, kind: str) -> Iterator[Dependent]:
        chosen = by_key(getattr(self.chosen, kind))
        others = {option: by_key(getattr(results, kind)) for option, results in self.others.items()}
        for key in dict.fromkeys(key for one in (chosen, *others.values()) for key in one):
            yield from _differences(kind, key, chosen.get(key), {o: rows.get(key) for o, rows in others.items()})


def _differences(kind: str, key: Key, row: Any, others: Mapping[Option, Any]) -> Iterator[Dependent]:
    """The fields of one result that differ, or that it is only there under some readings."""
    there = {option: other is not None for option, other in others.items() if (other is None) != (row is None)}
    if there:
        yield Dependent(kind, dict(key), None, row is not None, there)
    if row is None:
        return
    for name in _fields(type(row)):
        mine = getattr(row, name)
        differing = {o: getattr(b, name) for o, b in others.items() if b is not None and getattr(b, name) != mine}
        if differing:
            yield Dependent(kind, dict(key), name, mine, differing)


def _kinds() -> list[str]:
    """The parts of `Results` that hold rows."""
    return [field.name for field in attrs.fields(Results) if field.name != "more"]


def _fields(cls: type) -> list[str]:
    """The fields of a row that are its result."""
    return [f.name for f in attrs.fields(cls) if f.name not in KEYS and f.name not in NO_RESULT and f.eq]


def by_key(rows: Iterable[Any], names: Iterable[str] = KEYS) -> dict[Key, Any]:
    """The rows by those of the key fields that they have; a second row of the same key is numbered."""
    found: dict[Key, Any] = {}
    seen: Counter[Key] = Counter()
    for row in rows:
        key = tuple((name, getattr(row, name)) for name in names if hasattr(row, name))
        seen[key] += 1
        found[key if seen[key] == 1 else (*key, ("number", seen[key]))] = row
    return found


def written(value: Any) -> str | None:
    """A value as text: numbers plainly, lists joined, mappings as `name count`."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "、".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, (tuple, list)):
        return "、".join(map(str, value))
    return plain_text(value) if isinstance(value, Decimal) else str(value)
