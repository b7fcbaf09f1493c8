"""A session as a file, and back: the tables as they stand in Parquet beside a manifest in JSON, in one archive.

Comes in: raw tables, the day, what the campaign is known by. Goes out: bytes; from bytes the tables again. A file is not
trusted: sizes are looked at before anything is unpacked, nothing in it is run. Must not know: campaigns, results.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import polars as pl
from attrs import frozen

from campaignrules.errors import CampaignError, Text, fault, reason_of
from campaignrules.intake.delimited import RAGGED
from campaignrules.intake.findings import FINDINGS, FindingList
from campaignrules.intake.frames import weight
from campaignrules.intake.headers import Meant
from campaignrules.intake.packed import DamagedError, parquet_size
from campaignrules.intake.raw import ROW, Limits, Raw, Stated
from campaignrules.intake.sheets import Formats
from campaignrules.intake.spreadsheets.extents import FROM_1900, FROM_1904
from campaignrules.intake.submission import Sorted
from campaignrules.quantities import UNITS
from campaignrules.reports.saving import save_bytes
from campaignrules.results import Finding

FORMAT: Final = 1
"""The version of the form; another one is not read."""
MANIFEST: Final = "session.json"
MOST_BYTES: Final = 4 * 2**30
MOST_TABLES: Final = 1_000
MOST_MANIFEST: Final = 16 * 2**20
RATIO: Final = 100


class _FormError(Exception):
    """The file is no session, or was changed."""


@frozen(eq=False, repr=False)
class Saved:
    """What a file says: the campaign it was begun with, the day, and the tables."""

    campaign: str
    digest: str
    as_of: dt.date
    read: Sorted


# -- out ----------------------------------------------------------------------------------------------------------


def save(path: str | Path, saved: Saved, version: str) -> None:
    """Write the file, whole or not at all. Raises CampaignError."""
    raws = [(record, raw) for record, some in saved.read.raws.items() for raw in some]
    manifest = {
        "session": FORMAT,
        "campaignrules": version,
        "campaign": saved.campaign,
        "digest": saved.digest,
        "as_of": saved.as_of.isoformat(),
        "given": saved.read.given,
        "findings": [_said(found) for found in saved.read.findings.found()],
        "tables": [_told(record, raw) for record, raw in raws],
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(MANIFEST), json.dumps(manifest, ensure_ascii=False, allow_nan=False))
        for number, (_, raw) in enumerate(raws):
            assert isinstance(raw.frame, pl.DataFrame)  # noqa: S101  tables of a session are in memory
            table = io.BytesIO()
            raw.frame.write_parquet(table)
            archive.writestr(_entry(_name(number)), table.getvalue())
    save_bytes(path, whole.getvalue())


def _entry(name: str) -> zipfile.ZipInfo:
    """Without a moment: the same session is the same file."""
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _name(number: int) -> str:
    return f"{number}.parquet"


def _said(found: Finding) -> dict[str, Any]:
    return attrs.asdict(found)


def _told(record: str, raw: Raw) -> dict[str, Any]:
    formats, stated = raw.formats, raw.stated
    marks = {name: _rows(getattr(formats, name)) for name in ("percent", "unsaved")}
    return {
        "record": record,
        "headers": list(raw.headers),
        "file": raw.file,
        "sheet": raw.sheet,
        "findings": [_said(found) for found in raw.findings],
        "letters": list(raw.letters),
        "formats": {**marks, "formulas": formats.formulas, "hidden": formats.hidden},
        "stated": {
            "units": {name: unit.name for name, unit in stated.units.items()},
            "unit": stated.unit,
            "period": stated.period,
            "on": stated.on and stated.on.isoformat(),
        },
        "dates_from": raw.dates_from.isoformat(),
        "meant": None if raw.meant is None else [one and [one.field, one.unit and one.unit.name] for one in raw.meant],
        "header_row": raw.header_row,
    }


def _rows(marks: Mapping[int, frozenset[int]] | None) -> dict[str, list[int]] | None:
    return None if marks is None else {str(column): sorted(rows) for column, rows in marks.items()}


# -- in -----------------------------------------------------------------------------------------------------------


def load(path: str | Path) -> Saved:
    """What the file says. Raises CampaignError."""
    reason: Text | str
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise _FormError("too large")
        with zipfile.ZipFile(path) as archive:
            return _loaded(archive)
    except _FormError as error:
        reason = _SAID[str(error)]
    except OSError as error:
        reason = reason_of(error)
    except (zipfile.BadZipFile, ValueError, TypeError, KeyError, AttributeError, RecursionError, NotImplementedError):
        reason = _SAID["damaged"]
    except (
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
        DamagedError,
        EOFError,
        OverflowError,
        MemoryError,
    ):
        reason = _SAID["damaged"]
    raise CampaignError(fault("session-unreadable", None, path=str(path), reason=reason))


_SAID: Final = {
    "damaged": Text("已损坏", "damaged"),
    "too large": Text("太大", "too large"),
    "no session": Text("不是会话文件", "no session"),
    "another version": Text("是另一版本写的", "of another version"),
}


def _loaded(archive: zipfile.ZipFile) -> Saved:
    entries = {one.filename: one for one in archive.infolist()}
    whole = sum(one.file_size for one in entries.values())
    stored = all(one.compress_type == zipfile.ZIP_STORED and not one.flag_bits & 1 for one in entries.values())
    if len(entries) > MOST_TABLES + 1 or not stored or whole > MOST_BYTES or MANIFEST not in entries:
        raise _FormError("no session")
    if entries[MANIFEST].file_size > MOST_MANIFEST:
        raise _FormError("too large")
    told = json.loads(archive.read(MANIFEST))
    if not isinstance(told, dict) or told.get("session") != FORMAT:
        raise _FormError("another version")
    tables = _list(told["tables"])
    if {MANIFEST, *(_name(i) for i in range(len(tables)))} != set(entries):
        raise _FormError("damaged")
    raws: dict[str, list[Raw]] = {}
    left = max(Limits().unpacked, RATIO * whole)
    for number, one in enumerate(tables):
        data = archive.read(_name(number))
        frame = _frame(data, left)
        left -= max(weight(frame), int(frame.estimated_size()))
        raws.setdefault(_text(one["record"]), []).append(_raw(one, frame))
    findings = FindingList(Limits().findings)
    findings.extend(_finding(one) for one in _list(told["findings"]))
    read = Sorted(raws, Limits(), _maybe(told["given"]), findings)
    return Saved(_text(told["campaign"]), _text(told["digest"]), dt.date.fromisoformat(_text(told["as_of"])), read)


def _frame(data: bytes, most: int) -> pl.DataFrame:
    """A table, of no more bytes when it is unpacked and each of its words is written out."""
    if parquet_size(io.BytesIO(data), len(data)) <= most:
        frame = pl.read_parquet(io.BytesIO(data))
        if weight(frame) <= most:
            return frame
    raise _FormError("too large")


def _raw(told: Mapping[str, Any], frame: pl.DataFrame) -> Raw:
    headers = tuple(map(_text, _list(told["headers"])))
    wanted = {*(f"r{i}" for i in range(len(headers))), ROW}
    if {*frame.columns} - {RAGGED} != wanted or not _numbered(frame[ROW]):
        raise _FormError("damaged")
    letters, stated = tuple(map(_whole, _list(told["letters"]))), told["stated"]
    units = {_text(name): UNITS[unit] for name, unit in stated["units"].items()}
    on = None if stated["on"] is None else dt.date.fromisoformat(_text(stated["on"]))
    formats, dates_from = told["formats"], dt.date.fromisoformat(_text(told["dates_from"]))
    if dates_from not in (FROM_1900, FROM_1904):
        raise _FormError("damaged")
    return Raw(
        headers, frame, _maybe(told["file"]), tuple(map(_finding, _list(told["findings"]))), _maybe(told["sheet"]),
        letters if len(letters) in (0, len(headers)) else (),
        Formats(_marks(formats["percent"]), _marks(formats["unsaved"]) or {}, _whole(formats["formulas"]), _whole(formats["hidden"])),
        Stated(units, _maybe(stated["unit"]), _maybe(stated["period"]), on), dates_from,
        _meant(told["meant"], len(headers)), _whole(told["header_row"]),
    )  # fmt: skip


def _numbered(rows: pl.Series) -> bool:
    return rows.dtype == pl.Int64 and not rows.null_count() and rows.is_sorted() and rows.n_unique() == len(rows)


def _meant(told: Any, count: int) -> tuple[Meant | None, ...] | None:
    if told is None:
        return None
    found = tuple(None if one is None else Meant(_text(one[0]), one[1] and UNITS[one[1]]) for one in _list(told))
    if len(found) != count:
        raise _FormError("damaged")
    return found


def _marks(told: Any) -> dict[int, frozenset[int]] | None:
    return None if told is None else {int(name): frozenset(map(_whole, _list(rows))) for name, rows in told.items()}


def _finding(told: Mapping[str, Any]) -> Finding:
    if told["code"] not in FINDINGS or told["severity"] not in ("error", "warning", "note"):
        raise _FormError("damaged")
    message = Text(_text(told["message"]["zh"]), _text(told["message"]["en"]))
    texts = {name: _maybe(told[name]) for name in ("file", "sheet", "column", "value", "cell")}
    row = None if told["row"] is None else _whole(told["row"])
    return Finding(
        _text(told["code"]), told["severity"], _text(told["record"]), message, row=row,
        set_aside=told["set_aside"] is True, **texts,
    )  # fmt: skip


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise _FormError("damaged")
    return told


def _text(told: Any) -> str:
    if not isinstance(told, str):
        raise _FormError("damaged")
    return told


def _maybe(told: Any) -> str | None:
    return None if told is None else _text(told)


def _whole(told: Any) -> int:
    if not isinstance(told, int) or isinstance(told, bool):
        raise _FormError("damaged")
    return told
