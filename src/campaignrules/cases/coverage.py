"""What the passing cases of a campaign have touched, and what none of them has.

In: expectations that hold with the rows they name; a checked campaign. Out: `Coverage`: for each part (targets, items,
gates …) all there is, and what is left. To touch something, an expectation states a cell that follows from data, of a
row that was decided: not one that is missing, not due or not applicable. Must not know: files of tests, reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from campaignrules.calendar import Window
from campaignrules.cases.bands import bands_of
from campaignrules.cases.boundaries import boundaries_of, boundary_reached
from campaignrules.cases.judging import Verdict
from campaignrules.cases.kinds import windows_of
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import Span, Text, visible
from campaignrules.evaluation import Evaluation
from campaignrules.intake.headers import once_for_each
from campaignrules.model import Names

Touched = frozenset[tuple[str, str]]
"""(part, id) of what was touched."""


@frozen
class Element:
    """One thing to be touched; `span`: where it stands in the campaign's file."""

    id: str
    name: Text
    span: Span | None

    @property
    def file(self) -> str | None:
        return self.span.file if self.span else None

    @property
    def line(self) -> int | None:
        return self.span.line if self.span else None

    @property
    def place(self) -> str:
        """`campaigns/x.yaml:12: `."""
        return f"{visible(self.file or '')}:{self.line}: " if self.span else ""


@frozen(eq=False, repr=False)
class Part:
    """One kind of things: all there are, and those that were touched."""

    id: str
    title: Text
    all: tuple[Element, ...]
    touched: tuple[Element, ...]

    @property
    def left(self) -> tuple[Element, ...]:
        return tuple(one for one in self.all if one not in self.touched)


@frozen(eq=False, repr=False)
class Coverage:
    """What is covered of a campaign."""

    campaign: str
    parts: tuple[Part, ...]

    def reaches(self, percent: Decimal, part: str | None = None) -> bool:
        """Whether so much of a part, or of all parts together, is covered."""
        parts = [one for one in self.parts if part in (None, one.id)]
        every, touched = sum(len(one.all) for one in parts), sum(len(one.touched) for one in parts)
        return touched * 100 >= percent * every


def coverage_of(name: str, checked: CheckedCampaign, touched: Touched) -> Coverage:
    """What is covered of a campaign by all that was touched in it."""
    parts = []
    for id_, (title, elements) in PARTS.items():
        every = tuple(elements(checked))
        parts.append(Part(id_, title, every, tuple(one for one in every if (id_, one.id) in touched)))
    return Coverage(name, tuple(parts))


# -- all there is -------------------------------------------------------------------------------------------------


def _element(id_: str, title: Text | None, spot: Any, name: Text | None = None) -> Element:
    said = name or (Text(f"{id_} {title.zh}", f"{id_} {title.en}") if title else Text(id_, id_))
    return Element(id_, said, spot.span if spot is not None else None)


def _listed(part: str) -> Callable[[CheckedCampaign], Iterator[Element]]:
    def elements(checked: CheckedCampaign) -> Iterator[Element]:
        return (_element(one.id, one.title, one.spot("id")) for one in getattr(checked.campaign, part))

    return elements


def _mapped(part: str) -> Callable[[CheckedCampaign], Iterator[Element]]:
    def elements(checked: CheckedCampaign) -> Iterator[Element]:
        for id_, one in getattr(checked.campaign, part).items():
            yield _element(id_, one.title, checked.campaign.key_spot(part, id_))

    return elements


def _items(checked: CheckedCampaign) -> Iterator[Element]:
    for card in checked.scorecards.values():
        for item in card.items:
            if item.item is not None:  # parts of a weighted whole are items of their own scorecards
                yield _element(f"{card.id}.{item.id}", item.item.title, card.card.key_spot("items", item.id))


def _gates(checked: CheckedCampaign) -> Iterator[Element]:
    """Each gate twice: that it takes effect, and that it does not."""
    for card in checked.scorecards.values():
        for gate in card.card.gates:
            id_ = f"{card.id}.{gate.id}"
            for status, words in _EFFECTS.items():
                name = Text(f"{id_} {words.zh}", f"{id_} {words.en}")
                yield _element(f"{id_}: {status}", None, gate.spot("id"), name)


_EFFECTS: Final = {"holds": Text("触发", "takes effect"), "does_not_hold": Text("未触发", "takes no effect")}


def _bands(checked: CheckedCampaign) -> Iterator[Element]:
    for card in checked.scorecards.values():
        for item in card.items:
            for bands in bands_of(card.id, item):
                yield from (_element(band.id, None, band.spot, band.name) for band in bands.bands)
        for grade in card.card.grades:
            title = grade.title or Text(grade.id, grade.id)
            name = Text(f"{card.id} 等次 {title.zh}", f"{card.id}, grade {title.en}")
            yield _element(f"{card.id}: {grade.id}", None, grade.spot("id"), name)


def _phases(checked: CheckedCampaign) -> Iterator[Element]:
    """The phases that some result stands in."""
    used = {phase for windows in _phases_of(checked).values() for phases in windows.values() for phase in phases}
    return (one for one in _mapped("phases")(checked) if one.id in used)


def _boundaries(checked: CheckedCampaign) -> Iterator[Element]:
    for target in checked.targets:
        for one in boundaries_of(target):
            yield _element(one.id, None, one.spot, one.name)


