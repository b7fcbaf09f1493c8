"""Files of tests: what they may say, what is wrong with them, what comes of each case, and the report.

`tests/suites/shop.yaml` is a small campaign whose results are worked out by hand at the head of `shop.test.yaml`; each
file of `bad` states the place and code of its own faults; `golden` holds the report of `failing.test.yaml`, written
again by `python tests/test_case_files.py`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import campaignrules
from campaignrules import cases, cli, schema
from campaignrules.cases.matching import agrees, number_of, shown
from campaignrules.errors import CampaignError, render
from campaignrules.source import read
from campaignrules.structure import structure_partly
from campaignrules.suites import Suite

ROOT = Path(__file__).parent.parent
SUITES = Path(__file__).parent / "suites"
BAD = sorted((SUITES / "bad").glob("*.test.yaml"))
EXPECT = re.compile(r"# expect: (\d+):(\d+) ([a-z-]+)")
HEAD = """tests_for: shop
as_of: 2023-07-31
defaults: {sale: {unit: a}}
cases:
  - case: one
    given:
      sale:
        - {id: A1, amount: 60, sold_on: 2023-02-01, colours: red}
        - {id: A2, amount: 30, sold_on: 2023-05-01}
        - {id: A3, amount: 10, sold_on: 2023-05-02}
        - {id: B1, unit: b, amount: 20, sold_on: 2023-02-10}
      attestations: [{duty: D-1, on: 2023-03-20}]
    expect:
