"""The engine's points and places: held against the words of docs/evaluation.md pair by pair, and against the oracle."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from attrs import asdict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import campaignrules as cr
from campaignrules import intake, oracle
from campaignrules.engine import finish, rankings
from campaignrules.engine.operands import Band
from campaignrules.trees import walk

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
OPEN = (None, None)

# -- places, pair by pair -----------------------------------------------------------------------------------------

END = st.tuples(st.integers(0, 4), st.integers(0, 2)).map(lambda pair: (pair[0], pair[0] + pair[1]))
KEY = st.one_of(st.integers(0, 4).map(lambda value: (value, value)), END, st.just(OPEN))
SETTLED = st.integers(0, 3).map(lambda value: (value, value))
RANKED = st.tuples(st.integers(0, 1), st.sampled_from([False, False, True]), KEY, KEY)
SETTLED_RANKED = st.tuples(st.integers(0, 1), st.sampled_from([False, False, True]), SETTLED, SETTLED)
FIELDS = st.one_of(st.lists(RANKED, min_size=1, max_size=7), st.lists(SETTLED_RANKED, min_size=1, max_size=7))


def surely(j, i):
    """Whether j is surely above i: an open key reaches to both sides of everything."""
    for (low, _), (_, high) in zip(j[2:], i[2:], strict=True):
        if low is None or high is None or low < high:
            return False
        if low > high:
            return True
    return False


def possibly(j, i):
    """Whether j is possibly above i."""
    for (_, high), (low, _) in zip(j[2:], i[2:], strict=True):
        if high is None or low is None or high > low:
            return True
        if high < low:
            return False
    return False


def places(units, i, ties):
    """Best and worst place of unit i, by the table of the contract."""
    own = units[i]
    others = [(n, j) for n, j in enumerate(units) if n != i and j[0] == own[0]]
    sure = [(n, j) for n, j in others if not j[1]]
    if ties in ("shared", "dense"):
        best, worst = sum(surely(j, own) for _, j in sure), sum(possibly(j, own) for _, j in others)
        if ties == "dense":
            group = [j for j in units if j[0] == own[0]]
            if all(low is not None and low == high for j in group for low, high in j[2:]):
                best = len({j[2:] for _, j in sure if surely(j, own)})
                worst = len({j[2:] for _, j in others if surely(j, own)})
            if any(low is None or low != high for j in group for low, high in j[2:]):
                best = min(best, 1)
    elif ties == "last":
        best = sum(not possibly(own, j) for _, j in sure)
        worst = sum(not surely(own, j) for _, j in others)
    else:
        best = sum(surely(j, own) or (n < i and not possibly(own, j)) for n, j in sure)
        worst = sum(possibly(j, own) or (n < i and not surely(own, j)) for n, j in others)
    return 1 + best, 1 + worst


def standing(units, count=2):
    """The units as the engine holds them: two bands, one cell for each unit."""
    keys = []
    for k in range(count):
        ends = [unit[2 + k] for unit in units]
        known = np.array([low is not None for low, _ in ends])
        low, high = (np.array([pair[e] or 0 for pair in ends], dtype=np.int64) for e in (0, 1))
        keys.append(Band(low, high, known, ~known))
    everyone = np.ones(len(units), dtype=bool)
    return keys, rankings._standing(everyone, keys, np.array([unit[1] for unit in units], dtype=bool))


def frame_of(units) -> Any:
    """A frame of one window."""
    return SimpleNamespace(code=np.array([unit[0] for unit in units]), by_unit=np.asarray, units=units)


@settings(max_examples=300)
@given(FIELDS, st.sampled_from(["shared", "last", "dense", "listed"]))
def test_places_are_those_of_the_contract(units, ties):
    """Sorting gives what comparing every pair gives, for every way to treat equals."""
    _, found = standing(units)
    rule: Any = SimpleNamespace(ties=ties)
    (best, worst), _ = rankings._places(frame_of(units), rule, found)
    assert list(zip(best.tolist(), worst.tolist(), strict=True)) == [places(units, i, ties) for i in range(len(units))]


@given(FIELDS)
def test_a_deferred_place_waits_for_those_it_may_change_with(units):
    """Its own open keys and doubts, and those of units possibly but not surely above it, or the other way round."""
    keys, found = standing(units)
    names = [frozenset({"first"}), frozenset({"second"})]
    made: Any = SimpleNamespace(
        keys=keys,
        ranking=SimpleNamespace(keys=[SimpleNamespace(awaits=name) for name in names]),
        standing=found,
        doubts=((found.doubtful, frozenset({"gate"})),),
        status=np.full(len(units), rankings.DEFERRED),
        frame=frame_of(units),
    )
    wanted = {}
    for i, own in enumerate(units):
        near = [own]
        for n, j in enumerate(units):
            if n == i or j[0] != own[0]:
                continue
            above = possibly(j, own) and not (surely(j, own) and not j[1])
            below = possibly(own, j) and not (surely(own, j) and not own[1])
            near += [j] if above or below else []
        wanted[i] = {
            name
            for j in near
            for name, held in (("first", j[2][0] != j[2][1] or j[2] == OPEN), ("second", j[3][0] != j[3][1] or j[3] == OPEN),
                               ("gate", j[1]))
            if held
        }  # fmt: skip
    assert rankings.awaited(made) == wanted


# -- against the oracle -------------------------------------------------------------------------------------------

TEXT = """
campaign: scored
title: 评分
period: {{from: 2023-01-01, to: 2023-12-31}}
units:
  classes: {{city: 市, county: 县}}
  roster: [{{id: a, class: city}}, {{id: b, class: city}}, {{id: c, class: county, parent: a}},
           {{id: d, class: county, parent: a}}, {{id: e, class: county, parent: b}}, {{id: f}}]
