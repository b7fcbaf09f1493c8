"""Scoring formulas: the names they may use, what each stands for, and their two ends while something is open.

In: the work so far and where a formula stands (`Setting`). Out: `Part`s and `ScoreFormula`s. Must not know: scorecards'
items and gates, the ways of scoring.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import Factory, define, evolve, frozen

from campaignrules.brackets import Ends, bracket
from campaignrules.calendar import TimeError, Window
from campaignrules.checked import (
    HIGH,
    LOW,
    CheckedMetric,
    CheckedScorecard,
    CheckedTarget,
    Measure,
    Operand,
    OperandKind,
    Scored,
    ScoreFormula,
)
from campaignrules.checker.work import Work, quantity_of
from campaignrules.errors import Text, did_you_mean
from campaignrules.expressions import reference_name
from campaignrules.model import NAME, Element
from campaignrules.quantities import (
    DIVISION_PLACES,
    PLAIN_UNIT,
    UNITS,
    QuantityError,
    Unit,
    base_unit,
    decimals,
    parse_quantity,
)
from campaignrules.scoring import Part, part_of
from campaignrules.trees import (
    BOOL,
    DATE,
    NUMBER,
    UNKNOWN,
    Apply,
    Kind,
    Literally,
    Name,
    Scope,
    Tree,
    Type,
    graft,
    walk,
)

_NUMERALS: Final = "一二三四五六七八九十百千万两"
POINTS_TYPE: Final = Type("number", (("points", 1),))
"""Of points that are stated, as literals."""
POINTS: Final = evolve(POINTS_TYPE, scale=DIVISION_PLACES)
"""Of points that came out of a formula."""
DUTY_COUNTS: Final = ("done", "late", "missed", "due")
AWAITED: Final = "awaits "
"""Before the name of a parameter under `awaits`: of what it will decide nothing is known, whatever its bounds."""
PLACES: Final = ("place", "from_bottom", "ranked", "change")
UNRANKED: Final = "unranked"


@frozen(eq=False, repr=False)
class Setting:
    """Where a formula stands: its windows, the card whose items it may name, more names and what is known of them.

    `need`: makes sure that a scorecard or ranking it names is checked first (False: it is not sound).
    """

    work: Work
    windows: tuple[Window, ...]
    need: Callable[[Scored, str, Element], bool]
    card: str | None = None
    items: tuple[str, ...] = ()
    extra: Mapping[str, Type] = Factory(dict)
    spread: Mapping[str, Ends | None] = Factory(dict)
    awaits: frozenset[str] = frozenset()
    own: tuple[Window, ...] = ()
    """The windows of the card itself, in which its items are known, though an item has another window."""

    def scope(self) -> Scope:
        types = self._metric_types()
        unsound = dict.fromkeys(self.work.refused, UNKNOWN)
        names = {"as_of": DATE, **self.work.deferred, **unsound, **types, **self.extra}
        return evolve(self.work.scope(names), references=self.references(), group=True)

    def _metric_types(self) -> dict[str, Type]:
        return {name: metric.type for name, metric in self.work.metrics.items() if not name.endswith((LOW, HIGH))}

    def references(self) -> dict[str, dict[str, Type]]:
        """What the functions of quoted ids may name here: what they may anywhere, and the items of this card."""
        found = self.work.references = self.work.references or self._references()
        return {**found, "points": {**found["points"], **dict.fromkeys(self.items, POINTS)}}

    def _references(self) -> dict[str, dict[str, Type]]:
        work, campaign = self.work, self.work.campaign
        cards = dict.fromkeys(campaign.scorecards, POINTS)
        items = {f"{c}.{i}": POINTS for c, card in campaign.scorecards.items() for i in card.items}
        targets = {t.target.id: t for t in work.targets}
        duties = dict.fromkeys((d.duty.id for d in work.duties), NUMBER)
        numbers = {f"{r}.{f}": t for r, one in work.records.items() for f, t in one.types.items() if t.kind == "number"}
        found: dict[str, dict[str, Type]] = {
            "points": {**cards, **items},
            "at_grade": {name: BOOL for name, card in campaign.scorecards.items() if card.grades},
            "met": dict.fromkeys(targets, BOOL),
            "value": self._metric_types() | {name: t.metric.type for name, t in targets.items()},
            "required": {name: _type_required(work, t) for name, t in targets.items()},
            "ratio": dict.fromkeys(targets, evolve(NUMBER, scale=DIVISION_PLACES)),
            "by_unit": numbers,
            "in_class": dict.fromkeys(campaign.units.classes, BOOL),
        }
        found[UNRANKED] = dict.fromkeys(campaign.rankings, BOOL)
        return (
            found | dict.fromkeys(DUTY_COUNTS, duties) | dict.fromkeys(PLACES, dict.fromkeys(campaign.rankings, NUMBER))
        )

    # texts → parts

    def expression(self, text: str, want: Kind | None, element: Element, *path: str | int) -> Part | None:
        """A formula of the scoring level; None after a fault. Metrics with a fault have had theirs."""
        found = self.work.expression(text, self.scope(), want, element, *path)
        if found is None or any(part.type is UNKNOWN for part in walk(found.root)):
            return None
        return part_of(found)

    def amount(self, text: str, type_: Type | None, element: Element, *path: str | int) -> Part | None:
        """A quantity, or else an expression. `type_`: what a bare number is taken as, and a unit must fit."""
        words = text.strip()
        if words in self.work.campaign.parameters or (NAME.match(words) and words[0] not in _NUMERALS):
            return self.expression(words, "number", element, *path)
        try:
            quantity = parse_quantity(words)
        except QuantityError:
            quantity = None
        if quantity is None and re.search(r"[-+*/(<>=]|\sif\s", words):
            return self.expression(words, "number", element, *path)
        given = type_ if type_ is not None else UNKNOWN
        base = quantity_of(self.work, words, given, element, *path)
        if base is None:
            return None
        dim = type_.dim if type_ is not None else (quantity.unit.dim if quantity else ())
        return Part(Literally(base, Type("number", dim, max(decimals(base), 0))), words)

    # parts → formulas

    def formula(self, part: Part, element: Element, *, lenient: bool = False) -> ScoreFormula | None:
        """The part with its operands and ends; None after a fault. Kept to 12 decimals.

        `lenient`: what may come to be missing is taken to have a value; then so does whatever rests on the formula.
        """
        tree = self._resolved(part.tree, element)
        names = sorted({n.name: n for n in walk(tree) if isinstance(n, Name)}.values(), key=lambda n: n.name)
        used = _Used()
        sound = [self._note(used, name, element) for name in names if name.name != "as_of"]
        if not all(sound):
            return None
        tree = _kept(tree)
        both = bracket(tree, used.spread, self._nonnegative(used.operands), frozenset(used.unsure), lenient=lenient)
        titles = self._titles(used.spread, part.text)
        return ScoreFormula(tree, both, used.operands, frozenset(used.awaits), part.text, titles)

    def _note(self, used: _Used, name: Name, element: Element) -> bool:
        """Add what a name stands for, and what is known of it; False after a fault."""
        if name.name.startswith(AWAITED) or name.name in self.work.deferred:
            bounded = name.name in self.work.deferred
            used.spread[name.name] = parameter_ends(self.work, name.name) if bounded else None
            used.awaits.add(name.name.removeprefix(AWAITED))
            return True
        found = self._operand(name.name, element)
        if found is None:
            return False
        operand, ends, awaits = found
        used.operands[name.name] = operand
        used.awaits |= awaits
        if ends is None and not self._always_known(operand):
            used.unsure.add(name.name)
        if ends is not _EXACT:
            used.spread[name.name] = ends if ends is not _SIDES else self._sides(name, operand)
        return True

    def _titles(self, names: Iterable[str], text: str) -> dict[str, Text]:
        """What stands for the parameters of a formula: the title of one that is open, the value of a given one."""
        parameters = self.work.campaign.parameters
        found = {name: parameters.get(name.removeprefix(AWAITED)) for name in names}
        titles = {name.removeprefix(AWAITED): one.title for name, one in found.items() if one is not None and one.title}
        given = {name: parameters[name].value for name in NAME.findall(text) if name in parameters}
        return titles | {name: Text(value, value) for name, value in given.items() if value is not None}

    def _points_title(self, id_: str, windows: tuple[Window, ...]) -> Text:
        """What points are called: the card, its item, and the window when it is not this one's."""
        card, _dot, item = id_.partition(".")
        of = self.work.campaign.scorecards[card]
        named = of.items.get(item, of)
        title = named.title or Text(item or card, item or card)
        if windows == self.windows or not windows:
            return title
        return Text(f"{title.zh} {windows[0].id}", f"{title.en} {windows[0].id}")

    def _always_known(self, operand: Operand) -> bool:
        """Of an operand without ends: whether it is surely there when it is settled."""
        if operand.kind != "metric":
            return operand.kind in ("items", "total")
        kernel = self.work.metrics[operand.id].kernel
        return (
            isinstance(kernel, Measure) and kernel.verb in ("count", "sum", "distinct") and not kernel.empty_is_missing
        )

    def _sides(self, name: Name, operand: Operand) -> Ends:
        """A side of a metric may have more decimals than the metric."""
        if operand.kind != "metric":
            return sides(name)
        low, high = (self.work.metrics[operand.id + side].type for side in (LOW, HIGH))
        return Ends(Name(name.name + LOW, low), Name(name.name + HIGH, high))

    def _nonnegative(self, operands: Mapping[str, Operand]) -> frozenset[str]:
        """Names, those of sides too, whose values are counts."""
        found = [name for name, operand in operands.items() if self._counts(operand)]
        return frozenset(name + side for name in found for side in ("", LOW, HIGH))

    def _counts(self, operand: Operand) -> bool:
        if operand.kind != "metric":
            return operand.kind in (*DUTY_COUNTS, "place", "from_bottom", "ranked", "grade")
        kernel = self.work.metrics[operand.id].kernel
        return isinstance(kernel, Measure) and kernel.verb in ("count", "distinct")

    def _resolved(self, tree: Tree, element: Element) -> Tree:
        """References that are short for something else, written out."""
        parts: dict[str, Tree] = {}
        for name in {n.name for n in walk(tree) if isinstance(n, Name) and "(" in n.name}:
            function, id_, more = _reference(name)
            if function == "ratio":
                types = self.references()
                above, below = (Name(reference_name(f, id_), types[f][id_]) for f in ("value", "required"))
                parts[name] = Apply("/", (above, below), evolve(NUMBER, scale=DIVISION_PLACES))
            elif function == "at_grade":
                parts[name] = self._at_grade(id_, more, element)
        return graft(tree, parts) if parts else tree

    def _at_grade(self, card: str, grade: str | None, element: Element) -> Tree:
        grades = [one.id for one in self.work.campaign.scorecards[card].grades]
        known = self.work.known(grade or "", Text("等次", "grade"), grades, element)
        index = grades.index(grade) if known and grade is not None else 0
        return Apply("<=", (Name(reference_name("grade", card), NUMBER), Literally(Decimal(index), NUMBER)), BOOL)

    def _operand(self, name: str, element: Element) -> _Found | None:
        """The operand of that name, what is known of its ends, and the parameters it waits for."""
        if name in self.extra:
            kind: Any = name if name in ("items", "total") else "points"
            return Operand(kind, name, self.windows), self.spread.get(name, _EXACT), self.awaits
        if "(" not in name:
            return self._metric(self.work.metrics[name], self.windows)
        function, id_, window = _reference(name)
        return _REFERENCES[function](self, function, id_, window, element)

    def _metric(self, metric: CheckedMetric, windows: tuple[Window, ...]) -> _Found:
        ends: Any = _EXACT
        if metric.awaits:
            ends = _SIDES if f"{metric.id}{LOW}" in self.work.metrics else None
        title = metric.metric.title or Text(metric.id, metric.id)
        return Operand("metric", metric.id, windows, ends is _SIDES, title, metric.unit), ends, metric.awaits

    def target(self, id_: str) -> CheckedTarget:
        return next(t for t in self.work.targets if t.target.id == id_)

    def aligned(self, among: tuple[Window, ...], what: str, element: Element) -> tuple[Window, ...] | None:
        """For each window of this setting the same one among others, or the only one there is."""
        found = []
        for window in self.windows:
            same = [one for one in among if (one.start, one.end) == (window.start, window.end)]
            if not same and len(among) != 1:
                expected = ", ".join(one.id for one in among[:8]) or None
                self.work.refuse("no-matching-window", element, name=what, window=window.id, expected=expected)
                return None
            found.append((same or list(among))[0])
        return tuple(found)


