"""Formatting: one order and style, nothing lost, nothing done twice; said on texts that show each rule."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from campaignrules import formatting
from campaignrules.errors import CampaignError
from campaignrules.formatting import Unfaithful, formatted, of_file, orders
from campaignrules.formatting.gaps import Gaps, comments
from campaignrules.model import Campaign, Element, Metric, Parameter, Target, yaml_fields
from campaignrules.source import read
from tests.scribbling import Scribble
from tests.strategies import scattered_cases

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([*ROOT.glob("campaigns/*.yaml"), *ROOT.glob("examples/**/*.yaml")])

UNTIDY = """\
---


title: '试验'   # 名称
# 编号在最前
campaign: demo
period: { to: 2023-12-31,from:  "2023-01-01" }
metrics:
    # 第一个指标

    signed: {count: project, title: 签约, source: 一, on: signed_on}


    landed:
        note: "没有引号也行"
        count: project    # 数行
        title: {en: landed, zh: '落地: 含开工'}
        # 末尾的话
targets:
- source: 一
  metric: signed
  id: T-1
  at_least: '20'
  in: 2023

# 再来一个
- {id: T-2, metric: landed,
    in: "2023", at_least: 5 个}
...
"""

TIDY = """\
# 编号在最前
campaign: demo
title: 试验   # 名称
period: {from: "2023-01-01", to: 2023-12-31}
metrics:
  # 第一个指标

  signed: {title: 签约, count: project, on: signed_on, source: 一}

  landed:
    title: {zh: "落地: 含开工", en: landed}
    count: project    # 数行
    note: 没有引号也行
    # 末尾的话
targets:
  - id: T-1
    metric: signed
    in: 2023
    at_least: "20"
    source: 一

  # 再来一个
  - {id: T-2, metric: landed,
      in: "2023", at_least: 5 个}
