"""The JSON Schema: it is made from the model, editors can use it, and it refuses what the model refuses."""

import json
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaignrules import model, schema, suites
from campaignrules.errors import CampaignError
from campaignrules.source import Document, Mapping, Node, Scalar, Sequence, read
from campaignrules.structure import FORMATS, structure

ROOT = Path(__file__).parent.parent
CANONICAL = ROOT / "schemas" / "campaign.schema.json"
CAMPAIGNS = sorted(path for path in (ROOT / "campaigns").glob("*.yaml") if "." not in path.stem)
DOCUMENTS = [read(path) for path in CAMPAIGNS]
CLASSES = [model.Campaign, *(c for c in vars(model).values() if isinstance(c, type) and hasattr(c, "__described__"))]
TESTING = [suites.Suite, suites.Case, suites.Expectation]
START = "campaign: a\ntitle: t\nperiod: {from: 2023-01-01, to: 2023-12-31}\n"


def accepted(document: Document) -> bool:
    """Whether `structure` takes the document."""
    try:
        structure(document)
    except CampaignError:
        return False
    return True


def parts(found) -> list[dict]:
    """All objects inside a schema."""
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [*([found] if isinstance(found, dict) else []), *(part for each in inner for part in parts(each))]


# --- the canonical copy -------------------------------------------------------


def test_the_canonical_copy_is_what_the_model_gives():
    """A change of the model without a new copy is noticed here."""
    how = "write schema.text() to schemas/campaign.schema.json, schema.text('overlay') to schemas/overlay.schema.json"
    assert CANONICAL.read_text(encoding="utf-8") == schema.text(), how
    assert json.loads(schema.text()) == schema.build()


def test_the_schema_is_valid_draft_7_without_references_elsewhere():
    """Editors complete from draft 7; every reference stays inside the file."""
    from jsonschema import Draft7Validator

    built = schema.build()
    Draft7Validator.check_schema(built)
    references = {part["$ref"] for part in parts(built) if "$ref" in part}
    assert references == {f"#/definitions/{name}" for name in built["definitions"]}


def test_the_schema_is_flat_and_closed():
    """No form is chosen among subschemas, and no object takes keys that it does not name."""
    for part in parts(schema.build()):
        assert not {"anyOf", "oneOf", "allOf", "if"} & set(part)
        if part.get("type") == "object":
            assert "additionalProperties" in part


def test_every_class_and_key_of_the_model_is_there_with_both_languages():
    """A key of the model is a property of the schema, described in Chinese and in English."""
    campaign, overlay = schema.build(), schema.build("overlay")
    found_in = {model.Campaign: campaign, model.Overlay: overlay}
    for cls in CLASSES:
        found = found_in.get(cls) or campaign["definitions"][cls.__name__]
        keys = model.yaml_fields(cls)
        assert list(found["properties"]) == list(keys)
        for key, (attribute, _) in keys.items():
            said = found["properties"][key]["description"]
            assert attribute.metadata["zh"] in said
            assert attribute.metadata["en"] in said


def test_every_description_is_in_chinese_and_in_english():
    """Both halves are there, and each is in its language."""
    for part in parts(schema.build()):
        if isinstance(part.get("description"), str):
            zh, _, en = part["description"].partition(" · ")
            assert re.search("[\u4e00-\u9fff]", zh), part
            assert re.search("[a-z]", en), part


# --- help for editors ---------------------------------------------------------


def test_examples_belong_to_keys_of_the_model():
    """Words that an editor offers stand under a key that exists."""
    fields = {(cls.__name__, key) for cls in (*CLASSES, *TESTING) for key in model.yaml_fields(cls)}
    assert set(schema.EXAMPLES) <= fields


@pytest.mark.parametrize(("name", "index"), [(n, i) for n, found in schema.SNIPPETS.items() for i in range(len(found))])
def test_a_form_that_an_editor_inserts_is_accepted(name, index):
    """Placeholders filled in, each snippet is an instance of its class."""
    body = json.dumps(schema.SNIPPETS[name][index][2], ensure_ascii=False)
    filled = re.sub(r"\$\{\d:([^}]*)\}", r"\1", body)
    cls = next(cls for cls in (*CLASSES, *TESTING) if cls.__name__ == name)
    assert isinstance(structure(read(filled), cls), cls)


@given(st.text(max_size=12))
@example("指标_1")
@example("a-b.c")
def test_the_patterns_for_editors_refuse_nothing_that_the_model_accepts(text):
    """An editor may overlook a bad name, but it never marks a good one."""
    for name, accepts in FORMATS.items():
        if accepts(text):
            assert re.search(schema.PATTERNS[name], text)


def test_editors_may_read_numbers_and_truths_where_the_model_takes_text():
    """YAML tools make 20 a number and true a truth; the schema takes them as it takes text."""
    from jsonschema import Draft7Validator

    fact = {"id": "F-1", "value": 20, "title": 2023, "source": True}
    document = {
        "campaign": "a",
        "title": 2023,
        "period": {"from": "2023-01-01", "to": "2023-12-31"},
        "facts": [fact],
        "records": {"r": {"fields": {"x": {"type": "quantity", "decimals": 4, "required": False}}}},
    }
    assert list(Draft7Validator(schema.build()).iter_errors(document)) == []


# --- validating ---------------------------------------------------------------


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_every_campaign_validates(path):
    """The shipped campaigns fit the schema."""
    assert schema.validate(read(path)) == []


