"""A query as a syntax tree whose values stand apart: for an engine, and for people.

In: a tree of SQLGlot made by `dialects`, values in its placeholders. Out: text with numbered parameters and the values in
their order; equal values share one parameter, so that an expression written twice stays the same expression. Must not
know: what is asked, connections.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

from attrs import field, frozen
from sqlglot import ErrorLevel, exp

from campaignrules.errors import visible
from campaignrules.relational.dialects import VALUE, Dialect, Plain


@frozen(eq=False, repr=False)
class Query:
    """What an engine is asked. `tree`: a SELECT, WITH … SELECT or UNION; do not change it afterwards."""

    tree: exp.Query
    _texts: dict[str, tuple[str, list[Plain]]] = field(factory=dict, init=False)

    def rendered(self, dialect: Dialect) -> tuple[str, list[Plain]]:
        """The text for an engine and its parameters; `dialect.given` makes of them what the driver takes.

        Made once for each dialect: a query that is asked again costs nothing here.
        """
        if dialect.name not in self._texts:
            self._texts[dialect.name] = _rendered(self.tree, dialect, pretty=False)
        return self._texts[dialect.name]

    def shown(self, dialect: Dialect) -> str:
        """The text laid out to be read, then its parameters, one a line."""
        text, values = _rendered(self.tree, dialect, pretty=True)
        markers = (dialect.marker(place).sql(dialect=dialect.name) for place in range(1, len(values) + 1))
        listed = [f"-- {marker} = {_plainly(value)}" for marker, value in zip(markers, values, strict=True)]
        return "\n".join([text, *listed])


def _rendered(tree: exp.Query, dialect: Dialect, pretty: bool) -> tuple[str, list[Plain]]:
    copy = tree.copy()
    places: dict[tuple[type, Plain], int] = {}
    for node in list(_placeholders(copy)):
        value = node.meta[VALUE]
        place = places.setdefault((type(value), value), len(places) + 1)
        node.replace(dialect.marker(place))
    text = copy.sql(dialect=dialect.name, pretty=pretty, comments=False, unsupported_level=ErrorLevel.RAISE)
    return text, [value for _, value in places]


def _placeholders(tree: exp.Query) -> Iterator[exp.Placeholder]:
    """In the order of the text, more or less: parents first, from left to right."""
    yield from (node for node in tree.find_all(exp.Placeholder, bfs=False) if VALUE in node.meta)


def _plainly(value: Plain) -> str:
    if isinstance(value, str):
        return visible(json.dumps(value, ensure_ascii=False))
    return value.isoformat() if isinstance(value, dt.date) else str(value)
