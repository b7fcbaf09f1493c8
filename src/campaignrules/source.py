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
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NoReturn

import yaml
from attrs import define, field, frozen, validators

from campaignrules.errors import CampaignError, Diagnostic, Source, Span, Text, fault

Style = Literal["plain", "single", "double", "literal", "folded"]
Root = Literal["mapping", "sequence", "any"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}

# Controls, lone surrogates, non-characters, signs that turn the direction of writing,
# and the line breaks that YAML 1.1 knows and YAML 1.2 does not.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_BRACKETS_AHEAD = 512  # net open brackets at which the parser is not even started
_CHUNK = 256


@frozen
class Limits:
    """What one YAML text may cost; an embedding service may change it."""

    bytes: int = 1 << 20
    depth: int = field(default=32, validator=validators.in_(range(1, 201)))
    nodes: int = 20_000
    key: int = 128  # characters of one key
    faults: int = 100  # faults collected before giving up


# --- nodes --------------------------------------------------------------------


@frozen
class Scalar:
    """A piece of text; numbers, dates and words are still text here."""

    text: str
    span: Span
    style: Style = "plain"

    @property
    def source(self) -> Source | None:
        """The source the scalar stands in."""
        return self.span.source

    @property
    def is_plain(self) -> bool:
        """True without quotes and outside block scalars."""
        return self.style == "plain"

    @property
    def is_null(self) -> bool:
        """True for plain `null`, `~` and nothing at all (YAML 1.2)."""
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def boolean(self) -> bool | None:
        """The truth of plain `true` and `false` (YAML 1.2), None for anything else."""
        if not self.is_plain:
            return None
        return {"true": True, "false": False}.get(_one_case(self.text))

    def locate(self, offset: int) -> tuple[int, int]:
        """The 1-based (line, column) in the file of character `offset` of `text`.

        Offsets outside the text mean its ends.
        """
        offset = max(0, min(offset, len(self.text)))
        if self._is_verbatim or self.source is None:
            return self.span.line, self.span.column + offset
        return self.source.place(self._indices[offset])

    def spot(self, start: int, end: int) -> Span:
        """The span in the file of `text[start:end]`."""
        line, column = self.locate(start)
        return Span(self.source, line, column, *self._after(start, end))

    def _after(self, start: int, end: int) -> tuple[int, int]:
        """The place just behind the last character before `end`."""
        here = self.locate(end)
        if end <= start:
            return self.locate(start)
        line, column = self.locate(end - 1)
        return here if here[0] == line else (line, column + 1)

    @property
    def _is_verbatim(self) -> bool:
        return self.is_plain and self.span.line == self.span.end_line

    @cached_property
    def _indices(self) -> list[int]:
        """For each character of `text` and for its end, the index into the source."""
        span, source = self.span, self.span.source
        if source is None:
            return [0] * (len(self.text) + 1)
        start = source.index(span.line, span.column)
        end = source.index(span.end_line, span.end_column)
        found = _READINGS[self.style](source.text, start, end, self.text)
        return found or [start] * (len(self.text) + 1)


@frozen
class Sequence:
    """A list, `[a, b]` or lines that begin with `- `."""

    items: tuple["Node", ...]
    span: Span


@frozen
class Mapping:
    """Keys and values in the order of the file; every key is there once."""

    pairs: tuple[tuple[Scalar, "Node"], ...]
    span: Span

    @cached_property
    def _by_key(self) -> dict[str, tuple[Scalar, "Node"]]:
        return {key.text: (key, value) for key, value in self.pairs}

    def get(self, key: str) -> "Node | None":
        """The value under `key`, or None."""
        pair = self._by_key.get(key)
        return pair[1] if pair else None

    def key(self, key: str) -> Scalar | None:
        """The key itself, to point at it, or None."""
        pair = self._by_key.get(key)
        return pair[0] if pair else None


Node = Scalar | Sequence | Mapping