records:
  visit: {{title: 外出, fields: {{unit: {{type: unit}}, on: {{type: date}}, size: {{type: quantity, unit: 次, decimals: 1, required: false}}}}}}
  plan: {{fields: {{unit: {{type: unit}}, trips: {{type: count, required: false}}}}}}
parameters:
  few: {{type: 次, deferred: {{by: 另行通知, between: [2 次, 6 次]}}}}
  price: {{type: 分, deferred: {{by: 另行通知, between: [1 分, 3 分]}}}}
  unknown: {{type: 次, deferred: {{by: 另行通知}}}}
metrics:
  trips: {{title: 次数, count: visit, on: on}}
  deals: {{title: 规模, {deals}: visit.size, on: on}}
targets:
  - {{id: T-1, metric: trips, for: [{judged}], in: each month of 2023Q1, at_least: plan.trips, except: {{b: not_applicable, d: 2 次}}}}
duties:
  - {{id: D-1, for: {judged}, every: month, due: [last day]}}
scorecards:
  one:
    for: each unit
    in: each month of 2023Q1
    within: {within}
    missing: {missing}
    not_applicable: {absent}
    reference: [{reference}]
    gates: [{{id: gate, when: {gate}, effect: {effect}}}]
    round: {{places: 1}}
    grades: [{{id: good, title: 好, at_least: 20 分, top: 40%}}, {{id: fair, title: 中, above: 8 分}}]
    items:
      share: {{worth: 20 分, earn: {{in_proportion_to: trips, required: {required}}}, applies_if: {applies}}}
      spread: {{worth: 20 分, earn: {{min_max: deals, base: 60%, when_equal: full}}, for: {judged}}}
      place: {{worth: 10 分, earn: {{by_place: deals, less_each_place: 0.5 分, ties: {place}}}}}
      more: {{kind: bonus, cap: 5 分, earn: {{each: trips, points: price}}}}
      late: {{kind: deduction, floor: -5 分, cap: none, lose: {{each: missed('D-1'), points: 2 分}}}}
      whole: {{worth: 5 分, earn: {{all_or_nothing: T-1}}, missing: zero}}
  year:
    for: each unit
    in: 2023Q1
    missing: left_out
    weights: {{one: {{2023-01: 30%, 2023-02: 30%, 2023-03: 40%}}}}
