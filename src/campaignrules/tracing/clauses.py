"""The text of a document → stretches with the clause they stand in; the name of a clause → where it is.

In: plain text, as copied from a web page or a PDF: full-width forms, blanks missing or added, headings inside a line, the
text printed twice, navigation around it. Out: stretches in order, each with its path: 三(二)1, 附件 一(一), 标题, 前言,
发文. A number is a heading only where it continues the count of its level, at the start of a line or behind a sentence.
A digest (`digests`) is read by the marks it holds. Must not know: figures, campaigns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import define, field, frozen

from campaignrules.tracing.figures import plain
from campaignrules.tracing.numerals import value_of

Step = tuple[str, int]
"""A level and the number at it, or a name and 0."""
Path = tuple[Step, ...]

ANNEX: Final = "附件"
LEVELS: Final = ("article", "top", "sub", "item", "part", "circle")
HEAD: Final = ("标题", "发文", "前言")
"""The names of what stands before the first clause; a person may call one what another calls the other."""
OF_HEAD: Final = {*HEAD, "文头", "文首", "题目", "引言", "落款", "印发", "抬头", "正文前"}
WHOLE: Final = {"全文", "通篇", "网页", "网页导航", "正文"}
MARK: Final = re.compile(r"^【([^【】\n]{1,40})】$", re.MULTILINE)
DIGEST: Final = "# campaignrules digest"

_C = "[一二三四五六七八九十]{1,3}"
_HEADINGS: Final = (
    ("article", re.compile(rf"第({_C}|\d{{1,3}})条[ \u3000]?", re.ASCII)),
    ("top", re.compile(rf"({_C})[、.．](?!{_C}[、季类])")),
    ("sub", re.compile(rf"[（(][ ]?({_C})[ ]?[)）]")),
    ("item", re.compile(r"(\d{1,2})[ ]?[.．、](?![\d、])", re.ASCII)),
    ("part", re.compile(r"[（(][ ]?(\d{1,2})[ ]?[)）]", re.ASCII)),
    ("circle", re.compile(r"([①-⑳])")),
)
_START: Final = re.compile(r"[ \t\u3000\u00a0*#>•·]{0,12}")
_INSIDE: Final = re.compile(
    rf"(?<=[。；;！？:：])[ \u3000*]{{0,4}}(?=第{_C}条|{_C}、|[（(][ ]?(?:{_C}|\d{{1,2}})[ ]?[)）]|[①-⑳]|\d{{1,2}}[.．][^\d])"
)
_BEHIND_HEADING: Final = re.compile(rf"[^。；;，,：:\n]{{1,40}}?[ \u3000*]{{0,4}}(?=[（(][ ]?{_C}[ ]?[)）])")
_ANNEX: Final = re.compile(
    rf"附[ \u3000]?件[ \u3000]?(\d{{1,2}}|{_C})?[ \u3000]?([:：]?)[ \u3000]?(.{{0,60}})", re.ASCII
)
_FURNITURE: Final = re.compile(
    r"ICP备|公网安备|网站标识码|版权所有|Copyright|https?://|www\.|网站地图|^(?:主办|承办|地址|邮编|传真|联系|当前位置|[（(]联系)"
    r"|电话[:：][^，。]{0,12}\d{3}",
    re.ASCII,
)
_ISSUE: Final = re.compile(
    r"发布(?:时间|日期)|公开日期|成文日期|印发日期|来源[:：]|[〔\[【]\d{4}[〕\]】]第?\d{1,5}号|^[^。，]{0,20}\d{4}年\d{1,2}月\d{1,2}日印?发?$",
    re.ASCII,
)
_ISSUED: Final = re.compile(r"[（(]?\d{4}年\d{1,2}月\d{1,2}日(?:印发?)?[)）]?", re.ASCII)
_ENDS: Final = "。；;！？，,：:、"
_LONG_LINE: Final = 200
_LONG_BLOCK: Final = 120
_BETWEEN: Final = 2
_SHORT_LINE: Final = 60
_SIGNS: Final = tuple("室府会厅局部司组院协处办委")


@frozen
class Stretch:
    """`text[start:end]` of the document stands at `path`."""

    path: Path
    start: int
    end: int


@frozen
class Clauses:
    """A document in stretches; `repeated` counts the lines that are printed twice and left out."""

    text: str
    stretches: tuple[Stretch, ...]
    repeated: int = 0

    def at(self, index: int) -> Path:
        """The path of a place in the text."""
        i = bisect_right([stretch.start for stretch in self.stretches], index) - 1
        return self.stretches[i].path if i >= 0 else ()


# -- names -------------------------------------------------------------------------------------------------------------

_SEPARATORS: Final = re.compile(
    r"[;；]|(?<=[)）\d])[、,，](?=[一二三四五六七八九十附第])"
    r"|(?<=[一二三四五六七八九十])[、,，](?=[一二三四五六七八九十]{1,3}[（(]|附)"
)
_TOKEN: Final = re.compile(
    rf"附件|第({_C}|\d{{1,3}})条|[(]({_C})[)]|[(](\d{{1,2}})[)]|({_C})、?|(\d{{1,2}})[.．、]?|([①-⑳])", re.ASCII
)
_TOKEN_LEVELS: Final = ("article", "sub", "part", "top", "item", "circle")


def names(text: str | None) -> tuple[str, ...]:
    """The clauses a source names: `附件 一(五); 四(三)` names two."""
    parts = _SEPARATORS.split(text or "")
    return tuple(part.strip() for part in parts if part.strip())


def paths(name: str) -> tuple[Path, ...]:
    """What the name of one clause may mean; one that is no number is a name of its own."""
    bare = re.sub(r"[ \t]", "", plain(name).replace("（", "(").replace("）", ")"))
    if bare in OF_HEAD or bare in WHOLE:
        return ((("标题", 0),),) if bare in OF_HEAD else ((),)
    annex = bare.startswith(ANNEX)
    tokens = _tokens(bare.removeprefix(ANNEX) if annex else bare)
    if tokens is None:
        rest = bare.removeprefix(ANNEX)
        number = re.match(r"\d{1,2}", rest)
        if annex and rest[number.end() if number else 0 :] in OF_HEAD:
            return (((ANNEX, int(number[0]) if number else 0), ("前言", 0)),)
        return (((bare, 0),),)
    if not annex:
        return (tokens,)
    numbered = (((ANNEX, tokens[0][1]), *tokens[1:]),) if tokens and tokens[0][0] in ("top", "item") else ()
    return (((ANNEX, 0), *tokens), *numbered)


def _tokens(text: str) -> Path | None:
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.end() == at or found[0] == ANNEX:
            return None
        level = next(name for name, group in zip(_TOKEN_LEVELS, found.groups(), strict=True) if group is not None)
        steps.append((level, _number(next(group for group in found.groups() if group is not None))))
        at = found.end()
    return tuple(steps)


def _number(text: str) -> int:
    if "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    return int(value_of(text) or 0)


def holds(cited: Path, path: Path) -> bool:
    """Whether `path` is the clause cited or one inside it."""
    return _bare(path)[: len(cited)] == _bare(cited)


def _bare(path: Path) -> Path:
    """The head is one clause, whatever its part is called."""
    return tuple(("标题", 0) if step[0] in OF_HEAD and not step[1] else step for step in path)


def label(path: Path) -> str:
    """A path as people write it."""
    written = "".join(_written(step) for step in path)
    return written.strip() or "全文"


def _written(step: Step) -> str:
    level, number = step
    forms = {
        "article": f"第{in_words(number)}条", "top": in_words(number), "sub": f"({in_words(number)})", "item": str(number),
        "part": f"({number})", "circle": chr(ord("①") + number - 1), ANNEX: f"附件{number or ''} ",
    }  # fmt: skip
    return forms.get(level, level)


def in_words(number: int) -> str:
    """一 to 九十九; digits beyond."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    words = "零一二三四五六七八九"
    if not tens:
        return words[ones]
    return f"{words[tens] if tens > 1 else ''}十{words[ones] if ones else ''}"


