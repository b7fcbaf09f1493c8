"""Acknowledgements name findings that there are, and no errors.

In: the campaign. Out: faults. Must not know: which findings there will be (`consistency.acknowledged` holds the
acknowledgements against them).
"""

from __future__ import annotations

from campaignrules.checker.work import Work
from campaignrules.errors import did_you_mean
from campaignrules.messages import CATALOGUE
from campaignrules.model import PROPERTIES


def check_acknowledged(work: Work) -> None:
    """Each names a code of the catalogue that is no error, or a property."""
    properties = (*PROPERTIES, *(one.id for one in work.campaign.properties))
    for entry in work.campaign.acknowledged:
        code = entry.finding
        if code in properties:
            continue
        if code not in CATALOGUE:
            known = [*(c for c, said in CATALOGUE.items() if said.severity != "error"), *properties]
            work.refuse("unknown-finding", entry, "finding", name=code, hint=did_you_mean(code, known))
        elif CATALOGUE[code].severity == "error":
            work.refuse("errors-stand", entry, "finding", name=code)
