"""Document + overlays → Document: what later notices settle or amend, before the campaign is structured.

In: a campaign's document and overlay files (paths, text, bytes). Out: overlays as model objects, those in force on a
day, the document with their changes made, and what they say of themselves for a report. A fault of an overlay is shown
in the overlay's own file. Nothing an overlay names is opened. Must not know: what the values mean, data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from attrs import evolve, frozen

from campaignrules import paths, source, structure
from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean, fault, place_of
from campaignrules.model import Overlay
from campaignrules.nodes import Document, Mapping, Node, Scalar, plain
from campaignrules.nodes import Sequence as SequenceNode
from campaignrules.paths import Steps
from campaignrules.quantities import Quantity, QuantityError, parse_quantity

MOST: Final = 50
"""Overlays of one campaign."""
MOST_CHANGES: Final = 200
"""Changes of one overlay."""
MOST_FAULTS: Final = 20
"""Faults of paths after which nobody reads on."""
_PARAMETERS: Final = "parameters"


# -- reading ------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Given:
    """The overlays somebody gave, with what is to be said of their texts."""

    overlays: tuple[Overlay, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    documents: tuple[Document, ...] = ()


def read(given: Any) -> Given:
    """The overlays of a list of paths, YAML texts or bytes. Raises CampaignError with every fault of them."""
    documents = [_document(one) for one in _listed(given)]
    partial = [structure.structure_partly(document, Overlay) for document in documents]
    faults = [each for one in partial for each in one.faults]
    overlays = tuple(one.value for one in partial if one.value is not None)
    faults += [each for overlay in overlays for each in _too_many(overlay)]
    faults += _twice(overlays)
    if faults:
        raise CampaignError(faults)
    return Given(overlays, tuple(each for one in documents for each in one.warnings), tuple(documents))


def _listed(given: Any) -> Sequence[Any]:
    if isinstance(given, (list, tuple)) and len(given) <= MOST:
        return given
    expected = Text(f"补充文件的列表，至多 {MOST} 份", f"a list of at most {MOST} overlays")
    raise CampaignError(fault("wrong-type", None, expected=expected, got=type(given).__name__))


def _document(given: Any) -> Document:
    """The document of a path, YAML text (it has a line break or a colon) or bytes."""
    if isinstance(given, (bytes, bytearray)):
        return source.read(bytes(given))
    if isinstance(given, str):
        return source.read(given if "\n" in given or ": " in given else Path(given))
    if isinstance(given, Path):
        return source.read(given)
    expected = Text("路径或 YAML", "path or YAML")
    raise CampaignError(fault("wrong-type", None, expected=expected, got=type(given).__name__))


def _too_many(overlay: Overlay) -> Iterator[Diagnostic]:
    if len(overlay.fill) + len(overlay.amend) > MOST_CHANGES:
        yield fault("too-many-changes", overlay.spot("id"), id=overlay.id, limit=MOST_CHANGES)


def _twice(overlays: Iterable[Overlay]) -> Iterator[Diagnostic]:
    first: dict[str, Overlay] = {}
    for overlay in overlays:
        if first.setdefault(overlay.id, overlay) is not overlay:
            related = [(first[overlay.id].spot("id"), _FIRST)]
            yield fault("duplicate-id", overlay.spot("id"), id=overlay.id, related=related)


_FIRST: Final = Text("第一次出现在这里", "first used here")


# -- time ---------------------------------------------------------------------------------------------------------


def effective(overlay: Overlay) -> dt.date | None:
    """The day an overlay comes into force; None: it always is."""
    return overlay.effective or overlay.document.published


def in_force(overlays: Iterable[Overlay], day: dt.date) -> tuple[Overlay, ...]:
    """The overlays in force on a day, in the order given."""
    return tuple(overlay for overlay in overlays if _since(overlay) <= day)


def stages(overlays: Sequence[Overlay]) -> list[tuple[Overlay, ...]]:
    """Every set of overlays that is in force on some day, the first before any has come, the last all of them."""
    days = sorted({dt.date.min, *map(_since, overlays)})
    return [in_force(overlays, day) for day in days]


def _since(overlay: Overlay) -> dt.date:
    return effective(overlay) or dt.date.min


# -- applying -----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Change:
    """One line of an overlay."""

    overlay: Overlay
    how: Literal["fill", "amend"]
    path: Scalar
    value: Node


def apply(document: Document, overlays: Iterable[Overlay]) -> Document:
    """`document` as the overlays leave it, the earliest first. Raises CampaignError with every fault of theirs."""
    ordered = sorted(overlays, key=_since)
    work = _Work(document.root)
    for overlay in ordered:
        another = _for_another(overlay, document.root)
        work.faults += [another] if another else []
        for change in () if another else _changes(overlay):
            if len(work.faults) < MOST_FAULTS:
                work.make(change)
    if work.faults:
        raise CampaignError(sorted(work.faults, key=place_of))
    return evolve(document, root=work.root)


def _for_another(overlay: Overlay, root: Node) -> Diagnostic | None:
    id_ = paths.get(root, ("campaign",))
    if not isinstance(id_, Scalar) or id_.text == overlay.overlay_for:
        return None
    hint = did_you_mean(overlay.overlay_for, [id_.text])
    at = overlay.spot("overlay_for")
    return fault("overlay-for-another", at, name=overlay.overlay_for, campaign=id_.text, hint=hint)


def _changes(overlay: Overlay) -> Iterator[_Change]:
    for how in ("fill", "amend"):
        lines = overlay.node.get(how) if overlay.node is not None else None
        for path, value in lines.pairs if isinstance(lines, Mapping) else ():
            yield _Change(overlay, "fill" if how == "fill" else "amend", path, value)


class _Work:
    """The document so far, who has set what, and the faults."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.faults: list[Diagnostic] = []
        self._set: dict[Steps, _Change] = {}
        self._above: dict[Steps, _Change] = {}

    def make(self, change: _Change) -> None:
        """Make one change, or keep its fault."""
        refused = _misplaced(change) if change.how == "fill" else None
        steps = paths.steps_of(self.root, change.path.text)
        name = _parameter(self.root, steps, change)
        if refused is None and (steps is None or (change.how == "fill" and name is None)):
            refused = paths.leads_nowhere(change.path, self.root)
        if refused is None and steps is not None:
            place = (_PARAMETERS, name, "value") if name else steps
            refused = self._clash(place, change) or (self._fill_fault(name, change) if name else None)
            if refused is None:
                self._put(place, change, name)
        if refused is not None:
            self.faults.append(refused)

    def _put(self, place: Steps, change: _Change, name: str | None) -> None:
        self._set[place] = change
        self._above.update((place[:end], change) for end in range(1, len(place)))
        at = paths.end_of(change.path, place[-1:]) if change.path.text.endswith(place[-1]) else change.path.span
        parameter = paths.get(self.root, place[:2])
        if name is None or parameter is None or paths.is_removal(change.value):
            self.root = paths.put(self.root, place, change.value, at)
            return
        settled = paths.put(parameter, ("value",), change.value, at)
        settled = paths.put(settled, ("settled",), _settlement(change.overlay), at)
        self.root = paths.put(self.root, place[:2], settled, at)

    def _clash(self, place: Steps, change: _Change) -> Diagnostic | None:
        """The fault of a place that another overlay set, unless this one is later and says that it amends."""
        ends = range(1, len(place) + 1)
        others = [self._set[place[:end]] for end in ends if place[:end] in self._set]
        others += [self._above[place]] if place in self._above else []
        for other in others:
            later = _since(change.overlay) > _since(other.overlay)
            if change.how != "amend" or not later:
                related = [(other.path, Text(f"{other.overlay.id} 写在这里", f"{other.overlay.id} sets it here"))]
                names: dict[str, Any] = {"id": change.overlay.id, "other": other.overlay.id}
                return fault("overlays-clash", change.path, path=change.path.text, related=related, **names)
        return None

    def _fill_fault(self, name: str, change: _Change) -> Diagnostic | None:
        """A filled parameter is still open, and its value within the bounds stated for it."""
        if change.how != "fill":
            return None
        deferred = paths.get(self.root, (_PARAMETERS, name, "deferred"))
        if deferred is None:
            given = paths.get(self.root, (_PARAMETERS, name, "value"))
            related = [(given, Text("已在这里定", "settled here"))] if given is not None else []
            return fault("already-settled", change.path, name=name, related=related)
        return _outside(name, change.value, paths.get(deferred, ("between",)))


