"""The page of a diagnostic: what to avoid, what to prefer, and why.

In: a code of the catalogue. Out: its page as text, for `check --explain` and docs/diagnostics.md. Whatever is found
by looking at a whole campaign has a page of its own; any other code has its message and what to do. Must not know:
how anything is found.
"""

from __future__ import annotations

from typing import Final

from campaignrules.advice.demands import DEMANDS
from campaignrules.advice.evidence import EVIDENCE
from campaignrules.advice.lints import LINTS
from campaignrules.advice.pages import Page
from campaignrules.advice.points import POINTS
from campaignrules.messages import CATALOGUE

PAGES: Final[dict[str, Page]] = {**LINTS, **POINTS, **DEMANDS, **EVIDENCE}
CODES: Final = (*PAGES, *(code for code in CATALOGUE if code not in PAGES))


def page(code: str, lang: str) -> str:
    """The page of a code. Raises KeyError for an unknown one."""
    entry, chinese = CATALOGUE[code], lang == "zh"
    colon = "：" if chinese else ": "
    lines = [f"{code}（{_GRAVE[entry.severity][0]}）" if chinese else f"{code} ({_GRAVE[entry.severity][1]})", ""]
    lines.append(f"  {entry.zh if chinese else entry.en}")
    if entry.hint_zh and entry.hint_en:
        lines.append(f"  {('提示' if chinese else 'hint') + colon}{entry.hint_zh if chinese else entry.hint_en}")
    if code in PAGES:
        lines += _told(PAGES[code], lang)
    return "\n".join([*lines, ""])


def _told(page: Page, lang: str) -> list[str]:
    words = ("避免", "改成", "理由") if lang == "zh" else ("Avoid", "Prefer", "Why")
    lines = []
    for word, fragment in zip(words[:2], (page.avoid, page.prefer), strict=True):
        lines += ["", word, *(f"  {line}".rstrip() for line in fragment.strip("\n").splitlines())]
    return [*lines, "", words[2], f"  {page.why.to(lang)}"]


_GRAVE: Final = {"error": ("错误", "error"), "warning": ("警告", "warning"), "note": ("说明", "note")}

__all__ = ["CODES", "PAGES", "Page", "page"]
