"""SQL by hand for the benchmark campaign: what somebody who knows these engines well writes, as text.

`cube_queries`: the cube, as `run.by_hand` is in Polars. `ALL_IN_ONE`: everything at once on DuckDB, from rows to statuses,
in three ways. Goes out: text only. `values_of` makes the values of metrics from the answers, to hold them against ours.
"""

# ruff: noqa: ISC004, S608  queries are pasted from constants of this file; nothing comes from outside
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import frozen
from run import AS_OF, ORIGINS, SECTORS, WINDOWS

AMOUNT: Final = "CAST(investment * 10000 AS BIGINT)"
"""Exact, and faster to add than a decimal in each of the engines."""
FILTERS: Final[Mapping[str, str]] = {
    "listed": "listed",
    "big": "amount >= 100000",
    **{name: f"origin = '{word}'" for name, word in zip(("in", "out", "overseas"), ORIGINS, strict=True)},
    **{word: f"sector = '{word}'" for word in SECTORS},
}


def counted(name: str) -> str:
    """The metric that counts what passes a filter."""
    return {"listed": "listed_projects", "big": "big"}.get(name, f"n_{name}")


def summed(name: str) -> str:
    """The metric that adds up what passes a filter."""
    return f"{name}_investment" if name in ("listed", "big") else f"v_{name}"


# -- the cube ------------------------------------------------------------------------------------------------------

_BIT: Final = {
    "duckdb": "CAST(1 AS BIGINT) << {0}",
    "postgres": "CAST(1 AS BIGINT) << {0}",
    "spark": "shiftleft(CAST(1 AS BIGINT), {0})",
}
_MONTH: Final = "CAST((EXTRACT(YEAR FROM signed_on) - 2022) * 12 + EXTRACT(MONTH FROM signed_on) AS INTEGER)"


def cube_queries(engine: str, table: str = "project", *, sets: bool = False) -> dict[str, str]:
    """Signed and started projects by unit and day, the cohort by unit, companies by unit and the months they occur in.

    `sets`: companies are not told one by one, as our cube has them, but counted by the set of months they occur in,
    which is more work for the engine and less for whoever fetches the answer.
    """
    rows = f"(SELECT *, {AMOUNT} AS amount FROM {table}) AS r"
    parts = ", ".join(
        f"count(*) FILTER (WHERE {mask}) AS {counted(name)}, CAST(sum(amount) FILTER (WHERE {mask}) AS BIGINT) AS {summed(name)}"
        for name, mask in FILTERS.items()
    )
    return {
        "signed": f"SELECT unit, signed_on AS day, count(*) AS projects, CAST(sum(amount) AS BIGINT) AS investment, max(amount) AS largest, {parts} "
        f"FROM {rows} WHERE signed_on <= DATE '{AS_OF}' GROUP BY unit, signed_on",
        "started": "SELECT unit, started_on AS day, count(*) AS starts, CAST(sum(amount) AS BIGINT) AS started_investment, "
        "count(*) FILTER (WHERE EXTRACT(YEAR FROM signed_on) = 2022) AS reached "
        f"FROM {rows} WHERE started_on <= DATE '{AS_OF}' GROUP BY unit, started_on",
        "cohort": "SELECT unit, count(*) FILTER (WHERE EXTRACT(YEAR FROM signed_on) = 2022) AS cohort "
        f"FROM {table} GROUP BY unit",
        "companies": (_sets if sets else _pairs)(_BIT[engine].format(_MONTH), table),
    }


def _pairs(bit: str, table: str) -> str:
    """Companies of each unit, the months they occur in, and as listed ones."""
    return (
        "SELECT unit, company, bit_or(bit) AS months, bit_or(bit) FILTER (WHERE listed) AS listed_months FROM "
        f"(SELECT unit, company, listed, {bit} AS bit FROM {table} WHERE signed_on <= DATE '{AS_OF}') AS b GROUP BY unit, company"
    )


def _sets(bit: str, table: str) -> str:
    """How many companies each unit has with the same months, and the whole."""
    return (
        f"WITH pairs AS ({_pairs(bit, table)}), "
        "wholes AS (SELECT bit_or(months) AS months, bit_or(listed_months) AS listed_months FROM pairs GROUP BY company) "
        "SELECT unit, months, listed_months, count(*) AS n FROM pairs GROUP BY unit, months, listed_months UNION ALL "
        "SELECT NULL AS unit, months, listed_months, count(*) AS n FROM wholes GROUP BY months, listed_months"
    )


