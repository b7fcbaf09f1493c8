"""The columns of a table that stays in an engine: which cells are understood, and what they are there.

In: fields, the columns meant for them, the engine. Out: for each field a typed node, and what a row must hold to count.
One look counts per column the cells that SQL may not take by itself; of these each different one is read here, by the
converter that reads any cell. Must not know: rules, keys, findings, how a table was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl
from attrs import define, evolve, field, frozen
from sqlglot import exp

from campaignrules.intake.conversion import JOINT, Converter, convert, filled
from campaignrules.intake.conversion.in_sql import FEW, Way, kind_of, way_of
from campaignrules.intake.fields import Wanted
from campaignrules.intake.parts import DASHES
from campaignrules.intake.stores import SOURCE, source_of
from campaignrules.relational.dialects import (
    Dialect,
    Kind,
    Node,
    case,
    column,
    free,
    function,
    is_null,
    joined,
    negation,
    not_null,
    parameter,
    quoted,
    surely,
)
from campaignrules.relational.engines import ColumnType
from campaignrules.relational.queries import Query
from campaignrules.relational.sources import HeldTable

DIFFERENT: Final = 50_000
"""Up to so many different cells of a column are read one by one."""
_APART: Final = "\x1e"
"""Stands between the cells of a list; a cell that holds it is not understood."""
_SPLITS: Final = {"duckdb": "STRING_SPLIT", "postgres": "STRING_TO_ARRAY"}
_BRANCHES: Final = 24
"""Up to so many of them are told apart by a CASE; more stand in a table that is joined."""


@frozen(eq=False, repr=False)
class Readings:
    """Different cells and what they mean. `empties`: those that hold nothing; `unread`: there were too many of them."""

    values: Mapping[Any, Any] = field(factory=dict)
    empties: tuple[Any, ...] = ()
    bad: tuple[Any, ...] = ()
    unread: bool = False


@define(eq=False, repr=False)
class HeldColumn:
    """One column. `odd`: how many cells the engine may not take by itself, `empty`: how many rows have none."""

    wanted: Wanted
    converter: Converter
    header: str
    given: ColumnType
    dialect: Dialect
    way: Way
    odd: int = 0
    empty: int = 0
    readings: Readings = field(factory=Readings)

    @classmethod
    def of(cls, wanted: Wanted, converter: Converter, header: str, given: ColumnType, dialect: Dialect) -> HeldColumn:
        return cls(wanted, converter, header, given, dialect, way_of(converter, given, column(header, SOURCE), dialect))

    @property
    def name(self) -> str:
        return self.wanted.column

    @property
    def cell(self) -> Node:
        return column(self.header, SOURCE)

    @property
    def kind(self) -> Kind:
        return kind_of(self.converter)

    @property
    def left_out(self) -> Node | None:
        """True in the rows whose cell the engine may not take by itself; None: there cannot be any."""
        if self.way.value is None:
            return not_null(self.cell)
        if self.way.fits is None:
            return None
        return joined(exp.And, not_null(self.cell), negation(surely(self.way.fits)))

    # what is asked

    def looks(self) -> dict[str, Node]:
        """What to look for."""
        found = {f"{self.name}_empty": self.dialect.count(is_null(self.cell))} if self.wanted.declared.required else {}
        if self.left_out is not None:
            found[f"{self.name}_odd"] = self.dialect.count(self.left_out)
        return found if self.way.largest is None else {**found, f"{self.name}_largest": self.way.largest}

    def take(self, counted: Mapping[str, Any]) -> None:
        """What the look has found."""
        self.odd, self.empty = (counted.get(f"{self.name}_{what}", 0) for what in ("odd", "empty"))
        if self.way.narrowed is not None:
            self.way = evolve(self.way, value=self.way.narrowed(int(counted[f"{self.name}_largest"] or 0)))

    def different(self, held: HeldTable) -> Query | None:
        """The different cells to be read here; None when there is nothing to read."""
        if not self.odd or self.way.key is None or self.left_out is None:
            return None
        asked = exp.select(exp.alias_(free(self.way.key), "k", quoted=True)).from_(source_of(held))
        return Query(asked.where(free(self.left_out)).distinct().limit(DIFFERENT + 1))

    def read(self, cells: pl.Series) -> None:
        """What these cells mean."""
        keys = cells.head(DIFFERENT)
        typed = convert(self.converter, _as_submitted(keys, self.given))
        held = filled(keys)
        if not self.wanted.declared.required and keys.dtype == pl.String:
            held = held & ~keys.str.contains(DASHES)
        good, empty = typed.is_not_null(), typed.is_null() & ~held
        values = dict(zip(keys.filter(good).to_list(), typed.filter(good).to_list(), strict=True))
        bad = tuple(keys.filter(~good & held).to_list())
        self.readings = Readings(values, tuple(keys.filter(empty).to_list()), bad, len(cells) > DIFFERENT)

    # what it has become

    @property
    def _stays(self) -> bool:
        """Whether cells that are not listed are what SQL makes of them; so where all were read, and most are as they are."""
        return self.way.value is None and self.kind == "text" == self.given.kind and not self.readings.unread

    @property
    def _changed(self) -> dict[Any, Any]:
        found = self.readings
        others = dict.fromkeys((*found.bad, *found.empties))
        return {**{key: value for key, value in found.values.items() if key != value}, **others}

    @property
    def _listed(self) -> Mapping[Any, Any]:
        """Cell → value of the cells that are listed one by one."""
        return self._changed if self._is_text_kept else self.readings.values

    @property
    def _is_text_kept(self) -> bool:
        return self._stays and len(self._changed) <= max(FEW, len(self.readings.values) // 2)

    @property
    def joins(self) -> bool:
        """Whether the listed cells stand in a table of their own."""
        return len(self._listed) > _BRANCHES

    @property
    def typed(self) -> Node:
        """The value of the field in each row, null where there is none."""
        value = self.cell if self._is_text_kept else self.way.value
        if value is not None and self._is_text_kept:
            value = self.dialect.text(value)
        if value is not None and not self._listed and (self._is_text_kept or not self.odd):
            return free(value)
        fits = None if self._is_text_kept else self.way.fits
        if self.joins:
            return self._by_join(value, fits)
        return self._by_case(value, fits)

    def _by_case(self, value: Node | None, fits: Node | None) -> Node:
        assert self.way.key is not None or not self._listed  # noqa: S101  cells without a key are not read
        branches = [] if value is None or fits is None else [(fits, value)]
        for key, meant in self._listed.items():
            branches.append((self._is(key), self.value(meant)))
        other = value if fits is None else None
        if not branches:
            return self.dialect.null(self.kind) if other is None else free(other)
        return case(*branches, other=other)

    def _by_join(self, value: Node | None, fits: Node | None) -> Node:
        found = column("v", self.join_name)
        if value is None:
            return found
        if fits is None:  # text that is kept: a listed cell may mean nothing
            return case((not_null(column("k", self.join_name)), found), other=value)
        return case((fits, value), other=found)

    @property
    def join_name(self) -> str:
        return f"m{self.name}"

    def join(self) -> tuple[exp.Expr, Node]:
        """The table of listed cells, and how it is joined."""
        assert self.way.key is not None  # noqa: S101  as above
        on = exp.EQ(this=column("k", self.join_name), expression=free(self.way.key))
        return self._rows() if self.dialect.name == "spark" else self._lists(), on

    def _rows(self) -> exp.Expr:
        rows = [exp.Tuple(expressions=[self.key(k), self.value(v)]) for k, v in self._listed.items()]
        names = exp.TableAlias(this=quoted(self.join_name), columns=[quoted("k"), quoted("v")])
        return exp.Values(expressions=rows, alias=names)

    def _lists(self) -> exp.Expr:
        """The cells and the values as two texts that are split: many parameters would take far longer to be read."""
        known = {str(k): _as_text(v) for k, v in self._listed.items() if _APART not in str(k)}
        split = _SPLITS[self.dialect.name]
        inner = exp.select(
            *(
                exp.alias_(
                    function(
                        "UNNEST", function(split, self.dialect.value(_APART.join(texts), "text"), parameter(_APART))
                    ),
                    name,
                    quoted=True,
                )
                for name, texts in (("k", known), ("v", known.values()))
            )
        )
        key, value = column("k", SOURCE), exp.Nullif(this=column("v", SOURCE), expression=exp.Literal.string(""))
        kind = self.way.key_kind
        typed_key = exp.cast(key, exp.DataType.Type.DOUBLE) if kind == "float" else self.dialect.cast(key, kind)  # type: ignore[arg-type]
        typed = (
            function(split, value, parameter(JOINT)) if self.kind == "texts" else self.dialect.cast(value, self.kind)
        )
        outer = exp.select(exp.alias_(typed_key, "k", quoted=True), exp.alias_(typed, "v", quoted=True))
        return outer.from_(inner.subquery(quoted(SOURCE))).subquery(quoted(self.join_name))

    def _is(self, key: Any) -> Node:
        assert self.way.key is not None  # noqa: S101  as above
        return exp.EQ(this=free(self.way.key), expression=self.key(key))

    def key(self, key: Any) -> Node:
        """A cell as a parameter."""
        if self.way.key_kind == "float":
            return exp.cast(parameter(repr(float(key))), exp.DataType.Type.DOUBLE)
        if self.way.key_kind == "wide":
            return self.dialect.value(int(key), "wide")
        return self.dialect.value(key, "text")

    def value(self, meant: Any) -> Node:
        """A value as a parameter."""
        if meant is None:
            return self.dialect.null(self.kind)
        if self.kind == "texts":
            words = exp.Array(expressions=[self.dialect.value(word, "text") for word in meant])
            return exp.Cast(this=words, to=self.dialect.type("texts"))
        return self.dialect.value(meant, self.kind)

    @property
    def sound(self) -> bool:
        """Whether every cell is understood."""
        if not self.odd:
            return True
        return self.way.key is not None and not self.readings.bad and not self.readings.unread

    @property
    def condition(self) -> Node | None:
        """What a row must hold to count; None: all do. Never null."""
        if self.wanted.declared.required:
            clear = self.sound and not self.empty and not self.readings.empties
            return None if clear else not_null(self.typed)
        if self.sound:
            return None
        return joined(exp.Or, not_null(self.typed), is_null(self.cell), *self._is_empty())

    def _is_empty(self) -> Iterable[Node]:
        if self.readings.empties and self.way.key is not None:
            keys = [self.key(key) for key in self.readings.empties]
            yield surely(exp.In(this=free(self.way.key), expressions=keys))


def _as_submitted(keys: pl.Series, given: ColumnType) -> pl.Series:
    """The cells as they would come if the table were read here."""
    return keys.str.replace(r"\.0+$", "") if given.kind == "decimal" else keys


def _as_text(value: Any) -> str:
    """A value as an engine reads it; '' for none."""
    return "" if value is None else JOINT.join(value) if isinstance(value, list) else str(value)
