"""Evaluation → text for a terminal: what is done, what is short and by how much, what is open, faults in the data.

Comes in: an evaluation, a language, whether colours are wanted, a width. Goes out: text of at most that width.
Must not know: argv, files; it computes nothing but counts of what it leaves out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from campaignrules.errors import Text, visible
from campaignrules.reports import findings as listing
from campaignrules.reports import layout, places, progress, returns, scores
from campaignrules.reports.layout import Cell, Grid, filled_columns
from campaignrules.reports.progress import counts, status_cell
from campaignrules.reports.view import Choice, Evaluated, View
from campaignrules.results import DutyResult, Pending

if TYPE_CHECKING:
    from campaignrules.comparison import Comparison

LEAST_WIDTH: Final = 60
MOST_FINDINGS: Final = 10
MOST_DUTIES: Final = 10
NEXT_DUTIES: Final = 5


def render(
    evaluation: Evaluated,
    lang: str = "zh",
    colour: bool = False,
    width: int = 100,
    choice: Choice | None = None,
    comparison: Comparison | None = None,
) -> str:
    """The whole report, a line feed at its end."""
    width = max(width, LEAST_WIDTH)
    view = View(evaluation, choice or Choice(), lang)
    parts = [*_parts(view, width)]
    if comparison is not None:
        from campaignrules.reports import readings  # noqa: PLC0415  what is not asked for is not imported

        parts += readings.parts(comparison, view)
    return layout.lines(parts, width, colour)


def render_sheet(
    evaluation: Evaluated, unit: str, choice: Choice, lang: str = "zh", colour: bool = False, width: int = 100
) -> str:
    """The score sheet of one unit under the heading of the report."""
    from campaignrules.reports import sheet  # noqa: PLC0415  what is not asked for is not imported

    view = View(evaluation, choice, lang)
    return sheet.render(view, unit, heading(view), colour, max(width, LEAST_WIDTH))


def _parts(view: View, width: int) -> Iterator[Cell | Grid]:
    yield from heading(view)
    scored = [*scores.parts(view, width), *places.rankings(view), *places.honours(view)]
    yield from scored
    if scored and view.progress:
        yield Cell("")
    yield from _progress(view, width)
    yield from _duties(view)
    yield from returns.parts(view)
    if view.choice.is_open:
        for part in (_outcomes, _pending, _data):
            yield from part(view)


def _titled(title: str, after: str = "") -> Iterator[Cell | Grid]:
    yield Cell("")
    yield Cell(title, "bold").append(f"  {after}" if after else "", "dim")


def heading(view: View) -> Iterator[Cell | Grid]:
    """The campaign, the day looked from, the overlays."""
    campaign, period = view.checked.campaign, view.checked.calendar.period
    yield Cell(view.text(campaign.title), "bold").append(f"  {campaign.campaign}", "dim")
    until = view.say(f"截至 {view.as_of}", f"As of {view.as_of}")
    during = view.say("期间", "period")
    yield Cell(f"{until} · {during} {view.dates(period)} · {view.elapsed(period)}")
    for when, title in _OVERLAYS.items():
        for told in view.evaluation.meta.get("overlays", {}).get(when, ()):
            yield _overlay(title, told, view)


_OVERLAYS: Final = {
    "in_force": Text("补充文件", "Overlay"),
    "not_yet": Text("补充文件（尚未生效）", "Overlay, not in force yet"),
}


def _overlay(title: Text, told: Mapping[str, Any], view: View) -> Cell:
    """`补充文件：考评办法（2023-08-15 起）  evaluation_notice`."""
    name = Text(told["title"]["zh"], told["title"]["en"])
    cell = Cell(f"{title.to(view.lang)}{view.say('：', ': ')}{view.text(name)}")
    if day := told.get("effective"):
        cell.append(view.say(f"，{day} 起", f", from {day}"))
    return cell.append(f"  {visible(told['id'])}", "dim")


# -- progress -----------------------------------------------------------------------------------------------------


def _progress(view: View, width: int) -> Iterator[Cell | Grid]:
    if not view.progress:
        return
    found = Counter[str](row.status for row in view.progress)
    targets = len({row.target for row in view.progress})
    rows = len(view.progress)
    title = view.say(f"目标 {targets} 个，结果 {rows} 行：", f"Targets: {targets}, rows: {rows}. ")
    yield Cell(title + counts(found, view))
    sections = progress.sections(view)
    later = [section for section in sections if progress.ahead(section, view)]
    for section in sections:
        if section not in later:
            yield Cell("")
            yield from progress.render(section, view, width)
    if later:
        yield from _later(later, view)


def _later(sections: Iterable[progress.Section], view: View) -> Iterator[Cell | Grid]:
    yield from _titled(view.say("尚未开始", "Not begun"))
    for section in sections:
        if section.window is not None:
            many = view.say(f"{len(section.lines)} 个目标", f"targets: {len(section.lines)}")
            yield Cell(f"{view.window_title(section.window)}  {view.dates(section.window)} · {many}")


# -- duties -------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Group:
    """Units that stand the same with one due date of one duty."""

    rows: tuple[DutyResult, ...]

    @property
    def first(self) -> DutyResult:
        return self.rows[0]


def _groups(rows: Iterable[DutyResult], *, each: bool) -> list[_Group]:
    found: dict[tuple[object, ...], list[DutyResult]] = {}
    for row in rows:
        found.setdefault((row.duty, row.due_on, row.status, row.unit if each else None), []).append(row)
    return [_Group(tuple(group)) for group in found.values()]


def _duties(view: View) -> Iterator[Cell | Grid]:
    if not view.duties:
        return
    dated = [row for row in view.duties if row.due_on is not None]
    standing = Counter[str](row.status for row in view.duties if row.due_on is None)
    yield from _titled(view.say("事项", "Duties"), counts(Counter[str](row.status for row in dated), view))
    if standing:
        many = sum(standing.values())
        yield Cell(view.say(f"长期事项 {many} 项：", f"{many} without a date: ") + counts(standing, view))
    if view.choice.everything or view.choice.targets:
        yield _duty_table(_groups(view.duties, each=True), view)
        return
    yield from _duty_lists(dated, view)


def _duty_lists(dated: list[DutyResult], view: View) -> Iterator[Cell | Grid]:
    overdue = _groups((row for row in dated if row.status in ("missed", "late")), each=False)
    overdue.sort(key=lambda group: (group.first.status != "missed", -_day(group)))
    yield from _listed(view.say("未完成和逾期", "Missed and late"), overdue, MOST_DUTIES, view)
    coming = _groups((row for row in dated if row.status == "not_due"), each=False)
    nearest: dict[str, _Group] = {}
    for group in sorted(coming, key=_day):
        nearest.setdefault(group.first.duty, group)
    yield from _listed(view.say("接下来到期", "Due next"), [*nearest.values()][:NEXT_DUTIES], NEXT_DUTIES, view)


def _day(group: _Group) -> int:
    return group.first.due_on.toordinal() if group.first.due_on else 0


def _listed(title: str, groups: list[_Group], most: int, view: View) -> Iterator[Cell | Grid]:
    if not groups:
        return
    yield Cell(title, "bold dim")
    yield _duty_table(groups[:most], view)
    if len(groups) > most:
        yield _rest(len(groups) - most, "--all", view)


def _rest(count: int, option: str, view: View) -> Cell:
    return Cell(view.say(f"另有 {count} 项，用 {option} 全部列出", f"{count} more; {option} lists them"), "dim")


_DUTY_HEADS: Final = (
    Text("截止", "Due"),
    Text("编号", "Id"),
    Text("事项", "Duty"),
    Text("单位", "Unit"),
    Text("条款", "Clause"),
    Text("完成于", "Done on"),
    Text("状态", "Status"),
)
_FOLDING: Final = ("Duty", "Unit", "Clause")


def _duty_table(groups: Iterable[_Group], view: View) -> Grid:
    """One line a group."""
    heads = [(head.to(view.lang), head.en in _FOLDING) for head in _DUTY_HEADS]
    return filled_columns(heads, (_duty_cells(group, view) for group in groups))


def _duty_cells(group: _Group, view: View) -> tuple[Cell, ...]:
    row = group.first
    units = view.names(view.unit_title(one.unit) for one in group.rows if one.unit is not None)
    leads = view.names(map(view.unit_title, row.lead), 3)
    title = Cell(view.duty_title(row.duty)).append(view.say(f"（{leads}）", f" ({leads})") if leads else "", "dim")
    done = sorted({str(one.done_on) for one in group.rows if one.done_on})
    return (
        Cell(str(row.due_on or "—")),
        Cell(row.duty),
        title,
        Cell(units),
        Cell(view.text(row.source), "dim"),
        Cell(done[0] if len(done) == 1 else f"{done[0]} –" if done else ""),
        status_cell(row.status, view),
    )


# -- outcomes, pending --------------------------------------------------------------------------------------------


def _outcomes(view: View) -> Iterator[Cell | Grid]:
    rows = view.evaluation.results.outcomes
    if not rows:
        return
    yield from _titled(view.say("总体要求", "Outcomes"))
    titles = {outcome.id: outcome.title for outcome in view.checked.outcomes}
    grid = _grid(5, folding=(2,))
    for row in rows:
        title = view.text(titles.get(row.outcome) or row.outcome)
        clause = Cell(view.text(row.source), "dim")
        grid.row(
            clause,
            Cell(row.outcome),
            Cell(title),
            status_cell(row.status, view),
            Cell(counts(row.counts, view), "dim"),
        )
    yield grid


def _grid(columns: int, folding: tuple[int, ...]) -> Grid:
    grid = Grid()
    for index in range(columns):
        grid.column(folds=index in folding)
    return grid


def _pending(view: View) -> Iterator[Cell | Grid]:
    every = view.evaluation.pending
    if not every:
        return
    yield from _titled(view.say(f"文件留待明确 {len(every)} 项", f"Left open by the document: {len(every)}"))
    grid = _grid(2, folding=(1,))
    alike: dict[tuple[object, ...], list[Pending]] = {}
    for one in every:
        if one.holds:
            alike.setdefault((one.source, one.by, one.between, one.holds), []).append(one)
    for some in alike.values():
        grid.row(Cell(view.text(some[0].source), "dim"), _open_text(some, view))
    if alike:
        yield grid
    idle = [view.text(pending.title or pending.parameter) for pending in every if not pending.holds]
    if idle:
        yield Cell(
            view.say("未牵涉任何结果：", "Nothing waits for: ") + view.names(idle, len(idle)),
            "dim",
        )


def _open_text(alike: list[Pending], view: View) -> Cell:
    """What is open, who settles it, its bounds, what it holds up; several that differ in nothing else together."""
    pending = alike[0]
    cell = Cell(view.names([view.text(one.title or one.parameter) for one in alike], len(alike)))
    cell.append(f"{view.say('：', ': ')}{view.text(pending.by)}")
    if pending.between:
        cell.append(view.say("，介于 ", ", between ") + visible(" – ".join(pending.between)))
    held = view.names(_held(pending, view), 6)
    return cell.append(view.say(f" → 待定：{held}", f" → holds up {held}"), "blue")


def _held(pending: Pending, view: View) -> list[str]:
    """What waits, without what only does so because something else in the list does: a scorecard for its item."""
    checked = view.checked
    items = {f"{card.id}.{item.id}": item.item is None for card in checked.scorecards.values() for item in card.items}
    cards = {name.partition(".")[0] for name in pending.holds if name in items}
    implied = {name for name in pending.holds if items.get(name)} | cards
    implied |= {name for name, ranking in checked.rankings.items() if ranking.card in cards}
    implied |= {name for name, honour in view.honour_items.items() if honour.honour.ranking in implied}
    implied |= checked.metrics.keys()
    return [name for name in pending.holds if name not in implied] or [*pending.holds]


# -- data ---------------------------------------------------------------------------------------------------------


def _data(view: View) -> Iterator[Cell | Grid]:
    tables, findings = view.evaluation.counts, view.evaluation.findings
    if not tables and not findings:
        return
    yield from _titled(view.say("报送数据", "Submitted data"))
    if tables:
        yield _count_table(view)
    told = listing.summed(findings, everything=view.choice.everything)
    most = len(told) if view.choice.everything else MOST_FINDINGS
    for alike in told[:most]:
        yield listing.line(alike, view.lang)
    if len(told) > most:
        yield _rest(sum(len(alike.all) for alike in told[most:]), "--all", view)
    elif any(len(alike.all) > 1 for alike in told):
        yield Cell(view.say("用 --all 逐条列出", "--all lists each"), "dim")


_COUNTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("读入", "Read", "read"),
    ("不予采用", "Set aside", "set_aside"),
    ("筛除", "Screened", "screened"),
    ("计入", "Counted", "counted"),
)


def _count_table(view: View) -> Grid:
    grid = Grid()
    grid.column(view.say("报送表", "Table"), folds=True)
    for zh, en, _ in _COUNTS:
        grid.column(view.say(zh, en), right=True)
    for count in view.evaluation.counts:
        cells = (Cell(str(getattr(count, name)), _aside_style(name, getattr(count, name))) for *_, name in _COUNTS)
        grid.row(Cell(_record_title(count.record, view)), *cells)
    return grid


def _aside_style(name: str, many: int) -> str:
    return "yellow" if name == "set_aside" and many else ""


def _record_title(record: str, view: View) -> str:
    known = view.checked.records.get(record)
    title = view.text(known.record.title) if known is not None else ""
    return f"{record} {title}" if title and title != record else visible(record)
