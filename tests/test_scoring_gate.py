"""The gate for scoring: engine and oracle give the same points, places and honours on generated campaigns.

In any order of rows and units; and what is open holds every completion: whatever value within its bounds each deferred
parameter takes, points lie between their ends, places between best and worst, and who is listed stays listed.
Under the profile `ci` it draws SHARDS × EXAMPLES campaigns, the same ones each time; under `dev` a few new ones.
"""

import datetime as dt
import json
import random
import re
from collections.abc import Iterable
from typing import Any

import pytest
from attrs import asdict
from hypothesis import assume, event, given, seed, settings

import campaignrules
from campaignrules.driver import Campaign
from campaignrules.errors import CampaignError
from campaignrules.evaluation import Evaluation
from campaignrules.results import HonourResult, Placing, Results, Score
from tests.scoring_strategies import completed, scattered_scored_cases, scored_cases
from tests.strategies import Case
from tests.test_gate import QUIET, REPEATED, by_oracle, shuffled

SHARDS = 6
PIECEWISE_SHARDS = 2
"""Shards whose campaigns are drawn piece by piece, so that Hypothesis can make a failure small; the others are various."""
EXAMPLES = 65 if REPEATED else 5
COMPLETIONS = 2

Key = tuple[str, ...]
SETTLED = ("final", "provisional")
BEFORE = {
    "not_due": ("not_applicable",),
    "disqualified": ("not_applicable", "not_due"),
    "missing": ("not_applicable", "disqualified"),
}
"""Statuses that a completion may put in the place of one without points, because they are said first."""


def loaded(text: str) -> Campaign:
    """The campaign; one that the check refuses is passed over."""
    try:
        return campaignrules.load(text)
    except CampaignError:
        event("refused")
        assume(condition=False)
        raise


def answered(campaign: Campaign, case: Case) -> Results:
    """The engine's answer."""
    return campaign.evaluate(case.tables, as_of=case.as_of).results


def scored_rows(results: Results) -> list[dict[str, Any]]:
    """Every row of scores, rankings and honours, field by field but for the explanation, in order."""
    parts: tuple[tuple[Any, ...], ...] = (results.scores, results.rankings, results.honours)
    rows = [asdict(row) for part in parts for row in part]
    for row in rows:
        row.pop("because", None)
    return rows


