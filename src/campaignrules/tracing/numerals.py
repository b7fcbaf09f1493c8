"""Numerals → exact numbers: 1900万, 三分之一, 二〇二三, 两千零五亿, 一点五, 半.

In: the text of one numeral, nothing around it. Out: a fraction, or None where it is no well-formed numeral. Written by
hand because the libraries for it go through binary floats and know neither 半 nor 分之 (docs/decisions/0014). Must not
know: units, documents.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

LONGEST: Final = 40
"""No numeral that a person writes has more characters."""
DIGITS: Final = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"〇": 0, "○": 0, "两": 2}
POWERS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
DIGIT: Final = "零〇○一二三四五六七八九两"
CHINESE: Final = f"{DIGIT}十百千万亿"

_ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_SECTION = re.compile(
    rf"(?:(?P<千>[{DIGIT}]?)千)?(?P<z1>[零〇○]?)(?:(?P<百>[{DIGIT}]?)百)?(?P<z2>[零〇○]?)"
    rf"(?:(?P<十>[{DIGIT}]?)十)?(?P<z3>[零〇○]?)(?P<一>[{DIGIT}]?)"
)


def value_of(text: str) -> Fraction | None:
    """The number a numeral stands for: Arabic, Chinese, or Arabic digits before 万 and 亿."""
    if not text or len(text) > LONGEST:
        return None
    if text == "半":
        return Fraction(1, 2)
    arabic = _ARABIC.match(text)
    if arabic is None:
        return _chinese(text)
    scale = magnitude(text[arabic.end() :])
    return None if scale is None else Fraction(arabic[0].replace(",", "")) * scale


def magnitude(text: str) -> int | None:
    """What 万, 千万, 亿 … multiply by; 1 for nothing, None for anything else."""
    product = 1
    for character in text:
        if character not in POWERS:
            return None
        product *= POWERS[character]
    return product


def part_of(whole: str, part: str) -> Fraction | None:
    """X分之Y; `whole` is X."""
    below, above = value_of(whole), value_of(part)
    return None if below is None or above is None or not below else above / below


def _chinese(text: str) -> Fraction | None:
    whole, point, decimals = text.partition("点")
    if not point:
        found = _whole(text)
        return None if found is None else Fraction(found)
    scale = decimals.lstrip(DIGIT)
    digits = decimals[: len(decimals) - len(scale)]
    before, by = _whole(whole), magnitude(scale)
    if before is None or by is None or not digits:
        return None
    behind = Fraction(int("".join(str(DIGITS[digit]) for digit in digits)), 10 ** len(digits))
    return (before + behind) * by


def _whole(text: str) -> int | None:
    if len(text) > 2 and all(character in DIGITS and character != "两" for character in text):
        return int("".join(str(DIGITS[character]) for character in text))
    for name in ("亿", "万"):
        left, there, right = text.rpartition(name)
        if there:
            return None if name in left else _around(_whole(left) if left else 1, POWERS[name], right)
    return _section(text)


def _around(before: int | None, power: int, behind: str) -> int | None:
    """`before` of a power, and what stands behind it: 三万五 is 35000, 三万零五 is 30005."""
    if not before:
        return None
    if len(behind) == 1 and DIGITS.get(behind):
        return before * power + DIGITS[behind] * (power // 10)
    rest = _whole(behind) if behind else 0
    return None if rest is None or rest >= power else before * power + rest


def _section(text: str) -> int | None:
    """A number below ten thousand."""
    found = _SECTION.fullmatch(text)
    if found is None or not text:
        return None
    total = sum(
        (DIGITS[found[name]] if found[name] else 1) * POWERS[name] for name in "千百十" if found[name] is not None
    )
    last = DIGITS[found["一"]] if found["一"] else 0
    return total + last * (_spoken(found) if last else 1)


def _spoken(found: re.Match[str]) -> int:
    """三百五 is 350: a last digit right behind 百 or 千 is of the next power."""
    if any(found[name] for name in ("z1", "z2", "z3")) or found["十"] is not None:
        return 1
    lowest = next((POWERS[name] for name in "百千" if found[name] is not None), 0)
    return lowest // 10 or 1
