"""A cell as an author states it against the cell of a row: exact numbers in any unit, dates, words, lists, nothing.

In: what is stated (text, list or nothing), the row's value and how such a column is compared. Out: whether they agree,
and the row's value as an author would write it. No binary float touches a number. Must not know: files, expectations.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from attrs import frozen

from campaignrules.errors import Text
from campaignrules.quantities import DIVISION_PLACES, PLAIN_UNIT, UNITS, Unit, divide_half_even, plain_text
from campaignrules.reports.numbers import PERCENT, with_measure

Stated = str | tuple[str, ...] | None
_NUMBER: Final = re.compile(
    r"([+\-−]?)(\d{1,38}(?:\.\d{0,38})?|\.\d{1,38})(?:\s*/\s*(\d{1,18}))?\s*(\S{0,16})", re.ASCII
)
POINTS: Final = UNITS["分"]
GAP: Final = UNITS["百分点"]


@frozen
class Number:
    """A number as stated: exact; `unit` None where none is written."""

    amount: Fraction
    unit: Unit | None


def number_of(text: str) -> Number | None:
    """`45 亿元`, `-3`, `90%`, `2/3`, `190/3 分`; None for anything else."""
    found = _NUMBER.fullmatch(text.strip()) if len(text) <= 120 else None
    if found is None or (found[4] and found[4] not in UNITS) or (found[3] and not int(found[3])):
        return None
    amount = Fraction(found[2] if not found[2].endswith(".") else found[2][:-1])
    amount = amount / int(found[3]) if found[3] else amount
    return Number(-amount if found[1] in ("-", "−") else amount, UNITS.get(found[4]))


def _equals(stated: Number, actual: Decimal, unit: Unit) -> bool:
    """Whether a number is the one stated, as far as results are kept: 12 decimals, in base units and as shown.

    Without a unit it is in the row's own; what is counted in percent is then a plain number, as in the language.
    """
    written = stated.unit or (PLAIN_UNIT if unit.name in PERCENT else unit)
    if written.dim != unit.dim:
        return False
    base, here = stated.amount * Fraction(10) ** written.power, Fraction(10) ** unit.power
    found = Fraction(actual)
    return found == base / here or found in (_kept(base / here), _kept(_kept(base) / here))


def _kept(amount: Fraction) -> Fraction:
    whole = divide_half_even(amount.numerator * 10**DIVISION_PLACES, amount.denominator)
    return Fraction(whole, 10**DIVISION_PLACES)


# -- the ways to compare ------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class Way:
    """How cells of a column are compared. `wrong`: what is wanted where a text can never be such a cell."""

    agrees: Callable[[str, Any, Any], bool]
    shown: Callable[[Any, Any], str]
    wrong: Callable[[str], Text | None] = lambda _: None


def _numeric(unit_of: Callable[[Any], Unit], measure_of: Callable[[Any], str]) -> Way:
    def agrees(stated: str, actual: Any, row: Any) -> bool:
        number = number_of(stated)
        return number is not None and isinstance(actual, Decimal) and _equals(number, actual, unit_of(row))

    return Way(agrees, lambda actual, row: with_measure(plain_text(actual), measure_of(row)), _no_number)


_A_NUMBER: Final = Text("数，如 45 亿元、15 分、90%、2/3", "a number, as 45 亿元, 15 分, 90%, 2/3")
_A_WHOLE: Final = Text("整数", "a whole number")
_A_DAY: Final = Text("日期，如 2023-06-30", "a date, as 2023-06-30")
_A_PIECE: Final = Text("理由中的一段", "a piece of the reason")
_A_COUNT: Final = Text("状态与行数，如 {met: 2}", "statuses and numbers of rows, as {met: 2}")
_A_TRUTH: Final = Text("true 或 false", "true or false")


def _no_number(text: str) -> Text | None:
    return None if number_of(text) else _A_NUMBER


def _whole(text: str) -> int | None:
    return int(text.replace("−", "-")) if re.fullmatch(r"[+\-−]?\d{1,9}", text, re.ASCII) else None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        return None


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _in_either(stated: str, actual: Any, _: Any) -> bool:
    return isinstance(actual, Text) and stated in (actual.zh, actual.en)


def _piece(stated: str, actual: Any, _: Any) -> bool:
    return isinstance(actual, Text) and any(_flat(stated) in _flat(said) for said in (actual.zh, actual.en))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(actual: Any, _: Any) -> str:
    return str(actual)


def _both(actual: Text, _: Any) -> str:
    return _flat(actual.zh)


def _same(stated: str, actual: Any, _: Any) -> bool:
    return stated == str(actual)


WAYS: Final[dict[str, Way]] = {
    "measured": _numeric(lambda row: UNITS.get(row.measure, PLAIN_UNIT), lambda row: row.measure),
    "share": _numeric(lambda _: PLAIN_UNIT, lambda _: ""),
    "gap": _numeric(lambda _: GAP, lambda _: "百分点"),
    "points": _numeric(lambda _: POINTS, lambda _: "分"),
    "whole": Way(lambda s, a, _: _whole(s) == a, _plain, lambda t: None if _whole(t) is not None else _A_WHOLE),
    "day": Way(lambda s, a, _: _day(s) == a, _plain, lambda t: None if _day(t) else _A_DAY),
    "truth": Way(
        lambda s, a, _: _truth(s) is a,
        lambda a, _: str(a).lower(),
        lambda t: None if _truth(t) is not None else _A_TRUTH,
    ),
    "word": Way(_same, _plain),
    "status": Way(_same, _plain),
    "grade": Way(_same, _plain),
    "text": Way(_in_either, _both),
    "because": Way(_piece, _both, lambda t: None if t.strip() else _A_PIECE),
}
"""Columns of lists (`words`) and of counts are compared by `agrees` itself."""


def agrees(how: str, stated: Stated | Mapping[str, str], actual: Any, row: Any) -> bool:
    """Whether a row's cell is as stated."""
    if how == "words":
        wanted = () if stated is None else (stated,) if isinstance(stated, str) else stated
        return sorted(wanted) == sorted(actual or ())
    if isinstance(stated, Mapping):
        return all(_whole(many) == (actual or {}).get(status, 0) for status, many in stated.items())
    if stated is None or actual is None:
        return stated is None and actual is None
    return isinstance(stated, str) and WAYS[how].agrees(stated, actual, row)


def shown(how: str, actual: Any, row: Any) -> str:
    """A row's cell as an author would write it."""
    if actual is None:
        return "null"
    if how == "words":
        return f"[{', '.join(actual)}]"
    if how == "counts":
        return f"{{{', '.join(f'{status}: {many}' for status, many in actual.items())}}}"
    return WAYS[how].shown(actual, row)


def as_stated(stated: Stated | Mapping[str, str]) -> str:
    """What an author stated, on one line."""
    if isinstance(stated, Mapping):
        return f"{{{', '.join(f'{status}: {many}' for status, many in stated.items())}}}"
    return "null" if stated is None else stated if isinstance(stated, str) else f"[{', '.join(stated)}]"


def wrong(how: str, stated: Stated | Mapping[str, str]) -> Iterator[Text]:
    """What is wanted where something is stated that no such cell can be."""
    if isinstance(stated, Mapping):
        if not stated:
            yield _A_COUNT  # of nothing everything is so
        yield from (_A_WHOLE for many in stated.values() if _whole(many) is None)
    elif isinstance(stated, tuple):
        if how != "words":
            yield Text("一个值", "a single value")
    elif stated is not None and how != "words" and (wanted := WAYS[how].wrong(stated)):
        yield wanted
