"""The command trace: the numbers of a campaign against the text of its document, and the other way round.

The shipped campaigns are held against digests of their documents; mistakes are planted in copies of them. Texts here are
invented.
"""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules import cli, driver, overlays, tracing
from campaignrules.consistency.acknowledged import acknowledge
from campaignrules.errors import CampaignError, Source
from campaignrules.tracing import digests

DOCUMENTS = Path(__file__).parent / "documents"
NAMES = ["guangyuan_2023_2025", "sichuan_2023_q3", "sichuan_2024_reply_0798", "xinfeng_100days", "yanjiang_2023"]

CAMPAIGN = """
campaign: small
title: 某县行动
documents:
  plan: {title: 某县行动方案, number: 某府办〔2023〕7号, published: 2023-05-01}
period: {from: 2023-01-01, to: 2023-12-31, source: 一}
records:
  project:
    key: id
    fields:
      id: {type: text}
      unit: {type: unit}
      investment: {type: quantity, unit: 亿元}
      signed_on: {type: date}
metrics:
  signed: {count: project, on: signed_on, unit: 个, source: 一}
  invested: {sum: project.investment, on: signed_on, unit: 亿元, source: 一}
  large: {of: signed, where: investment >= 10 * 亿元, source: 二(一)}
targets:
  - {id: T1, metric: signed, in: 2023, at_least: 20 个, source: 一}
  - {id: T2, metric: invested, in: 2023, at_least: 80 亿元, source: 一}
  - {id: T3, metric: large, in: each month, at_least: 2 个, source: 二(一)}
"""
DOCUMENT = """关于印发某县行动方案的通知

某府办〔2023〕7号

一、目标

2023年，全县新签约项目20个以上，协议引资80亿元以上。

二、任务

（一）抓大项目。每月签约10亿元以上项目2个。

某县人民政府办公室

2023年5月1日
"""


def traced(text=CAMPAIGN, document=DOCUMENT, overlay=()):
    """The trace of a campaign against the one document."""
    campaign = driver.load(text).checked.campaign
    return tracing.trace(campaign, {"plan": Source("plan.txt", document)}, overlay)


def said(trace):
    """Code, subject and place of each finding."""
    return [(one.code, one.subject, one.span.line) for one in trace.diagnostics]


def states(trace):
    """Number → state, of those that are no matter of course."""
    return {f"{one.number.subject} {one.number.shown}": one.state for one in trace.verdicts}


# -- the shipped campaigns -----------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_shipped_campaign_has_its_place(name, capsys):
    """Nothing stands elsewhere or nowhere, and no figure of the document is forgotten."""
    code = cli.main(["trace", name, "--document", str(DOCUMENTS / f"{name}.txt"), "--lang", "en"])
    assert (code, capsys.readouterr().out.splitlines()[-1]) == (0, "every number has its place, and none is forgotten")


@pytest.mark.parametrize("name", NAMES)
def test_a_digest_holds_no_text(name):
    """Marks and figures alone: no line is longer than a figure with a few characters around it, and no sentence."""
    lines = (DOCUMENTS / f"{name}.txt").read_text("utf-8").splitlines()
    assert re.fullmatch(r"# campaignrules digest · sha256 [0-9a-f]{64}", lines[0])
    assert all(line.startswith("【") or len(line) <= 18 for line in lines[1:])
    assert not any(re.search(r"[。@]|\d{7}", line) for line in lines[1:])


