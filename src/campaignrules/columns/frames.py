"""A checked tree as a Polars expression on whole-number columns.

In: a tree of `expressions` and the engine's column for each name. Out: an expression that gives what `arrays` gives,
without Python per row: Int64 where a static bound proves that no step overflows, else Int128, else (or with results
that may exceed 38 digits) a call of `arrays` batch by batch. Columns: numbers Int64 of at most 18 digits at the scale
of the name's type, dates Date, text and words String, tags List(String), bool Boolean; no name comes from a user.
Must not know: texts of formulas, campaigns, or the reference evaluator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any, Final

import numpy as np
import polars as pl
from attrs import evolve, frozen

from campaignrules.columns.arrays import EPOCH, Column, TooManyDigits, blank, evaluate, times_of
from campaignrules.quantities import DIVISION_PLACES, MAX_DIGITS, scaled
from campaignrules.trees import INTEGER_DIGITS, Apply, Literally, Name, Tree, Type, walk

_INT64: Final = 2**63
_INT128: Final = 2**127
_DAYS: Final = 4_000_000
"""More days than there are between two dates."""


@frozen
class Made:
    """A column that a tree made: no number in it is larger than `bound`; `wide` numbers are Int128."""

    column: str
    bound: int
    wide: bool


Columns = Mapping[str, str | Made]
"""Name → column: a submitted one, or one that a tree made."""


def column_name(column: str | Made) -> str:
    """What Polars calls it."""
    return column if isinstance(column, str) else column.column


class RowFault(TooManyDigits):
    """A refusal inside the engine: Polars rebuilds an exception from its text, and this one can be."""

    def __init__(self, text: str) -> None:
        found = re.search(r"(?:row|第) (\d+)", text)
        super().__init__(int(found[1]) - 1 if found else 0)


@contextmanager
def row_faults() -> Iterator[None]:
    """Around `collect`: the refusal without Polars' words about where in its plan it happened."""
    try:
        yield
    except RowFault as problem:
        raise TooManyDigits(problem.row) from None


def row_expression(tree: Tree, columns: Columns, rows: str | None = None) -> pl.Expr:
    """The tree's value in each row; numbers as whole numbers at the tree's scale, missing as null.

    `columns`: name → column. `rows`: a column of row numbers (from 0) to name a row by. A tree without names is a
    literal, which the engine repeats. Collecting may raise `RowFault`, which is a CampaignError.
    """
    lowered = to_polars(tree, columns)
    return lowered if lowered is not None else _by_arrays(tree, columns, rows, _result_series)


def made_column(tree: Tree, columns: Columns, name: str) -> tuple[pl.Expr, Made]:
    """`row_expression` as the column `name`, and what is known of it."""
    if lowered := _lowered(tree, columns):
        return lowered.expr.alias(name), Made(name, lowered.bound, lowered.wide)
    return _by_arrays(tree, columns, None, _result_series).alias(name), Made(name, _INT128 - 1, wide=True)


def zero_expression(tree: Tree, columns: Columns, rows: str | None = None) -> pl.Expr | None:
    """True in the rows where the tree divides by zero; None if it cannot."""
    if not any(isinstance(part, Apply) and part.op in ("/", "//", "%") for part in walk(tree)):
        return None
    lowered = _lowered(tree, columns)
    return lowered.zero if lowered else _by_arrays(tree, columns, rows, _zero_series)


def to_polars(tree: Tree, columns: Columns) -> pl.Expr | None:
    """As `row_expression`, but None where the static bounds do not prove every step."""
    lowered = _lowered(tree, columns)
    return lowered.expr if lowered else None


# --- lowering -----------------------------------------------------------------


class _TooWide(Exception):  # noqa: N818  a turn in the road, not an error
    """No proof that the numbers fit."""


@frozen(eq=False, repr=False)
class _Part:
    """A lowered subtree.

    `bound`: no number is larger. `whole`: the value of a literal number. `zero`: rows divided by zero. `size`: how many
    nodes the expression has at most; an argument used twice counts twice.
    """

    expr: pl.Expr
    bound: int = 0
    wide: bool = False
    whole: int | None = None
    zero: pl.Expr | None = None
    size: int = 1


