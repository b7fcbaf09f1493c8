"""What a program may give to `load` and `evaluate`, and what comes of anything else."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from campaignrules import CampaignError, load

FILE = Path(__file__).parent / "intake" / "campaign.yaml"


@pytest.mark.parametrize(
    "what", [FILE, str(FILE), FILE.read_text("utf-8"), FILE.read_bytes(), bytearray(FILE.read_bytes())], ids=type
)
def test_a_campaign_is_given_as_path_text_or_bytes(what):
    """All of them are the same campaign."""
    assert load(what).name == "intake_demo"


@pytest.mark.parametrize(
    "what", ["x" * 5000, "a\0b", "\ud800", "", " ", "../none", None, 5, [], {}, b"", b"\xff"], ids=ascii
)
def test_what_is_no_campaign_is_refused(what):
    """Names that no file can have, and other types, too."""
    with pytest.raises(CampaignError):
        load(what)


@pytest.mark.parametrize("readings", ["x", {1: 2}, {"a": None}, {"a": "b"}, ["a"]], ids=ascii)
def test_readings_that_are_none_are_refused(readings):
    """A mapping of reading to option is wanted, both of them names."""
    with pytest.raises(CampaignError):
        load(FILE, readings=readings)


def test_a_day_is_given_as_text_date_or_time():
    """A time counts as its day."""
    campaign = load(FILE)
    for day in ("2023-06-30", dt.date(2023, 6, 30), dt.datetime(2023, 6, 30, 12), pd.Timestamp("2023-06-30")):  # noqa: DTZ001
        assert campaign.evaluate(None, as_of=day).as_of == dt.date(2023, 6, 30)


@pytest.mark.parametrize("day", [None, 5, "", "2023-6-1", "20230601", "2023-W01-1", "2023-02-30", pd.NaT], ids=ascii)
def test_what_is_no_day_is_refused(day):
    """Also the other ways of ISO 8601, which the command refuses, and the missing time of pandas."""
    with pytest.raises(CampaignError):
        load(FILE).evaluate(None, as_of=day)