"""
NOTHING = "{target: T-1, rows: 1}"


@pytest.fixture
def folder(tmp_path):
    """A folder that holds the campaign and its data."""
    shutil.copy(SUITES / "shop.yaml", tmp_path)
    shutil.copytree(SUITES / "data", tmp_path / "data")
    return tmp_path


def tried(folder, text):
    """What came of the cases of a text."""
    path = folder / "x.test.yaml"
    path.write_text(text, encoding="utf-8")
    return cases.run([path])[0]


def expecting(folder, *expectations):
    """The failures of one case with these expectations: code, what was wanted, what came out."""
    file = tried(folder, HEAD + "".join(f"      - {one}\n" for one in expectations))
    assert not file.faults, render(file.faults)
    return [(one.code, one.expected and one.expected.zh, one.got) for one in file.cases[0].failures]


# --- cases that come out ------------------------------------------------------


def test_the_shop_comes_out_as_worked_out_by_hand():
    """Rows, files, a folder, another reading, overlays written out and in files: every case passes."""
    file = cases.run([SUITES / "shop.test.yaml"])[0]
    assert render([each for one in file.cases for each in one.failures]) == ""
    assert [one.passed for one in file.cases] == [True] * 4


EVERY_KIND = [
    ("{target: T-1, value: 12 万元}", "cell-differs", "12 万元", "120 万元"),
    ("{target: T-1, value: 120 个}", "cell-differs", "120 个", "120 万元"),
    ("{target: T-1, status: missed}", "cell-differs", "missed", "met"),
    ("{target: T-1, shortfall: null}", "cell-differs", "null", "0 万元"),
    ("{target: T-1, ratio: 99%}", "cell-differs", "99%", "1"),
    ("{target: T-1, source: 二}", "cell-differs", "二", "一"),
    ("{target: T-1, awaits: [price]}", "cell-differs", "[price]", "[]"),
    ("{target: T-2, unit: a, value: 1 个}", "cell-differs", "1 个", "2 个"),
    ("{duty: D-1, done_on: 2023-03-21}", "cell-differs", "2023-03-21", "2023-03-20"),
    ("{outcome: O-1, counts: {met: 1}}", "cell-differs", "{met: 1}", "{met: 2}"),
    ("{item: card.volume, unit: a, points: 40 分}", "cell-differs", "40 分", "60 分"),
    ("{item: bonus.extra, unit: a, points: 3 分}", "cell-differs", "3 分", "null"),
    ("{item: bonus.extra, unit: a, highest: 8 分}", "cell-differs", "8 分", "9 分"),
    ("{item: card.value, unit: a, because: '× 3'}", "cell-differs", "× 3", None),
    ("{scorecard: card, unit: a, grade: 其他}", "cell-differs", "其他", "good"),
    ("{gate: card.red, unit: b, status: holds}", "cell-differs", "holds", "does_not_hold"),
    ("{ranking: board, unit: b, place: 1}", "cell-differs", "1", "2"),
    ("{honour: H-1, unit: a, status: not_listed}", "cell-differs", "not_listed", "listed"),
    ("{return: R-1, unit: a, window: summer, submitted: 3}", "cell-differs", "3", "2"),
    ("{return: R-1, unit: a, window: summer, status: submitted, due_on: 2023-07-04}", "no-row-named", None, None),
    ("{finding: duplicate-key}", "no-row-named", None, None),
    ("{finding: duplicate-key, rows: 1}", "other-number-of-rows", "1", "0"),
    ("{pending: price, between: [1 分]}", "cell-differs", "[1 分]", "[1 分, 3 分]"),
    ("{pending: price, rows: 0}", "other-number-of-rows", "0", "1"),
    ("{target: T-2, rows: 3}", "other-number-of-rows", "3", "4"),
]


@pytest.mark.parametrize(("expectation", "code", "wanted", "got"), EVERY_KIND, ids=lambda cell: str(cell)[:50])
def test_each_kind_of_expectation_fails_when_something_else_comes_out(folder, expectation, code, wanted, got):
    """The failure says what was wanted and what came out, in the words of the file."""
    ((found, *said),) = expecting(folder, expectation)
    assert (found, said[0]) == (code, wanted)
    assert got is None or said[1] == got


def test_a_result_that_is_not_there_gets_the_nearest_name(folder):
    """The caret stands at the place that fits no row, with the nearest that does."""
    file = tried(folder, HEAD + "      - {duty: D-1, due_on: 2023-03-30, status: met}\n")
    (failure,) = file.cases[0].failures
    assert (failure.code, failure.hint.en) == ("no-row-named", "did you mean 2023-03-31?")
    assert failure.span.source.line(failure.span.line)[failure.span.column - 1 :].startswith("2023-03-30")


def test_every_row_named_must_have_the_cells_stated(folder):
    """Without a window both are meant; one of them differs and is named."""
    assert expecting(folder, "{target: T-2, unit: a, status: met}") == []
    assert expecting(folder, "{target: T-2, unit: a, value: 1 个}") == [("cell-differs", "1 个", "2 个")]


def test_a_target_without_a_unit_is_that_of_the_whole_where_there_is_one(folder):
    """Else it is that of every unit."""
    assert (
        expecting(folder, "{target: T-1, rows: 1}", "{target: T-1, unit: null, rows: 1}", "{target: T-2, rows: 4}")
        == []
    )


def test_what_was_set_aside_must_be_expected(folder):
    """A row that nobody looked at proves nothing; the fault stands at the row itself."""
    text = HEAD.replace("amount: 30", "amount: thirty") + f"      - {NOTHING}\n"
    (failure,) = tried(folder, text).cases[0].failures
    assert failure.code == "data-not-read"
    assert "{id: A2, amount: thirty" in failure.span.source.line(failure.span.line)
    text += "      - {finding: not-a-number, table: sale, row: 3, column: amount}\n"
    assert tried(folder, text).cases[0].failures == ()


def test_what_the_rest_may_come_of_stands_first(folder):
    """A row that was set aside, given under the table's title, is told at its place before the cells that differ for it."""
    text = HEAD.replace("amount: 30", "amount: thirty").replace("      sale:", "      销售:", 1)
    failures = tried(folder, text + "      - {target: T-1, value: 100 万元}\n").cases[0].failures
    assert [one.code for one in failures] == ["data-not-read", "cell-differs"]
    assert "{id: A2, amount: thirty" in failures[0].span.source.line(failures[0].span.line)


def test_a_status_in_the_words_of_reports_gets_its_name(folder):
    """未完成 is what a report says; the file says missed."""
    (fault,) = tried(folder, HEAD + "      - {target: T-1, status: 未完成}\n").faults
    assert (fault.code, fault.hint.zh) == ("wrong-form", "“未完成”写作 missed")