def _lowered(tree: Tree, columns: Columns) -> _Part | None:
    try:
        return _Lowering(columns).part(tree)
    except _TooWide:
        return None


def _named(column: str | Made) -> _Part:
    if isinstance(column, str):
        return _Part(pl.col(column), 10**INTEGER_DIGITS - 1)
    return _Part(pl.col(column.column), column.bound, column.wide)


class _Lowering:
    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def part(self, tree: Tree) -> _Part:
        if isinstance(tree, Literally):
            return _literal(tree)
        if isinstance(tree, Name):
            return _named(self.columns[tree.name])
        if tree.op not in LOWERED:
            raise _TooWide
        args = [self.part(arg) for arg in tree.args]
        found = LOWERED[tree.op](tree, *args)
        if tree.type.kind == "number":
            _prove_digits(found.bound, tree.type.scale)
        return evolve(found, zero=_zero_of(tree, args), size=_size_of(tree, args))


_TWICE: Final = ("round", "round_down", "round_up", "min", "max", "clamp", "if", "has", "in")
_USES: Final = {"/": 6, "round_even": 3, **dict.fromkeys(_TWICE, 2)}
"""How often a rule repeats its arguments, where it does."""
_MOST_NODES: Final = 4_000


def _size_of(tree: Apply, args: Sequence[_Part]) -> int:
    """Bounded, so that a deep formula does not double its expression at every level."""
    uses = times_of(tree) if tree.op == "**" else _USES.get(tree.op, 1)
    if tree.op == "in" and tree.args[0].type.kind == "number":
        uses = len(args)
    divided = sum(arg.zero is not None for arg in args)
    size = 1 + (uses + divided) * sum(arg.size for arg in args)
    if size > _MOST_NODES:
        raise _TooWide
    return size


def _prove_digits(bound: int, scale: int) -> None:
    if scale > MAX_DIGITS or bound >= 10 ** max(MAX_DIGITS + min(scale, 0), 0):
        raise _TooWide


def _literal(tree: Literally) -> _Part:
    if tree.value is None:
        return _Part(pl.lit(None, dtype=_dtype(tree.type)))
    if tree.type.kind == "number":
        return _number(scaled(tree.value, tree.type.scale))
    return _Part(pl.lit(tree.value))


def _dtype(kind: Type) -> Any:
    known = {"number": pl.Int64, "bool": pl.Boolean, "date": pl.Date, "none": pl.Null, "tags": pl.List(pl.String)}
    return known.get(kind.kind, pl.String)


def _number(whole: int) -> _Part:
    wide = _needs_wide(abs(whole))
    return _Part(pl.lit(whole, dtype=_WIDTH[wide]), abs(whole), wide, whole)


_WIDTH: Final = {False: pl.Int64, True: pl.Int128}


def _needs_wide(bound: int) -> bool:
    if bound >= _INT128:
        raise _TooWide
    return bound >= _INT64


def _in_width(part: _Part, wide: bool) -> pl.Expr:
    if part.wide == wide:
        return part.expr
    return pl.lit(part.whole, dtype=_WIDTH[wide]) if part.whole is not None else part.expr.cast(_WIDTH[wide])


def _joint(parts: Sequence[_Part], *bounds: int) -> tuple[list[pl.Expr], bool]:
    """The parts in one width, which also holds the `bounds`."""
    wide = any(part.wide for part in parts) or _needs_wide(max(bounds, default=0))
    return [_in_width(part, wide) for part in parts], wide


def _rescaled(part: _Part, places: int) -> _Part:
    """Counted in units 10 ** places smaller (places is not negative)."""
    if places < 0:
        raise _TooWide
    if places == 0:
        return part
    if part.whole is not None:
        return _number(part.whole * 10**places)
    return _product(part, _number(10**places))


