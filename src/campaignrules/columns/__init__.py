"""The columnar evaluator of checked formulas: over NumPy arrays (`arrays`) and as Polars expressions (`frames`).

In: a checked tree and columns. Out: a column, or a Polars expression that makes one. Both count numbers as whole
multiples of 10 ** -scale, the scale of the tree's static type. Must not know: texts of formulas, campaigns, the
reference evaluator.
"""

from campaignrules.columns.arrays import (
    COLUMNAR,
    FOLDED,
    Column,
    Evaluated,
    TooManyDigits,
    column_of,
    evaluate,
    evaluate_all,
    values_of,
)
from campaignrules.columns.frames import (
    Columns,
    Made,
    RowFault,
    column_name,
    made_column,
    row_expression,
    row_faults,
    to_polars,
    zero_expression,
)
from campaignrules.columns.grouped import Groups, Ordered, in_order

__all__ = [
    "COLUMNAR",
    "FOLDED",
    "Column",
    "Columns",
    "Evaluated",
    "Groups",
    "Made",
    "Ordered",
    "RowFault",
    "TooManyDigits",
    "column_name",
    "column_of",
    "evaluate",
    "evaluate_all",
    "in_order",
    "made_column",
    "row_expression",
    "row_faults",
    "to_polars",
    "values_of",
    "zero_expression",
]