def test_a_key_in_chinese_gets_the_key_that_it_means(folder):
    """状态 is status; the key that it stands for is not called missing besides."""
    (fault,) = tried(folder, HEAD + "      - {target: T-1, 状态: met}\n").faults
    assert (fault.code, fault.hint.zh) == ("unknown-key", "是不是想写 status？")
    campaign = (folder / "shop.yaml").read_text("utf-8").replace("metric: sales, at_least", "指标: sales, at_least")
    with pytest.raises(CampaignError) as caught:
        campaignrules.load(campaign)
    assert [(one.code, one.hint and one.hint.zh) for one in caught.value.diagnostics if one.severity == "error"] == [
        ("unknown-key", "是不是想写 metric？")
    ]


def test_a_campaign_of_another_name_beside_is_offered(folder):
    """tests_for names the file beside it."""
    (fault,) = tried(folder, HEAD.replace("tests_for: shop", "tests_for: shops") + f"      - {NOTHING}\n").faults
    assert (fault.code, fault.hint.zh) == ("unknown-campaign", "是不是想写 shop？")
    assert fault.expected.zh.startswith("shop, ")


def test_known_names_that_are_not_listed_are_counted(folder):
    """A list cut short says so: what is not in it may be there all the same."""
    many = "".join(f"  - {{id: N-{n}, metric: sales, at_least: {n + 1} 万元}}\n" for n in range(20))
    campaign = folder / "shop.yaml"
    campaign.write_text(campaign.read_text("utf-8").replace("targets:\n", f"targets:\n{many}"), "utf-8")
    (fault,) = tried(folder, HEAD + "      - {target: X-1, rows: 1}\n").faults
    assert re.search(r"N-0, .* 等 \d\d 个$", fault.expected.zh)
    assert re.search(r"and \d+ more$", fault.expected.en)


def test_a_column_of_a_file_that_is_not_read_must_be_expected(folder):
    """So is a misspelt column: the file would otherwise say less than it seems to."""
    (folder / "data" / "sale.csv").write_text("编号,小组,金额,日期,颜色儿\nA1,甲组,1,2023-02-01,红\n", encoding="utf-8")
    text = f"tests_for: shop\nas_of: 2023-07-31\ncases: [{{case: x, given: {{sale: data/sale.csv}}, expect: [{NOTHING}]}}]\n"
    assert [one.code for one in tried(folder, text).cases[0].failures] == ["data-not-read"]


# --- numbers ------------------------------------------------------------------


class Row:
    """A row of results with a unit of measure."""

    def __init__(self, measure):
        self.measure = measure


@pytest.mark.parametrize(
    ("stated", "actual", "measure", "same"),
    [
        ("45", "45", "亿元", True),
        ("45 亿元", "45", "亿元", True),
        ("4500000000 元", "45", "亿元", True),
        ("450000 万元", "45", "亿元", True),
        ("45.000", "45", "亿元", True),
        ("45.0000000001", "45", "亿元", False),
        ("45 个", "45", "亿元", False),
        ("45 亿美元", "45", "亿元", False),
        ("20 家", "20", "个", True),
        ("90%", "90", "%", True),
        ("0.9", "90", "%", True),
        ("9/10", "90", "%", True),
        ("90", "90", "%", False),
        ("2/3", "66.6666666667", "%", True),
        ("2/3", "66.666666666667", "%", True),
        ("66.67%", "66.6666666667", "%", False),
        ("100/3 个", "33.333333333333", "个", True),
        ("−3", "-3", "个", True),
        ("-3", "3", "个", False),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999", "个", True),
    ],
)
def test_a_number_is_the_same_in_any_unit_of_its_dimension(stated, actual, measure, same):
    """Exactly; a fraction as far as results are kept, and a bare number in the row's own unit (worked out by hand)."""
    from decimal import Decimal

    assert agrees("measured", stated, Decimal(actual), Row(measure)) is same


@pytest.mark.parametrize(
    "text", ["", "x", "1 2", "1/0", "1//2", "１", "1e5", "0x1", "1 粒", "9" * 39, "1/" + "9" * 30, "nan"]
)
def test_what_is_no_number_is_none(text):
    """Nothing is guessed."""
    assert number_of(text) is None


def test_a_cell_is_shown_as_an_author_would_write_it():
    """Lists in brackets, nothing as null."""
    assert shown("words", ("a", "b"), None) == "[a, b]"
    assert shown("words", None, None) == "null"