def _aligned(tree: Apply, parts: Sequence[_Part], scale: int | None = None) -> list[_Part]:
    if tree.args[0].type.kind != "number":
        return list(parts)
    wanted = max(arg.type.scale for arg in tree.args) if scale is None else scale
    return [_rescaled(part, wanted - arg.type.scale) for part, arg in zip(parts, tree.args, strict=False)]


def _product(left: _Part, right: _Part) -> _Part:
    bound = left.bound * right.bound
    (a, b), wide = _joint((left, right), bound)
    return _Part(a * b, bound, wide)


def _choose(condition: pl.Expr, then: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Null where the condition is."""
    return pl.when(condition).then(then).when(~condition).then(other)


# --- arithmetic ---------------------------------------------------------------


def _add(tree: Apply, *parts: _Part) -> _Part:
    left, right = _aligned(tree, parts)
    bound = left.bound + right.bound
    (a, b), wide = _joint((left, right), bound)
    return _Part(a + b, bound, wide)


def _subtract(tree: Apply, *parts: _Part) -> _Part:
    if tree.args[0].type.kind == "date":
        return _days(parts[0].expr, parts[1].expr)
    left, right = _aligned(tree, parts)
    bound = left.bound + right.bound
    (a, b), wide = _joint((left, right), bound)
    return _Part(a - b, bound, wide)


def _days(later: pl.Expr, earlier: pl.Expr) -> _Part:
    return _Part((later.cast(pl.Int32) - earlier.cast(pl.Int32)).cast(pl.Int64), _DAYS)


def _multiply(tree: Apply, left: _Part, right: _Part) -> _Part:
    if tree.args[0].type.scale + tree.args[1].type.scale != tree.type.scale:
        raise _TooWide
    return _product(left, right)


def _negative(_: Apply, part: _Part) -> _Part:
    return evolve(part, expr=pl.lit(0, dtype=_WIDTH[part.wide]) - part.expr, whole=None)


def _divide(tree: Apply, left: _Part, right: _Part) -> _Part:
    """Half to even at the 12th decimal. A whole number divided by zero is null."""
    shift = DIVISION_PLACES + tree.args[1].type.scale - tree.args[0].type.scale
    left, right = _rescaled(left, max(shift, 0)), _rescaled(right, max(-shift, 0))
    (n, d), wide = _joint((left, right), 2 * left.bound + 2 * right.bound)
    return _Part(_half_even(n, d, wide), left.bound, wide)


def _floor_divide(tree: Apply, *parts: _Part) -> _Part:
    left, right = _aligned(tree, parts)
    (a, b), wide = _joint((left, right), left.bound + 1)
    return _Part(a // b, left.bound + 1, wide)


def _modulo(tree: Apply, *parts: _Part) -> _Part:
    left, right = _aligned(tree, parts)
    (a, b), wide = _joint((left, right))
    return _Part(a % b, right.bound, wide)


def _power(tree: Apply, base: _Part, _: _Part) -> _Part:
    times = times_of(tree)
    if tree.args[0].type.scale * times != tree.type.scale:
        raise _TooWide
    if times == 0:
        return _Part(pl.when(base.expr.is_not_null()).then(pl.lit(1, dtype=pl.Int64)), 1)
    return reduce(_product, [base] * times)


# --- conditions ---------------------------------------------------------------


_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


_COMPARING: Final[dict[str, Callable[[pl.Expr, Any], pl.Expr]]] = {
    "==": pl.Expr.eq,
    "!=": pl.Expr.ne,
    "<": pl.Expr.lt,
    "<=": pl.Expr.le,
    ">": pl.Expr.gt,
    ">=": pl.Expr.ge,
}


def _compare(tree: Apply, *parts: _Part) -> _Part:
    (a, b), _ = _joint(_aligned(tree, parts))
    if isinstance(tree.args[0], Literally):  # Polars 2.1 may shorten `literal == all-null conditional` to one row
        return _Part(_COMPARING[_MIRRORED.get(tree.op, tree.op)](b, a))
    return _Part(_COMPARING[tree.op](a, b))


def _among(tree: Apply, item: _Part, *literals: _Part) -> _Part:
    kind = tree.args[0].type
    if kind.kind == "number":
        return _Part(_among_numbers(tree, item, kind.scale))
    values = [arg.value for arg in tree.args[1:] if isinstance(arg, Literally)]
    known = pl.when(item.expr.is_not_null())
    return _Part(known.then(item.expr.is_in(values)) if literals else known.then(pl.lit(value=False)))


def _among_numbers(tree: Apply, item: _Part, scale: int) -> pl.Expr:
    found: pl.Expr = pl.when(item.expr.is_not_null()).then(pl.lit(value=False))
    numbers = [n for arg in tree.args[1:] if isinstance(arg, Literally) and (n := _whole_at(arg, scale)) is not None]
    for number in numbers:
        (a, b), _ = _joint((item, _number(number)))
        found = found | (a == b)
    return found


def _whole_at(literal: Literally, scale: int) -> int | None:
    """The literal counted at `scale`; None if no number counted so equals it."""
    try:
        return scaled(literal.value, scale)
    except ValueError:
        return None


def _has(_: Apply, tags: _Part, word: _Part) -> _Part:
    return _Part(pl.when(word.expr.is_not_null()).then(tags.expr.list.contains(word.expr)))


def _junction(tree: Apply, *parts: _Part) -> _Part:
    rule: Callable[[pl.Expr, pl.Expr], pl.Expr] = pl.Expr.and_ if tree.op == "and" else pl.Expr.or_
    return _Part(reduce(rule, [part.expr for part in parts]))


def _choice(tree: Apply, condition: _Part, then: _Part, other: _Part) -> _Part:
    (a, b), bound, wide = _alike(tree, (then, other), tree.args[1:])
    return _Part(_choose(condition.expr, a, b), bound, wide)


def _coalesce(tree: Apply, *parts: _Part) -> _Part:
    exprs, bound, wide = _alike(tree, parts, tree.args)
    return _Part(pl.coalesce(exprs), bound, wide)


def _alike(tree: Apply, parts: Sequence[_Part], trees: Sequence[Tree]) -> tuple[list[pl.Expr], int, bool]:
    """The parts, of which one will be the value, in one type, with their bound and width."""
    nothing = _literal(Literally(None, tree.type))
    pairs = [(part, t.type) for part, t in zip(parts, trees, strict=True)]
    if tree.type.kind != "number":
        return [nothing.expr if kind.kind == "none" else part.expr for part, kind in pairs], 0, False
    found = [nothing if kind.kind == "none" else _rescaled(part, tree.type.scale - kind.scale) for part, kind in pairs]
    exprs, wide = _joint(found)
    return exprs, max(part.bound for part in found), wide


# --- functions ----------------------------------------------------------------


def _unless_missing(parts: Sequence[pl.Expr], value: pl.Expr) -> pl.Expr:
    """Polars' horizontal functions pass over nulls; ours do not."""
    return pl.when(pl.all_horizontal([part.is_not_null() for part in parts])).then(value)


def _extreme(rule: Callable[..., pl.Expr]) -> Callable[..., _Part]:
    def fold(tree: Apply, *parts: _Part) -> _Part:
        aligned = _aligned(tree, parts, tree.type.scale)
        exprs, wide = _joint(aligned)
        return _Part(_unless_missing(exprs, rule(exprs)), max(part.bound for part in aligned), wide)

    return fold


def _clamp(tree: Apply, *parts: _Part) -> _Part:
    aligned = _aligned(tree, parts, tree.type.scale)
    exprs, wide = _joint(aligned)
    value, low, high = exprs
    held = pl.max_horizontal(low, pl.min_horizontal(value, high))
    return _Part(_unless_missing(exprs, held), max(part.bound for part in aligned), wide)


def _rounding(rule: Callable[[pl.Expr, pl.Expr, bool], pl.Expr]) -> Callable[..., _Part]:
    """A rule on (number, unit, width); it makes nothing larger than twice the number and the unit."""

    def apply(tree: Apply, part: _Part, _: _Part) -> _Part:
        shift = tree.args[0].type.scale - tree.type.scale
        if shift <= 0:
            return _rescaled(part, -shift)
        (n, unit), wide = _joint((part, _number(10**shift)), 2 * part.bound + 2 * 10**shift)
        return _Part(rule(n, unit, wide), part.bound // 10**shift + 1, wide)

    return apply


def _half_up(n: pl.Expr, unit: pl.Expr, _: bool) -> pl.Expr:
    return (2 * n.abs() + unit) // (2 * unit) * n.sign()


def _half_even(n: pl.Expr, unit: pl.Expr, wide: bool) -> pl.Expr:
    """Floor of n/unit + 1/2, one less when that was a tie and came out odd."""
    above, below = 2 * n + unit, 2 * unit
    up = above // below
    tie = (above % below == 0) & (up % 2 == 1)
    return up - tie.cast(_WIDTH[wide])


def _floor(tree: Apply, part: _Part) -> _Part:
    scale = tree.args[0].type.scale
    if scale <= 0:
        return _rescaled(part, -scale)
    (n, unit), wide = _joint((part, _number(10**scale)))
    return _Part(n // unit, part.bound // 10**scale + 1, wide)


def _ceil(tree: Apply, part: _Part) -> _Part:
    return _negative(tree, _floor(tree, _negative(tree, part)))


def _of_date(part: Callable[[pl.Expr], pl.Expr]) -> Callable[..., _Part]:
    return lambda _, date: _Part(part(date.expr).cast(pl.Int64), 9999)


LOWERED: Final[dict[str, Callable[..., _Part]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "//": _floor_divide,
    "%": _modulo,
    "**": _power,
    "neg": _negative,
    "not": lambda _, part: _Part(~part.expr),
    "and": _junction,
    "or": _junction,
    "in": _among,
    "is_none": lambda _, part: _Part(part.expr.is_null()),
    "if": _choice,
    **dict.fromkeys(_COMPARING, _compare),
    "abs": lambda _, part: evolve(part, expr=part.expr.abs(), whole=None),
    "min": _extreme(pl.min_horizontal),
    "max": _extreme(pl.max_horizontal),
    "round": _rounding(_half_up),
    "round_even": _rounding(_half_even),
    "round_down": _rounding(lambda n, unit, _: n.abs() // unit * n.sign()),
    "round_up": _rounding(lambda n, unit, _: (n.abs() + unit - 1) // unit * n.sign()),
    "floor": _floor,
    "ceil": _ceil,
    "clamp": _clamp,
    "coalesce": _coalesce,
    "year": _of_date(lambda date: date.dt.year()),
    "quarter": _of_date(lambda date: date.dt.quarter()),
    "month": _of_date(lambda date: date.dt.month()),
    "day": _of_date(lambda date: date.dt.day()),
    "days_between": lambda _, first, second: _days(second.expr, first.expr),
    "has": _has,
    "length": lambda _, text: _Part(text.expr.str.len_chars().cast(pl.Int64), 2**32),
    "starts_with": lambda _, text, part: _Part(text.expr.str.starts_with(part.expr)),
    "ends_with": lambda _, text, part: _Part(text.expr.str.ends_with(part.expr)),
    "contains": lambda _, text, part: _Part(text.expr.str.contains(part.expr, literal=True)),
}
"""One rule for each operation; what has none (`if_low`, `if_high`) is left to `arrays`."""


# --- division by zero ---------------------------------------------------------


def _zero_of(tree: Apply, args: Sequence[_Part]) -> pl.Expr | None:
    """True where this subtree, in a branch that is taken, divides by zero; never null."""
    if tree.op in ("/", "//", "%"):
        own = (args[1].expr == 0) & args[0].expr.is_not_null()
        return _any([arg.zero for arg in args] + [own.fill_null(value=False)])
    if all(arg.zero is None for arg in args):
        return None
    if tree.op == "if":
        condition = args[0].expr
        taken = [None, condition.fill_null(value=False), (~condition).fill_null(value=False)]
    elif tree.op in ("and", "or"):
        stop = pl.lit(tree.op == "or")
        taken = _so_far([arg.expr.ne_missing(stop) for arg in args])
    elif tree.op == "coalesce":
        taken = _so_far([arg.expr.is_null() for arg in args])
    else:
        taken = [None] * len(args)
    return _any([_both(when, arg.zero) for when, arg in zip(taken, args, strict=True)])


def _so_far(open_: Sequence[pl.Expr]) -> list[pl.Expr | None]:
    """For each argument: the rows that all arguments before it left open."""
    found: list[pl.Expr | None] = [None]
    for expr in open_[:-1]:
        before = found[-1]
        found.append(expr if before is None else before & expr)
    return found


def _both(when: pl.Expr | None, zero: pl.Expr | None) -> pl.Expr | None:
    return zero if when is None or zero is None else when & zero


def _any(zeros: Sequence[pl.Expr | None]) -> pl.Expr | None:
    known = [zero for zero in zeros if zero is not None]
    return reduce(pl.Expr.or_, known) if known else None


# --- by arrays ----------------------------------------------------------------


def _by_arrays(tree: Tree, columns: Columns, rows: str | None, finish: Callable[..., pl.Series]) -> pl.Expr:
    """The NumPy evaluator, called batch by batch."""
    names = {part.name: part.type for part in walk(tree) if isinstance(part, Name)}
    if not names:
        with row_faults():
            return pl.lit(_batch(tree, {}, [], None, finish)[0])
    inputs = [column_name(columns[name]) for name in names] + ([rows] if rows else [])

    def batch(series: Sequence[pl.Series]) -> pl.Series:
        return _batch(tree, names, series, series[-1] if rows else None, finish)

    kind = pl.Boolean if finish is _zero_series else _result_type(tree.type)
    return pl.map_batches(inputs, batch, return_dtype=kind, is_elementwise=True)


def _batch(
    tree: Tree, names: Mapping[str, Type], series: Sequence[pl.Series], rows: pl.Series | None,
    finish: Callable[..., pl.Series],
) -> pl.Series:  # fmt: skip
    length = len(series[0]) if series else 1
    columns = {name: _column(one, kind) for (name, kind), one in zip(names.items(), series, strict=False)}
    return finish(tree, columns, length, rows)


def _result_series(tree: Tree, columns: Mapping[str, Column], length: int, rows: pl.Series | None) -> pl.Series:
    column = _evaluated(tree, columns, length, rows).column
    kind = tree.type.kind
    if kind == "number" and (wide := np.flatnonzero(np.abs(column.values) >= _INT128)).size:
        raise RowFault(_row_text(int(wide[0]), rows))
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    values = [value if known else None for value, known in pairs]
    if kind == "date":
        return pl.Series([None if v is None else v - EPOCH for v in values], dtype=pl.Int32).cast(pl.Date)
    return pl.Series(values, dtype=_result_type(tree.type))


def _zero_series(tree: Tree, columns: Mapping[str, Column], length: int, rows: pl.Series | None) -> pl.Series:
    found = np.zeros(length, dtype=bool)
    found[_evaluated(tree, columns, length, rows).zero_divisions] = True
    return pl.Series(found)


def _result_type(kind: Type) -> Any:
    return pl.Int128 if kind.kind == "number" else _dtype(kind)


def _evaluated(tree: Tree, columns: Mapping[str, Column], length: int, rows: pl.Series | None) -> Any:
    try:
        return evaluate(tree, columns, length)
    except TooManyDigits as error:
        raise RowFault(_row_text(error.row, rows)) from None


def _row_text(index: int, rows: pl.Series | None) -> str:
    return f"row {int(index if rows is None else rows[index]) + 1}"


def _column(series: pl.Series, kind: Type) -> Column:
    known = series.is_not_null().to_numpy()
    values = blank(kind, len(series))
    if kind.kind == "date":
        series = series.cast(pl.Int32).cast(pl.Int64) + EPOCH
    present = series.drop_nulls().to_list()
    held: Any = [frozenset(tags) for tags in present] if kind.kind == "tags" else present
    filled = np.empty(len(held), dtype=values.dtype)
    filled[:] = held
    values[known] = filled
    return Column(values, known)
