"""Places, diagnostics and the one exception of the library.

In: a code of `messages.CATALOGUE`, a place in a text, the facts to fill in.
Out: `Diagnostic` values, `CampaignError` that holds them sorted by place, and
their two forms: text with the source line and a caret (`render`), and plain
data (`to_json`). Must not know: YAML, campaigns, or who prints.
"""

import difflib
import errno
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import accumulate, groupby, islice, takewhile
from typing import Any, Literal, Protocol

from attrs import field, frozen

from campaignrules.messages import CATALOGUE, Severity

Lang = Literal["zh", "en"]

MOST_SHOWN = 100  # errors shown a file
ARGUMENT_WIDTH = 120  # characters of user text quoted inside a message
LINE_WIDTH = 100  # characters of a source line shown around the caret
LEAD = 40  # characters shown before the caret when a line is clipped
TAB = 4
WIDE_SPACE = "\u3000"
CANDIDATES = 200
NAME_LENGTH = 80

Args = Any  # values for placeholders: anything with a str()


@frozen
class Text:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str

    def to(self, lang: str) -> str:
        """The sentence in `lang`; any language but `zh` reads English."""
        return self.zh if lang == "zh" else self.en


@frozen
class Source:
    """A named text, line breaks already made one line feed each. `given`: the bytes it was read from."""

    name: str
    text: str = field(repr=False)
    given: bytes = field(default=b"", repr=False, eq=False)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self._lines)]

    def line(self, number: int) -> str:
        """Line `number`, counted from 1, without its break; '' outside the text."""
        return self._lines[number - 1] if 1 <= number <= len(self._lines) else ""

    def index(self, line: int, column: int) -> int:
        """The index into `text` of a 1-based place, kept inside the text."""
        if line > len(self._lines):
            return len(self.text)
        return min(self._starts[max(line, 1) - 1] + max(column, 1) - 1, len(self.text))

    def place(self, index: int) -> tuple[int, int]:
        """The 1-based (line, column) of an index into `text`."""
        index = max(0, min(index, len(self.text)))
        column = index - self.text.rfind("\n", 0, index)
        return self.text.count("\n", 0, index) + 1, column

    def span(self, start: int, end: int) -> "Span":
        """The span of `text[start:end]`."""
        return Span(self, *self.place(start), *self.place(max(start, end)))


@frozen
class Span:
    """A stretch of a source; 1-based, columns count characters, the end is exclusive."""

    source: Source | None
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def file(self) -> str | None:
        """The name of the source, if there is one."""
        return self.source.name if self.source else None


class HasSpan(Protocol):
    """Anything that knows its place: a node of a document, a part of a model."""

    @property
    def span(self) -> Span | None: ...


At = Span | HasSpan | None
Related = tuple[Span, Text]


@frozen
class Diagnostic:
    """One finding about an input: what, where, what was expected and what to do."""

    code: str
    severity: Severity
    span: Span | None
    message: Text
    expected: Text | None = None
    got: str | None = None
    hint: Text | None = None
    related: tuple[Related, ...] = ()
    subject: str | None = None
    """The id of what it is about (a target, an item `card.item`, a phase, a metric); acknowledgements name it."""
    acknowledged: Text | None = None
    """Why the author lets it stand."""
    finding: str | None = None
    """What acknowledgements call it where that is not the code: the property that was broken."""
    agrees: bool = False
    """It tells of no fault: what was looked at goes together (with severity note)."""


class CampaignError(Exception):
    """An input is at fault; `diagnostics` holds every finding, sorted by place."""

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        given = (diagnostics,) if isinstance(diagnostics, Diagnostic) else diagnostics
        self.diagnostics = tuple(sorted(given, key=place_of))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return render(self.diagnostics, default_lang())


def place_of(diagnostic: Diagnostic) -> tuple[str, int, int]:
    """The sort key of a diagnostic: file, line, column; those without a place first."""
    span = diagnostic.span
    return (span.file or "", span.line, span.column) if span else ("", 0, 0)


# --- making -------------------------------------------------------------------