PLANTED = [
    ("yanjiang_2023", "YJ-Y-02", "at_least: 80 亿元", "at_least: 8 亿元", "figure-elsewhere"),
    ("yanjiang_2023", "YJ-Y-06", "at_least: 0.06 亿美元", "at_least: 0.6 亿美元", "figure-not-found"),
    ("yanjiang_2023", "YJ-S1-17", "at_least: 3000 人", "at_least: 300 人", "figure-not-found"),
    ("yanjiang_2023", "YJ-Q1-10", "at_least: 5%", "at_least: 0.5%", "figure-not-found"),
    ("yanjiang_2023", "YJ-Q1-03", "source: 二(一)", "source: 二(四)", "figure-elsewhere"),
    ("yanjiang_2023", "YJ-Y-02", "at_least: 80 亿元", "at_least: 80 亿美元", None),
    ("yanjiang_2023", "cohort_year", "value: 2022,", "value: 2021,", "figure-not-found"),
    ("guangyuan_2023_2025", "GY-1.2-05", "at_least: 1900 万美元", "at_least: 190 万美元", "figure-not-found"),
    ("guangyuan_2023_2025", "large_signings", "investment >= 1 * 亿元", "investment >= 2 * 亿元", "figure-not-found"),
    ("guangyuan_2023_2025", "plan", "published: 2023-04-13", "published: 2023-04-31", None),
    ("guangyuan_2023_2025", "plan", "published: 2023-04-13", "published: 2023-04-12", "figure-not-found"),
    (
        "guangyuan_2023_2025",
        "plan",
        "number: 广投促委办〔2023〕4号",
        "number: 广投促委办〔2023〕14号",
        "figure-not-found",
    ),
    ("sichuan_2023_q3", "p2", "to: 2023-08-29", "to: 2023-08-30", "figure-not-found"),
    ("sichuan_2023_q3", "S23-R3-01", "every: week", "every: month", "figure-not-found"),
    ("sichuan_2024_reply_0798", "S24-3-09", "value: 211 家", "value: 2110 家", "figure-not-found"),
    ("xinfeng_100days", "XF-M1-04", "at_least: 1/3", "at_least: 1/4", "figure-not-found"),
    ("xinfeng_100days", "XF-M5-01", "due: [day 15, day 30]", "due: [day 15, day 20]", "figure-not-found"),
    ("xinfeng_100days", "drive", "2023-06: 60%", "2023-06: 50%", "figure-not-found"),
]


@pytest.mark.parametrize(("name", "element", "right", "wrong", "code"), PLANTED)
def test_a_planted_mistake_is_found_at_its_place(name, element, right, wrong, code):
    """A number off by ten, in another unit, on another day or from another clause is named with its line."""
    text = (driver.data_folder("campaigns") / f"{name}.yaml").read_text("utf-8")
    stands = re.search(rf"id: {re.escape(element)},|^  {element}:", text, re.MULTILINE)
    assert stands
    at = text.index(right, stands.start())
    planted = text[:at] + wrong + text[at + len(right) :]
    if code is None:  # the language itself refuses it
        with pytest.raises(CampaignError):
            driver.load(planted)
        return
    campaign = driver.load(planted).checked.campaign
    document = tracing.read_document(DOCUMENTS / f"{name}.txt")
    found = tracing.trace(campaign, {next(iter(campaign.documents)): document}).diagnostics
    lines = {(one.code, one.span.line) for one in found if one.span and one.span.file != document.name}
    expected = text[:at].count("\n") + 1
    assert any(one == code and abs(line - expected) <= 1 for one, line in lines), found


def test_a_dropped_target_leaves_its_figure_behind():
    """The figure that nobody carries any more is named with its place in the document."""
    text = (driver.data_folder("campaigns") / "yanjiang_2023.yaml").read_text("utf-8")
    dropped = "\n".join(line for line in text.splitlines() if "{id: YJ-S1-19" not in line)
    campaign = driver.load(
        re.sub(r"targets\.YJ-S1-19\.force: strive", "", dropped).replace("strive, }", "strive}")
    ).checked.campaign
    found = tracing.trace(campaign, {"plan": tracing.read_document(DOCUMENTS / "yanjiang_2023.txt")}).diagnostics
    assert [(one.code, one.subject) for one in found] == [("figure-not-carried", "三(一) 5亿元以上")]


# -- verdicts --------------------------------------------------------------------


def test_every_number_cited_in_its_clause_is_fine():
    """Targets, thresholds in filters, recurrences, the period, number and day of the document."""
    trace = traced()
    assert said(trace) == []
    assert states(trace) == {
        "plan 某府办〔2023〕7号": "cited", "plan 2023-05-01": "cited", "period 2023-01-01": "cited",
        "period 2023-12-31": "cited", "large 10 * 亿元": "cited", "T1 20 个": "cited", "T2 80 亿元": "cited",
        "T3 each month": "cited", "T3 2 个": "cited",
    }  # fmt: skip