def _misplaced(change: _Change) -> Diagnostic | None:
    """`fill` settles parameters and nothing else."""
    section, _, name = change.path.text.partition(".")
    if section == _PARAMETERS and name and "." not in name:
        return None
    hint = did_you_mean(section, [_PARAMETERS]) if "." not in name else None
    return fault("fill-not-a-parameter", change.path, path=change.path.text, hint=hint)


def _parameter(root: Node, steps: Steps | None, change: _Change) -> str | None:
    """The parameter that there is and whose value a change sets: `parameters.x`, or `parameters.x.value`."""
    if steps is None or steps[0] != _PARAMETERS or paths.get(root, steps[:2]) is None:
        return None
    whole = len(steps) == 2 and isinstance(change.value, Scalar) and not paths.is_removal(change.value)
    return steps[1] if whole or steps[2:] == ("value",) else None


def _settlement(overlay: Overlay) -> Mapping:
    """How an overlay settled a parameter, from the overlay's own words."""
    of: Callable[..., Any] = overlay.spot
    words = {"overlay": of("id"), "document": of("document", "title")}
    words |= {"source": of("source")} if overlay.source is not None else {}
    if effective(overlay) is not None:
        words["effective"] = of("effective") if overlay.effective else of("document", "published")
    return Mapping(tuple((Scalar(key, node.span), node) for key, node in words.items()), of("id").span)


