"""Campaign rules as documents: read, check and evaluate target campaigns, exactly and with reasons.

`load("yanjiang_2023").evaluate("examples/yanjiang_2023", as_of="2023-06-30").progress` is a Polars frame.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from campaignrules.driver import Campaign, check, load, shipped
    from campaignrules.errors import CampaignError, Diagnostic, render
    from campaignrules.evaluation import Evaluation
    from campaignrules.formulas import check_expression, evaluate_expression
    from campaignrules.intake import Submission
    from campaignrules.intake.databases import table
    from campaignrules.live import Change, Session
    from campaignrules.relational.sources import spark, sql

__version__ = "0.1.0"

__all__ = [
    "Campaign",
    "CampaignError",
    "Change",
    "Diagnostic",
    "Evaluation",
    "Session",
    "Submission",
    "__version__",
    "check",
    "check_expression",
    "evaluate_expression",
    "load",
    "render",
    "shipped",
    "spark",
    "sql",
    "table",
]

_LATER = {
    **dict.fromkeys(("Campaign", "check", "load", "shipped"), "driver"),
    **dict.fromkeys(("CampaignError", "Diagnostic", "render"), "errors"),
    "Evaluation": "evaluation",
    **dict.fromkeys(("check_expression", "evaluate_expression"), "formulas"),
    "Submission": "intake",
    **dict.fromkeys(("spark", "sql"), "relational.sources"),
    "table": "intake.databases",
    **dict.fromkeys(("Change", "Session"), "live"),
}
"""Where names are found when they are asked for: checking a file must not wait for an engine, nor the command for this."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
