"""Formulas as SQL give what the evaluators give: generated ones on DuckDB, a sample of every operation on each engine."""

import datetime as dt
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from campaignrules import reference
from campaignrules.columns import column_of, evaluate, values_of
from campaignrules.errors import CampaignError
from campaignrules.expressions import check
from campaignrules.quantities import scaled, unscaled
from campaignrules.relational.dialects import DUCKDB, POSTGRES, SPARK, column, named
from campaignrules.relational.lowering import LOWERED, row_sql, zero_sql
from campaignrules.relational.queries import Query
from campaignrules.trees import Apply, walk
from tests.engines import *  # noqa: F403  fixtures
from tests.engines import load
from tests.formula_strategies import ROWS, SCOPE, TYPES, formulas

STORED: dict[str, Any] = {"number": pl.Int64, "date": pl.Date, "bool": pl.Boolean, "tags": pl.List(pl.String)}


def stored(value, kind):
    """A value as a column of an engine holds it."""
    if value is None:
        return None
    if kind.kind == "number":
        return scaled(value, kind.scale)
    return sorted(value) if kind.kind == "tags" else value


def frame_of(rows):
    """The rows as a table with a number in front."""
    columns = [
        pl.Series(name, [stored(row[name], kind) for row in rows], dtype=STORED.get(kind.kind, pl.String))
        for name, kind in TYPES.items()
    ]
    return pl.DataFrame([pl.Series("row", range(len(rows)), dtype=pl.Int64), *columns])


def typed(dialect):
    """The columns as rows that were read have them."""
    texts = {name for name, kind in TYPES.items() if STORED.get(kind.kind) is None}
    return {name: dialect.text(column(name)) if name in texts else column(name) for name in TYPES}


def outside(value, kind):
    """A cell of an answer as a plain value."""
    return unscaled(int(value), kind.scale) if kind.kind == "number" and value is not None else value


def answers(engine, table, trees):
    """For each tree its values and the rows divided by zero, all from one query."""
    columns = typed(engine.dialect)
    cells = [named(column("row"), "row")]
    for number, tree in enumerate(trees):
        value = row_sql(tree, columns, engine.dialect)
        assert value is not None
        cells.append(named(value, f"v{number}"))
        zero = zero_sql(tree, columns, engine.dialect)
        cells.append(named(exp.false() if zero is None else zero, f"z{number}"))
    found = engine.run(Query(exp.select(*cells).from_(table.copy()))).sort("row")
    for number, tree in enumerate(trees):
        zeros = found[f"z{number}"].to_list()
        assert None not in zeros
        values = [outside(value, tree.type) for value in found[f"v{number}"].to_list()]
        yield values, [row for row, zero in enumerate(zeros) if zero]


def by_arrays(tree, rows):
    """The same from the NumPy backend."""
    columns = {name: column_of([row[name] for row in rows], kind) for name, kind in TYPES.items()}
    found = evaluate(tree, columns, len(rows))
    return values_of(found.column, tree.type), found.zero_divisions.tolist()


def by_reference(tree, rows):
    """The same from the reference."""
    found = [reference.evaluate(tree, row) for row in rows]
    return [one.value for one in found], [row for row, one in enumerate(found) if one.zero_division]


def lowered(texts, dialect):
    """The formulas that a dialect takes."""
    for text in texts:
        try:
            tree = check(text, SCOPE).root
        except CampaignError:
            continue
        if row_sql(tree, typed(dialect), dialect) is not None:
            yield tree


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(formulas(), min_size=1, max_size=6), ROWS)
def test_generated_formulas_on_duckdb(duckdb_engine, texts, rows):
    """Where bounds prove that a formula fits, DuckDB gives what both evaluators give."""
    duckdb_engine.connection.execute('DROP TABLE IF EXISTS "rows"')
    trees = list(lowered(texts, DUCKDB))
    for tree, found in zip(trees, answers(duckdb_engine, load(duckdb_engine, frame_of(rows)), trees), strict=True):
        assert found == by_arrays(tree, rows)
        assert found == by_reference(tree, rows)


# -- every operation on every engine ------------------------------------------------------------------------------