def fault(  # noqa: PLR0913  each is a part of a diagnostic
    code: str,
    at: At,
    *,
    severity: Severity | None = None,
    expected: Text | str | None = None,
    got: str | None = None,
    hint: Text | str | None = None,
    related: Iterable[tuple[At, Text | str]] = (),
    subject: str | None = None,
    finding: str | None = None,
    agrees: bool = False,
    **args: Args,
) -> Diagnostic:
    """A diagnostic of a catalogued code at a span, or at the span of a node.

    Raises KeyError for an unknown code or a missing placeholder: a bug of ours.
    """
    entry = CATALOGUE[code]
    zh, en = ({name: _in(value, lang) for name, value in args.items()} for lang in ("zh", "en"))
    message = Text(entry.zh.format(**zh), entry.en.format(**en))
    usual = (
        None if not entry.hint_zh or not entry.hint_en else Text(entry.hint_zh.format(**zh), entry.hint_en.format(**en))
    )
    return Diagnostic(
        code,
        severity or entry.severity,
        _span_of(at),
        message,
        expected=_text(expected),
        got=None if got is None else _quoted(got),
        hint=_text(hint) or usual,
        related=tuple(_related(related)),
        subject=subject,
        finding=finding,
        agrees=agrees,
    )


def _in(value: Args, lang: str) -> str:
    return value.to(lang) if isinstance(value, Text) else _quoted(value)


_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只能读，不能写",
    errno.ENOSPC: "磁盘已满",
    errno.EISDIR: "这是文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENAMETOOLONG: "名字太长",
    errno.EEXIST: "已有同名的文件",
}


def reason_of(problem: BaseException) -> Text:
    """Why the system would not, as far as we know its reasons in Chinese."""
    en = _quoted(getattr(problem, "strerror", None) or problem)
    return Text(_REASONS.get(getattr(problem, "errno", None) or 0, en), en)


def _span_of(at: At) -> Span | None:
    return at if at is None or isinstance(at, Span) else at.span


def _text(given: Text | str | None) -> Text | None:
    return Text(given, given) if isinstance(given, str) else given


def _related(given: Iterable[tuple[At, Text | str]]) -> Iterator[Related]:
    for at, said in given:
        span, text = _span_of(at), _text(said)
        if span is not None and text is not None:
            yield span, text


def _quoted(value: object) -> str:
    text = str(value)
    short = text if len(text) <= ARGUMENT_WIDTH else text[: ARGUMENT_WIDTH - 1] + "…"
    return visible(short)


def visible(text: str) -> str:
    """`text` on one line, fit for a terminal: controls as ␛-like signs, the rest as `?`."""
    return text if text.isprintable() else "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if character.isprintable() or character == WIDE_SPACE:
        return character
    return " " if unicodedata.category(character) == "Zs" else "?"


# --- did you mean -------------------------------------------------------------


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most likely meant by `name`, or None; never `name` itself.

    Looks at the first 200 candidates and at names of at most 80 characters.
    """
    if not name or len(name) > NAME_LENGTH:
        return None
    known = [
        candidate
        for candidate in islice(candidates, CANDIDATES)
        if candidate != name and 0 < len(candidate) <= NAME_LENGTH
    ]
    return _same(name, known) or _close(name, known) or _containing(name, known)


def did_you_mean(name: str, candidates: Iterable[str]) -> Text | None:
    """The hint that names `suggest`'s candidate, or None."""
    near = suggest(name, candidates)
    return Text(f"是不是想写 {near}？", f"did you mean {near}?") if near else None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace("-", "_")


def _same(name: str, known: list[str]) -> str | None:
    wanted = _folded(name)
    return next((candidate for candidate in known if _folded(candidate) == wanted), None)


def _close(name: str, known: list[str]) -> str | None:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return close[0] if close else None


def _containing(name: str, known: list[str]) -> str | None:
    """For short words, above all Chinese ones: one contains or begins the other."""
    near = [candidate for candidate in known if _overlaps(name, candidate)]
    return min(near, key=lambda other: (abs(len(other) - len(name)), other), default=None)


def _overlaps(name: str, candidate: str) -> bool:
    short, long = sorted((name, candidate), key=len)
    if len(short) >= 2 and short in long:
        return not short.isascii() or 2 * len(short) >= len(long)
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(short, long, strict=False))
    start = "".join(letter for letter, _ in pairs)
    return len(start) >= 2 and not start.isascii() and 2 * len(start) >= len(short)


# --- showing ------------------------------------------------------------------

