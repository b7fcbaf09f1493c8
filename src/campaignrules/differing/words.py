"""What changed, in words and as plain data.

In: a comparison, results that moved. Out: lines in two languages; data ready for JSON. Must not know: terminals, how
anything is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from campaignrules.differing import Change, Comparison, Moved
from campaignrules.differing.elements import Keyed
from campaignrules.driver import Campaign
from campaignrules.errors import Span, Text
from campaignrules.evaluation import Evaluation
from campaignrules.model import VERBS, Element, Metric, Target, yaml_fields
from campaignrules.model import Campaign as CampaignModel
from campaignrules.nodes import plain as plain_node
from campaignrules.quantities import QuantityError, parse_quantity, plain_text
from campaignrules.reports.as_json import plain
from campaignrules.results import COLUMN_TITLES, KIND_TITLES, STATUS_TITLES

SHOWN: Final = 20
"""Results of a kind that are written out."""
NAMED: Final = 8
"""What rests on a change, so many of it by name."""
LONGEST: Final = 100
"""Characters of a value that are shown; JSON has all of them."""
_RANKS: Final = {
    "meaning": Text("含义", "meaning"),
    "display": Text("显示单位", "unit of display"),
    "wording": Text("文字", "wording"),
}
_HOW: Final = {
    "added": Text("新增", "added"),
    "removed": Text("删去", "removed"),
    "renamed": Text("改名", "renamed"),
    "reordered": Text("改了次序", "reordered"),
    "changed": Text("改为", "changed to"),
}
_SHOWN_IN: Final = Text("显示单位", "shown in")
_NOTHING: Final = Text("（未写）", "(nothing)")


# -- changes ------------------------------------------------------------------------------------------------------


def told(comparison: Comparison) -> Iterator[Text]:
    """The changes in lines: how many, then each with its places and what rests on it."""
    yield _headline(comparison)
    for rank, title in _RANKS.items():
        some = [change for change in comparison.changes if change.rank == rank]
        if some:
            yield Text(f"{title.zh}：", f"{title.en}:")
        for change in some:
            yield _indented(sentence(change), 2)
            yield _indented(_places(change), 6)


def _headline(comparison: Comparison) -> Text:
    many = {rank: sum(change.rank == rank for change in comparison.changes) for rank in _RANKS}
    if not many["meaning"]:
        zh, en = "含义没有变化", "no change in meaning"
    else:
        zh, en = f"含义有 {many['meaning']} 处变化", f"changes in meaning: {many['meaning']}"
    if many["display"]:
        zh, en = f"{zh}，显示单位 {many['display']} 处", f"{en}, in units of display: {many['display']}"
    if many["wording"]:
        zh, en = f"{zh}，文字 {many['wording']} 处", f"{en}, in wording: {many['wording']}"
    return Text(zh, en)


def sentence(change: Change) -> Text:
    """`YJ-Y-02 全年协议引资：不低于 80 → 90 亿元`."""
    head = _head(change)
    if change.how == "renamed":
        return Text(
            f"{head.zh}：编号 {change.before} → {change.after}", f"{head.en}: id {change.before} → {change.after}"
        )
    label, values = _label(change), _values(change)
    entry = f" {change.entry}" if change.entry else ""
    if change.how in ("added", "removed"):
        how = _HOW[change.how]
        return Text(
            f"{head.zh}：{how.zh}{label.zh}{entry}（{values.zh}）",
            f"{head.en}: {how.en} {label.en}{entry} ({values.en})",
        )
    how = _HOW["reordered"] if change.how == "reordered" else Text("", "")
    order = Text(how.zh, f" {how.en}" if how.en else "")
    return Text(
        f"{head.zh}：{label.zh}{entry}{order.zh} {values.zh}", f"{head.en}: {label.en}{entry}{order.en} {values.en}"
    )


def _head(change: Change) -> Text:
    """The element by id and title; a part of the campaign by its section."""
    owner = change.owner
    if not owner.id:
        return _key_label(CampaignModel, owner.section) if owner.section != "campaign" else Text("活动", "campaign")
    title = owner.title
    return Text(f"{owner.id} {title.zh}", f"{owner.id} {title.en}") if title else Text(owner.id, owner.id)


def _label(change: Change) -> Text:
    if change.rank == "display":
        return _SHOWN_IN
    if isinstance(change.after, Keyed):
        return _JOINED.get(change.cls, _IS_NOW)
    if change.key and not _of_element(change):
        return _key_label(change.cls, change.key)
    described = change.cls.__described__ if hasattr(change.cls, "__described__") else Text("", "")
    return _short(described)


def _of_element(change: Change) -> bool:
    """Whether the change is about a whole element, one with or without an id."""
    found = change.after if change.before is None else change.before
    return change.how in ("added", "removed") and isinstance(found, Element)


def _key_label(cls: Any, key: str) -> Text:
    """What a key is called: its description up to the first sign that explains it."""
    found = yaml_fields(cls).get(key)
    if found is None:
        return Text(key, key)
    said = _short(Text(found[0].metadata["zh"], found[0].metadata["en"]))
    return Text(said.zh.partition("、")[0], _CALLED.get(key, said.en))


_CALLED: Final = {
    "force": "force", "in": "window", "for": "for", "except": "exceptions", "type": "type", "accumulate": "accumulated",
    "roster": "roster", "every": "every", "effect": "effect", "kind": "kind", "ties": "ties", "change": "change of place",
    "mode": "mode", "due": "due", "about": "about", "missing": "when data are missing", "value": "value",
    **{verb: verb for verb in VERBS},
}  # fmt: skip
"""English names of keys whose description begins with what may be written."""
_JOINED: Final[dict[type, Text]] = {Target: Text("要求", "the demand is"), Metric: Text("算法", "worked out by")}
_IS_NOW: Final = Text("改为", "is now")


def _short(text: Text) -> Text:
    return Text(re.split(r"[：（，；\[]", text.zh)[0].strip(), re.split(r"[:;(,\[]", text.en)[0].strip())


def _values(change: Change) -> Text:
    if change.how == "added":
        return shown(change.after)
    if change.how == "removed":
        return shown(change.before)
    pair = _quantities(change.before, change.after)
    if pair is not None:
        return Text(pair, pair)
    before, after = shown(change.before), shown(change.after)
    if before.en == after.en or before.zh == after.zh:  # a text of which one language is another
        before, after = (
            Text(one.zh, one.zh) if before.en == after.en else Text(one.en, one.en) for one in (before, after)
        )
    return Text(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}")


def _quantities(before: Any, after: Any) -> str | None:
    """`80 → 90 亿元` where both are told in one unit."""
    if not isinstance(before, str) or not isinstance(after, str):
        return None
    try:
        one, other = parse_quantity(before), parse_quantity(after)
    except QuantityError:
        return None
    if one.unit != other.unit or not one.unit.dimension:
        return None
    return f"{plain_text(one.number)} → {plain_text(other.number)} {one.unit.name}"


def shown(value: Any) -> Text:
    """A value of the file in words."""
    if isinstance(value, Text):
        return Text(_cut(value.zh), _cut(value.en))
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, Keyed):
        label, said = _key_label(value.cls, value.key), shown(value.value)
        return Text(f"{label.zh} {said.zh}", f"{label.en} {said.en}")
    if value is None or value in ((), {}):
        return _NOTHING
    if isinstance(value, Element):
        return _summary(value)
    if isinstance(value, Mapping):
        parts = [(name, shown(one)) for name, one in value.items()]
        return _joined([Text(f"{name}: {one.zh}", f"{name}: {one.en}") for name, one in parts])
    if isinstance(value, tuple):
        return _joined([shown(one) for one in value])
    text = _cut(" ".join(str(value).split()))
    return _WORDS.get(text, Text(text, text))


_WORDS: Final = {
    "binding": Text("约束性", "binding"), "strive": Text("力争", "strive"), "encouraged": Text("鼓励", "encouraged"),
    "tracked": Text("只跟踪", "tracked"),
    "each unit": Text("每个单位", "each unit"), "not_applicable": Text("不适用", "not applicable"),
}  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _joined(parts: list[Text]) -> Text:
    return Text(_cut("、".join(part.zh for part in parts)), _cut(", ".join(part.en for part in parts)))


def _summary(element: Element) -> Text:
    """What an element says besides its id, titles and notes."""
    cls: Any = type(element)
    parts = []
    for key, (attribute, _) in yaml_fields(cls).items():
        value = getattr(element, attribute.name)
        if key in ("id", "covers") or value == attribute.default or value in (None, (), {}) or isinstance(value, Text):
            continue
        label, said = _key_label(cls, key), shown(value)
        parts.append(Text(f"{label.zh} {said.zh}", f"{label.en} {said.en}"))
    return Text(_cut("；".join(part.zh for part in parts)), _cut("; ".join(part.en for part in parts)))


def _places(change: Change) -> Text:
    """Both places, the clause, and what rests on it."""
    places = " → ".join(_place(span) for span in (change.before_at, change.after_at) if span is not None)
    zh, en = [places] if places else [], [places] if places else []
    if change.owner.source:
        zh, en = [*zh, f"条款 {change.owner.source}"], [*en, f"clause {change.owner.source}"]
    if change.affects:
        named, more = change.affects[:NAMED], len(change.affects) - NAMED
        zh.append("影响 " + "、".join(named) + (f" 等 {len(change.affects)} 项" if more > 0 else ""))
        en.append("reaches " + ", ".join(named) + (f" and {more} more" if more > 0 else ""))
    return Text("；".join(zh), "; ".join(en))


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"


def _indented(text: Text, by: int) -> Text:
    return Text(" " * by + text.zh, " " * by + text.en)


# -- results ------------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Names:
    """What targets, scorecards and units are called, after and before."""

    evaluations: tuple[Evaluation, Evaluation]

    def item(self, moved: Moved) -> Text:
        for evaluation in self.evaluations:
            found = _titles(evaluation).get(moved.item)
            if found is not None:
                return Text(f"{moved.item} {found.zh}", f"{moved.item} {found.en}")
        return Text(moved.item, moved.item)

    def unit(self, moved: Moved) -> Text:
        if moved.unit is None:
            return Text("", "")
        for evaluation in self.evaluations:
            found = evaluation.roster.by_id.get(moved.unit)
            if found is not None and found.title is not None:
                return Text(f" {found.title.zh}", f" {found.title.en}")
        return Text(f" {moved.unit}", f" {moved.unit}")


def _titles(evaluation: Evaluation) -> dict[str, Text]:
    checked = evaluation.checked
    found = {one.target.id: one.target.title or one.metric.metric.title for one in checked.targets}
    found |= {one.duty.id: one.duty.title for one in checked.duties}
    found |= {one.id: one.title for one in checked.outcomes}
    found |= {one.honour.id: one.honour.title for one in checked.honours}
    found |= {name: ranking.ranking.title for name, ranking in checked.rankings.items()}
    for name, card in checked.scorecards.items():
        found[name] = card.card.title or found.get(name)
        found |= {f"{name}.{item.id}": item.title for item in card.items}
    return {name: title for name, title in found.items() if title is not None}


def told_results(moved: Iterable[Moved], before: Evaluation, after: Evaluation) -> Iterator[Text]:
    """Whose results are others, the largest first."""
    rows, names = list(moved), Names((after, before))
    if not rows:
        yield Text("结果没有变化", "no result is another")
        return
    yield Text(f"结果有 {len(rows)} 行变化：", f"results that are others: {len(rows)}")
    for kind, title in KIND_TITLES.items():
        some = [row for row in rows if row.kind == kind]
        if some:
            yield Text(f"  {title.zh}（{len(some)}）", f"  {title.en} ({len(some)})")
        yield from (_indented(_row(row, names), 4) for row in some[:SHOWN])
        if len(some) > SHOWN:
            more = len(some) - SHOWN
            yield Text(f"    … 另有 {more} 行（--format json 全部列出）", f"    … {more} more (--format json has all)")


def _row(row: Moved, names: Names) -> Text:
    item, unit, window = names.item(row), names.unit(row), f" {row.window}" if row.window else ""
    cells = [_cell(row, name, *pair) for name, pair in _telling(row).items()]
    zh, en = "；".join(cell.zh for cell in cells), "; ".join(cell.en for cell in cells)
    if row.there is not None:
        how = _HOW[row.there]
        return Text(f"{how.zh} {item.zh}{unit.zh}{window}", f"{how.en} {item.en}{unit.en}{window}")
    return Text(f"{item.zh}{unit.zh}{window}：{zh}", f"{item.en}{unit.en}{window}: {en}")


def _telling(row: Moved) -> dict[str, tuple[Any, Any]]:
    """The cells without those that say the same once more: both ends where there are points, or a place."""
    known = {"lowest", "highest"} if "points" in row.cells else {"best", "worst"} if "place" in row.cells else set()
    settled = all(value is not None for name in ("points", "place") for value in row.cells.get(name, ()))
    return {name: pair for name, pair in row.cells.items() if not (settled and name in known)}


def _cell(row: Moved, name: str, before: Any, after: Any) -> Text:
    label = COLUMN_TITLES[name]
    if name == "status":
        titles = [STATUS_TITLES.get(str(one), Text(str(one), str(one))) for one in (before, after)]
        return Text(f"{label.zh} {titles[0].zh} → {titles[1].zh}", f"{label.en} {titles[0].en} → {titles[1].en}")
    one, other = (_number(value) for value in (before, after))
    units = (
        row.measure
        if row.kind == "progress"
        else ("分", "分")
        if row.kind == "scores" and name != "grade"
        else ("", "")
    )
    from_ = f" {units[0]}" if units[0] != units[1] else ""
    to = f" {units[1]}" if units[1] and units[1] != "number" else ""
    return Text(f"{label.zh} {one}{from_} → {other}{to}", f"{label.en} {one}{from_} → {other}{to}")


def _number(value: Any) -> str:
    return "—" if value is None else plain_text(value) if isinstance(value, Decimal) else str(value)


# -- data ---------------------------------------------------------------------------------------------------------


def data_of(comparison: Comparison, moved: Iterable[Moved] | None = None) -> dict[str, Any]:
    """Everything as plain data."""
    return {
        "before": _campaign(comparison.before),
        "after": _campaign(comparison.after),
        "same": comparison.same,
        "renames": dict(comparison.renames),
        "changes": [_change(change) for change in comparison.changes],
        **({} if moved is None else {"results": [_moved(row) for row in moved]}),
    }


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return {"id": campaign.name, "given": campaign.given}


def _change(change: Change) -> dict[str, Any]:
    owner, said = change.owner, sentence(change)
    return {
        "how": change.how,
        "rank": change.rank,
        "section": owner.section,
        "id": owner.id or None,
        "title": plain(owner.title),
        "source": owner.source,
        "path": change.path,
        "key": change.key or None,
        "before": _value(change.before),
        "after": _value(change.after),
        "says": plain(said),
        "before_at": _at(change.before_at),
        "after_at": _at(change.after_at),
        "affects": list(change.affects),
    }


def _value(value: Any) -> Any:
    if isinstance(value, Element):
        return plain_node(value.node) if value.node is not None else None
    if isinstance(value, Mapping):
        return {str(name): _value(one) for name, one in value.items()}
    if isinstance(value, Keyed):
        return {value.key: _value(value.value)}
    return [_value(one) for one in value] if isinstance(value, tuple) else plain(value)


def _at(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"file": span.file, "line": span.line, "column": span.column}


def _moved(row: Moved) -> dict[str, Any]:
    cells = {name: {"before": plain(was), "after": plain(is_)} for name, (was, is_) in row.cells.items()}
    return {
        "kind": row.kind,
        "item": row.item,
        "unit": row.unit,
        "window": row.window,
        "there": row.there,
        "cells": cells,
        "size": plain(row.size),
        "measure": list(row.measure),
    }