def test_a_number_off_by_ten_is_named_with_what_was_meant():
    """The hint says which figure, where it stands, and that only noughts differ."""
    trace = traced(CAMPAIGN.replace("80 亿元", "8 亿元"))
    missing, lost = trace.diagnostics
    assert (missing.code, missing.subject) == ("figure-not-found", "T2")
    assert missing.hint.en == (
        "clause 一 has “80亿元以上” (line 7, column 24): is that meant? They differ by noughts alone"
    )
    assert (lost.code, lost.subject, lost.span.line) == ("figure-not-carried", "一 80亿元以上", 7)
    assert [text.en for _, text in lost.related] == ["T2: 8 亿元"]


def test_a_number_off_by_ten_is_told_so_even_where_it_stands_elsewhere():
    """8亿元 stands in another clause; 80亿元 of the clause cited is what was meant."""
    document = DOCUMENT.replace("抓大项目。", "抓大项目，首期8亿元。")
    elsewhere = traced(CAMPAIGN.replace("80 亿元", "8 亿元"), document).diagnostics[0]
    assert elsewhere.code == "figure-elsewhere"
    assert "80亿元" in elsewhere.hint.en


CARDS = """scorecards:
  card:
    title: 月评比
    in: each month
    out_of: 100 分
    source: 二(一)
    items: {minus: {title: 扣分, kind: deduction, lose: {each: signed, points: 5 分}, floor: -20 分, source: 三}}
    cap: 110 分
  year: {title: 年度, in: 2023, weights: {card: {2023-01: 6%, 2023-02: 6%, 2023-03: 6%}}, source: 三}
"""
CARD_WORDS = DOCUMENT.replace(
    "某县人民政府办公室", "三、考核\n\n每个扣5分，最多扣20分。总分最高不超过110分。\n\n某县人民政府办公室"
)


def test_floors_and_caps_are_numbers_of_the_document():
    """最多扣20分 is a floor of -20, with the sign that documents do not write; another number is found."""
    card = CARDS.replace("source: 二(一)", "source: 三")
    document = CARD_WORDS.replace("总分", "每月评比，满分100分。总分").replace(
        "110分。", "110分。前三个月各占6%、6%、6%。"
    )
    assert [one.message.en for one in traced(CAMPAIGN + card, document).diagnostics if "月" not in one.message.zh] == []
    found = said(traced(CAMPAIGN + card.replace("-20", "-30").replace("110", "120"), document))
    assert {("figure-not-found", "card.minus"), ("figure-not-found", "card"), ("figure-not-carried", "三 20分"),
            ("figure-not-carried", "三 110分")} <= {one[:2] for one in found}  # fmt: skip


def test_what_rests_on_a_scorecard_is_as_often():
    """每月排名 and 月评比占 are carried by the ranking and the weights of a card of each month, in their own clauses alone."""
    rest = CARDS.replace("source: 二(一)", "source: 三").replace("6%}}, source: 三}", "6%}}, source: 四}")
    rest += "rankings: {board: {by: card, ties: shared, source: 五}}\n"
    words = "每月评比，满分100分。\n\n四、年度\n\n月评比占6%、6%、6%。\n\n五、排名\n\n每月排名。\n\n六、其他\n\n每月调度。\n\n某县人民政府办公室"
    document = CARD_WORDS.replace("某县人民政府办公室", words)
    assert [one for one in said(traced(CAMPAIGN + rest, document)) if "月" in one[1]] == [
        ("figure-not-carried", "六 每月", 29)
    ]


def test_a_number_that_an_element_repeats_is_named_once_with_its_places():
    """Twelve months of one weight are one finding, and nothing is offered that is far from it."""
    (found,) = (one for one in traced(CAMPAIGN + CARDS, CARD_WORDS).diagnostics if one.subject == "year")
    assert (found.code, [text.zh for _, text in found.related]) == ("figure-not-found", ["又在这里", "又在这里"])
    assert "是不是它" not in found.hint.zh


