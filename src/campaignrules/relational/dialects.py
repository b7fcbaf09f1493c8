"""What differs between DuckDB, PostgreSQL and Spark, as nodes of SQLGlot's syntax tree.

In: nodes, and values of campaigns. Out: nodes that mean the same on each engine: whole numbers of 64 bits or wider,
days, text by code point, missing wherever an argument is. Nothing is parsed and no text is pasted: a value of a campaign
is a parameter, names are quoted; only numbers that we made stand as they are. Must not know: trees of formulas, campaigns,
connections.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from attrs import frozen
from sqlglot import exp

Node = exp.Expression
Kind = Literal["whole", "wide", "text", "bool", "date", "texts"]
"""`whole`: 64 bits. `wide`: whole numbers of up to the dialect's `widest`. `texts`: a list of text."""
Plain = int | str | bool | dt.date
"""A value of a campaign that can be a parameter."""

INT64: Final = 2**63
VALUE: Final = "value"
"""Under this name a placeholder carries its value."""
_BITS64: Final = exp.DataType(this=exp.DataType.Type.BIGINT)
_TEXT: Final = exp.DataType(this=exp.DataType.Type.TEXT)


class TooWide(Exception):  # noqa: N818  a turn in the road, not an error
    """No proof that the numbers fit into what the engine has, or a value that it cannot hold."""


# -- nodes --------------------------------------------------------------------------------------------------------


def column(name: str, table: str | None = None) -> Node:
    """A column, quoted."""
    return exp.Column(this=quoted(name), table=None if table is None else quoted(table))


def named(node: Node, name: str) -> Node:
    """The node AS that name."""
    return exp.Alias(this=free(node), alias=quoted(name))


def quoted(name: str) -> exp.Identifier:
    """A name exactly as it is."""
    return exp.Identifier(this=name, quoted=True)


def number(whole: int) -> Node:
    """A whole number of our own making: a scale, a day, a bit. Numbers of campaigns are `Dialect.value`."""
    return exp.Literal.number(whole)


def parameter(value: Plain) -> Node:
    """A value that stands apart from the text of its query; `Dialect.value` gives it its type as well."""
    node = exp.Placeholder()
    node.meta[VALUE] = value
    return node


def free(node: Node) -> Node:
    """The node, or a copy where it stands in a tree already: each node has one place."""
    return node if node.parent is None else node.copy()


def operand(node: Node) -> Node:
    """In parentheses where it needs them."""
    if isinstance(node, exp.Binary | exp.Unary | exp.In | exp.Between) and not isinstance(node, exp.Paren | exp.Dot):
        return exp.Paren(this=free(node))
    return free(node)


def joined(operator: type[Node], *parts: Node) -> Node:
    """`a + b`, `a AND b AND c`, each part in parentheses where it needs them."""
    found: Node = parts[0]
    for part in parts[1:]:
        found = operator(this=_inner(operator, found), expression=operand(part))
    return found


def _inner(operator: type[Node], left: Node) -> Node:
    chained = operator in (exp.And, exp.Or, exp.Add) and type(left) is operator
    return free(left) if chained else operand(left)


def function(name: str, *args: Node) -> Node:
    """A call of a function that SQLGlot should not translate."""
    return exp.Anonymous(this=name, expressions=[free(arg) for arg in args])


def negation(node: Node) -> Node:
    """NOT."""
    return exp.Not(this=operand(node))


def negative(node: Node) -> Node:
    """Minus."""
    return exp.Neg(this=operand(node))


def is_null(node: Node) -> Node:
    """Never null itself."""
    return exp.Is(this=operand(node), expression=exp.Null())


def not_null(node: Node) -> Node:
    """Never null itself."""
    return exp.Not(this=is_null(node))


def case(*branches: tuple[Node, Node], other: Node | None = None) -> Node:
    """CASE WHEN … THEN … ELSE … END."""
    ifs = [exp.If(this=free(when), true=free(then)) for when, then in branches]
    return exp.Case(ifs=ifs, default=None if other is None else free(other))


