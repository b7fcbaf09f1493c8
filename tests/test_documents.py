"""JSON and JSON Lines become raw tables: numbers as written, and whatever is no row is named with its place."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules.errors import CampaignError
from campaignrules.intake import Limits
from campaignrules.intake.documents import tables_of
from campaignrules.intake.raw import Raw


def one(text: str | bytes, *, lines: bool = False, **limits: int) -> Raw:
    """The only table of a file."""
    data = text.encode() if isinstance(text, str) else text
    ((name, raw),) = tables_of(data, "project.json", Limits(**limits), lines=lines)
    assert name is None
    return raw


def cells(raw: Raw) -> list[dict[str, Any]]:
    """The rows of a table without their numbers."""
    frame: Any = raw.frame
    return [dict(zip(raw.headers, row, strict=False)) for row in frame.iter_rows()]


def numbers(raw: Raw) -> list[int]:
    """The numbers of the rows."""
    frame: Any = raw.frame
    return list(frame["row"])


def reason(data: str | bytes, *, lines: bool = False, **limits: int) -> str:
    """The code that a file is refused with."""
    with pytest.raises(CampaignError) as caught:
        one(data, lines=lines, **limits)
    return caught.value.diagnostics[0].code


def test_a_list_of_objects_is_a_table_named_like_its_file():
    """Headers are the names of all objects in the order in which they first come; rows count from 1."""
    raw = one('[{"id": "P1", "jobs": 3}, {"id": "P2", "listed": true}]')
    assert raw.headers == ("id", "jobs", "listed")
    assert cells(raw) == [
        {"id": "P1", "jobs": "3", "listed": None},
        {"id": "P2", "jobs": None, "listed": True},
    ]
    assert numbers(raw) == [1, 2]
    assert raw.file == "project.json"


def test_an_object_of_lists_holds_several_tables():
    """Each under its name; what is no list is named and holds no rows."""
    text = '{"project": [{"id": "P1"}], "units": [], "version": 3}'
    found = dict(tables_of(text.encode(), "data.json", Limits(), lines=False))
    assert list(found) == ["project", "units", "version"]
    assert [raw.headers for raw in found.values()] == [("id",), (), ()]
    assert [[one.code for one in raw.findings] for raw in found.values()] == [[], [], ["not-a-list"]]


def test_each_line_of_json_lines_is_a_row_with_its_line():
    """Empty lines are passed over; a line that is no JSON, or no object, is set aside and the others stay."""
    raw = one('{"id": 1}\r\n\n{"id": 2}\nno\n{"id": 3} {"id": 4}\n[5]\n{"id": 6}', lines=True)
    assert numbers(raw) == [1, 3, 7]
    assert [(found.code, found.row, found.set_aside) for found in raw.findings] == [
        ("not-a-row", 4, True), ("not-a-row", 5, True), ("not-a-row", 6, True),
    ]  # fmt: skip
    assert raw.read == 6


@pytest.mark.parametrize("text", ["0.1", "1.50", "-0.0", "1E+5", "123456789012345678901234567890.12345", "1e999999999"])
def test_a_number_keeps_the_digits_that_were_written(text):
    """No binary float comes near it, and no exponent is worked out."""
    assert cells(one(f'[{{"n": {text}}}]')) == [{"n": text}]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "{}", '{"a": 1}'])
def test_what_is_no_cell_becomes_text_that_no_field_takes(text):
    """Not even a text field: the row will be set aside."""
    (row,) = cells(one(f'[{{"n": {text}}}]'))
    assert row["n"].startswith("\x1f<")


def test_a_list_in_a_cell_holds_several_words():
    """As a field of tags takes them, and no text field does."""
    assert cells(one('[{"t": ["a", "b"]}]')) == [{"t": "a\x1fb"}]


def test_a_name_twice_in_one_row_sets_the_row_aside():
    """Which of the two values is meant nobody can say; the finding names row and column."""
    raw = one('[{"id": 1}, {"id": 2, "jobs": 1, "jobs": 1}]')
    assert numbers(raw) == [1]
    assert [(one.code, one.row, one.column, one.set_aside) for one in raw.findings] == [("name-twice", 2, "jobs", True)]


def test_an_item_that_is_no_object_is_set_aside():
    """Numbers, texts, lists and null among the rows are named with their places."""
    raw = one('[1, {"id": 1}, "x", null, [], {"id": 2}]')
    assert numbers(raw) == [2, 6]
    assert [one.row for one in raw.findings] == [1, 3, 4, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_encoding_is_found(encoding):
    """UTF-8 needs no words, any other is told."""
    raw = one('[{"单位": "甲县"}]'.encode(encoding))
    assert cells(raw) == [{"单位": "甲县"}]
    assert [one.code for one in raw.findings] == ([] if encoding.startswith("utf-8") else ["encoding-found"])


def test_halves_of_characters_do_no_harm():
    """A lone surrogate becomes a question mark, in cells and in names."""
    assert cells(one(r'[{"a\ud800": "\udfff", "b": "\ud83d\ude00"}]')) == [{"a?": "?", "b": "😀"}]


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("json-unreadable", ""),
        ("json-unreadable", "[{]"),
        ("json-unreadable", '[{"a": 1},]'),
        ("json-unreadable", '[{"a": 1}'),
        ("json-unreadable", '[{"a": 1}] x'),
        ("json-unreadable", '{"a": 1}\n{"a": 2}'),
        ("json-unreadable", "{a: []}"),
        ("json-unreadable", '{"a" []}'),
        ("json-unreadable", "['a']"),
        ("json-unreadable", '["a\nb"]'),
        ("not-a-table", "5"),
        ("not-a-table", '"x"'),
        ("not-a-table", '{"id": "P1", "jobs": 3}'),
        ("table-twice", '{"a": [], "b": [], "a": []}'),
        ("nul-in-file", '[{"a": "\0"}]'),
        ("unknown-encoding", b'["\xff\xff"]'),
        ("depth-limit", "[" * 100_000),
        ("depth-limit", '[{"a": ' * 100_000),
        ("depth-limit", '[{"a": "\\"[", "b": ' + "[" * 31 + "]" * 31 + "}]"),
        ("row-too-large", '[{"a": [' + "1," * 30_000 + "1]}]"),
        ("row-too-large", '[{"a": [' + "1," * 3_000_000 + "1]}]"),
        ("not-a-row", "[" + "[]," * 2000 + "[]]"),
        ("too-many-rows", "[" + "{}," * 20 + "{}]"),
        ("too-many-rows", '[{"a": 1}' + ", 1" * 20 + "]"),
        ("too-many-columns", json.dumps([{f"c{i}": 1 for i in range(201)}])),
        ("too-many-columns", json.dumps([{f"c{i}": 1} for i in range(201)])),
        ("too-many-files", json.dumps({f"t{i}": [] for i in range(1001)})),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_document_that_cannot_be_used_is_refused(code, data):
    """With a code, whatever it holds, and at once."""
    start = time.thread_time()
    assert reason(data, rows=15 if code == "too-many-rows" else 5_000) == code
    assert time.thread_time() - start < 2


def test_a_fault_of_json_is_told_with_line_and_character():
    """Where the reader stopped is where a person looks."""
    with pytest.raises(CampaignError) as caught:
        one('[\n {"id": 1},\n {"id": 2,,}\n]')
    assert "第 3 行第 11 个字符" in caught.value.diagnostics[0].message.zh


def test_many_columns_of_few_cells_are_refused():
    """A table that is nearly empty may not take the memory of a full one."""
    rows = ",".join(f'{{"c{i % 100}":1}}' for i in range(20_000))
    assert reason(f"[{rows}]", unpacked=16_000_000) == "table-too-large"


def test_depth_within_the_limit_is_read():
    """31 lists inside a row's list are 32 levels; brackets in text are none."""
    assert one('[{"a": "' + "[" * 100 + '", "b": ' + "[" * 30 + "]" * 30 + "}]").headers == ("a", "b")


def test_columns_whose_parts_differ_become_text(monkeypatch):
    """A column of true and false that later holds a number is written as text from the start."""
    monkeypatch.setattr("campaignrules.intake.documents._PART", 1)
    raw = one('[{"a": null}, {"a": true}, {"b": 1}, {"a": 2, "b": null}]')
    assert cells(raw) == [
        {"a": None, "b": None},
        {"a": "true", "b": None},
        {"a": None, "b": "1"},
        {"a": "2", "b": None},
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_any_json_ends_in_a_table_or_our_error(value, lines):
    """Every item of a list is a row or a finding."""
    try:
        found = tables_of(json.dumps(value).encode(), "x", Limits(), lines=lines)
    except CampaignError:
        return
    if isinstance(value, list) and not lines:
        assert found[0][1].read == len(value)


@given(st.text('[]{}",:\\ \n1eE+-.truefalsnN', max_size=40), st.booleans())
def test_any_text_ends_in_a_table_or_our_error(text, lines):
    """What looks nearly like JSON does not get through to an error of Python."""
    try:
        tables_of(text.encode(), "x", Limits(), lines=lines)
    except CampaignError:
        return
