"""Numerals of documents: tables worked out by hand, and every number there and back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules.tracing.numerals import part_of, value_of

BY_HAND = {
    "零": 0, "〇": 0, "半": Fraction(1, 2), "两": 2, "十": 10, "十五": 15, "二十": 20, "一百零五": 105, "一百一": 110,
    "三百五": 350, "三百五十": 350, "三百零五": 305, "一千零二十": 1020, "二〇二三": 2023, "三万五": 35000,
    "三万零五": 30005, "两千零五亿": 200_500_000_000, "五十亿": 5_000_000_000, "千亿": 100_000_000_000,
    "五百亿": 50_000_000_000, "一万亿": 10**12, "二十一万三千": 213_000, "两亿三千万": 230_000_000, "一点五亿": 150_000_000,
    "零点零六": Fraction(6, 100), "1900万": 19_000_000, "0.015亿": 1_500_000, "3.5千万": 35_000_000, "1,900": 1900,
    "80": 80, "48亿": 4_800_000_000,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), BY_HAND.items())
def test_a_numeral_is_worth_what_a_person_reads(text, value):
    """Each numeral of the table has the value worked out by hand, exactly."""
    assert value_of(text) == value


@pytest.mark.parametrize(
    "text", ["", "十四五", "百千", "一二", "点五", "一点", "万万万", "亿亿", "12万x", "一批", "三" * 50]
)
def test_what_is_no_numeral_has_no_value(text):
    """Malformed and endless numerals are None, never a wrong number."""
    assert value_of(text) is None


def test_shares_are_exact():
    """三分之一 is a third, not 0.333, and a division by nothing is nothing."""
    assert part_of("三", "一") == Fraction(1, 3)
    assert part_of("百", "九十") == Fraction(9, 10)
    assert part_of("零", "一") is None


def chinese(number):
    """A number below 10**12 in the usual words; written for this test, after the rules of the school book."""
    if number >= 10**8:
        return _joined(number, 10**8, "亿")
    if number >= 10**4:
        return _joined(number, 10**4, "万")
    words, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, power)
        if digit:
            words += ("零" if gap and words else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return words or "零"


def _joined(number, power, name):
    above, below = divmod(number, power)
    if not below:
        return chinese(above) + name
    return chinese(above) + name + ("零" if below < power // 10 else "") + chinese(below)


@given(st.integers(0, 10**12 - 1))
def test_every_whole_number_comes_back(number):
    """A number written in words is read as the same number."""
    assert value_of(chinese(number)) == number


@given(st.text("零〇一二三四五六七八九十百千万亿两半点0123456789.,", max_size=60))
def test_any_run_of_numeral_characters_is_read_or_refused(text):
    """No text of numeral characters raises."""
    found = value_of(text)
    assert found is None or found >= 0
