"""Submitted data in any form → raw tables and sheets: the cells as they came, under the names they were submitted with.

In: a folder, files, databases, frames of any library, rows. Out: `Piece`s. A file that cannot be read at all is refused
when somebody named it, and named by a finding when it lies in a folder. A reader for another format joins `READERS`.
Must not know: campaigns, types of fields; nothing is converted here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field, frozen

from campaignrules.errors import CampaignError, Text, reason_of
from campaignrules.intake import databases, delimited, digests, folders, frames, stores
from campaignrules.intake.digests import Input
from campaignrules.intake.findings import finding, refuse
from campaignrules.intake.folders import File, Gathered
from campaignrules.intake.partitions import told_by
from campaignrules.intake.raw import Limits, Raw, bytes_of
from campaignrules.intake.sheets import Sheet
from campaignrules.relational.sources import HeldTable, Source, is_table, parquet_table, source_of_table
from campaignrules.results import Finding
from campaignrules.watching import READING, each

MARKED: Final = "（待改）"
"""Ends the name of a workbook that we marked and sent back: it is no submission."""
_DOCUMENTS: Final = frozenset(
    (".doc", ".docx", ".pdf", ".wps", ".et", ".rtf", ".htm", ".html", ".xml", ".zip", ".rar", ".7z", ".png", ".jpg",
     ".jpeg", ".ppt", ".pptx", ".numbers", ".xltx", ".mdb", ".accdb", ".dbf")
)  # fmt: skip
"""Kinds of files that people may mean to submit, though nobody can compute with them."""
_SAVE_AS: Final = Text("请把其中的表另存为 .xlsx 或 .csv", "save its table as .xlsx or .csv")
_INSTEAD: Final = {
    **dict.fromkeys((".zip", ".rar", ".7z"), Text("请先解压", "unpack it first")),
    ".et": Text("请在 WPS 中另存为 .xlsx", "save it as .xlsx in WPS"),
    **dict.fromkeys((".pdf", ".png", ".jpg", ".jpeg"), Text("请报送电子表格", "ask for the spreadsheet instead")),
}
"""What is to be done about one of another kind."""


@frozen(eq=False, repr=False)
class Piece:
    """A table or sheet as it came. `name`: what the file or table is called; `given`: a program said so.

    `input`: the number of what it was read from, among all inputs.
    """

    name: str
    content: Raw | Sheet
    given: bool = False
    input: int = -1


@define(eq=False, repr=False)
class Reading:
    """How to read, and what was met on the way.

    `files`: how findings name a file → where it is; `inputs`: each file or table that was read, with its digest.
    """

    limits: Limits
    encoding: str | None = None
    engine: str = "auto"
    wanted: Callable[[str], str | None] = lambda name: name
    files: dict[str, Path] = field(factory=dict)
    findings: list[Finding] = field(factory=list)
    inputs: list[Input] = field(factory=list)

    @property
    def work(self) -> stores.Work:
        """Who works on tables that an engine may hold."""
        return stores.Work(self.engine, self.limits, self.wanted)

    def taken(self, one: Input, name: str, content: Raw | Sheet, *, given: bool = False) -> Piece:
        """The one piece of an input."""
        self.inputs.append(one)
        return Piece(name, content, given, len(self.inputs) - 1)


# -- which tables there are ---------------------------------------------------------------------------------------


def read(data: object, reading: Reading) -> Iterator[Piece]:
    """Each table of a submission. Raises CampaignError."""
    if data is None:
        return
    if isinstance(data, str) and "://" in data:
        yield from _database(data, reading)
    elif isinstance(data, str | Path):
        yield from _path(Path(data), reading)
    elif isinstance(data, Mapping):
        for name, table in each(READING, [item for item in data.items() if item[1] is not None], lambda i: str(i[0])):
            yield from _named(str(name), table, reading)
    elif isinstance(data, Source):
        yield from _source(data, reading)
    elif databases.is_connection(data):
        yield from _database(data, reading)
    else:
        raise refuse("not-a-submission", kind=type(data).__name__)


def _named(name: str, table: object, reading: Reading) -> Iterator[Piece]:
    """What a program gave for one table."""
    if isinstance(table, databases.TableOf):
        if (held := stores.of_table(table, reading.work)) is not None:
            yield _piece(name, held, reading)
            return
        raw = table.read(reading.limits)
        yield reading.taken(digests.of_database(f"{raw.file}/{table.name}", raw), name, raw, given=True)
        return
    if is_table(table) or isinstance(table, Source):
        yield from _held(name, table, reading)
        return
    if not isinstance(table, str | Path):
        raw = frames.table_of(name, table)
        yield reading.taken(digests.of_table(name, raw), name, raw, given=True)
        return
    path = Path(table)
    whole = os.path.isdir(path)  # noqa: PTH112  which also takes names that no file can have
    for piece in _folder_of(name, path, reading) if whole else _file(path, path.name, reading):
        yield evolve(piece, name=name, given=True)


def _path(path: Path, reading: Reading) -> Iterator[Piece]:
    folder = _is_folder(path)
    if reading.engine == "postgres":
        holds = "duckdb" if READERS.get(path.suffix.casefold()) is _duckdb else "polars"
        raise refuse("other-engine", name=path.name, engine="postgres", holds=holds)
    if folder:
        top = path.resolve().name
        files = _files(path, reading, lambda label: folders.name_of(label, top, reading.wanted) is not None)
        for one in each(READING, folders.gathered(files, top, reading.wanted), _label, _size):
            yield from _in_folder(one, reading)
    else:
        for file in each(READING, [path], lambda file: file.name):
            yield from _file(file, file.name, reading)


def _folder_of(name: str, path: Path, reading: Reading) -> Iterator[Piece]:
    """A folder that is one table, as somebody said."""
    found = [(file, f"{path.name}/{label}") for file, label in _files(path, reading, lambda _: True)]
    if not found:
        raise refuse("folder-without-tables", path=path)
    for one in folders.gathered(found, name, lambda called: name if called == name else None):
        yield from _in_folder(one, reading)


def _label(one: File | Gathered) -> str:
    return one.label if isinstance(one, Gathered) else one[1]


def _size(one: File | Gathered) -> int:
    return one.size if isinstance(one, Gathered) else folders.size_of(one[0])


def _is_folder(path: Path) -> bool:
    try:
        if not path.exists():
            raise refuse("file-not-found", path=path)
        return path.is_dir()
    except (OSError, ValueError) as error:
        raise refuse("file-unreadable", path=path, reason=reason_of(error)) from None


# -- folders ------------------------------------------------------------------------------------------------------


def _files(folder: Path, reading: Reading, is_part: Callable[[str], bool]) -> list[File]:
    """The files of a folder and its subfolders with their labels, in order; links are not followed.

    `is_part`: whether a Parquet file of that label is a part of some table; of these there may be more.
    """
    found: list[File] = []
    limits, parts, entries = reading.limits, 0, 0
    for place, below, names in os.walk(folder, onerror=_not_listed):
        if folders.is_managed(below):
            raise refuse("managed-table", path=place)
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            file = Path(place) / name
            label = file.relative_to(folder).as_posix()
            if _is_submitted(file, label, reading):
                found.append((file, label))
                parts += file.suffix.casefold() == folders.PARQUET and is_part(label)
        for name in below:
            if (link := Path(place) / name).is_symlink():
                _tell(reading, "not-a-plain-file", link.relative_to(folder).as_posix())
        entries += len(below) + len(names)
        if len(found) - parts > limits.files or entries > 100 * limits.files + 4 * parts:
            raise refuse("too-many-files", path=folder, limit=limits.files)
        if parts > limits.parts:
            raise refuse("too-many-files", path=folder, limit=limits.parts)
    return sorted(found, key=lambda item: (item[1].count("/"), item[1]))


def _not_listed(error: OSError) -> None:
    raise refuse("file-unreadable", path=error.filename, reason=reason_of(error)) from None


def _tell(reading: Reading, code: str, label: str, **facts: Any) -> None:
    reading.findings.append(finding(code, "", {"file": label}, **facts))


def _is_submitted(file: Path, label: str, reading: Reading) -> bool:
    """Whether a file of a folder holds data; one that may be meant to is named."""
    if file.name.startswith((".", "~$")):
        return False
    kind = file.suffix.casefold()
    if kind in READERS and file.stem.endswith(MARKED):
        _tell(reading, "marked-file", label)
        return False
    if kind in READERS and (file.is_symlink() or not file.is_file()):
        _tell(reading, "not-a-plain-file", label)
        return False
    if kind in _DOCUMENTS:
        do = _INSTEAD.get(kind, _SAVE_AS)
        _tell(reading, "file-of-other-kind", label, kind=kind, do=do.zh, do_en=do.en)
    return kind in READERS


def _in_folder(one: File | Gathered, reading: Reading) -> Iterator[Piece]:
    """The tables of one file among others: when it cannot be read, the others still can."""
    try:
        yield from _parts(one, reading) if isinstance(one, Gathered) else _file(*one, reading)
    except CampaignError as error:
        _not_read(reading, _label(one), error)


def _not_read(reading: Reading, label: str, error: CampaignError) -> None:
    code = error.diagnostics[0].code
    if code == "encoding-not-supported" or (reading.engine != "auto" and code in ("extra-missing", "engine-missing")):
        raise error  # that one was stated, for all files: none of them is to blame
    says, do = error.diagnostics[0].message, error.diagnostics[0].hint
    zh, en = (f"；{do.zh}", f"; {do.en}") if do else ("", "")
    _tell(reading, "file-not-read", label, says=says.zh, says_en=says.en, hint=zh, hint_en=en)


def _parts(one: Gathered, reading: Reading) -> Iterator[Piece]:
    """The Parquet files of a folder that are one table."""
    if _is_asked(one.name, one.files, reading):
        yield _by_engine(one.name, one.label, one.files, reading)
        return
    for raw, files in folders.tables_of(one, reading.limits, lambda label, error: _not_read(reading, label, error)):
        reading.files.update((label, path) for path, label in files)
        known = evolve(raw, folders=_told(files))
        yield reading.taken(digests.of_files(raw.file or one.label, files, reading.limits.bytes), one.name, known)


def _told(files: Iterable[File]) -> frozenset[str]:
    """The partition columns: nobody who is asked for other columns has written them."""
    return frozenset(name for _, label in files for name in told_by(label))


# -- files --------------------------------------------------------------------------------------------------------


def _file(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise refuse("unknown-format", path=path, expected="、".join(READERS))
    try:
        if not path.is_file():
            raise refuse("file-not-found", path=path)
        reading.files[label] = path
        yield from reader(path, label, reading)
    except (OSError, ValueError) as error:
        raise refuse("file-unreadable", path=path, reason=reason_of(error)) from None


def _text(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    separator = "\t" if path.suffix.casefold() == ".tsv" else None
    data = bytes_of(path, reading.limits)
    one = digests.of_bytes(label, data)
    yield reading.taken(one, path.stem, delimited.sheet_of(data, label, reading.limits, reading.encoding, separator))


def _workbook(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    from campaignrules.intake import spreadsheets  # noqa: PLC0415  what is not submitted need not be imported

    data = bytes_of(path, reading.limits)
    number = len(reading.inputs)
    reading.inputs.append(digests.of_bytes(label, data))
    for sheet in spreadsheets.sheets_of(data, label, reading.limits):
        yield Piece(path.stem, sheet, input=number)


def _document(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    from campaignrules.intake import documents  # noqa: PLC0415  as above

    lines = path.suffix.casefold() != ".json"
    data = bytes_of(path, reading.limits)
    number = len(reading.inputs)
    reading.inputs.append(digests.of_bytes(label, data))
    for name, raw in documents.tables_of(data, label, reading.limits, lines=lines):
        yield Piece(name or path.stem, raw, input=number)


def _parquet(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    if _is_asked(path.stem, ((path, label),), reading):
        yield _by_engine(path.stem, label, ((path, label),), reading)
        return
    one = digests.of_file(label, path, reading.limits.bytes)
    yield reading.taken(one, path.stem, evolve(frames.parquet(path, reading.limits), file=label))


def _arrow(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    one = digests.of_file(label, path, reading.limits.bytes)
    yield reading.taken(one, path.stem, evolve(frames.arrow(path, reading.limits), file=label))


def _sqlite(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    for name, raw in databases.tables_of(path, reading.wanted, reading.limits):
        one = digests.of_database(f"{label}/{name}", raw)
        yield reading.taken(one, name, evolve(raw, file=label, sheet=name))


def _database(source: object, reading: Reading) -> Iterator[Piece]:
    """The tables of a database; in one that we can ask, those that are not small stay there."""
    large = stores.large_tables(source, reading.work)
    if large is None:
        yield from _read_tables(source, reading)
        return
    for name, held in large:
        yield _piece(name, held, reading)


def _read_tables(source: object, reading: Reading) -> Iterator[Piece]:
    for name, raw in databases.tables_of(source, reading.wanted, reading.limits):
        yield reading.taken(digests.of_database(f"{raw.file}/{name}", raw), name, raw)


# -- tables inside engines ----------------------------------------------------------------------------------------


def _source(source: Source, reading: Reading) -> Iterator[Piece]:
    """The tables of a database or a cluster."""
    for name, held in source.held(reading.wanted):
        yield _piece(name, held, reading)


def _held(name: str, given: object, reading: Reading) -> Iterator[Piece]:
    """What a program gave for one table: a relation, or a source that has it."""
    if not isinstance(given, Source):
        yield _relation(name, given, reading)
        return
    meant = reading.wanted(name)
    for record, held in given.held(lambda one: one if reading.wanted(one) == meant else None):
        if reading.wanted(record) == meant:
            yield evolve(_piece(name, held, reading), given=True)


def _relation(name: str, given: object, reading: Reading) -> Piece:
    """A table that an engine holds; a relation whose connection nobody knows is read like a frame."""
    try:
        held = source_of_table(given).table(given, name)
    except CampaignError:
        if reading.engine == "duckdb" and type(given).__name__ == "DuckDBPyRelation":
            raise refuse("relation-elsewhere", name=name) from None
        if reading.engine not in ("auto", "polars") or not hasattr(given, "__arrow_c_stream__"):
            raise
        raw = frames.table_of(name, given)
        return reading.taken(digests.of_table(name, raw), name, raw, given=True)
    return _piece(name, held, reading)


def _duckdb(path: Path, label: str, reading: Reading) -> Iterator[Piece]:
    """A file of DuckDB's."""
    for piece in _source(Source("duckdb", path), reading):
        yield evolve(piece, given=False)
    reading.files[label] = path


