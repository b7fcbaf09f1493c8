"""Two campaigns as model objects → what was added, removed, renamed and changed, element by element.

In: the models, and what each means where it says nothing. Out: `Change`s with the places in both files. Elements are
matched by their ids; what has no id by its content. An element of another id that is equal in everything else was renamed,
and every name that points to it is read as the new one. Must not know: words for people, results.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, Literal

import attrs
from attrs import evolve, field, frozen

from campaignrules.differing.meanings import meaning, renamed
from campaignrules.differing.silence import Silence
from campaignrules.errors import Span, Text
from campaignrules.model import Campaign, Derived, Element, Metric, Scorecard, yaml_fields
from campaignrules.paths import RIVALS

How = Literal["added", "removed", "changed", "renamed", "reordered"]
Rank = Literal["meaning", "display", "wording"]

IN_ORDER: Final = frozenset({"places", "between", "table", "then"})
"""Lists of texts whose order says something; of the others it does not."""
ORDERED: Final = frozenset({"grades", "promotions"})
"""Lists of elements with ids whose order says something."""
WAYS_OF_WRITING: Final = frozenset({"steps", "brackets", "earn", "lose", "best_of", "sum_of"})
"""Lists of elements without ids whose order says something, or that are told apart by their place."""


@frozen(eq=False, repr=False)
class Owner:
    """The element that a change is in: its section (`targets`), id, title and clause."""

    section: str
    id: str = ""
    title: Text | None = None
    source: str | None = None


@frozen(eq=False, repr=False)
class Change:
    """One thing that is not as it was. `key`: the key it is under, '' for a whole element; `entry`: which of several under it.

    `before`, `after`: model values as they were read, None where there was none; `affects`: what rests on it.
    """

    how: How
    rank: Rank
    owner: Owner
    path: str
    key: str
    cls: type
    before: Any
    after: Any
    before_at: Span | None = None
    after_at: Span | None = None
    affects: tuple[str, ...] = field(default=())
    entry: str = ""


@frozen(eq=False, repr=False)
class Pair:
    """The two campaigns. `renames`: old id → new id."""

    before: Campaign
    after: Campaign
    silent: tuple[Silence, Silence]
    renames: Mapping[str, str]

    def changes(self) -> Iterator[Change]:
        yield from self._fields(self.before, self.after, "", Owner("campaign"))

    # -- one element

    def _fields(self, before: Element, after: Element, path: str, owner: Owner) -> Iterator[Change]:
        """What differs between two elements that are one."""
        found: list[Change] = []
        for key, attribute, form in keys_of(after):
            values = getattr(before, attribute.name), getattr(after, attribute.name)
            spot = _Spot(self, before, after, f"{path}.{key}" if path else key, key, owner, form)
            if key != "id":
                found += spot.compared(*values)
        yield from _joined(found, path)


@frozen(eq=False, repr=False)
class Keyed:
    """A value with its key, where one key took the place of another: `at_least: 80%` became `at_most: 80%`."""

    key: str
    value: Any
    cls: type


def _joined(changes: list[Change], path: str) -> Iterator[Change]:
    """A key that went and one that came, of which an element has only one, are one change."""
    own = {change.path: change for change in changes if change.how == "changed"}
    instead: dict[str, Change | None] = {}
    for group in RIVALS:
        some = [own[f"{path}.{key}"] for key in group if f"{path}.{key}" in own]
        gone = [change for change in some if not _holds(change.after)]
        come = [change for change in some if not _holds(change.before)]
        if len(gone) == len(come) == 1:
            old, new = gone[0], come[0]
            values = Keyed(old.key, old.before, old.cls), Keyed(new.key, new.after, new.cls)
            joined = evolve(new, before=values[0], after=values[1], before_at=old.before_at)
            instead |= {new.path: joined, old.path: None}
    for change in changes:
        found = instead.get(change.path, change)
        if found is not None:
            yield found


@frozen(eq=False, repr=False)
class _Spot:
    """One key of two elements that are one."""

    pair: Pair
    one: Element
    other: Element
    path: str
    key: str
    owner: Owner
    form: str | None

    def compared(self, before: Any, after: Any) -> Iterator[Change]:
        sample = after if _holds(after) else before
        if isinstance(sample, Element) or _is_elements(sample):
            yield from self._elements(before, after)
        elif isinstance(sample, Mapping):
            yield from self._mapping(before or {}, after or {})
        else:
            yield from self._value(before, after)

    # -- values

    def _value(self, before: Any, after: Any) -> Iterator[Change]:
        if before == after and not self.pair.renames:
            return
        if self._meaning(before, self.pair.renames) == self._meaning(after, {}) or self._silent(before, after):
            return
        yield self._changed(before, after, self._rank(before, after))

    def _meaning(self, value: Any, renames: Mapping[str, str]) -> Hashable:
        if isinstance(value, (str, tuple)) and self.key not in IN_ORDER:
            each = (value,) if isinstance(value, str) else value
            return frozenset(meaning(one, self.form, renames) for one in each)
        return meaning(value, self.form, renames)

    def _silent(self, before: Any, after: Any) -> bool:
        """Whether one says what the other means by saying nothing."""
        first, second = self.pair.silent
        old = renamed(self.owner.id, {new: name for name, new in self.pair.renames.items()})
        if _holds(before) == _holds(after):
            held = first.inherits(old, self.key), second.inherits(self.owner.id, self.key)
            return held[0] is not None and held[0] == held[1]
        if _holds(after):
            means = first.means(self.one, old, self.key)
            return means is not None and self._meaning(means, self.pair.renames) == self._meaning(after, {})
        means = second.means(self.other, self.owner.id, self.key)
        return means is not None and self._meaning(before, self.pair.renames) == self._meaning(means, {})

    def _rank(self, before: Any, after: Any) -> Rank:
        if isinstance(before, Text) or isinstance(after, Text):
            return "wording"
        return "display" if self.key == "unit" and isinstance(self.other, (Metric, Derived)) else "meaning"

    def _changed(self, before: Any, after: Any, rank: Rank, how: How = "changed", entry: str = "") -> Change:
        steps = (self.key, entry) if entry else (self.key,)
        path = f"{self.path}.{entry}" if entry else self.path
        places = _span(self.one, *steps), _span(self.other, *steps)
        return Change(how, rank, self.owner, path, self.key, type(self.other), before, after, *places, entry=entry)

    def _mapping(self, before: Any, after: Any) -> Iterator[Change]:
        """name → text or number; one of them may be a single value."""
        if not isinstance(before, Mapping) or not isinstance(after, Mapping):
            yield from self._value(before or None, after or None)
            return
        known = {renamed(name, self.pair.renames): value for name, value in before.items()}
        for name in dict.fromkeys((*known, *after)):
            was, is_ = known.get(name), after.get(name)
            if meaning(was, self.form, self.pair.renames) == meaning(is_, self.form, {}):
                continue
            how: How = "added" if name not in known else "removed" if name not in after else "changed"
            rank: Rank = "wording" if how == "changed" and isinstance(is_, Text) else "meaning"
            yield self._changed(was, is_, rank, how, name)

    # -- elements

    def _elements(self, before: Any, after: Any) -> Iterator[Change]:
        sample = after if _holds(after) else before
        if isinstance(sample, Mapping):
            yield from self._named(before or {}, after or {})
        elif isinstance(sample, Element):
            yield from self._single(before, after)
        elif before == "submitted" or after == "submitted":
            yield self._changed(before, after, "meaning")
        elif hasattr(sample[0], "id"):
            yield from self._named({one.id: one for one in before or ()}, {one.id: one for one in after or ()})
            if self.key in ORDERED:
                yield from self._order([one.id for one in before], [one.id for one in after])
        else:
            yield from self._listed(_tuple(before), _tuple(after))

    def _single(self, before: Any, after: Any) -> Iterator[Change]:
        if not isinstance(before, Element) or not isinstance(after, Element):
            if isinstance(before, tuple) or isinstance(after, tuple):
                yield from self._listed(_tuple(before), _tuple(after))
            else:
                yield self._changed(before, after, "meaning")
            return
        yield from self.pair._fields(before, after, self.path, self._owner_of(after, ""))

    def _named(self, before: Mapping[str, Element], after: Mapping[str, Element]) -> Iterator[Change]:
        known = {self.pair.renames.get(name, name): (name, one) for name, one in before.items()}
        for name in dict.fromkeys((*known, *after)):
            old, was = known.get(name, (name, None))
            is_ = after.get(name)
            path, owner = f"{self.path}.{name}", self._owner_of(is_ or was, name)
            if was is None or is_ is None:
                yield _whole("added" if was is None else "removed", owner, path, was, is_)
                continue
            if old != name:
                yield evolve(_whole("renamed", owner, path, was, is_), before=old, after=name)
            yield from self.pair._fields(was, is_, path, owner)

    def _order(self, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
        old = [self.pair.renames.get(name, name) for name in before]
        shared = set(old) & set(after)
        first, second = ([name for name in names if name in shared] for names in (old, after))
        if first != second:
            yield self._changed(tuple(first), tuple(second), "meaning", "reordered")

    def _listed(self, before: Sequence[Element], after: Sequence[Element]) -> Iterator[Change]:
        """Elements without ids: those that are alike fall away, the others are paired where they stand."""
        owner = self._owner_of(None, "")
        first = [signature(one, self.pair.renames, wording=True) for one in before]
        second = [signature(one, {}, wording=True) for one in after]
        if self.key not in WAYS_OF_WRITING:
            known = set(first) & set(second)
            old, new = ([i for i, one in enumerate(some) if one not in known] for some in (first, second))
            before, after = [before[i] for i in old], [after[i] for i in new]
            first, second = [first[i] for i in old], [second[i] for i in new]
        matcher = SequenceMatcher(None, *_numbered(first, second), autojunk=False)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag != "equal":
                yield from self._paired(before[a:b], after[c:d], c, owner)

    def _paired(
        self, before: Sequence[Element], after: Sequence[Element], start: int, owner: Owner
    ) -> Iterator[Change]:
        for number in range(max(len(before), len(after))):
            path = f"{self.path}.{start + number + 1}"
            was, is_ = (some[number] if number < len(some) else None for some in (before, after))
            if was is not None and is_ is not None:
                yield from self.pair._fields(was, is_, path, owner)
            else:
                how: How = "added" if was is None else "removed"
                found = was if is_ is None else is_
                entry = str(start + number + 1)
                yield evolve(_whole(how, owner, path, was, is_), key=self.key, cls=type(found), entry=entry)

    def _owner_of(self, element: Any, name: str) -> Owner:
        """The element itself where it has a name, else the one it is a part of."""
        section = self.owner.section if self.owner.id or self.owner.section != "campaign" else self.key
        if not name:
            return (
                self.owner if self.owner.id or self.owner.section != "campaign" else Owner(section, "", _title(element))
            )
        id_ = f"{self.owner.id}.{name}" if self.owner.id else name
        return Owner(section, id_, _title(element), getattr(element, "source", None) or self.owner.source)


def _title(element: Any) -> Text | None:
    found = getattr(element, "title", None)
    return found if isinstance(found, Text) else None


def _whole(how: How, owner: Owner, path: str, before: Any, after: Any) -> Change:
    cls = type(after if before is None else before)
    return Change(how, "meaning", owner, path, "", cls, before, after, _place(before), _place(after))


def _place(value: Any) -> Span | None:
    return value.node.span if isinstance(value, Element) and value.node is not None else None


_FORMS: Final = {"table": "quantities", "floor": "quantity", "cap": "quantity"}
"""Keys whose texts are numbers, though their form does not say so: a list of lists, a number or `none`."""


def keys_of(element: Element) -> Iterator[tuple[str, Any, str | None]]:
    """The YAML keys of an element with their values and what form these have."""
    cls: Any = type(element)
    for key, (attribute, _) in yaml_fields(cls).items():
        yield key, attribute, _FORMS.get(key) or attribute.metadata.get("form")


def _span(element: Element, *path: str) -> Span | None:
    """Where a key stands, or the entry below it."""
    node = None if element.node is None else element.spot(*path)
    return None if node is None else node.span


def _holds(value: Any) -> bool:
    return value is not None and value not in ((), {})


def _is_elements(value: Any) -> bool:
    inside: Iterable[Any] = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return any(isinstance(one, Element) for one in inside)


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _numbered(first: list[Hashable], second: list[Hashable]) -> tuple[list[int], list[int]]:
    known: dict[Hashable, int] = {}
    return [known.setdefault(one, len(known)) for one in first], [known.setdefault(one, len(known)) for one in second]


# -- signatures and renames ---------------------------------------------------------------------------------------


def signature(value: Any, renames: Mapping[str, str], form: str | None = None, *, wording: bool) -> Hashable:
    """All that an element means, without its own id; with its titles and notes where they are asked for."""
    if isinstance(value, Element):
        found = []
        for key, attribute, inner in keys_of(value):
            one = getattr(value, attribute.name)
            if key == "id" or one == attribute.default or not _holds(one) or (not wording and isinstance(one, Text)):
                continue
            found.append((key, signature(one, renames, inner, wording=wording)))
        return frozenset(found)
    if isinstance(value, Mapping) and _is_elements(value):
        return frozenset(
            (renamed(name, renames), signature(one, renames, wording=wording)) for name, one in value.items()
        )
    if isinstance(value, tuple) and _is_elements(value):
        return tuple(signature(one, renames, wording=wording) for one in value)
    return meaning(value, form, renames)


_PASSES: Final = 10
Collection = Callable[[Campaign], Mapping[str, Element]]


def _by_id(elements: Iterable[Any]) -> dict[str, Element]:
    return {one.id: one for one in elements}


def _collections(before: Campaign, after: Campaign) -> Iterator[tuple[Mapping[str, Element], Mapping[str, Element]]]:
    """Everything that has ids, what others point to first."""
    names = [attribute.name for attribute in attrs.fields(Campaign) if "zh" in attribute.metadata]
    for name in names:
        one, other = getattr(before, name), getattr(after, name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield one, other
        elif isinstance(one, tuple) and isinstance(other, tuple) and hasattr((*one, *other, None)[0], "id"):
            yield _by_id(one), _by_id(other)
    if not isinstance(before.units.roster, str) and not isinstance(after.units.roster, str):
        yield _by_id(before.units.roster), _by_id(after.units.roster)
    for name in before.records.keys() & after.records.keys():
        yield before.records[name].fields, after.records[name].fields
        yield before.records[name].derived, after.records[name].derived
    for name in before.scorecards.keys() & after.scorecards.keys():
        yield before.scorecards[name].items, after.scorecards[name].items
        yield from _of_card(before.scorecards[name], after.scorecards[name])


def _of_card(before: Scorecard, after: Scorecard) -> Iterator[tuple[Mapping[str, Element], Mapping[str, Element]]]:
    yield _by_id(before.gates), _by_id(after.gates)
    yield _by_id(before.grades), _by_id(after.grades)


def renames_of(before: Campaign, after: Campaign) -> dict[str, str]:
    """Ids that have gone → ids that have come, where all else is equal and no other would do."""
    found: dict[str, str] = {}
    for wording in (True, False):
        for _ in range(_PASSES):
            more = {
                old: new for pair in _collections(before, after) for old, new in _renamed(*pair, found, wording=wording)
            }
            if more.keys() <= found.keys():
                break
            found = {**more, **found}
    return found


def _renamed(
    before: Mapping[str, Element], after: Mapping[str, Element], known: Mapping[str, str], *, wording: bool
) -> Iterator[tuple[str, str]]:
    gone = {name: one for name, one in before.items() if name not in after and name not in known}
    come = {name: one for name, one in after.items() if name not in before and name not in known.values()}
    if not gone or not come:
        return
    olds, news = (
        _unique({name: signature(one, names, wording=wording) for name, one in some.items()})
        for some, names in ((gone, known), (come, {}))
    )
    for told, old in olds.items():
        if told in news and told != frozenset():
            yield old, news[told]


def _unique(signatures: Mapping[str, Hashable]) -> dict[Hashable, str]:
    """Signature → name, of those that only one has."""
    found: dict[Hashable, list[str]] = {}
    for name, one in signatures.items():
        found.setdefault(one, []).append(name)
    return {one: names[0] for one, names in found.items() if len(names) == 1}
