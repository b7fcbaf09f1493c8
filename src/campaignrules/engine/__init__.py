"""Plan + submission → evaluation: `cube` scans the records once, `finish` does the rest on dense arrays."""

from campaignrules.engine.finish import DenseResults, run

__all__ = ["DenseResults", "run"]
