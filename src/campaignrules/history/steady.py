"""Which scans one cube answers for every day, and which have to be asked again for each.

A scan files a row under a day `d0`, the latest of its dates, and the finish of a day A looks at nothing filed after A:
every span of a window that has begun ends by A, and what a window that has not begun would give is not shown (this
holds for the earlier windows of a growth and the parts of a limited metric, too, for they lie before or inside the
window they are asked for). So two cubes give the same results on A when they agree on what is filed by A. What can
differ between a cube of a later day L and one of A is what rule 2 of docs/evaluation.md hides on A, events after A:

- **The dates of the scan themselves.** A row that is filed by A on L has all its dates by A, hence none of them is
  hidden on A, and it is filed there under the same day; a row whose dates are not all by A is filed on L after A, or
  never. Planned dates are never hidden, and a derived date that only looks at planned dates or at dates of this scan
  that are submitted as they are is the same on both days.
- **Filters, screens, derived fields, the value added up.** They may look at the scan's own dates, which are known for
  every row that matters, at planned dates, and at everything that is no date. If they look at another date of the row
  that may lie after A, or at `as_of`, the scan depends on the day.
- **`first`** keeps the cell of the first of the scan's dates as well. It is not after the latest one: nothing to add.
- **`until` of distinct values**, a field as submitted: what ends after A is hidden on A and "has not ended"; on L it ends
  in a later cell than any that is looked at. Of a level of sums `until` is one of the dates of its own scan.
- **A scan without dates** (the cohort of a rate without `on`) has no dates of its own: it must look at none.
- **Rows set aside, the roster**: rules see the row as submitted, whatever the day.

A number by table is the same on every day when the field and the screens of its record look at no event and not at
`as_of`. Must not know: how anything is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from campaignrules.checked import CheckedRecord, Measure
from campaignrules.engine.rows import filters_of, names_in
from campaignrules.planner import Plan, Scan, uses
from campaignrules.trees import Expression, Name, Tree


def depends_on_date(plan: Plan, scan: Scan) -> bool:
    """Whether what a scan files by a day may look different from a later day."""
    record = plan.checked.records[scan.record]
    own = {part.name for part in scan.dates.parts if isinstance(part, Name) and _submitted(record, part)}
    return _hidden(record, set(_looked_at(record, scan)), own)


def table_depends_on_date(record: CheckedRecord, field: str) -> bool:
    """Whether a number by table may change with the day."""
    return _hidden(record, {field} | _screens(record), ())


def depending_metrics(plan: Plan, scans: Collection[int]) -> frozenset[str]:
    """The metrics whose values up to a day cannot all be taken from one cube, if these scans depend on the day."""
    found: set[str] = set()
    for name in plan.needed:  # each after those it uses
        metric = plan.checked.metrics[name]
        if isinstance(metric.kernel, Measure):
            lowered = plan.measures.get(name)
            again = lowered is not None and any(ref.scan in scans for ref in lowered.roles.values())
        else:
            dated = isinstance(metric.kernel, Expression) and "as_of" in metric.kernel.names
            again = dated or any(used in found for used in uses(metric))
        if again:
            found.add(name)
    return frozenset(found)


def _looked_at(record: CheckedRecord, scan: Scan) -> Iterator[str]:
    """The names behind everything of a scan but its dates and ends that are submitted as they are."""
    yield from _screens(record)
    yield from names_in(filters_of(scan))
    yield from names_in(part for part in scan.dates.parts if not _submitted(record, part))
    for tally in scan.tallies:
        if tally.field is not None:
            yield tally.field
        if tally.until is not None and not _submitted(record, tally.until):
            yield from names_in([tally.until])


def _screens(record: CheckedRecord) -> set[str]:
    return names_in(screen.expression.root for screen in record.screening)


def _submitted(record: CheckedRecord, tree: Tree) -> bool:
    """Whether it is a field as submitted."""
    return isinstance(tree, Name) and tree.name in record.record.fields


def _hidden(record: CheckedRecord, names: Collection[str], own: Collection[str]) -> bool:
    """Whether one of these names, or what is behind it, may read as missing on an earlier day, or is the day itself."""
    fields = record.record.fields
    behind = record.behind(names)
    events = (name for name in behind if name in fields and fields[name].type == "date" and not fields[name].planned)
    return "as_of" in behind or any(name not in own for name in events)
