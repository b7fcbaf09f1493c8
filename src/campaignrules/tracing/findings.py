"""Verdicts on numbers and figures → diagnostics, each at its place, with what was probably meant.

Must not know: how they are shown, acknowledgements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from campaignrules.errors import Diagnostic, Span, Text, fault
from campaignrules.tracing import clauses
from campaignrules.tracing.carried import Number
from campaignrules.tracing.matching import Held, Page, Placed, Verdict, power_of_ten

MOST_CLAUSES: Final = 4
MOST_AGAIN: Final = 3
"""Further places of one number that are shown."""


def diagnostics(
    verdicts: Sequence[Verdict], held: Iterable[Held], pages: Mapping[str, Page], default: str
) -> tuple[Diagnostic, ...]:
    """What is elsewhere, not found, not carried."""
    open_ = [one for one in verdicts if one.state in ("elsewhere", "missing")]
    found = (_of_number(one, pages[one.number.document or default], also) for one, also in _once(open_))
    explained = [one for one in verdicts if one.state == "explained"]
    lost = (_of_figure(one, pages[one.page], [*open_, *explained]) for one in held if not one.by)
    return (*found, *lost)


def _once(verdicts: Iterable[Verdict]) -> Iterator[tuple[Verdict, list[Number]]]:
    """One for each number that an element repeats, as weights of twelve months, with where it stands again."""
    found: dict[object, list[Verdict]] = {}
    for one in verdicts:
        number = one.number
        found.setdefault((number.subject, number.shown, number.cites, number.document, one.state), []).append(one)
    for first, *again in found.values():
        yield first, [one.number for one in again]


def _of_number(verdict: Verdict, page: Page, also: Iterable[Number] = ()) -> Diagnostic:
    number = verdict.number
    again = [(one.span, Text("又在这里", "again here")) for one in also][:MOST_AGAIN]
    cited = "; ".join(number.cites) or "—"
    told: dict[str, Any] = {"name": number.subject, "number": number.shown, "clause": cited}
    hint, near = _hint(verdict, page), verdict.near
    if verdict.state == "missing":
        related = [(_span(page, near), _stands(near))] if near else []
        return fault(
            "figure-not-found", number.span, subject=number.subject, hint=hint, related=[*related, *again], **told
        )
    labels = list(dict.fromkeys(clauses.label(path) for path, _ in verdict.found))
    return fault(
        "figure-elsewhere",
        number.span,
        subject=number.subject,
        hint=hint if near and _by_noughts(number.value, near[1].value) else None,
        related=[(_span(page, verdict.found[0]), _stands(verdict.found[0])), *again],
        found="; ".join(labels[:MOST_CLAUSES]) + (" …" if len(labels) > MOST_CLAUSES else ""),
        **told,
    )


def _hint(verdict: Verdict, page: Page) -> Text | None:
    """What was probably meant, with its place."""
    if verdict.near is None:
        return None
    path, figure = verdict.near
    line, column = page.source.place(figure.start)
    meant = Text(
        f"条款 {clauses.label(path)} 有“{figure.text}”（第 {line} 行第 {column} 列），是不是它？",
        f"clause {clauses.label(path)} has “{figure.text}” (line {line}, column {column}): is that meant?",
    )
    one, other = verdict.number.value, figure.value
    if _by_noughts(one, other):
        return Text(f"{meant.zh}只差零的个数", f"{meant.en} They differ by noughts alone")
    return meant


def _by_noughts(one: object, other: object) -> bool:
    return (
        isinstance(one, Fraction) and isinstance(other, Fraction) and bool(one and other) and power_of_ten(one / other)
    )


def _stands(placed: Placed) -> Text:
    path, figure = placed
    return Text(f"条款 {clauses.label(path)}：{figure.text}", f"clause {clauses.label(path)}: {figure.text}")


def _span(page: Page, placed: Placed) -> Span:
    return page.source.span(placed[1].start, placed[1].end)


def subject_of(held: Held) -> str:
    """What an acknowledgement calls a figure that nothing carries: its clause and its words."""
    return f"{clauses.label(held.path)} {held.figure.text}"


def _of_figure(held: Held, page: Page, lost: Iterable[Verdict]) -> Diagnostic:
    """A figure that nothing carries, and the numbers that may be meant.

    They stand nowhere and cite its clause, or have its value and cite another clause, whatever explains them there.
    """
    placed = (held.path, held.figure)
    near = [one.number for one in lost if one.near == placed or (one.state == "explained" and placed in one.found)]
    return fault(
        "figure-not-carried",
        _span(page, placed),
        subject=subject_of(held),
        figure=held.figure.text,
        clause=clauses.label(held.path),
        related=_numbers(near),
    )


def _numbers(near: Iterable[Number]) -> Iterator[tuple[Span | None, Text]]:
    for number in near:
        shown = f"{number.subject}: {number.shown}"
        yield number.span, Text(shown, shown)
