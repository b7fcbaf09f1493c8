"""Cases → outcomes: each case is evaluated once, and what came out is held against what was expected.

In: a book. Out: an `Outcome` for each case, with its failures and what its passing expectations have touched. Must not
know: how a report looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from attrs import frozen

from campaignrules.cases.checking import check
from campaignrules.cases.coverage import Coverage, Touched, coverage_of, touched_by
from campaignrules.cases.judging import judge
from campaignrules.cases.reading import Book, read
from campaignrules.errors import CampaignError, Diagnostic, Text
from campaignrules.suites import Case
from campaignrules.watching import each

RUNNING: Final = Text("运行用例", "cases")
Chosen = Callable[[str], bool]


@frozen(eq=False, repr=False)
class Outcome:
    """What came of a case: `failures` is empty when all it expects came out; `touched`: see `coverage`."""

    case: Case
    failures: tuple[Diagnostic, ...]
    touched: Touched
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.failures


@frozen(eq=False, repr=False)
class FileOutcome:
    """What came of a file of tests. `book`: None where the file could not be read; `faults`: why it was not run."""

    path: Path
    book: Book | None
    faults: tuple[Diagnostic, ...]
    cases: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        return not self.faults and all(one.passed for one in self.cases)


def run(paths: Sequence[Path], chosen: Chosen = lambda _: True) -> list[FileOutcome]:
    """What came of each file; `chosen` says by a case's name whether it is run."""
    return [_run_file(path, chosen) for path in paths]


def _run_file(path: Path, chosen: Chosen) -> FileOutcome:
    try:
        book = opened(path)
    except CampaignError as error:
        return FileOutcome(path, None, error.diagnostics, ())
    cases = [case for case in book.suite.cases if chosen(case.case)]
    return FileOutcome(path, book, (), tuple(run_case(book, case) for case in each(RUNNING, cases, lambda c: c.case)))


def opened(path: Path) -> Book:
    """A file of tests without a fault. Raises CampaignError with every one of them."""
    book = read(path)
    if faults := check(book):
        raise CampaignError([*book.warnings, *faults])
    return book


def faults(path: Path) -> tuple[Diagnostic, ...]:
    """Everything that is to be said of a file of tests without running it."""
    try:
        return opened(path).warnings
    except CampaignError as error:
        return error.diagnostics


def run_case(book: Book, case: Case) -> Outcome:
    """One case, evaluated once."""
    start = perf_counter()
    failures, touched = _tried(book, case)
    return Outcome(case, tuple(failures), touched, perf_counter() - start)


def _tried(book: Book, case: Case) -> tuple[list[Diagnostic], Touched]:
    try:
        campaign = book.campaign_of(case)
        evaluation = campaign.evaluate(book.data_of(case, campaign), as_of=book.as_of(case))
        verdicts, unexpected = judge(case, evaluation)
        touched = touched_by(verdicts, evaluation)
    except CampaignError as error:
        return list(error.diagnostics), frozenset()
    differing = (one for verdict in verdicts for one in verdict.faults)
    return [*unexpected, *differing], touched  # first what the rest may come of


def covered(files: Sequence[FileOutcome]) -> list[Coverage]:
    """What is covered of each campaign, by all files of tests for it together."""
    books: dict[Path, Book] = {}
    touched: dict[Path, Touched] = {}
    for file in files:
        if file.book is not None:
            key = file.book.campaign_path.resolve()
            books.setdefault(key, file.book)
            touched[key] = touched.get(key, frozenset()).union(*(one.touched for one in file.cases))
    return [coverage_of(book.suite.tests_for, book.base().checked, touched[key]) for key, book in books.items()]