def assert_same(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    """Row for row and field for field."""
    for one, other in zip(wanted, found, strict=True):
        assert other == one, (key_of(one), {name: (one[name], other[name]) for name in one if one[name] != other[name]})


def by_key(rows: Iterable[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    """The rows, by what names them."""
    return {key_of(row): row for row in rows}


def key_of(row: dict[str, Any]) -> Key:
    """The ids, unit and window of a row."""
    names = ("scorecard", "item", "ranking", "honour", "unit", "window")
    return tuple(f"{name}={row[name]}" for name in names if name in row)


# -- engine and oracle --------------------------------------------------------------------------------------------


def assert_agreement(campaign: Campaign, case: Case, evaluation: Evaluation) -> None:
    """Engine = oracle, row for row, reasons too."""
    wanted = by_oracle(campaign, case)
    assert_same(scored_rows(wanted), scored_rows(evaluation.results))
    for one, other in zip(wanted.scores, evaluation.scores_explained(), strict=True):
        assert one.because == other.because, (one, other)


def assert_any_order(campaign: Campaign, case: Case, results: Results) -> None:
    """Rows and units in another order change no row; where places go by the order of units, rows alone do not."""
    chance = random.Random(case.text)  # noqa: S311  any order will do
    mixed = Case(case.text, shuffled(case.tables, chance), case.as_of)
    one, text = results, case.text.replace('"listed"', '"shared"')
    if text != case.text:
        assert_same(scored_rows(results), scored_rows(answered(campaign, mixed)))
        one = answered(loaded(text), case)
    other = by_key(scored_rows(answered(loaded(with_roster_shuffled(text, chance)), mixed)))
    assert_same(scored_rows(one), [other[key_of(row)] for row in scored_rows(one)])


def with_roster_shuffled(text: str, chance: random.Random) -> str:
    """The campaign with its units in another order."""
    line = re.search(r"^  roster: (.*)$", text, flags=re.MULTILINE)
    assert line
    roster = json.loads(line[1])
    return text.replace(line[1], json.dumps(chance.sample(roster, len(roster)), ensure_ascii=False))


# -- what is open -------------------------------------------------------------------------------------------------


def assert_holds_every_completion(case: Case, before: Results) -> None:
    """What the open evaluation says is true of each completion."""
    chance = random.Random(case.text)  # noqa: S311  any values will do
    for some in (1.0, 0.5)[:COMPLETIONS]:
        after = answered(loaded(completed(case.text, chance, some)), case)
        lacking = lost(before, after)
        for score, then in zip(before.scores, after.scores, strict=True):
            if score.scorecard not in lacking:
                assert_points_hold(score, then)
        if lacking:
            event("what was taken to have a value came to have none")
            continue
        for placing, later in zip(before.rankings, after.rankings, strict=True):
            assert_place_holds(placing, later)
        for honour, last in zip(before.honours, after.honours, strict=True):
            assert_listing_holds(honour, last)


def lost(before: Results, after: Results) -> set[str]:
    """Scorecards in which what had ends came to be missing, as under `missing: missing` it may, and all after them.

    A total with an open item is not meant: whoever names it is open.
    """
    open_ = {
        (s.scorecard, s.unit, s.window) for s in before.scores if s.item and s.status == "deferred" and s.lowest is None
    }
    pairs = [
        (one, then)
        for one, then in zip(before.scores, after.scores, strict=True)
        if one.lowest is not None and (one.item or (one.scorecard, one.unit, one.window) not in open_)
    ]
    first = next((one.scorecard for one, then in pairs if then.status == "missing"), None)
    names = list(dict.fromkeys(score.scorecard for score in before.scores))
    return set() if first is None else set(names[names.index(first) :])


def assert_points_hold(open_: Score, done: Score) -> None:
    """A settled row stays; one between two ends comes to lie between them, or does not count at all."""
    if open_.status in BEFORE and (open_.item or open_.status != "missing"):
        is_open = done.status == "deferred" and done.lowest is None  # no ends: nobody can tell that it is missing
        assert is_open or done.status in (open_.status, *BEFORE[open_.status]), (open_, done)
    elif open_.status in (*SETTLED, "not_applicable"):
        assert_unchanged(open_, done)
    elif open_.status == "deferred" and open_.lowest is not None and open_.highest is not None:
        assert done.status != "not_due", (open_, done)
        if done.points is not None:
            assert open_.lowest <= done.points <= open_.highest, (open_, done)


def assert_place_holds(open_: Placing, done: Placing) -> None:
    """A certain place stays; another one comes to lie between best and worst, or there is none.

    Where a unit comes to lack a value that it was taken to have, there are fewer to be placed among.
    """
    if done.ranked < open_.ranked:
        event("fewer are ranked")
        return
    if open_.status in (*SETTLED, "not_due", "reference", "disqualified"):
        settled = () if open_.value is not None and open_.best is not None else ("value", "lowest", "highest")
        assert_unchanged(open_, done, "ranked", *settled)
    if open_.best is not None and done.place is not None:
        assert open_.worst is not None
        assert open_.best <= done.place <= open_.worst, (open_, done)


def assert_listing_holds(open_: HonourResult, done: HonourResult) -> None:
    """Listed stays listed, not listed stays not listed."""
    if open_.status in ("listed", "not_listed", "not_due"):
        assert done.status in (open_.status, "possible"), (open_, done)  # some parameters may be open still


def assert_unchanged(open_: Any, done: Any, *but: str) -> None:
    """The same, as far as it was known: a grade, worth or change that was open may become known."""
    was, now = asdict(open_), asdict(done)
    for name, value in was.items():
        if value is not None and name not in (*but, "because", "awaits"):
            assert now[name] == value or (value, now[name]) == ("provisional", "final"), (name, open_, done)


# -- the tests ----------------------------------------------------------------------------------------------------


def assert_passes(case: Case) -> None:
    """All of the above, of one campaign that is read and evaluated once."""
    campaign = loaded(case.text)
    evaluation = campaign.evaluate(case.tables, as_of=case.as_of)
    assert_agreement(campaign, case, evaluation)
    assert_any_order(campaign, case, evaluation.results)
    assert_holds_every_completion(case, evaluation.results)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_points_places_and_honours_pass_the_gate(shard):
    """The two answers are the same, in any order of rows and units, and hold every completion."""
    drawn = scored_cases() if shard < PIECEWISE_SHARDS else scattered_scored_cases()
    run = settings(max_examples=EXAMPLES, suppress_health_check=QUIET)(given(drawn)(assert_passes))
    (seed(shard)(run) if REPEATED else run)()


# -- what the gate found, each as a small campaign ----------------------------------------------------------------

HEAD = """
campaign: found
title: 查出的
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {city: 市, zone: 园区}, roster: [{id: a, class: city}, {id: b, class: zone}, {id: c, class: city}]}
parameters:
  bounded: {type: 分, deferred: {by: 另定, between: [50 分, 60 分]}}
  free: {type: 分, deferred: {by: 另定}}
metrics:
  x: {reported: 分}
  y: {reported: '%', accumulate: level}
  waits: {formula: x / (free - 3 * 分), unit: '%'}
  more: {formula: x + free, unit: 分}
"""
FIGURES = (("x", "a", "10"), ("x", "b", "30"), ("x", "c", "20"), ("y", "a", "100"))


def found(text: str) -> Results:
    """The answer of both to a campaign on the figures above."""
    rows = [{"metric": metric, "unit": unit, "on": "2023-02-01", "value": value} for metric, unit, value in FIGURES]
    case = Case(HEAD + text, {"figures": rows}, dt.date(2023, 12, 31))
    campaign = campaignrules.load(case.text)
    results = answered(campaign, case)
    assert_same(scored_rows(by_oracle(campaign, case)), scored_rows(results))
    return results


def statuses(rows: Iterable[Any]) -> list[str]:
    """The status of each row."""
    return [row.status for row in rows]


def test_a_ranking_by_a_metric_may_await_rules_for_points():
    """What is awaited is of no unit of measure; nobody has a place."""
    assert statuses(found("rankings: {r: {by: y, awaits: [free]}}").rankings) == ["deferred"] * 3


def test_an_item_that_awaits_a_bounded_parameter_is_not_worth_its_bounds():
    """10 points now; after the rules whatever is within floor and cap."""
    card = "scorecards: {card: {items: {i: {worth: 20 分, earn: {formula: x}, awaits: [bounded]}}}}"
    item = found(card).scores[0]
    assert [item.lowest, item.highest] == [0, 20]


def test_units_stand_in_roster_order_however_they_are_named():
    """`for` names b first; the rows begin with a."""
    results = found("scorecards: {card: {for: [each zone, a], items: {i: {earn: {formula: x}}}}}")
    assert [score.unit for score in results.scores if score.item is None] == ["a", "b"]


def test_rankings_stand_in_the_order_of_the_file():
    """The second one rests on nothing, the first one on the second."""
    results = found("rankings: {first: {by: place('second')}, second: {by: x}}")
    assert [placing.ranking for placing in results.rankings[::3]] == ["first", "second"]


def test_where_nothing_is_left_to_reweigh_the_total_is_missing_although_an_item_is_open():
    """b and c have no y, and the bonus is open."""
    items = "{i: {worth: 20 分, earn: {formula: y * 20}, missing: reweighed}, o: {kind: bonus, earn: {formula: free}}}"
    totals = [s for s in found(f"scorecards: {{card: {{items: {items}}}}}").scores if s.item is None]
    assert statuses(totals) == ["deferred", "missing", "missing"]


def test_who_reaches_no_grade_is_not_at_any():
    """Known, and false; not missing."""
    card = "scorecards: {card: {items: {i: {earn: {formula: x}}}, grades: [{id: good, at_least: 25 分}]}}"
    results = found(card + "\nhonours: [{id: H, when: \"at_grade('card', 'good')\"}]")
    assert statuses(results.honours) == ["not_listed", "listed", "not_listed"]


def test_a_ratio_keeps_all_decimals_of_the_number_required():
    """1 ÷ 0.333333333333 = 3.000000000003."""
    target = "targets: [{id: T, metric: y, for: each unit, at_least: 1/3}]\n"
    results = found(target + "rankings: {r: {by: \"ratio('T') * 1\"}}")
    assert str(results.rankings[0].value) == "3.000000000003"


def test_what_may_come_to_be_missing_is_not_taken_as_known_for_good():
    """A division by what may be zero is open without ends: nobody can say that it has a value."""
    results = found("honours: [{id: H, when: waits is not None}]")
    assert statuses(results.honours) == ["possible"] * 3


def test_who_is_last_is_not_sure_while_others_may_be_disqualified():
    """a, with the least, may go; then c is last of two, and so it is possible."""
    ranking = "rankings: {r: {by: x, disqualified: x < 15 * 分 and free > 0}}"
    results = found(ranking + "\nhonours: [{id: H, ranking: r, bottom: 1 个}]")
    assert statuses(results.honours) == ["possible", "not_listed", "possible"]


def test_a_group_with_an_uncertain_member_leaves_what_rests_on_it_open():
    """Whether the item applies to a decides what the highest is of."""
    item = "{worth: 20 分, earn: {in_proportion_to: x, required: highest(x)}, applies_if: x < 25 * 分 or bounded > 55 * 分}"
    scores = found(f"scorecards: {{card: {{items: {{i: {item}}}}}}}").scores
    assert statuses(score for score in scores if score.item == "i") == ["deferred"] * 3


def test_who_has_no_sum_is_not_compared_for_grades_by_the_exact_total():
    """b and c would have 0 points by the gate; but there is nothing of theirs to set to 0."""
    card = (
        "scorecards: {card: {items: {i: {earn: {formula: y * -5 * 分}, floor: none}}, grade_by: exact,"
        " gates: [{id: G, when: x > 15 * 分, effect: zero}], grades: [{id: first, top: 1 个}, {id: rest}]}}"
    )
    totals = [score for score in found(card).scores if score.item is None]
    assert [score.grade for score in totals] == ["first", None, None]


def test_a_number_that_awaits_the_same_as_its_metric_is_open():
    """Both wait for `free`."""
    target = "targets: [{id: T, metric: more, for: each unit, at_least: free}]\n"
    results = found(target + "honours: [{id: H, when: required('T') is None}]")
    assert statuses(results.honours) == ["possible"] * 3


def test_a_reference_unit_whose_own_number_is_open_has_an_open_place():
    """b is alone in its class and no member of it: nothing is open but its own points."""
    text = "reference: [zone], within: class, items: {i: {earn: {formula: free}, floor: none}}"
    gate = "gates: [{id: G, when: place_of(items) <= 2, effect: disqualified}]"
    totals = [score for score in found(f"scorecards: {{card: {{{text}, {gate}}}}}").scores if score.item is None]
    assert statuses(totals) == ["deferred"] * 3


def test_an_item_that_only_loses_has_no_floor_while_it_waits_either():
    """After the rules -20 points are possible: nothing is earned that could be used up."""
    card = "scorecards: {card: {items: {i: {worth: 20 分, lose: {all_or_nothing: x > 5 * 分}, awaits: [free]}}}}"
    assert [(s.status, s.lowest) for s in found(card).scores if s.item] == [("deferred", None)] * 3


def test_what_may_come_to_be_missing_has_no_ends_where_missing_data_count():
    """`waits` may be missing once `free` is known: 0 points under `zero`, although 5 are the least by the formula."""
    way = "earn: {formula: 5 * 分, when: met('T')}, floor: 5 分, cap: 10 分"
    target = "targets: [{id: T, metric: waits, for: each unit, at_least: 50%}]\n"
    card = f"scorecards: {{card: {{missing: zero, items: {{i: {{{way}}}, j: {{{way}, missing: missing}}}}}}}}"
    items = [score for score in found(target + card).scores if score.item is not None and score.unit == "a"]
    assert [(score.lowest, score.highest) for score in items] == [(None, None), (5, 5)]


def test_an_item_without_a_clause_has_that_of_its_card():
    """For both: found by `verify` on a shipped campaign."""
    card = "scorecards: {card: {source: 三, items: {i: {earn: {formula: x}}, j: {source: 四, earn: {formula: x}}}}}"
    assert [row.source for row in found(card).scores[:3]] == ["三", "四", "三"]