@define(eq=False, repr=False)
class _Used:
    """What the names of one formula stand for, and what is known of those that are open."""

    operands: dict[str, Operand] = Factory(dict)
    spread: dict[str, Ends | None] = Factory(dict)
    awaits: set[str] = Factory(set)
    unsure: set[str] = Factory(set)


_EXACT: Final[Any] = object()
_SIDES: Final[Any] = object()
_Found = tuple[Operand, Any, frozenset[str]]


def awaited(name: str, type_: Type) -> Part:
    """A number of which nothing is known until that parameter is settled."""
    return Part(Name(AWAITED + name, evolve(type_, scale=DIVISION_PLACES)), name)


def sides(name: Name) -> Ends:
    """The two ends of an operand, as names."""
    return Ends(Name(name.name + LOW, name.type), Name(name.name + HIGH, name.type))


def _kept(tree: Tree) -> Tree:
    """At most 12 decimals."""
    if tree.type.kind != "number" or tree.type.scale <= DIVISION_PLACES:
        return tree
    places = Literally(Decimal(DIVISION_PLACES), NUMBER)
    return Apply("round_even", (tree, places), evolve(tree.type, scale=DIVISION_PLACES))


def parameter_ends(work: Work, name: str) -> Ends | None:
    """The bounds of a deferred parameter; None without."""
    parameter, type_ = work.campaign.parameters[name], work.deferred[name]
    between = parameter.deferred.between if parameter.deferred else ()
    if type_.kind != "number" or len(between) != 2:
        return None
    try:
        low, high = (parse_quantity(text).base for text in between)
    except QuantityError:
        return None
    return Ends(_literal(low, type_), _literal(high, type_))


