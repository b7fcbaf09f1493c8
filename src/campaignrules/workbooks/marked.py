"""Findings → submitted workbooks sent back: `<stem>（待改）.xlsx`, bad cells coloured, each with a comment that says why.

In: a submission, a folder. Out: a workbook for each submitted file that has faults, beside none of the files that were
submitted and never outside the folder. Only files that intake has read are opened again. Must not know: formats of
files (`pages`), the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from attrs import define, field, frozen
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.utils.cell import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from campaignrules.checked import UNIT_TABLE
from campaignrules.errors import Text, reason_of, visible
from campaignrules.intake.findings import refuse
from campaignrules.intake.headings import LISTED
from campaignrules.intake.raw import Source
from campaignrules.intake.readers import MARKED
from campaignrules.reports.saving import save_bytes
from campaignrules.results import Finding
from campaignrules.watching import each
from campaignrules.workbooks import listing, styles
from campaignrules.workbooks.pages import LAST_COLUMN, LAST_ROW, Concern, Page, Paper, papers_of

MARKING: Final = Text("批注", "marking")
AUTHOR: Final = "campaignrules"
"""Of comments: a program says it, no person."""
ROW_COLOUR: Final = "FCE4D6"
ROW_CELLS: Final = 8
"""So many first cells of a row are coloured when the row as a whole is meant."""
_WHOLE_ROW: Final = frozenset(("broken-line", "duplicate-key", "duplicate-row", "row-rule"))
_LONGEST: Final = 4_000
"""Characters of a comment; a spreadsheet shows far fewer."""
_FEW: Final = 8
"""Findings that one comment names."""
_NAME: Final = 100
"""Characters of the name of a file that we make; with the ending fewer bytes than any system allows."""
_SAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]')
_ADDRESS: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RANK: Final = {"note": 0, "warning": 1, "error": 2}


class Submitted(Protocol):
    """What marking needs of a submission."""

    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def files(self) -> Mapping[str, Path]: ...
    @property
    def sources(self) -> tuple[Source, ...]: ...


def mark(submission: Submitted, folder: str | Path, *, encoding: str | None = None) -> list[Path]:
    """Write a marked workbook for each submitted file that has faults, and give their paths. Raises CampaignError.

    A file that has but notes, or could not be read, gets none. `encoding`: the one that text files were read with.
    """
    faulty = _faulty(submission)
    place = _Place(Path(folder), frozenset(_resolved(path) for path in submission.files.values()))
    written: list[Path] = []
    for label, findings in each(MARKING, list(faulty.items()), lambda item: item[0]):
        path = submission.files[label]
        sources = [source for source in submission.sources if source.file == label]
        concern = Concern({_seen(source.sheet): source.header_row for source in sources}, _rows_of(findings), encoding)
        content = _marked(path, label, findings, sources, concern)
        if content is not None:
            target = place.target(label)
            save_bytes(target, content)
            written.append(target)
    return written


def _marked(
    path: Path, label: str, findings: Sequence[Finding], sources: Sequence[Source], concern: Concern
) -> bytes | None:
    """The marked workbook of a file, None when the file is no longer there.

    What openpyxl has loaded it may still not be able to write; then the cells are copied.
    """
    for paper in papers_of(path, concern, sum(source.rows for source in sources)):
        try:
            return _content(paper, label, findings, sources)
        except Exception:  # of a hostile workbook, anything
            if paper.copied:
                raise
    return None


def _faulty(submission: Submitted) -> dict[str, list[Finding]]:
    """File → its findings, of files that were read and have more than notes."""
    labels = {visible(label): label for label in submission.files}
    found: dict[str, list[Finding]] = {}
    for finding in submission.findings:
        if finding.file in labels:
            found.setdefault(labels[finding.file], []).append(finding)
    return {label: some for label, some in sorted(found.items()) if _is_faulty(some)}


def _is_faulty(findings: Sequence[Finding]) -> bool:
    unread = any(finding.code == "file-not-read" for finding in findings)
    return not unread and any(finding.set_aside or finding.severity != "note" for finding in findings)


def _rows_of(findings: Iterable[Finding]) -> dict[str | None, set[int]]:
    rows: dict[str | None, set[int]] = {}
    for finding in findings:
        if finding.row is not None:
            rows.setdefault(finding.sheet, set()).add(finding.row)
    return rows


def _seen(name: str | None) -> str | None:
    return None if name is None else visible(name)


# -- where to -----------------------------------------------------------------------------------------------------


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


@define(eq=False, repr=False)
class _Place:
    """The folder that marked workbooks go to; `inputs` are never written over, `taken` are those written already."""

    folder: Path
    inputs: frozenset[Path]
    taken: set[str] = field(factory=set)

    def target(self, label: str) -> Path:
        """Where the workbook of a file goes, in the same subfolders as the file. Raises CampaignError."""
        parts = [
            _cleaned(part) for part in PurePosixPath(label.replace("\\", "/")).parts if part not in ("/", "..", ".")
        ]
        *folders, name = parts or ["_"]
        stem, _, kind = name.rpartition(".") if "." in name else (name, "", "")
        endings = (
            "",
            f"_{kind}",
            *(f"_{kind}_{number}" for number in range(2, len(self.taken) + len(self.inputs) + 3)),
        )
        paths = (self.folder.joinpath(*folders, f"{stem}{more}{MARKED}.xlsx") for more in endings)
        path = next(path for path in paths if self._is_free(path))
        self.taken.add(str(path).casefold())
        self._prepare(path)
        return path

    def _is_free(self, path: Path) -> bool:
        return str(path).casefold() not in self.taken and _resolved(path) not in self.inputs

    def _prepare(self, path: Path) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            root = self.folder.resolve()
            inside = path.parent.resolve().is_relative_to(root) and not path.is_symlink()
            if inside:
                path.parent.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise refuse("cannot-write", path=path, reason=reason_of(error)) from error
        if not inside:
            raise refuse("cannot-write", path=path, reason=Text("这是链接", "symlink"))


def _cleaned(part: str) -> str:
    """A name that every system takes."""
    name = _SAFE.sub("_", part).strip(" ")
    stem, dot, kind = name.rpartition(".")
    short = f"{stem[: _NAME - len(kind)]}{dot}{kind}" if dot and len(kind) < 10 else name[:_NAME]
    while len(short.encode()) > 200:
        short = short[1:]
    return "_" if not short.strip(". ") else short


# -- marks --------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Mark:
    """What one cell is marked with: findings, worst last. `cells`: the others of its row that get a colour."""

    page: Page
    row: int
    column: int
    width: int = 0


def _content(paper: Paper, label: str, findings: Sequence[Finding], sources: Sequence[Source]) -> bytes:
    """The marked workbook."""
    marks = {id(finding): _mark_of(paper, finding) for finding in findings}
    _colour(findings, marks)
    _comment(findings, marks)
    _list(paper, label, findings, sources, marks)
    return styles.content(paper.book)


def _mark_of(paper: Paper, finding: Finding) -> _Mark | None:
    """Where a finding stands; None when it is about the whole file, or its row is not shown."""
    page = paper.pages.get(finding.sheet) or (next(iter(paper.pages.values()), None) if not finding.sheet else None)
    if page is None:
        return None
    address = _address(finding.cell)
    row = page.row(address[0] if address else finding.row)
    if finding.row is None and address is None:
        row = page.header
    if row is None:
        return None
    column = address[1] if address else _column(page, finding, row)
    return _Mark(page, row, column, _width(page) if _is_of_row(finding) else 0)


def _address(cell: str | None) -> tuple[int, int] | None:
    """Row and column of `D12`; None for what is no address of a spreadsheet."""
    found = _ADDRESS.fullmatch(cell or "")
    place = (int(found[2]), column_index_from_string(found[1])) if found else (0, 0)
    return place if 1 <= place[0] <= LAST_ROW and 1 <= place[1] <= LAST_COLUMN else None


def _column(page: Page, finding: Finding, row: int) -> int:
    """The column of a finding, else the first cell that holds anything."""
    named = page.column(finding.column) if finding.column else None
    some = (column for column in range(1, 51) if page.sheet.cell(row, column).value is not None)
    return named or next(some, 1)


def _is_of_row(finding: Finding) -> bool:
    return finding.row is not None and (finding.code in _WHOLE_ROW or (finding.column is None and finding.cell is None))


def _width(page: Page) -> int:
    return min(max(page.sheet.max_column, 1), ROW_CELLS)


def _colour(findings: Sequence[Finding], marks: Mapping[int, _Mark | None]) -> None:
    """Rows first, then cells, the worst last: it is seen. A note on a row is only listed."""
    models: dict[Any, Cell] = {}
    rows = [finding for finding in findings if _is_of_row(finding) and finding.severity != "note"]
    for finding in rows:
        mark = marks[id(finding)]
        for column in range(1, mark.width + 1) if mark else ():
            _fill(mark, column, ROW_COLOUR, models)  # type: ignore[arg-type]  # there are no columns without a mark
    for finding in sorted(findings, key=lambda one: _RANK[one.severity]):
        mark = marks[id(finding)]
        if mark is not None and _is_shown(finding):
            _fill(mark, mark.column, listing.COLOURS[finding.severity], models)


def _is_shown(finding: Finding) -> bool:
    """Whether a finding is shown at its place: faults, and what is said of a column as a whole."""
    return finding.severity != "note" or (finding.column is not None and finding.row is None)


def _fill(mark: _Mark, column: int, colour: str, models: dict[Any, Cell]) -> None:
    """Colour a cell. `models`: for each look a cell had, one that has it with the colour; looking it up takes long."""
    cell = mark.page.anchor(mark.row, column)
    key = (cell.style_id, colour)
    if key not in models:
        models[key] = Cell(mark.page.sheet, 1, 1)
        styles.like(models[key], cell)
        models[key].fill = styles.filled_with(colour)
    styles.like(cell, models[key])


def _comment(findings: Sequence[Finding], marks: Mapping[int, _Mark | None]) -> None:
    """One comment a cell, which says all that is to be said there, behind what somebody else had written."""
    said: dict[Any, list[Finding]] = {}
    cells: dict[Any, Any] = {}
    for finding in findings:
        mark = marks[id(finding)]
        if mark is not None and _is_shown(finding):
            cell = mark.page.anchor(mark.row, mark.column)
            key = (id(mark.page), cell.row, cell.column)
            cells[key] = cell
            said.setdefault(key, []).append(finding)
    for key, some in said.items():
        cell = cells[key]
        before = cell.comment.text if cell.comment is not None else ""
        cell.comment = _note(before, sorted(some, key=lambda one: -_RANK[one.severity]))


def _note(before: str, findings: Sequence[Finding]) -> Comment:
    parts = [f"{one.message.zh}\n{one.message.en}\n[{one.code}]" for one in findings[:_FEW]]
    if len(findings) > _FEW:
        rest = len(findings) - _FEW
        parts.append(f"另有 {rest} 条，见“{LISTED}” · {rest} more, see the list")
    parts += [f"原批注 · comment before:\n{before}"] if before else []
    text = styles.clean("\n\n".join(parts), _LONGEST)
    lines = styles.lines_in(text, 40)
    return Comment(text, AUTHOR, height=min(18 * lines + 12, 500), width=300)


# -- the list -----------------------------------------------------------------------------------------------------


def _list(
    paper: Paper, label: str, findings: Sequence[Finding], sources: Sequence[Source], marks: Mapping[int, _Mark | None]
) -> None:
    """The first sheet: all that is to be said of the file, with links to the cells."""

    def spot(finding: Finding) -> listing.Spot | None:
        mark = marks.get(id(finding))
        if mark is None:
            return None
        return mark.page.sheet.title, mark.page.anchor(mark.row, mark.column).coordinate

    lines = (_counted(sources), *_WHAT_TO_DO, *paper.notes)
    above = listing.Above(f"{LISTED}：{label}", lines, _LEGEND)
    names = [name for name in paper.pages if name is not None]
    sheet = _first_sheet(paper.book)
    listing.write(sheet, listing.in_order(findings, names), above, spot)
    sheet.sheet_properties.tabColor = "FFC00000"


def _first_sheet(book: Workbook) -> Worksheet:
    """A fresh sheet before all others, the one that is seen when the workbook is opened."""
    for sheet in book.worksheets:
        if sheet.title == LISTED and str(sheet.cell(1, 1).value or "").startswith(f"{LISTED}："):
            book.remove(sheet)  # our own, of an earlier time
    first: Worksheet = book.create_sheet(styles.sheet_name(LISTED, book.sheetnames), 0)
    book.active = 0
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is first
    for view in book.views:
        view.firstSheet = 0
    return first


_WHAT_TO_DO: Final = (
    Text(
        "请按下表改正：点“单元格”一栏跳到该处，批注里写明原因。改好后去掉文件名里的“（待改）”，重新报送；本表会被略过，不必删。",
        "Correct what is listed: the links lead to the cells, the comments say why. Then take （待改） out of the name of the"
        " file and submit it again; this sheet is passed over.",
    ),
)
_LEGEND: Final = (*listing.LEGEND, (ROW_COLOUR, Text("整行有问题", "row at fault")))


def _counted(sources: Sequence[Source]) -> Text:
    """How many rows were read, counted and set aside; units are no rows to count."""
    if not sources:
        return Text("没有认出报送表。", "No table was recognised.")
    sources = [source for source in sources if source.record != UNIT_TABLE]
    read = sum(source.rows for source in sources)
    if any(source.kept is None for source in sources):
        return Text(f"读入 {read} 行。", f"Rows read: {read}.")
    kept = sum(source.kept or 0 for source in sources)
    return Text(
        f"读入 {read} 行，采用 {kept} 行，剔除 {read - kept} 行。",
        f"Rows read: {read}, taken: {kept}, set aside: {read - kept}.",
    )
