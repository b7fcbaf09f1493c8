"""A plan for many days: what depends on the day becomes as many tallies of the same scan as there are days.

A filter that looks at an event which may lie after a day A sees it as missing on A. In a scan of a later day this can be
written out, `done if done <= A else None`, and `as_of` is the day itself: so one scan answers for all days, with a tally
for each. Most filters cannot hold without the date: beside these `done <= A` is one filter more, and they are alike.
A derived field that is no number stands for its formula. Where something else depends on the day – a screen, a derived
number, a derived date rows are filed by – the scan is asked again for each day.

In: a plan and days. Out: `Daily`. Must not know: data, how a scan is run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, evolve, field, frozen

from campaignrules.checked import CheckedRecord, Measure
from campaignrules.engine.rows import names_in
from campaignrules.functions import FUNCTIONS
from campaignrules.history.steady import depends_on_date, hidden_names, own_dates, tally_depends_on_date
from campaignrules.planner import Lowered, Plan, Scan, Tally, TallyRef, uses
from campaignrules.trees import BOOL, DATE, NONE, Apply, Expression, Literally, Name, Tree, graft


@frozen(eq=False, repr=False)
class Daily:
    """A plan whose scans hold the tallies of all days. `plans`: for each day the one that names its own.

    `again`: the scans to be asked again for each day; `changing`: tallies that depend on the day.
    """

    plan: Plan
    plans: tuple[Plan, ...]
    again: frozenset[int]
    changing: frozenset[TallyRef]

    def steady(self, checked_returns: bool) -> frozenset[str]:
        """The metrics whose values up to a day do not depend on it. Where rows may be missing, only measured ones."""
        checked, found = self.plan.checked, set[str]()
        for name in self.plan.needed:  # each after those it uses
            kernel, lowered = checked.metrics[name].kernel, self.plan.measures.get(name)
            if isinstance(kernel, Measure):
                alike = lowered is None or self.changing.isdisjoint(lowered.roles.values())
            else:
                dated = isinstance(kernel, Expression) and "as_of" in kernel.names
                alike = not (dated or checked_returns) and all(used in found for used in uses(checked.metrics[name]))
            if alike:
                found.add(name)
        return frozenset(found)


def changing_tallies(plan: Plan) -> int:
    """How many tallies there will be for each day."""
    return sum(
        tally_depends_on_date(plan, scan, tally)
        for scan in plan.scans
        if not _again(plan, scan)
        for tally in scan.tallies
    )


def for_days(plan: Plan, days: Sequence[dt.date]) -> Daily:
    """The plan for these days."""
    places: list[dict[TallyRef, TallyRef]] = [{} for _ in days]
    again = frozenset(number for number, scan in enumerate(plan.scans) if _again(plan, scan))
    scans, changing = [], set[TallyRef]()
    for number, scan in enumerate(plan.scans):
        wide = _Wide(number)
        for index, tally in enumerate(scan.tallies):
            ref, depends = TallyRef(number, index), tally_depends_on_date(plan, scan, tally)
            views = [tally] * len(days)
            if depends and number not in again:
                views = [_on_day(plan, scan, tally, day) for day in days]
            for place, view in zip(places, views, strict=True):
                place[ref] = wide.place(view)
            if depends:
                changing.update(place[ref] for place in places)
        scans.append(Scan(scan.record, scan.dates, scan.unit, [*wide.tallies]))
    made = evolve(plan, scans=scans, compiled={})
    plans = tuple(evolve(made, measures=_moved(plan, place)) for place in places)
    return Daily(plans[-1], plans, again, frozenset(changing))


@define(eq=False, repr=False)
class _Wide:
    """The tallies of a scan with its number, each once."""

    number: int
    tallies: dict[Tally, int] = field(factory=dict)

    def place(self, tally: Tally) -> TallyRef:
        return TallyRef(self.number, self.tallies.setdefault(tally, len(self.tallies)))


def _moved(plan: Plan, places: Mapping[TallyRef, TallyRef]) -> dict[str, Lowered]:
    return {
        name: Lowered({role: places[ref] for role, ref in lowered.roles.items()})
        for name, lowered in plan.measures.items()
    }


# -- filters on a day ---------------------------------------------------------------------------------------------


def _again(plan: Plan, scan: Scan) -> bool:
    """Whether a scan depends on the day in more than its filters."""
    bare = evolve(scan, tallies=[evolve(tally, filters=()) for tally in scan.tallies])
    return depends_on_date(plan, bare) or not all(
        _can_be_written(plan, scan, tree) for tally in scan.tallies for tree in tally.filters
    )


def _can_be_written(plan: Plan, scan: Scan, tree: Tree) -> bool:
    """Whether no derived number behind a filter depends on the day."""
    record = plan.checked.records[scan.record]
    behind = record.behind(names_in([tree]))
    numbers = (name for name in behind if name in record.derived and record.types[name].kind == "number")
    return not any(hidden_names(record, [name], own_dates(record, scan)) for name in numbers)


def _on_day(plan: Plan, scan: Scan, tally: Tally, day: dt.date) -> Tally:
    """The tally as on that day, for rows that are known later."""
    record = plan.checked.records[scan.record]
    own = own_dates(record, scan)
    filters = (part for tree in tally.filters for part in _filters_on(record, own, tree, day))
    return evolve(tally, filters=tuple(dict.fromkeys(filters)))


def _filters_on(record: CheckedRecord, own: frozenset[str], tree: Tree, day: dt.date) -> Iterator[Tree]:
    """The filters that hold for a row known later where this one holds for it on that day."""
    hidden = hidden_names(record, names_in([tree]), own)
    if hidden and all(name in names_in([tree]) and _cannot_hold(tree, name) for name in hidden):
        yield tree
        yield from (_has_come(name, day) for name in sorted(hidden))
    else:
        yield _written(record, own, tree, day)


def _cannot_hold(tree: Tree, name: str) -> bool:
    """Whether a condition is surely not true where this name is missing."""
    if isinstance(tree, Apply) and tree.op in ("and", "or"):
        return (any if tree.op == "and" else all)(_cannot_hold(arg, name) for arg in tree.args)
    return name != "as_of" and _is_missing(tree, name)


def _is_missing(tree: Tree, name: str) -> bool:
    """Whether a value is surely missing where this name is."""
    if isinstance(tree, Apply):
        function = FUNCTIONS.get(tree.op)
        decides = tree.op in ("and", "or", "if", "is_none") or (function is not None and function.lazy)
        return not decides and any(_is_missing(arg, name) for arg in tree.args)
    return isinstance(tree, Name) and tree.name == name


def _has_come(name: str, day: dt.date) -> Tree:
    return Apply("<=", (Name(name, DATE), Literally(day, DATE)), BOOL)


def _written(record: CheckedRecord, own: frozenset[str], tree: Tree, day: dt.date) -> Tree:
    parts: dict[str, Tree] = {}
    for name in names_in([tree]):
        if hidden_names(record, [name], own):
            parts[name] = _as_known(record, own, name, day)
    return graft(tree, parts)


def _as_known(record: CheckedRecord, own: frozenset[str], name: str, day: dt.date) -> Tree:
    """What a name is on that day."""
    if name == "as_of":
        return Literally(day, DATE)
    if name in record.derived:
        return _written(record, own, record.derived[name].root, day)
    return Apply("if", (_has_come(name, day), Name(name, DATE), Literally(None, NONE)), DATE)
