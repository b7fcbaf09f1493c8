"""Other rule engines on the same filters and sums: `python benchmarks/peers.py [--rows 100000] [--windows one|all] [--only NAME]`.

The question: for each of 20 units and each of eleven filters of the benchmark campaign, how many projects were signed
in a window and what they amount to, exactly. Each engine answers it in several ways, compiled once, with its records
prepared beforehand in the form it likes best; every answer must equal ours before it is timed. Engines that are slow
run on fewer records and are scaled per record. What is not installed is said and left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import field, frozen
from make_data import projects, units_table
from run import AS_OF, HERE, ORIGINS, SECTORS, WINDOWS, campaign

import campaignrules as cr
from campaignrules import intake
from campaignrules.engine import cube
from campaignrules.engine.finish import bounds_of

UNITS: Final = [unit["id"] for unit in units_table()]
RUNS: Final = 5
BUDGET: Final = 1.5
"""Seconds that one run of an engine may take; slower ones get fewer records."""
PROBE: Final = 500
"""Records on which a way is tried first."""
NOT_BEGUN: Final = {"2023Q4", "2023-10"}
"""Windows that have no values yet."""
OWN: Final = "the same question, whole evaluation"
TARGETS: Final = {"simpleeval": 40, "ZEN": 40, "JsonLogic": 20}
"""How many times faster the whole evaluation is meant to be."""
PLAIN: Final = {"a rule at a time", "a decision", "a compiled expression at a time"}
"""Ways in which a rule of the campaign stays a rule."""

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
        return _between(min(a for a, _ in self.windows.values()), max(b for _, b in self.windows.values()))

    @property
    def rules(self) -> list[Rule]:
        """One bit for each of them: the filters but the first, which all rows pass, then the windows but the outer one."""
        inner = [_between(*days) for days in self.windows.values()]
        return [rule for rule in (*FILTERS.values(), *inner) if rule and rule != self.outer]

    def bit(self, rule: Rule) -> int:
        """The bit of a rule; 1, which is set where the outer window holds, for those that have none."""
        return 2 << self.rules.index(rule) if rule in self.rules else 1


def _between(first: int, last: int) -> Rule:
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
        inside = (words & question.bit(_between(*days))) != 0
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
    parts = [{"if": [logic(rule), question.bit(rule), 0]} for rule in question.rules]
    return {"if": [logic(question.outer), {"+": [1, *parts]}, 0]}


# -- engines -------------------------------------------------------------------------------------------------------

Ways = Iterator[tuple[str, Callable[[], Answer]]]


@frozen
class Peer:
    """An engine: the packages that bring it, and the ways in which it answers."""

    name: str
    package: str
    ways: Callable[[Question, Records], Ways]

    @property
    def version(self) -> str | None:
        try:
            return metadata.version(self.package)
        except metadata.PackageNotFoundError:
            return None


def simpleeval(question: Question, given: Records) -> Ways:
    """Parsed once, as its documentation says; the names are the record itself."""
    from simpleeval import SimpleEval

    evaluator = SimpleEval()

    def ask(text: str) -> Callable[[Row], Any]:
        parsed = evaluator.parse(text)

        def run(row: Row) -> Any:
            evaluator.names = row
            return evaluator.eval(text, previously_parsed=parsed)

        return run

    whole = ask(bits_infix(question, "(({1}) if {0} else 0)"))
    yield "a rule at a time", one_by_one(question, given, given.rows, lambda rule: ask(infix(rule)))
    yield "one expression of bits", at_once(question, given, lambda: [whole(row) for row in given.rows])


def zen_engine(question: Question, given: Records) -> Ways:
    """A decision as its documentation shows, singly and in batches; and its bare compiled expressions."""
    import zen

    names = [f"r{number}" for number in range(len(question.rules) + 1)]
    listed = [{"id": n, "key": n, "value": infix(r)} for n, r in zip(names, [question.outer, *question.rules], strict=True)]  # fmt: skip
    decision = zen.ZenEngine().create_decision(_decision(listed))
    bits = [1, *map(question.bit, question.rules)]

    def decided() -> list[int]:
        found = (decision.evaluate(row)["result"] for row in given.rows)
        return [sum(bit for bit, name in zip(bits, names, strict=True) if r[name]) if r["r0"] else 0 for r in found]

    yield "a decision", at_once(question, given, decided)
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"bits": json.loads(_decision([{"id": "b", "key": "b", "value": bits_infix(question, QUESTION_MARK)}]))}}})  # fmt: skip
    asked = [{"key": "bits", "context": row} for row in given.rows]
    yield (
        "a batch of decisions of bits",
        at_once(question, given, lambda: [r["data"]["result"]["b"] for r in engine.evaluate_batch(asked)]),
    )
    yield (
        "a compiled expression at a time",
        one_by_one(question, given, given.rows, lambda rule: zen.compile_expression(infix(rule)).evaluate),
    )
    whole = zen.compile_expression(bits_infix(question, QUESTION_MARK)).evaluate
    yield "one expression of bits", at_once(question, given, lambda: [whole(row) for row in given.rows])
    texts = [json.dumps(row) for row in given.rows]
    yield "one expression of bits, of JSON text", at_once(question, given, lambda: [whole(text) for text in texts])


def _decision(expressions: list[dict[str, str]]) -> str:
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "do", "type": "expressionNode", "name": "do", "position": {"x": 1, "y": 0}, "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]  # fmt: skip
    edges = [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in (("in", "do"), ("do", "out"))]
    return json.dumps({"nodes": nodes, "edges": edges})


def datalogic(question: Question, given: Records) -> Ways:
    """Compiled rules in a session; from dictionaries, and from records that it has parsed beforehand."""
    import datalogic_py

    engine = datalogic_py.Engine()
    session = engine.session()
    handles = [datalogic_py.DataHandle(row) for row in given.rows]

    def ask(rule: Rule) -> Callable[[Row], Any]:
        compiled = engine.compile(logic(rule))
        return lambda row: session.evaluate(compiled, row)

    def ask_parsed(rule: Rule) -> Callable[[Any], Any]:
        compiled = engine.compile(logic(rule))
        return lambda handle: session.evaluate_bool(compiled, handle)

    whole = engine.compile(bits_logic(question))
    yield "a rule at a time", one_by_one(question, given, given.rows, ask)
    yield "a rule at a time, records parsed", one_by_one(question, given, handles, ask_parsed)
    yield "one rule of bits", at_once(question, given, lambda: [session.evaluate(whole, row) for row in given.rows])
    yield (
        "one rule of bits, records parsed",
        at_once(question, given, lambda: [session.evaluate_int(whole, handle) for handle in handles]),
    )
    yield (
        "one rule of bits, a batch of parsed records",
        at_once(question, given, lambda: session.evaluate_batch(whole, handles)),
    )


def json_logic_qubit(question: Question, given: Records) -> Ways:
    """It compiles nothing: a rule is a dictionary."""
    from json_logic import jsonLogic

    yield from _uncompiled(question, given, jsonLogic)


def jsonlogic_rs(question: Question, given: Records) -> Ways:
    """It compiles nothing either."""
    from jsonlogic_rs import apply

    yield from _uncompiled(question, given, apply)


def _uncompiled(question: Question, given: Records, apply: Callable[[Any, Row], Any]) -> Ways:
    whole = bits_logic(question)

    def ask(rule: Rule) -> Callable[[Row], Any]:
        written = logic(rule)
        return lambda row: apply(written, row)

    yield "a rule at a time", one_by_one(question, given, given.rows, ask)
    yield "one rule of bits", at_once(question, given, lambda: [apply(whole, row) for row in given.rows])


def common_expression_language(question: Question, given: Records) -> Ways:
    import cel

    yield (
        "a rule at a time",
        one_by_one(question, given, given.rows, lambda rule: cel.compile(infix(rule, "&&")).execute),
    )
    whole = cel.compile(bits_infix(question, QUESTION_MARK, "&&")).execute
    yield "one expression of bits", at_once(question, given, lambda: [whole(row) for row in given.rows])


def cel_python(question: Question, given: Records) -> Ways:
    """Its own runner, records turned into its types beforehand."""
    import celpy

    environment = celpy.Environment()
    made = [{name: celpy.json_to_cel(value) for name, value in row.items()} for row in given.rows]

    def ask(text: str) -> Callable[[Any], Any]:
        return environment.program(environment.compile(text)).evaluate

    yield "a rule at a time", one_by_one(question, given, made, lambda rule: ask(infix(rule, "&&")))
    whole = ask(bits_infix(question, QUESTION_MARK, "&&"))
    yield "one expression of bits", at_once(question, given, lambda: [whole(row) for row in made])


def cel_expr(question: Question, given: Records) -> Ways:
    from cel_expr_python import cel

    types = {"investment": cel.Type.INT, "signed_on": cel.Type.INT, "listed": cel.Type.BOOL}
    names = {**types, "origin": cel.Type.STRING, "sector": cel.Type.STRING, "unit": cel.Type.STRING}
    environment = cel.NewEnv(variables=names)

    def ask(text: str) -> Callable[[Row], Any]:
        compiled = environment.compile(text)
        return lambda row: compiled.eval(data=row).value()

    yield "a rule at a time", one_by_one(question, given, given.rows, lambda rule: ask(infix(rule, "&&")))
    whole = ask(bits_infix(question, QUESTION_MARK, "&&"))
    yield "one expression of bits", at_once(question, given, lambda: [whole(row) for row in given.rows])


def openfisca(question: Question, given: Records) -> Ways:
    """A small system whose formulas are the rules, over all projects at once; amounts are added by its own `sum`."""
    from openfisca_core import periods
    from openfisca_core.entities import build_entity
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem

    project = build_entity("project", "projects", "a project", is_person=True)
    county = build_entity("county", "counties", "a county", roles=[{"key": "member", "plural": "members", "label": "member"}])  # fmt: skip
    system = TaxBenefitSystem([project, county])
    made = {"origin": ORIGINS, "sector": [*SECTORS, "other"]}
    for name, kind in (("origin", str), ("sector", str), ("investment", int), ("signed_on", int), ("listed", bool)):
        system.add_variable(_input(project, name, int if name in made else kind))
    rules = [rule for rule in (question.outer, *question.rules)]
    for number, rule in enumerate(rules):
        system.add_variable(_formula(project, f"r{number}", rule, made))
    numbers = {name: pl.Series([row[name] for row in given.rows]).replace_strict(words, range(len(words))).to_numpy().astype(np.int32) for name, words in made.items()}  # fmt: skip
    numbers |= {name: np.array([row[name] for row in given.rows]) for name in ("investment", "signed_on", "listed")}
    month, ids = periods.period("2023-01"), np.arange(len(given.rows))

    def run() -> Answer:
        builder = SimulationBuilder()
        builder.populations = system.instantiate_entities()
        people, groups = builder.populations["project"], builder.populations["county"]
        people.ids, people.count, groups.ids, groups.count = ids, len(ids), UNITS, len(UNITS)
        groups.members_entity_id = given.unit
        simulation = builder.build(system)
        for name, values in numbers.items():
            simulation.set_input(name, month, values)
        holds = {rule: simulation.calculate(f"r{number}", month) for number, rule in enumerate(rules)}
        amount, found = given.amount.astype(np.float64), {}
        for window, days in question.windows.items():
            inside = holds[_between(*days)]
            for name, rule in FILTERS.items():
                chosen = inside & holds[rule] if rule else inside
                both = groups.sum(chosen), groups.sum(chosen * amount)
                counts, totals = (np.resize(a, len(UNITS)).astype(np.int64).tolist() for a in both)
                found[name, window] = (counts, totals)
        return found

    yield "formulas over arrays", run


def _input(entity: Any, name: str, kind: type, **more: Any) -> type:
    from openfisca_core.periods import DateUnit
    from openfisca_core.variables import Variable

    return type(name, (Variable,), {"value_type": kind, "entity": entity, "definition_period": DateUnit.MONTH, "label": name, **more})  # fmt: skip


def _formula(entity: Any, name: str, rule: Rule, words: Mapping[str, list[str]]) -> type:
    """A rule as its formula. Words are compared by their numbers, the fastest that it has."""
    compared = {"==": np.equal, ">=": np.greater_equal, "<=": np.less_equal}
    tests = [(n, compared.get(op), words[n].index(v) if n in words else v) for n, op, v in rule]

    def formula(person: Any, period: Any) -> Any:
        found = [person(n, period) if same is None else same(person(n, period), value) for n, same, value in tests]
        return found[0] if len(found) == 1 else found[0] & found[1]

    return _input(entity, name, bool, formula=formula)


PEERS: Final = [
    Peer("simpleeval", "simpleeval", simpleeval),
    Peer("ZEN", "zen-engine", zen_engine),
    Peer("JsonLogic (Rust, compiled)", "datalogic-py", datalogic),
    Peer("JsonLogic (Python)", "json-logic-qubit", json_logic_qubit),
    Peer("JsonLogic (Rust)", "jsonlogic-rs", jsonlogic_rs),
    Peer("CEL (Rust)", "common-expression-language", common_expression_language),
    Peer("CEL (C++)", "cel-expr-python", cel_expr),
    Peer("CEL (Python)", "cel-python", cel_python),
    Peer("OpenFisca", "openfisca-core", openfisca),
]


# -- ours ----------------------------------------------------------------------------------------------------------


@frozen
class Ours:
    """The same question as a campaign: what is loaded once, and what is timed."""

    campaign: cr.Campaign
    question: Question
    answers: dict[int, Answer] = field(factory=dict)

    def evaluate(self, frame: pl.DataFrame) -> Any:
        """All results, as numbers for every target, unit and window."""
        evaluation = self.campaign.evaluate({"project": frame, "units": units_table()}, as_of=AS_OF)
        assert evaluation.dense.targets
        return evaluation

    def answer(self, given: Records) -> Answer:
        """Filters × windows from our results, in ten thousands of yuan × 1 as the records have them."""
        if len(given.rows) not in self.answers:
            self.answers[len(given.rows)] = self._answer(given)
        return self.answers[len(given.rows)]

    def _answer(self, given: Records) -> Answer:
        rows = self.evaluate(given.frame).progress.select("metric", "window", "unit", "value").rows()
        values = {tuple(row[:3]): row[3] for row in rows}

        def numbers(metric: str, window: str, scale: int) -> list[int]:
            found = [values[metric, window, unit] * scale for unit in UNITS]
            assert all(value == int(value) for value in found)
            return [int(value) for value in found]

        return {
            (name, window): (numbers(metrics_of(name)[0], window, 1), numbers(metrics_of(name)[1], window, AMOUNT))
            for window in self.question.windows
            for name in FILTERS
        }


AMOUNT: Final = 10_000
"""A 亿元 in the last declared decimal."""


def ours(windows: list[str]) -> Ours:
    """The benchmark campaign with those of its metrics, in those of its windows, that the question asks for."""
    text = (HERE / "campaign.yaml").read_text(encoding="utf-8")
    head, lines = text.split("\nmetrics:\n")
    named = {line.split(":")[0].strip(): line for line in lines.splitlines()}
    chosen = [metric for name in FILTERS for metric in metrics_of(name)]
    text = f"{head}\nmetrics:\n" + "\n".join(named[metric] for metric in chosen) + "\ntargets:\n"
    for metric in chosen:
        least = "1" if metric.startswith(("n_", "listed_p")) or metric in ("projects", "big") else "1 亿元"
        text += f"  - {{id: T-{metric}, metric: {metric}, in: [{', '.join(windows)}], for: [each unit], at_least: {least}}}\n"
    loaded = cr.load(text)
    return Ours(loaded, Question({name: _days(loaded, name) for name in windows}))


def _days(loaded: cr.Campaign, name: str) -> tuple[int, int]:
    span = loaded.checked.calendar.window(name)
    return int(span.start.strftime("%Y%m%d")), int(min(span.end, AS_OF).strftime("%Y%m%d"))


# -- measuring -----------------------------------------------------------------------------------------------------


@frozen
class Found:
    """A way of an engine against the whole evaluation of the same question: seconds for the size, and medians of ratios."""

    peer: Peer
    way: str
    records: int
    seconds: float
    clock: float
    cpu: float


def measured(peer: Peer, mine: Ours, given: Records) -> Iterator[Found]:
    """Each way of the engine, checked on few records, then timed on as many as the budget allows."""
    few = given.head(PROBE)
    for number, (way, run) in enumerate(peer.ways(mine.question, few)):
        assert run() == mine.answer(few), f"{peer.name}, {way}: other numbers than ours"
        spent, _ = _timed(run)
        count = min(len(given.rows), max(PROBE, int(BUDGET / spent * len(few.rows))))
        some = given.head(count)
        _, run = list(peer.ways(mine.question, some))[number]
        assert run() == mine.answer(some), f"{peer.name}, {way}: other numbers than ours"
        yield _raced(peer, way, run, mine, given, count)


def _raced(peer: Peer, way: str, run: Callable[[], object], mine: Ours, given: Records, count: int) -> Found:
    """Ours on all records, theirs on `count` and scaled, taking turns."""
    larger = len(given.rows) / count
    pairs = [(_timed(lambda: mine.evaluate(given.frame)), _timed(run)) for _ in range(RUNS)]
    clock, cpu = (statistics.median(b[i] * larger / a[i] for a, b in pairs) for i in (0, 1))
    return Found(peer, way, count, statistics.median(b[0] for _, b in pairs) * larger, clock, cpu)


def own_ways(mine: Ours, given: Records) -> dict[str, Callable[[], object]]:
    """What of ours is timed beside the whole evaluation of the question."""
    plan, data = mine.campaign.plan, {"project": given.frame, "units": units_table()}
    submission, bounds = intake.take(mine.campaign.checked, data), bounds_of(mine.campaign.checked, AS_OF)
    whole, rows = campaign(), {"project": given.frame.to_dicts(), "units": units_table()}
    return {
        OWN: lambda: mine.evaluate(given.frame),
        "the same question, its cube alone": lambda: cube.build(plan, submission, AS_OF, bounds),
        "the same question from dictionaries": lambda: mine.campaign.evaluate(rows, as_of=AS_OF).dense.targets,
        f"the whole campaign, 31 metrics × {len(WINDOWS)} windows": lambda: (
            whole.evaluate(data, as_of=AS_OF).dense.targets
        ),
    }


def show(found: list[Found], own: Mapping[str, float], rows: int) -> None:
    """Our own seconds, every way of every engine, and the targets."""
    for name, seconds in own.items():
        print(f"ours  {name}: {seconds:.3f} s for {rows:,} records")
    print(f"\n{'engine':<28}{'way':<46}{'records':>9}{'s, scaled':>11}{'/ evaluate':>12}{'(cpu)':>9}{'/ cube':>9}")
    for f in found:
        name = f"{f.peer.name} {f.peer.version}"
        beside = f.seconds / own["the same question, its cube alone"]
        print(f"{name:<36}{f.way:<44}{f.records:>9,}{f.seconds:>9.3f}{f.clock:>10.1f} ×{f.cpu:>9.1f} ×{beside:>9.1f} ×")
    for peers, target in TARGETS.items():
        for label, ways in _readings([f for f in found if f.peer.name.startswith(peers)]):
            least = min(ways, key=lambda f: f.clock)
            said = "met" if least.clock >= target else "MISSED"
            print(f"target {peers}, {label}: at least {target} ×, found {least.clock:.1f} × ({least.peer.name}, {least.way}): {said}")  # fmt: skip


def _readings(found: list[Found]) -> Iterator[tuple[str, list[Found]]]:
    """A campaign's rules as rules of the engine, each for itself; and the fastest that we found, rules melted into one."""
    plain = [f for f in found if f.way in PLAIN]
    if plain:
        yield "its rules as rules", plain
    if found:
        yield "the fastest way of all", found


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    clock, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - used


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--windows", choices=["one", "all"], default="one", help="the year alone, or every window")
    parser.add_argument("--only", default="", help="a part of the name of an engine")
    chosen = parser.parse_args(arguments)
    mine = ours(["2023"] if chosen.windows == "one" else [name for name in WINDOWS if name not in NOT_BEGUN])
    given = records(chosen.rows)
    print(
        f"python {sys.version.split()[0]}, polars {pl.__version__}, campaignrules {metadata.version('campaignrules')}"
    )
    print(f"{len(FILTERS)} filters, count and sum × {len(mine.question.windows)} windows × {len(UNITS)} units, {chosen.rows:,} records")  # fmt: skip
    found: list[Found] = []
    for peer in PEERS:
        if chosen.only.lower() not in peer.name.lower():
            continue
        if peer.version is None:
            print(f"left out: {peer.name} (pip install {peer.package})")
            continue
        found += measured(peer, mine, given)
    own = {name: statistics.median(_timed(way)[0] for _ in range(RUNS)) for name, way in own_ways(mine, given).items()}
    show(found, own, chosen.rows)


if __name__ == "__main__":
    main(sys.argv[1:])