def _is_asked(name: str, files: tuple[File, ...], reading: Reading) -> bool:
    """Whether the engine that the caller has chosen reads Parquet files.

    DuckDB looks for partitions in the whole path; where there are some above what was submitted, too, it is not asked.
    """
    path, label = files[0]
    above = "=" in path.as_posix().removesuffix(label) and any("=" in one for _, one in files)
    return reading.work.takes_parquet(name) and not (above and reading.engine == "duckdb")


def _by_engine(name: str, label: str, files: tuple[File, ...], reading: Reading) -> Piece:
    """Parquet files that are one table, by the engine that the caller has chosen."""
    held = parquet_table(reading.engine, files, label)
    reading.files.update((label, path) for path, label in files)
    raw = evolve(reading.work.raw(name, held), folders=_told(files))
    return reading.taken(digests.of_files(label, files, reading.limits.bytes), name, raw)


def _piece(name: str, held: HeldTable, reading: Reading) -> Piece:
    raw = reading.work.raw(name, held)
    return reading.taken(digests.of_held(f"{raw.file}/{held.name}", raw), name, raw, given=True)


Reader = Callable[[Path, str, Reading], Iterator[Piece]]

READERS: Final[dict[str, Reader]] = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), _workbook),
    **dict.fromkeys((".csv", ".tsv", ".txt"), _text),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), _document),
    ".parquet": _parquet,
    **dict.fromkeys((".arrow", ".feather", ".ipc"), _arrow),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), _sqlite),
    ".duckdb": _duckdb,
}