"""


def meaning(text: str) -> Any:
    """What PyYAML, which knows nothing of us, reads: texts only, keys in no order."""
    return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506  it makes texts, lists and mappings only


def test_an_untidy_file_is_brought_into_order_with_its_comments():
    """Order of keys, indentation, quotes, spaces, blank lines, document marks: all at once."""
    assert formatted(UNTIDY) == TIDY


def test_a_tidy_file_stays_as_it_is():
    """Formatting what was formatted changes nothing."""
    assert formatted(TIDY) == TIDY


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_files_that_we_ship_are_formatted(path):
    """Campaigns, their tests and overlays keep to the style they ask of others."""
    assert not of_file(path).is_changed


@pytest.mark.parametrize(
    ("untidy", "tidy"),
    [
        ("a: [ x , y ]\n", "a: [x, y]\n"),
        ("a: [x, y,]\n", "a: [x, y]\n"),
        ('{"a":1, "b":[2]}', '{a: 1, b: [2]}\n'),
        ("a:   b   \n\n\n\nc: d", "a: b\n\nc: d\n"),
        ("a:\n- b\n-   c: d\n    e: f\n", "a:\n  - b\n  - c: d\n    e: f\n"),
        ("a:\n-\n  b: c\n", "a:\n  - b: c\n"),
        ("a:\n  # 一\n  - b # 二\n  # 三\n# 四\nc: d\n", "a:\n  # 一\n  - b # 二\n  # 三\n# 四\nc: d\n"),
        ("a:\n    - - b\n      - c\n", "a:\n  - - b\n    - c\n"),
        ("a: >-\n     b\n     c\nd:\n      e: |\n          f\n            g\n", "a: >-\n     b\n     c\nd:\n  e: |\n      f\n        g\n"),
        ("a: |+\n  b\n\n\nc: d\n", "a: |+\n  b\n\n\nc: d\n"),
        ("a: |\n  b  \n\n# 一\n", "a: |\n  b  \n\n# 一\n"),
        ("a: {b: c, # 一\n  'd': e}\n", "a: {b: c, # 一\n  'd': e}\n"),
        ("a: # 一\n  b\n", "a: # 一\n  b\n"),
        ("a:\n  {b: c}\n", "a:\n  {b: c}\n"),
        ("a: {\n    b: c,\n    d: e\n}\n", "a: {\n  b: c,\n  d: e\n}\n"),
        ("? a\n: b\n", "a: b\n"),
        ("a:\nb: ~\nc: ''\n", "a:\nb: ~\nc: \"\"\n"),
    ],
)  # fmt: skip
def test_layout_is_normal(untidy, tidy):
    """Spaces, indentation and blank lines are normal; what was laid out on purpose and all comments stay."""
    assert formatted(untidy) == tidy
    assert formatted(tidy) == tidy


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("'文字'", "文字"),
        ('"it is"', "it is"),
        ("'a, b'", "a, b"),
        ("'a: b'", '"a: b"'),
        ("'a #b'", '"a #b"'),
        ("'%'", '"%"'),
        ("'it''s: x'", '"it\'s: x"'),
        ("'say \"x\": y'", "'say \"x\": y'"),
        ('"tab\\t"', '"tab\\t"'),
        *((f'"{word}"', f'"{word}"') for word in ("", "12", "1_000", "1e3", "0x1F", "0o17", "12:30", "2023-01-01", "-5", ".inf", "~",
          "null", "true", "No", "yes", "on", "y", "<<", "=", "说明：x", "- x", " x ", "［a］")),
    ],
)  # fmt: skip
def test_quotes_stand_only_where_they_are_needed(written, kept):
    """Text that some reader would take for a number, a date, a truth or nothing keeps its quotes."""
    assert formatted(f"a: {written}\n") == f"a: {kept}\n"


def test_quotes_in_brackets_protect_their_signs():
    """A comma needs quotes inside brackets, but not outside."""
    assert formatted("a: ['x, y', 'x y']\nb: 'x, y'\n") == 'a: ["x, y", x y]\nb: x, y\n'


def test_a_line_the_author_broke_stays_broken_and_one_too_wide_is_broken():
    """Width is counted in cells, two for a Chinese character."""
    wide = "，".join(["文字"] * 25)
    text = f"x: {{note: {wide}, b: {{c: {wide}, d: e}}}}\n"
    assert formatted(text) == f"x: {{note: {wide},\n    b: {{c: {wide}, d: e}}}}\n"
    broken = "x: {a: b,\n    c: d}\n"
    assert formatted(broken) == broken


def test_keys_that_change_places_are_laid_anew():
    """A line break stays where the same two entries meet; elsewhere lines are filled."""
    text = "metrics:\n  a: {count: p, on: d,\n      title: 甲, source: 一,\n      note: 乙}\n"
    assert formatted(text) == "metrics:\n  a: {title: 甲, count: p, on: d, source: 一,\n      note: 乙}\n"


def test_an_element_with_an_unknown_key_keeps_its_order():
    """What the model does not know is not ours to move."""
    text = "metrics:\n  a: {titel: x, on: d, count: p}\n"
    assert formatted(text) == text


def test_names_lists_and_cells_keep_the_order_of_their_author():
    """Metrics are listed as the author likes; so are words, steps, and the cells of an expectation."""
    text = """\
tests_for: demo
cases:
  - case: 名
    given:
      project:
        - {unit: a, id: P1}
    expect:
      - {value: 1, target: T}
