"""Submission → text: which tables were read, who has submitted what, what is wrong; for a terminal, as JSON, as CSV.

Comes in: a submission that nobody has evaluated, a language, a width. Goes out: text. Must not know: argv, files,
results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

import attrs
from attrs import frozen

from campaignrules.checked import UNIT_TABLE, CheckedCampaign
from campaignrules.errors import Text, visible
from campaignrules.intake.raw import Source
from campaignrules.intake.submitters import Received
from campaignrules.reports import as_csv, findings, layout
from campaignrules.reports.as_json import dumped, plain
from campaignrules.reports.layout import Cell, Grid
from campaignrules.results import Finding, TableCount
from campaignrules.roster import Roster

LEAST_WIDTH: Final = 60
MOST_LINES: Final = 12
"""Lines of findings on one sheet."""
MOST_PLACES: Final = 20
"""Sheets whose findings are told."""
MOST_UNITS: Final = 200
MOST_NOTES: Final = 12
"""Of more notes only the number is told: nobody has to do anything about them."""
MOST_EMPTY: Final = 3
"""Of more tables without a row only the number is told."""
MOST_TABLES: Final = 8


class Submitted(Protocol):
    """What the report needs of a submission."""

    @property
    def checked(self) -> CheckedCampaign: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def counts(self) -> Mapping[str, TableCount]: ...
    @property
    def sources(self) -> tuple[Source, ...]: ...
    @property
    def received(self) -> tuple[Received, ...]: ...


@frozen(eq=False, repr=False)
class _View:
    """A submission in one language."""

    submission: Submitted
    lang: str
    everything: bool

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def record(self, id_: str) -> str:
        """`project 签约项目`."""
        title = self.say("名册", "roster") if id_ == UNIT_TABLE else self.short(id_)
        return f"{visible(id_)} {title}" if title != visible(id_) else visible(id_)

    def short(self, id_: str) -> str:
        """The title of a record type alone."""
        known = self.submission.checked.records.get(id_)
        return visible(known.record.title.to(self.lang) if known is not None and known.record.title else id_)

    def unit(self, id_: str) -> str:
        known = self.submission.roster.by_id.get(id_)
        return visible(known.title.to(self.lang) if known is not None and known.title else id_)


# -- for a terminal -----------------------------------------------------------------------------------------------


def render(
    submission: Submitted, lang: str = "zh", colour: bool = False, width: int = 100, *, everything: bool = False
) -> str:
    """The whole report, a line feed at its end. `everything`: no findings summed up or left out."""
    view = _View(submission, lang, everything)
    parts = [part for of in (_heading, _sources, _received, _findings) for part in of(view)]
    return layout.lines(parts, max(width, LEAST_WIDTH), colour)


def _heading(view: _View) -> Iterator[Cell | Grid]:
    campaign = view.submission.checked.campaign
    yield Cell(visible(campaign.title.to(view.lang)), "bold").append(f"  {campaign.campaign}", "dim")
    sources = view.submission.sources
    files = len({source.file for source in sources if source.file})
    read = sum(max(count.read, 0) for count in view.submission.counts.values())
    aside = sum(count.set_aside for count in view.submission.counts.values())
    if not sources:
        yield Cell(view.say("没有认出报送表", "no table was recognised"), "yellow")
        return
    tables = view.say(f"{files} 个文件，{len(sources)} 张表", f"files: {files}, tables: {len(sources)}")
    taken = view.say(f"读入 {read} 行，采用 {read - aside} 行", f"rows read: {read}, taken: {read - aside}")
    yield (
        Cell(f"{tables} · {taken}")
        .append(view.say("，剔除 ", ", set aside: "))
        .append(view.say(f"{aside} 行", str(aside)), "yellow" if aside else "")
    )


def _titled(title: str, after: str = "") -> Iterator[Cell | Grid]:
    yield Cell("")
    yield Cell(title, "bold").append(f"  {after}" if after else "", "dim")


_HEADS: Final = (Text("表头行", "Header"), Text("读入", "Read"), Text("采用", "Taken"), Text("剔除", "Set aside"))


def _sources(view: _View) -> Iterator[Cell | Grid]:
    """A row for each table: where it stands, what it is, how many rows."""
    sources = view.submission.sources
    if not sources:
        return
    yield from _titled(view.say("读到的表", "Tables read"))
    grid = Grid()
    grid.column(view.say("文件 · 工作表", "File · sheet"), folds=True)
    grid.column(view.say("报送表", "Table"), folds=True)
    for head in _HEADS:
        grid.column(head.to(view.lang), right=True)
    empty = [source for source in sources if source.rows == 0]
    left_out = empty if len(empty) > MOST_EMPTY and not view.everything else []
    for source in sources:
        if source not in left_out:
            grid.row(*_source(source, view))
    yield grid
    if left_out:
        yield Cell(view.say(f"另有 {len(left_out)} 张表没有填", f"tables without a row: {len(left_out)}"), "dim")


def _source(source: Source, view: _View) -> Iterator[Cell]:
    place = " · ".join(visible(part) for part in (source.file, source.sheet) if part)
    yield Cell(place or view.say("（程序给的表）", "(given by a program)"), "" if place else "dim")
    yield Cell(view.record(source.record))
    aside = None if source.kept is None else source.rows - source.kept
    numbers = (source.header_row if place else None, source.rows, source.kept, aside)
    for number in numbers:
        yield Cell("–" if number is None else str(number), "yellow" if number and number is aside else "")


def _received(view: _View) -> Iterator[Cell | Grid]:
    """Units × tables: how many rows were taken; who has submitted nothing."""
    rows = view.submission.received
    records = list(dict.fromkeys(row.record for row in rows))[:MOST_TABLES]
    units: dict[str, dict[str, Received]] = {}
    for row in rows:
        units.setdefault(row.unit, {})[row.record] = row
    if not rows:
        return
    yield from _titled(view.say("各单位报送", "Who has submitted"), view.say("采用的行数", "rows taken"))
    grid = Grid()
    grid.column(view.say("单位", "Unit"), folds=True)
    for record in records:
        grid.column(view.short(record), right=True)
    shown = list(units) if view.everything else list(units)[:MOST_UNITS]
    for unit in shown:
        grid.row(Cell(view.unit(unit)), *(_got(units[unit].get(record), view) for record in records))
    yield grid
    if len(units) > len(shown):
        yield _rest(view, len(units) - len(shown))


def _got(row: Received | None, view: _View) -> Cell:
    if row is None or not row.submitted:
        return Cell(view.say("未报", "none"), "magenta")
    lost = row.read - row.counted
    some = Cell(str(row.counted))
    return some.append(view.say(f"（剔 {lost}）", f" (-{lost})"), "yellow") if lost else some


def _findings(view: _View) -> Iterator[Cell | Grid]:
    """What is wrong, file by file, worst first."""
    every = view.submission.findings
    if not every:
        yield Cell("")
        yield Cell(view.say("没有发现问题", "nothing is wrong"), "green")
        return
    yield from _titled(view.say("问题", "Findings"), findings.totals(every, view.lang))
    shown = every if view.everything else _without_notes(every)
    notes = hidden = len(every) - len(shown)
    some_summed = False
    for number, (place, found) in enumerate(findings.by_place(shown).items()):
        told = findings.summed(sorted(found, key=_row), everything=view.everything)
        most = len(told) if view.everything else MOST_LINES if number < MOST_PLACES else 0
        if most:
            yield Cell(_named(place, view), "bold")
            yield _lines(told[:most], view)
        hidden += sum(len(alike.all) for alike in told[most:])
        some_summed = some_summed or any(len(alike.all) > 1 for alike in told)
    if hidden:
        yield _rest(view, hidden, notes)
    elif some_summed:
        yield _hint(view, "")


def _lines(told: list[findings.Alike], view: _View) -> Grid:
    grid = Grid()
    grid.column()
    grid.column(folds=True)
    for alike in told:
        grid.row(Cell(" "), findings.line(alike, view.lang, file=False, code=True))
    return grid


def _named(place: findings.Where, view: _View) -> str:
    named = " · ".join(visible(part) for part in (place.file, place.sheet) if part)
    return named or (view.record(place.record) if place.record else view.say("全部数据", "all data"))


def _without_notes(every: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """All but the notes when they are many; what stands in the place of a column that is missing is told all the same."""
    if sum(one.severity == "note" for one in every) <= MOST_NOTES:
        return every
    lacking = {findings.where(one) for one in every if one.code == "missing-column"}
    return tuple(
        one
        for one in every
        if one.severity != "note" or (one.code == "unknown-column" and findings.where(one) in lacking)
    )


def _row(finding: Finding) -> int:
    return finding.row or 0


def _rest(view: _View, many: int, notes: int = 0) -> Cell:
    of_them = view.say(f"（说明 {notes} 项，不必改）", f" ({notes} of them notes)") if notes else ""
    return _hint(view, view.say(f"另有 {many} 项{of_them}；", f"{many} more{of_them}; "))


def _hint(view: _View, before: str) -> Cell:
    how = view.say("--all 逐条列出，--format xlsx -o 问题.xlsx 写成表格，--marked 文件夹 写回各表",
                   "--all lists each, --format xlsx -o FILE writes a table, --marked FOLDER marks the files")  # fmt: skip
    return Cell(f"{before}{how}", "dim")


# -- for programs -------------------------------------------------------------------------------------------------


def data_of(submission: Submitted) -> dict[str, Any]:
    """JSON-ready: counts, tables with where they came from, who has submitted, findings."""
    return {
        "campaign": submission.checked.campaign.campaign,
        "counts": [
            {"record": one.record, "read": one.read, "set_aside": one.set_aside, "kept": one.read - one.set_aside}
            for one in submission.counts.values()
        ],
        "sources": [plain(attrs.asdict(source)) for source in submission.sources],
        "received": [plain(attrs.asdict(row)) for row in submission.received],
        "findings": [{name: plain(getattr(one, name)) for name in as_csv.FINDING} for one in submission.findings],
    }


def as_json(submission: Submitted) -> str:
    """The submission as one JSON object with a line feed at its end."""
    return dumped(data_of(submission))
