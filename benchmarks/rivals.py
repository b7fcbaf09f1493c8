"""Other rule engines, and the ways in which each answers the question: what its documentation advises for speed.

Comes in: the question, records. Goes out: for each way its name and a function that answers; what can be prepared is
prepared before: parsing, compiling, records in the form that the engine likes best. Must not know: our answer.
"""

# ruff: noqa: PLC0415  each engine is an import of its own, left out where it is not installed
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import frozen
from question import (
    FILTERS,
    QUESTION_MARK,
    UNITS,
    Answer,
    Array,
    Question,
    Records,
    Row,
    Rule,
    at_once,
    between,
    bits_infix,
    bits_logic,
    infix,
    logic,
    one_by_one,
)
from run import ORIGINS, SECTORS

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
    whole_decision = json.loads(_decision([{"id": "b", "key": "b", "value": bits_infix(question, QUESTION_MARK)}]))
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"bits": whole_decision}}})
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
    """Compiled programs over the record itself."""
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
    """Compiled and checked against declared types."""
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
    from openfisca_core.entities import build_entity
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem

    project = build_entity("project", "projects", "a project", is_person=True)
    role = {"key": "member", "plural": "members", "label": "a project in it"}
    system = TaxBenefitSystem([project, build_entity("county", "counties", "a county", roles=[role])])
    words = {"origin": ORIGINS, "sector": [*SECTORS, "other"]}
    for name in ("origin", "sector", "investment", "signed_on", "listed"):
        system.add_variable(_variable(project, name, bool if name == "listed" else int))
    rules = {rule: f"r{number}" for number, rule in enumerate((question.outer, *question.rules))}
    for rule, name in rules.items():
        system.add_variable(_formula(project, name, rule, words))
    inputs = {name: np.array([row[name] for row in given.rows]) for name in ("investment", "signed_on", "listed")}
    for name, known in words.items():
        codes = pl.Series([row[name] for row in given.rows]).replace_strict(known, range(len(known)))
        inputs[name] = codes.to_numpy().astype(np.int32)
    amount = given.amount.astype(np.float64)
    yield "formulas over arrays", lambda: _simulated(question, system, inputs, given.unit, amount, rules)


def _simulated(
    question: Question, system: Any, inputs: Mapping[str, Array], unit: Array, amount: Array, rules: Mapping[Rule, str]
) -> Answer:
    """A simulation of its own for each run, as it keeps what it has calculated."""
    from openfisca_core import periods
    from openfisca_core.simulations import SimulationBuilder

    builder, month = SimulationBuilder(), periods.period("2023-01")
    builder.populations = system.instantiate_entities()
    people, groups = builder.populations["project"], builder.populations["county"]
    people.ids, people.count, groups.ids, groups.count = np.arange(len(unit)), len(unit), UNITS, len(UNITS)
    groups.members_entity_id = unit
    simulation = builder.build(system)
    for name, values in inputs.items():
        simulation.set_input(name, month, values)
    holds = {rule: simulation.calculate(name, month) for rule, name in rules.items()}
    found: Answer = {}
    for window, days in question.windows.items():
        for name, rule in FILTERS.items():
            chosen = holds[between(*days)] & holds[rule] if rule else holds[between(*days)]
            found[name, window] = (_numbers(groups.sum(chosen)), _numbers(groups.sum(chosen * amount)))
    return found


def _numbers(sums: Array) -> list[int]:
    """Of units, with those at the end that it left out."""
    return [*sums.astype(np.int64).tolist(), *[0] * (len(UNITS) - len(sums))]


def _variable(entity: Any, name: str, kind: type, **more: Any) -> type:
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

    return _variable(entity, name, bool, formula=formula)


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
