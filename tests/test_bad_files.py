"""Bad campaign files: each states the place and the code of its own faults, and gets exactly those.

`tests/bad/NAME.yaml` is named after its fault and begins with `# expect: line:column code`, one line a fault. `# check`
above says that only `check` finds it, not `load`. A few of them have their whole text in `tests/bad/golden/NAME.zh.txt`
and `.en.txt`; `python tests/test_bad_files.py` writes those again.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from campaignrules import consistency, driver, schema
from campaignrules.advice.demands import DEMANDS
from campaignrules.advice.lints import LINTS
from campaignrules.advice.points import POINTS
from campaignrules.errors import CampaignError, Diagnostic, place_of, render
from campaignrules.messages import CATALOGUE
from campaignrules.source import read
from campaignrules.structure import structure

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))
GOLDEN = [
    "alias",
    "duplicate_key",
    "filter_in_a_block",
    "forgotten_equals",
    "fullwidth_colon",
    "impossible_date",
    "metric_cycle",
    "misspelt_word",
    "money_for_a_count",
    "no_comparison",
    "number_without_unit",
    "parts_below_whole",
    "score_cycle",
    "score_key_of_another_way",
    "score_parts_do_not_fit",
    "score_what_is_silent",
    "score_worths_do_not_sum",
    "several_faults_of_form",
    "several_faults_of_meaning",
    "tab_indentation",
    "unknown_key",
]
EXPECT = re.compile(r"# expect: (\d+):(\d+) ([a-z-]+)")
START = "campaign: bad\ntitle: t\nperiod: {from: 2023-01-01, to: 2023-12-31}\n"
SLOWEST = 0.2 * 2  # seconds for one file in a warm process; twice the promise, for machines that are busy

# Inputs too large or too odd to be kept as files.
MADE: dict[str, tuple[str | bytes, str]] = {
    "a hundred thousand brackets": (START + "note: " + "[" * 100_000, "depth-limit"),
    "ten megabytes in one text": (START + "note: " + "字" * (10 << 20), "byte-limit"),
    "too many nodes": (START + "note: [" + "1," * 20_001 + "]\n", "node-limit"),
    "a file in GBK": ((START + "issuer: 雁江区\n").encode("gbk"), "not-utf8"),
    "a file in UTF-16": ((START + "issuer: 雁江区\n").encode("utf-16"), "not-utf8"),
    "a file of zeros": (b"\0" * 1000, "control-character"),
    "nothing at all": ("", "empty-document"),
}

# Codes that no campaign file given to `check` can trigger, and why.
ELSEWHERE: dict[str, str] = {
    **dict.fromkeys(
        ("folder-without-tables", "managed-table", "too-many-layouts"),
        "about folders of Parquet, see test_partitions.py",
    ),
    "already-settled": "about overlays, see test_overlays.py",
    "byte-limit": "needs a large file: made above",
    "cannot-write": "about a place to write to",
    "case-expects-nothing": "about files of tests, see test_case_files.py",
    "cell-differs": "about files of tests, see test_case_files.py",
    "cell-of-another-kind": "about files of tests, see test_case_files.py",
    "cells-of-no-row": "about files of tests, see test_case_files.py",
    "data-not-read": "about files of tests, see test_case_files.py",
    "duplicate-case": "about files of tests, see test_case_files.py",
    "expectation-names-one": "about files of tests, see test_case_files.py",
    "expectation-states-nothing": "about files of tests, see test_case_files.py",
    **dict.fromkeys(
        ("figure-elsewhere", "figure-not-carried", "figure-not-found", "too-many-figures"),
        "about a document, see test_trace.py",
    ),
    "engine-missing": "about engines, see test_relational_engines.py",
    "file-not-found": "about a path, see test_source.py",
    "file-unreadable": "about a path, see test_source.py",
    "fill-not-a-parameter": "about overlays, see test_overlays.py",
    "given-twice": "about files of tests, see test_case_files.py",
    "no-row-named": "about files of tests, see test_case_files.py",
    "no-such-result": "about what explain is asked for, see test_explain.py",
    "no-tests-there": "about files of tests, see test_case_files.py",
    "node-limit": "needs a large file: made above",
    "not-a-file": "about a path, see test_source.py",
    "not-utf8": "needs bytes: made above",
    "other-number-of-rows": "about files of tests, see test_case_files.py",
    "outside-bounds": "about overlays, see test_overlays.py",
    "overlay-for-another": "about overlays, see test_overlays.py",
    "overlays-clash": "about overlays, see test_overlays.py",
    "path-outside": "about files of tests, see test_case_files.py",
    "property-broken": "about what verify finds, see test_verify.py",
    "receipt-without-place": "about receipts, see test_replaying.py",
    "schema": "said by schema.validate, see test_schema.py; checking a file says the same in better words",
    "table-given-twice": "about files of tests, see test_case_files.py",
    **dict.fromkeys(("other-engine", "too-many-rows-here"), "about engines, see test_sources.py"),
    "not-a-connection": "about engines, see test_sources.py",
    "unknown-engine": "about engines, see test_sources.py",
    "too-many-cases": "about files of tests, see test_case_files.py",
    "too-many-cells": "about answers of engines, see test_remote.py",
    "too-many-changes": "about overlays, see test_overlays.py",
    "no-day-of-history": "about days asked for, see test_history.py",
    "relation-elsewhere": "about engines, see test_sources.py",
    "too-much-history": "about days asked for, see test_history.py",
    "unknown-campaign": "about the name of a shipped campaign",
    "unknown-property": "about the command verify, see test_verify.py",
    "yaml-syntax": "what the parser may say that no rule of ours foresees; none is known",
    **dict.fromkeys(("receipt-file-changed", "receipt-form", "receipt-place"), "about receipts, see test_replaying.py"),
    **dict.fromkeys(("receipt-unreadable", "receipt-version"), "about receipts, see test_replaying.py"),
}
# Codes about submitted data, which is not part of a campaign file.
DATA = {
    *(
        "database-in-use",
        "database-too-slow",
        "database-unreadable",
        "database-without-tables",
        "extra-missing",
        "json-unreadable",
        "row-too-large",
    ),
    *("table-too-large", "table-twice"),
    *("binary-float", "csv-unreadable", "not-a-row", "not-a-submission", "not-a-table", "nul-in-file"),
    *("path-matches-nothing", "table-unreadable", "too-many-columns", "too-many-decimals", "too-many-files"),
    *("too-many-rows", "unknown-encoding", "unknown-format"),
    *("encoding-not-supported", "not-in-encoding"),
    *("batch-not-read", "no-such-row", "record-without-key", "row-is-there", "row-named-twice", "row-without-key"),
    *("session-of-another", "session-unreadable"),
    *("cells-far-apart", "not-a-workbook", "unpacked-limit", "unsafe-archive", "unsafe-xml", "workbook-damaged"),
    "workbook-encrypted",
}


def found(given: str | bytes, name: str | None = None) -> list[Diagnostic]:
    """Everything reading, structuring and checking says of a file, by place; where it asks for it, examining too."""
    try:
        checked = driver.build(read(given, name=name), {}).checked
    except CampaignError as error:
        return sorted(error.diagnostics, key=place_of)
    said = [*checked.warnings]
    if isinstance(given, str) and given.startswith("# check\n"):
        asked = {code for *_, code in EXPECT.findall(given)}
        said += [each for each in consistency.examine(checked) if each.severity != "note" or each.code in asked]
    return sorted(said, key=place_of)


def places(diagnostics: list[Diagnostic]) -> list[tuple[int, int, str]]:
    """Line, column and code of each diagnostic."""
    return [(each.span.line, each.span.column, each.code) for each in diagnostics if each.span]


def stated(path: Path) -> list[tuple[int, int, str]]:
    """What a bad file says about itself."""
    return [(int(line), int(column), code) for line, column, code in EXPECT.findall(path.read_text(encoding="utf-8"))]


def rendered(name: str, lang: str) -> str:
    """The whole text that a user sees for a bad file."""
    path = BAD / f"{name}.yaml"
    return render(found(path.read_text(encoding="utf-8"), path.name), lang) + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_gets_the_faults_it_states(path):
    """Line, column and code are exactly those of the file's own header, all of them and in order."""
    text = path.read_text(encoding="utf-8")
    assert places(found(text, path.name)) == stated(path) != []


