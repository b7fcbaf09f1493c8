"""Findings → the lines that name them: where each one is, worst first, many alike in one line.

Comes in: findings and a language. Goes out: groups of findings and cells for `layout`. Must not know: evaluations,
submissions, where the text goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from attrs import frozen

from campaignrules.errors import Text, visible
from campaignrules.reports.layout import Cell
from campaignrules.results import Finding

ALIKE: Final = 4
"""From so many findings alike on they are told in one line."""
EXAMPLES: Final = 3
"""Places and values that such a line names."""
LONGEST_VALUE: Final = 40
STYLES: Final = {"error": "red", "warning": "yellow", "note": "dim"}
SEVERITIES: Final = {
    "error": Text("错误", "errors"),
    "warning": Text("警告", "warnings"),
    "note": Text("说明", "notes"),
}
_RANK: Final = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Where(NamedTuple):
    """A file (None: a program gave the table) and a sheet of it, or a table."""

    file: str | None
    sheet: str | None
    record: str


@frozen(eq=False, repr=False)
class Alike:
    """Findings that say the same of one column, or one finding alone."""

    all: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        return self.all[0]


def where(finding: Finding) -> Where:
    """The file and sheet a finding is on; without a file its table."""
    return Where(finding.file, finding.sheet, "" if finding.file else finding.record)


def by_place(findings: Iterable[Finding]) -> dict[Where, list[Finding]]:
    """The findings of each file and sheet, those with errors first, then in the order in which they were found."""
    found: dict[Where, list[Finding]] = {}
    for finding in findings:
        found.setdefault(where(finding), []).append(finding)
    worst = {place: min(_RANK[finding.severity] for finding in some) for place, some in found.items()}
    return {place: found[place] for place in sorted(found, key=worst.__getitem__)}


def summed(findings: Iterable[Finding], *, everything: bool = False) -> list[Alike]:
    """The findings, worst first; many of one code on one column are one, unless `everything` is asked for.

    Of rows as a whole only those are one that say the same: rules differ.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        apart: object = id(finding) if everything else finding.message if finding.column is None else None
        groups.setdefault((where(finding), finding.code, finding.column, apart), []).append(finding)
    told = []
    for group in groups.values():
        told += [Alike(tuple(group))] if len(group) >= ALIKE else [Alike((finding,)) for finding in group]
    return sorted(told, key=lambda one: _RANK[one.first.severity])


def totals(findings: Iterable[Finding], lang: str) -> str:
    """`错误 12 · 警告 2 · 说明 1`."""
    counts = Counter(finding.severity for finding in findings)
    parts = (f"{title.to(lang)} {counts[name]}" for name, title in SEVERITIES.items() if counts[name])  # type: ignore[index]
    return " · ".join(parts)


# -- lines --------------------------------------------------------------------------------------------------------


def line(alike: Alike, lang: str, *, file: bool = True, code: bool = False) -> Cell:
    """`甲县/报送表.xlsx · 签约项目!D12 · 第 12 行 · 协议投资额（万元） · “３．５亿亿”：不是数（该行不予采用）`.

    `file`: whether to name file and sheet, and the row besides the cell; `code`: whether to say the code, too.
    """
    first, said = alike.first, _said(alike.all, lang)
    parts = [_place(first, lang, file=file) if len(alike.all) == 1 else _places(alike.all, lang, file=file)]
    parts += [visible(first.column)] if first.column else []
    parts += _quoted(alike.all, lang, said)
    named = [part for part in parts if part] or ([visible(first.record)] if file and first.record else [])
    cell = Cell(named[0] if named else "", STYLES[first.severity]).append("".join(f" · {part}" for part in named[1:]))
    cell.append(("：" if lang == "zh" else ": ") if named else "").append(said, "" if named else STYLES[first.severity])
    cell.append(_aside(alike.all, lang, short=code), "dim")
    return cell.append(f" [{first.code}]" if code else "", "dim")


def _place(finding: Finding, lang: str, *, file: bool) -> str:
    name = visible(finding.file or finding.record) if file else ""
    row = "" if finding.row is None else f"第 {finding.row} 行" if lang == "zh" else f"row {finding.row}"
    address = _address(finding)
    if not file:
        return visible(finding.cell) if finding.cell else row
    if name and not address:
        return f"{name}:{finding.row}" if row else name
    return " · ".join(part for part in (name, address, row) if part)


def _address(finding: Finding) -> str:
    """`签约项目!D12`, `签约项目`, `D12` or nothing."""
    return "!".join(visible(part) for part in (finding.sheet, finding.cell) if part)


def _places(findings: Sequence[Finding], lang: str, *, file: bool) -> str:
    """`签约项目!D20、D21、D22 等 11 处`."""
    first = findings[0]
    name, sheet_name = (visible(first.file or first.record), visible(first.sheet or "")) if file else ("", "")
    some = [finding.cell or (str(finding.row) if finding.row is not None else "") for finding in findings[:EXAMPLES]]
    listed = ("、" if lang == "zh" else ", ").join(part for part in some if part)
    sheet = f"{sheet_name}!" if sheet_name and first.cell else sheet_name
    if listed and not first.cell:
        listed = f"第 {listed} 行" if lang == "zh" else f"rows {listed}"
    many = f"等 {len(findings)} 处" if lang == "zh" else f"… {len(findings)} in all"
    at = f"{sheet}{listed}" if first.cell else " · ".join(part for part in (sheet, listed) if part)
    return " · ".join(part for part in (name, f"{at} {many}".strip()) if part)


def _quoted(findings: Sequence[Finding], lang: str, said: str) -> list[str]:
    """The values submitted, the first few of those that differ; not one that is quoted in what is said."""
    values = list(dict.fromkeys(finding.value for finding in findings if finding.value))[:EXAMPLES]
    if len(values) == 1 and _quotes(said, visible(values[0])):
        return []
    short = [text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…" for text in map(visible, values)]
    marked = [f"“{text}”" if lang == "zh" else f'"{text}"' for text in short]
    return ["、".join(marked) if lang == "zh" else ", ".join(marked)] if marked else []


def _quotes(said: str, value: str) -> bool:
    return f"“{value}”" in said or said.startswith(f"{value} ") or said.endswith(f" {value}")


def _said(findings: Sequence[Finding], lang: str) -> str:
    """What is wrong; where that differs, for the first."""
    said = visible(findings[0].message.to(lang))
    same = len({finding.message for finding in findings}) == 1
    return said if same else f"如：{said}" if lang == "zh" else f"e.g. {said}"


def _aside(findings: Sequence[Finding], lang: str, *, short: bool) -> str:
    if not any(finding.set_aside for finding in findings):
        return ""
    every_row = findings[0].code == "missing-column"
    if short and every_row:
        return "（各行剔除）" if lang == "zh" else " (all rows set aside)"
    if short:
        return "（剔除）" if lang == "zh" else " (set aside)"
    if len(findings) == 1 and not every_row:
        return "（该行不予采用）" if lang == "zh" else " (row set aside)"
    return "（各行不予采用）" if lang == "zh" else " (rows set aside)"