"""
    assert formatted(text) == text


def test_clauses_of_long_elements_stay_before_or_behind():
    """A parameter may give its clause before or behind what is deferred; among themselves the keys are in order."""
    before = "parameters:\n  p: {title: x, type: 天, covers: [A], source: 一, deferred: {by: y}}\n"
    assert formatted(before) == "parameters:\n  p: {title: x, type: 天, source: 一, covers: [A], deferred: {by: y}}\n"
    behind = "parameters:\n  p: {title: x, type: 天, deferred: {by: y}, source: 一, covers: [A]}\n"
    assert formatted(behind) == behind


def test_line_ends_and_byte_order_mark_are_made_one_way(tmp_path):
    """A file from Windows changes in its bytes only."""
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffcampaign: 甲\r\ntitle: 乙\r\n".encode())
    made = of_file(path)
    assert made.is_changed
    assert made.after == made.before == "campaign: 甲\ntitle: 乙\n"


def test_directives_stay():
    """A file that states its YAML version keeps its beginning."""
    assert formatted("# 一\n%YAML 1.2\n---\nb:  c\n") == "# 一\n%YAML 1.2\n---\nb: c\n"


def test_a_text_without_a_last_line_end_keeps_it_where_that_has_a_meaning():
    """A block scalar at the end of a file has a line feed only if the file has."""
    assert formatted("title: x\ncampaign: |\n  a") == "title: x\ncampaign: |\n  a"


def test_what_is_no_yaml_of_ours_is_refused_as_everywhere():
    """Faults of syntax come as diagnostics with their place."""
    with pytest.raises(CampaignError) as caught:
        formatted("a: &x b\n", "f.yaml")
    assert [(one.code, one.span and one.span.line) for one in caught.value.diagnostics] == [("alias-not-allowed", 1)]


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("a: b\nc: d # 一\n", "a: b\nc: d\n"),
        ("a: b\nc: d\n", "a: b\nc: e\n"),
        ("a: 'null'\n", "a: null\n"),
        ("a: [x, y]\n", "a: [y, x]\n"),
        ("a: [x, y]\n", "a: [x]\n"),
        ("a: {x: 1, y: 2}\n", "a: {y: 2, x: 1}\n"),
        ("a: {x: 1}\n", "a: x\n"),
        ("a: '［x'\n", "a: ［x\n"),
    ],
)
def test_a_change_of_meaning_or_a_lost_comment_is_never_given_out(monkeypatch, given, other):
    """Were the formatter wrong, the second reading would say so."""
    monkeypatch.setattr(formatting, "lay", lambda _sheet: other)
    with pytest.raises(Unfaithful):
        formatted(given)


def test_orders_name_only_keys_of_the_model_and_all_of_them():
    """A custom can neither forget a key nor invent one."""
    for cls in (Campaign, Metric, Parameter, Target):
        assert set(orders.customary(cls)) == set(yaml_fields(cls))
    known = {cls.__name__: cls for cls in _classes()}
    assert {*orders.CUSTOMS, *orders.FLOATING, *orders.FREE} <= known.keys()
    for name, keys in orders.CUSTOMS.items():
        assert set(keys) <= set(yaml_fields(known[name])), name


def _classes() -> list[type]:
    found: list[type] = [Element]
    for cls in found:
        found += cls.__subclasses__()
    return found


@given(scattered_cases(), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate))  # the seed is not worth shrinking
def test_generated_campaigns_keep_their_meaning_and_comments_in_any_style(case, seed):
    """However untidy: PyYAML reads the same from both, each comment is there once, and twice is once."""
    scribble = Scribble(random.Random(seed))  # noqa: S311  for tests
    text = scribble.text(meaning(case.text))
    assert meaning(text) == meaning(case.text)
    made = formatted(text)
    assert meaning(made) == meaning(text)
    assert sorted(comments(Gaps(read(made)))) == sorted(scribble.comments)
    assert formatted(made) == made


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate))  # the seed is not worth shrinking
def test_the_style_in_which_data_came_is_gone_but_for_breaks_and_comments(one, other):
    """Two ways to write the same block-only data without comments end in the same text."""
    data: dict[str, object] = {
        "campaign": "x",
        "title": "甲 乙",
        "note": "a: b",
        "issuer": "12",
        "units": {"roster": "submitted"},
    }
    texts = [_in_blocks(data, random.Random(seed)) for seed in (one, other)]  # noqa: S311  for tests
    assert formatted(texts[0]) == formatted(texts[1])


def _in_blocks(data: dict[str, object], chance: random.Random, indent: int = 0) -> str:
    pairs = list(data.items())
    chance.shuffle(pairs)
    step, text = chance.randrange(1, 5), ""
    for key, value in pairs:
        if isinstance(value, dict):
            text += f"{' ' * indent}{key}:\n{_in_blocks(value, chance, indent + step)}"
        else:
            quote = chance.choice("'\"")
            text += f"{' ' * indent}{key}:{' ' * chance.randrange(1, 3)}{quote}{value}{quote}\n"
    return text
