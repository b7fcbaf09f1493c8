"""One result → the tree of why: what was counted, in which days, by which formula, against what, and what follows.

In: a checked campaign, its rows, roster and `as_of`, and the id of a target, duty, scorecard, item, ranking or
honour. Out: an `Explanation`, and its text in Chinese or English. Every number is asked of the oracle, whose parts are
these very steps. Must not know: engines, files, terminals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from attrs import evolve

from campaignrules import oracle
from campaignrules.calendar import Occurrence, Window
from campaignrules.checked import CheckedCampaign, CheckedDuty, CheckedTarget
from campaignrules.errors import CampaignError, Text, did_you_mean, fault
from campaignrules.explain.duties import explain_duty
from campaignrules.explain.scored import Origin, Scored, made_of, names_of_scored, scored_of
from campaignrules.explain.settled import settled
from campaignrules.explain.targets import explain_cell
from campaignrules.explain.tree import Counted, Explanation, render_explanation
from campaignrules.explain.words import titled
from campaignrules.model import Demand
from campaignrules.oracle import Cell, Facts, Headed, Row
from campaignrules.roster import Roster, Scope

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
    sheets: Iterable[Headed] = (),
) -> Explanation:
    """Why a target, duty, score, place or honour stands where it stands. Raises CampaignError for unknown names.

    Without `unit`, the whole campaign, or else every subject in brief; without `window`, the latest that has begun.
    `readings`: readings taken instead of those the file is written in; `sheets`: those that say who submits them.
    """
    facts = oracle.gather(checked, rows, roster, as_of, sheets)
    taken = dict(readings or {})
    target = next((one for one in checked.targets if one.target.id == item), None)
    if target is not None:
        return _about(facts, target.target, target, _target_results(facts, target, unit, window), taken)
    duty = next((one for one in checked.duties if one.duty.id == item), None)
    if duty is not None:
        return _about(facts, duty.duty, duty, _duty_results(facts, duty, unit, window), taken)
    scored = scored_of(checked, item)
    if scored is None:
        demands = [*(one.target.id for one in checked.targets), *(one.duty.id for one in checked.duties)]
        raise _unknown(item, [*demands, *names_of_scored(checked)])
    return _of_origin(facts, scored, _scored_results(facts, scored, unit, window), taken)


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


def _scored_results(facts: Facts, scored: Scored, unit: str | None, window: str | None) -> list[Explanation]:
    scopes = _subjects(facts, scored, scored.id, unit)
    windows = sorted(scored.windows, key=lambda one: (one.start, one.end))
    chosen = _in_window(windows, scored.id, window, facts.as_of, lambda one: (one.id, one.start))
    found = oracle.standings(facts)
    return [scored.explain(found, scope.name or "", one) for scope in scopes for one in chosen]


def _when(occurrence: Occurrence | None) -> tuple[str, dt.date]:
    return (occurrence.window.id, occurrence.opens) if occurrence else ("", dt.date.min)


def _subjects(facts: Facts, demand: CheckedTarget | CheckedDuty | Scored, id_: str, unit: str | None) -> list[Scope]:
    """The subject of that name or title; without one the campaign, or else all."""
    scopes = facts.roster.scopes(demand.judged)
    if isinstance(demand, Scored):  # a unit that the roster does not have is not scored
        there = {one.id for one in facts.roster.units}
        scopes = tuple(scope for scope in scopes if scope.name in there)
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
    """The results of a demand under one head."""
    about = f"targets.{demand.id}." if isinstance(checked, CheckedTarget) else f"duties.{demand.id}."
    origin = Origin(demand.id, demand, (about,), _metrics(facts.checked, checked))
    return evolve(_of_origin(facts, origin, results, taken), lead=checked.lead, support=checked.support)


def _of_origin(facts: Facts, origin: Origin, results: list[Explanation], taken: Mapping[str, str]) -> Explanation:
    """The results under one head that says where they come from."""
    demand = origin.element
    campaign = facts.checked.campaign
    document = campaign.documents.get(demand.document) if demand.document else None
    if document is None and len(campaign.documents) == 1:
        document = next(iter(campaign.documents.values()))
    if len(results) == 1:
        head = results[0]
    else:
        brief = tuple(_in_brief(results[:RESULTS_LISTED]))
        head = Explanation(titled(origin.id, demand.title), _how_many(len(results)), children=brief)
    return evolve(
        head,
        source=demand.source or head.source,
        document=document.title if document else None,
        readings=tuple(_readings(facts.checked, origin, taken)),
        settled=tuple(settled(facts.checked, demand, origin.metrics)),
        note=demand.note,
    )


def _in_brief(results: Sequence[Explanation]) -> Iterator[Explanation]:
    """Each result alone; a reason that the one before gave already is not said again."""
    before: Text | None = None
    for one in results:
        yield evolve(one, children=(), rows=None, reason=None if one.reason == before else one.reason)
        before = one.reason or before


def _how_many(results: int) -> Text:
    listed = min(results, RESULTS_LISTED)
    return Text(f"共 {results} 个结果，列出 {listed} 个", f"{results} results, {listed} listed")


def _readings(checked: CheckedCampaign, origin: Origin, taken: Mapping[str, str]) -> Iterator[Text]:
    """The reading taken of each clause that could be read so that this changes."""
    used = [*origin.paths, *(f"metrics.{name}." for name in origin.metrics)]
    for name, reading in checked.campaign.readings.items():
        paths = [path for option in reading.options.values() for path in option.set]
        if any(path.startswith(tuple(used)) for path in paths):
            option = reading.options[taken.get(name, reading.chosen)]
            title = reading.title or Text(name, name)
            yield Text(f"{title.zh}：{option.title.zh}", f"{title.en}: {option.title.en}")


def _metrics(checked: CheckedCampaign, demand: CheckedTarget | CheckedDuty) -> frozenset[str]:
    """The metrics that a demand rests on; a duty rests on none."""
    return made_of(checked, demand.metric) if isinstance(demand, CheckedTarget) else frozenset()
