"""A file of tests → its cases, the campaign each of them is about, and the data each of them gives.

In: a path. Out: `Book`. Only files below the file's own folder are opened, and shipped campaigns. Must not know: what
is expected, results.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from heapq import nsmallest
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from attrs import evolve, field, frozen

from campaignrules import driver, source, structure
from campaignrules import overlays as notices
from campaignrules.driver import Campaign
from campaignrules.errors import CampaignError, Diagnostic, did_you_mean, fault
from campaignrules.intake.headers import Meant, column_names, table_names
from campaignrules.model import Element, Overlay, yaml_fields
from campaignrules.nodes import Document, Node, plain, start_of
from campaignrules.suites import LIMITS, SUFFIX, Case, Notice, Row, Rows, Suite

MOST_BESIDE: Final = 10
MOST_CASES: Final = 1_000
MOST_EXPECTATIONS: Final = 10_000
MOST_ROWS: Final = 1_000_000
"""Of all cases together; the units that the file states are rows of each case that has no others."""
LONGEST_PATH: Final = 500
UNITS: Final = "units"
Overlays = tuple[str | Notice, ...]
Columns = Mapping[str, Meant]
"""Header → the field and unit of measure it means; without those that mean none."""


@frozen(eq=False, repr=False)
class Book:
    """A file of tests. `campaign`: the campaign's document, read once; each choice of readings and overlays is built once.

    `faults`: of form, while the rest may be checked and run; a book with faults is not run.
    """

    path: Path
    suite: Suite
    campaign: Document
    campaign_path: Path
    faults: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]
    _built: dict[str, Campaign] = field(factory=dict)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def base(self) -> Campaign:
        """The campaign as its file stands."""
        return self._with({}, (), self.suite, self.suite)

    def campaign_of(self, case: Case) -> Campaign:
        """The campaign with the case's readings and overlays. Raises CampaignError."""
        chooses = case if states(case, "readings") else self.suite
        adds = case if states(case, "overlays") else self.suite
        return self._with(chooses.readings, adds.overlays, chooses, adds)

    def _with(self, readings: Mapping[str, str], overlays: Overlays, chooses: Element, adds: Element) -> Campaign:
        """The campaign so; a fault that has no place of its own stands where `chooses` chooses the readings."""
        key = repr((sorted(readings.items()), [_told(one) for one in overlays]))
        if key not in self._built:
            try:
                found = self._read(overlays, adds)
                self._built[key] = driver.build(self.campaign, readings, found)
            except CampaignError as error:
                raise CampaignError(_placed(error.diagnostics, chooses.spot("readings"))) from None
        return self._built[key]

    def _read(self, overlays: Overlays, at: Element) -> tuple[Overlay, ...]:
        """Overlays from files below the folder, and those that are written out."""
        found: list[Overlay] = []
        for i, one in enumerate(overlays):
            if isinstance(one, str):
                found += notices.read([below(self.folder, one, at.spot("overlays", i))]).overlays
            else:
                found.append(self._overlay(one))
        return tuple(found)

    def _overlay(self, notice: Notice) -> Overlay:
        keys = [key for key in yaml_fields(Notice) if key != "node"]
        said: dict[str, Any] = {key: getattr(notice, key) for key in keys}
        return Overlay(overlay_for=str(plain(self.campaign.root).get("campaign")), node=notice.node, **said)

    def as_of(self, case: Case) -> dt.date:
        """The day a case looks from; the check makes sure that there is one."""
        day = case.as_of or self.suite.as_of
        if day is None:
            raise CampaignError(no_day(case))
        return day

    def data_of(self, case: Case, campaign: Campaign) -> Any:
        """What is submitted: a path, or table → rows or a path. Raises CampaignError."""
        if case.data is not None:
            return below(self.folder, case.data, case.spot("data"))
        units = _units(case, self.suite)
        tables: dict[str, Any] = {UNITS: [_row(row) for row in units]} if units else {}
        known = table_names(campaign.checked)
        defaults: dict[str | None, Row] = {}
        for some in (self.suite.defaults, case.defaults):
            for name, row in some.items():
                record = known.meant(name)
                before = defaults.get(record, {})
                defaults[record] = _completed(_meant(campaign, record, (*row, *before)), row, before)
        for name, rows in case.given.items():
            record = known.meant(name)
            tables[record or name] = self._table(campaign, case, name, rows, defaults.get(record, {}))
        return tables

    def _table(self, campaign: Campaign, case: Case, name: str, rows: Rows, defaults: Row) -> Any:
        if isinstance(rows, str):
            return below(self.folder, rows, case.spot("given", name))
        record = table_names(campaign.checked).meant(name)
        if record is None:
            return [_row(row) for row in rows]
        headers = {header for row in (defaults, *rows) for header in row}
        meant = _meant(campaign, record, headers)
        heads: dict[Meant, str] = {}
        return [_row(_headed(_completed(meant, row, defaults), meant, heads)) for row in rows]


