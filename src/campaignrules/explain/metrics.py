"""A metric's value: the rows, days and conditions, or the formula and the metrics in it.

In: facts, a checked metric, a scope, days. Out: a step. Must not know: demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import evolve

from campaignrules import oracle
from campaignrules.checked import CheckedMetric, Growth, Limited, Measure
from campaignrules.errors import Text
from campaignrules.explain.tree import Explanation
from campaignrules.explain.words import amount, counted, not_submitted, waiting
from campaignrules.oracle import Days, Facts, Line
from campaignrules.quantities import UNITS, Unit, base_unit
from campaignrules.roster import Scope
from campaignrules.trees import Expression


def explain_metric(
    facts: Facts, metric: CheckedMetric, scope: Scope, days: Days, unit: Unit | None = None
) -> Explanation:
    """A metric's value, told in `unit` or its own, and what it is made of."""
    title = metric.metric.title
    label = Text(f"{title.zh}（{metric.id}）", f"{title.en} ({metric.id})") if title else Text(metric.id, metric.id)
    step = Explanation(
        label, amount(oracle.value(facts, metric, scope, days), unit or metric.unit), source=metric.metric.source
    )
    kernel = metric.kernel
    if metric.awaits:
        return evolve(step, reason=waiting(facts.checked, metric.awaits))
    if isinstance(kernel, Measure):
        return _measure(facts, metric, kernel, scope, days, step)
    if isinstance(kernel, Growth):
        return _growth(facts, kernel, scope, days, step)
    if isinstance(kernel, Limited):
        return _limited(facts, metric, kernel, scope, days, step)
    return _formula(facts, kernel, scope, days, step)


def _formula(facts: Facts, kernel: Expression, scope: Scope, days: Days, step: Explanation) -> Explanation:
    metrics = facts.checked.metrics
    values = oracle.operands(facts, kernel, scope, days)
    shown = {name: amount(value, metrics[name].unit) for name, value in values.items()}
    filled = Text(_filled(kernel.text, shown, "zh"), _filled(kernel.text, shown, "en"))
    formula = Text(f"{kernel.text} = {filled.zh}", f"{kernel.text} = {filled.en}")
    return evolve(step, formula=formula, children=tuple(explain_metric(facts, metrics[n], scope, days) for n in values))


def _filled(formula: str, values: Mapping[str, Text], lang: str) -> str:
    """The formula with a value for each name."""
    return re.sub(r"[^\W\d]\w*", lambda m: values[m[0]].to(lang) if m[0] in values else m[0], formula)


def _growth(facts: Facts, kernel: Growth, scope: Scope, days: Days, step: Explanation) -> Explanation:
    metric = facts.checked.metrics[kernel.of]
    now, before = (explain_metric(facts, metric, scope, when) for when in (days, days.earlier(kernel.against)))
    parts = tuple(_dated(one, when) for one, when in ((now, days), (before, days.earlier(kernel.against))))
    zh, en = (
        f"{now.value.to(lang)} ÷ {before.value.to(lang)} - 1" for lang in ("zh", "en") if now.value and before.value
    )
    return evolve(step, formula=Text(zh, en), children=parts)


def _limited(
    facts: Facts, metric: CheckedMetric, kernel: Limited, scope: Scope, days: Days, step: Explanation
) -> Explanation:
    """Each part with its value, of which at most so much counts."""
    of = facts.checked.metrics[kernel.of]
    parts = days.parts(facts.checked.calendar, kernel.each)
    most = amount(kernel.at_most, metric.unit)
    said = Text(f"每个 {kernel.each} 最多 {most.zh}，相加", f"at most {most.en} each {kernel.each}, added up")
    return evolve(
        step, formula=said, children=tuple(_dated(explain_metric(facts, of, scope, part), part) for part in parts)
    )


def _dated(step: Explanation, days: Days) -> Explanation:
    span = f"{days.start}..{days.seen}"
    return evolve(step, label=Text(f"{step.label.zh} · {span}", f"{step.label.en} · {span}"))