def test_an_empty_document_is_one_error(tmp_path):
    """It is not a hundred numbers that stand nowhere."""
    path = tmp_path / "原文.txt"
    path.write_text("\n \n", "utf-8")
    with pytest.raises(CampaignError) as caught:
        tracing.read_document(path)
    assert [one.code for one in caught.value.diagnostics] == ["empty-document"]


def test_a_wrong_clause_is_named_with_the_right_one():
    """The number is found, but not where the item says."""
    trace = traced(CAMPAIGN.replace("at_least: 20 个, source: 一", "at_least: 20 个, source: 二(一)"))
    assert [one.message.en for one in trace.diagnostics] == [
        "T1: 20 个 is not in the clause cited (二(一)), only in 一",
        "“20个以上” of clause 一: nothing in the campaign carries or registers it",
    ]


def test_one_number_carries_one_figure():
    """Two equal figures of a clause need two numbers."""
    trace = traced(document=DOCUMENT.replace("20个以上，", "20个以上，其中制造业20个以上，"))
    assert said(trace) == [("figure-not-carried", "一 20个以上", 7)]


@pytest.mark.parametrize(
    "line",
    [
        "register: [{covers: [R1], reason: background, source: 二(一), note: 三年前已有5个}]",
        "facts: [{id: F1, value: 5 个, source: 二(一)}]",
        "duties: [{id: D1, title: 现有项目, source: 二(一), note: “现有5个”是背景}]",
    ],
)
def test_a_figure_is_registered_by_fact_register_or_quotation(line):
    """A fact of that value, a register entry that names it, or a note that quotes it."""
    document = DOCUMENT.replace("抓大项目。", "抓大项目。现有5个。")
    assert said(traced(document=document)) == [("figure-not-carried", "二(一) 5个", 11)]
    assert said(traced(CAMPAIGN + line, document)) == []


def test_a_note_that_does_not_quote_registers_no_figure():
    """A note may reckon with any number without taking the document's figure for settled."""
    document = DOCUMENT.replace("抓大项目。", "抓大项目。现有5个。")
    loose = CAMPAIGN + "duties: [{id: D1, title: 现有项目, source: 二(一), note: 两项合计5个}]"
    assert len(said(traced(loose, document))) == 1


def test_a_number_that_its_note_names_is_explained():
    """What is worked out or chosen is said in words, and is then no finding."""
    text = CAMPAIGN + "duties: [{id: D1, title: 清理, source: 一, by: 2023-06-30NOTE}]\n"
    assert said(traced(text.replace("NOTE", ""))) == [("figure-not-found", "D1", 23)]
    assert states(traced(text.replace("NOTE", ", note: 取6月30日")))["D1 2023-06-30"] == "explained"


def test_a_day_that_ends_the_period_follows_from_it():
    """Whoever writes no date gets the end of the period, which is traced itself."""
    text = CAMPAIGN + "duties: [{id: D1, title: 清理, source: 二(一), by: 2023-12-31}]\n"
    assert states(traced(text))["D1 2023-12-31"] == "explained"


def test_zeros_one_at_all_and_the_full_mark_need_not_be_printed():
    """They are listed as structural; any other number of their place is not."""
    card = """
scorecards:
  score:
    out_of: MARK 分
    source: 二(一)
    items: {a: {worth: MARK 分, earn: {in_proportion_to: T1}, floor: 0 分}}
"""
    assert said(traced(CAMPAIGN + card.replace("MARK", "100"))) == []
    assert {code for code, *_ in said(traced(CAMPAIGN + card.replace("MARK", "150")))} == {"figure-not-found"}


def test_an_idiom_is_never_missed():
    """Names with a number in them ask for nothing; a number in words does, until something mentions it."""
    named = DOCUMENT.replace("抓大项目。", "抓大项目，落实“三个一”，引进“三类500强”，进千企。")
    assert said(traced(document=named)) == []
    words = DOCUMENT.replace("抓大项目。", "抓大项目，派出三个小组。")
    assert said(traced(document=words)) == [("figure-not-carried", "二(一) 三个", 11)]
    told = CAMPAIGN + "duties: [{id: D1, title: 派出三个小组, source: 二(一)}]"
    assert said(traced(told, words)) == []