PARTS: Final[dict[str, tuple[Text, Callable[[CheckedCampaign], Iterable[Element]]]]] = {
    "targets": (Text("目标", "targets"), _listed("targets")),
    "duties": (Text("事项", "duties"), _listed("duties")),
    "outcomes": (Text("总体要求", "outcomes"), _listed("outcomes")),
    "items": (Text("得分项", "items"), _items),
    "scorecards": (Text("评分表", "scorecards"), _mapped("scorecards")),
    "gates": (Text("否决与封顶", "gates"), _gates),
    "bands": (Text("档次", "bands"), _bands),
    "rankings": (Text("排名", "rankings"), _mapped("rankings")),
    "honours": (Text("表扬与批评", "honours"), _listed("honours")),
    "returns": (Text("报送要求", "returns"), _listed("returns")),
    "phases": (Text("阶段", "phases"), _phases),
    "boundaries": (Text("界限", "boundaries"), _boundaries),
}
"""The parts that are counted, in the order of reports."""


# -- windows ------------------------------------------------------------------------------------------------------


@once_for_each
def _phases_of(checked: CheckedCampaign) -> Mapping[tuple[str, str], Mapping[str, frozenset[str]]]:
    """(kind, id) → window → the phases that it is, or that it is a part of by the words of `in`."""
    phases = checked.calendar.phases.values()
    return {
        named: {window.id: frozenset(p.id for p in phases if _within(window, p, words)) for window in windows}
        for named, (words, windows) in windows_of(checked).items()
    }


def _within(window: Window, phase: Window, words: Names | None) -> bool:
    named = (words,) if isinstance(words, str) else words or ()
    base = any(word.endswith(f" of {phase.id}") for word in named)
    return window.id == phase.id or (base and phase.start <= window.start and window.end <= phase.end)


# -- touching -----------------------------------------------------------------------------------------------------

_TELLING: Final[dict[str, frozenset[str]]] = {
    "target": frozenset(("status", "value", "shortfall", "ratio", "gap", "needed_per_day")),
    "duty": frozenset(("status", "done_on")),
    "outcome": frozenset(("status", "counts")),
    **dict.fromkeys(("item", "scorecard"), frozenset(("points", "lowest", "highest"))),
    "gate": frozenset(("status",)),
    "ranking": frozenset(("place", "best", "worst")),
    "honour": frozenset(("status",)),
    "return": frozenset(("status",)),
}
"""The cells that follow from data; the others are copied from the campaign's file."""
_VERDICT: Final = frozenset(("status", "shortfall", "ratio", "gap"))
"""The cells of a target that change when its number does."""
_UNDECIDED: Final = frozenset(("missing", "not_due", "not_applicable", "reference", "disqualified", "unknown"))
_PART: Final = {
    "target": "targets", "duty": "duties", "outcome": "outcomes", "item": "items", "scorecard": "scorecards",
    "ranking": "rankings", "honour": "honours", "return": "returns",
}  # fmt: skip


def touched_by(verdicts: Iterable[Verdict], evaluation: Evaluation) -> Touched:
    """What expectations that hold have touched."""
    return frozenset(one for verdict in verdicts if not verdict.faults for one in _of_verdict(verdict, evaluation))


def _of_verdict(verdict: Verdict, evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    cells = frozenset(verdict.cells)
    if "grade" in cells and verdict.kind.key == "scorecard":
        rows = (row for row in verdict.rows if row.grade is not None and row.status not in _UNDECIDED)
        yield from (("bands", f"{verdict.name}: {row.grade}") for row in rows)
    if not cells & _TELLING.get(verdict.kind.key, frozenset()):
        return
    for row in verdict.rows:
        if _decided(verdict, row, evaluation.checked):
            yield from _of_row(verdict, row, evaluation, cells)


def _of_row(verdict: Verdict, row: Any, evaluation: Evaluation, cells: frozenset[str]) -> Iterator[tuple[str, str]]:
    key, name = verdict.kind.key, verdict.name
    if key == "gate":
        yield "gates", f"{name}: {'holds' if row.status == 'possible' else row.status}"
    if key in _PART and _counts(key, row):
        yield _PART[key], name
    if key == "item":
        yield from (("bands", band) for band in _reached(row, evaluation))
    if key == "target" and cells & _VERDICT:
        target = next(one for one in evaluation.checked.targets if one.target.id == name)
        yield from (("boundaries", one) for one in boundary_reached(target, row))
    windows = _phases_of(evaluation.checked).get((key, name), {})
    yield from (("phases", phase) for phase in windows.get(getattr(row, "window", None) or "", ()))


def _decided(verdict: Verdict, row: Any, checked: CheckedCampaign) -> bool:
    """Whether a row says something: it is not missing, not due, not applicable; deferred only where it has to be."""
    if verdict.kind.key == "outcome":
        return row.status != "missing" and any(status not in _UNDECIDED for status in row.counts)
    if row.status == "possible" and verdict.kind.key == "gate":
        formula = checked.scorecards[row.scorecard].gates.get(row.gate)
        return formula is not None and bool(formula.awaits)
    return row.status not in _UNDECIDED


def _counts(key: str, row: Any) -> bool:
    """Whether a row tries what it is a row of, and is no mere nothing."""
    if key in ("item", "scorecard"):
        numbers = (row.points, row.lowest, row.highest)
        return any(numbers) or (row.status == "deferred" and all(one is None for one in numbers))
    if key == "ranking":
        return bool(row.ranked > 1)
    return key != "honour" or row.status in ("listed", "possible")


def _reached(row: Any, evaluation: Evaluation) -> Iterator[str]:
    """The steps and brackets that the value behind an item's points fell into."""
    item = next(one for one in evaluation.checked.scorecards[row.scorecard].items if one.id == row.item)
    bands, scored = bands_of(row.scorecard, item), evaluation.dense.scored
    if not bands or scored is None:
        return
    values = scored.operand_values(row.scorecard, row.item, row.unit, row.window)
    for one in bands:
        yield from one.reached(values)
