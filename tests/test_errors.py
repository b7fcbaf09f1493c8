"""Diagnostics: what they say, where they point, and that nothing a user writes can break them."""

import json
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules.errors import (
    CampaignError,
    Diagnostic,
    Source,
    Span,
    Text,
    default_lang,
    fault,
    render,
    suggest,
    to_json,
    width_of,
)
from campaignrules.messages import CATALOGUE

SOURCE = Source("招商.yaml", "campaign: x\n指标： {签约额: metirc, b: 2}\n\tmetric: 甲乙\n")


def at(text: str) -> Span:
    """The span of the first occurrence of `text`."""
    start = SOURCE.text.index(text)
    return SOURCE.span(start, start + len(text))


def repeated() -> Diagnostic:
    """A diagnostic with everything a diagnostic can have."""
    first = (at("签约额"), Text("首次出现在这里", "first used here"))
    return fault("duplicate-key", at("metirc"), key="metirc", expected="metric", got="metirc", related=[first])


def test_a_diagnostic_reads_in_chinese_with_its_caret_behind_wide_characters():
    """The caret stands under the word although each Chinese character takes two cells."""
    assert (
        render([repeated()], "zh")
        == """\
招商.yaml:2:11: 错误[duplicate-key]：键“metirc”重复
   2 | 指标： {签约额: metirc, b: 2}
     |                 ^^^^^^
  = 应为 metric，实为 metirc
  = 提示：同一层里每个键只能出现一次（全角与半角写法视为同一个键）
招商.yaml:2:6: 首次出现在这里
   2 | 指标： {签约额: metirc, b: 2}
     |         ^^^^^^

共 1 个错误"""
    )


def test_a_diagnostic_reads_in_english():
    """The same diagnostic, the same carets, English words."""
    assert (
        render([repeated()], "en")
        == """\
招商.yaml:2:11: error[duplicate-key]: duplicate key 'metirc'
   2 | 指标： {签约额: metirc, b: 2}
     |                 ^^^^^^
  = expected metric, got metirc
  = hint: each key may appear once in its mapping (full-width forms count as the same key)
招商.yaml:2:6: first used here
   2 | 指标： {签约额: metirc, b: 2}
     |         ^^^^^^

1 error"""
    )


def test_diagnostics_are_sorted_by_place_and_counted_by_severity():
    """Whatever the order they were found in, they are told from the top of the file."""
    found = [
        fault("empty-document", at("甲乙")),
        fault("fullwidth-separator", at("签约额")),
        fault("empty-document", at("campaign")),
    ]
    text = render(found, "en")
    assert [line.split(": ")[0] for line in text.splitlines() if line.startswith("招商")] == [
        "招商.yaml:1:1",
        "招商.yaml:2:6",
        "招商.yaml:3:10",
    ]
    assert text.endswith("2 errors, 1 warning")


def test_a_tab_is_shown_as_spaces_and_the_caret_follows():
    """Tabs are expanded, so that the caret does not depend on the terminal."""
    picture = render([fault("empty-document", at("甲乙"))], "en").splitlines()[1:3]
    assert picture == ["   3 |     metric: 甲乙", "     |             ^^^^"]


def test_a_long_line_is_clipped_around_the_caret():
    """A line of a million characters costs one line of the terminal."""
    source = Source("f", "前" * 500_000 + "坏" + "后" * 500_000)
    lines = render([fault("empty-document", source.span(500_000, 500_001))], "zh").splitlines()
    assert lines[1] == "   1 | …" + "前" * 40 + "坏" + "后" * 59 + "…"
    assert lines[2] == "     | " + " " * 81 + "^^"


def test_control_characters_never_reach_the_terminal():
    """An escape sequence in a file, its name or a value is shown, not sent."""
    source = Source("f\x1b[2J\n", "a: \x1b[31m\u202eb\x7f\ud800\n")
    text = render([fault("duplicate-key", source.span(3, 4), key="\x1b]0;x\x07", got="\n")], "en")
    assert "a: ␛[31m?b␡?" in text
    assert all(character.isprintable() or character == "\n" for character in text)


def test_colour_marks_the_severity_and_the_caret_only():
    """Without its colours the coloured text is the plain one."""
    plain, coloured = (render([repeated()], "en", colour=colour) for colour in (False, True))
    assert "\x1b[31merror[duplicate-key]\x1b[0m" in coloured
    assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain


def test_no_more_than_the_limit_is_written_out():
    """The rest is counted, not listed."""
    text = render([repeated()] * 7, "zh", limit=2)
    assert text.count("[duplicate-key]") == 2
    assert text.endswith("共 7 个错误（5 个未列出）")


def test_nothing_found_is_rendered_as_nothing():
    """No diagnostics, no summary."""
    assert render([]) == ""


def test_a_diagnostic_without_a_place_is_only_its_words():
    """A missing file has no line to show."""
    assert (
        render([fault("file-not-found", None, path="a.yaml")], "en")
        == "error[file-not-found]: no such file: a.yaml\n\n1 error"
    )


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first():
    """The caret line stays one line."""
    source = Source("f", "ab: |\n  c\n")
    assert render([fault("empty-document", source.span(4, 9))], "en").splitlines()[2] == "     |     ^"


def test_a_span_outside_the_text_still_renders():
    """A wrong place is our own fault and no reason to fail once more."""
    source = Source("f", "ab")
    text = render([fault("empty-document", Span(source, 9, 9, 9, 12))], "en")
    assert text.splitlines()[1:3] == ["   9 |", "     | ^"]


