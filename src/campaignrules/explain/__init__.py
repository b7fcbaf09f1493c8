"""One result → the tree of why: what was counted, in which days, by which formula, against what, and what follows.

In: a checked campaign, its rows, roster and `as_of`, and the id of a target or duty. Out: an `Explanation`, and its
text in Chinese or English. Every number is asked of the oracle, whose parts are these very steps. Must not know:
engines, files, terminals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from attrs import evolve

from campaignrules import oracle
from campaignrules.calendar import Occurrence, Window
from campaignrules.checked import CheckedCampaign, CheckedDuty, CheckedMetric, CheckedTarget, Growth, Limited
from campaignrules.errors import CampaignError, Text, did_you_mean, fault
from campaignrules.explain.duties import explain_duty
from campaignrules.explain.settled import settled
from campaignrules.explain.targets import explain_cell
from campaignrules.explain.tree import Counted, Explanation, render_explanation
from campaignrules.explain.words import title_of
from campaignrules.model import Demand
from campaignrules.oracle import Cell, Facts, Row
from campaignrules.roster import Roster, Scope
from campaignrules.trees import Expression

__all__ = ["Counted", "Explanation", "explain", "render_explanation"]

RESULTS_LISTED: Final = 20
T = TypeVar("T", Window, Occurrence | None)


def explain(  # noqa: PLR0913  four make an evaluation, four choose a part of it
    checked: CheckedCampaign,
    rows: Mapping[str, Iterable[Row]],
    roster: Roster,
    as_of: dt.date,
    item: str,
    unit: str | None = None,
    window: str | None = None,
    *,
    readings: Mapping[str, str] | None = None,
) -> Explanation:
    """Why a target or duty stands where it stands. Raises CampaignError for unknown names.

    Without `unit`, the whole campaign, or else every subject in brief; without `window`, the latest that has begun.
    `readings`: readings taken instead of those the file is written in.
    """
    facts = oracle.gather(checked, rows, roster, as_of)
    taken = dict(readings or {})
    target = next((one for one in checked.targets if one.target.id == item), None)
    if target is not None:
        return _about(facts, target.target, target, _target_results(facts, target, unit, window), taken)
    duty = next((one for one in checked.duties if one.duty.id == item), None)
    if duty is None:
        raise _unknown(item, [*(one.target.id for one in checked.targets), *(one.duty.id for one in checked.duties)])
    return _about(facts, duty.duty, duty, _duty_results(facts, duty, unit, window), taken)


def _unknown(name: str, known: Sequence[str]) -> CampaignError:
    expected = ", ".join(known[:15]) or None
    return CampaignError(fault("unknown-name", None, name=name, expected=expected, hint=did_you_mean(name, known)))


def _no_result(item: str, name: str, known: Sequence[str]) -> CampaignError:
    expected = ", ".join(dict.fromkeys(known[:15])) or None
    hint = did_you_mean(name, known)
    return CampaignError(fault("no-such-result", None, item=item, name=name, expected=expected, hint=hint))


def _target_results(facts: Facts, target: CheckedTarget, unit: str | None, window: str | None) -> list[Explanation]:
    id_ = target.target.id
    scopes = _subjects(facts, target, id_, unit)
    windows = sorted(target.windows, key=lambda one: (one.start, one.end))
    chosen = _in_window(windows, id_, window, facts.as_of, lambda one: (one.id, one.start))
    return [explain_cell(Cell(facts, target, scope, one)) for scope in scopes for one in chosen]


def _duty_results(facts: Facts, duty: CheckedDuty, unit: str | None, window: str | None) -> list[Explanation]:
    scopes = _subjects(facts, duty, duty.duty.id, unit)
    due = list(oracle.occurrences_of(duty))
    if None not in due:
        due = _in_window(due, duty.duty.id, window, facts.as_of, _when)
    elif window is not None:
        raise _no_result(duty.duty.id, window, [])
    return [explain_duty(facts, duty, scope, one) for scope in scopes for one in due]


def _when(occurrence: Occurrence | None) -> tuple[str, dt.date]:
    return (occurrence.window.id, occurrence.opens) if occurrence else ("", dt.date.min)


def _subjects(facts: Facts, demand: CheckedTarget | CheckedDuty, id_: str, unit: str | None) -> list[Scope]:
    """The subject of that name or title; without one the campaign, or else all."""
    scopes = facts.roster.scopes(demand.judged)
    names = {unit: None} if unit == "campaign" else {unit: unit, **_by_title(facts.roster)}
    if unit is None:
        return [scope for scope in scopes if scope.name is None] or list(scopes)
    found = [scope for scope in scopes if scope.name == names[unit]]
    if not found:
        raise _no_result(id_, unit, [scope.name or "campaign" for scope in scopes])
    return found


def _by_title(roster: Roster) -> dict[str | None, str | None]:
    return {title: unit.id for unit in roster.units if unit.title for title in (unit.title.zh, unit.title.en)}


def _in_window(
    among: list[T], id_: str, name: str | None, as_of: dt.date, key: Callable[[T], tuple[str, dt.date]]
) -> list[T]:
    """Those of the named window; without a name the last that has begun, or the first."""
    if name is not None:
        found = [one for one in among if key(one)[0] == name]
        if not found:
            raise _no_result(id_, name, [key(one)[0] for one in among])
        return found
    begun = [one for one in among if key(one)[1] <= as_of]
    return begun[-1:] or among[:1]


def _about(
    facts: Facts,
    demand: Demand,
    checked: CheckedTarget | CheckedDuty,
    results: list[Explanation],
    taken: Mapping[str, str],
) -> Explanation:
    """The results under one head that says where the demand comes from."""
    campaign = facts.checked.campaign
    document = campaign.documents.get(demand.document) if demand.document else None
    if document is None and len(campaign.documents) == 1:
        document = next(iter(campaign.documents.values()))
    if len(results) == 1:
        head = results[0]
    else:
        brief = tuple(evolve(one, children=(), rows=None) for one in results[:RESULTS_LISTED])
        head = Explanation(title_of(demand), _how_many(len(results)), children=brief)
    return evolve(
        head,
        source=demand.source,
        document=document.title if document else None,
        readings=tuple(_readings(facts.checked, checked, taken)),
        settled=tuple(settled(facts.checked, demand, _metrics(facts.checked, checked))),
        lead=checked.lead,
        support=checked.support,
        note=demand.note,
    )


def _how_many(results: int) -> Text:
    listed = min(results, RESULTS_LISTED)
    return Text(f"共 {results} 个结果，列出 {listed} 个", f"{results} results, {listed} listed")


def _readings(
    checked: CheckedCampaign, demand: CheckedTarget | CheckedDuty, taken: Mapping[str, str]
) -> Iterator[Text]:
    """The reading taken of each clause that could be read so that this demand changes."""
    about = f"targets.{demand.target.id}." if isinstance(demand, CheckedTarget) else f"duties.{demand.duty.id}."
    used = [about, *(f"metrics.{name}." for name in _metrics(checked, demand))]
    for name, reading in checked.campaign.readings.items():
        paths = [path for option in reading.options.values() for path in option.set]
        if any(path.startswith(tuple(used)) for path in paths):
            option = reading.options[taken.get(name, reading.chosen)]
            title = reading.title or Text(name, name)
            yield Text(f"{title.zh}：{option.title.zh}", f"{title.en}: {option.title.en}")


def _metrics(checked: CheckedCampaign, demand: CheckedTarget | CheckedDuty) -> set[str]:
    """The metrics that a demand rests on; a duty rests on none."""
    return _used(checked, demand.metric) if isinstance(demand, CheckedTarget) else set()


def _used(checked: CheckedCampaign, metric: CheckedMetric) -> set[str]:
    """The metric and those it is made of."""
    kernel = metric.kernel
    below = {kernel.of} if isinstance(kernel, Growth | Limited) else set()
    below |= kernel.names & checked.metrics.keys() if isinstance(kernel, Expression) else set()
    below |= {metric.metric.of} if metric.metric.of else set()
    return {metric.id}.union(*(_used(checked, checked.metrics[name]) for name in below))