def as_sets(companies: pl.DataFrame) -> pl.DataFrame:
    """Pairs of unit and company as `sets` has them."""
    if "n" in companies.columns:
        return companies
    bits = pl.col("months", "listed_months").bitwise_or()
    wholes = companies.group_by("company").agg(bits).with_columns(unit=pl.lit(None, pl.String))
    both = pl.concat(
        [companies.select("unit", "months", "listed_months"), wholes.select("unit", "months", "listed_months")]
    )
    return both.group_by("unit", "months", "listed_months").agg(n=pl.len())


KEPT: Final = Decimal("1e-12")
"""Decimals that a division keeps, half to even."""

# -- values, to compare --------------------------------------------------------------------------------------------


@frozen
class Span:
    """A window, as far as it has come; and the part of the window a quarter earlier that its growth looks at."""

    name: str
    first: dt.date
    last: dt.date
    earlier_first: dt.date
    earlier_last: dt.date

    @property
    def until(self) -> dt.date:
        return min(self.last, AS_OF)

    @property
    def months(self) -> int:
        """The bits of its months."""
        return sum(2 << number for number in range(11 + self.first.month, 12 + self.until.month))


def spans() -> Iterator[Span]:
    """The campaign's windows, by the calendar; all begin and end with months."""
    for name in WINDOWS:
        first, count = _first(name)
        last = _later(first, count) - dt.timedelta(1)
        earlier, end = _later(first, -3), _later(first, count - 3) - dt.timedelta(1)
        if last > AS_OF:
            end = min(end, earlier + (AS_OF - first))
        yield Span(name, first, last, earlier, end)


def _first(name: str) -> tuple[dt.date, int]:
    """Its first day and how many months it has."""
    part = name[4:]
    if part.startswith("-"):
        return dt.date(2023, int(part[1:]), 1), 1
    count = {"": 12, "H": 6, "Q": 3}[part[:1]]
    return dt.date(2023, count * (int(part[1:] or 1) - 1) + 1, 1), count


def _later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, day.day)


Values = dict[tuple[str, str, str | None], Decimal | None]
"""(metric, window, unit or the whole) → value, amounts in 亿元."""


def values_of(answers: Mapping[str, pl.DataFrame], units: list[str]) -> Values:
    """Values of all metrics but formulas, from the answers of `cube_queries`: what the cube is good for."""
    answers = {**answers, "companies": as_sets(answers["companies"])}
    found: Values = {}
    for span in spans():
        if span.first <= AS_OF:
            for unit in [*units, None]:
                found |= {(metric, span.name, unit): v for metric, v in _of_span(answers, span, unit).items()}
    return found


def _of_span(answers: Mapping[str, pl.DataFrame], span: Span, unit: str | None) -> dict[str, Decimal | None]:
    def mine(name: str) -> pl.DataFrame:
        return answers[name] if unit is None else answers[name].filter(pl.col("unit") == unit)

    signed = mine("signed").filter(pl.col("day").is_between(span.first, span.until))
    started = mine("started").filter(pl.col("day").is_between(span.first, span.until))
    numbers = {name: _sum(signed, name) for name in signed.columns if name not in ("unit", "day", "largest")}
    numbers |= {name: _sum(started, name) for name in ("starts", "started_investment")}
    companies = answers["companies"].filter(pl.col("unit").is_null() if unit is None else pl.col("unit") == unit)
    for metric, column in (("companies", "months"), ("listed_companies", "listed_months")):
        numbers[metric] = _sum(companies.filter((pl.col(column) & span.months) != 0), "n")
    amounts = {name for name in numbers if name.startswith("v_") or name.endswith("investment")}
    values: dict[str, Decimal | None] = {
        name: Decimal(n) / (10_000 if name in amounts else 1) for name, n in numbers.items()
    }
    rate = _ratio(_sum(mine("started").filter(pl.col("day") <= span.until), "reached"), _sum(mine("cohort"), "cohort"))
    values["start_rate"] = None if rate is None else rate * 100
    values["average"] = _ratio(Decimal(numbers["investment"]) / 10_000, numbers["projects"])
    values["largest"] = Decimal(int(signed["largest"].max())) / 10_000 if len(signed) else None  # type: ignore[arg-type]  # whole numbers
    return values


def _ratio(above: Decimal | int, below: int) -> Decimal | None:
    """A quotient as it is kept; of nothing there is none."""
    return (Decimal(above) / below).quantize(KEPT) if below else None


