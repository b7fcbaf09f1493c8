"""docs/diagnostics.md is written from the catalogue of messages; `python tests/test_diagnostics_page.py` writes it."""

import re
from collections import defaultdict
from pathlib import Path

from campaignrules import advice
from campaignrules.messages import CATALOGUE, Entry

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "diagnostics.md"
BAD = ROOT / "tests" / "bad"
MOST_EXAMPLES = 3
SEVERITIES = {"error": "错误 error", "warning": "警告 warning", "note": "说明 note"}

INTRODUCTION = """\
# 诊断信息 · Diagnostics

Every finding about an input has a code, a place, and a message in Chinese and English; what was expected, what was
found and a hint are added where they help. An error refuses the file; a warning does not. Codes stay as they are;
words may improve. `{…}` stands for a part of the input.
每条诊断都有代码、位置和中英文说明；“错误”使文件不被接受，“警告”不影响。代码不变，措辞可改。

This page is written from `campaignrules.messages` (`python tests/test_diagnostics_page.py`); a test holds it.
"""


def page() -> str:
    """The whole page."""
    shown = examples()
    sections = [section(code, entry, shown[code]) for code, entry in CATALOGUE.items()]
    return "\n".join([INTRODUCTION, *sections])


def examples() -> dict[str, list[str]]:
    """Code → the bad files that show it and nothing else first."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for path in sorted(BAD.glob("*.yaml")):
        codes = re.findall(r"^# expect: \d+:\d+ ([a-z-]+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        for code in dict.fromkeys(codes):
            found[code].append((len(codes), path.name))
    return defaultdict(list, {code: [name for _, name in sorted(files)] for code, files in found.items()})


def section(code: str, entry: Entry, files: list[str]) -> str:
    """One code: how grave, what it says, what to do, where to see it."""
    lines = [f"## `{code}`", "", f"{SEVERITIES[entry.severity]}", "", f"- {entry.zh}", f"- {entry.en}"]
    if entry.hint_zh and entry.hint_en:
        lines += [f"- 提示 hint: {entry.hint_zh} · {entry.hint_en}"]
    if files:
        links = ", ".join(f"[{name}](../tests/bad/{name})" for name in files[:MOST_EXAMPLES])
        lines += [f"- 例 example: {links}"]
    if code in advice.PAGES:
        lines += told(advice.PAGES[code])
    return "\n".join([*lines, ""])


def told(page: advice.Page) -> list[str]:
    """What to avoid, what to prefer, and why: what `check --explain` shows."""
    pieces = (("避免 avoid", page.avoid), ("改成 prefer", page.prefer))
    lines = []
    for word, piece in pieces:
        lines += ["", f"{word}:", "", "```yaml", piece.strip("\n"), "```"]
    return [*lines, "", f"理由 why: {page.why.zh} {page.why.en}"]


def test_the_page_of_diagnostics_is_what_the_catalogue_says():
    """A new or changed message is on the page: run `python tests/test_diagnostics_page.py`."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tests/test_diagnostics_page.py"


def test_every_file_the_page_links_to_is_there():
    """Links to bad files lead somewhere."""
    links = re.findall(r"\]\(\.\./([^)]+)\)", page())
    assert links
    assert all((ROOT / link).is_file() for link in links)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