@pytest.mark.parametrize(("given", "code"), MADE.values(), ids=MADE)
def test_a_huge_or_odd_input_gets_one_clear_fault(given, code):
    """Size, brackets and bytes are refused with one fault that has a place (the zeros with many)."""
    diagnostics = found(given)
    assert {each.code for each in diagnostics} == {code}
    assert all(each.span for each in diagnostics)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_quickly(path):
    """One file takes well under 200 milliseconds in a process that is warm."""
    text = path.read_text(encoding="utf-8")
    assert min(seconds(text) for _ in range(3)) < SLOWEST


@pytest.mark.parametrize("given", [given for given, _ in MADE.values()], ids=MADE)
def test_a_huge_or_odd_input_is_refused_quickly(given):
    """The same holds for a hundred thousand brackets and ten megabytes."""
    assert min(seconds(given) for _ in range(3)) < SLOWEST


def seconds(given: str | bytes) -> float:
    """How long reading, structuring and checking take."""
    start = time.thread_time()
    found(given)
    return time.thread_time() - start


def test_there_are_many_bad_files_and_each_is_named_after_its_fault():
    """At least 70 kinds of mistakes are held, in files whose names are words."""
    assert len(FILES) >= 70
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", path.stem) for path in FILES)


def test_every_code_has_a_bad_file_or_a_reason():
    """A new kind of diagnostic needs a bad file that shows it."""
    shown = {code for path in FILES for *_, code in stated(path)}
    paged = {
        *LINTS,
        *POINTS,
        *DEMANDS,
    }  # the pages of what `check` alone finds begin with a file that shows it: test_advice.py
    missing = sorted(set(CATALOGUE) - shown - set(ELSEWHERE) - DATA - paged)
    assert missing == []
    assert sorted({*ELSEWHERE, *DATA} - set(CATALOGUE)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fault_helps(path):
    """Each fault says what was expected or what to do, in both languages."""
    for each in found(path.read_text(encoding="utf-8"), path.name):
        assert each.message.zh != each.message.en
        assert re.search("[\u4e00-\u9fff]", each.message.zh)
        if each.code not in PLAIN:
            assert each.hint or each.expected, each.code


# Codes whose message says all there is to say.
PLAIN = {
    "bad-exponent",
    "bad-places",
    "bounds-reversed",
    "by-or-every",
    "depth-limit",
    "duplicate-id",
    "empty-document",
    "empty-expression",
    "ends-before-it-starts",
    "expression-too-deep",
    "expression-too-large",
    "expression-too-long",
    "keep-or-drop",
    "key-too-long",
    "list-too-long",
    "not-with-reported",
    "of-needs-rows",
    "phase-outside-period",
    "record-without-unit",
    "too-many-decimals-declared",
    "too-many-digits",
    "two-bounds",
    "until-needs-level",
    "value-or-deferred",
    "wrong-arguments",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", GOLDEN)
def test_the_whole_text_is_as_it_was_read_and_approved(name, lang):
    """Message, source line, caret, expectation, hint and count: all of it, in both languages."""
    assert rendered(name, lang) == (BAD / "golden" / f"{name}.{lang}.txt").read_text(encoding="utf-8")


def test_every_golden_text_belongs_to_a_bad_file():
    """No golden text is left behind by a file that is gone."""
    assert {path.name.split(".")[0] for path in (BAD / "golden").iterdir()} == set(GOLDEN)


def test_what_the_form_refuses_the_schema_refuses_too():
    """A bad file that `structure` refuses does not fit the JSON Schema either."""
    for path in FILES:
        try:
            document = read(path.read_text(encoding="utf-8"))
        except CampaignError:
            continue
        try:
            structure(document)
        except CampaignError:
            assert schema.validate(document), path.stem
        else:
            assert schema.validate(document) == [], path.stem


# --- through the command ------------------------------------------------------


def checked(*paths: Path) -> subprocess.CompletedProcess:
    """`campaignrules check` on these files."""
    command = [sys.executable, "-m", "campaignrules", "check", "--all", "--lang", "en", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_the_command_names_every_fault_and_exits_with_1():
    """One call over all bad files shows each fault with file, line, column and code."""
    done = checked(*FILES)
    assert done.returncode == 1
    text = done.stdout + done.stderr
    for path in FILES:
        for line, column, code in stated(path):
            assert re.search(rf"{re.escape(path.name)}:{line}:{column}: \w+\[{code}\]", text), (path.name, line, column)


@pytest.mark.parametrize("name", ["tab_indentation", "unknown_key", "forgotten_equals", "metric_cycle"])
def test_the_command_refuses_a_single_file(name):
    """Exit code 1, the fault, and no traceback."""
    done = checked(BAD / f"{name}.yaml")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{name}.yaml:" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["a hundred thousand brackets", "ten megabytes in one text", "a file in GBK"])
def test_the_command_refuses_a_huge_or_odd_file(name, tmp_path):
    """What is too large to keep is refused by the command as well."""
    given, code = MADE[name]
    path = tmp_path / "made.yaml"
    path.write_bytes(given if isinstance(given, bytes) else given.encode("utf-8"))
    done = checked(path)
    assert done.returncode == 1
    assert f"[{code}]" in done.stdout + done.stderr


if __name__ == "__main__":
    (BAD / "golden").mkdir(exist_ok=True)
    for each in GOLDEN:
        for language in ("zh", "en"):
            (BAD / "golden" / f"{each}.{language}.txt").write_text(rendered(each, language), encoding="utf-8")
