"""Figures in text: what they say, worked out by hand, and how long hostile text may take."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules.tracing.figures import Days, Label, find


def read(text):
    """What each figure says."""
    return [(one.text, one.kind, one.value, one.dimension) for one in find(text)]


AMOUNTS = {
    "新签约项目20个以上": ("20个以上", 20, "count"),
    "协议引资80亿元以上": ("80亿元以上", 8_000_000_000, "CNY"),
    "外商直接投资0.015亿美元": ("0.015亿美元", 1_500_000, "USD"),
    "到资1900万美元": ("1900万美元", 19_000_000, "USD"),
    "履约率90%": ("90%", Fraction(9, 10), "ratio"),
    "履约率９０％": ("90%", Fraction(9, 10), "ratio"),
    "达到百分之九十": ("百分之九十", Fraction(9, 10), "ratio"),
    "三分之一以上的时间": ("三分之一以上", Fraction(1, 3), "ratio"),
    "完成七成以上": ("七成以上", Fraction(7, 10), "ratio"),
    "投资五十亿元": ("五十亿元", 5_000_000_000, "CNY"),
    "走访企业2260余家": ("2260余家", 2260, "count"),
    "奖励1亿余元": ("1亿余元", 100_000_000, "CNY"),
    "投资额亿元以上项目": ("亿元以上", 100_000_000, "CNY"),
    "工业一千亿": ("一千亿", 100_000_000_000, ""),
    "带动就业3000人": ("3000人", 3000, "count"),
    "得20 分": ("20 分", 20, "points"),
    "按双倍扣分": ("双倍", 2, "times"),
    "近3年": ("3年", 3, "years"),
    "在10日内报送": ("10日", 10, "days"),
    "派出两个小组": ("两个", 2, "count"),
    "连续举办10届": ("10届", 10, "count"),
    "提高2个百分点以上": ("2个百分点以上", Fraction(2, 100), "ratio"),
    "3个工作日内": ("3个工作日", 3, "days"),
    "历时6个月": ("6个月", 6, "months"),
    "指标\t目标\n1\t20个": ("20个", 20, "count"),
    "共1,900个": ("1,900个", 1900, "count"),
    "引资\n80\n亿元": ("80\n亿元", 8_000_000_000, "CNY"),
}


@pytest.mark.parametrize(("text", "figure"), AMOUNTS.items())
def test_an_amount_is_read_with_its_unit(text, figure):
    """One figure, in base units, exact."""
    assert [(one[0], one[2], one[3]) for one in read(text)] == [figure]


def test_both_ends_of_a_range_are_figures():
    """2—3个 are two figures of one unit; 5—10亿元 share their 亿."""
    assert [(one[2], one[3]) for one in read("2—3个")] == [(2, "count"), (3, "count")]
    assert [one[2] for one in read("投资5—10亿元")] == [500_000_000, 1_000_000_000]
    assert [one[2] for one in read("5%-10%")] == [Fraction(1, 20), Fraction(1, 10)]


CALENDAR = {
    "5月22日": Days(None, (5, 22), (5, 22)),
    "2023年5月15日": Days(2023, (5, 15), (5, 15)),
    "2023-05-24": Days(2023, (5, 24), (5, 24)),
    "二〇二三年五月十三日": Days(2023, (5, 13), (5, 13)),
    "5月15日至9月5日": Days(None, (5, 15), (9, 5)),
    "5月15日至21日": Days(None, (5, 15), (5, 21)),
    "2023—2025年": Days(2023, (1, 1), (12, 31), 2025),
    "2022年签约": Days(2022, (1, 1), (12, 31)),
    "6-8月份": Days(None, (6, 1), (8, 31)),
    "6月": Days(None, (6, 1), (6, 31)),
    "三月底前": Days(None, (3, 1), (3, 31)),
    "一季度": Days(None, (1, 1), (3, 31)),
    "第一季度": Days(None, (1, 1), (3, 31)),
    "前三季度": Days(None, (1, 1), (9, 31)),
    "上半年": Days(None, (1, 1), (6, 31)),
}


@pytest.mark.parametrize(("text", "days"), CALENDAR.items())
def test_days_of_the_calendar_are_read(text, days):
    """Dates, ranges, months, quarters, halves and years; the year is left open where the text leaves it out."""
    assert [one[2] for one in read(text)] == [days]


def test_the_last_day_of_a_month_is_that_of_its_year():
    """A month ends on the day it has in that year, and a day that no calendar has is no figure."""
    placed = Days(None, (2, 1), (2, 31)).at(2024)
    assert placed
    assert placed[1].isoformat() == "2024-02-29"
    assert read("2月30日") == []


def test_several_months_are_several_figures():
    """7、8月 names July and August."""
    assert [one[2] for one in read("7、8 月各占")] == [Days(None, (7, 1), (7, 31)), Days(None, (8, 1), (8, 31))]


def test_days_of_each_month_recurrences_and_ordinals_have_their_own_kind():
    """每月15日、30日 are a recurrence and two days of a month; 第三季 is no number of seasons."""
    assert [one[1:3] for one in read("每月15日、30日前")] == [
        ("recurrence", "month"), ("day of month", 15), ("day of month", 30),
    ]  # fmt: skip
    assert [one[2] for one in read("每季度1次，月月有签约，季考核，半月一调度")] == [
        "quarter",
        1,
        "month",
        "quarter",
        "half_month",
    ]
    assert read("行动(第三季)")[0][1:3] == ("ordinal", 3)
    assert read("川办函〔2023〕32号")[0][1:3] == ("document number", Label("川办函", 2023, 32))
    assert read("[2023] 31号")[0][2] == Label("", 2023, 31)


@pytest.mark.parametrize(
    "text",
    [
        "一批企业",
        "统一部署",
        "第一时间对接",
        "一是强化服务。二是",
        "党的二十大精神",
        "六届五次全会",
        "四川",
        "十分重要",
        "028-26655501",
    ],
)
def test_sayings_and_names_are_no_figures(text):
    """Words that only look like numbers are left alone."""
    assert read(text) == []


@pytest.mark.parametrize(
    "text", ["“三类500强”企业", "“一企一策”", "“1345”战略", "进千企活动", "《十条措施》", "一名领导"]
)
def test_numbers_that_are_part_of_a_name_are_idioms(text):
    """They can be carried, but nobody asks for it."""
    assert {one.sort for one in find(text)} == {"idiom"}


def test_a_number_in_words_is_a_figure_where_it_is_a_bound():
    """两个 is a word, 不少于两个 is a demand."""
    assert [one.sort for one in find("派驻两个中心")] == ["word"]
    assert [one.sort for one in find("每年不少于两个")] == ["word", "figure"]
    assert [one.sort for one in find("明确至少一名领导")] == ["figure"]


def test_how_many_quarters_there_are_is_no_figure():
    """四个季度分别 divides the year and demands nothing; 四个中心 does."""
    assert [one.text for one in find("四个季度分别不低于20亿元，全年12个月，四个中心")] == ["20亿元", "四个"]


HOSTILE = ["9" * 20_000, "一" * 20_000, "1,000" * 4_000, "“" * 20_000, "2023年" * 4_000, "第" * 20_000, "1 \n" * 7_000,
           "1-" * 10_000, "〔2023〕" * 3_500, "亿" * 20_000, "、1" * 10_000, "百分之" * 7_000]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_time_grows_with_the_text(text):
    """Twenty thousand characters made to confuse patterns are read at once."""
    start = time.process_time()
    find(text)
    assert time.process_time() - start < 1.7


@given(st.text(max_size=200))
def test_no_text_raises(text):
    """Whatever the text, figures lie inside it and in order."""
    found = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
