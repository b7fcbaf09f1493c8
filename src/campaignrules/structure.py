"""Document → Campaign: nodes beside the model's types, every fault of form at once.

Comes in: a Document with positions. Goes out: a Campaign whose elements remember their node, or what could be made of
it with the faults and the words of the parts left out. Must not know: what names mean, expressions, windows, data.
"""

import datetime as dt
import re
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from attrs import NOTHING, frozen

from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean, fault, suggest
from campaignrules.model import ID, NAME, Campaign, Element, Names, yaml_fields
from campaignrules.source import Document, Node, Scalar, Sequence
from campaignrules.source import Mapping as MappingNode


def structure(document: Document, cls: type = Campaign) -> Any:
    """The `cls` (Campaign) that `document` writes out. Raises CampaignError with every fault of form at once."""
    partial = structure_partly(document, cls)
    if partial.faults:
        raise CampaignError(partial.faults)
    return partial.value


@frozen(eq=False)
class Partial:
    """What could be structured, with the faults.

    `value`: None when nothing can be made of the document. `unsure`: the words of the parts that were left out; a name
    among them may well be declared there.
    """

    value: Any
    faults: list[Diagnostic]
    unsure: frozenset[str]


def structure_partly(document: Document, cls: type = Campaign) -> Partial:
    """As `structure`, but items with a fault are left out, so that the rest can be checked as well."""
    structurer = _Structurer()
    value = structurer.build(cls, document.root)
    return Partial(None if value is _MISSING else value, structurer.faults, frozenset(structurer.unsure))


_MISSING: Any = object()
_LONGEST_TITLE = 8
"""Characters of a key written in Chinese."""


class _Structurer:
    """Walks nodes beside type hints; a fault yields `_MISSING` and the walk goes on."""

    def __init__(self) -> None:
        self.faults: list[Diagnostic] = []
        self.unsure: set[str] = set()

    def build(self, cls: type, node: Node) -> Any:
        if not isinstance(node, MappingNode):
            return self._wrong(node, Text("键: 值 的映射", "a mapping of keys to values"))
        known = yaml_fields(cls)
        values = dict(self._entries(known, node))
        required = [name for name, (a, _) in known.items() if a.default is NOTHING]
        self._missing_keys(known, [name for name in required if name not in values], node)
        sound = {name: value for name, value in values.items() if value is not _MISSING}
        if len(sound) < len(node.pairs):
            self.unsure |= {word for key, value in node.pairs if key.text not in sound for word in _words(value)}
        if any(name not in sound for name in required) or (len(sound) < len(node.pairs) and not _partly(cls)):
            self.unsure |= _words(node)
            return _MISSING
        return cls(node=node, **{known[name][0].alias or name: value for name, value in sound.items()})

    def _entries(self, known: Mapping[str, tuple[Any, Any]], node: MappingNode) -> Iterator[tuple[str, Any]]:
        for key_node, value in node.pairs:
            if key_node.text not in known:
                self._unknown_key(key_node, value, known)
                continue
            attribute, hint = known[key_node.text]
            yield key_node.text, self.convert(hint, value, attribute.metadata)

    def _missing_keys(self, known: Mapping[str, tuple[Any, Any]], missing: list[str], node: MappingNode) -> None:
        """A fault for each, but for those that a misspelt key must have meant: that is said already."""
        meant = {_meant(key.text, known) for key, _ in node.pairs if key.text not in known}
        for name in missing:
            if name not in meant:
                self.faults.append(fault("missing-key", node.span, key=name, expected=Text(*_meaning(known[name][0]))))

    def _unknown_key(self, key_node: Scalar, value: Node, known: Mapping[str, tuple[Any, Any]]) -> None:
        alone = isinstance(value, Scalar) and value.text == "" and value.is_plain
        meant = _meant(key_node.text, known)
        hint = Text(f"是不是想写 {meant}？", f"did you mean {meant}?") if meant else (_COMMA if alone else None)
        expected = ", ".join(known)
        self.faults.append(fault("unknown-key", key_node.span, key=key_node.text, expected=expected, hint=hint))

    def convert(self, hint: Any, node: Node, metadata: Mapping[str, Any]) -> Any:
        if hint is Any:  # an overlay's amendment: whatever stands there, looked at where it is put
            return node
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            return self._union([a for a in get_args(hint) if a is not type(None)], node, metadata)
        if origin is Literal:
            return self._literal(get_args(hint), node)
        if origin is tuple:
            return self._sequence(get_args(hint)[0], node, metadata)
        if hint is Text:
            return self._text(node)
        if origin is not None:
            return self._mapping(get_args(hint)[1], node, metadata)
        if attrs.has(hint):
            return self.build(hint, node)
        return self._scalar(hint, node, metadata)

    def _union(self, options: list[Any], node: Node, metadata: Mapping[str, Any]) -> Any:
        """Choose by the node's form: of lists, maps and single values at most one option each."""
        if metadata.get("null") and options == list(get_args(Names)) and isinstance(node, Scalar) and node.is_null:
            return None  # a cell that is empty, and says so
        form = type(node)
        fitting = [option for option in options if _form_for(option) is form]
        return self.convert(fitting[0] if fitting else options[0], node, metadata)

    def _literal(self, words: tuple[str, ...], node: Node) -> Any:
        if isinstance(node, Scalar) and node.text in words:
            return node.text
        hint = did_you_mean(node.text, words) if isinstance(node, Scalar) else None
        return self._wrong(node, Text("、".join(words) + " 之一", "one of " + ", ".join(words)), hint)

    def _sequence(self, item: Any, node: Node, metadata: Mapping[str, Any]) -> Any:
        if isinstance(node, Scalar) and item is str and not node.is_null:
            value = self._scalar(str, node, metadata)
            return value if value is _MISSING else (value,)
        if not isinstance(node, Sequence):
            return self._wrong(node, Text("列表（每项前加 - ，或写在 [ ] 里）", "a list"))
        values = tuple(self.convert(item, child, metadata) for child in node.items)
        if attrs.has(item):  # an item with a fault is left out, the others stay
            return tuple(value for value in values if value is not _MISSING)
        return _MISSING if _MISSING in values else values

    def _mapping(self, item: Any, node: Node, metadata: Mapping[str, Any]) -> Any:
        if not isinstance(node, MappingNode):
            return self._wrong(node, Text("名字: 内容 的映射", "a mapping of names to values"))
        values: dict[str, Any] = {}
        for name, child in node.pairs:
            if metadata.get("form") != "changes" and not _is_name(name.text):
                self.faults.append(fault("bad-name", name.span, name=name.text))
            values[name.text] = self.convert(item, child, metadata)
        if attrs.has(item):  # an entry with a fault is left out, the others stay
            self.unsure |= {name for name, value in values.items() if value is _MISSING}
            return {name: value for name, value in values.items() if value is not _MISSING}
        return _MISSING if any(v is _MISSING for v in values.values()) else values

    def _text(self, node: Node) -> Any:
        if isinstance(node, Scalar) and _says_something(node):
            return Text(node.text, node.text)
        if isinstance(node, MappingNode):
            parts = {k.text: v.text for k, v in node.pairs if isinstance(v, Scalar) and _says_something(v)}
            if parts and set(parts) <= {"zh", "en"} and len(parts) == len(node.pairs):
                first = next(iter(parts.values()))
                return Text(parts.get("zh", first), parts.get("en", first))
        return self._wrong(node, Text("文字，或 {zh: …, en: …}", "text, or {zh: …, en: …}"))

    def _scalar(self, hint: Any, node: Node, metadata: Mapping[str, Any]) -> Any:
        if not isinstance(node, Scalar) or node.is_null:
            return self._wrong(node, Text("一个值", "a single value"))
        converter: Callable[[Scalar], Any] = {bool: _to_bool, int: _to_int, dt.date: _to_date}.get(hint, _to_str)
        value = converter(node)
        if value is None and hint is dt.date:
            self.faults.append(fault("bad-date", node.span, got=node.text))
            return _MISSING
        if value is None:
            return self._wrong(node, _EXPECTED[hint])
        if metadata.get("form") == "id" and not ID.fullmatch(value):
            self.faults.append(fault("bad-id", node.span, id=value))
        return value

    def _wrong(self, node: Node, expected: Text, hint: Text | None = None) -> Any:
        got = (
            (node.text[:80] or "null") if isinstance(node, Scalar) else ("[…]" if isinstance(node, Sequence) else "{…}")
        )
        self.faults.append(fault("wrong-form", node.span, expected=expected, got=got, hint=hint))
        return _MISSING