def test_a_document_that_does_not_fit_is_answered_with_places():
    """Each violation stands where its cause is: at the key, the value, or the mapping that lacks something."""
    text = (
        START + "targets:\n  - {id: T-1, metrik: m, force: bindng}\nphases: {1a: {from: 2023-02-30, to: 2023-03-31}}\n"
    )
    found = [(d.code, d.span.line, d.span.column) for d in schema.validate(read(text)) if d.span]
    assert found == [
        ("schema", 5, 5),
        ("schema", 5, 15),
        ("schema", 5, 33),
        ("schema", 6, 10),
        ("schema", 6, 21),
    ]


def test_a_misspelt_key_or_word_gets_a_suggestion():
    """The hint names the key or word that was most likely meant."""
    text = START + "targets: [{id: T-1, metric: m, forse: binding}, {id: T-2, metric: m, force: bindng}]\n"
    hints = [d.hint.en for d in schema.validate(read(text)) if d.hint]
    assert hints == ["did you mean force?", "did you mean binding?"]


def test_loading_a_campaign_does_not_import_jsonschema():
    """Start-up is fast: jsonschema comes in when someone validates."""
    code = "import sys, campaignrules.schema, campaignrules.checker; print('jsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_validating_fetches_nothing(monkeypatch):
    """No socket is opened, whatever the document says."""
    import socket

    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a socket was opened"))
    schema._validator.cache_clear()
    assert schema.validate(read(START + "$ref: http://127.0.0.1:9/x.json\n"))


# --- the model and the schema agree -------------------------------------------


def at(node: Node, text: str, style="plain") -> Scalar:
    """A scalar where `node` stands."""
    return Scalar(text, node.span, style)


def paths(node: Node, above=()) -> list[tuple]:
    """Where a mutation may take place: every node of a tree."""
    inner: list = []
    if isinstance(node, Mapping):
        inner = [(i, value) for i, (_, value) in enumerate(node.pairs)]
    elif isinstance(node, Sequence):
        inner = list(enumerate(node.items))
    return [above, *(path for i, child in inner for path in paths(child, (*above, i)))]


def changed(node: Node, path: tuple, change):
    """The tree with `change` applied to the node at `path`."""
    if not path:
        return change(node)
    step, *rest = path
    if isinstance(node, Mapping):
        pairs = list(node.pairs)
        pairs[step] = (pairs[step][0], changed(pairs[step][1], tuple(rest), change))
        return attrs.evolve(node, pairs=tuple(pairs))
    assert isinstance(node, Sequence)
    items = list(node.items)
    items[step] = changed(items[step], tuple(rest), change)
    return attrs.evolve(node, items=tuple(items))


WORDS = [
    *("", " ", "x", "null", "true", "True", "20", "1234567", "2023-02-30", "2023-06-30", "submitted", "a b", "a__b"),
    *("甲", "_a", "9", "flow", "a.b", "2023-06-30\n", "submitted\n", "4\n", "0x1", "-1", "a\n", "１２", "each month"),
]


@st.composite
def mutations(draw):
    """A change to one node: drop a key, rename it, add one, another form, another word."""
    kind = draw(st.sampled_from(["drop", "rename", "add", "list", "mapping", "word", "misspell", "empty", "text"]))
    word = draw(st.sampled_from(WORDS))
    style = draw(st.sampled_from(["plain", "single", "literal"]))
    index = draw(st.integers(0, 30))

    def change(node: Node):
        if isinstance(node, Mapping) and node.pairs and kind in ("drop", "rename", "add"):
            return _pairs_changed(node, kind, index % len(node.pairs), word)
        if kind == "list":
            return Sequence((node,), node.span)
        if kind == "mapping":
            return Mapping(((at(node, word or "zh"), node),), node.span)
        if kind == "empty":
            return draw(st.sampled_from([Sequence((), node.span), Mapping((), node.span)]))
        if kind == "misspell" and isinstance(node, Scalar):
            return attrs.evolve(node, text=node.text[1:])
        return at(node, word, style)

    return change


def _pairs_changed(node: Mapping, kind: str, index: int, word: str) -> Mapping:
    pairs = list(node.pairs)
    key, value = pairs[index]
    if kind == "drop":
        del pairs[index]
    elif node.get(word) is None:
        pairs[index] = (at(key, word), value)
        pairs += [(key, value)] if kind == "add" else []
    return attrs.evolve(node, pairs=tuple(pairs))


@st.composite
def mutated(draw):
    """One section of a real campaign, and what it needs, with one or two changes."""
    document = draw(st.sampled_from(DOCUMENTS))
    needed = ("campaign", "title", "period")
    keys = [key.text for key, _ in document.root.pairs]
    section = draw(st.sampled_from(keys))
    pairs = tuple((key, _short(draw, value)) for key, value in document.root.pairs if key.text in (*needed, section))
    root: Node = attrs.evolve(document.root, pairs=pairs)
    for _ in range(draw(st.integers(1, 2))):
        root = changed(root, draw(st.sampled_from(paths(root))), draw(mutations()))
    return Document(document.source, root)


def _short(draw, node: Node) -> Node:
    """A few entries of a section are enough."""
    if isinstance(node, Sequence) and len(node.items) > 2:
        first = draw(st.integers(0, len(node.items) - 2))
        return attrs.evolve(node, items=node.items[first : first + 2])
    if isinstance(node, Mapping) and len(node.pairs) > 4:
        first = draw(st.integers(0, len(node.pairs) - 2))
        return attrs.evolve(node, pairs=node.pairs[first : first + 2])
    return node


@given(mutated())
@settings(max_examples=400)
def test_the_schema_and_the_model_accept_the_same_documents(document):
    """However a real campaign is damaged, either both refuse it or both take it."""
    found = schema.validate(document)
    assert accepted(document) == (not found), found