# -- reading -----------------------------------------------------------------------------------------------------------


def read(text: str, named: Iterable[str] = ()) -> Clauses:
    """The stretches of a text. `named`: clauses that a campaign cites by a word (下一步), which begins their paragraph."""
    if text.startswith(DIGEST):
        return Clauses(text, tuple(_marked(text)))
    lines = list(_lines(text))
    twice = _printed_twice(lines, text)
    reader = _Reader(text, tuple(sorted(named, key=len, reverse=True)))
    for i, (start, end) in enumerate(lines):
        if i not in twice:
            reader.line(start, end)
    return Clauses(text, tuple(reader.stretches), len(twice))


def _marked(text: str) -> Iterator[Stretch]:
    marks = list(MARK.finditer(text))
    for i, mark in enumerate(marks):
        end = marks[i + 1].start() if i + 1 < len(marks) else len(text)
        yield Stretch(_of_mark(mark[1]), mark.end(), end)


def _of_mark(name: str) -> Path:
    if name in HEAD:
        return ((name, 0),)
    found = paths(name)
    numbered = re.match(r"附件\d", name) is not None
    return found[-1] if numbered else found[0]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _printed_twice(lines: list[tuple[int, int]], text: str) -> set[int]:
    """Blocks of lines all of which were there before, long enough to be no accident."""
    seen: set[str] = set()
    twice: set[int] = set()
    block: list[tuple[int, int]] = []
    others = 0
    for i, (start, end) in enumerate(lines):
        words = re.sub(r"\s", "", text[start:end])
        if words and words in seen:
            block.append((i, len(words)))
            others = 0
        elif words:
            others += 1
            if others > _BETWEEN or len(words) > _SHORT_LINE:
                twice.update(_block(block))
                block = []
        seen.add(words)
    return twice | set(_block(block))


