"""What went wrong in a YAML text, in words that help: the parser's errors and full-width signs.

In: a line, a node, or what the parser said and where it stopped. Out: one
`Diagnostic` that names the likely cause: a quote or bracket left open, a tab, a
full-width colon. Must not know: how the parser is called, or campaigns.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Protocol

from attrs import frozen

from campaignrules.errors import Diagnostic, Source, Span, Text, fault
from campaignrules.messages import Severity
from campaignrules.nodes import Scalar

# --- full-width signs ---------------------------------------------------------

_ENTRY = re.compile(r"[ \t]*+(?:- ++)*+(?:([a-z_][a-z0-9_]*)：|([\w-]++)：[ \u3000])")
LOOSE_ENTRY = re.compile(r"[ \t]*+(?:- ++)*+([\w-]++)：")
_TIGHT_COLON = re.compile(r"[ \t]*+(?:- ++)*+([A-Za-z_]\w*+):(?=[^\s/])")
_ASCII_ENTRY = re.compile(r"[ \t]*+(?:- ++)*+[\w-]++:[ \n]")
_QUOTES = ("single", "double")
_TABBED = re.compile(r" *+\t[ \t]*+(?=[^\s#])")
_ASCII = {"，": ",", "：": ": ", "［": "[", "］": "]", "｛": "{", "｝": "}", "“": '"', "”": '"'}
_ASCII |= {"‘": "'", "’": "'", "【": "[", "】": "]", "、": ","}
_WIDE = re.compile(f"[{''.join(_ASCII)}]")


def colon_fault(scalar: Scalar, at: int) -> Diagnostic:
    """A full-width colon at character `at` of a text, behind the word before it."""
    return fault("fullwidth-colon", scalar.spot(at, at + 1), key=scalar.text[:at])


def entry_fault(scalar: Scalar) -> Diagnostic | None:
    """A fault if a line of a plain scalar looks like `metric： x` and stands on its own."""
    span, source = scalar.span, scalar.source
    if source is None:
        return None
    for number in range(span.line, span.end_line + 1):
        found = _ENTRY.match(source.line(number))
        if found and (number > span.line or found.end() >= span.column):
            return _line_fault("fullwidth-colon", source, number, found)
    return None


def sign_fault(at: Span, sign: str, severity: Severity | None = None) -> Diagnostic:
    """A full-width sign where an ASCII one was most likely meant."""
    wanted = _ASCII[sign].strip()
    return fault("fullwidth-punctuation", at, severity=severity, character=sign, ascii=wanted)


def _line_fault(code: str, source: Source, number: int, found: re.Match[str]) -> Diagnostic:
    """A fault at the colon behind the word that `found` caught in a line."""
    group = found.lastindex or 0
    column = found.end(group) + 1
    at = Span(source, number, column, number, column + 1)
    return fault(code, at, key=found[group])


# --- errors of the parser -----------------------------------------------------


class _Mark(Protocol):
    """A place as the parser counts: from 0."""

    line: int
    column: int


@frozen(eq=False, repr=False)
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


def parser_fault(problem: Exception, source: Source, brackets: tuple[Span, ...], last: Scalar | None) -> Diagnostic:
    """The parser's error as one of ours, given the brackets still open and the last text read."""
    trouble = _trouble(problem, source, brackets, last)
    answers = (answer(trouble) for answer in _ANSWERS)
    return next(found for found in answers if found is not None)


def _trouble(problem: Exception, source: Source, brackets: tuple[Span, ...], last: Scalar | None) -> _Trouble:
    said = partial(getattr, problem)
    at = said("problem_mark", None) or said("context_mark", None)
    opened = said("context_mark", None) or at
    return _Trouble(
        source,
        said("problem", None) or type(problem).__name__,
        said("context", None) or "",
        _mark_span(source, at),
        _mark_span(source, opened),
        brackets,
        last,
    )


def _mark_span(source: Source, mark: _Mark | None) -> Span:
    """One character at a mark; a mark behind the text means its last line."""
    if mark is None:
        return source.span(0, 1)
    index = source.index(mark.line + 1, mark.column + 1)
    if index >= len(source.text):
        index = len(source.text.rstrip(" \t\n"))
    return source.span(index, index + (source.text[index : index + 1] not in ("", "\n")))


def _unclosed_quote(trouble: _Trouble) -> Diagnostic | None:
    if "quoted scalar" in trouble.context and "unexpected" in trouble.problem:
        return fault("unclosed-quote", trouble.opened)
    opened = _opened_above(trouble)
    return fault("unclosed-quote", opened) if opened else None


def _opened_above(trouble: _Trouble) -> Span | None:
    """The opening quote, if the text before the trouble swallowed whole entries."""
    last = trouble.last
    if last is None or last.style not in _QUOTES or last.span.end_line != trouble.at.line:
        return None
    further = range(last.span.line + 1, last.span.end_line + 1)
    if not any(_ASCII_ENTRY.match(trouble.source.line(number)) for number in further):
        return None
    return Span(last.source, last.span.line, last.span.column, last.span.line, last.span.column + 1)


def _after_quote(trouble: _Trouble) -> Diagnostic | None:
    """Text right behind a closing quote: most often a quote inside the quotes."""
    last = trouble.last
    if last is None or last.style not in _QUOTES or "did not find" not in trouble.problem:
        return None
    end = trouble.source.index(last.span.end_line, last.span.end_column)
    between = trouble.source.text[end : trouble.start]
    if between.strip(" ") or not trouble.character.strip() or trouble.character in "]},":
        return None
    return fault("text-after-quote", trouble.at)


def _stray_bracket(trouble: _Trouble) -> Diagnostic | None:
    stray = trouble.character in ("]", "}", ",") and not trouble.brackets
    if not stray or "parsing a block" not in trouble.context:
        return None
    return fault("stray-bracket", trouble.at, bracket=trouble.character)


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
    for number in _from_last_scalar(trouble):
        found = LOOSE_ENTRY.match(trouble.source.line(number))
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
    return sign_fault(trouble.source.span(*found.span()), found[0])


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


def _missing_colon(trouble: _Trouble) -> Diagnostic | None:
    """A word alone on its line that has swallowed the entry below it."""
    last = trouble.last
    if last is None or not last.is_plain or "mapping values" not in trouble.problem:
        return None
    line = trouble.source.line(last.span.line)
    alone = not line[: last.span.column - 1].strip(" -")
    if not alone or not last.span.line < last.span.end_line == trouble.at.line:
        return None
    end = len(line.rstrip()) + 1
    return fault("missing-colon", Span(trouble.source, last.span.line, last.span.column, last.span.line, end))


def _unclosed_bracket(trouble: _Trouble) -> Diagnostic | None:
    at_end = trouble.start >= len(trouble.source.text.rstrip(" \t\n"))
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
            sign = trouble.source.text[trouble.source.index(at.line, at.column) :][:1]
            return fault(code, at, character=sign, name=sign, tag="!")
    return None


_WORDING = (
    ("escape", "bad-escape", False),
    ("scanning a block scalar", "block-text", True),
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
    _after_quote,
    _stray_bracket,
    _tabs,
    _wide_colon,
    _wide_sign,
    _tight_colon,
    _missing_colon,
    _unclosed_bracket,
    _by_words,
    _plainly,
)
