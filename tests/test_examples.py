"""The example data: made the same each time, read as written, and only the rows spoiled on purpose are set aside."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import campaignrules

EXAMPLES = Path(__file__).parent.parent / "examples"
AS_OF = {
    "yanjiang_2023": "2023-06-30",
    "xinfeng_100days": "2023-07-31",
    "guangyuan_2023_2025": "2025-06-30",
    "sichuan_2023_q3": "2023-08-29",
    "sichuan_2024_reply_0798": "2024-10-31",
}
SET_ASIDE = {
    "yanjiang_2023": {"project": 8, "payment": 4, "offer": 1},
    "xinfeng_100days": {"project": 7, "trip": 2, "visit": 4, "invitation": 1, "report": 2, "meeting": 1, "figures": 1,
                        "attestations": 1},
    "guangyuan_2023_2025": {"project": 10, "payment": 4, "trip": 3, "visit": 1, "enterprise": 1, "listing": 1},
    "sichuan_2023_q3": {"project": 8, "report": 4, "problem": 1, "city_target": 1, "attestations": 1},
    "sichuan_2024_reply_0798": {"figures": 1, "attestations": 1},
}  # fmt: skip
KINDS = {
    "不是数": "not-a-number",
    "不是日期": "not-a-date",
    "没有这一天": "not-a-date",
    "词表中没有": "unknown-word",
    "名册中没有": "unknown-unit",
    "没有这个事项": "unknown-duty",
    "整行重复": "duplicate-row",
    "编号重复，内容不同": "duplicate-key",
    "计量单位不符": "wrong-unit",
    "小数位数过多": "too-many-decimals",
    "不是“是”或“否”": "not-yes-or-no",
}
"""What the generator says of a row → the code of the finding; 缺… is a missing value, all else breaks a row rule."""


def spoiled(campaign):
    """(table, row) → what the generator says is wrong with it."""
    with (EXAMPLES / "set_aside.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {(r["表"], int(r["行"])): r["问题"] for r in csv.DictReader(lines) if r["活动"] == campaign}


def code_of(words):
    """The code of the finding that these words of the generator call for."""
    return KINDS.get(words.split("（")[0]) or ("missing-value" if words.startswith("缺") else "row-rule")


@pytest.fixture(scope="module")
def evaluated():
    """Each example evaluated once."""
    return {name: campaignrules.load(name).evaluate(EXAMPLES / name, as_of=day) for name, day in AS_OF.items()}


def test_the_generator_makes_the_committed_files_again(tmp_path):
    """Running the generator again gives the committed files, byte by byte."""
    subprocess.run([sys.executable, EXAMPLES / "make_examples.py", tmp_path], check=True)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.csv")}
    assert made == {path.relative_to(EXAMPLES): path.read_bytes() for path in EXAMPLES.rglob("*.csv")}


def test_the_examples_stay_small():
    """All examples together are smaller than a megabyte."""
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*.csv")) < 1_000_000


@pytest.mark.parametrize("campaign", AS_OF)
def test_exactly_the_rows_spoiled_on_purpose_are_set_aside(evaluated, campaign):
    """The rows set aside, and why, are those that the generator says it spoiled."""
    found = {(f.record, f.row): f.code for f in evaluated[campaign].findings if f.set_aside}
    assert found == {place: code_of(words) for place, words in spoiled(campaign).items()}


@pytest.mark.parametrize("campaign", AS_OF)
def test_each_table_sets_aside_as_many_rows_as_it_should(evaluated, campaign):
    """The counts of the evaluation, the list and the numbers written here agree."""
    counts = {count.record: count.set_aside for count in evaluated[campaign].counts if count.set_aside}
    assert counts == SET_ASIDE[campaign]
    assert counts == Counter(record for record, _ in spoiled(campaign))


@pytest.mark.parametrize("campaign", AS_OF)
def test_every_column_of_the_examples_is_read(evaluated, campaign):
    """Nothing is found but spoiled rows, rows of the year before and ways of writing: every header and word is understood."""
    others = [f for f in evaluated[campaign].findings if not f.set_aside]
    assert [f for f in others if f.code not in ("outside-period", "written-otherwise")] == []


def test_some_quarters_of_yanjiang_are_met_and_some_are_not(evaluated):
    """The example is worth looking at: the first half of the year has all colours."""
    by_target = {row.target: row.status for row in evaluated["yanjiang_2023"].results.progress}
    assert by_target["YJ-Q1-03"] == "met"  # signed in the first quarter
    assert by_target["YJ-Q1-04"] == "missed"  # of which from outside the province
    assert by_target["YJ-Q2-08"] == "missed"  # a rate below what is asked
    assert by_target["YJ-Y-05"] == "behind"


def test_non_manufacturing_projects_of_sichuan_are_screened_out(evaluated):
    """Honest rows that do not count are screened, not set aside."""
    project = next(count for count in evaluated["sichuan_2023_q3"].counts if count.record == "project")
    assert 0 < project.screened < project.counted


NOTICES = {
    "yanjiang_2023": "scoring_scale",
    "guangyuan_2023_2025": "assessment_method",
    "sichuan_2023_q3": "evaluation_notice",
}
"""Campaigns whose scoring is left to a later notice → the made-up notice among the examples."""


@pytest.mark.parametrize("campaign", NOTICES)
def test_the_notices_among_the_examples_settle_points_and_places(evaluated, campaign):
    """Points that lie between two numbers, and places within a range, become certain with the notice."""
    notice = EXAMPLES / campaign / "overlays" / f"{NOTICES[campaign]}.yaml"
    settled = campaignrules.load(campaign, overlays=[notice]).evaluate(EXAMPLES / campaign, as_of=AS_OF[campaign])
    for results, open_ in ((evaluated[campaign].results, True), (settled.results, False)):
        assert any(row.status == "deferred" for row in results.scores) is open_
        assert any(row.status == "deferred" for row in results.rankings) is open_
        assert any(row.points is not None and row.points > 0 for row in results.scores if row.item is None) or open_
