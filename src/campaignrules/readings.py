"""Document + choices → Document: takes another reading of a clause before the campaign is structured.

A reading option lists what it changes, `path: value`; a path is made of map keys and items' ids
(`targets.YJ-R1-05.for`). Must not know: what the values mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from campaignrules.errors import CampaignError, Diagnostic, did_you_mean, fault
from campaignrules.source import Document, Node, Scalar, Sequence
from campaignrules.source import Mapping as MappingNode

RIVALS = (
    ("at_least", "at_most", "exactly", "between", "every"),
    ("count", "sum", "distinct", "mean", "min", "max", "last", "rate", "reported", "of", "formula", "growth"),
)
"""Keys of which an element has one: setting one takes the others away."""
REMOVE = "remove"


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
            changed = _set(root, path.text, value)
            if changed is None:
                raise CampaignError(fault("path-matches-nothing", path, path=path.text))
            root = changed
    return evolve(document, root=root)


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


def _set(node: Node, path: str, value: Node) -> Node | None:
    """`node` with `path` set to `value`; None when nothing lies on the path."""
    if isinstance(node, MappingNode):
        return _set_key(node, path, value)
    if isinstance(node, Sequence):
        return _set_item(node, path, value)
    return None


def _set_key(node: MappingNode, path: str, value: Node) -> Node | None:
    for key, child in node.pairs:
        if path.startswith(key.text + "."):
            below = _set(child, path[len(key.text) + 1 :], value)
            if below is not None:
                return evolve(node, pairs=tuple((k, below if k is key else v) for k, v in node.pairs))
    if "." in path:
        return None
    return _replace(node, path, value)


def _replace(node: MappingNode, name: str, value: Node) -> MappingNode:
    rivals = next((group for group in RIVALS if name in group), (name,))
    kept = tuple((k, v) for k, v in node.pairs if k.text == name or k.text not in rivals)
    if isinstance(value, Scalar) and value.text == REMOVE:
        return evolve(node, pairs=tuple((k, v) for k, v in kept if k.text != name))
    if any(k.text == name for k, _ in kept):
        return evolve(node, pairs=tuple((k, value if k.text == name else v) for k, v in kept))
    return evolve(node, pairs=(*kept, (Scalar(name, value.span, "plain"), value)))


def _set_item(node: Sequence, path: str, value: Node) -> Node | None:
    for item in node.items:
        name = item.get("id") if isinstance(item, MappingNode) else None
        if isinstance(name, Scalar) and path.startswith(name.text + "."):
            below = _set(item, path[len(name.text) + 1 :], value)
            if below is not None:
                return evolve(node, items=tuple(below if i is item else i for i in node.items))
    return None
