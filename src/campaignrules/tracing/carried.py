"""A campaign, or an overlay → the numbers of it that should stand in its document, each with its place and clause.

Walks the model by the forms its fields declare, so that a new field with a quantity or a formula is looked at by itself.
Left out are only what no document prints: decimals kept, rounding, holidays of the working calendar. Also gathered are
the mentions: figures that titles, notes, words and windows name without holding a number. Must not know: texts of
documents, verdicts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, Literal

import attrs
from attrs import evolve, field, frozen

from campaignrules import model
from campaignrules.calendar import Calendar, TimeError
from campaignrules.errors import Span, Text
from campaignrules.nodes import Mapping as MappingNode
from campaignrules.nodes import Node, Scalar, Sequence
from campaignrules.quantities import UNITS, QuantityError, parse_quantity
from campaignrules.tracing import clauses, figures
from campaignrules.tracing.figures import DAY, DAYS, EACH, LABEL, NUMBER, ORDINAL, PLAIN, RATIO, TIMES, Figure, Label

Edge = Literal["from", "to", "start", "day", "due"]
"""What a date is: an end of the period or a phase, the start of a count, a day as such, the last day of something."""
Rule = Literal["", "zero", "one", "scale", "months"]
"""Why a number need not be printed: nothing, one at all, the full mark or 100 %, months of a year."""


@frozen
class Number:
    """A number of the file. `once`: it carries one figure of its clause and no second one of the same value.

    `words`: the notes of the item itself; a number named there is explained. `titles`: they explain one that is nowhere.
    """

    subject: str
    kind: str
    value: Fraction | dt.date | Label | str
    shown: str
    span: Span | None
    cites: tuple[str, ...]
    document: str | None = None
    dimension: str = PLAIN
    edge: Edge = "day"
    once: bool = False
    rule: Rule = ""
    words: tuple[str, ...] = field(default=(), repr=False)
    titles: tuple[str, ...] = field(default=(), repr=False)
    carries: bool = True
    """Not in a reading: what a clause might mean carries no figure of it."""


@frozen
class Mention:
    """A figure that words of the file name. `strong`: quoted, a word of a vocabulary, or a note of the register."""

    figure: Figure
    cites: tuple[str, ...]
    document: str | None
    strong: bool


@frozen
class Carried:
    """All that a campaign holds against its documents."""

    numbers: tuple[Number, ...]
    mentions: tuple[Mention, ...]
    windows: frozenset[tuple[dt.date, dt.date]]
    years: tuple[int, ...]
    period: tuple[dt.date, dt.date]
    edges: frozenset[dt.date]
    """First and last days of the period and the phases: a date that equals one follows from it."""


@frozen
class _Around:
    """What holds for an element from those around it."""

    subject: str
    cites: tuple[str, ...] = ()
    document: str | None = None
    words: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    carries: bool = True


_ONCE: Final = (
    model.Target,
    model.Item,
    model.Fact,
    model.Scorecard,
    model.Grade,
    model.Honour,
    model.Way,
    model.Step,
    model.Bracket,
)
_QUANTITIES: Final = ("quantity", "quantities", "value", "changes", "date-or-name")
_LIMITS: Final = ("floor", "cap")
"""Quantities too, unless they say `none`."""
_EDGES: Final[Mapping[str, Edge]] = {"from": "from", "to": "to", "since": "start"}
_LONGEST_NOTE: Final = 4_000
"""Characters of a note that are read for figures."""
_PERIODS: Final = ("year", "half", "quarter", "month", "week", "half_month")
_RHYTHMS: Final = {
    "year": "每年",
    "half": "每半年",
    "quarter": "每季度",
    "month": "每月",
    "week": "每周",
    "half_month": "每半月",
}
_SKIPPED: Final = frozenset(("calendar", "acknowledged", "documents", "campaign", "title", "note", "issuer"))


def of_campaign(campaign: model.Campaign) -> Carried:
    """The numbers and mentions of a campaign, as the file stands."""
    walk = _Walk(Calendar(campaign), _ids_of(campaign), _cited_by(campaign))
    walk.documents(campaign)
    for key, (attribute, _) in model.yaml_fields(model.Campaign).items():
        if key not in _SKIPPED:
            walk.section(key, getattr(campaign, attribute.name))
    for element, name in _inheriting(campaign):
        walk.rhythm(element, name, campaign)
    for text in (campaign.title, campaign.note, *(one.note for one in campaign.documents.values())):
        walk.mention(text, _Around("campaign"), strong=False)
    return walk.carried(campaign)


def _inheriting(campaign: model.Campaign) -> Iterator[tuple[model.Sourced, str]]:
    """Elements that have their windows from a scorecard, or are made of one: a ranking each month, 月评比占60%."""
    for ranking in campaign.rankings.values():
        if ranking.in_ is None:
            yield ranking, ranking.by
    for honour in campaign.honours:
        by = campaign.rankings.get(honour.ranking or "")
        if honour.in_ is None and by is not None and by.in_ is None:
            yield honour, by.by
    for card in campaign.scorecards.values():
        yield from ((card, name) for name in card.weights or ())


def of_overlay(overlay: model.Overlay, campaign: model.Campaign) -> Carried:
    """The numbers that an overlay fills in and amends; its document goes by its id."""
    walk = _Walk(Calendar(campaign), _ids_of(campaign), {})
    around = _Around(overlay.id, clauses.names(overlay.source), overlay.id, _notes(overlay))
    walk.document(overlay.id, overlay.document)
    for key in ("fill", "amend"):
        node = overlay.node.get(key) if overlay.node else None
        if isinstance(node, MappingNode):
            for name, value in node.pairs:
                walk.node(value, evolve(around, subject=name.text))
    return walk.carried(campaign)


def _ids_of(campaign: model.Campaign) -> frozenset[str]:
    return frozenset(one.id for one in campaign.targets)


@attrs.define(eq=False)
class _Walk:
    """Collects while it goes through the elements."""

    calendar: Calendar
    ids: frozenset[str]
    """Of targets, which may stand where a formula does: `T-09` is no 9."""
    cited_by: Mapping[str, tuple[str, ...]]
    numbers: list[Number] = field(factory=list)
    mentions: list[Mention] = field(factory=list)
    windows: set[tuple[dt.date, dt.date]] = field(factory=set)

    def carried(self, campaign: model.Campaign) -> Carried:
        spans = [self.calendar.period, *self.calendar.phases.values()]
        inside = range(campaign.period.from_.year, campaign.period.to.year + 1)
        return Carried(
            tuple(self.numbers),
            tuple(self.mentions),
            frozenset(self.windows | {(one.start, one.end) for one in spans}),
            tuple(inside),
            (campaign.period.from_, campaign.period.to),
            frozenset(day for one in spans for day in (one.start, one.end)),
        )

    # -- documents ---------------------------------------------------------------

    def documents(self, campaign: model.Campaign) -> None:
        for name, document in campaign.documents.items():
            self.document(name, document)

    def document(self, name: str, document: model.SourceDocument) -> None:
        """Its number and day of issue, which stand anywhere in its own text."""
        around = _Around(name, (), name, _notes(document))
        if document.number:
            found = next((one for one in figures.find(document.number) if one.kind == LABEL), None)
            value = found.value if found else figures.plain(document.number).strip()
            self._add(around, LABEL, value, document.number, document.spot("number"))
        if document.published:
            self._add(around, DAYS, document.published, document.published.isoformat(), document.spot("published"))
        self.mention(document.title, around, strong=False)

    # -- elements ----------------------------------------------------------------

    def section(self, key: str, value: Any) -> None:
        """A part of the campaign: an element, a list of them or a mapping."""
        if isinstance(value, model.Element):
            self.element(value, _Around(key))
        elif isinstance(value, Mapping):
            for name, one in value.items():
                self.element(one, _Around(name, self.cited_by.get(name, ()) if key == "metrics" else ()))
        elif isinstance(value, tuple):
            for one in value:
                self.element(one, _Around(getattr(one, "id", key)))

    def element(self, element: model.Element, around: _Around) -> None:
        """Its numbers, those of what stands in it, and what its words mention."""
        here = _Around(
            around.subject,
            clauses.names(getattr(element, "source", None)) or around.cites,
            getattr(element, "document", None) or around.document,
            (*around.words, *_notes(element)),
            (*around.titles, *_titles(element)),
            around.carries and not isinstance(element, model.Reading),
        )
        for name, text in _texts(element):
            own = name == "words" or (name == "note" and isinstance(element, model.RegisterEntry))
            self.mention(text, here, strong=own)
        form: type = type(element)
        for key, (attribute, _) in model.yaml_fields(form).items():
            value = getattr(element, attribute.name)
            if value is not None and value != ():
                self._entry(element, key, value, attribute.metadata.get("form"), here)

    def _entry(self, element: model.Element, key: str, value: Any, form: str | None, here: _Around) -> None:
        if isinstance(value, dt.date):
            edge = _EDGES.get(key, "day")
            self._add(here, DAYS, value, value.isoformat(), element.spot(key), edge=edge)
        elif key == "in" or (key in ("every", "each") and isinstance(value, str) and form is None):
            self._windows(value, element.spot(key), here)
        elif key == "due":
            self._due((value,) if isinstance(value, str) else value, element, here)
        elif form in _QUANTITIES or form == "expression" or key in _LIMITS:
            self._values(element, key, value, here)
        else:
            self._below(key, value, here)

    def _below(self, key: str, value: Any, here: _Around) -> None:
        """Elements inside."""
        if isinstance(value, model.Element):
            self.element(value, here)
        elif isinstance(value, tuple):
            for one in value:
                if isinstance(one, model.Element):
                    own = getattr(one, "id", None)
                    self.element(one, evolve(here, subject=f"{here.subject}.{own}") if own else here)
                elif key == "table" and isinstance(one, tuple):
                    for text in one:
                        self._quantity(text, None, here, once=True)
        elif isinstance(value, Mapping):
            for name, one in value.items():
                if isinstance(one, model.Element):
                    self.element(one, evolve(here, subject=f"{here.subject}.{name}") if key == "items" else here)

    def _values(self, element: model.Element, key: str, value: Any, here: _Around) -> None:
        """The numbers of a field that holds a quantity, several, or a mapping to them."""
        once = isinstance(element, _ONCE) and key not in ("required", "per", "base")
        if key in ("times", "factor") and isinstance(value, str):
            self._times(value, element.spot(key), here)
        elif isinstance(value, str):
            if value not in self.ids:
                self._quantity(value, element.spot(key), here, once)
        elif isinstance(value, Mapping):
            node = element.spot(key)
            for name, one in value.items():
                below = node.get(name) if isinstance(node, MappingNode) else None
                self._setting(name, one, below, here, once and not isinstance(element, model.ReadingOption))
        elif isinstance(value, tuple):
            for i, text in enumerate(value):
                self._quantity(text, element.spot(key, i), here, once)

    def _setting(self, name: str, value: Any, node: Node | None, here: _Around, once: bool) -> None:
        """A value under a name: of a reading's changes, of weights, of exceptions."""
        last = name.rpartition(".")[2]
        if isinstance(value, Mapping):
            for key, one in value.items():
                self._setting(key, one, node.get(key) if isinstance(node, MappingNode) else None, here, once)
        elif isinstance(value, tuple):
            for one in value:
                self._setting(name, one, node, here, once)
        elif last == "in":
            self._windows(value, node, here)
        elif last == "due":
            self._due_day(value, node, here)
        elif isinstance(value, str):
            self._quantity(value, node, here, once)

    def node(self, node: Node, around: _Around) -> None:
        """What an overlay sets, as it stands in its file."""
        if isinstance(node, MappingNode):
            for key, value in node.pairs:
                if key.text not in ("title", "note", "id", "for", "lead", "support"):
                    self.node(value, around)
        elif isinstance(node, Sequence):
            for item in node.items:
                self.node(item, around)
        elif isinstance(node, Scalar):
            self._setting(around.subject, node.text, node, around, once=True)

    # -- values ------------------------------------------------------------------

    def _add(self, here: _Around, kind: str, value: Any, shown: str, at: Any, **more: Any) -> None:
        span = at if isinstance(at, Span) or at is None else at.span
        told: dict[str, Any] = {"words": here.words, "titles": here.titles, "carries": here.carries}
        self.numbers.append(Number(here.subject, kind, value, shown, span, here.cites, here.document, **told, **more))

    def _quantity(self, text: str, node: Any, here: _Around, once: bool) -> None:
        """A quantity, a date, a share, the number of something; or the literals of a formula."""
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            self._date(text, node, here)
            return
        try:
            parsed = parse_quantity(text)
        except QuantityError:
            self._formula(text, node, here)
            return
        value, dimension = abs(_fraction(text) or Fraction(parsed.base)), parsed.unit.dimension  # 最多扣20分: floor -20
        if not dimension and (parsed.unit.power or "/" in text):
            dimension = RATIO
        self._add(here, NUMBER, value, text, node, dimension=dimension, once=once, rule=_rule_of(value, dimension))

    def _times(self, text: str, node: Any, here: _Around) -> None:
        """So much times: 双倍."""
        try:
            value = Fraction(parse_quantity(text).base)
        except QuantityError:
            return
        self._add(here, NUMBER, value, text, node, dimension=TIMES, once=True, rule=_rule_of(value, PLAIN))

    def _date(self, text: str, node: Any, here: _Around) -> None:
        try:
            self._add(here, DAYS, dt.date.fromisoformat(text), text, node, edge="due")
        except ValueError:
            return

    def _formula(self, text: str, node: Any, here: _Around) -> None:
        """The literals of a formula; the words of a fact that is no quantity."""
        scalar = node if isinstance(node, Scalar) and node.text == text else None
        for found in _LITERAL.finditer(_without_texts(text)):
            at = scalar.spot(*found.span()) if scalar else node
            if found["year"]:
                parts = (int(found[name]) for name in ("year", "month", "day"))
                self._literal_date(tuple(parts), found[0], at, here)
            elif found["label"] is None:
                self._literal(text, found, at, here)
        if re.search(r"第\d", text):
            for figure in figures.find(text):
                if figure.kind in (LABEL, ORDINAL):
                    self._add(here, figure.kind, figure.value, text, node)

    def _literal_date(self, parts: tuple[int, ...], shown: str, at: Any, here: _Around) -> None:
        try:
            self._add(here, DAYS, dt.date(*parts), shown, at, edge="start")
        except ValueError:
            return

    def _literal(self, text: str, found: re.Match[str], at: Any, here: _Around) -> None:
        unit = UNITS.get(found["unit"] or "")
        value = Fraction(found["number"]) * (Fraction(10) ** unit.power if unit else 1)
        dimension = unit.dimension or (RATIO if unit.power else PLAIN) if unit else PLAIN
        compared = (
            _COMPARED.search(text, 0, found.start()) is not None or _COMPARES.match(text, found.end()) is not None
        )
        rule = _rule_of(value, dimension)
        if not unit and value == 12 and not compared:
            rule = "months"
        if compared and rule in ("one", "scale") and dimension != RATIO:
            rule = ""
        self._add(here, NUMBER, value, found[0], at, dimension=dimension, rule=rule)

    def _windows(self, value: Any, node: Any, here: _Around) -> None:
        """`each month` is a recurrence of the document; any other window names days."""
        for words in (value,) if isinstance(value, str) else value:
            every = words.removeprefix("each ").partition(" of ")[0].strip()
            if every in _PERIODS:
                self._add(here, EACH, every, words, node)
            else:
                self._window(words)

    def rhythm(self, element: model.Sourced, name: str, campaign: model.Campaign) -> None:
        """How often a scorecard judges, in the clause of what rests on it; no clause is asked to say so."""
        card = campaign.scorecards.get(name)
        windows = card.in_ if card is not None else None
        for words in (windows,) if isinstance(windows, str) else windows or ():
            every = words.removeprefix("each ").partition(" of ")[0].strip()
            if words.startswith("each ") and every in _RHYTHMS:
                here = _Around(name, clauses.names(element.source), element.document)
                self.mention(Text(_RHYTHMS[every], every), here, strong=True)

    def _window(self, words: str) -> None:
        try:
            self.windows.update((one.start, one.end) for one in self.calendar.windows(words))
        except TimeError:
            return

    def _due(self, value: Iterable[str], element: model.Element, here: _Around) -> None:
        for i, words in enumerate(value):
            at = element.spot("due", i)
            self._due_day(words, at if isinstance(at, Scalar) else element.spot("due"), here)

    def _due_day(self, words: str, node: Any, here: _Around) -> None:
        found = re.fullmatch(r"(?:day|workday) (\d{1,2})(?: of next month)?", words, re.ASCII)
        if found is None:
            if words[:1].isdigit():
                self._quantity(words, node, here, once=False)
            return
        day = Fraction(found[1])
        self._add(here, DAY, day, words, node, rule="months" if day == 31 else "")

    def mention(self, text: Text | None, here: _Around, strong: bool) -> None:
        """The figures that a text of the file names; in quotation marks it quotes the document."""
        words = text.zh[:_LONGEST_NOTE] if text else ""
        quotes = figures.quoted(words)
        for figure in figures.find(words):
            quoted = any(start <= figure.start < end for start, end in quotes)
            self.mentions.append(Mention(figure, here.cites, here.document, strong or quoted))