_WORDS = {
    "error": Text("错误", "error"),
    "warning": Text("警告", "warning"),
    "note": Text("说明", "note"),
}
_ACKNOWLEDGED = Text("已确认", "acknowledged")
_AGREES = Text("相符", "agrees")
_COLOURS = {"error": "31", "warning": "33", "note": "36"}


def default_lang() -> Lang:
    """The language of the locale; Chinese where the locale says nothing."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "C")
    silent = locale.split(".")[0] in ("C", "POSIX")
    return "zh" if silent or locale.lower().startswith("zh") else "en"


def render(
    diagnostics: Iterable[Diagnostic],
    lang: str = "zh",
    colour: bool = False,
    limit: int = MOST_SHOWN,
) -> str:
    """All diagnostics as text with source lines and carets, and a line that counts them.

    Sorted by place; at most `limit` of a file are written out. '' when there are none.
    """
    ordered = sorted(diagnostics, key=place_of)
    if not ordered:
        return ""
    shown = list(_first_of_each_file(ordered, limit))
    blocks = [_block(diagnostic, lang, colour) for diagnostic in shown]
    return "\n\n".join([*blocks, _summary(ordered, lang, len(ordered) - len(shown))])


def rendered(diagnostic: Diagnostic, lang: str = "zh", colour: bool = False) -> str:
    """One diagnostic as text with its source line and carets, without a line that counts."""
    return _block(diagnostic, lang, colour)


def _first_of_each_file(ordered: list[Diagnostic], limit: int) -> Iterator[Diagnostic]:
    for _, diagnostics in groupby(ordered, key=lambda diagnostic: place_of(diagnostic)[0]):
        yield from islice(diagnostics, limit)


def _block(diagnostic: Diagnostic, lang: str, colour: bool) -> str:
    paint = _COLOURS[diagnostic.severity] if colour else None
    lines = [_headline(diagnostic, lang, paint)]
    lines += _picture(diagnostic.span, paint)
    lines += _details(diagnostic, lang)
    for span, said in diagnostic.related:
        lines += [f"{_where(span)}{visible(said.to(lang))}", *_picture(span, None)]
    return "\n".join(lines)


def _headline(diagnostic: Diagnostic, lang: str, paint: str | None) -> str:
    word = f"{_kind(diagnostic).to(lang)}[{diagnostic.code}]"
    colon = "：" if lang == "zh" else ": "
    said = visible(diagnostic.message.to(lang))
    return f"{_where(diagnostic.span)}{_painted(word, paint)}{colon}{said}"


def _kind(diagnostic: Diagnostic) -> Text:
    if diagnostic.acknowledged is not None:
        return _ACKNOWLEDGED
    return _AGREES if diagnostic.agrees else _WORDS[diagnostic.severity]


def _where(span: Span | None) -> str:
    if span is None:
        return ""
    name = f"{visible(span.file)}:" if span.file else ""
    return f"{name}{span.line}:{span.column}: "


def _painted(text: str, paint: str | None) -> str:
    return f"\x1b[{paint}m{text}\x1b[0m" if paint else text


def _details(diagnostic: Diagnostic, lang: str) -> Iterator[str]:
    chinese = lang == "zh"
    parts = []
    if diagnostic.expected is not None:
        parts.append(f"{'应为' if chinese else 'expected'} {diagnostic.expected.to(lang)}")
    if diagnostic.got is not None:
        parts.append(f"{'实为' if chinese else 'got'} {diagnostic.got}")
    if parts:
        yield f"  = {visible(('，' if chinese else ', ').join(parts))}"
    if diagnostic.acknowledged is not None:
        word = "理由：" if chinese else "reason: "
        yield f"  = {word}{visible(diagnostic.acknowledged.to(lang))}"
    elif diagnostic.hint is not None:
        word = "提示：" if chinese else "hint: "
        yield f"  = {word}{visible(diagnostic.hint.to(lang))}"


def _picture(span: Span | None, paint: str | None) -> list[str]:
    """The source line of a span and, below it, the carets."""
    if span is None or span.source is None:
        return []
    line = span.source.line(span.line)
    end = span.end_column if span.end_line == span.line else len(line) + 1
    shown, start, width = _excerpt(line, span.column - 1, end - 1)
    gutter = f"{span.line:>4}"
    carets = _painted("^" * width, paint)
    return [f"{gutter} | {shown}".rstrip(), f"{' ' * len(gutter)} | {' ' * start}{carets}"]


def _excerpt(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of `line` to show, and the cells where the carets start and how many."""
    start = min(max(start, 0), len(line))
    first = max(0, start - LEAD) if len(line) > LINE_WIDTH else 0
    last = min(len(line), first + LINE_WIDTH)
    left, right = "…" if first else "", "…" if last < len(line) else ""
    before = _expanded(line[first:start], len(left))
    marked = _expanded(line[start : min(end, last)], len(left) + width_of(before))
    done = len(left) + width_of(before)
    after = _expanded(line[max(start, min(end, last)) : last], done + width_of(marked))
    return left + before + marked + after + right, done, max(1, width_of(marked))


