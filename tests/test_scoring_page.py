"""docs/scoring.md: its examples are parts of the campaigns in tests/scoring, and their numbers are cases there."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from campaignrules.quantities import plain_text
from tests.test_scoring_cases import FOLDERS, ROOT, cases_of

PAGE = ROOT.parent.parent / "docs" / "scoring.md"
PIECE = re.compile(
    r"```yaml\n# case: (?P<case>\w+)\n(?P<block>[\s\S]*?)```|(?P<table>(?:^\|.*\|\n)+)|^(?P<head>#+ .*)$", re.MULTILINE
)
NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?")
WORDS = {"缺": "missing", "不适用": "not_applicable", "取消资格": "disqualified", "暂定": "provisional"}
STATUSES = re.compile(r"\b(listed|not_listed|possible|good|fair|pass|poor|first|second|third)\b")

REMARK = "说明"


@frozen
class Example:
    """A table of the page and the construct whose blocks stand before it."""

    case: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def blocks() -> list[tuple[str, str]]:
    """Each block with the construct it names."""
    return [(m["case"], m["block"]) for m in PIECE.finditer(PAGE.read_text(encoding="utf-8")) if m["case"]]


def examples() -> Iterator[Example]:
    """The tables that follow a block, up to the next heading."""
    case = None
    for match in PIECE.finditer(PAGE.read_text(encoding="utf-8")):
        if match["table"] and case:
            head, _, *rows = [cells(line) for line in match["table"].splitlines()]
            yield Example(case, head, tuple(rows))
        if not match["table"]:
            case = match["case"]


def cells(line: str) -> tuple[str, ...]:
    """The cells of a row."""
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


def numbers(text: str) -> set[str]:
    """The numbers in a text, each in one form; what stands in brackets is commentary."""
    said = re.sub(r"（.*?）|\(.*?\)|=.*", "", text)
    return {plain_text(Decimal(n.replace("−", "-"))) for n in NUMBER.findall(said)}


def results(text: str) -> set[str]:
    """The numbers, statuses and grades that a cell says come out."""
    said = re.sub(r"=.*", "", text)
    words = {status for word, status in WORDS.items() if said.startswith(word)}
    return numbers(text) | words | set(STATUSES.findall(said)[-1:])


def leaves(value: Any) -> set[str]:
    """Every scalar below a value, numbers in one form."""
    if isinstance(value, dict):
        return set().union(*map(leaves, value.values()))
    if isinstance(value, list):
        return set().union(*map(leaves, value))
    return numbers(value) | {value}


def are_cases(example: Example, row: tuple[str, ...]) -> bool:
    """Whether the numbers before the arrow are data of cases in which those after it come out."""
    pairs = list(zip(example.head, row, strict=True))
    given = set().union(*(numbers(cell) for head, cell in pairs if "→" not in head and head != REMARK))
    cases = [case for case in cases_of(ROOT / example.case) if given <= leaves(case.get("rows", {}))]
    outcomes = [leaves(case["expect"]) for case in cases]
    return all(any(results(cell) <= found for found in outcomes) for head, cell in pairs if "→" in head)


def dedented(text: str) -> str:
    """The lines without the indentation they share."""
    lines = text.rstrip("\n").splitlines()
    common = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join(line[common:] for line in lines)


def occurs(block: str, text: str) -> bool:
    """Whether each run of entries of the block stands in the text, one line after the other, indented as a whole."""
    inside = text.splitlines()
    return all(
        any(dedented("\n".join(inside[i : i + len(run)])) == "\n".join(run) for i in range(len(inside)))
        for run in entries(block)
    )


def entries(block: str) -> list[list[str]]:
    """The block's entries of the highest level, each with what is below it; a comment says where they stand."""
    found: list[list[str]] = []
    for line in block.splitlines():
        if line.startswith("# "):
            continue
        if line.startswith(" ") and found:
            found[-1].append(line)
        else:
            found.append([line])
    return found


@pytest.mark.parametrize(("case", "block"), blocks())
def test_every_example_is_part_of_a_campaign_that_runs(case, block):
    """Word for word, but for the indentation of the whole."""
    assert occurs(block, (ROOT / case / "campaign.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", [*examples()], ids=lambda example: example.case)
def test_every_row_of_a_table_is_a_case(example):
    """Numbers before the arrow are data of a case, those after it come out there."""
    assert any("→" in head for head in example.head)
    for row in example.rows:
        assert are_cases(example, row), row


def test_there_is_an_example_for_every_way_and_for_most_constructs():
    """Whoever reads the page sees each way at work."""
    shown = {case for case, _ in blocks()}
    assert len(shown) >= 25
    assert {example.case for example in examples()} == shown
    assert shown <= {folder.name for folder in FOLDERS}