def when_true(condition: Node, then: Node, other: Node) -> Node:
    """Null where the condition is."""
    ifs = [exp.If(this=exp.true(), true=free(then)), exp.If(this=exp.false(), true=free(other))]
    return exp.Case(this=operand(condition), ifs=ifs)


def coalesced(*parts: Node) -> Node:
    """The first that is not null."""
    return exp.Coalesce(this=free(parts[0]), expressions=[free(part) for part in parts[1:]])


def surely(condition: Node, otherwise: bool = False) -> Node:
    """The condition, `otherwise` where it is null."""
    return coalesced(condition, exp.Boolean(this=otherwise))


def equal(left: Node, right: Node) -> Node:
    """Null where either is."""
    return joined(exp.EQ, left, right)


def among(node: Node, listed: Sequence[Node]) -> Node:
    """Whether it is one of them, of which there is at least one; null where it is null."""
    return exp.In(this=operand(node), expressions=[free(one) for one in listed])


def added(*parts: Node) -> Node:
    """The sum."""
    return joined(exp.Add, *parts)


def less(left: Node, right: Node) -> Node:
    """The difference."""
    return joined(exp.Sub, left, right)


def times(left: Node, right: Node) -> Node:
    """The product."""
    return joined(exp.Mul, left, right)


_ZERO, _ONE = number(0), number(1)