def _form_for(hint: Any) -> type:
    """The form of node that a type is written in."""
    origin = get_origin(hint)
    if origin is tuple:
        return Sequence
    return MappingNode if attrs.has(hint) or (origin is not None and origin is not Literal) else Scalar


def _words(node: Node) -> frozenset[str]:
    """All keys and texts of a part of the document."""
    found: set[str] = set()
    todo = [node]
    while todo:
        here = todo.pop()
        if isinstance(here, Scalar):
            found.add(here.text)
        elif isinstance(here, Sequence):
            todo += here.items
        else:
            todo += [part for pair in here.pairs for part in pair]
    return frozenset(found)


_COMMA = Text(
    "逗号隔开了上一个值：含逗号的值请加英文引号", "a comma ended the value before it: quote a value that has commas"
)
_EXPECTED = {
    bool: Text("true 或 false", "true or false"),
    int: Text("整数", "a whole number"),
    str: Text("文字", "text"),
}


def _partly(cls: type) -> bool:
    return issubclass(cls, Element) and cls.partly


def _meant(text: str, known: Mapping[str, tuple[Any, Any]]) -> str | None:
    """The key that a word was meant for: one written alike, or the one whose meaning begins so (指标 is metric)."""
    if near := suggest(text, known):
        return near
    if text.isascii() or not 1 < len(text) <= _LONGEST_TITLE:
        return None
    return next((name for name, (attribute, _) in known.items() if _meaning(attribute)[0].startswith(text)), None)


def _meaning(attribute: "attrs.Attribute[Any]") -> tuple[str, str]:
    return attribute.metadata["zh"], attribute.metadata["en"]


def _says_something(node: Scalar) -> bool:
    return bool(node.text.strip()) and not node.is_null


def _is_name(text: str) -> bool:
    return len(text) <= 80 and bool(NAME.fullmatch(text))


def _to_str(node: Scalar) -> str | None:
    return node.text


def _to_bool(node: Scalar) -> bool | None:
    return node.boolean


def _to_int(node: Scalar) -> int | None:
    return int(node.text) if _is_whole(node.text) else None


def _is_whole(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,6}", text, re.ASCII))


def _to_date(node: Scalar) -> dt.date | None:
    return _date(node.text)


def _date(text: str) -> dt.date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "name": _is_name,
    "id": lambda text: bool(ID.fullmatch(text)),
    "whole-number": _is_whole,
    "date": lambda text: _date(text) is not None,
}
"""What a text must look like, by the name the JSON Schema gives it."""