def _block(block: list[tuple[int, int]]) -> Iterable[int]:
    """Every line from the first to the last of a block that is long enough."""
    lengths = [length for _, length in block]
    enough = sum(lengths) >= _LONG_BLOCK and (len(block) > 2 or max(lengths) >= _LONG_LINE)
    return range(block[0][0], block[-1][0] + 1) if enough else ()


@define(eq=False)
class _Reader:
    """Lines in, stretches out; it keeps the path it is at and how far each level has counted."""

    text: str
    named: tuple[str, ...]
    path: Path = ()
    counts: dict[str, int] = field(factory=dict)
    announced: set[str] = field(factory=set)
    before: str = ""
    """The line before, to know a signature by."""
    stretches: list[Stretch] = field(factory=list)

    def line(self, start: int, end: int) -> None:
        """One line, which may hold several headings."""
        begins = _START.match(self.text, start, end)
        at = begins.end() if begins else start
        words = self.text[at:end].rstrip(" \t\u3000*")
        if not words:
            return
        if _FURNITURE.search(words) and len(words) < 200 and not _ISSUE.search(words):
            return
        if self._annex(words):
            self._add(self.path, at, end)
        elif self._signed(words):
            self.path = (("发文", 0),)
            self._add(self.path, at, end)
        elif self.path:
            self._body(at, end)
        else:
            self._head_line(at, end, words)
        self.before = words

    def _signed(self, words: str) -> bool:
        """Whether this is the date below the name of who signs."""
        known = len(self.before) < 40 and self.before.endswith(_SIGNS)
        return bool(self.path) and known and _ISSUED.fullmatch(words) is not None

    def _head_line(self, at: int, end: int, words: str) -> None:
        """A line before the first clause."""
        if self._enter(at, end) is not None:
            self.path, self.counts = (), {}
            self._body(at, end)
            return
        issue = _ISSUE.search(words) is not None and len(words) < 120
        name = "发文" if issue else "前言" if words[-1] in _ENDS or len(words) > 60 else "标题"
        self._add(((name, 0),), at, end)

    def _annex(self, words: str) -> bool:
        found = _ANNEX.fullmatch(words)
        if found is None or (found[3] and found[0].rstrip()[-1] in "。；;，"):
            return False
        number = _number(found[1]) if found[1] else 0
        title = f"{number}{re.sub(r'[《》 ]', '', found[3])}"
        if found[3] and title not in self.announced:  # the list of what is annexed
            self.announced.add(title)
            return False
        self.path, self.counts = ((ANNEX, number), ("前言", 0)), {}
        return True

    def _body(self, at: int, end: int) -> None:
        """Cut a line at the headings in it."""
        begin, place, inside = at, at, False
        while 0 <= place < end:
            before = self.path
            behind = self._enter(place, end, inside)
            if behind is not None:
                self._add(before, begin, place)
                begin = behind
            place, inside = self._next(place if behind is None else behind, end, behind is not None), True
        self._add(self.path, begin, end)

    def _next(self, at: int, end: int, fresh: bool) -> int:
        """Where the next heading of the line may begin: behind the words of a heading, or behind a sentence; or -1."""
        short = _BEHIND_HEADING.match(self.text, at, end) if fresh else None
        if short is not None:
            return short.end()
        found = _INSIDE.search(self.text, at if fresh else at + 1, end)
        return found.end() if found else -1

    def _enter(self, at: int, end: int, strict: bool = False) -> int | None:
        """The place behind the heading that stands at `at`, if one does; the path moves there."""
        for level, pattern in _HEADINGS:
            found = pattern.match(self.text, at, end)
            if found is not None:
                number = _number(found[1])
                if self._continues(level, number, strict):
                    self._move(level, number)
                    return found.end()
                return None
        name = None if strict else next((name for name in self.named if self.text.startswith(name, at, end)), None)
        if name is None or not self.path:
            return None
        self.path, self.counts = ((name, 0),), {key: n for key, n in self.counts.items() if key in ("article", "top")}
        return at + len(name)

    def _continues(self, level: str, number: int, strict: bool) -> bool:
        before = self.counts.get(level, 0)
        if number == 1:
            return not strict or before == 0
        return before < number <= before + (1 if strict else 2)

    def _move(self, level: str, number: int) -> None:
        rank = LEVELS.index(level)
        above = tuple(s for s in self.path if s[0] == ANNEX or (s[0] in LEVELS and LEVELS.index(s[0]) < rank))
        self.path = (*above, (level, number))
        self.counts = {key: n for key, n in self.counts.items() if LEVELS.index(key) < rank} | {level: number}

    def _add(self, path: Path, start: int, end: int) -> None:
        """One more stretch; it joins the one before where only blanks lie between, for lines break inside numbers."""
        last = self.stretches[-1] if self.stretches else None
        if last and last.path == path and not self.text[last.end : start].strip():
            self.stretches[-1] = Stretch(path, last.start, end)
        elif end > start:
            self.stretches.append(Stretch(path, start, end))
