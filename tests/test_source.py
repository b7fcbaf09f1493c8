"""Reading YAML: what a document becomes, where its texts stand, what is refused and how fast."""

import os
import time
import tracemalloc
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from campaignrules.errors import CampaignError, render
from campaignrules.source import Document, Limits, Mapping, Scalar, Sequence, read

MIB = 1 << 20


def refusal(text: str | bytes, **options) -> CampaignError:
    """The error that reading `text` must raise."""
    with pytest.raises(CampaignError) as caught:
        read(text, **options)
    return caught.value


def places(text: str | bytes, **options) -> list[tuple[str, int, int]]:
    """Code, line and column of each fault of a refused text."""
    found = refusal(text, **options).diagnostics
    return [(each.code, each.span.line, each.span.column) for each in found if each.span]


def value(text: str) -> Scalar:
    """The first value of the outermost mapping."""
    root = read(text).root
    assert isinstance(root, Mapping)
    scalar = root.pairs[0][1]
    assert isinstance(scalar, Scalar)
    return scalar


def scalars(node) -> list[Scalar]:
    """All texts of a tree, keys before their values."""
    if isinstance(node, Scalar):
        return [node]
    parts = node.items if isinstance(node, Sequence) else [part for pair in node.pairs for part in pair]
    return [scalar for part in parts for scalar in scalars(part)]


# --- what is read -------------------------------------------------------------


def test_a_document_keeps_its_order_and_its_numbers_as_text():
    """Nothing is converted: 0.10 stays 0.10, a date stays its characters."""
    root = read("b: 0.10\na: [2023-06-01, 1e3, 甲]\n").root
    assert isinstance(root, Mapping)
    assert [key.text for key, _ in root.pairs] == ["b", "a"]
    assert [scalar.text for scalar in scalars(root)] == ["b", "0.10", "a", "2023-06-01", "1e3", "甲"]


def test_a_mapping_is_asked_for_values_and_for_keys():
    """The key itself can be pointed at; an absent one is None."""
    root = read("甲: 1\n").root
    assert isinstance(root, Mapping)
    found, key = root.get("甲"), root.key("甲")
    assert isinstance(found, Scalar)
    assert found.text == "1"
    assert key is not None
    assert (key.span.line, key.span.column, key.span.end_column) == (1, 1, 2)
    assert root.get("乙") is None
    assert root.key("乙") is None


@pytest.mark.parametrize("word", ["null", "~", "", "Null", "NULL"])
def test_plain_null_is_null(word):
    """The words of YAML 1.2, and nothing written at all."""
    assert value(f"a: {word}").is_null


@pytest.mark.parametrize("word", ["'null'", '""', "nULL", "none", "0"])
def test_other_words_are_not_null(word):
    """Quoted words and words of other languages are text."""
    assert not value(f"a: {word}").is_null


@pytest.mark.parametrize(("word", "truth"), [("true", True), ("True", True), ("FALSE", False), ("false", False)])
def test_plain_true_and_false_are_booleans(word, truth):
    """The words of YAML 1.2."""
    assert value(f"a: {word}").boolean is truth


@pytest.mark.parametrize("word", ["yes", "on", "'true'", "tRUE", "1", "y"])
def test_other_words_are_not_booleans(word):
    """`on` and `yes` were booleans in YAML 1.1 only."""
    assert value(f"a: {word}").boolean is None


def test_bytes_with_a_byte_order_mark_and_windows_lines_are_read():
    """Editors on Windows write both; columns and lines do not shift."""
    root = read("\ufeffa: 1\r\n甲: 2\r\n".encode()).root
    assert [(part.text, part.span.line, part.span.column) for part in scalars(root)] == [
        ("a", 1, 1),
        ("1", 1, 4),
        ("甲", 2, 1),
        ("2", 2, 4),
    ]


def test_a_file_is_read_under_its_own_name(tmp_path):
    """A path gives the name that diagnostics show."""
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    assert read(path).source.name == str(path)
    assert read(path, name="x").source.name == "x"