def _outside(name: str, value: Node, between: Node | None) -> Diagnostic | None:
    """The fault of a value outside [low, high]; what is no quantity at all is left to the checker."""
    bounds = [one for one in between.items if isinstance(one, Scalar)] if isinstance(between, SequenceNode) else []
    if len(bounds) != 2 or not isinstance(value, Scalar):
        return None
    low, high, number = (_quantity(one) for one in (*bounds, value))
    if low is None or high is None or number is None or not _comparable(low, high, number):
        return None
    if low.base <= number.base <= high.base:
        return None
    words: dict[str, Any] = {"name": name, "value": value.text, "low": bounds[0].text, "high": bounds[1].text}
    return fault("outside-bounds", value, related=[(between, Text("范围写在这里", "the bounds stand here"))], **words)


def _quantity(node: Scalar) -> Quantity | None:
    try:
        return parse_quantity(node.text)
    except QuantityError:
        return None


def _comparable(*numbers: Quantity) -> bool:
    """Whether they are of one dimension; a plain number goes with any."""
    return len({number.unit.dim for number in numbers if number.unit.dim or number.unit.power}) <= 1


# -- telling ------------------------------------------------------------------------------------------------------


def told(overlay: Overlay) -> dict[str, Any]:
    """What an overlay is and sets, as plain data for the meta of an evaluation."""
    day, title = effective(overlay), overlay.title or overlay.document.title
    set_ = {"fill": dict(overlay.fill), "amend": {path: plain(node) for path, node in overlay.amend.items()}}
    return {
        "id": overlay.id,
        "title": {"zh": title.zh, "en": title.en},
        "document": {"zh": overlay.document.title.zh, "en": overlay.document.title.en},
        "source": overlay.source,
        "effective": day.isoformat() if day else None,
        **{how: lines for how, lines in set_.items() if lines},
    }
