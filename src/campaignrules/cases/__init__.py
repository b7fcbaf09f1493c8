"""Tests as data: files of cases → outcomes and what no case touches.

`reading` finds files and what they give, `checking` says what is wrong with them, `running` evaluates each case once,
`judging` holds rows against what is expected (`kinds`: which rows and cells there are, `matching`: how cells are
compared), `coverage` counts what was touched, `report` puts it into words. Must not know: the command, pytest.
"""

from campaignrules.cases.checking import check
from campaignrules.cases.reading import Book, found, read
from campaignrules.cases.running import FileOutcome, Outcome, covered, faults, opened, run, run_case

__all__ = [
    "Book",
    "FileOutcome",
    "Outcome",
    "check",
    "covered",
    "faults",
    "found",
    "opened",
    "read",
    "run",
    "run_case",
]