def _sum(frame: pl.DataFrame, name: str) -> int:
    return int(frame[name].cast(pl.Int64).sum())


# -- all in one ----------------------------------------------------------------------------------------------------

METRICS: Final = [
    "projects", "investment", "largest", "average", "companies", "listed_companies", "start_rate", "starts",
    "started_investment", *(f(name) for name in FILTERS for f in (counted, summed)), "share_out", "growth",
]  # fmt: skip
_PLAIN: Final = {"largest", "average", "start_rate", "share_out", "growth"}
"""Metrics that may go down again: no pace, and never met before the window is over."""
_SETS: Final = "GROUP BY GROUPING SETS ((w.name, p.unit), (w.name))"


def _windows() -> str:
    rows = ", ".join(
        f"('{s.name}', DATE '{s.first}', DATE '{s.last}', DATE '{s.until}', DATE '{s.earlier_first}', DATE '{s.earlier_last}', {s.months})"
        for s in spans()
        if s.first <= AS_OF
    )
    return f"w(name, first, last, until, first0, until0, months) AS (VALUES {rows})"


def _additive(source: str) -> str:
    """Aggregates of signed projects: from rows (`r`) or from days (`d`)."""
    if source == "r":
        parts = [
            f"count(*) FILTER (WHERE {mask}) AS {counted(n)}, sum(amount) FILTER (WHERE {mask}) AS {summed(n)}"
            for n, mask in FILTERS.items()
        ]
        return ", ".join(["count(*) AS projects, sum(amount) AS investment, max(amount) AS largest", *parts])
    names = ["projects", "investment", *(f(n) for n in FILTERS for f in (counted, summed))]
    return ", ".join([*(f"sum({name}) AS {name}" for name in names), "max(largest) AS largest"])


_DISTINCT: Final = (
    "count(DISTINCT company) AS companies, count(DISTINCT company) FILTER (WHERE listed) AS listed_companies"
)
_ROWS: Final = f"p AS (SELECT *, {AMOUNT} AS amount FROM project)"

_STRAIGHT: Final = [
    _ROWS,
    f"signed AS (SELECT w.name, p.unit, {_additive('r')}, {_DISTINCT} FROM p JOIN w ON p.signed_on BETWEEN w.first AND w.until {_SETS})",
    "started AS (SELECT w.name, p.unit, count(*) AS starts, sum(amount) AS started_investment FROM p "
    f"JOIN w ON p.started_on BETWEEN w.first AND w.until {_SETS})",
    "cohort AS (SELECT w.name, p.unit, count(*) AS cohort, count(*) FILTER (WHERE p.started_on <= w.until) AS reached "
    f"FROM p CROSS JOIN w WHERE year(p.signed_on) = 2022 {_SETS})",
    f"earlier AS (SELECT w.name, p.unit, sum(amount) AS before FROM p JOIN w ON p.signed_on BETWEEN w.first0 AND w.until0 {_SETS})",
]
"""Rows joined with windows, everything counted there: as the question is asked."""

_DAYS: Final = [
    _ROWS,
    f"days AS MATERIALIZED (SELECT unit, signed_on, {_additive('r')} FROM p GROUP BY ALL)",
    "starts AS MATERIALIZED (SELECT unit, started_on, count(*) AS starts, sum(amount) AS started_investment, "
    "count(*) FILTER (WHERE year(signed_on) = 2022) AS reached FROM p WHERE started_on IS NOT NULL GROUP BY ALL)",
    "of_2022 AS (SELECT unit, count(*) AS cohort FROM p WHERE year(signed_on) = 2022 GROUP BY ALL)",
    f"added AS (SELECT w.name, p.unit, {_additive('d')} FROM days AS p JOIN w ON p.signed_on BETWEEN w.first AND w.until {_SETS})",
    "started AS (SELECT w.name, p.unit, sum(starts) AS starts, sum(started_investment) AS started_investment "
    f"FROM starts AS p JOIN w ON p.started_on BETWEEN w.first AND w.until {_SETS})",
    f"cohorts AS (SELECT w.name, p.unit, sum(cohort) AS cohort FROM of_2022 AS p CROSS JOIN w {_SETS})",
    f"reached AS (SELECT w.name, p.unit, sum(reached) AS reached FROM starts AS p JOIN w ON p.started_on <= w.until {_SETS})",
    "cohort AS (SELECT c.name, c.unit, cohort, coalesce(reached, 0) AS reached FROM cohorts AS c "
    "LEFT JOIN reached AS r ON r.name = c.name AND r.unit IS NOT DISTINCT FROM c.unit)",
    f"earlier AS (SELECT w.name, p.unit, sum(investment) AS before FROM days AS p JOIN w ON p.signed_on BETWEEN w.first0 AND w.until0 {_SETS})",
]
"""Days first, windows from the days."""
_JOINED: Final = (
    "signed AS (SELECT a.*, companies, listed_companies FROM added AS a "
    "LEFT JOIN held AS h ON h.name = a.name AND h.unit IS NOT DISTINCT FROM a.unit)"
)
_HELD_DISTINCT: Final = (
    f"held AS (SELECT w.name, p.unit, {_DISTINCT} FROM p JOIN w ON p.signed_on BETWEEN w.first AND w.until {_SETS})"
)
_HELD_BITS: Final = (
    f"sets AS MATERIALIZED ({_sets(_BIT['duckdb'].format(_MONTH), 'project')}), "
    "held AS (SELECT w.name, s.unit, sum(n) FILTER (WHERE s.months & w.months <> 0) AS companies, "
    "sum(n) FILTER (WHERE s.listed_months & w.months <> 0) AS listed_companies FROM sets AS s CROSS JOIN w GROUP BY w.name, s.unit)"
)