def test_an_acknowledged_finding_is_a_note_with_its_reason():
    """A chosen number is acknowledged by the id of its item, a figure by its clause and words; idle entries are named."""
    text = CAMPAIGN.replace("80 亿元", "8 亿元") + (
        "acknowledged:\n"
        "  - {finding: figure-not-found, at: T2, reason: 已获批准下调}\n"
        "  - {finding: figure-not-carried, at: 一 80亿元以上, reason: 同上}\n"
        "  - {finding: figure-elsewhere, at: T1, reason: 多余}\n"
    )
    campaign = driver.load(text).checked.campaign
    found = acknowledge(traced(text).diagnostics, campaign, "trace")
    assert [(one.code, one.severity, one.acknowledged and one.acknowledged.zh) for one in found] == [
        ("figure-not-found", "note", "已获批准下调"),
        ("figure-not-carried", "note", "同上"),
        ("acknowledgement-unused", "warning", None),
    ]


# -- several documents, overlays, digests ------------------------------------------


def test_items_of_another_document_are_looked_for_there():
    """An item names its document; without its text it is not judged, and the trace is not complete."""
    text = CAMPAIGN.replace("period:", "  notice: {title: 补充通知}\nperiod:", 1).replace(
        "at_least: 2 个, source: 二(一)", "at_least: 2 个, source: 一, document: notice"
    )
    campaign = driver.load(text).checked.campaign
    document = Source("plan.txt", DOCUMENT.replace("项目2个", "项目"))
    alone = tracing.trace(campaign, {"plan": document})
    assert not alone.complete
    notice = Source("notice.txt", "一、补充\n每月2个。\n")
    both = tracing.trace(campaign, {"plan": document, "notice": notice})
    assert both.complete
    assert [one.subject for one in alone.diagnostics] == ["二(一) 每月"]
    assert [one.subject for one in both.diagnostics] == ["二(一) 每月"]


OVERLAY = """
overlay_for: small
id: cut
document: {title: 关于调整目标的通知, number: 某府办〔2023〕9号, published: 2023-07-01}
source: 一
amend: {targets.T2.at_least: 60 亿元}
"""


@pytest.mark.parametrize(("printed", "codes"), [("60", []), ("600", ["figure-not-carried", "figure-not-found"])])
def test_an_overlay_is_held_against_its_own_document(printed, codes):
    """Its document goes by its id; the campaign's own number stays with the campaign's document."""
    given = overlays.read([OVERLAY])
    notice = f"关于调整目标的通知\n某府办〔2023〕9号\n2023年7月1日\n一、协议引资{printed}亿元。\n"
    campaign = driver.load(CAMPAIGN).checked.campaign
    documents = {"plan": Source("plan.txt", DOCUMENT), "cut": Source("cut.txt", notice)}
    trace = tracing.trace(campaign, documents, given.overlays)
    assert sorted(one.code for one in trace.diagnostics) == codes


def test_a_digest_gives_the_same_answer():
    """Every verdict is the same from the digest, and so is the digest of a digest."""
    document = DOCUMENT.replace("抓大项目。", "抓大项目，至少一名领导，7、8月各占“三化”第三季，半月一调度，月通报。")
    trace = traced(document=document)
    digest = digests.written(trace.pages["plan"])
    again = traced(document=digest)
    for one, other in ((trace, again), (again, traced(document=digests.written(again.pages["plan"])))):
        assert [held.figure.text for held in one.held] == [held.figure.text for held in other.held]
        assert [(held.path[-1], held.by) for held in one.held] == [(held.path[-1], held.by) for held in other.held]
        assert states(one) == states(other)
    assert "抓大项目" not in digest
    assert digests.sha256(again.pages["plan"].source) == digests.sha256(trace.pages["plan"].source)


# -- the command ---------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    """A campaign and its document on disk."""
    (tmp_path / "small.yaml").write_text(CAMPAIGN, "utf-8")
    (tmp_path / "plan.txt").write_text(DOCUMENT, "gb18030")
    return tmp_path


def run(files, *more):
    """The exit code of the command."""
    return cli.main(["trace", str(files / "small.yaml"), "--document", f"plan={files / 'plan.txt'}", *more])


