"""The JSON Schema of campaign files, overlays and files of tests, made from the model; the only door to jsonschema.

In: the attrs classes of `model` and `suites` with their types and descriptions. Out: `build`, the schema for editors (draft 7, which
yaml-language-server completes from: one flat definition a class); `text`, its canonical copy; `validate`, what it says
of a document, with places. The schema refuses what `structure.structure` refuses: no more, no less. Must not know: what
names mean, expressions, data.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from campaignrules import model, suites
from campaignrules.errors import Diagnostic, Text, did_you_mean, fault, place_of
from campaignrules.nodes import Document, Node, Scalar, Sequence, plain, start_of
from campaignrules.nodes import Mapping as MappingNode
from campaignrules.structure import FORMATS

Schema = dict[str, Any]

Of = Literal["campaign", "overlay", "test"]
ROOTS: Final[Mapping[Of, type]] = {"campaign": model.Campaign, "overlay": model.Overlay, "test": suites.Suite}
"""The classes that a file is one of."""
DRAFT: Final = "http://json-schema.org/draft-07/schema#"
SCALAR: Final = ("string", "number", "boolean")
"""Where the model takes text: an editor reads `20` and `true` as a number and a truth, we read them as written."""
PATTERNS: Final = {
    "date": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "whole-number": "^[0-9]{1,6}$",
    "name": r"^[^\s0-9_!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*$",
    "id": r"^[^\s!-/:-@\[-`{-~][^\s!-,/:-@\[-^`{-~]*$",
}
"""What editors can tell; `FORMATS` decides. Letters of all languages have no pattern that every editor understands."""

COMMON_TIMES: Final = ("campaign", "each month", "each quarter", "each phase", "2023", "2023Q1", "2023H1", "2023-06")
COMMON_NUMBERS: Final = ("20 个", "80 亿元", "90%", "1/3", "0.015 亿美元", "county_target.funds")
EXAMPLES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("Field", "type"): ("text", "quantity", "count", "date", "bool", "unit", "tags"),
    ("Field", "unit"): ("亿元", "万元", "亿美元", "个", "%", "天"),
    ("Parameter", "type"): ("number", "亿元", "个", "%", "date", "text", "list", "recurrence"),
    ("Parameter", "value"): ("10 亿元", "5 个", "2023-06-30"),
    ("Metric", "unit"): ("%", "亿元", "个"),
    ("Metric", "sum"): ("project.investment",),
    ("Metric", "reported"): ("亿元", "亿美元", "个", "%"),
    ("Metric", "where"): ("origin == 'out_of_province'", "investment >= 1 * 亿元"),
    ("Metric", "formula"): ("arrived / agreed",),
    ("Target", "for"): ("campaign", "each unit", "each county", "all county"),
    ("Target", "in"): COMMON_TIMES,
    ("Target", "at_least"): COMMON_NUMBERS,
    ("Target", "at_most"): COMMON_NUMBERS,
    ("Target", "exactly"): COMMON_NUMBERS,
    ("Duty", "for"): ("campaign", "each unit", "each county"),
    ("Duty", "in"): COMMON_TIMES,
    ("Duty", "every"): ("month", "quarter", "half", "year", "week", "half_month"),
    ("Duty", "due"): ("day 15", "last day", "day 2 of next month", "workday 3", "workday 3 of next month", "friday"),
    ("Duty", "by"): ("2023-06-30", "p1"),
    ("Return", "for"): ("each unit", "each county"),
    ("Return", "in"): COMMON_TIMES,
    ("Return", "due"): ("5 天", "3 工作日"),
    ("RowRule", "that"): ("investment > 0 * 亿元", "started_on is None or started_on >= signed_on"),
    ("Deferral", "between"): ("1 个", "21 个"),
    ("Fact", "value"): ("2260 家", "2023-06-30"),
    ("Expectation", "status"): (
        "met",
        "on_track",
        "behind",
        "missed",
        "late",
        "open",
        "not_due",
        "missing",
        "deferred",
        "not_applicable",
        "final",
        "provisional",
        "disqualified",
        "holds",
        "does_not_hold",
        "listed",
        "not_listed",
        "possible",
        "submitted",
        "not_submitted",
    ),
    ("Expectation", "value"): ("45 亿元", "20 个", "90%", "2/3"),
    ("Expectation", "points"): ("15 分",),
    ("Expectation", "finding"): ("duplicate-key", "row-rule", "missing-value", "unknown-word", "outside-window"),
}
"""Words an editor offers where the form alone allows any text."""

Snippet = tuple[str, str, Mapping[str, Any]]
SNIPPETS: Final[dict[str, tuple[Snippet, ...]]] = {
    "Metric": (
        ("计数", "count rows", {"title": "${1:名称}", "count": "${2:record}", "on": "${3:signed_on}"}),
        ("求和", "sum", {"title": "${1:名称}", "sum": "${2:record.field}", "on": "${3:signed_on}"}),
        ("其中", "of which", {"title": "${1:名称}", "of": "${2:metric}", "where": "${3:origin == 'word'}"}),
        (
            "同批比率",
            "cohort rate",
            {"title": "${1:名称}", "rate": {"of": "${2:record}", "reached": "${3:started_on}"}},
        ),
        ("直接报送", "reported", {"title": "${1:名称}", "reported": "${2:亿元}"}),
        ("公式", "formula", {"title": "${1:名称}", "formula": "${2:arrived / agreed}", "unit": "${3:%}"}),
    ),
    "Target": (
        (
            "不低于",
            "at least",
            {"id": "${1:T-1}", "metric": "${2:metric}", "in": "${3:campaign}", "at_least": "${4:20 个}"},
        ),
        (
            "每个单位",
            "each unit",
            {"id": "${1:T-1}", "metric": "${2:metric}", "for": "each ${3:unit}", "at_least": "${4:1 个}"},
        ),
    ),
    "Duty": (
        (
            "按期报送",
            "recurring",
            {"id": "${1:D-1}", "title": "${2:报送}", "every": "${3:month}", "due": "${4:day 15}"},
        ),
        ("一次性", "once", {"id": "${1:D-1}", "title": "${2:方案}", "by": "${3:2023-06-30}"}),
    ),
    "Return": (
        (
            "月报",
            "monthly",
            {
                "id": "${1:R-1}",
                "title": "${2:月报}",
                "records": ["${3:record}"],
                "in": "each month",
                "due": "${4:5 天}",
            },
        ),
    ),
    "Field": (
        ("金额", "amount", {"type": "quantity", "unit": "${1:亿元}", "decimals": "${2:4}", "title": "${3:金额}"}),
        ("日期", "date", {"type": "date", "title": "${1:日期}"}),
    ),
    "Phase": (("阶段", "phase", {"title": "${1:名称}", "from": "${2:2023-01-01}", "to": "${3:2023-03-31}"}),),
    "Parameter": (
        ("给定", "given", {"type": "${1:亿元}", "value": "${2:10 亿元}"}),
        ("待定", "deferred", {"type": "${1:个}", "deferred": {"by": "${2:另行印发}"}}),
    ),
    "Case": (
        (
            "用例",
            "case",
            {
                "case": "${1:一句话}",
                "note": "${2:手算过程}",
                "given": {"${3:record}": [{"id": "${4:P1}"}]},
                "expect": [{"target": "${5:T-1}", "value": "${6:1 个}", "status": "${7:met}"}],
            },
        ),
    ),
    "Expectation": (
        ("目标", "target", {"target": "${1:T-1}", "value": "${2:1 个}", "status": "${3:met}"}),
        ("得分项", "item", {"item": "${1:card.item}", "unit": "${2:unit}", "points": "${3:15 分}"}),
        ("名次", "place", {"ranking": "${1:ranking}", "unit": "${2:unit}", "place": "${3:1}"}),
        ("数据问题", "finding", {"finding": "${1:duplicate-key}", "table": "${2:record}", "row": "${3:3}"}),
    ),
    "RegisterEntry": (("未编码", "not encoded", {"covers": ["${1:id}"], "reason": "${2:background}"}),),
}
"""Common forms an editor inserts: Chinese label, English label, body."""


# -- building -----------------------------------------------------------------------------------------------------


def build(of: Of = "campaign") -> Schema:
    """The schema of campaign files, of overlays or of files of tests."""
    classes = list(_reachable(ROOTS[of]))
    definitions = {"Text": _text_definition(), **{c.__name__: _definition(c) for c in classes[1:]}}
    head = {"$schema": DRAFT, "title": f"campaignrules: {of}", **_definition(classes[0])}
    written = json.dumps([head, definitions])  # what is written out where it stands is no definition
    used = {name: said for name, said in definitions.items() if f'"#/definitions/{name}"' in written}
    return {**head, "definitions": dict(sorted(used.items()))}


def text(of: Of = "campaign") -> str:
    """The canonical text of a schema, as it stands in schemas/campaign.schema.json and beside it."""
    return json.dumps(build(of), ensure_ascii=False, indent=2) + "\n"


def _reachable(cls: type, seen: dict[type, None] | None = None) -> Iterable[type]:
    """`cls` and the model classes inside it, each once."""
    seen = {} if seen is None else seen
    if cls not in seen:
        seen[cls] = None
        for _, hint in model.yaml_fields(cls).values():
            for inner in _classes_in(hint):
                _reachable(inner, seen)
    return seen


def _classes_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and attrs.has(hint) and hint is not Text:
        yield hint
    for inner in get_args(hint):
        yield from _classes_in(inner)


def _both(zh: str, en: str) -> str:
    return f"{zh} · {en}"


def _text_definition() -> Schema:
    part = {"type": list(SCALAR), "pattern": r"\S"}
    return {
        "description": _both("文字，或中英文 {zh: …, en: …}", "text, or {zh: …, en: …}"),
        "type": [*SCALAR, "object"],
        "pattern": r"\S",
        "properties": {
            "zh": {"description": _both("中文", "Chinese"), **part},
            "en": {"description": _both("英文", "English"), **part},
        },
        "additionalProperties": False,
        "minProperties": 1,
    }


def _definition(cls: type) -> Schema:
    fields = model.yaml_fields(cls)
    described: Text = cls.__described__  # type: ignore[attr-defined]
    required = [key for key, (attribute, _) in fields.items() if attribute.default is attrs.NOTHING]
    found: Schema = {
        "description": _both(described.zh, described.en),
        "type": "object",
        "properties": {key: _property(cls, key, *pair) for key, pair in fields.items()},
        "additionalProperties": False,
    }
    if required:
        found["required"] = required
    if snippets := SNIPPETS.get(cls.__name__):
        found["defaultSnippets"] = [{"label": _both(zh, en), "body": body} for zh, en, body in snippets]
    return found


def _property(cls: type, key: str, attribute: attrs.Attribute[Any], hint: Any) -> Schema:
    """The schema of one key; beside `$ref`, draft 7 takes the description for editors only."""
    metadata = attribute.metadata
    found = {"description": _both(metadata["zh"], metadata["en"]), **_form(hint, metadata)}
    if examples := _examples(cls, key):
        inner = found["items"] if found.get("type") == "array" else found
        inner["examples"] = list(examples)
    if isinstance(attribute.default, (str, bool)):
        found["default"] = attribute.default
    return found


def _examples(cls: type, key: str) -> tuple[str, ...]:
    return next((EXAMPLES[c.__name__, key] for c in cls.__mro__ if (c.__name__, key) in EXAMPLES), ())


def _form(hint: Any, metadata: Mapping[str, Any]) -> Schema:
    """The schema of a type of the model; what is anything is held by its place, not here."""
    if hint is Any:
        return {}
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union([a for a in get_args(hint) if a is not type(None)], metadata)
    if origin is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if origin is tuple:
        return _list(get_args(hint)[0], metadata)
    if hint is Text:
        return {"$ref": "#/definitions/Text"}
    if origin is not None:
        return _names(get_args(hint)[1], metadata)
    if attrs.has(hint):
        return {"$ref": f"#/definitions/{hint.__name__}"}
    return _scalar(hint, metadata)


def _union(options: list[Any], metadata: Mapping[str, Any]) -> Schema:
    """Several forms under one key, kept flat: a list, or text that may have to be one of a few words."""
    listed = next((o for o in options if get_origin(o) is tuple), None)
    named = next((o for o in options if get_origin(o) is Mapping), None)
    if len(options) == 1:
        return _form(options[0], metadata)
    if named is not None:
        return {**_form(named, metadata), "type": [*SCALAR, "object"]}
    one = next((o for o in options if attrs.has(o)), None)
    own = {} if one is None else {key: said for key, said in _definition(one).items() if key != "description"}
    if listed is None:
        return {**own, "type": [*SCALAR, "object"]} if own else _form(options[0], metadata)
    found = _form(listed, metadata)
    if own:
        return {**own, **found, "type": ["object", "array"]}  # each keyword minds its own form
    if str in options:  # one text, a list, or for a cell nothing
        nothing = ["null"] if metadata.get("null") and options == list(get_args(model.Names)) else []
        return {**found, "type": [*SCALAR, "array", *nothing]}
    words = [w for o in options if get_origin(o) is Literal for w in get_args(o)]
    return {**found, "type": ["string", "array"], "pattern": _any_of(words), "examples": words} if words else found


def _any_of(words: list[str]) -> str:
    return f"^({'|'.join(words)})$"


def _list(item: Any, metadata: Mapping[str, Any]) -> Schema:
    """A list; a list of texts may be one text without brackets."""
    if item is str:
        return {"type": [*SCALAR, "array"], "items": _form(item, metadata)}
    return {"type": "array", "items": _form(item, metadata)}


def _names(item: Any, metadata: Mapping[str, Any]) -> Schema:
    """A mapping whose keys the author chooses."""
    found: Schema = {"type": "object", "additionalProperties": _form(item, metadata)}
    if metadata.get("form") != "changes":
        found["propertyNames"] = _patterned("name")
    return found


def _patterned(name: str) -> Schema:
    return {"format": name, "pattern": PATTERNS[name]}


def _scalar(hint: Any, metadata: Mapping[str, Any]) -> Schema:
    if hint is bool:
        return {"type": "boolean"}
    if hint is int:
        return {"type": ["integer", "string"], **_patterned("whole-number")}
    if hint is dt.date:
        return {"type": "string", **_patterned("date")}
    return {"type": list(SCALAR), **(_patterned("id") if metadata.get("form") == "id" else {})}


# -- validating ---------------------------------------------------------------------------------------------------


def validate(document: Document, of: Of = "campaign") -> list[Diagnostic]:
    """What the schema refuses in `document`, by place; empty when it fits."""
    errors = _validator(of).iter_errors(plain(document.root))
    found = dict.fromkeys(each for error in errors for each in _diagnostics(error, document.root))
    return sorted(found, key=place_of)


@lru_cache(maxsize=3)
def _validator(of: Of) -> Any:
    # Imported here: loading a campaign must start fast and does not need it (70 ms); `structure` says the same better.
    from jsonschema import Draft7Validator, FormatChecker  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    checker = FormatChecker(formats=())
    for name, accepts in FORMATS.items():
        checker.checks(name)(lambda value, accepts=accepts: not isinstance(value, str) or accepts(value))
    ours = extend(Draft7Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return ours(build(of), registry=Registry(), format_checker=checker)  # the empty registry: nothing is ever fetched


def _pattern(_: Any, pattern: str, instance: Any, schema: Schema) -> Iterator[Any]:
    """A pattern as editors understand it: `$` is the end of the text. Beside a format it is for editors only."""
    from jsonschema import ValidationError  # noqa: PLC0415  (as in _validator)

    ours = isinstance(instance, str) and "format" not in schema
    if ours and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(pattern)


def _diagnostics(error: Any, root: Node) -> Iterator[Diagnostic]:
    """One of jsonschema's errors with its place and words of ours."""
    node = _node_at(root, error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(node, MappingNode):
        yield from _unknown_keys(error, node)
        return
    at: Node = node
    if "propertyNames" in error.absolute_schema_path and isinstance(node, MappingNode):
        at = node.key(error.instance) or node
    got = at.text if isinstance(at, Scalar) else None
    hint = did_you_mean(got, error.validator_value) if error.validator == "enum" and got else None
    yield fault("schema", start_of(at), rule=error.validator, expected=_expected(error), got=got, hint=hint)


def _node_at(root: Node, path: Iterable[str | int]) -> Node:
    here = root
    for step in path:
        below = here.items[int(step)] if isinstance(here, Sequence) else _value(here, str(step))
        here = here if below is None else below
    return here


def _value(node: Node, key: str) -> Node | None:
    return node.get(key) if isinstance(node, MappingNode) else None


def _unknown_keys(error: Any, node: MappingNode) -> Iterator[Diagnostic]:
    known = error.schema.get("properties", {})
    for key, _ in node.pairs:
        if key.text not in known:
            hint = did_you_mean(key.text, known)
            yield fault("schema", key, rule=error.validator, expected=", ".join(known), got=key.text, hint=hint)


_TYPES: Final = {
    "object": Text("键: 值 的映射", "a mapping"),
    "array": Text("列表", "a list"),
    "string": Text("文字", "text"),
    "boolean": Text("true 或 false", "true or false"),
    "integer": Text("整数", "a whole number"),
    "number": Text("数", "a number"),
    "null": Text("null", "null"),
}
_FORMATS: Final = {
    "date": Text("日期，如 2023-06-30", "a date such as 2023-06-30"),
    "whole-number": Text("整数", "a whole number"),
    "name": Text("名字：文字、数字和单个下划线", "a name: letters, digits and single underscores"),
    "id": Text("编号：文字、数字、点和连字符", "an id: letters, digits, dots and hyphens"),
}


def _expected(error: Any) -> Text | str | None:
    """What the violated rule asks for."""
    rule, value = error.validator, error.validator_value
    if rule == "required":
        return ", ".join(key for key in value if key not in error.instance)
    if rule == "type":
        return _one_of([value] if isinstance(value, str) else value)
    if rule == "enum":
        return ", ".join(value)
    words = ", ".join(error.schema.get("examples", ())) if rule == "pattern" else ""
    return words or _FORMATS.get(value, Text("非空的文字", "text that is not empty"))


def _one_of(names: list[str]) -> Text:
    listed = [name for name in names if tuple(names[: len(SCALAR)]) != SCALAR or name not in SCALAR[1:]]
    return Text("或".join(_TYPES[n].zh for n in listed), " or ".join(_TYPES[n].en for n in listed))
