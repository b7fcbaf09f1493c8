"""The clauses of a text, and the names people give them; all texts here are invented."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules.tracing import clauses


def cut(text, named=()):
    """Clause and words of each stretch."""
    read = clauses.read(text, named)
    return [(clauses.label(one.path), " ".join(text[one.start : one.end].split())) for one in read.stretches]


NOTICE = """某县文件

某府办〔2023〕7号

关于开展某行动的通知

各乡镇：

为加快发展，现就有关事项通知如下。

**一、总体目标**

全年签约20个。

## 二、主要任务

(一)抓招商。每月2次。

（二）抓落地。要做到： 1. 快开工；2．早投产，增长1.5倍。

3、强服务。

三、工作要求（一）加强领导。一是统筹。二是落实。（二）严格考核。按照二、（一）的规定办理。

某县人民政府办公室

2023年5月1日

附件：评分细则

附件

评分细则

本细则每月用一次。

一、评比内容

（一）签约（20 分）
①按时
②足额
"""


def test_a_text_is_cut_at_its_headings():
    """Headings of every level are found, at the start of a line, behind a sentence and behind another heading."""
    assert cut(NOTICE) == [
        ("标题", "某县文件"),
        ("发文", "某府办〔2023〕7号"),
        ("标题", "关于开展某行动的通知"),
        ("前言", "各乡镇： 为加快发展，现就有关事项通知如下。"),
        ("一", "总体目标** 全年签约20个。"),
        ("二", "主要任务"),
        ("二(一)", "抓招商。每月2次。"),
        ("二(二)", "抓落地。要做到："),
        ("二(二)1", "快开工；"),
        ("二(二)2", "早投产，增长1.5倍。"),
        ("二(二)3", "强服务。"),
        ("三", "工作要求"),
        ("三(一)", "加强领导。一是统筹。二是落实。"),
        ("三(二)", "严格考核。按照二、（一）的规定办理。 某县人民政府办公室"),
        ("发文", "2023年5月1日 附件：评分细则"),
        ("附件 前言", "附件 评分细则 本细则每月用一次。"),
        ("附件 一", "评比内容"),
        ("附件 一(一)", "签约（20 分）"),
        ("附件 一(一)①", "按时"),
        ("附件 一(一)②", "足额"),
    ]


def test_a_number_that_only_looks_like_a_heading_is_none():
    """A number out of the count, quarters in a list and decimals at the start of a line do not cut."""
    text = "一、甲\n一、二季度各5个\n5.\n1.5亿元\n七、不是标题\n二、乙\n"
    assert [name for name, _ in cut(text)] == ["一", "二"]


def test_a_heading_without_blanks_or_lines_is_found():
    """A page whose line breaks are lost is cut behind its sentences."""
    text = "前言。一、目标。全年10个。二、任务。（一）招商。3个。（二）落地。4个。"
    assert [name for name, _ in cut("题目\n" + text.partition("。")[2])] == ["标题", "一", "二", "二(一)", "二(二)"]


def test_articles_are_clauses_too():
    """第五条 is a clause with its parts."""
    text = "第一条 目的。\n第二条 得分。\n（一）签约。\n（二）落地。\n第三条 其他。\n"
    assert [name for name, _ in cut(text)] == ["第一条", "第二条", "第二条(一)", "第二条(二)", "第三条"]


def test_a_text_that_is_printed_twice_is_read_once():
    """The second printing and what surrounds it is left out; short lines that happen to be equal stay."""
    letter = (
        "一、甲。" + "已建立协同招商的工作机制，" * 20 + "共8个。\n\n二、乙。" + "持续深化合作，" * 20 + "共9家。\n"
    )
    page = f"某局\n{letter}\n导航\n某局\n来源：某处\n{letter}\n返回\n"
    read = clauses.read(page)
    assert sum("共8个" in page[one.start : one.end] for one in read.stretches) == 1
    assert read.repeated > 0
    assert clauses.read("一、甲\n3个\n二、乙\n3个\n").repeated == 0


def test_furniture_of_a_page_is_left_out():
    """Addresses, telephone numbers and licences are no text of the document; the day of publication is."""
    page = "某局\n发布时间:2023-05-24\n一、甲\n5个\n主办:某市 地址:某路25号\n电话:028-0000000 网站标识码:5100000000\n"
    assert cut(page) == [("标题", "某局"), ("发文", "发布时间:2023-05-24"), ("一", "甲 5个")]


def test_a_clause_cited_by_a_word_begins_its_paragraph():
    """下一步 is a clause where a campaign cites it."""
    text = "一、甲\n5个\n下一步，将招引3家。\n"
    assert cut(text, ["下一步"])[-1] == ("下一步", "，将招引3家。")
    assert [name for name, _ in cut(text)] == ["一"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("三(二)1", "三(二)1"), ("三（二）1", "三(二)1"), (" 三 ( 二 ) 1. ", "三(二)1"), ("附件 一(一)", "附件 一(一)"),
        ("附件一（一）", "附件 一(一)"), ("第五条(二)", "第五条(二)"), ("附件 引言", "附件 前言"), ("十二", "十二"),
        ("下一步", "下一步"), ("全文", "全文"), ("二(一)(3)", "二(一)(3)"), ("一①", "一①"),
    ],
)  # fmt: skip
def test_names_of_clauses_are_read_tolerantly(name, path):
    """Full-width brackets, blanks and points make no difference."""
    assert clauses.label(clauses.paths(name)[0]) == path


def test_the_number_of_an_annex_and_its_first_clause_look_the_same():
    """附件一 is the first annex, or the first clause of the only one."""
    assert {clauses.label(path) for path in clauses.paths("附件一")} == {"附件 一", "附件1"}
    text = "一、甲\n5个\n附件1\n一、乙\n6个\n附件2\n一、丙\n7个\n"
    assert [name for name, _ in cut(text)][-2:] == ["附件2 前言", "附件2 一"]


def test_several_clauses_are_told_apart():
    """Semicolons separate, and enumeration commas where a clause ends."""
    assert clauses.names("附件 一(五); 四(三)") == ("附件 一(五)", "四(三)")
    assert clauses.names("二(一)、二(三)；附件") == ("二(一)", "二(三)", "附件")
    assert clauses.names(None) == ()


def test_a_clause_holds_what_is_inside_it():
    """三 holds 三(二), and 发文 is the head whatever its lines are called."""
    (whole,), (part,) = clauses.paths("三"), clauses.paths("三(二)1")
    assert clauses.holds(whole, part)
    assert not clauses.holds(part, whole)
    (head,) = clauses.paths("发文")
    assert clauses.holds(head, (("前言", 0),))
    assert not clauses.holds(head, whole)


HOSTILE = ["一、" * 20_000, "（一）" * 20_000, "一、甲。" * 15_000, "附件\n" * 15_000, "\n" * 60_000, "①" * 60_000, "(" * 60_000,
           "1." * 30_000, "*" * 60_000, "附件" + " " * 60_000, "【一】\n" * 15_000]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:6]))
def test_time_grows_with_the_text(text):
    """Sixty thousand characters of nothing but headings are cut in seconds."""
    start = time.process_time()
    clauses.read(text, ["下一步"])
    clauses.names(text)
    clauses.paths(text)
    assert time.process_time() - start < 5


@given(st.text("一二三、（）()1.①附件第条\n 甲。；0〔〕年月日", max_size=120))
def test_no_text_raises(text):
    """Whatever the text, stretches lie in it, in order, one beside the other."""
    read = clauses.read(text, ["甲"])
    edges = [edge for one in read.stretches for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)
    clauses.paths(text)