def states(case: Case, key: str) -> bool:
    """Whether a case says so itself, be it nothing: `units: []` takes back what the file says."""
    return bool(getattr(case, key)) or (case.node is not None and case.node.get(key) is not None)


def _told(overlay: str | Notice) -> object:
    return overlay if isinstance(overlay, str) or overlay.node is None else plain(overlay.node)


def _placed(diagnostics: Iterable[Diagnostic], node: Node | None) -> list[Diagnostic]:
    """The faults; those without a place stand at `node`."""
    span = None if node is None else start_of(node)
    return [one if one.span is not None else evolve(one, span=span) for one in diagnostics]


def _meant(campaign: Campaign, record: str | None, headers: Iterable[str]) -> Columns:
    """What each header of a table means."""
    names = column_names(campaign.checked)[record or UNITS]
    return {header: meant for header in headers if (meant := names.meant(header))}


def _completed(columns: Columns, row: Row, defaults: Row) -> Row:
    """The row with the default cells whose field it does not state under any name."""
    if not defaults:
        return row
    stated = {columns[header].field for header in row if header in columns} | set(row)
    own = {header: cell for header, cell in defaults.items() if _field(columns, header) not in stated}
    return {**own, **row}


def _field(columns: Columns, header: str) -> str:
    return columns[header].field if header in columns else header


def _headed(row: Row, columns: Columns, heads: dict[Meant, str]) -> Row:
    """The row with one header for a field: each row may call its cells as it likes. `heads`: those met so far."""
    found: dict[str, Any] = {}
    for header, cell in row.items():
        head = heads.setdefault(columns[header], header) if header in columns else header
        found[head if head not in found and (head == header or head not in row) else header] = cell
    return found


def _row(row: Row) -> dict[str, Any]:
    return {name: list(cell) if isinstance(cell, tuple) else cell for name, cell in row.items()}


