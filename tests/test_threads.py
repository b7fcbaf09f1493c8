"""One campaign, evaluated by several threads at once."""

from concurrent.futures import ThreadPoolExecutor

import campaignrules as cr
from campaignrules import planner
from tests.test_related import CAMPAIGN, rows_of


def test_evaluations_at_once_do_not_disturb_each_other(monkeypatch):
    """What is compiled for one day may be dropped while another is evaluated."""
    monkeypatch.setattr(planner, "COMPILED", 1)
    campaign = cr.load(CAMPAIGN.document.source.given)
    rows, days = {"project": rows_of(id=["P1", "P2"])}, [f"2023-0{month}-15" for month in range(3, 9)]
    alone = [campaign.evaluate(rows, as_of=day).results for day in days]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            assert list(pool.map(lambda day: campaign.evaluate(rows, as_of=day).results, days)) == alone
