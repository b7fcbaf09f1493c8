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

from collections.abc import Iterable, Iterator

from campaignrules.checked import CheckedRecord
from campaignrules.engine.rows import names_in
from campaignrules.planner import Plan, Scan, Tally
from campaignrules.trees import Name, Tree


def depends_on_date(plan: Plan, scan: Scan) -> bool:
    """Whether what a scan files by a day may look different from a later day."""
    return any(tally_depends_on_date(plan, scan, tally) for tally in scan.tallies)


def tally_depends_on_date(plan: Plan, scan: Scan, tally: Tally) -> bool:
    """As `depends_on_date`, for one tally of a scan."""
    record = plan.checked.records[scan.record]
    return bool(hidden_names(record, {*_screens(record), *_looked_at(record, scan, tally)}, own_dates(record, scan)))


def table_depends_on_date(record: CheckedRecord, field: str) -> bool:
    """Whether a number by table may change with the day."""
    return bool(hidden_names(record, {field} | _screens(record), frozenset()))


def own_dates(record: CheckedRecord, scan: Scan) -> frozenset[str]:
    """The dates of a scan that are fields as submitted."""
    return frozenset(part.name for part in scan.dates.parts if isinstance(part, Name) and _submitted(record, part))


def hidden_names(record: CheckedRecord, names: Iterable[str], own: frozenset[str]) -> frozenset[str]:
    """Of the events behind these names those that may read as missing on an earlier day; and `as_of`, the day itself."""
    fields = record.record.fields
    events = {n for n in record.behind(names) if n in fields and fields[n].type == "date" and not fields[n].planned}
    return frozenset(events - own) | (record.behind(names) & {"as_of"})


def _looked_at(record: CheckedRecord, scan: Scan, tally: Tally) -> Iterator[str]:
    """The names in a tally and its scan, but dates and ends that are submitted as they are."""
    yield from names_in(tally.filters)
    yield from names_in(part for part in scan.dates.parts if not _submitted(record, part))
    if tally.field is not None:
        yield tally.field
    if tally.until is not None and not _submitted(record, tally.until):
        yield from names_in([tally.until])


def _screens(record: CheckedRecord) -> set[str]:
    return names_in(screen.expression.root for screen in record.screening)


def _submitted(record: CheckedRecord, tree: Tree) -> bool:
    """Whether it is a field as submitted."""
    return isinstance(tree, Name) and tree.name in record.record.fields