def below(folder: Path, name: str, at: Any) -> Path:
    """The path of a name below a folder, links followed. Raises CampaignError where it leads elsewhere or nowhere."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    sound = bool(name.strip()) and len(name) <= LONGEST_PATH and "\\" not in name and name.isprintable()
    if not sound or posix.is_absolute() or windows.drive or ".." in posix.parts:
        raise CampaignError(fault("path-outside", at, path=name))
    path = folder / name
    try:
        inside, there = path.resolve().is_relative_to(folder.resolve()), path.exists()
    except (OSError, ValueError, RuntimeError):
        raise CampaignError(fault("path-outside", at, path=name)) from None
    if not inside:
        raise CampaignError(fault("path-outside", at, path=name))
    if not there:
        raise CampaignError(fault("file-not-found", at, path=name))
    return path


# -- reading ------------------------------------------------------------------------------------------------------


def read(path: Path) -> Book:
    """The cases of a file with their campaign. Raises CampaignError when nothing can be made of it."""
    document = source.read(path, limits=LIMITS)
    partial = structure.structure_partly(document, Suite)
    if partial.value is None:
        raise CampaignError([*document.warnings, *partial.faults])
    suite: Suite = partial.value
    if too_many := _too_many(suite):
        raise CampaignError([*document.warnings, too_many])
    try:
        file = _campaign_file(path.parent, suite)
        campaign = source.read(file)
        book = Book(path, suite, campaign, file, tuple(partial.faults), document.warnings)
        book.base()
    except CampaignError as error:
        raise CampaignError([*document.warnings, *partial.faults, *error.diagnostics]) from None
    return book


def _too_many(suite: Suite) -> Diagnostic | None:
    expectations = sum(len(case.expect) for case in suite.cases)
    rows = sum(_rows_of(case, suite) for case in suite.cases)
    if len(suite.cases) <= MOST_CASES and expectations <= MOST_EXPECTATIONS and rows <= MOST_ROWS:
        return None
    at = suite.spot("cases")
    return fault("too-many-cases", at, limit=MOST_CASES, most=MOST_EXPECTATIONS, rows=MOST_ROWS)


def _rows_of(case: Case, suite: Suite) -> int:
    given = sum(len(rows) for rows in case.given.values() if not isinstance(rows, str))
    return given + len(_units(case, suite))


def _units(case: Case, suite: Suite) -> tuple[Row, ...]:
    return case.units if states(case, "units") else suite.units


def _beside(folder: Path) -> list[str]:
    """What the campaigns in a folder may be called, by their files' names; as many as a message can hold."""
    try:
        names = [path.stem for path in islice(folder.iterdir(), MOST_ENTRIES) if path.suffix in (".yaml", ".yml")]
    except OSError:  # a folder may be entered and yet not be listed
        return []
    return nsmallest(MOST_BESIDE, (name for name in names if "." not in name and name.isprintable()))


def _campaign_file(folder: Path, suite: Suite) -> Path:
    """The file of that name beside the file of tests, else the shipped one."""
    for ending in (".yaml", ".yml"):
        beside = folder / f"{suite.tests_for}{ending}"
        if beside.exists() or beside.is_symlink():
            return below(folder, beside.name, suite.spot("tests_for"))
    known = driver.shipped()
    if suite.tests_for not in known:
        known = [*_beside(folder), *known]
        hint = did_you_mean(suite.tests_for, known)
        at = suite.spot("tests_for")
        raise CampaignError(fault("unknown-campaign", at, name=suite.tests_for, expected=", ".join(known), hint=hint))
    return driver.data_folder("campaigns") / f"{suite.tests_for}.yaml"


def no_day(case: Case) -> Diagnostic:
    """Said of a case that looks from no day."""
    return fault("missing-key", case.spot("case"), key="as_of", expected="2023-12-31")


# -- where files of tests are -------------------------------------------------------------------------------------

MOST_FILES: Final = 1_000
MOST_ENTRIES: Final = 100_000


def found(given: str) -> list[Path]:
    """The files of tests that a path or the name of a shipped campaign means. Raises CampaignError when there are none.

    A file of tests is one; a folder means all below it; a campaign means those beside it that are named after it. Links
    are followed only when they are given.
    """
    path = Path(given)
    if path.name.endswith(SUFFIX):
        return [path]
    if given in driver.shipped() and not path.exists():
        path = driver.data_folder("campaigns") / f"{given}.yaml"
    if path.suffix in (".yaml", ".yml"):
        files = [file for file in sorted(path.parent.glob(f"{_literally(path.stem)}[._-]*")) if _is_ours(file)]
    else:
        files = _walked(path)
    if not files:
        raise CampaignError(fault("no-tests-there", None, path=given))
    return files


def _is_ours(file: Path) -> bool:
    return file.name.endswith(SUFFIX) and not file.is_symlink()


def _literally(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _walked(folder: Path) -> list[Path]:
    """The files of tests below a folder, in order; hidden folders are left out."""
    files: list[Path] = []
    entries = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [file for name in sorted(names) if _is_ours(file := Path(place) / name)]
        entries += len(folders) + len(names)
        if len(files) > MOST_FILES or entries > MOST_ENTRIES:
            raise CampaignError(fault("too-many-files", None, path=folder, limit=MOST_FILES))
    return files
