"""The only door to YAML: text, bytes or a file → a document whose nodes know their place.

In: text from people we do not know. Out: `Document`, a tree of `Mapping`,
`Sequence` and `Scalar` with spans, numbers still text; or `CampaignError` with
every fault found, whatever the input was. Characters, size and brackets are
looked at before the parser, of which only the events are used: nothing is
composed or constructed. Must not know: what a campaign is.
"""

import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NoReturn

import yaml
from attrs import define, field, frozen, validators

from campaignrules.errors import CampaignError, Diagnostic, Source, Span, Text, fault, reason_of
from campaignrules.nodes import NULLS, TRUTHS, Document, Mapping, Node, Scalar, Sequence, Style, start_of
from campaignrules.syntax import LOOSE_ENTRY, colon_fault, entry_fault, parser_fault, sign_fault

__all__ = ["Document", "Limits", "Mapping", "Node", "Root", "Scalar", "Sequence", "read"]

Root = Literal["mapping", "sequence", "any"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
# Controls, lone surrogates, non-characters, signs that turn the direction of writing,
# and the line breaks that YAML 1.1 knows and YAML 1.2 does not.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_BRACKETS_AHEAD = 512  # net open brackets at which the parser is not even started
_CHUNK = 256


@frozen(eq=False, repr=False)
class Limits:
    """What one YAML text may cost; an embedding service may change it."""

    bytes: int = 1 << 20
    depth: int = field(default=32, validator=validators.in_(range(1, 201)))
    nodes: int = 20_000
    key: int = 128  # characters of one key
    faults: int = 100  # faults collected before giving up


# --- reading ------------------------------------------------------------------


def read(
    given: str | bytes | Path,
    name: str | None = None,
    limits: Limits = Limits(),
    root: Root = "mapping",
) -> Document:
    """Read YAML text, UTF-8 bytes or a file; a `str` is always text, never a path.

    `root` is the form the outermost level must have. Raises CampaignError, and
    nothing else, for any content.
    """
    source = _source_of(given, name, limits)
    _refuse_characters(source, limits)
    _refuse_brackets(source, limits)
    return _Builder(source, limits).document(root)


def _source_of(given: str | bytes | Path, name: str | None, limits: Limits) -> Source:
    if isinstance(given, Path):
        return _decoded(_file_bytes(given, limits), name or str(given), limits)
    if isinstance(given, str):
        return _checked_text(given, name or "<text>", limits)
    return _decoded(bytes(given), name or "<bytes>", limits)


def _file_bytes(path: Path, limits: Limits) -> bytes:
    """At most one byte more than allowed is read. Raises CampaignError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            _refuse(fault("not-a-file", None, path=path))
        with path.open("rb") as file:
            return file.read(limits.bytes + 1)
    except FileNotFoundError:
        _refuse(fault("file-not-found", None, path=path))
    except (OSError, ValueError) as problem:
        _refuse(fault("file-unreadable", None, path=path, reason=reason_of(problem)))


def _decoded(data: bytes, name: str, limits: Limits) -> Source:
    if len(data) > limits.bytes:
        _refuse_length(name, limits)
    given, data = data, data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, _unix_lines(data.decode("utf-8")), given)
    except UnicodeDecodeError as problem:
        source = Source(name, _unix_lines(data.decode("utf-8", "replace")))
        before = len(_unix_lines(data[: problem.start].decode("utf-8")))
        at = source.span(before, before + 1)
        _refuse(fault("not-utf8", at, byte=problem.start + 1))


def _checked_text(text: str, name: str, limits: Limits) -> Source:
    if len(text) > limits.bytes:
        _refuse_length(name, limits)
    given = text.encode("utf-8", "surrogatepass")
    if len(given) > limits.bytes:
        _refuse_length(name, limits)
    return Source(name, _unix_lines(text.removeprefix("\ufeff")), given)


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _refuse(*faults: Diagnostic) -> NoReturn:
    raise CampaignError(faults) from None


def _refuse_length(name: str, limits: Limits) -> NoReturn:
    _refuse(fault("byte-limit", Span(Source(name, ""), 1, 1, 1, 1), limit=limits.bytes))


# --- before the parser --------------------------------------------------------


def _refuse_characters(source: Source, limits: Limits) -> None:
    found = islice(_FORBIDDEN.finditer(source.text), limits.faults)
    faults = [_character_fault(source, each) for each in found]
    if faults:
        raise CampaignError(faults)


def _character_fault(source: Source, found: re.Match[str]) -> Diagnostic:
    return fault("control-character", source.span(*found.span()), character=_code_point(found[0]))


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def _refuse_brackets(source: Source, limits: Limits) -> None:
    """Stop before the parser when far more brackets are open than may be nested.

    Quotes and comments are not looked at, so the bound is generous; the exact
    depth is counted on the events.
    """
    bound, depth, text = _BRACKETS_AHEAD + limits.depth, 0, source.text
    for start in range(0, len(text), _CHUNK):
        end = start + _CHUNK
        opened = text.count("[", start, end) + text.count("{", start, end)
        closed = text.count("]", start, end) + text.count("}", start, end)
        depth = max(0, depth + opened - closed)
        if depth > bound:
            _refuse(fault("depth-limit", source.span(start, start + 1), limit=limits.depth))


def _bounded_events(source: Source, limits: Limits) -> Iterator[Any]:
    """The parser's events, each counted before anything is built from it. Raises CampaignError at a limit."""
    nodes = depth = 0
    for event in yaml.parse(source.text, Loader=_LOADER):
        kind = type(event)
        if kind in _NODES:
            nodes += 1
            if nodes > limits.nodes:
                _refuse(fault("node-limit", _event_span(source, event), limit=limits.nodes))
        if kind in _STEPS:
            depth += _STEPS[kind]
            if depth > limits.depth:
                _refuse(fault("depth-limit", _event_span(source, event), limit=limits.depth))
        yield event


_STEPS: dict[type[Any], int] = {
    yaml.SequenceStartEvent: 1,
    yaml.MappingStartEvent: 1,
    yaml.SequenceEndEvent: -1,
    yaml.MappingEndEvent: -1,
}
_NODES = frozenset((yaml.ScalarEvent, yaml.AliasEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent))


def _event_span(source: Source, event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


# --- building -----------------------------------------------------------------


@define(eq=False, repr=False)
class _Builder:
    """Events → nodes, collecting faults; the events bound the size."""

    source: Source
    limits: Limits
    faults: list[Diagnostic] = field(factory=list)
    warnings: list[Diagnostic] = field(factory=list)
    open_brackets: list[Span] = field(factory=list)
    last_scalar: Scalar | None = None
    events: Iterator[Any] = field(init=False)

    @events.default
    def _start(self) -> Iterator[Any]:
        return _bounded_events(self.source, self.limits)

    def document(self, root: Root) -> Document:
        """The document. Raises CampaignError with every fault found on the way."""
        node = self._guarded_root()
        if node is not None:
            self._check_root(node, root)
        if self.faults or node is None:
            raise CampaignError(self.faults)
        return Document(self.source, node, tuple(self.warnings))

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a fault; give up when there are as many as anyone will read."""
        self.faults.append(diagnostic)
        if len(self.faults) >= self.limits.faults:
            raise CampaignError(self.faults)

    def _guarded_root(self) -> Node | None:
        try:
            return self._root()
        except yaml.YAMLError as problem:
            self._report_syntax(self._parser_fault(problem))
            return None

    def _parser_fault(self, problem: yaml.YAMLError) -> Diagnostic:
        return parser_fault(problem, self.source, tuple(self.open_brackets), self.last_scalar)

    def _report_syntax(self, problem: Diagnostic) -> None:
        """Keep the error of the parser unless the line above it already has the cause."""
        last = self.faults[-1] if self.faults else None
        if last is None or last.code != "fullwidth-colon" or _lines_apart(last, problem) > 1:
            self.faults.append(problem)

    def _root(self) -> Node | None:
        next(self.events)  # start of the stream
        start = next(self.events)
        if not isinstance(start, yaml.DocumentStartEvent):
            self.report(fault("empty-document", self.source.span(0, 0)))
            return None
        if start.tags:
            self.report(fault("tag-not-allowed", _event_span(self.source, start), tag="%TAG"))
        node = self._node(next(self.events))
        next(self.events)  # end of the document
        following = next(self.events)
        if isinstance(following, yaml.DocumentStartEvent):
            self.report(fault("multiple-documents", _event_span(self.source, following)))
        return node

    def _check_root(self, node: Node, root: Root) -> None:
        if isinstance(node, Scalar) and node.is_null:
            self.report(fault("empty-document", node.span))
        elif root != "any" and _form(node) != root and not self.faults:
            self.report(_root_fault(node, root))

    def _node(self, event: Any) -> Node:
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            self._refuse_properties(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._collection(event, self._sequence)
        if isinstance(event, yaml.MappingStartEvent):
            return self._collection(event, self._mapping)
        return Scalar("", _event_span(self.source, event))  # an alias, refused above

    def _refuse_properties(self, event: Any) -> None:
        span = _event_span(self.source, event)
        if event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.report(fault("alias-not-allowed", span, name=sign + event.anchor))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.report(fault("tag-not-allowed", span, tag=tag))

    def _scalar(self, event: Any) -> Scalar:
        style = _STYLES.get(event.style, "plain")
        span = _event_span(self.source, event)
        if style in ("literal", "folded"):
            span = self._block_span(event, span)
        scalar = self.last_scalar = Scalar(event.value, span, style)
        if style == "double" and not event.value.isprintable():
            self._refuse_escaped(scalar)
        return scalar

    def _block_span(self, event: Any, span: Span) -> Span:
        """The span of a block scalar without the blank lines and the break behind it."""
        raw = self.source.text[event.start_mark.index : event.end_mark.index].rstrip(" \t\n")
        breaks = raw.count("\n")
        width = len(raw) - raw.rfind("\n") - 1 if breaks else len(raw) + span.column - 1
        return Span(self.source, span.line, span.column, span.line + breaks, width + 1)

    def _refuse_escaped(self, scalar: Scalar) -> None:
        found = _FORBIDDEN.search(scalar.text)
        if found:
            at = scalar.spot(*found.span())
            self.report(fault("control-character", at, character=_code_point(found[0])))

    def _collection(self, event: Any, build: Callable[[Any], Node]) -> Node:
        """Build a list or mapping, remembering its bracket while it is open."""
        if not event.flow_style:
            return build(event)
        self.open_brackets.append(_event_span(self.source, event))
        node = build(event)
        self.open_brackets.pop()
        return node

    def _sequence(self, start: Any) -> Sequence:
        items: list[Node] = []
        event = next(self.events)
        while not isinstance(event, yaml.SequenceEndEvent):
            item = self._node(event)
            self._suspect_item(item, start.flow_style)
            items.append(item)
            event = next(self.events)
        return Sequence(tuple(items), self._span(start, event, items))

    def _mapping(self, start: Any) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        event = next(self.events)
        while not isinstance(event, yaml.MappingEndEvent):
            key = self._node(event)
            value = self._node(next(self.events))
            if isinstance(key, Scalar) and self._accepts_key(key, value, start, seen):
                pairs.append((key, value))
            elif not isinstance(key, Scalar):
                self.report(fault("key-not-text", start_of(key)))
            event = next(self.events)
        return Mapping(tuple(pairs), self._span(start, event, [value for _, value in pairs]))

    def _span(self, start: Any, end: Any, children: list[Node]) -> Span:
        """From the first character to the last; blocks end with their last child."""
        line, column = start.start_mark.line + 1, start.start_mark.column + 1
        if start.flow_style or not children:
            last = end.end_mark.line + 1, end.end_mark.column + 1
        else:
            last = children[-1].span.end_line, children[-1].span.end_column
        return Span(self.source, line, column, *max(last, (line, column)))

    def _accepts_key(self, key: Scalar, value: Node, start: Any, seen: dict[str, Scalar]) -> bool:
        problem = self._key_fault(key, value, start) or self._duplicate(key, seen)
        if problem:
            self.report(problem)
        else:
            self._suspect_value(value)
        return problem is None

    def _key_fault(self, key: Scalar, value: Node, start: Any) -> Diagnostic | None:
        if len(key.text) > self.limits.key:
            return fault("key-too-long", key, limit=self.limits.key)
        if key.text != key.text.strip():
            return fault("key-with-spaces", key)
        if not key.is_plain:
            return None
        if key.text in NULLS or key.text in TRUTHS:
            return fault("key-not-text", key, got=key.text or "null")
        if key.text == "<<":
            return fault("merge-key", key)
        if start.flow_style and _is_absent(value) and "：" in key.text:
            return colon_fault(key, key.text.index("："))
        return None

    def _duplicate(self, key: Scalar, seen: dict[str, Scalar]) -> Diagnostic | None:
        text = key.text
        same = text if text.isascii() else unicodedata.normalize("NFKC", text)
        first = seen.setdefault(same, key)
        if first is key:
            return None
        related = [(first, Text("首次出现在这里", "first used here"))]
        return fault("duplicate-key", key, key=text, related=related)

    def _suspect_item(self, item: Node, flow: bool) -> None:
        """Full-width signs where a list was meant to be split or an entry to begin."""
        self._suspect_value(item)
        if flow and isinstance(item, Scalar) and item.is_plain and "，" in item.text:
            at = item.text.index("，")
            self.warnings.append(fault("fullwidth-separator", item.spot(at, at + 1)))

    def _suspect_value(self, value: Node) -> None:
        if not isinstance(value, Scalar) or not value.is_plain:
            return
        problem = entry_fault(value) if "：" in value.text else None
        if problem:
            self.report(problem)
        if value.text[:1] in ("［", "｛"):
            sign, at = value.text[0], value.spot(0, 1)
            self.warnings.append(sign_fault(at, sign, severity="warning"))


_FORMS = {
    "mapping": Text("“键: 值”各行", "'key: value' lines"),
    "sequence": Text("以“- ”开头的列表", "a list of '- ' lines"),
}


def _lines_apart(first: Diagnostic, second: Diagnostic) -> int:
    return abs(second.span.line - first.span.line) if first.span and second.span else 0


def _form(node: Node) -> str:
    if isinstance(node, Scalar):
        return "text"
    return "mapping" if isinstance(node, Mapping) else "sequence"


def _root_fault(node: Node, root: Root) -> Diagnostic:
    found = LOOSE_ENTRY.match(node.text) if isinstance(node, Scalar) and node.is_plain else None
    if found and isinstance(node, Scalar):
        return colon_fault(node, found.end(1))
    return fault("unexpected-root", start_of(node), expected=_FORMS[root])


def _is_absent(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == "" and node.is_plain