@frozen
class Document:
    """A whole text: its source, its outermost node, and warnings that refuse nothing."""

    source: Source
    root: Node
    warnings: tuple[Diagnostic, ...] = ()


# --- reading ------------------------------------------------------------------


def read(
    given: str | bytes | Path,
    name: str | None = None,
    limits: Limits = Limits(),  # noqa: B008  frozen, so one shared value is safe
    root: Root = "mapping",
) -> Document:
    """Read YAML text, UTF-8 bytes or a file; a `str` is always text, never a path.

    `root` is the form the outermost level must have. Raises CampaignError, and
    nothing else, for any content.
    """
    source = _source_of(given, name, limits)
    _refuse_characters(source, limits)
    _refuse_brackets(source, limits)
    _refuse_size(source, limits)
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
        reason = getattr(problem, "strerror", None) or str(problem)
        _refuse(fault("file-unreadable", None, path=path, reason=reason))


def _decoded(data: bytes, name: str, limits: Limits) -> Source:
    if len(data) > limits.bytes:
        _refuse_length(name, limits)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, _unix_lines(data.decode("utf-8")))
    except UnicodeDecodeError as problem:
        source = Source(name, _unix_lines(data.decode("utf-8", "replace")))
        before = len(_unix_lines(data[: problem.start].decode("utf-8")))
        at = source.span(before, before + 1)
        _refuse(fault("not-utf8", at, byte=problem.start + 1))


def _checked_text(text: str, name: str, limits: Limits) -> Source:
    if len(text) > limits.bytes:
        _refuse_length(name, limits)
    if not text.isascii() and len(text.encode("utf-8", "surrogatepass")) > limits.bytes:
        _refuse_length(name, limits)
    return Source(name, _unix_lines(text.removeprefix("\ufeff")))


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _refuse(*faults: Diagnostic) -> NoReturn:
    raise CampaignError(faults) from None


def _refuse_length(name: str, limits: Limits) -> NoReturn:
    _refuse(fault("byte-limit", Span(Source(name, ""), 1, 1, 1, 1), limit=limits.bytes))


# --- before the parser --------------------------------------------------------


def _refuse_characters(source: Source, limits: Limits) -> None:
    found = _FORBIDDEN.finditer(source.text)
    faults = [_character_fault(source, each) for each, _ in zip(found, range(limits.faults))]
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


def _refuse_size(source: Source, limits: Limits) -> None:
    """Count nodes and depth on bare events, before anything is built."""
    nodes = depth = 0
    try:
        for event in yaml.parse(source.text, Loader=_LOADER):
            nodes += isinstance(event, yaml.NodeEvent)
            depth += _STEPS.get(type(event), 0)
            if depth > limits.depth:
                _refuse(fault("depth-limit", _event_span(source, event), limit=limits.depth))
            if nodes > limits.nodes:
                _refuse(fault("node-limit", _event_span(source, event), limit=limits.nodes))
    except yaml.YAMLError:
        return  # the builder meets the same error and tells it with all it knows


_STEPS: dict[type[Any], int] = {
    yaml.SequenceStartEvent: 1,
    yaml.MappingStartEvent: 1,
    yaml.SequenceEndEvent: -1,
    yaml.MappingEndEvent: -1,
}


