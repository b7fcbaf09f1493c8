"""Hypothesis strategies for whole campaigns: the YAML text, the submitted tables that go with it, and a day to look.

A campaign is built from drawn parts that fit one another, so that nothing is thrown away: every text passes
read → structure → check. Tables hold text cells as a person would fill them in. Dates lie on, beside and far from the
edges of windows; optional cells are often empty; tables may be empty or absent.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from attrs import define, field, frozen
from hypothesis import strategies as st

from campaignrules.intake.raw import Source

T = TypeVar("T")
Tables = dict[str, list[dict[str, str]]]

DAY = dt.timedelta(days=1)
PERIODS = (
    ("2023-01-01", "2023-12-31"),
    ("2023-05-24", "2023-08-20"),
    ("2024-01-31", "2024-03-01"),
    ("2022-12-15", "2023-07-09"),
)
UNITS = ("a", "b", "a1", "a2", "b1", "c")
CLASS_OF = {"a": "city", "b": "city", "a1": "county", "a2": "county", "b1": "county"}
PARENT_OF = {"a1": "a", "a2": "a", "b1": "b", "c": "a1"}
WORDS = {"red": "红", "green": "绿", "blue": "蓝"}
MONEY_UNITS = ("元", "万元", "亿元")


@frozen
class Case:
    """A campaign, its data and the day on which it is evaluated."""

    text: str
    tables: Tables
    as_of: dt.date
    sources: tuple[Source, ...] = ()
    """Headed sheets besides the tables."""


@frozen
class Known:
    """A metric as far as targets and formulas must know it: `dim` is count, money or plain."""

    name: str
    dim: str
    verb: str
    by_unit: bool
    by_rows: bool = True


@define
class Sketch:
    """A campaign while it is drawn."""

    below: Callable[[int], int]
    start: dt.date
    end: dt.date
    parts: dict[str, Any]
    days: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    fields: dict[str, dict[str, dict[str, Any]]] = field(factory=dict)
    derived: dict[str, dict[str, str]] = field(factory=dict)
    """Record → derived field → what it is: a dim, or date, bool, text."""
    metrics: list[Known] = field(factory=list)

    def one_of(self, among: Sequence[T]) -> T:
        return among[self.below(len(among))]

    def pick(self, *among: T) -> T:
        return self.one_of(among)

    def maybe(self, once_in: int = 2) -> bool:
        return self.below(once_in) == once_in - 1

    def number(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)


@st.composite
def cases(draw: Any) -> Case:
    """Campaigns with data that fits them, drawn piece by piece: what fails is made small."""
    return _case(lambda count: int(draw(_below(count))))


def scattered_cases() -> st.SearchStrategy[Case]:
    """Campaigns with data that fits them, each from one drawn number: more various, but not made small."""
    return st.integers(0, 2**32 - 1).map(lambda seed: _case(random.Random(seed).randrange))  # noqa: S311  for tests


@cache
def _below(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


def _case(below: Callable[[int], int]) -> Case:
    start, end = (dt.date.fromisoformat(day) for day in PERIODS[below(len(PERIODS))])
    sketch = Sketch(below, start, end, {"campaign": "drawn", "title": "抽取的活动"})
    for part in (_time, _units, _parameters, _records, _screens, _metrics, _targets, _duties, _outcomes, _returns):
        part(sketch)
    tables, as_of = _tables(sketch), sketch.one_of(_looks(sketch))
    return Case(_text(sketch.parts), tables | _submissions(sketch), as_of, _sources(sketch))


def _text(parts: dict[str, Any]) -> str:
    """YAML: the first level in block style, each item on a line of its own."""
    lines: list[str] = []
    for key, value in parts.items():
        if isinstance(value, dict) and key != "period":
            lines += [f"{key}:", *(f"  {name}: {_flow(one)}" for name, one in value.items())] if value else []
        elif isinstance(value, list):
            lines += [f"{key}:", *(f"  - {_flow(one)}" for one in value)] if value else []
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# -- time ---------------------------------------------------------------------------------------------------------


def _time(sketch: Sketch) -> None:
    middle = sketch.start + (sketch.end - sketch.start) // 2
    sketch.parts["period"] = {"from": str(sketch.start), "to": str(sketch.end)}
    sketch.parts["calendar"] = {"holidays": ["2023-06-22", "2023-06-23", "2024-02-12"], "workdays": ["2023-06-25"]}
    sketch.parts["phases"] = {
        "p1": {"from": str(sketch.start), "to": str(middle)},
        "p2": {"from": str(middle + DAY), "to": str(sketch.end)},
    }
    sketch.days = tuple(str(sketch.one_of(_edges(sketch))) for _ in range(8))
    sketch.places = tuple(sketch.one_of(UNITS) for _ in range(3))


WINDOWS = (
    "campaign", "p1", "p2", "2023", "2023H1", "2023Q1", "2023Q2", "2023-02", "2023-06", "2024-02", "2023-W23",
    "2024-W05", "2023-02-10..2023-06-05", "each month", "each quarter", "each half", "each year", "each phase",
    "each week of 2023-06", "each week of 2024-02", "each half_month of 2023Q2", "each month of 2023H1",
    "each half_month of p1",
)  # fmt: skip


def _windows(sketch: Sketch) -> str | list[str]:
    if sketch.maybe(6):
        return list(dict.fromkeys([sketch.one_of(WINDOWS), sketch.one_of(WINDOWS)]))
    return sketch.one_of(WINDOWS)


def _edges(sketch: Sketch) -> list[dt.date]:
    """Days on which something begins or ends, and their neighbours."""
    middle = sketch.start + (sketch.end - sketch.start) // 2
    ends = [sketch.start, sketch.end, middle, middle + DAY]
    ends += [dt.date(2023, m, d) for m, d in ((1, 31), (2, 1), (2, 28), (3, 31), (6, 5), (6, 15), (6, 30), (7, 1))]
    ends += [dt.date(2022, 12, 31), dt.date(2024, 2, 29)]
    return sorted({day + shift * DAY for day in ends for shift in (-1, 0, 1)})


def _looks(sketch: Sketch) -> list[dt.date]:
    """Days to look at the data: mostly inside the period."""
    days = [dt.date.fromisoformat(day) + shift * DAY for day in sketch.days for shift in (-1, 0, 1)]
    edges = [day for day in (*_edges(sketch), *days) if sketch.start - DAY <= day <= sketch.end + DAY]
    sixth = (sketch.end - sketch.start) // 6
    late = [sketch.end - sixth, sketch.end - DAY, sketch.end, sketch.end + DAY, sketch.end + 90 * DAY]
    return [*edges, *late, *late, *(sketch.start + i * sixth for i in range(1, 6))]


# -- units --------------------------------------------------------------------------------------------------------


def _units(sketch: Sketch) -> None:
    nested = sketch.maybe()
    roster = [
        {"id": unit, "title": f"单位{unit}"}
        | ({"class": CLASS_OF[unit]} if unit in CLASS_OF else {})
        | ({"parent": PARENT_OF[unit]} if nested and unit in PARENT_OF else {})
        for unit in UNITS
    ]
    sketch.fields["units"] = {unit["id"]: unit for unit in roster}
    submitted = sketch.maybe(3)
    sketch.parts["units"] = {"classes": {"city": "市", "county": "县"}, "roster": "submitted" if submitted else roster}


FOR = (
    "campaign", "each unit", "each city", "each county", "all city", "all county", "all unit", "a", "a1", "c",
    ["campaign", "each city"], ["each county", "each unit"], ["all city", "campaign", "b1"],
)  # fmt: skip


def _judged(sketch: Sketch, *, by_unit: bool) -> Any:
    return sketch.one_of(FOR) if by_unit else "campaign"


# -- parameters, records, screens ---------------------------------------------------------------------------------


def _parameters(sketch: Sketch) -> None:
    later = {"by": "另行明确"}
    sketch.parts["vocabularies"] = {"hue": {"words": WORDS}}
    sketch.parts["parameters"] = {
        "some": {"type": "个", "value": sketch.pick("2 个", "3", "0 个")},
        "sum_given": {"type": "万元", "value": sketch.pick("1.5 万元", "-0.3 万元", "0.0002 亿元")},
        "share": {"type": "%", "value": sketch.pick("40%", "1/3", "0.06")},
        "open_count": {"type": "个", "deferred": later | {"between": ["1", "21"]}},
        "open_sum": {"type": "亿元", "deferred": later},
        "open_share": {"type": "%", "deferred": later},
        "rhythm": {"type": "recurrence", "deferred": later},
    }


def _optional(sketch: Sketch, **field: Any) -> dict[str, Any]:
    return field if sketch.maybe(3) else field | {"required": False}


def _records(sketch: Sketch) -> None:
    for name in ("deal", "visit")[: sketch.number(1, 2)]:
        sketch.fields[name] = _fields(sketch, with_unit=not sketch.maybe(5))
    sketch.fields["quota"] = {
        "place": {"type": "unit", "required": False},
        "cap": _optional(sketch, type="count"),
        "plan": _optional(sketch, type="quantity", unit="万元", decimals=2),
        "part": _optional(sketch, type="quantity", unit="%", decimals=1),
    }
    sketch.parts["records"] = {
        name: {"fields": fields}
        | ({"key": "id"} if "id" in fields else {})
        | ({"unit": "place"} if "other" in fields else {})
        for name, fields in sketch.fields.items()
        if name != "units"
    }
    for name in sketch.fields:
        if name not in ("units", "quota") and not sketch.maybe(3):
            sketch.parts["records"][name]["derived"] = _derived_fields(sketch, name)
    sketch.parts["records"]["quota"]["derived"] = {"more": {"formula": "coalesce(cap, 0) + 1"}}


DERIVED: tuple[tuple[str, str, str, str], ...] = (
    ("speed", "20 if done is not None else 10", "done", "plain"), ("when", "coalesce(done, on_day)", "done", "date"),
    ("soon", "coalesce(planned, on_day)", "planned", "date"), ("part", "money * 2 / 3", "money", "money"),
    ("pace", "jobs / rank", "jobs rank", "count"), ("power", "rank ** 2 * 1000", "rank", "plain"),
    ("cubed", "rank * rank * 0.000001 * rank", "rank", "plain"), ("large", "big and jobs > 1", "big jobs", "bool"),
    ("label", "hue if big else 'red'", "hue big", "text"), ("called", "name if big else 'x'", "name big", "text"),
    ("more", "jobs * speed if large else jobs", "jobs speed large", "count"),
    ("waits", "jobs if jobs >= open_count else 0", "jobs", "count"), ("age", "as_of - when", "when", "days"),
    ("asked", "waits + 1", "waits", "count"), ("whole", "power // 7 + 1", "power", "plain"),
)  # fmt: skip
"""Name, formula, the fields it needs, what it is."""


def _derived_fields(sketch: Sketch, record: str) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    kinds = sketch.derived.setdefault(record, {})
    for name, formula, needs, kind in DERIVED:
        if not sketch.maybe(3) and all(n in sketch.fields[record] or n in kinds for n in needs.split()):
            made[name] = {"formula": formula} | ({"unit": "分"} if name == "cubed" else {})
            kinds[name] = kind
    return made


def _dates(sketch: Sketch, record: str) -> list[str]:
    fields, derived = sketch.fields[record], sketch.derived.get(record, {})
    return [d for d in ("done", "planned", "on_day") if d in fields] + [d for d, k in derived.items() if k == "date"]


def _numbers_of(sketch: Sketch, record: str) -> dict[str, str]:
    """Number field → its dim."""
    dims = {"money": "money", "jobs": "count", "rank": "plain"}
    fields = {name: dim for name, dim in dims.items() if name in sketch.fields[record]}
    derived = sketch.derived.get(record, {})
    return fields | {n: k for n, k in derived.items() if k in ("money", "count", "plain") and n != "cubed"}


def _fields(sketch: Sketch, *, with_unit: bool) -> dict[str, dict[str, Any]]:
    """A key, one or two dates, and some of everything else."""
    decimals = sketch.pick(0, 2, 6)
    choices: dict[str, dict[str, Any]] = {
        "done": _optional(sketch, type="date"),
        "planned": {"type": "date", "required": False, "planned": True},
        "due_on": {"type": "date", "required": False, "planned": True},
        "money": _optional(sketch, type="quantity", unit=sketch.one_of(MONEY_UNITS), decimals=decimals),
        "rank": _optional(sketch, type="quantity", unit="number"),
        "jobs": _optional(sketch, type="count"),
        "hue": _optional(sketch, type="hue"),
        "hues": _optional(sketch, type="tags", of="hue"),
        "big": _optional(sketch, type="bool"),
        "name": _optional(sketch, type="text"),
    }
    kept = {name: one for name, one in choices.items() if not sketch.maybe(3)}
    unit = {"place": _optional(sketch, type="unit")} if with_unit else {}
    second = {"other": {"type": "unit", "required": False}} if with_unit and sketch.maybe(3) else {}
    return {"id": {"type": "text"}, **unit, **second, "on_day": _optional(sketch, type="date"), **kept}


CONDITIONS = (
    ("hue == 'red'", "hue"), ("hue != 'red'", "hue"), ("hue in ['red', 'blue']", "hue"),
    ("hue not in ['红', 'blue']", "hue"), ("'red' in hues", "hues"), ("not has(hues, 'green')", "hues"),
    ("big", "big"), ("not big", "big"), ("jobs >= 2", "jobs"), ("jobs >= some", "jobs"),
    ("money >= 1.5 * 万元", "money"), ("money < sum_given or money > 3 * 万元", "money"), ("money == 0 * 元", "money"),
    ("done is None", "done"), ("done is not None and done >= on_day", "done"),
    ("days_between(on_day, as_of) > 30", ""), ("planned > as_of", "planned"),
    ("planned is None or planned <= as_of", "planned"), ("contains(name, 'x')", "name"),
    ("month(on_day) in [2, 6, 12]", ""), ("big or hue == 'green'", "big hue"), ("coalesce(jobs, 0) < 3", "jobs"),
    ("rank / jobs > 1", "rank jobs"), ("place == 'a1'", "place"), ("place != 'b' and on_day != done", "place done"),
    ("(rank if big else -1) > 0", "rank big"), ("abs(rank) <= 1", "rank"),
    ("length(name) > 1 and not jobs == 1", "name jobs"), ("round(rank, 1) // 1 == 0", "rank"),
    ("done - on_day <= 20", "done"), ("speed > 10", "speed"), ("when >= on_day", "when"), ("large", "large"),
    ("not large", "large"), ("part > 1.5 * 万元 or pace < 1", "part pace"), ("label == 'red'", "label"),
    ("soon <= as_of", "soon"), ("power > 3 and cubed < 100 * 分", "power cubed"), ("age < 40", "age"),
    ("called in ['x', 'y']", "called"), ("more % 2 == 1", "more"),
)  # fmt: skip
WAITING = (("jobs >= open_count", "jobs"), ("money >= open_sum", "money"), ("asked > 1", "asked"))


def _condition(sketch: Sketch, record: str, *, waiting: bool = False) -> str:
    known = {*sketch.fields[record], *sketch.derived.get(record, ())}
    pool = WAITING + CONDITIONS[:2] if waiting else CONDITIONS
    fits = [text for text, needs in pool if all(name in known for name in needs.split())]
    return sketch.one_of(fits or ["on_day is not None"])


def _screens(sketch: Sketch) -> None:
    names = [name for name in ("deal", "visit") if name in sketch.fields]
    sketch.parts["screening"] = [
        {
            "id": f"S-{i}",
            "record": (record := sketch.one_of(names)),
            sketch.pick("keep", "drop"): _condition(sketch, record),
        }
        for i in range(sketch.pick(0, 0, 1, 2))
    ]


# -- metrics ------------------------------------------------------------------------------------------------------


def _metrics(sketch: Sketch) -> None:
    made: dict[str, Any] = {}
    sketch.parts["metrics"] = made
    for i in range(sketch.number(2, 6)):
        name = f"m{i}"
        derived = sketch.metrics and sketch.maybe(3)
        made[name] = (_derived if derived else _primary)(sketch, name)


def _primary(sketch: Sketch, name: str) -> dict[str, Any]:
    if sketch.maybe(6):
        return _reported(sketch, name)
    record = sketch.one_of([r for r in ("deal", "visit") if r in sketch.fields])
    if sketch.maybe(4):
        return _rate(sketch, name, record)
    fields = sketch.fields[record]
    dims = _numbers_of(sketch, record)
    verb = sketch.one_of(["count", "distinct", *(["sum", "sum", "mean", "min", "max", "last"] if dims else [])])
    counted = verb in ("count", "distinct")
    chosen = sketch.one_of([*fields, *sketch.derived.get(record, ())] if counted else list(dims))
    dim = "count" if counted else dims[chosen]
    sketch.metrics.append(Known(name, dim, verb, "place" in fields))
    return {verb: record if verb == "count" else f"{record}.{chosen}"} | _modifiers(sketch, record, verb)


def _reported(sketch: Sketch, name: str) -> dict[str, Any]:
    unit = sketch.pick("个", "亿元", "元", "%")
    dim = {"个": "count", "%": "plain"}.get(unit, "money")
    sketch.metrics.append(Known(name, dim, "reported", True, by_rows=False))
    return {"reported": unit} | _accumulation(sketch)


def _rate(sketch: Sketch, name: str, record: str) -> dict[str, Any]:
    fields = sketch.fields[record]
    dates = _dates(sketch, record)
    rate: dict[str, Any] = {"of": record}
    if sketch.maybe(3):
        rate["where"] = _condition(sketch, record)
    reached = sketch.one_of([*dates, "coalesce(" + dates[0] + ", on_day)"])
    rate["reached"] = _condition(sketch, record) if sketch.maybe(3) else reached
    numbers = list(_numbers_of(sketch, record))
    if numbers and sketch.maybe():
        rate["amount"] = sketch.one_of(numbers)
    sketch.metrics.append(Known(name, "plain", "rate", "place" in fields))
    return {"rate": rate} | (_modifiers(sketch, record, "rate") if sketch.maybe() else {})


def _modifiers(sketch: Sketch, record: str, verb: str) -> dict[str, Any]:
    dates = _dates(sketch, record)
    found: dict[str, Any] = {"on": sketch.one_of(dates), **_accumulation(sketch)}
    if sketch.maybe(3):
        found["where"] = _condition(sketch, record, waiting=sketch.maybe(8))
    if found.get("accumulate") == "level" and verb in ("count", "sum", "mean", "distinct") and sketch.maybe():
        found["until"] = sketch.one_of(dates)
    return found | _credited(sketch, record)


def _credited(sketch: Sketch, record: str) -> dict[str, str]:
    shared = "other" in sketch.fields[record] and not sketch.maybe(3)
    return {"credited_to": sketch.pick("other", "other", "place")} if shared else {}


def _accumulation(sketch: Sketch) -> dict[str, Any]:
    how = sketch.pick(
        {}, {}, {"accumulate": "flow"}, {"accumulate": "to_date"}, {"accumulate": "to_date"}, {"accumulate": "level"}
    )
    since = sketch.one_of([*sketch.days, str(sketch.start), str(sketch.start), "2023-09-01"])
    return {**how, "since": since} if "accumulate" in how and sketch.maybe() else {**how}


def _derived(sketch: Sketch, name: str) -> dict[str, Any]:
    rows = [m for m in sketch.metrics if m.by_rows]
    which = sketch.pick("formula", "formula", "growth", "of", "limited")
    flows = [m for m in sketch.metrics if _is_flow(sketch, m.name)]
    if which == "limited" and flows:
        return _limited(sketch, name, sketch.one_of(flows))
    if which == "of" and rows:
        return _of_which(sketch, name, sketch.one_of(rows))
    if which == "growth":
        base = sketch.one_of(sketch.metrics)
        sketch.metrics.append(Known(name, "plain", "growth", base.by_unit, by_rows=False))
        return {"growth": base.name, "against": sketch.pick("year", "half", "quarter", "month", "week")}
    return _formula(sketch, name)


def _is_flow(sketch: Sketch, name: str) -> bool:
    made = sketch.parts["metrics"][name]
    above = "of" not in made or _is_flow(sketch, made["of"])
    return above and made.get("accumulate", "flow") == "flow"


def _limited(sketch: Sketch, name: str, base: Known) -> dict[str, Any]:
    sketch.metrics.append(Known(name, base.dim, "limited", base.by_unit, by_rows=False))
    most = OPEN[base.dim] if sketch.maybe(8) else sketch.one_of(NUMBERS[base.dim])
    each = sketch.pick("month", "month", "quarter", "half", "year", "week", "half_month", "phase")
    return {"limited": base.name, "each": each, "at_most": most}


def _of_which(sketch: Sketch, name: str, whole: Known) -> dict[str, Any]:
    made = sketch.parts["metrics"][whole.name]
    record = _record_of(sketch, made)
    sketch.metrics.append(Known(name, whole.dim, whole.verb, whole.by_unit))
    return {"of": whole.name, "where": _condition(sketch, record)} | (
        _credited(sketch, record) if sketch.maybe(3) else {}
    )


def _record_of(sketch: Sketch, made: dict[str, Any]) -> str:
    if "of" in made:
        return _record_of(sketch, sketch.parts["metrics"][made["of"]])
    if "rate" in made:
        return str(made["rate"]["of"])
    words = next(made[verb] for verb in ("count", "sum", "distinct", "mean", "min", "max", "last") if verb in made)
    return str(words).partition(".")[0]


SAME = (
    "{a} + {b}", "{a} - {b}", "min({a}, {b})", "max({a}, {b})", "coalesce({a}, {b})", "{a} if {a} > {b} else {b}",
    "{a} * 2 / 3", "clamp({a}, {b}, {a} + {b})", "{a} % {b}", "abs({a} - {b}) / 7", "-{a}",
    "{a} if {b} is None else {b} - {a} / 3",
)  # fmt: skip
RATIO = (
    "{a} / {b}", "round({a} / {b}, 2)", "{a} // {b}", "{a} / ({a} + {b})", "1 - {a} / {b}",
    "{a} / {b} if {a} < {b} else 1", "floor({a} / {b} * 3) + 0.5", "coalesce({a} / {b}, 0)", "({a} / {b}) ** 2",
    "{a} / {b} if month(as_of) < 7 else {b} / {a}",
)  # fmt: skip


def _formula(sketch: Sketch, name: str) -> dict[str, Any]:
    a = sketch.one_of(sketch.metrics)
    b = sketch.one_of([m for m in sketch.metrics if m.dim == a.dim])
    ratio = sketch.maybe()
    text = sketch.one_of(RATIO if ratio else SAME).format(a=a.name, b=b.name)
    dim = "plain" if ratio else a.dim
    if dim == "plain" and sketch.maybe(8):
        text = f"({text}) * open_share"
    sketch.metrics.append(Known(name, dim, "formula", True, by_rows=False))
    return {"formula": text}


# -- demands ------------------------------------------------------------------------------------------------------

NUMBERS: dict[str, tuple[str, ...]] = {
    "count": ("0 个", "1 个", "2 个", "3", "1.5 个", "20 个", "-1 个", "some"),
    "money": ("0 元", "1.5 万元", "0.00015 亿元", "0.0003 万元", "3 亿元", "-2 元", "10000 元", "sum_given"),
    "plain": ("50%", "1/3", "0.06", "100%", "0", "-0.25", "2.5", "250‰", "share"),
}
OPEN = {"count": "open_count", "money": "open_sum", "plain": "open_share"}
TABLED = {"count": "quota.cap", "money": "quota.plan", "plain": "quota.part"}
LOW_HIGH = {
    "count": (["1 个", "2 个"], ["0", "3"], ["some", "20"]),
    "money": (["1.5 万元", "1.5 万元"], ["-5 元", "2 亿元"], ["0 元", "1 万元"]),
    "plain": (["1/3", "2/3"], ["0", "50%"], ["share", "200%"]),
}


def _quantity(sketch: Sketch, dim: str) -> str:
    which = sketch.number(0, 11)
    if which == 0:
        return OPEN[dim]
    if which == 1 and dim == "count":
        return "quota.more"
    return TABLED[dim] if which in (1, 2) else sketch.one_of(NUMBERS[dim])


def _comparison(sketch: Sketch, metric: Known) -> dict[str, Any]:
    which = sketch.pick("at_least", "at_least", "at_least", "at_most", "exactly", "between", "every")
    if which == "every":
        return (
            {"every": True}
            if metric.dim == "plain" and metric.verb not in ("growth", "limited")
            else {"at_least": _quantity(sketch, metric.dim)}
        )
    if which == "between":
        table = TABLED[metric.dim]
        low, high = sketch.one_of(LOW_HIGH[metric.dim])
        return {"between": [low, high] if not sketch.maybe(5) else [table, high] if sketch.maybe() else [low, table]}
    return {which: _quantity(sketch, metric.dim)}


def _targets(sketch: Sketch) -> None:
    sketch.parts["targets"] = [_target(sketch, i) for i in range(sketch.number(1, 4))]


def _target(sketch: Sketch, i: int) -> dict[str, Any]:
    metric = sketch.one_of(sketch.metrics)
    found = {
        "id": f"T-{i}",
        "metric": metric.name,
        "in": _windows(sketch),
        "for": _judged(sketch, by_unit=metric.by_unit),
    }
    found |= _comparison(sketch, metric) | _common(sketch)
    if sketch.maybe(4):
        own = {
            unit: sketch.pick("not_applicable", *NUMBERS[metric.dim][:4])
            for unit in ("a", "a1", "b1")[: sketch.number(1, 3)]
        }
        found["except"] = own | ({"b": OPEN[metric.dim]} if sketch.maybe(8) else {})
    return found


def _common(sketch: Sketch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if sketch.maybe(5):
        found["force"] = sketch.pick("strive", "encouraged", "tracked")
    if sketch.maybe(8):
        found["awaits"] = sketch.pick(["open_sum"], ["open_sum", "open_count"], ["some"])
    if sketch.maybe(4):
        found["partial"] = "skipped"
    if sketch.maybe(5):
        found |= {"lead": ["发改局"], "support": ["财政局", "商务局"], "source": "二(一)"}
    return found


DUE: tuple[dict[str, Any], ...] = (
    {}, {"in": "2023-06"}, {"in": ["p1", "p2"]}, {"in": "each quarter"}, {"by": "2023-06-15"}, {"by": "p1"},
    {"by": "2023-06-30"}, {"by": "2024-02"}, {"every": "month"}, {"every": "month", "due": ["day 15", "day 30"]},
    {"every": "month", "due": "day 2 of next month"},
    {"every": "month", "due": "workday 3 of next month", "shift": "next_workday"},
    {"every": "week", "due": "friday", "in": "2023-06"}, {"every": "week", "in": "2024-02"},
    {"every": "half_month", "in": "2023Q2"}, {"every": "quarter", "due": ["workday 1", "day 5 of next month"]},
    {"every": "year"}, {"every": "half", "due": "last day"}, {"every": "rhythm"},
    {"every": "month", "due": "day 25", "shift": "previous_workday"}, {"every": "phase"},
)  # fmt: skip


def _duties(sketch: Sketch) -> None:
    sketch.parts["duties"] = [_duty(sketch, i) for i in range(sketch.number(0, 3))]


def _duty(sketch: Sketch, i: int) -> dict[str, Any]:
    found = {"id": f"D-{i}", **sketch.one_of(DUE), **_common(sketch)}
    record = sketch.one_of(["attestations", "attestations", *(r for r in ("deal", "visit") if r in sketch.fields)])
    found["for"] = _judged(sketch, by_unit=record == "attestations" or "place" in sketch.fields[record])
    if record != "attestations":
        found |= {
            "record": record,
            "on": sketch.one_of(_dates(sketch, record)),
        }
        found |= {"where": _condition(sketch, record)} if sketch.maybe() else {}
    if sketch.maybe(4):
        found["except"] = {"a1": "not_applicable", "b": "not_applicable"}
    return found


def _outcomes(sketch: Sketch) -> None:
    ids = [one["id"] for one in (*sketch.parts["targets"], *sketch.parts["duties"])]
    drawn = list(dict.fromkeys(sketch.one_of(ids) for _ in range(sketch.number(1, 3))))
    sketch.parts["outcomes"] = [{"id": "O-1", "all_of": drawn}] if sketch.maybe() else []


# -- returns ------------------------------------------------------------------------------------------------------

ASKED = ("each unit", "each city", "each county", "a", "c", ["a1", "each city"], ["b", "b1"])
DELAYS: tuple[dict[str, str], ...] = ({}, {"due": "5 天"}, {"due": "3 工作日"}, {"due": "40 天"}, {"due": "0 天"})


def _returns(sketch: Sketch) -> None:
    """In half of the campaigns units are asked for records; many of them submit nothing."""
    sketch.parts["returns"] = [_return(sketch, i) for i in range(sketch.pick(0, 0, 1, 2))]


def _return(sketch: Sketch, i: int) -> dict[str, Any]:
    asked = [name for name, fields in sketch.fields.items() if name != "units" and "place" in fields]
    records = [sketch.one_of([*asked, *asked, "figures", "attestations"]) for _ in range(sketch.pick(1, 1, 2))]
    found: dict[str, Any] = {"id": f"R-{i}", "records": list(dict.fromkeys(records)), "for": sketch.one_of(ASKED)}
    found |= {"in": _windows(sketch), **sketch.one_of(DELAYS)}
    return found | ({"except": {sketch.one_of(UNITS): "not_applicable"}} if sketch.maybe(4) else {})


PERIODS_SAID = (
    "2023-06", "2023年6月", "6月", "二季度", "2023Q2", "1-6月", "上半年", "2023", "2023-02", "2月", "全期", "p1", "2024年2月",
    "2023年第23周", "乱写",
)  # fmt: skip


def _submissions(sketch: Sketch) -> Tables:
    """Entries of the table `returns`, which some campaigns with returns have."""
    returns = sketch.parts["returns"]
    if not returns or sketch.maybe(4):
        return {}
    return {"returns": [_entry(sketch, sketch.one_of(returns)) for _ in range(sketch.pick(0, 2, 6, 12))]}


def _entry(sketch: Sketch, asked: dict[str, Any]) -> dict[str, str]:
    words = sketch.pick("", "", asked["records"][0], "、".join(asked["records"]))
    period = sketch.one_of(("", "", *PERIODS_SAID))
    row = {"return": asked["id"], "unit": sketch.one_of(UNITS), "on": sketch.one_of(sketch.days)}
    return row | {"window": period, "records": words}


def _sources(sketch: Sketch) -> tuple[Source, ...]:
    """Sheets headed with who submits them."""
    records = [record for asked in sketch.parts["returns"] for record in asked["records"]]
    return tuple(_source(sketch, sketch.one_of(records)) for _ in range(sketch.pick(0, 0, 1, 2) if records else 0))


def _source(sketch: Sketch, record: str) -> Source:
    unit, day = sketch.one_of(UNITS), dt.date.fromisoformat(sketch.one_of(sketch.days))
    period, on = sketch.one_of((None, *PERIODS_SAID)), sketch.pick(None, day)
    return Source(record, sketch.pick("甲.xlsx", "乙.xlsx"), None, unit, period, on, 0)


# -- data ---------------------------------------------------------------------------------------------------------


def _tables(sketch: Sketch) -> Tables:
    """A table for each record, some empty, some left out."""
    made = {name: _rows(sketch, name, one) for name, one in sketch.fields.items() if name not in ("units", "quota")}
    made |= {"quota": _quotas(sketch), "figures": _figures(sketch), "attestations": _attestations(sketch)}
    kept = {name: rows for name, rows in made.items() if not sketch.maybe(10)}
    if sketch.parts["units"]["roster"] == "submitted" and not sketch.maybe(5):
        kept["units"] = [
            {key: unit.get(key, "") for key in ("id", "title", "class", "parent")}
            for unit in sketch.fields["units"].values()
        ]
    return kept


def _rows(sketch: Sketch, name: str, fields: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    cells = {column: _cells(sketch, one) for column, one in fields.items() if column != "id"}
    return [{"id": f"{name}-{i}", **_row(sketch, cells)} for i in range(sketch.pick(0, 1, 3, 6, 10, 16))]


def _row(sketch: Sketch, cells: dict[str, Sequence[str]]) -> dict[str, str]:
    return {column: sketch.one_of(values) for column, values in cells.items()}


def _cells(sketch: Sketch, declared: dict[str, Any]) -> Sequence[str]:
    """What may stand in a column; the last, now and then nothing."""
    values = {"date": sketch.days, "unit": sketch.places, "quantity": _numbers(declared)}.get(declared["type"])
    values = CELLS[declared["type"]] if values is None else values
    return values if declared.get("required", True) else (*values, *values, "")


WHOLE = ("0", "1", "-1", "2", "10000", "15000", "123456789")
DECIMAL = ("1.5", "0.25", "-0.75", "0.01", "3.33")


def _numbers(declared: dict[str, Any]) -> tuple[str, ...]:
    places = declared.get("decimals", 6)
    return (*WHOLE, *(DECIMAL if places >= 2 else ()), *(("0.000015", "0.333333") if places == 6 else ()))


CELLS: dict[str, tuple[str, ...]] = {
    "count": ("0", "1", "2", "2", "3", "7"),
    "bool": ("是", "否"),
    "hue": (*WORDS, "红"),
    "tags": ("red", "red、blue", "blue、red", "green", "绿、蓝"),
    "text": ("x", "y", "x y", "甲"),
}


def _quotas(sketch: Sketch) -> list[dict[str, str]]:
    """A row for each of the first units, and one for the whole; now and then two for one unit."""
    fields = sketch.fields["quota"]
    cells = {column: _cells(sketch, one) for column, one in fields.items() if column != "place"}
    places = [*UNITS, "", sketch.pick("", "a", "a1")][: sketch.number(0, 8)]
    return [{"place": place, **_row(sketch, cells)} for place in places]


def _figures(sketch: Sketch) -> list[dict[str, str]]:
    names = [m.name for m in sketch.metrics if m.verb == "reported"]
    cells = {"metric": names, "unit": (*sketch.places, ""), "on": sketch.days, "value": WHOLE + DECIMAL}
    rows = [_row(sketch, cells) for _ in range(sketch.pick(0, 3, 8, 12) if names else 0)]
    return list({(row["metric"], row["unit"], row["on"]): row for row in rows}.values())


def _attestations(sketch: Sketch) -> list[dict[str, str]]:
    ids = [duty["id"] for duty in sketch.parts["duties"]]
    due = (*[""] * len(DUE_DAYS), *DUE_DAYS)
    cells = {"duty": ids, "unit": (*sketch.places, ""), "on": sketch.days, "due_on": due, "evidence": ("", "图")}
    return [_row(sketch, cells) for _ in range(sketch.pick(0, 4, 8, 14) if ids else 0)]


DUE_DAYS = (
    "2023-06-15", "2023-06-30", "2023-07-03", "2023-07-02", "2023-06-02", "2024-02-15", "2024-02-29", "2023-02-28",
    "2023-12-31",
)  # fmt: skip