_LITERAL: Final = re.compile(
    r"date\( ?(?P<year>\d{1,4}), ?(?P<month>\d{1,2}), ?(?P<day>\d{1,2}) ?\)"
    r"|(?P<label>[^\W\d]\w{0,100})"
    r"|(?P<number>\d{1,40}(?:\.\d{1,40})?)(?: ?\* ?(?P<unit>[%‰\u4e00-\u9fff]{1,6}))?"
)
_COMPARED: Final = re.compile(r"[<>=]=? ?\Z")
_COMPARES: Final = re.compile(r" ?[<>=!]=?")


def _without_texts(text: str) -> str:
    """A formula with the words in quotation marks blanked."""
    return re.sub(r"'[^']{0,200}'|\"[^\"]{0,200}\"", lambda found: " " * len(found[0]), text)


def _fraction(text: str) -> Fraction | None:
    parts = text.split("/")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts) or not int(parts[1]):
        return None
    return Fraction(int(parts[0]), int(parts[1]))


def _rule_of(value: Fraction, dimension: str) -> Rule:
    if not value:
        return "zero"
    if value == 1 and dimension in (PLAIN, "count"):
        return "one"
    full = (value == 1 and dimension == RATIO) or (value == 100 and dimension in (PLAIN, "points"))
    return "scale" if full else ""


