"""Metrics that wait for a bounded number → two hidden metrics each, between which the value will lie.

A derived field and a metric `NAME` get `NAME↓` and `NAME↑`, which await nothing and are evaluated like any other when
somebody asks for them. Nothing is added where no ends can be proved. Must not know: data, scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from attrs import Factory, define, evolve, frozen

from campaignrules.brackets import Ends, bracket
from campaignrules.checked import ENDS, HIGH, LOW, CheckedMetric, CheckedRecord, Growth, Kernel, Limited, Measure
from campaignrules.checker.operands import parameter_ends
from campaignrules.checker.work import Work
from campaignrules.quantities import DIVISION_PLACES, decimals
from campaignrules.trees import BOOL, NUMBER, Apply, Expression, Literally, Name, Tree, Type, walk


def check_sides(work: Work) -> None:
    """Add the sides of derived fields and metrics, each after those it uses."""
    if any(fault.severity == "error" for fault in work.faults):
        return
    sides = _Sides(work)
    for record in work.records:
        sides.add_fields(record)
    for metric in [*work.metrics.values()]:
        if metric.awaits:
            sides.add_metric(metric)


@frozen(eq=False, repr=False)
class _Sided:
    """The kernels of both sides. `firm`: whether there is a value does not depend on what is open."""

    low: Kernel
    high: Kernel
    firm: bool = True
    scale: int = 0


@define(eq=False, repr=False)
class _Sides:
    work: Work
    fields: dict[tuple[str, str], Ends] = Factory(dict)
    """Record and derived field → the names of its sides."""
    firm: dict[str, bool] = Factory(dict)
    """Metrics that have sides."""

    # derived fields

    def add_fields(self, record: str) -> None:
        for name, formula in [*self.work.records[record].derived.items()]:
            known = self.work.records[record]
            if known.awaits([name]) and known.types[name].kind in ("number", "bool"):
                ends = self.row_ends(known, formula.root)
                if ends is not None:
                    self.fields[record, name] = self.derive(record, name, ends, known.types[name])

    def derive(self, record: str, name: str, ends: Ends, type_: Type) -> Ends:
        """Add two hidden derived fields; gives their names."""
        found = []
        for end, side in ((ends.low, LOW), (ends.high, HIGH)):
            tree, known = _counted_at(end, type_.scale), self.work.records[record]
            kind = evolve(type_, scale=tree.type.scale)
            made = {**known.derived, name + side: _expression(tree)}
            self.work.records[record] = evolve(known, derived=made, types={**known.types, name + side: kind})
            found.append(Name(name + side, kind))
        return Ends(found[0], found[1], ends.firm)

    def row_ends(self, record: CheckedRecord, tree: Tree) -> Ends | None:
        """The ends of a row formula; None where something open in it has none and may be missing."""
        spread: dict[str, Ends | None] = {}
        for name in _names(tree):
            if name in record.types and record.awaits([name]):
                if (record.id, name) not in self.fields:
                    return None
                spread[name] = self.fields[record.id, name]
            elif name in self.work.deferred and name not in record.types:
                spread[name] = parameter_ends(self.work, name)
        ends = bracket(tree, spread)
        return None if ends is None else evolve(ends, firm=ends.firm or self._is_firm(record, tree, ends))

    def _is_firm(self, record: CheckedRecord, tree: Tree, ends: Ends) -> bool:
        """Whether there are ends wherever there is a value: what they use must be known for it to be known."""
        firm = {
            f"{name}{side}": name
            for (of, name), e in self.fields.items()
            if of == record.id and e.firm
            for side in ENDS
        }
        used = {firm.get(name, name) for end in (ends.low, ends.high) for name in _names(end) if name != "as_of"}
        return used <= _needed(tree) and _is_total(ends.low) and _is_total(ends.high)

    # metrics

    def add_metric(self, metric: CheckedMetric) -> None:
        sided = self._sided(metric)
        if sided is None:
            return
        self.firm[metric.id] = sided.firm
        type_ = evolve(metric.type, scale=max(metric.type.scale, sided.scale))
        for kernel, side in ((sided.low, LOW), (sided.high, HIGH)):
            id_ = metric.id + side
            self.work.metrics[id_] = CheckedMetric(id_, metric.metric, kernel, type_, metric.unit)

    def _sided(self, metric: CheckedMetric) -> _Sided | None:
        if isinstance(metric.kernel, Measure):
            return _measure(self, metric, metric.kernel)
        if isinstance(metric.kernel, Limited):
            return self._limited(metric.kernel)
        return None if isinstance(metric.kernel, Growth) else self._formula(metric, metric.kernel)

    def metric_ends(self, name: str) -> Ends | None:
        """The names of a metric's sides; its own name twice when it is settled."""
        metric = self.work.metrics[name]
        if not metric.awaits:
            own = Name(name, metric.type)
            return Ends(own, own)
        if name not in self.firm:
            return None
        low, high = (Name(name + side, self.work.metrics[name + side].type) for side in (LOW, HIGH))
        return Ends(low, high, self.firm[name])

    def _formula(self, metric: CheckedMetric, formula: Expression) -> _Sided | None:
        spread: dict[str, Ends | None] = {}
        for name in formula.names - {"as_of"}:
            if name in self.work.deferred:
                spread[name] = parameter_ends(self.work, name)
            elif self.work.metrics[name].awaits:
                spread[name] = self.metric_ends(name)
                if spread[name] is None:
                    return None
        ends = bracket(formula.root, spread)
        if ends is None:
            return None
        low, high = (_counted_at(end, metric.type.scale) for end in (ends.low, ends.high))
        return _Sided(_expression(low), _expression(high), ends.firm, max(low.type.scale, high.type.scale))

    def _limited(self, kernel: Limited) -> _Sided | None:
        of = self.metric_ends(kernel.of)
        most = self._most(kernel)
        if of is None or most is None or not (isinstance(of.low, Name) and isinstance(of.high, Name)):
            return None
        sides = [Limited(name.name, kernel.each, number) for name, number in zip((of.low, of.high), most, strict=True)]
        scale = max(of.low.type.scale, of.high.type.scale, *(decimals(number) for number in most))
        return _Sided(sides[0], sides[1], of.firm, scale)

    def _most(self, kernel: Limited) -> tuple[Decimal, Decimal] | None:
        if kernel.at_most is not None:
            return kernel.at_most, kernel.at_most
        ends = parameter_ends(self.work, kernel.open or "")
        if ends is None or not (isinstance(ends.low, Literally) and isinstance(ends.high, Literally)):
            return None
        return ends.low.value, ends.high.value


