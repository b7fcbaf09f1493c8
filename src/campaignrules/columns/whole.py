"""Whole numbers in arrays: 64 bits where a bound proves that every result fits, else Python's own.

In and out: arrays of whole numbers, int64 when all of them fit, else object arrays of ints. Every rule gives the same
numbers either way. Must not know: trees, scales, what the numbers count.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from campaignrules.quantities import divide_half_even

Array = np.ndarray[Any, Any]
LIMIT: Final = 2**63
"""Magnitudes below this fit into 64 bits."""


def largest(values: Array) -> int:
    """The largest magnitude; 0 of none."""
    return max(int(values.max()), -int(values.min())) if values.size else 0


def narrow(values: Array) -> Array:
    """The same numbers in 64 bits, if all of them fit."""
    if values.dtype != object:
        return values
    try:
        return values.astype(np.int64)
    except OverflowError:
        return values


def whole(values: list[int]) -> Array:
    """An array of these numbers."""
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        return np.array(values, dtype=object)


def constant(value: int, length: int) -> Array:
    """`length` times the same number."""
    return np.full(length, value, dtype=np.int64 if -LIMIT < value < LIMIT else object)


def _fast(*values: Array) -> bool:
    return all(one.dtype != object for one in values)


def _proven(rule: Callable[..., Any], bound: Callable[..., int]) -> Callable[..., Array]:
    """`rule` in 64 bits where `bound` of the operands' largest magnitudes is, else on Python's ints."""

    def apply(*values: Array) -> Array:
        if _fast(*values) and bound(*map(largest, values)) < LIMIT:
            return np.asarray(rule(*values))
        return narrow(np.asarray(rule(*(one.astype(object) for one in values)), dtype=object))

    return apply


plus: Final = _proven(np.add, operator.add)
minus: Final = _proven(np.subtract, operator.add)
times: Final = _proven(np.multiply, operator.mul)
floor_divided: Final = _proven(np.floor_divide, max)
modulo: Final = _proven(np.mod, max)
least: Final = _proven(np.minimum, max)
greatest: Final = _proven(np.maximum, max)
negative: Final = _proven(np.negative, int)
magnitude: Final = _proven(np.abs, int)


def power(base: Array, exponent: int) -> Array:
    """base ** exponent."""
    return _proven(lambda values: values**exponent, lambda most: max(most, 1) ** exponent)(base)


def rescaled(values: Array, places: int) -> Array:
    """The same amounts counted in units 10 ** places smaller; exact when the digits allow it, else rounded down."""
    if places == 0:
        return values
    factor = 10 ** abs(places)
    if places > 0:
        return _proven(lambda v: v * factor, lambda most: max(most, 1) * factor)(values)
    return _proven(lambda v: v // factor, lambda most: max(most, factor))(values)


def _by_unit(rule: Callable[[Array, int], Array]) -> Callable[[Array, int], Array]:
    """A rule that divides by a whole `unit` > 0."""

    def apply(values: Array, unit: int) -> Array:
        return _proven(lambda v: rule(v, unit), lambda most: max(most, unit))(values)

    return apply


def _half_up(values: Array, unit: int) -> Array:
    size = np.abs(values)
    rest = size % unit
    return np.asarray((size // unit + (rest >= unit - rest)) * np.sign(values))


def _half_even(values: Array, unit: int) -> Array:
    quotient, rest = values // unit, values % unit
    up = (rest > unit - rest) | ((rest == unit - rest) & (quotient % 2 == 1))
    return np.asarray(quotient + up)


def _toward_zero(values: Array, unit: int) -> Array:
    return np.asarray(np.abs(values) // unit * np.sign(values))


def _away_from_zero(values: Array, unit: int) -> Array:
    return np.asarray(-(-np.abs(values) // unit) * np.sign(values))


half_up: Final = _by_unit(_half_up)
half_even: Final = _by_unit(_half_even)
toward_zero: Final = _by_unit(_toward_zero)
away_from_zero: Final = _by_unit(_away_from_zero)


def at_scale(values: Array, scale: int, wanted: int) -> Array:
    """Amounts counted in 10 ** -scale, counted in 10 ** -wanted: half to even where that has fewer decimals."""
    if wanted >= scale:
        return rescaled(values, wanted - scale)
    return half_even(values, 10 ** (scale - wanted))


# -- division -----------------------------------------------------------------------------------------------------

_pairwise: Final[Any] = np.frompyfunc(divide_half_even, 2, 1)


def divided(above: Array, below: Array, places: int) -> Array:
    """above × 10 ** places ÷ below to the nearest whole number, ties to even. `below` has no zero."""
    if places < 0:
        below, places = rescaled(below, -places), 0
    if _fast(above, below) and max(largest(above), largest(below)) < LIMIT:
        found = _long_division(above, below, places)
        if found is not None:
            return found
    return narrow(np.asarray(_pairwise(rescaled(above, places).astype(object), below.astype(object)), dtype=object))


def _long_division(above: Array, below: Array, places: int) -> Array | None:
    """Digits by digits, as many at a time as 64 bits allow; None where the quotient or a remainder does not fit."""
    above, below = np.where(below < 0, -above, above), np.abs(below)
    quotient, rest = np.divmod(above, below)
    digits = _digits_at_once(largest(below))
    if (largest(quotient) + 1) * 10**places >= LIMIT or (places and not digits):
        return None
    left = places
    while left:
        step = min(left, digits)
        more, rest = np.divmod(rest * 10**step, below)
        quotient = quotient * 10**step + more
        left -= step
    up = (rest > below - rest) | ((rest == below - rest) & (quotient & 1 == 1))
    return np.asarray(quotient + up)


def _digits_at_once(divisor: int) -> int:
    """How many decimal digits a remainder below `divisor` can be moved up by."""
    return len(str((LIMIT - 1) // max(divisor, 1))) - 1
