"""The Python face of results: frames that other libraries take."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import campaignrules as cr

FOLDER = "examples/xinfeng_100days"


@pytest.fixture(scope="module")
def evaluation(request):
    """The Xinfeng example in the middle of the campaign."""
    return cr.load("xinfeng_100days").evaluate(request.config.rootpath / FOLDER, as_of="2023-07-15")


def test_frames_go_to_any_arrow_consumer(evaluation):
    """PyArrow and pandas take progress and duties as they are, decimals exact."""
    for frame in (evaluation.progress, evaluation.duties, evaluation.outcomes):
        assert pa.table(frame).num_rows == frame.height
        from_arrow = getattr(pd.DataFrame, "from_arrow", lambda given: given.to_pandas())  # pandas 3 has it
        assert len(from_arrow(frame)) == frame.height
    assert evaluation.progress.schema["value"] == pl.Decimal(38, 12)


def test_frames_and_objects_tell_the_same(evaluation):
    """A frame has one row per result, in the same order, with the same status."""
    assert evaluation.progress["status"].to_list() == [row.status for row in evaluation.results.progress]
    assert evaluation.duties["status"].to_list() == [row.status for row in evaluation.results.duties]


def test_a_far_date_costs_no_more():
    """Long after the campaign the same windows are over, whatever the date."""
    campaign = cr.load("xinfeng_100days")
    data: dict[str, list[object]] = {name: [] for name in ("project", "trip")}
    near = campaign.evaluate(data, as_of="2024-01-01").results.progress
    assert near == campaign.evaluate(data, as_of="9999-12-31").results.progress


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_there_is_compare_with_an_earlier_year(day):
    """A window that begins two thousand years later, or has long been over, is a date like any other."""
    text = (
        "campaign: far\ntitle: t\nperiod: {from: 2023-01-01, to: 2023-12-31}\nmetrics:\n"
        "  x: {reported: 分}\n  grown: {growth: x, against: year}\n"
        "targets: [{id: T, metric: grown, at_least: 5%}]\n"
    )
    status = cr.load(text).evaluate({"figures": []}, as_of=day).results.progress[0].status
    assert status == ("not_due" if day < "2023" else "missing")