# -- dialects -----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Dialect:
    """One engine's way. `name`: as SQLGlot and users call it. `widest`: wide numbers are smaller; None: no bound.

    `sums_exactly`: the plain sum of 64-bit numbers cannot overflow, it is `wide` by itself. `limits_freely`: that no
    more than so many rows are wanted costs nothing; else the engine itself bounds what it hands over.
    """

    name: ClassVar[str]
    widest: ClassVar[int | None]
    sums_exactly: ClassVar[bool]
    limits_freely: ClassVar[bool] = True
    wide_type: ClassVar[exp.DataType]

    # types and values

    def type(self, kind: Kind) -> exp.DataType:
        """The engine's name for a kind."""
        if kind == "texts":
            return exp.DataType(this=exp.DataType.Type.ARRAY, expressions=[_TEXT.copy()], nested=True)
        simple = {"date": exp.DataType.Type.DATE, "bool": exp.DataType.Type.BOOLEAN}
        known = {"whole": _BITS64, "wide": self.wide_type, "text": _TEXT}
        return known[kind].copy() if kind in known else exp.DataType(this=simple[kind])

    def cast(self, node: Node, kind: Kind) -> Node:
        """The node as a value of this kind."""
        return exp.Cast(this=free(node), to=self.type(kind))

    def value(self, value: Plain, kind: Kind) -> Node:
        """A value of a campaign: a parameter of a known type. Of wide numbers a driver may make floats, but not of text."""
        if isinstance(value, bool):
            return exp.Boolean(this=value)
        return self.cast(parameter(str(value) if kind == "wide" else value), kind)

    def null(self, kind: Kind) -> Node:
        """Null of a known type."""
        return self.cast(exp.Null(), kind)

    def marker(self, place: int) -> Node:
        """How a query's text names its parameter number `place`, from 1."""
        return exp.Parameter(this=exp.Literal.number(place))

    def given(self, values: Sequence[Plain]) -> Any:
        """The parameters as the engine's driver takes them."""
        return list(values)

    # whole numbers

    def whole_division(self, above: Node, below: Node, wide: bool, bound: int) -> Node:
        """The quotient cut off toward zero, in the width of both; it is at most `bound`. `below` is not zero."""
        raise NotImplementedError

    def remainder(self, above: Node, below: Node) -> Node:
        """What whole_division leaves, with the sign of `above`. `below` is not zero."""
        return joined(exp.Mod, above, below)

    def unless_zero(self, node: Node) -> Node:
        """Null where it is zero."""
        return exp.Nullif(this=free(node), expression=_ZERO.copy())

    def magnitude(self, node: Node) -> Node:
        """The absolute value."""
        return exp.Abs(this=free(node))

    def greatest(self, *parts: Node) -> Node:
        """Null where any part is."""
        return self.unless_null(parts, function("GREATEST", *parts))

    def least(self, *parts: Node) -> Node:
        """Null where any part is."""
        return self.unless_null(parts, function("LEAST", *parts))

    def unless_null(self, parts: Sequence[Node], found: Node) -> Node:
        """Null where any part is."""
        open_ = [not_null(part) for part in parts if not is_constant(part)]
        return case((joined(exp.And, *open_), found)) if open_ else found

    # days

    def day_number(self, day: Node) -> Node:
        """Days since 1970-01-01, of 64 bits or fewer."""
        return self.days_between(exp.cast(exp.Literal.string("1970-01-01"), exp.DataType.Type.DATE), day)

    def day(self, days: Node) -> Node:
        """The date so many days after 1970-01-01."""
        epoch = exp.cast(exp.Literal.string("1970-01-01"), exp.DataType.Type.DATE)
        return added(epoch, exp.cast(free(days), exp.DataType.Type.INT))

    def days_between(self, first: Node, second: Node) -> Node:
        """From the first to the second, of 64 bits or fewer."""
        return less(second, first)

    def part_of_day(self, part: Literal["YEAR", "QUARTER", "MONTH", "DAY"], day: Node) -> Node:
        """A part of a date, of 64 bits."""
        return self.cast(exp.Extract(this=exp.Var(this=part), expression=free(day)), "whole")

    # text

    def text(self, node: Node) -> Node:
        """Any value as text that is compared and grouped by code point; a table's columns pass here first."""
        return exp.Collate(this=self.cast(node, "text"), expression=quoted("C"))

    def length(self, text: Node) -> Node:
        """How many code points, of 64 bits."""
        return self.cast(function("LENGTH", text), "whole")

    def starts_with(self, text: Node, part: Node) -> Node:
        """Literally; null where either is."""
        return function("STARTS_WITH", text, part)

    def ends_with(self, text: Node, part: Node) -> Node:
        """Literally; null where either is."""
        return function("ENDS_WITH", text, part)

    def contains(self, text: Node, part: Node) -> Node:
        """Literally; null where either is."""
        return function("CONTAINS", text, part)

    def has(self, texts: Node, word: Node) -> Node:
        """Whether a list without nulls holds the word; null where either is."""
        return function("LIST_CONTAINS", texts, word)

    # aggregates

    def total(self, value: Node, condition: Node | None = None, wide: bool = False) -> Node:
        """The sum where the condition holds, null of nothing.

        Not `wide`: null if it does not fit into 64 bits, unless it `sums_exactly`. `wide`: exact as far as `widest`.
        """
        given = self.cast(value, "wide") if wide and not self.sums_exactly else free(value)
        return self.where(exp.Sum(this=given), condition)

    def where(self, aggregate: Node, condition: Node | None) -> Node:
        """The aggregate over the rows where the condition holds."""
        if condition is None:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=free(condition)))

    def count(self, condition: Node | None = None) -> Node:
        """How many rows."""
        return self.where(exp.Count(this=exp.Star()), condition)

    def smallest(self, value: Node, condition: Node | None = None) -> Node:
        """The least value, null of nothing."""
        return self.where(exp.Min(this=free(value)), condition)

    def largest(self, value: Node, condition: Node | None = None) -> Node:
        """The greatest value, null of nothing."""
        return self.where(exp.Max(this=free(value)), condition)

    def all_bits(self, value: Node, condition: Node | None = None) -> Node:
        """The bits that any of the 64-bit numbers has."""
        return self.where(function("BIT_OR", value), condition)

    def bit(self, place: Node) -> Node:
        """2 ** place (0 to 62), of 64 bits."""
        return exp.BitwiseLeftShift(this=self.cast(_ONE, "whole"), expression=operand(place))


def is_constant(node: Node) -> bool:
    """A value that is never null: a literal or a typed parameter."""
    inner = node.this if isinstance(node, exp.Cast) else node
    return isinstance(inner, exp.Literal | exp.Placeholder | exp.Boolean)