def _event_span(source: Source, event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


# --- building -----------------------------------------------------------------


@define
class _Builder:
    """Events → nodes, collecting faults; the size has been checked before."""

    source: Source
    limits: Limits
    faults: list[Diagnostic] = field(factory=list)
    warnings: list[Diagnostic] = field(factory=list)
    open_brackets: list[Span] = field(factory=list)
    last_scalar: Scalar | None = None
    events: Iterator[Any] = field(init=False)

    @events.default
    def _start(self) -> Iterator[Any]:
        return iter(yaml.parse(self.source.text, Loader=_LOADER))

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
            self.faults.append(_syntax_fault(problem, self))
            return None

    def _root(self) -> Node | None:
        next(self.events)  # start of the stream
        if not isinstance(next(self.events), yaml.DocumentStartEvent):
            self.report(fault("empty-document", self.source.span(0, 0)))
            return None
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
            expected, got = _FORMS[root], _form(node)
            self.report(fault("unexpected-root", _start_of(node), expected=expected, got=got))

    def _node(self, event: Any) -> Node:
        if isinstance(event, yaml.NodeEvent):
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
        raw = self.source.text[event.start_mark.index : event.end_mark.index].rstrip()
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
                self.report(fault("key-not-text", _start_of(key)))
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
        if key.is_null or key.boolean is not None:
            return fault("key-not-text", key, got=key.text or "null")
        if key.is_plain and key.text == "<<":
            return fault("merge-key", key)
        if key.text != key.text.strip():
            return fault("key-with-spaces", key)
        if start.flow_style and key.is_plain and _is_absent(value) and "：" in key.text:
            return _colon_fault(key, key.text.index("："))
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
        if isinstance(value, Scalar) and value.is_plain and "：" in value.text:
            problem = _meant_as_entry(value)
            if problem:
                self.report(problem)


def _one_case(word: str) -> str:
    """`true`, `True` and `TRUE` in one case; mixtures such as `tRUE` are no YAML words."""
    return word.lower() if word in (word.lower(), word.upper(), word.capitalize()) else word


_FORMS = {
    "mapping": Text("“键: 值”各行", "'key: value' lines"),
    "sequence": Text("以“- ”开头的列表", "a list of '- ' lines"),
}


def _form(node: Node) -> str:
    if isinstance(node, Scalar):
        return "text"
    return "mapping" if isinstance(node, Mapping) else "sequence"


def _start_of(node: Node) -> Span:
    """The first line of a node, enough to point at."""
    span = node.span
    if span.end_line == span.line or span.source is None:
        return span
    end = len(span.source.line(span.line)) + 1
    return Span(span.source, span.line, span.column, span.line, end)


def _is_absent(node: Node) -> bool:
    return isinstance(node, Scalar) and node.text == "" and node.is_plain


# --- full-width signs ---------------------------------------------------------

_ENTRY = re.compile(r"[ \t]*(?:- +)*(?:([a-z_][a-z0-9_]*)：|([\w-]+)：[ \u3000])")
_LOOSE_ENTRY = re.compile(r"[ \t]*(?:- +)*([\w-]+)：")
_TIGHT_COLON = re.compile(r"[ \t]*(?:- +)*([A-Za-z_]\w*):(?=[^\s/])")
_TABBED = re.compile(r" *\t[ \t]*(?=[^\s#])")
_ASCII = {"，": ",", "：": ": ", "［": "[", "］": "]", "｛": "{", "｝": "}", "“": '"', "”": '"'}
_ASCII |= {"‘": "'", "’": "'", "【": "[", "】": "]", "、": ","}
_WIDE = re.compile(f"[{''.join(_ASCII)}]")


def _colon_fault(scalar: Scalar, at: int) -> Diagnostic:
    return fault("fullwidth-colon", scalar.spot(at, at + 1), key=scalar.text[:at])


def _meant_as_entry(scalar: Scalar) -> Diagnostic | None:
    """A fault if a line of a plain scalar looks like `metric： x` and stands on its own."""
    span, source = scalar.span, scalar.source
    if source is None:
        return None
    for number in range(span.line, span.end_line + 1):
        found = _ENTRY.match(source.line(number))
        if found and (number > span.line or found.end() >= span.column):
            return _line_fault("fullwidth-colon", source, number, found)
    return None


def _line_fault(code: str, source: Source, number: int, found: re.Match[str]) -> Diagnostic:
    """A fault at the colon behind the word that `found` caught in a line."""
    group = found.lastindex or 0
    column = found.end(group) + 1
    at = Span(source, number, column, number, column + 1)
    return fault(code, at, key=found[group])


# --- errors of the parser -----------------------------------------------------


@frozen
class _Trouble:
    """What the parser says, with places instead of marks."""

    source: Source
    problem: str
    context: str
    at: Span
    opened: Span
    brackets: tuple[Span, ...]
    last: Scalar | None

    @property
    def character(self) -> str:
        """The character the parser stopped at, '' at the end of the text."""
        return self.source.text[self.start : self.start + 1]

    @property
    def start(self) -> int:
        """The index of that character."""
        return self.source.index(self.at.line, self.at.column)

    @property
    def lines(self) -> list[int]:
        """The lines where the cause may be: where it began and where it was noticed."""
        return sorted({self.opened.line, self.at.line})


def _syntax_fault(problem: yaml.YAMLError, builder: _Builder) -> Diagnostic:
    trouble = _trouble(problem, builder)
    answers = (answer(trouble) for answer in _ANSWERS)
    return next(found for found in answers if found is not None)


def _trouble(problem: Any, builder: _Builder) -> _Trouble:
    at = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    opened = getattr(problem, "context_mark", None) or at
    return _Trouble(
        builder.source,
        getattr(problem, "problem", None) or type(problem).__name__,
        getattr(problem, "context", None) or "",
        _mark_span(builder.source, at),
        _mark_span(builder.source, opened),
        tuple(builder.open_brackets),
        builder.last_scalar,
    )


def _mark_span(source: Source, mark: Any) -> Span:
    """One character at a mark; a mark behind the text means its last line."""
    if mark is None:
        return source.span(0, 1)
    index = source.index(mark.line + 1, mark.column + 1)
    if index >= len(source.text):
        index = len(source.text.rstrip())
    return source.span(index, index + (source.text[index : index + 1] not in ("", "\n")))


def _unclosed_quote(trouble: _Trouble) -> Diagnostic | None:
    if "quoted scalar" in trouble.context and "unexpected" in trouble.problem:
        return fault("unclosed-quote", trouble.opened)
    last = trouble.last
    runs_on = last and last.style in ("single", "double") and last.span.line < last.span.end_line
    if last and runs_on and last.span.end_line == trouble.at.line:
        opened = Span(last.source, last.span.line, last.span.column, *last.locate(0))
        return fault("unclosed-quote", opened)
    return None


def _tabs(trouble: _Trouble) -> Diagnostic | None:
    for number in trouble.lines:
        found = _TABBED.match(trouble.source.line(number))
        if found and "quoted" not in trouble.context:
            column = found[0].index("\t") + 1
            at = Span(trouble.source, number, column, number, found.end() + 1)
            return fault("tab-indentation", at)
    if "tab character" in trouble.problem:
        return fault("tab-indentation", trouble.at)
    return None


def _wide_colon(trouble: _Trouble) -> Diagnostic | None:
    for number in trouble.lines:
        found = _LOOSE_ENTRY.match(trouble.source.line(number))
        if found and "scanning a" not in trouble.context.replace("scanning a simple key", ""):
            return _line_fault("fullwidth-colon", trouble.source, number, found)
    return None


def _wide_sign(trouble: _Trouble) -> Diagnostic | None:
    """Full-width signs between the bracket or value that went wrong and the trouble."""
    if not ("flow" in trouble.context or "mapping values" in trouble.problem):
        return None
    first = trouble.brackets[-1] if trouble.brackets else trouble.at
    line_start = trouble.source.index(first.line, first.column if trouble.brackets else 1)
    found = _WIDE.search(trouble.source.text, line_start, trouble.start + 1)
    if found is None:
        return None
    at = trouble.source.span(*found.span())
    return fault("fullwidth-punctuation", at, character=found[0], ascii=_ASCII[found[0]].strip())


def _tight_colon(trouble: _Trouble) -> Diagnostic | None:
    if "expected ':'" not in trouble.problem and "mapping values" not in trouble.problem:
        return None
    for number in _from_last_scalar(trouble):
        found = _TIGHT_COLON.match(trouble.source.line(number))
        if found:
            return _line_fault("colon-without-space", trouble.source, number, found)
    return None


def _from_last_scalar(trouble: _Trouble) -> list[int]:
    """The lines of the trouble, and the first line of the text that runs into it."""
    last = trouble.last
    near = last is not None and last.is_plain and last.span.end_line >= trouble.at.line - 1
    return sorted({*trouble.lines, *([last.span.line] if last and near else [])})


def _unclosed_bracket(trouble: _Trouble) -> Diagnostic | None:
    at_end = trouble.start >= len(trouble.source.text.rstrip())
    wrong = "flow" in trouble.context and (at_end or trouble.character in "]}" or "or" in trouble.problem)
    if not trouble.brackets or not (wrong or at_end):
        return None
    opened = trouble.brackets[-1]
    bracket = trouble.source.text[trouble.source.index(opened.line, opened.column)]
    closing = {"[": "]", "{": "}"}.get(bracket, bracket)
    related = [(trouble.at, Text("到这里还没有关闭", "still open here"))]
    return fault("unclosed-bracket", opened, bracket=bracket, closing=closing, related=related)


def _by_words(trouble: _Trouble) -> Diagnostic | None:
    said = f"{trouble.context} {trouble.problem}"
    for words, code, at_opening in _WORDING:
        if words in said:
            at = trouble.opened if at_opening else trouble.at
            sign = trouble.character
            return fault(code, at, character=sign, name=sign, tag="!")
    return None


_WORDING = (
    ("escape", "bad-escape", False),
    ("scanning an alias", "alias-not-allowed", True),
    ("scanning an anchor", "alias-not-allowed", True),
    ("scanning a tag", "tag-not-allowed", True),
    ("parsing a tag", "tag-not-allowed", True),
    ("mapping values are not allowed", "unexpected-colon", False),
    ("could not find expected ':'", "missing-colon", True),
    ("cannot start any token", "reserved-character", False),
    ("expected node content", "reserved-character", False),
    ("<document start>", "unexpected-content", False),
    ("block sequence entries are not allowed", "bad-indentation", False),
    ("while parsing a block", "bad-indentation", False),
)


def _plainly(trouble: _Trouble) -> Diagnostic:
    said = f"{trouble.context}: {trouble.problem}" if trouble.context else trouble.problem
    return fault("yaml-syntax", trouble.at, problem=said)


_ANSWERS: tuple[Callable[[_Trouble], Diagnostic | None], ...] = (
    _unclosed_quote,
    _tabs,
    _wide_colon,
    _wide_sign,
    _tight_colon,
    _unclosed_bracket,
    _by_words,
    _plainly,
)


# --- from a character of the text back to the file ----------------------------
#
# Each reading decodes the raw text once more, keeping for each character the
# index it came from. If the outcome is not the text the parser gave, the answer
# is None, and the caller points at the start of the scalar.

_Pieces = Iterator[tuple[str, int]]
_QUOTED = {
    "single": re.compile(r"(?P<fold>[ \t]*\n[ \t\n]*)|(?P<escape>'')|[ \t]+|[^'\n \t]+"),
    "double": re.compile(
        r"(?P<fold>[ \t]*\n[ \t\n]*)|(?P<joint>\\\n[ \t\n]*)"
        r"|(?P<escape>\\(?:x.{2}|u.{4}|U.{8}|.))|[ \t]+|[^\\\n \t]+"
    ),
}
_PLAIN = re.compile(r"(?P<fold>[ \t]*\n[ \t\n]*)|[ \t]+|[^\n \t]+")


def _agreed(pieces: _Pieces, end: int, text: str) -> list[int] | None:
    """The indices of all characters if they spell `text`."""
    indices: list[int] = []
    spelled: list[str] = []
    for piece, index in pieces:
        spelled.append(piece)
        indices += range(index, index + len(piece))
    return [*indices, end] if "".join(spelled) == text else None


def _plain_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    return _agreed(_flow_pieces(_PLAIN, raw, start, end, text), end, text)


def _single_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    pieces = _flow_pieces(_QUOTED["single"], raw, start + 1, end - 1, text)
    return _agreed(pieces, end - 1, text)


def _double_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    pieces = _flow_pieces(_QUOTED["double"], raw, start + 1, end - 1, text)
    return _agreed(pieces, end - 1, text)


def _flow_pieces(pattern: re.Pattern[str], raw: str, start: int, end: int, text: str) -> _Pieces:
    """Decode folding and escapes; an escape takes the character the parser made of it."""
    made = 0
    for found in pattern.finditer(raw, start, end):
        kind = found.lastgroup
        if kind in ("fold", "joint"):
            pieces = list(_breaks(found, kind == "fold"))
        elif kind == "escape":
            pieces = [(text[made : made + 1], found.start())]
        else:
            pieces = [(found[0], found.start())]
        made += sum(len(piece) for piece, _ in pieces)
        yield from pieces


def _breaks(found: re.Match[str], folding: bool) -> _Pieces:
    """One break is a blank, each further one a break; behind a `\\` the first is nothing."""
    first, *further = [found.start() + at for at, sign in enumerate(found[0]) if sign == "\n"]
    if further:
        yield from (("\n", index) for index in further)
    elif folding:
        yield " ", min(found.start(), first)


def _literal_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    return _block_reading(raw, start, end, text, _literal_pieces)


def _folded_reading(raw: str, start: int, end: int, text: str) -> list[int] | None:
    return _block_reading(raw, start, end, text, _folded_pieces)


def _block_reading(
    raw: str, start: int, end: int, text: str, pieces: Callable[[list[tuple[str, int]]], _Pieces]
) -> list[int] | None:
    """Try the indentations a block scalar may have; trailing breaks are the parser's."""
    lines = _lines(raw, start, end)[1:]
    body = text.rstrip("\n")
    for indent in _indents(lines):
        cut = [(line[indent:], index + min(indent, len(line))) for line, index in lines]
        found = _agreed(pieces(cut), end, body)
        if found:
            return found + [end] * (len(text) - len(body))
    return None


def _lines(raw: str, start: int, end: int) -> list[tuple[str, int]]:
    lines, at = [], start
    for line in raw[start:end].split("\n"):
        lines.append((line, at))
        at += len(line) + 1
    return lines


def _indents(lines: list[tuple[str, int]]) -> Iterator[int]:
    """The indentation of the first line with content, then smaller ones (`|1`)."""
    texts = (line for line, _ in lines if line.strip(" "))
    first = next(texts, "")
    return iter(range(len(first) - len(first.lstrip(" ")), -1, -1))


def _literal_pieces(lines: list[tuple[str, int]]) -> _Pieces:
    for number, (line, index) in enumerate(lines):
        if number:
            yield "\n", _break_before(lines, number)
        yield line, index


def _break_before(lines: list[tuple[str, int]], number: int) -> int:
    """The index of the break that ends the line before line `number`."""
    line, index = lines[number - 1]
    return index + len(line)


def _folded_pieces(lines: list[tuple[str, int]]) -> _Pieces:
    """YAML folding: one break between two unindented lines is a blank; see the parser."""
    waiting: list[tuple[str, int]] = []
    before: str | None = None
    for line, index in lines:
        if line:
            folds = before is not None and not _indented(before) and not _indented(line)
            yield from _joined(waiting, folds) if before is not None else iter(waiting)
            yield line, index
            waiting, before = [], line
        waiting.append(("\n", index + len(line)))


def _indented(line: str) -> bool:
    return line[:1] in (" ", "\t")


def _joined(breaks: list[tuple[str, int]], folds: bool) -> _Pieces:
    if not folds:
        yield from breaks
    elif len(breaks) == 1:
        yield " ", breaks[0][1]
    else:
        yield from breaks[1:]


_READINGS: dict[Style, Callable[[str, int, int, str], list[int] | None]] = {
    "plain": _plain_reading,
    "single": _single_reading,
    "double": _double_reading,
    "literal": _literal_reading,
    "folded": _folded_reading,
}
