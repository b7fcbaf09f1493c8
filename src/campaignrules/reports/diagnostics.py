"""Diagnostics → what programs and review tools read: JSON, GitHub's workflow commands, SARIF 2.1.0.

For people they are written by `errors.render`. Must not know: how they were found, where the text goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from campaignrules.errors import Diagnostic, Span, Text, to_json, visible
from campaignrules.messages import CATALOGUE
from campaignrules.reports.as_json import dumped

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}

Page = Callable[[str, str], str]
"""A code and a language → the page that says what to avoid, what to prefer and why."""


def as_json(found: Iterable[Diagnostic]) -> str:
    """A list of diagnostics, texts in both languages."""
    return dumped([to_json(diagnostic) for diagnostic in found])


def _said(diagnostic: Diagnostic, lang: str) -> list[str]:
    """The message, what was expected, and what to do or why it may stand, a line each."""
    chinese = lang == "zh"
    lines = [diagnostic.message.to(lang)]
    if diagnostic.expected is not None:
        lines.append(("应为 " if chinese else "expected ") + diagnostic.expected.to(lang))
    if diagnostic.got is not None:
        lines.append(("实为 " if chinese else "got ") + diagnostic.got)
    if diagnostic.acknowledged is not None:
        lines.append(("已确认：" if chinese else "acknowledged: ") + diagnostic.acknowledged.to(lang))
    elif diagnostic.hint is not None:
        lines.append(("提示：" if chinese else "hint: ") + diagnostic.hint.to(lang))
    return [visible(line) for line in lines]


def _relative(name: str, here: Path) -> str:
    """The path from the folder that is the root of the review, with slashes; absolute when it lies elsewhere."""
    path = Path(name) if Path(name).is_absolute() else here / name
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


# -- GitHub -------------------------------------------------------------------------------------------------------


def as_github(found: Iterable[Diagnostic], lang: str, here: Path | None = None) -> str:
    """A workflow command for each, which GitHub shows at its line. `here`: the root of the repository."""
    return "".join(_command(diagnostic, lang, here or Path.cwd()) for diagnostic in found)


def _command(diagnostic: Diagnostic, lang: str, here: Path) -> str:
    quiet = diagnostic.agrees or diagnostic.acknowledged is not None
    word = "notice" if quiet else _COMMANDS[diagnostic.severity]
    properties = {**_place(diagnostic.span, here), "title": diagnostic.code}
    written = ",".join(f"{name}={_escaped(str(value), in_property=True)}" for name, value in properties.items())
    return f"::{word} {written}::{_escaped(chr(10).join(_said(diagnostic, lang)))}\n"


def _place(span: Span | None, here: Path) -> dict[str, str | int]:
    """Columns only within one line: GitHub takes no others."""
    if span is None or span.file is None:
        return {}
    lines: dict[str, str | int] = {"file": _relative(span.file, here), "line": span.line, "endLine": span.end_line}
    columns = {"col": span.column, "endColumn": span.end_column} if span.line == span.end_line else {}
    return {**lines, **columns}


def _escaped(text: str, in_property: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text


# -- SARIF --------------------------------------------------------------------------------------------------------


def as_sarif(found: Sequence[Diagnostic], lang: str, page: Page, version: str, here: Path | None = None) -> str:
    """One run. What the author acknowledged is suppressed, with the reason; what agrees is a pass.

    `page` gives the help of a code; `version`: ours; `here`: the folder that URIs are relative to.
    """
    codes = list(dict.fromkeys(diagnostic.code for diagnostic in found))
    driver = {
        "name": "campaignrules",
        "semanticVersion": version,
        "rules": [_rule(code, page) for code in codes],
    }
    results = [_result(diagnostic, codes, lang, here or Path.cwd()) for diagnostic in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "language": _LANGUAGES[lang]}
    return dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [{**run, "results": results}]})


_LANGUAGES: Final = {"zh": "zh-CN", "en": "en-US"}


def _rule(code: str, page: Page) -> dict[str, Any]:
    entry = CATALOGUE[code]
    words = Text(_general(entry.zh), _general(entry.en))
    return {
        "id": code,
        "shortDescription": {"text": f"{words.zh} · {words.en}"},
        "help": {"text": f"{page(code, 'zh').rstrip()}\n\n{page(code, 'en').rstrip()}\n"},
        "defaultConfiguration": {"level": entry.severity},
    }


def _general(message: str) -> str:
    """The words of a message without what each case puts into them."""
    return re.sub(r"\{[^}]*\}", "…", message)


def _result(diagnostic: Diagnostic, codes: list[str], lang: str, here: Path) -> dict[str, Any]:
    known = diagnostic.acknowledged
    kind = {"kind": "pass", "level": "none"} if diagnostic.agrees else {"kind": "fail", "level": diagnostic.severity}
    suppression = [] if known is None else [{"kind": "inSource", "justification": visible(known.to(lang))}]
    related = [
        {"id": number, **_location(span, here), "message": {"text": visible(said.to(lang))}}
        for number, (span, said) in enumerate(diagnostic.related, 1)
    ]
    texts = {"zh": visible(diagnostic.message.zh), "en": visible(diagnostic.message.en)}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        **kind,
        "message": {"text": "\n".join(_said(diagnostic, lang))},
        "locations": [_location(diagnostic.span, here)] if diagnostic.span and diagnostic.span.file else [],
        **({"relatedLocations": related} if related else {}),
        "suppressions": suppression,
        "properties": {**texts, **({"subject": visible(diagnostic.subject)} if diagnostic.subject else {})},
    }


def _location(span: Span, here: Path) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"physicalLocation": {"artifactLocation": _artifact(span.file or "", here), "region": region}}


def _artifact(name: str, here: Path) -> dict[str, str]:
    path = _relative(name, here)
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(path, safe="/"), "uriBaseId": "%SRCROOT%"}
