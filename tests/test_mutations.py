"""Mistakes planted in copies of the shipped campaigns are found at their place (`benchmarks/mutations.py`).

The twenty seeded ones are those that every desk has made once; the generated ones are scored by the benchmark alone.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import mistakes
import mutations

SEEDED = mistakes.seeded()


@pytest.mark.slow
@pytest.mark.parametrize("mistake", SEEDED, ids=[f"{one.kind}: {one.element}" for one in SEEDED])
def test_a_seeded_mistake_is_found_at_its_place(mistake):
    """A command that passes on the file as it ships fails on the copy and names the place."""
    verdict = mutations.judge(mistake, ("trace", "test", "check"), first=True, verify=False)
    assert verdict.found_by, verdict.noticed_by


def test_there_are_twenty_of_many_kinds():
    """In all five campaigns."""
    assert len(SEEDED) == 20
    assert {one.campaign for one in SEEDED} == set(mistakes.NAMES)
    assert len({one.kind for one in SEEDED}) >= 15


@pytest.mark.parametrize("name", mistakes.NAMES)
def test_a_mistake_is_one_edit_and_moves_no_line(name):
    """What is said of the copy can be looked up in the file."""
    text = mistakes.file_of(name).text
    made = list(mistakes.mistakes(name))
    assert len(made) > 100
    for one in made:
        assert one.apply(text).count("\n") == text.count("\n")
        assert one.new != text[one.start : one.end], one


def test_the_same_seed_gives_the_same_mistakes_and_another_others():
    """A score can be repeated, and held against that of another sample."""
    assert mistakes.generated(50, 1) == mistakes.generated(50, 1)
    assert mistakes.generated(50, 1) != mistakes.generated(50, 2)


def told(message, line=1, file="yanjiang_2023.yaml", subject=None):
    """A diagnostic as commands write it."""
    return {
        "code": "cell-differs", "severity": "error", "file": file, "line": line, "subject": subject, "hint": None,
        "expected": None, "message": {"zh": message, "en": message}, "related": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (told("YJ-Y-02 · the whole · 2023: value is not what was expected"), True),
        (told("YJ-Y-021: another"), False),
        (told("something is wrong", line=423), True),
        (told("something is wrong", line=423, file="yanjiang_2023.test.yaml"), False),
        (told("something is wrong", subject="YJ-Y-02"), True),
        (told("something is wrong"), False),
    ],
)
def test_only_its_line_or_its_id_names_a_place(said, named):
    """That something is wrong somewhere is not enough."""
    mistake = mistakes.Mistake("any", "yanjiang_2023", "YJ-Y-02", 423, (423, 423), 0, 0, "")
    assert mutations.names(said, mistake) is named


def test_an_ordinary_word_in_a_sentence_names_no_metric():
    """`landed` is a metric of the third season and a word of its titles."""
    mistake = mistakes.Mistake("any", "sichuan_2023_q3", "landed", 350, (350, 350), 0, 0, "")
    assert not mutations.names(told("projects landed are fewer"), mistake)
    assert mutations.names(told("metric 'landed' is not declared"), mistake)
