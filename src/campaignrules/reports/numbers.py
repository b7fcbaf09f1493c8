"""How numbers are written for people: shortened, but never so that a missed demand looks met.

Comes in: exact decimals. Goes out: short text. Must not know: tables, colours.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from campaignrules.quantities import EXACT, plain_text, round_half_up
from campaignrules.results import Progress

PERCENT: Final = ("%", "‰", "percent")
_HUNDRED: Final = Decimal(100)
_LONG: Final = re.compile(r"(?<![\w.])\d+\.\d{5,}(?![\w.])", re.ASCII)
_HUNDREDTH: Final = Decimal("0.01")


def places_of(measure: str) -> int:
    """Decimals enough for reading."""
    return 2 if measure in PERCENT else 4


def shown(value: Decimal | None, measure: str, against: Decimal | None = None) -> str:
    """`value` with few decimals; in full when shortening would make it look equal to `against`, or to zero."""
    if value is None:
        return ""
    short = round_half_up(value, places_of(measure))
    if short != value and (short == against or not short):
        short = value
    return plain_text(short)


def shown_up(value: Decimal | None, measure: str) -> str:
    """`value` rounded up: who reaches the number shown has reached the exact one."""
    if value is None:
        return ""
    step = Decimal((0, (1,), -places_of(measure)))
    return plain_text(value.quantize(step, ROUND_CEILING, EXACT))


def points(value: Decimal | None, rounding: str = ROUND_HALF_UP) -> str:
    """Points with two decimals; in full when that would make them look as if they had reached a whole number."""
    if value is None:
        return ""
    short = value.quantize(_HUNDREDTH, rounding, EXACT)
    reaches = rounding == ROUND_HALF_UP and short > value and short == short.to_integral_value()
    return plain_text(value if reaches else short)


def interval(low: Decimal | None, high: Decimal | None) -> str:
    """`[0–20]`, rounded away from each other; `?` for an end that is not known; one number where they are equal."""
    if low == high:
        return points(low)
    return f"[{points(low, ROUND_FLOOR) or '?'}–{points(high, ROUND_CEILING) or '?'}]"


def readable(text: str) -> str:
    """Prose whose numbers have four decimals at most; the exact ones are in JSON and CSV."""
    return _LONG.sub(lambda found: plain_text(round_half_up(Decimal(found[0]), places_of(""))), text)


def with_measure(number: str, measure: str) -> str:
    """`80 亿元`, `90%`; nothing behind a plain number."""
    if measure in ("number", "ratio", ""):
        return number
    return f"{number}{measure}" if measure in PERCENT else f"{number} {measure}"


def percent(row: Progress) -> str:
    """The achievement in whole percent: 100 % only when it is reached (for `at_most`: kept)."""
    if row.ratio is None:
        return ""
    way = ROUND_CEILING if row.comparator == "at_most" else ROUND_FLOOR
    whole = EXACT.multiply(row.ratio, _HUNDRED).to_integral_value(way, EXACT)
    return ">999%" if whole > 999 else "<0%" if whole < 0 else f"{plain_text(whole)}%"


def bar(ratio: Decimal | None, cells: int) -> str:
    """A bar of `cells` cells, filled as far as `ratio` says, at most all of them."""
    if ratio is None:
        return ""
    filled = int(max(Decimal(0), min(ratio, Decimal(1))) * cells)
    return "█" * filled + "░" * (cells - filled)


def gap(value: Decimal | None) -> str:
    """Percentage points with a sign, cut towards zero: `+4.2`, `-12.0`; a deficit keeps its sign: `-0.0`."""
    if value is None:
        return ""
    short = abs(value).quantize(Decimal("0.1"), ROUND_DOWN, EXACT)
    return f"{'-' if value < 0 else '+' if value else ''}{short}"