# --- files that are wrong -----------------------------------------------------


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_of_tests_gets_the_faults_it_states(path, folder):
    """All of them at once, each with its place, and in both languages."""
    copy = folder / path.name
    shutil.copy(path, copy)
    found = cases.faults(copy)
    stated = [(int(line), int(column), code) for line, column, code in EXPECT.findall(path.read_text(encoding="utf-8"))]
    assert [(one.span.line, one.span.column, one.code) for one in found if one.span] == stated != []
    assert all(one.message.zh != one.message.en and re.search("[\u4e00-\u9fff]", one.message.zh) for one in found)
    assert cases.run([copy])[0].cases == ()


def test_check_says_what_is_wrong_with_a_file_of_tests(capsys):
    """The command knows it by its name, and runs nothing."""
    assert cli.main(["check", str(SUITES / "shop.test.yaml"), "--lang", "en"]) == 0
    assert cli.main(["check", str(SUITES / "bad" / "unknown_campaign.test.yaml"), "--lang", "en"]) == 1
    assert "did you mean yanjiang_2023?" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path_factory):
    """Neither as data nor as the campaign."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "sale.csv"
    elsewhere.write_text("编号\n1\n", encoding="utf-8")
    (folder / "linked.csv").symlink_to(elsewhere)
    text = (
        f"tests_for: shop\nas_of: 2023-07-31\ncases: [{{case: x, given: {{sale: linked.csv}}, expect: [{NOTHING}]}}]\n"
    )
    assert [one.code for one in tried(folder, text).faults] == ["path-outside"]
    (folder / "shop.yaml").unlink()
    (folder / "shop.yaml").symlink_to(SUITES / "shop.yaml")
    assert [one.code for one in tried(folder, text).faults] == ["path-outside"]


def test_a_file_of_too_many_cases_is_refused(folder):
    """Before any of them is looked at."""
    many = "".join(f" - {{case: c{i}, expect: [{NOTHING}]}}\n" for i in range(1001))
    faults = tried(folder, f"tests_for: shop\nas_of: 2023-07-31\ncases:\n{many}").faults
    assert [one.code for one in faults] == ["too-many-cases"]


def test_a_file_of_too_many_rows_is_refused(folder):
    """The units that the file states are rows of every case that has no others."""
    units = "".join(f"  - {{id: u{i}}}\n" for i in range(1001))
    many = "".join(f" - {{case: c{i}, expect: [{NOTHING}]}}\n" for i in range(1000))
    file = tried(folder, f"tests_for: shop\nas_of: 2023-07-31\nunits:\n{units}cases:\n{many}")
    assert [one.code for one in file.faults] == ["too-many-cases"]


def test_no_more_faults_are_looked_for_than_anybody_reads(folder):
    """Each unknown name is held against all that are known, which takes its time."""
    many = "".join(f"      - {{finding: none-{i}, rows: 0}}\n" for i in range(2000))
    assert len(tried(folder, HEAD + many).faults) == 1000


def test_a_case_that_cannot_be_evaluated_fails_and_the_others_run(folder):
    """An unreadable table is the fault of its case."""
    (folder / "data" / "broken.parquet").write_bytes(b"PAR1 no parquet at all")
    text = (
        "tests_for: shop\nas_of: 2023-07-31\ncases:\n"
        f" - {{case: broken, given: {{sale: data/broken.parquet}}, expect: [{NOTHING}]}}\n"
        f" - {{case: sound, expect: [{NOTHING}]}}\n"
    )
    file = tried(folder, text)
    assert [one.passed for one in file.cases] == [False, True]
    assert file.cases[0].failures[0].code == "file-unreadable"


WORDS = ["null", "x", "[]", "{}", "[a, {b: c}]", "2023-02-30", "-1", "T-1", "card", "''", "- a", "1 个", "~"]


@pytest.mark.parametrize("word", WORDS)
def test_whatever_stands_in_a_file_of_tests_only_our_errors_come_of_it(folder, word):
    """Each value of a sound file in turn is replaced by an odd one."""
    text = (SUITES / "shop.test.yaml").read_text(encoding="utf-8")
    values = list(re.finditer(r"(?<=: )[^,{}\[\]\n]+(?=[,}\n])", text))
    assert len(values) > 100
    for one in values[WORDS.index(word) :: len(values) // 8]:
        file = tried(folder, text[: one.start()] + word + text[one.end() :])
        assert file.faults or file.cases


# --- form ---------------------------------------------------------------------


def test_the_canonical_schema_of_files_of_tests_is_what_the_classes_give():
    """A change of the classes without a new copy is noticed here; every reference is there."""
    from jsonschema import Draft7Validator

    text = (ROOT / "schemas" / "test.schema.json").read_text(encoding="utf-8")
    assert text == schema.text("test"), "write schema.text('test') to schemas/test.schema.json"
    built = json.loads(text)
    Draft7Validator.check_schema(built)
    assert set(re.findall(r'"#/definitions/(\w+)"', text)) == set(built["definitions"])


@pytest.mark.parametrize(
    "path", [*SUITES.glob("*.test.yaml"), *BAD, *(ROOT / "campaigns").glob("*.test.yaml")], ids=str
)
def test_the_schema_refuses_what_the_form_refuses(path):
    """Editors say the same as the command."""
    document = read(path)
    assert bool(schema.validate(document, "test")) == bool(structure_partly(document, Suite).faults)


# --- coverage -----------------------------------------------------------------


def left(path):
    """The names of what is left, by part."""
    (coverage,) = cases.covered(cases.run([path]))
    return {part.id: [one.id for one in part.left] for part in coverage.parts if part.all}


def test_coverage_is_as_counted_by_hand():
    """What `shop.test.yaml` leaves: no row of spring with a result cell, none that just fails, no unit with two orders …"""
    assert left(SUITES / "shop.test.yaml") == {
        **{key: [] for key in ("targets", "duties", "outcomes", "items", "gates", "rankings", "honours", "returns")},
        "scorecards": ["bonus"],
        "bands": ["card.volume#0.1"],
        "phases": ["spring"],
        "boundaries": ["T-1/low/just", "T-2/low/at", "T-3/high/just"],
    }


UNTOUCHED = [
    "{target: T-1, required: 120 万元, source: 一}",  # copied from the campaign, no result
    "{target: T-1, rows: 1}",
    "{duty: D-1, source: 四}",
    "{item: card.volume, unit: a, status: final}",
    "{scorecard: card, unit: a, grade: good}",
    "{ranking: board, unit: a, ranked: 2}",
    "{honour: H-1, unit: b, status: not_listed}",
    "{pending: price, by: 另行规定}",
]


@pytest.mark.parametrize("expectation", UNTOUCHED)
def test_what_does_not_follow_from_data_touches_nothing(folder, expectation):
    """A cell copied from the campaign's file, a mere number of rows, an empty result."""
    file = tried(folder, f"{HEAD}      - {expectation}\n")
    assert file.passed
    assert {part for part, _ in file.cases[0].touched} <= {"bands"}


