"""Pages of findings about phases, words, bands and points, and of acknowledgements."""

from __future__ import annotations

from typing import Final

from campaignrules.advice.pages import Page
from campaignrules.errors import Text

LINTS: Final[dict[str, Page]] = {
    "acknowledgement-unused": Page(
        """
targets:
  - {id: Y, metric: amount, in: 2023, at_least: 45 亿元}
  - {id: H1, metric: amount, in: 2023H1, at_least: 25 亿元}
  - {id: H2, metric: amount, in: 2023H2, at_least: 20 亿元}
acknowledged:
  - {finding: parts-below-whole, at: Y, reason: 两个半年合计少三亿元}
""",
        """
targets:
  - {id: Y, metric: amount, in: 2023, at_least: 45 亿元}
  - {id: H1, metric: amount, in: 2023H1, at_least: 25 亿元}
  - {id: H2, metric: amount, in: 2023H2, at_least: 20 亿元}
""",
        Text(
            "已经改好的问题若还留着确认，下一次真出同样的问题时就没有人看见。",
            "An acknowledgement that is left behind would hide the same fault when it comes back.",
        ),
    ),
}