def test_a_block_ends_with_its_last_entry_and_a_bracket_with_its_bracket():
    """Spans cover what a reader sees, not the blank lines behind it."""
    root = read("a:\n  b: |\n    x\n    yy\n\n\nc: [1,\n  2]\n").root
    assert isinstance(root, Mapping)
    ends = [(node.span.line, node.span.column, node.span.end_line, node.span.end_column) for _, node in root.pairs]
    assert ends == [(2, 3, 4, 7), (7, 4, 8, 5)]


def test_the_outermost_form_may_be_chosen():
    """A test case or a roster may be a list."""
    assert isinstance(read("- 1\n", root="sequence").root, Sequence)
    assert isinstance(read("1", root="any").root, Scalar)
    assert places("- 1\n") == [("unexpected-root", 1, 1)]
    assert places("a: 1\n", root="sequence") == [("unexpected-root", 1, 1)]


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[1].joinpath("campaigns").glob("*.yaml")), ids=str)
def test_the_campaigns_we_ship_are_read_without_a_warning(path):
    """Chinese punctuation inside titles and notes is not mistaken for a slip."""
    assert read(path).warnings == ()


# --- where a character stands ---------------------------------------------------

LOCATED = [
    ("a: x + yy", "yy", (1, 8)),
    ("a: '甲''s yy'", "yy", (1, 10)),
    ('a: "\\u7532\\n\\"yy"', "yy", (1, 15)),
    ('a: "\\x41\\U0001F600yy"', "yy", (1, 19)),
    ("a: x\n   z yy", "yy", (2, 6)),
    ("a: 'x\n\n   z yy'", "yy", (3, 6)),
    ('a: "x \\\n   z yy"', "yy", (2, 6)),
    ("a: |\n  x\n\n   z yy\n", "yy", (4, 6)),
    ("a: |2-\n   x\n  z yy\n", "yy", (3, 5)),
    ("a: >\n  x\n  z yy\n\n  c", "yy", (3, 5)),
    ("a: >+ # note\n\n  x\n    z\n  yy\n\n", "yy", (5, 3)),
]


@pytest.mark.parametrize(("text", "word", "place"), LOCATED)
def test_a_word_inside_a_value_is_found_in_the_file(text, word, place):
    """Through quotes, escapes, folding and blocks."""
    scalar = value(text)
    start = scalar.text.index(word)
    assert scalar.locate(start) == place
    spot = scalar.spot(start, start + len(word))
    assert (spot.line, spot.column, spot.end_line, spot.end_column) == (*place, place[0], place[1] + len(word))


def test_an_escape_is_underlined_whole():
    """One character of the text, six of the file."""
    spot = value('a: "甲\\u0041乙"').spot(1, 2)
    assert (spot.column, spot.end_column) == (6, 12)


def test_a_place_outside_the_text_is_one_of_its_ends():
    """Offsets are kept inside."""
    scalar = value("a: xyz")
    assert (scalar.locate(-5), scalar.locate(99)) == ((1, 4), (1, 7))


def test_in_a_very_long_quoted_text_the_answer_is_its_start():
    """Exact places are for formulas, not for megabytes."""
    assert value('a: "' + "\\n" * 20_000 + '"').locate(9) == (1, 4)


TREES = st.recursive(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("\n '\":#甲"), max_size=60
    ),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.from_regex(r"[a-z甲]{1,9}", fullmatch=True), inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


def written(tree, style, flow, width) -> str:
    """A tree as a YAML writer puts it."""
    return yaml.dump(
        {"root": tree},
        Dumper=yaml.SafeDumper,
        default_style=style,
        default_flow_style=flow,
        width=width,
        allow_unicode=True,
    )


@given(TREES, st.sampled_from([None, "'", '"', "|", ">"]), st.booleans(), st.sampled_from([10, 80]))
def test_every_character_of_every_text_is_found_in_the_file(tree, style, flow, width):
    """Whatever a YAML writer makes of a text, each visible character points at itself or at its escape."""
    try:
        document = read(written(tree, style, flow, width))
    except CampaignError as refused:
        assert all(each.code in WRITER_MAY for each in refused.diagnostics), refused  # noqa: PT017
        return
    for scalar in scalars(document.root):
        assert_located(scalar, document)


WRITER_MAY = (
    "control-character",
    "fullwidth-colon",
    "tag-not-allowed",
    "key-too-long",
    "key-not-text",
    "alias-not-allowed",
)