def test_the_command_lists_numbers_and_figures(files, capsys):
    """--all shows every number with the clause it was found in, and every figure with what carries it."""
    assert run(files, "--all", "--lang", "zh") == 0
    shown = capsys.readouterr().out
    assert re.search(r"在所引条款 +T2 +80 亿元 +一 +一: 80亿元以上 +\d+", shown)
    assert re.search(r"已承载 +T2: 80 亿元 +80亿元以上 +一 +7", shown)


def test_the_command_ends_with_1_and_the_places(files, capsys):
    """A finding shows its line in the file and, below it, the line of the document."""
    (files / "small.yaml").write_text(CAMPAIGN.replace("80 亿元", "8 亿元"), "utf-8")
    assert run(files, "--lang", "en") == 1
    shown = capsys.readouterr().out
    assert re.search(r"small\.yaml:21:\d+: warning\[figure-not-found\]: T2: 8 亿元", shown)
    assert re.search(r"plan\.txt:7:24: ", shown)


def test_json_and_csv_hold_the_same_rows(files, capsys):
    """Both list each number and each figure."""
    assert run(files, "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"] == {"numbers": {"cited": 9}, "figures": {"number": 8}}
    assert data["documents"][0]["sha256"] == digests.sha256(Source("", DOCUMENT))
    assert run(files, "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    assert [row["side"] for row in rows] == ["file"] * 9 + ["document"] * 8
    assert [row["name"] for row in rows[:9]] == [row["name"] for row in data["numbers"]]


def test_the_digest_is_written_where_it_is_asked_for(files, capsys):
    """--digest writes a file that the command reads as the document."""
    assert run(files, "--digest", str(files / "digest.txt")) == 0
    assert cli.main(["trace", str(files / "small.yaml"), "--document", str(files / "digest.txt")]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "--document"),
        (["--document", "nobody=x.txt"], "nobody"),
        (["--document", "plan.txt", "--document", "plan=plan.txt"], "NAME=FILE"),
    ],
)
def test_a_wrong_command_line_is_said_so(files, capsys, monkeypatch, words, part):
    """Missing, unknown and doubled documents are errors of usage."""
    monkeypatch.chdir(files)
    assert cli.main(["trace", "small.yaml", *words, "--lang", "en"]) == 2
    assert part in capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0" * 10, "nul-in-file"),
        (b"\xff\xff\xff\x80", "unknown-encoding"),
        (b"1" * (tracing.LARGEST + 1), "byte-limit"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, data, code):
    """Binary files, broken encodings and endless files are our errors."""
    (tmp_path / "x.txt").write_bytes(data)
    with pytest.raises(CampaignError) as caught:
        tracing.read_document(tmp_path / "x.txt")
    assert [one.code for one in caught.value.diagnostics] == [code]


@pytest.mark.parametrize(("text", "code"), [("5个、" * 6_000, "too-many-figures"), ("一" * (1 << 21), "byte-limit")])
def test_a_text_with_too_much_in_it_is_refused(text, code):
    """What nobody would print is refused before it is held against anything."""
    with pytest.raises(CampaignError) as caught:
        traced(document=text)
    assert [one.code for one in caught.value.diagnostics] == [code]


PIECES = [
    "一、", "（一）", "1.", "附件", "附件1：表", "20个", "80亿元以上", "每月", "15日", "5月31日", "至", "2023年", "〔2023〕7号", "三分之一", "双倍",
    "第三季", "“", "”", "，", "。", "\n", "【一】", "十", "亿", "9999-12-31", "某局", "发布时间:", "ICP备1号", "\u202e", "\x00", "１", "万",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_document_raises(document):
    """Whatever the text, each number has a state, each figure its place, and the digest is read again."""
    trace = traced(document=document)
    assert len(trace.verdicts) == 9
    assert all(0 <= held.figure.start < held.figure.end <= len(document) for held in trace.held)
    again = traced(document=digests.written(trace.pages["plan"]))
    assert again.complete


@pytest.mark.parametrize("name", ["none.txt", "."])
def test_what_is_no_file_is_refused(tmp_path, name):
    """Missing files and folders are our errors."""
    with pytest.raises(CampaignError):
        tracing.read_document(tmp_path / name)