def _literal(value: Decimal, type_: Type) -> Literally:
    return Literally(value, evolve(type_, scale=decimals(value)))


def _type_required(work: Work, target: CheckedTarget) -> Type:
    """The type of the number it demands, with all the decimals that a unit's own number may have."""
    numbers = [one for one in (target.low, target.high, *target.exceptions.values()) if one is not None]
    scales = [_literal(one.value, NUMBER).type.scale for one in numbers if one.value is not None]
    scales += [work.records[one.table[0]].types[one.table[1]].scale for one in numbers if one.table is not None]
    return evolve(target.metric.type, scale=max([target.metric.type.scale, *scales]))


def _reference(name: str) -> tuple[str, str, str | None]:
    match = re.fullmatch(r"(\w+)\('([^']*)'(?:, '([^']*)')?\)", name)
    assert match is not None  # noqa: S101  the front end made it
    return match[1], match[2], match[3]


# -- references ---------------------------------------------------------------------------------------------------


def _points(s: Setting, _: str, id_: str, window: str | None, element: Element) -> _Found | None:
    card, _dot, item = id_.partition(".")
    if card not in s.work.campaign.scorecards:
        card, item = s.card or "", id_
    if card != s.card and not s.need("scorecard", card, element):
        return None
    if card == s.card:
        if not item:
            s.work.refuse("scoring-cycle", element, path=f"{card} → {card}")
            return None
        formula, windows = s.work.items.get(f"{card}.{item}"), s.own
        if formula is None:
            if item in s.work.campaign.scorecards[card].items and f"{card}.{item}" not in s.work.refused:
                s.work.refuse("item-comes-later", element, name=item)
            return None
        id_ = f"{card}.{item}"
        return _titled(s, _of_formula("points", id_, formula, windows))
    checked = s.work.scorecards[card]
    formula = checked.total if not item else s.work.items.get(id_)
    windows_ = _chosen(s, checked.windows, window, id_, element)
    if formula is None or windows_ is None:
        return None
    return _titled(s, _of_formula("points", id_, formula, windows_, frozenset() if item else _gate(checked)))


