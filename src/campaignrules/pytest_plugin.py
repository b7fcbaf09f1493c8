"""The pytest plug-in: collects files of tests (*.test.yaml) when asked with --campaignrules, one test a case.

Everybody who has the package installed loads this module with pytest, so nothing of ours is imported before a file is
collected. Must not know: how cases are read and run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from campaignrules.cases import Book
    from campaignrules.errors import Diagnostic
    from campaignrules.suites import Case

OPTION = "--campaignrules"
SUFFIX = ".test.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option, and the line of a configuration file that stands for it."""
    about = "collect files of tests for campaigns (*.test.yaml), one test a case"
    parser.getgroup("campaignrules").addoption(OPTION, action="store_true", default=False, help=about)
    parser.addini("campaignrules", about, type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A collector for a file of tests, when they are asked for."""
    asked = parent.config.getoption(OPTION) or parent.config.getini("campaignrules")
    if not asked or not file_path.name.endswith(SUFFIX):
        return None
    found: CampaignFile = CampaignFile.from_parent(parent, path=file_path)
    return found


class CampaignFile(pytest.File):
    """A file of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test a case. A file at fault is one error that shows all its faults."""
        from campaignrules.cases import opened  # noqa: PLC0415  see above
        from campaignrules.errors import CampaignError, default_lang, render  # noqa: PLC0415  the same

        try:
            book = opened(self.path)
        except CampaignError as error:
            raise self.CollectError(render(error.diagnostics, default_lang())) from None
        for case in book.suite.cases:
            yield CampaignCase.from_parent(self, name=case.case, book=book, case=case)


class CampaignCase(pytest.Item):
    """A case."""

    def __init__(self, *, book: Book, case: Case, **more: Any) -> None:
        super().__init__(**more)
        self.book, self.case = book, case

    def runtest(self) -> None:
        """Evaluate the case once and hold what came out against what is expected."""
        from campaignrules.cases import run_case  # noqa: PLC0415  see above

        outcome = run_case(self.book, self.case)
        if not outcome.passed:
            raise NotAsExpectedError(outcome.failures)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, with its place in the file; a traceback only for a fault of ours."""
        from campaignrules.errors import default_lang, rendered  # noqa: PLC0415  see above

        if isinstance(excinfo.value, NotAsExpectedError):
            return "\n\n".join(rendered(one, default_lang()) for one in excinfo.value.failures)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands; pytest counts lines from 0."""
        node = self.case.node
        return self.path, node.span.line - 1 if node is not None else None, self.name


class NotAsExpectedError(Exception):
    """What a case expects did not come out."""

    def __init__(self, failures: tuple[Diagnostic, ...]) -> None:
        super().__init__(failures)
        self.failures = failures
