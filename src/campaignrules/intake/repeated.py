"""Keys that come twice in a table in memory: the first row of each counts, later ones are named and set aside.

In: the good rows of all raw tables of one record type, in order. Out: those that stay. Must not know: how rows were read.
"""

from __future__ import annotations

import polars as pl

from campaignrules.intake.conversion import JOINT
from campaignrules.intake.findings import FindingList, finding
from campaignrules.intake.kinds import Kind
from campaignrules.intake.parts import PART, Part
from campaignrules.intake.raw import ROW


def distinct(kind: Kind, frame: pl.DataFrame, parts: list[Part], findings: FindingList, first: int) -> pl.DataFrame:
    """The first row of each key; later ones are named and set aside."""
    keys = [kind.columns[name] for name in kind.key]
    if not keys or not frame.height:
        return frame
    if _all_differ(frame[keys[0]] if len(keys) == 1 else frame.select(pl.struct(keys)).to_series()):
        return frame
    known = pl.all_horizontal(pl.col(keys).is_not_null()) | (len(keys) > 1)
    again = frame.select(known & ~pl.struct(keys).is_first_distinct()).to_series()
    if again.any():
        _name_repeated(kind, frame, again, parts, findings, first)
        return frame.filter(~again)
    return frame


def _all_differ(keys: pl.Series) -> bool:
    """Whether no key comes twice; keys in order, as programs write them, are only compared with the next one."""
    if keys.dtype == pl.String and not keys.null_count() and keys.is_sorted():
        return bool((keys.slice(1) != keys.slice(0, len(keys) - 1)).all())
    return keys.n_unique() == len(keys)


def _name_repeated(
    kind: Kind, frame: pl.DataFrame, again: pl.Series, parts: list[Part], findings: FindingList, first: int
) -> None:
    whole = pl.struct(
        pl.col(c).list.join(JOINT) if frame.schema[c] == pl.List else pl.col(c) for c in kind.columns.values()
    )
    same = ~frame.select(whole.is_first_distinct()).to_series()
    keys = [kind.columns[key] for key in kind.key]
    shown = frame.select(ROW, PART, *keys, same.alias("same")).filter(again)
    stood = frame.filter(~again).select(pl.col(ROW).alias("first"), pl.col(PART).alias("of"), *keys)
    listed = shown.head(findings.limit).join(stood, on=keys, how="left", nulls_equal=True, maintain_order="left")
    for row, number, *key, is_same, before, of in listed.iter_rows():
        part, text = parts[number - first], "、".join(str(value) for value in key if value is not None)
        place = {**part.at(row, kind.key[0]), "value": text}
        code = "duplicate-row" if is_same else "duplicate-key"
        stands = parts[of - first].said(before, other=of != number)
        findings.add(finding(code, kind.id, place, aside=True, key=text, first=stands.zh, first_en=stands.en), number)
    findings.unlisted += max(shown.height - findings.limit, 0)