def assert_located(scalar: Scalar, document: Document) -> None:
    """Every character stands where `locate` says, as itself or as an escape, in the order of the file."""
    where = [document.source.index(*scalar.locate(offset)) for offset in range(len(scalar.text) + 1)]
    assert where == sorted(where)
    for character, index in zip(scalar.text, where, strict=False):
        stands = document.source.text[index]
        assert stands in (character, "\\") or character.isspace()


# --- what is refused --------------------------------------------------------------

REFUSED = [
    ("", [("empty-document", 1, 1)]),
    ("# nothing\n", [("empty-document", 1, 1)]),
    ("~", [("empty-document", 1, 1)]),
    ("甲", [("unexpected-root", 1, 1)]),
    ("a: &x 1\nb: *x\n", [("alias-not-allowed", 1, 4), ("alias-not-allowed", 2, 4)]),
    ("a: *\n", [("alias-not-allowed", 1, 4)]),
    ("a: !!python/object:os.system x\n", [("tag-not-allowed", 1, 4)]),
    ("%TAG ! x\n---\na: b", [("tag-not-allowed", 1, 1)]),
    ("<<: {a: 1}\n", [("merge-key", 1, 1)]),
    ("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1)]),
    ("ａ: 1\na: 3\n", [("duplicate-key", 2, 1)]),
    ("? [a]\n: b\n", [("key-not-text", 1, 3)]),
    ("true: 1\n", [("key-not-text", 1, 1)]),
    ("甲: 1\n: 2\n", [("bad-indentation", 2, 1)]),
    ("\u3000a: 1\n", [("key-with-spaces", 1, 1)]),
    ("x" * 129 + ": 1\n", [("key-too-long", 1, 1)]),
    ("a: 1\n---\nb: 2\n", [("multiple-documents", 2, 1)]),
    ("a: 1\n...\nb: 2\n", [("unexpected-content", 3, 1)]),
    ("   a: 1\n b: 2\n", [("unexpected-content", 2, 2)]),
    ("a:\n\tb: 1\n", [("tab-indentation", 2, 1)]),
    ("a: 1\n\tb: 2\n", [("tab-indentation", 2, 1)]),
    ("a:\n  b: 1\n c: 2\n", [("bad-indentation", 3, 2)]),
    ("a: - b\n", [("bad-indentation", 1, 4)]),
    ("a: x: y\n", [("unexpected-colon", 1, 5)]),
    ("a: b\nword\nc: d\n", [("missing-colon", 2, 1)]),
    ("metrics\n  a: 1\n", [("missing-colon", 1, 1)]),
    ("a： b\nc: d\n", [("fullwidth-colon", 1, 2)]),
    ("a:b\nc: d\n", [("colon-without-space", 1, 2)]),
    ("a: @x\n", [("reserved-character", 1, 4)]),
    ('a: "\\q"\n', [("bad-escape", 1, 5)]),
    ('a: "\\0"\n', [("control-character", 1, 5)]),
    ("a: |text\n", [("block-text", 1, 4)]),
    ("a: b\0\n", [("control-character", 1, 5)]),
    ("a: b\u202ec\n", [("control-character", 1, 5)]),
    ("a: \ud800\n", [("control-character", 1, 4)]),
    (b"\xff\xfea\x00", [("not-utf8", 1, 1)]),
    ("a: 1\n甲: 乙\n".encode("gbk"), [("not-utf8", 2, 1)]),
    ('a: "x\nb: 1\n', [("unclosed-quote", 1, 4)]),
    ('a: "x\nb: "1"\n', [("unclosed-quote", 1, 4)]),
    ('a: "x"y"\n', [("text-after-quote", 1, 7)]),
    ("a: 'it's'\n", [("text-after-quote", 1, 8)]),
    ("a: [1, 2\nb: 3\n", [("unclosed-bracket", 1, 4)]),
    ("a: {b: 1\n", [("unclosed-bracket", 1, 4)]),
    ("a: {b: [}\n", [("unclosed-bracket", 1, 8)]),
    ("a: {b: 1}}\n", [("stray-bracket", 1, 10)]),
    ("a: b\nmetric： x\nc: d\n", [("fullwidth-colon", 2, 7)]),
    ("campaign：x", [("fullwidth-colon", 1, 9)]),
    ("m:\n  count： project\n", [("fullwidth-colon", 2, 8)]),
    ("m:\n  a: 1\n  数量： 2\n  b: 1\n", [("fullwidth-colon", 3, 5)]),
    ("t: {zh：甲, en: b}\n", [("fullwidth-colon", 1, 7)]),
    ("- metric： 1\n  on: x\n", [("fullwidth-colon", 1, 9)]),
    ("t: {zh: 甲，en: X}\n", [("fullwidth-punctuation", 1, 10)]),
    ("a: “x: y”\n", [("fullwidth-punctuation", 1, 4)]),
    ("%YAML 3.0\n---\na: b\n", [("yaml-syntax", 1, 1)]),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[repr(text)[:40] for text, _ in REFUSED])
def test_a_fault_is_named_and_located(text, expected):
    """One slip, one message, at the place to correct."""
    assert places(text) == expected


def test_all_faults_of_a_document_are_told_at_once():
    """People correct a file once, not once for each fault."""
    found = places("a: 1\na: 2\nb: &x 1\ntrue: 1\nc: [\n")
    assert [code for code, _, _ in found] == ["duplicate-key", "alias-not-allowed", "key-not-text", "unclosed-bracket"]


def test_a_repeated_key_is_shown_with_the_first_one():
    """The whole text, as the author sees it."""
    assert (
        render(refusal("目标: 1\n目标: 2\n", name="f.yaml").diagnostics, "zh")
        == """\
f.yaml:2:1: 错误[duplicate-key]：键“目标”重复
   2 | 目标: 2
     | ^^^^
  = 提示：同一层里每个键只能出现一次（全角与半角写法视为同一个键）
f.yaml:1:1: 首次出现在这里
   1 | 目标: 1
     | ^^^^

共 1 个错误"""
    )


def test_a_full_width_colon_is_explained():
    """The commonest slip of a Chinese keyboard gets its own words."""
    assert (
        render(refusal("指标:\n  签约额： 3\n", name="f.yaml").diagnostics, "en")
        == """\
f.yaml:2:6: error[fullwidth-colon]: '签约额' is followed by a full-width colon
   2 |   签约额： 3
     |         ^^
  = hint: write '签约额: ' with an ASCII colon and a space; if this is text, put it in quotes

1 error"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "title: 第一阶段：开门红\n",
        "notes:\n- 注意：不含税\n",
        "source: 附件 一(五); 四(三)\n",
        "a: '全角：也行'\n",
        "a: |\n  metric： x\n  \t- [[[\n",
        "a: {zh: “开门红”}\n",
    ],
)
def test_chinese_punctuation_inside_a_text_is_only_text(text):
    """Only where an entry was meant is a full-width sign a fault."""
    assert read(text).warnings == ()


@pytest.mark.parametrize(
    ("text", "code"), [("a: [甲，乙]", "fullwidth-separator"), ("a: ［1］", "fullwidth-punctuation")]
)
def test_a_suspicious_full_width_sign_is_a_warning(text, code):
    """It may be meant; the document is read all the same."""
    assert [(each.code, each.severity) for each in read(text).warnings] == [(code, "warning")]


def test_files_that_cannot_be_read_are_diagnostics(tmp_path):
    """A missing file, a folder, a pipe and an impossible name are inputs like any other."""
    os.mkfifo(tmp_path / "pipe")
    cases = {"absent": "file-not-found", ".": "not-a-file", "pipe": "not-a-file", "a\0b": "file-unreadable"}
    for name, code in cases.items():
        with pytest.raises(CampaignError) as caught:
            read(tmp_path / name)
        assert [each.code for each in caught.value.diagnostics] == [code]


def test_limits_are_exact():
    """What is allowed is read; one more is refused."""
    read("[" * 32 + "]" * 32, root="sequence")
    assert places("[" * 33 + "]" * 33, root="sequence") == [("depth-limit", 1, 33)]
    few = Limits(nodes=5, bytes=20)
    read("a: [1, 2]", limits=few)
    assert places("a: [1, 2, 3]", limits=few) == [("node-limit", 1, 11)]
    read(b"a: 3456789012345678\n", limits=few)
    assert places(b"a: 34567890123456789\n", limits=few) == [("byte-limit", 1, 1)]
    assert places("a: 甲甲甲甲甲甲\n", limits=few) == [("byte-limit", 1, 1)]


def test_a_hundred_faults_are_enough():
    """Nobody reads ten thousand."""
    assert len(places("a: 1\n" * 5000)) == 100


def test_brackets_inside_a_text_are_not_nesting():
    """A title may hold many brackets."""
    assert value("a: " + "x[" * 300).text == "x[" * 300


HOSTILE: dict[str, str | bytes] = {
    "brackets": "[" * 100_000,
    "open mappings": "{a: " * 200_000,
    "items in items": "[a," * 300_000,
    "dashes": "- " * (MIB // 2),
    "one dash": "-" * MIB,
    "question marks": "? " * (MIB // 2),
    "colons": ": " * (MIB // 2),
    "anchors": "&a " * (MIB // 3),
    "tags": "!a " * (MIB // 3),
    "quotes": '"' * MIB,
    "pairs of brackets": "[]" * (MIB // 2),
    "empty lines": "\n" * MIB,
    "carriage returns": "\r" * MIB,
    "a comment": "#" * MIB,
    "a long text": "x" * 10 * MIB,
    "long bytes": b"x" * 10 * MIB,
    "too many nodes": "[" + "a," * 500_000 + "]",
    "too many lines": "a:\n" * 300_000,
    "repeated keys": "a: 1\n" * 9_999,
    "another encoding": ("中文" * 200_000).encode("gbk"),
    "zeros": "\0" * MIB,
    "bidirectional signs": "\u202e" * (MIB // 3),
    "surrogates": "\ud800" * 1_000,
    "combining marks": "? " + "\u0315\u0300" * 200_000 + "\n: 1",
    "spaces": " " * MIB,
    "spaces before an entry": "a: b\n" + " " * (MIB - 200) + "- - - : d: e",
    "folded breaks": 'a: "' + " \n" * (MIB // 2 - 10) + '"\nb: &x 1',
    "many escapes": 'a: "' + "\\n" * (MIB // 2 - 10) + '\\0"',
    "billion laughs": "a: &a [x,x]\n"
    + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_quickly(name):
    """The aim is 50 ms; a busy machine gets twenty times as much."""
    started = time.thread_time()
    error = refusal(HOSTILE[name])
    assert time.thread_time() - started < 1
    assert str(error)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_in_little_memory(name):
    """No more than 16 MiB beyond the input itself."""
    text = HOSTILE[name]
    tracemalloc.start()
    try:
        refusal(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * MIB


# --- anything at all ---------------------------------------------------------------

YAMLISH = st.text(st.sampled_from("ab甲1 \n\n\t-:,[]{}'\"|>#&*!%@`?~<.\\：，“”［\u3000\r\ud800\ufeff"), max_size=80)


@given(st.text() | YAMLISH | st.binary(max_size=80) | YAMLISH.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"\xef\xbb\xbf")
@example("\ufeff\ufeffa: 1")
@example("? ")
@example("a: '\n--- '")
@example("\r")
def test_anything_becomes_a_document_or_our_error(content):
    """No other exception leaves the reader, and its error can always be shown."""
    for root in ("mapping", "any"):
        try:
            document = read(content, root=root)
        except CampaignError as refused:
            assert_shown(refused)
        else:
            for scalar in scalars(document.root):
                assert_located(scalar, document)


def assert_shown(error: CampaignError) -> None:
    """The error holds findings and can be shown in both languages."""
    assert error.diagnostics
    for lang in ("zh", "en"):
        assert render(error.diagnostics, lang)


@given(YAMLISH)
def test_reading_without_the_c_parser_gives_the_same_documents(content):
    """Where libyaml is missing, the parser written in Python stands in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("campaignrules.source._LOADER", yaml.SafeLoader)
        try:
            slow = read(content, root="any").root
        except CampaignError:
            return
    try:
        fast = read(content, root="any").root
    except CampaignError:
        return
    assert [part.text for part in scalars(slow)] == [part.text for part in scalars(fast)]
