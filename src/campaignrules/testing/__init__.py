"""For people who test campaigns: strategies of data, and the properties that any campaign must keep.

Needs Hypothesis: `pip install "campaignrules[testing]"`. The only package of the library that knows it.

    from campaignrules.testing import submissions, verify

    verdict = verify(campaignrules.load("yanjiang_2023"), seconds=60)
    assert verdict.holds, verdict.diagnostics

    @given(submissions(campaign))
    def test_mine(submitted):
        campaign.evaluate(submitted.tables, as_of=submitted.as_of)
"""

try:
    import hypothesis as _hypothesis  # noqa: F401  asked for first, so that who lacks it is told what to do
except ImportError as missing:
    message = '需要 Hypothesis：pip install "campaignrules[testing]" · campaignrules.testing needs Hypothesis'
    raise ImportError(message) from missing

from campaignrules.testing.strategies import Submitted, rows, submissions
from campaignrules.testing.verifying import Broken, Tried, Verdict, verify

__all__ = ["Broken", "Submitted", "Tried", "Verdict", "rows", "submissions", "verify"]
