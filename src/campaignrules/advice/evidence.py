"""Pages of findings about what trace and verify find."""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page

EVIDENCE: Final[dict[str, Page]] = {}