class DuckDB(Dialect):
    """HUGEINT is wide."""

    name = "duckdb"
    widest = 2**127
    sums_exactly = True
    wide_type = exp.DataType(this=exp.DataType.Type.INT128)

    def whole_division(self, above: Node, below: Node, wide: bool, bound: int) -> Node:
        del wide, bound
        return joined(exp.IntDiv, above, below)


class Postgres(Dialect):
    """NUMERIC is wide, and has no bound that matters."""

    name = "postgres"
    widest = None
    sums_exactly = True
    wide_type = exp.DataType(this=exp.DataType.Type.DECIMAL)

    def value(self, value: Plain, kind: Kind) -> Node:
        if isinstance(value, str) and "\0" in value:
            raise TooWide
        return super().value(value, kind)

    def whole_division(self, above: Node, below: Node, wide: bool, bound: int) -> Node:
        del bound
        if wide:
            return function("DIV", above, below)
        return exp.Div(this=operand(above), expression=operand(below), typed=True, safe=False)

    def ends_with(self, text: Node, part: Node) -> Node:
        return equal(function("RIGHT", text, function("LENGTH", part)), part)

    def contains(self, text: Node, part: Node) -> Node:
        return joined(exp.GT, function("STRPOS", text, part), _ZERO)

    def has(self, texts: Node, word: Node) -> Node:
        found = equal(word, exp.Any(this=exp.Paren(this=free(texts))))
        return self.unless_null([word], found)  # of an empty list PostgreSQL knows that it does not hold null


class Spark(Dialect):
    """DECIMAL(38, 0) is wide."""

    name = "spark"
    widest = 10**38
    sums_exactly = False
    limits_freely = False
    wide_type = exp.DataType(
        this=exp.DataType.Type.DECIMAL,
        expressions=[exp.DataTypeParam(this=number(38)), exp.DataTypeParam(this=number(0))],
    )
    _exact_quotients: ClassVar[int] = 10**32
    """Of two wide numbers Spark gives the quotient with six decimals, and 32 digits before them."""

    def marker(self, place: int) -> Node:
        return exp.Placeholder(this=f"p{place}")

    def given(self, values: Sequence[Plain]) -> Any:
        """Days as text, which a cast stands around: Py4J cannot take the first thousand years."""
        plain = (value.isoformat() if isinstance(value, dt.date) else value for value in values)
        return {f"p{place}": value for place, value in enumerate(plain, start=1)}

    def whole_division(self, above: Node, below: Node, wide: bool, bound: int) -> Node:
        if not wide:
            return joined(exp.IntDiv, above, below)
        if bound < INT64:  # DIV gives 64 bits, and wraps
            return self.cast(joined(exp.IntDiv, above, below), "wide")
        if bound >= self._exact_quotients:
            raise TooWide
        exact = less(above, self.remainder(above, below))
        return self.cast(exp.Div(this=operand(exact), expression=operand(below), typed=False, safe=False), "wide")

    def day_number(self, day: Node) -> Node:
        return function("UNIX_DATE", day)

    def day(self, days: Node) -> Node:
        return function("DATE_FROM_UNIX_DATE", exp.cast(free(days), exp.DataType.Type.INT))

    def days_between(self, first: Node, second: Node) -> Node:
        return function("DATEDIFF", second, first)

    def total(self, value: Node, condition: Node | None = None, wide: bool = False) -> Node:
        """A sum that does not fit is null, whatever the session makes of overflows."""
        if wide:
            return super().total(value, condition, wide)
        return self.where(function("TRY_SUM", value), condition)

    def text(self, node: Node) -> Node:
        return self.cast(node, "text")

    def starts_with(self, text: Node, part: Node) -> Node:
        return function("STARTSWITH", text, part)

    def ends_with(self, text: Node, part: Node) -> Node:
        return function("ENDSWITH", text, part)

    def has(self, texts: Node, word: Node) -> Node:
        return function("ARRAY_CONTAINS", texts, word)


DUCKDB: Final = DuckDB()
POSTGRES: Final = Postgres()
SPARK: Final = Spark()
