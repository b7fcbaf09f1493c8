"""A verdict in words, and as plain data.

In: `Verdict`. Out: lines in two languages; data ready for JSON. Must not know: terminals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from campaignrules.comparison import ITEMS
from campaignrules.errors import Text
from campaignrules.replaying import Change, Difference, Verdict
from campaignrules.reports.as_json import plain
from campaignrules.results import COLUMN_TITLES, KIND_TITLES, column_of

_WHAT: Final = {
    "campaign": Text("活动文件", "campaign"),
    "overlay": Text("补充文件", "overlay"),
    "data": Text("数据", "data"),
}
_HOW: Final = {
    "changed": Text("已改", "has changed"),
    "missing": Text("现在没有", "is not there now"),
    "added": Text("当时没有", "was not there then"),
    "unknown": Text("无从核对", "cannot be compared"),
}
SHOWN: Final = 20
_DIGITS: Final = 12
"""So many digits of a digest tell two files apart for a person."""


def told(verdict: Verdict) -> Iterator[Text]:
    """The verdict in lines: the results first, then what else is not as it was."""
    yield _headline(verdict)
    for change in verdict.changes:
        yield _change(change)
    for name, (before, after) in verdict.versions.items():
        yield Text(
            f"版本：{name} {before or '—'} → {after or '—'}", f"version: {name} {before or '—'} → {after or '—'}"
        )
    if not verdict.identical:
        yield from _differing(verdict)


def _headline(verdict: Verdict) -> Text:
    short = verdict.receipt["results"]["sha256"][:_DIGITS]
    if not verdict.identical:
        return Text("结果不同", "the results differ")
    if verdict.changes:
        return Text(f"结果相同（{short}），但输入有变", f"the results are identical ({short}), though inputs are not")
    return Text(f"结果相同（{short}），文件也相同", f"the results are identical ({short}), and so are all files")


def _change(change: Change) -> Text:
    what, how = _WHAT[change.what], _HOW[change.how]
    digests = [digest[:_DIGITS] for digest in (change.before, change.after) if digest]
    shown = f" ({' → '.join(digests)})" if len(digests) == 2 else ""
    return Text(f"{what.zh} {change.name} {how.zh}{shown}", f"{what.en} {change.name} {how.en}{shown}")


def _differing(verdict: Verdict) -> Iterator[Text]:
    kinds = [KIND_TITLES.get(kind, Text(kind, kind)) for kind in verdict.kinds]
    zh, en = "、".join(kind.zh for kind in kinds), ", ".join(kind.en for kind in kinds)
    yield Text(f"不同的结果：{zh}", f"results that differ: {en}")
    for one in verdict.differences[:SHOWN]:
        yield _difference(one)
    if more := len(verdict.differences) - SHOWN:
        yield from [Text(f"… 另有 {more} 处", f"… {more} more")] if more > 0 else []
    if not verdict.differences:
        yield Text(
            "凭据只有结果的摘要，看不出哪一行不同；用当时的 JSON 结果（evaluate --format json）代替凭据即可逐行比较",
            "a receipt only has the digest of the results; replay the JSON of that evaluation (evaluate --format json) to see which rows",
        )
    if not verdict.changes and not verdict.versions:
        yield Text(
            "文件和版本都没有变：这是程序的错误，请告诉维护者",
            "no file and no version is another: this is a fault of ours, please report it",
        )


def _difference(one: Difference) -> Text:
    kind = KIND_TITLES.get(one.kind, Text(one.kind, one.kind))
    items = [column_of(name) for name in ITEMS]
    item = "/".join(str(one.key[name]) for name in items if name in one.key)
    when = "window" if "window" in one.key else "due_on"
    place = " ".join([item, *(str(one.key[name]) for name in ("unit", when) if name in one.key)])
    if one.column is None:
        return Text(f"  {kind.zh} {place}：现在没有这一行", f"  {kind.en} {place}: no such row now")
    cells, column = f"{_cell(one.before)} → {_cell(one.after)}", COLUMN_TITLES.get(one.column, _same(one.column))
    return Text(f"  {kind.zh} {place}：{column.zh} {cells}", f"  {kind.en} {place}: {column.en} {cells}")


def _same(word: str) -> Text:
    return Text(word, word)


def _cell(value: Any) -> str:
    return "—" if value is None else str(value)[:80]


def data_of(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data."""
    versions = {name: {"before": then, "after": now} for name, (then, now) in verdict.versions.items()}
    return {
        "identical": verdict.identical,
        "changes": plain(verdict.changes),
        "versions": versions,
        "kinds": list(verdict.kinds),
        "differences": plain(verdict.differences),
        "receipt": plain(verdict.receipt),
    }
