"""How many mistakes planted in campaign files are found: `python benchmarks/mutations.py [--generated N]`.

A mistake is one edit in a copy of a shipped campaign: a number off by ten, another window, a filter dropped … Four
commands look at the copy: `check --strict`, `test`, `trace`, `verify`. A mistake counts as found when one of them ends
with 1 and what it says names the place: the file and line of the edit, or the id of the element it stands in. The score
is the share found. Mistakes that change nothing (the file means the same) are not counted: `diff` tells.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from campaignrules import cli, source
from campaignrules.nodes import Mapping, Node, Scalar, Sequence

ROOT: Final = Path(__file__).parents[1]
CAMPAIGNS: Final = ROOT / "campaigns"
DOCUMENTS: Final = ROOT / "tests" / "documents"
NAMES: Final = ("guangyuan_2023_2025", "sichuan_2023_q3", "sichuan_2024_reply_0798", "xinfeng_100days", "yanjiang_2023")
SECONDS: Final = "20"
"""What `verify` may take for one mistake; it is only asked when the others found nothing."""

Steps = tuple[str, ...]


@frozen
class Mistake:
    """An edit: the text from `start` to `end` becomes `new`. `element`: the id of what it stands in."""

    kind: str
    campaign: str
    element: str
    line: int
    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]


@frozen
class Verdict:
    """Which command found a mistake ('' none) and whether it named the place."""

    mistake: Mistake
    found_by: str
    named: bool


# -- where to edit ------------------------------------------------------------------------------------------------


def text_of(campaign: str) -> str:
    """The campaign file as it ships."""
    return (CAMPAIGNS / f"{campaign}.yaml").read_text("utf-8")


def node_at(root: Node, steps: Steps) -> Node:
    """What stands at a path of keys, ids and positions. Raises KeyError: the campaign has changed, change the path."""
    here = root
    for step in steps:
        below = _below(here, step)
        if below is None:
            raise KeyError(steps)
        here = below
    return here


def _below(node: Node, step: str) -> Node | None:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, Sequence):
        if step.isdecimal() and int(step) < len(node.items):
            return node.items[int(step)]
        return next((item for item in node.items if _id(item) == step), None)
    return None


def _id(node: Node) -> str | None:
    found = node.get("id") if isinstance(node, Mapping) else None
    return found.text if isinstance(found, Scalar) else None


def _range(node: Node) -> tuple[int, int]:
    span = node.span
    assert span.source is not None
    return span.source.index(span.line, span.column), span.source.index(span.end_line, span.end_column)


def element_of(steps: Steps) -> str:
    """The id people know the place by: `card.item` in a scorecard, else the second step."""
    if steps[0] == "scorecards" and len(steps) > 3 and steps[2] == "items":
        return f"{steps[1]}.{steps[3]}"
    return steps[1] if len(steps) > 1 and steps[0] != "period" else steps[0]


def edit(kind: str, campaign: str, path: str, new: Callable[[str], str]) -> Mistake:
    """The mistake that rewrites the text at `path` (keys and ids divided by /)."""
    root, steps = source.read(CAMPAIGNS / f"{campaign}.yaml").root, tuple(path.split("/"))
    node = node_at(root, steps)
    start, end = _range(node)
    old = text_of(campaign)[start:end]
    return Mistake(kind, campaign, element_of(steps), node.span.line, start, end, new(old))


def rename(kind: str, campaign: str, path: str, key: str) -> Mistake:
    """The mistake that puts another key in place of the last of `path`."""
    root, steps = source.read(CAMPAIGNS / f"{campaign}.yaml").root, tuple(path.split("/"))
    holder = node_at(root, steps[:-1])
    assert isinstance(holder, Mapping)
    node = holder.key(steps[-1])
    assert node is not None
    return Mistake(kind, campaign, element_of(steps), node.span.line, *_range(node), key)


def drop(kind: str, campaign: str, path: str) -> Mistake:
    """The mistake that leaves out the last key of `path` (not the only one of its element)."""
    root, steps = source.read(CAMPAIGNS / f"{campaign}.yaml").root, tuple(path.split("/"))
    holder = node_at(root, steps[:-1])
    assert isinstance(holder, Mapping)
    key, value = holder.key(steps[-1]), holder.get(steps[-1])
    assert key is not None
    assert value is not None
    text = text_of(campaign)
    start, end = _range(key)[0], _range(value)[1]
    if text[end : end + 1] == "," or re.match(r"\s*,", text[end:]):
        end += len(re.match(r"\s*,\s*", text[end:])[0])  # type: ignore[index]
    else:
        start = len(text[:start].rstrip().rstrip(","))
    return Mistake(kind, campaign, element_of(steps), key.span.line, start, end, "")


# -- the commands -------------------------------------------------------------------------------------------------


def said(*words: str) -> tuple[int, str]:
    """Exit code and all that a command says."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = cli.main([*words, "--lang", "en"])
    return code, out.getvalue()


