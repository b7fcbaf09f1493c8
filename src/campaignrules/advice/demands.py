"""Pages of findings about targets and duties that do not go together."""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page

DEMANDS: Final[dict[str, Page]] = {}