def _titled(s: Setting, found: _Found) -> _Found:
    operand, ends, awaits = found
    title = s._points_title(operand.id, operand.windows)  # noqa: SLF001  same module
    return evolve(operand, title=title), ends, awaits


def _gate(card: CheckedScorecard) -> frozenset[str]:
    """What the disqualification waits for."""
    return card.disqualified.awaits if card.disqualified is not None else frozenset()


def _of_formula(
    kind: OperandKind, id_: str, formula: ScoreFormula, windows: tuple[Window, ...], gate: frozenset[str] = frozenset()
) -> _Found:
    ends: Any = _EXACT if formula.exact else (None if formula.ends is None else _SIDES)
    return Operand(kind, id_, windows, ends is _SIDES, None, UNITS["分"]), ends, formula.awaits | gate


def _chosen(
    s: Setting, among: tuple[Window, ...], window: str | None, what: str, element: Element
) -> tuple[Window, ...] | None:
    if window is None:
        return s.aligned(among, what, element)
    found = [one for one in among if one.id == window]
    if not found:
        s.work.unknown(window, Text("时间窗", "window"), [one.id for one in among], element.spot())
        return None
    return tuple(found * len(s.windows))


def _grade(s: Setting, _: str, id_: str, __: str | None, element: Element) -> _Found | None:
    if not s.need("scorecard", id_, element):
        return None
    checked = s.work.scorecards[id_]
    windows = _chosen(s, checked.windows, None, id_, element)
    if windows is None or checked.grade is None:
        return None
    return _of_formula("grade", id_, checked.grade, windows, _gate(checked))


