"""Places inside a document by path: `targets.YJ-R1-05.for`, made of a map's keys and of items' ids.

In: nodes and a path. Out: the steps a path takes, the same tree with one place set, and what a path that leads nowhere
may have meant. Must not know: who changes a document, or what the values mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from campaignrules.errors import Diagnostic, Span, Text, fault, suggest
from campaignrules.nodes import Mapping, Node, Scalar, Sequence

Steps = tuple[str, ...]

RIVALS = (
    ("at_least", "at_most", "exactly", "between", "every"),
    (
        "count",
        "sum",
        "distinct",
        "mean",
        "min",
        "max",
        "last",
        "rate",
        "reported",
        "of",
        "formula",
        "growth",
        "limited",
    ),
    ("value", "deferred"),
)
"""Keys of which an element has one: setting one takes the others away."""
REMOVE = "remove"


def steps_of(node: Node, path: str) -> Steps | None:
    """The keys and ids that `path` goes through; the last may be a key that its map does not have yet."""
    if isinstance(node, Mapping) and "." not in path:
        return (path,) if path else None
    for name, child in _children(node):
        if path == name:
            return (name,)
        below = steps_of(child, path[len(name) + 1 :]) if path.startswith(f"{name}.") else None
        if below is not None:
            return (name, *below)
    return None


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    """The keys of a map, the ids of a list's items, and what stands there."""
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            yield key.text, value
    elif isinstance(node, Sequence):
        for item in node.items:
            id_ = item.get("id") if isinstance(item, Mapping) else None
            if isinstance(id_, Scalar):
                yield id_.text, item


def get(node: Node, steps: Steps) -> Node | None:
    """What stands there, if anything does."""
    here: Node | None = node
    for step in steps:
        here = _child(here, step) if here is not None else None
    return here


def _child(node: Node, name: str) -> Node | None:
    return node.get(name) if isinstance(node, Mapping) else dict(_children(node)).get(name)


def put(node: Node, steps: Steps, value: Node, at: Span) -> Node:
    """`node` with the place at `steps` set to `value`, or taken away for `remove`; `at` is where a new key stands."""
    first, rest = steps[0], steps[1:]
    if isinstance(node, Sequence):
        return _put_item(node, first, rest, value, at)
    if not isinstance(node, Mapping):
        return node
    if not rest:
        return _put_key(node, first, value, at)
    index = next(i for i, (key, _) in enumerate(node.pairs) if key.text == first)
    key, below = node.pairs[index]
    pairs = (*node.pairs[:index], (key, put(below, rest, value, at)), *node.pairs[index + 1 :])
    return Mapping(pairs, node.span)


def _put_item(node: Sequence, id_: str, rest: Steps, value: Node, at: Span) -> Sequence:
    items: list[Node] = []
    for item in node.items:
        if not any(name == id_ for name, _ in _children(Sequence((item,), item.span))):
            items.append(item)
        elif rest:
            items.append(put(item, rest, value, at))
        elif not is_removal(value):
            items.append(value)
    return evolve(node, items=tuple(items))


def _put_key(node: Mapping, name: str, value: Node, at: Span) -> Mapping:
    rivals = next((group for group in RIVALS if name in group), (name,))
    kept = tuple((k, v) for k, v in node.pairs if k.text == name or k.text not in rivals)
    if is_removal(value):
        return evolve(node, pairs=tuple((k, v) for k, v in kept if k.text != name))
    if any(k.text == name for k, _ in kept):
        return evolve(node, pairs=tuple((k, value if k.text == name else v) for k, v in kept))
    return evolve(node, pairs=(*kept, (Scalar(name, at), value)))


def is_removal(value: Node) -> bool:
    """Whether a value means that the place is to be taken away."""
    return isinstance(value, Scalar) and value.text == REMOVE


def end_of(path: Scalar, steps: Steps) -> Span:
    """The last step of a path as written, to point at."""
    return path.spot(max(len(path.text) - len(steps[-1]), 0), len(path.text))


def leads_nowhere(path: Scalar, root: Node) -> Diagnostic:
    """The fault of a path that matches nothing, with the one that may have been meant."""
    near = _nearest(root, path.text)
    hint = Text(f"是不是想写 {near}？", f"did you mean {near}?") if near else None
    return fault("path-matches-nothing", path, path=path.text, hint=hint)


def _nearest(node: Node, path: str) -> str | None:
    """The path with its first step that is unknown put right."""
    names = dict(_children(node))
    known = next((name for name in names if path.startswith(f"{name}.")), None)
    if known is not None:
        below = _nearest(names[known], path[len(known) + 1 :])
        return f"{known}.{below}" if below else None
    wrong, dot, rest = path.partition(".")
    near = suggest(wrong, names) or suggest(path, names)
    return f"{near}{dot}{rest}" if near and near != path else near