# -- words -------------------------------------------------------------------------------------------------------------


def _texts(element: model.Element) -> Iterator[tuple[str, Text]]:
    """What an element says for people: title, note, reason, words."""
    for name in ("title", "note", "by", "reason", "words", "classes"):
        value = getattr(element, name, None)
        if isinstance(value, Text):
            yield name, value
        elif isinstance(value, Mapping):
            yield from ((name, one) for one in value.values() if isinstance(one, Text))


def _notes(element: model.Element) -> tuple[str, ...]:
    return tuple(text.zh[:_LONGEST_NOTE] for name, text in _texts(element) if name != "title")


def _titles(element: model.Element) -> tuple[str, ...]:
    """Its title; of a reading also what its options are called."""
    options = getattr(element, "options", None)
    named = options.values() if isinstance(options, Mapping) else ()
    own = (text.zh for name, text in _texts(element) if name == "title")
    return (*own, *(one.title.zh for one in named))


def _cited_by(campaign: model.Campaign) -> dict[str, tuple[str, ...]]:
    """Metric without a clause of its own → the clauses of those who use it."""
    cites: dict[str, set[str]] = defaultdict(set)
    for target in campaign.targets:
        cites[target.metric].update(clauses.names(target.source))
    for card in campaign.scorecards.values():
        for item in card.items.values():
            for name in _names_in(str(item.earn)):
                cites[name].update(clauses.names(item.source) or clauses.names(card.source))
    for _ in range(4):  # a formula of a formula of a formula
        for name, metric in campaign.metrics.items():
            own = set(clauses.names(metric.source)) or cites[name]
            for used in _names_in(f"{metric.formula} {metric.of} {metric.growth} {metric.limited}"):
                if used in campaign.metrics:
                    cites[used].update(own)
    return {name: tuple(sorted(found)) for name, found in cites.items()}


def _names_in(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]\w{0,100}", text))