def test_an_unknown_code_is_a_bug_of_ours():
    """Codes are catalogued; a typing error does not pass silently."""
    with pytest.raises(KeyError):
        fault("no-such-code", None)


def test_a_missing_placeholder_is_a_bug_of_ours():
    """A sentence with a hole in it is never shown."""
    with pytest.raises(KeyError):
        fault("duplicate-key", None)


def test_braces_in_user_text_are_only_text():
    """Values are filled in, not formatted again."""
    assert fault("duplicate-key", None, key="{key} {0.__class__} {").message.zh == "键“{key} {0.__class__} {”重复"


def test_long_user_text_is_shortened_inside_a_message():
    """A name of a thousand characters does not drown the sentence."""
    assert len(fault("duplicate-key", None, key="x" * 1000).message.en) < 150


def test_a_diagnostic_may_point_at_anything_that_knows_its_span():
    """Nodes and parts of the model are passed as they are."""

    class Node:
        span = at("campaign")

    assert fault("empty-document", Node()).span == at("campaign")


def test_the_exception_holds_its_diagnostics_sorted_and_reads_like_them(monkeypatch):
    """`str()` of the error is the rendered text; it survives pickling."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    error = CampaignError([repeated(), fault("empty-document", at("campaign"))])
    assert [each.code for each in error.diagnostics] == ["empty-document", "duplicate-key"]
    assert str(error) == render(error.diagnostics, "en")
    assert pickle.loads(pickle.dumps(error)).diagnostics == error.diagnostics  # noqa: S301  our own bytes


@pytest.mark.parametrize(
    ("locale", "lang"),
    [("zh_CN.UTF-8", "zh"), ("en_US.UTF-8", "en"), ("de_DE", "en"), ("C", "zh"), ("C.UTF-8", "zh"), ("POSIX", "zh")],
)
def test_the_language_follows_the_locale(monkeypatch, locale, lang):
    """LC_ALL wins over LANG; a locale that says nothing means Chinese."""
    monkeypatch.setenv("LANG", "fr_FR")
    monkeypatch.setenv("LC_ALL", locale)
    assert default_lang() == lang


def test_without_any_locale_the_language_is_chinese(monkeypatch):
    """The users are Chinese-speaking."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert default_lang() == "zh"


def test_json_holds_both_languages_and_every_place():
    """A program gets the same facts that people read."""
    data = to_json(repeated())
    assert data["message"] == {"zh": "键“metirc”重复", "en": "duplicate key 'metirc'"}
    assert (data["file"], data["line"], data["column"], data["end_line"], data["end_column"]) == (
        "招商.yaml",
        2,
        11,
        2,
        17,
    )
    assert data["source_line"] == "指标： {签约额: metirc, b: 2}"
    assert data["related"][0]["message"]["zh"] == "首次出现在这里"
    assert to_json(repeated(), "en")["message"] == "duplicate key 'metirc'"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("metirc", "metric"),
        ("at-least", "at_least"),
        ("ＭＥＴＲＩＣ", "metric"),
        ("投资额", "投资总额"),
        ("签约", "签约项目"),
        ("开工", None),
        ("metric", None),
        ("", None),
        ("x" * 81, None),
    ],
)
def test_a_misspelt_name_is_recognised(written, meant):
    """Slips, full-width forms and shortened Chinese words find their name; others find none."""
    assert suggest(written, ["metric", "at_least", "投资总额", "签约项目", "x" * 80]) == meant


def test_suggestions_look_at_a_bounded_number_of_names():
    """The two-hundredth candidate is looked at, the next one is not."""
    fillers = ["0123456789"] * 199
    assert suggest("metirc", [*fillers, "metric"]) == "metric"
    assert suggest("metirc", [*fillers, "0", "metric"]) is None


@pytest.mark.parametrize(("text", "cells"), [("abc", 3), ("甲乙", 4), ("“x”", 3), ("e\u0301", 1), ("，", 2), ("ｱ", 1)])
def test_width_counts_cells_of_the_terminal(text, cells):
    """Wide and full-width characters take two cells, combining marks none."""
    assert width_of(text) == cells


def test_a_source_knows_its_lines_and_places():
    """Lines and columns count from 1 and go both ways."""
    assert SOURCE.line(1) == "campaign: x"
    assert SOURCE.line(0) == SOURCE.line(99) == ""
    for index in range(len(SOURCE.text)):
        assert SOURCE.index(*SOURCE.place(index)) == index


def test_the_catalogue_is_alphabetical_and_bilingual():
    """A flat table that people can search; every entry fills the same holes in both languages."""
    assert list(CATALOGUE) == sorted(CATALOGUE)
    for code, entry in CATALOGUE.items():
        assert code.replace("-", "").isalnum(), code
        assert holes(entry.zh) == holes(entry.en), code
        assert (entry.hint_zh is None) == (entry.hint_en is None), code
        assert holes(entry.hint_zh or "") | holes(entry.hint_en or "") <= holes(entry.zh) | {"ascii", "closing"}, code


def holes(sentence: str) -> set[str]:
    """The names of the placeholders."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@given(st.text(), st.text(), st.integers(0, 40), st.integers(0, 40))
def test_any_text_is_rendered_safely_and_any_span_gets_a_caret(text, name, start, length):
    """Rendering never fails, prints only printable characters, and always draws a caret."""
    source = Source(name, text)
    found = fault("duplicate-key", source.span(start, start + length), key=text, got=text, hint=text, expected=name)
    for lang in ("zh", "en"):
        shown = render([found], lang)
        assert "^" in shown
        assert all(part.isprintable() or part in "\n\u3000" for part in shown)
    json.dumps(to_json(found), ensure_ascii=False).encode()
