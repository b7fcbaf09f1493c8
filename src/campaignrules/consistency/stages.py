"""Row rules of a campaign → which of two dates of a row comes first.

In: the rules `later is None or later >= earlier`. Out: for each date field the fields before it. Must not know: what
the dates are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from campaignrules.checked import CheckedCampaign
from campaignrules.trees import Apply, Name, Tree


def ordered_fields(checked: CheckedCampaign) -> Mapping[tuple[str, str], frozenset[str]]:
    """(record, date field) → the date fields that never lie after it, where both are known."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for name, record in checked.records.items():
        for rule in record.rules:
            for later, earlier in _orders(rule.expression.root):
                key = (name, later)
                found[key] = found.get(key, frozenset()) | {earlier}
    return found


def _orders(tree: Tree) -> Iterator[tuple[str, str]]:
    """(later, earlier) of each comparison of dates that the rule insists on, or on which nothing else is known."""
    if isinstance(tree, Apply) and tree.op in ("or", "and"):
        for arg in tree.args:
            yield from _orders(arg)
    if not isinstance(tree, Apply) or tree.op not in ("<", "<=", ">", ">="):
        return
    first, second = tree.args if tree.op in (">", ">=") else tuple(reversed(tree.args))
    if isinstance(first, Name) and first.type.kind == "date":
        yield from ((first.name, earlier) for earlier in _names(second) if earlier != first.name)


def _names(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Name) and tree.type.kind == "date":
        yield tree.name
    elif isinstance(tree, Apply) and tree.op == "coalesce":
        for arg in tree.args:
            yield from _names(arg)
