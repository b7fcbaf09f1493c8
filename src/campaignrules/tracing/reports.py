"""A trace → text in columns, JSON or CSV.

A report is made from rows: each number of the campaign, then each figure of the documents. Must not know: how anything
is found, terminals.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import asdict, frozen

from campaignrules.errors import Diagnostic, Text, render, to_json, visible
from campaignrules.reports.as_csv import MARK, cell
from campaignrules.reports.as_json import dumped
from campaignrules.reports.layout import Cell, filled_columns, lines
from campaignrules.tracing import Trace, clauses, digests
from campaignrules.tracing.findings import subject_of
from campaignrules.tracing.matching import Held, Verdict

STATES: Final = {
    "cited": Text("在所引条款", "cited"),
    "elsewhere": Text("在别的条款", "elsewhere"),
    "missing": Text("找不到", "not found"),
    "explained": Text("有说明", "explained"),
    "structural": Text("不须印出", "structural"),
    "unread": Text("未给文件", "not read"),
    "number": Text("已承载", "carried"),
    "window": Text("是时间窗", "a window"),
    "words": Text("已登记", "registered"),
    "idiom": Text("固定说法", "idiom"),
    "": Text("无人承载", "not carried"),
}
_COLOURS: Final = {"elsewhere": "yellow", "missing": "red", "": "yellow", "unread": "dim", "idiom": "dim"}
MOST_PLACES: Final = 3


@frozen
class Row:
    """A number of the campaign (`side` file) or a figure of a document (`side` document)."""

    side: str
    state: str
    name: str
    shown: str
    clause: str
    found: str
    line: int | None
    column: int | None
    document: str


def rows(trace: Trace) -> Iterator[Row]:
    """Every number, then every figure."""
    for verdict in trace.verdicts:
        yield _number_row(verdict, trace)
    for held in trace.held:
        yield _figure_row(held, trace)


def _number_row(verdict: Verdict, trace: Trace) -> Row:
    number = verdict.number
    places = [f"{clauses.label(path)}: {figure.text}" for path, figure in verdict.found]
    some = list(dict.fromkeys(" ".join(place.split()) for place in places))
    span = number.span
    return Row(
        "file",
        verdict.state,
        number.subject,
        number.shown,
        "; ".join(number.cites),
        "; ".join(some[:MOST_PLACES]) + (" …" if len(some) > MOST_PLACES else ""),
        span.line if span else None,
        span.column if span else None,
        number.document or trace.default,
    )


def _figure_row(held: Held, trace: Trace) -> Row:
    line, column = trace.pages[held.page].source.place(held.figure.start)
    number = held.number
    carrier = f"{number.subject}: {number.shown}" if number else ""
    shown = " ".join(held.figure.text.split())
    return Row("document", held.by, carrier, shown, clauses.label(held.path), "", line, column, held.page)


def counts(trace: Trace) -> dict[str, dict[str, int]]:
    """How many numbers are in which state, and what figures are carried by."""
    numbers: Counter[str] = Counter(one.state for one in trace.verdicts)
    carried: Counter[str] = Counter(one.by for one in trace.held)
    return {
        "numbers": {state: numbers[state] for state in STATES if state in numbers},
        "figures": {by or "not_carried": carried[by] for by in STATES if by in carried},
    }


# -- text --------------------------------------------------------------------------------------------------------------


def as_text(
    trace: Trace,
    found: Sequence[Diagnostic],
    lang: str = "zh",
    *,
    every: bool = False,
    colour: bool = False,
    width: int = 100,
) -> str:
    """The findings with their places; `every`: before them each number and figure, and what is acknowledged."""
    parts = [_heads(trace, lang)]
    if every:
        parts.append(lines([filled_columns(_columns(lang), (_cells(row, lang) for row in rows(trace)))], width, colour))
    shown = [one for one in found if every or one.acknowledged is None]
    hidden = len(found) - len(shown)
    text = render(shown, lang, colour)
    parts += [f"{text}\n"] if text else []
    parts.append(_last(len(shown), hidden, lang))
    return "\n".join(part for part in parts if part)


def _heads(trace: Trace, lang: str) -> str:
    told = counts(trace)
    numbers = _counted(told["numbers"], lang)
    figures = _counted({key.replace("not_carried", ""): many for key, many in told["figures"].items()}, lang)
    title = Text("活动文件中的数", "numbers of the file"), Text("文件中的数字", "figures of the document")
    names = [
        f"{visible(page.source.name)} · sha256 {digests.sha256(page.source)[:16]}" for page in trace.pages.values()
    ]
    return "".join(
        f"{line}\n" for line in (*names, f"{title[0].to(lang)}：{numbers}", f"{title[1].to(lang)}：{figures}")
    )


def _counted(many: dict[str, int], lang: str) -> str:
    comma = "，" if lang == "zh" else ", "
    return comma.join(f"{STATES[state].to(lang)} {count}" for state, count in many.items())


def _last(shown: int, hidden: int, lang: str) -> str:
    fine = (
        "" if shown else Text("每个数都有出处，没有遗漏", "every number has its place, and none is forgotten").to(lang)
    )
    known = (
        Text(f"已说明理由 {hidden} 处（--all 列出）", f"acknowledged: {hidden} (--all lists them)").to(lang)
        if hidden
        else ""
    )
    said = ("；" if lang == "zh" else "; ").join(one for one in (fine, known) if one)
    return f"{said}\n" if said else ""


def _columns(lang: str) -> list[tuple[str, bool]]:
    heads = (
        ("情况", "state"),
        ("编号", "name"),
        ("数", "number"),
        ("条款", "clause"),
        ("文件中", "found"),
        ("行", "line"),
    )
    return [(head[lang != "zh"], i in (1, 4)) for i, head in enumerate(heads)]


def _cells(row: Row, lang: str) -> tuple[Cell, ...]:
    state = Cell(STATES[row.state].to(lang), _COLOURS.get(row.state, ""))
    rest = (row.name, row.shown, row.clause, row.found, "" if row.line is None else str(row.line))
    return (state, *(Cell(visible(text)) for text in rest))


# -- data --------------------------------------------------------------------------------------------------------------


def as_json(name: str, trace: Trace, found: Iterable[Diagnostic]) -> str:
    """All of it as one object."""
    documents = [
        {
            "name": page.name,
            "file": visible(page.source.name),
            "sha256": digests.sha256(page.source),
            "figures": len(page.figures),
            "lines_printed_twice": page.repeated,
        }
        for page in trace.pages.values()
    ]
    listed = [_plain(row) for row in rows(trace)]
    return dumped(
        {
            "campaign": name,
            "documents": documents,
            "counts": counts(trace),
            "numbers": [row for row in listed if row.pop("side") == "file"],
            "figures": [_plain_figure(held, trace) for held in trace.held],
            "findings": [to_json(one) for one in found],
        }
    )


def _plain(row: Row) -> dict[str, Any]:
    return {key: visible(value) if isinstance(value, str) else value for key, value in asdict(row).items()}


def _plain_figure(held: Held, trace: Trace) -> dict[str, Any]:
    row = _plain(_figure_row(held, trace))
    keys = {"state": "carried_by", "name": "carrier", "shown": "figure"}
    named = {keys.get(key, key): value for key, value in row.items() if key not in ("side", "found")}
    return {**named, "carried_by": row["state"] or None, "sort": held.figure.sort, "subject": visible(subject_of(held))}


def as_csv(trace: Trace, lang: str = "zh") -> str:
    """A row for each number and each figure; the heads are the same in both languages."""
    out = io.StringIO()
    names = ("side", "state", "name", "shown", "clause", "found", "line", "column", "document")
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows(trace):
        state = row.state or "not_carried"
        writer.writerow([cell(state if name == "state" else getattr(row, name), lang) for name in names])
    return MARK + out.getvalue()
