"""What a target demands of each unit, as numbers beside the values: constants, exceptions, tables by unit.

Comes in: a target and the values at work. Goes out: `Cells`, and exact comparisons of them. Must not know: statuses,
pace, rows of results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from campaignrules.checked import CheckedTarget, Number
from campaignrules.engine.cube import table_numbers
from campaignrules.engine.rows import Array
from campaignrules.engine.values import Cells, Scopes, Values
from campaignrules.quantities import scaled
from campaignrules.roster import Scope


def required(v: Values, target: CheckedTarget, number: Number | None, scopes: Scopes, own: bool) -> Cells | None:
    """The number demanded, [scope, 1], or [1, 1] where it is one for all; `own`: a unit's own number takes its place."""
    if number is None:
        return None
    same = number.table is None and not (own and target.exceptions)
    return cells_of([number.value] if same else [_number_of(v, number, scope, target, own) for scope in scopes])


def cells_of(found: Sequence[Decimal | None]) -> Cells:
    """These numbers, one for each scope, as cells with one window."""
    scale = max((_decimals(x) for x in found if x is not None), default=0)
    values = np.array([[0 if x is None else scaled(x, scale)] for x in found], dtype=object).reshape(len(found), 1)
    known = np.array([[x is not None] for x in found], dtype=bool).reshape(len(found), 1)
    return Cells(values, known, scale)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _number_of(v: Values, number: Number, scope: Scope, target: CheckedTarget, own: bool) -> Decimal | None:
    if own and scope.name is not None and scope.name in target.exceptions:
        exception = target.exceptions[scope.name]
        return None if exception is None else _looked_up(v, exception, scope)
    return _looked_up(v, number, scope)


def _looked_up(v: Values, number: Number, scope: Scope) -> Decimal | None:
    return number.value if number.table is None else numbers_in(v, number.table).get(scope.name)


def numbers_in(v: Values, table: tuple[str, str]) -> Mapping[str | None, Decimal]:
    """unit → the number in its one row of a table; `table`: record and field."""
    if table not in v.tables:
        v.tables[table] = table_numbers(v.plan, v.submission, v.as_of, *table)
    return v.tables[table]


def not_below(a: Cells, b: Cells) -> Array:
    """a ≥ b, cell by cell, exactly."""
    scale = max(a.scale, b.scale)
    return np.asarray(at_scale(a, scale) >= at_scale(b, scale))


def alike(a: Cells, b: Cells) -> Array:
    """Where two numbers are the same, or both unknown."""
    scale = max(a.scale, b.scale)
    equal = np.asarray(at_scale(a, scale) == at_scale(b, scale), dtype=bool)
    return np.asarray((a.known == b.known) & (equal | ~a.known))


def at_scale(cells: Cells, scale: int) -> Array:
    """The values counted in 10 ** -scale, which is at least as fine as their own."""
    values, factor = cells.values, 10 ** (scale - cells.scale)
    if values.dtype == object:
        return np.asarray(values * factor)
    return values if factor == 1 else multiplied(values, factor)


def multiplied(values: Array, factor: int | Array) -> Array:
    """Whole numbers times others that are not negative; Python ints where a product may not fit into 64 bits."""
    most = max((abs(int(end)) for end in (values.min(initial=0), values.max(initial=0))), default=0)
    by = factor if isinstance(factor, int) else int(factor.max(initial=0))
    if values.dtype != object and most * by < 2**63:
        return np.asarray(values * factor)
    return np.asarray(values.astype(object) * factor)
