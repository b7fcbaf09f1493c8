"""Hypothesis strategies for whole campaigns that score, rank and honour: the YAML text, its tables, a day to look.

A small world (up to eight units of up to three classes, two tables, reported figures, a few metrics, targets and
duties) stands under scorecards, rankings and honours that are drawn construct by construct of docs/scoring.md. Formulas
are drawn with their unit of measure and name only what comes before them, so that nearly every text passes the check.
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, evolve, field, frozen
from hypothesis import strategies as st

from tests.strategies import Case, Sketch, Tables, _below, _text

YEAR = (dt.date(2023, 1, 1), dt.date(2023, 12, 31))
CLASS_OF = {"a": "city", "b": "city", "c": "city", "d": "county", "e": "county", "f": "county", "g": "zone", "h": ""}
PARENT_OF = {"d": "a", "e": "a", "f": "b", "g": "d"}
GRIDS: Final[Mapping[str, tuple[str, ...]]] = {
    "campaign": ("campaign",),
    "each half": ("2023H1", "2023H2"),
    "each phase": ("p1", "p2"),
    "each quarter": ("2023Q1", "2023Q2", "2023Q3", "2023Q4"),
    "some": ("2023H2", "2023Q1", "2023H1"),
}
"""What may stand under `in`, and the windows it means; `some` is a list, not in the order of time."""
DAYS = ("2023-01-10", "2023-02-28", "2023-03-31", "2023-04-01", "2023-05-20", "2023-06-30", "2023-07-01", "2023-10-15")
LOOKS = ("2022-12-31", "2023-01-01", "2023-05-21", "2023-06-30", "2023-09-01", *["2023-12-31"] * 4, "2024-03-01")

OPEN: Final[Mapping[str, tuple[str, tuple[str, str] | None, tuple[str, ...]]]] = {
    "o_points": ("分", ("0 分", "10 分"), ("0 分", "3 分", "7.5 分", "10 分")),
    "o_bonus": ("分", ("-5 分", "5 分"), ("-5 分", "0 分", "1.25 分", "5 分")),
    "o_free": ("分", None, ("-7 分", "0 分", "12.5 分", "100 分")),
    "o_share": ("%", ("20%", "60%"), ("20%", "1/3", "50%", "60%")),
    "o_wide": ("%", None, ("-10%", "0", "70%", "150%")),
    "o_count": ("个", ("0 个", "4 个"), ("0 个", "1 个", "1.5 个", "2 个", "4 个")),
    "o_money": ("亿元", ("0.5 亿元", "3 亿元"), ("0.5 亿元", "1 亿元", "1.5 亿元", "3 亿元")),
    "rules": ("分", None, ()),
}
"""Deferred parameters: type, bounds, values to complete them with; `rules` stays open."""


@frozen
class Card:
    """A scorecard or ranking as far as later formulas must know it."""

    id: str
    grid: str
    items: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    full: bool = False


@frozen
class Spot:
    """Where a formula stands: its windows, the items before it, and what it may name besides: `items` or `total`."""

    grid: str
    items: tuple[str, ...] = ()
    name: str = ""


@define
class Draft(Sketch):
    """A campaign that scores while it is drawn. `openly`: how seldom a deferred parameter stands where a number may."""

    units: tuple[str, ...] = ()
    grid: str = "campaign"
    openly: int = 6
    named: dict[str, list[str]] = field(factory=dict)
    """Dim → metrics."""
    aims: list[tuple[str, str, str]] = field(factory=list)
    """Id of a target, its dim and grid."""
    cards: list[Card] = field(factory=list)
    rankings: list[Card] = field(factory=list)


@st.composite
def scored_cases(draw: Any) -> Case:
    """Campaigns with data that fits them, drawn piece by piece: what fails is made small."""
    return scored_case(lambda count: int(draw(_below(count))))


def scattered_scored_cases() -> st.SearchStrategy[Case]:
    """The same, each from one drawn number: more various, but not made small."""
    return st.integers(0, 2**32 - 1).map(lambda seed: scored_case(random.Random(seed).randrange))  # noqa: S311  for tests


def scored_case(below: Callable[[int], int]) -> Case:
    """One campaign; `below` gives a number below the one it is given."""
    draft = Draft(below, *YEAR, {"campaign": "drawn", "title": "抽取的评比"})
    for part in (_world, _parameters, _records, _metrics, _targets, _duties, _scored, _honours, _returns):
        part(draft)
    return Case(_text(draft.parts), _tables(draft), dt.date.fromisoformat(draft.one_of(LOOKS)))


def completed(text: str, chance: random.Random, some: float = 1.0) -> str:
    """The campaign with a value within the bounds for each deferred parameter, or (`some`) for a share of them."""
    for name, (kind, _, values) in OPEN.items():
        if values and chance.random() <= some:
            line = f'  {name}: {{"type": "{kind}", "value": "{chance.choice(values)}"}}'
            text = re.sub(rf"^  {name}: .*$", line, text, flags=re.MULTILINE)
    return text


def _returns(draft: Draft) -> None:
    """Now and then units are asked for the rows that the metrics count; those that have none lack values."""
    asked = {"id": "R-1", "records": ["deal"], "for": draft.pick("each unit", "each city", "each county")}
    draft.parts["returns"] = [asked | {"in": draft.pick("each month", "campaign")}] if draft.maybe(5) else []


# -- the world ----------------------------------------------------------------------------------------------------


def _world(draft: Draft) -> None:
    draft.parts["period"] = {"from": str(draft.start), "to": str(draft.end)}
    draft.parts["phases"] = {
        "p1": {"from": "2023-01-01", "to": "2023-05-20"},
        "p2": {"from": "2023-05-21", "to": "2023-12-31"},
    }
    draft.grid = draft.pick("campaign", "campaign", "each half", "each phase", "each quarter", "some")
    draft.openly = draft.pick(3, 6, 12, 10**6)
    draft.units = tuple(CLASS_OF)[: draft.number(1, 8)]
    nested = draft.maybe()
    roster = [
        {"id": unit}
        | ({"class": CLASS_OF[unit]} if CLASS_OF[unit] else {})
        | ({"parent": PARENT_OF[unit]} if nested and unit in PARENT_OF else {})
        for unit in draft.units
    ]
    draft.parts["units"] = {"classes": {"city": "市", "county": "县", "zone": "园区"}, "roster": roster}


def _parameters(draft: Draft) -> None:
    later = {"by": "另行明确"}
    draft.parts["parameters"] = {
        "g_points": {"type": "分", "value": draft.pick("8 分", "2.5 分", "-1 分")},
        "g_share": {"type": "%", "value": draft.pick("40%", "1/3", "0")},
        "g_count": {"type": "个", "value": draft.pick("2 个", "1 个", "0 个")},
        **{
            name: {"type": kind, "deferred": later | ({"between": list(bounds)} if bounds else {})}
            for name, (kind, bounds, _) in OPEN.items()
        },
    }


def _records(draft: Draft) -> None:
    deal = {
        "id": {"type": "text"},
        "place": {"type": "unit"},
        "partner": {"type": "unit", "required": False},
        "on_day": {"type": "date"},
        "money": {"type": "quantity", "unit": "亿元", "decimals": 2, "required": False},
        "jobs": {"type": "count"},
        "big": {"type": "bool"},
    }
    given = {
        "place": {"type": "unit"},
        "factor": {"type": "quantity", "unit": "number", "decimals": 2, "required": False},
        "score": {"type": "quantity", "unit": "分", "decimals": 1, "required": False},
        "plan": {"type": "count", "required": False},
        "funds": {"type": "quantity", "unit": "亿元", "decimals": 2, "required": False},
        "before": {"type": "count", "required": False},
    }
    derived = {
        "weight": {"formula": "3 if money >= o_money else 1", "unit": "个"},
        "worth": {"formula": "o_points if big else 2 * 分", "unit": "分"},
        "plainly": {"formula": "jobs * 2 if big else jobs", "unit": "个"},
    }
    draft.parts["records"] = {
        "deal": {"key": "id", "unit": "place", "fields": deal, "derived": derived},
        "given": {"fields": given},
    }
    if draft.maybe(8):
        draft.parts["screening"] = [{"id": "S-1", "record": "deal", draft.pick("keep", "drop"): "big"}]


METRICS: Final[Mapping[str, tuple[str, str | dict[str, Any]]]] = {
    "deals": ("count", {"count": "deal", "on": "on_day"}),
    "big_deals": ("count", {"count": "deal", "on": "on_day", "where": "big"}),
    "jobs": ("count", {"sum": "deal.plainly", "on": "on_day"}),
    "trips": ("count", {"reported": "个"}),
    "money": ("money", {"sum": "deal.money", "on": "on_day"}),
    "funds": ("money", {"reported": "亿元", "accumulate": "to_date"}),
    "largest": ("money", {"max": "deal.money", "on": "on_day"}),
    "marks": ("points", {"reported": "分"}),
    "praise": ("points", {"reported": "分", "accumulate": "to_date"}),
    "share": ("plain", {"rate": {"of": "deal", "reached": "big"}}),
    "level": ("plain", {"reported": "%", "accumulate": "level"}),
    "shared": ("count", {"formula": "deals + 0.5 * as_partner"}),
    "capped": ("count", {"limited": "deals", "each": "month", "at_most": "2 个"}),
    "growth": ("plain", {"growth": "deals", "against": "quarter"}),
    "large": ("count", {"count": "deal", "on": "on_day", "where": "money >= o_money"}),
    "weighed": ("count", {"sum": "deal.weight", "on": "on_day"}),
    "earned": ("points", {"sum": "deal.worth", "on": "on_day"}),
    "at_will": ("count", {"limited": "deals", "each": "quarter", "at_most": "o_count"}),
    "mean_large": ("money", {"mean": "deal.money", "on": "on_day", "where": "money >= o_money"}),
    "part_large": ("plain", {"rate": {"of": "deal", "reached": "money >= o_money"}}),
}
CLOSED: Final = tuple(METRICS)[:14]


def _metrics(draft: Draft) -> None:
    made: dict[str, Any] = {}
    for name, (dim, said) in METRICS.items():
        if name in ("deals", "marks") or not draft.maybe(3 if name in CLOSED else max(2, min(draft.openly, 12)) // 2):
            made[name] = said
            draft.named.setdefault(dim, []).append(name)
    if "shared" in made:
        made["as_partner"] = {"count": "deal", "on": "on_day", "credited_to": "partner"}
    draft.parts["metrics"] = made


NUMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "count": ("1 个", "2 个", "4 个", "0 个", "g_count", "given.plan"),
    "money": ("1 亿元", "2.5 亿元", "0 元", "given.funds"),
    "points": ("5 分", "12 分", "0 分", "g_points", "given.score"),
    "plain": ("50%", "1/3", "g_share", "100%"),
}
OPEN_NUMBERS = {"count": "o_count", "money": "o_money", "points": "o_points", "plain": "o_share"}


def _targets(draft: Draft) -> None:
    made = []
    for i in range(draft.number(0, 3)):
        dim = draft.one_of([*draft.named])
        grid = draft.pick(draft.grid, draft.grid, "campaign")
        number = OPEN_NUMBERS[dim] if draft.maybe(draft.openly) else draft.one_of(NUMBERS[dim])
        target: dict[str, Any] = {"id": f"T-{i}", "metric": draft.one_of(draft.named[dim]), "in": _in(grid)}
        target |= {draft.pick("at_least", "at_least", "at_least", "at_most", "exactly"): number}
        target["for"] = draft.pick("each unit", "each unit", "each unit", "each city")
        if draft.maybe(4):
            target["except"] = {draft.units[0]: draft.pick("not_applicable", NUMBERS[dim][0])}
        made.append(target)
        draft.aims.append((f"T-{i}", dim, grid))
    draft.parts["targets"] = made


def _duties(draft: Draft) -> None:
    made = []
    for i in range(draft.number(0, 2)):
        when = draft.pick({"every": "month"}, {"every": "quarter"}, {"by": "2023-06-30"}, {}, {"in": "2023H1"})
        duty = {"id": f"D-{i}", "for": draft.pick("each unit", "each unit", "each county"), **when}
        made.append(duty | ({"except": {draft.units[-1]: "not_applicable"}} if draft.maybe(5) else {}))
    draft.parts["duties"] = made


def _in(grid: str) -> str | list[str]:
    return list(GRIDS["some"]) if grid == "some" else grid


# -- formulas -----------------------------------------------------------------------------------------------------

DIMS = ("points", "points", "count", "money", "plain")
LITERALS: Final[Mapping[str, tuple[str, ...]]] = {
    "points": ("5 * 分", "0.5 * 分", "20 * 分", "-3 * 分"),
    "count": ("2 * 个", "1 * 个", "3 * 个"),
    "money": ("1 * 亿元", "20000 * 万元", "0.3 * 亿元"),
    "plain": ("2", "0.25", "1", "3"),
}
GIVEN = {"points": "g_points", "count": "g_count", "plain": "g_share"}
OF_TABLE = {"points": "score", "count": "plan", "money": "funds", "plain": "factor"}
DEFERRED: Final[Mapping[str, tuple[str, ...]]] = {
    "points": ("o_points", "o_bonus", "o_points", "o_bonus", "o_free"),
    "count": ("o_count",),
    "money": ("o_money",),
    "plain": ("o_share", "o_share", "o_wide"),
}


def expression(draft: Draft, spot: Spot, dim: str, depth: int = 2) -> str:
    """A number of that dim."""
    if depth == 0 or draft.maybe():
        return _atom(draft, spot, dim)
    a, b = expression(draft, spot, dim, depth - 1), expression(draft, spot, dim, depth - 1)
    other = draft.one_of(DIMS)
    made = draft.one_of(FORMS if dim != "plain" else (*FORMS, *RATIOS))
    parts = {"a": a, "b": b}
    if "{x}" in made:
        parts |= {key: expression(draft, spot, other, depth - 1) for key in ("x", "y")}
    if "{n}" in made:
        parts["n"] = expression(draft, spot, "plain", depth - 1)
    if "{if_}" in made:
        parts["if_"] = condition(draft, spot, depth - 1)
    return made.format(**{key: _in_brackets(text) for key, text in parts.items()})


def _in_brackets(text: str) -> str:
    return text if re.fullmatch(r"[\w.]+|\w+\([^()]*\)", text) else f"({text})"


FORMS: Final = (
    "{a} + {b}", "{a} - {b}", "max({a}, {b})", "min({a}, {b})", "{a} if {if_} else {b}", "{a} if {if_} else {b}",
    "{a} * {n}", "{a} / {n}", "{a} * {x} / {y}", "coalesce({a}, {b})", "clamp({a}, {b}, {b} + {a})", "round({a}, 1)",
    "round_even({a}, 0)", "round_down({a}, 1)", "round_up({a}, 0)", "abs({a})", "-{a}", "{a} % {b}", "lowest({a})",
    "highest({a})", "average({a})", "total({a})", "{a} - average({a})", "{a} * 2", "{a} / 3",
    "lowest({a}) if {if_} else {a}", "{a} // 2", "highest({a}) - {b}",
)  # fmt: skip
RATIOS: Final = (
    "{x} / {y}", "{x} // {y}", "members({x})", "place_of({x})", "{x} / highest({x})", "{x} / total({x})", "{a} ** 2",
    "place_of(-{x})",
)  # fmt: skip


def _atom(draft: Draft, spot: Spot, dim: str) -> str:
    if draft.maybe(draft.openly):
        return draft.one_of(DEFERRED[dim])
    choices: list[str] = [*draft.named.get(dim, []) * 3, *LITERALS[dim]]
    choices += [GIVEN[dim]] if dim in GIVEN else []
    choices += [f"by_unit('given.{OF_TABLE[dim]}')"]
    near = [aim for aim in draft.aims if aim[1] == dim]
    choices += [f"value('{t}')" for t, _, grid in near if _fits(grid, spot.grid)]
    choices += [f"required('{t}')" for t, _, _ in near]
    if dim == "points":
        choices += [f"points('{item}')" for item in spot.items] * 2 + [spot.name] * (6 * bool(spot.name))
        for card in draft.cards:
            choices += _named_points(draft, spot, card)
    if dim == "plain":
        choices += _places_and_counts(draft, spot)
    return draft.one_of(choices)


def _named_points(draft: Draft, spot: Spot, card: Card) -> list[str]:
    some = f"'{draft.one_of(GRIDS[card.grid])}'"
    found = [f"points('{card.id}', {some})"] if card.grid != "campaign" else []
    if _fits(card.grid, spot.grid):
        found += [f"points('{card.id}')", *(f"points('{card.id}.{item}')" for item in card.items[:1])]
    return found


def _places_and_counts(draft: Draft, spot: Spot) -> list[str]:
    duties = [duty["id"] for duty in draft.parts["duties"]]
    found = [f"{count}('{duty}')" for duty in duties for count in ("done", "late", "missed", "due")]
    found += [f"ratio('{t}')" for t, _, grid in draft.aims if _fits(grid, spot.grid)]
    near = [one.id for one in draft.rankings if _fits(one.grid, spot.grid)]
    return found + [f"{what}('{one}')" for one in near for what in ("place", "from_bottom", "ranked", "change")]


def _fits(grid: str, stands: str) -> bool:
    return grid == stands or len(GRIDS[grid]) == 1


def condition(draft: Draft, spot: Spot, depth: int = 1) -> str:
    """Something that is true or false."""
    dim = draft.one_of(DIMS)
    a = expression(draft, spot, dim, depth)
    compared = f"{_in_brackets(a)} {draft.pick('>', '>=', '<', '<=', '==', '!=')} {_in_brackets(expression(draft, spot, dim, 0))}"
    choices = [compared, compared, compared, f"{_in_brackets(a)} is not None", "month(as_of) > 6"]
    choices += [f"in_class('{draft.pick('city', 'county')}')", f"place_of({a}) <= 2", f"{_in_brackets(a)} is None"]
    choices += [f"met('{t}')" for t, _, grid in draft.aims if _fits(grid, spot.grid)]
    for card in draft.cards:
        if card.grades and _fits(card.grid, spot.grid):
            choices.append(f"at_grade('{card.id}', '{draft.one_of(card.grades)}')")
    choices += [f"{count}('{duty['id']}') > 0" for duty in draft.parts["duties"] for count in ("late", "missed")]
    found = draft.one_of(choices)
    if depth and draft.maybe(4):
        more = condition(draft, spot, 0)
        return draft.pick("{} and {}", "{} or {}", "not ({}) and {}").format(_closed(found), _closed(more))
    return found


def _closed(text: str) -> str:
    return f"({text})" if " " in text else text


# -- numbers of ways ----------------------------------------------------------------------------------------------

WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "points": ("1 分", "2 分", "0.5 分", "5 分", "10 分", "20 分", "3"),
    "count": ("1 个", "2 个", "4 个", "3"),
    "money": ("1 亿元", "5000 万元", "2.5 亿元"),
    "plain": ("50%", "1/3", "2", "1"),
}


def _number(draft: Draft, spot: Spot, dim: str) -> str:
    """What may stand where a way asks for a number."""
    if draft.maybe(draft.openly):
        return draft.one_of(DEFERRED[dim])
    if draft.maybe(8):
        return _atom(draft, spot, dim)
    if draft.maybe(12):
        return expression(draft, spot, dim, 1)
    return draft.one_of(WRITTEN[dim])


def _points(draft: Draft, spot: Spot) -> str:
    return _number(draft, spot, "points")


def _rounding(draft: Draft) -> dict[str, Any]:
    return {"places": draft.pick(0, 1, 2), "mode": draft.pick("half_up", "half_even", "down", "up")}


def way(draft: Draft, spot: Spot, *, worth: bool) -> dict[str, Any]:
    """A way to score; `worth`: whether its item has one."""
    verb = draft.one_of([name for name, (needs_worth, _) in WAYS.items() if worth or not needs_worth])
    dim = draft.one_of(DIMS)
    aim = draft.one_of(draft.aims) if draft.aims and verb in OF_TARGETS and draft.maybe(3) else None
    if aim is not None and _fits(aim[2], spot.grid):
        dim, value = aim[1], aim[0]
    else:
        aim, value = None, expression(draft, spot, dim)
    found = WAYS[verb][1](draft, spot, dim, value, worth)
    if verb == "all_or_nothing" and aim is None:
        found[verb] = condition(draft, spot)
    if verb == "formula":
        found[verb] = expression(draft, spot, draft.pick("points", "points", "plain"))
    if draft.maybe(6):
        found["when"] = condition(draft, spot)
    for key in ("floor", "cap"):
        if draft.maybe(6):
            found[key] = _points(draft, spot)
    return found | ({"round": _rounding(draft)} if draft.maybe(4) else {})


Lower = Callable[[Draft, Spot, str, str, bool], dict[str, Any]]


def _in_proportion(draft: Draft, spot: Spot, dim: str, value: str, _: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"in_proportion_to": value, "required": _required(draft, spot, dim, value)}
    found |= {"better": "less"} if draft.maybe(4) else {}
    return found | ({"when_zero": draft.pick("full", "zero", "missing")} if draft.maybe() else {})


def _required(draft: Draft, spot: Spot, dim: str, value: str) -> str:
    return value if value.startswith("T-") else _number(draft, spot, dim)


def _all_or_nothing(_: Draft, __: Spot, ___: str, value: str, ____: bool) -> dict[str, Any]:
    return {"all_or_nothing": value}


def _by_steps(draft: Draft, spot: Spot, dim: str, value: str, _: bool) -> dict[str, Any]:
    steps = [
        {draft.pick("at_least", "above", "at_most", "below"): _number(draft, spot, dim), "points": _points(draft, spot)}
        for _ in range(draft.number(1, 3))
    ]
    return {"by_steps": value, "steps": steps} | ({"otherwise": _points(draft, spot)} if draft.maybe(3) else {})


TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "points": ("0", "4 分", "10 分", "15 分"),
    "count": ("0", "1 个", "3 个", "5"),
    "money": ("0 元", "1 亿元", "2 亿元", "5 亿元"),
    "plain": ("0", "30%", "1", "2"),
}


def _interpolated(draft: Draft, spot: Spot, dim: str, value: str, _: bool) -> dict[str, Any]:
    table = [[x, _points(draft, spot)] for x in TABLES[dim][draft.number(0, 1) : draft.number(3, 4)]]
    return {"interpolated": value, "table": table} | (
        {"outside": draft.pick("held", "extended", "missing")} if draft.maybe() else {}
    )


def _by_brackets(draft: Draft, spot: Spot, dim: str, value: str, _: bool) -> dict[str, Any]:
    ends = [{"up_to": end} for end in TABLES[dim][1 : draft.number(2, 3)]] + ([{}] if draft.maybe() else [])
    ends = ends or [{}]
    brackets = [{**end, "each": draft.one_of(WRITTEN[dim]), "points": _points(draft, spot)} for end in ends]
    return {"by_brackets": value, "brackets": brackets} | ({"whole": False} if draft.maybe(3) else {})


def _min_max(draft: Draft, spot: Spot, _: str, value: str, __: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"min_max": value, "base": draft.pick("60%", "0", "g_share", _number(draft, spot, "plain"))}
    found |= {"better": "less"} if draft.maybe(4) else {}
    return found | ({"when_equal": draft.pick("full", "base", "zero", "missing")} if draft.maybe() else {})


def _by_place(draft: Draft, spot: Spot, _: str, value: str, worth: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"by_place": value} | ({"better": "less"} if draft.maybe(4) else {})
    if worth and draft.maybe():
        found |= {"less_each_place": _points(draft, spot)}
        return found | ({"ties": draft.pick("shared", "last", "dense", "averaged")} if draft.maybe() else {})
    found["places"] = [_points(draft, spot) for _ in range(draft.number(1, 4))]
    found |= {"otherwise": _points(draft, spot)} if draft.maybe(3) else {}
    return found | ({"ties": draft.pick("shared", "last", "dense")} if draft.maybe() else {})


def _from_mean(draft: Draft, spot: Spot, dim: str, value: str, worth: bool) -> dict[str, Any]:
    found = {"from_mean": value, "points": _points(draft, spot), "per": _number(draft, spot, dim)}
    found |= {"start": _points(draft, spot)} if not worth or draft.maybe() else {}
    return found | ({"better": "less"} if draft.maybe(4) else {})


def _each(draft: Draft, spot: Spot, dim: str, value: str, _: bool) -> dict[str, Any]:
    return {"each": value, "points": _points(draft, spot)} | _per(draft, spot, dim)


def _per(draft: Draft, spot: Spot, dim: str) -> dict[str, Any]:
    plainly = dim in ("count", "plain") and draft.maybe()
    found: dict[str, Any] = {} if plainly else {"per": _number(draft, spot, dim)}
    found |= {"whole": False} if draft.maybe(3) else {}
    return found | ({"times": _number(draft, spot, "plain")} if draft.maybe(4) else {})


def _each_missing(draft: Draft, spot: Spot, dim: str, value: str, worth: bool) -> dict[str, Any]:
    found = {"each_missing": value, "required": _required(draft, spot, dim, value)}
    if worth and draft.maybe():
        return found | ({"times": "2"} if draft.maybe() else {})
    return found | {"points": _points(draft, spot)} | _per(draft, spot, dim)


def _over(draft: Draft, spot: Spot, dim: str, value: str, _: bool) -> dict[str, Any]:
    per = draft.pick("10%", _number(draft, spot, dim))
    found = {"over": value, "required": _required(draft, spot, dim, value), "per": per, "points": _points(draft, spot)}
    return found | ({"whole": False} if draft.maybe(3) else {})


def _formula(_: Draft, __: Spot, ___: str, value: str, ____: bool) -> dict[str, Any]:
    return {"formula": value}


WAYS: Final[Mapping[str, tuple[bool, Lower]]] = {
    "in_proportion_to": (True, _in_proportion),
    "all_or_nothing": (True, _all_or_nothing),
    "by_steps": (False, _by_steps),
    "interpolated": (False, _interpolated),
    "by_brackets": (False, _by_brackets),
    "min_max": (True, _min_max),
    "by_place": (False, _by_place),
    "from_mean": (False, _from_mean),
    "each": (False, _each),
    "each_missing": (False, _each_missing),
    "over": (False, _over),
    "formula": (False, _formula),
}
"""Way → whether it needs a worth, and its keys."""
OF_TARGETS = ("in_proportion_to", "all_or_nothing", "each_missing", "over", "by_steps")


def _methods(draft: Draft, spot: Spot, *, worth: bool) -> dict[str, Any] | list[dict[str, Any]]:
    if draft.maybe(5):
        several = [way(draft, spot, worth=worth) for _ in range(2)]
        key = draft.pick("best_of", "sum_of", "")
        return {key: several} if key else several
    return way(draft, spot, worth=worth)


# -- scorecards ---------------------------------------------------------------------------------------------------


def _scored(draft: Draft) -> None:
    draft.parts["scorecards"], draft.parts["rankings"] = {}, {}
    for i in range(draft.number(1, 3)):
        _scorecard(draft, f"card{i}")
        for j in range(draft.number(0, 2)):
            _ranking(draft, f"rank{i}{j}")


FOR = ("each unit", "each unit", "each unit", "each city", ["each county", "a"], "a")
MISSING = ("missing", "zero", "zero", "left_out", "reweighed")
NOT_APPLICABLE = ("left_out", "reweighed", "full", "zero")


def _scorecard(draft: Draft, name: str) -> None:
    grid = draft.pick(draft.grid, draft.grid, "campaign")
    made: dict[str, Any] = {"for": draft.one_of(FOR), "in": _in(grid), "within": draft.pick("all", "class", "parent")}
    made |= {"reference": draft.pick(["a"], ["city"], ["zone", "b"][: len(draft.units)])} if draft.maybe(6) else {}
    made |= {"out_of": "100 分"} if draft.maybe() else {}
    made |= {"missing": draft.one_of(MISSING)} if not draft.maybe(4) else {}
    made |= {"not_applicable": draft.one_of(NOT_APPLICABLE)} if draft.maybe() else {}
    spot, items = Spot(grid), dict[str, Any]()
    weights = _weights(draft, grid) if draft.cards and draft.maybe(3) else {}
    for i in range(draft.number(0 if weights else 1, 3)):
        items[f"item{i}"] = _item(draft, evolve(spot, items=tuple(items)), made)
    made |= {"weights": weights} if weights else {}
    made |= {"items": items} if items else {}
    spot = evolve(spot, name="items")
    made |= {"total": draft.one_of(_totals(draft, spot))} if draft.maybe(4) else {}
    graded = evolve(spot, name="total")
    grades = _grades(draft, graded) if draft.maybe() else []
    made |= _gates(draft, spot, [grade["id"] for grade in grades])
    for key in ("floor", "cap"):
        made |= {key: draft.pick("none", _points(draft, spot))} if draft.maybe(5) else {}
    made |= {"round": _rounding(draft)} if draft.maybe(3) else {}
    made |= {"grades": grades, "grade_by": draft.pick("rounded", "exact")} if grades else {}
    made |= {"promotions": _promotions(draft, graded)} if grades and draft.maybe(3) else {}
    made |= {"awaits": [draft.pick("rules", "o_points")]} if draft.maybe(3 * draft.openly) else {}
    draft.parts["scorecards"][name] = made
    draft.cards.append(Card(name, grid, tuple(items), tuple(g["id"] for g in grades), "out_of" in made))


def _weights(draft: Draft, grid: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for card in draft.cards:
        if card.grid != "campaign" and draft.maybe():
            made[card.id] = {window: _weight(draft) for window in GRIDS[card.grid]}
        elif _fits(card.grid, grid):
            made[card.id] = _weight(draft)
    return made


def _weight(draft: Draft) -> str:
    return draft.pick("60%", "20%", "40%", "g_share", "o_share" if draft.maybe(draft.openly) else "1/3", "1 - g_share")


def _totals(draft: Draft, spot: Spot) -> tuple[str, ...]:
    return ("items * by_unit('given.factor')", "items + 0.5", "items * 0.8", "items - average(items)",
            expression(draft, spot, "points"), "max(items, 10 * 分)")  # fmt: skip


def _item(draft: Draft, spot: Spot, card: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if draft.maybe(8):
        own = draft.one_of([*GRIDS[draft.grid], "campaign"])
        made["in"], spot = own, evolve(spot, grid="campaign" if own == "campaign" else "own", items=spot.items)
    spot = spot if spot.grid != "own" else evolve(spot, grid="campaign")
    worth = _worth(draft) if not draft.maybe(4) else None
    made |= {"worth": worth} if worth is not None else {}
    made |= {"kind": draft.pick("item", "bonus", "deduction")} if draft.maybe(3) else {}
    which = draft.pick("earn", "earn", "earn", "lose", "both")
    made |= {"earn": _methods(draft, spot, worth=worth is not None)} if which != "lose" else {}
    made |= {"lose": _methods(draft, spot, worth=worth is not None)} if which != "earn" else {}
    made |= _limits(draft, spot)
    made |= {"for": draft.pick("each city", "each county", "a")} if draft.maybe(6) else {}
    made |= {"applies_if": condition(draft, spot)} if draft.maybe(5) else {}
    _waiting(draft, made, which)
    return made | _policies(draft, made, card)


def _worth(draft: Draft) -> str | dict[str, str]:
    if draft.maybe(5):
        classes = {"city": "20 分", "county": "g_points", "zone": "10 分"}
        return dict([*classes.items()][: draft.number(1, 3)])
    return "o_points" if draft.maybe(2 * draft.openly) else draft.pick("20 分", "10 分", "30 分", "12.5 分", "g_points")


def _limits(draft: Draft, spot: Spot) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key in ("floor", "cap"):
        made |= {key: draft.pick("none", "none", _points(draft, spot))} if draft.maybe(3) else {}
    return made | ({"round": _rounding(draft)} if draft.maybe(4) else {})


def _waiting(draft: Draft, made: dict[str, Any], which: str) -> None:
    """Now and then an item waits for rules that are not there yet, or has nothing else."""
    if not draft.maybe(2 * draft.openly):
        return
    made["awaits"] = [draft.pick("rules", "o_points", "o_free")]
    if made["awaits"] == ["rules"] and which == "earn" and draft.maybe():
        del made["earn"]


def _policies(draft: Draft, made: Mapping[str, Any], card: Mapping[str, Any]) -> dict[str, str]:
    """Its own policies; a worth that is open is not reweighed."""
    own: dict[str, str] = {}
    own |= {"missing": draft.one_of(MISSING)} if draft.maybe(4) else {}
    own |= {"not_applicable": draft.one_of(NOT_APPLICABLE)} if draft.maybe(4) else {}
    if "applies_if" in made and not draft.maybe(8):
        own["not_applicable"] = draft.pick("left_out", "zero")
    if made.get("worth") == "o_points":
        for key, instead in (("missing", "zero"), ("not_applicable", "full")):
            own |= {key: instead} if own.get(key, card.get(key)) == "reweighed" else {}
    return own


EFFECTS = ("disqualified", "disqualified", "zero", "at_most", "lose", "times", "grade_at_most")


def _gates(draft: Draft, spot: Spot, grades: list[str]) -> dict[str, Any]:
    made = []
    for i in range(draft.pick(0, 0, 1, 2)):
        effect = draft.one_of(EFFECTS if grades else EFFECTS[:-1])
        when = condition(draft, evolve(spot, name="") if effect == "grade_at_most" else spot)
        gate: dict[str, Any] = {"id": f"G-{i}", "when": when, "effect": effect}
        gate |= {"points": _points(draft, spot)} if effect in ("at_most", "lose") else {}
        gate |= {"factor": _number(draft, spot, "plain")} if effect == "times" else {}
        made.append(gate | ({"grade": draft.one_of(grades)} if effect == "grade_at_most" else {}))
    return {"gates": made} if made else {}


def _grades(draft: Draft, spot: Spot) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for i in range(draft.number(1, 3)):
        grade: dict[str, Any] = {"id": f"grade{i}"}
        key = draft.pick("at_least", "above", "top", "when")
        if key == "top":
            grade["top"] = draft.pick("30%", "2 个", "1 个", "g_share", "g_count", *_open_top(draft))
        elif key != "when":
            grade[key] = _points(draft, spot)
        if key == "when" or draft.maybe(4):
            grade["when"] = condition(draft, spot)
        made.append(grade)
    return made + ([{"id": "rest"}] if draft.maybe() else [])


def _open_top(draft: Draft) -> tuple[str, ...]:
    return ("o_count", "o_share") if draft.maybe(draft.openly) else ()


def _promotions(draft: Draft, spot: Spot) -> list[dict[str, Any]]:
    found: dict[str, Any] = {"id": "P-1", "when": condition(draft, spot)}
    found |= {"by": draft.number(1, 2)} if draft.maybe() else {}
    return [found | ({"down": True} if draft.maybe() else {})]


# -- rankings and honours -----------------------------------------------------------------------------------------


def _ranking(draft: Draft, name: str) -> None:
    made: dict[str, Any] = {}
    card = draft.one_of(draft.cards)
    grid = card.grid
    if draft.maybe():
        made["by"] = card.id
        if draft.maybe(5):
            grid, made["in"] = draft.grid, _in(draft.grid)
            grid, made["in"] = (grid, made["in"]) if _fits(card.grid, grid) else (card.grid, _in(card.grid))
    else:
        grid = draft.pick(draft.grid, "campaign")
        made |= {"by": _ranked_by(draft, Spot(grid)), "in": _in(grid)}
    spot = Spot(grid)
    made |= {"better": "less"} if draft.maybe(4) else {}
    made |= (
        {"then": [expression(draft, spot, draft.one_of(DIMS), 1) for _ in range(draft.number(1, 2))]}
        if draft.maybe(3)
        else {}
    )
    made |= {"within": draft.pick("all", "class", "parent")} if draft.maybe() else {}
    made |= {"for": draft.one_of(FOR)} if draft.maybe(4) else {}
    made |= {"reference": draft.pick(["a"], ["zone"])} if draft.maybe(6) else {}
    made |= {"ties": draft.pick("shared", "last", "dense", "listed")} if not draft.maybe(4) else {}
    made |= {"disqualified": condition(draft, spot)} if draft.maybe(5) else {}
    made |= {"change": draft.pick("previous", "previous", "given.before", "given.factor")} if draft.maybe() else {}
    made |= {"awaits": [draft.pick("rules", "o_free")]} if draft.maybe(4 * draft.openly) else {}
    draft.parts["rankings"][name] = made
    draft.rankings.append(Card(name, grid))


def _ranked_by(draft: Draft, spot: Spot) -> str:
    choices = [expression(draft, spot, draft.one_of(DIMS)), draft.one_of(draft.named["count"])]
    return draft.one_of(choices + [t for t, _, grid in draft.aims if _fits(grid, spot.grid)])


def _honours(draft: Draft) -> None:
    draft.parts["honours"] = [_honour(draft, f"H-{i}") for i in range(draft.number(0, 3))]


def _honour(draft: Draft, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"id": name, "kind": draft.pick("honour", "sanction", "list")}
    ranking = draft.one_of(draft.rankings) if draft.rankings and not draft.maybe(3) else None
    grid = ranking.grid if ranking else draft.pick(draft.grid, "campaign")
    if ranking is not None:
        made["ranking"] = ranking.id
        for key in draft.pick(("top",), ("bottom",), ("top", "bottom"), ()):
            made[key] = draft.pick("1 个", "2 个", "3", "30%", "50%", "g_share", "g_count", *_open_top(draft))
    else:
        made["in"] = _in(grid)
        made |= {"for": draft.one_of(FOR)} if draft.maybe() else {}
    if not ("top" in made or "bottom" in made) or draft.maybe(3):
        made["when"] = condition(draft, Spot(grid))
    if draft.maybe(2 * draft.openly):
        made["awaits"] = [draft.pick("rules", "o_free")]
        if made["awaits"] == ["rules"] and "when" in made and draft.maybe(3):
            del made["when"]
    return made


# -- data ---------------------------------------------------------------------------------------------------------

REPORTED: Final[Mapping[str, tuple[str, ...]]] = {
    "trips": ("0", "1", "2", "5"),
    "funds": ("0", "10000", "2.5", "0.75"),
    "marks": ("0", "12", "7.5", "12", "-2"),
    "praise": ("1", "3", "0.5"),
    "level": ("50", "100", "33.3", "0"),
}


def _tables(draft: Draft) -> Tables:
    """A table for each record, now and then one left out; a few deals for each unit."""
    made = {"deal": _deals(draft), "given": _given(draft), "figures": _figures(draft), "attestations": _proofs(draft)}
    return {name: rows for name, rows in made.items() if not draft.maybe(15)}


def _deals(draft: Draft) -> list[dict[str, str]]:
    some = (*draft.units, *draft.units, "")
    return [
        {
            "id": f"deal-{i}", "place": draft.one_of(draft.units), "partner": draft.one_of(some), "on_day": draft.one_of(DAYS),
            "money": draft.pick("0.5", "1", "2", "3.25", "1", ""), "jobs": draft.pick("0", "1", "3"), "big": draft.pick("是", "否"),
        }
        for i in range(draft.pick(0, 3, 6, 10))
    ]  # fmt: skip


def _given(draft: Draft) -> list[dict[str, str]]:
    cells = {
        "factor": ("1", "0.5", "1.25", "0", "2", ""), "score": ("5", "2.5", "0", "-1", "8", ""),
        "plan": ("1", "2", "3", "0", ""), "funds": ("1", "2.5", "0", ""), "before": ("1", "2", "3", ""),
    }  # fmt: skip
    places = [unit for unit in draft.units if not draft.maybe(8)]
    return [{"place": one, **{name: draft.one_of(values) for name, values in cells.items()}} for one in places]


def _figures(draft: Draft) -> list[dict[str, str]]:
    rows = []
    for name, values in REPORTED.items():
        if name in draft.parts["metrics"]:
            for unit in draft.units:
                days = [] if draft.maybe(6) else [draft.one_of(DAYS[:4]), draft.one_of(DAYS[4:])][: draft.number(1, 2)]
                rows += [{"metric": name, "unit": unit, "on": day, "value": draft.one_of(values)} for day in days]
    return rows


def _proofs(draft: Draft) -> list[dict[str, str]]:
    ids = [duty["id"] for duty in draft.parts["duties"]]
    return [
        {"duty": draft.one_of(ids), "unit": draft.one_of(draft.units), "on": draft.one_of(DAYS), "due_on": "", "evidence": ""}
        for _ in range(draft.pick(0, 4, 8) if ids else 0)
    ]  # fmt: skip