def test_an_expectation_that_fails_touches_nothing(folder):
    """The others of its case do."""
    file = tried(folder, HEAD + "      - {target: T-1, status: missed}\n      - {target: T-3, status: met}\n")
    assert ("targets", "T-1") not in file.cases[0].touched
    assert {("targets", "T-3"), ("boundaries", "T-3/high/at")} <= file.cases[0].touched


def test_a_row_that_is_not_due_or_missing_touches_nothing(folder):
    """Before the summer nothing of the summer is tried, nor by a unit without data."""
    head = HEAD.replace("as_of: 2023-07-31", "as_of: 2023-02-20").split("        - {id: A2")[0]
    text = (
        head
        + "    expect: [{target: T-2, unit: a, window: summer, status: not_due}, {item: card.volume, unit: b, status: missing}]\n"
    )
    file = tried(folder, text)
    assert file.passed, render(file.cases[0].failures)
    assert file.cases[0].touched == frozenset()


@pytest.mark.parametrize(
    ("amount", "touched"),
    [("20", "at"), ("19.99", "just"), ("18.80", "just"), ("18.79", None), ("20.01", None)],
)
def test_a_boundary_is_met_exactly_or_just_failed(folder, amount, touched):
    """Just is a hundredth of the number at most: of 120 万元 up to 1.2 万元 less; the 100 of team A are given."""
    status = "met" if float(amount) >= 20 else "missed"
    text = HEAD.replace("amount: 20", f"amount: {amount}") + f"      - {{target: T-1, status: {status}}}\n"
    found = {id_ for part, id_ in tried(folder, text).cases[0].touched if part == "boundaries"}
    assert found == ({f"T-1/low/{touched}"} if touched else set())


