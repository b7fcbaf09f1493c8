"""Units of measure and exact numbers: text in, (decimal, unit) out.

A unit belongs to a dimension and is an exact multiple of the dimension's base unit (元 for renminbi, one for
counts, 1 for plain numbers). Knows nothing of campaigns, files or expressions.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Final

from attrs import frozen

DIVISION_PLACES: Final = 12
"""`/` rounds at this decimal place, half to even."""
MAX_DIGITS: Final = 38
"""A number with more digits than this is an error, never a wrong number."""
EXACT: Final = Context(prec=5000, Emax=10**6, Emin=-(10**6))
"""Wide enough that + - * of bounded numbers never round."""

Dimension = tuple[tuple[str, int], ...]
"""Sorted (base dimension, exponent) pairs; () is a plain number."""
PLAIN: Final[Dimension] = ()


@frozen
class Unit:
    """A unit of measure: one `name` is 10 ** `power` of the base unit of `dimension` (a base name, '' for plain)."""

    name: str
    dimension: str
    power: int = 0

    @property
    def dim(self) -> Dimension:
        return ((self.dimension, 1),) if self.dimension else PLAIN

    @property
    def factor(self) -> Decimal:
        return Decimal((0, (1,), self.power))


_MONEY = {
    "CNY": ("元", "千元", "百元", "万元", "百万元", "千万元", "亿元"),
    "USD": ("美元", "千美元", "百美元", "万美元", "百万美元", "千万美元", "亿美元"),
    "EUR": ("欧元", "千欧元", "百欧元", "万欧元", "百万欧元", "千万欧元", "亿欧元"),
    "HKD": ("港元", "千港元", "百港元", "万港元", "百万港元", "千万港元", "亿港元"),
    "JPY": ("日元", "千日元", "百日元", "万日元", "百万日元", "千万日元", "亿日元"),
}
_MONEY_POWERS = (0, 3, 2, 4, 6, 7, 8)
_COUNTS = "个 家 项 次 户 名 人 条 份 件 宗 场 批 起 类 处 座 期 届 篇 人次 户次 家次 企业 项目 count"
_OTHER = {
    "": (("倍", 0), ("number", 0), ("ratio", 0), ("%", -2), ("‰", -3), ("percent", -2), ("百分点", -2)),
    "points": (("分", 0), ("points", 0)),
    "days": (("天", 0), ("日", 0), ("工作日", 0), ("days", 0)),
    "hours": (("小时", 0), ("hours", 0)),
    "months": (("个月", 0),),
    "years": (("年", 0), ("years", 0)),
    "area": (("平方米", 0), ("公顷", 4), ("平方公里", 6)),
    "mu": (("亩", 0), ("万亩", 4)),
    "tonne": (("吨", 0), ("万吨", 4), ("亿吨", 8)),
    "kwh": (("千瓦时", 0), ("万千瓦时", 4), ("亿千瓦时", 8)),
}


def _unit_table() -> dict[str, Unit]:
    units = [
        Unit(name, currency, power)
        for currency, names in _MONEY.items()
        for name, power in zip(names, _MONEY_POWERS, strict=True)
    ]
    units += [Unit(name, "count") for name in _COUNTS.split()]
    units += [Unit("万人", "count", 4), Unit("万户", "count", 4), Unit("万人次", "count", 4)]
    units += [Unit(name, dimension, power) for dimension, rows in _OTHER.items() for name, power in rows]
    return {unit.name: unit for unit in units}


UNITS: Final[dict[str, Unit]] = _unit_table()
MONEY: Final = frozenset(_MONEY)
PLAIN_UNIT: Final = UNITS["number"]
BASE_UNITS: Final[dict[str, Unit]] = {
    "count": UNITS["个"],
    "points": UNITS["分"],
    "days": UNITS["天"],
    **{currency: UNITS[names[0]] for currency, names in _MONEY.items()},
    **{name: UNITS[rows[0][0]] for name, rows in _OTHER.items() if name not in {"", "points", "days"}},
}


def base_unit(dim: Dimension) -> Unit:
    """The base unit of a dimension; of none, or of several, a plain number."""
    return BASE_UNITS.get(dim[0][0], PLAIN_UNIT) if len(dim) == 1 else PLAIN_UNIT


_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_FRACTION = re.compile(r"(\d{1,18})\s*/\s*(\d{1,18})", re.ASCII)
_QUANTITY = re.compile(r"\s*+([+-]?(?:\d++(?:\.\d*+)?|\.\d++))\s*+(\S*+)\s*+", re.ASCII)


@frozen
class Quantity:
    """`number` of `unit`; `base` is the same amount in the dimension's base unit."""

    number: Decimal
    unit: Unit

    @property
    def base(self) -> Decimal:
        return EXACT.multiply(self.number, self.unit.factor)