# --- measures -----------------------------------------------------------------


def _measure(sides: _Sides, metric: CheckedMetric, measure: Measure) -> _Sided | None:
    record = sides.work.records[measure.record]
    if record.awaits([measure.on, measure.until]):
        return None
    settled = tuple(f for f in measure.filters if not record.awaits(f.names))
    found = [_condition(sides, record, tree) for tree in _open_conditions(record, measure)]
    unsure = [ends for ends in found if ends is not None]
    if len(unsure) < len(found):
        return None
    bare = evolve(measure, filters=settled)
    if measure.field is None or not record.awaits([measure.field]):
        return _of_settled_field(sides, metric, bare, unsure)
    ends = sides.fields.get((measure.record, measure.field))
    if ends is None or not ends.firm or measure.verb not in _MONOTONE:
        return None
    if unsure:
        return _weighed(sides, metric, bare, ends, unsure)
    return _of_fields(metric, bare, ends)


_MONOTONE: Final = ("sum", "mean", "min", "max", "last")
"""Verbs whose value never falls when a row's value rises."""


def _of_fields(metric: CheckedMetric, measure: Measure, ends: Ends) -> _Sided:
    low, high = (end.name for end in (ends.low, ends.high) if isinstance(end, Name))
    scale = metric.type.scale if measure.verb == "mean" else max(ends.low.type.scale, ends.high.type.scale)
    return _Sided(evolve(measure, field=low), evolve(measure, field=high), scale=scale)


def _of_settled_field(sides: _Sides, metric: CheckedMetric, measure: Measure, unsure: list[Ends]) -> _Sided | None:
    record = sides.work.records[measure.record]
    if measure.verb == "rate":
        return None if unsure or measure.field is not None else _rate(sides, record, measure)
    if measure.verb in ("count", "distinct"):
        sure, possible = (
            evolve(measure, filters=(*measure.filters, *map(_expression, trees)))
            for trees in ([ends.low for ends in unsure], [ends.high for ends in unsure])
        )
        return _Sided(sure, possible)
    own = Name(measure.field or "", record.types[measure.field or ""])
    return _weighed(sides, metric, measure, Ends(own, own), unsure)