def _placed(s: Setting, function: str, id_: str, window: str | None, element: Element) -> _Found | None:
    if not s.need("ranking", id_, element):
        return None
    ranking = s.work.rankings[id_]
    windows = _chosen(s, ranking.windows, window, id_, element)
    if windows is None:
        return None
    ends: Any = _EXACT
    if ranking.awaits:
        ends = None if function == "change" else _SIDES
    kind: Any = function
    return Operand(kind, id_, windows, ends is _SIDES), ends, ranking.awaits if ends is not _EXACT else frozenset()


def _value(s: Setting, _: str, id_: str, window: str | None, element: Element) -> _Found | None:
    """The value of a target, or of a metric, in this window or in the one named."""
    if id_ in s.work.metrics and not any(t.target.id == id_ for t in s.work.targets):
        own = s.windows if window is None else _one_window(s, window, element)
        return None if own is None else s._metric(s.work.metrics[id_], own)  # noqa: SLF001  same module
    target = s.target(id_)
    windows = _chosen(s, target.windows, window, id_, element)
    return None if windows is None else s._metric(target.metric, windows)  # noqa: SLF001  same module


def _one_window(s: Setting, words: str, element: Element) -> tuple[Window, ...] | None:
    """The one window that these words name, for each of the setting's."""
    try:
        found = s.work.calendar.windows(words)
    except TimeError:
        known = ["campaign", *s.work.campaign.phases]
        s.work.refuse("unknown-window", element, name=words, hint=did_you_mean(words, known))
        return None
    if len(found) != 1:
        s.work.refuse("one-window", element, name=words)
        return None
    return found * len(s.windows)


def _required(s: Setting, _: str, id_: str, __: str | None, ___: Element) -> _Found:
    target = s.target(id_)
    named = target.target.title or Text(id_, id_)
    title = Text(f"{named.zh}（应达）", f"{named.en} (required)")
    return Operand("number", id_, s.windows, False, title, target.unit), None if target.waits else _EXACT, target.waits


def _met(s: Setting, _: str, id_: str, window: str | None, element: Element) -> _Found | None:
    target = s.target(id_)
    windows = _chosen(s, target.windows, window, id_, element)
    if windows is None:
        return None
    title = Text(f"{id_} 达到", f"{id_} met")
    return Operand("met", id_, windows, False, title), None if target.awaits else _EXACT, target.awaits


def _duty(s: Setting, function: str, id_: str, __: str | None, ___: Element) -> _Found:
    duty = next(d for d in s.work.duties if d.duty.id == id_)
    kind: Any = function
    named, word = duty.duty.title or Text(id_, id_), _COUNTED[function]
    title = Text(f"{named.zh}（{word.zh}）", f"{named.en} ({word.en})")
    return Operand(kind, id_, s.windows, False, title), None if duty.awaits else _EXACT, duty.awaits


_COUNTED: Final = {
    "done": Text("做到", "done"),
    "late": Text("逾期", "late"),
    "missed": Text("未做到", "missed"),
    "due": Text("应做", "due"),
}


def _by_unit(s: Setting, _: str, id_: str, __: str | None, ___: Element) -> _Found:
    record, _dot, field = id_.partition(".")
    declared = s.work.records[record].record.fields.get(field)
    unit = UNITS.get(declared.unit or "", PLAIN_UNIT) if declared else PLAIN_UNIT
    return Operand("table", id_, s.windows, False, declared.title if declared else None, unit), _EXACT, frozenset()


def _in_class(s: Setting, _: str, id_: str, __: str | None, ___: Element) -> _Found:
    return Operand("class", id_, s.windows, False, s.work.campaign.units.classes[id_]), _EXACT, frozenset()


_REFERENCES: Final[dict[str, Callable[[Setting, str, str, str | None, Element], _Found | None]]] = {
    "points": _points,
    "grade": _grade,
    "value": _value,
    "required": _required,
    "met": _met,
    "by_unit": _by_unit,
    "in_class": _in_class,
    **dict.fromkeys(DUTY_COUNTS, _duty),
    **dict.fromkeys((*PLACES, UNRANKED), _placed),
}


def unit_shown(part: Tree, metric: CheckedMetric | None = None) -> Unit:
    """The unit of measure that values of a formula are shown in."""
    return base_unit(part.type.dim) if metric is None else metric.unit