class QuantityError(ValueError):
    """The text is not a quantity; `reason` is 'not-a-quantity', 'unknown-unit' or 'too-many-digits'."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"{reason}: {part}")
        self.reason, self.part = reason, part


def parse_number(text: str) -> Decimal:
    """The decimal written in `text` (digits, one point, a sign). Raises QuantityError."""
    if not _NUMBER.fullmatch(text):
        raise QuantityError("not-a-quantity", text[:80])
    if sum(c.isdigit() for c in text) > MAX_DIGITS:
        raise QuantityError("too-many-digits", text[:80])
    return Decimal(text)


def parse_quantity(text: str) -> Quantity:
    """`25 亿元`, `90%`, `20个`, `1/3`, `2`: number and unit; without a unit it is a plain number.

    Raises QuantityError.
    """
    if fraction := _FRACTION.fullmatch(text.strip()):
        ratio = divide(Decimal(fraction[1]), Decimal(fraction[2]))
        if ratio is None:
            raise QuantityError("not-a-quantity", text)
        return Quantity(ratio, PLAIN_UNIT)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise QuantityError("not-a-quantity", text[:80])
    name = match[2]
    if name and name not in UNITS:
        raise QuantityError("unknown-unit", name)
    return Quantity(parse_number(match[1]), UNITS[name] if name else PLAIN_UNIT)


def divide(a: Decimal, b: Decimal) -> Decimal | None:
    """a / b rounded at the 12th decimal place, half to even; None when b is zero."""
    if b == 0:
        return None
    scale = max(_places(a), _places(b))
    n, d = scaled(a, scale), scaled(b, scale)
    return unscaled(divide_half_even(n * 10**DIVISION_PLACES, d), DIVISION_PLACES)


def divide_half_even(n: int, d: int) -> int:
    """n / d to the nearest whole number, ties to even. d is not zero."""
    if d < 0:
        n, d = -n, -d
    quotient, remainder = divmod(n, d)
    twice = 2 * remainder
    return quotient + (twice > d or (twice == d and quotient % 2 == 1))


def round_half_up(value: Decimal, places: int) -> Decimal:
    """`value` at `places` decimals, ties away from zero (四舍五入)."""
    return value.quantize(Decimal((0, (1,), -places)), ROUND_HALF_UP, EXACT)


def round_report(value: Decimal) -> Decimal:
    """`value` with at most 12 decimals, half to even: how derived values are kept and reported."""
    if _places(value) <= DIVISION_PLACES:
        return value
    return value.quantize(Decimal((0, (1,), -DIVISION_PLACES)), ROUND_HALF_EVEN, EXACT)


def scaled(value: Decimal, scale: int) -> int:
    """`value` as a whole number of 10 ** -scale. Exact; ValueError if it does not fit."""
    shifted = value.scaleb(scale, EXACT)
    whole = int(shifted)
    if whole != shifted:
        raise ValueError(f"{value} has more than {scale} decimals")
    return whole


def unscaled(whole: int, scale: int) -> Decimal:
    """The decimal `whole` × 10 ** -scale."""
    return Decimal(whole).scaleb(-scale, EXACT)


def decimals(value: Decimal) -> int:
    """How many decimals `value` needs, trailing zeros left out; negative for whole multiples of ten (1E+8 → -8)."""
    exponent = value.normalize(EXACT).as_tuple().exponent
    return -exponent if isinstance(exponent, int) and value else 0


def _places(value: Decimal) -> int:
    return max(decimals(value), 0)


def digits_of(value: Decimal) -> int:
    """Digits of `value` written out plainly, without trailing zeros after the point."""
    if not value:
        return 1
    _, digits, exponent = value.normalize(EXACT).as_tuple()
    if not isinstance(exponent, int):
        return MAX_DIGITS + 1
    return max(len(digits) + max(exponent, 0), -exponent if exponent < 0 else 0)


def plain_text(value: Decimal) -> str:
    """`value` without exponent and without trailing zeros: '80', '0.06', '-1.5'."""
    if not value:
        return "0"
    return format(value.normalize(EXACT), "f")


def multiply_dimensions(a: Dimension, b: Dimension, sign: int = 1) -> Dimension:
    """The dimension of a × b (sign 1) or a / b (sign -1)."""
    powers = dict(a)
    for base, exponent in b:
        powers[base] = powers.get(base, 0) + sign * exponent
    return tuple(sorted((base, exponent) for base, exponent in powers.items() if exponent))


def dimension_text(dim: Dimension) -> str:
    """A dimension for people, in its base units: `number`, `元`, `元/个`."""
    if not dim:
        return PLAIN_UNIT.name
    named = [(base_unit(((b, 1),)).name, e) for b, e in dim]
    above = "*".join(name if e == 1 else f"{name}^{e}" for name, e in named if e > 0) or "1"
    below = "*".join(name if e == -1 else f"{name}^{-e}" for name, e in named if e < 0)
    return f"{above}/{below}" if below else above
