"""Submitted data in any form → raw tables: the cells as they came, with the headers and the place of each row.

In: a folder, files, frames of any library, rows. Out: `Raw` tables under the names they were submitted with, and
findings on lines that are no rows. A reader for another format joins `READERS` and gives text, too. Must not know:
campaigns, types of fields; nothing is converted here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from campaignrules.intake.delimited import Lines, lines_of
from campaignrules.intake.findings import refuse
from campaignrules.intake.frames import parquet, table_of
from campaignrules.intake.raw import ROW, Limits, Raw

# -- which tables there are ---------------------------------------------------------------------------------------


def read(data: object, limits: Limits) -> Iterator[tuple[str, Raw]]:
    """Each table of a submission with the name it was submitted under. Raises CampaignError."""
    if data is None:
        return
    if isinstance(data, str | Path):
        yield from _folder(Path(data), limits)
    elif isinstance(data, Mapping):
        for name, table in data.items():
            if table is not None:
                yield str(name), read_table(str(name), table, limits)
    else:
        raise refuse("not-a-submission", kind=type(data).__name__)


def _folder(path: Path, limits: Limits) -> Iterator[tuple[str, Raw]]:
    for file in _files(path, limits):
        if file.suffix.casefold() in READERS and not file.name.startswith((".", "~$")):
            yield file.stem, _file(file, limits)


def _files(path: Path, limits: Limits) -> list[Path]:
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise refuse("file-not-found", path=path)
        found = sorted(itertools.islice((file for file in path.iterdir() if file.is_file()), limits.files + 1))
    except (OSError, ValueError) as error:
        raise refuse("file-unreadable", path=path, reason=error) from None
    if len(found) > limits.files:
        raise refuse("too-many-files", path=path, limit=limits.files)
    return found


def read_table(name: str, table: object, limits: Limits) -> Raw:
    """One table of any form. Raises CampaignError."""
    return _file(Path(table), limits) if isinstance(table, str | Path) else table_of(name, table)


# -- files --------------------------------------------------------------------------------------------------------


def _file(path: Path, limits: Limits) -> Raw:
    reader = READERS.get(path.suffix.casefold())
    if reader is None:
        raise refuse("unknown-format", path=path, expected="、".join(READERS))
    try:
        if not path.is_file():
            raise refuse("file-not-found", path=path)
        return reader(path, limits)
    except (OSError, ValueError) as error:
        raise refuse("file-unreadable", path=path, reason=error) from None


def _csv(path: Path, limits: Limits) -> Raw:
    if path.stat().st_size > limits.bytes:
        raise refuse("byte-limit", limit=limits.bytes)
    with path.open("rb") as file:
        data = file.read(limits.bytes + 1)
    if len(data) > limits.bytes:
        raise refuse("byte-limit", limit=limits.bytes)
    return _of_lines(lines_of(data, path.name, limits.rows, limits.columns), path.name)


def _of_lines(lines: Lines, file: str) -> Raw:
    frame = lines.cells.with_columns(lines.rows.alias(ROW))
    return Raw(lines.headers, frame, file, lines.findings)


READERS: Final[dict[str, Callable[[Path, Limits], Raw]]] = {".csv": _csv, ".parquet": parquet}
