"""Document + choices → Document: takes another reading of a clause before the campaign is structured.

A reading option lists what it changes, `path: value` (see `paths`). Must not know: what the values mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from campaignrules import paths
from campaignrules.errors import CampaignError, Diagnostic, Span, Text, did_you_mean, fault
from campaignrules.source import Document, Node, Scalar
from campaignrules.source import Mapping as MappingNode


def options(document: Document) -> Iterator[tuple[str, str]]:
    """Every (reading, option) of a document that differs from the chosen one."""
    readings = document.root.get("readings") if isinstance(document.root, MappingNode) else None
    for name, reading in readings.pairs if isinstance(readings, MappingNode) else ():
        given = reading.get("options") if isinstance(reading, MappingNode) else None
        for option, node in given.pairs if isinstance(given, MappingNode) else ():
            if isinstance(node, MappingNode) and node.get("set") is not None:
                yield name.text, option.text


def choose(document: Document, choices: Mapping[str, str]) -> Document:
    """`document` with the changes of the chosen options made. Raises CampaignError for unknown ones."""
    root = document.root
    for reading, option in choices.items():
        for path, value in _changes(document, reading, option):
            steps = paths.steps_of(root, path.text)
            if steps is None:
                raise CampaignError(paths.leads_nowhere(path, root))
            root = paths.put(root, steps, value, paths.end_of(path, steps))
    return evolve(document, root=root)


def told(document: Document, choices: Mapping[str, str]) -> tuple[tuple[Span, Text], ...]:
    """Where the chosen options stand, for a fault that only they bring: `(place, words)`."""
    readings = _child(document.root, "readings")
    found = []
    for reading, option in choices.items():
        among = _child(_child(readings, reading), "options")
        key = among.key(option) if isinstance(among, MappingNode) else None
        if key is not None:
            words = Text(f"这里取读法 {reading}: {option}", f"here with the reading {reading}: {option}")
            found.append((key.span, words))
    return tuple(found)


def _changes(document: Document, reading: str, option: str) -> tuple[tuple[Scalar, Node], ...]:
    readings = _child(document.root, "readings")
    found = _child(readings, reading)
    if found is None:
        raise CampaignError(_unknown(reading, readings))
    among = _child(found, "options")
    chosen = _child(among, option)
    if chosen is None:
        raise CampaignError(_unknown(option, among))
    changes = _child(chosen, "set")
    return changes.pairs if isinstance(changes, MappingNode) else ()


def _child(node: Node | None, name: str) -> Node | None:
    return node.get(name) if isinstance(node, MappingNode) else None


def _unknown(name: str, among: Node | None) -> Diagnostic:
    known = [key.text for key, _ in among.pairs] if isinstance(among, MappingNode) else []
    return fault("unknown-name", None, name=name, expected=", ".join(known) or None, hint=did_you_mean(name, known))