def test_of_every_target_any_that_lacks_is_just_failing(folder):
    """How near two of three come to all is up to how many there are."""
    campaign = (folder / "shop.yaml").read_text(encoding="utf-8")
    campaign = campaign.replace("targets:\n", "targets:\n  - {id: T-4, metric: red_share, every: true}\n").replace(
        "metrics:\n",
        "metrics:\n  red_share: {title: 红的比重, rate: {of: sale, reached: \"has(colours, 'red')\"}, on: sold_on}\n",
    )
    (folder / "shop.yaml").write_text(campaign, encoding="utf-8")
    file = tried(folder, HEAD + "      - {target: T-4, value: 1/4, status: missed}\n")
    assert file.passed, render(file.cases[0].failures)
    assert ("boundaries", "T-4/low/just") in file.cases[0].touched


@pytest.mark.parametrize(("orders", "band"), [(3, "0"), (2, "1"), (1, "otherwise")])
def test_a_step_is_touched_by_the_value_that_falls_into_it(folder, orders, band):
    """Team A has so many orders: 60, 40 or 10 points."""
    rows = "".join(f"        - {{id: A{i}, amount: 1, sold_on: 2023-02-01}}\n" for i in range(orders))
    head = HEAD.split("        - {id: A1", maxsplit=1)[0] + rows
    points = {"0": 60, "1": 40, "otherwise": 10}[band]
    file = tried(folder, f"{head}    expect: [{{item: card.volume, unit: a, points: {points}}}]\n")
    assert file.passed
    assert ("bands", f"card.volume#0.{band}") in file.cases[0].touched
    assert len([1 for part, _ in file.cases[0].touched if part == "bands"]) == 1


# --- the command --------------------------------------------------------------


def test_min_coverage_decides_the_exit_code(capsys):
    """So much of everything, or of parts."""
    path = str(SUITES / "shop.test.yaml")
    for wanted, code in (("80", 0), ("81", 1), ("targets=100,items=100", 0), ("targets=100,boundaries=51", 1)):
        assert cli.main(["test", path, "--min-coverage", wanted, "--lang", "en"]) == code, wanted
    assert "shop: less than 51% of boundaries covered" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", ["x", "101", "-1", "target=100", "targets=", "90,", "nan"])
def test_a_min_coverage_that_is_none_is_wrong_usage(wanted):
    """Nothing is run."""
    assert cli.main(["test", str(SUITES / "shop.test.yaml"), "--min-coverage", wanted]) == 2


