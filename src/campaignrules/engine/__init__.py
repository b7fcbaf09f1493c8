"""Plan + submission → evaluation: `cube` scans the records once, `finish` does the rest on dense arrays."""

from campaignrules.engine.finish import DenseResults, run
from campaignrules.engine.needed import needed

__all__ = ["DenseResults", "needed", "run"]