def commands(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The four commands for a copy of a campaign, the fastest first."""
    name = path.stem
    yield "test", ["test", str(path.with_suffix(".test.yaml"))]
    yield "check", ["check", str(path), "--strict"]
    yield "trace", ["trace", str(path), "--document", str(DOCUMENTS / f"{name}.txt")]
    yield "verify", ["verify", str(path), "--seconds", SECONDS]


def judge(mistake: Mistake) -> Verdict:
    """Plant the mistake in a copy and let the commands look, until one names the place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{mistake.campaign}.yaml"
        for beside in CAMPAIGNS.iterdir():  # the files that a file of tests names stand beside it
            if beside.name.startswith(f"{mistake.campaign}.") or beside.is_dir():
                (shutil.copytree if beside.is_dir() else shutil.copy)(beside, Path(folder) / beside.name)
        path.write_text(mistake.apply(text_of(mistake.campaign)), "utf-8")
        noticed = ""
        for name, words in commands(path):
            code, told = said(*words)
            if code == 1 and names(told, mistake, path):
                return Verdict(mistake, name, named=True)
            noticed = noticed or (name if code == 1 else "")
            if code > 1:
                raise RuntimeError(f"{words} ended with {code}:\n{told}")
    return Verdict(mistake, noticed, named=False)


def names(told: str, mistake: Mistake, path: Path) -> bool:
    """Whether somebody who reads it is led to the place."""
    by_line = re.search(rf"{re.escape(path.name)}:{mistake.line}\b", told)
    return bool(by_line) or re.search(rf"(?<![\w-]){re.escape(mistake.element)}(?![\w-])", told) is not None


# -- twenty seeded mistakes ---------------------------------------------------------------------------------------


def _to(new: str) -> Callable[[str], str]:
    return lambda _old: new


def seeded() -> list[Mistake]:
    """The mistakes that every campaign desk has made once."""
    yj, xf, gy, sc, reply = "yanjiang_2023", "xinfeng_100days", "guangyuan_2023_2025", "sichuan_2023_q3", NAMES[2]
    return [
        edit("threshold off by ten", yj, "targets/YJ-Y-02/at_least", _to("8 亿元")),
        edit("threshold off by ten", xf, "targets/XF-JUN-02/at_least", lambda old: old.replace("10", "100")),
        edit("wrong window", yj, "targets/YJ-Q3-04/in", _to("q4")),
        edit("window one day short", sc, "phases/p2/to", _to("2023-08-28")),
        drop("dropped of-which", yj, "metrics/signed_out_of_province/where"),
        edit(
            "swapped weights", xf, "scorecards/drive/weights/monthly", _to("{2023-06: 20%, 2023-07: 60%, 2023-08: 20%}")
        ),
        rename("at_most for at_least", yj, "targets/YJ-Q1-03/at_least", "at_most"),
        edit("binding for strive", yj, "targets/YJ-S1-07/force", _to("binding")),
        drop("strive forgotten", gy, "targets/GY-D3-04/force"),
        edit("wrong unit", yj, "targets/YJ-Y-06/at_least", _to("0.06 亿元")),
        edit("wrong unit", yj, "targets/YJ-S1-25/at_least", _to("10 万元")),
        edit("wrong clause", yj, "targets/YJ-Q2-04/source", _to("二(三)")),
        drop("cap removed", gy, "scorecards/quarterly_counties/cap"),
        edit("reversed deduction", xf, "scorecards/monthly/items/basics/lose/times", _to("-2")),
        edit("deduction not doubled", xf, "scorecards/monthly/items/basics/lose/times", _to("1")),
        edit("wrong event date", yj, "metrics/started_projects/on", _to("signed_on")),
        edit("wrong due date", xf, "duties/XF-A2-04/due", _to("[day 20 of next month]")),
        edit("whole for each unit", xf, "targets/XF-M2-13/for", _to("campaign")),
        edit("wrong fact", reply, "facts/S24-3-07/value", lambda old: old.replace("2260", "2206")),
        edit("gate loosened", sc, "scorecards/evaluation/gates/S23-R5-01/when", _to("violations > 1")),
    ]


# -- a larger set, generated --------------------------------------------------------------------------------------

NUMBERS: Final = (
    "at_least",
    "at_most",
    "exactly",
    "value",
    "worth",
    "points",
    "cap",
    "floor",
    "times",
    "top",
    "required",
)
DATES: Final = ("from", "to", "by", "since")
SECTIONS: Final = (
    "period", "phases", "screening", "parameters", "metrics", "targets", "duties", "outcomes", "scorecards", "rankings",
    "honours", "facts",
)  # fmt: skip
DROPPABLE: Final = ("where", "cap", "floor", "force", "times", "accumulate", "since", "partial", "within")
OPPOSITES: Final = {
    "at_least": "at_most",
    "at_most": "at_least",
    "keep": "drop",
    "drop": "keep",
    "top": "bottom",
    "bottom": "top",
}
WORDS: Final = {
    "in": ("2023Q2", "each month", "campaign", "p1", "q1", "june"),
    "force": ("strive", "binding", "tracked"),
    "accumulate": ("flow", "to_date", "level"),
    "ties": ("shared", "last", "dense"),
    "partial": ("judged", "skipped"),
    "missing": ("zero", "missing", "left_out"),
    "effect": ("zero", "disqualified"),
}


def places(campaign: str) -> Iterator[tuple[Steps, Mapping, Scalar, Node]]:
    """Every key of the sections that say what counts: its path, its mapping, the key and the value."""
    root = source.read(CAMPAIGNS / f"{campaign}.yaml").root
    assert isinstance(root, Mapping)
    for name in SECTIONS:
        node = root.get(name)
        if node is not None:
            yield from _inside((name,), node)


def _inside(steps: Steps, node: Node) -> Iterator[tuple[Steps, Mapping, Scalar, Node]]:
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            yield (*steps, key.text), node, key, value
            yield from _inside((*steps, key.text), value)
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _inside((*steps, _id(item) or str(index)), item)


def mistakes(campaign: str) -> Iterator[Mistake]:
    """Every mistake of the kinds below that can be made in a campaign."""
    clauses = sorted({v.text for _, _, k, v in places(campaign) if k.text == "source" and isinstance(v, Scalar)})
    for steps, _, key, value in places(campaign):
        path = "/".join(steps)
        if "/" in "".join(steps):
            continue
        if key.text in OPPOSITES:
            yield rename(f"{OPPOSITES[key.text]} for {key.text}", campaign, path, OPPOSITES[key.text])
        if key.text in DROPPABLE:
            yield drop(f"{key.text} dropped", campaign, path)
        if isinstance(value, Scalar):
            yield from _scalars(campaign, path, key.text, value.text, clauses)


def _scalars(campaign: str, path: str, key: str, old: str, clauses: list[str]) -> Iterator[Mistake]:
    number = re.match(r"(\d+(?:\.\d+)?)(.*)", old, re.DOTALL)
    if key in NUMBERS and number and not re.match(r"\d{4}-", old):
        yield edit("ten times", campaign, path, _to(f"{number[1]}0{number[2]}" if "." not in number[1] else f"1{old}"))
        yield edit("one more", campaign, path, _to(f"{int(float(number[1])) + 1}{number[2]}"))
        for unit, other in (("亿元", "万元"), ("亿美元", "亿元"), ("亿元", "亿美元")):
            if old.endswith(f" {unit}"):
                yield edit("wrong unit", campaign, path, _to(f"{number[1]} {other}"))
    if key in DATES and re.fullmatch(r"\d{4}-\d{2}-\d{2}", old):
        month = int(old[5:7])
        yield edit("wrong month", campaign, path, _to(f"{old[:5]}{month - 1 or 2:02}-{min(int(old[8:]), 28):02}"))
    if key == "source" and path.split("/", maxsplit=1)[0] in ("targets", "facts", "parameters"):
        yield edit("wrong clause", campaign, path, _to(clauses[(clauses.index(old) + 1) % len(clauses)]))
    if key in WORDS and old in WORDS[key]:
        words = WORDS[key]
        yield edit(f"wrong {key}", campaign, path, _to(words[(words.index(old) + 1) % len(words)]))


def generated(many: int, seed: int = 20231231) -> list[Mistake]:
    """`many` mistakes drawn from all that can be made, the same number from each campaign as far as it has them."""
    pick = random.Random(seed)
    drawn: list[Mistake] = []
    for name in NAMES:
        every = list(mistakes(name))
        drawn += pick.sample(every, min(len(every), many // len(NAMES)))
    return drawn


def loads(mistake: Mistake) -> bool:
    """Whether the mistaken file is still a campaign that means something else: what does not load finds itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{mistake.campaign}.yaml"
        path.write_text(mistake.apply(text_of(mistake.campaign)), "utf-8")
        return said("diff", str(CAMPAIGNS / f"{mistake.campaign}.yaml"), str(path))[0] == 1


# -- the report ---------------------------------------------------------------------------------------------------


def report(title: str, verdicts: list[Verdict]) -> None:
    """The share found, by whom, and what was not."""
    found = [v for v in verdicts if v.named]
    print(f"{title}: {len(found)} of {len(verdicts)} found = {len(found) / max(1, len(verdicts)):.0%}")
    for name, many in Counter(v.found_by for v in found).most_common():
        print(f"  {name}: {many}")
    for v in verdicts:
        if not v.named:
            where = f"noticed by {v.found_by} without the place" if v.found_by else "not found"
            print(
                f"  {where}: {v.mistake.kind} in {v.mistake.campaign}:{v.mistake.line} ({v.mistake.element}) -> {v.mistake.new!r}"
            )


def main() -> int:
    """Print both scores; 1 when a seeded mistake was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generated", type=int, default=0, metavar="N", help="so many generated mistakes, too")
    args = parser.parse_args()
    verdicts = [judge(mistake) for mistake in seeded()]
    report("seeded", verdicts)
    if args.generated:
        report("generated", [judge(mistake) for mistake in generated(args.generated) if loads(mistake)])
    return int(not all(v.named for v in verdicts))


if __name__ == "__main__":
    sys.exit(main())