def _expanded(text: str, column: int) -> str:
    """`text` for a terminal, tabs as spaces to the next stop, beginning at cell `column`."""
    if text.isprintable():
        return text
    shown: list[str] = []
    for character in text:
        new = " " * (TAB - column % TAB) if character == "\t" else visible(character)
        column += width_of(new)
        shown.append(new)
    return "".join(shown)


def width_of(text: str) -> int:
    """The cells `text` takes on a terminal: wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_cells, text))


@lru_cache(maxsize=4096)  # a report writes the same few hundred characters over and over
def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _summary(diagnostics: list[Diagnostic], lang: str, hidden: int) -> str:
    open_ = [d for d in diagnostics if d.acknowledged is None and not d.agrees]
    counts = [(severity, sum(diagnostic.severity == severity for diagnostic in open_)) for severity in _WORDS]
    parts = [_counted(severity, count, lang) for severity, count in counts if count]
    parts += quiet_ones(diagnostics, lang)
    if lang == "zh":
        return f"共 {'，'.join(parts)}" + (f"（{hidden} 个未列出）" if hidden else "")
    return ", ".join(parts) + (f" ({hidden} not shown)" if hidden else "")


def quiet_ones(diagnostics: Iterable[Diagnostic], lang: str) -> list[str]:
    """How many of them are acknowledged and how many agree: `2 个已确认`, `3 处相符`."""
    given = list(diagnostics)
    known = sum(d.acknowledged is not None for d in given)
    fine = sum(d.agrees and d.acknowledged is None for d in given)
    words = ("{} 个已确认", "{} 处相符") if lang == "zh" else ("{} acknowledged", "{} that agree")
    return [word.format(count) for word, count in zip(words, (known, fine), strict=True) if count]


def _counted(severity: str, count: int, lang: str) -> str:
    if lang == "zh":
        return f"{count} 个{_WORDS[severity].zh}"
    return f"{count} {_WORDS[severity].en}{'' if count == 1 else 's'}"


# --- plain data ---------------------------------------------------------------


def to_json(diagnostic: Diagnostic, lang: str | None = None) -> dict[str, Any]:
    """A diagnostic as JSON data; texts are {zh, en}, or one string when `lang` is given."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "subject": None if diagnostic.subject is None else visible(diagnostic.subject),
        "finding": diagnostic.finding or diagnostic.code,
        "acknowledged": _text_json(diagnostic.acknowledged, lang),
        "agrees": diagnostic.agrees,
        **_place_json(diagnostic.span),
        "message": _text_json(diagnostic.message, lang),
        "expected": _text_json(diagnostic.expected, lang),
        "got": None if diagnostic.got is None else visible(diagnostic.got),
        "hint": _text_json(diagnostic.hint, lang),
        "related": [{**_place_json(span), "message": _text_json(said, lang)} for span, said in diagnostic.related],
    }


def _text_json(text: Text | None, lang: str | None) -> dict[str, str] | str | None:
    if text is None:
        return None
    if lang is not None:
        return visible(text.to(lang))
    return {"zh": visible(text.zh), "en": visible(text.en)}


def _place_json(span: Span | None) -> dict[str, Any]:
    line = span.source.line(span.line) if span and span.source else None
    return {
        "file": visible(span.file) if span and span.file else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "source_line": None if line is None else _clipped(line),
    }


def _clipped(line: str) -> str:
    short = line if len(line) <= 500 else line[:499] + "…"
    return "".join(part if part == "\t" else visible(part) for part in re.split("(\t)", short))
