"""What will be asked of the tables, in readable form, without asking it.

Comes in: a plan, a submission, as_of. Goes out: text: SQL with its parameters for tables in an engine, Polars' own plan for
others. Must not know: answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import polars as pl
from attrs import frozen

from campaignrules.engine.cube import kept_tables, questions, table_numbers_asked
from campaignrules.engine.duties import proofs_asked
from campaignrules.engine.finish import bounds_of
from campaignrules.engine.returns import rows_asked
from campaignrules.engine.rows import Asked, Passes, Shape, names_in
from campaignrules.errors import Text, visible
from campaignrules.intake import Submission
from campaignrules.planner import Plan, Scan


@frozen(eq=False, repr=False)
class Planned:
    """One question, and what for."""

    title: Text
    asked: Asked

    def shown(self, lang: str) -> str:
        return f"-- {self.title.to(lang)}\n{_explained(self.asked)}\n"


def planned(plan: Plan, submission: Submission, as_of: dt.date) -> Iterator[Planned]:
    """Everything that an evaluation asks of the tables; equal questions once."""
    yield from _of_cube(plan, submission, as_of)
    checked = plan.checked
    for ids, asked in proofs_asked(checked, submission, as_of):
        title = (f"事项 {ids}：什么时候办了", f"duty {ids}: when it was done")
        yield Planned(Text(*title) if ids else Text("全部办理记录", "all attestations"), asked)
    for record, asked in rows_asked(checked, submission, as_of):
        yield Planned(Text(f"{record}：哪些单位报了", f"{record}: which units submitted rows"), asked)
    for record, field, asked in table_numbers_asked(plan, submission, as_of):
        yield Planned(Text(f"{record}.{field}：各单位的数", f"{record}.{field}: the number of each unit"), asked)


def _of_cube(plan: Plan, submission: Submission, as_of: dt.date) -> Iterator[Planned]:
    shape = Shape(as_of, tuple(bounds_of(plan.checked, as_of)))
    found = questions(plan, submission, kept_tables(plan, submission, as_of), shape)
    for number, asked in found.scans.items():
        yield Planned(_summed(plan.scans[number]), asked)
    for (number, index), asked in found.distinct.items():
        scan = plan.scans[number]
        field = scan.tallies[index].field
        title = f"{scan.record}.{field}：不同的值", f"{scan.record}.{field}: different values"
        yield Planned(Text(*title), asked)
    for record, asked in found.counts.items():
        yield Planned(Text(f"{record}：读入、有效、计入几行", f"{record}: rows read, sound and counted"), asked)
    for (record, _), asked in found.zeros.items():
        yield Planned(Text(f"{record}：哪些行除以零", f"{record}: rows that divide by zero"), asked)


def _summed(scan: Scan) -> Text:
    keys = "、".join([*([scan.unit] if scan.unit else []), *sorted(names_in(scan.dates.parts))])
    keys_en = keys.replace("、", ", ")
    if not keys:
        return Text(f"{scan.record}：合计", f"{scan.record}: totals")
    return Text(f"{scan.record}：按 {keys} 合计", f"{scan.record}: totals by {keys_en}")


def shown(found: Iterable[Planned], lang: str) -> str:
    """All questions, each query once, under the engines that would answer them."""
    texts: dict[str, str] = {}
    engines: dict[str, None] = {}
    for one in found:
        texts.setdefault(_explained(one.asked), one.shown(lang))
        engines[_asked_of(one.asked).to(lang)] = None
    return "\n".join([*(f"-- {engine}" for engine in engines), "", *texts.values()])


def _asked_of(asked: Asked) -> Text:
    """Who answers; days are those of the zone for columns that have one."""
    if isinstance(asked, pl.LazyFrame | Passes):
        return Text("polars：本机", "polars: here")
    name, label, zone = asked.engine.dialect.name, visible(asked.engine.label), visible(asked.engine.zone())
    return Text(f"{name}：“{label}”，时区 {zone}", f"{name}: {label}, time zone {zone}")


def _explained(asked: Asked) -> str:
    """Names of columns may hold anything."""
    parts = asked.parts if isinstance(asked, Passes) else (asked,)
    return "\n".join(visible(line) for part in parts for line in part.explain().split("\n"))
