"""The receipt of an evaluation: by which files, readings and versions its results came about, so that it can be replayed.

In: where campaign, overlays and data came from (`Origin`), the submission, the results. Out: plain data, ready for JSON,
in a stable order. Every byte of a file was hashed as it was read; a table of a program is hashed when somebody asks.
Of the machine nothing is told that the caller did not write: no folder, no user, no moment. Must not know: how anything
is read or evaluated.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from typing import Any, Final

import attrs
from attrs import field, frozen

from campaignrules.errors import Text
from campaignrules.intake import Submission
from campaignrules.intake.kinds import NAMED
from campaignrules.quantities import plain_text
from campaignrules.relational.passwords import without_passwords
from campaignrules.reports.as_json import dumped
from campaignrules.results import Finding, Results, TableCount, column_of

FORMAT: Final = 1
"""The version of the form; another one is not read."""
PACKAGES: Final = ("polars", "numpy", "python-calamine")
OF_THE_FORM: Final = frozenset({"files"})
"""Fields of results that name files: the same rows in another form give the same results."""


@frozen(eq=False, repr=False)
class Paper:
    """A campaign or overlay file. `given`: the name or path that the caller wrote, None for a text; `data`: its bytes."""

    id: str
    given: str | None
    data: bytes
    effective: dt.date | None = None
    in_force: bool = True

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@frozen(eq=False, repr=False)
class Origin:
    """What the caller gave, and the version of the `program`.

    `readings`: those taken, `chosen`: those of them that the caller chose; `data`, `engine`: as given.
    """

    program: str
    campaign: Paper
    overlays: tuple[Paper, ...] = ()
    readings: Mapping[str, str] = field(factory=dict)
    chosen: Mapping[str, str] = field(factory=dict)
    data: object = None
    encoding: str | None = None
    engine: str = "auto"


def receipt(
    origin: Origin, submission: Submission, results: Results, findings: Iterable[Finding], counts: Sequence[TableCount],
    as_of: dt.date,
) -> dict[str, Any]:  # fmt: skip
    """The receipt as plain data."""
    return {
        "receipt": FORMAT,
        "campaign": _paper(origin.campaign),
        "overlays": [_overlay(one) for one in origin.overlays],
        "readings": {"taken": dict(origin.readings), "chosen": dict(origin.chosen)},
        "as_of": as_of.isoformat(),
        "encoding": origin.encoding,
        "engine": origin.engine,
        "data": {"given": where(origin.data), "inputs": list(_inputs(submission))},
        "versions": versions(origin.program),
        "results": digested(results, _all_named(submission, findings, counts), counts),
    }


def _all_named(submission: Submission, findings: Iterable[Finding], counts: Sequence[TableCount]) -> list[Finding]:
    """The findings without those of tables of whose bad rows only the first are named: nobody else finds the same ones."""
    many = {one.record for one in counts if one.set_aside > NAMED and submission.tables[one.record].checked_later}
    return [found for found in findings if found.record not in many or not found.set_aside]


def _paper(paper: Paper) -> dict[str, Any]:
    return {"id": paper.id, "given": paper.given, "sha256": paper.sha256}


def _overlay(paper: Paper) -> dict[str, Any]:
    day = paper.effective.isoformat() if paper.effective else None
    return {**_paper(paper), "effective": day, "in_force": paper.in_force}


def where(data: object) -> Any:
    """Where data were, as the caller wrote it: a path, a URL without passwords, table → path; None for what is no place."""
    if isinstance(data, Mapping):
        return {str(name): None if isinstance(one, Mapping) else where(one) for name, one in data.items()}
    if not isinstance(data, str) and not hasattr(data, "__fspath__"):
        return None
    text = str(data)
    return without_passwords(text, text) if "://" in text else text


def _inputs(submission: Submission) -> Iterator[dict[str, Any]]:
    """Each file or table with its digest, and the tables that it held, with their rows."""
    tables: dict[int, list[dict[str, Any]]] = {}
    for origin, source in zip(submission.origins, submission.sources, strict=True):
        aside = None if source.kept is None else source.rows - source.kept
        told = {"record": source.record, "sheet": source.sheet, "read": source.rows, "set_aside": aside}
        tables.setdefault(origin, []).append(told)
    for number, one in enumerate(submission.inputs):
        yield {"name": one.name, "of": one.of, "sha256": one.sha256, "tables": tables.get(number, [])}


@cache
def _packages() -> tuple[tuple[str, str | None], ...]:
    return tuple((name, _version(name)) for name in PACKAGES)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def versions(program: str) -> dict[str, str | None]:
    """Of everything that results might depend on."""
    return {"campaignrules": program, "python": ".".join(map(str, sys.version_info[:3])), **dict(_packages())}


# -- results ------------------------------------------------------------------------------------------------------


def digested(results: Results, findings: Iterable[Finding], counts: Iterable[TableCount]) -> dict[str, Any]:
    """The digest of all results, and of each kind with its rows.

    The same for rows in any order, in any form of file, in any place and time: each row is written canonically, the rows
    of a kind are put in order. Of findings it holds which rows were set aside for what, not where in a file they stood.
    """
    kinds = {kind: [*_lines(getattr(results, kind))] for kind in _kinds()}
    kinds["rows"] = [_line((one.record, one.read, one.set_aside, one.screened)) for one in counts]
    kinds["findings"] = [*_aside(findings)]
    told = {kind: {"rows": len(lines), "sha256": _digest(sorted(lines))} for kind, lines in kinds.items()}
    whole = _digest(f"{kind} {one['sha256']}" for kind, one in told.items())
    return {"sha256": whole, "kinds": told}


def _kinds() -> list[str]:
    return [one.name for one in attrs.fields(Results) if one.name != "more"]


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _lines(rows: Iterable[Any]) -> Iterator[str]:
    """Each row as one line of JSON: names and values."""
    for row in rows:
        names, values = _reader(row.__class__)
        yield _line((*names, *values(row)))


@cache
def _reader(cls: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = [one.name for one in attrs.fields(cls) if one.eq and one.name not in OF_THE_FORM]
    return tuple(column_of(name) for name in names), attrgetter(*names)


def _line(values: tuple[Any, ...]) -> str:
    return _ENCODER.encode(values)


def _plain(value: Any) -> Any:
    """What JSON does not have: exact numbers and dates as text, texts in both languages."""
    if isinstance(value, Decimal):
        return plain_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Text):
        return [value.zh, value.en]
    raise TypeError(type(value).__name__)


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_plain
)


def _aside(findings: Iterable[Finding]) -> Iterator[str]:
    """Why rows were set aside, and how many of each table for each reason.

    Beyond the limit which of many findings are listed depends on the order of rows: then none is looked at, and the
    counts of rows must do.
    """
    listed = list(findings)
    if any(one.code == "more-findings" for one in listed):
        return
    for (record, code), many in sorted(Counter((one.record, one.code) for one in listed if one.set_aside).items()):
        yield _line((record, code, many))


# -- of a text ----------------------------------------------------------------------------------------------------


def written(told: Mapping[str, Any]) -> str:
    """A receipt as the text of a file."""
    return dumped(told)