rankings:
  months: {{by: one, ties: {ties}, then: [trips, few * deals], change: previous, disqualified: {gate}}}
  year: {{by: year, ties: {ties}}}
  counts: {{by: trips, better: less, in: each month of 2023Q1, for: each unit, within: {within}, ties: {ties}}}
honours:
  - {{id: H-1, ranking: months, top: 40%}}
  - {{id: H-2, ranking: year, bottom: 1, when: trips > few}}
"""
CHOICES = {
    "deals": ("sum", "max", "last", "mean"),
    "judged": ("each unit", "each county"),
    "within": ("all", "class", "parent"),
    "missing": ("missing", "zero", "left_out", "reweighed"),
    "absent": ("left_out", "reweighed", "full", "zero"),
    "reference": ("a", "county", "b, e"),
    "gate": ("trips > 5", "deals > few", "deals > unknown", "items > 30 and trips < few"),
    "effect": ("disqualified", "zero", "{at_most}"),
    "required": ("few", "4 次", "unknown", "by_unit('plan.trips')"),
    "applies": ("trips > 0", "in_class('city')", "by_unit('plan.trips') > 1"),
    "place": ("shared", "last", "dense", "averaged"),
    "ties": ("shared", "last", "dense", "listed"),
}
UNITS = "abcdef"
DATES = st.dates(dt.date(2023, 1, 1), dt.date(2023, 4, 15)).map(str)
VISITS = st.lists(
    st.fixed_dictionaries(
        {"unit": st.sampled_from(UNITS), "on": DATES, "size": st.sampled_from(["1", "2", "3.5", "0.3", ""])}
    ),
    max_size=30,
)
PLANS = st.lists(st.sampled_from(["1", "2", "4", ""]), min_size=6, max_size=6)
DONE = st.lists(
    st.fixed_dictionaries({"duty": st.just("D-1"), "unit": st.sampled_from(UNITS), "on": DATES}), max_size=12
)


def text_of(chosen) -> str:
    """The campaign with these choices; the ranking's gate cannot speak of the card's sum."""
    text = TEXT.format(**chosen).replace("{at_most}", "at_most, points: 15 分")
    return text.replace("disqualified: items > 30 and trips < few", "disqualified: trips < few")


def rows_of(results) -> list[dict[str, Any]]:
    """What was scored, ranked and listed."""
    rows = [asdict(row) for part in (results.scores, results.rankings, results.honours) for row in part]
    return [{key: value for key, value in row.items() if key != "because"} for row in rows]


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=QUIET, deadline=None)  # the gate draws hundreds of campaigns more
@given(
    st.fixed_dictionaries({name: st.sampled_from(words) for name, words in CHOICES.items()}),
    VISITS,
    PLANS,
    DONE,
    st.sampled_from(["2023-01-20", "2023-02-28", "2023-03-31", "2023-12-31"]),
)
def test_engine_and_oracle_score_alike(chosen, visits, plans, done, day):
    """The same points, ends, places and lists under every policy, with numbers that are still open."""
    campaign = cr.load(text_of(chosen))
    plan = [{"unit": unit, "trips": trips} for unit, trips in zip(UNITS, plans, strict=True)]
    data = {"visit": visits, "plan": plan, "attestations": done}
    as_of = dt.date.fromisoformat(day)
    taken = intake.take(campaign.checked, data)
    rows = {name: taken.rows(name) for name in taken.tables}
    wanted = rows_of(oracle.run(campaign.checked, rows, taken.roster, as_of))
    found = rows_of(campaign.evaluate(data, as_of=as_of).results)
    for one, other in zip(wanted, found, strict=True):
        assert other == one


# -- what is made, and when ---------------------------------------------------------------------------------------

SMALL = """
campaign: small
title: 小
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {city: 市}, roster: [{id: b, class: city}, {id: a, class: city}]}
metrics: {money: {title: 引资额, reported: 亿元}}
parameters: {price: {type: 分, deferred: {by: 另行通知, between: [1 分, 3 分]}}}
duties: [{id: D-1, for: each unit, every: month}]
scorecards:
  card:
    missing: zero
    items:
      one: {earn: {formula: money / (1 * 亿元)}, cap: none}
      two: {earn: {each: money, per: 1 亿元, points: price}, cap: none}