def _measure(
    facts: Facts, metric: CheckedMetric, measure: Measure, scope: Scope, days: Days, step: Explanation
) -> Explanation:
    if measure.record not in facts.tables:
        return evolve(step, reason=Text(f"没有报送：{measure.record}", f"not submitted: {measure.record}"))
    if oracle.rows_missing(facts, measure.record, measure.unit, scope):
        return evolve(step, reason=not_submitted(facts, measure.record, scope))
    lines = oracle.counted(facts, measure, scope, days)
    step = evolve(step, formula=_verb(metric, measure), children=tuple(_conditions(facts, measure, days)))
    if measure.verb != "rate":
        return evolve(step, rows=counted(facts, measure, lines, metric.unit))
    reached = [line for line in lines if oracle.is_reached(facts, measure, line, days)]
    divided = _quotient(facts, measure, reached, lines)
    return evolve(step, formula=divided, children=(*step.children, *_rate(facts, measure, lines, reached)))


def _quotient(facts: Facts, measure: Measure, reached: list[Line], lines: list[Line]) -> Text:
    """`rate: project = 2 ÷ 4`, by rows or by amount."""
    amounts = [_weighed(facts, measure, part) for part in (reached, lines)]
    above, below = (Text(str(len(part)), str(len(part))) if shown is None else shown
                    for shown, part in zip(amounts, (reached, lines), strict=True))  # fmt: skip
    said = [f"rate: {measure.record} = {above.to(lang)} ÷ {below.to(lang)}" for lang in ("zh", "en")]
    return Text(*said)


def _verb(metric: CheckedMetric, measure: Measure) -> Text:
    what = measure.record if measure.field is None else f"{measure.record}.{measure.field}"
    credited = f", credited_to: {measure.unit}" if measure.unit else ""
    said = f"{metric.metric.verb if metric.metric.reported else measure.verb}: {what}{credited}"
    return Text(said, said)


def _rate(facts: Facts, measure: Measure, lines: list[Line], reached: list[Line]) -> Iterator[Explanation]:
    asked = measure.reached.text if measure.reached else ""
    yield Explanation(Text("已达到", "reached"), _weighed(facts, measure, reached), Text(asked, asked),
                      counted(facts, measure, reached))  # fmt: skip
    yield Explanation(Text("这一批", "cohort"), _weighed(facts, measure, lines), None, counted(facts, measure, lines))


def _weighed(facts: Facts, measure: Measure, lines: list[Line]) -> Text | None:
    """The sum of the amounts of a rate's rows; without an amount the number of rows says it."""
    if measure.field is None:
        return None
    return amount(oracle.weight(measure, lines), _unit_of(facts, measure))


def _unit_of(facts: Facts, measure: Measure) -> Unit:
    record, field = facts.checked.records[measure.record], measure.field or ""
    declared = record.record.fields.get(field) or record.record.derived[field]
    return UNITS[declared.unit] if declared.unit else base_unit(record.types[field].dim)


def _conditions(facts: Facts, measure: Measure, days: Days) -> Iterator[Explanation]:
    """Which rows count: screens, filters, days."""
    for screen in facts.checked.records[measure.record].screening:
        said = f"{'keep' if screen.keeps else 'drop'}: {screen.expression.text}"
        yield Explanation(Text(f"筛查 {screen.screen.id}", f"screen {screen.screen.id}"), None, Text(said, said),
                          source=screen.screen.source)  # fmt: skip
    record = facts.checked.records[measure.record]
    for name, formula in record.derived.items():
        if name in record.behind(measure.names):
            yield Explanation(Text(f"派生字段 {name}", f"derived field {name}"), None, Text(formula.text, formula.text),
                              source=record.record.derived[name].source)  # fmt: skip
    for condition in measure.filters:
        yield Explanation(Text("只计", "only rows with"), None, Text(condition.text, condition.text))
    if measure.on is not None:
        yield Explanation(Text("计入日期", "counted by date"), None, _rule(measure, days))


def _rule(measure: Measure, days: Days) -> Text:
    first = days.start if measure.accumulate == "flow" else oracle.since(measure)
    said = f"{first} ≤ {measure.on} ≤ {days.seen}" if first else f"{measure.on} ≤ {days.seen}"
    if measure.until is None or measure.accumulate != "level":
        return Text(said, said)
    return Text(f"{said}，且 {measure.until} 未到", f"{said}, {measure.until} not yet")