def _rate(sides: _Sides, record: CheckedRecord, measure: Measure) -> _Sided | None:
    """A rate by rows of a settled cohort, of which more or fewer may have reached the condition."""
    if measure.reached is None or measure.reached.type.kind != "bool":
        return None
    ends = _condition(sides, record, measure.reached.root)
    if ends is None:
        return None
    low, high = (evolve(measure, reached=_expression(end)) for end in (ends.low, ends.high))
    return _Sided(low, high, scale=DIVISION_PLACES)


def _weighed(sides: _Sides, metric: CheckedMetric, measure: Measure, value: Ends, unsure: list[Ends]) -> _Sided | None:
    """A sum of rows that may or may not count: those surely count, the others only where that lowers (raises) it."""
    if measure.verb != "sum" or measure.empty_is_missing:
        return None
    surely, possibly = (_all([e.low for e in unsure]), _all([e.high for e in unsure]))
    trees = []
    for end, extreme in ((value.low, "min"), (value.high, "max")):
        whole = _counted_at(end, metric.type.scale)
        zero = Literally(Decimal(0), whole.type)
        perhaps = Apply("if", (possibly, Apply(extreme, (whole, zero), whole.type), zero), whole.type)
        trees.append(Apply("if", (surely, whole, perhaps), whole.type))
    name = f"{metric.id} {measure.field}"
    return _of_fields(metric, measure, sides.derive(measure.record, name, Ends(trees[0], trees[1]), metric.type))


def _all(trees: list[Tree]) -> Tree:
    return trees[0] if len(trees) == 1 else Apply("and", tuple(trees), BOOL)


def _open_conditions(record: CheckedRecord, measure: Measure) -> Iterator[Tree]:
    """What must be true for a row to count, as far as it is open: filters, part by part, and screens."""
    for condition in measure.filters:
        if record.awaits(condition.names):
            yield from _conjuncts(condition.root)
    for screen in record.screens:
        if record.awaits(screen.expression.names):
            root = screen.expression.root
            yield root if screen.keeps else Apply("not", (_or_false(root),), BOOL)


def _conjuncts(tree: Tree) -> Iterable[Tree]:
    if isinstance(tree, Apply) and tree.op == "and":
        return (part for arg in tree.args for part in _conjuncts(arg))
    return (tree,)


def _condition(sides: _Sides, record: CheckedRecord, tree: Tree) -> Ends | None:
    """When a condition is surely and possibly true; missing is not true."""
    for asked in (tree, _or_false(tree)):
        ends = sides.row_ends(record, asked)
        if ends is not None and ends.firm:
            return ends
    return None


def _or_false(tree: Tree) -> Tree:
    return Apply("coalesce", (tree, Literally(value=False, type=BOOL)), BOOL)


# --- trees --------------------------------------------------------------------


def _counted_at(tree: Tree, scale: int) -> Tree:
    """The same number counted as finely as `scale`, and at most to 12 decimals."""
    kind = tree.type
    if kind.kind != "number":
        return tree
    if kind.scale > DIVISION_PLACES:
        return Apply(
            "round_even", (tree, Literally(Decimal(DIVISION_PLACES), NUMBER)), evolve(kind, scale=DIVISION_PLACES)
        )
    if kind.scale >= scale:
        return tree
    finer = evolve(kind, scale=scale)
    return Apply("+", (tree, Literally(Decimal(0), finer)), finer)


def _needed(tree: Tree) -> frozenset[str]:
    """Names that must be known for the value to be known."""
    if isinstance(tree, Name):
        return frozenset({tree.name})
    if isinstance(tree, Literally) or tree.op == "is_none":
        return frozenset()
    parts = [_needed(arg) for arg in tree.args]
    if tree.op in ("and", "or", "coalesce"):
        return frozenset.intersection(*parts)
    return parts[0] | (parts[1] & parts[2]) if tree.op == "if" else frozenset().union(*parts)


def _is_total(tree: Tree) -> bool:
    """Whether the value is known when all its names are."""
    if isinstance(tree, Name):
        return True
    if isinstance(tree, Literally):
        return tree.value is not None
    if tree.op in ("/", "//", "%") and not (isinstance(tree.args[1], Literally) and tree.args[1].value):
        return False
    return all(_is_total(arg) for arg in tree.args)


def _names(tree: Tree) -> frozenset[str]:
    return frozenset(part.name for part in walk(tree) if isinstance(part, Name))


def _expression(tree: Tree) -> Expression:
    return Expression("", tree, _names(tree))
