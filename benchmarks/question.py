"""What other rule engines are asked: filters × windows × units of the benchmark campaign, in the notations that they read.

Goes out: the question, made-up records as dictionaries, answers added up from bits. Must not know: any engine, or ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import frozen
from make_data import projects, units_table
from run import ORIGINS, SECTORS

UNITS: Final = [unit["id"] for unit in units_table()]
Test = tuple[str, str, Any]
Rule = tuple[Test, ...]
"""A conjunction of comparisons field, operator, value; `is` stands for a yes/no field."""
Row = dict[str, Any]
Array = np.ndarray[Any, Any]

FILTERS: Final[Mapping[str, Rule]] = {
    "": (),
    "listed": (("listed", "is", True),),
    "big": (("investment", ">=", 100_000),),
    **{name: (("origin", "==", word),) for name, word in zip(("in", "out", "overseas"), ORIGINS, strict=True)},
    **{word: (("sector", "==", word),) for word in SECTORS},
}


def metrics_of(name: str) -> tuple[str, str]:
    """The campaign's metrics that count and add up what passes a filter."""
    if name in ("listed", "big"):
        return {"listed": "listed_projects", "big": "big"}[name], f"{name}_investment"
    return (f"n_{name}", f"v_{name}") if name else ("projects", "investment")


@frozen
class Question:
    """Filters × windows; days as whole numbers 20230630, which every engine compares fast."""

    windows: Mapping[str, tuple[int, int]]

    @property
    def outer(self) -> Rule:
        """The window around all others: what no window holds is asked nothing else."""
        return between(min(a for a, _ in self.windows.values()), max(b for _, b in self.windows.values()))

    @property
    def rules(self) -> list[Rule]:
        """One bit for each of them: the filters but the first, which all rows pass, then the windows but the outer one."""
        inner = [between(*days) for days in self.windows.values()]  # two may end alike, on the day that is looked at
        return [rule for rule in dict.fromkeys((*FILTERS.values(), *inner)) if rule and rule != self.outer]

    def bit(self, rule: Rule) -> int:
        """The bit of a rule; 1, which is set where the outer window holds, for those that have none."""
        return 2 << self.rules.index(rule) if rule in self.rules else 1


def between(first: int, last: int) -> Rule:
    """Signed from one day to another."""
    return (("signed_on", ">=", first), ("signed_on", "<=", last))


@frozen
class Records:
    """The records that engines are asked about."""

    frame: pl.DataFrame
    rows: list[Row]
    unit: Array
    amount: Array

    def head(self, count: int) -> Records:
        return Records(self.frame.head(count), self.rows[:count], self.unit[:count], self.amount[:count])


def records(count: int) -> Records:
    """Made-up projects, and as dictionaries of whole numbers and text."""
    frame = projects(count, len(UNITS), seed=7)
    plain = frame.select(
        "unit", "origin", "sector", "listed",
        investment=pl.col("investment").to_physical().cast(pl.Int64),
        signed_on=pl.col("signed_on").dt.strftime("%Y%m%d").cast(pl.Int64),
    )  # fmt: skip
    codes = plain["unit"].replace_strict(UNITS, range(len(UNITS)), return_dtype=pl.Int64).to_numpy()
    return Records(frame, plain.to_dicts(), codes, plain["investment"].to_numpy())


# -- answers -------------------------------------------------------------------------------------------------------

Answer = dict[tuple[str, str], tuple[list[int], list[int]]]
"""(filter, window) → how many and how much, for each unit."""


def added(question: Question, given: Records, bits: Array) -> Answer:
    """Counts and sums from what an engine said of each record: few different words of bits, so few sums."""
    words, of_row = np.unique(bits, return_inverse=True)
    place, size = given.unit * len(words) + of_row, len(UNITS) * len(words)
    count = np.bincount(place, minlength=size).reshape(len(UNITS), -1)
    # weights are binary floats, exact below 2**53; the sums are checked against ours afterwards
    total = np.bincount(place, weights=given.amount, minlength=size).astype(np.int64).reshape(len(UNITS), -1)
    found: Answer = {}
    for window, days in question.windows.items():
        inside = (words & question.bit(between(*days))) != 0
        for name, rule in FILTERS.items():
            chosen = inside & ((words & question.bit(rule)) != 0)
            found[name, window] = (count[:, chosen].sum(axis=1).tolist(), total[:, chosen].sum(axis=1).tolist())
    return found


def one_by_one(question: Question, given: Records, items: Sequence[Any], ask: Callable[[Rule], Callable[[Any], Any]]) -> Callable[[], Answer]:  # fmt: skip
    """Each rule for itself on each record that the outer window holds. `items`: the records as the engine likes them."""
    outer, asked = ask(question.outer), [(question.bit(rule), ask(rule)) for rule in question.rules]

    def run() -> Answer:
        inside = np.fromiter((bool(outer(item)) for item in items), dtype=bool, count=len(items))
        places = np.flatnonzero(inside)
        held = [items[place] for place in places]
        bits = inside.astype(np.int64)
        for bit, rule in asked:
            bits[places] |= bit * np.fromiter((bool(rule(item)) for item in held), dtype=np.int64, count=len(held))
        return added(question, given, bits)

    return run


def at_once(question: Question, given: Records, ask: Callable[[], Sequence[Any]]) -> Callable[[], Answer]:
    """One expression that gives a number whose bits are the rules."""
    return lambda: added(question, given, np.array([int(word) for word in ask()], dtype=np.int64))


# -- notations -----------------------------------------------------------------------------------------------------


def infix(rule: Rule, conjunction: str = "and") -> str:
    """As simpleeval and ZEN write it, with another word for `and` CEL too."""
    parts = [name if op == "is" else f"{name} {op} {json.dumps(value)}" for name, op, value in rule]
    return f" {conjunction} ".join(parts)


def bits_infix(question: Question, when: str, conjunction: str = "and") -> str:
    """`when`: how the notation says "if {0} then {1} else 0"."""
    parts = [when.format(infix(rule, conjunction), question.bit(rule)) for rule in question.rules]
    return when.format(infix(question.outer, conjunction), " + ".join(["1", *parts]))


QUESTION_MARK: Final = "(({0}) ? ({1}) : 0)"


def logic(rule: Rule) -> Any:
    """As JsonLogic has it."""
    if len(rule) == 2:  # between two numbers
        return {"<=": [rule[0][2], {"var": rule[0][0]}, rule[1][2]]}
    ((name, op, value),) = rule
    return {"var": name} if op == "is" else {"===" if op == "==" else op: [{"var": name}, value]}


def bits_logic(question: Question) -> Any:
    """One rule that gives a number whose bits are the rules."""
    parts = [{"if": [logic(rule), question.bit(rule), 0]} for rule in question.rules]
    return {"if": [logic(question.outer), {"+": [1, *parts]}, 0]}
