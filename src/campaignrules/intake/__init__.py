"""Submitted data → typed tables and findings: the one way in for files, frames and rows.

In: a checked campaign and data in any form. Out: a `Submission`. Readers (`readers`) give text tables or frames as they
come, one converter (`conversion`) makes numbers, dates and words for every form, `tables` sets bad rows aside and
names them. Must not know: metrics, windows, targets, or who evaluates.
"""

from campaignrules.intake.findings import FINDINGS, finding
from campaignrules.intake.kinds import Table
from campaignrules.intake.raw import Limits
from campaignrules.intake.submission import Submission, take

__all__ = ["FINDINGS", "Limits", "Submission", "Table", "finding", "take"]
