"""Outcomes as text for people, JSON for programs and JUnit XML for build services.

In: outcomes of files and what is covered. Out: text. Must not know: how cases are run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final
from xml.etree import ElementTree as ET

from campaignrules.cases.coverage import Coverage
from campaignrules.cases.running import FileOutcome, Outcome
from campaignrules.errors import Diagnostic, render, rendered, to_json, visible
from campaignrules.reports.as_json import dumped

_SIGNS: Final = {True: ("✓", "32"), False: ("✗", "31")}


# -- for people ---------------------------------------------------------------------------------------------------


def as_text(files: Sequence[FileOutcome], coverage: Sequence[Coverage], lang: str, *, colour: bool, left: bool) -> str:
    """Every case, the failures with their places, what is covered (`left`: and what is not), and a line that counts."""
    blocks = ["\n".join(_file(one, lang, colour)).rstrip() for one in files]
    blocks += ["\n".join(_coverage(one, lang, left)) for one in coverage]
    return "\n\n".join([*blocks, summary(files, lang)]) + "\n"


def _file(file: FileOutcome, lang: str, colour: bool) -> Iterator[str]:
    yield visible(str(file.path))
    if file.faults:
        yield ""
        yield render(file.faults, lang, colour)
    for one in file.cases:
        yield f"  {_sign(one.passed, colour)} {visible(one.case.case)}"
        if not one.passed:
            yield ""
            yield failures(one, lang, colour=colour)
            yield ""


def failures(outcome: Outcome, lang: str, *, colour: bool = False) -> str:
    """What went wrong in a case, each with its place."""
    return "\n\n".join(rendered(one, lang, colour) for one in outcome.failures)


def _sign(passed: bool, colour: bool) -> str:
    sign, paint = _SIGNS[passed]
    return f"\x1b[{paint}m{sign}\x1b[0m" if colour else sign


def summary(files: Sequence[FileOutcome], lang: str) -> str:
    """The line that counts."""
    cases = [case for file in files for case in file.cases]
    failed, broken = sum(not case.passed for case in cases), sum(bool(file.faults) for file in files)
    if lang == "zh":
        unread = f"；{broken} 个文件有误，没有运行" if broken else ""
        return f"{len(files)} 个文件，{len(cases)} 个用例：{len(cases) - failed} 个通过，{failed} 个未通过{unread}"
    unread = f"; files at fault and not run: {broken}" if broken else ""
    return f"files: {len(files)}, cases: {len(cases)}; passed: {len(cases) - failed}, failed: {failed}{unread}"


def _coverage(coverage: Coverage, lang: str, left: bool) -> Iterator[str]:
    chinese = lang == "zh"
    parts = [f"{part.title.to(lang)} {len(part.touched)}/{len(part.all)}" for part in coverage.parts if part.all]
    yield (f"{coverage.campaign} 覆盖：" if chinese else f"{coverage.campaign}, covered: ") + (
        "，" if chinese else ", "
    ).join(parts)
    for part in coverage.parts if left else ():
        for one in part.left:
            yield f"  {one.place}{part.title.to(lang)}{'：' if chinese else ': '}{one.name.to(lang)}"


# -- for programs -------------------------------------------------------------------------------------------------


def as_json(files: Sequence[FileOutcome], coverage: Sequence[Coverage]) -> str:
    """All of it; texts in both languages."""
    return dumped(
        {
            "files": [_file_json(one) for one in files],
            "coverage": [_coverage_json(one) for one in coverage],
            "passed": sum(case.passed for file in files for case in file.cases),
            "failed": sum(not case.passed for file in files for case in file.cases),
        }
    )


def _file_json(file: FileOutcome) -> dict[str, Any]:
    return {
        "file": visible(str(file.path)),
        "campaign": file.book.suite.tests_for if file.book else None,
        "faults": [to_json(one) for one in file.faults],
        "cases": [
            {"case": visible(one.case.case), "passed": one.passed, "failures": [to_json(each) for each in one.failures]}
            for one in file.cases
        ],
    }


def _coverage_json(coverage: Coverage) -> dict[str, Any]:
    parts = {
        part.id: {
            "all": len(part.all),
            "touched": len(part.touched),
            "left": [{"id": one.id, "file": one.file, "line": one.line} for one in part.left],
        }
        for part in coverage.parts
    }
    return {"campaign": coverage.campaign, "parts": parts}


# -- for build services -------------------------------------------------------------------------------------------


def as_junit(files: Sequence[FileOutcome], lang: str) -> str:
    """JUnit XML: a suite a file, a test case a case; a file at fault is a suite with one error."""
    root = ET.Element("testsuites", name="campaignrules")
    for file in files:
        _suite_xml(root, file, lang)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite_xml(root: ET.Element, file: FileOutcome, lang: str) -> None:
    name = visible(str(file.path))
    many = {
        "tests": len(file.cases) or 1,
        "failures": sum(not one.passed for one in file.cases),
        "errors": bool(file.faults),
    }
    counts = {key: str(int(count)) for key, count in many.items()}
    time = sum((Decimal(_milliseconds(one)) for one in file.cases), Decimal())
    suite = ET.SubElement(root, "testsuite", {"name": name, "time": f"{time:.3f}", **counts})
    if file.faults:
        case = ET.SubElement(suite, "testcase", name=name, classname=name, time="0.000")
        _message(ET.SubElement(case, "error"), file.faults, render(file.faults, lang), lang)
    for one in file.cases:
        shown = {"name": visible(one.case.case), "classname": name, "time": _milliseconds(one)}
        case = ET.SubElement(suite, "testcase", shown)
        if not one.passed:
            _message(ET.SubElement(case, "failure"), one.failures, failures(one, lang), lang)


def _milliseconds(outcome: Outcome) -> str:
    return f"{outcome.seconds:.3f}"


def _message(element: ET.Element, said: Sequence[Diagnostic], text: str, lang: str) -> None:
    element.set("message", visible(said[0].message.to(lang)))
    element.set("type", said[0].code)
    element.text = text
