"""docs/glossary.md: every name in it exists, and every concept of the model has its word."""

import re
from pathlib import Path

import attrs

from campaignrules import checked, evaluation, model, results, suites

PAGE = Path(__file__).parent.parent / "docs" / "glossary.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", TEXT, re.MULTILINE)]
CLASSES = {
    name: c for m in (model, suites, checked, results, evaluation) for name, c in vars(m).items() if attrs.has(c)
}
# Classes that only group keys of a concept which has its own row.
PARTS = {
    "Element",
    "Sourced",
    "SourceDocument",
    "WorkCalendar",
    "Units",
    "CheckedRule",
    "CheckedScreen",
    "Text",
    "Results",
}


def test_every_row_names_the_concept_in_both_languages():
    """Four cells each; the first in Chinese, the second in English."""
    for row in ROWS:
        assert len(row) == 4, row
        if row[0] != "中文" and not row[0].startswith("---"):
            assert re.search("[\u4e00-\u9fff]", row[0]), row
            assert re.fullmatch(r"[A-Za-z ,]+", row[1]), row


def test_no_word_stands_for_two_concepts():
    """Neither a Chinese nor an English word is explained twice."""
    for column in (0, 1):
        words = [word for row in ROWS if row[0] != "中文" for word in re.split("[、,]", row[column]) if "-" not in word]
        assert len(words) == len({word.strip() for word in words})


def test_every_class_it_names_exists():
    """A class that is renamed is renamed here."""
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", TEXT)) - {"VERBS"}
    known = set(CLASSES) | {"Window", "Occurrence", "Diagnostic"}
    assert named <= known, named - known


def test_every_class_of_the_model_and_of_results_has_its_word():
    """A new concept needs a row."""
    for module in (model, results):
        for name, cls in vars(module).items():
            own = isinstance(cls, type) and attrs.has(cls) and cls.__module__ == module.__name__
            if own and name not in PARTS:
                words = re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()
                assert re.search(f"`{name}`|{words.split()[0]}", TEXT), name


def test_every_status_has_its_word():
    """Each status of results is explained by its title."""
    for status, title in results.STATUS_TITLES.items():
        assert title.zh in TEXT or status == "missing", status
        assert title.en in TEXT, status
