"""Submitted data → typed tables and findings: the one way in for files, frames and rows.

In: a checked campaign and data in any form. Out: a `Submission`. The rooms, in the order of the work: `readers` and the
readers of each form (`spreadsheets`, `delimited`, `documents`, `frames`, `databases`) give sheets and raw tables;
`headings` finds the table on a sheet by its `headers`, `bodies` takes out what is no data; `conversion` makes numbers,
dates and words for every form, `parts` (in memory) and `scanned` check rows against `kinds` and name the bad ones;
`tables` puts them together, `submission` adds the roster, `submitters` who sent what. Must not know: metrics, targets,
or who evaluates.
"""

from campaignrules.intake.findings import FINDINGS, finding
from campaignrules.intake.kinds import Table
from campaignrules.intake.partitions import Needed, Span
from campaignrules.intake.raw import Limits
from campaignrules.intake.submission import Submission, take

__all__ = ["FINDINGS", "Limits", "Needed", "Span", "Submission", "Table", "finding", "take"]