SAMPLE = """
x + y | x - big | y * 3 | x * x | big * big * 0.5 | x / y | y / x | big / 7 | x / 0 | (x - x) / (y - y) | 1 / 3
x // y | y // x | big // 7 | -big // 7 | x // 0 | x % y | big % 7 | -big % 7 | big % -7 | x % 0 | money % cost
x ** 0 | y ** 2 | x ** 2 | -x | abs(x) | abs(big - x) | money / cost | cost / money | money // cost | (1 * 亿元) / cost
round(x, 2) | round(y, 1) | round(y, 0) | round(big, -3) | round(x * y, 3) | round(x, 8) | round(money, -8)
round_even(x, 2) | round_even(y, 1) | round_even(y, 0) | round_even(big, -3) | round_even(x * y, 3)
round_down(x, 2) | round_down(y, 0) | round_down(big, -3) | round_down(x * y, 3)
round_up(x, 2) | round_up(y, 0) | round_up(big, -3) | round_up(x * y, 3)
floor(x) | floor(y) | floor(-y) | floor(x * y) | ceil(x) | ceil(y) | ceil(-y) | ceil(x * y) | ceil(x / y)
min(x, y) | max(x, y, big) | min(x) | max(y, 0) | min(x, x * y) | clamp(x, 0, 1) | clamp(y, -x, x) | clamp(x * y, y, 5)
coalesce(x, y, 0) | coalesce(x, x * y) | coalesce(d, e) | coalesce(p, q) | coalesce(t, s, 'ab') | coalesce(x / y, 1 / y)
x if p else y | x * y if p else 0 | x / y if y != 0 else 0 | d if p else e | t if q else 'b' | None if p else x
year(d) + 0 | quarter(d) | month(d) | day(d) | days_between(d, e) | d - e | (d - e) * 1000000 / 7 | (e - d) ** 2
length(t) | length('项目😀') | starts_with(t, s) | ends_with(t, s) | contains(t, s) | contains(t, '%') | contains(t, '')
ends_with(t, '.') | starts_with(t, '%') | t == s | t != s | t == 'AB' | t in ['a', 'b'] | s not in ['项'] | t in []
w == 'food' | w in ['food', 'health'] | w in g | 'food' in g | g is None | u == 'ab' | 'energy' not in g
x == y | x != y | x < y | x <= y | x > y | x >= y | d < e | d == date(2023, 2, 28) | money > cost | 1 < x <= 2 | p == q
x in [0, 1, 0.5] | y in [] | y not in [0.25, 0.001] | big in [99999999999999999999] | x * y in [0, 1] | n == 0 | n > 0.5
p and q | p or q | p and q and x > 0 | not p | not (p and q) | p and x / y > 1 | p or x / y > 1 | (x / y) is None
x is None | d is not None | (p or q) is None | True if p else False | (1 / x if p else 1 / y) | coalesce(p, x / y > 0)
99999999999999999999 + big | 99999999999999999999 * y | -99999999999999999999 // 3 | x + 1234567890123.5
"""


@cache
def sample():
    """Every operation, and generated formulas, the same each time."""
    drawn: list[str] = []

    @settings(
        max_examples=60,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(formulas())
    def draw(text):
        drawn.append(text)

    draw()
    written = [text.strip() for line in SAMPLE.strip().splitlines() for text in line.split(" | ")]
    return [*written, *dict.fromkeys(text for text in drawn if len(text) < 300)]


EDGES: dict[str, list[Any]] = {
    "number": [None, 0, 1, -1, 5, -5, 15, 25, -25, 35, 10**6, 25 * 10**4, -25 * 10**4, 10**18 - 1, 1 - 10**18, 7**20],
    "bool": [None, True, False],
    "text": [None, "", "a", "A", "b", "ab", "AB", "ab.", "%", "a%b", "项", "😀", "é", "e\u0301", "\\", "'", " a "],
    "date": [
        None,
        dt.date(1, 1, 1),
        dt.date(9999, 12, 31),
        dt.date(1969, 12, 31),
        dt.date(2023, 2, 28),
        dt.date(2024, 2, 29),
    ],
    "word": [None, "food", "health"],
    "tags": [None, frozenset(), frozenset({"food"}), frozenset({"food", "energy"})],
}


def edge_rows(count=80):
    """Rows of extreme, missing and ordinary values, the same each time."""
    luck = Random(6)  # noqa: S311  to draw test rows
    pools = {name: EDGES.get(kind.kind, EDGES["text"]) for name, kind in TYPES.items()}
    drawn = [{name: luck.choice(pool) for name, pool in pools.items()} for _ in range(count)]
    numbers = [name for name, kind in TYPES.items() if kind.kind == "number"]
    return [row | {name: _number(row[name], TYPES[name]) for name in numbers} for row in drawn]


def _number(whole, kind):
    return None if whole is None else unscaled(whole, kind.scale)


def test_the_sample_shows_every_operation():
    """What is lowered at all is in the sample."""
    trees = [check(text, SCOPE).root for text in sample()]
    assert {part.op for tree in trees for part in walk(tree) if isinstance(part, Apply)} >= LOWERED.keys()


def test_every_operation_on_every_engine(each_engine):
    """The same digits, and the same rows divided by zero, from one query of the sample's formulas."""
    rows = edge_rows()
    table = load(each_engine, frame_of(rows))
    trees = list(lowered(sample(), each_engine.dialect))
    for tree, found in zip(trees, answers(each_engine, table, trees), strict=True):
        assert found == by_arrays(tree, rows), tree
        assert found == by_reference(tree, rows), tree


@pytest.mark.parametrize("dialect", [DUCKDB, POSTGRES, SPARK], ids=lambda dialect: dialect.name)
def test_nearly_the_whole_sample_is_lowered(dialect):
    """Only what a bound cannot prove is left to others: on PostgreSQL next to nothing."""
    taken, all_ = len(list(lowered(sample(), dialect))), len(sample())
    assert taken >= all_ * {"duckdb": 0.97, "postgres": 0.97, "spark": 0.95}[dialect.name]