def test_coverage_lists_what_is_left_with_its_place(capsys):
    """File and line of the element in the campaign's file."""
    assert cli.main(["test", str(SUITES / "shop.test.yaml"), "--coverage", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    line = next(i for i, text in enumerate((SUITES / "shop.yaml").open(encoding="utf-8"), 1) if "  spring:" in text)
    assert f"shop.yaml:{line}: phases: spring spring" in out
    assert "boundaries 3/6" in out


def test_cases_are_chosen_by_a_piece_of_their_name(capsys):
    """The others are not run."""
    assert cli.main(["test", str(SUITES / "shop.test.yaml"), "--case", "folder", "--lang", "en"]) == 0
    assert "files: 1, cases: 1; passed: 1, failed: 0" in capsys.readouterr().out


def test_a_piece_of_a_name_that_no_case_has_is_wrong_usage(capsys):
    """Running nothing must not look like success."""
    assert cli.main(["test", str(SUITES / "shop.test.yaml"), "--case", "everything onze", "--lang", "en"]) == 2
    assert "everything once" in capsys.readouterr().err


def test_a_file_without_cases_is_at_fault(folder):
    """It proves nothing."""
    assert [one.code for one in tried(folder, "tests_for: shop\nas_of: 2023-07-31\ncases: []\n").faults] == [
        "wrong-form"
    ]


def test_the_schema_of_files_of_tests_is_published(capsys):
    """Editors get it from the command as they get the others."""
    assert cli.main(["schema", "--of", "test"]) == 0
    assert capsys.readouterr().out == schema.text("test")


def test_the_tests_of_a_shipped_campaign_are_found_by_its_name():
    """They ship with it."""
    assert [path.name for path in cases.found("yanjiang_2023")] == ["yanjiang_2023.test.yaml"]


def test_a_folder_a_campaign_and_its_name_mean_the_files_of_tests(folder):
    """A folder means all below it, hidden ones left out; a campaign those named after it."""
    for name in (
        "shop.test.yaml",
        "shop-more.test.yaml",
        "shopping.test.yaml",
        "data/deep.test.yaml",
        ".hidden.d/x.test.yaml",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")
    names = [path.relative_to(folder).as_posix() for path in cases.found(str(folder))]
    assert names == ["shop-more.test.yaml", "shop.test.yaml", "shopping.test.yaml", "data/deep.test.yaml"]
    assert [path.name for path in cases.found(str(folder / "shop.yaml"))] == ["shop-more.test.yaml", "shop.test.yaml"]
    with pytest.raises(CampaignError):
        cases.found(str(folder / "data" / "all"))


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_links_to_files_of_tests_are_followed_only_when_they_are_given(folder):
    """Whoever names a folder or a campaign has not seen where they lead."""
    link = folder / "shop.test.yaml"
    link.symlink_to(SUITES / "shop.test.yaml")
    assert cases.found(str(link)) == [link]
    for given in (folder, folder / "shop.yaml"):
        with pytest.raises(CampaignError, match="no-tests-there"):
            cases.found(str(given))


def test_nothing_to_run_is_a_problem(tmp_path, capsys):
    """A wrong path must not look like success."""
    assert cli.main(["test", str(tmp_path), "--lang", "en"]) == 1
    assert "no-tests-there" in capsys.readouterr().err


# --- reports ------------------------------------------------------------------


def failing_report(lang):
    """The report of `failing.test.yaml`, run in its own folder."""
    done = subprocess.run(
        [sys.executable, "-m", "campaignrules", "test", "failing.test.yaml", "--lang", lang],
        cwd=SUITES, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 1
    return done.stdout.decode()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_is_as_written_down(lang):
    """Every failure with file, line and column, what was expected, what came out, the rule and the reason."""
    golden = (SUITES / "golden" / f"failing.{lang}.txt").read_text(encoding="utf-8")
    assert failing_report(lang).replace("\r\n", "\n") == golden


def test_junit_holds_a_suite_a_file_and_a_test_a_case(tmp_path):
    """Build services read it: counts, messages, the text of the failures."""
    out = tmp_path / "junit.xml"
    paths = [str(SUITES / name) for name in ("shop.test.yaml", "failing.test.yaml", "bad/unknown_campaign.test.yaml")]
    assert cli.main(["test", *paths, "--format", "junit", "--lang", "en", "-o", str(out)]) == 1
    suites = ET.fromstring(out.read_text(encoding="utf-8"))  # noqa: S314  our own file
    assert [(s.get("tests"), s.get("failures"), s.get("errors")) for s in suites] == [
        ("4", "0", "0"), ("3", "3", "0"), ("1", "0", "1"),
    ]  # fmt: skip
    first = suites[1][0]
    assert first.get("name") == "数不对"
    assert "expected 50 万元, got 60 万元" in (first[0].text or "")


def test_json_holds_cases_failures_and_coverage(capsys):
    """For programs; places as numbers, texts in both languages."""
    assert cli.main(["test", str(SUITES / "failing.test.yaml"), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    failure = told["files"][0]["cases"][0]["failures"][0]
    assert (failure["line"], failure["column"], failure["expected"]["en"], failure["got"]) == (
        9,
        30,
        "50 万元",
        "60 万元",
    )
    assert told["coverage"][0]["parts"]["targets"] == {
        "all": 3, "touched": 1,
        "left": [{"id": id_, "file": str(SUITES / "shop.yaml"), "line": line} for id_, line in (("T-2", 39), ("T-3", 40))],
    }  # fmt: skip


if __name__ == "__main__":
    for language in ("zh", "en"):
        (SUITES / "golden" / f"failing.{language}.txt").write_text(failing_report(language), encoding="utf-8")
