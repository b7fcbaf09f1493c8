"""The tree of why: its form, and its text as indented lines.

Must not know: where the steps come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from attrs import field, frozen

from campaignrules.errors import Text
from campaignrules.results import STATUS_TITLES


@frozen
class Counted:
    """The rows behind a number: how many of a record, and the first of them by key, or by number (#1)."""

    record: Text
    total: int
    ids: tuple[str, ...] = ()


@frozen
class Explanation:
    """One step: what it is, its value, how it came about, and the steps below it.

    The step for a whole result has `status` and `reason`, and says where the demand comes from.
    """

    label: Text
    value: Text | None = None
    formula: Text | None = None
    rows: Counted | None = None
    children: tuple[Explanation, ...] = ()
    status: str | None = None
    reason: Text | None = None
    source: str | None = None
    document: Text | None = None
    readings: tuple[Text, ...] = ()
    settled: tuple[Text, ...] = ()
    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    note: Text | None = field(default=None)


def render_explanation(explanation: Explanation, lang: str = "zh") -> str:
    """The tree as indented lines."""
    return "\n".join(_rendered(explanation, lang, 0)) + "\n"


def _rendered(step: Explanation, lang: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    yield f"{indent}{_line(step, lang)}"
    for label, said in _details(step, lang):
        yield f"{indent}  {label}{'：' if lang == 'zh' else ': '}{said}"
    for child in step.children:
        yield from _rendered(child, lang, depth + 1)


def _line(step: Explanation, lang: str) -> str:
    colon = "：" if lang == "zh" else ": "
    status = f" [{STATUS_TITLES[step.status].to(lang)}]" if step.status else ""
    value = f"{colon}{step.value.to(lang)}" if step.value else ""
    formula = f" = {step.formula.to(lang)}" if step.formula and step.value else ""
    alone = f"{colon}{step.formula.to(lang)}" if step.formula and not step.value else ""
    return f"{step.label.to(lang)}{value}{status}{formula}{alone}"


_DETAILS: Final[tuple[tuple[Text, Callable[[Explanation, str], Any]], ...]] = (
    (Text("原因", "because"), lambda step, lang: step.reason and step.reason.to(lang)),
    (Text("行", "rows"), lambda step, lang: step.rows and _rows_line(step.rows, lang)),
    (Text("条款", "clause"), lambda step, _: step.source),
    (Text("文件", "document"), lambda step, lang: step.document and step.document.to(lang)),
    (Text("读法", "reading"), lambda step, lang: "; ".join(one.to(lang) for one in step.readings)),
    (Text("补充文件", "settled by overlay"), lambda step, lang: "; ".join(one.to(lang) for one in step.settled)),
    (Text("牵头", "lead"), lambda step, lang: _listed(step.lead, lang)),
    (Text("配合", "support"), lambda step, lang: _listed(step.support, lang)),
    (Text("说明", "note"), lambda step, lang: step.note and step.note.to(lang)),
)


def _details(step: Explanation, lang: str) -> Iterator[tuple[str, str]]:
    for label, tell in _DETAILS:
        if said := tell(step, lang):
            yield label.to(lang), said


def _listed(names: Iterable[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(names)


def _rows_line(rows: Counted, lang: str) -> str:
    more = rows.total - len(rows.ids)
    names = _listed(rows.ids, lang) + (
        (f" 等，另有 {more} 行" if lang == "zh" else f" and {more} more") if more else ""
    )
    head = f"{rows.record.zh} {rows.total} 行" if lang == "zh" else f"{rows.total} of {rows.record.en}"
    return f"{head}（{names}）" if lang == "zh" and names else f"{head} ({names})" if names else head