"""
AMOUNTS = {"figures": [{"metric": "money", "unit": "a", "on": "2023-02-01", "value": "999999999.123456"}]}


@pytest.fixture(scope="module")
def small():
    """A card of two items on amounts that need more than 64 bits on the way."""
    text = SMALL.replace("money / (1 * 亿元)", "money * money / (1 * 亿元) / (1 * 元)")
    return cr.load(text).evaluate(AMOUNTS, as_of="2023-12-31")


def test_wide_numbers_stay_exact(small):
    """(999999999.123456 亿元)² is counted to the last digit."""
    row = next(row for row in small.results.scores if (row.unit, row.item) == ("a", "one"))
    assert Fraction(row.points) == Fraction(999999999123456**2, 10**4)


def test_units_stand_in_roster_order_items_before_the_whole(small):
    """Units as in the roster, for each the items of the file, then the total."""
    assert [(row.unit, row.item) for row in small.results.scores] == [
        (unit, item) for unit in ("b", "a") for item in ("one", "two", None)
    ]


def test_the_values_behind_a_cell_can_be_asked_for(small):
    """By the names of the formula; what is missing is None; the sum behind a total has two ends while it is open."""
    scored = small.dense.scored
    assert scored.operand_values("card", "one", "a", "campaign") == {"money": Decimal(99999999912345600)}
    assert scored.operand_values("card", "one", "b", "campaign") == {"money": None}
    ends = scored.operand_values("card", None, "a", "campaign")
    assert ends["items↑"] - ends["items↓"] == 2 * 999999999


def test_without_scorecards_nothing_is_scored():
    """A campaign that only tracks pays nothing."""
    text = SMALL[: SMALL.index("scorecards:")]
    assert cr.load(text).evaluate(AMOUNTS, as_of="2023-12-31").dense.scored is None


def test_duties_are_looked_at_only_when_a_formula_names_one(monkeypatch):
    """Points that rest on metrics alone do not wait for duties; rows are made when asked for."""
    monkeypatch.setattr(finish, "duty_results", lambda *_: pytest.fail("nobody asked"))
    dense = cr.load(SMALL).evaluate(AMOUNTS, as_of="2023-12-31").dense
    assert dense.scored is not None
    assert not {"scores", "rankings", "honours"} & vars(dense).keys()


def test_many_gates_make_a_long_formula_not_one_that_doubles_with_each():
    """Sixty gates and sixty promotions are checked and evaluated like any other card."""
    effects = ("at_most, points: 50 分", "lose, points: 1 分", "times, factor: 90%", "grade_at_most, grade: low")
    gates = "".join(f"      - {{id: g{i}, when: x > {i}, effect: {effects[i % 4]}}}\n" for i in range(60))
    promotions = "".join(f"      - {{id: p{i}, when: x > {i}}}\n" for i in range(60))
    campaign = cr.load(
        "campaign: many\ntitle: many\nperiod: {from: 2023-01-01, to: 2023-12-31}\n"
        "units: {classes: {city: 市}, roster: [{id: a}]}\nmetrics: {x: {reported: number}}\n"
        "scorecards:\n  card:\n    missing: zero\n    items: {i: {worth: 100 分, earn: {formula: x}}}\n"
        "    grades: [{id: high, at_least: 90 分}, {id: low}]\n"
        f"    gates:\n{gates}    promotions:\n{promotions}"
    )
    card = campaign.checked.scorecards["card"]
    assert sum(1 for _ in walk(card.total.tree)) < 1_000
    assert len(card.total.text) < 5_000
    figures = [{"metric": "x", "unit": "a", "on": "2023-05-01", "value": "1"}]
    score = campaign.evaluate({"figures": figures}, as_of="2023-12-31").results.scores[-1]
    assert (score.points, score.grade) == (Decimal(1), "high")
