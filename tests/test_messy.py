"""Messy submissions: ten counties report in ten ways, and all of it comes out as one clean table does."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import campaignrules as cr
from campaignrules.evaluation import Evaluation
from tests import workbooks
from tests.messy import making
from tests.messy.pages import Planted

HERE = Path(__file__).parent / "messy"
DAY = date(2024, 1, 10)
OF_THE_DATA = ("findings", "received", "returns", "meta", "receipt")
"""Parts of an evaluation that say what was submitted and how, not what comes of it."""


@pytest.fixture(scope="module")
def campaign():
    """The campaign that all submissions are for."""
    return cr.load(HERE / "campaign.yaml")


@pytest.fixture(scope="module")
def submitted(tmp_path_factory, campaign):
    """The evaluation of the messy folder, and what was planted in it."""
    folder = tmp_path_factory.mktemp("submitted")
    planted = making.make(folder)
    return campaign.evaluate(folder, as_of=DAY), planted


def results(evaluation: Evaluation) -> dict:
    """What comes of the data."""
    return {name: rows for name, rows in evaluation.to_json().items() if name not in OF_THE_DATA}


def told(evaluation: Evaluation) -> list[Planted]:
    """The findings as they are planted."""
    return [Planted(f.file, f.sheet, f.row, f.column, f.cell, f.code, f.set_aside) for f in evaluation.findings]


def test_clean_tables_have_no_findings(campaign):
    """The folder that all counties' reports are made from is clean, so that what is found is what was planted."""
    evaluation = campaign.evaluate(HERE / "clean", as_of=DAY)
    assert evaluation.findings == ()
    assert {count.record: count.read for count in evaluation.counts} == {
        "project": 80, "visit": 60, "figures": 20, "attestations": 30,
    }  # fmt: skip


def test_ten_messy_reports_evaluate_as_the_clean_tables(campaign, submitted):
    """Progress, duties, scores, rankings: every number is the same, to the last digit."""
    evaluation, _ = submitted
    clean = campaign.evaluate(HERE / "clean", as_of=DAY)
    assert json.dumps(results(evaluation), ensure_ascii=False) == json.dumps(results(clean), ensure_ascii=False)
    assert {count.record: count.counted for count in evaluation.counts} == {
        count.record: count.counted for count in clean.counts
    }


def test_everything_planted_is_found_and_nothing_else(submitted):
    """Each deviation is named with file, sheet, row, column and cell; none is missing, none is said of what is clean."""
    evaluation, planted = submitted
    found, wanted = Counter(told(evaluation)), Counter(planted)
    assert sorted(map(str, wanted - found)) == sorted(map(str, found - wanted)) == []


def test_rows_set_aside_are_those_planted(submitted):
    """Rows read are rows counted and rows set aside, and each row set aside was planted."""
    evaluation, planted = submitted
    aside = {(one.file, one.sheet, one.row) for one in planted if one.set_aside}
    assert sum(count.set_aside for count in evaluation.counts) == len(aside)
    for count in evaluation.counts:
        assert count.read == count.set_aside + count.screened + count.counted, count.record


STATED = {
    "单位：万元": 1,
    "（单位：万元）": 1,
    "单位（万元）": 1,
    "（万元）": 1,
    "万元": 1,
    "金额单位：人民币万元": 1,
    "单位：个、万元": 1,
    "甲县签约项目（单位：万元）": 1,
    "填报单位：甲县          单位：万元": 1,
    "填报单位：甲县 单位：万元": 1,
    "填报单位（盖章）：甲县，单位：万元": 1,
    "单位：亿元": 10_000,
    "单位：个": 10_000,
    "填报单位：甲县": 10_000,
}
"""What may stand above a table → by how much its amounts are larger than the same numbers in 万元."""


@pytest.mark.parametrize(("words", "place"), [*((words, 0) for words in STATED), ("单位：万元", 1)])
def test_the_unit_of_measure_of_a_sheet_is_understood(words, place, campaign, tmp_path):
    """However it is worded, above the header or in the row under it; a unit of something else changes nothing."""
    header = ["项目编号", "项目名称", "责任单位", "协议投资额", "投资来源", "签约日期"]
    rows: list[list[Any]] = [header, ["1", "果蔬", "甲县", 7, "省内", date(2023, 5, 1)]]
    rows.insert(place, [words])
    taken = campaign.intake(workbooks.write_xlsx(tmp_path / "签约项目.xlsx", {"签约项目": rows}))
    assert [row["investment"] for row in taken.rows("project")] == [7 * 10_000 * STATED[words]]
