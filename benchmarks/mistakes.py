"""Mistakes in copies of the shipped campaigns: twenty that every desk has made once, and many more that are generated.

Out: `Mistake`s, each one edit of the text of a campaign file. A mistake keeps the number of lines, so that a place said
of the copy is the place in the file. Must not know: who looks for them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

from campaignrules import source
from campaignrules.nodes import Mapping, Node, Scalar
from campaignrules.nodes import Sequence as List

ROOT: Final = Path(__file__).parents[1]
CAMPAIGNS: Final = ROOT / "campaigns"
NAMES: Final = ("guangyuan_2023_2025", "sichuan_2023_q3", "sichuan_2024_reply_0798", "xinfeng_100days", "yanjiang_2023")

Steps = tuple[str, ...]


@frozen
class Mistake:
    """An edit: the text from `start` to `end` becomes `new`.

    `element`: the id of what it stands in; `head`: the line of that id; `lines`: the first and last line of the edit.
    """

    kind: str
    campaign: str
    element: str
    head: int
    lines: tuple[int, int]
    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        """The text with the mistake."""
        return text[: self.start] + self.new + text[self.end :]


# -- where to edit ------------------------------------------------------------------------------------------------


@frozen(eq=False)
class File:
    """A campaign file as it ships."""

    name: str
    text: str
    root: Mapping

    def at(self, steps: Steps) -> Node:
        """What stands at a path of keys, ids and positions. Raises KeyError: the campaign has changed, change the path."""
        here: Node | None = self.root
        for step in steps:
            here = _below(here, step)
        if here is None:
            raise KeyError(steps)
        return here

    def range(self, node: Node) -> tuple[int, int]:
        """Where a node stands in the text."""
        span = node.span
        assert span.source is not None
        return span.source.index(span.line, span.column), span.source.index(span.end_line, span.end_column)

    def mistake(self, kind: str, steps: Steps, start: int, end: int, new: str) -> Mistake:
        """The edit of what stands from `start` to `end`, as many lines long as before."""
        first = self.text.count("\n", 0, start) + 1
        lines = self.text.count("\n", start, end)
        new += "\n" * (lines - new.count("\n"))
        element, head = self._element(steps)
        return Mistake(kind, self.name, element, head, (first, first + lines), start, end, new)

    def _element(self, steps: Steps) -> tuple[str, int]:
        """The id people know the place by, `card.item` in a scorecard, and the line where it stands."""
        deep = 4 if steps[0] == "scorecards" and len(steps) > 3 and steps[2] in ("items", "gates") else 2
        name = f"{steps[1]}.{steps[3]}" if deep == 4 else steps[min(1, len(steps) - 1)]
        if steps[0] == "period":
            name, deep = "period", 1
        holder = self.at(steps[: deep - 1])
        key = holder.key(steps[deep - 1]) if isinstance(holder, Mapping) else None
        node = key or self.at(steps[:deep])
        return name, node.span.line


@cache
def file_of(campaign: str) -> File:
    """A campaign file, read once."""
    path = CAMPAIGNS / f"{campaign}.yaml"
    root = source.read(path).root
    assert isinstance(root, Mapping)
    return File(campaign, path.read_text("utf-8"), root)


def _below(node: Node | None, step: str) -> Node | None:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, List):
        if step.isdecimal() and int(step) < len(node.items):
            return node.items[int(step)]
        return next((item for item in node.items if _id(item) == step), None)
    return None


def _id(node: Node) -> str | None:
    found = node.get("id") if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else None


# -- kinds of edits -----------------------------------------------------------------------------------------------


def edit(kind: str, file: File, steps: Steps, new: str | Callable[[str], str]) -> Mistake:
    """The value at a path becomes another."""
    start, end = file.range(file.at(steps))
    return file.mistake(kind, steps, start, end, new if isinstance(new, str) else new(file.text[start:end]))


def rename(kind: str, file: File, steps: Steps, key: str) -> Mistake:
    """Another key in place of the last of a path."""
    holder = file.at(steps[:-1])
    assert isinstance(holder, Mapping)
    node = holder.key(steps[-1])
    assert node is not None
    return file.mistake(kind, steps, *file.range(node), key)


def drop(kind: str, file: File, steps: Steps) -> Mistake:
    """The last key of a path is left out, with its value; or an element of a list."""
    holder, value = file.at(steps[:-1]), file.at(steps)
    first = holder.key(steps[-1]) if isinstance(holder, Mapping) else value
    assert first is not None
    start, end = file.range(first)[0], file.range(value)[1]
    after = re.compile(r"\s*,[^\S\n]*").match(file.text, end)
    before = re.compile(r"(,\s*|- +)$").search(file.text[:start])
    if after:
        end = after.end()
    elif before:
        start = before.start()
    return file.mistake(kind, steps, start, end, "")


def add(kind: str, file: File, steps: Steps, words: str) -> Mistake:
    """Words after the value at a path."""
    end = file.range(file.at(steps))[1]
    return file.mistake(kind, steps, end, end, words)


# -- twenty seeded mistakes ---------------------------------------------------------------------------------------


def seeded() -> list[Mistake]:
    """The mistakes that every campaign desk has made once."""
    gy, sc, reply, xf, yj = (file_of(name) for name in NAMES)

    def at(path: str) -> Steps:
        return tuple(path.split("/"))

    return [
        edit("threshold off by ten", yj, at("targets/YJ-Y-02/at_least"), "8 亿元"),
        edit("threshold off by ten", xf, at("targets/XF-JUN-02/at_least"), lambda old: old.replace("10", "100")),
        edit("wrong window", yj, at("targets/YJ-Q3-04/in"), "q4"),
        edit("window one day short", sc, at("phases/p2/to"), "2023-08-28"),
        drop("dropped of-which", yj, at("metrics/signed_out_of_province/where")),
        edit(
            "swapped weights", xf, at("scorecards/drive/weights/monthly"), "{2023-06: 20%, 2023-07: 60%, 2023-08: 20%}"
        ),
        rename("at_most for at_least", yj, at("targets/YJ-Q1-03/at_least"), "at_most"),
        edit("binding for strive", yj, at("targets/YJ-S1-07/force"), "binding"),
        drop("strive forgotten", gy, at("targets/GY-D3-04/force")),
        edit("wrong unit", yj, at("targets/YJ-Y-06/at_least"), "0.06 亿元"),
        edit("wrong unit", yj, at("targets/YJ-S1-25/at_least"), "10 万元"),
        edit("wrong clause", yj, at("targets/YJ-Q2-04/source"), "二(三)"),
        drop("cap removed", gy, at("scorecards/quarterly_counties/cap")),
        edit("reversed deduction", xf, at("scorecards/monthly/items/basics/lose/times"), "-2"),
        edit("deduction not doubled", xf, at("scorecards/monthly/items/basics/lose/times"), "1"),
        edit("wrong event date", yj, at("metrics/started_projects/on"), "signed_on"),
        edit("wrong due date", xf, at("duties/XF-A2-04/due"), "[day 20 of next month]"),
        edit("whole for each unit", xf, at("targets/XF-M2-13/for"), "campaign"),
        edit("wrong fact", reply, at("facts/S24-3-07/value"), lambda old: old.replace("2260", "2206")),
        edit("gate loosened", sc, at("scorecards/evaluation/gates/S23-R5-01/when"), "violations > 1"),
    ]


# -- a larger set, generated --------------------------------------------------------------------------------------

SECTIONS: Final = (
    "period", "phases", "records", "screening", "parameters", "readings", "metrics", "targets", "duties", "outcomes",
    "scorecards", "rankings", "honours", "returns", "facts",
)  # fmt: skip
WORDS_ONLY: Final = (
    "id",
    "title",
    "note",
    "says",
    "source",
    "covers",
    "aliases",
    "by",
    "zh",
    "en",
    "number",
    "decimals",
)
"""Keys whose texts are no numbers, whatever stands in them."""
DATES: Final = ("from", "to", "by", "since", "value")
DROPPED: Final = (
    "where", "cap", "floor", "force", "times", "accumulate", "since", "partial", "within", "except", "awaits", "when",
    "disqualified", "then", "round", "missing", "credited_to", "lead", "support", "each", "top", "min", "max",
)  # fmt: skip
LISTS: Final = {
    "rules": "row rule dropped",
    "gates": "gate dropped",
    "steps": "step dropped",
    "then": "tie-break dropped",
}
OPPOSITES: Final = {
    "at_least": "at_most",
    "at_most": "at_least",
    "keep": "drop",
    "drop": "keep",
    "top": "bottom",
    "bottom": "top",
    "earn": "lose",
    "lose": "earn",
}
WORDS: Final = {
    "force": ("strive", "binding", "tracked", "encouraged"),
    "accumulate": ("flow", "to_date", "level"),
    "ties": ("shared", "last", "dense"),
    "partial": ("judged", "skipped"),
    "missing": ("zero", "missing", "left_out"),
    "when_zero": ("zero", "full", "missing"),
    "effect": ("zero", "disqualified"),
    "kind": ("honour", "sanction", "list"),
}
"""Words of the language, each of which may be taken for the next."""
CONDITIONS: Final = ("where", "when", "that", "keep", "drop", "formula", "reached", "total", "disqualified", "applies", "required",
                     "worth", "points")  # fmt: skip
COMPARED: Final = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "==": "!=", "!=": "=="}
CLAUSED: Final = ("targets", "duties", "outcomes", "parameters", "scorecards", "rankings", "honours", "facts")
"""Sections whose results show the clause."""
NEIGHBOURS: Final = ("metric", "for", "in", "of", "in_proportion_to", "by", "every")
"""Keys whose value may be taken for that of the next element that says another."""

Place = tuple[Steps, str, Node]
"""A path, its last word (of `set` in a reading that of the path it changes) and the value."""


def places(file: File) -> Iterator[Place]:
    """Every key of the sections that say what counts."""
    for name in SECTIONS:
        node = file.root.get(name)
        if node is not None:
            yield from _inside((name,), node)


def _inside(steps: Steps, node: Node) -> Iterator[Place]:
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            if key.text not in ("title", "note", "aliases"):
                last = key.text.rpartition(".")[2] if "set" in steps[-1:] else key.text
                yield (*steps, key.text), last, value
                yield from _inside((*steps, key.text), value)
    elif isinstance(node, List):
        for index, item in enumerate(node.items):
            here = (*steps, _id(item) or str(index))
            yield here, steps[-1], item
            yield from _inside(here, item)


def mistakes(campaign: str) -> Iterator[Mistake]:
    """Every mistake of the kinds below that can be made in a campaign."""
    file = file_of(campaign)
    found = list(places(file))
    said = {key: _values(found, key) for key in ("source", *NEIGHBOURS)}
    for steps, key, value in found:
        holder = file.at(steps[:-1])
        if isinstance(holder, List):
            yield from _of_lists(file, steps, holder)
            if not isinstance(value, Scalar):
                continue
        elif isinstance(holder, Mapping):
            yield from _of_keys(file, steps, key, holder)
        if isinstance(value, Scalar):
            yield from _of_numbers(file, steps, key, value)
            yield from _of_words(file, steps, key, value.text, said)
            if key in CONDITIONS:
                yield from _of_conditions(file, steps, value)


def _values(found: Sequence[Place], key: str) -> dict[str, list[str]]:
    """Section → the values that a key has in it, in their order, each once."""
    values: dict[str, list[str]] = {}
    for steps, last, value in found:
        if last == key and isinstance(value, Scalar) and value.text not in values.setdefault(steps[0], []):
            values[steps[0]].append(value.text)
    return values


def _of_lists(file: File, steps: Steps, holder: List) -> Iterator[Mistake]:
    if len(holder.items) > 1:
        if steps[-2] in LISTS:
            yield drop(LISTS[steps[-2]], file, steps)
        elif steps[:-1] == ("screening",):
            yield drop("screening dropped", file, steps)
        elif steps[-2] == "for":
            yield drop("class forgotten", file, steps)


def _of_keys(file: File, steps: Steps, key: str, holder: Mapping) -> Iterator[Mistake]:
    if steps[0] == "readings" and steps[-2] == "set":
        if len(holder.pairs) > 1:
            yield drop("change of a reading dropped", file, steps)
        return
    if key in OPPOSITES:
        yield rename(f"{OPPOSITES[key]} for {key}", file, steps, OPPOSITES[key])
    if key in DROPPED and len(holder.pairs) > 1 and "fields" not in steps and steps[0] != "readings":
        yield drop(f"{key} dropped", file, steps)
    if len(steps) == 3 and steps[0] == "targets" and key == "metric" and holder.get("force") is None:
        yield add("strive for binding", file, steps, ", force: strive")


def _of_numbers(file: File, steps: Steps, key: str, value: Scalar) -> Iterator[Mistake]:
    old = value.text
    if (
        key in WORDS_ONLY
        and steps[-2:-1] != ("weights",)
        and not (key == "by" and re.fullmatch(r"\d{4}-\d\d-\d\d", old))
    ):
        return
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", old):
        if key in DATES:
            month = int(old[5:7])
            yield edit("wrong month", file, steps, f"{old[:5]}{month - 1 or 2:02}-{min(int(old[8:]), 28):02}")
            yield edit("wrong day", file, steps, f"{old[:8]}{int(old[8:]) - 1 or 2:02}")
        return
    number = re.fullmatch(r"(\d+(?:\.\d+)?)(%| \S+)?", old)
    if number and value.style == "plain":
        unit = number[2] or ""
        yield edit("ten times", file, steps, f"{(Decimal(number[1]) or 1) * 10:f}{unit}")
        yield edit("one more", file, steps, f"{Decimal(number[1]) + 1:f}{unit}")
    for unit, other in (("亿元", "万元"), ("万元", "亿元"), ("亿美元", "亿元"), ("亿元", "亿美元"), ("万美元", "万元")):
        if re.fullmatch(rf"(\S+ )?{unit}", old):
            yield edit("wrong unit", file, steps, old.removesuffix(unit) + other)
    day = re.search(r"\bday (\d+)\b", old)
    if day:
        yield edit("wrong due day", file, steps, lambda raw: raw.replace(day[0], f"day {int(day[1]) % 28 + 1}", 1))


def _of_words(file: File, steps: Steps, key: str, old: str, said: dict[str, dict[str, list[str]]]) -> Iterator[Mistake]:
    section = steps[0]
    if key == "source" and section in CLAUSED:
        every = sorted({text for values in said["source"].values() for text in values})
        yield edit("wrong clause", file, steps, _next(every, old))
    elif key == "chosen":
        holder = file.at((*steps[:-1], "options"))
        assert isinstance(holder, Mapping)
        yield edit("another reading", file, steps, _next([one.text for one, _ in holder.pairs], old))
    elif key == "accumulate" and file.at(steps[:-1]).get("reported") is None:  # type: ignore[union-attr]
        if old in ("flow", "to_date"):  # of rows that do not end, `level` says the same as `to_date`
            yield edit("wrong accumulate", file, steps, _next(("flow", "to_date"), old))
    elif old in WORDS.get(key, ()) and section not in ("records", "parameters"):
        yield edit(f"wrong {key}", file, steps, _next(WORDS[key], old))
    elif key == "on" and section in ("metrics", "duties"):
        yield from _of_dates(file, steps, old)
    elif key in NEIGHBOURS and section in (
        "targets",
        "duties",
        "metrics",
        "scorecards",
        "rankings",
        "honours",
        "returns",
    ):
        others = said[key].get(section, [])
        if old in others and len(others) > 1:
            yield edit(f"{key} of a neighbour", file, steps, _next(others, old))


def _of_dates(file: File, steps: Steps, old: str) -> Iterator[Mistake]:
    """Another date field of the record that has this one."""
    records = file.root.get("records")
    for name, _ in records.pairs if isinstance(records, Mapping) else ():
        fields = file.at(("records", name.text, "fields"))
        assert isinstance(fields, Mapping)
        dates = [one.text for one, form in fields.pairs if _text(form, "type") == "date"]
        if old in dates and len(dates) > 1:
            yield edit("wrong date field", file, steps, _next(dates, old))
            return


def _of_conditions(file: File, steps: Steps, value: Scalar) -> Iterator[Mistake]:
    """Another comparison, `and` for `or`, another word of the vocabulary, a number off by ten."""
    start, end = file.range(value)
    raw = file.text[start:end]

    def put(kind: str, found: re.Match[str], new: str) -> Mistake:
        return edit(kind, file, steps, raw[: found.start()] + new + raw[found.end() :])

    for found in re.finditer(r"(?<![<>=!])(>=|<=|==|!=|>(?!-)|<)(?!=)", raw):
        if not raw.startswith(">-"):
            yield put("wrong comparison", found, COMPARED[found[0]])
    for found in re.finditer(r"\b(and|or)\b", raw):
        if re.search(r"\w is None$", raw[: found.start()].strip()) and re.match(r" *\w+ is None\b", raw[found.end() :]):
            continue  # a row rule is broken only where it is false, and a comparison with an empty cell is neither
        yield put("and for or", found, "or" if found[0] == "and" else "and")
    for found in re.finditer(r"(?<=')\w+(?=')", raw):
        words = _vocabulary(file, found[0])
        if words:
            yield put("wrong word", found, _next(words, found[0]))
    for found in re.finditer(r"(?<![\w.'])\d+(?:\.\d+)?(?![\w.'])", raw):
        if not re.fullmatch(r"\d+(\.\d+)?(%| \S+)?", raw):
            yield put("number in a formula", found, f"{Decimal(found[0]) * 10:f}" if Decimal(found[0]) else "1")


def _vocabulary(file: File, word: str) -> list[str]:
    every = file.root.get("vocabularies")
    for name, _ in every.pairs if isinstance(every, Mapping) else ():
        words = file.at(("vocabularies", name.text, "words"))
        if isinstance(words, Mapping) and words.get(word) is not None:
            return [one.text for one, _ in words.pairs]
    return []


def _text(node: Node, key: str) -> str | None:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else None


def _next(words: Sequence[str], word: str) -> str:
    return words[(list(words).index(word) + 1) % len(words)]


def generated(many: int, seed: int) -> list[Mistake]:
    """`many` mistakes: the campaigns take turns, and in each the kinds, so that the rare ones are among them."""
    pick = random.Random(seed)
    drawn: list[Mistake] = []
    for name in NAMES:
        kinds: dict[str, list[Mistake]] = {}
        for one in mistakes(name):
            kinds.setdefault(one.kind, []).append(one)
        for some in kinds.values():
            pick.shuffle(some)
        order = sorted(kinds)
        pick.shuffle(order)
        turns = [
            kinds[kind][turn]
            for turn in range(max(map(len, kinds.values())))
            for kind in order
            if turn < len(kinds[kind])
        ]
        drawn += turns[: many // len(NAMES)]
    pick.shuffle(drawn)
    return drawn