def _whole(steps: list[str]) -> str:
    """From the steps to one row for each target, subject and window: value, what is demanded, status."""
    return (
        f"WITH {', '.join([_windows(), *steps])}, {_finish()} "
        "SELECT metric, name AS window, unit, value, low, CASE WHEN value IS NULL THEN 'missing' "
        f"WHEN last <= DATE '{AS_OF}' THEN CASE WHEN value >= low THEN 'met' ELSE 'missed' END "
        "WHEN value >= low THEN CASE WHEN grows THEN 'met' ELSE 'on_track' END "
        "WHEN grows AND value * (last - first + 1) >= low * (until - first + 1) THEN 'on_track' ELSE 'behind' END AS status "
        "FROM long JOIN targets USING (metric)"
    )


def _finish() -> str:
    """Subjects × windows with all numbers, then one row for each metric, amounts in 亿元."""
    amounts = ["investment", "started_investment", "largest", *(summed(n) for n in FILTERS)]
    counts = ["projects", "starts", "companies", "listed_companies", *(counted(n) for n in FILTERS)]
    cells = [f"CAST(coalesce({name}, 0) AS DOUBLE) AS {name}" for name in counts]
    cells += [f"coalesce({name}, 0) / 10000 AS {name}" for name in amounts if name != "largest"]
    cells += ["largest / 10000 AS largest", "investment / 10000 / projects AS average"]
    cells += [
        "100 * reached / nullif(cohort, 0) AS start_rate",
        "100 * coalesce(v_out, 0) / nullif(investment, 0) AS share_out",
    ]
    cells += ["100 * (coalesce(investment, 0) / nullif(before, 0) - 1) AS growth"]
    demands = ", ".join(
        f"('{metric}', {100 if metric in ('start_rate', 'share_out', 'growth') else 1}, {metric not in _PLAIN})"
        for metric in METRICS
    )
    same = "{0}.name = w.name AND {0}.unit IS NOT DISTINCT FROM u.unit"
    joins = " ".join(f"LEFT JOIN {t} ON {same.format(t)}" for t in ("signed", "started", "cohort", "earlier"))
    return (
        "subjects AS (SELECT DISTINCT unit FROM project UNION ALL SELECT NULL), "
        f"wide AS (SELECT w.name, w.first, w.last, w.until, u.unit, {', '.join(cells)} FROM w CROSS JOIN subjects AS u {joins}), "
        f"targets(metric, low, grows) AS (VALUES {demands}), "
        f"long AS (SELECT * FROM wide UNPIVOT INCLUDE NULLS (value FOR metric IN ({', '.join(METRICS)})))"
    )


ALL_IN_ONE: Final[Mapping[str, str]] = {
    "rows joined with windows": _whole(_STRAIGHT),
    "days first, distinct from rows": _whole([*_DAYS, _HELD_DISTINCT, _JOINED]),
    "days first, distinct by bits": _whole([*_DAYS, _HELD_BITS, _JOINED]),
}


def as_rows(frame: pl.DataFrame) -> dict[tuple[str, str, str | None], Any]:
    """(metric, window, unit) → (value, status)."""
    picked = frame.select("metric", "window", "unit", "value", "status").rows()
    return {(metric, window, unit): (value, status) for metric, window, unit, value, status in picked}
